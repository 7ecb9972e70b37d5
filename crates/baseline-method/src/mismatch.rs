//! Who works below, at or above the level of their education: rival definitions on one table of employed persons, each
//! with its own name and concept. None stands in for another: they differ by tens of percentage points.
//!
//! Cells here are sums of weights, so that no person's row is needed. Nothing is guessed: an occupation or a level that is
//! not stated leaves the denominator and is counted as such.
//!
//! ```text
//! group,isced,isco,weight,n
//! non_eu,5,4,1200,31
//! non_eu,M,9,5400,160
//! national,H,251,91000,2100
//! ```

use std::collections::BTreeMap;

use crate::Fault;

pub mod horizontal;
pub mod index;
pub mod methods;
mod norms;

pub use horizontal::Matches;
pub use norms::{Norms, norms};

/// Education in three steps: ISCED 0–2, 3–4, 5–8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broad {
    Low,
    Medium,
    High,
}

/// A level of education as the source states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Broad(Broad),
    /// ISCED 2011, 0 to 8.
    Isced(u8),
}

impl Level {
    pub fn broad(self) -> Broad {
        match self {
            Self::Broad(broad) => broad,
            Self::Isced(0..=2) => Broad::Low,
            Self::Isced(3..=4) => Broad::Medium,
            Self::Isced(_) => Broad::High,
        }
    }

    /// A level as statisticians write it: `5`, `ED5`, `L`, `medium`, `ED5-8`, `tertiary`, or a national code of three digits
    /// that begins with the ISCED level (`354`). `Some(None)` when it is not stated (empty, `9`, `99`, `999`); `None` when
    /// the text is no level.
    pub fn read(text: &str) -> Option<Option<Self>> {
        let upper = text.trim().to_ascii_uppercase();
        let code = upper.strip_prefix("ISCED").unwrap_or(&upper).trim();
        let code = code.strip_prefix("ED").filter(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit())).unwrap_or(code);
        let broad = |broad| Some(Some(Self::Broad(broad)));
        match code {
            "" | "9" | "99" | "999" | "UNKNOWN" | "UNK" | "NRP" => Some(None),
            "L" | "LOW" | "PRIMARY" | "0-2" | "0_2" | "ED0-2" => broad(Broad::Low),
            "M" | "MEDIUM" | "SECONDARY" | "3-4" | "3_4" => broad(Broad::Medium),
            "H" | "HIGH" | "TERTIARY" | "5-8" | "5_8" => broad(Broad::High),
            digits if digits.len() <= 3 && digits.bytes().all(|sign| sign.is_ascii_digit()) => {
                let level = digits.as_bytes()[0] - b'0';
                (level <= 8).then_some(Some(Self::Isced(level)))
            }
            _ => None,
        }
    }
}

/// An ISCO-08 code as digits: `2`, `25`, `OC251`, `ISCO4`. `Some(None)` when it is not stated (empty, `99`, `999`, `9999`);
/// `None` when the text is no code.
pub fn occupation(text: &str) -> Option<Option<&str>> {
    let code = text.trim();
    let code = ["OC", "oc", "ISCO", "isco"].iter().find_map(|prefix| code.strip_prefix(prefix)).unwrap_or(code).trim();
    match code {
        "" | "99" | "999" | "9999" | "UNK" | "unknown" | "NRP" => Some(None),
        digits if digits.len() <= 4 && digits.bytes().all(|sign| sign.is_ascii_digit()) => Some(Some(digits)),
        _ => None,
    }
}

/// How many persons, and how precisely that is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mass {
    /// Sum of the weights: persons.
    pub weight: f64,
    /// Persons asked; `None` when not known.
    pub count: Option<f64>,
    /// Sum of the squared weights; `None` when not known.
    pub squares: Option<f64>,
}

impl Mass {
    /// No persons: of these the count is known.
    pub const NONE: Self = Self { weight: 0.0, count: Some(0.0), squares: Some(0.0) };

    /// Of a cell with `count` persons: without the squares, weights are taken as equal within the cell (Σw² = W²/n).
    pub fn new(weight: f64, count: Option<f64>, squares: Option<f64>) -> Self {
        let equal = || count.filter(|count| *count > 0.0).map(|count| weight * weight / count);
        Self { weight, count, squares: squares.or_else(equal) }
    }

    pub fn add(&mut self, other: Self) {
        // A cell without persons adds nothing, and takes no knowledge away.
        if other.weight == 0.0 && other.count.unwrap_or(0.0) == 0.0 {
            return;
        }
        self.weight += other.weight;
        self.count = self.count.zip(other.count).map(|(a, b)| a + b);
        self.squares = self.squares.zip(other.squares).map(|(a, b)| a + b);
    }

