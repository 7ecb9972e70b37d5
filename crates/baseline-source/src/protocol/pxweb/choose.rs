//! From what a record asks for to the codes of the table as it is now.
//!
//! Variables are named by id, by label, by a pattern (`alue_*`) or by role, because offices rename one and keep the other:
//! Statistics Finland gave all its variables new ids in June 2026. What fits none or several is refused with the names
//! that exist. A record's codes must exist too: a renamed code would otherwise be a region that silently went missing.
//!
//! Per variable: codes, patterns (`05*`), `*`, `top(5)`, `bottom(5)`, `from(2015)`, `to(2020)`, `range(2015,2020)`,
//! `vs:Name` or `agg:Name` before the codes of another list, and `total` alone where the table may leave the variable out.

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::{Period, Role};

use super::plan::{Choice, Codes, Query};
use crate::findings::{nearest_note, quote};
use crate::protocol::{Structure, StructureDimension};
use crate::timecode;

/// Why a record cannot be asked of the table as it is: for [`crate::protocol::Step::Refuse`].
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit {
    pub why: String,
    pub hint: String,
}

fn misfit<T>(why: String, hint: &str) -> Result<T, Misfit> {
    Err(Misfit { why, hint: hint.to_owned() })
}

/// The query for what `pull` names; a variable that it does not name takes all its values. `whole_lists`: whether the
/// server can be asked for all of a value set without naming its codes. `unlisted`: codes that a variable may have which
/// the server does not list.
pub fn choose(
    structure: &Structure,
    pull: &BTreeMap<String, Vec<String>>,
    whole_lists: bool,
    unlisted: u64,
) -> Result<Query, Misfit> {
    let mut wanted: BTreeMap<usize, (&str, &[String])> = BTreeMap::new();
    for (name, codes) in pull {
        let place = variable(structure, name)?;
        if let Some((other, _)) = wanted.insert(place, (name, codes)) {
            let id = quote(&structure.dimensions[place].id);
            return misfit(
                format!("{} and {} under `pull` both mean the variable {id}", quote(other), quote(name)),
                "keep one of the two",
            );
        }
    }
    let mut choices = Vec::new();
    for (place, dimension) in structure.dimensions.iter().enumerate() {
        match wanted.get(&place) {
            None => choices.push(Choice { variable: dimension.id.clone(), list: None, codes: everything(dimension, unlisted) }),
            Some((_, codes)) => choices.extend(chosen(dimension, codes, whole_lists, unlisted)?),
        }
    }
    Ok(Query(choices))
}

/// The place of the one variable that a name means.
fn variable(structure: &Structure, name: &str) -> Result<usize, Misfit> {
    let dimensions = &structure.dimensions;
    let find = |fits: &dyn Fn(&StructureDimension) -> bool| -> Vec<usize> {
        dimensions.iter().enumerate().filter(|(_, dimension)| fits(dimension)).map(|(place, _)| place).collect()
    };
    let name = name.trim();
    let folded = name.to_lowercase();
    let role = match folded.as_str() {
        "role:time" => Some(Role::Time),
        "role:geo" => Some(Role::Geo),
        "role:metric" => Some(Role::Metric),
        _ => None,
    };
    let found = if let Some(role) = role {
        find(&|dimension| dimension.role == Some(role))
    } else {
        // The first way that fits anything decides.
        let ways: [&dyn Fn(&StructureDimension) -> bool; 4] = [
            &|dimension| dimension.id == name,
            &|dimension| dimension.id.to_lowercase() == folded,
            &|dimension| dimension.label.trim().to_lowercase() == folded,
            &|dimension| {
                folded.contains('*')
                    && (fits(&folded, &dimension.id.to_lowercase()) || fits(&folded, &dimension.label.trim().to_lowercase()))
            },
        ];
        ways.iter().map(|way| find(way)).find(|found| !found.is_empty()).unwrap_or_default()
    };
    if let [one] = found.as_slice() {
        return Ok(*one);
    }
    let known: Vec<String> =
        dimensions.iter().map(|dimension| format!("{} ({})", quote(&dimension.id), dimension.label)).collect();
    let names = dimensions.iter().flat_map(|dimension| [dimension.id.as_str(), dimension.label.as_str()]);
    let near = nearest_note(name, names.filter(|name| !name.is_empty()));
    let many = if found.is_empty() { "no variable".to_owned() } else { format!("{} variables", found.len()) };
    misfit(
        format!(
            "expected one variable that `pull` calls {}, found {many}{near}; the table has {}",
            quote(name),
            known.join(", ")
        ),
        "the provider has renamed it, or the record means another table: name it by label, `role:time` or a pattern",
    )
}

