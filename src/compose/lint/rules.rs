//! What the lint knows of one report and one language: numbers that were registered, sentences that were licensed, and the
//! fixed texts in which a word or number is no claim.

use std::collections::BTreeSet;

use baseline_model::definitions::phrases;
use baseline_model::language::Language;

use super::super::caveats::pieces;
use super::super::context::Context;
use super::super::ordering::{GAP_TITLES, TEXTS};
use super::super::said::{Allowed, BOUND};
use super::{Rule, tokens};

/// Beginnings of the keys of sentences that are made from figures. All other texts of a language are fixed: a reading guide, a
/// rule of the method, a word. These may say what is higher or why, and are read by people. Long descriptions are among them
/// ("the table below"): what they say of figures is filled in.
const GENERATED: [&str; 4] = ["message.", "title.", "alt.", "lead."];

/// Generated sentences that name an order in order to deny it, and leads that are fixed.
const FIXED: [&str; 7] = [
    "message.gap.unreliable",
    "message.level.unreliable",
    "message.pointer",
    "title.gap.unknown",
    "lead.comparison",
    "lead.national",
    "lead.birth",
];

/// Words up to which a piece of a fixed text licenses none of them elsewhere.
const STUMP: usize = 2;

pub struct Rules<'a> {
    pub language: &'a Language,
    allowed: Allowed,
    /// Fixed texts with a number in them, in small letters, the longest first.
    numbered: Vec<String>,
    /// Fixed texts with a word of the lint in them, in small letters, the longest first.
    worded: Vec<String>,
}

impl<'a> Rules<'a> {
    pub fn of(context: &Context<'a>) -> Self {
        let english = phrases(context.definitions, context.study);
        let mut definitions: Vec<String> = english.iter().map(|text| context.language.phrase(text)).collect();
        let territories = context.study.territories.iter().filter_map(|id| context.territory(id));
        definitions.extend(territories.flat_map(|territory| territory.names.values().cloned()));
        let programme = &context.study.programme;
        definitions.extend([programme.name.clone(), programme.project.clone(), programme.period.clone()]);
        Self::new(context.language, definitions, context.said.allowed())
    }

    /// `definitions`: texts of the definitions in the report's language.
    pub fn new(language: &'a Language, definitions: Vec<String>, allowed: Allowed) -> Self {
        let mut rules = Self { language, allowed, numbered: Vec::new(), worded: Vec::new() };
        let mut fixed: BTreeSet<String> = definitions.into_iter().map(|text| text.to_lowercase()).collect();
        let lint = &language.lint;
        let words = || lint.order.iter().chain(&lint.cause).chain(&lint.rise).chain(&lint.fall);
        let claims = |text: &String| words().any(|word| has(text, word));
        for (key, text) in &language.texts {
            let base = key.split('#').next().unwrap_or(key);
            let parts = pieces(text).into_iter().map(str::to_lowercase);
            if is_fixed(base) {
                // A bare word, such as `better` under a mark, or the stump of a template says nothing about a sentence that has it.
                fixed.extend(parts.filter(|part| part.split_whitespace().count() > STUMP || !claims(part)));
            } else {
                // Its numbers are the language's own, its words are a claim.
                rules.numbered.extend(parts.filter(|piece| piece.bytes().any(|byte| byte.is_ascii_digit())));
            }
        }
        rules.numbered.extend(fixed.iter().filter(|text| text.bytes().any(|byte| byte.is_ascii_digit())).cloned());
        let bare = |text: &String| words().any(|word| text.trim() == word.trim_end_matches('*').to_lowercase());
        rules.worded = fixed.into_iter().filter(|text| !bare(text) && claims(text)).collect();
        for list in [&mut rules.numbered, &mut rules.worded] {
            list.sort_by_key(|text| (std::cmp::Reverse(text.len()), text.clone()));
        }
        rules
    }

    /// Numbers that nobody registered; `printed`: figures as printed may stand in the text itself.
    pub fn unbound(&self, text: &str, printed: bool) -> Vec<String> {
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return Vec::new();
        }
        let style = &self.language.number;
        let known = |token: &String| self.allowed.counts.contains(token) || printed && self.allowed.numbers.contains(token);
        let mut rest = text.to_lowercase();
        for quoted in &self.allowed.quoted {
            mask(&mut rest, &quoted.to_lowercase());
        }
        for fixed in &self.numbered {
            mask(&mut rest, fixed);
        }
        tokens(&rest, style).into_iter().filter(|token| !known(token)).collect()
    }

    /// Ordering words without a proof, and words that name a cause.
    pub fn words(&self, text: &str) -> Vec<(Rule, String)> {
        let lint = &self.language.lint;
        let order = self
            .found(text, &lint.order, &[&self.allowed.licensed, &self.allowed.changes])
            .into_iter()
            .map(|word| (Rule::Order, word));
        let cause = self.found(text, &lint.cause, &[]).into_iter().map(|word| (Rule::Cause, word));
        order.chain(cause).collect()
    }

    /// Words of rise (`true`) and fall outside fixed texts.
    pub fn trends(&self, text: &str) -> Vec<(String, bool)> {
        let lint = &self.language.lint;
        let rise = self.found(text, &lint.rise, &[&self.allowed.licensed]).into_iter().map(|word| (word, true));
        let fall = self.found(text, &lint.fall, &[&self.allowed.licensed]).into_iter().map(|word| (word, false));
        rise.chain(fall).collect()
    }

    /// The words that a text has outside fixed texts and those that are `licensed`.
    fn found(&self, text: &str, words: &[String], licensed: &[&BTreeSet<String>]) -> Vec<String> {
        let mut rest = text.to_lowercase();
        if !words.iter().any(|word| has(&rest, word)) {
            return Vec::new();
        }
        // The longest first: a place among regions stands inside the title that names it.
        let mut licensed: Vec<String> = licensed.iter().copied().flatten().map(|text| text.to_lowercase()).collect();
        licensed.sort_by_key(|text| std::cmp::Reverse(text.len()));
        for text in &licensed {
            mask(&mut rest, text);
        }
        for fixed in self.allowed.quoted.iter().map(|text| text.to_lowercase()).chain(self.worded.iter().cloned()) {
            mask(&mut rest, &fixed);
        }
        words.iter().filter(|word| has(&rest, word)).cloned().collect()
    }
}

/// Whether the texts of a key are fixed: read by people, and no claim made from figures.
pub(super) fn is_fixed(key: &str) -> bool {
    let order = TEXTS.contains(&key) || GAP_TITLES.iter().any(|title| key.starts_with(title));
    FIXED.contains(&key) || !order && !GENERATED.iter().any(|start| key.starts_with(start))
}

fn mask(text: &mut String, fixed: &str) {
    if !fixed.trim().is_empty() && text.contains(fixed) {
        *text = text.replace(fixed, &BOUND.to_string());
    }
}

/// Whether a text in small letters has a word or phrase; one that ends with `*` is the beginning of a word.
pub fn has(text: &str, word: &str) -> bool {
    let (stem, open) = match word.strip_suffix('*') {
        Some(stem) => (stem.to_lowercase(), true),
        None => (word.to_lowercase(), false),
    };
    if stem.is_empty() {
        return false;
    }
    text.match_indices(&stem).any(|(place, _)| {
        let letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let before = letter(text[..place].chars().next_back());
        !before && (open || !letter(text[place + stem.len()..].chars().next()))
    })
}
