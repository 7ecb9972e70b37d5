//! Two years beside each other, a line a place, both ends labelled.
//!
//! There is no axis: values are printed at both ends, and only the direction of a line is read off. A break between the two
//! years leaves a hole with two slanted strokes; labels are moved apart vertically until none touches another. What has
//! neither value stands below the plot with its reason.

use baseline_model::language::Language;

use super::axis;
use super::canvas::{Anchor, DrawError, Drawn, MarkElement, Pen, Shape, Type, fine};
use super::elements::{Course, Trace};
use super::palette::{FIRST, GRID, Ink, MUTED, OTHERS};
use super::{
    Key, LABEL, LegendItem, NARROW, SMALL, VALUE, break_mark, is_hollow, legend, mark_title, nothing, paragraph, spread,
    value_text,
};
use crate::document::{Join, Mark, Slope, SlopeLine};
use crate::text::{self, Cut};

const HEIGHT: f64 = 280.0;
const POINT: f64 = 5.0;
/// Between the end of a line and its value, for the piece that leads from one to the other.
const LEAD: f64 = 20.0;
const NEAR: f64 = 8.0;

/// The texts at one end of a line.
struct End {
    value: String,
    lines: Vec<String>,
    /// Small text behind the label, where it fits.
    behind: String,
    /// Small lines below the label.
    below: Vec<String>,
    height: f64,
    /// Where its mark, or that of the other end, lies.
    from: f64,
    y: f64,
}

struct Columns {
    /// The two verticals.
    rules: [f64; 2],
    /// Width of the widest value on each side.
    values: [f64; 2],
}

pub(super) fn draw(pen: &Pen, chart: &Slope, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let y = legend(pen, margin, top, &legend_items(chart))?;
    let (drawn, empty): (Vec<_>, Vec<_>) = chart.lines.iter().partition(|line| line.marks.iter().any(Option::is_some));
    let marks = || drawn.iter().flat_map(|line| line.marks.iter().flatten());
    let (low, high) =
        marks().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mark| (low.min(mark.value), high.max(mark.value)));
    if low > high {
        return nothing(pen, language, margin, y);
    }
    let mut y = y;
    let short = axis::is_short(&chart.unit);
    if !short {
        for line in SMALL.wrap(&chart.unit, pen.width - 2.0 * margin) {
            pen.centred(margin, y + 8.0, &line, SMALL, Anchor::Start)?;
            y += SMALL.leading();
        }
    }
    let columns = columns(pen, &drawn, margin);
    let mut ends: [Vec<End>; 2] =
        [0, 1].map(|side| drawn.iter().map(|line| end(pen, chart, line, side, &columns, margin)).collect());
    let needed = |side: &[End]| side.iter().map(|end| end.height + 4.0).sum::<f64>();
    let height = HEIGHT.max(needed(&ends[0])).max(needed(&ends[1]));
    let (plot_top, plot_bottom) = (y + 34.0, y + 34.0 + height);
    let y_of = |value: f64| {
        let share = if high > low { (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) } else { 0.5 };
        plot_bottom - 10.0 - share * (height - 20.0)
    };
    for (x, text) in columns.rules.iter().zip(&chart.ends) {
        pen.line((*x, plot_top - 8.0), (*x, plot_bottom + 4.0), GRID, 1.0)?;
        let style = LABEL.cut(Cut::SemiBold).ink(MUTED);
        let room = columns.rules[1] - columns.rules[0] - 12.0;
        let text = if short { format!("{text}, {}", chart.unit) } else { text.clone() };
        let text = text::shorten(&text, style.size, style.cut, room.max(40.0));
        let half = style.width(&text) / 2.0;
        pen.centred(x.max(margin + half).min(pen.width - margin - half), y + 12.0, &text, style, Anchor::Middle)?;
    }
    for (side, ends) in ends.iter_mut().enumerate() {
        for (end, line) in ends.iter_mut().zip(&drawn) {
            let own = line.marks[side].as_ref().or(line.marks[1 - side].as_ref());
            end.from = own.map_or(plot_bottom, |mark| y_of(mark.value));
        }
        let mut places: Vec<(f64, f64)> = ends.iter().map(|end| (end.from, end.height)).collect();
        spread(&mut places, (plot_top - 6.0, plot_bottom + 6.0), 4.0);
        for (end, (y, _)) in ends.iter_mut().zip(places) {
            end.y = y;
        }
    }
    // Ours comes last, over the others.
    let order = [false, true];
    let accent = drawn.iter().any(|line| line.highlight);
    for highlighted in order {
        for line in drawn.iter().filter(|line| line.highlight == highlighted) {
            draw_line(pen, chart, line, language, (&columns, &y_of), accent)?;
        }
    }
    for (side, ends) in ends.iter().enumerate() {
        for (end, line) in ends.iter().zip(&drawn) {
            draw_end(pen, line, end, side, &columns, margin, accent)?;
        }
    }
    let mut y = plot_bottom + 14.0;
    for line in empty {
        let name = [&line.label, &line.sublabel].map(String::as_str).into_iter().filter(|text| !text.is_empty());
        let text = format!("{}: {}", name.collect::<Vec<_>>().join(", "), line.missing);
        y = paragraph(pen, margin, y, &text, SMALL.cut(Cut::Italic), pen.width - 2.0 * margin)? + 2.0;
    }
    Ok(y)
}

