//! `manifest.json`: what a report was made from and what it consists of. A folder without it, or whose files are not
//! as it says, is rebuilt. Holds no time stamp but the data's own, and no state of the program: the same figures in
//! the same words give the same manifest.
//!
//! Whether a report is stale is told by [`STAMP`] beside it, one line written last, with three hashes:
//!
//! ```text
//! 9f2c…e1 07aa…3d 41d0…77
//! ```
//!
//! over everything that the report may depend on, so that nothing need be computed when nothing has changed; over what it
//! shows, so that what has changed elsewhere leaves it alone; and of `manifest.json`. The program is part of the first two.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::Path;

use baseline_model::{Finding, NutsVersion};
use baseline_render::document::Report;
use baseline_render::{FORMATS, RenderedFile};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::product::Job;
use super::{Inputs, Plan, Stored, geometry};
use crate::compose::{self, Context, Coverage};
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
    pub product: String,
    pub territory: String,
    pub language: String,
    pub title: String,
    /// The day its newest figure was retrieved.
    pub date: String,
    pub formats: Vec<String>,
    /// Hash over the definition files that it rests on.
    pub definitions: String,
    pub dataflows: Vec<Dataflow>,
    pub coverage: Vec<Coverage>,
    pub findings: Vec<String>,
    pub files: Vec<File>,
}

/// A table that the report draws on, as it was at hand.
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

/// A publication on disk that is as it was written.
#[derive(Debug)]
pub struct Whole {
    pub manifest: Manifest,
    /// The first two hashes of [`STAMP`].
    pub inputs: String,
    pub content: String,
    sealed: String,
}

/// What all reports of a run have in common.
pub struct Base<'a> {
    loaded: &'a Loaded,
    plan: &'a Plan,
    inputs: &'a str,
    templates: String,
    dataflows: Vec<Dataflow>,
    /// Language -> hash over the definition files without those of other languages.
    definitions: BTreeMap<&'a str, String>,
}

/// Languages have a file each; a report depends on its own alone.
const LANGUAGES: &str = "languages/";

impl<'a> Base<'a> {
    pub fn new(loaded: &'a Loaded, plan: &'a Plan, inputs: &'a Inputs) -> Self {
        let dataflow = |(id, stored): (&String, &Stored)| {
            let receipt = stored.receipt();
            Dataflow {
                dataflow: id.clone(),
                kind: receipt.kind.clone(),
                licence: receipt.licence.clone(),
                originals: receipt.originals.clone(),
            }
        };
        let mut templates = String::new();
        for (name, bytes) in &plan.templates {
            let _ = writeln!(templates, "{name} {}", sha256(bytes));
        }
        let of_language = |code: &'a String| (code.as_str(), definitions(loaded, |path| is_of(path, code)));
        Self {
            loaded,
            plan,
            inputs: &inputs.digest,
            templates,
            dataflows: inputs.stored.iter().chain(&inputs.geometry).map(dataflow).collect(),
            definitions: plan.languages.iter().map(of_language).collect(),
        }
    }

    /// The formats of a job: those wanted that its product has, and the table of figures.
    pub fn formats(&self, job: &Job) -> Vec<String> {
        let wanted = |format: &&str| *format == super::product::CSV || self.plan.formats.iter().any(|wanted| wanted == format);
        job.product.formats().into_iter().filter(wanted).map(str::to_owned).collect()
    }

    /// The hash of everything that one report may depend on; the build of the program is part of it.
    pub fn digest(&self, job: &Job) -> String {
        let parts = [
            env!("BASELINE_BUILD"),
            self.definitions.get(job.language.as_str()).map_or("", String::as_str),
            &self.plan.study,
            self.inputs,
            &self.formats(job).join(","),
            job.product.id(),
            job.place(),
            &job.language,
            &self.templates,
        ];
        sha256(parts.join("\n").as_bytes())
    }

    /// The tables of a report that no other territory alone draws on, and the boundaries that its maps show.
    fn tables(&self, elsewhere: &BTreeSet<String>, drawn: &BTreeSet<NutsVersion>) -> Vec<Dataflow> {
        let shown = |flow: &&Dataflow| match geometry::version_of(&flow.dataflow) {
            Some(version) => drawn.contains(&version),
            None => !elsewhere.contains(&flow.dataflow),
        };
        self.dataflows.iter().filter(shown).cloned().collect()
    }

    /// A manifest that has no files yet, of a report in the context that composed it.
    pub fn manifest(&self, job: &Job, context: &Context<'_>, report: &Report, scope: &Scope<'_>) -> Manifest {
        let mut lines: Vec<String> = compose::about(scope.findings, scope.elsewhere).iter().map(ToString::to_string).collect();
        lines.sort();
        lines.dedup();
        let dataflows = self.tables(scope.elsewhere, &context.drawn.borrow());
        Manifest {
            program: concat!("baseline ", env!("CARGO_PKG_VERSION")).into(),
            study: self.plan.study.clone(),
            product: job.product.id().to_owned(),
            territory: job.place().to_owned(),
            language: job.language.clone(),
            title: report.title.clone(),
            date: report.date.clone(),
            formats: self.formats(job),
            definitions: self.rests_on(job, context, scope, &dataflows),
            dataflows,
            coverage: scope.coverage.to_vec(),
            findings: lines,
            files: Vec::new(),
        }
    }

    /// The content of [`LOCK`].
    pub fn lock(manifest: &Manifest) -> Vec<u8> {
        let lock = serde_json::json!({
            "program": manifest.program,
            "study": manifest.study,
            "definitions": manifest.definitions,
            "dataflows": manifest.dataflows,
        });
        let mut bytes = serde_json::to_vec_pretty(&lock).expect("texts and numbers are always JSON");
        bytes.push(b'\n');
        bytes
    }

