//! Amounts as Python hands them over: integers one by one, in arrays, in Arrow columns.
//!
//! An integer that is no amount (negative, or 2^128 and above) is not yet an error here: a maker answers with `ValueError`
//! or `OverflowError`, a verifier as it answers any false claim. What is no integer is a `TypeError` with its place.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::{PyMemoryError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};

use crate::errors::invalid;
use crate::indices::{decimal, integer_of, is_text};
use crate::rows::arrow_import::{Chunk, Imported, import, malformed};
use crate::rows::buffer::{Kind, describe, gather, open, type_name};
use crate::rows::sequence::items_of;

/// One integer where an amount is wanted.
pub(crate) enum Amount {
    /// An amount.
    In(u128),
    /// One that is none.
    Outside(Outside),
}

/// An integer that is no amount.
pub(crate) struct Outside {
    negative: bool,
    /// In decimal, or described where that takes thousands of digits.
    text: String,
}

impl Outside {
    /// The error of makers; `what` names the place.
    fn error(&self, what: &str) -> PyErr {
        let text = &self.text;
        if self.negative {
            PyValueError::new_err(format!("{what} must not be negative, not {text}"))
        } else {
            PyOverflowError::new_err(format!("{what} must be less than 2**128, not {text}"))
        }
    }

    /// Why a claim of it is false.
    pub(crate) fn why(&self) -> String {
        format!("amount {} is not from 0 to 2**128 - 1", self.text)
    }

    /// The refusal of such a claim.
    pub(crate) fn refused(&self, py: Python<'_>) -> PyErr {
        invalid(py, "AMOUNT_OUT_OF_RANGE", self.why())
    }
}

/// Several amounts.
#[derive(Default)]
pub(crate) struct Amounts {
    /// All of them; 0 stands in the place of one that is none.
    pub(crate) values: Vec<u128>,
    /// Places of those, ascending.
    pub(crate) outside: Vec<usize>,
    /// The first of them.
    pub(crate) first: Option<Outside>,
}

impl Amounts {
    fn with_capacity(len: usize) -> PyResult<Self> {
        let mut values = Vec::new();
        values.try_reserve_exact(len).map_err(|_| PyMemoryError::new_err(()))?;
        Ok(Self { values, ..Self::default() })
    }

    /// Appends one that is none; it is written out only if it is the first, because that may take long.
    fn push_outside(&mut self, outside: impl FnOnce() -> Outside) {
        if self.first.is_none() {
            self.first = Some(outside());
        }
        self.outside.push(self.values.len());
        self.values.push(0);
    }

    fn push_signed(&mut self, value: i128) {
        match u128::try_from(value) {
            Ok(value) => self.values.push(value),
            Err(_) => self.push_outside(|| Outside { negative: true, text: value.to_string() }),
        }
    }

    /// All of them, if they are amounts; `what` is what messages call them.
    pub(crate) fn within(self, what: &str) -> PyResult<Vec<u128>> {
        match (self.first, self.outside.first()) {
            (Some(outside), Some(place)) => Err(outside.error(&format!("{what}[{place}]"))),
            _ => Ok(self.values),
        }
    }
}

/// The integer `obj`, which messages call `what`: `TypeError` for bool, float, Decimal, text and whatever else.
pub(crate) fn extract_amount(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Amount> {
    let integer = integer_of(obj).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(obj.py()) {
            PyTypeError::new_err(format!("{what} must be an integer, not {}", type_name(obj)))
        } else {
            error
        }
    })?;
    Ok(match in_range(&integer) {
        Some(amount) => Amount::In(amount),
        None => Amount::Outside(Outside { negative: integer.lt(0)?, text: decimal(&integer) }),
    })
}

