//! When the next request may leave: a source's distance between requests, its windows, and its bans.
//!
//! Pure: what is remembered of a host goes in, with the instant, and comes out changed. Every instant counts at the end
//! of its request, so that the rule holds at the server too, however slow the way. A memory that cannot be understood,
//! or that lies in the future because a clock was set back, is taken for the worst it can have been.

use std::time::Duration;

use baseline_model::definitions::{Source, Window};
use jiff::{SignedDuration, Timestamp};

use super::wire::seconds;
use crate::store::{Pace, Remembered};

/// However long a host asks to stay away.
pub(super) const LONGEST_PARKING: SignedDuration = SignedDuration::from_hours(24);
/// No ban is noted for longer, unless a source's own `ban_hours` are.
const LONGEST_BAN: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Steps by which old requests of the longest window are counted together: late by at most a thousandth of it.
const STEPS: i64 = 1000;

/// The limits of a host: the strictest of all sources that are there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rule {
    /// Between two requests.
    pub distance: Duration,
    pub windows: Vec<Window>,
    /// How long the source is left alone after it refused us; none when that ends only the run.
    pub ban: Option<SignedDuration>,
}

/// Why nothing may be sent for some time, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Closed {
    /// The host asked for it.
    Parked(Timestamp),
    /// The host refused us.
    Banned(Timestamp, String),
}

impl Rule {
    /// Of the sources of one host.
    pub(super) fn of<'a>(sources: impl IntoIterator<Item = &'a Source>) -> Self {
        let mut rule = Self::default();
        for source in sources {
            rule.distance = rule.distance.max(seconds(source.pace_seconds));
            rule.windows
                .extend(source.windows.iter().filter(|window| !rule.windows.contains(window)).copied().collect::<Vec<_>>());
            rule.ban =
                rule.ban.max(source.ban_hours.map(|hours| SignedDuration::try_from(seconds(hours * 3600.0)).unwrap_or_default()));
        }
        rule
    }
}

/// What is known of a host, made safe to reckon with.
pub(super) fn recall(remembered: Remembered, rule: &Rule, now: Timestamp) -> Pace {
    let mut pace = match remembered {
        Remembered::Nothing => return Pace::default(),
        Remembered::Known(pace) if pace.last.parse::<Timestamp>().is_ok() => pace,
        Remembered::Known(_) | Remembered::Damaged => return worst(rule, now),
    };
    let at = now.as_millisecond();
    // Instants to come: the clock was set back, and how far is not known.
    if parsed(&pace.last).is_some_and(|last| last > now) {
        pace.last = now.to_string();
    }
    for entry in &mut pace.requests {
        entry.0 = entry.0.min(at);
    }
    pace.requests.sort_unstable();
    let longest = later(now, rule.ban.unwrap_or_default().max(LONGEST_BAN));
    if parsed(&pace.banned_until).is_some_and(|until| until > longest) {
        pace.banned_until = longest.to_string();
    }
    pace
}

/// Whether the host is left alone.
pub(super) fn closed(pace: &Pace, now: Timestamp) -> Option<Closed> {
    if let Some(until) = parsed(&pace.banned_until).filter(|until| *until > now) {
        return Some(Closed::Banned(until, pace.banned_why.clone()));
    }
    // Longer than is ever noted: another clock wrote it.
    let parked = parsed(&pace.parked_until).filter(|until| *until > now && until.duration_since(now) <= LONGEST_PARKING)?;
    Some(Closed::Parked(parked))
}

/// How long the distance to the last request is still to be waited for.
pub(super) fn distance_left(pace: &Pace, rule: &Rule, now: Timestamp) -> Duration {
    let Some(last) = parsed(&pace.last) else { return Duration::ZERO };
    // A clock that was set back must not make us wait longer than one distance.
    let since = Duration::try_from(now.duration_since(last)).unwrap_or_default();
    rule.distance.saturating_sub(since)
}

