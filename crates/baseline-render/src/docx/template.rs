//! The template of a lead partner: its styles, theme, fonts, lists, headers and footers, and the size of its pages.
//!
//! Why so little of it: a document is made of our parts and takes over what is looks. Nothing that could run, fetch
//! or hide something comes along: no macros, no outside pictures, no objects. The bytes are of a stranger: every part
//! is read with a limit, and must be well-formed XML without a document type.
//!
//! ECMA-376 part 1 (transitional). A template in the strict form is refused with a hint, since its names differ.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::Page;
use super::package::{OFFICE, Part, Relation, Relations, WORD, relations_part, relations_path};
use super::styles::{Found, Ids, Kind, Known, MAIN};
use crate::RenderError;

/// What a document takes from a template.
#[derive(Debug, Clone)]
pub(super) struct Template {
    styles: String,
    pub known: Known,
    numbering: Option<String>,
    pub page: Page,
    /// `header` or `footer`, for which pages (`default`, `first`, `even`), and the part's path.
    pub running: Vec<(String, String, String)>,
    pub first_page_differs: bool,
    pub even_pages_differ: bool,
    /// Parts taken as they are, with their relations; without styles and lists.
    pub parts: Vec<Part>,
    /// Kind and path of those that the document itself refers to.
    pub related: Vec<(&'static str, String)>,
}

const PARTS: usize = 2000;
const UNPACKED: u64 = 64 << 20;
const DEPTH: usize = 256;

type Checked<T> = Result<T, RenderError>;

impl Template {
    /// Reads a `.docx` or `.dotx`.
    ///
    /// # Errors
    /// [`RenderError::DocxTemplate`] for whatever is no plain Word document.
    pub fn read(bytes: &[u8]) -> Checked<Self> {
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(fault(
                "expected a .docx or .dotx, found a file that is encrypted or of Word before 2007",
                "remove the password, or save it as .docx",
            ));
        }
        if !bytes.starts_with(b"PK") {
            return Err(fault("expected a .docx or .dotx, found another kind of file", "save it in Word as .docx or .dotx"));
        }
        let mut package = Package::open(bytes)?;
        let office = package.relations("")?;
        let main = office
            .iter()
            .find(|relation| relation.kind == format!("{OFFICE}/officeDocument"))
            .map(|relation| resolved("", &relation.target));
        let Some(main) = main else {
            let strict = office.iter().any(|relation| relation.kind.contains("purl.oclc.org/ooxml"));
            return Err(if strict {
                fault("it is in the strict form of Open XML", "save it in Word as 'Word Document (*.docx)'")
            } else {
                fault("the archive has no main document", "save it in Word as .docx or .dotx")
            });
        };
        let kind = package.content_type(&main);
        if !kind.starts_with(WORD) {
            return Err(fault(
                &format!("its main part is of type '{kind}', no Word document"),
                "save it in Word as .docx or .dotx",
            ));
        }
        let related = package.relations(&main)?;
        let target = |name: &str| {
            let kind = format!("{OFFICE}/{name}");
            related.iter().find(|one| one.kind == kind && !one.external).map(|one| resolved(&main, &one.target))
        };
        let Some(styles) = target("styles") else {
            return Err(fault("it has no styles (word/styles.xml)", "open it in Word and save it again"));
        };
        let styles = package.text(&styles)?;
        let known = known(&styles)?;
        let document = package.text(&main)?;
        let last = last_section(&document)?;
        let mut template = Self {
            styles,
            known,
            numbering: None,
            page: last.page,
            running: Vec::new(),
            first_page_differs: last.title_page,
            even_pages_differ: false,
            parts: Vec::new(),
            related: Vec::new(),
        };
        let mut taken = BTreeSet::new();
        if let Some(path) = target("numbering") {
            template.numbering = Some(package.text(&path)?);
            // Pictures as bullets.
            let relations = package.relations(&path)?;
            if !relations.is_empty() {
                package.take_relations(&path, "word/numbering.xml", &mut template.parts, &mut taken)?;
            }
        }
        if let Some(path) = target("settings") {
            template.even_pages_differ = package.text(&path)?.contains("<w:evenAndOddHeaders");
        }
        for (kind, name) in [("theme", "theme"), ("fontTable", "fontTable")] {
            if let Some(path) = target(name) {
                package.take(&path, &mut template.parts, &mut taken)?;
                template.related.push((kind, path));
            }
        }
        for (tag, pages, id) in last.references {
            let Some(relation) = related.iter().find(|relation| relation.id == id && !relation.external) else {
                return Err(fault(&format!("its {tag} '{id}' is missing"), "open it in Word and save it again"));
            };
            let path = resolved(&main, &relation.target);
            package.take(&path, &mut template.parts, &mut taken)?;
            template.running.push((tag, pages, path));
        }
        Ok(template)
    }

