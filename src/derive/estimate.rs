//! Estimates, grade M: a country's rates by group over the local composition by group, for an indicator that no table has
//! for the territory. Shows what the composition alone would make of it; nothing local is observed.
//!
//! Σ s_k r_k / 100 with the rest's share 100 − Σ s_k (post-stratified synthetic estimate, see [`baseline_method::synthetic`]).
//! No interval: none follows from what is published. Several compositions give a span, said as one.

use std::collections::BTreeMap;

use baseline_method::impute::Bounds;
use baseline_method::synthetic::{Stratum, post_stratified};
use baseline_model::definitions::{Composition, Definitions, Estimate, EstimateKind, Indicator, Origin, Territory};
use baseline_model::{Formula, Grade, NutsCode, ObsStatus, Observation, Period};

use super::ladder::{Ladder, Outcome, Rung, Step, rungs};
use super::{Key, Series, computed, figure_id};

type Regions = BTreeMap<(String, String), Series>;

/// A region's composition in one period: a share, in percent, by group.
struct Local {
    code: String,
    name: String,
    assumption: String,
    shares: Vec<(Origin, Observation)>,
}

/// The estimate for a territory in the newest year in which its country has the rates and a composition is near enough: that
/// of the finest region with one, and there the first declared. One year only: a change of it would be one of the country's
/// rates. The ladder says what was missing.
pub fn estimate(
    definitions: &Definitions,
    named: (&str, &Indicator),
    record: &Estimate,
    (territory_id, territory): (&str, &Territory),
    regions: &Regions,
) -> (Ladder, Series) {
    let EstimateKind::Synthetic = record.kind;
    let years = years(definitions, record, &territory.country, regions);
    let missing = if years.is_empty() { Outcome::NoRates } else { Outcome::NoComposition };
    let finest = |period: &Period| {
        let mut locals =
            rungs(territory).into_iter().map(|rung| (rung.level, first_local(definitions, record, &rung, *period, regions)));
        locals.find_map(|(level, local)| Some((*period, level, local?)))
    };
    let taken = years.iter().rev().find_map(finest);
    let mut steps = Vec::new();
    for rung in rungs(territory) {
        let code = rung.codes.first().cloned().unwrap_or_default();
        match &taken {
            Some((_, level, local)) if *level == rung.level => {
                steps.push(Step { level: *level, code: local.code.clone(), outcome: Outcome::Taken });
                break;
            }
            Some(_) | None => steps.push(Step { level: rung.level, code, outcome: missing }),
        }
    }
    let mut series = Series::new();
    let mut geo = NutsCode { code: territory.own_code().to_owned(), version: None };
    if let Some((period, _, local)) = &taken {
        let others = others(definitions, record, territory, *period, regions, local);
        let place = (named.0, named.1, territory_id, territory.country.as_str());
        if let Some((key, figure)) = figure(definitions, place, record, (*period, local, &others), regions) {
            geo = figure.geo.clone();
            series.insert(key, figure);
        }
    }
    (Ladder { grade: Grade::M, geo, steps }, series)
}

/// The compositions of the others that are declared, each of the finest region that has it.
fn others(
    definitions: &Definitions,
    record: &Estimate,
    territory: &Territory,
    period: Period,
    regions: &Regions,
    taken: &Local,
) -> Vec<Local> {
    let finest = |composition: &Composition| {
        let codes = rungs(territory).into_iter().flat_map(|rung| rung.codes);
        codes.into_iter().find_map(|code| local(definitions, composition, &code, period, regions))
    };
    record.compositions.iter().filter(|composition| name(composition) != taken.name).filter_map(finest).collect()
}

/// Years in which the country has a number for every group that is needed, in order.
fn years(definitions: &Definitions, record: &Estimate, country: &str, regions: &Regions) -> Vec<Period> {
    let Some(series) = regions.get(&(record.rates.clone(), country.to_owned())) else { return Vec::new() };
    let mut periods: Vec<Period> = series.keys().map(|key| key.period).collect();
    periods.dedup();
    let groups = || record.compositions.iter().flat_map(|composition| composition.shares.keys()).chain([&record.rest]);
    periods.retain(|period| groups().all(|origin| rate(definitions, record, country, *origin, *period, regions).is_some()));
    periods
}

fn rate(
    definitions: &Definitions,
    record: &Estimate,
    country: &str,
    origin: Origin,
    period: Period,
    regions: &Regions,
) -> Option<Observation> {
    let headline = &definitions.indicators.get(&record.rates)?.headline;
    let key = Key { period, origin, sex: headline.sex.clone(), age: headline.age.clone() };
    let found = regions.get(&(record.rates.clone(), country.to_owned()))?.get(&key)?;
    found.value.number().is_some().then(|| found.clone())
}

fn first_local(definitions: &Definitions, record: &Estimate, rung: &Rung, period: Period, regions: &Regions) -> Option<Local> {
    let of =
        |composition: &Composition| rung.codes.iter().find_map(|code| local(definitions, composition, code, period, regions));
    record.compositions.iter().find_map(of)
}

