//! What is asked of a PxWeb server in turn, and what its answers mean: the same for both versions of its interface.
//!
//! Settings, metadata, data. The cells that one query may have are taken along from the settings to the metadata as the
//! request's selection (`max_cells`), since a protocol keeps nothing. Without settings a limit is assumed that every known
//! server allows; a server that allows less answers 403, and the query is halved.

use serde_json::Value as Json;

use super::choose::choose;
use super::plan::Query;
use crate::body::{Body, Media};
use crate::findings::quote;
use crate::protocol::address::{base, escape, source_base};
use crate::protocol::{Answer, Ask, Expected, Payload, Phase, PlanError, Request, Selection, Step, Structure};
use crate::pxweb;

/// Cells of one query where the server does not say: the default of the server software, and the least that SCB,
/// Statistics Finland and SURS allow.
pub const ASSUMED_CELLS: u64 = 100_000;
/// Queries for one table; more is no pull but a copy of a database.
pub const MOST_PARTS: usize = 400;
/// Codes that a variable is taken to have of which the server lists none: it hides them above ten thousand.
const UNLISTED: u64 = 20_000;

const CARRIED: &str = "max_cells";

/// In what the versions differ.
pub trait Dialect {
    fn settings(&self, base: &str) -> String;

    /// Cells that one query may have, by the server's settings.
    fn most_cells(&self, settings: &Json) -> Option<u64>;

    /// `table` is escaped already.
    fn metadata(&self, base: &str, table: &str) -> String;

    fn data(&self, base: &str, table: &str) -> String;

    /// Whether all codes of a value set can be asked for without naming them.
    fn names_whole_lists(&self) -> bool;

    /// The body of a data request.
    fn write(&self, query: &Query) -> Json;

    /// Reads back what `write` wrote; sizes of open lists are lost.
    fn read(&self, body: &Json) -> Option<Query>;
}

/// The first request: the settings.
pub fn first(dialect: &impl Dialect, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
    let (base, table) = (base(ask.source)?, path(ask.table)?);
    let (url, asked) = (dialect.settings(base), dialect.data(base, &table));
    Ok(vec![Request { url, asked, ..describing(dialect, base, &table, ask) }])
}

/// The request for the metadata alone.
pub fn structure(dialect: &impl Dialect, ask: &Ask<'_>) -> Option<Request> {
    let (base, table) = (base(ask.source).ok()?, path(ask.table).ok()?);
    Some(describing(dialect, base, &table, ask))
}

pub fn read_structure(bytes: &[u8]) -> Result<Structure, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let json: Json =
        serde_json::from_slice(bytes).map_err(|error| format!("expected metadata of PxWeb, found no JSON: {error}"))?;
    pxweb::structure(&json)
}

pub fn next(dialect: &impl Dialect, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
    match (&request.phase, answer.status) {
        (_, 408 | 429 | 500..=599) => Step::Retry { why: said(answer) },
        (Phase::Describe, _) if request.url == dialect.settings(source_base(ask.source)) => settings(dialect, ask, answer),
        (Phase::Describe, 200) => metadata(dialect, ask, request, answer),
        (Phase::Describe, _) => Step::Refuse {
            why: format!("no metadata: {}", said(answer)),
            hint: "the table was moved, renamed or withdrawn: look its code up in the provider's list of tables".into(),
        },
        (Phase::Ask, status) => data(dialect, ask, request, answer, status),
        (Phase::Poll { .. } | Phase::Collect { .. }, _) => {
            Step::Refuse { why: "this server has no queue".into(), hint: "remove the ticket of the queued request".into() }
        }
    }
}

/// Whatever comes instead of settings, the metadata can be asked for.
fn settings(dialect: &impl Dialect, ask: &Ask<'_>, answer: &Answer<'_>) -> Step {
    let stated = (answer.status == 200).then(|| json(answer)).flatten().and_then(|json| dialect.most_cells(&json));
    let limit = stated.filter(|cells| *cells > 0).unwrap_or(ASSUMED_CELLS).to_string();
    match structure(dialect, ask) {
        Some(request) => {
            let selection = Selection::new([(CARRIED, [limit.as_str()])]);
            Step::Continue(vec![Request { selection, ..request }])
        }
        None => {
            Step::Refuse { why: "the address of the table cannot be made".into(), hint: "check `base_url` and the code".into() }
        }
    }
}

fn metadata(dialect: &impl Dialect, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
    let Some(json) = json(answer) else { return Step::Retry { why: said(answer) } };
    let found = match pxweb::structure(&json) {
        Ok(structure) if !structure.dimensions.is_empty() => structure,
        Ok(_) => return wrong("metadata without variables".into()),
        Err(why) => {
            let folder = pxweb::recognise(&json) == Some("PxWeb list of tables");
            return wrong(if folder { "the address is a folder, not a table".into() } else { why });
        }
    };
    let query = match choose(&found, &ask.dataflow.pull, dialect.names_whole_lists(), UNLISTED) {
        Ok(query) => query,
        Err(misfit) => return Step::Refuse { why: misfit.why, hint: misfit.hint },
    };
    if query.0.is_empty() {
        // A query without a variable is a question for the server's own choice.
        return Step::Refuse {
            why: "`pull` leaves every variable out".into(),
            hint: "name codes for one variable at least".into(),
        };
    }
    let carried = request.selection.codes(CARRIED).and_then(|codes| codes.first()).and_then(|limit| limit.parse().ok());
    let limit = carried.unwrap_or(ASSUMED_CELLS);
    match query.parts(limit, MOST_PARTS) {
        Some(parts) => Step::Continue(parts.iter().map(|part| asking(dialect, ask, part)).collect()),
        None => Step::Refuse {
            why: format!("{} cells in queries of at most {limit} are more than {MOST_PARTS} queries", query.cells()),
            hint: "ask for less under `pull` in the dataflow's file".into(),
        },
    }
}

