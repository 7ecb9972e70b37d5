//! The requests of one dataflow, one after the other: pages, parts, queues, and what is noted of them on disk.
//!
//! Whatever a provider answers, this ends: requests are counted, a request that was answered is not sent again, and a
//! page that repeats another is an error. A queued request is noted, so that a later process goes on with its ticket.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use baseline_model::{Finding, Original, Severity};
use baseline_source::body;
use baseline_source::protocol::{Ask, Phase, Request, Step, parse_instant};
use jiff::{SignedDuration, Timestamp};

use super::error::PullError;
use super::fetch::Session;
use super::guard::Profile;
use super::wire::{Answer, whole_seconds};
use super::{Progress, ReadSummary};
use crate::store::{Job, sha256};

/// Queued answers that may be asked for anew for one dataflow.
const RESUBMISSIONS: u32 = 2;
/// After so long no provider knows a ticket any more.
const TICKET_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A part of a dataflow that can be stored.
pub(super) struct Part {
    pub original: Original,
    pub bytes: Vec<u8>,
    pub profile: Profile,
}

/// A request that waits for its turn.
struct Item {
    request: Request,
    /// Hash of the request for data from which it came, whatever the phase: under it a ticket is noted.
    origin: String,
    /// What that request sent along: a receipt states it, whatever came after.
    sent: String,
    /// The first page it follows on; none when it is no further page.
    chain: Option<String>,
}

/// What was sent and what came, against going round in circles.
#[derive(Default)]
struct Trail {
    answered: BTreeSet<String>,
    /// First page -> hashes of the pages.
    pages: BTreeMap<String, BTreeSet<String>>,
}

