//! The table of built-in hashes: a new one is one new row.

use alloc::borrow::Cow;
use alloc::sync::Arc;

use digest::consts::U32;

use super::{BatchHash, Hash, HashError, HashInfo, Prefix, Seed, Seeded, Source, Tagging, blake3, streaming, xxh3};

#[derive(Debug)]
pub(super) struct Builtin {
    info: HashInfo,
    seed: Seed,
}

impl BatchHash for Builtin {
    fn info(&self) -> &HashInfo {
        &self.info
    }

    fn seed(&self, prefix: &Prefix) -> Result<Arc<dyn Seeded>, HashError> {
        (self.seed)(prefix).map(Arc::from).ok_or_else(|| HashError::NotKeyed(self.info.name.clone()))
    }
}

const fn row(name: &'static str, block_size: usize, tagging: Tagging, seed: Seed) -> Builtin {
    let info = HashInfo {
        name: Cow::Borrowed(name),
        digest_size: 32,
        block_size,
        cryptographic: true,
        tagging,
        serial: false,
    };
    Builtin { info, seed }
}

static TABLE: [Builtin; 8] = [
    row("blake3", 64, Tagging::Keyed, blake3::seed),
    row("sha256", 64, Tagging::Block, streaming::plain::<sha2::Sha256>),
    row("sha512_256", 128, Tagging::Block, streaming::plain::<sha2::Sha512_256>),
    row("sha3_256", 136, Tagging::Block, streaming::plain::<sha3::Sha3_256>),
    row("keccak256", 136, Tagging::Block, streaming::plain::<sha3::Keccak256>),
    row("blake2b_256", 128, Tagging::Keyed, streaming::keyed::<blake2::Blake2b<U32>, blake2::Blake2bMac<U32>>),
    row("blake2s_256", 64, Tagging::Keyed, streaming::keyed::<blake2::Blake2s<U32>, blake2::Blake2sMac<U32>>),
    Builtin {
        info: HashInfo {
            name: Cow::Borrowed("xxh3_128"),
            digest_size: 16,
            block_size: 64,
            cryptographic: false,
            tagging: Tagging::Block,
            serial: false,
        },
        seed: xxh3::seed,
    },
];

/// The built-in hash of this name.
pub fn builtin(name: &str) -> Option<Hash> {
    TABLE.iter().find(|row| row.info.name == name).map(|row| Hash(Source::Builtin(row, None)))
}

/// Names of the built-in hashes, the recommended one first.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|row| row.info.name.as_ref())
}
