//! The texts that name an order are asked for here alone, and are all that do.

use std::collections::BTreeSet;

use baseline_model::ObsStatus;
use baseline_model::definitions::Direction;

use super::*;
use crate::compare::order;
use crate::derive::tests::figures;

const ENGLISH: &str = include_str!("../../../pipelines/languages/en.toml");

/// The other modules of `compose`: none of them names a key of the list.
const SOURCES: [(&str, &str); 16] = [
    ("composite", include_str!("../composite.rs")),
    ("context", include_str!("../context.rs")),
    ("coverage", include_str!("../coverage.rs")),
    ("definitions", include_str!("../definitions.rs")),
    ("figures", include_str!("../figures.rs")),
    ("messages", include_str!("../messages.rs")),
    ("method", include_str!("../method.rs")),
    ("mod", include_str!("../mod.rs")),
    ("scorecard", include_str!("../scorecard.rs")),
    ("stock", include_str!("../stock.rs")),
    ("multiples", include_str!("../multiples.rs")),
    ("pyramid", include_str!("../pyramid.rs")),
    ("shares", include_str!("../shares.rs")),
    ("slope", include_str!("../slope.rs")),
    ("tables", include_str!("../tables.rs")),
    ("typology", include_str!("../typology.rs")),
];

#[test]
fn no_other_module_asks_for_an_ordering_text() {
    for (name, source) in SOURCES {
        for key in TEXTS.into_iter().chain(judged::WORDS) {
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
            let generated = key.starts_with("message.")
                || key.starts_with("title.line")
                || key.starts_with("title.s")
                || key.starts_with("alt.");
            let generated = generated || key.starts_with("composite.") || key.starts_with("note.gap");
            generated && text.contains('{') && words.iter().any(|word| text.contains(word)) && !TEXTS.contains(key)
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
    order::separated(&gap.of, &gap.against).map(|separated| gap_message(separated, Direction::LowerIsBetter))
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
