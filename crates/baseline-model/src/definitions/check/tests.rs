//! A small world without fault, and one mutant for every rule.

use super::super::parse;
use super::*;

const FILES: &[(&str, &str)] = &[
    (
        "sources/eurostat.toml",
        "name = \"Eurostat\"\nprotocol = \"eurostat\"\nbase_url = \"https://example.org\"\npace_seconds = 1.0\ntries = 5\n\
         obs_status_scheme = \"eurostat\"\nlicence = \"CC BY 4.0\"\ncitation = \"{code}, {date}\"\ntable_url = \"https://example.org/{code}\"\n\
         [timeouts]\nconnect = 10\nidle = 30\ntotal = 600\n",
    ),
    ("sources/local.toml", "name = \"Local\"\nprotocol = \"none\"\nlicence = \"printed\"\ncitation = \"as printed\"\n"),
    (
        "dataflows/eurostat/flow.toml",
        "title = \"Rates\"\nfrequency = \"annual\"\nlevels = [\"nuts2\", \"country\"]\nconcept = \"citizenship\"\n\
         dimensions = { citizen = \"origin\", geo = \"geo\", sex = \"sex\", age = \"age\" }\n\
         pull = { citizen = [\"NAT\", \"NEU\"], age = [\"Y20-64\", \"Y_LT5\", \"Y5-9\"] }\n",
    ),
    (
        "dataflows/eurostat/people.toml",
        "title = \"Population\"\nfrequency = \"annual\"\nlevels = [\"nuts3\"]\ndimensions = { geo = \"geo\", age = \"age\" }\n",
    ),
    (
        "dataflows/local/facts.toml",
        "title = \"Facts\"\nfrequency = \"irregular\"\nlevels = [\"lau\"]\nconcept = \"birth\"\ndimensions = { geo = \"geo\" }\n",
    ),
    (
        "indicators/rate.toml",
        "name = \"Rate\"\nunit = \"percent\"\ndirection = \"lower_is_better\"\nuniverse = \"all\"\nconcept = \"lfs\"\ndecimals = 1\n\
         weight = \"people\"\nposition = true\n[[series]]\ndataflow = \"eurostat/flow\"\nwhere = { sex = \"T\", age = \"Y20-64\", isced11 = \"ED5-8\" }\n\
         by = \"citizenship\"\n[gap]\nof = \"non_eu\"\nagainst = \"national\"\n[headline]\norigin = \"non_eu\"\nsex = \"T\"\nage = \"Y20-64\"\n",
    ),
    (
        "indicators/people.toml",
        "name = \"Population\"\nunit = \"persons\"\ndirection = \"neutral\"\nuniverse = \"all\"\nconcept = \"register\"\ndecimals = 0\n\
         [[series]]\ndataflow = \"eurostat/people\"\nwhere = { age = \"TOTAL\" }\nfactor = 1000\n",
    ),
    (
        "indicators/children.toml",
        "name = \"Children\"\nunit = \"persons\"\ndirection = \"neutral\"\nuniverse = \"all\"\nconcept = \"register\"\ndecimals = 0\n\
         [[series]]\ndataflow = \"eurostat/people\"\nsum = { age = [\"Y_LT5\", \"Y5-9\"] }\nset = { age = \"TOTAL\" }\n",
    ),
    (
        "indicators/child_share.toml",
        "name = \"Share of children\"\nunit = \"percent\"\ndirection = \"neutral\"\nuniverse = \"all\"\nconcept = \"register\"\ndecimals = 1\n\
         [derived]\nformula = \"share\"\ninputs = [\"children\", \"people\"]\n",
    ),
    (
        "indicators/born.toml",
        "name = \"Foreign-born\"\nunit = \"persons\"\ndirection = \"neutral\"\nuniverse = \"all\"\nconcept = \"printed\"\ndecimals = 0\n\
         headline = { origin = \"foreign_born\", sex = \"T\", age = \"TOTAL\" }\n\
         [[series]]\ndataflow = \"local/facts\"\nwhere = { measure = \"a\" }\nset = { origin = \"foreign_born\", sex = \"T\" }\nby = \"birth\"\n",
    ),
    (
        "territories/town.toml",
        "level = \"lau\"\ncountry = \"SE\"\nkind = \"established_destination\"\npartner = \"Town\"\nlau = \"0580\"\n\
         aliases = [\"Stad\"]\ncodes = { scb = \"0580\" }\nnames = { en = \"Town\", sv = \"Stad\" }\n\
         parents = { SE123 = \"County\", SE12 = \"East\" }\nnuts.2021 = { nuts3 = \"SE123\", nuts2 = \"SE12\" }\n\
         nuts.2024 = { nuts3 = \"SE123\", nuts2 = \"SE12\" }\n",
    ),
    (
        "territories/region.toml",
        "level = \"nuts2\"\ncountry = \"PL\"\nkind = \"new_arrival_region\"\npartner = \"Office\"\nnames = { en = \"Region\" }\n\
         parents = {}\nnuts.2024 = { nuts2 = \"PL42\" }\n",
    ),
    (
        "studies/first.toml",
        "title = \"First\"\nconcept = \"citizenship\"\nterritories = [\"town\", \"region\"]\nbenchmarks = { EU27_2020 = \"European Union\" }\n\
         programme = { name = \"Interreg\", project = \"P\", period = \"2025\" }\n\
         [[chapters]]\nid = \"work\"\nindicators = [\"rate\", \"people\"]\n[[chapters]]\nid = \"age\"\nindicators = [\"child_share\"]\n",
    ),
    (
        "languages/en.toml",
        "name = \"English\"\nnumber = { decimal = \".\", group = \" \", minus = \"-\", percent_space = \"\" }\n[texts]\n\
         \"chapter.work\" = \"Work\"\n\"chapter.age\" = \"Age\"\n\"rank\" = \"{place} of {count}\"\n\"fact#one\" = \"one fact\"\n\"fact#other\" = \"{n} facts\"\n",
    ),
    (
        "languages/pl.toml",
        "name = \"polski\"\nnumber = { decimal = \",\", group = \" \", minus = \"-\", percent_space = \" \" }\n[texts]\n\
         \"chapter.work\" = \"Praca\"\n\"chapter.age\" = \"Wiek\"\n\"rank\" = \"{place} z {count}\"\n\"indicator.rate\" = \"Wskaźnik\"\n\
         \"fact#one\" = \"{n} fakt\"\n\"fact#few\" = \"{n} fakty\"\n\"fact#many\" = \"{n} faktów\"\n\
         [phrases]\n\"two levels 5–8\" = \"dwa poziomy 5–8\"\n[unverified]\n\"chapter.work\" = \"?\"\n\"fact\" = \"?\"\n",
    ),
    ("codelists/sex.csv", "code,label\nT,Total\nF,Females\nM,Males\n"),
    ("codelists/age.csv", "code,label\nTOTAL,Total\nY20-64,20 to 64\nY_LT5,Less than 5\nY5-9,5 to 9\n"),
    ("codelists/geo.csv", "code,label\nEU27_2020,European Union\nSE,Sweden\nPL,Poland\n"),
    ("codelists/obs_status.csv", "scheme,letter\neurostat,b\neurostat,u\n"),
    (
        "codelists/origin.csv",
        "concept,source_dimension,source_code,code\ncitizenship,citizen,NAT,national\ncitizenship,citizen,NEU,non_eu\nbirth,c_birth,FOR,foreign_born\n",
    ),
];

