//! Builds the figures that ship with the program from collected originals, after the recipe `data/seed.toml`.
//!
//! Why here: the seed goes through the same readers as a pulled file, so every figure of a report is read
//! in one way. Bytes come in through a function and go out as values; this module opens no file and knows
//! no clock. It never changes a number, fills no hole, and drops nothing without saying so.
//!
//! What it writes, one row per kept cell, a missing one with its status:
//!
//! ```text
//! freq,citizen,age,sex,unit,geo,period,value,obs_status,conf_status,original,position
//! A,EU27_2020_FOR,Y20-64,T,PC,PL,2024,,u,,2,2#136
//! A,NAT,Y20-64,T,PC,PL,2024,19.9,,,2,2#214
//! ```

mod cut;
mod recipe;

pub use recipe::{labels, read_options};
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use baseline_model::definitions::{Definitions, Source};
use baseline_model::{Finding, Original, Receipt, Severity};
use sha2::{Digest, Sha256};

use cut::{Flow, Meaning, Remarks, cut, printed};
use recipe::{Recipe, Regions};

/// What a build gives: files (path below `data/seed`, bytes) in order of path, and what is worth knowing.
#[derive(Debug, Default)]
pub struct Seed {
    pub files: Vec<(String, Vec<u8>)>,
    pub findings: Vec<Finding>,
}

/// Builds every file of the seed. `read_original` gives the bytes of a file below the folder of the originals.
///
/// The same inputs give the same bytes.
///
/// # Errors
/// Every fault of the recipe and of the originals at once, each a sentence that names the file: an original that
/// is not there, a finding at error level from its reader, a code of the recipe that the file does not have, a
/// region that does not exist in the stated NUTS version, two different cells for one key in one original.
pub fn build(
    recipe: &str,
    read_original: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    definitions: &Definitions,
) -> Result<Seed, Vec<String>> {
    let recipe: Recipe = toml::from_str(recipe).map_err(|error| vec![format!("the recipe cannot be read: {error}")])?;
    let regions = Regions::new(definitions);
    let labels = recipe::labels(definitions);
    let mut remarks = Remarks::default();
    let mut flows: BTreeMap<&str, Flow> = BTreeMap::new();
    for item in &recipe.items {
        let bytes = match read_original(&item.file) {
            Ok(bytes) => bytes,
            Err(message) => {
                remarks.faults.push(format!("{}: {message}", item.file));
                continue;
            }
        };
        let Some(dataflow) = definitions.dataflows.get(&item.dataflow) else {
            remarks.faults.push(format!("the dataflow `{}` is not defined under pipelines/dataflows", item.dataflow));
            continue;
        };
        let mut options = read_options(definitions, &item.dataflow, &labels);
        if item.shape.is_some() {
            options.shapes = item.shape.as_slice();
        }
        let reading = baseline_source::read(&bytes, &item.file, &options);
        for finding in reading.findings {
            match finding.severity {
                Severity::Error => remarks.faults.push(finding.to_string()),
                Severity::Warning | Severity::Info => remarks.findings.push(finding),
            }
        }
        let original = Original {
            file: item.file.clone(),
            found: item.found.clone(),
            retrieved: recipe.collected.clone(),
            sha256: hexadecimal(&Sha256::digest(&bytes)),
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            ..Original::default()
        };
        let flow = flows.entry(&item.dataflow).or_default();
        let meaning = Meaning { definitions, dataflow, regions: &regions };
        cut(item, reading.tables, &original, meaning, flow, &mut remarks);
    }
    let mut seed = Seed::default();
    for (dataflow, mut flow) in flows {
        match source(dataflow, definitions) {
            Ok((id, source)) => {
                number(&mut flow);
                if flow.rows.is_empty() {
                    remarks.faults.push(format!("{dataflow}: nothing is kept; check the recipe's geo and keep"));
                }
                match receipt(id, source, dataflow, &flow) {
                    Ok(receipt) => seed.files.push((format!("{dataflow}.receipt.json"), receipt)),
                    Err(error) => remarks.faults.push(format!("{dataflow}: {error}")),
                }
                match table(&flow) {
                    Ok(table) => seed.files.push((format!("{dataflow}.csv"), table)),
                    Err(error) => remarks.faults.push(format!("{dataflow}: {error}")),
                }
            }
            Err(fault) => remarks.faults.push(fault),
        }
    }
    seed.files.sort();
    seed.findings = remarks.findings;
    if remarks.faults.is_empty() { Ok(seed) } else { Err(remarks.faults) }
}

fn source<'a>(dataflow: &'a str, definitions: &'a Definitions) -> Result<(&'a str, &'a Source), String> {
    if !definitions.dataflows.contains_key(dataflow) {
        return Err(format!("the dataflow `{dataflow}` is not defined under pipelines/dataflows"));
    }
    let id = dataflow.split('/').next().unwrap_or_default();
    match definitions.sources.get(id) {
        Some(source) => Ok((id, source)),
        None => Err(format!("the source of `{dataflow}` is not defined under pipelines/sources")),
    }
}

/// Counts the cells of each original and drops those of which nothing is left: the seed must not cite them.
fn number(flow: &mut Flow) {
    for row in flow.rows.values() {
        flow.originals[row.original].observations += 1;
    }
    let mut next = 0;
    let numbers: Vec<usize> = flow
        .originals
        .iter()
        .map(|original| {
            let number = next;
            next += usize::from(original.observations > 0);
            number
        })
        .collect();
    for row in flow.rows.values_mut() {
        row.original = numbers[row.original];
    }
    flow.originals.retain(|original| original.observations > 0);
}

fn receipt(id: &str, source: &Source, dataflow: &str, flow: &Flow) -> Result<Vec<u8>, serde_json::Error> {
    let receipt = Receipt {
        source: id.to_owned(),
        provider: source.name.clone(),
        dataflow: dataflow.to_owned(),
        licence: source.licence.clone(),
        kind: "seed".to_owned(),
        originals: flow.originals.clone(),
    };
    let mut bytes = serde_json::to_vec_pretty(&receipt)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn table(flow: &Flow) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fixed = ["period", "value", "obs_status", "conf_status", "original", "position"];
    let header = flow.columns.iter().map(String::as_str).chain(fixed);
    writer.write_record(header).map_err(|error| error.to_string())?;
    for ((key, period), row) in &flow.rows {
        let original = (row.original + 1).to_string();
        let (period, value) = (period.to_string(), printed(row.value));
        let rest = [&period, &value, &row.obs_status, &row.conf_status, &original, &row.position];
        writer.write_record(key.iter().chain(rest)).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
