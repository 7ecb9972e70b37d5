//! The parent region's value in the place of a small area's own, and what can be said of how well it stands there: the
//! area's share of the parent, how alike they are in degree of urbanisation, and between which bounds the own value must lie.
//!
//! The bounds are certain and mostly wide. The words are conventions of ours, not estimates of an error.

use crate::Fault;
use crate::method::{Answer, Cell, Column, Given, Method, Param};

/// How much of the parent's population lives in the area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// Below 1 %: the parent's value would be the same without the area.
    Slight,
    /// Below 10 %.
    Small,
    /// Below 50 %.
    Large,
    /// From 50 %: the parent is mostly the area.
    Most,
}

impl Size {
    /// The lower end of the class, percent.
    pub fn from_percent(self) -> f64 {
        match self {
            Self::Slight => 0.0,
            Self::Small => 1.0,
            Self::Large => 10.0,
            Self::Most => 50.0,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Slight => "slight",
            Self::Small => "small",
            Self::Large => "large",
            Self::Most => "most",
        }
    }

    fn of(percent: f64) -> Self {
        let classes = [Self::Most, Self::Large, Self::Small];
        classes.into_iter().find(|size| percent >= size.from_percent()).unwrap_or(Self::Slight)
    }
}

/// How far two degrees of urbanisation (1 cities, 2 towns and suburbs, 3 rural areas; means of several may lie between) are
/// from one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// 1.5 and more: city against countryside.
    Unlike,
    /// Below 1.5.
    Near,
    /// Below 0.5.
    Alike,
}

impl Likeness {
    /// The difference from which the class does not hold any more.
    pub fn below(self) -> f64 {
        match self {
            Self::Unlike => f64::INFINITY,
            Self::Near => 1.5,
            Self::Alike => 0.5,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Unlike => "unlike",
            Self::Near => "near",
            Self::Alike => "alike",
        }
    }

    fn of(difference: f64) -> Self {
        let classes = [Self::Alike, Self::Near];
        classes.into_iter().find(|likeness| difference < likeness.below()).unwrap_or(Self::Unlike)
    }
}

/// Both together, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Adequacy {
    /// A slight area, or one unlike its parent and not most of it.
    Weak,
    /// Everything between, and what cannot be told for want of a degree of urbanisation, unless slight.
    Fair,
    /// Most of the parent, or a large part of it that is alike.
    Good,
}

impl Adequacy {
    pub fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Good => "good",
        }
    }
}

/// What speaks for and against a parent's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    /// Of the parent's population, percent.
    pub share: f64,
    pub size: Size,
    /// Absolute difference of the degrees of urbanisation, 0 to 2.
    pub difference: Option<f64>,
    pub likeness: Option<Likeness>,
    pub adequacy: Adequacy,
}

/// The note on an area of `population` persons in a parent of `parent` persons, with both degrees of urbanisation.
///
/// # Errors
/// When a population is not positive, the area's is above its parent's, or a degree is outside 1–3.
pub fn note(population: f64, parent: f64, degrees: Option<(f64, f64)>) -> Result<Note, Fault> {
    if !(parent > 0.0 && parent.is_finite()) {
        return Err(Fault::number("parent's population", "a number above 0", &parent));
    }
    if !(population > 0.0 && population <= parent) {
        return Err(Fault::number("population", "a number above 0 and not above the parent's", &population));
    }
    let outside = |degree: &f64| !(1.0..=3.0).contains(degree);
    if let Some(bad) = degrees.into_iter().flat_map(|(own, parent)| [own, parent]).find(outside) {
        return Err(Fault::number("degree of urbanisation", "1 (cities), 2 (towns and suburbs) or 3 (rural areas)", &bad));
    }
    let share = 100.0 * population / parent;
    let size = Size::of(share);
    let difference = degrees.map(|(own, parent)| (own - parent).abs());
    let likeness = difference.map(Likeness::of);
    let adequacy = match (size, likeness) {
        (Size::Slight, _) | (Size::Small | Size::Large, Some(Likeness::Unlike)) => Adequacy::Weak,
        (Size::Most, _) | (Size::Large, Some(Likeness::Alike)) => Adequacy::Good,
        (Size::Small | Size::Large, Some(Likeness::Near | Likeness::Alike) | None) => Adequacy::Fair,
    };
    Ok(Note { share, size, difference, likeness, adequacy })
}

/// Least and greatest percentage that a part with `share` (percent) of the whole's denominator can have when the whole has
/// `percent`: the rest has from 0 to 100 %.
pub fn bounds(percent: f64, share: f64) -> (f64, f64) {
    let part = share / 100.0;
    (((percent - 100.0 * (1.0 - part)) / part).max(0.0), (percent / part).min(100.0))
}

