//! Eurostat's dissemination API: Statistics 1.0 for slices, SDMX 2.1 for whole tables, and its queue.
//!
//! A slice is asked of Statistics 1.0 because its filters go by name in any order; SDMX 2.1 ignores filters given
//! by name. A whole table is asked as a gzip file, which is prepared in advance and exempt from the size rule;
//! any filter, even a first year, would lose that (seen 2026-09). Addresses that an answer names are never
//! followed: the queue's are built here.
//!
//! ```text
//! {base}/statistics/1.0/data/lfsa_eoqgan?format=JSON&lang=en&geo=PL&geo=SE&sex=T
//! {base}/sdmx/2.1/data/DEMO_R_PJANGRP3?format=TSV&compressed=true
//! {base}/1.0/async/status/7f4c…   {base}/1.0/async/data/7f4c…
//! {base}/files/inventory?type=data&lang=en
//! ```

mod inventory;
mod structure;

use std::collections::BTreeMap;

use baseline_model::Finding;
use baseline_model::definitions::{Dataflow, Source};

use super::address::{base, escape, source_base, table_code};
use super::plain;
use super::{Answer, Ask, Expected, Phase, PlanError, Protocol, Request, Selection, Stamp, Step, Structure};
use crate::body::{Body, Media, TicketStatus};

/// Cells above which an extraction is refused.
pub const HARD_LIMIT: u64 = 5_000_000;
/// Cells below which an extraction is answered at once.
pub const SYNCHRONOUS_LIMIT: u64 = 500_000;
/// Above so many slices the whole table is one request and kinder to the server.
pub const MOST_PARTS: usize = 40;

/// Seconds before a queue is asked again, first and later.
const POLL_SECONDS: (u32, u32) = (10, 20);

pub struct Eurostat;

impl Protocol for Eurostat {
    fn id(&self) -> &'static str {
        "eurostat"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        let Ask { source, table, dataflow, sizes } = *ask;
        base(source)?;
        let table = table_code(table)?;
        let selection = checked_selection(dataflow)?;
        if selection.is_empty() {
            return Ok(vec![whole(source, table)]);
        }
        let parts = selection.parts(sizes, SYNCHRONOUS_LIMIT - 1, is_dimension);
        let too_large = parts.iter().any(|part| part.estimate(sizes, is_dimension).at_least() > HARD_LIMIT);
        if parts.len() > MOST_PARTS || too_large {
            return Ok(vec![whole(source, table)]);
        }
        Ok(parts.into_iter().map(|part| slice(source, table, part)).collect())
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        let (source, status, body) = (ask.source, answer.status, answer.body);
        let queued = match &request.phase {
            Phase::Describe | Phase::Ask => None,
            Phase::Poll { ticket } | Phase::Collect { ticket } => Some(ticket.as_str()),
        };
        match body {
            Body::Ticket { id, status: state } => match (id.as_deref().or(queued), state) {
                (None, _) => Step::Retry { why: "a queue ticket without an id".into() },
                (Some(ticket), TicketStatus::Submitted | TicketStatus::Processing) => {
                    let seconds = if queued.is_some() { POLL_SECONDS.1 } else { POLL_SECONDS.0 };
                    wait(poll(source, request, ticket), seconds, "the request is queued")
                }
                (Some(ticket), TicketStatus::Available) => Step::Follow(Box::new(collect(source, request, ticket))),
                (Some(_), TicketStatus::Expired) => resubmit(request, "the queued answer has expired"),
            },
            Body::NotReady { message } => match queued {
                Some(ticket) => wait(poll(source, request, ticket), POLL_SECONDS.1, message),
                None => Step::Retry { why: message.clone() },
            },
            Body::Asynchronous { message } => wait(request.clone(), POLL_SECONDS.1, message),
            Body::UnknownTicket { message } if queued.is_some() => resubmit(request, message),
            Body::NotFound { message } if queued.is_some() => resubmit(request, message),
            Body::TooBig { message, .. } => too_big(source, request, message),
            Body::NoResults { message } => Step::Nothing { why: message.clone() },
            Body::NotFound { message } => Step::Refuse {
                why: message.clone(),
                hint: "the table was moved, renamed or withdrawn: look its code up in the provider's catalogue".into(),
            },
            Body::UnknownTicket { message } => refuse(message),
            Body::Data { media, .. } if status == 200 => keep(request, *media),
            Body::Fault { status: stated, id, message } => {
                let code = stated.or(*id).unwrap_or_default();
                if retried(status) || (status == 200 && (500..600).contains(&code)) {
                    Step::Retry { why: format!("{message} (code {code})") }
                } else {
                    refuse(&format!("{message} (code {code})"))
                }
            }
            Body::Data { .. } | Body::Empty | Body::WrittenToFile { .. } | Body::Html { .. } | Body::Damaged { .. } => {
                by_status(source, request, status, body)
            }
        }
    }

    fn resume(&self, ask: &Ask<'_>, request: &Request, ticket: &str) -> Option<Request> {
        Some(poll(ask.source, request, ticket))
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        base(ask.source).ok()?;
        let selection = structure::smallest(&checked_selection(ask.dataflow).ok()?, ask.dataflow);
        let slice = slice(ask.source, table_code(ask.table).ok()?, selection);
        Some(Request { expected: Expected::Structure, phase: Phase::Describe, ..slice })
    }

    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        structure::read(bytes)
    }

    fn changes(&self, source: &Source) -> Option<Request> {
        let url = format!("{}/files/inventory?type=data&lang=en", base(source).ok()?);
        Some(Request {
            table: "inventory".into(),
            asked: url.clone(),
            url,
            payload: None,
            accept: "*/*",
            pack: true,
            expected: Expected::ChangeList,
            selection: Selection::default(),
            phase: Phase::Ask,
        })
    }

    fn read_changes(&self, bytes: &[u8]) -> (BTreeMap<String, Stamp>, Vec<Finding>) {
        inventory::read(bytes)
    }
}