fn legend_items(chart: &Slope) -> Vec<LegendItem> {
    let marks = || chart.lines.iter().flat_map(|line| line.marks.iter().flatten());
    let mark_key = |hollow, shape| Key::Mark { ink: MUTED, hollow, shape };
    let both = |line: &SlopeLine| line.marks.iter().all(Option::is_some);
    let wanted = [
        (marks().any(is_hollow), mark_key(true, Shape::Dot), &chart.legend_proxy),
        (marks().any(|mark| !mark.flags.is_empty()), mark_key(false, Shape::Diamond), &chart.legend_flag),
        (chart.lines.iter().any(|line| line.join == Join::Broken && both(line)), Key::Break, &chart.legend_break),
        (
            chart.lines.iter().any(|line| line.join == Join::Converted && both(line)),
            Key::Course(MUTED, Trace::Dashed),
            &chart.legend_converted,
        ),
    ];
    let items = wanted.into_iter().filter(|(wanted, ..)| *wanted);
    items.map(|(_, key, text)| LegendItem { key, text: text.clone() }).collect()
}

/// On a narrow sheet the names stand at the right alone.
fn columns(pen: &Pen, drawn: &[&SlopeLine], margin: f64) -> Columns {
    let narrow = pen.width < NARROW;
    let bold = VALUE.cut(Cut::SemiBold);
    let values = [0, 1].map(|side| {
        let texts = drawn.iter().map(|line| line.marks[side].as_ref().map_or_else(|| "–".to_owned(), value_text));
        texts.map(|text| bold.width(&text)).fold(0.0, f64::max)
    });
    let widest = drawn.iter().map(|line| label_style(line).width(&line.label)).fold(40.0, f64::max);
    let left = margin + values[0] + LEAD + if narrow { 4.0 } else { widest.min(190.0) + NEAR };
    let beside = |line: &&SlopeLine| {
        let label = label_style(line).width(&line.label);
        let sublabel = SMALL.width(&line.sublabel);
        let label = if narrow { label.max(sublabel) } else { label + sublabel + NEAR };
        label.max(if line.missing.is_empty() { 0.0 } else { SMALL.width(&line.missing) + 36.0 })
    };
    let beside = drawn.iter().map(beside).fold(40.0, f64::max).min(if narrow { 132.0 } else { 250.0 });
    let right = pen.width - margin - values[1] - LEAD - NEAR - beside;
    Columns { rules: [left, right.max(left + 40.0)], values }
}

fn label_style(line: &SlopeLine) -> Type {
    let style = if line.benchmark { VALUE.ink(MUTED) } else { VALUE };
    if line.highlight { style.cut(Cut::SemiBold) } else { style }
}

fn colour(line: &SlopeLine, accent: bool) -> Ink {
    match (line.highlight, line.benchmark) {
        (false, true) => MUTED,
        (false, false) if accent => OTHERS,
        (true | false, _) => FIRST,
    }
}

fn end(pen: &Pen, chart: &Slope, line: &SlopeLine, side: usize, columns: &Columns, margin: f64) -> End {
    let narrow = pen.width < NARROW;
    let style = label_style(line);
    let value = line.marks[side].as_ref().map_or_else(|| "–".to_owned(), value_text);
    let room = 0.1
        + if side == 0 {
            columns.rules[0] - LEAD - columns.values[0] - NEAR - margin
        } else {
            pen.width - margin - columns.rules[1] - LEAD - columns.values[1] - NEAR
        };
    let (mut lines, mut below, mut behind) = (Vec::new(), Vec::new(), String::new());
    if side == 1 || !narrow {
        lines = text::wrap_short(&line.label, style.size, style.cut, room, if narrow { 3 } else { 2 }).0;
    }
    if side == 1 {
        let last = lines.last().map_or(0.0, |text| style.width(text));
        if last + NEAR + SMALL.width(&line.sublabel) <= room {
            behind.clone_from(&line.sublabel);
        } else {
            below = SMALL.wrap(&line.sublabel, room);
        }
        for (mark, year) in line.marks.iter().zip(&chart.ends) {
            if mark.is_none() && !line.missing.is_empty() {
                below.extend(text::wrap_short(&format!("{year}: {}", line.missing), SMALL.size, SMALL.cut, room, 3).0);
            }
        }
    }
    let height = (style.leading() * lines.len().max(1) as f64) + SMALL.leading() * below.len() as f64;
    End { value, lines, behind, below, height, from: 0.0, y: 0.0 }
}

