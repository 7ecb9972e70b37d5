//! Protocols: how a provider is asked, without asking.
//!
//! A protocol plans requests, says what an answer means and which step comes next, and reads the provider's list
//! of changes. It holds no connection, waits for nothing and writes nothing: the network edge does as it says.
//! The list [`PROTOCOLS`] is open; adding a wire format is one file and one line here.

mod address;
pub mod bdl;
pub mod cbs;
pub mod eurostat;
pub mod genesis;
pub mod gisco;
pub mod idescat;
pub mod ine;
mod plain;
pub mod pxweb;
pub mod pxweb2;
pub mod sdmx;
pub mod selection;
pub mod stamp;

use std::collections::BTreeMap;

use baseline_model::definitions::{Dataflow, Source};
use baseline_model::{Finding, Role};

use crate::body::{self, Body};
pub use selection::{Estimate, Selection};
pub use stamp::{Stamp, parse_instant};

/// Every protocol that a source may name.
pub const PROTOCOLS: &[&dyn Protocol] = &[
    &eurostat::Eurostat,
    &genesis::Genesis,
    &gisco::Gisco,
    &bdl::Bdl,
    &cbs::Cbs,
    &ine::Ine,
    &idescat::Idescat,
    &pxweb::PxWeb,
    &pxweb2::PxWeb2,
    &sdmx::Sdmx,
];

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

    /// The requests that together fetch what a dataflow's `pull` asks for: each once, none overlapping. Where the
    /// table's structure must be known first, the one request for it.
    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError>;

    /// What an answer is; providers with errors of their own shape override it.
    fn classify(&self, bytes: &[u8]) -> Body {
        body::classify(bytes)
    }

    /// What to do after an answer to `request`.
    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step;

    /// The request that asks after a ticket which an earlier process was given for `request`; none when the provider
    /// has no queue.
    fn resume(&self, _ask: &Ask<'_>, _request: &Request, _ticket: &str) -> Option<Request> {
        None
    }

    /// The cheapest request that tells whether a table exists and which dimensions it has; none when the provider has
    /// no such answer.
    fn structure(&self, _ask: &Ask<'_>) -> Option<Request> {
        None
    }

    /// Reads the answer to [`Protocol::structure`]; the error is a sentence.
    fn read_structure(&self, _bytes: &[u8]) -> Result<Structure, String> {
        Err("this protocol has no answer about structure".into())
    }

    /// The cheapest request that tells which tables changed; none when the provider has no such list.
    fn changes(&self, _source: &Source) -> Option<Request> {
        None
    }

    /// Reads the list of changes: the provider's code in lower case -> stamp.
    fn read_changes(&self, _bytes: &[u8]) -> (BTreeMap<String, Stamp>, Vec<Finding>) {
        (BTreeMap::new(), Vec::new())
    }
}

/// What a plan and every step rest on.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub source: &'a Source,
    /// The provider's code of the table.
    pub table: &'a str,
    pub dataflow: &'a Dataflow,
    pub sizes: &'a Sizes,
}

/// What came back.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The HTTP status; redirects are behind it.
    pub status: u16,
    /// As received; a packed file is still packed.
    pub bytes: &'a [u8],
    /// What [`Protocol::classify`] says of the bytes.
    pub body: &'a Body,
}

/// A table as its provider describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure {
    /// Every dimension, time included, in the provider's order.
    pub dimensions: Vec<StructureDimension>,
    /// The provider's update stamp, verbatim; empty when it states none.
    pub updated: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StructureDimension {
    pub id: String,
    pub label: String,
    pub role: Option<Role>,
    /// Codes with their texts; empty when the provider does not list them here.
    pub codes: Vec<(String, String)>,
    /// Whether the provider takes the total when the dimension is left out.
    pub elimination: bool,
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Ask how the table is built.
    Describe,
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
    /// Of a table; not data.
    Structure,
    /// Any other JSON that holds data.
    Json,
    Csv,
    /// A ZIP archive with one table, or the table as text.
    Zip,
    Xml,
}

impl Expected {
    /// Of the stored file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::JsonStat | Self::Structure | Self::Json => "json",
            Self::TsvGz | Self::ChangeList => "tsv",
            Self::Csv => "csv",
            Self::Zip => "zip",
            Self::Xml => "xml",
        }
    }
}

/// What is sent along with a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    pub media_type: &'static str,
    /// Canonical, as the URL is. Never a credential: those are headers, named in the source's record.
    pub text: String,
}

/// One request: GET, or POST when it has a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The provider's code of the table.
    pub table: String,
    /// Canonical: the same selection gives the same URL however it was written, another selection another.
    /// Of a request for queued data it is the address of the queue.
    pub url: String,
    /// The URL of the data request, whatever the phase: what a receipt states.
    pub asked: String,
    pub payload: Option<Payload>,
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
    /// These are data, and there are more: further pages.
    KeepAnd(Vec<Request>),
    /// No data themselves (a structure was read): these are to be asked.
    Continue(Vec<Request>),
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
