//! The pull of one source: requests in turn, tries, waits, and the checks between an answer and the store.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use baseline_model::definitions::{Dataflow, Source, Timeouts};
use baseline_model::{Finding, Original, Receipt, Severity};
use baseline_source::body::{self, Body, GzipError};
use baseline_source::protocol::{self, Ask, Protocol, Request, Sizes, Stamp, Step, parse_instant};
use reqwest::blocking::Client;

use super::clock::Jitter;
use super::error::{DefinitionFault, PullError};
use super::retry::{backoff, retry_after};
use super::wire::{Answer, Gates, Wire, seconds, whole_seconds};
use super::{Outcome, Progress, PullRequest, ReadSummary};
use crate::store::{Check, Put, sha256, vintage_name};

/// Queued answers that may be asked for anew for one dataflow.
const RESUBMISSIONS: u32 = 2;

pub(super) struct Session<'a> {
    request: &'a PullRequest<'a>,
    gates: &'a Gates,
    source_id: &'a str,
    source: &'a Source,
    protocol: &'static dyn Protocol,
    client: Client,
    timeouts: Timeouts,
    jitter: Jitter,
    changes: BTreeMap<String, Stamp>,
    /// Failures in a row that speak against the host.
    failures: u32,
    /// Why the source is left alone.
    closed: Option<String>,
    /// Spent on waits between tries.
    waited: Duration,
    pub requests: u32,
    pub bytes: u64,
}

