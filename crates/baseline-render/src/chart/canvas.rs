//! Our own plotters back end: writes SVG text.
//!
//! Why not plotters' own: it draws on whole pixels, measures text with another box than renderers do, writes
//! family names unquoted and has no groups, titles or roles. Here the logical canvas is ten times finer
//! ([`FINE`]) and divided back on writing, text is measured from the font, and marks are groups that carry
//! their figure id (`data-id`). Every text's box is kept, so that tests prove that none collides.
//! In this back end `VPos::Bottom` is the baseline, `Center` and `Top` are those of the capitals.

use std::convert::Infallible;
use std::fmt::Write;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{Drawable, PointCollection};
use plotters::prelude::{DrawingArea, IntoDrawingArea, IntoFont, PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, ShapeStyle, TextStyle};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::palette::Ink;
use crate::text::{self, Cut, escape};

/// Logical units in a pixel.
pub const FINE: f64 = 10.0;
/// Taller than any chart; the true height is written when the chart is done.
const TALL: u32 = 400_000;

/// Drawing into a string cannot fail; the type is plotters'.
pub type DrawError = DrawingAreaErrorKind<Infallible>;
pub type Drawn = Result<(), DrawError>;
type Written = Result<(), DrawingErrorKind<Infallible>>;

/// What has been drawn.
#[derive(Debug, Default)]
pub struct Canvas {
    pub body: String,
    pub placed: Vec<Placed>,
    pub covers: Vec<Cover>,
}

/// The box of a mark, pixels.
#[derive(Debug, Clone)]
pub struct Cover {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    /// A bar may hold a text inside; a dot may not.
    pub bar: bool,
}

/// A text and the box that it needs, pixels.
#[derive(Debug, Clone)]
pub struct Placed {
    pub text: String,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// Size, cut and colour of a text.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    pub size: f64,
    pub cut: Cut,
    pub ink: Ink,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// The drawing area in pixels from the top left, with the helpers that all charts share.
pub struct Pen<'a> {
    pub area: DrawingArea<Backend<'a>, Shift>,
    pub width: f64,
}

pub struct Backend<'a> {
    canvas: &'a mut Canvas,
    width: u32,
}

/// How a dot is drawn; the shape says grade and flags without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Dot,
    Diamond,
    /// A triangle on its base, one on its tip, and a lying bar: above, below, level.
    Up,
    Down,
    Flat,
    Square,
}

/// A mark with its figure id. `C` is the coordinate type of the area it is drawn on.
#[derive(Debug, Clone)]
pub struct MarkElement<C> {
    pub at: C,
    /// Moves the mark down, in pixels: two marks of equal value stay both visible.
    pub shift: f64,
    pub radius: f64,
    pub ink: Ink,
    pub hollow: bool,
    pub shape: Shape,
    /// Figure id; empty in legends.
    pub id: String,
    /// Accessible name and tooltip; empty: none.
    pub title: String,
}

/// Opens a group (with an optional title) or closes it.
pub struct Group(pub Option<String>);

impl Shape {
    /// In radii from the centre, to the right and down; none for the round one.
    fn corners(self) -> &'static [(f64, f64)] {
        match self {
            Self::Dot => &[],
            Self::Diamond => &[(-1.3, 0.0), (0.0, -1.3), (1.3, 0.0), (0.0, 1.3)],
            Self::Up => &[(0.0, -1.0), (1.15, 0.9), (-1.15, 0.9)],
            Self::Down => &[(0.0, 1.0), (-1.15, -0.9), (1.15, -0.9)],
            Self::Flat => &[(-1.15, -0.5), (1.15, -0.5), (1.15, 0.5), (-1.15, 0.5)],
            Self::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        }
    }
}

/// How far a mark reaches from its centre.
fn radius_of(shape: Shape, radius: f64) -> f64 {
    let reach = |(right, down): &(f64, f64)| right.abs().max(down.abs());
    radius * shape.corners().iter().map(reach).reduce(f64::max).unwrap_or(1.0)
}

/// `900`, `12.5`: a tenth of a logical coordinate.
pub fn trimmed(fine: i32) -> String {
    let (sign, size) = if fine < 0 { ("-", fine.unsigned_abs()) } else { ("", fine.unsigned_abs()) };
    match size % 10 {
        0 => format!("{sign}{}", size / 10),
        tenth => format!("{sign}{}.{tenth}", size / 10),
    }
}

/// Pixels to logical units. Sizes of charts stay far below the limits of `i32`, and the cast saturates.
#[expect(clippy::cast_possible_truncation, reason = "rounded; a cast from f64 saturates, and charts are a few thousand pixels")]
pub fn fine(pixels: f64) -> i32 {
    (pixels * FINE).round() as i32
}

impl<'a> Pen<'a> {
    pub fn new(canvas: &'a mut Canvas, width: f64) -> Self {
        let backend = Backend { canvas, width: fine(width).unsigned_abs() };
        Self { area: backend.into_drawing_area(), width }
    }

    /// A line of text with its baseline at `y`.
    pub fn text(&self, x: f64, y: f64, line: &str, style: Type, anchor: Anchor) -> Drawn {
        self.place(x, y, line, style, anchor, VPos::Bottom)
    }

