//! What was typed on the command line -> the identifier it means, or the closest names.
//!
//! Never guesses: a name of two things is an error that lists both, and a parent region's code is not
//! the municipality's. Case, diacritics, hyphens and spaces do not matter.

use std::collections::BTreeMap;
use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Definitions, Level, Territory, nearest};

/// A typed name that means nothing here, or more than one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// `territory`, `study` or `indicator`.
    pub kind: &'static str,
    pub typed: String,
    /// Identifier and name of the closest, at most five, closest first.
    pub closest: Vec<(String, String)>,
    /// Identifier and name of everything the typed name means, when that is more than one.
    pub ambiguous: Vec<(String, String)>,
    /// The next step, one sentence.
    pub hint: String,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, typed, ambiguous, hint, .. } = self;
        if ambiguous.is_empty() {
            write!(f, "no {kind} is called `{typed}`")?;
        } else {
            write!(f, "`{typed}` is more than one {kind}: {}", listed(ambiguous))?;
        }
        if hint.is_empty() { Ok(()) } else { write!(f, "\n  hint: {hint}") }
    }
}

impl std::error::Error for NotFound {}

/// A name for comparison: no case, no diacritics, everything but letters and digits as one space.
pub fn fold(text: &str) -> String {
    let plain = text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).nfkd();
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for letter in plain.filter(|letter| !is_combining_mark(*letter)) {
        let one;
        let spelled = match letter {
            'ł' => "l",
            'ø' => "o",
            'ß' => "ss",
            'æ' => "ae",
            'œ' => "oe",
            'đ' | 'ð' => "d",
            'þ' => "th",
            'ħ' => "h",
            'ı' => "i",
            'ŋ' => "n",
            'ŧ' => "t",
            // The final sigma of an upper-case name is a plain one.
            'ς' => "σ",
            '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' => continue,
            letter if letter.is_alphanumeric() => {
                one = letter.to_string();
                &one
            }
            _ => {
                gap = true;
                continue;
            }
        };
        if gap && !folded.is_empty() {
            folded.push(' ');
        }
        gap = false;
        folded.push_str(spelled);
    }
    folded
}

/// The territory that `typed` means: its id, a name in any language, an alias, its own NUTS code of any
/// version, its municipality code, alone or after the country (`0580`, `SE0580`; `GM1966`).
pub fn territory(definitions: &Definitions, typed: &str) -> Result<String, NotFound> {
    let known: BTreeMap<&str, Names> =
        definitions.territories.iter().map(|(id, territory)| (id.as_str(), names(id, territory))).collect();
    find("territory", typed, &known).map_err(|mut error| {
        if error.ambiguous.is_empty()
            && let Some(hint) = parent_hint(definitions, typed)
        {
            error.hint = hint;
        }
        error
    })
}

/// The study that `typed` means: its id or its title.
pub fn study(definitions: &Definitions, typed: &str) -> Result<String, NotFound> {
    let known = definitions.studies.iter().map(|(id, study)| {
        let names = Names { name: study.title.clone(), texts: vec![id.clone(), study.title.clone()], codes: Vec::new() };
        (id.as_str(), names)
    });
    find("study", typed, &known.collect())
}

/// The indicator that `typed` means: its id or its name in any language.
pub fn indicator(definitions: &Definitions, typed: &str) -> Result<String, NotFound> {
    let known = definitions.indicators.iter().map(|(id, indicator)| {
        let mut texts = vec![id.clone(), indicator.name.clone()];
        texts.extend(
            definitions.languages.values().filter_map(|language| language.texts.get(&format!("indicator.{id}")).cloned()),
        );
        (id.as_str(), Names { name: indicator.name.clone(), texts, codes: Vec::new() })
    });
    find("indicator", typed, &known.collect())
}

struct Names {
    /// As shown to the user.
    name: String,
    /// Compared folded.
    texts: Vec<String>,
    /// Compared letter by letter, without regard to case.
    codes: Vec<String>,
}

fn names(id: &str, territory: &Territory) -> Names {
    let mut texts = vec![id.to_owned()];
    texts.extend(territory.names.values().cloned());
    texts.extend(territory.aliases.iter().cloned());
    let mut codes = Vec::new();
    if let Some(lau) = &territory.lau {
        codes.push(lau.clone());
        codes.push(format!("{}{lau}", territory.country));
        // Statistics Netherlands writes a municipality as GM and its number.
        match lau.strip_prefix("GM") {
            Some(number) if territory.country == "NL" => codes.push(format!("NL{number}")),
            None if territory.country == "NL" => codes.push(format!("GM{lau}")),
            Some(_) | None => {}
        }
    }
    codes.extend(own_nuts(territory).map(str::to_owned));
    Names { name: territory.names.get("en").cloned().unwrap_or_else(|| id.to_owned()), texts, codes }
}

