//! Temporary.
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::policy::SWITCHES;
use mapi_logon_model::property::*;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;
use std::collections::HashSet;

fn run(model: &Model, name: &str, told: &mut HashSet<String>) -> usize {
    let mut seen: HashSet<(State, Memory)> = HashSet::new();
    let mut nodes = vec![(model.initial(), Memory::default(), 0usize, None)];
    seen.insert((nodes[0].0, nodes[0].1));
    let mut at = 0;
    while at < nodes.len() && nodes.len() < 6000 {
        let (state, memory, _, _) = nodes[at];
        let mut any = false;
        let mut step = Step::at(state);
        let mut new = vec![];
        model.each_successor(&state, &mut step, &mut |action, step: &Step| {
            any = true;
            let next = model.remember(&state, &memory, action, step);
            let m = model.judge(&Moment { model, before: &state, action, step, memory: &memory, remembered: &next });
            for (i, p) in PROPERTIES.iter().enumerate() {
                if m >> i & 1 == 1 && matches!(p.decided, Decided::Never(_)) && told.insert(format!("{name} {}", p.id)) {
                    println!("BROKEN {} {} in {name}", p.id, p.part);
                    if std::env::var("V").is_ok() {
                        let mut path = vec![];
                        let mut n: usize = at;
                        while n != 0 { path.push(nodes[n].3.unwrap()); n = nodes[n].2; }
                        path.reverse();
                        let mut s = model.initial();
                        for a in path { let st = model.step(&s, a).unwrap(); println!("   {:?} -> {:?}", a, st.effects); s = st.state; }
                        println!("   LAST {:?} -> {:?} {:?}", action, step.effects, memory.clone());
                    }
                }
            }
            new.push((action, step.state, next));
        });
        for (a, s, m) in new { if seen.insert((s, m)) { nodes.push((s, m, at, Some(a))); } }
        if !any {
            let o = model.pending(&state, &memory);
            for (i, p) in PROPERTIES.iter().enumerate() {
                if o >> i & 1 == 1 && told.insert(format!("{name} {}", p.id)) { println!("PENDING {} {} in {name}: {:?}", p.id, p.part, (0..model.scenario().clients.len()).map(|c| *state.client(mapi_logon_model::ids::ClientId(c as u8))).collect::<Vec<_>>()); }
            }
        }
        at += 1;
    }
    nodes.len()
}

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let rounds: usize = args.remove(0).parse().unwrap();
    let scenarios: Vec<(String, Scenario)> = args.iter().map(|f| (f.rsplit('/').next().unwrap().to_owned(), Scenario::parse(&std::fs::read_to_string(f).unwrap()).unwrap())).collect();
    let mut told = HashSet::new();
    let mut total = 0;
    if rounds == 0 {
        for (name, scenario) in &scenarios {
            total += run(&Model::new(scenario.clone()), name, &mut told);
            for switch in SWITCHES { for value in &switch.values[1..] {
                let mut s = scenario.clone();
                s.policy.set(switch.name, value).unwrap();
                total += run(&Model::new(s), &format!("{name} {}={value}", switch.name), &mut told);
            } }
        }
    }
    let mut seed = 88172645463325252u64;
    let mut next = move || { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; seed };
    for _ in 0..rounds {
        let (name, scenario) = &scenarios[next() as usize % scenarios.len()];
        let mut s = scenario.clone();
        let mut label = name.clone();
        for _ in 0..1 + next() % 5 {
            let switch = &SWITCHES[next() as usize % SWITCHES.len()];
            let value = switch.values[next() as usize % switch.values.len()];
            s.policy.set(switch.name, value).unwrap();
            label += &format!(" {}={value}", switch.name);
        }
        // random flag changes
        for client in &mut s.clients { if next() % 3 == 0 { client.flags ^= mapi_logon_model::mapi::LogonFlags::from_bits_truncate(1 << (next() % 18)); label += &format!(" {:?}", client.flags); } }
        if next() % 2 == 0 { s.answers = Default::default(); label += " all-answers"; }
        if next() % 3 == 0 { s.faults.budget = (next() % 3) as u8; label += " budget"; }
        for sv in &mut s.services { if next() % 6 == 0 { sv.complete = false; label += " sv-"; } if next() % 9 == 0 { sv.critical = true; label += " crit"; } }
        for p in &mut s.providers { if next() % 8 == 0 { p.complete = false; label += " p-"; } if next() % 8 == 0 { p.password_stored = false; label += " pw-"; } if next() % 8 == 0 { p.session_cap = Some(1); label += " cap"; } }
        if std::env::var("CALLS").is_ok() {
            use mapi_logon_model::scenario::*; use mapi_logon_model::mapi::*;
            let (np, ns, nf) = (s.providers.len() as u64, s.services.len() as u64, s.profiles.len() as u64);
            for c in &mut s.clients {
                for _ in 0..next() % 3 {
                    let at = next() as usize % (c.calls.len() + 1);
                    let call = match next() % 14 {
                        0 => Call::Initialize, 1 => Call::Uninitialize, 2 => Call::Release,
                        3 | 4 => Call::Logoff(LogoffFlags::from_bits_truncate((next() % 4) as u32)),
                        5 | 6 => Call::OpenMsgStore(mapi_logon_model::ids::ProviderId((next() % np) as u8)),
                        7 => Call::OpenAddressBook, 8 => Call::GetStatusTable, 9 => Call::QueryIdentity,
                        10 => Call::DeleteProfile(mapi_logon_model::ids::ProfileId((next() % nf) as u8)),
                        11 => Call::RemoveService(mapi_logon_model::ids::ServiceId((next() % ns) as u8)),
                        _ => Call::LogonEx(mapi_logon_model::ids::LogonId(0)),
                    };
                    label += &format!(" +{call:?}@{at}");
                    c.calls.insert(at, call); c.written.insert(at, "x".into());
                }
                c.initializes = c.calls.iter().any(|c| matches!(c, Call::Initialize | Call::Uninitialize));
            }
            s.logons.clear();
            for (ci, c) in s.clients.iter_mut().enumerate() { for (k, call) in c.calls.iter_mut().enumerate() { if let Call::LogonEx(l) = call { *l = mapi_logon_model::ids::LogonId(s.logons.len() as u8); s.logons.push(Logon { client: mapi_logon_model::ids::ClientId(ci as u8), call: k as u8 }); } } }
            if s.logons.len() > 12 { continue; }
            let codes = [Code::Ok, Code::ErrorsReturned, Code::FailOneProvider, Code::Unconfigured, Code::UserCancel, Code::LogonFailed, Code::SessionLimit, Code::Version];
            for p in &mut s.providers { for _ in 0..2 { if next() % 10 == 0 { let code = codes[next() as usize % 8]; let init = next() % 2 == 0; if init { p.init_codes.insert(code); } else { p.logon_codes.insert(code); } label += &format!(" script{init}{code:?}"); } } }
        }
        total += run(&Model::new(s), &label, &mut told);
    }
    println!("{total} states");
}
