//! Schemes: a tree variant as a value.
//!
//! [`Rules`] say what is hashed; a [`Scheme`] is rules with a hash and a context, compiled. A new variant is one new
//! value of `Rules` and one row in [`FAMILIES`]. Shapes are in [`crate::geometry`]; building trees is elsewhere.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::codec::excerpt;
use crate::frame::{Compiled, Frame, Part, Values};
use crate::geometry::{NodeId, plan};
use crate::hash::{Hash, HashError, MAX_DIGEST, MIN_DIGEST};

/// What a tree holds beside digests, and so which kind of tree takes the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Leaves in a row.
    Dense,
}

impl Kind {
    /// Its number in encodings and root parameters.
    pub const fn code(self) -> u8 {
        match self {
            Self::Dense => 1,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
        }
    }
}

/// What becomes of a node without a sibling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It moves up unchanged, as in RFC 6962.
    MovesUp,
}

/// The topmost node of an empty tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Empty {
    /// Zero bytes, a digest long.
    Zeros,
    /// The hash of the empty string.
    HashOfNothing,
}

/// How the root follows from the topmost node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// It is the topmost node's digest, so it binds neither size nor context.
    Top,
    /// It is hashed from `root`, where [`Part::Params`] is the digest of the parameters under the tag `params`.
    Bound {
        /// Label of the parameters' tag.
        params: &'static str,
        /// What the root is the hash of.
        root: Frame,
    },
}

/// What is hashed, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Preimage of a leaf.
    pub leaf: Frame,
    /// Preimage of a node.
    pub node: Frame,
    /// What becomes of a node without a sibling.
    pub edge: Edge,
    /// The topmost node of an empty tree.
    pub empty: Empty,
    /// How the root follows.
    pub root: Root,
}

type Family = (&'static str, fn() -> Rules);

/// The built-in families by name.
const FAMILIES: [Family; 2] = [
    ("native", || Rules {
        leaf: Frame::tagged("tallystick/v1/leaf", &[Part::Body]),
        node: Frame::tagged("tallystick/v1/node", &[Part::Body]),
        edge: Edge::MovesUp,
        empty: Empty::Zeros,
        root: Root::Bound {
            params: "tallystick/v1/params",
            root: Frame::tagged("tallystick/v1/head", &[Part::Params, Part::Top]),
        },
    }),
    ("rfc6962", || Rules {
        leaf: Frame::new(&[Part::Lit(Cow::Borrowed(&[0])), Part::Body]),
        node: Frame::new(&[Part::Lit(Cow::Borrowed(&[1])), Part::Body]),
        edge: Edge::MovesUp,
        empty: Empty::HashOfNothing,
        root: Root::Top,
    }),
];

/// Names of the built-in families.
pub fn families() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|(name, _)| *name)
}

/// A scheme that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum SchemeError {
    /// No built-in family has this name.
    #[error("there is no scheme family {0:?}")]
    UnknownFamily(String),
    /// The hash offers no collision resistance.
    #[error("{0} is not a cryptographic hash: proofs made with it could be forged")]
    NotCryptographic(String),
    /// The hash's digests are too short or too long.
    #[error("{name} has digests of {size} bytes; a scheme takes {MIN_DIGEST} to {MAX_DIGEST}")]
    DigestSize {
        /// The hash.
        name: String,
        /// Bytes of its digests.
        size: usize,
    },
    /// The hash's name cannot stand in every encoding.
    #[error("{0:?} is no name for a hash: printable ASCII without quotes and backslashes, 1 to 255 bytes")]
    HashName(String),
    /// The hash's blocks are too long for a root to bind their length.
    #[error("{name} has blocks of {size} bytes; a scheme takes 1 to {MAX_BLOCK}")]
    BlockSize {
        /// The hash.
        name: String,
        /// Bytes of its blocks.
        size: usize,
    },
    /// The root does not commit to a context.
    #[error("the root of a scheme of family {0:?} does not bind a context")]
    ContextNotBound(String),
    /// A context is too long to be written down.
    #[error("a context of {0} bytes is too long: at most 4,294,967,295")]
    ContextTooLong(usize),
    /// A frame has a tag behind its front.
    #[error("a tag stands at the front of a frame only")]
    MisplacedTag,
    /// A root that is said to bind parameters leaves them or the topmost node out.
    #[error("the frame of a root that binds parameters has them and the topmost node")]
    RootLeavesOut,
    /// A leaf or node frame has something behind its body.
    #[error("the frame of a leaf or node ends in its body")]
    BodyNotLast,
    /// The hash failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Largest block of a hash that a scheme takes, in bytes: a tag's length is bound in 16 bits.
