//! What origins, snapshots, assets, groups and customers may be called.

use alloc::string::String;

use super::leaf::MAX_ID;
use crate::codec::{excerpt, is_text};

/// Longest text, in bytes.
const MAX_TEXT: usize = 255;

/// A name that nothing may have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No code of an asset.
    #[error("{0:?} is no code of an asset: 1 to 16 of A-Z, 0-9, . and -")]
    Code(String),
    /// No text, or too long or short.
    #[error(
        "the {field} {text:?} is no text of {least} to 255 bytes without control characters, quotes and backslashes"
    )]
    Text {
        /// What it names.
        field: &'static str,
        /// The text, or its beginning.
        text: String,
        /// Fewest bytes.
        least: usize,
    },
    /// No id of a customer.
    #[error("an id of {0} bytes; a customer's id has 1 to 65,535")]
    Id(usize),
    /// No part of a balance.
    #[error("part {part} of {parts}")]
    Part {
        /// Number of the part, from 0.
        part: u16,
        /// How many there are.
        parts: u16,
    },
}

pub(super) fn check_code(code: &str) -> Result<(), NameError> {
    let plain = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-');
    let right = (1..=16).contains(&code.len()) && code.bytes().all(plain);
    if right { Ok(()) } else { Err(NameError::Code(excerpt(code))) }
}

/// Checks a text of `least` to 255 bytes; errors call it `field`.
pub fn check_text(field: &'static str, text: &str, least: usize) -> Result<(), NameError> {
    let right = (least..=MAX_TEXT).contains(&text.len()) && is_text(text);
    if right { Ok(()) } else { Err(NameError::Text { field, text: excerpt(text), least }) }
}

/// Refuses what is no code of an asset, or no group.
pub fn check_asset(code: &str, group: &str) -> Result<(), NameError> {
    check_code(code)?;
    check_text("group", group, 0)
}

/// Checks the id of a customer.
pub fn check_id(id: &[u8]) -> Result<(), NameError> {
    if (1..=MAX_ID).contains(&id.len()) { Ok(()) } else { Err(NameError::Id(id.len())) }
}
