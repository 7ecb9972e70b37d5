//! `nuts-convert`: a table of values by region from one NUTS version to another, with what every new value is made of.
//!
//! The order of questions: which version is each code of (the declared one, the flows, the official lists), does the table
//! mix versions, do the flows say all about a region; only then numbers.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::Finding;

use super::convert::{Converted, Old, Part, Quantity, convert};
use super::flows::{Flows, year};
use super::layout::{self, Row, Table};
use super::versions::{FLOWS, Versions, is_country};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::structure::unused;
use crate::{Fault, Sheet};

pub const METHOD: Method = Method {
    id: "nuts-convert",
    about: "Values by region from one NUTS version to another, by flows of people or area; nothing partial passes as whole",
    formula: &[
        "share(old→new) = f(old→new)/Σ f(old→·), f a weight of the flows",
        "counts: x_new = Σ x_old share(old→new); the sum is preserved",
        "rates with a denominator d: r_new = Σ r d share / Σ d share; d_new = Σ d share",
        "rates without: r_new = Σ r f(old→new) / Σ f(old→new)",
        "missing_share = Σ f of old regions without a value / Σ f, over the flows into the new region",
    ],
    sources: &[
        "Joint Research Centre, NUTS converter, matrices of release 2025.08, by the open R package ropensci/nuts (flows 2021-2024)",
        "Eurostat, NUTS 2013-2016, 2016-2021 and 2021-2024 correspondence tables (codes and changes)",
    ],
    assumptions: &[
        "what is counted is spread within an old region as the weight is: an estimate wherever a region is divided",
        "the flows hold all of an old region and of a new one; where the lists say that they do not, the result is missing",
        "regions that no flow names keep their value when their code and area are the same in both versions",
    ],
    columns: &[
        Column { name: "geo", required: false, about: "NUTS code (also code, nuts, region); countries pass unchanged" },
        Column { name: "time", required: false, about: "date; each is converted for itself" },
        Column { name: "value", required: false, about: "value; else every column of numbers is one indicator" },
        Column { name: "denominator", required: false, about: "rates: what the rate is of, persons" },
        Column { name: "nuts_version", required: false, about: "version of the row's code, as 2021" },
        Column { name: "flag", required: false, about: "flags; a new value has those of all its parts" },
        Column { name: "*", required: true, about: "wide: indicators" },
    ],
    params: &[
        Param {
            name: "flows",
            default: "",
            file: true,
            about: "flows: two columns of codes and weights; else those shipped (2021-2024)",
        },
        Param { name: "from", default: "", file: false, about: "version of the table; else the first of the flows" },
        Param { name: "to", default: "", file: false, about: "version of the answer; the reverse of the flows is allowed" },
        Param { name: "weight", default: "", file: false, about: "column of the flows to weigh by; else the newest population" },
        Param {
            name: "kind",
            default: "count",
            file: false,
            about: "count (adds up), balance (a count that may be negative) or rate",
        },
        Param {
            name: "missing_limit",
            default: "0",
            file: false,
            about: "share of a region's weight that may be missing, 0 to 1",
        },
        Param {
            name: "mixed",
            default: "refuse",
            file: false,
            about: "a table of both versions: refuse, or split (new codes pass)",
        },
    ],
    example: (include_str!("../../examples/nuts-convert.csv"), &[("kind", "count")]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let table = layout::read(given.sheet)?;
    let kind = match given.choice("kind", &["auto", "count", "balance", "rate"])? {
        // What has a denominator is no sum.
        "auto" if table.denominator => "rate",
        "auto" => "count",
        kind => kind,
    };
    let split = given.choice("mixed", &["refuse", "split"])? == "split";
    let limit = given.number("missing_limit")?.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&limit) {
        return Err(Fault::number("--param missing_limit", "a share from 0 to 1", &limit));
    }
    let quantity = if kind == "rate" { Quantity::Rate } else { Quantity::Count };
    let shipped = Sheet::read("the shipped flows", FLOWS.as_bytes())?;
    let flows = Flows::read(given.files.get("flows").unwrap_or(&shipped), [version(given, "from")?, version(given, "to")?])?;
    let weight = flows.weight(given.param("weight"))?;
    for row in &table.rows {
        for (indicator, value) in table.indicators.iter().zip(&row.values) {
            if let Some(value) = value.filter(|value| *value < 0.0 && kind == "count") {
                let at = given.sheet.at(row.line, indicator);
                return Err(Fault::number(at, "a count from 0 up (a rate or a balance is --param kind)", &value));
            }
        }
    }
    let judge = Judge::new(&flows, given.sheet)?;
    let (old, passing) = judge.sorted(&table, split)?;
    let mut answer = Answer::new(&[table.geo]);
    answer.columns.extend(table.time.map(str::to_owned));
    answer.columns.extend((table.indicators.len() > 1).then(|| "indicator".to_owned()));
    let value = if table.indicators.len() == 1 { table.indicators[0] } else { "value" };
    answer.columns.push(value.to_owned());
    answer.columns.extend(table.denominator.then(|| "denominator".to_owned()));
    answer.columns.extend(table.flag.then(|| "flag".to_owned()));
    answer.columns.extend(["nuts_version", "how", "missing_share", "made_of"].map(str::to_owned));
    let mut times: Vec<&str> = table.rows.iter().map(|row| row.time).collect();
    times.sort_unstable();
    times.dedup();
    let pairs: Vec<(&str, &str, f64)> =
        flows.rows.iter().map(|flow| (flow.from.as_str(), flow.to.as_str(), flow.weights[weight])).collect();
    let mut writer = Writer {
        answer,
        table: &table,
        to: flows.versions[1],
        missing: Vec::new(),
        incomplete: BTreeSet::new(),
        moved: BTreeSet::new(),
    };
    let by_time = |rows: &[&'_ Row<'_>]| -> BTreeMap<String, Vec<usize>> {
        let mut by: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            by.entry(row.time.to_owned()).or_default().push(index);
        }
        by
    };
    let (old_by, passing_by) = (by_time(&old), by_time(&passing));
    for time in times {
        let rows: Vec<&Row<'_>> = old_by.get(time).into_iter().flatten().map(|index| old[*index]).collect();
        let passed: Vec<&Row<'_>> = passing_by.get(time).into_iter().flatten().map(|index| passing[*index]).collect();
        for indicator in 0..table.indicators.len() {
            let mut moving: BTreeMap<&str, Old> = BTreeMap::new();
            for row in rows.iter().filter(|row| judge.moves(row.code)) {
                moving.insert(row.code, Old { value: row.values[indicator], denominator: row.denominator });
            }
            let located = |fault: Fault| fault.within(&given.sheet.name);
            let mut found = convert(&moving, &pairs, quantity, table.denominator, limit).map_err(located)?;
            for new in &mut found {
                if judge.is_incomplete(&new.code) || new.parts.iter().any(|part| judge.is_incomplete(&part.from)) {
                    (new.value, new.denominator) = (None, None);
                    writer.incomplete.insert(new.code.clone());
                }
            }
            let staying = rows.iter().filter(|row| !judge.moves(row.code)).map(|row| (row, false));
            let mut all: BTreeMap<String, Line<'_>> = BTreeMap::new();
            for (row, new) in staying.chain(passed.iter().map(|row| (row, true))) {
                // A region that the flows enter without saying what stays in it has no known value.
                let whole = new || !judge.is_incomplete(row.code);
                if !whole {
                    writer.incomplete.insert(row.code.to_owned());
                }
                all.insert(row.code.to_owned(), Line::Same(row, whole));
            }
            for new in found {
                let code = new.code.clone();
                if let Some(Line::Same(row, true)) = all.get(&code) {
                    let hint = "the table has the region under its old and under its new code: leave one out";
                    let at = format!("{}, line {}", given.sheet.name, row.line);
                    return Err(Fault::shape(at, format!("{code} once after conversion"), "a second value", hint));
                }
                all.insert(code, Line::New(new));
            }
            let flags: BTreeMap<&str, &str> = rows.iter().map(|row| (row.code, row.flag)).collect();
            writer.push(time, indicator, all, &flags, &judge);
        }
    }
    Ok(writer.done(&flows.weights[weight], flows.versions, kind, &table.unused))
}

