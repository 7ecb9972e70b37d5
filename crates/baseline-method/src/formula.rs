//! The formulas by which figures of a report are computed of other figures, in one place: what each gives, with which
//! parameters, and where it is from. `baseline method`, `provenance.json` and the tests go over this list.
//!
//! Computes nothing: that is done where the figures are, in `derive` and `compare`; a test recomputes every derived number
//! of a report by what stands here.

use baseline_model::Formula;

/// What there is to know of a formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Documented {
    /// One line: what it gives.
    pub about: &'static str,
    /// In plain signs, of the inputs in their order and the parameters.
    pub formula: &'static str,
    /// Name and meaning of what stands beside the inputs.
    pub parameters: &'static [(&'static str, &'static str)],
    pub source: &'static str,
    /// The method of [`crate::METHODS`] that gives the same for a file.
    pub method: Option<&'static str>,
}

const CARRY: (&str, &str) =
    ("carry", "years by which the denominator may be older than the numerator; how many it is, is the figure's carried_years");
const GAP: &[(&str, &str)] = &[
    ("direction", "of the indicator: higher_is_better, lower_is_better or neutral"),
    ("sign", "s: -1 where higher is better, else 1"),
];

const RUN: &[(&str, &str)] = &[
    ("run", "choices, seed and cells, in the section `runs`"),
    ("unit", "whose rank; none: the mean over all"),
    ("statistic", "rank (of the reference), median, lower, upper (ends of the interval), shift (mean of |reference − rank|)"),
];

