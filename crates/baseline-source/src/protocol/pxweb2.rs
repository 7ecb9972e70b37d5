//! PxWebApi 2 (SCB since October 2025): settings, metadata as JSON-stat, then planned selections by POST.
//!
//! GET has the same selections and is not used: a long address is answered with 404. Without a selection the server gives
//! a default one, which is some small part of the table; so every variable is named, as in API 1, with which the planning is
//! shared.
//!
//! ```text
//! GET  {base}/config                                          {"maxDataCells":150000,"maxCallsPerTimeWindow":30,…}
//! GET  {base}/tables/TAB4823/metadata                         JSON-stat without values
//! POST {base}/tables/TAB4823/data?outputFormat=json-stat2     {"selection":[{"variableCode":"Region","valueCodes":["0580"]}]}
//! ```

use serde_json::{Value as Json, json};

use super::pxweb::conversation::{self, Dialect};
use super::pxweb::plan::{self, Choice, Codes, Query};
use super::{Answer, Ask, PlanError, Protocol, Request, Step, Structure};

pub struct PxWeb2;

impl Protocol for PxWeb2 {
    fn id(&self) -> &'static str {
        "pxweb2"
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

    // No list of changes: the server lists tables by pages, and those of the last days only; a table that is not on the
    // list would look withdrawn.
}

impl Dialect for PxWeb2 {
    fn settings(&self, base: &str) -> String {
        format!("{base}/config")
    }

    fn most_cells(&self, settings: &Json) -> Option<u64> {
        settings["maxDataCells"].as_u64()
    }

    fn metadata(&self, base: &str, table: &str) -> String {
        format!("{base}/tables/{table}/metadata")
    }

    fn data(&self, base: &str, table: &str) -> String {
        format!("{base}/tables/{table}/data?outputFormat=json-stat2")
    }

    fn names_whole_lists(&self) -> bool {
        true
    }

    fn write(&self, query: &Query) -> Json {
        let choice = |choice: &Choice| {
            let codes = match &choice.codes {
                Codes::Listed(codes) => json!(codes),
                Codes::All { .. } => json!(["*"]),
                Codes::Top { count } => json!([format!("top({count})")]),
            };
            match &choice.list {
                // `vs:Name` of API 1 is the codelist `vs_Name` here.
                Some(list) => {
                    json!({ "variableCode": choice.variable, "codelist": list.replacen(':', "_", 1), "valueCodes": codes })
                }
                None => json!({ "variableCode": choice.variable, "valueCodes": codes }),
            }
        };
        json!({ "selection": query.0.iter().map(choice).collect::<Vec<_>>() })
    }

    fn read(&self, body: &Json) -> Option<Query> {
        let choice = |item: &Json| {
            let values = plan::texts(&item["valueCodes"])?;
            let list = item["codelist"].as_str().map(|list| list.replacen('_', ":", 1));
            let top = |value: &String| value.strip_prefix("top(")?.strip_suffix(')')?.parse().ok();
            let codes = match values.as_slice() {
                [all] if all == "*" => Codes::All { size: 0 },
                [one] => top(one).map_or_else(|| Codes::Listed(vec![one.clone()]), |count| Codes::Top { count }),
                _ => Codes::Listed(values),
            };
            Some(Choice { variable: item["variableCode"].as_str()?.to_owned(), list, codes })
        };
        body["selection"].as_array()?.iter().map(choice).collect::<Option<Vec<_>>>().map(Query)
    }
}
