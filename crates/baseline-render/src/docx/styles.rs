//! The styles of the document: what each is called, how it looks, and which style of a template stands for it.
//!
//! Why a list: the body asks for a [`Style`] only, so that with a partner's template every paragraph takes the
//! template's style of that name, whatever id it has there. Built-in styles have their English names in every
//! language of Word. Typefaces stand in the defaults only: styles that a template lacks take its own typeface.

use std::collections::{BTreeMap, BTreeSet};

use super::package::DECLARATION;
use crate::text::escape;

pub(super) const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Style {
    Normal,
    Title,
    Subtitle,
    Front,
    Heading1,
    Heading2,
    Heading3,
    ContentsHeading,
    Contents1,
    Contents2,
    ListOfFigures,
    Caption,
    FigureSubtitle,
    Figure,
    TableText,
    TableNumber,
    TableHeader,
    NoteTitle,
    NoteBox,
    Source,
    ListBullet,
    FootnoteText,
    CommentText,
    Header,
    Footer,
    Hyperlink,
    Strong,
    Mark,
    FootnoteReference,
    CommentReference,
    Table,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Paragraph,
    Character,
    Table,
}

/// What a template's styles are: kind and name in small letters to the id, and all ids.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub by_name: BTreeMap<(Kind, String), Found>,
    pub ids: BTreeSet<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Found {
    pub id: String,
    /// The style itself puts a bullet or number before its paragraphs.
    pub numbered: bool,
}

/// The id of each style in this document.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    ids: BTreeMap<Style, String>,
    /// Ours that are to be written, because no template has them.
    added: Vec<Style>,
    /// The bullets come with the style.
    pub bullets: bool,
}

impl Kind {
    /// As `w:type` says it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Paragraph => "paragraph",
            Self::Character => "character",
            Self::Table => "table",
        }
    }
}

impl Ids {
    /// Our own styles, all of them.
    pub fn ours() -> Self {
        Self::mapped(&Known::default())
    }

    /// Each style by name to that of a template; those that it lacks are added under an id that is free there.
    pub fn mapped(known: &Known) -> Self {
        let mut ids = BTreeMap::new();
        let mut added = Vec::new();
        let mut taken = known.ids.clone();
        let mut bullets = true;
        for definition in DEFINITIONS {
            let names = std::iter::once(definition.name).chain(definition.also.iter().copied());
            let found = names.map(|name| (definition.kind, name.to_lowercase())).find_map(|key| known.by_name.get(&key));
            let id = if let Some(found) = found {
                if definition.style == Style::ListBullet {
                    bullets = found.numbered;
                }
                found.id.clone()
            } else {
                added.push(definition.style);
                let mut id = definition.id.to_owned();
                while taken.contains(&id) {
                    id.push_str("Baseline");
                }
                id
            };
            taken.insert(id.clone());
            ids.insert(definition.style, id);
        }
        Self { ids, added, bullets }
    }

    pub fn of(&self, style: Style) -> &str {
        self.ids.get(&style).map_or("Normal", String::as_str)
    }

    /// Whether the style is ours, not the template's.
    pub fn is_ours(&self, style: Style) -> bool {
        self.added.contains(&style)
    }

    /// The definitions of the styles that are ours. `headings` puts numbers before headings; `width` is that of the
    /// text, in twentieths of a point.
    pub fn added_xml(&self, headings: bool, width: u32) -> String {
        DEFINITIONS
            .iter()
            .filter(|definition| self.is_ours(definition.style))
            .map(|definition| self.definition_xml(definition, headings, width))
            .collect()
    }

