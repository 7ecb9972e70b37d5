//! `provenance.json`: how every computed figure of a report came about, so that anybody can compute it again from this
//! file alone. Formula, parameters and inputs by id; an input that was read has its cell.
//!
//! Says nothing in words: that is `provenance`. Holds the values unrounded, as they were computed with.
//!
//! ```text
//! {"formulas": {"gap_pp": {"formula": "s (p − q), ...", "method": "gap", ...}},
//!  "figures": {
//!    "over_qualification.zachodniopomorskie.non_eu.T.Y20-64.2024.gap_pp": {"value": 26.4, "formula": "gap_pp", ...},
//!    "over_qualification.zachodniopomorskie.non_eu.T.Y20-64.2024": {"value": 46.3, "cell": {"position": "2#4", ...}}},
//!  "runs": {"composite.milestone.2024": {"seed": 2026, "draws": 1000, "indicators": [...], "cells": [[...], ...], ...}},
//!  "regions": {"employment_rate.non_eu.2024": {"values": {"AT11": 71.2}, "eu": ["AT11"]}}}
//! ```

use std::collections::BTreeMap;

use baseline_method::formula::documented;
use baseline_model::{Evidence, Formula, Observation, Reason, Value};
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::provenance;
use super::runs::{self, Run};

pub const NAME: &str = "provenance.json";

/// Everything that the computed figures of a report rest on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Calculations {
    /// The formulas used, by id.
    pub formulas: BTreeMap<String, Described>,
    /// Computed figures and, down to the cells, their inputs; by id.
    pub figures: BTreeMap<String, Figure>,
    /// The values that a place was found among, by the name in the parameter `among`.
    pub regions: BTreeMap<String, RegionValues>,
    /// Runs of random draws, by the name in the parameter `run`.
    #[serde(default)]
    pub runs: BTreeMap<String, Run>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Described {
    pub about: String,
    pub formula: String,
    /// Parameter -> what it means.
    pub parameters: BTreeMap<String, String>,
    pub source: String,
    /// The method of `baseline compute` that gives the same; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
}

/// A figure that was computed or read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// `None` with a reason in `missing`.
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    pub grade: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub obs_status: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub carried_years: u16,
    /// Id of the formula; empty for a figure that was read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub formula: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// Ids, in the formula's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<Place>,
}

/// Where a figure was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub dataflow: String,
    pub vintage: String,
    pub file: String,
    pub sha256: String,
    pub position: String,
    /// The source's number was multiplied with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
}

