//! The report as a Word document that an author goes on writing: real styles, captions and references as fields,
//! native tables, described figures, footnotes, and a comment at each block of data.
//!
//! Why an own writer: the crates for it write neither alternative texts nor repeated header rows. The package is a
//! dozen parts of WordprocessingML (ECMA-376 part 1, transitional); [`body`] writes the main one.

mod body;
mod columns;
mod comment;
mod drawing;
mod flow;
mod front;
mod package;
mod parts;
mod stranger;
mod styles;
mod table;
mod template;
mod write;

use std::collections::BTreeSet;

use self::body::Body;
use self::flow::{Need, Piece};
use self::package::{DECLARATION, OFFICE, Part, Relations, WORD, relations_part};
use self::styles::Ids;
use self::template::Template;
use crate::document::Report;
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors};

pub(crate) struct Docx;

/// The template's name among those that the user gives.
const TEMPLATE: &str = "reference.docx";

impl Format for Docx {
    fn id(&self) -> &'static str {
        "docx"
    }

    fn extension(&self) -> &'static str {
        "docx"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        check_anchors(report)?;
        // First, so that a bad one is said before the pictures are drawn.
        let template = setting.templates.get(TEMPLATE).map(|bytes| Template::read(bytes)).transpose()?;
        let parts = document(report, setting, template)?;
        let bytes = package::archive(&parts).map_err(|message| RenderError::Docx { message })?;
        Ok(vec![RenderedFile { path: "report.docx".into(), bytes }])
    }
}

/// Size and margins of a page held upright, in twentieths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    width: u32,
    height: u32,
    top: u32,
    bottom: u32,
    left: u32,
    right: u32,
    header: u32,
    footer: u32,
    gutter: u32,
}

impl Page {
    const A4: Self = Self {
        width: 11_906,
        height: 16_838,
        top: 1304,
        bottom: 1304,
        left: 1304,
        right: 1304,
        header: 624,
        footer: 624,
        gutter: 0,
    };

    fn text_width(&self, turned: bool) -> u32 {
        let width = if turned { self.height } else { self.width };
        width.saturating_sub(self.left + self.right + self.gutter)
    }

