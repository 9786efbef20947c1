//! Findings: what is wrong with a snapshot, and where. All are counted, the first of each kind are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Findings of one kind that are kept.
pub const KEPT: usize = 100;

/// `kinds! { Variant = "NAME", "what is wrong"; … }`: the list of kinds, once.
macro_rules! kinds {
    ($($kind:ident = $name:literal, $meaning:literal;)*) => {
        /// What can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $meaning] $kind,)*
        }

        impl Kind {
            /// Every kind, in the order in which findings are listed.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Its name, by which it is found in other languages.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }

            /// What it says.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$kind => $meaning),* }
            }
        }
    };
}

kinds! {
    OtherStatement = "OTHER_STATEMENT", "the snapshot is of another statement";
    MissingFile = "MISSING_FILE", "a file is missing, or cannot be read";
    UnknownFile = "UNKNOWN_FILE", "something is there that no snapshot has";
    FileLength = "FILE_LENGTH", "a file, or a list, is longer or shorter than it must be";
    FileHeader = "FILE_HEADER", "the header of a tree file is not the one that the statement requires";
    PageSum = "PAGE_SUM", "a page of a tree file does not have its sum";
    Padding = "PADDING", "bytes that must be zero are not";
    CustomerEnds = "CUSTOMER_ENDS", "an id has no place, or no length that an id can have";
    DuplicateId = "DUPLICATE_ID", "two customers have one id";
    ErasedId = "ERASED_ID", "a customer without a key still has an id";
    UnknownOwner = "UNKNOWN_OWNER", "a leaf belongs to nobody in the list of customers";
    OwnerOrder = "OWNER_ORDER", "the owners of leaves do not ascend";
    LeafIndex = "LEAF_INDEX", "a leaf stands outside of its tree, twice or nowhere in the list of holdings";
    Parts = "PARTS", "a balance is split into more parts than there can be";
    ZeroAmount = "ZERO_AMOUNT", "a leaf has no amount";
    LeafDigest = "LEAF_DIGEST", "a leaf is not that of its customer, part and amount";
    LeafOrder = "LEAF_ORDER", "a leaf does not stand behind the one before it by order key and digest";
    Node = "NODE", "a node is not that of the two nodes below it";
    SumOverflow = "SUM_OVERFLOW", "sums add to 2^128 or more";
    Root = "ROOT", "the tree has another root than the statement says";
    Total = "TOTAL", "the tree has another total than the statement says";
    Leaves = "LEAVES", "the tree has another number of leaves than the statement says";
    Holders = "HOLDERS", "the tree has another number of holders than the statement says";
    TableAsset = "TABLE_ASSET", "the table has an asset that the statement has not, or the other way round";
    TableDecimals = "TABLE_DECIMALS", "the table was read with other decimals than the statement says";
    MissingCustomer = "MISSING_CUSTOMER", "a customer of the table is not in the snapshot";
    UnknownCustomer = "UNKNOWN_CUSTOMER", "a customer of the snapshot is not in the table";
    MissingHolding = "MISSING_HOLDING", "a holding of the table is not in the snapshot";
    ExtraHolding = "EXTRA_HOLDING", "a holding of the snapshot is not in the table";
    OtherAmount = "OTHER_AMOUNT", "a holding has another amount in the table";
}

/// Where something is wrong. Findings of a kind are sorted by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the tree, in the order of the statement's assets.
    pub tree: Option<usize>,
    /// Level of the node; leaves are on level 0.
    pub level: Option<u32>,
    /// Index of the leaf or node, or the number of the page.
    pub index: Option<u64>,
    /// Number of the customer in the snapshot.
    pub customer: Option<u32>,
    /// The customer's id, where it is known.
    pub id: Option<Vec<u8>>,
    /// Name of the file.
    pub file: Option<String>,
}

impl Place {
    /// A tree as a whole.
    pub(crate) fn tree(tree: usize) -> Self {
        Self { tree: Some(tree), ..Self::default() }
    }

    /// A node of a tree.
    pub(crate) fn node(tree: usize, level: u32, index: u64) -> Self {
        Self { level: Some(level), index: Some(index), ..Self::tree(tree) }
    }

    /// A file as a whole.
    pub(crate) fn file(name: &str) -> Self {
        Self { file: Some(name.to_owned()), ..Self::default() }
    }

    /// Somebody in the list of customers.
    pub(crate) fn customer(customer: usize) -> Self {
        Self { customer: u32::try_from(customer).ok(), ..Self::default() }
    }

    /// The same, and the customer's id.
    pub(crate) fn of(self, customer: u32, id: &[u8]) -> Self {
        Self { customer: Some(customer), id: Some(id.to_vec()), ..self }
    }

    /// The same in a file.
    pub(crate) fn within(self, file: &str) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// Where.
    pub place: Place,
    /// In words, with the numbers.
    pub message: String,
}

/// Findings as they come, from any thread. Which are kept does not depend on who came first.
#[derive(Debug, Default)]
pub(crate) struct Findings(Mutex<Found>);

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// How many of each kind, and those that are kept.
    kinds: BTreeMap<Kind, (u64, BTreeSet<Finding>)>,
    /// How many in each tree.
    pub(crate) trees: BTreeMap<usize, u64>,
}

impl Findings {
    /// Counts a finding, and keeps it unless there are enough before it.
    pub(crate) fn add(&self, kind: Kind, place: Place, message: impl FnOnce() -> String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = place.tree {
            *all.trees.entry(tree).or_default() += 1;
        }
        let (count, kept) = all.kinds.entry(kind).or_default();
        *count += 1;
        if kept.len() == KEPT && kept.last().is_some_and(|last| last.place < place) {
            return;
        }
        kept.insert(Finding { kind, place, message: message() });
        if kept.len() > KEPT {
            kept.pop_last();
        }
    }

    /// All of it.
    pub(crate) fn finish(self) -> Found {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Found {
    /// How many there are of each kind that was found, and those that were kept.
    pub(crate) fn kinds(self) -> (Vec<(Kind, u64)>, Vec<Finding>) {
        let counts = self.kinds.iter().map(|(kind, (count, _))| (*kind, *count)).collect();
        (counts, self.kinds.into_values().flat_map(|(_, kept)| kept).collect())
    }
}
