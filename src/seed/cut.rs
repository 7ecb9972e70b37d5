//! Cuts one original down to the cells that the recipe keeps.
//!
//! Why apart: every way in which a cell can be left out stands here, and each leaves a finding or a
//! fault. It does not know how the seed is written.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::{Dataflow, Definitions};
use baseline_model::{Column, Finding, Original, Period, RawTable, Reason};

use super::recipe::{Item, Page, Regions};
use crate::harmonise::{self, Places, Statuses};

/// One kept cell. The key has the codes in the order of the dataflow's columns.
#[derive(Debug, Clone)]
pub struct Row {
    pub value: Option<f64>,
    pub obs_status: String,
    pub conf_status: String,
    /// Index into the dataflow's originals.
    pub original: usize,
    pub position: String,
}

/// A dataflow while its originals are read.
#[derive(Debug, Default)]
pub struct Flow {
    pub columns: Vec<String>,
    pub originals: Vec<Original>,
    pub rows: BTreeMap<(Vec<String>, Period), Row>,
}

/// What is said about an original: faults stop the build, findings are for the record.
#[derive(Debug, Default)]
pub struct Remarks {
    pub faults: Vec<String>,
    pub findings: Vec<Finding>,
}

impl Remarks {
    fn note(&mut self, item: &Item, code: &'static str, count: u64, message: impl Into<String>) {
        if count > 0 {
            let finding = Finding { count, ..Finding::info(code, &item.file, message) };
            self.findings.push(finding);
        }
    }
}

/// The dataflow an original belongs to, and the definitions by which its codes are understood.
#[derive(Clone, Copy)]
pub struct Meaning<'a> {
    pub definitions: &'a Definitions,
    pub dataflow: &'a Dataflow,
    pub regions: &'a Regions,
}

