//! Python values as payloads of cells.

use std::fmt::Write as _;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString};

use super::arrow_column::MAX_SCALE;
use super::column::Kind;
use super::numbers::put_digits;
use crate::indices::exact;

/// The ordinal of 1970-01-01 in the calendar of `datetime`.
const EPOCH_ORDINAL: i64 = 719_163;

/// Digits of an int that Python writes at once, whatever its limit is set to (never below 640).
const DIGITS: u32 = 600;

/// Writes values; holds the types it has to know.
pub(super) struct Values<'py> {
    decimal: Bound<'py, PyAny>,
    date: Bound<'py, PyAny>,
    datetime: Bound<'py, PyAny>,
    timezone: Bound<'py, PyAny>,
    utc: Bound<'py, PyAny>,
    zone_info: Bound<'py, PyAny>,
    /// 1970-01-01 without a time zone, and in UTC.
    epochs: (Bound<'py, PyAny>, Bound<'py, PyAny>),
    /// The time zone met last, and its text.
    zone: Option<(Bound<'py, PyAny>, String)>,
}

impl<'py> Values<'py> {
    pub(super) fn new(py: Python<'py>) -> PyResult<Self> {
        let module = py.import("datetime")?;
        let datetime = module.getattr("datetime")?;
        let timezone = module.getattr("timezone")?;
        let utc = timezone.getattr("utc")?;
        let epoch = datetime.call1((1970, 1, 1))?;
        let epoch_utc = datetime.call1((1970, 1, 1, 0, 0, 0, 0, &utc))?;
        Ok(Self {
            decimal: py.import("decimal")?.getattr("Decimal")?,
            date: module.getattr("date")?,
            zone_info: py.import("zoneinfo")?.getattr("ZoneInfo")?,
            datetime,
            timezone,
            utc,
            epochs: (epoch, epoch_utc),
            zone: None,
        })
    }

    /// Appends the payload of `value` to `out`, and tells its kind; `None` for a value of a type that has no encoding.
    ///
    /// Subclasses of `date`, `datetime` and `Decimal` have none: they may hold more than their base writes.
    pub(super) fn write(&mut self, value: &Bound<'py, PyAny>, out: &mut Vec<u8>) -> PyResult<Option<Kind>> {
        if let Ok(text) = value.cast::<PyString>() {
            let text =
                text.to_str().map_err(|_| PyValueError::new_err("text with a lone surrogate is not valid UTF-8"))?;
            out.extend_from_slice(text.as_bytes());
            return Ok(Some(Kind::Text));
        }
        if let Ok(bytes) = value.cast::<PyBytes>() {
            out.extend_from_slice(bytes.as_bytes());
            return Ok(Some(Kind::Binary));
        }
        if let Ok(value) = value.cast::<PyBool>() {
            out.push(u8::from(value.is_true()));
            return Ok(Some(Kind::Boolean));
        }
        if let Ok(integer) = value.cast::<PyInt>() {
            match integer.extract::<i64>() {
                Ok(small) => put_signed(out, small),
                Err(_) => put_large(out, integer)?,
            }
            return Ok(Some(Kind::Integer));
        }
        if let Ok(float) = value.cast::<PyFloat>() {
            out.extend_from_slice(&float.value().to_le_bytes());
            return Ok(Some(Kind::Float));
        }
        let class = value.get_type();
        if class.is(&self.decimal) {
            put_decimal(out, value).map(Some)
        } else if class.is(&self.date) {
            let ordinal: i64 = value.call_method0("toordinal")?.extract()?;
            put_signed(out, ordinal - EPOCH_ORDINAL);
            Ok(Some(Kind::Date))
        } else if class.is(&self.datetime) {
            self.put_datetime(out, value).map(Some)
        } else {
            Ok(None)
        }
    }

