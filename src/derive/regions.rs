//! Every indicator by region: slices of dataflows, sums of parts, and formulas over other indicators.
//!
//! Formulas: share = 100·n/d, per thousand = 1000·n/d, ratio = n/d, sum = Σ; the denominator is always the same
//! region's, of the same year or at most `carry` years older.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::{Definitions, Derived, Indicator, Origin, Series as SeriesRecord};
use baseline_model::{Cell, Evidence, Finding, Formula, Grade, NutsCode, NutsVersion, ObsStatus, Observation, Period, Value};
use polars::prelude::*;

use super::{Key, Other, Series, computed, figure_id};
use crate::frame::{OBS_STATUS, PERIOD, VALUE};
use crate::harmonise::{AGE, GEO, NUTS_VERSION, ORIGIN, REASON, ROW, SEX, Tidy, reason_of};

/// Observations of an indicator by region code.
pub type ByRegion = BTreeMap<String, Series>;

/// What has been derived so far.
#[derive(Debug, Default)]
pub struct Done {
    pub regions: BTreeMap<String, ByRegion>,
    pub others: Vec<Other>,
    pub findings: Vec<Finding>,
}

/// Derives one indicator and, first, those it is computed from or held against; each once, into `done`.
pub fn derive_regions(
    definitions: &Definitions,
    id: &str,
    tidy: &BTreeMap<String, Tidy>,
    wanted: &BTreeSet<String>,
    done: &mut Done,
) -> PolarsResult<()> {
    if done.regions.contains_key(id) {
        return Ok(());
    }
    let Some(indicator) = definitions.indicators.get(id) else { return Ok(()) };
    // Placed first, so that a cycle (which `check` refuses) ends.
    done.regions.insert(id.to_owned(), ByRegion::new());
    for input in indicator.inputs().chain(&indicator.weight).chain(indicator.compare_with.iter().map(|record| &record.indicator))
    {
        derive_regions(definitions, input, tidy, wanted, done)?;
    }
    let by_region = match &indicator.derived {
        Some(derived) => formula(definitions, (id, indicator), derived, &done.regions),
        None => from_series((id, indicator), tidy, wanted, done)?,
    };
    done.regions.insert(id.to_owned(), by_region);
    Ok(())
}

/// The rows of a series' table that its record asks for.
pub fn matching(frame: &DataFrame, record: &SeriesRecord) -> LazyFrame {
    let mut rows = frame.clone().lazy();
    for (dimension, code) in &record.filter {
        rows = rows.filter(col(dimension.as_str()).eq(lit(code.as_str())));
    }
    for (dimension, codes) in &record.sum {
        let any = codes.iter().map(|code| col(dimension.as_str()).eq(lit(code.as_str()))).reduce(Expr::or);
        rows = rows.filter(any.unwrap_or_else(|| lit(false)));
    }
    rows
}

fn from_series(
    (id, indicator): (&str, &Indicator),
    tidy: &BTreeMap<String, Tidy>,
    wanted: &BTreeSet<String>,
    done: &mut Done,
) -> PolarsResult<ByRegion> {
    let others = &mut done.others;
    let mut by_region = ByRegion::new();
    let regions =
        DataFrame::new(wanted.len(), vec![Column::new(GEO.into(), wanted.iter().map(String::as_str).collect::<Vec<_>>())])?;
    for record in &indicator.series {
        let Some(table) = tidy.get(&record.dataflow) else { continue };
        // A dimension that the table lost is a finding of harmonise; the other figures do not suffer.
        let there = |name: &&String| table.frame.schema().contains(name.as_str());
        if !(table.frame.schema().contains(GEO) && record.filter.keys().chain(record.sum.keys()).all(|name| there(&name))) {
            continue;
        }
        let rows = matching(&table.frame, record)
            .join(regions.clone().lazy(), [col(GEO)], [col(GEO)], JoinArgs::new(JoinType::Semi))
            .collect()?;
        if let Some((dimension, codes)) = open_dimension(record, &rows)? {
            // Which of the numbers is meant cannot be known: none is better than the first.
            let message = format!(
                "the indicator {id} leaves the dimension `{dimension}` open, of which the table has {codes} codes: its figures \
                 would be there {codes} times"
            );
            let hint = format!("fix it in the series of pipelines/indicators/{id}.toml: where = {{ {dimension} = \"...\" }}");
            done.findings.push(Finding::error("dimension-open", record.dataflow.as_str(), message).hint(hint));
            continue;
        }
        let mut observations = observations((id, indicator), record, table, &rows)?;
        if !record.sum.is_empty() {
            observations = add_up(id, record, once(observations, others));
        }
        for (key, observation) in observations {
            // The first series that states the cell wins; what the others say is kept for `reconcile`.
            match by_region.entry(observation.geo.code.clone()).or_default().entry(key) {
                Entry::Vacant(place) => drop(place.insert(observation)),
                Entry::Occupied(used) => differs(used.get(), observation, others),
            }
        }
    }
    Ok(by_region)
}

