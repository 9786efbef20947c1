//! Proofs of sparse trees as values.
use alloc::vec::Vec;

use crate::proof::ProofError;

/// A proof of one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SparseProof {
    pub digest_size: usize,
    pub end: u8,
    pub depth: u16,
    pub bitmap: Vec<u8>,
    pub digests: Vec<u8>,
    pub witness: Vec<u8>,
}
impl SparseProof {
    pub fn new(
        digest_size: usize,
        end: u8,
        depth: u16,
        bitmap: Vec<u8>,
        digests: Vec<u8>,
        witness: Vec<u8>,
    ) -> Result<Self, ProofError> {
        Ok(Self { digest_size, end, depth, bitmap, digests, witness })
    }
}
/// A proof of many keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SparseMultiProof {
    pub digest_size: usize,
    pub shape: Vec<u8>,
    pub witnesses: Vec<u8>,
    pub digests: Vec<u8>,
}
impl SparseMultiProof {
    pub fn new(digest_size: usize, shape: Vec<u8>, witnesses: Vec<u8>, digests: Vec<u8>) -> Result<Self, ProofError> {
        Ok(Self { digest_size, shape, witnesses, digests })
    }
}
