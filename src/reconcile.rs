//! Compute: the same fact from two sources side by side. Which facts are the same is declared (`compare_with` of an
//! indicator); what several series or vintages of one indicator state differently is found without a declaration.
//!
//! Corrects nothing and chooses nothing: it says where two statements differ, by how much, and whether a reason was
//! declared. A value without a number is compared with nothing.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::{CompareWith, Definitions, DifferenceReason, Indicator, Origin, Study, ToleranceUnit};
use baseline_model::{Evidence, FigureId, Formula, Observation};

use crate::compare::{difference_unit, measure};
use crate::derive::{Figures, Key, benchmarks, computed, rungs};

/// Everything that was held against one another.
#[derive(Debug, Clone, Default)]
pub struct Reconciliation {
    /// In order of indicator, place and period; the agreeing ones included.
    pub comparisons: Vec<Comparison>,
    /// One a declaration, also when the two sides have no cell in common.
    pub pairs: Vec<Pair>,
}

/// Two statements of one fact.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub kind: Kind,
    pub verdict: Verdict,
    /// The territory whose place it is, itself or a parent; none for a benchmark.
    pub territory: Option<String>,
    pub used: Observation,
    pub other: Observation,
    /// used − other, in the indicator's unit (percentage points of a rate).
    pub difference: Observation,
    pub tolerance: f64,
    pub unit: ToleranceUnit,
    pub reason: Option<DifferenceReason>,
    /// In a sentence; empty without one.
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Two indicators that were declared to say the same.
    Declared,
    /// Two series of one indicator.
    Series,
    /// One table, one key, two vintages.
    Vintage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Within the tolerance.
    Agrees,
    /// Beyond it, for a declared reason or because the source revised the cell.
    Explained,
    /// Beyond it, and nobody has said why.
    Open,
}

/// How one declaration fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub indicator: String,
    pub other: String,
    pub agree: usize,
    pub explained: usize,
    pub open: usize,
}

impl Reconciliation {
    /// True when something is beyond its tolerance without a reason.
    pub fn is_open(&self) -> bool {
        self.comparisons.iter().any(|comparison| comparison.verdict == Verdict::Open)
    }
}

impl Kind {
    pub fn code(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Series => "series",
            Self::Vintage => "vintage",
        }
    }
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Explained => "explained",
            Self::Open => "open",
        }
    }
}

/// Holds against one another what the figures of a study have twice: for every territory, its parent regions and the
/// benchmarks, every group and period that both sides state with a number.
pub fn reconcile(definitions: &Definitions, study: &Study, figures: &Figures) -> Reconciliation {
    let places = places(definitions, study);
    let mut found = Reconciliation::default();
    let derived: BTreeSet<&String> = figures.regions.keys().map(|(indicator, _)| indicator).collect();
    for id in derived {
        let Some(indicator) = definitions.indicators.get(id) else { continue };
        for record in indicator.compare_with.iter().filter(|record| record.indicator != *id) {
            let from = found.comparisons.len();
            for place in &places {
                declared(figures, (id, record), place, &mut found.comparisons);
            }
            let count = |verdict| found.comparisons[from..].iter().filter(|one| one.verdict == verdict).count();
            found.pairs.push(Pair {
                indicator: id.clone(),
                other: record.indicator.clone(),
                agree: count(Verdict::Agrees),
                explained: count(Verdict::Explained),
                open: count(Verdict::Open),
            });
        }
    }
    stated_twice(definitions, figures, &places, &mut found.comparisons);
    found
}

/// What an earlier vintage of the same tables stated otherwise; `earlier` are the figures computed from it.
pub fn revisions(definitions: &Definitions, study: &Study, earlier: &Figures, figures: &Figures) -> Vec<Comparison> {
    let places = places(definitions, study);
    let mut found = Vec::new();
    for ((id, region), series) in &figures.regions {
        let Some((indicator, place)) = definitions.indicators.get(id).zip(place_of(&places, region)) else { continue };
        let Some(before) = earlier.regions.get(&(id.clone(), region.clone())) else { continue };
        for (key, used) in series {
            let same = |other: &&Observation| {
                matches!((&used.evidence, &other.evidence), (Evidence::Cell(now), Evidence::Cell(then)) if now.key == then.key)
                    && (&used.source, &used.dataflow) == (&other.source, &other.dataflow)
                    && used.value != other.value
            };
            if let Some(other) = before.get(key).filter(same) {
                let other = renamed(figures, place, other, "earlier");
                push(
                    place,
                    Kind::Vintage,
                    &Rule::of((id, indicator), Kind::Vintage),
                    (lent(figures, place, used), other),
                    &mut found,
                );
            }
        }
    }
    found
}

