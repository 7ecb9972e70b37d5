//! Fixed goalposts of one version: between which values an indicator is scored from 0 to 100.
//!
//! Fixed, so that a score of one year can stand beside that of another; versioned, so that a change of the goalposts is
//! never taken for a change of the figures. Declares only.
//!
//! ```toml
//! # pipelines/goalposts/2026-1.toml
//! reason = "First version."
//! [posts.employment_rate]
//! unit = "percent"
//! worst = 40
//! best = 85
//! reason = "Below the lowest and above the highest value of the nine countries."
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Unit;

/// `pipelines/goalposts/<version>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goalposts {
    /// Why this version exists, for the method chapter.
    pub reason: String,
    /// By indicator.
    pub posts: BTreeMap<String, Goalpost>,
}

/// Score = 100 · (x − worst) / (best − worst). `worst` above `best` says that lower is better.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goalpost {
    /// Of both values: the indicator's.
    pub unit: Unit,
    /// Scores 0.
    pub worst: f64,
    /// Scores 100.
    pub best: f64,
    /// Why these two.
    pub reason: String,
}

impl Goalpost {
    /// Whether a value lies between the posts, both included: outside it could only be scored by clipping it.
    pub fn holds(&self, value: f64) -> bool {
        (self.worst.min(self.best)..=self.worst.max(self.best)).contains(&value)
    }
}
