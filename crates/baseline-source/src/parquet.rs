//! Parquet: copies of StatLine tables as download tools store them, and tables that `baseline read` wrote.
//!
//! Flat columns only. The file's own statements about sizes are not believed: pages are measured before anything is
//! unpacked, and rows are counted while they are read. The library meets files from anywhere; a panic in it is a
//! damaged file.
//!
//! ```text
//! ID, WijkenEnBuurten, AantalInwoners_5, ...      a TypedDataSet
//! Key, Title, Type, Unit, ...                     its DataProperties
//! geo, period, value, obs_status, conf_status, position
//! ```
//! Specification: <https://parquet.apache.org/docs/file-format/>

mod pages;

use std::panic::{AssertUnwindSafe, catch_unwind};

use ::parquet::basic::{ConvertedType, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use baseline_model::{Finding, Positions, RawTable};
use bytes::Bytes;
use jiff::ToSpan;
use jiff::civil::date;

use crate::cbs;
use crate::findings::Context;
use crate::members::{Cell, Field, Records};
use crate::read::Limits;
use crate::review::duplicates;
use crate::table::Rows;

pub(crate) const FORMAT: &str = "Parquet";

pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1")
}

pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> (&'static str, Vec<RawTable>) {
    let limits = context.options.limits;
    let result = catch_unwind(AssertUnwindSafe(|| records(bytes, limits)));
    let records = match result.unwrap_or_else(|_| Err(Fault::Damaged("its structure is broken".into()))) {
        Ok(records) => records,
        Err(fault) => {
            context.add(finding(fault, context));
            return ("", Vec::new());
        }
    };
    if records.has(&["period", "value"]) {
        return (FORMAT, tidy(&records, context).into_iter().collect());
    }
    if let Some(tables) = cbs::of_records(&records, &cbs::Origin::default(), context) {
        return (FORMAT, tables);
    }
    cbs::refuse(&records, context);
    ("", Vec::new())
}

/// Why a file is refused.
enum Fault {
    Damaged(String),
    TooLarge(String),
    NotRead(String),
}

fn finding(fault: Fault, context: &Context<'_>) -> Finding {
    match fault {
        Fault::Damaged(what) => {
            Finding::error("parquet-damaged", context.name, format!("the file begins like Parquet and cannot be read: {what}"))
                .hint("the file is cut or damaged: download it again")
        }
        Fault::TooLarge(what) => Finding::error("too-large", context.name, format!("{what}; nothing of it is used"))
            .hint("filter the request, or raise the limit if the file is trusted"),
        Fault::NotRead(what) => Finding::error("parquet-not-read", context.name, format!("{what}; the file is refused"))
            .hint("store numbers, texts and dates in flat columns"),
    }
}

fn records(bytes: &[u8], limits: Limits) -> Result<Records, Fault> {
    let damaged = |error: &dyn std::fmt::Display| Fault::Damaged(error.to_string());
    if !pages::is_flat(bytes).map_err(Fault::Damaged)? {
        return Err(Fault::NotRead("it has columns within columns".into()));
    }
    let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(|error| damaged(&error))?;
    let schema = file.metadata().file_metadata().schema_descr_ptr();
    let mut records = Records::default();
    for column in schema.columns() {
        if column.max_rep_level() > 0 || column.max_def_level() > 1 || column.path().parts().len() > 1 {
            return Err(Fault::NotRead(format!("the column `{}` holds lists or records", column.path())));
        }
        records.fields.push(Field::new(column.name()));
    }
    let most = limits.cells / records.fields.len().max(1);
    let mut left = limits.unpacked;
    for number in 0..file.num_row_groups() {
        let group = file.get_row_group(number).map_err(|error| damaged(&error))?;
        for (place, field) in records.fields.iter_mut().enumerate() {
            let chunk = group.metadata().column(place);
            let unpacked = pages::unpacked(bytes, chunk).map_err(Fault::Damaged)?;
            left = left
                .checked_sub(unpacked)
                .ok_or_else(|| Fault::TooLarge(format!("unpacks to more than the allowed {} bytes", limits.unpacked)))?;
            let reader = group.get_column_reader(place).map_err(|error| damaged(&error))?;
            column(reader, chunk.column_descr(), field, most, limits.unpacked)?;
        }
        let lengths = records.fields.iter().map(|field| field.cells.len());
        records.len = lengths.clone().min().unwrap_or(0);
        if lengths.max() != Some(records.len) && !records.fields.is_empty() {
            return Err(Fault::Damaged("its columns have different numbers of rows".into()));
        }
    }
    let stated = file.metadata().file_metadata().num_rows();
    if usize::try_from(stated).ok() != Some(records.len) {
        return Err(Fault::Damaged(format!("it states {stated} rows and holds {}", records.len)));
    }
    Ok(records)
}

