//! A realistic report, and figures that try to break every chart.

use std::collections::BTreeMap;

use baseline_model::language::Language;
use baseline_model::{Grade, ObsStatus, Reason};
use baseline_render::document::{
    AxisStyle, Block, Chart, Dots, DotsRow, Dumbbell, DumbbellRow, Figure, Lane, LineChart, LinePoint, LineSeries, Mark, Number,
    Product, Programme, Report, Section, Span, Strip, StripRow, Table, TableCell, TableRow, Text,
};

pub fn english() -> Language {
    let mut language: Language = toml::from_str(include_str!("en.toml")).expect("the words of the tests are valid");
    language.code = "en".into();
    language
}

pub fn axis() -> AxisStyle {
    AxisStyle { decimal: ".".into(), group: "\u{202f}".into(), minus: "\u{2212}".into() }
}

pub fn mark(value: f64, grade: Grade, flags: &str, id: &str) -> Mark {
    Mark { value, text: english().number(value, 1), id: id.into(), grade, flags: ObsStatus::new(flags) }
}

const NINE: [(&str, &str, &str, f64, f64, &str); 10] = [
    ("Κεντρική Μακεδονία", "EL", "kentriki-makedonia", 76.0, 32.6, ""),
    ("Piemonte", "IT", "piemonte", 60.7, 19.1, ""),
    ("Postojna", "SI", "postojna", 47.2, 18.1, ""),
    ("Zachodniopomorskie", "PL", "zachodniopomorskie", 46.3, 19.9, ""),
    ("Ascó", "ES", "asco", 55.3, 33.6, "d"),
    ("Burgenlandkreis", "DE", "burgenlandkreis", 33.1, 17.1, ""),
    ("Jyväskylä", "FI", "jyvaskyla", 31.0, 15.8, ""),
    ("Het Hogeland", "NL", "het-hogeland", 27.7, 13.4, ""),
    ("Linköping", "SE", "linkoping", 24.7, 12.8, ""),
    ("European Union", "EU27", "EU27_2020", 39.8, 20.3, ""),
];

pub fn dumbbell_row(label: &str, sublabel: &str, reference: Option<Mark>, other: Option<Mark>) -> DumbbellRow {
    let gap = match (&reference, &other) {
        (Some(reference), Some(other)) => Some(other.value - reference.value),
        _ => None,
    };
    DumbbellRow {
        label: label.into(),
        sublabel: sublabel.into(),
        missing: if gap.is_none() { "withheld".into() } else { String::new() },
        gap: gap.map_or_else(String::new, |gap| english().signed(gap, 1)),
        disadvantage: gap.map(|gap| gap > 0.0),
        marks: [reference, other],
        highlight: false,
        benchmark: false,
    }
}

pub fn dumbbell(rows: Vec<DumbbellRow>) -> Chart {
    Chart::Dumbbell(Dumbbell {
        groups: ["Nationals".into(), "Non-EU citizens".into()],
        unit: "%".into(),
        gap_header: "Gap, pp".into(),
        legend_proxy: "value of the country, not of the territory (D)".into(),
        legend_flag: "[d] definition differs".into(),
        rows,
        axis: axis(),
    })
}

pub fn figure(id: &str, title: &str, chart: Chart) -> Figure {
    Figure {
        id: id.into(),
        label: "Figure 1".into(),
        title: title.into(),
        subtitle: "Over-qualification rate, employed persons aged 20–64 with tertiary education, by citizenship, 2024, %".into(),
        note: "All values are those of the country (grade D): Europe publishes none for the territories. [d] definition differs (ES).".into(),
        source: "Eurostat, lfsa_eoqgan, updated 2025-09-11; own calculations.".into(),
        alt: "Dumbbell chart of nine territories: the over-qualification rate of non-EU citizens exceeds that of nationals in every one, most in Greece.".into(),
        long_description: "The gap is widest in Κεντρική Μακεδονία (43.4 points) and narrowest in Linköping (11.9).".into(),
        chart,
        data: Table::default(),
    }
}

pub fn number(id: &str, value: Option<f64>, grade: Grade, flags: &str) -> Number {
    Number {
        id: id.into(),
        text: value.map_or_else(|| "withheld".into(), |value| english().number(value, 1)),
        value,
        missing: if value.is_none() { Some(Reason::Withheld) } else { None },
        grade,
        flags: ObsStatus::new(flags),
        carried_years: 0,
        carried: String::new(),
    }
}

