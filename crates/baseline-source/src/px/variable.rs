//! One variable of a PX file: its codes, texts and times, and whether they fit each other.

use std::collections::HashSet;

use baseline_model::{Finding, Role};

use super::header::{self, Header};
use crate::findings::{Context, quote};
use crate::timecode::{self, TimeUnit};

/// Times of a range without VALUES: weeks of a century.
const LONGEST: usize = 5_300;

pub(super) struct Variable {
    /// As STUB or HEADING name it.
    pub name: String,
    /// VARIABLECODE, else the name.
    pub id: String,
    pub stub: bool,
    pub role: Option<Role>,
    pub codes: Vec<String>,
    /// Trimmed texts, one a code.
    pub values: Vec<String>,
    /// One a code, when the file's TIMEVAL says what they are.
    pub periods: Option<Vec<String>>,
}

/// `None` with a finding when codes, texts and times do not fit each other.
pub(super) fn read(header: &Header<'_>, name: &str, stub: bool, context: &mut Context<'_>) -> Option<Variable> {
    let trimmed = |texts: Vec<String>| -> Vec<String> { texts.into_iter().map(|text| text.trim().to_owned()).collect() };
    let values = header.texts("VALUES", name).map(trimmed);
    let codes = header.texts("CODES", name).map(trimmed);
    let time = header.get("TIMEVAL", name).map(|statement| times(statement.raw, values.as_ref().map_or(LONGEST, Vec::len)));
    let mut refuse = |message: String| refused(&message, name, context);
    let listed = time.as_ref().and_then(|time| time.codes.clone()).filter(|codes| !codes.is_empty());
    let Some(first) = values.as_ref().or(codes.as_ref()).or(listed.as_ref()) else {
        return refuse("expected VALUES or CODES, found neither".into());
    };
    let size = first.len();
    if let Some(times) = listed.as_ref().filter(|times| times.len() != size) {
        return refuse(format!("VALUES has {size} texts, TIMEVAL has {} times", times.len()));
    }
    // The texts say where the cells stand; codes of which it is not known to which text they belong say nothing.
    let misfit = codes.as_ref().map(Vec::len).filter(|length| *length != size);
    if time.as_ref().is_some_and(|time| time.odd) {
        return refuse(
            "expected TIMEVAL=TLIST(A1) with the times or their first and last, as many as VALUES; found something else".into(),
        );
    }
    let first = first.clone();
    if let Some(length) = misfit {
        let at = context.at(format_args!("variable {}", quote(name)));
        let message = format!("VALUES has {size} texts, CODES has {length} codes; the texts are used instead");
        context.add(Finding::warning("px-codes", at, message).hint("map the texts to codes for this table"));
    }
    let codes = codes.filter(|_| misfit.is_none());
    let mut refuse = |message: String| refused(&message, name, context);
    let unit = time.as_ref().and_then(|time| time.unit);
    let values = values.unwrap_or(first);
    let is_time = time.is_some();
    let codes = match (listed, codes) {
        (Some(times), _) => times,
        (None, Some(codes)) => codes,
        (None, None) => glued(&values).unwrap_or_else(|| values.clone()),
    };
    let mut seen = HashSet::new();
    if let Some(twice) = codes.iter().find(|code| !seen.insert(code.as_str())) {
        return refuse(format!("the code {} stands twice", quote(twice)));
    }
    let periods = is_time.then(|| distinct_periods(&codes, unit)).flatten();
    let kind = header.text("VARIABLE-TYPE", name).map(|kind| kind.to_lowercase());
    let content = header.text("CONTVARIABLE", "").is_some_and(|content| content == name.trim());
    let role = if is_time {
        Some(Role::Time)
    } else if content {
        Some(Role::Metric)
    } else if header.has("MAP", name) || kind.is_some_and(|kind| kind == "g" || kind.starts_with("geo")) {
        Some(Role::Geo)
    } else {
        None
    };
    let id = header.text("VARIABLECODE", name).unwrap_or_else(|| name.trim().to_owned());
    Some(Variable { name: name.trim().to_owned(), id, stub, role, codes, values, periods })
}

fn refused(message: &str, name: &str, context: &mut Context<'_>) -> Option<Variable> {
    let at = context.at(format_args!("variable {}", quote(name)));
    context.add(
        Finding::error("px-variable", at, format!("{message}; the table is refused"))
            .hint("the file is cut or was edited: take it from the provider again"),
    );
    None
}

/// The codes as periods where all of them are and stay different.
fn distinct_periods(codes: &[String], unit: Option<TimeUnit>) -> Option<Vec<String>> {
    let periods: Vec<String> =
        codes.iter().map(|code| timecode::period(code, unit)).collect::<Option<_>>().filter(|_| unit.is_some())?;
    let distinct: HashSet<&str> = periods.iter().map(String::as_str).collect();
    (distinct.len() == codes.len()).then_some(periods)
}

/// Codes that stand before their texts (`42004-Agreda`): only when every text has that form and all codes differ.
/// A number before a hyphen and digits after it (`05-09`) is an age group.
fn glued(values: &[String]) -> Option<Vec<String>> {
    let code = |value: &String| {
        let (code, label) = value.split_once('-')?;
        let digits = code.len() >= 2 && code.bytes().all(|byte| byte.is_ascii_digit());
        (digits && label.trim_start().starts_with(char::is_alphabetic)).then(|| code.to_owned())
    };
    let codes: Vec<String> = values.iter().map(code).collect::<Option<_>>()?;
    let distinct: HashSet<&str> = codes.iter().map(String::as_str).collect();
    (distinct.len() == codes.len()).then_some(codes)
}

struct Times {
    unit: Option<TimeUnit>,
    /// None when only the unit is given.
    codes: Option<Vec<String>>,
    odd: bool,
}

/// `TLIST(A1),"2004","2005"` or `TLIST(A1,"1994"-"1996")`.
fn times(raw: &str, most: usize) -> Times {
    let odd = Times { unit: None, codes: None, odd: true };
    let Some(inside) = raw.trim().strip_prefix("TLIST").map(str::trim_start).and_then(|rest| rest.strip_prefix('(')) else {
        return odd;
    };
    let Some(close) = header::outside_quotes(inside, b')') else { return odd };
    let (scale, rest) = (&inside[..close], inside[close + 1..].trim_start());
    let (unit, span) = match scale.split_once(',') {
        Some((unit, span)) => (unit, Some(span)),
        None => (scale, None),
    };
    let unit = TimeUnit::parse(unit.trim().trim_matches('"'));
    let Some(span) = span else {
        let codes =
            rest.strip_prefix(',').map(header::texts).map(|codes| codes.iter().map(|code| code.trim().to_owned()).collect());
        return Times { unit, codes, odd: codes_missing(rest) };
    };
    // A hyphen between two texts, not one inside them.
    let ends = header::outside_quotes(span, b'-')
        .map(|at| (header::texts(&span[..at]).concat(), header::texts(&span[at + 1..]).concat()));
    match (unit, ends) {
        (Some(unit), Some((from, to))) => match timecode::range(unit, &from, &to, most) {
            Some(codes) => Times { unit: Some(unit), codes: Some(codes), odd: false },
            None => odd,
        },
        _ => odd,
    }
}

fn codes_missing(rest: &str) -> bool {
    !rest.is_empty() && !rest.starts_with(',')
}