/// Appends a column chunk to a field.
fn column(
    reader: ColumnReader,
    descr: &::parquet::schema::types::ColumnDescriptor,
    field: &mut Field,
    most: usize,
    most_text: usize,
) -> Result<(), Fault> {
    let name = descr.name().to_owned();
    let nullable = descr.max_def_level() > 0;
    let kind = descr.converted_type();
    let unsigned =
        matches!(kind, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64);
    let timed = matches!(
        kind,
        ConvertedType::TIME_MILLIS
            | ConvertedType::TIME_MICROS
            | ConvertedType::TIMESTAMP_MILLIS
            | ConvertedType::TIMESTAMP_MICROS
            | ConvertedType::INTERVAL
            | ConvertedType::DECIMAL
    ) || (kind == ConvertedType::NONE
        && descr.physical_type() == Physical::INT64
        && descr.logical_type_ref().is_some_and(|logical| !matches!(logical, ::parquet::basic::LogicalType::Integer { .. })));
    if timed {
        return Err(Fault::NotRead(format!("the column `{name}` holds times or decimals ({kind})")));
    }
    match reader {
        ColumnReader::Int32ColumnReader(reader) => cells(reader, nullable, field, most, |field, value: &i32| {
            if kind == ConvertedType::DATE {
                match date(1970, 1, 1).checked_add(value.days()) {
                    Ok(day) => field.push_text(&day.to_string()),
                    Err(_) => return Err(Fault::Damaged(format!("the column `{name}` has a day outside the calendar"))),
                }
            } else if unsigned {
                field.cells.push(Cell::Number(f64::from(value.cast_unsigned())));
            } else {
                field.cells.push(Cell::Number(f64::from(*value)));
            }
            Ok(())
        }),
        ColumnReader::Int64ColumnReader(reader) => cells(reader, nullable, field, most, |field, value: &i64| {
            // Above 2^53 a double would be another number: the digits are kept and no figure is made of them.
            if value.unsigned_abs() <= 1 << 53 {
                field.cells.push(Cell::Number(*value as f64));
            } else {
                field.push_text(&if unsigned { value.cast_unsigned().to_string() } else { value.to_string() });
            }
            Ok(())
        }),
        ColumnReader::DoubleColumnReader(reader) => cells(reader, nullable, field, most, |field, value: &f64| {
            float(field, *value, &value.to_string());
            Ok(())
        }),
        ColumnReader::FloatColumnReader(reader) => cells(reader, nullable, field, most, |field, value: &f32| {
            // The shortest decimal form is what was meant: 0.1, not 0.10000000149.
            let text = value.to_string();
            float(field, text.parse().unwrap_or(f64::NAN), &text);
            Ok(())
        }),
        ColumnReader::BoolColumnReader(reader) => cells(reader, nullable, field, most, |field, value: &bool| {
            field.push_text(if *value { "true" } else { "false" });
            Ok(())
        }),
        ColumnReader::ByteArrayColumnReader(reader) => {
            let mut length = 0_usize;
            cells(reader, nullable, field, most, |field, value: &ByteArray| {
                let text = std::str::from_utf8(value.data())
                    .map_err(|_| Fault::NotRead(format!("the column `{name}` holds bytes that are no text")))?;
                // A long text can be repeated for nothing in the file, and not here.
                length = length.saturating_add(text.len());
                if length > most_text {
                    return Err(Fault::TooLarge(format!(
                        "the column `{name}` unpacks to more than the allowed {most_text} bytes"
                    )));
                }
                field.push_text(text);
                Ok(())
            })
        }
        ColumnReader::Int96ColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => {
            Err(Fault::NotRead(format!("the column `{name}` is of the type {}", descr.physical_type())))
        }
    }
}