fn world(changed: &str, text: &str) -> Vec<DefinitionFile> {
    let mut files: Vec<DefinitionFile> = FILES
        .iter()
        .map(|(path, good)| {
            let text = if *path == changed { text } else { good };
            DefinitionFile { path: (*path).into(), text: text.into(), from: "test".into() }
        })
        .collect();
    if !FILES.iter().any(|(path, _)| *path == changed) && !changed.is_empty() {
        files.push(DefinitionFile { path: changed.into(), text: text.into(), from: "test".into() });
    }
    files
}

fn faults(files: &[DefinitionFile]) -> Vec<DefinitionError> {
    let (definitions, errors) = parse(files);
    assert!(errors.is_empty(), "the mutant must parse: {errors:?}");
    check(&definitions, files, &["eurostat"])
}

/// Changes one text in one file: the faults that come out, each as marked text and `message | hint`.
fn changed(path: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let good = FILES.iter().find(|(name, _)| *name == path).unwrap_or_else(|| panic!("no file {path}")).1;
    assert!(good.contains(from), "{path} does not contain {from}");
    let files = world(path, &good.replacen(from, to, 1));
    faults(&files)
        .iter()
        .map(|error| {
            let file = files.iter().find(|file| file.path == error.path).expect("a fault is of a given file");
            (file.text[error.span.clone()].to_owned(), format!("{} | {}", error.message, error.hint))
        })
        .collect()
}

fn is((marked, message): &(String, String), (expected_mark, expected_message): (&str, &str)) -> bool {
    marked == expected_mark && message.contains(expected_message)
}

/// Exactly these faults come out, in this order.
fn mutant(path: &str, from: &str, to: &str, expected: &[(&str, &str)]) {
    let found = changed(path, from, to);
    let same = found.len() == expected.len() && found.iter().zip(expected).all(|(found, expected)| is(found, *expected));
    assert!(same, "{path}: {from} -> {to}\nexpected {expected:#?}\nfound {found:#?}");
}

/// This fault comes out, and at most one more that follows from it.
fn one(path: &str, from: &str, to: &str, marked: &str, message: &str) {
    let found = changed(path, from, to);
    let caught = found.len() <= 2 && found.iter().any(|found| is(found, (marked, message)));
    assert!(caught, "{path}: {from} -> {to}\nexpected {marked}: {message}\nfound {found:#?}");
}

#[test]
fn the_world_is_without_fault() {
    assert_eq!(faults(&world("", "")), []);
    assert_eq!(check(&Definitions::default(), &[], &[]), []);
}

#[test]
fn sources() {
    let path = "sources/eurostat.toml";
    one(path, "= \"eurostat\"", "= \"eurostad\"", "\"eurostad\"", "unknown protocol `eurostad` | did you mean `eurostat`?");
    one(path, "base_url = \"https://example.org\"\n", "", "\"eurostat\"", "needs a `base_url`");
    one(path, "\"https://example.org\"", "\"example.org\"", "\"example.org\"", "no web address");
    one(path, "pace_seconds = 1.0", "pace_seconds = -1.0", "-1.0", "a pace of -1 seconds");
    one(path, "pace_seconds = 1.0", "pace_seconds = nan", "nan", "a pace of NaN");
    one(path, "pace_seconds = 1.0", "pace_seconds = inf", "inf", "a pace of inf");
    one(path, "tries = 5", "tries = 0", "0", "expected 1 to 20");
    one(path, "tries = 5", "tries = 21", "21", "expected 1 to 20");
    one(path, "idle = 30", "idle = 0", "0", "a timeout of 0 seconds");
    one(path, "idle = 30", "idle = nan", "nan", "a timeout of NaN");
    one(path, "idle = 30", "idle = 700", "700", "longer than the total");
    one(path, "{code}, {date}", "{cod}", "\"{cod}\"", "unknown placeholder {cod} | known here: {code}, {date}");
    one(path, "{code}, {date}", "{code", "\"{code\"", "a brace");
    one(path, "org/{code}", "org/{date}", "\"https://example.org/{date}\"", "unknown placeholder {date}");
    one(path, "scheme = \"eurostat\"", "scheme = \"euro\"", "\"euro\"", "no scheme of codelists/obs_status.csv");
    one(path, "\"CC BY 4.0\"", "\" \"", "\" \"", "`licence` is empty");
    let add = |text: &str| format!("{text}\ntries = 5");
    one(path, "tries = 5", &add("countries = [\"SX\"]"), "\"SX\"", "no code of codelists/geo.csv");
    one(path, "tries = 5", &add("ban_hours = -1"), "-1", "a ban of -1 hours");
    one(path, "tries = 5", &add("windows = [{ requests = 0, seconds = 1 }]"), "{ requests = 0, seconds = 1 }", "more than 0");
    let found = changed(path, "tries = 5", &add("credentials = { key = \"s3cret\" }"));
    assert!(found.len() == 1 && found[0].1.contains("environment variable") && !found[0].1.contains("s3cret"), "{found:?}");
    mutant(path, "tries = 5", &add("credentials = { key = \"BASELINE_KEY?\" }"), &[]);
}

