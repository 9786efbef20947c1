//! Nodes in memory: shared between the versions of a trie, never changed. Each is its encoding, in which its children are
//! named, and the children.

use std::sync::Arc;

use tallystick_proof::patricia::node::{Branch, CHILDREN, Child as Link, Node as Read};
use tallystick_proof::patricia::path::Path;
use tallystick_proof::patricia::rlp::put_string;
use tallystick_proof::patricia::{DIGEST, SHORTEST_HASHED};

use crate::error::TreeError;

/// How a parent names a node: by digest, or by the encoding itself if that is shorter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    bytes: [u8; DIGEST],
    length: u8,
}

impl Name {
    /// The name of a node that is encoded so; `None` if that is its digest.
    pub(super) fn embedded(encoded: &[u8]) -> Option<Self> {
        let mut bytes = [0; DIGEST];
        bytes.get_mut(..encoded.len()).filter(|_| encoded.len() < SHORTEST_HASHED)?.copy_from_slice(encoded);
        Some(Self { bytes, length: encoded.len() as u8 })
    }

    pub(super) fn of_digest(digest: [u8; DIGEST]) -> Self {
        Self { bytes: digest, length: DIGEST as u8 }
    }

    /// The digest, if it is one.
    pub(super) fn digest(&self) -> Option<&[u8; DIGEST]> {
        (usize::from(self.length) == DIGEST).then_some(&self.bytes)
    }

    /// The same as it stands in a parent.
    pub(super) fn link(&self) -> Link<'_> {
        match self.digest() {
            Some(digest) => Link::Digest(digest),
            None => Link::Embedded(&self.bytes[..self.length.into()]),
        }
    }
}

/// Bytes that a child takes in its parent.
pub(super) fn link_length(link: Link<'_>) -> usize {
    match link {
        Link::Empty => 1,
        Link::Digest(digest) => digest.len() + 1,
        Link::Embedded(encoded) => encoded.len(),
    }
}

pub(super) fn put_link(out: &mut Vec<u8>, link: Link<'_>) {
    match link {
        Link::Empty => put_string(out, &[]),
        Link::Digest(digest) => put_string(out, digest),
        Link::Embedded(encoded) => out.extend_from_slice(encoded),
    }
}

pub(super) type Children = [Option<Arc<Node>>; CHILDREN];

#[derive(Debug)]
pub(super) struct Node {
    pub(super) encoded: Box<[u8]>,
    pub(super) below: Below,
}

/// The children of a leaf, an extension and a branch.
#[derive(Debug)]
pub(super) enum Below {
    Nothing,
    One(Arc<Node>),
    Many(Box<Children>),
}

/// A node as it is read: what it says, beside the children.
pub(super) enum Tail<'a> {
    Leaf(Path<'a>, &'a [u8]),
    Extension(Path<'a>, &'a Arc<Node>, Link<'a>),
    Branch(Branch<'a>, &'a Children),
}

impl Node {
    pub(super) fn tail(&self) -> Result<Tail<'_>, TreeError> {
        match (&self.below, Read::read(&self.encoded)) {
            (Below::Nothing, Some(Read::Leaf { path, value })) => Ok(Tail::Leaf(path, value)),
            (Below::One(below), Some(Read::Extension { path, child })) => Ok(Tail::Extension(path, below, child)),
            // The items of a branch were looked at when it was made.
            (Below::Many(children), Some(Read::Branch(branch))) => Ok(Tail::Branch(branch, children)),
            _ => Err(TreeError::Defect("a node is encoded as what it is")),
        }
    }

    /// Whether its parent names it by digest.
    pub(super) fn is_hashed(&self) -> bool {
        self.encoded.len() >= SHORTEST_HASHED
    }

    fn take_children(&mut self, out: &mut Vec<Arc<Self>>) {
        match std::mem::replace(&mut self.below, Below::Nothing) {
            Below::Nothing => {}
            Below::One(child) => out.push(child),
            Below::Many(children) => out.extend(children.into_iter().flatten()),
        }
    }
}

/// A trie is as deep as its keys are long, so nodes are not dropped by recursion.
impl Drop for Node {
    fn drop(&mut self) {
        let mut left = Vec::new();
        self.take_children(&mut left);
        while let Some(node) = left.pop() {
            // Of several owners that let go at once, exactly one gets the node.
            if let Some(mut node) = Arc::into_inner(node) {
                node.take_children(&mut left);
            }
        }
    }
}
