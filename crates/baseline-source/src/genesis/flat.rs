//! Flat CSV of GENESIS (`ffcsv`), both layouts: since 2025 one row a value, before one column a measure.
//!
//! A group of columns is one dimension, named after its variable in lower case (`kreise`, `nat`, `ges`). Where a group
//! mixes variables (districts with their states; two lists of the same attribute), it is named after the one with the
//! most attributes, and a dimension `<name>_variable` behind it says which variable a row has. An attribute without a
//! code is the total and becomes `TOTAL`; a row whose group has no variable (a measure that is not broken down) too.
//! Then come `measure` and `unit`. Labels are never read: they change between vintages, are padded, and two districts
//! may share one. Marks and quality signs are kept verbatim as status. Rows come in any order.
//!
//! ```text
//! statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;...;value;value_unit;value_variable_code;value_variable_label[;value_q]
//! 13111;...;STAG;Stichtag;2024-06-30;KREISE;Kreise;15084;Burgenlandkreis;...;7293;Anzahl;ERW032;Beschäftigte
//! Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;1_Auspraegung_Code;1_Auspraegung_Label;...;ERW032__Beschaeftigte__Anzahl
//! 13111;...;STAG;Stichtag;30.06.2023;KREISE;Kreise;15084;      Burgenlandkreis;...;6608
//! ```

use std::collections::HashSet;

use baseline_model::{Column, Finding, Positions, RawTable, Role};

use super::value::{self, Cell, Decimals};
use super::{MOST_DIMENSIONS, attribute, iso_date};
use crate::csv_file;
use crate::findings::{Context, nearest_note, quote};
use crate::review::duplicates;
use crate::table::Interner;

pub(crate) const FORMAT: &str = "GENESIS flat CSV";

/// Whether a first line is the header of either layout.
pub(crate) fn is_one(header: &str) -> bool {
    let first = header.split(';').next().unwrap_or_default().trim().trim_matches('"');
    header.contains(';') && ["statistics_code", "statistik_code"].iter().any(|name| first.eq_ignore_ascii_case(name))
}

/// `None`, with findings, when the columns cannot be told apart.
pub(crate) fn read(text: &str, context: &mut Context<'_>) -> Option<RawTable> {
    let layout = layout(text.lines().next().unwrap_or_default(), context)?;
    let mut table = Table::new(&layout);
    each_record(text, layout.width, context, |line, cells, context| table.push(&layout, line, cells, context));
    let table = table.finish(&layout, context)?;
    duplicates(&table, context);
    Some(table)
}

struct Layout {
    width: usize,
    statistic: usize,
    title: Option<usize>,
    time_code: Option<usize>,
    time_label: Option<usize>,
    time: usize,
    groups: Vec<Group>,
    figures: Figures,
    /// The header is German, so the answer is.
    german: bool,
}

/// Columns of one dimension.
#[derive(Clone, Copy)]
struct Group {
    variable: usize,
    label: Option<usize>,
    attribute: usize,
}

enum Figures {
    /// One row a value.
    Long { value: usize, unit: usize, measure: usize, label: Option<usize>, quality: Option<usize> },
    /// One column a measure.
    Wide(Vec<Wide>),
}

struct Wide {
    column: usize,
    measure: String,
    unit: String,
    quality: Option<usize>,
}

fn layout(header: &str, context: &mut Context<'_>) -> Option<Layout> {
    match columns(header) {
        Ok((layout, unused)) => {
            if !unused.is_empty() {
                let unused: Vec<_> = unused.iter().map(|name| quote(name)).collect();
                let message = format!("columns of no known meaning, which are not read: {}", unused.join(", "));
                let finding = Finding::warning("columns-not-used", context.at("line 1"), message);
                context.add(finding.hint("the provider's layout may have changed: compare the file with an older one"));
            }
            Some(layout)
        }
        Err(fault) => {
            context.add(
                Finding::error("header-not-understood", context.at("line 1"), format!("{fault}; the file is refused"))
                    .hint("ask again with format=ffcsv, and do not edit the file"),
            );
            None
        }
    }
}

