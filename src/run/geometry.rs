//! Boundaries of regions: which are pulled, which are stored, and which fit the figures that a map is to show.
//!
//! Without pulled boundaries maps show countries, from the embedded outlines. A map of regions is drawn only when every
//! region with a number has an area in one NUTS version; else it is left out with a finding, because a code may mean another
//! place in another version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_model::definitions::{Dataflow, DataflowFrequency, Definitions, Level, Origin, Study};
use baseline_model::{Finding, NutsVersion, Observation};
use baseline_render::map::geometry::Geometry;
use baseline_render::map::read::{GeometryError, Wanted, read as read_areas};

use super::Stored;
use crate::compare::Regions;
use crate::compose::map::{Boundaries, Mapped};
use crate::derive::{self, Figures};
use crate::frame::PolarsError;
use crate::harmonise::{Tidy, entries};
use crate::pull::{Profile, ReadSummary};
use crate::store::{Store, StoreError};

/// The source of boundaries.
pub const SOURCE: &str = "gisco";

/// The files that `pull --geometry` fetches: regions of level 2 at 1:60 million, which is finer than a page shows.
const FILES: [(NutsVersion, &str); 2] =
    [(NutsVersion::V2021, "NUTS_RG_60M_2021_4326_LEVL_2"), (NutsVersion::V2024, "NUTS_RG_60M_2024_4326_LEVL_2")];
const LEVEL: u8 = 2;
/// Codes that a message names; the rest are counted.
const NAMED: usize = 4;

/// The files as dataflows: `gisco/NUTS_RG_60M_2024_4326_LEVL_2`.
pub fn dataflows() -> Vec<String> {
    FILES.iter().map(|(_, file)| format!("{SOURCE}/{file}")).collect()
}

/// The NUTS version of such a dataflow; `None` for a table.
pub fn version_of(flow: &str) -> Option<NutsVersion> {
    let (source, name) = flow.split_once('/')?;
    FILES.iter().find(|(_, file)| source == SOURCE && name == *file).map(|(version, _)| *version)
}

/// The definitions with a record for each file: boundaries are no figures, so no table of the definitions declares them.
pub fn with_records(definitions: &Definitions) -> Definitions {
    let mut all = definitions.clone();
    for (version, file) in FILES {
        let record = Dataflow {
            title: format!("Boundaries of regions, NUTS {version}, level {LEVEL}"),
            frequency: DataflowFrequency::Irregular,
            levels: vec![Level::Nuts2],
            ..Dataflow::default()
        };
        all.dataflows.insert(format!("{SOURCE}/{file}"), record);
    }
    all
}

/// What an answer holds: the regions are codes of which none may get lost from one state to the next.
pub fn summary(flow: &str, bytes: &[u8]) -> ReadSummary {
    match areas(flow, bytes) {
        Ok(geometry) => {
            let codes: BTreeMap<String, u64> = geometry.areas.into_iter().map(|area| (area.code, 1)).collect();
            let count = codes.len() as u64;
            let dimensions = BTreeMap::from([("nuts_id".to_owned(), codes)]);
            let profile = Profile { cells: count, numbers: count, dimensions, ..Profile::default() };
            ReadSummary { observations: count, profile, ..ReadSummary::default() }
        }
        Err(error) => ReadSummary { findings: vec![finding(&error, flow)], ..ReadSummary::default() },
    }
}

/// The newest whole vintages of boundaries. Broken and held ones are findings.
///
/// # Errors
/// When the store cannot be listed.
pub fn find(store: &Store) -> Result<(BTreeMap<String, Stored>, Vec<Finding>), StoreError> {
    let (mut found, mut findings) = (BTreeMap::new(), Vec::new());
    for flow in dataflows() {
        let (vintage, odd) = store.latest(&flow)?;
        findings.extend(odd);
        found.extend(vintage.map(|vintage| (flow, Stored::Pulled(vintage))));
    }
    Ok((found, findings))
}

/// Reads what was found. A file that cannot be used is a finding.
///
/// # Errors
/// When a stored file cannot be read.
pub fn read(stored: &BTreeMap<String, Stored>) -> Result<(Boundaries, Vec<Finding>), StoreError> {
    let (mut boundaries, mut findings) = (Boundaries::new(), Vec::new());
    for (flow, stored) in stored {
        let Stored::Pulled(vintage) = stored else { continue };
        match (areas(flow, &vintage.original(1)?), version_of(flow)) {
            (Ok(geometry), Some(version)) => drop(boundaries.insert(version, Arc::new(geometry))),
            (Ok(_), None) => {}
            (Err(error), _) => findings.push(finding(&error, flow)),
        }
    }
    Ok((boundaries, findings))
}

