//! Which of a table's dimensions is which of ours: by the ids that a record states, or by role, id or label where the
//! office renames its ids.
//!
//! Guesses nothing: what fits no dimension, or several, is a finding.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::{Dataflow, Definitions};
use baseline_model::{Finding, RawTable, is_meant};

/// The id of each mapped dimension of `table` -> our name; unmapped dimensions are not in it.
pub fn names(dataflow_id: &str, dataflow: &Dataflow, table: &RawTable, findings: &mut Vec<Finding>) -> BTreeMap<String, String> {
    let there = || table.dimensions.iter().map(|column| column.id.as_str()).collect::<Vec<_>>().join(", ");
    let hint = || format!("the provider changed the table: edit pipelines/dataflows/{dataflow_id}.toml");
    let mut names = BTreeMap::new();
    for (theirs, ours) in &dataflow.dimensions {
        if table.dimension(theirs).is_some() {
            names.insert(theirs.clone(), ours.clone());
        } else {
            let message = format!("expected the dimension `{theirs}`, found {}", there());
            findings.push(Finding::error("dimension-gone", dataflow_id, message).hint(hint()));
        }
    }
    for (ours, candidates) in &dataflow.find {
        let own = std::iter::once(ours);
        let mut fits = candidates.iter().chain(own).map(|candidate| {
            table
                .dimensions
                .iter()
                .filter(|column| !names.contains_key(&column.id) && is_meant(candidate, &column.id, &column.label, column.role))
                .collect::<Vec<_>>()
        });
        let found = fits.find_map(|columns| match columns.as_slice() {
            [column] => Some(column.id.clone()),
            _ => None,
        });
        if let Some(id) = found {
            names.insert(id, ours.clone());
        } else {
            let message = format!("no single dimension is `{ours}` by {}; found {}", candidates.join(", "), there());
            findings.push(Finding::error("dimension-gone", dataflow_id, message).hint(hint()));
        }
    }
    names
}

/// Says which codes the records ask for and the table does not have: those the dataflow maps, and those the series of
/// indicators draw on. `raw` holds the table's codes, `mapped` the same in our words. Of a table that we have `cut` the
/// codes that are left out are no finding: the list of indicators says which have no figures.
pub fn asked(
    definitions: &Definitions,
    (dataflow_id, dataflow): (&str, &Dataflow),
    raw: &BTreeMap<&str, BTreeSet<&str>>,
    mapped: &BTreeMap<&str, BTreeSet<&str>>,
    cut: bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Which regions a table has is said by the ladder of each indicator.
    for (ours, codes) in dataflow.codes.iter().filter(|(ours, _)| *ours != super::GEO) {
        let Some(there) = raw.get(ours.as_str()) else { continue };
        let mut by_target: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (theirs, target) in codes {
            by_target.entry(target).or_default().push(theirs.trim());
        }
        for (target, theirs) in by_target.iter().filter(|(_, theirs)| !theirs.iter().any(|code| there.contains(code))) {
            let message = format!("`{target}` should be {ours} {}, which the table does not have", theirs.join(" or "));
            findings.push(Finding::info("code-gone", dataflow_id, message).hint(known(there)));
        }
    }
    for (id, indicator) in &definitions.indicators {
        for series in indicator.series.iter().filter(|series| series.dataflow == dataflow_id) {
            let wanted = series.filter.iter().map(|(name, code)| (name, std::slice::from_ref(code)));
            for (name, codes) in wanted.chain(series.sum.iter().map(|(name, codes)| (name, codes.as_slice()))) {
                let Some(there) = mapped.get(name.as_str()) else {
                    let found = mapped.keys().copied().collect::<Vec<_>>().join(", ");
                    let message = format!("the indicator {id} asks for the dimension `{name}`, found {found}");
                    findings.push(Finding::error("dimension-gone", dataflow_id, message).hint("its figures stay empty"));
                    continue;
                };
                for code in codes.iter().filter(|code| !cut && !there.contains(code.as_str())) {
                    let message = format!("the indicator {id} asks for {name} `{code}`, which the table does not have");
                    findings.push(Finding::warning("code-gone", dataflow_id, message).hint(known(there)));
                }
            }
        }
    }
    findings
}

/// The first codes of a dimension, for a hint.
fn known(codes: &BTreeSet<&str>) -> String {
    let shown: Vec<_> = codes.iter().take(8).map(|code| format!("`{code}`")).collect();
    let more = if codes.len() > shown.len() { format!(" and {} more", codes.len() - shown.len()) } else { String::new() };
    format!("it has {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use baseline_model::{Column, Role};

    use super::*;

    /// Columns as `id/label/role`, the names given; codes of the findings.
    fn check(find: &[(&str, &[&str])], columns: &[&str], expected: &[(&str, &str)], findings: usize) {
        let table = RawTable { dimensions: columns.iter().map(|text| column(text)).collect(), ..empty() };
        let text = |(ours, candidates): &(&str, &[&str])| {
            ((*ours).to_owned(), candidates.iter().map(|candidate| (*candidate).to_owned()).collect())
        };
        let dataflow = Dataflow { find: find.iter().map(text).collect(), ..Dataflow::default() };
        let mut found = Vec::new();
        let names = names("s/t", &dataflow, &table, &mut found);
        let names: Vec<_> = names.iter().map(|(theirs, ours)| (theirs.as_str(), ours.as_str())).collect();
        assert_eq!(names, expected, "{columns:?}");
        assert_eq!(found.len(), findings, "{found:?}");
    }

    fn column(text: &str) -> Column {
        let mut parts = text.split('/');
        let mut column = Column::new(parts.next().unwrap_or_default());
        column.label = parts.next().unwrap_or_default().to_owned();
        column.role = match parts.next() {
            Some("geo") => Some(Role::Geo),
            Some("metric") => Some(Role::Metric),
            _ => None,
        };
        column
    }

    fn empty() -> RawTable {
        baseline_source::read(b"geo,period,value\n", "empty", &baseline_source::ReadOptions::default()).tables.remove(0)
    }

    #[test]
    fn a_renamed_dimension_is_found() {
        let geo: &[(&str, &[&str])] = &[("geo", &["role:geo", "alue*", "municipality"])];
        check(geo, &["alue_23/Alue/geo", "x"], &[("alue_23", "geo")], 0);
        check(geo, &["kunta/Municipality", "x"], &[("kunta", "geo")], 0);
        check(geo, &["a/x/geo", "b/x/geo", "alue"], &[("alue", "geo")], 0);
        check(geo, &["alue1", "alue2"], &[], 1);
        check(geo, &["geo", "x"], &[("geo", "geo")], 0);
        let two: &[(&str, &[&str])] = &[("measure", &["role:metric", "*content*"]), ("sex", &["*kon*"])];
        check(two, &["contentscode", "kon"], &[("contentscode", "measure"), ("kon", "sex")], 0);
    }
}
