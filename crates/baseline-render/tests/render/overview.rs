//! Figures that show many at once: one of each as a report has it, and those that try to break each.

use baseline_model::Grade;
use baseline_render::chart::{self, Sheet};
use baseline_render::document::{
    Area, Arrow, Chart, Figure, Mark, Matrix, MatrixCell, MatrixRow, Quadrant, QuadrantPoint, ScoreCell, ScoreRow, Scorecard,
    Tone,
};

use crate::profiles::{GRADES, names};
use crate::sample::{axis, english, figure, mark};

fn scorecard(columns: &[&str], rows: Vec<ScoreRow>) -> Chart {
    Chart::Scorecard(Scorecard {
        corner: "Indicator, period".into(),
        columns: columns.iter().map(ToString::to_string).collect(),
        rows,
        legend_arrows: ["above".into(), "below".into(), "level when rounded".into()],
        legend_tones: ["better".into(), "worse".into()],
        legend_proxy: "hollow: not the territory's own value".into(),
        legend_flag: "[ ] flagged by the source".into(),
    })
}

fn cell(value: Option<f64>, grade: Grade, flags: &str, text: &str) -> ScoreCell {
    let mark = value.map(|value| mark(value, grade, flags, "x.1"));
    ScoreCell { mark, text: text.into(), arrow: None, tone: Tone::None }
}

fn distance(value: f64, grade: Grade, tone: Tone) -> ScoreCell {
    let arrow = match value {
        value if value > 0.0 => Arrow::Up,
        value if value < 0.0 => Arrow::Down,
        _ => Arrow::Level,
    };
    let text = match tone {
        Tone::None => "neither is better",
        Tone::Better => "better",
        Tone::Worse => "worse",
    };
    let mark = Mark { text: english().signed(value, 1), ..mark(value, grade, "", "x.1.vs_pl") };
    ScoreCell { mark: Some(mark), text: text.into(), arrow: Some(arrow), tone }
}

fn row(label: &str, sublabel: &str, cells: Vec<ScoreCell>) -> ScoreRow {
    ScoreRow { label: label.into(), sublabel: sublabel.into(), cells, ..ScoreRow::default() }
}

/// The profile of a territory, as the first figure of its report.
pub fn scorecard_figure() -> Figure {
    let mut rows = vec![
        row(
            "Employment rate, ages 20–64",
            "persons born outside the EU, 2025, %",
            vec![
                cell(Some(87.2), Grade::A, "bu", "PL42 · A"),
                distance(-10.5, Grade::A, Tone::Better),
                distance(3.1, Grade::A, Tone::Better),
                distance(18.9, Grade::A, Tone::Better),
            ],
        ),
        row(
            "Over-qualification rate, ages 20–64",
            "non-EU citizens, 2024, %",
            vec![
                cell(Some(46.3), Grade::D, "", "PL · D"),
                distance(26.4, Grade::D, Tone::Worse),
                cell(None, Grade::D, "", "the country's own value"),
                distance(6.5, Grade::D, Tone::Worse),
            ],
        ),
        row(
            "Old-age dependency ratio",
            "all persons, 2025, %",
            vec![
                cell(Some(33.4), Grade::A, "", "PL42 · A"),
                ScoreCell::default(),
                distance(2.5, Grade::A, Tone::None),
                distance(0.0, Grade::A, Tone::None),
            ],
        ),
        row(
            "Long-term unemployment",
            "2024, %",
            vec![cell(None, Grade::D, "", "withheld"), cell(None, Grade::D, "", "withheld"), ScoreCell::default()],
        ),
    ];
    rows[0].heading = "Work".into();
    rows[2].heading = "Population".into();
    figure(
        "scorecard-territory",
        "Better than Poland in one of three measures",
        scorecard(&["Value", "Gap to nationals, pp", "Distance to Poland", "Distance to the EU-27"], rows),
    )
}

