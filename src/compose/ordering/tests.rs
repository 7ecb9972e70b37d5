//! The texts that name an order are asked for here alone, and are all that do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use baseline_model::ObsStatus;
use baseline_model::definitions::Direction;

use super::*;
use crate::compare::order;
use crate::derive::tests::figures;

const ENGLISH: &str = include_str!("../../../pipelines/languages/en.toml");

/// The other modules of `compose`, tests aside: none of them names a key of the list.
fn sources() -> Vec<(String, String)> {
    let (mut folders, mut sources) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/compose")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources are there") {
            let path = entry.expect("a file").path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.ends_with("tests.rs") && !name.contains("ordering") && !name.contains("/lint/") {
                sources.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    sources
}

#[test]
fn no_other_module_asks_for_an_ordering_text() {
    let sources = sources();
    assert!(sources.iter().any(|(name, _)| name.ends_with("map/mod.rs")) && sources.len() > 30, "{}", sources.len());
    for (name, source) in sources {
        for key in TEXTS.into_iter().chain(GAP_TITLES).chain(judged::WORDS) {
            assert!(!source.contains(&format!("\"{key}\"")), "{name} asks for {key}");
        }
    }
}

/// A template that fills in figures and says which is the higher, without being in the list.
fn unlisted(texts: &str) -> BTreeSet<&str> {
    let words = [" higher", " lower", " above ", " below ", "argest", "mallest", " ahead of ", " wider"];
    let entries = texts.lines().filter_map(|line| line.strip_prefix('"')?.split_once("\" = \""));
    entries
        .filter(|(key, text)| {
            let generated = ["message.", "title.", "alt.", "lead.", "composite.", "note.gap"];
            let generated = generated.iter().any(|start| key.starts_with(start));
            let listed = TEXTS.contains(key) || GAP_TITLES.iter().any(|title| key.starts_with(title));
            generated && text.contains('{') && words.iter().any(|word| text.contains(word)) && !listed
        })
        .map(|(key, _)| key)
        .collect()
}

#[test]
fn every_ordering_text_is_in_the_list() {
    assert_eq!(unlisted(ENGLISH), BTreeSet::new());
    let mutant = "\"message.new\" = \"In {place} the rate was {p}, {points} higher.\"";
    assert_eq!(unlisted(mutant), BTreeSet::from(["message.new"]));
    for key in TEXTS {
        assert!(ENGLISH.contains(&format!("\"{key}\" = ")), "{key} is no text");
    }
}

/// What may be said of 60 and 50 percent with a flag on the first.
fn said(first: f64, flag: &str) -> Option<&'static str> {
    let rates = format!("NEU,PL42,2024,{first},{flag}\nNAT,PL42,2024,50,\n");
    let (definitions, figures) = figures(&rates, "TOTAL,PL42,2024,3000,\n");
    let indicator = &definitions.indicators["rate"];
    let rule = indicator.gap.expect("the rate has a gap");
    let gap = crate::compare::gap(&figures, ("rate", indicator), rule, "region", baseline_model::Period::year(2024));
    assert_eq!(gap.of.obs_status, ObsStatus::new(flag));
    order::separated(&gap.of, &gap.against).map(|separated| gap_message(separated, Direction::LowerIsBetter).key())
}

#[test]
fn a_mutant_pair() {
    assert_eq!(said(60.0, ""), Some("message.gap.higher_bad"));
    assert_eq!(said(40.0, "b"), Some("message.gap.lower_good"));
    // The same two numbers: what changes is that nobody knows how precise the first is.
    assert_eq!(said(60.0, "u"), None);
    assert_eq!(said(60.0, "bu"), None);
    assert_eq!(said(60.0, "n"), None);
    assert_eq!(said(50.0, ""), None);
}
