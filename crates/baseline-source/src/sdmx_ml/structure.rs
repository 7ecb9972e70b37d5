//! Structure messages, 2.1 and 3.0, as a stream into [`Artefacts`].
//!
//! An element counts by its parent, because names repeat with other meanings (`Dataflow` is an artefact inside
//! `Dataflows` and a reference inside a constraint).

use quick_xml::events::BytesStart;

use super::cursor::{Cursor, Damage, Node};
use crate::sdmx::artefacts::{Artefact, Artefacts, Component, ComponentRole, Item, Kind, reference_id, reference_version};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Root,
    Structures,
    /// `Codelists`, `Dataflows`, ...: what they hold.
    Holder(Kind),
    Artefact,
    /// A code, concept or category.
    Item,
    /// The code above an item.
    Parent,
    /// The structure of a dataflow, or what a constraint is attached to.
    Of,
    Attachment,
    Dimensions,
    Attributes,
    Component,
    Concept,
    Representation,
    Enumeration,
    Components,
    /// A cube region.
    Region,
    /// What it allows or (excluded) not.
    KeyValue,
    TimeRange,
    Annotations,
    Annotation,
    Words(Words),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Name,
    Value,
    From,
    To,
    Stamp,
    StampKind,
    Urn,
}

/// Annotations that state when something was updated, the first that counts first.
const STAMPS: [&str; 4] = ["UPDATE_DATA", "LAST_UPDATE", "LAST_UPDATED", "UPDATE_STRUCTURE"];

pub(super) fn read(text: &str) -> Result<Artefacts, Damage> {
    let mut walk = Walk {
        cursor: Cursor::new(text),
        stack: Vec::new(),
        found: Artefacts::default(),
        items: Vec::new(),
        words: String::new(),
        english: false,
        stamp: (String::new(), String::new()),
        stamped: usize::MAX,
        dimension: String::new(),
        excluded: false,
    };
    loop {
        match walk.cursor.next()? {
            Node::Open(start) => {
                let tag = walk.open(&start)?;
                walk.words.clear();
                walk.stack.push(tag);
            }
            Node::Text(text) => walk.words.push_str(&text),
            Node::Close => walk.close(),
            Node::End => return Ok(walk.found),
        }
    }
}

struct Walk<'t> {
    cursor: Cursor<'t>,
    stack: Vec<Tag>,
    found: Artefacts,
    /// Open items of the current artefact: categories stand inside one another.
    items: Vec<usize>,
    words: String,
    /// The name that is read is English.
    english: bool,
    /// Kind and text of the annotation that is read.
    stamp: (String, String),
    /// Place in [`STAMPS`] of the stamp that the current artefact has.
    stamped: usize,
    /// That a constraint speaks of, and whether it excludes.
    dimension: String,
    excluded: bool,
}

