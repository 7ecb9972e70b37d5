//! What services have in common that answer one GET with one JSON: the request, the record's spelling of ids and codes,
//! and what an answer that is not data means by its status.
//!
//! Knows no provider. What a provider says in its own way is settled before this is asked.

use super::{Answer, Ask, Expected, Phase, PlanError, Request, Selection, Step};
use crate::body::Body;

/// A request for data or for a structure.
pub(super) fn get(ask: &Ask<'_>, url: String, expected: Expected, selection: Selection) -> Request {
    let phase = if expected == Expected::Structure { Phase::Describe } else { Phase::Ask };
    Request {
        table: ask.table.to_owned(),
        asked: url.clone(),
        url,
        payload: None,
        accept: "application/json",
        pack: true,
        expected,
        selection,
        phase,
    }
}

/// The selection of a dataflow's `pull`, each filter having passed `check`: the error is a fault and a hint.
pub(super) fn selection(
    ask: &Ask<'_>,
    check: impl Fn(&str, &[String]) -> Result<(), (String, &'static str)>,
) -> Result<Selection, PlanError> {
    let pull = &ask.dataflow.pull;
    for (id, codes) in pull {
        let fault = |fault: String, hint| PlanError::Selection { parameter: id.clone(), fault, hint };
        if id.trim().is_empty() {
            return Err(fault("is no dimension".into(), "name a dimension of the table under the provider's id"));
        }
        if codes.is_empty() || codes.iter().any(|code| code.trim().is_empty()) {
            return Err(fault(
                "a list of codes with an empty entry or none at all".into(),
                "leave the dimension out to get all its codes",
            ));
        }
        check(id.trim(), codes).map_err(|(what, hint)| fault(what, hint))?;
        if pull.keys().any(|other| other != id && other.trim().eq_ignore_ascii_case(id.trim())) {
            return Err(fault("stands twice, in other letters".into(), "join the two lists"));
        }
    }
    Ok(Selection::new(pull.iter().map(|(id, codes)| (id.as_str(), codes.iter().map(String::as_str)))))
}

/// The id as the record writes it: a selection has it in lower case.
pub(super) fn written<'a>(ask: &Ask<'a>, id: &'a str) -> &'a str {
    ask.dataflow.pull.keys().map(|key| key.trim()).find(|key| key.eq_ignore_ascii_case(id)).unwrap_or(id)
}

/// The code as the record writes it: a selection has it without the blanks around it.
pub(super) fn padded<'a>(ask: &Ask<'a>, id: &str, code: &'a str) -> &'a str {
    let lists = ask.dataflow.pull.iter().filter(|(key, _)| key.trim().eq_ignore_ascii_case(id));
    lists.flat_map(|(_, codes)| codes).find(|written| written.trim() == code).map_or(code, String::as_str)
}

/// What an answer is, in words.
pub(super) fn said(body: &Body) -> String {
    match body {
        Body::Data { .. } => "an answer that is not what was asked for".into(),
        Body::Empty => "an empty answer".into(),
        Body::Html { title: Some(title) } => format!("a web page titled “{title}” instead of data"),
        Body::Html { title: None } => "a web page instead of data".into(),
        Body::Ticket { .. } => "a queue ticket, which this provider does not give".into(),
        Body::NoResults { message }
        | Body::TooBig { message, .. }
        | Body::Asynchronous { message }
        | Body::NotReady { message }
        | Body::UnknownTicket { message }
        | Body::WrittenToFile { message }
        | Body::NotFound { message }
        | Body::Fault { message, .. }
        | Body::Damaged { message } => message.clone(),
    }
}

/// The step after an answer that is not data. `catalogue` tells where codes of tables are looked up.
pub(super) fn otherwise(answer: &Answer<'_>, catalogue: &str) -> Step {
    let why = said(answer.body);
    let gone = || format!("the table was moved, renamed or withdrawn: look its code up at {catalogue}");
    match answer.status {
        404 | 410 => Step::Refuse { why, hint: gone() },
        401 | 403 | 407 => Step::Refuse { why, hint: "the provider or a proxy refuses us: do not repeat, ask them".into() },
        408 | 429 | 500..=599 => Step::Retry { why },
        200..=299 => match answer.body {
            Body::NotFound { .. } => Step::Refuse { why, hint: gone() },
            Body::Fault { .. } | Body::TooBig { .. } | Body::UnknownTicket { .. } | Body::WrittenToFile { .. } => refuse(why),
            Body::NoResults { .. } => Step::Nothing { why },
            Body::Data { .. }
            | Body::Empty
            | Body::Asynchronous { .. }
            | Body::Ticket { .. }
            | Body::NotReady { .. }
            | Body::Html { .. }
            | Body::Damaged { .. } => Step::Retry { why },
        },
        _ => refuse(why),
    }
}

fn refuse(why: String) -> Step {
    let hint = "compare the dimensions and codes under `pull` in the dataflow's file with the table's structure at the provider";
    Step::Refuse { why, hint: hint.into() }
}
