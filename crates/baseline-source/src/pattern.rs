//! Patterns of short texts in declarations: `#` stands for one or more digits, `*` for any text, the rest for itself.
//!
//! Here and not a library of expressions: whoever writes a declaration is no programmer, and a pattern must not take longer
//! than the text times the pattern.

/// Whether the whole text fits.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    fits(pattern, text, true)
}

/// Whether the text begins as the pattern says.
pub(crate) fn begins(pattern: &str, text: &str) -> bool {
    fits(&format!("{pattern}*"), text, true)
}

/// As [`matches`], with `*` standing for itself.
pub(crate) fn matches_digits(pattern: &str, text: &str) -> bool {
    fits(pattern, text, false)
}

fn fits(pattern: &str, text: &str, stars: bool) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let is_star = |at: usize| stars && pattern.get(at) == Some(&'*');
    // All places of the pattern where the text read so far may have led.
    let mut places = vec![false; pattern.len() + 1];
    places[0] = true;
    let skip_stars = |places: &mut [bool]| {
        for at in 0..pattern.len() {
            if places[at] && is_star(at) {
                places[at + 1] = true;
            }
        }
    };
    skip_stars(&mut places);
    for letter in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for at in (0..=pattern.len()).filter(|at| places[*at]) {
            if is_star(at) {
                next[at] = true;
            } else if pattern.get(at) == Some(&'#') {
                if letter.is_ascii_digit() {
                    (next[at], next[at + 1]) = (true, true);
                }
            } else if pattern.get(at) == Some(&letter) {
                next[at + 1] = true;
            }
        }
        skip_stars(&mut next);
        places = next;
    }
    places[pattern.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("ekp#", "ekp4", true),
            ("ypa#", "ypa13", true),
            ("ypa#", "ypa", false),
            ("ypa#", "ypa1a", false),
            ("####", "2001", true),
            ("####", "201", false),
            ("*NUMBERS", "Ι. ABSOLUTE NUMBERS", true),
            ("*", "", true),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
            ("Σ*", "Σύνολο", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        assert!(begins("Source", "Source: ELSTAT") && !begins("ource", "Source"));
        assert!(matches_digits("<#", "<5") && !matches_digits("*", "12") && matches_digits("*", "*"));
        assert!(!matches(&"*a".repeat(40), &"a".repeat(2_000).replace('a', "ab")[..39]));
    }
}
