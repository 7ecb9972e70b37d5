//! The rows below a header: keys and period of each, then its figures.

use std::collections::HashMap;

use baseline_model::definitions::{Block, Numbers, Range, Shape};
use baseline_model::{Finding, Positions, RawTable};

use super::header::{tidy, without_footnote};
use super::plan::{Plan, period_of};
use super::{Found, Part};
use crate::findings::{Context, quote};
use crate::pattern;
use crate::review::duplicates;
use crate::sheet::{self, Cell, Row, Sheet};
use crate::table::Rows;

/// `measure`, when a block states one, then the constants, keys and further dimensions of all blocks, each once, in lower case.
pub(super) fn dimensions(shape: &Shape) -> Vec<String> {
    let mut dimensions: Vec<String> = Vec::new();
    let mut add = |id: &str| {
        let id = id.to_lowercase();
        if !dimensions.contains(&id) {
            dimensions.push(id);
        }
    };
    let mut blocks = shape.blocks.iter().flat_map(|block| &block.measures);
    if blocks.any(|measure| !measure.code.is_empty()) {
        add("measure");
    }
    for block in &shape.blocks {
        block.constants.keys().for_each(|id| add(id));
        block.keys.iter().for_each(|key| add(&key.dimension));
        block.measures.iter().flat_map(|measure| measure.set.keys()).for_each(|id| add(id));
        for cross in &block.crosses {
            cross.set.keys().for_each(|id| add(id));
            cross.levels.iter().filter_map(|level| level.dimension.as_ref()).for_each(|id| add(id));
        }
    }
    dimensions
}

/// The table, or nothing when no block could be read.
pub(super) fn read<'a>(
    shape: &'a Shape,
    sheets: &[Sheet],
    found: &[Found<'a>],
    dimensions: Vec<String>,
    context: &mut Context<'a>,
) -> Option<RawTable> {
    let numbers = shape.numbers.as_ref().or(context.options.numbers);
    context.own_marks |= numbers.is_some_and(|numbers| !numbers.marks.is_empty());
    let mut reader = Reader { rows: Rows::new(&dimensions), places: Vec::new(), dimensions, numbers, read: false };
    let mut names: Vec<usize> = Vec::new();
    for block in found {
        for (part, plan) in &block.parts {
            let Some(plan) = plan else { continue };
            let name = names.iter().position(|known| *known == block.sheet).unwrap_or_else(|| {
                names.push(block.sheet);
                names.len() - 1
            });
            let Ok(name) = u16::try_from(name) else { continue };
            reader.part(plan, *part, &sheets[block.sheet], name, context);
        }
    }
    if !reader.read {
        return None;
    }
    let lines = names.first().map(|place| &sheets[*place].lines).filter(|lines| !lines.is_empty());
    let positions = match lines {
        Some(lines) => {
            Positions::Grid(reader.places.iter().map(|(_, row, column)| (lines[*row as usize].0, column + 1)).collect())
        }
        None => Positions::Sheet { names: names.iter().map(|place| sheets[*place].name.clone()).collect(), cells: reader.places },
    };
    let mut table = reader.rows.finish(positions);
    table.dataflow.clone_from(&shape.dataflow);
    table.title.clone_from(&shape.title);
    table.updated.clone_from(&shape.updated);
    duplicates(&table, context);
    Some(table)
}

/// The table under construction.
struct Reader<'a> {
    rows: Rows,
    places: Vec<(u16, u32, u32)>,
    dimensions: Vec<String>,
    numbers: Option<&'a Numbers>,
    read: bool,
}

/// What a row has from the rows above it.
#[derive(Debug, Default)]
struct Above {
    /// One code a key.
    keys: Vec<Option<String>>,
    period: Option<String>,
}

