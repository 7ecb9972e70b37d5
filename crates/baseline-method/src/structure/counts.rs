//! A table of counts: regions by industries, units by groups. Either wide (a row each, a column each) or long (two columns
//! of names and one of counts). A cell that is not there is no zero.
//!
//! ```text
//! industry,Linkoping,Sweden        region,industry,employment
//! farming,900,41000                Linkoping,farming,900
//! ```

use std::collections::BTreeMap;

use baseline_model::Finding;

use super::columns::{find, is_text, name_column, names, split, unused};
use crate::{Fault, Sheet};

/// Usual names of the column of counts in a long table.
const VALUES: &[&str] = &["value", "n", "count", "employment", "employed", "persons", "population", "weight", "e", "e_ij"];

/// Names under which a table gives sums over its rows or columns.
const SUMS: &[&str] = &["total", "sum", "all"];

/// Names of the nation beside its regions. Not of a group: `national` is also an origin.
const NATIONS: &[&str] = &["nation", "national", "country", "reference", "e_i"];

/// Non-negative counts, one row of cells for each of `rows`.
#[derive(Debug, Clone)]
pub struct Counts {
    /// What the rows and the columns are called.
    pub heads: [String; 2],
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub cells: Vec<Vec<f64>>,
    pub notes: Vec<Finding>,
}

impl Counts {
    /// Reads a wide or a long table. `roles` are the usual names of the long table's columns of names: of the rows, of the
    /// columns. With `absent` as zero, a pair that a long table does not name counts as none.
    ///
    /// # Errors
    /// When a cell is empty, negative or no number, a name stands twice, or a pair is not there.
    pub fn read(sheet: &Sheet, roles: [&[&str]; 2], method: &str, absent_is_zero: bool) -> Result<Self, Fault> {
        match long(sheet, roles) {
            Some((rows, columns, value)) => from_long(sheet, [rows, columns, value], absent_is_zero),
            None => from_wide(sheet, method),
        }
    }

    /// The same table with rows and columns exchanged.
    #[must_use]
    pub fn transposed(self) -> Self {
        let cells = (0..self.columns.len()).map(|column| self.cells.iter().map(|row| row[column]).collect()).collect();
        let [rows, columns] = self.heads;
        Self { heads: [columns, rows], rows: self.columns, columns: self.rows, cells, notes: self.notes }
    }

    /// The counts of a column, in the order of the rows.
    pub fn column(&self, index: usize) -> Vec<f64> {
        self.cells.iter().map(|row| row[index]).collect()
    }

    /// Leaves out a column that is the sum of the others, with a note.
    ///
    /// # Errors
    /// When a column is named like a sum and is none.
    pub fn without_total_column(mut self, method: &str) -> Result<Self, Fault> {
        let Some(index) = self.columns.iter().position(|name| is_one_of(name, SUMS)) else { return Ok(self) };
        let name = self.columns[index].clone();
        for (row, cells) in self.rows.iter().zip(&self.cells) {
            let sum: f64 = cells.iter().enumerate().filter(|(column, _)| *column != index).map(|(_, cell)| cell).sum();
            if (sum - cells[index]).abs() > 1e-9 * sum.abs().max(1.0) {
                let hint = "leave the column out, or give it another name when it is one of the parts";
                let (at, expected) = (format!("{row}, {name}"), format!("{sum}, the sum of the others"));
                return Err(Fault::shape(at, expected, cells[index].to_string(), hint));
            }
        }
        self.columns.remove(index);
        for row in &mut self.cells {
            row.remove(index);
        }
        let message = format!("`{name}` is the sum of the others and was left out");
        self.notes.push(Finding::info("total-left-out", method, message));
        Ok(self)
    }

    /// As [`Counts::without_total_column`], for a row.
    ///
    /// # Errors
    /// When a row is named like a sum and is none.
    pub fn without_total_row(self, method: &str) -> Result<Self, Fault> {
        Ok(self.transposed().without_total_column(method)?.transposed())
    }
}

/// Whether a name among names of regions says that it is their sum, or the nation they lie in.
pub fn is_total(name: &str) -> bool {
    is_one_of(name, SUMS) || is_one_of(name, NATIONS)
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The columns of a long table: names of the rows, names of the columns, counts.
fn long<'s>(sheet: &'s Sheet, roles: [&[&str]; 2]) -> Option<(&'s str, &'s str, &'s str)> {
    let (rows, columns) = (find(sheet, roles[0]), find(sheet, roles[1]));
    let texts: Vec<&str> = sheet.columns.iter().map(String::as_str).filter(|column| is_text(sheet, column)).collect();
    let other = |taken: &str| match texts.as_slice() {
        [first, second] if *first == taken => Some(*second),
        [first, second] if *second == taken => Some(*first),
        [only] if *only != taken => Some(*only),
        _ => None,
    };
    let (rows, columns) = match (rows, columns) {
        (Some(rows), Some(columns)) if rows != columns => (rows, columns),
        (Some(rows), _) => (rows, other(rows)?),
        (None, Some(columns)) => (other(columns)?, columns),
        (None, None) => match texts.as_slice() {
            [first, second] => (*first, *second),
            _ => return None,
        },
    };
    let (numbers, _) = split(sheet, &[rows, columns]);
    let value = match numbers.as_slice() {
        [only] => *only,
        _ => find(sheet, VALUES).filter(|value| numbers.contains(value))?,
    };
    Some((rows, columns, value))
}

