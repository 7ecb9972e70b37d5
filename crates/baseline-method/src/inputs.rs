//! What several methods read in the same way: a wide table (a row a unit, a column an indicator), lists of names, directions,
//! goalposts and weights. Nothing is computed here.
//!
//! ```text
//! country,year,employment,unemployment
//! AT,2023,77.2,5.1
//! BE,2023,72.1,
//! ```

use std::collections::BTreeMap;

use baseline_model::definitions::{Direction, fold, nearest};

use crate::aggregate;
use crate::method::{Given, Param};
use crate::normalise::Goalposts;
use crate::{Fault, Numbers, Sheet};

/// A table with one row a unit (and year), and its indicators as columns.
#[derive(Debug)]
pub struct Wide<'a> {
    /// The columns that name a row, the unit's first.
    pub ids: Vec<&'a str>,
    /// For each row its texts in these columns.
    pub keys: Vec<Vec<&'a str>>,
    /// Which of these columns holds the time.
    pub time: Option<usize>,
    pub indicators: Vec<Numbers<'a>>,
}

impl Wide<'_> {
    /// A row as messages call it.
    pub fn row(&self, row: usize) -> String {
        self.keys[row].join(" ")
    }

    /// Which of the given units' rows bears this name in one of the columns that name it.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|key| key.contains(&name) || key.join(" ") == name)
    }
}

/// What a file of goalposts says of one indicator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Post {
    pub goalposts: Option<Goalposts>,
    pub direction: Option<Direction>,
}

pub const ID: Param = Param {
    name: "id",
    default: "",
    file: false,
    about: "columns that name a row, as a;b; without it the first one, all columns of texts and the time",
};

pub const TIME: Param = Param {
    name: "time",
    default: "",
    file: false,
    about: "the column of the year; without it one called year, time, period, time_period, release_year or date",
};

pub const INDICATORS: Param = Param {
    name: "indicators",
    default: "",
    file: false,
    about: "columns to use, as a;b (a comma does when no name holds one); without it all that do not name the row",
};

pub const LOWER: Param = Param {
    name: "lower_is_better",
    default: "",
    file: false,
    about: "columns where lower is better, as a;b, or all; the others are higher is better",
};

pub const WEIGHTS: Param = Param {
    name: "weights",
    default: "",
    file: true,
    about: "weights: either columns indicator,weight, or a row a weighting scheme with a column an indicator; without it equal ones",
};

pub const SCHEME: Param =
    Param { name: "scheme", default: "", file: false, about: "the row of the weights file, by its first column" };

pub const RESCALE: Param =
    Param { name: "rescale", default: "no", file: false, about: "yes: weights that do not sum to 1 are divided by their sum" };

const TIMES: [&str; 6] = ["year", "time", "period", "time_period", "release_year", "date"];

/// The sheet as a wide table, by the parameters `id`, `time` and `indicators`.
///
/// # Errors
/// When a named column is not there, two rows have the same key, a cell is no number, or an indicator has none at all.
pub fn wide<'a>(given: &Given<'a>) -> Result<Wide<'a>, Fault> {
    let known: Vec<&str> = given.sheet.columns.iter().map(String::as_str).collect();
    let wanted = names(given.param("indicators"), &known, "--param indicators")?;
    wide_of(given, &wanted)
}

/// As [`wide`], with the indicators named; none: all columns that do not name the row.
///
/// # Errors
/// As [`wide`].
pub fn wide_of<'a>(given: &Given<'a>, wanted: &[&str]) -> Result<Wide<'a>, Fault> {
    let sheet = given.sheet;
    let columns: Vec<&str> = sheet.columns.iter().map(String::as_str).collect();
    let time = match given.param("time") {
        "" => columns.iter().copied().find(|column| TIMES.contains(&column.to_lowercase().as_str())),
        named => {
            sheet.require(named)?;
            columns.iter().copied().find(|column| *column == named)
        }
    };
    let mut ids = names(given.param("id"), &columns, "--param id")?;
    if ids.is_empty() {
        let first = columns.iter().copied().find(|column| Some(*column) != time && !wanted.contains(column));
        ids.extend(first);
        let further = columns.iter().copied().filter(|column| !wanted.contains(column) && is_text(sheet, column));
        ids.extend(further.filter(|column| Some(*column) != first && Some(*column) != time).collect::<Vec<_>>());
    }
    ids.extend(time.filter(|time| !ids.contains(time)));
    if ids.is_empty() {
        return Err(Fault::shape(&sheet.name, "a column that names the rows", "none", "--param id=COLUMN says which"));
    }
    let except: Vec<&str> =
        if wanted.is_empty() { ids.clone() } else { columns.iter().copied().filter(|column| !wanted.contains(column)).collect() };
    if let Some(both) = wanted.iter().find(|name| ids.contains(name)) {
        let hint = "a column names the rows or is an indicator";
        return Err(Fault::shape(&sheet.name, "indicators beside the columns that name rows", format!("`{both}` as both"), hint));
    }
    let keys = sheet.keys(&ids)?;
    let indicators = sheet.wide(&except)?;
    let time = time.and_then(|time| ids.iter().position(|id| *id == time));
    Ok(Wide { ids, keys, time, indicators })
}

