//! XXH3 with 128 bits: fast, not cryptographic, refused by every scheme.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{OneByOne, Prefix, Seeded};

struct Plain(Vec<u8>);

impl OneByOne for Plain {
    const DIGEST: usize = 16;

    fn one(&self, row: &[u8], out: &mut [u8]) {
        let digest = if self.0.is_empty() {
            xxhash_rust::xxh3::xxh3_128(row)
        } else {
            let mut state = xxhash_rust::xxh3::Xxh3::new();
            state.update(&self.0);
            state.update(row);
            state.digest128()
        };
        out.copy_from_slice(&digest.to_be_bytes());
    }
}

pub(super) fn seed(prefix: &Prefix) -> Option<Box<dyn Seeded>> {
    match prefix {
        Prefix::Bytes(bytes) => Some(Box::new(Plain(bytes.clone()))),
        Prefix::Key(_) => None,
    }
}
