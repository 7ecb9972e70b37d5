//! Why a dataflow could not be pulled, in words that lead to a next step.

use std::fmt;

use baseline_source::protocol::PlanError;

use super::secret::KeyFault;
use crate::store::StoreError;

/// Why a host cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// Its name is not known to the name service.
    Name,
    /// It refuses the connection.
    Refused,
    /// No trusted encryption.
    Tls,
    /// The proxy stands between.
    Proxy,
    /// The connection broke.
    Broken,
}

/// Why a dataflow could not be pulled. URLs are without secrets; every message ends with a hint.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("cannot reach {host}: {how} ({detail})\n  hint: {}", how.hint())]
    Unreachable { host: String, how: Unreachable, detail: String },
    #[error(
        "{host} was given up: {stage}, after {seconds:.1} s\n  hint: try again later, or raise `timeouts` in the source's file"
    )]
    TimedOut { host: String, stage: &'static str, seconds: f64 },
    #[error(
        "the answer of {url} is not the data asked for and was not stored: {detail}\n  hint: try again later; if it stays, open the address"
    )]
    Damaged { url: String, detail: String },
    #[error("{url} answered with status {status}: {detail}\n  hint: {hint}")]
    Refused { url: String, status: u16, detail: String, hint: String },
    #[error("the answer of {url} cannot be used and was not stored: {detail}\n  hint: {hint}")]
    Unusable { url: String, detail: String, hint: String },
    #[error(
        "{url} was queued and not ready after {seconds} s: {detail}\n  hint: try again later; the provider goes on preparing it"
    )]
    NotReady { url: String, seconds: u64, detail: String },
    #[error("{host} is not asked before {until}: {why}\n  hint: nothing is sent until then; run again after it")]
    Parked { host: String, until: String, why: String },
    #[error(
        "{host} is left alone until {until}: {why}\n  hint: asking again prolongs a block; once the provider has lifted it: baseline doctor --sources --forget-ban SOURCE"
    )]
    Banned { host: String, until: String, why: String },
    #[error(transparent)]
    Credentials(#[from] KeyFault),
    #[error("stopped on request\n  hint: run again; what was stored before is whole")]
    Interrupted,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{dataflow}: {fault}")]
    Definition { dataflow: String, fault: DefinitionFault },
}

/// A declaration that cannot be pulled.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionFault {
    #[error("there is no such dataflow\n  hint: `baseline list` shows those that are declared")]
    NoDataflow,
    #[error("its source is not declared\n  hint: add pipelines/sources/<source>.toml")]
    NoSource,
    #[error("its source speaks `{0}`, which is no protocol that can be pulled\n  hint: set `protocol` to one of {1}")]
    NoProtocol(String, String),
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl PullError {
    /// Stable kebab-case code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { how: Unreachable::Name, .. } => "unknown-host",
            Self::Unreachable { how: Unreachable::Refused, .. } => "connection-refused",
            Self::Unreachable { how: Unreachable::Tls, .. } => "tls",
            Self::Unreachable { how: Unreachable::Proxy, .. } => "proxy",
            Self::Unreachable { how: Unreachable::Broken, .. } => "connection-broken",
            Self::TimedOut { .. } => "timed-out",
            Self::Damaged { .. } => "damaged",
            Self::Refused { .. } => "refused",
            Self::Unusable { .. } => "unusable",
            Self::NotReady { .. } => "not-ready",
            Self::Parked { .. } => "parked",
            Self::Banned { .. } => "banned",
            Self::Credentials(_) => "credentials",
            Self::Interrupted => "interrupted",
            Self::Store(_) => "store",
            Self::Definition { .. } => "definition",
        }
    }

    /// Whether the same request may do later in this run.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { how, .. } => !matches!(how, Unreachable::Tls | Unreachable::Proxy),
            Self::TimedOut { .. } | Self::Damaged { .. } => true,
            Self::Refused { .. }
            | Self::Unusable { .. }
            | Self::NotReady { .. }
            | Self::Parked { .. }
            | Self::Banned { .. }
            | Self::Credentials(_)
            | Self::Interrupted
            | Self::Store(_)
            | Self::Definition { .. } => false,
        }
    }

    /// Whether it says that the host is unwell or turns us away: enough of these in a row and it is left alone.
    pub(super) fn blames_host(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Damaged { .. } => true,
            Self::Refused { status, .. } => matches!(status, 401 | 403 | 407 | 408 | 429 | 500..=599),
            Self::Unusable { .. }
            | Self::NotReady { .. }
            | Self::Parked { .. }
            | Self::Banned { .. }
            | Self::Credentials(_)
            | Self::Interrupted
            | Self::Store(_)
            | Self::Definition { .. } => false,
        }
    }
}

impl PullError {
    /// The same with every text of a provider passed through `change`.
    pub(super) fn map_texts(self, change: &dyn Fn(&str) -> String) -> Self {
        let new = |text: String| change(&text);
        match self {
            Self::Unreachable { host, how, detail } => Self::Unreachable { host, how, detail: new(detail) },
            Self::Damaged { url, detail } => Self::Damaged { url: new(url), detail: new(detail) },
            Self::Refused { url, status, detail, hint } => {
                Self::Refused { url: new(url), status, detail: new(detail), hint: new(hint) }
            }
            Self::Unusable { url, detail, hint } => Self::Unusable { url: new(url), detail: new(detail), hint: new(hint) },
            Self::NotReady { url, seconds, detail } => Self::NotReady { url: new(url), seconds, detail: new(detail) },
            Self::Banned { host, until, why } => Self::Banned { host, until, why: new(why) },
            own @ (Self::TimedOut { .. }
            | Self::Parked { .. }
            | Self::Credentials(_)
            | Self::Interrupted
            | Self::Store(_)
            | Self::Definition { .. }) => own,
        }
    }
}

impl Unreachable {
    fn hint(self) -> &'static str {
        match self {
            Self::Name => "check the network and the source's `base_url`; without a network, stored figures are used",
            Self::Refused => "the service may be down: try again later; stored figures are used meanwhile",
            Self::Tls => "check the clock of this machine and its certificates; a proxy may stand between",
            Self::Proxy => "check the proxy settings in the environment (HTTPS_PROXY, NO_PROXY)",
            Self::Broken => "try again later; stored figures are used meanwhile",
        }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "its name is not known",
            Self::Refused => "connection refused",
            Self::Tls => "no trusted connection",
            Self::Proxy => "the proxy does not let us through",
            Self::Broken => "the connection broke",
        })
    }
}
