//! `read`, `pull`, `refresh` and the building of the seed: bytes in, bytes out.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use baseline_model::definitions::Definitions;
use baseline_model::{Finding, Reading, Severity};
use baseline_source::ReadOptions;
use serde::Serialize;

use super::args::{Confines as ConfinesArgs, Pull as PullArgs, Read as ReadArgs, Target};
use super::{CliError, Console, Exit, build, credentials, interrupt_flag, lock, plan_of};
use crate::frame;
use crate::load::sandbox::{self, Confines};
use crate::load::{self, wire};
use crate::pull::{self, Limits, Outcome, Progress, PullReport, PullRequest, ReadSummary, SystemClock};
use crate::run;
use crate::seed as seeding;
use crate::store::{self, Store};

pub fn read(workspace: &Path, args: &ReadArgs, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    if let Some(id) = &args.dataflow {
        known_dataflow(&loaded.definitions, id)?;
    }
    let bytes = load::read_file(&args.file)?;
    let name = args.file.display().to_string();
    let reading = if sandbox::is_untrusted(&bytes) {
        apart(workspace, args.dataflow.as_deref(), args.confines, (&bytes, &name))?
    } else {
        read_by(&loaded.definitions, args.dataflow.as_deref(), &bytes, &name)?
    };
    drop(bytes);
    console.findings(&reading.findings, Severity::Info);
    let kind = args.output.as_ref().map(|path| (path, path.extension().and_then(|kind| kind.to_str()).unwrap_or_default()));
    if let Some((path, kind)) = kind
        && !matches!(kind, "csv" | "parquet")
    {
        let message = format!("{}: expected a name that ends in .csv or .parquet", path.display());
        return Err(CliError::Usage { message, hint: "for example --output observations.csv".into() });
    }
    let empty = reading.tables.is_empty() && reading.descriptions.is_empty();
    match kind {
        _ if empty => {}
        None if reading.tables.is_empty() => {
            let sink = std::io::stdout().lock();
            frame::write_descriptions(&reading.descriptions, sink).or_else(|error| quiet_pipe(&error))?;
        }
        None => frame::write_csv(&reading.tables, std::io::stdout().lock()).or_else(|error| quiet_pipe(&error))?,
        Some((path, "csv")) if reading.tables.is_empty() => {
            store::write_through(path, |sink: &mut dyn std::io::Write| frame::write_descriptions(&reading.descriptions, sink))?;
        }
        Some((path, "csv")) => {
            store::write_through(path, |sink: &mut dyn std::io::Write| frame::write_csv(&reading.tables, sink))?;
        }
        Some((path, _)) if reading.tables.is_empty() => {
            let message = format!("{}: a description holds codes and no figures", path.display());
            return Err(CliError::Usage { message, hint: "give a name that ends in .csv".into() });
        }
        Some((path, _)) => store::write_through(path, |sink: &mut dyn std::io::Write| {
            frame::write_parquet(&reading.tables, sink).map_err(std::io::Error::other)
        })?,
    }
    let failed = reading.findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if failed || empty { Exit::Findings } else { Exit::Done })
}

/// By the layouts of a dataflow, when one is named; a file of no common format by the only declared layout that fits it.
fn read_by(definitions: &Definitions, dataflow: Option<&str>, bytes: &[u8], name: &str) -> Result<Reading, CliError> {
    let labels = seeding::labels(definitions);
    let options = match dataflow {
        Some(id) => run::read_options(definitions, known_dataflow(definitions, id)?, &labels),
        None => ReadOptions { labels: Some(&labels), ..ReadOptions::default() },
    };
    let reading = baseline_source::read(bytes, name, &options);
    let unknown = |finding: &Finding| finding.code == "unknown-format";
    if dataflow.is_some() || !reading.tables.is_empty() || !reading.findings.iter().any(unknown) {
        return Ok(reading);
    }
    let failed = |reading: &Reading| reading.findings.iter().any(|finding| finding.severity == Severity::Error);
    let declared = definitions.dataflows.iter().filter(|(_, dataflow)| !dataflow.shapes.is_empty());
    let mut fitting: Vec<(&String, Reading)> = declared
        .map(|(id, _)| (id, baseline_source::read(bytes, name, &run::read_options(definitions, id, &labels))))
        .filter(|(_, reading)| !reading.tables.is_empty() && !failed(reading))
        .collect();
    if let [(id, _)] = fitting.as_slice() {
        let note = Finding::info("layout", name, format!("read by the layout that is declared for `{id}`"));
        let (_, mut reading) = fitting.remove(0);
        reading.findings.insert(0, note);
        return Ok(reading);
    }
    let mut reading = reading;
    if !fitting.is_empty() {
        let names: Vec<String> = fitting.iter().map(|(id, _)| format!("`--as {id}`")).collect();
        for finding in reading.findings.iter_mut().filter(|finding| unknown(finding)) {
            finding.hint = format!("several tables stand in this file; name one: {}", names.join(", "));
        }
    }
    Ok(reading)
}

