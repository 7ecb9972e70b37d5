//! Lists of tables and of variables as CSV, as clients of `PxWeb` keep them; several may stand below each other.
//!
//! A line that is the header of a known list begins one. Results of somebody's own query may stand between them: they
//! state neither table nor unit, so they are named in a finding and not read.
//!
//! ```text
//! title,table_id,updated
//! "Employed by major group of occupation and sex",0762006S.px,2026-03-04T10:20:57
//! variable_code,variable_text,position,value_codes,value_texts
//! SPOL,SEX,3,"[""0"",""1""]","[""Sex - TOTAL"",""Men""]"
//! ```

use baseline_model::{Description, Entry, Finding};
use csv::{ReaderBuilder, StringRecord};

use crate::csv_file::{Lines, header_cells, quotes_pair};
use crate::findings::{Context, quote};

pub(crate) const FORMAT: &str = "PxWeb lists";

const TABLES: [&str; 3] = ["title", "table_id", "updated"];
const VARIABLES: [&str; 5] = ["variable_code", "variable_text", "position", "value_codes", "value_texts"];

pub(crate) fn is_one(header: &str) -> bool {
    matches!(begun(header_cells(header).iter().map(String::as_str)), Some(List::Tables | List::Variables(_)))
}

/// Pushes one description a list into the context.
pub(crate) fn read(text: &str, context: &mut Context<'_>) {
    if !quotes_pair(text, context) {
        return;
    }
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut record, mut lines) = (StringRecord::new(), Lines::new(text));
    let (mut list, mut width) = (List::Foreign, 0);
    let mut entries = 0_usize;
    let mut descriptions: Vec<Description> = Vec::new();
    // The text is UTF-8 and the records may have any width: reading cannot fail.
    while reader.read_record(&mut record).unwrap_or(false) {
        let line = lines.of(&record);
        if let Some(next) = begun(record.iter().map(str::trim)) {
            match next {
                List::Foreign => {
                    let shown: Vec<_> = record.iter().map(quote).collect();
                    let message = format!("the lines from the header {} on are no list of PxWeb; not read", shown.join(", "));
                    context.add(
                        Finding::warning("lines-not-read", context.at(format_args!("line {line}")), message)
                            .hint("figures without table and unit are no data: take them from the provider"),
                    );
                }
                List::Tables => descriptions.push(Description { title: "catalogue of tables".into(), ..Description::default() }),
                List::Variables(_) => descriptions.push(Description { title: "variables".into(), ..Description::default() }),
            }
            (list, width) = (next, record.len());
            continue;
        }
        let Some(description) = descriptions.last_mut().filter(|_| list != List::Foreign) else { continue };
        let found = match (&list, record.len() == width) {
            (_, false) => Err(format!("expected {width} cells as in the header, found {}", record.len())),
            (List::Variables(described), true) => variable(&record, *described),
            (List::Tables | List::Foreign, true) => table(&record),
        };
        match found {
            Ok(found) => {
                entries = entries.saturating_add(found.len());
                description.entries.extend(found);
            }
            Err(fault) => context.group("entry-not-understood", &line.to_string(), |context| {
                let at = context.at(format_args!("line {line}"));
                Finding::error("entry-not-understood", at, format!("{fault}; the line is not used"))
                    .hint("the list is cut or edited: ask the provider for it again")
            }),
        }
        if entries > context.options.limits.cells {
            let limit = context.options.limits.cells;
            context.add(
                Finding::error(
                    "too-many-cells",
                    context.at(format_args!("line {line}")),
                    format!("the lists have more than the allowed {limit} entries; the rest is not read"),
                )
                .hint("raise the limit if the file is trusted"),
            );
            break;
        }
    }
    descriptions.retain(|description| !description.entries.is_empty());
    if descriptions.is_empty() {
        let finding = Finding::error("no-data", context.name, "the list has a header and no entry");
        context.add(finding.hint("download the list again"));
    }
    context.descriptions.extend(descriptions);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Tables,
    /// Whether the values are listed, too.
    Variables(bool),
    /// Columns of something else.
    Foreign,
}

/// The list whose header this record is.
fn begun<'c>(cells: impl Iterator<Item = &'c str>) -> Option<List> {
    let cells: Vec<&str> = cells.collect();
    if cells == TABLES || cells == TABLES[..2] {
        return Some(List::Tables);
    }
    if cells == VARIABLES {
        return Some(List::Variables(true));
    }
    if cells == VARIABLES[..2] || cells == VARIABLES[..3] {
        return Some(List::Variables(false));
    }
    // Names of columns in a query's answer; no code or text of an office looks so in every cell.
    let is_name = |cell: &&str| cell.contains('_') && cell.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (cells.len() > 1 && cells.iter().all(is_name)).then_some(List::Foreign)
}

