//! Signature lines of notes: read, written and found by name and key id. Nothing here knows a kind of signature but the
//! key id of Ed25519.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use digest::Digest;

use crate::codec::excerpt;

/// Bytes of a key id.
pub const KEY_ID: usize = 4;

/// What a signature line begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// The kind of signature, as key ids are made with it.
const ED25519: u8 = 1;

/// A signature line that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Its parts are not dash, name and base64.
    #[error("{0:?} is no signature line: an em dash, a key's name, and base64 of key id and signature")]
    Line(String),
    /// No name of a key.
    #[error("{0:?} is no name of a key: it has a character or more, and no space and no plus")]
    Name(String),
    /// Nothing is behind the key id.
    #[error("a signature has at least one byte")]
    Empty,
}

/// One signature line of a note, unchecked: what it says, not whether it is right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignatureLine {
    name: String,
    key_id: [u8; KEY_ID],
    signature: Vec<u8>,
}

impl SignatureLine {
    /// Of a key of this name and id.
    pub fn new(name: &str, key_id: [u8; KEY_ID], signature: Vec<u8>) -> Result<Self, SignatureError> {
        // Notes have no control characters.
        let foreign = |char: char| char.is_whitespace() || char < ' ' || char == '+';
        if name.is_empty() || name.contains(foreign) {
            return Err(SignatureError::Name(excerpt(name)));
        }
        if signature.is_empty() {
            return Err(SignatureError::Empty);
        }
        Ok(Self { name: name.into(), key_id, signature })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By what a reader finds the key.
    pub fn key_id(&self) -> &[u8; KEY_ID] {
        &self.key_id
    }

    /// What is behind the key id.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether it claims to be of this key.
    pub fn is_of(&self, name: &str, key_id: &[u8]) -> bool {
        self.name == name && self.key_id == key_id
    }

    /// The line without its newline.
    pub(super) fn text(&self) -> String {
        let bytes = [&self.key_id[..], &self.signature].concat();
        format!("{DASH}{} {}", self.name, STANDARD.encode(bytes))
    }

    /// Reads [`SignatureLine::text`] and nothing else: the base64 of some bytes is one text.
    pub(super) fn read(line: &str) -> Result<Self, SignatureError> {
        let malformed = || SignatureError::Line(excerpt(line));
        let (name, text) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or_else(malformed)?;
        let bytes = STANDARD.decode(text).map_err(|_| malformed())?;
        let (key_id, signature) = bytes.split_first_chunk().ok_or_else(malformed)?;
        Self::new(name, *key_id, signature.to_vec())
    }
}

/// The id of an Ed25519 key: the first bytes of `SHA-256(name ‖ 0A ‖ 01 ‖ public key)`.
pub fn ed25519_key_id(name: &str, public_key: &[u8; 32]) -> [u8; KEY_ID] {
    let hash =
        sha2::Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(public_key).finalize();
    hash.first_chunk().copied().unwrap_or_default()
}