/// A region that can be stated under several codes, one a NUTS version.
struct Place {
    territory: Option<String>,
    codes: Vec<String>,
}

/// The territories, their parents, and the benchmarks, each once.
fn places(definitions: &Definitions, study: &Study) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut seen = BTreeSet::new();
    for (id, territory) in study.territories.iter().filter_map(|id| definitions.territories.get_key_value(id)) {
        for codes in rungs(territory).into_iter().map(|rung| rung.codes) {
            if codes.first().is_some_and(|first| seen.insert(first.clone())) {
                places.push(Place { territory: Some(id.clone()), codes });
            }
        }
    }
    for benchmark in benchmarks(definitions, study) {
        if seen.insert(benchmark.clone()) {
            places.push(Place { territory: None, codes: vec![benchmark] });
        }
    }
    places
}

fn place_of<'p>(places: &'p [Place], region: &str) -> Option<&'p Place> {
    places.iter().find(|place| place.codes.iter().any(|code| code == region))
}

/// What an indicator has for a place; where two codes of the place state one cell, that of the first.
fn stated<'f>(figures: &'f Figures, indicator: &str, place: &Place) -> BTreeMap<&'f Key, &'f Observation> {
    let mut stated = BTreeMap::new();
    for code in &place.codes {
        for (key, observation) in figures.regions.get(&(indicator.to_owned(), code.clone())).into_iter().flatten() {
            stated.entry(key).or_insert(observation);
        }
    }
    stated
}

fn declared(figures: &Figures, (id, record): (&str, &CompareWith), place: &Place, into: &mut Vec<Comparison>) {
    let others = stated(figures, &record.indicator, place);
    if others.is_empty() {
        return;
    }
    for (key, used) in stated(figures, id, place) {
        let Some(other) = other_key(record, key).and_then(|key| others.get(&key)) else { continue };
        let both = (lent(figures, place, used), lent(figures, place, other));
        push(place, Kind::Declared, &Rule::declared(record), both, into);
    }
}

/// The other side's key of a cell of this side; `None` when the declaration is not about it.
fn other_key(record: &CompareWith, key: &Key) -> Option<Key> {
    let here = |column: &str, code: &str| record.here.get(column).is_none_or(|wanted| wanted == code);
    if !(here("origin", key.origin.code()) && here("sex", &key.sex) && here("age", &key.age)) {
        return None;
    }
    let there = |column: &str, code: &str| record.there.get(column).map_or_else(|| code.to_owned(), Clone::clone);
    Some(Key {
        period: record.other_period(key.period)?,
        origin: Origin::parse(&there("origin", key.origin.code()))?,
        sex: there("sex", &key.sex),
        age: there("age", &key.age),
    })
}

/// Cells that two series or two vintages of one indicator state.
fn stated_twice(definitions: &Definitions, figures: &Figures, places: &[Place], into: &mut Vec<Comparison>) {
    let mut count: BTreeMap<&FigureId, usize> = BTreeMap::new();
    for twice in &figures.others {
        let place = place_of(places, &twice.used.geo.code);
        let Some((indicator, place)) = definitions.indicators.get(&twice.used.indicator).zip(place) else { continue };
        let number = count.entry(&twice.used.id).or_insert(1);
        *number += 1;
        let vintage = match (&twice.used.evidence, &twice.other.evidence) {
            (Evidence::Cell(used), Evidence::Cell(other)) => {
                used.key == other.key
                    && (&twice.used.source, &twice.used.dataflow) == (&twice.other.source, &twice.other.dataflow)
            }
            _ => false,
        };
        let kind = if vintage { Kind::Vintage } else { Kind::Series };
        let other = renamed(figures, place, &twice.other, &format!("stated_{number}"));
        let rule = Rule::of((&twice.used.indicator, indicator), kind);
        push(place, kind, &rule, (lent(figures, place, &twice.used), other), into);
    }
}

