//! Figures over time and composition: one of each as a report has it, and those that try to break each.

use baseline_model::Grade;
use baseline_render::document::{
    Chart, Figure, Join, LinePoint, LineSeries, Mark, Multiples, Panel, Pyramid, PyramidRow, Slope, SlopeLine, Stacked,
    StackedRow,
};

use crate::sample::{axis, figure, mark};

/// Names that have been trouble: Greek, Polish, Finnish compounds, sixty letters in a word, three hundred in a name.
pub fn names() -> Vec<String> {
    vec![
        "Περιφέρεια Ανατολικής Μακεδονίας και Θράκης, Περιφερειακή Ενότητα".into(),
        "Województwo zachodniopomorskie bez Szczecina i Koszalina, gminy".into(),
        "Jyväskylän seutukunta".into(),
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikstadt".into(),
        "Mancomunidad de Municipios de la Comarca de la Ribera d’Ebre. ".repeat(5),
        "Ascó".into(),
        "Työvoimapalvelukokeilukuntayhtymä".into(),
        "<b>{{x}}</b> & ]]>".into(),
        "Ω".into(),
    ]
}

pub const GRADES: [Grade; 5] = [Grade::A, Grade::B, Grade::C, Grade::D, Grade::M];

#[expect(clippy::unnecessary_wraps, reason = "a mark of a chart may be missing")]
fn some(value: f64, grade: Grade, flags: &str, id: &str) -> Option<Mark> {
    Some(mark(value, grade, flags, id))
}

fn slope(unit: &str, lines: Vec<SlopeLine>) -> Chart {
    Chart::Slope(Slope {
        unit: unit.into(),
        ends: ["2016".into(), "2024".into()],
        lines,
        legend_break: "break in the series".into(),
        legend_converted: "converted from an older classification of regions".into(),
        legend_proxy: "value of the country (D)".into(),
        legend_flag: "flagged, see note".into(),
    })
}

fn slope_line(label: &str, sublabel: &str, marks: [Option<Mark>; 2]) -> SlopeLine {
    SlopeLine {
        label: label.into(),
        sublabel: sublabel.into(),
        missing: if marks.iter().all(Option::is_some) { String::new() } else { "withheld".into() },
        marks,
        join: Join::Line,
        highlight: false,
        benchmark: false,
    }
}

pub fn slope_figure() -> Figure {
    let rows = [
        ("Κεντρική Μακεδονία", "EL · D", 51.0, 60.9),
        ("Piemonte", "IT · D", 57.8, 63.2),
        ("Postojna", "SI · D", 56.9, 72.4),
        ("Zachodniopomorskie", "PL · D", 60.4, 78.6),
        ("Ascó", "ES · D", 54.8, 65.2),
        ("Burgenlandkreis", "DE · D", 56.5, 62.8),
        ("Jyväskylä", "FI · D", 50.4, 62.2),
        ("Het Hogeland", "NL · D", 49.5, 64.3),
        ("Linköping", "SE · D", 52.0, 64.4),
    ];
    let mut lines: Vec<SlopeLine> = rows
        .iter()
        .map(|(name, code, from, to)| {
            let id = |year: &str| format!("employment_rate.{name}.non_eu.T.Y20-64.{year}");
            slope_line(name, code, [some(*from, Grade::D, "", &id("2016")), some(*to, Grade::D, "", &id("2024"))])
        })
        .collect();
    lines[3].highlight = true;
    lines[6].join = Join::Broken;
    lines[8].marks[0] = None;
    lines[8].missing = "no data".into();
    lines.push(slope_line("EU-27", "", [some(53.4, Grade::A, "", "x.1"), some(63.1, Grade::A, "", "x.2")]));
    lines[9].benchmark = true;
    figure(
        "employment-slope",
        "Non-EU citizens in Poland: employment 18 points up since 2016",
        slope("% of residents aged 20–64", lines),
    )
}

