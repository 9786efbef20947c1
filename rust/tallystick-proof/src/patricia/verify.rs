//! The verifier: from the root down along every claimed key at once, each node of the proof exactly once.
//!
//! A key is absent only where a node that the root commits to says so: an empty place, another path, a branch without a
//! value. That the proof ends, or that a node cannot be read, never does.

use alloc::vec;
use alloc::vec::Vec;

use subtle::ConstantTimeEq;

use super::node::{Child, Keys, Node, read_at};
use super::path::{common, nibble};
use super::{DIGEST, PatriciaHead, PatriciaProof, SHORTEST_HASHED, is_empty_root, keccak256};
use crate::hash::HashError;
use crate::verify::Refusal;

/// What is claimed about a key.
#[derive(Clone, Copy, Debug)]
pub struct KeyClaim<'a> {
    /// The key, before it is hashed.
    pub key: &'a [u8],
    /// Its value; `None` that it has none.
    pub value: Option<&'a [u8]>,
}

/// Who hashes: the digest of each row with Keccak-256, one behind the other. May be interrupted.
pub type Keccak<'a> = &'a dyn Fn(&[&[u8]]) -> Result<Vec<u8>, HashError>;

/// Nodes that are hashed in one go.
const BLOCK: usize = 4096;

/// Hashes on the spot.
pub fn on_the_spot(rows: &[&[u8]]) -> Result<Vec<u8>, HashError> {
    let mut out = vec![0; rows.len().saturating_mul(DIGEST)];
    keccak256()?.unseeded()?.ragged(rows, &mut out)?;
    Ok(out)
}

/// Checks that every key has the value claimed, or none.
///
/// Each node is hashed once; memory of the claims and of the nodes along one key.
pub fn verify(head: &PatriciaHead, claims: &[KeyClaim<'_>], proof: &PatriciaProof) -> Result<(), Refusal> {
    verify_by(&on_the_spot, head, claims, proof)
}

/// The same, hashed by `keccak`.
pub fn verify_by(
    keccak: Keccak<'_>,
    head: &PatriciaHead,
    claims: &[KeyClaim<'_>],
    proof: &PatriciaProof,
) -> Result<(), Refusal> {
    let keys: Vec<&[u8]> = claims.iter().map(|claim| claim.key).collect();
    let hashed = if head.secure() { keccak(&keys)? } else { Vec::new() };
    let mut claims: Vec<KeyClaim<'_>> = claims.to_vec();
    for (claim, digest) in claims.iter_mut().zip(hashed.chunks_exact(DIGEST)) {
        claim.key = digest;
    }
    claims.sort_unstable_by_key(|claim| claim.key);
    if claims.windows(2).any(|two| matches!(two, [one, other] if one.key == other.key)) {
        return Err(Refusal::DuplicateKey);
    }
    if claims.is_empty() {
        return Err(Refusal::EmptyClaim);
    }
    let mut nodes = Supply { keccak, proof, next: 0, digests: Vec::new(), hashed: 0 };
    let found = if is_empty_root(head.root()) { vec![None; claims.len()] } else { values(head, &claims, &mut nodes)? };
    for (claim, found) in claims.iter().zip(found) {
        match (claim.value, found) {
            (None, Some(_)) => return Err(Refusal::KeyPresent),
            (Some(_), None) => return Err(Refusal::KeyAbsent),
            (claimed, found) if claimed != found => return Err(Refusal::OtherValue),
            _ => {}
        }
    }
    match proof.len().saturating_sub(nodes.next) {
        0 => Ok(()),
        left => Err(Refusal::NodesLeft(left)),
    }
}

/// The nodes of a proof, hashed a block at a time, each handed out once.
struct Supply<'a> {
    keccak: Keccak<'a>,
    proof: &'a PatriciaProof,
    next: usize,
    /// Digests of the nodes from `next` on, as far as they are made.
    digests: Vec<u8>,
    hashed: usize,
}

impl<'a> Supply<'a> {
    /// The next node with its place and digest.
    fn next(&mut self) -> Result<(&'a [u8], usize, Vec<u8>), Refusal> {
        let place = self.next;
        let node = self.proof.node(place).ok_or(Refusal::NodeMissing(place))?;
        if place >= self.hashed {
            let block: Vec<&[u8]> =
                (place..self.proof.len()).take(BLOCK).filter_map(|at| self.proof.node(at)).collect();
            self.digests = (self.keccak)(&block)?;
            self.hashed = place.saturating_add(block.len());
        }
        let begin = (self.digests.len() / DIGEST).saturating_sub(self.hashed.saturating_sub(place));
        let digest = self.digests.chunks_exact(DIGEST).nth(begin).map(<[u8]>::to_vec);
        self.next = place.saturating_add(1);
        Ok((node, place, digest.ok_or(Refusal::Defect("the nodes of a proof were hashed"))?))
    }

    fn root(&mut self, head: &PatriciaHead) -> Result<Node<'a>, Refusal> {
        let (encoded, place, computed) = self.next()?;
        if !bool::from(computed.ct_eq(head.root())) {
            return Err(Refusal::RootMismatch { of: "the head", expected: head.root().to_vec(), computed });
        }
        read_at(encoded, 0, head.keys()).ok_or(Refusal::MalformedNode(place))
    }

    /// The node of this digest, which begins at nibble `depth`.
    fn child(&mut self, digest: &[u8], depth: usize, keys: Keys) -> Result<(Node<'a>, usize), Refusal> {
        let place = self.next;
        if self.proof.node(place).is_some_and(|node| node.len() < SHORTEST_HASHED) {
            return Err(Refusal::MalformedNode(place));
        }
        let (encoded, place, computed) = self.next()?;
        if !bool::from(computed.ct_eq(digest)) {
            return Err(Refusal::OtherNode(place));
        }
        Ok((read_at(encoded, depth, keys).ok_or(Refusal::MalformedNode(place))?, place))
    }
}