/// A dimension that is no column of a figure, that the series neither fixes nor adds up, and of which one figure would have
/// several codes; with the most codes that one has.
fn open_dimension(record: &SeriesRecord, rows: &DataFrame) -> PolarsResult<Option<(String, u32)>> {
    const COLUMNS: [&str; 11] =
        [GEO, NUTS_VERSION, ORIGIN, SEX, AGE, REASON, ROW, PERIOD, VALUE, OBS_STATUS, crate::harmonise::ORIGINAL];
    let names: Vec<&str> = rows.get_column_names().into_iter().map(PlSmallStr::as_str).collect();
    let fixed = |name: &str| record.filter.contains_key(name) || record.sum.contains_key(name);
    let open: Vec<&str> = names.iter().copied().filter(|name| !COLUMNS.contains(name) && !fixed(name)).collect();
    // What makes one figure, and one part of a sum.
    let parts = record.sum.keys().map(String::as_str).filter(|name| !COLUMNS.contains(name));
    let keys: Vec<Expr> =
        [GEO, ORIGIN, SEX, AGE, PERIOD].into_iter().chain(parts).filter(|name| names.contains(name)).map(col).collect();
    if open.is_empty() || rows.height() == 0 {
        return Ok(None);
    }
    let codes: Vec<Expr> = open.iter().map(|name| col(*name).n_unique()).collect();
    let most: Vec<Expr> = open.iter().map(|name| col(*name).max().cast(DataType::UInt32)).collect();
    let counted = rows.clone().lazy().group_by(keys).agg(codes).select(most).collect()?;
    for name in open {
        let count = counted.column(name)?.u32()?.get(0).unwrap_or(0);
        if count > 1 {
            return Ok(Some((name.to_owned(), count)));
        }
    }
    Ok(None)
}

/// Whether a table at hand has a number for one of the series of an indicator.
///
/// # Errors
/// When a data frame expression fails.
pub fn has_number(indicator: &Indicator, tidy: &BTreeMap<String, Tidy>) -> PolarsResult<Option<String>> {
    for record in &indicator.series {
        let Some(table) = tidy.get(&record.dataflow) else { continue };
        let schema = table.frame.schema();
        if record.filter.keys().chain(record.sum.keys()).all(|name| schema.contains(name.as_str()))
            && matching(&table.frame, record).filter(col(VALUE).is_not_null()).limit(1).collect()?.height() > 0
        {
            return Ok(Some(record.dataflow.clone()));
        }
    }
    Ok(None)
}

/// The first of the observations of one cell: a part that two vintages state must not be counted twice.
fn once(observations: Vec<(Key, Observation)>, others: &mut Vec<Other>) -> Vec<(Key, Observation)> {
    let mut kept: Vec<(Key, Observation)> = Vec::with_capacity(observations.len());
    let mut places: BTreeMap<(Key, Vec<(String, String)>), usize> = BTreeMap::new();
    for (key, observation) in observations {
        let cell = observation.cells().first().map(|cell| cell.key.clone()).unwrap_or_default();
        match places.entry((key.clone(), cell)) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push((key, observation));
            }
            Entry::Occupied(place) => differs(&kept[*place.get()].1, observation, others),
        }
    }
    kept
}

fn differs(used: &Observation, other: Observation, others: &mut Vec<Other>) {
    if used.value != other.value {
        others.push(Other { used: used.clone(), other });
    }
}