pub fn gap_figure() -> Figure {
    let mut rows: Vec<_> = NINE
        .iter()
        .map(|(name, code, id, other, reference, flags)| {
            let grade = if *code == "EU27" { Grade::A } else { Grade::D };
            let id = |origin: &str| format!("over_qualification.{id}.{origin}.T.Y20-64.2024");
            let sublabel = if *code == "EU27" { "EU27".to_owned() } else { format!("{code} · {grade}") };
            dumbbell_row(
                name,
                &sublabel,
                Some(mark(*reference, grade, "", &id("national"))),
                Some(mark(*other, grade, flags, &id("non_eu"))),
            )
        })
        .collect();
    rows[3].highlight = true;
    rows[9].benchmark = true;
    let mut figure =
        figure("over-qualification-gap", "Non-EU citizens are over-qualified more often in all nine territories", dumbbell(rows));
    figure.data = Table {
        id: "over-qualification-gap-data".into(),
        columns: ["Territory", "Nationals, %", "Non-EU citizens, %", "Gap, pp"].map(String::from).to_vec(),
        rows: NINE
            .iter()
            .map(|(name, code, id, other, reference, flags)| {
                let grade = if *code == "EU27" { Grade::A } else { Grade::D };
                let cell = |origin: &str, value, flags| {
                    TableCell::Number(number(
                        &format!("over_qualification.{id}.{origin}.T.Y20-64.2024"),
                        Some(value),
                        grade,
                        flags,
                    ))
                };
                TableRow {
                    header: Text::plain(*name),
                    cells: vec![
                        cell("national", *reference, ""),
                        cell("non_eu", *other, flags),
                        cell("non_eu.gap", other - reference, flags),
                    ],
                    highlight: *id == "zachodniopomorskie",
                }
            })
            .collect(),
        ..Table::default()
    };
    figure
}

/// A missing side, a negative gap, equal values, values at the ends, long names.
pub fn stress_dumbbell() -> Figure {
    let long = "Mancomunidad de Municipios de la Comarca de la Ribera d’Ebre i Terra Alta";
    let a = |value, flags| Some(mark(value, Grade::A, flags, "x.1"));
    let mut rows = vec![
        dumbbell_row("Withheld side", "PL · D", Some(mark(19.9, Grade::D, "", "x.2")), None),
        dumbbell_row("Withheld reference", "SI · D", None, a(99.4, "u")),
        dumbbell_row("Both withheld", "SI · D", None, None),
        dumbbell_row("Negative gap", "PL42 · A", a(76.7, ""), a(62.2, "bu")),
        dumbbell_row("Equal values", "FI198 · B", a(50.0, ""), Some(mark(50.0, Grade::B, "u", "x.3"))),
        dumbbell_row("Close values", "FI198 · B", a(50.0, "b"), a(50.6, "")),
        dumbbell_row("At the ends", "ITC1 · A", a(0.0, "u"), a(100.0, "bdu")),
        dumbbell_row(long, "ES513_ES514_ES515 · C", a(0.2, ""), a(0.9, "")),
        dumbbell_row("Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikstadt", "DE · M", a(98.0, "u"), a(99.9, "u")),
        dumbbell_row("Περιφέρεια Ανατολικής Μακεδονίας και Θράκης, Περιφερειακή Ενότητα", "EL · D", a(20.0, ""), a(60.0, "")),
        dumbbell_row("EU", "", a(39.8, ""), a(20.3, "")),
    ];
    rows[7].highlight = true;
    rows[10].benchmark = true;
    let mut figure = figure(
        "stress-dumbbell",
        "A title that goes on for so long that it cannot be set on one line of the figure and has to be wrapped into two or even three",
        dumbbell(rows),
    );
    if let Chart::Dumbbell(chart) = &mut figure.chart {
        chart.unit = "per thousand inhabitants".into();
        chart.legend_proxy =
            "Wert der übergeordneten NUTS-2-Region oder des Landes, nicht des Gebietes selbst, siehe Spalte neben dem Namen"
                .into();
    }
    figure
}

pub fn series(label: &str, colour: usize, start: i32, values: &[Option<f64>]) -> LineSeries {
    LineSeries {
        label: label.into(),
        grade: Grade::D,
        colour,
        points: values
            .iter()
            .zip(start..)
            .map(|(value, year)| LinePoint {
                year,
                mark: value
                    .map(|value| mark(value, Grade::D, if year == 2021 { "u" } else { "" }, &format!("line.{label}.{year}"))),
                break_before: year == 2021,
            })
            .collect(),
    }
}

