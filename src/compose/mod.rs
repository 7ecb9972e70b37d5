//! Compute: a study's figures become reports. Chooses what to show and words it after the language file; a number
//! enters only through [`Context`], which keeps its id, grade and flags.

mod annex;
pub mod calculation;
mod caveats;
mod changes;
mod chapters;
mod comparability;
mod composite;
mod context;
mod coverage;
mod definitions;
mod dumbbell;
mod export;
mod factsheet;
mod figures;
mod gaps;
mod lint;
pub mod map;
mod messages;
mod method;
mod multiples;
mod ordering;
mod provenance;
mod pyramid;
mod reconciliation;
mod runs;
mod said;
mod scope;
mod scorecard;
mod shares;
mod slope;
mod stock;
mod tables;
mod typology;

use std::collections::BTreeMap;

use baseline_model::Finding;
use baseline_model::definitions::Concept;
use baseline_render::document::{Block, Figure, Product, Programme, Report, Section, Span, Table, Text};

pub use changes::{Changed, Changes, Shown, change_texts};
pub use context::Context;
pub use export::{Coverage, coverage_rows, observations, observations_csv, observations_json, parts, tidy_number, unit_code};
pub use factsheet::factsheet_report;
pub use lint::{Violations, lint};
pub use provenance::walk;
pub use said::Said;
pub use scope::{about, elsewhere, rests_on, shown};

/// The chapter of figures that authorities print: shown, never compared.
pub const PRINTED: &str = "printed";

/// The reading guide after its first paragraph: everything that a number or a chart may carry.
const READING: [&str; 5] = ["reading.flags", "reading.missing", "reading.charts", "reading.gaps", "reading.trace"];

/// The report of one territory.
pub fn territory_report<'a>(context: &Context<'a>, territory: &str, found: &[Finding]) -> Report {
    let name = context.unit_name(territory);
    let mut sections = vec![reading(context, territory), section(context, "key-messages", vec![])];
    let messages = messages::key_messages(context, territory);
    if let Some(section) = sections.last_mut() {
        section.blocks.push(Block::List(messages));
        section.blocks.extend(scorecard::profile(context, territory).map(figure));
        section.blocks.push(Block::Note {
            title: context.word("note.composition.title"),
            body: vec![Text::plain(context.word("note.composition"))],
        });
    }
    for chapter in context.study.chapters.iter().filter(|chapter| chapter.id != PRINTED) {
        let indicators = context.chapter(&chapter.id);
        let mut blocks = Vec::new();
        blocks.extend(tables::chapter(context, &chapter.id, &indicators, territory).map(Block::Table));
        let named = |ids: &'a [String]| ids.iter().filter_map(|id| context.indicator(id));
        blocks.extend(
            named(&chapter.gaps).filter_map(|indicator| dumbbell::dumbbell(context, indicator, Some(territory))).map(figure),
        );
        blocks.extend(map::maps(context, &chapter.maps, Some(territory)).into_iter().map(figure));
        blocks.extend(named(&chapter.lines).filter_map(|indicator| figures::lines(context, indicator, territory)).map(figure));
        blocks
            .extend(named(&chapter.pyramids).filter_map(|indicator| pyramid::pyramid(context, indicator, territory)).map(figure));
        blocks
            .extend(named(&chapter.slopes).filter_map(|indicator| slope::slope(context, indicator, Some(territory))).map(figure));
        blocks.extend(shares::figure(context, chapter, Some(territory)).map(figure));
        let strip = figures::strip(context, territory, &chapter.positions);
        blocks.extend(strip.map(figure));
        blocks.extend(definitions::figure(context, chapter, Some(territory)).map(figure));
        // A chapter without figures stays, and says what is missing and where it could come from.
        let about = format!("lead.{}", chapter.id);
        if blocks.is_empty() {
            blocks.push(Block::Paragraph(Text::plain(context.word("chapter.empty"))));
        } else {
            let about = context.language.has(&about).then(|| Block::Paragraph(Text::plain(context.word(&about))));
            blocks.splice(0..0, about.into_iter().chain(chapters::lead(context, chapter, territory)));
        }
        blocks.extend(chapters::absent(context, chapter, territory));
        blocks.extend(chapters::limits(context, chapter));
        sections.push(section(context, &format!("chapter.{}", chapter.id), blocks));
    }
    let printed = tables::printed(context, territory).map(Block::Table);
    let printed =
        printed.unwrap_or_else(|| Block::Paragraph(Text::plain(context.text("chapter.printed.empty", &[("territory", &name)]))));
    sections.push(section(context, "chapter.printed", vec![printed]));
    let mut comparison = scorecards(context, Some(territory));
    comparison.extend(composite::line(context, territory));
    sections.push(section(context, "comparison", comparison));
    sections.push(section(context, "practices", annex::practices(context, territory)));
    sections.push(section(context, "data-situation", data_situation(context, &[territory.to_owned()])));
    sections.push(method_section(context, Some(territory), found));
    sections.push(section(context, "review", annex::review(context)));
    sections.push(section(context, "terms", annex::terms(context)));
    let title = context.text("report.title", &[("territory", &name)]);
    finish(context, Product::Report, title, front(context, Some(territory)), sections)
}

