//! `doctor --sources`: the health of the sources as a matrix.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::args::Doctor;
use super::{CliError, Console, Exit, credentials, interrupt_flag, lock};
use crate::load;
use crate::pull::{
    self, FlowState, Limits, ProbeRequest, Progress, PullRequest, ReadSummary, SourceHealth, SystemClock, forget_ban,
};
use crate::store::Store;

/// Time for one source.
const BUDGET: Duration = Duration::from_mins(10);

pub fn sources(workspace: &Path, named: &[String], args: &Doctor, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let definitions = &loaded.definitions;
    if let Some(unknown) = named.iter().chain(&args.forget_ban).find(|id| !definitions.sources.contains_key(*id)) {
        return Err(CliError::Usage { message: format!("no source `{unknown}`"), hint: "baseline list sources".into() });
    }
    let store = Store::open(workspace)?;
    // Requests are sent at the pace that is noted on disk: one process at a time.
    let _lock = lock(&store)?;
    if let Some(id) = &args.forget_ban {
        let forgotten = forget_ban(definitions, &store, id)?;
        console.text(&format!(
            "{id}: {}\n",
            forgotten.map_or("nothing to forget".to_owned(), |what| format!("forgotten: {what}"))
        ))?;
        return Ok(Exit::Done);
    }
    let wanted: Vec<String> = if named.is_empty() {
        let pulled = |id: &&String| baseline_source::protocol::protocol(&definitions.sources[*id].protocol).is_some();
        definitions.sources.keys().filter(pulled).cloned().collect()
    } else {
        named.to_vec()
    };
    let credentials = credentials(definitions);
    let interrupt = interrupt_flag();
    let bar = console.bar();
    let progress = |event: &Progress<'_>| {
        if let Progress::Waiting { dataflow, wait, why } = event {
            bar.set_message(format!("{dataflow}: waiting {} s, {why}", wait.as_secs()));
        }
    };
    let pull = PullRequest {
        definitions,
        dataflows: &[],
        only_changed: false,
        sizes: &BTreeMap::new(),
        store: &store,
        clock: &SystemClock,
        seed: 0,
        read: &|_, _| ReadSummary::default(),
        credentials: &credentials,
        interrupt: &interrupt,
        progress: &progress,
        limits: Limits::default(),
    };
    let health = pull::probe(&ProbeRequest { pull, sources: &wanted, offline: args.offline, budget: BUDGET });
    bar.finish_and_clear();
    if args.json {
        Console::json(&health)?;
    } else {
        Console::bytes(health.iter().map(text).collect::<String>().as_bytes())?;
    }
    if interrupt.load(std::sync::atomic::Ordering::Relaxed) {
        return Ok(Exit::Interrupted);
    }
    Ok(if health.iter().any(SourceHealth::is_bad) { Exit::Findings } else { Exit::Done })
}

fn text(health: &SourceHealth) -> String {
    let reachable = match health.reachable {
        Some(true) => "reachable",
        Some(false) => "NOT REACHABLE",
        None => "not asked",
    };
    let mut text = format!("{}  {reachable}  {} ({}, {})\n", health.source, health.name, health.protocol, health.host);
    let mut line = |what: &str, said: &str| {
        if !said.is_empty() {
            text.push_str(&format!("  {what:<12} {said}\n"));
        }
    };
    line("note", &health.message);
    if !health.banned_until.is_empty() {
        line("BAN", &format!("until {}: {}", health.banned_until, health.banned_why));
    }
    for one in &health.credentials {
        let state = match (one.present, one.needed) {
            (true, _) => "set",
            (false, true) => "NOT SET",
            (false, false) => "not set, and not needed",
        };
        line("credential", &format!("{} (header {}): {state}", one.variable, one.header));
    }
    line("unverified", &health.unverified);
    for flow in &health.dataflows {
        let state = match flow.state {
            FlowState::Sound => "ok",
            FlowState::Changed => "CHANGED",
            FlowState::Missing => "MISSING",
            FlowState::Unclear => "UNCLEAR",
            FlowState::Failed => "FAILED",
            FlowState::NotAsked => "not asked",
        };
        let updated = if flow.updated.is_empty() { String::new() } else { format!("  updated {}", flow.updated) };
        let unverified = if flow.unverified.is_empty() { String::new() } else { format!("  unverified: {}", flow.unverified) };
        // The note of the source is not repeated for each of its tables.
        let message = if flow.message == health.message { String::new() } else { format!("  {}", flow.message) };
        text.push_str(&format!("  {:<34} {state:<10}{updated}{message}{unverified}\n", flow.dataflow));
    }
    text
}