/// One observation a row; the region stands in as its own territory, grade A, until the ladder lends it out.
fn observations(
    (id, indicator): (&str, &Indicator),
    record: &SeriesRecord,
    tidy: &Tidy,
    rows: &DataFrame,
) -> PolarsResult<Vec<(Key, Observation)>> {
    let text =
        |name: &str| -> PolarsResult<Option<&StringChunked>> { rows.column(name).ok().map(|column| column.str()).transpose() };
    let (geo, version) = (text(GEO)?, text(NUTS_VERSION)?);
    let (origin, sex, age) = (text(ORIGIN)?, text(SEX)?, text(AGE)?);
    let (period, status, reason) = (text(PERIOD)?, text(OBS_STATUS)?, text(REASON)?);
    let (values, row_index) = (rows.column(VALUE)?.f64()?, rows.column(ROW)?.u32()?);
    let cell_text =
        |column: Option<&StringChunked>, row: usize| column.and_then(|column| column.get(row)).unwrap_or("").to_owned();
    let ours = |name: &str, column: Option<&StringChunked>, row: usize, default: &str| {
        record.set.get(name).cloned().unwrap_or_else(|| match column {
            Some(column) => column.get(row).unwrap_or("").to_owned(),
            None => default.to_owned(),
        })
    };
    let (source, flow) = record.dataflow.split_once('/').unwrap_or((&record.dataflow, ""));
    let part = |cell: &Cell| -> String {
        cell.key.iter().filter(|(name, _)| record.sum.contains_key(name)).map(|(_, code)| format!(".{code}")).collect()
    };
    let mut found = Vec::with_capacity(rows.height());
    for row in 0..rows.height() {
        // Sums over our own columns keep the part's code until they are added up.
        let column = |name: &str, column, default| {
            if record.sum.contains_key(name) { cell_text(column, row) } else { ours(name, column, row, default) }
        };
        let Some(group) = Origin::parse(&column(ORIGIN, origin, "total")) else { continue };
        let Some(period) = Period::parse(&cell_text(period, row)) else { continue };
        let key = Key { period, origin: group, sex: column(SEX, sex, "T"), age: column(AGE, age, "TOTAL") };
        let region = cell_text(geo, row);
        let Some(raw_row) = row_index.get(row).and_then(|row| usize::try_from(row).ok()) else { continue };
        let cell = cell(tidy, raw_row);
        let mut figure = figure_id(id, &region, &key);
        figure.0.push_str(&part(&cell));
        let observation = Observation {
            id: figure,
            indicator: id.to_owned(),
            territory: region.clone(),
            geo: NutsCode { code: region, version: NutsVersion::parse(&cell_text(version, row)) },
            period,
            origin: group,
            sex: key.sex.clone(),
            age: key.age.clone(),
            value: values.get(row).map_or_else(
                || Value::Missing(reason_of(&cell_text(reason, row))),
                |number| Value::Number(number * record.factor.unwrap_or(1.0)),
            ),
            unit: indicator.unit,
            obs_status: ObsStatus::new(&cell_text(status, row)),
            grade: Grade::A,
            carried_years: 0,
            source: source.to_owned(),
            dataflow: flow.to_owned(),
            evidence: Evidence::Cell(cell),
        };
        found.push((key, observation));
    }
    Ok(found)
}

/// The cell of a raw row; in a seed table the row states original and position itself.
fn cell(tidy: &Tidy, row: usize) -> Cell {
    let original = tidy.table.dimension("original").and_then(|column| column.get(row).parse().ok()).unwrap_or(1);
    let key = tidy
        .table
        .dimensions
        .iter()
        .filter(|column| column.id != "original")
        .map(|column| (column.id.clone(), column.get(row).to_owned()))
        .collect();
    Cell { receipt: tidy.receipt.clone(), original, position: tidy.table.positions.text(row), key }
}

/// Adds up the parts of each (region, key); a sum with fewer parts than asked for is missing.
fn add_up(id: &str, record: &SeriesRecord, parts: Vec<(Key, Observation)>) -> Vec<(Key, Observation)> {
    let wanted: usize = record.sum.values().map(Vec::len).product();
    let mut groups: BTreeMap<(String, Key), Vec<Observation>> = BTreeMap::new();
    for (mut key, part) in parts {
        if record.sum.contains_key(SEX) {
            key.sex = record.set.get(SEX).cloned().unwrap_or_else(|| "T".into());
        }
        if record.sum.contains_key(ORIGIN) {
            key.origin = record.set.get(ORIGIN).and_then(|code| Origin::parse(code)).unwrap_or(Origin::Total);
        }
        if record.sum.contains_key(AGE) {
            key.age = record.set.get(AGE).cloned().unwrap_or_else(|| "TOTAL".into());
        }
        groups.entry((part.geo.code.clone(), key)).or_default().push(part);
    }
    groups
        .into_iter()
        .filter_map(|((region, key), parts)| {
            let mut template = parts.first()?.clone();
            template.origin = key.origin;
            template.sex.clone_from(&key.sex);
            template.age.clone_from(&key.age);
            let complete = parts.len() == wanted;
            let unit = template.unit;
            let of_parts = vec![("parts", wanted.to_string())];
            let mut sum = computed(&template, figure_id(id, &region, &key), unit, (Formula::Sum, of_parts), parts, |numbers| {
                complete.then(|| numbers.iter().sum())
            });
            if !complete {
                sum.value = Value::Missing(baseline_model::Reason::Absent);
            }
            Some((key, sum))
        })
        .collect()
}

