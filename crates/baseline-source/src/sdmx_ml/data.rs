//! Data messages: header, data sets, series, observations; footers and error messages.
//!
//! Groups hold attributes only: what they say is named in a finding and not read.

use baseline_model::{Finding, RawTable};
use quick_xml::events::BytesStart;

use super::cursor::{Cursor, Damage, Node};
use super::rows::{Level, Set, Stated};
use super::structure;
use crate::findings::{Context, quote, quote_message};
use crate::review::duplicates;
use crate::sdmx::artefacts::{Artefact, Artefacts, ComponentRole, dimensions, reference_id};
use crate::table::dataflow_code;

const CUT: &str = "the file is cut or damaged: download it again";

/// An element on the way to the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Message,
    Header,
    /// `Structure` of the header: a table that data sets refer to.
    Declared,
    /// The reference to a dataflow (`true`) or a structure inside [`Tag::Declared`].
    Reference(bool),
    DataSet,
    Series,
    Obs,
    Group,
    /// Of a series or an observation.
    Key(Level),
    /// Of a series or an observation; none of a group or a data set.
    Attributes(Option<Level>),
    Footer,
    /// Of the footer or of an error.
    Said,
    /// Its text is wanted.
    Words(Words),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Title,
    /// The URN of a dataflow (`true`) or of a structure.
    Urn(bool),
    Period,
    Said,
}

/// A table that the header declares.
#[derive(Debug, Default)]
struct Declared {
    id: String,
    at_observation: String,
    flow: String,
    structure: String,
    /// Ids of the dimensions when the file has the structure.
    order: Option<Vec<String>>,
}

#[derive(Debug, Default)]
struct Said {
    code: String,
    severity: String,
    texts: Vec<String>,
}

pub(super) fn read(text: &str, context: &mut Context<'_>) -> Result<Vec<RawTable>, Damage> {
    let artefacts = if memchr::memmem::find(text.as_bytes(), b"DataStructureComponents").is_some() {
        structure::read(text)?
    } else {
        Artefacts::default()
    };
    let (mut declared, title) = header(text)?;
    for one in &mut declared {
        let named = [&one.flow, &one.structure].into_iter().find(|id| !id.is_empty());
        one.order = named.map_or_else(|| artefacts.only_structure(), |id| artefacts.structure_of(id)).map(ids);
    }
    let other = Declared { order: artefacts.only_structure().map(ids), ..Declared::default() };
    let mut walk = Walk {
        cursor: Cursor::new(text),
        stack: Vec::new(),
        set: None,
        of: &other,
        place: (1, 1),
        words: String::new(),
        said: Vec::new(),
        tables: Vec::new(),
        rows: 0,
        bytes: text.len(),
    };
    walk.all(&declared, &other, context)?;
    let Walk { mut tables, said, .. } = walk;
    for said in &said {
        add_said(said, &mut tables, context);
    }
    let some = tables.iter().any(|table| !table.is_empty());
    tables.retain(|table| !some || !table.is_empty());
    for table in &mut tables {
        table.title.clone_from(&title);
        duplicates(table, context);
    }
    Ok(tables)
}

fn ids(structure: &Artefact) -> Vec<String> {
    let keyed = dimensions(structure).into_iter().filter(|component| component.role != ComponentRole::Time);
    keyed.map(|component| component.id.clone()).collect()
}