/// Long names, all grades and flags, negative values, one end missing, none, the same values at both ends.
pub fn stress_slope() -> Figure {
    let mut lines: Vec<SlopeLine> = names()
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let grade = GRADES[index % 5];
            let value = |shift: f64| some(-3.0 + index as f64 * 0.05 + shift, grade, "bdu", "x");
            slope_line(name, "FI193, FI198 · NUTS 2021, 2024 · C", [value(0.0), value(0.1)])
        })
        .collect();
    lines[0].marks[1] = None;
    lines[0].missing = "withheld because of low reliability".into();
    lines[1].marks[0] = None;
    lines[1].missing = "ei saatavilla".into();
    lines[2].marks = [None, None];
    lines[2].missing = "not available".into();
    lines[3].join = Join::Broken;
    lines[5].join = Join::Converted;
    lines[6].highlight = true;
    figure(
        "stress-slope",
        "Nine lines that lie at nearly the same values",
        slope("percentage points, a unit that is rather long", lines),
    )
}

fn panel(label: &str, sublabel: &str, lines: Vec<LineSeries>) -> Panel {
    Panel { label: label.into(), sublabel: sublabel.into(), lines, missing: "no data".into(), highlight: false }
}

fn multiples(series: &[&str], panels: Vec<Panel>) -> Chart {
    Chart::Multiples(Multiples {
        unit: "% of residents aged 20–64".into(),
        series: series.iter().map(ToString::to_string).collect(),
        panels,
        legend_break: "break in the series".into(),
        legend_provisional: "provisional".into(),
        legend_proxy: "value of the country (D)".into(),
        legend_flag: "flagged, see note".into(),
        axis: axis(),
    })
}

fn course(label: &str, colour: usize, first: i32, values: &str, grade: Grade) -> LineSeries {
    let points = values.split(' ').zip(first..).map(|(word, year)| {
        let number: String = word.chars().filter(|letter| letter.is_ascii_digit() || *letter == '.' || *letter == '-').collect();
        let flags: String = word.chars().filter(char::is_ascii_lowercase).collect();
        let mark = number.parse().ok().map(|value| mark(value, grade, &flags, &format!("rate.{label}.{year}")));
        LinePoint { year, mark, break_before: flags.contains('b') }
    });
    LineSeries { label: label.into(), grade, colour, points: points.collect() }
}

pub fn multiples_figure() -> Figure {
    let names = [
        ("Linköping", "SE · D"),
        ("Jyväskylä", "FI · D"),
        ("Piemonte", "ITC1 · A"),
        ("Het Hogeland", "NL · D"),
        ("Ascó", "ES · D"),
        ("Κεντρική Μακεδονία", "EL52 · A"),
        ("Burgenlandkreis", "DE · D"),
        ("Zachodniopomorskie", "PL · D"),
        ("Postojna", "SI · D"),
    ];
    let mut panels: Vec<Panel> = names
        .iter()
        .map(|(name, code)| {
            let grade = if code.ends_with('A') { Grade::A } else { Grade::D };
            let lines = vec![
                course("Non-EU citizens", 0, 2015, "50.1 52.4 54 57.9 58.0 55.2 59.8b 61.4 62.9 63.6p", grade),
                course("Nationals", 1, 2015, "67.8 69.3 70.9 72.2 73.0 73.6 75.4b 76.7 77.9 78.4p", grade),
            ];
            panel(name, code, lines)
        })
        .collect();
    panels[2].lines[0] = course("Non-EU citizens", 0, 2015, "58.1 - - 61.0 61.5 - 60.1b 59.9u 63.0", Grade::A);
    panels[8].lines.clear();
    panels[7].highlight = true;
    figure(
        "employment-multiples",
        "Employment of non-EU citizens in nine territories",
        multiples(&["Non-EU citizens", "Nationals"], panels),
    )
}

