//! Rules of languages and codelists.

use std::collections::BTreeSet;

use super::super::Origin;
use super::super::locate::{Kind, csv_records};
use super::{Check, nearest, placeholders};
use crate::language::{Language, Plural};

/// A language may override an indicator's English name by a text of this prefix; all others are needed.
const INDICATOR: &str = "indicator.";

/// All languages have the texts of `en`, with the same placeholders and typed numbers, in the plural forms that they have.
pub(super) fn languages(check: &mut Check<'_>) {
    let languages = &check.definitions.languages;
    let english = languages.get("en");
    if english.is_none() && !languages.is_empty() && !check.declares(Kind::Language, "en") {
        let first = languages.keys().next().map_or("", String::as_str);
        check.value(
            (Kind::Language, first),
            &[],
            "there is no English (languages/en.toml), with which the others are compared",
            "",
        );
    }
    for (id, language) in languages {
        let at = (Kind::Language, id.as_str());
        check.not_empty(at, &["name"], &language.name);
        let style = &language.number;
        if style.decimal.is_empty() {
            check.value(at, &["number", "decimal"], "`decimal` is empty: 4.5 would be printed as 45", "");
        }
        if style.decimal == style.group {
            check.value(at, &["number", "group"], "`group` is the same as `decimal`: 4.500 would mean two numbers", "");
        }
        if style.minus.is_empty() {
            check.value(at, &["number", "minus"], "`minus` is empty: a negative number would be printed as a positive one", "");
        }
        for (key, text) in &language.texts {
            let keys = ["texts", key.as_str()];
            if let Some(indicator) = key.strip_prefix(INDICATOR)
                && !check.declares(Kind::Indicator, indicator)
            {
                let known: Vec<&str> = check.definitions.indicators.keys().map(String::as_str).collect();
                check.key(at, &keys, format!("no indicator `{indicator}` is defined"), nearest::hint(indicator, known));
            }
            text_of(check, (language, english), key, text);
        }
        for (phrase, text) in &language.phrases {
            let keys = ["phrases", phrase.as_str()];
            if text.trim().is_empty() {
                check.value(at, &keys, format!("the phrase `{phrase}` has no text"), "leave it out to have the English printed");
            } else if digits(text) != digits(phrase) {
                let message = format!("numbers of the phrase `{phrase}`: expected {}, found {}", listed(phrase), listed(text));
                check.value(at, &keys, message, "a translation has the numbers of its English text");
            }
        }
        for key in language.unverified.keys() {
            let plural = || language.texts.keys().any(|text| text.split_once('#').is_some_and(|(base, _)| base == key));
            if !language.texts.contains_key(key) && !language.phrases.contains_key(key) && !plural() {
                let known = language.texts.keys().chain(language.phrases.keys()).map(String::as_str);
                let hint = nearest::hint(key, known.collect::<Vec<_>>());
                check.key(at, &["unverified", key], format!("`{key}` is neither a text nor a phrase of this language"), hint);
            }
        }
        let Some(english) = english else { continue };
        for key in needed(english, id).into_iter().filter(|key| !language.texts.contains_key(key)) {
            check.key(at, &["texts"], format!("the text `{key}` is missing"), "");
        }
    }
}

/// One text against the English one of its key, or of the key's plural forms.
fn text_of(check: &mut Check<'_>, (language, english): (&Language, Option<&Language>), key: &str, text: &str) {
    let at = (Kind::Language, language.code.as_str());
    let keys = ["texts", key];
    let found = match placeholders(text) {
        Ok(found) => found,
        Err(message) => {
            check.value(at, &keys, message, "write a placeholder as {name}");
            return;
        }
    };
    let Some(english) = english else { return };
    let form = key.split_once('#');
    let original = form.map_or_else(|| key.to_owned(), |(base, _)| format!("{base}#{}", Plural::Other.code()));
    let Some(expected) = english.texts.get(&original) else {
        if !key.starts_with(INDICATOR) {
            let known: Vec<&str> = english.texts.keys().map(String::as_str).collect();
            let hint = nearest::nearest(key, known).map(|close| format!("did you mean `{close}`?")).unwrap_or_default();
            check.key(at, &keys, format!("the text `{key}` does not exist in English"), hint);
        }
        return;
    };
    if let Some((_, form)) = form
        && !Plural::forms(&language.code).iter().any(|known| known.code() == form)
    {
        let known: Vec<&str> = Plural::forms(&language.code).iter().map(|form| form.code()).collect();
        check.key(at, &keys, format!("`{form}` is no plural form of this language"), format!("it has {}", known.join(", ")));
    }
    // `one fact` may say the number in words, where the form is not also that of 101.
    let in_words = form.is_some_and(|(_, form)| form == Plural::One.code())
        && Plural::of(&language.code, 1) != Plural::of(&language.code, 101);
    let names = placeholders(expected).unwrap_or_default();
    let dropped = names.difference(&found).any(|name| !(in_words && *name == "n"));
    if dropped || found.difference(&names).next().is_some() {
        let message = format!("placeholders of `{key}`: expected {}, found {}", braces(&names), braces(&found));
        check.value(at, &keys, message, "use the placeholders of the English text, in any order");
    }
    if !in_words && digits(text) != digits(expected) {
        let message = format!("typed numbers of `{key}`: expected {}, found {}", listed(expected), listed(text));
        check.value(at, &keys, message, "a translation has the numbers of its English text");
    }
}

