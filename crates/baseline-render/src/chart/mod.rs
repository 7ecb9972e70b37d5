//! Charts: from a [`Figure`] to SVG text. One picture for every format: HTML takes the SVG inline, PNG is the
//! same SVG through resvg.
//!
//! A sheet is the frame that all charts share: title, subtitle and legend above, note and source below, all
//! wrapped by measured width, so that nothing is cut. The height follows from the content. Deterministic:
//! no randomness, no clock, ordered output.

pub mod axis;
pub mod canvas;
mod dots;
mod dumbbell;
mod elements;
mod fields;
mod line;
mod map;
mod matrix;
mod multiples;
pub mod palette;
mod parts;
mod pyramid;
mod quadrant;
mod scorecard;
mod series;
mod slope;
mod stacked;
mod strip;
mod swarm;

use baseline_model::language::Language;
use baseline_model::{Grade, ObsStatus};

use self::canvas::{Anchor, Canvas, Cover, Drawn, MarkElement, Pen, Placed, Shape, Type, fine, trimmed};
use self::elements::{Bar, Course, Strokes, Trace};
use self::fields::Specks;
use self::palette::{Ink, MUTED, TEXT};
pub use self::parts::parts;
use crate::RenderError;
use crate::document::{Chart, Figure, Mark, MatrixCell, Tone};
use crate::map::Layer;
use crate::text::{self, Cut, FAMILY, escape};

/// How a figure is set.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    /// Pixels; below [`NARROW`] the charts put labels above the marks.
    pub width: f64,
    /// With title, subtitle, note and source inside; without for HTML, where they are real text.
    pub texts: bool,
    /// Appended to the ids inside, so that two settings of one figure live in one document.
    pub suffix: &'static str,
}

impl Sheet {
    /// The figure as a file.
    pub const FILE: Self = Self { width: 900.0, texts: true, suffix: "" };
    /// In the HTML report on wide and on narrow screens.
    pub const WIDE: Self = Self { width: 900.0, texts: false, suffix: "-wide" };
    pub const NARROW: Self = Self { width: 360.0, texts: false, suffix: "-narrow" };
    /// On paper, 170 mm wide: the smallest text is then just under 8 points.
    pub const PRINT: Self = Self { width: 760.0, texts: false, suffix: "-print" };
}

/// A drawn figure.
#[derive(Debug, Clone)]
pub struct Drawing {
    pub svg: String,
    /// Every text with its box, for tests.
    pub placed: Vec<Placed>,
    /// Every mark with its box, for tests.
    pub covers: Vec<Cover>,
    pub width: f64,
    pub height: f64,
}

/// Below this width labels stand above the marks.
const NARROW: f64 = 600.0;
/// White around everything.
const MARGIN: f64 = 24.0;
const RADIUS: f64 = 7.0;

const TITLE: Type = Type { size: 21.0, cut: Cut::SemiBold, ink: TEXT };
const SUBTITLE: Type = Type { size: 15.0, cut: Cut::Regular, ink: MUTED };
const LEGEND: Type = Type { size: 14.0, cut: Cut::Regular, ink: TEXT };
const LABEL: Type = Type { size: 15.0, cut: Cut::Regular, ink: TEXT };
const SMALL: Type = Type { size: 12.5, cut: Cut::Regular, ink: MUTED };
const VALUE: Type = Type { size: 13.0, cut: Cut::Regular, ink: TEXT };
const FOOT: Type = Type { size: 12.5, cut: Cut::Regular, ink: MUTED };

/// Draws a figure.
///
/// # Errors
/// [`RenderError::NotFinite`] when a mark's value is NaN or infinite: a missing value must be given as missing.
pub fn draw(figure: &Figure, language: &Language, sheet: Sheet) -> Result<Drawing, RenderError> {
    check_finite(figure)?;
    let mut canvas = Canvas::default();
    let pen = Pen::new(&mut canvas, sheet.width);
    let height = compose(&pen, figure, language, sheet)
        .map_err(|error| RenderError::Drawing { figure: figure.id.clone(), message: error.to_string() })?;
    drop(pen);
    let (width, height) = (sheet.width, height.ceil());
    let svg = wrapped(figure, &canvas.body, width, height, sheet.suffix);
    Ok(Drawing { svg, placed: canvas.placed, covers: canvas.covers, width, height })
}

