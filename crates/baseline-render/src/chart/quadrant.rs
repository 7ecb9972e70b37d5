//! Two measures of the same places against one another, with lines that part the field.
//!
//! Names stand beside their points where there is room, further off with a thin line to the point where not, and in a numbered
//! list below where the sheet is narrow or the field too full. No line is fitted: so few points carry none.

use baseline_model::Grade;
use baseline_model::language::Language;

use super::axis::{self, Axis};
use super::canvas::{Anchor, DrawError, Drawn, MarkElement, Pen, Shape, Type, fine};
use super::palette::{BAR, CATEGORIES, GRID, Ink, MUTED};
use super::{Key, LegendItem, NARROW, SMALL, VALUE, flag_text, gapped, is_hollow, legend, mark_title, nothing, value_text};
use crate::document::{Quadrant, QuadrantPoint};
use crate::text::{self, Cut};

const RADIUS: f64 = 6.5;
/// Between a point and its name.
const NEAR: f64 = 4.0;
const LINE_TEXT: Type = Type { size: 12.5, cut: Cut::Italic, ink: MUTED };
/// Distances at which a name is tried, and the directions, in parts of a circle.
const RINGS: [f64; 9] = [16.0, 26.0, 38.0, 52.0, 70.0, 92.0, 120.0, 155.0, 200.0];
const DIRECTIONS: u32 = 24;
/// A name is at most so wide.
const WIDEST: f64 = 220.0;

type Box4 = [f64; 4];

/// The field in pixels, with its axes.
struct Field {
    axes: [Axis; 2],
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// A point of the sheet.
type At = (f64, f64);
/// A text with its box and the end of the line to it.
type Name = (String, Box4, Option<At>);

/// A point with its place and what stands beside it.
struct Spot<'a> {
    point: &'a QuadrantPoint,
    number: usize,
    at: (f64, f64),
    /// Text, its box, and the end of the line to it.
    name: Option<Name>,
    listed: bool,
}

impl Field {
    fn x(&self, value: f64) -> f64 {
        self.left + 14.0 + self.axes[0].share(value) * (self.right - self.left - 28.0)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - 14.0 - self.axes[1].share(value) * (self.bottom - self.top - 28.0)
    }
}

/// Colour and shape of a kind.
fn look(kind: usize) -> (Ink, Shape) {
    let shapes = [Shape::Dot, Shape::Diamond, Shape::Up, Shape::Square];
    (CATEGORIES[kind % 4], shapes[kind % 4])
}

fn radius(shape: Shape) -> f64 {
    if shape == Shape::Dot { RADIUS } else { RADIUS - 0.7 }
}

