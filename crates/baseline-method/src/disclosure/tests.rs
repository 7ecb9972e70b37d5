//! Files in, patterns out; every small table is attacked by trying all counts. Random tables of more dimensions are
//! attacked where partners' tables are protected.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::method::{Answer, Cell};
use crate::{Fault, Sheet, compute as run};

fn answer(text: &str, previous: Option<&str>, params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut files = BTreeMap::new();
    if let Some(previous) = previous {
        files.insert("previous".to_owned(), Sheet::read("previous.csv", previous.as_bytes())?);
    }
    run(&METHOD, &Sheet::read("x.csv", text.as_bytes())?, &params, &files)
}

/// The counts as printed, `h` where hidden, `..` where not stated.
fn shown(answer: &Answer) -> String {
    let at = answer.columns.iter().position(|column| column == "count").unwrap();
    let text = |row: &Vec<Cell>| match (&row[at], &row[at + 1]) {
        (Cell::Missing, Cell::Text(_)) => "h".to_owned(),
        (Cell::Missing, _) => "..".to_owned(),
        (number, _) => number.to_string(),
    };
    answer.rows.iter().map(text).collect::<Vec<_>>().join(" ")
}

fn check(text: &str, params: &[(&str, &str)], expected: Result<&str, &str>) {
    let found = answer(text, None, params).map(|answer| shown(&answer)).map_err(|fault| format!("{} {fault}", fault.code()));
    assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text} {params:?}");
}

/// Cells `total`, `a`, `b`, ... of one dimension.
fn line(counts: &[&str]) -> String {
    let rows = ["total", "a", "b", "c", "d"].iter().zip(counts).map(|(code, count)| format!("{code},{count}\n"));
    format!("origin,count\n{}", rows.collect::<String>())
}

#[test]
fn lines_of_one_dimension() {
    let check = |counts: &[&str], params: &[(&str, &str)], expected: &str| check(&line(counts), params, Ok(expected));
    check(&["100", "30", "70"], &[], "100 30 70");
    check(&["100", "3", "97"], &[], "100 h h");
    check(&["100", "3", "40", "57"], &[], "100 h h 57");
    check(&["100", "1", "2", "40", "57"], &[], "100 h h h 57");
    check(&["100", "9", "41", "50"], &[("threshold", "10")], "100 h h 50");
    check(&["49", "20", "29"], &[], "49 h h");
    check(&["49", "20", "29"], &[("group", "40")], "49 20 29");
    check(&["100", "0", "40", "60"], &[], "100 h h 60");
    check(&["100", "0", "40", "60"], &[("zeros", "show")], "100 0 40 60");
    check(&["100", "", "40", "60"], &[], "100 .. h 60");
    check(&["73", "11", "12", "50"], &[("rounding", "5")], "70 10 10 50");
    check(&["72", "1", "21", "50"], &[("rounding", "5")], "70 h h 50");
}

#[test]
fn layouts() {
    let head = "region,sex,n\n";
    // The codes for all are found, or named.
    check(&format!("{head}x,T,100\nx,m,3\nx,f,97\n"), &[], Ok("100 h h"));
    check(&format!("{head}x,both,100\nx,m,3\nx,f,97\n"), &[("total", "both")], Ok("100 h h"));
    check(&format!("{head}x,both,100\nx,m,3\nx,f,97\n"), &[("total", "sex:both")], Ok("100 h h"));
    check(&format!("{head}x,both,100\nx,m,3\nx,f,97\n"), &[], Ok("100 h 97"));
    check("region,m,f,total\nx,3,97,100\ny,50,50,100\ntotal,53,147,200\n", &[], Ok("h h 100 h h 100 53 147 200"));
    // A group of 40 behind a count of 12.
    check("area,count,denominator\nx,12,40\ny,12,60\nz,3,900\n", &[], Ok("h 12 h"));
    // Marks of an earlier stage are no dimension.
    check("area,count,status\nx,12,p\nz,3,\n", &[], Ok("12 h"));
    let reasons = answer(&line(&["100", "3", "40", "57"]), None, &[("reasons", "yes")]).unwrap();
    let words: Vec<String> = reasons.rows.iter().map(|row| row[3].to_string()).collect();
    assert_eq!(words, ["", "below_threshold", "secondary", ""]);
    let codes = |answer: &Answer| answer.notes.iter().map(|note| note.code).collect::<Vec<_>>();
    assert_eq!(codes(&reasons), Vec::<&str>::new());
    assert_eq!(codes(&answer(&line(&["100", "80", "70"]), None, &[]).unwrap()), ["suppress-exceeded"]);
    assert_eq!(codes(&answer("k,n\na,3\nb,60\n", None, &[]).unwrap()), ["suppress-no-total"]);
}

