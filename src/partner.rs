//! Compute: the mapping of a partner's file, as proposed after a look at it, as completed by a person, and as the record
//! of a dataflow that next year's file is read by.
//!
//! Opens nothing and reads no figure: what the mapping says is done by the readers, like any declared layout.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use baseline_model::Period;
use baseline_model::definitions::{Definitions, Level, Origin, Unit, resolve};
use baseline_source::{InspectedColumn, InspectedSheet, Inspection};

/// How a file becomes a table. Everything is as a person may type it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    pub title: String,
    /// None: the only sheet, or a text.
    pub sheet: Option<String>,
    /// Row of the header, from 1.
    pub header_row: u32,
    pub header_rows: u32,
    /// Column -> dimension.
    pub keys: Vec<(String, String)>,
    /// Column -> code, and the period when it is the column's.
    pub values: Vec<(String, String)>,
    pub period: Option<String>,
    pub period_column: Option<String>,
    pub unit: Option<String>,
    pub level: Option<Level>,
    pub missing: Vec<String>,
    /// Beginnings of the first cell of the row below the table's last one.
    pub until: Vec<String>,
    pub withheld: Vec<String>,
    pub delimiter: Option<char>,
    pub encoding: Option<String>,
    pub decimal: Option<char>,
    pub groups: Vec<char>,
    /// Dimension -> its code for all.
    pub totals: Vec<(String, String)>,
    /// Rate -> the count it is a rate of.
    pub rates: Vec<(String, String)>,
    pub zeros_safe: bool,
    pub rounding: u32,
    /// Where the figures are public already; none: they are protected.
    pub published: Option<String>,
}

/// The mapping that a look at the file suggests; what it cannot know is left open.
pub fn proposal(inspection: &Inspection, definitions: &Definitions, given: &Mapping) -> Mapping {
    let mut mapping = given.clone();
    let Some(sheet) = chosen(inspection, given) else { return mapping };
    if mapping.sheet.is_none() && !sheet.name.is_empty() {
        mapping.sheet = Some(sheet.name.clone());
    }
    mapping.delimiter = mapping.delimiter.or(inspection.delimiter);
    if mapping.header_row == 0 {
        mapping.header_row = sheet.headers.first().map_or(1, |header| header.row);
    }
    mapping.header_rows = mapping.header_rows.max(1);
    let named = |column: &&InspectedColumn| !column.header.is_empty();
    if mapping.keys.is_empty() {
        let texts: Vec<&InspectedColumn> = sheet.columns.iter().filter(named).filter(|column| !column.is_figures()).collect();
        let place = |column: &&&InspectedColumn| column.samples.iter().any(|text| resolve::territory(definitions, text).is_ok());
        let geo = texts.iter().find(place).or(texts.first()).map(|column| column.header.clone());
        mapping.keys = geo.into_iter().map(|column| (column, "geo".to_owned())).collect();
    }
    if mapping.period.is_none() && mapping.period_column.is_none() {
        let year = |text: &String| text.parse::<i16>().is_ok_and(|year| (1950..2100).contains(&year));
        let is_period = |column: &&InspectedColumn| !column.samples.is_empty() && column.samples.iter().all(year);
        mapping.period_column = sheet.columns.iter().filter(named).find(is_period).map(|column| column.header.clone());
    }
    if mapping.values.is_empty() {
        let free = |column: &&InspectedColumn| {
            column.is_figures()
                && mapping.period_column.as_ref() != Some(&column.header)
                && !mapping.keys.iter().any(|(key, _)| *key == column.header)
        };
        let figures = sheet.columns.iter().filter(named).filter(free);
        mapping.values = figures.map(|column| (column.header.clone(), slug(&column.header))).collect();
    }
    mapping
}

/// The sheet that is named, or the only one with cells, or the one with the most.
pub fn chosen<'i>(inspection: &'i Inspection, mapping: &Mapping) -> Option<&'i InspectedSheet> {
    let named = mapping.sheet.as_ref().and_then(|name| inspection.sheets.iter().find(|sheet| sheet.name == *name));
    if mapping.sheet.is_some() { named } else { inspection.sheets.iter().max_by_key(|sheet| sheet.cells) }
}

/// What is still to be said before the file can be read, each as the option that says it.
pub fn open_questions(mapping: &Mapping) -> Vec<String> {
    let mut open = Vec::new();
    if !mapping.keys.iter().any(|(_, dimension)| dimension == "geo") {
        open.push("--key \"COLUMN=geo\": which column says the place".to_owned());
    }
    if mapping.values.is_empty() {
        open.push("--value \"COLUMN=code\": which columns hold figures".to_owned());
    }
    let dated = mapping.values.iter().all(|(_, code)| code.contains('@'));
    if mapping.period.is_none() && mapping.period_column.is_none() && !dated {
        open.push("--period 2025 or --period-column COLUMN: when the figures are of".to_owned());
    }
    if mapping.unit.is_none() {
        open.push("--unit persons: what the figures count".to_owned());
    }
    open
}