/// A part of a dataflow that can be stored.
struct Part {
    original: Original,
    bytes: Vec<u8>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        request: &'a PullRequest<'a>,
        gates: &'a Gates,
        source_id: &'a str,
        source: &'a Source,
        protocol: &'static dyn Protocol,
        client: Client,
        timeouts: Timeouts,
    ) -> Self {
        // Sources run side by side: each has a sequence of its own, whatever the order of threads.
        let own = source_id.bytes().fold(request.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self {
            request,
            gates,
            source_id,
            source,
            protocol,
            client,
            timeouts,
            jitter: Jitter::new(own),
            changes: BTreeMap::new(),
            failures: 0,
            closed: None,
            waited: Duration::ZERO,
            requests: 0,
            bytes: 0,
        }
    }

    /// Why the source is left alone for the rest of this run, if it is.
    pub(super) fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    /// Asks which tables changed. Without an answer every table is pulled.
    pub(super) fn ask_changes(&mut self) -> Vec<Finding> {
        let Some(request) = self.protocol.changes(self.source) else { return Vec::new() };
        let at = format!("{}: list of changes", self.source_id);
        let (dataflow, sizes) = (Dataflow::default(), Sizes::new());
        let ask = Ask { source: self.source, table: "", dataflow: &dataflow, sizes: &sizes };
        let fault = match self.ask(&ask, &request, "list of changes") {
            Ok((Step::Keep, answer)) => {
                let (changes, findings) = self.protocol.read_changes(&answer.bytes);
                self.changes = changes;
                return findings;
            }
            Ok(_) => "an answer that is no list".to_owned(),
            Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
        };
        vec![Finding::warning("changes-unknown", at, fault).hint("tables are pulled without knowing whether they changed")]
    }

    /// Pulls a dataflow: plan, fetch, check, store.
    pub(super) fn dataflow(
        &mut self,
        flow: &str,
        last_good: Option<&str>,
        findings: &mut Vec<Finding>,
    ) -> Result<Outcome, PullError> {
        let fault = |fault: DefinitionFault| PullError::Definition { dataflow: flow.to_owned(), fault };
        let Some(definition) = self.request.definitions.dataflows.get(flow) else {
            return Err(fault(DefinitionFault::NoDataflow));
        };
        let id = flow.split_once('/').map_or(flow, |(_, id)| id);
        let unknown = Sizes::new();
        let sizes = self.request.sizes.get(flow).unwrap_or(&unknown);
        let ask = Ask { source: self.source, table: definition.code.as_deref().unwrap_or(id), dataflow: definition, sizes };
        let plan = self.protocol.plan(&ask).map_err(|error| fault(error.into()))?;
        let asked: Vec<_> = plan.iter().map(|request| request.asked.as_str()).collect();
        let stamp = self.changes.get(&id.to_ascii_lowercase()).cloned();
        if stamp.is_none() && !self.changes.is_empty() {
            let finding = Finding::warning("table-not-listed", flow, "the provider's list of changes does not have this table");
            findings.push(finding.hint("it may have been renamed or withdrawn: look its code up in the provider's catalogue"));
        }
        let stamp = stamp.unwrap_or_default();
        let mut check = Check {
            at: String::new(),
            vintage: String::new(),
            data_changed: stamp.data.clone(),
            structure_changed: stamp.structure.clone(),
            plan: sha256(asked.join("\n").as_bytes()),
        };
        if self.request.only_changed
            && let Some(vintage) = last_good
            && let Some(last) = self.request.store.last_check(flow)?
            && last.vintage == vintage
            && last.plan == check.plan
            && stamp.same_as(&Stamp { data: last.data_changed, structure: last.structure_changed })
        {
            check.at = whole_seconds(self.request.clock.now());
            vintage.clone_into(&mut check.vintage);
            self.request.store.append_check(flow, &check)?;
            return Ok(Outcome::Unchanged { vintage: vintage.to_owned() });
        }
        let mut parts = self.fetch(flow, &ask, &plan, findings)?;
        if differing_stamps(&parts).is_some() {
            // The provider published between two parts: together they would be a state that never was.
            tracing::info!(flow, "the table was updated during the pull, once more");
            parts = self.fetch(flow, &ask, &plan, findings)?;
        }
        if let Some((one, two)) = differing_stamps(&parts) {
            return Err(PullError::Unusable {
                url: parts[0].original.url.clone(),
                detail: format!("its parts are of different updates ({one} and {two})"),
                hint: "the provider is publishing: run again in some minutes".into(),
            });
        }
        self.store(flow, id, parts, &stamp, check)
    }

    fn store(&mut self, flow: &str, id: &str, mut parts: Vec<Part>, stamp: &Stamp, check: Check) -> Result<Outcome, PullError> {
        let several = parts.len() > 1;
        for (number, part) in parts.iter_mut().enumerate() {
            let extension = std::mem::take(&mut part.original.file);
            part.original.file = if several { format!("{id}.{}.{extension}", number + 1) } else { format!("{id}.{extension}") };
            if part.original.updated.is_empty() {
                part.original.updated.clone_from(&stamp.data);
            }
        }
        let retrieved = parts.iter().map(|part| part.original.retrieved.clone()).max().unwrap_or_default();
        let (originals, bodies): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| (part.original, part.bytes)).unzip();
        let name = vintage_name(&retrieved, &originals);
        let receipt = Receipt {
            source: self.source_id.to_owned(),
            provider: self.source.name.clone(),
            dataflow: id.to_owned(),
            licence: self.source.licence.clone(),
            kind: "pull".into(),
            originals,
        };
        let check = Check { at: retrieved, ..check };
        Ok(match self.request.store.put_vintage(flow, &name, &bodies, &receipt, &check)? {
            Put::New(vintage) => Outcome::New { vintage: vintage.name },
            Put::Unchanged(vintage) => Outcome::Unchanged { vintage: vintage.name },
        })
    }

    /// Sends the planned requests and what follows from their answers.
    fn fetch(
        &mut self,
        flow: &str,
        ask: &Ask<'_>,
        plan: &[Request],
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Part>, PullError> {
        let mut queue: VecDeque<Request> = plan.iter().cloned().collect();
        let mut parts = Vec::new();
        let mut nothing: Vec<String> = Vec::new();
        let (mut resubmitted, mut sent) = (0, 0);
        let mut queued = Duration::ZERO;
        while let Some(request) = queue.pop_front() {
            sent += 1;
            if sent > self.request.limits.max_requests {
                return Err(PullError::Unusable {
                    url: request.asked,
                    detail: format!("more than {} requests would be needed", self.request.limits.max_requests),
                    hint: "ask for less under `pull` in the dataflow's file, or leave it empty to fetch the whole table".into(),
                });
            }
            let (step, answer) = self.ask(ask, &request, flow)?;
            match step {
                Step::Keep => match self.part(&request, answer, findings)? {
                    Some(part) => {
                        parts.push(part);
                        queued = Duration::ZERO;
                    }
                    None => nothing.push(request.asked),
                },
                Step::KeepAnd(more) => {
                    match self.part(&request, answer, findings)? {
                        Some(part) => parts.push(part),
                        None => nothing.push(request.asked),
                    }
                    queued = Duration::ZERO;
                    put_first(&mut queue, more);
                }
                Step::Continue(next) => put_first(&mut queue, next),
                Step::Nothing { why } => {
                    tracing::info!(flow, why, "a part without observations");
                    nothing.push(request.asked);
                }
                Step::Split(halves) => put_first(&mut queue, halves),
                Step::Whole(whole) => {
                    queue = VecDeque::from([*whole]);
                    parts.clear();
                    nothing.clear();
                }
                Step::Follow(next) => queue.push_front(*next),
                Step::Resubmit { request: next, why } => {
                    resubmitted += 1;
                    if resubmitted > RESUBMISSIONS {
                        return Err(PullError::NotReady { url: next.asked, seconds: queued.as_secs(), detail: why });
                    }
                    queue.push_front(*next);
                }
                Step::Wait { request: next, seconds, why } => {
                    let wait = Duration::from_secs(seconds.into());
                    if queued + wait > self.request.limits.queue_budget {
                        return Err(PullError::NotReady { url: next.asked, seconds: queued.as_secs(), detail: why });
                    }
                    queued += wait;
                    (self.request.progress)(&Progress::Waiting { dataflow: flow, wait, why: &why });
                    self.pause(wait)?;
                    // A poll is not one of the requests that are limited: its waiting is.
                    sent -= 1;
                    queue.push_front(*next);
                }
                Step::Retry { why } | Step::Refuse { why, .. } => {
                    return Err(PullError::Damaged { url: request.asked, detail: why });
                }
            }
        }
        if parts.is_empty() {
            return Err(PullError::Unusable {
                url: nothing.first().cloned().unwrap_or_default(),
                detail: "it holds no observation at all".into(),
                hint: "compare the codes under `pull` in the dataflow's file with the table's".into(),
            });
        }
        if let Some(first) = nothing.first() {
            let mut finding =
                Finding::info("empty-part", flow, format!("no observation is published for a part of the request: {first}"));
            finding.count = nothing.len() as u64;
            findings.push(finding);
        }
        Ok(parts)
    }

    /// An answer that is data, read once: None when it has no observation.
    fn part(&mut self, request: &Request, answer: Answer, findings: &mut Vec<Finding>) -> Result<Option<Part>, PullError> {
        let unusable = |detail: String| PullError::Unusable {
            url: request.asked.clone(),
            detail,
            hint: "the provider may have changed the table: open the address, and report it if it stays".into(),
        };
        let ReadSummary { updated, observations, findings: found } = (self.request.read)(&answer.bytes);
        let errors = found.iter().filter(|finding| finding.severity == Severity::Error).count();
        if let Some(first) = found.iter().find(|finding| finding.severity == Severity::Error) {
            return Err(unusable(format!("{errors} faults, the first: {}: {}", first.at, first.message)));
        }
        findings.extend(found);
        if observations == 0 {
            return Ok(None);
        }
        let packed = if body::is_gzip(&answer.bytes) { ".gz" } else { "" };
        let format = request.expected.extension();
        let original = Original {
            file: format!("{format}{packed}"),
            url: request.asked.clone(),
            found: String::new(),
            updated,
            retrieved: whole_seconds(answer.at),
            sha256: sha256(&answer.bytes),
            length: answer.bytes.len() as u64,
            media_type: answer.media_type,
            observations,
        };
        Ok(Some(Part { original, bytes: answer.bytes }))
    }

    /// One request with its tries, until an answer means something. The step is never `Retry` or `Refuse`.
    fn ask(&mut self, ask: &Ask<'_>, request: &Request, flow: &str) -> Result<(Step, Answer), PullError> {
        let tries = if self.source.tries == 0 { self.request.limits.tries } else { self.source.tries };
        let mut failed = 0;
        loop {
            let (error, asked_to_wait) = match self.once(ask, request, flow) {
                Ok(done) => {
                    self.failures = 0;
                    return Ok(done);
                }
                Err(failure) => failure,
            };
            failed += 1;
            self.failures = if error.blames_host() { self.failures + 1 } else { 0 };
            if self.failures >= self.request.limits.breaker {
                self.closed =
                    Some(format!("{} failures in a row at {}, the last: {}", self.failures, self.source_id, first_line(&error)));
            }
            if let Some(wait) = asked_to_wait.filter(|wait| *wait > self.request.limits.longest_wait) {
                let (host, until) = self.wire(&|_| {}).park(&request.url, wait)?;
                self.closed = Some(format!("{host} asks not to be called before {until}"));
                return Err(PullError::Parked { host, until });
            }
            if let PullError::Parked { host, until } = &error {
                self.closed = Some(format!("{host} asks not to be called before {until}"));
            }
            let transient = error.is_transient() || matches!(error, PullError::Refused { status: 408 | 429 | 500..=599, .. });
            if !transient || failed >= tries || self.closed.is_some() {
                return Err(error);
            }
            // A stated wait is kept; the jitter comes on top of nothing else.
            let wait = asked_to_wait.unwrap_or_else(|| backoff(failed, &mut self.jitter));
            if self.waited + wait > self.request.limits.wait_budget {
                return Err(error);
            }
            self.waited += wait;
            let why = first_line(&error);
            tracing::warn!(
                flow,
                failed,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                why,
                "failed, trying again"
            );
            (self.request.progress)(&Progress::Waiting { dataflow: flow, wait, why: &why });
            self.pause(wait)?;
        }
    }

    /// One try. An error comes with the wait that the host asked for.
    fn once(&mut self, ask: &Ask<'_>, request: &Request, flow: &str) -> Result<(Step, Answer), (PullError, Option<Duration>)> {
        self.requests += 1;
        let received = Cell::new(0);
        let report = |bytes: u64| {
            received.set(received.get() + bytes);
            (self.request.progress)(&Progress::Received { dataflow: flow, bytes });
        };
        let got = self.wire(&report).get(&request.url, request.accept, request.pack);
        self.bytes += received.get();
        let (answer, sent) = got.map_err(|error| (error, None))?;
        // Redirects are requests too.
        self.requests += sent - 1;
        let mut body = self.protocol.classify(&answer.bytes);
        if matches!(body, Body::Data { gzip: true, .. }) {
            match body::gzip_length(&answer.bytes, self.request.limits.max_unpacked) {
                Ok(_) => {}
                Err(error @ GzipError::Damaged { .. }) => body = Body::Damaged { message: error.to_string() },
                Err(error @ GzipError::TooLarge { .. }) => {
                    let hint = "add filters under `pull` in the dataflow's file".into();
                    return Err((PullError::Unusable { url: request.asked.clone(), detail: error.to_string(), hint }, None));
                }
            }
        }
        let (url, status) = (request.url.clone(), answer.status);
        let wait = matches!(status, 408 | 429 | 500..=599)
            .then(|| retry_after(answer.retry_after.as_deref(), self.request.clock.now()))
            .flatten();
        match self.protocol.next(ask, request, &protocol::Answer { status, bytes: &answer.bytes, body: &body }) {
            Step::Retry { why } if status == 200 => Err((PullError::Damaged { url, detail: why }, wait)),
            Step::Retry { why } => {
                let hint = "try again later; stored figures are used meanwhile".into();
                Err((PullError::Refused { url, status, detail: why, hint }, wait))
            }
            Step::Refuse { why, hint } => Err((PullError::Refused { url, status, detail: why, hint }, None)),
            step @ (Step::Keep
            | Step::KeepAnd(_)
            | Step::Continue(_)
            | Step::Nothing { .. }
            | Step::Split(_)
            | Step::Whole(_)
            | Step::Wait { .. }
            | Step::Follow(_)
            | Step::Resubmit { .. }) => Ok((step, answer)),
        }
    }

    fn pause(&self, wait: Duration) -> Result<(), PullError> {
        self.wire(&|_| {}).pause(wait)
    }

    fn wire<'b>(&'b self, progress: &'b dyn Fn(u64)) -> Wire<'b> {
        Wire {
            client: self.client.clone(),
            gates: self.gates,
            store: self.request.store,
            clock: self.request.clock,
            interrupt: self.request.interrupt,
            pace: seconds(self.source.pace_seconds),
            timeouts: self.timeouts,
            max_bytes: self.request.limits.max_bytes,
            progress,
        }
    }
}

/// These next, in their order.
fn put_first(queue: &mut VecDeque<Request>, requests: Vec<Request>) {
    for request in requests.into_iter().rev() {
        queue.push_front(request);
    }
}

/// Two update stamps among the parts that name different instants.
fn differing_stamps(parts: &[Part]) -> Option<(String, String)> {
    let first = &parts.first()?.original.updated;
    let same = |one: &str, two: &str| one == two || parse_instant(one).is_some_and(|one| parse_instant(two) == Some(one));
    let other = parts.iter().map(|part| &part.original.updated).find(|updated| !same(first, updated))?;
    Some((first.clone(), other.clone()))
}

fn first_line(error: &PullError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
