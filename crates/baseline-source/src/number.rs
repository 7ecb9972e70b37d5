//! Numbers as offices write them: by default a decimal point, an optional minus and exponent, nothing else; by a
//! source's rule also decimal commas, signs between groups of three digits, and marks that stand for a number.
//!
//! Here and not in `str::parse`, which also takes `inf`, `nan`, `+5` and `.5`: none of them is a
//! figure of an office, and a decimal comma or a thousands separator must never be guessed.

use baseline_model::definitions::Numbers;

use crate::pattern;

/// What a cell's text is by a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Figure<'a> {
    Number(f64),
    /// No number, and the status that says why.
    Mark(&'a str),
    /// Nothing stands there.
    Blank,
    /// Neither; the cell has to be refused.
    Unclear,
}

/// Reads a cell by a rule. Blanks around the text do not count, a minus may also be U+2212. A grouping sign counts only
/// between groups of three digits, so `1.5` is unclear where `.` groups. In a mark `#` stands for digits (`<#`).
pub(crate) fn figure<'a>(text: &'a str, rule: &'a Numbers) -> Figure<'a> {
    let text = text.trim();
    if text.is_empty() {
        return Figure::Blank;
    }
    if let Some((mark, status)) = rule.marks.get_key_value(text) {
        return Figure::Mark(if status.is_empty() { mark } else { status });
    }
    let decimal = rule.decimal.unwrap_or('.');
    if decimal == '.'
        && rule.groups.is_empty()
        && let Some(number) = parse(text.as_bytes())
    {
        return Figure::Number(number);
    }
    if let Some(number) = plain(text, decimal, &rule.groups).and_then(|plain| parse(plain.as_bytes())) {
        return Figure::Number(number);
    }
    // `<#` is `<5` and `<10`: the text itself is the status.
    match rule.marks.iter().find(|(mark, _)| mark.contains('#') && pattern::matches_digits(mark, text)) {
        Some((_, status)) => Figure::Mark(if status.is_empty() { text } else { status }),
        None => Figure::Unclear,
    }
}

/// Whether a text could be a whole number in groups of three as well as one with three decimals: `1.299`, but not `0.299`.
pub(crate) fn is_ambiguous(text: &str) -> bool {
    let digits = text.trim().trim_start_matches(['-', '\u{2212}']);
    let Some((whole, decimals)) = digits.split_once('.') else { return false };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&whole.len()) && decimals.len() == 3 && all_digits(whole) && all_digits(decimals) && !whole.starts_with('0')
}

/// The text with a decimal point, an ASCII minus and no grouping; `None` when a grouping sign stands in a wrong place.
fn plain(text: &str, decimal: char, groups: &[char]) -> Option<String> {
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, decimals) = match digits.split_once(decimal) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (digits, None),
    };
    let mut plain = String::from(sign);
    // One number has one grouping sign.
    match whole.chars().find(|sign| groups.contains(sign)) {
        // A point that neither groups nor begins the decimals has no meaning by this rule.
        None if decimal != '.' && whole.contains('.') => return None,
        None => plain.push_str(whole),
        Some(sign) => {
            for (place, group) in whole.split(sign).enumerate() {
                let fits = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
                if !fits || !group.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                plain.push_str(group);
            }
        }
    }
    if let Some(decimals) = decimals {
        plain.push('.');
        plain.push_str(decimals);
    }
    Some(plain)
}

/// The number, or `None` when the text is anything else (also when it is too large for a double).
pub(crate) fn parse(bytes: &[u8]) -> Option<f64> {
    let (negative, digits) = match bytes.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, bytes),
    };
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if whole == 0 {
        return None;
    }
    let mut rest = &digits[whole..];
    let mut decimals: &[u8] = &[];
    if let Some((b'.', after)) = rest.split_first() {
        let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        (decimals, rest) = after.split_at(count);
    }
    if rest.is_empty() && whole + decimals.len() <= 15 {
        let integer = digits[..whole].iter().chain(decimals).fold(0_u64, |sum, byte| sum * 10 + u64::from(byte - b'0'));
        let number = scaled(integer, decimals.len());
        return Some(if negative && integer != 0 { -number } else { number });
    }
    if !rest.is_empty() && !is_exponent(rest) {
        return None;
    }
    let number: f64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    // Minus zero is a figure's sign lost in rounding: it compares as zero and must print as zero.
    number.is_finite().then_some(number + 0.0)
}

/// `integer / 10^decimals`, for at most 15 digits in all: both are exact in a double, so one division gives the nearest double.
pub(crate) fn scaled(integer: u64, decimals: usize) -> f64 {
    integer as f64 / POWERS[decimals]
}

const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

