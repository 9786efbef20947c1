//! One tree: who holds its leaves, every leaf, every node, and what the statement says of it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tallystick_proof::liabilities::{HASH, SALT, StatementAsset};
use tallystick_tree::pool::Run;

use super::figures::Counted;
use super::finding::{Findings, Kind, Place};
use super::nodes::{Nodes, Records, records};
use super::people::{People, Seen};
use super::preimages::{Preimages, split};
use super::tree_file::BLOCK;
use crate::error::LiabilityError;

/// The position of a leaf that no holding is of.
const NOWHERE: u32 = u32::MAX;

/// One tree and what belongs to it.
pub(crate) struct TreeAudit<'a> {
    /// Number of the tree.
    pub(crate) number: usize,
    pub(crate) asset: &'a StatementAsset,
    pub(crate) people: People<'a>,
    pub(crate) owners: &'a [u8],
    pub(crate) indices: &'a [u8],
    pub(crate) stored: &'a Records<'a>,
    /// Leaves that the tree has.
    pub(crate) leaves: u64,
    pub(crate) preimages: &'a Preimages,
    pub(crate) seen: &'a Seen,
    pub(crate) findings: &'a Findings,
}

/// Order key and digest of a leaf.
type Sorted = ([u8; SALT], [u8; HASH]);

/// The first and the last leaf of a block that is not of an erased customer, with their indices.
type Ends = Option<[(u64, Sorted); 2]>;

fn number(list: &[u8], place: usize) -> Option<u32> {
    list.as_chunks::<4>().0.get(place).map(|bytes| u32::from_le_bytes(*bytes))
}