    fn put_datetime(&mut self, out: &mut Vec<u8>, value: &Bound<'py, PyAny>) -> PyResult<Kind> {
        let info = value.getattr("tzinfo")?;
        let (since, zone) = if info.is_none() {
            (value.sub(&self.epochs.0)?, String::new())
        } else {
            (value.sub(&self.epochs.1)?, self.zone_of(&info)?)
        };
        let part = |name: &str| -> PyResult<i64> { since.getattr(name)?.extract() };
        // Years 1 to 9999 are less than 2^59 microseconds away.
        let count = (part("days")? * 86_400 + part("seconds")?) * 1_000_000 + part("microseconds")?;
        put_signed(out, count);
        out.extend_from_slice(format!(" us {zone}").as_bytes());
        Ok(Kind::Timestamp("us", zone))
    }

    /// The text of a time zone.
    fn zone_of(&mut self, info: &Bound<'py, PyAny>) -> PyResult<String> {
        if let Some((last, text)) = &self.zone
            && last.is(info)
        {
            return Ok(text.clone());
        }
        let text = if info.is(&self.utc) {
            Some("UTC".to_owned())
        } else if info.get_type().is(&self.timezone) {
            offset_text(info)?
        } else if info.is_instance(&self.zone_info)? {
            info.getattr("key")?.extract()?
        } else {
            None
        };
        let text = text.ok_or_else(|| {
            PyTypeError::new_err(
                "the time zone has no text: use timezone.utc, an offset of whole minutes or a ZoneInfo by key",
            )
        })?;
        self.zone = Some((info.clone(), text.clone()));
        Ok(text)
    }
}

/// A fixed offset as `+02:00`; `None` when it is not of whole minutes.
fn offset_text(info: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let offset = info.call_method1("utcoffset", (info.py().None(),))?;
    let part = |name: &str| -> PyResult<i64> { offset.getattr(name)?.extract() };
    let seconds = part("days")? * 86_400 + part("seconds")?;
    if part("microseconds")? != 0 || seconds % 60 != 0 {
        return Ok(None);
    }
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    Ok(Some(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)))
}

fn put_signed(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0; 20];
    let start = put_digits(&mut digits, 20, value.unsigned_abs());
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
}

/// An int of any size. Python limits the digits it writes at once, so a long one goes in groups.
fn put_large(out: &mut Vec<u8>, integer: &Bound<'_, PyInt>) -> PyResult<()> {
    let py = integer.py();
    let integer = exact(integer)?;
    if integer.lt(0)? {
        out.push(b'-');
    }
    let group = 10_i32.into_pyobject(py)?.into_any().pow(DIGITS, py.None())?;
    let mut rest = integer.as_any().abs()?;
    let mut groups = Vec::new();
    while rest.ge(&group)? {
        let (quotient, low): (Bound<'_, PyAny>, Bound<'_, PyAny>) = rest.divmod(&group)?.extract()?;
        groups.push(low.str()?.to_string());
        rest = quotient;
    }
    let mut text = rest.str()?.to_string();
    for low in groups.iter().rev() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{low:0>width$}", width = DIGITS as usize);
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// A decimal with as many digits after the point as it has.
fn put_decimal(out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> PyResult<Kind> {
    let exponent = value.call_method0("as_tuple")?.getattr("exponent")?;
    let Ok(exponent) = exponent.extract::<i64>() else {
        return Err(PyValueError::new_err("a decimal must be a finite number"));
    };
    let scale =
        exponent.checked_neg().and_then(|scale| usize::try_from(scale).ok()).filter(|&scale| scale <= MAX_SCALE);
    let Some(scale) = scale else {
        return Err(PyValueError::new_err(format!(
            "a decimal must have 0 to {MAX_SCALE} digits after the point; quantize it"
        )));
    };
    let text = value.call_method1("__format__", ("f",))?.extract::<String>()?;
    // Zero has no sign.
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    out.extend_from_slice(if zero { digits } else { &text }.as_bytes());
    Ok(Kind::Decimal(scale))
}
