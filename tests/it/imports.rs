//! Circles of imports between the files of a crate.
//!
//! A file imports another if it names something in it, by a `use` or by a path.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::{files, short};

/// The source trees.
const CRATES: &[&str] =
    &["model/src", "checker/src", "sim/src", "traces/src", "drive/src", "impersonate/src", "src"];

/// Most files of a circle.
const CIRCLE: usize = 3;

/// A module, by the names on the way from the root of the crate; empty for the root.
type Module = Vec<String>;

/// For every module with a file of its own the modules that it imports.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

fn imports(folder: &str) -> Imports {
    let texts: BTreeMap<Module, String> = files(folder, ".rs")
        .iter()
        .filter(|path| !path.ends_with("main.rs") && !path.ends_with("tests.rs"))
        .map(|path| {
            let name = short(path).replace(folder, "").replace(".rs", "");
            let names = name.split('/').filter(|name| !["", "lib"].contains(name));
            let module = names.map(str::to_owned).collect();
            (module, fs::read_to_string(path).unwrap())
        })
        .collect();
    let of = |(module, text): (&Module, &String)| {
        let paths = paths(module, text, texts.keys());
        let files = paths.into_iter().filter_map(|mut path| {
            while !texts.contains_key(&path) {
                path.pop()?;
            }
            (path != *module).then_some(path)
        });
        (module.clone(), files.collect())
    };
    texts.iter().map(of).collect()
}

/// The paths that a module names, from the root of the crate. Tests and comments do not count.
fn paths<'a>(
    module: &Module,
    text: &str,
    all: impl Iterator<Item = &'a Module>,
) -> BTreeSet<Module> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let code = text.lines().map(|line| line.split("//").next().unwrap());
    let code = code.collect::<Vec<_>>().join("\n");
    let parent = module.split_last().map_or(&[][..], |(_, parent)| parent);
    let mut starts = vec![
        ("crate".to_owned(), Module::new()),
        ("self".to_owned(), module.clone()),
        ("super".to_owned(), parent.to_vec()),
    ];
    let children = all.filter(|other| other.split_last().is_some_and(|(_, up)| up == module));
    starts.extend(children.map(|child| (child.last().unwrap().clone(), child.clone())));
    let mut found = BTreeSet::new();
    for (start, prefix) in &starts {
        for (at, _) in code.match_indices(&format!("{start}::")) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|before| !is_name(before) && before != ':') {
                tree(&mut &code[at + start.len() + 2..], prefix, &mut found);
            }
        }
    }
    found
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Reads a tree of paths, as in `a::{b, c::d}`, and puts each below `prefix`.
fn tree(rest: &mut &str, prefix: &Module, found: &mut BTreeSet<Module>) {
    let mut path = prefix.clone();
    loop {
        *rest = rest.trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            *rest = group;
            while !rest.is_empty() && !rest.starts_with('}') {
                tree(rest, &path, found);
                let end = rest.find([',', '{', '}']).unwrap_or(rest.len());
                *rest = rest[end..].trim_start_matches(',').trim_start();
            }
            *rest = rest.strip_prefix('}').unwrap_or(rest);
            return;
        }
        let (name, after) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
        match name {
            "" | "self" => {}
            "super" => drop(path.pop()),
            name => path.push(name.to_owned()),
        }
        *rest = after;
        match rest.strip_prefix("::") {
            Some(after) if !name.is_empty() => *rest = after,
            _ => break,
        }
    }
    found.insert(path);
}

/// The sets of modules that import each other, directly or not.
fn circles(imports: &Imports) -> BTreeSet<BTreeSet<&Module>> {
    let reach: BTreeMap<&Module, BTreeSet<&Module>> = imports
        .keys()
        .map(|module| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![module]);
            while let Some(at) = open.pop() {
                open.extend(imports[at].iter().filter(|next| seen.insert(*next)));
            }
            (module, seen)
        })
        .collect();
    let circle = |module: &&Module| {
        let both = reach[*module].iter().copied();
        both.filter(|other| reach[other].contains(*module)).collect()
    };
    imports.keys().map(|module| circle(&module)).collect()
}

#[test]
fn no_more_than_three_files_import_each_other() {
    let mut large = BTreeSet::new();
    for folder in CRATES {
        let imports = imports(folder);
        for circle in circles(&imports).iter().filter(|circle| circle.len() > CIRCLE) {
            let names: Vec<_> = circle.iter().map(|module| module.join("/")).collect();
            large.insert(format!("{folder}: {}", names.join(", ")));
        }
    }
    assert!(large.is_empty(), "more than {CIRCLE} files import each other: {large:#?}");
}

#[test]
fn imports_are_found_in_uses_and_in_paths() {
    let module = |path: &str| -> Module { path.split("::").map(str::to_owned).collect() };
    let text = "use crate::{a, b::{self, C as D, e::F}};\n// crate::no\n\
        pub use h::I;\nfn f() { crate::j::k::<super::L>(h::m()) }\n\
        #[cfg(test)]\nmod tests { use crate::n::O; }\n";
    let all = [module("g"), module("g::h")];
    let found = paths(&all[0], text, all.iter());
    let expected = ["a", "b", "b::C", "b::e::F", "g::h::I", "g::h::m", "j::k", "L"];
    assert_eq!(found, expected.map(module).into());

    let imports = imports("checker/src");
    let worker = &imports[&module("search::worker")];
    assert!(worker.contains(&module("visited::shard")));
    assert!(imports[&Module::new()].contains(&module("check")));

    let ring = ["a", "b", "c", "d"].map(module);
    let next = |at: usize| (ring[at].clone(), BTreeSet::from([ring[(at + 1) % 4].clone()]));
    let ring: Imports = (0..4).map(next).collect();
    assert!(circles(&ring).iter().all(|circle| circle.len() == 4));
}
