//! `manifest.json`: what a report was made from and what it consists of. A folder without it, or whose files are not
//! as it says, is rebuilt. Holds no time stamp but the data's own, and no state of the program: the same figures in
//! the same words give the same manifest.
//!
//! Whether a report is stale is told by [`STAMP`] beside it, one line written last:
//!
//! ```text
//! 9f2c…e1 41d0…77
//! ```
//!
//! the hash over everything that the report depends on, the program included, and that of `manifest.json`.

use std::path::Path;

use baseline_model::Finding;
use serde::{Deserialize, Serialize};

use super::{Inputs, Job, Plan, Stored};
use crate::compose::Coverage;
use crate::load::Loaded;
use crate::store::{self, sha256};

pub const NAME: &str = "manifest.json";

/// Hidden: it says nothing to a reader, and changes with every edit of the program.
pub const STAMP: &str = ".digest";

/// The tables behind a report, each with the hash of its bytes: what must be at hand to compute it again.
pub const LOCK: &str = "lock.json";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    pub program: String,
    pub study: String,
    pub territory: String,
    pub language: String,
    pub formats: Vec<String>,
    /// Hash over the definition files used.
    pub definitions: String,
    pub dataflows: Vec<Dataflow>,
    pub coverage: Vec<Coverage>,
    pub findings: Vec<String>,
    pub files: Vec<File>,
}

/// A table the study draws on, as it was at hand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dataflow {
    pub dataflow: String,
    /// `seed` or `pull`.
    pub kind: String,
    pub licence: String,
    pub originals: Vec<baseline_model::Original>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct File {
    pub path: String,
    pub bytes: usize,
    pub sha256: String,
}

/// What all reports of a run have in common.
pub struct Base {
    definitions: String,
    study: String,
    formats: Vec<String>,
    inputs: String,
    dataflows: Vec<Dataflow>,
}

impl Base {
    pub fn new(loaded: &Loaded, plan: &Plan, inputs: &Inputs) -> Self {
        let dataflow = |(id, stored): (&String, &Stored)| {
            let receipt = stored.receipt();
            Dataflow {
                dataflow: id.clone(),
                kind: receipt.kind.clone(),
                licence: receipt.licence.clone(),
                originals: receipt.originals.clone(),
            }
        };
        let mut formats = plan.formats.clone();
        formats.sort();
        Self {
            definitions: loaded.hash.clone(),
            study: plan.study.clone(),
            formats,
            inputs: inputs.digest.clone(),
            dataflows: inputs.stored.iter().chain(&inputs.geometry).map(dataflow).collect(),
        }
    }

    /// The hash of what one report depends on; the build of the program is part of it.
    pub fn digest(&self, job: &Job) -> String {
        let territory = job.territory.as_deref().unwrap_or(super::COMPARISON);
        let parts = [
            env!("BASELINE_BUILD"),
            &self.definitions,
            &self.study,
            &self.inputs,
            &self.formats.join(","),
            territory,
            &job.language,
        ];
        sha256(parts.join("\n").as_bytes())
    }

    /// The content of [`LOCK`].
    pub fn lock(&self) -> Vec<u8> {
        let lock = serde_json::json!({
            "program": concat!("baseline ", env!("CARGO_PKG_VERSION")),
            "study": self.study,
            "definitions": self.definitions,
            "dataflows": self.dataflows,
        });
        let mut bytes = serde_json::to_vec_pretty(&lock).expect("texts and numbers are always JSON");
        bytes.push(b'\n');
        bytes
    }

    pub fn manifest(&self, job: &Job, files: &[(String, Vec<u8>)], coverage: Vec<Coverage>, findings: &[Finding]) -> Manifest {
        let file = |(path, bytes): &(String, Vec<u8>)| File { path: path.clone(), bytes: bytes.len(), sha256: sha256(bytes) };
        let mut lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        lines.sort();
        lines.dedup();
        Manifest {
            program: concat!("baseline ", env!("CARGO_PKG_VERSION")).into(),
            study: self.study.clone(),
            territory: job.territory.clone().unwrap_or_else(|| super::COMPARISON.to_owned()),
            language: job.language.clone(),
            formats: self.formats.clone(),
            definitions: self.definitions.clone(),
            dataflows: self.dataflows.clone(),
            coverage,
            findings: lines,
            files: files.iter().map(file).collect(),
        }
    }
}

impl Manifest {
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("texts and numbers are always JSON");
        bytes.push(b'\n');
        bytes
    }
}

/// The manifest of a report folder, when there is a readable one.
pub fn read(folder: &Path) -> Option<Manifest> {
    serde_json::from_slice(&store::read_if_there(&folder.join(NAME))?).ok()
}

/// The line of [`STAMP`].
pub fn stamp(digest: &str, manifest: &[u8]) -> Vec<u8> {
    format!("{digest} {}\n", sha256(manifest)).into_bytes()
}

/// True when the folder holds a report made from the same inputs and every file is as it was written.
pub fn up_to_date(folder: &Path, digest: &str) -> bool {
    let bytes = |name: &str| store::read_if_there(&folder.join(name));
    let same = |file: &File| bytes(&file.path).is_some_and(|found| found.len() == file.bytes && sha256(&found) == file.sha256);
    let (Some(manifest), Some(stamped)) = (bytes(NAME), bytes(STAMP)) else { return false };
    stamped == stamp(digest, &manifest)
        && serde_json::from_slice::<Manifest>(&manifest).is_ok_and(|manifest| manifest.files.iter().all(same))
}
