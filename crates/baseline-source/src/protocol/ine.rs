//! Tempus3, the service of the Spanish statistical office (INE): series of a table by values of its variables.
//!
//! Under `pull` a number is a variable and its codes are values (`*` for all of them); `nult` is the number of last
//! periods, `date` a range of days (open ends are allowed). Variables and codes of each series are always asked for
//! (`tip=AM`): without them a series is known by its name only. An address that would be too long is sent as a form.
//! Every error has HTTP 200, and nothing at all is an answer: no series.
//!
//! ```text
//! {base}/ES/DATOS_TABLA/66322?tip=AM&date=20200101:&nult=5&tv=19:4871&tv=18:451
//! {base}/ES/DATOS_SERIE/IPC206449?tip=AM&nult=5
//! {base}/ES/GRUPOS_TABLA/66322
//! {"status":"No puede mostrarse por restricciones de volumen"}
//! ```

use serde_json::Value as Json;

use super::address::{base, escape, source_base};
use super::plain;
use super::{
    Answer, Ask, Expected, Payload, Phase, PlanError, Protocol, Request, Selection, Step, Structure, StructureDimension,
};
use crate::body::{self, Body, Media};
use crate::ine;

/// Signs an address may have.
pub const LONGEST: usize = 2000;
const CATALOGUE: &str = "https://www.ine.es/dyngs/INEbase";

pub struct Ine;

impl Protocol for Ine {
    fn id(&self) -> &'static str {
        "ine"
    }

    fn plan(&self, ask: &Ask<'_>) -> Result<Vec<Request>, PlanError> {
        base(ask.source)?;
        path(ask)?;
        Ok(vec![data(ask, plain::selection(ask, check)?)])
    }

    fn classify(&self, bytes: &[u8]) -> Body {
        let body = body::classify(bytes);
        if bytes.trim_ascii() == b"[]" {
            return Body::NoResults { message: "no series fits the request".into() };
        }
        if !matches!(body, Body::Data { media: Media::Json, .. })
            || !bytes.trim_ascii_start().starts_with(b"{")
            || bytes.len() > 10_000
        {
            return body;
        }
        let json: Json = serde_json::from_slice(bytes).unwrap_or_default();
        let Some(message) = ine::status(&json).map(str::to_owned) else { return body };
        let lower = message.to_lowercase();
        if lower.contains("volumen") || lower.contains("volume") {
            Body::TooBig { estimated: None, max: None, message }
        } else if lower.contains("no existe") || lower.contains("not exist") {
            Body::NotFound { message }
        } else {
            Body::Fault { status: None, id: None, message }
        }
    }

    fn next(&self, ask: &Ask<'_>, request: &Request, answer: &Answer<'_>) -> Step {
        match answer.body {
            Body::Data { media: Media::Json, .. } if answer.status == 200 => Step::Keep,
            Body::Empty if answer.status == 200 => Step::Nothing { why: "an empty answer: no series fits the request".into() },
            Body::TooBig { message, .. } => match request.selection.halves(is_variable) {
                Some(halves) => Step::Split(halves.into_iter().map(|half| data(ask, half)).collect()),
                None => Step::Refuse {
                    why: message.clone(),
                    hint: "name values of the table's variables under `pull`, or fewer periods (nult, date)".into(),
                },
            },
            Body::Data { .. }
            | Body::Empty
            | Body::NoResults { .. }
            | Body::Asynchronous { .. }
            | Body::Ticket { .. }
            | Body::NotReady { .. }
            | Body::UnknownTicket { .. }
            | Body::WrittenToFile { .. }
            | Body::NotFound { .. }
            | Body::Fault { .. }
            | Body::Html { .. }
            | Body::Damaged { .. } => plain::otherwise(answer, CATALOGUE),
        }
    }

    fn structure(&self, ask: &Ask<'_>) -> Option<Request> {
        base(ask.source).ok()?;
        let path = path(ask).ok()?;
        let table = path.strip_prefix("DATOS_TABLA/")?;
        let url = format!("{}/ES/GRUPOS_TABLA/{table}", source_base(ask.source));
        Some(plain::get(ask, url, Expected::Structure, Selection::default()))
    }

    /// `[{"Id":120036,"Nombre":"Municipios"},...]`: groups of values, which are the table's dimensions but time.
    fn read_structure(&self, bytes: &[u8]) -> Result<Structure, String> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| format!("expected JSON: {error}"))?;
        if let Some(message) = ine::status(&json) {
            return Err(message.to_owned());
        }
        let groups = json.as_array().ok_or("expected a list of groups, found none")?;
        let group = |group: &Json| {
            let name = group["Nombre"].as_str().ok_or("expected a group with `Nombre`, found none")?.trim();
            Ok(StructureDimension { id: name.to_owned(), label: name.to_owned(), ..StructureDimension::default() })
        };
        let dimensions = groups.iter().map(group).collect::<Result<Vec<_>, String>>()?;
        Ok(Structure { dimensions, updated: String::new() })
    }

    // No list of changes: stamps are listed for one operation at a time, and a source does not say which it uses.
}

