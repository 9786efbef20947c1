//! Every byte of a published file, checked: also those that reading does not look at, or finds a second time elsewhere.

use crate::disk::Disk;
use crate::error::StoreError;
use crate::format::{Content, Entry, FOOTER, SLOT, SLOTS, START, SUM, Slot, record};
use crate::load::{self, Segment, bytes_at, damaged, footer_before, whole};

/// Reads the whole of a store, and fails at a byte that is not what was written. What is behind the last segment is no
/// part of it.
pub(crate) fn check(disk: &dyn Disk) -> Result<(), StoreError> {
    let (newest, other) = slots(disk)?;
    let (segments, _) = load::segments(disk, &newest, START, [0; SUM])?;
    for segment in &segments {
        check_segment(disk, segment)?;
    }
    let before = match segments.last() {
        None => newest,
        Some(last) => {
            let (footer, _) = footer_before(disk, newest.end)?;
            Slot { sequence: footer.sequence - 1, end: last.start, footer: footer.previous }
        }
    };
    let [first, second] = SLOTS;
    let place = if newest.place() == first { second } else { first };
    if other == before { Ok(()) } else { Err(damaged("the older slot", place)) }
}

/// The newer slot and the other one. A writer may publish between the reading of one and of the other: they are still
/// neighbours then.
fn slots(disk: &dyn Disk) -> Result<(Slot, Slot), StoreError> {
    let read = |at| {
        let bytes = bytes_at(disk, at, (START / 2) as usize)?;
        let (slot, zeros) = bytes.split_first_chunk::<SLOT>().ok_or(damaged("a slot", at))?;
        if let Some(place) = zeros.iter().position(|byte| *byte != 0) {
            return Err(damaged("the space behind a slot", at + (SLOT + place) as u64));
        }
        Slot::decode(at, slot).ok_or(damaged("a slot", at))
    };
    let [first, second] = SLOTS;
    let (a, b) = (read(first)?, read(second)?);
    Ok(if a.sequence < b.sequence { (b, a) } else { (a, b) })
}

/// Every record of a segment: tiles as the index names them, the index, the head, and in the footer all their checksums.
fn check_segment(disk: &dyn Disk, segment: &Segment) -> Result<(), StoreError> {
    let mut content = Content::default();
    load::lines(disk, segment, |entry, at| {
        if let Some(length) = entry.tile {
            content.add(&tile(disk, &entry, length as usize, at, segment.index)?);
        }
        Ok(())
    })?;
    let mut at = segment.index;
    let end = segment.end - FOOTER as u64;
    while at < end {
        let wrong = || damaged("a record", at);
        let bytes = whole(disk, at, end)?.ok_or_else(wrong)?;
        content.add(&record(at, &bytes).ok_or_else(wrong)?.sum);
        at += bytes.len() as u64;
    }
    let (footer, _) = footer_before(disk, segment.end)?;
    if footer.content == content.sum() { Ok(()) } else { Err(damaged("a footer", end)) }
}

/// The checksum of the tile at `at`, if it is the one that the index says is there.
fn tile(disk: &dyn Disk, entry: &Entry<'_>, length: usize, at: u64, end: u64) -> Result<[u8; SUM], StoreError> {
    let wrong = || damaged("a tile", at);
    let bytes = whole(disk, at, end)?.ok_or_else(wrong)?;
    let tile = load::tile(at, &bytes).ok_or_else(wrong)?;
    if (tile.name, tile.data.len()) == (entry.name, length) { Ok(tile.sum) } else { Err(wrong()) }
}