/// What the row is for.
enum Kind {
    Figures {
        keys: Vec<String>,
        period: String,
    },
    /// A heading between the rows: it sets a key for those below.
    Heading,
    Faulty(&'static str, String),
}

impl<'a> Reader<'a> {
    fn part(&mut self, plan: &Plan<'a>, part: Part, sheet: &Sheet, name: u16, context: &mut Context<'a>) {
        self.read = true;
        let block = plan.block;
        // What a column says is the same in every row: its codes are looked up once.
        let fixed: Vec<Vec<(usize, u32)>> = plan
            .fields
            .iter()
            .map(|field| field.codes.iter().map(|(place, code)| (*place, self.rows.dimensions[*place].code(code))).collect())
            .collect();
        let mut above = Above { keys: vec![None; block.keys.len()], period: None };
        let mut known_periods: HashMap<String, Option<String>> = HashMap::new();
        for row in sheet.rows(plan.first).take_while(|row| row.number < part.until) {
            let Some((_, first)) = row.cells(0).next() else { continue };
            let first = tidy(&sheet::text(first));
            if block.stop.iter().any(|stop| pattern::begins(stop, &first)) {
                break;
            }
            if block.skip.iter().any(|skip| pattern::begins(skip, &first)) || !in_range(block.rows.as_ref(), plan.range, &row) {
                continue;
            }
            let at = sheet.address(row.number, 0);
            if let (Some(width), Some((_, found))) = (plan.width, sheet.lines.get(row.number as usize))
                && *found != width
            {
                context.group("wrong-number-of-cells", "", |context| {
                    let message = format!("expected {width} cells as in the header, found {found}; the line is not used");
                    Finding::error("wrong-number-of-cells", context.at(&at), message)
                        .hint("the line is cut or edited, or a note that the declared shape should name under `skip` or `stop`")
                });
                continue;
            }
            let figures = plan.fields.iter().any(|field| row.get(field.column).is_some());
            match kind(plan, &row, figures, &mut above, &mut known_periods) {
                Kind::Heading => {}
                Kind::Faulty(_, text) if !figures && plan.fields.iter().all(|field| !field.keeps_blanks) => {
                    // No figure is lost, but a note below a table may say what one means.
                    context.group("note", &text, |context| {
                        Finding::info("note", context.at(&at), format!("a text beside the figures: {}", long(&first)))
                    });
                }
                Kind::Faulty(code, message) => {
                    context.group(code, "", |context| {
                        Finding::error(code, context.at(&at), format!("{message}; the row is not used"))
                            .hint("a total or a note below the table, or an edited file: look at the row")
                    });
                }
                Kind::Figures { keys, period } => {
                    let codes = self.key_codes(block, &keys);
                    for (field, fixed) in plan.fields.iter().zip(&fixed) {
                        let cell = row.get(field.column);
                        if cell.is_none() && !field.keeps_blanks {
                            continue;
                        }
                        let (value, status) = self.figure(block, cell, sheet, (row.number, field.column), context);
                        for (place, column) in self.rows.dimensions.iter_mut().enumerate() {
                            let own = fixed.iter().rev().find(|(known, _)| *known == place).map(|(_, code)| *code);
                            column.column.codes.push(own.unwrap_or(codes[place]));
                        }
                        self.rows.period.push(field.period.as_deref().unwrap_or(&period));
                        self.rows.value.push(value);
                        self.rows.obs_status.push(&status);
                        self.rows.conf_status.push("");
                        self.places.push((name, row.number, field.column));
                    }
                    outside(plan, &row, sheet, context);
                }
            }
        }
    }

    /// The code of every dimension that the row or the block states; that of the empty text for the others.
    fn key_codes(&mut self, block: &Block, keys: &[String]) -> Vec<u32> {
        let dimensions = &self.dimensions;
        let columns = &mut self.rows.dimensions;
        let text_of = |id: &String| {
            let key = block.keys.iter().position(|key| key.dimension.eq_ignore_ascii_case(id));
            let constant =
                || block.constants.iter().find(|(known, _)| known.eq_ignore_ascii_case(id)).map(|(_, code)| code.as_str());
            key.map(|key| keys[key].as_str()).or_else(constant).unwrap_or_default()
        };
        dimensions.iter().zip(columns).map(|(id, column)| column.code(text_of(id))).collect()
    }