/// What a difference is judged by.
struct Rule<'d> {
    tolerance: f64,
    unit: ToleranceUnit,
    reason: Option<DifferenceReason>,
    limit: Option<f64>,
    note: &'d str,
}

impl<'d> Rule<'d> {
    fn declared(record: &'d CompareWith) -> Self {
        Self { tolerance: record.tolerance, unit: record.unit, reason: record.reason, limit: record.limit, note: &record.note }
    }

    /// Of two statements under one indicator: what it declares about itself, else agreement in print.
    fn of((id, indicator): (&str, &'d Indicator), kind: Kind) -> Self {
        let own = |record: &&CompareWith| kind == Kind::Series && record.indicator == id;
        match indicator.compare_with.iter().find(own) {
            Some(record) => Self::declared(record),
            None => Self {
                tolerance: 0.5 * 10_f64.powi(-i32::from(indicator.decimals)),
                unit: ToleranceUnit::Own,
                reason: None,
                limit: None,
                note: "",
            },
        }
    }

    fn judge(&self, kind: Kind, used: f64, other: f64) -> Verdict {
        // Decimal numbers are not exact: 24.7 − 24.2 is a little more than 0.5.
        let within = |most: f64| distance(self.unit, used, other) <= most + 1e-9 * most.max(1.0);
        if within(self.tolerance) {
            return Verdict::Agrees;
        }
        let explained = kind == Kind::Vintage || (self.reason.is_some() && self.limit.is_none_or(within));
        if explained { Verdict::Explained } else { Verdict::Open }
    }
}

/// How far two numbers are apart: absolute, or in percent of the first.
fn distance(unit: ToleranceUnit, used: f64, other: f64) -> f64 {
    match unit {
        ToleranceUnit::Pp | ToleranceUnit::Own => (used - other).abs(),
        ToleranceUnit::Percent if used == other => 0.0,
        ToleranceUnit::Percent => 100.0 * (used - other).abs() / used.abs(),
    }
}

fn push(place: &Place, kind: Kind, rule: &Rule<'_>, (used, other): (Observation, Observation), into: &mut Vec<Comparison>) {
    let (Some(one), Some(two)) = (used.value.number(), other.value.number()) else { return };
    let name = if kind == Kind::Declared {
        format!("against_{}", other.indicator)
    } else {
        format!("against_{}", other.id.0.rsplit('.').next().unwrap_or_default())
    };
    let inputs = vec![used.clone(), other.clone()];
    let unit = difference_unit(used.unit);
    let difference =
        computed(&used, measure(&used, &name), unit, (Formula::Difference, Vec::new()), inputs, |numbers| match numbers {
            [used, other] => Some(used - other),
            _ => None,
        });
    into.push(Comparison {
        kind,
        verdict: rule.judge(kind, one, two),
        territory: place.territory.clone(),
        used,
        other,
        difference,
        tolerance: rule.tolerance,
        unit: rule.unit,
        reason: rule.reason,
        note: rule.note.to_owned(),
    });
}

/// The observation in the territory's name where the territory has taken this region, with the grade it has there.
fn lent(figures: &Figures, place: &Place, observation: &Observation) -> Observation {
    let taken = place.territory.as_ref().and_then(|territory| {
        let key = Key {
            period: observation.period,
            origin: observation.origin,
            sex: observation.sex.clone(),
            age: observation.age.clone(),
        };
        let series = figures.series.get(&(observation.indicator.clone(), territory.clone()))?;
        series.get(&key).filter(|lent| lent.geo == observation.geo)
    });
    taken.unwrap_or(observation).clone()
}

/// The further statement under an id of its own.
fn renamed(figures: &Figures, place: &Place, other: &Observation, name: &str) -> Observation {
    let lent = lent(figures, place, other);
    Observation { id: measure(&lent, name), territory: lent.territory, grade: lent.grade, ..other.clone() }
}

#[cfg(test)]
mod tests;
