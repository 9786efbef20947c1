//! Nodes that are to be hashed, level by level: those without unhashed children first, each level in tasks, and in a task
//! those of one length behind each other, as kernels take them.

use std::sync::Arc;

use tallystick_proof::hash::Seeded;
use tallystick_proof::patricia::node::{CHILDREN, Child as Link};
use tallystick_proof::patricia::path::{hex_prefix, nibble};
use tallystick_proof::patricia::rlp::{list_length, put_list, put_string, string_length};
use tallystick_proof::patricia::{DIGEST, encode_pair};

use super::node::{Below, Children, Name, Node, link_length, put_link};
use crate::error::TreeError;
use crate::pool::Run;

/// Nodes that one task hashes.
const CHUNK: usize = 512;

/// A child of a draft.
#[derive(Debug)]
pub(super) enum Child<'a> {
    /// A node of the old trie, and how its parent there names it.
    Kept(Arc<Node>, Link<'a>),
    /// Draft number `.1` of level `.0`.
    New(usize, usize),
}

/// A node without a name.
#[derive(Debug)]
pub(super) enum Draft<'a> {
    /// The nibbles of a key from this one on, and its value.
    Item(&'a [u8], usize, &'a [u8]),
    /// A path, and a value of the old trie or a new one.
    Leaf(Vec<u8>, &'a [u8]),
    Extension(Vec<u8>, Child<'a>),
    /// The children, and the value; empty if there is none.
    Branch(Box<[Option<Child<'a>>; CHILDREN]>, &'a [u8]),
    /// It was taken to be hashed.
    Taken,
}

/// A node with its name.
#[derive(Clone, Debug)]
struct Made {
    node: Arc<Node>,
    name: Name,
}

/// All drafts, by level.
#[derive(Debug, Default)]
pub(super) struct Drafts<'a>(Vec<Vec<Draft<'a>>>);

impl<'a> Drafts<'a> {
    pub(super) fn push(&mut self, draft: Draft<'a>) -> Child<'a> {
        let above = |child: &Child<'_>| match child {
            Child::Kept(..) => 0,
            Child::New(level, _) => level + 1,
        };
        let level = match &draft {
            Draft::Item(..) | Draft::Leaf(..) | Draft::Taken => 0,
            Draft::Extension(_, child) => above(child),
            Draft::Branch(children, _) => children.iter().flatten().map(above).max().unwrap_or(0),
        };
        if self.0.len() <= level {
            self.0.resize_with(level + 1, Vec::new);
        }
        let drafts = &mut self.0[level];
        drafts.push(draft);
        Child::New(level, drafts.len() - 1)
    }

    /// Hashes all, and gives the node that `top` is.
    pub(super) fn hash(mut self, top: &Child<'_>, keccak: &dyn Seeded, run: Run<'_>) -> Result<Arc<Node>, TreeError> {
        let mut levels: Vec<Vec<Option<Made>>> = Vec::with_capacity(self.0.len());
        for mut drafts in self.0.drain(..) {
            let mut made = vec![None; drafts.len()];
            let tasks = drafts.chunks_mut(CHUNK).zip(made.chunks_mut(CHUNK));
            run.each(tasks, |(drafts, made)| hash_chunk(drafts, made, &levels, keccak))?;
            levels.push(made);
        }
        Ok(resolve(top, &levels)?.0.clone())
    }
}

/// A child, and how it is named.
fn resolve<'a>(child: &'a Child<'_>, levels: &'a [Vec<Option<Made>>]) -> Result<(&'a Arc<Node>, Link<'a>), TreeError> {
    match child {
        Child::Kept(node, link) => Ok((node, *link)),
        Child::New(level, place) => {
            let made = levels.get(*level).and_then(|level| level.get(*place)?.as_ref());
            let made = made.ok_or(TreeError::Defect("children are hashed before their parents"))?;
            Ok((&made.node, made.name.link()))
        }
    }
}

fn hash_chunk(
    drafts: &mut [Draft<'_>],
    made: &mut [Option<Made>],
    levels: &[Vec<Option<Made>>],
    keccak: &dyn Seeded,
) -> Result<(), TreeError> {
    let encode = |draft: &mut Draft<'_>| encode(std::mem::replace(draft, Draft::Taken), levels);
    let nodes: Vec<Node> = drafts.iter_mut().map(encode).collect::<Result<_, _>>()?;
    let mut names: Vec<Option<Name>> = nodes.iter().map(|node| Name::embedded(&node.encoded)).collect();
    let mut long: Vec<usize> = (0..nodes.len()).filter(|place| names[*place].is_none()).collect();
    long.sort_by_key(|place| nodes[*place].encoded.len());
    let rows: Vec<&[u8]> = long.iter().map(|place| &*nodes[*place].encoded).collect();
    let mut digests = vec![0; rows.len() * DIGEST];
    keccak.ragged(&rows, &mut digests)?;
    for (place, digest) in long.iter().zip(digests.as_chunks().0) {
        names[*place] = Some(Name::of_digest(*digest));
    }
    for ((node, name), made) in nodes.into_iter().zip(names).zip(made) {
        let name = name.ok_or(TreeError::Defect("every node has a name"))?;
        *made = Some(Made { node: Arc::new(node), name });
    }
    Ok(())
}

fn leaf(path: &[u8], value: &[u8]) -> Node {
    Node { encoded: encode_pair(&hex_prefix(path, true), value).into(), below: Below::Nothing }
}

fn encode(draft: Draft<'_>, levels: &[Vec<Option<Made>>]) -> Result<Node, TreeError> {
    match draft {
        Draft::Item(key, from, value) => {
            let path: Vec<u8> = (from..2 * key.len()).filter_map(|at| nibble(key, at)).collect();
            Ok(leaf(&path, value))
        }
        Draft::Leaf(path, value) => Ok(leaf(&path, value)),
        Draft::Extension(path, child) => {
            let (node, link) = resolve(&child, levels)?;
            let prefixed = hex_prefix(&path, false);
            let items = string_length(&prefixed) + link_length(link);
            let mut encoded = Vec::with_capacity(list_length(items));
            put_list(&mut encoded, items);
            put_string(&mut encoded, &prefixed);
            put_link(&mut encoded, link);
            Ok(Node { encoded: encoded.into(), below: Below::One(node.clone()) })
        }
        Draft::Branch(children, value) => {
            let (mut nodes, mut links): (Box<Children>, _) = (Box::default(), [Link::Empty; CHILDREN]);
            for ((child, node), link) in children.iter().zip(&mut *nodes).zip(&mut links) {
                if let Some(child) = child {
                    let (found, name) = resolve(child, levels)?;
                    (*node, *link) = (Some(found.clone()), name);
                }
            }
            let items = links.iter().copied().map(link_length).sum::<usize>() + string_length(value);
            let mut encoded = Vec::with_capacity(list_length(items));
            put_list(&mut encoded, items);
            for link in links {
                put_link(&mut encoded, link);
            }
            put_string(&mut encoded, value);
            Ok(Node { encoded: encoded.into(), below: Below::Many(nodes) })
        }
        Draft::Taken => Err(TreeError::Defect("a draft is hashed once")),
    }
}