    /// A line of text whose capitals are centred on `y`.
    pub fn centred(&self, x: f64, y: f64, line: &str, style: Type, anchor: Anchor) -> Drawn {
        self.place(x, y, line, style, anchor, VPos::Center)
    }

    fn place(&self, x: f64, y: f64, line: &str, style: Type, anchor: Anchor, vertical: VPos) -> Drawn {
        let font = ("Baseline Sans", style.size * FINE).into_font().style(match style.cut {
            Cut::Regular => FontStyle::Normal,
            Cut::SemiBold => FontStyle::Bold,
            Cut::Italic => FontStyle::Italic,
        });
        let horizontal = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let colour = style.ink.rgb();
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(horizontal, vertical));
        self.area.draw_text(line, &style, (fine(x), fine(y)))
    }

    /// A straight line, `width` pixels wide.
    pub fn line(&self, from: (f64, f64), to: (f64, f64), ink: Ink, width: f64) -> Drawn {
        let points = vec![(fine(from.0), fine(from.1)), (fine(to.0), fine(to.1))];
        self.area.draw(&PathElement::new(points, stroke(ink, width)))
    }

    pub fn rect(&self, from: (f64, f64), to: (f64, f64), ink: Ink) -> Drawn {
        let corners = [(fine(from.0), fine(from.1)), (fine(to.0), fine(to.1))];
        self.area.draw(&Rectangle::new(corners, ink.rgb().filled()))
    }

    pub fn mark(&self, mark: &MarkElement<BackendCoord>) -> Drawn {
        self.area.draw(mark)
    }

    pub fn group(&self, title: &str) -> Drawn {
        self.area.draw(&Group(Some(title.to_owned())))
    }

    pub fn end_group(&self) -> Drawn {
        self.area.draw(&Group(None))
    }
}

/// A stroke of `width` pixels.
pub fn stroke(ink: Ink, width: f64) -> ShapeStyle {
    Color::stroke_width(&ink.rgb(), fine(width).unsigned_abs())
}

fn hex(colour: BackendColor) -> String {
    let (red, green, blue) = colour.rgb;
    format!("#{red:02X}{green:02X}{blue:02X}")
}

impl Backend<'_> {
    /// Writes SVG as it is.
    pub(super) fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.canvas.body.write_fmt(arguments).expect("writing to a string does not fail");
    }

    /// Keeps the box of a mark, for tests.
    pub(super) fn covers(&mut self, [from, to]: [BackendCoord; 2], bar: bool) {
        let [left, top, right, bottom] =
            [from.0.min(to.0), from.1.min(to.1), from.0.max(to.0), from.1.max(to.1)].map(|at| f64::from(at) / FINE);
        self.canvas.covers.push(Cover { left, top, right, bottom, bar });
    }

    /// Keeps the box of a text, for tests.
    pub(super) fn places(&mut self, placed: Placed) {
        self.canvas.placed.push(placed);
    }

    fn opacity(name: &str, colour: BackendColor) -> String {
        if colour.alpha < 1.0 { format!(" {name}-opacity=\"{:.2}\"", colour.alpha) } else { String::new() }
    }

    fn path(&mut self, data: &str, colour: BackendColor, width: u32) {
        let (opacity, width) = (Self::opacity("stroke", colour), trimmed(width.cast_signed()));
        self.write(format_args!(
            "<path d=\"{data}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"{opacity}/>\n",
            hex(colour)
        ));
    }

    fn mark(&mut self, at: BackendCoord, mark: &MarkElement<impl Sized>) {
        let ink = super::palette::hex(mark.ink.light);
        // A hollow mark keeps the outer size: half of its stroke lies inside.
        let (fill, stroke, radius) = if mark.hollow {
            (
                super::palette::hex(super::palette::PAPER.light),
                format!(" stroke=\"{ink}\" stroke-width=\"2.2\""),
                mark.radius - 1.1,
            )
        } else {
            (ink, String::new(), mark.radius)
        };
        if !mark.id.is_empty() {
            self.write(format_args!("<g class=\"mark\" data-id=\"{}\">", escape(&mark.id)));
            if !mark.title.is_empty() {
                self.write(format_args!("<title>{}</title>", escape(&mark.title)));
            }
        }
        let (x, y) = (at.0, at.1 + fine(mark.shift));
        let corners = mark.shape.corners();
        let half = fine(radius_of(mark.shape, mark.radius));
        self.covers([(x - half, y - half), (x + half, y + half)], false);
        if corners.is_empty() {
            self.write(format_args!(
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\"{stroke}/>",
                trimmed(x),
                trimmed(y),
                trimmed(fine(radius))
            ));
        } else {
            let points = corners.iter().map(|(right, down)| (x + fine(radius * right), y + fine(radius * down)));
            self.write(format_args!("<path d=\"{}\" fill=\"{fill}\"{stroke}/>", path_data(points, true)));
        }
        self.write(format_args!("{}", if mark.id.is_empty() { "\n" } else { "</g>\n" }));
    }
}

