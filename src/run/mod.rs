//! Joins the floors: what is stale, stage after stage, in parallel by dataflow and by report, and the summary.
//!
//! A report is rebuilt when what it shows has changed, or the program, never because of the clock. It is built beside its
//! place and put there whole.

mod build;
mod changes;
pub mod geometry;
mod index;
mod inputs;
mod last;
mod manifest;
mod product;
mod publish;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use baseline_model::definitions::{Definitions, Origin, Study, phrases};
use baseline_model::{Finding, Receipt, Severity};
use baseline_render::RenderError;
use rayon::prelude::*;
use serde::Serialize;

use build::{Outcome, Stale};
pub use index::PAGE;
pub use inputs::{Inputs, Stored, dataflows, dated, earlier, find, find_all, read, read_options};
pub use last::{LastRun, last_run};
pub use manifest::Manifest;
pub use product::{Job, Product};
use publish::Staging;

use crate::compare::{self, Composite, Regions, Typology, positions};
use crate::compose::map::{Boundaries, Mapped};
use crate::compose::{self, Context};
use crate::derive::{self, Figures};
use crate::frame::PolarsError;
use crate::harmonise::Tidy;
use crate::load::Loaded;
use crate::store::{self, Store, StoreError};

/// What to build.
#[derive(Debug, Clone)]
pub struct Plan {
    pub study: String,
    /// Territories whose reports are built.
    pub territories: Vec<String>,
    /// The whole study is published at once.
    pub whole_study: bool,
    /// Of the territories; the comparison, and a workbook of it, only with the whole study.
    pub products: Vec<Product>,
    pub languages: Vec<String>,
    /// Ids of [`baseline_render::FORMATS`], or `csv`.
    pub formats: Vec<String>,
    /// The user's files in the place of our own, by name.
    pub templates: BTreeMap<String, Vec<u8>>,
    pub out: PathBuf,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// What is done now.
    Stage(&'a str),
    /// So many publications are to be looked at.
    Begin(usize),
    /// One of them is done: its name.
    Done(&'a str),
}

/// Why a run ended without its reports.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a table could not be computed: {0}")]
    Frame(#[from] PolarsError),
    #[error("{report} could not be rendered: {error}\n  nothing of this run was published")]
    Render { report: String, error: RenderError },
    #[error("no figures at all: nothing was pulled and nothing is shipped for the study {study}")]
    NoData { study: String },
    #[error("the text of the report {report} says more than its figures carry; nothing of this run was published\n{violations}")]
    Prose { report: String, violations: compose::Violations },
    #[error("interrupted; nothing of this run was published")]
    Interrupted,
}

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    pub study: String,
    pub reports: Vec<ReportSummary>,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Serialize)]
pub struct ReportSummary {
    /// For a person: `asco factsheet (en)`.
    #[serde(skip)]
    pub label: String,
    /// As typed after `--product`.
    pub product: &'static str,
    pub territory: String,
    pub language: String,
    /// `written` or `unchanged`.
    pub state: &'static str,
    pub folder: PathBuf,
    pub files: usize,
    /// Grade -> number of indicators.
    pub grades: BTreeMap<String, usize>,
}

impl Summary {
    /// True when something of the input could not be used.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// All figures of a study, ready to be worded.
pub struct Computed<'a> {
    pub definitions: &'a Definitions,
    pub study_id: &'a str,
    pub study: &'a Study,
    pub receipts: BTreeMap<String, Arc<Receipt>>,
    /// The tables themselves; nothing that is worded needs them.
    pub tidy: BTreeMap<String, Tidy>,
    pub figures: Figures,
    pub regions: BTreeMap<(String, Origin), Regions>,
    pub composite: Option<Composite>,
    pub typology: Option<Typology>,
    pub boundaries: Boundaries,
    /// Indicator -> its figures in all regions, where boundaries are at hand.
    pub mapped: BTreeMap<String, Mapped>,
    pub findings: Vec<Finding>,
}

impl<'a> Computed<'a> {
    /// A study as it is declared, for what is worded without figures; `None` when it is not.
    pub fn without_figures(definitions: &'a Definitions, study: &str) -> Option<Self> {
        let (study_id, study) = definitions.studies.get_key_value(study)?;
        Some(Self {
            definitions,
            study_id,
            study,
            receipts: BTreeMap::new(),
            tidy: BTreeMap::new(),
            figures: Figures::default(),
            regions: BTreeMap::new(),
            composite: None,
            typology: None,
            boundaries: Boundaries::new(),
            mapped: BTreeMap::new(),
            findings: Vec::new(),
        })
    }

