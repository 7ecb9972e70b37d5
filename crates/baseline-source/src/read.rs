//! The door: bytes to tables and findings, by content and never by file name.
//!
//! Every reader is total. It returns what it could read with certainty and a finding for the rest;
//! a table in which a cell could stand in the wrong place is refused as a whole.

use baseline_model::definitions::{Numbers, Shape};
use baseline_model::{Finding, RawTable, Reading};
use serde_json::Value as Json;

use crate::findings::{Context, quote, quote_message};
use crate::labels::Labels;
use crate::{
    archive, atlas, bdl, cbs, foreign, genesis, idescat, ine, istat_csv, jsonstat, parquet, px, pxweb, pxweb_csv, review,
    sdmx_csv, sdmx_json, sdmx_ml, shape, tidy, tsv, unpack, workbook,
};

/// What may not be exceeded, against files that unpack to more than the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after unpacking.
    pub unpacked: usize,
    /// Cells of one table, or of one workbook.
    pub cells: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked: 512 << 20, cells: 20_000_000 }
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions<'a> {
    /// For files that have labels where codes belong.
    pub labels: Option<&'a Labels>,
    /// For CSV files and workbooks of no common format, newest layout first.
    pub shapes: &'a [Shape],
    /// How the source writes numbers, where the format leaves it open.
    pub numbers: Option<&'a Numbers>,
    pub limits: Limits,
}

/// Reads a statistical file of any known format. `name` is used in messages only.
///
/// Never fails and never panics: what could not be used is named in the findings at error level.
pub fn read(bytes: &[u8], name: &str, options: &ReadOptions<'_>) -> Reading {
    let mut context = Context::new(name, options);
    let (format, tables) = recognise(bytes, &mut context);
    for table in &tables {
        review::review(table, &mut context);
    }
    if !format.is_empty() && context.descriptions.is_empty() {
        review::emptiness(&tables, &mut context);
    }
    if !options.shapes.is_empty() && format != shape::FORMAT && !format.is_empty() {
        context.add(Finding::info("shape-not-used", name, format!("the file is {format}: the declared shape was not needed")));
    }
    Reading { format: format.to_owned(), tables, descriptions: context.descriptions, findings: context.findings }
}

/// The format's name (empty when none was recognised) and the tables.
fn recognise(bytes: &[u8], context: &mut Context<'_>) -> (&'static str, Vec<RawTable>) {
    let unpacked;
    let bytes = if unpack::is_gzip(bytes) {
        let Some(inside) = unpack::gunzip(bytes, context) else { return ("", Vec::new()) };
        unpacked = inside;
        unpacked.as_slice()
    } else if bytes.len() > context.options.limits.unpacked {
        context.add(unpack::too_large(context, "file", context.options.limits.unpacked));
        return ("", Vec::new());
    } else {
        bytes
    };
    let member;
    let bytes = if archive::is_one(bytes) {
        let Some(inside) = archive::only_member(bytes, context) else { return ("", Vec::new()) };
        member = inside;
        member.as_slice()
    } else {
        bytes
    };
    if workbook::is_one(bytes) {
        return workbook::read(bytes, context);
    }
    if parquet::is_one(bytes) {
        return parquet::read(bytes, context);
    }
    if bytes.starts_with(b"%PDF") {
        context.add(
            Finding::error("unknown-format", context.name, "the file is a PDF file, which is not read")
                .hint("look for the table behind it at the provider"),
        );
        return ("", Vec::new());
    }
    if px::is_one(bytes) {
        return (px::FORMAT, px::read(bytes, context).into_iter().collect());
    }
    let declared = context.options.shapes.iter().find_map(|shape| shape.encoding.as_deref());
    let text = match declared {
        Some(label) => unpack::decode_as(bytes, label, context),
        None => unpack::decode(bytes, context),
    };
    let Some(text) = text else { return ("", Vec::new()) };
    match text.trim_start().as_bytes().first() {
        None => {
            context.add(Finding::error("empty-file", context.name, "the file is empty").hint("download it again"));
            ("", Vec::new())
        }
        Some(b'{' | b'[') => json(&text, context),
        Some(b'<') if idescat::is_one(&text) => (idescat::FORMAT, idescat::read(&text, context).into_iter().collect()),
        Some(b'<') => sdmx_ml::read(&text, context).unwrap_or_else(|| (markup(&text, context), Vec::new())),
        Some(_) => delimited(&text, context),
    }
}

