//! One data set under construction: fields by name become columns, the period, the value or the status.
//!
//! Which fields are dimensions: those of a key (generic data) and those that the structure names, when it is in the
//! file. Otherwise a field of a series, or of an observation outside any series, that is no known attribute and stands
//! in every one of them: dimensions are mandatory, attributes seldom are.

use baseline_model::{Finding, Positions, RawTable};

use crate::findings::{Context, quote};
use crate::sdmx::{self, Part, Unread};
use crate::table::{Interner, Rows};

/// Where a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Series,
    Obs,
}

/// What the format says of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    Dimension,
    Attribute,
    /// Structure-specific data: dimensions and attributes look alike.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
enum Role {
    Column(usize),
    Time,
    Value,
    Status,
    Confidential,
    Unread,
}

struct Field {
    name: String,
    level: Level,
    stated: Stated,
    role: Role,
}

/// What a series or an observation states.
#[derive(Default)]
struct Scope {
    /// By column; [`NONE`] where nothing is stated.
    codes: Vec<u32>,
    period: Option<u32>,
    status: Option<u32>,
    confidential: Option<u32>,
}

/// No code: the column is not stated for a row.
const NONE: u32 = u32::MAX;
/// Columns and names of a data set; the widest known has 30.
const COLUMNS: usize = 64;
const NAMES: usize = 200;

pub(super) struct Set<'d> {
    /// Ids of the dimensions when the file has its structure.
    structure: Option<&'d [String]>,
    /// The field of an observation that is a dimension; `AllDimensions` when all are.
    at_observation: &'d str,
    fields: Vec<Field>,
    /// Fields come in the same order from element to element: the one that is likely next.
    likely: usize,
    columns: Vec<Interner>,
    /// By column: the format or the structure says that it is a dimension.
    certain: Vec<bool>,
    rows: Rows,
    places: Vec<(u32, u32)>,
    series: Scope,
    obs: Scope,
    value: Option<f64>,
    periods: usize,
    pub unread: Unread,
    /// Codes that may be held, as a multiple of the file.
    room: usize,
}

impl<'d> Set<'d> {
    pub fn new(structure: Option<&'d [String]>, at_observation: &'d str, bytes: usize) -> Self {
        Self {
            structure,
            at_observation,
            fields: Vec::new(),
            likely: 0,
            columns: Vec::new(),
            certain: Vec::new(),
            rows: Rows::new([""; 0]),
            places: Vec::new(),
            series: Scope::default(),
            obs: Scope::default(),
            value: None,
            periods: 0,
            unread: Unread::default(),
            room: bytes.saturating_mul(4).saturating_add(1 << 16),
        }
    }

    /// Takes a field; the error is a sentence. `in_series` tells the observations of a series from lone ones.
    pub fn field(
        &mut self,
        (level, in_series): (Level, bool),
        stated: Stated,
        (name, text): (&str, &str),
        line: u32,
        context: &mut Context<'_>,
    ) -> Result<(), String> {
        let role = if let Some(role) = self.known(level, stated, name) {
            role
        } else {
            // OBS_FLAG has Eurostat's letters, OBS_STATUS the codes of whoever sends it.
            context.own_marks |= name.eq_ignore_ascii_case("OBS_STATUS");
            self.learn(level, in_series, stated, name)?
        };
        let text = text.trim();
        let scope = match level {
            Level::Series => &mut self.series,
            Level::Obs => &mut self.obs,
        };
        match role {
            Role::Column(column) => scope.codes[column] = self.columns[column].code(text),
            Role::Time => scope.period = Some(self.rows.period.code(text)),
            Role::Status if text.is_empty() && scope.status.is_some() => {}
            Role::Status => scope.status = Some(self.rows.obs_status.code(text)),
            Role::Confidential if text.is_empty() && scope.confidential.is_some() => {}
            Role::Confidential => scope.confidential = Some(self.rows.conf_status.code(text)),
            Role::Value => {
                let (number, mark) = sdmx::figure(text, context, || format!("line {line}"));
                self.value = number;
                if !mark.is_empty() && scope.status.is_none() {
                    scope.status = Some(self.rows.obs_status.code(mark));
                }
            }
            Role::Unread => self.unread.note(name, text),
        }
        Ok(())
    }

    /// Ends an observation: one row.
    pub fn push(&mut self, place: (u32, u32)) -> Result<(), String> {
        if (self.places.len() + 1).saturating_mul(self.columns.len()) > self.room {
            return Err("the data set has more columns than its size can fill".into());
        }
        for (number, column) in self.columns.iter_mut().enumerate() {
            let own = self.obs.codes[number];
            column.column.codes.push(if own == NONE { self.series.codes[number] } else { own });
        }
        let period = self.obs.period.or(self.series.period);
        self.periods += usize::from(period.is_some());
        let rows = &mut self.rows;
        let code = |stated: Option<u32>, interner: &mut Interner| stated.unwrap_or_else(|| interner.code(""));
        let period = code(period, &mut rows.period);
        rows.period.column.codes.push(period);
        let status = code(self.obs.status.or(self.series.status), &mut rows.obs_status);
        rows.obs_status.column.codes.push(status);
        let confidential = code(self.obs.confidential.or(self.series.confidential), &mut rows.conf_status);
        rows.conf_status.column.codes.push(confidential);
        rows.value.push(self.value.take());
        self.places.push(place);
        self.obs.clear();
        Ok(())
    }

