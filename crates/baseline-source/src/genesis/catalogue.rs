//! Lists of tables and statistics as CSV, as clients of GENESIS keep them.
//!
//! Texts are folded at line breaks by the provider; these become blanks. What stands beside the text (the time span,
//! the number of cubes) is kept in brackets behind it.
//!
//! ```text
//! Code,Content,Time
//! 12411-01-01-4,"Bevölkerung nach Geschlecht - Stichtag 31.12. -
//! regionale Tiefe: Kreise und krfr. Städte",31.12.1995 - 31.12.2021
//! ```

use baseline_model::{Description, Entry, Finding};

use crate::csv_file::{self, header_cells};
use crate::findings::Context;

pub(crate) const FORMAT: &str = "GENESIS catalogue";

pub(crate) fn is_one(header: &str) -> bool {
    let cells = header_cells(header);
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    matches!(cells.as_slice(), ["Code", "Content", "Time"] | ["Code", "Content", "Cubes", "Information"])
}

pub(crate) fn read(text: &str, context: &mut Context<'_>) {
    let Some(mut file) = csv_file::open(text, b',', 0, context) else { return };
    let of_tables = file.header.len() == 3;
    let (list, list_label) = if of_tables { ("table", "tables") } else { ("statistics", "statistics") };
    let mut description = Description { title: format!("catalogue of {list_label}"), ..Description::default() };
    while let Some((line, record)) = file.next(context) {
        let code = record[0].trim();
        if code.is_empty() {
            context.group("entry-without-code", "", |context| {
                let at = context.at(format_args!("line {line}"));
                Finding::error("entry-without-code", at, "an entry has no code; it is not used").hint("download the list again")
            });
            continue;
        }
        let text = folded(&record[1]);
        let label = match record[2].trim() {
            "" => text,
            time if of_tables => format!("{text} [{time}]"),
            cubes => format!("{text} [cubes: {cubes}]"),
        };
        description.entries.push(Entry {
            list: list.to_owned(),
            list_label: list_label.to_owned(),
            code: code.to_owned(),
            label,
            parent: String::new(),
        });
    }
    if description.entries.is_empty() {
        let finding = Finding::error("no-data", context.name, "the list has a header and no entry");
        context.add(finding.hint("download the list again"));
        return;
    }
    context.descriptions.push(description);
}

/// A text on one line.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
