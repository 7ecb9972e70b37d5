//! Small tables as text, patterns out; and random tables of two and three dimensions, attacked.

use baseline_source::ReadOptions;
use proptest::prelude::*;

use super::*;

fn rule(text: &str) -> Disclosure {
    toml::from_str(text).expect("a rule")
}

fn table(rows: &str) -> RawTable {
    let mut reading = baseline_source::read(rows.as_bytes(), "specimen", &ReadOptions::default());
    assert_eq!(reading.tables.len(), 1, "{:?}", reading.findings);
    reading.tables.remove(0)
}

/// The values as printed, `h` where hidden, `..` where the partner has none.
fn shown(table: &RawTable) -> String {
    let cell = |row: usize| match (table.value[row], table.obs_status.get(row)) {
        (Some(number), _) => number.to_string(),
        (None, HIDDEN) => "h".into(),
        (None, _) => "..".into(),
    };
    (0..table.len()).map(cell).collect::<Vec<_>>().join(" ")
}

const HEAD: &str = "geo,origin,period,value\n";
const TOTALS: &str = "totals = { origin = 'total' }\n";

/// Cells of one region: `total`, `a`, `b`, `c`, `d`.
fn check(settings: &str, counts: &[&str], expected: &str) {
    let rows: String =
        ["total", "a", "b", "c", "d"].iter().zip(counts).map(|(code, count)| format!("X,{code},2025,{count}\n")).collect();
    let mut table = table(&format!("{HEAD}{rows}"));
    protect(&mut table, "partner/x", &rule(&format!("{TOTALS}{settings}")), &mut Pattern::default());
    assert_eq!(shown(&table), expected, "{settings} {counts:?}");
}

#[test]
fn below_the_threshold_and_what_would_tell_it() {
    check("", &["100", "30", "70"], "100 30 70");
    check("", &["100", "3", "97"], "100 h h");
    check("", &["100", "3", "40", "57"], "100 h h 57");
    check("", &["100", "3", "2", "95"], "100 h h 95");
    // Two small ones together are small themselves.
    check("", &["100", "1", "2", "40", "57"], "100 h h h 57");
    check("threshold = 10", &["100", "9", "41", "50"], "100 h h 50");
    // Ties go to the first key.
    check("", &["103", "3", "50", "50"], "103 h h 50");
}

#[test]
fn zeros() {
    check("", &["100", "0", "40", "60"], "100 h h 60");
    check("zeros_safe = true", &["100", "0", "40", "60"], "100 0 40 60");
    check("zeros_safe = true", &["100", "0", "3", "97"], "100 0 h h");
    check("zeros_safe = true", &["0", "0", "0"], "0 0 0");
    check("", &["0", "0", "0"], "h h h");
}

#[test]
fn a_rest_that_nobody_prints() {
    // 100 less 97 is three persons of some other group.
    check("", &["100", "97"], "100 h");
    check("", &["100", "60"], "100 60");
    check("", &["100", "3"], "100 h");
    check("", &["100", "30", "67"], "100 h 67");
    // More answers than persons are no sum.
    check("", &["100", "80", "70"], "100 80 70");
}

#[test]
fn groups_of_few() {
    check("", &["49", "20", "29"], "49 h h");
    check("group = 40", &["49", "20", "29"], "49 20 29");
    check("", &["4", "4"], "h h");
    check("zeros_safe = true", &["40", "0", "40"], "40 h h");
}

#[test]
fn what_a_partner_left_empty_is_protected_too() {
    check("", &["100", "", "40", "60"], "100 .. h 60");
    check("", &["", "20", "40", "60"], ".. 20 40 60");
}

#[test]
fn without_totals_only_the_threshold() {
    let mut found = table(&format!("{HEAD}X,a,2025,3\nX,b,2025,60\n"));
    protect(&mut found, "partner/x", &rule(""), &mut Pattern::default());
    assert_eq!(shown(&found), "h 60");
}

