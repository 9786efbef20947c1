//! The fields of every object, once for all forms.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{DecodeError, Resolve, Sink, Source, Wire, excerpt};
use crate::head::{HeadError, TreeHead};
use crate::proof::{ConsistencyProof, InclusionProof, MultiProof, ProofBatch};
use crate::scheme::{Kind, Scheme};

fn unknown(field: &'static str, value: impl Into<String>) -> DecodeError {
    DecodeError::Unknown { field, value: value.into() }
}

impl Wire for Scheme {
    const NAME: &'static str = "scheme";
    const MAGIC: [u8; 4] = *b"tlys";

    fn put(&self, out: &mut impl Sink) {
        out.small("kind", self.kind().code());
        out.name("family", self.family());
        out.name("hash", &self.hash().info().name);
        out.bytes("rules", &self.encoded_rules());
        out.bytes("context", self.context());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let code = input.small("kind")?;
        let kind = Kind::of_code(code).ok_or_else(|| unknown("kind", code.to_string()))?;
        let (family, hash) = (input.name("family")?, input.name("hash")?);
        let (rules, context) = (input.bytes("rules")?, input.bytes("context")?);
        let hash = resolve(hash).ok_or_else(|| unknown("hash", alloc::format!("{:?}", excerpt(hash))))?;
        let scheme = if rules.is_empty() {
            Self::of_family(family, hash)?
        } else {
            Self::of_encoded_rules(family, hash, &rules)?
        };
        if kind != scheme.kind() {
            return Err(unknown("kind", alloc::format!("{code} of the family {family:?}")));
        }
        if context.is_empty() { Ok(scheme) } else { Ok(scheme.with_context(context.into_owned())?) }
    }
}

/// The scheme in an object of trees of this kind.
pub fn take_scheme<'a>(
    input: &mut impl Source<'a>,
    object: &'static str,
    kind: Kind,
    resolve: Resolve<'_>,
) -> Result<Scheme, DecodeError> {
    let scheme: Scheme = input.object("scheme", resolve)?;
    let (expected, found) = (kind.name(), scheme.kind().name());
    if scheme.kind() == kind { Ok(scheme) } else { Err(DecodeError::SchemeKind { object, expected, found }) }
}

/// The head of these parts, as they were read.
pub fn take_head(scheme: Scheme, size: u64, root: Vec<u8>, total: u128) -> Result<TreeHead, DecodeError> {
    TreeHead::with_total(scheme, size, root, total).map_err(|error| match error {
        HeadError::Hash(error) => DecodeError::Hash(error),
        HeadError::Scheme(error) => DecodeError::Scheme(error),
        // `digest` gives as many bytes as it is asked for, and only sum heads have a total.
        HeadError::RootSize { found, .. } => DecodeError::LeftOver(found),
        HeadError::NoSums(_) => DecodeError::LeftOver(0),
        HeadError::Range => DecodeError::Range,
        HeadError::Size { sizes, size, .. } => unknown("size", alloc::format!("{size} of a scheme that takes {sizes}")),
    })
}

impl Wire for TreeHead {
    const NAME: &'static str = "head";
    const MAGIC: [u8; 4] = *b"tlyh";

    fn put(&self, out: &mut impl Sink) {
        out.object("scheme", self.scheme());
        out.number("size", self.size());
        out.digest("root", self.root());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let scheme = take_scheme(input, Self::NAME, Kind::Dense, resolve)?;
        let size = input.number("size")?;
        let root = input.digest("root", scheme.digest_size())?;
        take_head(scheme, size, root, 0)
    }
}

/// Proofs that are a list of digests.
macro_rules! list_of_digests {
    ($($proof:ident: $name:literal $magic:literal),*) => {$(
        impl Wire for $proof {
            const NAME: &'static str = $name;
            const MAGIC: [u8; 4] = *$magic;

            fn put(&self, out: &mut impl Sink) {
                let digests = self.digests();
                // Digests have at most 64 bytes.
                out.small("digest_size", digests.digest_size() as u8);
                out.digests("digests", digests.digest_size(), digests.bytes());
            }

            fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
                let digest_size = usize::from(input.small("digest_size")?);
                Ok(Self::new(digest_size, input.digests("digests", digest_size)?)?)
            }
        }
    )*};
}

list_of_digests! {
    InclusionProof: "inclusion-proof" b"tlyi",
    MultiProof: "multi-proof" b"tlym",
    ConsistencyProof: "consistency-proof" b"tlyc"
}

impl Wire for ProofBatch {
    const NAME: &'static str = "proof-batch";
    const MAGIC: [u8; 4] = *b"tlyb";

    fn put(&self, out: &mut impl Sink) {
        out.small("digest_size", self.digest_size() as u8);
        out.counts("counts", &counts(self));
        out.digests("digests", self.digest_size(), self.digests());
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        let digest_size = usize::from(input.small("digest_size")?);
        let offsets = offsets(&input.counts("counts")?);
        Ok(Self::new(digest_size, input.digests("digests", digest_size)?, offsets)?)
    }
}

/// How many digests the proofs of a batch have: at most 255, and at most 64 bytes each.
pub(super) fn counts(batch: &ProofBatch) -> Vec<u8> {
    let ends = batch.offsets().iter().skip(1);
    batch.offsets().iter().zip(ends).map(|(begin, end)| end.saturating_sub(*begin) as u8).collect()
}

/// Where proofs with so many digests begin, and at last where they end.
pub(super) fn offsets(counts: &[u8]) -> Vec<u64> {
    let mut end = 0_u64;
    let mut offsets = Vec::with_capacity(counts.len().saturating_add(1));
    offsets.push(end);
    for count in counts {
        end = end.saturating_add(u64::from(*count));
        offsets.push(end);
    }
    offsets
}
