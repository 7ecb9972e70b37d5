//! Small worlds: observations as text, a composite out.

use baseline_model::definitions::{DefinitionFile, Definitions, Origin, parse};
use baseline_model::{Evidence, NutsCode, ObsStatus, Reason, Value};
use proptest::prelude::*;

use super::*;
use crate::derive::{Key, figure_id};

const INDICATOR: &str = "name = 'N'\nunit = 'percent'\ndirection = 'DIRECTION'\nuniverse = 'u'\nconcept = 'c'\ndecimals = 1\n\
                         headline = { origin = 'non_eu', sex = 'T', age = 'TOTAL' }\n";
const POSTS: &str = "reason = 'r'\n[posts.work]\nunit = 'percent'\nworst = 0\nbest = 100\nreason = 'r'\n\
                     [posts.idle]\nunit = 'percent'\nworst = 50\nbest = 0\nreason = 'r'\n\
                     [posts.learn]\nunit = 'percent'\nworst = 0\nbest = 50\nreason = 'r'\n\
                     [posts.waste]\nunit = 'percent'\nworst = 100\nbest = 0\nreason = 'r'\n";
const STUDY: &str = "title = 'S'\nterritories = ['a', 'b', 'c', 'd']\nconcept = 'citizenship'\nbenchmarks = {}\n\
                     programme = { name = 'N', project = 'P', period = '2025' }\nchapters = []\n\
                     [composite]\ngoalposts = 'one'\nGRADES\nseed = 7\n\
                     [[composite.dimensions]]\nid = 'first'\nindicators = [{ id = 'work' }, { id = 'idle' }]\n\
                     [[composite.dimensions]]\nid = 'second'\nindicators = [{ id = 'learn' }, { id = 'waste' }]\n";

const PARTS: [&str; 4] = ["work", "idle", "learn", "waste"];

fn definitions(grades: &str) -> Definitions {
    let indicator = |direction: &str| INDICATOR.replace("DIRECTION", direction);
    let files = [
        ("indicators/work.toml", indicator("higher_is_better")),
        ("indicators/idle.toml", indicator("lower_is_better")),
        ("indicators/learn.toml", indicator("higher_is_better")),
        ("indicators/waste.toml", indicator("lower_is_better")),
        ("goalposts/one.toml", POSTS.to_owned()),
        ("studies/one.toml", STUDY.replace("GRADES", grades)),
    ];
    let files =
        files.map(|(path, text)| DefinitionFile { path: path.into(), text: text.replace('\'', "\""), from: "test".into() });
    let (definitions, errors) = parse(&files);
    assert!(errors.is_empty(), "{errors:?}");
    definitions
}

/// A value from `60`, `60u`, `60@SE:D` (of a region, with its grade) or `-` for none.
fn observation(indicator: &str, territory: &str, text: &str) -> Observation {
    let (text, region) = text.split_once('@').unwrap_or((text, ""));
    let (geo, grade) = region.split_once(':').unwrap_or((territory, "A"));
    let digits: String = text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '.').collect();
    let flags: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let key = Key { period: Period::year(2024), origin: Origin::NonEu, sex: "T".into(), age: "TOTAL".into() };
    Observation {
        id: figure_id(indicator, territory, &key),
        indicator: indicator.into(),
        territory: territory.into(),
        geo: NutsCode { code: geo.into(), version: None },
        period: key.period,
        origin: key.origin,
        sex: key.sex,
        age: key.age,
        value: digits.parse().map_or(Value::Missing(Reason::NotAvailable), Value::Number),
        unit: Unit::Percent,
        obs_status: ObsStatus::new(&flags),
        grade: Grade::ALL.into_iter().find(|one| one.to_string() == grade).expect("a grade"),
        carried_years: 0,
        source: "s".into(),
        dataflow: "f".into(),
        evidence: Evidence::Nowhere,
    }
}

