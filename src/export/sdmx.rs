//! SDMX-CSV 2.0, codes only: the key, the value, then what stays with it.
//!
//! ```text
//! STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,MEASURE,REF_AREA,ORIGIN,SEX,AGE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE,GRADE,…
//! DATAFLOW,BASELINE:MILESTONE(1.0),I,OVER_QUALIFICATION,_Z,POSTOJNA,NON_EU,T,Y20-64,2024,47.2,,percent,D,…
//! ```
//! Codes are written in capitals, as SDMX has them and our own reader expects. Specification: <https://github.com/sdmx-twg/sdmx-csv>. There is no registry with this structure: the package beside the
//! file describes its columns.

use baseline_model::Observation;

use super::missing;
use crate::compose::{parts, tidy_number, unit_code};

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
            indicator.to_uppercase(),
            if measure.is_empty() { NOT_APPLICABLE.to_owned() } else { measure.to_uppercase() },
            row.territory.to_uppercase(),
            row.origin.code().to_uppercase(),
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
