//! Where nodes with one child are hashed as runs: where a subtree's run ends, and digests from there up.
//!
//! There a record does not have its children's digests, but those of their feet: a foot's digest stays the same while nodes
//! above it come and go.

use tallystick_proof::hash::HashError;
use tallystick_proof::scheme::{Foot, Scheme};

use super::nodes::{Kind, Nodes, Ref};
use super::page::Place;
use super::patch::{Context, From, Node, Patch};

impl Nodes {
    /// The foot of a subtree that has leaves.
    pub(super) fn foot(&self, mut at: Ref, mut place: Place) -> Foot {
        loop {
            match self.read_as(at).kind() {
                Kind::Leaf(leaf) => return Foot::new(self.key as u32 * 8, self.leaf_key(leaf)),
                Kind::Page(page) => return self.pages.foot(page).unwrap_or(place.as_foot()),
                Kind::Inner(number) => {
                    let right = match [self.child(number, false), self.child(number, true)] {
                        [Ref::EMPTY, _] => true,
                        [_, Ref::EMPTY] => false,
                        _ => return place.as_foot(),
                    };
                    (at, place) = (self.child(number, right), place.child(right));
                }
                _ => return place.as_foot(),
            }
        }
    }

    /// Appends the digest of a child of a node, which is on the way of a key at a depth, as that node is hashed from it.
    #[inline]
    pub(super) fn put_child(
        &self,
        scheme: &Scheme,
        (node, right): (u32, bool),
        (key, depth): (&[u8], u32),
        out: &mut Vec<u8>,
    ) -> Result<(), HashError> {
        out.extend_from_slice(self.child_digest(node, right));
        if self.runs {
            let (begin, below) = (out.len() - self.digest, Place::of(key, depth).child(right));
            scheme.run_up(&[(self.foot(self.child(node, right), below), below.depth)], &mut out[begin..])?;
        }
        Ok(())
    }
}

/// Where the feet of a new node and of its children are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feet {
    own: Foot,
    children: [Foot; 2],
}

impl Patch {
    /// Remembers the feet of the node that comes next.
    pub(super) fn push_feet(&mut self, of: Context<'_>, parts: &[Self], place: Place, children: [Node; 2]) {
        let feet = [false, true].map(|right| {
            self.foot_of(of, parts, children[usize::from(right)], place.child(right)).unwrap_or(place.as_foot())
        });
        let own = match children.map(|child| child.at) {
            [Ref::EMPTY, _] => feet[1],
            [_, Ref::EMPTY] => feet[0],
            _ => place.as_foot(),
        };
        self.feet.push(Feet { own, children: feet });
    }

    /// The foot of a subtree at a place; `None` if it is empty.
    pub(super) fn foot_of(&self, of: Context<'_>, parts: &[Self], node: Node, place: Place) -> Option<Foot> {
        match (node.at.kind(), node.from) {
            (Kind::Empty, _) => None,
            (Kind::FreshLeaf(leaf), _) => Some(Foot::new(of.scheme.key_bits(), of.fresh_key(leaf))),
            (Kind::FreshInner(_), From::Part(part)) => parts[part as usize].foot,
            (Kind::FreshInner(number), _) => Some(self.feet[(number - self.first) as usize].own),
            (Kind::FreshPage(page), _) => of.feet.get(page as usize).copied(),
            _ => Some(of.nodes.foot(node.at, place)),
        }
    }

    /// Hashes nodes of one depth, whose numbers these are. `digests` takes that of the foot of each.
    pub(super) fn hash_feet(&self, of: Context<'_>, numbers: &[u32], digests: &mut [u8]) -> Result<(), HashError> {
        let (size, width) = (of.nodes.digest, of.nodes.inner_width());
        let (mut forks, mut subtrees, mut children) = (Vec::new(), Vec::new(), Vec::new());
        for (number, digest) in numbers.iter().zip(digests.chunks_exact_mut(size)) {
            let (record, feet) = (&self.records[*number as usize * width..][..width], &self.feet[*number as usize]);
            match [false, true].map(|right| super::nodes::child_of(record, size, right)) {
                [Ref::EMPTY, _] => digest.copy_from_slice(&record[size..2 * size]),
                [_, Ref::EMPTY] => digest.copy_from_slice(&record[..size]),
                _ => {
                    let below = u32::from(feet.own.depth) + 1;
                    forks.push(feet.own);
                    subtrees.extend(feet.children.map(|foot| (foot, below)));
                    children.extend_from_slice(&record[..2 * size]);
                }
            }
        }
        of.scheme.run_up(&subtrees, &mut children)?;
        let mut made = vec![0; forks.len() * size];
        of.scheme.forks(&forks, &children, &mut made)?;
        let mut made = made.chunks_exact(size);
        for (number, digest) in numbers.iter().zip(digests.chunks_exact_mut(size)) {
            let record = &self.records[*number as usize * width..][..width];
            let is_fork = [false, true].map(|right| super::nodes::child_of(record, size, right) != Ref::EMPTY);
            if let Some(fork) = (is_fork == [true, true]).then(|| made.next()).flatten() {
                digest.copy_from_slice(fork);
            }
        }
        Ok(())
    }

    /// The digest of the topmost node of all, where `self` is done and the root is its top.
    pub(super) fn hashed_top(&self, scheme: &Scheme, mut digest: Vec<u8>) -> Result<Vec<u8>, HashError> {
        if let Some(foot) = self.foot.filter(|_| scheme.has_runs()) {
            scheme.run_up(&[(foot, 0)], &mut digest)?;
        }
        Ok(digest)
    }
}
