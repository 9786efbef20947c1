//! Verifiers. They see a head, a claim and digests; never a tree.
//!
//! The shape follows from the head's size and the claimed indices. Lengths are checked before anything is hashed, every
//! leaf and every digest enters a hash exactly once, and one comparison in constant time decides.

mod consistency;
mod each;
mod fold;
mod many;
mod members;
mod namespaced;
mod sparse;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use crate::frame::Places;
use crate::geometry::Grid;
use crate::hash::HashError;
use crate::head::TreeHead;
use crate::liabilities::NameError;
use crate::proof::Digests;
use crate::sparse::End;

use fold::{Witness, fold};

pub use consistency::verify_extends;
pub use each::{Rows, check_each};
pub use fold::{Bulk, OnTheSpot};
pub use many::{Claim, Verified, check_claim, extract, merge, verify_many, verify_many_by};
pub use members::{check_members, verify_member, verify_member_digest};
pub use namespaced::{verify_absent, verify_namespace, verify_namespace_by, verify_namespaced};
pub use sparse::{KeyClaims, verify_key, verify_key_absent, verify_key_digest, verify_keys, verify_keys_by};

/// Why a proof is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The claimed index is not below the size.
    #[error("index {index} is not below the size, {size}")]
    IndexOutOfRange {
        /// The claimed index.
        index: u64,
        /// The head's size.
        size: u64,
    },
    /// The proof's digests, or the claimed one, are not the scheme's.
    #[error("a digest of {found} bytes; the scheme has digests of {expected}")]
    DigestSize {
        /// Bytes of the digest.
        found: usize,
        /// Bytes of a digest of the scheme.
        expected: usize,
    },
    /// The number of digests does not follow from the claim.
    #[error("the proof has {found} digests; this claim about a tree of {size} leaves takes {expected}")]
    DigestCount {
        /// Digests of the proof.
        found: usize,
        /// Digests that the claim needs.
        expected: u64,
        /// The head's size.
        size: u64,
    },
    /// Nothing is claimed.
    #[error("nothing is claimed: at least one index or key is needed")]
    EmptyClaim,
    /// An index is claimed twice.
    #[error("index {0} is claimed twice")]
    DuplicateIndex(u64),
    /// As many indices as leaves make a claim.
    #[error("{indices} indices and {leaves} leaves")]
    LengthMismatch {
        /// Number of indices.
        indices: usize,
        /// Number of leaves.
        leaves: usize,
    },
    /// A head that no other can extend or that extends nothing.
    #[error("a head of size {newer} does not extend one of size {older}")]
    NotLarger {
        /// Size of the older head.
        older: u64,
        /// Size of the newer head.
        newer: u64,
    },
    /// A proof is asked for of a leaf that is not claimed.
    #[error("index {0} is not among the claimed ones")]
    NotClaimed(u64),
    /// Sums add to more than an amount can be.
    #[error("sums add to 2^128 or more")]
    SumOverflow,
    /// The amounts lead to another total.
    #[error("the amounts add to {computed}, and the head's total is {expected}")]
    TotalMismatch {
        /// The head's total.
        expected: u128,
        /// The total that claim and proof lead to.
        computed: u128,
    },
    /// A leaf that should be a digest is of another size.
    #[error("a leaf of {found} bytes; leaves of this scheme are digests, of {expected}")]
    LeafSize {
        /// Bytes of the leaf.
        found: usize,
        /// Bytes of a digest.
        expected: usize,
    },
    /// Siblings that are equal, where an only child is hashed with itself.
    #[error("two siblings are equal, and a shorter tree has the same root")]
    EqualSiblings,
    /// A place is claimed that proofs of the scheme do not show.
    #[error("proofs of {0} show membership and no place: the index in the claim is None")]
    IndexNotBound(String),
    /// No place is claimed, though proofs of the scheme are about one.
    #[error("{0} binds the index, so the claim must state one")]
    IndexMissing(String),
    /// Trees of the scheme have no proofs of growth.
    #[error("there are no proofs of growth for {0}")]
    NoGrowth(String),
    /// A namespace, or one in the proof, of another length than the scheme's.
    #[error("a namespace of {found} bytes; the scheme has namespaces of {expected}")]
    NamespaceSize {
        /// Its bytes.
        found: usize,
        /// Bytes of a namespace of the scheme.
        expected: usize,
    },
    /// Namespaces that do not ascend.
    #[error("namespaces of the proof or the claim do not ascend")]
    NamespaceOrder,
    /// A neighbour's range does not show that it has no leaf of the namespace.
    #[error("a node beside the claimed place may have leaves of the namespace: its range reaches it")]
    NeighbourNamespace,
    /// The one namespace of which ranges say nothing.
    #[error("ranges leave the highest namespace out: nothing shows all of its leaves, or that there are none")]
    IgnoredNamespace,
    /// A key is claimed twice.
    #[error("a key is claimed twice")]
    DuplicateKey,
    /// A key of another length than the scheme's.
    #[error("a key of {found} bytes; the scheme has keys of {expected}")]
    KeySize {
        /// Its bytes.
        found: usize,
        /// Bytes of a key of the scheme.
        expected: usize,
    },
    /// A path that ends where the claim has it not.
    #[error("the proof's path ends {}, and a key that is claimed {claim} has no such end", of_end(*.end))]
    OtherEnd {
        /// How the path ends.
        end: End,
        /// What is claimed of the key.
        claim: &'static str,
    },
    /// A shape that no sparse tree of that size has.
    #[error("no tree of {size} keys has a proof of this shape: {why}")]
    Shape {
        /// The head's size.
        size: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a witness for each leaf of another key.
    #[error("the proof has {found} witnesses; its shape takes {expected}")]
    WitnessCount {
        /// Witnesses of the proof.
        found: usize,
        /// Leaves of other keys.
        expected: usize,
    },
    /// The leaf of another key that cannot stand where the path ends, or that is claimed itself.
    #[error("a witness is of a claimed key, or of one that does not lead there")]
    Witness,
    /// A digest that is sent though it is that of an empty subtree.
    #[error("a digest {0} levels below the topmost node is that of an empty subtree, and should not be sent")]
    EmptySibling(u32),
    /// A key that is claimed present is shown absent.
    #[error("the proof shows that a key claimed present is absent")]
    KeyAbsent,
    /// A key that is claimed absent is shown present.
    #[error("the proof shows that a key claimed absent is present")]
    KeyPresent,
    /// A key has another value.
    #[error("the proof shows that a key has another value than the claimed one")]
    OtherValue,
    /// The proof ends before a claim is decided.
    #[error("the proof has {0} nodes, and the way to a claimed key leads to another one")]
    NodeMissing(usize),
    /// Nodes that no claimed key leads to.
    #[error("the last {0} nodes of the proof are on the way to no claimed key")]
    NodesLeft(usize),
    /// A node that is not the one that its parent names.
    #[error("node {0} of the proof is not the one that the node before it on the way names")]
    OtherNode(usize),
    /// A node that no trie has.
    #[error("node {0} of the proof is not one that a trie has at its place, in its one encoding")]
    MalformedNode(usize),
    /// Heads of different schemes or contexts.
    #[error("the older head is of another scheme or context")]
    OtherScheme,
    /// Everything fits, but the root is another.
    #[error("the computed root is not {of}'s")]
    RootMismatch {
        /// Which head: "the head", or in a consistency proof "the older head" or "the newer head".
        of: &'static str,
        /// The head's root.
        expected: Vec<u8>,
        /// The root that claim and proof lead to.
        computed: Vec<u8>,
    },
    /// A receipt is for another statement.
    #[error("the receipt is for another statement")]
    OtherStatement,
    /// Assets of a receipt that do not strictly ascend.
    #[error("{code} of group {group:?} does not stand behind the asset before it")]
    AssetOrder {
        /// Code of the later asset.
        code: String,
        /// Its group.
        group: String,
    },
    /// An asset that the statement does not list.
    #[error("the statement does not list {code} of group {group:?}")]
    UnknownAsset {
        /// Code of the asset.
        code: String,
        /// Its group.
        group: String,
    },
    /// A leaf that no customer can have.
    #[error("no leaf of a customer: {0}")]
    MalformedLeaf(NameError),
    /// More parts than leaves can count.
    #[error("{0} parts; a balance has at most 65,535")]
    Parts(usize),
    /// A part of nothing.
    #[error("the amount of the leaf at index {0} is 0: a part is at least 1 minor unit")]
    ZeroAmount(u64),
    /// The customer expects something else.
    #[error("of {0} something else is proven than expected")]
    UnexpectedBalance(String),
    /// A bug in this crate; refused, so that nothing is accepted by accident.
    #[error("a defect of tallystick: {0} does not hold")]
    Defect(&'static str),
    /// The hash does not take what the proof asks it to hash, so no tree has such a node.
    #[error("{0} does not take what the claim and the proof ask it to hash")]
    Refused(Cow<'static, str>),
    /// The hash failed, so nothing is known.
    #[error(transparent)]
    Hash(HashError),
}

fn of_end(end: End) -> &'static str {
    match end {
        End::Present => "at the key's leaf",
        End::Empty => "at an empty subtree",
        End::Other => "at the leaf of another key",
        End::Run => "in a run of nodes with one child",
    }
}

impl From<HashError> for Refusal {
    fn from(error: HashError) -> Self {
        match error {
            HashError::SumOverflow => Self::SumOverflow,
            HashError::NamespaceOrder => Self::NamespaceOrder,
            HashError::LeafSize { found, expected } => Self::LeafSize { found, expected },
            HashError::EqualSiblings => Self::EqualSiblings,
            HashError::Refused(hash) => Self::Refused(hash),
            error => Self::Hash(error),
        }
    }
}

impl Refusal {
    /// The reason's name, as vectors and bindings spell it; `HASH` and `DEFECT` when nothing is known.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::IndexOutOfRange { .. } => "INDEX_OUT_OF_RANGE",
            Self::DigestSize { .. } => "DIGEST_SIZE",
            Self::DigestCount { .. } | Self::WitnessCount { .. } => "DIGEST_COUNT",
            Self::EmptyClaim => "EMPTY_CLAIM",
            Self::DuplicateIndex(_) => "DUPLICATE_INDEX",
            Self::LengthMismatch { .. } => "LENGTH_MISMATCH",
            Self::NotLarger { .. } => "NOT_LARGER",
            Self::NotClaimed(_) => "NOT_CLAIMED",
            Self::SumOverflow => "SUM_OVERFLOW",
            Self::TotalMismatch { .. } => "TOTAL_MISMATCH",
            Self::EqualSiblings => "EQUAL_SIBLINGS",
            Self::Refused(_) => "HASH_REFUSED",
            Self::NamespaceSize { .. } => "NAMESPACE_SIZE",
            Self::NamespaceOrder => "NAMESPACE_ORDER",
            Self::NeighbourNamespace => "NEIGHBOUR_NAMESPACE",
            Self::IgnoredNamespace => "IGNORED_NAMESPACE",
            Self::IndexNotBound(_) => "INDEX_NOT_BOUND",
            Self::IndexMissing(_) => "INDEX_REQUIRED",
            Self::NoGrowth(_) => "NO_GROWTH",
            Self::OtherScheme => "OTHER_SCHEME",
            Self::DuplicateKey => "DUPLICATE_KEY",
            Self::KeySize { .. } => "KEY_SIZE",
            Self::OtherEnd { .. } => "OTHER_END",
            Self::Shape { .. } => "SHAPE",
            Self::Witness => "WITNESS",
            Self::EmptySibling(_) => "EMPTY_SIBLING",
            Self::KeyAbsent => "KEY_ABSENT",
            Self::KeyPresent => "KEY_PRESENT",
            Self::OtherValue => "OTHER_VALUE",
            Self::NodeMissing(_) | Self::NodesLeft(_) => "NODE_COUNT",
            Self::OtherNode(_) => "OTHER_NODE",
            Self::MalformedNode(_) => "MALFORMED_NODE",
            Self::RootMismatch { .. } => "ROOT_MISMATCH",
            Self::OtherStatement => "OTHER_STATEMENT",
            Self::AssetOrder { .. } => "ASSET_ORDER",
            Self::UnknownAsset { .. } => "UNKNOWN_ASSET",
            Self::MalformedLeaf(_) | Self::Parts(_) | Self::LeafSize { .. } => "MALFORMED_LEAF",
            Self::ZeroAmount(_) => "AMOUNT_OUT_OF_RANGE",
            Self::UnexpectedBalance(_) => "UNEXPECTED_BALANCE",
            Self::Hash(_) => "HASH",
            Self::Defect(_) => "DEFECT",
        }
    }
}

