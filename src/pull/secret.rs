//! Credentials: values that are sent to one host and are never shown.
//!
//! They come in as values; the environment is not read here. A secret has no `Display`, its `Debug` says nothing, and
//! whatever text of a provider reaches a message or a receipt goes through [`Keys::scrub`] first: some answers repeat
//! what they were sent.

use std::collections::BTreeMap;
use std::fmt;

use baseline_model::definitions::Source;
use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};

use super::wire::host_of;

/// Signs of a secret from which on its appearance in a text is no coincidence.
const TELLING: usize = 4;
/// The same, for data: a short user name may well be a word of a table.
const TELLING_IN_DATA: usize = 12;

/// A value that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Name of an environment variable -> its value.
pub type Credentials = BTreeMap<String, Secret>;

/// Why a source's credentials cannot be sent. Never holds one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{provider} cannot be asked: {fault}\n  hint: {hint}")]
pub struct KeyFault {
    pub provider: String,
    pub fault: String,
    pub hint: String,
}

/// What a source wants in its headers, for its own host only.
#[derive(Clone, Default)]
pub(super) struct Keys {
    host: String,
    open: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
    texts: Vec<String>,
}

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} for {})", self.headers.len(), self.host)
    }
}

impl Keys {
    /// The headers that a source's record names, with their values.
    pub(super) fn of(source: &Source, credentials: &Credentials) -> Result<Self, KeyFault> {
        let fail = |fault: String, hint: String| Err(KeyFault { provider: source.name.clone(), fault, hint });
        if source.credentials.is_empty() {
            return Ok(Self::default());
        }
        let missing: Vec<&str> = source
            .variables()
            .filter(|(_, variable, needed)| *needed && !credentials.contains_key(*variable))
            .map(|(_, variable, _)| variable)
            .collect();
        let needed: Vec<&str> = source.variables().filter(|(_, _, needed)| *needed).map(|(_, variable, _)| variable).collect();
        let empty = |variable: &&str| credentials.get(*variable).is_some_and(|secret| secret.0.trim().is_empty());
        // A token may stand as a user name without a password: one of several may be empty, not all of them.
        let unset = if missing.is_empty() && !needed.is_empty() && needed.iter().all(empty) { needed } else { missing };
        if !unset.is_empty() {
            let place = if source.register_url.is_empty() { source.name.as_str() } else { &source.register_url };
            let fault = format!("the environment variable{} {} not set", if unset.len() > 1 { "s" } else { "" }, are(&unset));
            return fail(fault, format!("register at {place} and set {}; nothing was sent", unset.join(" and ")));
        }
        let Some(base) = Url::parse(source.base_url.trim()).ok() else { return Ok(Self::default()) };
        let mut keys = Self { host: host_of(&base), open: base.scheme() != "https", ..Self::default() };
        if keys.open && !is_own_machine(&base) {
            let fault = "its `base_url` is not encrypted, and credentials would be readable on the way".to_owned();
            return fail(fault, "give a `base_url` with https:// in the source's file".into());
        }
        for (header, variable, _) in source.variables() {
            let Some(secret) = credentials.get(variable) else { continue };
            let text = secret.0.trim();
            let (Ok(name), Ok(mut value)) = (HeaderName::from_bytes(header.as_bytes()), HeaderValue::from_str(text)) else {
                let fault = format!("the header `{header}` or the value of {variable} has a sign that no header may have");
                return fail(fault, format!("check `credentials` in the source's file and the content of {variable}"));
            };
            value.set_sensitive(true);
            keys.headers.push((name, value));
            keys.texts.push(text.to_owned());
        }
        // The longest first: a secret may hold another.
        keys.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Ok(keys)
    }

    /// For requests to the source's own host, over a connection that is no weaker than its address says.
    pub(super) fn headers(&self, url: &Url) -> &[(HeaderName, HeaderValue)] {
        let own = host_of(url) == self.host && (url.scheme() == "https" || self.open && url.scheme() == "http");
        if own { &self.headers } else { &[] }
    }

