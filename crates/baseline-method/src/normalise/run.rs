//! `baseline compute normalise`: every normalisation of every indicator side by side, or some of them.

use baseline_model::Finding;
use baseline_model::definitions::Direction;

use super::outliers::{Bounds, Treatment, treat};
use super::scaling::{Knobs, Scaling, WORDS, parse_bands};
use super::{Clip, Reference, Score};
use crate::Fault;
use crate::inputs::{self, Post, Wide};
use crate::method::{Answer, Cell, Column, Given, Method, Param};
use crate::rank::{Best, ranks};

pub const METHOD: Method = Method {
    id: "normalise",
    about: "Indicators of different units on one scale, by each of the common normalisations",
    formula: &[
        "minmax = (x − min)/(max − min), min and max over all rows of the file (all years pooled)",
        "goalposts = clip((x − worst)/(best − worst), 0, 1); worst above best where lower is better; a clip is logged",
        "zscore = (x − mean)/s, s with n − 1",
        "rank = 1 for the worst, equal values share the lower; position = 1 for the best",
        "percentile_handbook = 100 rank/n; percentile_coinr = (rank − 1)/(n − 1)",
        "ratio_to_r = x/r; reldiff_to_r = (x − r)/r; r = mean, best, worst or a named unit",
        "target = (x − min)/(target − min), at most 1",
        "above_below = 1 for x/mean > 1 + p, −1 for x/mean < 1 − p, else 0",
        "categorical = score of the band of percentile_handbook",
        "where lower is better: minmax and target from the other end, ratio inverted, the others with their sign or order turned",
        "treat=coinr: while |skewness| ≥ 2 and kurtosis ≥ 3.5, the farthest points take their neighbour's value, at most 5 points; \
         if that is not enough ln(x − min + 0.01 (max − min)) of all",
    ],
    sources: &[
        "OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5; the bands are read off its Table 15",
        "Becker et al., COINr: An R package for developing composite indicators (2022): distance to target, percentile, outliers",
        "the example's figures: UNDP's Technology Achievement Index as printed in the Handbook, Table A.2 (five countries)",
    ],
    assumptions: &[
        "ratios and relative differences mean something on ratio scales only",
        "all scales but goalposts and target move when rows are added",
        "percentile_handbook and percentile_coinr are two conventions; a study declares one",
    ],
    columns: &[Column {
        name: "*",
        required: false,
        about: "the first column (and columns of texts) name the row, the others are indicators",
    }],
    params: &[
        Param {
            name: "method",
            default: "all",
            file: false,
            about: "all, or some of: minmax, goalposts, zscore, rank, percentile_handbook, percentile_coinr, ratio_to_mean, \
                    ratio_to_best, ratio_to_worst, ratio_to_reference, reldiff_to_mean, reldiff_to_best, reldiff_to_worst, \
                    reldiff_to_reference, target, above_below, categorical",
        },
        inputs::INDICATORS,
        inputs::LOWER,
        Param { name: "reference", default: "", file: false, about: "a unit, for ratio_to_reference and reldiff_to_reference" },
        Param { name: "target", default: "", file: false, about: "a number, for target; of all indicators" },
        Param { name: "targets", default: "", file: true, about: "columns indicator,target, where they differ" },
        Param {
            name: "goalposts",
            default: "",
            file: true,
            about: "columns indicator and worst,best, or lower,upper and perhaps direction; also log10(901) or ln(901)",
        },
        Param { name: "p", default: "0.2", file: false, about: "share above or below the mean, for above_below" },
        Param {
            name: "bands",
            default: "0:0 5:20 15:40 35:50 65:60 85:80 95:100",
            file: false,
            about: "percentile:score, from 0 up, for categorical",
        },
        Param {
            name: "scale",
            default: "1",
            file: false,
            about: "1 or 100: the top of minmax, goalposts, target and percentile_coinr",
        },
        Param { name: "treat", default: "none", file: false, about: "none, or coinr: outliers are drawn in before scaling" },
        inputs::ID,
        inputs::TIME,
    ],
    example: (
        include_str!("../../examples/normalise.csv"),
        &[("goalposts", "normalise.goalposts.csv"), ("reference", "Finland")],
    ),
    compute,
};

