//! `compute`: a method of the method crate on somebody's file. The same functions that the reports use, so that every figure of a
//! report can be had again from a table.

use std::collections::BTreeMap;
use std::path::Path;

use baseline_method::{Answer, Cell, Fault, METHODS, Method, Params, Sheet};
use baseline_model::definitions::nearest;
use baseline_model::{Finding, Severity};
use serde_json::{Map, Value as Json, json};

use super::args::Compute;
use super::inspect::aligned;
use super::{CliError, Console, Exit};
use crate::load;
use crate::store;

pub fn compute(args: &Compute, console: &Console) -> Result<Exit, CliError> {
    let Some(id) = args.method.as_deref().filter(|_| !args.list) else {
        let rows: Vec<Vec<String>> = METHODS.iter().map(|method| vec![method.id.to_owned(), method.about.to_owned()]).collect();
        Console::bytes(aligned(&rows).as_bytes())?;
        return Ok(Exit::Done);
    };
    let method = match baseline_method::find(id) {
        Ok(method) => method,
        Err(fault) => return Ok(refused(&fault, "compute")),
    };
    if let Some(of) = &args.example {
        return example(method, of, console);
    }
    match answer(method, args)? {
        Ok((answer, params)) => {
            let bytes = if args.json { json_of(method, &params, &answer) } else { answer.csv().into_bytes() };
            match &args.output {
                Some(path) => store::write_through(path, |sink: &mut dyn std::io::Write| sink.write_all(&bytes))?,
                None => Console::bytes(&bytes)?,
            }
            if !args.json {
                let facts: String = answer.facts.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
                console.aside(&facts);
                console.findings(&answer.notes, Severity::Info);
            }
            let failed = answer.notes.iter().any(|note| note.severity == Severity::Error);
            Ok(if failed { Exit::Findings } else { Exit::Done })
        }
        Err(fault) => Ok(refused(&fault, method.id)),
    }
}

/// Reads what is named and runs the method. The outer error is of the call, the inner one of what stands in the files.
fn answer(method: &Method, args: &Compute) -> Result<Result<(Answer, Params), Fault>, CliError> {
    let params = pairs(&args.params, "--param", "NAME=VALUE")?;
    let columns = pairs(&args.columns, "--column", "WANTED=ACTUAL")?;
    let input = args.input.as_deref().unwrap_or(Path::new("-"));
    let mut read_stdin = input == Path::new("-");
    let mut sheet = match sheet(input)? {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Err(fault)),
    };
    rename(&mut sheet, &columns)?;
    let mut files = BTreeMap::new();
    for param in method.params.iter().filter(|param| param.file) {
        // A default is a word of the method's own, not a file.
        let Some(path) = params.get(param.name).filter(|path| !path.is_empty() && path.as_str() != param.default) else {
            continue;
        };
        if path == "-" && std::mem::replace(&mut read_stdin, true) {
            let message = format!("--param {}=-: standard input is read already", param.name);
            return Err(CliError::Usage { message, hint: "write one of the two to a file".into() });
        }
        match self::sheet(Path::new(path))? {
            Ok(file) => drop(files.insert(param.name.to_owned(), file)),
            Err(fault) => return Ok(Err(fault)),
        }
    }
    Ok(baseline_method::compute(method, &sheet, &params, &files).map(|answer| (answer, params)))
}

fn sheet(path: &Path) -> Result<Result<Sheet, Fault>, CliError> {
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    Ok(Sheet::read(&name, &load::read_file(path)?))
}

/// Gives all columns their names at once, so that two can change places.
fn rename(sheet: &mut Sheet, columns: &BTreeMap<String, String>) -> Result<(), CliError> {
    for (wanted, actual) in columns {
        let message = if !sheet.has(actual) {
            format!("--column {wanted}={actual}: {} has no column `{actual}`", sheet.name)
        } else if columns.iter().any(|(other, column)| other < wanted && column == actual) {
            format!("--column {wanted}={actual}: the column `{actual}` cannot stand for two")
        } else {
            continue;
        };
        let close = nearest(actual, sheet.columns.iter().map(String::as_str)).filter(|close| close != actual);
        let close = close.map_or_else(String::new, |close| format!("did you mean `{close}`? "));
        return Err(CliError::Usage { message, hint: format!("{close}the file has {}", sheet.columns.join(", ")) });
    }
    // Names that no file has stand in between.
    let between = |wanted: &str| format!("\0{wanted}");
    let names = columns.iter().map(|(wanted, actual)| (actual.clone(), between(wanted)));
    for (from, to) in names.chain(columns.keys().map(|wanted| (between(wanted), wanted.clone()))).collect::<Vec<_>>() {
        sheet.rename(&from, &to).map_err(|fault| CliError::Usage { message: fault.to_string(), hint: fault.hint() })?;
    }
    Ok(())
}

