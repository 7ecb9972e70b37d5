//! One request: limits of time and size, redirects, pace, credentials, one request in flight per host.
//!
//! A transfer runs in a thread of its own that hands over pieces, because a read that blocks cannot be
//! interrupted: whoever waits can give up at any moment, and the thread ends with its next piece or its time limit.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use baseline_model::definitions::Timeouts;
use baseline_source::protocol::{Payload, Request};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use reqwest::blocking::Client;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};

use super::Progress;
use super::clock::Clock;
use super::error::{PullError, Unreachable};
use super::pace::{self, Closed, LONGEST_PARKING, Rule};
use super::secret::Keys;
use super::transfer::{Failure, Head, Piece, causes, hand_over};
use crate::store::{Pace, Store};

/// Redirects that are followed at most.
const HOPS: usize = 5;
/// How often a wait looks whether it was interrupted.
const TICK: Duration = Duration::from_millis(50);
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
    pub rule: &'a Rule,
    /// Spent on waiting for windows and between tries, and how much of that is allowed.
    pub waited: &'a Cell<Duration>,
    pub wait_budget: Duration,
    pub keys: &'a Keys,
    pub timeouts: Timeouts,
    pub max_bytes: u64,
    /// Received so far, for progress.
    pub progress: &'a dyn Fn(u64),
    /// For whom it is sent, and who is told of a wait.
    pub flow: &'a str,
    pub tell: &'a (dyn Fn(&Progress<'_>) + Sync),
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
    /// Sends a request and follows redirects. Waits for the pace of each host on the way; every hop is paced.
    pub(super) fn send(&self, request: &Request) -> Result<(Answer, u32), PullError> {
        let refused = |url: &Url, status, detail: String| PullError::Refused {
            url: plain(url),
            status,
            detail,
            hint: "the service was moved: compare the source's `base_url` with the provider's documentation".into(),
        };
        let mut at = Url::parse(&request.url).map_err(|error| PullError::Unusable {
            url: request.url.clone(),
            detail: format!("not an address: {error}"),
            hint: "check `base_url` in the source's file".into(),
        })?;
        let mut sent = 0;
        loop {
            let (answer, location) = self.paced(&at, request)?;
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
            if request.payload.is_some() && !matches!(status, 307 | 308) {
                // These three would turn the question into another one: a GET without what was asked.
                let detail = format!("a redirect to {} that does not keep what was sent", self.keys.scrub(&plain(&next)));
                return Err(refused(&at, status, detail));
            }
            if usize::try_from(sent).unwrap_or(usize::MAX) > HOPS {
                return Err(refused(&at, status, format!("more than {HOPS} redirects")));
            }
            tracing::info!(from = self.keys.scrub(&plain(&at)), to = self.keys.scrub(&plain(&next)), "redirected");
            at = next;
        }
    }

    /// One request when its host's turn has come. The state on disk makes the next process keep the pace too.
    fn paced(&self, url: &Url, request: &Request) -> Result<(Answer, Option<String>), PullError> {
        let host = host_of(url);
        let gate = self.gates.of(&host);
        let _one_in_flight = hold(&gate);
        let mut state = self.recall(&host)?;
        let now = self.clock.now();
        match pace::closed(&state, now) {
            Some(Closed::Parked(until)) => {
                let why = "the host asked not to be called until then".to_owned();
                return Err(PullError::Parked { host, until: whole_seconds(until), why });
            }
            Some(Closed::Banned(until, why)) => return Err(PullError::Banned { host, until: whole_seconds(until), why }),
            None => {}
        }
        let mut wait = pace::distance_left(&state, self.rule, now);
        if let Some((full, window)) = pace::window_left(&state, self.rule, now).filter(|(full, _)| *full > wait) {
            let mut why = format!("{} requests in {} s are allowed and were sent", window.requests, window.seconds);
            if !state.lost.is_empty() {
                why.push_str(", or had to be assumed: earlier notes could not be read");
            }
            if self.waited.get() + full > self.wait_budget {
                let until = pace::later(now, SignedDuration::try_from(full).unwrap_or(SignedDuration::MAX));
                // Never early by the part of a second that is not printed.
                let until = whole_seconds(pace::later(until, SignedDuration::from_millis(999)));
                return Err(PullError::Parked { host, until, why });
            }
            self.waited.set(self.waited.get() + full);
            (self.tell)(&Progress::Waiting { dataflow: self.flow, wait: full, why: &why });
            wait = full;
        }
        self.pause(wait)?;
        pace::note(&mut state, self.rule, self.clock.now());
        self.store.set_pace(&host, &state)?;
        let result = self.transfer(url, &host, request);
        pace::ended(&mut state, self.clock.now());
        self.store.set_pace(&host, &state)?;
        result
    }

    /// What is remembered of a host; a memory that was lost is written down as the worst, so that it ends.
    fn recall(&self, host: &str) -> Result<Pace, PullError> {
        let remembered = self.store.pace(host)?;
        let state = pace::recall(remembered.clone(), self.rule, self.clock.now());
        let lost = match remembered {
            crate::store::Remembered::Known(known) => known != state,
            crate::store::Remembered::Damaged => true,
            crate::store::Remembered::Nothing => false,
        };
        if lost {
            tracing::warn!(host, "what was noted of earlier requests cannot be relied on: the longest wait is assumed");
            self.store.set_pace(host, &state)?;
        }
        Ok(state)
    }

    /// Notes that the host wants no request for so long. Returns the host and until when.
    pub(super) fn park(&self, url: &str, wait: Duration) -> Result<(String, String), PullError> {
        let host = Url::parse(url).map(|url| host_of(&url)).unwrap_or_default();
        let gate = self.gates.of(&host);
        let _one_in_flight = hold(&gate);
        let wait = SignedDuration::try_from(wait).unwrap_or(LONGEST_PARKING).min(LONGEST_PARKING);
        let until = pace::later(self.clock.now(), wait);
        let state = Pace { parked_until: until.to_string(), ..self.recall(&host)? };
        self.store.set_pace(&host, &state)?;
        Ok((host, whole_seconds(until)))
    }

    /// Notes that the host refused us, for this and later processes. Returns the error that says so.
    pub(super) fn ban(&self, url: &str, length: SignedDuration, why: &str) -> Result<PullError, PullError> {
        let host = Url::parse(url).map(|url| host_of(&url)).unwrap_or_default();
        let gate = self.gates.of(&host);
        let _one_in_flight = hold(&gate);
        let until = pace::later(self.clock.now(), length);
        let why = self.keys.scrub(why);
        let state = Pace { banned_until: until.to_string(), banned_why: why.clone(), ..self.recall(&host)? };
        self.store.set_pace(&host, &state)?;
        Ok(PullError::Banned { host, until: whole_seconds(until), why })
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

    fn transfer(&self, url: &Url, host: &str, request: &Request) -> Result<(Answer, Option<String>), PullError> {
        let Request { accept, pack, payload, .. } = request;
        tracing::debug!(url = self.keys.scrub(&plain(url)), post = payload.is_some(), "request");
        let mut call = match payload {
            None => self.client.get(url.clone()),
            Some(Payload { media_type, text }) => {
                self.client.post(url.clone()).header(CONTENT_TYPE, *media_type).body(text.clone())
            }
        };
        call = call.header(ACCEPT, *accept).header(ACCEPT_ENCODING, if *pack { "gzip" } else { "identity" });
        for (name, value) in self.keys.headers(url) {
            call = call.header(name.clone(), value.clone());
        }
        let (pieces, arriving) = sync_channel(8);
        let worker = thread::Builder::new().name("transfer".into()).spawn(move || match call.send() {
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

/// Never from an encrypted to an open connection, and to nothing but the web.
pub(super) fn may_follow(from: &Url, to: &Url) -> bool {
    to.scheme() == "https" || (to.scheme() == "http" && from.scheme() == "http")
}

pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// For messages: the query of a redirect may hold what is not ours to print.
pub(super) fn plain(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), host_of(url), url.path())
}

/// Seconds of a definition; nonsense counts as no time at all.
pub(super) fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or_default()
}

pub(super) fn whole_seconds(instant: Timestamp) -> String {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant).to_string()
}