pub(super) fn draw(pen: &Pen, chart: &Quadrant, language: &Language, (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let mut y = legend(pen, margin, top, &legend_items(chart))?;
    let narrow = pen.width < NARROW;
    let values = |axis: usize| {
        let lines = chart.lines[axis].iter().map(|(value, _)| *value);
        chart.points.iter().map(move |point| point.marks[axis].value).chain(lines)
    };
    let steps = if narrow { 4 } else { 6 };
    let (Some(across), Some(upwards), false) =
        (axis::axis(values(0), steps), axis::axis(values(1), steps), chart.points.is_empty())
    else {
        return nothing(pen, language, margin, y);
    };
    let ticks = [across.labels(&chart.units[0], &chart.axis), upwards.labels(&chart.units[1], &chart.axis)];
    let widest = ticks[1].iter().map(|(_, text)| SMALL.width(text)).fold(0.0, f64::max);
    let right = pen.width - margin;
    let count = SMALL.width(&chart.count);
    let lines = SMALL.cut(Cut::SemiBold).wrap(&chart.titles[1], right - margin - count - 24.0);
    pen.centred(right, y + 8.0, &chart.count, SMALL, Anchor::End)?;
    for line in &lines {
        pen.centred(margin, y + 8.0, line, SMALL.cut(Cut::SemiBold), Anchor::Start)?;
        y += SMALL.leading();
    }
    let height = if narrow { 330.0 } else { 450.0 };
    let top = y + 8.0;
    let field = Field { axes: [across, upwards], left: margin + widest + 8.0, top, right, bottom: top + height };
    let mut spots = spots(chart, &field);
    let notes = line_texts(chart, &field, &spots);
    place(&mut spots, &field, &notes, narrow);
    draw_field(pen, chart, &field, &ticks, &notes, &spots)?;
    for spot in &spots {
        draw_spot(pen, chart, language, spot)?;
    }
    y = field.bottom + 24.0;
    for line in SMALL.cut(Cut::SemiBold).wrap(&chart.titles[0], right - field.left) {
        pen.centred(right, y + 6.0, &line, SMALL.cut(Cut::SemiBold), Anchor::End)?;
        y += SMALL.leading();
    }
    list(pen, &spots, (margin, y + 4.0))
}

fn legend_items(chart: &Quadrant) -> Vec<LegendItem> {
    let mut items = Vec::new();
    for (kind, text) in chart.kinds.iter().enumerate() {
        if chart.points.iter().any(|point| point.kind == kind) {
            let (ink, shape) = look(kind);
            items.push(LegendItem { key: Key::Mark { ink, hollow: false, shape }, text: text.clone() });
        }
    }
    let marks = || chart.points.iter().flat_map(|point| &point.marks);
    if marks().any(is_hollow) {
        let key = Key::Mark { ink: MUTED, hollow: true, shape: Shape::Dot };
        items.push(LegendItem { key, text: chart.legend_proxy.clone() });
    }
    if marks().any(|mark| !mark.flags.is_empty()) {
        items.push(LegendItem { key: Key::Letters, text: chart.legend_flag.clone() });
    }
    items
}

/// What the lines are, at their ends: of those upright at the top, of those level at the right; text and box. One that finds no
/// room clear of the points is left out: the figure's note says what the lines are.
fn line_texts(chart: &Quadrant, field: &Field, spots: &[Spot]) -> Vec<(String, Box4)> {
    let mut placed: Vec<(String, Box4)> = Vec::new();
    let style = LINE_TEXT;
    for (axis, lines) in chart.lines.iter().enumerate() {
        for (value, full) in lines {
            let text = text::shorten(full, style.size, style.cut, (field.right - field.left) * 0.4);
            let (width, leading) = (style.width(&text), style.leading());
            let boxed = |left: f64, middle: f64| [left, middle - leading / 2.0, left + width, middle + leading / 2.0];
            let tried: Vec<Box4> = if axis == 0 {
                let x = field.x(*value);
                let sides = [x + 5.0, x - 5.0 - width];
                sides.into_iter().flat_map(|left| [9.0, 27.0].map(|down| boxed(left, field.top + down))).collect()
            } else {
                let y = field.y(*value);
                let ends = [field.right - width - 4.0, field.left + 4.0];
                ends.into_iter().flat_map(|left| [y - 9.0, y + 9.0].map(|middle| boxed(left, middle))).collect()
            };
            let fits = |found: &&Box4| {
                let inside = found[0] >= field.left && found[2] <= field.right && found[1] >= field.top - 1.0;
                let free = spots.iter().all(|spot| apart(found, &mark_box(spot.at)));
                inside && free && found[3] <= field.bottom && placed.iter().all(|(_, other)| apart(found, other))
            };
            if let Some(found) = tried.iter().find(fits) {
                placed.push((text, *found));
            }
        }
    }
    placed
}

fn apart(a: &Box4, b: &Box4) -> bool {
    a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]
}

fn spots<'a>(chart: &'a Quadrant, field: &Field) -> Vec<Spot<'a>> {
    let spot = |(index, point): (usize, &'a QuadrantPoint)| Spot {
        point,
        number: index + 1,
        at: (field.x(point.marks[0].value), field.y(point.marks[1].value)),
        name: None,
        listed: false,
    };
    chart.points.iter().enumerate().map(spot).collect()
}

