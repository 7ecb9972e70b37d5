//! The Word document: sound as a package, whole as a document, a template's styles, bad templates, hostile labels.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

use baseline_model::Grade;
use baseline_render::document::{Block, Report, Span, Table, TableCell, TableRow, Text};
use baseline_render::{FORMATS, RenderError, Setting};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::{formats, sample};

type Parts = BTreeMap<String, Vec<u8>>;

/// An element of a part.
#[derive(Debug, Default)]
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
    text: String,
}

impl Node {
    fn all<'n>(&'n self, name: &str, found: &mut Vec<&'n Node>) {
        if self.name == name {
            found.push(self);
        }
        for child in &self.children {
            child.all(name, found);
        }
    }

    fn find(&self, name: &str) -> Vec<&Node> {
        let mut found = Vec::new();
        self.all(name, &mut found);
        found
    }

    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// What a reader sees of it.
    fn shown(&self) -> String {
        match self.name.as_str() {
            "w:t" => self.text.clone(),
            "w:tab" if self.children.is_empty() && self.attributes.is_empty() => "\t".into(),
            "w:footnoteReference" => format!("^{}", self.get("w:id")),
            "w:instrText" => format!("{{{}}}", self.text.trim()),
            _ => self.children.iter().map(Node::shown).collect(),
        }
    }

    fn style(&self) -> &str {
        self.child("w:pPr").and_then(|properties| properties.child("w:pStyle")).map_or("", |style| style.get("w:val"))
    }
}

fn opened(element: &BytesStart<'_>) -> Node {
    let attributes = element
        .attributes()
        .map(|attribute| {
            let attribute = attribute.expect("an attribute is well formed and stands once");
            let name = String::from_utf8(attribute.key.as_ref().to_vec()).expect("UTF-8");
            (name, attribute.unescape_value().expect("known entities only").into_owned())
        })
        .collect();
    Node { name: String::from_utf8(element.name().as_ref().to_vec()).expect("UTF-8"), attributes, ..Node::default() }
}

/// The root element; panics on what is no XML.
fn xml(bytes: &[u8]) -> Node {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let forbidden =
        |sign: char| matches!(sign, '\0'..='\u{8}' | '\u{b}'..='\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!text.contains(forbidden), "a sign that XML forbids");
    let mut reader = Reader::from_str(text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().expect("the part is well-formed") {
            Event::Start(element) => open.push(opened(&element)),
            Event::Empty(element) => open.last_mut().expect("a parent").children.push(opened(&element)),
            Event::End(_) => {
                let done = open.pop().expect("an element is open");
                open.last_mut().expect("a parent").children.push(done);
            }
            Event::Text(text) => open.last_mut().expect("a parent").text.push_str(&text.decode().expect("UTF-8")),
            Event::GeneralRef(entity) => {
                let name = String::from_utf8_lossy(&entity).into_owned();
                let sign = quick_xml::escape::resolve_predefined_entity(&name).map_or_else(
                    || entity.resolve_char_ref().expect("a number").expect("a known entity").to_string(),
                    str::to_owned,
                );
                open.last_mut().expect("a parent").text.push_str(&sign);
            }
            Event::Eof => break,
            Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::DocType(_) => panic!("a document type"),
        }
    }
    assert_eq!(open.len(), 1, "every element is closed");
    open.pop().and_then(|mut root| root.children.pop()).expect("a root")
}

fn render(report: &Report, template: Option<Vec<u8>>) -> Result<Vec<u8>, RenderError> {
    let language = sample::english();
    let templates: BTreeMap<String, Vec<u8>> = template.into_iter().map(|bytes| ("reference.docx".to_owned(), bytes)).collect();
    let setting = Setting { templates: &templates, ..Setting::plain(&language) };
    let format = FORMATS.iter().find(|format| format.id() == "docx").expect("the format is listed");
    format.render(report, &setting).map(|mut files| {
        assert_eq!((files.len(), files[0].path.as_str()), (1, "report.docx"));
        files.remove(0).bytes
    })
}

fn unpacked(bytes: &[u8]) -> Parts {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).expect("a part");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("the part can be unpacked");
            (file.name().expect("a name").into_owned(), bytes)
        })
        .collect()
}

fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in parts {
        writer.start_file(*path, zip::write::SimpleFileOptions::default()).expect("a part");
        writer.write_all(text.as_bytes()).expect("a part");
    }
    writer.finish().expect("an archive").into_inner()
}

/// The sample with figures that have long and wide data, tables of every shape, and what is referred to in several ways.
fn report() -> Report {
    let mut report = formats::whole();
    let mut figure = sample::gap_figure();
    figure.id = "long-data".into();
    figure.label = "Figure 4".into();
    let rows = figure.data.rows.clone();
    figure.data.rows.extend(rows);
    let letters = Table {
        id: "letters".into(),
        label: "Table 2".into(),
        caption: "Coverage".into(),
        columns: vec!["Indicator".into(), "Zachodniopomorskie".into()],
        rows: vec![TableRow {
            header: Text::plain("Population"),
            cells: vec![TableCell::Letter { letter: "C".into(), title: "value of the region".into(), grade: Some(Grade::C) }],
            highlight: false,
        }],
        ..Table::default()
    };
    let wide = Table {
        id: "wide".into(),
        label: "Table 3".into(),
        caption: "Wide".into(),
        columns: (0..12).map(|index| format!("Zachodniopomorskie {index}")).collect(),
        rows: vec![TableRow { header: Text::plain("W".repeat(300)), ..TableRow::default() }],
        ..Table::default()
    };
    let reference = |text: &str, anchor: &str| Span::Reference { text: text.into(), anchor: anchor.into() };
    report.sections[2].blocks.extend([
        Block::Figure(Box::new(figure)),
        Block::Table(letters),
        Block::Heading("Wide things".into()),
        Block::Paragraph(Text(vec![
            reference("Table 3", "wide"),
            reference("the key messages", "key-messages"),
            reference("Key messages", "key-messages"),
            reference("nowhere", "not-there"),
        ])),
        Block::Table(wide),
        Block::Table(Table { id: "none".into(), ..Table::default() }),
    ]);
    report
}

/// Drawn once: pictures take most of the time.
fn parts() -> Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| unpacked(&render(&report(), None).expect("the sample can be rendered"))).clone()
}

fn document(parts: &Parts) -> Node {
    xml(&parts["word/document.xml"])
}

