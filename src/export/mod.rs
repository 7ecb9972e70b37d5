//! Compute: the figures of a study for other programs: CSV, Parquet, SDMX-CSV, and the package that describes them.
//!
//! One table of observations in each format, and small tables of what its codes mean. Every row keeps status, grade,
//! vintage and the way back to its cell. Writes nothing to disk and knows no clock: the package is dated as its figures are.

mod package;
mod sdmx;

use std::collections::{BTreeMap, BTreeSet};

pub use package::is_ours;

use baseline_model::definitions::Origin;
use baseline_model::{Grade, Observation, Reason, Value};

use crate::compose::{self, Context, parts, unit_code};
use crate::frame::{self, Exported, PolarsError};

/// The formats of `baseline export`, in the order of help texts.
pub const FORMATS: [&str; 3] = ["csv", "parquet", "sdmx-csv"];

/// The SHA-256 of bytes in lower-case hexadecimal.
pub type Hash = fn(&[u8]) -> String;

/// The file that describes all others.
pub const PACKAGE: &str = "datapackage.json";

/// A table in memory: what a column is called, what it says, and its cells.
pub struct Table {
    pub name: &'static str,
    pub title: &'static str,
    pub columns: Vec<(Field, Exported)>,
    /// Columns that tell the rows apart.
    pub key: &'static [&'static str],
    /// Column -> table and column in which its values stand.
    pub foreign: &'static [(&'static str, &'static str, &'static str)],
}

/// What a column is called and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub about: &'static str,
    /// A value in every row.
    pub required: bool,
}

/// All files of an export, sorted by path.
///
/// # Errors
/// When the Parquet file cannot be built.
pub fn files(
    context: &Context<'_>,
    territories: &[String],
    formats: &[String],
    hash: Hash,
) -> Result<Vec<(String, Vec<u8>)>, PolarsError> {
    // Everything that a territory's report prints beyond its series is computed while it is composed.
    for territory in territories {
        drop(compose::territory_report(context, territory, &[]));
    }
    context.printed.take();
    let observations = compose::observations(context, territories);
    let tables = [
        observations_table(&observations),
        indicators(context, &observations),
        places(context, &observations),
        codes(context, &observations),
    ];
    let mut files = Vec::new();
    let mut resources = Vec::new();
    for table in &tables {
        let path = format!("{}.csv", table.name);
        // The tables of codes are part of every export: without them the letters mean nothing.
        if table.name != "observations" || formats.iter().any(|format| format == "csv") {
            let bytes = csv(table);
            resources.push(package::resource(table, &path, "csv", "text/csv", (&bytes, hash)));
            files.push((path, bytes));
        }
    }
    let [observations_table, ..] = &tables;
    if formats.iter().any(|format| format == "parquet") {
        let mut bytes = Vec::new();
        let columns = observations_table.columns.iter().map(|(field, column)| (field.name, column));
        frame::write_columns(columns, &mut bytes)?;
        let path = "observations.parquet".to_owned();
        resources.push(package::resource(observations_table, &path, "parquet", "application/vnd.apache.parquet", (&bytes, hash)));
        files.push((path, bytes));
    }
    if formats.iter().any(|format| format == "sdmx-csv") {
        let bytes = sdmx::bytes(context.study_id, &observations);
        let path = "observations.sdmx.csv".to_owned();
        resources.push(package::sdmx(&path, (&bytes, hash)));
        files.push((path, bytes));
    }
    files.push((PACKAGE.to_owned(), package::bytes(context, &resources)));
    files.sort();
    Ok(files)
}

/// Why a row has no number; empty when it has one.
pub fn missing(observation: &Observation) -> &'static str {
    match observation.value {
        Value::Number(_) => "",
        Value::Missing(Reason::Absent) => "absent",
        Value::Missing(Reason::NotAvailable) => "not_available",
        Value::Missing(Reason::Withheld) => "withheld",
        Value::Missing(Reason::NotApplicable) => "not_applicable",
    }
}

const fn field(name: &'static str, about: &'static str, required: bool) -> Field {
    Field { name, about, required }
}

/// An empty text stands for no value.
fn text(values: impl Iterator<Item = String>) -> Exported {
    Exported::Text(values.map(|value| (!value.is_empty()).then_some(value)).collect())
}

