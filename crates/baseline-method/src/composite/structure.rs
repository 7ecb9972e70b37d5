//! What an index is made of, read from files: a structure file (a row an indicator, with its groups and weights on every
//! level), or a wide table with a weights file.
//!
//! ```text
//! indicator,worst,best,direction,group,weight_in_group,group_weight_in_index_geometric
//! employment,40,85,higher_is_better,work,0.5,0.4
//! unemployment,40,2,lower_is_better,work,0.5,0.4
//! attainment,10,60,higher_is_better,skills,1,0.6
//! ```

use baseline_model::Finding;
use baseline_model::definitions::{Direction, fold};

use super::{Level, Structure};
use crate::aggregate::{self, Aggregation};
use crate::impute::Filling;
use crate::inputs;
use crate::method::Given;
use crate::normalise::Goalposts;
use crate::{Fault, Sheet};

/// An indicator of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    pub name: String,
    pub direction: Option<Direction>,
    pub goalposts: Option<Goalposts>,
    /// As the structure says it; `None`: as the parameters do.
    pub filling: Option<Filling>,
}

/// An index as it is declared, and what is odd about the declaration.
#[derive(Debug, Clone)]
pub struct Plan {
    pub indicators: Vec<Indicator>,
    pub structure: Structure,
    pub notes: Vec<Finding>,
}

/// The words that call a column a group without a weight of its own.
const GROUPS: [&str; 9] =
    ["group", "sub pillar", "subpillar", "pillar", "dimension", "sub dimension", "domain", "theme", "component"];

/// Columns of a structure file that are none of its groups.
const OTHERS: [&str; 13] = [
    "direction",
    "polarity",
    "dir",
    "fill",
    "filling",
    "imputation",
    "note",
    "notes",
    "unit",
    "source",
    "label",
    "comment",
    "code",
];

/// A group column with the column of its weight in what is above.
struct Group<'s> {
    name: &'s str,
    weight: Option<&'s str>,
}

/// The plan of a structure file.
///
/// # Errors
/// When it names an indicator twice, a group lies in two, a group has two weights, or weights do not sum to 1.
pub fn read(given: &Given<'_>, file: &Sheet) -> Result<Plan, Fault> {
    let posts = inputs::posts(file)?;
    let indicator = inputs::indicator_column(file)?;
    let names = file.texts(indicator)?;
    let filling = inputs::column(file, &["fill", "filling", "imputation"]);
    let mut indicators = Vec::new();
    for (row, name) in names.iter().enumerate() {
        let post = posts.get(*name);
        let text = filling.map_or("", |column| cell(file, row, column));
        let fill = if text.is_empty() {
            None
        } else {
            let at = file.at(file.lines[row], filling.unwrap_or_default());
            let hint = "say what is done with gaps, or leave the cell empty";
            Some(Filling::parse(text).ok_or_else(|| Fault::shape(at, Filling::WORDS.join(", "), format!("`{text}`"), hint))?)
        };
        indicators.push(Indicator {
            name: (*name).to_owned(),
            direction: post.and_then(|post| post.direction),
            goalposts: post.and_then(|post| post.goalposts),
            filling: fill,
        });
    }
    let mut notes = Vec::new();
    let groups = groups(given, file)?;
    let used = used_columns(file, indicator, &groups);
    let idle: Vec<&str> = file.columns.iter().map(String::as_str).filter(|column| !used.contains(column)).collect();
    if !idle.is_empty() {
        let message = format!("not used: {}", idle.join("; "));
        notes.push(Finding::info("columns-not-used", &file.name, message).hint("--param levels=a;b names the columns of groups"));
    }
    let structure = levels(given, file, &names, &groups, &mut notes)?;
    Ok(Plan { indicators, structure, notes })
}

