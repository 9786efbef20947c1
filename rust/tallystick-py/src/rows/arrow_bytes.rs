//! Byte strings in the layouts of Arrow: by offsets, by views, of one width.

use std::ops::Range;

use super::arrow_import::Chunk;
use super::bitmap::Bitmap;

/// The byte strings of one chunk, row 0 first; every row that is not null can be read without further checks.
pub(crate) enum ByteColumn<'a> {
    /// Row i is `data[offsets[i]..offsets[i + 1]]`.
    Offsets32 { offsets: &'a [[u8; 4]], data: &'a [u8] },
    /// The same with 64-bit offsets.
    Offsets64 { offsets: &'a [[u8; 8]], data: &'a [u8] },
    /// A row is in its view, or the view says where.
    Views { views: &'a [[u8; 16]], data: Vec<&'a [u8]> },
    /// Rows of one width; `data` has all of them.
    Fixed { data: &'a [u8], width: usize },
}

/// The layouts, by the format strings of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteLayout {
    Offsets32,
    Offsets64,
    Views,
    Fixed(usize),
}

impl<'a> ByteColumn<'a> {
    /// Reads and checks a chunk. `None` in a result would be a row that cannot be read, so none is.
    pub(crate) fn new(chunk: &'a Chunk, layout: ByteLayout) -> Result<Self, String> {
        let (len, end) = (chunk.len, chunk.offset + chunk.len);
        if len == 0 {
            return Ok(Self::Fixed { data: &[], width: 1 });
        }
        match layout {
            ByteLayout::Offsets32 => {
                let offsets = &chunk.buffer(1, (end + 1) * 4)?.as_chunks::<4>().0[chunk.offset..];
                let total = ascending(offsets.iter().map(|&bytes| i64::from(i32::from_ne_bytes(bytes))))?;
                Ok(Self::Offsets32 { offsets, data: chunk.buffer(2, total)? })
            }
            ByteLayout::Offsets64 => {
                let offsets = &chunk.buffer(1, (end + 1) * 8)?.as_chunks::<8>().0[chunk.offset..];
                let total = ascending(offsets.iter().map(|&bytes| i64::from_ne_bytes(bytes)))?;
                Ok(Self::Offsets64 { offsets, data: chunk.buffer(2, total)? })
            }
            ByteLayout::Views => {
                let views = &chunk.buffer(1, end * 16)?.as_chunks::<16>().0[chunk.offset..];
                let count = chunk.buffers().checked_sub(3).ok_or("a view array without a buffer of sizes")?;
                let sizes = chunk.buffer(count + 2, count * 8)?.as_chunks::<8>().0;
                let size_of =
                    |&bytes| usize::try_from(i64::from_ne_bytes(bytes)).map_err(|_| "a negative size".to_owned());
                let data = sizes.iter().enumerate().map(|(index, size)| chunk.buffer(index + 2, size_of(size)?));
                let data = data.collect::<Result<Vec<_>, String>>()?;
                let valid = chunk.validity()?;
                check_views(views, &data, valid.as_ref())?;
                Ok(Self::Views { views, data })
            }
            ByteLayout::Fixed(width) => {
                let (Some(start), Some(end)) = (chunk.offset.checked_mul(width), end.checked_mul(width)) else {
                    return Err(format!("{end} rows of width {width}"));
                };
                Ok(Self::Fixed { data: &chunk.buffer(1, end)?[start..], width })
            }
        }
    }

    /// Row `index`, which is not null.
    #[inline]
    pub(crate) fn row(&self, index: usize) -> &[u8] {
        match self {
            Self::Offsets32 { offsets, data } => {
                let at = |index: usize| i32::from_ne_bytes(offsets[index]).cast_unsigned() as usize;
                &data[at(index)..at(index + 1)]
            }
            Self::Offsets64 { offsets, data } => {
                let at = |index: usize| u64::from_ne_bytes(offsets[index]) as usize;
                &data[at(index)..at(index + 1)]
            }
            // A view that does not fit was refused, unless its row is null.
            Self::Views { views, data } => view(&views[index], data).unwrap_or(&[]),
            Self::Fixed { data, width } => &data[index * width..(index + 1) * width],
        }
    }
}