/// The columns by their names, and the names that mean nothing here; the error says what was expected.
fn columns(header: &str) -> Result<(Layout, Vec<String>), String> {
    let names: Vec<&str> = header.split(';').map(|name| name.trim().trim_matches('"')).collect();
    if let Some((_, twice)) = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name)) {
        return Err(format!("the column {} stands twice", quote(twice)));
    }
    let german = names[0].eq_ignore_ascii_case("statistik_code");
    let ours: Vec<String> = names.iter().map(|name| english(&name.to_lowercase())).collect();
    let find = |wanted: &str| ours.iter().position(|name| name == wanted);
    let need = |wanted: &str| {
        find(wanted).ok_or_else(|| {
            format!("expected the column {}, found none{}", quote(wanted), nearest_note(wanted, names.iter().copied()))
        })
    };
    let mut known = vec![false; names.len()];
    let mut groups = Vec::new();
    for number in 1.. {
        let part = |part: &str| format!("{number}_variable_{part}");
        if ours.iter().all(|name| !name.starts_with(&part(""))) {
            break;
        }
        groups.push(Group {
            variable: need(&part("code"))?,
            label: find(&part("label")),
            attribute: need(&part("attribute_code"))?,
        });
        let columns = ["code", "label", "attribute_code", "attribute_label"].map(|end| find(&part(end)));
        columns.into_iter().flatten().for_each(|column| known[column] = true);
    }
    if groups.len() > MOST_DIMENSIONS {
        return Err(format!("expected at most {MOST_DIMENSIONS} groups of columns, found {}", groups.len()));
    }
    // A gap in the numbers would lose every dimension behind it.
    if let Some(lost) = (0..names.len()).find(|column| !known[*column] && ours[*column].contains("_variable_attribute_")) {
        return Err(format!(
            "expected groups numbered from 1 without a gap, found {} behind {}",
            quote(names[lost]),
            groups.len()
        ));
    }
    let measures: Vec<usize> = (0..names.len()).filter(|column| names[*column].contains("__")).collect();
    let figures = if find("value").is_some() || measures.is_empty() {
        let (quality, label) = (find("value_q"), find("value_variable_label"));
        Figures::Long { value: need("value")?, unit: need("value_unit")?, measure: need("value_variable_code")?, label, quality }
    } else {
        Figures::Wide(wide(&names, &measures)?)
    };
    match &figures {
        Figures::Long { value, unit, measure, label, quality } => {
            [Some(*value), Some(*unit), Some(*measure), *label, *quality]
                .into_iter()
                .flatten()
                .for_each(|column| known[column] = true);
        }
        Figures::Wide(_) => measures.iter().for_each(|column| known[*column] = true),
    }
    let layout = Layout {
        width: names.len(),
        statistic: need("statistics_code")?,
        title: find("statistics_label"),
        time_code: find("time_code"),
        time_label: find("time_label"),
        time: need("time")?,
        groups,
        figures,
        german,
    };
    known[layout.statistic] = true;
    known[layout.time] = true;
    [layout.title, layout.time_code, layout.time_label].into_iter().flatten().for_each(|column| known[column] = true);
    let unused = names.iter().zip(known).filter(|(_, known)| !known).map(|(name, _)| (*name).to_owned()).collect();
    Ok((layout, unused))
}

/// The newer layout's name of a column.
fn english(name: &str) -> String {
    let renamed = match name {
        "statistik_code" => "statistics_code",
        "statistik_label" => "statistics_label",
        "zeit_code" => "time_code",
        "zeit_label" => "time_label",
        "zeit" => "time",
        _ => return name.replace("_merkmal_", "_variable_").replace("_auspraegung_", "_variable_attribute_"),
    };
    renamed.to_owned()
}

/// Columns `code__text__unit`, each with the column `code__q` or `code__text__unit__q` of its quality, if there is one.
fn wide(names: &[&str], measures: &[usize]) -> Result<Vec<Wide>, String> {
    let is_quality = |name: &str| name.to_lowercase().ends_with("__q");
    let mut qualities: Vec<usize> = measures.iter().copied().filter(|column| is_quality(names[*column])).collect();
    let mut wide = Vec::new();
    for &column in measures.iter().filter(|column| !is_quality(names[**column])) {
        let name = names[column];
        let (measure, rest) = name.split_once("__").unwrap_or((name, ""));
        let unit = rest.rsplit_once("__").map_or("", |(_, unit)| unit);
        if measure.is_empty() || unit.is_empty() {
            return Err(format!("expected a measure as code__text__unit, found {}", quote(name)));
        }
        let of_this = |candidate: &str| {
            let stem = &candidate[..candidate.len() - "__q".len()];
            stem == measure || stem == name
        };
        let quality = qualities.iter().position(|candidate| of_this(names[*candidate])).map(|place| qualities.remove(place));
        wide.push(Wide { column, measure: measure.to_owned(), unit: unit.to_owned(), quality });
    }
    match qualities.first() {
        Some(lost) => Err(format!("expected the measure of the quality column {}, found none", quote(names[*lost]))),
        None => Ok(wide),
    }
}

