//! PxWeb API 1 (SCB's old address, Statistics Finland, SURS): settings, metadata, then planned queries.
//!
//! The settings say how many cells one query may have, the metadata which codes there are; then every variable is named
//! in every query, because leaving one out means its total in one table and all its values in the next. A 403 is "too many
//! values", not a matter of rights. Shared with API 2: which codes are meant ([`choose`]), how they are cut ([`plan`]), what
//! answers mean ([`conversation`]).
//!
//! ```text
//! GET  {base without its database}/?config      {"maxValues":…,"maxCells":100000,"maxCalls":10,"timeWindow":10}
//! GET  {base}/vaerak/11rv.px                    {"title":…,"variables":[{"code":"Alue","text":"Alue","values":[…]}]}
//! POST {base}/vaerak/11rv.px                    {"query":[{"code":"Alue","selection":{"filter":"item","values":["KU179"]}}],
//!                                                "response":{"format":"json-stat2"}}
//! ```

pub(super) mod choose;
pub(super) mod conversation;
pub(super) mod plan;

use serde_json::{Value as Json, json};

use self::conversation::Dialect;
use self::plan::{Choice, Codes, Query};
use super::{Answer, Ask, PlanError, Protocol, Request, Step, Structure};

pub struct PxWeb;

impl Protocol for PxWeb {
    fn id(&self) -> &'static str {
        "pxweb"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        conversation::first(self, ask)
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        conversation::next(self, ask, request, answer)
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        conversation::structure(self, ask)
    }

    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        conversation::read_structure(bytes)
    }

    // No list of changes: the time of a table's last change stands in its folder only, and a list of all folders is
    // thousands of requests.
}

impl Dialect for PxWeb {
    fn settings(&self, base: &str) -> String {
        // The settings belong to the language, above the database: `…/v1/fi/?config`, not `…/v1/fi/StatFin/?config`.
        let above = base.rsplit_once('/').map_or(base, |(above, _)| above);
        let above = if above.ends_with(":/") || above.ends_with('/') { base } else { above };
        format!("{above}/?config")
    }

    fn most_cells(&self, settings: &Json) -> Option<u64> {
        settings["maxCells"].as_u64()
    }

    fn metadata(&self, base: &str, table: &str) -> String {
        format!("{base}/{table}")
    }

    fn data(&self, base: &str, table: &str) -> String {
        format!("{base}/{table}")
    }

    /// Codes of a value set or an aggregation are named in it; without codes the server would take its total.
    fn names_whole_lists(&self) -> bool {
        false
    }

    fn write(&self, query: &Query) -> Json {
        let choice = |choice: &Choice| {
            let (filter, values) = match (&choice.list, &choice.codes) {
                (Some(list), Codes::Listed(codes)) => (list.as_str(), json!(codes)),
                (None, Codes::Listed(codes)) => ("item", json!(codes)),
                (Some(list), Codes::All { .. }) => (list.as_str(), json!(["*"])),
                (None, Codes::All { .. }) => ("all", json!(["*"])),
                (_, Codes::Top { count }) => ("top", json!([count.to_string()])),
            };
            json!({ "code": choice.variable, "selection": { "filter": filter, "values": values } })
        };
        json!({ "query": query.0.iter().map(choice).collect::<Vec<_>>(), "response": { "format": "json-stat2" } })
    }

    fn read(&self, body: &Json) -> Option<Query> {
        let choice = |item: &Json| {
            let (filter, values) = (item["selection"]["filter"].as_str()?, &item["selection"]["values"]);
            let values = plan::texts(values)?;
            let list = (filter.starts_with("vs:") || filter.starts_with("agg:")).then(|| filter.to_owned());
            let codes = match (filter, values.as_slice()) {
                ("top", [count]) => Codes::Top { count: count.parse().ok()? },
                ("all", _) => Codes::All { size: 0 },
                _ if values == ["*"] => Codes::All { size: 0 },
                _ => Codes::Listed(values),
            };
            Some(Choice { variable: item["code"].as_str()?.to_owned(), list, codes })
        };
        body["query"].as_array()?.iter().map(choice).collect::<Option<Vec<_>>>().map(Query)
    }
}

#[cfg(test)]
mod tests;
