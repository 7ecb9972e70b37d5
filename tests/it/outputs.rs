//! What must hold of everything that is printed, whatever the figures are.

use std::io::Cursor;

use calamine::Reader;

use super::kit::{attribute, elements, is_svg, plain, study};

/// Everything a reader can see, by file.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (territory, files) in &study().reports {
        for (name, bytes) in files {
            let text = match name.rsplit('.').next() {
                Some("html" | "svg") => {
                    let markup = std::str::from_utf8(bytes).unwrap();
                    let scripts: Vec<&str> = elements(markup, "script", "")
                        .into_iter()
                        .chain(elements(markup, "style", ""))
                        .map(|(_, inside)| inside)
                        .filter(|inside| !inside.trim_start().starts_with('{'))
                        .collect();
                    plain(
                        &scripts
                            .into_iter()
                            .filter(|script| !script.is_empty())
                            .fold(markup.to_owned(), |left, script| left.replace(script, "")),
                    )
                }
                Some("csv" | "json") => String::from_utf8(bytes.clone()).unwrap(),
                Some("xlsx") => {
                    let mut book = calamine::Xlsx::new(Cursor::new(bytes.as_slice())).unwrap();
                    book.worksheets()
                        .iter()
                        .flat_map(|(_, range)| range.rows().flatten().map(|cell| format!("{cell}\n")).collect::<Vec<_>>())
                        .collect()
                }
                _ => continue,
            };
            texts.push((format!("{territory}/{name}"), text));
        }
    }
    texts
}

#[test]
fn nothing_unfinished_is_printed() {
    let texts = texts();
    assert!(texts.len() > 60, "{}", texts.len());
    for (name, text) in texts {
        for unwanted in [
            "⟨",
            "⟩",
            "{{",
            "{%",
            "NaN",
            "undefined",
            "TODO",
            "Some(",
            "None",
            env!("CARGO_MANIFEST_DIR"),
            study().workspace.to_str().unwrap(),
        ] {
            // A word may contain the letters: only whole words count.
            let found = text.match_indices(unwanted).find(|(at, _)| {
                let before = text[..*at].chars().next_back();
                let after = text[at + unwanted.len()..].chars().next();
                !unwanted.chars().all(char::is_alphanumeric)
                    || !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
            });
            if let Some((at, _)) = found {
                let around: String = text[..at]
                    .chars()
                    .rev()
                    .take(60)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .chain(text[at..].chars().take(60))
                    .collect();
                panic!("{name}: `{unwanted}` in: {around}");
            }
        }
        assert!(!text.lines().any(|line| matches!(line.trim(), "inf" | "-inf" | "null")), "{name}");
    }
}

#[test]
fn every_drawing_has_an_alternative_text_that_is_not_its_title() {
    let mut seen = 0;
    for (territory, files) in &study().reports {
        for (name, bytes) in files.iter().filter(|(name, _)| is_svg(name)) {
            let svg = std::str::from_utf8(bytes).unwrap();
            let alt = plain(elements(svg, "title", "id=")[0].1);
            let length = alt.chars().count();
            assert!((80..=250).contains(&length), "{territory}/{name}: {length} characters: {alt}");
            seen += 1;
        }
        let html = study().html(territory);
        for (_, figure) in elements(html, "figure", "id=") {
            let title = plain(elements(figure, "p", "figure-title")[0].1);
            for (tag, svg) in elements(figure, "svg", "role=\"img\"") {
                let alt = plain(elements(svg, "title", "id=")[0].1);
                assert!((80..=250).contains(&alt.chars().count()), "{territory}: {alt}");
                assert!(!title.ends_with(&alt) && !alt.is_empty(), "{territory}: the title again: {alt}");
                assert!(attribute(tag, "aria-labelledby").is_some());
            }
        }
    }
    assert!(seen > 40, "{seen}");
}

