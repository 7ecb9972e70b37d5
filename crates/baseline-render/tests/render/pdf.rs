//! The PDF from the outside: what its standards ask for, its structure, attachments, hostile labels, languages, faults.
//! Set `BASELINE_LOOK=<folder>` to have the specimens written there for looking at.

use std::collections::BTreeMap;
use std::io::Read;

use baseline_model::Grade;
use baseline_model::language::Language;
use baseline_render::document::{Block, Report, Section, Span, Table, TableCell, TableRow, Text};
use baseline_render::{FORMATS, RenderError, RenderedFile, Setting};

use crate::formats::{HOSTILE, hostile, whole};
use crate::sample;

fn render(report: &Report, setting: &Setting<'_>) -> Result<Vec<u8>, RenderError> {
    let format = FORMATS.iter().find(|format| format.id() == "pdf").expect("the format is listed");
    let mut files = format.render(report, setting)?;
    assert_eq!((files.len(), files[0].path.as_str()), (1, "report.pdf"));
    Ok(files.remove(0).bytes)
}

fn plain(report: &Report) -> Result<Vec<u8>, RenderError> {
    render(report, &Setting::plain(&sample::english()))
}

fn attachments() -> Vec<RenderedFile> {
    [("observations.csv", "id,value\nx,1\n"), ("provenance.json", "{}"), ("lock.json", "[]"), ("extra/notes.md", "# notes")]
        .map(|(path, text)| RenderedFile { path: path.into(), bytes: text.into() })
        .into()
}

/// The file with its packed streams unpacked, as Latin-1: names, dictionaries, metadata and page content can be searched.
fn unpacked(bytes: &[u8]) -> String {
    let find = |from: usize, what: &[u8]| bytes[from..].windows(what.len()).position(|window| window == what).map(|at| from + at);
    let mut out = bytes.to_vec();
    let mut at = 0;
    while let Some(start) = find(at, b"stream\n") {
        let start = start + b"stream\n".len();
        let end = find(start, b"endstream").expect("a stream ends");
        let mut text = Vec::new();
        if flate2::read::ZlibDecoder::new(&bytes[start..end]).read_to_end(&mut text).is_ok() {
            out.push(b'\n');
            out.extend(text);
        }
        at = end + b"endstream".len();
    }
    out.into_iter().map(char::from).collect()
}

/// Each part is in the unpacked file.
fn check(report: &Report, setting: &Setting<'_>, parts: &[&str]) {
    let file = unpacked(&render(report, setting).expect("the specimen can be set"));
    for part in parts {
        assert!(file.contains(part), "{part}");
    }
}

fn look(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("BASELINE_LOOK") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).expect("the file can be written");
    }
}

/// Tables of every width, long rows, long words.
fn tables() -> Report {
    let mut report = sample::report();
    let table = |id: &str, columns: usize, rows: usize, word: &str| Table {
        reference: false,
        id: id.into(),
        label: format!("Table {id}"),
        caption: format!("{columns} columns and {rows} rows"),
        columns: (0..columns).map(|index| format!("Column {index}")).collect(),
        rows: (0..rows)
            .map(|index| TableRow {
                header: Text::plain(format!("Row {index}")),
                cells: (1..columns)
                    .map(|column| {
                        if column % 2 == 0 {
                            TableCell::Text(Text::plain(word))
                        } else {
                            TableCell::Number(sample::number(&format!("{id}.{index}"), Some(index as f64), Grade::D, "bu"))
                        }
                    })
                    .collect(),
                highlight: index == 1,
            })
            .collect(),
        notes: vec![Text::plain("A note.")],
        source: "A source.".into(),
    };
    let long =
        "https://ec.europa.eu/eurostat/databrowser/view/lfsa_ergan/default/table?lang=en&sha256=".to_owned() + &"3f1c".repeat(60);
    let paragraph = Block::Paragraph(Text::plain("What leads to the table. ".repeat(4)));
    report.sections.push(Section {
        id: "tables".into(),
        title: "Tables of every width".into(),
        blocks: vec![
            Block::Table(table("small", 3, 3, "word")),
            Block::Table(table("twin", 2, 80, "word")),
            Block::Table(table("nine", 9, 40, "word")),
            Block::Heading("Wide ones".into()),
            paragraph.clone(),
            Block::Table(table("twelve", 12, 50, "Burgenlandkreis")),
            paragraph.clone(),
            Block::Table(table("thirty", 30, 4, "Burgenlandkreis")),
            paragraph,
            Block::Table(table("address", 4, 3, &long)),
            Block::Table(table("tall", 3, 2, &"many words that fill more than a page ".repeat(300))),
            Block::Table(Table { id: "none".into(), ..Table::default() }),
        ],
    });
    report
}

