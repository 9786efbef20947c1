//! Pages: the tiles of a sparse tree, `docs/spec/sparse-pages.md`. A page has the nodes of six levels, without their
//! digests: these are computed when it is read, and the topmost is compared with what the page above states.

use tallystick_proof::scheme::{Foot, Scheme};

use super::nodes::{Kind, Nodes, Ref, bit};
use super::patch::{Context, From, Node, Patch};
use crate::error::{TreeError, hex};

/// Levels of a page.
pub(super) const LEVELS: u32 = 6;

const EMPTY: u8 = 0;
const LEAF: u8 = 1;
const INNER: u8 = 2;
const PAGE: u8 = 3;
/// The same with its foot, where there are runs.
const PAGE_AND_FOOT: u8 = 4;

/// Tells the tiles of a version from all others: its number, and what its writer drew by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stamp {
    pub(super) version: u64,
    pub(super) chance: u64,
}

/// Bytes of a stamp.
pub(super) const STAMP: usize = 16;

impl Stamp {
    pub(super) fn bytes(self) -> [u8; STAMP] {
        let mut bytes = [0; STAMP];
        let (version, chance) = bytes.split_at_mut(8);
        version.copy_from_slice(&self.version.to_le_bytes());
        chance.copy_from_slice(&self.chance.to_le_bytes());
        bytes
    }

    pub(super) fn of(bytes: [u8; STAMP]) -> Self {
        let word = |at: usize| bytes[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        Self { version: word(0), chance: word(8) }
    }

    /// What the names of its tiles begin with.
    fn folder(self) -> String {
        format!("sparse/{:016x}-{:016x}", self.version, self.chance)
    }

    /// The name of the record of its version.
    pub(super) fn record_name(self) -> String {
        format!("{}/version", self.folder())
    }

    /// The name of the page whose topmost node is where the first bits of a key lead.
    pub(super) fn page_name(self, key: &[u8], depth: u32) -> String {
        let bits = depth as usize;
        let mut path = key[..bits.div_ceil(8)].to_vec();
        if let Some(last) = path.last_mut().filter(|_| !bits.is_multiple_of(8)) {
            *last &= !(u8::MAX >> (bits % 8));
        }
        format!("{}/{depth:03}-{}", self.folder(), hex(&path))
    }
}

/// Whether pages begin at a depth.
pub(super) fn begins(depth: u32) -> bool {
    depth.is_multiple_of(LEVELS)
}

/// Where a page's topmost node is: below the root, on the way of a key of which only those first bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) depth: u32,
    pub(super) key: [u8; 32],
}

impl Place {
    pub(super) const ROOT: Self = Self { depth: 0, key: [0; 32] };

    /// The place at a depth, on the way of a key.
    pub(super) fn of(key: &[u8], depth: u32) -> Self {
        let mut place = Self { depth, key: [0; 32] };
        place.key.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        if let Some((last, behind)) = place.key.get_mut((depth / 8) as usize..).and_then(<[u8]>::split_first_mut) {
            *last &= !(u8::MAX >> (depth % 8));
            behind.fill(0);
        }
        place
    }

    /// A node here as a foot.
    pub(super) fn as_foot(self) -> Foot {
        Foot { depth: self.depth as u16, path: self.key }
    }

    pub(super) fn child(self, right: bool) -> Self {
        let mut key = self.key;
        if let Some(byte) = key.get_mut((self.depth / 8) as usize).filter(|_| right) {
            *byte |= 128 >> (self.depth % 8);
        }
        Self { depth: self.depth + 1, key }
    }
}

