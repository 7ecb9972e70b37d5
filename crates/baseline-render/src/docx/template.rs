//! The template of a lead partner: its styles, theme, fonts, lists, headers and footers, and the size of its pages.
//!
//! Why so little of it: a document is made of our parts and takes over what is looks. Nothing that could run, fetch
//! or hide something comes along: no macros, no outside pictures, no objects. [`super::stranger`] reads the bytes.
//!
//! ECMA-376 part 1 (transitional). A template in the strict form is refused with a hint, since its names differ.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Page;
use super::package::{OFFICE, Part, WORD};
use super::stranger::{AGAIN, Checked, Package, attribute, each_element, fault, resolved};
use super::styles::{Found, Ids, Kind, Known, MAIN};

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

impl Template {
    /// Reads a `.docx` or `.dotx`.
    ///
    /// # Errors
    /// [`crate::RenderError::DocxTemplate`] for whatever is no plain Word document.
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
            each_element(&package.text(&path)?, |element, _| {
                template.even_pages_differ |= element.name().as_ref() == b"w:evenAndOddHeaders" && is_on(element);
            })?;
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

/// Whether a switch is on: it is, unless it says otherwise.
fn is_on(element: &BytesStart<'_>) -> bool {
    !matches!(attribute(element, "w:val").as_deref(), Some("0" | "false" | "off"))
}

/// The properties of the last section: those of the document.
fn last_section(document: &str) -> Checked<LastSection> {
    let mut last = LastSection { page: Page::A4, references: Vec::new(), title_page: false };
    let mut inside = false;
    let mut bad = None;
    // A section without a header or footer of its own has that of the section before.
    let mut running = std::collections::BTreeMap::new();
    each_element(document, |element, depth| {
        let name = element.name();
        if depth <= 2 {
            inside = depth == 2 && name.as_ref() == b"w:sectPr";
            return;
        }
        if let b"w:headerReference" | b"w:footerReference" = name.as_ref() {
            let tag = if name.as_ref() == b"w:headerReference" { "header" } else { "footer" };
            let pages = match attribute(element, "w:type").as_deref() {
                Some("first") => "first",
                Some("even") => "even",
                Some(_) | None => "default",
            };
            running.insert((tag, pages), attribute(element, "r:id").unwrap_or_default());
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
            b"w:titlePg" => last.title_page = is_on(element),
            _ => {}
        }
    })?;
    let reference = |((tag, pages), id): ((&str, &str), String)| (tag.to_owned(), pages.to_owned(), id);
    last.references = running.into_iter().map(reference).collect();
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
