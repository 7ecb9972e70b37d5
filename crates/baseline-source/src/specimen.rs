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

/// An old workbook (BIFF8 in a compound file) with one sheet of the cells given.
pub(crate) fn old_workbook(name: &str, cells: Cells<'_>) -> Vec<u8> {
    let mut records = old_head(name);
    for (row, column, text) in cells {
        let place = [row.to_le_bytes()[..2].to_vec(), column.to_le_bytes()[..2].to_vec(), vec![0, 0]].concat();
        if let Ok(number) = text.parse::<f64>() {
            record(&mut records, 0x0203, &[place, number.to_le_bytes().to_vec()].concat());
        } else {
            let letters: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes().to_vec();
            record(&mut records, 0x0204, &[place, length, vec![1], letters].concat());
        }
    }
    record(&mut records, 0x000A, &[]);
    compound(records)
}

fn record(records: &mut Vec<u8>, kind: u16, data: &[u8]) {
    records.extend(kind.to_le_bytes());
    records.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
    records.extend(data);
}

/// Beginning of the book, its only sheet's name and place, beginning of the sheet.
fn old_head(name: &str) -> Vec<u8> {
    let begin = |kind: u16| [0x0600_u16, kind, 0, 0, 0, 0, 0, 0].into_iter().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let letters = u8::try_from(name.len()).unwrap();
    let mut records = Vec::new();
    record(&mut records, 0x0809, &begin(0x0005));
    let sheet = records.len() + 4 + 8 + name.len() + 4;
    let place = u32::try_from(sheet).unwrap().to_le_bytes().to_vec();
    record(&mut records, 0x0085, &[place, vec![0, 0, letters, 0], name.as_bytes().to_vec()].concat());
    record(&mut records, 0x000A, &[]);
    assert_eq!(records.len(), sheet);
    record(&mut records, 0x0809, &begin(0x0010));
    records
}

/// A compound file with one stream, `Workbook`, in sectors of 512 bytes: table, directory, stream.
fn compound(mut stream: Vec<u8>) -> Vec<u8> {
    let (end, free) = (0xFFFF_FFFE_u32, 0xFFFF_FFFF_u32);
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0);
    let sectors = u32::try_from(stream.len() / 512).unwrap();
    assert!(sectors <= 126, "one sector holds the table");
    let mut header = vec![0; 512];
    header[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    header[24..34].copy_from_slice(&[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    let mut put = |at: usize, word: u32| header[at..at + 4].copy_from_slice(&word.to_le_bytes());
    for (at, word) in [(44, 1), (48, 1), (56, 4096), (60, end), (68, end), (76, 0)] {
        put(at, word);
    }
    (1..109).for_each(|entry| put(76 + 4 * entry, free));
    let mut table = vec![0xFFFF_FFFD, end];
    table.extend((2..2 + sectors).map(|sector| if sector == 1 + sectors { end } else { sector + 1 }));
    table.resize(128, free);
    let mut directory = vec![0; 512];
    for (place, name, kind, start, length) in
        [(0, "Root Entry", 5, end, 0), (128, "Workbook", 2, 2, u32::try_from(stream.len()).unwrap())]
    {
        let letters: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        directory[place..place + letters.len()].copy_from_slice(&letters);
        directory[place + 64] = u8::try_from(letters.len() + 2).unwrap();
        directory[place + 66..place + 68].copy_from_slice(&[kind, 1]);
        let child = if place == 0 { 1_u32 } else { free };
        for (at, word) in [(68, free), (72, free), (76, child), (116, start), (120, length)] {
            directory[place + at..place + at + 4].copy_from_slice(&word.to_le_bytes());
        }
    }
    [header, table.into_iter().flat_map(u32::to_le_bytes).collect(), directory, stream].concat()
}
