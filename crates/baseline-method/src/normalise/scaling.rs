//! The normalisations as one closed set, for whoever lets the user, or a draw, choose between them.

use baseline_model::definitions::Direction;

use super::{BANDS, Goalposts, Percentile, Reference, Score};
use crate::Fault;

/// How an indicator is put on a scale.
#[derive(Debug, Clone, PartialEq)]
pub enum Scaling {
    /// The number as it is; only where higher is better.
    Raw,
    MinMax,
    Goalposts(Goalposts),
    ZScore,
    Rank,
    Percentile(Percentile),
    Ratio(Reference),
    Relative(Reference),
    Target(f64),
    /// With the share by which a value must be off the mean.
    AboveBelow(f64),
    /// Lower bounds in percentiles, with scores.
    Bands(Vec<(f64, f64)>),
}

/// What the words for normalisations need besides the numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Knobs {
    pub goalposts: Option<Goalposts>,
    pub target: Option<f64>,
    /// Of `ratio_to_reference` and `reldiff_to_reference`.
    pub reference: Option<Reference>,
    pub p: f64,
    pub bands: Vec<(f64, f64)>,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { goalposts: None, target: None, reference: None, p: 0.2, bands: BANDS.to_vec() }
    }
}

/// The words of [`Scaling::of`], in the order of answers.
pub const WORDS: [&str; 18] = [
    "raw",
    "goalposts",
    "minmax",
    "zscore",
    "rank",
    "percentile_handbook",
    "percentile_coinr",
    "ratio_to_mean",
    "ratio_to_best",
    "ratio_to_worst",
    "ratio_to_reference",
    "reldiff_to_mean",
    "reldiff_to_best",
    "reldiff_to_worst",
    "reldiff_to_reference",
    "target",
    "above_below",
    "categorical",
];

impl Scaling {
    /// The normalisation of a word; `None` when it needs a knob that is not set, or is no such word.
    pub fn of(word: &str, knobs: &Knobs) -> Option<Self> {
        Some(match word {
            "raw" => Self::Raw,
            "goalposts" => Self::Goalposts(knobs.goalposts?),
            "minmax" => Self::MinMax,
            "zscore" => Self::ZScore,
            "rank" => Self::Rank,
            "percentile_handbook" => Self::Percentile(Percentile::Handbook),
            "percentile_coinr" => Self::Percentile(Percentile::Coinr),
            "ratio_to_mean" => Self::Ratio(Reference::Mean),
            "ratio_to_best" => Self::Ratio(Reference::Best),
            "ratio_to_worst" => Self::Ratio(Reference::Worst),
            "ratio_to_reference" => Self::Ratio(knobs.reference?),
            "reldiff_to_mean" => Self::Relative(Reference::Mean),
            "reldiff_to_best" => Self::Relative(Reference::Best),
            "reldiff_to_worst" => Self::Relative(Reference::Worst),
            "reldiff_to_reference" => Self::Relative(knobs.reference?),
            "target" => Self::Target(knobs.target?),
            "above_below" => Self::AboveBelow(knobs.p),
            "categorical" => Self::Bands(knobs.bands.clone()),
            _ => return None,
        })
    }

    /// Whether its scores go from 0 to 1, so that a factor makes them 0 to 100.
    pub fn is_unit_scale(&self) -> bool {
        match self {
            Self::MinMax | Self::Goalposts(_) | Self::Target(_) | Self::Percentile(Percentile::Coinr) => true,
            Self::Raw
            | Self::ZScore
            | Self::Rank
            | Self::Percentile(Percentile::Handbook)
            | Self::Ratio(_)
            | Self::Relative(_)
            | Self::AboveBelow(_)
            | Self::Bands(_) => false,
        }
    }

    /// The scores of one indicator over all units, higher is better.
    ///
    /// # Errors
    /// As the function of the normalisation; for goalposts that state the other direction; for raw numbers where lower is
    /// better.
    pub fn apply(&self, values: &[Option<f64>], direction: Direction) -> Result<Vec<Option<Score>>, Fault> {
        let plain = match self {
            Self::Raw => {
                if !super::higher(direction)? {
                    let hint = "choose a normalisation, which turns the scale round";
                    return Err(Fault::shape("raw numbers", "higher_is_better", "lower_is_better", hint));
                }
                super::finite(values)?;
                values.to_vec()
            }
            Self::Goalposts(posts) => {
                if super::higher(direction)? != (posts.best > posts.worst) {
                    let found = format!("worst {} and best {}", posts.worst, posts.best);
                    let hint = "worst above best says that lower is better: correct one of the two";
                    return Err(Fault::shape("goalposts", "goalposts in the indicator's direction", found, hint));
                }
                return super::goalposts(values, *posts);
            }
            Self::MinMax => super::min_max(values, direction)?,
            Self::ZScore => super::z_score(values, direction)?,
            Self::Rank => super::rank(values, direction)?.into_iter().map(|rank| rank.map(|rank| rank as f64)).collect(),
            Self::Percentile(convention) => super::percentile(values, *convention, direction)?,
            Self::Ratio(reference) => super::ratio(values, *reference, direction)?,
            Self::Relative(reference) => super::relative(values, *reference, direction)?,
            Self::Target(target) => super::to_target(values, *target, direction)?,
            Self::AboveBelow(p) => super::above_below(values, *p, direction)?,
            Self::Bands(bands) => super::bands(values, bands, direction)?,
        };
        // A quotient of the largest and the smallest numbers may be beyond all.
        super::finite(&plain)?;
        Ok(plain.into_iter().map(|score| score.map(|score| Score { score, clipped: None })).collect())
    }
}

/// Bands as typed: `0:0 5:20 15:40`, percentile and score.
///
/// # Errors
/// When a part is no such pair of numbers.
pub fn parse_bands(text: &str) -> Result<Vec<(f64, f64)>, Fault> {
    let pair = |part: &str| {
        let (bound, score) = part.split_once(':')?;
        Some((bound.parse::<f64>().ok()?, score.parse::<f64>().ok()?))
            .filter(|(bound, score)| bound.is_finite() && score.is_finite())
    };
    text.split([' ', ';', ','])
        .filter(|part| !part.is_empty())
        .map(|part| {
            let hint = "write percentile:score, from 0 up, as 0:0 50:1";
            pair(part).ok_or_else(|| Fault::shape("--param bands", "percentile:score", format!("`{part}`"), hint))
        })
        .collect()
}
