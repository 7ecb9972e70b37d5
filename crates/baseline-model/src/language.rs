//! One language of the reports: every printed word, and the style of numbers and dates.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Read from `pipelines/languages/<code>.toml`; `code` is the file's stem.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    #[serde(skip)]
    pub code: String,
    /// The language's name in itself.
    pub name: String,
    pub number: NumberStyle,
    /// Every printed text by key; `{name}` marks a placeholder.
    pub texts: BTreeMap<String, String>,
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
fn round_half_away(value: f64, decimals: usize) -> f64 {
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
            texts: BTreeMap::from([("a".into(), "{x} of {y}".into())]),
        }
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
        assert_eq!(english().text("b", &[]), "⟨b⟩");
    }
}
