//! Rows of words, sorted and without duplicates, for any width.

/// Sorts rows of `width` words and removes duplicates.
pub(crate) fn sort(words: &mut Vec<u64>, width: usize) {
    match width {
        1 => {
            words.sort_unstable();
            words.dedup();
        }
        2 => sort_rows::<2>(words),
        3 => sort_rows::<3>(words),
        4 => sort_rows::<4>(words),
        5 => sort_rows::<5>(words),
        6 => sort_rows::<6>(words),
        _ => {
            let mut rows: Vec<&[u64]> = words.chunks_exact(width).collect();
            rows.sort_unstable();
            rows.dedup();
            *words = rows.concat();
        }
    }
}

fn sort_rows<const WIDTH: usize>(words: &mut Vec<u64>) {
    let (rows, _) = words.as_chunks_mut::<WIDTH>();
    rows.sort_unstable();
    let mut kept = usize::from(!rows.is_empty());
    for at in 1..rows.len() {
        if rows[at] != rows[kept - 1] {
            rows[kept] = rows[at];
            kept += 1;
        }
    }
    words.truncate(kept * WIDTH);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_of_every_width_are_sorted_and_different() {
        for width in 1..9 {
            let row = |number: u64| (0..width as u64).map(move |at| number >> (2 * at) & 3);
            let rows: Vec<Vec<u64>> =
                [9, 4, 63, 9, 0, 4, 17, 9].into_iter().map(|it| row(it).collect()).collect();
            let mut words = rows.concat();
            sort(&mut words, width);
            let expected: BTreeSet<_> = rows.into_iter().collect();
            assert!(words.chunks_exact(width).eq(&expected), "{width}");
        }
    }
}
