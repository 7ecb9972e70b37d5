//! By what a study groups its territories: the share whose growth tells an established destination from a new arrival
//! region, and the indicators of a cluster analysis. The labels they are held against are the territories' `kind`. Declares
//! only.
//!
//! ```toml
//! [typology]
//! share = "tcn_share"
//! years = 8
//! indicators = ["foreign_citizen_share", "net_migration_rate", "old_age_dependency"]
//! groups = 2
//! ```

use serde::Deserialize;

/// `[typology]` of a study.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typology {
    /// The share of migrants among residents, an indicator of the study.
    pub share: String,
    /// Years that must lie between the two dates at least.
    #[serde(default = "years")]
    pub years: i16,
    /// Of the cluster analysis, each with its headline group.
    pub indicators: Vec<String>,
    /// How many groups are shown, 2 or 3.
    #[serde(default = "groups")]
    pub groups: usize,
    /// Starting points of k-means.
    #[serde(default = "starts")]
    pub starts: u64,
    #[serde(default = "seed")]
    pub seed: u64,
}

fn years() -> i16 {
    8
}

fn groups() -> usize {
    2
}

fn starts() -> u64 {
    100
}

fn seed() -> u64 {
    1
}
