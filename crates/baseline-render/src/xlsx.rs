//! All tables and the data of all figures as one workbook, after the guidance of the UK Government Analysis Function for
//! accessible spreadsheets: cover, contents, notes, codebook, then one table a sheet.
//!
//! Numbers are numbers (unrounded, shown with the report's decimals); status letters, grade, carried years and figure id
//! stand in columns of their own, so that the file stays sortable; a cell without a number holds a shorthand in
//! brackets that the codebook explains. Nothing is merged, frozen, coloured or hidden. Texts are written as texts, never as
//! formulas. The creation date is the report's: the same report gives the same bytes.

mod layout;

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::language::Language;
use baseline_model::{Grade, Reason};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as CellFormat, Table as Marked, TableColumn, TableStyle, Workbook, Worksheet,
};

use self::layout::{Part, layout};
use crate::document::{Block, Number, Report, Table, TableCell};
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors, words};

pub(crate) struct Xlsx;

/// Excel allows 31.
const SHEET_NAME: usize = 30;
/// Width of the cover's column, in characters.
const COVER: f64 = 90.0;
/// Excel's rows end at 409 points.
const HIGHEST: f64 = 27.0;

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
        let mut notes = Notes::default();
        let sheets = sheets(report, language, &mut notes);
        let mut book = Workbook::new();
        book.set_properties(&properties(report)?);
        let style = Style::new();
        let names = FixedNames::new(language);
        cover(book.add_worksheet(), report, language, &names, &style)?;
        contents(book.add_worksheet(), &sheets, language, &names, &style)?;
        notes_sheet(book.add_worksheet(), &notes, language, &names, &style)?;
        codebook(book.add_worksheet(), language, &names, &style)?;
        for sheet in &sheets {
            table_sheet(book.add_worksheet(), sheet, language, &names, &style)?;
        }
        Ok(vec![RenderedFile { path: "tables.xlsx".into(), bytes: book.save_to_buffer()? }])
    }
}

struct Style {
    title: CellFormat,
    header: CellFormat,
    text: CellFormat,
}

impl Style {
    fn new() -> Self {
        Self {
            title: CellFormat::new().set_bold().set_font_size(15),
            header: CellFormat::new().set_bold().set_text_wrap(),
            text: CellFormat::new().set_text_wrap(),
        }
    }
}

/// The sheets that every workbook has.
struct FixedNames {
    cover: String,
    contents: String,
    notes: String,
    codebook: String,
}

impl FixedNames {
    fn new(language: &Language) -> Self {
        let mut taken = BTreeSet::new();
        let mut name = |key: &str| sheet_name(&language.text(key, &[]), &mut taken);
        Self {
            cover: name("render.xlsx_cover"),
            contents: name("render.xlsx_contents_sheet"),
            notes: name("render.xlsx_notes"),
            codebook: name("render.xlsx_codebook"),
        }
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

/// The notes of all tables, each once, numbered in the order of their first use.
#[derive(Default)]
struct Notes {
    /// Text and the sheets it applies to.
    list: Vec<(String, Vec<String>)>,
    numbers: BTreeMap<String, usize>,
}

impl Notes {
    /// `[note 3]`, for a note of a sheet.
    fn mark(&mut self, text: &str, sheet: &str, language: &Language) -> String {
        let number = *self.numbers.entry(text.to_owned()).or_insert_with(|| {
            self.list.push((text.to_owned(), Vec::new()));
            self.list.len()
        });
        if let Some((_, sheets)) = self.list.get_mut(number - 1)
            && sheets.last().is_none_or(|last| last != sheet)
        {
            sheets.push(sheet.to_owned());
        }
        language.text("render.xlsx_note", &[("n", &number.to_string())])
    }
}

fn sheets<'a>(report: &'a Report, language: &Language, notes: &mut Notes) -> Vec<Sheet<'a>> {
    let fixed = FixedNames::new(language);
    let mut taken: BTreeSet<String> =
        [fixed.cover, fixed.contents, fixed.notes, fixed.codebook].iter().map(|name| name.to_lowercase()).collect();
    let mut sheets = Vec::new();
    let mut add = |stem: &str, title: String, subtitle: &str, remarks: Vec<String>, source: &str, table: &'a Table| {
        let name = sheet_name(stem, &mut taken);
        let marks: String = remarks
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| format!(" {}", notes.mark(text, &name, language)))
            .collect();
        let mut lines = vec![subtitle.to_owned()];
        if !source.is_empty() {
            lines.push(language.text("render.figure_source", &[("text", source)]));
        }
        sheets.push(Sheet { name, title: title + &marks, lines, table });
    };
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Table(table) => {
                let stem = if table.label.is_empty() { &table.id } else { &table.label };
                let title =
                    if table.label.is_empty() { table.caption.clone() } else { format!("{}: {}", table.label, table.caption) };
                let remarks = table.notes.iter().map(crate::document::Text::to_plain).collect();
                add(stem, title, "", remarks, &table.source, table);
            }
            Block::Figure(figure) if !figure.data.rows.is_empty() => {
                let stem = if figure.label.is_empty() { &figure.id } else { &figure.label };
                let title = if figure.label.is_empty() {
                    figure.title.clone()
                } else {
                    language.text("render.xlsx_data_of", &[("label", &figure.label), ("title", &figure.title)])
                };
                add(stem, title, &figure.subtitle, vec![figure.note.trim().to_owned()], &figure.source, &figure.data);
            }
            Block::Figure(_) | Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => {}
        }
    }
    sheets
}

