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
        out.text("family", self.family());
        out.text("hash", &self.hash().info().name);
        out.bytes("rules", &[]);
        out.bytes("context", self.context());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let kind = input.small("kind")?;
        if kind != Kind::Dense.code() {
            return Err(unknown("kind", kind.to_string()));
        }
        let (family, hash) = (input.text("family")?, input.text("hash")?);
        let (rules, context) = (input.bytes("rules")?, input.bytes("context")?);
        if !rules.is_empty() {
            return Err(unknown("rules", alloc::format!("of {} bytes", rules.len())));
        }
        let hash = resolve(hash).ok_or_else(|| unknown("hash", alloc::format!("{:?}", excerpt(hash))))?;
        let scheme = Self::of_family(family, hash)?;
        if context.is_empty() { Ok(scheme) } else { Ok(scheme.with_context(context.into_owned())?) }
    }
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
        let scheme: Scheme = input.object("scheme", resolve)?;
        let size = input.number("size")?;
        let root = input.digest("root", scheme.digest_size())?;
        Self::new(scheme, size, root).map_err(|error| match error {
            HeadError::Hash(error) => DecodeError::Hash(error),
            // `digest` gives as many bytes as it is asked for.
            HeadError::RootSize { found, .. } => DecodeError::LeftOver(found),
        })
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
        let ends = self.offsets().iter().skip(1);
        // Proofs have at most 255 digests, and digests at most 64 bytes.
        let counts = self.offsets().iter().zip(ends).map(|(begin, end)| end.saturating_sub(*begin) as u8);
        out.small("digest_size", self.digest_size() as u8);
        out.counts("counts", &counts.collect::<Vec<_>>());
        out.digests("digests", self.digest_size(), self.digests());
    }

    fn take<'a>(input: &mut impl Source<'a>, _: Resolve<'_>) -> Result<Self, DecodeError> {
        let digest_size = usize::from(input.small("digest_size")?);
        let counts = input.counts("counts")?;
        let mut end = 0_u64;
        let mut offsets = Vec::with_capacity(counts.len().saturating_add(1));
        offsets.push(end);
        for count in counts.iter() {
            end = end.saturating_add(u64::from(*count));
            offsets.push(end);
        }
        Ok(Self::new(digest_size, input.digests("digests", digest_size)?, offsets)?)
    }
}
