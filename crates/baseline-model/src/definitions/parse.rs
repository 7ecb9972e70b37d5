//! From the text of definition files to typed definitions, with every fault of every file at once.
//!
//! Must not judge what a value means or refers to: that is [`super::check`]. A file with a fault yields
//! its faults and no definition, never a half-filled one.
//!
//! The deserializer stops at the first fault. To find the others of the same file, the faulty place is
//! patched with a placeholder and the file is read again; what a placeholder causes is not reported.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue, Deserializer};

use super::locate::{Kind, csv_records, place, without_mark};
use super::{Codelist, DefinitionError, DefinitionFile, Definitions, nearest};
use crate::language::Language;

/// Reads all files. Returns what could be read, and the faults in the order of the files and of their lines.
///
/// Kind and identifier come from the path: `sources/<id>.toml`, `dataflows/<source>/<id>.toml`,
/// `indicators/`, `territories/`, `studies/`, `languages/<code>.toml`, `layouts/`, `codelists/<id>.csv`,
/// `goalposts/<version>.toml`.
pub fn parse(files: &[DefinitionFile]) -> (Definitions, Vec<DefinitionError>) {
    let mut definitions = Definitions::default();
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files {
        let (kind, id) = match place(&file.path) {
            Ok(placed) => placed,
            Err((message, hint)) => {
                errors.push(DefinitionError::at(file, 0..0, message, hint));
                continue;
            }
        };
        if !seen.insert(file.path.as_str()) {
            errors.push(DefinitionError::at(file, 0..0, format!("`{}` is given twice", file.path), "keep one of the two"));
            continue;
        }
        let found = match kind {
            Kind::Source => keep(file, id, &mut definitions.sources),
            Kind::Dataflow => keep(file, id, &mut definitions.dataflows),
            Kind::Indicator => keep(file, id, &mut definitions.indicators),
            Kind::Territory => keep(file, id, &mut definitions.territories),
            Kind::Study => keep(file, id, &mut definitions.studies),
            Kind::Layout => keep(file, id, &mut definitions.layouts),
            Kind::Language => read::<Language>(file).map(|mut language| {
                language.code.clone_from(&id);
                definitions.languages.insert(id, language);
            }),
            Kind::Goalposts => keep(file, id, &mut definitions.goalposts),
            Kind::Codelist => codelist(file).map(|list| {
                definitions.codelists.insert(id, list);
            }),
        };
        let mut found = found.err().unwrap_or_default();
        found.sort_by_key(|error| error.span.start);
        errors.append(&mut found);
    }
    (definitions, errors)
}

fn keep<T: DeserializeOwned>(
    file: &DefinitionFile,
    id: String,
    into: &mut BTreeMap<String, T>,
) -> Result<(), Vec<DefinitionError>> {
    into.insert(id, read(file)?);
    Ok(())
}

/// Faults reported of one file at most; more are the same mistake over and over.
const REPORTED: usize = 50;
/// Readings of one file at most, placeholders included; no real file comes near.
const READINGS: usize = 1000;

fn read<T: DeserializeOwned>(file: &DefinitionFile) -> Result<T, Vec<DefinitionError>> {
    let (text, mark) = without_mark(&file.text);
    let (root, syntax) = DeTable::parse_recoverable(text);
    let at = |span: Range<usize>, message: String, hint: String| {
        DefinitionError::at(file, span.start + mark..span.end + mark, message, hint)
    };
    if !syntax.is_empty() {
        let faults = syntax.iter().take(REPORTED).map(|error| {
            let hint = if error.message().contains("duplicate key") { "keep one of the two" } else { "" };
            at(error.span().unwrap_or(0..0), format!("not valid TOML: {}", error.message()), hint.into())
        });
        return Err(faults.collect());
    }
    let whole = root.span();
    let mut patched = Patched { root: root.into_inner(), whole, placeholders: 0 };
    let mut errors = Vec::new();
    for _ in 0..READINGS {
        let error = match T::deserialize(Deserializer::from(Spanned::new(patched.whole.clone(), patched.root.clone()))) {
            Ok(value) if errors.is_empty() => return Ok(value),
            Ok(_) => return Err(errors),
            Err(error) => error,
        };
        let span = error.span().unwrap_or(0..0);
        let Some(patch) = patched.patch(error.message(), &span) else {
            if errors.is_empty() || span.start < PLACEHOLDER {
                errors.push(at(if span.start < PLACEHOLDER { span } else { 0..0 }, error.message().to_owned(), String::new()));
            }
            return Err(errors);
        };
        if let Patch::Reported { path } = patch {
            let (message, hint) = explain(error.message(), &path);
            errors.push(at(if span == patched.whole { 0..0 } else { span }, message, hint));
        }
        if errors.len() == REPORTED {
            break;
        }
    }
    Err(errors)
}