fn from_long(sheet: &Sheet, [rows, columns, value]: [&str; 3], absent_is_zero: bool) -> Result<Counts, Fault> {
    let keys = sheet.keys(&[rows, columns])?;
    let values = sheet.full(value)?;
    let (row_names, column_names) = (in_order(&keys, 0), in_order(&keys, 1));
    let mut known: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for ((key, number), line) in keys.iter().zip(&values).zip(&sheet.lines) {
        not_negative(*number, || sheet.at(*line, value))?;
        known.insert((key[0], key[1]), *number);
    }
    let mut cells = Vec::new();
    for row in &row_names {
        let mut counts = Vec::new();
        for column in &column_names {
            match known.get(&(*row, *column)) {
                Some(number) => counts.push(*number),
                None if absent_is_zero => counts.push(0.0),
                None => {
                    let hint = "add the row, or --param absent=zero when a pair that is not there means none";
                    let at = format!("{}, {rows} {row}, {columns} {column}", sheet.name);
                    return Err(Fault::shape(at, "a count", "no row", hint));
                }
            }
        }
        cells.push(counts);
    }
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let heads = [rows.to_owned(), columns.to_owned()];
    Ok(Counts { heads, rows: owned(row_names), columns: owned(column_names), cells, notes: Vec::new() })
}

fn from_wide(sheet: &Sheet, method: &str) -> Result<Counts, Fault> {
    let name = name_column(sheet);
    let rows = names(sheet, name)?;
    let (numbers, texts) = split(sheet, name.as_slice());
    if numbers.is_empty() {
        return Err(Fault::Few { at: format!("{}, columns of counts", sheet.name), found: 0, least: 1 });
    }
    let mut cells = vec![Vec::new(); rows.len()];
    for column in &numbers {
        for ((number, line), cells) in sheet.full(column)?.into_iter().zip(&sheet.lines).zip(&mut cells) {
            not_negative(number, || sheet.at(*line, column))?;
            cells.push(number);
        }
    }
    let columns = numbers.iter().map(|column| (*column).to_owned()).collect();
    let heads = [name.unwrap_or("row").to_owned(), "column".to_owned()];
    Ok(Counts { heads, rows, columns, cells, notes: unused(method, &texts).into_iter().collect() })
}

fn in_order<'k>(keys: &[Vec<&'k str>], part: usize) -> Vec<&'k str> {
    let mut names: Vec<&str> = Vec::new();
    for key in keys {
        if !names.contains(&key[part]) {
            names.push(key[part]);
        }
    }
    names
}

fn not_negative(number: f64, at: impl Fn() -> String) -> Result<(), Fault> {
    if number < 0.0 { Err(Fault::number(at(), "a count from 0 up", &number)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let read = Sheet::read("x.csv", text.as_bytes())
            .and_then(|sheet| Counts::read(&sheet, [&["unit", "region"], &["group", "industry"]], "m", false))
            .and_then(|counts| counts.without_total_column("m"));
        let found = match read {
            Ok(counts) => format!("{:?} {:?} {:?}", counts.rows, counts.columns, counts.cells),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn wide_and_long() {
        let table = r#"["a", "b"] ["p", "q"] [[1.0, 2.0], [3.0, 4.0]]"#;
        check("unit,p,q\na,1,2\nb,3,4\n", table);
        check("x,p,q\na,1,2\nb,3,4\n", table);
        check("unit,p,q,total\na,1,2,3\nb,3,4,7\n", table);
        check("unit,group,n\na,p,1\na,q,2\nb,p,3\nb,q,4\n", table);
        check("group,unit,n\np,a,1\nq,a,2\np,b,3\nq,b,4\n", table);
        check("foo,bar,n\na,p,1\na,q,2\nb,p,3\nb,q,4\n", table);
        check("group,foo,year,n\np,a,1,1\nq,a,1,2\np,b,1,3\nq,b,1,4\n", table);
        check("p,q\n1,2\n3,4\n", r#"["1", "2"] ["p", "q"] [[1.0, 2.0], [3.0, 4.0]]"#);
    }

    #[test]
    fn refused() {
        check("unit,p\na,-1\n", "x.csv, line 2, column p: expected a count from 0 up, found -1");
        check("unit,p\na,\nb,1\n", "x.csv, line 2, column p: expected a number, found an empty cell");
        check("unit,p\na,1\na,1\n", "x.csv, line 3: `a` stands twice, first in line 2");
        check("unit,group,n\na,p,1\nb,q,2\n", "x.csv, unit a, group q: expected a count, found no row");
        check("unit,p,q,total\na,1,2,4\n", "a, total: expected 3, the sum of the others, found 4");
        check(
            "unit,p\na,x\nb,1\n",
            "x.csv, line 2, column p: expected a finite number with a decimal point, or an empty cell, found `x`",
        );
        check("unit,p\na,b\n", "x.csv, columns of counts: 0 usable, at least 1 needed");
    }
}
