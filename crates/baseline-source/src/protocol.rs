//! Protocols: how a provider is asked, without asking.
//!
//! A protocol plans requests, says what an answer means and which step comes next, and reads the provider's list
//! of changes. It holds no connection, waits for nothing and writes nothing: the network edge does as it says.
//! The list [`PROTOCOLS`] is open; adding a wire format is one file and one line here.

pub mod eurostat;
pub mod selection;
pub mod stamp;

use std::collections::BTreeMap;

use baseline_model::Finding;
use baseline_model::definitions::{Dataflow, Source};

use crate::body::{self, Body};
pub use selection::{Estimate, Selection};
pub use stamp::{Stamp, parse_instant};

/// Every protocol that a source may name.
pub const PROTOCOLS: &[&dyn Protocol] = &[&eurostat::Eurostat];

/// The protocol of an id (`eurostat`).
pub fn protocol(id: &str) -> Option<&'static dyn Protocol> {
    PROTOCOLS.iter().copied().find(|protocol| protocol.id() == id)
}

/// Number of positions of the dimensions of a table, by the source's own id, as far as known; time is `time`.
/// Empty when nothing is known, else every dimension of the table.
pub type Sizes = BTreeMap<String, u64>;

/// One wire format.
pub trait Protocol: Sync {
    /// As a source names it.
    fn id(&self) -> &'static str;

    /// The requests that together fetch what a dataflow's `pull` asks for: each once, none overlapping.
    /// `id` is the provider's code of the table.
    fn plan(&self, source: &Source, id: &str, dataflow: &Dataflow, sizes: &Sizes) -> Result<Vec<Request>, PlanError>;

    /// What an answer is; providers with errors of their own shape override it.
    fn classify(&self, bytes: &[u8]) -> Body {
        body::classify(bytes)
    }

    /// What to do after an answer to `request`. `status` is the HTTP status, 1xx and redirects excluded.
    fn next(&self, source: &Source, request: &Request, status: u16, body: &Body) -> Step;

    /// The cheapest request that tells which tables changed; none when the provider has no such list.
    fn changes(&self, source: &Source) -> Option<Request>;

    /// Reads the list of changes: the provider's code in lower case -> stamp.
    fn read_changes(&self, bytes: &[u8]) -> (BTreeMap<String, Stamp>, Vec<Finding>);
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Ask for the data.
    Ask,
    /// Ask whether queued data are ready.
    Poll { ticket: String },
    /// Fetch queued data that are ready.
    Collect { ticket: String },
}

/// What the bytes should turn out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    JsonStat,
    /// Packed as a file (not as a transfer encoding).
    TsvGz,
    /// A list of changes.
    ChangeList,
}

/// One GET request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The provider's code of the table.
    pub table: String,
    /// Canonical: the same selection gives the same URL however it was written, another selection another.
    /// Of a request for queued data it is the address of the queue.
    pub url: String,
    /// The URL of the data request, whatever the phase: what a receipt states.
    pub asked: String,
    /// For the `Accept` header.
    pub accept: &'static str,
    /// Whether the transfer may be packed; not when the file itself is.
    pub pack: bool,
    pub expected: Expected,
    /// Empty: the whole table.
    pub selection: Selection,
    pub phase: Phase,
}

/// What comes after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// These are the data.
    Keep,
    /// A valid request for which nothing is published.
    Nothing { why: String },
    /// Ask these instead; together they select what the request did.
    Split(Vec<Request>),
    /// Ask this instead of all requests for the table, and drop what came for them.
    Whole(Box<Request>),
    /// Not ready: send this after so many seconds. Counts as waiting, not as a failed try.
    Wait { request: Box<Request>, seconds: u32, why: String },
    /// Send this now (queued data are ready).
    Follow(Box<Request>),
    /// The queue lost it: ask again from the start.
    Resubmit { request: Box<Request>, why: String },
    /// Failed for now: the same request may do later.
    Retry { why: String },
    /// Failed for good: asking again would not help.
    Refuse { why: String, hint: String },
}

/// A dataflow's declaration that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("source has no usable `base_url`: expected https://…, found `{found}`\n  hint: {hint}")]
    BaseUrl { found: String, hint: &'static str },
    #[error(
        "`{id}` is no table code: expected letters, digits, `_`, `-` or `$`\n  hint: name the file of the dataflow after the provider's code"
    )]
    Table { id: String },
    #[error("pull.{parameter}: {fault}\n  hint: {hint}")]
    Selection { parameter: String, fault: String, hint: &'static str },
}