fn is_exponent(rest: &[u8]) -> bool {
    let Some((b'e' | b'E', rest)) = rest.split_first() else { return false };
    let digits = match rest.split_first() {
        Some((b'-' | b'+', digits)) => digits,
        _ => rest,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Option<f64>) {
        assert_eq!(parse(input.as_bytes()), expected, "{input}");
    }

    #[test]
    fn numbers() {
        check("0", Some(0.0));
        check("39.8", Some(39.8));
        check("-1.5", Some(-1.5));
        check("1430827", Some(1_430_827.0));
        check("1E-3", Some(0.001));
        check("1.5e+3", Some(1500.0));
        check("492.215119155852", Some(492.215_119_155_852));
        check("0.30000000000000004", Some(0.300_000_000_000_000_04));
        check("12345678901234567890", Some(12_345_678_901_234_567_890.0));
        assert!(parse(b"-0.0").is_some_and(f64::is_sign_positive));
        assert!(parse(b"-0e5").is_some_and(f64::is_sign_positive));
    }

    fn rule(decimal: char, groups: &str, marks: &[(&str, &str)]) -> Numbers {
        let marks = marks.iter().map(|(mark, status)| ((*mark).to_owned(), (*status).to_owned())).collect();
        Numbers { decimal: Some(decimal), groups: groups.chars().collect(), marks }
    }

    #[test]
    fn by_a_rule() {
        let german = rule(',', ".", &[("-", ""), ("x", "n")]);
        let check = |text: &str, expected: Figure<'_>| assert_eq!(figure(text, &german), expected, "{text}");
        check("1.299,99", Figure::Number(1299.99));
        check("-1.000.000", Figure::Number(-1_000_000.0));
        check(" \u{2212}3,5 ", Figure::Number(-3.5));
        check("12", Figure::Number(12.0));
        check("", Figure::Blank);
        check(" - ", Figure::Mark("-"));
        check("x", Figure::Mark("n"));
        for text in
            ["1.5", "1.29,9", "1.299.9", "1,299.99", ",5", "5,", "1299.999", "12.", ".123", "1..000", "<5", "1 000", "1.٣٣٣"]
        {
            check(text, Figure::Unclear);
        }
        let thin = rule(',', "\u{a0}\u{2009}\u{202f}", &[("<#", ""), ("#)", "b"), ("*", "c")]);
        for (text, expected) in [
            ("<5", Figure::Mark("<5")),
            ("< 5", Figure::Unclear),
            ("<", Figure::Unclear),
            ("12)", Figure::Mark("b")),
            ("*", Figure::Mark("c")),
            ("**", Figure::Unclear),
            ("12", Figure::Number(12.0)),
            ("\u{2212}1\u{2009}171,5", Figure::Number(-1171.5)),
            ("\u{a0}7\u{a0}", Figure::Number(7.0)),
        ] {
            assert_eq!(figure(text, &thin), expected, "{text}");
        }
        let blanks = rule(',', " \u{a0}\u{202f}", &[]);
        for text in ["1 171,00", "1\u{a0}171,00", "1\u{202f}171,00"] {
            assert_eq!(figure(text, &blanks), Figure::Number(1171.0), "{text}");
        }
        assert_eq!(figure("1 000\u{a0}000", &blanks), Figure::Unclear);
        assert_eq!(figure("1.5", &blanks), Figure::Unclear);
        // Without a rule only a point is a decimal sign, and nothing groups.
        for (text, expected) in
            [("1.5", Figure::Number(1.5)), ("1,5", Figure::Unclear), ("1.299,99", Figure::Unclear), ("..", Figure::Unclear)]
        {
            assert_eq!(figure(text, &Numbers::default()), expected, "{text}");
        }
    }

    #[test]
    fn ambiguous() {
        for (text, expected) in [
            ("1.299", true),
            ("-59.866", true),
            ("0.299", false),
            ("1.29", false),
            ("1299.999", false),
            ("1.2.3", false),
            ("12", false),
            ("x.299", false),
        ] {
            assert_eq!(is_ambiguous(text), expected, "{text}");
        }
    }

    #[test]
    fn refused() {
        for text in [
            "", "-", ".", ".5", "5.", "+5", "1,5", "1.299,99", "1 299.99", "1'299", "−5", "12%", "<5", "..", "…", "x", "nan",
            "inf", "-inf", "1e", "1e+", "e5", "1e999", "--1", "1.2.3", "0x10", "1_000", " 1", "1 ", "٣",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn agrees_with_the_library() {
        for integer in [0_u64, 1, 9, 123_456_789, 99_999_999_999_999] {
            for decimals in 0..15 {
                let text = format!("{:0>1$}", integer, decimals + 1);
                let text = format!("{}.{}0", &text[..text.len() - decimals], &text[text.len() - decimals..]);
                check(&text, text.parse().ok());
            }
        }
    }
}