#[test]
fn rounding_keeps_sums() {
    let settings = "rounding = 5\ngroup = 0\n";
    check(settings, &["73", "11", "12", "50"], "70 10 10 50");
    check(settings, &["72", "1", "21", "50"], "70 h h 50");
    // A total of more than its parts is rounded by itself.
    check(settings, &["99", "11", "12", "50"], "100 10 10 50");
    let mut found = table(&format!("{HEAD}X,total,2025,62\nX,a,2025,12\nX,b,2025,50\n"));
    protect(&mut found, "x", &rule(&format!("{TOTALS}rounding = 5")), &mut Pattern::default());
    assert_eq!(found.obs_status.get(1), ROUNDED);
}

#[test]
fn rates_stand_on_enough_persons_and_give_no_count_away() {
    let settings = "totals = { measure = 'all' }\nrates = { share = 'all' }\n";
    let check = |all: &str, foreign: &str, share: &str, expected: &str| {
        let rows = format!("measure,period,value\nall,2025,{all}\nforeign,2025,{foreign}\nshare,2025,{share}\n");
        let mut found = table(&rows);
        protect(&mut found, "x", &rule(settings), &mut Pattern::default());
        assert_eq!(shown(&found), expected, "{all} {foreign} {share}");
    };
    check("200", "50", "25", "200 50 25");
    check("40", "10", "25", "40 h h");
    check("200", "3", "1.5", "200 h h");
    check("200", "197", "98.5", "200 h h");
    check("4", "4", "100", "h h h");
    let mut alone = table("measure,period,value\nshare,2025,25\n");
    protect(&mut alone, "x", &rule(settings), &mut Pattern::default());
    assert_eq!(shown(&alone), "h");
}

#[test]
fn an_earlier_pattern_holds() {
    let settings = rule(TOTALS);
    let year = |period: &str, counts: [u32; 4]| {
        let codes = ["total", "a", "b", "c"];
        let rows: String = codes.iter().zip(counts).map(|(code, count)| format!("X,{code},{period},{count}\n")).collect();
        table(&format!("{HEAD}{rows}"))
    };
    let mut pattern = Pattern::default();
    let mut first = year("2024", [100, 3, 40, 57]);
    protect(&mut first, "x", &settings, &mut pattern);
    assert_eq!(shown(&first), "100 h h 57");
    // Corrected: alone it would show everything, and with the total of last year what was hidden.
    let mut again = year("2024", [102, 5, 40, 57]);
    protect(&mut again, "x", &settings, &mut pattern.clone());
    assert_eq!(shown(&again), "102 h h 57");
    // Another year is another table.
    let mut next = year("2025", [102, 5, 40, 57]);
    protect(&mut next, "x", &settings, &mut pattern.clone());
    assert_eq!(shown(&next), "102 5 40 57");
    // What was shown protects nothing: of the cells beside a small one the total alone is new.
    let mut pattern = Pattern::default();
    protect(&mut year("2024", [100, 20, 40, 40]), "x", &settings, &mut pattern);
    let mut smaller = year("2024", [83, 3, 40, 40]);
    protect(&mut smaller, "x", &settings, &mut pattern);
    assert_eq!(shown(&smaller), "h h 40 40");
    // Nothing is left to hide: better no count than this one.
    let mut pattern = Pattern::default();
    protect(&mut year("2024", [150, 50, 50, 50]), "x", &settings, &mut pattern);
    pattern.shown.retain(|name, _| !name.contains(&"origin=a".to_owned()));
    let mut told = year("2024", [103, 3, 50, 50]);
    pattern.shown.iter_mut().for_each(|(name, shown)| {
        if name.contains(&"origin=total".to_owned()) {
            *shown = 103.0;
        }
    });
    let findings = protect(&mut told, "x", &settings, &mut pattern);
    assert_eq!(shown(&told), "h h h h");
    assert!(findings.iter().any(|finding| finding.code == "disclosure-broken"), "{findings:?}");
}

