//! Answers of the Dutch statistical office (CBS `StatLine`): OData 3 and 4, figures and descriptions.
//!
//! The entity set is known by the members of its records, because stored copies lose the address that names it. Codes
//! are padded with blanks in many tables; they are trimmed here and must be sent as they were. Clients keep the list of
//! records alone, or one record a line: the table is then not known.
//!
//! ```text
//! {"odata.metadata":".../84799NED/$metadata#Cbs.OData.WebAPI.TypedDataSet",
//!  "value":[{"ID":0,"WijkenEnBuurten":"GM1966    ","AantalInwoners_5":47801}]}
//! {"@odata.context":".../CBS/81075ned/$metadata#Observations",
//!  "value":[{"Id":0,"Measure":"M000297","ValueAttribute":"None","Value":123.0,"RegioS":"GM1966","Perioden":"2024JJ00"}]}
//! {"@odata.context":".../CBS/81075ned/$metadata#Properties","Identifier":"81075ned","Title":"..."}
//! ```

mod describe;
mod long;
mod wide;

use baseline_model::{Finding, Period, RawTable};
use serde_json::Value as Json;

use crate::findings::{Context, quote};
use crate::members::{Field, Records};

pub(crate) const FORMAT: &str = "CBS OData";

/// What is known of a table beside its records.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    /// The provider's code; empty when the file does not state it.
    pub table: String,
    /// `Observations`, `TypedDataSet`, `RegioSCodes`; empty when the file does not state it.
    pub set: String,
}