/// The plan of a wide table with a weights file (or equal weights) and perhaps a file of goalposts.
///
/// # Errors
/// As [`inputs::weights`] and [`inputs::posts`].
pub fn flat(given: &Given<'_>, names: &[&str]) -> Result<Plan, Fault> {
    let weights = inputs::weights(given, names)?;
    let posts = given.files.get("goalposts").map(inputs::posts).transpose()?.unwrap_or_default();
    let mut notes = Vec::new();
    if !given.files.contains_key("weights") {
        notes.push(Finding::info("equal-weights", "composite", "no weights are given: all indicators weigh the same"));
    }
    if let Some(other) = posts.keys().find(|name| !names.contains(&name.as_str())) {
        let at = given.files.get("goalposts").map_or("goalposts", |file| file.name.as_str());
        notes.push(Finding::warning("goalposts-not-used", at, format!("`{other}` is no indicator of the index")));
    }
    let aggregation = aggregations(given, &[None])?[0];
    let structure = Structure::flat(&weights, aggregation);
    heavy(&structure, names, &mut notes);
    let indicator = |name: &&str| {
        let post = posts.get(*name);
        let (direction, goalposts) = (post.and_then(|post| post.direction), post.and_then(|post| post.goalposts));
        Indicator { name: (*name).to_owned(), direction, goalposts, filling: None }
    };
    Ok(Plan { indicators: names.iter().map(indicator).collect(), structure, notes })
}

/// The group columns, the finest first.
fn groups<'s>(given: &Given<'_>, file: &'s Sheet) -> Result<Vec<Group<'s>>, Fault> {
    let columns: Vec<&str> = file.columns.iter().map(String::as_str).collect();
    let named = inputs::names(given.param("levels"), &columns, "--param levels")?;
    let chosen = !named.is_empty();
    let weights: Vec<&str> = columns.iter().copied().filter(|column| column.to_lowercase().contains("weight")).collect();
    let is_group = |column: &&str| {
        let folded = fold(column);
        !weights.contains(column)
            && !OTHERS.contains(&folded.as_str())
            && (GROUPS.contains(&folded.as_str())
                || weight_column(&weights, column).is_some()
                || inner_weight(&weights, column).is_some())
    };
    let mut found: Vec<&str> = if chosen { named } else { columns.iter().copied().filter(is_group).collect() };
    if !chosen {
        // The finer has more groups; of two with as many the file's order decides.
        let count =
            |column: &str| file.texts(column).map(|texts| texts.into_iter().collect::<std::collections::BTreeSet<_>>().len());
        let mut counted = Vec::new();
        for column in found {
            counted.push((std::cmp::Reverse(count(column)?), column));
        }
        counted.sort_by_key(|(count, _)| *count);
        found = counted.into_iter().map(|(_, column)| column).collect();
    }
    Ok(found.into_iter().map(|name| Group { name, weight: weight_column(&weights, name) }).collect())
}

/// `pillar_weight`, `pillar_weight_in_index`, `weight_of_pillar`: a group's weight in what is above.
fn weight_column<'s>(weights: &[&'s str], group: &str) -> Option<&'s str> {
    let (start, of) = (format!("{} weight", fold(group)), format!("weight of {}", fold(group)));
    let is = |column: &str| {
        let column = fold(column);
        column == start || column.starts_with(&format!("{start} ")) || column == of
    };
    weights.iter().copied().find(|column| is(column))
}

/// `weight_in_sub_pillar`: an indicator's weight in a group.
fn inner_weight<'s>(weights: &[&'s str], group: &str) -> Option<&'s str> {
    let within = format!("weight in {}", fold(group));
    let is = |column: &str| {
        let column = fold(column);
        column == within || column.starts_with(&format!("{within} ")) || column == format!("indicator {within}")
    };
    weights.iter().copied().find(|column| is(column))
}

