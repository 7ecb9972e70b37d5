//! What the tests of the modules share, and the published cases.

use std::collections::BTreeMap;

use crate::method::{Answer, Cell, Method};
use crate::{Fault, Sheet, compute};

pub fn run(method: &Method, text: &str, params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let named = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    compute(method, &Sheet::read("x.csv", text.as_bytes())?, &named, &BTreeMap::new())
}

pub fn answer(method: &Method, text: &str, params: &[(&str, &str)]) -> Answer {
    run(method, text, params).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

pub fn fault(method: &Method, text: &str, params: &[(&str, &str)]) -> String {
    run(method, text, params).expect_err(text).to_string()
}

pub fn fact(answer: &Answer, name: &str) -> f64 {
    let fact = answer.facts.iter().find(|(fact, _)| *fact == name).unwrap_or_else(|| panic!("no fact {name}"));
    number(&fact.1)
}

/// The number at a column of the row that starts with some texts.
pub fn cell(answer: &Answer, row: &[&str], column: &str) -> f64 {
    let index = answer.columns.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
    let starts = |cells: &&Vec<Cell>| row.iter().zip(cells.iter()).all(|(text, cell)| cell.to_string() == *text);
    number(&answer.rows.iter().find(starts).unwrap_or_else(|| panic!("no row {row:?}"))[index])
}

fn number(cell: &Cell) -> f64 {
    cell.to_string().parse().unwrap_or_else(|_| panic!("{cell} is no number"))
}