#[test]
fn dataflows() {
    let path = "dataflows/eurostat/flow.toml";
    one(path, "sex = \"sex\"", "sex = \"gender\"", "\"gender\"", "`gender` is none of our dimensions");
    one(path, "[\"nuts2\", \"country\"]", "[\"nuts2\", \"nuts2\"]", "\"nuts2\"", "the level nuts2 is given twice");
    one(path, "age = \"age\"", "age = \"age\", Duration = \"freq\"", "Duration", "its id in lower case");
    one(path, "age = \"age\" }", "age = \"age\", old = \"age\" }", "\"age\"", "two dimensions are mapped to `age`");
    one(path, "age = [", "AGE = [", "AGE", "its id in lower case");
    one(path, "[\"NAT\", \"NEU\"]", "[\"NAT\", \"NAT\"]", "\"NAT\"", "`NAT` is given twice");
    one(path, "{ citizen = [\"NAT\", \"NEU\"]", "{ origin = [\"NAT\", \"NEU\"]", "origin", "did you mean `citizen`?");
    one(path, "{ citizen = [\"NAT\", \"NEU\"]", "{ citizen = []", "[]", "no code for `citizen`");
    one(path, "title = \"Rates\"", "title = \"\"", "\"\"", "`title` is empty");
    one("dataflows/eurostat/people.toml", "geo = \"geo\", ", "", "dimensions", "no dimension is mapped to `geo`");
    one("dataflows/eurostat/people.toml", "[\"nuts3\"]", "[]", "[]", "no level");
    one("dataflows/eurostat/people.toml", "\"geo\",", "\"geo\", c = \"origin\",", "dimensions", "`concept` is not given");
    one("dataflows/local/facts.toml", "dimensions", "pull = { a = [\"x\"] }\ndimensions", "pull", "nothing can be pulled");
    let path = "dataflows/eurostat/people.toml";
    let add = |text: &str| format!("{text}\ndimensions");
    one(path, "dimensions", &add("period = \"soon\""), "\"soon\"", "`soon` is no period");
    one(path, "dimensions", &add("breaks = [\"2022\", \"x\"]"), "\"x\"", "`x` is no period");
    one(path, "dimensions", &add("fills = [\"rat\"]"), "\"rat\"", "no indicator `rat` is defined");
    one(path, "dimensions", &add("find = { geo = [\"role:geo\"] }"), "geo", "already named by `geo`");
    one(path, "dimensions", &add("find = { sec = [\"x\"] }"), "sec", "`sec` is none of our dimensions | did you mean `sex`?");
    one(path, "dimensions", &add("find = { sex = [] }"), "[]", "nothing to find `sex` by");
    one(path, "dimensions", &add("find = { sex = [\"role:sex\"] }"), "\"role:sex\"", "`sex` is no role");
    one(path, "dimensions", &add("find = { sex = [\"*\"] }"), "\"*\"", "fits every dimension");
    one(path, "dimensions", &add("codes = { sex = { \"1\" = \"M\" } }"), "sex", "to which no dimension is mapped");
    one(path, "dimensions", &add("codes = { age = { x = \"Y99\" } }"), "\"Y99\"", "no code of codelists/age.csv");
    one(path, "dimensions", &add("codes = { geo = { \"00\" = \"SX\" } }"), "\"SX\"", "`SX` is no region of ours");
    one(path, "dimensions", &add("codes = { geo = { \"1\" = \"SE\", \" 1\" = \"PL\" } }"), "\"1\"", "given twice");
    mutant(path, "dimensions", &add("codes = { geo = { \"00\" = \"SE\", \"0580\" = \"0580\", x = \"SE123\" } }"), &[]);
    let block = |text: &str| add(&format!("shapes = [{{ blocks = [{{ {text} }}] }}]"));
    let keys = "keys = [{ column = \"a\", dimension = \"geo\" }, { column = \"b\", dimension = \"geo\" }]";
    one(path, "dimensions", &block(keys), "{ column = \"b\", dimension = \"geo\" }", "the dimension `geo` is declared twice");
    let measures = "measures = [{ column = \"a\" }, { column = [\"a\"] }]";
    one(path, "dimensions", &block(measures), "{ column = [\"a\"] }", "the column `a` is declared twice");
    one(
        path,
        "dimensions",
        &block("measures = [{ column = \"a\" }], ignore = [\"a\"]"),
        "\"a\"",
        "the column `a` is declared twice",
    );
    let path = "dataflows/eurostat/flow.toml";
    let add = |text: &str| format!("{text}\ndimensions");
    one(path, "dimensions", &add("codes = { origin = { x = \"foreigner\" } }"), "\"foreigner\"", "none of our origin groups");
    one(path, "dimensions", &add("codes = { origin = { x = \"foreign_born\" } }"), "\"foreign_born\"", "of another concept");
    // What the record maps is what a pull may ask for.
    let pull = "pull = { citizen = [\"NAT\", \"NEU\"]";
    mutant(path, pull, "codes.origin = { XX = \"non_eu\" }\npull = { citizen = [\"NAT\", \"XX\"]", &[]);
    let flow = FILES.iter().find(|(name, _)| *name == path).expect("given above").1;
    let found = faults(&world("dataflows/eurostatt/flow.toml", flow));
    assert!(found.len() == 1 && found[0].to_string().contains("no source"), "{found:?}");
    assert_eq!(found[0].hint, "did you mean `eurostat`?");
}

#[test]
fn indicators() {
    let path = "indicators/rate.toml";
    one(path, "decimals = 1", "decimals = 7", "7", "expected 0 to 6");
    one(path, "\"all\"", "\"\"", "\"\"", "`universe` is empty");
    one(
        path,
        "\"people\"",
        "\"peeple\"",
        "\"peeple\"",
        "no indicator `peeple` is defined (expected indicators/peeple.toml) | did you mean `people`?",
    );
    one(path, "\"people\"", "\"rate\"", "\"rate\"", "cannot weight itself");
    one(
        path,
        "eurostat/flow",
        "eurostat/flw",
        "\"eurostat/flw\"",
        "no dataflow `eurostat/flw` is defined (expected dataflows/eurostat/flw.toml)",
    );
    one(path, "[gap]", "factor = 0.0\n[gap]", "0.0", "a factor of 0");
    one(path, "[gap]", "factor = nan\n[gap]", "nan", "a factor of NaN");
    one(path, "{ sex = ", "{ sx = \"T\", sex = ", "sx", "unknown dimension `sx` | did you mean `sex`?");
    one(path, "{ sex = ", "{ citizen = \"NAT\", sex = ", "citizen", "the table's `citizen` is called `origin` here");
    one(path, "isced11 =", "ISCED11 =", "ISCED11", "its id in lower case");
    one(path, "\"ED5-8\"", "\"\"", "\"\"", "`isced11` is empty");
    one(path, "{ sex = \"T\"", "{ sex = \"T\", unit = \"\"", "\"\"", "`unit` is empty");
    one(path, "[gap]", "set = { unit = \"PC\" }\n[gap]", "unit", "`set` cannot fill `unit`");
    one(path, "[gap]", "set = { age = \"TOTAL\" }\n[gap]", "age", "`set` would overwrite `age`");
    one(path, "[gap]", "sum = { age = [\"Y_LT5\", \"Y5-9\"] }\n[gap]", "age", "in `where` and in `sum`");
    mutant(
        path,
        "by = \"citizenship\"",
        "by = \"birth\"",
        &[
            ("\"birth\"", "`by` is `birth`, the concept of eurostat/flow is `citizenship` | write: by = \"citizenship\""),
            ("\"non_eu\"", "a group by citizenship under an indicator by birth"),
            ("\"national\"", "a group by citizenship"),
            ("\"non_eu\"", "a group by citizenship"),
        ],
    );
    one(path, "by = \"citizenship\"\n", "", "[[series]]", "`by` is not given");
    one(
        path,
        "against = \"national\"",
        "against = \"native_born\"",
        "\"native_born\"",
        "a group by birth under an indicator by citizenship",
    );
    one(path, "against = \"national\"", "against = \"non_eu\"", "\"non_eu\"", "against itself");
    one(path, "unit = \"percent\"", "unit = \"persons\"", "\"persons\"", "needs an indicator in percent");
    one(path, "\"lower_is_better\"", "\"neutral\"", "\"neutral\"", "a disadvantage cannot be told");
    let flow = "dataflows/eurostat/flow.toml";
    one(flow, "[\"nuts2\", \"country\"]", "[\"country\"]", "true", "no series has that level");
    one(
        flow,
        "[\"NAT\", \"NEU\"], age = [\"Y20-64\", ",
        "[\"NAT\", \"NEU\"], age = [",
        "\"Y20-64\"",
        "a pull does not ask for `Y20-64`",
    );
}