/// What becomes a line of the answer.
enum Line<'s> {
    /// As in the table; whether the value may be kept.
    Same(&'s Row<'s>, bool),
    New(Converted),
}

/// Tells which version a code is of.
struct Judge<'s> {
    versions: Versions,
    sides: [BTreeSet<&'s str>; 2],
    /// Regions of both versions that flows touch while none says what stays: the rest of them is not in the flows.
    incomplete: BTreeSet<&'s str>,
    /// Regions with a flow into another one, or from another one.
    moving: BTreeSet<&'s str>,
    flows: &'s Flows,
    sheet: &'s Sheet,
}

impl<'s> Judge<'s> {
    fn new(flows: &'s Flows, sheet: &'s Sheet) -> Result<Self, Fault> {
        let (versions, sides) = (Versions::shipped()?, flows.sides());
        let [from, to] = flows.versions;
        let (staying, moving): (Vec<_>, Vec<_>) = flows.rows.iter().partition(|flow| flow.from == flow.to);
        let staying: BTreeSet<&str> = staying.iter().map(|flow| flow.from.as_str()).collect();
        let moving = moving.iter().flat_map(|flow| [flow.from.as_str(), flow.to.as_str()]).collect();
        let both = |code: &&str| versions.has(code, from) && versions.has(code, to) && !staying.contains(code);
        let incomplete = sides[0].union(&sides[1]).copied().filter(both).collect();
        Ok(Self { versions, sides, incomplete, moving, flows, sheet })
    }

