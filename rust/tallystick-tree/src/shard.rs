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
use tallystick_proof::geometry::NodeId;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::{Kind, Scheme};

use crate::build::{BLOCK_LEVEL, LeafRule, Work, block_tops, build};
use crate::error::TreeError;
use crate::forest::{Forest, cover};
use crate::leaves::{Leaves, Part};

/// Leaves whose blocks are hashed together.
const SEGMENT: u64 = 1 << 20;

/// A summary of the leaves `[begin, end)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    scheme: Scheme,
    begin: u64,
    end: u64,
    /// The covering nodes from the left, each the largest that fits.
    nodes: Vec<(NodeId, Vec<u8>)>,
}

impl Shard {
    /// No leaves, at `begin`: joins with anything that ends or begins there.
    pub fn empty(scheme: Scheme, begin: u64) -> Self {
        Self { scheme, begin, end: begin, nodes: Vec::new() }
    }

    /// The shard over `leaves`, the first of which has the index `begin`. Keeps two rows of a block a thread, and little
    /// else.
    pub fn of_leaves(work: Work<'_>, begin: u64, leaves: &dyn Leaves) -> Result<Self, TreeError> {
        let end = begin.checked_add(leaves.len() as u64).ok_or(TreeError::TooManyLeaves)?;
        let part =
            |range: Range<u64>| Part { leaves, range: (range.start - begin) as usize..(range.end - begin) as usize };
        let whole = whole_blocks(begin, end);
        let broken = |range: Range<u64>| {
            let forest = build(work, range.start, &part(range.clone()), LeafRule::Hashed)?;
            Self::of_forest(work.scheme, &forest)
        };
        let mut shard = broken(begin..whole.start)?;
        while shard.end < whole.end {
            let next = whole.end.min(shard.end.saturating_add(SEGMENT));
            let tops = block_tops(work, &part(shard.end..next))?;
            for digest in tops.chunks_exact(work.scheme.width()) {
                let node = NodeId { level: BLOCK_LEVEL, index: shard.end >> BLOCK_LEVEL };
                shard.push((node, digest.to_vec()))?;
                shard.end += 1 << BLOCK_LEVEL;
            }
        }
        shard.join(broken(whole.end..end)?)
    }

    fn of_forest(scheme: &Scheme, forest: &Forest) -> Result<Self, TreeError> {
        let Range { start: begin, end } = forest.range();
        let digest = |node| Some((node, forest.digest(node)?.to_vec()));
        let nodes = cover(begin, end).map(digest).collect::<Option<_>>();
        let nodes = nodes.ok_or(TreeError::Defect("a forest has the nodes that cover it"))?;
        Ok(Self { scheme: scheme.clone(), begin, end, nodes })
    }

    /// A shard of these records, one behind the other, in the order of its nodes; `None` if they are not as many.
    pub fn of_digests(scheme: Scheme, range: Range<u64>, digests: &[u8]) -> Option<Self> {
        let (begin, end) = (range.start, range.end);
        if begin > end {
            return None;
        }
        let nodes: Vec<_> = cover(begin, end).zip(digests.chunks_exact(scheme.width()).map(<[u8]>::to_vec)).collect();
        let fits = cover(begin, end).count().checked_mul(scheme.width()) == Some(digests.len());
        fits.then_some(Self { scheme, begin, end, nodes })
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

    /// Puts a node at the right, and makes every node whose two children are there.
    fn push(&mut self, (mut node, mut digest): (NodeId, Vec<u8>)) -> Result<(), TreeError> {
        while node.index % 2 == 1
            && let Some((_, left)) =
                self.nodes.pop_if(|(last, _)| last.level == node.level && last.index + 1 == node.index)
        {
            let children = [left, digest].concat();
            digest = vec![0; self.scheme.width()];
            self.scheme.nodes(&children, &mut digest)?;
            node = NodeId { level: node.level + 1, index: node.index / 2 };
        }
        self.nodes.push((node, digest));
        Ok(())
    }

    /// The head of the tree of these leaves, if they begin at leaf 0.
    pub fn head(&self) -> Result<TreeHead, TreeError> {
        if self.begin != 0 {
            return Err(TreeError::NotFromZero(self.begin));
        }
        let mut peaks = self.nodes.iter().rev().map(|(_, digest)| digest);
        let mut top = peaks.next().cloned();
        for peak in peaks {
            if let Some(right) = &mut top {
                let children = [peak.as_slice(), right].concat();
                self.scheme.nodes(&children, right)?;
            }
        }
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
fn whole_blocks(begin: u64, end: u64) -> Range<u64> {
    let start = begin.checked_next_multiple_of(1 << BLOCK_LEVEL).unwrap_or(end).min(end);
    start..(end >> BLOCK_LEVEL << BLOCK_LEVEL).max(start)
}