fn draw_line(
    pen: &Pen,
    chart: &Slope,
    line: &SlopeLine,
    language: &Language,
    (columns, y_of): (&Columns, &dyn Fn(f64) -> f64),
    accent: bool,
) -> Drawn {
    let ink = colour(line, accent);
    if let [Some(from), Some(to)] = &line.marks {
        let points = [(columns.rules[0], y_of(from.value)), (columns.rules[1], y_of(to.value))];
        if line.join == Join::Broken {
            let middle = (f64::midpoint(points[0].0, points[1].0), f64::midpoint(points[0].1, points[1].1));
            break_mark(pen, middle, ink)?;
        } else {
            let trace = if line.join == Join::Converted { Trace::Dashed } else { Trace::Solid };
            let width = if line.highlight { 2.8 } else { 1.6 };
            pen.area.draw(&Course { points: points.map(|(x, y)| (fine(x), fine(y))).to_vec(), ink, width, trace })?;
        }
    }
    for ((mark, x), year) in line.marks.iter().zip(columns.rules).zip(&chart.ends) {
        let Some(mark) = mark else { continue };
        pen.mark(&slope_mark(line, mark, (x, y_of(mark.value)), year, language, ink))?;
    }
    Ok(())
}

fn slope_mark(
    line: &SlopeLine,
    mark: &Mark,
    (x, y): (f64, f64),
    year: &str,
    language: &Language,
    ink: Ink,
) -> MarkElement<(i32, i32)> {
    MarkElement {
        at: (fine(x), fine(y)),
        shift: 0.0,
        radius: if line.benchmark { POINT - 1.0 } else { POINT },
        ink,
        hollow: is_hollow(mark),
        shape: if mark.flags.is_empty() { Shape::Dot } else { Shape::Diamond },
        id: mark.id.clone(),
        title: mark_title(language, &format!("{}, {year}", line.label), mark),
    }
}

/// Value, label and what stands below it; the value is on the label's first line.
fn draw_end(pen: &Pen, line: &SlopeLine, end: &End, side: usize, columns: &Columns, margin: f64, accent: bool) -> Drawn {
    let style = label_style(line);
    let first = end.y - end.height / 2.0 + style.leading() / 2.0;
    let (rule, towards) = (columns.rules[side], if side == 0 { -1.0 } else { 1.0 });
    if (first - end.from).abs() > 3.0 && line.marks[side].is_some() {
        pen.line((rule + towards * (POINT + 3.0), end.from), (rule + towards * (LEAD - 3.0), first), GRID, 1.0)?;
    }
    let value_at = rule + towards * LEAD;
    let anchor = if side == 0 { Anchor::End } else { Anchor::Start };
    let ink = if line.marks[side].is_some() { colour(line, accent) } else { MUTED };
    // The grey of the other lines is too light for a text.
    let ink = if ink == OTHERS { style.ink } else { ink };
    pen.centred(value_at, first, &end.value, style.ink(ink), anchor)?;
    if side == 0 {
        let x = value_at - columns.values[0] - NEAR;
        let shortened = end.lines.last().is_some_and(|text| text.ends_with('…'));
        if shortened {
            pen.group(&line.label)?;
        }
        for (index, text) in end.lines.iter().enumerate() {
            pen.centred(x.max(margin), first + style.leading() * index as f64, text, style, Anchor::End)?;
        }
        if shortened {
            pen.end_group()?;
        }
        return Ok(());
    }
    let x = value_at + columns.values[1] + NEAR;
    let middle = first + style.leading() * (end.lines.len().saturating_sub(1)) as f64 / 2.0;
    super::label(pen, x, middle, &line.label, &end.lines, style)?;
    let last = end.lines.last().map_or(0.0, |text| style.width(text));
    let last_line = first + style.leading() * end.lines.len().saturating_sub(1) as f64;
    if !end.behind.is_empty() {
        pen.centred(x + last + NEAR, last_line, &end.behind, SMALL, Anchor::Start)?;
    }
    let mut y = first - style.leading() / 2.0 + style.leading() * end.lines.len().max(1) as f64;
    for text in &end.below {
        pen.centred(x, y + SMALL.leading() / 2.0, text, SMALL, Anchor::Start)?;
        y += SMALL.leading();
    }
    Ok(())
}