fn compute(given: &Given<'_>) -> Result<Answer, Fault> {
    let wide = inputs::wide(given)?;
    let names: Vec<&str> = wide.indicators.iter().map(|(name, _)| *name).collect();
    let lower = inputs::names(given.param("lower_is_better"), &names, "--param lower_is_better")?;
    let setup = Setup::read(given, &wide, &names)?;
    let mut columns: Vec<&str> = wide.ids.clone();
    columns.extend(["indicator", "value"]);
    if setup.treat {
        columns.push("treated");
    }
    columns.push("position");
    columns.extend(&setup.words);
    columns.extend(setup.words.contains(&"goalposts").then_some("clipped"));
    let mut answer = Answer::new(&columns);
    for (name, values) in &wide.indicators {
        let post = setup.posts.as_ref().and_then(|posts| posts.get(*name));
        let stated = post.and_then(|post| post.direction);
        let direction = direction_of(name, lower.contains(name), stated)?;
        let (values_used, treatment) = treated(name, values, setup.treat)?;
        if let Some(note) = treatment {
            answer.notes.push(note);
        }
        let mut scores: Vec<Vec<Option<Score>>> = Vec::new();
        for word in &setup.words {
            let scaled = setup.scaled(word, name, &values_used, direction)?;
            scores.push(match scaled {
                Ok(scores) => scores,
                // Beside the others a scale that does not exist for this column is left empty, and said.
                Err(fault) => {
                    answer.notes.push(
                        Finding::warning("scale-left-out", format!("{name}, {word}"), fault.to_string()).hint(fault.hint()),
                    );
                    vec![None; values.len()]
                }
            });
        }
        let clips = setup.words.iter().position(|word| *word == "goalposts").map(|index| &scores[index]);
        answer.notes.extend(clips.and_then(|scores| clip_note(name, scores, &|row| wide.row(row))));
        let best = if direction == Direction::LowerIsBetter { Best::Lowest } else { Best::Highest };
        let positions = ranks(&values_used, best);
        for row in 0..values.len() {
            let mut cells: Vec<Cell> = wide.keys[row].iter().map(|key| Cell::from(*key)).collect();
            cells.extend([Cell::from(*name), Cell::number(values[row])]);
            if setup.treat {
                cells.push(Cell::number(values_used[row]));
            }
            cells.push(Cell::whole(positions[row]));
            cells.extend(scores.iter().map(|scores| Cell::number(scores[row].map(|score| score.score))));
            cells.extend(clips.map(|scores| clip_cell(scores[row])));
            answer.rows.push(cells);
        }
    }
    Ok(answer)
}

/// What the parameters say.
struct Setup {
    words: Vec<&'static str>,
    /// All words are wanted: one that has no meaning for a column is left empty there.
    all: bool,
    knobs: Knobs,
    posts: Option<std::collections::BTreeMap<String, Post>>,
    targets: Vec<(String, f64)>,
    scale: f64,
    treat: bool,
}

impl Setup {
    fn read(given: &Given<'_>, wide: &Wide<'_>, names: &[&str]) -> Result<Self, Fault> {
        let reference = match given.param("reference") {
            "" => None,
            unit => Some(Reference::Unit(wide.find(unit).ok_or_else(|| {
                let units: Vec<String> = (0..wide.keys.len()).map(|row| wide.row(row)).collect();
                Fault::shape(
                    "--param reference",
                    format!("a unit out of {}", units.join("; ")),
                    format!("`{unit}`"),
                    "name a row",
                )
            })?)),
        };
        let posts = given.files.get("goalposts").map(inputs::posts).transpose()?;
        if let (Some(posts), Ok(file)) = (&posts, given.file("goalposts")) {
            known(posts.keys().map(String::as_str), names, &file.name, !given.param("indicators").is_empty())?;
        }
        let mut targets = Vec::new();
        if let Some(file) = given.files.get("targets") {
            let indicator = inputs::indicator_column(file)?;
            let keys = file.keys(&[indicator])?;
            known(keys.iter().map(|key| key[0]), names, &file.name, !given.param("indicators").is_empty())?;
            targets.extend(keys.iter().map(|key| key[0].to_owned()).zip(file.full("target")?));
        }
        let target = given.number("target")?;
        let knobs = Knobs {
            goalposts: None,
            target,
            reference,
            p: given.number("p")?.unwrap_or(0.2),
            bands: parse_bands(given.param("bands"))?,
        };
        let all = given.param("method") == "all";
        let words = if all {
            let at_hand = |word: &&str| match *word {
                "raw" => false,
                "goalposts" => posts.is_some(),
                "target" => target.is_some() || !targets.is_empty(),
                "ratio_to_reference" | "reldiff_to_reference" => reference.is_some(),
                _ => true,
            };
            WORDS.into_iter().filter(at_hand).collect()
        } else {
            inputs::names(given.param("method"), &WORDS[1..], "--param method")?
        };
        let scale = given.number("scale")?.unwrap_or(1.0);
        if scale <= 0.0 {
            return Err(Fault::number("--param scale", "a number above 0", &scale));
        }
        let treat = given.choice("treat", &["none", "coinr"])? == "coinr";
        Ok(Self { words, all, knobs, posts, targets, scale, treat })
    }

