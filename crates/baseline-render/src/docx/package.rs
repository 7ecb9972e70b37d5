//! The package of a Word document: parts, their types, the relations between them, and the archive around them
//! (Open Packaging Conventions, ECMA-376 part 2).
//!
//! Why here: whatever stands in the document, these lists must agree with one another, or Word refuses the file.
//! Times, order and compression are fixed, so the same parts give the same bytes. Knows nothing of what is inside.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::text::escape;

const RELATIONS: &str = "application/vnd.openxmlformats-package.relationships+xml";
/// Before the type of a relation between parts of a document.
pub(super) const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Before a content type of a part of a Word document.
pub(super) const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A part: where it lies in the archive, what it is, and its bytes.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Without a leading `/`: `word/document.xml`.
    pub path: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// What one part refers to. Ids are `rId1` and so on, in the order asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Relations {
    list: Vec<Relation>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    pub id: String,
    /// The whole address of the type.
    pub kind: String,
    /// Relative to the folder of the part that refers to it, or an address on the network.
    pub target: String,
    pub external: bool,
}

impl Relations {
    /// The relation's id; the same target twice is one relation.
    pub fn add(&mut self, kind: &str, target: &str, external: bool) -> String {
        let known = self.list.iter().find(|one| one.kind == kind && one.target == target && one.external == external);
        if let Some(known) = known {
            return known.id.clone();
        }
        let id = format!("rId{}", self.list.len() + 1);
        self.list.push(Relation { id: id.clone(), kind: kind.into(), target: target.into(), external });
        id
    }

    /// With an id that is given already: those of a template's header.
    pub fn keep(&mut self, relation: Relation) {
        self.list.push(relation);
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn xml(&self) -> String {
        let mut xml =
            format!("{DECLARATION}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
        for Relation { id, kind, target, external } in &self.list {
            let mode = if *external { " TargetMode=\"External\"" } else { "" };
            xml.push_str(&format!(
                "<Relationship Id=\"{}\" Type=\"{}\" Target=\"{}\"{mode}/>",
                escape(id),
                escape(kind),
                escape(target)
            ));
        }
        xml + "</Relationships>"
    }
}

/// Where the relations of a part lie: `word/_rels/document.xml.rels`.
pub(super) fn relations_path(part: &str) -> String {
    let (folder, name) = part.rsplit_once('/').map_or(("", part), |(folder, name)| (folder, name));
    if folder.is_empty() { format!("_rels/{name}.rels") } else { format!("{folder}/_rels/{name}.rels") }
}

/// A part made of the relations of another.
pub(super) fn relations_part(of: &str, relations: &Relations) -> Part {
    Part { path: relations_path(of), content_type: RELATIONS.into(), bytes: relations.xml().into_bytes() }
}

/// The archive: the list of types first, as readers expect, then the parts in the order given.
///
/// # Errors
/// What the archive's writer says; it writes into memory, so that is a part above four gigabytes or two of one name.
pub(super) fn archive(parts: &[Part]) -> Result<Vec<u8>, String> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let types = Part { path: "[Content_Types].xml".into(), content_type: String::new(), bytes: types(parts).into_bytes() };
    for part in std::iter::once(&types).chain(parts) {
        // A picture is compressed already.
        let method = if part.path.contains("/media/") && !part.path.contains(".svg") {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .system(System::Dos)
            .unix_permissions(0o644);
        writer.start_file(&part.path, options).map_err(|error| format!("{}: {error}", part.path))?;
        writer.write_all(&part.bytes).map_err(|error| format!("{}: {error}", part.path))?;
    }
    writer.finish().map(Cursor::into_inner).map_err(|error| error.to_string())
}

/// One default a file ending, and an exception for each part that is something else.
fn types(parts: &[Part]) -> String {
    let mut defaults = BTreeMap::from([("rels", RELATIONS), ("xml", "application/xml")]);
    let ending = |part: &Part| part.path.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    let pictures: Vec<(String, &str)> = parts
        .iter()
        .filter(|part| part.content_type.starts_with("image/"))
        .map(|part| (ending(part), part.content_type.as_str()))
        .collect();
    for (ending, kind) in &pictures {
        defaults.entry(ending).or_insert(kind);
    }
    let mut xml = format!("{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">");
    for (ending, kind) in &defaults {
        xml.push_str(&format!("<Default Extension=\"{}\" ContentType=\"{}\"/>", escape(ending), escape(kind)));
    }
    for part in parts {
        if defaults.get(ending(part).as_str()) != Some(&part.content_type.as_str()) {
            xml.push_str(&format!(
                "<Override PartName=\"/{}\" ContentType=\"{}\"/>",
                escape(&part.path),
                escape(&part.content_type)
            ));
        }
    }
    xml + "</Types>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_lie_beside_their_part() {
        for (part, expected) in
            [("", "_rels/.rels"), ("word/document.xml", "word/_rels/document.xml.rels"), ("a.xml", "_rels/a.xml.rels")]
        {
            assert_eq!(relations_path(part), expected);
        }
    }

    #[test]
    fn one_relation_a_target() {
        let mut relations = Relations::default();
        let first = relations.add("k", "a", false);
        assert_eq!(relations.add("k", "a", false), first);
        assert_ne!(relations.add("k", "a", true), first);
        assert!(relations.xml().contains("Id=\"rId2\" Type=\"k\" Target=\"a\" TargetMode=\"External\""));
    }
}
