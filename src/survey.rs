//! Compute: a survey sheet (one row a person, closed answers, perhaps weights) becomes tables of shares with intervals.
//!
//! A person never leaves this module: what comes out are counts and shares, and small counts are hidden as in any
//! partner's table, with what would give them away.
//!
//! ```text
//! Sex,Q1 work,Q2 English,Q2 German,Weight        question,answer,sex,measure   value
//! F,employed,x,,1.2                              q1,employed,total,share       61.4
//! M,unemployed,x,x,0.8                           q1,employed,total,n           143
//! ```

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::definitions::Disclosure;
use baseline_model::{Column, Finding, Positions, RawTable};

use crate::disclose::{self, Pattern};

/// What is asked of a sheet.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub questions: Vec<Question>,
    /// Columns by which every question is broken down, one after the other: dimension -> column.
    pub groups: BTreeMap<String, String>,
    /// Column of the weights; without one everybody counts the same.
    pub weight: Option<String>,
    /// Texts that mean "no answer" beside an empty cell.
    pub missing: Vec<String>,
    /// Period of the survey.
    pub period: String,
    /// What is hidden; its totals are those of the groups and answers.
    pub rule: Disclosure,
}

/// A question with one column has one answer a person: the cell's text. With several each column is an answer, given when
/// its cell says anything but no.
#[derive(Debug, Clone, Default)]
pub struct Question {
    pub id: String,
    pub columns: Vec<String>,
}

/// A sheet as text; every row has a cell a column.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The code of all groups, and of all answers: the base.
const TOTAL: &str = "total";
/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Texts that mean "not chosen" in a column of one answer.
const NO: [&str; 7] = ["0", "no", "nein", "false", "-", "n", "non"];

/// The Wilson interval of a share (0 to 1) on `n` persons: the shares p that differ from the observed one by at most
/// z·√(p(1−p)/n). With weights `n` is the effective sample size after Kish, (Σw)²/Σw².
///
/// centre ± half = (s + z²/2n ± z·√(s(1−s)/n + z²/4n²)) / (1 + z²/n), z = 1.96.
///
/// E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209–212;
/// L. Kish, Survey Sampling (1965), 11.7. It takes no account of clusters or strata.
pub fn wilson(share: f64, n: f64) -> (f64, f64) {
    let z2 = Z * Z;
    let scale = 1.0 + z2 / n;
    let centre = (share + z2 / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// Tabulates every question in total and by each group. Dimensions: `measure` (`share`, `share_low`, `share_high` in
/// percent; `n` persons who gave the answer), `question`, `answer` (`total` is the base: who answered at all) and the
/// groups. A share on fewer persons than a group has to have is flagged `u`.
///
/// Findings at error level, and no table, when a column is missing or a weight is no number above zero.
pub fn tabulate(sheet: &Sheet, plan: &Plan, at: &str) -> (Option<RawTable>, Vec<Finding>) {
    let mut findings = Vec::new();
    let place = |name: &String| sheet.columns.iter().position(|column| column == name);
    let asked = plan.questions.iter().flat_map(|question| &question.columns).chain(plan.groups.values()).chain(&plan.weight);
    for name in asked.filter(|name| place(name).is_none()).collect::<BTreeSet<_>>() {
        let near = baseline_model::definitions::nearest(name, sheet.columns.iter().map(String::as_str));
        let near = near.map(|near| format!("; the nearest is `{near}`")).unwrap_or_default();
        findings.push(
            Finding::error("column-missing", at, format!("expected the column `{name}`, found none{near}"))
                .hint("compare the sheet with the saved mapping"),
        );
    }
    for (index, name) in sheet.columns.iter().enumerate() {
        if sheet.columns[..index].contains(name) && !name.is_empty() {
            findings.push(Finding::error("column-twice", at, format!("two columns are called `{name}`")).hint("rename one"));
        }
    }
    let weights = weights(sheet, plan.weight.as_ref().and_then(place), at, &mut findings);
    if !findings.is_empty() {
        return (None, findings);
    }
    let tally = tally(sheet, plan, &weights);
    for question in &plan.questions {
        let silent = tally.silent.get(&question.id).copied().unwrap_or(0);
        if silent > 0 {
            let message = format!("{silent} of {} persons did not answer and are not in its base", sheet.rows.len());
            findings.push(Finding::info("no-answer", format!("{at} {}", question.id), message));
        }
    }
    let (table, mut odd) = table(&tally, plan, at);
    findings.append(&mut odd);
    (Some(table), findings)
}

/// A weight a row; rows are numbered as in a sheet with one header row.
fn weights(sheet: &Sheet, column: Option<usize>, at: &str, findings: &mut Vec<Finding>) -> Vec<f64> {
    let Some(column) = column else { return vec![1.0; sheet.rows.len()] };
    let mut weights = Vec::with_capacity(sheet.rows.len());
    for (row, cells) in sheet.rows.iter().enumerate() {
        let text = cells.get(column).map_or("", |cell| cell.trim());
        let weight = text.parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight > 0.0);
        if weight.is_none() {
            let message = format!("expected a weight above zero, found `{text}`");
            findings.push(Finding::error("weight-wrong", format!("{at} row {}", row + 2), message).hint("correct the sheet"));
        }
        weights.push(weight.unwrap_or(0.0));
    }
    weights
}

/// Persons and weights of one cell.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    persons: u32,
    weight: f64,
    squares: f64,
}

