//! The figures of a report as a table for machines: `observations.csv`, and the coverage of the manifest.

use std::collections::BTreeMap;

use baseline_model::Observation;
use baseline_model::definitions::Unit;
use serde::{Deserialize, Serialize};

use super::context::Context;
use crate::compare::{self, Among};
use crate::derive::{Adequacy, Outcome, adequacy};

/// Header of `observations.csv`; scripts rely on it.
const COLUMNS: [&str; 18] = [
    "indicator",
    "territory",
    "geo",
    "nuts_version",
    "period",
    "origin",
    "sex",
    "age",
    "value",
    "unit",
    "obs_status",
    "grade",
    "carried_years",
    "source",
    "dataflow",
    "vintage",
    "position",
    "id",
];

/// Every observation behind a report, sorted by id: all periods of the territories and of the benchmarks, what was
/// computed from them for the reference period, and everything else that the context has printed so far.
pub fn observations(context: &Context<'_>, territories: &[String]) -> Vec<Observation> {
    let mut all: BTreeMap<String, Observation> = BTreeMap::new();
    let mut add = |observation: &Observation| {
        all.insert(observation.id.0.clone(), observation.clone());
    };
    let countries: Vec<&str> =
        territories.iter().filter_map(|id| context.territory(id)).map(|territory| territory.country.as_str()).collect();
    for ((id, unit), series) in &context.figures.series {
        let benchmark = context.study.benchmarks.contains_key(unit) || countries.contains(&unit.as_str());
        if territories.contains(unit) || benchmark {
            series.values().for_each(&mut add);
        }
        // Definitions and dates of printed figures differ, even within one territory: nothing is computed from them.
        let compared = territories.contains(unit) && !context.is_printed(id);
        let Some(indicator) = context.indicator(id).filter(|_| compared) else { continue };
        if let Some(gap) = context.gap(indicator, unit) {
            gap.measures().into_iter().for_each(&mut add);
        }
        for origin in Context::all_groups(indicator.1, series) {
            let Some(value) = context.value(indicator, unit, origin) else { continue };
            // It is in no series: it was made for this period.
            if value.id.0.ends_with(crate::derive::INTERPOLATED) {
                add(&value);
            }
            if let Some(regions) = context.regions.get(&(id.clone(), origin)) {
                // A shipped table may be cut to the EU's regions: then there is no place among all.
                let all = (regions.places.len() > regions.places_eu.len()).then_some((&regions.places, Among::All));
                for (places, among) in all.into_iter().chain([(&regions.places_eu, Among::Eu)]) {
                    if let Some(place) = places.get(&value.geo.code).filter(|_| value.value.number().is_some()) {
                        add(&compare::position(&value, *place, among, indicator.1.direction));
                    }
                }
            }
            if let Some(change) = compare::change(series, &value) {
                add(&change.difference);
            }
            let country = context.territory(unit).map(|territory| territory.country.clone());
            let others = context.study.territories.iter().filter(|other| *other != unit && !indicator.1.latest);
            for benchmark in context.study.benchmarks.keys().chain(&country).chain(others) {
                let Some(other) = context.beside(indicator, benchmark, origin, &value) else { continue };
                if other.value.number().is_some() && other.geo != value.geo && !super::tables::is_total(indicator.1.unit) {
                    add(&compare::difference(&value, &other));
                }
            }
        }
    }
    methods(context, territories).iter().for_each(&mut add);
    for (id, shown) in context.shown.borrow().iter() {
        all.entry(id.clone()).or_insert_with(|| shown.clone());
    }
    all.into_values().collect()
}

/// The figures of the composite and of the typology: those of the territories, and with all of these, those about all together.
fn methods(context: &Context<'_>, territories: &[String]) -> Vec<Observation> {
    let mut found = Vec::new();
    let all = territories.len() == context.study.territories.len();
    if let Some(composite) = context.composite {
        let rows = composite.rows.iter().filter(|row| territories.contains(&row.territory));
        found.extend(rows.flat_map(|row| row.cells.iter().flatten()).map(|cell| cell.score.clone()));
        if let Some(ranked) = &composite.ranked {
            let units = ranked.units.iter().filter(|unit| unit.territories.iter().any(|id| territories.contains(id)));
            for unit in units {
                found.extend([&unit.score, &unit.rank, &unit.median, &unit.lower, &unit.upper, &unit.shift].map(Clone::clone));
            }
            if all {
                found.push(ranked.shift.clone());
                found.extend(ranked.sensitivity.iter().flat_map(|(_, first, total)| [first.clone(), total.clone()]));
            }
        }
    }
    if let Some(typology) = context.typology {
        let places = typology.quadrants.iter().flat_map(|quadrants| &quadrants.places);
        found.extend(places.filter(|place| territories.contains(&place.territory)).map(|place| place.arrived.clone()));
        if let Some(groups) = typology.groups.as_ref().filter(|_| all) {
            found.extend([groups.ward_agreement.clone(), groups.means_agreement.clone()]);
        }
    }
    found
}

/// `observations.csv`: UTF-8, comma, LF, a header and one line an observation; numbers unrounded, empty when missing.
pub fn observations_csv(observations: &[Observation]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory fails on nothing but records of unequal length, which these are not.
    let mut write = |record: &[String]| drop(writer.write_record(record));
    write(&COLUMNS.map(str::to_owned));
    for observation in observations {
        write(&record(observation));
    }
    writer.into_inner().unwrap_or_default()
}

