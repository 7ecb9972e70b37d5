//! PX files of the PC-Axis family: what PxWeb offices and INE hand out.
//!
//! Statements first, then one long list of figures over STUB and HEADING, the last variable fastest. Figures are
//! counted against the product of the variables: one too many or too few and every cell after it would stand somewhere
//! else, so such a table is refused. Marks (`".."`, `"-"`) are kept verbatim as status; what they mean is for the source's
//! scheme. Texts are read in the file's main language. Positions are line and number of the figure in its line.
//!
//! ```text
//! CHARSET="ANSI"; CODEPAGE="iso-8859-1"; LANGUAGE="en"; MATRIX="TAB005"; TITLE="Land use";
//! STUB="region"; HEADING="year";
//! VALUES("region")="Sweden","Linköping"; CODES("region")="00","0580"; MAP("region")="municipality";
//! VALUES("year")="2010","2015"; TIMEVAL("year")=TLIST(A1),"2010","2015";
//! DATA=3063000 3061000 41200 ".." ;
//! ```
//! Specification: <https://www.scb.se/en/services/statistical-programs-for-px-files/px-file-format/>

mod cells;
mod header;
mod variable;

use std::collections::HashSet;

use baseline_model::{Column, Finding, Positions, RawTable, Role};

use self::cells::{Cells, Keys, Shape};
use self::header::Header;
use self::variable::Variable;
use crate::findings::{Context, quote};
use crate::table::{MOST_DIMENSIONS, constant};
use crate::timecode;

pub(crate) const FORMAT: &str = "PX";

pub(crate) fn is_one(bytes: &[u8]) -> bool {
    header::is_one(bytes)
}

/// The table; `None` with findings when a cell could stand in the wrong place.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Option<RawTable> {
    context.own_marks = true;
    let parts = header::split(bytes);
    let Some(data) = parts.data else {
        context.add(
            Finding::error(
                "px-no-data",
                context.name,
                "expected the statement DATA= with the figures, found none; nothing is read",
            )
            .hint("the file is cut, or a quote is missing before DATA: take it from the provider again"),
        );
        return None;
    };
    let encoding = header::encoding(bytes, parts.header, context)?;
    let (text, _) = encoding.decode_without_bom_handling(parts.header);
    let header = header::read(&text, context)?;
    let variables = variables(&header, context)?;
    let shape = shape(&header, &variables, context)?;
    let marks = Marks::of(&header);
    let cells = cells::read(data, parts.data_line, &shape, encoding, context)?;
    marks.explain(&cells, context);
    if let Some(units) = units(&header) {
        context.add(Finding::info("unit", context.name, format!("the figures are in {units}")));
    }
    Some(table(&header, variables, &shape, cells, context))
}

/// Every variable in the order of the cells: STUB, then HEADING.
fn variables(header: &Header<'_>, context: &mut Context<'_>) -> Option<Vec<Variable>> {
    let names: Vec<(String, bool)> = ["STUB", "HEADING"]
        .into_iter()
        .flat_map(|keyword| header.texts(keyword, "").unwrap_or_default().into_iter().map(move |name| (name, keyword == "STUB")))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    if names.is_empty() {
        context.add(
            Finding::error(
                "px-no-variables",
                context.name,
                "expected variables in STUB or HEADING, found none; the table is refused",
            )
            .hint("the file is cut or was edited: take it from the provider again"),
        );
        return None;
    }
    if names.len() > MOST_DIMENSIONS {
        let message =
            format!("{} variables are more than the {MOST_DIMENSIONS} that any table has; the table is refused", names.len());
        context.add(Finding::error("px-no-variables", context.name, message).hint("the file is damaged"));
        return None;
    }
    let mut seen = HashSet::new();
    if let Some((twice, _)) = names.iter().find(|(name, _)| !seen.insert(name.to_lowercase())) {
        let message = format!("STUB and HEADING name the variable {} twice; the table is refused", quote(twice));
        context.add(Finding::error("px-contradiction", context.name, message).hint("take the file from the provider itself"));
        return None;
    }
    // All faults of all variables at once.
    let read: Vec<_> = names.iter().map(|(name, stub)| variable::read(header, name, *stub, context)).collect();
    read.into_iter().collect()
}