/// Adds the kept cells of an original's tables to its dataflow. `original` holds what is known of the file;
/// its stamp is taken from the tables when they have one.
pub fn cut(
    item: &Item,
    tables: Vec<RawTable>,
    original: &Original,
    meaning: Meaning<'_>,
    flow: &mut Flow,
    remarks: &mut Remarks,
) {
    let file = &item.file;
    let mut seen = BTreeSet::new();
    let mut unused: BTreeSet<(&String, &String)> =
        item.keep.iter().flat_map(|(name, codes)| codes.iter().map(move |code| (name, code))).collect();
    let mut excluded = vec![0_u64; item.exclude.len()];
    let mut no_period: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut repeated, mut superseded, mut numbers_kept) = (0, 0, 0);
    let mut numbers: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let tables: Vec<(RawTable, Option<String>)> =
        tables.into_iter().map(|table| called(item, table, meaning.dataflow, remarks)).collect();
    for (table, geo) in &tables {
        let named: BTreeMap<&str, &Column> = table.dimensions.iter().map(|column| (column.id.as_str(), column)).collect();
        let Some(columns) = written(item, table, &named, flow, remarks) else { continue };
        for (name, code) in unused.clone() {
            if named.get(name.as_str()).is_some_and(|column| column.dictionary.contains(code)) {
                unused.remove(&(name, code));
            }
        }
        let geo = geo.as_ref().and_then(|geo| named.get(geo.as_str()).copied());
        let Some(first) = first_periods(item, geo, meaning, remarks) else { continue };
        let statuses = Statuses::new(meaning.definitions, &item.dataflow, table, &mut remarks.findings);
        let kept = kept_codes(item, &named);
        for row in 0..table.len() {
            let code = |name: &str| named.get(name).map_or("", |column| column.get(row));
            if !kept.iter().all(|(column, kept)| kept[column.codes[row] as usize]) {
                continue;
            }
            let Some(first) = first.1[first.0.codes[row] as usize] else { continue };
            let text = harmonise::period_text(meaning.dataflow, table.period.get(row));
            let Some(period) = Period::parse(text) else {
                *no_period.entry(text).or_default() += 1;
                continue;
            };
            if period < first {
                continue;
            }
            let value = table.value[row];
            if let Some(rule) = item.exclude.iter().position(|rule| {
                rule.filter.iter().all(|(name, wanted)| match name.as_str() {
                    "period" => wanted == text,
                    "value" => value.is_some_and(|number| number.to_string() == *wanted),
                    dimension => wanted == code(dimension),
                })
            }) {
                excluded[rule] += 1;
                continue;
            }
            let key = (columns.iter().map(|name| code(name).to_owned()).collect::<Vec<_>>(), period);
            let mut new = Row {
                value,
                obs_status: table.obs_status.get(row).to_owned(),
                conf_status: table.conf_status.get(row).to_owned(),
                original: 0,
                position: table.positions.text(row),
            };
            if let (false, Some(before)) = (seen.insert(key.clone()), flow.rows.get(&key)) {
                if (before.value, &before.obs_status, &before.conf_status) == (new.value, &new.obs_status, &new.conf_status) {
                    repeated += 1;
                } else {
                    remarks.faults.push(format!(
                        "{file}: two different cells for {} {period}: {} at {} and {} at {}; exclude one in the recipe and say why",
                        key.0.join(","),
                        printed(before.value),
                        before.position,
                        printed(new.value),
                        new.position
                    ));
                }
                continue;
            }
            let page: Vec<String> = item.page.iter().flat_map(page_names).map(|name| code(name).to_owned()).collect();
            new.original = *numbers.entry(page.clone()).or_insert_with(|| {
                flow.originals.push(described(item, original, table, &page));
                flow.originals.len() - 1
            });
            // "Nothing there" in a newer file says nothing about the figure published before; a withheld one does.
            if let Some(before) = flow.rows.get(&key)
                && (before.value.is_some(), new.value) == (true, None)
                && matches!(statuses.reason(row), Reason::Absent | Reason::NotAvailable)
            {
                numbers_kept += 1;
                continue;
            }
            superseded += u64::from(flow.rows.insert(key, new).is_some());
        }
    }
    for (name, code) in unused {
        remarks.faults.push(format!("{file}: the recipe keeps `{name}` = `{code}`, which the file does not have"));
    }
    for (rule, count) in item.exclude.iter().zip(excluded) {
        if count == 0 {
            remarks.faults.push(format!("{file}: nothing matches the exclusion {:?}", rule.filter));
        }
        remarks.note(item, "seed-excluded", count, &rule.reason);
    }
    for (text, count) in no_period {
        remarks.note(item, "seed-no-period", count, format!("`{text}` is no reference period: left out"));
    }
    remarks.note(item, "seed-repeated", repeated, "stated twice with the same value: the first is kept");
    remarks.note(item, "seed-number-kept", numbers_kept, "without a number here, and with one in an earlier original: it stays");
    remarks.note(item, "seed-superseded", superseded, "of an earlier original, superseded by this newer one");
}

/// A number as it is written: the shortest text that reads back as the same number; nothing for none.
pub fn printed(value: Option<f64>) -> String {
    value.map(|number| number.to_string()).unwrap_or_default()
}

/// The columns that are written, under their new names; `None`, with a fault, when they are not those of the
/// dataflow's other originals or the recipe names one that the file does not have.
fn written(
    item: &Item,
    table: &RawTable,
    named: &BTreeMap<&str, &Column>,
    flow: &mut Flow,
    remarks: &mut Remarks,
) -> Option<Vec<String>> {
    let file = &item.file;
    let page: BTreeSet<&String> = item.page.iter().flat_map(page_names).collect();
    let asked = item.keep.keys().chain(&item.drop).chain(item.rename.values()).chain(page);
    let missing: BTreeSet<&String> = asked.filter(|name| !named.contains_key(name.as_str())).collect();
    if !missing.is_empty() {
        remarks.faults.push(format!("{file}: the recipe names {missing:?}; the file has {:?}", named.keys().collect::<Vec<_>>()));
        return None;
    }
    let names = table.dimensions.iter().map(|column| &column.id);
    let mut columns: Vec<String> = names.filter(|name| !item.drop.contains(*name)).cloned().collect();
    // The first original of a dataflow gives the order.
    if flow.columns.is_empty() {
        flow.columns.clone_from(&columns);
        return Some(columns);
    }
    let mut expected = flow.columns.clone();
    expected.sort();
    columns.sort();
    if columns != expected {
        remarks.faults.push(format!("{file}: the dimensions are {columns:?}, those of an earlier original {expected:?}"));
        return None;
    }
    Some(flow.columns.clone())
}

