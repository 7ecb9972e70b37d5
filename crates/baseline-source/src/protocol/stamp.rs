//! Update stamps of providers: compared as instants, kept as text.
//!
//! The same update is stamped `+0100` in one place and `+0200` in another, with and without seconds, so texts
//! cannot be compared and strict parsers refuse them.
//!
//! ```text
//! 2026-05-13T11:00:00+0200
//! 2026-09-10T23:00+0200
//! 2026-03-24T10:00:00Z
//! ```

use jiff::Timestamp;
use jiff::civil::DateTime;

/// When a table changed: its figures and its structure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Verbatim; empty when the provider states none.
    pub data: String,
    pub structure: String,
}

impl Stamp {
    /// Whether two stamps name the same instants. A stamp that cannot be read is equal to nothing, so that
    /// doubt leads to a request and not to an old figure.
    pub fn same_as(&self, other: &Self) -> bool {
        let same = |one: &str, two: &str| match (parse_instant(one), parse_instant(two)) {
            (Some(one), Some(two)) => one == two,
            (None, None) => one.trim().is_empty() && two.trim().is_empty(),
            (Some(_), None) | (None, Some(_)) => false,
        };
        parse_instant(&self.data).is_some() && same(&self.data, &other.data) && same(&self.structure, &other.structure)
    }
}

/// Reads `YYYY-MM-DDTHH:MM[:SS[.fff]]` with `Z`, `+HH`, `+HHMM` or `+HH:MM`. None for anything else,
/// a stamp without offset included: its zone would be a guess.
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if !text.is_ascii() {
        return None;
    }
    let time_from = text.find(['T', 't', ' '])? + 1;
    let sign_at = time_from + text[time_from..].find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = text.split_at(sign_at);
    let seconds = match zone.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign, digits @ ..] => {
            let digits: Vec<u8> = digits.iter().copied().filter(|byte| *byte != b':').collect();
            if !digits.iter().all(u8::is_ascii_digit) || zone.matches(':').count() > 1 {
                return None;
            }
            let number =
                |range: std::ops::Range<usize>| -> Option<i64> { std::str::from_utf8(digits.get(range)?).ok()?.parse().ok() };
            let (hours, minutes) = match digits.len() {
                2 => (number(0..2)?, 0),
                4 => (number(0..2)?, number(2..4)?),
                _ => return None,
            };
            if hours > 18 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        [] => return None,
    };
    let colons = clock[time_from..].matches(':').count();
    let full = if colons == 1 { format!("{clock}:00") } else { clock.to_owned() };
    let wall: DateTime = full.parse().ok()?;
    let utc = wall.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    utc.checked_sub(jiff::SignedDuration::from_secs(seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(parse_instant(text).map(|instant| instant.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn forms() {
        check("2026-09-10T23:00:00+0200", Some("2026-09-10T21:00:00Z"));
        check("2026-09-10T23:00+0200", Some("2026-09-10T21:00:00Z"));
        check("2026-09-10T23:00:00+02:00", Some("2026-09-10T21:00:00Z"));
        check("2026-09-10T23:00:00.000+02", Some("2026-09-10T21:00:00Z"));
        check(" 2026-09-10 23:00:00Z ", Some("2026-09-10T23:00:00Z"));
        check("2026-01-01T00:30-0130", Some("2026-01-01T02:00:00Z"));
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "-",
            "2026-09-10",
            "2026-09-10T23:00:00",
            "10/09/26 23:00:00",
            "2026-13-10T23:00Z",
            "2026-09-10T23:00+2",
            "2026-09-10T25:00Z",
            "2026-09-10T23:00+0x00",
            "2026-09-10T23:00+9900",
            "2026-09-10T23:00+０2",
            "TZ",
            "T+",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn same_instants() {
        let stamp = |data: &str, structure: &str| Stamp { data: data.into(), structure: structure.into() };
        let one = stamp("2026-05-13T11:00:00+0200", "2026-03-24T11:00:00+0100");
        assert!(one.same_as(&stamp("2026-05-13T09:00Z", "2026-03-24T12:00+0200")));
        assert!(!one.same_as(&stamp("2026-05-13T11:00:00+0100", "2026-03-24T11:00:00+0100")));
        assert!(!one.same_as(&stamp("2026-05-13T09:00Z", "2026-03-25T11:00:00+0100")));
        assert!(!one.same_as(&stamp("2026-05-13T09:00Z", "")));
        assert!(!stamp("", "").same_as(&stamp("", "")));
        assert!(!stamp("soon", "").same_as(&stamp("soon", "")));
        assert!(stamp("2026-05-13T09:00Z", "").same_as(&stamp("2026-05-13T09:00Z", "")));
    }
}
