//! Everything that PxWeb answers besides PX and JSON-stat: metadata, catalogues, codelists, settings, its own JSON.
//!
//! Metadata of both versions become one [`Structure`], from which the protocols plan. Query bodies are recognised so
//! that nobody takes them for data. Must not plan or ask: that is the protocols' part.
//!
//! ```text
//! {"title":"…","variables":[{"code":"Region","text":"region","values":["00"],"valueTexts":["Riket"],"elimination":true}]}
//! {"columns":[{"code":"Region","text":"region","type":"d"},{"code":"Tid","text":"år","type":"t"},
//!             {"code":"BE0101N1","text":"Folkmängd","type":"c"}],"data":[{"key":["00","2024"],"values":["10587710"]}]}
//! [{"id":"BE","type":"l","text":"Befolkning"}]   {"maxDataCells":150000,…}   {"query":[{"code":…,"selection":…}]}
//! ```

use baseline_model::definitions::Numbers;
use baseline_model::{Description, Entry, Finding, Positions, RawTable, Role};
use serde_json::Value as Json;

use crate::findings::{Context, quote};
use crate::jsonstat;
use crate::number::{Figure, figure};
use crate::protocol::{Structure, StructureDimension};
use crate::table::Rows;
use crate::timecode;

const DATA: &str = "PxWeb JSON";

/// What a JSON file of PxWeb is; `None` when it is none.
pub(crate) fn recognise(json: &Json) -> Option<&'static str> {
    let every = |member: &str, has: &[&str]| {
        json[member]
            .as_array()
            .is_some_and(|items| !items.is_empty() && items.iter().all(|item| has.iter().all(|member| !item[*member].is_null())))
    };
    let list = |has: &[&str]| {
        json.as_array()
            .is_some_and(|items| !items.is_empty() && items.iter().all(|item| has.iter().all(|member| item[*member].is_string())))
    };
    if every("columns", &["code", "type"]) && json["data"].is_array() {
        Some(DATA)
    } else if json["variables"].is_array() && (every("variables", &["code"]) || json["variables"] == Json::Array(Vec::new())) {
        Some("PxWeb metadata")
    } else if every("query", &["code", "selection"]) || every("selection", &["variableCode"]) || json["queryObj"].is_object() {
        Some("PxWeb query")
    } else if every("tables", &["id", "label"])
        || (json["variableNames"].is_array() && json["id"].is_string())
        || [&["id", "text"][..], &["dbid", "text"], &["id", "path", "title"]].into_iter().any(list)
    {
        Some("PxWeb list of tables")
    } else if json["maxDataCells"].is_u64() || json["maxCells"].is_u64() {
        Some("PxWeb settings")
    } else if every("values", &["code", "label"]) && json["id"].is_string() {
        Some("PxWeb codelist")
    } else if json["apis"].is_object() {
        Some("PxWeb list of services")
    } else {
        None
    }
}

/// What an error of version 2 says: `{"type":…,"title":"Not found","status":404,"detail":"…"}`.
pub(crate) fn problem(json: &Json) -> Option<String> {
    let (title, status) = (json["title"].as_str()?, json["status"].as_u64()?);
    let detail = json["detail"].as_str().map(|detail| format!(": {detail}")).unwrap_or_default();
    Some(format!("{title}{detail} (status {status})"))
}

