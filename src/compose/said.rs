//! What was said on the way to a report, for the prose lint: which numbers were printed, which counts and years were filled in,
//! which sentences a proof allows to name an order. Keeps texts; judges nothing.

use std::cell::RefCell;
use std::collections::BTreeSet;

use baseline_model::language::NumberStyle;
use baseline_render::document::{Span, Text};

/// Stands where a bound number, a link or a reference stood, when a text is looked at as a string.
pub const BOUND: char = '\u{1}';

/// The register of one report.
#[derive(Debug, Default)]
pub struct Said {
    /// Counts, years, days, parts of codes.
    counts: RefCell<BTreeSet<String>>,
    /// Figures as printed by the context.
    numbers: RefCell<BTreeSet<String>>,
    /// Texts with an ordering word that a proof allows.
    licensed: RefCell<BTreeSet<String>>,
    /// Sentences on a change that a proof allows: what they say is held against the change's sign as well.
    changes: RefCell<BTreeSet<String>>,
    /// What is quoted as it is: codes of tables, messages of the readers.
    quoted: RefCell<BTreeSet<String>>,
}

/// A copy of the register.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    pub counts: BTreeSet<String>,
    pub numbers: BTreeSet<String>,
    pub licensed: BTreeSet<String>,
    pub changes: BTreeSet<String>,
    pub quoted: BTreeSet<String>,
}

impl Said {
    /// What is filled into a text: whole numbers that a count or a year can be. Others must have been printed as figures.
    pub fn filled(&self, text: &str, style: &NumberStyle) {
        let mut counts = self.counts.borrow_mut();
        counts.extend(tokens(text, style).into_iter().filter(|token| is_count(token)));
    }

    /// A whole number of any size: draws, a seed.
    pub fn whole(&self, text: &str, style: &NumberStyle) {
        self.counts.borrow_mut().extend(tokens(text, style));
    }

    pub fn number(&self, text: &str, style: &NumberStyle) {
        self.numbers.borrow_mut().extend(tokens(text, style));
    }

    pub fn license(&self, text: &str) {
        self.licensed.borrow_mut().insert(text.to_owned());
    }

    pub fn license_change(&self, text: &str) {
        self.changes.borrow_mut().insert(text.to_owned());
    }

    pub fn quote(&self, text: &str) {
        self.quoted.borrow_mut().insert(text.to_owned());
    }

    pub fn allowed(&self) -> Allowed {
        Allowed {
            counts: self.counts.borrow().clone(),
            numbers: self.numbers.borrow().clone(),
            licensed: self.licensed.borrow().clone(),
            changes: self.changes.borrow().clone(),
            quoted: self.quoted.borrow().clone(),
        }
    }
}

/// Up to three digits, or a year.
fn is_count(token: &str) -> bool {
    let year = || token.parse::<u16>().is_ok_and(|year| (1900..=2100).contains(&year));
    token.bytes().all(|byte| byte.is_ascii_digit()) && (token.len() <= 3 || token.len() == 4 && year())
}

/// A text as one string, in which what is bound is only marked.
pub fn flat(text: &Text) -> String {
    let part = |span: &Span| match span {
        Span::Plain(text) | Span::Strong(text) => text.clone(),
        Span::Number(_) | Span::Link { .. } | Span::Reference { .. } => BOUND.to_string(),
    };
    text.0.iter().map(part).collect()
}

/// The numbers of a text, each with the separators inside it (`46.3`, `12 345`). A digit after a Latin letter is part of a code
/// (`PL42`) and no number.
pub fn tokens(text: &str, style: &NumberStyle) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some(letter) = rest.chars().next() {
        if !letter.is_ascii_digit() {
            before = Some(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let mut length = 0;
        loop {
            length += rest[length..].bytes().take_while(u8::is_ascii_digit).count();
            let inside = [&style.decimal, &style.group].into_iter().find(|separator| {
                let after = rest[length..].strip_prefix(separator.as_str()).filter(|_| !separator.is_empty());
                after.is_some_and(|after| after.starts_with(|next: char| next.is_ascii_digit()))
            });
            match inside {
                Some(separator) => length += separator.len(),
                None => break,
            }
        }
        let (token, after) = rest.split_at(length);
        if !before.is_some_and(|before: char| before.is_ascii_alphabetic() || before == '_') {
            found.push(token.to_owned());
        }
        before = Some('0');
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style() -> NumberStyle {
        NumberStyle { decimal: ".".into(), group: "\u{202f}".into(), minus: "−".into(), percent_space: String::new() }
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(tokens(text, &style()), expected, "{text}");
    }

    #[test]
    fn numbers_of_a_text() {
        check("46.3 % in 2024.", &["46.3", "2024"]);
        check("ages 20–64, 12\u{202f}345 persons", &["20", "64", "12\u{202f}345"]);
        check("PL42 (K_2), ISCED 5", &["5"]);
        check("", &[]);
        check("30 června, 1.", &["30", "1"]);
    }

    #[test]
    fn what_a_filler_may_bring() {
        let said = Said::default();
        said.filled("9 of 279, 2024; 46.3; 1652230; 1500", &style());
        assert_eq!(said.allowed().counts.into_iter().collect::<Vec<_>>(), ["2024", "279", "9"]);
    }
}
