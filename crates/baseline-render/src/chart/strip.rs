//! The position of ours among all comparable regions: a small dot for every other region, a large one for ours. Where dots
//! would lie on one another they move up or down: the swarm is as thick as there are regions of a value.
//!
//! Labels stand like flags on poles: text to the right of a thin line that rises from the dot. Laid from right
//! to left, each on the lowest level where it meets no other text, no pole can cross a text. The axis leaves
//! as much room at the right as the flags need.

use baseline_model::language::Language;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::Cartesian2d;

use super::axis::{self, Axis};
use super::canvas::{Anchor, DrawError, MarkElement, Pen, Shape, Type, fine};
use super::fields::Specks;
use super::palette::{BAR, FIRST, GRID, MUTED, OTHERS, TEXT};
use super::{
    Key, LABEL, LegendItem, NARROW, RADIUS, SMALL, VALUE, is_hollow, label, legend, mark_title, nothing, swarm, value_text,
};
use crate::document::{Mark, Strip, StripRow};
use crate::text::{self, Cut};

/// Radii of the small dots, the largest that lets a row stay within its height, and that height to either side.
const SPECKS: [f64; 6] = [2.4, 2.1, 1.8, 1.5, 1.2, 1.0];
const REACH: f64 = 44.0;
const LEVEL: f64 = 17.0;
const POSITION: Type = Type { size: 13.0, cut: Cut::SemiBold, ink: TEXT };

struct Columns {
    label: f64,
    left: f64,
    right: f64,
    /// Where positions among all end, and how wide they may be.
    end: f64,
    position: f64,
    low: f64,
    high: f64,
}

/// A flag of one of ours, in the order of drawing.
struct Flag<'a> {
    name: &'a str,
    mark: &'a Mark,
    text: String,
    first: bool,
    x: f64,
    level: usize,
}

pub(super) fn draw(pen: &Pen, chart: &Strip, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let ours = || chart.rows.iter().flat_map(|row| row.ours.iter().map(|(_, mark)| mark));
    let mut items = vec![
        LegendItem { key: Key::Swarm(OTHERS), text: chart.legend_others.clone() },
        LegendItem { key: Key::Mark { ink: FIRST, hollow: false, shape: Shape::Dot }, text: chart.legend_ours.clone() },
    ];
    if ours().any(is_hollow) {
        items.push(LegendItem {
            key: Key::Mark { ink: MUTED, hollow: true, shape: Shape::Dot },
            text: chart.legend_proxy.clone(),
        });
    }
    let mut y = legend(pen, margin, top, &items)?;
    let values = chart.rows.iter().flat_map(|row| row.others.iter().copied()).chain(ours().map(|mark| mark.value));
    let narrow = pen.width < NARROW;
    let Some(axis) = axis::axis(values, if narrow { 4 } else { 6 }) else {
        return nothing(pen, language, margin, y);
    };
    let columns = columns(pen, chart, &axis, margin);
    if !axis::is_short(&chart.unit) && !chart.unit.is_empty() {
        for line in SMALL.wrap(&chart.unit, columns.end - columns.left) {
            pen.centred(columns.left, y + 8.0, &line, SMALL, Anchor::Start)?;
            y += SMALL.leading();
        }
        y += 4.0;
    }
    let mut free = f64::NEG_INFINITY;
    for (tick, text) in axis.labels(&chart.unit, &chart.axis) {
        let half = SMALL.width(&text) / 2.0;
        let x = columns.x(&axis, tick).max(columns.left + half).min(columns.end - half);
        if x - half > free {
            pen.centred(x, y + 9.0, &text, SMALL, Anchor::Middle)?;
            free = x + half + 8.0;
        }
    }
    y += 20.0;
    for row in &chart.rows {
        y = draw_row(pen, row, language, &axis, &columns, (margin, y))?;
    }
    Ok(y)
}

