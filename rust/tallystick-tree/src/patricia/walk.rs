//! Reading a trie: the value of a key, the nodes on the way to keys, all keys in order.

use std::sync::Arc;

use tallystick_proof::codec::Strings;
use tallystick_proof::patricia::path::{common, nibble, nibbles};

use super::node::{Node, Tail};
use crate::error::TreeError;
use crate::poll::Poll;
use crate::pool::Run;

/// Where a step on the way to a key leads.
enum Step<'a> {
    /// To a child that begins at a nibble.
    To(&'a Arc<Node>, usize),
    /// To the end: the value, if there is one.
    End(Option<&'a [u8]>),
}

fn step<'a>(node: &'a Node, depth: usize, key: &[u8]) -> Result<Step<'a>, TreeError> {
    Ok(match node.tail()? {
        Tail::Leaf(path, value) => Step::End(path.ends(key, depth).then_some(value)),
        Tail::Extension(path, child, _) if path.leads(key, depth) => Step::To(child, depth + path.len()),
        Tail::Extension(..) => Step::End(None),
        Tail::Branch(branch, children) => match nibble(key, depth) {
            None => Step::End(Some(branch.value()).filter(|value| !value.is_empty())),
            Some(nibble) => match &children[usize::from(nibble)] {
                Some(child) => Step::To(child, depth + 1),
                None => Step::End(None),
            },
        },
    })
}

/// The value of a key, which is a path.
pub(super) fn find<'a>(root: Option<&'a Arc<Node>>, key: &[u8]) -> Result<Option<&'a [u8]>, TreeError> {
    let Some(mut node) = root else { return Ok(None) };
    let mut depth = 0;
    loop {
        match step(node, depth, key)? {
            Step::To(child, below) => (node, depth) = (child, below),
            Step::End(value) => return Ok(value),
        }
    }
}

/// The hashed nodes on the way to the keys, which are paths and ascend; each once.
pub(super) fn shown(root: Option<&Arc<Node>>, keys: &[&[u8]], run: Run<'_>) -> Result<Strings, TreeError> {
    let mut nodes = Strings::default();
    let Some(root) = root else { return Ok(nodes) };
    // The root is hashed however short it is.
    nodes.push(&root.encoded);
    let mut along = vec![(root, 0)];
    let mut before: &[u8] = &[];
    let mut poll = Poll::new(run);
    for key in keys {
        poll.ask()?;
        let shared = common(before, key);
        while along.last().is_some_and(|(_, depth)| *depth > shared) {
            along.pop();
        }
        while let Some((node, depth)) = along.last().copied()
            && let Step::To(child, below) = step(node, depth, key)?
        {
            if child.is_hashed() {
                nodes.push(&child.encoded);
            }
            along.push((child, below));
        }
        before = key;
    }
    Ok(nodes)
}

/// A key and its value.
pub type KeyValue = (Vec<u8>, Vec<u8>);

/// The keys that begin with a prefix, ascending, with their values: those of the trie as it was.
#[derive(Debug)]
pub struct Items {
    prefix: Vec<u8>,
    /// Nodes that are still to be read, the next one last, and the nibbles before each.
    left: Vec<(Arc<Node>, Vec<u8>)>,
}

impl Items {
    pub(super) fn new(root: Option<Arc<Node>>, prefix: &[u8]) -> Self {
        let prefix = (0..nibbles(prefix)).filter_map(|at| nibble(prefix, at)).collect();
        Self { prefix, left: root.map(|root| (root, Vec::new())).into_iter().collect() }
    }

    /// Whether keys that begin with `path` may begin with the prefix.
    fn may_begin(&self, path: &[u8]) -> bool {
        self.prefix.iter().zip(path).all(|(left, right)| left == right)
    }

    /// The next key and its value.
    pub fn next_item(&mut self) -> Result<Option<KeyValue>, TreeError> {
        while let Some((node, path)) = self.left.pop() {
            match node.tail()? {
                Tail::Leaf(end, value) => {
                    let path = followed(path, end);
                    if path.starts_with(&self.prefix) {
                        return Ok(Some((key_of(&path), value.to_vec())));
                    }
                }
                Tail::Extension(middle, child, _) => {
                    let path = followed(path, middle);
                    if self.may_begin(&path) {
                        self.left.push((child.clone(), path));
                    }
                }
                Tail::Branch(branch, children) => {
                    for (nibble, child) in children.iter().enumerate().rev() {
                        let Some(child) = child else { continue };
                        let mut below = path.clone();
                        below.push(nibble as u8);
                        if self.may_begin(&below) {
                            self.left.push((child.clone(), below));
                        }
                    }
                    if !branch.value().is_empty() && path.starts_with(&self.prefix) {
                        return Ok(Some((key_of(&path), branch.value().to_vec())));
                    }
                }
            }
        }
        Ok(None)
    }
}

fn followed(mut path: Vec<u8>, by: tallystick_proof::patricia::path::Path<'_>) -> Vec<u8> {
    path.extend((0..by.len()).filter_map(|at| by.nibble(at)));
    path
}

fn key_of(path: &[u8]) -> Vec<u8> {
    path.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble)).collect()
}
