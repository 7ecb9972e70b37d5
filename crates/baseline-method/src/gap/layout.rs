//! Where a file has the two rates: side by side in two columns, or one below the other with a column of groups. Names are
//! taken where only one column can be meant, and that is said; else the hint has what to type.

use baseline_model::Finding;
use baseline_model::definitions::fold;

use super::Rate;
use crate::method::Given;
use crate::structure::columns::{TIMES, find, is_text};
use crate::{Fault, Sheet};

/// Usual names of the place.
const PLACES: [&str; 12] =
    ["id", "geo", "territory", "region", "place", "area", "country", "code", "nuts", "municipality", "name", "unit"];
/// Usual names of a column of groups.
const GROUPS: [&str; 8] =
    ["citizen", "citizenship", "c_birth", "country_of_birth", "birth", "origin", "group", "population_group"];
/// Usual names of the rates of all groups.
const VALUES: [&str; 6] = ["value", "obs_value", "value_pc", "rate", "percent", "pc"];
/// Codes of the group and of its reference, folded, where the file has several.
const OF: [&str; 6] = ["neu27 2020 for", "non eu", "noneu", "tcn", "third country nationals", "neu27 2020"];
const AGAINST: [&str; 4] = ["nat", "national", "nationals", "native"];
/// Words of a column's name that say whose rate it has.
const OF_WORDS: [&str; 10] =
    ["p", "tcn", "tcns", "noneu", "nonnational", "nonnationals", "neu27", "foreign", "foreigners", "migrants"];
const AGAINST_WORDS: [&str; 7] = ["q", "nat", "national", "nationals", "native", "natives", "reference"];
/// Words of a column's name that say that it has something else.
const OTHER_WORDS: [&str; 13] =
    ["se", "n", "error", "flag", "flags", "status", "rank", "odds", "ratio", "difference", "diff", "gap", "relative"];
/// Remarks, which tell no two rows apart.
const REMARKS: [&str; 15] = [
    "flag",
    "flags",
    "status",
    "obs_status",
    "obs_flag",
    "conf_status",
    "obs_conf",
    "obs_comment",
    "comment",
    "source",
    "vintage",
    "last update",
    "note",
    "notes",
    "country_name",
];

/// Two rates for each key.
pub(super) struct Pairs<'a> {
    /// The columns that name a row, the place's first.
    pub ids: Vec<&'a str>,
    pub keys: Vec<Vec<&'a str>>,
    pub of: Vec<Option<Rate>>,
    pub against: Vec<Option<Rate>>,
    /// The line of each pair's first row.
    pub lines: Vec<usize>,
    pub notes: Vec<Finding>,
}

/// # Errors
/// When there are no two rates to be found, two rows have one key, or a cell is no number.
pub(super) fn pairs<'a>(given: &Given<'a>) -> Result<Pairs<'a>, Fault> {
    let sheet = given.sheet;
    let asked = !given.param("of").is_empty() || !given.param("against").is_empty();
    let group = find(sheet, &GROUPS).filter(|column| is_text(sheet, column));
    let (of, against) = (side(sheet, "p", &OF_WORDS, &AGAINST_WORDS), side(sheet, "q", &AGAINST_WORDS, &OF_WORDS));
    match (of, against, group) {
        (Some(of), Some(against), _) if !asked => wide(sheet, of, against),
        (_, _, Some(group)) => long(given, group),
        _ if asked => {
            let hint = "--column group=COLUMN says which; without of and against the rates stand in the columns p and q";
            Err(Fault::shape(&sheet.name, "a column of groups", sheet.columns.join(", "), hint))
        }
        _ => {
            let place = place(sheet, None);
            let numbers: Vec<&str> = sheet.columns.iter().map(String::as_str).filter(|name| is_rate(sheet, name)).collect();
            let numbers: Vec<&str> = numbers.into_iter().filter(|name| Some(*name) != place).collect();
            let hint = format!(
                "--column p=COLUMN says which has the group's rate, --column q=COLUMN which the reference's, out of {}",
                numbers.join(", ")
            );
            Err(Fault::shape(&sheet.name, "a column `p` and a column `q`", sheet.columns.join(", "), hint))
        }
    }
}