/// A key of the legend with its text.
struct LegendItem {
    key: Key,
    text: String,
}

enum Key {
    Mark {
        ink: Ink,
        hollow: bool,
        shape: Shape,
    },
    /// A horizontal bar with ends.
    Bar(Ink),
    /// The break mark of a line.
    Break,
    /// A piece of a line.
    Course(Ink, Trace),
    /// A piece of a bar.
    Swatch {
        ink: Ink,
        hatched: bool,
    },
    /// A shade with its edge.
    Tone(Tone),
    /// A cell of a matrix.
    Cell(MatrixCell),
    /// Many small dots.
    Swarm(Ink),
    /// Letters in brackets stand for themselves.
    Letters,
}

impl Type {
    fn width(self, text: &str) -> f64 {
        text::width(text, self.size, self.cut)
    }

    fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    fn cut(self, cut: Cut) -> Self {
        Self { cut, ..self }
    }

    fn leading(self) -> f64 {
        (self.size * 1.25).round()
    }

    fn wrap(self, text: &str, max: f64) -> Vec<String> {
        text::wrap(text, self.size, self.cut, max)
    }
}

fn compose(pen: &Pen, figure: &Figure, language: &Language, sheet: Sheet) -> Result<f64, canvas::DrawError> {
    let margin = if sheet.texts { MARGIN } else { 4.0 };
    let mut y = margin;
    if sheet.texts {
        y = paragraph(pen, margin, y, &figure.title, TITLE, sheet.width - 2.0 * margin)? + 3.0;
        y = paragraph(pen, margin, y, &figure.subtitle, SUBTITLE, sheet.width - 2.0 * margin)? + 8.0;
    }
    let plot = match &figure.chart {
        Chart::Dumbbell(chart) => dumbbell::draw(pen, chart, language, (margin, y))?,
        Chart::Line(chart) => line::draw(pen, chart, language, (margin, y))?,
        Chart::Strip(chart) => strip::draw(pen, chart, language, (margin, y))?,
        Chart::Dots(chart) => dots::draw(pen, chart, language, (margin, y))?,
        Chart::Map(chart) => map::draw(pen, chart, language, (margin, y))?,
        Chart::Slope(chart) => slope::draw(pen, chart, language, (margin, y))?,
        Chart::Multiples(chart) => multiples::draw(pen, chart, language, (margin, y))?,
        Chart::Stacked(chart) => stacked::draw(pen, chart, language, (margin, y))?,
        Chart::Pyramid(chart) => pyramid::draw(pen, chart, language, (margin, y))?,
        Chart::Scorecard(chart) => scorecard::draw(pen, chart, language, (margin, y))?,
        Chart::Matrix(chart) => matrix::draw(pen, chart, language, (margin, y))?,
        Chart::Quadrant(chart) => quadrant::draw(pen, chart, language, (margin, y))?,
    };
    y = plot;
    if sheet.texts {
        y += 18.0;
        for (key, body) in [("render.figure_note", &figure.note), ("render.figure_source", &figure.source)] {
            if !body.is_empty() {
                let line = language.text(key, &[("text", body)]);
                y = paragraph(pen, margin, y, &line, FOOT, sheet.width - 2.0 * margin)? + 3.0;
            }
        }
    }
    Ok(y + margin - 4.0)
}

/// Wrapped text from `top` on; gives the bottom.
fn paragraph(pen: &Pen, x: f64, top: f64, body: &str, style: Type, max: f64) -> Result<f64, canvas::DrawError> {
    let mut y = top;
    for line in style.wrap(body, max) {
        pen.text(x, y + style.size * text::ASCENT, &line, style, Anchor::Start)?;
        y += style.leading();
    }
    Ok(y)
}

