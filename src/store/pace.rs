//! What is remembered of a host between runs: its last requests, and until when it is left alone. One file a host.
//!
//! The lock of the workspace keeps a second process of this workspace away; another workspace on the same machine has
//! a pace of its own, so give one address of the network one workspace.
//!
//! ```text
//! {"last":"2026-11-22T03:00:00.5Z","parked_until":"","banned_until":"","banned_why":"","requests":[[1795316400500,1]]}
//! ```

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Store, StoreError, checked_name, read, remove, write_atomic};

/// What is known of a host. UTC instants, RFC 3339; empty for never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// The end of the last request.
    pub last: String,
    /// The host asked us to stay away until then.
    #[serde(default)]
    pub parked_until: String,
    /// It refused us, and is left alone until then.
    #[serde(default)]
    pub banned_until: String,
    #[serde(default)]
    pub banned_why: String,
    /// When what was noted before could not be read and the most was assumed; empty when it never happened.
    #[serde(default)]
    pub lost: String,
    /// Requests that count for a window: milliseconds since 1970 and how many, oldest first.
    #[serde(default)]
    pub requests: Vec<(i64, u32)>,
}

/// What the file of a host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remembered {
    /// It was never asked.
    Nothing,
    Known(Pace),
    /// There is a file and it cannot be understood: what it said must be assumed to have been the worst.
    Damaged,
}

impl Store {
    pub fn pace(&self, host: &str) -> Result<Remembered, StoreError> {
        let path = self.pace_path(host)?;
        if !path.exists() {
            return Ok(Remembered::Nothing);
        }
        Ok(serde_json::from_slice(&read(&path)?).map_or(Remembered::Damaged, Remembered::Known))
    }

    pub fn set_pace(&self, host: &str, pace: &Pace) -> Result<(), StoreError> {
        let text = serde_json::to_string(pace).expect("a record of texts and numbers is always JSON");
        write_atomic(&self.pace_path(host)?, text.as_bytes())
    }

    /// As if the host had never been asked.
    pub fn forget_pace(&self, host: &str) -> Result<(), StoreError> {
        remove(&self.pace_path(host)?)
    }

    fn pace_path(&self, host: &str) -> Result<PathBuf, StoreError> {
        // The only signs of an authority that are not those of a name.
        let name = host.replace([':', '[', ']'], "_");
        Ok(self.data("state/pace").join(format!("{}.json", checked_name(&name, "a host")?)))
    }
}
