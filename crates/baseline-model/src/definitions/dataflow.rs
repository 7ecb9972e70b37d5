//! A published table's record: what its dimensions and codes mean to us, and how it is asked for. Declares only.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Concept, Disclosure, Level, Numbers, Shape};
use crate::Frequency;

/// `pipelines/dataflows/<source>/<id>.toml`: one published table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataflow {
    pub title: String,
    pub frequency: DataflowFrequency,
    /// Territorial levels the provider publishes: the ladder says "not published at this level" from it.
    pub levels: Vec<Level>,
    /// Which population concept its origin dimension has; none when the table has no such dimension.
    #[serde(default)]
    pub concept: Option<Concept>,
    /// The provider's code or path of the table (`BE/BE0101/BE0101E/InrUtrFoddaRegAlKon`); the file's stem when not said.
    #[serde(default)]
    pub code: Option<String>,
    /// Their dimension -> ours (`geo`, `origin`, `sex`, `age`, `unit`, `freq`, `measure`, `isced11`, `isco08`). A dimension that is not
    /// named stays under its own id, for the `where` of an indicator's series. Theirs must exist in the table.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Our dimension -> how it is recognised where ids change: `role:geo`, `role:time`, `role:metric`, or an id or a
    /// label, `*` standing for any text. The first that fits exactly one dimension wins; a dimension that already has our
    /// name needs none; none is an error.
    #[serde(default)]
    pub find: BTreeMap<String, Vec<String>>,
    /// Our dimension -> their code -> ours, where the codelists under `pipelines/codelists` do not say it.
    /// Blanks around their codes do not count.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
    /// The period of a table that states none: one of a single year has it in its title only.
    #[serde(default)]
    pub period: Option<String>,
    /// Periods from which the series rests on another basis although the source flags no break: marked `b`.
    #[serde(default)]
    pub breaks: Vec<String>,
    /// Indicators that the table would give once it can be pulled: the coverage of a study names it where they are missing.
    #[serde(default)]
    pub fills: Vec<String>,
    /// Layouts of the file where it has no common format, newest vintage first: the first that fits is used.
    #[serde(default)]
    pub shapes: Vec<Shape>,
    /// How this table writes numbers, when it is not as in the source's rule.
    #[serde(default)]
    pub numbers: Option<Numbers>,
    /// Dimensions by which the table is broken down that are no columns of a figure (`agedef`, `wstatus`, `unit`), each with
    /// the codes it has. Whatever draws on the table has to fix or add up each: a dimension left open counts a person twice.
    #[serde(default)]
    pub breakdowns: BTreeMap<String, Vec<String>>,
    /// What has not been confirmed about the table (its code, its dimensions); none when it has been seen.
    #[serde(default)]
    pub unverified: Option<String>,
    /// What a pull asks for: their dimension -> codes. Empty: the whole table.
    #[serde(default)]
    pub pull: BTreeMap<String, Vec<String>>,
    /// Which counts are hidden before anything is computed; none for tables that their office has published.
    #[serde(default)]
    pub disclosure: Option<Disclosure>,
    /// Method notes a reader needs beside any figure of the table.
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataflowFrequency {
    Annual,
    Quarterly,
    Monthly,
    Irregular,
}

impl Default for Dataflow {
    fn default() -> Self {
        Self {
            title: String::new(),
            frequency: DataflowFrequency::Irregular,
            levels: Vec::new(),
            concept: None,
            code: None,
            dimensions: BTreeMap::new(),
            find: BTreeMap::new(),
            codes: BTreeMap::new(),
            period: None,
            breaks: Vec::new(),
            fills: Vec::new(),
            shapes: Vec::new(),
            numbers: None,
            breakdowns: BTreeMap::new(),
            unverified: None,
            pull: BTreeMap::new(),
            disclosure: None,
            notes: Vec::new(),
        }
    }
}

impl Dataflow {
    /// The provider's code of the table, which a reader can look up; of a dataflow `<source>/<stem>` that states none the
    /// stem.
    pub fn table<'a>(&'a self, id: &'a str) -> &'a str {
        self.code.as_deref().unwrap_or_else(|| id.split_once('/').map_or(id, |(_, stem)| stem))
    }

    /// Our names of the table's dimensions, stated or found.
    pub fn ours(&self) -> impl Iterator<Item = &str> {
        self.dimensions.values().chain(self.find.keys()).map(String::as_str)
    }
}

impl DataflowFrequency {
    pub fn frequency(self) -> Option<Frequency> {
        match self {
            Self::Annual => Some(Frequency::Annual),
            Self::Quarterly => Some(Frequency::Quarter),
            Self::Monthly => Some(Frequency::Month),
            Self::Irregular => None,
        }
    }
}
