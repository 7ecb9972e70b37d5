//! Files that are lists of records with named members: JSON of a web service, Parquet. Here as columns of cells, so
//! that a reader sees the same thing whatever the file was.
//!
//! Decides nothing: what a member means is for the format's own reader.

use serde_json::Value as Json;

use crate::table::Interner;

/// One cell of one record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell {
    /// The record has no such member.
    Absent,
    Null,
    Number(f64),
    /// Number of the text in the member's dictionary.
    Text(u32),
}

/// One member over all records.
#[derive(Debug)]
pub(crate) struct Field {
    pub name: String,
    pub cells: Vec<Cell>,
    texts: Interner,
}

impl Field {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), cells: Vec::new(), texts: Interner::default() }
    }

    pub fn push_text(&mut self, text: &str) {
        let code = self.texts.code(text);
        self.cells.push(Cell::Text(code));
    }

    /// The text of a cell, when it is one.
    pub fn text(&self, record: usize) -> Option<&str> {
        match self.cells.get(record)? {
            Cell::Text(code) => self.texts.column.dictionary.get(*code as usize).map(String::as_str),
            Cell::Absent | Cell::Null | Cell::Number(_) => None,
        }
    }

    /// Every text that occurs, once.
    pub fn texts(&self) -> &[String] {
        &self.texts.column.dictionary
    }

    pub fn has_numbers(&self) -> bool {
        self.cells.iter().any(|cell| matches!(cell, Cell::Number(_)))
    }

    /// The cell as it would be written, for lists of codes; empty when there is nothing.
    pub fn shown(&self, record: usize) -> String {
        match self.cells.get(record) {
            Some(Cell::Number(number)) => number.to_string(),
            Some(Cell::Text(_)) => self.text(record).unwrap_or_default().trim().to_owned(),
            Some(Cell::Absent | Cell::Null) | None => String::new(),
        }
    }
}

/// All records; every field has [`Records::len`] cells.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub fields: Vec<Field>,
    pub len: usize,
}

impl Records {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.field(name).is_some())
    }

    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|field| field.name.as_str()).collect()
    }

    /// From a list of objects; members in order of first appearance. The error is a sentence.
    pub fn from_json(items: &[Json], most_cells: usize) -> Result<Self, String> {
        let mut records = Self::default();
        for (number, item) in items.iter().enumerate() {
            let Json::Object(members) = item else {
                return Err(format!("expected objects in the list, found something else at [{number}]"));
            };
            for (place, (name, value)) in members.iter().enumerate() {
                // Records repeat their members in one order: the place is nearly always right.
                let known = records.fields.get(place).is_some_and(|field| field.name == *name);
                let place = if known { Some(place) } else { records.fields.iter().position(|field| field.name == *name) };
                let place = if let Some(place) = place {
                    place
                } else {
                    let cells = items.len().checked_mul(records.fields.len() + 1);
                    if cells.is_none_or(|cells| cells > most_cells) {
                        return Err(format!(
                            "{} records with more than {} members have more than the allowed {most_cells} cells",
                            items.len(),
                            records.fields.len()
                        ));
                    }
                    records.fields.push(Field::new(name));
                    records.fields.len() - 1
                };
                let field = &mut records.fields[place];
                field.cells.resize(number, Cell::Absent);
                match value {
                    Json::Null => field.cells.push(Cell::Null),
                    Json::String(text) => field.push_text(text),
                    Json::Number(figure) => match figure.as_f64().filter(|figure| figure.is_finite()) {
                        Some(figure) => field.cells.push(Cell::Number(figure + 0.0)),
                        None => field.push_text(&figure.to_string()),
                    },
                    other @ (Json::Bool(_) | Json::Array(_) | Json::Object(_)) => field.push_text(&other.to_string()),
                }
            }
        }
        records.len = items.len();
        for field in &mut records.fields {
            field.cells.resize(items.len(), Cell::Absent);
        }
        Ok(records)
    }
}