    /// The scores; the inner fault is one that leaves the column empty beside others.
    fn scaled(
        &self,
        word: &str,
        name: &str,
        values: &[Option<f64>],
        direction: Direction,
    ) -> Result<Result<Vec<Option<Score>>, Fault>, Fault> {
        let mut knobs = self.knobs.clone();
        knobs.goalposts = self.posts.as_ref().and_then(|posts| posts.get(name)).and_then(|post| post.goalposts);
        knobs.target = self.targets.iter().find(|target| target.0 == name).map(|target| target.1).or(knobs.target);
        let scores = match Scaling::of(word, &knobs) {
            None => {
                let hint =
                    "--param goalposts=FILE, --param target=NUMBER, --param targets=FILE or --param reference=UNIT gives it";
                Err(Fault::shape(name, format!("what `{word}` needs"), "nothing", hint))
            }
            Some(scaling) => scaling.apply(values, direction).map(|mut scores| {
                if scaling.is_unit_scale() {
                    scores.iter_mut().flatten().for_each(|score| score.score *= self.scale);
                }
                scores
            }),
        };
        let scores = scores.map_err(|fault| fault.within(&format!("column {name}, {word}")));
        // A fault of the input itself is none of the scale's.
        if self.all && !matches!(&scores, Err(Fault::Few { found: 0, .. })) { Ok(scores) } else { scores.map(Ok) }
    }
}

/// The direction of an indicator that a parameter and a file state.
///
/// # Errors
/// When they contradict one another.
pub(crate) fn direction_of(name: &str, lower: bool, stated: Option<Direction>) -> Result<Direction, Fault> {
    match (lower, stated) {
        (true, Some(Direction::HigherIsBetter | Direction::Neutral)) => {
            let hint = "the goalposts or the file say that higher is better: correct one of the two";
            Err(Fault::shape("--param lower_is_better", "an indicator where lower is better", format!("`{name}`"), hint))
        }
        (true, _) => Ok(Direction::LowerIsBetter),
        (false, stated) => Ok(stated.unwrap_or(Direction::HigherIsBetter)),
    }
}

/// A column after the rule for outliers, and what was done to it.
pub(crate) fn treated(name: &str, values: &[Option<f64>], treats: bool) -> Result<(Vec<Option<f64>>, Option<Finding>), Fault> {
    if !treats {
        return Ok((values.to_vec(), None));
    }
    let treated = treat(values, Bounds::default()).map_err(|fault| fault.within(&format!("column {name}")))?;
    let shape = |shape: Option<(f64, f64)>| shape.map_or("none".into(), |(skew, kurt)| format!("{skew:.2} and {kurt:.2}"));
    let what = match treated.treatment {
        Treatment::None => return Ok((treated.values, None)),
        Treatment::Winsorised(1) => "1 point takes its neighbour's value".to_owned(),
        Treatment::Winsorised(points) => format!("{points} points take their neighbour's value"),
        Treatment::Logarithm => "logarithms of all values, because winsorising was not enough".to_owned(),
    };
    let message = format!("{what}; skewness and kurtosis {} before, {} after", shape(treated.before), shape(treated.after));
    Ok((treated.values, Some(Finding::info("outliers-treated", format!("column {name}"), message))))
}

/// One note for all values of an indicator outside its goalposts.
pub(crate) fn clip_note(name: &str, scores: &[Option<Score>], row: &dyn Fn(usize) -> String) -> Option<Finding> {
    let clipped: Vec<(usize, Clip)> =
        scores.iter().enumerate().filter_map(|(row, score)| Some((row, (*score)?.clipped?))).collect();
    let first = clipped.first()?;
    let below = clipped.iter().filter(|(_, clip)| *clip == Clip::BelowWorst).count();
    let message = format!(
        "values outside the goalposts, set to an end: {below} beyond the worst, {} beyond the best; the first is {}",
        clipped.len() - below,
        row(first.0)
    );
    let mut note = Finding::warning("goalpost-clip", format!("column {name}"), message)
        .hint("the column `clipped` marks each; wider goalposts would tell them apart");
    note.count = clipped.len() as u64;
    Some(note)
}

pub(crate) fn clip_cell(score: Option<Score>) -> Cell {
    match score.and_then(|score| score.clipped) {
        None => Cell::Missing,
        Some(Clip::BelowWorst) => Cell::from("worst"),
        Some(Clip::AboveBest) => Cell::from("best"),
    }
}