impl Sum {
    fn add(&mut self, weight: f64) {
        self.persons += 1;
        self.weight += weight;
        self.squares += weight * weight;
    }
}

/// Question, answer, and a code a group.
type Key = (String, String, Vec<String>);

#[derive(Debug, Default)]
struct Tally {
    sums: BTreeMap<Key, Sum>,
    silent: BTreeMap<String, u32>,
}

fn tally(sheet: &Sheet, plan: &Plan, weights: &[f64]) -> Tally {
    let place = |name: &String| sheet.columns.iter().position(|column| column == name).unwrap_or(usize::MAX);
    let groups: Vec<usize> = plan.groups.values().map(place).collect();
    let mut tally = Tally::default();
    let mut cells: BTreeSet<(String, String)> = BTreeSet::new();
    let mut codes: Vec<BTreeSet<String>> = vec![BTreeSet::new(); groups.len()];
    for (row, weight) in sheet.rows.iter().zip(weights) {
        let cell = |column: usize| row.get(column).map_or("", |cell| cell.trim());
        let said = |text: &str| !text.is_empty() && !plan.missing.iter().any(|missing| missing == text);
        // In total, and once a group whose code is known.
        let mut keys = vec![vec![TOTAL.to_owned(); groups.len()]];
        for (index, column) in groups.iter().enumerate().filter(|(_, column)| said(cell(**column))) {
            let mut key = keys[0].clone();
            cell(*column).clone_into(&mut key[index]);
            codes[index].insert(key[index].clone());
            keys.push(key);
        }
        for question in &plan.questions {
            let texts: Vec<(&String, &str)> = question.columns.iter().map(|name| (name, cell(place(name)))).collect();
            let answers: Vec<String> = match texts.as_slice() {
                [(_, text)] => said(text).then(|| (*text).to_owned()).into_iter().collect(),
                several => several
                    .iter()
                    .filter(|(_, text)| said(text) && !NO.contains(&text.to_lowercase().as_str()))
                    .map(|(name, _)| (*name).clone())
                    .collect(),
            };
            if !texts.iter().any(|(_, text)| said(text)) {
                *tally.silent.entry(question.id.clone()).or_default() += 1;
                continue;
            }
            for answer in answers.into_iter().chain([TOTAL.to_owned()]) {
                cells.insert((question.id.clone(), answer.clone()));
                for key in &keys {
                    tally.sums.entry((question.id.clone(), answer.clone(), key.clone())).or_default().add(*weight);
                }
            }
        }
    }
    // An answer that nobody of a group gave is a count of zero.
    for (question, answer) in cells {
        for (index, codes) in codes.iter().enumerate() {
            for code in codes {
                let mut key = vec![TOTAL.to_owned(); groups.len()];
                key[index].clone_from(code);
                tally.sums.entry((question.clone(), answer.clone(), key)).or_default();
            }
        }
    }
    tally
}

fn table(tally: &Tally, plan: &Plan, at: &str) -> (RawTable, Vec<Finding>) {
    let hidden = hidden(tally, plan, at);
    let mut names = vec!["measure".to_owned(), "question".into(), "answer".into()];
    names.extend(plan.groups.keys().cloned());
    let mut rows = Rows::new(&names, &plan.period);
    for ((key, sum), hide) in tally.sums.iter().zip(&hidden.0) {
        let (question, answer, groups) = key;
        let base = tally.sums.get(&(question.clone(), TOTAL.to_owned(), groups.clone())).copied().unwrap_or_default();
        let status = match (hide, base.persons < plan.rule.group) {
            (true, _) => disclose::HIDDEN,
            (false, true) => "u",
            (false, false) => "",
        };
        let mut push = |measure: &str, value: Option<f64>| {
            let codes = [measure, question, answer].into_iter().chain(groups.iter().map(String::as_str));
            rows.push(codes, value.filter(|_| !hide), status, format!("{question} {answer}"));
        };
        push("n", Some(f64::from(sum.persons)));
        if answer != TOTAL {
            let share = (base.weight > 0.0).then(|| sum.weight / base.weight);
            let bounds = share.map(|share| wilson(share, base.weight * base.weight / base.squares));
            push("share", share.map(|share| 100.0 * share));
            push("share_low", bounds.map(|bounds| 100.0 * bounds.0));
            push("share_high", bounds.map(|bounds| 100.0 * bounds.1));
        }
    }
    (rows.table, hidden.1)
}

