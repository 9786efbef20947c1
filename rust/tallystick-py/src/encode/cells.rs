//! Cells of one chunk of a column, and how each is written: `u8 class ‖ u32le length ‖ payload`.

use super::column::{Kind, Source};
use super::numbers::{Digits, Wide, limbs, put_digits, widen, widened};
use crate::rows::arrow_bytes::ByteColumn;
use crate::rows::bitmap::Bitmap;

/// Bytes before a payload.
const HEAD: usize = 5;

/// The milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A chunk of a column.
pub(super) struct Cells<'a> {
    pub(super) len: usize,
    class: u8,
    valid: Option<Bitmap<'a>>,
    values: Values<'a>,
}

/// The values of a chunk; numbers are native-endian bytes.
pub(super) enum Values<'a> {
    Null,
    Bytes(ByteColumn<'a>),
    I8(&'a [[u8; 1]]),
    I16(&'a [[u8; 2]]),
    I32(&'a [[u8; 4]]),
    I64(&'a [[u8; 8]]),
    U8(&'a [[u8; 1]]),
    U16(&'a [[u8; 2]]),
    U32(&'a [[u8; 4]]),
    U64(&'a [[u8; 8]]),
    F32(&'a [[u8; 4]]),
    F64(&'a [[u8; 8]]),
    Bits(Bitmap<'a>),
    Decimal32(&'a [[u8; 4]], usize),
    Decimal64(&'a [[u8; 8]], usize),
    Decimal128(&'a [[u8; 16]], usize),
    Decimal256(&'a [[u8; 32]], usize),
    /// Milliseconds, whole days only.
    Date64(&'a [[u8; 8]]),
    /// A count, and the text behind it.
    Timestamp(&'a [[u8; 8]], Vec<u8>),
}

impl<'a> Cells<'a> {
    pub(super) fn new(kind: &Kind, len: usize, valid: Option<Bitmap<'a>>, values: Values<'a>) -> Self {
        Self { len, class: kind.class(), valid, values }
    }

    /// The cells of a column that lies in memory of this library.
    pub(super) fn owned(kind: &Kind, source: &'a Source, len: usize) -> Self {
        let mut validity = None;
        let values = match source {
            Source::Signed(values) => Values::I64(values),
            Source::Unsigned(values) => Values::U64(values),
            Source::Floats(values) => Values::F64(values),
            Source::Bits(bits) => Values::Bits(Bitmap::new(bits, 0)),
            Source::Payloads { offsets, data, valid } => {
                validity = Some(Bitmap::new(valid, 0));
                Values::Bytes(ByteColumn::Offsets64 { offsets, data })
            }
            Source::Arrow(..) => Values::Null,
        };
        Self::new(kind, len, validity, values)
    }

    /// Appends cell `row` to `out`, or says why it has no encoding.
    #[inline]
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<(), &'static str> {
        if self.valid.is_some_and(|valid| !valid.bit(row)) {
            out.extend_from_slice(&[0; HEAD]);
            return Ok(());
        }
        match &self.values {
            Values::Null => out.extend_from_slice(&[0; HEAD]),
            Values::Bytes(bytes) => return write_bytes(out, self.class, bytes.row(row)),
            Values::I8(values) => write_signed(out, self.class, i8::from_ne_bytes(values[row]).into()),
            Values::I16(values) => write_signed(out, self.class, i16::from_ne_bytes(values[row]).into()),
            Values::I32(values) => write_signed(out, self.class, i32::from_ne_bytes(values[row]).into()),
            Values::I64(values) => write_signed(out, self.class, i64::from_ne_bytes(values[row])),
            Values::U8(values) => write_integer(out, self.class, false, values[row][0].into()),
            Values::U16(values) => write_integer(out, self.class, false, u16::from_ne_bytes(values[row]).into()),
            Values::U32(values) => write_integer(out, self.class, false, u32::from_ne_bytes(values[row]).into()),
            Values::U64(values) => write_integer(out, self.class, false, u64::from_ne_bytes(values[row])),
            Values::F32(values) => write_float(out, self.class, widen(f32::from_ne_bytes(values[row]))),
            Values::F64(values) => write_float(out, self.class, f64::from_ne_bytes(values[row])),
            Values::Bits(bits) => out.extend_from_slice(&[self.class, 1, 0, 0, 0, u8::from(bits.bit(row))]),
            Values::Decimal32(values, scale) => {
                write_decimal(out, self.class, widened(i32::from_ne_bytes(values[row]).into()), *scale);
            }
            Values::Decimal64(values, scale) => {
                write_decimal(out, self.class, widened(i64::from_ne_bytes(values[row]).into()), *scale);
            }
            Values::Decimal128(values, scale) => {
                write_decimal(out, self.class, widened(i128::from_ne_bytes(values[row])), *scale);
            }
            Values::Decimal256(values, scale) => write_decimal(out, self.class, limbs(values[row]), *scale),
            Values::Date64(values) => {
                let milliseconds = i64::from_ne_bytes(values[row]);
                if milliseconds % DAY != 0 {
                    return Err("a date in milliseconds must be a whole day; cast the column to date32 or timestamp");
                }
                write_signed(out, self.class, milliseconds / DAY);
            }
            Values::Timestamp(values, suffix) => {
                let count = i64::from_ne_bytes(values[row]);
                write_count(out, self.class, count < 0, count.unsigned_abs(), suffix.len());
                out.extend_from_slice(suffix);
            }
        }
        Ok(())
    }
}

/// Class and length of a payload.
fn head(class: u8, len: u32) -> [u8; HEAD] {
    let [a, b, c, d] = len.to_le_bytes();
    [class, a, b, c, d]
}

#[inline]
fn write_bytes(out: &mut Vec<u8>, class: u8, payload: &[u8]) -> Result<(), &'static str> {
    let len = u32::try_from(payload.len()).map_err(|_| "a cell must have less than 4 GiB")?;
    out.extend_from_slice(&head(class, len));
    out.extend_from_slice(payload);
    Ok(())
}

#[inline]
fn write_signed(out: &mut Vec<u8>, class: u8, value: i64) {
    write_integer(out, class, value < 0, value.unsigned_abs());
}

#[inline]
fn write_integer(out: &mut Vec<u8>, class: u8, negative: bool, magnitude: u64) {
    write_count(out, class, negative, magnitude, 0);
}

/// An integer and its head, of a payload that has `more` bytes behind the integer.
#[inline]
fn write_count(out: &mut Vec<u8>, class: u8, negative: bool, magnitude: u64, more: usize) {
    // Head, sign and digits right-aligned, so that they go out in one piece.
    const END: usize = HEAD + 1 + 20;
    let mut cell = [0_u8; END];
    let mut start = put_digits(&mut cell, END, magnitude);
    if negative {
        start -= 1;
        cell[start] = b'-';
    }
    // A time zone of 4 GiB is refused when the column is read.
    let len = (END - start + more) as u32;
    start -= HEAD;
    cell[start..start + HEAD].copy_from_slice(&head(class, len));
    out.extend_from_slice(&cell[start..]);
}

#[inline]
fn write_float(out: &mut Vec<u8>, class: u8, value: f64) {
    let mut cell = [0; HEAD + 8];
    cell[..HEAD].copy_from_slice(&head(class, 8));
    cell[HEAD..].copy_from_slice(&value.to_le_bytes());
    out.extend_from_slice(&cell);
}

fn write_decimal(out: &mut Vec<u8>, class: u8, (negative, magnitude): Wide, scale: usize) {
    const ZEROS: [u8; 128] = [b'0'; 128];
    let digits = Digits::new(magnitude);
    let digits = digits.text();
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    let whole: &[u8] = if whole.is_empty() { b"0" } else { whole };
    // Scales are at most 76, so a payload has at most 157 bytes.
    let len = usize::from(negative) + whole.len() + usize::from(scale != 0) + scale;
    out.extend_from_slice(&head(class, len as u32));
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(whole);
    if scale != 0 {
        out.push(b'.');
        out.extend_from_slice(&ZEROS[..scale - fraction.len()]);
        out.extend_from_slice(fraction);
    }
}