pub fn line(series: Vec<LineSeries>) -> Chart {
    Chart::Line(LineChart {
        unit: "% of the population aged 20–64".into(),
        series,
        axis: axis(),
        legend_break: "break in the series".into(),
        legend_provisional: "provisional".into(),
        legend_flag: "flagged, see note".into(),
        legend_proxy: "value of the country (D)".into(),
    })
}

pub fn line_figure() -> Figure {
    let values = |text: &str| text.split(' ').map(|word| word.parse().ok()).collect::<Vec<Option<f64>>>();
    figure(
        "employment-line",
        "The employment gap in Poland closed by 2024",
        line(vec![
            series("Non-EU citizens", 0, 2015, &values("58.1 60.4 - 68.9 71.0 70.2 74.8 76.4 77.9 78.6")),
            series("Nationals", 1, 2015, &values("67.8 69.3 70.9 72.2 73.0 73.6 75.4 76.7 77.9 78.4")),
            series("EU citizens", 2, 2015, &values("66.0 65.2 69.8 74.2 - - 73.9 75.0 76.1")),
        ]),
    )
}

pub fn stress_line() -> Figure {
    let mut all: Vec<_> = (0..9)
        .map(|index| {
            let name = ["Zachodniopomorskie", "Keski-Suomen maakunta ja Jyväskylän seutukunta yhteensä", "Κεντρική Μακεδονία"]
                [index % 3];
            series(
                name,
                index,
                1995,
                &(0..31).map(|year| Some(50.0 + f64::from(year % 7) + index as f64 * 0.1)).collect::<Vec<_>>(),
            )
        })
        .collect();
    all.push(series("One point only", 9, 2025, &[Some(51.0)]));
    all.push(series("Nothing at all", 10, 1995, &[None, None]));
    figure("stress-line", "Nine lines that end at nearly the same value", line(all))
}

pub fn strip(rows: Vec<StripRow>) -> Chart {
    Chart::Strip(Strip {
        unit: "%".into(),
        rows,
        legend_others: "all other NUTS 2 regions".into(),
        legend_ours: "ours".into(),
        legend_proxy: "value of the parent region".into(),
        axis: axis(),
    })
}

fn spread(count: u32, low: f64, high: f64) -> Vec<f64> {
    // Dense in the middle, sparse at the ends, always the same.
    (0..count)
        .map(|index| {
            let share = f64::from(index) / f64::from(count) * 2.0 - 1.0;
            low + (high - low) * (share * share.abs().sqrt() + 1.0) / 2.0
        })
        .collect()
}

pub fn strip_figure() -> Figure {
    let row = |label: &str, sublabel: &str, low, high, ours: &[(&str, f64, Grade)], position: &str| StripRow {
        label: label.into(),
        sublabel: sublabel.into(),
        others: spread(279, low, high),
        ours: ours
            .iter()
            .map(|(name, value, grade)| ((*name).into(), mark(*value, *grade, "", &format!("strip.{name}"))))
            .collect(),
        position: position.into(),
    };
    figure(
        "position-strip",
        "Zachodniopomorskie employs more of its foreign-born than most regions",
        strip(vec![
            row(
                "Foreign-born",
                "employment rate 20–64, 2025",
                48.0,
                91.0,
                &[
                    ("Zachodniopomorskie", 87.2, Grade::A),
                    ("Piemonte", 70.4, Grade::A),
                    ("Κεντρική Μακεδονία", 58.9, Grade::A),
                    ("Jyväskylä", 69.8, Grade::C),
                ],
                "place 12–13 of 279",
            ),
            row(
                "Native-born",
                "employment rate 20–64, 2025",
                52.0,
                88.0,
                &[
                    ("Zachodniopomorskie", 76.7, Grade::A),
                    ("Piemonte", 74.0, Grade::A),
                    ("Κεντρική Μακεδονία", 66.1, Grade::A),
                    ("Jyväskylä", 77.3, Grade::C),
                ],
                "place 140 of 279",
            ),
        ]),
    )
}

pub fn stress_strip() -> Figure {
    let ours = NINE.iter().map(|(name, _, id, ..)| ((*name).to_owned(), mark(60.0, Grade::C, "u", id)));
    let right = NINE
        .iter()
        .enumerate()
        .map(|(index, (name, _, id, ..))| ((*name).to_owned(), mark(99.0 + index as f64 / 10.0, Grade::A, "bu", id)));
    let row = |label: &str, ours: Vec<(String, Mark)>| StripRow {
        label: label.into(),
        sublabel: "a sublabel that is rather long for its column as well".into(),
        others: spread(300, 0.0, 100.0),
        ours,
        position: "Platz 112 bis 113 von 279 Regionen".into(),
    };
    figure(
        "stress-strip",
        "Nine labels at one place",
        strip(vec![
            row("Employment rate of the foreign-born population by country of birth", ours.collect()),
            row("At the end", right.collect()),
            row("None", Vec::new()),
        ]),
    )
}

