//! Where bytes came from: written beside every stored vintage, last of all. Without a receipt a file does not exist.

use serde::{Deserialize, Serialize};

/// One file or answer as it was retrieved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// File name as stored or as collected.
    pub file: String,
    /// The request: full URL, query included. Empty for a collected copy whose request is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// What was sent along with the request; empty for a plain one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sent: String,
    /// For a collected copy: where it was found.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found: String,
    /// The provider's update stamp, verbatim; empty when the file states none.
    #[serde(default)]
    pub updated: String,
    /// UTC instant of retrieval, RFC 3339; for a collected copy the day it was collected.
    pub retrieved: String,
    /// Of the bytes as received, lower-case hexadecimal.
    pub sha256: String,
    /// Length of the bytes as received.
    pub length: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// Observations that were read from it (for the seed: kept from it).
    pub observations: u64,
}

/// The receipt of one vintage of one dataflow. One original per request or file; rows refer to them by number, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub source: String,
    pub provider: String,
    pub dataflow: String,
    pub licence: String,
    /// `seed` or `pull`.
    pub kind: String,
    pub originals: Vec<Original>,
}

impl Original {
    /// The vintage as printed: the provider's stamp, or the beginning of the hash when the file states none.
    pub fn vintage(&self) -> String {
        if self.updated.is_empty() {
            let end = self.sha256.len().min(12);
            format!("sha256:{}", &self.sha256[..end])
        } else {
            self.updated.clone()
        }
    }
}