/// Filters that limit a dimension instead of naming its codes: as we keep them, as they are written.
const LIMITS: [(&str, &str); 4] = [
    ("geolevel", "geoLevel"),
    ("lasttimeperiod", "lastTimePeriod"),
    ("sincetimeperiod", "sinceTimePeriod"),
    ("untiltimeperiod", "untilTimePeriod"),
];

fn is_dimension(id: &str) -> bool {
    LIMITS.iter().all(|(limit, _)| *limit != id)
}

fn checked_selection(dataflow: &Dataflow) -> Result<Selection, PlanError> {
    let fault = |parameter: &str, fault: String, hint| Err(PlanError::Selection { parameter: parameter.to_owned(), fault, hint });
    for (id, codes) in &dataflow.pull {
        let lower = id.trim().to_ascii_lowercase();
        if matches!(lower.as_str(), "" | "format" | "lang" | "compressed") {
            return fault(id, "is no dimension".into(), "name a dimension of the table under the provider's id");
        }
        if codes.is_empty() || codes.iter().any(|code| code.trim().is_empty()) {
            return fault(
                id,
                "a list of codes with an empty entry or none at all".into(),
                "leave the dimension out to get all its codes",
            );
        }
        if lower.ends_with("timeperiod") && codes.len() > 1 {
            return fault(id, format!("expected one value, found {}", codes.len()), "list single periods under `time`");
        }
    }
    // Both names are accepted for time; one is kept, so that one request has one URL.
    let name = |id: &str| if id.trim().eq_ignore_ascii_case("time_period") { "time".to_owned() } else { id.to_owned() };
    let named: Vec<(String, &Vec<String>)> = dataflow.pull.iter().map(|(id, codes)| (name(id), codes)).collect();
    let selection = Selection::new(named.iter().map(|(id, codes)| (id.as_str(), codes.iter().map(String::as_str))));
    let has = |id| selection.codes(id).is_some();
    if has("geo") && has("geolevel") {
        return fault("geoLevel", "cannot stand beside `geo`".into(), "keep one of the two");
    }
    if has("lasttimeperiod") && (has("sincetimeperiod") || has("untiltimeperiod")) {
        return fault(
            "lastTimePeriod",
            "cannot stand beside sinceTimePeriod or untilTimePeriod".into(),
            "keep one of the two forms",
        );
    }
    Ok(selection)
}