/// The values of the keys, which ascend, in their order.
fn values<'a>(
    head: &PatriciaHead,
    claims: &[KeyClaim<'_>],
    nodes: &mut Supply<'a>,
) -> Result<Vec<Option<&'a [u8]>>, Refusal> {
    // The nodes along one key, each with the nibble it begins at. The next key has those up to where the two part.
    let mut along = vec![(nodes.root(head)?, 0)];
    let mut found = Vec::with_capacity(claims.len());
    let mut before: &[u8] = &[];
    for claim in claims {
        let shared = common(before, claim.key);
        while along.last().is_some_and(|(_, depth)| *depth > shared) {
            along.pop();
        }
        found.push(value(head.keys(), claim.key, &mut along, nodes)?);
        before = claim.key;
    }
    Ok(found)
}

/// The value of one key. Each round begins at a later nibble than the one before.
fn value<'a>(
    keys: Keys,
    key: &[u8],
    along: &mut Vec<(Node<'a>, usize)>,
    nodes: &mut Supply<'a>,
) -> Result<Option<&'a [u8]>, Refusal> {
    loop {
        let Some((node, depth)) = along.last().copied() else { return Err(Refusal::Defect("a trie has a root")) };
        let (child, below) = match node {
            Node::Leaf { path, value } => return Ok(path.ends(key, depth).then_some(value)),
            Node::Extension { path, .. } if !path.leads(key, depth) => return Ok(None),
            Node::Extension { path, child } => (child, depth.saturating_add(path.len())),
            Node::Branch(branch) => match nibble(key, depth) {
                Some(nibble) => (branch.child(nibble), depth.saturating_add(1)),
                None => return Ok(Some(branch.value()).filter(|value| !value.is_empty())),
            },
        };
        let child = match child {
            Child::Empty => return Ok(None),
            // It was read with the node that it stands in.
            Child::Embedded(encoded) => Node::read(encoded).ok_or(Refusal::Defect("a node was read"))?,
            Child::Digest(digest) => {
                let (child, place) = nodes.child(digest, below, keys)?;
                if matches!(node, Node::Extension { .. }) && !matches!(child, Node::Branch(_)) {
                    return Err(Refusal::MalformedNode(place));
                }
                child
            }
        };
        along.push((child, below));
    }
}
