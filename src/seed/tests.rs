use std::path::{Path, PathBuf};

use baseline_model::definitions::{DefinitionFile, Definitions, parse};

use super::*;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The shipped definitions.
fn definitions() -> Definitions {
    let base = root().join("pipelines");
    let mut files = Vec::new();
    let mut folders = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "csv") {
                let relative = path.strip_prefix(&base).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(DefinitionFile { path: relative, text: std::fs::read_to_string(&path).unwrap(), from: "test".into() });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (definitions, errors) = parse(&files);
    assert!(errors.is_empty(), "{errors:#?}");
    definitions
}

fn committed(folder: &Path, below: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            committed(&path, below, files);
        } else {
            let relative = path.strip_prefix(below).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((relative, std::fs::read(&path).unwrap()));
        }
    }
}

/// Rebuilds the shipped seed from the collected originals: not a byte may differ. `BASELINE_BLESS=1` writes it.
#[test]
fn the_committed_seed_is_what_the_recipe_gives() {
    let originals = root().join("../shared/data");
    if !originals.is_dir() {
        println!("skipped: no folder of originals beside the project");
        return;
    }
    let recipe = std::fs::read_to_string(root().join("data/seed.toml")).unwrap();
    let read = |file: &str| std::fs::read(originals.join(file)).map_err(|error| error.to_string());
    let seed = build(&recipe, &read, &definitions()).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    for finding in &seed.findings {
        println!("{finding}");
    }
    let folder = root().join("data/seed");
    let mut found = Vec::new();
    committed(&folder, &folder, &mut found);
    found.sort();
    if std::env::var_os("BASELINE_BLESS").is_some() {
        for (path, _) in found {
            std::fs::remove_file(folder.join(path)).unwrap();
        }
        for (path, bytes) in &seed.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        return;
    }
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&seed.files));
    for ((path, before), (_, now)) in found.iter().zip(&seed.files) {
        assert!(before == now, "{path} differs from what the recipe gives; BASELINE_BLESS=1 writes it anew");
    }
}

/// Definitions of one table, enough for a build.
fn small() -> Definitions {
    let file = |path: &str, text: &str| DefinitionFile { path: path.into(), text: text.into(), from: "test".into() };
    let (definitions, errors) = parse(&[
        file("sources/office.toml", "name = 'Office'\nprotocol = 'none'\nlicence = 'free'\ncitation = 'Office'"),
        file("dataflows/office/t.toml", "title = 'T'\nfrequency = 'annual'\nlevels = ['nuts2']\n[dimensions]\ngeo = 'geo'"),
        file("codelists/nuts.csv", "code,level,from,to\nNL33,2,2013,2021\nNL36,2,2024,2024\n"),
        file(
            "codelists/nuts2_eu.csv",
            "code,name,from,to\nNL33,Zuid-Holland,2013,2021\nNL36,Zuid-Holland,2024,2024\nNL11,Groningen,2013,2024\n",
        ),
    ]);
    assert!(errors.is_empty(), "{errors:#?}");
    definitions
}

const A: &str = "sex,geo,period,value,obs_status\nT,NL11,2023,1.50,b\nT,NL11,2024,,u\nT,NL33,2024,3,\nF,NL11,2024,4,\n";

/// An office whose codes are its own.
fn office() -> Definitions {
    let file = |path: &str, text: &str| DefinitionFile { path: path.into(), text: text.replace('\'', "\""), from: "test".into() };
    let (definitions, errors) = parse(&[
        file(
            "sources/office.toml",
            "name = 'Office'\nprotocol = 'none'\nlicence = 'free'\ncitation = 'Office'\ncountries = ['DE']\nobs_status_scheme = 'office'",
        ),
        file(
            "dataflows/office/t.toml",
            "title = 'T'\nfrequency = 'annual'\nlevels = ['nuts3']\nperiod = '2020'\n[find]\ngeo = ['*kreis*']\n[codes.geo]\nDG = 'DE'",
        ),
        file(
            "territories/district.toml",
            "level = 'nuts3'\ncountry = 'DE'\nkind = 'new_arrival_region'\npartner = 'P'\nnames = { en = 'District' }\n\
             codes = { office = '15084' }\nparents = {}\nnuts.2024 = { nuts3 = 'DEE08', nuts2 = 'DEE0' }",
        ),
        file("codelists/geo.csv", "code,label,alias\nDE,Germany,\nSI,Slovenia,\n"),
        file("codelists/obs_status.csv", "scheme,letter,ours,missing_reason\noffice,-,,not_available\noffice,.,,withheld\n"),
    ]);
    assert!(errors.is_empty(), "{errors:#?}");
    definitions
}