#[test]
fn what_is_shown_at_its_own_date_is_not_compared() {
    let path = "indicators/rate.toml";
    one(
        "indicators/people.toml",
        "decimals = 0",
        "decimals = 0\nlatest = true\nposition = true",
        "position",
        "compares territories",
    );
    let found = changed(path, "decimals = 1", "decimals = 1\nlatest = true");
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn series_that_fix_a_column() {
    let path = "indicators/rate.toml";
    one(path, "sex = \"T\"\nage", "sex = \"F\"\nage", "\"F\"", "`headline.sex` uses the sex `F`, but every series fixes it: T");
    one(path, "\nage = \"Y20-64\"", "", "[headline]", "uses the age `TOTAL`, but every series fixes it: Y20-64");
    mutant(
        path,
        "{ sex = \"T\"",
        "{ origin = \"NAT\", sex = \"T\"",
        &[
            ("\"non_eu\"", "`gap.of` uses the origin `non_eu`, but every series fixes it: NAT, national"),
            ("\"non_eu\"", "`headline.origin` uses the origin `non_eu`"),
        ],
    );
}

#[test]
fn headline_codes() {
    let path = "indicators/people.toml";
    one(path, "[[series]]", "headline = { sex = \"X\" }\n[[series]]", "\"X\"", "`X` is no code of codelists/sex.csv");
    mutant(
        path,
        "{ age = \"TOTAL\" }",
        "{ age = \"TOTL\" }",
        &[("", "every series fixes it: TOTL"), ("\"TOTL\"", "`TOTL` is no code of codelists/age.csv | did you mean `TOTAL`?")],
    );
}

#[test]
fn sums_and_sets() {
    let path = "indicators/children.toml";
    one(path, "[\"Y_LT5\", \"Y5-9\"]", "[\"Y_LT5\"]", "[\"Y_LT5\"]", "a sum of 1 parts");
    one(path, "[\"Y_LT5\", \"Y5-9\"]", "[\"Y_LT5\", \"Y_LT5\"]", "\"Y_LT5\"", "counted twice");
    one(path, "[\"Y_LT5\", \"Y5-9\"]", "[\"Y_LT5\", \"Y5-99\"]", "\"Y5-99\"", "did you mean `Y5-9`?");
    let path = "indicators/born.toml";
    mutant(
        path,
        "set = { origin = \"foreign_born\"",
        "set = { origin = \"foreignborn\"",
        &[
            ("\"foreign_born\"", "`headline.origin` uses the origin `foreign_born`, but every series fixes it: foreignborn"),
            ("\"foreignborn\"", "none of our origin groups | did you mean `foreign_born`?"),
        ],
    );
    mutant(
        path,
        "set = { origin = \"foreign_born\"",
        "set = { origin = \"foreign\"",
        &[
            ("\"foreign_born\"", "every series fixes it: foreign"),
            ("\"foreign\"", "`foreign` is a group by citizenship, the table is not"),
            ("\"foreign\"", "a group by citizenship under an indicator by birth"),
        ],
    );
    mutant(
        path,
        "sex = \"T\" }\nby",
        "sex = \"Q\" }\nby",
        &[("\"T\"", "fixes it: Q"), ("\"Q\"", "no code of codelists/sex.csv")],
    );
}

#[test]
fn derived() {
    let path = "indicators/child_share.toml";
    one(path, "\"people\"]", "\"peopel\"]", "\"peopel\"", "did you mean `people`?");
    one(path, "[\"children\", \"people\"]", "[\"children\"]", "[\"children\"]", "takes a numerator and a denominator, found 1");
    one(path, "[\"children\", \"people\"]", "[\"people\", \"people\"]", "\"people\"", "given twice");
    one(path, "\"share\"", "\"gap_pp\"", "\"gap_pp\"", "belongs to the comparison");
    one(path, "\"percent\"", "\"persons\"", "\"persons\"", "the formula gives Percent, the unit is Persons");
    one(path, "\"share\"", "\"per_thousand\"", "\"percent\"", "the formula gives PerThousand");
    one(path, "\"people\"]", "\"people\"]\ncarry = 11", "11", "expected at most 10");
    one(path, "[derived]\nformula = \"share\"\ninputs = [\"children\", \"people\"]\n", "", "", "neither `series` nor `derived`");
    mutant(path, "\"people\"]", "\"child_share\"]", &[("[\"children\", \"child_share\"]", "derived from itself")]);
    one(
        "indicators/children.toml",
        "\"persons\"",
        "\"thousand_persons\"",
        "[\"children\", \"people\"]",
        "different units (ThousandPersons, Persons)",
    );
    one(
        "indicators/people.toml",
        "factor = 1000",
        "factor = 1000\n[derived]\nformula = \"sum\"\ninputs = [\"children\", \"born\"]",
        "derived",
        "both `series` and `derived`",
    );
    mutant(
        "indicators/people.toml",
        "[[series]]\ndataflow = \"eurostat/people\"\nwhere = { age = \"TOTAL\" }\nfactor = 1000",
        "[derived]\nformula = \"sum\"\ninputs = [\"children\", \"child_share\"]",
        &[
            ("[\"children\", \"people\"]", "derived from itself (by way of child_share, people)"),
            ("[\"children\", \"child_share\"]", "derived from itself"),
            ("[\"children\", \"child_share\"]", "different units"),
        ],
    );
}

#[test]
fn territories() {
    let path = "territories/town.toml";
    one(path, "lau = \"0580\"\n", "", "\"lau\"", "`lau` is missing");
    one(path, "lau = \"0580\"", "lau = \"05 80\"", "\"05 80\"", "no municipality code");
    mutant(
        path,
        "\"SE\"",
        "\"PL\"",
        &["\"SE123\"", "\"SE12\"", "\"SE123\"", "\"SE12\""]
            .map(|code| (code, "does not lie in PL: its code would begin with PL")),
    );
    one(path, "{ en = \"Town\", sv", "{ sv", "names", "no English name");
    one(path, "sv = ", "swe = ", "swe", "no language code");
    one(path, "sv = \"Stad\"", "sv = \"\"", "\"\"", "`sv` is empty");
    one(path, "[\"Stad\"]", "[\"\"]", "\"\"", "is empty");
    one(path, "scb = \"0580\"", "SCB = \"0580\"", "SCB", "no identifier of a source");
    one(path, "nuts.2021 = { nuts3 = \"SE123\", ", "nuts.2021 = { ", "2021", "the NUTS 3 code of 2021 is missing");
    one(path, "SE12 = \"East\"", "SE12 = \"East\", SE11 = \"x\"", "SE11", "no parent under [nuts] | did you mean `SE12`?");
    one(path, "SE123 = \"County\", ", "", "\"SE123\"", "the parent region `SE123` has no name");
    one(path, "\"County\"", "\"\"", "\"\"", "`SE123` is empty");
    let path = "territories/region.toml";
    one(path, "\"PL42\"", "\"PL421\"", "\"PL421\"", "no NUTS2 code: expected 4");
    one(path, "\"PL42\"", "\"pl42\"", "\"pl42\"", "no NUTS2 code");
    one(path, "\"PL42\"", "\"SE42\"", "\"SE42\"", "does not lie in PL");
    one(path, "level", "lau = \"1\"\nlevel", "lau", "only a municipality");
    one(path, "nuts.2024", "nuts.2021", "nuts", "no codes for NUTS 2024");
    mutant(
        path,
        "\"nuts2\"",
        "\"country\"",
        &[("\"country\"", "a country is a benchmark"), ("\"PL42\"", "the parent region `PL42` has no name")],
    );
    one(path, "nuts2 = \"PL42\"", "nuts2 = \"PL42\", nuts3 = \"PL428\"", "nuts3", "has no NUTS 3 code of its own");
    mutant(path, "\"PL\"", "\"GR\"", &[("\"GR\"", "not Eurostat's code | write `EL`"), ("\"PL42\"", "does not lie in GR")]);
    mutant(path, "\"PL\"", "\"pl\"", &[("\"pl\"", "two capital letters"), ("\"PL42\"", "does not lie in pl")]);
    mutant(path, "\"PL\"", "\"PT\"", &[("\"PT\"", "no code of codelists/geo.csv"), ("\"PL42\"", "does not lie in PT")]);
    one(path, "names = { en = \"Region\" }", "names = { en = \"\" }", "\"\"", "`en` is empty");
    mutant(
        "territories/town.toml",
        "nuts.2024 = { nuts3 = \"SE123\"",
        "nuts.2024 = { nuts3 = \"SE223\"",
        &[("\"SE223\"", "does not lie in SE12"), ("\"SE223\"", "the parent region `SE223` has no name")],
    );
}

#[test]
fn two_territories_are_never_one_place() {
    let town = FILES.iter().find(|(name, _)| *name == "territories/town.toml").expect("given above").1;
    let found = faults(&world("territories/village.toml", town));
    assert!(found.len() == 1 && found[0].message == "the code SE 0580 is already that of `town`", "{found:?}");
    let region = FILES.iter().find(|(name, _)| *name == "territories/region.toml").expect("given above").1;
    let found = faults(&world("territories/zone.toml", region));
    assert!(
        found.len() == 1 && found[0].message == "the code PL42 is already that of `region`" && found[0].line > 1,
        "{found:?}"
    );
}

#[test]
fn studies() {
    let path = "studies/first.toml";
    one(path, "[\"town\", \"region\"]", "[\"town\", \"regon\"]", "\"regon\"", "no territory `regon` is defined");
    one(path, "[\"town\", \"region\"]", "[\"town\", \"town\"]", "\"town\"", "given twice");
    one(path, "[\"town\", \"region\"]", "[]", "[]", "the study has no territory");
    one(path, "{ EU27_2020 = \"European Union\" }", "{}", "benchmarks", "no benchmark");
    one(path, "EU27_2020", "EU28_2020", "EU28_2020", "did you mean `EU27_2020`?");
    one(path, "\"European Union\"", "\"\"", "\"\"", "`EU27_2020` is empty");
    one(path, "\"First\"", "\"\"", "\"\"", "`title` is empty");
    one(path, "[\"child_share\"]", "[]", "[]", "the chapter has no indicator");
    one(path, "\"child_share\"", "\"childshare\"", "\"childshare\"", "no indicator `childshare` is defined");
    one(path, "\"child_share\"", "\"rate\"", "\"rate\"", "already stands in the chapter `work`");
    one(path, "\"rate\", \"people\"", "\"rate\", \"rate\"", "\"rate\"", "already stands in the chapter `work`");
    one(path, "id = \"age\"", "id = \"work\"", "\"work\"", "the chapter `work` is given twice");
    mutant(
        path,
        "id = \"age\"",
        "id = \"ages\"",
        &[
            ("\"ages\"", "the text `chapter.ages` is missing in languages/en.toml | did you mean `chapter.age`?"),
            ("\"ages\"", "the text `chapter.ages` is missing in languages/pl.toml"),
        ],
    );
    let chapters = FILES
        .iter()
        .find(|(name, _)| *name == path)
        .and_then(|(_, text)| text.split_once("[[chapters]]"))
        .expect("has chapters")
        .1;
    let none =
        FILES.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| text).replace(&format!("[[chapters]]{chapters}"), "");
    let found = faults(&world(path, &format!("chapters = []\n{none}")));
    assert!(found.len() == 1 && found[0].message == "the study has no chapter", "{found:?}");
}

