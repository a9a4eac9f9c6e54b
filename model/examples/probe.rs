//! Temporary.
use mapi_logon_model::bits::BitWriter;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::property::*;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;
use std::collections::HashMap;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let plain = args.first().is_some_and(|a| a == "-p");
    if plain { args.remove(0); }
    for name in args {
        let text = std::fs::read_to_string(&name).unwrap();
        let scenario = Scenario::parse(&text).unwrap();
        let model = Model::new(scenario);
        let words = ((model.state_bits() + model.memory_bits()) as usize).div_ceil(64).max(1);
        let key = |s: &State, m: &Memory| {
            let mut w = vec![0; words];
            let mut out = BitWriter::new(&mut w);
            model.encode(s, &mut out);
            let at = out.len();
            m.encode(&model, &mut out);
            assert_eq!((out.len() - at) as u32, model.memory_bits());
            let mut from = mapi_logon_model::bits::BitReader::new(&w);
            assert_eq!(model.decode(&mut from), *s);
            assert_eq!(Memory::decode(&model, &mut from), *m);
            w
        };
        let mut seen: HashMap<Vec<u64>, usize> = HashMap::new();
        let mut nodes: Vec<(State, Memory, usize, Option<mapi_logon_model::action::Action>)> = vec![];
        let first = model.initial();
        let mem = Memory::default();
        seen.insert(key(&first, &mem), 0);
        nodes.push((first, mem, 0, None));
        let mut at = 0;
        let mut marks = 0u128;
        let mut transitions = 0u64;
        let mut states: HashMap<Vec<u64>, Vec<usize>> = HashMap::new();
        let mut stuck = 0u128;
        let mut ends = 0;
        let started = std::time::Instant::now();
        while at < nodes.len() {
            let (state, memory, _, _) = nodes[at];
            if plain {
                states.entry({ let mut w = vec![0; words]; model.encode(&state, &mut BitWriter::new(&mut w)); w }).or_default().push(at);
            }
            let mut any = false;
            let mut step = Step::at(state);
            let mut new = vec![];
            model.each_successor(&state, &mut step, &mut |action, step: &Step| {
                any = true;
                transitions += 1;
                let next = model.remember(&state, &memory, action, step);
                let m = model.judge(&Moment { model: &model, before: &state, action, step, memory: &memory, remembered: &next });
                let fresh = m & !marks;
                marks |= m;
                for (i, p) in PROPERTIES.iter().enumerate() {
                    if fresh >> i & 1 == 1 && matches!(p.decided, Decided::Never(_)) {
                        println!("{name}: BROKEN {} {}", p.id, p.part);
                        let mut path = vec![];
                        let mut n = at;
                        while n != 0 { path.push(nodes[n].3.unwrap()); n = nodes[n].2; }
                        path.reverse();
                        let mut s = model.initial();
                        for a in path { let st = model.step(&s, a).unwrap(); println!("   {:?} -> {:?}", a, st.effects); s = st.state; }
                        println!("   LAST {:?} -> {:?}\n   memory {:?}\n {:?}", action, step.effects, &memory.clone(), next);
                    }
                }
                new.push((action, step.state, next));
            });
            for (action, s, m) in new {
                let k = key(&s, &m);
                if let std::collections::hash_map::Entry::Vacant(e) = seen.entry(k) {
                    e.insert(nodes.len());
                    nodes.push((s, m, at, Some(action)));
                }
            }
            if !any { stuck |= model.pending(&state, &memory); ends += 1; }
            at += 1;
        }
        let secs = started.elapsed().as_secs_f64();
        let found: Vec<String> = PROPERTIES.iter().enumerate().filter(|(i, p)| marks >> i & 1 == 1 && matches!(p.decided, Decided::Sometime(_))).map(|(_, p)| format!("{}{}", p.id, if p.part.is_empty() { String::new() } else { format!("({})", p.part) })).collect();
        let open: Vec<&str> = PROPERTIES.iter().enumerate().filter(|(i, _)| stuck >> i & 1 == 1).map(|(_, p)| p.id).collect();
        println!("{name}: {} states {transitions} transitions {ends} ends {secs:.2}s bits {}+{} found {:?} open {:?} missing {:?}", nodes.len(), model.state_bits(), model.memory_bits(), found, open,
            model.scenario().expect.iter().filter(|id| PROPERTIES.iter().enumerate().any(|(i, p)| p.id == id.as_str() && marks >> i & 1 == 0)).collect::<Vec<_>>());
        if plain {
            let n = states.len();
            println!("   plain states {n}: factor {:.3}", nodes.len() as f64 / n as f64);
            let mut kinds: std::collections::BTreeMap<String, usize> = Default::default();
            for (_, v) in states.iter() { for x in &v[1..] { let (a, b) = (nodes[v[0]].1, nodes[*x].1); 
                let ph: Vec<String> = (0..model.scenario().clients.len()).map(|c| format!("{:?}", nodes[*x].0.client(mapi_logon_model::ids::ClientId(c as u8)).phase()).split(['(', ' ']).next().unwrap().to_owned()).collect();
                let (da, db) = (format!("{a:?}"), format!("{b:?}"));
                let diff: Vec<String> = da.split(", ").zip(db.split(", ")).filter(|(x, y)| x != y).map(|(x, _)| x.split(':').next().unwrap().to_owned()).collect();
                *kinds.entry(format!("{:?} {:?}", if std::env::var("PH").is_ok() { ph } else { vec![] }, diff)).or_default() += 1; } }
            let mut kinds: Vec<_> = kinds.into_iter().collect(); kinds.sort_by_key(|k| usize::MAX - k.1);
            for (k, n) in kinds.iter().take(8) { println!("     {n} {k}"); }
            let mut shown = 0;
            for (_, v) in states.iter() { if v.len() > 1 && shown < 3 { shown += 1; if std::env::var("V").is_ok() { println!("   {:?}\n      {:?}\n      {:?}", nodes[v[0]].0.client(mapi_logon_model::ids::ClientId(0)), nodes[v[0]].1, nodes[v[1]].1); } } }
        }
    }
}
