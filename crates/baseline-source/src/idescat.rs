//! Population search of the statistical office of Catalonia (Idescat): an Atom feed with one data set an entry.
//!
//! Its tables are JSON-stat and read as such; this is the office's older service, with elements of a kind of SDMX of its
//! own. Prefixes are free in XML, so elements go by their local names.
//!
//! ```text
//! <feed><title>Population search: ab</title><updated>2018-01-29T11:00:00+00:00</updated>
//!   <opensearch:totalResults>22</opensearch:totalResults>
//!   <entry><title>Abrera</title><cross:DataSet>
//!     <cross:Section AREA="080018" TIME_PERIOD="2017-01-01" FREQ="A" UNIT_MULT="0" DECIMALS="0">
//!       <cross:Obs SEX="M" OBS_VALUE="6283" OBS_STATUS="A"/>
//! ```

use std::collections::BTreeMap;
use std::rc::Rc;

use baseline_model::{Description, Entry, Finding, Positions, RawTable, Role};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::csv_file;
use crate::findings::Context;
use crate::review::duplicates;
use crate::table::Rows;

pub(crate) const FORMAT: &str = "Idescat feed";

/// Attributes that are no dimension. `FREQ` says that there is a count a year; the period is the day that it refers to.
const NO_DIMENSION: [&str; 5] = ["TIME_PERIOD", "FREQ", "DECIMALS", "OBS_VALUE", "OBS_STATUS"];

/// More than any feed has; a hostile one may name a new attribute with every observation.
const MOST_DIMENSIONS: usize = 64;

pub(crate) fn is_one(text: &str) -> bool {
    let head: String = text.chars().take(2000).collect();
    head.contains("<feed") && head.contains("idescat.cat/-/cross/")
}

pub(crate) fn read(text: &str, context: &mut Context<'_>) -> Option<RawTable> {
    context.own_marks = true;
    match feed(text, context) {
        Ok(feed) => table(feed, context),
        Err(fault) => {
            context.add(
                Finding::error("xml-damaged", context.name, format!("{fault}; the file is refused"))
                    .hint("the file is cut or edited: download it again"),
            );
            None
        }
    }
}

#[derive(Default)]
struct Feed {
    title: String,
    updated: String,
    total: Option<u64>,
    entries: u64,
    names: Vec<(String, String)>,
    observations: Vec<Observation>,
}

struct Observation {
    /// Shared: a section may be long and have many observations.
    section: Rc<Attributes>,
    own: Attributes,
    line: u32,
    column: u32,
}

type Attributes = Vec<(String, String)>;

fn feed(text: &str, context: &mut Context<'_>) -> Result<Feed, String> {
    let mut reader = Reader::from_str(text);
    let mut feed = Feed::default();
    let mut path: Vec<String> = Vec::new();
    let mut section = Rc::new(Attributes::new());
    let (mut name, mut area) = (String::new(), String::new());
    let mut lines = Lines { text, offset: 0, line: 1, start: 0 };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| format!("not well-formed XML: {error}"))?;
        match event {
            Event::Start(element) => {
                let local = local(&element);
                open(&local, &element, at, &mut lines, &mut section, &mut area, &mut feed, context)?;
                path.push(local);
                if path.len() > 16 {
                    return Err("elements are nested deeper than in any feed".into());
                }
            }
            Event::Empty(element) => {
                let local = local(&element);
                open(&local, &element, at, &mut lines, &mut section, &mut area, &mut feed, context)?;
            }
            Event::Text(part) => {
                let said = part.xml10_content().map_err(|error| error.to_string())?;
                match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["feed", "title"] => feed.title.push_str(said.trim()),
                    ["feed", "updated"] => feed.updated.push_str(said.trim()),
                    ["feed", "totalResults"] => feed.total = said.trim().parse().ok(),
                    ["feed", "entry", "title"] => name.push_str(&said),
                    _ => {}
                }
            }
            Event::GeneralRef(reference) => {
                let entity = reference.xml10_content().map_err(|error| error.to_string())?;
                if path.last().is_some_and(|last| last == "title") && path.len() == 3 {
                    let sign = reference.resolve_char_ref().ok().flatten().map(String::from);
                    name.push_str(&sign.or_else(|| resolve_predefined_entity(&entity).map(str::to_owned)).unwrap_or_default());
                }
            }
            Event::End(_) => {
                if path.pop().as_deref() == Some("entry") {
                    feed.entries += 1;
                    if !area.is_empty() {
                        feed.names.push((std::mem::take(&mut area), name.trim().to_owned()));
                    }
                    name.clear();
                }
            }
            Event::Eof => break,
            Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if path.is_empty() { Ok(feed) } else { Err(format!("the file ends inside <{}>", path.join("><"))) }
}

