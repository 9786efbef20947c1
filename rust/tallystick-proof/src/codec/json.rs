//! The JSON form: one text for one object. Fixed key order, no white space, lower-case hex, numbers of 64 bits as decimal
//! strings (JavaScript reads 2^53 + 1 wrongly).
//!
//! Because nothing may vary, reading is matching against what would be written, from front to back. No parser, no
//! recursion, no allocation but the values.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str::FromStr;

use super::error::beginning;
use super::text::{name_holds, text_holds};
use super::{DecodeError, Item, Resolve, Sink, Source, Strings, Wire, push};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(super) fn encode<W: Wire>(object: &W) -> String {
    let mut out = Writer(String::new());
    out.whole(object);
    out.0
}

pub(super) fn decode<W: Wire>(text: &str, resolve: Resolve<'_>) -> Result<W, DecodeError> {
    if !text.starts_with('{') {
        return Err(DecodeError::OtherKind { expected: W::NAME, form: "JSON", found: beginning(text.as_bytes()) });
    }
    let mut input = Scanner { text, at: 0 };
    let object = input.whole(resolve);
    let next = text.as_bytes().get(input.at);
    match (object, next) {
        // The commonest ways to lose the canonical form are a pretty printer and a final newline.
        (_, Some(b' ' | b'\t' | b'\n' | b'\r')) => Err(DecodeError::WhiteSpace(input.at)),
        (Ok(_), Some(_)) => Err(DecodeError::LeftOver(text.len().saturating_sub(input.at))),
        (object, _) => object,
    }
}

struct Writer(String);

impl Writer {
    fn whole<W: Wire>(&mut self, object: &W) {
        self.0.push_str("{\"format\":\"tallystick-");
        self.0.push_str(W::NAME);
        self.0.push_str("\",\"version\":1");
        object.put(self);
        self.0.push('}');
    }

    fn key(&mut self, name: &str) {
        // An item begins with its first field; a string that ends in a brace has its quote behind it.
        self.0.push_str(if self.0.ends_with('{') { "\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn quoted(&mut self, text: &str) {
        self.0.push('"');
        self.0.push_str(text);
        self.0.push('"');
    }

    fn hex(&mut self, bytes: &[u8]) {
        self.0.push('"');
        for byte in bytes {
            for digit in [byte >> 4, byte & 15] {
                self.0.push(char::from(DIGITS.get(usize::from(digit)).copied().unwrap_or_default()));
            }
        }
        self.0.push('"');
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, mut put: impl FnMut(&mut Self, T)) {
        self.0.push('[');
        for (place, item) in items.enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            put(self, item);
        }
        self.0.push(']');
    }
}

impl Sink for Writer {
    fn small(&mut self, name: &'static str, value: u8) {
        self.key(name);
        self.0.push_str(&value.to_string());
    }

    fn short(&mut self, name: &'static str, value: u16) {
        self.key(name);
        self.0.push_str(&value.to_string());
    }

    fn number(&mut self, name: &'static str, value: u64) {
        self.key(name);
        self.quoted(&value.to_string());
    }

    fn name(&mut self, name: &'static str, value: &str) {
        self.text(name, value);
    }

    fn text(&mut self, name: &'static str, value: &str) {
        self.key(name);
        self.quoted(value);
    }

    fn bytes(&mut self, name: &'static str, value: &[u8]) {
        self.key(name);
        self.hex(value);
    }

    fn digest(&mut self, name: &'static str, value: &[u8]) {
        self.bytes(name, value);
    }

    fn digests(&mut self, name: &'static str, size: usize, value: &[u8]) {
        self.key(name);
        self.list(value.chunks(size.max(1)), Self::hex);
    }

    fn rows(&mut self, name: &'static str, size: usize, value: &[u8]) {
        self.digests(name, size, value);
    }

    fn strings(&mut self, name: &'static str, value: &Strings) {
        self.key(name);
        self.list(value.iter(), Self::hex);
    }

    fn counts(&mut self, name: &'static str, value: &[u8]) {
        self.key(name);
        self.list(value.iter(), |out, count| out.0.push_str(&count.to_string()));
    }

