//! `import`: a look at a partner's file, a mapping made of it, and the file stored as a vintage that the mapping reads.
//!
//! Nothing is written before the record is sound and the file was read by it without an error.

use std::path::Path;

use baseline_model::definitions::{Definitions, Level, resolve};
use baseline_model::{Column, Finding, Original, RawTable, Receipt, Severity};
use baseline_source::{InspectedSheet, Inspection, ReadOptions};

use super::args::Import;
use super::{CliError, Console, Exit, data, lock};
use crate::disclose::{self, Pattern};
use crate::frame;
use crate::load::{self, Loaded, sandbox};
use crate::partner::{self, Mapping};
use crate::run;
use crate::seed;
use crate::store::{self, Check, Put, Store, sha256, vintage_name};
use crate::survey::{self, Plan, Question};

/// The one source of partners' tables.
const SOURCE: &str = "partner";

pub fn import(workspace: &Path, args: &Import, console: &Console) -> Result<Exit, CliError> {
    let loaded = load::definitions(workspace)?;
    let bytes = load::read_file(&args.file)?;
    let name = args.file.display().to_string();
    if bytes.is_empty() {
        return Err(usage(format!("{name} is empty"), "ask the partner for the file again".into()));
    }
    if sandbox::is_untrusted(&bytes) {
        // A workbook from anywhere is first opened where it can do no harm; only one that came through is looked at here.
        let trial = data::apart(workspace, None, args.confines, (&bytes, &name))?;
        let harmful: Vec<Finding> = trial
            .findings
            .into_iter()
            .filter(|finding| {
                finding.code.starts_with("reader-") || finding.code == "workbook-damaged" || finding.code == "too-large"
            })
            .collect();
        if !harmful.is_empty() {
            console.findings(&harmful, Severity::Warning);
            return Ok(Exit::Findings);
        }
    }
    let saved = args.id.as_ref().filter(|id| loaded.definitions.dataflows.contains_key(*id) && args.question.is_empty());
    if let (Some(id), false) = (saved, args.inspect) {
        return again(workspace, &loaded, id, (args, &bytes, &name), console);
    }
    let inspection = baseline_source::inspect(&bytes, &name, args.encoding.as_deref(), &ReadOptions::default());
    console.findings(&inspection.findings, Severity::Warning);
    let failed = inspection.findings.iter().any(|finding| finding.severity == Severity::Error);
    let given = given(args)?;
    let Some(id) = args.id.as_ref().filter(|_| !args.inspect) else {
        if args.json {
            Console::json(&inspection)?;
        } else {
            Console::bytes(described(&inspection).as_bytes())?;
        }
        return Ok(if failed { Exit::Findings } else { Exit::Done });
    };
    if failed {
        return Ok(Exit::Findings);
    }
    if let Some(name) = given.sheet.as_ref().filter(|name| !inspection.sheets.iter().any(|sheet| sheet.name == **name)) {
        let names: Vec<&str> = inspection.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        return Err(usage(format!("no sheet `{name}`"), format!("there is {}", names.join(", "))));
    }
    if !args.question.is_empty() {
        return survey(workspace, (id, args), &loaded.definitions, (&bytes, &inspection), console);
    }
    let mut mapping = partner::proposal(&inspection, &loaded.definitions, &given);
    if mapping.title.is_empty() {
        mapping.title = id.rsplit('/').next().unwrap_or(id).replace('_', " ");
    }
    let faults = partner::faults(&mapping, id);
    if !faults.is_empty() {
        return Err(usage(faults.join("\n"), "baseline import --help".into()));
    }
    let record = partner::record(&mapping, &inspection, &loaded.definitions);
    // A guess may be shown; only what a person has said is stored.
    let mut open = partner::open_questions(&mapping);
    if given.values.is_empty() && !mapping.values.is_empty() {
        open.push("--value \"COLUMN=code\": confirm the columns of figures".to_owned());
    }
    if given.keys.is_empty() && !mapping.keys.is_empty() {
        open.push("--key \"COLUMN=geo\": confirm the column of places".to_owned());
    }
    if !open.is_empty() {
        Console::bytes(record.as_bytes())?;
        let message = "the record above would be written; still to be said:".to_owned();
        return Err(usage(format!("{message}\n  {}", open.join("\n  ")), format!("baseline import --inspect {name}")));
    }
    let path = format!("dataflows/{id}.toml");
    let loaded = load::definitions_with(workspace, Some((&path, &record)))?;
    store_file(workspace, &loaded, id, (args, &bytes, &name), Some(&record), console)
}