/// The same for makers: `ValueError` or `OverflowError` for one that is no amount.
pub(crate) fn extract_total(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<u128> {
    match extract_amount(obj, what)? {
        Amount::In(amount) => Ok(amount),
        Amount::Outside(outside) => Err(outside.error(what)),
    }
}

fn in_range(integer: &Bound<'_, PyInt>) -> Option<u128> {
    integer.extract::<u64>().map(u128::from).or_else(|_| integer.extract::<u128>()).ok()
}

/// The amounts `obj`, which messages call `what`: a sequence of integers, a one-dimensional integer array of any stride, or
/// an Arrow column of integers or of decimals without digits after the point, without nulls.
///
/// Arrays and columns cost about a nanosecond an amount and make no Python objects. Raises `TypeError` for anything else,
/// `ValueError` for nulls.
pub(crate) fn extract_amounts(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Amounts> {
    if is_text(obj) || obj.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(format!("{what} must be integers, not {}", type_name(obj))));
    }
    if let Some(buffer) = open(obj, &what)? {
        return from_array(&buffer, what);
    }
    match import(obj, what)? {
        Some(column) => from_column(&column, what),
        None => from_sequence(obj, what),
    }
}

fn from_sequence(obj: &Bound<'_, PyAny>, what: &str) -> PyResult<Amounts> {
    let items = items_of(obj, what)?;
    let mut amounts = Amounts::with_capacity(items.len())?;
    for (place, item) in items.iter_borrowed().enumerate() {
        if let Some(value) = item.cast_exact::<PyInt>().ok().and_then(|integer| integer.extract::<u64>().ok()) {
            amounts.values.push(value.into());
            continue;
        }
        match extract_amount(&item, &format!("{what}[{place}]"))? {
            Amount::In(value) => amounts.values.push(value),
            Amount::Outside(outside) => amounts.push_outside(|| outside),
        }
    }
    Ok(amounts)
}

/// Bytes of one item to a value.
macro_rules! read {
    ($type:ty) => {
        |bytes: &[u8]| bytes.first_chunk().map_or(0, |bytes| <$type>::from_ne_bytes(*bytes))
    };
}

fn from_array(buffer: &PyUntypedBuffer, what: &str) -> PyResult<Amounts> {
    if buffer.dimensions() != 1 {
        return Err(PyTypeError::new_err(format!("{what} must have one dimension, not {}", describe(buffer))));
    }
    let unsigned = |values| Amounts { values, ..Amounts::default() };
    match (Kind::of(buffer), buffer.item_size()) {
        (Kind::Unsigned, 1) => gather(buffer, |bytes| u128::from(read!(u8)(bytes))).map(unsigned),
        (Kind::Unsigned, 2) => gather(buffer, |bytes| u128::from(read!(u16)(bytes))).map(unsigned),
        (Kind::Unsigned, 4) => gather(buffer, |bytes| u128::from(read!(u32)(bytes))).map(unsigned),
        (Kind::Unsigned, 8) => gather(buffer, |bytes| u128::from(read!(u64)(bytes))).map(unsigned),
        (Kind::Signed, 1) => gather(buffer, |bytes| extended(read!(i8)(bytes))).map(signed),
        (Kind::Signed, 2) => gather(buffer, |bytes| extended(read!(i16)(bytes))).map(signed),
        (Kind::Signed, 4) => gather(buffer, |bytes| extended(read!(i32)(bytes))).map(signed),
        (Kind::Signed, 8) => gather(buffer, |bytes| extended(read!(i64)(bytes))).map(signed),
        _ => {
            Err(PyTypeError::new_err(format!("{what} must be integers in native byte order, not {}", describe(buffer))))
        }
    }
}

/// The bits of a signed number in 128.
fn extended(value: impl Into<i128>) -> u128 {
    value.into().cast_unsigned()
}

/// Amounts from the bits of signed ones.
fn signed(values: Vec<u128>) -> Amounts {
    let mut amounts = Amounts { values, ..Amounts::default() };
    for (place, value) in amounts.values.iter_mut().enumerate().filter(|(_, value)| value.cast_signed() < 0) {
        let text = value.cast_signed().to_string();
        amounts.first.get_or_insert(Outside { negative: true, text });
        amounts.outside.push(place);
        *value = 0;
    }
    amounts
}

/// How the amounts of an Arrow column lie.
#[derive(Clone, Copy)]
enum Layout {
    Unsigned(usize),
    Signed(usize),
}

