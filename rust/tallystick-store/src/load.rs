//! Reading what is there: slots, footers back to front, indexes front to back.

use crate::disk::Disk;
use crate::error::StoreError;
use crate::format::{
    BLOCK, Content, Cursor, Entry, FOOTER, Footer, HEADER, MAX_HEAD, MAX_NAME, MAX_TILE, Record, SLOT, SLOTS, START,
    SUM, Slot, Sum, lengths, record, record_length, tag,
};

/// A published segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) start: u64,
    pub(crate) index: u64,
    /// Where the index ends.
    pub(crate) head: u64,
    pub(crate) end: u64,
    entries: u64,
}

impl Segment {
    /// The segment of a footer, which ends at `end`.
    pub(crate) fn of(footer: &Footer, end: u64) -> Self {
        Self { start: footer.start, index: footer.index, head: footer.head, end, entries: footer.entries }
    }
}

/// What a file says first.
pub(crate) struct Found {
    pub(crate) slot: Slot,
    /// Whether the slot was made from the segment that it should have named: it is not in the file.
    pub(crate) recovered: bool,
}

pub(crate) fn damaged(what: &'static str, at: u64) -> StoreError {
    StoreError::Damaged { what, at }
}

pub(crate) fn bytes_at(disk: &dyn Disk, at: u64, length: usize) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![0; length];
    disk.read(at, &mut bytes).map_err(StoreError::io("read the file"))?;
    Ok(bytes)
}

/// The slot that counts.
///
/// A slot is written after its segment is safe. So where one is damaged, it may have been the newer: then its segment is
/// there, whole, behind the other's, and counts.
pub(crate) fn find(disk: &dyn Disk) -> Result<Found, StoreError> {
    let length = disk.length().map_err(StoreError::io("read the file"))?;
    if length < START {
        return Err(StoreError::NoStore);
    }
    let mut slots = [None; 2];
    for (slot, at) in slots.iter_mut().zip(SLOTS) {
        let bytes = bytes_at(disk, at, SLOT)?;
        *slot = bytes.first_chunk().and_then(|bytes| Slot::decode(at, bytes));
    }
    let found = match slots {
        [Some(a), Some(b)] => Found { slot: if a.sequence < b.sequence { b } else { a }, recovered: false },
        [None, None] => return Err(StoreError::NoStore),
        [Some(slot), None] | [None, Some(slot)] => match following(disk, slot, length)? {
            Some(slot) => Found { slot, recovered: true },
            None => Found { slot, recovered: false },
        },
    };
    if found.slot.end < START || found.slot.end > length {
        return Err(damaged("the end of the file", length));
    }
    Ok(found)
}

/// The slot of the segment behind that of `slot`, if it is there, whole.
fn following(disk: &dyn Disk, slot: Slot, length: u64) -> Result<Option<Slot>, StoreError> {
    let (mut at, mut content) = (slot.end, Content::default());
    loop {
        let Some(bytes) = whole(disk, at, length)? else { return Ok(None) };
        let Some(record) = record(at, &bytes) else { return Ok(None) };
        let end = at + bytes.len() as u64;
        if record.tag != tag::FOOTER {
            content.add(&record.sum);
            at = end;
            continue;
        }
        let Some(footer) = Footer::decode(at, record.data) else { return Ok(None) };
        let next = footer.start == slot.end
            && Some(footer.sequence) == slot.sequence.checked_add(1)
            && footer.previous == slot.footer
            && footer.content == content.sum();
        return Ok(next.then_some(Slot { sequence: footer.sequence, end, footer: record.sum }));
    }
}

/// The bytes that the record at `at` has by its own account, if the file has as many.
pub(crate) fn whole(disk: &dyn Disk, at: u64, length: u64) -> Result<Option<Vec<u8>>, StoreError> {
    if length.saturating_sub(at) < (HEADER + SUM) as u64 {
        return Ok(None);
    }
    let header = bytes_at(disk, at, HEADER)?;
    let Some(header) = header.first_chunk() else { return Ok(None) };
    let (_, name, data) = lengths(*header);
    let size = record_length(name, data);
    if name > MAX_NAME || data > MAX_TILE || length - at < size as u64 {
        return Ok(None);
    }
    bytes_at(disk, at, size).map(Some)
}

