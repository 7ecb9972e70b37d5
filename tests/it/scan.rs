//! Everything printed in a language other than English, looked through: no text without a translation, no placeholder left
//! over, an alternative text for each figure, and no label that is cut or lies on another.
//!
//! The cheap test takes one territory in two languages. `.ci/long` names a folder of reports in `BASELINE_SCAN`: then all of
//! them are scanned.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use baseline_render::text::{ASCENT, Cut, width};

use super::kit::{Workspace, attribute, elements, plain, tree};

/// Letters of an English text at least, so that no chance likeness is found.
const TELLING: usize = 28;
/// Before the English of a text of the definitions, which is its own key.
const PHRASE: &str = "phrase: ";
/// The key under which the titles of tables stand.
const TITLES: &str = "titles";
/// Letters of an alternative text: enough to say something, and short enough to be listened to.
const HEARD: std::ops::RangeInclusive<usize> = 80..=250;
/// How far boxes may reach into one another, in pixels: measured widths are rounded.
const SLACK: f64 = 1.0;
/// And upwards: the box of a line is higher than its letters.
const SLACK_DOWN: f64 = 3.0;

#[test]
fn what_is_printed_in_another_language_is_whole() {
    let (kept, folder): (Option<Workspace>, PathBuf) = if let Some(folder) = std::env::var_os("BASELINE_SCAN") {
        (None, folder.into())
    } else {
        let workspace = Workspace::new();
        let args =
            ["run", "--region", "PL42", "--product", "report,factsheet", "--format", "html,svg,docx,xlsx", "--lang", "pl,el"];
        let said = workspace.run(&args);
        assert!(said.exit < 2, "{}", said.stderr);
        let folder = workspace.join("reports/milestone");
        (Some(workspace), folder)
    };
    let files = tree(&folder);
    let mut english = texts("en");
    // Table titles of the offices stay in their language.
    let titles = titles();
    english.insert(TITLES.to_owned(), titles);
    let mut faults = Vec::new();
    let mut seen = 0;
    for (path, bytes) in &files {
        let language = language_of(path);
        let Some(language) = language else { continue };
        let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let markup = match extension {
            "html" | "svg" => String::from_utf8_lossy(bytes).into_owned(),
            "docx" => part(bytes, "word/document.xml"),
            "xlsx" => part(bytes, "xl/sharedStrings.xml"),
            _ => continue,
        };
        let markup = markup.as_str();
        let worded = || [unfinished(markup), leftovers(markup, &english, &texts(&language))].concat();
        let found = match extension {
            "svg" => [unfinished(markup), crowded(markup), faint(markup)].concat(),
            "xlsx" => worded(),
            _ => [worded(), without_alt(markup)].concat(),
        };
        seen += 1;
        faults.extend(found.into_iter().map(|fault| format!("{path}: {fault}")));
    }
    drop(kept);
    println!("{seen} files scanned");
    assert!(seen > 20, "only {seen} files in {}", folder.display());
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.into_iter().take(60).collect::<Vec<_>>().join("\n"));
}

/// `pl` for `asco/pl/report.html` and `asco/factsheet-pl/factsheet.html`; of a page over the study, its own.
fn language_of(path: &str) -> Option<String> {
    let mut parts = path.split('/');
    match (parts.next()?, parts.next()) {
        (page, None) => page.strip_prefix("index.")?.strip_suffix(".html").map(str::to_owned),
        (_, Some(folder)) => Some(folder.rsplit('-').next()?.to_owned()),
    }
}

/// The titles of all tables, one a line.
fn titles() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/dataflows");
    let records = tree(&folder);
    assert!(records.len() > 100, "{}", records.len());
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let lines: Vec<String> = records.values().map(text).collect();
    lines.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with("title")).collect::<Vec<_>>().join("\n")
}

fn texts(language: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("pipelines/languages/{language}.toml"));
    let table: toml::Table = fs::read_to_string(path).unwrap_or_default().parse().unwrap();
    let texts = |list: &str| table.get(list).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let phrases = texts("phrases").into_iter().map(|(english, text)| (format!("{PHRASE}{english}"), text));
    texts("texts").into_iter().chain(phrases).filter_map(|(key, text)| Some((key, text.as_str()?.to_owned()))).collect()
}

