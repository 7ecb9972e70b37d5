//! Which texts of the definitions a study prints, so that it can be said what a language has no translation of.
//!
//! They are English in the definitions, and another language has them in its `[phrases]`. Quotations (titles of tables, what
//! an authority prints) are not among them: these stay as they are.

use std::collections::BTreeSet;

use super::{Definitions, Study};

/// Names, universes, notes and places of a study, each once, in the order of its record.
pub fn phrases<'a>(definitions: &'a Definitions, study: &'a Study) -> Vec<&'a str> {
    let programme = &study.programme;
    let mut found = vec![study.title.as_str(), &programme.funding, &programme.disclaimer];
    found.extend(study.benchmarks.values().map(String::as_str));
    for territory in study.territories.iter().filter_map(|id| definitions.territories.get(id)) {
        found.extend(territory.names.get("en").map(String::as_str));
        found.extend(territory.parents.values().map(String::as_str));
    }
    let indicators = study.chapters.iter().flat_map(|chapter| &chapter.indicators);
    for indicator in indicators.filter_map(|id| definitions.indicators.get(id)) {
        found.extend(
            [&indicator.name, &indicator.universe, &indicator.numerator, &indicator.denominator, &indicator.concept]
                .map(String::as_str),
        );
        found.extend(indicator.notes.iter().map(String::as_str));
        found.extend(indicator.compare_with.iter().map(|other| other.note.as_str()));
        found.extend(indicator.awaits.iter().map(|awaits| awaits.what.as_str()));
    }
    let mut seen = BTreeSet::new();
    found.retain(|text| !text.is_empty() && seen.insert(*text));
    found
}