impl Session<'_> {
    /// Sends the planned requests and what follows from their answers. `plan_hash` is noted beside tickets.
    pub(super) fn fetch(
        &mut self,
        flow: &str,
        ask: &Ask<'_>,
        (plan, plan_hash): (&[Request], &str),
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Part>, PullError> {
        let mut queue: VecDeque<Item> = plan.iter().cloned().map(|request| Item::first(request, None)).collect();
        let mut parts = Vec::new();
        let mut nothing: Vec<String> = Vec::new();
        let mut trail = Trail::default();
        let (mut resubmitted, mut sent) = (0, 0);
        let mut queued = Duration::ZERO;
        while let Some(mut item) = queue.pop_front() {
            sent += 1;
            if sent > self.request.limits.max_requests {
                return Err(PullError::Unusable {
                    url: item.request.asked,
                    detail: format!("more than {} requests would be needed", self.request.limits.max_requests),
                    hint: "ask for less under `pull` in the dataflow's file, or leave it empty to fetch the whole table".into(),
                });
            }
            self.resume(flow, ask, &mut item)?;
            let (step, answer) = match self.ask(ask, &item.request, flow) {
                Ok(done) => done,
                Err(error) => {
                    if is_ticket(&item.request) && is_final(&error) {
                        self.request.store.remove_job(flow, &item.origin)?;
                    }
                    return Err(error);
                }
            };
            let Item { request, origin, sent: first_sent, chain } = item;
            let id = identity(&request);
            match step {
                Step::Keep | Step::KeepAnd(_) => {
                    let more = if let Step::KeepAnd(more) = step { Some(more) } else { None };
                    if more.is_some() || chain.is_some() {
                        let page = sha256(&answer.bytes);
                        let first = chain.clone().unwrap_or_else(|| origin.clone());
                        if !trail.pages.entry(first).or_default().insert(page) {
                            return Err(repeats(&request, "this page has the same content as one before it"));
                        }
                    }
                    match self.part(flow, (&request, &first_sent), answer, findings) {
                        Ok(Some(part)) => parts.push(part),
                        Ok(None) => nothing.push(request.asked.clone()),
                        Err(error) => {
                            self.request.store.remove_job(flow, &origin)?;
                            return Err(error);
                        }
                    }
                    queued = Duration::ZERO;
                    let first = chain.unwrap_or(origin);
                    trail.answered.insert(id);
                    trail.put_first(&mut queue, more.unwrap_or_default(), Some(&first))?;
                }
                Step::Continue(next) | Step::Split(next) => {
                    trail.answered.insert(id);
                    trail.put_first(&mut queue, next, None)?;
                }
                Step::Nothing { why } => {
                    tracing::info!(flow, why, "a part without observations");
                    trail.answered.insert(id);
                    nothing.push(request.asked);
                }
                Step::Whole(whole) => {
                    trail.answered.insert(id);
                    queue.clear();
                    parts.clear();
                    nothing.clear();
                    trail.put_first(&mut queue, vec![*whole], None)?;
                }
                Step::Follow(next) => {
                    self.note(flow, plan_hash, &origin, &next)?;
                    queue.push_front(Item { request: *next, origin, sent: first_sent, chain });
                }
                Step::Resubmit { request: next, why } => {
                    self.request.store.remove_job(flow, &origin)?;
                    resubmitted += 1;
                    if resubmitted > RESUBMISSIONS {
                        return Err(PullError::NotReady { url: next.asked, seconds: queued.as_secs(), detail: why });
                    }
                    queue.push_front(Item { request: *next, origin, sent: first_sent, chain });
                }
                Step::Wait { request: next, seconds, why } => {
                    self.note(flow, plan_hash, &origin, &next)?;
                    let wait = Duration::from_secs(seconds.into());
                    if queued + wait > self.request.limits.queue_budget {
                        return Err(PullError::NotReady { url: next.asked, seconds: queued.as_secs(), detail: why });
                    }
                    queued += wait;
                    (self.request.progress)(&Progress::Waiting { dataflow: flow, wait, why: &why });
                    self.pause(wait)?;
                    // A poll is not one of the requests that are limited: its waiting is.
                    sent -= 1;
                    queue.push_front(Item { request: *next, origin, sent: first_sent, chain });
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
    fn part(
        &mut self,
        flow: &str,
        (request, sent): (&Request, &str),
        answer: Answer,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Part>, PullError> {
        let unusable = |detail: String| PullError::Unusable {
            url: request.asked.clone(),
            detail: self.keys.scrub(&detail),
            hint: "the provider may have changed the table: open the address, and report it if it stays".into(),
        };
        if self.keys.stand_in(&answer.bytes) {
            return Err(unusable("it repeats a credential that was sent, so it is not stored".into()));
        }
        let ReadSummary { updated, observations, profile, findings: found } = (self.request.read)(flow, &answer.bytes);
        let errors = found.iter().filter(|finding| finding.severity == Severity::Error).count();
        if let Some(first) = found.iter().find(|finding| finding.severity == Severity::Error) {
            return Err(unusable(format!("{errors} faults, the first: {}: {}", first.at, first.message)));
        }
        findings.extend(found.into_iter().map(|finding| Finding {
            at: self.keys.scrub(&finding.at),
            message: self.keys.scrub(&finding.message),
            hint: self.keys.scrub(&finding.hint),
            ..finding
        }));
        if observations == 0 {
            return Ok(None);
        }
        let packed = if body::is_gzip(&answer.bytes) { ".gz" } else { "" };
        let format = request.expected.extension();
        let original = Original {
            file: format!("{format}{packed}"),
            url: request.asked.clone(),
            sent: sent.to_owned(),
            found: String::new(),
            updated: self.keys.scrub(&updated),
            retrieved: whole_seconds(answer.at),
            sha256: sha256(&answer.bytes),
            length: answer.bytes.len() as u64,
            media_type: self.keys.scrub(&answer.media_type),
            observations,
        };
        Ok(Some(Part { original, bytes: answer.bytes, profile }))
    }

    /// Goes on with the ticket that an earlier process was given for the request, if it was.
    fn resume(&self, flow: &str, ask: &Ask<'_>, item: &mut Item) -> Result<(), PullError> {
        if !matches!(item.request.phase, Phase::Ask) {
            return Ok(());
        }
        let Some(job) = self.request.store.job(flow, &item.origin)? else { return Ok(()) };
        let since: Option<Timestamp> = job.since.parse().ok();
        let young = since.is_some_and(|since| self.request.clock.now().duration_since(since) <= TICKET_AGE);
        match self.protocol.resume(ask, &item.request, &job.ticket).filter(|_| young) {
            Some(next) => {
                tracing::info!(flow, since = job.since, "going on with a queued request");
                item.request = next;
            }
            None => self.request.store.remove_job(flow, &item.origin)?,
        }
        Ok(())
    }

    /// Writes down the ticket of a queued request.
    fn note(&self, flow: &str, plan: &str, origin: &str, next: &Request) -> Result<(), PullError> {
        let (Phase::Poll { ticket } | Phase::Collect { ticket }) = &next.phase else { return Ok(()) };
        let known = self.request.store.job(flow, origin)?;
        if known.as_ref().is_some_and(|job| job.ticket == *ticket) {
            return Ok(());
        }
        let job = Job {
            dataflow: flow.to_owned(),
            plan: plan.to_owned(),
            request: origin.to_owned(),
            url: next.asked.clone(),
            ticket: ticket.clone(),
            since: whole_seconds(self.request.clock.now()),
        };
        Ok(self.request.store.put_job(&job)?)
    }

    /// Forgets the tickets of a dataflow: what they stood for is stored.
    pub(super) fn forget_jobs(&self, flow: &str) -> Result<(), PullError> {
        for job in self.request.store.jobs()?.into_iter().filter(|job| job.dataflow == flow) {
            self.request.store.remove_job(flow, &job.request)?;
        }
        Ok(())
    }
}

impl Item {
    fn first(request: Request, chain: Option<&str>) -> Self {
        let sent = sent_along(&request).to_owned();
        let origin = sha256(format!("{}\n{sent}", request.asked).as_bytes());
        Self { request, origin, sent, chain: chain.map(str::to_owned) }
    }
}

impl Trail {
    /// These next, in their order; none of them may have been answered before.
    fn put_first(&self, queue: &mut VecDeque<Item>, requests: Vec<Request>, chain: Option<&str>) -> Result<(), PullError> {
        for request in requests.into_iter().rev() {
            if self.answered.contains(&identity(&request)) {
                return Err(repeats(&request, "the answers lead back to a request that was answered before"));
            }
            queue.push_front(Item::first(request, chain));
        }
        Ok(())
    }
}

/// Two update stamps among the parts that name different instants.
pub(super) fn differing_stamps(parts: &[Part]) -> Option<(String, String)> {
    let first = &parts.first()?.original.updated;
    let same = |one: &str, two: &str| one == two || parse_instant(one).is_some_and(|one| parse_instant(two) == Some(one));
    let other = parts.iter().map(|part| &part.original.updated).find(|updated| !same(first, updated))?;
    Some((first.clone(), other.clone()))
}

/// What a request says beside its address.
pub(super) fn sent_along(request: &Request) -> &str {
    request.payload.as_ref().map_or("", |payload| payload.text.as_str())
}

fn identity(request: &Request) -> String {
    format!("{:?}\n{}\n{}", request.phase, request.url, sent_along(request))
}

fn is_ticket(request: &Request) -> bool {
    matches!(request.phase, Phase::Poll { .. } | Phase::Collect { .. })
}

/// Whether the same request would fail again.
fn is_final(error: &PullError) -> bool {
    match error {
        PullError::Refused { status, .. } => !matches!(status, 401 | 403 | 407 | 408 | 429 | 500..=599),
        PullError::Unusable { .. } => true,
        PullError::Unreachable { .. }
        | PullError::TimedOut { .. }
        | PullError::Damaged { .. }
        | PullError::NotReady { .. }
        | PullError::Parked { .. }
        | PullError::Banned { .. }
        | PullError::Credentials(_)
        | PullError::Interrupted
        | PullError::Store(_)
        | PullError::Definition { .. } => false,
    }
}

fn repeats(request: &Request, detail: &str) -> PullError {
    PullError::Unusable {
        url: request.asked.clone(),
        detail: detail.to_owned(),
        hint: "the provider's paging is out of order: try again later, and report it if it stays".into(),
    }
}
