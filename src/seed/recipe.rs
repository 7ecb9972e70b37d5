//! The recipe of the seed: which originals, and which of their cells.
//!
//! ```toml
//! collected = "2026-11-22"
//! [[original]]
//! dataflow = "eurostat/migr_resfirst"
//! file = "eurostat/migr_resfirst.tsv"
//! geo = { study = "2023" }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::NutsVersion;
use baseline_model::definitions::{Codelist, Definitions, Shape};
use baseline_source::{Labels, ReadOptions};
use serde::Deserialize;

/// `data/seed.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Day on which the originals were collected, `2026-11-22`.
    pub collected: String,
    #[serde(rename = "original")]
    pub items: Vec<Item>,
}

/// One original and how it is cut.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// `<source>/<id>`; must be defined.
    pub dataflow: String,
    /// Below the folder of the originals.
    pub file: String,
    pub found: String,
    /// The provider's stamp, only where the file states none and the stamp is documented.
    #[serde(default)]
    pub updated: String,
    /// The classification its region codes belong to; required for the group `eu_nuts2`.
    #[serde(default)]
    pub nuts: Option<NutsVersion>,
    /// Group of regions -> first period that is kept of it.
    pub geo: BTreeMap<Group, String>,
    /// Dimension -> codes kept, under the names after `rename`.
    #[serde(default)]
    pub keep: BTreeMap<String, Vec<String>>,
    /// The file's dimension -> the name under which it is written.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
    /// Dimensions that are not written.
    #[serde(default)]
    pub drop: BTreeSet<String>,
    #[serde(default)]
    pub exclude: Vec<Exclude>,
    #[serde(default)]
    pub page: Option<Page>,
    /// For a file of no common format.
    #[serde(default)]
    pub shape: Option<Shape>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The territories' own and parent regions under every version, their countries, the benchmarks; by our codes.
    Study,
    /// The EU's NUTS 2 regions of the version that the original states.
    EuNuts2,
    All,
}

/// Rows that are left out by hand, with the reason on record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    pub reason: String,
    /// Dimension, `period` or `value` -> text.
    #[serde(rename = "where")]
    pub filter: BTreeMap<String, String>,
}

/// The columns that name the page of each row, when every row is an original of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub url: String,
    pub updated: String,
    /// Joined by `: `.
    pub found: Vec<String>,
}

/// Which regions a group has.
#[derive(Debug)]
pub struct Regions {
    study: BTreeSet<String>,
    eu_nuts2: BTreeMap<String, Life>,
    changed: BTreeMap<String, Life>,
}

/// First and last NUTS version in which a code is valid.
type Life = (NutsVersion, NutsVersion);

impl Regions {
    pub fn new(definitions: &Definitions) -> Self {
        let mut study = BTreeSet::new();
        for territory in definitions.territories.values() {
            study.insert(territory.country.clone());
            for parents in territory.nuts.values() {
                study.extend(parents.nuts3.clone());
                study.insert(parents.nuts2.clone());
            }
            study.insert(territory.own_code().to_owned());
        }
        study.extend(definitions.studies.values().flat_map(|study| study.benchmarks.keys().cloned()));
        let lives = |id: &str| {
            entries(definitions, id, ["code", "from", "to"])
                .filter_map(|[code, from, to]| Some((code.clone(), (NutsVersion::parse(from)?, NutsVersion::parse(to)?))))
                .collect()
        };
        Self { study, eu_nuts2: lives("nuts2_eu"), changed: lives("nuts") }
    }

    /// Whether a group has a region; `code` is ours.
    pub fn contains(&self, group: Group, code: &str, item: &Item) -> bool {
        match group {
            Group::All => true,
            Group::Study => self.study.contains(code),
            Group::EuNuts2 => match (self.eu_nuts2.get(code), item.nuts) {
                (Some((from, to)), Some(version)) => (*from..=*to).contains(&version),
                (Some(_), None) | (None, _) => false,
            },
        }
    }

    /// Whether a code is known to exist only in other versions.
    pub fn foreign_to(&self, code: &str, version: NutsVersion) -> bool {
        self.changed.get(code).is_some_and(|(from, to)| !(*from..=*to).contains(&version))
    }
}

/// How a file of a dataflow is read: by the layouts and the number rule of its record, else its source's.
pub fn read_options<'a>(definitions: &'a Definitions, id: &str, labels: &'a Labels) -> ReadOptions<'a> {
    let dataflow = definitions.dataflows.get(id);
    let source = definitions.sources.get(id.split('/').next().unwrap_or_default());
    ReadOptions {
        labels: Some(labels),
        shapes: dataflow.map_or(&[], |dataflow| &dataflow.shapes),
        numbers: dataflow.and_then(|dataflow| dataflow.numbers.as_ref()).or(source.and_then(|source| source.numbers.as_ref())),
        ..ReadOptions::default()
    }
}

/// Label -> code per dimension, from the codelist `label`.
pub fn labels(definitions: &Definitions) -> Labels {
    let mut labels = Labels::default();
    for [dimension, code, label] in entries(definitions, "label", ["dimension", "code", "label"]) {
        labels.by_dimension.entry(dimension.clone()).or_default().insert(label.trim().to_owned(), code.clone());
    }
    labels
}

/// Columns of a codelist, row by row; nothing when the codelist or a column is not there.
fn entries<'a, const N: usize>(
    definitions: &'a Definitions,
    id: &str,
    wanted: [&str; N],
) -> impl Iterator<Item = [&'a String; N]> + use<'a, N> {
    let list = definitions.codelists.get(id);
    let indices: Option<Vec<usize>> = list.and_then(|Codelist { columns, .. }| {
        wanted.iter().map(|name| columns.iter().position(|column| column == name)).collect()
    });
    list.into_iter().flat_map(|list| &list.rows).filter_map(move |row| {
        let cells: Vec<&String> = indices.as_ref()?.iter().filter_map(|index| row.get(*index)).collect();
        cells.try_into().ok()
    })
}