/// What the file says of itself; dated as the figures are.
fn properties(report: &Report) -> Result<DocProperties, RenderError> {
    let parts: Vec<u16> = report.date.split('-').filter_map(|part| part.parse().ok()).collect();
    let created = match parts[..] {
        [year, month, day] => ExcelDateTime::from_ymd(year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))?,
        _ => ExcelDateTime::from_ymd(2000, 1, 1)?,
    };
    Ok(DocProperties::new()
        .set_title(&report.title)
        .set_subject(&report.subtitle)
        .set_author(&report.programme.project)
        .set_company(&report.programme.name)
        .set_keywords(&report.language)
        .set_comment(&report.programme.disclaimer)
        .set_creation_datetime(&created))
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

fn cover(
    sheet: &mut Worksheet,
    report: &Report,
    language: &Language,
    names: &FixedNames,
    style: &Style,
) -> Result<(), RenderError> {
    sheet.set_name(&names.cover)?;
    sheet.set_column_width(0, COVER)?;
    page(sheet, None)?;
    sheet.write_string_with_format(0, 0, &report.title, &style.title)?;
    let programme = &report.programme;
    let date = language.date(&report.date);
    let of_date = |text: String| if report.date.is_empty() { String::new() } else { text };
    let dated = of_date(language.text("render.data_state", &[("date", &date)]));
    let citation =
        of_date(language.text("render.citation", &[("project", &programme.project), ("title", &report.title), ("date", &date)]));
    let licence = language.text("render.licence", &[]);
    let about = language.text("render.xlsx_about", &[("contents", &names.contents), ("codebook", &names.codebook)]);
    let front = report.front.iter().map(crate::document::Text::to_plain);
    let ends = [&programme.funding, &programme.disclaimer, &dated, &licence, &citation, &about].into_iter().cloned();
    let mut seen = BTreeSet::new();
    let lines = [report.subtitle.clone()].into_iter().chain(front).chain(ends);
    for (row, line) in (1..).zip(lines.filter(|line| !line.is_empty() && seen.insert(line.clone()))) {
        heighten(sheet, row, std::iter::once((line.as_str(), COVER)))?;
        sheet.write_string_with_format(row, 0, line, &style.text)?;
    }
    Ok(())
}

/// Makes a row as high as its texts need in columns of these widths, in characters: programs that do not measure a file's rows
/// again would print one line over the next.
fn heighten<'a>(sheet: &mut Worksheet, row: u32, cells: impl Iterator<Item = (&'a str, f64)>) -> Result<(), RenderError> {
    // Letters are a little narrower than the digits in which widths count; a word that does not fit leaves a gap.
    let lines = |text: &str, width: f64| (text.chars().count() as f64 / (width * 0.95)).ceil().max(1.0);
    let most = cells.map(|(text, width)| lines(text, width)).fold(1.0, f64::max);
    if most > 1.0 {
        sheet.set_row_height(row, 15.0 * most.min(HIGHEST))?;
    }
    Ok(())
}

