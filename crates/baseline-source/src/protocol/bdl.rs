//! The service of Statistics Poland's Local Data Bank (GUS BDL): one variable a request, pages of 100 units.
//!
//! `pull` has `var` (ids of variables; else the table's code is one), `unit-level` (2 is the voivodship), `year`,
//! `unit-parent-id` and `aggregate-id`. Pages are counted here: the address of the next page that an answer names is
//! only taken as a sign that there is one. A client's id goes into a header that the network edge adds.
//!
//! ```text
//! {base}/data/by-variable/60270?format=json&page-size=100&unit-level=2&year=2023&year=2024&page=0
//! {base}/variables/60270?format=json&lang=en
//! ```

use baseline_model::Role;
use serde_json::Value as Json;

use super::address::{base, escape, source_base};
use super::plain;
use super::{Answer, Ask, Expected, Phase, PlanError, Protocol, Request, Selection, Step, Structure, StructureDimension};
use crate::bdl::{self, Page};
use crate::body::{Body, Media};

/// Filters in the order of the URL.
const FILTERS: [&str; 4] = ["unit-level", "unit-parent-id", "aggregate-id", "year"];
/// Records a page; the service gives no more.
const PAGE_SIZE: u64 = 100;

pub struct Bdl;

impl Protocol for Bdl {
    fn id(&self) -> &'static str {
        "bdl"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        base(ask.source)?;
        let selection = selection(ask)?;
        let of = |id: &str| selection.codes(id).into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
        // The service takes one variable and one level at a time.
        let levels = if of("unit-level").is_empty() { vec![None] } else { of("unit-level").into_iter().map(Some).collect() };
        let mut requests = Vec::new();
        for variable in of("var") {
            for level in &levels {
                let filters = selection.filters().filter(|(id, _)| !matches!(*id, "var" | "unit-level"));
                let rest = filters.map(|(id, codes)| (id, codes.iter().map(String::as_str).collect::<Vec<_>>()));
                let own = [("var", vec![variable])].into_iter().chain(level.map(|level| ("unit-level", vec![level])));
                requests.push(page(ask, Selection::new(own.chain(rest)), 0));
            }
        }
        Ok(requests)
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        let what = plain::said(answer.body);
        match answer.status {
            200 => {}
            // Of one resource that has nothing, whatever the body says.
            412 => return Step::Nothing { why: "the provider has nothing for this request (412)".into() },
            408 | 429 | 500..=599 => return Step::Retry { why: what },
            404 | 410 => {
                return Step::Refuse {
                    why: what,
                    hint: "look the variable's id up with /variables/search of the service".into(),
                };
            }
            401 | 403 => {
                return Step::Refuse { why: what, hint: "the provider refuses us: check the client's id, do not repeat".into() };
            }
            _ => {
                return Step::Refuse {
                    why: what,
                    hint: "compare `pull` in the dataflow's file with the service's documentation".into(),
                };
            }
        }
        let (Body::Data { media: Media::Json, .. }, Ok(json)) = (answer.body, serde_json::from_slice::<Json>(answer.bytes))
        else {
            return Step::Retry { why: format!("expected a page of results, found {what}") };
        };
        if request.phase == Phase::Describe {
            return Step::Keep;
        }
        match next_page(ask, request, &json) {
            Ok(step) => step,
            Err(why) => Step::Retry { why },
        }
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        base(ask.source).ok()?;
        let selection = selection(ask).ok()?;
        let variable = selection.codes("var")?.first()?;
        let url = format!("{}/variables/{}?format=json&lang=en", source_base(ask.source), escape(variable));
        Some(Request { phase: Phase::Describe, expected: Expected::Structure, ..request(ask, url, Selection::default()) })
    }

    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| format!("expected JSON: {error}"))?;
        let id = bdl::text(&json["id"]);
        if id.is_empty() || json["n1"].is_null() {
            return Err("expected a variable with `id` and `n1`, found none".into());
        }
        let dimension =
            |id: &str, role, codes| StructureDimension { id: id.into(), role, codes, ..StructureDimension::default() };
        let unit = (bdl::text(&json["measureUnitId"]), bdl::text(&json["measureUnitName"]));
        Ok(Structure {
            dimensions: vec![
                dimension("unit_id", Some(Role::Geo), Vec::new()),
                dimension("variable", Some(Role::Metric), vec![(id, bdl::label(&json))]),
                dimension("measure_unit", None, vec![unit]),
                dimension("year", Some(Role::Time), Vec::new()),
            ],
            updated: bdl::text(&json["lastUpdate"]),
        })
    }

    // No list of changes: the service has none.
}

