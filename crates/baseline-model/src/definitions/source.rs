//! A provider's record: address, protocol, manners, licence. Declares only.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `pipelines/sources/<id>.toml`: a provider.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// As cited: `Eurostat`.
    pub name: String,
    /// A protocol of `baseline-source` (`eurostat`), or `none` when nothing can be pulled.
    pub protocol: String,
    #[serde(default)]
    pub base_url: String,
    /// Seconds between two requests to the host.
    #[serde(default)]
    pub pace_seconds: f64,
    /// Seconds after which a connection, an idle transfer and a whole request are given up.
    #[serde(default)]
    pub timeouts: Option<Timeouts>,
    /// Tries of one request at most, the first included.
    #[serde(default)]
    pub tries: u32,
    /// Further limits: so many requests in so many seconds. Kept on disk, so they hold across processes.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// Hours for which the source is left alone after it refused us (403, 429, a ban page), also by later processes.
    /// Without it a refusal ends only the run.
    #[serde(default)]
    pub ban_hours: Option<f64>,
    /// Header -> name of the environment variable that holds its value. Never part of an address, a body or a receipt.
    /// A `?` at the end of the name says that the source answers without it too.
    #[serde(default)]
    pub credentials: BTreeMap<String, String>,
    /// The page where a person gets the credentials.
    #[serde(default)]
    pub register_url: String,
    /// How the source writes numbers, where a format leaves it open.
    #[serde(default)]
    pub numbers: Option<Numbers>,
    /// Where the service departs from its protocol, as the protocol has to know it.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// What has not been confirmed about the source; none when its address and its protocol are.
    #[serde(default)]
    pub unverified: Option<String>,
    /// Countries it publishes about (`["DE"]`); empty when it publishes about all. Region codes of such an office are its
    /// own: only those that a record maps are regions of ours.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Codelist of status letters: `pipelines/codelists/obs_status.csv`, column `scheme`.
    #[serde(default)]
    pub obs_status_scheme: String,
    pub licence: String,
    #[serde(default)]
    pub licence_url: String,
    /// With `{code}`, which several codes may fill.
    pub citation: String,
    /// A page a reader can open to see the table, with `{code}`.
    #[serde(default)]
    pub table_url: String,
    /// Known oddities, for people.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Source {
    /// Header, environment variable, and whether the source does not answer without it.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.credentials.iter().map(|(header, variable)| match variable.strip_suffix('?') {
            Some(name) => (header.as_str(), name, false),
            None => (header.as_str(), variable.as_str(), true),
        })
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    pub connect: f64,
    pub idle: f64,
    pub total: f64,
}

/// A known fault or habit of one service, so that no protocol knows a source by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// SDMX: the answer goes one year beyond `endPeriod`, so the year before the last one wanted is asked for.
    EndPeriodOneLate,
    /// SDMX: CSV is given for `format=csvfilewithlabels` in the address, not for the `Accept` header.
    CsvByFormat,
    /// Asking for too much is answered with the HTTP status 500.
    TooBigIs500,
}

/// At most `requests` in any `seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub requests: u32,
    pub seconds: f64,
}

/// How numbers are written. Without such a rule only a decimal point is read; anything else is a finding, never a guess.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Numbers {
    /// The decimal sign; `.` when not said.
    pub decimal: Option<char>,
    /// Signs that may stand between groups of three digits; each is one sign (`.`, a no-break space).
    pub groups: Vec<char>,
    /// Mark instead of a number (`..`, `-`, `x`) -> what is kept as its status, for the source's scheme of status letters.
    /// The status is the mark itself when empty.
    pub marks: BTreeMap<String, String>,
}