#[test]
fn an_office_is_cut_to_our_regions_by_its_own_codes_and_keeps_its_numbers() {
    let first =
        "kreise,period,value,obs_status\n15084,2023,5,\n15084,2024,7,\n15084,,8,\n15256,2023,,-\nDG,2023,9,\n08316,2023,1,\n";
    let second = "kreise,period,value,obs_status\n15084,2023,,-\n15084,2024,,.\n15084,2025,,-\n";
    let recipe = ["a", "b"]
        .map(|file| format!("[[original]]\ndataflow = 'office/t'\nfile = '{file}'\nfound = 'here'\ngeo = {{ study = '2010' }}\n"))
        .concat();
    let read = |file: &str| Ok(if file == "a" { first } else { second }.as_bytes().to_vec());
    let seed = build(&format!("collected = '2026-11-22'\n{recipe}"), &read, &office()).unwrap();
    let text = String::from_utf8(seed.files[0].1.clone()).unwrap();
    // A `-` says nothing about the number before it; a withheld figure does. The old key 15256 is no region of ours.
    let expected = [
        "geo,period,value,obs_status,conf_status,original,position",
        "15084,2020,8,,,1,R4C3",
        "15084,2023,5,,,1,R2C3",
        "15084,2024,,.,,2,R3C3",
        "15084,2025,,-,,2,R4C3",
        "DG,2023,9,,,1,R6C3",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    assert!(seed.findings.iter().any(|finding| finding.code == "seed-number-kept" && finding.count == 1));
}

/// Builds from files `a` and `b` and gives the table without its header, or the faults.
fn check(recipe: &str, a: &str, b: &str, expected: Result<&[&str], &str>) {
    let recipe = format!("collected = '2026-11-22'\n{recipe}");
    let read = |file: &str| match file {
        "a" => Ok(a.as_bytes().to_vec()),
        "b" => Ok(b.as_bytes().to_vec()),
        _ => Err("not there".to_owned()),
    };
    match (build(&recipe, &read, &small()), expected) {
        (Ok(seed), Ok(lines)) => {
            let text = String::from_utf8(seed.files[0].1.clone()).unwrap();
            assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), lines, "{recipe}");
        }
        (Err(faults), Err(part)) => assert!(faults.iter().any(|fault| fault.contains(part)), "{part} is not in {faults:#?}"),
        (found, _) => panic!("{recipe}: {found:#?}"),
    }
}

const ITEM: &str = "[[original]]\ndataflow = 'office/t'\nfile = 'a'\nfound = 'here'\n";

#[test]
fn cells_are_kept_as_stated_and_sorted() {
    let recipe = format!("{ITEM}geo = {{ all = '2023' }}\nkeep = {{ sex = ['T'] }}\n");
    check(&recipe, A, "", Ok(&["T,NL11,2023,1.5,b,,1,R2C4", "T,NL11,2024,,u,,1,R3C4", "T,NL33,2024,3,,,1,R4C4"]));
}

#[test]
fn regions_of_the_stated_version_and_their_first_period() {
    let recipe = format!("{ITEM}nuts = '2021'\ngeo = {{ eu_nuts2 = '2024' }}\nkeep = {{ sex = ['T'] }}\n");
    check(&recipe, A, "", Ok(&["T,NL11,2024,,u,,1,R3C4", "T,NL33,2024,3,,,1,R4C4"]));
    let recipe = format!("{ITEM}nuts = '2024'\ngeo = {{ all = '2023' }}\n");
    check(&recipe, A, "", Err("region `NL33` does not exist in NUTS 2024"));
}

