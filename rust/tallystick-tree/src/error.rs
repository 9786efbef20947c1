//! What can go wrong while a tree is built, changed or asked.

use tallystick_proof::hash::HashError;
use tallystick_proof::scheme::Sizes;

use crate::file::FileError;
use crate::pool::Interrupted;

/// A call on a tree that failed. The tree is as it was.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The hash failed.
    #[error(transparent)]
    Hash(HashError),
    /// Amounts add to more than an amount can be.
    #[error("the amounts add to 2^128 or more")]
    SumOverflow,
    /// Leaves that do not ascend by their namespaces.
    #[error("the leaves' namespaces do not ascend")]
    NamespaceOrder,
    /// A namespace of another length than the scheme's.
    #[error("a namespace of {found} bytes; the scheme has namespaces of {expected}")]
    NamespaceSize {
        /// Its bytes.
        found: usize,
        /// Bytes of a namespace of the scheme.
        expected: usize,
    },
    /// The one namespace of which nothing is proven.
    #[error("ranges leave the highest namespace out: nothing proves all of its leaves, or that there are none")]
    IgnoredNamespace,
    /// A tree whose leaves have no namespaces.
    #[error("leaves of {0} have no namespaces")]
    NoNamespaces(String),
    /// Replacing leaves that stand in order.
    #[error("leaves of {0} stand in the order of their namespaces: none is replaced")]
    InOrder(String),
    /// The caller asked to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The system does not have the memory.
    #[error("out of memory: {0} bytes")]
    OutOfMemory(usize),
    /// More leaves than indices.
    #[error("a tree holds at most 2^64 - 1 leaves")]
    TooManyLeaves,
    /// A leaf digest of another size than the scheme's.
    #[error("leaf digests of this scheme have {0} bytes")]
    DigestSize(usize),
    /// A leaf that the tree does not have.
    #[error("index {index} is not below the size, {size}")]
    IndexOutOfRange {
        /// The index.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// A size that the tree does not have.
    #[error("size {asked} is larger than the tree, {size}")]
    SizeOutOfRange {
        /// The size asked for.
        asked: u64,
        /// The tree's size.
        size: u64,
    },
    /// No index where at least one is needed.
    #[error("no indices: at least one is needed")]
    NoIndices,
    /// Growth from nothing, which there is nothing to prove of.
    #[error("every tree extends the empty one: there is nothing to prove")]
    NothingToExtend,
    /// An index given twice.
    #[error("index {0} is given twice")]
    DuplicateIndex(u64),
    /// A key of another length than the scheme's.
    #[error("a key of {found} bytes; the scheme has keys of {expected}")]
    KeySize {
        /// Its bytes.
        found: usize,
        /// Bytes of a key of the scheme.
        expected: usize,
    },
    /// A key given twice.
    #[error("key {} is given twice", hex(.0))]
    KeyTwice(Vec<u8>),
    /// A key that is to be removed, and is not there.
    #[error("key {} is absent", hex(.0))]
    AbsentKey(Vec<u8>),
    /// No key where at least one is needed.
    #[error("no keys: at least one is needed")]
    NoKeys,
    /// More or fewer values than keys.
    #[error("{keys} keys and {values} values")]
    ValueCount {
        /// Number of keys.
        keys: usize,
        /// Number of values.
        values: usize,
    },
    /// A digest of a value that is not as long as the scheme's.
    #[error("a value's digest of {found} bytes; the scheme's have {expected}")]
    ValueDigest {
        /// Bytes of the digest.
        found: usize,
        /// Bytes of a digest of the scheme.
        expected: usize,
    },
    /// A digest of a value that would be the leaf of an absent key.
    #[error("the digest of a value is that of no value: key {} would be absent", hex(.0))]
    EmptyDigest(Vec<u8>),
    /// A version that the tree does not have, or no longer.
    #[error("there is no version {version}: the tree has versions {first} to {last}")]
    NoVersion {
        /// The version asked for.
        version: u64,
        /// The oldest one.
        first: u64,
        /// The newest one.
        last: u64,
    },
    /// A store that failed.
    #[error("{0}")]
    Store(crate::sparse::StoreFailure),
    /// A store that has no tree.
    #[error("the store holds no tree")]
    NoTree,
    /// A store that has a tree already.
    #[error("the store holds a tree already: open it")]
    HoldsTree,
    /// Somebody else published a head.
    #[error("another writer has changed the tree in the store: open it anew")]
    OtherWriter,
    /// Something in a store that is not what was written.
    #[error("{0} is damaged")]
    Damaged(String),
    /// A tile of a tree that its store does not have.
    #[error("the store does not have {0}: another writer has let go of its version, or it is lost; open the tree anew")]
    MissingTile(String),
    /// A time before that of every kept version.
    #[error("no kept version was made at {0} or before")]
    NoVersionAt(u64),
    /// A change to a version that is not the newest.
    #[error("an old version is read-only: change the tree that it came from")]
    OldVersion,
    /// A head that no kept version of a sparse tree has.
    #[error("no kept version of the tree has this head: it has versions {first} to {last}")]
    OtherHead {
        /// The oldest version.
        first: u64,
        /// The newest one.
        last: u64,
    },
    /// A key given twice.
    #[error("the key at place {0} is given twice")]
    DuplicateKey(usize),
    /// A value of no bytes, which in a Patricia trie means that there is none.
    #[error("the value at place {0} is empty, which in a Patricia trie means that there is none: use remove")]
    EmptyValue(usize),
    /// A key or value that is too long for a node.
    #[error("the row at place {0} has more than 2^30 bytes")]
    TooLong(usize),
    /// A key that the tree does not have.
    #[error("the tree does not have the key at place {0}")]
    KeyNotFound(usize),
    /// A head that is not the tree's.
    #[error("the tree does not have this head, or no longer: its root is another")]
    OtherRoot,
    /// A head that the tree does not have, or no longer.
    #[error("the tree of {size} leaves does not have this head of size {asked}: {why}")]
    StaleHead {
        /// Size of the head.
        asked: u64,
        /// The tree's size.
        size: u64,
        /// What differs.
        why: &'static str,
    },
    /// Shards or heads of different schemes or contexts.
    #[error("the schemes or contexts differ")]
    OtherScheme,
    /// Shards that do not follow each other.
    #[error("leaves {right:?} do not follow leaves {left:?}")]
    NotAdjacent {
        /// The left shard's leaves.
        left: std::ops::Range<u64>,
        /// The right shard's leaves.
        right: std::ops::Range<u64>,
    },
    /// A head asked of a shard in the middle.
    #[error("the shard begins at leaf {0}; only one that begins at leaf 0 has a head")]
    NotFromZero(u64),
    /// A write from inside another call on the same tree, as from a signal handler.
    #[error("this tree is in use by the call that this call came out of")]
    CalledAgain,
    /// The tree is served from a file.
    #[error("a tree opened from a file is read-only")]
    ReadOnly,
    /// A proof that needs rows which the tree's file does not keep, and leaves that are not there.
    #[error("the file keeps no rows below level {0}: give `leaves` to open, and proofs are made from them")]
    NoLeaves(u32),
    /// Leaf data that does not hash to what the file keeps.
    #[error("the leaves {0:?} are not those of the file")]
    OtherLeaves(std::ops::Range<u64>),
    /// More or fewer leaves than the file's.
    #[error("the tree has {size} leaves, {found} are given")]
    LeafCount {
        /// Leaves given.
        found: u64,
        /// The tree's size.
        size: u64,
    },
    /// A lowest level that is none.
    #[error("the lowest level is 0 to 12, not {0}")]
    LowestLevel(u64),
    /// No file where at least one is needed.
    #[error("no files: at least one is needed")]
    NoFiles,
    /// Files that are no parts of one tree.
    #[error("{path} is not of the same tree as {first}: scheme, context or lowest level differ")]
    OtherFile {
        /// A file.
        path: String,
        /// The first.
        first: String,
    },
    /// Files with a gap between them, or an overlap.
    #[error("{}", not_adjacent(.path, *.begin, .before.as_deref(), *.next))]
    FileNotAdjacent {
        /// The file that does not follow.
        path: String,
        /// Its first leaf.
        begin: u64,
        /// The file before it.
        before: Option<String>,
        /// Where it should begin.
        next: u64,
    },
    /// The tree's file cannot be read or is damaged.
    #[error(transparent)]
    File(#[from] FileError),
    /// A number of leaves that trees of the scheme do not have.
    #[error("a tree of {scheme} has {sizes}, not {size}")]
    Size {
        /// Name of the scheme.
        scheme: String,
        /// How many there may be.
        sizes: Sizes,
        /// How many there would be.
        size: u64,
    },
    /// A scheme whose trees are made once, of all their leaves.
    #[error(
        "trees of {0} are made of all their leaves at once: leaves are neither appended nor replaced, and no part is a tree"
    )]
    NotAppendable(String),
    /// A scheme whose nodes do not lie in rows.
    #[error("the nodes of this scheme do not lie in rows")]
    NoRows,
    /// A scheme whose proofs show no place.
    #[error(
        "proofs of {0} show membership and no place: proofs of many leaves exist in the format of their counterpart only"
    )]
    NoMultiProofs(String),
    /// A scheme without proofs of growth.
    #[error("there are no proofs of growth for {0}")]
    NoGrowth(String),
    /// A scheme that tree files do not hold.
    #[error("tree files hold trees whose nodes have two children and lie in rows, not those of {0}")]
    NoFile(String),
    /// An invariant of this library does not hold.
    #[error("defect in tallystick, please report it: {0}")]
    Defect(&'static str),
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn not_adjacent(path: &str, begin: u64, before: Option<&str>, next: u64) -> String {
    match before {
        None => format!("{path} begins at leaf {begin}: open it behind the files of the leaves before it"),
        Some(before) => {
            let what = if begin > next { "a gap" } else { "an overlap" };
            format!("{what}: {before} ends at leaf {next} and {path} begins at leaf {begin}")
        }
    }
}

impl From<HashError> for TreeError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::SumOverflow => Self::SumOverflow,
            HashError::NamespaceOrder => Self::NamespaceOrder,
            error => Self::Hash(error),
        }
    }
}