/// `name=value` of an option that may be repeated, each name once.
fn pairs(typed: &[String], option: &str, form: &str) -> Result<BTreeMap<String, String>, CliError> {
    let mut pairs = BTreeMap::new();
    for text in typed {
        let usage = |message: String| CliError::Usage { message, hint: format!("{option} {form}; each name once") };
        let Some((name, value)) = text.split_once('=').map(|(name, value)| (name.trim(), value.trim())) else {
            return Err(usage(format!("{option} {text}: expected {form}")));
        };
        if name.is_empty() || value.is_empty() {
            return Err(usage(format!("{option} {text}: expected {form}, found nothing on one side of `=`")));
        }
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(usage(format!("{option} {text}: `{name}` is given twice")));
        }
    }
    Ok(pairs)
}

/// Says the fault. One of the call (a name, a column, a file) ends as wrong usage; one of the numbers as findings do.
fn refused(fault: &Fault, at: &str) -> Exit {
    Console::error(&fault.finding(at).to_string());
    match fault {
        Fault::Shape { .. } => Exit::Usage,
        Fault::Number { at, .. } if at.starts_with("--param") => Exit::Usage,
        Fault::Number { .. }
        | Fault::Weights { .. }
        | Fault::Few { .. }
        | Fault::Equal { .. }
        | Fault::Duplicate { .. }
        | Fault::NotConverged { .. }
        | Fault::Singular { .. } => Exit::Findings,
    }
}

/// Everything of an answer: the table as an array of objects, a missing cell as `null`.
fn json_of(method: &Method, params: &Params, answer: &Answer) -> Vec<u8> {
    let row =
        |row: &Vec<Cell>| -> Json { answer.columns.iter().cloned().zip(row.iter().map(value)).collect::<Map<_, _>>().into() };
    let given = method.params.iter().map(|param| {
        let value = params.get(param.name).map_or(param.default, String::as_str);
        (param.name.to_owned(), if value.is_empty() { Json::Null } else { value.into() })
    });
    let notes = answer.notes.iter().map(note);
    let whole = json!({
        "method": method.id,
        "params": given.collect::<Map<_, _>>(),
        "table": answer.rows.iter().map(row).collect::<Vec<_>>(),
        "facts": answer.facts.iter().map(|(name, cell)| ((*name).to_owned(), value(cell))).collect::<Map<_, _>>(),
        "notes": notes.collect::<Vec<_>>(),
    });
    let mut bytes = serde_json::to_vec_pretty(&whole).expect("texts and numbers are always JSON");
    bytes.push(b'\n');
    bytes
}

fn value(cell: &Cell) -> Json {
    match cell {
        Cell::Text(text) => text.as_str().into(),
        // -0 is 0 in print.
        Cell::Number(number) => (number + 0.0).into(),
        Cell::Whole(number) => (*number).into(),
        Cell::Missing => Json::Null,
    }
}

fn note(note: &Finding) -> Json {
    json!({
        "severity": note.severity.to_string(), "code": note.code, "at": note.at, "message": note.message, "hint": note.hint,
    })
}

/// Prints the example input, and on stderr how to run it.
fn example(method: &Method, of: &str, console: &Console) -> Result<Exit, CliError> {
    let (input, params) = method.example;
    let names_file = |name: &str| method.params.iter().any(|param| param.name == name && param.file);
    let file = |name: &str| params.iter().find(|(param, _)| *param == name && names_file(name)).map(|(_, file)| *file);
    if !of.is_empty() {
        let Some(text) = file(of).and_then(baseline_method::example_file) else {
            let named: Vec<&str> = params.iter().map(|(name, _)| *name).filter(|name| file(name).is_some()).collect();
            let message = format!("--example={of}: no parameter of {} has an example file under this name", method.id);
            let hint =
                if named.is_empty() { "--example prints the input".to_owned() } else { format!("there is {}", named.join(", ")) };
            return Err(CliError::Usage { message, hint });
        };
        Console::bytes(text.as_bytes())?;
        return Ok(Exit::Done);
    }
    Console::bytes(input.as_bytes())?;
    let mut lines = format!("run it: {}\n", example_command(method));
    for (name, path) in params.iter().filter(|(name, _)| names_file(name)) {
        lines.push_str(&format!("{path}: baseline compute {} --example={name}\n", method.id));
    }
    console.aside(&lines);
    Ok(Exit::Done)
}

/// The call that runs a method's example.
pub fn example_command(method: &Method) -> String {
    let params = method.example.1.iter().map(|(name, value)| format!(" --param {name}={value}"));
    format!("baseline compute {} --input {}.csv{}", method.id, method.id, params.collect::<String>())
}
