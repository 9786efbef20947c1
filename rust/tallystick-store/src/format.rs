//! Which bytes the file has: two slots, then records. `docs/spec/store-file.md` is the page.

use xxhash_rust::xxh3::{Xxh3, xxh3_128_with_seed};

/// Where the slots are: apart by more than any disk writes at once.
pub(crate) const SLOTS: [u64; 2] = [0, 4096];
/// Where the first segment begins.
pub(crate) const START: u64 = 8192;
pub(crate) const SLOT: usize = 56;
/// Bytes of a record before its name.
pub(crate) const HEADER: usize = 8;
pub(crate) const SUM: usize = 16;
/// Bytes of the record that ends a segment.
pub(crate) const FOOTER: usize = HEADER + 72 + SUM;
/// Bytes of an index block that are filled before the next is begun.
pub(crate) const BLOCK: usize = 64 << 10;

pub(crate) const MAX_NAME: usize = 200;
pub(crate) const MAX_TILE: usize = 16 << 20;
pub(crate) const MAX_HEAD: usize = 64 << 10;

const MAGIC: [u8; 8] = *b"tlyK\x01\0\0\0";

pub(crate) type Sum = [u8; SUM];

/// Kinds of records.
pub(crate) mod tag {
    pub(crate) const TILE: u8 = b'T';
    pub(crate) const INDEX: u8 = b'I';
    pub(crate) const HEAD: u8 = b'H';
    pub(crate) const FOOTER: u8 = b'F';
}

/// The checksum of bytes that lie at `at`: elsewhere in the file they have another.
pub(crate) fn sum(at: u64, bytes: &[u8]) -> Sum {
    xxh3_128_with_seed(bytes, at).to_le_bytes()
}

/// The checksum of the checksums of all records of a segment before its footer.
#[derive(Clone, Default)]
pub(crate) struct Content(Xxh3);

impl Content {
    pub(crate) fn add(&mut self, sum: &Sum) {
        self.0.update(sum);
    }

    pub(crate) fn sum(&self) -> Sum {
        self.0.digest128().to_le_bytes()
    }
}

/// Bytes of a record with a name and data of these lengths.
pub(crate) const fn record_length(name: usize, data: usize) -> usize {
    HEADER + name + data + SUM
}

/// Appends a record, which will lie at `at`, and gives its checksum.
pub(crate) fn put_record(out: &mut Vec<u8>, at: u64, tag: u8, name: &[u8], data: &[u8]) -> Sum {
    let begin = out.len();
    out.reserve(record_length(name.len(), data.len()));
    out.extend_from_slice(&[tag, name.len() as u8, 0, 0]);
    out.extend_from_slice(&(data.len() as u32).to_le_bytes());
    out.extend_from_slice(name);
    out.extend_from_slice(data);
    let sum = sum(at, out.get(begin..).unwrap_or_default());
    out.extend_from_slice(&sum);
    sum
}

/// Lengths that the first bytes of a record state, of name and data. They are believed once its checksum is right.
pub(crate) fn lengths(header: [u8; HEADER]) -> (u8, usize, usize) {
    let [tag, name, _, _, a, b, c, d] = header;
    (tag, usize::from(name), u32::from_le_bytes([a, b, c, d]) as usize)
}

/// A record that was checked.
pub(crate) struct Record<'a> {
    pub(crate) tag: u8,
    pub(crate) name: &'a [u8],
    pub(crate) data: &'a [u8],
    pub(crate) sum: Sum,
}

/// The record that `bytes`, which lie at `at`, are, if they are one.
pub(crate) fn record(at: u64, bytes: &[u8]) -> Option<Record<'_>> {
    let (body, stated) = bytes.split_last_chunk::<SUM>()?;
    let (header, rest) = body.split_first_chunk::<HEADER>()?;
    if sum(at, body) != *stated || header[2..4] != [0, 0] {
        return None;
    }
    let (tag, name, length) = lengths(*header);
    let (name, data) = rest.split_at_checked(name)?;
    (data.len() == length).then_some(Record { tag, name, data, sum: *stated })
}

/// Reads integers and arrays off the front of bytes.
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }
}

/// What says which segment is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Counts the segments that were ever published.
    pub(crate) sequence: u64,
    /// Where the last segment ends.
    pub(crate) end: u64,
    /// The checksum of its footer, zeros if there is no segment.
    pub(crate) footer: Sum,
}

impl Slot {
    /// Where this slot is written: each sequence writes over the slot before the last.
    pub(crate) fn place(&self) -> u64 {
        SLOTS[(self.sequence % 2) as usize]
    }

    pub(crate) fn encode(&self, at: u64) -> [u8; SLOT] {
        let mut bytes = [0; SLOT];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.end.to_le_bytes());
        bytes[24..40].copy_from_slice(&self.footer);
        let sum = sum(at, &bytes[..40]);
        bytes[40..].copy_from_slice(&sum);
        bytes
    }

    pub(crate) fn decode(at: u64, bytes: &[u8; SLOT]) -> Option<Self> {
        let mut fields = Cursor(bytes);
        let magic: [u8; 8] = fields.array()?;
        let slot = Self { sequence: fields.u64()?, end: fields.u64()?, footer: fields.array()? };
        (magic == MAGIC && fields.0 == sum(at, &bytes[..40])).then_some(slot)
    }
}

/// What ends a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footer {
    pub(crate) sequence: u64,
    /// Where the segment, its index and its head begin. Without a head, the last is where the footer is.
    pub(crate) start: u64,
    pub(crate) index: u64,
    pub(crate) head: u64,
    /// Entries of the index.
    pub(crate) entries: u64,
    /// The checksum of the footer before, zeros in the first segment.
    pub(crate) previous: Sum,
    pub(crate) content: Sum,
}

impl Footer {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(72);
        for number in [self.sequence, self.start, self.index, self.head, self.entries] {
            data.extend_from_slice(&number.to_le_bytes());
        }
        data.extend_from_slice(&self.previous);
        data.extend_from_slice(&self.content);
        data
    }

    /// The footer that lies at `at`, if its places are in order.
    pub(crate) fn decode(at: u64, data: &[u8]) -> Option<Self> {
        let mut fields = Cursor(data);
        let footer = Self {
            sequence: fields.u64()?,
            start: fields.u64()?,
            index: fields.u64()?,
            head: fields.u64()?,
            entries: fields.u64()?,
            previous: fields.array()?,
            content: fields.array()?,
        };
        let places = [START, footer.start, footer.index, footer.head, at];
        (fields.0.is_empty() && places.is_sorted()).then_some(footer)
    }
}

/// A line of an index: a tile and the length of its data, or a name that was deleted.
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) tile: Option<u32>,
}

impl<'a> Entry<'a> {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[u8::from(self.tile.is_some()), self.name.len() as u8]);
        out.extend_from_slice(&self.tile.unwrap_or_default().to_le_bytes());
        out.extend_from_slice(self.name);
    }

    pub(crate) fn take(from: &mut Cursor<'a>) -> Option<Self> {
        let [kind, name] = from.array()?;
        let length = u32::from_le_bytes(from.array()?);
        let tile = match kind {
            0 if length == 0 => None,
            1 => Some(length),
            _ => return None,
        };
        Some(Self { name: from.bytes(usize::from(name))?, tile })
    }
}
