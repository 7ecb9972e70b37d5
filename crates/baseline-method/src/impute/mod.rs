//! Missing values: the ladder by which a cell gets a number from somewhere, and the filling of a series from its own years.
//!
//! No rung makes a number from nothing: every result is a candidate's value or lies between two of them, and names them. In
//! particular nothing becomes zero. A value that an office withholds is not replaced by the place's own values of other years,
//! and no value is taken across a break in its series.

use baseline_model::{Grade, ObsStatus};

use crate::Fault;

mod run;

pub use run::METHOD;
pub(crate) use run::years_of;

/// Whose number a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// The territory's own, of whatever level it is.
    Own,
    /// A region in which it lies: NUTS 3, NUTS 2 or the country.
    Parent(Parent),
    /// An estimate for the territory.
    Modelled,
}

/// A region in which a territory lies, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parent {
    Nuts3,
    Nuts2,
    Country,
}

/// A cell that could answer: of the wanted year or another, with or without a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub owner: Owner,
    pub year: i32,
    /// `None`: the cell is stated and has no number.
    pub value: Option<f64>,
    pub status: ObsStatus,
}

/// The bounds of the ladder, in years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How old an own value may be.
    pub carry: u32,
    /// How far apart the two years of an interpolation may be.
    pub span: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { carry: 2, span: 4 }
    }
}

/// How a number was come by, in the order in which it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    Own,
    /// By so many years.
    Carried(u32),
    /// Between two own years.
    Interpolated {
        from: i32,
        to: i32,
    },
    Parent(Parent),
    Modelled,
}

impl Rung {
    /// Its place on the ladder, from 1.
    pub fn number(self) -> u8 {
        match self {
            Self::Own => 1,
            Self::Carried(_) => 2,
            Self::Interpolated { .. } => 3,
            Self::Parent(Parent::Nuts3) => 4,
            Self::Parent(Parent::Nuts2) => 5,
            Self::Parent(Parent::Country) => 6,
            Self::Modelled => 7,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Carried(_) => "carried",
            Self::Interpolated { .. } => "interpolated",
            Self::Parent(Parent::Nuts3) => "nuts3",
            Self::Parent(Parent::Nuts2) => "nuts2",
            Self::Parent(Parent::Country) => "country",
            Self::Modelled => "modelled",
        }
    }

    /// Whose number it is. A carried or interpolated one is the territory's own; that it is of other years is said by the rung.
    pub fn grade(self) -> Grade {
        match self {
            Self::Own | Self::Carried(_) | Self::Interpolated { .. } => Grade::A,
            Self::Parent(Parent::Nuts3) => Grade::B,
            Self::Parent(Parent::Nuts2) => Grade::C,
            Self::Parent(Parent::Country) => Grade::D,
            Self::Modelled => Grade::M,
        }
    }
}

/// A number for a cell, and where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    pub value: f64,
    pub rung: Rung,
    /// The candidates it was taken from, by their place: one, or two for an interpolation.
    pub sources: Vec<usize>,
    /// Their flags; `e` (estimated) is added to an interpolation.
    pub status: ObsStatus,
}

/// Why a rung gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// No candidate for it.
    NoValue,
    /// The cell is stated and withheld (`c`, `u`): own values of other years do not take its place.
    Withheld,
    /// A break (`b`) lies between.
    Break,
    /// The own values are too old, or too far apart.
    TooFar,
}

impl Skipped {
    pub fn word(self) -> &'static str {
        match self {
            Self::NoValue => "no value",
            Self::Withheld => "withheld",
            Self::Break => "a break between",
            Self::TooFar => "too far",
        }
    }
}

/// The answer of the ladder: a number, or none, and why the rungs before it (or all) gave none.
#[derive(Debug, Clone, PartialEq)]
pub struct Climb {
    pub filled: Option<Filled>,
    /// From rung 1 up to the one before the answer's.
    pub skipped: Vec<Skipped>,
}

