//! What stands in the document: headings, text, notes, figures and tables, in the order of the report.
//!
//! Along the way it gathers what other parts hold: footnotes, comments, pictures, links, and the entries of the
//! tables of contents. Decisions: a figure's long description is a paragraph under it, because Word shows readers
//! of the screen one text only; its data stand under it as a native table while they are short, else in the annex.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::Grade;
use baseline_model::language::Language;

use super::flow::{Need, Piece};
use super::package::{OFFICE, Relations};
use super::parts::BULLETS;
use super::styles::{Ids, Style};
use super::{Page, columns, drawing, table, write};
use crate::document::{Block, Figure, Number, Report, Section, Span, Table, Text};
use crate::words;

/// An entry of a table of contents.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub level: usize,
    /// `2.1`; empty when headings are not numbered by us.
    pub number: String,
    pub text: String,
    pub bookmark: String,
}

pub(super) struct Body<'a> {
    pub report: &'a Report,
    pub language: &'a Language,
    pub ids: &'a Ids,
    pub page: Page,
    /// `tables.xlsx` lies beside the document.
    pub workbook: bool,
    /// Headings are numbered by our list.
    pub numbered: bool,
    /// The instance of the list of bullets.
    pub bullets: u32,
    pub pictures: &'a [drawing::Picture],
    pub relations: Relations,
    pub footnotes: Vec<String>,
    pub comments: Vec<Vec<String>>,
    pub headings: Vec<Entry>,
    pub figures: Vec<Entry>,
    pub tables: Vec<Entry>,
    pieces: Vec<Piece>,
    annex: Vec<&'a Figure>,
    /// What may be referred to: its bookmark, and the text that a reference shows.
    targets: BTreeMap<&'a str, (String, String)>,
    /// Marks that have had their footnote.
    explained: BTreeSet<String>,
    bookmarks: u32,
    counts: [usize; 2],
    sequence: [u32; 2],
}

/// Rows of a data table that is set under its figure.
const UNDER_FIGURE: usize = 12;
/// The bookmark of the annex.
const ANNEX: &str = "_RefAnnex";

/// A sequence of numbers in captions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sequence {
    Figure,
    Table,
}