pub const METHOD: Method = Method {
    id: "parent-proxy",
    about: "The parent region's value for an area without one, with a note on how well it stands there",
    formula: &[
        "estimate = the parent's value",
        "share_percent = 100 population / parent_population: slight below 1, small below 10, large below 50, most from 50",
        "degurba_difference = |degurba − parent_degurba|: alike below 0.5, near below 1.5, unlike from 1.5",
        "adequacy: weak when slight, or unlike and not most; good when most, or large and alike; else fair",
        "lower = max(0, (p − 100(1−s))/s), upper = min(100, p/s): what a percentage p of the parent leaves possible, s the share",
    ],
    sources: &[
        "bounds: Duncan & Davis 1953, An alternative to ecological correlation, Am. Sociol. Rev. 18, 665-666",
        "degree of urbanisation: Eurostat, Applying the Degree of Urbanisation, 2021",
        "classes and words: baseline's own convention",
    ],
    assumptions: &[
        "the area is like its parent; the note says what speaks for that, and nothing proves it",
        "for the bounds the populations are the percentage's own denominators",
    ],
    columns: &[
        Column { name: "area", required: false, about: "name of the area; else the first column" },
        Column { name: "parent", required: false, about: "name of the parent" },
        Column { name: "value", required: true, about: "the parent's value" },
        Column { name: "population", required: true, about: "of the area" },
        Column { name: "parent_population", required: true, about: "of the parent" },
        Column { name: "degurba", required: false, about: "of the area: 1 cities, 2 towns and suburbs, 3 rural areas" },
        Column { name: "parent_degurba", required: false, about: "of the parent; a mean of its municipalities may lie between" },
    ],
    params: &[
        Param { name: "area", default: "", file: false, about: "column with the areas' names" },
        Param { name: "unit", default: "percent", file: false, about: "percent or other: bounds are given for percentages" },
    ],
    example: (include_str!("../examples/parent-proxy.csv"), &[("unit", "percent")]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let area = given.column("area", &["area", "id", "territory", "region", "geo"])?.unwrap_or(&sheet.columns[0]);
    let names = sheet.keys(&[area])?;
    let (values, populations, parents) = (sheet.numbers("value")?, sheet.full("population")?, sheet.full("parent_population")?);
    let parent_names = if sheet.has("parent") { Some(sheet.texts("parent")?) } else { None };
    let degrees = |name: &str| if sheet.has(name) { sheet.numbers(name) } else { Ok(vec![None; names.len()]) };
    let (own, parent) = (degrees("degurba")?, degrees("parent_degurba")?);
    let percent = given.choice("unit", &["percent", "other"])? == "percent";
    let mut answer = Answer::new(&[
        "area",
        "parent",
        "estimate",
        "share_percent",
        "size",
        "degurba_difference",
        "likeness",
        "adequacy",
        "lower",
        "upper",
    ]);
    for (row, name) in names.iter().enumerate() {
        let place = format!("{}, line {}", sheet.name, sheet.lines[row]);
        let found = note(populations[row], parents[row], own[row].zip(parent[row])).map_err(|fault| fault.within(&place))?;
        if let Some(bad) = values[row].filter(|value| percent && !(0.0..=100.0).contains(value)) {
            return Err(Fault::number(
                format!("{place}, column value"),
                "a percentage; --param unit=other for other units",
                &bad,
            ));
        }
        let bounds = values[row].filter(|_| percent).map(|value| bounds(value, found.share));
        answer.rows.push(vec![
            Cell::from(name[0]),
            parent_names.as_ref().map_or(Cell::Missing, |names| Cell::from(names[row])),
            Cell::number(values[row]),
            found.share.into(),
            Cell::from(found.size.word()),
            Cell::number(found.difference),
            found.likeness.map_or(Cell::Missing, |likeness| Cell::from(likeness.word())),
            Cell::from(found.adequacy.word()),
            Cell::number(bounds.map(|(lower, _)| lower)),
            Cell::number(bounds.map(|(_, upper)| upper)),
        ]);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(population: f64, parent: f64, degrees: Option<(f64, f64)>, expected: Result<&str, &str>) {
        let found = note(population, parent, degrees).map(|found| {
            let likeness = found.likeness.map_or("", Likeness::word);
            format!("{} {} {likeness} {}", found.share, found.size.word(), found.adequacy.word())
        });
        assert_eq!(found.as_deref().map_err(ToString::to_string), expected.map_err(str::to_owned), "{population} {parent}");
    }

    #[test]
    fn words() {
        check(1.0, 200.0, Some((3.0, 3.0)), Ok("0.5 slight alike weak"));
        check(2.0, 200.0, Some((3.0, 2.0)), Ok("1 small near fair"));
        check(2.0, 200.0, Some((3.0, 1.0)), Ok("1 small unlike weak"));
        check(40.0, 200.0, Some((2.0, 2.4)), Ok("20 large alike good"));
        check(40.0, 200.0, None, Ok("20 large  fair"));
        check(160.0, 200.0, Some((1.0, 3.0)), Ok("80 most unlike good"));
    }

    #[test]
    fn faults() {
        check(0.0, 1.0, None, Err("population: expected a number above 0 and not above the parent's, found 0"));
        check(2.0, 1.0, None, Err("population: expected a number above 0 and not above the parent's, found 2"));
        check(1.0, f64::NAN, None, Err("parent's population: expected a number above 0, found NaN"));
        let degree = "degree of urbanisation: expected 1 (cities), 2 (towns and suburbs) or 3 (rural areas), found 4";
        check(1.0, 2.0, Some((4.0, 1.0)), Err(degree));
    }

    #[test]
    fn bounds_hold() {
        assert_eq!(bounds(40.0, 100.0), (40.0, 40.0));
        assert_eq!(bounds(40.0, 50.0), (0.0, 80.0));
        assert_eq!(bounds(90.0, 50.0), (80.0, 100.0));
        assert_eq!(bounds(40.0, 1.0), (0.0, 100.0));
    }
}