impl TreeAudit<'_> {
    /// Checks all of it.
    pub(crate) fn check(&self, run: Run<'_>) -> Result<Counted, LiabilityError> {
        let positions = self.positions(run)?;
        let blocks = self.leaves.div_ceil(BLOCK);
        let nodes = Nodes {
            tree: self.number,
            leaves: self.leaves,
            stored: self.stored,
            preimages: self.preimages,
            findings: self.findings,
        };
        let counted = Mutex::new(Counted::default());
        let ends: Vec<Mutex<Ends>> = (0..blocks).map(|_| Mutex::new(None)).collect();
        run.each(ends.iter().zip(0..), |(ends, block)| {
            let mut own = Counted::default();
            let found = self.block(block, &positions.places, &mut own)?;
            *ends.lock().unwrap_or_else(PoisonError::into_inner) = found;
            own.nodes = nodes.block(block)?;
            counted.lock().unwrap_or_else(PoisonError::into_inner).merge(&own);
            Ok::<_, LiabilityError>(())
        })?;
        let mut before: Option<Sorted> = None;
        for ends in ends {
            let Some([(index, first), (_, last)]) = ends.into_inner().unwrap_or_else(PoisonError::into_inner) else {
                continue;
            };
            self.ascends(before.as_ref(), &first, index);
            before = Some(last);
        }
        let mut counted = counted.into_inner().unwrap_or_else(PoisonError::into_inner);
        counted.holders = positions.holders;
        counted.nodes += nodes.upper(run)?;
        let (top, made) = nodes.top()?;
        counted.nodes += made;
        if self.leaves == 0 || top.is_some() {
            counted.root = Some(self.preimages.root(self.leaves, top.as_ref())?);
        }
        self.compare(&counted);
        Ok(counted)
    }

    fn add(&self, kind: Kind, message: impl FnOnce() -> String) {
        self.findings.add(kind, Place::tree(self.number), message);
    }

    /// Compares with what the statement says.
    fn compare(&self, counted: &Counted) {
        let StatementAsset { leaves, holders, total, root, .. } = *self.asset;
        if counted.root != Some(root) {
            self.add(Kind::Root, || "the root over the nodes is not the statement's".to_owned());
        }
        match counted.total {
            Some(found) if found == total => {}
            Some(found) => self.add(Kind::Total, || format!("the leaves add to {found}; the statement says {total}")),
            None => self.add(Kind::SumOverflow, || "the leaves add to 2^128 or more".to_owned()),
        }
        if self.leaves != leaves {
            self.add(Kind::Leaves, || format!("there are {} leaves; the statement says {leaves}", self.leaves));
        }
        if let Some(holders) = holders.filter(|holders| *holders != counted.holders) {
            let found = counted.holders;
            self.add(Kind::Holders, || format!("{found} customers hold leaves; the statement says {holders}"));
        }
    }

    /// Checks owners and indices, and finds for each leaf where it stands among them.
    fn positions(&self, run: Run<'_>) -> Result<Positions, LiabilityError> {
        let leaves = usize::try_from(self.leaves).map_err(|_| LiabilityError::TooMany("leaves of a tree"))?;
        let length = leaves * size_of::<u32>();
        for (name, list) in [("owners", self.owners), ("indices", self.indices)] {
            if list.len() != length {
                self.add(Kind::FileLength, || {
                    format!("the list of {name} has {} bytes; {leaves} leaves take {length}", list.len())
                });
            }
        }
        let places: Vec<AtomicU32> = (0..leaves).map(|_| AtomicU32::new(NOWHERE)).collect();
        let holders = AtomicU64::new(0);
        run.each((0..leaves).step_by(BLOCK as usize), |begin| {
            let mut before = begin.checked_sub(1).and_then(|before| number(self.owners, before));
            let mut new = 0;
            for position in begin..leaves.min(begin + BLOCK as usize) {
                let Some(owner) = number(self.owners, position) else { break };
                if before.is_none_or(|before| before != owner) {
                    new += 1;
                    self.owner(position, before, owner);
                }
                before = Some(owner);
                let Some(index) = number(self.indices, position) else { continue };
                let place = places.get(index as usize);
                let free = |place: &AtomicU32| place.swap(position as u32, Ordering::Relaxed) == NOWHERE;
                if !place.is_some_and(free) {
                    self.findings.add(Kind::LeafIndex, self.leaf(index.into()), || {
                        format!("holding {position} is of leaf {index}, which is taken or behind the last of {leaves}")
                    });
                }
            }
            holders.fetch_add(new, Ordering::Relaxed);
            Ok::<_, LiabilityError>(())
        })?;
        Ok(Positions { places, holders: holders.into_inner() })
    }

    /// Checks an owner who is not that of the leaf before.
    fn owner(&self, position: usize, before: Option<u32>, owner: u32) {
        let place = || Place { customer: Some(owner), ..Place::tree(self.number) };
        if before.is_some_and(|before| before > owner) {
            self.findings.add(Kind::OwnerOrder, place(), || {
                format!("holding {position} is of customer {owner}, behind one of a later customer")
            });
        }
        if owner as usize >= self.people.len() {
            let count = self.people.len();
            self.findings.add(Kind::UnknownOwner, place(), || {
                format!("holding {position} is of customer {owner}; there are {count}")
            });
        }
        self.seen.mark(owner);
    }

    fn leaf(&self, index: u64) -> Place {
        Place::node(self.number, 0, index)
    }

    /// Checks the leaves of a block.
    fn block(&self, block: u64, places: &[AtomicU32], counted: &mut Counted) -> Result<Ends, LiabilityError> {
        let first = block * BLOCK;
        let stored = self.stored.read(0, first, BLOCK.min(self.leaves - first))?;
        let mut ends: Ends = None;
        let mut message = Vec::new();
        for (index, record) in (first..).zip(records(&stored)) {
            let (digest, amount) = split(record);
            if amount == 0 {
                self.findings.add(Kind::ZeroAmount, self.leaf(index), || format!("leaf {index} has an amount of 0"));
            }
            let position = places.get(index as usize).map_or(NOWHERE, |place| place.load(Ordering::Relaxed));
            let owner = number(self.owners, position as usize);
            let key = owner.and_then(|owner| self.people.key(owner));
            let known = owner.is_some_and(|owner| (owner as usize) < self.people.len());
            counted.leaf(amount, known && key.is_none());
            let Some(owner) = owner.filter(|_| position != NOWHERE) else {
                self.findings.add(Kind::LeafIndex, self.leaf(index), || format!("leaf {index} is of no holding"));
                continue;
            };
            let (part, parts) = part_of(self.owners, position as usize, owner);
            let (Ok(part), Ok(parts)) = (u16::try_from(part), u16::try_from(parts)) else {
                self.findings.add(Kind::Parts, Place { customer: Some(owner), ..Place::tree(self.number) }, || {
                    format!("customer {owner} has {parts} parts; a balance has at most 65,535")
                });
                continue;
            };
            let Some(key) = key else { continue };
            let id = self.people.id(owner);
            let (salt, order) = self.preimages.derive(key, part, &mut message)?;
            let made = self.preimages.leaf(amount, &salt, (part, parts), id, &mut message)?;
            if made != *digest {
                self.findings.add(Kind::LeafDigest, self.leaf(index).of(owner, id), || {
                    format!("leaf {index} is not that of customer {owner}, part {part} of {parts}, and {amount}")
                });
                continue; // Where it stands follows from another digest.
            }
            let own = (order, made);
            self.ascends(ends.as_ref().map(|[_, (_, last)]| last), &own, index);
            let begin = ends.map_or((index, own), |[begin, _]| begin);
            ends = Some([begin, (index, own)]);
        }
        Ok(ends)
    }

    /// Whether a leaf stands behind the one before it.
    fn ascends(&self, before: Option<&Sorted>, own: &Sorted, index: u64) {
        if before.is_some_and(|before| before >= own) {
            self.findings.add(Kind::LeafOrder, self.leaf(index), || {
                format!("leaf {index} does not stand behind the leaves before it")
            });
        }
    }
}

/// Where each leaf stands in the list of holdings, and how many customers are in it.
struct Positions {
    places: Vec<AtomicU32>,
    holders: u64,
}

/// The number of a part and of all parts, from how many leaves of the same owner stand around it.
fn part_of(owners: &[u8], position: usize, owner: u32) -> (usize, usize) {
    let same = |place: usize| number(owners, place) == Some(owner);
    let before = reach(|step| position.checked_sub(step).is_some_and(same));
    let behind = reach(|step| position.checked_add(step).is_some_and(same));
    (before, before + 1 + behind)
}

/// How many steps are `same` until the first that is not, by doubling and then halving.
fn reach(same: impl Fn(usize) -> bool) -> usize {
    let mut end = 1;
    while same(end) {
        end *= 2;
    }
    let mut begin = end / 2;
    while end - begin > 1 {
        let middle = begin.midpoint(end);
        if same(middle) {
            begin = middle;
        } else {
            end = middle;
        }
    }
    begin
}