#[test]
fn languages() {
    let path = "languages/pl.toml";
    mutant(
        path,
        "\"rank\"",
        "\"rnk\"",
        &[("texts", "the text `rank` is missing"), ("\"rnk\"", "`rnk` does not exist in English | did you mean `rank`?")],
    );
    one(path, "{place} z {count}", "{place} z {cont}", "\"{place} z {cont}\"", "expected {count} {place}, found {cont} {place}");
    one(path, "{place} z {count}", "{place z", "\"{place z\"", "a brace");
    one(path, "{place} z {count}", "", "\"\"", "expected {count} {place}, found none");
    one(path, "z {count}", "z 9 {count}", "\"{place} z 9 {count}\"", "typed numbers of `rank`: expected none, found 9");
    one(path, "\"fact#few\" = \"{n} fakty\"\n", "", "texts", "the text `fact#few` is missing");
    one(path, "fact#few", "fact#two", "\"fact#two\"", "`two` is no plural form of this language | it has one, few, many");
    one(path, "{n} fakty", "fakty", "\"fakty\"", "expected {n}, found none");
    one(path, "{n} fakt\"", "{x} fakt\"", "\"{x} fakt\"", "expected {n}, found {x}");
    one(path, "dwa poziomy 5–8", "dwa poziomy 5–9", "\"dwa poziomy 5–9\"", "expected 5 8, found 5 9");
    one(path, "dwa poziomy 5–8", " ", "\" \"", "has no text");
    one(path, "\"fact\" = \"?\"", "\"facts\" = \"?\"", "\"facts\"", "`facts` is neither a text nor a phrase of this language");
    one(path, "\"indicator.rate\"", "\"indicator.rates\"", "\"indicator.rates\"", "did you mean `rate`?");
    one(path, "group = \" \"", "group = \",\"", "\",\"", "the same as `decimal`");
    one(path, "decimal = \",\"", "decimal = \"\"", "\"\"", "`decimal` is empty");
    one(path, "minus = \"-\"", "minus = \"\"", "\"\"", "`minus` is empty");
    one(path, "\"polski\"", "\"\"", "\"\"", "`name` is empty");
    let files: Vec<DefinitionFile> = world("", "").into_iter().filter(|file| file.path != "languages/en.toml").collect();
    let found = faults(&files);
    assert!(found.len() == 1 && found[0].message.contains("no English"), "{found:?}");
}

#[test]
fn codelists() {
    let path = "codelists/origin.csv";
    let line = "citizenship,citizen,NAT,nationals";
    one(path, "NAT,national", "NAT,nationals", line, "none of our origin groups | did you mean `national`?");
    one(
        path,
        "birth,c_birth,FOR,foreign_born",
        "birth,c_birth,FOR,foreign",
        "birth,c_birth,FOR,foreign",
        "a group by citizenship, the line says birth",
    );
    one("codelists/sex.csv", "M,Males", "T,Males", "T,Males", "the code `T` stands here a second time");
    one("codelists/geo.csv", "SE,Sweden\n", "SE,Sweden\nPL,Poland\n", "PL,Poland", "the line stands here a second time");
    one("codelists/sex.csv", "M,Males", ",Males", ",Males", "`` is no code");
    one("codelists/sex.csv", "M,Males", " M,Males", " M,Males", "no blank around it");
}

#[test]
fn layouts() {
    const GOOD: &str = "name = \"Persons\"\nweight_persons = 1000\nfixed = { country = \"SE\" }\n\
        columns = { weight = \"W\", age = \"A\", status = \"S\", education = \"E\", year = \"Y\", sex = \"X\", occupation = \"O\" }\n\
        status = { employed = [\"1\"], unemployed = [\"2\"], inactive = [\"3\"] }\n\
        education = { low = [\"0\"], medium = [\"3\"], high = [\"5\"] }\noccupation = { digits = 3 }\nsex = { men = [\"1\"], women = [\"2\"] }\n";
    let found = |from: &str, to: &str| -> Vec<String> {
        assert!(GOOD.contains(from), "{from}");
        let errors = faults(&world("layouts/persons.toml", &GOOD.replacen(from, to, 1)));
        errors.iter().map(|error| format!("{} {}", error.line, error.message)).collect()
    };
    assert_eq!(found("", ""), [""; 0]);
    for (from, to, expected) in [
        ("\"Persons\"", "\" \"", "1 `name` is empty"),
        ("= 1000", "= 0", "2 a weight of 1 stands for 0 persons: expected a number above 0"),
        ("country = ", "year = ", "3 the year has a column already"),
        ("\"W\"", "\"\"", "4 `weight` is empty"),
        ("occupation = { digits = 3 }\n", "", "4 no `[occupation]` says what the codes of this column mean"),
        (", occupation = \"O\"", "", "7 `columns` has no `occupation` for these codes"),
        ("[\"2\"]", "[\"2\", \"1\"]", "5 `1` is in `employed` already"),
        ("[\"5\"]", "[\" 5\"]", "6 ` 5` is no code"),
        ("[\"5\"]", "[\"\"]", "6 `` is no code"),
        ("digits = 3", "digits = 5", "7 5 digits: ISCO-08 has one to four"),
    ] {
        assert_eq!(found(from, to), [expected], "{to}");
    }
}