/// What cannot be as it was typed, in words.
pub fn faults(mapping: &Mapping, id: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let stem = id.strip_prefix("partner/").unwrap_or("");
    if stem.is_empty() || !stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        faults.push(format!("`{id}`: expected partner/ and small letters, digits or _: partner/employees"));
    }
    let periods = mapping
        .period
        .iter()
        .map(String::as_str)
        .chain(mapping.values.iter().filter_map(|(_, code)| Some(code.split_once('@')?.1)));
    for text in periods.filter(|text| Period::parse(text).is_none()) {
        faults.push(format!("`{text}` is no period: expected for example 2025, 2025-Q1, 2025-12-31"));
    }
    if let Some(unit) = mapping.unit.as_ref().filter(|unit| unit_of(unit).is_none()) {
        faults.push(format!("`{unit}` is no unit: expected for example persons, percent, households, permits, years, euro"));
    }
    let mut seen = BTreeSet::new();
    let dimensions = mapping.keys.iter().map(|(_, dimension)| dimension).chain(mapping.values.iter().map(|(_, code)| code));
    for code in dimensions.filter(|code| !seen.insert((*code).clone())) {
        faults.push(format!("`{code}` is given to two columns"));
    }
    for (_, dimension) in &mapping.keys {
        if dimension.is_empty()
            || !dimension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        {
            faults.push(format!("`{dimension}` is no dimension: expected geo, sex, age, origin, or a name in small letters"));
        }
    }
    for (rate, base) in &mapping.rates {
        for code in
            [rate, base].into_iter().filter(|code| !mapping.values.iter().any(|(_, value)| code_of(value) == code.as_str()))
        {
            faults.push(format!("--rate names `{code}`, which is no --value"));
        }
    }
    faults
}

fn unit_of(text: &str) -> Option<Unit> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn code_of(value: &str) -> &str {
    value.split('@').next().unwrap_or(value)
}

/// The record `pipelines/dataflows/partner/<id>.toml`.
pub fn record(mapping: &Mapping, inspection: &Inspection, definitions: &Definitions) -> String {
    let mut text =
        String::from("# Written by `baseline import`; edit it like any record. Next year: baseline import FILE --as ID\n");
    let mut line = |key: &str, value: String| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{key} = {value}");
    };
    let origins: Vec<Origin> = mapping.values.iter().filter_map(|(_, value)| Origin::parse(code_of(value))).collect();
    let by_origin = origins.len() == mapping.values.len()
        && origins.iter().any(|origin| origin.concept().is_some())
        && !mapping.keys.iter().any(|(_, dimension)| dimension == "origin");
    line("title", quoted(&mapping.title));
    let annual = mapping.period_column.is_some() || mapping.period.as_ref().is_some_and(|period| period.len() == 4);
    line("frequency", quoted(if annual { "annual" } else { "irregular" }));
    let sheet = chosen(inspection, mapping);
    let places = places(mapping, sheet, definitions);
    let level = mapping.level.or_else(|| {
        places
            .iter()
            .find_map(|(_, code)| definitions.territories.values().find(|territory| territory.own_code() == code.as_str()))
            .map(|territory| territory.level)
    });
    line("levels", format!("[{}]", quoted(&format!("{:?}", level.unwrap_or(Level::Lau)).to_lowercase())));
    let concept = origins.iter().find_map(|origin| origin.concept());
    if let Some(concept) = concept.filter(|_| by_origin) {
        line("concept", quoted(&concept.to_string()));
    }
    text.push_str("\n[dimensions]\n");
    let ours = ["geo", "sex", "age", "origin"];
    let keys = mapping.keys.iter().map(|(_, dimension)| dimension.as_str()).filter(|dimension| ours.contains(dimension));
    let mapped: BTreeSet<&str> = keys.chain(by_origin.then_some("origin")).chain(["unit"]).collect();
    for name in mapped {
        text.push_str(&format!("{name} = {}\n", quoted(name)));
    }
    if !places.is_empty() {
        text.push_str("\n[codes.geo]\n");
        for (name, code) in &places {
            text.push_str(&format!("{} = {}\n", quoted(name), quoted(code)));
        }
    }
    if by_origin {
        text.push_str("\n[codes.origin]\n");
        origins
            .iter()
            .collect::<BTreeSet<_>>()
            .iter()
            .for_each(|origin| text.push_str(&format!("{0} = {1}\n", origin.code(), quoted(origin.code()))));
    }
    disclosure(mapping, by_origin, &mut text);
    shape(mapping, by_origin, sheet, &mut text);
    text
}

