//! Vintages that were stored and are not used, because they lost something that the one before had.
//!
//! A provider can publish a table in which everything is missing. Such a state is evidence and is kept, but the last
//! good one stays in use until a person has looked. The note lies beside the receipt from the beginning (the folder is
//! renamed with it); accepting writes a second note and changes nothing else.
//!
//! ```text
//! data/raw/destatis/t1/20261122T030000Z-1f2e3d4c/held.json       {"at":"…","against":"20260610T…","reasons":["…"]}
//! data/raw/destatis/t1/20261122T030000Z-1f2e3d4c/accepted.json   {"at":"…"}
//! ```

use std::path::Path;

use baseline_model::Finding;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, Vintage, read, write_atomic};

pub(super) const HELD: &str = "held.json";
const ACCEPTED: &str = "accepted.json";

/// Why a vintage is not used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// UTC instant, RFC 3339.
    pub at: String,
    /// The vintage it was compared with; empty when there was none.
    pub against: String,
    /// What was expected and what was found.
    pub reasons: Vec<String>,
}

impl Store {
    /// The newest vintage that is whole, held or not.
    pub fn newest(&self, dataflow: &str) -> Result<Option<Vintage>, StoreError> {
        for folder in self.candidates(dataflow)?.into_iter().rev() {
            if let Ok(vintage) = super::vintage::verified(dataflow, folder) {
                return Ok(Some(vintage));
            }
        }
        Ok(None)
    }

    /// Lets the newest vintage be used although it was held. `None` when it is not held.
    pub fn accept(&self, dataflow: &str, at: &str) -> Result<Option<(Vintage, Hold)>, StoreError> {
        let Some(mut vintage) = self.newest(dataflow)? else { return Ok(None) };
        let Some(hold) = vintage.held.take() else { return Ok(None) };
        let note = serde_json::json!({ "at": at });
        write_atomic(&vintage.folder.join(ACCEPTED), note.to_string().as_bytes())?;
        Ok(Some((vintage, hold)))
    }
}

/// The note of a vintage that is held and was not accepted. A note that cannot be understood holds too.
pub(super) fn hold_of(folder: &Path) -> Result<Option<Hold>, StoreError> {
    let path = folder.join(HELD);
    if !path.exists() || folder.join(ACCEPTED).exists() {
        return Ok(None);
    }
    let unclear = |_| Hold { reasons: vec!["its note `held.json` cannot be read".into()], ..Hold::default() };
    Ok(Some(serde_json::from_slice(&read(&path)?).unwrap_or_else(unclear)))
}

/// What is said of a held vintage wherever the one before it is used instead.
pub fn held_finding(dataflow: &str, name: &str, hold: &Hold, used: Option<&str>) -> Finding {
    let kept = used.map_or("nothing older is stored".to_owned(), |used| format!("vintage {used} stays in use"));
    Finding::error("vintage-held", dataflow, format!("vintage {name} is not used: {}; {kept}", hold.reasons.join("; ")))
        .hint(format!("compare it with the provider's table; if it is right: baseline accept {dataflow}"))
}