/// The table, when there are figures; everything else goes to the context's descriptions.
pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> Option<RawTable> {
    let text = |member: &str| json[member].as_str().unwrap_or_default().to_owned();
    let description = match recognise(json)? {
        DATA => return table(json, context),
        "PxWeb metadata" => match structure(json) {
            Ok(structure) => {
                let list = |dimension: &StructureDimension| Entry {
                    list: repeated(&dimension.id),
                    list_label: repeated(&dimension.label),
                    ..Entry::default()
                };
                let codes = |dimension: StructureDimension| {
                    let head = list(&dimension);
                    let known: Vec<Entry> =
                        dimension.codes.into_iter().map(|(code, label)| Entry { code, label, ..head.clone() }).collect();
                    // More values than the server lists: the variable is named all the same.
                    if known.is_empty() { vec![head] } else { known }
                };
                let entries = structure.dimensions.into_iter().flat_map(codes).collect();
                Description { title: text("title"), updated: structure.updated, entries, ..Description::default() }
            }
            Err(message) => {
                let hint = "the answer is cut or was edited: request it again";
                context.add(Finding::error("pxweb-metadata", context.name, message).hint(hint));
                return None;
            }
        },
        "PxWeb query" => {
            let message = "the file is a question to PxWeb, with the codes that are asked for; it holds no figures";
            context.add(Finding::info("query", context.name, message));
            Description { id: text("tableIdForQuery"), entries: asked(json), ..Description::default() }
        }
        "PxWeb list of tables" => catalogue(json),
        "PxWeb settings" => {
            let settings = json.as_object().into_iter().flatten().filter(|(_, value)| !value.is_array() && !value.is_object());
            let entry = |(code, value): (&String, &Json)| {
                let label = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                Entry { list: "setting".into(), code: code.clone(), label, ..Entry::default() }
            };
            Description { entries: settings.map(entry).collect(), ..Description::default() }
        }
        "PxWeb codelist" => {
            let id = text("id");
            let entry = |item: &Json| Entry {
                list: repeated(&id),
                list_label: repeated(json["label"].as_str().unwrap_or_default()),
                code: item["code"].as_str().unwrap_or_default().to_owned(),
                label: item["label"].as_str().unwrap_or_default().to_owned(),
                ..Entry::default()
            };
            let mut entries = Vec::new();
            for item in json["values"].as_array().into_iter().flatten() {
                let group = entry(item);
                // A value set maps each value to itself; an aggregation groups the table's own codes.
                let parts = item["valueMap"].as_array().into_iter().flatten().filter_map(Json::as_str);
                let parts: Vec<Entry> = parts
                    .filter(|code| *code != group.code)
                    .map(|code| Entry {
                        code: code.to_owned(),
                        label: String::new(),
                        parent: group.code.clone(),
                        ..group.clone()
                    })
                    .collect();
                entries.push(group);
                entries.extend(parts);
            }
            Description { title: text("label"), entries, id: id.clone(), ..Description::default() }
        }
        _ => {
            let service = |(id, about): (&String, &Json)| Entry {
                list: "service".into(),
                list_label: about["url"].as_str().unwrap_or_default().to_owned(),
                code: id.clone(),
                label: about["description"].as_str().unwrap_or_default().to_owned(),
                ..Entry::default()
            };
            let entries = json["apis"].as_object().into_iter().flatten().map(service).collect();
            Description { entries, ..Description::default() }
        }
    };
    context.descriptions.push(description);
    None
}

