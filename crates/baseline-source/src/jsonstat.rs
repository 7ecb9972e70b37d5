//! JSON-stat 2.0, bare or wrapped in the answers of a client.
//!
//! Cells are numbered row by row over the dimensions (last one fastest); `value` and `status` name them
//! by this number (object) or by place (array), and `status` may be one text for all. An empty cell with
//! a status is stated: the status is the reason. A table whose sizes contradict each other is refused,
//! because every cell would stand somewhere else.
//!
//! ```text
//! {"version":"2.0","class":"dataset","updated":"2026-06-30T11:00:00+0200",
//!  "value":{"0":39.8},"status":{"1":"u"},"id":["geo","time"],"size":[2,1],
//!  "dimension":{"geo":{"category":{"index":{"SE":0,"PL":1}}},"time":{"category":{"index":["2024"]}}},
//!  "extension":{"id":"LFSA_EOQGAN"}}
//! ```
//! Specification: <https://json-stat.org/format/>

use std::collections::BTreeMap;

use baseline_model::{Column, Finding, Positions, RawTable};
use serde_json::{Map, Value as Json};

use crate::findings::{Context, quote};
use crate::table::{Interner, constant, dataflow_code};

pub(crate) const FORMAT: &str = "JSON-stat 2.0";

/// How deep an answer may be wrapped.
const DEPTH: usize = 4;

pub(crate) fn is_any(json: &Json) -> bool {
    let mut found = Vec::new();
    collect(json, DEPTH, &mut found);
    !found.is_empty()
}

pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> Vec<RawTable> {
    let mut datasets = Vec::new();
    collect(json, DEPTH, &mut datasets);
    let bare = is_dataset(json);
    let mut tables = Vec::new();
    for (number, dataset) in (1_u32..).zip(datasets) {
        let part = if bare { 0 } else { number };
        let at = if bare { context.name.to_owned() } else { context.at(format_args!("answer {part}")) };
        match table(dataset, part, &at, context) {
            Ok(table) => tables.push(table),
            Err(message) => context.add(
                Finding::error("jsonstat-inconsistent", at, format!("{message}; the table is refused"))
                    .hint("the answer is cut or was edited: request it again"),
            ),
        }
    }
    tables
}

fn is_dataset(json: &Json) -> bool {
    json["id"].is_array() && json["size"].is_array() && json["dimension"].is_object()
}