/// Hands over every record of the header's width; the others are findings. Without a quotation mark in the file, which
/// is the rule, cells are slices of the text and nothing is copied.
fn each_record<'c>(
    text: &str,
    width: usize,
    context: &mut Context<'c>,
    mut each: impl FnMut(u32, &[&str], &mut Context<'c>) -> bool,
) {
    if memchr::memchr(b'"', text.as_bytes()).is_some() {
        let Some(mut file) = csv_file::open(text, b';', 0, context) else { return };
        // A quote that opens in the first line and closes in another makes another header of it.
        if file.header.len() != width {
            let message = format!("expected {width} columns as in the first line, found {} by the quotes", file.header.len());
            let finding = Finding::error("header-not-understood", context.at("line 1"), message);
            context.add(finding.hint("the file is damaged or edited: download it again"));
            return;
        }
        while let Some((line, record)) = file.next(context) {
            if !each(line, &record.iter().collect::<Vec<_>>(), context) {
                return;
            }
        }
        return;
    }
    let mut cells: Vec<&str> = Vec::with_capacity(width);
    let mut start = memchr::memchr(b'\n', text.as_bytes()).map_or(text.len(), |end| end + 1);
    let mut line = 1;
    while start < text.len() {
        line += 1;
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |length| start + length);
        let record = text[start..end].trim_end_matches('\r');
        start = end + 1;
        if record.is_empty() {
            continue;
        }
        cells.clear();
        let mut from = 0;
        for sign in memchr::memchr_iter(b';', record.as_bytes()) {
            cells.push(&record[from..sign]);
            from = sign + 1;
        }
        cells.push(&record[from..]);
        if cells.len() != width {
            csv_file::wrong_width(line, width, cells.len(), context);
            continue;
        }
        if !each(line, &cells, context) {
            return;
        }
    }
}

/// A table under construction.
struct Table {
    statistic: Interner,
    time_code: Interner,
    groups: Vec<Building>,
    measure: Interner,
    unit: Interner,
    period: Interner,
    obs_status: Interner,
    value: Vec<Option<f64>>,
    decimals: Decimals,
    places: Vec<(u32, u32)>,
    title: String,
    time_label: String,
}

struct Building {
    variable: Interner,
    /// By the variable's code in `variable`.
    labels: Vec<String>,
    attribute: Interner,
}

impl Table {
    fn new(layout: &Layout) -> Self {
        let building = |_| Building { variable: Interner::new(""), labels: Vec::new(), attribute: Interner::new("") };
        Self {
            statistic: Interner::new("statistics"),
            time_code: Interner::new("time_variable"),
            groups: layout.groups.iter().map(building).collect(),
            measure: Interner::new("measure"),
            unit: Interner::new("unit"),
            period: Interner::new("period"),
            obs_status: Interner::new("obs_status"),
            value: Vec::new(),
            decimals: Decimals::default(),
            places: Vec::new(),
            title: String::new(),
            time_label: String::new(),
        }
    }

    /// Adds the rows of a record; false when there are too many.
    fn push(&mut self, layout: &Layout, line: u32, cells: &[&str], context: &mut Context<'_>) -> bool {
        if self.value.is_empty() {
            let text = |column: Option<usize>| column.map_or("", |column| cells[column].trim()).to_owned();
            (self.title, self.time_label) = (text(layout.title), text(layout.time_label));
        }
        match &layout.figures {
            Figures::Long { value, unit, measure, quality, .. } => {
                let quality = quality.map_or("", |column| cells[column].trim());
                let measure = (cells[*measure].trim(), cells[*unit].trim());
                self.row(layout, line, cells, measure, (*value, quality), context)
            }
            Figures::Wide(wide) => wide.iter().all(|wide| {
                let quality = wide.quality.map_or("", |column| cells[column].trim());
                self.row(layout, line, cells, (&wide.measure, &wide.unit), (wide.column, quality), context)
            }),
        }
    }