/// Everything that can go wrong at once, in many columns.
fn stress_scorecard(id: &str, columns: usize) -> Figure {
    let names = names();
    let tones = [Tone::Better, Tone::Worse, Tone::None];
    let rows = names.iter().take(if columns > 4 { 6 } else { 9 }).enumerate().map(|(index, name)| {
        let cells = (0..columns).map(|column| match (index + column) % 5 {
            0 => cell(None, Grade::A, "", "withheld, too few persons"),
            1 => cell(Some(1_234_567.8), GRADES[index % 5], "bdu", &names[column % 4]),
            2 => distance(-0.1, GRADES[(index + 1) % 5], tones[index % 3]),
            3 => distance(1_000.0, GRADES[(index + 2) % 5], tones[(index + 1) % 3]),
            _ => ScoreCell::default(),
        });
        let mut row = row(name, &names[(index + 1) % 9], cells.collect());
        row.highlight = index == 2;
        row.benchmark = index > 6;
        if index % 4 == 1 {
            row.heading.clone_from(&names[8 - index]);
        }
        row
    });
    let columns: Vec<&str> = (0..columns).map(|column| names[column % 9].as_str()).collect();
    figure(id, "A scorecard that is hard to set", scorecard(&columns, rows.collect()))
}

fn letter(letter: &str) -> MatrixCell {
    let area = match letter {
        "A" => Area::Grade(Grade::A),
        "B" => Area::Grade(Grade::B),
        "C" => Area::Grade(Grade::C),
        "D" => Area::Grade(Grade::D),
        "M" => Area::Grade(Grade::M),
        "w" => Area::Withheld,
        _ => Area::Nothing,
    };
    MatrixCell { letter: letter.into(), area }
}

fn matrix(columns: Vec<String>, rows: Vec<MatrixRow>) -> Chart {
    let meanings = [
        ("A", "own value"),
        ("B", "value of the NUTS 3 region"),
        ("C", "value of the NUTS 2 region"),
        ("D", "value of the country"),
        ("M", "modelled value"),
        ("w", "withheld"),
        ("–", "no value found at any level"),
    ];
    let legend = meanings.map(|(sign, text)| (letter(sign), text.to_owned()));
    Chart::Matrix(Matrix { corner: "Indicator".into(), columns, rows, legend: legend.into() })
}

fn matrix_row(label: &str, letters: impl IntoIterator<Item = &'static str>) -> MatrixRow {
    MatrixRow { label: label.into(), cells: letters.into_iter().map(letter).collect(), ..MatrixRow::default() }
}

const LETTERS: [&str; 7] = ["A", "B", "C", "D", "M", "w", "–"];

/// As long as the longest of the study: sixty indicators in nine territories.
pub fn matrix_figure() -> Figure {
    let columns = [
        "Linköping",
        "Jyväskylä",
        "Piemonte",
        "Het Hogeland",
        "Ascó",
        "Κεντρική Μακεδονία",
        "Burgenlandkreis",
        "Zachodniopomorskie",
        "Postojna",
    ];
    let rows = (0..60).map(|index| {
        let letters = (0..9).map(|column| LETTERS[(index * 5 + column * column) % 7]);
        let mut row = matrix_row(&format!("Employment rate of group {index}, ages 20–64"), letters);
        if index % 15 == 0 {
            row.heading = format!("Chapter {}", index / 15 + 1);
        }
        row
    });
    figure(
        "coverage-study",
        "Four of nine territories have values of their own",
        matrix(columns.map(String::from).into(), rows.collect()),
    )
}

fn stress_matrix(id: &str, columns: usize) -> Figure {
    let names = names();
    let rows = names.iter().enumerate().map(|(index, name)| MatrixRow {
        heading: if index == 3 { names[4].clone() } else { String::new() },
        highlight: index == 5,
        ..matrix_row(name, (0..columns).map(|column| LETTERS[(index + column) % 7]))
    });
    figure(
        id,
        "A matrix that is hard to set",
        matrix((0..columns).map(|column| names[column % 9].clone()).collect(), rows.collect()),
    )
}

