//! All tables and the data of all figures as one workbook, after the guidance for accessible spreadsheets:
//! cover, contents, notes, then one table a sheet.
//!
//! Numbers are numbers (unrounded, shown with the report's decimals); status letters, grade and figure id stand
//! in columns of their own, so that the file stays sortable; a cell without a number holds a shorthand in
//! brackets that the notes explain. Nothing is merged, frozen or hidden. Texts are written as texts, never as
//! formulas. The creation date is fixed: the same report gives the same bytes.

use std::collections::BTreeSet;

use baseline_model::language::Language;
use baseline_model::{Grade, Reason};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as CellFormat, Table as Marked, TableColumn, TableStyle, Workbook, Worksheet,
};

use crate::document::{Block, Number, Report, Table, TableCell};
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors, words};

pub(crate) struct Xlsx;

/// Excel allows 31.
const SHEET_NAME: usize = 30;
/// Widths in characters.
const NARROW: f64 = 12.0;
const WIDE: f64 = 44.0;

impl Format for Xlsx {
    fn id(&self) -> &'static str {
        "xlsx"
    }

    fn extension(&self) -> &'static str {
        "xlsx"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        let language = setting.language;
        check_anchors(report)?;
        let sheets = sheets(report, language);
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_ymd(2026, 1, 1)?;
        book.set_properties(
            &DocProperties::new().set_title(&report.title).set_subject(&report.subtitle).set_creation_datetime(&created),
        );
        let style = Style::new();
        let names = FixedNames::new(language);
        cover(book.add_worksheet(), report, &names, &style)?;
        contents(book.add_worksheet(), &sheets, language, &names, &style)?;
        notes(book.add_worksheet(), language, &names, &style)?;
        for sheet in &sheets {
            table_sheet(book.add_worksheet(), sheet, language, &names, &style)?;
        }
        Ok(vec![RenderedFile { path: "tables.xlsx".into(), bytes: book.save_to_buffer()? }])
    }
}

struct Style {
    title: CellFormat,
    header: CellFormat,
}

impl Style {
    fn new() -> Self {
        Self { title: CellFormat::new().set_bold().set_font_size(15), header: CellFormat::new().set_bold().set_text_wrap() }
    }
}

/// The sheets that every workbook has.
struct FixedNames {
    cover: String,
    contents: String,
    notes: String,
}

impl FixedNames {
    fn new(language: &Language) -> Self {
        let mut taken = BTreeSet::new();
        let mut name = |key: &str| sheet_name(&language.text(key, &[]), &mut taken);
        Self { cover: name("render.xlsx_cover"), contents: name("render.xlsx_contents_sheet"), notes: name("render.xlsx_notes") }
    }
}

/// A table with the sheet it goes to.
struct Sheet<'a> {
    name: String,
    title: String,
    /// Lines between title and table.
    lines: Vec<String>,
    table: &'a Table,
}

fn sheets<'a>(report: &'a Report, language: &Language) -> Vec<Sheet<'a>> {
    let fixed = FixedNames::new(language);
    let mut taken: BTreeSet<String> = [fixed.cover, fixed.contents, fixed.notes].iter().map(|name| name.to_lowercase()).collect();
    let mut sheets = Vec::new();
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Table(table) => {
                let stem = if table.label.is_empty() { &table.id } else { &table.label };
                let title =
                    if table.label.is_empty() { table.caption.clone() } else { format!("{}: {}", table.label, table.caption) };
                let mut lines: Vec<String> = table.notes.iter().map(crate::document::Text::to_plain).collect();
                push_source(&mut lines, &table.source, language);
                sheets.push(Sheet { name: sheet_name(stem, &mut taken), title, lines, table });
            }
            Block::Figure(figure) if !figure.data.rows.is_empty() => {
                let stem = if figure.label.is_empty() { &figure.id } else { &figure.label };
                let title = if figure.label.is_empty() {
                    figure.title.clone()
                } else {
                    language.text("render.xlsx_data_of", &[("label", &figure.label), ("title", &figure.title)])
                };
                let mut lines = vec![figure.subtitle.clone()];
                if !figure.note.is_empty() {
                    lines.push(language.text("render.figure_note", &[("text", &figure.note)]));
                }
                push_source(&mut lines, &figure.source, language);
                sheets.push(Sheet { name: sheet_name(stem, &mut taken), title, lines, table: &figure.data });
            }
            Block::Figure(_) | Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => {}
        }
    }
    sheets
}

fn push_source(lines: &mut Vec<String>, source: &str, language: &Language) {
    if !source.is_empty() {
        lines.push(language.text("render.figure_source", &[("text", source)]));
    }
}