/// The column of the indicators' own weights.
fn own_weight<'s>(file: &'s Sheet, groups: &[Group<'_>]) -> Option<&'s str> {
    let weights: Vec<&str> =
        file.columns.iter().map(String::as_str).filter(|name| name.to_lowercase().contains("weight")).collect();
    let inner = groups.first().and_then(|group| inner_weight(&weights, group.name));
    let plain = ["weight", "weights", "indicator weight", "weight in group", "weight in index"];
    let is_plain = |column: &str| {
        let column = fold(column);
        plain.contains(&column.as_str()) || column.starts_with("weight in index ")
    };
    inner.or_else(|| weights.iter().copied().find(|column| is_plain(column)))
}

fn used_columns<'s>(file: &'s Sheet, indicator: &'s str, groups: &[Group<'s>]) -> Vec<&'s str> {
    let mut used: Vec<&str> = vec![indicator];
    used.extend(groups.iter().map(|group| group.name));
    used.extend(groups.iter().filter_map(|group| group.weight));
    used.extend(own_weight(file, groups));
    let known = [
        "direction",
        "polarity",
        "dir",
        "fill",
        "filling",
        "imputation",
        "worst",
        "best",
        "goalpost worst",
        "goalpost best",
        "worst goalpost",
        "best goalpost",
        "lower",
        "upper",
        "min",
        "max",
        "minimum",
        "maximum",
        "goalpost min",
        "goalpost max",
        "lower goalpost",
        "upper goalpost",
        "goalpost lower",
        "goalpost upper",
        "note",
        "notes",
        "unit",
        "source",
        "label",
        "comment",
    ];
    used.extend(file.columns.iter().map(String::as_str).filter(|column| known.contains(&fold(column).as_str())));
    used
}

