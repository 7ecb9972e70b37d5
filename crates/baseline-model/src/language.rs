//! One language of the reports: every printed word, and the style of numbers and dates.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Frequency, Period};

/// Read from `pipelines/languages/<code>.toml`; `code` is the file's stem.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    #[serde(skip)]
    pub code: String,
    /// The language's name in itself.
    pub name: String,
    pub number: NumberStyle,
    /// True once a native speaker has read the whole file.
    #[serde(default)]
    pub checked: bool,
    /// Every printed text by key; `{name}` marks a placeholder. A text that depends on a count has a key for each
    /// plural form of the language: `facts#one`, `facts#few`, `facts#other`.
    pub texts: BTreeMap<String, String>,
    /// Texts of the definitions (names of indicators, universes, notes, places), in English, and what they are called here.
    #[serde(default)]
    pub phrases: BTreeMap<String, String>,
    /// Words that a generated sentence may only use when the figures carry them.
    #[serde(default)]
    pub lint: Lint,
    /// Text key, or English phrase -> what a native speaker should look at. Without any, all of the file if not `checked`.
    #[serde(default)]
    pub unverified: BTreeMap<String, String>,
}

/// Words and phrases in small letters; with `*` at the end they match every word that begins so.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lint {
    /// Put one figure above or below another: `higher`, `more often`, `ahead of`.
    #[serde(default)]
    pub order: Vec<String>,
    /// Say that a figure rose, or fell.
    #[serde(default)]
    pub rise: Vec<String>,
    #[serde(default)]
    pub fall: Vec<String>,
    /// Say that one thing caused another: never written by us.
    #[serde(default)]
    pub cause: Vec<String>,
}

/// The plural forms that a count takes, after the plural rules of the Unicode CLDR for whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plural {
    One,
    Two,
    Few,
    Many,
    Other,
}

impl Plural {
    /// As written after `#` in a key.
    pub fn code(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }

    /// The forms that whole numbers take in a language.
    pub fn forms(language: &str) -> &'static [Self] {
        match language {
            "pl" => &[Self::One, Self::Few, Self::Many],
            "sl" => &[Self::One, Self::Two, Self::Few, Self::Other],
            _ => &[Self::One, Self::Other],
        }
    }

    /// The form of a whole number.
    pub fn of(language: &str, count: usize) -> Self {
        let (tens, ones) = (count % 100, count % 10);
        match language {
            "pl" if count == 1 => Self::One,
            "pl" if (2..=4).contains(&ones) && !(12..=14).contains(&tens) => Self::Few,
            "pl" => Self::Many,
            "sl" if tens == 1 => Self::One,
            "sl" if tens == 2 => Self::Two,
            "sl" if tens == 3 || tens == 4 => Self::Few,
            _ if count == 1 && language != "sl" => Self::One,
            _ => Self::Other,
        }
    }
}

/// How numbers are written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberStyle {
    pub decimal: String,
    pub group: String,
    /// U+2212 in typeset text.
    pub minus: String,
    /// Between a number and `%`.
    pub percent_space: String,
}

