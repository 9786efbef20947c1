//! Ethereum's Merkle Patricia trie: head, proof and verifier. `docs/spec/patricia.md`.
//!
//! A trie has one encoding of every node, so what is read here is what a trie has, or it is refused.

pub mod node;
pub mod path;
pub mod rlp;
mod verify;
mod wire;

use alloc::vec::Vec;

use crate::codec::Strings;
use crate::hash::{Hash, HashError, builtin};
use crate::proof::ProofError;

use node::Keys;

pub use verify::{Keccak, KeyClaim, on_the_spot, verify, verify_by};

/// Bytes of a digest.
pub const DIGEST: usize = 32;
/// A node with fewer bytes stands in its parent itself.
pub const SHORTEST_HASHED: usize = DIGEST;

/// The root of a trie without keys: the digest of an empty string in RLP.
pub const EMPTY_ROOT: [u8; DIGEST] = [
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b, 0x48, 0xe0,
    0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
];

/// Keccak-256, in portable code.
pub fn keccak256() -> Result<Hash, HashError> {
    builtin("keccak256").ok_or_else(|| HashError::NotKeyed("keccak256".into()))
}

fn is_empty_root(root: &[u8]) -> bool {
    root == EMPTY_ROOT
}

/// What a verifier trusts: the root, and whether keys are hashed before they become paths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PatriciaHead {
    root: [u8; DIGEST],
    secure: bool,
}

impl PatriciaHead {
    /// A head of these parts.
    pub fn new(root: [u8; DIGEST], secure: bool) -> Self {
        Self { root, secure }
    }

    /// The root.
    pub fn root(&self) -> &[u8; DIGEST] {
        &self.root
    }

    /// Whether keys are hashed.
    pub fn secure(&self) -> bool {
        self.secure
    }

    fn keys(&self) -> Keys {
        if self.secure { Keys::Hashed } else { Keys::Plain }
    }
}

/// The hashed nodes on the way to some keys: a parent before its children, and these in the order of their nibbles.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct PatriciaProof {
    nodes: Strings,
}

impl PatriciaProof {
    /// A proof of these nodes.
    pub fn new(nodes: Strings) -> Result<Self, ProofError> {
        // Their lengths take four bytes.
        let too_long = nodes.iter().map(<[u8]>::len).find(|length| u32::try_from(*length).is_err());
        too_long.map_or(Ok(Self { nodes }), |length| Err(ProofError::NodeTooLong(length)))
    }

    /// The nodes.
    pub fn nodes(&self) -> &Strings {
        &self.nodes
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn node(&self, place: usize) -> Option<&[u8]> {
        self.nodes.get(place)
    }
}

/// The encoding of a leaf: its path in the hex-prefix form, and its value.
pub fn encode_pair(prefixed: &[u8], value: &[u8]) -> Vec<u8> {
    let length = rlp::string_length(prefixed).saturating_add(rlp::string_length(value));
    let mut out = Vec::with_capacity(rlp::list_length(length));
    rlp::put_list(&mut out, length);
    rlp::put_string(&mut out, prefixed);
    rlp::put_string(&mut out, value);
    out
}