/// Two cycles of hidden cells joined by one cell: every line has two, and yet one can be worked out.
#[test]
fn lines_together() {
    let settings = rule("group = 0\ntotals = { r = 'T', c = 'T' }\n");
    let small = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)];
    let count = |row: usize, column: usize| if small.contains(&(row, column)) { 4 } else { 100 };
    let mut rows = String::from("r,c,period,value\n");
    for row in 0..4 {
        (0..4).for_each(|column| rows.push_str(&format!("{row},{column},2025,{}\n", count(row, column))));
        rows.push_str(&format!("{row},T,2025,{}\n", (0..4).map(|column| count(row, column)).sum::<i32>()));
    }
    for column in 0..4 {
        rows.push_str(&format!("T,{column},2025,{}\n", (0..4).map(|row| count(row, column)).sum::<i32>()));
    }
    rows.push_str(&format!("T,T,2025,{}\n", (0..16).map(|cell| count(cell / 4, cell % 4)).sum::<i32>()));
    let mut found = table(&rows);
    protect(&mut found, "x", &settings, &mut Pattern::default());
    assert!(found.value.iter().filter(|value| value.is_none()).count() > small.len());
    attack(&found, &settings);
}

/// A table of counts with all totals, `sizes` parts a dimension.
fn full(sizes: &[usize], counts: &[u32]) -> RawTable {
    let names = ["r", "c", "d"];
    let mut rows = format!("{},period,value\n", names[..sizes.len()].join(","));
    let cells: usize = sizes.iter().map(|size| size + 1).product();
    for cell in 0..cells {
        let (mut rest, mut places) = (cell, Vec::new());
        for size in sizes {
            places.push(rest % (size + 1));
            rest /= size + 1;
        }
        let within = |base: usize| {
            let mut rest = base;
            places.iter().zip(sizes).all(|(place, size)| {
                let own = rest % size;
                rest /= size;
                place == size || *place == own
            })
        };
        let sum: u32 = counts.iter().enumerate().filter(|(base, _)| within(*base)).map(|(_, count)| count).sum();
        let codes: Vec<String> =
            places.iter().zip(sizes).map(|(place, size)| if place == size { "T".into() } else { place.to_string() }).collect();
        rows.push_str(&format!("{},2025,{sum}\n", codes.join(",")));
    }
    table(&rows)
}

/// Solves the sums for the hidden cells in plain numbers: no cell may have one solution only.
fn attack(table: &RawTable, rule: &Disclosure) {
    let keys: Vec<Vec<&str>> =
        (0..table.len()).map(|row| table.dimensions.iter().map(|column| column.get(row)).collect()).collect();
    let hidden: Vec<usize> = (0..table.len()).filter(|row| table.value[*row].is_none()).collect();
    let mut equations: Vec<Vec<f64>> = Vec::new();
    for (total, key) in keys.iter().enumerate() {
        for place in (0..key.len()).filter(|place| key[*place] == "T") {
            let mut equation = vec![0.0; hidden.len()];
            let mut set = |row: usize, sign: f64| {
                if let Some(at) = hidden.iter().position(|hidden| *hidden == row) {
                    equation[at] = sign;
                }
            };
            set(total, -1.0);
            for (row, other) in keys.iter().enumerate() {
                let part = other[place] != "T" && (0..key.len()).all(|at| at == place || other[at] == key[at]);
                if part {
                    set(row, 1.0);
                }
            }
            equations.push(equation);
        }
    }
    let mut rank = 0;
    for column in 0..hidden.len() {
        let Some(best) =
            (rank..equations.len()).max_by(|a, b| equations[*a][column].abs().total_cmp(&equations[*b][column].abs()))
        else {
            break;
        };
        if equations[best][column].abs() < 1e-9 {
            continue;
        }
        equations.swap(rank, best);
        let pivot = equations[rank][column];
        equations[rank].iter_mut().for_each(|value| *value /= pivot);
        let known = equations[rank].clone();
        for (_, equation) in equations.iter_mut().enumerate().filter(|(row, _)| *row != rank) {
            let factor = equation[column];
            equation.iter_mut().zip(&known).for_each(|(value, known)| *value -= factor * known);
        }
        rank += 1;
    }
    for equation in &equations {
        let alone = equation.iter().filter(|value| value.abs() > 1e-9).count() == 1;
        assert!(!alone, "a hidden cell can be worked out: {}", shown(table));
    }
    for value in table.value.iter().flatten() {
        assert!(*value >= f64::from(rule.threshold) || (rule.zeros_safe && *value == 0.0), "a small count is shown");
    }
}