/// The territory's own codes in all NUTS versions; none for a municipality, whose NUTS codes are its parents'.
pub(super) fn own_nuts(territory: &Territory) -> impl Iterator<Item = &str> {
    territory.nuts.values().filter_map(|codes| match territory.level {
        Level::Lau | Level::Country => None,
        Level::Nuts3 => codes.nuts3.as_deref(),
        Level::Nuts2 => Some(codes.nuts2.as_str()),
    })
}

fn find(kind: &'static str, typed: &str, known: &BTreeMap<&str, Names>) -> Result<String, NotFound> {
    let trimmed = typed.trim();
    if known.contains_key(trimmed) {
        return Ok(trimmed.to_owned());
    }
    let folded = fold(trimmed);
    let compact = folded.replace(' ', "");
    let means = |names: &Names| {
        !folded.is_empty()
            && (names.texts.iter().any(|text| fold(text) == folded)
                || names.codes.iter().any(|code| code.to_lowercase() == compact))
    };
    let hits: Vec<(String, String)> =
        known.iter().filter(|(_, names)| means(names)).map(|(id, names)| ((*id).to_owned(), names.name.clone())).collect();
    if let [(id, _)] = hits.as_slice() {
        return Ok(id.clone());
    }
    let closest = if hits.is_empty() { closest(&folded, known) } else { Vec::new() };
    let hint = match (hits.is_empty(), closest.is_empty()) {
        (false, _) => format!("give the identifier: {}", hits.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(" or ")),
        (true, false) => format!("did you mean {}?", listed(&closest)),
        (true, true) if known.is_empty() => format!("no {kind} is defined"),
        (true, true) => format!("known: {}", known.keys().copied().collect::<Vec<_>>().join(", ")),
    };
    Err(NotFound { kind, typed: typed.to_owned(), closest, ambiguous: hits, hint })
}