/// A list of names as typed: `a;b`, or `a,b` when no known name holds a comma there; `all` for all known.
///
/// # Errors
/// When a name is not known; the hint has the closest.
pub fn names<'k>(text: &str, known: &[&'k str], at: &str) -> Result<Vec<&'k str>, Fault> {
    let whole = |text: &str| known.iter().copied().find(|name| *name == text.trim());
    if text.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(name) = whole(text) {
        return Ok(vec![name]);
    }
    if text == "all" {
        return Ok(known.to_vec());
    }
    let sign = if text.contains(';') { ';' } else { ',' };
    let parts = text.split(sign).map(str::trim).filter(|part| !part.is_empty());
    let find = |part| {
        whole(part).ok_or_else(|| {
            let hint = nearest(part, known.iter().copied())
                .map_or_else(|| "names that hold a comma are parted by ;".to_owned(), |close| format!("did you mean `{close}`?"));
            Fault::shape(at, format!("names out of {}", known.join("; ")), format!("`{part}`"), hint)
        })
    };
    parts.map(find).collect()
}

/// Yes or no.
///
/// # Errors
/// When it is neither.
pub fn yes(given: &Given<'_>, name: &str) -> Result<bool, Fault> {
    Ok(given.choice(name, &["yes", "no"])? == "yes")
}

/// The first column that is called one of these, whatever the case and signs between words.
pub fn column<'s>(sheet: &'s Sheet, called: &[&str]) -> Option<&'s str> {
    let is = |column: &str| called.iter().any(|name| fold(name) == fold(column));
    sheet.columns.iter().map(String::as_str).find(|column| is(column))
}

/// A direction as people write it.
///
/// # Errors
/// When it is none of the known words.
pub fn direction(text: &str, at: impl Into<String>) -> Result<Direction, Fault> {
    match text.to_lowercase().replace([' ', '-'], "_").as_str() {
        "higher_is_better" | "higher_better" | "higher" | "up" | "positive" | "+" | "1" | "+1" => Ok(Direction::HigherIsBetter),
        "lower_is_better" | "lower_better" | "lower" | "down" | "negative" | "_" | "_1" => Ok(Direction::LowerIsBetter),
        "neutral" | "context" | "0" => Ok(Direction::Neutral),
        _ => Err(Fault::shape(at, "higher_is_better, lower_is_better or neutral", format!("`{text}`"), "correct the cell")),
    }
}