fn wrong(why: String) -> Step {
    Step::Refuse { why, hint: "look the table's code up in the provider's list of tables".into() }
}

fn data(dialect: &impl Dialect, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>, status: u16) -> Step {
    // A page with 403 comes from a guard before the server, which does not count cells.
    let page = matches!(answer.body, Body::Html { .. });
    match status {
        200 => match answer.body {
            Body::Data { media: Media::Json, .. } => Step::Keep,
            Body::NoResults { message } => Step::Nothing { why: message.clone() },
            Body::Fault { message, .. } | Body::NotFound { message } => refuse(message),
            Body::Data { .. }
            | Body::Empty
            | Body::TooBig { .. }
            | Body::Asynchronous { .. }
            | Body::Ticket { .. }
            | Body::NotReady { .. }
            | Body::UnknownTicket { .. }
            | Body::WrittenToFile { .. }
            | Body::Html { .. }
            | Body::Damaged { .. } => Step::Retry { why: said(answer) },
        },
        403 | 413 if !page => {
            let query = request.payload.as_ref().and_then(|payload| serde_json::from_str(&payload.text).ok());
            match query.and_then(|body: Json| dialect.read(&body)).and_then(|query| query.halves()) {
                Some(halves) => Step::Split(halves.iter().map(|half| asking(dialect, ask, half)).collect()),
                None => Step::Refuse {
                    why: format!("too many cells, and nothing can be cut further: {}", said(answer)),
                    hint: "name codes instead of `*` under `pull` in the dataflow's file".into(),
                },
            }
        }
        404 | 410 => wrong(said(answer)),
        _ => refuse(&said(answer)),
    }
}

fn refuse(why: &str) -> Step {
    Step::Refuse {
        why: why.to_owned(),
        hint: "the table changed since its metadata were read, or the query was not understood: run again, then report it".into(),
    }
}

/// Of a PxWeb answer, without its byte order mark.
fn json(answer: &Answer<'_>) -> Option<Json> {
    serde_json::from_slice(answer.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(answer.bytes)).ok()
}

/// What the server says, in its own words where it has any.
fn said(answer: &Answer<'_>) -> String {
    let status = answer.status;
    let own = match answer.body {
        Body::Html { title: Some(title) } => format!("a web page titled {}", quote(title)),
        Body::Html { title: None } => "a web page".into(),
        Body::Empty => "an empty answer".into(),
        Body::Damaged { message } => message.clone(),
        Body::Data { .. }
        | Body::NoResults { .. }
        | Body::TooBig { .. }
        | Body::Asynchronous { .. }
        | Body::Ticket { .. }
        | Body::NotReady { .. }
        | Body::UnknownTicket { .. }
        | Body::WrittenToFile { .. }
        | Body::NotFound { .. }
        | Body::Fault { .. } => {
            // `{"error":"…"}` of version 1, `{"title":…,"detail":…}` of version 2.
            let json = json(answer).unwrap_or_default();
            let texts = ["error", "title", "detail"].iter().filter_map(|member| json[*member].as_str());
            let texts: Vec<String> = texts.filter(|text| !text.is_empty()).map(quote).collect();
            if texts.is_empty() { "an answer that is not what was asked for".into() } else { texts.join(": ") }
        }
    };
    format!("status {status}, {own}")
}

/// A table's path, each part escaped: `vaerak/11rv.px`, `BE/BE0101/BE0101E/InrUtrFoddaRegAlKon`.
fn path(table: &str) -> Result<String, PlanError> {
    let parts: Vec<&str> = table.trim().trim_matches('/').split('/').collect();
    let good = parts.iter().all(|part| !part.is_empty() && !matches!(*part, "." | "..") && !part.contains(char::is_control));
    if good {
        Ok(parts.iter().map(|part| escape(part)).collect::<Vec<_>>().join("/"))
    } else {
        Err(PlanError::Table { id: table.to_owned() })
    }
}

fn describing(dialect: &impl Dialect, base: &str, table: &str, ask: &Ask<'_>) -> Request {
    Request {
        table: ask.table.to_owned(),
        url: dialect.metadata(base, table),
        asked: dialect.data(base, table),
        payload: None,
        accept: "application/json",
        pack: true,
        expected: Expected::Structure,
        selection: Selection::default(),
        phase: Phase::Describe,
    }
}

fn asking(dialect: &impl Dialect, ask: &Ask<'_>, query: &Query) -> Request {
    // The table was a path when it was first asked for.
    let table = path(ask.table).unwrap_or_default();
    let url = dialect.data(source_base(ask.source), &table);
    let payload = Payload { media_type: "application/json", text: dialect.write(query).to_string() };
    Request {
        table: ask.table.to_owned(),
        asked: url.clone(),
        url,
        payload: Some(payload),
        accept: "application/json",
        pack: true,
        expected: Expected::JsonStat,
        selection: Selection::default(),
        phase: Phase::Ask,
    }
}
