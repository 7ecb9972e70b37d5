//! Parts of a report that are written and not computed: good practices (entered by hand), questions for peer reviewers, terms.

use baseline_render::document::{Block, Table, TableCell, TableRow, Text};

use super::context::Context;

/// Keys of the questions, after `review.`.
const QUESTIONS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

/// Terms in the order of the annex: those a visitor of another country may know by another meaning.
const TERMS: [&str; 14] = [
    "third_country",
    "nationals",
    "foreign_born",
    "employment_rate",
    "unemployment_rate",
    "activity_rate",
    "over_qualification",
    "neet",
    "temporary_protection",
    "first_permit",
    "naturalisation_rate",
    "percentage_point",
    "odds_ratio",
    "nuts",
];

/// The chapter that authors fill: says that nothing is entered, and how it is.
pub fn practices(context: &Context<'_>, territory: &str) -> Vec<Block> {
    let lead = context.text("practices.lead", &[("territory", &context.unit_name(territory))]);
    [lead, context.word("practices.how")].map(|text| Block::Paragraph(Text::plain(text))).into()
}

/// Questions for experts of other territories.
pub fn review(context: &Context<'_>) -> Vec<Block> {
    let questions = QUESTIONS.iter().map(|number| Text::plain(context.word(&format!("review.{number}"))));
    vec![Block::Paragraph(Text::plain(context.word("review.lead"))), Block::List(questions.collect())]
}

/// Terms with what this report means by them, and where the full table is.
pub fn terms(context: &Context<'_>) -> Vec<Block> {
    let row = |term: &&str| TableRow {
        header: Text::plain(context.word(&format!("term.{term}"))),
        cells: vec![TableCell::Text(Text::plain(context.word(&format!("term.{term}.meaning"))))],
        highlight: false,
    };
    let table = Table {
        reference: false,
        id: "table-terms".into(),
        label: String::new(),
        caption: context.word("terms.caption"),
        columns: ["column.term", "column.meaning"].map(|key| context.word(key)).into(),
        rows: TERMS.iter().map(row).collect(),
        notes: Vec::new(),
        source: String::new(),
    };
    vec![Block::Table(table), Block::Paragraph(Text::plain(context.word("annex.observations")))]
}
