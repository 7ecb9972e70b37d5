//! The health of the sources: one polite question a table, at the source's pace, and nothing is stored but the pace.
//!
//! Answers of unknown quality come in, a matrix goes out. What cannot be asked (no network wanted, a ban, credentials
//! that are not set, no budget left) is said as such and is no fault of the source.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use baseline_model::definitions::{Dataflow, Definitions, Source, nearest};
use baseline_model::is_meant;
use baseline_source::protocol::{Ask, Protocol, Sizes, Step, Structure, StructureDimension};
use reqwest::Url;
use serde::Serialize;

use super::PullRequest;
use super::error::PullError;
use super::fetch::Session;
use super::pace;
use super::secret::Keys;
use super::wire::{self, Gates, host_of};
use crate::store::{Remembered, Store, StoreError};

/// What to look at.
pub struct ProbeRequest<'a> {
    /// With what; its dataflows are not looked at.
    pub pull: PullRequest<'a>,
    /// Source ids; every table of theirs is asked for.
    pub sources: &'a [String],
    /// Send nothing, and say what is known without.
    pub offline: bool,
    /// Time for one source; tables that come later are not asked for.
    pub budget: Duration,
}

/// What is known of a source.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SourceHealth {
    pub source: String,
    pub name: String,
    pub protocol: String,
    pub host: String,
    /// None: it was not asked.
    pub reachable: Option<bool>,
    /// Why it was not asked, or not reached; empty otherwise.
    pub message: String,
    /// UTC instant; empty when it does not refuse us.
    pub banned_until: String,
    pub banned_why: String,
    pub credentials: Vec<CredentialHealth>,
    /// What has not been confirmed about it.
    pub unverified: String,
    pub dataflows: Vec<FlowHealth>,
}

