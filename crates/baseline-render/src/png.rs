//! Every figure as a PNG picture: the same SVG, drawn by resvg at twice the size.
//!
//! The pictures are opaque, so they are stored without alpha; and mostly flat, so unfiltered rows compress best
//! (measured: 114 KB against 150 KB with adaptive filters and 370 KB with the encoder's fast setting).

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

use crate::chart::{self, Drawing, Sheet};
use crate::document::{Figure, Report};
use crate::text::{Cut, font};
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors};

pub(crate) struct Png;

/// Picture pixels in a pixel of the figure.
const SCALE: f32 = 2.0;

impl Format for Png {
    fn id(&self) -> &'static str {
        "png"
    }

    fn extension(&self) -> &'static str {
        "png"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        let language = setting.language;
        check_anchors(report)?;
        let render = |figure: &&Figure| {
            let drawing = chart::draw(figure, language, Sheet::FILE)?;
            let bytes =
                picture(&drawing, SCALE).map_err(|message| RenderError::Picture { figure: figure.id.clone(), message })?;
            Ok(RenderedFile { path: format!("figures/{}.png", figure.id), bytes })
        };
        // Pictures are by far the slowest part of a report, and each is on its own.
        let files: Result<Vec<_>, RenderError> = Figure::all(report).par_iter().map(render).collect();
        let mut files = files?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

/// The figure as pixels, `scale` of them in one of the drawing.
fn picture(drawing: &Drawing, scale: f32) -> Result<Vec<u8>, String> {
    pixels(&tree(drawing)?, scale)
}

fn pixels(tree: &usvg::Tree, scale: f32) -> Result<Vec<u8>, String> {
    let size = tree.size().to_int_size().scale_by(scale).ok_or("the figure has no size")?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or("the figure is too large for a picture")?;
    pixels.fill(resvg::tiny_skia::Color::WHITE);
    resvg::render(tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let mut opaque: Vec<u8> = Vec::with_capacity(pixels.data().len() / 4 * 3);
    pixels.data().as_chunks::<4>().0.iter().for_each(|[red, green, blue, _]| opaque.extend([red, green, blue]));
    drop(pixels);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width(), size.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    // 192 dots per inch: programs place the picture at its figure's size.
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: 7559, yppu: 7559, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer.write_image_data(&opaque).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The figure as vectors with its letters as outlines, for programs that would set them in another font; and as pixels, for
/// those that draw no vectors.
pub(crate) fn outlined(drawing: &Drawing, scale: f32) -> Result<(String, Vec<u8>), String> {
    let options = usvg::WriteOptions {
        // Hundredths of a pixel.
        coordinates_precision: 2,
        transforms_precision: 4,
        indent: usvg::Indent::None,
        ..usvg::WriteOptions::default()
    };
    let tree = tree(drawing)?;
    Ok((tree.to_string(&options), pixels(&tree, scale)?))
}

fn tree(drawing: &Drawing) -> Result<usvg::Tree, String> {
    let options = usvg::Options { fontdb: fonts(), ..usvg::Options::default() };
    usvg::Tree::from_str(&drawing.svg, &options).map_err(|error| error.to_string())
}

/// Our fonts and no others, read once: a picture is the same on every machine.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        for cut in [Cut::Regular, Cut::SemiBold, Cut::Italic] {
            fonts.load_font_source(fontdb::Source::Binary(Arc::new(font(cut))));
        }
        fonts.set_sans_serif_family("Source Sans 3");
        Arc::new(fonts)
    }))
}
