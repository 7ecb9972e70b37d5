//! One GET request: limits of time and size, redirects, pace, one request in flight per host.
//!
//! A transfer runs in a thread of its own that hands over pieces, because a read that blocks cannot be
//! interrupted: whoever waits can give up at any moment, and the thread ends with its next piece or its time limit.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use baseline_model::definitions::Timeouts;
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};

use super::clock::Clock;
use super::error::{PullError, Unreachable};
use crate::store::{Pace, Store};

/// Redirects that are followed at most.
const HOPS: usize = 5;
/// How often a wait looks whether it was interrupted.
const TICK: Duration = Duration::from_millis(50);
/// However long a host asks to stay away.
const LONGEST_PARKING: SignedDuration = SignedDuration::from_hours(24);
const USER_AGENT: &str = concat!("baseline/", env!("CARGO_PKG_VERSION"), " (territorial baseline studies)");

/// An answer as received; redirects are behind it.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub media_type: String,
    pub retry_after: Option<String>,
    pub bytes: Vec<u8>,
    /// When its last byte came.
    pub at: Timestamp,
}

/// One lock a host, shared by all sources of a run.
#[derive(Debug, Default)]
pub(super) struct Gates(Mutex<BTreeMap<String, Arc<Mutex<()>>>>);

/// What all requests of one source share.
pub(super) struct Wire<'a> {
    pub client: Client,
    pub gates: &'a Gates,
    pub store: &'a Store,
    pub clock: &'a dyn Clock,
    pub interrupt: &'a AtomicBool,
    pub pace: Duration,
    pub timeouts: Timeouts,
    pub max_bytes: u64,
    /// Received so far, for progress.
    pub progress: &'a dyn Fn(u64),
}

/// A client for one source. `proxy`: the proxies of the environment are used.
pub(super) fn client(timeouts: Timeouts, proxy: bool) -> Result<Client, PullError> {
    static PROVIDER: Once = Once::new();
    // Fails only when another part of the program has installed one, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(seconds(timeouts.connect))
        // Only so that a thread that was given up ends; the waiting side keeps the limits.
        .timeout(seconds(timeouts.total + timeouts.connect) + Duration::from_secs(1))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .gzip(false)
        .referer(false);
    if !proxy {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| PullError::Unreachable {
        host: "any host".into(),
        how: Unreachable::Tls,
        detail: causes(&error.without_url()),
    })
}