fn slice(source: &Source, table: &str, selection: Selection) -> Request {
    let mut url =
        format!("{}/statistics/1.0/data/{}?format=JSON&lang=en", source_base(source), escape(&table.to_ascii_lowercase()));
    for (id, codes) in selection.filters() {
        let written = LIMITS.iter().find(|(limit, _)| *limit == id).map_or(id, |(_, written)| written);
        for code in codes {
            url.push_str(&format!("&{}={}", escape(written), escape(code)));
        }
    }
    let accept = "application/json";
    let (table, asked) = (table.to_owned(), url.clone());
    let payload = None;
    Request { table, url, asked, payload, accept, pack: true, expected: Expected::JsonStat, selection, phase: Phase::Ask }
}

fn whole(source: &Source, table: &str) -> Request {
    let url = format!("{}/sdmx/2.1/data/{}?format=TSV&compressed=true", source_base(source), escape(&table.to_ascii_uppercase()));
    Request {
        table: table.to_owned(),
        asked: url.clone(),
        url,
        payload: None,
        accept: "*/*",
        pack: false,
        expected: Expected::TsvGz,
        selection: Selection::default(),
        phase: Phase::Ask,
    }
}

fn poll(source: &Source, request: &Request, ticket: &str) -> Request {
    let url = format!("{}/1.0/async/status/{}", source_base(source), escape(ticket));
    Request { url, phase: Phase::Poll { ticket: ticket.to_owned() }, accept: "*/*", ..request.clone() }
}

fn collect(source: &Source, request: &Request, ticket: &str) -> Request {
    let url = format!("{}/1.0/async/data/{}", source_base(source), escape(ticket));
    Request { url, phase: Phase::Collect { ticket: ticket.to_owned() }, accept: "*/*", ..request.clone() }
}

fn wait(request: Request, seconds: u32, why: &str) -> Step {
    Step::Wait { request: Box::new(request), seconds, why: why.to_owned() }
}

fn resubmit(request: &Request, why: &str) -> Step {
    let again = Request { url: request.asked.clone(), phase: Phase::Ask, ..request.clone() };
    Step::Resubmit { request: Box::new(again), why: why.to_owned() }
}

fn refuse(why: &str) -> Step {
    Step::Refuse {
        why: why.to_owned(),
        hint: "compare the dimensions and codes under `pull` with the table's structure at the provider".into(),
    }
}

/// Statuses after which the same request may do later.
fn retried(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

fn too_big(source: &Source, request: &Request, message: &str) -> Step {
    if request.selection.is_empty() {
        return Step::Refuse {
            why: format!("the whole table is refused: {message}"),
            hint: "add filters under `pull` in the dataflow's file".into(),
        };
    }
    match request.selection.halves(|id| !id.ends_with("timeperiod")) {
        Some(halves) => Step::Split(halves.into_iter().map(|half| slice(source, &request.table, half)).collect()),
        None => Step::Whole(Box::new(whole(source, &request.table))),
    }
}

fn keep(request: &Request, media: Media) -> Step {
    let (fits, expected) = match (&request.phase, request.expected) {
        (Phase::Poll { .. }, _) => (false, "the state of a queued request"),
        (_, Expected::JsonStat | Expected::Json | Expected::Structure) => (media == Media::Json, "JSON-stat"),
        (_, Expected::TsvGz) => (media == Media::Text, "packed TSV"),
        (_, Expected::ChangeList | Expected::Csv) => (media == Media::Text, "a list as text"),
        (_, Expected::Zip) => (media == Media::Zip, "an archive"),
        (_, Expected::Xml) => (media == Media::Xml, "XML"),
    };
    if fits { Step::Keep } else { Step::Retry { why: format!("expected {expected}, found {media:?}") } }
}

fn by_status(source: &Source, request: &Request, status: u16, body: &Body) -> Step {
    let what = plain::said(body);
    match status {
        413 => too_big(source, request, &what),
        200..=299 | 408 | 429 | 500..=599 => Step::Retry { why: what },
        404 | 410 => Step::Refuse {
            why: what,
            hint: "the table or the service was moved or withdrawn: check the code and the source's `base_url`".into(),
        },
        401 | 403 | 407 => Step::Refuse { why: what, hint: "the provider or a proxy refuses us: do not repeat, ask them".into() },
        _ => refuse(&what),
    }
}

#[cfg(test)]
mod tests;
