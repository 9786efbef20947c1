//! Lines of the file, printed and read. There is one way to print a node, and only that is read.

use super::{HASH, Node};

/// What the first line begins with.
pub(super) const HEIGHT: &[u8] = b"block_height:";
/// The longest line, its end included: a hash, a comma, twenty digits.
pub(super) const LONGEST: usize = 2 * HASH + 1 + 20 + 1;

/// The digits of each byte.
const PRINT: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    table
};

/// The value of each digit; 0xff where there is none.
const READ: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    table
};

/// Appends a node's line.
pub(super) fn print(record: &[u8], out: &mut Vec<u8>) {
    let (hash, amount) = record.split_at(HASH.min(record.len()));
    let mut line = [0; LONGEST];
    for (byte, place) in hash.iter().zip(line.as_chunks_mut::<2>().0) {
        *place = PRINT[usize::from(*byte)];
    }
    line[2 * HASH] = b',';
    let amount = amount.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let end = print_number(amount, &mut line[2 * HASH + 1..]) + 2 * HASH + 1;
    line[end] = b'\n';
    out.extend_from_slice(&line[..=end]);
}

/// Writes a number to the front of `out`, which takes any; how many digits it has.
fn print_number(mut number: u64, out: &mut [u8]) -> usize {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    let digits = &digits[at..];
    out[..digits.len()].copy_from_slice(digits);
    digits.len()
}

/// The node of a line without its end.
pub(super) fn parse(line: &[u8]) -> Result<Node, &'static str> {
    let Some((digits, rest)) = line.split_first_chunk::<{ 2 * HASH }>() else {
        return Err("is shorter than a hash of 64 hex digits");
    };
    let mut hash = [0; HASH];
    let mut wrong = 0;
    for (place, [high, low]) in hash.iter_mut().zip(digits.as_chunks::<2>().0) {
        let (high, low) = (READ[usize::from(*high)], READ[usize::from(*low)]);
        wrong |= high | low;
        *place = high << 4 | low & 15;
    }
    if wrong > 15 {
        return Err("does not begin with 64 lower-case hex digits");
    }
    match rest.split_first() {
        Some((b',', digits)) => {
            let amount = number(digits).ok_or(
                "has an amount that is not a whole number below 2^64 in plain digits, without sign or leading zeros",
            )?;
            Ok(Node { hash, amount })
        }
        _ => Err("has no comma behind its hash"),
    }
}

/// The block height of the first line, without its end.
pub(super) fn parse_height(line: &[u8]) -> Result<u64, &'static str> {
    let digits = line.strip_prefix(HEIGHT).ok_or("does not begin with block_height:")?;
    number(digits).ok_or("has a block height that is not a whole number below 2^64 in plain digits")
}

/// A whole number in the one way to write it.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 20 || (digits.len() > 1 && digits.starts_with(b"0")) {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_are_printed_and_in_no_other_way() {
        for amount in [0, 1, 9, 10, 12_345, u64::MAX - 1, u64::MAX] {
            let node = Node { hash: std::array::from_fn(|at| at as u8 ^ 0xa5), amount };
            let mut line = Vec::new();
            print(&node.record(), &mut line);
            assert_eq!(line.pop(), Some(b'\n'));
            assert_eq!(parse(&line), Ok(node));
            for at in 0..line.len() {
                for byte in 0..=255 {
                    let mut other = line.clone();
                    other[at] = byte;
                    if let Ok(read) = parse(&other) {
                        assert_eq!(read == node, other == line);
                        let mut again = Vec::new();
                        print(&read.record(), &mut again);
                        assert_eq!(again[..again.len() - 1], other);
                    }
                }
            }
        }
        for amount in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "1.0", "1e3", "18446744073709551616", "1\r"] {
            let line = format!("{},{amount}", "0".repeat(64));
            assert!(parse(line.as_bytes()).is_err(), "{amount}");
        }
        assert_eq!(parse_height(b"block_height:0"), Ok(0));
        for line in ["", "block_height", "block_height:", "block_height:-1", "Block_height:1", "block_height: 1"] {
            assert!(parse_height(line.as_bytes()).is_err(), "{line}");
        }
    }
}