fn table(record: &StringRecord) -> Result<Vec<Entry>, String> {
    let (title, code) = (record[0].trim(), record[1].trim());
    if code.is_empty() {
        return Err("expected the id of a table, found none".into());
    }
    // The stamp of each table has no place of its own in an entry; a catalogue of PxWeb carries it likewise.
    let list_label = record.get(2).unwrap_or_default().trim();
    let (list, list_label) = ("table".to_owned(), list_label.to_owned());
    Ok(vec![Entry { list, list_label, code: code.to_owned(), label: title.to_owned(), parent: String::new() }])
}

fn variable(record: &StringRecord, described: bool) -> Result<Vec<Entry>, String> {
    let (code, text) = (record[0].trim(), record[1].trim());
    if code.is_empty() {
        return Err("expected the code of a variable, found none".into());
    }
    let entry = |value: String, label: String| Entry {
        list: code.to_owned(),
        list_label: text.to_owned(),
        code: value,
        label,
        parent: String::new(),
    };
    if !described {
        return Ok(vec![entry(String::new(), String::new())]);
    }
    let listed = |column: usize| {
        serde_json::from_str::<Vec<String>>(&record[column]).map_err(|fault| {
            format!("expected a list of texts as `{}`, found {} ({fault})", VARIABLES[column], quote(&record[column]))
        })
    };
    let (codes, texts) = (listed(3)?, listed(4)?);
    if codes.len() != texts.len() {
        return Err(format!("variable {}: {} codes and {} texts", quote(code), codes.len(), texts.len()));
    }
    Ok(codes.into_iter().zip(texts).map(|(value, label)| entry(value, label)).collect())
}

#[cfg(test)]
mod tests {
    use baseline_model::Reading;

    use crate::{ReadOptions, read};

    const TABLES: &str = "title,table_id,updated\n\"Employed, by sex\",0762006S.px,2026-03-04T10:20:57\n";
    const VALUES: &str = "variable_code,variable_text,position,value_codes,value_texts\n";

    fn check(input: &str, entries: &[&str], codes: &[&str]) -> Reading {
        let reading = read(input.as_bytes(), "file", &ReadOptions::default());
        assert_eq!(reading.format, super::FORMAT);
        let all = reading.descriptions.iter().flat_map(|description| &description.entries);
        let found: Vec<String> =
            all.map(|entry| format!("{}|{}|{}|{}", entry.list, entry.list_label, entry.code, entry.label)).collect();
        assert_eq!(found, entries, "{:#?}", reading.findings);
        assert_eq!(reading.findings.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>(), codes);
        reading
    }

    #[test]
    fn lists() {
        let table = "table|2026-03-04T10:20:57|0762006S.px|Employed, by sex";
        check(TABLES, &[table], &[]);
        check("title,table_id\nA,1.px\n", &["table||1.px|A"], &[]);
        let spol = |cells: &str| format!("{VALUES}SPOL,SEX,3,{cells}\n");
        let good = r#""[""0"",""1""]","[""TOTAL"",""Men""]""#;
        check(&spol(good), &["SPOL|SEX|0|TOTAL", "SPOL|SEX|1|Men"], &[]);
        check(&(TABLES.to_owned() + &spol(good)), &[table, "SPOL|SEX|0|TOTAL", "SPOL|SEX|1|Men"], &[]);
        check(&spol(r#""[""0""]","[""TOTAL"",""Men""]""#), &[], &["entry-not-understood", "no-data"]);
        check(&spol(r#""0,1","[""TOTAL""]""#), &[], &["entry-not-understood", "no-data"]);
        check("title,table_id\nA\nB,2.px\nC,\n", &["table||2.px|B"], &["entry-not-understood", "entry-not-understood"]);
        check("title,table_id\n", &[], &["no-data"]);
        check("title,table_id\n\"A,1.px\n", &[], &["unpaired-quote"]);
        let mixed = "variable_code,variable_text\nSPOL,SEX\nsex_code,avg_value\n0,27140.9\ntitle,table_id\nA,1.px\n";
        check(mixed, &["SPOL|SEX||", "table||1.px|A"], &["lines-not-read"]);
    }

    #[test]
    fn real_lists() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/national/surs");
        if !std::path::Path::new(folder).exists() {
            println!("skipped: {folder} is not there");
            return;
        }
        // Counted by the lines of the first, and by the lists in the cells of the second.
        for (name, entries, first) in [
            ("sistat_readme_03.csv", 5, "2186103S.px"),
            ("sistat_readme_04.csv", 144, "0"),
            ("sistat_readme_07.csv", 5, "0383507S.px"),
        ] {
            let bytes = std::fs::read(format!("{folder}/{name}")).expect("the file is there");
            let reading = read(&bytes, name, &ReadOptions::default());
            let all: Vec<_> = reading.descriptions.iter().flat_map(|description| &description.entries).collect();
            assert_eq!((all.len(), all[0].code.as_str()), (entries, first), "{name}");
        }
    }
}
