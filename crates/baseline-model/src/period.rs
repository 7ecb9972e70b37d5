//! Reference periods. Order is chronological by the period's start, then by frequency (a year before its quarters).
//!
//! Reads what the offices write: `2024`, `2024-Q1`, `2024Q1`, `2024-S2`, `2024H2`, `2024-01`, `2024M01`,
//! `2024-W07`, `2024-05-31`. Anything else is `None`, never a guess.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    Annual,
    Semester,
    Quarter,
    Month,
    Week,
    Day,
}

/// A typed reference period; prints in SDMX form (`2024`, `2024-S1`, `2024-Q1`, `2024-01`, `2024-W07`, `2024-05-31`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    pub year: i16,
    /// Day of the year on which the period starts, approximately (months of 31 days): only for ordering.
    start: u16,
    pub frequency: Frequency,
    /// Number within the year, from 1; for a day `month * 100 + day`; 0 for a year.
    pub number: u16,
}

impl Period {
    pub fn year(year: i16) -> Self {
        Self::new(year, Frequency::Annual, 0)
    }

    fn new(year: i16, frequency: Frequency, number: u16) -> Self {
        let start = match frequency {
            Frequency::Annual => 0,
            Frequency::Semester => (number - 1) * 6 * 31,
            Frequency::Quarter => (number - 1) * 3 * 31,
            Frequency::Month => (number - 1) * 31,
            Frequency::Week => (number - 1) * 7,
            Frequency::Day => (number / 100 - 1) * 31 + number % 100 - 1,
        };
        Self { year, start, frequency, number }
    }

    /// Reads a period; `None` when the text has none of the known forms.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (year, rest) = (text.get(..4)?, text.get(4..)?);
        if !year.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let year: i16 = year.parse().ok()?;
        if rest.is_empty() {
            return Some(Self::year(year));
        }
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let number = |digits: &str, max: u16| {
            let plain = !digits.is_empty() && digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u16>().ok().filter(|number| plain && (1..=max).contains(number))
        };
        if let Some((month, day)) = rest.split_once('-') {
            let (month, day) = (number(month, 12)?, number(day, 31)?);
            return Some(Self::new(year, Frequency::Day, month * 100 + day));
        }
        let (letter, digits) = match rest.as_bytes().first()? {
            b'0'..=b'9' if text.as_bytes()[4] == b'-' && rest.len() == 2 => ('M', rest),
            letter => (char::from(letter.to_ascii_uppercase()), rest.get(1..)?),
        };
        let (frequency, max) = match letter {
            'Q' => (Frequency::Quarter, 4),
            'S' | 'H' => (Frequency::Semester, 2),
            'M' => (Frequency::Month, 12),
            'W' => (Frequency::Week, 53),
            _ => return None,
        };
        Some(Self::new(year, frequency, number(digits, max)?))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, number, .. } = self;
        match self.frequency {
            Frequency::Annual => write!(f, "{year:04}"),
            Frequency::Semester => write!(f, "{year:04}-S{number}"),
            Frequency::Quarter => write!(f, "{year:04}-Q{number}"),
            Frequency::Month => write!(f, "{year:04}-{number:02}"),
            Frequency::Week => write!(f, "{year:04}-W{number:02}"),
            Frequency::Day => write!(f, "{year:04}-{:02}-{:02}", number / 100, number % 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Option<&str>) {
        assert_eq!(Period::parse(input).map(|period| period.to_string()).as_deref(), expected, "{input}");
    }

    #[test]
    fn forms() {
        check("2024", Some("2024"));
        check("2024 ", Some("2024"));
        check("2024-Q1", Some("2024-Q1"));
        check("2024Q4", Some("2024-Q4"));
        check("2024H2", Some("2024-S2"));
        check("2024-S1", Some("2024-S1"));
        check("2024-07", Some("2024-07"));
        check("2024M07", Some("2024-07"));
        check("2024-W53", Some("2024-W53"));
        check("2024-05-31", Some("2024-05-31"));
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "24",
            "2024-13",
            "2024-Q5",
            "2024/25",
            "abcd",
            "2024-",
            "2024-0",
            "20245",
            "2024x",
            "undated (2017-2020)",
            "２０２４",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn order_is_chronological() {
        let mut periods: Vec<_> =
            ["2024-Q2", "2023", "2024-01", "2024", "2023-12", "2024-05"].iter().filter_map(|text| Period::parse(text)).collect();
        periods.sort();
        let texts: Vec<_> = periods.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["2023", "2023-12", "2024", "2024-01", "2024-Q2", "2024-05"]);
    }
}