/// A text that every code of a list repeats, cut: an absurdly long one would be multiplied by the codes.
pub(crate) fn repeated(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Reads metadata of version 1 or 2. A variable with more values than the server lists has no codes. The error is a
/// sentence.
pub(crate) fn structure(json: &Json) -> Result<Structure, String> {
    if let Some(dimensions) = jsonstat::dimensions_of(json) {
        let dimension = |(dimension, json): (jsonstat::Dimension, &Json)| {
            let label = |code: &String| json["category"]["label"][code].as_str().unwrap_or_default().to_owned();
            let codes = dimension.codes.iter().map(|code| (code.clone(), label(code))).collect();
            let elimination = json["extension"]["elimination"] == Json::Bool(true);
            StructureDimension { id: dimension.id, label: dimension.label, role: dimension.role, codes, elimination }
        };
        let updated = json["updated"].as_str().unwrap_or_default().to_owned();
        return Ok(Structure { dimensions: dimensions?.into_iter().map(dimension).collect(), updated });
    }
    let Some(variables) = json["variables"].as_array() else {
        return Err(format!(
            "expected metadata of PxWeb, with the member `variables` or as JSON-stat; found {}",
            quote(&json.to_string())
        ));
    };
    let dimensions = variables.iter().map(variable).collect::<Result<Vec<_>, String>>()?;
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = dimensions.iter().find(|dimension| !seen.insert(dimension.id.as_str())) {
        return Err(format!("the metadata names the variable {} twice", quote(&twice.id)));
    }
    Ok(Structure { dimensions, updated: json["updated"].as_str().unwrap_or_default().to_owned() })
}

fn variable(json: &Json) -> Result<StructureDimension, String> {
    let Some(id) = json["code"].as_str() else { return Err("expected a variable with a `code`, found none".into()) };
    let texts = |member: &str| -> Result<Vec<String>, String> {
        let Some(items) = json[member].as_array() else { return Ok(Vec::new()) };
        let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        texts.ok_or_else(|| format!("variable {}: expected texts in `{member}`", quote(id)))
    };
    let (values, labels) = (texts("values")?, texts("valueTexts")?);
    if !labels.is_empty() && labels.len() != values.len() {
        return Err(format!("variable {}: {} values have {} texts", quote(id), values.len(), labels.len()));
    }
    let mut seen = std::collections::HashSet::new();
    if let Some(twice) = values.iter().find(|code| !seen.insert(code.as_str())) {
        return Err(format!("variable {}: the value {} stands twice", quote(id), quote(twice)));
    }
    let labels = labels.into_iter().chain(std::iter::repeat(String::new()));
    let says = |member: &str| json[member] == Json::Bool(true);
    let label = json["text"].as_str().unwrap_or_default().to_owned();
    let role = if says("time") {
        Some(Role::Time)
    } else if json["map"].is_string() || says("geo") {
        Some(Role::Geo)
    } else if id.eq_ignore_ascii_case("ContentsCode") {
        // Version 1 marks contents by nothing but the code that the server itself gives them.
        Some(Role::Metric)
    } else {
        None
    };
    let codes = values.into_iter().zip(labels).collect();
    Ok(StructureDimension { id: id.to_owned(), label, role, codes, elimination: says("elimination") })
}

/// The codes of a query of either version.
fn asked(json: &Json) -> Vec<Entry> {
    let query = if json["queryObj"].is_object() { &json["queryObj"] } else { json };
    let mut entries = Vec::new();
    for item in query["query"].as_array().or_else(|| query["selection"].as_array()).into_iter().flatten() {
        let list = item["code"].as_str().or_else(|| item["variableCode"].as_str()).unwrap_or_default();
        let filter = item["selection"]["filter"].as_str().or_else(|| item["codelist"].as_str()).unwrap_or_default();
        let head = Entry { list: repeated(list), list_label: repeated(filter), ..Entry::default() };
        let values = item["selection"]["values"].as_array().or_else(|| item["valueCodes"].as_array());
        let codes: Vec<Entry> = values
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(|code| Entry { code: code.to_owned(), ..head.clone() })
            .collect();
        entries.extend(if codes.is_empty() { vec![head] } else { codes });
    }
    entries
}

/// Tables and folders, with what the catalogue says about their periods.
fn catalogue(json: &Json) -> Description {
    let one = std::slice::from_ref(json);
    let items = json.as_array().or_else(|| json["tables"].as_array()).map_or(one, Vec::as_slice);
    let first =
        |item: &Json, members: &[&str]| members.iter().find_map(|member| item[*member].as_str()).unwrap_or_default().to_owned();
    let entry = |item: &Json| {
        let folder = matches!(item["type"].as_str(), Some("l" | "h")) || !item["dbid"].is_null();
        Entry {
            list: if folder { "folder" } else { "table" }.into(),
            list_label: first(item, &["updated"]),
            code: first(item, &["id", "dbid"]),
            label: first(item, &["label", "text", "title"]),
            parent: first(item, &["path", "subjectCode"]),
        }
    };
    Description { entries: items.iter().map(entry).collect(), ..Description::default() }
}

/// `json` of version 1: keys over the dimensions, then one text a content. A position is the number of the figure in
/// reading order, from 0.
fn table(json: &Json, context: &mut Context<'_>) -> Option<RawTable> {
    context.own_marks = true;
    let refuse = |message: String, context: &mut Context<'_>| {
        context.add(
            Finding::error("pxweb-inconsistent", context.name, format!("{message}; the table is refused"))
                .hint("the answer is cut or was edited: request it again, as json-stat2"),
        );
        None
    };
    let columns = json["columns"].as_array()?;
    let text = |column: &Json, member: &str| column[member].as_str().unwrap_or_default().to_owned();
    let (contents, keys): (Vec<&Json>, Vec<&Json>) = columns.iter().partition(|column| column["type"] == "c");
    let ids: Vec<String> = keys.iter().map(|column| text(column, "code").to_lowercase()).collect();
    let mut seen = std::collections::HashSet::new();
    if contents.is_empty() || ids.iter().any(|id| id.is_empty() || !seen.insert(id.as_str())) {
        return refuse("expected different codes in `columns` and one of type `c`".into(), context);
    }
    let marked = keys.iter().position(|column| column["type"] == "t");
    let time = marked.or_else(|| keys.iter().position(|column| timecode::is_time_name(&text(column, "text"))));
    let names = ids.iter().enumerate().filter(|(place, _)| Some(*place) != time).map(|(_, id)| id.clone());
    let mut rows = Rows::new(names.chain(["contentscode".to_owned()]));
    for (interner, column) in rows.dimensions.iter_mut().zip(keys.iter().enumerate().filter(|(place, _)| Some(*place) != time)) {
        interner.column.label = text(column.1, "text");
    }
    if let Some(interner) = rows.dimensions.last_mut() {
        interner.column.role = Some(Role::Metric);
    }
    let data = json["data"].as_array()?;
    let figures = data.len().checked_mul(contents.len()).filter(|figures| *figures <= context.options.limits.cells);
    if figures.is_none() {
        let limit = context.options.limits.cells;
        context.add(
            Finding::error("too-large", context.name, format!("more than the allowed {limit} cells; the table is refused"))
                .hint("ask the provider for less, or raise the limit if the file is trusted"),
        );
        return None;
    }
    let contents: Vec<String> = contents.into_iter().map(|column| text(column, "code")).collect();
    for (number, item) in data.iter().enumerate() {
        let (key, values) = (&item["key"], &item["values"]);
        let all = |list: &Json| -> Option<Vec<String>> {
            list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let (Some(key), Some(values)) = (all(key), all(values)) else {
            return refuse(format!("`data[{number}]`: expected texts in `key` and `values`"), context);
        };
        if key.len() != ids.len() || values.len() != contents.len() {
            let expected = format!("{} codes and {} figures", ids.len(), contents.len());
            return refuse(format!("`data[{number}]`: expected {expected}, found {} and {}", key.len(), values.len()), context);
        }
        let period = time.map_or("", |place| key[place].as_str());
        let period = timecode::period(period, None)
            .filter(|_| baseline_model::Period::parse(period).is_none())
            .unwrap_or_else(|| period.to_owned());
        for (place, (content, value)) in contents.iter().zip(&values).enumerate() {
            let (figure, mark) = cell(value, context.options.numbers);
            if figure.is_none() && mark.is_none() {
                let at = context.at(format_args!("data[{number}].values[{place}]"));
                context.group("not-a-number", value, |_| {
                    let message =
                        format!("expected a number or a mark, found {}; the cell is kept without a value", quote(value));
                    Finding::error("not-a-number", at, message).hint("declare how the source writes numbers")
                });
            }
            let codes = key.iter().enumerate().filter(|(place, _)| Some(*place) != time).map(|(_, code)| code.as_str());
            rows.push(codes.chain([content.as_str()]), &period, figure, mark.unwrap_or_default(), "");
        }
    }
    let indices = (0..rows.value.len() as u64).collect();
    let mut table = rows.finish(Positions::Index { part: 0, indices });
    table.period.role = time.map(|_| Role::Time);
    table.period.label = time.map(|place| text(keys[place], "text")).unwrap_or_default();
    if time.is_none() {
        context.add(
            Finding::warning("no-time-dimension", context.name, "no column is marked as time; the period stays empty")
                .hint("add the time variable to the request"),
        );
    }
    crate::review::duplicates(&table, context);
    let about = &json["metadata"][0];
    table.title = about["label"].as_str().map(str::to_owned);
    table.updated = about["updated"].as_str().map(str::to_owned);
    Some(table)
}

/// A number, a mark, or neither.
fn cell<'t>(text: &'t str, numbers: Option<&'t Numbers>) -> (Option<f64>, Option<&'t str>) {
    let plain = Numbers::default();
    let found = match numbers {
        Some(rule) => figure(text, rule),
        // The default rule knows no marks, so that nothing borrowed from it is returned.
        None => match figure(text, &plain) {
            Figure::Number(number) => Figure::Number(number),
            Figure::Blank => Figure::Blank,
            Figure::Mark(_) | Figure::Unclear => Figure::Unclear,
        },
    };
    let text = text.trim();
    let mark = text == "-" || (!text.is_empty() && text.bytes().all(|byte| byte == b'.')) || text.eq_ignore_ascii_case("null");
    match found {
        Figure::Number(number) => (Some(number), None),
        Figure::Mark(mark) => (None, Some(mark)),
        Figure::Blank => (None, Some("")),
        Figure::Unclear if mark => (None, Some(text)),
        Figure::Unclear => (None, None),
    }
}
