//! BLAKE3, plain and keyed.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{OneByOne, Prefix, Seeded};

struct Plain(Vec<u8>);
struct Keyed([u8; 32]);

/// Prefix and row are joined on the stack up to this many bytes; one chunk is one call of the compression loop.
const JOINED: usize = 1024;

impl OneByOne for Plain {
    const DIGEST: usize = 32;

    fn one(&self, row: &[u8], out: &mut [u8]) {
        let length = self.0.len().saturating_add(row.len());
        let digest = if self.0.is_empty() {
            blake3::hash(row)
        } else if let Some(joined) = [0; JOINED].get_mut(..length) {
            let (head, tail) = joined.split_at_mut(self.0.len());
            head.copy_from_slice(&self.0);
            tail.copy_from_slice(row);
            blake3::hash(joined)
        } else {
            blake3::Hasher::new().update(&self.0).update(row).finalize()
        };
        out.copy_from_slice(digest.as_bytes());
    }
}

impl OneByOne for Keyed {
    const DIGEST: usize = 32;

    fn one(&self, row: &[u8], out: &mut [u8]) {
        out.copy_from_slice(blake3::keyed_hash(&self.0, row).as_bytes());
    }
}

#[allow(clippy::unnecessary_wraps)] // the signature of every row of the table
pub(super) fn seed(prefix: &Prefix) -> Option<Box<dyn Seeded>> {
    Some(match prefix {
        Prefix::Bytes(bytes) => Box::new(Plain(bytes.clone())),
        Prefix::Key(key) => Box::new(Keyed(*key)),
    })
}
