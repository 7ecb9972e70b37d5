//! Random numbers that are a function of (seed, draw, stream) and of nothing else, so that a draw has the same numbers
//! whichever thread computes it, and a single draw can be computed again alone.
//!
//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC11): a counter
//! and a key go through ten rounds of multiplication and exclusive or. The key is the seed; the counter holds the block,
//! the stream and the draw. It is small enough to stand here and has published reference vectors, where the generators
//! of a library may change their streams with a version.
//!
//! Not for secrets.

/// The numbers of one draw and one stream, in order.
#[derive(Debug, Clone)]
pub struct Random {
    key: [u32; 2],
    stream: u32,
    draw: u64,
    block: u32,
    spare: Option<u64>,
}

impl Random {
    /// `stream` keeps apart what is drawn for different purposes in one draw.
    pub fn new(seed: u64, draw: u64, stream: u32) -> Self {
        Self { key: [low(seed), high(seed)], stream, draw, block: 0, spare: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let [a, b, c, d] = philox([self.block, self.stream, low(self.draw), high(self.draw)], self.key);
        self.block = self.block.wrapping_add(1);
        self.spare = Some(u64::from(d) << 32 | u64::from(c));
        u64::from(b) << 32 | u64::from(a)
    }

    /// Uniform between 0 and 1, neither of which it ever is.
    pub fn uniform(&mut self) -> f64 {
        // 52 bits and a half step: with 53 the largest would round to 1.
        ((self.bits() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Standard normal, by the inverse of the distribution function: one uniform a number.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// One of `0..options`, all equally likely; 0 when there are none.
    #[expect(clippy::cast_possible_truncation, reason = "the product's upper half is below `options`")]
    pub fn choice(&mut self, options: usize) -> usize {
        ((u128::from(self.bits()) * options as u128) >> 64) as usize
    }

    /// Gamma with a shape above 0 and scale 1 (Marsaglia and Tsang 2000, "A simple method for generating gamma variables",
    /// ACM TOMS 26(3)).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let root = self.uniform().powf(1.0 / shape);
            return self.gamma(shape + 1.0) * root;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// Fills `shares` with one draw of a symmetric Dirichlet distribution: positive, sum 1. `concentration` 1 is flat over
    /// all such shares; a larger one keeps them closer to equal.
    pub fn dirichlet(&mut self, concentration: f64, shares: &mut [f64]) {
        for share in shares.iter_mut() {
            // By the gamma's own definition for shape 1, which needs no rejection.
            *share = if concentration == 1.0 { -self.uniform().ln() } else { self.gamma(concentration) };
        }
        let sum: f64 = shares.iter().sum();
        if sum > 0.0 {
            for share in shares {
                *share /= sum;
            }
        } else if !shares.is_empty() {
            // Concentrations near zero put all on one, in the limit.
            let one = self.choice(shares.len());
            shares[one] = 1.0;
        }
    }
}

/// The number below which a standard normal lies with probability `p`; infinite for 0 and 1, NaN outside.
///
/// Algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37(3)): relative accuracy about 1e-16.
pub fn normal_quantile(p: f64) -> f64 {
    if p.is_nan() || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * quotient(r, &CENTRE);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-tail.ln()).sqrt();
    let far = if r <= 5.0 { quotient(r - 1.6, &MIDDLE) } else { quotient(r - 5.0, &FAR) };
    far.copysign(q)
}

type Coefficients = ([f64; 8], [f64; 8]);

#[rustfmt::skip]
const CENTRE: Coefficients = (
    [3.387_132_872_796_366_5, 1.331_416_678_917_843_8e2, 1.971_590_950_306_551_3e3, 1.373_169_376_550_946e4,
     4.592_195_393_154_987e4, 6.726_577_092_700_87e4, 3.343_057_558_358_813e4, 2.509_080_928_730_122_7e3],
    [1.0, 4.231_333_070_160_091e1, 6.871_870_074_920_579e2, 5.394_196_021_424_751e3,
     2.121_379_430_158_659_7e4, 3.930_789_580_009_271e4, 2.872_908_573_572_194_3e4, 5.226_495_278_852_854e3],
);
#[rustfmt::skip]
const MIDDLE: Coefficients = (
    [1.423_437_110_749_683_5, 4.630_337_846_156_546, 5.769_497_221_460_691, 3.647_848_324_763_204_5,
     1.270_458_252_452_368_4, 2.417_807_251_774_506e-1, 2.272_384_498_926_918_4e-2, 7.745_450_142_783_414e-4],
    [1.0, 2.053_191_626_637_759, 1.676_384_830_183_803_8, 6.897_673_349_851e-1,
     1.481_039_764_274_800_8e-1, 1.519_866_656_361_645_7e-2, 5.475_938_084_995_345e-4, 1.050_750_071_644_416_9e-9],
);
#[rustfmt::skip]
const FAR: Coefficients = (
    [6.657_904_643_501_103, 5.463_784_911_164_114, 1.784_826_539_917_291_3, 2.965_605_718_285_048_7e-1,
     2.653_218_952_657_612_4e-2, 1.242_660_947_388_078_4e-3, 2.711_555_568_743_487_6e-5, 2.010_334_399_292_288_1e-7],
    [1.0, 5.998_322_065_558_88e-1, 1.369_298_809_227_358e-1, 1.487_536_129_085_061_5e-2,
     7.868_691_311_456_133e-4, 1.846_318_317_510_054_8e-5, 1.421_511_758_316_446e-7, 2.044_263_103_389_939_8e-15],
);

fn quotient(r: f64, (above, below): &Coefficients) -> f64 {
    let polynomial = |terms: &[f64; 8]| terms.iter().rev().fold(0.0, |sum, term| sum * r + term);
    polynomial(above) / polynomial(below)
}

fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let (first, second) = (0xD251_1F53 * u64::from(counter[0]), 0xCD9E_8D57 * u64::from(counter[2]));
        counter = [high(second) ^ counter[1] ^ key[0], low(second), high(first) ^ counter[3] ^ key[1], low(first)];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
fn low(word: u64) -> u32 {
    word as u32
}

fn high(word: u64) -> u32 {
    low(word >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counter: [u32; 4], key: [u32; 2], expected: [u32; 4]) {
        assert_eq!(philox(counter, key), expected);
    }

    /// The known answers published with the Random123 library for philox4x32 with ten rounds.
    #[test]
    fn reference_vectors() {
        check([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        check([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        check(
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        );
    }

    /// Quantiles as printed in tables of the normal distribution to ten digits.
    #[test]
    fn quantiles() {
        let close = |p: f64, expected: f64| assert!((normal_quantile(p) - expected).abs() < 1e-9, "{p}: {}", normal_quantile(p));
        close(0.5, 0.0);
        close(0.975, 1.959_963_985);
        close(0.025, -1.959_963_985);
        close(0.95, 1.644_853_627);
        close(0.999, 3.090_232_306);
        close(1e-9, -5.997_807_015);
        close(1e-20, -9.262_340_09);
        assert!(normal_quantile(0.0) == f64::NEG_INFINITY && normal_quantile(1.0) == f64::INFINITY);
        assert!(normal_quantile(1.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn of_seed_draw_and_stream() {
        let first = |seed, draw, stream| Random::new(seed, draw, stream).bits();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        let all = [first(1, 2, 3), first(2, 2, 3), first(1, 3, 3), first(1, 2, 4), first(1 << 40, 2, 3), first(1, 1 << 40, 3)];
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
    }

    /// Mean and variance of many: five standard errors wide, and the same in every run.
    fn moments(mut draw: impl FnMut(&mut Random) -> f64, mean: f64, variance: f64) {
        let mut random = Random::new(7, 0, 0);
        let numbers: Vec<f64> = (0..40_000).map(|_| draw(&mut random)).collect();
        let count = numbers.len() as f64;
        let found = numbers.iter().sum::<f64>() / count;
        let spread = numbers.iter().map(|number| (number - found).powi(2)).sum::<f64>() / count;
        assert!((found - mean).abs() < 5.0 * (variance / count).sqrt(), "mean {found}, expected {mean}");
        assert!((spread / variance - 1.0).abs() < 0.1, "variance {spread}, expected {variance}");
    }

    #[test]
    fn distributions() {
        moments(Random::uniform, 0.5, 1.0 / 12.0);
        moments(Random::normal, 0.0, 1.0);
        moments(|random| random.gamma(0.3), 0.3, 0.3);
        moments(|random| random.gamma(1.0), 1.0, 1.0);
        moments(|random| random.gamma(4.5), 4.5, 4.5);
        moments(|random| random.choice(5) as f64, 2.0, 2.0);
        // A share of a flat Dirichlet over four is Beta(1, 3); over four with concentration 2 it is Beta(2, 6).
        let share = |concentration| {
            move |random: &mut Random| {
                let mut shares = [0.0; 4];
                random.dirichlet(concentration, &mut shares);
                assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                shares[2]
            }
        };
        moments(share(1.0), 0.25, 3.0 / 80.0);
        moments(share(2.0), 0.25, 12.0 / 576.0);
    }

    #[test]
    fn edges() {
        assert_eq!(Random::new(1, 1, 1).choice(0), 0);
        Random::new(1, 1, 1).dirichlet(1.0, &mut []);
        let mut shares = [0.0; 3];
        Random::new(1, 1, 1).dirichlet(1e-9, &mut shares);
        assert_eq!(shares.iter().sum::<f64>(), 1.0);
    }
}
