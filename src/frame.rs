//! Compute: the data frame as the stages see it. Column names and conversions live here and nowhere else.
//!
//! Opens no file; Parquet goes to any writer.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::mpsc;
use std::thread;

use baseline_model::{Column as RawColumn, Description, RawTable};
use polars::prelude::*;

/// Re-exported for those who pass the error on and must not know polars.
pub use polars::prelude::PolarsError;

/// Names of the columns every table of observations has beside the source's dimensions.
pub const PERIOD: &str = "period";
pub const VALUE: &str = "value";
pub const OBS_STATUS: &str = "obs_status";
pub const CONF_STATUS: &str = "conf_status";
pub const POSITION: &str = "position";

/// Rows of a Parquet row group: bounds the memory of writing.
const ROWS_PER_GROUP: usize = 128 * 1024;

/// Rows `rows` of a table as a frame: the dimensions, then the fixed columns. Textual columns are enums over
/// their dictionary, so a million rows cost a byte or two each.
///
/// # Errors
/// When a dictionary holds the same text twice or two columns share a name.
pub fn from_raw(table: &RawTable, rows: Range<usize>) -> PolarsResult<DataFrame> {
    let mut columns = Vec::with_capacity(table.dimensions.len() + 5);
    for dimension in table.dimensions.iter().chain([&table.period]) {
        columns.push(enumeration(dimension, &rows)?);
    }
    let values: Float64Chunked = table.value[rows.clone()].iter().copied().collect();
    columns.push(values.with_name(VALUE.into()).into_series().into());
    columns.push(enumeration(&table.obs_status, &rows)?);
    columns.push(enumeration(&table.conf_status, &rows)?);
    let mut positions = StringChunkedBuilder::new(POSITION.into(), rows.len());
    let mut position = String::new();
    for row in rows.clone() {
        position.clear();
        table.positions.push_text(row, &mut position);
        positions.append_value(&position);
    }
    columns.push(positions.finish().into_series().into());
    DataFrame::new(rows.len(), columns)
}

/// Writes tables of one reading as one Parquet file, zstd, row group by row group.
///
/// # Errors
/// When the tables have different dimensions, or the writer fails.
pub fn write_parquet(tables: &[RawTable], sink: impl Write) -> PolarsResult<()> {
    let Some(first) = tables.first() else {
        return Err(polars_err!(NoData: "no table to write"));
    };
    let ids = |table: &RawTable| table.dimensions.iter().map(|column| column.id.clone()).collect::<Vec<_>>();
    // Parquet would take the columns by their place, whatever they are called.
    if let Some(other) = tables.iter().find(|table| ids(table) != ids(first)) {
        let (expected, found) = (ids(first).join(", "), ids(other).join(", "));
        return Err(
            polars_err!(SchemaMismatch: "the tables have different dimensions ({expected}; {found}): write them as .csv"),
        );
    }
    let several = tables.len() > 1;
    let group = |table: &RawTable, rows: Range<usize>| {
        let frame = from_raw(table, rows)?;
        // Tables of one file have dictionaries of their own; only text is common to them.
        if several {
            frame.lazy().with_columns([all().exclude_cols([VALUE]).as_expr().cast(DataType::String)]).collect()
        } else {
            Ok(frame)
        }
    };
    let empty = group(first, 0..0)?;
    let mut writer = ParquetWriter::new(sink).with_compression(ParquetCompression::Zstd(None)).batched(empty.schema())?;
    thread::scope(|scope| {
        // The next group is built while one is written; no more are kept.
        let (send, built) = mpsc::sync_channel(0);
        scope.spawn(move || {
            for table in tables {
                for start in (0..table.len()).step_by(ROWS_PER_GROUP) {
                    let frame = group(table, start..table.len().min(start + ROWS_PER_GROUP));
                    // Nobody takes it when the writer failed and has said so.
                    if send.send(frame).is_err() {
                        return;
                    }
                }
            }
        });
        built.into_iter().try_for_each(|frame| writer.write_batch(&frame?))
    })?;
    writer.finish()?;
    Ok(())
}

