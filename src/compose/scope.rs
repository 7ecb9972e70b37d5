//! What a report rests on: which tables are none of its business, and of when its newest figure is. So that a new state of
//! one country's table changes the reports that show it and no others.

use std::collections::BTreeSet;

use baseline_model::{Evidence, Finding, Observation};

use super::context::Context;

/// Tables that only other territories of the study, and their countries, draw on. A table that nobody draws on is none of
/// these: what was wrong with it may be the reason, and every report says so.
pub fn elsewhere(context: &Context<'_>, territories: &[String]) -> BTreeSet<String> {
    let (mut used, mut others) = (BTreeSet::new(), BTreeSet::new());
    let countries: Vec<&str> = territories.iter().filter_map(|id| Some(context.territory(id)?.country.as_str())).collect();
    for ((_, unit), series) in &context.figures.series {
        let about =
            territories.contains(unit) || countries.contains(&unit.as_str()) || context.study.benchmarks.contains_key(unit);
        let into = if about { &mut used } else { &mut others };
        for observation in series.values() {
            tables(observation, into);
        }
    }
    for observation in context.shown.borrow().values() {
        tables(observation, &mut used);
    }
    others.retain(|table| !used.contains(table));
    others
}

/// Findings without those about tables that are `elsewhere`.
pub fn about(findings: &[Finding], elsewhere: &BTreeSet<String>) -> Vec<Finding> {
    // `at` begins with the table, or names it after `seed`.
    let table = |at: &str| at.trim_start_matches("seed ").split([' ', ':', ',']).next().unwrap_or_default().to_owned();
    findings.iter().filter(|finding| !elsewhere.contains(&table(&finding.at))).cloned().collect()
}

/// The day on which the newest original of the printed figures was retrieved; empty when none was printed.
pub fn newest(context: &Context<'_>) -> String {
    let mut newest = "";
    let shown = context.shown.borrow();
    for cell in shown.values().flat_map(Observation::cells) {
        let day = cell.original().and_then(|original| original.retrieved.get(..10)).unwrap_or_default();
        newest = newest.max(day);
    }
    newest.to_owned()
}

/// The figures printed so far, sorted by id.
pub fn shown(context: &Context<'_>) -> Vec<Observation> {
    context.shown.borrow().values().cloned().collect()
}

/// The tables behind a figure, its inputs' included; of a missing one, the table that has nothing.
fn tables(observation: &Observation, into: &mut BTreeSet<String>) {
    match &observation.evidence {
        Evidence::Computed { inputs, .. } => {
            for input in inputs {
                tables(input, into);
            }
        }
        Evidence::Cell(_) | Evidence::Nowhere => {
            if !observation.dataflow.is_empty() {
                into.insert(format!("{}/{}", observation.source, observation.dataflow));
            }
        }
    }
}

/// The tables behind figures, and their indicators with those of their inputs.
pub fn rests_on(observations: &[Observation]) -> (BTreeSet<String>, BTreeSet<String>) {
    fn indicators(observation: &Observation, into: &mut BTreeSet<String>) {
        into.insert(observation.indicator.clone());
        if let Evidence::Computed { inputs, .. } = &observation.evidence {
            for input in inputs {
                indicators(input, into);
            }
        }
    }
    let (mut flows, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for observation in observations {
        tables(observation, &mut flows);
        indicators(observation, &mut ids);
    }
    (flows, ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_about_another_places_table_is_left_out() {
        let elsewhere = BTreeSet::from(["destatis/t1".to_owned()]);
        let kept = |at: &str| !about(&[Finding::info("x", at, "m")], &elsewhere).is_empty();
        for (at, expected) in [
            ("destatis/t1", false),
            ("seed destatis/t1", false),
            ("destatis/t1: row 3", false),
            ("destatis/t12", true),
            ("eurostat/x", true),
            ("the study", true),
        ] {
            assert_eq!(kept(at), expected, "{at}");
        }
    }
}
