//! The objects of sum trees: those of dense trees with sums beside their digests.

use alloc::vec::Vec;

use super::objects::{counts, offsets, take_head, take_scheme};
use super::{DecodeError, Resolve, Sink, Source, Wire};
use crate::head::TreeHead;
use crate::proof::{InclusionProof, MultiProof, ProofBatch, ProofError};
use crate::record::Record;
use crate::scheme::Kind;

/// An object of a sum tree. Its encodings are other ones than those of the same object of a dense tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Summed<T>(pub T);

impl Wire for Summed<TreeHead> {
    const NAME: &'static str = "sum-head";
    const MAGIC: [u8; 4] = *b"tlyH";

    fn put(&self, out: &mut impl Sink) {
        out.object("scheme", self.0.scheme());
        out.number("size", self.0.size());
        out.digest("root", self.0.root());
        out.amount("total", self.0.total());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let scheme = take_scheme(input, Self::NAME, Kind::Sum, resolve)?;
        let size = input.number("size")?;
        let root = input.digest("root", scheme.digest_size())?;
        take_head(scheme, size, root, input.amount("total")?).map(Self)
    }
}

/// Writes sums and digests.
pub fn put_records(out: &mut impl Sink, record: Record, bytes: &[u8]) {
    out.amounts("sums", &record.sums(bytes));
    out.digests("digests", record.digest_size(), &record.digests(bytes));
}

/// Reads sums and digests.
pub fn take_records<'a>(input: &mut impl Source<'a>, record: Record) -> Result<Vec<u8>, DecodeError> {
    let sums = input.amounts("sums")?;
    let digests = input.digests("digests", record.digest_size())?;
    let wrong = ProofError::Sums { sums: sums.len(), digests: digests.len() / record.digest_size().max(1) };
    record.join(&digests, &sums).ok_or(DecodeError::Proof(wrong))
}

macro_rules! list_of_records {
    ($($proof:ident: $name:literal $magic:literal),*) => {$(
        impl Wire for Summed<$proof> {
            const NAME: &'static str = $name;
            const MAGIC: [u8; 4] = *$magic;

            fn put(&self, out: &mut impl Sink) {
                let digests = self.0.digests();
                // Digests have at most 64 bytes.
                out.small("digest_size", digests.record().digest_size() as u8);
                put_records(out, digests.record(), digests.bytes());
            }

            fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
                let record = Record::summed(usize::from(input.small("digest_size")?));
                Ok(Self($proof::new(record, take_records(input, record)?)?))
            }
        }
    )*};
}

list_of_records! {
    InclusionProof: "sum-inclusion-proof" b"tlyI",
    MultiProof: "sum-multi-proof" b"tlyM"
}

impl Wire for Summed<ProofBatch> {
    const NAME: &'static str = "sum-proof-batch";
    const MAGIC: [u8; 4] = *b"tlyB";

    fn put(&self, out: &mut impl Sink) {
        out.small("digest_size", self.0.record().digest_size() as u8);
        out.counts("counts", &counts(&self.0));
        put_records(out, self.0.record(), self.0.digests());
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        let record = Record::summed(usize::from(input.small("digest_size")?));
        let offsets = offsets(&input.counts("counts")?);
        Ok(Self(ProofBatch::new(record, take_records(input, record)?, offsets)?))
    }
}