    fn text_height(&self) -> u32 {
        self.height.saturating_sub(self.top + self.bottom)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths of paper, cut to what a file may hold")]
fn rounded(length: f64) -> u32 {
    length.round().clamp(0.0, 1e8) as u32
}

fn document(report: &Report, setting: &Setting<'_>, template: Option<Template>) -> Result<Vec<Part>, RenderError> {
    let language = setting.language;
    let tag = parts::language_tag(&report.language);
    let ids = template.as_ref().map_or_else(Ids::ours, |template| Ids::mapped(&template.known));
    let page = template.as_ref().map_or(Page::A4, |template| template.page);
    let pictures = drawing::pictures(report, language, &page)?;
    let mut body = Body::new(report, language, &ids, page, &pictures);
    body.workbook = setting.workbook;
    // Titles that bring their numbers are not numbered twice; a template's headings are as it has them.
    body.numbered = template.is_none()
        && !report.sections.iter().any(|section| section.title.starts_with(|sign: char| sign.is_ascii_digit()));
    let numbered = body.numbered;
    let numbering = match &template {
        Some(template) => {
            let (xml, bullets) = template.numbering(&ids)?;
            body.bullets = bullets;
            xml
        }
        None => parts::numbering(&ids),
    };
    let width = page.text_width(false);
    let styles = match &template {
        Some(template) => template.styles(&ids, &tag, width)?,
        None => styles::xml(&ids, &tag, numbered, width),
    };
    let title = front::title_page(&mut body);
    let mut pieces = body.write();
    let contents = front::contents(&body);
    pieces.insert(0, Piece { xml: title + &contents, need: Need::Upright, weight: 0 });
    // The text begins on a page of its own.
    if let Some(first) = pieces.get_mut(1) {
        first.xml = first.xml.replacen("</w:pPr>", "<w:pageBreakBefore/></w:pPr>", 1);
    }

    let mut list = Vec::new();
    let mut relations = std::mem::take(&mut body.relations);
    let own = |list: &mut Vec<Part>, relations: &mut Relations, name: &str, kind: &str, xml: String| {
        list.push(Part { path: format!("word/{name}.xml"), content_type: format!("{WORD}.{kind}+xml"), bytes: xml.into_bytes() });
        relations.add(&format!("{OFFICE}/{kind}"), &format!("{name}.xml"), false)
    };
    own(&mut list, &mut relations, "styles", "styles", styles);
    own(
        &mut list,
        &mut relations,
        "settings",
        "settings",
        parts::settings(&tag, &language.number.decimal, template.as_ref().is_some_and(|template| template.even_pages_differ)),
    );
    own(&mut list, &mut relations, "numbering", "numbering", numbering);
    own(&mut list, &mut relations, "footnotes", "footnotes", parts::footnotes(&ids, &body.footnotes));
    own(&mut list, &mut relations, "comments", "comments", parts::comments(&ids, &body.comments, &report.date));
    let mut references = String::new();
    let mut refer = |tag: &str, pages: &str, id: &str| {
        references.push_str(&format!("<w:{tag}Reference w:type=\"{pages}\" r:id=\"{id}\"/>"));
    };
    let running = template.as_ref().map_or(&[][..], |template| &template.running);
    if running.is_empty() {
        for (index, (tag, pages, xml)) in front::running(&body).into_iter().enumerate() {
            let id = own(&mut list, &mut relations, &format!("baseline-{tag}{}", index + 1), tag, xml);
            refer(tag, pages, &id);
        }
    }
    for (tag, pages, path) in running {
        let id = relations.add(&format!("{OFFICE}/{tag}"), &format!("/{path}"), false);
        refer(tag, pages, &id);
    }
    if !template.as_ref().is_some_and(|template| template.related.iter().any(|(kind, _)| *kind == "fontTable")) {
        own(&mut list, &mut relations, "fontTable", "fontTable", parts::fonts());
    }
    let first_differs = template.as_ref().is_none_or(|template| template.running.is_empty() || template.first_page_differs);
    if let Some(template) = template {
        for (kind, path) in &template.related {
            relations.add(&format!("{OFFICE}/{kind}"), &format!("/{path}"), false);
        }
        list.extend(template.parts);
    }
    for picture in &pictures {
        for (ending, kind, bytes) in
            [("png", "image/png", picture.png.clone()), ("svg", "image/svg+xml", picture.svg.clone().into_bytes())]
        {
            list.push(Part { path: format!("word/media/{}.{ending}", picture.file), content_type: kind.into(), bytes });
        }
    }
    let xml = format!(
        "{DECLARATION}<w:document {}><w:body>\n{}</w:body></w:document>",
        parts::NAMESPACES,
        flow::body(&pieces, &page, &references, first_differs)
    );
    let main =
        Part { path: "word/document.xml".into(), content_type: format!("{WORD}.document.main+xml"), bytes: xml.into_bytes() };
    let related = relations_part(&main.path, &relations);
    let mut all = properties(report);
    all.extend([main, related]);
    all.extend(list);
    let mut seen = BTreeSet::new();
    match all.iter().find(|part| !seen.insert(part.path.to_lowercase())) {
        Some(part) => Err(RenderError::DocxTemplate {
            message: format!("its part '{}' has a name of ours\n  hint: open it in Word and save it again", part.path),
        }),
        None => Ok(all),
    }
}

/// The properties of the file, and where readers begin.
fn properties(report: &Report) -> Vec<Part> {
    let mut relations = Relations::default();
    relations.add(&format!("{OFFICE}/officeDocument"), "word/document.xml", false);
    let core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    relations.add(core, "docProps/core.xml", false);
    relations.add(&format!("{OFFICE}/extended-properties"), "docProps/app.xml", false);
    let part = |path: &str, content_type: &str, xml: String| Part {
        path: path.into(),
        content_type: content_type.into(),
        bytes: xml.into_bytes(),
    };
    vec![
        relations_part("", &relations),
        part("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml", parts::core(report)),
        part("docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml", parts::app()),
    ]
}
