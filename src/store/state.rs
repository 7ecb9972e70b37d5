//! What is remembered of a dataflow between runs: when it was last checked at its provider, and what was found.
//!
//! ```text
//! {"at":"2026-11-22T03:00:00Z","vintage":"20261120T030000Z-1f2e3d4c","data_changed":"2026-11-19T23:00:00+0100","structure_changed":""}
//! ```

use std::fs::OpenOptions;
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::{Store, StoreError, create_folder, io_error, read};

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
    /// Hash of the planned requests: another `pull` is another question, however old the answer.
    #[serde(default)]
    pub plan: String,
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
        self.find_check(dataflow, |_| true)
    }

    /// The last check that named a vintage.
    pub fn check_of(&self, dataflow: &str, vintage: &str) -> Result<Option<Check>, StoreError> {
        self.find_check(dataflow, |check| check.vintage == vintage)
    }

    fn find_check(&self, dataflow: &str, is_it: impl Fn(&Check) -> bool) -> Result<Option<Check>, StoreError> {
        let path = self.folder(dataflow)?.join("checks.jsonl");
        if !path.exists() {
            return Ok(None);
        }
        let bytes = read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.lines().rev().filter_map(|line| serde_json::from_str(line).ok()).find(is_it))
    }
}