impl Wire<'_> {
    /// Sends a GET and follows redirects. Waits for the pace of each host on the way; every hop is paced.
    pub(super) fn get(&self, url: &str, accept: &'static str, pack: bool) -> Result<(Answer, u32), PullError> {
        let refused = |url: &Url, status, detail: String| PullError::Refused {
            url: plain(url),
            status,
            detail,
            hint: "the service was moved: compare the source's `base_url` with the provider's documentation".into(),
        };
        let mut at = Url::parse(url).map_err(|error| PullError::Unusable {
            url: url.to_owned(),
            detail: format!("not an address: {error}"),
            hint: "check `base_url` in the source's file".into(),
        })?;
        let mut sent = 0;
        loop {
            let (answer, location) = self.paced(&at, accept, pack)?;
            sent += 1;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok((answer, sent));
            }
            let status = answer.status;
            let next = location.as_deref().and_then(|location| at.join(location).ok());
            let Some(next) = next else {
                return Err(refused(&at, status, "a redirect without an address that can be followed".into()));
            };
            if !may_follow(&at, &next) {
                return Err(refused(&at, status, format!("a redirect from {} to {}", at.scheme(), next.scheme())));
            }
            if usize::try_from(sent).unwrap_or(usize::MAX) > HOPS {
                return Err(refused(&at, status, format!("more than {HOPS} redirects")));
            }
            tracing::info!(from = plain(&at), to = plain(&next), "redirected");
            at = next;
        }
    }

    /// One request when its host's turn has come. The state on disk makes the next process keep the pace too.
    fn paced(&self, url: &Url, accept: &'static str, pack: bool) -> Result<(Answer, Option<String>), PullError> {
        let host = host_of(url);
        let gate = self.gates.of(&host);
        let _one_in_flight = hold(&gate);
        let mut state = self.store.pace(&host)?;
        let now = self.clock.now();
        if let Ok(until) = state.parked_until.parse::<Timestamp>()
            && now < until
            && until.duration_since(now) <= LONGEST_PARKING
        {
            return Err(PullError::Parked { host, until: whole_seconds(until) });
        }
        if let Ok(last) = state.last.parse::<Timestamp>() {
            // A clock that was set back must not make us wait longer than one pace.
            let since = Duration::try_from(now.duration_since(last)).unwrap_or_default();
            self.pause(self.pace.saturating_sub(since))?;
        }
        state = Pace { last: self.clock.now().to_string(), parked_until: String::new() };
        self.store.set_pace(&host, &state)?;
        let result = self.transfer(url, &host, accept, pack);
        // Counted from the end: so the distance holds at the server too, however slow the way.
        state.last = self.clock.now().to_string();
        self.store.set_pace(&host, &state)?;
        result
    }

    /// Notes that the host wants no request for so long. Returns until when.
    pub(super) fn park(&self, url: &str, wait: Duration) -> Result<(String, String), PullError> {
        let host = Url::parse(url).map(|url| host_of(&url)).unwrap_or_default();
        let gate = self.gates.of(&host);
        let _one_in_flight = hold(&gate);
        let wait = SignedDuration::try_from(wait).unwrap_or(LONGEST_PARKING).min(LONGEST_PARKING);
        let until = self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        let state = Pace { parked_until: until.to_string(), ..self.store.pace(&host)? };
        self.store.set_pace(&host, &state)?;
        Ok((host, whole_seconds(until)))
    }

    /// Sleeps unless interrupted.
    pub(super) fn pause(&self, mut left: Duration) -> Result<(), PullError> {
        loop {
            self.check_interrupt()?;
            if left.is_zero() {
                return Ok(());
            }
            let slice = left.min(4 * TICK);
            self.clock.sleep(slice);
            left -= slice;
        }
    }

    pub(super) fn check_interrupt(&self) -> Result<(), PullError> {
        if self.interrupt.load(Ordering::Relaxed) { Err(PullError::Interrupted) } else { Ok(()) }
    }

    fn transfer(&self, url: &Url, host: &str, accept: &'static str, pack: bool) -> Result<(Answer, Option<String>), PullError> {
        tracing::debug!(url = plain(url), "request");
        let encoding = if pack { "gzip" } else { "identity" };
        let request = self.client.get(url.clone()).header(ACCEPT, accept).header(ACCEPT_ENCODING, encoding);
        let (pieces, arriving) = sync_channel(8);
        let worker = thread::Builder::new().name("transfer".into()).spawn(move || match request.send() {
            Ok(response) => hand_over(response, &pieces),
            Err(error) => drop(pieces.send(Piece::Failed(Failure::of(&error.without_url())))),
        });
        if let Err(error) = worker {
            let detail = format!("no thread for the transfer: {error}");
            return Err(PullError::Unreachable { host: host.to_owned(), how: Unreachable::Broken, detail });
        }
        self.receive(&arriving, url, host)
    }

    fn receive(&self, arriving: &Receiver<Piece>, url: &Url, host: &str) -> Result<(Answer, Option<String>), PullError> {
        let start = self.clock.monotonic();
        let mut last = start;
        let mut head: Option<Head> = None;
        let mut bytes: Vec<u8> = Vec::new();
        let damaged = |detail: String| PullError::Damaged { url: plain(url), detail };
        let too_large = |detail: String| PullError::Unusable {
            url: plain(url),
            detail,
            hint: "add filters under `pull` in the dataflow's file".into(),
        };
        loop {
            self.check_interrupt()?;
            let piece = arriving.recv_timeout(TICK);
            let now = self.clock.monotonic();
            let elapsed = now.saturating_sub(start);
            let timed_out = |stage| PullError::TimedOut { host: host.to_owned(), stage, seconds: elapsed.as_secs_f64() };
            let idle = seconds(self.timeouts.idle + if head.is_none() { self.timeouts.connect } else { 0.0 });
            match piece {
                Err(RecvTimeoutError::Timeout) if now.saturating_sub(last) > idle => {
                    return Err(timed_out(if head.is_none() { "no answer" } else { "the answer stopped" }));
                }
                _ if elapsed > seconds(self.timeouts.total) => return Err(timed_out("the answer takes too long")),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Err(damaged("the transfer ended without a word".into())),
                Ok(Piece::Failed(failure)) => return Err(failure.into_error(host, url, head.is_some(), &timed_out)),
                Ok(Piece::Head(arrived)) => {
                    if let Some(length) = arrived.length.filter(|length| *length > self.max_bytes) {
                        return Err(too_large(format!("{length} bytes announced, at most {} are taken", self.max_bytes)));
                    }
                    head = Some(arrived);
                }
                Ok(Piece::Bytes(chunk)) => {
                    bytes.extend_from_slice(&chunk);
                    if bytes.len() as u64 > self.max_bytes {
                        return Err(too_large(format!("more than {} bytes", self.max_bytes)));
                    }
                    (self.progress)(chunk.len() as u64);
                }
                Ok(Piece::End) => break,
            }
            last = now;
        }
        let Some(head) = head else { return Err(damaged("it has no head".into())) };
        if let Some(length) = head.length.filter(|length| *length != bytes.len() as u64) {
            return Err(damaged(format!("{} bytes came, {length} were announced", bytes.len())));
        }
        let Head { status, media_type, retry_after, location, .. } = head;
        Ok((Answer { status, media_type, retry_after, bytes, at: self.clock.now() }, location))
    }
}