#[test]
fn the_later_original_wins_and_an_empty_one_is_not_cited() {
    let newer = "sex,geo,period,value,obs_status\nT,NL11,2023,1.6,\n";
    let cut = "geo = { all = '2023' }\nkeep = { sex = ['T'] }\n";
    let second = ITEM.replace("'a'", "'b'");
    let recipe = format!("{ITEM}{cut}{second}{cut}");
    check(&recipe, A, newer, Ok(&["T,NL11,2023,1.6,,,2,R2C4", "T,NL11,2024,,u,,1,R3C4", "T,NL33,2024,3,,,1,R4C4"]));
    let older = "sex,geo,period,value,obs_status\nT,NL11,2023,9,\n";
    let once = "sex,geo,period,value,obs_status\nT,NL11,2023,1.5,\n";
    check(&recipe, older, once, Ok(&["T,NL11,2023,1.5,,,1,R2C4"]));
}

#[test]
fn each_page_is_an_original() {
    let printed = "code,what,by,url,day,period,value\nNL11,people,City,https://x,2024-01-02,2023,5\nNL11,people,Office,https://y,,not printed,6\n";
    let recipe = format!(
        "{ITEM}geo = {{ all = '1990' }}\nrename = {{ code = 'geo' }}\ndrop = ['by', 'url', 'day']\n[original.page]\nurl = 'url'\nupdated = 'day'\nfound = ['by', 'what']\n"
    );
    check(&recipe, printed, "", Ok(&["NL11,people,2023,5,,,1,R2C7"]));
    let read = |_: &str| Ok(printed.as_bytes().to_vec());
    let seed = build(&format!("collected = '2026-11-22'\n{recipe}"), &read, &small()).unwrap();
    let receipt: Receipt = serde_json::from_slice(&seed.files[1].1).unwrap();
    let page = &receipt.originals[0];
    assert_eq!((page.url.as_str(), page.updated.as_str(), page.found.as_str()), ("https://x", "2024-01-02", "City: people"));
    assert!(seed.findings.iter().any(|finding| finding.code == "seed-no-period" && finding.message.contains("not printed")));
}

#[test]
fn contradictions_must_be_decided_by_hand() {
    let two = "geo,other,period,value\nNL11,x,2023,5\nNL11,y,2023,6\n";
    let recipe = format!("{ITEM}geo = {{ all = '2023' }}\ndrop = ['other']\n");
    check(&recipe, two, "", Err("two different cells for NL11 2023: 5 at R2C4 and 6 at R3C4"));
    let decided = format!("{recipe}[[original.exclude]]\nreason = 'r'\nwhere = {{ geo = 'NL11', value = '6' }}\n");
    check(&decided, two, "", Ok(&["NL11,2023,5,,,1,R2C4"]));
    let stale = decided.replace("'6'", "'7'");
    check(&stale, two, "", Err("nothing matches the exclusion"));
}

#[test]
fn faults_of_the_recipe() {
    let all = "geo = { all = '2023' }\n";
    for (recipe, part) in [
        (format!("{ITEM}{all}keep = {{ sex = ['X'] }}\n"), "keeps `sex` = `X`, which the file does not have"),
        (format!("{ITEM}{all}keep = {{ age = ['T'] }}\n"), "the recipe names {\"age\"}"),
        (format!("{ITEM}{all}color = 1\n"), "unknown field `color`"),
        (format!("{ITEM}geo = {{ all = 'soon' }}\n"), "`soon` is no period"),
        (format!("{ITEM}geo = {{ all = '2030' }}\n"), "nothing is kept"),
        (format!("{ITEM}{all}").replace("'a'", "'c'"), "c: not there"),
        (format!("{ITEM}{all}").replace("office/t", "office/u"), "`office/u` is not defined"),
        (format!("{ITEM}{all}rename = {{ geo = 'region' }}\n"), "no dimension `geo`"),
    ] {
        check(&recipe, A, "", Err(part));
    }
    check(&format!("{ITEM}{all}"), "<html><title>Maintenance</title></html>", "", Err("a:"));
}
