//! What CBS says about its tables: properties, topics, codes, the catalogue.
//!
//! ```text
//! {"value":[{"ID":7,"ParentID":6,"Type":"Topic","Key":"AantalInwoners_5","Title":"Aantal inwoners","Unit":"aantal"}]}
//! {"value":[{"Identifier":"T001036","Title":"Aantal inwoners","Unit":"aantal","MeasureGroupId":"M000352"}]}
//! {"value":[{"Key":"GM1966    ","Title":"Het Hogeland"}]}
//! ```

use baseline_model::{Description, Entry};
use serde_json::Value as Json;

use super::{Origin, note_padding, origin, position_suffix};
use crate::findings::Context;
use crate::members::{Field, Records};

/// One object about a table, wherever it was stored.
pub(super) fn is_properties(json: &Json) -> bool {
    json["Identifier"].is_string() && json["Title"].is_string() && json["Modified"].is_string()
}

/// A map from members of a data set to what they mean, as a download tool stores it.
pub(super) fn is_column_texts(json: &Json) -> bool {
    let Json::Object(members) = json else { return false };
    let texts = members.values().all(|text| text.is_string() || text.is_null());
    let topics = members.keys().filter(|name| position_suffix(name).is_some()).count();
    texts && topics > 0 && topics * 2 > members.len()
}

/// Reads an object that is not a list.
pub(super) fn properties(json: &Json, context: &mut Context<'_>) {
    let Json::Object(members) = json else { return };
    let text = |name: &str| json[name].as_str().unwrap_or_default().trim().to_owned();
    let topics = is_column_texts(json);
    let mut description = Description {
        id: if text("Identifier").is_empty() { origin(json).table } else { text("Identifier") },
        title: text("Title"),
        updated: [text("ObservationsModified"), text("Modified")].into_iter().find(|stamp| !stamp.is_empty()).unwrap_or_default(),
        entries: Vec::new(),
    };
    for (name, value) in members.iter().filter(|(name, _)| !name.contains("odata.") && !name.is_empty()) {
        let other = || if value.is_null() { String::new() } else { value.to_string() };
        let label = value.as_str().map_or_else(other, |text| text.trim().to_owned());
        let list = if !topics {
            "property"
        } else if position_suffix(name).is_some() {
            "measure"
        } else {
            "dimension"
        };
        description.entries.push(Entry { list: list.into(), code: name.clone(), label, ..Entry::default() });
    }
    context.descriptions.push(description);
}

/// Reads records that describe; false when they do not.
pub(super) fn list(records: &Records, origin: &Origin, context: &mut Context<'_>) -> bool {
    let (id, kind) = if records.has(&["Key", "Title", "Type"]) {
        ("Key", Kind::Topics)
    } else if records.has(&["Identifier", "Title", "Modified"]) {
        ("Identifier", Kind::Tables)
    } else if records.has(&["Identifier", "Title", "Kind"]) || origin.set == "Dimensions" {
        ("Identifier", Kind::Dimensions)
    } else if records.has(&["Identifier", "Title"]) {
        ("Identifier", Kind::Codes)
    } else if records.has(&["Key", "Title"]) {
        ("Key", Kind::Codes)
    } else if records.has(&["Id", "Title"]) {
        ("Id", Kind::Codes)
    } else {
        return false;
    };
    let (Some(codes), Some(titles)) = (records.field(id), records.field("Title")) else { return false };
    note_padding(codes, context);
    let shown = |name: &str, record: usize| records.field(name).map(|field| field.shown(record)).unwrap_or_default();
    let parents: Vec<&Field> = ["ParentID", "ParentId", "MeasureGroupId", "DimensionGroupId", "CategoryGroupID"]
        .iter()
        .filter_map(|name| records.field(name))
        .collect();
    let list_name = list_of(records, origin);
    let mut description = Description { id: origin.table.clone(), ..Description::default() };
    for record in 0..records.len {
        let (code, title) = (codes.shown(record), titles.shown(record));
        let unit = shown("Unit", record);
        let label = if unit.is_empty() { title.clone() } else { format!("{title} [{unit}]") };
        let parent = parents.iter().map(|field| field.shown(record)).find(|parent| !parent.is_empty()).unwrap_or_default();
        let entry = match kind {
            Kind::Tables => Entry { list: "table".into(), code, label: title, ..Entry::default() },
            Kind::Dimensions => Entry { list: code, list_label: title, ..Entry::default() },
            Kind::Codes => Entry { list: list_name.clone(), code, label, parent, ..Entry::default() },
            Kind::Topics => match shown("Type", record).as_str() {
                "Topic" => Entry { list: "measure".into(), code, label, parent, ..Entry::default() },
                "TopicGroup" => {
                    let code = shown("ID", record);
                    Entry { list: "measure_group".into(), code, label: title, parent, ..Entry::default() }
                }
                _ => Entry { list: code, list_label: title, parent, ..Entry::default() },
            },
        };
        description.entries.push(entry);
    }
    context.descriptions.push(description);
    true
}

enum Kind {
    /// `DataProperties`: dimensions, groups and topics of an OData 3 table.
    Topics,
    Tables,
    Dimensions,
    /// Codes of one dimension, or the measures of an OData 4 table.
    Codes,
}

/// `RegioS` of the entity set `RegioSCodes`; `measure` where the codes are those of measures.
fn list_of(records: &Records, origin: &Origin) -> String {
    let set = origin.set.as_str();
    if set == "MeasureCodes" || records.has(&["MeasureGroupId"]) {
        return "measure".into();
    }
    match set {
        "MeasureGroups" => "measure_group".into(),
        _ => set.strip_suffix("Codes").unwrap_or(set).to_owned(),
    }
}