/// The keys that a language must have: those of the English, the plural ones in the language's own forms.
fn needed(english: &Language, language: &str) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for key in english.texts.keys().filter(|key| !key.starts_with(INDICATOR)) {
        match key.split_once('#') {
            Some((base, _)) => needed.extend(Plural::forms(language).iter().map(|form| format!("{base}#{}", form.code()))),
            None => drop(needed.insert(key.clone())),
        }
    }
    needed
}

/// The sequences of digits outside placeholders, sorted.
fn digits(text: &str) -> Vec<&str> {
    let outside = text.split('{').enumerate().map(|(index, part)| match part.split_once('}') {
        Some((_, after)) if index > 0 => after,
        Some(_) | None => part,
    });
    let runs = outside.flat_map(|part| part.split(|letter: char| !letter.is_ascii_digit()));
    let mut found: Vec<&str> = runs.filter(|run| !run.is_empty()).collect();
    found.sort_unstable();
    found
}

fn listed(text: &str) -> String {
    let found = digits(text);
    if found.is_empty() { "none".into() } else { found.join(" ") }
}

fn braces(names: &BTreeSet<&str>) -> String {
    if names.is_empty() { "none".into() } else { names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(" ") }
}

/// Rows are not repeated, codes are not empty, origin codes are ours and of their row's concept.
pub(super) fn codelists(check: &mut Check<'_>) {
    for (id, list) in &check.definitions.codelists {
        let column = |name: &str| list.columns.iter().position(|column| column == name);
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, row) in list.rows.iter().enumerate() {
            if !seen.insert(row) {
                faults.push((index, "the line stands here a second time".to_owned(), String::new()));
            }
            let cell = |name: &str| column(name).and_then(|column| row.get(column)).map(String::as_str);
            let Some(code) = cell("code") else { continue };
            if code.trim().is_empty() || code.trim() != code {
                faults.push((index, format!("`{code}` is no code"), "a code is not empty and has no blank around it".into()));
            } else if id == "origin" {
                match Origin::parse(code) {
                    None => {
                        let known: Vec<&str> = Origin::ALL.iter().map(|origin| origin.code()).collect();
                        faults.push((index, format!("`{code}` is none of our origin groups"), nearest::hint(code, known)));
                    }
                    Some(origin) => {
                        let concept = origin.concept().map(|concept| concept.to_string());
                        if let (Some(concept), Some(stated)) = (concept, cell("concept"))
                            && concept != stated
                        {
                            faults.push((
                                index,
                                format!("`{code}` is a group by {concept}, the line says {stated}"),
                                String::new(),
                            ));
                        }
                    }
                }
            }
        }
        if matches!(id.as_str(), "sex" | "age" | "unit" | "freq" | "geo" | "isced11") {
            let codes = list.rows.iter().filter_map(|row| column("code").and_then(|column| row.get(column)));
            for (index, code) in super::repeated(codes) {
                faults.push((index, format!("the code `{code}` stands here a second time"), String::new()));
            }
        }
        let path = Kind::Codelist.path(id);
        let Some(located) = check.files.get(path.as_str()).filter(|_| !faults.is_empty()) else { continue };
        let records = csv_records(located.file).unwrap_or_default();
        for (index, message, hint) in faults {
            let span = records.get(index + 1).map_or(0..0, |(span, _)| span.clone());
            check.fault(&path, span, message, hint);
        }
    }
}