pub fn empty_figure() -> Figure {
    figure("empty", "Nothing to draw", dumbbell(vec![dumbbell_row("Ascó", "ES · D", None, None)]))
}

pub fn dots(series: &[&str], rows: Vec<DotsRow>, places: Option<u32>) -> Chart {
    Chart::Dots(Dots {
        unit: if places.is_some() { "rank, 1 is the best".into() } else { "%".into() },
        series: series.iter().map(ToString::to_string).collect(),
        rows,
        legend_proxy: "value of the country, not of the territory (D)".into(),
        legend_flag: "[d] definition differs".into(),
        legend_range: if places.is_some() { "from the 5 % to the 95 % rank".into() } else { String::new() },
        places,
        reach: Vec::new(),
        axis: axis(),
    })
}

/// Rank intervals: wide ones, one of no width, ends of the axis, flags.
pub fn ranks_figure() -> Figure {
    let rows = [("Sweden", 4.0, 1.0, 8.0, "du"), ("Italy", 1.0, 1.0, 1.0, ""), ("Greece", 9.0, 6.0, 9.0, "d")];
    let rows = rows.map(|(name, median, lower, upper, flags)| DotsRow {
        label: name.into(),
        sublabel: "for the territory in it · D".into(),
        lanes: vec![Lane {
            mark: Some(mark(median, Grade::D, flags, &format!("composite.{name}"))),
            range: Some((lower, upper)),
            text: format!("{median} ({lower}–{upper})"),
        }],
        highlight: name == "Italy",
    });
    figure("ranks", "Ranks of three countries", dots(&["Median rank"], rows.into(), Some(9)))
}

/// Definitions side by side: equal values, missing ones, a single one, long names.
pub fn stress_dots() -> Figure {
    let long = "Over-qualification rate recomputed from the national office's tables, all citizenships, ages 15 and over";
    let lane = |value: Option<f64>, grade, flags| Lane {
        mark: value.map(|value| mark(value, grade, flags, "x.1")),
        range: None,
        text: value.map_or_else(|| "no data".into(), |value| format!("{value:.1} (2024)")),
    };
    let row = |label: &str, sublabel: &str, values: [Option<f64>; 3]| DotsRow {
        label: label.into(),
        sublabel: sublabel.into(),
        lanes: values.into_iter().map(|value| lane(value, Grade::D, "bu")).collect(),
        highlight: label == "Ascó",
    };
    let rows = vec![
        row("Ascó", "ES · D", [Some(33.3), Some(33.3), Some(33.3)]),
        row(
            "Περιφέρεια Ανατολικής Μακεδονίας και Θράκης, Περιφερειακή Ενότητα",
            "EL · D, EL5 · C",
            [Some(0.1), None, Some(99.9)],
        ),
        row("Postojna", "", [None, None, None]),
        DotsRow { lanes: vec![lane(Some(100.0), Grade::A, "")], ..row("One", "SI · A", [None; 3]) },
    ];
    figure("stress-dots", "Three definitions side by side", dots(&["Eurostat", "European Skills Index", long], rows, None))
}

pub fn figures() -> Vec<Figure> {
    vec![
        gap_figure(),
        stress_dumbbell(),
        line_figure(),
        stress_line(),
        strip_figure(),
        ranks_figure(),
        stress_dots(),
        stress_strip(),
        empty_figure(),
    ]
    .into_iter()
    .chain(crate::profiles::figures())
    .chain(crate::overview::figures())
    .collect()
}

