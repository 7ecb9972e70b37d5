//! What a map draws beside the marks of all charts: path data, and text with a light rim that stays readable on colour.

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};
use std::convert::Infallible;

use crate::chart::canvas::{Anchor, Backend, Drawn, Pen, Type, fine, trimmed};
use crate::chart::palette::{self, Ink};
use crate::text::{self, Cut, escape};

/// A path with its paint.
#[derive(Debug, Clone, Default)]
pub struct Paint {
    /// Path data in pixels.
    pub data: String,
    pub fill: Option<Ink>,
    /// With its width in pixels.
    pub stroke: Option<(Ink, f64)>,
    /// Figure id; empty: it stands for no figure.
    pub id: String,
    /// Accessible name and tooltip; empty: none.
    pub title: String,
}

/// A line of text that is to have a rim: its capitals are centred on `y`, it goes from `x` to the right.
#[derive(Debug, Clone)]
pub struct Rimmed {
    pub x: f64,
    pub y: f64,
    pub text: String,
    pub style: Type,
}

/// The rims of texts: drawn before the texts themselves, and no texts for a reader.
struct Rims<'a>(&'a [Rimmed]);

impl<'b> PointCollection<'b, BackendCoord> for &'b Paint {
    type Point = BackendCoord;
    type IntoIter = std::iter::Once<BackendCoord>;
    fn point_iter(self) -> Self::IntoIter {
        std::iter::once((0, 0))
    }
}

impl<'a> Drawable<Backend<'a>> for Paint {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        _: I,
        backend: &mut Backend<'a>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let fill = self.fill.map_or_else(|| "none".to_owned(), |ink| palette::hex(ink.light));
        let rule = if self.fill.is_some() { " fill-rule=\"evenodd\"" } else { "" };
        let stroke = self.stroke.map_or_else(String::new, |(ink, width)| {
            let (ink, width) = (palette::hex(ink.light), trimmed(fine(width)));
            format!(" stroke=\"{ink}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"")
        });
        let path = format!("<path d=\"{}\" fill=\"{fill}\"{rule}{stroke}/>", self.data);
        let title = if self.title.is_empty() { String::new() } else { format!("<title>{}</title>", escape(&self.title)) };
        match (self.id.is_empty(), title.is_empty()) {
            (false, _) => {
                backend.write(format_args!("<g class=\"mark\" data-id=\"{}\">{title}{path}</g>\n", escape(&self.id)));
            }
            (true, false) => backend.write(format_args!("<g>{title}{path}</g>\n")),
            (true, true) => backend.write(format_args!("{path}\n")),
        }
        Ok(())
    }
}

impl<'b> PointCollection<'b, BackendCoord> for &'b Rims<'_> {
    type Point = BackendCoord;
    type IntoIter = std::iter::Once<BackendCoord>;
    fn point_iter(self) -> Self::IntoIter {
        std::iter::once((0, 0))
    }
}

impl<'a> Drawable<Backend<'a>> for Rims<'_> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        _: I,
        backend: &mut Backend<'a>,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let paper = palette::hex(palette::PAPER.light);
        backend.write(format_args!(
            "<g aria-hidden=\"true\" fill=\"{paper}\" stroke=\"{paper}\" stroke-width=\"3\" stroke-linejoin=\"round\">\n"
        ));
        for Rimmed { x, y, text, style } in self.0 {
            let weight = if style.cut == Cut::SemiBold { " font-weight=\"600\"" } else { "" };
            let (x, y, size) = (trimmed(fine(*x)), trimmed(fine(baseline(*y, *style))), trimmed(fine(style.size)));
            backend.write(format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight}>{}</text>\n", escape(text)));
        }
        backend.write(format_args!("</g>\n"));
        Ok(())
    }
}

/// Texts with a light rim.
pub fn rimmed(pen: &Pen, texts: &[Rimmed]) -> Drawn {
    if texts.is_empty() {
        return Ok(());
    }
    pen.area.draw(&Rims(texts))?;
    texts.iter().try_for_each(|Rimmed { x, y, text, style }| pen.text(*x, baseline(*y, *style), text, *style, Anchor::Start))
}

fn baseline(y: f64, style: Type) -> f64 {
    y + text::CAP * style.size / 2.0
}
