//! Tables of the statistical office of Catalonia (Idescat), second version: JSON-stat by path and filters.
//!
//! A table is named by its path: statistic, node, table, geography. Under `pull` a dimension stands in the table's own
//! letters; `_LAST_` is the number of last periods. Above 20 000 cells the service refuses (HTTP 416): such a selection
//! is cut.
//!
//! ```text
//! {base}/censph/535/562/mun/data?lang=en&COM=01,TOTAL&SEX=F&_LAST_=2
//! {base}/censph/535/562/mun?lang=en
//! ```

use baseline_model::Role;
use serde_json::Value as Json;

use super::address::{base, escape, source_base};
use super::plain::{self, padded, said, written};
use super::{Answer, Ask, Expected, PlanError, Protocol, Request, Selection, Step, Structure, StructureDimension};
use crate::body::{Body, Media};

/// Cells of one answer.
pub const HARD_LIMIT: u64 = 20_000;
const GEOGRAPHIES: [&str; 7] = ["cat", "prov", "at", "com", "mun", "dis", "sec"];
const CATALOGUE: &str = "https://api.idescat.cat/taules/v2";

pub struct Idescat;

impl Protocol for Idescat {
    fn id(&self) -> &'static str {
        "idescat"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        base(ask.source)?;
        path(ask)?;
        let selection = plain::selection(ask, |id, codes| {
            if matches!(id.to_ascii_lowercase().as_str(), "lang" | "format") {
                return Err(("is no dimension".into(), "name a dimension of the table under the provider's id"));
            }
            let last = |code: &String| code.trim().bytes().all(|byte| byte.is_ascii_digit());
            if id.eq_ignore_ascii_case("_LAST_") && !(codes.len() == 1 && codes.iter().all(last)) {
                return Err(("expected one number of periods".into(), "_LAST_ = [\"2\"]"));
            }
            if codes.iter().any(|code| code.contains(',')) {
                return Err(("a code has a comma, which divides codes".into(), "give each code as an entry of its own"));
            }
            Ok(())
        })?;
        Ok(selection.parts(ask.sizes, HARD_LIMIT, is_dimension).into_iter().map(|part| data(ask, part)).collect())
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        match (answer.status, answer.body) {
            (416, _) | (_, Body::TooBig { .. }) => match request.selection.halves(is_dimension) {
                Some(halves) => Step::Split(halves.into_iter().map(|half| data(ask, half)).collect()),
                None => Step::Refuse {
                    why: format!("more than {HARD_LIMIT} cells: {}", said(answer.body)),
                    hint: "name codes of the largest dimension under `pull`, or fewer periods (_LAST_)".into(),
                },
            },
            (200, Body::Data { media: Media::Json, .. }) => Step::Keep,
            _ => plain::otherwise(answer, CATALOGUE),
        }
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        base(ask.source).ok()?;
        let url = format!("{}/{}?lang=en", source_base(ask.source), path(ask).ok()?);
        Some(plain::get(ask, url, Expected::Structure, Selection::default()))
    }

    /// A JSON-stat data set without values.
    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| format!("expected JSON-stat, found no JSON: {error}"))?;
        let ids = json["id"].as_array().ok_or("expected JSON-stat with its list `id`, found none")?;
        let has_role =
            |role: &str, id: &str| json["role"][role].as_array().is_some_and(|ids| ids.iter().any(|found| found == id));
        let dimension = |id: &Json| {
            let id = id.as_str().ok_or("an entry of `id` is no text")?;
            let roles = [("time", Role::Time), ("geo", Role::Geo), ("metric", Role::Metric)];
            let stated = &json["dimension"][id];
            let label = |code: &str| stated["category"]["label"][code].as_str().unwrap_or_default().to_owned();
            let codes = match &stated["category"]["index"] {
                Json::Array(codes) => codes.iter().filter_map(Json::as_str).map(|code| (code.to_owned(), label(code))).collect(),
                Json::Object(codes) => codes.keys().map(|code| (code.clone(), label(code))).collect(),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
            };
            Ok(StructureDimension {
                id: id.to_owned(),
                label: stated["label"].as_str().unwrap_or_default().to_owned(),
                role: roles.into_iter().find(|(name, _)| has_role(name, id)).map(|(_, role)| role),
                codes,
                elimination: false,
            })
        };
        let dimensions = ids.iter().map(dimension).collect::<Result<Vec<_>, String>>()?;
        Ok(Structure { dimensions, updated: json["updated"].as_str().unwrap_or_default().to_owned() })
    }

    // No list of changes: the service has none.
}

fn is_dimension(id: &str) -> bool {
    id != "_last_"
}

/// `censph/535/562/mun`.
fn path<'a>(ask: &Ask<'a>) -> Result<&'a str, PlanError> {
    let parts: Vec<_> = ask.table.split('/').collect();
    let good =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let fits = parts.len() == 4 && parts.iter().all(good) && parts.last().is_some_and(|last| GEOGRAPHIES.contains(last));
    if fits { Ok(ask.table) } else { Err(PlanError::Table { id: ask.table.to_owned() }) }
}

fn data(ask: &Ask<'_>, selection: Selection) -> Request {
    let mut url = format!("{}/{}/data?lang=en", source_base(ask.source), path(ask).unwrap_or_default());
    for (id, codes) in selection.filters() {
        let codes: Vec<_> = codes.iter().map(|code| escape(padded(ask, id, code).trim())).collect();
        url.push_str(&format!("&{}={}", escape(written(ask, id)), codes.join(",")));
    }
    plain::get(ask, url, Expected::JsonStat, selection)
}

#[cfg(test)]
mod tests;