/// A column of a table for other programs; all columns of a table are of one length.
#[derive(Debug, Clone)]
pub enum Column {
    Text(Vec<Option<String>>),
    Integer(Vec<i64>),
    Number(Vec<Option<f64>>),
}

impl Column {
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
        }
    }

    /// A cell as text: the shortest form that gives the number back, nothing for none.
    pub fn cell(&self, row: usize) -> String {
        let found = match self {
            Self::Text(cells) => cells.get(row).cloned().flatten(),
            Self::Integer(cells) => cells.get(row).map(ToString::to_string),
            Self::Number(cells) => cells.get(row).copied().flatten().map(|number| number.to_string()),
        };
        found.unwrap_or_default()
    }
}

/// Writes columns as one Parquet file, zstd.
///
/// # Errors
/// When two columns share a name or are of unequal length, or the writer fails.
pub fn write_columns<'a>(columns: impl Iterator<Item = (&'a str, &'a Column)>, sink: impl Write) -> PolarsResult<()> {
    let series = columns.map(|(name, column)| {
        let name = name.into();
        match column {
            Column::Text(cells) => Series::new(name, cells),
            Column::Integer(cells) => Series::new(name, cells),
            Column::Number(cells) => Series::new(name, cells),
        }
        .into()
    });
    let columns: Vec<polars::prelude::Column> = series.collect();
    let rows = columns.first().map_or(0, polars::prelude::Column::len);
    let mut frame = DataFrame::new(rows, columns)?;
    ParquetWriter::new(sink).with_compression(ParquetCompression::Zstd(None)).finish(&mut frame)?;
    Ok(())
}

/// Writes tables of one reading as one CSV: dimensions, `period`, `value` (empty when missing), `obs_status`,
/// `conf_status`, `position`; a line a stated cell. Dimensions of all tables, empty where a table has not got one.
///
/// # Errors
/// When the writer fails.
pub fn write_csv(tables: &[RawTable], sink: impl Write) -> io::Result<()> {
    let mut ids: Vec<&str> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.dimensions) {
        if !ids.contains(&column.id.as_str()) {
            ids.push(&column.id);
        }
    }
    let mut writer = csv::Writer::from_writer(io::BufWriter::new(sink));
    writer.write_record(ids.iter().copied().chain([PERIOD, VALUE, OBS_STATUS, CONF_STATUS, POSITION])).map_err(plain)?;
    for table in tables {
        let columns: Vec<Option<&RawColumn>> = ids.iter().map(|id| table.dimension(id)).collect();
        for row in 0..table.len() {
            for column in &columns {
                writer.write_field(column.map_or("", |column| column.get(row))).map_err(plain)?;
            }
            let value = table.value[row].map(|value| value.to_string()).unwrap_or_default();
            let fixed = [table.period.get(row), &value, table.obs_status.get(row), table.conf_status.get(row)];
            fixed.into_iter().try_for_each(|field| writer.write_field(field)).map_err(plain)?;
            writer.write_field(table.positions.text(row)).map_err(plain)?;
            writer.write_record(None::<&[u8]>).map_err(plain)?;
        }
    }
    writer.flush()
}

/// What a file describes, one code a line: `id,list,list_label,code,label,parent`.
///
/// # Errors
/// When the writer fails.
pub fn write_descriptions(descriptions: &[Description], sink: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(io::BufWriter::new(sink));
    writer.write_record(["id", "list", "list_label", "code", "label", "parent"]).map_err(plain)?;
    for Description { id, entries, .. } in descriptions {
        for entry in entries {
            writer.write_record([id, &entry.list, &entry.list_label, &entry.code, &entry.label, &entry.parent]).map_err(plain)?;
        }
    }
    writer.flush()
}

/// The fault of the writer itself: a closed pipe or a full disk must be known as such.
fn plain(error: csv::Error) -> io::Error {
    if !error.is_io_error() {
        return io::Error::other(error);
    }
    let message = error.to_string();
    if let csv::ErrorKind::Io(error) = error.into_kind() { error } else { io::Error::other(message) }
}