    /// In one language; `None` when the language is not defined.
    pub fn context(&self, language: &str) -> Option<Context<'_>> {
        Some(Context {
            definitions: self.definitions,
            study_id: self.study_id,
            study: self.study,
            figures: &self.figures,
            receipts: &self.receipts,
            regions: &self.regions,
            composite: self.composite.as_ref(),
            typology: self.typology.as_ref(),
            boundaries: &self.boundaries,
            mapped: &self.mapped,
            language: self.definitions.languages.get(language)?,
            printed: std::cell::RefCell::default(),
            shown: std::cell::RefCell::default(),
            drawn: std::cell::RefCell::default(),
            said: compose::Said::default(),
        })
    }
}

/// Reads, harmonises, derives and ranks everything of a study.
///
/// # Errors
/// When stored files cannot be read, or nothing at all is stored.
pub fn compute<'a>(
    definitions: &'a Definitions,
    study_id: &'a str,
    study: &'a Study,
    inputs: &Inputs,
) -> Result<Computed<'a>, RunError> {
    if inputs.stored.is_empty() {
        return Err(RunError::NoData { study: study_id.to_owned() });
    }
    let (tidy, mut findings) = inputs::read(definitions, study, inputs)?;
    let mut figures = derive::derive(definitions, study, &tidy)?;
    findings.extend(figures.findings.iter().cloned());
    let mut regions = BTreeMap::new();
    for (id, indicator) in &definitions.indicators {
        let Some(period) = figures.reference.get(id).filter(|_| indicator.position) else { continue };
        for origin in Context::groups(indicator) {
            regions.insert((id.clone(), origin), positions(definitions, indicator, &tidy, origin, *period)?);
        }
    }
    let composite = compare::composite(definitions, (study_id, study), &figures);
    findings.extend(composite.iter().filter_map(|found| Some(found.fault.as_ref()?.finding("composite"))));
    let typology = compare::typology(definitions, (study_id, study), &figures);
    findings.extend(typology.iter().filter_map(|found| Some(found.fault.as_ref()?.finding("typology"))));
    let (boundaries, odd) = geometry::read(&inputs.geometry)?;
    findings.extend(odd);
    let (mapped, odd) = geometry::mapped((definitions, study), &tidy, &mut figures, &regions, &boundaries)?;
    findings.extend(odd);
    let receipts = tidy.iter().map(|(id, tidy)| (id.clone(), Arc::clone(&tidy.receipt))).collect();
    Ok(Computed {
        definitions,
        study_id,
        study,
        receipts,
        tidy,
        figures,
        regions,
        composite,
        typology,
        boundaries,
        mapped,
        findings,
    })
}

impl Plan {
    /// Everything to build, language by language.
    pub fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for language in &self.languages {
            let mut add = |territory: Option<&String>, product| {
                jobs.push(Job { territory: territory.cloned(), language: language.clone(), product });
            };
            for territory in &self.territories {
                let of_territory = self.products.iter().filter(|product| **product != Product::Comparison);
                of_territory.for_each(|product| add(Some(territory), *product));
            }
            let of_study = |product: &&Product| matches!(product, Product::Comparison | Product::Workbook);
            if self.whole_study {
                self.products.iter().filter(of_study).for_each(|product| add(None, *product));
            }
        }
        jobs
    }
}