pub fn stress_multiples() -> Figure {
    let long = |at: usize, flags: &str| {
        (0..31)
            .map(|year| format!("{}{flags}{}", ((year * 7 + at * 3) % 23) as f64 - 5.0, if year % 8 == 6 { "b" } else { "" }))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let panels = names()
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let grade = GRADES[index % 5];
            let lines = vec![
                course("Citizens of countries outside the European Union", 0, 1995, &long(index, "u"), grade),
                course("Nationals", 1, 1995, &long(index + 4, "dup"), grade),
                course("EU", 2, 1995, "-3.2 -3.1p -3p", grade),
            ];
            panel(name, "FI193, FI198 · NUTS 2021, 2024 · C", lines)
        })
        .collect();
    figure(
        "stress-multiples",
        "Nine panels of thirty-one years",
        multiples(&["Citizens of countries outside the European Union", "Nationals", "EU"], panels),
    )
}

fn stacked(parts: &[&str], rows: Vec<StackedRow>) -> Chart {
    Chart::Stacked(Stacked {
        parts: parts.iter().map(ToString::to_string).collect(),
        rows,
        legend_proxy: "hatched: value of the country (D)".into(),
        legend_flag: "[ ] flagged by the source".into(),
        axis: axis(),
    })
}

fn stacked_row(label: &str, sublabel: &str, marks: Vec<Option<Mark>>) -> StackedRow {
    let missing = if marks.iter().all(Option::is_some) && !marks.is_empty() { "" } else { "withheld" };
    StackedRow { label: label.into(), sublabel: sublabel.into(), marks, missing: missing.into(), highlight: false }
}

pub fn stacked_figure() -> Figure {
    let row = |label: &str, sublabel: &str, grade, values: [f64; 4]| {
        let marks = values.iter().enumerate().map(|(part, value)| some(*value, grade, "", &format!("share.{label}.{part}")));
        stacked_row(label, sublabel, marks.collect())
    };
    let mut rows = vec![
        row("Zachodniopomorskie", "PL · D", Grade::D, [66.4, 3.2, 5.9, 24.5]),
        row("Piemonte", "IT · D", Grade::D, [6.9, 51.1, 9.2, 32.8]),
        row("European Union", "EU27_2020", Grade::A, [33.5, 26.1, 15.2, 25.2]),
    ];
    rows[0].highlight = true;
    figure(
        "permit-reasons",
        "Two of three first permits in Poland are for work",
        stacked(&["work", "family", "education", "other"], rows),
    )
}

/// Small parts, sums that are not 100, missing parts, no part, long names, all flags.
pub fn stress_stacked() -> Figure {
    let parts =
        ["Työvoimapalvelukokeilukuntayhtymä", "οικογένεια", "edukacja i szkolenia zawodowe", "protection", "other reasons"];
    let marks =
        |values: &[f64], grade, flags: &str| values.iter().map(|value| some(*value, grade, flags, "x")).collect::<Vec<_>>();
    let name = names();
    let mut rows = vec![
        stacked_row(&name[0], "EL · D", marks(&[0.1, 0.2, 0.3, 0.4, 99.0], Grade::D, "bdu")),
        stacked_row(&name[1], "PL · A", marks(&[96.0, 1.0, 1.0, 1.0, 1.0], Grade::A, "bdu")),
        stacked_row(&name[2], "", marks(&[20.0, 20.0, 20.0, 20.0, 20.0], Grade::M, "")),
        stacked_row(&name[3], "sum of 140", marks(&[60.0, 60.0, 20.0, 0.0, -5.0], Grade::A, "")),
        stacked_row(
            &name[4],
            "FI193, FI198 · NUTS 2021, 2024 · C",
            vec![some(30.0, Grade::C, "u", "x"), None, some(2.0, Grade::C, "u", "y"), None, None],
        ),
        stacked_row(&name[6], "", vec![some(99.0, Grade::A, "", "x"), None, None, None, None]),
        stacked_row("None", "", vec![None; 5]),
        stacked_row("Not even an empty one", "", Vec::new()),
    ];
    rows[5].missing = "not available because the sample is too small to be published".into();
    rows[2].highlight = true;
    figure("stress-stacked", "Parts too small for their values", stacked(&parts, rows))
}