/// Tries fillings of the hidden cells that fit everything shown: each hidden cell must take two values at least.
fn guess(table: &RawTable, original: &RawTable, rule: &Disclosure, sizes: (usize, usize)) {
    // Where a zero had to be hidden too, a reader who expects none finds nothing, or what is not so.
    let hidden_zero = table.value.iter().zip(&original.value).any(|(shown, count)| shown.is_none() && *count == Some(0.0));
    let least = u32::from(rule.zeros_safe && !hidden_zero);
    assert!(guess_from(table, least, sizes), "nothing fits: {}", shown(table));
}

/// False when nothing fits.
fn guess_from(table: &RawTable, least: u32, sizes: (usize, usize)) -> bool {
    let at = |row: usize, column: usize| column * (sizes.0 + 1) + row;
    let base: Vec<usize> = (0..sizes.0).flat_map(|row| (0..sizes.1).map(move |column| at(row, column))).collect();
    let total = |index: usize| table.value[index].and_then(|value| value.to_string().parse().ok());
    let mut seen: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    let mut filled: BTreeMap<usize, u32> = BTreeMap::new();
    let mut tries = 0_u32;
    #[expect(clippy::too_many_arguments, reason = "a search over a small table in a test")]
    fn search(
        depth: usize,
        base: &[usize],
        sizes: (usize, usize),
        least: u32,
        total: &dyn Fn(usize) -> Option<u32>,
        filled: &mut BTreeMap<usize, u32>,
        seen: &mut BTreeMap<usize, BTreeSet<u32>>,
        tries: &mut u32,
    ) {
        *tries += 1;
        if *tries > 400_000 {
            return;
        }
        let at = |row: usize, column: usize| column * (sizes.0 + 1) + row;
        if depth == base.len() {
            let sum = |cells: &mut dyn Iterator<Item = usize>| cells.map(|cell| filled[&cell]).sum::<u32>();
            let all = sum(&mut base.iter().copied());
            let columns = (0..sizes.1).all(|column| {
                total(at(sizes.0, column)).is_none_or(|wanted| wanted == sum(&mut (0..sizes.0).map(|row| at(row, column))))
            });
            if columns && total(at(sizes.0, sizes.1)).is_none_or(|wanted| wanted == all) {
                for (cell, value) in filled.iter() {
                    seen.entry(*cell).or_default().insert(*value);
                }
            }
            return;
        }
        let (row, column) = (depth / sizes.1, depth % sizes.1);
        let cell = base[depth];
        let so_far: u32 = (0..column).map(|column| filled[&at(row, column)]).sum();
        let limit = total(at(row, sizes.1)).map_or(14, |wanted| wanted.saturating_sub(so_far));
        let choices: Vec<u32> = match total(cell) {
            Some(value) => vec![value],
            None if column + 1 == sizes.1 && total(at(row, sizes.1)).is_some() => vec![limit],
            None => (least..=limit.min(14)).collect(),
        };
        for value in choices.into_iter().filter(|value| total(cell).is_some() || *value >= least) {
            filled.insert(cell, value);
            search(depth + 1, base, sizes, least, total, filled, seen, tries);
        }
    }
    search(0, &base, sizes, least, &total, &mut filled, &mut seen, &mut tries);
    if tries <= 400_000 && seen.is_empty() {
        return false;
    }
    if tries <= 400_000 {
        for cell in base.iter().filter(|cell| table.value[**cell].is_none()) {
            assert!(seen.get(cell).is_some_and(|values| values.len() > 1), "one filling fits: {}", shown(table));
        }
    }
    true
}

fn settings(threshold: u32, zeros_safe: bool) -> Disclosure {
    let totals = ["r", "c", "d"].map(|name| (name.to_owned(), "T".to_owned())).into();
    Disclosure { threshold, zeros_safe, group: 0, totals, ..Disclosure::default() }
}

