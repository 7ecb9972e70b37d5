//! Compute: from tidy tables to the figures of a study. First every indicator by region ([`regions`]), then each
//! territory takes the finest region that has a number, and the grade says whose it is ([`ladder`]).
//!
//! Compares nothing and words nothing. A rate is never averaged here.

mod adequacy;
mod estimate;
mod impute;
mod ladder;
mod regions;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::{Definitions, Indicator, Origin, Study, Unit};
use baseline_model::{
    Evidence, FigureId, Finding, Formula, Grade, NutsCode, ObsStatus, Observation, Parameters, Period, Reason, Value,
};

pub use adequacy::{Adequacy, adequacy};
pub use impute::INTERPOLATED;
pub use ladder::{Ladder, Outcome, Rung, rungs};
pub use regions::{has_number, matching};

use crate::harmonise::Tidy;

/// What tells apart the observations of one indicator in one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub period: Period,
    pub origin: Origin,
    pub sex: String,
    pub age: String,
}

/// All observations of an indicator in one region.
pub type Series = BTreeMap<Key, Observation>;

/// The figures of a study: every indicator for every territory and benchmark.
#[derive(Debug, Default)]
pub struct Figures {
    /// (indicator, territory or benchmark) -> its observations.
    pub series: BTreeMap<(String, String), Series>,
    /// (indicator, territory) -> how the region was chosen.
    pub ladders: BTreeMap<(String, String), Ladder>,
    /// (indicator, region code) -> its observations, for the inputs of derived figures and the weights of means.
    pub regions: BTreeMap<(String, String), Series>,
    /// The period the territories are compared in, by indicator; none of those that show each at its own newest period.
    pub reference: BTreeMap<String, Period>,
    /// Cells that a further series, or another vintage, states differently than the one that is used.
    pub others: Vec<Other>,
    /// What kept a series from being used.
    pub findings: Vec<Finding>,
}

/// Two statements of one cell under one indicator: the first in the order of its series is used.
#[derive(Debug, Clone)]
pub struct Other {
    pub used: Observation,
    pub other: Observation,
}

/// Derives all indicators of a study.
///
/// # Errors
/// When a data frame expression fails: a column that the definitions name is not in the table.
pub fn derive(definitions: &Definitions, study: &Study, tidy: &BTreeMap<String, Tidy>) -> polars::prelude::PolarsResult<Figures> {
    let mut figures = Figures::default();
    let mut wanted: BTreeSet<String> = study.benchmarks.keys().cloned().collect();
    for id in &study.territories {
        if let Some(territory) = definitions.territories.get(id) {
            wanted.insert(territory.country.clone());
            wanted.extend(rungs(territory).into_iter().flat_map(|rung| rung.codes));
        }
    }
    let mut done = regions::Done::default();
    let indicators: Vec<&String> = study.chapters.iter().flat_map(|chapter| &chapter.indicators).collect();
    for indicator in &indicators {
        regions::derive_regions(definitions, indicator, tidy, &wanted, &mut done)?;
    }
    figures.others = done.others;
    figures.findings = done.findings;
    for (indicator, by_region) in done.regions {
        for (region, series) in by_region {
            figures.regions.insert((indicator.clone(), region), series);
        }
    }
    for id in &indicators {
        let Some(indicator) = definitions.indicators.get(*id) else { continue };
        for benchmark in benchmarks(definitions, study) {
            if let Some(series) = figures.regions.get(&((*id).clone(), benchmark.clone())) {
                figures.series.insert(((*id).clone(), benchmark), series.clone());
            }
        }
        for territory_id in &study.territories {
            let Some(territory) = definitions.territories.get(territory_id) else { continue };
            let (named, place) = ((id.as_str(), indicator), (territory_id.as_str(), territory));
            let (ladder, series) = match &indicator.estimate {
                Some(record) => estimate::estimate(definitions, named, record, place, &figures.regions),
                None => ladder::climb(definitions, named, place, &figures.regions, &mut figures.findings),
            };
            figures.ladders.insert(((*id).clone(), territory_id.clone()), ladder);
            figures.series.insert(((*id).clone(), territory_id.clone()), series);
        }
        if indicator.latest {
            continue;
        }
        if let Some(period) = common_period(&figures, (id, indicator), study) {
            figures.reference.insert((*id).clone(), period);
        }
    }
    figures.findings.sort();
    figures.findings.dedup();
    Ok(figures)
}

/// All observations of one indicator in these regions, each its own; nothing of the figures of a study.
///
/// # Errors
/// When a data frame expression fails.
pub fn of_regions(
    definitions: &Definitions,
    id: &str,
    tidy: &BTreeMap<String, Tidy>,
    wanted: &BTreeSet<String>,
) -> polars::prelude::PolarsResult<BTreeMap<String, Series>> {
    let mut done = regions::Done::default();
    regions::derive_regions(definitions, id, tidy, wanted, &mut done)?;
    Ok(done.regions.remove(id).unwrap_or_default())
}

/// The countries of the study's territories and its further benchmarks, each once, in order.
pub fn benchmarks(definitions: &Definitions, study: &Study) -> BTreeSet<String> {
    let countries =
        study.territories.iter().filter_map(|id| definitions.territories.get(id)).map(|territory| territory.country.clone());
    countries.chain(study.benchmarks.keys().cloned()).collect()
}