fn formula(
    definitions: &Definitions,
    (id, indicator): (&str, &Indicator),
    derived: &Derived,
    done: &BTreeMap<String, ByRegion>,
) -> ByRegion {
    let empty = ByRegion::new();
    let inputs: Vec<_> = derived.inputs.iter().map(|input| done.get(input).unwrap_or(&empty)).collect();
    let Some((first, others)) = inputs.split_first() else { return empty };
    let mut by_region = ByRegion::new();
    for (region, series) in *first {
        for (key, numerator) in series {
            let mut operands = vec![numerator.clone()];
            for (other, other_id) in others.iter().zip(derived.inputs.iter().skip(1)) {
                let headline = definitions.indicators.get(other_id).map(|indicator| &indicator.headline);
                let found = other.get(region).and_then(|series| operand(series, headline, key, derived));
                operands.extend(found);
            }
            if operands.len() != inputs.len() {
                continue;
            }
            // How much older the denominator may be; how much it is, stands with it.
            let parameters = if derived.carry == 0 { Vec::new() } else { vec![("carry", derived.carry.to_string())] };
            let observation = computed(
                numerator,
                figure_id(id, region, key),
                indicator.unit,
                (derived.formula, parameters),
                operands,
                |numbers| apply(derived.formula, numbers),
            );
            let observation = Observation { indicator: id.to_owned(), ..observation };
            by_region.entry(region.clone()).or_default().insert(key.clone(), observation);
        }
    }
    by_region
}

/// The operand beside a numerator: for a sum the same key; for a denominator its headline group, or the numerator's own
/// where the record says so, in the numerator's year, or the newest at most `carry` years older.
fn operand(
    series: &Series,
    headline: Option<&baseline_model::definitions::Headline>,
    key: &Key,
    derived: &Derived,
) -> Option<Observation> {
    if derived.formula == Formula::Sum {
        return series.get(key).cloned();
    }
    let headline = headline?;
    let years = i16::try_from(derived.carry).unwrap_or(i16::MAX);
    let (found, observation) = series.iter().rev().find(|(candidate, observation)| {
        let age = key.period.year - candidate.period.year;
        candidate.origin == (if derived.by_group { key.origin } else { headline.origin })
            && (candidate.sex == key.sex)
            && candidate.age == headline.age
            && (0..=years).contains(&age)
            && (age == 0 || observation.value.number().is_some())
    })?;
    let mut operand = observation.clone();
    operand.carried_years += u16::try_from(key.period.year - found.period.year).unwrap_or(0);
    Some(operand)
}

fn apply(formula: Formula, numbers: &[f64]) -> Option<f64> {
    let quotient = |scale: f64| match numbers {
        [numerator, denominator] if *denominator != 0.0 => Some(scale * numerator / denominator),
        _ => None,
    };
    match formula {
        Formula::Ratio => quotient(1.0),
        Formula::Share => quotient(100.0),
        Formula::PerThousand => quotient(1000.0),
        Formula::Sum => Some(numbers.iter().sum()),
        Formula::GapPp
        | Formula::OddsRatio
        | Formula::GapRatio
        | Formula::LogOdds
        | Formula::RelativeGap
        | Formula::Difference
        | Formula::Change
        | Formula::Position
        | Formula::WeightedMean
        | Formula::Interpolation
        | Formula::Synthetic
        | Formula::Conversion
        | Formula::Score
        | Formula::Composite
        | Formula::MonteCarlo
        | Formula::Sobol
        | Formula::Arrived
        | Formula::AdjustedRand => None,
    }
}
