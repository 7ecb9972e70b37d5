//! A made GENESIS table, flat, in its archive.

use std::io::Write as _;

/// A table of districts (`rows` / 300 of them) by 10 groups, 2 sexes and 15 citizenships, with labels as long as real ones, in its archive.
pub fn file(rows: u64) -> std::io::Result<Vec<u8>> {
    let mut text = String::from("\u{feff}statistics_code;statistics_label;time_code;time_label;time;");
    for group in 1..=4 {
        let names = ["code", "label", "attribute_code", "attribute_label"].map(|part| format!("{group}_variable_{part};"));
        text.push_str(&names.concat());
    }
    text.push_str("value;value_unit;value_variable_code;value_variable_label\n");
    for row in 0..rows {
        // In no order, as the provider writes: the factor shares no divisor with the number of rows.
        let cell = row * 7_919 % rows;
        text.push_str(&format!(
            "12531;Statistik über Schutzsuchende;STAG;Stichtag;2024-12-31;KREISE;Kreise;{:05};Landkreis mit einem Namen;SCHST2;\
             Schutzstatuskategorie;SCHUTZST-AK-{};Unbefristet anerkannter Schutzstatus;GES;Geschlecht;GES{};männlich;STAAG5;\
             Staatsangehörigkeit;ST{};Nordmazedonien;{};Anzahl;BEV030;Schutzsuchende\n",
            1_000 + cell / 300,
            cell / 30 % 10,
            cell / 15 % 2,
            100 + cell % 15,
            5 * (cell % 97),
        ));
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("12531-0043_1_de_flat.csv", zip::write::SimpleFileOptions::default())?;
    archive.write_all(text.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}
