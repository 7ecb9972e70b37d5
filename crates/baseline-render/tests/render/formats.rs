//! Formats: structure, hostile labels, determinism, words.

use std::collections::BTreeSet;

use baseline_model::language::Language;
use baseline_model::{Grade, ObsStatus};
use baseline_render::document::{Block, Chart, Figure, Report, Section, Span, TableCell, Text};
use baseline_render::{FORMATS, RenderError, RenderedFile, Setting, TEXT_KEYS};

use crate::sample;

pub const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "{{ title }}{% for %}",
    "]]></script><!--",
    "=HYPERLINK(\"x\")",
    "\u{202e}right to left\u{200f}",
    "&amp;\"'>",
    "\u{0}\u{1}\u{b}",
    "#set 🙂 @cmd -1+1",
];

fn render(id: &str, report: &Report) -> Result<Vec<RenderedFile>, RenderError> {
    let format = FORMATS.iter().find(|format| format.id() == id).expect("the format is listed");
    format.render(report, &Setting::plain(&sample::english()))
}

fn html(report: &Report) -> String {
    let files = render("html", report).expect("the sample can be rendered");
    String::from_utf8(files[0].bytes.clone()).expect("HTML is UTF-8")
}

pub fn whole() -> Report {
    let mut report = sample::report();
    report.sections.push(Section {
        id: "stress".into(),
        title: "Stress".into(),
        blocks: [sample::stress_dumbbell(), sample::stress_line(), sample::stress_strip(), sample::empty_figure()]
            .map(|figure| Block::Figure(Box::new(figure)))
            .into(),
    });
    report
}

/// Every text of the sample that a report's author controls replaced by a hostile one.
pub fn hostile(label: &str) -> Report {
    let mut report = sample::report();
    let mut figure: Figure = sample::stress_dumbbell();
    if let Chart::Dumbbell(chart) = &mut figure.chart {
        chart.rows[3].label = label.into();
        chart.rows[3].sublabel = label.into();
        chart.rows[0].missing = label.into();
        chart.legend_proxy = label.into();
        if let Some(mark) = &mut chart.rows[3].marks[0] {
            mark.id = label.into();
            mark.flags = ObsStatus::new("<\"");
        }
    }
    for text in [
        &mut figure.title,
        &mut figure.note,
        &mut figure.source,
        &mut figure.alt,
        &mut figure.long_description,
        &mut figure.label,
    ] {
        *text = label.into();
    }
    figure.data = sample::gap_figure().data;
    figure.data.columns[1] = label.into();
    figure.data.rows[0].header = Text::plain(label);
    figure.data.rows[1].cells[0] = TableCell::Letter { letter: label.into(), title: label.into(), grade: None };
    let mut number = sample::number(label, Some(1.0), Grade::D, "<");
    number.text = label.into();
    let text = Text(vec![
        Span::Plain(label.into()),
        Span::Strong(label.into()),
        Span::Number(number),
        Span::Link { text: label.into(), url: format!("javascript:{label}") },
        Span::Reference { text: label.into(), anchor: label.into() },
    ]);
    report.title = label.into();
    report.front = vec![text.clone()];
    report.provenance.insert(label.into(), vec![label.into()]);
    report.sections[0].blocks = vec![Block::Heading(label.into()), Block::Paragraph(text), Block::Figure(Box::new(figure))];
    report
}

#[test]
fn looked_at() {
    let Some(folder) = std::env::var_os("BASELINE_LOOK") else { return };
    let folder = std::path::PathBuf::from(folder);
    for format in FORMATS {
        let start = std::time::Instant::now();
        let files = format.render(&whole(), &Setting::plain(&sample::english())).expect("the sample can be rendered");
        println!("{}: {:?}", format.id(), start.elapsed());
        for file in files {
            println!("  {} {}", file.path, file.bytes.len());
            let path = folder.join(&file.path);
            std::fs::create_dir_all(path.parent().expect("below the folder")).expect("the folder can be made");
            std::fs::write(path, file.bytes).expect("the file can be written");
        }
    }
}

#[test]
fn rendered_twice_is_the_same() {
    for format in FORMATS {
        let report = sample::report();
        let files = || format.render(&report, &Setting::plain(&sample::english())).expect("the sample can be rendered");
        assert!(files() == files(), "{}", format.id());
    }
}

#[test]
fn pictures_are_small() {
    for file in render("png", &sample::report()).expect("the sample can be rendered") {
        assert!(file.bytes.starts_with(b"\x89PNG") && file.bytes.len() < 200_000, "{}: {}", file.path, file.bytes.len());
        // More than a blank page: the fonts were found.
        assert!(file.bytes.len() > 20_000, "{}: {}", file.path, file.bytes.len());
    }
}