    fn definition_xml(&self, definition: &Definition, headings: bool, width: u32) -> String {
        let link = |tag: &str, style: Option<Style>| {
            style.map_or_else(String::new, |style| format!("<w:{tag} w:val=\"{}\"/>", escape(self.of(style))))
        };
        let default = if definition.style == Style::Normal { " w:default=\"1\"" } else { "" };
        let custom = if definition.custom { " w:customStyle=\"1\"" } else { "" };
        let level = [Style::Heading1, Style::Heading2, Style::Heading3].iter().position(|style| *style == definition.style);
        let number = match level {
            Some(level) if headings => {
                format!("<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{HEADINGS}\"/></w:numPr>")
            }
            Some(_) | None => String::new(),
        };
        let ppr = definition.paragraph.replace("{number}", &number).replace("{width}", &width.to_string());
        let ppr = if ppr.is_empty() { String::new() } else { format!("<w:pPr>{ppr}</w:pPr>") };
        let rpr = if definition.run.is_empty() { String::new() } else { format!("<w:rPr>{}</w:rPr>", definition.run) };
        let quick = if definition.quick { "<w:qFormat/>" } else { "" };
        format!(
            "<w:style w:type=\"{}\"{default}{custom} w:styleId=\"{}\"><w:name w:val=\"{}\"/>{}{}<w:uiPriority w:val=\"{}\"/>{quick}\
             {ppr}{rpr}{}</w:style>\n",
            definition.kind.code(),
            escape(self.of(definition.style)),
            definition.name,
            link("basedOn", definition.based),
            link("next", definition.next),
            if definition.custom { 20 } else { 10 },
            definition.more,
        )
    }
}

/// The numbering of headings in our own `numbering.xml`; with a template headings are as the template has them.
pub(super) const HEADINGS: u32 = 1;

/// `styles.xml` without a template.
pub(super) fn xml(ids: &Ids, language: &str, headings: bool, width: u32) -> String {
    format!(
        "{DECLARATION}<w:styles xmlns:w=\"{MAIN}\">\n<w:docDefaults><w:rPrDefault><w:rPr>\
         <w:rFonts w:ascii=\"Calibri\" w:hAnsi=\"Calibri\" w:eastAsia=\"Calibri\" w:cs=\"Calibri\"/>\
         <w:sz w:val=\"21\"/><w:szCs w:val=\"21\"/><w:lang w:val=\"{language}\" w:eastAsia=\"{language}\" w:bidi=\"ar-SA\"/>\
         </w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after=\"120\" w:line=\"269\" w:lineRule=\"auto\"/></w:pPr>\
         </w:pPrDefault></w:docDefaults>\n\
         <w:style w:type=\"character\" w:default=\"1\" w:styleId=\"DefaultParagraphFont\"><w:name w:val=\"Default Paragraph Font\"/>\
         <w:uiPriority w:val=\"1\"/><w:semiHidden/></w:style>\n\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:uiPriority w:val=\"99\"/>\
         <w:semiHidden/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/><w:tblCellMar><w:top w:w=\"0\" w:type=\"dxa\"/>\
         <w:left w:w=\"108\" w:type=\"dxa\"/><w:bottom w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"108\" w:type=\"dxa\"/></w:tblCellMar>\
         </w:tblPr></w:style>\n\
         <w:style w:type=\"numbering\" w:default=\"1\" w:styleId=\"NoList\"><w:name w:val=\"No List\"/><w:uiPriority w:val=\"99\"/>\
         <w:semiHidden/></w:style>\n{}</w:styles>",
        ids.added_xml(headings, width)
    )
}

struct Definition {
    style: Style,
    kind: Kind,
    id: &'static str,
    /// Built-in styles: as Word calls them in every language.
    name: &'static str,
    /// What other programs and very old templates call the same.
    also: &'static [&'static str],
    custom: bool,
    quick: bool,
    based: Option<Style>,
    next: Option<Style>,
    /// `{number}` is where numbers of headings stand.
    paragraph: &'static str,
    run: &'static str,
    more: &'static str,
}

const fn define(style: Style, kind: Kind, id: &'static str, name: &'static str) -> Definition {
    Definition {
        style,
        kind,
        id,
        name,
        also: &[],
        custom: false,
        quick: false,
        based: None,
        next: None,
        paragraph: "",
        run: "",
        more: "",
    }
}

const fn paragraph(style: Style, id: &'static str, name: &'static str) -> Definition {
    Definition { based: Some(Style::Normal), quick: true, ..define(style, Kind::Paragraph, id, name) }
}

const fn character(style: Style, id: &'static str, name: &'static str) -> Definition {
    define(style, Kind::Character, id, name)
}

