use baseline_model::definitions::Definitions;
use baseline_model::{Grade, ObsStatus};

use super::*;
use crate::derive::tests::figures;

fn world(rates: &str) -> (Definitions, Figures) {
    figures(rates, "TOTAL,SE,2024,1000,\nTOTAL,PL42,2024,3000,\nTOTAL,PL,2024,9000,\n")
}

fn gap_of(rates: &str, direction: Direction) -> (Option<f64>, Option<f64>) {
    let (definitions, figures) = world(rates);
    let mut indicator = definitions.indicators["rate"].clone();
    indicator.direction = direction;
    let rule = indicator.gap.expect("the rate has a gap");
    let gap = gap(&figures, ("rate", &indicator), rule, "region", Period::year(2024));
    (gap.points.value.number(), gap.odds_ratio.value.number())
}

#[test]
fn disadvantage_is_positive_whatever_the_direction() {
    let rates = "NEU,PL42,2024,60,\nNAT,PL42,2024,50,\n";
    let (points, odds) = gap_of(rates, Direction::LowerIsBetter);
    assert_eq!(points, Some(10.0));
    assert!((odds.unwrap_or(0.0) - 1.5).abs() < 1e-12);
    let (points, odds) = gap_of(rates, Direction::HigherIsBetter);
    assert_eq!(points, Some(-10.0), "a negative disadvantage comes out as one");
    assert!((odds.unwrap_or(0.0) - 1.0 / 1.5).abs() < 1e-12);
}

#[test]
fn no_gap_without_both_values() {
    assert_eq!(gap_of("NEU,PL42,2024,60,\nNAT,PL42,2024,,u\n", Direction::LowerIsBetter), (None, None));
    assert_eq!(
        gap_of("NEU,PL42,2024,100,\nNAT,PL42,2024,50,\n", Direction::LowerIsBetter),
        (Some(50.0), None),
        "no odds of a certainty"
    );
}

#[test]
fn all_five_measures_are_of_one_formula() {
    let (definitions, figures) = world("NEU,PL42,2024,60,\nNAT,PL42,2024,50,\n");
    let mut indicator = definitions.indicators["rate"].clone();
    for (direction, expected) in [
        (Direction::LowerIsBetter, [10.0, 1.5, 1.2, 1.5_f64.ln(), 20.0]),
        (Direction::HigherIsBetter, [-10.0, 1.0 / 1.5, 50.0 / 60.0, -(1.5_f64.ln()), -20.0]),
    ] {
        indicator.direction = direction;
        let rule = indicator.gap.expect("the rate has a gap");
        let gap = gap(&figures, ("rate", &indicator), rule, "region", Period::year(2024));
        for (measure, expected) in gap.measures().into_iter().zip(expected) {
            assert!((measure.value.number().unwrap_or(f64::NAN) - expected).abs() < 1e-12, "{}", measure.id);
        }
        let ids: Vec<&str> = gap.measures().map(|measure| measure.id.0.rsplit('.').next().unwrap_or_default()).to_vec();
        assert_eq!(ids, ["gap_pp", "odds_ratio", "gap_ratio", "log_odds", "relative_gap"]);
    }
}

/// Which of two gaps is the wider, by a measure: `first`, `second` or nothing.
fn wider(first: (&str, &str), second: (&str, &str), by: order::Measure) -> Option<&'static str> {
    let lines = format!("NEU,SE,2024,{}\nNAT,SE,2024,{}\nNEU,PL,2024,{}\nNAT,PL,2024,{}\n", first.0, first.1, second.0, second.1);
    let (definitions, figures) = world(&lines);
    let indicator = &definitions.indicators["rate"];
    let gap = |unit: &str| gap(&figures, ("rate", indicator), indicator.gap.expect("has one"), unit, Period::year(2024));
    let found = order::wider(&gap("town"), &gap("region"), by, indicator.direction, 1);
    found.map(|separated| separated.high_low("first", "second").0)
}

#[test]
fn gaps_are_ordered_only_when_they_may_be() {
    use order::Measure::{OddsRatio, Points};
    // Over-qualification 2024: Finland and the Netherlands. The two measures disagree.
    let (fi, nl) = (("31.0,", "15.8,"), ("27.7,", "13.4,"));
    assert_eq!((wider(fi, nl, Points), wider(fi, nl, OddsRatio)), (Some("first"), Some("second")));
    // Greece and Italy: the odds ratios differ by less than the rounding of the rates leaves open.
    let (el, it) = (("76.0,", "32.6,"), ("60.7,", "19.1,"));
    assert_eq!((wider(el, it, Points), wider(el, it, OddsRatio)), (Some("first"), None));
    // Of low reliability, of another definition, level.
    assert_eq!(wider(("31.0,u", "15.8,"), nl, Points), None);
    assert_eq!(wider(fi, ("27.7,", "13.4,d"), Points), None);
    assert_eq!(wider(fi, ("31.0,", "15.8,"), Points), None);
}

#[test]
fn what_may_be_ordered() {
    let said = |rates: &str| {
        let (definitions, figures) = world(rates);
        let indicator = &definitions.indicators["rate"];
        let gap = gap(&figures, ("rate", indicator), indicator.gap.expect("has one"), "region", Period::year(2024));
        order::disadvantage(&gap, indicator.direction).map(|(worse, _)| worse)
    };
    assert_eq!(said("NEU,PL42,2024,60,\nNAT,PL42,2024,50,\n"), Some(true));
    assert_eq!(said("NEU,PL42,2024,40,b\nNAT,PL42,2024,50,\n"), Some(false));
    assert_eq!(said("NEU,PL42,2024,60,u\nNAT,PL42,2024,50,\n"), None);
    assert_eq!(said("NEU,PL42,2024,60,\nNAT,PL42,2024,,\n"), None);
    assert_eq!(said("NEU,PL42,2024,50,\nNAT,PL42,2024,50,\n"), None);
}