    /// Its styles in the report's language, and ours that it lacks.
    pub fn styles(&self, ids: &Ids, language: &str, width: u32) -> Checked<String> {
        let mut xml = in_language(&self.styles, language)?;
        let end = xml.rfind("</w:styles>").ok_or_else(|| fault("word/styles.xml does not end as it begins", AGAIN))?;
        xml.insert_str(end, &ids.added_xml(false, width));
        Ok(xml)
    }

    /// Its lists and our bullets, with the number of the bullets.
    pub fn numbering(&self, ids: &Ids) -> Checked<(String, u32)> {
        let Some(numbering) = &self.numbering else {
            let (lists, instances) = super::parts::lists(ids, None, (0, 1));
            return Ok((
                format!("{}<w:numbering xmlns:w=\"{MAIN}\">{lists}{instances}</w:numbering>", super::package::DECLARATION),
                1,
            ));
        };
        let found = list_numbers(numbering)?;
        let (lists, instances) = super::parts::lists(ids, None, (found.list, found.instance));
        let mut xml = numbering.clone();
        xml.insert_str(found.instances_end, &instances);
        xml.insert_str(found.lists_end, &lists);
        Ok((xml, found.instance))
    }
}

const AGAIN: &str = "open it in Word and save it again";

fn fault(what: &str, hint: &str) -> RenderError {
    RenderError::DocxTemplate { message: format!("{what}\n  hint: {hint}") }
}

/// The archive of the template.
struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Name in small letters, as names of parts are compared, to the place in the archive.
    names: BTreeMap<String, usize>,
    defaults: BTreeMap<String, String>,
    overrides: BTreeMap<String, String>,
    /// Bytes unpacked so far.
    unpacked: u64,
}