/// Has a workbook read by another process of this program.
pub fn apart(
    workspace: &Path,
    dataflow: Option<&str>,
    confines: ConfinesArgs,
    (bytes, name): (&[u8], &str),
) -> Result<Reading, CliError> {
    let program = std::env::current_exe().map_err(|error| CliError::Usage {
        message: format!("the program does not find itself to read the workbook in a process of its own: {error}"),
        hint: "call it by its full path".into(),
    })?;
    let confines = Confines { memory: confines.memory, seconds: confines.seconds };
    let (memory, seconds) = (confines.memory.to_string(), confines.seconds.to_string());
    // A name may begin like an option.
    let name_argument = format!("--name={name}");
    let mut call = [OsStr::new("--quiet"), "--workspace".as_ref(), workspace.as_ref(), "read-apart".as_ref()].to_vec();
    call.extend([OsStr::new(&name_argument), "--memory".as_ref(), memory.as_ref(), "--seconds".as_ref(), seconds.as_ref()]);
    if let Some(dataflow) = dataflow {
        call.extend([OsStr::new("--as"), dataflow.as_ref()]);
    }
    Ok(sandbox::read(&program, &call, bytes, name, confines))
}

/// The other end of it.
pub fn read_apart(workspace: &Path, name: &str, dataflow: Option<&str>, confines: ConfinesArgs) -> Result<Exit, CliError> {
    sandbox::confine(Confines { memory: confines.memory, seconds: confines.seconds });
    let loaded = load::definitions(workspace)?;
    let bytes = load::read_file(Path::new("-"))?;
    let reading = read_by(&loaded.definitions, dataflow, &bytes, name)?;
    drop(bytes);
    Console::bytes(&wire::encode(&reading))?;
    Ok(Exit::Done)
}

/// The id again, when it is one.
fn known_dataflow<'a>(definitions: &baseline_model::definitions::Definitions, id: &'a str) -> Result<&'a str, CliError> {
    if definitions.dataflows.contains_key(id) {
        return Ok(id);
    }
    Err(CliError::Usage { message: format!("no dataflow `{id}`"), hint: "baseline list dataflows".into() })
}

/// The reader of the pipe closed it: it has what it wanted.
fn quiet_pipe(error: &std::io::Error) -> Result<(), CliError> {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Ok(());
    }
    Err(CliError::Write { to: "stdout".into(), fault: error.to_string() })
}

/// One dataflow of a pull, as the summary says it.
#[derive(Debug, Serialize)]
struct Pulled {
    dataflow: String,
    outcome: &'static str,
    vintage: Option<String>,
    message: String,
}

