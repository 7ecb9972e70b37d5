//! Joins the floors: what is stale, stage after stage, in parallel by dataflow and by report, and the summary.
//!
//! A report is rebuilt when the hash of what it is made from changes (definitions, receipts, program), never because
//! of the clock. It is built beside its place and put there whole.

pub mod geometry;
mod inputs;
mod last;
mod manifest;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use baseline_model::definitions::{Definitions, Origin, Study, phrases};
use baseline_model::{Finding, Severity};
use baseline_render::{FORMATS, RenderError, RenderedFile, Setting};
use rayon::prelude::*;
use serde::Serialize;

pub use inputs::{Inputs, Stored, dataflows, dated, earlier, find, find_all, read, read_options};
pub use last::{LastRun, last_run};
pub use manifest::{Manifest, up_to_date};

use crate::compare::{self, Composite, Regions, Typology, positions};
use crate::compose::map::{Boundaries, Mapped};
use crate::compose::{self, Context, calculation};
use crate::derive::{self, Figures};
use crate::frame::PolarsError;
use crate::harmonise::Tidy;
use crate::load::Loaded;
use crate::store::{self, Store, StoreError};

/// The folder and name of the comparative report.
pub const COMPARISON: &str = "comparison";

/// What to build.
#[derive(Debug, Clone)]
pub struct Plan {
    pub study: String,
    /// Territories whose reports are built.
    pub territories: Vec<String>,
    /// The whole study is published at once, with the comparative report.
    pub whole_study: bool,
    pub languages: Vec<String>,
    /// Ids of [`FORMATS`], or `csv`.
    pub formats: Vec<String>,
    pub out: PathBuf,
}

