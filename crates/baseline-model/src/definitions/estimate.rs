//! An indicator that no table has and that is estimated of others: `[estimate]` of an indicator. Declares only.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Origin;

/// How a figure is estimated, and of what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    pub kind: EstimateKind,
    /// The indicator, in percent, with the country's rates by group.
    pub rates: String,
    /// The group of those that no share counts.
    pub rest: Origin,
    /// Proxies of the composition, the best first. The finest region with one is taken; several give the span.
    pub compositions: Vec<Composition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EstimateKind {
    /// A country's rates by group over the local composition by group.
    Synthetic,
}

/// What a place is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composition {
    /// Group -> the indicator, in percent, that has its share in the place.
    pub shares: BTreeMap<Origin, String>,
    /// What the shares are of, instead of the rate's own denominator.
    pub assumption: String,
}

impl Estimate {
    /// Indicators it is computed of: the rates first.
    pub fn inputs(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.rates).chain(self.compositions.iter().flat_map(|composition| composition.shares.values()))
    }
}
