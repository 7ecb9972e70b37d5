//! The closest known name to a mistyped one: every hint of the definitions asks here.
//!
//! Offers, never decides: no caller may go on with a name from this module as if it had been typed.

use super::fold;

/// The candidate closest to `typed`, without regard to case and diacritics; `None` when nothing is close.
/// Of two equally close ones the first.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(typed);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let Some(distance) = distance(&folded, &fold(candidate)) else { continue };
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How far two folded names are from one another; `None` when they are not close. One in three letters
/// may differ; a name that holds the other whole counts as close, but after any misspelling.
pub(super) fn distance(typed: &str, candidate: &str) -> Option<usize> {
    if typed.is_empty() {
        return None;
    }
    let allowed = (typed.chars().count().max(candidate.chars().count()) / 3).max(1);
    let distance = strsim::damerau_levenshtein(typed, candidate);
    if distance <= allowed {
        return Some(distance);
    }
    let held =
        typed.chars().count() >= 4 && candidate.contains(typed) || candidate.chars().count() >= 4 && typed.contains(candidate);
    held.then_some(100 + distance)
}

/// `did you mean `x`?`, or `known: a, b, c` when nothing is close; empty when nothing is known.
pub(super) fn hint<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    const LISTED: usize = 12;
    if let Some(close) = nearest(typed, candidates.clone()) {
        return format!("did you mean `{close}`?");
    }
    let known: Vec<&str> = candidates.into_iter().collect();
    match known.len() {
        0 => String::new(),
        count if count <= LISTED => format!("known: {}", known.join(", ")),
        count => format!("known: {} and {} more", known[..LISTED].join(", "), count - LISTED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, expected: Option<&str>) {
        let known = ["over_qualification", "employment_rate", "employment_rate_birth", "sex", "age"];
        assert_eq!(nearest(typed, known), expected, "{typed}");
    }

    #[test]
    fn close() {
        check("overqualification", Some("over_qualification"));
        check("Employment Rate", Some("employment_rate"));
        check("employmnet_rate_birth", Some("employment_rate_birth"));
        check("rate_birth", Some("employment_rate_birth"));
        check("sec", Some("sex"));
    }

    #[test]
    fn far() {
        check("", None);
        check("unit", None);
        check("xyz", None);
    }

    #[test]
    fn hints() {
        assert_eq!(hint("sexx", ["age", "sex"]), "did you mean `sex`?");
        assert_eq!(hint("zzzz", ["age", "sex"]), "known: age, sex");
        assert_eq!(hint("zzzz", []), "");
        let many = vec!["abcdef"; 14];
        assert!(hint("zzzz", many).ends_with("and 2 more"));
    }
}