/// The regions of a table in one period that have a number.
#[derive(Debug, Serialize, Deserialize)]
pub struct RegionValues {
    /// Region code -> value as the source states it.
    pub values: BTreeMap<String, f64>,
    /// Those of the EU.
    pub eu: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(years: &u16) -> bool {
    *years == 0
}

/// What the computed ones among a report's observations rest on.
pub fn calculations(context: &Context<'_>, observations: &[Observation]) -> Calculations {
    let mut all = Calculations::default();
    for observation in observations {
        if matches!(observation.evidence, Evidence::Computed { .. }) {
            add(context, observation, &mut all);
        }
    }
    all
}

/// The file: UTF-8, a line a figure, so that two versions can be compared line by line.
pub fn bytes(calculations: &Calculations) -> Vec<u8> {
    let mut text = String::from("{");
    text.push_str(&section("formulas", &calculations.formulas));
    text.push(',');
    text.push_str(&section("figures", &calculations.figures));
    text.push(',');
    text.push_str(&section("regions", &calculations.regions));
    text.push(',');
    text.push_str(&section("runs", &calculations.runs));
    text.push_str("\n}\n");
    text.into_bytes()
}

fn section<T: Serialize>(name: &str, entries: &BTreeMap<String, T>) -> String {
    let lines: Vec<String> = entries.iter().map(|(id, entry)| format!("  {}: {}", json(id), json(entry))).collect();
    let end = if lines.is_empty() { String::new() } else { format!("\n{}\n ", lines.join(",\n")) };
    format!("\n {}: {{{end}}}", json(&name))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers are always JSON")
}

/// Adds a figure and all that it rests on; returns the name it has in the file.
fn add(context: &Context<'_>, observation: &Observation, all: &mut Calculations) -> String {
    let (value, missing) = match observation.value {
        Value::Number(number) => (Some(number), None),
        Value::Missing(reason) => (None, Some(code(reason).to_owned())),
    };
    let mut figure = Figure {
        value,
        missing,
        grade: observation.grade.to_string(),
        obs_status: observation.obs_status.to_string(),
        carried_years: observation.carried_years,
        formula: String::new(),
        parameters: BTreeMap::new(),
        inputs: Vec::new(),
        cell: None,
    };
    match &observation.evidence {
        Evidence::Cell(cell) => {
            figure.cell = Some(Place {
                dataflow: format!("{}/{}", observation.source, observation.dataflow),
                vintage: cell.vintage(),
                file: cell.original().map(|original| original.file.clone()).unwrap_or_default(),
                sha256: cell.original().map(|original| original.sha256.clone()).unwrap_or_default(),
                position: cell.position.clone(),
                factor: provenance::factor(context, observation),
            });
        }
        Evidence::Computed { formula, parameters, inputs } => {
            formula.id().clone_into(&mut figure.formula);
            figure.parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            figure.inputs = inputs.iter().map(|input| add(context, input, all)).collect();
            all.formulas.entry(formula.id().to_owned()).or_insert_with(|| described(*formula));
            if *formula == Formula::Position {
                regions(context, observation, &figure, all);
            }
            if matches!(formula, Formula::MonteCarlo | Formula::Sobol) {
                run(context, &figure, all);
            }
        }
        Evidence::Nowhere => {}
    }
    // A figure that was carried to another year, or lent, is the same figure. Two statements of one cell are not.
    let same = |other: &Figure| Figure { carried_years: 0, ..other.clone() } == Figure { carried_years: 0, ..figure.clone() };
    let id = &observation.id.0;
    let names = std::iter::once(id.clone()).chain((2_u32..).map(|number| format!("{id}#{number}")));
    let mut free = names.skip_while(|name| all.figures.get(name).is_some_and(|other| !same(other)));
    let name = free.next().unwrap_or_else(|| id.clone());
    all.figures.entry(name.clone()).or_insert(figure);
    name
}

/// The run that a figure is of, with all its cells.
fn run(context: &Context<'_>, figure: &Figure, all: &mut Calculations) {
    let Some(id) = figure.parameters.get("run") else { return };
    let ranked = context.composite.and_then(|composite| composite.ranked.as_ref());
    let Some(ranked) = ranked.filter(|ranked| ranked.run.id == *id) else { return };
    if !all.runs.contains_key(id) {
        let mut cells = Vec::new();
        for column in &ranked.run.cells {
            cells.push(column.iter().map(|cell| cell.as_ref().map(|cell| add(context, cell, all))).collect());
        }
        all.runs.insert(id.clone(), runs::run(&ranked.run, cells));
    }
}

fn regions(context: &Context<'_>, observation: &Observation, figure: &Figure, all: &mut Calculations) {
    let (Some(among), Some(regions)) =
        (figure.parameters.get("among"), context.regions.get(&(observation.indicator.clone(), observation.origin)))
    else {
        return;
    };
    all.regions
        .entry(among.clone())
        .or_insert_with(|| RegionValues { values: regions.values.clone(), eu: regions.places_eu.keys().cloned().collect() });
}

fn described(formula: Formula) -> Described {
    let found = documented(formula);
    Described {
        about: found.about.to_owned(),
        formula: found.formula.to_owned(),
        parameters: found.parameters.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned())).collect(),
        source: found.source.to_owned(),
        method: found.method.unwrap_or_default().to_owned(),
    }
}

fn code(reason: Reason) -> &'static str {
    match reason {
        Reason::Absent => "absent",
        Reason::NotAvailable => "not_available",
        Reason::Withheld => "withheld",
        Reason::NotApplicable => "not_applicable",
    }
}