/// The levels of a structure file with checked weights.
fn levels(
    given: &Given<'_>,
    file: &Sheet,
    names: &[&str],
    groups: &[Group<'_>],
    notes: &mut Vec<Finding>,
) -> Result<Structure, Fault> {
    let own = own_weight(file, groups);
    let declared: Vec<Option<Aggregation>> =
        std::iter::once(own).chain(groups.iter().map(|group| group.weight)).map(|column| column.and_then(suffix)).collect();
    let aggregations = aggregations(given, &declared)?;
    let rescale = inputs::yes(given, "rescale")?;
    // What stands below the level being made: names, the rows of each, and the column of its weights.
    let mut items: Vec<(String, Vec<usize>)> =
        names.iter().enumerate().map(|(row, name)| ((*name).to_owned(), vec![row])).collect();
    let mut weight = own;
    let mut levels = Vec::new();
    for (height, rule) in aggregations.into_iter().enumerate() {
        let group = groups.get(height);
        let texts = match group {
            Some(group) => file.texts(group.name)?,
            None => vec!["index"; names.len()],
        };
        let mut made: Vec<(String, Vec<usize>)> = Vec::new();
        let mut parent = Vec::new();
        for (item, rows) in &items {
            let name = texts[rows[0]];
            if let Some(other) = rows.iter().find(|row| texts[**row] != name) {
                let at = file.at(file.lines[*other], group.map_or("index", |group| group.name));
                let hint = "a group lies in one group of the level above; --param levels=finest;...;coarsest gives another order";
                return Err(Fault::shape(at, format!("`{name}`, in which `{item}` lies"), format!("`{}`", texts[*other]), hint));
            }
            let place = made.iter().position(|(known, _)| known == name);
            let place = place.unwrap_or_else(|| {
                made.push((name.to_owned(), Vec::new()));
                made.len() - 1
            });
            made[place].1.extend(rows);
            parent.push(place);
        }
        let given_weights = weights(file, &items, weight, notes)?;
        let mut weights = vec![0.0; items.len()];
        for (place, (name, _)) in made.iter().enumerate() {
            let inside: Vec<usize> = (0..items.len()).filter(|item| parent[*item] == place).collect();
            let own: Vec<f64> = inside.iter().map(|item| given_weights.as_ref().map_or(1.0, |weights| weights[*item])).collect();
            // Equal weights sum to their count, and are ours.
            let checked = aggregate::weights(&own, rescale || given_weights.is_none(), &format!("{}, {name}", file.name))?;
            for (item, weight) in inside.iter().zip(checked) {
                weights[*item] = weight;
            }
        }
        levels.push(Level {
            name: group.map_or("index", |group| group.name).to_owned(),
            groups: made.iter().map(|(name, _)| name.clone()).collect(),
            aggregation: rule,
            parent,
            weight: weights,
        });
        items = made;
        weight = group.and_then(|group| group.weight);
    }
    let structure = Structure { levels };
    heavy(&structure, names, notes);
    Ok(structure)
}

/// The weight of each item, one for all its rows; `None`: no column, so all weigh the same.
fn weights(
    file: &Sheet,
    items: &[(String, Vec<usize>)],
    column: Option<&str>,
    notes: &mut Vec<Finding>,
) -> Result<Option<Vec<f64>>, Fault> {
    let Some(column) = column else {
        if items.len() > 1 {
            let first = items.first().map_or("", |item| item.0.as_str());
            let message = format!("no column gives the weights of {first} and its like: equal within their group");
            notes.push(Finding::info("equal-weights", &file.name, message));
        }
        return Ok(None);
    };
    let cells = file.full(column)?;
    let one = |(name, rows): &(String, Vec<usize>)| match rows.iter().find(|row| cells[**row] != cells[rows[0]]) {
        None => Ok(cells[rows[0]]),
        Some(other) => {
            let at = file.at(file.lines[*other], column);
            let expected = format!("{}, the weight of `{name}` above", cells[rows[0]]);
            Err(Fault::shape(at, expected, cells[*other].to_string(), "one weight for one group"))
        }
    };
    items.iter().map(one).collect::<Result<_, _>>().map(Some)
}

/// The rule of each level: the parameter; or what the column of weights says at its end (`..._geometric`); or arithmetic, and
/// geometric across dimensions.
fn aggregations(given: &Given<'_>, declared: &[Option<Aggregation>]) -> Result<Vec<Aggregation>, Fault> {
    let text = given.param("aggregation");
    if text.is_empty() {
        let last = declared.len() - 1;
        let default = |height| if last > 0 && height == last { Aggregation::Geometric } else { Aggregation::Arithmetic };
        return Ok(declared.iter().enumerate().map(|(height, declared)| declared.unwrap_or(default(height))).collect());
    }
    let mut rules = Vec::new();
    for word in text.split([',', ';']).map(str::trim) {
        rules.push(Aggregation::parse(word).ok_or_else(|| {
            let hint = "one word for all levels, or one for each from the indicators up, as arithmetic,arithmetic,geometric";
            Fault::shape("--param aggregation", Aggregation::WORDS.join(" or "), format!("`{word}`"), hint)
        })?);
    }
    match rules.len() {
        1 => Ok(vec![rules[0]; declared.len()]),
        count if count == declared.len() => Ok(rules),
        count => {
            let hint = "one word for all levels, or one for each from the indicators up";
            let expected = format!("1 or {} rules, as many as levels", declared.len());
            Err(Fault::shape("--param aggregation", expected, count.to_string(), hint))
        }
    }
}

fn suffix(column: &str) -> Option<Aggregation> {
    fold(column).split(' ').next_back().and_then(Aggregation::parse)
}

/// A note for every weight above a half: what it weighs decides alone.
fn heavy(structure: &Structure, names: &[&str], notes: &mut Vec<Finding>) {
    let mut below: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    for level in &structure.levels {
        for (item, weight) in level.weight.iter().enumerate() {
            // An only child has to weigh 1.
            let alone = level.parent.iter().filter(|parent| **parent == level.parent[item]).count() == 1;
            if *weight > 0.5 && !alone {
                let message = format!(
                    "{} weighs {weight} in {}: more than all others together",
                    below[item], level.groups[level.parent[item]]
                );
                notes.push(Finding::warning("weight-above-half", &below[item], message).hint("the handbook advises at most 0.5"));
            }
        }
        below.clone_from(&level.groups);
    }
}

fn cell<'s>(sheet: &'s Sheet, row: usize, column: &str) -> &'s str {
    let index = sheet.columns.iter().position(|name| name == column);
    index.map_or("", |index| sheet.rows[row][index].as_str())
}