/// Why a run ended without its reports.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a table could not be computed: {0}")]
    Frame(#[from] PolarsError),
    #[error("a report could not be rendered: {0}")]
    Render(#[from] RenderError),
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

impl Computed<'_> {
    /// In one language; `None` when the language is not defined.
    pub fn context(&self, language: &str) -> Option<Context<'_>> {
        Some(Context {
            definitions: self.definitions,
            study_id: self.study_id,
            study: self.study,
            figures: &self.figures,
            tidy: &self.tidy,
            regions: &self.regions,
            composite: self.composite.as_ref(),
            typology: self.typology.as_ref(),
            boundaries: &self.boundaries,
            mapped: &self.mapped,
            language: self.definitions.languages.get(language)?,
            printed: std::cell::RefCell::default(),
            shown: std::cell::RefCell::default(),
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
    Ok(Computed { definitions, study_id, study, tidy, figures, regions, composite, typology, boundaries, mapped, findings })
}

/// One report to build: a territory, or the comparison.
struct Job {
    territory: Option<String>,
    language: String,
    folder: PathBuf,
}

/// Builds and publishes the reports of a plan.
///
/// # Errors
/// Any [`RunError`]; then nothing of the plan was published.
pub fn run(
    loaded: &Loaded,
    plan: &Plan,
    store: &Store,
    interrupt: &AtomicBool,
    progress: &(dyn Fn(&str) + Sync),
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
    let (current, stale): (Vec<_>, Vec<_>) =
        jobs(plan).into_iter().partition(|job| up_to_date(&study_folder.join(&job.folder), &base.digest(job)));
    let mut summary = Summary { study: study_id.clone(), ..Summary::default() };
    for job in &current {
        let manifest = manifest::read(&study_folder.join(&job.folder));
        summary.findings.extend(inputs.findings.iter().cloned());
        summary.reports.push(report_summary(&study_folder, job, "unchanged", manifest.as_ref()));
    }
    if !stale.is_empty() {
        progress("reading and computing");
        let mut computed = compute(definitions, study_id, study, &inputs)?;
        computed.findings.extend(plan.languages.iter().filter_map(|code| untranslated(definitions, study, code)));
        let rendered: Result<Vec<_>, RunError> =
            stale.par_iter().map(|job| render(&computed, plan, &base, job, interrupt, progress)).collect();
        let rendered = rendered?;
        summary.findings.extend(computed.findings);
        progress("writing");
        publish(&study_folder, plan, &stale, &rendered)?;
        for (job, files) in stale.iter().zip(&rendered) {
            summary.reports.push(report_summary(&study_folder, job, "written", Some(&files.manifest)));
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

/// The reports of a plan with their folders, and whether each is up to date.
pub fn states(loaded: &Loaded, plan: &Plan, inputs: &Inputs) -> Vec<(PathBuf, bool)> {
    let base = manifest::Base::new(loaded, plan, inputs);
    let study_folder = plan.out.join(&plan.study);
    let state = |job: Job| {
        let folder = study_folder.join(&job.folder);
        let current = up_to_date(&folder, &base.digest(&job));
        (folder, current)
    };
    jobs(plan).into_iter().map(state).collect()
}

fn jobs(plan: &Plan) -> Vec<Job> {
    let mut jobs = Vec::new();
    for language in &plan.languages {
        let territories = plan.territories.iter().cloned().map(Some);
        for territory in territories.chain(plan.whole_study.then_some(None)) {
            let name = territory.as_deref().unwrap_or(COMPARISON);
            jobs.push(Job { folder: Path::new(name).join(language), territory, language: language.clone() });
        }
    }
    jobs
}

/// The files of one report and what stands in its manifest.
struct Rendered {
    files: Vec<(String, Vec<u8>)>,
    manifest: Manifest,
}

fn render(
    computed: &Computed<'_>,
    plan: &Plan,
    base: &manifest::Base,
    job: &Job,
    interrupt: &AtomicBool,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<Rendered, RunError> {
    if interrupt.load(Ordering::Relaxed) {
        return Err(RunError::Interrupted);
    }
    let Some(context) = computed.context(&job.language) else {
        return Err(RunError::NoData { study: plan.study.clone() });
    };
    let scope: Vec<String> = job.territory.as_ref().map_or_else(|| computed.study.territories.clone(), |id| vec![id.clone()]);
    let report = match &job.territory {
        Some(territory) => compose::territory_report(&context, territory, &computed.findings),
        None => compose::comparative_report(&context, &computed.findings),
    };
    let violations = compose::lint(&context, &report);
    if !violations.is_empty() {
        let report = format!("{} ({})", job.territory.as_deref().unwrap_or(COMPARISON), job.language);
        return Err(RunError::Prose { report, violations: compose::Violations(violations) });
    }
    let observations = compose::observations(&context, &scope);
    let coverage = compose::coverage_rows(&context, &scope);
    let mut files = vec![RenderedFile { path: "observations.csv".into(), bytes: compose::observations_csv(&observations) }];
    let calculations = calculation::calculations(&context, &observations);
    files.push(RenderedFile { path: calculation::NAME.into(), bytes: calculation::bytes(&calculations) });
    files.push(RenderedFile { path: manifest::LOCK.into(), bytes: base.lock() });
    let setting = Setting { attachments: &files, ..Setting::plain(context.language) };
    let formats: Vec<_> = FORMATS.iter().filter(|format| plan.formats.iter().any(|wanted| wanted == format.id())).collect();
    let rendered: Result<Vec<_>, RenderError> = formats.par_iter().map(|format| format.render(&report, &setting)).collect();
    let rendered = rendered?;
    files.extend(rendered.into_iter().flatten());
    let mut files: Vec<(String, Vec<u8>)> = files.into_iter().map(|file| (file.path, file.bytes)).collect();
    files.sort();
    let manifest = base.manifest(job, &files, coverage, &computed.findings);
    let described = manifest.bytes();
    let stamp = manifest::stamp(&base.digest(job), &described);
    files.extend([(manifest::NAME.into(), described), (manifest::STAMP.into(), stamp)]);
    progress(job.territory.as_deref().unwrap_or(COMPARISON));
    if interrupt.load(Ordering::Relaxed) {
        return Err(RunError::Interrupted);
    }
    Ok(Rendered { files, manifest })
}

/// Puts the reports in their places: a study whole, single territories each whole.
fn publish(study_folder: &Path, plan: &Plan, jobs: &[Job], rendered: &[Rendered]) -> Result<(), RunError> {
    let write = |folder: &Path, rendered: &Rendered| -> Result<(), StoreError> {
        rendered.files.iter().try_for_each(|(path, bytes)| store::write_plain(&folder.join(path), bytes))
    };
    if plan.whole_study {
        let staging = store::staging(study_folder)?;
        let replaced: Vec<PathBuf> = jobs.iter().map(|job| job.folder.clone()).collect();
        store::carry_over(study_folder, &staging, &replaced)?;
        for (job, rendered) in jobs.iter().zip(rendered) {
            write(&staging.join(&job.folder), rendered)?;
        }
        store::publish(&staging, study_folder)?;
    } else {
        for (job, rendered) in jobs.iter().zip(rendered) {
            let target = study_folder.join(&job.folder);
            let staging = store::staging(&target)?;
            write(&staging, rendered)?;
            store::publish(&staging, &target)?;
        }
    }
    Ok(())
}

fn report_summary(study_folder: &Path, job: &Job, state: &'static str, manifest: Option<&Manifest>) -> ReportSummary {
    let mut grades: BTreeMap<String, usize> = BTreeMap::new();
    for row in manifest.into_iter().flat_map(|manifest| &manifest.coverage).filter(|row| !row.grade.is_empty() && !row.printed) {
        *grades.entry(row.grade.clone()).or_default() += 1;
    }
    ReportSummary {
        territory: job.territory.clone().unwrap_or_else(|| COMPARISON.to_owned()),
        language: job.language.clone(),
        state,
        folder: study_folder.join(&job.folder),
        files: manifest.map_or(0, |manifest| manifest.files.len() + 1),
        grades,
    }
}