/// The footer of the segment that ends at `end`, and its checksum.
pub(crate) fn footer_before(disk: &dyn Disk, end: u64) -> Result<(Footer, Sum), StoreError> {
    let at = end.checked_sub(FOOTER as u64).filter(|at| *at >= START).ok_or(damaged("a footer", end))?;
    let bytes = bytes_at(disk, at, FOOTER)?;
    let record = record(at, &bytes).filter(|record| record.tag == tag::FOOTER).ok_or(damaged("a footer", at))?;
    let footer = Footer::decode(at, record.data).ok_or(damaged("a footer", at))?;
    Ok((footer, record.sum))
}

/// The segments from byte `from` to the end that a slot names, in their order; the footer of the one before the first has
/// the checksum `before`. And the head.
pub(crate) fn segments(
    disk: &dyn Disk,
    slot: &Slot,
    from: u64,
    before: Sum,
) -> Result<(Vec<Segment>, Option<Vec<u8>>), StoreError> {
    let (mut segments, mut head) = (Vec::new(), None);
    let (mut end, mut expected, mut sequence) = (slot.end, slot.footer, slot.sequence);
    while end > from {
        let (footer, sum) = footer_before(disk, end)?;
        if sum != expected || footer.sequence != sequence {
            return Err(damaged("a footer", end - FOOTER as u64));
        }
        if end == slot.end {
            head = read_head(disk, footer.head, end - FOOTER as u64)?;
        }
        segments.push(Segment::of(&footer, end));
        (end, expected) = (footer.start, footer.previous);
        sequence = sequence.checked_sub(1).ok_or(damaged("a footer", end))?;
    }
    if end != from || expected != before {
        return Err(damaged("a footer", end));
    }
    segments.reverse();
    Ok((segments, head))
}

fn read_head(disk: &dyn Disk, at: u64, end: u64) -> Result<Option<Vec<u8>>, StoreError> {
    if at == end {
        return Ok(None);
    }
    let length = usize::try_from(end - at).ok().filter(|length| *length <= record_length(0, MAX_HEAD));
    let bytes = bytes_at(disk, at, length.ok_or(damaged("the head", at))?)?;
    let record = record(at, &bytes).filter(|record| record.tag == tag::HEAD).ok_or(damaged("the head", at))?;
    Ok(Some(record.data.to_vec()))
}

/// Calls `each` with the lines of a segment's index, and where the tiles are that they name.
pub(crate) fn lines(
    disk: &dyn Disk,
    segment: &Segment,
    mut each: impl FnMut(Entry<'_>, u64) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (mut at, mut tile, mut entries) = (segment.index, segment.start, 0);
    while at < segment.head {
        let wrong = || damaged("an index", at);
        let bytes = whole(disk, at, segment.head)?.ok_or_else(wrong)?;
        let block = record(at, &bytes).filter(|record| record.tag == tag::INDEX).ok_or_else(wrong)?;
        let mut rest = Cursor(block.data);
        while !rest.0.is_empty() {
            let entry = Entry::take(&mut rest).ok_or_else(wrong)?;
            let length = entry.tile.map_or(0, |length| record_length(entry.name.len(), length as usize) as u64);
            each(entry, tile)?;
            (tile, entries) = (tile.checked_add(length).ok_or_else(wrong)?, entries + 1);
        }
        at += bytes.len() as u64;
    }
    if tile != segment.index || entries != segment.entries {
        return Err(damaged("an index", segment.index));
    }
    Ok(())
}

/// Appends the blocks of an index whose lines are `lines`, which will lie at `at`.
pub(crate) fn put_index(out: &mut Vec<u8>, mut at: u64, lines: &[u8], content: &mut Content) {
    let mut rest = lines;
    while !rest.is_empty() {
        let mut cursor = Cursor(rest);
        while rest.len() - cursor.0.len() < BLOCK && Entry::take(&mut cursor).is_some() {}
        // Lines that do not decode were never put: the rest goes as it is.
        let taken = if cursor.0.len() < rest.len() { rest.len() - cursor.0.len() } else { rest.len() };
        let (block, after) = rest.split_at(taken);
        let begin = out.len();
        content.add(&crate::format::put_record(out, at, tag::INDEX, &[], block));
        at += (out.len() - begin) as u64;
        rest = after;
    }
}

/// A tile's record, if it is whole.
pub(crate) fn tile(at: u64, bytes: &[u8]) -> Option<Record<'_>> {
    record(at, bytes).filter(|record| record.tag == tag::TILE)
}
