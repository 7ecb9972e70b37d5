//! The HTML page's structure, its templates, and the index page.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::Grade;
use baseline_render::chart::{self, Sheet, palette};
use baseline_render::document::{Product, Section};
use baseline_render::{FORMATS, IndexEntry, IndexFile, IndexLanguage, IndexStatus, IndexStudy, RenderError, Setting, index};

use sha2::{Digest, Sha256};

use crate::sample;

fn render(templates: &[(&str, &str)]) -> Result<String, RenderError> {
    let language = sample::english();
    let templates: BTreeMap<String, Vec<u8>> =
        templates.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let setting = Setting { templates: &templates, ..Setting::plain(&language) };
    let files = FORMATS[0].render(&sample::report(), &setting)?;
    Ok(String::from_utf8(files[0].bytes.clone()).expect("HTML is UTF-8"))
}

/// The template is refused, and the message has each of these.
fn check(name: &str, text: &str, expected: &[&str]) {
    let error = render(&[(name, text)]).expect_err("the template is refused");
    assert!(matches!(error, RenderError::Template { .. }));
    for part in expected.iter().chain(&["hint:"]) {
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
}

#[test]
fn a_template_of_the_user_takes_the_place_of_ours() {
    let page = render(&[("report.html", "<p>{{ title }}</p>{{ programme.project }}<style>{{ style }}</style>")]);
    let page = page.expect("the template is sound");
    assert!(page.starts_with("<p>Zachodniopomorskie: migration and work</p><a href=\"https://"));
    let page = render(&[("report.css", "p { color: red }\r\n"), ("report.js", "let own = 1;")]).expect("both are sound");
    assert!(page.contains("p { color: red }\n") && page.contains("<script>let own = 1;</script>"));
    assert!(!page.contains("scroll-padding"));
}

#[test]
fn bad_templates_are_refused_with_their_line() {
    check("report.html", "one\n{{ titel }}", &["report.html, line 2", "no variable 'titel'", "{{ titel }}", "subtitle, title"]);
    check("report.html", "one\n\n{% for a in sections %}{{ a.nmae }}{% endfor %}", &["line 3", "a.nmae"]);
    check("report.html", "{% if title %}\nx", &["report.html, line", "sections"]);
    check("report.html", "{{ title|kpet }}", &["line 1", "kpet"]);
    check("report.html", "{% macro m(x) %}\n{{ x.y.z }}\n{% endmacro %}\n\n{{ m(programme) }}", &["line 2", "x.y.z"]);
    check("report.css", "a {}\n</STYLE>", &["report.css, line 2", "</style"]);
    check("report.js", "'</script>'", &["report.js, line 1"]);
    let language = sample::english();
    let templates = BTreeMap::from([("report.html".to_owned(), b"ok\n\xff".to_vec())]);
    let setting = Setting { templates: &templates, ..Setting::plain(&language) };
    let error = FORMATS[0].render(&sample::report(), &setting).expect_err("it is not UTF-8").to_string();
    assert!(error.contains("report.html, line 2") && error.contains("UTF-8"), "{error}");
}

#[test]
fn texts_are_escaped_in_templates_of_the_user() {
    let language = sample::english();
    let templates = BTreeMap::from([("report.html".to_owned(), b"{{ title }}{{ title|kept }}{{ front[0] }}".to_vec())]);
    let setting = Setting { templates: &templates, ..Setting::plain(&language) };
    let mut report = sample::report();
    report.title = "<b>{{ x }}".into();
    report.front = vec![baseline_render::document::Text::plain("<i>")];
    let files = FORMATS[0].render(&report, &setting).expect("it is rendered");
    let text = String::from_utf8_lossy(&files[0].bytes).into_owned();
    assert_eq!(text, "&lt;b&gt;{{ x }}&lt;b&gt;{{ x }}&lt;i&gt;");
}

#[test]
fn anchors_of_the_page_are_reserved() {
    for anchor in ["page-trace", "provenance"] {
        let mut report = sample::report();
        report.sections.push(Section { id: anchor.into(), title: "x".into(), blocks: Vec::new() });
        let result = FORMATS[0].render(&report, &Setting::plain(&sample::english()));
        assert!(matches!(result, Err(RenderError::Duplicate { .. })), "{anchor}");
    }
}

/// The bits of a text in base 64, without padding.
fn bits(text: &str) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = text.chars().filter_map(|letter| LETTERS.find(letter)).map(|value| format!("{value:06b}")).collect();
    bits[..bits.len() / 8 * 8].to_owned()
}

