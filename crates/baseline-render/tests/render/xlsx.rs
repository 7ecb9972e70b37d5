//! The workbook as a program reads it: its cells as text, and what the guidance asks of its structure.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Cursor;

use baseline_render::document::{Report, Span, Table, TableCell, TableRow, Text};
use baseline_render::{FORMATS, Setting};
use calamine::{Data, Reader, Xlsx};

use crate::sample;

fn book(report: &Report) -> Xlsx<Cursor<Vec<u8>>> {
    let format = FORMATS.iter().find(|format| format.id() == "xlsx").expect("the format is listed");
    let mut files = format.render(report, &Setting::plain(&sample::english())).expect("the sample can be rendered");
    Xlsx::new(Cursor::new(files.remove(0).bytes)).expect("a sound workbook")
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::Float(number) => format!("{number:?}"),
        Data::Int(number) => format!("{number}"),
        Data::String(text) => text.clone(),
        Data::Bool(_) | Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) | Data::Error(_) => format!("{data}"),
    }
}

/// All sheets, a line a row, cells divided by `|`; numbers with a decimal point, texts without quotes.
fn grid(book: &mut Xlsx<Cursor<Vec<u8>>>) -> String {
    let mut out = String::new();
    for (name, range) in book.worksheets() {
        writeln!(out, "== {name}").expect("a string can be written to");
        for row in range.rows() {
            let cells: Vec<String> = row.iter().map(cell).collect();
            writeln!(out, "{}", cells.join(" | ").trim_end_matches([' ', '|'])).expect("a string can be written to");
        }
    }
    out
}

#[test]
fn the_grid_of_the_sample_is_as_committed() {
    let found = grid(&mut book(&sample::report()));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/workbook.txt");
    if std::env::var_os("BASELINE_BLESS").is_some() {
        std::fs::write(path, &found).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(path).expect("the golden file is there: BASELINE_BLESS=1 writes it");
    assert_eq!(found, expected, "BASELINE_BLESS=1 when the change is meant");
}

#[test]
fn sheets_follow_the_guidance() {
    let mut book = book(&sample::report());
    let names = book.sheet_names();
    assert_eq!(names[..4], ["Cover", "Contents", "Notes", "Codebook"]);
    let mut seen = BTreeSet::new();
    for name in &names {
        assert!(name.chars().count() < 31 && seen.insert(name.to_lowercase()), "{name}");
    }
    assert!(book.merge_cells_by_sheet_id(4).is_ok_and(|cells| cells.is_empty()));
    for (name, range) in book.worksheets() {
        assert_eq!(range.start(), Some((0, 0)), "{name} begins at A1");
        let mut table = false;
        for (index, row) in range.rows().enumerate() {
            assert!(row.iter().any(|cell| *cell != Data::Empty), "{name}: row {index} is empty");
            // From the header on every column has a name, and no name comes twice.
            if !table && row.iter().filter(|cell| **cell != Data::Empty).count() > 1 {
                table = true;
                let headers: BTreeSet<String> = row.iter().map(|header| cell(header).to_lowercase()).collect();
                assert_eq!(headers.len(), row.len(), "{name}: {row:?}");
                assert!(!headers.contains(""), "{name}: {row:?}");
            }
        }
        assert!(table || name == "Cover", "{name} has a table");
    }
}

/// A number inside a text stays a number, its words beside it.
#[test]
fn a_number_in_words_is_a_number() {
    let mut report = sample::report();
    let number = sample::number("population.change", Some(2.4), baseline_model::Grade::C, "b");
    let words = Text(vec![Span::Number(number), Span::Plain(" since 2021".into())]);
    report.sections[0].blocks = vec![baseline_render::document::Block::Table(Table {
        id: "change".into(),
        caption: "Change".into(),
        columns: vec!["Indicator".into(), "Change".into()],
        rows: vec![TableRow { header: Text::plain("Population"), cells: vec![TableCell::Text(words)], highlight: false }],
        ..Table::default()
    })];
    report.sections.truncate(1);
    let found = grid(&mut book(&report));
    assert!(found.contains("Population | 2.4 | 2.4\u{a0}[b](C) since 2021 | [b] | C | population.change"), "{found}");
}
