//! Shards: a contiguous range of leaves, summarised by the fewest full nodes that cover it (a *compact range*).
//!
//! ```text
//! leaves [3, 9)          ┌───1───┐              nodes (0,3) (2,1) (0,8), from the left
//!                     3  4 5   6 7  8
//! ```
//!
//! Adjacent shards join into the shard over both, in any association, and a shard that begins at leaf 0 has a head. A
//! shard is trusted input, not a proof: nothing in it shows which leaves it is made of.

use std::ops::Range;

use tallystick_proof::codec::{DecodeError, Resolve, Sink, Source, Wire, put_records, take_records, take_scheme};
use tallystick_proof::frame::Places;
use tallystick_proof::geometry::{Grid, NodeId};
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::{Kind, Scheme};

use crate::build::{Cut, LeafRule, Work, block_tops, build, check_size, grid_of};
use crate::edge;
use crate::error::TreeError;
use crate::forest::Forest;
use crate::leaves::{Leaves, Part};

/// Blocks that are hashed together.
const SEGMENT_BLOCKS: u64 = 1 << 8;

/// A summary of the leaves `[begin, end)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    scheme: Scheme,
    grid: Grid,
    begin: u64,
    end: u64,
    /// The covering nodes from the left, each the largest that fits.
    nodes: Vec<(NodeId, Vec<u8>)>,
}

impl Shard {
    /// No leaves, at `begin`: joins with anything that ends or begins there.
    pub fn empty(scheme: Scheme, begin: u64) -> Result<Self, TreeError> {
        let grid = grid_of(&scheme)?;
        Ok(Self { scheme, grid, begin, end: begin, nodes: Vec::new() })
    }

    /// The shard over `leaves`, the first of which has the index `begin`. Keeps two rows of a block a thread, and little
    /// else.
    pub fn of_leaves(work: Work<'_>, begin: u64, leaves: &dyn Leaves) -> Result<Self, TreeError> {
        let end = begin.checked_add(leaves.len() as u64).ok_or(TreeError::TooManyLeaves)?;
        let part =
            |range: Range<u64>| Part { leaves, range: (range.start - begin) as usize..(range.end - begin) as usize };
        let cut = Cut::new(grid_of(work.scheme)?, work.scheme.hash());
        let whole = whole_blocks(cut, begin, end);
        let broken = |range: Range<u64>| {
            let forest = build(work, range.start, &part(range.clone()), LeafRule::Hashed)?;
            Self::of_forest(work.scheme, &forest)
        };
        let mut shard = broken(begin..whole.start)?;
        while shard.end < whole.end {
            let next = whole.end.min(shard.end.saturating_add(SEGMENT_BLOCKS * cut.leaves()));
            let tops = block_tops(work, shard.end, &part(shard.end..next))?;
            for digest in tops.chunks_exact(work.scheme.width()) {
                let node = NodeId { level: cut.block, index: shard.end / cut.leaves() };
                shard.push((node, digest.to_vec()))?;
                shard.end += cut.leaves();
            }
        }
        shard.join(broken(whole.end..end)?)
    }

    fn of_forest(scheme: &Scheme, forest: &Forest) -> Result<Self, TreeError> {
        let Range { start: begin, end } = forest.range();
        let digest = |node| Some((node, forest.digest(node)?.to_vec()));
        let nodes = forest.grid.cover(begin, end).map(digest).collect::<Option<_>>();
        let nodes = nodes.ok_or(TreeError::Defect("a forest has the nodes that cover it"))?;
        Ok(Self { scheme: scheme.clone(), grid: forest.grid, begin, end, nodes })
    }

    /// A shard of these records, one behind the other, in the order of its nodes; `None` if they are not as many, or if
    /// trees of the scheme do not grow.
    pub fn of_digests(scheme: Scheme, range: Range<u64>, digests: &[u8]) -> Option<Self> {
        let (begin, end) = (range.start, range.end);
        if begin > end {
            return None;
        }
        let grid = scheme.grid().filter(|_| scheme.appendable())?;
        let records = digests.chunks_exact(scheme.width()).map(<[u8]>::to_vec);
        let nodes: Vec<_> = grid.cover(begin, end).zip(records).collect();
        let fits = grid.cover(begin, end).count().checked_mul(scheme.width()) == Some(digests.len());
        fits.then_some(Self { scheme, grid, begin, end, nodes })
    }

    /// The leaves' range.
    pub fn range(&self) -> Range<u64> {
        self.begin..self.end
    }

    /// The scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// What its sums add to, 0 where nodes have none; `None` if that is 2^128 or more.
    pub fn total(&self) -> Option<u128> {
        let record = self.scheme.record();
        self.nodes.iter().try_fold(0_u128, |total, (_, node)| total.checked_add(record.split(node).1))
    }

    /// The records of its nodes, from the left.
    pub fn digests(&self) -> Vec<u8> {
        self.nodes.iter().flat_map(|(_, digest)| digest).copied().collect()
    }