fn columns(pen: &Pen, chart: &Strip, axis: &Axis, margin: f64) -> Columns {
    let narrow = pen.width < NARROW;
    let bold = LABEL.cut(Cut::SemiBold);
    let widest = chart.rows.iter().map(|row| bold.width(&row.label).max(SMALL.width(&row.sublabel))).fold(0.0, f64::max);
    let position = chart.rows.iter().map(|row| POSITION.width(&row.position)).fold(0.0, f64::max);
    let end = pen.width - margin;
    let (label, position) = if narrow { (end - margin, end - margin) } else { (widest.min(200.0), position.min(130.0)) };
    let left = if narrow { margin } else { margin + label + 20.0 };
    let right = if narrow || position == 0.0 { end } else { end - position - 18.0 };
    let mut columns = Columns { label, left, right, end, position, low: left + RADIUS, high: right - RADIUS };
    // Flags that would stand out at the right move the axis end inwards.
    for _ in 0..6 {
        let mut over = 0.0_f64;
        for (name, mark) in chart.rows.iter().flat_map(|row| &row.ours) {
            let needed = 6.0 + bold_value(&flag_label(name, mark, columns.right - columns.left));
            over = over.max(columns.x(axis, mark.value) + needed - columns.right);
        }
        columns.high = (columns.high - over.max(0.0)).max(columns.low + 40.0);
    }
    columns
}

impl Columns {
    fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.low + axis.share(value) * (self.high - self.low)
    }
}

fn bold_value(text: &str) -> f64 {
    VALUE.cut(Cut::SemiBold).width(text)
}

/// Name and value; the name is shortened to two fifths of the room, the value never.
fn flag_label(name: &str, mark: &Mark, room: f64) -> String {
    let printed = value_text(mark);
    // The composer may have put the value into the label already.
    let (name, value) = match name.strip_suffix(mark.text.as_str()) {
        Some(before) if !mark.text.is_empty() => (before.trim_end(), printed),
        _ => (name, printed),
    };
    let value_width = bold_value(&value) + 8.0;
    format!("{} {value}", text::shorten(name, VALUE.size, Cut::SemiBold, (room * 0.42 - value_width).max(30.0)))
}

fn flags<'a>(row: &'a StripRow, axis: &Axis, columns: &Columns) -> Vec<Flag<'a>> {
    let mut flags: Vec<Flag> = row
        .ours
        .iter()
        .enumerate()
        .map(|(index, (name, mark))| Flag {
            name,
            mark,
            text: flag_label(name, mark, columns.right - columns.left),
            first: index == 0,
            x: columns.x(axis, mark.value),
            level: 0,
        })
        .collect();
    // From right to left; of equal values the first given stands lowest.
    flags.sort_by(|a, b| b.x.total_cmp(&a.x));
    for index in 0..flags.len() {
        let (done, rest) = flags.split_at_mut(index);
        let flag = &mut rest[0];
        let end = flag.x + 6.0 + bold_value(&flag.text) + 8.0;
        // Above every flag whose pole stands under this text: then no pole crosses a text.
        flag.level = done.iter().filter(|other| other.x < end).map(|other| other.level + 1).max().unwrap_or(0);
    }
    flags
}

