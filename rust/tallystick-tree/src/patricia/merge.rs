//! A trie and a batch of changes become the drafts of another trie.
//!
//! The batch ascends by key. It goes down the old trie from the left, one frame for each branch on the way, and every
//! subtree that no key of the batch leads to is kept as it is. On the way up a branch with one child left becomes part of
//! that child's path, so the result depends on keys and values alone. There is no recursion: a trie is as deep as its keys
//! are long.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use tallystick_proof::patricia::node::{CHILDREN, Child as Link};
use tallystick_proof::patricia::path::{Path, common, nibble, nibbles};

use super::drafts::{Child, Draft, Drafts};
use super::node::{Node, Tail};
use crate::error::TreeError;
use crate::poll::Poll;
use crate::pool::Run;

/// A key of a batch, as a path, with its new value; none for one that goes away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: Option<&'a [u8]>,
}

/// A subtree, whose keys are known up to some nibble.
#[derive(Debug)]
enum Sub<'a> {
    Empty,
    /// A node of the old trie without the first nibbles of its path, and how its parent there names it.
    Old(Old<'a>, usize),
    /// The item of this number, from this nibble on.
    Item(usize, usize),
    /// A leaf whose path is no longer the end of the node's that it comes from.
    Leaf(Vec<u8>, &'a [u8]),
    Extension(Vec<u8>, Child<'a>),
    /// A branch that is a draft.
    Branch(Child<'a>),
}

/// A node of the old trie. The root has no parent; it is never a child of anything as it is.
#[derive(Clone, Copy, Debug)]
struct Old<'a> {
    node: &'a Arc<Node>,
    link: Link<'a>,
}

impl<'a> Old<'a> {
    fn kept(self) -> Child<'a> {
        Child::Kept(self.node.clone(), self.link)
    }
}

/// A branch in the making.
struct Frame<'a> {
    /// Where the subtree begins. The nibbles from here to the branch are those of any of its keys.
    from: usize,
    /// Where the branch stands.
    depth: usize,
    /// An item below.
    any: usize,
    /// The items that are still to come.
    items: Range<usize>,
    /// The nibble that the items go down by just now.
    nibble: usize,
    children: [Sub<'a>; CHILDREN],
    value: Option<&'a [u8]>,
}

/// What comes of a merge.
pub(super) struct Merged<'a> {
    pub(super) drafts: Drafts<'a>,
    /// The root; none of a trie without keys.
    pub(super) top: Option<Child<'a>>,
    /// How many of the batch's keys the old trie had.
    pub(super) met: u64,
}

pub(super) fn merge<'a>(
    root: Option<&'a Arc<Node>>,
    items: &'a [Item<'a>],
    run: Run<'_>,
) -> Result<Merged<'a>, TreeError> {
    if items.is_empty() {
        let top = root.map(|root| Child::Kept(root.clone(), Link::Empty));
        return Ok(Merged { drafts: Drafts::default(), top, met: 0 });
    }
    let mut merge = Merge { items, frames: Vec::new(), drafts: Drafts::default(), met: 0 };
    let top = merge.run(root, run)?;
    let top = merge.child(top)?;
    Ok(Merged { drafts: merge.drafts, top, met: merge.met })
}

struct Merge<'a> {
    items: &'a [Item<'a>],
    frames: Vec<Frame<'a>>,
    drafts: Drafts<'a>,
    met: u64,
}

fn no_children<'a>() -> [Sub<'a>; CHILDREN] {
    std::array::from_fn(|_| Sub::Empty)
}

