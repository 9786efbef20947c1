//! Amounts of a column, whatever their type, in whole minor units.

use std::ops::Range;

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyTuple};

use super::cells::ByteCells;
use super::fault::{Fault, shown};
use super::layout::{Nulls, Role, Unit};
use super::number::{Text, Unfit, decimal_text, shifted, shifted_wide, short};
use super::source::{ArrowType, Piece};
use crate::encode::numbers::{Wide, limbs, widened};
use crate::indices::{decimal, integer_of};
use crate::rows::bitmap::Bitmap;
use crate::rows::buffer::{Kind, gather_range, type_name};

/// What a number of an asset counts.
#[derive(Clone, Copy)]
pub(super) struct Units {
    pub(super) unit: Unit,
    pub(super) decimals: u8,
}

impl Units {
    /// 1 of the numbers is 10^this minor units.
    fn places(self) -> i64 {
        match self.unit {
            Unit::Minor => 0,
            Unit::Major => self.decimals.into(),
        }
    }

    /// Why a number that `text` shows is no amount.
    fn fault(self, why: Unfit, text: &str) -> Fault {
        match (why, self.unit) {
            (Unfit::TooLarge, _) => Fault::Overflow(format!("must be less than 2**128 minor units, not {text}")),
            (Unfit::Fraction, Unit::Minor) => Fault::Value(format!(
                "must be a whole number of minor units, not {text}; unit=\"major\" takes amounts with decimals"
            )),
            (Unfit::Fraction, Unit::Major) => {
                let decimals = self.decimals;
                Fault::Value(format!("must have at most {decimals} digits after the point, not {text}"))
            }
        }
    }
}

fn negative(text: &str) -> Fault {
    Fault::Value(format!("must not be negative, not {text}"))
}

fn null() -> Fault {
    Fault::Value("must not be null; fill it in, or declare nulls=\"zero\"".to_owned())
}

/// Rows with amounts above 0, ascending, and those amounts.
pub(super) type Found = Vec<(u32, u128)>;

/// The amounts of a piece of a column.
pub(super) struct Amounts<'a> {
    values: Values<'a>,
    nulls: Nulls,
    /// Room for rows.
    rows: Vec<u32>,
}

