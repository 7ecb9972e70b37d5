//! Which region of ours a source's code is, and the NUTS versions of the regions of a table.
//!
//! An office has codes of its own, and two offices may use one code for two places (`179` is Jyväskylä in Finland and
//! Sodražica in Slovenia). So only a code that a record maps, or one of the European classification, is a region of ours.

use std::collections::BTreeMap;

use baseline_model::NutsVersion;
use baseline_model::definitions::Definitions;

use super::entries;

/// The regions of ours by the codes of one table.
#[derive(Debug)]
pub struct Places<'a> {
    source: &'a str,
    /// The office has codes of its own.
    own_codes: bool,
    /// Their code, trimmed -> our region: of the dataflow's record, then of the territories'.
    mapped: BTreeMap<&'a str, &'a str>,
    aliases: BTreeMap<&'a str, &'a str>,
    /// Codes of countries and of groups of countries.
    listed: Vec<&'a str>,
}

impl<'a> Places<'a> {
    pub fn new(definitions: &'a Definitions, dataflow_id: &'a str) -> Self {
        let source = dataflow_id.split('/').next().unwrap_or_default();
        let mut mapped: BTreeMap<&str, &str> = BTreeMap::new();
        for territory in definitions.territories.values() {
            if let Some(code) = territory.codes.get(source) {
                mapped.insert(code.trim(), territory.own_code());
            }
        }
        let national = definitions.sources.get(source).is_some_and(|source| !source.countries.is_empty());
        let own_codes = national || !mapped.is_empty();
        let stated = definitions.dataflows.get(dataflow_id).and_then(|dataflow| dataflow.codes.get(super::GEO));
        mapped.extend(stated.into_iter().flatten().map(|(theirs, ours)| (theirs.trim(), ours.as_str())));
        let (mut aliases, mut listed) = (BTreeMap::new(), Vec::new());
        for entry in entries(definitions.codelists.get("geo")) {
            let Some(code) = entry.get("code").copied() else { continue };
            listed.push(code);
            if let Some(alias) = entry.get("alias").filter(|alias| !alias.is_empty()) {
                aliases.insert(*alias, code);
            }
        }
        Self { source, own_codes, mapped, aliases, listed }
    }

    /// Our region of a source's code; of an office with codes of its own `None` for all that no record maps and that is
    /// no code of the European classification.
    pub fn region(&self, code: &str) -> Option<String> {
        let code = code.trim();
        if let Some(ours) = self.mapped.get(code).or_else(|| self.aliases.get(code)) {
            return Some((*ours).to_owned());
        }
        let european = || {
            let known = |country: &str| self.listed.contains(&country);
            // Without a list of countries the form of a code is all there is to go by.
            known(code) || (is_nuts(code) && (self.listed.is_empty() || code.get(..2).is_some_and(known)))
        };
        (!self.own_codes || european()).then(|| code.to_owned())
    }

    /// As [`Self::region`]; a place that is none of ours keeps its code, under the source's name.
    pub fn text(&self, code: &str) -> String {
        self.region(code).unwrap_or_else(|| format!("{}:{}", self.source, code.trim()))
    }
}

/// The NUTS version of each code of a table: the version that most of its codes with a limited life are valid in, the
/// newest of those when several are. A code that is not valid in it has the nearest version that it is valid in. A code
/// outside NUTS has none (empty).
pub fn nuts_versions(definitions: &Definitions, codes: &[String]) -> Vec<String> {
    let lives = nuts_lives(definitions);
    let shown = common_version(codes.iter().filter_map(|code| lives.get(code.as_str())).copied());
    codes
        .iter()
        .map(|code| match lives.get(code.as_str()) {
            Some((from, to)) => shown.clamp(*from, *to).to_string(),
            None if is_nuts(code) => shown.to_string(),
            None => String::new(),
        })
        .collect()
}

/// First and last NUTS version of the regions that did not exist in all of them.
pub fn nuts_lives(definitions: &Definitions) -> BTreeMap<&str, (NutsVersion, NutsVersion)> {
    ["nuts2_eu", "nuts"]
        .into_iter()
        .flat_map(|id| entries(definitions.codelists.get(id)))
        .filter_map(|entry| {
            Some((*entry.get("code")?, (NutsVersion::parse(entry.get("from")?)?, NutsVersion::parse(entry.get("to")?)?)))
        })
        .filter(|(_, life)| *life != (NutsVersion::V2013, NutsVersion::V2024))
        .collect()
}

/// The version that most of the lives cover, the newest of those when several do.
pub fn common_version(lives: impl Iterator<Item = (NutsVersion, NutsVersion)>) -> NutsVersion {
    let mut counts = NutsVersion::ALL.map(|version| (0_usize, version));
    for (from, to) in lives {
        counts.iter_mut().filter(|(_, version)| (from..=to).contains(version)).for_each(|(count, _)| *count += 1);
    }
    counts.into_iter().max().map_or(NutsVersion::V2024, |(_, version)| version)
}

/// Two capital letters of a country, then at most three letters or digits.
pub fn is_nuts(code: &str) -> bool {
    let (country, rest) = code.split_at_checked(2).unwrap_or((code, ""));
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && rest.len() <= 3
        && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
