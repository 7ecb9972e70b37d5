//! Workbooks are read by another process: what it finds arrives whole, and what it may not do ends it and not us.

use rust_xlsxwriter::Workbook;

use crate::kit::{Said, Workspace, shared};

const LAYOUT: &str = r#"
title = "Population"
frequency = "annual"
levels = ["nuts2"]
dimensions = { geo = "geo" }
[[shapes]]
numbers = { marks = { ".." = "" } }
[[shapes.blocks]]
sheet = "S"
period_column = "Year"
keys = [{ column = "Region", dimension = "geo" }]
measures = [{ column = "Total", code = "total" }]
"#;

fn workbook(texts: usize) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("S").unwrap();
    for (column, text) in (0..).zip(["Year", "Region", "Total"]) {
        sheet.write(0, column, text).unwrap();
    }
    for (row, (region, total)) in (1..).zip([("Kriti", Some(1.5)), ("Attiki", None)]) {
        sheet.write(row, 0, 2024).unwrap();
        sheet.write(row, 1, region).unwrap();
        match total {
            Some(total) => sheet.write(row, 2, total).unwrap(),
            None => sheet.write(row, 2, "..").unwrap(),
        };
    }
    for row in 0..texts {
        let text = format!("{row}{}", " x".repeat(16_000));
        sheet.write(u32::try_from(row).unwrap() + 10, 5, text).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn read(bytes: &[u8], args: &[&str]) -> Said {
    let workspace = Workspace::new();
    workspace.write("pipelines/dataflows/elstat/specimen.toml", LAYOUT);
    workspace.write("-book.xlsx", bytes);
    let mut call = vec!["read", "./-book.xlsx", "--as", "elstat/specimen"];
    call.extend(args);
    workspace.run(&call)
}

fn refused(bytes: &[u8], args: &[&str], parts: &[&str]) {
    let said = read(bytes, args);
    assert_eq!((said.exit, said.stdout.as_str()), (1, ""), "{said:?}");
    for part in parts {
        assert!(said.stderr.contains(part), "{part}: {said:?}");
    }
}

#[test]
fn whole() {
    let said = read(&workbook(0), &[]);
    let expected =
        "measure,geo,period,value,obs_status,conf_status,position\ntotal,Kriti,2024,1.5,,,S!C2\ntotal,Attiki,2024,,..,,S!C3\n";
    assert_eq!((said.exit, said.stdout.as_str(), said.stderr.as_str()), (0, expected, ""));
}

#[test]
fn findings_arrive() {
    let said = read(&workbook(1), &[]);
    assert_eq!(said.exit, 1, "{said:?}");
    assert!(said.stderr.contains("error[row-without-key] ./-book.xlsx: S!A11"), "{said:?}");
    assert!(said.stdout.contains("total,Kriti,2024,1.5"), "{said:?}");
}

#[test]
fn too_large() {
    refused(&workbook(0), &["--memory", "1"], &["error[reader-too-large]", "the allowed 1 MiB", "hint:"]);
}

/// A small archive that unpacks to much more than the process may have, and less than a trusted file may.
#[test]
fn bomb() {
    let bomb = workbook(4_000);
    assert!(bomb.len() < 2 << 20, "{}", bomb.len());
    refused(&bomb, &["--memory", "200"], &["error[reader-too-large]", "the allowed 200 MiB"]);
}

#[test]
fn too_slow() {
    refused(&workbook(0), &["--seconds", "0"], &["error[reader-too-slow]", "the allowed 0 seconds", "hint:"]);
}

#[test]
fn damaged() {
    let book = workbook(0);
    refused(&book[..book.len() / 2], &[], &["error[workbook-damaged]"]);
}

#[test]
fn standard_input_and_packed() {
    let workspace = Workspace::new();
    workspace.write("pipelines/dataflows/elstat/specimen.toml", LAYOUT);
    let said = workspace.run_with_input(&["read", "-", "--as", "elstat/specimen"], &workbook(0));
    assert_eq!(said.exit, 0, "{said:?}");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &workbook(0)).unwrap();
    let packed = packed.finish().unwrap();
    assert_eq!(workspace.run_with_input(&["read", "-", "--as", "elstat/specimen"], &packed).stdout, said.stdout);
    // Read apart: an impossible limit ends it.
    let ended = workspace.run_with_input(&["read", "-", "--as", "elstat/specimen", "--seconds", "0"], &packed);
    assert!(ended.stderr.contains("reader-too-slow"), "{ended:?}");
}

/// The office's own workbook, by the record that ships with the program.
#[test]
fn real() {
    let Some(path) = shared("data/national/elstat/A0101_SJO03_TS_AN_00_1981_00_2024_01_F_EN.xlsx") else { return };
    let said = Workspace::new().run(&["read", path.to_str().unwrap(), "--as", "elstat/lfs_status_regions"]);
    assert_eq!((said.exit, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("\nune,Kentriki Makedonia,THS_PER,2024,106.5406293308524,,,STATUS-Regio!L5\n"));
    assert_eq!(said.stdout.lines().count(), 14_701);
}
