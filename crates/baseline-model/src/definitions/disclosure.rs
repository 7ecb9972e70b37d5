//! How a partner's unpublished counts are protected: part of a dataflow's record.
//!
//! Declares only. `disclose` of the program hides by it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The `[disclosure]` of a dataflow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Disclosure {
    /// False only for figures that are public already; then `reason` says where.
    pub apply: bool,
    pub reason: String,
    /// A count below this is hidden; a zero too, unless `zeros_safe`.
    pub threshold: u32,
    /// A breakdown of fewer persons than this, or a rate on such a base, is hidden.
    pub group: u32,
    /// That nobody is in a group tells nothing about anybody.
    pub zeros_safe: bool,
    /// Counts are rounded to multiples of this; 0: not at all.
    pub rounding: u32,
    /// Dimension of the table -> its code for "all". The other codes of the dimension are its parts.
    pub totals: BTreeMap<String, String>,
    /// Code of the dimension `measure` for a rate -> code of the count it is a rate of. A measure that is named here is
    /// no count; one whose base is not in the table is hidden.
    pub rates: BTreeMap<String, String>,
}

impl Default for Disclosure {
    fn default() -> Self {
        Self {
            apply: true,
            reason: String::new(),
            threshold: 5,
            group: 50,
            zeros_safe: false,
            rounding: 0,
            totals: BTreeMap::new(),
            rates: BTreeMap::new(),
        }
    }
}