/// The composition of a region in the year nearest to the rates', at most as far as a value may be carried; the earlier of two.
fn local(definitions: &Definitions, composition: &Composition, code: &str, period: Period, regions: &Regions) -> Option<Local> {
    let share = |(origin, id): (&Origin, &String)| {
        let headline = &definitions.indicators.get(id)?.headline;
        let series = regions.get(&(id.clone(), code.to_owned()))?;
        let near = series.iter().filter(|(key, share)| {
            key.origin == headline.origin
                && key.sex == headline.sex
                && key.age == headline.age
                && u32::from(key.period.year.abs_diff(period.year)) <= Bounds::default().carry
                && share.value.number().is_some()
        });
        let (key, found) =
            near.min_by_key(|(key, _)| (key.period.year.abs_diff(period.year), key.period.year, std::cmp::Reverse(key.period)))?;
        let mut found = found.clone();
        // A share of a later year is carried nowhere; its period stands beside it.
        found.carried_years += u16::try_from(period.year - key.period.year).unwrap_or(0);
        Some((*origin, found))
    };
    let shares: Vec<_> = composition.shares.iter().map(share).collect::<Option<_>>()?;
    let percent: Vec<f64> = shares.iter().filter_map(|(_, share)| share.value.number()).collect();
    if percent.iter().any(|share| *share < 0.0) || percent.iter().sum::<f64>() > 100.0 {
        return None;
    }
    let assumption = composition.assumption.clone();
    Some(Local { code: code.to_owned(), name: name(composition), assumption, shares })
}

/// What a composition is called: its indicators.
fn name(composition: &Composition) -> String {
    composition.shares.values().map(String::as_str).collect::<Vec<_>>().join("+")
}

fn figure(
    definitions: &Definitions,
    (id, indicator, territory, country): (&str, &Indicator, &str, &str),
    record: &Estimate,
    (period, local, others): (Period, &Local, &[Local]),
    regions: &Regions,
) -> Option<(Key, Observation)> {
    let rate = |origin: Origin| rate(definitions, record, country, origin, period, regions);
    let inputs_of = |local: &Local| -> Option<Vec<Observation>> {
        let mut inputs = vec![rate(record.rest)?];
        for (origin, share) in &local.shares {
            inputs.extend([share.clone(), rate(*origin)?]);
        }
        Some(inputs)
    };
    let numbers = |inputs: &[Observation]| inputs.iter().map(|input| input.value.number()).collect::<Option<Vec<f64>>>();
    let inputs = inputs_of(local)?;
    let value = synthetic(&numbers(&inputs)?)?;
    let mut parameters = vec![
        ("composition", local.name.clone()),
        ("of", local.code.clone()),
        ("period", local.shares.iter().map(|(_, share)| share.period.to_string()).collect::<Vec<_>>().join(", ")),
        ("assumption", local.assumption.clone()),
    ];
    let estimate_of = |other: &Local| synthetic(&numbers(&inputs_of(other)?)?);
    let alternatives: Vec<(&Local, f64)> = others.iter().filter_map(|other| Some((other, estimate_of(other)?))).collect();
    if !alternatives.is_empty() {
        let all = || alternatives.iter().map(|(_, value)| *value).chain([value]);
        let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        let decimals = usize::from(indicator.decimals);
        let about = |(other, value): &(&Local, f64)| {
            let period = other.shares.first().map_or_else(String::new, |(_, share)| share.period.to_string());
            format!("{} of {} {period}: {value:.decimals$}", other.name, other.code)
        };
        parameters.push(("span", format!("{low:.decimals$} to {high:.decimals$}")));
        parameters.push(("alternatives", alternatives.iter().map(about).collect::<Vec<_>>().join("; ")));
    }
    let headline = &indicator.headline;
    let key = Key { period, origin: headline.origin, sex: headline.sex.clone(), age: headline.age.clone() };
    let geo = local.shares.first().map(|(_, share)| share.geo.clone())?;
    let template = Observation {
        indicator: id.to_owned(),
        territory: territory.to_owned(),
        geo,
        period,
        origin: key.origin,
        sex: key.sex.clone(),
        age: key.age.clone(),
        ..inputs.first()?.clone()
    };
    let figure_id = figure_id(id, territory, &key);
    let mut figure = computed(&template, figure_id, indicator.unit, (Formula::Synthetic, parameters), inputs, |_| Some(value));
    figure.grade = Grade::M;
    figure.obs_status = figure.obs_status.union(&ObsStatus::new("e"));
    Some((key, figure))
}

/// The estimate of r_0, s_1, r_1, s_2, r_2, ...: `None` when the shares are no shares.
fn synthetic(numbers: &[f64]) -> Option<f64> {
    let (rest, pairs) = numbers.split_first()?;
    let shares: f64 = pairs.iter().step_by(2).sum();
    let stratum = |count: f64, rate: f64| Stratum { count, rate: Some(rate), standard_error: None };
    let mut strata = vec![stratum(100.0 - shares, *rest)];
    strata.extend(pairs.chunks_exact(2).map(|pair| stratum(pair[0], pair[1])));
    post_stratified(&strata).ok()?.estimate
}