fn selection(ask: &Ask<'_>) -> Result<Selection, PlanError> {
    let fault = |id: &str, fault: String, hint| Err(PlanError::Selection { parameter: id.to_owned(), fault, hint });
    for (id, codes) in &ask.dataflow.pull {
        let lower = id.trim().to_ascii_lowercase();
        if lower != "var" && !FILTERS.contains(&lower.as_str()) {
            return fault(
                id,
                "is no filter of the service".into(),
                "known are var, unit-level, unit-parent-id, aggregate-id and year",
            );
        }
        let odd =
            |code: &&String| code.trim().is_empty() || !code.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if codes.is_empty() || codes.iter().any(|code| odd(&code)) {
            return fault(id, "expected ids of digits, found another text or none".into(), "write ids as text: [\"60270\"]");
        }
        if matches!(lower.as_str(), "unit-parent-id" | "aggregate-id") && codes.len() > 1 {
            return fault(id, format!("expected one value, found {}", codes.len()), "give one value");
        }
    }
    let pull = ask.dataflow.pull.iter();
    let selection = Selection::new(pull.map(|(id, codes)| (id.as_str(), codes.iter().map(String::as_str))));
    if selection.codes("var").is_some() {
        return Ok(selection);
    }
    if ask.table.is_empty() || !ask.table.bytes().all(|byte| byte.is_ascii_digit()) {
        return fault(
            "var",
            format!("is missing, and `{}` is no id of a variable", ask.table),
            "name the variables: var = [\"60270\"]",
        );
    }
    let own = selection.filters().map(|(id, codes)| (id, codes.iter().map(String::as_str).collect::<Vec<_>>()));
    Ok(Selection::new(own.chain([("var", vec![ask.table])])))
}

/// The request for one page of a variable.
fn page(ask: &Ask<'_>, selection: Selection, number: u64) -> Request {
    let variable = selection.codes("var").and_then(|codes| codes.first()).map_or("", String::as_str);
    let mut url = format!("{}/data/by-variable/{}?format=json&page-size={PAGE_SIZE}", source_base(ask.source), escape(variable));
    for id in FILTERS {
        for code in selection.codes(id).into_iter().flatten() {
            url.push_str(&format!("&{id}={}", escape(code)));
        }
    }
    url.push_str(&format!("&page={number}"));
    request(ask, url, selection)
}

fn request(ask: &Ask<'_>, url: String, selection: Selection) -> Request {
    Request {
        table: ask.table.to_owned(),
        asked: url.clone(),
        url,
        payload: None,
        accept: "application/json",
        pack: true,
        expected: Expected::Json,
        selection,
        phase: Phase::Ask,
    }
}

/// What follows from a page; the error says why it is not the one that was asked for.
fn next_page(ask: &Ask<'_>, request: &Request, json: &Json) -> Result<Step, String> {
    let (Some(found), Some(records)) = (Page::of(json), json["results"].as_array()) else {
        return Err("expected a page of results with its number and size, found other JSON".into());
    };
    let asked: u64 = request.url.rsplit_once("&page=").and_then(|(_, number)| number.parse().ok()).unwrap_or_default();
    if found.number != asked {
        return Err(format!("expected page {asked}, found page {}", found.number));
    }
    let variable = bdl::text(&json["variableId"]);
    if !variable.is_empty() && request.selection.codes("var").is_some_and(|codes| !codes.contains(&variable)) {
        return Err(format!("the answer is of another variable, {variable}"));
    }
    if records.is_empty() {
        return if asked == 0 && found.total == 0 {
            Ok(Step::Nothing { why: "no unit has a figure for this request".into() })
        } else {
            Err(format!("expected records on page {asked} of {} in all, found none", found.total))
        };
    }
    let more = json["links"]["next"].is_string() || !found.is_last();
    Ok(if more { Step::KeepAnd(vec![page(ask, request.selection.clone(), asked + 1)]) } else { Step::Keep })
}

#[cfg(test)]
mod tests;
