//! What a study reads: for every dataflow the newest whole vintage that was pulled, else the shipped seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_model::definitions::{Definitions, Disclosure, Shape, Study};
use baseline_model::{Finding, Positions, RawTable, Reading, Receipt};
use baseline_source::{Labels, ReadOptions};
use rayon::prelude::*;

use super::geometry;
use crate::disclose::{self, Pattern};
use crate::harmonise::{self, Tidy};
pub use crate::seed::read_options;
use crate::store::{Store, StoreError, Vintage, sha256};
use crate::{derive, load, seed};

/// Where the current figures of a dataflow are.
#[derive(Debug, Clone)]
pub enum Stored {
    Pulled(Vintage),
    Seed(Receipt),
}

impl Stored {
    pub fn receipt(&self) -> &Receipt {
        match self {
            Self::Pulled(vintage) => &vintage.receipt,
            Self::Seed(receipt) => receipt,
        }
    }
}

/// The dataflows of a study with what is stored of them, and the hash over all of it.
#[derive(Debug)]
pub struct Inputs {
    pub stored: BTreeMap<String, Stored>,
    /// Boundaries of regions for maps, where they were pulled.
    pub geometry: BTreeMap<String, Stored>,
    /// Dataflows that are neither pulled nor shipped.
    pub nowhere: Vec<String>,
    /// Of the receipts: the same digest means the same figures.
    pub digest: String,
    pub findings: Vec<Finding>,
}

/// Dataflows that the study's indicators, and the indicators those are computed from or held against, draw on.
pub fn dataflows(definitions: &Definitions, study: &Study) -> BTreeSet<String> {
    let mut open: Vec<&String> = study.chapters.iter().flat_map(|chapter| &chapter.indicators).collect();
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        let Some(indicator) = definitions.indicators.get(id).filter(|_| seen.insert(id)) else { continue };
        found.extend(indicator.series.iter().map(|series| series.dataflow.clone()));
        open.extend(indicator.inputs().chain(&indicator.weight));
        open.extend(indicator.compare_with.iter().map(|record| &record.indicator));
    }
    found
}

/// Finds the current figures without reading them.
///
/// # Errors
/// When the store cannot be listed.
pub fn find(definitions: &Definitions, study: &Study, store: &Store) -> Result<Inputs, StoreError> {
    find_of(dataflows(definitions, study), &BTreeSet::new(), store)
}

/// As [`find`], with every other dataflow of which something is stored.
///
/// # Errors
/// When the store cannot be listed.
pub fn find_all(definitions: &Definitions, study: &Study, store: &Store) -> Result<Inputs, StoreError> {
    let needed = dataflows(definitions, study);
    let others = definitions.dataflows.keys().filter(|id| !needed.contains(*id)).cloned().collect();
    find_of(needed, &others, store)
}

/// The same tables as they were before: each one's vintage before the newest, the shipped table before the first. `None`
/// when no table has an earlier state.
///
/// # Errors
/// When the store cannot be listed.
pub fn earlier(inputs: &Inputs, store: &Store) -> Result<Option<Inputs>, StoreError> {
    let shipped = load::seed_receipts();
    let mut stored = inputs.stored.clone();
    let mut found = false;
    for (id, state) in &mut stored {
        let Stored::Pulled(newest) = state else { continue };
        let (vintages, _) = store.vintages(id)?;
        let before =
            vintages.into_iter().rev().find(|vintage| vintage.held.is_none() && vintage.name < newest.name).map(Stored::Pulled);
        if let Some(before) = before.or_else(|| shipped.get(id).cloned().map(Stored::Seed)) {
            *state = before;
            found = true;
        }
    }
    let geometry = inputs.geometry.clone();
    let digest = digest(&stored, &geometry);
    Ok(found.then(|| Inputs { stored, geometry, nowhere: Vec::new(), digest, findings: Vec::new() }))
}

