//! Which territories resemble one another, held against the labels that the project gave them: the quadrant rule over a share
//! at two dates, and a cluster analysis over the study's indicators. Corrects no label.

use std::collections::BTreeMap;

use baseline_method::Fault;
use baseline_method::structure::agreement::agreement;
use baseline_method::structure::cluster;
use baseline_method::structure::typology::{Kind, quadrants};
use baseline_model::definitions::{Definitions, Study, TerritoryKind, Typology as Record, Unit};
use baseline_model::{FigureId, Formula, NutsCode, Observation, Parameters, Period};

use super::measure;
use crate::derive::{Figures, Key, computed, figure_id};

/// The indicator part of the ids of its figures.
pub const ID: &str = "typology";
/// Part of today's share above which a place counts as new.
pub const LIMIT: f64 = 0.5;
/// The fewest territories that a median or groups say anything of.
const LEAST: usize = 4;
/// Rounds in which a start of k-means must settle.
const ROUNDS: usize = 1000;

#[derive(Debug, Clone, Default)]
pub struct Typology {
    /// `None`: there are not enough territories with the share at two dates.
    pub quadrants: Option<Quadrants>,
    /// Dates at which the share is known, over all territories.
    pub dates: Vec<Period>,
    pub groups: Option<Groups>,
    /// Territories that lack a value of these indicators, and which: they are in no group.
    pub without: BTreeMap<String, Vec<String>>,
    /// Why there are no groups although there are enough territories.
    pub fault: Option<Fault>,
}

/// The quadrant rule over one share.
#[derive(Debug, Clone)]
pub struct Quadrants {
    pub from: Period,
    pub to: Period,
    /// Of the earlier shares.
    pub median: f64,
    pub places: Vec<Quadrant>,
}

#[derive(Debug, Clone)]
pub struct Quadrant {
    pub territory: String,
    pub earlier: Observation,
    pub later: Observation,
    /// Percent of the later share that arrived since.
    pub arrived: Observation,
    pub kind: Kind,
}

/// Groups by two methods.
#[derive(Debug, Clone)]
pub struct Groups {
    pub indicators: Vec<String>,
    /// Those with a value of every indicator, in the study's order.
    pub territories: Vec<String>,
    /// Territory by territory, its values in the order of the indicators.
    pub values: Vec<Vec<Observation>>,
    pub k: usize,
    /// From 0, in the order of their first territories.
    pub ward: Vec<usize>,
    pub means: Vec<usize>,
    /// Adjusted Rand index against the labels.
    pub ward_agreement: Observation,
    pub means_agreement: Observation,
}

/// The label of a territory as the rules name it.
pub fn label(kind: TerritoryKind) -> Kind {
    match kind {
        TerritoryKind::EstablishedDestination => Kind::Established,
        TerritoryKind::NewArrivalRegion => Kind::NewArrival,
    }
}

/// The typology of a study; `None` when it declares none.
pub fn typology(definitions: &Definitions, (study_id, study): (&str, &Study), figures: &Figures) -> Option<Typology> {
    let record = study.typology.as_ref()?;
    let mut found = Typology { dates: dates(definitions, study, record, figures), ..Typology::default() };
    found.quadrants = quadrant(definitions, study, record, figures, &found.dates);
    let mut rows: Vec<(String, Vec<Observation>)> = Vec::new();
    for territory in &study.territories {
        let value = |id: &String| {
            let indicator = definitions.indicators.get(id)?;
            let value = figures.headline((id, indicator), territory, indicator.headline.origin)?;
            value.value.number().map(|_| value)
        };
        let values: Vec<Option<Observation>> = record.indicators.iter().map(value).collect();
        let missing: Vec<String> =
            record.indicators.iter().zip(&values).filter(|(_, value)| value.is_none()).map(|(id, _)| id.clone()).collect();
        if missing.is_empty() {
            rows.push((territory.clone(), values.into_iter().flatten().collect()));
        } else {
            found.without.insert(territory.clone(), missing);
        }
    }
    if rows.len() >= LEAST {
        match groups(definitions, study_id, record, rows) {
            Ok(groups) => found.groups = groups,
            Err(fault) => found.fault = Some(fault),
        }
    }
    Some(found)
}

/// Dates at which any territory has the share.
fn dates(definitions: &Definitions, study: &Study, record: &Record, figures: &Figures) -> Vec<Period> {
    let mut dates: Vec<Period> =
        study.territories.iter().flat_map(|territory| shares(definitions, record, figures, territory).into_keys()).collect();
    dates.sort_unstable();
    dates.dedup();
    dates
}

/// The share of a territory's main group by period, where there is a number.
fn shares<'f>(
    definitions: &Definitions,
    record: &Record,
    figures: &'f Figures,
    territory: &str,
) -> BTreeMap<Period, &'f Observation> {
    let (Some(indicator), Some(series)) =
        (definitions.indicators.get(&record.share), figures.series.get(&(record.share.clone(), territory.to_owned())))
    else {
        return BTreeMap::new();
    };
    let headline = &indicator.headline;
    let ours = |key: &Key| key.origin == headline.origin && key.sex == headline.sex && key.age == headline.age;
    series
        .iter()
        .filter(|(key, value)| ours(key) && value.value.number().is_some())
        .map(|(key, value)| (key.period, value))
        .collect()
}

