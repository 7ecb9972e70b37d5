//! The web service of the GENESIS family (Destatis, Regionalstatistik, census): forms by POST, and a queue for large tables.
//!
//! Every answer is HTTP 200; its own code says what it is, and whether a table comes as an archive, as text or not at
//! all is told by its first bytes. A table that is too large is asked for again as a job: its name is the ticket, the
//! list of results is polled until it is there, and a later process can go on from the name. Who asks is said in
//! headers that the network edge adds; nothing here knows them.
//!
//! `pull` names a variable with the codes that are wanted (`nat = ["NATA"]`, at most five), or one of the parameters
//! in [`PARAMETERS`]. Variables are written in capitals whatever the definition has. All numbers are asked for in German.
//!
//! ```text
//! POST {base}/data/tablefile     name=13111-01-03-4&area=all&compress=true&format=ffcsv&startyear=2020&...&job=false
//! POST {base}/catalogue/results  selection=12531-0043_175879554&area=user&pagelength=1&language=de
//! POST {base}/data/resultfile    name=12531-0043_175879554&area=all&compress=true&format=ffcsv&language=de
//! POST {base}/metadata/table     name=13111-01-03-4&area=all&language=de
//! ```

use serde_json::Value as Json;

use super::address::{base, escape, source_base, table_code};
use super::{Answer, Ask, Expected, Payload, Phase, PlanError, Protocol, Request, Selection, Step, Structure};
use crate::body::{self, Body, Media, TicketStatus};
use crate::genesis::answer::{self, Status};
use crate::genesis::flat;

/// Parameters of a request that `pull` may name; all but the keys and contents have one value.
pub const PARAMETERS: [&str; 7] = ["contents", "endyear", "regionalkey", "regionalvariable", "stand", "startyear", "timeslices"];

/// Variables whose codes one request can choose.
const MOST_VARIABLES: usize = 5;
/// What the protocol itself sets, and what must never stand in a definition.
const FIXED: [&str; 10] =
    ["area", "compress", "format", "job", "language", "name", "password", "quality", "transpose", "username"];
/// Seconds before the list of results is asked, first and later, and after a refusal for too many requests at once.
const POLL_SECONDS: (u32, u32) = (10, 20);
const BUSY_SECONDS: u32 = 60;

pub struct Genesis;

impl Protocol for Genesis {
    fn id(&self) -> &'static str {
        "genesis"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        base(ask.source)?;
        table_code(ask.table)?;
        Ok(vec![table_file(ask, selection(ask)?, false)])
    }

    fn classify(&self, bytes: &[u8]) -> Body {
        let Some(Status { code, content: message }) = parse(bytes).as_ref().and_then(answer::status) else {
            return body::classify(bytes);
        };
        match code {
            answer::DONE | answer::ADJUSTED => Body::Data { media: Media::Json, gzip: false },
            answer::UNCHANGED => Body::NoResults { message },
            answer::UNKNOWN => Body::NotFound { message },
            answer::TOO_LARGE => Body::TooBig { estimated: None, max: None, message },
            answer::JOB => Body::Ticket { id: answer::job_name(&message).map(str::to_owned), status: TicketStatus::Submitted },
            answer::NO_MATCH => Body::NotReady { message },
            _ => Body::Fault { status: u64::try_from(code).ok(), id: None, message },
        }
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        let ticket = match &request.phase {
            Phase::Describe | Phase::Ask => None,
            Phase::Poll { ticket } | Phase::Collect { ticket } => Some(ticket.as_str()),
        };
        match answer.body {
            Body::TooBig { .. } if ticket.is_none() && !is_job(request) => {
                Step::Follow(Box::new(table_file(ask, request.selection.clone(), true)))
            }
            Body::TooBig { message, .. } => Step::Refuse {
                why: message.clone(),
                hint: "ask for less under `pull` in the dataflow's file: fewer years, one region, codes of a variable".into(),
            },
            Body::Ticket { id: Some(job), .. } => wait(poll(ask, request, job), POLL_SECONDS.0, "a job was made of the request"),
            Body::Ticket { id: None, .. } => Step::Refuse {
                why: "a job was made of the request, and its name was not understood".into(),
                hint: "fetch the result by hand from the provider's list of results, and report this".into(),
            },
            Body::NotReady { message } => match ticket {
                Some(job) => wait(poll(ask, request, job), POLL_SECONDS.1, message),
                None => Step::Nothing { why: message.clone() },
            },
            Body::NoResults { message } => Step::Nothing { why: message.clone() },
            Body::NotFound { message } if ticket.is_some() => {
                Step::Resubmit { request: Box::new(table_file(ask, request.selection.clone(), false)), why: message.clone() }
            }
            Body::NotFound { message } => Step::Refuse {
                why: message.clone(),
                hint: "look the table's code up in the provider's catalogue, and which of the three hosts has it".into(),
            },
            Body::Fault { status: Some(code), message, .. } if i64::try_from(*code) == Ok(answer::BUSY) => {
                wait(request.clone(), BUSY_SECONDS, message)
            }
            Body::Fault { status, message, .. } => {
                let why = format!("{message} (code {})", status.unwrap_or_default());
                if retried(answer.status) { Step::Retry { why } } else { refuse(why) }
            }
            Body::Data { media, .. } if answer.status == 200 => data(ask, request, ticket, *media, answer.bytes),
            Body::Html { title } => {
                let named = title.as_deref().map(|title| format!(" titled “{title}”")).unwrap_or_default();
                by_status(answer.status, format!("a web page{named} instead of data"))
            }
            Body::Empty => by_status(answer.status, "an empty answer".into()),
            Body::Damaged { message }
            | Body::WrittenToFile { message }
            | Body::Asynchronous { message }
            | Body::UnknownTicket { message } => by_status(answer.status, message.clone()),
            Body::Data { .. } => by_status(answer.status, "an answer that is not data".into()),
        }
    }

    fn resume(&self, ask: &Ask<'_>, request: &Request, ticket: &str) -> Option<Request> {
        Some(poll(ask, request, ticket))
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        base(ask.source).ok()?;
        let form = fields(&[("name", table_code(ask.table).ok()?), ("area", "all"), ("language", "de")]);
        let url = format!("{}/metadata/table", source_base(ask.source));
        Some(Request {
            table: ask.table.to_owned(),
            asked: format!("{url}?{form}"),
            url,
            payload: Some(payload(form)),
            accept: "*/*",
            pack: true,
            expected: Expected::Structure,
            selection: Selection::default(),
            phase: Phase::Describe,
        })
    }

    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        let json = parse(bytes).ok_or("expected JSON, found something else")?;
        match answer::status(&json) {
            Some(Status { code: answer::DONE | answer::ADJUSTED, .. }) => {
                answer::structure(&json).ok_or_else(|| "expected the structure of a table, found none".into())
            }
            Some(Status { code, content }) => Err(format!("the provider answered with code {code}: {content}")),
            None => Err("expected an answer of GENESIS with a status, found none".into()),
        }
    }

    // No list of changes: changes are listed since a date only, and no date is known here.
}