    fn amount(&mut self, name: &'static str, value: u128) {
        self.key(name);
        self.quoted(&value.to_string());
    }

    fn amounts(&mut self, name: &'static str, value: &[u128]) {
        self.key(name);
        self.list(value.iter(), |out, amount| out.quoted(&amount.to_string()));
    }

    fn total(&mut self, name: &'static str, value: u128) {
        self.amount(name, value);
    }

    fn object<W: Wire>(&mut self, name: &'static str, value: &W) {
        self.key(name);
        self.whole(value);
    }

    fn items<I: Item>(&mut self, name: &'static str, value: &[I]) {
        self.key(name);
        self.list(value.iter(), |out, item| {
            out.0.push('{');
            item.put(out);
            out.0.push('}');
        });
    }
}

/// Text of which the first `at` bytes were right.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn left(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self, expected: &'static str) -> DecodeError {
        DecodeError::Json { at: self.at, expected }
    }

    fn advance(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    fn take_if(&mut self, literal: &str) -> bool {
        let found = self.left().starts_with(literal);
        if found {
            self.advance(literal.len());
        }
        found
    }

    fn literal(&mut self, literal: &str, expected: &'static str) -> Result<(), DecodeError> {
        if self.take_if(literal) { Ok(()) } else { Err(self.wrong(expected)) }
    }

    fn whole<W: Wire>(&mut self, resolve: Resolve<'_>) -> Result<W, DecodeError> {
        self.literal("{", "an object")?;
        self.literal("\"format\":", "the format, first of all keys")?;
        self.literal("\"tallystick-", "a format of tallystick")?;
        self.literal(W::NAME, W::NAME)?;
        self.literal("\",", "the version")?;
        self.literal("\"version\":", "the version")?;
        match self.decimal::<u64>("the version")? {
            1 => {}
            version => return Err(DecodeError::Version(version)),
        }
        let object = W::take(self, resolve)?;
        self.literal("}", "the end of the object")?;
        Ok(object)
    }

    fn key(&mut self, name: &'static str) -> Result<(), DecodeError> {
        let first = self.text.as_bytes().get(..self.at).is_some_and(|read| read.ends_with(b"{"));
        self.literal(if first { "\"" } else { ",\"" }, name)?;
        self.literal(name, name)?;
        self.literal("\":", name)
    }

    /// A decimal number without sign or leading zero.
    fn decimal<N: FromStr>(&mut self, expected: &'static str) -> Result<N, DecodeError> {
        // More digits than the largest number has.
        let digits = self.left().bytes().take(40).take_while(u8::is_ascii_digit).count();
        let text = self.left().get(..digits).unwrap_or_default();
        let canonical = digits == 1 || !text.starts_with('0');
        let value = text.parse().ok().filter(|_| canonical).ok_or_else(|| self.wrong(expected))?;
        self.advance(digits);
        Ok(value)
    }

    fn quoted_decimal<N: FromStr>(&mut self, expected: &'static str) -> Result<N, DecodeError> {
        self.literal("\"", expected)?;
        let value = self.decimal(expected)?;
        self.literal("\"", expected)?;
        Ok(value)
    }

    /// What stands between quotes.
    fn quoted(&mut self, expected: &'static str, right: fn(char) -> bool) -> Result<&'a str, DecodeError> {
        self.literal("\"", expected)?;
        let length = self.left().find(|char| !right(char)).unwrap_or(self.left().len());
        let text = self.left().get(..length).unwrap_or_default();
        self.advance(length);
        self.literal("\"", expected)?;
        Ok(text)
    }

    /// Appends the bytes of a quoted hex string.
    fn hex(&mut self, out: &mut Vec<u8>, expected: &'static str) -> Result<(), DecodeError> {
        let begin = self.at;
        let text = self.quoted(expected, name_holds)?;
        let wrong = DecodeError::Json { at: begin, expected };
        if !text.len().is_multiple_of(2) {
            return Err(wrong);
        }
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit & 15),
            b'a'..=b'f' => Some((digit & 15).saturating_add(9)),
            _ => None,
        };
        out.reserve_exact(text.len() / 2);
        for pair in text.as_bytes().chunks_exact(2) {
            let [high, low] = pair else { return Err(wrong) };
            let (Some(high), Some(low)) = (value(*high), value(*low)) else { return Err(wrong) };
            out.push(high << 4 | low);
        }
        Ok(())
    }

    fn list(
        &mut self,
        name: &'static str,
        mut item: impl FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.key(name)?;
        self.literal("[", name)?;
        if self.take_if("]") {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.take_if("]") {
                return Ok(());
            }
            self.literal(",", name)?;
        }
    }
}