fn enumeration(column: &RawColumn, rows: &Range<usize>) -> PolarsResult<Column> {
    let categories = FrozenCategories::new(column.dictionary.iter().map(String::as_str))?;
    let dtype = DataType::from_frozen_categories(categories.clone());
    let name = PlSmallStr::from_str(&column.id);
    let codes = &column.codes[rows.clone()];
    let series = match categories.physical() {
        CategoricalPhysical::U8 => {
            let codes: UInt8Chunked = codes.iter().map(|code| u8::try_from(*code).ok()).collect();
            CategoricalChunked::<Categorical8Type>::from_cats_and_dtype(codes, dtype).into_series()
        }
        CategoricalPhysical::U16 => {
            let codes: UInt16Chunked = codes.iter().map(|code| u16::try_from(*code).ok()).collect();
            CategoricalChunked::<Categorical16Type>::from_cats_and_dtype(codes, dtype).into_series()
        }
        CategoricalPhysical::U32 => {
            let codes: UInt32Chunked = codes.iter().copied().map(Some).collect();
            CategoricalChunked::<Categorical32Type>::from_cats_and_dtype(codes, dtype).into_series()
        }
    };
    Ok(series.with_name(name).into())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use baseline_source::{ReadOptions, read};

    use super::*;

    const FIRST: &str = "geo,period,value,obs_status,conf_status,position\nPL,2024,46.3,b,,R2C3\nSI,2024,,u,C,R3C3\n";
    const SECOND: &str = "geo,period,value,obs_status,conf_status,position\nEL,2023,0,,,R9C9\n";

    fn tables(texts: &[&str]) -> Vec<RawTable> {
        texts.iter().flat_map(|text| read(text.as_bytes(), "specimen", &ReadOptions::default()).tables).collect()
    }

    /// Every cell as text, a missing number as `null`.
    fn back(bytes: Vec<u8>) -> Vec<String> {
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().expect("what was written is Parquet");
        let cell = |row: usize, column: &Column| column.get(row).map(|value| value.str_value().into_owned()).unwrap_or_default();
        (0..frame.height())
            .map(|row| frame.columns().iter().map(|column| cell(row, column)).collect::<Vec<_>>().join(","))
            .collect()
    }

    fn check(texts: &[&str], expected: &[&str]) {
        let mut bytes = Vec::new();
        write_parquet(&tables(texts), &mut bytes).expect("sound tables");
        assert_eq!(back(bytes), expected);
    }

    #[test]
    fn parquet_gives_back_what_was_read() {
        let first = ["PL,2024,46.3,b,,R2C3", "SI,2024,null,u,C,R3C3"];
        check(&[FIRST], &first);
        check(&[FIRST, SECOND], &[first[0], first[1], "EL,2023,0.0,,,R9C9"]);
    }

    #[test]
    fn parquet_of_more_than_one_row_group_loses_no_row() {
        let mut text = FIRST.to_owned();
        let rows = ROWS_PER_GROUP + 5;
        for row in 2..rows {
            text.push_str(&format!("X{row},2024,{row},,,R{row}C1\n"));
        }
        let mut bytes = Vec::new();
        write_parquet(&tables(&[&text]), &mut bytes).expect("a sound table");
        let back = back(bytes);
        assert_eq!(back.len(), rows);
        assert_eq!(back[rows - 1], format!("X{0},2024,{0}.0,,,R{0}C1", rows - 1));
    }

    #[test]
    fn tables_of_other_dimensions_are_refused_as_parquet_and_joined_as_csv() {
        let other = "sex,period,value\nT,2024,1\n";
        assert!(write_parquet(&tables(&[FIRST, other]), &mut Vec::new()).is_err());
        let mut bytes = Vec::new();
        write_csv(&tables(&[FIRST, other]), &mut bytes).expect("memory takes everything");
        let text = String::from_utf8(bytes).expect("text");
        assert!(text.starts_with("geo,sex,period,value,") && text.contains("\n,T,2024,1,"), "{text}");
    }
}
