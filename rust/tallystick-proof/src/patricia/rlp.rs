//! RLP, Ethereum's encoding of byte strings and of lists: read strictly, one item at a time, and written.

use alloc::vec::Vec;

/// What a string begins with, before its length is added.
const STRING: u8 = 0x80;
/// The same of a list.
const LIST: u8 = 0xc0;
/// Longer payloads state the length of their length.
const SHORT: usize = 55;

/// An item that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A string.
    String(&'a [u8]),
    /// A list: its items, one behind the other, not yet read.
    List(&'a [u8]),
}

/// An item, all of its bytes, and what follows it.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// The item.
    pub item: Item<'a>,
    /// Its encoding.
    pub whole: &'a [u8],
    /// The bytes behind it.
    pub rest: &'a [u8],
}

/// The item that `data` begins with; `None` if it begins with none, or with one in another encoding than its own.
pub fn take(data: &[u8]) -> Option<Taken<'_>> {
    let (&first, behind) = data.split_first()?;
    if first < STRING {
        let (whole, rest) = data.split_at_checked(1)?;
        return Some(Taken { item: Item::String(whole), whole, rest });
    }
    let stated = usize::from(first & 0x3f);
    let (start, length) = match stated.checked_sub(SHORT) {
        None | Some(0) => (1, stated),
        Some(count) => {
            let size = behind.get(..count)?;
            let length = size.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
            let length = usize::try_from(length).ok().filter(|length| *length > SHORT)?;
            if size.first() == Some(&0) {
                return None;
            }
            (count.checked_add(1)?, length)
        }
    };
    let (whole, rest) = data.split_at_checked(start.checked_add(length)?)?;
    let payload = whole.get(start..)?;
    if first >= LIST {
        return Some(Taken { item: Item::List(payload), whole, rest });
    }
    // A byte below 0x80 is its own encoding.
    if length == 1 && payload.first().is_some_and(|byte| *byte < STRING) {
        return None;
    }
    Some(Taken { item: Item::String(payload), whole, rest })
}

/// The items of the list that `data` is, one behind the other.
pub fn list(data: &[u8]) -> Option<&[u8]> {
    match take(data)? {
        Taken { item: Item::List(payload), rest: [], .. } => Some(payload),
        _ => None,
    }
}

/// Bytes of the number that a long payload states.
fn length_bytes(length: usize) -> usize {
    (usize::BITS.saturating_sub(length.leading_zeros())).div_ceil(8) as usize
}

/// Bytes that a string takes.
pub fn string_length(string: &[u8]) -> usize {
    match string {
        [byte] if *byte < STRING => 1,
        _ => list_length(string.len()),
    }
}

/// Bytes that a list takes whose items take so many.
pub fn list_length(items: usize) -> usize {
    let header = if items <= SHORT { 1 } else { length_bytes(items).saturating_add(1) };
    items.saturating_add(header)
}

fn put_header(out: &mut Vec<u8>, kind: u8, length: usize) {
    if length <= SHORT {
        out.push(kind.saturating_add(length as u8));
        return;
    }
    let count = length_bytes(length);
    out.push(kind.saturating_add(SHORT as u8).saturating_add(count as u8));
    let bytes = (length as u64).to_be_bytes();
    out.extend(bytes.iter().skip(bytes.len().saturating_sub(count)));
}

/// Appends a string.
pub fn put_string(out: &mut Vec<u8>, string: &[u8]) {
    if !matches!(string, [byte] if *byte < STRING) {
        put_header(out, STRING, string.len());
    }
    out.extend_from_slice(string);
}

/// Begins a list whose items take so many bytes.
pub fn put_list(out: &mut Vec<u8>, items: usize) {
    put_header(out, LIST, items);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn one_encoding_of_every_string() {
        for length in [0, 1, 2, 55, 56, 255, 256, 65_535, 65_536] {
            for byte in [0, 0x7f, 0x80, 0xff] {
                let string = vec![byte; length];
                let mut out = Vec::new();
                put_string(&mut out, &string);
                assert_eq!(out.len(), string_length(&string));
                let taken = take(&out).map(|taken| (taken.item, taken.whole.len(), taken.rest.len()));
                assert_eq!(taken, Some((Item::String(&string), out.len(), 0)));
                assert!(take(out.get(..out.len() - 1).unwrap_or_default()).is_none());
                let mut whole = Vec::new();
                put_list(&mut whole, out.len());
                whole.extend_from_slice(&out);
                assert_eq!(whole.len(), list_length(out.len()));
                assert_eq!(list(&whole), Some(&out[..]));
                whole.push(0);
                assert_eq!(list(&whole), None);
            }
        }
    }

    #[test]
    fn what_is_longer_than_it_must_be_is_refused() {
        for bad in [
            &[][..],
            &[0x81, 0x7f],
            &[0x81],
            &[0xb8, 55],
            &[0xb8],
            &[0xb9, 0, 56],
            &[0xbf, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0xf8, 2, 1, 1],
            &[0xc2, 1],
            &[0xff, 255, 255, 255, 255, 255, 255, 255, 255],
        ] {
            assert!(take(bad).is_none(), "{bad:02x?}");
        }
        assert_eq!(take(&[0x81, 0x80]).map(|taken| taken.item), Some(Item::String(&[0x80])));
    }
}