/// The legend from `top` on, in as many lines as needed; gives the bottom.
fn legend(pen: &Pen, margin: f64, top: f64, items: &[LegendItem]) -> Result<f64, canvas::DrawError> {
    let (left, right) = (margin, pen.width - margin);
    let (mut x, mut y) = (left, top);
    let mut any = false;
    for item in items.iter().filter(|item| !item.text.is_empty()) {
        let key_width = match &item.key {
            Key::Mark { .. } => 20.0,
            Key::Break | Key::Bar(_) | Key::Course(..) | Key::Swatch { .. } | Key::Tone(..) | Key::Swarm(_) => 24.0,
            Key::Cell(_) => matrix::KEY + 7.0,
            Key::Letters => 0.0,
        };
        let needed = key_width + LEGEND.width(&item.text);
        if any && x + needed > right {
            (x, y) = (left, y + LEGEND.leading() + 4.0);
        }
        any = true;
        let middle = y + LEGEND.leading() / 2.0;
        match &item.key {
            Key::Mark { ink, hollow, shape } => {
                let radius = if *shape == Shape::Dot { 6.5 } else { 5.0 };
                pen.mark(&plain_mark((fine(x + 7.0), fine(middle)), radius, *ink, *hollow, *shape))?;
            }
            Key::Bar(ink) => dots::bar(pen, (x, x + 17.0), middle, *ink)?,
            Key::Tone(tone) => scorecard::key(pen, (x, middle), *tone)?,
            Key::Cell(cell) => matrix::key(pen, (x, middle), cell)?,
            Key::Swarm(ink) => {
                let at = [(3.0, 2.5), (8.0, -2.5), (8.5, 2.5), (13.5, 2.5), (14.0, -2.5)];
                let at = at.map(|(right, down)| (fine(x + right), fine(middle + down))).to_vec();
                pen.area.draw(&Specks { at, radius: 2.4, ink: *ink })?;
            }
            Key::Break => {
                pen.line((x, middle), (x + 6.0, middle), MUTED, 1.6)?;
                pen.line((x + 12.0, middle), (x + 18.0, middle), MUTED, 1.6)?;
                break_mark(pen, (x + 9.0, middle), MUTED)?;
            }
            Key::Course(ink, trace) => {
                let points = [x, x + 17.0].map(|x| (fine(x), fine(middle))).to_vec();
                pen.area.draw(&Course { points, ink: *ink, width: 2.4, trace: *trace })?;
            }
            Key::Swatch { ink, hatched } => {
                let (from, to) = ((x, middle - 6.0), (x + 17.0, middle + 6.0));
                pen.area.draw(&Bar { from, to, ink: *ink, hatched: *hatched, id: String::new(), title: String::new() })?;
            }
            Key::Letters => {}
        }
        let lines = LEGEND.wrap(&item.text, right - x - key_width);
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                y += LEGEND.leading();
            }
            pen.centred(x + key_width, y + LEGEND.leading() / 2.0, line, LEGEND, Anchor::Start)?;
        }
        x += needed + 26.0;
    }
    Ok(if any { y + LEGEND.leading() + 8.0 } else { top })
}

/// Moves texts apart along one direction: centres with sizes, kept in their order, between two limits if these have room for
/// all, each as near to where it was as the others let it.
fn spread(places: &mut [(f64, f64)], (low, high): (f64, f64), gap: f64) {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].0.total_cmp(&places[*b].0).then(a.cmp(b)));
    // Each text's wanted beginning, less the room of those before it, must not fall: runs in which it would share their mean.
    let mut before = 0.0;
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for index in &order {
        let (centre, size) = places[*index];
        let mut run = (centre - size / 2.0 - before, 1);
        before += size + gap;
        while let Some((wanted, count)) = runs.pop_if(|(wanted, _)| *wanted > run.0) {
            let all = count + run.1;
            run = ((wanted * count as f64 + run.0 * run.1 as f64) / all as f64, all);
        }
        runs.push(run);
    }
    let last = (high - (before - gap)).max(low);
    let shared = runs.iter().flat_map(|(wanted, count)| std::iter::repeat_n(*wanted, *count));
    let mut before = 0.0;
    for (index, wanted) in order.iter().zip(shared) {
        let size = places[*index].1;
        places[*index].0 = wanted.clamp(low, last) + before + size / 2.0;
        before += size + gap;
    }
}