/// `needed` without figures are findings, `others` are not.
fn find_of(needed: BTreeSet<String>, others: &BTreeSet<String>, store: &Store) -> Result<Inputs, StoreError> {
    let shipped = load::seed_receipts();
    let (mut stored, mut nowhere, mut findings) = (BTreeMap::new(), Vec::new(), Vec::new());
    for dataflow in needed.into_iter().chain(others.iter().cloned()) {
        let (latest, odd) = store.latest(&dataflow)?;
        findings.extend(odd);
        match (latest, shipped.get(&dataflow)) {
            (Some(vintage), _) => drop(stored.insert(dataflow, Stored::Pulled(vintage))),
            (None, Some(receipt)) => drop(stored.insert(dataflow, Stored::Seed(receipt.clone()))),
            (None, None) if others.contains(&dataflow) => {}
            // A table that is declared and not yet at hand is a gap, which the coverage names; no fault of this run.
            (None, None) => nowhere.push(dataflow),
        }
    }
    if !nowhere.is_empty() {
        let message =
            format!("{} declared tables are neither pulled nor shipped; the coverage names what they would give", nowhere.len());
        findings.push(Finding::info("no-data", "the study", message).hint("with a network: baseline pull"));
    }
    let (geometry, odd) = geometry::find(store)?;
    findings.extend(odd);
    let digest = digest(&stored, &geometry);
    Ok(Inputs { stored, geometry, nowhere, digest, findings })
}

fn digest(stored: &BTreeMap<String, Stored>, geometry: &BTreeMap<String, Stored>) -> String {
    let mut text = String::new();
    for (dataflow, stored) in stored.iter().chain(geometry) {
        text.push_str(dataflow);
        for original in &stored.receipt().originals {
            text.push_str(&format!(" {} {} {}", original.sha256, original.updated, original.observations));
        }
        text.push('\n');
    }
    sha256(text.as_bytes())
}

/// Reads and harmonises every dataflow, in parallel; the result does not depend on the order.
///
/// # Errors
/// When a stored file cannot be read.
pub fn read(
    definitions: &Definitions,
    study: &Study,
    inputs: &Inputs,
) -> Result<(BTreeMap<String, Tidy>, Vec<Finding>), StoreError> {
    let keep = regions(definitions, study);
    let labels = seed::labels(definitions);
    let tables: Result<Vec<_>, StoreError> = inputs
        .stored
        .par_iter()
        .map(|(id, stored)| {
            let reading = read_stored(definitions, id, stored, &labels)?;
            let mut findings = reading.findings;
            let tidy = combine(reading.tables).and_then(|table| {
                let dataflow = definitions.dataflows.get(id)?;
                match harmonise::harmonise(definitions, id, dataflow, table, Arc::new(stored.receipt().clone()), &keep) {
                    Ok(tidy) => Some(tidy),
                    Err(error) => {
                        findings.push(Finding::error("harmonise", id.as_str(), error.to_string()));
                        None
                    }
                }
            });
            Ok((id.clone(), tidy, findings))
        })
        .collect();
    let mut all = BTreeMap::new();
    let mut findings = inputs.findings.clone();
    for (id, tidy, odd) in tables? {
        findings.extend(odd);
        if let Some(tidy) = tidy {
            findings.extend(tidy.findings.iter().cloned());
            all.insert(id, tidy);
        }
    }
    Ok((all, findings))
}

/// The study's own regions, their parents and the benchmarks.
fn regions(definitions: &Definitions, study: &Study) -> BTreeSet<String> {
    let mut keep: BTreeSet<String> = derive::benchmarks(definitions, study);
    for territory in study.territories.iter().filter_map(|id| definitions.territories.get(id)) {
        keep.extend(derive::rungs(territory).into_iter().flat_map(|rung| rung.codes));
    }
    keep
}

fn read_stored(definitions: &Definitions, id: &str, stored: &Stored, labels: &Labels) -> Result<Reading, StoreError> {
    let options = match stored {
        // The seed is tidy: its layout is ours.
        Stored::Seed(_) => ReadOptions { labels: Some(labels), ..ReadOptions::default() },
        Stored::Pulled(_) => read_options(definitions, id, labels),
    };
    match stored {
        Stored::Seed(_) => {
            let mut reading = baseline_source::read(&load::seed_bytes(id).unwrap_or_default(), &format!("seed {id}"), &options);
            // Its status signs are each source's own, which a tidy file does not say: harmonise knows them all.
            reading.findings.retain(|finding| finding.code != "unknown-flag");
            Ok(reading)
        }
        Stored::Pulled(vintage) => read_vintage(vintage, id, &options, rule_of(definitions, id)),
    }
}

/// The rule by which counts of a dataflow are hidden.
fn rule_of<'d>(definitions: &'d Definitions, id: &str) -> Option<&'d Disclosure> {
    definitions.dataflows.get(id).and_then(|dataflow| dataflow.disclosure.as_ref()).filter(|rule| rule.apply)
}