/// The first rung that has a number for `year`: own value of the year; own value at most `carry` years older; linear
/// interpolation between the nearest own years before and after, at most `span` years apart; the parents' values of the year,
/// NUTS 3, NUTS 2, country; a modelled value of the year.
///
/// # Errors
/// When a value is not finite, or two candidates have the same owner and year.
pub fn climb(year: i32, candidates: &[Candidate], bounds: Bounds) -> Result<Climb, Fault> {
    for (index, candidate) in candidates.iter().enumerate() {
        if let Some(value) = candidate.value.filter(|value| !value.is_finite()) {
            return Err(Fault::number(format!("candidate {}", index + 1), "a finite number or none", &value));
        }
        let same = |other: &Candidate| other.owner == candidate.owner && other.year == candidate.year;
        if let Some(first) = candidates[..index].iter().position(same) {
            let key = format!("{:?} {}", candidate.owner, candidate.year);
            return Err(Fault::Duplicate { at: format!("candidate {}", index + 1), key, first: first + 1 });
        }
    }
    let mut skipped = Vec::new();
    let steps: [&dyn Fn() -> Result<Filled, Skipped>; 7] = [
        &|| of_year(year, candidates, Owner::Own, Rung::Own),
        &|| carried(year, candidates, bounds.carry),
        &|| interpolated(year, candidates, bounds.span),
        &|| of_year(year, candidates, Owner::Parent(Parent::Nuts3), Rung::Parent(Parent::Nuts3)),
        &|| of_year(year, candidates, Owner::Parent(Parent::Nuts2), Rung::Parent(Parent::Nuts2)),
        &|| of_year(year, candidates, Owner::Parent(Parent::Country), Rung::Parent(Parent::Country)),
        &|| of_year(year, candidates, Owner::Modelled, Rung::Modelled),
    ];
    for step in steps {
        match step() {
            Ok(filled) => return Ok(Climb { filled: Some(filled), skipped }),
            Err(reason) => skipped.push(reason),
        }
    }
    Ok(Climb { filled: None, skipped })
}

/// How the gaps of a series are filled from its own years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// They stay.
    None,
    /// The last value before; before the first, the first.
    Carry,
    /// Linearly between known years; outside of these as [`Filling::Carry`].
    Interpolate,
}

impl Filling {
    pub const WORDS: [&'static str; 3] = ["none", "carry", "interpolate"];

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "carry" => Some(Self::Carry),
            "interpolate" => Some(Self::Interpolate),
            _ => None,
        }
    }
}

/// A number of a filled series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    pub value: f64,
    pub how: How,
}

/// Where a number of a filled series is from; the years it was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Given,
    Forward { from: i32 },
    Back { from: i32 },
    Interpolated { from: i32, to: i32 },
}

/// A series with its gaps filled; `None` where the rule gives nothing, and everywhere in a series without any number. This is
/// the rule of a published index (European Skills Index), without bounds on age; for a study's own figures see [`climb`].
///
/// # Errors
/// When the lengths differ, a year stands twice, or a value is not finite.
pub fn fill(years: &[i32], values: &[Option<f64>], rule: Filling) -> Result<Vec<Option<Known>>, Fault> {
    if years.len() != values.len() {
        return Err(Fault::shape("years", values.len().to_string(), years.len().to_string(), "one year for every value"));
    }
    for (index, year) in years.iter().enumerate() {
        if let Some(first) = years[..index].iter().position(|other| other == year) {
            return Err(Fault::Duplicate { at: "years".into(), key: year.to_string(), first: first + 1 });
        }
        if let Some(value) = values[index].filter(|value| !value.is_finite()) {
            return Err(Fault::number(format!("year {year}"), "a finite number or none", &value));
        }
    }
    let known = || years.iter().zip(values).filter_map(|(year, value)| value.map(|value| (*year, value)));
    let one = |(year, value): (&i32, &Option<f64>)| {
        if let Some(value) = *value {
            return Some(Known { value, how: How::Given });
        }
        let before = known().filter(|(known, _)| known < year).max_by_key(|(known, _)| *known);
        let after = known().filter(|(known, _)| known > year).min_by_key(|(known, _)| *known);
        match (rule, before, after) {
            (Filling::None, _, _) | (_, None, None) => None,
            (Filling::Interpolate, Some(before), Some(after)) => {
                Some(Known { value: between(before, after, *year), how: How::Interpolated { from: before.0, to: after.0 } })
            }
            (_, Some((from, value)), _) => Some(Known { value, how: How::Forward { from } }),
            (_, None, Some((from, value))) => Some(Known { value, how: How::Back { from } }),
        }
    };
    Ok(years.iter().zip(values).map(one).collect())
}