const MAX_BLOCK: usize = 1 << 15;

/// Whether every encoding can carry this name as it is.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    (1..=255).contains(&name.len()) && name.bytes().all(plain)
}

/// A tree variant: rules, a hash, a context. Cheap to clone, equal by value.
#[derive(Clone)]
pub struct Scheme(Arc<Inner>);

struct Inner {
    family: Cow<'static, str>,
    hash: Hash,
    rules: Rules,
    context: Vec<u8>,
    leaf: Compiled,
    node: Compiled,
    root: Option<BoundRoot>,
}

struct BoundRoot {
    params: Compiled,
    root: Compiled,
}

impl PartialEq for Scheme {
    fn eq(&self, other: &Self) -> bool {
        let (left, right) = (&*self.0, &*other.0);
        left.hash == right.hash
            && left.family == right.family
            && left.context == right.context
            && left.rules == right.rules
    }
}

impl Eq for Scheme {}

impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scheme({:?}, context: {} bytes)", self.name(), self.0.context.len())
    }
}

impl Scheme {
    /// The built-in family with this hash, without a context.
    pub fn of_family(family: &str, hash: Hash) -> Result<Self, SchemeError> {
        let (family, rules) = FAMILIES
            .iter()
            .find(|(name, _)| *name == family)
            .ok_or_else(|| SchemeError::UnknownFamily(excerpt(family)))?;
        Self::new(Cow::Borrowed(family), hash, rules(), Vec::new())
    }

    fn new(family: Cow<'static, str>, hash: Hash, rules: Rules, context: Vec<u8>) -> Result<Self, SchemeError> {
        let info = hash.info();
        if !info.cryptographic {
            return Err(SchemeError::NotCryptographic(info.name.clone().into()));
        }
        if !(MIN_DIGEST..=MAX_DIGEST).contains(&info.digest_size) {
            return Err(SchemeError::DigestSize { name: info.name.clone().into(), size: info.digest_size });
        }
        if !is_name(&info.name) {
            return Err(SchemeError::HashName(excerpt(&info.name)));
        }
        if !(1..=MAX_BLOCK).contains(&info.block_size) {
            return Err(SchemeError::BlockSize { name: info.name.clone().into(), size: info.block_size });
        }
        if u32::try_from(context.len()).is_err() {
            return Err(SchemeError::ContextTooLong(context.len()));
        }
        let (leaf, node) = (Compiled::new(&rules.leaf, &hash)?, Compiled::new(&rules.node, &hash)?);
        if !(leaf.is_body() && node.is_body()) {
            return Err(SchemeError::BodyNotLast);
        }
        if let Root::Bound { root, .. } = &rules.root
            && !(root.contains(&Part::Params) && root.contains(&Part::Top))
        {
            return Err(SchemeError::RootLeavesOut);
        }
        let root = match &rules.root {
            Root::Top if context.is_empty() => None,
            Root::Top => return Err(SchemeError::ContextNotBound(family.into())),
            Root::Bound { params, root } => Some(BoundRoot {
                params: Compiled::new(&Frame::tagged(params, &[Part::Body]), &hash)?,
                root: Compiled::new(root, &hash)?,
            }),
        };
        Ok(Self(Arc::new(Inner { family, hash, rules, context, leaf, node, root })))
    }

    /// The same scheme for another context, which the root will bind.
    pub fn with_context(&self, context: Vec<u8>) -> Result<Self, SchemeError> {
        if self.0.root.is_none() {
            return Err(SchemeError::ContextNotBound(self.family().into()));
        }
        Self::new(self.0.family.clone(), self.0.hash.clone(), self.0.rules.clone(), context)
    }