    /// Kish's effective sample size (Σw)²/Σw²; `None` when the squares are not known or nobody is there.
    pub fn effective(self) -> Option<f64> {
        self.squares.filter(|squares| *squares > 0.0).map(|squares| self.weight * self.weight / squares)
    }
}

/// Employed persons of one group with the same answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workers<'a> {
    /// Index of the group.
    pub group: usize,
    pub level: Option<Level>,
    /// ISCO-08 digits; the first is the major group.
    pub occupation: Option<&'a str>,
    /// Years of schooling.
    pub years: Option<f64>,
    /// Field of education, as in the match table.
    pub field: Option<&'a str>,
    /// In education or training: leaves OECD's universe.
    pub learning: Option<bool>,
    pub mass: Mass,
}

impl Workers<'_> {
    /// ISCO-08 major group, 0 to 9.
    pub fn major(&self) -> Option<u8> {
        Some(self.occupation?.as_bytes().first()? - b'0')
    }
}

/// A way to tell who is mismatched. The order is the order of print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Definition {
    Eurostat,
    WithoutArmedForces,
    Istat,
    Oecd,
    IloNormative,
    IloModal,
    MeanYears,
    Horizontal,
}

impl Definition {
    pub const ALL: [Self; 8] = [
        Self::Eurostat,
        Self::WithoutArmedForces,
        Self::Istat,
        Self::Oecd,
        Self::IloNormative,
        Self::IloModal,
        Self::MeanYears,
        Self::Horizontal,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Self::Eurostat => "eurostat_vertical",
            Self::WithoutArmedForces => "eurostat_without_armed_forces",
            Self::Istat => "istat_vertical",
            Self::Oecd => "oecd_over_qualification",
            Self::IloNormative => "ilo_normative",
            Self::IloModal => "ilo_statistical_modal",
            Self::MeanYears => "mean_years_1_sd",
            Self::Horizontal => "horizontal",
        }
    }

    /// What a rate of this definition is of, in words: never the same for two of them.
    pub fn concept(self) -> &'static str {
        match self {
            Self::Eurostat => "of the employed with ISCED 5-8, those in ISCO-08 major groups 4-9",
            Self::WithoutArmedForces => {
                "of the employed with ISCED 5-8 outside the armed forces, those in ISCO-08 major groups 4-9"
            }
            Self::Istat => "of the employed with ISCED 5-8 in ISCO-08 major groups 1-8, those in 4-8",
            Self::Oecd => "of the employed with ISCED 5-8 who are not in education, those in ISCO-08 major groups 4-9",
            Self::IloNormative => "ISCO-08 major groups 1-3 ask for tertiary, 4-8 for secondary, 9 for primary education",
            Self::IloModal => "level against the most frequent level of all employed in the occupation",
            Self::MeanYears => "years of schooling beyond one standard deviation from the occupation's mean",
            Self::Horizontal => "field of education against the fields that the match table has for the occupation",
        }
    }

    /// The outcomes that this definition tells apart, besides those that match.
    pub fn outcomes(self) -> &'static [Outcome] {
        match self {
            Self::Eurostat | Self::WithoutArmedForces | Self::Istat | Self::Oecd => &[Outcome::Over],
            Self::IloNormative | Self::IloModal | Self::MeanYears => &[Outcome::Over, Outcome::Matched, Outcome::Under],
            Self::Horizontal => &[Outcome::Mismatched],
        }
    }
}

/// What a person is by a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Over,
    Matched,
    Under,
    /// In another field; there is no above or below.
    Mismatched,
    /// Not of the definition's universe: without tertiary education, in the armed forces.
    Outside,
    /// Level, occupation, years or field not stated, or no norm for the occupation.
    Undetermined,
}

impl Outcome {
    pub fn id(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Matched => "matched",
            Self::Under => "under",
            Self::Mismatched => "mismatched",
            Self::Outside => "outside",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What is for the caller to decide; the guidelines leave it to national practice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// The highest ISCED level that counts as primary in ILO's normative definition: 2 or 1.
    pub primary_to: u8,
    /// Digits of ISCO-08 that make an occupation for modes and means; `None`: the code as it stands.
    pub digits: Option<usize>,
    /// Persons asked below which an occupation has no norm of its own and takes that of the code with a digit less.
    pub least: f64,
    /// The mode is of single ISCED levels, not of low, medium, high.
    pub single_levels: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { primary_to: 2, digits: None, least: 30.0, single_levels: false }
    }
}

/// The sums of one group by one definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    pub definition: Definition,
    pub masses: BTreeMap<Outcome, Mass>,
}

impl Assessed {
    pub fn mass(&self, outcome: Outcome) -> Mass {
        self.masses.get(&outcome).copied().unwrap_or(Mass::NONE)
    }