fn draw_row(
    pen: &Pen,
    row: &StripRow,
    language: &Language,
    axis: &Axis,
    columns: &Columns,
    (margin, top): (f64, f64),
) -> Result<f64, DrawError> {
    let narrow = pen.width < NARROW;
    let flags = flags(row, axis, columns);
    let levels = flags.iter().map(|flag| flag.level + 1).max().unwrap_or(0) as f64;
    let style = LABEL.cut(Cut::SemiBold);
    let lines = style.wrap(&row.label, columns.label);
    let sublines = SMALL.wrap(&row.sublabel, columns.label);
    let place = POSITION.wrap(&row.position, columns.position);
    let text_height = style.leading() * lines.len() as f64 + SMALL.leading() * sublines.len() as f64;
    let (text_top, flags_top) = if narrow {
        (top + 6.0, top + 8.0 + text_height + POSITION.leading() * place.len() as f64)
    } else {
        (top + 8.0, top + 6.0)
    };
    let (speck, field) = field(row, axis, columns, &flags);
    let reach = field.iter().map(|(_, away)| away.abs() + speck).fold(RADIUS, f64::max);
    let middle = (flags_top + levels * LEVEL + reach + 8.0).max(if narrow { 0.0 } else { top + 8.0 + text_height / 2.0 });
    let text_top = if narrow { text_top } else { text_top.max(middle - text_height / 2.0) };
    let bottom = (middle + reach + 12.0).max(text_top + if narrow { 0.0 } else { text_height + 8.0 });

    let mut y = text_top;
    for (lines, style) in [(&lines, style), (&sublines, SMALL)] {
        for line in lines {
            pen.centred(margin, y + style.leading() / 2.0, line, style, Anchor::Start)?;
            y += style.leading();
        }
    }
    if narrow {
        label(pen, margin, y + POSITION.leading() * place.len() as f64 / 2.0, &row.position, &place, POSITION)?;
    } else {
        let first = middle - POSITION.leading() * (place.len().saturating_sub(1)) as f64 / 2.0;
        for (index, line) in place.iter().enumerate() {
            pen.centred(columns.end, first + POSITION.leading() * index as f64, line, POSITION, Anchor::End)?;
        }
    }
    for tick in &axis.ticks {
        let x = columns.x(axis, *tick);
        pen.line((x, middle - reach - 3.0), (x, middle + reach + 3.0), GRID, 1.0)?;
    }
    pen.line((columns.low, middle), (columns.high, middle), BAR, 1.0)?;
    let plot = pen.area.apply_coord_spec(Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        axis.low..axis.high,
        0.0..bottom,
        (fine(columns.low)..fine(columns.high), 0..fine(bottom)),
    ));
    let at = field.iter().map(|(x, away)| (fine(*x), fine(middle + away))).collect();
    pen.area.draw(&Specks { at, radius: speck, ink: OTHERS })?;
    // The first of ours is drawn last, on top.
    let mut order: Vec<&Flag> = flags.iter().collect();
    order.sort_by_key(|flag| flag.first);
    for flag in &flags {
        let y = flag_y(flag, middle - reach);
        pen.line((flag.x, middle - RADIUS), (flag.x, y - 5.0), if flag.first { FIRST } else { BAR }, 1.0)?;
    }
    for flag in order {
        let style = if flag.first { VALUE.cut(Cut::SemiBold).ink(FIRST) } else { VALUE.ink(MUTED) };
        label(pen, flag.x + 6.0, flag_y(flag, middle - reach), flag.name, std::slice::from_ref(&flag.text), style)?;
        plot.draw(&MarkElement {
            at: (flag.mark.value, middle),
            shift: 0.0,
            radius: radius(flag.first),
            ink: if flag.first { FIRST } else { TEXT },
            hollow: is_hollow(flag.mark),
            shape: Shape::Dot,
            id: flag.mark.id.clone(),
            title: mark_title(language, &format!("{}, {}", row.label, flag.name), flag.mark),
        })?;
    }
    Ok(bottom)
}

/// Where the text of a flag stands, above the top of the swarm.
fn flag_y(flag: &Flag, top: f64) -> f64 {
    top - 12.0 - flag.level as f64 * LEVEL
}

/// The small dots: their radius, positions from left to right and distances from the middle, clear of ours.
fn field(row: &StripRow, axis: &Axis, columns: &Columns, flags: &[Flag]) -> (f64, Vec<(f64, f64)>) {
    let mut others: Vec<f64> = row.others.iter().map(|value| columns.x(axis, *value)).collect();
    others.sort_by(f64::total_cmp);
    let taken: Vec<(f64, f64)> = flags.iter().map(|flag| (flag.x, radius(flag.first) + 1.0)).collect();
    let (radius, away) = swarm::fitted(&others, &SPECKS, &taken, REACH);
    (radius, others.into_iter().zip(away).collect())
}

/// Of one of ours.
fn radius(first: bool) -> f64 {
    if first { RADIUS } else { RADIUS - 2.0 }
}
