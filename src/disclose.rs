//! Compute: protects a partner's unpublished counts before they become observations. Which cells these are is decided by
//! [`baseline_method::disclosure`]; here a table is taken apart for it, and rates, vintages and marks are seen to.
//!
//! Hidden are counts below a threshold, breakdowns and rates of few persons, and as many further cells as it takes that
//! none of these can be worked out from the totals that are shown. What was hidden in an earlier vintage stays hidden, and
//! what was shown then protects nothing now. The same input gives the same pattern.
//!
//! Never called for figures that their office has published. Changes no number but by declared rounding.
//!
//! ```text
//! geo,measure,period,value         geo,measure,period,value,obs_status
//! T,total,2025,812                 T,total,2025,812,
//! T,eu,2025,3                      T,eu,2025,,H          below the threshold
//! T,non_eu,2025,61                 T,non_eu,2025,,H      or the total less this would be the other
//! T,national,2025,748              T,national,2025,748,
//! ```

use std::collections::{BTreeMap, BTreeSet};

use baseline_method::disclosure::{self, Item, Reason};
use baseline_model::definitions::Disclosure;
use baseline_model::{Column, Finding, RawTable};

pub use baseline_method::disclosure::{HIDDEN, ROUNDED};

/// Which cells of a table were shown and which not, so far; a cell is its `dimension=code` texts in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pattern {
    pub hidden: BTreeSet<Vec<String>>,
    /// With the number: one that has changed since is not known.
    pub shown: BTreeMap<Vec<String>, f64>,
}

/// The dimension of figures beside one another in a sheet.
const MEASURE: &str = "measure";
/// Numbers the originals of a joined table; no dimension of the figures.
const ORIGINAL: &str = "original";

/// Hides cells of a table after its rule. `earlier` is the pattern of the vintages before and is brought up to date.
/// Returns what was done as a finding, and an error when a count could not be protected: then every count is hidden.
pub fn protect(table: &mut RawTable, at: &str, rule: &Disclosure, earlier: &mut Pattern) -> Vec<Finding> {
    let columns: Vec<&Column> = table.dimensions.iter().filter(|column| column.id != ORIGINAL).chain([&table.period]).collect();
    let totals: Vec<Option<&str>> = columns.iter().map(|column| rule.totals.get(&column.id).map(String::as_str)).collect();
    let measure = columns.iter().position(|column| column.id == MEASURE);
    let keys: Vec<Vec<&str>> = (0..table.len()).map(|row| columns.iter().map(|column| column.get(row)).collect()).collect();
    let names: Vec<Vec<String>> = keys
        .iter()
        .map(|key| {
            let mut name: Vec<String> = columns.iter().zip(key).map(|(column, code)| format!("{}={code}", column.id)).collect();
            name.sort();
            name
        })
        .collect();
    let is_rate = |row: usize| measure.is_some_and(|measure| rule.rates.contains_key(keys[row][measure]));
    let counts: Vec<usize> = (0..table.len()).filter(|row| !is_rate(*row)).collect();
    let items = counts
        .iter()
        .map(|row| Item {
            key: keys[*row].clone(),
            count: table.value[*row],
            hidden_before: earlier.hidden.contains(&names[*row]),
            shown_before: earlier.shown.get(&names[*row]).copied(),
            base: None,
        })
        .collect();
    let outcome = disclosure::hide(items, &totals, rule);
    let mut hidden = vec![false; table.len()];
    counts.iter().zip(&outcome.hidden).for_each(|(row, hide)| hidden[*row] = *hide);
    let rates = (0..table.len()).filter(|row| is_rate(*row)).collect::<Vec<_>>();
    let by_key: BTreeMap<&[&str], usize> = counts.iter().map(|row| (keys[*row].as_slice(), *row)).collect();
    for row in &rates {
        if let Some(measure) = measure {
            hidden[*row] = earlier.hidden.contains(&names[*row])
                || !rate_is_safe(table, rule, (*row, measure), &keys, (&counts, &by_key, &hidden));
        }
    }
    let rounded = rule.rounding > 1;
    let shown_counts: &[Option<f64>] = if rounded { &outcome.rounded } else { &[] };
    drop(by_key);
    let hidden_rates = rates.iter().filter(|row| hidden[**row]).count();
    drop(keys);
    for (index, row) in counts.iter().enumerate() {
        if let Some(Some(number)) = shown_counts.get(index).filter(|_| !hidden[*row]) {
            table.value[*row] = Some(*number);
            mark(&mut table.obs_status, *row, ROUNDED);
        }
    }
    for row in 0..table.len() {
        // A cell that the partner left empty keeps its own mark.
        if hidden[row] && table.value[row].is_some() {
            table.value[row] = None;
            mark(&mut table.obs_status, row, HIDDEN);
        }
        match table.value[row] {
            Some(number) => drop(earlier.shown.insert(names[row].clone(), number)),
            None => drop(earlier.hidden.insert(names[row].clone())),
        }
    }
    let mut findings = Vec::new();
    if !outcome.unprotected.is_empty() {
        let first = outcome.unprotected.iter().find_map(|index| counts.get(*index)).map_or("", |row| names[*row][0].as_str());
        let message = format!(
            "{} small counts can be worked out from figures that an earlier vintage showed ({first} ...); every count is hidden",
            outcome.unprotected.len()
        );
        findings
            .push(Finding::error("disclosure-broken", at, message).hint("withdraw the earlier figures, or publish totals alone"));
    }
    let small = outcome.count(Reason::Small) + outcome.count(Reason::Earlier);
    let (base, further) = (outcome.count(Reason::Group), outcome.count(Reason::Secondary));
    if small + base + further + hidden_rates > 0 {
        let message = format!(
            "{} of {} cells are hidden: {small} below {}, {base} of groups below {}, {further} so that these cannot be worked out, \
             {hidden_rates} rates",
            small + base + further + hidden_rates,
            table.len(),
            rule.threshold,
            rule.group
        );
        findings.push(Finding::info("disclosure", at, message));
    }
    findings
}

