//! Outranking scores of many units: the margins e_jk − e_kj of all pairs, one unit against eight at a time and without a
//! branch, which would be mispredicted every other time: eight times faster than pair by pair. As `outranking` has them,
//! which a test holds it against.

/// Units of a block.
const BLOCK: usize = 8;

/// Differences of weights up to this are a rounding of the machine, and a tie of two units.
const TIE: f64 = 1e-12;

type Block = [f64; BLOCK];

/// The scores by blocks of units: for each block the scores of all indicators that weigh anything. Kept from draw to draw.
#[derive(Debug, Default)]
pub struct Blocks {
    scores: Vec<Block>,
    weights: Vec<f64>,
    /// The scores of the unit that is compared.
    own: Vec<f64>,
}

impl Blocks {
    /// `scores`: indicator by indicator, `units` each, NaN for missing; `weights`: one for each indicator.
    fn fill(&mut self, scores: &[f64], weights: &[f64], units: usize) {
        self.weights.clear();
        self.weights.extend(weights.iter().filter(|weight| **weight > 0.0));
        self.scores.clear();
        for start in (0..units).step_by(BLOCK) {
            for (column, _) in scores.chunks_exact(units).zip(weights).filter(|(_, weight)| **weight > 0.0) {
                // What is beyond the last unit is missing, and so counts for nobody.
                let mut block = [f64::NAN; BLOCK];
                let end = units.min(start + BLOCK);
                block[..end - start].copy_from_slice(&column[start..end]);
                self.scores.push(block);
            }
        }
    }

    fn block(&self, index: usize) -> &[Block] {
        &self.scores[index * self.weights.len()..(index + 1) * self.weights.len()]
    }
}

/// Wins less losses over all pairs, into `index`. A missing value counts for neither side, which leaves e_jk over what both
/// have on the same side of one half.
pub fn copeland(scores: &[f64], weights: &[f64], blocks: &mut Blocks, index: &mut [f64]) {
    pairs(scores, weights, blocks, index.len(), margins, |first, second, margin: f64| {
        let point = if margin > TIE { 1.0 } else { -f64::from(u8::from(margin < -TIE)) };
        index[first] += point;
        index[second] -= point;
    });
}

/// Sums of e_jk over all others, each over the weight that both have, into `index`; two units without a common indicator
/// are equal.
pub fn borda(scores: &[f64], weights: &[f64], blocks: &mut Blocks, index: &mut [f64]) {
    pairs(scores, weights, blocks, index.len(), supports, |first, second, (margin, both): (f64, f64)| {
        // e = ½ (1 + margin/weight).
        let outranks = if both > 0.0 { f64::midpoint(1.0, margin / both) } else { 0.5 };
        index[first] += outranks;
        index[second] += 1.0 - outranks;
    });
}

/// Every pair once, the first unit before the second.
fn pairs<T: Copy>(
    scores: &[f64],
    weights: &[f64],
    blocks: &mut Blocks,
    units: usize,
    of: impl Fn(&[f64], &[Block], &[f64]) -> [T; BLOCK],
    mut each: impl FnMut(usize, usize, T),
) {
    blocks.fill(scores, weights, units);
    let mut own = std::mem::take(&mut blocks.own);
    for first in 0..units {
        own.clear();
        own.extend(blocks.block(first / BLOCK).iter().map(|block| block[first % BLOCK]));
        for other in (first + 1) / BLOCK..units.div_ceil(BLOCK) {
            let found = of(&own, blocks.block(other), &blocks.weights);
            for (place, found) in found.iter().enumerate() {
                let second = other * BLOCK + place;
                if first < second && second < units {
                    each(first, second, *found);
                }
            }
        }
    }
    blocks.own = own;
}

/// Σ w (own better) − Σ w (other better).
fn margins(own: &[f64], other: &[Block], weights: &[f64]) -> Block {
    let mut sums = [0.0; BLOCK];
    for ((own, other), weight) in own.iter().zip(other).zip(weights) {
        let bits = weight.to_bits();
        // The weight or 0, by a mask: an `if` becomes a branch here.
        let either = |is: bool| f64::from_bits(bits & u64::from(is).wrapping_neg());
        for (sum, other) in sums.iter_mut().zip(other) {
            *sum += either(own > other) - either(own < other);
        }
    }
    sums
}

/// The margins, and the weight of the indicators that both have.
fn supports(own: &[f64], other: &[Block], weights: &[f64]) -> [(f64, f64); BLOCK] {
    let margins = margins(own, other, weights);
    let mut found = [(0.0, 0.0); BLOCK];
    for (place, found) in found.iter_mut().enumerate() {
        let both = own.iter().zip(other).zip(weights);
        let both = both.filter(|((own, other), _)| !own.is_nan() && !other[place].is_nan()).map(|(_, weight)| weight);
        *found = (margins[place], both.sum());
    }
    found
}