/// What holds of every package, whatever is in it.
fn check_package(parts: &Parts) {
    let types = xml(&parts["[Content_Types].xml"]);
    let defaults: BTreeSet<&str> = types.find("Default").iter().map(|node| node.get("Extension")).collect();
    for node in types.find("Override") {
        assert!(parts.contains_key(node.get("PartName").trim_start_matches('/')), "{node:?} is not there");
    }
    let mut reached = BTreeSet::from(["[Content_Types].xml".to_owned()]);
    for (path, bytes) in parts {
        let ending = path.rsplit('.').next().unwrap_or_default();
        let typed = types.find("Override").iter().any(|node| node.get("PartName") == format!("/{path}"));
        assert!(path == "[Content_Types].xml" || typed || (defaults.contains(ending) && ending != "xml"), "{path} has no type");
        if ["xml", "rels", "svg"].contains(&ending) {
            xml(bytes);
        }
        let Some((folder, source)) = path.strip_suffix(".rels").and_then(|path| path.rsplit_once("_rels/")) else { continue };
        reached.insert(path.clone());
        let mut ids = BTreeSet::new();
        for relation in xml(bytes).find("Relationship") {
            assert!(ids.insert(relation.get("Id").to_owned()), "{path}: {relation:?} twice");
            let target = relation.get("Target");
            if relation.get("TargetMode") == "External" {
                assert!(["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme)), "{target}");
                continue;
            }
            let target = target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned);
            assert!(parts.contains_key(&target), "{path}: {target} is not there");
            reached.insert(target);
        }
        if !source.is_empty() {
            let text = String::from_utf8_lossy(&parts[&format!("{folder}{source}")]).into_owned();
            for used in text.split(" r:embed=\"").chain(text.split(" r:id=\"")).filter_map(|rest| rest.split('"').next()) {
                assert!(!used.starts_with("rId") || ids.contains(used), "{source}: {used} leads nowhere");
            }
        }
    }
    for path in parts.keys() {
        assert!(reached.contains(path), "nothing leads to {path}");
    }
}

/// What holds of every document.
fn check_document(parts: &Parts) {
    let body = document(parts);
    let unique = |name: &str, attribute: &str| {
        let mut seen = BTreeSet::new();
        for node in body.find(name) {
            assert!(seen.insert(node.get(attribute).to_owned()), "{name} {attribute} {} twice", node.get(attribute));
        }
        seen
    };
    unique("wp:docPr", "id");
    unique("w:bookmarkStart", "w:id");
    let bookmarks = unique("w:bookmarkStart", "w:name");
    assert_eq!(unique("w:bookmarkStart", "w:id"), unique("w:bookmarkEnd", "w:id"));
    assert!(bookmarks.iter().all(|name| name.len() <= 40 && name.starts_with('_')));
    for node in body.find("wp:docPr") {
        assert!(!node.get("descr").is_empty() && !node.get("name").is_empty(), "{node:?}");
    }
    let comments = xml(&parts["word/comments.xml"]);
    let ids: BTreeSet<String> = comments.find("w:comment").iter().map(|node| node.get("w:id").to_owned()).collect();
    assert_eq!(ids.len(), comments.find("w:comment").len());
    for kind in ["w:commentRangeStart", "w:commentRangeEnd", "w:commentReference"] {
        assert_eq!(unique(kind, "w:id"), ids, "{kind}");
    }
    let footnotes = xml(&parts["word/footnotes.xml"]);
    let ids: BTreeSet<String> = footnotes
        .find("w:footnote")
        .iter()
        .filter(|node| node.get("w:type").is_empty())
        .map(|node| node.get("w:id").to_owned())
        .collect();
    assert_eq!(unique("w:footnoteReference", "w:id"), ids);
    for instruction in body.find("w:instrText").iter().map(|node| node.text.trim().to_owned()) {
        let mut words = instruction.split(' ');
        let (kind, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        assert!(["TOC", "SEQ", "REF", "PAGEREF"].contains(&kind), "{instruction}");
        assert!(!kind.ends_with("REF") || bookmarks.contains(name), "{instruction}");
    }
    for link in body.find("w:hyperlink") {
        assert!(!link.get("r:id").is_empty() || bookmarks.contains(link.get("w:anchor")), "{link:?}");
    }
    let field = |kind: &str| body.find("w:fldChar").iter().filter(|node| node.get("w:fldCharType") == kind).count();
    assert!(field("begin") == field("end") && field("begin") == field("separate"));
    for table in body.find("w:tbl") {
        let rows = table.find("w:tr");
        let header = rows[0].find("w:tblHeader").len();
        assert_eq!((header, table.find("w:tblHeader").len()), (1, 1));
        assert_eq!(table.find("w:tblLook")[0].get("w:firstColumn"), "1");
        let columns = table.find("w:gridCol").len();
        for row in rows {
            assert_eq!(row.find("w:tc").len(), columns);
            // Word refuses a cell that does not end in a paragraph.
            assert!(row.find("w:tc").iter().all(|cell| cell.children.last().is_some_and(|last| last.name == "w:p")));
        }
    }
    let styles = xml(&parts["word/styles.xml"]);
    let known: BTreeSet<&str> = styles.find("w:style").iter().map(|node| node.get("w:styleId")).collect();
    assert_eq!(known.len(), styles.find("w:style").len(), "a style id is used twice");
    for (name, node) in
        ["w:pStyle", "w:rStyle", "w:tblStyle"].iter().flat_map(|name| body.find(name).into_iter().map(move |node| (name, node)))
    {
        assert!(known.contains(node.get("w:val")), "{name} {} is no style", node.get("w:val"));
    }
    for node in ["w:basedOn", "w:next"].iter().flat_map(|name| styles.find(name)) {
        assert!(known.contains(node.get("w:val")), "{node:?} is no style");
    }
    let numbering = xml(&parts["word/numbering.xml"]);
    let lists: BTreeSet<&str> = numbering.find("w:num").iter().map(|node| node.get("w:numId")).collect();
    for node in body.find("w:numId") {
        assert!(lists.contains(node.get("w:val")), "{node:?} is no list");
    }
}

#[test]
fn the_package_and_the_document_are_sound() {
    let parts = parts();
    check_package(&parts);
    check_document(&parts);
    // Pictures are most of it, and are not packed twice.
    let size: usize =
        parts.iter().filter(|(path, _)| path.contains("/media/") && !path.contains(".svg")).map(|(_, bytes)| bytes.len()).sum();
    assert!(size < 1_500_000, "{size}");
}

#[test]
fn rendered_twice_and_in_one_thread_is_the_same() {
    let one = render(&report(), None).expect("the sample can be rendered");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let two = pool.install(|| render(&report(), None)).expect("the sample can be rendered");
    assert!(one == two);
}

#[test]
fn language_title_and_date_are_those_of_the_report() {
    let parts = parts();
    let core = xml(&parts["docProps/core.xml"]);
    for (name, expected) in [
        ("dc:title", "Zachodniopomorskie: migration and work"),
        ("dc:language", "en-GB"),
        ("dcterms:created", "2026-06-30T00:00:00Z"),
    ] {
        assert_eq!(core.find(name)[0].text, expected);
    }
    assert_eq!(xml(&parts["word/styles.xml"]).find("w:lang")[0].get("w:val"), "en-GB");
    assert!(xml(&parts["word/comments.xml"]).find("w:comment").iter().all(|node| node.get("w:date") == "2026-06-30T00:00:00Z"));
    // Nothing asks to be updated but the tables of contents, which have no pages yet.
    let body = document(&parts);
    assert_eq!(body.find("w:fldChar").iter().filter(|node| node.get("w:dirty") == "true").count(), 3);
    assert!(!String::from_utf8_lossy(&parts["word/settings.xml"]).contains("updateFields"));
}

#[test]
fn headings_do_not_skip_and_stand_in_the_contents() {
    let body = document(&parts());
    let mut level = 0;
    let mut headings = Vec::new();
    for paragraph in body.find("w:p") {
        if let Some(next) = paragraph.style().strip_prefix("Heading").and_then(|next| next.parse::<usize>().ok()) {
            assert!(next <= level + 1, "a level is skipped");
            level = next;
            headings.push(paragraph.shown());
        }
    }
    let contents: Vec<String> = body
        .find("w:p")
        .iter()
        .filter(|paragraph| ["TOC1", "TOC2"].contains(&paragraph.style()))
        .map(|paragraph| paragraph.shown())
        .collect();
    assert_eq!(contents.len(), headings.len());
    for (entry, heading) in contents.iter().zip(&headings) {
        assert!(entry.contains(heading.as_str()), "{entry}: {heading}");
    }
}

#[test]
fn every_mark_is_explained_once() {
    let parts = parts();
    let notes: Vec<String> = xml(&parts["word/footnotes.xml"]).find("w:footnote").iter().map(|node| node.shown()).collect();
    let text = notes.join("|");
    for expected in ["Grade D: value of its country", "Grade C: value of its NUTS 2 region", "Status u: low reliability"] {
        assert_eq!(text.matches(expected).count(), 1, "{expected} in {text}");
    }
}

#[test]
fn comments_lead_to_the_source() {
    let parts = parts();
    let comments = xml(&parts["word/comments.xml"]);
    let text: Vec<String> = comments.find("w:comment")[0].find("w:p").iter().map(|line| line.shown()).collect();
    assert_eq!(text[0], "Identifier of this figure: over-qualification-gap");
    assert!(text[1].contains("baseline why over_qualification."), "{text:?}");
    assert!(text.iter().any(|line| line == "cell #62 of the answer, sha256 3f1c…"), "{text:?}");
    assert!(comments.find("w:comment").iter().all(|comment| comment.get("w:author") == "baseline"));
}

/// A paragraph a line: its style and its text, fields in braces; tables with their size.
fn outline(parts: &Parts) -> String {
    let body = document(parts);
    let mut out = String::new();
    let mut lines = |node: &Node| {
        for child in &node.children {
            match child.name.as_str() {
                "w:p" => {
                    out.push_str(&format!("{}: {}", child.style(), child.shown()));
                    for drawing in child.find("wp:docPr") {
                        out.push_str(&format!("[{} {}]", drawing.get("name"), drawing.get("descr")));
                    }
                    let section = child.find("w:pgSz");
                    out.push_str(if section.is_empty() { "\n" } else { " ---\n" });
                }
                "w:tbl" => {
                    let rows = child.find("w:tr");
                    out.push_str(&format!("table of {} by {}\n", rows.len(), child.find("w:gridCol").len()));
                    for row in rows {
                        let cells: Vec<String> = row.find("w:tc").iter().map(|cell| cell.shown()).collect();
                        out.push_str(&format!("  {}\n", cells.join(" | ")));
                    }
                }
                _ => {}
            }
        }
    };
    for node in &body.children[0].children {
        if node.name == "w:sdt" {
            lines(node.child("w:sdtContent").expect("it has a content"));
        }
    }
    lines(&body.children[0]);
    out
}

#[test]
fn golden() {
    let actual = outline(&parts());
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/golden/docx/sample/expected.txt"].iter().collect();
    if std::env::var_os("BASELINE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a case has a folder")).expect("the folder can be made");
        std::fs::write(&path, &actual).expect("the expectation can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs; look at it, then run with BASELINE_BLESS=1", path.display());
}

#[test]
fn hostile_labels_stay_text() {
    for label in formats::HOSTILE.into_iter().chain(["{ HYPERLINK \"x\" }", "W\u{ad}W\u{301}\u{feff}"]) {
        let mut report = formats::hostile(label);
        report.date = label.into();
        report.programme.funding = label.into();
        let parts = unpacked(&render(&report, None).expect("the report can be rendered"));
        check_package(&parts);
        check_document(&parts);
        assert!(!String::from_utf8_lossy(&parts["word/_rels/document.xml.rels"]).contains("javascript"), "{label}");
        if label.starts_with(['{', '=', '<', ']']) {
            assert!(document(&parts).shown().contains(label), "{label}");
        }
    }
}

const STYLES: &str = "<?xml version=\"1.0\"?><w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
    <w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Arial\"/><w:lang w:val=\"de-DE\"/></w:rPr></w:rPrDefault></w:docDefaults>\
    <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Standard\"><w:name w:val=\"Normal\"/><w:rPr><w:lang w:val=\"de-DE\"/></w:rPr></w:style>\
    <w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>\
    <w:style w:type=\"paragraph\" w:styleId=\"Heading2\"><w:name w:val=\"Something else\"/></w:style>\
    <w:style w:type=\"paragraph\" w:styleId=\"Quelle\"><w:name w:val=\"Quelle\"/><w:aliases w:val=\"x, SOURCE\"/></w:style>\
    <w:style w:type=\"paragraph\" w:styleId=\"Aufz\"><w:name w:val=\"List Bullet\"/></w:style></w:styles>";
const NUMBERING: &str = "<w:numbering xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
    <w:abstractNum w:abstractNumId=\"7\"/><w:num w:numId=\"3\"><w:abstractNumId w:val=\"7\"/></w:num></w:numbering>";
const HEADER: &str = "<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:p/></w:hdr>";
const BODY: &str = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body><w:p/><w:sectPr>\
    <w:headerReference w:type=\"default\" r:id=\"rId9\"/><w:pgSz w:w=\"12240\" w:h=\"15840\"/>\
    <w:pgMar w:top=\"1440\" w:right=\"1440\" w:bottom=\"1440\" w:left=\"1440\" w:header=\"720\" w:footer=\"720\" w:gutter=\"0\"/>\
    </w:sectPr></w:body></w:document>";
const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/>\
    <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml\"/>\
    <Override PartName=\"/word/header1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/>\
    </Types>";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A template of ours, with some of its parts replaced, left out (empty) or added.
fn template(changes: &[(&str, &str)]) -> Vec<u8> {
    let relation =
        |id: &str, kind: &str, target: &str| format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>");
    let wrap = |inside: String| {
        format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inside}</Relationships>")
    };
    let first = wrap(relation("rId1", "officeDocument", "word/document.xml"));
    let main = wrap(
        relation("rId1", "styles", "styles.xml")
            + &relation("rId2", "numbering", "numbering.xml")
            + &relation("rId9", "header", "header1.xml"),
    );
    let header = wrap(relation("rId1", "image", "media/logo.png"));
    let own = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", &first),
        ("word/document.xml", BODY),
        ("word/_rels/document.xml.rels", &main),
        ("word/styles.xml", STYLES),
        ("word/numbering.xml", NUMBERING),
        ("word/header1.xml", HEADER),
        ("word/_rels/header1.xml.rels", &header),
        ("word/media/logo.png", "not really a picture"),
    ];
    let mut parts: Vec<(&str, &str)> = own
        .iter()
        .map(|(path, text)| (*path, changes.iter().find(|(changed, _)| changed == path).map_or(*text, |(_, text)| *text)))
        .collect();
    parts.extend(changes.iter().filter(|(path, _)| own.iter().all(|(known, _)| known != path)));
    parts.retain(|(_, text)| !text.is_empty());
    packed(&parts)
}