/// What the provider says beside or instead of data.
fn add_said(said: &Said, tables: &mut Vec<RawTable>, context: &mut Context<'_>) {
    let message = match said.texts.join(" ") {
        words if words.trim().is_empty() => "no words".to_owned(),
        words => quote_message(&words),
    };
    let empty = tables.iter().all(RawTable::is_empty);
    let elsewhere = said.code == "413" && said.texts.iter().any(|text| text.contains("written to a file"));
    if elsewhere && empty {
        tables.clear();
        context.add(
            Finding::error(
                "written-to-file",
                context.at("footer"),
                format!("no data: the provider will write them to another place: {message}"),
            )
            .hint("ask for less, or for the whole table as a file; this file is not data"),
        );
    } else if empty {
        tables.clear();
        let text = format!("no data: the provider answered with a message (code {}): {message}", quote(&said.code));
        context.add(
            Finding::error("error-body", context.name, text)
                .hint("repeat the request as the message says; this file is not data"),
        );
    } else {
        let text = format!("the provider says (code {}): {message}", quote(&said.code));
        let finding = if said.severity.eq_ignore_ascii_case("error") || said.code == "413" {
            Finding::error("provider-message", context.at("footer"), text)
        } else {
            Finding::warning("provider-message", context.at("footer"), text)
        };
        context.add(finding.hint("the data may be incomplete: compare with the request"));
    }
}

/// The tables that the header declares, and the title.
fn header(text: &str) -> Result<(Vec<Declared>, Option<String>), Damage> {
    let mut cursor = Cursor::new(text);
    let mut stack: Vec<Tag> = Vec::new();
    let (mut declared, mut title, mut words) = (Vec::<Declared>::new(), None, String::new());
    loop {
        match cursor.next()? {
            Node::Open(start) => {
                let tag = match (stack.last(), start.local_name().as_ref()) {
                    (None, _) => Tag::Message,
                    (Some(Tag::Message), b"Header") => Tag::Header,
                    (Some(Tag::Message), b"DataSet") => return Ok((declared, title)),
                    (Some(Tag::Header), b"Name") => Tag::Words(Words::Title),
                    (Some(Tag::Header), b"Structure") => {
                        declared.push(Declared {
                            id: cursor.attribute(&start, "structureID")?,
                            at_observation: cursor.attribute(&start, "dimensionAtObservation")?,
                            ..Declared::default()
                        });
                        Tag::Declared
                    }
                    (Some(Tag::Declared), b"StructureUsage" | b"ProvisionAgreement") => Tag::Reference(true),
                    (Some(Tag::Declared), b"Structure") => Tag::Reference(false),
                    (Some(Tag::Reference(flow)), b"URN") => Tag::Words(Words::Urn(*flow)),
                    (Some(Tag::Reference(flow)), b"Ref") => {
                        let (id, flow) = (cursor.attribute(&start, "id")?, *flow);
                        refer(declared.last_mut(), &id, flow);
                        Tag::Other
                    }
                    (Some(_), _) => Tag::Other,
                };
                words.clear();
                stack.push(tag);
            }
            Node::Text(text) => words.push_str(&text),
            Node::Close => match stack.pop() {
                Some(Tag::Words(Words::Title)) if !words.trim().is_empty() && title.is_none() => {
                    title = Some(words.trim().to_owned());
                }
                Some(Tag::Words(Words::Urn(flow))) => refer(declared.last_mut(), &words, flow),
                // In 3.0 the reference is the text of the element itself.
                Some(Tag::Reference(flow)) if words.contains("urn:") => {
                    refer(declared.last_mut(), &words, flow || words.contains("Dataflow="));
                }
                _ => {}
            },
            Node::End => return Ok((declared, title)),
        }
    }
}

fn refer(declared: Option<&mut Declared>, reference: &str, flow: bool) {
    let Some(declared) = declared else { return };
    let place = if flow { &mut declared.flow } else { &mut declared.structure };
    if place.is_empty() {
        reference_id(reference).clone_into(place);
    }
}

struct Walk<'t, 'd> {
    cursor: Cursor<'t>,
    stack: Vec<Tag>,
    set: Option<Set<'d>>,
    /// What the current data set refers to.
    of: &'d Declared,
    /// Of the current observation.
    place: (u32, u32),
    words: String,
    said: Vec<Said>,
    tables: Vec<RawTable>,
    /// Observations of the data sets before.
    rows: usize,
    bytes: usize,
}

