//! Measures an old workbook (BIFF in a compound file, `.xls`) before it is read.
//!
//! Its reader makes a dense range of every sheet: two cells in opposite corners would ask for hundreds of gigabytes. So the
//! records are walked once, and what the ranges would hold is compared with the cap. Reads no figure.
//!
//! ```text
//! D0CF11E0A1B11AE1 ... sector shift 9, FAT, directory: "Workbook" -> stream of records
//! 0809 BOF | 0203 NUMBER row column style f64 | 00FD LABELSST row column style index | 000A EOF
//! ```

pub(crate) const MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

const END: u32 = 0xFFFF_FFFA;
/// Sheets of a workbook; each is walked by its reader.
const SHEETS: usize = 1_000;

/// Ok when all ranges together hold at most `most` cells; an error says what is broken or too large.
pub(crate) fn measure(bytes: &[u8], most: usize) -> Result<(), String> {
    let stream = workbook(bytes).ok_or("the compound file is broken or holds no workbook")?;
    let (mut at, mut sheets, mut total) = (0, 0, 0_u64);
    // Of the sheet at hand: first and last row, first and last column.
    let mut used: Option<[u16; 4]> = None;
    let mut close = |used: &mut Option<[u16; 4]>| {
        if let Some([top, bottom, left, right]) = used.take() {
            total += (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1);
        }
        total
    };
    while let Some(head) = stream.get(at..at + 4) {
        let (kind, length) = (u16::from_le_bytes([head[0], head[1]]), usize::from(u16::from_le_bytes([head[2], head[3]])));
        let Some(data) = stream.get(at + 4..at + 4 + length) else { break };
        let number = |place: usize| data.get(place..place + 2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        match kind {
            0x0809 | 0x000A => drop(close(&mut used)),
            0x0085 => sheets += 1,
            // DIMENSIONS: the reader makes room for as many cells as a sheet says that it has, before it reads one.
            0x0200 => {
                let stated = stated(data).filter(|cells| *cells <= most as u64);
                stated.ok_or("a sheet states a size that is impossible or more than is allowed")?;
            }
            // BLANK, NUMBER, LABEL, BOOLERR, STRING results, RK, LABELSST, RSTRING, FORMULA and the two that hold a run.
            0x0001..=0x0006
            | 0x0201
            | 0x0203
            | 0x0204
            | 0x0205
            | 0x0206
            | 0x027E
            | 0x00FD
            | 0x00D6
            | 0x0406
            | 0x00BD
            | 0x00BE => {
                if let (Some(row), Some(first)) = (number(0), number(2)) {
                    let run = matches!(kind, 0x00BD | 0x00BE) && length >= 6;
                    // The end of a run is stated, and may lie: the reader goes by either.
                    let last = if run {
                        number(length - 2)
                            .unwrap_or(first)
                            .max(first.saturating_add(u16::try_from(length / 2).unwrap_or(u16::MAX)))
                    } else {
                        first
                    };
                    let [top, bottom, left, right] = used.get_or_insert([row, row, first, last]);
                    (*top, *bottom, *left, *right) =
                        ((*top).min(row), (*bottom).max(row), (*left).min(first), (*right).max(last));
                }
            }
            _ => {}
        }
        at += 4 + length;
    }
    let total = close(&mut used);
    if sheets > SHEETS {
        return Err(format!("it has more than {SHEETS} sheets"));
    }
    // The reader keeps a second range, of formulas.
    if total > most as u64 / 2 {
        return Err(format!("its sheets span {total} cells, more than the allowed {}", most / 2));
    }
    Ok(())
}

/// Cells that a DIMENSIONS record states (first row, row behind the last, the same for columns), of either of its two
/// layouts; none when the end lies before the beginning.
fn stated(data: &[u8]) -> Option<u64> {
    let wide = |place| word(data, place).map(u64::from);
    let narrow = |place: usize| data.get(place..place + 2).map(|pair| u64::from(u16::from_le_bytes([pair[0], pair[1]])));
    let (first, last, end) = match data.len() {
        10 => (narrow(0)?, narrow(2)?, narrow(6)?),
        _ => (wide(0)?, wide(4)?, narrow(10)?),
    };
    // An empty sheet ends where it begins.
    if last == 0 || end == 0 {
        return Some(1);
    }
    last.checked_sub(first)?.checked_mul(end)
}

/// The stream of records; none when a chain leaves the file or comes back to itself.
fn workbook(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = 1_usize << bytes.get(30).filter(|shift| matches!(shift, 9 | 12))?;
    let sector = |id: u32| {
        let start = (id as usize).checked_add(1)?.checked_mul(size)?;
        bytes.get(start..).map(|rest| &rest[..rest.len().min(size)]).filter(|rest| !rest.is_empty())
    };
    let number = |place: usize| word(bytes, place);
    // The table of the table's sectors: the first part in the header, the rest in a chain of its own.
    let mut list: Vec<u32> = (0..109).filter_map(|entry| number(76 + 4 * entry)).filter(|id| *id < END).collect();
    let (mut next, mut steps) = (number(68)?, 0);
    while next < END {
        steps += 1;
        let part = sector(next).filter(|_| steps <= bytes.len() / size + 1)?;
        list.extend((0..size / 4 - 1).filter_map(|entry| word(part, 4 * entry)).filter(|id| *id < END));
        next = word(part, size - 4)?;
    }
    if list.len() > bytes.len() / size + 1 {
        return None;
    }
    let mut table: Vec<u32> = Vec::new();
    for id in list {
        table.extend(sector(id)?.chunks_exact(4).map(|entry| u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]])));
    }
    let chain = |start: u32| -> Option<Vec<u8>> {
        let (mut stream, mut id) = (Vec::new(), start);
        while id < END {
            stream.extend_from_slice(sector(id)?);
            if stream.len() > bytes.len() + size {
                return None;
            }
            id = *table.get(id as usize)?;
        }
        Some(stream)
    };
    let directory = chain(number(48)?)?;
    let entry = |name: &str| {
        directory.chunks_exact(128).find(|entry| {
            let letters =
                entry[..64].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).take_while(|letter| *letter != 0);
            String::from_utf16_lossy(&letters.collect::<Vec<_>>()).eq_ignore_ascii_case(name)
        })
    };
    let found = entry("Workbook").or_else(|| entry("Book"))?;
    let (start, length) = (word(found, 116)?, word(found, 120)? as usize);
    let mut stream = if length < 4096 {
        // Short streams lie in sectors of 64 bytes inside the root's stream.
        let (root, mini) = (chain(word(&directory, 116)?)?, chain(number(60)?)?);
        let (mut stream, mut id) = (Vec::new(), start);
        while id < END && stream.len() < length {
            stream.extend_from_slice(root.get(id as usize * 64..)?.get(..64)?);
            id = word(&mini, (id as usize).checked_mul(4)?)?;
        }
        stream
    } else {
        chain(start)?
    };
    stream.truncate(length);
    Some(stream)
}

fn word(bytes: &[u8], place: usize) -> Option<u32> {
    let part = bytes.get(place..place.checked_add(4)?)?;
    Some(u32::from_le_bytes([part[0], part[1], part[2], part[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[&[u8]], expected: Option<u64>) {
        assert_eq!(stated(&data.concat()), expected, "{data:?}");
    }

    #[test]
    fn stated_sizes() {
        let (word, short) = (u32::to_le_bytes, u16::to_le_bytes);
        check(&[&word(2), &word(12), &short(0), &short(5), &[0, 0]], Some(50));
        check(&[&short(2), &short(12), &short(0), &short(5), &[0, 0]], Some(50));
        check(&[&word(0), &word(0), &[0; 6]], Some(1));
        check(&[&word(9), &word(3), &short(0), &short(5), &[0, 0]], None);
        check(&[&word(0), &word(u32::MAX), &short(0), &short(u16::MAX), &[0, 0]], Some(u64::from(u32::MAX) * 65_535));
        check(&[&[1, 2, 3]], None);
    }
}