fn pyramid(rows: Vec<PyramidRow>) -> Chart {
    Chart::Pyramid(Pyramid {
        unit: "% of the population".into(),
        sides: ["Men".into(), "Women".into()],
        rows,
        legend_bars: "Burgenlandkreis".into(),
        legend_outline: "Germany".into(),
        legend_proxy: "hatched: value of a region around it".into(),
        legend_flag: "[ ] flagged by the source".into(),
        axis: axis(),
    })
}

pub fn pyramid_figure() -> Figure {
    let men = [2.2, 2.4, 2.3, 2.1, 2.0, 2.2, 3.0, 3.4, 3.3, 3.1, 3.2, 4.4, 4.6, 4.1, 3.4, 2.0, 2.1, 1.1];
    let rows = men.iter().enumerate().map(|(index, value)| {
        let age = index * 5;
        let label = if age == 85 { "85+".into() } else { format!("{age}–{}", age + 4) };
        let id = |sex: &str| format!("population_age_share.burgenlandkreis.total.{sex}.{age}.2022");
        PyramidRow {
            label,
            marks: [
                some(*value, Grade::A, if age == 60 { "e" } else { "" }, &id("M")),
                some(*value * 1.05, Grade::A, "", &id("F")),
            ],
            missing: String::new(),
            outline: [some(2.8 - index as f64 * 0.05, Grade::A, "", "o.1"), some(2.9 - index as f64 * 0.04, Grade::A, "", "o.2")],
        }
    });
    figure("age-pyramid", "Burgenlandkreis: a population with a broad band aged 55–69", pyramid(rows.collect()))
}

pub fn stress_pyramid() -> Figure {
    let names = names();
    let rows = (0..18).map(|index: usize| {
        let value = |shift: f64| {
            some(index as f64 * 0.7 - 1.0 + shift, GRADES[index % 5], if index.is_multiple_of(2) { "bdu" } else { "" }, "x")
        };
        PyramidRow {
            label: names[index % names.len()].clone(),
            marks: [value(0.0), if index.is_multiple_of(4) { None } else { value(3.0) }],
            missing: "not available".into(),
            outline: [if index == 9 { None } else { value(2.0) }, value(5.0)],
        }
    });
    figure("stress-pyramid", "Long names between the sides", pyramid(rows.collect()))
}

/// The same kinds with one row and with none, and a line whose last years are provisional.
fn small() -> Vec<Figure> {
    let one = |grade| some(12.5, grade, "p", "x");
    vec![
        figure("slope-one", "One line", slope("%", vec![slope_line("Ascó", "ES · D", [one(Grade::D), one(Grade::D)])])),
        figure("slope-none", "No line", slope("%", Vec::new())),
        figure(
            "multiples-one",
            "One panel",
            multiples(&[], vec![panel("Ascó", "ES · D", vec![course("a", 0, 2020, "1 2 3p 4p", Grade::D)])]),
        ),
        figure("multiples-none", "No panel", multiples(&[], Vec::new())),
        figure(
            "stacked-one",
            "One bar",
            stacked(&["all"], vec![stacked_row("Ascó", "ES · D", vec![some(100.0, Grade::D, "", "x")])]),
        ),
        figure("stacked-none", "No bar", stacked(&[], Vec::new())),
        figure(
            "pyramid-one",
            "One row",
            pyramid(vec![PyramidRow {
                label: "0–4".into(),
                marks: [one(Grade::B), None],
                missing: "withheld".into(),
                outline: [None, None],
            }]),
        ),
        figure("pyramid-none", "No row", pyramid(Vec::new())),
        figure(
            "line-provisional",
            "The last two years are provisional",
            crate::sample::line(vec![course("Non-EU citizens", 0, 2018, "61 62.5 60 59b 63.1 64.0p 66.2p", Grade::A)]),
        ),
    ]
}

pub fn figures() -> Vec<Figure> {
    let mut figures = vec![
        slope_figure(),
        stress_slope(),
        multiples_figure(),
        stress_multiples(),
        stacked_figure(),
        stress_stacked(),
        pyramid_figure(),
        stress_pyramid(),
    ];
    figures.extend(small());
    figures
}
