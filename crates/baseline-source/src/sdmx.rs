//! What the SDMX formats share: which names are attributes, how a figure is written, what is said about attributes that
//! are not read, and the artefacts of a structure message ([`artefacts`]).
//!
//! SDMX says what is a dimension only in the structure of a table, which seldom comes along with its data. Without it
//! a name is an attribute when it is in the list below, and otherwise by its place (see the readers). A doubtful name
//! becomes a dimension: one column too many splits no key, one too few makes duplicate keys, which are an error.

pub(crate) mod artefacts;

use baseline_model::Finding;

use crate::csv_file;
use crate::findings::{Context, quote};
use crate::number::{self, Figure};

/// What a name stands for in data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Time,
    Value,
    Status,
    Confidential,
    /// Known not to be a dimension.
    Attribute,
    /// A dimension, as far as the name says.
    Open,
}

/// Attributes of the cross-domain concepts and of the offices we read.
const ATTRIBUTES: [&str; 44] = [
    "ACTION",
    "AVAILABILITY",
    "BASE_PER",
    "BREAKS",
    "COLLECTION",
    "COLLECTION_DETAIL",
    "COLL_PERIOD",
    "COMPILATION",
    "COMPILING_ORG",
    "COVERAGE",
    "CURRENCY_DENOM_NOTE",
    "DATA_COMP",
    "DECIMALS",
    "DISS_ORG",
    "DOM_SER_IDS",
    "EMBARGO_TIME",
    "LAST_UPDATE",
    "LAST UPDATE",
    "METADATA",
    "NAT_TITLE",
    "OBS_PRE_BREAK",
    "POWERCODE",
    "PRE_BREAK_VALUE",
    "PUBL_ECB",
    "PUBL_MU",
    "PUBL_PUBLIC",
    "REFERENCEPERIOD",
    "REF_PERIOD_DETAIL",
    "REF_YEAR_PRICE",
    "REPORTING_YEAR_START_DAY",
    "SERIES_TITLE",
    "SOURCE_AGENCY",
    "SOURCE_PUB",
    "STRUCTURE_ID",
    "TABLE_IDENTIFIER",
    "TIME_FORMAT",
    "TIME_PER_COLLECT",
    "TITLE",
    "TITLE_COMPL",
    "UNIT_INDEX_BASE",
    "UNIT_MEAS",
    "UNIT_MULT",
    "UNIT_PRICE_BASE",
    "VALUATION_NOTE",
];

/// Beginnings that only attributes have (`NOTE_REF_AREA`, `COMMENT_TS`, `OBS_COM`).
const BEGINNINGS: [&str; 4] = ["NOTE_", "COMMENT", "OBS_", "METADATA_"];

pub(crate) fn part(id: &str) -> Part {
    let id = id.trim().to_ascii_uppercase();
    match id.as_str() {
        "TIME_PERIOD" | "TIME" => Part::Time,
        "OBS_VALUE" => Part::Value,
        "OBS_STATUS" | "OBS_FLAG" => Part::Status,
        "CONF_STATUS" | "OBS_CONF" => Part::Confidential,
        _ if ATTRIBUTES.contains(&id.as_str()) || BEGINNINGS.iter().any(|start| id.starts_with(start)) => Part::Attribute,
        _ => Part::Open,
    }
}

/// A figure and the mark that stands in its place by the source's rule (empty when none does). `NaN` is how SDMX
/// writes a value that is missing. `place` is called only to complain.
pub(crate) fn figure<'t, 'c: 't>(
    text: &'t str,
    context: &mut Context<'c>,
    place: impl FnOnce() -> String,
) -> (Option<f64>, &'t str) {
    let text = text.trim();
    if text.is_empty() {
        return (None, "");
    }
    match context.options.numbers {
        None => {
            if let Some(number) = number::parse(text.as_bytes()).or_else(|| double(text)) {
                return (Some(number), "");
            }
        }
        Some(rule) => match number::figure(text, rule) {
            Figure::Number(number) => return (Some(number), ""),
            Figure::Mark(mark) => return (None, mark),
            Figure::Blank => return (None, ""),
            Figure::Unclear => {}
        },
    }
    if text == "NaN" {
        return (None, "");
    }
    (csv_file::figure(text, &place(), context), "")
}

