//! The binary form: magic, version, then the fields at fixed places or behind their lengths.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::error::beginning;
use super::reader::{Reader, put_lp};
use super::{DecodeError, Item, Resolve, Sink, Source, Strings, Wire, amount, is_text, push};

pub(super) fn encode<W: Wire>(object: &W) -> Vec<u8> {
    let mut out = Vec::from(W::MAGIC);
    out.push(1);
    object.put(&mut out);
    out
}

pub(super) fn decode<W: Wire>(bytes: &[u8], resolve: Resolve<'_>) -> Result<W, DecodeError> {
    let mut reader = Reader::new(bytes);
    reader.begin(W::NAME, W::MAGIC)?;
    let object = W::take(&mut reader, resolve)?;
    reader.end()?;
    Ok(object)
}

impl Sink for Vec<u8> {
    fn small(&mut self, _: &'static str, value: u8) {
        self.push(value);
    }

    fn short(&mut self, _: &'static str, value: u16) {
        self.extend(value.to_le_bytes());
    }

    fn number(&mut self, _: &'static str, value: u64) {
        self.extend(value.to_le_bytes());
    }

    fn name(&mut self, _: &'static str, value: &str) {
        put_lp(self, value.as_bytes());
    }

    fn text(&mut self, _: &'static str, value: &str) {
        put_lp(self, value.as_bytes());
    }

    fn bytes(&mut self, _: &'static str, value: &[u8]) {
        put_lp(self, value);
    }

    fn digest(&mut self, _: &'static str, value: &[u8]) {
        self.extend_from_slice(value);
    }

    fn digests(&mut self, _: &'static str, _: usize, value: &[u8]) {
        self.extend_from_slice(value);
    }

    fn rows(&mut self, _: &'static str, size: usize, value: &[u8]) {
        let count = value.len() / size.max(1);
        self.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
        self.extend_from_slice(value);
    }

    fn strings(&mut self, _: &'static str, value: &Strings) {
        value.iter().for_each(|string| put_lp(self, string));
    }

    fn counts(&mut self, name: &'static str, value: &[u8]) {
        self.number(name, value.len() as u64);
        self.extend_from_slice(value);
    }

    fn amount(&mut self, _: &'static str, value: u128) {
        let (bytes, used) = amount::bytes(value);
        self.push(used as u8);
        self.extend(bytes.iter().take(used));
    }

    fn amounts(&mut self, name: &'static str, value: &[u128]) {
        self.number(name, value.len() as u64);
        for value in value {
            self.amount(name, *value);
        }
    }

    fn total(&mut self, _: &'static str, value: u128) {
        self.extend(value.to_le_bytes());
    }

    fn object<W: Wire>(&mut self, _: &'static str, value: &W) {
        put_lp(self, &encode(value));
    }

    fn items<I: Item>(&mut self, _: &'static str, value: &[I]) {
        self.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
        for item in value {
            item.put(self);
        }
    }
}

impl<'a> Source<'a> for Reader<'a> {
    fn small(&mut self, name: &'static str) -> Result<u8, DecodeError> {
        self.u8(name)
    }

    fn short(&mut self, name: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(self.array(name)?))
    }

    fn number(&mut self, name: &'static str) -> Result<u64, DecodeError> {
        self.u64(name)
    }

    fn name(&mut self, name: &'static str) -> Result<&'a str, DecodeError> {
        let bytes = self.lp(name)?;
        core::str::from_utf8(bytes).map_err(|_| {
            let start = bytes.get(..32).unwrap_or(bytes);
            DecodeError::Unknown { field: name, value: alloc::format!("that begins {start:02x?}") }
        })
    }

    fn text(&mut self, name: &'static str) -> Result<&'a str, DecodeError> {
        let bytes = self.lp(name)?;
        let text = core::str::from_utf8(bytes).ok().filter(|text| is_text(text));
        text.ok_or_else(|| DecodeError::Text { field: name, begins: beginning(bytes) })
    }

    fn bytes(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError> {
        Ok(Cow::Borrowed(self.lp(name)?))
    }

    fn digest(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        Ok(self.take(name, size as u64)?.to_vec())
    }

    fn digests(&mut self, _: &'static str, _: usize) -> Result<Vec<u8>, DecodeError> {
        Ok(self.rest().to_vec())
    }

    fn counted(&mut self, name: &'static str, size: usize, count: usize) -> Result<Vec<u8>, DecodeError> {
        let length = (size as u64).saturating_mul(count as u64);
        Ok(self.take(name, length)?.to_vec())
    }

    fn rows(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        let count = u32::from_le_bytes(self.array(name)?);
        Ok(self.take(name, u64::from(count).saturating_mul(size as u64))?.to_vec())
    }

    fn strings(&mut self, name: &'static str) -> Result<Strings, DecodeError> {
        let mut strings = Strings::default();
        while self.left() > 0 {
            strings.push(self.lp(name)?);
        }
        Ok(strings)
    }

    fn counts(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError> {
        let count = self.u64(name)?;
        Ok(Cow::Borrowed(self.take(name, count)?))
    }

    fn amount(&mut self, name: &'static str) -> Result<u128, DecodeError> {
        let length = self.u8(name)?;
        amount::parse(self.take(name, u64::from(length))?).ok_or(DecodeError::Amount(name))
    }

    fn amounts(&mut self, name: &'static str) -> Result<Vec<u128>, DecodeError> {
        let count = self.u64(name)?;
        let left = self.left();
        // Each takes a byte at least, so no more is allocated than sixteen times what the input pays for.
        let fits = usize::try_from(count).ok().filter(|count| *count <= left);
        let count = fits.ok_or(DecodeError::Truncated { field: name, needed: count, left })?;
        let mut amounts = Vec::with_capacity(count);
        for _ in 0..count {
            amounts.push(self.amount(name)?);
        }
        Ok(amounts)
    }

    fn total(&mut self, name: &'static str) -> Result<u128, DecodeError> {
        Ok(u128::from_le_bytes(self.array(name)?))
    }

    fn object<W: Wire>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<W, DecodeError> {
        decode(self.lp(name)?, resolve)
    }

    fn items<I: Item>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<Vec<I>, DecodeError> {
        let mut items = Vec::new();
        for _ in 0..u16::from_le_bytes(self.array(name)?) {
            push(&mut items, name, I::take(self, resolve)?)?;
        }
        Ok(items)
    }
}
