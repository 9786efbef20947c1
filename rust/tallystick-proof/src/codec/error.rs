//! What is wrong with bytes that are not an encoding.

use alloc::string::String;
use alloc::vec::Vec;

use crate::hash::HashError;
use crate::liabilities::{NameError, StatementError};
use crate::proof::ProofError;
use crate::scheme::SchemeError;

/// The beginning of a name that nobody vouches for: messages do not grow with the input.
pub(crate) fn excerpt(name: &str) -> String {
    const MOST: usize = 64;
    let mut shown: String = name.chars().take(MOST).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

/// What something is that begins with these bytes, for messages.
fn describe(begin: &[u8]) -> String {
    let kinds: [(&[u8], &str); 25] = [
        (b"tlys", "a scheme"),
        (b"tlyh", "a head"),
        (b"tlyi", "an inclusion proof"),
        (b"tlym", "a multi-proof"),
        (b"tlyc", "a consistency proof"),
        (b"tlyb", "a proof batch"),
        (b"tlyr", "a shard"),
        (b"tlyH", "a sum head"),
        (b"tlyI", "a sum inclusion proof"),
        (b"tlyM", "a sum multi-proof"),
        (b"tlyB", "a sum proof batch"),
        (b"tlyR", "a sum shard"),
        (b"tlyN", "a namespaced head"),
        (b"tlyn", "a namespaced inclusion proof"),
        (b"tlyw", "a namespace proof"),
        (b"tlya", "an absence proof"),
        (b"tlyk", "a sparse head"),
        (b"tlyx", "a sparse proof"),
        (b"tlyy", "a sparse multi-proof"),
        (b"tlyP", "a Patricia head"),
        (b"tlyE", "a Patricia proof"),
        (b"tlyt", "a statement"),
        (b"tlyp", "a receipt"),
        (b"tlye", "an equivocation"),
        (b"tlyf", "a tree file"),
    ];
    if let Some((_, kind)) = kinds.iter().find(|(magic, _)| begin.starts_with(magic)) {
        return alloc::format!("{kind} in binary");
    }
    match begin {
        [] => "nothing".into(),
        [b'{', ..] => "an object in JSON".into(),
        [8, 1, ..] => "perhaps Protobuf".into(),
        _ => alloc::format!("something that begins with {begin:02x?}"),
    }
}

/// The first bytes of an input, as many as messages show.
pub(super) fn beginning(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..4).unwrap_or(bytes).to_vec()
}

/// Bytes that are not the canonical encoding of what they are read as.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The input ends inside a field.
    #[error("the {field} takes {needed} bytes, {left} are left")]
    Truncated {
        /// What is being read.
        field: &'static str,
        /// Bytes it takes.
        needed: u64,
        /// Bytes there are.
        left: usize,
    },
    /// Something follows the last field.
    #[error("{0} bytes are left over")]
    LeftOver(usize),
    /// It is not an object of this type.
    #[error("this is {}, and no {expected} in {form}", describe(found))]
    OtherKind {
        /// What was to be read.
        expected: &'static str,
        /// In which form.
        form: &'static str,
        /// Its first bytes.
        found: Vec<u8>,
    },
    /// The text has white space between its parts.
    #[error("white space at byte {0}: canonical JSON has none, also not at its end")]
    WhiteSpace(usize),
    /// The encoding is of a version that this library does not read.
    #[error("version {0} of the encoding; this library reads version 1")]
    Version(u64),
    /// A field has a value that does not exist.
    #[error("the {field} {value} does not exist or is not known here")]
    Unknown {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// The text is not the canonical JSON.
    #[error("at byte {at}: expected {expected}")]
    Json {
        /// How far the text was right.
        at: usize,
        /// What canonical JSON has there.
        expected: &'static str,
    },
    /// The bytes are not the canonical Protobuf.
    #[error("the {field} is {why}")]
    Protobuf {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Bytes that are no amount, or more of them than it takes.
    #[error("the {0} has more bytes than an amount takes")]
    Amount(&'static str),
    /// Bytes that are no text.
    #[error(
        "the {field} begins with {begins:02x?}; a text is UTF-8 without control characters, quotes and backslashes"
    )]
    Text {
        /// The field.
        field: &'static str,
        /// Its first bytes.
        begins: Vec<u8>,
    },
    /// More items than a list has.
    #[error("more than 65,535 {0}")]
    TooManyItems(&'static str),
    /// No name, code or id of liabilities.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The parts of a statement do not go together.
    #[error("no such statement: {0}")]
    Statement(#[from] StatementError),
    /// The range of a namespaced head ends before it begins.
    #[error("the root's range of namespaces ends before it begins")]
    Range,
    /// The sums of a shard add to 2^128 or more.
    #[error("the sums add to 2^128 or more")]
    SumOverflow,
    /// The scheme is of another kind than the object.
    #[error("a scheme of kind {found:?}; a {object} has one of kind {expected:?}")]
    SchemeKind {
        /// What was to be read.
        object: &'static str,
        /// The kind that it has.
        expected: &'static str,
        /// The scheme's kind.
        found: &'static str,
    },
    /// A range that ends before it begins, or digests that do not cover it.
    #[error("{digests} digests do not cover leaves {begin} to {end}")]
    Shard {
        /// First leaf.
        begin: u64,
        /// Leaf behind the last.
        end: u64,
        /// Digests there are.
        digests: usize,
    },
    /// The parts of a scheme do not go together.
    #[error("no such scheme: {0}")]
    Scheme(#[from] SchemeError),
    /// The parts of a proof do not go together.
    #[error("no such proof: {0}")]
    Proof(#[from] ProofError),
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}