/// The composite of a table: a line a territory, its values in the order of [`PARTS`].
fn of(table: &str, grades: &str) -> Composite {
    let definitions = definitions(grades);
    let mut figures = Figures::default();
    for line in table.lines() {
        let mut words = line.split_whitespace();
        let territory = words.next().expect("a name");
        for (indicator, text) in PARTS.into_iter().zip(words) {
            let found = observation(indicator, territory, text);
            let key = Key { period: found.period, origin: found.origin, sex: found.sex.clone(), age: found.age.clone() };
            figures.reference.insert(indicator.to_owned(), found.period);
            figures.series.entry((indicator.to_owned(), territory.to_owned())).or_default().insert(key, found);
        }
    }
    composite(&definitions, ("one", &definitions.studies["one"]), &figures).expect("the study declares one")
}

const WHOLE: &str = "a 90 5 45 10\nb 60 20 30 50\nc 40 30 20 60\nd 10 45 5 90";

fn ranks(found: &Composite) -> Vec<String> {
    let ranked = found.ranked.as_ref().expect("enough for ranks");
    ranked
        .units
        .iter()
        .map(|unit| format!("{} {}", unit.territories.join("+"), unit.rank.value.number().unwrap_or(0.0)))
        .collect()
}

#[test]
fn scores_lie_between_the_goalposts_and_a_clip_is_known() {
    let found = of("a 90 60 45 10\nb 60 20 30 50\nc 40 30 20 60\nd 10 45 5 90", "");
    let scores: Vec<Option<f64>> = found.rows[0].cells.iter().flatten().map(|cell| cell.score.value.number()).collect();
    assert_eq!(scores, [Some(90.0), Some(0.0), Some(90.0), Some(90.0)]);
    assert_eq!(found.rows[0].cells.iter().flatten().map(|cell| cell.clipped).collect::<Vec<_>>(), [false, true, false, false]);
}

#[test]
fn the_reference_is_the_declared_mean() {
    let found = of(WHOLE, "");
    assert_eq!(ranks(&found), ["a 1", "b 2", "c 3", "d 4"]);
    let ranked = found.ranked.as_ref().expect("enough for ranks");
    // a: work 90 and idle 90, learn 90 and waste 90; b: (60 + 60)/2 and (60 + 50)/2.
    let score = |unit: usize| ranked.units[unit].score.value.number().unwrap_or(0.0);
    assert!((score(0) - 90.0).abs() < 1e-9, "{}", score(0));
    assert!((score(1) - (60.0_f64 * 55.0).sqrt()).abs() < 1e-9, "{}", score(1));
    for unit in &ranked.units {
        let [rank, lower, median, upper] =
            [&unit.rank, &unit.lower, &unit.median, &unit.upper].map(|one| one.value.number().unwrap_or(f64::NAN));
        assert!(lower <= rank && rank <= upper && lower <= median && median <= upper, "{rank} {lower} {median} {upper}");
    }
    // The first is best in everything: whatever is drawn, it stays ahead of the last.
    assert!(ranked.pairs.iter().any(|(ahead, behind, _)| (*ahead, *behind) == (0, 3)), "{:?}", ranked.pairs);
    assert_eq!(ranked.run.id, "composite.one.2024");
}

#[test]
fn without_enough_values_there_is_no_score() {
    // Of d a whole dimension is missing, of c one indicator of two.
    let found = of("a 90 5 45 10\nb 60 20 30 50\nc 40 30 20 -\nd 10 45 - -", "");
    assert_eq!(found.rows.iter().map(Row::passes).collect::<Vec<_>>(), [true, true, false, false]);
    assert!(found.ranked.is_none() && found.fault.is_none());
    let half = found.rows[2].available[1];
    assert_eq!((half.own, half.counted, half.of, half.enough), (1, 1, 2, false));
}

