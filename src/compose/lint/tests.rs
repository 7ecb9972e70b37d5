//! Every rule is proven by sentences that it must name, in two languages, beside the same sentences as they may be written.

use baseline_model::definitions::{DefinitionFile, parse};
use baseline_model::language::Language;
use baseline_model::{Grade, ObsStatus};
use baseline_render::document::{Number, Product, Programme, Section, Span};

use super::super::ordering::{GAP_TITLES, TEXTS};
use super::super::said::Allowed;
use super::rules::is_fixed;
use super::*;

const GERMAN: &str = r#"
name = "Deutsch"
number = { decimal = ",", group = ".", minus = "−", percent_space = " " }
[lint]
order = ["höher*", "niedriger*", "über dem", "am höchsten"]
rise = ["stieg*", "gestiegen"]
fall = ["sank*", "gesunken"]
cause = ["wegen", "aufgrund", "führt* zu"]
[texts]
"reading.x" = "Höher ist nicht besser, auch nicht wegen der Größe; Altersgruppe 20–64."
"message.level.above" = "{whose}: {name} {value} in {period}, {difference} über dem Wert von {benchmark} ({other})."
"message.gap.unreliable" = "Geringe Zuverlässigkeit: {points}, ohne Aussage."
"message.level.unreliable" = "Geringe Zuverlässigkeit: {value}."
"whose.borrowed" = "{place} (Wert der Ebene {level}; keiner für {territory} allein)"
"caveat.u" = "Von der Quelle als wenig verlässlich bezeichnet."
"caveat.b" = "Bruch in der Zeitreihe."
"caveat.d" = "Die Definition weicht ab."
"caveat.p" = "Vorläufig."
"caveat.e" = "Geschätzt."
"caveat.M" = "Modelliert."
"caveat.carried#one" = "Ein Wert ist {n} Jahr älter."
"caveat.carried#other" = "Ein Wert ist bis zu {n} Jahre älter."
"#;

const LANGUAGES: [(&str, &str); 11] = [
    ("ca", include_str!("../../../pipelines/languages/ca.toml")),
    ("de", include_str!("../../../pipelines/languages/de.toml")),
    ("el", include_str!("../../../pipelines/languages/el.toml")),
    ("en", include_str!("../../../pipelines/languages/en.toml")),
    ("es", include_str!("../../../pipelines/languages/es.toml")),
    ("fi", include_str!("../../../pipelines/languages/fi.toml")),
    ("it", include_str!("../../../pipelines/languages/it.toml")),
    ("nl", include_str!("../../../pipelines/languages/nl.toml")),
    ("pl", include_str!("../../../pipelines/languages/pl.toml")),
    ("sl", include_str!("../../../pipelines/languages/sl.toml")),
    ("sv", include_str!("../../../pipelines/languages/sv.toml")),
];

/// English as it is shipped; for German a specimen.
fn language(code: &str) -> Language {
    language_of(code, if code == "en" { include_str!("../../../pipelines/languages/en.toml") } else { GERMAN })
}

fn language_of(code: &str, text: &str) -> Language {
    let file = DefinitionFile { path: format!("languages/{code}.toml"), text: text.into(), from: "test".into() };
    let (definitions, faults) = parse(&[file]);
    assert!(faults.is_empty(), "{faults:?}");
    definitions.languages[code].clone()
}

fn number(id: &str, value: f64, grade: Grade, flags: &str, years: u16) -> Span {
    Span::Number(Number {
        id: id.into(),
        text: format!("{value}"),
        value: Some(value),
        missing: None,
        grade,
        flags: ObsStatus::new(flags),
        carried_years: years,
        carried: String::new(),
    })
}

/// A text in which `#` stands for an own number without a flag, and `+`, `−` for a change of that sign.
fn text(template: &str) -> Text {
    let mut spans = vec![Span::Plain(String::new())];
    for letter in template.chars() {
        let bound = match letter {
            '#' => number("rate.x.total.T.TOTAL.2024", 46.3, Grade::A, "", 0),
            '+' => number("rate.x.total.T.TOTAL.2024.change_since_2019", 2.0, Grade::A, "", 0),
            '−' => number("rate.x.total.T.TOTAL.2024.change_since_2019", -2.0, Grade::A, "", 0),
            _ => {
                if let Some(Span::Plain(text)) = spans.last_mut() {
                    text.push(letter);
                }
                continue;
            }
        };
        spans.extend([bound, Span::Plain(String::new())]);
    }
    Text(spans)
}