    fn is_of(&self, code: &str, side: usize) -> bool {
        self.sides[side].contains(code) || self.versions.has(code, self.flows.versions[side])
    }

    /// Whether flows take the region somewhere.
    fn moves(&self, code: &str) -> bool {
        self.sides[0].contains(code)
    }

    fn is_incomplete(&self, code: &str) -> bool {
        self.incomplete.contains(code)
    }

    /// The rows to convert, and those that are of the new version already.
    fn sorted<'r>(&self, table: &'r Table<'r>, split: bool) -> Result<(Vec<&'r Row<'r>>, Vec<&'r Row<'r>>), Fault> {
        let [from, to] = self.flows.versions;
        let (mut only_old, mut only_new): (Vec<&'r Row<'r>>, Vec<&'r Row<'r>>) = (Vec::new(), Vec::new());
        for row in &table.rows {
            let (old, new) = (self.is_of(row.code, 0), self.is_of(row.code, 1));
            match row.version {
                Some(version) if version == from && old => only_old.push(row),
                Some(version) if version == to && new => only_new.push(row),
                Some(version) if version == from || version == to => {
                    return Err(self.foreign(row, &format!("a code of NUTS {version}")));
                }
                Some(version) => {
                    let at = self.sheet.at(row.line, "nuts_version");
                    let hint = "convert each version by its own flows: --param from, --param to, --param flows";
                    return Err(Fault::shape(at, format!("{from} or {to}"), version.to_string(), hint));
                }
                None if old && !new => only_old.push(row),
                None if new && !old => only_new.push(row),
                None if old => {}
                None => return Err(self.foreign(row, &format!("a code of NUTS {from} or {to}"))),
            }
        }
        if !only_new.is_empty() && !split {
            return Err(self.mixed(&only_old, &only_new));
        }
        let (mut converted, mut passing) = (Vec::new(), Vec::new());
        let lines = |rows: &[&Row<'_>]| rows.iter().map(|row| row.line).collect::<BTreeSet<usize>>();
        let (lines_old, lines_new) = (lines(&only_old), lines(&only_new));
        let dates = |rows: &[&'r Row<'r>]| rows.iter().map(|row| row.time).collect::<BTreeSet<&str>>();
        let (dates_old, dates_new) = (dates(&only_old), dates(&only_new));
        for row in &table.rows {
            match (lines_old.contains(&row.line), lines_new.contains(&row.line)) {
                (true, _) => converted.push(row),
                (_, true) => passing.push(row),
                _ if !dates_new.contains(row.time) => converted.push(row),
                _ if !dates_old.contains(row.time) => passing.push(row),
                // At a date with both versions a code of both says nothing, unless it is the same region in both.
                _ if self.is_same(row.code) => passing.push(row),
                _ => {
                    let hint = "add a column nuts_version with the version of each row";
                    let found = format!("`{}`, which is another area in each", row.code);
                    let at = format!("{}, line {}", self.sheet.name, row.line);
                    return Err(Fault::shape(at, format!("a code that tells NUTS {from} from {to}"), found, hint));
                }
            }
        }
        for row in &converted {
            let uncovered = !self.moves(row.code) && !self.sides[1].contains(row.code);
            if uncovered && self.versions.differs(row.code, from, to) {
                let hint = "--param flows=FILE.csv gives flows that hold it, as the matrices of the JRC's NUTS converter";
                let at = format!("{}, line {}", self.sheet.name, row.line);
                let found = format!("`{}`, which changed between the versions and is in none", row.code);
                return Err(Fault::shape(at, "a region that the flows hold", found, hint));
            }
        }
        Ok((converted, passing))
    }

