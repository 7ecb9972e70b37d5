//! Edge: the network. Fetches dataflows as their protocols plan it, and stores what came, as it came.
//!
//! One request in flight per host and never faster than its source's pace; different sources in parallel. An
//! answer is recognised, checked to be whole and read once before anything is stored; a failure leaves the last
//! good vintage in place. What the bytes mean is not known here: a function that reads them is passed in.

mod clock;
mod collect;
mod error;
mod fetch;
mod guard;
mod pace;
mod probe;
mod retry;
mod secret;
mod transfer;
mod wire;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use baseline_model::definitions::{Definitions, Timeouts};
use baseline_model::{Finding, Reading, Severity};
use baseline_source::protocol::{PROTOCOLS, Protocol, Sizes, protocol};

pub use clock::{Clock, SystemClock};
pub use error::{DefinitionFault, PullError, Unreachable};
use fetch::Session;
pub use guard::Profile;
pub use probe::{FlowState, ProbeRequest, SourceHealth, forget_ban, probe};
use secret::Keys;
pub use secret::{Credentials, Secret};
use wire::Gates;

use crate::store::{Hold, Store, held_finding};

/// What to pull and with what.
pub struct PullRequest<'a> {
    pub definitions: &'a Definitions,
    /// `<source>/<id>`, each pulled once.
    pub dataflows: &'a [String],
    /// Ask the provider what changed and pull only that. False: pull all; unchanged content still makes no vintage.
    pub only_changed: bool,
    /// Sizes of the dimensions of a dataflow, where known; they make the size of a request known in advance.
    pub sizes: &'a BTreeMap<String, Sizes>,
    pub store: &'a Store,
    pub clock: &'a dyn Clock,
    /// Of the jitter.
    pub seed: u64,
    /// Reads an answer of a dataflow (`<source>/<id>`) by its record, to know whether it holds what it should.
    pub read: &'a (dyn Fn(&str, &[u8]) -> ReadSummary + Sync),
    /// Values for the headers that sources name under `credentials`.
    pub credentials: &'a Credentials,
    /// Set by a signal handler: everything stops within a second.
    pub interrupt: &'a AtomicBool,
    pub progress: &'a (dyn Fn(&Progress<'_>) + Sync),
    pub limits: Limits,
}

/// What a reader says of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// The provider's update stamp, verbatim; empty when it states none.
    pub updated: String,
    pub observations: u64,
    /// For the comparison with the state before.
    pub profile: Profile,
    pub findings: Vec<Finding>,
}

impl From<Reading> for ReadSummary {
    fn from(reading: Reading) -> Self {
        Self {
            updated: reading.tables.iter().find_map(|table| table.updated.clone()).unwrap_or_default(),
            observations: reading.tables.iter().map(|table| table.len() as u64).sum(),
            profile: Profile::of(&reading.tables),
            findings: reading.findings,
        }
    }
}

/// What happens, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<'a> {
    Started {
        dataflow: &'a str,
    },
    /// Bytes since the last report.
    Received {
        dataflow: &'a str,
        bytes: u64,
    },
    Waiting {
        dataflow: &'a str,
        wait: Duration,
        why: &'a str,
    },
    Finished {
        dataflow: &'a str,
    },
}

/// Ceilings that no definition changes.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Of one answer, as received.
    pub max_bytes: u64,
    /// Of one answer, unpacked.
    pub max_unpacked: u64,
    /// When a source states none.
    pub timeouts: Timeouts,
    pub tries: u32,
    /// A longer `Retry-After` parks the source instead of being waited for.
    pub longest_wait: Duration,
    /// Waiting between tries and for windows, in all, of one source. A longer wait for a window parks it.
    pub wait_budget: Duration,
    /// Waiting for one queued answer, in all.
    pub queue_budget: Duration,
    /// Failures in a row after which a source is left alone for this run.
    pub breaker: u32,
    /// Requests for one dataflow.
    pub max_requests: u32,
    /// Use the proxies of the environment.
    pub proxy: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 256 * 1024 * 1024,
            max_unpacked: 4 * 1024 * 1024 * 1024,
            timeouts: Timeouts { connect: 10.0, idle: 30.0, total: 600.0 },
            tries: 4,
            longest_wait: Duration::from_mins(2),
            wait_budget: Duration::from_mins(5),
            queue_budget: Duration::from_mins(15),
            breaker: 5,
            max_requests: 400,
            proxy: true,
        }
    }
}

