//! Structure messages as JSON, 1.0 and 2.0, into [`Artefacts`].

use serde_json::Value as Json;

use crate::sdmx::artefacts::{Artefact, Artefacts, Component, ComponentRole, Item, Kind, reference_id, reference_version};

/// Member of `data` -> what it holds.
const HOLDERS: [(&str, Kind); 8] = [
    ("dataflows", Kind::Dataflow),
    ("dataStructures", Kind::Structure),
    ("codelists", Kind::Codelist),
    ("conceptSchemes", Kind::ConceptScheme),
    ("categorySchemes", Kind::CategoryScheme),
    ("contentConstraints", Kind::Constraint),
    ("dataConstraints", Kind::Constraint),
    ("valueLists", Kind::Codelist),
];

pub(super) fn is_one(json: &Json) -> bool {
    let data = &json["data"];
    HOLDERS.iter().any(|(member, _)| data[*member].is_array() || (json["meta"].is_object() && json[*member].is_array()))
}

pub(super) fn read(json: &Json) -> Artefacts {
    let data = if json["data"].is_object() { &json["data"] } else { json };
    let mut found = Artefacts::default();
    for (member, held) in data.as_object().into_iter().flatten() {
        let Some((_, kind)) = HOLDERS.iter().find(|(holder, _)| holder == member) else {
            if held.is_array() && found.unread.len() < 20 {
                found.unread.insert(member.clone());
            }
            continue;
        };
        found.all.extend(held.as_array().into_iter().flatten().map(|json| artefact(*kind, json)));
    }
    found
}

/// The English name, or the one that is given.
pub(super) fn text(json: &Json) -> &str {
    let english = json["names"]["en"].as_str();
    let any = || json["names"].as_object().and_then(|names| names.values().next()).and_then(Json::as_str);
    english.or_else(|| json["name"].as_str()).or_else(|| json["name"]["en"].as_str()).or_else(any).unwrap_or_default()
}

fn word<'j>(json: &'j Json, member: &str) -> &'j str {
    json[member].as_str().unwrap_or_default()
}

fn artefact(kind: Kind, json: &Json) -> Artefact {
    let mut artefact = Artefact {
        id: word(json, "id").to_owned(),
        agency: word(json, "agencyID").to_owned(),
        version: word(json, "version").to_owned(),
        name: text(json).to_owned(),
        updated: stamp(json).to_owned(),
        ..Artefact::new(kind)
    };
    match kind {
        Kind::Dataflow => reference_id(word(json, "structure")).clone_into(&mut artefact.of),
        Kind::Structure => components(&json["dataStructureComponents"], &mut artefact.components),
        Kind::Codelist => items(&json["codes"], "", 0, &mut artefact.items),
        Kind::ConceptScheme => items(&json["concepts"], "", 0, &mut artefact.items),
        Kind::CategoryScheme => items(&json["categories"], "", 0, &mut artefact.items),
        Kind::Constraint => {
            let attached = &json["constraintAttachment"]["dataflows"];
            reference_id(attached[0].as_str().unwrap_or_default()).clone_into(&mut artefact.of);
            json["cubeRegions"].as_array().into_iter().flatten().for_each(|region| values(region, &mut artefact.items));
        }
    }
    artefact
}

fn stamp(json: &Json) -> &str {
    let annotations = || json["annotations"].as_array().into_iter().flatten();
    let of = |stamp: &str| annotations().find(|annotation| word(annotation, "type") == stamp || word(annotation, "id") == stamp);
    let found = ["UPDATE_DATA", "LAST_UPDATE", "LAST_UPDATED"].iter().find_map(|stamp| of(stamp));
    found.map_or("", |annotation| ["title", "value", "text"].iter().find_map(|member| annotation[*member].as_str()).unwrap_or(""))
}

/// Categories stand inside one another; deeper than this is no real list.
const DEPTH: usize = 20;

fn items(json: &Json, above: &str, depth: usize, found: &mut Vec<Item>) {
    for json in json.as_array().into_iter().flatten() {
        let id = word(json, "id");
        let parent = Some(reference_id(word(json, "parent"))).filter(|parent| !parent.is_empty()).unwrap_or(above);
        found.push(Item { id: id.to_owned(), name: text(json).to_owned(), parent: parent.to_owned(), list: String::new() });
        if depth < DEPTH {
            items(&json["categories"], id, depth + 1, found);
        }
    }
}

fn components(json: &Json, found: &mut Vec<Component>) {
    let list = &json["dimensionList"];
    let one = |json: &Json, role| {
        let concept = reference_id(word(json, "conceptIdentity")).to_owned();
        let id = Some(word(json, "id")).filter(|id| !id.is_empty()).unwrap_or(&concept).to_owned();
        let position = json["position"].as_u64().and_then(|position| u32::try_from(position).ok());
        let list = word(&json["localRepresentation"], "enumeration");
        let (list, list_version) = (reference_id(list).to_owned(), reference_version(list).to_owned());
        Component { id, concept, list, list_version, position, role }
    };
    for (member, role) in [
        ("dimensions", ComponentRole::Dimension),
        ("measureDimensions", ComponentRole::Measure),
        ("timeDimensions", ComponentRole::Time),
    ] {
        found.extend(list[member].as_array().into_iter().flatten().map(|json| one(json, role)));
    }
    if list["timeDimension"].is_object() {
        found.push(one(&list["timeDimension"], ComponentRole::Time));
    }
    let attributes = json["attributeList"]["attributes"].as_array().into_iter().flatten();
    found.extend(attributes.map(|json| one(json, ComponentRole::Attribute)));
}

fn values(region: &Json, found: &mut Vec<Item>) {
    let excluded = [&region["isIncluded"], &region["include"]].iter().any(|include| include.as_bool() == Some(false));
    let name = |text: &str| if excluded { format!("excluded {text}").trim_end().to_owned() } else { text.to_owned() };
    let keys = ["keyValues", "components", "memberSelection"].iter().find_map(|member| region[*member].as_array());
    for key in keys.into_iter().flatten() {
        let list = word(key, "id").to_owned();
        let item = |id: &str, text: &str| Item { id: id.to_owned(), name: name(text), parent: String::new(), list: list.clone() };
        for value in key["values"].as_array().into_iter().flatten() {
            let code = value.as_str().or_else(|| value["value"].as_str()).or_else(|| value["memberValue"].as_str());
            found.extend(code.map(|code| item(code, "")));
        }
        for (member, text) in [("startPeriod", "first"), ("endPeriod", "last")] {
            let end = &key["timeRange"][member];
            let period = end.as_str().or_else(|| end["period"].as_str());
            found.extend(period.map(|period| item(period, text)));
        }
    }
}
