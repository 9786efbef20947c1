//! The store on a disk: what is published, what is written and not yet published, and the two syncs between.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::check;
use crate::disk::Disk;
use crate::error::StoreError;
use crate::format::{Content, Entry, Footer, HEADER, SLOTS, START, SUM, Slot, put_record, tag};
use crate::load::{self, Segment, bytes_at};
use crate::names::{check_head, check_name, check_tiles};
use crate::table::{Named, Place, Table, damaged_tile};

/// Bytes that are kept in memory before they are written to the file's tail.
const BUFFER: usize = 4 << 20;

/// A store. Any number of threads may read while one writes: whoever calls what writes sees to that.
pub struct Log {
    disk: Arc<dyn Disk>,
    state: RwLock<State>,
}

struct State {
    table: Table,
    segments: Vec<Segment>,
    head: Option<Vec<u8>>,
    slot: Slot,
    tail: Tail,
    /// Set when a sync failed, or when new segments were taken in by half.
    in_doubt: bool,
}

/// What is written and not yet published.
struct Tail {
    /// Bytes from `at` on, which are not in the file yet.
    buffer: Vec<u8>,
    at: u64,
    /// Lines of the index to come.
    lines: Vec<u8>,
    entries: u64,
    content: Content,
}

impl Tail {
    fn new(at: u64) -> Self {
        Self { buffer: Vec::new(), at, lines: Vec::new(), entries: 0, content: Content::default() }
    }

    fn end(&self) -> u64 {
        self.at + self.buffer.len() as u64
    }
}

/// Bytes of tiles, in the file or in the buffer before it.
struct Reach<'a> {
    disk: &'a dyn Disk,
    tail: &'a Tail,
}

impl Reach<'_> {
    fn bytes(&self, at: u64, length: usize) -> Result<Vec<u8>, StoreError> {
        match buffered(self.tail, at, length) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => bytes_at(self.disk, at, length),
        }
    }
}

fn buffered(tail: &Tail, at: u64, length: usize) -> Option<&[u8]> {
    let begin = usize::try_from(at.checked_sub(tail.at)?).ok()?;
    tail.buffer.get(begin..begin.checked_add(length)?)
}

impl Named for Reach<'_> {
    fn named(&self, place: &Place, name: &[u8]) -> Result<bool, StoreError> {
        if self.bytes(place.at + HEADER as u64, place.name())? == name {
            return Ok(true);
        }
        // Names of one hash: as good as never, unless the bytes of this one are damaged.
        let bytes = self.bytes(place.at, place.length())?;
        load::tile(place.at, &bytes).ok_or_else(|| damaged_tile(place)).map(|_| false)
    }
}

impl Log {
    /// Writes the beginning of an empty store whose next segment has the number `sequence` and one.
    pub fn create(disk: &dyn Disk, sequence: u64) -> Result<(), StoreError> {
        let slot = Slot { sequence, end: START, footer: [0; SUM] };
        let mut bytes = vec![0; START as usize];
        for at in SLOTS {
            let place = at as usize;
            if let Some(out) = bytes.get_mut(place..place + crate::format::SLOT) {
                out.copy_from_slice(&slot.encode(at));
            }
        }
        disk.write(0, &bytes).map_err(StoreError::io("write the file"))?;
        disk.sync().map_err(StoreError::io("sync the file"))
    }

    /// Opens a store. For writing, what a crash left is put right, and what is behind the last published segment is cut.
    pub fn open(disk: Arc<dyn Disk>, writing: bool) -> Result<Self, StoreError> {
        let found = load::find(&*disk)?;
        let slot = found.slot;
        if writing {
            let write = StoreError::io("put the file right");
            let mend = || {
                if found.recovered {
                    // Its segment is safe before the slot names it, as ever.
                    disk.sync()?;
                    disk.write(slot.place(), &slot.encode(slot.place()))?;
                }
                if disk.length()? > slot.end {
                    disk.cut(slot.end)?;
                }
                // A process that was killed may have written a slot and not synced it.
                disk.sync()
            };
            mend().map_err(write)?;
        }
        let tail = Tail::new(slot.end);
        let mut state = State {
            table: Table::default(),
            segments: Vec::new(),
            head: None,
            slot: Slot { sequence: 0, end: START, footer: [0; SUM] },
            tail,
            in_doubt: false,
        };
        state.follow(&*disk, slot)?;
        Ok(Self { disk, state: RwLock::new(state) })
    }