/// What became of all.
#[derive(Debug, Default)]
pub struct PullReport {
    /// In the order of the request.
    pub dataflows: Vec<DataflowReport>,
    /// Of the lists of changes.
    pub findings: Vec<Finding>,
    pub requests: u32,
    pub bytes: u64,
}

/// What became of a dataflow.
#[derive(Debug)]
pub struct DataflowReport {
    pub dataflow: String,
    pub outcome: Outcome,
    /// The newest vintage that is whole, whatever the outcome; none when nothing was ever stored.
    pub last_good: Option<String>,
    pub findings: Vec<Finding>,
}

#[derive(Debug)]
pub enum Outcome {
    New {
        vintage: String,
    },
    Unchanged {
        vintage: String,
    },
    /// Stored, and not used: it lost something that the last good vintage has.
    Held {
        vintage: String,
        hold: Hold,
    },
    Failed {
        reason: PullError,
    },
    /// Not tried: its source failed too often in this run, or wants to be left alone.
    Skipped {
        why: String,
    },
}

impl PullReport {
    /// Whether everything is as the provider has it.
    pub fn is_complete(&self) -> bool {
        self.dataflows.iter().all(|flow| matches!(flow.outcome, Outcome::New { .. } | Outcome::Unchanged { .. }))
    }

    /// What has to be shown: findings, and every failure as a finding.
    pub fn all_findings(&self) -> Vec<Finding> {
        let mut all = self.findings.clone();
        for flow in &self.dataflows {
            all.extend(flow.findings.iter().cloned());
            let kept =
                flow.last_good.as_ref().map_or("nothing is stored".to_owned(), |name| format!("vintage {name} stays in use"));
            match &flow.outcome {
                Outcome::New { .. } | Outcome::Unchanged { .. } => {}
                Outcome::Held { vintage, hold } => {
                    all.push(held_finding(&flow.dataflow, vintage, hold, flow.last_good.as_deref()));
                }
                Outcome::Skipped { why } => {
                    all.push(Finding::error("pull-skipped", &flow.dataflow, format!("not tried: {why}; {kept}")));
                }
                Outcome::Failed { reason } => {
                    let text = reason.to_string();
                    let (message, hint) = text.split_once("\n  hint: ").unwrap_or((&text, ""));
                    all.push(Finding::error("pull-failed", &flow.dataflow, format!("{message}; {kept}")).hint(hint));
                }
            }
        }
        all
    }
}