fn mark_box(at: (f64, f64)) -> Box4 {
    let reach = RADIUS + 2.0;
    [at.0 - reach, at.1 - reach, at.0 + reach, at.1 + reach]
}

fn name_style(point: &QuadrantPoint) -> Type {
    if point.highlight { VALUE.cut(Cut::SemiBold) } else { VALUE }
}

/// Names first those that are ours, then in the order given: deterministic, and each keeps clear of all before.
fn place(spots: &mut [Spot], field: &Field, notes: &[(String, Box4)], narrow: bool) {
    let mut taken: Vec<Box4> = notes.iter().map(|(_, found)| *found).collect();
    taken.extend(spots.iter().map(|spot| mark_box(spot.at)));
    let mut leaders: Vec<((f64, f64), (f64, f64))> = Vec::new();
    let mut order: Vec<usize> = (0..spots.len()).collect();
    order.sort_by_key(|index| !spots[*index].point.highlight);
    for index in order {
        let spot = &spots[index];
        let style = name_style(spot.point);
        let [across, upwards] = &spot.point.marks;
        let flags = flag_text(&across.flags.union(&upwards.flags));
        let name = text::shorten(&spot.point.label, style.size, style.cut, WIDEST);
        let (whole, number) = (name == spot.point.label, spot.number.to_string());
        let short = format!("{name}{flags}");
        let full = if whole && !narrow { short.clone() } else { String::new() };
        let texts = if narrow { vec![number] } else { vec![short, number] };
        let found = texts.into_iter().find_map(|text| {
            let (to, leader) = room(spot.at, style.width(&text), style.leading() - 1.0, field, &taken, &leaders)?;
            Some((text, to, leader))
        });
        let spot = &mut spots[index];
        spot.listed = full.is_empty() || found.as_ref().is_none_or(|(text, ..)| *text != full);
        if let Some((_, to, leader)) = &found {
            taken.push(*to);
            leaders.extend(leader.map(|end| (spot.at, end)));
        }
        spot.name = found;
    }
}

/// A free box for a text near a point, and the end of the line that leads to it where it is not beside it.
fn room(
    at: (f64, f64),
    width: f64,
    height: f64,
    field: &Field,
    taken: &[Box4],
    leaders: &[(At, At)],
) -> Option<(Box4, Option<(f64, f64)>)> {
    let reach = RADIUS + NEAR;
    let boxed = |left: f64, top: f64| [left, top, left + width, top + height];
    let (half, middle) = (width / 2.0, height / 2.0);
    let beside = [
        boxed(at.0 + reach, at.1 - middle),
        boxed(at.0 - reach - width, at.1 - middle),
        boxed(at.0 - half, at.1 - reach - height),
        boxed(at.0 - half, at.1 + reach),
    ];
    let fits = |found: &Box4| {
        let inside =
            found[0] >= field.left + 2.0 && found[2] <= field.right - 2.0 && found[1] >= field.top && found[3] <= field.bottom;
        inside && taken.iter().all(|other| apart(found, other)) && leaders.iter().all(|line| !crosses(*line, found))
    };
    if let Some(found) = beside.into_iter().find(|found| fits(found)) {
        return Some((found, None));
    }
    for ring in RINGS {
        for step in 0..DIRECTIONS {
            let angle = f64::from(step) / f64::from(DIRECTIONS) * std::f64::consts::TAU;
            let end = (at.0 + angle.cos() * (RADIUS + ring), at.1 + angle.sin() * (RADIUS + ring));
            let left = if angle.cos() >= 0.0 { end.0 + 2.0 } else { end.0 - 2.0 - width };
            let found = boxed(left, end.1 - middle);
            let own = mark_box(at);
            let free = taken.iter().all(|other| *other == own || !crosses((at, end), other));
            if fits(&found) && free {
                return Some((found, Some(end)));
            }
        }
    }
    None
}

