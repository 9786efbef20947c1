//! hashtree beside tallystick. The library is one call, which hashes pairs of digests; the tree, its proofs and their
//! verification are written here around that call, a level at a time. The memory of a tree is kept for the next build, as
//! tallystick keeps it.

use harness::{Leaf, Missing, Outcome, Peer, Work, serve};

#[derive(Default)]
struct Hashtree {
    /// The leaves' level first; a level has a power of two of digests. A build writes over the last one.
    levels: Vec<Vec<Leaf>>,
    /// All siblings of one level, then those of the next.
    siblings: Vec<Vec<Leaf>>,
}

fn hash_pairs(children: &[Leaf], parents: &mut [Leaf]) {
    let count = parents.len().min(children.len() / 2);
    hashtree_rs::hash(parents.as_flattened_mut(), children.as_flattened(), count);
}

impl Peer for Hashtree {
    fn clear(&mut self) {
        self.siblings.clear();
    }

    fn build(&mut self, work: &Work) -> Outcome {
        if !work.leaves.len().is_power_of_two() {
            return Err("the number of leaves is not a power of two".into());
        }
        if self.levels.is_empty() {
            let depth = work.leaves.len().ilog2();
            self.levels = (0..=depth).rev().map(|height| vec![[0; 32]; 1 << height]).collect();
        }
        let mut above = self.levels.iter_mut();
        let mut below = above.next().ok_or("no level")?;
        // The leaves are copied: the tree is not to change when they do.
        below.copy_from_slice(&work.leaves);
        for level in above {
            hash_pairs(below, level);
            below = level;
        }
        Ok(())
    }

    fn root(&self) -> Result<Leaf, Box<dyn std::error::Error>> {
        Ok(*self.levels.last().and_then(|level| level.first()).ok_or("no tree")?)
    }

    fn prove(&mut self, work: &Work) -> Outcome {
        let depth = self.levels.len() - 1;
        let sibling = |height: usize, index: &usize| self.levels[height][(index >> height) ^ 1];
        self.siblings =
            (0..depth).map(|height| work.indices.iter().map(|index| sibling(height, index)).collect()).collect();
        Ok(())
    }

    fn verify(&mut self, work: &Work) -> Outcome {
        let mut nodes: Vec<Leaf> = work.indices.iter().map(|index| work.leaves[*index]).collect();
        let mut pairs = Vec::with_capacity(2 * nodes.len());
        for (height, siblings) in self.siblings.iter().enumerate() {
            pairs.clear();
            for ((index, node), sibling) in work.indices.iter().zip(&nodes).zip(siblings) {
                pairs.extend(if index >> height & 1 == 0 { [*node, *sibling] } else { [*sibling, *node] });
            }
            hash_pairs(&pairs, &mut nodes);
        }
        let root = self.root()?;
        if nodes.iter().all(|node| *node == root) { Ok(()) } else { Err("a proof is wrong".into()) }
    }

    fn append(&mut self, _work: &Work) -> Outcome {
        Err(Missing("hashes pairs; appending would be code of ours").into())
    }
}

fn main() -> Outcome {
    hashtree_rs::init();
    serve(Hashtree::default())
}
