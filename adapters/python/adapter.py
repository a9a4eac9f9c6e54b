#!/usr/bin/env python3
"""An adapter without the kit: a MAPI in Python with individual sessions, whose stores always open."""
import json
import sys

OK, NOT_FOUND, LOGON_FAILED = "0x00000000", "0x8004010f", "0x80040111"
INVALID_OBJECT, NOT_INITIALIZED = "0x80040108", "0x80040605"
HELLO = {
    "op": "hello", "protocol": 1, "system": "python", "version": "1", "clients": "one",
    "calls": ["MAPIInitialize", "MAPIUninitialize", "MAPILogonEx", "Logoff", "Release", "OpenMsgStore"],
    "controls": {"providers": "none", "dialogs": "none"},
    "observes": {"provider_calls": False, "session_identity": False},
}
BEYOND = 0x22049  # sharing, the default profile, dialogs


def make_world(m):
    global profiles, counts, sessions
    profiles = {p["name"]: p for p in m["profiles"] if p["state"] == "valid"}
    counts = {c["name"]: int(c["initialized"]) for c in m["clients"]}
    sessions = [None]
    secret = any(p["password"] for p in profiles.values())
    complete = all(s["complete"] for p in profiles.values() for s in p["services"])
    if secret or not complete or m.get("max_sessions") or m.get("providers"):
        what = "passwords, missing configuration, max_sessions, providers of no service"
        return {"op": "unsupported", "what": what}
    return {"op": "ready"}


def make(client, call, profile=None, password=None, flags=0, session=0, store=None, **_):
    if call == "MAPIInitialize":
        counts[client] += 1
        return OK
    if not counts[client]:
        return NOT_INITIALIZED
    if call == "Release":
        sessions[session] = None
        return OK
    if call == "MAPIUninitialize":
        counts[client] -= 1
        if not counts[client]:
            sessions[:] = [s if s and s[0] != client else None for s in sessions]
        return OK
    if call == "MAPILogonEx":
        if password or len(profile or "") > 64 or flags & ~0x8033B07F or profile not in profiles:
            return LOGON_FAILED
        sessions.append((client, profiles[profile]))
        return OK
    owner, profile = sessions[session] or (None, None)
    if owner != client:
        return INVALID_OBJECT
    if call == "Logoff":
        sessions[session] = None
        return OK
    providers = [p for s in profile["services"] for p in s["providers"]]
    return OK if (store, "message-store") in [(p["name"], p["kind"]) for p in providers] else NOT_FOUND


def answer(m):
    args = {k: v for k, v in (m.get("args") or {}).items() if v is not None}
    if m["op"] != "call":
        return {"hello": lambda: HELLO, "world": lambda: make_world(m)}[m["op"]]()
    if args.get("flags", 0) & (BEYOND if m["call"] == "MAPILogonEx" else 2):
        return {"op": "unsupported", "what": f"flags of {m['call']}"}
    result = make(m["client"], m["call"], **args)
    made = {"session": len(sessions) - 1} if m["call"] == "MAPILogonEx" and result == OK else {}
    return {"op": "returned", "client": m["client"], "result": result, **made}


for line in sys.stdin:
    message = json.loads(line)
    if message["op"] == "bye":
        break
    print(json.dumps(answer(message) | {"id": message["id"]}), flush=True)
