//! Time and chance as values that are passed in, so that no test waits and every delay can be repeated.

use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// What the network edge needs to know of time.
pub trait Clock: Sync {
    /// The wall clock: for receipts and for the pace that outlives a process.
    fn now(&self) -> Timestamp;
    /// Time since some fixed moment; never runs backwards. For limits of transfers.
    fn monotonic(&self) -> Duration;
    fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}

/// A small seeded generator (splitmix64) for the jitter of waits; not for secrets.
#[derive(Debug, Clone)]
pub struct Jitter(u64);

impl Jitter {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Uniform in `0..=max`, in milliseconds.
    pub fn up_to(&mut self, max: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let most = u64::try_from(max.as_millis()).unwrap_or(u64::MAX - 1).min(u64::MAX - 1);
        Duration::from_millis(mixed % (most + 1))
    }
}