impl Language {
    /// The text of `key` with its placeholders filled; a missing key comes out as `⟨key⟩`, which a test forbids in any output.
    pub fn text(&self, key: &str, fill: &[(&str, &str)]) -> String {
        let Some(template) = self.texts.get(key) else {
            return format!("⟨{key}⟩");
        };
        let mut out = String::with_capacity(template.len());
        let mut rest = template.as_str();
        while let Some(start) = rest.find('{') {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let Some(end) = rest.find('}') else { break };
            let name = &rest[1..end];
            match fill.iter().find(|(key, _)| *key == name) {
                Some((_, value)) => out.push_str(value),
                None => out.push_str(&rest[..=end]),
            }
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        out
    }

    /// The text of `key` in the plural form of `count`, which also fills `{n}`; without such a form, the text of `key` itself.
    pub fn count(&self, key: &str, count: usize, fill: &[(&str, &str)]) -> String {
        let number = self.number(count as f64, 0);
        let fill: Vec<(&str, &str)> = std::iter::once(("n", number.as_str())).chain(fill.iter().copied()).collect();
        let form = format!("{key}#{}", Plural::of(&self.code, count).code());
        self.text(if self.texts.contains_key(&form) { &form } else { key }, &fill)
    }

    /// Whether there is a text of that key.
    pub fn has(&self, key: &str) -> bool {
        self.texts.contains_key(key)
    }

    /// A day as a sentence writes it: `30 June 2026` for `2026-06-30` (of a longer stamp its day); anything else as it is.
    pub fn date(&self, stamp: &str) -> String {
        match stamp.get(..10).and_then(Period::parse) {
            Some(day) if day.frequency == Frequency::Day => self.period(day),
            _ => stamp.to_owned(),
        }
    }

    /// A period as a sentence writes it: `2024`, `March 2025`, `Q1 2025`, `30 June 2026`; tables have the form of SDMX.
    pub fn period(&self, period: Period) -> String {
        let (year, number) = (period.year.to_string(), period.number.to_string());
        let (key, day) = match period.frequency {
            Frequency::Annual => return period.to_string(),
            Frequency::Month => (format!("month.{:02}", period.number), String::new()),
            Frequency::Quarter => ("period.quarter".to_owned(), String::new()),
            Frequency::Semester => ("period.half".to_owned(), String::new()),
            Frequency::Week => ("period.week".to_owned(), String::new()),
            Frequency::Day => ("date.day".to_owned(), (period.number % 100).to_string()),
        };
        if !self.has(&key) {
            return period.to_string();
        }
        let month = self.text(&format!("date.month.{:02}", period.number / 100), &[]);
        let fill = [
            ("year", year.as_str()),
            ("day", &day),
            ("month", &month),
            ("quarter", &number),
            ("half", &number),
            ("week", &number),
        ];
        self.text(&key, &fill)
    }

    /// The mark of a value that is of another year, `−1 y`; empty for none.
    pub fn carried(&self, years: u16) -> String {
        if years == 0 { String::new() } else { self.text("carried.mark", &[("years", &years.to_string())]) }
    }

    /// What a text of the definitions is called in this language; the English where there is no translation.
    pub fn phrase(&self, english: &str) -> String {
        self.phrases.get(english).map_or(english, String::as_str).to_owned()
    }

    /// A number with `decimals` places and grouped thousands (from five digits on, after the SI custom).
    /// Halves are rounded away from zero on the decimal representation; a rounded zero has no minus.
    pub fn number(&self, value: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", round_half_away(value, decimals).abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let negative = value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        let mut out = String::new();
        if negative {
            out.push_str(&self.number.minus);
        }
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && whole.len() > 4 && (whole.len() - index) % 3 == 0 {
                out.push_str(&self.number.group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push_str(&self.number.decimal);
            out.push_str(fraction);
        }
        out
    }

    /// As [`Self::number`], with a plus before a positive value.
    pub fn signed(&self, value: f64, decimals: usize) -> String {
        let text = self.number(value, decimals);
        let positive = value > 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        if positive { format!("+{text}") } else { text }
    }
}

/// Rounds halves away from zero; the tiny nudge lets 0.15, which is stored a little below, round to 0.2.
/// The number as it is printed with so many places: halves away from zero.
pub fn round_half_away(value: f64, decimals: usize) -> f64 {
    let factor = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    let scaled = value.abs() * factor;
    ((scaled + 0.5 + scaled * 1e-12).floor() / factor).copysign(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Language {
        Language {
            code: "en".into(),
            name: "English".into(),
            number: NumberStyle {
                decimal: ".".into(),
                group: "\u{202f}".into(),
                minus: "\u{2212}".into(),
                percent_space: "\u{202f}".into(),
            },
            checked: true,
            texts: [
                ("date.day", "{day} {month} {year}"),
                ("date.month.06", "June"),
                ("month.03", "March {year}"),
                ("carried.mark", "−{years} y"),
                ("a", "{x} of {y}"),
                ("b#one", "{n} fact"),
                ("b#other", "{n} facts"),
                ("b#few", "{n} fakty"),
            ]
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .into(),
            phrases: BTreeMap::from([("Rate".into(), "Quote".into())]),
            lint: Lint::default(),
            unverified: BTreeMap::new(),
        }
    }

    #[test]
    fn counts_take_the_form_of_their_language() {
        let mut language = english();
        assert_eq!([1, 2, 12345].map(|n| language.count("b", n, &[])), ["1 fact", "2 facts", "12\u{202f}345 facts"]);
        language.code = "pl".into();
        assert_eq!(language.count("b", 22, &[]), "22 fakty");
        let forms =
            |code: &str, counts: &[usize]| -> Vec<&str> { counts.iter().map(|count| Plural::of(code, *count).code()).collect() };
        assert_eq!(forms("pl", &[0, 1, 2, 5, 12, 21, 22, 112]), ["many", "one", "few", "many", "many", "many", "few", "many"]);
        assert_eq!(forms("sl", &[0, 1, 2, 3, 4, 5, 101, 102]), ["other", "one", "two", "few", "few", "other", "one", "two"]);
        for code in ["en", "pl", "de", "sv", "fi", "it", "nl", "es", "ca", "el", "sl"] {
            assert!((0..300).all(|count| Plural::forms(code).contains(&Plural::of(code, count))), "{code}");
        }
    }

    #[test]
    fn phrases_fall_back_to_english() {
        assert_eq!(["Rate", "Other"].map(|text| english().phrase(text)), ["Quote", "Other"]);
    }

    #[test]
    fn dates_and_periods() {
        let english = english();
        for (stamp, expected) in
            [("2026-06-30", "30 June 2026"), ("2026-06-03T11:00:00+0200", "3 June 2026"), ("2026", "2026"), ("soon", "soon")]
        {
            assert_eq!(english.date(stamp), expected);
        }
        let period = |text: &str| Period::parse(text).map(|period| english.period(period)).unwrap_or_default();
        assert_eq!(["2024", "2024-03", "2024-Q1"].map(period), ["2024", "March 2024", "2024-Q1"]);
        assert_eq!([0, 2].map(|years| english.carried(years)), ["", "−2 y"]);
    }

    #[test]
    fn numbers() {
        let english = english();
        for (value, decimals, expected) in [
            (46.3, 1, "46.3"),
            (-0.04, 1, "0.0"),
            (-10.5, 1, "\u{2212}10.5"),
            (1234.0, 0, "1234"),
            (12345.0, 0, "12\u{202f}345"),
            (0.15, 1, "0.2"),
            (2.5, 0, "3"),
            (-2.5, 0, "\u{2212}3"),
            (1_234_567.0, 0, "1\u{202f}234\u{202f}567"),
        ] {
            assert_eq!(english.number(value, decimals), expected);
        }
        assert_eq!(english.signed(0.01, 1), "0.0");
        assert_eq!(english.signed(0.5, 1), "+0.5");
    }

    #[test]
    fn placeholders() {
        assert_eq!(english().text("a", &[("y", "{x}"), ("x", "1")]), "1 of {x}");
        assert_eq!(english().text("c", &[]), "⟨c⟩");
    }
}