/// A level or upright line that leaves out what texts need: boxes as left, top, right, bottom.
fn gapped(pen: &Pen, (from, to): ((f64, f64), (f64, f64)), (ink, width): (Ink, f64), texts: &[[f64; 4]]) -> Drawn {
    const AIR: f64 = 3.0;
    let upright = (from.0 - to.0).abs() < (from.1 - to.1).abs();
    let (at, low, high) = if upright { (from.0, from.1, to.1) } else { (from.1, from.0, to.0) };
    // Across the line, then along it.
    let turned = |[left, top, right, bottom]: &[f64; 4]| {
        if upright { (*left, *right, *top, *bottom) } else { (*top, *bottom, *left - AIR, *right + AIR) }
    };
    let crossed = texts.iter().map(turned).filter(|(before, after, ..)| {
        let air = if upright { AIR } else { -1.0 };
        before - air < at && at < after + air
    });
    let mut crossed: Vec<(f64, f64)> = crossed.map(|(_, _, first, last)| (first, last)).collect();
    crossed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut start = low;
    for (first, last) in crossed.into_iter().chain([(high, high)]) {
        let end = first.min(high);
        if end - start > 1.0 {
            let (from, to) = if upright { ((at, start), (at, end)) } else { ((start, at), (end, at)) };
            pen.line(from, to, ink, width)?;
        }
        start = start.max(last);
    }
    Ok(())
}

/// The box of a line of text centred on `middle`, as [`gapped`] wants it.
fn text_box(x: f64, middle: f64, line: &str, style: Type, anchor: Anchor) -> [f64; 4] {
    let (width, half) = (style.width(line), style.leading() / 2.0);
    let left = match anchor {
        Anchor::Start => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    [left, middle - half, left + width, middle + half]
}

/// Two slanted strokes across a line that is interrupted.
fn break_mark(pen: &Pen, (x, y): (f64, f64), ink: Ink) -> Drawn {
    let stroke = |shift: f64| [(x + shift - 2.0, y + 6.0), (x + shift + 2.0, y - 6.0)].map(|(x, y)| (fine(x), fine(y)));
    pen.area.draw(&Strokes { at: [stroke(-2.0), stroke(2.0)].concat(), ink, width: 1.6 })
}

fn plain_mark<C>(at: C, radius: f64, ink: Ink, hollow: bool, shape: Shape) -> MarkElement<C> {
    MarkElement { at, shift: 0.0, radius, ink, hollow, shape, id: String::new(), title: String::new() }
}

/// The value as printed beside a mark: with its flags in brackets. The grade is said by the hollow mark and the sublabel.
fn value_text(mark: &Mark) -> String {
    format!("{}{}", mark.text, flag_text(&mark.flags))
}

fn flag_text(flags: &ObsStatus) -> String {
    if flags.is_empty() { String::new() } else { format!("\u{a0}[{flags}]") }
}

/// The accessible name of a mark: whose, what, flags and grade.
fn mark_title(language: &Language, name: &str, mark: &Mark) -> String {
    let grade = language.text(&format!("grade.{}", mark.grade), &[]);
    format!("{name}: {} ({}: {grade})", value_text(mark), mark.grade)
}

fn is_hollow(mark: &Mark) -> bool {
    mark.grade != Grade::A
}

/// A label of several lines centred on `y`; a shortened one keeps its full text as a title.
fn label(pen: &Pen, x: f64, y: f64, full: &str, lines: &[String], style: Type) -> Drawn {
    let shortened = lines.last().is_some_and(|line| line.ends_with('…')) && !full.ends_with('…');
    if shortened {
        pen.group(full)?;
    }
    let first = y - style.leading() * (lines.len().saturating_sub(1) as f64) / 2.0;
    for (index, line) in lines.iter().enumerate() {
        pen.centred(x, first + style.leading() * index as f64, line, style, Anchor::Start)?;
    }
    if shortened {
        pen.end_group()?;
    }
    Ok(())
}

/// Says in the plot's place that there is nothing to draw.
fn nothing(pen: &Pen, language: &Language, margin: f64, top: f64) -> Result<f64, canvas::DrawError> {
    paragraph(
        pen,
        margin,
        top + 12.0,
        &language.text("render.figure_no_data", &[]),
        LABEL.cut(Cut::Italic).ink(MUTED),
        pen.width - 2.0 * margin,
    )
    .map(|bottom| bottom + 12.0)
}

fn wrapped(figure: &Figure, body: &str, width: f64, height: f64, suffix: &str) -> String {
    let (id, width, height) = (format!("{}{suffix}", figure.id), trimmed(fine(width)), trimmed(fine(height)));
    let paper = if suffix.is_empty() {
        format!("<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n", palette::hex(palette::PAPER.light))
    } else {
        String::new()
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\" font-family=\"{FAMILY}\" xml:space=\"preserve\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n{paper}{body}</svg>\n",
        escape(if figure.alt.is_empty() { &figure.title } else { &figure.alt }),
        escape(&figure.long_description),
    )
}

fn check_finite(figure: &Figure) -> Result<(), RenderError> {
    let mut marks: Vec<&Mark> = Vec::new();
    let mut bare: Vec<f64> = Vec::new();
    match &figure.chart {
        Chart::Dumbbell(chart) => marks.extend(chart.rows.iter().flat_map(|row| row.marks.iter().flatten())),
        Chart::Line(chart) => {
            marks.extend(chart.series.iter().flat_map(|series| &series.points).filter_map(|point| point.mark.as_ref()));
        }
        Chart::Strip(chart) => {
            marks.extend(chart.rows.iter().flat_map(|row| row.ours.iter().map(|(_, mark)| mark)));
            bare.extend(chart.rows.iter().flat_map(|row| &row.others));
        }
        Chart::Dots(chart) => {
            let lanes = || chart.rows.iter().flat_map(|row| &row.lanes);
            marks.extend(lanes().filter_map(|lane| lane.mark.as_ref()));
            bare.extend(lanes().filter_map(|lane| lane.range).flat_map(|(low, high)| [low, high]));
        }
        Chart::Map(chart) => match &chart.layer {
            Layer::Locator => {}
            Layer::Choropleth(choropleth) if !crate::map::is_rate(choropleth.unit) => {
                let message = "a total was given as a map of areas\n  hint: totals are drawn as symbols; areas show rates";
                return Err(RenderError::Drawing { figure: figure.id.clone(), message: message.into() });
            }
            Layer::Choropleth(choropleth) => bare.extend(&choropleth.classes.limits),
            Layer::Symbols(symbols) => marks.extend(symbols.circles.iter().map(|circle| &circle.mark)),
        },
        Chart::Slope(chart) => marks.extend(chart.lines.iter().flat_map(|line| line.marks.iter().flatten())),
        Chart::Multiples(chart) => {
            let points = chart.panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.points);
            marks.extend(points.filter_map(|point| point.mark.as_ref()));
        }
        Chart::Stacked(chart) => marks.extend(chart.rows.iter().flat_map(|row| row.marks.iter().flatten())),
        Chart::Pyramid(chart) => {
            marks.extend(chart.rows.iter().flat_map(|row| row.marks.iter().chain(&row.outline).flatten()));
        }
        Chart::Scorecard(chart) => {
            marks.extend(chart.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.mark.as_ref()));
        }
        Chart::Matrix(_) => {}
        Chart::Quadrant(chart) => {
            marks.extend(chart.points.iter().flat_map(|point| &point.marks));
            bare.extend(chart.lines.iter().flatten().map(|(value, _)| *value));
        }
    }
    let bad = marks.iter().find(|mark| !mark.value.is_finite()).map(|mark| mark.id.clone());
    let bad = bad.or_else(|| bare.iter().any(|value| !value.is_finite()).then(|| "another mark".to_owned()));
    bad.map_or(Ok(()), |id| Err(RenderError::NotFinite { figure: figure.id.clone(), id }))
}

