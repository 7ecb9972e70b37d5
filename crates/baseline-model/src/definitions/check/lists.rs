//! Rules of languages and codelists.

use std::collections::BTreeSet;

use super::super::Origin;
use super::super::locate::{Kind, csv_records};
use super::{Check, nearest, placeholders};

/// A language may override an indicator's English name by a text of this prefix; all others are needed.
const INDICATOR: &str = "indicator.";

/// All languages have the texts of `en`, with the same placeholders.
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
            let found = match placeholders(text) {
                Ok(found) => found,
                Err(message) => {
                    check.value(at, &keys, message, "write a placeholder as {name}");
                    continue;
                }
            };
            let Some(english) = english else { continue };
            let Some(expected) = english.texts.get(key) else {
                if !key.starts_with(INDICATOR) {
                    let known: Vec<&str> = english.texts.keys().map(String::as_str).collect();
                    let hint = nearest::nearest(key, known).map(|close| format!("did you mean `{close}`?")).unwrap_or_default();
                    check.key(at, &keys, format!("the text `{key}` does not exist in English"), hint);
                }
                continue;
            };
            let expected = placeholders(expected).unwrap_or_default();
            if found != expected {
                let message = format!("placeholders of `{key}`: expected {}, found {}", braces(&expected), braces(&found));
                check.value(at, &keys, message, "use the placeholders of the English text, in any order");
            }
        }
        let Some(english) = english else { continue };
        let missing: Vec<&str> = english
            .texts
            .keys()
            .map(String::as_str)
            .filter(|key| !key.starts_with(INDICATOR) && !language.texts.contains_key(*key))
            .collect();
        for key in missing {
            check.key(at, &["texts"], format!("the text `{key}` is missing"), "");
        }
    }
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