/// The goalposts and directions of a file with a row an indicator: `worst`/`best` (worst above best: lower is better), or
/// `lower`/`upper` with a `direction`; a number may be written `log10(901)` or `ln(901)`.
///
/// # Errors
/// When the file names an indicator twice, only one goalpost is there, they are equal, or contradict the direction.
pub fn posts(sheet: &Sheet) -> Result<BTreeMap<String, Post>, Fault> {
    let indicator = indicator_column(sheet)?;
    let keys = sheet.keys(&[indicator])?;
    let ends = [
        ["worst", "goalpost_worst", "worst_goalpost"].as_slice(),
        &["best", "goalpost_best", "best_goalpost"],
        &["lower", "min", "minimum", "goalpost_min", "lower_goalpost", "goalpost_lower"],
        &["upper", "max", "maximum", "goalpost_max", "upper_goalpost", "goalpost_upper"],
    ]
    .map(|called| column(sheet, called));
    let pair = match ends {
        [Some(worst), Some(best), _, _] => Some((worst, best, false)),
        [None, None, Some(lower), Some(upper)] => Some((lower, upper, true)),
        [None, None, None, None] => None,
        _ => {
            let hint = "name both: worst and best, or lower and upper with a direction";
            return Err(Fault::shape(&sheet.name, "two columns of goalposts", sheet.columns.join(", "), hint));
        }
    };
    let directions = column(sheet, &["direction", "polarity", "dir"]);
    let mut posts = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        let cell = |name: &str| {
            let index = sheet.columns.iter().position(|column| column == name);
            index.map_or("", |index| sheet.rows[row][index].as_str())
        };
        let at = |name: &str| sheet.at(sheet.lines[row], name);
        let stated = match directions.map(|name| (name, cell(name))) {
            Some((name, text)) if !text.is_empty() => Some(direction(text, at(name))?),
            _ => None,
        };
        let goalposts = match pair {
            Some((first, second, _)) if cell(first).is_empty() && cell(second).is_empty() => None,
            Some((first, second, ordered)) => {
                let (first_end, second_end) = (expression(cell(first), &at(first))?, expression(cell(second), &at(second))?);
                if first_end == second_end {
                    return Err(Fault::Equal { at: at(second), value: second_end });
                }
                if ordered && first_end > second_end {
                    let hint = "lower stands before upper; worst and best columns may be either way";
                    return Err(Fault::shape(at(first), "a lower end below the upper", cell(first), hint));
                }
                let turned = ordered && stated == Some(Direction::LowerIsBetter);
                let (worst, best) = if turned { (second_end, first_end) } else { (first_end, second_end) };
                Some(Goalposts { worst, best })
            }
            None => None,
        };
        let shown =
            goalposts.map(|posts| if posts.worst < posts.best { Direction::HigherIsBetter } else { Direction::LowerIsBetter });
        if let (Some(stated), Some(shown)) = (stated, shown)
            && stated != shown
            && stated != Direction::Neutral
        {
            let hint = "worst above best says that lower is better: correct the goalposts or the direction";
            let at = at(directions.unwrap_or_default());
            return Err(Fault::shape(at, "the direction of the goalposts", cell(directions.unwrap_or_default()), hint));
        }
        posts.insert(key[0].to_owned(), Post { goalposts, direction: stated.or(shown) });
    }
    Ok(posts)
}

/// The column of a structure, goalposts or long weights file that names the indicators.
///
/// # Errors
/// When there is none.
pub fn indicator_column(sheet: &Sheet) -> Result<&str, Fault> {
    column(sheet, &["indicator", "indicators", "variable", "series", "name"]).ok_or_else(|| {
        Fault::shape(&sheet.name, "a column `indicator`", sheet.columns.join(", "), "a row an indicator, named as in the data")
    })
}

/// A weight for each indicator, by the parameters `weights`, `scheme` and `rescale`: equal ones when no file is given. They
/// sum to 1.
///
/// # Errors
/// When the file lacks an indicator, has one that the data do not have, names no such scheme, or the weights do not sum.
pub fn weights(given: &Given<'_>, indicators: &[&str]) -> Result<Vec<f64>, Fault> {
    let Some(file) = given.files.get("weights") else {
        return Ok(vec![1.0 / indicators.len() as f64; indicators.len()]);
    };
    let (at, by_name) = weights_of(file, given.param("scheme"))?;
    let mut weights = Vec::with_capacity(indicators.len());
    for name in indicators {
        weights.push(*by_name.get(name).ok_or_else(|| {
            let hint = "give it a weight (0 leaves it out of the sum), or --param indicators=A;B names those to use";
            Fault::shape(&at, format!("a weight for `{name}`"), by_name.keys().copied().collect::<Vec<_>>().join("; "), hint)
        })?);
    }
    if let Some(name) = by_name.keys().find(|name| !indicators.contains(*name)) {
        let hint = nearest(name, indicators.iter().copied())
            .map_or_else(|| "remove the weight, or add the column".to_owned(), |close| format!("did you mean `{close}`?"));
        return Err(Fault::shape(&at, format!("names out of {}", indicators.join("; ")), format!("`{name}`"), hint));
    }
    aggregate::weights(&weights, yes(given, "rescale")?, &at)
}

/// The indicators that a weights file names, in its order.
///
/// # Errors
/// As [`weights`].
pub fn weighted<'s>(file: &'s Sheet, scheme: &str) -> Result<Vec<&'s str>, Fault> {
    if let (Ok(indicator), Some(_)) = (indicator_column(file), column(file, &["weight", "weights", "w"])) {
        return file.texts(indicator);
    }
    weights_of(file, scheme)?;
    Ok(file.columns.iter().skip(1).map(String::as_str).collect())
}