/// How many cells there are to be and how they are laid out.
fn shape(header: &Header<'_>, variables: &[Variable], context: &mut Context<'_>) -> Option<Shape> {
    let product = |variables: &[&Variable]| {
        variables.iter().try_fold(1_usize, |product, variable| product.checked_mul(variable.codes.len()))
    };
    let all: Vec<&Variable> = variables.iter().collect();
    let limit = context.options.limits.cells;
    let mut refuse = |code, message: String, hint: &str| {
        context.add(Finding::error(code, context.name, format!("{message}; the table is refused")).hint(hint));
        None
    };
    let keyed: Vec<&Variable> = all.iter().copied().filter(|variable| header.has("KEYS", &variable.name)).collect();
    let Some(cells) = product(&all) else {
        return refuse("too-large", "the product of the variables exceeds any number of cells".into(), "the file is damaged");
    };
    if keyed.is_empty() {
        if cells > limit {
            let message = format!("the variables make {cells} cells, allowed are {limit}");
            return refuse("too-large", message, "ask the provider for less, or raise the limit if the file is trusted");
        }
        return Some(Shape { cells, keys: None });
    }
    if let Some(variable) = all.iter().find(|variable| variable.stub != header.has("KEYS", &variable.name)) {
        let message = format!(
            "expected KEYS for the variables of STUB and for no other, found {} for {}",
            if variable.stub { "none" } else { "one" },
            quote(&variable.name)
        );
        return refuse("px-keys", message, "ask the provider for the file without KEYS, or as JSON-stat");
    }
    let mut keys = Vec::new();
    for variable in &keyed {
        let by = header.texts("KEYS", &variable.name).unwrap_or_default().concat();
        keys.push(match by.trim() {
            "CODES" => variable.codes.iter().map(|code| code.trim().to_owned()).collect(),
            "VALUES" => variable.values.clone(),
            other => {
                let message = format!("expected KEYS({}) to be CODES or VALUES, found {}", quote(&variable.name), quote(other));
                return refuse("px-keys", message, "ask the provider for the file without KEYS, or as JSON-stat");
            }
        });
    }
    let heading: Vec<&Variable> = all.iter().copied().filter(|variable| !variable.stub).collect();
    let Some(width) = product(&heading) else {
        return refuse("too-large", "the product of HEADING exceeds any number of cells".into(), "the file is damaged");
    };
    Some(Shape { cells, keys: Some(Keys { texts: keys, width, limit }) })
}

fn table(header: &Header<'_>, variables: Vec<Variable>, shape: &Shape, cells: Cells, context: &mut Context<'_>) -> RawTable {
    let rows = cells.value.len();
    let time = time_of(&variables);
    if time.is_none() {
        context.add(
            Finding::warning("no-time-dimension", context.name, "no variable is marked as time; the period stays empty")
                .hint("the period stands in the title or at the provider: declare it for this table"),
        );
    }
    let mut dimensions = Vec::new();
    let mut period = None;
    let mut stride = shape.cells;
    for (number, variable) in variables.into_iter().enumerate() {
        let size = variable.codes.len();
        stride = stride.checked_div(size).unwrap_or(0);
        let codes = match &cells.index {
            None => odometer(rows, size, stride),
            Some(index) => index.iter().map(|cell| code(cell / stride.max(1) % size.max(1))).collect(),
        };
        let role = variable.role;
        if Some(number) == time {
            let dictionary = variable.periods.unwrap_or(variable.codes);
            let role = Some(Role::Time);
            period = Some(Column { id: "period".into(), label: variable.name, role, dictionary, codes });
        } else {
            let (id, label) = (variable.id.to_lowercase(), variable.name);
            dimensions.push(Column { id, label, role, dictionary: variable.codes, codes });
        }
    }
    let text = |keyword| header.text(keyword, "");
    let description = text("DESCRIPTION").filter(|_| text("DESCRIPTIONDEFAULT").is_some_and(|word| word == "YES"));
    let title = description.or_else(|| text("TITLE")).or_else(|| text("DESCRIPTION"));
    if title.is_none() {
        context.add(
            Finding::warning("px-no-title", context.name, "expected TITLE or DESCRIPTION, found neither; the table has no title")
                .hint("take the title from the provider's page"),
        );
    }
    // Each content may have its own stamp; `20040212 16:28` sorts as text.
    let stamps = header.all("LAST-UPDATED").map(|statement| header::texts(statement.raw).concat().trim().to_owned());
    RawTable {
        dataflow: text("TABLEID").or_else(|| text("MATRIX")).map(|id| id.to_lowercase()),
        title,
        updated: stamps.filter(|stamp| !stamp.is_empty()).max(),
        dimensions,
        period: period.unwrap_or_else(|| constant("period", "", rows)),
        value: cells.value,
        obs_status: cells.obs_status,
        conf_status: constant("conf_status", "", rows),
        positions: Positions::Grid(cells.places),
    }
}