#[test]
fn words_are_listed_and_complete() {
    let words = sample::english();
    let listed: BTreeSet<&str> = TEXT_KEYS.iter().copied().collect();
    let known: BTreeSet<&str> = words.texts.keys().map(String::as_str).collect();
    assert_eq!(listed, known);
    assert!(TEXT_KEYS.is_sorted());
    for format in ["html", "svg"] {
        for file in render(format, &whole()).expect("the sample can be rendered") {
            assert!(!String::from_utf8_lossy(&file.bytes).contains('⟨'), "{} misses a word", file.path);
        }
    }
    let mute = Language { texts: std::collections::BTreeMap::new(), ..words };
    let page = FORMATS[0].render(&whole(), &Setting::plain(&mute)).expect("a missing word is no error");
    let page = String::from_utf8_lossy(&page[0].bytes).into_owned();
    for key in page.split('⟨').skip(1).filter_map(|rest| rest.split('⟩').next()) {
        assert!(listed.contains(key), "{key} is not listed");
    }
}

#[test]
fn hostile_labels_stay_text() {
    render("png", &hostile(&HOSTILE.concat())).expect("the sample can be rendered");
    for label in HOSTILE {
        let page = html(&hostile(label));
        assert_eq!(page.matches("<script").count(), 3, "{label}");
        assert_eq!(page.matches("</script>").count(), 3, "{label}");
        assert!(!page.contains("href=\"javascript:"), "{label}");
        assert!(!page.contains("alert(1)</script>"), "{label}");
        if label.starts_with("{{") {
            assert!(page.contains(label), "{label}");
        }
        for file in render("svg", &hostile(label)).expect("the sample can be rendered") {
            let svg = String::from_utf8(file.bytes).expect("SVG is UTF-8");
            resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).expect("the SVG is well formed");
            assert!(!svg.contains("<script"), "{label}");
        }
        let files = render("xlsx", &hostile(label)).expect("the sample can be rendered");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(files[0].bytes.clone())).expect("an archive");
        let names = archive.file_names().map(|name| name.expect("a name in Unicode").into_owned());
        let sheets: Vec<String> = names.filter(|name| name.starts_with("xl/worksheets/sheet")).collect();
        assert!(!sheets.is_empty());
        for sheet in sheets {
            let xml = std::io::read_to_string(archive.by_name(&sheet).expect("it is listed")).expect("UTF-8");
            assert!(!xml.contains("<f>") && !xml.contains("<f "), "{label}: {sheet} has a formula");
        }
    }
}

#[test]
fn bad_anchors_are_refused() {
    for anchor in ["", "../../etc", "a b", "ä", "a\"b"] {
        let mut report = sample::report();
        report.sections[0].id = anchor.into();
        for format in FORMATS {
            let error =
                format.render(&report, &Setting::plain(&sample::english())).expect_err("the anchor is refused").to_string();
            assert!(error.contains("hint:"), "{error}");
        }
    }
    let mut report = sample::report();
    report.sections[0].id = "skills".into();
    assert!(matches!(render("html", &report), Err(RenderError::Duplicate { .. })));
}

#[test]
fn the_page_is_one_file_with_sound_structure() {
    let page = html(&whole());
    for part in [
        "<html lang=\"en\">",
        "<main",
        "<nav",
        "<header",
        "class=\"skip\"",
        "<caption",
        "scope=\"row\"",
        "scope=\"col\"",
        "role=\"img\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("<h1").count(), 1);
    for outside in ["src=\"http", "url(http", "@import", "<link", "<img"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let mut level = 1;
    for rest in page.split("<h").skip(1) {
        if let Some(next) = rest.bytes().next().filter(u8::is_ascii_digit).map(|digit| digit - b'0') {
            assert!(next <= level + 1, "a heading level is skipped");
            level = next;
        }
    }
    let mut ids = BTreeSet::new();
    for rest in page.split(" id=\"").skip(1) {
        let id = rest.split('"').next().unwrap_or_default();
        assert!(ids.insert(id), "{id} occurs twice");
    }
    assert!(page.len() < 3_000_000);
}

#[test]
fn no_borrowed_value_is_shown_without_saying_so() {
    let page = html(&whole());
    for rest in page.split("data-grade=\"").skip(1) {
        let grade = &rest[..1];
        let number = rest.split("</span>").next().unwrap_or_default();
        assert_eq!(grade != "A", number.contains("class=\"grade\""), "{number}");
    }
    assert!(page.contains("[b]</abbr>") && page.contains("(\u{2212}3\u{a0}y)"));
}