fn json(text: &str, context: &mut Context<'_>) -> (&'static str, Vec<RawTable>) {
    let json: Json = match serde_json::from_str(text).or_else(|error| records_by_line(text).ok_or(error)) {
        Ok(json) => json,
        Err(error) => {
            context.add(
                Finding::error("json-damaged", context.name, format!("the file begins like JSON and is not: {error}"))
                    .hint("the file is cut or damaged: download it again"),
            );
            return ("", Vec::new());
        }
    };
    if jsonstat::is_any(&json) {
        return jsonstat::read(&json, context);
    }
    if let Some(format) = pxweb::recognise(&json) {
        return (format, pxweb::read(&json, context).into_iter().collect());
    }
    if atlas::is_one(&json) {
        return (atlas::FORMAT, atlas::read(&json, context).into_iter().collect());
    }
    if sdmx_json::is_one(&json) {
        return sdmx_json::read(&json, context);
    }
    if bdl::is_one(&json) {
        return (bdl::FORMAT, bdl::read(&json, context).into_iter().collect());
    }
    if let Some(status) = genesis::answer::status(&json) {
        genesis::answer::read(&json, &status, context);
        return (if context.descriptions.is_empty() { "" } else { genesis::answer::FORMAT }, Vec::new());
    }
    if ine::is_one(&json) {
        return (ine::FORMAT, ine::read(&json, context).into_iter().collect());
    }
    if cbs::is_one(&json) {
        return (cbs::FORMAT, cbs::read(&json, context));
    }
    let first = |member: &str| match &json[member] {
        Json::Array(items) => items.first(),
        Json::Null => None,
        other @ (Json::Object(_) | Json::String(_) | Json::Bool(_) | Json::Number(_)) => Some(other),
    };
    let said = first("error").or_else(|| first("warning"));
    let said = said.map(|answer| answer["label"].as_str().map_or_else(|| answer.to_string(), str::to_owned));
    if let Some(said) = said.or_else(|| ine::status(&json).map(str::to_owned)).or_else(|| pxweb::problem(&json)) {
        context.add(
            Finding::error(
                "error-body",
                context.name,
                format!("no data: the provider answered with a message: {}", quote_message(&said)),
            )
            .hint("repeat the request as the message says; this file is not data"),
        );
        return ("", Vec::new());
    }
    let (of, members) = match &json {
        Json::Array(items) => ("members of the first object", items.first()),
        whole @ (Json::Object(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => ("members", Some(whole)),
    };
    let members = members.and_then(Json::as_object).into_iter().flatten();
    let members: Vec<_> = members.map(|(member, _)| quote(member)).take(8).collect();
    context.add(
        Finding::error(
            "unknown-format",
            context.name,
            format!("the file is JSON of no known format; {of}: {}", members.join(", ")),
        )
        .hint(
            "read are JSON-stat, SDMX-JSON and the answers of PxWeb, GENESIS, CBS, BDL and INE: ask the provider for one of them",
        ),
    );
    ("", Vec::new())
}

/// Records that a client keeps one a line, as the list that they were; `None` unless every line is a whole one.
fn records_by_line(text: &str) -> Option<Json> {
    let mut records = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        records.push(serde_json::from_str(line).ok().filter(Json::is_object)?);
    }
    Some(Json::Array(records))
}

/// No markup is data here: HTML pages stand where data should be, SDMX-ML carries the errors.
fn markup(text: &str, context: &mut Context<'_>) -> &'static str {
    let between = |open: &str, close: &str| {
        let start = text.find(open)? + open.len();
        text[start..].find(close).map(|length| text[start..start + length].trim())
    };
    let head: String = text.trim_start().chars().take(400).collect::<String>().to_lowercase();
    let finding = if let Some(said) = between("<faultstring>", "</faultstring>") {
        Finding::error(
            "error-body",
            context.name,
            format!("no data: the provider answered with a fault: {}", quote_message(said)),
        )
        .hint("repeat the request as the message says; this file is not data")
    } else if head.contains("<html") || head.contains("<!doctype html") {
        let title = between("<title>", "</title>").map(|title| format!(", titled {}", quote(title))).unwrap_or_default();
        Finding::error("html-page", context.name, format!("no data: the file is a web page{title}"))
            .hint("the provider or a proxy answered with a page (maintenance, blocking, wrong address): download again later")
    } else {
        Finding::error("unknown-format", context.name, "the file is XML, which is not read")
            .hint("ask the provider for TSV, SDMX-CSV or JSON-stat 2.0")
    };
    context.add(finding);
    ""
}

fn delimited(text: &str, context: &mut Context<'_>) -> (&'static str, Vec<RawTable>) {
    let header = text.lines().next().unwrap_or_default();
    if tsv::is_one(header) {
        return (tsv::FORMAT, tsv::read(text.as_bytes(), context).into_iter().collect());
    }
    if let Some(version) = sdmx_csv::version(header) {
        return (version.format(), sdmx_csv::read(text, version, context));
    }
    if istat_csv::is_one(header) {
        return (istat_csv::FORMAT, istat_csv::read(text, context).into_iter().collect());
    }
    if genesis::flat::is_one(header) {
        return (genesis::flat::FORMAT, genesis::flat::read(text, context).into_iter().collect());
    }
    if genesis::cube::is_one(text) {
        return (genesis::cube::FORMAT, genesis::cube::read(text, context).into_iter().collect());
    }
    if genesis::catalogue::is_one(header) {
        genesis::catalogue::read(text, context);
        return (genesis::catalogue::FORMAT, Vec::new());
    }
    if pxweb_csv::is_one(header) {
        pxweb_csv::read(text, context);
        return (pxweb_csv::FORMAT, Vec::new());
    }
    if ine::is_csv(header) {
        return (ine::CSV_FORMAT, ine::read_csv(text, context).into_iter().collect());
    }
    if !context.options.shapes.is_empty() {
        return (shape::FORMAT, shape::read_text(text, context).into_iter().collect());
    }
    if tidy::is_one(header) {
        return (tidy::FORMAT, tidy::read(text, context).into_iter().collect());
    }
    foreign::refuse(text, context);
    ("", Vec::new())
}