/// The variable with a TIMEVAL, or the only one that is called time and has nothing but periods.
fn time_of(variables: &[Variable]) -> Option<usize> {
    let marked = variables.iter().position(|variable| variable.role == Some(Role::Time));
    marked.or_else(|| {
        let mut likely = variables.iter().enumerate().filter(|(_, variable)| {
            (timecode::is_time_name(&variable.name) || timecode::is_time_name(&variable.id))
                && timecode::all_periods(variable.codes.iter().map(String::as_str))
        });
        likely.next().filter(|_| likely.next().is_none()).map(|(number, _)| number)
    })
}

fn code(place: usize) -> u32 {
    u32::try_from(place).expect("the cap on cells keeps dictionaries far below 2^32")
}

/// The codes of a variable of `size` values, each of which stands for `stride` cells in turn.
fn odometer(rows: usize, size: usize, stride: usize) -> Vec<u32> {
    let mut codes = Vec::with_capacity(rows);
    let mut now = 0;
    while codes.len() < rows {
        let end = codes.len().saturating_add(stride.max(1)).min(rows);
        codes.resize(end, code(now));
        now = if now + 1 < size { now + 1 } else { 0 };
    }
    codes
}

/// The unit of the table or of each of its contents.
fn units(header: &Header<'_>) -> Option<String> {
    if let Some(unit) = header.text("UNITS", "") {
        return Some(quote(&unit));
    }
    let units: Vec<String> = header
        .all("UNITS")
        .filter_map(|statement| {
            Some(format!("{} ({})", quote(header::texts(statement.raw).concat().trim()), statement.subjects.first()?))
        })
        .collect();
    (!units.is_empty()).then(|| units.join(", "))
}

/// What the file says about its marks.
struct Marks(Vec<(String, &'static str, String)>);

impl Marks {
    fn of(header: &Header<'_>) -> Self {
        const SYMBOLS: [(&str, &str); 7] = [
            (".", "DATASYMBOL1"),
            ("..", "DATASYMBOL2"),
            ("...", "DATASYMBOL3"),
            ("....", "DATASYMBOL4"),
            (".....", "DATASYMBOL5"),
            ("......", "DATASYMBOL6"),
            ("-", "DATASYMBOLNIL"),
        ];
        let stated = SYMBOLS.into_iter().filter_map(|(mark, keyword)| {
            let meaning = header.text(keyword, "").filter(|text| text.chars().any(char::is_alphanumeric))?;
            Some((mark.to_owned(), keyword, meaning))
        });
        Self(stated.collect())
    }

    /// One piece of information about the marks that stand in cells.
    fn explain(&self, cells: &Cells, context: &mut Context<'_>) {
        let said = self.0.iter().filter_map(|(mark, keyword, meaning)| {
            let place = cells.obs_status.dictionary.iter().position(|text| text == mark)?;
            let count = cells.obs_status.codes.iter().filter(|code| **code as usize == place).count();
            Some(format!("`{mark}` is {} ({keyword}, cells: {count})", quote(meaning)))
        });
        let said: Vec<String> = said.collect();
        if !said.is_empty() {
            context.add(Finding::info("marks", context.name, format!("the file says what its marks mean: {}", said.join("; "))));
        }
    }
}