fn quadrant(points: Vec<QuadrantPoint>, lines: [Vec<(f64, String)>; 2]) -> Chart {
    Chart::Quadrant(Quadrant {
        titles: ["Share of foreign citizens, 2014, %".into(), "Arrived since, % of the share of 2024".into()],
        units: ["%".into(), "%".into()],
        kinds: vec!["established destination".into(), "new arrival region".into(), "neither".into()],
        count: format!("{} territories", points.len()),
        points,
        lines,
        legend_proxy: "hollow: not the territory's own value".into(),
        legend_flag: "[ ] flagged by the source".into(),
        axis: axis(),
    })
}

fn point(label: &str, at: (f64, f64), grade: Grade, flags: &str, kind: usize) -> QuadrantPoint {
    let marks = [at.0, at.1].map(|value| mark(value, grade, flags, &format!("share.{label}")));
    QuadrantPoint { label: label.into(), marks, kind, highlight: false }
}

fn medians() -> [Vec<(f64, String)>; 2] {
    [vec![(5.2, "median".into())], vec![(41.0, "median".into()), (50.0, "half of the later share".into())]]
}

pub fn quadrant_figure() -> Figure {
    let mut points = vec![
        point("Linköping", (6.1, 31.0), Grade::A, "", 0),
        point("Jyväskylä", (2.1, 62.0), Grade::B, "", 1),
        point("Piemonte", (9.6, 4.0), Grade::A, "", 0),
        point("Het Hogeland", (2.4, 48.0), Grade::D, "", 2),
        point("Ascó", (12.9, 12.0), Grade::C, "b", 0),
        point("Κεντρική Μακεδονία", (5.2, -8.0), Grade::A, "", 2),
        point("Burgenlandkreis", (1.9, 71.0), Grade::B, "", 1),
        point("Zachodniopomorskie", (0.4, 83.0), Grade::A, "u", 1),
        point("Postojna", (7.0, 41.0), Grade::B, "", 0),
    ];
    points[7].highlight = true;
    figure("stock-growth", "Three of nine territories became destinations since 2014", quadrant(points, medians()))
}

fn stress_quadrant() -> Figure {
    let names = names();
    let mut points: Vec<QuadrantPoint> = (0..27_u8)
        .map(|index| {
            let at = if index % 3 == 0 { (50.0, 50.0) } else { (f64::from(index) * 3.7 % 100.0, -f64::from(index) * 7.0 % 60.0) };
            point(&names[usize::from(index) % 9], at, GRADES[usize::from(index) % 5], "bdu", usize::from(index))
        })
        .collect();
    points[4].highlight = true;
    let lines = [
        vec![(50.0, names[4].clone()), (50.5, "median".into()), (51.0, "median".into())],
        vec![(50.0, names[0].clone()), (50.0, "median".into()), (50.0, "median".into())],
    ];
    let mut figure = figure("stress-quadrant", "Points on one another", quadrant(points, lines));
    if let Chart::Quadrant(chart) = &mut figure.chart {
        chart.titles = [names[4].clone(), names[0].clone()];
        chart.units = [String::new(), "per thousand".into()];
    }
    figure
}

pub fn figures() -> Vec<Figure> {
    let one = |value: Option<f64>| row("Ascó", "ES · D", vec![cell(value, Grade::D, "u", "")]);
    vec![
        scorecard_figure(),
        stress_scorecard("stress-scorecard", 4),
        stress_scorecard("stress-scorecard-wide", 7),
        figure("scorecard-one", "One value", scorecard(&["Value"], vec![one(Some(-0.5))])),
        figure("scorecard-nothing", "Nothing known", scorecard(&["Value"], vec![one(None)])),
        figure("scorecard-none", "No row", scorecard(&["Value"], Vec::new())),
        matrix_figure(),
        stress_matrix("stress-matrix", 9),
        stress_matrix("stress-matrix-four", 4),
        stress_matrix("stress-matrix-wide", 14),
        figure("matrix-one", "One letter", matrix(vec!["Country".into()], vec![matrix_row("Ascó", ["M"])])),
        figure("matrix-none", "No row", matrix(vec!["Country".into()], Vec::new())),
        quadrant_figure(),
        stress_quadrant(),
        figure("quadrant-one", "One point", quadrant(vec![point("Ascó", (3.0, 4.0), Grade::A, "", 0)], [Vec::new(), Vec::new()])),
        figure("quadrant-none", "No point", quadrant(Vec::new(), medians())),
    ]
}

