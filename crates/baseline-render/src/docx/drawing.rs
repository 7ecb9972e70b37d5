//! A figure in the text: its vector picture, and for programs that read none the same as pixels.
//!
//! The letters of the vector picture are drawn as outlines: Word and LibreOffice would set them in whatever font
//! they have, and labels placed by measure would run into one another. The text of a figure is its alternative
//! text, its description and its table.

use baseline_model::language::Language;
use rayon::prelude::*;

use super::{Page, rounded};
use crate::chart::{self, Drawing, Sheet};
use crate::document::{Figure, Report};
use crate::text::escape;
use crate::{RenderError, png};

/// The two pictures of a figure.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// Id of the figure.
    pub figure: String,
    pub alt: String,
    /// Name in the package, without ending.
    pub file: String,
    pub svg: String,
    pub png: Vec<u8>,
    /// Pixels of the sheet.
    pub width: f64,
    pub height: f64,
}

/// Caption, subtitle, note and source are real text beside it. Narrower than the sheet of a file: on paper it is
/// 16 cm wide, and the letters must be read.
const WIDTH: f64 = 700.0;
/// Pixels in a pixel of the sheet: about 200 in an inch of paper.
const SCALE: f32 = 1.25;

/// Every figure drawn, in the order of the report.
pub(super) fn pictures(report: &Report, language: &Language, page: &Page) -> Result<Vec<Picture>, RenderError> {
    let sheet = Sheet { width: WIDTH, suffix: Sheet::FILE.suffix, ..Sheet::WIDE };
    let tallest = highest(page) * WIDTH / f64::from(page.text_width(false)).max(1.0);
    let drawn = |(index, figure): (usize, &&Figure)| -> Result<Vec<Picture>, RenderError> {
        let drawings = chart::parts(figure, language, sheet, tallest)?;
        let alt = if figure.alt.is_empty() { &figure.title } else { &figure.alt };
        let part = |(part, drawing): (usize, Drawing)| {
            let failed = |message| RenderError::Picture { figure: figure.id.clone(), message };
            let (svg, png) = png::outlined(&drawing, SCALE).map_err(failed)?;
            Ok(Picture {
                figure: figure.id.clone(),
                alt: alt.clone(),
                file: if part == 0 {
                    format!("baseline-figure-{}", index + 1)
                } else {
                    format!("baseline-figure-{}-{}", index + 1, part + 1)
                },
                svg,
                png,
                width: drawing.width,
                height: drawing.height,
            })
        };
        drawings.into_iter().enumerate().map(part).collect()
    };
    let all: Vec<Vec<Picture>> = Figure::all(report).par_iter().enumerate().map(drawn).collect::<Result<_, _>>()?;
    Ok(all.into_iter().flatten().collect())
}

/// The caption and its texts need a quarter of the page; twentieths of a point.
fn highest(page: &Page) -> f64 {
    f64::from(page.text_height()) * 0.72
}

/// The drawing as a sign of its line, no floating box. `number` is unique in the document.
pub(super) fn xml(picture: &Picture, figure: &Figure, number: usize, (png, svg): (&str, &str), page: &Page) -> String {
    // 635 English metric units are a twentieth of a point.
    let (width, height) = (f64::from(page.text_width(false)), highest(page));
    let scale = (width / picture.width).min(height / picture.height) * 635.0;
    let (across, down) = (rounded(picture.width * scale).max(1), rounded(picture.height * scale).max(1));
    let (alt, title) = (escape(&picture.alt), escape(&figure.title));
    format!(
        "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{across}\" cy=\"{down}\"/>\
         <wp:docPr id=\"{number}\" name=\"{id}\" descr=\"{alt}\" title=\"{title}\"/><wp:cNvGraphicFramePr>\
         <a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr><a:graphic>\
         <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr>\
         <pic:cNvPr id=\"{number}\" name=\"{id}\" descr=\"{alt}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed=\"{png}\">\
         <a:extLst><a:ext uri=\"{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}\">\
         <asvg:svgBlip xmlns:asvg=\"http://schemas.microsoft.com/office/drawing/2016/SVG/main\" r:embed=\"{svg}\"/></a:ext></a:extLst>\
         </a:blip><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/>\
         <a:ext cx=\"{across}\" cy=\"{down}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>\
         </a:graphicData></a:graphic></wp:inline></w:drawing></w:r>",
        id = escape(&picture.figure),
    )
}
