//! The pull of one source: whether a dataflow changed, tries, waits, refusals, and the way into the store.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use baseline_model::definitions::{Dataflow, Source, Timeouts};
use baseline_model::{Finding, Receipt};
use baseline_source::body::{self, Body, GzipError};
use baseline_source::protocol::{self, Ask, Protocol, Request, Sizes, Stamp, Step};
use jiff::SignedDuration;
use reqwest::Url;
use reqwest::blocking::Client;

use super::clock::Jitter;
use super::collect::{Part, differing_stamps, sent_along};
use super::error::{DefinitionFault, PullError, Unreachable};
use super::guard::{self, Profile};
use super::pace::Rule;
use super::retry::{backoff, retry_after};
use super::secret::Keys;
use super::wire::{Answer, Gates, Wire, host_of, whole_seconds};
use super::{Outcome, Progress, PullRequest};
use crate::store::{Check, Hold, Put, StoreError, Vintage, sha256, vintage_name};

pub(super) struct Session<'a> {
    pub(super) request: &'a PullRequest<'a>,
    gates: &'a Gates,
    source_id: &'a str,
    pub(super) source: &'a Source,
    pub(super) protocol: &'static dyn Protocol,
    client: Client,
    timeouts: Timeouts,
    rule: Rule,
    pub(super) keys: Keys,
    jitter: Jitter,
    pub(super) changes: BTreeMap<String, Stamp>,
    /// Failures in a row that speak against the host.
    failures: u32,
    /// Why the source is left alone.
    closed: Option<String>,
    /// Asks only what is there: nothing is tried twice.
    pub(super) is_probe: bool,
    /// Spent on waits between tries and for windows.
    waited: Cell<Duration>,
    pub requests: u32,
    pub bytes: u64,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        request: &'a PullRequest<'a>,
        gates: &'a Gates,
        source_id: &'a str,
        source: &'a Source,
        protocol: &'static dyn Protocol,
        (client, timeouts, keys): (Client, Timeouts, Keys),
    ) -> Self {
        // Sources run side by side: each has a sequence of its own, whatever the order of threads.
        let own = source_id.bytes().fold(request.seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let host = |source: &Source| Url::parse(source.base_url.trim()).ok().map(|url| host_of(&url));
        let here = host(source);
        let neighbours = request.definitions.sources.values().filter(|other| here.is_some() && host(other) == here);
        Self {
            request,
            gates,
            source_id,
            source,
            protocol,
            client,
            timeouts,
            rule: Rule::of(neighbours.chain([source])),
            keys,
            jitter: Jitter::new(own),
            changes: BTreeMap::new(),
            failures: 0,
            closed: None,
            is_probe: false,
            waited: Cell::default(),
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
        let ask = Ask { source: self.source, table: definition.table(flow), dataflow: definition, sizes };
        let plan = self.protocol.plan(&ask).map_err(|error| fault(error.into()))?;
        let plan_hash = plan_hash(&plan, definition);
        let stamp = self.stamp(ask.table);
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
            plan: plan_hash.clone(),
        };
        if self.request.only_changed
            && let Some(newest) = self.request.store.newest(flow)?
            && (newest.held.is_some() || last_good == Some(newest.name.as_str()))
            && let Some(last) = self.request.store.last_check(flow)?
            && (last.vintage == newest.name || Some(last.vintage.as_str()) == last_good)
            && last.plan == check.plan
            && stamp.same_as(&Stamp { data: last.data_changed, structure: last.structure_changed })
        {
            check.at = whole_seconds(self.request.clock.now());
            check.vintage.clone_from(&last.vintage);
            self.request.store.append_check(flow, &check)?;
            return Ok(match newest.held {
                Some(hold) if last.vintage == newest.name => Outcome::Held { vintage: newest.name, hold },
                Some(_) | None => Outcome::Unchanged { vintage: last.vintage },
            });
        }
        let mut parts = self.fetch(flow, &ask, (&plan, &plan_hash), findings)?;
        if differing_stamps(&parts).is_some() {
            // The provider published between two parts: together they would be a state that never was.
            tracing::info!(flow, "the table was updated during the pull, once more");
            self.forget_jobs(flow)?;
            parts = self.fetch(flow, &ask, (&plan, &plan_hash), findings)?;
        }
        if let Some((one, two)) = differing_stamps(&parts) {
            return Err(PullError::Unusable {
                url: parts[0].original.url.clone(),
                detail: format!("its parts are of different updates ({one} and {two})"),
                hint: "the provider is publishing: run again in some minutes".into(),
            });
        }
        let outcome = self.store((flow, id), parts, &stamp, check, findings)?;
        self.forget_jobs(flow)?;
        Ok(outcome)
    }

    /// What the list of changes says of a table, which some sources name with its catalogue before it.
    fn stamp(&self, table: &str) -> Option<Stamp> {
        let listed = |name: &str| self.changes.get(&name.to_ascii_lowercase()).cloned();
        listed(table).or_else(|| listed(table.rsplit_once('/')?.1))
    }

    fn store(
        &mut self,
        (flow, id): (&str, &str),
        mut parts: Vec<Part>,
        stamp: &Stamp,
        check: Check,
        findings: &mut Vec<Finding>,
    ) -> Result<Outcome, PullError> {
        let several = parts.len() > 1;
        for (number, part) in parts.iter_mut().enumerate() {
            let extension = std::mem::take(&mut part.original.file);
            part.original.file = if several { format!("{id}.{}.{extension}", number + 1) } else { format!("{id}.{extension}") };
            if part.original.updated.is_empty() {
                part.original.updated.clone_from(&stamp.data);
            }
        }
        let retrieved = parts.iter().map(|part| part.original.retrieved.clone()).max().unwrap_or_default();
        let (mut originals, mut bodies, mut profile) = (Vec::new(), Vec::new(), Profile::default());
        for part in parts {
            originals.push(part.original);
            bodies.push(part.bytes);
            profile.add(part.profile);
        }
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
        let plan = check.plan.clone();
        let mut judge = |latest: Option<&Vintage>| self.judge(flow, latest, &profile, &plan, findings);
        let put = self.request.store.put_vintage(flow, &name, &bodies, &receipt, &check, &mut judge)?;
        Ok(match put {
            Put::New(Vintage { name: vintage, held: Some(hold), .. })
            | Put::Unchanged(Vintage { name: vintage, held: Some(hold), .. }) => Outcome::Held { vintage, hold },
            Put::New(vintage) => Outcome::New { vintage: vintage.name },
            Put::Unchanged(vintage) => Outcome::Unchanged { vintage: vintage.name },
        })
    }

    /// Whether what came may take the place of the latest vintage; what is only new in it is a finding.
    fn judge(
        &self,
        flow: &str,
        latest: Option<&Vintage>,
        new: &Profile,
        plan: &str,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Hold>, StoreError> {
        let mut reasons: Vec<String> = guard::alone(new).into_iter().collect();
        if let Some(latest) = latest.filter(|_| reasons.is_empty()) {
            let asked = self.request.store.check_of(flow, &latest.name)?.map(|check| check.plan);
            if asked.as_deref() == Some(plan) {
                let mut old = Profile::default();
                for number in 1..=latest.receipt.originals.len() {
                    old.add((self.request.read)(flow, &latest.original(number)?).profile);
                }
                reasons = guard::losses(&old, new);
                findings.extend(guard::additions(&old, new).into_iter().map(|text| Finding::info("codes-new", flow, text)));
            } else {
                let text =
                    format!("vintage {} was asked for with other filters: the new one was not compared with it", latest.name);
                findings.push(Finding::info("not-compared", flow, text));
            }
        }
        let against = latest.map_or(String::new(), |latest| latest.name.clone());
        Ok((!reasons.is_empty()).then(|| Hold { at: whole_seconds(self.request.clock.now()), against, reasons }))
    }

    /// One request with its tries, until an answer means something. The step is never `Retry` or `Refuse`.
    pub(super) fn ask(&mut self, ask: &Ask<'_>, request: &Request, flow: &str) -> Result<(Step, Answer), PullError> {
        let tries = match self.source.tries {
            _ if self.is_probe => 1,
            0 => self.request.limits.tries,
            stated => stated,
        };
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
                let (host, until) = self.wire(flow, &|_| {}).park(&request.url, wait)?;
                let error = PullError::Parked { host, until, why: "the host asked not to be called until then".into() };
                self.closed = Some(first_line(&error));
                return Err(error);
            }
            if matches!(error, PullError::Parked { .. } | PullError::Banned { .. }) {
                self.closed = Some(first_line(&error));
            }
            let transient = if self.rule.ban.is_some() {
                // It blocks whoever insists: only a connection that never stood is tried again.
                matches!(&error, PullError::Unreachable { how, .. } if !matches!(how, Unreachable::Tls | Unreachable::Proxy))
            } else {
                error.is_transient() || matches!(error, PullError::Refused { status: 408 | 429 | 500..=599, .. })
            };
            if !transient || failed >= tries || self.closed.is_some() {
                return Err(error);
            }
            // A stated wait is kept; the jitter comes on top of nothing else.
            let wait = asked_to_wait.unwrap_or_else(|| backoff(failed, &mut self.jitter));
            if self.waited.get() + wait > self.request.limits.wait_budget {
                return Err(error);
            }
            self.waited.set(self.waited.get() + wait);
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
        let result = self.once_unscrubbed(ask, request, flow);
        result.map_err(|(error, wait)| (error.map_texts(&|text| self.keys.scrub(text)), wait))
    }

    fn once_unscrubbed(
        &mut self,
        ask: &Ask<'_>,
        request: &Request,
        flow: &str,
    ) -> Result<(Step, Answer), (PullError, Option<Duration>)> {
        self.requests += 1;
        let received = Cell::new(0);
        let report = |bytes: u64| {
            received.set(received.get() + bytes);
            (self.request.progress)(&Progress::Received { dataflow: flow, bytes });
        };
        let got = self.wire(flow, &report).send(request);
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
        if let Some(why) = refusal(status, &body, &answer.bytes) {
            if let Some(ban) = self.rule.ban {
                let asked = retry_after(answer.retry_after.as_deref(), self.request.clock.now());
                let asked = asked.and_then(|wait| SignedDuration::try_from(wait).ok()).unwrap_or_default();
                let banned = self.wire(flow, &|_| {}).ban(&request.url, ban.max(asked), &why);
                return Err((banned.unwrap_or_else(|error| error), None));
            }
            if matches!(body, Body::Html { .. }) && is_ban_page(&answer.bytes) {
                self.closed = Some(format!("{} refuses us: {why}", self.source_id));
                let hint = "do not repeat it: ask the provider, or try again tomorrow".into();
                return Err((PullError::Refused { url, status, detail: why, hint }, None));
            }
        }
        // What the record asks for may not fit the table any more: a probe is to see the table all the same.
        if self.is_probe && status == 200 && self.protocol.read_structure(&answer.bytes).is_ok() {
            return Ok((Step::Keep, answer));
        }
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

    pub(super) fn pause(&self, wait: Duration) -> Result<(), PullError> {
        self.wire("", &|_| {}).pause(wait)
    }

    fn wire<'b>(&'b self, flow: &'b str, progress: &'b dyn Fn(u64)) -> Wire<'b> {
        Wire {
            client: self.client.clone(),
            gates: self.gates,
            store: self.request.store,
            clock: self.request.clock,
            interrupt: self.request.interrupt,
            rule: &self.rule,
            waited: &self.waited,
            wait_budget: self.request.limits.wait_budget,
            keys: &self.keys,
            timeouts: self.timeouts,
            max_bytes: self.request.limits.max_bytes,
            progress,
            flow,
            tell: self.request.progress,
        }
    }
}