#[test]
fn borrowed_values_count_only_when_declared() {
    let borrowed = "a 90@SE:D 5@SE:D 45@SE:D 10@SE:D\nb 60 20 30 50\nc 40 30 20 60\nd 10@PL:D 45@PL:D 5@PL:D 90@PL:D";
    assert!(of(borrowed, "").ranked.is_none());
    let found = of(borrowed, "grades = ['A', 'D']");
    let ranked = found.ranked.as_ref().expect("all count");
    assert_eq!(ranked.units.iter().map(|unit| unit.score.grade).collect::<Vec<_>>(), [Grade::D, Grade::A, Grade::A, Grade::D]);
    assert_eq!(ranked.units[0].geo, ["SE"]);
    // Shown, though not counted.
    assert!(of(borrowed, "").rows[0].cells.iter().flatten().all(|cell| cell.score.value.number().is_some() && !cell.counts));
}

#[test]
fn territories_with_the_same_values_are_one_unit() {
    let found = of(
        "a 90@SE:D 5@SE:D 45@SE:D 10@SE:D\nb 90@SE:D 5@SE:D 45@SE:D 10@SE:D\nc 40 30 20 60\nd 10 45 5 90",
        "grades = ['A', 'D']",
    );
    assert_eq!(ranks(&found), ["a+b 1", "c 2", "d 3"]);
}

#[test]
fn what_is_unreliable_or_defined_otherwise_is_not_put_in_order() {
    for flagged in ["10u", "10d", "10bu"] {
        let found = of(&WHOLE.replace("45 10\n", &format!("45 {flagged}\n")), "");
        let ranked = found.ranked.as_ref().expect("enough for ranks");
        assert!(!ranked.units[0].orderable && ranked.units[3].orderable);
        assert!(ranked.pairs.iter().all(|(ahead, behind, _)| *ahead != 0 && *behind != 0), "{flagged}: {:?}", ranked.pairs);
    }
}

#[test]
fn an_indicator_that_nobody_has_leaves_its_weight_to_its_neighbours() {
    let found = of("a 90 - 45 10\nb 60 - 30 50\nc 40 - 20 60\nd 10 - 5 90", "availability = 0.5");
    let ranked = found.ranked.as_ref().expect("half of a dimension is enough here");
    assert_eq!(ranked.run.problem.indicators, ["work", "learn", "waste"]);
    assert_eq!(ranked.run.problem.structure.levels[0].weight, [1.0, 0.5, 0.5]);
    let score = ranked.units[1].score.value.number().unwrap_or(0.0);
    assert!((score - (60.0_f64 * 55.0).sqrt()).abs() < 1e-9, "{score}");
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let printed = |found: &Composite| {
        let ranked = found.ranked.as_ref().expect("enough for ranks");
        let units = ranked.units.iter().flat_map(|unit| [&unit.lower, &unit.median, &unit.upper, &unit.shift]);
        let choices = ranked.sensitivity.iter().flat_map(|(_, first, total)| [first, total]);
        units.chain(choices).filter_map(|one| one.value.number()).map(f64::to_bits).collect::<Vec<_>>()
    };
    assert_eq!(printed(&of(WHOLE, "")), printed(&of(WHOLE, "")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Availability is a matter of what is there, not of what it is.
    #[test]
    fn never_a_score_without_an_interval(holes in proptest::collection::vec(any::<bool>(), 16)) {
        let rows: Vec<String> = ["a", "b", "c", "d"].iter().enumerate().map(|(row, name)| {
            let values: Vec<String> = (0..4).map(|part| {
                if holes[row * 4 + part] { "-".to_owned() } else { format!("{}", 5 + row * 10 + part) }
            }).collect();
            format!("{name} {}", values.join(" "))
        }).collect();
        let found = of(&rows.join("\n"), "availability = 0.5");
        for unit in found.ranked.iter().flat_map(|ranked| &ranked.units) {
            let scored = unit.score.value.number().is_some();
            prop_assert_eq!(scored, unit.lower.value.number().is_some() && unit.upper.value.number().is_some());
        }
    }
}