/// The record of a survey's tables: tidy already, so that no layout is needed.
pub fn survey_record(mapping: &Mapping, level: Level) -> String {
    let mut text = format!(
        "# Written by `baseline import` from a survey.\ntitle = {}\nfrequency = \"irregular\"\nlevels = [{}]\n\n[dimensions]\ngeo = \"geo\"\n",
        quoted(&mapping.title),
        quoted(&format!("{level:?}").to_lowercase())
    );
    disclosure(mapping, false, &mut text);
    text
}

fn disclosure(mapping: &Mapping, by_origin: bool, text: &mut String) {
    text.push_str("\n[disclosure]\n");
    if let Some(published) = &mapping.published {
        text.push_str(&format!("apply = false\nreason = {}\n", quoted(published)));
        return;
    }
    if mapping.zeros_safe {
        text.push_str("zeros_safe = true\n");
    }
    if mapping.rounding > 0 {
        text.push_str(&format!("rounding = {}\n", mapping.rounding));
    }
    let mut totals: BTreeMap<&str, &str> = mapping.totals.iter().map(|(name, code)| (name.as_str(), code.as_str())).collect();
    let values = if by_origin { "origin" } else { "measure" };
    if mapping.values.iter().any(|(_, value)| code_of(value) == "total") {
        totals.entry(values).or_insert("total");
    }
    let pairs = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
        pairs.map(|(a, b)| format!("{} = {}", quoted(a), quoted(b))).collect::<Vec<_>>().join(", ")
    };
    text.push_str(&format!("totals = {{ {} }}\n", pairs(&mut totals.into_iter())));
    if !mapping.rates.is_empty() {
        text.push_str(&format!("rates = {{ {} }}\n", pairs(&mut mapping.rates.iter().map(|(a, b)| (a.as_str(), b.as_str())))));
    }
}

fn shape(mapping: &Mapping, by_origin: bool, sheet: Option<&InspectedSheet>, text: &mut String) {
    text.push_str("\n[[shapes]]\n");
    if let Some(delimiter) = mapping.delimiter {
        text.push_str(&format!("delimiter = {}\n", quoted(&delimiter.to_string())));
    }
    if let Some(encoding) = &mapping.encoding {
        text.push_str(&format!("encoding = {}\n", quoted(encoding)));
    }
    if mapping.decimal.is_some() || !mapping.groups.is_empty() || !mapping.withheld.is_empty() {
        text.push_str("[shapes.numbers]\n");
        if let Some(decimal) = mapping.decimal {
            text.push_str(&format!("decimal = {}\n", quoted(&decimal.to_string())));
        }
        if !mapping.groups.is_empty() {
            text.push_str(&format!("groups = {}\n", list(mapping.groups.iter().map(char::to_string))));
        }
        let marks: Vec<String> = mapping.withheld.iter().map(|mark| format!("{} = \"c\"", quoted(mark))).collect();
        if !marks.is_empty() {
            text.push_str(&format!("marks = {{ {} }}\n", marks.join(", ")));
        }
    }
    text.push_str("[[shapes.blocks]]\n");
    if let Some(name) = &mapping.sheet {
        text.push_str(&format!("sheet = {}\n", quoted(name)));
    }
    text.push_str(&format!("header_row = {}\n", mapping.header_row.max(1)));
    if mapping.header_rows > 1 {
        text.push_str(&format!("header_rows = {}\n", mapping.header_rows));
    }
    if let Some(column) = &mapping.period_column {
        text.push_str(&format!("period_column = {}\n", quoted(column)));
    } else if let Some(period) = &mapping.period {
        text.push_str(&format!(
            "# Each file's own is given with --period and kept in its receipt.\nperiod = {}\n",
            quoted(period)
        ));
    }
    if !mapping.missing.is_empty() {
        text.push_str(&format!("missing = {}\n", list(mapping.missing.iter().cloned())));
    }
    if !mapping.until.is_empty() {
        text.push_str(&format!("stop = {}\n", list(mapping.until.iter().cloned())));
    }
    let used: BTreeSet<&String> =
        mapping.keys.iter().chain(&mapping.values).map(|(column, _)| column).chain(&mapping.period_column).collect();
    let ignored: Vec<String> = sheet
        .into_iter()
        .flat_map(|sheet| &sheet.columns)
        .map(|column| column.header.clone())
        .filter(|header| !header.is_empty() && !used.contains(header))
        .collect();
    if !ignored.is_empty() && mapping.header_rows <= 1 {
        text.push_str(&format!("ignore = {}\n", list(ignored.into_iter())));
    }
    text.push_str(&format!("constants = {{ unit = {} }}\n", quoted(mapping.unit.as_deref().unwrap_or("persons"))));
    text.push_str("keys = [\n");
    for (column, dimension) in &mapping.keys {
        text.push_str(&format!("  {{ column = {}, dimension = {} }},\n", path(column), quoted(dimension)));
    }
    text.push_str("]\nmeasures = [\n");
    for (column, value) in &mapping.values {
        let (code, period) = value.split_once('@').map_or((value.as_str(), None), |(code, period)| (code, Some(period)));
        let code = if by_origin { format!("set = {{ origin = {} }}", quoted(code)) } else { format!("code = {}", quoted(code)) };
        let period = period.map(|period| format!(", period = {}", quoted(period))).unwrap_or_default();
        text.push_str(&format!("  {{ column = {}, {code}{period} }},\n", path(column)));
    }
    text.push_str("]\n");
}