/// Checks that the leaf at `index` has this data.
///
/// Proves membership and place against the head, and nothing about who made the head. One leaf hash and at most 64 node
/// hashes, or as many levels as a fixed height has; memory of a few digests.
pub fn verify_inclusion(head: &TreeHead, index: u64, leaf: &[u8], proof: Digests<'_>) -> Result<(), Refusal> {
    check_path(head, index, proof)?;
    check_fold(&OnTheSpot, head, vec![index], leaf_record(head, index, leaf)?, proof, &mut ())
}

/// Checks that the leaf at `index` has this *digest*. Hazardous: a holder of the tree can pass off an inner node of a
/// smaller tree as a leaf, because the leaf's own domain is not entered.
pub fn verify_leaf_digest(head: &TreeHead, index: u64, digest: &[u8], proof: Digests<'_>) -> Result<(), Refusal> {
    check_path(head, index, proof)?;
    check_fold(&OnTheSpot, head, vec![index], own_record(head, digest)?, proof, &mut ())
}

fn leaf_record(head: &TreeHead, index: u64, leaf: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut record = vec![0; head.scheme().width()];
    head.scheme().leaves(Places::From(index), &[leaf], &mut record)?;
    Ok(record)
}

fn own_record(head: &TreeHead, digest: &[u8]) -> Result<Vec<u8>, Refusal> {
    let expected = head.scheme().width();
    if digest.len() == expected {
        Ok(digest.to_vec())
    } else {
        Err(Refusal::DigestSize { found: digest.len(), expected })
    }
}