/// A reference to a file that has a fault of its own is not a second fault.
#[test]
fn faults_do_not_spread() {
    let files = world("indicators/people.toml", "name = 1\n");
    let (definitions, errors) = parse(&files);
    assert!(!errors.is_empty());
    assert_eq!(check(&definitions, &files, &["eurostat"]), []);
}

#[test]
fn what_a_chapter_draws() {
    let path = "studies/first.toml";
    let after = |list: &str| format!("indicators = [\"rate\", \"people\"]\n{list}");
    for (list, marked, message) in [
        ("gaps = [\"people\"]", "\"people\"", "`people` has no gap to draw"),
        ("lines = [\"child_share\"]", "\"child_share\"", "`child_share` is not among the chapter's indicators"),
        ("positions = [\"people\"]", "\"people\"", "`people` has no positions"),
        ("maps = [\"child_share\"]", "\"child_share\"", "`child_share` is not among the chapter's indicators"),
        ("slopes = [\"child_share\"]", "\"child_share\"", "`child_share` is not among the chapter's indicators"),
        ("multiples = [\"child_share\"]", "\"child_share\"", "`child_share` is not among the chapter's indicators"),
        ("pyramids = [\"rate\"]", "\"rate\"", "`rate` counts no persons"),
        ("shares = [\"rate\", \"people\"]", "\"rate\"", "`rate` is no share of a whole"),
        ("shares = [\"rate\"]", "[\"rate\"]", "1 parts: expected two to five"),
    ] {
        one(path, "indicators = [\"rate\", \"people\"]", &after(list), marked, message);
    }
    one(path, "concept = \"citizenship\"", "concept = \"citizenship\"\nmessages = [\"rat\"]", "\"rat\"", "rat");
}

#[test]
fn what_an_indicator_is_held_against() {
    let path = "indicators/people.toml";
    let with = |record: &str| format!("factor = 1000\n[[compare_with]]\n{record}\n");
    let sound = "indicator = \"children\"\ntolerance = 1\nunit = \"percent\"\nreason = \"date\"\nnote = \"n\"\n";
    mutant(path, "factor = 1000", &with(sound), &[]);
    mutant(path, "factor = 1000", &with(&format!("{sound}their_period = \"{{year-1}}-12-31\"\nlimit = 3")), &[]);
    for (from, to, marked, message) in [
        ("\"children\"", "\"childen\"", "\"childen\"", "no indicator `childen` is defined"),
        ("\"children\"", "\"rate\"", "\"rate\"", "`rate` is in Percent, this indicator in Persons"),
        ("tolerance = 1", "tolerance = -1", "-1", "a tolerance of -1"),
        ("\"percent\"", "\"pp\"", "\"pp\"", "percentage points need an indicator in percent"),
        ("note = \"n\"", "note = \" \"", "\"date\"", "a reason without a `note`"),
        ("note = \"n\"", "note = \"n\"\nlimit = 0.5", "0.5", "a limit of 0.5 with a tolerance of 1"),
        ("note = \"n\"", "note = \"n\"\ntheir_period = \"{month}\"", "\"{month}\"", "gives no period for the year 2020"),
        ("note = \"n\"", "note = \"n\"\nhere = { sex = \"T\" }", "sex", "named on one side only"),
        (
            "note = \"n\"",
            "note = \"n\"\nhere = { sex = \"X\" }\nthere = { sex = \"T\" }",
            "\"X\"",
            "`X` is no code of codelists/sex.csv",
        ),
        ("note = \"n\"", "note = \"n\"\nhere = { geo = \"PL\" }\nthere = { geo = \"PL\" }", "geo", "`geo` is no column of ours"),
        ("reason = \"date\"\nnote = \"n\"", "limit = 3", "limit", "a limit without a reason"),
    ] {
        assert!(sound.contains(from), "{from}");
        one(path, "factor = 1000", &with(&sound.replacen(from, to, 1)), marked, message);
    }
}

#[test]
fn partners_tables_are_protected() {
    let path = "dataflows/local/facts.toml";
    let with = |record: &str| format!("dimensions = {{ geo = \"geo\" }}\n[disclosure]\n{record}\n");
    let from = "dimensions = { geo = \"geo\" }";
    mutant(path, from, &with(""), &[]);
    one(path, from, &with("apply = false"), "apply", "left unprotected without a reason");
    one(path, from, &with("threshold = 1"), "1", "a threshold of 1");
    one(path, from, &with("rounding = 1"), "1", "rounding to multiples of 1");
    one(path, from, &with("rates = { a = \"b\", b = \"c\" }"), "\"b\"", "the base `b` of `a` is a rate itself");
    let files = world(
        "dataflows/partner/counts.toml",
        "title = \"T\"\nfrequency = \"annual\"\nlevels = [\"lau\"]\ndimensions = { geo = \"geo\" }\n",
    );
    let found = faults(&files);
    assert!(found.iter().any(|fault| fault.message.contains("without [disclosure]")), "{found:?}");
}

#[test]
fn a_dimension_left_open_counts_everyone_twice() {
    let (flow, rate) = ("dataflows/eurostat/flow.toml", "indicators/rate.toml");
    let add = |text: &str| format!("{text}\npull = {{");
    let agedef = "breakdowns = { agedef = [\"COMPLET\", \"REACH\"] }";
    let one_pulled = "age = [\"Y20-64\", \"Y_LT5\", \"Y5-9\"], agedef = [\"REACH\"] }";
    // Two codes, and neither the series nor the pull fixes them.
    let found = changed(flow, "pull = {", &add(agedef));
    assert!(found.len() == 1 && is(&found[0], ("\"eurostat/flow\"", "`agedef` twice: the series leaves it open")), "{found:?}");
    // Fixed by the pull, fixed by the series, added up by it.
    let good = FILES.iter().find(|(name, _)| *name == flow).expect("given above").1;
    let pulled = good.replace("age = [\"Y20-64\", \"Y_LT5\", \"Y5-9\"] }", one_pulled);
    assert_eq!(faults(&world(flow, &format!("{agedef}\n{pulled}"))), []);
    let open = format!("{agedef}\n{good}");
    for (from, to) in
        [("isced11 =", "agedef = \"REACH\", isced11 ="), ("[gap]", "sum = { agedef = [\"COMPLET\", \"REACH\"] }\n[gap]")]
    {
        let series = FILES.iter().find(|(name, _)| *name == rate).expect("given above").1.replacen(from, to, 1);
        let mut files = world(flow, &open);
        let place = files.iter().position(|file| file.path == rate).expect("given above");
        files[place].text = series;
        assert_eq!(faults(&files), [], "{to}");
    }
    // A table that nothing draws on yet.
    let facts = "dataflows/eurostat/people2.toml";
    let table = |rest: &str| {
        format!("title = \"P\"\nfrequency = \"annual\"\nlevels = [\"nuts3\"]\ndimensions = {{ geo = \"geo\" }}\n{rest}")
    };
    let check = |rest: &str| faults(&world(facts, &table(rest)));
    let wstatus = "[breakdowns]\nwstatus = [\"POP\", \"EMP\"]\n";
    assert!(check(wstatus)[0].message.contains("`wstatus` twice"), "{:?}", check(wstatus));
    assert_eq!(check(&format!("{wstatus}[pull]\nwstatus = [\"POP\", \"EMP\"]\n")), []);
    assert!(check(&format!("{wstatus}[pull]\nwstatus = [\"POPS\"]\n"))[0].hint.contains("`POP`"));
    one(flow, "pull = {", &add("breakdowns = { training = [] }"), "[]", "no code for `training`");
    one(flow, "pull = {", &add("breakdowns = { isced11 = [\"A\", \"A\"] }"), "\"A\"", "`A` is given twice");
    one(flow, "pull = {", &add("breakdowns = { Age = [\"A\"] }"), "Age", "in lower case");
}