/// The two dates that the most territories have, far enough apart and without a break between them; then the rule.
fn quadrant(definitions: &Definitions, study: &Study, record: &Record, figures: &Figures, dates: &[Period]) -> Option<Quadrants> {
    let all: Vec<(&String, BTreeMap<Period, &Observation>)> =
        study.territories.iter().map(|id| (id, shares(definitions, record, figures, id))).collect();
    let pairs = |from: Period, to: Period| -> Vec<(&String, &Observation, &Observation)> {
        let unbroken = |shares: &BTreeMap<Period, &Observation>| {
            !shares.range(from..=to).skip(1).any(|(_, value)| value.obs_status.contains('b'))
        };
        let mut both = Vec::new();
        for (id, shares) in all.iter().filter(|(_, shares)| unbroken(shares)) {
            if let (Some(earlier), Some(later)) = (shares.get(&from), shares.get(&to)) {
                both.push((*id, *earlier, *later));
            }
        }
        both
    };
    let apart = |from: &Period, to: &Period| from.frequency == to.frequency && to.year - from.year >= record.years;
    let candidates = dates.iter().flat_map(|to| dates.iter().filter(move |from| apart(from, to)).map(move |from| (*from, *to)));
    // The most territories, then the newest date, then the date nearest to it.
    let (from, to) = candidates.max_by_key(|(from, to)| (pairs(*from, *to).len(), *to, *from))?;
    let found = pairs(from, to);
    if found.len() < LEAST {
        return None;
    }
    let number = |value: &Observation| value.value.number().unwrap_or_default();
    let earlier: Vec<f64> = found.iter().map(|(_, earlier, _)| number(earlier)).collect();
    let later: Vec<f64> = found.iter().map(|(_, _, later)| number(later)).collect();
    let (median, kinds) = quadrants(&earlier, &later, LIMIT).ok()?;
    let places = found.into_iter().zip(kinds).map(|((territory, earlier, later), place)| {
        let id = measure(later, &format!("arrived_since_{from}"));
        let inputs = vec![later.clone(), earlier.clone()];
        let arrived = computed(later, id, Unit::Percent, (Formula::Arrived, Vec::new()), inputs, |numbers| {
            let [later, earlier] = numbers else { return None };
            Some(100.0 * (later - earlier) / later)
        });
        Quadrant { territory: territory.clone(), earlier: earlier.clone(), later: later.clone(), arrived, kind: place.kind }
    });
    Some(Quadrants { from, to, median, places: places.collect() })
}

fn groups(
    definitions: &Definitions,
    study: &str,
    record: &Record,
    rows: Vec<(String, Vec<Observation>)>,
) -> Result<Option<Groups>, Fault> {
    let (territories, values): (Vec<String>, Vec<Vec<Observation>>) = rows.into_iter().unzip();
    let points: Vec<Vec<f64>> = values.iter().map(|row| row.iter().filter_map(|value| value.value.number()).collect()).collect();
    let scores = cluster::standardise(&points, &record.indicators)?;
    let ward = cluster::cut(&cluster::ward(&scores)?, record.groups);
    let means = cluster::k_means(&scores, record.groups, record.starts, record.seed, ROUNDS)?.clusters;
    let labels: Vec<&str> =
        territories.iter().filter_map(|id| Some(label(definitions.territories.get(id)?.kind).code())).collect();
    let listed: Vec<String> = territories.iter().zip(&labels).map(|(id, label)| format!("{id}={label}")).collect();
    let agree = |method: &str, groups: &[usize], further: Parameters| -> Result<Option<Observation>, Fault> {
        let named: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        let index = agreement(&named, &labels)?.adjusted;
        let mut parameters = vec![("method", method.to_owned()), ("k", record.groups.to_string()), ("labels", listed.join(", "))];
        parameters.extend(further);
        Ok(whole(study, &values, &format!("adjusted_rand_{method}"), parameters, index))
    };
    let random = vec![("starts", record.starts.to_string()), ("seed", record.seed.to_string())];
    let (Some(ward_agreement), Some(means_agreement)) = (agree("ward", &ward, Vec::new())?, agree("k_means", &means, random)?)
    else {
        return Ok(None);
    };
    Ok(Some(Groups {
        indicators: record.indicators.clone(),
        territories,
        values,
        k: record.groups,
        ward,
        means,
        ward_agreement,
        means_agreement,
    }))
}

/// A figure about all territories together.
fn whole(study: &str, values: &[Vec<Observation>], name: &str, parameters: Parameters, value: f64) -> Option<Observation> {
    let first = values.first()?.first()?;
    let newest = values.iter().flatten().map(|value| value.period).max()?;
    let key = Key { period: newest, origin: first.origin, sex: first.sex.clone(), age: first.age.clone() };
    let template = Observation {
        indicator: ID.to_owned(),
        territory: study.to_owned(),
        geo: NutsCode { code: study.to_owned(), version: None },
        period: newest,
        ..first.clone()
    };
    let id = FigureId(format!("{}.{name}", figure_id(ID, study, &key)));
    let inputs = values.iter().flatten().cloned().collect();
    Some(computed(&template, id, Unit::Ratio, (Formula::AdjustedRand, parameters), inputs, |_| Some(value)))
}

#[cfg(test)]
pub mod tests;