/// Whether a straight line passes through a box; looked at every few pixels.
fn crosses((from, to): ((f64, f64), (f64, f64)), found: &Box4) -> bool {
    (0..=40).any(|step| {
        let share = f64::from(step) / 40.0;
        let (x, y) = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
        x > found[0] && x < found[2] && y > found[1] && y < found[3]
    })
}

fn draw_field(
    pen: &Pen,
    chart: &Quadrant,
    field: &Field,
    ticks: &[Vec<(f64, String)>; 2],
    notes: &[(String, Box4)],
    spots: &[Spot],
) -> Drawn {
    let mut texts: Vec<Box4> = notes.iter().map(|(_, found)| *found).collect();
    texts.extend(spots.iter().filter_map(|spot| spot.name.as_ref().map(|(_, found, _)| *found)));
    let mut free = f64::NEG_INFINITY;
    for (tick, label) in &ticks[0] {
        let x = field.x(*tick);
        gapped(pen, ((x, field.top), (x, field.bottom)), (GRID, 1.0), &texts)?;
        let half = SMALL.width(label) / 2.0;
        let middle = x.min(field.right - half);
        if middle - half > free {
            pen.centred(middle, field.bottom + 12.0, label, SMALL, Anchor::Middle)?;
            free = middle + half + 8.0;
        }
    }
    for (tick, label) in &ticks[1] {
        let y = field.y(*tick);
        gapped(pen, ((field.left, y), (field.right, y)), (GRID, 1.0), &texts)?;
        pen.centred(field.left - 6.0, y, label, SMALL, Anchor::End)?;
    }
    for (value, _) in &chart.lines[0] {
        let x = field.x(*value);
        gapped(pen, ((x, field.top), (x, field.bottom)), (MUTED, 1.4), &texts)?;
    }
    for (value, _) in &chart.lines[1] {
        let y = field.y(*value);
        gapped(pen, ((field.left, y), (field.right, y)), (MUTED, 1.4), &texts)?;
    }
    for (text, found) in notes {
        pen.centred(found[0], f64::midpoint(found[1], found[3]), text, LINE_TEXT, Anchor::Start)?;
    }
    Ok(())
}

fn draw_spot(pen: &Pen, chart: &Quadrant, language: &Language, spot: &Spot) -> Drawn {
    let point = spot.point;
    let (ink, shape) = look(point.kind);
    if let Some((text, found, leader)) = &spot.name {
        if let Some(end) = leader {
            pen.line(spot.at, *end, BAR, 1.0)?;
        }
        pen.centred(found[0], f64::midpoint(found[1], found[3]), text, name_style(point), Anchor::Start)?;
    }
    let [across, upwards] = &point.marks;
    let name = format!("{}, {}: {}; {}", point.label, chart.titles[0], value_text(across), chart.titles[1]);
    // The coarser of the two says whose value the point is.
    let grade: Grade = across.grade.max(upwards.grade);
    let mut whole = upwards.clone();
    whole.grade = grade;
    pen.mark(&MarkElement {
        at: (fine(spot.at.0), fine(spot.at.1)),
        shift: 0.0,
        radius: radius(shape) + if point.highlight { 1.0 } else { 0.0 },
        ink,
        hollow: is_hollow(&whole),
        shape,
        id: whole.id.clone(),
        title: mark_title(language, &name, &whole),
    })
}

/// The points that have a number in the place of their name, with both values.
fn list(pen: &Pen, spots: &[Spot], (margin, top): (f64, f64)) -> Result<f64, DrawError> {
    let mut y = top;
    for spot in spots.iter().filter(|spot| spot.listed) {
        let [across, upwards] = &spot.point.marks;
        let item = format!("{}\u{a0} {}: {}; {}", spot.number, spot.point.label, value_text(across), value_text(upwards));
        for line in name_style(spot.point).wrap(&item, pen.width - 2.0 * margin) {
            pen.centred(margin, y + VALUE.leading() / 2.0, &line, name_style(spot.point), Anchor::Start)?;
            y += VALUE.leading();
        }
        y += 2.0;
    }
    Ok(y)
}
