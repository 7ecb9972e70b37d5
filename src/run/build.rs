//! One publication, from the figures to files in a staging folder: composed, compared with what is there, and rendered only
//! when it shows something else. Its files are written at once, so that a run holds few of them in memory.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use baseline_render::document::Report;
use baseline_render::{RenderError, RenderedFile, Setting};
use rayon::prelude::*;

use super::changes::changes;
use super::manifest::{self, Base, Manifest, Scope, Whole};
use super::product::{Job, Product};
use super::publish::Staging;
use super::{Computed, Plan, Progress, RunError, untranslated};
use crate::compose::{self, Changes, calculation};
use crate::store;

/// The table of figures.
const OBSERVATIONS: &str = "observations.csv";

/// What became of a job.
pub enum Outcome {
    /// What is there shows the same; the line that says so is to be written.
    Same { stamp: Vec<u8>, manifest: Manifest },
    /// Its files are staged.
    Built { manifest: Manifest, changes: Option<Changes>, new: bool },
}

/// A job with the publication that is in its place.
pub struct Stale {
    pub job: Job,
    pub found: Option<Whole>,
}

/// Reports in work at one time: the pictures of one keep some threads busy, and each holds its files in memory.
const TOGETHER: usize = 4;

/// Builds jobs into their staging folders.
///
/// # Errors
/// The first fault of any job; what is staged is then not to be published.
pub fn build(
    computed: &Computed<'_>,
    (plan, base): (&Plan, &Base<'_>),
    (staging, study_folder): (&Staging, &Path),
    stale: &[Stale],
    (interrupt, progress): (&AtomicBool, &(dyn Fn(Progress<'_>) + Sync)),
) -> Result<Vec<Outcome>, RunError> {
    let mut outcomes = Vec::new();
    let stopped = || if interrupt.load(Ordering::Relaxed) { Err(RunError::Interrupted) } else { Ok(()) };
    for some in stale.chunks(rayon::current_num_threads().clamp(1, TOGETHER)) {
        let one = |stale: &Stale| {
            stopped()?;
            let outcome = outcome(computed, (plan, base), (staging, study_folder), stale)?;
            progress(Progress::Done(&stale.job.label()));
            stopped()?;
            Ok(outcome)
        };
        let built: Result<Vec<Outcome>, RunError> = some.par_iter().map(one).collect();
        outcomes.extend(built?);
    }
    Ok(outcomes)
}

fn outcome(
    computed: &Computed<'_>,
    (plan, base): (&Plan, &Base<'_>),
    (staging, study_folder): (&Staging, &Path),
    stale: &Stale,
) -> Result<Outcome, RunError> {
    let job = &stale.job;
    let composed = composed(computed, base, job)?;
    let inputs = base.digest(job);
    if let Some(found) = stale.found.as_ref().filter(|found| found.content == composed.content) {
        return Ok(Outcome::Same { stamp: found.stamp(&inputs), manifest: found.manifest.clone() });
    }
    let folder = study_folder.join(job.folder());
    let before = stale.found.as_ref().and_then(|_| store::read_if_there(&folder.join(OBSERVATIONS)));
    let after = composed.attachments.iter().find(|file| file.path == OBSERVATIONS);
    let changes = before.zip(after).map(|(before, after)| changes(&before, &after.bytes));
    let content = composed.content.clone();
    let (manifest, files) = rendered(computed, plan, job, composed)?;
    let staged = staging.place(&folder, &job.folder())?;
    for file in &files {
        store::write_plain(&staged.join(&file.path), &file.bytes)?;
    }
    let described = manifest.bytes();
    store::write_plain(&staged.join(manifest::NAME), &described)?;
    store::write_plain(&staged.join(manifest::STAMP), &manifest::stamp(&inputs, &content, &described))?;
    Ok(Outcome::Built { manifest, changes, new: stale.found.is_none() })
}

/// A report in words and figures, before any format.
struct Composed {
    report: Report,
    /// What is written beside it and put inside formats that can hold it.
    attachments: Vec<RenderedFile>,
    manifest: Manifest,
    content: String,
}

fn composed(computed: &Computed<'_>, base: &Base<'_>, job: &Job) -> Result<Composed, RunError> {
    let Some(context) = computed.context(&job.language) else {
        return Err(RunError::NoData { study: computed.study_id.to_owned() });
    };
    let scope: Vec<String> = job.territory.as_ref().map_or_else(|| computed.study.territories.clone(), |id| vec![id.clone()]);
    let mut findings = computed.findings.clone();
    findings.extend(untranslated(computed.definitions, computed.study, &job.language));
    let report = match &job.territory {
        Some(territory) if job.product == Product::Factsheet => compose::factsheet_report(&context, territory),
        Some(territory) => compose::territory_report(&context, territory, &findings),
        None => compose::comparative_report(&context, &findings),
    };
    let violations = compose::lint(&context, &report);
    if !violations.is_empty() {
        let report = job.label();
        return Err(RunError::Prose { report, violations: compose::Violations(violations) });
    }
    let mut coverage = compose::coverage_rows(&context, &scope);
    let observations = if job.product == Product::Factsheet {
        // Its table holds what it shows, and no more.
        let shown = compose::shown(&context);
        coverage.retain(|row| shown.iter().any(|figure| figure.indicator == row.indicator));
        shown
    } else {
        compose::observations(&context, &scope)
    };
    let calculations = calculation::calculations(&context, &observations);
    let elsewhere = compose::elsewhere(&context, &scope);
    let about = Scope { observations: &observations, coverage: &coverage, findings: &findings, elsewhere: &elsewhere };
    let manifest = base.manifest(job, &context, &report, &about);
    let attachments = vec![
        RenderedFile { path: OBSERVATIONS.into(), bytes: compose::observations_csv(&observations) },
        RenderedFile { path: calculation::NAME.into(), bytes: calculation::bytes(&calculations) },
        RenderedFile { path: manifest::LOCK.into(), bytes: Base::lock(&manifest) },
    ];
    let content = base.content(job, &report, &manifest, &attachments);
    Ok(Composed { report, attachments, manifest, content })
}

/// All files of a report but the manifest, sorted by path.
fn rendered(
    computed: &Computed<'_>,
    plan: &Plan,
    job: &Job,
    composed: Composed,
) -> Result<(Manifest, Vec<RenderedFile>), RunError> {
    let Composed { report, attachments, manifest, .. } = composed;
    let Some(language) = computed.definitions.languages.get(&job.language) else {
        return Err(RunError::NoData { study: plan.study.clone() });
    };
    let formats = manifest::renderers(&manifest);
    let workbook = formats.iter().any(|format| format.id() == "xlsx");
    let setting = Setting { language, attachments: &attachments, templates: &plan.templates, workbook };
    let rendered: Result<Vec<_>, RenderError> = formats.par_iter().map(|format| format.render(&report, &setting)).collect();
    let rendered = rendered.map_err(|error| RunError::Render { report: job.label(), error })?;
    let mut files = attachments;
    for file in rendered.into_iter().flatten() {
        files.push(RenderedFile { path: job.product.named(file.path), bytes: file.bytes });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((manifest.with(&files), files))
}