/// The policy allows what stands between the tags to the letter, and no style may stand elsewhere.
#[test]
fn nothing_is_styled_or_run_past_the_policy() {
    let page = render(&[]).expect("it is rendered");
    let body = page.split("</style>").nth(1).expect("a body");
    assert!(!body.contains(" style=\"") && !body.contains("<style"), "a style attribute is blocked");
    for handler in [" onclick=", " onload=", "javascript:"] {
        assert!(!page.contains(handler), "{handler}");
    }
    assert!(!page.contains("unsafe-inline"));
    // The hashes of the policy are those of what stands in the page.
    let inside = |tag: &str| {
        let after = page.rsplit_once(&format!("<{tag}>")).map_or("", |(_, after)| after);
        after.split_once(&format!("</{tag}>")).map_or("", |(inside, _)| inside)
    };
    let policy = page.split_once("Content-Security-Policy\" content=\"").expect("a policy").1;
    let policy = policy.split_once('"').expect("an attribute").0.replace("&#39;", "'");
    for (tag, directive) in [("style", "style-src"), ("script", "script-src")] {
        assert!(inside(tag).len() > 100, "{tag}");
        let hash = Sha256::digest(inside(tag).as_bytes());
        let allowed = policy.split(';').map(str::trim).find_map(|part| part.strip_prefix(directive)).expect(directive);
        let allowed = allowed.trim().strip_prefix("'sha256-").and_then(|text| text.strip_suffix('\'')).expect(allowed);
        assert_eq!(bits(allowed), hash.iter().map(|byte| format!("{byte:08b}")).collect::<String>(), "{directive}");
    }
}

#[test]
fn territories_can_be_highlighted_by_name() {
    let page = render(&[]).expect("it is rendered");
    for option in ["<option value=\"zachodniopomorskie\">Zachodniopomorskie<", "<option value=\"jyvaskyla\">Jyväskylä<"] {
        assert!(page.contains(option), "{option}");
    }
}

#[test]
fn columns_of_one_kind_can_be_sorted() {
    let page = render(&[]).expect("it is rendered");
    let head =
        |id: &str| page.split(&format!("id=\"{id}\"")).nth(1).and_then(|rest| rest.split("</thead>").next()).map(str::to_owned);
    assert_eq!(head("over-qualification-gap-data").expect("a table").matches("data-sortable").count(), 4);
    // Two rows, of two indicators.
    assert_eq!(head("scorecard").expect("a table").matches("data-sortable").count(), 0);
}

/// The style sheet recolours a chart on dark paper by these colours alone.
#[test]
fn charts_use_the_colours_of_the_palette() {
    let known: BTreeSet<String> = palette::ALL.iter().map(|ink| palette::hex(ink.light)).collect();
    for figure in sample::figures() {
        let svg = chart::draw(&figure, &sample::english(), Sheet::WIDE).expect("it is drawn").svg;
        for name in ["fill=\"#", "stroke=\"#", "color=\"#"] {
            for colour in svg.split(name).skip(1).filter_map(|rest| rest.get(..6)) {
                assert!(known.contains(&format!("#{colour}")), "{}: {name}{colour}", figure.id);
            }
        }
    }
}

fn entry(name: &str, language: &str, product: Product, status: IndexStatus) -> IndexEntry {
    let missing = status == IndexStatus::Missing;
    let file = |format: &str, size| IndexFile { format: format.into(), path: format!("{name}/{language}/report.{format}"), size };
    IndexEntry {
        name: name.into(),
        language: language.into(),
        product,
        status,
        date: if missing { String::new() } else { "2026-06-30".into() },
        grades: if missing { BTreeMap::new() } else { BTreeMap::from([(Grade::A, 16), (Grade::D, 21)]) },
        changes: if status == IndexStatus::Updated { vec!["2 figures revised".into()] } else { Vec::new() },
        files: if missing { Vec::new() } else { vec![file("html", 1_700_000), file("pdf", 900_400)] },
    }
}

