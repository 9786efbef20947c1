//! Encodings, one form each: `docs/spec/encodings.md`.

mod binary;
mod reader;

pub use binary::Resolve;
pub use reader::{DecodeError, Reader, put_lp};
