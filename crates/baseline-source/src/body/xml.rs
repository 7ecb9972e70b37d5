//! XML answers: SOAP faults, queue tickets, the footer of old SDMX messages.
//!
//! Elements are matched by local name, because the prefixes differ between recorded answers.

use std::collections::BTreeMap;

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::{Body, Extent, Media, TicketStatus, stated, tidy};

pub(super) fn classify(text: &[u8], extent: Extent, gzip: bool) -> Body {
    // Data can be long; its footer, when it has one, is short and must be found.
    let to_the_end = memmem::find(text, b"Footer").is_some();
    let seen = match scan(text, to_the_end) {
        Ok(seen) => seen,
        Err(message) if extent == Extent::Whole => return Body::Damaged { message: format!("not well-formed XML: {message}") },
        Err(_) => return Body::Data { media: Media::Xml, gzip },
    };
    let leaf = |name: &str| seen.leaves.get(name).map(String::as_str);
    if seen.has("Fault") || leaf("faultstring").is_some() {
        let code = leaf("faultcode").or_else(|| leaf("Value")).and_then(|code| code.trim().parse().ok());
        let label = leaf("faultstring").or_else(|| leaf("Text")).or_else(|| leaf("Reason")).unwrap_or_default();
        return stated(code, None, label);
    }
    if seen.has("Footer") {
        let message = tidy(leaf("Text").unwrap_or_default());
        return match seen.footer_code {
            Some(413) if message.contains("written to a file") => Body::WrittenToFile { message },
            code => stated(code, None, &message),
        };
    }
    if !seen.has("DataSet")
        && let Some(status) = leaf("status").and_then(ticket_status)
    {
        let id = leaf("id").or_else(|| leaf("key"));
        return match id {
            Some(id) if !is_safe_id(id) => Body::Damaged { message: format!("a queue ticket whose id is not one: {}", tidy(id)) },
            Some(_) | None => Body::Ticket { id: id.map(str::to_owned), status },
        };
    }
    if seen.has("ErrorMessage") || seen.root == "Error" {
        return stated(seen.error_code, None, leaf("Text").unwrap_or_default());
    }
    Body::Data { media: Media::Xml, gzip }
}

#[derive(Default)]
struct Seen {
    root: String,
    /// Local names of all elements on the way.
    names: Vec<String>,
    /// First text that is not blank by the local name of its element.
    leaves: BTreeMap<String, String>,
    footer_code: Option<u64>,
    error_code: Option<u64>,
}

impl Seen {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|seen| seen == name)
    }
}

/// Walks the elements, up to the first data set unless `to_the_end`.
fn scan(text: &[u8], to_the_end: bool) -> Result<Seen, String> {
    let mut reader = Reader::from_reader(text);
    let mut seen = Seen::default();
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                note_element(&mut seen, &name, code_of(&start));
                if name == "DataSet" && !to_the_end {
                    return Ok(seen);
                }
                open.push(name);
            }
            Event::Empty(start) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                note_element(&mut seen, &name, code_of(&start));
            }
            Event::Text(text) => note_text(&mut seen, &open, &text.decode().map_err(|error| error.to_string())?),
            Event::CData(text) => note_text(&mut seen, &open, &String::from_utf8_lossy(&text)),
            Event::GeneralRef(reference) => {
                let name = String::from_utf8_lossy(&reference).into_owned();
                // Own entities are never resolved: an answer has no business declaring any.
                note_text(&mut seen, &open, resolve_predefined_entity(&name).unwrap_or(" "));
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof if open.is_empty() && !seen.root.is_empty() => return Ok(seen),
            Event::Eof => return Err(format!("it breaks off within <{}>", open.last().map_or("", String::as_str))),
        }
    }
}

fn note_element(seen: &mut Seen, name: &str, code: Option<u64>) {
    if seen.root.is_empty() {
        name.clone_into(&mut seen.root);
    }
    if name == "Message" && seen.has("Footer") {
        seen.footer_code = seen.footer_code.or(code);
    }
    if name == "ErrorMessage" {
        seen.error_code = seen.error_code.or(code);
    }
    if !seen.has(name) {
        seen.names.push(name.to_owned());
    }
}

fn note_text(seen: &mut Seen, open: &[String], text: &str) {
    let Some(name) = open.last() else { return };
    let kept = seen.leaves.entry(name.clone()).or_default();
    // Pieces of one text arrive apart around references; a second element's text would be glued on, which
    // matters to nobody: the ids and states that are acted on stand once.
    if kept.len() < 4096 && !(kept.is_empty() && text.trim().is_empty()) {
        kept.push_str(text);
    }
    if kept.is_empty() {
        seen.leaves.remove(name);
    }
}

fn code_of(start: &quick_xml::events::BytesStart<'_>) -> Option<u64> {
    let code = start.try_get_attribute("code").ok()??;
    String::from_utf8_lossy(&code.value).trim().parse().ok()
}

fn ticket_status(text: &str) -> Option<TicketStatus> {
    Some(match text.trim() {
        "SUBMITTED" => TicketStatus::Submitted,
        "PROCESSING" => TicketStatus::Processing,
        "AVAILABLE" => TicketStatus::Available,
        "EXPIRED" => TicketStatus::Expired,
        _ => return None,
    })
}

/// An id goes into a path that we build, so it may not carry anything else.
fn is_safe_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
