//! A PX file as PxWeb writes it: regions by ages, sexes, contents and years, one cell in fifty withheld.

use std::fmt::Write as _;

/// About `cells` cells, in 300 regions.
pub fn file(cells: usize) -> Vec<u8> {
    let (regions, sexes, contents, years) = (300, 3, 2, 20);
    let ages = (cells / (regions * sexes * contents * years)).max(1);
    let mut text =
        String::from("CHARSET=\"ANSI\";\nAXIS-VERSION=\"2010\";\nCODEPAGE=\"utf-8\";\nLANGUAGE=\"en\";\nMATRIX=\"MADE\";\n");
    text.push_str(
        "TITLE=\"Population\";\nSTUB=\"region\",\"age\",\"sex\";\nHEADING=\"contents\",\"year\";\nCONTVARIABLE=\"contents\";\n",
    );
    for (name, size, first) in [("region", regions, 1000), ("age", ages, 0), ("sex", sexes, 0), ("contents", contents, 0)] {
        for (keyword, before) in [("VALUES", name), ("CODES", "")] {
            let texts: Vec<String> = (first..first + size).map(|number| format!("\"{before}{number}\"")).collect();
            let _ = writeln!(text, "{keyword}(\"{name}\")={};", texts.join(",\n"));
        }
    }
    let list: Vec<String> = (2000..2000 + years).map(|year| format!("\"{year}\"")).collect();
    let _ = writeln!(text, "VALUES(\"year\")={0};\nTIMEVAL(\"year\")=TLIST(A1),{0};\nDATA=", list.join(","));
    for line in 0..regions * ages * sexes {
        for number in 0..contents * years {
            let cell = line * contents * years + number;
            if cell % 50 == 49 {
                text.push_str("\"..\" ");
            } else if number < years {
                let _ = write!(text, "{} ", cell * 7919 % 100_000);
            } else {
                let _ = write!(text, "{}.{} ", cell * 31 % 1000, cell % 10);
            }
        }
        text.push('\n');
    }
    text.push_str(";\n");
    text.into_bytes()
}