    /// `family/hash`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.0.family, self.0.hash.info().name)
    }

    /// Name of the rules.
    pub fn family(&self) -> &str {
        &self.0.family
    }

    /// The hash function.
    pub fn hash(&self) -> &Hash {
        &self.0.hash
    }

    /// What the user bound to the root; empty if nothing.
    pub fn context(&self) -> &[u8] {
        &self.0.context
    }

    /// Which kind of tree takes this scheme.
    pub fn kind(&self) -> Kind {
        Kind::Dense
    }

    /// Bytes of a digest.
    pub fn digest_size(&self) -> usize {
        self.0.hash.digest_size()
    }

    /// Whether the root commits to the number of leaves (and to the context).
    pub fn binds_size(&self) -> bool {
        self.0.root.is_some()
    }

    /// Whether the root commits to the rules themselves, so that no other scheme's tree has it.
    pub fn binds_scheme(&self) -> bool {
        self.0.root.is_some()
    }

    /// Whether a proof shows the place of its leaf.
    pub fn binds_index(&self) -> bool {
        true
    }

    /// Whether no leaf's preimage is a node's.
    pub fn separates_leaves(&self) -> bool {
        self.0.rules.leaf.excludes(&self.0.rules.node)
    }

    /// Whether the tree of some first leaves is part of the tree of all.
    pub fn appendable(&self) -> bool {
        match self.0.rules.edge {
            Edge::MovesUp => true,
        }
    }

    /// Whether a proof that a tree extends one of `older` leaves begins with the node that it starts from. A full older
    /// tree's topmost node is known where it is the root itself.
    pub fn sends_start(&self, older: u64) -> bool {
        self.0.root.is_some() || !older.is_power_of_two()
    }

    /// The nodes whose digests prove leaves `indices` (strictly increasing, below `size`), in proof order.
    /// `None` if the indices are not that.
    pub fn plan(&self, size: u64, indices: Vec<u64>) -> Option<Vec<NodeId>> {
        match self.0.rules.edge {
            Edge::MovesUp => plan(size, indices),
        }
    }

    /// Hashes leaves of one width. `out` takes a digest each.
    pub fn leaf_rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        self.0.leaf.seeded.rows(data, width, out)
    }

    /// Hashes leaves of any length. `out` takes a digest each.
    pub fn leaves(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        self.0.leaf.seeded.ragged(rows, out)
    }

    /// Hashes pairs of children, which lie one behind the other. `out` takes a digest a pair.
    pub fn nodes(&self, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        self.0.node.seeded.rows(children, self.digest_size().saturating_mul(2), out)
    }

    /// The topmost node of an empty tree.
    pub fn empty_top(&self) -> Result<Vec<u8>, HashError> {
        match self.0.rules.empty {
            Empty::Zeros => Ok(vec![0; self.digest_size()]),
            Empty::HashOfNothing => self.0.hash.digest(&[]),
        }
    }

    /// The digest of what the root binds beside the topmost node; empty if nothing. It depends on the size alone, so a
    /// head computes it once.
    pub fn params(&self, size: u64) -> Result<Vec<u8>, HashError> {
        let Some(bound) = &self.0.root else { return Ok(Vec::new()) };
        // Both sizes are below 2^16: `new` takes no others.
        let short = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
        let mut body = vec![1, self.kind().code()];
        body.extend(short(self.0.hash.tag_length()));
        body.extend(short(self.digest_size()));
        body.extend(0_u32.to_le_bytes()); // lp(rules): empty for the native family
        body.extend(u32::try_from(self.0.context.len()).unwrap_or(u32::MAX).to_le_bytes());
        body.extend_from_slice(&self.0.context);
        body.extend(size.to_le_bytes());
        body.extend(0_u128.to_le_bytes());
        let mut params = vec![0; self.digest_size()];
        bound.params.digest(Values { body: &body, ..Values::default() }, &mut params)?;
        Ok(params)
    }

    /// The root of a tree whose [`params`](Self::params) and topmost node these are.
    pub fn root(&self, params: &[u8], top: &[u8]) -> Result<Vec<u8>, HashError> {
        let Some(bound) = &self.0.root else { return Ok(top.to_vec()) };
        let mut root = vec![0; self.digest_size()];
        bound.root.digest(Values { params, top, ..Values::default() }, &mut root)?;
        Ok(root)
    }
}
