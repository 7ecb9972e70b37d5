//! Which columns a table gets in its sheet: beside each column with figures, columns for what stays with a figure.

use std::collections::BTreeSet;

use baseline_model::language::Language;

use crate::document::{Number, Span, Table, TableCell, TableRow};

/// What a column of the table becomes in the sheet; the index is that of the table's cells.
pub enum Part {
    Header,
    Value(usize),
    Status(usize),
    Grade(usize),
    Carried(usize),
    /// The words around a figure.
    Text(usize),
    Id(usize),
}

impl Part {
    /// In characters.
    pub fn width(&self, table: &Table) -> f64 {
        match self {
            Self::Header => 44.0,
            Self::Value(index) => {
                let longest = table.rows.iter().map(|row| match row.cells.get(*index) {
                    Some(TableCell::Text(text)) => text.to_plain().chars().count(),
                    Some(TableCell::Letter { title, .. }) => title.chars().count(),
                    Some(TableCell::Number(_) | TableCell::Empty) | None => 0,
                });
                (longest.max().unwrap_or(0) as f64).clamp(12.0, 60.0)
            }
            Self::Text(_) => 24.0,
            Self::Status(_) | Self::Grade(_) | Self::Carried(_) => 10.0,
            Self::Id(_) => 28.0,
        }
    }

    /// What of a row is wrapped in this column; figures and signs stand on one line.
    pub fn text(&self, row: &TableRow) -> String {
        match self {
            Self::Header => row.header.to_plain(),
            Self::Value(index) | Self::Text(index) => match row.cells.get(*index) {
                Some(cell) if matches!(self, Self::Value(_)) && number(cell).is_some() => String::new(),
                Some(TableCell::Text(text)) => text.to_plain(),
                Some(TableCell::Letter { letter, title, .. }) => format!("{letter} – {title}"),
                Some(TableCell::Number(_) | TableCell::Empty) | None => String::new(),
            },
            Self::Status(_) | Self::Grade(_) | Self::Carried(_) | Self::Id(_) => String::new(),
        }
    }
}

/// The figure of a cell: a number, or the first one inside a text.
pub fn number(cell: &TableCell) -> Option<&Number> {
    match cell {
        TableCell::Number(number) => Some(number),
        TableCell::Text(text) => text.0.iter().find_map(|span| match span {
            Span::Number(number) => Some(number),
            Span::Plain(_) | Span::Strong(_) | Span::Link { .. } | Span::Reference { .. } => None,
        }),
        TableCell::Empty | TableCell::Letter { .. } => None,
    }
}

/// The sheet's columns and their headers, which differ from one another.
pub fn layout(table: &Table, language: &Language) -> (Vec<Part>, Vec<String>) {
    let width = table.rows.iter().map(|row| row.cells.len() + 1).chain([table.columns.len(), 1]).max().unwrap_or(1);
    let name = |index: usize| {
        table.columns.get(index).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| format!("{}", index + 1))
    };
    let (mut parts, mut headers) = (vec![Part::Header], vec![name(0)]);
    for index in 0..width - 1 {
        let cells = || table.rows.iter().filter_map(move |row| row.cells.get(index));
        let numbers = || cells().filter_map(number);
        parts.push(Part::Value(index));
        headers.push(name(index + 1));
        if numbers().next().is_none() {
            continue;
        }
        let mut add = |part, key| {
            parts.push(part);
            headers.push(language.text(key, &[("column", &name(index + 1))]));
        };
        if cells().any(|cell| matches!(cell, TableCell::Text(_)) && number(cell).is_some()) {
            add(Part::Text(index), "render.column_text");
        }
        add(Part::Status(index), "render.column_status");
        add(Part::Grade(index), "render.column_grade");
        if numbers().any(|number| number.carried_years > 0) {
            add(Part::Carried(index), "render.column_carried");
        }
        add(Part::Id(index), "render.column_id");
    }
    let mut taken = BTreeSet::new();
    for header in &mut headers {
        let mut number = 1;
        let stem: String =
            header.chars().filter(|character| !character.is_control() && *character != '\u{ad}').take(240).collect();
        header.clone_from(&stem);
        while !taken.insert(header.to_lowercase()) {
            number += 1;
            *header = format!("{stem} ({number})");
        }
    }
    (parts, headers)
}