/// A further file of a table that has its mapping.
fn again(workspace: &Path, loaded: &Loaded, id: &str, file: (&Import, &[u8], &str), console: &Console) -> Result<Exit, CliError> {
    let (args, ..) = file;
    if !id.starts_with(SOURCE) {
        return Err(usage(format!("`{id}` is a table of an office"), "partners' tables begin with partner/".into()));
    }
    if given(args)? != (Mapping { period: args.period.clone(), ..Mapping::default() }) {
        let hint = format!("edit pipelines/dataflows/{id}.toml, or leave the options out");
        return Err(usage(format!("`{id}` has a mapping already"), hint));
    }
    let blocks =
        || loaded.definitions.dataflows.get(id).into_iter().flat_map(|flow| &flow.shapes).flat_map(|shape| &shape.blocks);
    if args.period.is_none()
        && let Some(period) = blocks().find_map(|block| block.period.as_ref())
    {
        let hint = format!("add --period, for example --period {period}");
        return Err(usage(format!("{id}: the file does not say of when its figures are"), hint));
    }
    store_file(workspace, loaded, id, file, None, console)
}

/// Reads the file by the mapping, and stores it with every earlier one, the newest first; then the record.
fn store_file(
    workspace: &Path,
    loaded: &Loaded,
    id: &str,
    (args, bytes, name): (&Import, &[u8], &str),
    record: Option<&str>,
    console: &Console,
) -> Result<Exit, CliError> {
    let definitions = &loaded.definitions;
    let labels = seed::labels(definitions);
    let options = run::read_options(definitions, id, &labels);
    let period = args.period.clone().unwrap_or_default();
    let shapes = run::dated(options.shapes, &period);
    let reading = baseline_source::read(bytes, name, &ReadOptions { shapes: &shapes, ..options });
    console.findings(&reading.findings, Severity::Warning);
    let mut tables = reading.tables;
    let failed = reading.findings.iter().any(|finding| finding.severity == Severity::Error);
    if failed || tables.iter().all(RawTable::is_empty) {
        let hint = if record.is_some() {
            "where figures differ by a column that was left out, name it with --key; where notes stand below the table, say with --until how they begin".to_owned()
        } else {
            format!("correct the file, or the mapping in pipelines/dataflows/{id}.toml")
        };
        Console::error(&format!("error: {name} is not as the mapping of {id} says; nothing was stored\n  hint: {hint}"));
        return Ok(Exit::Findings);
    }
    let cells: usize = tables.iter().map(RawTable::len).sum();
    let rule = definitions.dataflows.get(id).and_then(|flow| flow.disclosure.as_ref()).filter(|rule| rule.apply);
    let hidden: Vec<Finding> = tables
        .iter_mut()
        .flat_map(|table| {
            rule.into_iter().flat_map(|rule| disclose::protect(table, id, rule, &mut Pattern::default())).collect::<Vec<_>>()
        })
        .collect();
    let original = Original {
        file: file_name(&args.file, bytes),
        found: args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        period,
        observations: cells as u64,
        ..Original::default()
    };
    let put = keep(workspace, definitions, id, (original, bytes), record)?;
    let (word, vintage) = match &put {
        Put::New(vintage) => ("stored", vintage),
        Put::Unchanged(vintage) => ("unchanged", vintage),
    };
    let mut text = format!("{id}: {cells} cells, {word} as {} ({} files)\n", vintage.name, vintage.receipt.originals.len());
    if record.is_some() {
        text.push_str(&format!("mapping written to {}\n", workspace.join(format!("pipelines/dataflows/{id}.toml")).display()));
    }
    for finding in &hidden {
        text.push_str(&format!("{}\n", finding.message));
    }
    if args.json {
        Console::json(&serde_json::json!({ "dataflow": id, "vintage": vintage.name, "state": word, "cells": cells,
            "files": vintage.receipt.originals.len(), "disclosure": hidden }))?;
    } else {
        console.text(&text)?;
    }
    Ok(Exit::Done)
}