#[test]
fn what_awaits_its_table_says_so() {
    let path = "indicators/people.toml";
    let good = FILES.iter().find(|(name, _)| *name == path).expect("given above").1;
    let head = good.split_once("[[series]]").expect("has a series").0;
    let with = |text: &str| faults(&world("indicators/waits.toml", &format!("{head}{text}")));
    assert_eq!(with("[awaits]\nwhat = \"microdata\"\nlevels = [\"country\"]\n"), []);
    assert!(with("[awaits]\nwhat = \" \"\nlevels = [\"country\"]\n")[0].message.contains("`what` is empty"));
    assert!(with("[awaits]\nwhat = \"x\"\nlevels = []\n")[0].message.contains("no level"));
    assert!(with("")[0].hint.contains("[awaits]"));
    one(path, "decimals = 0", "decimals = 0\nawaits = { what = \"x\", levels = [\"lau\"] }", "awaits", "it has its table");
    one(path, "decimals = 0", "decimals = 0\nreferences = [\"\"]", "\"\"", "is empty");
    one("indicators/child_share.toml", "inputs =", "by_group = true\ncarry = 11\ninputs =", "11", "11 years older");
    one(
        "indicators/child_share.toml",
        "formula = \"share\"",
        "by_group = true\nformula = \"sum\"",
        "by_group",
        "a sum has no denominator",
    );
}

#[test]
fn targets() {
    let path = "indicators/rate.toml";
    let with = |text: &str| format!("[[targets]]\n{text}\n[gap]");
    let sound = "value = 9\nyear = 2030\nreference = \"Plan\"";
    mutant(path, "[gap]", &with(sound), &[]);
    for (from, to, marked, message) in [
        ("value = 9", "value = 109", "109", "a target of 109"),
        ("value = 9", "value = nan", "nan", "a target of NaN"),
        ("2030", "30", "30", "a target for the year 30"),
        ("\"Plan\"", "\"\"", "\"\"", "`reference` is empty"),
        ("value = 9", "age = \"Y99\"\nvalue = 9", "\"Y99\"", "no code of codelists/age.csv"),
    ] {
        one(path, "[gap]", &with(&sound.replacen(from, to, 1)), marked, message);
    }
    one(
        "indicators/people.toml",
        "decimals = 0",
        "decimals = 0\ntargets = [{ value = 1, year = 2030, reference = \"P\" }]",
        "\"neutral\"",
        "neither direction",
    );
}

const POSTS: &str = "reason = \"first\"\n[posts.rate]\nunit = \"percent\"\nworst = 80\nbest = 5\nreason = \"range\"\n\
                     [posts.worth]\nunit = \"percent\"\nworst = 5\nbest = 80\nreason = \"range\"\n";
const WORTH: &str = "name = \"Worth\"\nunit = \"percent\"\ndirection = \"higher_is_better\"\nuniverse = \"all\"\nconcept = \"c\"\n\
                     decimals = 1\n[[series]]\ndataflow = \"eurostat/people\"\nwhere = { age = \"TOTAL\" }\n";
const COMPOSITE: &str = "[composite]\ngoalposts = \"v1\"\n\
     [[composite.dimensions]]\nid = \"work\"\nweight = 0.5\nindicators = [{ id = \"rate\" }, { id = \"worth\" }]\n\
     [[composite.dimensions]]\nid = \"age\"\nweight = 0.5\nindicators = [{ id = \"more\" }, { id = \"other\" }]\n";

/// The faults of a world with goalposts and a composite, of which one text is changed.
fn scored(from: &str, to: &str) -> Vec<String> {
    let study = FILES.iter().find(|(name, _)| *name == "studies/first.toml").expect("given above").1;
    let study = study.replace("[\"rate\", \"people\"]", "[\"rate\", \"people\", \"worth\", \"more\", \"other\"]");
    let posts = format!("{POSTS}{}{}", post("more"), post("other"));
    let texts =
        |text: &str| text.replace("\"chapter.work\"", "\"dimension.work\" = \"W\"\n\"dimension.age\" = \"A\"\n\"chapter.work\"");
    let mut files = world("", "");
    for file in &mut files {
        if file.path.starts_with("languages/") {
            file.text = texts(&file.text);
        }
    }
    let further = [
        ("indicators/worth.toml", WORTH.to_owned()),
        ("indicators/more.toml", WORTH.to_owned()),
        ("indicators/other.toml", WORTH.to_owned()),
        ("goalposts/v1.toml", posts),
        ("studies/first.toml", format!("{study}{COMPOSITE}")),
    ];
    files.retain(|file| file.path != "studies/first.toml");
    for (path, text) in further {
        files.push(DefinitionFile { path: path.into(), text, from: "test".into() });
    }
    let changed =
        files.iter_mut().filter(|file| file.text.contains(from)).map(|file| file.text = file.text.replacen(from, to, 1));
    assert!(changed.count() > 0, "nothing contains {from}");
    faults(&files).iter().map(ToString::to_string).collect()
}

fn post(id: &str) -> String {
    format!("[posts.{id}]\nunit = \"percent\"\nworst = 5\nbest = 80\nreason = \"range\"\n")
}

#[test]
fn goalposts_and_composites() {
    assert_eq!(scored("name", "name"), Vec::<String>::new());
    for (from, to, message) in [
        ("worst = 80\nbest = 5", "worst = 80\nbest = 80", "division by zero"),
        ("worst = 80\nbest = 5", "worst = 5\nbest = 80", "contradict the direction of `rate`: expected `worst` above `best`"),
        ("worst = 80\nbest = 5", "worst = 180\nbest = 5", "a goalpost of 180 percent"),
        ("worst = 80\nbest = 5", "worst = inf\nbest = 5", "a goalpost of inf"),
        (
            "unit = \"percent\"\nworst = 80",
            "unit = \"persons\"\nworst = 80",
            "the goalposts are in Persons, `rate` is in Percent",
        ),
        ("[posts.rate]", "[posts.rat]", "no indicator `rat` is defined"),
        ("[posts.worth]", "[posts.people]", "`people` is neutral"),
        ("[posts.worth]", "[posts.born]", "`worth` has no goalposts in goalposts/v1.toml"),
        ("reason = \"first\"", "reason = \"\"", "`reason` is empty"),
        ("goalposts = \"v1\"", "goalposts = \"v2\"", "no version of the goalposts `v2` is defined"),
        ("goalposts = \"v1\"", "goalposts = \"v1\"\navailability = 1.5", "an availability of 1.5"),
        ("id = \"work\"\nweight = 0.5", "id = \"work\"\nweight = 0.4", "add up to 0.9"),
        ("id = \"work\"\nweight = 0.5", "id = \"work\"", "1 of 2 have a `weight`"),
        ("id = \"work\"\nweight = 0.5", "id = \"work\"\nweight = 0.6", "expected at most 0.5"),
        ("id = \"work\"\nweight = 0.5", "id = \"work\"\nweight = nan", "a weight of NaN"),
        ("id = \"work\"\nweight = 0.5", "id = \"work\"\nweight = -0.5", "a weight of -0.5"),
        ("id = \"age\"\nweight", "id = \"work\"\nweight", "the dimension `work` is given twice"),
        ("id = \"age\"\nweight", "id = \"ages\"\nweight", "the text `dimension.ages` is missing"),
        ("[{ id = \"rate\" }, { id = \"worth\" }]", "[{ id = \"rate\" }]", "expected at least two"),
        ("{ id = \"worth\" }", "{ id = \"people\" }", "`people` is neutral: context is never scored"),
        ("{ id = \"worth\" }", "{ id = \"more\" }", "`more` enters twice"),
        ("{ id = \"worth\" }", "{ id = \"wort\" }", "no indicator `wort` is defined"),
        ("\"people\", \"worth\"", "\"people\"", "`worth` stands in no chapter"),
        (
            "concept = \"citizenship\"\nterritories",
            "concept = \"birth\"\nterritories",
            "one composite has one population concept",
        ),
    ] {
        let found = scored(from, to);
        assert!(found.iter().any(|fault| fault.contains(message)) && found.len() <= 4, "{from} -> {to}: {found:#?}");
    }
}

