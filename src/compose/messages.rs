//! Key messages generated from the figures: value, year, whose, flag, pointer. Never causal, no ordering that the
//! numbers do not carry; the words follow the sign of the gap.

use baseline_method::interval::Comparison;
use baseline_model::definitions::{Indicator, Unit};
use baseline_model::{Evidence, Grade, Observation, Value};
use baseline_render::document::{Number, Span, Text};

use super::caveats;
use super::context::{Context, is_level};
use super::figures::place_number;
use super::ordering::{self, Licensed};
use super::said::flat;
use super::tables::is_total;
use crate::compare::{self, Among};

/// A sentence of a template whose `{placeholders}` are spans.
struct Sentence<'a> {
    context: &'a Context<'a>,
    fill: Vec<(&'static str, Span)>,
}

impl<'a> Sentence<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        Self { context, fill: Vec::new() }
    }

    fn span(mut self, name: &'static str, span: Span) -> Self {
        self.fill.push((name, span));
        self
    }

    fn plain(self, name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        self.context.said.filled(&text, &self.context.language.number);
        self.span(name, Span::Plain(text))
    }

    /// The text of a key that a proof was given for, registered as one.
    fn ordered(&self, licensed: Licensed) -> Text {
        let text = self.text(licensed.key());
        licensed.register(self.context, &flat(&text));
        text
    }

    /// The text of `key` with the spans in the place of their names.
    fn text(&self, key: &str) -> Text {
        let template = self.context.word(key);
        let mut spans = Vec::new();
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            if !before.is_empty() {
                spans.push(Span::Plain(before.to_owned()));
            }
            let found = self.fill.iter().find(|(key, _)| *key == name);
            spans.push(found.map_or_else(|| Span::Plain(format!("{{{name}}}")), |(_, span)| span.clone()));
            rest = after;
        }
        if !rest.is_empty() {
            spans.push(Span::Plain(rest.to_owned()));
        }
        Text(spans)
    }
}

/// A text of the language file with spans in the places of its names.
pub fn filled(context: &Context<'_>, key: &str, fill: &[(&'static str, Span)]) -> Text {
    Sentence { context, fill: fill.to_vec() }.text(key)
}

/// At most this many key messages.
const MESSAGES: usize = 7;

/// One message for each indicator of the study's list that has a figure, in its order: value, year, whose, what limits it, and
/// where the figure stands.
pub fn key_messages(context: &Context<'_>, territory: &str) -> Vec<Text> {
    let indicators = context.study.messages.iter().filter_map(|id| context.indicator(id));
    let message = |indicator: (&'_ str, &'_ Indicator)| {
        let mut text = message(context, indicator, territory)?;
        if !text.0.iter().any(|span| matches!(span, Span::Reference { .. })) {
            let table = Span::Reference { text: String::new(), anchor: table_of(context, indicator.0) };
            text.0.push(Span::Plain(" ".into()));
            text.0.extend(filled(context, "message.pointer", &[("figure", table)]).0);
        }
        Some(text)
    };
    indicators.filter_map(message).take(MESSAGES).collect()
}

/// The anchor of the table in which an indicator stands.
fn table_of(context: &Context<'_>, indicator: &str) -> String {
    let chapter = context.study.chapters.iter().find(|chapter| chapter.indicators.iter().any(|id| id == indicator));
    format!("table-{}", chapter.map_or("", |chapter| chapter.id.as_str()).replace('_', "-"))
}

/// What a territory's figure of an indicator says, with the caveats of its numbers.
pub fn message(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str) -> Option<Text> {
    let text = if indicator.1.gap.is_some() {
        gap_message(context, indicator, territory)
    } else if indicator.1.position {
        position_message(context, indicator, territory).or_else(|| level_message(context, indicator, territory))
    } else {
        level_message(context, indicator, territory)
    };
    text.map(|text| caveats::append(context, text))
}