/// For each count in order whether it is hidden. Several answers a person have no sum: then only bases are totals.
fn hidden(tally: &Tally, plan: &Plan, at: &str) -> (Vec<bool>, Vec<Finding>) {
    let mut names = vec!["question".to_owned(), "answer".into()];
    names.extend(plan.groups.keys().cloned());
    let mut counts = Rows::new(&names, &plan.period);
    for ((question, answer, groups), sum) in &tally.sums {
        let codes = [question.as_str(), answer].into_iter().chain(groups.iter().map(String::as_str));
        counts.push(codes, Some(f64::from(sum.persons)), "", String::new());
    }
    let totals = names.iter().skip(1).map(|name| (name.clone(), TOTAL.to_owned())).collect();
    // Few persons are flagged below, not hidden: their answers are shares with wide intervals. Rounding would part n and share.
    let rule = Disclosure { group: 0, rounding: 0, totals, ..plan.rule.clone() };
    let findings = disclose::protect(&mut counts.table, at, &rule, &mut Pattern::default());
    (counts.table.value.iter().map(Option::is_none).collect(), findings)
}

/// A table under construction.
struct Rows {
    table: RawTable,
    positions: Vec<String>,
}

impl Rows {
    fn new(names: &[String], period: &str) -> Self {
        let mut stated = Column::new("period");
        stated.dictionary.push(period.to_owned());
        let table = RawTable {
            dataflow: None,
            title: None,
            updated: None,
            dimensions: names.iter().map(Column::new).collect(),
            period: stated,
            value: Vec::new(),
            obs_status: Column::new("obs_status"),
            conf_status: Column { dictionary: vec![String::new()], ..Column::new("conf_status") },
            positions: Positions::Text(Vec::new()),
        };
        Self { table, positions: Vec::new() }
    }

    fn push<'c>(&mut self, codes: impl Iterator<Item = &'c str>, value: Option<f64>, status: &str, position: String) {
        for (column, code) in self.table.dimensions.iter_mut().zip(codes) {
            put(column, code);
        }
        put(&mut self.table.obs_status, status);
        self.table.period.codes.push(0);
        self.table.conf_status.codes.push(0);
        self.table.value.push(value);
        self.positions.push(position);
        if let Positions::Text(texts) = &mut self.table.positions {
            texts.extend(self.positions.pop());
        }
    }
}

