//! The binary form of schemes, heads and proofs.

use alloc::string::String;
use alloc::vec::Vec;

use super::reader::{DecodeError, Reader, put_lp};
use crate::hash::Hash;
use crate::head::{HeadError, TreeHead};
use crate::proof::{InclusionProof, ProofBatch};
use crate::scheme::{Kind, Scheme};

const SCHEME: [u8; 4] = *b"tlys";
const HEAD: [u8; 4] = *b"tlyh";
const INCLUSION: [u8; 4] = *b"tlyi";
const BATCH: [u8; 4] = *b"tlyb";

/// Finds a hash by name. Decoders know no other hashes than these and never load any.
pub type Resolve<'a> = &'a dyn Fn(&str) -> Option<Hash>;

fn begin(magic: [u8; 4]) -> Vec<u8> {
    let mut out = magic.to_vec();
    out.push(1);
    out
}

fn unknown(field: &'static str, value: &[u8]) -> DecodeError {
    DecodeError::Unknown { field, value: alloc::format!("{:?}", String::from_utf8_lossy(value)) }
}

impl Scheme {
    /// The scheme's only encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = begin(SCHEME);
        out.push(self.kind().code());
        for field in [self.family().as_bytes(), self.hash().info().name.as_bytes(), &[], self.context()] {
            put_lp(&mut out, field);
        }
        out
    }

    /// Reads [`encode`](Self::encode); `resolve` finds the hash.
    pub fn decode(bytes: &[u8], resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.begin("scheme", SCHEME)?;
        let kind = reader.u8("kind")?;
        if kind != Kind::Dense.code() {
            return Err(unknown("kind", &[kind]));
        }
        let (family, hash) = (reader.lp("family")?, reader.lp("hash")?);
        let (rules, context) = (reader.lp("rules")?, reader.lp("context")?);
        reader.end()?;
        let family = core::str::from_utf8(family).map_err(|_| unknown("family", family))?;
        if !rules.is_empty() {
            return Err(unknown("rules", rules));
        }
        let hash = core::str::from_utf8(hash).ok().and_then(resolve).ok_or_else(|| unknown("hash", hash))?;
        let scheme = Self::of_family(family, hash)?;
        if context.is_empty() { Ok(scheme) } else { Ok(scheme.with_context(context.to_vec())?) }
    }
}

impl TreeHead {
    /// The head's only encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = begin(HEAD);
        put_lp(&mut out, &self.scheme().encode());
        out.extend(self.size().to_le_bytes());
        out.extend_from_slice(self.root());
        out
    }

    /// Reads [`encode`](Self::encode); `resolve` finds the hash.
    pub fn decode(bytes: &[u8], resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.begin("head", HEAD)?;
        let scheme = Scheme::decode(reader.lp("scheme")?, resolve)?;
        let size = reader.u64("size")?;
        let root = reader.take("root", scheme.digest_size() as u64)?;
        reader.end()?;
        Self::new(scheme, size, root.to_vec()).map_err(|error| match error {
            HeadError::Hash(error) => DecodeError::Hash(error),
            HeadError::RootSize { found, .. } => DecodeError::LeftOver(found),
        })
    }
}

impl InclusionProof {
    /// The proof's only encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = begin(INCLUSION);
        // `new` keeps digest sizes at 64 and below.
        out.push(self.digests().digest_size() as u8);
        out.extend_from_slice(self.digests().bytes());
        out
    }

    /// Reads [`encode`](Self::encode).
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.begin("inclusion proof", INCLUSION)?;
        let digest_size = usize::from(reader.u8("digest size")?);
        Ok(Self::new(digest_size, reader.rest().to_vec())?)
    }
}

impl ProofBatch {
    /// The batch's only encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = begin(BATCH);
        out.push(self.digest_size() as u8);
        out.extend((self.len() as u64).to_le_bytes());
        let ends = self.offsets().iter().skip(1);
        // `new` keeps every proof at 255 digests and below.
        out.extend(self.offsets().iter().zip(ends).map(|(begin, end)| end.saturating_sub(*begin) as u8));
        out.extend_from_slice(self.digests());
        out
    }

    /// Reads [`encode`](Self::encode).
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.begin("proof batch", BATCH)?;
        let digest_size = usize::from(reader.u8("digest size")?);
        let length = reader.u64("number of proofs")?;
        let counts = reader.take("numbers of digests", length)?;
        // At most 8 bytes of offsets for each byte of counts, and as many digest bytes as remain.
        let mut offsets = Vec::with_capacity(counts.len().saturating_add(1));
        let mut end = 0_u64;
        offsets.push(end);
        for count in counts {
            end = end.saturating_add(u64::from(*count));
            offsets.push(end);
        }
        Ok(Self::new(digest_size, reader.rest().to_vec(), offsets)?)
    }
}
