//! Reads the prose of a composed report before it is rendered: a number that nobody registered, an order without a proof, a
//! rise against the sign of the change, a cause, a missing caveat. Each fault names its sentence, and nothing is published.
//!
//! What is fixed and read by people is no matter of a rule: the texts of the language itself (by key), of the definitions,
//! quotations. Must not repair anything.

mod rules;

use std::fmt;

use baseline_render::document::{Block, Report, Text};

use super::caveats::{Caveat, UNRELIABLE, needed, numbers, pieces};
use super::context::Context;
use super::said::{BOUND, flat, tokens};
use rules::Rules;

/// What is wrong with a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A number that is of no text of the language or the definitions and was not printed by the context.
    Number,
    /// An ordering word without a proof that the figures are apart.
    Order,
    /// A word of rise or fall without a change in the sentence, or against its sign.
    Trend,
    /// A word that names a cause.
    Cause,
    /// A caveat that the sentence's figures ask for is missing.
    Caveat,
}

/// One fault of the prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub rule: Rule,
    /// Section, and figure or table: `key-messages`, `chapter-skills/gap-over-qualification`.
    pub place: String,
    /// The number, word or caveat.
    pub found: String,
    pub sentence: String,
}

/// Faults as they are printed, one a line.
#[derive(Debug)]
pub struct Violations(pub Vec<Violation>);

/// Faults that are printed in full.
const SHOWN: usize = 10;

/// All faults of a report's prose, in reading order.
pub fn lint(context: &Context<'_>, report: &Report) -> Vec<Violation> {
    violations(&Rules::of(context), report)
}

fn violations(rules: &Rules<'_>, report: &Report) -> Vec<Violation> {
    let mut found = Vec::new();
    for section in &report.sections {
        let place = section.id.as_str();
        let said = place == "key-messages" || place.starts_with("chapter-");
        for block in &section.blocks {
            match block {
                Block::Paragraph(text) => prose(rules, place, text, said, &mut found),
                Block::List(texts) => texts.iter().for_each(|text| prose(rules, place, text, said, &mut found)),
                Block::Note { body, .. } => body.iter().for_each(|text| prose(rules, place, text, false, &mut found)),
                Block::Heading(text) => string(rules, place, text, &mut found),
                Block::Figure(figure) => {
                    let place = format!("{place}/{}", figure.id);
                    for text in [&figure.title, &figure.subtitle, &figure.note, &figure.alt, &figure.long_description] {
                        string(rules, &place, text, &mut found);
                    }
                }
                Block::Table(table) => {
                    let place = format!("{place}/{}", table.id);
                    string(rules, &place, &table.caption, &mut found);
                    table.notes.iter().for_each(|text| prose(rules, &place, text, false, &mut found));
                }
            }
        }
    }
    found
}

/// A text with bound numbers: what stands beside them must not be one. `said`: it is a sentence on figures, with caveats.
fn prose(rules: &Rules<'_>, place: &str, text: &Text, said: bool, found: &mut Vec<Violation>) {
    // What this report does not show was named by a reference when the sentence was licensed.
    let elsewhere = rules.language.texts.get("reference.elsewhere").filter(|text| !text.is_empty());
    let flat = elsewhere.map_or_else(|| flat(text), |elsewhere| flat(text).replace(elsewhere.as_str(), &BOUND.to_string()));
    let mut fault = fault(place, text.to_plain(), found);
    for token in rules.unbound(&flat, false) {
        fault(Rule::Number, token);
    }
    for (rule, word) in rules.words(&flat) {
        fault(rule, word);
    }
    let change = |rise: bool| {
        let mut changes = numbers(text).filter(|number| number.id.contains(".change_since_")).peekable();
        let carries = |value: Option<f64>| value.is_some_and(|value| if rise { value > 0.0 } else { value < 0.0 });
        changes.peek().is_some() && changes.all(|number| carries(number.value) && !number.flags.contains('u'))
    };
    for (word, rise) in rules.trends(&flat) {
        if !change(rise) {
            fault(Rule::Trend, word);
        }
    }
    if said {
        for caveat in needed(text) {
            if !carries(rules, &flat, caveat) {
                fault(Rule::Caveat, format!("{caveat:?} ({})", caveat.key()));
            }
        }
    }
}

/// A text of a figure or table, in which printed figures may stand.
fn string(rules: &Rules<'_>, place: &str, text: &str, found: &mut Vec<Violation>) {
    let mut fault = fault(place, text.to_owned(), found);
    for token in rules.unbound(text, true) {
        fault(Rule::Number, token);
    }
    for (rule, word) in rules.words(text) {
        fault(rule, word);
    }
    // No change is bound to a string: nothing there can carry such a word.
    for (word, _) in rules.trends(text) {
        fault(Rule::Trend, word);
    }
}

fn fault(place: &str, sentence: String, found: &mut Vec<Violation>) -> impl FnMut(Rule, String) {
    move |rule, what| found.push(Violation { rule, place: place.to_owned(), found: what, sentence: sentence.clone() })
}

/// Whether a sentence says a caveat in its language.
fn carries(rules: &Rules<'_>, flat: &str, caveat: Caveat) -> bool {
    let says = |key: &str| {
        let text = rules.language.texts.get(key);
        text.is_some_and(|text| pieces(text).iter().all(|piece| flat.contains(piece.trim())))
    };
    match caveat {
        Caveat::OtherYear(_) => {
            let forms = ["one", "two", "few", "many", "other"].map(|form| format!("{}#{form}", caveat.key()));
            forms.iter().any(|key| says(key))
        }
        Caveat::Unreliable => says(caveat.key()) || UNRELIABLE.iter().any(|key| says(key)),
        Caveat::Borrowed | Caveat::Modelled | Caveat::Break | Caveat::Definition | Caveat::Provisional | Caveat::Estimated => {
            says(caveat.key())
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "a number that is bound to no figure",
            Self::Order => "an order that no figures prove",
            Self::Trend => "a rise or fall that no change carries",
            Self::Cause => "a cause, which no figure shows",
            Self::Caveat => "a caveat is missing",
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (\u{201c}{}\u{201d}): {}", self.place, self.rule, self.found, self.sentence)
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in self.0.iter().take(SHOWN) {
            writeln!(f, "  {violation}")?;
        }
        if self.0.len() > SHOWN {
            writeln!(f, "  and {} more", self.0.len() - SHOWN)?;
        }
        f.write_str("  hint: numbers are printed by the context, ordering words by compose/ordering.rs; a text of a language file that names an order or a cause is worded anew")
    }
}

#[cfg(test)]
mod tests;
