#!/bin/sh
# An adapter that breaks the protocol in the way its argument names. It speaks well until then.
member() { printf '%s' "$line" | sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^\",}]*\).*/\1/p"; }
say() { printf "$@" && printf '\n'; }
hello() {
    say '{"op":"hello","id":%s,"protocol":%s,"system":"broken","version":"1","clients":"one","calls":[%s],%s,%s}' \
        "$(member id)" "$1" '"MAPIInitialize","MAPIUninitialize","MAPILogonEx","Logoff","Release"' \
        '"controls":{"providers":"none","dialogs":"none"}' \
        '"observes":{"provider_calls":false,"session_identity":false}'
}
returned() {
    session=
    [ "$(member call)" != MAPILogonEx ] || session=",\"session\":${2:-$(member id)}"
    say '{"op":"returned","id":%s,"client":"%s","result":"0x00000000"%s}' "$1" "$(member client)" "$session"
}

[ "$1" != dies-at-once ] || exit 3
while read -r line; do
    case "$1 $(member op)" in
    "silent "*) ;;
    "wrong-version hello") hello 2 ;;
    "never-ready world") ;;
    "dies-when-idle world") say '{"op":"ready","id":%s}' "$(member id)" && exit 3 ;;
    "garbage call") say 'MAPILogonEx called' ;;
    "no-object call") say '[1,2,3]' ;;
    "unknown-op call") say '{"op":"done","id":%s}' "$(member id)" ;;
    "unknown-id call") returned 999999 ;;
    "long-line call") head -c 2000000 /dev/zero | tr '\0' x && echo ;;
    "floods call") yes '{"op":"note","text":"still at it"}' ;;
    "same-handle call") returned "$(member id)" 7 ;;
    "two-answers call") returned "$(member id)" && returned "$(member id)" ;;
    "never-returns call") ;;
    "dies-between call") returned "$(member id)" && exit 3 ;;
    "leaves-child call") sleep 1000 & returned 999999 ;;
    *" hello") hello 1 ;;
    *" world") say '{"op":"ready","id":%s}' "$(member id)" ;;
    *" call") returned "$(member id)" ;;
    *" bye") exit 0 ;;
    esac
done