fn report(text: Text) -> Report {
    let section = Section { id: "key-messages".into(), title: "Key messages".into(), blocks: vec![Block::List(vec![text])] };
    Report {
        title: String::new(),
        subtitle: String::new(),
        product: Product::Report,
        language: "en".into(),
        date: String::new(),
        programme: Programme::default(),
        front: Vec::new(),
        sections: vec![section],
        provenance: std::collections::BTreeMap::new(),
    }
}

fn allowed() -> Allowed {
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Allowed {
        counts: set(&["2024", "9"]),
        numbers: set(&["46.3", "46,3"]),
        licensed: set(&["the rate was \u{1}, \u{1} above the EU-27.", "die Quote lag mit \u{1} über dem Wert der EU."]),
        changes: set(&["it rose by \u{1}, above the rest."]),
        quoted: set(&["table 13111-01-03-4"]),
    }
}

fn rules_found(code: &str, text: Text) -> Vec<(Rule, String)> {
    let language = language(code);
    let definitions = vec!["Rate of those aged 20–64, lower secondary".into(), "Quote der 20–64-Jährigen, höhere Bildung".into()];
    let rules = Rules::new(&language, definitions, allowed());
    violations(&rules, &report(text)).into_iter().map(|found| (found.rule, found.found)).collect()
}

fn check(code: &str, sentence: &str, expected: &[(Rule, &str)]) {
    let found = rules_found(code, text(sentence));
    let found: Vec<(Rule, &str)> = found.iter().map(|(rule, word)| (*rule, word.as_str())).collect();
    assert_eq!(found, expected, "{code}: {sentence}");
}

#[test]
fn typed_numbers() {
    check("en", "the rate was # in 2024.", &[]);
    check("en", "the rate was 46.3 in 2024.", &[(Rule::Number, "46.3")]);
    check("en", "the rate was # in 2023.", &[(Rule::Number, "2023")]);
    check("en", "rate of those aged 20–64, lower secondary: # in 9 of PL42.", &[]);
    check("en", "those aged 20–65: #.", &[(Rule::Number, "20"), (Rule::Number, "65")]);
    check("en", "see table 13111-01-03-4.", &[]);
    check(
        "en",
        "see table 13111-01-03-5.",
        &[(Rule::Number, "13111"), (Rule::Number, "01"), (Rule::Number, "03"), (Rule::Number, "5")],
    );
    check("de", "die Quote war # in 2024.", &[]);
    check("de", "die Quote war 46,3 in 2024.", &[(Rule::Number, "46,3")]);
    check("de", "Quote der 20–64-Jährigen, höhere Bildung: #.", &[]);
    check("de", "rund 1.000 Personen", &[(Rule::Number, "1.000")]);
}

#[test]
fn orders_without_a_proof() {
    check("en", "the rate was #, # above the EU-27.", &[]);
    check("en", "the rate was #, # above Poland.", &[(Rule::Order, "above")]);
    check("en", "Highest in Poland: #.", &[(Rule::Order, "highest")]);
    check("en", "it exceeds # of those", &[(Rule::Order, "exceed*")]);
    check("en", "the flowers of # were aboveground", &[]);
    check("de", "die Quote lag mit # über dem Wert der EU.", &[]);
    check("de", "die Quote lag mit # über dem Wert Polens.", &[(Rule::Order, "über dem")]);
    check("de", "in Polen ist sie Höherer: #", &[(Rule::Order, "höher*")]);
    check("de", "Höher ist nicht besser, auch nicht wegen der Größe; Altersgruppe 20–64.", &[]);
}

#[test]
fn trends_against_the_change() {
    check("en", "it rose by +.", &[]);
    check("en", "it rose by −.", &[(Rule::Trend, "rose")]);
    check("en", "it fell by −.", &[]);
    check("en", "it fell by +.", &[(Rule::Trend, "fell")]);
    check("en", "it rose by +, above the rest.", &[]);
    check("en", "it rose by −, above the rest.", &[(Rule::Trend, "rose")]);
    check("en", "it rose to #.", &[(Rule::Trend, "rose")]);
    check("de", "sie stieg um +.", &[]);
    check("de", "sie stieg um −.", &[(Rule::Trend, "stieg*")]);
    check("de", "sie ist um + gesunken.", &[(Rule::Trend, "gesunken")]);
}

