//! JSON answers of GENESIS: always HTTP 200, with a code of their own.
//!
//! Structures and lists become descriptions; anything else is a message, never data. `Parameter` repeats the account
//! and is never quoted.
//!
//! ```text
//! {"Ident":{"Service":"data","Method":"tablefile"},"Status":{"Code":98,"Content":"Die Tabelle ist zu gross, ...","Type":"Fehler"},"Parameter":{...},"Object":null}
//! {"Ident":{"Service":"catalogue","Method":"results"},"Status":{"Code":0,...},"List":[{"Code":"12531-0043_175879554","Content":"...","Values":"1980160"}]}
//! ```

use baseline_model::{Description, Entry, Finding, Role};
use serde_json::Value as Json;

use super::catalogue::folded;
use crate::findings::Context;
use crate::protocol::{Structure, StructureDimension};

pub(crate) const FORMAT: &str = "GENESIS JSON";

/// Done.
pub(crate) const DONE: i64 = 0;
/// Done, with parameters that the provider changed.
pub(crate) const ADJUSTED: i64 = 22;
/// Too many requests at once.
pub(crate) const BUSY: i64 = 6;
/// Nothing newer than the date that was asked for.
pub(crate) const UNCHANGED: i64 = 50;
/// No such table.
pub(crate) const UNKNOWN: i64 = 90;
/// Too large for an answer at once.
pub(crate) const TOO_LARGE: i64 = 98;
/// A job was made of the request.
pub(crate) const JOB: i64 = 99;
/// Nothing fits the selection; of a job: not ready.
pub(crate) const NO_MATCH: i64 = 104;

/// What an answer says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    pub code: i64,
    /// On one line.
    pub content: String,
}

/// The status, of an answer with or without the frame around it; `None` when it is none of GENESIS.
pub(crate) fn status(json: &Json) -> Option<Status> {
    let framed = &json["Status"];
    let part = if framed.is_object() {
        framed
    } else if framed.is_null() && json["Content"].is_string() {
        json
    } else {
        return None;
    };
    let code = part["Code"].as_i64().or_else(|| part["Code"].as_str()?.trim().parse().ok())?;
    Some(Status { code, content: folded(part["Content"].as_str().unwrap_or_default()) })
}