/// Whether a rate gives no small count away: it stands on enough persons, neither its numerator nor the rest of its base
/// is small, and no count beside it is hidden.
fn rate_is_safe(
    table: &RawTable,
    rule: &Disclosure,
    (row, measure): (usize, usize),
    keys: &[Vec<&str>],
    (counts, by_key, hidden): (&[usize], &BTreeMap<&[&str], usize>, &[bool]),
) -> bool {
    let Some(rate) = table.value[row] else { return true };
    let with = |code| {
        let mut key = keys[row].clone();
        key[measure] = code;
        key
    };
    let base = rule.rates.get(keys[row][measure]).and_then(|base| by_key.get(with(base.as_str()).as_slice()));
    let Some(persons) = base.filter(|base| !hidden[**base]).and_then(|base| table.value[*base]) else { return false };
    let numerator = persons * rate / 100.0;
    let small = |number: f64| number < f64::from(rule.threshold) - 0.5 && !(rule.zeros_safe && number < 0.5);
    let beside = counts.iter().any(|other| {
        hidden[*other] && (0..keys[row].len()).all(|place| place == measure || keys[*other][place] == keys[row][place])
    });
    persons >= f64::from(rule.group) && !small(numerator) && !small(persons - numerator) && !beside
}

/// Adds a letter to the status of one row.
fn mark(column: &mut Column, row: usize, letter: &str) {
    let text = format!("{}{letter}", column.get(row));
    let place = column.dictionary.iter().position(|known| *known == text).unwrap_or_else(|| {
        column.dictionary.push(text);
        column.dictionary.len() - 1
    });
    column.codes[row] = u32::try_from(place).unwrap_or(u32::MAX);
}

#[cfg(test)]
mod tests;