impl<'a> Body<'a> {
    pub fn new(report: &'a Report, language: &'a Language, ids: &'a Ids, page: Page, pictures: &'a [drawing::Picture]) -> Self {
        let mut targets = BTreeMap::new();
        let mut target = |anchor: &'a str, text: &str| {
            let name = format!("_Ref{:08}", targets.len() + 1);
            targets.insert(anchor, (name, text.to_owned()));
        };
        for section in &report.sections {
            target(&section.id, &section.title);
            for block in &section.blocks {
                match block {
                    Block::Figure(figure) => target(&figure.id, &figure.label),
                    Block::Table(table) => target(&table.id, &table.label),
                    Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => {}
                }
            }
        }
        Self {
            report,
            language,
            ids,
            page,
            numbered: false,
            workbook: true,
            bullets: BULLETS,
            pictures,
            relations: Relations::default(),
            footnotes: Vec::new(),
            comments: Vec::new(),
            headings: Vec::new(),
            figures: Vec::new(),
            tables: Vec::new(),
            pieces: Vec::new(),
            annex: Vec::new(),
            targets,
            explained: BTreeSet::new(),
            bookmarks: 0,
            counts: [0, 0],
            sequence: [0, 0],
        }
    }

    /// Every section, and the annex.
    pub fn write(&mut self) -> Vec<Piece> {
        let report = self.report;
        for section in &report.sections {
            self.section(section);
        }
        self.write_annex();
        std::mem::take(&mut self.pieces)
    }

    pub fn word(&self, key: &str) -> String {
        self.language.text(key, &[])
    }

    /// The runs of a text.
    pub fn spans(&mut self, text: &Text, strong: bool) -> String {
        let mut xml = String::new();
        let bold = if strong { "<w:b/><w:bCs/>" } else { "" };
        for span in &text.0 {
            match span {
                Span::Plain(text) => xml.push_str(&write::run(bold, text)),
                Span::Strong(text) => xml.push_str(&write::run(&self.character(Style::Strong, bold), text)),
                Span::Number(number) => xml.push_str(&self.number(number, strong)),
                Span::Link { text, url } => xml.push_str(&self.link(text, url, bold)),
                Span::Reference { text, anchor } => xml.push_str(&self.reference(text, anchor, bold)),
            }
        }
        xml
    }

    /// A number, its marks, and a footnote for each mark that occurs for the first time.
    pub fn number(&mut self, number: &Number, strong: bool) -> String {
        let bold = if strong { "<w:b/><w:bCs/>" } else { "" };
        let mut xml = write::run(bold, &number.text);
        xml.push_str(&write::run(&self.character(Style::Mark, bold), &number.marks()));
        let mut notes = Vec::new();
        for letter in number.flags.letters() {
            let printed = letter.to_string();
            let fill = [("letter", printed.as_str()), ("meaning", &words::flag(self.language, letter))];
            notes.push((format!("[{letter}]"), self.language.text("render.number_status", &fill)));
        }
        if number.grade != Grade::A {
            notes.push((format!("({})", number.grade), self.grade(number.grade)));
        }
        if number.carried_years > 0 {
            let years = number.carried_years.to_string();
            let note = self.language.text("render.number_carried", &[("years", &years)]);
            notes.push((number.carried.clone(), format!("({}) {note}", number.carried)));
        }
        xml + &self.footnote(notes)
    }

    /// What a grade means, `Grade D: value of the country`.
    pub fn grade(&self, grade: Grade) -> String {
        let fill = [("grade", grade.to_string()), ("meaning", words::grade(self.language, grade))];
        self.language.text("render.number_grade", &fill.each_ref().map(|(key, text)| (*key, text.as_str())))
    }

    /// One footnote for those of the notes that have not been given before; they are known by their mark.
    pub fn footnote(&mut self, notes: Vec<(String, String)>) -> String {
        let fresh: Vec<String> =
            notes.into_iter().filter(|(mark, _)| self.explained.insert(mark.clone())).map(|(_, note)| note).collect();
        if fresh.is_empty() {
            return String::new();
        }
        self.footnotes.push(fresh.join("; "));
        let properties = write::style(self.ids.of(Style::FootnoteReference));
        format!("<w:r>{properties}<w:footnoteReference w:id=\"{}\"/></w:r>", self.footnotes.len())
    }

    /// Text, without a heading or picture.
    pub fn text_piece(&mut self, style: Style, more: &str, runs: &str, weight: usize) {
        let after_data = self.pieces.last().is_some_and(|piece| matches!(piece.need, Need::Upright | Need::Turned));
        let space = if after_data { "<w:spacing w:before=\"240\"/>" } else { "" };
        let xml = write::paragraph(self.ids.of(style), &format!("{more}{space}"), runs);
        self.pieces.push(Piece { xml, need: Need::Any, weight });
    }

    /// A caption with its number as a field, its bookmarks, and a comment.
    fn caption(&mut self, sequence: Sequence, anchor: &str, label: &str, title: &str, comment: Vec<String>) -> String {
        let name = self.targets.get(anchor).map(|(name, _)| name.clone());
        let label_xml = self.label(sequence, label);
        let label_xml = match name {
            Some(name) if !label.is_empty() => write::bookmark(self.next_bookmark(), &name, &label_xml),
            Some(_) | None => label_xml,
        };
        // A reference to a table without a label leads to its title.
        let title_xml = match self.targets.get(anchor).map(|(name, _)| name.clone()) {
            Some(name) if label.is_empty() => write::bookmark(self.next_bookmark(), &name, &write::run("", title)),
            Some(_) | None => write::run("", title),
        };
        let gap = if label.is_empty() || title.is_empty() { "" } else { "\u{2002}" };
        let inside = format!("{label_xml}{}{title_xml}", write::run("", gap));
        let bookmark = self.entry_bookmark();
        let inside = write::bookmark(self.next_bookmark(), &bookmark, &inside);
        if !label.is_empty() {
            let entry = Entry { level: 0, number: String::new(), text: format!("{label}{gap}{title}"), bookmark };
            match sequence {
                Sequence::Figure => self.figures.push(entry),
                Sequence::Table => self.tables.push(entry),
            }
        }
        let inside = self.commented(&inside, comment);
        write::paragraph(self.ids.of(Style::Caption), "", &inside)
    }

    /// `Figure 3` with the digits as a field that counts; a label without digits stays as it is.
    fn label(&mut self, sequence: Sequence, label: &str) -> String {
        let start = label.find(|character: char| character.is_ascii_digit());
        let Some(start) = start else { return write::run("", label) };
        let end = label[start..].find(|character: char| !character.is_ascii_digit()).map_or(label.len(), |end| start + end);
        let (identifier, count) = match sequence {
            Sequence::Figure => ("Figure", &mut self.sequence[0]),
            Sequence::Table => ("Table", &mut self.sequence[1]),
        };
        let Ok(number) = label[start..end].parse::<u32>() else { return write::run("", label) };
        // When the report counts in another way, the field begins anew, so that an update changes nothing.
        let restart = if number == count.saturating_add(1) { String::new() } else { format!(" \\r {number}") };
        *count = number;
        let field = write::field(&format!("SEQ {identifier} \\* ARABIC{restart}"), &write::run("", &label[start..end]));
        format!("{}{field}{}", write::run("", &label[..start]), write::run("", &label[end..]))
    }

    fn commented(&mut self, inside: &str, lines: Vec<String>) -> String {
        if lines.is_empty() {
            return inside.to_owned();
        }
        let id = self.comments.len();
        self.comments.push(lines);
        let properties = write::style(self.ids.of(Style::CommentReference));
        format!(
            "<w:commentRangeStart w:id=\"{id}\"/>{inside}<w:commentRangeEnd w:id=\"{id}\"/>\
             <w:r>{properties}<w:commentReference w:id=\"{id}\"/></w:r>"
        )
    }

    fn section(&mut self, section: &'a Section) {
        let name = self.targets.get(section.id.as_str()).map(|(name, _)| name.clone());
        self.heading(0, &section.title, name.as_deref());
        for block in &section.blocks {
            match block {
                Block::Heading(text) => self.heading(1, text, None),
                Block::Paragraph(text) => {
                    let runs = self.spans(text, false);
                    self.text_piece(Style::Normal, "", &runs, text.to_plain().len());
                }
                Block::List(items) => self.list(items),
                Block::Note { title, body } => self.note(title, body),
                Block::Figure(figure) => self.figure(figure),
                Block::Table(table) if table.reference && self.workbook => {
                    let comment = super::comment::of_table((self.report, self.workbook), self.language, table);
                    let caption = self.caption(Sequence::Table, &table.id, &table.label, &table.caption, comment);
                    let place = self.language.text("render.in_workbook", &[("sheet", &table.label)]);
                    let left = Table { rows: Vec::new(), columns: Vec::new(), notes: vec![Text::plain(place)], ..table.clone() };
                    self.table(&left, &caption);
                }
                Block::Table(table) => {
                    let comment = super::comment::of_table((self.report, self.workbook), self.language, table);
                    let caption = self.caption(Sequence::Table, &table.id, &table.label, &table.caption, comment);
                    self.table(table, &caption);
                }
            }
        }
    }

    fn heading(&mut self, level: usize, text: &str, name: Option<&str>) {
        let style = if level == 0 { Style::Heading1 } else { Style::Heading2 };
        let mut inside = write::run("", text);
        if let Some(name) = name {
            inside = write::bookmark(self.next_bookmark(), name, &inside);
        }
        let bookmark = self.entry_bookmark();
        inside = write::bookmark(self.next_bookmark(), &bookmark, &inside);
        self.counts[level] += 1;
        if level == 0 {
            self.counts[1] = 0;
        }
        let number = match (self.numbered, level) {
            (false, _) => String::new(),
            (true, 0) => self.counts[0].to_string(),
            (true, _) => format!("{}.{}", self.counts[0], self.counts[1]),
        };
        self.headings.push(Entry { level, number, text: text.to_owned(), bookmark });
        let xml = write::paragraph(self.ids.of(style), "", &inside);
        self.pieces.push(Piece { xml, need: Need::Heading, weight: text.len() });
    }

    fn list(&mut self, items: &[Text]) {
        let number = if self.ids.bullets && !self.ids.is_ours(Style::ListBullet) {
            String::new()
        } else {
            format!("<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{}\"/></w:numPr>", self.bullets)
        };
        for item in items {
            let runs = self.spans(item, false);
            self.text_piece(Style::ListBullet, &number, &runs, item.to_plain().len());
        }
    }

    fn note(&mut self, title: &str, body: &[Text]) {
        let weight = title.len() + body.iter().map(|text| text.to_plain().len()).sum::<usize>();
        let mut xml = String::new();
        if !title.is_empty() {
            xml.push_str(&write::paragraph(self.ids.of(Style::NoteTitle), "", &write::run("", title)));
        }
        for text in body {
            let runs = self.spans(text, false);
            xml.push_str(&write::paragraph(self.ids.of(Style::NoteBox), "", &runs));
        }
        self.pieces.push(Piece { xml, need: Need::Any, weight });
    }

    fn figure(&mut self, figure: &'a Figure) {
        let comment = super::comment::of_figure((self.report, self.workbook), self.language, figure);
        let mut xml = self.caption(Sequence::Figure, &figure.id, &figure.label, &figure.title, comment);
        if !figure.subtitle.is_empty() {
            xml.push_str(&write::paragraph(self.ids.of(Style::FigureSubtitle), "", &write::run("", &figure.subtitle)));
        }
        for drawn in self.drawings(figure) {
            xml.push_str(&write::paragraph(self.ids.of(Style::Figure), "", &drawn));
        }
        let description = self.language.text("render.docx_description", &[("text", &figure.long_description)]);
        for (body, key) in [(&figure.note, "render.figure_note"), (&figure.source, "render.figure_source")] {
            if !body.is_empty() {
                xml.push_str(&self.small(&self.language.text(key, &[("text", body)])));
            }
        }
        if !figure.long_description.is_empty() {
            xml.push_str(&self.small(&description));
        }
        let data = &figure.data;
        if data.rows.is_empty() {
            self.pieces.push(Piece { xml, need: Need::Upright, weight: 0 });
            return;
        }
        let layout = columns::layout(data, self.page.text_width(false), self.page.text_width(true));
        if data.rows.len() > UNDER_FIGURE || layout.landscape {
            let text = self.word("render.docx_data_in_annex");
            let link = write::internal(ANNEX, &write::run(&self.character(Style::Hyperlink, ""), &text));
            xml.push_str(&write::paragraph(self.ids.of(Style::Source), "", &link));
            self.annex.push(figure);
            self.pieces.push(Piece { xml, need: Need::Upright, weight: 0 });
            return;
        }
        self.pieces.push(Piece { xml, need: Need::Upright, weight: 0 });
        let title = self.word("render.data_table");
        let caption = write::paragraph(self.ids.of(Style::Source), "<w:keepNext/>", &write::run("<w:b/><w:bCs/>", &title));
        self.data_table(figure, &caption);
    }

    /// The data of a figure, which say their source only when it is another than the figure's.
    fn data_table(&mut self, figure: &Figure, caption: &str) {
        let mut data = figure.data.clone();
        if data.source == figure.source {
            data.source.clear();
        }
        if data.caption.is_empty() {
            data.caption.clone_from(&figure.subtitle);
        }
        self.table(&data, caption);
    }

    fn table(&mut self, table: &Table, caption: &str) {
        let layout = columns::layout(table, self.page.text_width(false), self.page.text_width(true));
        let mut xml = caption.to_owned();
        xml.push_str(&table::xml(self, table, &layout));
        for note in &table.notes {
            let runs = self.spans(note, false);
            xml.push_str(&write::paragraph(self.ids.of(Style::Source), "", &runs));
        }
        if !table.source.is_empty() {
            xml.push_str(&self.small(&self.language.text("render.figure_source", &[("text", &table.source)])));
        }
        let need = if layout.landscape { Need::Turned } else { Need::Upright };
        self.pieces.push(Piece { xml, need, weight: 0 });
    }

    fn write_annex(&mut self) {
        let figures = std::mem::take(&mut self.annex);
        if figures.is_empty() {
            return;
        }
        let title = self.word("render.docx_annex");
        self.heading(0, &title, Some(ANNEX));
        for figure in figures {
            let fill = [("label", figure.label.as_str()), ("title", figure.title.as_str())];
            let title = self.language.text("render.xlsx_data_of", &fill);
            let comment = super::comment::of_table((self.report, self.workbook), self.language, &figure.data);
            let caption = self.caption(Sequence::Table, "", "", &title, comment);
            self.data_table(figure, &caption);
        }
    }

    fn drawings(&mut self, figure: &Figure) -> Vec<String> {
        let image = format!("{OFFICE}/image");
        let mut drawings = Vec::new();
        for (index, picture) in self.pictures.iter().enumerate().filter(|(_, picture)| picture.figure == figure.id) {
            let png = self.relations.add(&image, &format!("media/{}.png", picture.file), false);
            let svg = self.relations.add(&image, &format!("media/{}.svg", picture.file), false);
            drawings.push(drawing::xml(picture, figure, index + 1, (&png, &svg), &self.page));
        }
        drawings
    }

    fn small(&self, text: &str) -> String {
        write::paragraph(self.ids.of(Style::Source), "", &write::run("", text))
    }

    /// Only what a reader may open becomes a link.
    fn link(&mut self, text: &str, url: &str, bold: &str) -> String {
        let Some(address) = write::address(url) else {
            return write::run(bold, &format!("{text} ({url})"));
        };
        let id = self.relations.add(&format!("{OFFICE}/hyperlink"), &address, true);
        let run = write::run(&self.character(Style::Hyperlink, bold), text);
        format!("<w:hyperlink r:id=\"{id}\" w:history=\"1\">{run}</w:hyperlink>")
    }

    /// A field that follows its target when that is renumbered; another text than the target's stays, as a link.
    fn reference(&self, text: &str, anchor: &str, bold: &str) -> String {
        match self.targets.get(anchor) {
            Some((name, label)) if label == text && !label.is_empty() => {
                write::field(&format!("REF {name} \\h"), &write::run(bold, text))
            }
            Some((name, _)) => write::internal(name, &write::run(&self.character(Style::Hyperlink, bold), text)),
            None => write::run(bold, text),
        }
    }

    /// The inside of `w:rPr` for a character style.
    fn character(&self, style: Style, more: &str) -> String {
        format!("<w:rStyle w:val=\"{}\"/>{more}", crate::text::escape(self.ids.of(style)))
    }

    fn next_bookmark(&mut self) -> u32 {
        self.bookmarks += 1;
        self.bookmarks
    }

    /// Of headings and captions, for the tables of contents.
    fn entry_bookmark(&self) -> String {
        format!("_Toc{:08}", self.bookmarks + 1)
    }
}