impl<'a> Source<'a> for Scanner<'a> {
    fn small(&mut self, name: &'static str) -> Result<u8, DecodeError> {
        self.key(name)?;
        u8::try_from(self.decimal::<u64>(name)?).map_err(|_| self.wrong(name))
    }

    fn short(&mut self, name: &'static str) -> Result<u16, DecodeError> {
        self.key(name)?;
        u16::try_from(self.decimal::<u64>(name)?).map_err(|_| self.wrong(name))
    }

    fn number(&mut self, name: &'static str) -> Result<u64, DecodeError> {
        self.key(name)?;
        self.quoted_decimal(name)
    }

    fn name(&mut self, name: &'static str) -> Result<&'a str, DecodeError> {
        self.key(name)?;
        self.quoted(name, name_holds)
    }

    fn text(&mut self, name: &'static str) -> Result<&'a str, DecodeError> {
        self.key(name)?;
        self.quoted(name, text_holds)
    }

    fn bytes(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError> {
        self.key(name)?;
        let mut out = Vec::new();
        self.hex(&mut out, name)?;
        Ok(Cow::Owned(out))
    }

    fn digest(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        let begin = self.at;
        let digest = self.bytes(name)?.into_owned();
        if digest.len() == size { Ok(digest) } else { Err(DecodeError::Json { at: begin, expected: name }) }
    }

    fn digests(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        self.list(name, |input| {
            let (begin, before) = (input.at, out.len());
            // The list grows by doubling, not by a digest each.
            out.reserve(size.min(input.left().len()));
            input.hex(&mut out, name)?;
            let fits = out.len().saturating_sub(before) == size;
            if fits { Ok(()) } else { Err(DecodeError::Json { at: begin, expected: name }) }
        })?;
        Ok(out)
    }

    fn counted(&mut self, name: &'static str, size: usize, _: usize) -> Result<Vec<u8>, DecodeError> {
        self.digests(name, size)
    }

    fn rows(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError> {
        self.digests(name, size)
    }

    fn strings(&mut self, name: &'static str) -> Result<Strings, DecodeError> {
        let (mut strings, mut string) = (Strings::default(), Vec::new());
        self.list(name, |input| {
            string.clear();
            input.hex(&mut string, name)?;
            strings.push(&string);
            Ok(())
        })?;
        Ok(strings)
    }

    fn counts(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError> {
        let mut out = Vec::new();
        self.list(name, |input| {
            let count = input.decimal::<u64>(name)?;
            out.push(u8::try_from(count).map_err(|_| input.wrong(name))?);
            Ok(())
        })?;
        Ok(Cow::Owned(out))
    }

    fn amount(&mut self, name: &'static str) -> Result<u128, DecodeError> {
        self.key(name)?;
        self.quoted_decimal(name)
    }

    fn amounts(&mut self, name: &'static str) -> Result<Vec<u128>, DecodeError> {
        let mut out = Vec::new();
        self.list(name, |input| {
            out.push(input.quoted_decimal(name)?);
            Ok(())
        })?;
        Ok(out)
    }

    fn total(&mut self, name: &'static str) -> Result<u128, DecodeError> {
        self.amount(name)
    }

    fn object<W: Wire>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<W, DecodeError> {
        self.key(name)?;
        self.whole(resolve)
    }

    fn items<I: Item>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<Vec<I>, DecodeError> {
        let mut items = Vec::new();
        self.list(name, |input| {
            input.literal("{", name)?;
            let item = I::take(input, resolve)?;
            input.literal("}", name)?;
            push(&mut items, name, item)
        })?;
        Ok(items)
    }
}
