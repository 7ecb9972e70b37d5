//! How long to wait before the next try.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::clock::Jitter;

const BASE: Duration = Duration::from_secs(1);
const CAP: Duration = Duration::from_mins(1);

/// Exponential with full jitter: uniform between 0 and 1, 2, 4 … s, at most 60 s. `failed` tries so far, from 1.
pub(super) fn backoff(failed: u32, jitter: &mut Jitter) -> Duration {
    let most = BASE.saturating_mul(1_u32.checked_shl(failed.saturating_sub(1)).unwrap_or(u32::MAX)).min(CAP);
    jitter.up_to(most)
}

/// `Retry-After` as seconds or as an HTTP date. None when it asks for nothing that can be followed: absent,
/// 0, negative, in the past, or neither a number nor a date.
pub(super) fn retry_after(header: Option<&str>, now: Timestamp) -> Option<Duration> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    let text = header?.trim();
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds are as long as a number can say.
        text.parse().unwrap_or(u64::MAX)
    } else {
        let until = PARSER.parse_timestamp(text).ok()?;
        u64::try_from(until.as_second().saturating_sub(now.as_second())).ok()?
    };
    (seconds > 0).then_some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<u64>) {
        let now: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
        assert_eq!(retry_after(Some(header), now), expected.map(Duration::from_secs), "{header}");
    }

    #[test]
    fn forms_of_retry_after() {
        check("120", Some(120));
        check(" 7200 ", Some(7200));
        check("99999999999999999999999", Some(u64::MAX));
        check("Sun, 22 Nov 2026 03:02:00 GMT", Some(120));
        for nothing in ["", "0", "-5", "soon", "1.5", "Sun, 22 Nov 2026 02:00:00 GMT", "Mon, 32 Nov 2026 03:02:00 GMT"] {
            check(nothing, None);
        }
    }

    #[test]
    fn backoff_grows_to_its_cap() {
        let mut jitter = Jitter::new(7);
        for failed in 0..80 {
            let most = (1_u64 << failed.clamp(1, 7) >> 1).min(60);
            assert!(backoff(failed, &mut jitter) <= Duration::from_secs(most), "{failed}");
        }
        let waits = |seed| (1..6).map(|failed| backoff(failed, &mut Jitter::new(seed))).collect::<Vec<_>>();
        assert_eq!(waits(1), waits(1));
        assert_ne!(waits(1), waits(2));
    }
}
