//! A layout as expressions over a file's columns: codes become small whole numbers before anything is summed, so that the
//! groups are few; what a code means is looked up in the layout and nowhere else.

use baseline_method::mismatch::{Broad, Mass};
use baseline_model::definitions::{Layout, Origin, OriginCodes, nearest};
use polars::prelude::*;

use super::{By, Counts, Key, MicrodataError, Query, Status, Sums, column, faulty};

/// Not stated, and a code that the layout does not know; meanings count from 1.
const MISSING: i32 = 0;
const UNKNOWN: i32 = -1;

/// What stands in a column of keys, after the columns that the table is broken down by.
const STATUS: &str = "status";
const LEVEL: &str = "level";
const MAJOR: &str = "major";
const LEARNING: &str = "learning";

/// A layout bound to a file's columns and to a question.
pub(super) struct Codes<'a> {
    layout: &'a Layout,
    query: &'a Query,
    columns: Vec<&'a str>,
    kinds: Schema,
}

impl<'a> Codes<'a> {
    /// # Errors
    /// When the layout has no column for what is asked, or the file has not got it.
    pub fn new(file: &str, layout: &'a Layout, query: &'a Query, schema: &Schema) -> Result<Self, MicrodataError> {
        let columns = &layout.columns;
        let mut needed: Vec<(&'static str, &str)> = vec![
            ("weights", &columns.weight),
            ("ages", &columns.age),
            ("labour status", &columns.status),
            ("education", &columns.education),
        ];
        let needs = |what: &'static str, role: &'static str, column: &'a Option<String>, by: &str| {
            column.as_deref().map(|column| (role, column)).ok_or_else(|| MicrodataError::Layout {
                what,
                needs: by.to_owned(),
                hint: "baseline list files shows the layouts; --by and --definition say what is asked".into(),
            })
        };
        if query.measures.iter().any(|measure| measure.needs_occupation()) {
            let asking = query.measures.iter().find(|measure| measure.needs_occupation()).map_or("", |measure| measure.id());
            needed.push(needs("the column of the occupation", "occupations", &columns.occupation, asking)?);
        }
        if query.measures.iter().any(|measure| measure.needs_learning()) {
            needed.push(needs("who is in education", "education going on", &columns.learning, "OECD's definition")?);
        }
        for by in &query.by {
            match by {
                By::Country if layout.fixed.country.is_none() => {
                    needed.push(needs("the country", "countries", &columns.country, "--by country")?);
                }
                By::Region => {
                    needed.push(needs("the region", "regions", &columns.region, "--by region")?);
                    needed.extend(columns.country.as_deref().map(|column| ("countries", column)));
                }
                By::Year if layout.fixed.year.is_none() => {
                    needed.push(needs("the year", "years", &columns.year, "--by year")?);
                }
                By::Citizenship => {
                    needed.push(needs("the citizenship", "citizenship", &columns.citizenship, "--by citizenship")?);
                    needed.extend(own(layout.citizenship.as_ref(), columns.country.as_deref()));
                }
                By::Birth => {
                    needed.push(needs("the country of birth", "countries of birth", &columns.birth, "--by birth")?);
                    needed.extend(own(layout.birth.as_ref(), columns.country.as_deref()));
                }
                By::Sex => needed.push(needs("the sex", "sex", &columns.sex, "--by sex")?),
                By::Country | By::Year | By::Age => {}
            }
        }
        for (role, column) in &needed {
            if !schema.contains(column) {
                let hint = match nearest(column, schema.iter_names().map(PlSmallStr::as_str)) {
                    Some(close) => format!("the file has `{close}`; a layout of your own lies in pipelines/layouts/"),
                    None => "another --layout, or one of your own in pipelines/layouts/".into(),
                };
                return Err(MicrodataError::NoColumn { file: file.to_owned(), column: (*column).to_owned(), role, hint });
            }
        }
        let mut names: Vec<&'a str> = needed.into_iter().map(|(_, column)| column).collect();
        names.sort_unstable();
        names.dedup();
        Ok(Self { layout, query, columns: names, kinds: schema.clone() })
    }

    /// Columns of the file that are read.
    pub fn needed(&self) -> Vec<&'a str> {
        self.columns.clone()
    }

    /// Persons of the ages asked for, summed by what they are.
    pub fn sums(&self, file: LazyFrame) -> LazyFrame {
        let layout = self.layout;
        let age = col(layout.columns.age.as_str()).cast(DataType::Float64);
        let weight = col(layout.columns.weight.as_str()).cast(DataType::Float64);
        let (from, to) = (f64::from(self.query.ages.0), f64::from(self.query.ages.1));
        let unstated = age.clone().is_null().or(age.clone().is_nan());
        let ageless = layout.age_missing.iter().fold(unstated, |any, code| any.or(age.clone().eq(lit(*code))));
        let mut kept = ageless.clone().or(age.clone().gt_eq(lit(from)).and(age.clone().lt(lit(to + 1.0))));
        let employed_only = self.query.measures.iter().all(|measure| measure.of_employed());
        if employed_only {
            // Those of unknown status stay, to be counted.
            let others = [&layout.status.unemployed, &layout.status.inactive];
            let others: Vec<&String> = others.into_iter().flatten().collect();
            kept = kept.and(self.is_any(&layout.columns.status, &others).fill_null(lit(false)).not());
        }
        if self.query.measures.iter().all(|measure| measure.of_tertiary()) {
            let others: Vec<&String> = layout.education.low.iter().chain(&layout.education.medium).collect();
            kept = kept.and(self.begins(&layout.columns.education, &others).fill_null(lit(false)).not());
        }
        let mut keys = Vec::new();
        for (index, by) in self.query.by.iter().enumerate() {
            keys.extend(self.by(*by, &age).into_iter().enumerate().map(|(part, key)| key.alias(key_name(index, part))));
        }
        keys.push(self.status().alias(STATUS));
        keys.push(self.level().alias(LEVEL));
        if let Some(major) = self.major() {
            keys.push(major.alias(MAJOR));
        }
        if let Some(learning) = self.learning() {
            keys.push(learning.alias(LEARNING));
        }
        keys.push(ageless.alias(column::AGE));
        let names: Vec<Expr> =
            keys.iter().filter_map(|key| if let Expr::Alias(_, name) = key { Some(col(name.clone())) } else { None }).collect();
        keys.push(weight.alias(column::WEIGHT));
        let weight = col(column::WEIGHT);
        let counted = weight.clone().gt(lit(0.0));
        let faulty = weight.clone().lt(lit(0.0)).or(weight.clone().is_finite().not());
        let squared = weight.clone() * weight.clone();
        let [weight_high, weight_low] = parts(&weight);
        let [squares_high, squares_low] = parts(&squared);
        file.filter(kept).select(keys).group_by(names).agg([
            weight.clone().sum(),
            weight_high.alias(part_name(column::WEIGHT, HIGH)),
            weight_low.alias(part_name(column::WEIGHT, LOW)),
            squared.sum().alias(column::SQUARES),
            squares_high.alias(part_name(column::SQUARES, HIGH)),
            squares_low.alias(part_name(column::SQUARES, LOW)),
            counted.sum().alias(column::COUNT),
            weight.is_null().sum().alias(column::UNWEIGHTED),
            faulty.sum().alias(column::FAULTY),
        ])
    }

    /// Adds the rows of [`Codes::sums`] to what is there.
    pub fn add(&self, frame: &DataFrame, sums: &mut Sums) -> PolarsResult<()> {
        let whole = |name: &str| -> PolarsResult<Vec<Option<i64>>> {
            let series = frame.column(name)?.cast(&DataType::Int64)?;
            Ok(series.i64()?.iter().collect())
        };
        let numbers = |name: &str| -> PolarsResult<Vec<Option<f64>>> {
            let series = frame.column(name)?.cast(&DataType::Float64)?;
            Ok(series.f64()?.iter().collect())
        };
        let texts = |name: &str| -> PolarsResult<Vec<Option<String>>> {
            let series = frame.column(name)?.cast(&DataType::String)?;
            Ok(series.str()?.iter().map(|text| text.map(str::to_owned)).collect())
        };
        let has = |name: &str| frame.schema().contains(name);
        let exact = |name: &str| -> PolarsResult<Vec<Option<f64>>> {
            let (sums, high, low) = (numbers(name)?, whole(&part_name(name, HIGH))?, whole(&part_name(name, LOW))?);
            let joined = sums.into_iter().zip(high).zip(low).map(|((sum, high), low)| {
                let exact = (high.unwrap_or(0) as f64 + low.unwrap_or(0) as f64 / FINE) / COARSE;
                // Whole numbers of 64 bits end somewhere; then there is no sum rather than a wrong one.
                let same = sum.is_none_or(|sum| (sum - exact).abs() <= 1e-6 * sum.abs().max(1e-9));
                same.then_some(exact)
            });
            Ok(joined.collect())
        };
        let (weights, squares) = (exact(column::WEIGHT)?, exact(column::SQUARES)?);
        let (counts, unweighted, wrong) = (whole(column::COUNT)?, whole(column::UNWEIGHTED)?, whole(column::FAULTY)?);
        let ageless = whole(column::AGE)?;
        let (statuses, levels) = (whole(STATUS)?, whole(LEVEL)?);
        let majors = if has(MAJOR) { texts(MAJOR)? } else { vec![None; frame.height()] };
        let learning = if has(LEARNING) { whole(LEARNING)? } else { vec![None; frame.height()] };
        let mut parts: Vec<Vec<Vec<Option<String>>>> = Vec::new();
        for index in 0..self.query.by.len() {
            let names = (0..2).map(|part| key_name(index, part)).filter(|name| has(name));
            parts.push(names.map(|name| texts(&name)).collect::<PolarsResult<_>>()?);
        }
        let scale = self.layout.weight_persons;
        // The order of a parallel group-by is no order.
        let mut rows: Vec<(Key, usize)> = Vec::with_capacity(frame.height());
        for row in 0..frame.height() {
            let number = |values: &[Option<i64>]| values[row].and_then(|value| u64::try_from(value).ok()).unwrap_or_default();
            let count = number(&counts);
            let total = count + number(&unweighted);
            if number(&wrong) > 0 || weights[row].is_none() || squares[row].is_none() {
                sums.cells.entry(faulty()).or_insert(Mass::NONE).add(Mass::new(1.0, Some(number(&wrong).max(1) as f64), None));
                continue;
            }
            sums.counts.rows += total;
            sums.counts.unweighted += number(&unweighted);
            if ageless[row] == Some(1) {
                sums.counts.ageless += total;
                continue;
            }
            let code = |values: &[Option<i64>]| values[row].and_then(|value| i32::try_from(value).ok()).unwrap_or(MISSING);
            let mut by = Vec::with_capacity(self.query.by.len());
            for (dimension, parts) in self.query.by.iter().zip(&parts) {
                let cells: Vec<Option<&str>> = parts.iter().map(|part| part[row].as_deref()).collect();
                by.push(self.name(*dimension, &cells, total, &mut sums.counts));
            }
            let status = match code(&statuses) {
                1 => Some(Status::Employed),
                2 => Some(Status::Unemployed),
                3 => Some(Status::Inactive),
                other => counted(other, total, 0, &mut sums.counts),
            };
            let level = match code(&levels) {
                1 => Some(Broad::Low),
                2 => Some(Broad::Medium),
                3 => Some(Broad::High),
                other => counted(other, total, 1, &mut sums.counts),
            };
            let employed = status == Some(Status::Employed);
            let major = majors[row].as_ref().filter(|_| employed).and_then(|major| {
                if major.len() == 1 && major.bytes().all(|byte| byte.is_ascii_digit()) {
                    Some(major.clone())
                } else {
                    counted(UNKNOWN, total, 3, &mut sums.counts)
                }
            });
            let learning = match code(&learning) {
                1 => Some(true),
                2 => Some(false),
                _ => None,
            };
            rows.push((Key { by, status, level, major, learning }, row));
        }
        rows.sort_by(|(a, row), (b, other)| {
            a.cmp(b).then_with(|| weights[*row].unwrap_or(0.0).total_cmp(&weights[*other].unwrap_or(0.0)))
        });
        for (key, row) in rows {
            let count = counts[row].unwrap_or_default();
            if count > 0 {
                let (weight, squares) = (weights[row].unwrap_or(0.0), squares[row].unwrap_or(0.0));
                let mass = Mass { weight: weight * scale, count: Some(count as f64), squares: Some(squares * scale * scale) };
                sums.cells.entry(key).or_insert(Mass::NONE).add(mass);
            }
        }
        Ok(())
    }

    /// The group as printed. A region's code begins with its country's.
    fn name(&self, by: By, cells: &[Option<&str>], rows: u64, counts: &mut Counts) -> String {
        let first = cells.first().copied().flatten();
        let group = |citizen: Origin, born: Origin| if by == By::Birth { born.code() } else { citizen.code() }.to_owned();
        match by {
            By::Country => first.or(self.layout.fixed.country.as_deref()).unwrap_or("unknown").to_owned(),
            By::Year => first.or(self.layout.fixed.year.as_deref()).unwrap_or("unknown").to_owned(),
            By::Region => match (first, cells.get(1).copied().flatten()) {
                (None, Some(country)) => country.to_owned(),
                (Some(region), Some(country)) if !region.starts_with(country) => format!("{country}{region}"),
                (Some(region), _) => region.to_owned(),
                (None, None) => "unknown".to_owned(),
            },
            By::Citizenship | By::Birth => match first {
                Some("1") => group(Origin::National, Origin::NativeBorn),
                Some("2") => group(Origin::Eu, Origin::EuBorn),
                Some("3") => group(Origin::NonEu, Origin::NonEuBorn),
                other => {
                    counts.unknown[2] += if other == Some("-1") { rows } else { 0 };
                    Origin::Unknown.code().to_owned()
                }
            },
            By::Sex => match first {
                Some("1") => "M".into(),
                Some("2") => "F".into(),
                other => {
                    counts.unknown[4] += if other == Some("-1") { rows } else { 0 };
                    "unknown".into()
                }
            },
            By::Age => match first.and_then(|band| band.parse::<u32>().ok()) {
                Some(band) => format!("Y{}-{}", band * 5, band * 5 + 4),
                None => "unknown".into(),
            },
        }
    }

    fn by(&self, by: By, age: &Expr) -> Vec<Expr> {
        let columns = &self.layout.columns;
        let plain = |column: &Option<String>| column.as_deref().map(col).into_iter().collect::<Vec<_>>();
        match by {
            By::Country => plain(&columns.country),
            By::Region => columns.region.iter().chain(&columns.country).map(|column| col(column.as_str())).collect(),
            By::Year => plain(&columns.year),
            By::Citizenship => self.origin(columns.citizenship.as_deref(), self.layout.citizenship.as_ref()),
            By::Birth => self.origin(columns.birth.as_deref(), self.layout.birth.as_ref()),
            By::Sex => match (&columns.sex, &self.layout.sex) {
                (Some(column), Some(codes)) => vec![self.coded(column, &[&codes.men, &codes.women], &[], false)],
                (Some(_), None) | (None, _) => Vec::new(),
            },
            By::Age => vec![(age.clone() / lit(5.0)).cast(DataType::Int32)],
        }
    }

    fn status(&self) -> Expr {
        let codes = &self.layout.status;
        let groups = [&codes.employed, &codes.unemployed, &codes.inactive];
        self.coded(&self.layout.columns.status, &groups, &codes.missing, false)
    }

    fn level(&self) -> Expr {
        let codes = &self.layout.education;
        self.coded(&self.layout.columns.education, &[&codes.low, &codes.medium, &codes.high], &codes.missing, true)
    }

    fn learning(&self) -> Option<Expr> {
        let asked = self.query.measures.iter().any(|measure| measure.needs_learning());
        let (column, codes) = (self.layout.columns.learning.as_deref()?, self.layout.learning.as_ref()?);
        asked.then(|| self.coded(column, &[&codes.yes, &codes.no], &[], false))
    }

    /// The first digit of the occupation, `?` for what is no code of the layout's length. A column of numbers has lost the
    /// zero that the armed forces' codes begin with; any other short code might be of two groups and is not guessed.
    fn major(&self) -> Option<Expr> {
        if !self.query.measures.iter().any(|measure| measure.needs_occupation()) {
            return None;
        }
        let (column, codes) = (self.layout.columns.occupation.as_deref()?, self.layout.occupation.as_ref()?);
        let text = self.text(column);
        let missing: Vec<&String> = codes.missing.iter().collect();
        let mut forces: Vec<i64> = vec![0];
        if codes.digits > 1 && self.is_number(column) {
            forces.extend([1, 2, 3].map(|group| group * 10 + 1).map(|code| match codes.digits {
                2 => code / 10,
                3 => code,
                _ => code * 10,
            }));
        }
        let forces: Vec<String> = forces.iter().map(i64::to_string).collect();
        let whole = text.clone().str().len_chars().eq(lit(u32::from(codes.digits)));
        let major = when(whole)
            .then(text.str().head(lit(1)))
            .when(self.is_any(column, &forces.iter().collect::<Vec<_>>()))
            .then(lit("0"))
            .otherwise(lit("?"));
        let missing = self.is_any(column, &missing).or(self.text_is_null(column));
        Some(when(missing).then(lit(NULL)).otherwise(major))
    }

    fn origin(&self, column: Option<&str>, codes: Option<&OriginCodes>) -> Vec<Expr> {
        let (Some(column), Some(codes)) = (column, codes) else { return Vec::new() };
        let is = |codes: &[String]| self.is_any(column, &codes.iter().collect::<Vec<_>>());
        let text = self.text(column);
        let mut national = is(&codes.national);
        if codes.own_country
            && let Some(country) = self.layout.columns.country.as_deref()
        {
            // Greece has two codes in use.
            let plain = |code: Expr| when(code.clone().eq(lit("GR"))).then(lit("EL")).otherwise(code);
            national = national.or(plain(text.clone()).eq(plain(self.text(country))));
        }
        let mut outside = is(&codes.non_eu);
        if codes.other_countries_non_eu {
            let letters = text.clone().str().len_chars().eq(lit(2_u32));
            outside = outside.or(letters.and(text.clone().gt_eq(lit("A"))));
        }
        let missing = is(&codes.missing).or(self.text_is_null(column));
        let group = when(missing)
            .then(lit(MISSING))
            .when(national)
            .then(lit(1))
            .when(is(&codes.eu))
            .then(lit(2))
            .when(outside)
            .then(lit(3))
            .otherwise(lit(UNKNOWN));
        vec![group]
    }

    /// 1, 2, ... for the codes of a group, [`MISSING`], or [`UNKNOWN`].
    fn coded(&self, column: &str, groups: &[&Vec<String>], missing: &[String], beginnings: bool) -> Expr {
        let is = |codes: &[String]| {
            let codes: Vec<&String> = codes.iter().collect();
            if beginnings { self.begins(column, &codes) } else { self.is_any(column, &codes) }
        };
        let absent = self.text_is_null(column).or(is(missing));
        let mut number = 0;
        let mut value = lit(UNKNOWN);
        for codes in groups.iter().rev() {
            number += 1;
            let meaning = i32::try_from(groups.len()).unwrap_or(0) - number + 1;
            value = when(is(codes)).then(lit(meaning)).otherwise(value);
        }
        when(absent).then(lit(MISSING)).otherwise(value)
    }

    fn is_number(&self, column: &str) -> bool {
        self.kinds.get(column).is_some_and(DataType::is_primitive_numeric)
    }

    /// As text, without blanks around it; nothing for an empty one.
    fn text(&self, column: &str) -> Expr {
        match self.kinds.get(column) {
            Some(DataType::String) => col(column),
            // A number with decimals that is none: 3.0 is 3.
            Some(DataType::Float32 | DataType::Float64) => col(column).cast(DataType::Int64).cast(DataType::String),
            Some(_) | None => col(column).cast(DataType::String),
        }
    }

    fn text_is_null(&self, column: &str) -> Expr {
        match self.kinds.get(column) {
            Some(DataType::String) => col(column).is_null().or(col(column).eq(lit(""))),
            Some(DataType::Float32 | DataType::Float64) => col(column).is_null().or(col(column).is_nan()),
            Some(_) | None => col(column).is_null(),
        }
    }

    /// Whether a code is one of some; compared as numbers where the column has numbers.
    fn is_any(&self, column: &str, codes: &[&String]) -> Expr {
        if self.is_number(column) {
            let numbers = codes.iter().filter_map(|code| code.parse::<i64>().ok());
            return numbers.fold(lit(false), |any, number| any.or(col(column).eq(lit(number))));
        }
        let text = self.text(column);
        if codes.len() > 4 {
            let list = Series::new(PlSmallStr::EMPTY, codes.iter().map(|code| code.as_str()).collect::<Vec<_>>());
            return text.is_in(lit(list).implode(false), false);
        }
        codes.iter().fold(lit(false), |any, code| any.or(text.clone().eq(lit(code.as_str()))))
    }

    fn begins(&self, column: &str, codes: &[&String]) -> Expr {
        let text = self.text(column);
        let start = |length: usize| text.clone().str().head(lit(i64::try_from(length).unwrap_or(1)));
        codes.iter().fold(lit(false), |any, code| any.or(start(code.chars().count()).eq(lit(code.as_str()))))
    }
}