fn closest(folded: &str, known: &BTreeMap<&str, Names>) -> Vec<(String, String)> {
    let mut near: Vec<(usize, &str, &str)> = known
        .iter()
        .filter_map(|(id, names)| {
            let texts = names.texts.iter().filter_map(|text| nearest::distance(folded, &fold(text))).min();
            // Codes of neighbours differ by one digit: only one is worth offering.
            let codes = names
                .codes
                .iter()
                .map(|code| strsim::damerau_levenshtein(folded, &code.to_lowercase()))
                .filter(|far| *far == 1)
                .min();
            texts.into_iter().chain(codes).min().map(|distance| (distance, *id, names.name.as_str()))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(5).map(|(_, id, name)| (id.to_owned(), name.to_owned())).collect()
}

/// `linkoping (Linköping) or asco (Ascó)`
fn listed(items: &[(String, String)]) -> String {
    items.iter().map(|(id, name)| format!("{id} ({name})")).collect::<Vec<_>>().join(" or ")
}

/// When a parent's or a country's code was typed: which territories lie in it.
fn parent_hint(definitions: &Definitions, typed: &str) -> Option<String> {
    let code = typed.trim().to_uppercase();
    let code = match code.as_str() {
        "GR" => "EL",
        code => code,
    };
    let mut inside = Vec::new();
    let mut name = None;
    for (id, territory) in &definitions.territories {
        let own: Vec<&str> = own_nuts(territory).collect();
        let mut parents =
            territory.nuts.values().flat_map(|codes| codes.nuts3.as_deref().into_iter().chain([codes.nuts2.as_str()]));
        if territory.country == code || parents.any(|parent| parent == code && !own.contains(&parent)) {
            inside.push((id.clone(), territory.names.get("en").unwrap_or(id).clone()));
            name = name.or(territory.parents.get(code));
        }
    }
    if inside.is_empty() {
        return None;
    }
    let named = name.map(|name| format!(" ({name})")).unwrap_or_default();
    let verb = if inside.len() == 1 { "lies" } else { "lie" };
    Some(format!("{code}{named} is no territory of study; in it {verb} {}", listed(&inside).replace(" or ", " and ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::{DefinitionFile, parse};

    fn definitions() -> Definitions {
        let territory = |id: &str, text: &str| DefinitionFile {
            path: format!("territories/{id}.toml"),
            text: format!("kind = \"new_arrival_region\"\npartner = \"p\"\n{text}"),
            from: "test".into(),
        };
        let files = [
            territory(
                "linkoping",
                "level = \"lau\"\ncountry = \"SE\"\nlau = \"0580\"\nnames = { en = \"Linköping\", sv = \"Linköping\" }\n\
                 nuts.2021 = { nuts3 = \"SE123\", nuts2 = \"SE12\" }\n\
                 parents = { SE123 = \"Östergötland County\", SE12 = \"East Middle Sweden\" }",
            ),
            territory(
                "het_hogeland",
                "level = \"lau\"\ncountry = \"NL\"\nlau = \"1966\"\nnames = { en = \"Het Hogeland\" }\n\
                 nuts.2021 = { nuts3 = \"NL113\", nuts2 = \"NL11\" }\nnuts.2024 = { nuts3 = \"NL115\", nuts2 = \"NL11\" }\nparents = {}",
            ),
            territory(
                "zachodniopomorskie",
                "level = \"nuts2\"\ncountry = \"PL\"\nnames = { en = \"Zachodniopomorskie\", pl = \"województwo zachodniopomorskie\" }\n\
                 aliases = [\"West Pomerania\", \"Twin\"]\nnuts.2021 = { nuts2 = \"PL42\" }\nparents = {}",
            ),
            territory(
                "central_macedonia",
                "level = \"nuts2\"\ncountry = \"EL\"\nnames = { en = \"Central Macedonia\", el = \"Κεντρική Μακεδονία\" }\n\
                 aliases = [\"Kentriki Makedonia\", \"Twin\"]\nnuts.2021 = { nuts2 = \"EL52\" }\nparents = {}",
            ),
            territory(
                "burgenlandkreis",
                "level = \"nuts3\"\ncountry = \"DE\"\nnames = { en = \"Burgenlandkreis\" }\n\
                 nuts.2021 = { nuts3 = \"DEE08\", nuts2 = \"DEE0\" }\nparents = { DEE0 = \"Saxony-Anhalt\" }",
            ),
            territory(
                "asco",
                "level = \"lau\"\ncountry = \"ES\"\nlau = \"43019\"\nnames = { en = \"Ascó\", ca = \"Ascó\" }\n\
                 nuts.2021 = { nuts3 = \"ES514\", nuts2 = \"ES51\" }\nparents = {}",
            ),
        ];
        let (definitions, errors) = parse(&files);
        assert!(errors.is_empty(), "{errors:?}");
        definitions
    }

    fn check(typed: &str, expected: &str) {
        match territory(&definitions(), typed) {
            Ok(id) => assert_eq!(id, expected, "{typed}"),
            Err(error) => panic!("{typed}: {error}"),
        }
    }

    fn refused(typed: &str, part: &str) {
        let error = territory(&definitions(), typed).expect_err(typed).to_string();
        assert!(error.contains(part), "{typed}: {error}");
    }

    #[test]
    fn names_in_any_spelling() {
        check("linkoping", "linkoping");
        check("Linköping", "linkoping");
        check("LINKÖPING", "linkoping");
        check("linko\u{308}ping", "linkoping");
        check("  Het-Hogeland ", "het_hogeland");
        check("het hogeland", "het_hogeland");
        check("ascó", "asco");
        check("Asco", "asco");
        check("Κεντρική Μακεδονία", "central_macedonia");
        check("ΚΕΝΤΡΙΚΗ ΜΑΚΕΔΟΝΙΑ", "central_macedonia");
        check("west pomerania", "zachodniopomorskie");
        check("Województwo Zachodniopomorskie", "zachodniopomorskie");
    }

    #[test]
    fn codes() {
        check("PL42", "zachodniopomorskie");
        check("pl42", "zachodniopomorskie");
        check("DEE08", "burgenlandkreis");
        check("0580", "linkoping");
        check("SE0580", "linkoping");
        check("SE 0580", "linkoping");
        check("GM1966", "het_hogeland");
        check("1966", "het_hogeland");
        check("43019", "asco");
    }

    #[test]
    fn parents_and_countries_are_not_the_territory() {
        refused("SE12", "SE12 (East Middle Sweden) is no territory of study; in it lies linkoping (Linköping)");
        refused("NL113", "in it lies het_hogeland");
        refused("dee0", "DEE0 (Saxony-Anhalt)");
        refused("PL", "in it lies zachodniopomorskie");
        refused("GR", "central_macedonia");
        refused("580", "no territory is called `580`");
    }

    #[test]
    fn never_a_guess() {
        let error = territory(&definitions(), "twin").unwrap_err();
        assert_eq!(error.ambiguous.len(), 2);
        assert!(error.to_string().contains("more than one territory"), "{error}");
    }

    #[test]
    fn typos() {
        refused("Zachodnopomorskie", "did you mean zachodniopomorskie (Zachodniopomorskie)?");
        refused("Hogeland", "did you mean het_hogeland (Het Hogeland)?");
        refused("PL43", "did you mean zachodniopomorskie");
        refused("Paris", "known: asco, burgenlandkreis");
        refused("", "known:");
        refused("—", "known:");
        refused("\u{0}\u{1F600}", "known:");
    }

    #[test]
    fn folded() {
        for (text, expected) in [
            ("Łódź", "lodz"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("Ærø", "aero"),
            ("Đakovo", "dakovo"),
            ("İstanbul", "istanbul"),
            ("Μακεδονίας", "μακεδονιασ"),
            ("a_b-c  d", "a b c d"),
            ("\u{feff}Jyväskylä ", "jyvaskyla"),
            ("ﬁ", "fi"),
            ("!", ""),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }
}