    /// The text without any of the secrets.
    pub(super) fn scrub(&self, text: &str) -> String {
        let telling = self.texts.iter().filter(|secret| secret.len() >= TELLING);
        telling.fold(text.to_owned(), |text, secret| {
            let written: String = Url::parse_with_params("x:", [("", secret)])
                .ok()
                .and_then(|url| Some(url.query()?.trim_start_matches('=').to_owned()))
                .unwrap_or_default();
            let text = text.replace(secret.as_str(), "…");
            if written.len() >= TELLING { text.replace(&written, "…") } else { text }
        })
    }

    /// Whether data repeat a secret, so that storing them would publish it.
    pub(super) fn stand_in(&self, bytes: &[u8]) -> bool {
        let telling = self.texts.iter().filter(|secret| secret.len() >= TELLING_IN_DATA);
        telling.into_iter().any(|secret| bytes.windows(secret.len()).any(|part| part == secret.as_bytes()))
    }
}

fn is_own_machine(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn are(names: &[&str]) -> String {
    format!("{} {}", names.join(" and "), if names.len() > 1 { "are" } else { "is" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(base_url: &str, credentials: &[(&str, &str)]) -> Source {
        let credentials = credentials.iter().map(|(header, variable)| ((*header).into(), (*variable).into())).collect();
        Source { name: "Office".into(), base_url: base_url.into(), credentials, ..Source::default() }
    }

    /// The headers for a URL, or the beginning of the fault.
    fn check(credentials: &[(&str, &str)], values: &[(&str, &str)], url: &str, expected: &str) {
        let values = values.iter().map(|(variable, value)| ((*variable).to_owned(), Secret::new(*value))).collect();
        let found = match Keys::of(&source("https://stat.example/api", credentials), &values) {
            Ok(keys) => {
                assert!(!format!("{keys:?} {values:?}").contains("geheim"));
                let headers = keys.headers(&Url::parse(url).unwrap()).iter();
                headers
                    .map(|(name, value)| format!("{name}={} {value:?}", value.to_str().unwrap()))
                    .collect::<Vec<_>>()
                    .join("; ")
            }
            Err(fault) => {
                assert!(fault.to_string().contains("hint: "), "{fault}");
                fault.fault
            }
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn only_for_the_own_host() {
        let one = [("X-Key", "OFFICE_KEY")];
        let set = [("OFFICE_KEY", "geheim\n")];
        check(&one, &set, "https://stat.example/x", "x-key=geheim Sensitive");
        for other in [
            "https://stat.example:8443/x",
            "http://stat.example/x",
            "https://other.example/x",
            "https://stat.example.evil.example/",
        ] {
            check(&one, &set, other, "");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let two = [("username", "OFFICE_USER"), ("password", "OFFICE_PASSWORD")];
        let url = "https://stat.example/x";
        let both = "the environment variables OFFICE_PASSWORD and OFFICE_USER are not set";
        check(&two, &[], url, both);
        check(&two, &[("OFFICE_USER", ""), ("OFFICE_PASSWORD", " ")], url, both);
        check(&two, &[("OFFICE_USER", "geheim")], url, "the environment variable OFFICE_PASSWORD is not set");
        let token = [("OFFICE_USER", "geheim"), ("OFFICE_PASSWORD", "")];
        check(&two, &token, url, "password= Sensitive; username=geheim Sensitive");
        check(&[("X-Key", "OFFICE_KEY?")], &[], url, "");
        check(&[("X-Key", "OFFICE_KEY?")], &[("OFFICE_KEY", "geheim")], url, "x-key=geheim Sensitive");
        let signs = "the header `X-Key` or the value of OFFICE_KEY has a sign that no header may have";
        check(&[("X-Key", "OFFICE_KEY")], &[("OFFICE_KEY", "gehe\nim")], url, signs);
        let open = Keys::of(
            &source("http://stat.example", &two),
            &token.map(|(name, value)| (name.to_owned(), Secret::new(value))).into(),
        );
        assert!(open.is_err_and(|fault| fault.fault.contains("not encrypted")));
    }

    #[test]
    fn texts_are_scrubbed() {
        let values = [("K".to_owned(), Secret::new("geheim 0123/4567"))].into();
        let keys = Keys::of(&source("https://stat.example", &[("X-Key", "K")]), &values).unwrap();
        assert_eq!(keys.scrub("a geheim 0123/4567 b geheim+0123%2F4567 c"), "a … b … c");
        assert!(keys.stand_in(b"xx geheim 0123/4567") && !keys.stand_in(b"geheim 0123"));
    }
}
