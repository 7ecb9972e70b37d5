//! What is remembered between runs: when a dataflow was last checked, and when a host was last asked.
//!
//! ```text
//! {"at":"2026-11-22T03:00:00Z","vintage":"20261120T030000Z-1f2e3d4c","data_changed":"2026-11-19T23:00:00+0100","structure_changed":""}
//! ```

use std::fs::OpenOptions;
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::{Store, StoreError, checked_name, create_folder, io_error, read, write_atomic};

/// One check of a dataflow at its provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// UTC instant, RFC 3339.
    pub at: String,
    /// The vintage that was found to be the provider's state.
    pub vintage: String,
    /// The provider's stamps in its list of changes at that time, verbatim; empty when not asked.
    #[serde(default)]
    pub data_changed: String,
    #[serde(default)]
    pub structure_changed: String,
}

/// When a host was last asked, and until when it asked us to stay away. UTC instants, RFC 3339; empty for never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    #[serde(default)]
    pub last: String,
    #[serde(default)]
    pub parked_until: String,
}

impl Store {
    /// Appends a line to the dataflow's checks.
    pub fn append_check(&self, dataflow: &str, check: &Check) -> Result<(), StoreError> {
        let folder = self.folder(dataflow)?;
        create_folder(&folder)?;
        let path = folder.join("checks.jsonl");
        let mut line = serde_json::to_string(check).expect("a record of texts is always JSON");
        line.push('\n');
        let mut append = || {
            let before = std::fs::read(&path).unwrap_or_default();
            if !before.is_empty() && before.last() != Some(&b'\n') {
                // The last line was cut by a crash: do not glue ours onto it.
                line.insert(0, '\n');
            }
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()
        };
        append().map_err(io_error("append to", &path))
    }

    /// The last check that can be read; a line cut by a crash is passed over.
    pub fn last_check(&self, dataflow: &str) -> Result<Option<Check>, StoreError> {
        let path = self.folder(dataflow)?.join("checks.jsonl");
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().rev().find_map(|line| serde_json::from_str(line).ok()))
    }

    /// The pace state of a host. An unreadable file counts as none: it only delays or not delays a request.
    pub fn pace(&self, host: &str) -> Result<Pace, StoreError> {
        let path = self.pace_path(host)?;
        if !path.exists() {
            return Ok(Pace::default());
        }
        Ok(serde_json::from_slice(&read(&path)?).unwrap_or_default())
    }

    pub fn set_pace(&self, host: &str, pace: &Pace) -> Result<(), StoreError> {
        let text = serde_json::to_string(pace).expect("a record of texts is always JSON");
        write_atomic(&self.pace_path(host)?, text.as_bytes())
    }

    fn pace_path(&self, host: &str) -> Result<std::path::PathBuf, StoreError> {
        // The only sign of an authority that is not one of a name.
        let name = host.replace([':', '[', ']'], "_");
        Ok(self.data("state/pace").join(format!("{}.json", checked_name(&name, "a host")?)))
    }
}
