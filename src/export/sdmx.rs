//! SDMX-CSV 2.0, codes only: the key, the value, then what stays with it.
//!
//! ```text
//! STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,MEASURE,REF_AREA,ORIGIN,SEX,AGE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,GRADE,…
//! DATAFLOW,BASELINE:MILESTONE(1.0),I,over_qualification,_Z,postojna,non_eu,T,Y20-64,2024,47.2,,percent,D,…
//! ```
//! Specification: <https://github.com/sdmx-twg/sdmx-csv>. There is no registry with this structure: the package beside the
//! file describes its columns.

use baseline_model::Observation;

use super::{missing, parts, unit_code};
use crate::compose::tidy_number;

pub const COLUMNS: [&str; 21] = [
    "STRUCTURE",
    "STRUCTURE_ID",
    "ACTION",
    "INDICATOR",
    "MEASURE",
    "REF_AREA",
    "ORIGIN",
    "SEX",
    "AGE",
    "TIME_PERIOD",
    "OBS_VALUE",
    "OBS_STATUS",
    "UNIT_MEASURE",
    "GRADE",
    "GEO",
    "NUTS_VERSION",
    "CARRIED_YEARS",
    "MISSING",
    "DATAFLOW_ID",
    "VINTAGE",
    "FIGURE_ID",
];

/// SDMX's own code for "does not apply", where a dimension must have one.
const NOT_APPLICABLE: &str = "_Z";

/// The file of a study: a line an observation, in the order given.
pub fn bytes(study: &str, observations: &[Observation]) -> Vec<u8> {
    let structure = format!("BASELINE:{}(1.0)", study.to_uppercase());
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory fails on nothing but records of unequal length, which these are not.
    let mut write = |record: &[String]| drop(writer.write_record(record));
    write(&COLUMNS.map(str::to_owned));
    for row in observations {
        let (indicator, measure) = parts(row);
        write(&[
            "DATAFLOW".to_owned(),
            structure.clone(),
            "I".to_owned(),
            indicator,
            if measure.is_empty() { NOT_APPLICABLE.to_owned() } else { measure },
            row.territory.clone(),
            row.origin.code().to_owned(),
            row.sex.clone(),
            row.age.clone(),
            row.period.to_string(),
            row.value.number().map(tidy_number).unwrap_or_default(),
            row.obs_status.to_string(),
            unit_code(row.unit),
            row.grade.to_string(),
            row.geo.code.clone(),
            row.geo.version.map(|version| version.to_string()).unwrap_or_default(),
            row.carried_years.to_string(),
            missing(row).to_owned(),
            row.dataflow.clone(),
            row.vintage(),
            row.id.0.clone(),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}