#[test]
fn causes() {
    check("en", "the rate was # due to language.", &[(Rule::Cause, "due to")]);
    check("en", "it leads to #.", &[(Rule::Cause, "leads to")]);
    check("en", "the residue was #.", &[]);
    check("de", "die Quote war # wegen der Sprache.", &[(Rule::Cause, "wegen")]);
    check("de", "es führte zu #.", &[]);
    check("de", "sie bewegen sich um #.", &[]);
}

/// One number with what it asks for, and the sentence around it.
fn caveat(code: &str, number: Span, sentence: &str, expected: &[&str]) {
    let found = rules_found(code, Text(vec![number, Span::Plain(sentence.into())]));
    let found: Vec<&str> =
        found.iter().map(|(rule, word)| if *rule == Rule::Caveat { word.as_str() } else { "another" }).collect();
    assert_eq!(found, expected, "{code}: {sentence}");
}

#[test]
fn missing_caveats() {
    let one = |grade, flags: &str, years| number("rate.x.total.T.TOTAL.2024", 46.3, grade, flags, years);
    let borrowed = " In Poland (country value; none for Zachodniopomorskie alone)";
    caveat("en", one(Grade::A, "", 0), " in Poland.", &[]);
    caveat("en", one(Grade::D, "", 0), " in Poland.", &["Borrowed (whose.borrowed)"]);
    caveat("en", one(Grade::D, "", 0), borrowed, &[]);
    caveat("en", one(Grade::A, "u", 0), " in Poland.", &["Unreliable (caveat.u)"]);
    caveat("en", one(Grade::A, "u", 0), " A figure in this sentence is marked by its source as of low reliability.", &[]);
    caveat("en", one(Grade::A, "b", 0), " A figure in this sentence is provisional.", &["Break (caveat.b)"]);
    caveat("en", one(Grade::A, "", 2), ".", &["OtherYear(2) (caveat.carried)"]);
    caveat(
        "en",
        one(Grade::A, "", 9),
        " A figure in this sentence, or a value that it is computed from, is up to 9 years away from the common period.",
        &[],
    );
    caveat("en", one(Grade::M, "", 0), borrowed, &["Modelled (caveat.M)"]);
    caveat("de", one(Grade::D, "p", 0), " Polen.", &["Borrowed (whose.borrowed)", "Provisional (caveat.p)"]);
    caveat("de", one(Grade::D, "p", 0), " Polen (Wert der Ebene Land; keiner für X allein). Vorläufig.", &[]);
    caveat(
        "de",
        one(Grade::A, "de", 1),
        ". Die Definition weicht ab.",
        &["Estimated (caveat.e)", "OtherYear(1) (caveat.carried)"],
    );
}

/// Sentences made from figures name no order, no trend and no cause in any language file, but those that are given out for a proof.
#[test]
fn texts_of_the_shipped_languages() {
    let mut faults = Vec::new();
    for (code, text) in LANGUAGES {
        let language = &language_of(code, text);
        let lint = &language.lint;
        for (list, name) in [(&lint.order, "order"), (&lint.rise, "rise"), (&lint.fall, "fall"), (&lint.cause, "cause")] {
            assert!(!list.is_empty(), "{}: without words for `{name}` the lint finds nothing", language.code);
        }
        let rules = Rules::new(language, Vec::new(), Allowed::default());
        for (key, text) in &language.texts {
            let base = key.split('#').next().unwrap_or(key);
            if is_fixed(base) || TEXTS.contains(&base) || GAP_TITLES.iter().any(|title| key.starts_with(title)) {
                continue;
            }
            let flat: String = pieces(text).join("\u{1}");
            let (words, trends) = (rules.words(&flat), rules.trends(&flat));
            if !words.is_empty() || !trends.is_empty() {
                faults.push(format!("{} {key}: {words:?} {trends:?} in {text}", language.code));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A word under a mark, or the stump of a legend text, is no proof for a sentence that has it.
#[test]
fn short_texts_license_no_sentence() {
    for (code, sentence, word) in
        [("el", "Η τιμή είναι καλύτερα από της χώρας.", "καλύτερ*"), ("it", "In Piemonte sono meno di prima.", "meno")]
    {
        let text = LANGUAGES.iter().find(|(known, _)| *known == code).expect("a shipped language").1;
        let language = language_of(code, text);
        let found = Rules::new(&language, Vec::new(), Allowed::default()).words(sentence);
        assert_eq!(found, [(Rule::Order, word.to_owned())], "{code}");
    }
}