    /// The shard over these leaves and those of `right`, which follow. At most 127 hashes.
    pub fn join(mut self, right: Self) -> Result<Self, TreeError> {
        if self.scheme != right.scheme {
            return Err(TreeError::OtherScheme);
        }
        if self.end != right.begin {
            return Err(TreeError::NotAdjacent { left: self.range(), right: right.range() });
        }
        self.end = right.end;
        for node in right.nodes {
            self.push(node)?;
        }
        if self.total().is_none() { Err(TreeError::SumOverflow) } else { Ok(self) }
    }

    /// Puts a node at the right, and makes every node whose children are all there.
    fn push(&mut self, (mut node, mut digest): (NodeId, Vec<u8>)) -> Result<(), TreeError> {
        let arity = self.grid.arity();
        while node.index % arity == arity - 1 {
            let before = self.nodes.len().checked_sub(arity as usize - 1);
            let family = before.and_then(|before| self.nodes.get(before..)).filter(|family| {
                let places = family.iter().map(|(elder, _)| (elder.level, elder.index));
                places.eq((node.index + 1 - arity..node.index).map(|index| (node.level, index)))
            });
            let Some(family) = family else { break };
            let mut children: Vec<u8> = family.iter().flat_map(|(_, digest)| digest).copied().collect();
            children.extend(digest);
            self.nodes.truncate(before.unwrap_or_default());
            node = NodeId { level: node.level + 1, index: node.index / arity };
            digest = vec![0; self.scheme.width()];
            self.scheme.nodes(node.level, Places::From(node.index), &children, &mut digest)?;
        }
        self.nodes.push((node, digest));
        Ok(())
    }

    /// The head of the tree of these leaves, if they begin at leaf 0.
    pub fn head(&self) -> Result<TreeHead, TreeError> {
        if self.begin != 0 {
            return Err(TreeError::NotFromZero(self.begin));
        }
        let peak = |node: NodeId| {
            let found = self.nodes.iter().find(|(peak, _)| *peak == node);
            Ok(found.ok_or(TreeError::Defect("a shard has its peaks"))?.1.as_slice().into())
        };
        check_size(&self.scheme, self.end)?;
        let top = edge::top(&self.scheme, self.end, peak)?;
        Ok(TreeHead::of_top(self.scheme.clone(), self.end, top.as_deref())?)
    }
}

/// The fields that shards of every kind have.
fn take_range<'a>(
    input: &mut impl Source<'a>,
    object: &'static str,
    kind: Kind,
    resolve: Resolve<'_>,
) -> Result<(Scheme, Range<u64>), DecodeError> {
    let scheme = take_scheme(input, object, kind, resolve)?;
    Ok((scheme, input.number("begin")?..input.number("end")?))
}

fn put_range(shard: &Shard, out: &mut impl Sink) {
    out.object("scheme", &shard.scheme);
    out.number("begin", shard.begin);
    out.number("end", shard.end);
}

fn of_records(scheme: Scheme, range: Range<u64>, records: &[u8]) -> Result<Shard, DecodeError> {
    let digests = records.len() / scheme.width();
    let wrong = DecodeError::Shard { begin: range.start, end: range.end, digests };
    Shard::of_digests(scheme, range, records).ok_or(wrong)
}

impl Wire for Shard {
    const NAME: &'static str = "shard";
    const MAGIC: [u8; 4] = *b"tlyr";

    fn put(&self, out: &mut impl Sink) {
        put_range(self, out);
        out.digests("digests", self.scheme.digest_size(), &self.digests());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let (scheme, range) = take_range(input, Self::NAME, Kind::Dense, resolve)?;
        let digests = input.digests("digests", scheme.digest_size())?;
        of_records(scheme, range, &digests)
    }
}

/// A shard of a sum tree, with encodings of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumShard(pub Shard);

impl Wire for SumShard {
    const NAME: &'static str = "sum-shard";
    const MAGIC: [u8; 4] = *b"tlyR";

    fn put(&self, out: &mut impl Sink) {
        put_range(&self.0, out);
        put_records(out, self.0.scheme.record(), &self.0.digests());
    }

    fn take<'a>(input: &mut impl Source<'a>, resolve: Resolve<'_>) -> Result<Self, DecodeError> {
        let (scheme, range) = take_range(input, Self::NAME, Kind::Sum, resolve)?;
        let records = take_records(input, scheme.record())?;
        let shard = of_records(scheme, range, &records)?;
        if shard.total().is_none() { Err(DecodeError::SumOverflow) } else { Ok(Self(shard)) }
    }
}

/// The whole blocks of a range; none if `start` is `end`.
fn whole_blocks(cut: Cut, begin: u64, end: u64) -> Range<u64> {
    let start = begin.checked_next_multiple_of(cut.leaves()).unwrap_or(end).min(end);
    start..(end / cut.leaves() * cut.leaves()).max(start)
}