fn selection(ask: &Ask<'_>) -> Result<Selection, PlanError> {
    let fault = |id: &str, fault: String, hint| Err(PlanError::Selection { parameter: id.to_owned(), fault, hint });
    let mut variables = 0;
    for (id, codes) in &ask.dataflow.pull {
        let lower = id.trim().to_ascii_lowercase();
        if lower.is_empty() || FIXED.contains(&lower.as_str()) || lower.starts_with("classifying") {
            return fault(id, "is set by the program".into(), "name the variable itself with its codes: nat = [\"NATA\"]");
        }
        if codes.is_empty() || codes.iter().any(|code| code.trim().is_empty() || code.contains([',', '&', '\n'])) {
            return fault(
                id,
                "a list of codes with an empty or joined entry, or none".into(),
                "one code an entry; leave it out to get all",
            );
        }
        let many = matches!(lower.as_str(), "contents" | "regionalkey") || !PARAMETERS.contains(&lower.as_str());
        if !many && codes.len() > 1 {
            return fault(id, format!("expected one value, found {}", codes.len()), "give one value");
        }
        let year = codes[0].trim();
        if lower.ends_with("year") && (year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit())) {
            return fault(id, format!("expected a year of four digits, found `{year}`"), "write the year as text: [\"2020\"]");
        }
        variables += usize::from(!PARAMETERS.contains(&lower.as_str()));
    }
    if variables > MOST_VARIABLES {
        return fault(
            "pull",
            format!("expected at most {MOST_VARIABLES} variables, found {variables}"),
            "leave some out to get all their codes",
        );
    }
    let pull = ask.dataflow.pull.iter();
    let selection = Selection::new(pull.map(|(id, codes)| (id.as_str(), codes.iter().map(String::as_str))));
    if selection.codes("regionalkey").is_some() && selection.codes("regionalvariable").is_none() {
        return fault(
            "regionalkey",
            "stands without `regionalvariable`".into(),
            "say which variable the keys are of: regionalvariable = [\"KREISE\"]",
        );
    }
    Ok(selection)
}

/// The request for a table, at once or as a job.
fn table_file(ask: &Ask<'_>, selection: Selection, job: bool) -> Request {
    let url = format!("{}/data/tablefile", source_base(ask.source));
    let form = table_form(ask.table, &selection, job);
    Request {
        table: ask.table.to_owned(),
        asked: format!("{url}?{}", table_form(ask.table, &selection, false)),
        url,
        payload: Some(payload(form)),
        accept: "*/*",
        pack: false,
        expected: Expected::Zip,
        selection,
        phase: Phase::Ask,
    }
}

