//! Arrow columns of a table: types, buffers, checks.

use super::cells::{Cells, Values};
use super::column::{Column, Kind, Source};
use crate::rows::arrow_bytes::{ByteColumn, ByteLayout};
use crate::rows::arrow_c::ArrowSchema;
use crate::rows::arrow_import::Chunk;
use crate::rows::bitmap::Bitmap;

/// The widest decimal of Arrow has as many digits; so many may stand after the point.
pub(super) const MAX_SCALE: usize = 76;

/// How the cells lie in the buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Null,
    Bytes(ByteLayout),
    Bits,
    Signed(usize),
    Unsigned(usize),
    Float(usize),
    Decimal(usize),
    Date64,
}

/// The column of a field, or the name of its type if that has no encoding.
pub(super) fn column(schema: &ArrowSchema, name: String, chunks: Vec<Chunk>) -> Result<Column, String> {
    if !schema.dictionary.is_null() {
        return Err("dictionary".to_owned());
    }
    let format = schema.format();
    let (kind, layout) = type_of(format).ok_or_else(|| type_text(format))?;
    let len = chunks.iter().map(|chunk| chunk.len).sum();
    Ok(Column { name, kind, len, source: Source::Arrow(layout, chunks) })
}

/// The cells of a chunk whose first row is row `start` of the column.
pub(super) fn cells<'a>(kind: &Kind, layout: Layout, chunk: &'a Chunk, start: usize) -> Result<Cells<'a>, String> {
    let malformed = |why: String| format!("the Arrow array is malformed: {why}");
    let valid = if layout == Layout::Null { None } else { chunk.validity().map_err(malformed)? };
    let values = values(kind, layout, chunk).map_err(malformed)?;
    if let (Kind::Text, Values::Bytes(bytes)) = (kind, &values)
        && let Some(row) = bytes.not_utf8(valid.as_ref(), chunk.len)
    {
        return Err(format!("row {} is not valid UTF-8", start + row));
    }
    Ok(Cells::new(kind, chunk.len, valid, values))
}

fn values<'a>(kind: &Kind, layout: Layout, chunk: &'a Chunk) -> Result<Values<'a>, String> {
    Ok(match (layout, kind) {
        (Layout::Null, _) => Values::Null,
        (Layout::Bytes(layout), _) => Values::Bytes(ByteColumn::new(chunk, layout)?),
        (Layout::Bits, _) => Values::Bits(Bitmap::new(chunk.buffer(1, bytes_of_bits(chunk))?, chunk.offset)),
        (Layout::Signed(8), Kind::Timestamp(unit, zone)) => {
            Values::Timestamp(chunk.fixed()?, format!(" {unit} {zone}").into_bytes())
        }
        (Layout::Signed(1), _) => Values::I8(chunk.fixed()?),
        (Layout::Signed(2), _) => Values::I16(chunk.fixed()?),
        (Layout::Signed(4), _) => Values::I32(chunk.fixed()?),
        (Layout::Signed(_), _) => Values::I64(chunk.fixed()?),
        (Layout::Unsigned(1), _) => Values::U8(chunk.fixed()?),
        (Layout::Unsigned(2), _) => Values::U16(chunk.fixed()?),
        (Layout::Unsigned(4), _) => Values::U32(chunk.fixed()?),
        (Layout::Unsigned(_), _) => Values::U64(chunk.fixed()?),
        (Layout::Float(4), _) => Values::F32(chunk.fixed()?),
        (Layout::Float(_), _) => Values::F64(chunk.fixed()?),
        (Layout::Date64, _) => Values::Date64(chunk.fixed()?),
        (Layout::Decimal(bytes), Kind::Decimal(scale)) => match bytes {
            4 => Values::Decimal32(chunk.fixed()?, *scale),
            8 => Values::Decimal64(chunk.fixed()?, *scale),
            16 => Values::Decimal128(chunk.fixed()?, *scale),
            _ => Values::Decimal256(chunk.fixed()?, *scale),
        },
        (Layout::Decimal(_), _) => return Err("a decimal without a scale".to_owned()),
    })
}

fn bytes_of_bits(chunk: &Chunk) -> usize {
    if chunk.len == 0 { 0 } else { (chunk.offset + chunk.len).div_ceil(8) }
}

/// Kind and layout by the format string of the C data interface.
pub(crate) fn type_of(format: &str) -> Option<(Kind, Layout)> {
    use {ByteLayout as B, Kind as K, Layout as L};
    let known = match format {
        "n" => (K::Null, L::Null),
        "b" => (K::Boolean, L::Bits),
        "c" => (K::Integer, L::Signed(1)),
        "s" => (K::Integer, L::Signed(2)),
        "i" => (K::Integer, L::Signed(4)),
        "l" => (K::Integer, L::Signed(8)),
        "C" => (K::Integer, L::Unsigned(1)),
        "S" => (K::Integer, L::Unsigned(2)),
        "I" => (K::Integer, L::Unsigned(4)),
        "L" => (K::Integer, L::Unsigned(8)),
        "f" => (K::Float, L::Float(4)),
        "g" => (K::Float, L::Float(8)),
        "z" => (K::Binary, L::Bytes(B::Offsets32)),
        "Z" => (K::Binary, L::Bytes(B::Offsets64)),
        "vz" => (K::Binary, L::Bytes(B::Views)),
        "u" => (K::Text, L::Bytes(B::Offsets32)),
        "U" => (K::Text, L::Bytes(B::Offsets64)),
        "vu" => (K::Text, L::Bytes(B::Views)),
        "tdD" => (K::Date, L::Signed(4)),
        "tdm" => (K::Date, L::Date64),
        _ => return type_with_parameters(format),
    };
    Some(known)
}

fn type_with_parameters(format: &str) -> Option<(Kind, Layout)> {
    if let Some(width) = format.strip_prefix("w:") {
        return Some((Kind::Binary, Layout::Bytes(ByteLayout::Fixed(width.parse().ok()?))));
    }
    if let Some((scale, bytes)) = decimal(format) {
        let scale = usize::try_from(scale).ok().filter(|&scale| scale <= MAX_SCALE)?;
        return Some((Kind::Decimal(scale), Layout::Decimal(bytes)));
    }
    let (unit, zone) = format.strip_prefix("ts")?.split_once(':')?;
    let unit = match unit {
        "s" => "s",
        "m" => "ms",
        "u" => "us",
        "n" => "ns",
        _ => return None,
    };
    Some((Kind::Timestamp(unit, zone.to_owned()), Layout::Signed(8)))
}

/// Scale and number of bytes of a decimal type.
pub(crate) fn decimal(format: &str) -> Option<(i32, usize)> {
    let mut numbers = format.strip_prefix("d:")?.split(',').skip(1);
    let scale = numbers.next()?.parse().ok()?;
    let bytes = match numbers.next() {
        None | Some("128") => 16,
        Some("32") => 4,
        Some("64") => 8,
        Some("256") => 32,
        Some(_) => return None,
    };
    Some((scale, bytes))
}

/// What to call a type that has no encoding.
pub(crate) fn type_text(format: &str) -> String {
    let name = match format {
        "e" => "float16",
        "+s" => "struct",
        "+m" => "map",
        "+r" => "run-end encoded",
        _ if format.starts_with("+u") => "union",
        _ if format.starts_with('+') => "list",
        _ if format.starts_with("tt") => "time",
        _ if format.starts_with("tD") => "duration",
        _ if format.starts_with("ti") => "interval",
        _ if format.starts_with("d:") => "decimal of this scale",
        _ => "unknown",
    };
    format!("{name} (Arrow format {format:?})")
}