    fn row(
        &mut self,
        layout: &Layout,
        line: u32,
        cells: &[&str],
        (measure, unit): (&str, &str),
        (column, quality): (usize, &str),
        context: &mut Context<'_>,
    ) -> bool {
        let (row, limit) = (self.value.len(), context.options.limits.cells);
        let place = |context: &Context<'_>| context.at(format_args!("line {line}, column {}", column + 1));
        if row >= limit {
            context.group("too-many-cells", "", |context| {
                let message = format!("the file has more than the allowed {limit} cells; the rest is not read");
                Finding::error("too-many-cells", place(context), message)
                    .hint("filter the request, or raise the limit if the file is trusted")
            });
            return false;
        }
        self.statistic.push(cells[layout.statistic].trim());
        self.time_code.push(layout.time_code.map_or("", |column| cells[column].trim()));
        for (building, group) in self.groups.iter_mut().zip(&layout.groups) {
            let (variable, code) = (cells[group.variable].trim(), cells[group.attribute].trim());
            building.variable.push(variable);
            if building.labels.len() < building.variable.column.dictionary.len() {
                building.labels.push(group.label.map_or("", |column| cells[column].trim()).to_owned());
            }
            if variable.is_empty() && !code.is_empty() {
                context.group("attribute-without-variable", "", |context| {
                    let message = format!("the attribute {} has no variable, so its dimension is unknown", quote(code));
                    Finding::error("attribute-without-variable", place(context), message).hint("download the file again")
                });
            }
            building.attribute.push(attribute(code));
        }
        self.measure.push(measure);
        self.unit.push(unit);
        self.period.push(&iso_date(cells[layout.time].trim()));
        let (number, mark) = match value::cell(cells[column], context.options.numbers) {
            Cell::Whole(number) => (Some(number), ""),
            Cell::Decimal { number, comma, certain } => {
                self.decimals.note(row, comma, certain);
                (Some(number), "")
            }
            Cell::Mark(mark) => (None, mark),
            Cell::Blank => (None, ""),
            Cell::Unclear => {
                value::unclear(cells[column].trim(), &format!("line {line}, column {}", column + 1), context);
                (None, "")
            }
        };
        let contradicted = number.is_some() && value::is_mark(quality);
        if contradicted {
            context.group("number-beside-mark", quality, |context| {
                let message = format!("a number stands beside the mark {}; the cell is kept without a value", quote(quality));
                Finding::warning("number-beside-mark", place(context), message).hint("look the cell up at the provider")
            });
        }
        self.value.push(number.filter(|_| !contradicted));
        self.obs_status.push(&value::status(mark, quality));
        self.places.push((line, u32::try_from(column + 1).unwrap_or(u32::MAX)));
        true
    }

    fn finish(mut self, layout: &Layout, context: &mut Context<'_>) -> Option<RawTable> {
        context.own_marks = true;
        if context.findings.iter().any(|finding| finding.code == "attribute-without-variable") {
            return None;
        }
        let stated = match named_language(&context.member) {
            None if layout.german => Some(true),
            None if matches!(layout.figures, Figures::Wide(_)) => Some(false),
            language => language,
        };
        let places = &self.places;
        self.decimals.settle(stated, &mut self.value, |row| format!("line {}", places[row].0), context);
        let mut taken: HashSet<String> =
            ["measure", "unit", "period", "value", "obs_status", "conf_status", "position"].map(str::to_owned).into();
        let mut dimensions = Vec::new();
        for constant in [self.statistic.column, self.time_code.column] {
            // The same in every row says nothing of a row.
            if constant.dictionary.len() > 1 {
                taken.insert(constant.id.clone());
                dimensions.push(constant);
            }
        }
        for (number, building) in self.groups.into_iter().enumerate() {
            building.finish(number + 1, &mut taken, &mut dimensions, context);
        }
        dimensions.push(Column { role: Some(Role::Metric), ..self.measure.column });
        dimensions.push(self.unit.column);
        let conf_status = crate::table::constant("conf_status", "", self.value.len());
        Some(RawTable {
            dataflow: named_table(&context.member),
            title: (!self.title.is_empty()).then_some(self.title),
            updated: None,
            dimensions,
            period: Column { label: self.time_label, role: Some(Role::Time), ..self.period.column },
            value: self.value,
            obs_status: self.obs_status.column,
            conf_status,
            positions: Positions::Grid(self.places),
        })
    }
}

