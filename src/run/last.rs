//! What the reports at hand were computed from: their tables of figures and how each was computed. Only of reports that are
//! whole, every file as its manifest says. Computes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use baseline_model::Finding;

use super::manifest;
use crate::compose::calculation::{self, Calculations, Figure};
use crate::store::{self, StoreError, sha256};

/// The figures of all reports in a folder, each once.
#[derive(Debug, Default)]
pub struct LastRun {
    /// Folders of the reports that were read.
    pub reports: Vec<PathBuf>,
    /// Computed figures and their inputs: id -> the statements of it. More than one when the reports are of different age.
    pub figures: BTreeMap<String, Vec<Figure>>,
    /// Tables by indicator: what was read for it.
    pub tables: BTreeMap<String, BTreeMap<Table, Used>>,
    /// Reports that were left out.
    pub findings: Vec<Finding>,
}

/// A table in one state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Table {
    pub dataflow: String,
    pub vintage: String,
}

/// What was used of a table.
#[derive(Debug, Clone, Default)]
pub struct Used {
    pub figures: BTreeSet<String>,
    pub first: String,
    pub last: String,
}

/// Reads the reports below a folder: `<study>/<territory>/<language>`.
///
/// # Errors
/// When a folder cannot be listed.
pub fn last_run(out: &Path) -> Result<LastRun, StoreError> {
    let mut found = LastRun::default();
    for folder in store::folders_with(out, manifest::NAME, 3)? {
        let at = folder.display().to_string();
        let left = |message: &str| Finding::warning("report-left-out", at.clone(), message).hint("build it again: baseline run");
        let Some(manifest) = manifest::read(&folder) else {
            found.findings.push(left("its manifest cannot be read"));
            continue;
        };
        let file = |name: &str| {
            let described = manifest.files.iter().find(|file| file.path == name)?;
            let bytes = store::read_if_there(&folder.join(name))?;
            (sha256(&bytes) == described.sha256).then_some(bytes)
        };
        let calculations = file(calculation::NAME).and_then(|bytes| serde_json::from_slice::<Calculations>(&bytes).ok());
        let (Some(calculations), Some(observations)) = (calculations, file("observations.csv")) else {
            let message = format!("{} or observations.csv is not as the manifest says", calculation::NAME);
            found.findings.push(left(&message));
            continue;
        };
        for (id, figure) in calculations.figures {
            let stated = found.figures.entry(id).or_default();
            if !stated.contains(&figure) {
                stated.push(figure);
            }
        }
        tables(&observations, &mut found.tables);
        found.reports.push(folder);
    }
    Ok(found)
}

/// Figures as they were read, by indicator and table.
fn tables(observations: &[u8], into: &mut BTreeMap<String, BTreeMap<Table, Used>>) {
    let mut reader = csv::Reader::from_reader(observations);
    let Ok(header) = reader.headers().cloned() else { return };
    let column = |name: &str| header.iter().position(|column| column == name).unwrap_or(usize::MAX);
    let columns = ["indicator", "value", "source", "dataflow", "vintage", "period", "id"].map(column);
    for record in reader.records().flatten() {
        let [indicator, value, source, dataflow, vintage, period, id] = columns.map(|column| record.get(column).unwrap_or(""));
        // A measure of a figure was computed of it.
        if value.is_empty() || indicator.contains('.') {
            continue;
        }
        let table = Table { dataflow: format!("{source}/{dataflow}"), vintage: vintage.to_owned() };
        let used = into.entry(indicator.to_owned()).or_default().entry(table).or_default();
        used.figures.insert(id.to_owned());
        if used.first.is_empty() || period < used.first.as_str() {
            period.clone_into(&mut used.first);
        }
        if period > used.last.as_str() {
            period.clone_into(&mut used.last);
        }
    }
}
