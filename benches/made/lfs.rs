//! A made labour-force file: no person in it exists. Countries, regions, years and origins differ in how many of their
//! employed graduates work in occupations of lower groups; the chances are a table here, so that what a program finds can
//! be held against what was put in.
//!
//! The same row number gives the same person in every layout and form of file, whatever the order of writing.

/// One region each: countries with different chances.
pub const COUNTRIES: [&str; 9] = ["DE", "EL", "ES", "FI", "IT", "NL", "PL", "SE", "SI"];
/// Regions of a country, numbered from 1: `DE01`.
pub const REGIONS: u64 = 12;
pub const YEARS: u64 = 4;

/// Citizens of the country, of another EU country, of another.
pub const ORIGINS: [&str; 3] = ["national", "eu", "non_eu"];
/// Their shares of all persons, percent.
const SHARES: [u64; 3] = [82, 6, 12];
/// Shares of low and medium education, percent; the rest is high.
const EDUCATION: [[u64; 2]; 3] = [[18, 44], [22, 38], [36, 34]];
/// Of persons aged 15 to 74, percent employed and unemployed.
const STATUS: [[u64; 2]; 3] = [[64, 4], [66, 6], [54, 11]];

/// A person, before a layout makes codes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Person {
    pub year: u64,
    pub country: &'static str,
    /// From 1.
    pub region: u64,
    pub man: bool,
    pub age: u64,
    /// Place in [`ORIGINS`].
    pub origin: usize,
    /// 1 employed, 2 unemployed, 3 inactive.
    pub status: u64,
    /// ISCED level, 1 to 8.
    pub level: u64,
    /// ISCO-08 major group of the employed, 0 to 9.
    pub major: Option<u64>,
    pub learning: bool,
    /// Persons it stands for.
    pub weight: f64,
}

/// The chance of an employed graduate to work in ISCO-08 major groups 4 to 9, percent.
pub fn chance(country: usize, region: u64, origin: usize, year: u64) -> u64 {
    [14, 24, 38][origin] + 2 * country as u64 + region % 5 + year
}

/// The person of a row.
pub fn person(row: u64, first_year: u64) -> Person {
    let mut numbers = Numbers(row.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed_0f00_d1ce_0001);
    let year = numbers.below(YEARS);
    let country = numbers.below(COUNTRIES.len() as u64) as usize;
    let region = numbers.below(REGIONS) + 1;
    let origin = numbers.pick(&SHARES[..2]);
    let age = 15 + numbers.below(60);
    let level = match numbers.pick(&EDUCATION[origin]) {
        0 => 1 + numbers.below(2),
        1 => 3 + numbers.below(2),
        _ => 5 + numbers.below(4),
    };
    let status = numbers.pick(&STATUS[origin]) as u64 + 1;
    let over = numbers.below(100) < chance(country, region, origin, year);
    let graduate = level >= 5;
    let upper = if graduate { !over } else { numbers.below(100) < 12 };
    // A hundredth of the graduates who match are in the armed forces.
    let group = match (upper, graduate && numbers.below(100) == 0) {
        (true, true) => 0,
        (true, false) => 1 + numbers.below(3),
        (false, _) => 4 + numbers.below(6),
    };
    Person {
        year: first_year + year,
        country: COUNTRIES[country],
        region,
        man: numbers.below(2) == 0,
        age,
        origin,
        status,
        level,
        major: (status == 1).then_some(group),
        learning: age < 30 && numbers.below(4) == 0,
        // Weights do not depend on the occupation, so the weighted rate has the same expectation.
        weight: 40.0 + numbers.below(160) as f64,
    }
}

/// A header and rows of texts: of the layout `lfs_2021` or `lfs_until_2020`.
pub fn header(new: bool) -> &'static [&'static str] {
    if new {
        &[
            "REFYEAR",
            "COUNTRY",
            "REGION",
            "SEX",
            "AGE",
            "CITIZENSHIP",
            "COUNTRYB",
            "ILOSTAT",
            "EDUCFED4",
            "ISCO08",
            "HATLEVEL",
            "COEFFY",
        ]
    } else {
        &[
            "REFYEAR", "COUNTRY", "REGION", "SEX", "AGE", "NATIONAL", "COUNTRYB", "ILOSTAT", "EDUCSTAT", "ISCO3D", "HATLEV1D",
            "COEFF",
        ]
    }
}

pub fn first_year(new: bool) -> u64 {
    if new { 2021 } else { 2017 }
}

/// The codes of a person: citizenship, occupation and education as the layout has them.
pub fn codes(person: &Person, new: bool) -> (&'static str, String, &'static str) {
    let origin = match (person.origin, new) {
        (0, true) => person.country,
        (0, false) => "000-OWN COUNTRY",
        (1, true) => {
            if person.country == "DE" {
                "AT"
            } else {
                "DE"
            }
        }
        (1, false) => "EU28",
        (_, true) => ["UA", "MA", "IN"][(person.age % 3) as usize],
        (_, false) => "ASI",
    };
    let occupation = match person.major {
        None => String::new(),
        Some(0) => "011".into(),
        Some(major) => format!("{major}{}", if person.age.is_multiple_of(2) { "11" } else { "12" }),
    };
    let education = if new {
        ["000", "100", "200", "302", "440", "540", "660", "760", "860"][person.level as usize]
    } else {
        ["L", "L", "L", "M", "M", "H", "H", "H", "H"][person.level as usize]
    };
    (origin, occupation, education)
}

/// The age as the layout has it: single years, or the mid value of the band.
pub fn age(person: &Person, new: bool) -> u64 {
    if new { person.age } else { person.age / 5 * 5 + 2 }
}

/// The rows from `from` to `to` as CSV lines.
pub fn csv(from: u64, to: u64, new: bool) -> String {
    let mut text = String::new();
    for row in from..to {
        let person = person(row, first_year(new));
        let (origin, occupation, education) = codes(&person, new);
        text.push_str(&format!(
            "{},{},{:02},{},{},{origin},{origin},{},{},{occupation},{education},{:.3}\n",
            person.year,
            person.country,
            person.region,
            if person.man { 1 } else { 2 },
            age(&person, new),
            person.status,
            if person.learning { 1 } else { 2 },
            person.weight / 1000.0,
        ));
    }
    text
}

/// SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end` − 1.
    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// The place of a share in percent, or the place after the last.
    fn pick(&mut self, shares: &[u64]) -> usize {
        let mut number = self.below(100);
        for (place, share) in shares.iter().enumerate() {
            if number < *share {
                return place;
            }
            number -= share;
        }
        shares.len()
    }
}
