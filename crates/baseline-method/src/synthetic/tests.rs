use proptest::prelude::*;

use super::*;
use crate::compute as run;

fn sheet(name: &str, text: &str) -> Sheet {
    Sheet::read(name, text.as_bytes()).unwrap()
}

fn answer(method: &Method, text: &str, rates: Option<&str>, params: &[(&str, &str)]) -> Result<Answer, Fault> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let files = rates.map(|rates| ("rates".to_owned(), sheet("rates.csv", rates))).into_iter().collect();
    run(method, &Sheet::read("x.csv", text.as_bytes())?, &params, &files)
}

/// Estimates as printed to two decimals, or the fault.
fn check(text: &str, rates: Option<&str>, expected: Result<&[&str], &str>) {
    let found = answer(&SYNTHETIC, text, rates, &[]).map(|answer| {
        let texts = answer.rows.iter().map(|row| match row[3] {
            Cell::Number(number) => format!("{number:.2}"),
            Cell::Text(_) | Cell::Whole(_) | Cell::Missing => String::new(),
        });
        texts.collect::<Vec<_>>()
    });
    let found = found.map_err(|fault| format!("{} {fault}", fault.code()));
    match (found, expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text}"),
        (Err(found), Err(expected)) => assert_eq!(found, expected, "{text}"),
        (found, expected) => panic!("{found:?}, expected {expected:?}"),
    }
}

const RATES: &str = "origin,rate\nnational,20\neu,30\nnon_eu,40\n";

#[test]
fn rates_over_the_composition() {
    check("area,origin,count,rate\na,national,75,20\na,non_eu,25,40\n", None, Ok(&["25.00"]));
    check("area,origin,count\na,national,75\na,non_eu,25\nb,eu,3\n", Some(RATES), Ok(&["25.00", "30.00"]));
    check("area,national,eu,non_eu\na,75,0,25\nb,0,3,0\n", Some(RATES), Ok(&["25.00", "30.00"]));
    // By country and stratum.
    let rates = "country,origin,rate\nSI,eu,10\nFI,eu,20\n";
    check("area,country,origin,count\na,SI,eu,5\nb,FI,eu,5\n", Some(rates), Ok(&["10.00", "20.00"]));
    // A stratum without persons needs no rate; one with persons does.
    check("area,origin,count\na,national,75\na,other,0\nb,national,9\nb,other,1\n", Some(RATES), Ok(&["20.00", ""]));
    check("area,origin,count\na,national,0\nb,national,\n", Some(RATES), Ok(&["", ""]));
}

#[test]
fn refuses() {
    let negative = "method-number x.csv, line 2, a, count: expected a number of persons from 0 up, found -1";
    check("area,origin,count\na,national,-1\n", Some(RATES), Err(negative));
    check("area,count\na,1\n", None, Err("method-shape x.csv: expected rates of the strata, found area, count"));
    check(
        "area,origin,count\na,eu,1\na,eu,2\n",
        Some(RATES),
        Err("method-duplicate x.csv, line 3: `a eu` stands twice, first in line 2"),
    );
    let twice = Err("method-duplicate rates.csv, line 3: `eu` stands twice, first in line 2");
    check("area,origin,count\na,eu,1\n", Some("origin,rate\neu,1\neu,2\n"), twice);
    check("area,origin,rate\na,eu,1\n", None, Err("method-shape x.csv: expected a column `count`, found area, origin, rate"));
}

#[test]
fn weights_by_sample_size() {
    let check = |estimated, population, delta, expected: Result<f64, &str>| {
        assert_eq!(
            direct_weight(estimated, population, delta).map_err(|fault| fault.to_string()),
            expected.map_err(str::to_owned)
        );
    };
    check(50.0, 100.0, 1.0, Ok(0.5));
    check(50.0, 100.0, 0.5, Ok(1.0));
    check(150.0, 100.0, 1.0, Ok(1.0));
    check(0.0, 100.0, 1.0, Ok(0.0));
    check(1.0, 0.0, 1.0, Err("population: expected a number above 0, found 0"));
    check(-1.0, 1.0, 1.0, Err("estimated population: expected a number from 0 up, found -1"));
    let head = "area,direct,synthetic,n_hat,population\n";
    let found = answer(&SAMPLE_SIZE_DEPENDENT, &format!("{head}a,10,20,30,40\nb,,20,30,40\n"), None, &[]).unwrap();
    assert_eq!(found.rows.iter().map(|row| row[4].to_string()).collect::<Vec<_>>(), ["12.5", "20"]);
    let fault = answer(&SAMPLE_SIZE_DEPENDENT, &format!("{head}a,10,20,30,0\n"), None, &[]).unwrap_err();
    assert_eq!(fault.to_string(), "x.csv, line 2, population: expected a number above 0, found 0");
    let fault = answer(&SAMPLE_SIZE_DEPENDENT, "area,direct,synthetic\na,1,2\n", None, &[]).unwrap_err();
    assert_eq!(fault.to_string(), "x.csv: expected a column `estimated_population`, found area, direct, synthetic");
}

proptest! {
    #[test]
    fn between_the_rates(strata in prop::collection::vec((0.0_f64..1e6, 0.0_f64..100.0), 1..9), factor in 0.1_f64..10.0) {
        let place = |factor: f64| -> Vec<Stratum> {
            strata.iter().map(|(count, rate)| Stratum { count: count * factor, rate: Some(*rate), standard_error: Some(1.0) }).collect()
        };
        let found = post_stratified(&place(1.0)).unwrap();
        if let Some(estimate) = found.estimate {
            let lived = || strata.iter().filter(|(count, _)| *count > 0.0).map(|(_, rate)| *rate);
            let (low, high) = (lived().fold(100.0, f64::min), lived().fold(0.0, f64::max));
            prop_assert!(low - 1e-9 <= estimate && estimate <= high + 1e-9);
            prop_assert!(found.standard_error.unwrap() <= 1.0 + 1e-12);
            // Only the composition counts.
            let scaled = post_stratified(&place(factor)).unwrap().estimate.unwrap();
            prop_assert!((scaled - estimate).abs() < 1e-9);
        }
    }
}