/// The period that the territories are compared in: the latest of those in which the most of them have a number for
/// the headline group.
fn common_period(figures: &Figures, (id, indicator): (&str, &Indicator), study: &Study) -> Option<Period> {
    let mut counts: BTreeMap<Period, usize> = BTreeMap::new();
    for territory in &study.territories {
        let series = figures.series.get(&(id.to_owned(), territory.clone())).into_iter().flatten();
        for (key, _) in series.filter(|(key, observation)| is_headline(indicator, key) && observation.value.number().is_some()) {
            *counts.entry(key.period).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(period, count)| (*count, *period)).map(|(period, _)| period)
}

fn is_headline(indicator: &Indicator, key: &Key) -> bool {
    key.origin == indicator.headline.origin && key.sex == indicator.headline.sex && key.age == indicator.headline.age
}

impl Figures {
    /// The observation of a group in a period, sex and age as in the headline. A withheld value stays withheld; one
    /// the source does not have is carried from at most two years before, or lies between two own years at most four apart,
    /// neither across a break, and says so; else it is missing.
    pub fn value(&self, (id, indicator): (&str, &Indicator), unit: &str, origin: Origin, period: Period) -> Observation {
        let empty = Series::new();
        let series = self.series.get(&(id.to_owned(), unit.to_owned())).unwrap_or(&empty);
        let key = Key { period, origin, sex: indicator.headline.sex.clone(), age: indicator.headline.age.clone() };
        let stated = series.get(&key);
        if let Some(stated) = stated
            && !matches!(stated.value, Value::Missing(Reason::NotAvailable | Reason::Absent))
        {
            return stated.clone();
        }
        impute::fill(series, &key).or_else(|| stated.cloned()).unwrap_or_else(|| self.absent((id, indicator), unit, key))
    }

    /// As [`Self::value`], in the indicator's reference period, or in the unit's own newest one where the indicator says so.
    pub fn headline(&self, (id, indicator): (&str, &Indicator), unit: &str, origin: Origin) -> Option<Observation> {
        let period = if indicator.latest { self.newest((id, indicator), unit)? } else { *self.reference.get(id)? };
        Some(self.value((id, indicator), unit, origin, period))
    }

    /// The newest period for which a unit has a number of the headline group. What the source has marked as not yet there
    /// does not count: it never hides the number before it.
    fn newest(&self, (id, indicator): (&str, &Indicator), unit: &str) -> Option<Period> {
        let series = self.series.get(&(id.to_owned(), unit.to_owned()))?;
        let numbers =
            series.iter().filter(|(key, observation)| is_headline(indicator, key) && observation.value.number().is_some());
        numbers.map(|(key, _)| key.period).max()
    }

    /// The figure under an id, of a territory, a benchmark or a region.
    pub fn find(&self, id: &str) -> Option<&Observation> {
        let mut parts = id.splitn(3, '.');
        let key = (parts.next()?.to_owned(), parts.next()?.to_owned());
        [&self.series, &self.regions]
            .into_iter()
            .find_map(|all| all.get(&key)?.values().find(|observation| observation.id.0 == id))
    }

    fn absent(&self, (id, indicator): (&str, &Indicator), unit: &str, key: Key) -> Observation {
        let ladder = self.ladders.get(&(id.to_owned(), unit.to_owned()));
        Observation {
            id: figure_id(id, unit, &key),
            indicator: id.to_owned(),
            territory: unit.to_owned(),
            geo: ladder.map_or_else(|| NutsCode { code: unit.to_owned(), version: None }, |ladder| ladder.geo.clone()),
            period: key.period,
            origin: key.origin,
            sex: key.sex,
            age: key.age,
            value: Value::Missing(Reason::Absent),
            unit: indicator.unit,
            obs_status: ObsStatus::default(),
            grade: ladder.map_or(Grade::A, |ladder| ladder.grade),
            carried_years: 0,
            source: String::new(),
            dataflow: String::new(),
            evidence: Evidence::Nowhere,
        }
    }
}

/// `indicator.territory.origin.sex.age.period`.
pub fn figure_id(indicator: &str, unit: &str, key: &Key) -> FigureId {
    FigureId(format!("{indicator}.{unit}.{}.{}.{}.{}", key.origin.code(), key.sex, key.age, key.period))
}

/// A computed observation: value by `compute`, which must be what the formula gives with these parameters, when every input is a
/// number, else missing for the first input's reason; status is the union, grade the worst, carried years the longest of the inputs.
pub fn computed(
    template: &Observation,
    id: FigureId,
    unit: Unit,
    (formula, parameters): (Formula, Parameters),
    inputs: Vec<Observation>,
    compute: impl FnOnce(&[f64]) -> Option<f64>,
) -> Observation {
    let missing = inputs.iter().find_map(|input| match input.value {
        Value::Number(_) => None,
        Value::Missing(reason) => Some(reason),
    });
    let numbers: Vec<f64> = inputs.iter().filter_map(|input| input.value.number()).collect();
    let value = match missing {
        Some(reason) => Value::Missing(reason),
        None => {
            compute(&numbers).filter(|number| number.is_finite()).map_or(Value::Missing(Reason::NotApplicable), Value::Number)
        }
    };
    let dataflows: BTreeSet<&str> =
        inputs.iter().flat_map(|input| input.dataflow.split('+')).filter(|id| !id.is_empty()).collect();
    let sources: BTreeSet<&str> = inputs.iter().flat_map(|input| input.source.split('+')).filter(|id| !id.is_empty()).collect();
    Observation {
        id,
        unit,
        value,
        obs_status: inputs.iter().fold(ObsStatus::default(), |all, input| all.union(&input.obs_status)),
        grade: inputs.iter().map(|input| input.grade).max().unwrap_or(template.grade),
        carried_years: inputs.iter().map(|input| input.carried_years).max().unwrap_or(0),
        source: sources.into_iter().collect::<Vec<_>>().join("+"),
        dataflow: dataflows.into_iter().collect::<Vec<_>>().join("+"),
        evidence: Evidence::Computed { formula, parameters, inputs },
        ..template.clone()
    }
}

#[cfg(test)]
pub mod tests;