/// The name of the job that an answer 99 announces: `..._175879554` behind the last blank.
pub(crate) fn job_name(content: &str) -> Option<&str> {
    let name = content.split_whitespace().next_back()?.trim_end_matches('.');
    let (table, number) = name.rsplit_once('_')?;
    let safe = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (safe && !table.is_empty() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

/// Whether a list of results has a job.
pub(crate) fn lists(json: &Json, job: &str) -> bool {
    json["List"].as_array().is_some_and(|list| list.iter().any(|entry| entry["Code"].as_str() == Some(job)))
}

pub(crate) fn read(json: &Json, status: &Status, context: &mut Context<'_>) {
    if !matches!(status.code, DONE | ADJUSTED) {
        context.add(
            Finding::error(
                "error-body",
                context.name,
                format!("no data: the provider answered with code {}: {}", status.code, cut(&status.content)),
            )
            .hint(hint(status.code)),
        );
        return;
    }
    if status.code == ADJUSTED {
        let message = format!("the provider changed parameters of the request (code {ADJUSTED}): {}", cut(&status.content));
        context
            .add(Finding::warning("request-adjusted", context.name, message).hint("compare what was asked for with what came"));
    }
    match describe(json) {
        Some(description) => context.descriptions.push(description),
        None => context.add(
            Finding::error(
                "no-data",
                context.name,
                "an answer of GENESIS that holds neither a list nor the structure of an object",
            )
            .hint("ask data/tablefile with format=ffcsv for figures"),
        ),
    }
}

fn hint(code: i64) -> &'static str {
    match code {
        BUSY => "wait for requests that are running, then ask again",
        UNCHANGED => "the stored figures are the newest",
        UNKNOWN => "look the table's code up with catalogue/tables",
        TOO_LARGE => "ask again with job=true, and fetch the result when it is ready",
        JOB => "wait until catalogue/results lists the name, then ask data/resultfile for it",
        NO_MATCH => "nothing fits the selection, or a job is not ready yet",
        _ => "look the code up in the documentation of the web service",
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(300).collect()
}

/// What an answer describes: a list, or an object with its structure.
fn describe(json: &Json) -> Option<Description> {
    let text = |json: &Json, member: &str| json[member].as_str().map(folded).unwrap_or_default();
    if let Some(items) = json["List"].as_array().filter(|items| !items.is_empty()) {
        let list = match json["Ident"]["Method"].as_str().unwrap_or_default() {
            "tables" => "table",
            "results" => "result",
            "variables" => "variable",
            "values" => "value",
            "jobs" => "job",
            "cubes" => "cube",
            "" => "list",
            method => method,
        };
        let entry = |item: &Json| Entry {
            list: list.to_owned(),
            list_label: String::new(),
            code: text(item, "Code"),
            label: text(item, "Content"),
            parent: String::new(),
        };
        let title = format!("{} {}", text(&json["Ident"], "Service"), text(&json["Ident"], "Method"));
        return Some(Description {
            title: title.trim().to_owned(),
            entries: items.iter().map(entry).collect(),
            ..Description::default()
        });
    }
    let object = &json["Object"];
    let id = text(object, "Code");
    if id.is_empty() {
        return None;
    }
    let mut entries = Vec::new();
    for node in nodes(object) {
        let (list, code) = match node.part {
            Part::Statistic => ("statistics".to_owned(), node.code),
            Part::Measure => ("measure".to_owned(), node.code),
            Part::Dimension => (node.code.to_lowercase(), String::new()),
        };
        let (list_label, label) = if code.is_empty() { (node.label, String::new()) } else { (String::new(), node.label) };
        entries.push(Entry { list, list_label, code, label, parent: String::new() });
    }
    for (member, label) in [("From", "first"), ("To", "last")] {
        let code = text(&object["Time"], member);
        if !code.is_empty() {
            entries.push(Entry { list: "period".into(), code, label: label.into(), ..Entry::default() });
        }
    }
    Some(Description { id, title: text(object, "Content"), updated: text(object, "Updated"), entries })
}

/// The structure in an answer of `metadata/table`; `None` when it holds none. Dimensions in the provider's order, then
/// `measure`, as the flat CSV has them.
pub(crate) fn structure(json: &Json) -> Option<Structure> {
    let object = &json["Object"];
    if !object["Structure"].is_object() {
        return None;
    }
    let mut structure = Structure { updated: object["Updated"].as_str().unwrap_or_default().to_owned(), ..Structure::default() };
    let mut measures = Vec::new();
    for node in nodes(object) {
        match node.part {
            Part::Statistic => {}
            Part::Measure => measures.push((node.code, node.label)),
            Part::Dimension => {
                let is_time = matches!(node.code.as_str(), "STAG" | "JAHR" | "SEMEST" | "SMONAT");
                structure.dimensions.push(StructureDimension {
                    id: node.code.to_lowercase(),
                    label: node.label,
                    role: is_time.then_some(Role::Time),
                    codes: Vec::new(),
                    elimination: false,
                });
            }
        }
    }
    structure.dimensions.push(StructureDimension {
        id: "measure".into(),
        role: Some(Role::Metric),
        codes: measures,
        ..StructureDimension::default()
    });
    Some(structure)
}

#[derive(Clone, Copy)]
enum Part {
    Statistic,
    Measure,
    Dimension,
}

struct Node {
    part: Part,
    code: String,
    label: String,
}

/// The nodes of an object's structure: what stands under its head is a measure, anything else a dimension.
fn nodes(object: &Json) -> Vec<Node> {
    let mut found = Vec::new();
    for (name, part) in object["Structure"].as_object().into_iter().flatten() {
        let part_of = match name.as_str() {
            "Head" => Part::Statistic,
            "Contents" => Part::Measure,
            _ => Part::Dimension,
        };
        walk(part, part_of, &mut found);
    }
    found
}

fn walk(json: &Json, part: Part, found: &mut Vec<Node>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| walk(item, part, found)),
        Json::Object(_) => {
            if let Some(code) = json["Code"].as_str().filter(|code| !code.is_empty()) {
                found.push(Node { part, code: code.to_owned(), label: folded(json["Content"].as_str().unwrap_or_default()) });
            }
            let below = match part {
                Part::Statistic => Part::Measure,
                Part::Measure | Part::Dimension => part,
            };
            walk(&json["Structure"], below, found);
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs() {
        for (content, expected) in [
            ("... mit folgendem Namen abgerufen werden: 12531-0043_175879554", Some("12531-0043_175879554")),
            ("name: 12531-0043_175879554.", Some("12531-0043_175879554")),
            ("../../x_1", None),
            ("12531-0043", None),
            ("x_", None),
            ("_1", None),
            ("", None),
        ] {
            assert_eq!(job_name(content), expected, "{content}");
        }
    }

    #[test]
    fn statuses() {
        let code = |text: &str| status(&serde_json::from_str(text).unwrap()).map(|status| status.code);
        for (text, expected) in [
            (r#"{"Status":{"Code":98,"Content":"x"}}"#, Some(98)),
            (r#"{"Status":{"Code":"98"}}"#, Some(98)),
            (r#"{"Code":15,"Content":"x","Type":"ERROR"}"#, Some(15)),
            (r#"{"Status":"You have been logged in"}"#, None),
            (r#"{"Code":15}"#, None),
            ("{}", None),
            ("[]", None),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }
}