impl Gates {
    fn of(&self, host: &str) -> Arc<Mutex<()>> {
        Arc::clone(hold(&self.0).entry(host.to_owned()).or_default())
    }
}

/// A thread that panicked while it held the lock left nothing half-done behind it.
fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Piece {
    Head(Head),
    Bytes(Vec<u8>),
    End,
    Failed(Failure),
}

struct Head {
    status: u16,
    length: Option<u64>,
    media_type: String,
    retry_after: Option<String>,
    location: Option<String>,
}

/// In the transfer's thread. Sending fails when nobody waits any more: then there is nothing left to do.
fn hand_over(mut response: Response, pieces: &SyncSender<Piece>) {
    let text = |headers: &HeaderMap, name: HeaderName| Some(headers.get(name)?.to_str().ok()?.trim().to_owned());
    let headers = response.headers();
    let head = Head {
        status: response.status().as_u16(),
        length: text(headers, CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        media_type: text(headers, CONTENT_TYPE).unwrap_or_default(),
        retry_after: text(headers, RETRY_AFTER),
        location: text(headers, LOCATION),
    };
    if pieces.send(Piece::Head(head)).is_err() {
        return;
    }
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let piece = match response.read(&mut chunk) {
            Ok(0) => Piece::End,
            Ok(count) => Piece::Bytes(chunk[..count].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                Piece::Failed(Failure { how: None, timeout: error.kind() == io::ErrorKind::TimedOut, detail: causes(&error) })
            }
        };
        let more = matches!(piece, Piece::Bytes(_));
        if pieces.send(piece).is_err() || !more {
            return;
        }
    }
}

struct Failure {
    /// None: the connection stood, and the answer broke.
    how: Option<Unreachable>,
    timeout: bool,
    detail: String,
}

impl Failure {
    fn of(error: &reqwest::Error) -> Self {
        let detail = causes(error);
        let says = |words: &[&str]| words.iter().any(|word| detail.to_ascii_lowercase().contains(word));
        let how = if says(&["proxy", "tunnel"]) {
            Unreachable::Proxy
        } else if says(&["dns", "lookup address", "name or service"]) {
            Unreachable::Name
        } else if says(&["certificate", "tls", "handshake", "unknownissuer"]) {
            Unreachable::Tls
        } else if says(&["refused"]) {
            Unreachable::Refused
        } else {
            Unreachable::Broken
        };
        Self { how: Some(how), timeout: error.is_timeout(), detail }
    }

    fn into_error(self, host: &str, url: &Url, has_head: bool, timed_out: &dyn Fn(&'static str) -> PullError) -> PullError {
        match self.how {
            _ if self.timeout => timed_out(if has_head { "the answer stopped" } else { "no connection" }),
            Some(how) => PullError::Unreachable { host: host.to_owned(), how, detail: self.detail },
            None => PullError::Damaged { url: plain(url), detail: self.detail },
        }
    }
}

/// Never from an encrypted to an open connection, and to nothing but the web.
pub(super) fn may_follow(from: &Url, to: &Url) -> bool {
    to.scheme() == "https" || (to.scheme() == "http" && from.scheme() == "http")
}

/// An error with its causes, each once.
fn causes(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if texts.iter().all(|known| !known.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    texts.join(": ")
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// For messages: the query of a redirect may hold what is not ours to print.
fn plain(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), host_of(url), url.path())
}

/// Seconds of a definition; nonsense counts as no time at all.
pub(super) fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or_default()
}

pub(super) fn whole_seconds(instant: Timestamp) -> String {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant).to_string()
}
