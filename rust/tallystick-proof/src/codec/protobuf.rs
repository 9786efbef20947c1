//! The Protobuf form: the messages of `docs/spec/tallystick.proto`, in the one encoding that every writer of the schema
//! could choose: fields in order, each once, minimal varints, zero values left out, nothing unknown.
//!
//! Fields are numbered in the order in which objects list them; the version is field 1 of every message.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::error::beginning;
use super::{DecodeError, Item, Resolve, Sink, Source, Strings, Wire, amount, is_text, push};

/// Wire types.
const VARINT: u64 = 0;
const LENGTH: u64 = 2;

pub(super) fn encode<W: Wire>(object: &W) -> Vec<u8> {
    let mut out = Writer { out: Vec::new(), field: 1 };
    out.number("version", 1);
    object.put(&mut out);
    out.out
}

pub(super) fn decode<W: Wire>(bytes: &[u8], resolve: Resolve<'_>) -> Result<W, DecodeError> {
    // Every message begins with the tag of its version.
    if bytes.first() != Some(&8) {
        return Err(DecodeError::OtherKind { expected: W::NAME, form: "Protobuf", found: beginning(bytes) });
    }
    let mut input = Fields { left: bytes, field: 1 };
    match input.number("version")? {
        1 => {}
        version => return Err(DecodeError::Version(version)),
    }
    let object = W::take(&mut input, resolve)?;
    if input.left.is_empty() { Ok(object) } else { Err(DecodeError::LeftOver(input.left.len())) }
}

struct Writer {
    out: Vec<u8>,
    /// Number of the next field.
    field: u64,
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

impl Writer {
    fn tag(&mut self, wire_type: u64) {
        put_varint(&mut self.out, self.field << 3 | wire_type);
    }

    fn delimited(&mut self, value: &[u8]) {
        self.tag(LENGTH);
        put_varint(&mut self.out, value.len() as u64);
        self.out.extend_from_slice(value);
    }

    fn next(&mut self) {
        self.field = self.field.saturating_add(1);
    }
}

impl Sink for Writer {
    fn small(&mut self, name: &'static str, value: u8) {
        self.number(name, u64::from(value));
    }

    fn short(&mut self, name: &'static str, value: u16) {
        self.number(name, u64::from(value));
    }

    fn number(&mut self, _: &'static str, value: u64) {
        if value != 0 {
            self.tag(VARINT);
            put_varint(&mut self.out, value);
        }
        self.next();
    }

    fn name(&mut self, name: &'static str, value: &str) {
        self.bytes(name, value.as_bytes());
    }

    fn text(&mut self, name: &'static str, value: &str) {
        self.bytes(name, value.as_bytes());
    }

    fn bytes(&mut self, _: &'static str, value: &[u8]) {
        if !value.is_empty() {
            self.delimited(value);
        }
        self.next();
    }

    fn digest(&mut self, name: &'static str, value: &[u8]) {
        self.bytes(name, value);
    }

    fn digests(&mut self, _: &'static str, size: usize, value: &[u8]) {
        for digest in value.chunks(size.max(1)) {
            self.delimited(digest);
        }
        self.next();
    }

    fn rows(&mut self, name: &'static str, size: usize, value: &[u8]) {
        self.digests(name, size, value);
    }

    fn strings(&mut self, _: &'static str, value: &Strings) {
        value.iter().for_each(|string| self.delimited(string));
        self.next();
    }

    fn counts(&mut self, name: &'static str, value: &[u8]) {
        let mut packed = Vec::with_capacity(value.len());
        for count in value {
            put_varint(&mut packed, u64::from(*count));
        }
        self.bytes(name, &packed);
    }

    fn amount(&mut self, name: &'static str, value: u128) {
        let (bytes, used) = amount::bytes(value);
        self.bytes(name, bytes.get(..used).unwrap_or_default());
    }

    fn amounts(&mut self, _: &'static str, value: &[u128]) {
        for value in value {
            let (bytes, used) = amount::bytes(*value);
            self.delimited(bytes.get(..used).unwrap_or_default());
        }
        self.next();
    }

    fn total(&mut self, name: &'static str, value: u128) {
        self.amount(name, value);
    }

    fn object<W: Wire>(&mut self, _: &'static str, value: &W) {
        self.delimited(&encode(value));
        self.next();
    }

    fn items<I: Item>(&mut self, _: &'static str, value: &[I]) {
        for item in value {
            let mut fields = Self { out: Vec::new(), field: 1 };
            item.put(&mut fields);
            self.delimited(&fields.out);
        }
        self.next();
    }
}

struct Fields<'a> {
    left: &'a [u8],
    /// Number of the next field.
    field: u64,
}

/// A varint in its shortest form, and what follows it.
fn varint<'a>(bytes: &'a [u8], field: &'static str) -> Result<(u64, &'a [u8]), DecodeError> {
    let (mut value, mut shift) = (0_u64, 0_u32);
    for (place, byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 127);
        if shift == 63 && bits > 1 {
            return Err(DecodeError::Protobuf { field, why: "a varint of more than 64 bits" });
        }
        value |= bits << shift;
        if byte & 128 == 0 {
            if *byte == 0 && place > 0 {
                return Err(DecodeError::Protobuf { field, why: "a varint that is longer than it must be" });
            }
            return Ok((value, bytes.get(place.saturating_add(1)..).unwrap_or_default()));
        }
        shift = shift.saturating_add(7);
    }
    Err(DecodeError::Protobuf { field, why: "a varint without an end" })
}