/// The picture in one colour: what is told apart by colour alone is the same in it.
pub fn grey(chart: Chart) -> String {
    let svg = chart::draw(&figure("grey", "Grey", chart), &english(), Sheet::WIDE).expect("the sample can be drawn").svg;
    // What is said to a screen reader is not seen.
    let mut seen = String::new();
    for part in svg.split("<title>") {
        seen.push_str(part.split_once("</title>").map_or(part, |(_, after)| after));
    }
    let mut parts = seen.split('#');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| format!("{all}#{}", part.get(6..).unwrap_or(part)))
}

/// Draws what differs in one thing and asks for a difference without colours.
fn check(what: &str, one: Chart, other: Chart) {
    assert!(grey(one) != grey(other), "{what}: told apart by colour alone");
}

/// Paper: a matrix of sixty rows is divided, loses none of them, and each part begins with the heading over its first row.
#[test]
fn a_figure_too_high_for_a_page_is_divided() {
    let whole = matrix_figure();
    let Chart::Matrix(all) = &whole.chart else { panic!("a matrix") };
    let tallest = 800.0;
    let parts = chart::parts(&whole, &english(), Sheet::PRINT, tallest).expect("it can be drawn");
    assert!(parts.len() > 1, "{}", parts.len());
    let printed = |text: &str, part: &chart::Drawing| part.placed.iter().filter(|placed| placed.text == text).count();
    for part in &parts {
        assert!(part.height * 0.89 <= tallest, "{}", part.height);
        assert!(all.rows.iter().any(|row| !row.heading.is_empty() && printed(&row.heading, part) == 1), "no heading");
    }
    let cells = |parts: &[chart::Drawing]| -> usize { parts.iter().map(|part| printed("D", part)).sum() };
    let once = chart::parts(&whole, &english(), Sheet::PRINT, 1e6).expect("it can be drawn");
    assert_eq!(once.len(), 1);
    // Each part has its legend, with one letter of each kind.
    assert_eq!(cells(&parts) - parts.len(), cells(&once) - 1);
    // What has no rows to be divided between stays whole.
    let scorecard = scorecard_figure();
    assert_eq!(chart::parts(&scorecard, &english(), Sheet::PRINT, 10.0).expect("it can be drawn").len(), 1);
}

#[test]
fn nothing_is_told_by_colour_alone() {
    let tone = |tone: Tone| {
        let silent = ScoreCell { text: String::new(), tone, ..distance(1.0, Grade::A, Tone::None) };
        let mut chart = scorecard(&["Value"], vec![row("Ascó", "", vec![silent])]);
        if let Chart::Scorecard(chart) = &mut chart {
            chart.legend_tones = [String::new(), String::new()];
        }
        chart
    };
    check("better and worse", tone(Tone::Better), tone(Tone::Worse));
    check("a judged cell", tone(Tone::Better), tone(Tone::None));
    let graded = |grade| scorecard(&["Value"], vec![row("Ascó", "", vec![cell(Some(1.0), grade, "", "")])]);
    check("grades", graded(Grade::A), graded(Grade::D));
    for (index, one) in LETTERS.iter().enumerate() {
        for other in &LETTERS[index + 1..] {
            let drawn = |sign| matrix(vec!["Country".into()], vec![matrix_row("Ascó", [sign])]);
            check(&format!("{one} and {other}"), drawn(one), drawn(other));
        }
    }
    let kind = |kind| quadrant(vec![point("Ascó", (3.0, 4.0), Grade::A, "", kind)], [Vec::new(), Vec::new()]);
    for (one, other) in [(0, 1), (0, 2), (1, 2), (2, 3)] {
        let silent = |which: usize| {
            let mut chart = kind(which);
            if let Chart::Quadrant(chart) = &mut chart {
                chart.kinds = Vec::new();
            }
            chart
        };
        check("kinds of points", silent(one), silent(other));
    }
}