/// How a figure changed since an earlier year that no break separates from it, with the caveats of its numbers.
pub fn change_message(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str) -> Option<Text> {
    let decimals = indicator.1.decimals;
    let later = context.value(indicator, territory, indicator.1.headline.origin)?;
    let change = compare::change(context.series(indicator.0, territory)?, &later)?;
    let Evidence::Computed { inputs, .. } = &change.difference.evidence else { return None };
    let earlier = inputs.get(1)?;
    let points = change.difference.value.number()?;
    // One group of several: whose change it is stands beside the name.
    let name = phrase(context, indicator);
    let name = if indicator.1.gap.is_some() { format!("{name} ({})", context.origin(later.origin)) } else { name };
    let sentence = Sentence::new(context)
        .plain("whose", whose(context, &later, territory))
        .plain("name", name)
        .plain("from", context.period(earlier.period))
        .plain("to", context.period(later.period))
        .span("earlier", Span::Number(printed(context, earlier, decimals)))
        .span("later", Span::Number(printed(context, &later, decimals)))
        .span("points", Span::Number(context.magnitude(&change.difference, decimals)));
    let level = is_level(&context.language.number(points.abs(), usize::from(decimals)));
    let text = match compare::order::compare(&later, earlier) {
        Comparison::Separated(separated) if !level => sentence.ordered(ordering::change_message(separated)),
        Comparison::NotKnown => return None,
        Comparison::Separated(_) | Comparison::Overlapping => sentence.text("lead.change.same"),
    };
    Some(caveats::append(context, text))
}

/// `In Zachodniopomorskie` or `In Poland (country value; none for ...)`: whose value it is stands first, always.
fn whose(context: &Context<'_>, observation: &Observation, territory: &str) -> String {
    let place = in_sentence(context, &observation.geo.code, context.region_name(&observation.geo.code));
    let name = context.unit_name(territory);
    if observation.grade == Grade::A {
        return context.text("whose.own", &[("place", &place)]);
    }
    let level = context.word(&format!("whose.level.{}", observation.grade));
    context.text("whose.borrowed", &[("place", &place), ("territory", &name), ("level", &level)])
}

fn gap_message(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str) -> Option<Text> {
    let gap = context.gap(indicator, territory)?;
    let decimals = indicator.1.decimals;
    let of = context.origin(gap.of.origin);
    let against = context.origin(gap.against.origin);
    let sentence = Sentence::new(context)
        .plain("whose", whose(context, &gap.of, territory))
        .plain("name", phrase(context, indicator))
        .plain("of", of)
        .plain("against", against)
        .plain("period", context.period(gap.of.period))
        .span("p", Span::Number(printed(context, &gap.of, decimals)))
        .span("q", Span::Number(printed(context, &gap.against, decimals)))
        .span("figure", reference(indicator.0));
    let Value::Number(points) = gap.points.value else {
        return Some(sentence.text("message.gap.missing"));
    };
    let sentence = sentence
        .span("points", Span::Number(context.magnitude(&gap.points, 1)))
        .span("odds", Span::Number(context.number(&gap.odds_ratio, 2)));
    let level = is_level(&context.language.number(points.abs(), 1));
    Some(match compare::order::compare(&gap.of, &gap.against) {
        Comparison::Separated(separated) if !level => sentence.ordered(ordering::gap_message(separated, indicator.1.direction)),
        Comparison::NotKnown => sentence.text("message.gap.unreliable"),
        Comparison::Separated(_) | Comparison::Overlapping => sentence.text("message.gap.level"),
    })
}

/// Value and position among all NUTS 2 regions.
fn position_message(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str) -> Option<Text> {
    let value = context.value(indicator, territory, indicator.1.headline.origin)?;
    value.value.number()?;
    let regions = context.regions.get(&(indicator.0.to_owned(), indicator.1.headline.origin))?;
    // A shipped table may be cut to the EU's regions: then there is no place among all.
    let place = regions.places.get(&value.geo.code).filter(|_| regions.places.len() > regions.places_eu.len())?;
    let placed = compare::order::placed(&value, *place)?;
    let sentence = Sentence::new(context)
        .plain("whose", whose(context, &value, territory))
        .plain("name", phrase(context, indicator))
        .plain("period", context.period(value.period))
        .span("place", Span::Number(place_number(context, &value, placed, Among::All)))
        .span("value", Span::Number(printed(context, &value, indicator.1.decimals)));
    Some(sentence.ordered(ordering::place_message(placed, indicator.1.direction)))
}