/// A4 across, as wide as one page, with the header row of the table on every page.
fn page(sheet: &mut Worksheet, header: Option<u32>) -> Result<(), RenderError> {
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.5, 0.5, 0.25, 0.25);
    if let Some(row) = header {
        sheet.set_repeat_rows(row, row)?;
    }
    Ok(())
}

/// A sheet that holds one table of texts: title, lines, a header row and rows; the first column may be links.
fn text_sheet(
    sheet: &mut Worksheet,
    (title, lines): (&str, &[String]),
    columns: &[(String, f64)],
    rows: &[Vec<String>],
    linked: bool,
    style: &Style,
) -> Result<(), RenderError> {
    sheet.write_string_with_format(0, 0, title, &style.title)?;
    let mut first = 1;
    for line in lines {
        sheet.write_string(first, 0, line)?;
        first += 1;
    }
    page(sheet, Some(first))?;
    for (column, (header, width)) in (0_u16..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(first, column, header, &style.header)?;
    }
    let mut last = first;
    for (row, cells) in (first + 1..).zip(rows) {
        last = row;
        heighten(sheet, row, cells.iter().map(String::as_str).zip(columns.iter().map(|(_, width)| *width)))?;
        for (column, cell) in (0_u16..).zip(cells) {
            if linked && column == 0 {
                sheet.write_url_with_text(row, 0, format!("internal:'{cell}'!A1").as_str(), cell)?;
            } else {
                sheet.write_string_with_format(row, column, cell, &style.text)?;
            }
        }
    }
    mark_up(sheet, (first, last), columns.iter().map(|(header, _)| header), style)
}