    /// The same code and area in both versions, as far as flows and lists say.
    fn is_same(&self, code: &str) -> bool {
        let [from, to] = self.flows.versions;
        is_country(code) || !self.moving.contains(code) && !self.versions.differs(code, from, to)
    }

    /// What changed in the area of a region that the flows take over whole.
    fn boundary(&self, old: &str, new: &str) -> Option<String> {
        let [from, to] = self.flows.versions;
        let change = self.versions.boundary(from, old, new).or_else(|| self.versions.boundary(to, new, old))?;
        Some(format!("{old} to {new} ({change})"))
    }

    fn foreign(&self, row: &Row<'_>, expected: &str) -> Fault {
        let at = format!("{}, line {}", self.sheet.name, row.line);
        let [from, to] = self.flows.versions;
        if let Some((first, last)) = self.versions.life(row.code) {
            let found = format!("`{}`, which is of NUTS {first} to {last}", row.code);
            return Fault::shape(at, expected, found, "say the version of the codes with --param from, and give its flows");
        }
        let known = self.sides[0].iter().chain(&self.sides[1]).copied();
        let hint = match baseline_model::definitions::nearest(row.code, known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("give flows from {from} to {to} that hold it, or leave the row out"),
        };
        Fault::shape(at, expected, format!("`{}`", row.code), hint)
    }

    fn mixed(&self, old: &[&Row<'_>], new: &[&Row<'_>]) -> Fault {
        let [from, to] = self.flows.versions;
        let listed = |rows: &[&Row<'_>]| {
            let codes: BTreeSet<&str> = rows.iter().map(|row| row.code).collect();
            let more = if codes.len() > 8 { format!(" and {} more", codes.len() - 8) } else { String::new() };
            format!("{}{more}", codes.into_iter().take(8).collect::<Vec<_>>().join(", "))
        };
        let at = format!("{}, column of regions", self.sheet.name);
        if old.is_empty() {
            let hint =
                format!("the table seems to be of NUTS {to} already; --param from={to} --param to={from} converts it back");
            return Fault::shape(at, format!("codes of NUTS {from}"), format!("of {to}: {}", listed(new)), hint);
        }
        let hint = "--param mixed=split converts the old codes and lets the new ones pass";
        let found = format!("two: of {from} {}; of {to} {}", listed(old), listed(new));
        Fault::shape(at, "one version", found, hint)
    }
}

/// Writes lines and remembers what is missing.
struct Writer<'s> {
    answer: Answer,
    table: &'s Table<'s>,
    to: u16,
    missing: Vec<String>,
    incomplete: BTreeSet<String>,
    /// Regions taken over whole although the official tables name a change of their area.
    moved: BTreeSet<String>,
}