/// The vintage first, then the record: a record without figures would be seen, a vintage without a record is not.
fn keep(
    workspace: &Path,
    definitions: &Definitions,
    id: &str,
    (original, bytes): (Original, &[u8]),
    record: Option<&str>,
) -> Result<Put, CliError> {
    let store = Store::open(workspace)?;
    let _lock = lock(&store)?;
    store.clean_temporaries()?;
    let now = jiff::Timestamp::now().to_string();
    let retrieved = format!("{}Z", now.split('.').next().unwrap_or(&now).trim_end_matches('Z'));
    let hash = sha256(bytes);
    let mut originals =
        vec![Original { retrieved: retrieved.clone(), sha256: hash.clone(), length: bytes.len() as u64, ..original }];
    let mut bodies = vec![bytes.to_vec()];
    if let (Some(latest), _) = store.latest(id)? {
        if let Some(known) =
            latest.receipt.originals.iter().find(|known| known.sha256 == hash && known.period != originals[0].period)
        {
            let message = format!("{id}: this file was imported already, for the period {}", known.period);
            return Err(usage(message, "is it the right file?".into()));
        }
        for (index, earlier) in latest.receipt.originals.iter().enumerate().filter(|(_, earlier)| earlier.sha256 != hash) {
            originals.push(earlier.clone());
            bodies.push(latest.original(index + 1)?);
        }
    }
    let source = definitions.sources.get(SOURCE);
    let receipt = Receipt {
        source: SOURCE.to_owned(),
        provider: source.map_or_else(String::new, |source| source.name.clone()),
        dataflow: id.rsplit('/').next().unwrap_or(id).to_owned(),
        licence: source.map_or_else(String::new, |source| source.licence.clone()),
        kind: "import".to_owned(),
        originals,
    };
    let check = Check { at: now, ..Check::default() };
    let put =
        store.put_vintage(id, &vintage_name(&retrieved, &receipt.originals), &bodies, &receipt, &check, &mut |_| Ok(None))?;
    if let Some(record) = record {
        store::write_atomic(&workspace.join(format!("pipelines/dataflows/{id}.toml")), record.as_bytes())?;
    }
    Ok(put)
}

/// Tabulates a survey and stores the tables: no person's answers are kept.
fn survey(
    workspace: &Path,
    (id, args): (&str, &Import),
    definitions: &Definitions,
    (bytes, inspection): (&[u8], &Inspection),
    console: &Console,
) -> Result<Exit, CliError> {
    let faults = partner::faults(&Mapping { period: args.period.clone(), ..Mapping::default() }, id);
    if !faults.is_empty() {
        return Err(usage(faults.join("\n"), "baseline import --help".into()));
    }
    let territory = resolve::territory(definitions, args.geo.as_deref().unwrap_or_default())?;
    let code = definitions.territories.get(&territory).map_or("", |territory| territory.own_code()).to_owned();
    let sheet_name = args.sheet.as_deref();
    let sheet = baseline_source::rows(bytes, sheet_name, args.header_row.unwrap_or(1), inspection, &ReadOptions::default());
    let Some((columns, rows)) = sheet else {
        return Err(usage(
            "the survey's sheet cannot be read".into(),
            format!("baseline import --inspect {}", args.file.display()),
        ));
    };
    let questions = pairs(&args.question)?
        .into_iter()
        .map(|(id, columns)| Question { id, columns: columns.split('|').map(str::to_owned).collect() });
    let plan = Plan {
        questions: questions.collect(),
        groups: pairs(&args.by)?.into_iter().collect(),
        weight: args.weight.clone(),
        missing: args.missing.clone(),
        period: args.period.clone().unwrap_or_default(),
        ..Plan::default()
    };
    let (table, findings) = survey::tabulate(&survey::Sheet { columns, rows }, &plan, id);
    console.findings(&findings, Severity::Info);
    let Some(mut table) = table else { return Ok(Exit::Findings) };
    let mut geo = Column::new("geo");
    geo.dictionary.push(code);
    geo.codes = vec![0; table.len()];
    table.dimensions.insert(0, geo);
    let mut tidy = Vec::new();
    let cells = table.len();
    frame::write_csv(&[table], &mut tidy).map_err(|error| CliError::Write { to: id.to_owned(), fault: error.to_string() })?;
    let mut mapping = Mapping { title: args.title.clone().unwrap_or_else(|| id.to_owned()), ..Mapping::default() };
    mapping.published = Some("tabulated from answers; small counts were hidden when it was".into());
    let level = definitions.territories.get(&territory).map_or(Level::Lau, |territory| territory.level);
    let record = partner::survey_record(&mapping, level);
    let path = format!("dataflows/{id}.toml");
    let loaded = load::definitions_with(workspace, Some((&path, &record)))?;
    let original = Original {
        file: format!("{}.csv", &sha256(&tidy)[..8]),
        found: format!(
            "tabulated from {} (sha256 {})",
            args.file.file_name().unwrap_or_default().to_string_lossy(),
            sha256(bytes)
        ),
        observations: cells as u64,
        ..Original::default()
    };
    keep(workspace, &loaded.definitions, id, (original, &tidy), Some(&record))?;
    Console::bytes(&tidy)?;
    Ok(Exit::Done)
}

