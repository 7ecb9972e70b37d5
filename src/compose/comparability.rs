//! The first pages of the comparative volume: a row a territory, and, indicator by indicator, what stands against comparing
//! them. Counts what the figures say of themselves; ranks nothing.

use std::collections::BTreeSet;

use baseline_model::definitions::{Concept, Indicator};
use baseline_model::{Grade, Observation};
use baseline_render::document::{Block, Table, TableCell, TableRow, Text};

use super::context::Context;
use super::figures::{cell, flags_note};
use super::method;
use super::tables::is_compared;

/// The headline figures of one concept, a row a territory; benchmarks below. `None` when there is none.
pub fn headlines(context: &Context<'_>, concept: Concept) -> Option<Table> {
    let wanted = context.study.messages.iter().filter_map(|id| context.indicator(id));
    let compared =
        |(id, record): &(&str, &Indicator)| is_compared(context, record, concept) && context.figures.reference.contains_key(*id);
    let indicators: Vec<(&str, &Indicator)> = wanted.filter(compared).collect();
    let mut used: Vec<Observation> = Vec::new();
    let mut row = |unit: &str| {
        let values = indicators.iter().map(|indicator| {
            let value = context.value(*indicator, unit, indicator.1.headline.origin)?;
            // A benchmark without a value has nothing to say.
            if context.territory(unit).is_none() && value.value.number().is_none() {
                return None;
            }
            used.push(value.clone());
            Some(cell(context, &value, indicator.1.decimals))
        });
        let cells = values.map(|value| value.unwrap_or(TableCell::Empty)).collect();
        TableRow { header: Text::plain(context.unit_name(unit)), cells, highlight: false }
    };
    let units = context.study.territories.iter().chain(context.study.benchmarks.keys());
    let rows: Vec<TableRow> = units.map(|unit| row(unit)).collect();
    if indicators.is_empty() || rows.is_empty() {
        return None;
    }
    let mut columns = vec![context.word("column.territory")];
    columns.extend(indicators.iter().map(|indicator| {
        let name = context.headed(&context.row_name(*indicator, indicator.1.headline.origin), indicator.1.unit);
        let period = context.figures.reference.get(indicator.0).map(|period| context.period(*period)).unwrap_or_default();
        format!("{name}, {period}")
    }));
    let mut notes = vec![Text::plain(context.word("note.headlines"))];
    let flags = flags_note(context, used.iter());
    if !flags.is_empty() {
        notes.push(Text::plain(flags.trim().to_owned()));
    }
    Some(Table {
        reference: false,
        id: format!("headlines-{concept}"),
        label: String::new(),
        caption: context.word(match concept {
            Concept::Citizenship => "caption.headlines.citizenship",
            Concept::Birth => "caption.headlines.birth",
        }),
        columns,
        rows,
        notes,
        source: method::source_line(context, used.iter()),
    })
}

/// What an indicator's values are, over the territories.
struct Counts<'a> {
    indicator: (&'a str, &'a Indicator),
    values: Vec<Option<Observation>>,
}

impl Counts<'_> {
    fn of(&self, wanted: impl Fn(&Observation) -> bool) -> usize {
        self.values.iter().flatten().filter(|value| wanted(value)).count()
    }

    fn none(&self) -> usize {
        self.values.iter().filter(|value| value.is_none()).count()
    }

    fn letters(&self) -> BTreeSet<char> {
        self.values.iter().flatten().flat_map(|value| value.obs_status.letters().collect::<Vec<_>>()).collect()
    }

    /// One grade, one year, no letter, no gap.
    fn is_clean(&self) -> bool {
        let grades: BTreeSet<Grade> = self.values.iter().flatten().map(|value| value.grade).collect();
        self.none() == 0 && grades.len() == 1 && self.letters().is_empty() && self.of(|value| value.carried_years > 0) == 0
    }
}

/// How many indicators can be compared without reserve, and a row for each other one with what stands against it.
pub fn blocks(context: &Context<'_>) -> Vec<Block> {
    let mut all: Vec<Counts<'_>> = Vec::new();
    for chapter in context.study.chapters.iter().filter(|chapter| chapter.id != super::PRINTED) {
        for indicator in context.chapter(&chapter.id) {
            if ![Concept::Citizenship, Concept::Birth].iter().any(|concept| is_compared(context, indicator.1, *concept)) {
                continue;
            }
            let value = |unit: &String| {
                context.value(indicator, unit, indicator.1.headline.origin).filter(|value| value.value.number().is_some())
            };
            let values: Vec<_> = context.study.territories.iter().map(value).collect();
            if values.iter().any(Option::is_some) {
                all.push(Counts { indicator, values });
            }
        }
    }
    let clean = all.iter().filter(|counts| counts.is_clean()).count();
    let fill = [("all", context.whole(all.len())), ("clean", context.whole(clean))];
    let lead = context.text("comparability.lead", &fill.each_ref().map(|(name, text)| (*name, text.as_str())));
    let mut blocks = vec![Block::Paragraph(Text::plain(lead))];
    all.retain(|counts| !counts.is_clean());
    if !all.is_empty() {
        blocks.push(Block::Table(table(context, &all)));
    }
    blocks
}

fn table(context: &Context<'_>, all: &[Counts<'_>]) -> Table {
    let letters: BTreeSet<char> = all.iter().flat_map(Counts::letters).collect();
    let number = |n: usize| if n == 0 { TableCell::Empty } else { TableCell::Text(Text::plain(n.to_string())) };
    let rows = all.iter().map(|counts| {
        let graded = [Grade::A, Grade::B, Grade::C, Grade::D].map(|grade| counts.of(|value| value.grade == grade));
        let mut cells: Vec<TableCell> = graded.into_iter().map(number).collect();
        cells.push(number(counts.none()));
        cells.push(number(counts.of(|value| value.carried_years > 0)));
        cells.extend(letters.iter().map(|letter| number(counts.of(|value| value.obs_status.contains(*letter)))));
        let name = context.row_name(counts.indicator, counts.indicator.1.headline.origin);
        TableRow { header: Text::plain(name), cells, highlight: false }
    });
    let rows = rows.collect();
    let fixed =
        ["column.indicator", "column.own", "column.nuts3", "column.nuts2", "column.country", "column.none", "column.other_year"];
    let mut columns: Vec<String> = fixed.map(|key| context.word(key)).into();
    columns.extend(letters.iter().map(|letter| context.text("column.flag", &[("letter", &letter.to_string())])));
    let used = || all.iter().flat_map(|counts| counts.values.iter().flatten());
    let mut notes = vec![Text::plain(context.word("note.comparability"))];
    let flags = flags_note(context, used());
    if !flags.is_empty() {
        notes.push(Text::plain(flags.trim().to_owned()));
    }
    Table {
        reference: false,
        id: "comparability".into(),
        label: String::new(),
        caption: context.word("caption.comparability"),
        columns,
        rows,
        notes,
        source: String::new(),
    }
}