    fn figure(
        &self,
        block: &Block,
        cell: Option<Cell<'_>>,
        sheet: &Sheet,
        (row, column): (u32, u32),
        context: &mut Context<'a>,
    ) -> (Option<f64>, String) {
        if !block.missing.is_empty()
            && let Some(cell) = cell
            && block.missing.contains(&sheet::text(cell))
        {
            return (None, String::new());
        }
        // Most cells are numbers, and have no mark.
        if let Some(Cell::Number(number)) = cell {
            return (Some(number), String::new());
        }
        // In a workbook a number is a number; what stands there as text may be grouped: `1.299` is one number or the other.
        if let Some(Cell::Text(text)) = cell
            && sheet.lines.is_empty()
            && self.numbers.is_none_or(|rule| rule.decimal.is_none() && rule.groups.is_empty())
            && crate::number::is_ambiguous(text)
        {
            let at = sheet.address(row, column);
            context.group("ambiguous-number", text, |context| {
                let message =
                    format!("{} may be a grouped whole number or have decimals; the cell is kept without a value", quote(text));
                Finding::error("ambiguous-number", context.at(at), message)
                    .hint("state the decimal sign and the grouping sign under `numbers` in the declared shape")
            });
            return (None, String::new());
        }
        let (value, mark) = sheet::figure_by(cell, self.numbers, &|| sheet.address(row, column), context);
        (value, mark.to_owned())
    }
}

fn kind(plan: &Plan<'_>, row: &Row<'_>, figures: bool, above: &mut Above, known: &mut HashMap<String, Option<String>>) -> Kind {
    let block = plan.block;
    let mut keys = Vec::with_capacity(block.keys.len());
    let (mut heading, mut fault) = (false, None);
    for (((key, column), when), above) in block.keys.iter().zip(&plan.keys).zip(&plan.whens).zip(&mut above.keys) {
        let text = label(block, row, *column);
        let coded = |text: &str| key.codes.get(text).filter(|_| in_range(key.when.as_ref(), *when, row)).cloned();
        let code = if key.carry {
            if let Some(code) = coded(&text) {
                heading = true;
                *above = Some(code);
            }
            above.clone()
        } else if text.is_empty() {
            let filled = if key.fill { above.clone() } else { None };
            filled.or_else(|| key.empty.clone())
        } else {
            let code = coded(&text).unwrap_or(text);
            *above = Some(code.clone());
            Some(code)
        };
        if code.is_none() {
            let message = if key.carry {
                format!("expected a heading of the dimension `{}` above the row, found none", key.dimension)
            } else {
                "expected a code in every key column, found an empty cell".to_owned()
            };
            fault = fault.or(Some(("row-without-key", message)));
        }
        keys.push(code.unwrap_or_default());
    }
    if heading && !figures {
        return Kind::Heading;
    }
    let mut period = block.period.clone().unwrap_or_default();
    if !plan.period.is_empty() {
        let texts: Vec<String> =
            plan.period.iter().map(|column| label(block, row, *column)).filter(|text| !text.is_empty()).collect();
        let stated = texts.join(" ");
        if stated.is_empty() {
            if let Some(above) = above.period.clone().filter(|_| block.period_fill) {
                period = above;
            } else {
                let message = "expected a code in every key column, found an empty cell".to_owned();
                fault = fault.or(Some(("row-without-key", message)));
            }
        } else if block.periods.is_empty() {
            period = stated;
        } else {
            let read =
                known.entry(stated).or_insert_with_key(|stated| block.periods.iter().find_map(|form| period_of(form, stated)));
            if let Some(read) = read {
                period.clone_from(read);
            } else {
                let (form, found) = (quote(&block.periods[0]), quote(&texts.join(" ")));
                fault = fault.or(Some(("row-without-period", format!("expected a period like {form}, found {found}"))));
            }
        }
        above.period = Some(period.clone());
    }
    match fault {
        Some((code, message)) => Kind::Faulty(code, message),
        None => Kind::Figures { keys, period },
    }
}

/// The text of a key's cell.
fn label(block: &Block, row: &Row<'_>, column: u32) -> String {
    let text = match row.get(column) {
        None => return String::new(),
        Some(Cell::Text(text)) => tidy(text),
        Some(other) => sheet::text(other),
    };
    if block.footnotes { without_footnote(&text).to_owned() } else { text }
}

fn in_range(range: Option<&Range>, column: Option<u32>, row: &Row<'_>) -> bool {
    let (Some(range), Some(column)) = (range, column) else { return true };
    let number = match row.get(column) {
        Some(Cell::Number(number)) => number,
        Some(Cell::Text(text)) => match crate::number::parse(text.as_bytes()) {
            Some(number) => number,
            None => return true,
        },
        // What has no number is for the rows' other rules, which say what is wrong.
        Some(Cell::Other(_)) | None => return true,
    };
    range.from.is_none_or(|from| number >= from as f64) && range.to.is_none_or(|to| number <= to as f64)
}

/// Cells of a row under no header.
fn outside(plan: &Plan<'_>, row: &Row<'_>, sheet: &Sheet, context: &mut Context<'_>) {
    let mut named = plan.named.iter().copied().peekable();
    for (column, cell) in row.cells(0) {
        while named.peek().is_some_and(|next| *next < column) {
            named.next();
        }
        if named.peek() == Some(&column) {
            continue;
        }
        context.group("cell-without-header", &sheet.name, |context| {
            let message = format!("found {} in a column without a header; such cells are not read", quote(&sheet::text(cell)));
            Finding::warning("cell-without-header", context.at(sheet.address(row.number, column)), message)
                .hint("a note or a new column without a name: look at it, and correct the declared shape if it holds figures")
        });
    }
}

/// A note in full, as far as it is read in a message.
fn long(text: &str) -> String {
    let mut shown: String = text.chars().take(300).flat_map(char::escape_debug).collect();
    if text.chars().nth(300).is_some() {
        shown.push('…');
    }
    shown
}
