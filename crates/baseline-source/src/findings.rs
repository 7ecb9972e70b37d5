//! Collects findings and folds those that say the same thing, so that a broken column of a million
//! cells gives one message with a count and not a million messages.

use std::collections::HashMap;
use std::fmt::Display;

use baseline_model::{Description, Finding};

use crate::read::ReadOptions;

/// Findings of one code that are listed one by one; the rest is counted in one more.
const LISTED: usize = 20;

/// What every reader gets: the name for messages, the caller's options, and where findings go.
pub(crate) struct Context<'a> {
    pub name: &'a str,
    pub options: &'a ReadOptions<'a>,
    pub findings: Vec<Finding>,
    /// What the file states instead of figures.
    pub descriptions: Vec<Description>,
    /// Status is not in Eurostat's letters: what a mark means is for the source's scheme, not for the reader.
    pub own_marks: bool,
    /// Name of the file inside the archive that is being read; empty when there is no archive.
    pub member: String,
    /// Per code: key of the group -> place in `findings`; the key `None` is the group of the rest.
    groups: HashMap<&'static str, HashMap<Option<String>, usize>>,
}

impl<'a> Context<'a> {
    pub fn new(name: &'a str, options: &'a ReadOptions<'a>) -> Self {
        Self {
            name,
            options,
            findings: Vec::new(),
            descriptions: Vec::new(),
            own_marks: false,
            member: String::new(),
            groups: HashMap::new(),
        }
    }

    /// `name: place`, for [`Finding::at`].
    pub fn at(&self, place: impl Display) -> String {
        format!("{}: {place}", self.name)
    }

    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds a finding, or counts it when one of this code and key is there already.
    pub fn group(&mut self, code: &'static str, key: &str, make: impl FnOnce(&Self) -> Finding) {
        let groups = self.groups.entry(code).or_default();
        // A borrowed lookup in a map keyed by `Option<String>` needs an owned key; groups are few.
        let key = Some(key.to_owned());
        if let Some(&place) = groups.get(&key) {
            self.findings[place].count += 1;
            return;
        }
        if groups.len() < LISTED {
            groups.insert(key, self.findings.len());
            let finding = make(self);
            self.findings.push(finding);
            return;
        }
        if let Some(&place) = groups.get(&None) {
            self.findings[place].count += 1;
            return;
        }
        groups.insert(None, self.findings.len());
        let mut finding = make(self);
        finding.message = format!("{} (first of those not listed one by one)", finding.message);
        self.findings.push(finding);
    }

    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == baseline_model::Severity::Error)
    }
}

/// A text of the input as quoted in a message: control characters escaped, long texts cut.
pub(crate) fn quote(text: &str) -> String {
    quote_to(text, 60)
}

/// As [`quote`], of a provider's message: blanks put in order, and longer.
pub(crate) fn quote_message(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    quote_to(&words.join(" "), 400)
}

fn quote_to(text: &str, longest: usize) -> String {
    let mut shown: String = text.chars().take(longest).flat_map(char::escape_debug).collect();
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// The known text that is most like `text`, when one is similar enough to be meant.
pub(crate) fn nearest<'t>(text: &str, known: impl IntoIterator<Item = &'t str>) -> Option<&'t str> {
    let wanted = text.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.7)
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map(|(_, candidate)| candidate)
}

/// `, nearest is ...` or nothing.
pub(crate) fn nearest_note<'t>(text: &str, known: impl IntoIterator<Item = &'t str>) -> String {
    nearest(text, known).map(|candidate| format!("; nearest is {}", quote(candidate))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_count_and_overflow() {
        let options = ReadOptions::default();
        let mut context = Context::new("x", &options);
        for key in 0..30 {
            for _ in 0..2 {
                context.group("c", &key.to_string(), |context| Finding::error("c", context.at(key), "m"));
            }
        }
        assert_eq!(context.findings.len(), LISTED + 1);
        assert_eq!(context.findings.iter().map(|finding| finding.count).sum::<u64>(), 60);
    }

    #[test]
    fn quotes() {
        assert_eq!(quote("a\tb"), "`a\\tb`");
        assert_eq!(quote(&"x".repeat(100)).chars().count(), 63);
        assert_eq!(nearest("Grece", ["Greece", "Germany"]), Some("Greece"));
        assert_eq!(nearest("qqq", ["Greece"]), None);
    }
}