/// How long until every window has room for one more request, and the window that needs longest.
pub(super) fn window_left(pace: &Pace, rule: &Rule, now: Timestamp) -> Option<(Duration, Window)> {
    let at = now.as_millisecond();
    let waits = rule.windows.iter().filter_map(|window| {
        let (most, length) = (u64::from(window.requests.max(1)), millis(window.seconds));
        let mut counted = 0_u64;
        for (instant, count) in pace.requests.iter().rev() {
            let free = instant.saturating_add(length).saturating_add(1);
            if free <= at {
                return None;
            }
            counted += u64::from(*count);
            if counted >= most {
                return Some((Duration::from_millis(u64::try_from(free - at).unwrap_or_default()), *window));
            }
        }
        None
    });
    waits.max_by_key(|(wait, _)| *wait)
}

/// Notes a request that leaves now; what no window needs any more is dropped.
pub(super) fn note(pace: &mut Pace, rule: &Rule, now: Timestamp) {
    let at = now.as_millisecond();
    pace.last = now.to_string();
    pace.parked_until = String::new();
    let lengths = || rule.windows.iter().map(|window| millis(window.seconds));
    let (Some(longest), Some(shortest)) = (lengths().max(), lengths().min()) else { return };
    let step = (longest / STEPS).max(1);
    let mut kept: Vec<(i64, u32)> = Vec::new();
    for (instant, count) in std::mem::take(&mut pace.requests) {
        let age = at.saturating_sub(instant);
        match kept.last_mut() {
            _ if age > longest => {}
            // Counted together at the later instant: it then counts a little longer than it has to.
            Some(before) if age > shortest && before.0 / step == instant / step => {
                *before = (instant, before.1.saturating_add(count));
            }
            Some(_) | None => kept.push((instant, count)),
        }
    }
    kept.push((at, 1));
    pace.requests = kept;
}

/// A person says that the host is to be asked again: neither a ban nor what was only assumed holds any more. Returns what
/// was forgotten; `None` when nothing was.
pub(super) fn forgive(pace: &mut Pace) -> Option<String> {
    let banned = std::mem::take(&mut pace.banned_until);
    let parked = std::mem::take(&mut pace.parked_until);
    let why = std::mem::take(&mut pace.banned_why);
    let lost = std::mem::take(&mut pace.lost);
    if let Some(lost) = parsed(&lost) {
        pace.requests.retain(|(instant, _)| *instant > lost.as_millisecond());
    }
    let ban = (!banned.is_empty()).then(|| format!("the ban until {banned} ({why})"));
    let parking = (!parked.is_empty()).then(|| format!("the wait until {parked}"));
    let assumed = (!lost.is_empty()).then(|| "the requests assumed when its notes could not be read".to_owned());
    let all: Vec<String> = ban.into_iter().chain(parking).chain(assumed).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// The request that was noted last has ended now.
pub(super) fn ended(pace: &mut Pace, now: Timestamp) {
    pace.last = now.to_string();
    if let Some(last) = pace.requests.last_mut() {
        last.0 = last.0.max(now.as_millisecond());
    }
}

/// What can be said of a host whose memory is lost: asked this very moment, every window full, refused if it ever refuses.
fn worst(rule: &Rule, now: Timestamp) -> Pace {
    let full = rule.windows.iter().map(|window| window.requests.max(1)).max();
    let banned_until = rule.ban.map_or(String::new(), |ban| later(now, ban).to_string());
    let banned_why = if banned_until.is_empty() { String::new() } else { "what was noted of it cannot be read".to_owned() };
    Pace {
        last: now.to_string(),
        lost: now.to_string(),
        parked_until: String::new(),
        banned_until,
        banned_why,
        requests: full.map(|count| (now.as_millisecond(), count)).into_iter().collect(),
    }
}

pub(super) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn parsed(instant: &str) -> Option<Timestamp> {
    instant.parse().ok()
}

/// Of a definition; nonsense counts as no time at all.
fn millis(length: f64) -> i64 {
    i64::try_from(seconds(length).as_millis()).unwrap_or(i64::MAX)
}