pub fn report() -> Report {
    let id = "over_qualification.zachodniopomorskie.non_eu.T.Y20-64.2024";
    let bound = |id: &str, value, flags: &str| Span::Number(number(id, value, Grade::D, flags));
    let mut carried = number("population.zachodniopomorskie.T.2019", Some(1_701.0), Grade::A, "");
    carried.carried_years = 3;
    carried.carried = "\u{2212}3\u{a0}y".into();
    let sentence = Text::plain("In Poland ")
        .then(bound(id, Some(46.3), ""))
        .then(Span::Plain(
            " % of employed non-EU citizens with a tertiary degree worked below their level in 2024, against ".into(),
        ))
        .then(bound("over_qualification.zachodniopomorskie.national.T.Y20-64.2024", Some(19.9), ""))
        .then(Span::Plain(" % of nationals (".into()))
        .then(Span::Reference { text: "Figure 1".into(), anchor: "over-qualification-gap".into() })
        .then(Span::Plain("). EU citizens: ".into()))
        .then(bound("over_qualification.zachodniopomorskie.eu.T.Y20-64.2024", None, "u"))
        .then(Span::Plain(".".into()));
    let scorecard = Table {
        reference: false,
        id: "scorecard".into(),
        label: "Table 1".into(),
        caption: "Zachodniopomorskie against Poland and the European Union".into(),
        columns: ["Indicator", "Zachodnio\u{ad}pomorskie", "Poland", "EU", "Coverage"].map(String::from).to_vec(),
        rows: vec![
            TableRow {
                header: Text::plain("Over-qualification of non-EU citizens, %"),
                cells: vec![
                    TableCell::Number(number(id, Some(46.3), Grade::D, "")),
                    TableCell::Number(number("over_qualification.PL.non_eu.T.Y20-64.2024", Some(46.3), Grade::A, "")),
                    TableCell::Number(number("over_qualification.EU27_2020.non_eu.T.Y20-64.2024", Some(39.8), Grade::A, "")),
                    TableCell::Letter { letter: "D".into(), title: "value of the country".into(), grade: Some(Grade::D) },
                ],
                highlight: true,
            },
            TableRow {
                header: Text::plain("Employment of the foreign-born, %"),
                cells: vec![
                    TableCell::Number(number("employment.zachodniopomorskie.foreign.2025", Some(87.2), Grade::A, "bu")),
                    TableCell::Number(number("employment.PL.foreign.2025", None, Grade::A, "u")),
                    TableCell::Number(carried),
                    TableCell::Empty,
                ],
                highlight: false,
            },
        ],
        notes: vec![Text::plain("Values in brackets are explained in the reading guide.")],
        source: "Eurostat, lfsa_eoqgan and own calculations.".into(),
    };
    let mut provenance = BTreeMap::new();
    provenance.insert(
        id.to_owned(),
        vec![
            "46.3 % (grade D: value of Poland)".into(),
            "Eurostat lfsa_eoqgan, updated 2025-09-11T23:00:00+0200".into(),
            "cell #62 of the answer, sha256 3f1c…".into(),
        ],
    );
    Report {
        title: "Zachodniopomorskie: migration and work".into(),
        subtitle: "Territorial baseline study".into(),
        product: Product::Report,
        language: "en".into(),
        date: "2026-06-30".into(),
        programme: Programme {
            name: "Interreg Europe".into(),
            project: "MILEstone".into(),
            period: "2023\u{2013}2027".into(),
            url: "https://www.interregeurope.eu/milestone".into(),
            funding: "Co-funded by the European Union.".into(),
            disclaimer: "The authors alone are liable.".into(),
        },
        front: vec![
            Text::plain("Interreg Europe, project MILEstone"),
            Text::plain("Data state: figures retrieved until 2026-11-20"),
        ],
        sections: vec![
            Section {
                id: "key-messages".into(),
                title: "Key messages".into(),
                blocks: vec![
                    Block::List(vec![
                        sentence.clone(),
                        Text::plain("The foreign-born work more often than the native-born: ")
                            .then(Span::Number(number("employment.zachodniopomorskie.foreign.2025", Some(87.2), Grade::A, "bu")))
                            .then(Span::Plain(" %.".into())),
                    ]),
                    Block::Note {
                        title: "What this cannot show".into(),
                        body: vec![Text::plain(
                            "Europe publishes no over-qualification rate below the country. Grade D marks it everywhere.",
                        )],
                    },
                ],
            },
            Section {
                id: "skills".into(),
                title: "Skills and over-qualification".into(),
                blocks: vec![
                    Block::Paragraph(sentence),
                    Block::Figure(Box::new(gap_figure())),
                    Block::Heading("The scorecard".into()),
                    Block::Table(scorecard),
                    Block::Paragraph(Text(vec![
                        Span::Strong("Method. ".into()),
                        Span::Link {
                            text: "Eurostat metadata".into(),
                            url: "https://ec.europa.eu/eurostat/cache/metadata/en/lfsa_esms.htm".into(),
                        },
                    ])),
                ],
            },
            Section {
                id: "labour-market".into(),
                title: "Labour market".into(),
                blocks: vec![Block::Figure(Box::new(line_figure())), Block::Figure(Box::new(strip_figure()))],
            },
        ],
        provenance,
    }
}