fn put(column: &mut Column, code: &str) {
    let place = column.dictionary.iter().position(|known| known == code).unwrap_or_else(|| {
        column.dictionary.push(code.to_owned());
        column.dictionary.len() - 1
    });
    column.codes.push(u32::try_from(place).unwrap_or(u32::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(columns: &str, rows: &[&str]) -> Sheet {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect();
        Sheet { columns: cells(columns), rows: rows.iter().map(|row| cells(row)).collect() }
    }

    fn plan(question: &[&str], group: Option<&str>, weight: Option<&str>) -> Plan {
        Plan {
            questions: vec![Question { id: "q".into(), columns: question.iter().map(ToString::to_string).collect() }],
            groups: group.map(|column| ("by".to_owned(), column.to_owned())).into_iter().collect(),
            weight: weight.map(str::to_owned),
            period: "2025".into(),
            ..Plan::default()
        }
    }

    /// Every row as `measure answer group value status`; numbers with one decimal.
    fn lines(sheet: &Sheet, plan: &Plan) -> Vec<String> {
        let (table, findings) = tabulate(sheet, plan, "survey");
        let table = table.unwrap_or_else(|| panic!("{findings:?}"));
        (0..table.len())
            .map(|row| {
                let codes: Vec<&str> =
                    table.dimensions.iter().filter(|column| column.id != "question").map(|column| column.get(row)).collect();
                let value = table.value[row].map_or("-".into(), |value| format!("{value:.1}"));
                format!("{} {value} {}", codes.join(" "), table.obs_status.get(row)).trim().to_owned()
            })
            .collect()
    }

    fn check(sheet: &Sheet, plan: &Plan, expected: &[&str]) {
        let lines = lines(sheet, plan);
        for line in expected {
            assert!(lines.iter().any(|found| found == line), "no `{line}` in {lines:#?}");
        }
    }

    /// `count` persons with this row.
    fn persons<'a>(groups: &[(&'a str, usize)]) -> Vec<&'a str> {
        groups.iter().flat_map(|(row, count)| std::iter::repeat_n(*row, *count)).collect()
    }

    /// Against the values of the R package `binom` (method wilson) as printed in its manual and textbooks.
    #[test]
    fn intervals() {
        for (share, n, low, high) in
            [(0.5, 100.0, 0.4038, 0.5962), (0.1, 10.0, 0.0179, 0.4042), (0.0, 20.0, 0.0, 0.1611), (1.0, 20.0, 0.8389, 1.0)]
        {
            let found = wilson(share, n);
            assert!((found.0 - low).abs() < 1e-4 && (found.1 - high).abs() < 1e-4, "{share} {n}: {found:?}");
        }
    }

    #[test]
    fn one_answer_each() {
        let rows = persons(&[("yes", 60), ("no", 40), ("", 7)]);
        check(
            &sheet("q", &rows),
            &plan(&["q"], None, None),
            &["n total 100.0", "n yes 60.0", "share yes 60.0", "share_low yes 50.2", "share_high yes 69.1", "share no 40.0"],
        );
        let few = persons(&[("yes", 20), ("no", 20)]);
        check(&sheet("q", &few), &plan(&["q"], None, None), &["n total 40.0 u", "share yes 50.0 u"]);
    }

    #[test]
    fn weights_count() {
        let rows = persons(&[("yes,3", 50), ("no,1", 50)]);
        // n_eff = 200² / (50·9 + 50) = 80.
        let (low, high) = wilson(0.75, 80.0);
        let bounds = [format!("share_low yes {:.1}", 100.0 * low), format!("share_high yes {:.1}", 100.0 * high)];
        check(&sheet("q,w", &rows), &plan(&["q"], None, Some("w")), &["n yes 50.0", "share yes 75.0", &bounds[0], &bounds[1]]);
        for weight in ["", "0", "-1", "x", "inf"] {
            let (table, findings) = tabulate(&sheet("q,w", &[&format!("yes,{weight}")]), &plan(&["q"], None, Some("w")), "s");
            assert!(table.is_none() && findings[0].code == "weight-wrong", "{weight}: {findings:?}");
        }
    }

    #[test]
    fn several_answers_each() {
        let rows = persons(&[("x,x", 30), ("x,0", 30), ("0,0", 40), (",", 5)]);
        check(
            &sheet("English,German", &rows),
            &plan(&["English", "German"], None, None),
            &["n total 100.0", "share English 60.0", "share German 30.0"],
        );
    }

    #[test]
    fn few_answers_are_hidden_with_what_tells_them() {
        let rows = persons(&[("yes", 3), ("no", 50), ("perhaps", 60)]);
        check(
            &sheet("q", &rows),
            &plan(&["q"], None, None),
            &["n yes - H", "share yes - H", "share no - H", "share perhaps 53.1", "n total 113.0"],
        );
    }

    #[test]
    fn groups_do_not_give_each_other_away() {
        let rows = persons(&[("yes,F", 30), ("no,F", 30), ("yes,M", 3), ("no,M", 60)]);
        let found = lines(&sheet("q,sex", &rows), &plan(&["q"], Some("sex"), None));
        // Three men said yes: nor may the women's be known, nor either group's rest.
        for hidden in ["n yes M - H", "n yes F - H", "n no M - H", "n no F - H"] {
            assert!(found.iter().any(|line| line == hidden), "no `{hidden}` in {found:#?}");
        }
        assert!(found.iter().any(|line| line == "n yes total 33.0"), "{found:#?}");
    }

    #[test]
    fn what_is_not_there_is_said() {
        let (table, findings) = tabulate(&sheet("q1,q2", &["a,b"]), &plan(&["Q1"], Some("sex"), None), "s");
        assert!(table.is_none());
        let said: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(said, ["expected the column `Q1`, found none; the nearest is `q1`", "expected the column `sex`, found none"]);
        let (table, findings) = tabulate(&sheet("q,q", &["a,b"]), &plan(&["q"], None, None), "s");
        assert!(table.is_none() && findings[0].code == "column-twice");
    }
}
