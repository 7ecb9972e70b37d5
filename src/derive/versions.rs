//! One region under codes of several NUTS versions: FI193 until 2021, FI198 since 2024. The years under an older code join the
//! newer ones when it is the same place; else they stay apart, and counts are converted where the official flows allow it.
//!
//! Whether it is the same place is read from `codelists/nuts_flows_*.csv`. Without flows between two codes nothing is joined.

use std::collections::BTreeMap;

use baseline_method::conversion::{Old, Quantity, convert};
use baseline_model::definitions::{Codelist, Definitions, Indicator, Unit};
use baseline_model::{Finding, Formula, NutsCode, ObsStatus, Observation};

use super::ladder::Rung;
use super::{Series, computed};

/// What may move between two regions for them to be the same place, as a share of each.
const SAME: f64 = 0.001;

/// How a region of an older version lies to a newer one.
#[derive(Debug, Clone, PartialEq)]
enum Link {
    Same,
    /// Parts of either lie elsewhere. `share` of the older lies in the newer; `alone`: nothing else does.
    Changed {
        share: f64,
        alone: bool,
        weight: String,
    },
    /// No flows between the two.
    Unknown,
}

/// The series of a region with the years that other codes of its rung have, as far as they are of the same place.
pub fn joined(
    definitions: &Definitions,
    (id, indicator): (&str, &Indicator),
    (rung, code): (&Rung, &str),
    regions: &BTreeMap<(String, String), Series>,
    findings: &mut Vec<Finding>,
) -> Series {
    let mut series = regions.get(&(id.to_owned(), code.to_owned())).cloned().unwrap_or_default();
    let newest = series.values().filter_map(|observation| observation.geo.version).max();
    if let Link::Changed { share, .. } = link(definitions, code, code) {
        let before = series.len();
        series.retain(|_, observation| observation.geo.version == newest);
        if series.len() < before {
            findings.push(apart(code, code, share));
        }
    }
    // Codes stand newest first: only an older one can have earlier years.
    for older in rung.codes.iter().skip_while(|other| *other != code).skip(1) {
        let Some(earlier) = regions.get(&(id.to_owned(), older.clone())) else { continue };
        let link = link(definitions, older, code);
        let mut left = false;
        for (key, observation) in earlier {
            if series.contains_key(key) {
                continue;
            }
            match &link {
                Link::Same => drop(series.insert(key.clone(), observation.clone())),
                Link::Changed { share, alone: true, weight } if is_count(indicator.unit) => {
                    let to = NutsCode { code: code.to_owned(), version: newest };
                    series.insert(key.clone(), converted(observation, to, *share, weight));
                }
                Link::Changed { .. } | Link::Unknown => left |= observation.value.number().is_some(),
            }
        }
        if left {
            let share = if let Link::Changed { share, .. } = link { share } else { f64::NAN };
            findings.push(apart(older, code, share));
        }
    }
    series
}

fn apart(older: &str, newer: &str, share: f64) -> Finding {
    let why = if share.is_nan() {
        "no flows between the two are shipped".to_owned()
    } else {
        format!("{:.1} % of the older region lies in the newer", 100.0 * share)
    };
    let message = format!("earlier years are of another area under NUTS code {older} ({why}): they are not joined");
    Finding::info("nuts-version", newer, message).hint("no change or interpolation reaches across the switch, as at a break")
}

fn converted(observation: &Observation, to: NutsCode, share: f64, weight: &str) -> Observation {
    let parameters = vec![
        ("from", observation.geo.code.clone()),
        ("to", to.code.clone()),
        ("weight", weight.to_owned()),
        ("share", share.to_string()),
    ];
    let template = Observation { geo: to, ..observation.clone() };
    let (id, unit) = (observation.id.clone(), observation.unit);
    let inputs = vec![observation.clone()];
    let mut converted = computed(&template, id, unit, (Formula::Conversion, parameters), inputs, |numbers| match numbers {
        [count] => Some(count * share),
        _ => None,
    });
    if converted.value.number().is_some() {
        converted.obs_status = converted.obs_status.union(&ObsStatus::new("e"));
    }
    converted
}

/// Whether parts of it add up to the whole.
fn is_count(unit: Unit) -> bool {
    match unit {
        Unit::Persons | Unit::ThousandPersons | Unit::Permits | Unit::Households => true,
        Unit::Percent
        | Unit::PercentagePoints
        | Unit::PerThousand
        | Unit::Years
        | Unit::Euro
        | Unit::MillionEuro
        | Unit::Score
        | Unit::Ratio
        | Unit::Position => false,
    }
}

/// By the newest population of the flows that name both codes.
fn link(definitions: &Definitions, older: &str, newer: &str) -> Link {
    let lists = definitions.codelists.iter().filter(|(name, _)| name.starts_with("nuts_flows_"));
    lists.rev().find_map(|(_, list)| of_list(list, older, newer)).unwrap_or(Link::Unknown)
}

fn of_list(list: &Codelist, older: &str, newer: &str) -> Option<Link> {
    let mut codes = (0..list.columns.len()).filter(|index| list.columns[*index].starts_with("code_v"));
    let (from, to) = (codes.next()?, codes.next()?);
    let weight = (0..list.columns.len()).rfind(|index| list.columns[*index].starts_with("pop"))?;
    let flows: Vec<(&str, &str, f64)> = list
        .rows
        .iter()
        .filter_map(|row| Some((row.get(from)?.as_str(), row.get(to)?.as_str(), row.get(weight)?.parse().ok()?)))
        .collect();
    if !flows.iter().any(|(from, to, _)| *from == older && *to == newer) {
        return None;
    }
    let olds = BTreeMap::from([(older, Old { value: Some(1.0), denominator: None })]);
    let all = convert(&olds, &flows, Quantity::Count, false, 1.0).ok()?;
    let found = all.into_iter().find(|region| region.code == newer)?;
    let share = found.parts.iter().find(|part| part.from == older)?.share;
    let alone = found.missing <= SAME;
    if alone && share >= 1.0 - SAME {
        return Some(Link::Same);
    }
    Some(Link::Changed { share, alone, weight: list.columns[weight].clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOWS: &str = "3,OLD1,NEW1,1000\n3,OLD1,NEW2,10\n3,OLD2,NEW2,500\n3,OLD3,NEW3,70\n3,SAME,SAME,5\n";

    fn check(older: &str, newer: &str, expected: &str) {
        let columns = ["level", "code_v2021", "code_v2024", "pop21"].map(str::to_owned).to_vec();
        let rows = FLOWS.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
        let found = match of_list(&Codelist { columns, rows }, older, newer) {
            Some(Link::Same) => "same".to_owned(),
            Some(Link::Changed { share, alone, weight }) => format!("{share:.3} {alone} {weight}"),
            Some(Link::Unknown) | None => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "{older} {newer}");
    }

    #[test]
    fn links() {
        check("OLD3", "NEW3", "same");
        check("SAME", "SAME", "same");
        check("OLD1", "NEW1", "0.990 true pop21");
        check("OLD1", "NEW2", "0.010 false pop21");
        check("OLD2", "NEW2", "1.000 false pop21");
        check("OLD1", "NEW3", "unknown");
    }
}