fn observations_table(rows: &[Observation]) -> Table {
    let column = |value: fn(&Observation) -> String| text(rows.iter().map(value));
    let numbers = rows.iter().map(|row| row.value.number().map(|number| compose::tidy_number(number).parse().unwrap_or(number)));
    Table {
        name: "observations",
        title: "Every figure behind the reports, one row each",
        columns: vec![
            (
                field("id", "Identifier of the figure; `baseline why ID` walks to its source cell", true),
                column(|row| row.id.0.clone()),
            ),
            (field("indicator", "What is measured", true), column(|row| parts(row).0)),
            (
                field(
                    "measure",
                    "For a computed figure, what was computed from the indicator (gap_pp: difference of two rates)",
                    false,
                ),
                column(|row| parts(row).1),
            ),
            (
                field("territory", "Territory, country or benchmark that the row is about", true),
                column(|row| row.territory.clone()),
            ),
            (
                field("geo", "Code of the region whose value it is; with a grade other than A not the territory itself", false),
                column(|row| row.geo.code.clone()),
            ),
            (
                field("nuts_version", "NUTS version of that code", false),
                column(|row| row.geo.version.map(|version| version.to_string()).unwrap_or_default()),
            ),
            (field("period", "Year, or 2024-Q1, 2025-03", true), column(|row| row.period.to_string())),
            (
                field("origin", "Group by citizenship or by country of birth; total for all persons", true),
                column(|row| row.origin.code().to_owned()),
            ),
            (field("sex", "F, M or T for both", true), column(|row| row.sex.clone())),
            (field("age", "Age group; TOTAL for all ages", true), column(|row| row.age.clone())),
            (
                field(
                    "value",
                    "The figure to twelve significant digits; empty when there is none, and never zero for none",
                    false,
                ),
                Exported::Number(numbers.collect()),
            ),
            (field("missing", "Why there is no value", false), column(|row| missing(row).to_owned())),
            (field("unit", "Unit of the value", true), column(|row| unit_code(row.unit))),
            (
                field(
                    "obs_status",
                    "Status letters of the source, several together (bu); of a computed figure those of all its inputs",
                    false,
                ),
                column(|row| row.obs_status.to_string()),
            ),
            (
                field("grade", "Whose value it is: A own, B NUTS 3 region, C NUTS 2 region, D country, M modelled", true),
                column(|row| row.grade.to_string()),
            ),
            (
                field("carried_years", "Years that the value, or a part of it, is away from the period", true),
                Exported::Integer(rows.iter().map(|row| i64::from(row.carried_years)).collect()),
            ),
            (field("source", "Provider", false), column(|row| row.source.clone())),
            (field("dataflow", "Published table", false), column(|row| row.dataflow.clone())),
            (
                field("vintage", "State of the table as the provider stamps it, else the beginning of its hash", false),
                column(Observation::vintage),
            ),
            (field("position", "Cell or cells in the original file", false), column(Observation::position)),
        ],
        key: &["id"],
        foreign: &[("indicator", "indicators", "id"), ("territory", "places", "id")],
    }
}

fn indicators(context: &Context<'_>, rows: &[Observation]) -> Table {
    let used: BTreeSet<&str> = rows.iter().map(|row| row.indicator.as_str()).collect();
    let records: Vec<_> = used.into_iter().map(|id| (id, context.definitions.indicators.get(id))).collect();
    let phrase = |english: &str| context.language.phrase(english);
    let of = |value: &dyn Fn(&baseline_model::definitions::Indicator) -> String| {
        text(records.iter().map(|(_, record)| record.map_or_else(String::new, value)))
    };
    // A composite and a typology are no indicators; they have a name of their own.
    let name = |(id, record): &(&str, Option<&baseline_model::definitions::Indicator>)| match record {
        Some(record) => context.indicator_name((id, record)),
        None => context.word(&format!("name.{id}")),
    };
    Table {
        name: "indicators",
        title: "What is measured",
        columns: vec![
            (field("id", "Identifier", true), text(records.iter().map(|(id, _)| (*id).to_owned()))),
            (field("name", "Name", true), text(records.iter().map(name))),
            (field("unit", "Unit of the indicator itself", false), of(&|record| unit_code(record.unit))),
            (
                field("direction", "Which way is better: higher_is_better, lower_is_better, neutral", false),
                of(&|record| record.direction.code().to_owned()),
            ),
            (field("universe", "Who is counted", false), of(&|record| phrase(&record.universe))),
            (field("numerator", "Of a rate: the part", false), of(&|record| phrase(&record.numerator))),
            (field("denominator", "Of a rate: the whole", false), of(&|record| phrase(&record.denominator))),
            (field("concept", "Concept of measurement", false), of(&|record| phrase(&record.concept))),
            (
                field("notes", "Remarks on the definition", false),
                of(&|record| record.notes.iter().map(|note| phrase(note)).collect::<Vec<_>>().join(" ")),
            ),
        ],
        key: &["id"],
        foreign: &[],
    }
}

