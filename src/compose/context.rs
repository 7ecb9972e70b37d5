//! What every part of a report draws on, and the one way a figure becomes a printed number.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_model::definitions::{Definitions, Indicator, Origin, Study, Territory, Unit};
use baseline_model::language::Language;
use baseline_model::{NutsVersion, Observation, Period, Reason, Receipt, Value};
use baseline_render::document::{AxisStyle, Mark, Number};

use super::provenance;
use super::said::Said;
use crate::compare::{self, Gap, Regions};
use crate::derive::{Figures, Ladder, Series};

/// One study in one language, ready to be worded.
pub struct Context<'a> {
    pub definitions: &'a Definitions,
    pub study_id: &'a str,
    pub study: &'a Study,
    pub figures: &'a Figures,
    /// Table -> what its originals are.
    pub receipts: &'a BTreeMap<String, Arc<Receipt>>,
    /// (indicator, group) -> all NUTS 2 regions of its table.
    pub regions: &'a BTreeMap<(String, Origin), Regions>,
    /// The study's composite and typology, where it declares them.
    pub composite: Option<&'a compare::Composite>,
    pub typology: Option<&'a compare::Typology>,
    /// Boundaries of regions, and indicators with their figures in all of them: both empty until they were pulled.
    pub boundaries: &'a super::map::Boundaries,
    pub mapped: &'a BTreeMap<String, super::map::Mapped>,
    pub language: &'a Language,
    /// Everything printed so far: id -> what `why` says.
    pub printed: RefCell<BTreeMap<String, Vec<String>>>,
    /// The same figures themselves, for the table beside the report.
    pub shown: RefCell<BTreeMap<String, Observation>>,
    /// Versions of boundaries that a map shows.
    pub drawn: RefCell<BTreeSet<NutsVersion>>,
    /// What the prose lint asks: where each number in a text is from, and which order is proven.
    pub said: Said,
}

/// Places between thousands and units in a printed unit.
const NARROW_SPACE: &str = "\u{202f}";

impl<'a> Context<'a> {
    /// A text of the language. Counts, years and days that are filled in are registered; other numbers are printed by
    /// [`Self::number`] and its like, or the lint finds them.
    pub fn text(&self, key: &str, fill: &[(&str, &str)]) -> String {
        for (_, value) in fill {
            self.said.filled(value, &self.language.number);
        }
        self.language.text(key, fill)
    }

    /// As [`Self::text`] in the plural form of `n`, which fills `{n}`.
    pub fn count(&self, key: &str, n: usize, fill: &[(&str, &str)]) -> String {
        self.whole(n);
        for (_, value) in fill {
            self.said.filled(value, &self.language.number);
        }
        self.language.count(key, n, fill)
    }

    /// A whole number that is no figure: a count of draws, a seed.
    pub fn whole(&self, n: usize) -> String {
        let text = self.language.number(n as f64, 0);
        self.said.whole(&text, &self.language.number);
        text
    }

    /// A text that is quoted as it is, such as the code of a table: no rule of the lint is about it.
    pub fn quote(&self, text: impl Into<String>) -> String {
        let text = text.into();
        self.said.quote(&text);
        text
    }

    pub fn word(&self, key: &str) -> String {
        self.language.text(key, &[])
    }

    /// An indicator of the study.
    pub fn indicator(&self, id: &str) -> Option<(&'a str, &'a Indicator)> {
        self.definitions.indicators.get_key_value(id).map(|(id, indicator)| (id.as_str(), indicator))
    }

    /// The indicators of a chapter that exist, in order.
    pub fn chapter(&self, id: &str) -> Vec<(&'a str, &'a Indicator)> {
        let chapter = self.study.chapters.iter().find(|chapter| chapter.id == id);
        chapter.into_iter().flat_map(|chapter| &chapter.indicators).filter_map(|id| self.indicator(id)).collect()
    }

    /// Whether an indicator is a figure that authorities print: shown, never compared.
    pub fn is_printed(&self, id: &str) -> bool {
        self.study
            .chapters
            .iter()
            .any(|chapter| chapter.id == super::PRINTED && chapter.indicators.iter().any(|other| other == id))
    }