/// Spans from here on mark placeholders; no file is that long.
const PLACEHOLDER: usize = usize::MAX / 2;

struct Patched<'a> {
    root: DeTable<'a>,
    whole: Range<usize>,
    /// Made so far; each has a span of its own.
    placeholders: usize,
}

enum Patch {
    /// The file's own fault, at a path like `series[0].dataflow`.
    Reported { path: String },
    /// A consequence of an earlier placeholder.
    Silent,
}

impl Patched<'_> {
    /// Repairs the place of an error so that the reading gets further. `None` when the place is not found.
    fn patch(&mut self, message: &str, span: &Range<usize>) -> Option<Patch> {
        let report = |path: String| if span.start >= PLACEHOLDER { Patch::Silent } else { Patch::Reported { path } };
        if (message.starts_with("unknown field") || message.starts_with("unknown variant"))
            && let Some(path) = remove_key(&mut self.root, span, "")
        {
            return Some(report(path));
        }
        self.placeholders += 1;
        let start = PLACEHOLDER + self.placeholders;
        let fresh = start..start;
        if let Some(field) = message.strip_prefix("missing field ").and_then(|rest| quoted(rest).next()) {
            let (path, table) = if *span == self.whole {
                (String::new(), &mut self.root)
            } else {
                let (path, value) = find_value(&mut self.root, span, "", &|value| {
                    value.as_table().is_some_and(|table| !table.contains_key(field))
                })?;
                let DeValue::Table(table) = value.get_mut() else { return None };
                (path, table)
            };
            // Its span differs from the value's, or a fault of the value would take the key away.
            let key = Spanned::new(start..start + 1, DeString::Owned(field.to_owned()));
            table.insert(key, Spanned::new(fresh, DeValue::String(DeString::Borrowed(""))));
            return Some(report(path));
        }
        let (path, value) = find_value(&mut self.root, span, "", &|_| true)?;
        let next = match message.split_once("expected ").filter(|_| message.starts_with("unknown variant")) {
            Some((_, expected)) => DeValue::String(DeString::Owned(quoted(expected).next()?.to_owned())),
            None if span.start < PLACEHOLDER => DeValue::String(DeString::Borrowed("")),
            None => after(value.get_ref())?,
        };
        *value = Spanned::new(fresh, next);
        Some(report(path))
    }
}

/// The next kind of placeholder to try; `None` after the last.
fn after<'a>(value: &DeValue<'_>) -> Option<DeValue<'a>> {
    match value {
        DeValue::String(_) => DeValue::parse("0").ok().map(Spanned::into_inner),
        DeValue::Integer(_) => Some(DeValue::Array(DeArray::new())),
        DeValue::Array(_) => Some(DeValue::Table(DeTable::new())),
        DeValue::Table(_) => Some(DeValue::Boolean(false)),
        DeValue::Boolean(_) | DeValue::Float(_) | DeValue::Datetime(_) => None,
    }
}