/// The comparative report of all territories.
pub fn comparative_report(context: &Context<'_>, found: &[Finding]) -> Report {
    let guide = ["reading.lead.comparison"].iter().chain(&READING).map(|key| Block::Paragraph(Text::plain(context.word(key))));
    // The row of each territory first, then what stands against comparing them, then everything else.
    let lead = Block::Paragraph(Text::plain(context.word("lead.comparison")));
    let headlines =
        [Concept::Citizenship, Concept::Birth].into_iter().filter_map(|concept| comparability::headlines(context, concept));
    let first = std::iter::once(lead).chain(scorecard::study(context).map(figure)).chain(headlines.map(Block::Table));
    let mut sections = vec![section(context, "reading", guide.collect()), section(context, "comparison", first.collect())];
    let mut limits = comparability::blocks(context);
    limits.insert(
        0,
        Block::Note {
            title: context.word("limits.title"),
            body: ["limits.grades", "limits.concepts", "limits.totals", "limits.printed"]
                .map(|key| Text::plain(context.word(key)))
                .into(),
        },
    );
    sections.push(section(context, "limits", limits));
    for chapter in context.study.chapters.iter().filter(|chapter| chapter.id != PRINTED) {
        let gaps = chapter.gaps.iter().filter_map(|id| context.indicator(id));
        let charts = gaps.filter_map(|indicator| dumbbell::dumbbell(context, indicator, None)).map(figure);
        let mut blocks: Vec<Block> = charts.collect();
        blocks.extend(map::maps(context, &chapter.maps, None).into_iter().map(figure));
        let multiples = chapter.multiples.iter().filter_map(|id| context.indicator(id));
        blocks.extend(multiples.filter_map(|indicator| multiples::multiples(context, indicator, None)).map(figure));
        blocks.extend(shares::figure(context, chapter, None).map(figure));
        blocks.extend(definitions::figure(context, chapter, None).map(figure));
        if !blocks.is_empty() {
            sections.push(section(context, &format!("chapter.{}", chapter.id), blocks));
        }
    }
    for (key, blocks) in [("composite", composite::blocks(context)), ("typology", typology::blocks(context))] {
        if !blocks.is_empty() {
            sections.push(section(context, key, blocks));
        }
    }
    sections.push(section(context, "scorecards", scorecards(context, None)));
    sections.push(section(context, "data-situation", data_situation(context, &context.study.territories)));
    sections.push(method_section(context, None, found));
    sections.push(section(context, "terms", annex::terms(context)));
    finish(context, Product::Comparison, context.language.phrase(&context.study.title), front(context, None), sections)
}

fn figure(figure: Figure) -> Block {
    Block::Figure(Box::new(figure))
}

fn section(context: &Context<'_>, key: &str, blocks: Vec<Block>) -> Section {
    let title = if key.starts_with("chapter.") { key.to_owned() } else { format!("section.{key}") };
    Section { id: key.replace(['.', '_'], "-"), title: context.word(&title), blocks }
}