impl<'a> Merge<'a> {
    fn run(&mut self, root: Option<&'a Arc<Node>>, run: Run<'_>) -> Result<Sub<'a>, TreeError> {
        let mut done = self.begin(0, root.map(|node| (Old { node, link: Link::Empty }, 0)), 0..self.items.len())?;
        let mut poll = Poll::new(run);
        loop {
            poll.ask()?;
            let Some(frame) = self.frames.last_mut() else {
                return done.ok_or(TreeError::Defect("a merge ends with its root"));
            };
            if let Some(sub) = done.take() {
                frame.children[frame.nibble] = sub;
            }
            let items = self.items.get(frame.items.clone()).unwrap_or_default();
            let Some(next) = items.first().and_then(|item| nibble(item.key, frame.depth)) else {
                done = self.frames.pop().map(|frame| self.finish(frame)).transpose()?;
                continue;
            };
            let count = items.partition_point(|item| nibble(item.key, frame.depth) == Some(next));
            let below = frame.items.start..frame.items.start + count;
            frame.items.start = below.end;
            frame.nibble = next.into();
            let from = frame.depth + 1;
            let old = match std::mem::replace(&mut frame.children[frame.nibble], Sub::Empty) {
                Sub::Old(old, skip) => Some((old, skip)),
                _ => None,
            };
            done = self.begin(from, old, below)?;
        }
    }

    /// The subtree of at least one item and what is left of an old node, both from nibble `from` on; or none yet, and a
    /// frame for it.
    fn begin(
        &mut self,
        from: usize,
        old: Option<(Old<'a>, usize)>,
        items: Range<usize>,
    ) -> Result<Option<Sub<'a>>, TreeError> {
        let all = self.items.get(items.clone()).unwrap_or_default();
        let (Some(first), Some(last)) = (all.first(), all.last()) else {
            return Err(TreeError::Defect("a merge goes where there are items"));
        };
        let mut frame =
            Frame { from, depth: from, any: items.start, items, nibble: 0, children: no_children(), value: None };
        match old.map(|(old, skip)| Ok::<_, TreeError>((old, skip, old.node.tail()?))).transpose()? {
            Some((old, skip, Tail::Leaf(path, value))) => {
                let path = path.behind(skip);
                if all.binary_search_by(|item| order(item.key, from, path)).is_ok() {
                    self.met += 1;
                    return self.begin_fresh(frame);
                }
                let shared = path.common(first.key, from).min(path.common(last.key, from));
                frame.depth += shared;
                match path.nibble(shared) {
                    Some(nibble) => frame.children[usize::from(nibble)] = Sub::Old(old, skip + shared + 1),
                    None => frame.value = Some(value),
                }
            }
            Some((old, skip, Tail::Extension(path, node, link))) => {
                let path = path.behind(skip);
                let shared = path.common(first.key, from).min(path.common(last.key, from));
                frame.depth += shared;
                match path.nibble(shared) {
                    Some(nibble) if shared + 1 == path.len() => {
                        frame.children[usize::from(nibble)] = Sub::Old(Old { node, link }, 0);
                    }
                    Some(nibble) => frame.children[usize::from(nibble)] = Sub::Old(old, skip + shared + 1),
                    None => open(&mut frame, node)?,
                }
            }
            Some((old, _, Tail::Branch(..))) => open(&mut frame, old.node)?,
            None => return self.begin_fresh(frame),
        }
        self.push(frame);
        Ok(None)
    }

    /// The same where the old trie has nothing, or a leaf that the batch replaces or removes.
    fn begin_fresh(&mut self, mut frame: Frame<'a>) -> Result<Option<Sub<'a>>, TreeError> {
        let all = self.items.get(frame.items.clone()).unwrap_or_default();
        match all {
            [] => Err(TreeError::Defect("a merge goes where there are items")),
            [item] => Ok(Some(if item.value.is_some() { Sub::Item(frame.any, frame.from) } else { Sub::Empty })),
            [first, .., last] => {
                frame.depth = common(first.key, last.key);
                self.push(frame);
                Ok(None)
            }
        }
    }

    /// Begins with a branch, at which the first item may end.
    fn push(&mut self, mut frame: Frame<'a>) {
        if let Some(item) = self.items.get(frame.items.start).filter(|item| nibbles(item.key) == frame.depth) {
            self.met += u64::from(frame.value.is_some());
            frame.value = item.value;
            frame.items.start += 1;
        }
        self.frames.push(frame);
    }

    /// The subtree of a branch whose children are all known.
    fn finish(&mut self, frame: Frame<'a>) -> Result<Sub<'a>, TreeError> {
        let Frame { from, depth, any, mut children, value, .. } = frame;
        let mut path: Vec<u8> = match self.items.get(any) {
            Some(item) => (from..depth).filter_map(|at| nibble(item.key, at)).collect(),
            None => return Err(TreeError::Defect("a branch in the making has an item")),
        };
        let taken: Vec<usize> = (0..CHILDREN).filter(|place| !matches!(children[*place], Sub::Empty)).collect();
        match (taken.as_slice(), value) {
            ([], None) => Ok(Sub::Empty),
            ([], Some(value)) => Ok(Sub::Leaf(path, value)),
            ([place], None) => {
                path.push(*place as u8);
                prepend(path, std::mem::replace(&mut children[*place], Sub::Empty))
            }
            _ => {
                let mut all: Box<[Option<Child<'a>>; CHILDREN]> = Box::default();
                for (sub, place) in children.into_iter().zip(&mut *all) {
                    *place = self.child(sub)?;
                }
                let branch = self.drafts.push(Draft::Branch(all, value.unwrap_or_default()));
                prepend(path, Sub::Branch(branch))
            }
        }
    }

    /// A subtree as the child of a branch, or the root.
    fn child(&mut self, sub: Sub<'a>) -> Result<Option<Child<'a>>, TreeError> {
        Ok(match sub {
            Sub::Empty => None,
            Sub::Old(old, 0) => Some(old.kept()),
            Sub::Old(old, skip) => {
                let cut = cut(old.node, skip)?;
                Some(self.drafts.push(cut))
            }
            Sub::Item(place, from) => match self.items.get(place) {
                Some(Item { key, value: Some(value) }) => Some(self.drafts.push(Draft::Item(key, from, value))),
                _ => return Err(TreeError::Defect("a leaf has a value")),
            },
            Sub::Leaf(path, value) => Some(self.drafts.push(Draft::Leaf(path, value))),
            Sub::Extension(path, child) => Some(self.drafts.push(Draft::Extension(path, child))),
            Sub::Branch(child) => Some(child),
        })
    }
}

/// Fills a frame with the children and the value of an old branch.
fn open<'a>(frame: &mut Frame<'a>, node: &'a Node) -> Result<(), TreeError> {
    let Tail::Branch(branch, children) = node.tail()? else {
        return Err(TreeError::Defect("an extension leads to a branch"));
    };
    for ((node, link), place) in children.iter().zip(branch.children()).zip(&mut frame.children) {
        if let Some(node) = node {
            *place = Sub::Old(Old { node, link }, 0);
        }
    }
    frame.value = Some(branch.value()).filter(|value| !value.is_empty());
    Ok(())
}

/// How the nibbles of a key from `from` on compare with a path.
fn order(key: &[u8], from: usize, path: Path<'_>) -> Ordering {
    let shared = path.common(key, from);
    nibble(key, from + shared).cmp(&path.nibble(shared))
}

fn path_of(path: Path<'_>) -> impl Iterator<Item = u8> {
    (0..path.len()).filter_map(move |at| path.nibble(at))
}

/// An old leaf or extension without the first nibbles of its path.
fn cut(node: &Node, skip: usize) -> Result<Draft<'_>, TreeError> {
    Ok(match node.tail()? {
        Tail::Leaf(path, value) => Draft::Leaf(path_of(path.behind(skip)).collect(), value),
        Tail::Extension(path, child, link) => {
            Draft::Extension(path_of(path.behind(skip)).collect(), Child::Kept(child.clone(), link))
        }
        Tail::Branch(..) => return Err(TreeError::Defect("a branch has no path to cut")),
    })
}

/// A subtree that begins with these nibbles.
fn prepend(mut before: Vec<u8>, sub: Sub<'_>) -> Result<Sub<'_>, TreeError> {
    if before.is_empty() {
        return Ok(sub);
    }
    Ok(match sub {
        Sub::Empty => Sub::Empty,
        Sub::Old(old, skip) => match old.node.tail()? {
            // It stands where it stood.
            _ if skip == before.len() => Sub::Old(old, 0),
            Tail::Leaf(path, value) => {
                before.extend(path_of(path.behind(skip)));
                Sub::Leaf(before, value)
            }
            Tail::Extension(path, child, link) => {
                before.extend(path_of(path.behind(skip)));
                Sub::Extension(before, Child::Kept(child.clone(), link))
            }
            Tail::Branch(..) => Sub::Extension(before, old.kept()),
        },
        Sub::Item(place, from) => Sub::Item(place, from - before.len()),
        Sub::Leaf(path, value) => {
            before.extend(path);
            Sub::Leaf(before, value)
        }
        Sub::Extension(path, child) => {
            before.extend(path);
            Sub::Extension(before, child)
        }
        Sub::Branch(child) => Sub::Extension(before, child),
    })
}
