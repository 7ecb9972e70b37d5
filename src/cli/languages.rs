//! `list languages`: how far each is translated, and what nobody has confirmed.

use std::collections::BTreeSet;

use baseline_model::definitions::{Definitions, phrases};
use baseline_model::language::Language;

/// A header and a row a language: texts and phrases that it has of those it needs, remarks, and whether a native speaker has
/// read it.
pub fn rows(definitions: &Definitions) -> Vec<Vec<String>> {
    let mut rows = vec![["id", "texts", "phrases", "unverified", "read by a native speaker", "name"].map(str::to_owned).into()];
    let wanted = wanted(definitions);
    let base = |key: &str| key.split('#').next().unwrap_or(key).to_owned();
    let all: BTreeSet<String> = definitions.languages.get("en").into_iter().flat_map(texts).map(base).collect();
    for (id, language) in &definitions.languages {
        let own: BTreeSet<String> = texts(language).map(base).collect();
        let translated = wanted.iter().filter(|text| language.phrases.contains_key(**text)).count();
        let translated = if id == "en" { wanted.len() } else { translated };
        rows.push(vec![
            id.clone(),
            format!("{}/{}", own.intersection(&all).count(), all.len()),
            format!("{translated}/{}", wanted.len()),
            language.unverified.len().to_string(),
            if language.checked { "yes" } else { "no" }.to_owned(),
            language.name.clone(),
        ]);
    }
    rows
}

/// A row a remark: language, key or English phrase, the text as it is, what to look at. Phrases without a translation too, and
/// a language that nobody has read.
pub fn unverified(definitions: &Definitions) -> Vec<Vec<String>> {
    let mut rows = vec![["language", "key", "text", "remark"].map(str::to_owned).to_vec()];
    let wanted = wanted(definitions);
    for (id, language) in &definitions.languages {
        let mut row = |key: &str, text: &str, remark: &str| rows.push([id, key, text, remark].map(str::to_owned).to_vec());
        if !language.checked {
            row("all texts", &language.name, "no native speaker has read this file");
        }
        for (key, remark) in &language.unverified {
            let form = |text: &&String| text.split('#').next() == Some(key.as_str());
            let of_key = || language.texts.keys().find(form).and_then(|key| language.texts.get(key));
            let text = language.phrases.get(key).or_else(of_key);
            row(key, text.map_or("", String::as_str), remark);
        }
        for text in wanted.iter().filter(|text| id != "en" && !language.phrases.contains_key(**text)) {
            row(text, text, "not translated: the English is printed");
        }
    }
    rows
}

/// Keys of a language's texts without the names of indicators, which a language may have and need not.
fn texts(language: &Language) -> impl Iterator<Item = &str> {
    language.texts.keys().map(String::as_str).filter(|key| !key.starts_with("indicator."))
}

/// The texts of the definitions that the studies print.
fn wanted(definitions: &Definitions) -> BTreeSet<&str> {
    definitions.studies.values().flat_map(|study| phrases(definitions, study)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use baseline_model::definitions::{DefinitionFile, parse};

    fn check(language: &str, expected: &[&str]) {
        let number = "number = { decimal = ',', group = '', minus = '-', percent_space = '' }\n";
        let file = |path: &str, text: String| DefinitionFile { path: path.into(), text, from: "test".into() };
        let (definitions, faults) = parse(&[
            file(
                "languages/en.toml",
                format!("name = 'English'\nchecked = true\n{number}[texts]\na = 'A'\n'b#one' = 'B'\n'b#other' = 'C'\n"),
            ),
            file("languages/pl.toml", format!("name = 'polski'\n{number}{language}")),
            file(
                "studies/s.toml",
                "title = 'T'\nconcept = 'birth'\nterritories = []\nbenchmarks = {}\nchapters = []\n\
                 programme = { name = 'N', project = 'P', period = '2025' }\n"
                    .to_owned(),
            ),
        ]);
        assert_eq!(faults.len(), 0, "{faults:?}");
        let lines = |rows: Vec<Vec<String>>| rows.into_iter().map(|row| row.join("|")).filter(|row| row.starts_with("pl|"));
        let found: Vec<String> = lines(rows(&definitions)).chain(lines(unverified(&definitions))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn coverage_and_remarks() {
        check(
            "[texts]\na = 'Ą'\n'b#one' = 'B'\n[unverified]\nb = 'true?'\n",
            &[
                "pl|2/2|0/1|1|no|polski",
                "pl|all texts|polski|no native speaker has read this file",
                "pl|b|B|true?",
                "pl|T|T|not translated: the English is printed",
            ],
        );
        check("checked = true\n[texts]\na = 'Ą'\n[phrases]\nT = 'S'\n", &["pl|1/2|1/1|0|yes|polski"]);
    }
}
