//! Hash functions that are not built in: native plug-ins behind a C table, and what any of them has to show before it is one.

mod plugin;
mod probe;

pub use plugin::{Plugin, PluginError, TableError};
pub use probe::{Claim, ProbeError, Refusing, probe, probe_batches};

use std::borrow::Cow;

use tallystick_proof::hash::{Hash, HashError, MAX_DIGEST, MIN_DIGEST, Tagging, builtin};

/// Longest name of a hash.
const MOST_NAME: usize = 64;
/// Largest block.
const MOST_BLOCK: usize = 4096;

/// What a hash cannot be called or measure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InfoError {
    /// A name that is none.
    #[error("{0:?} is no name of a hash: at most 64 of a-z, 0-9 and _, the first a letter")]
    Name(String),
    /// A size of digests.
    #[error("digests of {found} bytes; {}", if *.cryptographic { "a cryptographic hash has 32 to 64" } else { "a hash has 8 to 64" })]
    DigestSize {
        /// Bytes.
        found: usize,
        /// Whether it is said to be cryptographic.
        cryptographic: bool,
    },
    /// A size of blocks.
    #[error("blocks of {0} bytes; a hash has blocks of 1 to 4096")]
    BlockSize(usize),
    /// The name of a built-in hash that is another function.
    #[error("{0} is the name of a built-in hash, and this one {1}")]
    Builtin(String, &'static str),
}

/// A hash that is none, or that failed when it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// Its name or its sizes.
    #[error(transparent)]
    Info(#[from] InfoError),
    /// The function failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Refuses names and sizes that no hash has.
pub fn check_info(name: &str, digest_size: usize, block_size: usize, cryptographic: bool) -> Result<(), InfoError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = name.len() <= MOST_NAME && name.bytes().all(plain);
    if !fits || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(InfoError::Name(name.chars().take(MOST_NAME + 1).collect()));
    }
    let least = if cryptographic { MIN_DIGEST } else { 8 };
    if !(least..=MAX_DIGEST).contains(&digest_size) {
        return Err(InfoError::DigestSize { found: digest_size, cryptographic });
    }
    if !(1..=MOST_BLOCK).contains(&block_size) {
        return Err(InfoError::BlockSize(block_size));
    }
    Ok(())
}

/// Refuses a hash that has the name of a built-in one and is not that function.
pub fn check_builtin(hash: &Hash) -> Result<(), ForeignError> {
    let info = hash.info();
    let Some(known) = builtin(&info.name) else { return Ok(()) };
    let wrong = |why| Err(ForeignError::Info(InfoError::Builtin(info.name.to_string(), why)));
    let expected = known.info();
    if expected.tagging == Tagging::Keyed {
        return wrong("has no keyed mode");
    }
    if (info.digest_size, info.block_size, info.cryptographic)
        != (expected.digest_size, expected.block_size, expected.cryptographic)
    {
        return wrong("has other sizes");
    }
    let long: Vec<u8> = (0..=255).cycle().take(1000).collect();
    for message in [&b""[..], b"abc", &long] {
        if hash.digest(message)? != known.digest(message)? {
            return wrong("gives other digests");
        }
    }
    Ok(())
}

/// The name as hashes keep it.
fn owned(name: &str) -> Cow<'static, str> {
    Cow::Owned(name.to_owned())
}