/// NaN is how data frames write "nothing".
fn float(field: &mut Field, value: f64, text: &str) {
    if value.is_nan() {
        field.cells.push(Cell::Null);
    } else if value.is_finite() {
        field.cells.push(Cell::Number(value + 0.0));
    } else {
        field.push_text(text);
    }
}

/// Rows that are decoded at a time.
const BATCH: usize = 8192;

fn cells<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    nullable: bool,
    field: &mut Field,
    most: usize,
    mut push: impl FnMut(&mut Field, &T::T) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (mut levels, mut values) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
    loop {
        levels.clear();
        values.clear();
        let read = reader.read_records(BATCH, nullable.then_some(&mut levels), None, &mut values);
        let (rows, _, _) = read.map_err(|error| Fault::Damaged(error.to_string()))?;
        if rows == 0 {
            return Ok(());
        }
        if field.cells.len() + rows > most {
            return Err(Fault::TooLarge("has more than the allowed number of cells".into()));
        }
        if (nullable && levels.len() != rows) || (!nullable && values.len() != rows) {
            return Err(broken(field));
        }
        if !nullable {
            values.iter().try_for_each(|value| push(field, value))?;
            continue;
        }
        let mut next = values.iter();
        for level in &levels {
            if *level == 0 {
                field.cells.push(Cell::Null);
            } else if let Some(value) = next.next() {
                push(field, value)?;
            } else {
                return Err(broken(field));
            }
        }
    }
}

/// Fewer values than rows.
fn broken(field: &Field) -> Fault {
    Fault::Damaged(format!("the column `{}` has fewer values than it states", field.name))
}

/// A table as `baseline read` writes it: see the tidy CSV.
fn tidy(records: &Records, context: &mut Context<'_>) -> Option<RawTable> {
    let (period, value) = (records.field("period")?, records.field("value")?);
    let fixed = ["period", "value", "obs_status", "conf_status", "position"];
    let dimensions: Vec<&Field> = records.fields.iter().filter(|field| !fixed.contains(&field.name.as_str())).collect();
    for (place, field) in dimensions.iter().enumerate() {
        if dimensions[..place].iter().any(|other| other.name.eq_ignore_ascii_case(&field.name)) {
            context.add(
                Finding::error(
                    "header-not-understood",
                    context.name,
                    format!("the column `{}` stands twice; the file is refused", field.name),
                )
                .hint("give every column a name of its own"),
            );
            return None;
        }
    }
    let mut rows = Rows::new(dimensions.iter().map(|field| field.name.to_lowercase()));
    let text = |name: &str, record: usize| records.field(name).map(|field| field.shown(record)).unwrap_or_default();
    let mut places = Vec::new();
    for record in 0..records.len {
        let number = match value.cells[record] {
            Cell::Number(number) => Some(number),
            Cell::Null | Cell::Absent => None,
            Cell::Text(_) => crate::csv_file::figure(&value.shown(record), &format!("[{record}].value"), context),
        };
        let key: Vec<String> = dimensions.iter().map(|field| field.shown(record)).collect();
        let (obs, conf) = (text("obs_status", record), text("conf_status", record));
        rows.push(key.iter().map(String::as_str), &period.shown(record), number, &obs, &conf);
        places.push(text("position", record));
    }
    let positions = if records.field("position").is_some() {
        Positions::Text(places)
    } else {
        let cells = (0..records.len).map(|record| (u32::try_from(record).unwrap_or(u32::MAX), 0)).collect();
        Positions::Record { names: vec!["value".into()], cells }
    };
    let table = rows.finish(positions);
    duplicates(&table, context);
    Some(table)
}