/// The texts of the place column that are territories of ours, with their codes.
fn places(mapping: &Mapping, sheet: Option<&InspectedSheet>, definitions: &Definitions) -> BTreeMap<String, String> {
    let geo = mapping.keys.iter().find(|(_, dimension)| dimension == "geo").map(|(column, _)| column);
    let column = sheet.into_iter().flat_map(|sheet| &sheet.columns).find(|column| Some(&column.header) == geo);
    let samples = column.into_iter().flat_map(|column| &column.samples);
    let found = samples.filter_map(|text| {
        let id = resolve::territory(definitions, text).ok()?;
        let code = definitions.territories.get(&id)?.own_code();
        (code != text).then(|| (text.clone(), code.to_owned()))
    });
    found.collect()
}

/// A column's header, or its levels where it has several: `Nationality / Greek`.
fn path(column: &str) -> String {
    let levels: Vec<&str> = column.split(" / ").collect();
    if levels.len() > 1 { list(levels.into_iter().map(str::to_owned)) } else { quoted(column) }
}

fn list(texts: impl Iterator<Item = String>) -> String {
    format!("[{}]", texts.map(|text| quoted(&text)).collect::<Vec<_>>().join(", "))
}

/// A text of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            sign if sign.is_control() || sign == '\u{a0}' || sign == '\u{202f}' => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(sign)));
            }
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}

/// Small letters, digits and `_`.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for sign in resolve::fold(text).chars() {
        if sign.is_ascii_alphanumeric() {
            slug.push(sign.to_ascii_lowercase());
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "value".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_toml() {
        for text in ["Zahl \"A\"", "a\\b", "1\u{a0}234", "tab\tnew\n", "Ascó"] {
            let table: toml::Table = toml::from_str(&format!("x = {}", quoted(text))).expect("a text");
            assert_eq!(table["x"].as_str(), Some(text));
        }
    }

    #[test]
    fn slugs() {
        for (text, expected) in
            [("Foreign employees (2025)", "foreign_employees_2025"), ("Tuji državljani", "tuji_drzavljani"), ("—", "value")]
        {
            assert_eq!(slug(text), expected);
        }
    }

    #[test]
    fn what_is_open_and_what_is_wrong() {
        assert_eq!(open_questions(&Mapping::default()).len(), 3 + 1 - usize::from(Mapping::default().values.is_empty()));
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let good = Mapping {
            keys: vec![pair("Place", "geo")],
            values: vec![pair("A", "total@2024"), pair("B", "foreign@2024")],
            unit: Some("persons".into()),
            ..Mapping::default()
        };
        assert_eq!((open_questions(&good), faults(&good, "partner/x")), (Vec::new(), Vec::new()));
        for (mapping, id, part) in [
            (good.clone(), "x", "expected partner/"),
            (good.clone(), "partner/../x", "expected partner/"),
            (Mapping { unit: Some("heads".into()), ..good.clone() }, "partner/x", "`heads` is no unit"),
            (Mapping { period: Some("last year".into()), ..good.clone() }, "partner/x", "`last year` is no period"),
            (Mapping { rates: vec![pair("share", "total")], ..good.clone() }, "partner/x", "--rate names `share`"),
            (Mapping { keys: vec![pair("P", "geo"), pair("Q", "geo")], ..good }, "partner/x", "`geo` is given to two columns"),
        ] {
            let found = faults(&mapping, id);
            assert!(found.iter().any(|fault| fault.contains(part)), "{part}: {found:?}");
        }
    }
}