/// Pulls every dataflow of the request. Never fails as a whole: what went wrong stands beside each dataflow.
pub fn pull(request: &PullRequest<'_>) -> PullReport {
    let gates = Gates::default();
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for flow in request.dataflows {
        if !order.contains(&flow.as_str()) {
            order.push(flow);
            by_source.entry(flow.split_once('/').map_or("", |(source, _)| source)).or_default().push(flow);
        }
    }
    let parts: Vec<PullReport> = thread::scope(|scope| {
        let gates = &gates;
        let workers: Vec<_> =
            by_source.iter().map(|(source, flows)| scope.spawn(move || pull_source(request, gates, source, flows))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut report = PullReport::default();
    for part in parts {
        report.dataflows.extend(part.dataflows);
        report.findings.extend(part.findings);
        report.requests += part.requests;
        report.bytes += part.bytes;
    }
    report.dataflows.sort_by_key(|flow| order.iter().position(|wanted| *wanted == flow.dataflow));
    report
}

fn pull_source(request: &PullRequest<'_>, gates: &Gates, source_id: &str, flows: &[&str]) -> PullReport {
    let failed = |fault: &dyn Fn(&str) -> PullError| {
        let dataflows = flows.iter().map(|flow| {
            let reason = fault(flow);
            DataflowReport {
                dataflow: (*flow).to_owned(),
                outcome: Outcome::Failed { reason },
                last_good: last_good(request, flow).0,
                findings: Vec::new(),
            }
        });
        PullReport { dataflows: dataflows.collect(), ..PullReport::default() }
    };
    let Some(source) = request.definitions.sources.get(source_id) else {
        return failed(&|flow| PullError::Definition { dataflow: flow.to_owned(), fault: DefinitionFault::NoSource });
    };
    let Some(protocol) = spoken(&source.protocol) else {
        let known = || PROTOCOLS.iter().map(|protocol| protocol.id()).collect::<Vec<_>>().join(", ");
        return failed(&|flow| PullError::Definition {
            dataflow: flow.to_owned(),
            fault: DefinitionFault::NoProtocol(source.protocol.clone(), known()),
        });
    };
    let keys = match Keys::of(source, request.credentials) {
        Ok(keys) => keys,
        Err(fault) => return failed(&|_| fault.clone().into()),
    };
    let timeouts = source.timeouts.unwrap_or(request.limits.timeouts);
    let client = match wire::client(timeouts, request.limits.proxy) {
        Ok(client) => client,
        Err(error) => {
            let detail = error.to_string();
            return failed(&|_| PullError::Unreachable {
                host: source.base_url.clone(),
                how: Unreachable::Tls,
                detail: detail.clone(),
            });
        }
    };
    let mut session = Session::new(request, gates, source_id, source, protocol, (client, timeouts, keys));
    let mut report = PullReport::default();
    let has_whole_table =
        flows.iter().any(|flow| request.definitions.dataflows.get(*flow).is_some_and(|flow| flow.pull.is_empty()));
    // Whole tables state no stamp themselves: the list of changes does.
    if request.only_changed || has_whole_table {
        report.findings = session.ask_changes();
    }
    for flow in flows {
        (request.progress)(&Progress::Started { dataflow: flow });
        report.dataflows.push(pull_dataflow(request, &mut session, flow));
        (request.progress)(&Progress::Finished { dataflow: flow });
    }
    report.requests = session.requests;
    report.bytes = session.bytes;
    report
}

/// The protocol of an id; tests have one more, with which everything can be asked for.
fn spoken(id: &str) -> Option<&'static dyn Protocol> {
    #[cfg(test)]
    if id == tests::stub::Stub.id() {
        return Some(&tests::stub::Stub);
    }
    protocol(id)
}

fn pull_dataflow(request: &PullRequest<'_>, session: &mut Session<'_>, flow: &str) -> DataflowReport {
    let (before, mut findings) = last_good(request, flow);
    // What is held is said by the outcome, or it was settled by this pull.
    findings.retain(|finding| finding.code != "vintage-held");
    let outcome = if request.interrupt.load(Ordering::Relaxed) {
        Outcome::Failed { reason: PullError::Interrupted }
    } else if let Some(why) = session.closed() {
        Outcome::Skipped { why: why.to_owned() }
    } else {
        session.dataflow(flow, before.as_deref(), &mut findings).unwrap_or_else(|reason| Outcome::Failed { reason })
    };
    let last_good = match &outcome {
        Outcome::New { vintage } | Outcome::Unchanged { vintage } => Some(vintage.clone()),
        Outcome::Held { .. } | Outcome::Failed { .. } | Outcome::Skipped { .. } => before,
    };
    match &outcome {
        Outcome::Held { vintage, hold } => tracing::warn!(flow, vintage, reasons = hold.reasons.join("; "), "held"),
        Outcome::New { vintage } => tracing::info!(flow, vintage, "new vintage"),
        Outcome::Unchanged { vintage } => tracing::info!(flow, vintage, "unchanged"),
        Outcome::Failed { reason } => tracing::warn!(flow, code = reason.code(), %reason, "not pulled"),
        Outcome::Skipped { why } => tracing::warn!(flow, why, "skipped"),
    }
    DataflowReport { dataflow: flow.to_owned(), outcome, last_good, findings }
}

/// Name of the newest whole vintage, with findings about broken ones.
fn last_good(request: &PullRequest<'_>, flow: &str) -> (Option<String>, Vec<Finding>) {
    match request.store.latest(flow) {
        Ok((vintage, findings)) => (vintage.map(|vintage| vintage.name), findings),
        Err(error) => (None, vec![Finding::new(Severity::Error, "store", flow, error.to_string())]),
    }
}

#[cfg(test)]
mod tests;