/// What a claim about one place shows before anything is hashed.
fn check_path(head: &TreeHead, index: u64, proof: Digests<'_>) -> Result<(), Refusal> {
    check_index(head, index)?;
    let grid = check_grid(head)?;
    check_digests(head, proof, grid.path_length(index, head.size()).into())
}

/// How nodes lie, where proofs show it.
fn check_grid(head: &TreeHead) -> Result<Grid, Refusal> {
    let grid = head.scheme().grid().filter(|_| head.scheme().binds_index());
    grid.ok_or_else(|| Refusal::IndexNotBound(head.scheme().name()))
}

fn check_index(head: &TreeHead, index: u64) -> Result<(), Refusal> {
    let size = head.size();
    if index < size { Ok(()) } else { Err(Refusal::IndexOutOfRange { index, size }) }
}

/// Checks size and number of a proof's digests, before anything is hashed.
fn check_digests(head: &TreeHead, proof: Digests<'_>, expected: u64) -> Result<(), Refusal> {
    check_record(head, proof)?;
    if proof.count() as u64 != expected {
        return Err(Refusal::DigestCount { found: proof.count(), expected, size: head.size() });
    }
    Ok(())
}

fn check_record(head: &TreeHead, proof: Digests<'_>) -> Result<(), Refusal> {
    let (found, expected) = (proof.record(), head.scheme().record());
    if found == expected {
        return Ok(());
    }
    match (found.namespace_size(), expected.namespace_size()) {
        (Some(size), Some(expected_size)) if found.digest_size() == expected.digest_size() => {
            Err(Refusal::NamespaceSize { found: size, expected: expected_size })
        }
        _ => Err(Refusal::DigestSize { found: found.digest_size(), expected: expected.digest_size() }),
    }
}

/// Folds known leaves and a proof to the top, and compares roots.
fn check_fold(
    bulk: &impl Bulk,
    head: &TreeHead,
    indices: Vec<u64>,
    digests: Vec<u8>,
    proof: Digests<'_>,
    witness: &mut impl Witness,
) -> Result<(), Refusal> {
    match fold(bulk, head, indices, digests, proof.bytes(), witness)? {
        Some(top) => check_root("the head", head, &top),
        None => Err(Refusal::Defect("a claim that was checked folds")),
    }
}

/// The comparison that decides, in constant time; that of totals before it gives its own reason.
fn check_root(of: &'static str, head: &TreeHead, top: &[u8]) -> Result<(), Refusal> {
    let (digest, total) = head.scheme().record().split(top);
    if total != head.total() {
        return Err(Refusal::TotalMismatch { expected: head.total(), computed: total });
    }
    let computed = head.root_over(digest)?;
    if bool::from(computed.ct_eq(head.root())) {
        return Ok(());
    }
    Err(Refusal::RootMismatch { of, expected: head.root().to_vec(), computed })
}
