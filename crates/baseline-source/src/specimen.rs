//! Small workbooks for tests, made from their cells: no file of anybody lies in the project.

use std::fmt::Write as _;

use baseline_model::column_letters;

/// Rows of cells as (row, column, text); a text that is a number becomes a number cell.
pub(crate) type Cells<'a> = &'a [(u32, u32, &'a str)];

/// A workbook with the sheets given.
pub(crate) fn workbook(sheets: &[(&str, Cells<'_>)]) -> Vec<u8> {
    let xml: Vec<(&str, String)> = sheets.iter().map(|(name, cells)| (*name, sheet(cells))).collect();
    workbook_of(&xml.iter().map(|(name, xml)| (*name, xml.as_str())).collect::<Vec<_>>())
}

/// A workbook with the sheets' XML given.
pub(crate) fn workbook_of(sheets: &[(&str, &str)]) -> Vec<u8> {
    let (mut list, mut relations) = (String::new(), String::new());
    let mut members: Vec<(String, String)> = Vec::new();
    let base = "http://schemas.openxmlformats.org";
    for (number, (name, xml)) in sheets.iter().enumerate() {
        write!(list, r#"<sheet name="{name}" sheetId="{0}" r:id="r{0}"/>"#, number + 1).unwrap();
        write!(
            relations,
            r#"<Relationship Id="r{0}" Type="{base}/officeDocument/2006/relationships/worksheet" Target="worksheets/s{0}.xml"/>"#,
            number + 1
        )
        .unwrap();
        members.push((format!("xl/worksheets/s{}.xml", number + 1), (*xml).to_owned()));
    }
    members.push((
        "xl/workbook.xml".into(),
        format!(r#"<workbook xmlns="{base}/spreadsheetml/2006/main" xmlns:r="{base}/officeDocument/2006/relationships"><sheets>{list}</sheets></workbook>"#),
    ));
    members.push((
        "xl/_rels/workbook.xml.rels".into(),
        format!(r#"<Relationships xmlns="{base}/package/2006/relationships">{relations}</Relationships>"#),
    ));
    members.push((
        "_rels/.rels".into(),
        format!(
            r#"<Relationships xmlns="{base}/package/2006/relationships"><Relationship Id="a" Type="{base}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        ),
    ));
    zip(&members)
}

fn sheet(cells: Cells<'_>) -> String {
    let mut rows: std::collections::BTreeMap<u32, String> = std::collections::BTreeMap::new();
    for (row, column, text) in cells {
        let address = format!("{}{}", column_letters(*column), row + 1);
        let cell = match text.parse::<f64>() {
            Ok(_) => format!(r#"<c r="{address}"><v>{text}</v></c>"#),
            Err(_) => format!(r#"<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>"#),
        };
        rows.entry(*row).or_default().push_str(&cell);
    }
    let mut xml = String::new();
    for (row, cells) in rows {
        write!(xml, r#"<row r="{}">{cells}</row>"#, row + 1).unwrap();
    }
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{xml}</sheetData></worksheet>"#
    )
}

/// A zip archive of unpacked members.
pub(crate) fn zip(members: &[(String, String)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in members {
        let mut crc = flate2::Crc::new();
        crc.update(data.as_bytes());
        let size = u32::try_from(data.len()).unwrap().to_le_bytes();
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(crc.sum().to_le_bytes());
        fields.extend(size);
        fields.extend(size);
        fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        fields.extend([0, 0]);
        let start = u32::try_from(archive.len()).unwrap().to_le_bytes();
        archive.extend(b"PK\x03\x04");
        archive.extend(&fields);
        archive.extend(name.as_bytes());
        archive.extend(data.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&fields);
        directory.extend([0; 10]);
        directory.extend(start);
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let (start, length) = (u32::try_from(archive.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count);
    archive.extend(count);
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

/// Packed as the provider packs.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