pub fn pull(workspace: &Path, args: &PullArgs, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let with_boundaries;
    let definitions = if args.geometry {
        with_boundaries = run::geometry::with_records(&loaded.definitions);
        &with_boundaries
    } else {
        &loaded.definitions
    };
    let wanted = if args.geometry {
        run::geometry::dataflows()
    } else if args.dataflows.is_empty() {
        let study = baseline_model::definitions::resolve::study(definitions, &args.study)?;
        pullable(definitions, &definitions.studies[&study])
    } else {
        for id in &args.dataflows {
            known_dataflow(definitions, id)?;
        }
        args.dataflows.clone()
    };
    let store = Store::open(workspace)?;
    let _lock = lock(&store)?;
    store.clean_temporaries()?;
    let interrupt = interrupt_flag();
    let report = pull_all(definitions, &wanted, args.changed, &store, &interrupt, console);
    let pulled = describe(&report);
    if args.json {
        Console::json(&pulled)?;
    } else {
        let lines: String =
            pulled.iter().map(|flow| format!("{:<32} {:<10} {}\n", flow.dataflow, flow.outcome, flow.message)).collect();
        console.text(&lines)?;
    }
    console.findings(&report.all_findings(), Severity::Warning);
    if interrupt.load(Ordering::Relaxed) {
        return Ok(Exit::Interrupted);
    }
    let nothing = report.dataflows.iter().all(|flow| flow.last_good.is_none());
    Ok(match (report.is_complete(), nothing && !report.dataflows.is_empty()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Nothing,
        (false, false) => Exit::Findings,
    })
}

/// Dataflows of a study whose source can be pulled.
fn pullable(definitions: &baseline_model::definitions::Definitions, study: &baseline_model::definitions::Study) -> Vec<String> {
    let has_protocol = |id: &String| {
        let source = id.split('/').next().and_then(|source| definitions.sources.get(source));
        source.is_some_and(|source| baseline_source::protocol::protocol(&source.protocol).is_some())
    };
    run::dataflows(definitions, study).into_iter().filter(has_protocol).collect()
}

fn pull_all(
    definitions: &baseline_model::definitions::Definitions,
    wanted: &[String],
    only_changed: bool,
    store: &Store,
    interrupt: &AtomicBool,
    console: &Console,
) -> PullReport {
    let labels = seeding::labels(definitions);
    let read = |flow: &str, bytes: &[u8]| {
        if flow.split('/').next() == Some(run::geometry::SOURCE) {
            return run::geometry::summary(flow, bytes);
        }
        ReadSummary::from(baseline_source::read(bytes, "answer", &run::read_options(definitions, flow, &labels)))
    };
    let credentials = credentials(definitions);
    let bar = console.bar();
    let progress = |event: &Progress<'_>| {
        bar.set_message(match event {
            Progress::Started { dataflow } => (*dataflow).to_owned(),
            Progress::Received { dataflow, bytes } => format!("{dataflow}: {bytes} bytes"),
            Progress::Waiting { dataflow, wait, why } => format!("{dataflow}: waiting {} s, {why}", wait.as_secs()),
            Progress::Finished { dataflow } => format!("{dataflow}: done"),
        });
    };
    let report = pull::pull(&PullRequest {
        definitions,
        dataflows: wanted,
        only_changed,
        sizes: &BTreeMap::new(),
        store,
        clock: &SystemClock,
        seed: u64::from(std::process::id()),
        read: &read,
        credentials: &credentials,
        interrupt,
        progress: &progress,
        limits: Limits::default(),
    });
    bar.finish_and_clear();
    report
}

fn describe(report: &PullReport) -> Vec<Pulled> {
    let line = |flow: &pull::DataflowReport| {
        let kept = || {
            flow.last_good
                .as_ref()
                .map_or("nothing stored; the shipped figures stay".to_owned(), |name| format!("vintage {name} stays"))
        };
        let (outcome, vintage, message) = match &flow.outcome {
            Outcome::New { vintage } => ("new", Some(vintage.clone()), format!("vintage {vintage}")),
            Outcome::Unchanged { vintage } => ("unchanged", Some(vintage.clone()), format!("vintage {vintage}")),
            Outcome::Failed { reason } => {
                ("failed", flow.last_good.clone(), format!("{} ({})", first_line(&reason.to_string()), kept()))
            }
            Outcome::Held { vintage, hold } => {
                ("held", flow.last_good.clone(), format!("vintage {vintage}: {} ({})", hold.reasons.join("; "), kept()))
            }
            Outcome::Skipped { why } => ("skipped", flow.last_good.clone(), format!("{why} ({})", kept())),
        };
        Pulled { dataflow: flow.dataflow.clone(), outcome, vintage, message }
    };
    report.dataflows.iter().map(line).collect()
}