fn from_column(column: &Imported, what: &str) -> PyResult<Amounts> {
    let layout = layout_of(column, what)?;
    let mut amounts = Amounts::with_capacity(column.chunks.iter().map(|chunk| chunk.len).sum())?;
    for chunk in &column.chunks {
        let fault = |why: String| malformed(what, &why);
        let start = amounts.values.len();
        if let Some(null) = chunk.validity().map_err(fault)?.and_then(|valid| valid.first_unset(chunk.len)) {
            let row = start + null;
            return Err(PyValueError::new_err(format!("{what}[{row}] is null; fill or drop it")));
        }
        push_chunk(&mut amounts, chunk, layout).map_err(fault)?;
    }
    Ok(amounts)
}

fn push_chunk(amounts: &mut Amounts, chunk: &Chunk, layout: Layout) -> Result<(), String> {
    macro_rules! push {
        ($type:ty) => {
            chunk.fixed()?.iter().take(chunk.len).map(|bytes| <$type>::from_ne_bytes(*bytes))
        };
    }
    match layout {
        Layout::Unsigned(1) => amounts.values.extend(push!(u8).map(u128::from)),
        Layout::Unsigned(2) => amounts.values.extend(push!(u16).map(u128::from)),
        Layout::Unsigned(4) => amounts.values.extend(push!(u32).map(u128::from)),
        Layout::Unsigned(_) => amounts.values.extend(push!(u64).map(u128::from)),
        Layout::Signed(1) => push!(i8).for_each(|value| amounts.push_signed(value.into())),
        Layout::Signed(2) => push!(i16).for_each(|value| amounts.push_signed(value.into())),
        Layout::Signed(4) => push!(i32).for_each(|value| amounts.push_signed(value.into())),
        Layout::Signed(8) => push!(i64).for_each(|value| amounts.push_signed(value.into())),
        Layout::Signed(16) => push!(i128).for_each(|value| amounts.push_signed(value)),
        Layout::Signed(_) => {
            for bytes in chunk.fixed::<32>()?.iter().take(chunk.len) {
                push_wide(amounts, bytes);
            }
        }
    }
    Ok(())
}

/// Appends a decimal of 256 bits.
fn push_wide(amounts: &mut Amounts, bytes: &[u8; 32]) {
    let halves = bytes.as_chunks::<16>().0;
    let (first, second) = (halves.first().copied().unwrap_or_default(), halves.get(1).copied().unwrap_or_default());
    let (low, high) = if cfg!(target_endian = "big") { (second, first) } else { (first, second) };
    let (low, high) = (u128::from_ne_bytes(low), i128::from_ne_bytes(high));
    match (high, i128::try_from(low)) {
        (0, _) => amounts.values.push(low),
        // A negative number that fits 128 bits has all ones above them.
        (-1, Err(_)) => amounts.push_signed(low.cast_signed()),
        _ => {
            let text = "an integer of more than 128 bits".to_owned();
            amounts.push_outside(|| Outside { negative: high < 0, text });
        }
    }
}

fn layout_of(column: &Imported, what: &str) -> PyResult<Layout> {
    let format = column.schema.format();
    let refuse = |remedy: &str| {
        Err(PyTypeError::new_err(format!(
            "{what} must be a column of integers or of decimals of scale 0, not one of Arrow format {format:?}; {remedy}"
        )))
    };
    if !column.schema.dictionary.is_null() {
        return refuse("cast the dictionary first");
    }
    match format {
        "C" => Ok(Layout::Unsigned(1)),
        "S" => Ok(Layout::Unsigned(2)),
        "I" => Ok(Layout::Unsigned(4)),
        "L" => Ok(Layout::Unsigned(8)),
        "c" => Ok(Layout::Signed(1)),
        "s" => Ok(Layout::Signed(2)),
        "i" => Ok(Layout::Signed(4)),
        "l" => Ok(Layout::Signed(8)),
        _ => {
            let Some(parameters) = format.strip_prefix("d:") else { return refuse("cast it first") };
            let parameters: Vec<&str> = parameters.split(',').collect();
            match parameters.as_slice() {
                [_, "0"] | [_, "0", "128"] => Ok(Layout::Signed(16)),
                [_, "0", "32"] => Ok(Layout::Signed(4)),
                [_, "0", "64"] => Ok(Layout::Signed(8)),
                [_, "0", "256"] => Ok(Layout::Signed(32)),
                _ => refuse("multiply it by a power of ten, so that amounts are whole minor units"),
            }
        }
    }
}
