//! Every shipped language has every phrase that the shipped study prints, and every alternative text is of a length that is read
//! out. Which texts these are is asked of the program.

use std::collections::BTreeMap;

use super::kit::{NINE, elements, plain, study};

#[test]
fn every_definition_text_has_a_phrase() {
    let said = study().run(&["list", "languages", "--json"]);
    let rows: Vec<BTreeMap<String, String>> = serde_json::from_str(&said.stdout).unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        for part in ["texts", "phrases"] {
            let (has, of) = row[part].split_once('/').unwrap();
            assert_eq!(has, of, "{}: {part}", row["id"]);
        }
    }
}

#[test]
fn alternative_texts_are_of_a_length_that_is_read_out() {
    for report in NINE.iter().copied().chain(["comparison"]) {
        let html = study().html(report);
        let pictures = elements(html, "svg", "role=\"img\"");
        assert!(!pictures.is_empty(), "{report}");
        let captions: Vec<String> = elements(html, "figcaption", "").iter().map(|(_, text)| plain(text)).collect();
        for (_, picture) in pictures {
            let alt = elements(picture, "title", "").first().map(|(_, text)| plain(text)).unwrap_or_default();
            let length = alt.chars().count();
            assert!((80..=250).contains(&length), "{report}: {length} letters: {alt}");
            assert!(!captions.contains(&alt), "{report}: {alt}");
        }
    }
}
