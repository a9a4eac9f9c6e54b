//! NULL as logs write it.

/// The words for it, in small letters.
const WORDS: [&str; 5] = ["null", "(null)", "<null>", "nil", "nullptr"];

/// Groups that an address of zero, or nothing at all, says to be NULL.
const POINTERS: [&str; 3] = ["profile", "password", "store"];

/// Where a value of a group comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// A line, outside quotation marks.
    Bare,
    /// A line, between quotation marks: a text, whatever it says.
    Quoted,
    /// The map.
    Map,
}

impl Source {
    /// Of a part of a line.
    pub(super) fn of(line: &str, at: &std::ops::Range<usize>) -> Self {
        let before = line[..at.start].chars().next_back();
        let quotes = [('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}')];
        let around = before.zip(line[at.end..].chars().next());
        if around.is_some_and(|pair| quotes.contains(&pair)) { Self::Quoted } else { Self::Bare }
    }
}

/// Is a value of a group NULL?
pub(super) fn is_null(group: &str, value: &str, source: Source) -> bool {
    let word = WORDS.contains(&value.trim().to_ascii_lowercase().as_str());
    match source {
        Source::Quoted => false,
        Source::Map => word,
        Source::Bare => word || POINTERS.contains(&group) && is_zero(value.trim()),
    }
}

/// `0`, `0x00000000`, or nothing.
fn is_zero(value: &str) -> bool {
    let digits = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
    digits.unwrap_or(value).chars().all(|digit| digit == '0')
}

/// Does a line say that a parameter is NULL, as in `profile=NULL` or `profileName: (null),`?
pub(super) fn says_null(line: &str, parameter: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let says = |(at, found): (usize, &str)| {
        let rest = line[at + found.len()..].trim_start_matches([' ', '_']);
        let rest = rest.strip_prefix("name").unwrap_or(rest).trim_start();
        let Some(value) = rest.strip_prefix(['=', ':']).map(str::trim_start) else {
            return false;
        };
        let ends = |rest: &str| rest.is_empty() || rest.starts_with([',', ';', ')', ']']);
        let word = |word: &&str| {
            let rest = value.strip_prefix(*word);
            rest.is_some_and(|rest| ends(rest) || rest.starts_with(char::is_whitespace))
        };
        let bare = value.find([' ', '\t', ',', ';', ')', ']']).unwrap_or(value.len());
        let zero = bare > 0 && is_zero(&value[..bare]);
        ends(value) || WORDS.iter().any(word) || zero
    };
    line.match_indices(parameter).any(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_known_where_no_quotation_marks_make_it_a_text() {
        for written in ["NULL", "null", "(null)", "<NULL>", "nil", "nullptr", "0x0", "0", ""] {
            assert!(is_null("profile", written, Source::Bare), "{written}");
            assert!(!is_null("profile", written, Source::Quoted), "{written}");
            let line = format!("MAPILogonEx(profile={written}, flags=0x8)");
            assert!(says_null(&line, "profile"), "{line}");
            assert!(says_null(&format!("lpszProfileName: {written}"), "profile"), "{written}");
        }
        assert!(!is_null("flags", "0x0", Source::Bare));
        assert!(is_null("profile", "NULL", Source::Map) && !is_null("profile", "", Source::Map));
        for line in
            ["profile=\"\", f", "profile=Nullsoft", "profile Work", "profile= Work", "x=NULL"]
        {
            assert!(!says_null(line, "profile"), "{line}");
        }
        let line = "profile=\"NULL\"";
        assert_eq!(Source::of(line, &(9..13)), Source::Quoted);
        assert_eq!(Source::of("profile=NULL", &(8..12)), Source::Bare);
    }
}