impl<'a> Fields<'a> {
    /// Passes the tag of the next field, if it stands here.
    fn tag(&mut self, wire_type: u64, name: &'static str) -> Result<bool, DecodeError> {
        if self.left.is_empty() {
            return Ok(false);
        }
        let (tag, rest) = varint(self.left, name)?;
        let found = tag == self.field << 3 | wire_type;
        if found {
            self.left = rest;
        }
        Ok(found)
    }

    fn delimited(&mut self, name: &'static str) -> Result<&'a [u8], DecodeError> {
        let (length, rest) = varint(self.left, name)?;
        let split = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
        let (value, rest) = split.ok_or(DecodeError::Truncated { field: name, needed: length, left: rest.len() })?;
        self.left = rest;
        Ok(value)
    }

    fn next(&mut self) {
        self.field = self.field.saturating_add(1);
    }

    /// A field that is left out when empty.
    fn plain(&mut self, name: &'static str) -> Result<&'a [u8], DecodeError> {
        let value = if self.tag(LENGTH, name)? {
            let value = self.delimited(name)?;
            if value.is_empty() {
                return Err(DecodeError::Protobuf { field: name, why: "empty, and should be left out" });
            }
            value
        } else {
            &[]
        };
        self.next();
        Ok(value)
    }
}

impl<'a> Source<'a> for Fields<'a> {
    fn small(&mut self, name: &'static str) -> Result<u8, DecodeError> {
        u8::try_from(self.number(name)?).map_err(|_| DecodeError::Protobuf { field: name, why: "larger than 255" })
    }

    fn short(&mut self, name: &'static str) -> Result<u16, DecodeError> {
        u16::try_from(self.number(name)?).map_err(|_| DecodeError::Protobuf { field: name, why: "larger than 65,535" })
    }

    fn number(&mut self, name: &'static str) -> Result<u64, DecodeError> {
        let mut value = 0;
        if self.tag(VARINT, name)? {
            (value, self.left) = varint(self.left, name)?;
            if value == 0 {
                return Err(DecodeError::Protobuf { field: name, why: "zero, and should be left out" });
            }
        }
        self.next();
        Ok(value)
    }

    fn name(&mut self, name: &'static str) -> Result<&'a str, DecodeError> {
        core::str::from_utf8(self.plain(name)?).map_err(|_| DecodeError::Protobuf { field: name, why: "not text" })
    }

    fn text(&mut self, name: &'static str) -> Result<&'a str, DecodeError> {
        let bytes = self.plain(name)?;
        let text = core::str::from_utf8(bytes).ok().filter(|text| is_text(text));
        text.ok_or_else(|| DecodeError::Text { field: name, begins: beginning(bytes) })
    }

    fn bytes(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError> {
        self.plain(name).map(Cow::Borrowed)
    }

    fn digest(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        let digest = self.plain(name)?;
        if digest.len() == size {
            Ok(digest.to_vec())
        } else {
            Err(DecodeError::Protobuf { field: name, why: "not of the digest size" })
        }
    }

    fn digests(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        while self.tag(LENGTH, name)? {
            let digest = self.delimited(name)?;
            if digest.len() != size || digest.is_empty() {
                return Err(DecodeError::Protobuf { field: name, why: "not of the digest size" });
            }
            out.extend_from_slice(digest);
        }
        self.next();
        Ok(out)
    }

    fn counted(&mut self, name: &'static str, size: usize, _: usize) -> Result<Vec<u8>, DecodeError> {
        self.digests(name, size)
    }

    fn rows(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        self.digests(name, size)
    }

    fn strings(&mut self, name: &'static str) -> Result<Strings, DecodeError> {
        let mut strings = Strings::default();
        while self.tag(LENGTH, name)? {
            strings.push(self.delimited(name)?);
        }
        self.next();
        Ok(strings)
    }

    fn counts(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError> {
        let (mut packed, mut out) = (self.plain(name)?, Vec::new());
        while !packed.is_empty() {
            let count;
            (count, packed) = varint(packed, name)?;
            let why = "larger than 255";
            out.push(u8::try_from(count).map_err(|_| DecodeError::Protobuf { field: name, why })?);
        }
        Ok(Cow::Owned(out))
    }

    fn amount(&mut self, name: &'static str) -> Result<u128, DecodeError> {
        amount::parse(self.plain(name)?).ok_or(DecodeError::Amount(name))
    }

    fn amounts(&mut self, name: &'static str) -> Result<Vec<u128>, DecodeError> {
        let mut out = Vec::new();
        while self.tag(LENGTH, name)? {
            out.push(amount::parse(self.delimited(name)?).ok_or(DecodeError::Amount(name))?);
        }
        self.next();
        Ok(out)
    }

    fn total(&mut self, name: &'static str) -> Result<u128, DecodeError> {
        self.amount(name)
    }

    fn items<I: Item>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<Vec<I>, DecodeError> {
        let mut items = Vec::new();
        while self.tag(LENGTH, name)? {
            let mut fields = Fields { left: self.delimited(name)?, field: 1 };
            let item = I::take(&mut fields, resolve)?;
            if !fields.left.is_empty() {
                return Err(DecodeError::LeftOver(fields.left.len()));
            }
            push(&mut items, name, item)?;
        }
        self.next();
        Ok(items)
    }

    fn object<W: Wire>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<W, DecodeError> {
        if !self.tag(LENGTH, name)? {
            return Err(DecodeError::Protobuf { field: name, why: "missing" });
        }
        let object = decode(self.delimited(name)?, resolve)?;
        self.next();
        Ok(object)
    }
}
