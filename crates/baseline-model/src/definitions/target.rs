//! What an indicator is held against by policy, and what it still waits for. Declares only.

use serde::Deserialize;

use super::{Level, Origin};

/// A target somebody has set: `[[targets]]` of an indicator. Never a benchmark of ours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// In the indicator's unit.
    pub value: f64,
    /// The year by which it is to be reached.
    pub year: i16,
    /// The group it was set for: most are for the whole population, not for migrants.
    #[serde(default = "total")]
    pub origin: Origin,
    /// Age group, when it is not that of the headline.
    #[serde(default)]
    pub age: Option<String>,
    /// Who set it and where: `European Pillar of Social Rights Action Plan (2021)`.
    pub reference: String,
    /// What has not been confirmed about it; a target with this is not printed as one.
    #[serde(default)]
    pub unverified: Option<String>,
}

/// An indicator of the framework for which no table can be named by its codes yet: `[awaits]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Awaits {
    /// What is missing, for the list of indicators: `an extraction of the survey's microdata`.
    pub what: String,
    /// The levels at which it could be had.
    pub levels: Vec<Level>,
}

fn total() -> Origin {
    Origin::Total
}