fn collect<'j>(json: &'j Json, depth: usize, found: &mut Vec<&'j Json>) {
    if is_dataset(json) {
        found.push(json);
    } else if depth > 0 {
        match json {
            Json::Array(items) => items.iter().for_each(|item| collect(item, depth - 1, found)),
            Json::Object(members) => members.values().for_each(|item| collect(item, depth - 1, found)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
}

struct Dimension {
    id: String,
    codes: Vec<String>,
}

fn table(json: &Json, part: u32, at: &str, context: &mut Context<'_>) -> Result<RawTable, String> {
    let dimensions = dimensions(json)?;
    let time = time_of(json, &dimensions);
    for dimension in dimensions.iter().filter(|dimension| dimension.codes.is_empty()) {
        context.add(
            Finding::error(
                "no-such-code",
                at,
                format!("the dimension `{}` has size 0: none of the codes asked for is in the table", dimension.id),
            )
            .hint("check the codes of the request against the provider's codelist, and the years against the table's"),
        );
    }
    let cells = dimensions
        .iter()
        .try_fold(1_u64, |product, dimension| product.checked_mul(dimension.codes.len() as u64))
        .ok_or("the product of the sizes exceeds any number of cells")?;
    let stated = cells_of(json, cells, at, context)?;
    if stated.len() > context.options.limits.cells {
        return Err(format!("the table has more than the allowed {} cells", context.options.limits.cells));
    }
    if time.is_none() {
        context.add(
            Finding::warning("no-time-dimension", at, "no dimension is marked as time; the period stays empty")
                .hint("add the time dimension to the request"),
        );
    }

    let rows = stated.len();
    let mut obs_status = Interner::new("obs_status");
    let mut conf_status = Interner::new("conf_status");
    for (_, status) in stated.values() {
        let (obs, conf) = status.split_once('|').unwrap_or((status, ""));
        obs_status.push(obs.trim());
        conf_status.push(conf.trim());
    }
    let mut columns = Vec::with_capacity(dimensions.len());
    let mut period = constant("period", "", rows);
    let mut stride = cells;
    for (number, dimension) in dimensions.into_iter().enumerate() {
        let size = dimension.codes.len() as u64;
        // A size of 0 makes the whole cube empty: there is no index to divide.
        stride = stride.checked_div(size).unwrap_or(0);
        let codes =
            stated.keys().map(|index| u32::try_from(index / stride % size).expect("a code's number is below the size")).collect();
        let column = Column { dictionary: dimension.codes, codes, ..Column::new(dimension.id.to_lowercase()) };
        if Some(number) == time {
            period = Column { id: "period".into(), ..column };
        } else {
            columns.push(column);
        }
    }
    let mut indices = Vec::with_capacity(rows);
    let mut value = Vec::with_capacity(rows);
    for (index, (number, _)) in stated {
        indices.push(index);
        value.push(number);
    }
    Ok(RawTable {
        dataflow: json["extension"]["id"].as_str().and_then(dataflow_code),
        title: json["label"].as_str().map(str::to_owned),
        updated: json["updated"].as_str().map(str::to_owned),
        dimensions: columns,
        period,
        value,
        obs_status: obs_status.column,
        conf_status: conf_status.column,
        positions: Positions::Index { part, indices },
    })
}

/// The dimension whose role is time, or the one of this name.
fn time_of(json: &Json, dimensions: &[Dimension]) -> Option<usize> {
    let role = json["role"]["time"][0].as_str();
    role.and_then(|id| dimensions.iter().position(|dimension| dimension.id == id)).or_else(|| {
        dimensions.iter().position(|dimension| matches!(dimension.id.to_ascii_lowercase().as_str(), "time" | "time_period"))
    })
}

fn dimensions(json: &Json) -> Result<Vec<Dimension>, String> {
    let (Json::Array(ids), Json::Array(sizes)) = (&json["id"], &json["size"]) else { return Err("no `id` or `size`".into()) };
    if ids.len() != sizes.len() {
        return Err(format!("`id` names {} dimensions, `size` has {} numbers", ids.len(), sizes.len()));
    }
    let mut dimensions: Vec<Dimension> = Vec::with_capacity(ids.len());
    for (id, size) in ids.iter().zip(sizes) {
        let (Some(id), Some(size)) = (id.as_str(), size.as_u64()) else {
            return Err(format!("expected a text in `id` and a whole number in `size`, found {id} and {size}"));
        };
        if dimensions.iter().any(|dimension| dimension.id.eq_ignore_ascii_case(id)) {
            return Err(format!("`id` names the dimension {} twice", quote(id)));
        }
        let codes =
            categories(&json["dimension"][id]["category"]).map_err(|fault| format!("dimension {}: {fault}", quote(id)))?;
        if codes.len() as u64 != size {
            return Err(format!("dimension {}: `size` says {size} categories, found {}", quote(id), codes.len()));
        }
        dimensions.push(Dimension { id: id.to_owned(), codes });
    }
    Ok(dimensions)
}

/// The codes in the order of their positions.
fn categories(category: &Json) -> Result<Vec<String>, String> {
    match &category["index"] {
        Json::Array(codes) => {
            let codes: Option<Vec<_>> = codes.iter().map(|code| code.as_str().map(str::to_owned)).collect();
            let codes = codes.ok_or("expected texts in `category.index`")?;
            let mut sorted: Vec<_> = codes.iter().collect();
            sorted.sort();
            match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                Some(pair) => Err(format!("the code {} stands twice", quote(pair[0]))),
                None => Ok(codes),
            }
        }
        Json::Object(positions) => {
            let mut codes = vec![None; positions.len()];
            for (code, position) in positions {
                let place =
                    position.as_u64().and_then(|position| usize::try_from(position).ok()).and_then(|place| codes.get_mut(place));
                match place {
                    Some(free @ None) => *free = Some(code.clone()),
                    Some(Some(other)) => return Err(format!("{} and {} have the same position", quote(other), quote(code))),
                    None => {
                        return Err(format!("the position of {} is {position}, of {} categories", quote(code), positions.len()));
                    }
                }
            }
            codes.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| "a position is missing in `category.index`".into())
        }
        Json::Null => match category["label"].as_object() {
            // The order of an object's members means nothing, so only one category can do without an index.
            Some(labels) if labels.len() <= 1 => Ok(labels.keys().cloned().collect()),
            _ => Err("no `category.index`".into()),
        },
        other @ (Json::Bool(_) | Json::Number(_) | Json::String(_)) => {
            Err(format!("expected an object or an array as `category.index`, found {}", quote(&other.to_string())))
        }
    }
}