#[test]
fn the_standards_are_declared() {
    let english = sample::english();
    let report = sample::report();
    let attachments = attachments();
    let common = [
        "<pdfuaid:part>1</pdfuaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "Zachodniopomorskie: migration and work</rdf:li>",
        "<dc:language>",
        "<rdf:li>en</rdf:li>",
        "/Marked true",
        "/DisplayDocTitle true",
        "/StructTreeRoot",
        "/Lang(en)",
        "/Outlines",
        "/OutputIntents",
        "2026-06-30T00:00:00",
    ];
    check(&report, &Setting::plain(&english), &common);
    check(&report, &Setting::plain(&english), &["<pdfaid:part>2</pdfaid:part>"]);
    let with = Setting { attachments: &attachments, ..Setting::plain(&english) };
    check(&report, &with, &common);
    check(
        &report,
        &with,
        &[
            "<pdfaid:part>3</pdfaid:part>",
            "/EmbeddedFiles",
            "/AFRelationship/Data",
            "/AFRelationship/Source",
            "/AFRelationship/Supplement",
            "(observations.csv)",
            "(provenance.json)",
            "(lock.json)",
            "(notes.md)",
            "/Subtype/text#2Fcsv",
            "/Subtype/application#2Fjson",
            "id,value\nx,1\n",
        ],
    );
    look("attached.pdf", &render(&report, &with).expect("the sample can be set"));
}

#[test]
fn what_reads_aloud_is_marked() {
    let english = sample::english();
    check(
        &whole(),
        &Setting::plain(&english),
        &[
            "/S/H1",
            "/S/H2",
            "/S/TOC",
            "/S/Figure",
            "/S/Caption",
            "/S/Table",
            "/Headers[",
            "/S/TH",
            "/S/TD",
            "/S/L",
            "/S/Link",
            "/Scope/Row",
            "/Scope/Column",
        ],
    );
    let file = unpacked(&plain(&whole()).expect("the sample can be set"));
    // One for every chart, and the frame for the emblem.
    assert_eq!(file.matches("/Type/StructElem/S/Figure").count(), 3 + 4 + 1);
    for figure in file.split("/Type/StructElem/S/Figure").skip(1) {
        assert!(figure.chars().take(60).collect::<String>().contains("/Alt"), "every figure has a text instead");
    }
    assert!(file.contains("/FontFile2") && !file.contains("/Type3"), "fonts are embedded as outlines");
    assert!(!file.contains("/Subtype/Image"), "charts are drawn, not pictures of points");
}

#[test]
fn set_twice_it_is_the_same() {
    let english = sample::english();
    let attachments = attachments();
    let setting = Setting { attachments: &attachments, ..Setting::plain(&english) };
    let once = render(&whole(), &setting).expect("the sample can be set");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(|| {
                let (english, attachments) = (sample::english(), self::attachments());
                render(&whole(), &Setting { attachments: &attachments, ..Setting::plain(&english) })
                    .expect("the sample can be set")
            })
        })
        .collect();
    for thread in threads {
        assert!(thread.join().expect("no panic") == once);
    }
    assert!(once.len() < 2_000_000);
}