impl<'a> Package<'a> {
    fn open(bytes: &'a [u8]) -> Checked<Self> {
        let mut archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| fault(&format!("the archive is damaged: {error}"), "fetch or save it again"))?;
        if archive.len() > PARTS {
            return Err(fault(&format!("it has {} parts, at most {PARTS} are read", archive.len()), AGAIN));
        }
        let mut names = BTreeMap::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(|error| fault(&format!("the archive is damaged: {error}"), AGAIN))?;
            let name = String::from_utf8_lossy(entry.name_raw()).to_lowercase();
            if entry.encrypted() {
                return Err(fault("it is packed with a password", "remove the password"));
            }
            if name.ends_with("vbaproject.bin") {
                return Err(fault("it has macros", "save it without macros, as .docx or .dotx"));
            }
            if names.insert(name.clone(), index).is_some() {
                return Err(fault(&format!("the archive has '{name}' twice"), AGAIN));
            }
        }
        let mut package = Self { archive, names, defaults: BTreeMap::new(), overrides: BTreeMap::new(), unpacked: 0 };
        package.content_types()?;
        Ok(package)
    }

    fn bytes(&mut self, path: &str) -> Checked<Vec<u8>> {
        let index = self.names.get(&path.to_lowercase()).copied();
        let index = index.ok_or_else(|| fault(&format!("the part '{path}' is missing"), AGAIN))?;
        let damaged = |error: &dyn std::fmt::Display| fault(&format!("the part '{path}' cannot be unpacked: {error}"), AGAIN);
        let entry = self.archive.by_index(index).map_err(|error| damaged(&error))?;
        let left = UNPACKED - self.unpacked;
        let mut bytes = Vec::new();
        entry.take(left + 1).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
        let length = bytes.len() as u64;
        if length > left {
            return Err(fault(
                &format!("unpacked it is larger than {} MB", UNPACKED >> 20),
                "leave out large pictures, or check whether the file is what it claims to be",
            ));
        }
        self.unpacked += length;
        Ok(bytes)
    }

    /// A part of XML: well-formed, without a document type, in UTF-8.
    fn text(&mut self, path: &str) -> Checked<String> {
        let bytes = self.bytes(path)?;
        let text = String::from_utf8(bytes).map_err(|_| fault(&format!("the part '{path}' is not in UTF-8"), AGAIN))?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let mut reader = Reader::from_str(&text);
        let mut depth = 0_usize;
        let mut roots = 0;
        loop {
            let event = reader.read_event();
            match event {
                Ok(Event::Start(_)) => {
                    roots += usize::from(depth == 0);
                    depth += 1;
                }
                Ok(Event::Empty(_)) => roots += usize::from(depth == 0),
                Ok(Event::End(_)) => depth = depth.saturating_sub(1),
                Ok(Event::DocType(_)) => return Err(fault(&format!("the part '{path}' has a document type"), AGAIN)),
                Ok(Event::Eof) => break,
                Ok(
                    Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::GeneralRef(_),
                ) => {}
                Err(error) => return Err(fault(&format!("the part '{path}' is not well-formed XML: {error}"), AGAIN)),
            }
            if depth > DEPTH {
                return Err(fault(&format!("the part '{path}' is nested more than {DEPTH} deep"), AGAIN));
            }
        }
        if depth != 0 || roots != 1 {
            return Err(fault(&format!("the part '{path}' breaks off"), AGAIN));
        }
        Ok(text)
    }

    fn content_types(&mut self) -> Checked<()> {
        let text = self.text("[Content_Types].xml")?;
        each_element(&text, |element, _| {
            let kind = attribute(element, "ContentType").unwrap_or_default();
            match element.local_name().as_ref() {
                b"Default" => {
                    self.defaults.insert(attribute(element, "Extension").unwrap_or_default().to_lowercase(), kind);
                }
                b"Override" => {
                    let name = attribute(element, "PartName").unwrap_or_default().trim_start_matches('/').to_lowercase();
                    self.overrides.insert(name, kind);
                }
                _ => {}
            }
        })?;
        let macros = self
            .overrides
            .values()
            .chain(self.defaults.values())
            .any(|kind| kind.contains("macroEnabled") || kind.contains("vbaProject"));
        if macros {
            return Err(fault("it has macros", "save it without macros, as .docx or .dotx"));
        }
        Ok(())
    }

    fn content_type(&self, path: &str) -> String {
        let path = path.to_lowercase();
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        self.overrides.get(&path).or_else(|| self.defaults.get(ending)).cloned().unwrap_or_default()
    }

    /// What a part refers to; nothing when it refers to nothing.
    fn relations(&mut self, part: &str) -> Checked<Vec<Relation>> {
        let path = relations_path(part);
        if !self.names.contains_key(&path.to_lowercase()) {
            return Ok(Vec::new());
        }
        let text = self.text(&path)?;
        let mut list = Vec::new();
        each_element(&text, |element, _| {
            if element.local_name().as_ref() == b"Relationship" {
                list.push(Relation {
                    id: attribute(element, "Id").unwrap_or_default(),
                    kind: attribute(element, "Type").unwrap_or_default(),
                    target: attribute(element, "Target").unwrap_or_default(),
                    external: attribute(element, "TargetMode").as_deref() == Some("External"),
                });
            }
        })?;
        Ok(list)
    }

    /// Takes a part, and what it refers to: pictures, fonts and links.
    fn take(&mut self, path: &str, parts: &mut Vec<Part>, taken: &mut BTreeSet<String>) -> Checked<()> {
        if !taken.insert(path.to_lowercase()) {
            return Ok(());
        }
        let content_type = self.content_type(path);
        let bytes = if content_type.ends_with("xml") { self.text(path)?.into_bytes() } else { self.bytes(path)? };
        if content_type.is_empty() {
            return Err(fault(&format!("the part '{path}' is of no stated type"), AGAIN));
        }
        parts.push(Part { path: path.into(), content_type, bytes });
        self.take_relations(path, path, parts, taken)
    }

    /// The relations of a part, for the part at `now`, and all that they lead to.
    fn take_relations(&mut self, path: &str, now: &str, parts: &mut Vec<Part>, taken: &mut BTreeSet<String>) -> Checked<()> {
        let mut kept = Relations::default();
        for mut relation in self.relations(path)? {
            let kind = relation.kind.strip_prefix(OFFICE).unwrap_or_default();
            match (kind, relation.external) {
                ("/hyperlink", true) => {}
                ("/image" | "/font", false) => {
                    let target = resolved(path, &relation.target);
                    self.take(&target, parts, taken)?;
                    relation.target = format!("/{target}");
                }
                _ => {
                    let where_ = if relation.external { "outside of the file" } else { "that is no picture" };
                    return Err(fault(
                        &format!("its part '{path}' refers to something {where_}: '{}'", relation.target),
                        "embed pictures, and remove other objects from header and footer",
                    ));
                }
            }
            kept.keep(relation);
        }
        if !kept.is_empty() {
            parts.push(relations_part(now, &kept));
        }
        Ok(())
    }
}

