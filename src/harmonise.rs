//! Compute: a provider's table in our words. Codes, status letters, kinds of nothing and NUTS versions are settled
//! here, once per dictionary entry rather than per row; numbers are not touched.
//!
//! Adds no value and drops none of those kept: rows outside `keep` are left out, and every code that has no
//! mapping is a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_model::definitions::{Codelist, Dataflow, Definitions};
use baseline_model::{Column as RawColumn, Finding, NutsVersion, ObsStatus, Period, RawTable, Reason, Receipt};
use polars::prelude::*;

/// Our columns beside the unmapped dimensions of the source.
pub const GEO: &str = "geo";
pub const ORIGIN: &str = "origin";
pub const SEX: &str = "sex";
pub const AGE: &str = "age";
pub const NUTS_VERSION: &str = "nuts_version";
pub const REASON: &str = "missing_reason";
/// Index of the row in the raw table: the way back to the cell.
pub const ROW: &str = "row";

/// A dataflow in our words: the frame, and the raw table its `row` column points into.
#[derive(Debug, Clone)]
pub struct Tidy {
    /// Columns `geo`, `nuts_version`, `origin`, `sex`, `age` (each only when the source has it), the unmapped
    /// dimensions under their own ids, `period`, `value` (null when missing), `reason`, `obs_status`, `row`.
    pub frame: DataFrame,
    pub table: RawTable,
    pub receipt: Arc<Receipt>,
    pub findings: Vec<Finding>,
}

/// Maps one table of a dataflow. Rows are left out whose region is neither in `keep` nor of NUTS level 2.
///
/// # Errors
/// When the data frame cannot be built (two columns of one name).
pub fn harmonise(
    definitions: &Definitions,
    dataflow_id: &str,
    dataflow: &Dataflow,
    table: RawTable,
    receipt: Arc<Receipt>,
    keep: &BTreeSet<String>,
) -> PolarsResult<Tidy> {
    let mut findings = Vec::new();
    let source = dataflow_id.split('/').next().unwrap_or_default();
    for theirs in dataflow.dimensions.keys().filter(|theirs| table.dimension(theirs).is_none()) {
        let found: Vec<_> = table.dimensions.iter().map(|column| column.id.as_str()).collect();
        findings.push(
            Finding::error(
                "dimension-gone",
                dataflow_id,
                format!("expected the dimension `{theirs}`, found {}", found.join(", ")),
            )
            .hint(format!("the provider changed the table: edit pipelines/dataflows/{dataflow_id}.toml")),
        );
    }

    let mut columns: Vec<(String, Mapped)> = Vec::new();
    let mut rows: Option<Vec<usize>> = None;
    for column in &table.dimensions {
        let ours = dataflow.dimensions.get(&column.id).map_or(column.id.as_str(), String::as_str);
        match ours {
            GEO => {
                let geo = Mapped::by(column, |code| geo_code(definitions, code));
                // Level 2 is kept whole, for the position among all regions.
                let kept: Vec<bool> =
                    geo.texts.iter().map(|code| keep.contains(code) || (code.len() == 4 && is_nuts(code))).collect();
                rows = Some((0..table.len()).filter(|row| kept[column.codes[*row] as usize]).collect());
                let versions = nuts_versions(definitions, &geo.texts);
                columns.push((NUTS_VERSION.into(), Mapped { codes: geo.codes, texts: versions }));
                columns.push((GEO.into(), geo));
            }
            ORIGIN => columns.push((ORIGIN.into(), origins(definitions, dataflow_id, column, &mut findings))),
            other => columns.push((other.to_owned(), Mapped::by(column, str::to_owned))),
        }
    }
    let rows = rows.unwrap_or_else(|| (0..table.len()).collect());

    let mut series: Vec<Column> = columns.iter().map(|(name, mapped)| mapped.column(name, &rows)).collect();
    let periods =
        Mapped::by(&table.period, |text| Period::parse(text).map_or_else(|| text.to_owned(), |period| period.to_string()));
    series.push(periods.column(crate::frame::PERIOD, &rows));
    let scheme = definitions.sources.get(source).map_or("", |source| source.obs_status_scheme.as_str());
    let statuses = Statuses::new(definitions, scheme, dataflow_id, &table, &mut findings);
    let values: Float64Chunked = rows.iter().map(|row| table.value[*row]).collect();
    series.push(values.with_name(crate::frame::VALUE.into()).into_series().into());
    let reasons: StringChunked =
        rows.iter().map(|row| table.value[*row].is_none().then(|| reason_code(statuses.reason(*row)))).collect();
    series.push(reasons.with_name(REASON.into()).into_series().into());
    let letters: StringChunked = rows.iter().map(|row| Some(statuses.letters(*row))).collect();
    series.push(letters.with_name(crate::frame::OBS_STATUS.into()).into_series().into());
    let row_column: UInt32Chunked = rows.iter().map(|row| u32::try_from(*row).ok()).collect();
    series.push(row_column.with_name(ROW.into()).into_series().into());

    let frame = DataFrame::new(rows.len(), series)?;
    Ok(Tidy { frame, table, receipt, findings })
}