/// The rates in two columns.
fn wide<'a>(sheet: &'a Sheet, of: &'a str, against: &'a str) -> Result<Pairs<'a>, Fault> {
    let place = place(sheet, None).ok_or_else(|| no_place(sheet))?;
    let ids = ids(sheet, place, &[of, against])?;
    let keys = sheet.keys(&ids)?;
    let rates = |rate: &str, error: &str, sample: &str| -> Result<Vec<Option<Rate>>, Fault> {
        let further = |name: &str| if sheet.has(name) { sheet.numbers(name) } else { Ok(vec![None; sheet.rows.len()]) };
        let rates = sheet.numbers(rate)?.into_iter().zip(further(error)?).zip(further(sample)?);
        Ok(rates.map(|((percent, standard_error), sample)| Some(Rate { percent: percent?, standard_error, sample })).collect())
    };
    let notes = if (of, against) == ("p", "q") {
        Vec::new()
    } else {
        let message = format!("the group's rate is taken from the column {of}, the reference's from {against}");
        vec![Finding::info("gap-columns", &sheet.name, message).hint("--column p=COLUMN and --column q=COLUMN say otherwise")]
    };
    let (of, against) = (rates(of, "se_p", "n")?, rates(against, "se_q", "m")?);
    Ok(Pairs { ids, keys, of, against, lines: sheet.lines.clone(), notes })
}

/// The rates below one another, a row a group.
fn long<'a>(given: &Given<'a>, group: &'a str) -> Result<Pairs<'a>, Fault> {
    let sheet = given.sheet;
    let codes = sheet.texts(group)?;
    let code = |param: &str, usual: &[&str]| -> Result<&'a str, Fault> {
        let wanted = given.param(param);
        let named = codes.iter().copied().find(|code| *code == wanted);
        let usual = || usual.iter().find_map(|usual| codes.iter().copied().find(|code| fold(code) == *usual));
        named.or_else(|| if wanted.is_empty() { usual() } else { None }).ok_or_else(|| {
            let mut known = codes.clone();
            known.sort_unstable();
            known.dedup();
            let found = if wanted.is_empty() { "no choice".to_owned() } else { format!("`{wanted}`") };
            let hint = "--param of=CODE is the group, --param against=CODE its reference";
            Fault::shape(format!("--param {param}"), format!("a code of {group}: {}", known.join(", ")), found, hint)
        })
    };
    let (of, against) = (code("of", &OF)?, code("against", &AGAINST)?);
    let place = place(sheet, Some(group)).ok_or_else(|| no_place(sheet))?;
    let value = find(sheet, &VALUES).or_else(|| sole(sheet, &[place, group])).ok_or_else(|| {
        let hint = "--column value=COLUMN says which column has the rates";
        Fault::shape(&sheet.name, "a column `value`", sheet.columns.join(", "), hint)
    })?;
    let mut ids = ids(sheet, place, &[value])?;
    let time = find(sheet, TIMES);
    ids.retain(|column| *column == place || Some(*column) == time || (*column != group && !names_group(sheet, column, &codes)));
    let numbers = sheet.numbers(value)?;
    sheet.keys(&ids.iter().copied().chain([group]).collect::<Vec<_>>())?;
    let texts: Vec<Vec<&str>> = ids.iter().map(|column| sheet.texts(column)).collect::<Result<_, _>>()?;
    let mut pairs = Pairs { ids, keys: Vec::new(), of: Vec::new(), against: Vec::new(), lines: Vec::new(), notes: Vec::new() };
    let mut at = std::collections::BTreeMap::new();
    let mut sides: Vec<[bool; 2]> = Vec::new();
    for (row, code) in codes.iter().enumerate().filter(|(_, code)| [of, against].contains(code)) {
        let key: Vec<&str> = texts.iter().map(|column| column[row]).collect();
        let pair = *at.entry(key.clone()).or_insert_with(|| {
            pairs.keys.push(key);
            pairs.of.push(None);
            pairs.against.push(None);
            pairs.lines.push(sheet.lines[row]);
            sides.push([false; 2]);
            pairs.keys.len() - 1
        });
        let first = *code == of;
        sides[pair][usize::from(!first)] = true;
        let side = if first { &mut pairs.of } else { &mut pairs.against };
        side[pair] = numbers[row].map(Rate::new);
    }
    if !sides.contains(&[true; 2]) {
        let hint = "a further column differs between the groups: leave it out of the file, or make it the same in both rows";
        let expected = format!("rows of {of} and of {against} with the same {}", pairs.ids.join(", "));
        return Err(Fault::shape(&sheet.name, expected, "none", hint));
    }
    let message = format!("{of} against {against} of the column {group}, rates from {value}");
    let note = Finding::info("gap-columns", &sheet.name, message).hint("--param of=CODE and --param against=CODE say otherwise");
    pairs.notes.push(note);
    Ok(pairs)
}