/// Every element with its depth, the root's being 0. The text was found well-formed before.
fn each_element(text: &str, mut see: impl FnMut(&BytesStart<'_>, usize)) -> Checked<()> {
    let mut reader = Reader::from_str(text);
    let mut depth = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                see(&element, depth);
                depth += 1;
            }
            Ok(Event::Empty(element)) => see(&element, depth),
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) => return Ok(()),
            Ok(
                Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_),
            ) => {}
            Err(error) => return Err(fault(&format!("not well-formed XML: {error}"), AGAIN)),
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok().flatten()?;
    attribute.unescape_value().ok().map(std::borrow::Cow::into_owned)
}

/// The path of a part that another refers to: `../media/a.png` of `word/header1.xml` is `media/a.png`.
fn resolved(part: &str, target: &str) -> String {
    let mut folders: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        part.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect())
    };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                folders.pop();
            }
            step => folders.push(step),
        }
    }
    folders.join("/")
}

/// The styles of a template by kind and name.
fn known(styles: &str) -> Checked<Known> {
    let mut known = Known::default();
    let mut current: Option<(Kind, String)> = None;
    let mut names: Vec<((Kind, String), String)> = Vec::new();
    let mut numbered = BTreeSet::new();
    let mut sound = false;
    each_element(styles, |element, depth| match (element.name().as_ref(), depth) {
        (b"w:styles", 0) => sound = attribute(element, "xmlns:w").as_deref() == Some(MAIN),
        (b"w:style", 1) => {
            let id = attribute(element, "w:styleId").unwrap_or_default();
            known.ids.insert(id.clone());
            current = match attribute(element, "w:type").as_deref() {
                Some("character") => Some((Kind::Character, id)),
                Some("table") => Some((Kind::Table, id)),
                Some("paragraph") | None => Some((Kind::Paragraph, id)),
                Some(_) => None,
            };
        }
        (b"w:name" | b"w:aliases", 2) => {
            if let Some((kind, id)) = &current {
                let value = attribute(element, "w:val").unwrap_or_default();
                let separator = if element.name().as_ref() == b"w:name" { '\0' } else { ',' };
                names.extend(value.split(separator).map(|name| ((*kind, name.trim().to_lowercase()), id.clone())));
            }
        }
        (b"w:numPr", 3) => {
            if let Some((_, id)) = &current {
                numbered.insert(id.clone());
            }
        }
        _ => {}
    })?;
    if !sound {
        return Err(fault(
            "word/styles.xml is not in the transitional form of Open XML",
            "save it in Word as 'Word Document (*.docx)'",
        ));
    }
    for (key, id) in names {
        let numbered = numbered.contains(&id);
        known.by_name.entry(key).or_insert(Found { id, numbered });
    }
    Ok(known)
}

