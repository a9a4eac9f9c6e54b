//! Tables whose rows the model does not show.

/// How the rows of a table differ from the nearest that the model allows, and the clause.
pub(super) fn rows(call: &str, observed: &str, allowed: &[String]) -> (String, &'static str) {
    let parts = |rows: &str| -> Vec<String> { rows.split(", ").map(str::to_owned).collect() };
    let seen = parts(observed);
    let without = |from: &[String], all: &[String]| -> Vec<String> {
        from.iter().filter(|row| !all.contains(row)).cloned().collect()
    };
    let nearest = allowed
        .iter()
        .map(|rows| parts(rows))
        .min_by_key(|rows| without(&seen, rows).len() + without(rows, &seen).len());
    let nearest = nearest.unwrap_or_default();
    let (more, less) = (without(&seen, &nearest), without(&nearest, &seen));
    let status = call.starts_with("GetStatusTable");
    let lost = less.iter().any(|row| row.ends_with(" failure"));
    let id = match (status, more.is_empty(), less.is_empty()) {
        (true, ..) if lost => "STA-12",
        (true, ..) => "STA-2",
        (false, false, true) => "OPN-25",
        (false, ..) => "OPN-12",
    };
    let or = |rows: &[String]| if rows.is_empty() { "nothing".to_owned() } else { rows.join(", ") };
    let text = match (more.as_slice(), less.as_slice()) {
        ([], []) => "the rows are those of the model in another order".to_owned(),
        (more, less) => format!("the table has {}, and in the model {}", or(more), or(less)),
    };
    (text, id)
}
