//! The fields of head and proofs, for all forms.

use alloc::vec::Vec;

use super::{SparseMultiProof, SparseProof, bitmap_size, ones, witness_size};
use crate::codec::{DecodeError, Resolve, Sink, Source, Wire, take_head, take_scheme};
use crate::head::TreeHead;
use crate::scheme::Kind;

/// An object of a sparse tree. Its encodings are other ones than those of the same object of a dense tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sparse<T>(pub T);

impl Wire for Sparse<TreeHead> {
    const NAME: &'static str = "sparse-head";
    const MAGIC: [u8; 4] = *b"tlyk";

    fn put(&self, out: &mut impl Sink) {
        out.object("scheme", self.0.scheme());
        out.number("size", self.0.size());
        out.digest("root", self.0.root());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let scheme = take_scheme(input, Self::NAME, Kind::Sparse, resolve)?;
        let size = input.number("size")?;
        let root = input.digest("root", scheme.digest_size())?;
        take_head(scheme, size, root, 0).map(Self)
    }
}

impl Wire for SparseProof {
    const NAME: &'static str = "sparse-proof";
    const MAGIC: [u8; 4] = *b"tlyx";

    fn put(&self, out: &mut impl Sink) {
        // Digests have at most 64 bytes.
        out.small("digest_size", self.digest_size as u8);
        out.small("end", self.end.code());
        out.short("depth", self.depth);
        out.digest("bitmap", &self.bitmap);
        out.digests("digests", self.digest_size, &self.digests);
        out.digest("witness", &self.witness);
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        let digest_size = usize::from(input.small("digest_size")?);
        let end = input.small("end")?;
        let depth = input.short("depth")?;
        let bitmap = input.digest("bitmap", bitmap_size(depth))?;
        let digests = input.counted("digests", digest_size, ones(&bitmap))?;
        let witness = if super::End::of_code(end).is_some_and(super::End::has_witness) {
            input.digest("witness", witness_size(digest_size))?
        } else {
            input.digest("witness", 0)?
        };
        Ok(Self::new(digest_size, end, depth, bitmap, digests, witness)?)
    }
}

impl Wire for SparseMultiProof {
    const NAME: &'static str = "sparse-multi-proof";
    const MAGIC: [u8; 4] = *b"tlyy";

    fn put(&self, out: &mut impl Sink) {
        out.small("digest_size", self.digest_size as u8);
        out.bytes("shape", &self.shape);
        out.rows("witnesses", self.witness_size(), &self.witnesses);
        out.digests("digests", self.digest_size, &self.digests);
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        let digest_size = usize::from(input.small("digest_size")?);
        let shape: Vec<u8> = input.bytes("shape")?.into_owned();
        let witnesses = input.rows("witnesses", witness_size(digest_size))?;
        let digests = input.digests("digests", digest_size)?;
        Ok(Self::new(digest_size, shape, witnesses, digests)?)
    }
}