fn table_form(table: &str, selection: &Selection, job: bool) -> String {
    let mut chosen: Vec<(String, String)> = Vec::new();
    let mut variables = 0;
    for (id, codes) in selection.filters() {
        let codes = codes.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        if PARAMETERS.contains(&id) {
            chosen.push((id.to_owned(), if id == "regionalvariable" { codes.to_uppercase() } else { codes }));
        } else {
            variables += 1;
            chosen.push((format!("classifyingvariable{variables}"), id.to_uppercase()));
            chosen.push((format!("classifyingkey{variables}"), codes));
        }
    }
    chosen.sort();
    let mut all = vec![("name", table), ("area", "all"), ("compress", "true"), ("format", "ffcsv")];
    all.extend(chosen.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    all.extend([("language", "de"), ("quality", "on"), ("job", if job { "true" } else { "false" })]);
    fields(&all)
}

fn fields(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&")
}

fn payload(text: String) -> Payload {
    Payload { media_type: "application/x-www-form-urlencoded", text }
}

fn is_job(request: &Request) -> bool {
    request.payload.as_ref().is_some_and(|payload| payload.text.ends_with("job=true"))
}

fn poll(ask: &Ask<'_>, request: &Request, job: &str) -> Request {
    let form = fields(&[("selection", job), ("area", "user"), ("pagelength", "1"), ("language", "de")]);
    let url = format!("{}/catalogue/results", source_base(ask.source));
    Request { url, payload: Some(payload(form)), phase: Phase::Poll { ticket: job.to_owned() }, ..request.clone() }
}

fn collect(ask: &Ask<'_>, request: &Request, job: &str) -> Request {
    let form = fields(&[("name", job), ("area", "all"), ("compress", "true"), ("format", "ffcsv"), ("language", "de")]);
    let url = format!("{}/data/resultfile", source_base(ask.source));
    Request { url, payload: Some(payload(form)), phase: Phase::Collect { ticket: job.to_owned() }, ..request.clone() }
}

/// An answer that is not an error: a table, a structure, or a list of results.
fn data(ask: &Ask<'_>, request: &Request, ticket: Option<&str>, media: Media, bytes: &[u8]) -> Step {
    let unexpected = |expected: &str| Step::Retry { why: format!("expected {expected}, found {media:?}") };
    match (&request.phase, ticket, media) {
        (Phase::Describe, _, Media::Json) | (Phase::Ask | Phase::Collect { .. }, _, Media::Zip) => Step::Keep,
        (Phase::Describe, ..) => unexpected("the structure of a table"),
        (Phase::Poll { .. }, Some(job), Media::Json) => {
            if parse(bytes).is_some_and(|json| answer::lists(&json, job)) {
                Step::Follow(Box::new(collect(ask, request, job)))
            } else {
                wait(poll(ask, request, job), POLL_SECONDS.1, "the list of results does not have the job yet")
            }
        }
        (Phase::Poll { .. }, ..) => unexpected("the list of results"),
        (Phase::Ask | Phase::Collect { .. }, _, Media::Text) if is_table(bytes) => Step::Keep,
        (Phase::Ask | Phase::Collect { .. }, _, Media::Json) => match parse(bytes).as_ref().and_then(answer::status) {
            Some(Status { code: answer::ADJUSTED, content }) => refuse(format!("{content} (code {})", answer::ADJUSTED)),
            Some(Status { content, .. }) => Step::Retry { why: format!("expected a table, found the message: {content}") },
            None => unexpected("a table"),
        },
        (Phase::Ask | Phase::Collect { .. }, ..) => unexpected("a table"),
    }
}

/// Text that begins with a header of flat CSV; some answers that are texts are messages.
fn is_table(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).is_ok_and(flat::is_one)
}

/// An answer as JSON, if it is an object; a table is not looked at.
fn parse(bytes: &[u8]) -> Option<Json> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if text.first() == Some(&b'{') { serde_json::from_slice(text).ok() } else { None }
}

fn wait(request: Request, seconds: u32, why: &str) -> Step {
    Step::Wait { request: Box::new(request), seconds, why: why.to_owned() }
}

fn refuse(why: String) -> Step {
    Step::Refuse {
        why,
        hint: "compare `pull` in the dataflow's file with the table's variables and codes at the provider".into(),
    }
}

/// Statuses after which the same request may do later.
fn retried(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

fn by_status(status: u16, why: String) -> Step {
    match status {
        200..=299 | 408 | 429 | 500..=599 => Step::Retry { why },
        401 | 403 | 407 => Step::Refuse {
            why,
            hint: "the account is not accepted: check the environment variables that `credentials` of the source names".into(),
        },
        404 | 410 => Step::Refuse { why, hint: "the service was moved: check the source's `base_url`".into() },
        _ => refuse(why),
    }
}

#[cfg(test)]
mod tests;
