//! A native table: a header row that is repeated on every page, a row header in the first column, rows that are
//! not torn apart, numbers to the right.

use baseline_model::Grade;

use super::body::Body;
use super::columns::{self, Layout};
use super::styles::Style;
use super::write;
use crate::document::{Table, TableCell};
use crate::text::escape;

/// A table of no more rows than this is kept on one page, so that no single row is left over.
const TOGETHER: usize = 12;
/// A row with more lines may be torn: it might be longer than a page.
const ROW: usize = 30;

/// Empty for a table without a column: Word refuses one.
pub(super) fn xml(body: &mut Body<'_>, table: &Table, layout: &Layout) -> String {
    let count = layout.widths.len();
    if count == 0 {
        return String::new();
    }
    let total: u32 = layout.widths.iter().sum();
    let size =
        layout.size.map_or_else(String::new, |size| format!("<w:rPr><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr>"));
    let mut xml = format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"{}\"/><w:tblW w:w=\"{total}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>\
         <w:tblLook w:val=\"04A0\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"1\" w:lastColumn=\"0\" w:noHBand=\"0\" w:noVBand=\"1\"/>{}\
         </w:tblPr><w:tblGrid>{}</w:tblGrid>\n",
        escape(body.ids.of(Style::Table)),
        described(table),
        layout.widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect::<String>(),
    );
    xml.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
    for (index, width) in layout.widths.iter().enumerate() {
        let name = table.columns.get(index).map_or("", String::as_str);
        let align = if index > 0 && numeric(table, index - 1) { "<w:jc w:val=\"right\"/>" } else { "" };
        let runs = shrunk(&write::run("", name), layout.size);
        xml.push_str(&cell(*width, "", &write::paragraph(body.ids.of(Style::TableHeader), &format!("{align}{size}"), &runs)));
    }
    xml.push_str("</w:tr>\n");
    let together = table.rows.len() <= TOGETHER && layout.lines.iter().sum::<usize>() <= 40;
    let in_full = columns::letters_in_full(table);
    for (number, row) in table.rows.iter().enumerate() {
        let keep = if together && number + 1 < table.rows.len() { "<w:keepNext/>" } else { "" };
        let torn = layout.lines.get(number + 1).is_some_and(|lines| *lines > ROW);
        xml.push_str(if torn { "<w:tr>" } else { "<w:tr><w:trPr><w:cantSplit/></w:trPr>" });
        let shade = if row.highlight { "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"EDF1F7\"/>" } else { "" };
        for (index, width) in layout.widths.iter().enumerate() {
            let (style, align, runs) = match index.checked_sub(1).and_then(|index| row.cells.get(index)) {
                None if index == 0 => (Style::TableText, "", body.spans(&row.header, row.highlight)),
                Some(TableCell::Text(text)) => (Style::TableText, "", body.spans(text, row.highlight)),
                Some(TableCell::Number(number)) => (Style::TableNumber, "", body.number(number, row.highlight)),
                Some(TableCell::Letter { letter, title, grade }) => {
                    let align = if in_full { "" } else { "<w:jc w:val=\"center\"/>" };
                    let mut runs = write::run("", &columns::letter_text(letter, title, in_full));
                    if let Some(grade) = grade.filter(|grade| *grade != Grade::A) {
                        let note = body.grade(grade);
                        runs.push_str(&body.footnote(vec![(format!("({grade})"), note)]));
                    }
                    (Style::TableText, align, runs)
                }
                Some(TableCell::Empty) | None => (Style::TableText, "", String::new()),
            };
            let runs = shrunk(&runs, layout.size);
            let more = format!("{keep}{align}{size}");
            xml.push_str(&cell(*width, shade, &write::paragraph(body.ids.of(style), &more, &runs)));
        }
        xml.push_str("</w:tr>\n");
    }
    xml + "</w:tbl>\n"
}

fn cell(width: u32, shade: &str, paragraph: &str) -> String {
    format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{shade}</w:tcPr>{}</w:tc>", paragraph.trim_end())
}

/// What a screen reader says before it enters the table.
fn described(table: &Table) -> String {
    let caption = [table.label.as_str(), table.caption.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    if caption.is_empty() { String::new() } else { format!("<w:tblCaption w:val=\"{}\"/>", escape(&caption.join(" "))) }
}

/// Numbers of a column stand to the right, and so does its name.
fn numeric(table: &Table, index: usize) -> bool {
    table.rows.iter().any(|row| matches!(row.cells.get(index), Some(TableCell::Number(_))))
}

/// The runs of a cell in a smaller size.
fn shrunk(runs: &str, size: Option<u32>) -> String {
    let Some(size) = size else { return runs.to_owned() };
    let size = format!("<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>");
    // Size comes after every property that our runs have; texts are escaped and hold no tags.
    runs.replace("</w:rPr>", &format!("{size}</w:rPr>")).replace("<w:r><w:t ", &format!("<w:r><w:rPr>{size}</w:rPr><w:t "))
}
