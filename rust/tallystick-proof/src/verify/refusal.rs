//! Why a proof is refused: a variant a reason, with numbers, and the name that vectors and bindings have for it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::hash::HashError;
use crate::liabilities::NameError;
use crate::sparse::End;

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
    /// Not a witness for each leaf of another key and each foot of a run that the shape has.
    #[error("the proof has {found} witnesses; its shape takes {expected}")]
    WitnessCount {
        /// Witnesses of the proof.
        found: usize,
        /// Leaves of other keys.
        expected: usize,
    },
    /// The leaf of another key, or the foot of a run, that cannot stand where the path ends, or a leaf whose key is claimed itself.
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