impl ByteColumn<'_> {
    /// Where row `index` begins in the data, and the one before ends; `None` in a layout without offsets.
    fn offset(&self, index: usize) -> Option<usize> {
        match self {
            Self::Offsets32 { offsets, .. } => Some(i32::from_ne_bytes(offsets[index]).cast_unsigned() as usize),
            Self::Offsets64 { offsets, .. } => Some(u64::from_ne_bytes(offsets[index]) as usize),
            Self::Views { .. } | Self::Fixed { .. } => None,
        }
    }

    /// Where row `index` ends in the data; `None` in a layout without offsets.
    pub(crate) fn end_of(&self, index: usize) -> Option<usize> {
        self.offset(index + 1)
    }

    /// The bytes of some rows and the length of each, where all have the same and none is empty: such rows lie side by side.
    pub(crate) fn even(&self, rows: Range<usize>) -> Option<(&[u8], usize)> {
        match self {
            Self::Offsets32 { data, .. } | Self::Offsets64 { data, .. } => {
                let (bytes, width) = even(rows, |row| self.offset(row).unwrap_or_default())?;
                Some((&data[bytes], width))
            }
            Self::Fixed { data, width } => Some((&data[rows.start * width..rows.end * width], *width)),
            Self::Views { .. } => None,
        }
    }
}

impl ByteColumn<'_> {
    /// The first of its `len` rows that is not null and not UTF-8.
    pub(crate) fn not_utf8(&self, valid: Option<&Bitmap<'_>>, len: usize) -> Option<usize> {
        // All rows at once where they lie in one piece: then each begins between two characters.
        let (first, last) = (0, len.checked_sub(1)?);
        if let Self::Offsets32 { data, .. } | Self::Offsets64 { data, .. } = self
            && let (Some(first), Some(last)) = (self.end_of(first), self.end_of(last))
            && let start = first - self.row(0).len()
            && let Ok(text) = std::str::from_utf8(&data[start..last])
            && (0..len).all(|row| self.end_of(row).is_some_and(|end| text.is_char_boundary(end - start)))
        {
            return None;
        }
        let is_null = |row| valid.is_some_and(|valid| !valid.bit(row));
        (0..len).find(|&row| !is_null(row) && std::str::from_utf8(self.row(row)).is_err())
    }
}

/// Where rows of one length lie that begin at `begin` of their number, and that length; `None` if it varies or is zero.
pub(crate) fn even(rows: Range<usize>, begin: impl Fn(usize) -> usize) -> Option<(Range<usize>, usize)> {
    let (first, mut last) = (begin(rows.start), begin(rows.start));
    let mut width = None;
    for row in rows {
        let next = begin(row + 1);
        if *width.get_or_insert(next - last) != next - last {
            return None;
        }
        last = next;
    }
    width.filter(|width| *width != 0).map(|width| (first..last, width))
}

/// The last of some offsets that are neither negative nor descending.
fn ascending(mut offsets: impl Iterator<Item = i64>) -> Result<usize, String> {
    let mut last = offsets.next().unwrap_or(0);
    if last < 0 {
        return Err(format!("an offset of {last}"));
    }
    let mut descends = false;
    for offset in offsets {
        descends |= offset < last;
        last = offset;
    }
    match usize::try_from(last) {
        Ok(last) if !descends => Ok(last),
        _ => Err("offsets descend".to_owned()),
    }
}

fn check_views(views: &[[u8; 16]], data: &[&[u8]], valid: Option<&Bitmap<'_>>) -> Result<(), String> {
    let bad =
        |(index, bytes): (usize, &[u8; 16])| view(bytes, data).is_none() && valid.is_none_or(|valid| valid.bit(index));
    match views.iter().enumerate().position(bad) {
        Some(index) => Err(format!("the view of row {index} of a chunk leads outside its buffers")),
        None => Ok(()),
    }
}

/// The bytes of a view: up to 12 within it, longer ones at an offset of one of the data buffers.
#[inline]
fn view<'a>(view: &'a [u8; 16], data: &[&'a [u8]]) -> Option<&'a [u8]> {
    let words = view.as_chunks::<4>().0;
    let word = |index: usize| usize::try_from(i32::from_ne_bytes(words[index])).ok();
    let len = word(0)?;
    if len <= 12 {
        return view.get(4..4 + len);
    }
    let start = word(3)?;
    data.get(word(2)?)?.get(start..start.checked_add(len)?)
}
