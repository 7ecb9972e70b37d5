//! A delimited text as a sheet of texts, so that one reader serves files and workbooks.
//!
//! Keeps the line on which each record begins: a cell in quotes may span several. Figures stay texts, for the rule of the
//! source to read them.

use baseline_model::Finding;
use csv::{ReaderBuilder, StringRecord};

use crate::csv_file::{Lines, quotes_pair};
use crate::findings::Context;
use crate::sheet::{Builder, Sheet};

/// `None` with a finding when the text cannot be cut into cells.
pub(crate) fn sheet(text: &str, delimiter: Option<char>, context: &mut Context<'_>) -> Option<Sheet> {
    let Some(delimiter) = u8::try_from(delimiter.unwrap_or(',')).ok().filter(u8::is_ascii) else {
        context.add(
            Finding::error("shape-wrong", context.name, "the delimiter must be an ASCII letter")
                .hint("correct the declared shape"),
        );
        return None;
    };
    if !quotes_pair(text, context) {
        return None;
    }
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut builder = Builder::new("");
    let (mut lines, mut line_of) = (Vec::new(), Lines::new(text));
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                context.add(
                    Finding::error("line-not-read", context.name, format!("{error}; the file is refused"))
                        .hint("the file is damaged: download it again"),
                );
                return None;
            }
        }
        let row = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let line = line_of.of(&record);
        lines.push((line, u32::try_from(record.len()).unwrap_or(u32::MAX)));
        for (column, cell) in (0..).zip(&record) {
            builder.text(row, column, cell);
        }
        let limit = context.options.limits.cells;
        if builder.len() > limit || lines.len() > limit {
            context.add(
                Finding::error(
                    "too-many-cells",
                    context.at(format_args!("line {line}")),
                    format!("the file has more than the allowed {limit} cells; nothing of it is used"),
                )
                .hint("filter the request, or raise the limit if the file is trusted"),
            );
            return None;
        }
    }
    let mut sheet = builder.finish().ok()?;
    sheet.lines = lines;
    Some(sheet)
}