/// The table with its dimensions called as they are written, and the one that holds the region. What is found by role or
/// label is written under our name: a tidy file has neither.
fn called(item: &Item, mut table: RawTable, dataflow: &Dataflow, remarks: &mut Remarks) -> (RawTable, Option<String>) {
    for column in &mut table.dimensions {
        if let Some(name) = item.rename.get(&column.id) {
            column.id.clone_from(name);
        }
    }
    let mut findings = Vec::new();
    let names = harmonise::names(&item.dataflow, dataflow, &table, &mut findings);
    remarks.faults.extend(findings.into_iter().map(|finding| format!("{}: {}", item.file, finding.message)));
    for column in &mut table.dimensions {
        if let Some(ours) = names.get(&column.id).filter(|ours| dataflow.find.contains_key(*ours)) {
            column.id.clone_from(ours);
        }
    }
    let named = table.dimensions.iter().find(|column| {
        let ours = names.get(&column.id).unwrap_or(&column.id);
        ours == harmonise::GEO
    });
    let geo = named.map(|column| column.id.clone());
    (table, geo)
}

/// The region column, and for each of its codes the first period kept; `None` for a code that is not kept.
fn first_periods<'t>(
    item: &Item,
    column: Option<&'t Column>,
    meaning: Meaning<'_>,
    remarks: &mut Remarks,
) -> Option<(&'t Column, Vec<Option<Period>>)> {
    let regions = meaning.regions;
    let Some(column) = column else {
        remarks.faults.push(format!("{}: no dimension `geo`; rename the one that holds the region", item.file));
        return None;
    };
    let places = Places::new(meaning.definitions, &item.dataflow);
    let mut starts = Vec::new();
    for (group, text) in &item.geo {
        match Period::parse(text) {
            Some(period) => starts.push((*group, period)),
            None => remarks.faults.push(format!("{}: `{text}` is no period in the recipe's geo", item.file)),
        }
    }
    let first = |code: &String| {
        let groups = starts.iter().filter(|(group, _)| regions.contains(*group, code, item));
        groups.map(|(_, period)| *period).min()
    };
    let codes: Vec<String> = column.dictionary.iter().map(|code| places.text(code)).collect();
    let firsts: Vec<Option<Period>> = codes.iter().map(first).collect();
    for (code, first) in codes.iter().zip(&firsts) {
        if let (Some(_), Some(version)) = (first, item.nuts)
            && regions.foreign_to(code, version)
        {
            remarks
                .faults
                .push(format!("{}: region `{code}` does not exist in NUTS {version}, which the recipe states", item.file));
        }
    }
    Some((column, firsts))
}

/// For every kept dimension whether each code of its dictionary is kept.
fn kept_codes<'t>(item: &Item, named: &BTreeMap<&str, &'t Column>) -> Vec<(&'t Column, Vec<bool>)> {
    let kept = |(name, codes): (&String, &Vec<String>)| {
        let column = *named.get(name.as_str())?;
        Some((column, column.dictionary.iter().map(|code| codes.contains(code)).collect()))
    };
    item.keep.iter().filter_map(kept).collect()
}

fn page_names(page: &Page) -> impl Iterator<Item = &String> {
    [&page.url, &page.updated].into_iter().chain(&page.found)
}

/// The original with its stamp; or one page of it.
fn described(item: &Item, original: &Original, table: &RawTable, page: &[String]) -> Original {
    if let [url, updated, found @ ..] = page {
        return Original { url: url.clone(), updated: updated.clone(), found: found.join(": "), ..original.clone() };
    }
    let updated = table.updated.clone().unwrap_or_else(|| item.updated.clone());
    Original { updated, ..original.clone() }
}