impl<'d> Walk<'_, 'd> {
    fn all(&mut self, declared: &'d [Declared], other: &'d Declared, context: &mut Context<'_>) -> Result<(), Damage> {
        loop {
            match self.cursor.next()? {
                Node::Open(start) => {
                    let tag = self.open(&start, declared, other, context)?;
                    self.stack.push(tag);
                }
                Node::Text(text) => {
                    if matches!(self.stack.last(), Some(Tag::Words(_))) {
                        self.words.push_str(&text);
                    }
                }
                Node::Close => self.close(context)?,
                Node::End => return Ok(()),
            }
        }
    }

    fn open(
        &mut self,
        start: &BytesStart<'_>,
        declared: &'d [Declared],
        other: &'d Declared,
        context: &mut Context<'_>,
    ) -> Result<Tag, Damage> {
        Ok(match (self.stack.last().copied(), start.local_name().as_ref()) {
            (None, _) => Tag::Message,
            (Some(Tag::DataSet), b"Series") => {
                self.fields(start, Level::Series, context)?;
                Tag::Series
            }
            (Some(Tag::DataSet | Tag::Series), b"Obs") => {
                self.place = self.cursor.place();
                self.fields(start, Level::Obs, context)?;
                Tag::Obs
            }
            (Some(Tag::Series), b"SeriesKey") => Tag::Key(Level::Series),
            (Some(Tag::Obs), b"ObsKey") => Tag::Key(Level::Obs),
            (Some(Tag::Series), b"Attributes") => Tag::Attributes(Some(Level::Series)),
            (Some(Tag::Obs), b"Attributes") => Tag::Attributes(Some(Level::Obs)),
            (Some(Tag::Group | Tag::DataSet), b"Attributes") => Tag::Attributes(None),
            (Some(Tag::Key(level)), b"Value") => {
                let (id, value) = self.pair(start)?;
                self.field(level, Stated::Dimension, &id, &value, context)?;
                Tag::Other
            }
            (Some(Tag::Attributes(level)), b"Value") => {
                let (id, value) = self.pair(start)?;
                match level {
                    Some(level) => self.field(level, Stated::Attribute, &id, &value, context)?,
                    None => self.unread(&id, &value),
                }
                Tag::Other
            }
            (Some(Tag::Obs), b"ObsDimension") => {
                let (id, value) = self.pair(start)?;
                let at_observation = &self.of.at_observation;
                let id = [id.as_str(), at_observation].into_iter().find(|id| !id.is_empty()).unwrap_or("TIME_PERIOD").to_owned();
                self.field(Level::Obs, Stated::Dimension, &id, &value, context)?;
                Tag::Other
            }
            (Some(Tag::Obs), b"Time") => Tag::Words(Words::Period),
            (Some(Tag::Obs), b"ObsValue") => {
                let value = self.cursor.attribute(start, "value")?;
                self.field(Level::Obs, Stated::Nothing, "OBS_VALUE", &value, context)?;
                Tag::Other
            }
            (Some(Tag::DataSet), b"Group") => {
                let mut found = Vec::new();
                self.cursor.attributes(start, |name, value| found.push((name.to_owned(), value.to_owned())))?;
                for (name, value) in found.iter().filter(|(name, _)| crate::sdmx::part(name) == crate::sdmx::Part::Attribute) {
                    self.unread(name, value);
                }
                Tag::Group
            }
            (Some(Tag::Message), b"DataSet") => {
                self.begin(start, declared, other)?;
                Tag::DataSet
            }
            (Some(Tag::Message), b"Footer") => Tag::Footer,
            (Some(Tag::Footer), b"Message") | (Some(Tag::Message), b"ErrorMessage") => {
                let (code, severity) = (self.cursor.attribute(start, "code")?, self.cursor.attribute(start, "severity")?);
                self.said.push(Said { code, severity, texts: Vec::new() });
                Tag::Said
            }
            (Some(Tag::Said), b"Text") => Tag::Words(Words::Said),
            (Some(_), _) => Tag::Other,
        })
        .inspect(|tag| {
            if matches!(tag, Tag::Words(_)) {
                self.words.clear();
            }
        })
    }

    fn close(&mut self, context: &mut Context<'_>) -> Result<(), Damage> {
        match self.stack.pop() {
            Some(Tag::Obs) => {
                let Some(set) = &mut self.set else { return Ok(()) };
                if self.rows + set.len() >= context.options.limits.cells {
                    let limit = context.options.limits.cells;
                    let message = format!("the file has more than the allowed {limit} observations");
                    return Err(self.cursor.damage(&message, "filter the request, or raise the limit if the file is trusted"));
                }
                set.push(self.place).map_err(|message| self.cursor.damage(&message, CUT))?;
            }
            Some(Tag::Series) => {
                if let Some(set) = &mut self.set {
                    set.end_series();
                }
            }
            Some(Tag::DataSet) => {
                let Some(set) = self.set.take() else { return Ok(()) };
                self.rows += set.len();
                let at = context.name.to_owned();
                if let Some(mut table) = set.finish(&at, context) {
                    table.dataflow = dataflow_code(&self.of.flow);
                    self.tables.push(table);
                }
            }
            Some(Tag::Words(Words::Period)) => {
                let words = std::mem::take(&mut self.words);
                self.field(Level::Obs, Stated::Dimension, "TIME_PERIOD", &words, context)?;
            }
            Some(Tag::Words(Words::Said)) => {
                if let Some(said) = self.said.last_mut() {
                    said.texts.push(self.words.trim().to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, start: &BytesStart<'_>, declared: &'d [Declared], other: &'d Declared) -> Result<(), Damage> {
        let reference = self.cursor.local_attribute(start, "structureRef")?;
        let named = declared.iter().find(|one| !reference.is_empty() && one.id == reference);
        let only = if let [only] = declared { Some(only) } else { None };
        self.of = named.or(only).unwrap_or(other);
        if self.cursor.local_attribute(start, "action")?.to_ascii_lowercase().starts_with('d') {
            return Err(self.cursor.damage(
                "the data set tells which observations to delete; they are no figures",
                "ask the provider for the data themselves",
            ));
        }
        self.set = Some(Set::new(self.of.order.as_deref(), &self.of.at_observation, self.bytes));
        Ok(())
    }

    /// Fields that stand as attributes of an element (structure-specific data).
    fn fields(&mut self, start: &BytesStart<'_>, level: Level, context: &mut Context<'_>) -> Result<(), Damage> {
        let place = (level, self.stack.last() == Some(&Tag::Series));
        let Some(set) = &mut self.set else { return Ok(()) };
        let line = self.place.0;
        let mut fault = Ok(());
        self.cursor.attributes(start, |name, value| {
            if fault.is_ok() {
                fault = set.field(place, Stated::Nothing, (name, value), line, context);
            }
        })?;
        fault.map_err(|message| self.cursor.damage(&message, CUT))
    }

    fn field(&mut self, level: Level, stated: Stated, name: &str, value: &str, context: &mut Context<'_>) -> Result<(), Damage> {
        let Some(set) = &mut self.set else { return Ok(()) };
        let taken = set.field((level, true), stated, (name, value), self.place.0, context);
        taken.map_err(|message| self.cursor.damage(&message, CUT))
    }

    fn unread(&mut self, name: &str, value: &str) {
        if let Some(set) = &mut self.set {
            set.unread.note(name, value);
        }
    }

    /// `id` (`concept` in 2.0) and `value`.
    fn pair(&self, start: &BytesStart<'_>) -> Result<(String, String), Damage> {
        let (mut id, mut text) = (String::new(), String::new());
        self.cursor.attributes(start, |name, value| match name {
            "id" | "concept" => value.clone_into(&mut id),
            "value" => value.clone_into(&mut text),
            _ => {}
        })?;
        Ok((id, text))
    }
}