/// Lets a held vintage be used.
pub fn accept(workspace: &Path, dataflow: &str, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    known_dataflow(&loaded.definitions, dataflow)?;
    let store = Store::open(workspace)?;
    let _lock = lock(&store)?;
    let Some((vintage, hold)) = store.accept(dataflow, &jiff::Timestamp::now().to_string())? else {
        return Err(CliError::Usage {
            message: format!("{dataflow}: the newest vintage is not held back"),
            hint: "only a vintage that a pull held back can be accepted".into(),
        });
    };
    console.text(&format!(
        "{dataflow}: vintage {} is used from now on, although: {}\n",
        vintage.name,
        hold.reasons.join("; ")
    ))?;
    Ok(Exit::Done)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// What the scheduled job leaves behind, also as `refresh.json` beside the study's reports.
#[derive(Debug, Serialize)]
struct Refreshed<'a> {
    study: &'a str,
    pulled: Vec<Pulled>,
    reports: &'a [run::ReportSummary],
    findings: Vec<Finding>,
    exit: i32,
}

pub fn refresh(workspace: &Path, target: &Target, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let plan = plan_of(&loaded.definitions, workspace, target)?;
    let store = Store::open(workspace)?;
    let _lock = lock(&store)?;
    store.clean_temporaries()?;
    let study = &loaded.definitions.studies[&plan.study];
    let wanted = pullable(&loaded.definitions, study);
    let interrupt = interrupt_flag();
    let report = pull_all(&loaded.definitions, &wanted, true, &store, &interrupt, console);
    // One request to stop ends the whole job, not only the part it came in.
    if interrupt.load(Ordering::Relaxed) {
        return Err(run::RunError::Interrupted.into());
    }
    let mut summary = build(&loaded, &plan, &store, &interrupt, console)?;
    // The last good figures stay in place and carry their own date; that newer ones could not be had is said here.
    summary.findings.extend(report.all_findings());
    summary.findings.sort();
    summary.findings.dedup();
    let pulled = describe(&report);
    let exit = if summary.has_errors() || !report.is_complete() { Exit::Findings } else { Exit::Done };
    let manifest = Refreshed {
        study: &plan.study,
        pulled,
        reports: &summary.reports,
        findings: summary.findings.clone(),
        exit: exit as i32,
    };
    let mut bytes = serde_json::to_vec_pretty(&manifest).expect("texts and numbers are always JSON");
    bytes.push(b'\n');
    store::write_atomic(&plan.out.join(format!("{}.refresh.json", plan.study)), &bytes)?;
    if target.json {
        Console::bytes(&bytes)?;
    } else {
        let lines: String =
            manifest.pulled.iter().map(|flow| format!("{:<32} {:<10} {}\n", flow.dataflow, flow.outcome, flow.message)).collect();
        console.text(&lines)?;
        super::report(&summary, false, console)?;
    }
    Ok(exit)
}

/// Rebuilds `data/seed` from the originals, or checks that it is what they give.
pub fn seed(
    workspace: &Path,
    (from, out, recipe): (&Path, &Path, &Path),
    check: bool,
    console: &Console,
) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let recipe = String::from_utf8_lossy(&load::read_file(recipe)?).into_owned();
    let original = |name: &str| load::read_file(&from.join(name)).map_err(|error| error.to_string());
    let built = seeding::build(&recipe, &original, &loaded.definitions).map_err(|faults| CliError::Usage {
        message: faults.join("\n"),
        hint: "edit data/seed.toml, or name the folder of the originals with --from".into(),
    })?;
    console.findings(&built.findings, Severity::Warning);
    let mut differing = Vec::new();
    let mut total = 0;
    for (path, bytes) in &built.files {
        let place = out.join(path);
        total += bytes.len();
        if store::read_if_there(&place).as_deref() != Some(bytes.as_slice()) {
            differing.push(path.clone());
            if !check {
                store::write_atomic(&place, bytes)?;
            }
        }
    }
    console.text(&format!(
        "{} files, {total} bytes, {} {}\n",
        built.files.len(),
        differing.len(),
        if check { "differ" } else { "written" }
    ))?;
    for path in differing.iter().filter(|_| check) {
        Console::error(&format!("differs: {path}"));
    }
    Ok(if check && !differing.is_empty() { Exit::Findings } else { Exit::Done })
}