/// All originals of a vintage, protected one after the other from the last, which is the oldest where there are several
/// editions: what was hidden in one stays hidden in the next.
fn read_vintage(
    vintage: &Vintage,
    id: &str,
    options: &ReadOptions<'_>,
    rule: Option<&Disclosure>,
) -> Result<Reading, StoreError> {
    let originals = &vintage.receipt.originals;
    let mut all = Reading::default();
    let mut pattern = Pattern::default();
    for (index, original) in originals.iter().enumerate().rev() {
        let bytes = vintage.original(index + 1)?;
        let dated = dated(options.shapes, &original.period);
        let options = ReadOptions { shapes: &dated, ..*options };
        let mut reading = baseline_source::read(&bytes, &original.file, &options);
        for table in &mut reading.tables {
            all.findings.extend(rule.into_iter().flat_map(|rule| disclose::protect(table, id, rule, &mut pattern)));
            if originals.len() > 1 {
                number_rows(table, index + 1);
            }
        }
        all.findings.append(&mut reading.findings);
        all.tables.splice(0..0, reading.tables);
    }
    Ok(all)
}

/// The layouts with the period that was given with a file that states none.
pub fn dated(shapes: &[Shape], period: &str) -> Vec<Shape> {
    let mut shapes = shapes.to_vec();
    if !period.is_empty() {
        for block in shapes.iter_mut().flat_map(|shape| &mut shape.blocks).filter(|block| block.period.is_some()) {
            block.period = Some(period.to_owned());
        }
    }
    shapes
}

/// Adds the `original` column, as the seed has it.
fn number_rows(table: &mut RawTable, original: usize) {
    let mut column = baseline_model::Column::new("original");
    column.dictionary.push(original.to_string());
    column.codes = vec![0; table.len()];
    table.dimensions.push(column);
}

/// Tables of one dataflow, one below the other. `None` without a table.
fn combine(tables: Vec<RawTable>) -> Option<RawTable> {
    let mut tables = tables.into_iter();
    let mut all = tables.next()?;
    for table in tables {
        let rows = all.len();
        let texts = |positions: &Positions| -> Vec<String> { (0..positions.len()).map(|row| positions.text(row)).collect() };
        let mut positions = texts(&all.positions);
        positions.extend(texts(&table.positions));
        all.positions = Positions::Text(positions);
        for column in &mut all.dimensions {
            match table.dimension(&column.id) {
                Some(more) => append(column, more),
                None => append(column, &blank(&column.id, table.len())),
            }
        }
        for more in &table.dimensions {
            if all.dimension(&more.id).is_none() {
                let mut column = blank(&more.id, rows);
                append(&mut column, more);
                all.dimensions.push(column);
            }
        }
        append(&mut all.period, &table.period);
        append(&mut all.obs_status, &table.obs_status);
        append(&mut all.conf_status, &table.conf_status);
        all.value.extend(table.value);
    }
    Some(all)
}

fn blank(id: &str, rows: usize) -> baseline_model::Column {
    let mut column = baseline_model::Column::new(id);
    column.dictionary.push(String::new());
    column.codes = vec![0; rows];
    column
}

fn append(column: &mut baseline_model::Column, more: &baseline_model::Column) {
    let mut known: BTreeMap<String, u32> = column.dictionary.iter().cloned().zip(0..).collect();
    let mapped: Vec<u32> = more
        .dictionary
        .iter()
        .map(|text| {
            *known.entry(text.clone()).or_insert_with(|| {
                column.dictionary.push(text.clone());
                u32::try_from(column.dictionary.len() - 1).unwrap_or(u32::MAX)
            })
        })
        .collect();
    column.codes.extend(more.codes.iter().map(|code| mapped[*code as usize]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> RawTable {
        baseline_source::read(text.as_bytes(), "specimen", &ReadOptions::default()).tables.remove(0)
    }

    #[test]
    fn answers_of_one_dataflow_are_one_table() {
        let (mut first, mut second) =
            (table("geo,period,value,obs_status\nPL,2024,1,b\n"), table("sex,geo,period,value\nT,SI,2023,\nT,PL,2023,2\n"));
        number_rows(&mut first, 1);
        number_rows(&mut second, 2);
        let all = combine(vec![first, second]).expect("there are tables");
        let rows: Vec<String> = (0..all.len())
            .map(|row| {
                let texts = ["geo", "sex", "original"].map(|id| all.dimension(id).map_or("?", |column| column.get(row)));
                format!("{} {} {:?} {}", texts.join("/"), all.period.get(row), all.value[row], all.obs_status.get(row))
            })
            .collect();
        assert_eq!(rows, ["PL//1 2024 Some(1.0) b", "SI/T/2 2023 None ", "PL/T/2 2023 Some(2.0) "]);
        assert_eq!(all.positions.len(), 3);
        assert!(combine(Vec::new()).is_none());
    }
}