/// Of what is asked for: another `pull` is another question, even where the first request only asks for the structure.
fn plan_hash(plan: &[Request], dataflow: &Dataflow) -> String {
    let mut text = String::new();
    for request in plan {
        text.push_str(&format!("{}\n{}\n", request.asked, sent_along(request)));
    }
    for (dimension, codes) in &dataflow.pull {
        text.push_str(&format!("{dimension}={}\n", codes.join("+")));
    }
    sha256(text.as_bytes())
}

/// What an answer says when it turns us away.
fn refusal(status: u16, body: &Body, bytes: &[u8]) -> Option<String> {
    let page = matches!(body, Body::Html { .. }) && is_ban_page(bytes);
    if !page && !matches!(status, 403 | 429) {
        return None;
    }
    let title = if let Body::Html { title } = body {
        title.as_ref().map_or(", with a web page".to_owned(), |title| format!(", with a web page titled “{title}”"))
    } else {
        String::new()
    };
    Some(format!("it refused us with status {status}{title}"))
}

/// Pages by which providers and the firewalls before them say no, whatever the status.
fn is_ban_page(bytes: &[u8]) -> bool {
    const SAID: [&str; 9] = [
        "access denied",
        "accesso negato",
        "request rejected",
        "requested url was rejected",
        "been blocked",
        "been denied",
        "too many requests",
        "rate limit",
        "forbidden",
    ];
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(16 * 1024)]).to_lowercase();
    SAID.iter().any(|said| head.contains(said))
}

fn first_line(error: &PullError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