/// A credential by its names. Its value is not here.
#[derive(Debug, Clone, Serialize)]
pub struct CredentialHealth {
    pub header: String,
    pub variable: String,
    pub needed: bool,
    pub present: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowState {
    /// The table is there and has the dimensions of its record.
    Sound,
    /// The table is there and is not as its record says.
    Changed,
    /// The provider does not have it.
    Missing,
    /// The provider answered, and what it says of dimensions could not be read.
    Unclear,
    /// No answer.
    Failed,
    NotAsked,
}

/// What is known of a table.
#[derive(Debug, Clone, Serialize)]
pub struct FlowHealth {
    pub dataflow: String,
    /// The provider's.
    pub code: String,
    pub state: FlowState,
    /// Expected and found, or why it was not asked.
    pub message: String,
    /// The provider's stamp, verbatim; empty when it states none.
    pub updated: String,
    /// What has not been confirmed about it.
    pub unverified: String,
}

impl FlowState {
    pub fn is_bad(self) -> bool {
        match self {
            Self::Sound | Self::NotAsked => false,
            Self::Changed | Self::Missing | Self::Unclear | Self::Failed => true,
        }
    }
}

impl SourceHealth {
    /// Whether a person has to look.
    pub fn is_bad(&self) -> bool {
        self.reachable == Some(false)
            || !self.banned_until.is_empty()
            || self.credentials.iter().any(|one| one.needed && !one.present)
            || self.dataflows.iter().any(|flow| flow.state.is_bad())
    }
}

/// Asks every source, different ones side by side.
pub fn probe(request: &ProbeRequest<'_>) -> Vec<SourceHealth> {
    let gates = Gates::default();
    thread::scope(|scope| {
        let gates = &gates;
        let workers: Vec<_> =
            request.sources.iter().map(|source| scope.spawn(move || probe_source(request, gates, source))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// Forgets that the host of a source refused us. Returns what was forgotten; `None` when nothing was noted.
///
/// # Errors
/// When the note cannot be read or written.
pub fn forget_ban(definitions: &Definitions, store: &Store, source: &str) -> Result<Option<String>, StoreError> {
    let Some(host) = definitions.sources.get(source).and_then(own_host) else { return Ok(None) };
    match store.pace(&host)? {
        Remembered::Nothing => Ok(None),
        Remembered::Known(mut known) => {
            let forgotten = pace::forgive(&mut known);
            if forgotten.is_some() {
                store.set_pace(&host, &known)?;
            }
            Ok(forgotten)
        }
        Remembered::Damaged => {
            store.forget_pace(&host)?;
            Ok(Some("notes that could not be read".into()))
        }
    }
}

fn own_host(source: &Source) -> Option<String> {
    Url::parse(source.base_url.trim()).ok().map(|url| host_of(&url)).filter(|host| !host.is_empty())
}

fn probe_source(request: &ProbeRequest<'_>, gates: &Gates, id: &str) -> SourceHealth {
    let mut health = SourceHealth { source: id.to_owned(), ..SourceHealth::default() };
    let definitions = request.pull.definitions;
    let Some(source) = definitions.sources.get(id) else {
        "no such source".clone_into(&mut health.message);
        return health;
    };
    health.name.clone_from(&source.name);
    health.protocol.clone_from(&source.protocol);
    health.host = own_host(source).unwrap_or_default();
    health.unverified = source.unverified.clone().unwrap_or_default();
    health.credentials = source
        .variables()
        .map(|(header, variable, needed)| CredentialHealth {
            header: header.to_owned(),
            variable: variable.to_owned(),
            needed,
            present: request.pull.credentials.contains_key(variable),
        })
        .collect();
    let flows: Vec<(&String, &Dataflow)> =
        definitions.dataflows.iter().filter(|(flow, _)| flow.split_once('/').is_some_and(|(source, _)| source == id)).collect();
    let ready = ready(request, source, &mut health);
    let mut session = match ready {
        Ok((protocol, client, keys)) => {
            let timeouts = source.timeouts.unwrap_or(request.pull.limits.timeouts);
            let mut session = Session::new(&request.pull, gates, id, source, protocol, (client, timeouts, keys));
            session.is_probe = true;
            Some(session)
        }
        Err(why) => {
            health.message = why;
            None
        }
    };
    let start = request.pull.clock.now();
    for (flow, dataflow) in flows {
        let code = dataflow.table(flow);
        let mut one = FlowHealth {
            dataflow: flow.clone(),
            code: code.to_owned(),
            state: FlowState::NotAsked,
            message: health.message.clone(),
            updated: String::new(),
            unverified: dataflow.unverified.clone().unwrap_or_default(),
        };
        let spent = Duration::try_from(request.pull.clock.now().duration_since(start)).unwrap_or_default();
        match session.as_mut() {
            None => {}
            _ if request.pull.interrupt.load(Ordering::Relaxed) => "stopped on request".clone_into(&mut one.message),
            _ if spent > request.budget => one.message = format!("no time left: {} s a source", request.budget.as_secs()),
            Some(session) => match session.closed() {
                Some(why) => why.clone_into(&mut one.message),
                None => ask(session, dataflow, &mut one, &mut health),
            },
        }
        health.dataflows.push(one);
    }
    health
}

/// What is needed to ask; the error says why nothing may be asked.
fn ready(
    request: &ProbeRequest<'_>,
    source: &Source,
    health: &mut SourceHealth,
) -> Result<(&'static dyn Protocol, reqwest::blocking::Client, Keys), String> {
    let rule = pace::Rule::of([source]);
    let now = request.pull.clock.now();
    if !health.host.is_empty() {
        let remembered = request.pull.store.pace(&health.host).map_err(|error| error.to_string())?;
        if let Some(pace::Closed::Banned(until, why)) = pace::closed(&pace::recall(remembered, &rule, now), now) {
            health.banned_until = wire::whole_seconds(until);
            health.banned_why = why;
        }
    }
    let Some(protocol) = super::spoken(&source.protocol) else { return Err("nothing is pulled from it".into()) };
    if request.offline {
        return Err("not asked: offline".into());
    }
    if !health.banned_until.is_empty() {
        return Err(format!("not asked: it is left alone until {}: {}", health.banned_until, health.banned_why));
    }
    let one_line = |text: String| text.replace("\n  hint: ", "; ");
    let keys = Keys::of(source, request.pull.credentials).map_err(|fault| one_line(fault.to_string()))?;
    let timeouts = source.timeouts.unwrap_or(request.pull.limits.timeouts);
    let client = wire::client(timeouts, request.pull.limits.proxy).map_err(|error| one_line(error.to_string()))?;
    Ok((protocol, client, keys))
}

/// Asks for one table. What the answer says of the host goes into `health`.
fn ask(session: &mut Session<'_>, dataflow: &Dataflow, one: &mut FlowHealth, health: &mut SourceHealth) {
    let sizes = Sizes::new();
    let (source, table) = (session.source, one.code.clone());
    let ask = Ask { source, table: &table, dataflow, sizes: &sizes };
    let Some(question) = session.protocol.structure(&ask) else {
        "its protocol has no question about structure, or the record cannot be asked".clone_into(&mut one.message);
        return;
    };
    match session.ask(&ask, &question, &one.dataflow) {
        Ok((Step::Nothing { why }, answer)) if matches!(answer.status, 404 | 410) => {
            health.reachable = Some(true);
            one.state = FlowState::Missing;
            one.message = session.keys.scrub(&why);
        }
        Ok((_, answer)) => {
            health.reachable = Some(true);
            match session.protocol.read_structure(&answer.bytes) {
                Ok(structure) => {
                    one.updated.clone_from(&structure.updated);
                    let faults = differences(dataflow, &structure);
                    one.state = if faults.is_empty() { FlowState::Sound } else { FlowState::Changed };
                    one.message = faults.join("; ");
                }
                Err(why) => {
                    one.state = FlowState::Unclear;
                    one.message = session.keys.scrub(&why);
                }
            }
        }
        Err(error) => {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().clone_into(&mut one.message);
            one.state = match &error {
                PullError::Refused { status, .. } => {
                    health.reachable = Some(true);
                    if matches!(status, 200 | 400 | 404 | 410) { FlowState::Missing } else { FlowState::Failed }
                }
                PullError::Damaged { .. } | PullError::Unusable { .. } | PullError::NotReady { .. } => {
                    health.reachable = Some(true);
                    FlowState::Unclear
                }
                PullError::Unreachable { .. } | PullError::TimedOut { .. } => {
                    health.reachable = Some(health.reachable.unwrap_or(false));
                    health.message.clone_from(&one.message);
                    FlowState::Failed
                }
                PullError::Banned { until, why, .. } => {
                    (health.banned_until, health.banned_why) = (until.clone(), why.clone());
                    FlowState::Failed
                }
                PullError::Parked { .. } | PullError::Interrupted => FlowState::NotAsked,
                PullError::Credentials(_) | PullError::Store(_) | PullError::Definition { .. } => FlowState::Failed,
            };
        }
    }
}

/// Where a table is not as its record says.
fn differences(dataflow: &Dataflow, structure: &Structure) -> Vec<String> {
    let ids: Vec<&str> = structure.dimensions.iter().map(|dimension| dimension.id.as_str()).collect();
    let found = || if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    let has = |id: &str| structure.dimensions.iter().find(|dimension| dimension.id.eq_ignore_ascii_case(id));
    let mut faults = Vec::new();
    for theirs in dataflow.dimensions.keys().filter(|theirs| has(theirs).is_none()) {
        let close = nearest(theirs, ids.iter().copied()).map_or(String::new(), |close| format!(" (perhaps {close})"));
        faults.push(format!("expected the dimension {theirs}, found {}{close}", found()));
    }
    for (ours, patterns) in &dataflow.find {
        let fits =
            |pattern: &String, dimension: &StructureDimension| is_meant(pattern, &dimension.id, &dimension.label, dimension.role);
        let one = |pattern: &String| structure.dimensions.iter().filter(|dimension| fits(pattern, dimension)).count() == 1;
        if !patterns.iter().chain([ours]).any(one) {
            faults.push(format!("expected one dimension as {ours} by {}, found {}", patterns.join(" or "), found()));
        }
    }
    for (id, codes) in &dataflow.pull {
        let Some(dimension) = has(id).filter(|dimension| !dimension.codes.is_empty()) else { continue };
        let plain = |code: &&String| code.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.'));
        let known: BTreeSet<&str> = dimension.codes.iter().map(|(code, _)| code.trim()).collect();
        let unknown: Vec<&str> =
            codes.iter().filter(plain).map(|code| code.trim()).filter(|code| !known.contains(code)).collect();
        if let Some(first) = unknown.first() {
            let close =
                nearest(first, known.iter().copied()).map_or(String::new(), |close| format!(" (perhaps {close} for {first})"));
            faults.push(format!("{id} does not have the codes {}{close}", unknown.join(", ")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use baseline_model::Role;

    use super::*;

    fn check(dataflow: &Dataflow, expected: &[&str]) {
        let dimension = |id: &str, label: &str, role, codes: &[&str]| StructureDimension {
            id: id.into(),
            label: label.into(),
            role,
            codes: codes.iter().map(|code| ((*code).to_owned(), String::new())).collect(),
            elimination: false,
        };
        let structure = Structure {
            dimensions: vec![
                dimension("Alue", "Area", Some(Role::Geo), &["KU179", "SSS"]),
                dimension("vuosi_y", "Year", Some(Role::Time), &[]),
                dimension("sp", "Sex", None, &["1", "2"]),
            ],
            updated: String::new(),
        };
        assert_eq!(differences(dataflow, &structure), expected);
    }

    fn map<const N: usize>(entries: [(&str, &[&str]); N]) -> BTreeMap<String, Vec<String>> {
        entries.iter().map(|(id, texts)| ((*id).to_owned(), texts.iter().map(|text| (*text).to_owned()).collect())).collect()
    }

    #[test]
    fn what_differs_is_named() {
        let named = |theirs: &str| Dataflow { dimensions: [(theirs.to_owned(), "geo".to_owned())].into(), ..Dataflow::default() };
        check(&named("alue"), &[]);
        check(&named("alueet"), &["expected the dimension alueet, found Alue, vuosi_y, sp (perhaps Alue)"]);
        check(&Dataflow { find: map([("geo", &["role:geo"]), ("sex", &["sukupuoli", "s*x"])]), ..Dataflow::default() }, &[]);
        check(
            &Dataflow { find: map([("age", &["Age*", "role:metric"])]), ..Dataflow::default() },
            &["expected one dimension as age by Age* or role:metric, found Alue, vuosi_y, sp"],
        );
        check(&Dataflow { pull: map([("alue", &["KU179", "*", "agg:x"]), ("vuosi_y", &["2024"])]), ..Dataflow::default() }, &[]);
        check(
            &Dataflow { pull: map([("alue", &["KU17"])]), ..Dataflow::default() },
            &["alue does not have the codes KU17 (perhaps KU179 for KU17)"],
        );
    }
}