/// For each indicator that a chapter maps, and whose table has all regions: their figures on the boundaries that fit.
///
/// # Errors
/// When a data frame expression fails.
pub fn mapped(
    (definitions, study): (&Definitions, &Study),
    tidy: &BTreeMap<String, Tidy>,
    figures: &mut Figures,
    regions: &BTreeMap<(String, Origin), Regions>,
    boundaries: &Boundaries,
) -> Result<(BTreeMap<String, Mapped>, Vec<Finding>), PolarsError> {
    let (mut all, mut findings) = (BTreeMap::new(), Vec::new());
    let known: BTreeSet<&str> =
        entries(definitions.codelists.get("nuts_codes")).filter_map(|entry| entry.get("code").copied()).collect();
    for id in study.chapters.iter().flat_map(|chapter| &chapter.maps) {
        let Some((id, indicator)) = definitions.indicators.get_key_value(id) else { continue };
        let (Some(table), Some(period)) =
            (regions.get(&(id.clone(), indicator.headline.origin)), figures.reference.get(id).copied())
        else {
            continue;
        };
        if boundaries.is_empty() || table.values.is_empty() {
            continue;
        }
        let (inside, outside): (Vec<&String>, Vec<&String>) = table.values.keys().partition(|code| known.contains(code.as_str()));
        match fitting(&inside, boundaries) {
            Ok((version, geometry)) => {
                let wanted = geometry.areas.iter().map(|area| area.code.clone()).collect();
                let mut values = BTreeMap::new();
                for (code, series) in derive::of_regions(definitions, id, tidy, &wanted)? {
                    let wanted = |observation: &&Observation| {
                        let headline = &indicator.headline;
                        observation.period == period
                            && observation.origin == headline.origin
                            && observation.sex == headline.sex
                            && observation.age == headline.age
                    };
                    if let Some(observation) = series.values().find(wanted) {
                        values.insert(code.clone(), observation.clone());
                        // So that `why` finds every value of the map.
                        figures.regions.entry((id.clone(), code)).or_insert(series);
                    }
                }
                let outside = outside.into_iter().filter(|code| geometry.area(code).is_none()).cloned().collect();
                all.insert(id.clone(), Mapped { version, geometry: Arc::clone(geometry), values, outside });
            }
            Err(message) => {
                let found = Finding::warning("geometry-version", id.as_str(), format!("no map of regions: {message}"));
                findings.push(found.hint("pull the boundaries of the figures' NUTS version: baseline pull --geometry"));
            }
        }
    }
    Ok((all, findings))
}

/// The newest boundaries that have an area for every code; else what is missing where.
fn fitting<'a>(codes: &[&String], boundaries: &'a Boundaries) -> Result<(NutsVersion, &'a Arc<Geometry>), String> {
    let mut faults = Vec::new();
    for (version, geometry) in boundaries.iter().rev() {
        let missing: Vec<&str> = codes.iter().map(|code| code.as_str()).filter(|code| geometry.area(code).is_none()).collect();
        if missing.is_empty() {
            return Ok((*version, geometry));
        }
        let rest = missing.len().saturating_sub(NAMED);
        let shown = missing[..missing.len() - rest].join(", ");
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        faults.push(format!("NUTS {version} has no area for {shown}{rest}"));
    }
    Err(format!("of {} regions with a number, {}", codes.len(), faults.join("; ")))
}

fn areas(flow: &str, bytes: &[u8]) -> Result<Geometry, GeometryError> {
    let file = flow.split_once('/').map_or(flow, |(_, file)| file);
    let version = FILES.iter().find(|(_, known)| *known == file).map(|(version, _)| *version);
    read_areas(bytes, file, Wanted { version, level: Some(LEVEL), object: None })
}

fn finding(error: &GeometryError, flow: &str) -> Finding {
    let text = error.to_string();
    let (message, hint) = text.split_once("\n  hint: ").unwrap_or((&text, ""));
    Finding::error(error.code(), flow, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boundaries(versions: &[(NutsVersion, &[&str])]) -> Boundaries {
        let geometry = |codes: &[&str]| {
            let areas =
                codes.iter().map(|code| baseline_render::map::geometry::Area { code: (*code).into(), ..Default::default() });
            Arc::new(Geometry { areas: areas.collect(), ..Geometry::default() })
        };
        versions.iter().map(|(version, codes)| (*version, geometry(codes))).collect()
    }

    /// Codes with numbers -> the version taken, or a part of what is missing.
    fn check(codes: &[&str], expected: Result<NutsVersion, &str>) {
        let boundaries = boundaries(&[(NutsVersion::V2021, &["NL31", "PL42", "UKC1"]), (NutsVersion::V2024, &["NL35", "PL42"])]);
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        let found = fitting(&codes.iter().collect::<Vec<_>>(), &boundaries).map(|(version, _)| version);
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, _) => panic!("{codes:?}: {found:?}"),
        }
    }

    #[test]
    fn a_map_has_the_version_of_its_figures() {
        check(&["PL42"], Ok(NutsVersion::V2024));
        check(&["NL35", "PL42"], Ok(NutsVersion::V2024));
        check(&["NL31", "PL42"], Ok(NutsVersion::V2021));
        check(&["UKC1"], Ok(NutsVersion::V2021));
        check(&["NL31", "NL35"], Err("NUTS 2024 has no area for NL31; NUTS 2021 has no area for NL35"));
        check(&["A1", "A2", "A3", "A4", "A5"], Err("A1, A2, A3, A4 and 1 more"));
    }

    #[test]
    fn what_is_pulled_is_checked() {
        let flow = &dataflows()[1];
        let file = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"NUTS_ID":"PL42","LEVL_CODE":2},
            "geometry":{"type":"Polygon","coordinates":[[[5,50],[6,50],[6,51],[5,50]]]}}]}"#;
        let sound = summary(flow, file.as_bytes());
        assert_eq!((sound.observations, sound.profile.dimensions["nuts_id"]["PL42"]), (1, 1));
        let other = summary(flow, file.replace("\"LEVL_CODE\":2", "\"LEVL_CODE\":3").as_bytes());
        assert_eq!((other.observations, other.findings[0].code), (0, "geometry-level"));
        assert!(!other.findings[0].hint.is_empty());
    }
}