/// Weights by indicator, and where they stand.
fn weights_of<'s>(file: &'s Sheet, scheme: &str) -> Result<(String, BTreeMap<&'s str, f64>), Fault> {
    if let (Ok(indicator), Some(weight)) = (indicator_column(file), column(file, &["weight", "weights", "w"])) {
        let (keys, weights) = (file.keys(&[indicator])?, file.full(weight)?);
        return Ok((file.name.clone(), keys.into_iter().map(|key| key[0]).zip(weights).collect()));
    }
    let first = file.columns.first().map_or("", String::as_str);
    let schemes: Vec<&str> = file.keys(&[first])?.into_iter().map(|key| key[0]).collect();
    let row = match scheme {
        "" if schemes.len() == 1 => Some(0),
        "" => None,
        named => schemes.iter().position(|scheme| *scheme == named),
    };
    let row = row.ok_or_else(|| {
        let found = if scheme.is_empty() { "no choice".to_owned() } else { format!("`{scheme}`") };
        let expected = format!("one of the schemes of {}: {}", file.name, schemes.join(", "));
        Fault::shape("--param scheme", expected, found, "--param scheme=NAME chooses a row")
    })?;
    let mut weights = BTreeMap::new();
    for column in file.columns.iter().skip(1) {
        weights.insert(column.as_str(), file.full(column)?[row]);
    }
    Ok((format!("{}, {}", file.name, schemes[row]), weights))
}

/// A number, or `log10(number)`, `ln(number)`.
fn expression(text: &str, at: &str) -> Result<f64, Fault> {
    let text = text.trim();
    let inner =
        |name: &str| text.strip_prefix(name).and_then(|rest| rest.strip_prefix('(')).and_then(|rest| rest.strip_suffix(')'));
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let value = match (inner("log10"), inner("ln")) {
        (Some(inner), _) => number(inner).map(f64::log10),
        (None, Some(inner)) => number(inner).map(f64::ln),
        (None, None) => number(text),
    };
    value
        .filter(|value| value.is_finite())
        .ok_or_else(|| Fault::number(at, "a finite number, log10(number) or ln(number)", &format!("`{text}`")))
}

/// A column of names: something is written in it, and nothing of that looks like a number or a sign for none.
fn is_text(sheet: &Sheet, name: &str) -> bool {
    let Some(index) = sheet.columns.iter().position(|column| column == name) else { return false };
    let mut cells = sheet.rows.iter().map(|row| row[index].as_str()).filter(|cell| !cell.is_empty()).peekable();
    let word = |cell: &str| {
        cell.parse::<f64>().is_err()
            && cell.starts_with(char::is_alphabetic)
            && !["na", "nd", "null", "none", "inf", "nan"].contains(&cell.to_lowercase().as_str())
    };
    cells.peek().is_some() && cells.all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let sheet = Sheet::read("posts.csv", text.as_bytes()).unwrap();
        let found = match posts(&sheet) {
            Ok(posts) => {
                let text = |(name, post): (&String, &Post)| match (post.goalposts, post.direction) {
                    (Some(posts), _) => format!("{name} {:.3} {:.3}", posts.worst, posts.best),
                    (None, direction) => format!("{name} {direction:?}"),
                };
                posts.iter().map(text).collect::<Vec<_>>().join(", ")
            }
            Err(fault) => format!("{} {fault}", fault.code()),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn goalposts() {
        check("indicator,lower,upper\na,0,10\nb,log10(1),log10(901)\n", "a 0.000 10.000, b 0.000 2.955");
        check("indicator,worst,best\na,80,5\n", "a 80.000 5.000");
        check("Indicator,min,max,direction\na,5,80,lower is better\n", "a 80.000 5.000");
        check("indicator,direction\na,-1\nb,\n", "a Some(LowerIsBetter), b None");
        check("indicator,lower,upper\na,3,3\n", "method-no-spread posts.csv, line 2, column upper: no spread, both ends are 3");
        check(
            "indicator,lower,upper\na,3,log(4)\n",
            "method-number posts.csv, line 2, column upper: expected a finite number, log10(number) or ln(number), found `log(4)`",
        );
        check(
            "indicator,worst,best,direction\na,3,4,lower\n",
            "method-shape posts.csv, line 2, column direction: expected the direction of the goalposts, found lower",
        );
        check("indicator,worst\na,3\n", "method-shape posts.csv: expected two columns of goalposts, found indicator, worst");
        check("indicator,lower,upper\na,3,4\na,3,5\n", "method-duplicate posts.csv, line 3: `a` stands twice, first in line 2");
    }

    #[test]
    fn lists() {
        let known = ["a", "b, c", "d"];
        assert_eq!(names("b, c;a", &known, "x"), Ok(vec!["b, c", "a"]));
        assert_eq!(names("b, c", &known, "x"), Ok(vec!["b, c"]));
        assert_eq!(names("a,d", &known, "x"), Ok(vec!["a", "d"]));
        assert_eq!(names("all", &known, "x"), Ok(known.to_vec()));
        assert_eq!(names("", &known, "x"), Ok(vec![]));
        assert!(names("a,b", &known, "x").is_err());
    }
}