    pub fn end_series(&mut self) {
        self.series.clear();
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The table; none, with a finding, when a key is incomplete.
    pub fn finish(mut self, at: &str, context: &mut Context<'_>) -> Option<RawTable> {
        let rows = self.places.len();
        self.unread.report(at, context);
        let mut refused = false;
        let mut refuse = |what: String, row: usize, places: &[(u32, u32)], context: &mut Context<'_>| {
            let (line, column) = places[row];
            context.add(
                Finding::error("key-incomplete", format!("{at}: R{line}C{column}"), format!("{what}; the table is refused"))
                    .hint("the file is damaged or was edited: download it again"),
            );
            refused = true;
        };
        if self.periods > 0 && self.periods < rows {
            let empty = self.rows.period.code("");
            let row = self.rows.period.column.codes.iter().position(|code| *code == empty).unwrap_or_default();
            refuse("expected a period in every observation, found none".into(), row, &self.places, context);
        }
        for id in self.structure.unwrap_or_default().iter().filter(|_| rows > 0) {
            if !self.columns.iter().any(|interner| interner.column.id.eq_ignore_ascii_case(id)) {
                refuse(
                    format!("expected the dimension {} in every key, found none with it", quote(id)),
                    0,
                    &self.places,
                    context,
                );
            }
        }
        let columns = std::mem::take(&mut self.columns);
        for (interner, certain) in columns.into_iter().zip(&self.certain) {
            let missing = interner.column.codes.iter().filter(|code| **code == NONE).count();
            let id = quote(&interner.column.id);
            if missing == 0 {
                self.rows.dimensions.push(interner);
            } else if *certain {
                let row = interner.column.codes.iter().position(|code| *code == NONE).unwrap_or_default();
                let what = format!("expected the dimension {id} in every key, found {missing} observations without it");
                refuse(what, row, &self.places, context);
            } else {
                let shown: Vec<_> = interner.column.dictionary.iter().take(4).map(|text| quote(text)).collect();
                let message = format!(
                    "{id} ({}) is not stated for {missing} of {rows} observations: taken as an attribute",
                    shown.join(", ")
                );
                context.add(
                    Finding::warning("taken-as-attribute", at, message)
                        .hint("dimensions stand in every key; compare with the table's structure at the provider"),
                );
            }
        }
        if refused {
            return None;
        }
        if self.periods == 0 && rows > 0 {
            context.add(
                Finding::warning("no-time-dimension", at, "no observation states a period; it stays empty")
                    .hint("look for the year in the table's title or in another dimension"),
            );
        }
        self.in_order_of_structure();
        Some(self.rows.finish(Positions::Grid(self.places)))
    }

    fn in_order_of_structure(&mut self) {
        if let Some(order) = self.structure {
            let place = |id: &str| order.iter().position(|known| known.eq_ignore_ascii_case(id));
            self.rows.dimensions.sort_by_key(|interner| place(&interner.column.id));
        }
    }

    fn known(&mut self, level: Level, stated: Stated, name: &str) -> Option<Role> {
        let count = self.fields.len();
        let fits = |field: &Field| field.level == level && field.stated == stated && field.name == name;
        let place = (self.likely..count).chain(0..self.likely.min(count)).find(|place| fits(&self.fields[*place]))?;
        self.likely = place + 1;
        Some(self.fields[place].role)
    }

    fn learn(&mut self, level: Level, in_series: bool, stated: Stated, name: &str) -> Result<Role, String> {
        if self.fields.len() == NAMES {
            return Err(format!("expected at most {NAMES} names of dimensions and attributes, found more"));
        }
        let part = sdmx::part(name);
        let in_structure = self.structure.map(|ids| ids.iter().any(|id| id.eq_ignore_ascii_case(name)));
        let role = match (stated, part) {
            (Stated::Attribute, Part::Time | Part::Value | Part::Attribute | Part::Open) => Role::Unread,
            (_, Part::Status) => Role::Status,
            (_, Part::Confidential) => Role::Confidential,
            (_, Part::Time) => Role::Time,
            (_, Part::Value) => Role::Value,
            (Stated::Dimension, Part::Attribute | Part::Open) => Role::Column(self.column(name, true)?),
            (Stated::Nothing, Part::Attribute | Part::Open) => {
                let place = level == Level::Series || !in_series || name == self.at_observation;
                let known = self.columns.iter().any(|interner| interner.column.id == name.to_lowercase());
                match in_structure {
                    Some(true) => Role::Column(self.column(name, true)?),
                    None if part == Part::Open && (place || known) => Role::Column(self.column(name, false)?),
                    Some(false) | None => Role::Unread,
                }
            }
        };
        self.fields.push(Field { name: name.to_owned(), level, stated, role });
        self.likely = self.fields.len();
        Ok(role)
    }

    /// The column of a name, new when there is none; rows before it do not state it.
    fn column(&mut self, name: &str, certain: bool) -> Result<usize, String> {
        let id = name.to_lowercase();
        if let Some(known) = self.columns.iter().position(|interner| interner.column.id == id) {
            return Ok(known);
        }
        let rows = self.places.len();
        if self.columns.len() == COLUMNS || rows.saturating_mul(self.columns.len() + 1) > self.room {
            return Err(format!("expected at most {COLUMNS} dimensions, found more"));
        }
        let mut interner = Interner::new(id);
        interner.column.codes = vec![NONE; rows];
        self.columns.push(interner);
        self.certain.push(certain);
        self.series.codes.push(NONE);
        self.obs.codes.push(NONE);
        Ok(self.columns.len() - 1)
    }
}

impl Scope {
    fn clear(&mut self) {
        self.codes.fill(NONE);
        (self.period, self.status, self.confidential) = (None, None, None);
    }
}
