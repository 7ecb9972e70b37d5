//! The cells of a cube: `value` and `status` as objects, arrays or one text for all.

use std::collections::BTreeMap;

use baseline_model::Finding;
use serde_json::{Map, Value as Json};

use crate::findings::{Context, quote};

/// Every stated cell: its value and its status, by index.
pub(super) fn cells_of<'j>(
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