impl Building {
    /// Adds the dimension of the group number `number`, and the one of its variables when it mixes several.
    fn finish(self, number: usize, taken: &mut HashSet<String>, dimensions: &mut Vec<Column>, context: &mut Context<'_>) {
        let (variables, mut attribute) = (self.variable.column, self.attribute.column);
        let named: Vec<usize> = (0..variables.dictionary.len()).filter(|code| !variables.dictionary[*code].is_empty()).collect();
        let mut counts = vec![0_usize; variables.dictionary.len()];
        if named.len() > 1 {
            let pairs: HashSet<(u32, u32)> = variables.codes.iter().copied().zip(attribute.codes.iter().copied()).collect();
            for (variable, _) in pairs {
                counts[variable as usize] += 1;
            }
        }
        let order = |code: &usize| (std::cmp::Reverse(counts[*code]), &variables.dictionary[*code]);
        let Some(main) = named.iter().copied().min_by(|one, two| order(one).cmp(&order(two))) else { return };
        let mut id = variables.dictionary[main].to_lowercase();
        if !taken.insert(id.clone()) {
            id = format!("{id}_{number}");
            taken.insert(id.clone());
        }
        attribute.label.clone_from(&self.labels[main]);
        attribute.id.clone_from(&id);
        dimensions.push(attribute);
        if named.len() > 1 {
            let names: Vec<_> = named.iter().map(|code| quote(&variables.dictionary[*code])).take(8).collect();
            let message = format!(
                "group {number} mixes {} variables ({}): dimensions `{id}` and `{id}_variable`",
                named.len(),
                names.join(", ")
            );
            context.add(Finding::info("several-variables", context.at("line 1"), message));
            taken.insert(format!("{id}_variable"));
            dimensions.push(Column { id: format!("{id}_variable"), ..variables });
        }
    }
}

/// The table's code in `13111-01-03-4_1749623409083_de_flat.csv`, in lower case.
fn named_table(member: &str) -> Option<String> {
    let name = member.rsplit('/').next().unwrap_or(member);
    let (code, rest) = name.split_once('_')?;
    let stamped =
        rest.split('_').next().is_some_and(|stamp| !stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit()));
    let fits =
        code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && code.bytes().any(|byte| byte.is_ascii_digit());
    (stamped && fits).then(|| code.to_lowercase())
}

/// Whether the name of the file inside the archive says German (decimal comma) or English.
fn named_language(member: &str) -> Option<bool> {
    let says = |language: &str| member.contains(&format!("_{language}_"));
    match (says("de"), says("en")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (member, table, language) in [
            ("13111-01-03-4_1749623409083_de_flat.csv", Some("13111-01-03-4"), Some(true)),
            ("1000A-0000_1773175153999_en_flat.csv", Some("1000a-0000"), Some(false)),
            ("12531-0043_175879554_flat.csv", Some("12531-0043"), None),
            ("folder/12531-0043_1_flat.csv", Some("12531-0043"), None),
            ("table_de_flat.csv", None, Some(true)),
            ("a_de_en_flat.csv", None, None),
            ("", None, None),
        ] {
            assert_eq!((named_table(member).as_deref(), named_language(member)), (table, language), "{member}");
        }
    }

    #[test]
    fn headers() {
        let fault = |header: &str| columns(header).err().unwrap_or_default();
        for (header, expected) in [
            ("statistics_code;time;value;value_unit;value_variable_code", ""),
            ("statistics_code;time;time", "`time` stands twice"),
            ("statistics_code;value;value_unit;value_variable_code", "`time`"),
            ("statistics_code;time;1_variable_code;value;value_unit;value_variable_code", "`1_variable_attribute_code`"),
            (
                "statistics_code;time;2_variable_code;2_variable_attribute_code;value;value_unit;value_variable_code",
                "without a gap",
            ),
            ("statistics_code;time;value", "`value_unit`"),
            ("statistics_code;time", "`value`"),
            ("Statistik_Code;Zeit;A__b", "code__text__unit"),
            ("Statistik_Code;Zeit;A__b__c;B__q", "quality column"),
            ("Statistik_Code;Zeit;A__b__c;A__q", ""),
            ("Statistik_Code;Zeit;A__b__c;A__b__c__q", ""),
        ] {
            assert!(
                fault(header).contains(expected) && fault(header).is_empty() == expected.is_empty(),
                "{header}: {}",
                fault(header)
            );
        }
    }
}