/// A part of an office file.
fn part(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("an office file is an archive");
    std::io::read_to_string(archive.by_name(name).expect(name)).expect("UTF-8")
}

/// What a reader sees: without scripts, styles and what is only for machines.
fn visible(markup: &str) -> String {
    let mut page = markup.to_owned();
    for name in ["script", "style"] {
        for (_, inside) in elements(markup, name, "").into_iter().filter(|(_, inside)| !inside.is_empty()) {
            page = page.replace(inside, "");
        }
    }
    plain(&page)
}

fn unfinished(markup: &str) -> Vec<String> {
    let text = visible(markup);
    let mut found: Vec<String> =
        ["⟨", "⟩", "{{", "{%"].iter().filter(|mark| text.contains(**mark)).map(|mark| format!("`{mark}`")).collect();
    for rest in text.split('{').skip(1) {
        let name = rest.split('}').next().unwrap_or_default();
        if !name.is_empty() && name.len() < 30 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            found.push(format!("the placeholder {{{name}}} was not filled"));
        }
    }
    found
}

/// English texts that have a translation and are printed all the same.
fn leftovers(markup: &str, english: &BTreeMap<String, String>, own: &BTreeMap<String, String>) -> Vec<String> {
    if english == own {
        return Vec::new();
    }
    let text = visible(markup);
    let mut found = Vec::new();
    let titles = english.get(TITLES).map_or("", String::as_str);
    let phrases = own.keys().filter_map(|key| Some((key, key.strip_prefix(PHRASE)?)));
    let phrases = phrases.filter(|(_, phrase)| !titles.contains(phrase));
    for (key, template) in english.iter().map(|(key, template)| (key, template.as_str())).chain(phrases) {
        let Some(translated) = own.get(key).filter(|translated| *translated != template) else { continue };
        let parts = template.split(['{', '}']).step_by(2);
        let Some(part) = parts.max_by_key(|part| part.chars().count()).filter(|part| part.chars().count() >= TELLING) else {
            continue;
        };
        if text.contains(part) && !translated.contains(part) {
            found.push(format!("English: {key}: {part}"));
        }
    }
    found
}

fn without_alt(markup: &str) -> Vec<String> {
    let drawings = elements(markup, "svg", "role=\"img\"");
    let alt = |svg: &str| elements(svg, "title", "id=").first().map_or(String::new(), |(_, text)| plain(text));
    let drawn = drawings.iter().map(|(_, svg)| alt(svg));
    // A drawing of a Word document.
    let placed = markup.split("<wp:docPr ").skip(1).filter_map(|rest| rest.split_once('>'));
    let placed = placed.map(|(tag, _)| plain(attribute(tag, "descr").unwrap_or_default()));
    let unheard = |alt: &String| !HEARD.contains(&alt.chars().count());
    drawn
        .chain(placed)
        .filter(unheard)
        .map(|alt| format!("alternative text of {} letters: `{alt}`", alt.chars().count()))
        .collect()
}