struct LastSection {
    page: Page,
    references: Vec<(String, String, String)>,
    title_page: bool,
}

/// The properties of the last section: those of the document.
fn last_section(document: &str) -> Checked<LastSection> {
    let mut last = LastSection { page: Page::A4, references: Vec::new(), title_page: false };
    let mut inside = false;
    let mut bad = None;
    each_element(document, |element, depth| {
        let name = element.name();
        if depth <= 2 {
            inside = depth == 2 && name.as_ref() == b"w:sectPr";
            if inside {
                last = LastSection { page: Page::A4, references: Vec::new(), title_page: false };
            }
            return;
        }
        if !inside || depth != 3 {
            return;
        }
        let mut number = |name: &str, place: &mut u32| {
            if let Some(text) = attribute(element, name) {
                // Word itself writes fractions now and then; a margin may be negative: then the text keeps its distance.
                match text.parse::<f64>() {
                    Ok(value) if value.abs() <= 31_680.0 => *place = super::rounded(value.abs()),
                    Ok(_) | Err(_) => bad = Some(format!("{name}=\"{text}\"")),
                }
            }
        };
        match name.as_ref() {
            b"w:pgSz" => {
                number("w:w", &mut last.page.width);
                number("w:h", &mut last.page.height);
            }
            b"w:pgMar" => {
                let page = &mut last.page;
                for (name, place) in [
                    ("w:top", &mut page.top),
                    ("w:bottom", &mut page.bottom),
                    ("w:left", &mut page.left),
                    ("w:right", &mut page.right),
                    ("w:header", &mut page.header),
                    ("w:footer", &mut page.footer),
                    ("w:gutter", &mut page.gutter),
                ] {
                    number(name, place);
                }
            }
            b"w:headerReference" | b"w:footerReference" => {
                let tag = if name.as_ref() == b"w:headerReference" { "header" } else { "footer" };
                let pages = match attribute(element, "w:type").as_deref() {
                    Some("first") => "first",
                    Some("even") => "even",
                    Some(_) | None => "default",
                };
                last.references.push((tag.into(), pages.into(), attribute(element, "r:id").unwrap_or_default()));
            }
            b"w:titlePg" => last.title_page = !matches!(attribute(element, "w:val").as_deref(), Some("0" | "false" | "off")),
            _ => {}
        }
    })?;
    if let Some(bad) = bad {
        return Err(fault(&format!("its page has {bad}, which is no length"), "set the page's size and margins in Word"));
    }
    let page = &mut last.page;
    if page.width > page.height {
        (page.width, page.height) = (page.height, page.width);
    }
    if page.text_width(false) < 4000 || page.text_width(true) < 4000 || page.height < page.top + page.bottom + 6000 {
        return Err(fault(
            &format!("its page of {} \u{d7} {} twentieths of a point leaves no room for text", page.width, page.height),
            "set the page's size and margins in Word: at least 7 cm of text",
        ));
    }
    Ok(last)
}

struct ListNumbers {
    /// Free numbers.
    list: u32,
    instance: u32,
    /// Byte places where ours go.
    lists_end: usize,
    instances_end: usize,
}

