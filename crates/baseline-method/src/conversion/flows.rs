//! Flows between the regions of two versions: which part of an old region lies in which new one, by area, people or built
//! surface. Reads the layout of the JRC NUTS converter and files with `from` and `to`.
//!
//! ```text
//! level,code_v2021,code_v2024,area_km2,pop11,pop21
//! 3,FI193,FI198,19010.78,269726.28,270038.0
//! 3,FI193,FI19B,936.43,2505.19,2119.0
//! ```

use std::collections::BTreeSet;

use crate::structure::{find, is_text};
use crate::{Fault, Sheet};

/// One flow, with a number for each weight of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    pub from: String,
    pub to: String,
    pub weights: Vec<f64>,
}

/// All flows from one version to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Flows {
    /// Years of the versions: from, to.
    pub versions: [u16; 2],
    /// Names of the weights, as in the file.
    pub weights: Vec<String>,
    pub rows: Vec<Flow>,
}

const FROM: &[&str] = &["from", "from_code", "code_from", "old", "old_code", "code_old"];
const TO: &[&str] = &["to", "to_code", "code_to", "new", "new_code", "code_new"];
const FROM_VERSION: &[&str] = &["from_version", "version_from"];
const TO_VERSION: &[&str] = &["to_version", "version_to"];
/// Columns of numbers that are no weights.
const NO_WEIGHTS: &[&str] = &["level", "nuts_level", "uniqueid", "country"];

impl Flows {
    /// Reads flows and turns them into the wanted direction. Versions that the file does not name are those wanted.
    ///
    /// # Errors
    /// When the columns of codes or all weights are missing, a weight is missing or negative, a pair stands twice, or the
    /// file is about other versions.
    pub fn read(sheet: &Sheet, wanted: [Option<u16>; 2]) -> Result<Self, Fault> {
        let (codes, stated) = codes(sheet)?;
        let (from_version, to_version) = (find(sheet, FROM_VERSION), find(sheet, TO_VERSION));
        let mut taken: Vec<&str> = codes.to_vec();
        taken.extend(from_version.into_iter().chain(to_version));
        let is_weight = |name: &str| {
            let lower = name.to_lowercase();
            !taken.contains(&name) && !NO_WEIGHTS.contains(&lower.as_str()) && !is_text(sheet, name)
        };
        let weights: Vec<&str> = sheet.columns.iter().map(String::as_str).filter(|name| is_weight(name)).collect();
        if weights.is_empty() {
            let hint = "flows need a weight: people, area or built surface that lies in both regions";
            return Err(Fault::shape(&sheet.name, "a column of weights", sheet.columns.join(", "), hint));
        }
        let keys = sheet.keys(&taken)?;
        let numbers: Vec<Vec<f64>> = weights.iter().map(|weight| sheet.full(weight)).collect::<Result<_, _>>()?;
        for (weight, numbers) in weights.iter().zip(&numbers) {
            if let Some((number, line)) = numbers.iter().zip(&sheet.lines).find(|(number, _)| **number < 0.0) {
                return Err(Fault::number(sheet.at(*line, weight), "a weight from 0 up", number));
            }
        }
        let of_row = |row: usize| -> [Option<u16>; 2] {
            let at = |column: Option<&str>| column.and_then(|column| year(keys[row][taken.iter().position(|c| *c == column)?]));
            [at(from_version).or(stated[0]), at(to_version).or(stated[1])]
        };
        let flow = |row: usize, turned: bool| {
            let (from, to) = (keys[row][0].to_owned(), keys[row][1].to_owned());
            let weights = numbers.iter().map(|column| column[row]).collect();
            if turned { Flow { from: to, to: from, weights } } else { Flow { from, to, weights } }
        };
        let first = of_row(0);
        let versions = [wanted[0].or(first[0]), wanted[1].or(first[1])];
        let [Some(from), Some(to)] = versions else {
            let hint = "--param from=2021 --param to=2024 names the versions";
            return Err(Fault::shape(&sheet.name, "flows that name their versions", "none", hint));
        };
        let fits = |found: [Option<u16>; 2], from: u16, to: u16| {
            found[0].is_none_or(|found| found == from) && found[1].is_none_or(|found| found == to)
        };
        let mut rows: Vec<Flow> = Vec::new();
        for row in 0..keys.len() {
            let found = of_row(row);
            if fits(found, from, to) {
                rows.push(flow(row, false));
            } else if fits(found, to, from) {
                rows.push(flow(row, true));
            }
        }
        if rows.is_empty() {
            let name = |year: Option<u16>| year.map_or_else(|| "?".to_owned(), |year| year.to_string());
            let found = format!("{} to {}", name(first[0]), name(first[1]));
            let hint = "--param flows=FILE.csv gives the flows between these versions";
            return Err(Fault::shape(&sheet.name, format!("flows from NUTS {from} to {to}, or back"), found, hint));
        }
        Ok(Self { versions: [from, to], weights: weights.into_iter().map(str::to_owned).collect(), rows })
    }