#[test]
fn estimates() {
    const ESTIMATE: &str = "name = \"Rate, estimate\"\nunit = \"percent\"\ndirection = \"lower_is_better\"\nuniverse = \"u\"\nconcept = \"e\"\ndecimals = 1\nlatest = true\n\
        [estimate]\nkind = \"synthetic\"\nrates = \"rate\"\nrest = \"national\"\n\
        [[estimate.compositions]]\nshares = { foreign = \"child_share\" }\nassumption = \"all residents\"\n";
    let with = |from: &str, to: &str| -> Vec<String> {
        assert!(ESTIMATE.contains(from), "{from}");
        faults(&world("indicators/guess.toml", &ESTIMATE.replacen(from, to, 1))).iter().map(ToString::to_string).collect()
    };
    assert_eq!(with("estimate", "estimate"), Vec::<String>::new());
    for (from, to, message) in [
        ("Rate, estimate", "Rate", "does not say that it is an estimate"),
        ("latest = true\n", "", "not compared between territories"),
        ("unit = \"percent\"", "unit = \"persons\"", "the unit is Persons"),
        ("rates = \"rate\"", "rates = \"people\"", "`people` is in Persons: expected an indicator in percent"),
        ("rates = \"rate\"", "rates = \"guess\"", "is itself an estimate"),
        ("rates = \"rate\"", "rates = \"nothing\"", "nothing"),
        ("rest = \"national\"", "rest = \"total\"", "`total` is no group by citizenship or by birth"),
        ("foreign = ", "national = ", "expected another group of the same concept"),
        ("foreign = ", "foreign_born = ", "expected another group of the same concept"),
        ("child_share", "people", "`people` is in Persons"),
        ("shares = { foreign = \"child_share\" }", "shares = {}", "no share"),
        ("all residents", " ", "is empty"),
        ("latest = true\n", "latest = true\nawaits = { what = \"x\", levels = [\"lau\"] }\n", "an indicator of its own"),
        ("latest = true\n", "latest = true\nweight = \"people\"\n", "compares territories"),
    ] {
        let found = with(from, to);
        assert!(found.iter().any(|fault| fault.contains(message)), "{from} -> {to}: {found:#?}");
    }
    let none = ESTIMATE.split_once("[[").expect("has compositions").0.to_owned() + "compositions = []\n";
    assert!(faults(&world("indicators/guess.toml", &none))[0].message.contains("no composition"));
}

/// Of the world with a composite: choices of it, a typology, and rival definitions.
#[test]
fn what_a_study_chooses() {
    let typology = "[typology]\nshare = \"rate\"\nindicators = [\"rate\", \"worth\"]\n";
    let with = |typology: &str| scored("[composite]", &format!("{typology}[composite]"));
    assert_eq!(with(typology), Vec::<String>::new());
    for (from, to, message) in [
        ("share = \"rate\"", "share = \"ratio\"", "no indicator `ratio` is defined"),
        ("share = \"rate\"", "share = \"people\"", "`people` is in Persons: expected a share in percent"),
        ("share = \"rate\"", "share = \"born\"", "`born` stands in no chapter of the study"),
        ("share = \"rate\"", "share = \"rate\"\nyears = 0", "0 years between two dates"),
        ("share = \"rate\"", "share = \"rate\"\ngroups = 4", "4 groups: expected 2 or 3"),
        ("share = \"rate\"", "share = \"rate\"\nstarts = 0", "0 starting points"),
        ("\"rate\", \"worth\"", "\"rate\"", "1 indicators: expected at least two"),
        ("\"rate\", \"worth\"", "\"rate\", \"rate\"", "`rate` is given twice"),
    ] {
        let found = with(&typology.replacen(from, to, 1));
        assert!(found.iter().any(|fault| fault.contains(message)), "{to}: {found:#?}");
    }
    for (added, message) in [
        ("grades = []", "no value counts"),
        ("grades = [\"A\", \"D\", \"A\"]", "the grade A is given twice"),
        ("draws = 100", "100 draws: expected at least 1000"),
        ("samples = 1", "1 samples: expected at least 2"),
        ("spread = { D = -1 }", "a spread of -1"),
        ("spread = { A = 1 }", "an own value is not spread"),
    ] {
        let found = scored("goalposts = \"v1\"", &format!("goalposts = \"v1\"\n{added}"));
        assert!(found.iter().any(|fault| fault.contains(message)), "{added}: {found:#?}");
    }
    for (list, message) in [
        ("[\"rate\"]", "one definition: expected two or more"),
        ("[\"rate\", \"rate\"]", "`rate` is given twice"),
        ("[\"rate\", \"people\"]", "`people` has another unit than the definitions before it"),
        ("[\"rate\", \"child_share\"]", "`child_share` is not among the chapter's indicators"),
    ] {
        let found = scored("id = \"work\"\nindicators", &format!("id = \"work\"\ndefinitions = {list}\nindicators"));
        assert!(found.iter().any(|fault| fault.contains(message)), "{list}: {found:#?}");
    }
}

#[test]
fn places_on_the_map() {
    let path = "territories/region.toml";
    let good = "nuts.2024 = { nuts2 = \"PL42\" }\n";
    let with = |place: &str| format!("{good}[place]\n{place}\n");
    let one = |place: &str, marked: &str, message: &str| one(path, good, &with(place), marked, message);
    one("lon = 15.57\nlat = 75.0\nsource = \"x\"", "75.0", "`lat` is 75: expected degrees from 34 to 72");
    one("lon = 53.57\nlat = 15.57\nsource = \"x\"", "53.57", "`lon` is 53.57: expected degrees from -25 to 45");
    one("lon = -61.5\nlat = 16.2\nsource = \"x\"", "-61.5", "`lon` is -61.5");
    one("lon = nan\nlat = 53.57\nsource = \"x\"", "nan", "`lon` is NaN");
    one("lon = 15.57\nlat = 53.57\nsource = \" \"", "\" \"", "is empty");
    let text = FILES.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| text);
    let sound = text.replace(good, &with("lon = 15.57\nlat = 53.57\nsource = \"label points\""));
    assert!(faults(&world(path, &sound)).is_empty());
}
