//! XML as the readers need it: elements opened and closed, texts, and the place of the last element.
//!
//! Refuses document types (own entities are how a small file becomes a large one), bounds the depth, and tells a file
//! that breaks off from one that ends.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// Elements within elements; structure messages have 14.
const DEPTH: usize = 64;

pub(super) enum Node<'t> {
    /// Also for an element without content, which is closed at once.
    Open(BytesStart<'t>),
    Close,
    /// A piece of text: around entities it comes in pieces.
    Text(Cow<'t, str>),
    End,
}

/// Why the rest of a file cannot be trusted.
#[derive(Debug)]
pub(super) struct Damage {
    pub offset: usize,
    pub message: String,
    pub hint: &'static str,
}

const CUT: &str = "the file is cut or damaged: download it again";

pub(super) struct Cursor<'t> {
    reader: Reader<&'t [u8]>,
    text: &'t [u8],
    depth: usize,
    began: bool,
    /// Byte up to which lines were counted, with the line and column there, from 1.
    counted: (usize, u32, u32),
    /// Byte at which the last node begins.
    at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, text: text.as_bytes(), depth: 0, began: false, counted: (0, 1, 1), at: 0 }
    }

    pub fn next(&mut self) -> Result<Node<'t>, Damage> {
        loop {
            self.at = offset(self.reader.buffer_position());
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let offset = offset(self.reader.error_position());
                    return Err(Damage { offset, message: format!("not well-formed XML: {error}"), hint: CUT });
                }
            };
            return Ok(match event {
                Event::Start(start) | Event::Empty(start) => {
                    self.depth += 1;
                    self.began = true;
                    if self.depth > DEPTH {
                        return Err(self.damage(&format!("elements are nested more than {DEPTH} deep"), CUT));
                    }
                    Node::Open(start)
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Node::Close
                }
                Event::Text(text) => {
                    let decoded =
                        text.decode().map_err(|error| self.damage(&format!("text that cannot be read: {error}"), CUT))?;
                    Node::Text(decoded)
                }
                Event::CData(text) => match text.into_inner() {
                    Cow::Borrowed(bytes) => Node::Text(String::from_utf8_lossy(bytes)),
                    Cow::Owned(bytes) => Node::Text(String::from_utf8_lossy(&bytes).into_owned().into()),
                },
                Event::GeneralRef(reference) => {
                    let name = String::from_utf8_lossy(&reference).into_owned();
                    let known = match reference.resolve_char_ref() {
                        Ok(Some(sign)) => Some(sign.to_string()),
                        Ok(None) => resolve_predefined_entity(&name).map(str::to_owned),
                        Err(_) => None,
                    };
                    match known {
                        Some(text) => Node::Text(text.into()),
                        None => return Err(self.damage(&format!("the entity `&{name};` is not one of XML's own"), CUT)),
                    }
                }
                Event::DocType(_) => {
                    return Err(self.damage(
                        "it declares a document type, which statistical offices do not send",
                        "look where the file comes from; a document type can make a small file a huge one",
                    ));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::Eof if self.depth == 0 && self.began => Node::End,
                Event::Eof => return Err(self.damage("the XML breaks off", CUT)),
            });
        }
    }

    /// Line and column of the last element, both from 1; columns count letters.
    pub fn place(&mut self) -> (u32, u32) {
        let (from, mut line, mut column) = self.counted;
        // Text between elements belongs to the event before, so an element begins where it is read.
        let to = self.at.clamp(from, self.text.len());
        let passed = &self.text[from..to];
        let lines = memchr::memchr_iter(b'\n', passed).count();
        let tail = memchr::memrchr(b'\n', passed).map_or(passed, |last| &passed[last + 1..]);
        let letters = tail.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        if lines > 0 {
            line = line.saturating_add(small(lines));
            column = 1;
        }
        column = column.saturating_add(small(letters));
        self.counted = (to, line, column);
        (line, column)
    }

    pub fn damage(&self, message: &str, hint: &'static str) -> Damage {
        Damage { offset: self.at, message: message.to_owned(), hint }
    }

    /// Calls `each` for every attribute without prefix: name and value. Name spaces and `xsi:type` have one.
    pub fn attributes(&self, start: &BytesStart<'_>, mut each: impl FnMut(&str, &str)) -> Result<(), Damage> {
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.damage(&format!("not well-formed XML: {error}"), CUT))?;
            let name = attribute.key.as_ref();
            if name.contains(&b':') || name == b"xmlns" {
                continue;
            }
            let value = attribute
                .unescape_value()
                .map_err(|error| self.damage(&format!("an attribute that cannot be read: {error}"), CUT))?;
            let name = std::str::from_utf8(name).map_err(|_| self.damage("a name that is not UTF-8", CUT))?;
            each(name, &value);
        }
        Ok(())
    }

    /// One attribute by local name, whatever its prefix (`ss:structureRef`); empty when it is not there.
    pub fn local_attribute(&self, start: &BytesStart<'_>, wanted: &str) -> Result<String, Damage> {
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.damage(&format!("not well-formed XML: {error}"), CUT))?;
            if attribute.key.local_name().as_ref() == wanted.as_bytes() {
                let value = attribute.unescape_value();
                return value.map(Cow::into_owned).map_err(|error| self.damage(&error.to_string(), CUT));
            }
        }
        Ok(String::new())
    }

    /// One attribute by name; empty when it is not there.
    pub fn attribute(&self, start: &BytesStart<'_>, wanted: &str) -> Result<String, Damage> {
        let mut found = String::new();
        self.attributes(start, |name, value| {
            if name == wanted {
                value.clone_into(&mut found);
            }
        })?;
        Ok(found)
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