    /// The index of a weight by its name, or by the beginning of its name (`area` is `area_km2`); without a name the
    /// newest population, else the first.
    ///
    /// # Errors
    /// When no weight has that name, or several begin with it and none is the newest population.
    pub fn weight(&self, name: &str) -> Result<usize, Fault> {
        let position = |wanted: &str| self.weights.iter().position(|weight| weight.eq_ignore_ascii_case(wanted));
        let begins = |wanted: &str| -> Vec<usize> {
            let wanted = wanted.to_lowercase();
            (0..self.weights.len()).filter(|index| self.weights[*index].to_lowercase().starts_with(&wanted)).collect()
        };
        let newest = |indices: &[usize]| {
            let number = |index: &usize| self.weights[*index].chars().filter(char::is_ascii_digit).collect::<String>();
            indices.iter().copied().max_by_key(|index| (number(index), std::cmp::Reverse(*index)))
        };
        if name.is_empty() {
            return Ok(newest(&begins("pop")).unwrap_or(0));
        }
        let is_people = ["population", "pop", "people"].iter().any(|word| name.eq_ignore_ascii_case(word));
        let found = position(name).or_else(|| match begins(if is_people { "pop" } else { name }).as_slice() {
            [only] => Some(*only),
            many if is_people => newest(many),
            _ => None,
        });
        found.ok_or_else(|| {
            let hint = "the weights are the file's columns of numbers";
            Fault::shape("--param weight", format!("one of {}", self.weights.join(", ")), format!("`{name}`"), hint)
        })
    }

    /// All codes of the side that is left, and of the side that is reached.
    pub fn sides(&self) -> [BTreeSet<&str>; 2] {
        [self.rows.iter().map(|flow| flow.from.as_str()).collect(), self.rows.iter().map(|flow| flow.to.as_str()).collect()]
    }
}

/// The two columns of codes, and the versions in their names.
fn codes(sheet: &Sheet) -> Result<([&str; 2], [Option<u16>; 2]), Fault> {
    let dated = |column: &str| -> Option<u16> {
        let lower = column.to_lowercase();
        ["code", "nuts", "geo"].iter().any(|word| lower.starts_with(word)).then(|| year(&lower)).flatten()
    };
    let found: Vec<(&str, u16)> = sheet.columns.iter().filter_map(|column| Some((column.as_str(), dated(column)?))).collect();
    if let [(from, first), (to, second)] = found.as_slice() {
        return Ok(([from, to], [Some(*first), Some(*second)]));
    }
    if let (Some(from), Some(to)) = (find(sheet, FROM), find(sheet, TO)) {
        return Ok(([from, to], [None, None]));
    }
    let hint = "columns code_v2021 and code_v2024, or from and to";
    Err(Fault::shape(&sheet.name, "two columns of codes", sheet.columns.join(", "), hint))
}

/// The year at the end of a version's name: `2021`, `v2021`, `NUTS 2021`.
pub fn year(text: &str) -> Option<u16> {
    let digits = text.rsplit(|sign: char| !sign.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|year| (1990..2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: [Option<u16>; 2], expected: &str) {
        let found = match Sheet::read("f.csv", text.as_bytes()).and_then(|sheet| Flows::read(&sheet, wanted)) {
            Ok(flows) => {
                let row = |flow: &Flow| format!("{}>{} {:?}", flow.from, flow.to, flow.weights);
                let rows: Vec<String> = flows.rows.iter().map(row).collect();
                format!("{:?} {:?} {}", flows.versions, flows.weights, rows.join(" "))
            }
            Err(fault) => fault.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn layouts() {
        let jrc = "code_v2016,code_v2021,uniqueID,areaKm,pop18\nAT111,AT111,AT111AT111,700.7,37565.3\n";
        check(jrc, [None, None], r#"[2016, 2021] ["areaKm", "pop18"] AT111>AT111 [700.7, 37565.3]"#);
        let own = "level,code_v2021,code_v2024,pop21\n3,FI193,FI198,5\n3,FI193,FI19B,1\n";
        check(own, [None, None], r#"[2021, 2024] ["pop21"] FI193>FI198 [5.0] FI193>FI19B [1.0]"#);
        check(own, [Some(2024), Some(2021)], r#"[2024, 2021] ["pop21"] FI198>FI193 [5.0] FI19B>FI193 [1.0]"#);
        check("from,to,w\na,b,2\n", [Some(2013), Some(2016)], r#"[2013, 2016] ["w"] a>b [2.0]"#);
        let many = "from_code,to_code,from_version,to_version,level,pop18\na,b,2010,2013,3,1\na,c,2013,2016,3,2\n";
        check(many, [Some(2013), Some(2016)], r#"[2013, 2016] ["pop18"] a>c [2.0]"#);
    }

    #[test]
    fn refused() {
        check("from,to,w\na,b,2\n", [None, None], "f.csv: expected flows that name their versions, found none");
        check("from,to\na,b\n", [None, None], "f.csv: expected a column of weights, found from, to");
        check("a,b,w\nx,y,2\n", [None, None], "f.csv: expected two columns of codes, found a, b, w");
        check("code_2021,code_2024,w\na,b,-2\n", [None, None], "f.csv, line 2, column w: expected a weight from 0 up, found -2");
        check("code_2021,code_2024,w\na,b,2\na,b,3\n", [None, None], "f.csv, line 3: `a b` stands twice, first in line 2");
        let other = "f.csv: expected flows from NUTS 2013 to 2016, or back, found 2021 to 2024";
        check("code_2021,code_2024,w\na,b,2\n", [Some(2013), Some(2016)], other);
    }
}