#[cfg(test)]
mod tests {
    use super::spread;

    fn check(places: &[(f64, f64)], (low, high): (f64, f64), expected: &[f64]) {
        let mut moved = places.to_vec();
        spread(&mut moved, (low, high), 0.0);
        assert_eq!(moved.iter().map(|(centre, _)| *centre).collect::<Vec<_>>(), expected, "{places:?}");
    }

    #[test]
    fn texts_move_apart() {
        check(&[], (0.0, 100.0), &[]);
        check(&[(20.0, 10.0), (80.0, 10.0)], (0.0, 100.0), &[20.0, 80.0]);
        check(&[(50.0, 10.0), (50.0, 10.0)], (0.0, 100.0), &[45.0, 55.0]);
        check(&[(80.0, 10.0), (52.0, 10.0), (50.0, 10.0)], (0.0, 100.0), &[80.0, 56.0, 46.0]);
        check(&[(0.0, 10.0), (1.0, 10.0), (99.0, 10.0)], (0.0, 100.0), &[5.0, 15.0, 95.0]);
        // Too many: they begin at the first limit and go beyond the second.
        check(&[(5.0, 10.0), (5.0, 10.0), (5.0, 10.0)], (0.0, 20.0), &[5.0, 15.0, 25.0]);
    }
}