/// A valid sheet name that is not taken, compared without case.
fn sheet_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let clean: String = wanted
        .chars()
        .map(|character| if "[]:*?/\\'".contains(character) || character.is_control() { ' ' } else { character })
        .collect();
    let clean = clean.trim();
    // `History` is Excel's own.
    let clean = if clean.is_empty() || clean.eq_ignore_ascii_case("history") {
        format!("{clean} 1").trim().to_owned()
    } else {
        clean.to_owned()
    };
    for number in 1.. {
        let suffix = if number == 1 { String::new() } else { format!(" ({number})") };
        let stem: String = clean.chars().take(SHEET_NAME - suffix.chars().count()).collect();
        let name = format!("{}{suffix}", stem.trim_end());
        if taken.insert(name.to_lowercase()) {
            return name;
        }
    }
    clean
}

fn cover(sheet: &mut Worksheet, report: &Report, names: &FixedNames, style: &Style) -> Result<(), RenderError> {
    sheet.set_name(&names.cover)?;
    sheet.set_column_width(0, 90.0)?;
    sheet.write_string_with_format(0, 0, &report.title, &style.title)?;
    let lines = [&report.subtitle].into_iter().cloned().chain(report.front.iter().map(crate::document::Text::to_plain));
    for (row, line) in (1..).zip(lines.filter(|line| !line.is_empty())) {
        sheet.write_string(row, 0, line)?;
    }
    Ok(())
}

fn contents(
    sheet: &mut Worksheet,
    sheets: &[Sheet],
    language: &Language,
    names: &FixedNames,
    style: &Style,
) -> Result<(), RenderError> {
    sheet.set_name(&names.contents)?;
    sheet.set_column_width(0, 32.0)?;
    sheet.set_column_width(1, 90.0)?;
    sheet.write_string_with_format(0, 0, language.text("render.xlsx_contents_title", &[]), &style.title)?;
    sheet.write_string_with_format(1, 0, language.text("render.xlsx_sheet", &[]), &style.header)?;
    sheet.write_string_with_format(1, 1, language.text("render.xlsx_title", &[]), &style.header)?;
    let fixed = [(names.notes.as_str(), names.notes.as_str())].into_iter();
    for (row, (name, title)) in (2..).zip(fixed.chain(sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.title.as_str())))) {
        sheet.write_url_with_text(row, 0, format!("internal:'{name}'!A1").as_str(), name)?;
        sheet.write_string(row, 1, title)?;
    }
    Ok(())
}

fn notes(sheet: &mut Worksheet, language: &Language, names: &FixedNames, style: &Style) -> Result<(), RenderError> {
    sheet.set_name(&names.notes)?;
    sheet.set_column_width(0, 18.0)?;
    sheet.set_column_width(1, 90.0)?;
    sheet.write_string_with_format(0, 0, &names.notes, &style.title)?;
    let reasons = [Reason::Withheld, Reason::NotAvailable, Reason::Absent, Reason::NotApplicable];
    let groups: [(&str, Vec<(String, String)>); 3] = [
        ("render.grades", Grade::ALL.into_iter().map(|grade| (grade.to_string(), words::grade(language, grade))).collect()),
        ("render.flags", words::LETTERS.chars().map(|letter| (letter.to_string(), words::flag(language, letter))).collect()),
        (
            "render.missing_values",
            reasons.into_iter().map(|reason| (words::shorthand(reason).to_owned(), words::reason(language, reason))).collect(),
        ),
    ];
    let mut row = 1;
    for (title, entries) in groups {
        sheet.write_string_with_format(row, 0, language.text(title, &[]), &style.header)?;
        row += 1;
        for (sign, meaning) in entries {
            sheet.write_string(row, 0, sign)?;
            sheet.write_string(row, 1, meaning)?;
            row += 1;
        }
    }
    Ok(())
}

/// What a column of the table becomes in the sheet.
enum Part {
    Header,
    Value(usize),
    Status(usize),
    Grade(usize),
    Carried(usize),
    Id(usize),
}