/// In the order of the schema inside each: `keepNext`, `keepLines`, `numPr`, borders, shading, tabs, spacing, indents,
/// contextual spacing, alignment, outline level; Word refuses another.
const DEFINITIONS: &[Definition] = &[
    Definition { quick: true, ..define(Style::Normal, Kind::Paragraph, "Normal", "Normal") },
    Definition {
        also: &["Titel", "Titre", "Título", "Titolo", "Tytuł", "Rubrik", "Otsikko", "Títol", "Τίτλος", "Naslov"],
        next: Some(Style::Subtitle),
        paragraph: "<w:keepNext/><w:spacing w:before=\"2400\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:b/><w:color w:val=\"12436D\"/><w:sz w:val=\"52\"/><w:szCs w:val=\"52\"/>",
        ..paragraph(Style::Title, "Title", "Title")
    },
    Definition {
        also: &["Untertitel", "Sous-titre", "Subtítulo", "Sottotitolo", "Podtytuł", "Underrubrik", "Ondertitel", "Alaotsikko"],
        next: Some(Style::Front),
        paragraph: "<w:spacing w:before=\"0\" w:after=\"480\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:color w:val=\"595959\"/><w:sz w:val=\"30\"/><w:szCs w:val=\"30\"/>",
        ..paragraph(Style::Subtitle, "Subtitle", "Subtitle")
    },
    Definition {
        custom: true,
        paragraph: "<w:spacing w:after=\"80\"/>",
        ..paragraph(Style::Front, "FrontMatter", "Front Matter")
    },
    Definition {
        also: &[
            "Überschrift 1",
            "Nagłówek 1",
            "Titre 1",
            "Título 1",
            "Titolo 1",
            "Rubrik 1",
            "Otsikko 1",
            "Kop 1",
            "Títol 1",
            "Επικεφαλίδα 1",
            "Naslov 1",
        ],
        next: Some(Style::Normal),
        paragraph: "<w:keepNext/><w:keepLines/>{number}<w:spacing w:before=\"480\" w:after=\"160\" w:line=\"240\" w:lineRule=\"auto\"/><w:outlineLvl w:val=\"0\"/>",
        run: "<w:b/><w:bCs/><w:color w:val=\"12436D\"/><w:sz w:val=\"34\"/><w:szCs w:val=\"34\"/>",
        ..paragraph(Style::Heading1, "Heading1", "heading 1")
    },
    Definition {
        also: &[
            "Überschrift 2",
            "Nagłówek 2",
            "Titre 2",
            "Título 2",
            "Titolo 2",
            "Rubrik 2",
            "Otsikko 2",
            "Kop 2",
            "Títol 2",
            "Επικεφαλίδα 2",
            "Naslov 2",
        ],
        next: Some(Style::Normal),
        paragraph: "<w:keepNext/><w:keepLines/>{number}<w:spacing w:before=\"320\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/><w:outlineLvl w:val=\"1\"/>",
        run: "<w:b/><w:bCs/><w:color w:val=\"12436D\"/><w:sz w:val=\"26\"/><w:szCs w:val=\"26\"/>",
        ..paragraph(Style::Heading2, "Heading2", "heading 2")
    },
    Definition {
        also: &[
            "Überschrift 3",
            "Nagłówek 3",
            "Titre 3",
            "Título 3",
            "Titolo 3",
            "Rubrik 3",
            "Otsikko 3",
            "Kop 3",
            "Títol 3",
            "Επικεφαλίδα 3",
            "Naslov 3",
        ],
        next: Some(Style::Normal),
        paragraph: "<w:keepNext/><w:keepLines/>{number}<w:spacing w:before=\"240\" w:after=\"80\" w:line=\"240\" w:lineRule=\"auto\"/><w:outlineLvl w:val=\"2\"/>",
        run: "<w:b/><w:bCs/><w:sz w:val=\"22\"/><w:szCs w:val=\"22\"/>",
        ..paragraph(Style::Heading3, "Heading3", "heading 3")
    },
    Definition {
        next: Some(Style::Normal),
        paragraph: "<w:keepNext/><w:keepLines/><w:spacing w:before=\"360\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:b/><w:bCs/><w:color w:val=\"12436D\"/><w:sz w:val=\"30\"/><w:szCs w:val=\"30\"/>",
        ..paragraph(Style::ContentsHeading, "TOCHeading", "TOC Heading")
    },
    Definition {
        paragraph: "<w:tabs><w:tab w:val=\"left\" w:pos=\"510\"/><w:tab w:val=\"right\" w:pos=\"{width}\"/></w:tabs><w:spacing w:before=\"60\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/><w:ind w:left=\"510\" w:right=\"567\" w:hanging=\"510\"/>",
        quick: false,
        ..paragraph(Style::Contents1, "TOC1", "toc 1")
    },
    Definition {
        paragraph: "<w:tabs><w:tab w:val=\"left\" w:pos=\"1134\"/><w:tab w:val=\"right\" w:pos=\"{width}\"/></w:tabs><w:spacing w:before=\"0\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/><w:ind w:left=\"1134\" w:right=\"567\" w:hanging=\"624\"/>",
        quick: false,
        ..paragraph(Style::Contents2, "TOC2", "toc 2")
    },
    Definition {
        paragraph: "<w:tabs><w:tab w:val=\"right\" w:pos=\"{width}\"/></w:tabs><w:spacing w:before=\"0\" w:after=\"60\" w:line=\"240\" w:lineRule=\"auto\"/><w:ind w:left=\"510\" w:right=\"567\" w:hanging=\"510\"/>",
        quick: false,
        ..paragraph(Style::ListOfFigures, "TableofFigures", "table of figures")
    },
    Definition {
        also: &[
            "Beschriftung",
            "Legenda",
            "Légende",
            "Epígrafe",
            "Didascalia",
            "Beskrivning",
            "Kuvaotsikko",
            "Bijschrift",
            "Llegenda",
            "Λεζάντα",
            "Napis",
        ],
        next: Some(Style::Normal),
        paragraph: "<w:keepNext/><w:keepLines/><w:spacing w:before=\"280\" w:after=\"60\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:b/><w:bCs/><w:color w:val=\"12436D\"/><w:sz w:val=\"22\"/><w:szCs w:val=\"22\"/>",
        ..paragraph(Style::Caption, "Caption", "caption")
    },
    Definition {
        custom: true,
        next: Some(Style::Normal),
        paragraph: "<w:keepNext/><w:keepLines/><w:spacing w:before=\"0\" w:after=\"80\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:color w:val=\"595959\"/><w:sz w:val=\"19\"/><w:szCs w:val=\"19\"/>",
        ..paragraph(Style::FigureSubtitle, "FigureSubtitle", "Figure Subtitle")
    },
    Definition {
        custom: true,
        next: Some(Style::Normal),
        paragraph: "<w:keepNext/><w:spacing w:before=\"60\" w:after=\"60\" w:line=\"240\" w:lineRule=\"auto\"/>",
        ..paragraph(Style::Figure, "Figure", "Figure")
    },
    Definition {
        custom: true,
        paragraph: "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>",
        ..paragraph(Style::TableText, "TableText", "Table Text")
    },
    Definition {
        custom: true,
        based: Some(Style::TableText),
        paragraph: "<w:jc w:val=\"right\"/>",
        ..paragraph(Style::TableNumber, "TableNumber", "Table Number")
    },
    Definition {
        custom: true,
        based: Some(Style::TableText),
        paragraph: "<w:keepNext/>",
        run: "<w:b/><w:bCs/>",
        ..paragraph(Style::TableHeader, "TableHeader", "Table Header")
    },
    Definition {
        custom: true,
        based: Some(Style::NoteBox),
        next: Some(Style::NoteBox),
        paragraph: "<w:keepNext/><w:spacing w:before=\"200\" w:after=\"40\"/>",
        run: "<w:b/><w:bCs/>",
        ..paragraph(Style::NoteTitle, "NoteBoxTitle", "Note Box Title")
    },
    Definition {
        custom: true,
        paragraph: "<w:keepLines/><w:pBdr><w:left w:val=\"single\" w:sz=\"24\" w:space=\"8\" w:color=\"12436D\"/></w:pBdr>\
                    <w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F2F4F7\"/><w:spacing w:before=\"0\" w:after=\"120\"/>\
                    <w:ind w:left=\"227\" w:right=\"113\"/>",
        ..paragraph(Style::NoteBox, "NoteBox", "Note Box")
    },
    Definition {
        custom: true,
        paragraph: "<w:spacing w:before=\"40\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:color w:val=\"595959\"/><w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>",
        ..paragraph(Style::Source, "Source", "Source")
    },
    Definition {
        also: &["List Bullet 1"],
        paragraph: "<w:spacing w:after=\"80\"/><w:ind w:left=\"397\" w:hanging=\"284\"/>",
        ..paragraph(Style::ListBullet, "ListBullet", "List Bullet")
    },
    Definition {
        quick: false,
        paragraph: "<w:spacing w:before=\"0\" w:after=\"20\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>",
        ..paragraph(Style::FootnoteText, "FootnoteText", "footnote text")
    },
    Definition {
        quick: false,
        paragraph: "<w:spacing w:before=\"0\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/>",
        ..paragraph(Style::CommentText, "CommentText", "annotation text")
    },
    Definition {
        quick: false,
        paragraph: "<w:spacing w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>",
        run: "<w:color w:val=\"595959\"/><w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>",
        ..paragraph(Style::Header, "Header", "header")
    },
    Definition {
        quick: false,
        paragraph: "<w:spacing w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/><w:jc w:val=\"right\"/>",
        run: "<w:color w:val=\"595959\"/><w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>",
        ..paragraph(Style::Footer, "Footer", "footer")
    },
    Definition {
        run: "<w:color w:val=\"12436D\"/><w:u w:val=\"single\"/>",
        ..character(Style::Hyperlink, "Hyperlink", "Hyperlink")
    },
    Definition { quick: true, run: "<w:b/><w:bCs/>", ..character(Style::Strong, "Strong", "Strong") },
    Definition {
        custom: true,
        quick: true,
        run: "<w:color w:val=\"595959\"/>",
        ..character(Style::Mark, "NumberMark", "Number Mark")
    },
    Definition {
        run: "<w:vertAlign w:val=\"superscript\"/>",
        ..character(Style::FootnoteReference, "FootnoteReference", "footnote reference")
    },
    Definition {
        run: "<w:sz w:val=\"16\"/><w:szCs w:val=\"16\"/>",
        ..character(Style::CommentReference, "CommentReference", "annotation reference")
    },
    Definition {
        custom: true,
        quick: true,
        more: "<w:tblPr><w:tblBorders><w:top w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"595959\"/>\
               <w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"595959\"/>\
               <w:insideH w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"C8CCD2\"/></w:tblBorders><w:tblCellMar>\
               <w:top w:w=\"40\" w:type=\"dxa\"/><w:left w:w=\"57\" w:type=\"dxa\"/><w:bottom w:w=\"40\" w:type=\"dxa\"/>\
               <w:right w:w=\"57\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr>\
               <w:tblStylePr w:type=\"firstRow\"><w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:tcBorders>\
               <w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"595959\"/></w:tcBorders><w:vAlign w:val=\"bottom\"/></w:tcPr>\
               </w:tblStylePr>",
        ..define(Style::Table, Kind::Table, "BaselineTable", "Baseline Table")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[(Kind, &str, &str)], style: Style, expected: (&str, bool)) {
        let mut known = Known::default();
        for (kind, name, id) in names {
            known.ids.insert((*id).to_owned());
            known.by_name.insert((*kind, name.to_lowercase()), Found { id: (*id).into(), numbered: false });
        }
        let ids = Ids::mapped(&known);
        assert_eq!((ids.of(style), ids.is_ours(style)), expected, "{names:?}");
    }

    #[test]
    fn styles_are_found_by_name() {
        check(&[], Style::Heading1, ("Heading1", true));
        check(&[(Kind::Paragraph, "HEADING 1", "Nagwek1")], Style::Heading1, ("Nagwek1", false));
        check(&[(Kind::Paragraph, "Überschrift 1", "berschrift1")], Style::Heading1, ("berschrift1", false));
        // The id is taken by something else.
        check(&[(Kind::Paragraph, "My heading", "Heading1")], Style::Heading1, ("Heading1Baseline", true));
        check(&[(Kind::Character, "caption", "Caption")], Style::Caption, ("CaptionBaseline", true));
    }

    #[test]
    fn every_style_is_defined_once() {
        let ids: BTreeSet<_> = DEFINITIONS.iter().map(|definition| definition.id).collect();
        let styles: BTreeSet<_> = DEFINITIONS.iter().map(|definition| definition.style).collect();
        assert_eq!((ids.len(), styles.len()), (DEFINITIONS.len(), DEFINITIONS.len()));
    }
}