/// A text of a drawing with its box.
struct Label {
    text: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn labels(svg: &str) -> Vec<Label> {
    let number = |tag: &str, name: &str| attribute(tag, name).and_then(|text| text.parse::<f64>().ok());
    let label = |(tag, inside): &(&str, &str)| {
        let (x, y, size) = (number(tag, "x")?, number(tag, "y")?, number(tag, "font-size")?);
        let cut = match (attribute(tag, "font-weight"), attribute(tag, "font-style")) {
            (Some(_), _) => Cut::SemiBold,
            (None, Some(_)) => Cut::Italic,
            (None, None) => Cut::Regular,
        };
        let text = plain(inside);
        let wide = width(&text, size, cut);
        let left = match attribute(tag, "text-anchor") {
            Some("middle") => x - wide / 2.0,
            Some("end") => x - wide,
            Some(_) | None => x,
        };
        let top = y - size * ASCENT;
        Some(Label { text, left, right: left + wide, top, bottom: top + size })
    };
    elements(svg, "text", "").iter().filter_map(label).collect()
}

/// Labels outside of the drawing, and labels on one another.
fn crowded(svg: &str) -> Vec<String> {
    let size = |name: &str| attribute(svg.split('>').next().unwrap_or_default(), name).and_then(|text| text.parse::<f64>().ok());
    let (wide, high) = (size("width").unwrap_or(0.0), size("height").unwrap_or(0.0));
    let labels = labels(svg);
    let mut found = Vec::new();
    for (index, one) in labels.iter().enumerate() {
        if one.left < -SLACK || one.right > wide + SLACK || one.top < -SLACK_DOWN || one.bottom > high + SLACK {
            found.push(format!("cut: {}", one.text));
        }
        for other in &labels[index + 1..] {
            let across = one.right.min(other.right) - one.left.max(other.left);
            let down = one.bottom.min(other.bottom) - one.top.max(other.top);
            // A text over its own halo is one text.
            let halo = one.text == other.text && (one.left - other.left).abs() < 0.5 && (one.top - other.top).abs() < 0.5;
            if across > SLACK && down > SLACK_DOWN && !halo {
                found.push(format!("`{}` lies on `{}`", one.text, other.text));
            }
        }
    }
    found
}

/// The contrast of two colours after WCAG 2.2, by a reckoning of its own: it does not trust the program's palette.
fn contrast(one: u32, other: u32) -> f64 {
    let light = |colour: u32| {
        let part = |shift: u32| {
            let part = f64::from(colour >> shift & 0xFF) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
    };
    let (one, other) = (light(one) + 0.05, light(other) + 0.05);
    one.max(other) / one.min(other)
}

/// Labels that stand out too little from the paper.
fn faint(svg: &str) -> Vec<String> {
    let colour = |text: &str| u32::from_str_radix(text.strip_prefix('#')?, 16).ok();
    let inks = elements(svg, "text", "fill=").into_iter().filter_map(|(tag, _)| attribute(tag, "fill"));
    let mut faint: Vec<String> = inks
        // White stands inside areas only; the tests of the palette hold it against each of them.
        .filter(|ink| colour(ink).is_some_and(|ink| ink != 0x00FF_FFFF && contrast(ink, 0x00FF_FFFF) < 4.5))
        .map(|ink| format!("text in {ink} on white"))
        .collect();
    faint.sort();
    faint.dedup();
    faint
}

#[test]
fn the_scan_catches_what_it_is_for() {
    let english = BTreeMap::from([("k".to_owned(), "This is the first publication of {n} territories".to_owned())]);
    let polish = BTreeMap::from([("k".to_owned(), "To jest pierwsza publikacja".to_owned())]);
    let svg = |texts: &str| format!("<svg width=\"100\" height=\"40\">{texts}</svg>");
    let text = |x: u32, body: &str| format!("<text x=\"{x}\" y=\"20\" font-size=\"12\" fill=\"#777777\">{body}</text>");
    assert_eq!(leftovers("<p>This is the first publication of 9</p>", &english, &polish).len(), 1);
    assert!(leftovers("<p>This is the first publication of 9</p>", &english, &english).is_empty());
    let phrase = BTreeMap::from([(format!("{PHRASE}Employed persons aged 20 to 64"), "Pracujący w wieku 20–64 lat".to_owned())]);
    assert_eq!(leftovers("<w:t>Employed persons aged 20 to 64</w:t>", &BTreeMap::new(), &phrase).len(), 1);
    assert_eq!(without_alt(&format!("<wp:docPr id=\"1\" descr=\"{}\"/>", "x".repeat(251))).len(), 1);
    assert!(without_alt(&format!("<wp:docPr id=\"1\" descr=\"{}\"/>", "x".repeat(90))).is_empty());
    assert_eq!(unfinished("<p>⟨key⟩ {name} { a }</p>").len(), 3);
    assert_eq!(without_alt("<svg role=\"img\"><title id=\"a\">Chart</title></svg>").len(), 1);
    assert_eq!(crowded(&svg(&text(90, "much too long"))).len(), 1);
    assert_eq!(crowded(&svg(&(text(5, "one") + &text(12, "two")))).len(), 1);
    assert!(crowded(&svg(&(text(5, "one") + &text(60, "two")))).is_empty());
    assert_eq!(faint(&svg(&text(5, "grey"))).len(), 1);
}