const HIGH: &str = "high";
const LOW: &str = "low";
/// A number is summed in two parts, as whole numbers of 1/65536 and of 1/65536/2³²: such sums are the same in any order, so
/// that a table is the same whatever the threads did. Sums of fractions differ in their last digits.
const COARSE: f64 = 65_536.0;
const FINE: f64 = 4_294_967_296.0;

fn parts(number: &Expr) -> [Expr; 2] {
    let scaled = number.clone() * lit(COARSE);
    let high = scaled.clone().floor();
    let low = ((scaled - high.clone()) * lit(FINE)).cast(DataType::Int64);
    [high.cast(DataType::Int64).sum(), low.sum()]
}

fn part_name(name: &str, part: &str) -> String {
    format!("{name}_{part}")
}

fn own<'a>(codes: Option<&OriginCodes>, country: Option<&'a str>) -> Option<(&'static str, &'a str)> {
    codes.filter(|codes| codes.own_country).and(country).map(|column| ("countries", column))
}

fn key_name(index: usize, part: usize) -> String {
    format!("by{index}_{part}")
}

/// Nothing; counts the rows of a code that the layout does not know.
fn counted<T>(code: i32, rows: u64, what: usize, counts: &mut Counts) -> Option<T> {
    if code == UNKNOWN {
        counts.unknown[what] += rows;
    }
    None
}
