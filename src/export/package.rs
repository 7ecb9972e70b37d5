//! `datapackage.json`: what the files of an export are, in the words of the Data Package standard, version 2
//! (<https://datapackage.org/standard/data-package/>): columns with types, keys, hashes, sources and licences.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Field, Hash, Table, sdmx};
use crate::compose::{self, Context};
use crate::frame::Exported;

const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";

/// A file that holds a table.
pub fn resource(table: &Table, path: &str, format: &str, media_type: &str, content: (&[u8], Hash)) -> Value {
    let fields: Vec<Value> = table.columns.iter().map(|(field, column)| described(*field, column, table)).collect();
    let mut schema = json!({ "fields": fields, "primaryKey": table.key });
    if !table.foreign.is_empty() {
        let keys = table.foreign.iter().map(
            |(column, resource, other)| json!({ "fields": [column], "reference": { "resource": resource, "fields": [other] } }),
        );
        schema["foreignKeys"] = keys.collect();
    }
    if format == "csv" {
        schema["missingValues"] = json!([""]);
    }
    let name = if format == "csv" { table.name.to_owned() } else { format!("{}-{format}", table.name) };
    let mut found = described_file(&name, path, (format, media_type), content);
    found["title"] = table.title.into();
    found["schema"] = schema;
    found
}

/// The observations as SDMX-CSV: the columns are those of that format.
pub fn sdmx(path: &str, content: (&[u8], Hash)) -> Value {
    let number = ["OBS_VALUE"];
    let fields: Vec<Value> = sdmx::COLUMNS
        .iter()
        .map(|name| json!({ "name": name, "type": if number.contains(name) { "number" } else { "string" } }))
        .collect();
    let media_type = "application/vnd.sdmx.data+csv;version=2.0.0";
    let mut found = described_file("observations-sdmx", path, ("csv", media_type), content);
    found["title"] = "The observations as SDMX-CSV 2.0".into();
    found["schema"] = json!({ "fields": fields, "missingValues": [""], "primaryKey": ["FIGURE_ID"] });
    found
}

/// What the name of every package of ours begins with.
const NAME: &str = "baseline-";

/// True for the description of an export of ours to which these files, and no others, belong.
pub fn is_ours(description: &[u8], files: &[String]) -> bool {
    let Ok(package) = serde_json::from_slice::<Value>(description) else { return false };
    let paths: BTreeSet<&str> =
        package["resources"].as_array().into_iter().flatten().filter_map(|resource| resource["path"].as_str()).collect();
    package["name"].as_str().is_some_and(|name| name.starts_with(NAME)) && files.iter().all(|file| paths.contains(file.as_str()))
}

/// The whole description.
pub fn bytes(context: &Context<'_>, resources: &[Value]) -> Vec<u8> {
    let date = compose::data_date(context);
    let mut sources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for receipt in context.receipts.values() {
        sources.entry(&receipt.source).or_default().insert(&receipt.licence);
    }
    let source = |(id, licences): (&str, BTreeSet<&str>)| {
        let record = context.definitions.sources.get(id);
        let title = record.map_or(id, |record| record.name.as_str());
        json!({ "title": title, "licence": licences.into_iter().collect::<Vec<_>>().join("; ") })
    };
    let programme = &context.study.programme;
    let mut package = json!({
        "$schema": PROFILE,
        "name": format!("{NAME}{}", context.study_id.replace('_', "-")),
        "title": context.language.phrase(&context.study.title),
        "description": context.language.phrase(&programme.disclaimer),
        "version": date,
        "contributors": [{ "title": programme.project, "path": programme.url, "roles": ["creator"] }],
        "keywords": ["migration", "labour market", "regions"],
        "licenses": [{
            "name": "other-attribution",
            "title": "Reuse with acknowledgement; each figure keeps the licence of its source, named under `sources`",
        }],
        "sources": sources.into_iter().map(source).collect::<Vec<_>>(),
        "resources": resources,
    });
    if programme.url.is_empty() {
        package["contributors"] = json!([{ "title": programme.project, "roles": ["creator"] }]);
    }
    let mut bytes = serde_json::to_vec_pretty(&package).expect("texts and numbers are always JSON");
    bytes.push(b'\n');
    bytes
}

fn described_file(name: &str, path: &str, (format, media_type): (&str, &str), (bytes, hash): (&[u8], Hash)) -> Value {
    let mut found = json!({
        "name": name,
        "path": path,
        "format": format,
        "mediatype": media_type,
        "bytes": bytes.len(),
        "hash": format!("sha256:{}", hash(bytes)),
    });
    if format == "csv" {
        found["type"] = "table".into();
        found["encoding"] = "utf-8".into();
        found["dialect"] = json!({ "delimiter": ",", "lineTerminator": "\n", "header": true });
    }
    found
}

fn described(field: Field, column: &Exported, table: &Table) -> Value {
    let kind = match column {
        Exported::Text(_) => "string",
        Exported::Integer(_) => "integer",
        Exported::Number(_) => "number",
    };
    let mut constraints = json!({ "required": field.required });
    if table.key == [field.name] {
        constraints["unique"] = true.into();
    }
    if field.name == "grade" {
        constraints["enum"] = json!(["A", "B", "C", "D", "M"]);
    }
    json!({ "name": field.name, "type": kind, "description": field.about, "constraints": constraints })
}
