//! A study's composite: which indicators form which dimension, with what weights. Declares only; nothing is computed here.
//!
//! ```toml
//! [composite]
//! goalposts = "2026-1"
//! aggregation = "geometric"
//! availability = 0.65
//! grades = ["A", "D"]
//! seed = 2026
//! [[composite.dimensions]]
//! id = "work"
//! indicators = [{ id = "employment_rate" }, { id = "unemployment_rate" }]
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Grade;

/// `[composite]` of a study. Every indicator enters with the group of its headline.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composite {
    /// Version of the goalposts, `pipelines/goalposts/<version>.toml`.
    pub goalposts: String,
    /// Across the dimensions.
    #[serde(default = "geometric")]
    pub aggregation: Aggregation,
    /// Inside a dimension.
    #[serde(default = "arithmetic")]
    pub within: Aggregation,
    /// Share of a dimension's indicators, 0-1, that must have a value of one of the `grades` before it is scored.
    #[serde(default = "availability")]
    pub availability: f64,
    /// Whose values count as available. Own ones (A) unless the study says otherwise; then what is scored is the region or
    /// country that the value is of, and the report says so.
    #[serde(default = "own")]
    pub grades: Vec<Grade>,
    /// How far a value of a grade below A may lie from the territory's own, in standard deviations of the indicator over what
    /// is ranked; an assumption of the study, which the uncertainty analysis varies.
    #[serde(default = "spread")]
    pub spread: BTreeMap<Grade, f64>,
    /// Of the uncertainty analysis, the first of which is the reference.
    #[serde(default = "draws")]
    pub draws: usize,
    /// Sample size of the sensitivity analysis.
    #[serde(default = "samples")]
    pub samples: usize,
    /// Of all random numbers: the same seed gives the same ranks.
    #[serde(default = "seed")]
    pub seed: u64,
    pub dimensions: Vec<CompositeDimension>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeDimension {
    /// Key of its name in the language files: `dimension.<id>`.
    pub id: String,
    /// Of the dimension in the whole; all have one, adding up to 1, or none has and they are equal.
    #[serde(default)]
    pub weight: Option<f64>,
    pub indicators: Vec<CompositePart>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositePart {
    /// An indicator of the study.
    pub id: String,
    /// In its dimension; all have one, adding up to 1, or none has and they are equal.
    #[serde(default)]
    pub weight: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// Σ w·x
    Arithmetic,
    /// Π x^w, which a score of 0 makes 0
    Geometric,
}

fn geometric() -> Aggregation {
    Aggregation::Geometric
}

fn arithmetic() -> Aggregation {
    Aggregation::Arithmetic
}

/// The rule of the method: two thirds, less the rounding.
fn availability() -> f64 {
    0.65
}

fn own() -> Vec<Grade> {
    vec![Grade::A]
}

fn spread() -> BTreeMap<Grade, f64> {
    [(Grade::B, 0.1), (Grade::C, 0.25), (Grade::D, 0.5), (Grade::M, 0.5)].into()
}

fn draws() -> usize {
    1000
}

fn samples() -> usize {
    1024
}

fn seed() -> u64 {
    1
}

impl Composite {
    /// The weights of the dimensions, in their order; none when some have one and some have not.
    pub fn weights(&self) -> Option<Vec<f64>> {
        resolved(self.dimensions.iter().map(|dimension| dimension.weight))
    }

    /// The indicators of all dimensions, in order.
    pub fn indicators(&self) -> impl Iterator<Item = &str> {
        self.dimensions.iter().flat_map(|dimension| &dimension.indicators).map(|part| part.id.as_str())
    }
}

impl CompositeDimension {
    /// The weights of the indicators in the dimension, in their order; none when some have one and some have not.
    pub fn weights(&self) -> Option<Vec<f64>> {
        resolved(self.indicators.iter().map(|part| part.weight))
    }
}

/// As given, or equal when none is.
fn resolved(given: impl ExactSizeIterator<Item = Option<f64>>) -> Option<Vec<f64>> {
    let given: Vec<Option<f64>> = given.collect();
    if given.iter().all(Option::is_none) {
        #[expect(clippy::cast_precision_loss, reason = "a handful of weights")]
        let equal = 1.0 / given.len() as f64;
        return Some(vec![equal; given.len()]);
    }
    given.into_iter().collect()
}