/// The forms that SDMX's number type has beyond ours: `.5`, `5.`, `+5`. All of them have a decimal point or none.
fn double(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (plain && digits.len() <= 40).then(|| text.parse().ok()).flatten().map(|number: f64| number + 0.0)
}

/// Attributes that stand in the data and are not read, with some of their values.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    names: Vec<(String, Vec<String>)>,
    last: usize,
}

/// Values of an attribute that are remembered.
const REMEMBERED: usize = 4;
/// Attributes that are remembered.
const NAMED: usize = 100;

impl Unread {
    pub fn note(&mut self, name: &str, value: &str) {
        let known = self.names.get(self.last).is_some_and(|(known, _)| known == name);
        if !known {
            self.last = match self.names.iter().position(|(known, _)| known == name) {
                Some(place) => place,
                None if self.names.len() == NAMED => return,
                None => {
                    self.names.push((name.to_owned(), Vec::new()));
                    self.names.len() - 1
                }
            };
        }
        let values = &mut self.names[self.last].1;
        if values.len() < REMEMBERED && !value.is_empty() && !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }

    /// An information naming them, and a word about the multiplier: the figures are kept as they are written.
    pub fn report(&self, at: &str, context: &mut Context<'_>) {
        if !self.names.is_empty() {
            let shown: Vec<_> = self.names.iter().map(|(name, values)| shown(name, values)).collect();
            let message = format!("attributes that are not read: {}", shown.join(", "));
            context.add(Finding::info("attributes-not-used", at, message));
        }
        self.report_multiplier(at, context);
    }

    /// Of the multiplier alone, for readers that name what they leave out in another way.
    pub fn report_multiplier(&self, at: &str, context: &mut Context<'_>) {
        for (name, values) in self.names.iter().filter(|(name, _)| is_multiplier(name)) {
            let id = quote(name);
            match values.as_slice() {
                [] => {}
                [one] if one == "0" => {}
                [one] => context.add(Finding::info(
                    "unit-multiplier",
                    at,
                    format!("{id} is {} in the whole table: the figures are in units of ten to this power", quote(one)),
                )),
                several => context.add(
                    Finding::warning(
                        "unit-multiplier",
                        at,
                        format!(
                            "{id} differs inside the table ({}): figures of one column stand in different units",
                            listed(several)
                        ),
                    )
                    .hint("ask for one unit at a time; the figures are kept as they are written"),
                ),
            }
        }
    }
}

/// Whether an attribute says by which power of ten figures are to be multiplied.
pub(crate) fn is_multiplier(name: &str) -> bool {
    ["UNIT_MULT", "POWERCODE"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn shown(name: &str, values: &[String]) -> String {
    if values.is_empty() { quote(name) } else { format!("{} ({})", quote(name), listed(values)) }
}

fn listed(values: &[String]) -> String {
    let more = if values.len() == REMEMBERED { ", …" } else { "" };
    values.iter().map(|value| quote(value)).collect::<Vec<_>>().join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadOptions;

    #[test]
    fn parts() {
        for (id, expected) in [
            ("TIME_PERIOD", Part::Time),
            ("OBS_FLAG", Part::Status),
            ("obs_status", Part::Status),
            ("NOTE_REF_AREA", Part::Attribute),
            ("UNIT_MULT", Part::Attribute),
            ("OBS_COM", Part::Attribute),
            ("unit", Part::Open),
            ("UNIT_MEASURE", Part::Open),
            ("citizen", Part::Open),
        ] {
            assert_eq!(part(id), expected, "{id}");
        }
    }

    fn check(text: &str, expected: Option<f64>, complaints: usize) {
        let options = ReadOptions::default();
        let mut context = Context::new("x", &options);
        assert_eq!(figure(text, &mut context, || "here".into()).0, expected, "{text}");
        assert_eq!(context.findings.len(), complaints, "{text}");
    }

    #[test]
    fn figures() {
        check("1.5", Some(1.5), 0);
        check(" -.5 ", Some(-0.5), 0);
        check("5.", Some(5.0), 0);
        check("1.0E3", Some(1000.0), 0);
        check("NaN", None, 0);
        check("", None, 0);
        check("1,5", None, 1);
        check("INF", None, 1);
        check(".", None, 1);
        check("1.2.3", None, 1);
    }
}