/// The documentation of a formula.
pub fn documented(formula: Formula) -> Documented {
    let plain = Documented { about: "", formula: "", parameters: &[], source: "", method: None };
    let quotient = Documented { parameters: &[CARRY], source: "arithmetic; numerator and denominator of one region", ..plain };
    match formula {
        Formula::Ratio => Documented { about: "a quotient", formula: "n/d", ..quotient },
        Formula::Share => Documented { about: "a share in percent", formula: "100 n/d", ..quotient },
        Formula::PerThousand => Documented { about: "a rate per thousand", formula: "1000 n/d", ..quotient },
        Formula::Sum => Documented {
            about: "a sum of parts; missing unless every part is there",
            formula: "Σ x",
            parameters: &[("parts", "how many parts there must be")],
            source: "arithmetic",
            ..plain
        },
        Formula::GapPp => Documented {
            about: "how far a group is behind its reference group, percentage points; disadvantage positive",
            formula: "s (p − q)",
            parameters: GAP,
            source: "see `baseline method gap`",
            method: Some("gap"),
        },
        Formula::OddsRatio => Documented {
            about: "odds ratio of a group and its reference group; above 1 for a disadvantage",
            formula: "([p/(100−p)] / [q/(100−q)])^s",
            parameters: GAP,
            source: "see `baseline method gap`",
            method: Some("gap"),
        },
        Formula::GapRatio => Documented {
            about: "ratio of the rates of a group and its reference group; above 1 for a disadvantage",
            formula: "(p/q)^s",
            parameters: GAP,
            source: "see `baseline method gap`",
            method: Some("gap"),
        },
        Formula::LogOdds => Documented {
            about: "natural logarithm of the odds ratio; above 0 for a disadvantage",
            formula: "s ln([p/(100−p)] / [q/(100−q)])",
            parameters: GAP,
            source: "see `baseline method gap`",
            method: Some("gap"),
        },
        Formula::RelativeGap => Documented {
            about: "how far a group is behind its reference group, percent of the reference's rate; disadvantage positive",
            formula: "100 s (p − q)/q",
            parameters: GAP,
            source: "see `baseline method gap`",
            method: Some("gap"),
        },
        Formula::Difference => Documented {
            about: "difference to a benchmark of the same period, in the indicator's unit",
            formula: "x − y",
            source: "arithmetic",
            ..plain
        },
        Formula::Change => Documented {
            about: "change since an earlier period that no break of the series separates, in the indicator's unit",
            formula: "x_latest − x_earlier",
            parameters: &[("years_at_most", "how far back it reaches")],
            source: "arithmetic; flag b after the Eurostat list of observation statuses",
            ..plain
        },
        Formula::Position => Documented {
            about: "place from the best among the NUTS 2 regions with a number; ties share their places",
            formula: "1 + number of regions with a better value",
            parameters: &[
                ("best", "highest or lowest: the end from which is counted"),
                ("region", "whose place it is"),
                ("among", "indicator, group and period of the regions' values"),
                ("regions", "all of the table, or eu: those of the EU"),
                ("last", "the last of the places that equal values share"),
                ("of", "number of regions"),
            ],
            source: "competition ranking on the published values",
            ..plain
        },
        Formula::WeightedMean => Documented {
            about: "mean over territories, each weighted by the rate's own denominator",
            formula: "Σ w x / Σ w; inputs alternate: x, w, x, w, ...",
            parameters: &[("weight", "the indicator that holds the denominator")],
            source: "arithmetic; the weights are those by which the rates of parts give the rate of the whole",
            ..plain
        },
        Formula::Interpolation => Documented {
            about: "a year between two own years of a series that no break separates; estimated by us, so the status has an e",
            formula: "x_from + (x_to − x_from) (year − from)/(to − from); inputs: x_from, x_to",
            parameters: &[
                ("from", "the year before"),
                ("to", "the year after, at most 4 later"),
                ("year", "the year between"),
                ("share", "(year − from)/(to − from)"),
            ],
            source: "ladder of missing values: see `baseline method impute`",
            method: Some("impute"),
        },
        Formula::Synthetic => Documented {
            about: "an estimate: a country's rates by group over the local shares of the groups; no local behaviour is in it",
            formula: "[(100 − Σ s_k) r_0 + Σ s_k r_k]/100; inputs: r_0, then s_k and r_k by turns; s in percent",
            parameters: &[
                ("composition", "indicators that the shares are from"),
                ("of", "region whose composition it is"),
                ("period", "of the composition; the rates' is the figure's own"),
                ("assumption", "what the shares are of, where not of the rate's own denominator"),
                ("span", "lowest and highest estimate over the declared compositions at hand; no interval of confidence"),
                ("alternatives", "the other compositions of the span, with region and period"),
            ],
            source: "post-stratified synthetic estimator: see `baseline method synthetic`",
            method: Some("synthetic"),
        },
        Formula::Conversion => Documented {
            about: "a count of a region of an older NUTS version for the newer region; estimated by us, so the status has an e",
            formula: "share x",
            parameters: &[
                ("from", "the older region"),
                ("to", "the newer region"),
                ("weight", "what the share is of"),
                ("share", "of the older region's weight that lies in the newer one"),
            ],
            source: "see `baseline method nuts-convert`",
            method: Some("nuts-convert"),
        },
        Formula::Score => Documented {
            about: "score from 0 to 100 between fixed goalposts; a value outside them is clipped",
            formula: "100 min(1, max(0, (x − worst)/(best − worst)))",
            parameters: &[
                ("worst", "scores 0; above `best` where lower is better"),
                ("best", "scores 100"),
                ("goalposts", "version of the goalposts"),
                ("clipped", "yes: the value lies outside"),
            ],
            source: "see `baseline method normalise`",
            method: Some("normalise"),
        },
        Formula::Composite => Documented {
            about: "composite of scores: a mean inside each dimension, then a mean over the dimensions; never without its interval",
            formula: "arithmetic: Σ w x / Σ w; geometric: exp(Σ w ln max(x, floor) / Σ w); over what is there",
            parameters: &[
                ("dimensions", "weight of each dimension, and in brackets of each indicator in it, as declared"),
                ("within", "mean inside a dimension"),
                ("across", "mean over the dimensions"),
                ("floor", "least score in a geometric mean"),
            ],
            source: "OECD/JRC Handbook on Constructing Composite Indicators (2008), step 6",
            method: None,
        },
        Formula::MonteCarlo => Documented {
            about: "what is known of a rank in a composite when its choices are drawn many times",
            formula: "the statistic over the ranks of all draws; draw 0 is the reference",
            parameters: RUN,
            source: "see `baseline method monte-carlo`",
            method: Some("monte-carlo"),
        },
        Formula::Sobol => Documented {
            about: "share of the variance of the mean rank shift that one choice explains, alone or with its interactions",
            formula: "first = (1/n) Σ f(B) (f(A_B) − f(A)) / V; total = (1/2n) Σ (f(A) − f(A_B))² / V",
            parameters: &[
                ("run", "choices and cells, in the section `runs`"),
                ("factor", "the choice"),
                ("order", "first or total"),
            ],
            source: "see `baseline method sobol`",
            method: Some("sobol"),
        },
        Formula::Arrived => Documented {
            about: "part of the later share that arrived since the earlier one, percent",
            formula: "100 (later − earlier)/later",
            source: "see `baseline method quadrant`",
            method: Some("quadrant"),
            ..plain
        },
        Formula::AdjustedRand => Documented {
            about: "agreement of a cluster analysis with labels, adjusted for chance: 1 the same grouping, 0 as by chance",
            formula: "(S − AB/N) / ((A + B)/2 − AB/N) over pairs of places; clusters of the z-scores (n − 1) of the inputs",
            parameters: &[
                ("method", "ward or k_means"),
                ("k", "number of groups"),
                ("starts", "of k-means"),
                ("seed", "of k-means"),
                ("labels", "place=label, ..."),
            ],
            source: "see `baseline method cluster` and `baseline method rand-index`",
            method: Some("cluster"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_documented() {
        for formula in Formula::ALL {
            let found = documented(formula);
            assert!(!found.about.is_empty() && !found.formula.is_empty() && !found.source.is_empty(), "{}", formula.id());
            if let Some(method) = found.method {
                assert!(crate::find(method).is_ok(), "{}: no method `{method}`", formula.id());
            }
        }
    }
}