fn local(element: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(element.local_name().as_ref()).into_owned()
}

fn attributes(element: &BytesStart<'_>) -> Result<Attributes, String> {
    element
        .attributes()
        .map(|attribute| {
            let attribute = attribute.map_err(|error| format!("not well-formed XML: {error}"))?;
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            let value = attribute.unescape_value().map_err(|error| error.to_string())?;
            Ok((name, value.trim().to_owned()))
        })
        .collect()
}

#[expect(clippy::too_many_arguments, reason = "what the elements of one feed change, without a struct for one call")]
fn open(
    local: &str,
    element: &BytesStart<'_>,
    at: usize,
    lines: &mut Lines<'_>,
    section: &mut Rc<Attributes>,
    area: &mut String,
    feed: &mut Feed,
    context: &Context<'_>,
) -> Result<(), String> {
    match local {
        "Section" => {
            *section = Rc::new(attributes(element)?);
            if let Some((_, code)) = section.iter().find(|(name, _)| name == "AREA") {
                area.clone_from(code);
            }
        }
        "Obs" => {
            if feed.observations.len() >= context.options.limits.cells {
                return Err(format!("more than the allowed {} cells", context.options.limits.cells));
            }
            let (line, column) = lines.of(at);
            let own = attributes(element)?;
            feed.observations.push(Observation { section: Rc::clone(section), own, line, column });
        }
        _ => {}
    }
    Ok(())
}

/// Lines and columns of ever later places.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
    start: usize,
}

impl Lines<'_> {
    fn of(&mut self, at: usize) -> (u32, u32) {
        let bytes = self.text.as_bytes();
        for place in memchr::memchr_iter(b'\n', &bytes[self.offset.min(at)..at.min(bytes.len())]) {
            self.line = self.line.saturating_add(1);
            self.start = self.offset + place + 1;
        }
        self.offset = at.min(bytes.len());
        (self.line, u32::try_from(self.offset - self.start + 1).unwrap_or(u32::MAX))
    }
}

fn table(feed: Feed, context: &mut Context<'_>) -> Option<RawTable> {
    if let Some(total) = feed.total.filter(|total| *total > feed.entries) {
        let message = format!("the feed is a part: it states {total} results and holds {}", feed.entries);
        context.add(Finding::warning("part-of-results", context.name, message).hint("ask for the further pages, too"));
    }
    let mut ids: Vec<&str> = Vec::new();
    for (name, _) in feed.observations.iter().flat_map(|observation| observation.section.iter().chain(&observation.own)) {
        if !NO_DIMENSION.contains(&name.as_str()) && !ids.contains(&name.as_str()) && ids.len() <= MOST_DIMENSIONS {
            ids.push(name);
        }
    }
    if ids.len() > MOST_DIMENSIONS {
        context.add(
            Finding::error(
                "xml-damaged",
                context.name,
                format!("observations with {} attributes; the file is refused", ids.len()),
            )
            .hint("take the file from the provider itself"),
        );
        return None;
    }
    let mut rows = Rows::new(ids.iter().map(|id| id.to_lowercase()));
    let mut places = Vec::new();
    for Observation { section, own, line, column } in &feed.observations {
        // The observation's own attribute stands behind the section's.
        let by_name: BTreeMap<&str, &str> =
            section.iter().chain(own).map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let get = |name: &str| by_name.get(name).copied().unwrap_or_default();
        let value = csv_file::figure(get("OBS_VALUE"), &format!("line {line}"), context);
        rows.push(ids.iter().map(|id| get(id)), get("TIME_PERIOD"), value, get("OBS_STATUS"), "");
        places.push((*line, *column));
    }
    let mut table = rows.finish(Positions::Grid(places));
    if let Some(area) = table.dimensions.iter_mut().find(|column| column.id == "area") {
        area.role = Some(Role::Geo);
    }
    if !table.is_empty() {
        let entry = |(code, label)| Entry { list: "area".into(), code, label, ..Entry::default() };
        let entries = feed.names.into_iter().map(entry).collect();
        context.descriptions.push(Description {
            title: feed.title.clone(),
            updated: feed.updated.clone(),
            entries,
            ..Description::default()
        });
    }
    table.title = (!feed.title.is_empty()).then_some(feed.title);
    table.updated = (!feed.updated.is_empty()).then_some(feed.updated);
    duplicates(&table, context);
    Some(table)
}