fn list_numbers(numbering: &str) -> Checked<ListNumbers> {
    let (mut list, mut instance) = (0, 0);
    let mut lists_end = None;
    let mut instances_end = None;
    let mut reader = Reader::from_str(numbering);
    let mut depth = 0_usize;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| fault(&format!("word/numbering.xml: {error}"), AGAIN))?;
        let element = match &event {
            Event::Start(element) | Event::Empty(element) => Some(element),
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    instances_end = instances_end.or(Some(at));
                }
                None
            }
            Event::Eof => break,
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => None,
        };
        if let Some(element) = element.filter(|_| depth == 1) {
            let number = |name: &str| attribute(element, name).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
            match element.name().as_ref() {
                b"w:abstractNum" => list = list.max(number("w:abstractNumId").saturating_add(1)),
                b"w:num" => {
                    instance = instance.max(number("w:numId"));
                    lists_end = lists_end.or(Some(at));
                }
                b"w:numIdMacAtCleanup" => instances_end = Some(at),
                _ => {}
            }
        }
        if matches!(event, Event::Start(_)) {
            depth += 1;
        }
    }
    let instances_end = instances_end.ok_or_else(|| fault("word/numbering.xml is empty", AGAIN))?;
    Ok(ListNumbers { list, instance: instance.saturating_add(1), lists_end: lists_end.unwrap_or(instances_end), instances_end })
}

/// The styles with the language of the report in the place of the template's.
fn in_language(styles: &str, language: &str) -> Checked<String> {
    let tag = format!("<w:lang w:val=\"{language}\" w:eastAsia=\"{language}\" w:bidi=\"ar-SA\"/>");
    let mut out = String::with_capacity(styles.len() + 200);
    let mut reader = Reader::from_str(styles);
    let mut from = 0;
    let (mut depth, mut in_default, mut done) = (0_usize, false, false);
    let has_run_defaults = styles.contains("<w:rPrDefault");
    loop {
        let event = reader.read_event().map_err(|error| fault(&format!("word/styles.xml: {error}"), AGAIN))?;
        let to = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(styles.len());
        let piece = &styles[from..to];
        from = to;
        let name = match &event {
            Event::Start(element) | Event::Empty(element) => element.name().as_ref().to_vec(),
            Event::End(element) => element.name().as_ref().to_vec(),
            Event::Eof => break,
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => Vec::new(),
        };
        let (start, empty) = (matches!(event, Event::Start(_)), matches!(event, Event::Empty(_)));
        match name.as_slice() {
            b"w:lang" => {}
            b"w:docDefaults" if empty => {
                out.push_str(&format!("<w:docDefaults><w:rPrDefault><w:rPr>{tag}</w:rPr></w:rPrDefault></w:docDefaults>"));
                done = true;
            }
            b"w:docDefaults" if start && !has_run_defaults => {
                out.push_str(piece);
                out.push_str(&format!("<w:rPrDefault><w:rPr>{tag}</w:rPr></w:rPrDefault>"));
                done = true;
            }
            b"w:rPrDefault" if empty => {
                out.push_str(&format!("<w:rPrDefault><w:rPr>{tag}</w:rPr></w:rPrDefault>"));
                done = true;
            }
            b"w:rPrDefault" if start => {
                out.push_str(piece);
                in_default = true;
            }
            b"w:rPrDefault" => {
                if !done {
                    out.push_str(&format!("<w:rPr>{tag}</w:rPr>"));
                }
                out.push_str(piece);
                (in_default, done) = (false, true);
            }
            b"w:rPr" if in_default && empty => {
                out.push_str(&format!("<w:rPr>{tag}</w:rPr>"));
                done = true;
            }
            b"w:rPr" if in_default && !start => {
                out.push_str(&tag);
                out.push_str(piece);
                done = true;
            }
            b"w:style" | b"w:latentStyles" if depth == 1 && !done && (start || empty) => {
                out.push_str(&format!("<w:docDefaults><w:rPrDefault><w:rPr>{tag}</w:rPr></w:rPrDefault></w:docDefaults>"));
                out.push_str(piece);
                done = true;
            }
            _ => out.push_str(piece),
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Empty(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_)
            | Event::Eof => {}
        }
    }
    Ok(out)
}