#[test]
fn faults() {
    let head = "origin,count\n";
    let count = "expected a count from 0 up, or an empty cell, found -3";
    check(&format!("{head}a,-3\n"), &[], Err(&format!("method-number x.csv, line 2, column count: {count}")));
    let twice = "method-duplicate x.csv, line 3: `a` stands twice, first in line 2";
    check(&format!("{head}a,3\na,4\n"), &[], Err(twice));
    let two = "method-shape column origin: expected one code for all, found `T` and `total`";
    check(&format!("{head}T,9\ntotal,9\na,9\n"), &[], Err(two));
    let code = "method-shape --param total: expected a code of origin, found `X`";
    check(&format!("{head}a,9\n"), &[("total", "origin:X")], Err(code));
    check(&format!("{head}a,9\n"), &[("total", "X")], Err("method-shape --param total: expected a code of the table, found `X`"));
    let place = "method-shape --param total: expected one of the dimensions origin, found `sex`";
    check(&format!("{head}a,9\n"), &[("total", "sex:X")], Err(place));
    let whole = "method-number --param threshold: expected a whole number from 0, found `-1`";
    check(&format!("{head}a,9\n"), &[("threshold", "-1")], Err(whole));
    check("origin\na\n", &[], Err("method-too-few x.csv, columns of counts: 0 usable, at least 1 needed"));
}

#[test]
fn rates_are_hidden_with_their_counts() {
    let rates = |text: &str| {
        let found = answer(text, None, &[]).unwrap();
        let at = found.columns.iter().position(|column| column == "rate").unwrap();
        let text = |row: &Vec<Cell>| if row[at] == Cell::Missing { "h".into() } else { row[at].to_string() };
        found.rows.iter().map(text).collect::<Vec<String>>()
    };
    // A base below 50, a small numerator, a small rest.
    assert_eq!(rates("area,rate,denominator\na,40,49\nb,40,50\nc,2,100\nd,98,100\n"), ["h", "40", "h", "h"]);
    assert_eq!(rates("area,count,rate,base\na,20,40,50\nb,3,0.6,500\n"), ["40", "h"]);
    let alone = "method-shape x.csv: expected a column `denominator` beside `rate`, found area, rate";
    check("area,rate\na,40\n", &[], Err(alone));
    let much = "method-number x.csv, line 2, column rate: expected a rate in percent, 0 to 100, found 140";
    check("area,rate,denominator\na,140,100\n", &[], Err(much));
    let figure = "method-shape x.csv, line 2, column mean: expected a code of a dimension, found the figure `60.5`";
    check("area,count,mean\na,60,60.5\n", &[], Err(figure));
    check("area,count,mean\na,60,60.5\n", &[("dimensions", "area")], Ok("60"));
    let other = "method-shape x.csv, line 2, column population: expected a code of a dimension, found the figure `60`";
    check("area,count,population\na,60,60\n", &[], Err(other));
}

#[test]
fn the_previous_table_holds() {
    let (first, second) = (line(&["100", "3", "40", "57"]), line(&["102", "5", "40", "57"]));
    let before = answer(&first, None, &[]).unwrap().csv();
    assert_eq!(shown(&answer(&first, Some(&before), &[]).unwrap()), "100 h h 57");
    // By itself all could be shown, and with the total of last time tells what was hidden.
    assert_eq!(shown(&answer(&second, None, &[]).unwrap()), "102 5 40 57");
    assert_eq!(shown(&answer(&second, Some(&before), &[]).unwrap()), "102 h h 57");
    // What was shown protects nothing, rounded or not.
    for rounding in ["0", "5"] {
        let before = answer(&line(&["100", "21", "39", "40"]), None, &[("rounding", rounding)]).unwrap().csv();
        let after = answer(&line(&["82", "3", "39", "40"]), Some(&before), &[("rounding", rounding)]).unwrap();
        assert_eq!(shown(&after).split(' ').take(2).collect::<Vec<_>>(), ["h", "h"], "{rounding}");
        assert!(!shown(&after).ends_with('h'), "{rounding}");
    }
    // Nothing is left to hide: better no count than this one.
    let told = answer(&line(&["103", "3", "50", "50"]), Some("origin,count\ntotal,103\nb,50\nc,50\n"), &[]).unwrap();
    assert_eq!(shown(&told), "h h h h");
    assert_eq!(told.notes[0].code, "suppress-broken");
}

