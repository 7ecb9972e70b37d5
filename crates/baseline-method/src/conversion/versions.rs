//! Which code belongs to which version of NUTS, and which regions changed between two versions. From the official lists as
//! shipped; EU only, versions 2010 to 2024.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Fault, Sheet};

/// The lists that ship with the program.
const CODES: &str = include_str!("../../../../pipelines/codelists/nuts_codes.csv");
const CHANGES: &str = include_str!("../../../../pipelines/codelists/nuts_changes.csv");
pub const FLOWS: &str = include_str!("../../../../pipelines/codelists/nuts_flows_2021_2024.csv");

/// The versions of the lists.
const YEARS: [u16; 5] = [2010, 2013, 2016, 2021, 2024];

/// First and last version of each code, and the codes that changed.
#[derive(Debug)]
pub struct Versions {
    lives: BTreeMap<String, (u16, u16)>,
    /// (version before, code) of regions whose code or area the next version changed, and with the version after the same.
    changed: BTreeSet<(u16, String)>,
    before: BTreeSet<(u16, String)>,
    /// What happened to the area of a region that went on, by (version before, old code, new code).
    boundaries: BTreeMap<(u16, String, String), String>,
}

impl Versions {
    /// The shipped lists.
    ///
    /// # Errors
    /// When a shipped list is broken, which its tests rule out.
    pub fn shipped() -> Result<Self, Fault> {
        let codes = Sheet::read("nuts_codes.csv", CODES.as_bytes())?;
        let whole = |column: &str| -> Result<Vec<u16>, Fault> {
            let parse = |text: &str| text.parse().map_err(|_| Fault::number(column, "a year", &text));
            codes.texts(column)?.into_iter().map(parse).collect()
        };
        let (names, from, to) = (codes.texts("code")?, whole("from")?, whole("to")?);
        let lives = names.into_iter().map(str::to_owned).zip(from.into_iter().zip(to)).collect();
        let changes = Sheet::read("nuts_changes.csv", CHANGES.as_bytes())?;
        let index = |name: &str| changes.columns.iter().position(|column| column == name).unwrap_or_default();
        let (mut changed, mut before, mut boundaries) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        for row in &changes.rows {
            // A new name changes no area.
            if row[index("kind")] == "name" {
                continue;
            }
            let [from, to] = ["version_from", "version_to"].map(|name| row[index(name)].parse().unwrap_or_default());
            let [old, new] = ["code_from", "code_to"].map(|name| row[index(name)].clone());
            changed.insert((from, old.clone()));
            before.insert((to, new.clone()));
            if row[index("kind")] == "boundary" {
                boundaries.insert((from, old, new), row[index("note")].clone());
            }
        }
        Ok(Self { lives, changed, before, boundaries })
    }

    /// Whether a code is of a version; a country is of every version. Other years than those of the lists know no code.
    pub fn has(&self, code: &str, version: u16) -> bool {
        is_country(code) || self.lives.get(code).is_some_and(|(from, to)| (*from..=*to).contains(&version))
    }

    /// The versions of a code, for messages.
    pub fn life(&self, code: &str) -> Option<(u16, u16)> {
        self.lives.get(code).copied()
    }

    /// What the official table says of the area of a region that one version's `old` and the next one's `new` code name.
    pub fn boundary(&self, from: u16, old: &str, new: &str) -> Option<&str> {
        self.boundaries.get(&(from, old.to_owned(), new.to_owned())).map(String::as_str)
    }

    /// Whether a region of version `from` has another code or area in version `to`, either of which may be the later.
    pub fn differs(&self, code: &str, from: u16, to: u16) -> bool {
        let between = |set: &BTreeSet<(u16, String)>, low: u16, high: u16| {
            YEARS.iter().any(|year| (low..high).contains(year) && set.contains(&(*year, code.to_owned())))
        };
        if from <= to { between(&self.changed, from, to) } else { between(&self.before, to + 1, from + 1) }
    }
}

/// Two letters: a country, which no version changes.
pub fn is_country(code: &str) -> bool {
    code.len() == 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversion::Flows;

    #[test]
    fn codes_of_versions() {
        let versions = Versions::shipped().unwrap();
        for (code, version, expected) in [
            ("FI193", 2021, true),
            ("FI193", 2024, false),
            ("FI198", 2024, true),
            ("FI198", 2021, false),
            ("SE123", 2013, true),
            ("PL12", 2013, true),
            ("PL12", 2016, false),
            ("FI", 2024, true),
            ("XX999", 2024, false),
        ] {
            assert_eq!(versions.has(code, version), expected, "{code} {version}");
        }
    }

    #[test]
    fn changes_between_versions() {
        let versions = Versions::shipped().unwrap();
        for (code, from, to, expected) in [
            ("FI193", 2021, 2024, true),
            ("FI193", 2013, 2021, false),
            ("FI193", 2013, 2024, true),
            ("FI198", 2024, 2021, true),
            ("SE123", 2013, 2024, false),
            ("ITH5", 2021, 2024, true),
            ("ITH5", 2024, 2021, true),
            ("PL12", 2013, 2016, true),
            ("PL91", 2021, 2016, false),
        ] {
            assert_eq!(versions.differs(code, from, to), expected, "{code} {from} {to}");
        }
    }

    /// Every code that begins or ends with a version is named by the changes, and nothing else is.
    #[test]
    fn lists_agree() {
        let versions = Versions::shipped().unwrap();
        let changes = Sheet::read("nuts_changes.csv", CHANGES.as_bytes()).unwrap();
        for row in &changes.rows {
            let [from, to]: [u16; 2] = [row[0].parse().unwrap(), row[1].parse().unwrap()];
            let (old, new, kind) = (&row[3], &row[4], row[5].as_str());
            assert!(["recoded", "split", "merged", "boundary", "new", "discontinued", "name"].contains(&kind), "{row:?}");
            assert!(!row[6].is_empty() && (old.is_empty() == (kind == "new")) && (new.is_empty() == (kind == "discontinued")));
            assert!(old.is_empty() || versions.has(old, from) && (old == new || !versions.has(old, to)), "{row:?}");
            assert!(new.is_empty() || versions.has(new, to) && (old == new || !versions.has(new, from)), "{row:?}");
            assert!(
                [old, new].iter().all(|code| code.is_empty() || code.len() == 2 + row[2].parse::<usize>().unwrap()),
                "{row:?}"
            );
        }
        for pair in [[2013, 2016], [2016, 2021], [2021, 2024]] {
            for code in versions.lives.keys() {
                let (old, new) = (versions.has(code, pair[0]), versions.has(code, pair[1]));
                if old && !new {
                    assert!(versions.changed.contains(&(pair[0], code.clone())), "{code} ends with {pair:?}");
                }
                if new && !old {
                    assert!(versions.before.contains(&(pair[1], code.clone())), "{code} begins with {pair:?}");
                }
            }
        }
    }

    #[test]
    fn flows_are_of_the_versions() {
        let versions = Versions::shipped().unwrap();
        let flows = Flows::read(&Sheet::read("flows.csv", FLOWS.as_bytes()).unwrap(), [None, None]).unwrap();
        assert_eq!((flows.versions, flows.rows.len()), ([2021, 2024], 53));
        for flow in &flows.rows {
            assert!(versions.has(&flow.from, 2021) && versions.has(&flow.to, 2024), "{flow:?}");
        }
    }
}