#[test]
fn a_modelled_value_is_not_put_in_order() {
    let (definitions, figures) = world("NEU,PL42,2024,60,\nNAT,PL42,2024,50,\n");
    let indicator = &definitions.indicators["rate"];
    let mut value = figures.value(("rate", indicator), "region", baseline_model::definitions::Origin::NonEu, Period::year(2024));
    let place = Position { first: 1, last: 1, of: 9 };
    assert!(order::placed(&value, place).is_some());
    value.grade = Grade::M;
    assert!(order::placed(&value, place).is_none());
    assert!(order::separated(&value, &value).is_none());
}

#[test]
fn a_gap_carries_flags_grade_and_inputs() {
    let (definitions, figures) = world("NEU,SE,2024,60,u\nNAT,SE,2024,50,b\n");
    let indicator = &definitions.indicators["rate"];
    let gap = gap(&figures, ("rate", indicator), indicator.gap.expect("has one"), "town", Period::year(2024));
    assert_eq!((gap.points.obs_status.clone(), gap.points.grade), (ObsStatus::new("bu"), Grade::D));
    assert_eq!(gap.points.id.0, "rate.town.non_eu.T.TOTAL.2024.gap_pp");
    assert_eq!(gap.points.cells().len(), 2);
}

fn change_of(rates: &str) -> Option<(f64, Period, Option<Period>)> {
    let (_, figures) = world(rates);
    let series = &figures.series[&("rate".to_owned(), "region".to_owned())];
    let latest = series.values().next_back().expect("has values");
    change(series, latest)
        .map(|change| (change.difference.value.number().unwrap_or(f64::NAN), change.from, change.limited_by_break))
}

#[test]
fn a_change_never_crosses_a_break() {
    let years = "NEU,PL42,2019,10,\nNEU,PL42,2020,11,\nNEU,PL42,2021,20,b\nNEU,PL42,2022,21,\nNEU,PL42,2024,23,\n";
    assert_eq!(change_of(years), Some((3.0, Period::year(2021), Some(Period::year(2021)))));
    assert_eq!(change_of(&years.replace("20,b", "20,")), Some((13.0, Period::year(2019), None)));
    assert_eq!(change_of(&years.replace("23,", "23,b")), None, "nothing reaches over the latest break");
    assert_eq!(change_of("NEU,PL42,2017,10,\nNEU,PL42,2024,23,\n"), None, "older than five years");
}

#[test]
fn a_mean_weights_by_the_rates_own_denominator() {
    let (definitions, figures) = world("NEU,SE,2024,20,\nNEU,PL42,2024,40,\n");
    let indicator = &definitions.indicators["rate"];
    let mean = mean(&definitions, &definitions.studies["one"], "one", &figures, ("rate", indicator)).expect("a weight is named");
    // The town's value is its country's, so is its weight: (20 · 1000 + 40 · 3000) / 4000.
    assert_eq!((mean.value.number(), mean.grade, mean.territory.as_str()), (Some(35.0), Grade::D, "one_mean"));
    let mut unweighted = indicator.clone();
    unweighted.weight = None;
    assert!(super::mean(&definitions, &definitions.studies["one"], "one", &figures, ("rate", &unweighted)).is_none());
}

#[test]
fn no_mean_when_a_territory_has_no_value() {
    let (definitions, figures) = world("NEU,PL42,2024,40,\n");
    let indicator = &definitions.indicators["rate"];
    let mean = mean(&definitions, &definitions.studies["one"], "one", &figures, ("rate", indicator)).expect("a weight is named");
    assert_eq!(mean.value.number(), None);
}

#[test]
fn what_lies_outside_its_goalposts_is_named() {
    use baseline_model::definitions::{Aggregation, Composite, CompositeDimension, CompositePart, Goalpost, Goalposts, Unit};
    let (mut definitions, figures) = world("NEU,PL42,2023,50,\nNEU,PL42,2024,90,\nNEU,PL,2024,4,\nNAT,PL42,2024,1,\n");
    let post = Goalpost { unit: Unit::Percent, worst: 80.0, best: 5.0, reason: "r".into() };
    let posts = Goalposts { reason: "r".into(), posts: [("rate".to_owned(), post)].into() };
    definitions.goalposts.insert("v1".into(), posts);
    let mut study = definitions.studies["one"].clone();
    assert_eq!(outside(&definitions, &study, &figures), []);
    let part = CompositePart { id: "rate".into(), weight: None };
    study.composite = Some(Composite {
        goalposts: "v1".into(),
        aggregation: Aggregation::Geometric,
        within: Aggregation::Arithmetic,
        availability: 0.65,
        grades: vec![Grade::A],
        spread: [].into(),
        draws: 1000,
        samples: 2,
        seed: 1,
        dimensions: vec![CompositeDimension { id: "work".into(), weight: None, indicators: vec![part] }],
    });
    let found = outside(&definitions, &study, &figures);
    let [one] = found.as_slice() else { panic!("expected one finding for the indicator: {found:?}") };
    assert_eq!((one.code, one.count, one.at.as_str()), ("outside-goalposts", 2, "rate.PL.non_eu.T.TOTAL.2024"));
}