    /// Reads what was published since, by another process.
    pub fn refresh(&self) -> Result<(), StoreError> {
        let found = load::find(&*self.disk)?;
        let mut state = self.state.write();
        if found.slot.sequence > state.slot.sequence {
            state.follow(&*self.disk, found.slot)?;
        }
        Ok(())
    }

    /// The tiles of these names; `None` for one that is not there.
    pub fn read(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        names.iter().try_for_each(|name| check_name(name))?;
        let mut tiles = Vec::with_capacity(names.len());
        for name in names {
            tiles.push(self.read_one(name.as_bytes())?);
        }
        Ok(tiles)
    }

    fn read_one(&self, name: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let mut unread = Vec::new();
        {
            let state = self.state.read();
            for place in state.table.candidates(name) {
                match buffered(&state.tail, place.at, place.length()) {
                    Some(bytes) => {
                        let record = load::tile(place.at, bytes).ok_or_else(|| damaged_tile(&place))?;
                        if record.name == name {
                            return Ok(Some(record.data.to_vec()));
                        }
                    }
                    None => unread.push(place),
                }
            }
        }
        for place in unread {
            let mut bytes = bytes_at(&*self.disk, place.at, place.length())?;
            let record = load::tile(place.at, &bytes).ok_or_else(|| damaged_tile(&place))?;
            if record.name == name {
                bytes.truncate(bytes.len() - SUM);
                bytes.drain(..HEADER + name.len());
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// Writes tiles. They are safe once a head is published.
    pub fn write(&self, tiles: &[(&str, &[u8])]) -> Result<(), StoreError> {
        check_tiles(tiles)?;
        self.certain()?;
        for (name, data) in tiles {
            if self.state.read().tail.buffer.len() >= BUFFER {
                self.spill()?;
            }
            let mut state = self.state.write();
            let State { table, tail, .. } = &mut *state;
            let at = tail.end();
            table.insert(name.as_bytes(), at, data.len() as u32, &Reach { disk: &*self.disk, tail })?;
            let sum = put_record(&mut tail.buffer, at, tag::TILE, name.as_bytes(), data);
            tail.content.add(&sum);
            Entry { name: name.as_bytes(), tile: Some(data.len() as u32) }.put(&mut tail.lines);
            tail.entries += 1;
        }
        Ok(())
    }

    /// Deletes tiles. That is safe once a head is published.
    pub fn delete(&self, names: &[&str]) -> Result<(), StoreError> {
        names.iter().try_for_each(|name| check_name(name))?;
        self.certain()?;
        for name in names {
            let mut state = self.state.write();
            let State { table, tail, .. } = &mut *state;
            if table.remove(name.as_bytes(), &Reach { disk: &*self.disk, tail })? {
                Entry { name: name.as_bytes(), tile: None }.put(&mut tail.lines);
                tail.entries += 1;
            }
        }
        Ok(())
    }

    /// Every name that begins so, in ascending order.
    pub fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.certain()?;
        let mut names = Vec::new();
        let state = self.state.read();
        let mut take = |entry: Entry<'_>, at: u64| {
            if entry.tile.is_some() && entry.name.starts_with(prefix.as_bytes()) && state.table.is_at(entry.name, at) {
                names.extend(std::str::from_utf8(entry.name).ok().map(str::to_owned));
            }
            Ok(())
        };
        for segment in &state.segments {
            load::lines(&*self.disk, segment, &mut take)?;
        }
        let (mut rest, mut at) = (crate::format::Cursor(&state.tail.lines), state.slot.end);
        while let Some(entry) = Entry::take(&mut rest) {
            let length = entry.tile.map_or(0, |length| crate::format::record_length(entry.name.len(), length as usize));
            take(entry, at)?;
            at += length as u64;
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The head, `None` if none was ever published.
    pub fn head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.certain()?;
        Ok(self.state.read().head.clone())
    }

    /// Publishes a head, and with it all that was written and deleted before, if the present one is `expected`.
    pub fn publish(&self, head: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        check_head(head)?;
        self.certain()?;
        if self.state.read().head.as_deref() != expected {
            return Ok(false);
        }
        self.seal(Some(head.to_vec())).map(|()| true)
    }

    /// Makes safe what was written and deleted, under the head that there is.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.certain()?;
        let state = self.state.read();
        let (head, entries) = (state.head.clone(), state.tail.entries);
        drop(state);
        if entries == 0 { Ok(()) } else { self.seal(head) }
    }

    /// Writes the buffer into the file. Nothing changes if that fails.
    fn spill(&self) -> Result<(), StoreError> {
        let state = self.state.read();
        self.disk.write(state.tail.at, &state.tail.buffer).map_err(StoreError::io("write tiles"))?;
        drop(state);
        let tail = &mut self.state.write().tail;
        tail.at = tail.end();
        tail.buffer.clear();
        Ok(())
    }

    /// Ends the segment: its bytes, a sync, the slot, a sync.
    fn seal(&self, head: Option<Vec<u8>>) -> Result<(), StoreError> {
        self.spill()?;
        let state = self.state.read();
        let (tail, mut bytes, mut content) = (&state.tail, Vec::new(), state.tail.content.clone());
        let start = tail.at;
        load::put_index(&mut bytes, start, &tail.lines, &mut content);
        let place = start + bytes.len() as u64;
        if let Some(head) = &head {
            content.add(&put_record(&mut bytes, place, tag::HEAD, &[], head));
        }
        let sequence = state.slot.sequence + 1;
        let footer = Footer {
            sequence,
            start: state.slot.end,
            index: start,
            head: place,
            entries: tail.entries,
            previous: state.slot.footer,
            content: content.sum(),
        };
        let at = start + bytes.len() as u64;
        let sum = put_record(&mut bytes, at, tag::FOOTER, &[], &footer.encode());
        let slot = Slot { sequence, end: start + bytes.len() as u64, footer: sum };
        drop(state);
        self.disk.write(start, &bytes).map_err(StoreError::io("write an index"))?;
        self.safely(|| self.disk.sync())?;
        self.safely(|| self.disk.write(slot.place(), &slot.encode(slot.place())))?;
        self.safely(|| self.disk.sync())?;
        let mut state = self.state.write();
        state.segments.push(Segment::of(&footer, slot.end));
        state.tail = Tail::new(slot.end);
        (state.head, state.slot) = (head, slot);
        Ok(())
    }

    /// After a sync that failed nobody knows what is safe, and another one proves nothing: nothing more is written.
    fn safely(&self, step: impl FnOnce() -> std::io::Result<()>) -> Result<(), StoreError> {
        step().map_err(|error| {
            self.state.write().in_doubt = true;
            StoreError::Io { doing: "publish", error }
        })
    }

    fn certain(&self) -> Result<(), StoreError> {
        if self.state.read().in_doubt { Err(StoreError::InDoubt) } else { Ok(()) }
    }

    /// Writes what is there and not replaced or deleted into an empty store on another disk.
    pub fn copy_to(&self, disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        let (places, sequence, head) = {
            let state = self.state.read();
            (state.table.in_order(), state.slot.sequence, state.head.clone())
        };
        Self::create(&*disk, sequence)?;
        let copy = Self::open(disk, true)?;
        for place in places {
            let bytes = bytes_at(&*self.disk, place.at, place.length())?;
            let record = load::tile(place.at, &bytes).ok_or_else(|| damaged_tile(&place))?;
            let name = std::str::from_utf8(record.name).map_err(|_| damaged_tile(&place))?;
            copy.write(&[(name, record.data)])?;
        }
        copy.seal(head)?;
        Ok(copy)
    }

    /// Reads every byte of what is published, and fails at one that is not what was written.
    pub fn check(&self) -> Result<(), StoreError> {
        check::check(&*self.disk)
    }

    /// Number of tiles, and bytes of the published file.
    pub fn size(&self) -> (usize, u64) {
        let state = self.state.read();
        (state.table.len(), state.slot.end)
    }
}

impl State {
    /// Takes in the segments behind those that are known, up to the end that a slot names.
    fn follow(&mut self, disk: &dyn Disk, slot: Slot) -> Result<(), StoreError> {
        let (segments, head) = load::segments(disk, &slot, self.slot.end, self.slot.footer)?;
        for segment in &segments {
            load::lines(disk, segment, |_, _| Ok(()))?;
        }
        let tail = Tail::new(slot.end);
        let reach = Reach { disk, tail: &tail };
        let table = &mut self.table;
        let taken = segments.iter().try_for_each(|segment| {
            load::lines(disk, segment, |entry, at| match entry.tile {
                Some(length) => table.insert(entry.name, at, length, &reach),
                None => table.remove(entry.name, &reach).map(|_| ()),
            })
        });
        self.in_doubt = taken.is_err();
        taken?;
        if !segments.is_empty() {
            self.head = head;
        }
        self.segments.extend(segments);
        self.slot = slot;
        self.tail = tail;
        Ok(())
    }
}