fn table_sheet(
    sheet: &mut Worksheet,
    content: &Sheet,
    language: &Language,
    names: &FixedNames,
    style: &Style,
) -> Result<(), RenderError> {
    sheet.set_name(&content.name)?;
    sheet.write_string_with_format(0, 0, &content.title, &style.title)?;
    let mut row = 1;
    let statement = language.text("render.xlsx_statement", &[("notes", &names.notes)]);
    for line in [&statement].into_iter().chain(&content.lines).filter(|line| !line.is_empty()) {
        sheet.write_string(row, 0, line)?;
        row += 1;
    }
    let (parts, headers) = layout(content.table, language);
    let first = row;
    for (column, (part, header)) in (0_u16..).zip(parts.iter().zip(&headers)) {
        sheet.write_string_with_format(first, column, header, &style.header)?;
        sheet.set_column_width(column, if matches!(part, Part::Header | Part::Id(_)) { WIDE } else { NARROW })?;
    }
    for line in &content.table.rows {
        row += 1;
        for (column, part) in (0_u16..).zip(&parts) {
            let number = |index: usize| match line.cells.get(index) {
                Some(TableCell::Number(number)) => Some(number),
                Some(TableCell::Empty | TableCell::Text(_) | TableCell::Letter { .. }) | None => None,
            };
            match part {
                Part::Header => {
                    sheet.write_string(row, column, line.header.to_plain())?;
                }
                Part::Value(index) => write_cell(sheet, (row, column), line.cells.get(*index), language)?,
                Part::Status(index) => {
                    let status = number(*index).map_or_else(String::new, bracketed);
                    sheet.write_string(row, column, status)?;
                }
                Part::Grade(index) => {
                    sheet.write_string(
                        row,
                        column,
                        number(*index).map_or_else(String::new, |number| number.grade.to_string()),
                    )?;
                }
                Part::Carried(index) => {
                    if let Some(number) = number(*index) {
                        sheet.write_number_with_format(row, column, f64::from(number.carried_years), &CellFormat::new())?;
                    }
                }
                Part::Id(index) => {
                    sheet.write_string(row, column, number(*index).map_or_else(String::new, |number| number.id.clone()))?;
                }
            }
        }
    }
    if row > first {
        let columns: Vec<TableColumn> =
            headers.iter().map(|header| TableColumn::new().set_header(header).set_header_format(&style.header)).collect();
        let last = u16::try_from(headers.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let marked = Marked::new().set_style(TableStyle::None).set_autofilter(false).set_columns(&columns);
        sheet.add_table(first, 0, row, last, &marked)?;
    }
    Ok(())
}

/// The sheet's columns and their headers, which must differ from one another.
fn layout(table: &Table, language: &Language) -> (Vec<Part>, Vec<String>) {
    let width = table.rows.iter().map(|row| row.cells.len() + 1).chain([table.columns.len(), 1]).max().unwrap_or(1);
    let name = |index: usize| {
        table.columns.get(index).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| format!("{}", index + 1))
    };
    let (mut parts, mut headers) = (vec![Part::Header], vec![name(0)]);
    for index in 0..width - 1 {
        let numbers = || {
            table.rows.iter().filter_map(move |row| match row.cells.get(index) {
                Some(TableCell::Number(number)) => Some(number),
                Some(TableCell::Empty | TableCell::Text(_) | TableCell::Letter { .. }) | None => None,
            })
        };
        parts.push(Part::Value(index));
        headers.push(name(index + 1));
        if numbers().next().is_none() {
            continue;
        }
        let mut add = |part, key| {
            parts.push(part);
            headers.push(language.text(key, &[("column", &name(index + 1))]));
        };
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

/// `[b][u]`.
fn bracketed(number: &Number) -> String {
    number.flags.letters().fold(String::new(), |marks, letter| marks + "[" + &letter.to_string() + "]")
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: Option<&TableCell>,
    language: &Language,
) -> Result<(), RenderError> {
    match cell {
        Some(TableCell::Number(number)) => match (number.value, number.missing) {
            (Some(value), _) if value.is_finite() => {
                let format = CellFormat::new().set_num_format(number_format(&number.text, value, language));
                sheet.write_number_with_format(row, column, value, &format)?;
            }
            (_, Some(reason)) => {
                sheet.write_string(row, column, words::shorthand(reason))?;
            }
            (_, None) => {
                sheet.write_string(row, column, &number.text)?;
            }
        },
        Some(TableCell::Text(text)) => {
            sheet.write_string(row, column, text.to_plain())?;
        }
        Some(TableCell::Letter { letter, title, .. }) => {
            let text = if title.is_empty() || title == letter { letter.clone() } else { format!("{letter} – {title}") };
            sheet.write_string(row, column, text)?;
        }
        Some(TableCell::Empty) | None => {}
    }
    Ok(())
}

/// As many decimals as the report prints, thousands grouped from five digits on.
fn number_format(printed: &str, value: f64, language: &Language) -> String {
    let fraction = printed.split_once(language.number.decimal.as_str()).map_or("", |(_, fraction)| fraction);
    let decimals = fraction.chars().take_while(char::is_ascii_digit).count();
    let whole = if value.abs() >= 10_000.0 { "#,##0" } else { "0" };
    if decimals == 0 { whole.to_owned() } else { format!("{whole}.{}", "0".repeat(decimals)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wanted: &[&str], expected: &[&str]) {
        let mut taken = BTreeSet::new();
        let names: Vec<_> = wanted.iter().map(|name| sheet_name(name, &mut taken)).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn sheet_names() {
        check(&["Table 1", "table 1", "Table 1"], &["Table 1", "table 1 (2)", "Table 1 (3)"]);
        check(&["a/b:c", "", "'x'", "History"], &["a b c", "1", "x", "History 1"]);
        check(
            &["x".repeat(40).as_str(), "x".repeat(41).as_str()],
            &["x".repeat(30).as_str(), &format!("{} (2)", "x".repeat(26))],
        );
    }
}