/// Our text for a reason; the inverse of [`reason_of`].
fn reason_code(reason: Reason) -> &'static str {
    match reason {
        Reason::Absent => "absent",
        Reason::NotAvailable => "not_available",
        Reason::Withheld => "withheld",
        Reason::NotApplicable => "not_applicable",
    }
}

/// Reads the `reason` column or the `missing_reason` of the status codelist.
pub fn reason_of(code: &str) -> Reason {
    match code {
        "absent" => Reason::Absent,
        "withheld" => Reason::Withheld,
        "not_applicable" => Reason::NotApplicable,
        _ => Reason::NotAvailable,
    }
}

/// The rows of a codelist as (column name -> text).
pub fn entries(codelist: Option<&Codelist>) -> impl Iterator<Item = BTreeMap<&str, &str>> {
    codelist.into_iter().flat_map(|codelist| {
        codelist.rows.iter().map(|row| codelist.columns.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect())
    })
}

/// A dictionary in our words beside the codes of the source's column.
struct Mapped<'a> {
    codes: &'a [u32],
    texts: Vec<String>,
}

impl<'a> Mapped<'a> {
    fn by(column: &'a RawColumn, map: impl FnMut(&str) -> String) -> Self {
        let texts = column.dictionary.iter().map(String::as_str).map(map).collect();
        Self { codes: &column.codes, texts }
    }

    fn column(&self, name: &str, rows: &[usize]) -> Column {
        let texts: StringChunked = rows.iter().map(|row| Some(self.texts[self.codes[*row] as usize].as_str())).collect();
        texts.with_name(name.into()).into_series().into()
    }
}

/// Eurostat's code of a region: trims, and turns the ISO codes of Greece and the United Kingdom into the EU's.
fn geo_code(definitions: &Definitions, code: &str) -> String {
    let code = code.trim();
    entries(definitions.codelists.get("geo"))
        .find(|entry| entry.get("alias").is_some_and(|alias| !alias.is_empty() && *alias == code))
        .and_then(|entry| entry.get("code").map(|code| (*code).to_owned()))
        .unwrap_or_else(|| code.to_owned())
}

fn origins<'a>(definitions: &Definitions, dataflow_id: &str, column: &'a RawColumn, findings: &mut Vec<Finding>) -> Mapped<'a> {
    let known: BTreeMap<&str, &str> = entries(definitions.codelists.get("origin"))
        .filter(|entry| entry.get("source_dimension") == Some(&column.id.as_str()))
        .filter_map(|entry| Some((*entry.get("source_code")?, *entry.get("code")?)))
        .collect();
    let mut unknown = Vec::new();
    let mapped = Mapped::by(column, |code| {
        known.get(code).map_or_else(
            || {
                unknown.push(code.to_owned());
                code.to_owned()
            },
            |ours| (*ours).to_owned(),
        )
    });
    if !unknown.is_empty() {
        let mut finding = Finding::info(
            "unmapped-origin",
            format!("{dataflow_id} {}", column.id),
            format!("no group of ours for {}; these rows are kept but not used", unknown.join(", ")),
        );
        finding.count = unknown.len() as u64;
        findings.push(finding.hint("add the codes to pipelines/codelists/origin.csv"));
    }
    mapped
}

