//! A territory's record: its level, names and codes, and where it stands on a map. Declares only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Level;
use crate::NutsVersion;

/// `pipelines/territories/<id>.toml`: one of the units of study.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    pub level: Level,
    /// Eurostat's country code (`EL`).
    pub country: String,
    /// The project's own label.
    pub kind: TerritoryKind,
    /// Partner of the project; not the territory.
    pub partner: String,
    /// `en` and the own language(s), language code -> name.
    pub names: BTreeMap<String, String>,
    /// Further spellings under which it is found (transliterations, old names).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The municipality's code, when it is one.
    #[serde(default)]
    pub lau: Option<String>,
    /// NUTS version (`2021`) -> codes from the own level upwards.
    pub nuts: BTreeMap<NutsVersion, NutsParents>,
    /// English names of the parents, code -> name (`SE12` -> `East Middle Sweden`).
    pub parents: BTreeMap<String, String>,
    /// Its code in other sources, source id -> code.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// Where it stands on a map; none: on no map.
    #[serde(default)]
    pub place: Option<TerritoryPlace>,
}

/// A point inside a territory, in degrees.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerritoryPlace {
    pub lon: f64,
    pub lat: f64,
    /// Whose boundaries or label points it was taken from.
    pub source: String,
}

impl Territory {
    /// The one code that stands for the territory itself, whatever a source calls it: the municipality's, else the region's
    /// in the newest NUTS version. Empty only in a record that `check` refuses.
    pub fn own_code(&self) -> &str {
        let newest = self.nuts.values().next_back();
        let code = match self.level {
            Level::Lau => self.lau.as_deref(),
            Level::Nuts3 => newest.and_then(|parents| parents.nuts3.as_deref()),
            Level::Nuts2 => newest.map(|parents| parents.nuts2.as_str()),
            Level::Country => Some(self.country.as_str()),
        };
        code.unwrap_or_default()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NutsParents {
    /// Of a municipality or a district; none for a NUTS 2 region.
    #[serde(default)]
    pub nuts3: Option<String>,
    pub nuts2: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TerritoryKind {
    EstablishedDestination,
    NewArrivalRegion,
}
