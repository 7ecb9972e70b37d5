//! Measures what a file says of itself, before the library believes it: the pages of a column chunk and the tree of
//! columns.
//!
//! The library makes room for what a page says it unpacks to and for as many children as a column says it has, and
//! follows nested columns as deep as they go; a file of a hundred bytes can say anything. Reads Thrift's compact form, of
//! which just these numbers are wanted.

use parquet::file::metadata::ColumnChunkMetaData;

/// Deepest nesting of a header that is followed.
const DEPTH: usize = 8;

/// Bytes to which the chunk's pages say that they unpack. The error is a sentence.
pub(super) fn unpacked(bytes: &[u8], chunk: &ColumnChunkMetaData) -> Result<usize, String> {
    let broken = || "a column's pages are not where the file says".to_owned();
    let first = chunk
        .dictionary_page_offset()
        .filter(|offset| *offset > 0)
        .map_or(chunk.data_page_offset(), |dictionary| dictionary.min(chunk.data_page_offset()));
    let (start, length) = (usize::try_from(first).ok(), usize::try_from(chunk.compressed_size()).ok());
    let (Some(start), Some(length)) = (start, length) else { return Err(broken()) };
    let mut rest = bytes.get(start..).and_then(|bytes| bytes.get(..length)).ok_or_else(broken)?;
    let mut sum = 0_usize;
    while !rest.is_empty() {
        let mut reader = Thrift { rest };
        let (unpacked, packed) = reader.page_header().ok_or_else(broken)?;
        sum = sum.saturating_add(unpacked);
        rest = reader.rest.get(packed..).ok_or_else(broken)?;
    }
    Ok(sum)
}

/// Whether the columns stand side by side under one root. The error is a sentence.
pub(super) fn is_flat(bytes: &[u8]) -> Result<bool, String> {
    let broken = || "its list of columns is not where the file should end with it".to_owned();
    let (rest, end) = bytes.split_last_chunk::<8>().ok_or_else(broken)?;
    let length = u32::from_le_bytes([end[0], end[1], end[2], end[3]]);
    let start = usize::try_from(length).ok().and_then(|length| rest.len().checked_sub(length)).ok_or_else(broken)?;
    let mut reader = Thrift { rest: &rest[start..] };
    reader.children().map(|children| children.iter().skip(1).all(|count| *count == 0)).ok_or_else(broken)
}

struct Thrift<'a> {
    rest: &'a [u8],
}

impl Thrift<'_> {
    /// Unpacked and packed size, behind which the page's bytes begin.
    fn page_header(&mut self) -> Option<(usize, usize)> {
        let (mut unpacked, mut packed) = (None, None);
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some((unpacked?, packed?));
            }
            id = self.field_id(head, id)?;
            match (id, head & 15) {
                (2, 5) => unpacked = Some(usize::try_from(self.zigzag()?).ok()?),
                (3, 5) => packed = Some(usize::try_from(self.zigzag()?).ok()?),
                (_, kind) => self.skip(kind, DEPTH)?,
            }
        }
    }

    /// Number of children of each column of the file's footer, the root first. The root's must be that of the others.
    fn children(&mut self) -> Option<Vec<i64>> {
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            // The list stands near the beginning; without it the footer is none.
            if head == 0 {
                return None;
            }
            id = self.field_id(head, id)?;
            if (id, head & 15) != (2, 9) {
                self.skip(head & 15, DEPTH)?;
                continue;
            }
            let list = self.byte()?;
            let count = if list >> 4 == 15 { self.varint()? } else { u64::from(list >> 4) };
            let mut children = Vec::new();
            for _ in 0..count {
                children.push(self.column()?);
            }
            let others = i64::try_from(children.len()).ok()?.checked_sub(1)?;
            let nested = children.iter().skip(1).any(|count| *count != 0);
            return (nested || children.first() == Some(&others)).then_some(children);
        }
    }

    /// The number of children of one column.
    fn column(&mut self) -> Option<i64> {
        let (mut children, mut id) = (0, 0_i64);
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(children);
            }
            id = self.field_id(head, id)?;
            if (id, head & 15) == (5, 5) {
                children = self.zigzag()?;
            } else {
                self.skip(head & 15, DEPTH)?;
            }
        }
    }

    fn field_id(&mut self, head: u8, last: i64) -> Option<i64> {
        match head >> 4 {
            0 => self.zigzag(),
            delta => last.checked_add(i64::from(delta)),
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127).checked_shl(shift)?;
            if byte < 128 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn drop(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    /// Skips a value of a type of the compact form.
    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let deeper = depth.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            3 => self.drop(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.drop(8),
            8 => {
                let length = self.varint()?;
                self.drop(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                // Truth values take a byte each inside a list.
                let kind = if matches!(head & 15, 1 | 2) { 3 } else { head & 15 };
                (0..count).try_for_each(|_| self.skip(kind, deeper))
            }
            12 => loop {
                let head = self.byte()?;
                if head == 0 {
                    return Some(());
                }
                if head >> 4 == 0 {
                    self.zigzag()?;
                }
                self.skip(head & 15, deeper)?;
            },
            _ => None,
        }
    }
}
