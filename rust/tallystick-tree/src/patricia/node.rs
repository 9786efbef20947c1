//! Nodes in memory: shared between the versions of a trie, never changed.

use std::sync::Arc;

use tallystick_proof::patricia::node::{CHILDREN, Node as Read};
use tallystick_proof::patricia::path::{Path, hex_prefix};
use tallystick_proof::patricia::rlp::{list_length, put_list, put_string, string_length};
use tallystick_proof::patricia::{DIGEST, SHORTEST_HASHED, encode_pair};

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

    pub(super) fn digest(digest: [u8; DIGEST]) -> Self {
        Self { bytes: digest, length: DIGEST as u8 }
    }

    /// Whether it is a digest.
    pub(super) fn is_digest(&self) -> bool {
        usize::from(self.length) == DIGEST
    }

    /// The digest, or the encoding.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length.into()]
    }

    /// Bytes that it takes in a parent.
    fn length(&self) -> usize {
        if self.is_digest() { DIGEST + 1 } else { self.length.into() }
    }

    fn put(&self, out: &mut Vec<u8>) {
        if self.is_digest() { put_string(out, &self.bytes) } else { out.extend_from_slice(self.bytes()) }
    }
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: Name,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// Its encoding.
    Leaf(Box<[u8]>),
    /// The path in the hex-prefix form, and the branch behind it.
    Extension(Box<[u8]>, Arc<Node>),
    Branch(Box<Branch>),
}

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) children: [Option<Arc<Node>>; CHILDREN],
    pub(super) value: Option<Box<[u8]>>,
}

/// What a leaf or an extension says about the keys below it.
pub(super) enum Tail<'a> {
    Leaf(Path<'a>, &'a [u8]),
    Extension(Path<'a>, &'a Arc<Node>),
    Branch(&'a Branch),
}

impl Kind {
    pub(super) fn leaf(path: &[u8], value: &[u8]) -> Self {
        Self::Leaf(encode_pair(&hex_prefix(path, true), value).into())
    }

    pub(super) fn extension(path: &[u8], child: Arc<Node>) -> Self {
        Self::Extension(hex_prefix(path, false).into(), child)
    }

    pub(super) fn tail(&self) -> Result<Tail<'_>, TreeError> {
        match self {
            Self::Leaf(encoded) => match Read::read(encoded) {
                Some(Read::Leaf { path, value }) => Ok(Tail::Leaf(path, value)),
                _ => Err(TreeError::Defect("a leaf is encoded as one")),
            },
            Self::Extension(prefixed, child) => match Path::read(prefixed) {
                Some((path, false)) => Ok(Tail::Extension(path, child)),
                _ => Err(TreeError::Defect("an extension has a path")),
            },
            Self::Branch(branch) => Ok(Tail::Branch(branch)),
        }
    }

    /// Appends the encoding.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Leaf(encoded) => out.extend_from_slice(encoded),
            Self::Extension(prefixed, child) => {
                put_list(out, string_length(prefixed) + child.name.length());
                put_string(out, prefixed);
                child.name.put(out);
            }
            Self::Branch(branch) => {
                let value = branch.value.as_deref().unwrap_or_default();
                let length = |child: &Option<Arc<Node>>| child.as_ref().map_or(1, |child| child.name.length());
                let items = branch.children.iter().map(length).sum::<usize>() + string_length(value);
                out.reserve(list_length(items));
                put_list(out, items);
                for child in &branch.children {
                    match child {
                        Some(child) => child.name.put(out),
                        None => put_string(out, &[]),
                    }
                }
                put_string(out, value);
            }
        }
    }

    fn take_children(&mut self, out: &mut Vec<Arc<Node>>) {
        match self {
            Self::Leaf(_) => {}
            Self::Extension(..) => {
                if let Self::Extension(_, child) = std::mem::replace(self, Self::Leaf(Box::default())) {
                    out.push(child);
                }
            }
            Self::Branch(branch) => out.extend(branch.children.iter_mut().filter_map(Option::take)),
        }
    }
}

/// A trie is as deep as its keys are long, so nodes are not dropped by recursion.
impl Drop for Node {
    fn drop(&mut self) {
        let mut left = Vec::new();
        self.kind.take_children(&mut left);
        while let Some(node) = left.pop() {
            // Of several owners that let go at once, exactly one gets the node.
            if let Some(mut node) = Arc::into_inner(node) {
                node.kind.take_children(&mut left);
            }
        }
    }
}