fn reading(context: &Context<'_>, territory: &str) -> Section {
    let mut blocks =
        vec![Block::Paragraph(Text::plain(context.text("reading.lead", &[("territory", &context.unit_name(territory))])))];
    blocks.extend(context.territory(territory).map(|record| Block::Table(method::grades(context, territory, record))));
    blocks.extend(map::locator(context, territory).map(figure));
    for key in READING {
        blocks.push(Block::Paragraph(Text::plain(context.word(key))));
    }
    blocks.push(Block::Note {
        title: context.word("reading.limits.title"),
        body: ["reading.limits.1", "reading.limits.2", "reading.limits.3"].map(|key| Text::plain(context.word(key))).into(),
    });
    section(context, "reading", blocks)
}

fn scorecards(context: &Context<'_>, ours: Option<&str>) -> Vec<Block> {
    let lead = ours.map(|_| Block::Paragraph(Text::plain(context.word("lead.comparison"))));
    let mut blocks: Vec<Block> = lead.into_iter().collect();
    for concept in [Concept::Citizenship, Concept::Birth] {
        blocks.extend(tables::scorecard(context, concept, ours).map(Block::Table));
        blocks.extend(ours.and_then(|territory| tables::differences(context, concept, territory)).map(Block::Table));
    }
    blocks
}

/// Whose value each indicator shows, and the tables that would give more.
fn data_situation(context: &Context<'_>, territories: &[String]) -> Vec<Block> {
    let mut blocks = vec![Block::Table(method::coverage(context, territories))];
    blocks.splice(0..0, coverage::figure(context, territories).map(figure));
    blocks.extend(gaps::table(context, territories).map(Block::Table));
    blocks
}

fn method_section(context: &Context<'_>, territory: Option<&str>, found: &[Finding]) -> Section {
    let elsewhere = territory.map(|id| scope::elsewhere(context, &[id.to_owned()])).unwrap_or_default();
    let mut blocks = vec![
        Block::Table(method::sources(context, &elsewhere)),
        Block::Heading(context.word("section.indicators")),
        Block::Table(method::indicators(context, territory)),
        Block::Heading(context.word("section.formulas")),
        Block::List(
            [
                "method.ladder",
                "method.latest",
                "method.carry",
                "method.gap",
                "method.order",
                "method.change",
                "method.mean",
                "method.position",
                "method.nuts",
                "method.trace",
            ]
            .map(|key| Text::plain(context.word(key)))
            .into(),
        ),
    ];
    blocks.extend(reconciliation::blocks(context, territory));
    let found = method::findings(context, &scope::about(found, &elsewhere));
    if !found.is_empty() {
        blocks.push(Block::Heading(context.word("section.findings")));
        if context.language.code != "en" {
            blocks.push(Block::Paragraph(Text::plain(context.word("findings.english"))));
        }
        blocks.push(Block::List(found));
    }
    section(context, "method", blocks)
}

fn front(context: &Context<'_>, territory: Option<&str>) -> Vec<Text> {
    let programme = &context.study.programme;
    let mut lines = Vec::new();
    if let Some(record) = territory.and_then(|id| context.territory(id)) {
        let label = context.word(match record.kind {
            baseline_model::definitions::TerritoryKind::EstablishedDestination => "kind.established_destination",
            baseline_model::definitions::TerritoryKind::NewArrivalRegion => "kind.new_arrival_region",
        });
        let level = context.word(&format!("level.{:?}", record.level).to_lowercase());
        let parents = crate::derive::rungs(record);
        let mut codes = parents.iter().filter_map(|rung| rung.codes.first());
        let code = codes.next().cloned().unwrap_or_default();
        let parents: Vec<String> = codes.map(|code| format!("{} ({code})", context.region_name(code))).collect();
        let fill = [("level", level.as_str()), ("code", &code), ("parents", &parents.join(", "))];
        lines.push(Text::plain(capital(&context.text("front.territory", &fill))));
        lines.push(Text::plain(context.text("front.kind", &[("label", &label)])));
        lines.push(Text::plain(context.text("front.partner", &[("partner", &record.partner)])));
    }
    let project = Span::Link { text: programme.project.clone(), url: programme.url.clone() };
    lines.push(Text(vec![
        Span::Plain(format!("{} · ", programme.name)),
        project,
        Span::Plain(format!(" · {}", programme.period)),
    ]));
    if !programme.disclaimer.is_empty() {
        lines.push(Text::plain(context.language.phrase(&programme.disclaimer)));
    }
    lines
}