fn places(context: &Context<'_>, rows: &[Observation]) -> Table {
    let used: BTreeSet<&str> = rows.iter().map(|row| row.territory.as_str()).collect();
    let kind = |id: &str| {
        if context.territory(id).is_some() {
            "territory"
        } else if id == context.study_id {
            "study"
        } else if id == context.mean_id() {
            "mean"
        } else if context.study.benchmarks.contains_key(id) {
            "benchmark"
        } else if context.study.territories.iter().filter_map(|own| context.territory(own)).any(|own| own.country == id) {
            "country"
        } else {
            "region"
        }
    };
    let territory = |value: fn(&baseline_model::definitions::Territory) -> String| {
        text(used.iter().map(|id| context.territory(id).map_or_else(String::new, value)))
    };
    Table {
        name: "places",
        title: "Territories, and the regions, countries and means beside them",
        columns: vec![
            (field("id", "Identifier", true), text(used.iter().map(|id| (*id).to_owned()))),
            (field("name", "Name", true), text(used.iter().map(|id| context.unit_name(id)))),
            (
                field("kind", "territory, country of one, benchmark, region beside them, mean or study", true),
                text(used.iter().map(|id| kind(id).to_owned())),
            ),
            (
                field("code", "Code of the territory itself: of the municipality, else NUTS", false),
                territory(|record| record.own_code().to_owned()),
            ),
            (field("country", "Country code as Eurostat writes it (EL)", false), territory(|record| record.country.clone())),
        ],
        key: &["id"],
        foreign: &[],
    }
}

/// Every letter and code of the observations.
fn codes(context: &Context<'_>, observations: &[Observation]) -> Table {
    let mut rows: BTreeMap<(&str, String), String> = BTreeMap::new();
    for grade in Grade::ALL {
        rows.insert(("grade", grade.to_string()), context.word(&format!("grade.{grade}")));
    }
    for (key, meaning) in &context.language.texts {
        if let Some(letter) = key.strip_prefix("flag.").filter(|letter| letter.chars().count() == 1) {
            rows.insert(("obs_status", letter.to_owned()), meaning.clone());
        }
        if let Some(reason) = key.strip_prefix("missing.") {
            rows.insert(("missing", reason.to_owned()), meaning.clone());
        }
    }
    for origin in Origin::ALL {
        rows.insert(("origin", origin.code().to_owned()), context.origin(origin));
    }
    for row in observations {
        rows.entry(("unit", unit_code(row.unit))).or_insert_with(|| context.unit(row.unit));
    }
    for (id, source) in &context.definitions.sources {
        rows.insert(("source", id.clone()), source.name.clone());
    }
    let column = |value: fn((&(&str, String), &String)) -> String| text(rows.iter().map(value));
    Table {
        name: "codes",
        title: "Meaning of the codes in the table of observations",
        columns: vec![
            (field("column", "Column in which the code stands", true), column(|((list, _), _)| (*list).to_owned())),
            (field("code", "The code", true), column(|((_, code), _)| code.clone())),
            (field("meaning", "What it means", true), column(|(_, meaning)| meaning.clone())),
        ],
        key: &["column", "code"],
        foreign: &[],
    }
}

/// UTF-8, comma, LF; numbers as the column has them, nothing for no value.
fn csv(table: &Table) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory fails on nothing but records of unequal length, which these are not.
    let mut write = |record: Vec<String>| drop(writer.write_record(record));
    write(table.columns.iter().map(|(field, _)| field.name.to_owned()).collect());
    let rows = table.columns.first().map_or(0, |(_, column)| column.len());
    for row in 0..rows {
        write(table.columns.iter().map(|(_, column)| column.cell(row)).collect());
    }
    writer.into_inner().unwrap_or_default()
}
