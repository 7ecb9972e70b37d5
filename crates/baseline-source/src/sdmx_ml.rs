//! SDMX-ML: data (2.1 generic and structure-specific, 2.0 generic and compact, 3.0 structure-specific) and structure
//! messages (2.1 and 3.0).
//!
//! Elements are matched by local name, because prefixes and name spaces differ between services. Read as a stream: a
//! series of the file is in memory once, as its codes. A document type is refused, depth is bounded, and a file that
//! breaks off gives no table.
//!
//! ```text
//! <message:GenericData …><message:Header>…<message:Structure dimensionAtObservation="TIME_PERIOD"/></message:Header>
//!   <message:DataSet><generic:Series><generic:SeriesKey><generic:Value id="FREQ" value="A"/></generic:SeriesKey>
//!     <generic:Obs><generic:ObsDimension value="2023"/><generic:ObsValue value="420240"/></generic:Obs></generic:Series>
//! <message:StructureSpecificData …><message:DataSet …><Series FREQ="A"><Obs TIME_PERIOD="2023" OBS_VALUE="420240"/></Series>
//! <footer:Footer><footer:Message code="413"><common:Text>… the response will be written to a file …</common:Text>
//! ```
//! Specification: <https://sdmx.org/standards-2/>

mod cursor;
mod data;
mod rows;
mod structure;

use baseline_model::{Finding, RawTable};

use crate::findings::Context;
use crate::sdmx::artefacts::{self, Artefacts};
use cursor::{Cursor, Damage, Node};

pub(crate) const GENERIC: &str = "SDMX-ML generic data";
pub(crate) const SPECIFIC: &str = "SDMX-ML structure-specific data";
pub(crate) const STRUCTURE: &str = "SDMX-ML structure";

/// What a root element begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    Generic,
    Specific,
    Structure,
    Error,
}

/// The format's name and the tables, or none when the file is other XML.
pub(crate) fn read(text: &str, context: &mut Context<'_>) -> Option<(&'static str, Vec<RawTable>)> {
    let message = match root(text) {
        Ok(Some(message)) => message,
        Ok(None) => return None,
        // A web page or a fault, cut or not, is told apart by who reads all other markup.
        Err(_) if memchr::memmem::find(text.as_bytes(), b"sdmx").is_none() => return None,
        Err(damage) => {
            add_damage(&damage, text, context);
            return Some(("", Vec::new()));
        }
    };
    let (format, read) = match message {
        Message::Generic => (GENERIC, data::read(text, context)),
        Message::Specific => (SPECIFIC, data::read(text, context)),
        Message::Structure => (STRUCTURE, described(text, context)),
        Message::Error => ("", data::read(text, context)),
    };
    match read {
        Ok(tables) => Some((format, tables)),
        Err(damage) => {
            context.descriptions.clear();
            add_damage(&damage, text, context);
            Some((format, Vec::new()))
        }
    }
}

/// The artefacts of a structure message; the error says what is wrong with it.
pub(crate) fn artefacts(text: &str) -> Result<Artefacts, String> {
    match root(text) {
        Ok(Some(Message::Structure)) => structure::read(text).map_err(|damage| damage.message),
        Ok(_) => Err("it is no SDMX structure message".into()),
        Err(damage) => Err(damage.message),
    }
}

fn root(text: &str) -> Result<Option<Message>, Damage> {
    let mut cursor = Cursor::new(text);
    loop {
        match cursor.next()? {
            Node::Open(start) => {
                return Ok(match start.local_name().as_ref() {
                    b"GenericData" | b"GenericTimeSeriesData" => Some(Message::Generic),
                    b"StructureSpecificData" | b"StructureSpecificTimeSeriesData" | b"CompactData" => Some(Message::Specific),
                    b"Structure" => Some(Message::Structure),
                    b"Error" => Some(Message::Error),
                    _ => None,
                });
            }
            Node::Text(_) | Node::Close => {}
            Node::End => return Ok(None),
        }
    }
}

fn described(text: &str, context: &mut Context<'_>) -> Result<Vec<RawTable>, Damage> {
    let artefacts = structure::read(text)?;
    add_descriptions(&artefacts, context);
    Ok(Vec::new())
}

/// Descriptions of a structure message, and what of it was left aside.
pub(crate) fn add_descriptions(artefacts: &Artefacts, context: &mut Context<'_>) {
    context.descriptions = artefacts::describe(artefacts);
    if context.descriptions.is_empty() {
        context.add(
            Finding::error("no-data", context.name, "the structure message holds no dataflow, structure, codelist or constraint")
                .hint("check the address of the request: an unknown id gives such an answer"),
        );
    }
    if !artefacts.unread.is_empty() {
        let unread: Vec<_> = artefacts.unread.iter().map(|kind| format!("`{kind}`")).collect();
        let message = format!("parts of the message that are not read: {}", unread.join(", "));
        context.add(Finding::info("structures-not-read", context.name, message));
    }
}

fn add_damage(damage: &Damage, text: &str, context: &mut Context<'_>) {
    let before = &text.as_bytes()[..damage.offset.min(text.len())];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    context.add(
        Finding::error(
            "xml-damaged",
            context.at(format_args!("line {line}")),
            format!("{}; nothing of the file is used", damage.message),
        )
        .hint(damage.hint),
    );
}