/// The NUTS version of each code of a table: the version that most of its codes with a limited life are valid in, the
/// newest of those when several are. A code that is not valid in it has the nearest version that it is valid in. A code
/// outside NUTS has none (empty).
fn nuts_versions(definitions: &Definitions, codes: &[String]) -> Vec<String> {
    let lives = nuts_lives(definitions);
    let shown = common_version(codes.iter().filter_map(|code| lives.get(code.as_str())).copied());
    codes
        .iter()
        .map(|code| match lives.get(code.as_str()) {
            Some((from, to)) => shown.clamp(*from, *to).to_string(),
            None if is_nuts(code) => shown.to_string(),
            None => String::new(),
        })
        .collect()
}

/// First and last NUTS version of the regions that did not exist in all of them.
pub fn nuts_lives(definitions: &Definitions) -> BTreeMap<&str, (NutsVersion, NutsVersion)> {
    ["nuts2_eu", "nuts"]
        .into_iter()
        .flat_map(|id| entries(definitions.codelists.get(id)))
        .filter_map(|entry| {
            Some((*entry.get("code")?, (NutsVersion::parse(entry.get("from")?)?, NutsVersion::parse(entry.get("to")?)?)))
        })
        .filter(|(_, life)| *life != (NutsVersion::V2013, NutsVersion::V2024))
        .collect()
}

/// The version that most of the lives cover, the newest of those when several do.
pub fn common_version(lives: impl Iterator<Item = (NutsVersion, NutsVersion)>) -> NutsVersion {
    let mut counts = NutsVersion::ALL.map(|version| (0_usize, version));
    for (from, to) in lives {
        counts.iter_mut().filter(|(_, version)| (from..=to).contains(version)).for_each(|(count, _)| *count += 1);
    }
    counts.into_iter().max().map_or(NutsVersion::V2024, |(_, version)| version)
}

/// Two capital letters of a country, then at most three letters or digits.
fn is_nuts(code: &str) -> bool {
    let (country, rest) = code.split_at_checked(2).unwrap_or((code, ""));
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && rest.len() <= 3
        && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Status letters and reasons per dictionary entry of the two status columns.
struct Statuses<'a> {
    table: &'a RawTable,
    observation: Vec<(String, Reason)>,
    confidential: Vec<bool>,
}

impl<'a> Statuses<'a> {
    fn new(definitions: &Definitions, scheme: &str, dataflow_id: &str, table: &'a RawTable, findings: &mut Vec<Finding>) -> Self {
        let known: BTreeMap<char, (&str, &str)> = entries(definitions.codelists.get("obs_status"))
            .filter(|entry| entry.get("scheme") == Some(&scheme))
            .filter_map(|entry| {
                let letter = entry.get("letter")?.chars().next()?;
                Some((letter, (entry.get("ours").copied().unwrap_or(""), entry.get("missing_reason").copied().unwrap_or(""))))
            })
            .collect();
        let mut observation = Vec::new();
        for letters in &table.obs_status.dictionary {
            let mut ours = String::new();
            let mut reason = Reason::NotAvailable;
            for letter in letters.chars() {
                if let Some((mapped, missing)) = known.get(&letter) {
                    ours.push_str(mapped);
                    if !missing.is_empty() && reason != Reason::Withheld {
                        reason = reason_of(missing);
                    }
                } else {
                    ours.push(letter);
                    findings.push(Finding::warning(
                        "unknown-flag",
                        dataflow_id,
                        format!("status letter `{letter}` is not in the list `{scheme}`; kept as it is"),
                    ));
                }
            }
            observation.push((ObsStatus::new(&ours).to_string(), reason));
        }
        let confidential = table.conf_status.dictionary.iter().map(|text| !text.is_empty()).collect();
        Self { table, observation, confidential }
    }

    fn letters(&self, row: usize) -> &str {
        &self.observation[self.table.obs_status.codes[row] as usize].0
    }

    fn reason(&self, row: usize) -> Reason {
        if self.confidential[self.table.conf_status.codes[row] as usize] {
            return Reason::Withheld;
        }
        self.observation[self.table.obs_status.codes[row] as usize].1
    }
}