/// Builds and publishes what is planned.
///
/// # Errors
/// Any [`RunError`]; then nothing of the plan was published.
pub fn run(
    loaded: &Loaded,
    plan: &Plan,
    store: &Store,
    interrupt: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Summary, RunError> {
    let definitions = &loaded.definitions;
    let Some((study_id, study)) = definitions.studies.get_key_value(&plan.study) else {
        return Err(RunError::NoData { study: plan.study.clone() });
    };
    let study_folder = plan.out.join(study_id);
    // Before looking at what is current: a report that was moved aside is the last good one.
    store::recover(&plan.out)?;
    store::recover_below(&study_folder)?;
    let inputs = find(definitions, study, store)?;
    let base = manifest::Base::new(loaded, plan, &inputs);
    let looked: Vec<(Staleness, Stale)> = plan.jobs().into_par_iter().map(|job| look(&base, &study_folder, job)).collect();
    let (current, stale): (Vec<_>, Vec<_>) = looked.into_iter().partition(|(state, _)| *state == Staleness::UpToDate);
    let stale: Vec<Stale> = stale.into_iter().map(|(_, stale)| stale).collect();
    let mut summary = Summary { study: study_id.clone(), ..Summary::default() };
    for (_, Stale { job, found }) in &current {
        summary.reports.push(report_summary(&study_folder, job, "unchanged", found.as_ref().map(|found| &found.manifest)));
    }
    if stale.is_empty() {
        summary.findings.extend(inputs.findings.iter().cloned());
        // No page may be missing, and a table may be held back since.
        let pages = index::pages((loaded, plan), &study_folder, (&[], &[]), &inputs.findings)?;
        index::write(&study_folder, &pages)?;
    } else {
        progress(Progress::Stage("reading and computing"));
        let mut computed = compute(definitions, study_id, study, &inputs)?;
        computed.tidy.clear();
        progress(Progress::Begin(stale.len()));
        let staging = Staging::open(&study_folder, plan.whole_study)?;
        let places = (&staging, study_folder.as_path());
        let published = build::build(&computed, (plan, &base), places, &stale, (interrupt, progress)).and_then(|outcomes| {
            progress(Progress::Stage("writing"));
            let pages = index::pages((loaded, plan), &study_folder, (&stale, &outcomes), &inputs.findings)?;
            publish::publish(&staging, &study_folder, (&stale, &outcomes), &pages, &index::files(loaded))?;
            Ok(outcomes)
        });
        let outcomes = published.inspect_err(|_| staging.discard(&study_folder, &stale))?;
        summary.findings.extend(computed.findings);
        summary.findings.extend(plan.languages.iter().filter_map(|code| untranslated(definitions, study, code)));
        for (Stale { job, .. }, outcome) in stale.iter().zip(&outcomes) {
            let (state, manifest) = match outcome {
                Outcome::Same { manifest, .. } => ("unchanged", manifest),
                Outcome::Built { manifest, .. } => ("written", manifest),
            };
            summary.reports.push(report_summary(&study_folder, job, state, Some(manifest)));
        }
    }
    summary.findings.sort();
    summary.findings.dedup();
    Ok(summary)
}

/// What a language has no translation of: the reports print it in English.
fn untranslated(definitions: &Definitions, study: &Study, code: &str) -> Option<Finding> {
    let language = definitions.languages.get(code).filter(|language| language.code != "en")?;
    let mut missing = phrases(definitions, study);
    missing.retain(|text| !language.phrases.contains_key(*text));
    let first: Vec<String> = missing.iter().take(3).map(|text| format!("\u{201c}{text}\u{201d}")).collect();
    let message = match missing.len() {
        0 => return None,
        count if count > first.len() => {
            format!("printed in English: {} and {} more texts", first.join(", "), count - first.len())
        }
        _ => format!("printed in English: {}", first.join(", ")),
    };
    let found = Finding::warning("translation-missing", format!("languages/{code}.toml"), message);
    Some(found.hint("baseline list languages --unverified names all; add them to [phrases]"))
}

/// What a run would do with a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    UpToDate,
    /// Something that it may depend on has changed; whether it shows anything of that, composing it says.
    ToCheck,
    /// There is none, or it is not as it was written.
    ToBuild,
}

/// The publications of a plan with their folders.
pub fn states(loaded: &Loaded, plan: &Plan, inputs: &Inputs) -> Vec<(PathBuf, Staleness)> {
    let base = manifest::Base::new(loaded, plan, inputs);
    let study_folder = plan.out.join(&plan.study);
    let state = |job: Job| {
        let folder = study_folder.join(job.folder());
        (folder, look(&base, &study_folder, job).0)
    };
    plan.jobs().into_iter().map(state).collect()
}

fn look(base: &manifest::Base<'_>, study_folder: &Path, job: Job) -> (Staleness, Stale) {
    let found = manifest::whole(&study_folder.join(job.folder()));
    let state = match &found {
        None => Staleness::ToBuild,
        Some(found) if found.inputs == base.digest(&job) => Staleness::UpToDate,
        Some(_) => Staleness::ToCheck,
    };
    (state, Stale { job, found })
}

fn report_summary(study_folder: &Path, job: &Job, state: &'static str, manifest: Option<&Manifest>) -> ReportSummary {
    ReportSummary {
        label: job.label(),
        product: job.product.id(),
        territory: job.place().to_owned(),
        language: job.language.clone(),
        state,
        folder: study_folder.join(job.folder()),
        files: manifest.map_or(0, |manifest| manifest.files.len() + 1),
        grades: manifest.map(Manifest::grades).unwrap_or_default(),
    }
}
