//! What an indicator may be held against: the same fact from another source, with the difference that is expected.
//!
//! Declares only. `check` validates the names, `reconcile` of the program compares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Period;

/// One `[[compare_with]]` of an indicator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareWith {
    /// The other indicator; the indicator itself stands for its further series.
    pub indicator: String,
    /// A difference up to this is agreement.
    pub tolerance: f64,
    pub unit: ToleranceUnit,
    /// Why a larger difference is no fault; none: a larger one is one.
    #[serde(default)]
    pub reason: Option<DifferenceReason>,
    /// Beyond this the reason no longer explains it, in the tolerance's unit; none: it explains any.
    #[serde(default)]
    pub limit: Option<f64>,
    /// The reason in a sentence, printed beside the figures; required with a reason.
    #[serde(default)]
    pub note: String,
    /// Column (`origin`, `sex`, `age`) -> code on this side, where the two sides name a group differently. A column
    /// that is named on both sides is not compared.
    #[serde(default)]
    pub here: BTreeMap<String, String>,
    /// The same on the other side.
    #[serde(default)]
    pub there: BTreeMap<String, String>,
    /// The other side's period for a year of this side, where they differ: `{year-1}-12-31`.
    #[serde(default)]
    pub their_period: Option<String>,
}

/// What a tolerance counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToleranceUnit {
    /// Percentage points of a rate in percent.
    Pp,
    /// Percent of the value on this side.
    Percent,
    /// The indicator's own unit.
    Own,
}

/// Why two sources may state one fact differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceReason {
    /// They measure two things under one name: never to be merged.
    Definition,
    /// The reference dates differ.
    Date,
    /// Other persons are counted (private households, registered residents).
    Universe,
    /// A sample's error, or rounding.
    Noise,
}

impl DifferenceReason {
    /// The code as written in files: `definition`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Definition => "definition",
            Self::Date => "date",
            Self::Universe => "universe",
            Self::Noise => "noise",
        }
    }
}

impl ToleranceUnit {
    /// The code as written in files: `pp`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pp => "pp",
            Self::Percent => "percent",
            Self::Own => "own",
        }
    }
}

impl CompareWith {
    /// The other side's period for one of this side: the same, or by [`Self::their_period`] for a year; `None` when the
    /// template gives no period, or this side's is no year.
    pub fn other_period(&self, period: Period) -> Option<Period> {
        let Some(template) = &self.their_period else { return Some(period) };
        if period != Period::year(period.year) {
            return None;
        }
        let (before, rest) = template.split_once("{year")?;
        let (shift, after) = rest.split_once('}')?;
        let shift: i16 = if shift.is_empty() { 0 } else { shift.parse().ok().filter(|years: &i16| years.abs() <= 10)? };
        Period::parse(&format!("{before}{}{after}", period.year.checked_add(shift)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: Option<&str>, period: &str, expected: Option<&str>) {
        let record = CompareWith {
            indicator: String::new(),
            tolerance: 0.0,
            unit: ToleranceUnit::Own,
            reason: None,
            limit: None,
            note: String::new(),
            here: BTreeMap::new(),
            there: BTreeMap::new(),
            their_period: template.map(str::to_owned),
        };
        let found = record.other_period(Period::parse(period).expect("the test gives a period"));
        assert_eq!(found.map(|period| period.to_string()).as_deref(), expected, "{template:?} {period}");
    }

    #[test]
    fn periods_of_the_other_side() {
        check(None, "2024-Q1", Some("2024-Q1"));
        check(Some("{year}"), "2024", Some("2024"));
        check(Some("{year-1}-12-31"), "2024", Some("2023-12-31"));
        check(Some("{year+1}"), "2024", Some("2025"));
        check(Some("{year-1}-12-31"), "2024-01", None);
        check(Some("{year-99}"), "2024", None);
        check(Some("{month}"), "2024", None);
        check(Some("{year-1}-13"), "2024", None);
        check(Some("2024"), "2024", None);
    }
}