#[test]
fn tables_of_every_width_are_set() {
    let bytes = plain(&tables()).expect("the tables can be set");
    look("tables.pdf", &bytes);
    let file = unpacked(&bytes);
    assert!(file.contains("/MediaBox[0 0 841"), "wide tables stand on turned pages");
}

#[test]
fn hostile_labels_stay_text() {
    let long = "x".repeat(300);
    for label in HOSTILE.into_iter().chain([
        "#set page(width: 1pt)",
        "$x^2$ @label <label> #read(\"/report.json\") \\ * _ ` ~ ---",
        &long,
        " ",
    ]) {
        let bytes = plain(&hostile(label)).unwrap_or_else(|error| panic!("{label:?}: {error}"));
        assert!(!unpacked(&bytes).contains("javascript"), "{label}");
    }
    let bytes = plain(&hostile(&HOSTILE.concat())).expect("the sample can be set");
    look("hostile.pdf", &bytes);
    assert!(unpacked(&bytes).contains("[U+1F642]"), "the title in the metadata names what the fonts lack");
}

#[test]
fn languages() {
    for (code, title) in
        [("pl", "Województwo zachodniopomorskie: źródła i łączna ocena"), ("el", "Κεντρική Μακεδονία: μετανάστευση και εργασία")]
    {
        let mut report = tables();
        report.language = code.into();
        report.title = title.into();
        let words = Language { code: code.into(), ..sample::english() };
        let bytes = render(&report, &Setting::plain(&words)).expect("the language can be set");
        look(&format!("{code}.pdf"), &bytes);
        assert!(unpacked(&bytes).contains(&format!("/Lang({code})")), "{code}");
    }
}

#[test]
fn odd_reports() {
    let mut report = sample::report();
    report.sections.clear();
    report.front.clear();
    report.programme = baseline_render::document::Programme::default();
    report.subtitle.clear();
    plain(&report).expect("an empty report can be set");
    report.title.clear();
    report.date.clear();
    let english = sample::english();
    let attachments = attachments();
    let setting = Setting { attachments: &attachments, ..Setting::plain(&english) };
    let bytes = render(&report, &setting).expect("without figures there is no date");
    assert!(!unpacked(&bytes).contains("pdfaid:part"), "no archive takes a document without a date");
    let mut report = sample::report();
    report.sections[0]
        .blocks
        .push(Block::Paragraph(Text(vec![Span::Reference { text: "nowhere".into(), anchor: "nowhere".into() }])));
    plain(&report).expect("a reference to nowhere is text");
}

/// The message has each part.
fn refused(result: Result<Vec<u8>, RenderError>, parts: &[&str]) {
    let message = result.expect_err("it is refused").to_string();
    for part in parts {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn faults_are_named() {
    let mut report = sample::report();
    report.date = "30.06.2026".into();
    refused(plain(&report), &["30.06.2026", "2026-06-30"]);

    let mut words = sample::english();
    words.texts.insert("render.contents".into(), "目次".into());
    refused(render(&sample::report(), &Setting::plain(&words)), &["U+76EE", "render.contents", "'en'", "hint:"]);

    let english = sample::english();
    for (template, parts) in [
        ("#set document(title: \"x\")\n#let x = report.unknown", ["report.typ line 2", "unknown variable: report"]),
        ("= One\n#json(\"/report.json\").nothing", ["line 2", "nothing"]),
        ("#read(\"/etc/passwd\")", ["line 1", "not found"]),
        ("#set text(font: \"Comic Sans\")\n#set document(title: \"x\")\n= One", ["line 1", "comic sans"]),
        ("#while true {}", ["line 1", "always true"]),
    ] {
        let templates = BTreeMap::from([("report.typ".to_owned(), template.as_bytes().to_vec())]);
        refused(render(&sample::report(), &Setting { templates: &templates, ..Setting::plain(&english) }), &parts);
    }
    let templates = BTreeMap::from([("report.typ".to_owned(), vec![0xff, 0xfe])]);
    refused(render(&sample::report(), &Setting { templates: &templates, ..Setting::plain(&english) }), &["UTF-8"]);
}