    pub fn territory(&self, id: &str) -> Option<&'a Territory> {
        self.definitions.territories.get(id)
    }

    pub fn ladder(&self, indicator: &str, territory: &str) -> Option<&'a Ladder> {
        self.figures.ladders.get(&(indicator.to_owned(), territory.to_owned()))
    }

    pub fn series(&self, indicator: &str, unit: &str) -> Option<&'a Series> {
        self.figures.series.get(&(indicator.to_owned(), unit.to_owned()))
    }

    /// The name of an indicator in the report's language.
    pub fn indicator_name(&self, (id, indicator): (&str, &Indicator)) -> String {
        let key = format!("indicator.{id}");
        if self.language.has(&key) { self.word(&key) } else { self.language.phrase(&indicator.name) }
    }

    /// The name of an indicator for a group, where it has several.
    pub fn row_name(&self, indicator: (&str, &Indicator), origin: Origin) -> String {
        let name = self.indicator_name(indicator);
        if indicator.1.gap.is_some() { format!("{name}: {}", self.origin(origin)) } else { name }
    }

    /// The name of a territory or benchmark in the report's language, English where it has none.
    pub fn unit_name(&self, unit: &str) -> String {
        if let Some(territory) = self.territory(unit) {
            let own = territory.names.get(&self.language.code).cloned();
            let english = || territory.names.get("en").map(|name| self.language.phrase(name));
            return own.or_else(english).unwrap_or_else(|| unit.to_owned());
        }
        if unit == self.mean_id() {
            return self.text("benchmark.mean", &[("n", &self.study.territories.len().to_string())]);
        }
        self.benchmark_name(unit).unwrap_or_else(|| self.region_name(unit))
    }

    /// The name of a region that is a territory's own or one of its parents; the code when nothing names it.
    pub fn region_name(&self, code: &str) -> String {
        let named = self.study.territories.iter().filter_map(|id| Some((id, self.territory(id)?)));
        for (id, territory) in named {
            if let Some(name) = territory.parents.get(code) {
                return self.language.phrase(name);
            }
            let own = crate::derive::rungs(territory);
            if own.first().is_some_and(|rung| rung.codes.iter().any(|own| own == code)) {
                return self.unit_name(id);
            }
        }
        self.benchmark_name(code).unwrap_or_else(|| code.to_owned())
    }

    /// The short name of a benchmark in the report's language, else the study's.
    fn benchmark_name(&self, code: &str) -> Option<String> {
        let name = self.study.benchmarks.get(code)?;
        let key = format!("benchmark.{code}");
        Some(if self.language.has(&key) { self.word(&key) } else { self.language.phrase(name) })
    }

    pub fn mean_id(&self) -> String {
        format!("{}_mean", self.study_id)
    }

    pub fn origin(&self, origin: Origin) -> String {
        self.word(&format!("origin.{}", origin.code()))
    }

    /// The word for a sex; a code that has none is itself.
    pub fn sex(&self, code: &str) -> String {
        match code {
            "F" => self.word("sex.women"),
            "M" => self.word("sex.men"),
            _ => code.to_owned(),
        }
    }

    /// An age group in words: `Y15-24`, `Y_LT5` (below), `Y_GE85` (and over). Another code is itself.
    pub fn age(&self, code: &str) -> String {
        let years = |text: &str| text.parse::<u8>().ok();
        let range = |from: u8, to: u8| self.text("age.range", &[("from", &from.to_string()), ("to", &to.to_string())]);
        let named = if let Some(from) = code.strip_prefix("Y_GE").and_then(years) {
            Some(self.text("age.over", &[("age", &from.to_string())]))
        } else if let Some(below) = code.strip_prefix("Y_LT").and_then(years) {
            below.checked_sub(1).map(|to| range(0, to))
        } else {
            let parts = code.strip_prefix('Y').and_then(|group| group.split_once('-'));
            parts.and_then(|(from, to)| Some(range(years(from)?, years(to)?)))
        };
        named.unwrap_or_else(|| code.to_owned())
    }

    /// The groups of an indicator worth printing: of its gap, or the headline's alone.
    pub fn groups(indicator: &Indicator) -> Vec<Origin> {
        indicator.gap.map_or_else(|| vec![indicator.headline.origin], |gap| vec![gap.of, gap.against])
    }

    /// Those groups, and the citizens (or the born) of other EU countries where the series has them.
    pub fn all_groups(indicator: &Indicator, series: &Series) -> Vec<Origin> {
        let mut groups = Self::groups(indicator);
        let other = match groups.first() {
            Some(Origin::NonEu) => Some(Origin::Eu),
            Some(Origin::NonEuBorn) => Some(Origin::EuBorn),
            _ => None,
        };
        groups.extend(other.filter(|other| series.keys().any(|key| key.origin == *other)));
        groups
    }

    /// The value of a group in the indicator's reference period.
    pub fn value(&self, (id, indicator): (&str, &Indicator), unit: &str, origin: Origin) -> Option<Observation> {
        self.figures.headline((id, indicator), unit, origin)
    }

    /// The value of another unit to stand beside `value`: in the same period where each territory has its own.
    pub fn beside(&self, indicator: (&str, &Indicator), unit: &str, origin: Origin, value: &Observation) -> Option<Observation> {
        if indicator.1.latest {
            return Some(self.figures.value(indicator, unit, origin, value.period));
        }
        self.value(indicator, unit, origin)
    }

    pub fn gap(&self, (id, indicator): (&str, &Indicator), unit: &str) -> Option<Gap> {
        let period = *self.figures.reference.get(id)?;
        Some(compare::gap(self.figures, (id, indicator), indicator.gap?, unit, period))
    }

    /// A figure as printed, with its unit, and registered for provenance.
    pub fn number(&self, observation: &Observation, decimals: u8) -> Number {
        self.number_as(observation, |value| self.with_unit(&self.language.number(value, usize::from(decimals)), observation.unit))
    }

    /// As [`Self::number`] without the unit, for table cells under a header that states it.
    pub fn bare(&self, observation: &Observation, decimals: u8) -> Number {
        self.number_as(observation, |value| self.language.number(value, usize::from(decimals)))
    }

    /// As [`Self::bare`] with a plus sign, for differences.
    pub fn bare_signed(&self, observation: &Observation, decimals: u8) -> Number {
        self.number_as(observation, |value| self.language.signed(value, usize::from(decimals)))
    }

    /// The number without its direction, for sentences whose words say it ("lower by").
    pub fn magnitude(&self, observation: &Observation, decimals: u8) -> Number {
        self.number_as(observation, |value| {
            self.with_unit(&self.language.number(value.abs(), usize::from(decimals)), observation.unit)
        })
    }

    /// A figure with a text of its own, such as a range of places.
    pub fn number_text(&self, observation: &Observation, text: String) -> Number {
        self.number_as(observation, |_| text)
    }

    fn number_as(&self, observation: &Observation, print: impl FnOnce(f64) -> String) -> Number {
        self.printed.borrow_mut().entry(observation.id.0.clone()).or_insert_with(|| provenance::summary(self, observation));
        self.shown.borrow_mut().entry(observation.id.0.clone()).or_insert_with(|| observation.clone());
        let (text, value, missing) = match observation.value {
            Value::Number(number) => (print(number), Some(number), None),
            Value::Missing(reason) => (self.missing(reason), None, Some(reason)),
        };
        self.said.number(&text, &self.language.number);
        let carried = self.language.carried(observation.carried_years);
        self.said.number(&carried, &self.language.number);
        Number {
            id: observation.id.0.clone(),
            text,
            value,
            missing,
            grade: observation.grade,
            flags: observation.obs_status.clone(),
            carried_years: observation.carried_years,
            carried,
        }
    }

    /// A mark of a chart; `None` when the value is missing.
    pub fn mark(&self, observation: &Observation, decimals: u8) -> Option<Mark> {
        as_mark(self.bare(observation, decimals))
    }

    pub fn missing(&self, reason: Reason) -> String {
        self.word(match reason {
            Reason::Absent => "missing.absent",
            Reason::NotAvailable => "missing.not_available",
            Reason::Withheld => "missing.withheld",
            Reason::NotApplicable => "missing.not_applicable",
        })
    }

    pub fn with_unit(&self, number: &str, unit: Unit) -> String {
        match unit {
            Unit::Percent => format!("{number}{}%", self.language.number.percent_space),
            Unit::PercentagePoints => format!("{number}\u{a0}{}", self.word("unit.short.percentage_points")),
            Unit::PerThousand => format!("{number}{NARROW_SPACE}‰"),
            Unit::Years
            | Unit::Euro
            | Unit::MillionEuro
            | Unit::ThousandPersons
            | Unit::Score
            | Unit::Permits
            | Unit::Households => {
                format!("{number}\u{a0}{}", self.unit(unit))
            }
            Unit::Persons | Unit::Ratio | Unit::Position => number.to_owned(),
        }
    }

    /// A name with its unit, as a row or column header says it. A language may give a unit another word here, or
    /// none where the names state it ("per thousand inhabitants").
    pub fn headed(&self, name: &str, unit: Unit) -> String {
        let key = unit_key(unit).replacen("unit.", "unit.header.", 1);
        let word = if self.language.texts.contains_key(&key) { self.word(&key) } else { self.unit(unit) };
        if word.is_empty() { name.to_owned() } else { format!("{name}, {word}") }
    }

    /// A period inside a sentence: `2024`, `March 2025`.
    pub fn period(&self, period: Period) -> String {
        self.language.period(period)
    }

    /// The unit in words or as its sign.
    pub fn unit(&self, unit: Unit) -> String {
        self.word(unit_key(unit))
    }

    pub fn axis(&self) -> AxisStyle {
        let style = &self.language.number;
        AxisStyle { decimal: style.decimal.clone(), group: style.group.clone(), minus: style.minus.clone() }
    }
}

/// A number as a mark of a chart, whose text says when it is of another year; `None` when the value is missing.
pub fn as_mark(number: Number) -> Option<Mark> {
    let carried = if number.carried.is_empty() { String::new() } else { format!("\u{a0}({})", number.carried) };
    let text = format!("{}{carried}", number.text);
    Some(Mark { value: number.value?, text, id: number.id, grade: number.grade, flags: number.flags })
}

/// Whether a difference as printed is nothing but zeros.
pub fn is_level(printed: &str) -> bool {
    !printed.chars().any(|digit| ('1'..='9').contains(&digit))
}

/// Where a language has the word for a unit.
fn unit_key(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "unit.percent",
        Unit::PercentagePoints => "unit.percentage_points",
        Unit::PerThousand => "unit.per_thousand",
        Unit::Persons => "unit.persons",
        Unit::ThousandPersons => "unit.thousand_persons",
        Unit::Years => "unit.years",
        Unit::Euro => "unit.euro",
        Unit::MillionEuro => "unit.million_euro",
        Unit::Score => "unit.score",
        Unit::Ratio => "unit.ratio",
        Unit::Permits => "unit.permits",
        Unit::Households => "unit.households",
        Unit::Position => "unit.position",
    }
}