fn is_variable(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_group(id: &str) -> bool {
    id.strip_prefix('g').is_some_and(|number| is_variable(number) && number.len() <= 2)
}

fn check(id: &str, codes: &[String]) -> Result<(), (String, &'static str)> {
    let lower = id.to_ascii_lowercase();
    let number = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    let day = |code: &str| code.is_empty() || (code.len() == 8 && number(code));
    if is_variable(&lower) {
        return match codes.iter().find(|code| code.trim() != "*" && !number(code.trim())) {
            Some(code) => Err((format!("`{code}` is no value of a variable"), "values are numbers; `*` asks for all of them")),
            None => Ok(()),
        };
    }
    if !is_group(&lower) && !matches!(lower.as_str(), "nult" | "date" | "p" | "geo") {
        return Err(("is no filter of the service".into(), "known are numbers of variables, g1, g2, ..., nult, date, p and geo"));
    }
    let fits = |code: &str| match lower.as_str() {
        "date" => code.split_once(':').map_or_else(|| day(code), |(from, to)| day(from) && day(to)),
        _ => number(code),
    };
    if let Some(code) = codes.iter().find(|code| !fits(code.trim())) {
        return Err((format!("`{code}` is no value of it"), "nult = [\"5\"], date = [\"20200101:\"]"));
    }
    if lower != "date" && !is_group(&lower) && codes.len() > 1 {
        return Err((format!("expected one value, found {}", codes.len()), "give one value"));
    }
    Ok(())
}

/// `DATOS_TABLA/66322`: a number is a table; a series is named with its function.
fn path(ask: &Ask<'_>) -> Result<String, PlanError> {
    let (function, id) =
        ask.table.split_once('/').filter(|(function, _)| *function == "DATOS_SERIE").unwrap_or(("DATOS_TABLA", ask.table));
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let part = |part: &str| !part.is_empty() && part.bytes().all(sign) && !part.bytes().all(|byte| byte == b'.');
    if id.split('/').all(part) { Ok(format!("{function}/{id}")) } else { Err(PlanError::Table { id: ask.table.to_owned() }) }
}

fn data(ask: &Ask<'_>, selection: Selection) -> Request {
    let mut query = String::from("tip=AM");
    // Ranges and numbers first, then variables: the order is ours and always the same.
    for variables in [false, true] {
        for (id, codes) in selection.filters().filter(|(id, _)| is_variable(id) == variables) {
            for code in codes {
                let code = if code == "*" { "" } else { code };
                // A colon is plain in a query, and the service's own documents write it so.
                let code = escape(code).replace("%3A", ":");
                query.push_str(&if variables { format!("&tv={id}:{code}") } else { format!("&{}={code}", escape(id)) });
            }
        }
    }
    let address = format!("{}/ES/{}", source_base(ask.source), path(ask).unwrap_or_default());
    let long = format!("{address}?{query}");
    let request = plain::get(ask, long, Expected::Json, selection);
    if request.url.len() <= LONGEST {
        return request;
    }
    let payload = Some(Payload { media_type: "application/x-www-form-urlencoded", text: query });
    Request { url: address, payload, phase: Phase::Ask, ..request }
}

#[cfg(test)]
mod tests;
