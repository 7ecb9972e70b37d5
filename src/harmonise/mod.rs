//! Compute: a provider's table in our words. Codes, status letters, kinds of nothing and NUTS versions are settled
//! here, once per dictionary entry rather than per row; numbers are not touched.
//!
//! Adds no value and drops none of those kept: rows outside `keep` are left out, and every code that has no
//! mapping is a finding.

mod dimensions;
mod places;
mod statuses;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use baseline_model::definitions::{Codelist, Dataflow, Definitions};
use baseline_model::{Column as RawColumn, Finding, Period, RawTable, Receipt};
use polars::prelude::*;

pub use dimensions::names;
pub use places::{Places, common_version, nuts_lives};
pub use statuses::{Statuses, reason_of};

/// Our columns beside the unmapped dimensions of the source.
pub const GEO: &str = "geo";
pub const ORIGIN: &str = "origin";
pub const SEX: &str = "sex";
pub const AGE: &str = "age";
pub const NUTS_VERSION: &str = "nuts_version";
pub const REASON: &str = "missing_reason";
/// Index of the row in the raw table: the way back to the cell.
pub const ROW: &str = "row";
/// Which original a row is from, where a table was put together from several.
pub const ORIGINAL: &str = "original";

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
    let names = names(dataflow_id, dataflow, &table, &mut findings);
    let places = Places::new(definitions, dataflow_id);

    let mut columns: Vec<(String, Mapped)> = Vec::new();
    let mut rows: Option<Vec<usize>> = None;
    for column in &table.dimensions {
        let ours = names.get(&column.id).map_or(column.id.as_str(), String::as_str);
        let stated = dataflow.codes.get(ours);
        match ours {
            GEO => {
                let geo = Mapped::by(column, |code| places.text(code));
                // Level 2 is kept whole, for the position among all regions.
                let kept: Vec<bool> =
                    geo.texts.iter().map(|code| keep.contains(code) || (code.len() == 4 && places::is_nuts(code))).collect();
                rows = Some((0..table.len()).filter(|row| kept[column.codes[*row] as usize]).collect());
                let versions = places::nuts_versions(definitions, &geo.texts);
                columns.push((NUTS_VERSION.into(), Mapped { codes: geo.codes, texts: versions }));
                columns.push((GEO.into(), geo));
            }
            ORIGIN => columns.push((ORIGIN.into(), origins(definitions, dataflow_id, column, stated, &mut findings))),
            other => columns.push((other.to_owned(), Mapped::by(column, |code| stated_code(stated, code)))),
        }
    }
    findings.extend(asked(definitions, dataflow_id, dataflow, (&table, receipt.kind == "seed"), &names, &columns));
    let rows = rows.unwrap_or_else(|| (0..table.len()).collect());

    let mut series: Vec<Column> = columns.iter().map(|(name, mapped)| mapped.column(name, &rows)).collect();
    let periods = Mapped::by(&table.period, |text| {
        let text = period_text(dataflow, text);
        Period::parse(text).map_or_else(|| text.to_owned(), |period| period.to_string())
    });
    series.push(periods.column(crate::frame::PERIOD, &rows));
    let statuses = Statuses::new(definitions, dataflow_id, &table, &mut findings);
    let values: Float64Chunked = rows.iter().map(|row| table.value[*row]).collect();
    series.push(values.with_name(crate::frame::VALUE.into()).into_series().into());
    let reasons: StringChunked =
        rows.iter().map(|row| table.value[*row].is_none().then(|| statuses::reason_code(statuses.reason(*row)))).collect();
    series.push(reasons.with_name(REASON.into()).into_series().into());
    let letters: StringChunked = rows.iter().map(|row| Some(statuses.letters(*row))).collect();
    series.push(letters.with_name(crate::frame::OBS_STATUS.into()).into_series().into());
    let row_column: UInt32Chunked = rows.iter().map(|row| u32::try_from(*row).ok()).collect();
    series.push(row_column.with_name(ROW.into()).into_series().into());

    let frame = DataFrame::new(rows.len(), series)?;
    Ok(Tidy { frame, table, receipt, findings })
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

/// What a table states as period, or what the record says of a table that states none.
pub fn period_text<'a>(dataflow: &'a Dataflow, text: &'a str) -> &'a str {
    if text.trim().is_empty() { dataflow.period.as_deref().unwrap_or(text) } else { text }
}

/// The code that the dataflow's record gives for theirs, blanks trimmed; theirs as it is when the record says nothing.
fn stated_code(stated: Option<&BTreeMap<String, String>>, code: &str) -> String {
    let known = stated.and_then(|codes| codes.iter().find(|(theirs, _)| theirs.trim() == code.trim()));
    known.map_or(code, |(_, ours)| ours).to_owned()
}

/// Groups of ours: by the dataflow's record, else by the codelist of the dimension.
fn origins<'a>(
    definitions: &Definitions,
    dataflow_id: &str,
    column: &'a RawColumn,
    stated: Option<&BTreeMap<String, String>>,
    findings: &mut Vec<Finding>,
) -> Mapped<'a> {
    let mut known: BTreeMap<&str, &str> = entries(definitions.codelists.get("origin"))
        .filter(|entry| entry.get("source_dimension") == Some(&column.id.as_str()))
        .filter_map(|entry| Some((*entry.get("source_code")?, *entry.get("code")?)))
        .collect();
    known.extend(stated.into_iter().flatten().map(|(theirs, ours)| (theirs.trim(), ours.as_str())));
    let mut unknown = Vec::new();
    let mapped = Mapped::by(column, |code| {
        known.get(code.trim()).map_or_else(
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
        let hint = format!("add the codes to pipelines/codelists/origin.csv or to [codes.origin] of {dataflow_id}");
        findings.push(finding.hint(hint));
    }
    mapped
}

/// Codes that the records ask for and the table lacks.
fn asked(
    definitions: &Definitions,
    dataflow_id: &str,
    dataflow: &Dataflow,
    (table, cut): (&RawTable, bool),
    names: &BTreeMap<String, String>,
    columns: &[(String, Mapped<'_>)],
) -> Vec<Finding> {
    let ours = |column: &'_ RawColumn| names.get(&column.id).unwrap_or(&column.id).clone();
    // What ships is cut: codes that it lacks were left out by us.
    let raw: Vec<(String, BTreeSet<&str>)> = table
        .dimensions
        .iter()
        .filter(|_| !cut)
        .map(|column| (ours(column), column.dictionary.iter().map(|code| code.trim()).collect()))
        .collect();
    let raw = raw.iter().map(|(name, codes)| (name.as_str(), codes.clone())).collect();
    let mapped = columns.iter().map(|(name, mapped)| (name.as_str(), mapped.texts.iter().map(String::as_str).collect()));
    dimensions::asked(definitions, (dataflow_id, dataflow), &raw, &mapped.collect(), cut)
}