/// Writes the page whose topmost node is `top`. `page` says which page an inner node below it is the top of.
pub(super) fn write(
    nodes: &Nodes,
    top: u32,
    place: Place,
    mut page: impl FnMut(Ref, Place) -> Result<Stamp, TreeError>,
) -> Result<Vec<u8>, TreeError> {
    let mut out = Vec::with_capacity(512);
    let mut stack = vec![(Ref::inner(top), place, None)];
    while let Some((at, place, digest)) = stack.pop() {
        match (at.kind(), digest) {
            (Kind::Inner(_) | Kind::Page(_), Some(digest)) if begins(place.depth) => {
                out.push(if nodes.runs { PAGE_AND_FOOT } else { PAGE });
                out.extend(page(at, place)?.bytes());
                out.extend_from_slice(digest);
                if nodes.runs {
                    out.extend(nodes.foot(at, place).marked());
                }
            }
            (Kind::Inner(number), _) => {
                out.push(INNER);
                for right in [true, false] {
                    let digest = nodes.child_digest(number, right);
                    stack.push((nodes.child(number, right), place.child(right), Some(digest)));
                }
            }
            (Kind::Leaf(leaf), _) => {
                out.push(LEAF);
                out.extend_from_slice(nodes.leaves.get(leaf));
            }
            (Kind::Empty, _) => out.push(EMPTY),
            _ => return Err(TreeError::Defect("a page has nodes and leaves")),
        }
    }
    Ok(out)
}

/// A page that was read: new nodes, whose references to pages are fresh ones.
pub(super) struct Loaded {
    pub(super) leaves: Vec<u8>,
    pub(super) patch: Patch,
    pub(super) top: Ref,
    /// The pages below.
    pub(super) pages: Vec<Below>,
}

/// A page as the one above states it.
pub(super) struct Below {
    pub(super) stamp: Stamp,
    pub(super) place: Place,
    /// That of its topmost node; where there are runs, of that one's foot.
    pub(super) digest: Vec<u8>,
    pub(super) foot: Option<Foot>,
}

/// Why a page is refused.
const MALFORMED: &str = "is malformed";

/// Reads a page whose topmost node has this digest, on the way of a key. Refuses whatever hashes to another.
pub(super) fn read(
    scheme: &Scheme,
    nodes: &Nodes,
    bytes: &[u8],
    (key, depth): (&[u8], u32),
    expected: (&[u8], Option<Foot>),
) -> Result<Loaded, PageError> {
    let mut input = Input { bytes, leaf: nodes.leaves_width(), digest: nodes.digest, runs: nodes.runs };
    let tokens = input.tokens(depth)?;
    let mut leaves = Vec::new();
    let (mut given, mut feet) = (Vec::new(), Vec::new());
    for token in &tokens {
        match token {
            Token::Leaf(leaf) => leaves.extend_from_slice(leaf),
            Token::Page(_, digest, foot) => {
                given.extend_from_slice(digest);
                feet.extend(foot);
            }
            Token::Empty | Token::Inner => {}
        }
    }
    let mut digests = vec![0; leaves.len() / nodes.leaves_width() * nodes.digest];
    scheme.keyed_leaves(&leaves, &mut digests).map_err(TreeError::from)?;
    let of = Context { scheme, nodes, top: &[], leaves: &leaves, digests: &digests, given: &given, feet: &feet };
    let (mut patch, place) = (Patch::default(), Place::of(key, depth));
    let mut builder = Builder { tokens: tokens.iter(), of, patch: &mut patch, leaf: 0, pages: Vec::new() };
    let top = builder.build(place)?;
    let pages = builder.pages;
    patch.finish(of, &[], place, top).map_err(TreeError::from)?;
    let (expected, foot) = expected;
    // The root's is the digest of the run, all others are those of feet.
    let found = if depth == 0 {
        patch.hashed_top(scheme, patch.digest.clone()).map_err(TreeError::from)?
    } else {
        patch.digest.clone()
    };
    let is_expected =
        found == expected && foot.is_none_or(|foot| patch.foot.is_some_and(|own| own.marked() == foot.marked()));
    let in_place = |leaf: &[u8]| (0..depth).all(|depth| bit(leaf, depth) == bit(key, depth));
    let is_here = leaves.chunks_exact(nodes.leaves_width()).all(in_place);
    if !is_expected || !is_here {
        return Err(PageError::Refused("does not hash to the digest that the page above it states"));
    }
    Ok(Loaded { leaves, patch, top: top.at, pages })
}