    /// The rate's denominator: everybody in the universe for whom it can be told.
    pub fn base(&self) -> Mass {
        let mut base = Mass::NONE;
        for outcome in [Outcome::Over, Outcome::Matched, Outcome::Under, Outcome::Mismatched] {
            base.add(self.mass(outcome));
        }
        base
    }

    /// The share of an outcome, percent; `None` when nobody is in the denominator.
    pub fn rate(&self, outcome: Outcome) -> Option<f64> {
        let base = self.base().weight;
        (base > 0.0).then(|| 100.0 * self.mass(outcome).weight / base)
    }

    /// √(p(100−p)/n) with the effective size of the denominator; percentage points.
    pub fn standard_error(&self, outcome: Outcome) -> Option<f64> {
        standard_error(self.rate(outcome)?, self.base())
    }
}

/// √(p(100−p)/n), n = (Σw)²/Σw² of the denominator; percentage points.
pub fn standard_error(percent: f64, base: Mass) -> Option<f64> {
    base.effective().map(|size| (percent * (100.0 - percent) / size).max(0.0).sqrt())
}

/// The sums of every group by a definition: element i is of group i, of `groups` in all.
///
/// # Errors
/// When a definition needs single ISCED levels and a cell has only low, medium or high.
pub fn assess(
    cells: &[Workers<'_>],
    groups: usize,
    definition: Definition,
    norms: &Norms,
    rules: Rules,
) -> Result<Vec<Assessed>, Fault> {
    let mut assessed = vec![Assessed { definition, masses: BTreeMap::new() }; groups];
    for cell in cells {
        let outcome = outcome(cell, definition, norms, rules)?;
        if let Some(group) = assessed.get_mut(cell.group) {
            group.masses.entry(outcome).or_insert(Mass::NONE).add(cell.mass);
        }
    }
    Ok(assessed)
}

/// What the persons of a cell are by a definition.
///
/// # Errors
/// As [`assess`].
pub fn outcome(cell: &Workers<'_>, definition: Definition, norms: &Norms, rules: Rules) -> Result<Outcome, Fault> {
    let tertiary = |denominator: &[std::ops::RangeInclusive<u8>], over: std::ops::RangeInclusive<u8>| {
        // Somebody without tertiary education is outside, whatever the occupation.
        let Some(level) = cell.level else { return Outcome::Undetermined };
        if level.broad() != Broad::High {
            return Outcome::Outside;
        }
        match cell.major() {
            None => Outcome::Undetermined,
            Some(major) if over.contains(&major) => Outcome::Over,
            Some(major) if denominator.iter().any(|range| range.contains(&major)) => Outcome::Matched,
            Some(_) => Outcome::Outside,
        }
    };
    Ok(match definition {
        Definition::Eurostat => tertiary(&[0..=3], 4..=9),
        Definition::WithoutArmedForces => tertiary(&[1..=3], 4..=9),
        Definition::Istat => tertiary(&[1..=3], 4..=8),
        Definition::Oecd => match cell.learning {
            None => Outcome::Undetermined,
            Some(true) => Outcome::Outside,
            Some(false) => tertiary(&[0..=3], 4..=9),
        },
        Definition::IloNormative => normative(cell, rules.primary_to)?,
        Definition::IloModal => norms.by_mode(cell, rules)?,
        Definition::MeanYears => norms.by_years(cell, rules),
        Definition::Horizontal => match &norms.matches {
            Some(matches) => matches.outcome(cell.field, cell.occupation),
            None => Outcome::Undetermined,
        },
    })
}

fn normative(cell: &Workers<'_>, primary_to: u8) -> Result<Outcome, Fault> {
    let asked = match cell.major() {
        None => return Ok(Outcome::Undetermined),
        Some(0) => return Ok(Outcome::Outside),
        Some(1..=3) => Broad::High,
        Some(4..=8) => Broad::Medium,
        Some(_) => Broad::Low,
    };
    let has = match cell.level {
        None => return Ok(Outcome::Undetermined),
        Some(Level::Isced(level)) if level <= 4 => {
            if level <= primary_to {
                Broad::Low
            } else {
                Broad::Medium
            }
        }
        Some(Level::Broad(Broad::Low)) if primary_to < 2 => {
            let hint = "give single ISCED levels, or --param primary=0-2";
            return Err(Fault::shape("level of education", "an ISCED level from 0 to 8", "low (ISCED 0-2 together)", hint));
        }
        Some(level) => level.broad(),
    };
    Ok(against(has, asked, asked))
}

/// Above, within or below a range.
fn against<T: PartialOrd + Copy>(has: T, lowest: T, highest: T) -> Outcome {
    if has > highest {
        Outcome::Over
    } else if has < lowest {
        Outcome::Under
    } else {
        Outcome::Matched
    }
}

#[cfg(test)]
mod tests;
