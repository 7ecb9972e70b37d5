//! What a publication says otherwise than the one before it: `observations.csv` against `observations.csv`, by figure id.
//! Compares numbers as they are written there and computes nothing from them.

use std::collections::BTreeMap;

use baseline_model::Grade;
use serde::Deserialize;

use crate::compose::{Changed, Changes, Shown};

/// Lines at most.
const LINES: usize = 10;

/// A line of the table, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Row {
    indicator: String,
    territory: String,
    period: String,
    origin: String,
    sex: String,
    age: String,
    value: String,
    obs_status: String,
    grade: String,
    carried_years: String,
    id: String,
}

impl Row {
    fn shown(&self) -> Option<Shown> {
        let grade = Grade::ALL.into_iter().find(|grade| grade.to_string() == self.grade)?;
        let carried_years = self.carried_years.parse().ok()?;
        Some(Shown { value: self.value.parse().ok()?, obs_status: self.obs_status.clone(), grade, carried_years })
    }

    /// Differences, places and other figures made of this one change with it and are counted, but not listed.
    fn is_stated(&self) -> bool {
        !self.indicator.contains('.')
    }
}

/// The table of the publication before against the one of now.
pub fn changes(before: &[u8], after: &[u8]) -> Changes {
    let (before, after) = (rows(before), rows(after));
    let mut found = Changes::default();
    let mut lines = Vec::new();
    let ids: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for id in ids {
        let (old, new) = (before.get(id), after.get(id));
        let (was, is) = (old.and_then(Row::shown), new.and_then(Row::shown));
        // What a reader asks first stands first.
        let rank = match (&was, &is) {
            (Some(was), Some(is)) if was.value.to_bits() != is.value.to_bits() => {
                found.numbers += 1;
                0
            }
            (Some(was), Some(is)) if was != is => {
                found.flags += 1;
                3
            }
            (Some(_), None) => {
                found.vanished += 1;
                1
            }
            (None, Some(_)) => {
                found.appeared += 1;
                2
            }
            (Some(_), Some(_)) | (None, None) => continue,
        };
        if let Some(row) = new.or(old).filter(|row| row.is_stated()) {
            lines.push((rank, std::cmp::Reverse(row.period.clone()), row, was, is));
        }
    }
    lines.sort_by(|a, b| (a.0, &a.1, &a.2.id).cmp(&(b.0, &b.1, &b.2.id)));
    let line = |(_, _, row, before, after): (i32, _, &Row, _, _)| Changed {
        id: row.id.clone(),
        indicator: row.indicator.clone(),
        territory: row.territory.clone(),
        origin: row.origin.clone(),
        sex: row.sex.clone(),
        age: row.age.clone(),
        period: row.period.clone(),
        before,
        after,
    };
    found.lines = lines.into_iter().take(LINES).map(line).collect();
    found
}

/// By id. A line that cannot be read is of a table that another program wrote: it is as if it were not there.
fn rows(table: &[u8]) -> BTreeMap<String, Row> {
    let mut reader = csv::Reader::from_reader(table);
    reader.deserialize::<Row>().flatten().map(|row| (row.id.clone(), row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "indicator,territory,period,origin,sex,age,value,obs_status,grade,carried_years,id\n";

    fn check(before: &str, after: &str, expected: &str) {
        let table = |rows: &str| {
            rows.split(' ').filter(|row| !row.is_empty()).fold(HEAD.to_owned(), |table, row| {
                let fields: Vec<&str> = row.split('/').collect();
                let [id, value, status, grade, carried @ ..] = fields.as_slice() else { panic!("{row}") };
                let (indicator, carried) = (id.replace('#', ".gap_pp"), carried.first().unwrap_or(&"0"));
                table + &format!("{indicator},asco,2024,total,F,Y15-24,{value},{status},{grade},{carried},{id}\n")
            })
        };
        let found = changes(table(before).as_bytes(), table(after).as_bytes());
        let ids: Vec<&str> = found.lines.iter().map(|line| line.id.as_str()).collect();
        let said = format!("{} {} {} {} {}", found.numbers, found.appeared, found.vanished, found.flags, ids.join(","));
        assert_eq!(said.trim_end(), expected, "{before} -> {after}");
    }

    #[test]
    fn figures_are_compared_by_id() {
        check("a/1//A", "a/1//A", "0 0 0 0");
        check("a/1//A", "a/2//A", "1 0 0 0 a");
        check("a/1//A", "a/1/p/A", "0 0 0 1 a");
        check("a/1//D", "a/1//A", "0 0 0 1 a");
        check("a/1//A", "", "0 0 1 0 a");
        check("a/1//A", "a///A", "0 0 1 0 a");
        check("", "a/1//A b///A", "0 1 0 0 a");
        check("c/1//A b/1//A a/1//A", "c/2//A a/1/p/A", "1 0 1 1 c,b,a");
        check("a/1//A a#/1//A", "a/2//A a#/2//A", "2 0 0 0 a");
        check("a/1//A", "a/1//A/2", "0 0 0 1 a");
    }

    #[test]
    fn a_line_keeps_group_and_distance() {
        let table = |value: &str, carried: &str| {
            format!("{HEAD}rate,asco,2024,nationals,F,Y15-24,{value},b,C,{carried},x\n").into_bytes()
        };
        let found = changes(&table("1", "0"), &table("2", "3"));
        let [line] = found.lines.as_slice() else { panic!("{found:?}") };
        assert_eq!([&line.origin, &line.sex, &line.age], ["nationals", "F", "Y15-24"]);
        let carried = [&line.before, &line.after].map(|shown| shown.as_ref().map(|shown| shown.carried_years));
        assert_eq!(carried, [Some(0), Some(3)]);
    }

    #[test]
    fn a_table_that_is_none_holds_nothing() {
        assert_eq!(changes(b"\xff\xfe", b""), Changes::default());
    }
}