#[test]
fn a_template_gives_its_looks() {
    let bytes = render(&report(), Some(template(&[]))).expect("the template can be used");
    let parts = unpacked(&bytes);
    check_package(&parts);
    check_document(&parts);
    let body = document(&parts);
    let styles: BTreeSet<&str> = body.find("w:pStyle").iter().map(|node| node.get("w:val")).collect();
    for expected in ["berschrift1", "Heading2Baseline", "Quelle", "Aufz", "Standard", "TableText"] {
        assert!(styles.contains(expected), "{expected} of {styles:?}");
    }
    let size = body.find("w:pgSz");
    assert_eq!((size[0].get("w:w"), size[0].get("w:h")), ("12240", "15840"));
    assert!(size.iter().any(|size| size.get("w:orient") == "landscape" && size.get("w:w") == "15840"));
    assert!(parts.contains_key("word/media/logo.png") && parts.contains_key("word/header1.xml"));
    let languages = xml(&parts["word/styles.xml"]);
    assert!(languages.find("w:lang").len() == 1 && languages.find("w:lang")[0].get("w:val") == "en-GB");
    // Its list of bullets has none, so ours stands beside its own.
    let numbering = xml(&parts["word/numbering.xml"]);
    let order: Vec<&str> = numbering.children.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(order, ["w:abstractNum", "w:abstractNum", "w:num", "w:num"]);
    assert!(body.find("w:numId").iter().all(|node| node.get("w:val") == "4"));
    // What we make can be a template itself.
    let again = render(&report(), Some(bytes)).expect("our own document is a template");
    check_package(&unpacked(&again));
    check_document(&unpacked(&again));
}