/// Found by the property below: the second and the third row's hidden totals are parts of a line themselves.
#[test]
fn a_hidden_total_bounds_its_parts() {
    let rule = settings(3, false);
    let original = full(&[3, 2], &[1, 0, 0, 3, 3, 0]);
    let mut found = original.clone();
    protect(&mut found, "x", &rule, &mut Pattern::default());
    guess(&found, &original, &rule, (3, 2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_hidden_cell_can_be_worked_out(
        sizes in prop_oneof![
            (1_usize..5).prop_map(|a| vec![a]),
            (1_usize..6, 1_usize..6).prop_map(|(a, b)| vec![a, b]),
            (1_usize..4, 1_usize..4, 1_usize..4).prop_map(|(a, b, c)| vec![a, b, c]),
        ],
        counts in prop::collection::vec(prop_oneof![3 => 0_u32..8, 2 => 5_u32..60], 125),
        zeros_safe: bool,
    ) {
        let base: usize = sizes.iter().product();
        let counts = &counts[..base];
        let rule = settings(5, zeros_safe);
        let (mut first, mut pattern) = (full(&sizes, counts), Pattern::default());
        let findings = protect(&mut first, "x", &rule, &mut pattern);
        prop_assert!(findings.iter().all(|finding| finding.code != "disclosure-broken"), "{:?}", findings);
        attack(&first, &rule);
        // The same input gives the same pattern, and the pattern holds when it is given.
        let mut again = full(&sizes, counts);
        protect(&mut again, "x", &rule, &mut Pattern::default());
        prop_assert_eq!(shown(&again), shown(&first));
        let mut next = full(&sizes, counts);
        protect(&mut next, "x", &rule, &mut pattern.clone());
        prop_assert_eq!(shown(&next), shown(&first));
        // No number is changed by hiding.
        let original = full(&sizes, counts);
        for (value, before) in first.value.iter().zip(&original.value) {
            prop_assert!(value.is_none() || value == before);
        }
    }

    #[test]
    fn every_hidden_cell_can_be_several_counts(
        sizes in (2_usize..4, 2_usize..4),
        counts in prop::collection::vec(0_u32..9, 9),
        zeros_safe: bool,
    ) {
        let rule = settings(3, zeros_safe);
        let original = full(&[sizes.0, sizes.1], &counts[..sizes.0 * sizes.1]);
        let mut found = original.clone();
        let findings = protect(&mut found, "x", &rule, &mut Pattern::default());
        prop_assert!(findings.iter().all(|finding| finding.code != "disclosure-broken"), "{:?}", findings);
        guess(&found, &original, &rule, sizes);
    }

    #[test]
    fn what_was_hidden_stays_hidden(
        counts in prop::collection::vec(0_u32..30, 12),
        changes in prop::collection::vec(0_u32..3, 12),
    ) {
        let rule = settings(5, false);
        let (mut first, mut pattern) = (full(&[3, 4], &counts), Pattern::default());
        protect(&mut first, "x", &rule, &mut pattern);
        let changed: Vec<u32> = counts.iter().zip(&changes).map(|(count, more)| count + more).collect();
        let mut second = full(&[3, 4], &changed);
        protect(&mut second, "x", &rule, &mut pattern);
        for (before, after) in first.value.iter().zip(&second.value) {
            prop_assert!(before.is_some() || after.is_none());
        }
    }

    #[test]
    fn rounded_totals_are_the_sums_of_their_parts(counts in prop::collection::vec(5_u32..90, 6)) {
        let rule = Disclosure { rounding: 5, ..settings(2, false) };
        let mut found = full(&[2, 3], &counts);
        protect(&mut found, "x", &rule, &mut Pattern::default());
        let value = |row: usize, column: usize| found.value[column * 3 + row].unwrap_or(f64::NAN);
        for column in 0..4 {
            prop_assert_eq!(value(0, column) + value(1, column), value(2, column));
        }
    }
}