impl Walk<'_> {
    fn artefact(&mut self) -> Option<&mut Artefact> {
        self.found.all.last_mut()
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<Tag, Damage> {
        let name = start.local_name();
        Ok(match (self.stack.last().copied(), name.as_ref()) {
            (None, _) => Tag::Root,
            (Some(Tag::Root), b"Structures") => Tag::Structures,
            (Some(Tag::Structures), name) => {
                if let Some(kind) = holder(name) {
                    return Ok(Tag::Holder(kind));
                }
                let name = String::from_utf8_lossy(name).into_owned();
                // Dataflow and category only refer to one another there.
                if name != "Categorisations" && self.found.unread.len() < 20 {
                    self.found.unread.insert(name);
                }
                Tag::Other
            }
            (Some(Tag::Holder(kind)), name) if is_artefact(kind, name) => {
                let mut artefact = Artefact::new(kind);
                self.cursor.attributes(start, |name, value| match name {
                    "id" => value.clone_into(&mut artefact.id),
                    "agencyID" => value.clone_into(&mut artefact.agency),
                    "version" => value.clone_into(&mut artefact.version),
                    _ => {}
                })?;
                self.found.all.push(artefact);
                self.items.clear();
                self.stamped = usize::MAX;
                Tag::Artefact
            }
            (Some(Tag::Artefact | Tag::Item), b"Code" | b"Concept" | b"Category") => self.item(start)?,
            (Some(Tag::Item), b"Parent") => Tag::Parent,
            (Some(Tag::Artefact | Tag::Item), b"Name") => {
                self.english = self.cursor.local_attribute(start, "lang")?.to_ascii_lowercase().starts_with("en");
                Tag::Words(Words::Name)
            }
            (Some(Tag::Artefact), b"ConstraintAttachment") => Tag::Attachment,
            (Some(Tag::Artefact), b"Structure") | (Some(Tag::Attachment), b"Dataflow" | b"DataStructure") => Tag::Of,
            (Some(Tag::Artefact), b"DataStructureComponents") => Tag::Components,
            (Some(Tag::Components), b"DimensionList") => Tag::Dimensions,
            (Some(Tag::Components), b"AttributeList") => Tag::Attributes,
            (Some(Tag::Dimensions), b"Dimension") => self.component(start, ComponentRole::Dimension)?,
            (Some(Tag::Dimensions), b"MeasureDimension") => self.component(start, ComponentRole::Measure)?,
            (Some(Tag::Dimensions), b"TimeDimension") => self.component(start, ComponentRole::Time)?,
            (Some(Tag::Attributes), b"Attribute") => self.component(start, ComponentRole::Attribute)?,
            (Some(Tag::Component), b"ConceptIdentity") => Tag::Concept,
            (Some(Tag::Component), b"LocalRepresentation") => Tag::Representation,
            (Some(Tag::Representation), b"Enumeration") => Tag::Enumeration,
            (Some(Tag::Parent | Tag::Of | Tag::Concept | Tag::Enumeration), b"Ref") => {
                let (id, version) = (self.cursor.attribute(start, "id")?, self.cursor.attribute(start, "version")?);
                self.refer(&id, &version);
                Tag::Other
            }
            (Some(Tag::Parent | Tag::Of | Tag::Concept | Tag::Enumeration), b"URN") => Tag::Words(Words::Urn),
            (Some(Tag::Artefact), b"CubeRegion") => {
                let include = [self.cursor.attribute(start, "include")?, self.cursor.attribute(start, "isIncluded")?];
                self.excluded = include.iter().any(|include| include == "false");
                Tag::Region
            }
            (Some(Tag::Region), b"KeyValue" | b"Attribute" | b"Component") => {
                self.dimension = self.cursor.attribute(start, "id")?;
                Tag::KeyValue
            }
            (Some(Tag::KeyValue), b"Value") => Tag::Words(Words::Value),
            (Some(Tag::KeyValue), b"TimeRange") => Tag::TimeRange,
            (Some(Tag::TimeRange), b"StartPeriod" | b"AfterPeriod") => Tag::Words(Words::From),
            (Some(Tag::TimeRange), b"EndPeriod" | b"BeforePeriod") => Tag::Words(Words::To),
            (Some(Tag::Artefact), b"Annotations") => Tag::Annotations,
            (Some(Tag::Annotations), b"Annotation") => {
                self.stamp = (self.cursor.attribute(start, "id")?, String::new());
                Tag::Annotation
            }
            (Some(Tag::Annotation), b"AnnotationType") => Tag::Words(Words::StampKind),
            (Some(Tag::Annotation), b"AnnotationTitle" | b"AnnotationText") => Tag::Words(Words::Stamp),
            (Some(_), _) => Tag::Other,
        })
    }

    fn item(&mut self, start: &BytesStart<'_>) -> Result<Tag, Damage> {
        let mut item = Item::default();
        self.cursor.attributes(start, |name, value| match name {
            "id" => value.clone_into(&mut item.id),
            "parentCode" => value.clone_into(&mut item.parent),
            _ => {}
        })?;
        let above = self.items.last().copied();
        let Some(artefact) = self.artefact() else { return Ok(Tag::Other) };
        if let Some(above) = above.and_then(|above| artefact.items.get(above)) {
            item.parent.clone_from(&above.id);
        }
        artefact.items.push(item);
        let place = artefact.items.len() - 1;
        self.items.push(place);
        Ok(Tag::Item)
    }

    fn component(&mut self, start: &BytesStart<'_>, role: ComponentRole) -> Result<Tag, Damage> {
        let id = self.cursor.attribute(start, "id")?;
        let position = self.cursor.attribute(start, "position")?.parse().ok();
        let component =
            Component { id, concept: String::new(), list: String::new(), list_version: String::new(), position, role };
        if let Some(artefact) = self.artefact() {
            artefact.components.push(component);
        }
        Ok(Tag::Component)
    }

    /// Takes the id of a reference by where the reference stands.
    fn refer(&mut self, reference: &str, version: &str) {
        let id = reference_id(reference).to_owned();
        let (tag, item) = (self.stack.last().copied(), self.items.last().copied());
        let Some(artefact) = self.found.all.last_mut() else { return };
        match tag {
            Some(Tag::Parent) => {
                if let Some(item) = item.and_then(|item| artefact.items.get_mut(item)) {
                    item.parent = id;
                }
            }
            Some(Tag::Of) if artefact.of.is_empty() => artefact.of = id,
            Some(Tag::Concept) => {
                if let Some(component) = artefact.components.last_mut() {
                    // A component without an id of its own has its concept's.
                    if component.id.is_empty() {
                        component.id.clone_from(&id);
                    }
                    component.concept = id;
                }
            }
            Some(Tag::Enumeration) => {
                if let Some(component) = artefact.components.last_mut() {
                    component.list = id;
                    version.clone_into(&mut component.list_version);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self) {
        let words = std::mem::take(&mut self.words);
        let text = words.trim();
        match self.stack.pop() {
            Some(Tag::Words(Words::Name)) => self.name(text),
            Some(Tag::Words(Words::Urn)) => self.refer(text, reference_version(text)),
            Some(Tag::Words(Words::Value)) => self.value(text, ""),
            Some(Tag::Words(Words::From)) => self.value(text, "first"),
            Some(Tag::Words(Words::To)) => self.value(text, "last"),
            Some(Tag::Words(Words::Stamp)) if self.stamp.1.is_empty() => text.clone_into(&mut self.stamp.1),
            Some(Tag::Words(Words::StampKind)) => text.clone_into(&mut self.stamp.0),
            Some(Tag::Annotation) => {
                let (kind, text) = std::mem::take(&mut self.stamp);
                let place = STAMPS.iter().position(|stamp| *stamp == kind);
                if let Some(place) = place.filter(|place| *place < self.stamped && !text.is_empty()) {
                    self.stamped = place;
                    if let Some(artefact) = self.artefact() {
                        artefact.updated = text;
                    }
                }
            }
            Some(Tag::Item) => {
                self.items.pop();
            }
            // In 3.0 a reference is the text of its element.
            Some(tag @ (Tag::Parent | Tag::Of | Tag::Concept | Tag::Enumeration)) if !text.is_empty() => {
                self.stack.push(tag);
                self.refer(text, reference_version(text));
                self.stack.pop();
            }
            _ => {}
        }
    }

    /// The name of the open item or artefact: the English one, or the first.
    fn name(&mut self, text: &str) {
        let (english, item) = (self.english, self.items.last().copied());
        let Some(artefact) = self.found.all.last_mut() else { return };
        let name = match item.and_then(|item| artefact.items.get_mut(item)) {
            Some(item) => &mut item.name,
            None => &mut artefact.name,
        };
        if name.is_empty() || english {
            *name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }

    fn value(&mut self, text: &str, of_range: &str) {
        let name = match (of_range, self.excluded) {
            (range, false) => range.to_owned(),
            (range, true) => format!("excluded {range}").trim_end().to_owned(),
        };
        let item = Item { id: text.to_owned(), name, list: self.dimension.clone(), parent: String::new() };
        if let Some(artefact) = self.artefact().filter(|artefact| artefact.kind == Kind::Constraint) {
            artefact.items.push(item);
        }
    }
}

fn holder(name: &[u8]) -> Option<Kind> {
    Some(match name {
        b"Dataflows" => Kind::Dataflow,
        b"DataStructures" => Kind::Structure,
        b"Codelists" => Kind::Codelist,
        b"Concepts" | b"ConceptSchemes" => Kind::ConceptScheme,
        b"CategorySchemes" => Kind::CategoryScheme,
        b"Constraints" | b"DataConstraints" => Kind::Constraint,
        _ => return None,
    })
}

fn is_artefact(kind: Kind, name: &[u8]) -> bool {
    match kind {
        Kind::Dataflow => name == b"Dataflow",
        Kind::Structure => name == b"DataStructure",
        Kind::Codelist => name == b"Codelist",
        Kind::ConceptScheme => name == b"ConceptScheme",
        Kind::CategoryScheme => name == b"CategoryScheme",
        Kind::Constraint => matches!(name, b"ContentConstraint" | b"DataConstraint"),
    }
}