/// The day on which the newest of the figures was retrieved: the date of everything made of them.
pub fn data_date(context: &Context<'_>) -> String {
    let originals = context.receipts.values().flat_map(|receipt| &receipt.originals);
    originals.filter_map(|original| original.retrieved.get(..10)).max().unwrap_or_default().to_owned()
}

/// The programme block of the study, in the report's language where it has one.
pub fn programme(context: &Context<'_>) -> Programme {
    let programme = &context.study.programme;
    Programme {
        name: programme.name.clone(),
        project: programme.project.clone(),
        period: programme.period.clone(),
        url: programme.url.clone(),
        funding: context.language.phrase(&programme.funding),
        disclaimer: context.language.phrase(&programme.disclaimer),
    }
}

/// Numbers figures and tables in reading order and takes the provenance of everything printed.
fn finish(context: &Context<'_>, product: Product, title: String, front: Vec<Text>, mut sections: Vec<Section>) -> Report {
    let (mut figure_count, mut table_count) = (0, 0);
    let label = |key: &str, count: &mut usize| {
        *count += 1;
        context.text(key, &[("n", &count.to_string())])
    };
    let tables = |table: &mut Table, count: &mut usize| table.label = label("label.table", count);
    for block in sections.iter_mut().flat_map(|section| &mut section.blocks) {
        match block {
            Block::Figure(figure) => {
                figure.label = label("label.figure", &mut figure_count);
                figure.alt = alt(context, &figure.alt);
            }
            Block::Table(table) => tables(table, &mut table_count),
            Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => {}
        }
    }
    name_references(context, &mut sections);
    Report {
        product,
        date: scope::newest(context),
        programme: programme(context),
        subtitle: if product == Product::Comparison { String::new() } else { context.language.phrase(&context.study.title) },
        title,
        language: context.language.code.clone(),
        front,
        sections,
        provenance: context.printed.take(),
    }
}

/// Gives each reference without a text the label of its figure or table. What this report does not show stands in another.
fn name_references(context: &Context<'_>, sections: &mut [Section]) {
    let mut labels = BTreeMap::new();
    for block in sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Figure(figure) => drop(labels.insert(figure.id.clone(), figure.label.clone())),
            Block::Table(table) => drop(labels.insert(table.id.clone(), table.label.clone())),
            Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => {}
        }
    }
    for block in sections.iter_mut().flat_map(|section| &mut section.blocks) {
        let texts: &mut [Text] = match block {
            Block::Paragraph(text) => std::slice::from_mut(text),
            Block::List(texts) | Block::Note { body: texts, .. } => texts,
            Block::Heading(_) | Block::Figure(_) | Block::Table(_) => continue,
        };
        for span in texts.iter_mut().flat_map(|text| &mut text.0) {
            let Span::Reference { text, anchor } = span else { continue };
            match labels.get(anchor.as_str()) {
                Some(label) if text.is_empty() => text.clone_from(label),
                Some(_) => {}
                None => *span = Span::Plain(context.word("reference.elsewhere")),
            }
        }
    }
}

/// Letters of an alternative text at least and at most.
const ALT: std::ops::RangeInclusive<usize> = 80..=250;

/// An alternative text of a length that is read out: cut after a sentence, else after a word, or with a word on the data table.
fn alt(context: &Context<'_>, text: &str) -> String {
    let mut text = text.trim().to_owned();
    if text.chars().count() < *ALT.start() {
        text = format!("{text} {}", context.word("alt.data"));
    }
    if text.chars().count() <= *ALT.end() {
        return text;
    }
    let limit = text.char_indices().nth(*ALT.end() - 1).map_or(text.len(), |(place, _)| place);
    let head = &text[..limit];
    let enough = |place: &usize| head[..*place].chars().count() >= *ALT.start();
    let sentence = head.rmatch_indices(". ").map(|(place, _)| place + 1).find(enough);
    match sentence.or_else(|| head.rmatch_indices("; ").map(|(place, _)| place).find(enough)) {
        Some(place) => head[..place].to_owned(),
        None => format!("{}…", head.rsplit_once(' ').map_or(head, |(start, _)| start)),
    }
}

/// With a capital first letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