/// A file may name only indicators of the input; those that were not chosen may stand in it.
fn known<'a>(mut named: impl Iterator<Item = &'a str>, names: &[&str], file: &str, chosen: bool) -> Result<(), Fault> {
    match named.find(|name| !chosen && !names.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let hint = baseline_model::definitions::nearest(name, names.iter().copied())
                .map_or_else(|| "remove the row, or add the column".to_owned(), |close| format!("did you mean `{close}`?"));
            Err(Fault::shape(file, format!("names out of {}", names.join("; ")), format!("`{name}`"), hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Sheet;

    fn run(text: &str, params: &[(&str, &str)]) -> Result<Answer, Fault> {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        crate::compute(&METHOD, &Sheet::read("x.csv", text.as_bytes())?, &params, &BTreeMap::new())
    }

    fn check(text: &str, params: &[(&str, &str)], expected: &str) {
        let found = match run(text, params) {
            Ok(answer) => answer.csv().lines().skip(1).collect::<Vec<_>>().join(" | "),
            Err(fault) => format!("{} {fault}", fault.code()),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn chosen() {
        check("id,x\na,1\nb,3\nc,\n", &[("method", "minmax"), ("scale", "100")], "a,x,1,2,0 | b,x,3,1,100 | c,x,,,");
        check("id,x\na,1\nb,3\n", &[("method", "rank"), ("lower_is_better", "x")], "a,x,1,1,2 | b,x,3,2,1");
        check("id,year,x\na,2020,1\na,2021,3\n", &[("method", "minmax")], "a,2020,x,1,2,0 | a,2021,x,3,1,1");
        check(
            "code,name,x\na,A,1\nb,B,3\n",
            &[("method", "ratio_to_reference"), ("reference", "B")],
            "a,A,x,1,2,0.3333333333333333 | b,B,x,3,1,1",
        );
    }

    #[test]
    fn refused() {
        check("id,x\na,1\na,3\n", &[], "method-duplicate x.csv, line 3: `a` stands twice, first in line 2");
        check("id,x,y\na,1,\nb,2,\n", &[], "method-too-few x.csv, numbers in column y: 0 usable, at least 1 needed");
        check("id,x\na,1\n", &[("method", "minmax")], "method-too-few column x, minmax, numbers: 1 usable, at least 2 needed");
        check(
            "id,x\na,1\nb,2\n",
            &[("method", "target")],
            "method-shape column x, target, x: expected what `target` needs, found nothing",
        );
        check(
            "id,x\na,NaN\nb,2\n",
            &[],
            "method-number x.csv, line 2, column x: expected a finite number with a decimal point, or an empty cell, found `NaN`",
        );
        check(
            "id,x\na,-5\nb,5\n",
            &[("method", "ratio_to_mean")],
            "method-number column x, ratio_to_mean, reference: expected a divisor above 0, found 0",
        );
    }

    /// OECD/JRC Handbook 2008, Table 15: every column to the printed digits.
    #[test]
    fn table_15() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/validation/tai_table15_schooling_expected.csv");
        let Ok(bytes) = std::fs::read(path) else {
            println!("skipped: no ../shared/validation");
            return;
        };
        let expected = Sheet::read("table15.csv", &bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let answer = run(&text, &[("indicators", "schooling"), ("id", "country")]).unwrap();
        let pairs = [
            ("rank_min_high_is_top", "rank", 0.0),
            ("zscore_sample_sd_n_minus_1", "zscore", 0.01),
            ("minmax", "minmax", 0.01),
            ("ratio_to_mean", "ratio_to_mean", 0.01),
            ("ratio_to_best", "ratio_to_best", 0.01),
            ("ratio_to_worst", "ratio_to_worst", 0.01),
            ("reldiff_to_mean", "reldiff_to_mean", 0.01),
            ("reldiff_to_worst", "reldiff_to_worst", 0.01),
            ("above_below_mean_p20", "above_below", 0.0),
            ("percentile_100rank_over_n", "percentile_handbook", 0.05001),
            ("categorical", "categorical", 0.0),
        ];
        for (theirs, ours, tolerance) in pairs {
            let column = answer.columns.iter().position(|column| column == ours).unwrap();
            for (row, value) in expected.full(theirs).unwrap().into_iter().enumerate() {
                let Cell::Number(found) = answer.rows[row][column] else { panic!("{ours}, row {row}") };
                assert!((found - value).abs() <= tolerance, "{ours}, row {row}: {found}, expected {value}");
            }
        }
    }
}
