//! Explanations as people read them.

use super::{Explanation, Fact, Related};
use crate::render::text::{Paint, Table, Tone, paragraph};

impl Explanation {
    pub(super) fn text(&self, paint: Paint) -> String {
        let kind = if self.seed { format!("{}, seed", self.kind) } else { self.kind.to_owned() };
        let title = paint.paint(Tone::Strong, &self.id);
        let mut text = format!("{title}  {kind}\n\n{}", paragraph(&self.text, 2));
        let mut facts = Table::new(paint, 2);
        for Fact { name, value } in &self.facts {
            facts.toned([(Tone::Faint, name.as_str()), (Tone::Plain, value.as_str())]);
        }
        if !self.source.is_empty() {
            facts.toned([(Tone::Faint, "source"), (Tone::Plain, self.source)]);
        }
        let facts = facts.render();
        if !facts.is_empty() {
            text += &format!("\n{facts}");
        }
        text += &group("rests on", self.grounds.iter(), paint);
        for (head, kinds) in GROUPS {
            let related = self.related.iter().filter(|related| kinds.contains(&related.kind));
            text += &group(head, related, paint);
        }
        text
    }
}

/// Ids under a heading, or nothing.
fn group<'r>(head: &str, ids: impl Iterator<Item = &'r Related>, paint: Paint) -> String {
    let mut group = Table::new(paint, 4);
    for related in ids {
        group.toned([(Tone::Strong, related.id), (Tone::Plain, &*related.text)]);
    }
    let group = group.render();
    if group.is_empty() {
        return group;
    }
    format!("\n  {}\n{group}", paint.paint(Tone::Faint, head))
}

/// Related ids, under what they do with this one.
const GROUPS: [(&str, &[&str]); 6] = [
    ("transitions", &["transition"]),
    ("properties", &["invariant", "witness", "progress"]),
    ("ambiguities", &["ambiguity"]),
    ("translations that read otherwise", &["translation"]),
    ("policies", &["policy"]),
    ("clauses", &["clause"]),
];
