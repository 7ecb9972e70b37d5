//! Reading the package of a template: an archive of a stranger, every part with a limit.
//!
//! A part of XML must be well-formed, in UTF-8 and without a document type; the whole may not unpack to more than
//! [`UNPACKED`]. Macros and passwords are refused here, so that what takes parts need not think of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::package::{OFFICE, Part, Relation, Relations, relations_part, relations_path};
use crate::RenderError;

const PARTS: usize = 2000;
const UNPACKED: u64 = 64 << 20;
const DEPTH: usize = 256;

pub(super) type Checked<T> = Result<T, RenderError>;

/// Hint for what Word would not have written so.
pub(super) const AGAIN: &str = "open it in Word and save it again";

pub(super) fn fault(what: &str, hint: &str) -> RenderError {
    RenderError::DocxTemplate { message: format!("{what}\n  hint: {hint}") }
}

/// The archive of the template.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Name in small letters, as names of parts are compared, to the place in the archive.
    names: BTreeMap<String, usize>,
    defaults: BTreeMap<String, String>,
    overrides: BTreeMap<String, String>,
    /// Bytes unpacked so far.
    unpacked: u64,
}

impl<'a> Package<'a> {
    pub fn open(bytes: &'a [u8]) -> Checked<Self> {
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
    pub fn text(&mut self, path: &str) -> Checked<String> {
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

    pub fn content_type(&self, path: &str) -> String {
        let path = path.to_lowercase();
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        self.overrides.get(&path).or_else(|| self.defaults.get(ending)).cloned().unwrap_or_default()
    }

    /// What a part refers to; nothing when it refers to nothing.
    pub fn relations(&mut self, part: &str) -> Checked<Vec<Relation>> {
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
    pub fn take(&mut self, path: &str, parts: &mut Vec<Part>, taken: &mut BTreeSet<String>) -> Checked<()> {
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
    pub fn take_relations(&mut self, path: &str, now: &str, parts: &mut Vec<Part>, taken: &mut BTreeSet<String>) -> Checked<()> {
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
pub(super) fn each_element(text: &str, mut see: impl FnMut(&BytesStart<'_>, usize)) -> Checked<()> {
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

pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok().flatten()?;
    attribute.unescape_value().ok().map(std::borrow::Cow::into_owned)
}

/// The path of a part that another refers to: `../media/a.png` of `word/header1.xml` is `media/a.png`.
pub(super) fn resolved(part: &str, target: &str) -> String {
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
