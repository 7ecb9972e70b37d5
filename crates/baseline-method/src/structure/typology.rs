//! The quadrant rule: is a place an established destination or a new arrival region, from its share of migrants at two
//! dates; and where the rule and labels given to the places disagree.

use baseline_model::Finding;

use super::agreement::agreement;
use super::columns::{find, name_column, names};
use crate::Fault;
use crate::method::{Answer, Cell, Column, Given, Method, Param};

/// What the rule says of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Above the median at the first date, and no more than the limit of today's share arrived since.
    Established,
    /// More than the limit of today's share arrived since the first date.
    NewArrival,
    /// Neither: a small share then, and little has arrived since.
    Neither,
}

impl Kind {
    pub fn code(self) -> &'static str {
        match self {
            Self::Established => "established",
            Self::NewArrival => "new_arrival",
            Self::Neither => "neither",
        }
    }

    /// A label of the project, in one of its ways of writing.
    fn parse(label: &str) -> Option<Self> {
        let label = label.to_lowercase().replace([' ', '-'], "_");
        match label.split('_').next()? {
            "established" => Some(Self::Established),
            "new" | "became" | "recent" | "arrival" => Some(Self::NewArrival),
            "neither" => Some(Self::Neither),
            _ => None,
        }
    }
}

/// A place in the plane of stock and arrival.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// `t1` − `t0`, percentage points.
    pub change: f64,
    /// (`t1` − `t0`)/`t1`: the part of today's share that arrived since; `None` when today's share is zero.
    pub arrived: Option<f64>,
    /// `t0` above the median of all places.
    pub high: bool,
    pub kind: Kind,
}

/// The rule over shares (percent, or any one unit) at two dates; with it the median at the first date. `limit` is the part
/// of today's share above which a place counts as new: one half in the project's rule.
///
/// # Errors
/// With fewer than two places, slices of different length, or a share that is negative or not finite.
pub fn quadrants(t0: &[f64], t1: &[f64], limit: f64) -> Result<(f64, Vec<Place>), Fault> {
    if t0.len() != t1.len() {
        return Err(Fault::shape("t1", t0.len().to_string(), t1.len().to_string(), "two shares for each place"));
    }
    if t0.len() < 2 {
        return Err(Fault::Few { at: "places with both shares".into(), found: t0.len(), least: 2 });
    }
    if let Some(wrong) = t0.iter().chain(t1).find(|share| !(**share >= 0.0 && share.is_finite())) {
        return Err(Fault::number("shares", "a share from 0 up", wrong));
    }
    let median = median(t0);
    let place = |(t0, t1): (&f64, &f64)| {
        let arrived = (*t1 > 0.0).then(|| (t1 - t0) / t1);
        let (new, high) = (arrived.is_some_and(|arrived| arrived > limit), *t0 > median);
        let kind = match (new, high) {
            (true, _) => Kind::NewArrival,
            (false, true) => Kind::Established,
            (false, false) => Kind::Neither,
        };
        Place { change: t1 - t0, arrived, high, kind }
    };
    Ok((median, t0.iter().zip(t1).map(place).collect()))
}

/// The middle value, or half way between the middle two. At least one value.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

