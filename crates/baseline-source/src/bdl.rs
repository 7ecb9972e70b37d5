//! Local Data Bank of Statistics Poland (GUS BDL): figures of one variable or of one unit, and its lists, as JSON.
//!
//! A unit's code has 12 digits and stays text. Whether a number is one is for `attrId` to say: the service writes 0
//! where a figure is secret or not there, so cells with such an attribute, or with one that is not known, have no value.
//! Every attribute but 0 and 1 (plain values) is kept verbatim as status. An answer is one page of several.
//!
//! ```text
//! {"totalRecords":16,"variableId":60270,"measureUnitId":9,"page":0,"pageSize":100,"links":{"next":"..."},
//!  "results":[{"id":"023200000000","name":"ZACHODNIOPOMORSKIE","values":[{"year":"2024","val":4.1,"attrId":1}]}]}
//! ```

use baseline_model::{Description, Entry, Finding, Positions, RawTable, Role};
use serde_json::Value as Json;

use crate::findings::{Context, quote};
use crate::review::duplicates;
use crate::table::Rows;

pub(crate) const FORMAT: &str = "GUS BDL JSON";

/// Attributes of plain values.
const PLAIN: [i64; 2] = [0, 1];
/// Attributes beside which the number is real, 0 included.
const REAL: [i64; 11] = [3, 7, 9, 11, 13, 17, 20, 21, 94, 97, 98];
/// Attributes that say why there is no number, whatever stands in its place.
const MISSING: [i64; 5] = [4, 14, 15, 50, 91];

/// Whether an answer is one of BDL: a page of results, or one entry of a list.
pub(crate) fn is_one(json: &Json) -> bool {
    let page = json["results"].is_array() && json["totalRecords"].is_u64();
    let variable = json["id"].is_u64() && json["subjectId"].is_string();
    let unit = json["id"].is_string() && json["level"].is_u64() && json["parentId"].is_string();
    page || variable || unit
}

/// Figures become a table, anything else a description.
pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> Option<RawTable> {
    let none = Vec::new();
    let results = json["results"].as_array().unwrap_or(&none);
    pages(json, results.len(), context);
    if results.iter().any(|result| result["values"].is_array()) || !json["variableId"].is_null() || !json["unitId"].is_null() {
        return Some(figures(json, results, context));
    }
    let entries: Vec<Entry> = if json["results"].is_array() {
        results.iter().flat_map(|result| entries(json, result)).collect()
    } else {
        entries(json, json)
    };
    if entries.is_empty() {
        let finding = Finding::error("no-data", context.name, "a page of results without an entry");
        context.add(finding.hint("check the filters of the request"));
        return None;
    }
    let title = entries[0].list_label.clone();
    context.descriptions.push(Description { title, updated: text(&json["lastUpdate"]), entries, ..Description::default() });
    None
}

/// What a page says of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub number: u64,
    pub size: u64,
    pub total: u64,
}

impl Page {
    pub fn of(json: &Json) -> Option<Self> {
        let field = |name: &str| json[name].as_u64();
        Some(Self { number: field("page")?, size: field("pageSize")?, total: field("totalRecords")? })
    }

    /// Records that this page should have.
    pub fn records(self) -> u64 {
        self.total.saturating_sub(self.number.saturating_mul(self.size)).min(self.size)
    }

    /// Whether there are records behind it.
    pub fn is_last(self) -> bool {
        self.number.saturating_add(1).saturating_mul(self.size) >= self.total
    }
}

fn pages(json: &Json, found: usize, context: &mut Context<'_>) {
    let Some(page) = Page::of(json) else { return };
    if found as u64 != page.records() {
        let message = format!("expected {} records on page {}, found {found}", page.records(), page.number);
        let finding = Finding::warning("page-incomplete", context.at("results"), message);
        context.add(finding.hint("the figures changed while pages were fetched: fetch all of them again"));
    }
    if page.total > page.size {
        let last = (page.total - 1) / page.size.max(1);
        let message = format!("page {} of 0 to {last}: {found} of {} records", page.number, page.total);
        context.add(Finding::info("one-page", context.at("page"), message));
    }
}

/// An id or a number as text.
pub(crate) fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

