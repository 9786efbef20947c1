//! Runs of nodes with one child, which are hashed together: `docs/spec/sparse.md`.

use alloc::vec;
use alloc::vec::Vec;

use super::Scheme;
use crate::frame::Places;
use crate::hash::HashError;
use crate::sparse::bit;

/// Where the run ends that a subtree begins with: its topmost node with two children, or its only leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Foot {
    /// How many levels below the root it is.
    pub depth: u16,
    /// The turns that lead to it, as the bits of a key. Those behind the depth do not count.
    pub path: [u8; 32],
}

impl Foot {
    /// A foot of this depth on the way of a key.
    pub fn new(depth: u32, key: &[u8]) -> Self {
        let mut path = [0; 32];
        path.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        // Keys have at most 256 bits.
        Self { depth: depth as u16, path }
    }

    /// What a proof states: the turns, with a 1 behind the last.
    pub fn marked(&self) -> [u8; 32] {
        let mut path = stretch(&self.path, 0, self.depth.into());
        if let Some(byte) = path.get_mut(usize::from(self.depth / 8)) {
            *byte |= 128 >> (self.depth % 8);
        }
        path
    }

    /// What was stated, if there is a 1.
    pub fn of_marked(path: &[u8]) -> Option<Self> {
        let last = (0..256).rev().find(|place| bit(path, *place))?;
        Some(Self { depth: last as u16, path: stretch(path, 0, last) })
    }

    /// Whether its way begins with the same turns as a key.
    pub fn agrees(&self, key: &[u8], turns: u32) -> bool {
        (0..turns).all(|place| bit(&self.path, place) == bit(key, place))
    }
}

/// These bits of a path, and no others.
fn stretch(path: &[u8], begin: u32, end: u32) -> [u8; 32] {
    let mut out = [0; 32];
    for ((place, to), from) in (0_u32..).step_by(8).zip(&mut out).zip(path) {
        // A shift by all bits leaves nothing.
        let behind = |bits: u32| u8::MAX.checked_shr(bits.saturating_sub(place).min(8)).unwrap_or(0);
        *to = from & behind(begin) & !behind(end);
    }
    out
}

impl Scheme {
    /// Whether nodes with one child are hashed as runs.
    pub fn has_runs(&self) -> bool {
        self.0.run.is_some()
    }

    /// Makes of the digests of feet, in place, those of the subtrees that begin above them: each foot comes with the depth of its
    /// subtree's top, which is no deeper than the foot. Where foot and top are one, the digest stays. Two hashes a run.
    pub fn run_up(&self, subtrees: &[(Foot, u32)], digests: &mut [u8]) -> Result<(), HashError> {
        let Some((base, run)) = &self.0.run else { return Err(HashError::NoEdge) };
        let size = self.digest_size();
        let is_run = |(foot, top): &(Foot, u32)| u32::from(foot.depth) > *top;
        let below = || subtrees.iter().filter(|subtree| is_run(subtree));
        let count = below().count();
        if count == 0 {
            return Ok(());
        }
        let mut rows = Vec::new();
        for ((foot, _), digest) in
            subtrees.iter().zip(digests.chunks_exact(size)).filter(|(subtree, _)| is_run(subtree))
        {
            self.put_place(&mut rows, u32::from(foot.depth).saturating_sub(1), &foot.path);
            rows.extend_from_slice(digest);
        }
        let mut made = vec![0; count.saturating_mul(size)];
        base.rows(0, Places::From(0), &rows, rows.len() / count, &mut made)?;
        rows.clear();
        for ((foot, top), base) in below().zip(made.chunks_exact(size)) {
            rows.extend_from_slice(base);
            self.put_reversed(&mut rows, stretch(&foot.path, *top, foot.depth.into()));
            // A run of 256 nodes is stated as 0.
            rows.push(u32::from(foot.depth).saturating_sub(*top) as u8);
        }
        run.rows(0, Places::From(0), &rows, rows.len() / count, &mut made)?;
        let runs = subtrees.iter().zip(digests.chunks_exact_mut(size)).filter(|(subtree, _)| is_run(subtree));
        for ((_, digest), made) in runs.zip(made.chunks_exact(size)) {
            digest.copy_from_slice(made);
        }
        Ok(())
    }

    /// Hashes nodes with two children. `nodes` are where they stand, as feet; `children` are the digests of both children of each, one
    /// pair behind the other. `out` takes a digest each.
    pub fn forks(&self, nodes: &[Foot], children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        if nodes.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::new();
        for (node, pair) in nodes.iter().zip(children.chunks_exact(self.digest_size().saturating_mul(2))) {
            self.put_place(&mut rows, node.depth.into(), &node.path);
            rows.extend_from_slice(pair);
        }
        self.0.node.rows(0, Places::From(0), &rows, rows.len() / nodes.len(), out)
    }

    /// Height and path of a node.
    fn put_place(&self, rows: &mut Vec<u8>, depth: u32, path: &[u8]) {
        // Keys have at most 256 bits, so the height of an inner node is below 256.
        rows.push(self.key_bits().saturating_sub(1).saturating_sub(depth) as u8);
        self.put_reversed(rows, stretch(path, 0, depth));
    }

    /// A path as it is hashed: the last byte first.
    fn put_reversed(&self, rows: &mut Vec<u8>, path: [u8; 32]) {
        rows.extend(path.iter().take(self.key_size()).rev());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches() {
        let path = [0xff; 32];
        assert_eq!(stretch(&path, 0, 0), [0; 32]);
        assert_eq!(stretch(&path, 0, 256), path);
        assert_eq!(stretch(&path, 3, 12)[..3], [0x1f, 0xf0, 0]);
        assert_eq!(stretch(&path, 8, 16)[..3], [0, 0xff, 0]);
        assert_eq!(stretch(&path, 250, 255)[31], 0x3e);
    }

    #[test]
    fn marks() {
        for depth in [0, 1, 7, 8, 100, 255] {
            let foot = Foot { depth, path: stretch(&[0xa5; 32], 0, depth.into()) };
            assert_eq!(Foot::of_marked(&foot.marked()), Some(foot));
        }
        assert_eq!(Foot::of_marked(&[0; 32]), None);
    }
}