/// Every stated cell: its value and its status, by index.
fn cells_of<'j>(
    json: &'j Json,
    cells: u64,
    at: &str,
    context: &mut Context<'_>,
) -> Result<BTreeMap<u64, (Option<f64>, &'j str)>, String> {
    let mut stated = BTreeMap::new();
    match &json["value"] {
        Json::Null => {}
        Json::Array(values) => {
            if values.len() as u64 != cells {
                return Err(format!("the sizes make {cells} cells, `value` has {}", values.len()));
            }
            for (index, value) in (0_u64..).zip(values) {
                stated.insert(index, (number(value, index, at, context), ""));
            }
        }
        Json::Object(values) => {
            for (key, value) in values {
                let index = index(key, cells, "value")?;
                stated.insert(index, (number(value, index, at, context), ""));
            }
        }
        other @ (Json::Bool(_) | Json::Number(_) | Json::String(_)) => {
            return Err(format!("expected an object or an array as `value`, found {}", quote(&other.to_string())));
        }
    }
    match &json["status"] {
        Json::Null => {}
        Json::String(all) => status_of_all(all, &mut stated),
        Json::Array(one) if one.len() == 1 && cells != 1 => {
            let all = one[0].as_str().ok_or("expected texts in `status`")?;
            status_of_all(all, &mut stated);
        }
        Json::Array(texts) => {
            if texts.len() as u64 != cells {
                return Err(format!("the sizes make {cells} cells, `status` has {}", texts.len()));
            }
            for (index, text) in (0_u64..).zip(texts).filter(|(_, text)| !text.is_null()) {
                stated.entry(index).or_insert((None, "")).1 = text.as_str().ok_or("expected texts in `status`")?;
            }
        }
        Json::Object(texts) => status_by_index(texts, cells, &mut stated)?,
        other @ (Json::Bool(_) | Json::Number(_)) => {
            return Err(format!("expected an object, an array or a text as `status`, found {other}"));
        }
    }
    Ok(stated)
}

fn status_of_all<'j>(all: &'j str, stated: &mut BTreeMap<u64, (Option<f64>, &'j str)>) {
    for (_, status) in stated.values_mut() {
        *status = all;
    }
}

fn status_by_index<'j>(
    texts: &'j Map<String, Json>,
    cells: u64,
    stated: &mut BTreeMap<u64, (Option<f64>, &'j str)>,
) -> Result<(), String> {
    for (key, text) in texts.iter().filter(|(_, text)| !text.is_null()) {
        stated.entry(index(key, cells, "status")?).or_insert((None, "")).1 = text.as_str().ok_or("expected texts in `status`")?;
    }
    Ok(())
}

fn index(key: &str, cells: u64, member: &str) -> Result<u64, String> {
    let index: u64 = key.parse().map_err(|_| format!("expected a cell's number as key in `{member}`, found {}", quote(key)))?;
    if index >= cells { Err(format!("`{member}` names the cell {index}, the sizes make {cells} cells")) } else { Ok(index) }
}

fn number(value: &Json, index: u64, at: &str, context: &mut Context<'_>) -> Option<f64> {
    if value.is_null() {
        return None;
    }
    let number = value.as_f64().filter(|number| number.is_finite());
    if number.is_none() {
        let text = value.to_string();
        context.group("not-a-number", &text, |_| {
            Finding::error(
                "not-a-number",
                format!("{at}: #{index}"),
                format!("expected a number or null, found {}; the cell is kept without a value", quote(&text)),
            )
            .hint("the answer was edited or is not from a statistical office")
        });
    }
    number.map(|number| number + 0.0)
}