/// The column of the given name, or else the only one whose name says whose rate it has.
fn side<'a>(sheet: &'a Sheet, name: &str, words: &[&str], others: &[&str]) -> Option<&'a str> {
    let exact = sheet.columns.iter().find(|column| *column == name).map(String::as_str);
    let says = |column: &str| {
        let mut folded = fold(column);
        for (from, to) in
            [("third country national", "tcn"), ("tcns", "tcn"), ("non national", "nonnational"), ("non eu", "noneu")]
        {
            folded = folded.replace(from, to);
        }
        let has = |words: &[&str]| folded.split(' ').any(|word| words.contains(&word));
        has(words) && !has(others) && !has(&OTHER_WORDS) && is_rate(sheet, column)
    };
    exact.or_else(|| only(sheet.columns.iter().map(String::as_str).filter(|column| says(column))))
}

fn only<'a>(mut found: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    found.next().filter(|_| found.next().is_none())
}

fn is_rate(sheet: &Sheet, column: &str) -> bool {
    !is_text(sheet, column) && !TIMES.iter().any(|time| column.eq_ignore_ascii_case(time))
}

/// The only column of numbers besides the time.
fn sole<'a>(sheet: &'a Sheet, except: &[&str]) -> Option<&'a str> {
    only(sheet.columns.iter().map(String::as_str).filter(|column| !except.contains(column) && is_rate(sheet, column)))
}

fn place<'a>(sheet: &'a Sheet, group: Option<&str>) -> Option<&'a str> {
    let usual = find(sheet, &PLACES).filter(|column| Some(*column) != group);
    usual.or_else(|| sheet.columns.iter().map(String::as_str).find(|column| Some(*column) != group && is_text(sheet, column)))
}

/// True for the label of the groups: each code has one text in it.
fn names_group(sheet: &Sheet, column: &str, codes: &[&str]) -> bool {
    let Ok(texts) = sheet.texts(column) else { return false };
    let mut named = std::collections::BTreeMap::new();
    codes.iter().zip(&texts).all(|(code, text)| *named.entry(code).or_insert(text) == text)
}

fn no_place(sheet: &Sheet) -> Fault {
    let hint = "--column id=COLUMN says which column names the places";
    Fault::shape(&sheet.name, "a column `id`", sheet.columns.join(", "), hint)
}

/// The place, the time, and columns of texts that tell rows of one place apart, when these two do not.
fn ids<'a>(sheet: &'a Sheet, place: &'a str, except: &[&str]) -> Result<Vec<&'a str>, Fault> {
    let mut ids = vec![place];
    ids.extend(find(sheet, TIMES).filter(|time| *time != place && !except.contains(time)));
    if sheet.keys(&ids).is_err() {
        let places = sheet.texts(place)?;
        let varies = |column: &str| {
            let index = sheet.columns.iter().position(|name| name == column);
            let cell = |row: usize| index.map_or("", |index| sheet.rows[row][index].as_str());
            let mut first = std::collections::BTreeMap::new();
            places.iter().enumerate().any(|(row, place)| *first.entry(*place).or_insert_with(|| cell(row)) != cell(row))
        };
        let is_remark = |column: &str| REMARKS.iter().any(|remark| column.eq_ignore_ascii_case(remark));
        let further = sheet.columns.iter().map(String::as_str).filter(|column| !ids.contains(column) && !except.contains(column));
        let further: Vec<&str> =
            further.filter(|column| is_text(sheet, column) && !is_remark(column) && varies(column)).collect();
        ids.extend(further);
    }
    Ok(ids)
}