fn check_refused(template: Vec<u8>, expected: &str) {
    match render(&sample::report(), Some(template)) {
        Err(error @ RenderError::DocxTemplate { .. }) => {
            let message = error.to_string();
            assert!(message.contains(expected) && message.contains("hint:"), "{expected}: {message}");
        }
        Err(error) => panic!("{expected}: {error}"),
        Ok(_) => panic!("{expected}: it was taken"),
    }
}

#[test]
fn bad_templates_are_refused() {
    check_refused(Vec::new(), "another kind of file");
    check_refused(b"%PDF-1.7".to_vec(), "another kind of file");
    check_refused(b"PK\x03\x04 and then nothing".to_vec(), "damaged");
    check_refused([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1].to_vec(), "encrypted");
    check_refused(packed(&[("a.txt", "x")]), "[Content_Types].xml");
    check_refused(template(&[("word/vbaProject.bin", "x")]), "macros");
    check_refused(
        template(&[(
            "[Content_Types].xml",
            &TYPES.replace("wordprocessingml.template", "ms-word.template.macroEnabledTemplate"),
        )]),
        "macros",
    );
    check_refused(
        template(&[("[Content_Types].xml", &TYPES.replace("wordprocessingml.template", "spreadsheetml.sheet"))]),
        "no Word document",
    );
    check_refused(template(&[("word/styles.xml", "")]), "word/styles.xml");
    check_refused(template(&[("word/styles.xml", "<w:styles")]), "not well-formed");
    check_refused(template(&[("word/styles.xml", "<w:styles>")]), "breaks off");
    check_refused(template(&[("word/styles.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><w:styles/>")]), "document type");
    check_refused(
        template(&[("word/styles.xml", "<w:styles xmlns:w=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"></w:styles>")]),
        "transitional",
    );
    check_refused(template(&[("word/styles.xml", &"<a>".repeat(300))]), "nested");
    check_refused(template(&[("_rels/.rels", "<Relationships/>")]), "no main document");
    check_refused(template(&[("word/_rels/document.xml.rels", "<Relationships/>")]), "no styles");
    check_refused(template(&[("word/header1.xml", "")]), "word/header1.xml");
    check_refused(template(&[("word/media/logo.png", "")]), "word/media/logo.png");
    check_refused(template(&[("word/document.xml", &BODY.replace("12240", "soon"))]), "no length");
    check_refused(template(&[("word/document.xml", &BODY.replace("12240", "1300"))]), "no room");
    check_refused(template(&[("WORD/styles.xml", STYLES)]), "twice");
    let outside = "<Relationships><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" \
        Target=\"http://example.org/p.png\" TargetMode=\"External\"/></Relationships>";
    check_refused(template(&[("word/_rels/header1.xml.rels", outside)]), "outside of the file");
    check_refused(
        template(&[("word/_rels/header1.xml.rels", &outside.replace("/image", "/oleObject").replace("External", "Internal"))]),
        "no picture",
    );
    // Seventy megabytes in a few kilobytes.
    check_refused(template(&[("word/media/logo.png", &" ".repeat(70 << 20))]), "larger than 64 MB");
    let many: Vec<String> = (0..2100).map(|number| format!("x/{number}")).collect();
    check_refused(packed(&many.iter().map(|path| (path.as_str(), "x")).collect::<Vec<_>>()), "2100 parts");
}

#[test]
fn cut_templates_do_no_harm() {
    let whole = template(&[]);
    for end in (0..whole.len()).step_by(37) {
        assert!(matches!(render_nothing(whole[..end].to_vec()), Err(RenderError::DocxTemplate { .. })), "{end}");
    }
    for at in (0..whole.len()).step_by(11) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        // Whatever it says, it says it.
        let _ = render_nothing(bytes);
    }
}

/// A report without figures, which takes no time.
fn render_nothing(template: Vec<u8>) -> Result<Vec<u8>, RenderError> {
    let report = Report { sections: Vec::new(), ..sample::report() };
    render(&report, Some(template))
}

#[test]
fn a_report_of_nothing_is_a_document() {
    let report = Report { sections: Vec::new(), front: Vec::new(), date: String::new(), ..sample::report() };
    let parts = unpacked(&render(&report, None).expect("it can be rendered"));
    check_package(&parts);
    check_document(&parts);
}