impl Writer<'_> {
    fn push(
        &mut self,
        time: &str,
        indicator: usize,
        lines: BTreeMap<String, Line<'_>>,
        flagged: &BTreeMap<&str, &str>,
        judge: &Judge<'_>,
    ) {
        for (code, line) in lines {
            let mut cells = vec![Cell::from(code.as_str())];
            cells.extend(self.table.time.map(|_| Cell::from(time)));
            cells.extend((self.table.indicators.len() > 1).then(|| Cell::from(self.table.indicators[indicator])));
            let (value, denominator, flag, how, missing, parts) = match line {
                Line::Same(row, whole) => {
                    let value = row.values[indicator].filter(|_| whole);
                    let missing = if row.values[indicator].is_none() { Some(1.0) } else { whole.then_some(0.0) };
                    let how = if whole { "unchanged" } else { "flows incomplete" };
                    (value, row.denominator.filter(|_| whole), row.flag.to_owned(), how, missing, code.clone())
                }
                Line::New(new) => {
                    let complete = !self.incomplete.contains(&code);
                    if new.value.is_none() && complete {
                        self.missing.push(format!("{code}{}{time} ({:.4})", if time.is_empty() { "" } else { " " }, new.missing));
                    }
                    let (how, missing) = if complete { (how(&new), Some(new.missing)) } else { ("flows incomplete", None) };
                    let flag = flags(&new.parts, flagged);
                    if let ([only], true) = (new.parts.as_slice(), complete && how != "estimated") {
                        self.moved.extend(judge.boundary(&only.from, &code));
                    }
                    (new.value, new.denominator, flag, how, missing, made_of(&new.parts))
                }
            };
            cells.push(Cell::number(value));
            cells.extend(self.table.denominator.then(|| Cell::number(denominator)));
            cells.extend(self.table.flag.then_some(Cell::Text(flag)));
            cells.extend([Cell::whole(Some(usize::from(self.to))), Cell::from(how), Cell::number(missing), Cell::Text(parts)]);
            self.answer.rows.push(cells);
        }
    }

    fn done(self, weight: &str, [from, to]: [u16; 2], kind: &str, left: &[&str]) -> Answer {
        let mut answer = self.answer;
        answer.facts = vec![
            ("version_from", Cell::whole(Some(usize::from(from)))),
            ("version_to", Cell::whole(Some(usize::from(to)))),
            ("kind", Cell::from(kind)),
            ("weight", Cell::from(weight)),
        ];
        let sum = |values: &mut dyn Iterator<Item = f64>| Cell::from(values.sum::<f64>());
        if kind != "rate" && self.table.indicators.len() == 1 {
            let at = 1 + usize::from(self.table.time.is_some());
            let number = |row: &Vec<Cell>| row[at].to_string().parse::<f64>().ok();
            answer.facts.push(("sum_before", sum(&mut self.table.rows.iter().filter_map(|row| row.values[0]))));
            answer.facts.push(("sum_after", sum(&mut answer.rows.iter().filter_map(number))));
        }
        if !self.missing.is_empty() {
            let mut missing = self.missing;
            missing.dedup();
            let message = format!("missing, because old regions have no value (share of the weight): {}", missing.join(", "));
            let hint = "add the regions, or allow a share with --param missing_limit";
            answer.notes.push(Finding::warning("nuts-missing", METHOD.id, message).hint(hint));
        }
        if !self.incomplete.is_empty() {
            let codes: Vec<&str> = self.incomplete.iter().map(String::as_str).collect();
            let message = format!("missing, because the flows do not hold all of these regions: {}", codes.join(", "));
            let hint = "--param flows=FILE.csv with all flows, as the matrices of the JRC's NUTS converter";
            answer.notes.push(Finding::warning("nuts-flows-incomplete", METHOD.id, message).hint(hint));
        }
        if !self.moved.is_empty() {
            let moved: Vec<&str> = self.moved.iter().map(String::as_str).collect();
            let message = format!("taken over whole, as in the flows, although the area changed: {}", moved.join(", "));
            let hint = "the flows hold no part of the change; the values differ by as much as it weighs";
            answer.notes.push(Finding::info("nuts-boundary", METHOD.id, message).hint(hint));
        }
        answer.notes.extend(unused(METHOD.id, left));
        answer
    }
}

/// In one word where a value is from.
fn how(new: &Converted) -> &'static str {
    match new.parts.as_slice() {
        parts if parts.iter().any(|part| part.share < 1.0) => "estimated",
        [only] if only.from == new.code => "unchanged",
        [_] => "recoded",
        _ => "merged",
    }
}

/// `FI193 0.007786; FI197 1`: the old regions and which part of them.
fn made_of(parts: &[Part]) -> String {
    let one = |part: &Part| {
        let digits = format!("{:.6}", part.share);
        format!("{} {}", part.from, digits.trim_end_matches('0').trim_end_matches('.'))
    };
    parts.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The letters of all parts that weigh anything, each once.
fn flags(parts: &[Part], flagged: &BTreeMap<&str, &str>) -> String {
    let of = |part: &Part| flagged.get(part.from.as_str()).copied().unwrap_or_default();
    let letters: BTreeSet<char> = parts.iter().filter(|part| part.share > 0.0).flat_map(|part| of(part).chars()).collect();
    letters.into_iter().collect()
}

fn version(given: &Given<'_>, name: &str) -> Result<Option<u16>, Fault> {
    let text = given.param(name);
    match year(text) {
        _ if text.is_empty() => Ok(None),
        Some(year) => Ok(Some(year)),
        None => Err(Fault::number(format!("--param {name}"), "a NUTS version as 2021", &format!("`{text}`"))),
    }
}

#[cfg(test)]
mod tests;