pub const METHOD: Method = Method {
    id: "quadrant",
    about: "Established destination or new arrival region, from the share of migrants at two dates; checked against labels",
    formula: &[
        "arrived = (t1 − t0)/t1, the part of today's share that arrived after t0",
        "new_arrival: arrived > limit (one half)",
        "established: not new_arrival, and t0 above the median of the places",
        "neither: all others",
    ],
    sources: &[
        "baseline's typology rule; the labels it is checked against are those of the project's own description of its regions",
    ],
    assumptions: &[
        "both shares of the same concept (citizenship or country of birth) and of the same area",
        "the median is that of the places in the table: the rule compares them with one another",
        "a share says little of a small place; a disagreement with a label is a question, not a correction",
    ],
    columns: &[
        Column { name: "id", required: false, about: "name of the place" },
        Column {
            name: "t0",
            required: true,
            about: "share of non-EU citizens (or born outside the EU) at the first date, percent",
        },
        Column { name: "t1", required: true, about: "the share at the second date, percent" },
        Column { name: "label", required: false, about: "established or new_arrival, as somebody who knows the place says" },
    ],
    params: &[Param {
        name: "limit",
        default: "0.5",
        file: false,
        about: "part of today's share that must have arrived since t0 for a new arrival region",
    }],
    example: (include_str!("../../examples/quadrant.csv"), &[]),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let sheet = given.sheet;
    let limit = given.number("limit")?.unwrap_or(0.5);
    if !(limit > 0.0 && limit < 1.0) {
        return Err(Fault::number("--param limit", "a part between 0 and 1", &limit));
    }
    let ids = names(sheet, name_column(sheet).filter(|column| !["t0", "t1", "label"].contains(column)))?;
    let label = find(sheet, &["label", "type", "kind", "typology"]);
    let labels: Vec<&str> = label.map_or_else(
        || Ok(vec![""; ids.len()]),
        |label| {
            let index = sheet.columns.iter().position(|column| column == label).unwrap_or_default();
            Ok(sheet.rows.iter().map(|row| row[index].as_str()).collect())
        },
    )?;
    let (t0, t1) = (sheet.numbers("t0")?, sheet.numbers("t1")?);
    for (column, shares) in [("t0", &t0), ("t1", &t1)] {
        let wrong = shares.iter().zip(&sheet.lines).find(|(share, _)| share.is_some_and(|share| share < 0.0));
        if let Some((share, line)) = wrong {
            return Err(Fault::number(sheet.at(*line, column), "a share from 0 up", &share.unwrap_or_default()));
        }
    }
    let whole: Vec<usize> = (0..ids.len()).filter(|row| t0[*row].is_some() && t1[*row].is_some()).collect();
    let pick = |all: &[Option<f64>]| whole.iter().filter_map(|row| all[*row]).collect::<Vec<f64>>();
    let (median, places) = quadrants(&pick(&t0), &pick(&t1), limit).map_err(|fault| fault.within(&sheet.name))?;
    let mut answer = Answer::new(&["id", "t0", "t1", "change", "arrived", "stock", "type", "label", "agrees"]);
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for (row, id) in ids.iter().enumerate() {
        let place = whole.iter().position(|other| *other == row).map(|index| places[index]);
        let known = Kind::parse(labels[row]);
        if !labels[row].is_empty() && known.is_none() {
            let hint = "the labels are established and new_arrival";
            return Err(Fault::shape(
                sheet.at(sheet.lines[row], label.unwrap_or_default()),
                "a label",
                format!("`{}`", labels[row]),
                hint,
            ));
        }
        let agrees = place.zip(known).map(|(place, label)| place.kind == label);
        if let Some((place, label)) = place.zip(known) {
            own.push(place.kind.code());
            theirs.push(label.code());
            if place.kind != label {
                let message = format!("{id} is {} by its label and {} by the rule", label.code(), place.kind.code());
                let hint = "show both; the rule knows nothing but two shares";
                answer.notes.push(Finding::warning("typology-disagreement", id.clone(), message).hint(hint));
            }
        }
        if place.is_none() {
            let message = format!("{id} has no type, because a share is missing");
            answer.notes.push(Finding::warning("rows-left-out", id.clone(), message));
        }
        let text = |text: Option<&str>| text.map_or(Cell::Missing, Cell::from);
        answer.rows.push(vec![
            Cell::from(id.as_str()),
            Cell::number(t0[row]),
            Cell::number(t1[row]),
            Cell::number(place.map(|place| place.change)),
            Cell::number(place.and_then(|place| place.arrived)),
            text(place.map(|place| if place.high { "high" } else { "low" })),
            text(place.map(|place| place.kind.code())),
            text(known.map(Kind::code)),
            text(agrees.map(|agrees| if agrees { "yes" } else { "no" })),
        ]);
    }
    answer.facts.push(("median_t0", Cell::from(median)));
    if own.len() > 1 {
        let agreeing = own.iter().zip(&theirs).filter(|(own, theirs)| own == theirs).count();
        answer.facts.push(("labelled", Cell::whole(Some(own.len()))));
        answer.facts.push(("agreeing", Cell::whole(Some(agreeing))));
        answer.facts.push(("adjusted_rand", Cell::from(agreement(&own, &theirs)?.adjusted)));
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::tests::{answer, fact, fault};

    fn check(t0: &[f64], t1: &[f64], expected: &[&str]) {
        let (_, places) = quadrants(t0, t1, 0.5).unwrap();
        assert_eq!(places.iter().map(|place| place.kind.code()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn rule() {
        check(&[8.0, 1.0, 4.0], &[9.0, 5.0, 5.0], &["established", "new_arrival", "neither"]);
        // Exactly half is not more than half.
        check(&[2.0, 1.0], &[4.0, 2.1], &["established", "new_arrival"]);
        check(&[0.0, 5.0], &[0.0, 4.0], &["neither", "established"]);
        // More than half arrived: new, though it was above the median before.
        check(&[6.0, 1.0], &[13.0, 1.0], &["new_arrival", "neither"]);
    }

    #[test]
    fn disagreements() {
        let text = "place,t0,t1,label\na,8,9,established_destination\nb,1,5,new arrival\nc,0.5,0.6,Established\nd,,3,\n";
        let found = answer(&METHOD, text, &[]);
        assert_eq!((fact(&found, "labelled"), fact(&found, "agreeing"), fact(&found, "median_t0")), (3.0, 2.0, 1.0));
        assert_eq!(
            found.notes[0].to_string().lines().next(),
            Some("warning[typology-disagreement] c: c is established by its label and neither by the rule")
        );
    }

    #[test]
    fn refused() {
        assert_eq!(
            fault(&METHOD, "id,t0,t1\na,-1,2\nb,1,2\n", &[]),
            "x.csv, line 2, column t0: expected a share from 0 up, found -1"
        );
        assert_eq!(fault(&METHOD, "id,t0,t1\na,1,2\n", &[]), "x.csv, places with both shares: 1 usable, at least 2 needed");
        assert_eq!(
            fault(&METHOD, "id,t0,t1,label\na,1,2,old\nb,1,2,\n", &[]),
            "x.csv, line 2, column label: expected a label, found `old`"
        );
        assert_eq!(
            fault(&METHOD, "id,t0,t1\na,1,2\nb,1,2\n", &[("limit", "2")]),
            "--param limit: expected a part between 0 and 1, found 2"
        );
    }
}
