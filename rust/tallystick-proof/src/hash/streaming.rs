//! Hashes of the `digest` family of crates: the state after the prefix is kept and cloned for each row.

use alloc::boxed::Box;

use digest::consts::U32;
use digest::{FixedOutput, KeyInit, Update};

use super::{OneByOne, Prefix, Seeded};

struct Started<D>(D);

impl<D> OneByOne for Started<D>
where
    D: Clone + Update + FixedOutput<OutputSize = U32> + Send + Sync,
{
    const DIGEST: usize = 32;

    fn one(&self, row: &[u8], out: &mut [u8]) {
        let mut state = self.0.clone();
        state.update(row);
        out.copy_from_slice(&state.finalize_fixed());
    }
}

/// Seeds a hash that takes prefixes only.
pub(super) fn plain<D>(prefix: &Prefix) -> Option<Box<dyn Seeded>>
where
    D: Default + Clone + Update + FixedOutput<OutputSize = U32> + Send + Sync + 'static,
{
    match prefix {
        Prefix::Bytes(bytes) => Some(Box::new(Started(D::default().chain(bytes)))),
        Prefix::Key(_) => None,
    }
}

/// Seeds a hash that also has a keyed mode, `K`.
pub(super) fn keyed<D, K>(prefix: &Prefix) -> Option<Box<dyn Seeded>>
where
    D: Default + Clone + Update + FixedOutput<OutputSize = U32> + Send + Sync + 'static,
    K: KeyInit + Clone + Update + FixedOutput<OutputSize = U32> + Send + Sync + 'static,
{
    match prefix {
        Prefix::Bytes(_) => plain::<D>(prefix),
        Prefix::Key(key) => Some(Box::new(Started(K::new_from_slice(key).ok()?))),
    }
}