fn of_year(year: i32, candidates: &[Candidate], owner: Owner, rung: Rung) -> Result<Filled, Skipped> {
    let found = candidates.iter().position(|candidate| candidate.owner == owner && candidate.year == year);
    let index = found.ok_or(Skipped::NoValue)?;
    let candidate = &candidates[index];
    let value = candidate.value.ok_or(if withheld(candidate) { Skipped::Withheld } else { Skipped::NoValue })?;
    Ok(Filled { value, rung, sources: vec![index], status: candidate.status.clone() })
}

fn carried(year: i32, candidates: &[Candidate], carry: u32) -> Result<Filled, Skipped> {
    if own(candidates).any(|(_, candidate)| candidate.year == year && withheld(candidate)) {
        return Err(Skipped::Withheld);
    }
    let earlier = own(candidates).filter(|(_, candidate)| candidate.year < year && candidate.value.is_some());
    let (index, candidate) = earlier.max_by_key(|(_, candidate)| candidate.year).ok_or(Skipped::NoValue)?;
    let age = year.abs_diff(candidate.year);
    let value = candidate.value.filter(|_| age <= carry).ok_or(Skipped::TooFar)?;
    if broken(candidates, candidate.year, year) {
        return Err(Skipped::Break);
    }
    Ok(Filled { value, rung: Rung::Carried(age), sources: vec![index], status: candidate.status.clone() })
}

fn interpolated(year: i32, candidates: &[Candidate], span: u32) -> Result<Filled, Skipped> {
    if own(candidates).any(|(_, candidate)| candidate.year == year && withheld(candidate)) {
        return Err(Skipped::Withheld);
    }
    let known = || own(candidates).filter_map(|(index, candidate)| Some((index, candidate.year, candidate.value?)));
    let before = known().filter(|(_, known, _)| *known < year).max_by_key(|(_, known, _)| *known).ok_or(Skipped::NoValue)?;
    let after = known().filter(|(_, known, _)| *known > year).min_by_key(|(_, known, _)| *known).ok_or(Skipped::NoValue)?;
    if after.1.abs_diff(before.1) > span {
        return Err(Skipped::TooFar);
    }
    if broken(candidates, before.1, after.1) {
        return Err(Skipped::Break);
    }
    let value = between((before.1, before.2), (after.1, after.2), year);
    let union = candidates[before.0].status.union(&candidates[after.0].status);
    let status = union.union(&ObsStatus::new("e"));
    Ok(Filled { value, rung: Rung::Interpolated { from: before.1, to: after.1 }, sources: vec![before.0, after.0], status })
}

fn own(candidates: &[Candidate]) -> impl Iterator<Item = (usize, &Candidate)> {
    candidates.iter().enumerate().filter(|(_, candidate)| candidate.owner == Owner::Own)
}

/// Whether the own series begins anew after `from` and up to `to`, a stated year without a number included.
fn broken(candidates: &[Candidate], from: i32, to: i32) -> bool {
    own(candidates).any(|(_, candidate)| candidate.year > from && candidate.year <= to && candidate.status.contains('b'))
}

/// A cell that is stated with a flag of confidentiality or low reliability, and has no number.
fn withheld(candidate: &Candidate) -> bool {
    candidate.value.is_none() && (candidate.status.contains('c') || candidate.status.contains('u'))
}

/// On the line through two points; never outside of their values.
fn between(before: (i32, f64), after: (i32, f64), year: i32) -> f64 {
    let share = (f64::from(year) - f64::from(before.0)) / (f64::from(after.0) - f64::from(before.0));
    let value = before.1 + (after.1 - before.1) * share;
    value.clamp(before.1.min(after.1), before.1.max(after.1))
}

#[cfg(test)]
mod tests;