fn everything(dimension: &StructureDimension, unlisted: u64) -> Codes {
    if dimension.codes.is_empty() {
        return Codes::All { size: unlisted };
    }
    Codes::Listed(dimension.codes.iter().map(|(code, _)| code.clone()).collect())
}

/// None: the variable is to be left out.
fn chosen(dimension: &StructureDimension, wanted: &[String], whole_lists: bool, unlisted: u64) -> Result<Option<Choice>, Misfit> {
    let id = quote(&dimension.id);
    let known = |code: &str| dimension.codes.iter().any(|(known, _)| known == code);
    let wanted: Vec<&str> = wanted.iter().map(|code| code.trim()).filter(|code| !code.is_empty()).collect();
    let of = |codes: Codes, list: Option<&str>| {
        Ok(Some(Choice { variable: dimension.id.clone(), list: list.map(str::to_owned), codes }))
    };
    let (lists, codes): (Vec<&str>, Vec<&str>) =
        wanted.iter().partition(|code| !known(code) && (code.starts_with("vs:") || code.starts_with("agg:")));
    match (lists.as_slice(), codes.as_slice()) {
        ([], []) => misfit(format!("`pull` names no code for the variable {id}"), "name codes, `*` for all, or `total`"),
        ([], ["total"]) if !known("total") => {
            if dimension.elimination {
                return Ok(None);
            }
            misfit(
                format!("`pull` says `total` for the variable {id}, which the table does not let be left out"),
                "name the code of the total, or `*`",
            )
        }
        ([], ["*"]) => of(everything(dimension, unlisted), None),
        ([], _) if dimension.codes.is_empty() => match codes.as_slice() {
            [one] if call(one, "top").is_some() => {
                let count = call(one, "top").and_then(|inside| inside.parse().ok());
                match count {
                    Some(count) => of(Codes::Top { count }, None),
                    None => misfit(format!("{} for the variable {id} is no whole number", quote(one)), "write `top(5)`"),
                }
            }
            _ if codes.iter().any(|code| code.contains(['*', '(', '?'])) => misfit(
                format!(
                    "the server does not list the codes of the variable {id}, and `pull` describes them: {}",
                    codes.join(", ")
                ),
                "name the codes one by one, or `*` for all",
            ),
            _ => of(Codes::Listed(once(codes)), None),
        },
        ([], _) => of(Codes::Listed(resolve(dimension, &codes)?), None),
        ([list], [] | ["*"]) if whole_lists => of(Codes::All { size: dimension.codes.len().max(1) as u64 }, Some(list)),
        ([list], [] | ["*"]) => misfit(
            format!("`pull` asks for all codes of {} of the variable {id}, which this server takes for its total", quote(list)),
            "name the codes of the list one by one",
        ),
        ([list], _) => of(Codes::Listed(once(codes)), Some(list)),
        (_, _) => misfit(format!("`pull` names {} lists for the variable {id}", lists.len()), "name one"),
    }
}

fn once(codes: Vec<&str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    codes.into_iter().filter(|code| seen.insert(*code)).map(str::to_owned).collect()
}