fn figures(json: &Json, results: &[Json], context: &mut Context<'_>) -> RawTable {
    let by_unit = !json["unitId"].is_null();
    let common = if by_unit { &json["unitId"] } else { &json["variableId"] };
    let mut rows = Rows::new(["unit_id", "variable", "measure_unit"]);
    let mut places = Vec::new();
    for (number, result) in results.iter().enumerate() {
        let at = format!("results[{number}]");
        let (unit, variable) = if by_unit { (common, &result["id"]) } else { (&result["id"], common) };
        let (variable, measure_unit) =
            (text(variable), text(if by_unit { &result["measureUnitId"] } else { &json["measureUnitId"] }));
        // As a number it would have lost its leading zeros.
        let Some(unit) = unit.as_str().map(str::trim).filter(|unit| !unit.is_empty() && !variable.is_empty()) else {
            context.group("no-key", "", |context| {
                let message = "expected the id of a unit as text and the id of a variable, found none; the record is not used";
                Finding::error("no-key", context.at(&at), message).hint("ask data/by-variable or data/by-unit again")
            });
            continue;
        };
        for (number, cell) in result["values"].as_array().into_iter().flatten().enumerate() {
            if places.len() >= context.options.limits.cells {
                context.group("too-many-cells", "", |context| {
                    let message = format!("more than the allowed {} cells; the rest is not read", context.options.limits.cells);
                    Finding::error("too-many-cells", context.at(&at), message).hint("filter the request")
                });
                break;
            }
            let place = format!("{at}.values[{number}]");
            let (value, status) = figure(cell, &place, context);
            rows.push([unit, &variable, &measure_unit], &text(&cell["year"]), value, &status, "");
            places.push(place);
        }
    }
    context.own_marks = true;
    let mut table = rows.finish(Positions::Text(places));
    table.updated = Some(text(&json["lastUpdate"])).filter(|stamp| !stamp.is_empty());
    table.title = Some(text(&json["unitName"])).filter(|title| !title.is_empty());
    for (id, role) in [(0, Role::Geo), (1, Role::Metric)] {
        table.dimensions[id].role = Some(role);
    }
    table.period.role = Some(Role::Time);
    duplicates(&table, context);
    table
}

/// Value and status of a cell `{"year":"2024","val":4.1,"attrId":1}`.
fn figure(cell: &Json, place: &str, context: &mut Context<'_>) -> (Option<f64>, String) {
    let stated = &cell["attrId"];
    let attribute = stated.as_i64();
    let status = if attribute.is_some_and(|id| PLAIN.contains(&id)) { String::new() } else { text(stated) };
    if !attribute.is_some_and(|id| PLAIN.contains(&id) || REAL.contains(&id)) {
        if !attribute.is_some_and(|id| MISSING.contains(&id)) {
            let shown = stated.to_string();
            context.group("unknown-attribute", &shown, |context| {
                let message = format!("the attribute {} is not known, so the number beside it is not used", quote(&shown));
                Finding::warning("unknown-attribute", context.at(place), message)
                    .hint("look it up under /attributes of the service")
            });
        }
        return (None, status);
    }
    let value = cell["val"].as_f64();
    if value.is_none() && !cell["val"].is_null() {
        let shown = cell["val"].to_string();
        context.group("not-a-number", &shown, |context| {
            let message = format!("expected a number, found {}; the cell is kept without a value", quote(&shown));
            Finding::error("not-a-number", context.at(place), message).hint("download the answer again")
        });
    }
    (value, status)
}

/// The entries that one record of a list states: itself, and children whose records stand elsewhere.
fn entries(page: &Json, record: &Json) -> Vec<Entry> {
    let has = |member: &str| !record[member].is_null();
    let (list, list_label) = if has("children") || has("hasVariables") {
        ("subject", "subjects")
    } else if has("subjectId") || has("n1") {
        ("variable", "variables")
    } else if has("symbol") {
        ("attribute", "attributes")
    } else if has("kind") || has("parentId") || has("level") {
        ("unit", "units")
    } else {
        resource(page)
    };
    let parent = [&record["parentId"], &record["subjectId"]].into_iter().map(text).find(|id| !id.is_empty()).unwrap_or_default();
    let entry = |code: String, label: String, parent: String| Entry {
        list: list.to_owned(),
        list_label: list_label.to_owned(),
        code,
        label,
        parent,
    };
    let code = text(&record["id"]);
    let mut found = vec![entry(code.clone(), label(record), parent)];
    let children = record["children"].as_array().into_iter().flatten();
    found.extend(children.map(|child| entry(text(child), String::new(), code.clone())));
    found
}

/// Name, or the names of a variable from the general to the special, with symbol and unit.
pub(crate) fn label(record: &Json) -> String {
    let mut parts: Vec<String> = ["symbol", "name", "n1", "n2", "n3", "n4", "n5"].map(|member| text(&record[member])).into();
    parts.retain(|part| !part.is_empty());
    let mut label = parts.join(", ");
    let unit = text(&record["measureUnitName"]);
    if !unit.is_empty() {
        label = format!("{label} [{unit}]");
    }
    label
}

/// The list by the address that a page says it has, which is read and never followed.
fn resource(page: &Json) -> (&'static str, &'static str) {
    let address = page["links"]["self"].as_str().unwrap_or_default();
    let path = address.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('/').next().unwrap_or_default() {
        "levels" => ("level", "levels"),
        "measures" => ("measure_unit", "measures"),
        "aggregates" => ("aggregate", "aggregates"),
        "years" => ("year", "years"),
        "attributes" => ("attribute", "attributes"),
        "units" | "search" => ("unit", "units"),
        _ => ("code", ""),
    }
}