enum Values<'a> {
    /// All of them are.
    Null,
    Numbers(Numbers<'a>, i32, Option<Bitmap<'a>>),
    Text(ByteCells<'a>),
    Items(&'a Bound<'a, PyTuple>),
    Array(&'a PyUntypedBuffer),
}

/// Native-endian numbers.
#[derive(Clone, Copy)]
enum Numbers<'a> {
    I8(&'a [[u8; 1]]),
    I16(&'a [[u8; 2]]),
    I32(&'a [[u8; 4]]),
    I64(&'a [[u8; 8]]),
    U8(&'a [[u8; 1]]),
    U16(&'a [[u8; 2]]),
    U32(&'a [[u8; 4]]),
    U64(&'a [[u8; 8]]),
    I128(&'a [[u8; 16]]),
    I256(&'a [[u8; 32]]),
}

impl<'a> Amounts<'a> {
    /// The amounts of a piece. A fault is of a row, or, without one, of the column.
    pub(super) fn new(piece: &'a Piece<'_>, nulls: Nulls) -> Result<Self, (Option<usize>, Fault)> {
        let values = match piece {
            Piece::Arrow(ArrowType::Bytes { .. } | ArrowType::Dictionary { .. }, ..) => {
                Values::Text(ByteCells::new(piece, Role::Amount)?)
            }
            Piece::Arrow(kind, chunk, _) => arrow(*kind, chunk)
                .map_err(|why| (None, Fault::Value(format!("the Arrow array is malformed: {why}"))))?,
            Piece::Items(items, _) => Values::Items(items),
            Piece::Integers(buffer, _) => Values::Array(buffer),
            // Refused when the column was taken.
            Piece::Rows(..) => return Err((None, Fault::Type("an array of bytes".to_owned()))),
        };
        Ok(Self { values, nulls, rows: Vec::new() })
    }

    /// Puts amounts above 0 of some rows of `piece`, of which this was made, into `found`: with their places among `rows`.
    /// What the number of a place counts is `units`. A fault is at its place.
    pub(super) fn find(
        &mut self,
        piece: &Piece<'_>,
        rows: Range<usize>,
        units: impl Fn(usize) -> Units,
        found: &mut Found,
    ) -> Result<(), (usize, Fault)> {
        found.clear();
        let nulls = self.nulls;
        match &mut self.values {
            Values::Null if rows.is_empty() || nulls == Nulls::Zero => Ok(()),
            Values::Null => Err((0, null())),
            Values::Numbers(numbers, scale, valid) => {
                let valid = valid.map(|valid| valid.skip(rows.start));
                if let Some(valid) = valid
                    && nulls == Nulls::Refuse
                    && let Some(place) = valid.first_unset(rows.len())
                {
                    return Err((place, null()));
                }
                numbers.find(rows, *scale, valid, units, &mut self.rows, found)
            }
            Values::Text(cells) => {
                cells.look(piece, rows.clone())?;
                for place in 0..rows.len() {
                    let amount = match cells.cell(place) {
                        Some(text) => of_text(text, units(place)).map_err(|fault| (place, fault))?,
                        None if nulls == Nulls::Zero => 0,
                        None => return Err((place, null())),
                    };
                    if amount != 0 {
                        found.push((place as u32, amount));
                    }
                }
                Ok(())
            }
            Values::Items(items) => {
                let Piece::Items(_, whole) = piece else { return Ok(()) };
                let decimals = Decimals::new(items.py()).map_err(|error| (0, Fault::Raised(error)))?;
                for (place, row) in (whole.start + rows.start..whole.start + rows.end).enumerate() {
                    let item = items.get_borrowed_item(row).map_err(|error| (place, Fault::Raised(error)))?;
                    let amount = match decimals.amount(&item, units(place)) {
                        Ok(Some(amount)) => amount,
                        Ok(None) if nulls == Nulls::Zero => 0,
                        Ok(None) => return Err((place, null())),
                        Err(fault) => return Err((place, fault)),
                    };
                    if amount != 0 {
                        found.push((place as u32, amount));
                    }
                }
                Ok(())
            }
            Values::Array(buffer) => {
                let Piece::Integers(_, whole) = piece else { return Ok(()) };
                let (from, count) = (whole.start + rows.start, rows.len());
                let signed = Kind::of(buffer) == Kind::Signed;
                let room = &mut self.rows;
                macro_rules! find {
                    ($signed:ident, $unsigned:ident) => {{
                        // A copy, so that nobody writes to what is read.
                        let copy = gather_range(buffer, from..from + count, |bytes| {
                            bytes.first_chunk().copied().unwrap_or_default()
                        });
                        let copy = copy.map_err(|error| (0, Fault::Raised(error)))?;
                        let numbers = if signed { Numbers::$signed(&copy) } else { Numbers::$unsigned(&copy) };
                        numbers.find(0..count, 0, None, units, room, found)
                    }};
                }
                match buffer.item_size() {
                    1 => find!(I8, U8),
                    2 => find!(I16, U16),
                    4 => find!(I32, U32),
                    _ => find!(I64, U64),
                }
            }
        }
    }
}

fn arrow(kind: ArrowType, chunk: &crate::rows::arrow_import::Chunk) -> Result<Values<'_>, String> {
    let (numbers, scale) = match kind {
        ArrowType::Integer { width: 1, signed: true } => (Numbers::I8(chunk.fixed()?), 0),
        ArrowType::Integer { width: 2, signed: true } => (Numbers::I16(chunk.fixed()?), 0),
        ArrowType::Integer { width: 4, signed: true } => (Numbers::I32(chunk.fixed()?), 0),
        ArrowType::Integer { signed: true, .. } => (Numbers::I64(chunk.fixed()?), 0),
        ArrowType::Integer { width: 1, .. } => (Numbers::U8(chunk.fixed()?), 0),
        ArrowType::Integer { width: 2, .. } => (Numbers::U16(chunk.fixed()?), 0),
        ArrowType::Integer { width: 4, .. } => (Numbers::U32(chunk.fixed()?), 0),
        ArrowType::Integer { .. } => (Numbers::U64(chunk.fixed()?), 0),
        ArrowType::Decimal { width: 4, scale } => (Numbers::I32(chunk.fixed()?), scale),
        ArrowType::Decimal { width: 8, scale } => (Numbers::I64(chunk.fixed()?), scale),
        ArrowType::Decimal { width: 16, scale } => (Numbers::I128(chunk.fixed()?), scale),
        ArrowType::Decimal { scale, .. } => (Numbers::I256(chunk.fixed()?), scale),
        ArrowType::Null | ArrowType::Bytes { .. } | ArrowType::Dictionary { .. } => return Ok(Values::Null),
    };
    Ok(Values::Numbers(numbers, scale, chunk.validity()?))
}

impl Numbers<'_> {
    fn find(
        self,
        rows: Range<usize>,
        scale: i32,
        valid: Option<Bitmap<'_>>,
        units: impl Fn(usize) -> Units,
        room: &mut Vec<u32>,
        found: &mut Found,
    ) -> Result<(), (usize, Fault)> {
        /// The numbers that are not zero, of up to 128 bits, as `i128`.
        macro_rules! signed {
            ($values:expr, $type:ty) => {{
                let values = &$values[rows];
                not_zero(values, valid, room);
                for &row in room.iter() {
                    let (place, value) = (row as usize, i128::from(<$type>::from_ne_bytes(values[row as usize])));
                    let Ok(number) = u128::try_from(value) else {
                        return Err((place, negative(&decimal_text(widened(value), scale))));
                    };
                    let units = units(place);
                    match shifted(number, units.places() - i64::from(scale)) {
                        Ok(amount) => found.push((row, amount)),
                        Err(why) => return Err((place, units.fault(why, &decimal_text(widened(value), scale)))),
                    }
                }
            }};
        }
        match self {
            Self::I8(values) => signed!(values, i8),
            Self::I16(values) => signed!(values, i16),
            Self::I32(values) => signed!(values, i32),
            Self::I64(values) => signed!(values, i64),
            Self::U8(values) => signed!(values, u8),
            Self::U16(values) => signed!(values, u16),
            Self::U32(values) => signed!(values, u32),
            Self::U64(values) => signed!(values, u64),
            Self::I128(values) => signed!(values, i128),
            Self::I256(values) => {
                let values = &values[rows];
                not_zero(values, valid, room);
                for &row in room.iter() {
                    let (place, value): (usize, Wide) = (row as usize, limbs(values[row as usize]));
                    if value.0 {
                        return Err((place, negative(&decimal_text(value, scale))));
                    }
                    let units = units(place);
                    match shifted_wide(value.1, units.places() - i64::from(scale)) {
                        Ok(amount) => found.push((row, amount)),
                        Err(why) => return Err((place, units.fault(why, &decimal_text(value, scale)))),
                    }
                }
            }
        }
        Ok(())
    }
}

/// The places of values that are neither zero nor null. There are less than 2^32.
fn not_zero<const N: usize>(values: &[[u8; N]], valid: Option<Bitmap<'_>>, places: &mut Vec<u32>) {
    // No branch on what is mostly zero, but not predictably so.
    places.clear();
    places.resize(values.len(), 0);
    let mut count = 0;
    for (place, value) in values.iter().enumerate() {
        places[count] = place as u32;
        count += usize::from(*value != [0; N]);
    }
    places.truncate(count);
    if let Some(valid) = valid {
        places.retain(|place| valid.bit(*place as usize));
    }
}

fn of_text(text: &[u8], units: Units) -> Result<u128, Fault> {
    if let Some((number, fraction)) = short(text) {
        let amount = shifted(number.into(), units.places() - i64::from(fraction));
        return amount.map_err(|why| units.fault(why, &shown(text)));
    }
    let Some(number) = Text::plain(text) else {
        return Err(Fault::Value(format!(
            "must be digits, with or without a point and more digits, and nothing else, not {}",
            shown(text)
        )));
    };
    number.units(units.places()).map_err(|why| units.fault(why, &shown(text)))
}

/// Reads Python values; holds the type it has to know.
struct Decimals<'py>(Bound<'py, PyAny>);

impl<'py> Decimals<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        Ok(Self(py.import("decimal")?.getattr("Decimal")?))
    }

    /// The amount of a value; `None` for None.
    fn amount(&self, item: &Bound<'py, PyAny>, units: Units) -> Result<Option<u128>, Fault> {
        if let Some(value) = item.cast_exact::<PyInt>().ok().and_then(|integer| integer.extract::<u64>().ok()) {
            return of_number(value.into(), units).map(Some);
        }
        if item.is_none() {
            return Ok(None);
        }
        if let Ok(text) = item.cast::<PyString>() {
            let text =
                text.to_str().map_err(|_| Fault::Value("must be digits, not text with a surrogate".to_owned()))?;
            return of_text(text.as_bytes(), units).map(Some);
        }
        if item.is_instance(&self.0).map_err(Fault::Raised)? {
            return self.of_decimal(item, units).map(Some);
        }
        of_integer(item, units).map(Some)
    }

    fn of_decimal(&self, item: &Bound<'py, PyAny>, units: Units) -> Result<u128, Fault> {
        // A subclass may write something else than its value.
        let own =
            if item.get_type().is(&self.0) { item.clone() } else { self.0.call1((item,)).map_err(Fault::Raised)? };
        let text = own.str().map_err(Fault::Raised)?;
        let text = text.to_str().map_err(Fault::Raised)?;
        match Text::of_decimal(text) {
            None => Err(Fault::Value(format!("must be a finite number, not {}", shown(text.as_bytes())))),
            Some((true, _)) => Err(negative(text)),
            Some((false, number)) => number.units(units.places()).map_err(|why| units.fault(why, text)),
        }
    }
}

fn of_number(number: u128, units: Units) -> Result<u128, Fault> {
    shifted(number, units.places()).map_err(|why| units.fault(why, &number.to_string()))
}

/// The amount of anything that is an integer, as NumPy's scalars are.
fn of_integer(item: &Bound<'_, PyAny>, units: Units) -> Result<u128, Fault> {
    let integer = integer_of(item).map_err(|error| {
        if !error.is_instance_of::<PyTypeError>(item.py()) {
            return Fault::Raised(error);
        }
        let held = type_name(item);
        Fault::Type(if item.is_instance_of::<PyFloat>() || held.starts_with("numpy.float") {
            format!("must be int, Decimal or str, not {held}: floats are rounded already")
        } else if item.is_instance_of::<PyBool>() {
            "must be int, Decimal or str, not bool".to_owned()
        } else {
            format!("must be int, Decimal or str, not {held}; None is null")
        })
    })?;
    match integer.extract::<u128>() {
        Ok(number) => of_number(number, units),
        Err(_) if integer.lt(0).map_err(Fault::Raised)? => Err(negative(&decimal(&integer))),
        Err(_) => Err(units.fault(Unfit::TooLarge, &decimal(&integer))),
    }
}
