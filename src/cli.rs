//! Floor 5: what was typed becomes a plan, what came of it an exit code. The only place that prints, and that knows
//! the environment and the clock.

mod args;
mod audit;
mod compute;
mod data;
mod export;
mod health;
mod import;
mod inspect;
mod languages;
mod method;
mod microdata;
mod show;
mod target;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use baseline_model::definitions::{Definitions, resolve};
use baseline_model::{Finding, Severity};
use baseline_render::RenderError;
use clap::{CommandFactory, Parser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::load::{self, LoadError, Loaded};
use crate::microdata::MicrodataError;
use crate::pull::{Credentials, Secret};
use crate::run::{self, Plan, Progress, RunError, Summary};
use crate::store::{self, Lock, Store, StoreError};
use args::{Cli, Command, Target};
use target::plan_of;

/// Documented in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Findings = 1,
    Usage = 2,
    Nothing = 3,
    Write = 4,
    Busy = 5,
    Interrupted = 130,
}

/// Why a command ended early. Each says what, where and what next.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Name(#[from] resolve::NotFound),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Microdata(#[from] MicrodataError),
    #[error("{message}\n  hint: {hint}")]
    Usage { message: String, hint: String },
    #[error("cannot write {to}: {fault}\n  hint: check the place and its free space")]
    Write { to: String, fault: String },
}

impl CliError {
    fn exit(&self) -> Exit {
        match self {
            // A template of the user's is as a definition of his.
            Self::Load(_)
            | Self::Name(_)
            | Self::Usage { .. }
            | Self::Run(RunError::Render { error: RenderError::Template { .. } | RenderError::DocxTemplate { .. }, .. }) => {
                Exit::Usage
            }
            Self::Run(RunError::Interrupted) => Exit::Interrupted,
            Self::Run(RunError::NoData { .. }) => Exit::Nothing,
            Self::Run(RunError::Store(error)) | Self::Store(error) => {
                if matches!(error, StoreError::Busy { .. }) {
                    Exit::Busy
                } else {
                    Exit::Write
                }
            }
            Self::Run(RunError::Frame(_) | RunError::Render { .. } | RunError::Prose { .. }) => Exit::Findings,
            Self::Microdata(error) => error.exit(),
            Self::Write { .. } => Exit::Write,
        }
    }
}

/// Runs what the process was called with.
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let shown = error.print();
            return if error.use_stderr() || shown.is_err() { Exit::Usage } else { Exit::Done };
        }
    };
    logging(&cli);
    let console = Console { quiet: cli.quiet };
    match dispatch(&cli, &console) {
        Ok(exit) => exit,
        Err(error) => {
            if let CliError::Load(error) = &error {
                Console::error(&format!("{:?}", load::report(error)));
            } else {
                Console::error(&format!("error: {error}"));
            }
            error.exit()
        }
    }
}

fn dispatch(cli: &Cli, console: &Console) -> Result<Exit, CliError> {
    let workspace = cli.workspace.as_path();
    match &cli.command {
        Command::Run(target) => run_reports(workspace, target, console),
        Command::Refresh(target) => data::refresh(workspace, target, console),
        Command::Pull(pull) => data::pull(workspace, pull, console),
        Command::Plan(target) => inspect::plan(workspace, target),
        Command::Check { data: true, study, json } => audit::check(workspace, study, *json, console),
        Command::Check { json, .. } => inspect::check(workspace, *json, console),
        Command::List { what, unverified, json } => inspect::list(workspace, *what, *unverified, *json),
        Command::Read(read) => data::read(workspace, read, console),
        Command::Import(import) => import::import(workspace, import, console),
        Command::Microdata(arguments) => microdata::microdata(workspace, arguments, console),
        Command::ReadApart { name, dataflow, confines } => data::read_apart(workspace, name, dataflow.as_deref(), *confines),
        Command::Export(arguments) => export::export(workspace, arguments, console),
        Command::Show { indicator, study, lang, json } => show::show(workspace, indicator, (study, lang), *json, console),
        Command::Why { figure, region, study, lang } => show::why(workspace, figure, region.as_deref(), (study, lang)),
        Command::Compute(compute) => compute::compute(compute, console),
        Command::Method(method) => method::method(workspace, method),
        Command::Accept { dataflow } => data::accept(workspace, dataflow, console),
        Command::Doctor(doctor) => match &doctor.sources {
            Some(sources) => health::sources(workspace, sources, doctor, console),
            None => inspect::doctor(workspace),
        },
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "baseline", &mut script);
            Console::bytes(&script)?;
            Ok(Exit::Done)
        }
        Command::Seed { from, out, recipe, check } => data::seed(workspace, (from, out, recipe), *check, console),
    }
}

fn run_reports(workspace: &Path, target: &Target, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let plan = plan_of(&loaded, workspace, target)?;
    let store = Store::open(workspace)?;
    let _lock = lock(&store)?;
    let summary = build(&loaded, &plan, &store, &interrupt_flag(), console)?;
    report(&summary, &plan, target.json, console)
}