pub(crate) fn is_one(json: &Json) -> bool {
    if let Json::Array(items) = json {
        return items.first().is_some_and(is_record);
    }
    let Json::Object(members) = json else { return false };
    let address = ["odata.metadata", "@odata.context"].iter().any(|name| members.contains_key(*name));
    // An error has members of its own and is no data.
    if members.contains_key("odata.error") {
        return true;
    }
    match &json["value"] {
        Json::Array(items) if json["id"].is_null() && json["dimension"].is_null() => {
            address || items.first().map_or(members.len() == 1, Json::is_object)
        }
        Json::Null => address || describe::is_properties(json) || describe::is_column_texts(json),
        Json::Array(_) | Json::Object(_) | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

pub(crate) fn read(json: &Json, context: &mut Context<'_>) -> Vec<RawTable> {
    if let Some(said) = fault(json) {
        context.add(
            Finding::error(
                "error-body",
                context.name,
                format!("no data: the provider answered with a message: {}", quote(&said)),
            )
            .hint("repeat the request as the message says; this file is not data"),
        );
        return Vec::new();
    }
    let origin = origin(json);
    let bare = json.as_array();
    let Some(items) = bare.or_else(|| json["value"].as_array()) else {
        describe::properties(json, context);
        return Vec::new();
    };
    let records = match Records::from_json(items, context.options.limits.cells) {
        Ok(records) => records,
        Err(message) => {
            context.add(
                Finding::error("records-not-understood", context.name, format!("{message}; the file is refused"))
                    .hint("ask for less, or take the file from the provider itself"),
            );
            return Vec::new();
        }
    };
    if ["odata.nextLink", "@odata.nextLink"].iter().any(|name| json[*name].is_string()) {
        context.add(Finding::info(
            "further-pages",
            context.name,
            "the answer is one page of several: the provider names an address with the next one",
        ));
    }
    of_records(&records, &origin, context).unwrap_or_else(|| {
        if !items.is_empty() {
            refuse(&records, context);
        }
        Vec::new()
    })
}

/// Reads records of any entity set; `None` when they are of none that is known.
pub(crate) fn of_records(records: &Records, origin: &Origin, context: &mut Context<'_>) -> Option<Vec<RawTable>> {
    if records.has(&["Measure"]) && (records.has(&["Value"]) || records.has(&["ValueAttribute"])) {
        return Some(long::read(records, origin, context).into_iter().collect());
    }
    if describe::list(records, origin, context) {
        return Some(Vec::new());
    }
    let figures = records.fields.iter().any(|field| position_suffix(&field.name).is_some());
    if figures || (origin.set.ends_with("DataSet") && records.len > 0) {
        return Some(wide::read(records, origin, context).into_iter().collect());
    }
    None
}

/// The finding for records of no known kind.
pub(crate) fn refuse(records: &Records, context: &mut Context<'_>) {
    let names: Vec<_> = records.names().into_iter().take(12).map(quote).collect();
    context.add(
        Finding::error(
            "unknown-format",
            context.name,
            format!("records of no known table, with the columns {}", names.join(", ")),
        )
        .hint(
            "read are TypedDataSet, UntypedDataSet, Observations and the descriptions of StatLine, and tables with the columns \
             `period` and `value`",
        ),
    );
}

/// Whether an object of a list without an address is a record of figures: clients keep the list alone.
fn is_record(json: &Json) -> bool {
    let Json::Object(members) = json else { return false };
    let has = |name: &str| members.contains_key(name);
    let long = has("Id") && has("Measure") && has("ValueAttribute");
    long || (has("ID") && members.keys().any(|name| position_suffix(name).is_some()))
}

fn fault(json: &Json) -> Option<String> {
    let stated = match (&json["odata.error"], &json["error"]) {
        (Json::Null, Json::Null) => return None,
        (Json::Null, stated) | (stated, _) => stated,
    };
    let message = &stated["message"];
    let text = message["value"].as_str().or_else(|| message.as_str());
    Some(text.map_or_else(|| stated.to_string(), str::to_owned))
}

/// `.../84799NED/$metadata#Cbs.OData.WebAPI.TypedDataSet` names the table and the entity set.
fn origin(json: &Json) -> Origin {
    let address = json["odata.metadata"].as_str().or_else(|| json["@odata.context"].as_str()).unwrap_or_default();
    let (path, set) = address.split_once("/$metadata#").unwrap_or((address, ""));
    let table = if path.len() < address.len() { path.rsplit('/').next().unwrap_or_default() } else { "" };
    let set = set.split('/').next().unwrap_or_default();
    let set = set.split('(').next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
    Origin { table: table.to_owned(), set: set.to_owned() }
}

/// The name before a position: `AantalInwoners` of `AantalInwoners_5`. Positions change between releases.
fn position_suffix(name: &str) -> Option<&str> {
    let (stem, position) = name.rsplit_once('_')?;
    (!stem.is_empty() && !position.is_empty() && position.bytes().all(|byte| byte.is_ascii_digit())).then_some(stem)
}

/// `2024JJ00`, `2024HJ01`, `2024KW04`, `2024MM01` as we write periods; `None` for any other text.
pub(crate) fn period(text: &str) -> Option<String> {
    let text = text.trim();
    let (year, letters, number) = (text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    let written = match letters {
        "JJ" if number == "00" => year.to_owned(),
        "HJ" => format!("{year}-S{}", number.strip_prefix('0')?),
        "KW" => format!("{year}-Q{}", number.strip_prefix('0')?),
        "MM" => format!("{year}-{number}"),
        _ => return None,
    };
    Period::parse(&written).map(|period| period.to_string())
}

/// Whether the text has the form of a period, a known one or not: four digits, two letters, two digits.
fn looks_like_period(text: &str) -> bool {
    let bytes = text.trim().as_bytes();
    bytes.len() == 8
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4..6].iter().all(u8::is_ascii_uppercase)
        && bytes[6..].iter().all(u8::is_ascii_digit)
}

/// The member that holds the period: all its texts look like one; of several, the one that is called so.
fn period_field(fields: &[&Field]) -> Option<usize> {
    let fits = |field: &Field| !field.texts().is_empty() && field.texts().iter().all(|text| looks_like_period(text));
    let called = |field: &Field| matches!(field.name.as_str(), "Perioden" | "Periods");
    let found: Vec<usize> = (0..fields.len()).filter(|place| fits(fields[*place])).collect();
    match found.as_slice() {
        [one] => Some(*one),
        several => {
            several.iter().copied().find(|place| called(fields[*place])).or_else(|| fields.iter().position(|field| called(field)))
        }
    }
}

/// Says once per dimension that its codes carry blanks which are not kept.
fn note_padding(field: &Field, context: &mut Context<'_>) {
    if let Some(text) = field.texts().iter().find(|text| text.trim() != text.as_str()) {
        context.add(Finding::info(
            "padded-codes",
            context.at(&field.name),
            format!("codes are padded with blanks ({}) and trimmed here; a request must send them padded", quote(text)),
        ));
    }
}