fn usage(message: String, hint: String) -> CliError {
    CliError::Usage { message, hint }
}

/// What was typed, as a mapping.
fn given(args: &Import) -> Result<Mapping, CliError> {
    let level = match args.level.as_deref().map(str::to_lowercase).as_deref() {
        None => None,
        Some("lau") => Some(Level::Lau),
        Some("nuts3") => Some(Level::Nuts3),
        Some("nuts2") => Some(Level::Nuts2),
        Some("country") => Some(Level::Country),
        Some(other) => return Err(usage(format!("no level `{other}`"), "there is lau, nuts3, nuts2, country".into())),
    };
    Ok(Mapping {
        title: args.title.clone().unwrap_or_default(),
        sheet: args.sheet.clone(),
        header_row: args.header_row.unwrap_or(0),
        header_rows: args.header_rows.unwrap_or(0),
        keys: pairs(&args.key)?,
        values: pairs(&args.value)?,
        period: args.period.clone(),
        period_column: args.period_column.clone(),
        unit: args.unit.clone(),
        level,
        missing: args.missing.clone(),
        until: args.until.clone(),
        withheld: args.withheld.clone(),
        delimiter: None,
        encoding: args.encoding.clone(),
        decimal: args.decimal,
        groups: args.group_sign.clone(),
        totals: pairs(&args.total)?,
        rates: pairs(&args.rate)?,
        zeros_safe: args.zeros_safe,
        rounding: args.rounding,
        published: args.published.clone(),
    })
}

/// `A=b`, cut at the last sign: a header may have one.
fn pairs(texts: &[String]) -> Result<Vec<(String, String)>, CliError> {
    let pair = |text: &String| match text.rsplit_once('=') {
        Some((left, right)) if !left.trim().is_empty() && !right.trim().is_empty() => {
            Ok((left.trim().to_owned(), right.trim().to_owned()))
        }
        Some(_) | None => {
            Err(usage(format!("`{text}`: expected two names with = between them"), "for example \"Municipality=geo\"".into()))
        }
    };
    texts.iter().map(pair).collect()
}

/// A name that no other file of the vintage has, from the file's own.
fn file_name(path: &Path, bytes: &[u8]) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let kept: String = name.chars().filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.')).collect();
    let start = kept.len().saturating_sub(80);
    format!("{}-{}", &sha256(bytes)[..8], kept[start..].trim_start_matches('.'))
}

fn described(inspection: &Inspection) -> String {
    let mut text = match (inspection.kind, inspection.delimiter) {
        ("", _) => return String::new(),
        (kind, Some(delimiter)) => format!("{kind}, {}, cells parted by {delimiter:?}\n", inspection.encoding),
        (kind, None) => format!("{kind}, {} sheets\n", inspection.sheets.len()),
    };
    inspection.sheets.iter().for_each(|sheet| text.push_str(&sheet_described(sheet)));
    text
}

fn sheet_described(sheet: &InspectedSheet) -> String {
    let name = if sheet.name.is_empty() { String::new() } else { format!("sheet {}: ", sheet.name) };
    let mut text = format!("\n{name}{} cells, {}\n", sheet.cells, if sheet.range.is_empty() { "empty" } else { &sheet.range });
    for header in &sheet.headers {
        text.push_str(&format!("  header may be row {}: {}\n", header.row, header.texts.join(" | ")));
    }
    let rows: Vec<[String; 5]> = sheet
        .columns
        .iter()
        .map(|column| {
            let styles: Vec<String> = column.styles.iter().map(|(style, count)| format!("{style} ×{count}")).collect();
            let kind = if column.is_figures() { "figures" } else { "texts" };
            let counts =
                [(column.numbers, "numbers"), (column.texts, "texts"), (column.others, "others"), (column.blanks, "blank")];
            let counts: Vec<String> =
                counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
            let samples = if column.is_figures() {
                styles.join(", ")
            } else {
                column.samples.iter().take(4).cloned().collect::<Vec<_>>().join(", ")
            };
            [column.letters.clone(), column.header.clone(), kind.to_owned(), counts.join(", "), samples]
        })
        .collect();
    let width = |place: usize| rows.iter().map(|row| row[place].chars().count()).max().unwrap_or(0);
    for row in &rows {
        text.push_str("  ");
        for (place, cell) in row.iter().enumerate() {
            text.push_str(cell);
            text.push_str(&" ".repeat(width(place).saturating_sub(cell.chars().count()) + 2));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    for odd in &sheet.odd {
        text.push_str(&format!("  look: {odd}\n"));
    }
    text
}
