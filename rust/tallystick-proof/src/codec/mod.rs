//! Encodings: `docs/spec/encodings.md`. Each object lists its fields once; three forms write and read them.
//!
//! Every object has exactly one encoding in each form, and decoders accept nothing else. They read once from front to
//! back, never recurse on what the input says, and allocate only what the bytes at hand pay for.

mod amount;
mod binary;
mod error;
mod json;
mod namespaced;
mod objects;
mod protobuf;
mod reader;
mod strings;
mod summed;
mod text;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::hash::Hash;

pub use error::DecodeError;
pub(crate) use error::excerpt;
pub use namespaced::Namespaced;
pub use objects::{take_head, take_scheme};
pub use reader::{Reader, put_lp};
pub use strings::Strings;
pub use summed::{Summed, put_records, take_records};
pub(crate) use text::is_text;

/// Finds a hash by name. Decoders know no other hashes than these and never load any.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Option<Hash>;

/// Where the fields of an object go, in order.
pub trait Sink {
    /// A number below 256.
    fn small(&mut self, name: &'static str, value: u8);
    /// A number below 65,536.
    fn short(&mut self, name: &'static str, value: u16);
    /// A number.
    fn number(&mut self, name: &'static str, value: u64);
    /// A name: printable ASCII without quotes and backslashes.
    fn name(&mut self, name: &'static str, value: &str);
    /// A text: any characters but control characters, quotes and backslashes.
    fn text(&mut self, name: &'static str, value: &str);
    /// Bytes of any length below 2^32.
    fn bytes(&mut self, name: &'static str, value: &[u8]);
    /// One digest, whose size the fields before determine; or a salt or hash, which have always the same.
    fn digest(&mut self, name: &'static str, value: &[u8]);
    /// Digests of one size, at the end of the object or as many as the fields before determine.
    fn digests(&mut self, name: &'static str, size: usize, value: &[u8]);
    /// Rows of one size, less than 2^32 of them.
    fn rows(&mut self, name: &'static str, size: usize, value: &[u8]);
    /// Byte strings of any length, at the end of the object.
    fn strings(&mut self, name: &'static str, value: &Strings);
    /// Numbers below 256, any number of them.
    fn counts(&mut self, name: &'static str, value: &[u8]);
    /// An amount.
    fn amount(&mut self, name: &'static str, value: u128);
    /// Amounts, any number of them.
    fn amounts(&mut self, name: &'static str, value: &[u128]);
    /// An amount that takes 16 bytes in binary, whatever it is.
    fn total(&mut self, name: &'static str, value: u128);
    /// Another object.
    fn object<W: Wire>(&mut self, name: &'static str, value: &W);
    /// Parts of this object, at most [`MAX_ITEMS`].
    fn items<I: Item>(&mut self, name: &'static str, value: &[I]);
}

/// Where the fields of an object come from, in the same order.
pub trait Source<'a> {
    /// A number below 256.
    fn small(&mut self, name: &'static str) -> Result<u8, DecodeError>;
    /// A number below 65,536.
    fn short(&mut self, name: &'static str) -> Result<u16, DecodeError>;
    /// A number.
    fn number(&mut self, name: &'static str) -> Result<u64, DecodeError>;
    /// A name. That it is one, whoever looks it up will see.
    fn name(&mut self, name: &'static str) -> Result<&'a str, DecodeError>;
    /// A text.
    fn text(&mut self, name: &'static str) -> Result<&'a str, DecodeError>;
    /// Bytes of any length below 2^32.
    fn bytes(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError>;
    /// One digest of this size.
    fn digest(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError>;
    /// Digests of this size, at the end of the object.
    fn digests(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError>;
    /// So many digests of this size. Where the form shows their end, whoever counts them will see.
    fn counted(&mut self, name: &'static str, size: usize, count: usize) -> Result<Vec<u8>, DecodeError>;
    /// Rows of one size.
    fn rows(&mut self, name: &'static str, size: usize) -> Result<Vec<u8>, DecodeError>;
    /// Byte strings of any length, at the end of the object.
    fn strings(&mut self, name: &'static str) -> Result<Strings, DecodeError>;
    /// Numbers below 256, any number of them.
    fn counts(&mut self, name: &'static str) -> Result<Cow<'a, [u8]>, DecodeError>;
    /// An amount.
    fn amount(&mut self, name: &'static str) -> Result<u128, DecodeError>;
    /// Amounts, any number of them.
    fn amounts(&mut self, name: &'static str) -> Result<Vec<u128>, DecodeError>;
    /// An amount that takes 16 bytes in binary.
    fn total(&mut self, name: &'static str) -> Result<u128, DecodeError>;
    /// Another object.
    fn object<W: Wire>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<W, DecodeError>;
    /// Parts of this object, at most [`MAX_ITEMS`].
    fn items<I: Item>(&mut self, name: &'static str, resolve: Resolve<'_>) -> Result<Vec<I>, DecodeError>;

    /// A salt or hash, which have always the same size.
    fn fixed<const N: usize>(&mut self, name: &'static str) -> Result<[u8; N], DecodeError> {
        let bytes = self.digest(name, N)?;
        bytes.try_into().map_err(|bytes: Vec<u8>| DecodeError::LeftOver(bytes.len()))
    }
}

/// Most items in one list: their number takes two bytes.
pub const MAX_ITEMS: usize = u16::MAX as usize;

/// A part of an object, one of several: fields without a name, magic and version of their own.
pub trait Item: Sized {
    /// Writes the fields.
    fn put(&self, out: &mut impl Sink);

    /// Reads the fields.
    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError>;
}

/// Appends an item that was read, unless there are too many. Lists grow with what was read, not with what was declared.
fn push<I>(items: &mut Vec<I>, name: &'static str, item: I) -> Result<(), DecodeError> {
    if items.len() >= MAX_ITEMS {
        return Err(DecodeError::TooManyItems(name));
    }
    items.push(item);
    Ok(())
}

/// An object with one encoding in each form.
pub trait Wire: Sized {
    /// What it is called in JSON and in errors.
    const NAME: &'static str;
    /// What its binary form begins with.
    const MAGIC: [u8; 4];

    /// Writes the fields.
    fn put(&self, out: &mut impl Sink);

    /// Reads the fields.
    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError>;

    /// The binary form.
    fn encode(&self) -> Vec<u8> {
        binary::encode(self)
    }

    /// Reads the binary form; `resolve` finds hashes.
    fn decode(bytes: &[u8], resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        binary::decode(bytes, resolve)
    }

    /// The JSON form.
    fn to_json(&self) -> String {
        json::encode(self)
    }

    /// Reads the JSON form; `resolve` finds hashes.
    fn from_json(text: &str, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        json::decode(text, resolve)
    }

    /// The Protobuf form.
    fn to_protobuf(&self) -> Vec<u8> {
        protobuf::encode(self)
    }

    /// Reads the Protobuf form; `resolve` finds hashes.
    fn from_protobuf(bytes: &[u8], resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        protobuf::decode(bytes, resolve)
    }
}
