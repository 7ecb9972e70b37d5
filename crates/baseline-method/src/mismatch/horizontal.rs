//! Whether the field somebody studied fits the occupation, by a table of fields and ISCO-08 codes that is given.
//!
//! No table is shipped: Eurostat's experimental one is not published under a code that could be cited here. A field that is
//! not in the table (general programmes) can be neither matched nor mismatched.

use std::collections::{BTreeMap, BTreeSet};

use super::Outcome;
use crate::{Fault, Sheet};

/// ISCO-08 codes (any length: `25` means all of 25x) that fit a field of education (any length likewise).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matches {
    fields: BTreeMap<String, BTreeSet<String>>,
}

impl Matches {
    /// From pairs of field and ISCO-08 code.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (field, occupation) in pairs {
            fields.entry(field.to_owned()).or_default().insert(occupation.to_owned());
        }
        Self { fields }
    }

    /// From a file with the columns `field` and `isco`, a row a pair; a cell may hold several codes between spaces.
    ///
    /// # Errors
    /// When a column is missing, or an occupation is no ISCO-08 code.
    pub fn read(sheet: &Sheet) -> Result<Self, Fault> {
        let (fields, codes) = (sheet.texts("field")?, sheet.texts("isco")?);
        let mut pairs = Vec::new();
        for ((field, codes), line) in fields.into_iter().zip(codes).zip(&sheet.lines) {
            for code in codes.split_whitespace() {
                let Some(Some(code)) = super::occupation(code) else {
                    let hint = "one to four digits: 25, 251";
                    return Err(Fault::shape(sheet.at(*line, "isco"), "an ISCO-08 code", format!("`{code}`"), hint));
                };
                pairs.push((field, code));
            }
        }
        Ok(Self::new(pairs))
    }

    /// The longest entry that the field begins with decides.
    pub fn outcome(&self, field: Option<&str>, occupation: Option<&str>) -> Outcome {
        let (Some(field), Some(occupation)) = (field, occupation) else { return Outcome::Undetermined };
        let mut lengths = (1..=field.len()).rev().filter_map(|length| field.get(..length));
        let Some(fitting) = lengths.find_map(|prefix| self.fields.get(prefix)) else { return Outcome::Undetermined };
        if fitting.iter().any(|code| occupation.starts_with(code.as_str())) {
            return Outcome::Matched;
        }
        // `2` may be of 251 or not: a code that is shorter than the table's tells nothing.
        if fitting.iter().any(|code| code.starts_with(occupation)) { Outcome::Undetermined } else { Outcome::Mismatched }
    }
}