    /// The hash over all that a report shows and is set with: equal ones have equal files.
    pub fn content(&self, job: &Job, report: &Report, manifest: &Manifest, files: &[RenderedFile]) -> String {
        let mut hash = Hashing(Sha256::new());
        let language = definitions(self.loaded, |path| path.starts_with(LANGUAGES) && is_of(path, &job.language));
        // Writing to a hash cannot fail. The debug form states every field, and the build is part of the hash.
        let _ = write!(hash, "{}\n{language}\n{}\n{report:?}\n", env!("BASELINE_BUILD"), self.templates);
        hash.0.update(manifest.bytes());
        for file in files {
            let _ = writeln!(hash, "{} {}", file.path, file.bytes.len());
            hash.0.update(&file.bytes);
        }
        hash.hex()
    }

    /// The hash over the definition files behind a report: of its indicators, tables, places and language, and the codelists.
    fn rests_on(&self, job: &Job, context: &Context<'_>, scope: &Scope<'_>, dataflows: &[Dataflow]) -> String {
        let (mut flows, indicators) = compose::rests_on(scope.observations);
        flows.extend(dataflows.iter().map(|flow| flow.dataflow.clone()));
        let used = |path: &str| {
            let Some((folder, file)) = path.split_once('/') else { return true };
            let id = file.rsplit_once('.').map_or(file, |(id, _)| id);
            match folder {
                "indicators" => indicators.contains(id),
                "dataflows" => flows.contains(id),
                "sources" => flows.iter().any(|flow| flow.split('/').next() == Some(id)),
                "territories" => context.study.territories.iter().any(|territory| territory == id),
                "studies" => id == context.study_id,
                "languages" => id == job.language,
                "layouts" => false,
                _ => true,
            }
        };
        definitions(self.loaded, used)
    }
}

/// What a report is about, for its manifest.
pub struct Scope<'s> {
    pub observations: &'s [baseline_model::Observation],
    pub coverage: &'s [Coverage],
    pub findings: &'s [Finding],
    pub elsewhere: &'s BTreeSet<String>,
}

impl Manifest {
    /// With the files of the report.
    pub fn with(mut self, files: &[RenderedFile]) -> Self {
        let file = |file: &RenderedFile| File { path: file.path.clone(), bytes: file.bytes.len(), sha256: sha256(&file.bytes) };
        self.files = files.iter().map(file).collect();
        self
    }

    /// Grade -> number of indicators that have a figure, without those that authorities print.
    pub fn grades(&self) -> BTreeMap<String, usize> {
        let mut grades: BTreeMap<String, usize> = BTreeMap::new();
        for row in self.coverage.iter().filter(|row| !row.grade.is_empty() && !row.printed) {
            *grades.entry(row.grade.clone()).or_default() += 1;
        }
        grades
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("texts and numbers are always JSON");
        bytes.push(b'\n');
        bytes
    }
}

impl Whole {
    /// The line of [`STAMP`] that says it still holds for other inputs.
    pub fn stamp(&self, inputs: &str) -> Vec<u8> {
        line(inputs, &self.content, &self.sealed)
    }
}

/// The manifest of a report folder, when there is a readable one.
pub fn read(folder: &Path) -> Option<Manifest> {
    serde_json::from_slice(&store::read_if_there(&folder.join(NAME))?).ok()
}

/// The line of [`STAMP`].
pub fn stamp(inputs: &str, content: &str, manifest: &[u8]) -> Vec<u8> {
    line(inputs, content, &sha256(manifest))
}

/// The publication in a folder, when every file is as it was written.
pub fn whole(folder: &Path) -> Option<Whole> {
    let bytes = |name: &str| store::read_if_there(&folder.join(name));
    let described = bytes(NAME)?;
    let stamp = String::from_utf8(bytes(STAMP)?).ok()?;
    let [inputs, content, sealed] = stamp.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
    let manifest: Manifest = serde_json::from_slice(&described).ok()?;
    let same = |file: &File| bytes(&file.path).is_some_and(|found| found.len() == file.bytes && sha256(&found) == file.sha256);
    let whole = sealed == sha256(&described) && manifest.files.iter().all(same);
    whole.then(|| Whole { manifest, inputs: inputs.to_owned(), content: content.to_owned(), sealed: sealed.to_owned() })
}

/// Ids of the formats of a manifest that render files, in the order of [`FORMATS`].
pub fn renderers(manifest: &Manifest) -> Vec<&'static dyn baseline_render::Format> {
    FORMATS.iter().copied().filter(|format| manifest.formats.iter().any(|wanted| wanted == format.id())).collect()
}

fn line(inputs: &str, content: &str, sealed: &str) -> Vec<u8> {
    format!("{inputs} {content} {sealed}\n").into_bytes()
}

/// False for the file of another language.
fn is_of(path: &str, language: &str) -> bool {
    path.strip_prefix(LANGUAGES).is_none_or(|file| file.strip_suffix(".toml") == Some(language))
}

/// The hash over some of the definition files.
fn definitions(loaded: &Loaded, used: impl Fn(&str) -> bool) -> String {
    let mut hash = Hashing(Sha256::new());
    for file in loaded.files.iter().filter(|file| used(&file.path)) {
        // The lengths keep the end of one text apart from the beginning of the next.
        let _ = write!(hash, "{} {}\n{}{}", file.path.len(), file.text.len(), file.path, file.text);
    }
    hash.hex()
}

/// A hash that can be written to.
struct Hashing(Sha256);

impl Hashing {
    fn hex(self) -> String {
        self.0.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

impl fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}