/// Builds what is planned under a progress line, which counts the publications.
fn build(loaded: &Loaded, plan: &Plan, store: &Store, interrupt: &AtomicBool, console: &Console) -> Result<Summary, CliError> {
    let bar = console.bar();
    let progress = |event: Progress<'_>| match event {
        Progress::Stage(what) => bar.set_message(what.to_owned()),
        Progress::Begin(count) => {
            if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:30}] {pos}/{len} {msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_length(count as u64);
        }
        Progress::Done(what) => {
            bar.inc(1);
            bar.set_message(what.to_owned());
        }
    };
    let summary = run::run(loaded, plan, store, interrupt, &progress);
    bar.finish_and_clear();
    Ok(summary?)
}

fn report(summary: &Summary, plan: &Plan, json: bool, console: &Console) -> Result<Exit, CliError> {
    if json {
        Console::json(summary)?;
    } else {
        let mut lines = String::new();
        for report in &summary.reports {
            let grades: Vec<_> = report.grades.iter().map(|(grade, count)| format!("{grade} {count}")).collect();
            lines.push_str(&format!("{:<33} {:<9} {}", report.label, report.state, report.folder.display()));
            if !grades.is_empty() {
                lines.push_str(&format!("  indicators by grade: {}", grades.join(", ")));
            }
            lines.push('\n');
        }
        let count = |severity| summary.findings.iter().filter(|finding| finding.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        if errors + warnings > 0 {
            lines.push_str(&format!(
                "findings: {errors} errors, {warnings} warnings (in the reports' method chapter and manifest.json)\n"
            ));
        }
        let of_study = plan.out.join(&summary.study).join(run::PAGE);
        let alone = summary.reports.first().filter(|_| !plan.whole_study).map(|first| first.folder.join("report.html"));
        let page = alone.filter(|page| store::read_if_there(page).is_some()).unwrap_or(of_study);
        if store::read_if_there(&page).is_some() {
            lines.push_str(&format!("open {}\n", page.display()));
        }
        console.text(&lines)?;
    }
    console.findings(&summary.findings, Severity::Error);
    Ok(if summary.has_errors() { Exit::Findings } else { Exit::Done })
}

fn lock(store: &Store) -> Result<Lock, CliError> {
    Ok(store.lock(&jiff::Timestamp::now().to_string())?)
}

/// What the environment holds of the variables that sources name.
fn credentials(definitions: &Definitions) -> Credentials {
    let variables = definitions.sources.values().flat_map(|source| source.variables().map(|(_, variable, _)| variable));
    let value = |variable: &str| Some((variable.to_owned(), Secret::new(std::env::var_os(variable)?.to_string_lossy())));
    variables.filter_map(value).collect()
}

/// Set by Ctrl-C or a termination request; a second one ends at once.
fn interrupt_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Without a handler the default ends the process, which is as safe: publication is by rename.
        let armed = signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, flag.clone());
        let registered = signal_hook::flag::register(signal, flag.clone());
        if armed.is_err() || registered.is_err() {
            tracing::debug!(signal, "no handler");
        }
    }
    flag
}

fn logging(cli: &Cli) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "baseline=info,warn",
        (false, _) => "baseline=debug,info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("BASELINE_LOG").unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).without_time().init();
}

/// Where a person or a script reads: data on stdout, everything else on stderr.
pub struct Console {
    quiet: bool,
}

impl Console {
    /// Data to stdout. A closed pipe is no error: the reader has what it wanted.
    fn bytes(bytes: &[u8]) -> Result<(), CliError> {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(CliError::Write { to: "stdout".into(), fault: error.to_string() })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn text(&self, text: &str) -> Result<(), CliError> {
        if self.quiet { Ok(()) } else { Console::bytes(text.as_bytes()) }
    }

    fn json(value: &impl serde::Serialize) -> Result<(), CliError> {
        let mut bytes = serde_json::to_vec_pretty(value).expect("texts and numbers are always JSON");
        bytes.push(b'\n');
        Console::bytes(&bytes)
    }

    fn error(message: &str) {
        let mut err = std::io::stderr().lock();
        // Nobody is left to tell when stderr is closed.
        let _ = writeln!(err, "{message}");
    }

    /// Text beside the data, on stderr.
    fn aside(&self, text: &str) {
        if !self.quiet && !text.is_empty() {
            Self::error(text.trim_end_matches('\n'));
        }
    }

    /// Findings of at least a severity; the rest are counted in the summary.
    fn findings(&self, findings: &[Finding], from: Severity) {
        for finding in
            findings.iter().filter(|finding| finding.severity >= from && (!self.quiet || finding.severity == Severity::Error))
        {
            Console::error(&finding.to_string());
        }
    }

    /// A progress line on stderr; silent without a terminal.
    fn bar(&self) -> ProgressBar {
        if self.quiet || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
        bar
    }
}