/// The same as a JSON array of objects, a missing value as `null`.
pub fn observations_json(observations: &[Observation]) -> Vec<u8> {
    let object = |observation: &Observation| -> serde_json::Value {
        let fields = COLUMNS.iter().zip(record(observation)).map(|(column, text)| {
            let value = match (*column, observation.value.number()) {
                ("value", Some(number)) => tidy_number(number).parse::<f64>().map_or(serde_json::Value::Null, Into::into),
                ("value", None) => serde_json::Value::Null,
                _ => text.into(),
            };
            ((*column).to_owned(), value)
        });
        fields.collect::<serde_json::Map<_, _>>().into()
    };
    let mut bytes = serde_json::to_vec_pretty(&observations.iter().map(object).collect::<Vec<_>>()).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The id of an indicator and, for what was computed from it, the measure: `gap_pp`.
pub fn parts(observation: &Observation) -> (String, String) {
    let measure = observation.id.0.split('.').skip(6).collect::<Vec<_>>().join(".");
    (observation.indicator.clone(), measure)
}

/// The fields of [`COLUMNS`].
fn record(observation: &Observation) -> [String; 18] {
    let (mut indicator, measure) = parts(observation);
    if !measure.is_empty() {
        indicator = format!("{indicator}.{measure}");
    }
    [
        indicator,
        observation.territory.clone(),
        observation.geo.code.clone(),
        observation.geo.version.map(|version| version.to_string()).unwrap_or_default(),
        observation.period.to_string(),
        observation.origin.code().to_owned(),
        observation.sex.clone(),
        observation.age.clone(),
        observation.value.number().map(tidy_number).unwrap_or_default(),
        unit_code(observation.unit),
        observation.obs_status.to_string(),
        observation.grade.to_string(),
        observation.carried_years.to_string(),
        observation.source.clone(),
        observation.dataflow.clone(),
        observation.vintage(),
        observation.position(),
        observation.id.0.clone(),
    ]
}

/// Twelve significant digits: the noise of binary arithmetic is not printed, no published digit is lost.
pub fn tidy_number(value: f64) -> String {
    let text = format!("{value:.11e}");
    text.parse::<f64>().map_or(text, |value| value.to_string())
}

/// The unit's code as in the definitions.
pub fn unit_code(unit: Unit) -> String {
    serde_json::to_value(unit).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// One line of the coverage matrix, for the manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coverage {
    pub indicator: String,
    pub territory: String,
    /// Empty when nothing was found.
    pub grade: String,
    /// A figure that an authority printed: its own by nature, and not looked for at higher levels.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub printed: bool,
    pub geo: String,
    /// Levels passed over, with the reason.
    pub passed: Vec<String>,
    /// Tables that are known and not at hand, and would give the territory's own value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fillable: Vec<String>,
    /// For a value of a region around the territory: how well that stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
}

/// What speaks for and against the value of a region around a territory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proxy {
    /// The territory's share of the region's population, percent.
    pub share_percent: f64,
    /// Ids of the two populations.
    pub population: String,
    pub parent_population: String,
    /// `weak`, `fair`, `good`: see `baseline method parent-proxy`.
    pub adequacy: String,
}

/// Counts of residents, for how well a region stands for a territory; the best first.
const POPULATIONS: [&str; 3] = ["population", "register_population", "local_population"];

/// The coverage of the territories, by indicator.
pub fn coverage_rows(context: &Context<'_>, territories: &[String]) -> Vec<Coverage> {
    let around: BTreeMap<&String, Vec<Adequacy>> = territories
        .iter()
        .filter_map(|id| Some((id, adequacy(context.definitions, context.figures, context.territory(id)?, &POPULATIONS))))
        .collect();
    let of_these = context.figures.ladders.iter().filter(|((_, territory), _)| territories.contains(territory));
    of_these
        .map(|((indicator, territory), ladder)| {
            let taken = ladder.steps.iter().any(|step| step.outcome == Outcome::Taken);
            let passed = ladder.steps.iter().filter(|step| step.outcome != Outcome::Taken);
            Coverage {
                indicator: indicator.clone(),
                territory: territory.clone(),
                grade: if taken { ladder.grade.to_string() } else { String::new() },
                printed: context.is_printed(indicator),
                geo: if taken { ladder.geo.code.clone() } else { String::new() },
                passed: passed
                    .map(|step| format!("{}: {}", step.code, super::provenance::outcome(context, step.outcome)))
                    .collect(),
                proxy: around
                    .get(territory)
                    .into_iter()
                    .flatten()
                    .find(|region| taken && region.code == ladder.geo.code)
                    .map(proxy),
                fillable: super::gaps::tables_for(context, indicator, territory).map(|(id, _)| id.to_owned()).collect(),
            }
        })
        .collect()
}

fn proxy(found: &Adequacy) -> Proxy {
    Proxy {
        share_percent: found.note.share,
        population: found.population.id.0.clone(),
        parent_population: found.parent_population.id.0.clone(),
        adequacy: found.note.adequacy.word().to_owned(),
    }
}