/// The codes that the expressions mean, each once, in the table's order.
fn resolve(dimension: &StructureDimension, wanted: &[&str]) -> Result<Vec<String>, Misfit> {
    let codes: Vec<&str> = dimension.codes.iter().map(|(code, _)| code.as_str()).collect();
    let mut taken = BTreeSet::new();
    for expression in wanted {
        let found = meant(dimension, &codes, expression);
        if found.as_ref().is_none_or(Vec::is_empty) {
            let near = nearest_note(expression, codes.iter().copied());
            let first: Vec<&str> = codes.iter().copied().take(8).collect();
            let more = if codes.len() > first.len() { ", …" } else { "" };
            return misfit(
                format!(
                    "the variable {} has no code {}{near}; it has {} codes: {}{more}",
                    quote(&dimension.id),
                    quote(expression),
                    codes.len(),
                    first.join(", ")
                ),
                "the provider has changed the codes, or the record means another table: compare it with the table's metadata",
            );
        }
        taken.extend(found.into_iter().flatten());
    }
    Ok(taken.into_iter().map(|place| codes[place].to_owned()).collect())
}

/// The places of the codes that one expression means; a code as it stands goes before any other reading.
fn meant(dimension: &StructureDimension, codes: &[&str], expression: &str) -> Option<Vec<usize>> {
    if let Some(place) = codes.iter().position(|code| *code == expression) {
        return Some(vec![place]);
    }
    let pick = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
        codes.iter().enumerate().filter(|(_, code)| fits(code)).map(|(place, _)| place).collect()
    };
    if let Some(inside) = call(expression, "top").or_else(|| call(expression, "bottom")) {
        let (count, offset) = match inside.split_once(',') {
            Some((count, offset)) => (count.trim().parse().ok()?, offset.trim().parse().ok()?),
            None => (inside.trim().parse().ok()?, 0_usize),
        };
        let count: usize = count;
        let top = expression.starts_with("top");
        // The top of a list is its beginning, that of time is the newest.
        let mut places: Vec<usize> = (0..codes.len()).collect();
        if dimension.role == Some(Role::Time) {
            let periods: Option<Vec<Period>> = codes.iter().map(|code| parsed(code)).collect();
            let periods = periods?;
            places.sort_by_key(|place| std::cmp::Reverse(periods[*place]));
        }
        if !top {
            places.reverse();
        }
        return Some(places.into_iter().skip(offset).take(count).collect());
    }
    if let Some(first) = call(expression, "from") {
        let first = parsed(first.trim())?;
        return Some(pick(&|code| parsed(code).is_some_and(|period| period >= first)));
    }
    if let Some(last) = call(expression, "to") {
        let last = parsed(last.trim())?;
        return Some(pick(&|code| parsed(code).is_some_and(|period| until(period, last))));
    }
    if let Some((first, last)) = call(expression, "range").and_then(|inside| inside.split_once(',')) {
        let (first, last) = (parsed(first.trim())?, parsed(last.trim())?);
        return Some(pick(&|code| parsed(code).is_some_and(|period| period >= first && until(period, last))));
    }
    expression.contains(['*', '?']).then(|| pick(&|code| fits(expression, code)))
}

fn parsed(code: &str) -> Option<Period> {
    Period::parse(&timecode::period(code, None)?)
}

/// Whether a period lies before the end of another: a year ends with its last month. Of different parts of a year only
/// those of earlier years are certain.
fn until(period: Period, last: Period) -> bool {
    if last.frequency == baseline_model::Frequency::Annual {
        period.year <= last.year
    } else if period.frequency == last.frequency {
        period <= last
    } else {
        period.year < last.year
    }
}

/// `name(inside)`.
fn call<'t>(expression: &'t str, name: &str) -> Option<&'t str> {
    expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

/// A pattern with `*` for any text and `?` for one sign. Linear in both: the last `*` is the only one that may grow.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        if of < pattern.len() && pattern[of] == '*' {
            star = Some((of, at));
            of += 1;
        } else if of < pattern.len() && (pattern[of] == '?' || pattern[of] == text[at]) {
            (at, of) = (at + 1, of + 1);
        } else if let Some((place, from)) = star {
            (of, at) = (place + 1, from + 1);
            star = Some((place, from + 1));
        } else {
            return false;
        }
    }
    pattern[of..].iter().all(|sign| *sign == '*')
}
