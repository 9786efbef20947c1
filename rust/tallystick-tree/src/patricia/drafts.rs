//! Nodes that are to be hashed, level by level: those without unhashed children first, each level in tasks, and in a task
//! those of one length behind each other, as kernels take them.

use std::sync::Arc;

use tallystick_proof::hash::Seeded;
use tallystick_proof::patricia::DIGEST;
use tallystick_proof::patricia::node::CHILDREN;
use tallystick_proof::patricia::path::nibble;

use super::node::{Branch, Kind, Name, Node};
use crate::error::TreeError;
use crate::pool::Run;

/// Nodes that one task hashes.
const CHUNK: usize = 512;

/// A child of a draft.
#[derive(Debug)]
pub(super) enum Child {
    /// A node of the old trie.
    Kept(Arc<Node>),
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
    Extension(Vec<u8>, Child),
    Branch(Box<[Option<Child>; CHILDREN]>, Option<&'a [u8]>),
    /// It was taken to be hashed.
    Taken,
}

/// All drafts, by level.
#[derive(Debug, Default)]
pub(super) struct Drafts<'a>(Vec<Vec<Draft<'a>>>);

impl<'a> Drafts<'a> {
    pub(super) fn push(&mut self, draft: Draft<'a>) -> Child {
        let above = |child: &Child| match child {
            Child::Kept(_) => 0,
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
    pub(super) fn hash(mut self, top: Child, keccak: &dyn Seeded, run: Run<'_>) -> Result<Arc<Node>, TreeError> {
        let mut levels: Vec<Vec<Option<Arc<Node>>>> = Vec::with_capacity(self.0.len());
        for mut drafts in self.0.drain(..) {
            let mut made = vec![None; drafts.len()];
            let tasks = drafts.chunks_mut(CHUNK).zip(made.chunks_mut(CHUNK));
            run.each(tasks, |(drafts, made)| hash_chunk(drafts, made, &levels, keccak))?;
            levels.push(made);
        }
        resolve(top, &levels)
    }
}

fn resolve(child: Child, levels: &[Vec<Option<Arc<Node>>>]) -> Result<Arc<Node>, TreeError> {
    let found = match child {
        Child::Kept(node) => Some(node),
        Child::New(level, place) => levels.get(level).and_then(|level| level.get(place)?.clone()),
    };
    found.ok_or(TreeError::Defect("children are hashed before their parents"))
}

fn hash_chunk(
    drafts: &mut [Draft<'_>],
    made: &mut [Option<Arc<Node>>],
    levels: &[Vec<Option<Arc<Node>>>],
    keccak: &dyn Seeded,
) -> Result<(), TreeError> {
    let mut kinds = Vec::with_capacity(drafts.len());
    let (mut encoded, mut ends) = (Vec::new(), Vec::with_capacity(drafts.len()));
    for draft in drafts {
        let kind = kind_of(std::mem::replace(draft, Draft::Taken), levels)?;
        // Leaves have their encoding already.
        if !matches!(kind, Kind::Leaf(_)) {
            kind.encode(&mut encoded);
        }
        ends.push(encoded.len());
        kinds.push(kind);
    }
    let begins = std::iter::once(&0).chain(&ends);
    let rows: Vec<&[u8]> = kinds
        .iter()
        .zip(begins.zip(&ends))
        .map(|(kind, (begin, end))| if let Kind::Leaf(encoded) = kind { encoded } else { &encoded[*begin..*end] })
        .collect();
    let mut names: Vec<Option<Name>> = rows.iter().map(|row| Name::embedded(row)).collect();
    let mut long: Vec<usize> = (0..rows.len()).filter(|place| names[*place].is_none()).collect();
    long.sort_by_key(|place| rows[*place].len());
    let sorted: Vec<&[u8]> = long.iter().map(|place| rows[*place]).collect();
    let mut digests = vec![0; sorted.len() * DIGEST];
    keccak.ragged(&sorted, &mut digests)?;
    for (place, digest) in long.iter().zip(digests.as_chunks().0) {
        names[*place] = Some(Name::digest(*digest));
    }
    for ((kind, name), made) in kinds.into_iter().zip(names).zip(made) {
        let name = name.ok_or(TreeError::Defect("every node has a name"))?;
        *made = Some(Arc::new(Node { name, kind }));
    }
    Ok(())
}

fn kind_of(draft: Draft<'_>, levels: &[Vec<Option<Arc<Node>>>]) -> Result<Kind, TreeError> {
    Ok(match draft {
        Draft::Item(key, from, value) => {
            let path: Vec<u8> = (from..2 * key.len()).filter_map(|at| nibble(key, at)).collect();
            Kind::leaf(&path, value)
        }
        Draft::Leaf(path, value) => Kind::leaf(&path, value),
        Draft::Extension(path, child) => Kind::extension(&path, resolve(child, levels)?),
        Draft::Branch(children, value) => {
            let mut branch = Branch { children: Default::default(), value: value.map(Into::into) };
            for (child, place) in (*children).into_iter().zip(&mut branch.children) {
                *place = child.map(|child| resolve(child, levels)).transpose()?;
            }
            Kind::Branch(Box::new(branch))
        }
        Draft::Taken => return Err(TreeError::Defect("a draft is hashed once")),
    })
}