fn join(path: &str, key: &str) -> String {
    let key = if key.contains('.') { format!("\"{key}\"") } else { key.to_owned() };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

fn remove_key(table: &mut DeTable<'_>, span: &Range<usize>, path: &str) -> Option<String> {
    if let Some(name) = table.keys().find(|key| key.span() == *span).map(|key| key.get_ref().to_string()) {
        table.remove(name.as_str());
        return Some(join(path, &name));
    }
    for (key, value) in &mut *table {
        let path = join(path, key.get_ref());
        if let Some(found) = remove_key_inside(value.get_mut(), span, &path) {
            return Some(found);
        }
    }
    None
}

fn remove_key_inside(value: &mut DeValue<'_>, span: &Range<usize>, path: &str) -> Option<String> {
    match value {
        DeValue::Table(table) => remove_key(table, span, path),
        DeValue::Array(array) => (0..)
            .zip(array.iter_mut())
            .find_map(|(index, value): (usize, _)| remove_key_inside(value.get_mut(), span, &format!("{path}[{index}]"))),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => None,
    }
}

/// The value with exactly this span, and its path. Inner ones come first: a table that exists only by
/// its children's headers may have the span of one of them.
fn find_value<'t, 'a>(
    table: &'t mut DeTable<'a>,
    span: &Range<usize>,
    path: &str,
    fits: &dyn Fn(&DeValue<'_>) -> bool,
) -> Option<(String, &'t mut Spanned<DeValue<'a>>)> {
    table.iter_mut().find_map(|(key, value)| find_inside(value, span, join(path, key.get_ref()), fits))
}

fn find_inside<'t, 'a>(
    value: &'t mut Spanned<DeValue<'a>>,
    span: &Range<usize>,
    path: String,
    fits: &dyn Fn(&DeValue<'_>) -> bool,
) -> Option<(String, &'t mut Spanned<DeValue<'a>>)> {
    if value.span() == *span && fits(value.get_ref()) {
        return Some((path, value));
    }
    match value.get_mut() {
        DeValue::Table(table) => find_value(table, span, &path, fits),
        DeValue::Array(array) => (0..)
            .zip(array.iter_mut())
            .find_map(|(index, value): (usize, _)| find_inside(value, span, format!("{path}[{index}]"), fits)),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => None,
    }
}

/// The texts between backticks.
fn quoted(message: &str) -> impl Iterator<Item = &str> + Clone {
    message.split('`').skip(1).step_by(2)
}

/// The deserializer's words in ours: message and hint.
fn explain(message: &str, path: &str) -> (String, String) {
    let mut names = quoted(message);
    let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
    if message.starts_with("unknown field") {
        let key = names.next().unwrap_or_default();
        let place = if parent.is_empty() { String::new() } else { format!(" in `{parent}`") };
        return (format!("unknown key `{key}`{place}"), nearest::hint(key, names));
    }
    if message.starts_with("unknown variant") {
        let value = names.next().unwrap_or_default();
        let known: Vec<&str> = names.collect();
        let message = format!("`{path}` cannot be `{value}`: expected one of {}", known.join(", "));
        return (message, nearest::nearest(value, known).map(|close| format!("did you mean `{close}`?")).unwrap_or_default());
    }
    if message.starts_with("missing field") {
        let key = names.next().unwrap_or_default();
        let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
        return (format!("missing key `{key}`{place}"), String::new());
    }
    if let Some((found, expected)) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.rsplit_once(", expected "))
    {
        let (found, expected) = (in_words(found), in_words(expected));
        let hint = if found == "a table" && path.contains("texts") {
            "a key with a dot in it must stand in quotes: \"chapter.skills\" = \"...\""
        } else {
            ""
        };
        return (format!("wrong type at `{path}`: expected {expected}, found {found}"), hint.into());
    }
    let place = if path.is_empty() { String::new() } else { format!("`{path}`: ") };
    (format!("{place}{message}"), String::new())
}

/// A type in the words of someone who edits the file.
fn in_words(kind: &str) -> String {
    let (name, value) = kind.split_once(' ').unwrap_or((kind, ""));
    match (name, value) {
        ("f64" | "f32", _) => "a number".into(),
        ("u8", _) => "a whole number from 0 to 255".into(),
        ("u16", _) => "a whole number from 0 to 65535".into(),
        ("u32" | "u64" | "i64" | "usize", _) => "a whole number, not negative".into(),
        ("integer", number) => format!("the whole number {}", number.trim_matches('`')),
        ("floating", number) => format!("the number {}", number.trim_start_matches("point ").trim_matches('`')),
        ("boolean", value) => value.trim_matches('`').to_owned(),
        ("a" | "string", "string" | "") => "a text in quotes".into(),
        ("string", text) => format!("the text {text}"),
        ("a" | "sequence", "sequence" | "") => "a list in [ ]".into(),
        ("a" | "map", "map" | "") | ("struct", _) => "a table".into(),
        _ => kind.to_owned(),
    }
}

fn codelist(file: &DefinitionFile) -> Result<Codelist, Vec<DefinitionError>> {
    let mut records = csv_records(file).map_err(|error| vec![error])?.into_iter();
    let Some((span, columns)) = records.next() else {
        return Err(vec![DefinitionError::at(file, 0..0, "the list is empty: expected a header line and one entry a line", "")]);
    };
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for column in &columns {
        let named = !column.is_empty() && column.trim() == column;
        if !named || !seen.insert(column) {
            let message =
                if named { format!("column `{column}` is given twice") } else { format!("`{column}` is no column name") };
            errors.push(DefinitionError::at(file, span.clone(), message, "the first line names the columns"));
        }
    }
    let mut rows = Vec::new();
    for (span, row) in records {
        if row.len() != columns.len() && errors.len() < REPORTED {
            let message = format!("expected {} cells ({}), found {}", columns.len(), columns.join(", "), row.len());
            errors.push(DefinitionError::at(file, span, message, "put a cell that holds a comma in quotes"));
        }
        rows.push(row);
    }
    if errors.is_empty() { Ok(Codelist { columns, rows }) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "name = \"Eurostat\"\nprotocol = \"eurostat\"\nlicence = \"CC BY 4.0\"\ncitation = \"{code}\"\n";

    fn file(path: &str, text: &str) -> DefinitionFile {
        DefinitionFile { path: path.into(), text: text.into(), from: "test".into() }
    }

    /// The faults of one file as `line:column message | hint`, and whether a definition came out.
    fn faults(path: &str, text: &str) -> Vec<String> {
        let (definitions, errors) = parse(&[file(path, text)]);
        let read = definitions.sources.len()
            + definitions.indicators.len()
            + definitions.territories.len()
            + definitions.languages.len()
            + definitions.codelists.len();
        assert_eq!(read == 1, errors.is_empty(), "a definition comes out exactly when there is no fault: {errors:?}");
        errors.iter().map(|error| format!("{}:{} {} | {}", error.line, error.column, error.message, error.hint)).collect()
    }

    fn check(path: &str, text: &str, expected: &[&str]) {
        assert_eq!(faults(path, text), expected, "{text}");
    }

    fn check_source(extra: &str, expected: &[&str]) {
        check("sources/a.toml", &format!("{SOURCE}{extra}"), expected);
    }

    #[test]
    fn good_files() {
        check_source("", &[]);
        check("sources/a.toml", &format!("\u{feff}{}", SOURCE.replace('\n', "\r\n")), &[]);
        check_source("pace_seconds = 1\n[timeouts]\nconnect = 10\nidle = 30.5\ntotal = 600", &[]);
        check("codelists/sex.csv", "code,label\nT,Total\n\"M\",\"Men, all\"\n", &[]);
    }

    #[test]
    fn unknown_keys_all_at_once() {
        check_source(
            "licens = \"x\"\npace = 1.0\nzzzzzzzzz = 1\n",
            &[
                "5:1 unknown key `licens` | did you mean `licence`?",
                "6:1 unknown key `pace` | did you mean `pace_seconds`?",
                "7:1 unknown key `zzzzzzzzz` | known: name, protocol, base_url, pace_seconds, timeouts, tries, windows, ban_hours, \
                 credentials, register_url, numbers, quirks and 8 more",
            ],
        );
        check_source(
            "[timeouts]\nconnect = 1\nidle = 2\ntotal = 3\nconect = 4",
            &["9:1 unknown key `conect` in `timeouts` | did you mean `connect`?"],
        );
    }

    #[test]
    fn missing_keys_all_at_once() {
        check(
            "sources/a.toml",
            "name = \"x\"\n[timeouts]\nconnect = 1\n",
            &[
                "1:1 missing key `protocol` | ",
                "1:1 missing key `licence` | ",
                "1:1 missing key `citation` | ",
                "2:1 missing key `idle` in `timeouts` | ",
                "2:1 missing key `total` in `timeouts` | ",
            ],
        );
        check(
            "sources/a.toml",
            "",
            &[
                "1:1 missing key `name` | ",
                "1:1 missing key `protocol` | ",
                "1:1 missing key `licence` | ",
                "1:1 missing key `citation` | ",
            ],
        );
    }

    #[test]
    fn wrong_types() {
        check_source(
            "pace_seconds = \"fast\"",
            &["5:16 wrong type at `pace_seconds`: expected a number, found the text \"fast\" | "],
        );
        check_source(
            "tries = -1",
            &["5:9 wrong type at `tries`: expected a whole number, not negative, found the whole number -1 | "],
        );
        check_source(
            "tries = 1.5",
            &["5:9 wrong type at `tries`: expected a whole number, not negative, found the number 1.5 | "],
        );
        check_source("notes = \"one\"", &["5:9 wrong type at `notes`: expected a list in [ ], found the text \"one\" | "]);
        check_source(
            "notes = [1, \"b\", 2]",
            &[
                "5:10 wrong type at `notes[0]`: expected a text in quotes, found the whole number 1 | ",
                "5:18 wrong type at `notes[2]`: expected a text in quotes, found the whole number 2 | ",
            ],
        );
        check_source("timeouts = 3", &["5:12 wrong type at `timeouts`: expected a table, found the whole number 3 | "]);
        check_source("base_url = true", &["5:12 wrong type at `base_url`: expected a text in quotes, found true | "]);
    }

    #[test]
    fn syntax() {
        let found = faults("sources/a.toml", &format!("{SOURCE}tries = \nnotes = [\"a\""));
        assert!(found.len() >= 2 && found.iter().all(|fault| fault.contains("not valid TOML")), "{found:?}");
        assert!(found[0].starts_with("5:"), "{found:?}");
        let found = faults("sources/a.toml", &format!("{SOURCE}name = \"again\""));
        assert_eq!(found, ["5:1 not valid TOML: duplicate key | keep one of the two"]);
    }

    #[test]
    fn indicators_and_territories() {
        const INDICATOR: &str =
            "name = \"Rate\"\nunit = \"percent\"\ndirection = \"neutral\"\nuniverse = \"all\"\nconcept = \"c\"\n";
        check(
            "indicators/a.toml",
            &format!(
                "{INDICATOR}decimals = 300\n[[series]]\ndataflow = \"a/b\"\nwere = {{ age = \"T\" }}\nby = \"citizen\"\n[gap]\nof = \"noneu\"\n"
            ),
            &[
                "6:12 wrong type at `decimals`: expected a whole number from 0 to 255, found the whole number 300 | ",
                "9:1 unknown key `were` in `series[0]` | did you mean `where`?",
                "10:6 `series[0].by` cannot be `citizen`: expected one of citizenship, birth | did you mean `citizenship`?",
                "11:1 missing key `against` in `gap` | ",
                "12:6 `gap.of` cannot be `noneu`: expected one of total, national, eu, non_eu, foreign, stateless, native_born, \
                 eu_born, non_eu_born, foreign_born, unknown, ukraine | did you mean `non_eu`?",
            ],
        );
        check(
            "territories/a.toml",
            "level = \"nuts2\"\ncountry = \"PL\"\nkind = \"new_arrival_region\"\npartner = \"p\"\nnames.en = \"A\"\nparents = {}\n\
             [nuts.2020]\nnuts2 = \"PL42\"\n[nuts.2024]\nnuts2 = \"PL42\"\n",
            &["7:7 `nuts.2020` cannot be `2020`: expected one of 2013, 2016, 2021, 2024 | did you mean `2021`?"],
        );
    }

    #[test]
    fn languages() {
        let head =
            "name = \"English\"\nnumber = { decimal = \".\", group = \"\", minus = \"-\", percent_space = \"\" }\n[texts]\n";
        check("languages/en.toml", &format!("{head}\"chapter.skills\" = \"Skills\"\n"), &[]);
        let found = faults("languages/en.toml", &format!("{head}chapter.skills = \"Skills\"\n"));
        assert!(found.len() == 1 && found[0].contains("must stand in quotes"), "{found:?}");
    }

    #[test]
    fn codelists() {
        check("codelists/a.csv", "", &["1:1 the list is empty: expected a header line and one entry a line | "]);
        check(
            "codelists/a.csv",
            "code,label\nT,Total\nM,Men, all\nF\n",
            &[
                "3:1 expected 2 cells (code, label), found 3 | put a cell that holds a comma in quotes",
                "4:1 expected 2 cells (code, label), found 1 | put a cell that holds a comma in quotes",
            ],
        );
        check("codelists/a.csv", "code,code\n", &["1:1 column `code` is given twice | the first line names the columns"]);
        check("codelists/a.csv", "code, x\n", &["1:1 ` x` is no column name | the first line names the columns"]);
    }

    #[test]
    fn all_files_at_once() {
        let files = [
            file("sources/b.toml", "x ="),
            file("sources/a.toml", SOURCE),
            file("sources/a.toml", SOURCE),
            file("source/a.toml", SOURCE),
            file("codelists/c.csv", ""),
        ];
        let (definitions, errors) = parse(&files);
        assert_eq!(definitions.sources.keys().collect::<Vec<_>>(), ["a"]);
        let paths: Vec<_> = errors.iter().map(|error| error.path.as_str()).collect();
        assert_eq!(paths, ["sources/b.toml", "sources/a.toml", "source/a.toml", "codelists/c.csv"]);
    }

    /// Whatever is typed, a reading ends without a panic.
    #[test]
    fn cut_and_garbled_files_end() {
        let good = format!("{SOURCE}notes = [\"a\"]\n[timeouts]\nconnect = 1\nidle = 2\ntotal = 3\n");
        for end in 0..good.len() {
            parse(&[file("sources/a.toml", &good[..end]), file("territories/a.toml", &good[end..])]);
            let mut garbled = good.clone();
            garbled.replace_range(end..=end, "[");
            parse(&[file("sources/a.toml", &garbled), file("indicators/a.toml", &garbled), file("codelists/a.csv", &garbled)]);
        }
    }
}