/// Value beside the EU's, or the country's where the EU has none.
fn level_message(context: &Context<'_>, indicator: (&str, &Indicator), territory: &str) -> Option<Text> {
    let decimals = indicator.1.decimals;
    let value = context.value(indicator, territory, indicator.1.headline.origin)?;
    value.value.number()?;
    let country = context.territory(territory)?.country.clone();
    // A total beside that of the EU says nothing; figures of the offices are compared with nothing.
    let compared = !is_total(indicator.1.unit) && !indicator.1.latest;
    let benchmark = context.study.benchmarks.keys().chain([&country]).filter(|_| compared).find_map(|unit| {
        let found = context.value(indicator, unit, indicator.1.headline.origin)?;
        (found.value.number().is_some() && found.period == value.period && found.geo != value.geo)
            .then_some((unit.clone(), found))
    });
    let sentence = Sentence::new(context)
        .plain("whose", whose(context, &value, territory))
        .plain("name", phrase(context, indicator))
        .plain("period", context.period(value.period))
        .span("value", Span::Number(printed(context, &value, decimals)));
    let Some((unit, found)) = benchmark else {
        return Some(sentence.text("message.level.alone"));
    };
    let difference = compare::difference(&value, &found);
    let points = difference.value.number()?;
    let sentence = sentence
        .plain("benchmark", in_sentence(context, &unit, context.unit_name(&unit)))
        .span("other", Span::Number(printed(context, &found, decimals)))
        .span("difference", Span::Number(context.magnitude(&difference, decimals)));
    let level = is_level(&context.language.number(points.abs(), usize::from(decimals)));
    Some(match compare::order::compare(&value, &found) {
        Comparison::Separated(separated) if !level => sentence.ordered(ordering::level_message(separated)),
        Comparison::NotKnown => sentence.text("message.level.unreliable"),
        Comparison::Separated(_) | Comparison::Overlapping => sentence.text("message.level.same"),
    })
}

/// The name of a place as a sentence says it (`the Netherlands`), where that is another than the table's.
fn in_sentence(context: &Context<'_>, code: &str, name: String) -> String {
    let key = format!("sentence.{code}");
    if context.language.texts.contains_key(&key) { context.word(&key) } else { name }
}

/// To the chart of an indicator's gap; its text is the figure's label, filled in when figures are numbered.
fn reference(indicator: &str) -> Span {
    Span::Reference { text: String::new(), anchor: format!("gap-{}", indicator.replace('_', "-")) }
}

/// A value in a sentence. The phrase of a rate per thousand says so itself.
fn printed(context: &Context<'_>, observation: &Observation, decimals: u8) -> Number {
    if observation.unit == Unit::PerThousand {
        context.bare(observation, decimals)
    } else {
        context.number(observation, decimals)
    }
}

/// The name of an indicator inside a sentence: a text of its own, or the name with a small first letter.
fn phrase(context: &Context<'_>, indicator: (&str, &Indicator)) -> String {
    let key = format!("phrase.{}", indicator.0);
    if context.language.texts.contains_key(&key) {
        return context.word(&key);
    }
    let name = context.indicator_name(indicator);
    // Only English writes nouns small in a sentence and has these names as nouns: elsewhere they stand as they are.
    if context.language.code != "en" {
        return name;
    }
    let mut letters = name.chars();
    match (letters.next(), letters.clone().next()) {
        // An abbreviation keeps its capitals.
        (Some(first), Some(second)) if second.is_lowercase() || second == '-' => {
            first.to_lowercase().collect::<String>() + letters.as_str()
        }
        _ => name,
    }
}