/// A two-way table with its totals, and its cells row by row.
fn full(sizes: (usize, usize), counts: &[u32]) -> String {
    let at = |row: usize, column: usize| counts[row * sizes.1 + column];
    let mut text = format!("r,{},total\n", (0..sizes.1).map(|column| format!("c{column}")).collect::<Vec<_>>().join(","));
    for row in 0..=sizes.0 {
        let rows = if row < sizes.0 { row..row + 1 } else { 0..sizes.0 };
        let sums: Vec<u32> = (0..sizes.1).map(|column| rows.clone().map(|row| at(row, column)).sum()).collect();
        let name = if row < sizes.0 { format!("r{row}") } else { "total".into() };
        let cells: Vec<String> = sums.iter().map(u32::to_string).collect();
        text.push_str(&format!("{name},{},{}\n", cells.join(","), sums.iter().sum::<u32>()));
    }
    text
}

/// What a reader tries: all fillings of the inner cells that fit everything shown.
struct Attack {
    sizes: (usize, usize),
    /// Shown cells with totals, row by row.
    shown: Vec<Option<u32>>,
    filled: Vec<u32>,
    seen: Vec<BTreeSet<u32>>,
    tries: u32,
}

impl Attack {
    fn total(&self, row: usize, column: usize) -> Option<u32> {
        self.shown[row * (self.sizes.1 + 1) + column]
    }

    /// True when every hidden cell has taken two values.
    fn go(&mut self, cell: usize) -> bool {
        let (rows, columns) = self.sizes;
        self.tries += 1;
        if cell == rows * columns {
            self.filled.iter().zip(&mut self.seen).for_each(|(value, seen)| {
                seen.insert(*value);
            });
            return self
                .seen
                .iter()
                .enumerate()
                .all(|(cell, seen)| self.total(cell / columns, cell % columns).is_some() || seen.len() > 1);
        }
        let (row, column) = (cell / columns, cell % columns);
        let choices: Vec<u32> = self.total(row, column).map_or_else(|| (0..=24).collect(), |value| vec![value]);
        for value in choices {
            self.filled[cell] = value;
            let line: u32 = (0..=column).map(|at| self.filled[row * columns + at]).sum();
            let down: u32 = (0..=row).map(|at| self.filled[at * columns + column]).sum();
            let all: u32 = self.filled[..=cell].iter().sum();
            let fits =
                |sum: u32, total: Option<u32>, last: bool| total.is_none_or(|total| sum == total || (!last && sum < total));
            let ends = (column + 1 == columns, row + 1 == rows);
            if fits(line, self.total(row, columns), ends.0)
                && fits(down, self.total(rows, column), ends.1)
                && fits(all, self.total(rows, columns), ends.0 && ends.1)
                && self.tries < 3_000_000
                && self.go(cell + 1)
            {
                return true;
            }
        }
        false
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_hidden_can_be_worked_out(
        sizes in (1_usize..4, 1_usize..4),
        counts in prop::collection::vec(0_u32..9, 9),
        more in prop::collection::vec(0_u32..3, 9),
    ) {
        let params = [("threshold", "3"), ("group", "0")];
        let text = full(sizes, &counts[..sizes.0 * sizes.1]);
        let found = answer(&text, None, &params).unwrap();
        let number = |row: &Vec<Cell>| row[2].to_string().parse::<u32>().ok();
        let shown_counts: Vec<Option<u32>> = found.rows.iter().map(number).collect();
        prop_assert!(shown_counts.iter().flatten().all(|count| *count >= 3));
        let cells = sizes.0 * sizes.1;
        let mut attack = Attack { sizes, shown: shown_counts, filled: vec![0; cells], seen: vec![BTreeSet::new(); cells], tries: 0 };
        prop_assert!(attack.go(0) || attack.tries >= 3_000_000, "{}: {}", text, shown(&found));
        // The same again, alone and after itself; and what was hidden stays so when the counts change.
        let before = found.csv();
        prop_assert_eq!(&answer(&text, None, &params).unwrap().csv(), &before);
        prop_assert_eq!(&answer(&text, Some(&before), &params).unwrap().csv(), &before);
        let changed: Vec<u32> = counts.iter().zip(&more).map(|(count, more)| count + more).collect();
        let after = answer(&full(sizes, &changed[..cells]), Some(&before), &params).unwrap();
        for (before, after) in found.rows.iter().zip(&after.rows) {
            prop_assert!(before[2] != Cell::Missing || after[2] == Cell::Missing);
        }
    }
}
