//! What a mutant of the machine does, what kills it, and whether `drive` finds it.

use mapi_logon_model::clause;
use mapi_logon_model::mutant::Mutant;

use super::{Explanation, Related, fact};

/// The mutants that no adapter can tell from the right machine, each with the reason.
const UNSEEN: &str = include_str!("../../../docs/drive-mutants.md");

impl Explanation {
    pub(super) fn adds_mutant(&mut self, mutant: Mutant) {
        let name = mutant.name();
        let drive = unseen(name).map_or_else(
            || format!("finds it: mapi-logon impersonate --stdio --mutant {name}"),
            |why| format!("cannot find it: {why}"),
        );
        self.facts.push(fact("drive", drive));
        self.facts.push(fact("in a check", format!("mapi-logon mutants --mutant {name}")));
        let ids = mutant.clauses().iter().chain(mutant.killers());
        self.related = ids.filter_map(|id| clause::find(id)).map(Related::of).collect();
    }
}

/// Why no adapter can tell a mutant; nothing if one can.
fn unseen(name: &str) -> Option<&'static str> {
    let row = format!("| `{name}` | ");
    let row = UNSEEN.lines().find_map(|line| line.strip_prefix(&row)?.strip_suffix(" |"));
    row.and_then(|row| row.split_once(" | ")).map(|(_, why)| why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_of_mutants_that_drive_cannot_find_is_read_whole() {
        let rows = UNSEEN.lines().filter(|line| line.starts_with("| `")).count();
        let unseen: Vec<_> =
            Mutant::ALL.iter().filter(|one| unseen(one.name()).is_some()).collect();
        assert_eq!(unseen.len(), rows, "{unseen:?}");
        assert!(unseen.contains(&&Mutant::JoinRebinds) && !unseen.contains(&&Mutant::ThirdTry));
    }
}