/// A page that cannot be used.
#[derive(Debug)]
pub(super) enum PageError {
    Refused(&'static str),
    Tree(TreeError),
}

impl std::convert::From<TreeError> for PageError {
    fn from(error: TreeError) -> Self {
        Self::Tree(error)
    }
}

enum Token<'a> {
    Empty,
    Leaf(&'a [u8]),
    Inner,
    Page(Stamp, &'a [u8], Option<Foot>),
}

struct Input<'a> {
    bytes: &'a [u8],
    leaf: usize,
    digest: usize,
    runs: bool,
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], PageError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(PageError::Refused(MALFORMED))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn foot(&mut self) -> Result<Foot, PageError> {
        Foot::of_marked(self.take(size_of::<[u8; 32]>())?).ok_or(PageError::Refused(MALFORMED))
    }

    /// All tokens: a node before its children, left before right, and none behind the last.
    fn tokens(&mut self, depth: u32) -> Result<Vec<Token<'a>>, PageError> {
        let mut tokens = Vec::new();
        let mut open = vec![depth];
        while let Some(at) = open.pop() {
            let below = at > depth && begins(at);
            tokens.push(match self.take(1)?.first() {
                Some(&EMPTY) if at > depth => Token::Empty,
                Some(&LEAF) if at > depth => Token::Leaf(self.take(self.leaf)?),
                Some(&kind) if below && kind == (if self.runs { PAGE_AND_FOOT } else { PAGE }) => {
                    let stamp = self.take(STAMP)?.try_into().map_err(|_| PageError::Refused(MALFORMED))?;
                    let digest = self.take(self.digest)?;
                    let foot = if self.runs { Some(self.foot()?) } else { None };
                    Token::Page(Stamp::of(stamp), digest, foot)
                }
                Some(&INNER) if !below => {
                    open.extend([at + 1, at + 1]);
                    Token::Inner
                }
                _ => return Err(PageError::Refused(MALFORMED)),
            });
        }
        if self.bytes.is_empty() { Ok(tokens) } else { Err(PageError::Refused(MALFORMED)) }
    }
}

/// Puts tokens together.
struct Builder<'a, 'b> {
    tokens: std::slice::Iter<'b, Token<'a>>,
    of: Context<'b>,
    patch: &'b mut Patch,
    leaf: u32,
    pages: Vec<Below>,
}

impl Builder<'_, '_> {
    /// Goes down at most [`LEVELS`].
    fn build(&mut self, place: Place) -> Result<Node, PageError> {
        Ok(match self.tokens.next() {
            Some(Token::Inner) => {
                let left = self.build(place.child(false))?;
                let right = self.build(place.child(true))?;
                if left.at == Ref::EMPTY && (right.at == Ref::EMPTY || right.at.is_lone())
                    || right.at == Ref::EMPTY && left.at.is_lone()
                {
                    return Err(PageError::Refused(MALFORMED));
                }
                self.patch.join(self.of, &[], place, left, right)
            }
            Some(Token::Leaf(_)) => {
                self.leaf += 1;
                Node { at: Ref::fresh_leaf(self.leaf - 1), from: From::Here }
            }
            Some(Token::Page(stamp, digest, foot)) => {
                let stands = |foot: &Foot| foot.agrees(&place.key, place.depth) && u32::from(foot.depth) >= place.depth;
                if !foot.as_ref().is_none_or(stands) {
                    return Err(PageError::Refused(MALFORMED));
                }
                let page = self.pages.len() as u32;
                self.pages.push(Below { stamp: *stamp, place, digest: digest.to_vec(), foot: *foot });
                Node { at: Ref::fresh_page(page), from: From::Given(page) }
            }
            Some(Token::Empty) => Node::EMPTY,
            None => return Err(PageError::Refused(MALFORMED)),
        })
    }
}
