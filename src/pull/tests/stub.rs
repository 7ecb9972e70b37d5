//! A protocol with everything that protocols may do, in the smallest form: posts, pages, a structure first, a queue.

use baseline_model::Finding;
use baseline_model::definitions::Source;
use baseline_source::protocol::{
    Answer, Ask, Expected, Payload, Phase, PlanError, Protocol, Request, Selection, Stamp, Step, Structure, StructureDimension,
};
use serde_json::Value as Json;

use super::super::BTreeMap;

pub struct Stub;

/// A request of the stub: a GET when `sent` is empty.
fn request(ask: &Ask<'_>, path: &str, sent: &str, phase: Phase) -> Request {
    let url = format!("{}/{path}", ask.source.base_url);
    let asked = format!("{}/ask/{}", ask.source.base_url, ask.table);
    let payload = (!sent.is_empty()).then(|| Payload { media_type: "application/x-www-form-urlencoded", text: sent.to_owned() });
    let (table, accept, pack) = (ask.table.to_owned(), "*/*", true);
    Request { table, url, asked, payload, accept, pack, expected: Expected::Json, selection: Selection::default(), phase }
}

impl Protocol for Stub {
    fn id(&self) -> &'static str {
        "stub"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        if ask.table.starts_with("described") {
            return Ok(vec![request(ask, "structure", "", Phase::Describe)]);
        }
        Ok(vec![first(ask)])
    }

    fn next(&self, ask: &Ask<'_>, asked: &Request, answer: &Answer<'_>) -> Step {
        if answer.status != 200 {
            let why = format!("{:?} {}", answer.body, String::from_utf8_lossy(answer.bytes));
            return if matches!(answer.status, 408 | 429 | 500..) {
                Step::Retry { why }
            } else {
                Step::Refuse { why, hint: "look at it".into() }
            };
        }
        let Ok(json) = serde_json::from_slice::<Json>(answer.bytes) else {
            return Step::Retry { why: "no JSON".into() };
        };
        let says = |member: &str| json[member].as_str().map(str::to_owned);
        let poll = |ticket: String| Box::new(request(ask, "jobs", &format!("ticket={ticket}"), Phase::Poll { ticket }));
        if let Some(ticket) = says("queued") {
            return Step::Wait { request: poll(ticket), seconds: 30, why: "queued".into() };
        }
        if let Some(ticket) = says("ready") {
            return Step::Follow(Box::new(request(ask, "result", &format!("ticket={ticket}"), Phase::Collect { ticket })));
        }
        if let Some(why) = says("unknown") {
            return Step::Resubmit { request: Box::new(first(ask)), why };
        }
        if matches!(asked.phase, Phase::Describe) {
            return Step::Continue(vec![first(ask)]);
        }
        if json["more"] == true {
            let path = format!("{}x", asked.url.rsplit('/').next().unwrap_or_default());
            return Step::KeepAnd(vec![request(ask, &path, "", Phase::Ask)]);
        }
        match says("next") {
            Some(path) => Step::KeepAnd(vec![request(ask, &path, "", Phase::Ask)]),
            None => Step::Keep,
        }
    }

    fn resume(&self, ask: &Ask<'_>, _: &Request, ticket: &str) -> Option<Request> {
        Some(request(ask, "jobs", &format!("ticket={ticket}"), Phase::Poll { ticket: ticket.to_owned() }))
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        Some(request(ask, &format!("structure/{}", ask.table), "", Phase::Describe))
    }

    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let ids = json["id"].as_array().ok_or("no list of dimensions")?;
        let dimension = |id: &Json| StructureDimension { id: id.as_str().unwrap_or_default().to_owned(), ..Default::default() };
        Ok(Structure { dimensions: ids.iter().map(dimension).collect(), updated: "2026-09-10".into() })
    }

    fn changes(&self, _: &Source) -> Option<Request> {
        None
    }

    fn read_changes(&self, _: &[u8]) -> (BTreeMap<String, Stamp>, Vec<Finding>) {
        (BTreeMap::new(), Vec::new())
    }
}

fn first(ask: &Ask<'_>) -> Request {
    request(ask, &format!("ask/{}", ask.table), &format!("name={}&area=all", ask.table), Phase::Ask)
}
