//! Reading bytes that nobody vouches for: every length is checked against what remains before it is used.

use alloc::vec::Vec;

use super::DecodeError;
use super::error::beginning;

/// The bytes not yet read.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Begins at the front of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `length` bytes.
    pub fn take(&mut self, field: &'static str, length: u64) -> Result<&'a [u8], DecodeError> {
        let found = usize::try_from(length).ok().and_then(|length| self.0.split_at_checked(length));
        let Some((taken, rest)) = found else {
            return Err(DecodeError::Truncated { field, needed: length, left: self.0.len() });
        };
        self.0 = rest;
        Ok(taken)
    }

    /// A field of known length.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(field, N as u64)?);
        Ok(array)
    }

    /// One byte.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        Ok(u8::from_le_bytes(self.array(field)?))
    }

    /// Eight bytes, little-endian.
    pub fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        Ok(u64::from_le_bytes(self.array(field)?))
    }

    /// A field behind its length.
    pub fn lp(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let length = u32::from_le_bytes(self.array(field)?);
        self.take(field, u64::from(length))
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    /// Number of bytes that are left.
    pub fn left(&self) -> usize {
        self.0.len()
    }

    /// Magic and version; `name` is what the object is called in errors.
    pub fn begin(&mut self, name: &'static str, magic: [u8; 4]) -> Result<(), DecodeError> {
        if !self.0.starts_with(&magic) {
            return Err(DecodeError::OtherKind { expected: name, form: "binary", found: beginning(self.0) });
        }
        self.take("magic", 4)?;
        match self.u8("version")? {
            1 => Ok(()),
            version => Err(DecodeError::Version(u64::from(version))),
        }
    }

    /// Refuses anything that follows the last field.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::LeftOver(self.0.len())) }
    }
}

/// Appends a field behind its length. Callers keep fields below 2^32 bytes.
pub fn put_lp(out: &mut Vec<u8>, field: &[u8]) {
    out.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(field);
}