pub(super) fn path_data(points: impl IntoIterator<Item = BackendCoord>, close: bool) -> String {
    let mut data = String::new();
    for (index, (x, y)) in points.into_iter().enumerate() {
        data.push_str(if index == 0 { "M" } else { "L" });
        data.push_str(&trimmed(x));
        data.push(' ');
        data.push_str(&trimmed(y));
    }
    if close {
        data.push('Z');
    }
    data
}

impl DrawingBackend for Backend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width, TALL)
    }

    fn ensure_prepared(&mut self) -> Written {
        Ok(())
    }

    fn present(&mut self) -> Written {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Written {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Written {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Written {
        if fill {
            let (left, top) = (from.0.min(to.0), from.1.min(to.1));
            let (width, height) = (trimmed((to.0 - from.0).abs()), trimmed((to.1 - from.1).abs()));
            let (colour, opacity) = (hex(style.color()), Self::opacity("fill", style.color()));
            let (left, top) = (trimmed(left), trimmed(top));
            self.write(format_args!(
                "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"{opacity}/>\n"
            ));
        } else {
            let data = path_data([from, (to.0, from.1), to, (from.0, to.1)], true);
            self.path(&data, style.color(), style.stroke_width());
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Written {
        let data = path_data(path, false);
        self.path(&data, style.color(), style.stroke_width());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, fill: bool) -> Written {
        let (x, y, radius, colour) = (trimmed(centre.0), trimmed(centre.1), trimmed(radius.cast_signed()), hex(style.color()));
        let paint = if fill {
            format!("fill=\"{colour}\"{}", Self::opacity("fill", style.color()))
        } else {
            format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"", trimmed(style.stroke_width().cast_signed()))
        };
        self.write(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {paint}/>\n"));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, points: I, style: &S) -> Written {
        let (data, colour) = (path_data(points, true), style.color());
        let opacity = Self::opacity("fill", colour);
        self.write(format_args!("<path d=\"{data}\" fill=\"{}\" fill-rule=\"evenodd\"{opacity}/>\n", hex(colour)));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, line: &str, style: &T, at: BackendCoord) -> Written {
        let (cut, size) = (cut(style), style.size() / FINE);
        let (x, y) = (f64::from(at.0) / FINE, f64::from(at.1) / FINE);
        let baseline = match style.anchor().v_pos {
            VPos::Bottom => y,
            VPos::Center => y + text::CAP * size / 2.0,
            VPos::Top => y + text::CAP * size,
        };
        let width = text::width(line, size, cut);
        let (left, anchor) = match style.anchor().h_pos {
            HPos::Left => (x, ""),
            HPos::Center => (x - width / 2.0, " text-anchor=\"middle\""),
            HPos::Right => (x - width, " text-anchor=\"end\""),
        };
        let weight = match cut {
            Cut::Regular => "",
            Cut::SemiBold => " font-weight=\"600\"",
            Cut::Italic => " font-style=\"italic\"",
        };
        let (x, y, size_text) = (trimmed(at.0), trimmed(fine(baseline)), trimmed(fine(size)));
        self.write(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size_text}\"{weight}{anchor} fill=\"{}\">{}</text>\n",
            hex(style.color()),
            escape(line)
        ));
        self.places(Placed {
            text: line.to_owned(),
            left,
            top: baseline - text::ASCENT * size,
            right: left + width,
            bottom: baseline + text::DESCENT * size,
        });
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(&self, line: &str, style: &T) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size() / FINE;
        let (width, height) = (text::width(line, size, cut(style)), (text::ASCENT + text::DESCENT) * size);
        Ok((fine(width).unsigned_abs(), fine(height).unsigned_abs()))
    }
}

fn cut<T: BackendTextStyle>(style: &T) -> Cut {
    match style.style() {
        plotters_backend::FontStyle::Normal => Cut::Regular,
        plotters_backend::FontStyle::Bold => Cut::SemiBold,
        plotters_backend::FontStyle::Italic | plotters_backend::FontStyle::Oblique => Cut::Italic,
    }
}

impl<'b, C: 'b> PointCollection<'b, C> for &'b MarkElement<C> {
    type Point = &'b C;
    type IntoIter = std::iter::Once<&'b C>;
    fn point_iter(self) -> Self::IntoIter {
        std::iter::once(&self.at)
    }
}

impl<'a, C> Drawable<Backend<'a>> for MarkElement<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, points: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        for at in points {
            backend.mark(at, self);
        }
        Ok(())
    }
}

impl<'b> PointCollection<'b, BackendCoord> for &'b Group {
    type Point = BackendCoord;
    type IntoIter = std::iter::Once<BackendCoord>;
    fn point_iter(self) -> Self::IntoIter {
        std::iter::once((0, 0))
    }
}

impl<'a> Drawable<Backend<'a>> for Group {
    fn draw<I: Iterator<Item = BackendCoord>>(&self, _: I, backend: &mut Backend<'a>, _: (u32, u32)) -> Written {
        match &self.0 {
            Some(title) => backend.write(format_args!("<g><title>{}</title>\n", escape(title))),
            None => backend.write(format_args!("</g>\n")),
        }
        Ok(())
    }
}