/// Makes the cells from the header row to the last a table that programs know as one.
fn mark_up<'a>(
    sheet: &mut Worksheet,
    (first, last): (u32, u32),
    headers: impl Iterator<Item = &'a String>,
    style: &Style,
) -> Result<(), RenderError> {
    if last > first {
        let columns: Vec<TableColumn> =
            headers.map(|header| TableColumn::new().set_header(header).set_header_format(&style.header)).collect();
        let end = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let marked = Marked::new().set_style(TableStyle::None).set_autofilter(false).set_columns(&columns);
        sheet.add_table(first, 0, last, end, &marked)?;
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
    let word = |key: &str| language.text(key, &[]);
    let fixed = [(&names.notes, "render.xlsx_notes_title"), (&names.codebook, "render.xlsx_codebook_title")];
    let mut rows: Vec<Vec<String>> = fixed.map(|(name, title)| vec![name.clone(), word(title)]).into();
    rows.extend(sheets.iter().map(|sheet| vec![sheet.name.clone(), sheet.title.clone()]));
    let columns = [(word("render.xlsx_sheet"), 32.0), (word("render.xlsx_title"), 110.0)];
    let title = word("render.xlsx_contents_title");
    text_sheet(sheet, (&title, &[word("render.xlsx_one_table")]), &columns, &rows, true, style)
}

fn notes_sheet(
    sheet: &mut Worksheet,
    notes: &Notes,
    language: &Language,
    names: &FixedNames,
    style: &Style,
) -> Result<(), RenderError> {
    sheet.set_name(&names.notes)?;
    let word = |key: &str| language.text(key, &[]);
    let rows = (1_usize..).zip(&notes.list).map(|(number, (text, sheets))| {
        vec![language.text("render.xlsx_note", &[("n", &number.to_string())]), text.clone(), sheets.join(", ")]
    });
    let columns =
        [(word("render.xlsx_note_number"), 12.0), (word("render.xlsx_note_text"), 110.0), (word("render.xlsx_applies"), 40.0)];
    let title = word("render.xlsx_notes_title");
    text_sheet(sheet, (&title, &[word("render.xlsx_one_table")]), &columns, &rows.collect::<Vec<_>>(), false, style)
}

/// Every column and every sign that a sheet may hold.
fn codebook(sheet: &mut Worksheet, language: &Language, names: &FixedNames, style: &Style) -> Result<(), RenderError> {
    sheet.set_name(&names.codebook)?;
    let word = |key: &str| language.text(key, &[]);
    let mut rows = Vec::new();
    let mut add = |kind: &str, code: String, meaning: String| rows.push(vec![word(kind), code, meaning]);
    let suffix = |key: &str| language.text(key, &[("column", "…")]);
    for (column, meaning) in [
        ("render.column_status", "render.codebook_status"),
        ("render.column_grade", "render.codebook_grade"),
        ("render.column_carried", "render.codebook_carried"),
        ("render.column_id", "render.codebook_id"),
        ("render.column_text", "render.codebook_text"),
    ] {
        add("render.xlsx_column", suffix(column), word(meaning));
    }
    for grade in Grade::ALL {
        add("render.grades", grade.to_string(), words::grade(language, grade));
    }
    for letter in words::LETTERS.chars() {
        add("render.flags", format!("[{letter}]"), words::flag(language, letter));
    }
    for reason in [Reason::Withheld, Reason::NotAvailable, Reason::Absent, Reason::NotApplicable] {
        add("render.missing_values", words::shorthand(reason).to_owned(), words::reason(language, reason));
    }
    let columns = [(word("render.xlsx_kind"), 24.0), (word("render.xlsx_code"), 24.0), (word("render.xlsx_meaning"), 110.0)];
    let title = word("render.xlsx_codebook_title");
    text_sheet(sheet, (&title, &[word("render.xlsx_one_table")]), &columns, &rows, false, style)
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
    let statements = [
        language.text("render.xlsx_one_table", &[]),
        language.text("render.xlsx_statement", &[("notes", &names.notes), ("codebook", &names.codebook)]),
        language.text("render.xlsx_blank", &[]),
    ];
    for line in statements.iter().chain(&content.lines).filter(|line| !line.is_empty()) {
        sheet.write_string(row, 0, line)?;
        row += 1;
    }
    let (parts, headers) = layout(content.table, language);
    let first = row;
    page(sheet, Some(first))?;
    let widths: Vec<f64> = parts.iter().map(|part| part.width(content.table)).collect();
    for (column, (header, width)) in (0_u16..).zip(headers.iter().zip(&widths)) {
        sheet.write_string_with_format(first, column, header, &style.header)?;
        sheet.set_column_width(column, *width)?;
    }
    heighten(sheet, first, headers.iter().map(String::as_str).zip(widths.iter().copied()))?;
    for line in &content.table.rows {
        row += 1;
        let texts: Vec<String> = parts.iter().map(|part| part.text(line)).collect();
        heighten(sheet, row, texts.iter().map(String::as_str).zip(widths.iter().copied()))?;
        for (column, part) in (0_u16..).zip(&parts) {
            let number = |index: usize| line.cells.get(index).and_then(layout::number);
            match part {
                Part::Header => {
                    sheet.write_string_with_format(row, column, line.header.to_plain(), &style.text)?;
                }
                Part::Value(index) => write_cell(sheet, (row, column), line.cells.get(*index), language, style)?,
                Part::Status(index) => {
                    let status = number(*index).map_or_else(String::new, bracketed);
                    sheet.write_string(row, column, status)?;
                }
                Part::Grade(index) => {
                    let grade = number(*index).map_or_else(String::new, |number| number.grade.to_string());
                    sheet.write_string(row, column, grade)?;
                }
                Part::Carried(index) => {
                    if let Some(number) = number(*index) {
                        sheet.write_number_with_format(row, column, f64::from(number.carried_years), &CellFormat::new())?;
                    }
                }
                Part::Text(index) => {
                    if let Some(TableCell::Text(text)) = line.cells.get(*index) {
                        sheet.write_string_with_format(row, column, text.to_plain(), &style.text)?;
                    }
                }
                Part::Id(index) => {
                    sheet.write_string(row, column, number(*index).map_or_else(String::new, |number| number.id.clone()))?;
                }
            }
        }
    }
    mark_up(sheet, (first, row), headers.iter(), style)
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
    style: &Style,
) -> Result<(), RenderError> {
    if let Some(number) = cell.and_then(layout::number) {
        match (number.value, number.missing) {
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
        }
        return Ok(());
    }
    match cell {
        Some(TableCell::Text(text)) => {
            sheet.write_string_with_format(row, column, text.to_plain(), &style.text)?;
        }
        Some(TableCell::Letter { letter, title, .. }) => {
            let text = if title.is_empty() || title == letter { letter.clone() } else { format!("{letter} – {title}") };
            sheet.write_string_with_format(row, column, text, &style.text)?;
        }
        Some(TableCell::Number(_) | TableCell::Empty) | None => {}
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