fn study() -> IndexStudy {
    let page = |code: &str, name: &str, path: &str| IndexLanguage { code: code.into(), name: name.into(), path: path.into() };
    IndexStudy {
        title: "Nine territories".into(),
        date: "2026-06-30".into(),
        programme: sample::report().programme,
        languages: vec![page("en", "English", "index.html"), page("pl", "Polski", "index.pl.html")],
        ..IndexStudy::default()
    }
}

fn entries() -> Vec<IndexEntry> {
    vec![
        entry("Zachodniopomorskie", "en", Product::Report, IndexStatus::Updated),
        entry("Κεντρική Μακεδονία", "en", Product::Report, IndexStatus::Unchanged),
        entry("Ascó", "en", Product::Report, IndexStatus::Missing),
        entry("All territories", "en", Product::Comparison, IndexStatus::New),
        entry("Zachodniopomorskie (po polsku)", "pl", Product::Report, IndexStatus::New),
        entry("Postojna", "sl", Product::Factsheet, IndexStatus::New),
    ]
}

#[test]
fn the_index_links_every_report() {
    let file = index(&study(), &entries(), &Setting::plain(&sample::english())).expect("it is rendered");
    assert_eq!(file.path, "index.html");
    let page = String::from_utf8(file.bytes).expect("HTML is UTF-8");
    if let Some(folder) = std::env::var_os("BASELINE_LOOK") {
        std::fs::write(std::path::PathBuf::from(folder).join("index.html"), &page).expect("the page can be written");
    }
    for part in [
        "<h1>Nine territories</h1>",
        "<a href=\"Zachodniopomorskie/en/report.html\" hreflang=\"en\">Zachodniopomorskie</a>",
        "<span lang=\"el\">Κεντρική Μακεδονία</span></a>",
        "%CE%9A",
        "<th scope=\"row\">Ascó</th>",
        "<a href=\"index.pl.html\" lang=\"pl\" hreflang=\"pl\">Polski</a>",
        "<strong aria-current=\"page\">English</strong>",
        "<th scope=\"row\" lang=\"sl\">",
        "2 figures revised",
        "1.7\u{a0}MB",
        "901\u{a0}kB",
        "New: 3 · Updated: 1 · Unchanged: 1 · Missing: 1",
        "script-src 'none'",
        "Co-funded by the European Union.",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // It stands on the Polish page.
    assert!(!page.contains("po polsku") && !page.contains("<script") && !page.contains('⟨'));
    let place = |id: &str| page.find(&format!("<section id=\"{id}\"")).expect("the section is there");
    assert!(place("comparison") < place("reports") && place("reports") < place("others"));
}

#[test]
fn an_index_is_never_half_made() {
    let language = sample::english();
    let empty = index(&IndexStudy::default(), &[], &Setting::plain(&language)).expect("it is rendered");
    assert!(String::from_utf8_lossy(&empty.bytes).contains("This study has no report yet."));
    let mut bad = entry("<script>alert(1)</script>", "en\"><b>", Product::Report, IndexStatus::New);
    bad.changes.push("<img src=x>".into());
    bad.files[0].path = "javascript:alert(1)".into();
    bad.files[1].format = "<i>".into();
    let page = index(&study(), &[bad], &Setting::plain(&language)).expect("it is rendered");
    let page = String::from_utf8_lossy(&page.bytes).into_owned();
    for part in ["<script", "<img", "<i>", "<b>", "javascript:"] {
        assert!(!page.contains(part), "{part}");
    }
    let templates = BTreeMap::from([("index.html".to_owned(), b"\n{{ tilte }}".to_vec())]);
    let setting = Setting { templates: &templates, ..Setting::plain(&language) };
    let error = index(&study(), &[], &setting).expect_err("the template is refused").to_string();
    assert!(error.contains("index.html, line 2") && error.contains("tilte"), "{error}");
}
