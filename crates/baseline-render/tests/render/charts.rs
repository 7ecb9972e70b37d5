//! Charts: goldens, boxes, determinism.

use std::path::PathBuf;

use baseline_model::Grade;
use baseline_render::chart::{self, Sheet};
use baseline_render::document::Chart;

use crate::sample;

const SHEETS: [(&str, Sheet); 3] = [("file", Sheet::FILE), ("wide", Sheet::WIDE), ("narrow", Sheet::NARROW)];

/// `tests/golden/<family>/<case>/expected.svg`; `BASELINE_BLESS=1` rewrites it.
pub fn check(family: &str, case: &str, actual: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/golden", family, case, "expected.svg"].iter().collect();
    if std::env::var_os("BASELINE_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a case has a folder")).expect("the folder can be made");
        std::fs::write(&path, actual).expect("the expectation can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs; look at it, then run with BASELINE_BLESS=1", path.display());
}

#[test]
fn golden() {
    for figure in sample::figures() {
        for (name, sheet) in SHEETS.into_iter().filter(|(name, _)| *name != "wide") {
            let drawing = chart::draw(&figure, &sample::english(), sheet).expect("the sample can be drawn");
            check("chart", &format!("{}-{name}", figure.id), &drawing.svg);
        }
    }
}

#[test]
fn no_text_touches_another_or_leaves_the_figure() {
    let mut bad = Vec::new();
    for figure in sample::figures() {
        for (name, sheet) in SHEETS {
            let drawing = chart::draw(&figure, &sample::english(), sheet).expect("the sample can be drawn");
            for (index, text) in drawing.placed.iter().enumerate() {
                let inside = text.left >= 0.0 && text.top >= -1.0 && text.right <= drawing.width && text.bottom <= drawing.height;
                if !inside {
                    bad.push(format!("{} {name}: '{}' leaves the figure: {text:?}", figure.id, text.text));
                }
                for other in &drawing.placed[index + 1..] {
                    let apart = text.right <= other.left + 0.5
                        || other.right <= text.left + 0.5
                        || text.bottom <= other.top + 3.0
                        || other.bottom <= text.top + 3.0;
                    if !apart {
                        bad.push(format!("{} {name}: '{}' touches '{}'", figure.id, text.text, other.text));
                    }
                }
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// A dot never covers a text; a bar has a text wholly inside or outside.
#[test]
fn no_mark_covers_a_text() {
    let mut bad = Vec::new();
    for figure in sample::figures() {
        for (name, sheet) in SHEETS {
            let drawing = chart::draw(&figure, &sample::english(), sheet).expect("the sample can be drawn");
            for text in &drawing.placed {
                // What the letters cover: capitals and digits, without the room for accents.
                let (top, bottom) = (text.top + 3.0, text.bottom - 3.0);
                for mark in &drawing.covers {
                    let apart = text.right <= mark.left + 0.5
                        || mark.right <= text.left + 0.5
                        || bottom <= mark.top + 0.5
                        || mark.bottom <= top + 0.5;
                    let inside = mark.bar && text.left >= mark.left && text.right <= mark.right;
                    if !apart && !inside {
                        bad.push(format!("{} {name}: a mark covers '{}': {text:?} {mark:?}", figure.id, text.text));
                    }
                }
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn no_picture_is_large() {
    for figure in sample::figures() {
        for (name, sheet) in SHEETS {
            let size = chart::draw(&figure, &sample::english(), sheet).expect("the sample can be drawn").svg.len();
            assert!(size <= 60 * 1024, "{} {name}: {size} bytes", figure.id);
        }
    }
}

/// `BASELINE_LOOK=FOLDER` writes every sample as SVG, to be looked at.
#[test]
fn looked_at() {
    let Some(folder) = std::env::var_os("BASELINE_LOOK").map(PathBuf::from) else { return };
    for figure in sample::figures() {
        for (name, sheet) in SHEETS {
            let svg = chart::draw(&figure, &sample::english(), sheet).expect("the sample can be drawn").svg;
            std::fs::write(folder.join(format!("{}-{name}.svg", figure.id)), svg).expect("the picture can be written");
        }
    }
}

#[test]
fn drawn_twice_is_the_same() {
    for figure in sample::figures() {
        let draw = || chart::draw(&figure, &sample::english(), Sheet::FILE).expect("the sample can be drawn").svg;
        assert_eq!(draw(), draw());
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for value in [f64::NAN, f64::INFINITY] {
        let mut figure = sample::strip_figure();
        if let Chart::Strip(chart) = &mut figure.chart {
            chart.rows[0].ours[0].1 = sample::mark(value, Grade::A, "", "bad");
        }
        let error = chart::draw(&figure, &sample::english(), Sheet::FILE).expect_err("it is no number").to_string();
        assert!(error.contains("bad") && error.contains("hint:"), "{error}");
    }
}

#[test]
fn grades_and_flags_are_on_the_mark() {
    let svg = chart::draw(&sample::gap_figure(), &sample::english(), Sheet::FILE).expect("the sample can be drawn").svg;
    assert!(svg.contains("55.3\u{a0}[d]"));
    // Eighteen values of countries and the legend's example are hollow, the two of the EU and the legend's two are full.
    assert_eq!(svg.matches("stroke-width=\"2.2\"").count(), 19);
    assert_eq!(svg.matches("class=\"mark\"").count(), 20);
    assert!(svg.contains("PL · D"));
}