/// The section with the key messages.
fn messages(territory: &str) -> Vec<String> {
    let html = study().html(territory);
    let sections = elements(html, "section", "id=");
    let section = sections
        .iter()
        .find(|(_, inside)| plain(inside).trim_start().starts_with("Key messages"))
        .unwrap_or_else(|| panic!("{territory}: no key messages"));
    elements(section.1, "li", "")
        .into_iter()
        .filter(|(_, inside)| inside.contains("data-id"))
        .map(|(_, inside)| plain(inside))
        .collect()
}

#[test]
fn every_key_message_says_the_year_of_its_number() {
    for territory in super::kit::NINE {
        let messages = messages(territory);
        assert!(!messages.is_empty(), "{territory}");
        for message in messages {
            let years = |text: &str| {
                text.split(|character: char| !character.is_ascii_digit())
                    .any(|word| word.len() == 4 && (word.starts_with("19") || word.starts_with("20")))
            };
            assert!(years(&message), "{territory}: {message}");
            for causal in ["because", "due to", "leads to", "caused", "as a result"] {
                assert!(!message.contains(causal), "{territory}: {message}");
            }
        }
    }
}

#[test]
fn a_message_on_a_borrowed_value_names_the_region_whose_it_is() {
    for territory in super::kit::NINE {
        let name = &study().observations[territory];
        assert!(!name.is_empty());
        for message in messages(territory).iter().filter(|message| message.contains("(D)")) {
            assert!(message.contains("(country value; none for "), "{territory}: {message}");
        }
    }
}

/// Whether an id is of a figure by citizenship or by country of birth.
fn concept(id: &str) -> Option<&'static str> {
    match id.split('.').nth(2)? {
        "non_eu" | "eu" | "foreign" | "national" => Some("citizenship"),
        "foreign_born" | "non_eu_born" | "eu_born" | "native_born" => Some("birth"),
        _ => match id.split('.').next()? {
            "foreign_citizen_share" => Some("citizenship"),
            "foreign_born_share" | "non_eu_born_share" => Some("birth"),
            _ => None,
        },
    }
}

#[test]
fn citizenship_and_country_of_birth_never_share_a_table_or_a_drawing() {
    for territory in study().reports.keys() {
        let html = study().html(territory);
        for (kind, with) in [("table", ""), ("svg", "role=\"img\"")] {
            for (_, inside) in elements(html, kind, with) {
                let ids = inside.split(" data-id=\"").skip(1).filter_map(|rest| rest.split('"').next());
                let mut concepts: Vec<(&str, &str)> = ids.filter_map(|id| Some((concept(id)?, id))).collect();
                concepts.sort_unstable();
                concepts.dedup_by_key(|(concept, _)| *concept);
                assert!(
                    concepts.len() < 2,
                    "{territory}: a {kind} has both: {concepts:?}: {}",
                    plain(inside).chars().take(300).collect::<String>()
                );
            }
        }
    }
}

#[test]
fn a_page_needs_nothing_from_elsewhere() {
    for territory in study().reports.keys() {
        let html = study().html(territory);
        for (needle, what) in [
            ("<script src", "script"),
            ("<link rel=\"stylesheet\"", "style"),
            ("<img src=\"http", "picture"),
            ("@import", "style"),
            ("url(http", "style"),
        ] {
            assert!(!html.contains(needle), "{territory}: a {what} from elsewhere");
        }
        assert!(html.starts_with("<!DOCTYPE html>") || html.starts_with("<!doctype html>"), "{territory}");
        assert!(html.contains("<html lang=\"en\""), "{territory}");
    }
}

#[test]
fn the_manifest_says_what_is_there() {
    for (territory, files) in &study().reports {
        let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        let listed: Vec<(&str, usize)> = manifest["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| (file["path"].as_str().unwrap(), usize::try_from(file["bytes"].as_u64().unwrap()).unwrap()))
            .collect();
        let there: Vec<(&str, usize)> = files
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "manifest.json" | ".digest"))
            .map(|(name, bytes)| (name.as_str(), bytes.len()))
            .collect();
        assert_eq!(listed, there, "{territory}");
    }
}
