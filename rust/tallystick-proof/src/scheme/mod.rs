//! Schemes: a tree variant as a value.
//!
//! [`Rules`] say what is hashed; a [`Scheme`] is rules with a hash and a context, compiled. A new variant is one new
//! value of `Rules` and one row in `rules::FAMILIES`. Shapes are in [`crate::geometry`]; building trees is elsewhere.

mod error;
mod rules;
mod summed;

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
use crate::record::Record;

pub use error::SchemeError;
use rules::FAMILIES;
pub use rules::{Edge, Empty, Kind, Root, Rules, families};

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

#[derive(Clone)]
struct Inner {
    family: Cow<'static, str>,
    hash: Hash,
    rules: Rules,
    context: Vec<u8>,
    leaf: Compiled,
    node: Compiled,
    root: Option<BoundRoot>,
}

#[derive(Clone)]
struct BoundRoot {
    params: Compiled,
    root: Compiled,
}

/// Encodings have a length of 32 bits before a context.
fn check_context(context: &[u8]) -> Result<(), SchemeError> {
    if u32::try_from(context.len()).is_err() { Err(SchemeError::ContextTooLong(context.len())) } else { Ok(()) }
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
        check_context(&context)?;
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
        check_context(&context)?;
        // No frame knows the context: what is absorbed stays absorbed.
        Ok(Self(Arc::new(Inner { context, ..(*self.0).clone() })))
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
        self.0.rules.kind
    }

    /// What is stored of a node.
    pub fn record(&self) -> Record {
        match self.kind() {
            Kind::Dense => Record::digest(self.digest_size()),
            Kind::Sum => Record::summed(self.digest_size()),
        }
    }

    /// Bytes of a record.
    pub fn width(&self) -> usize {
        self.record().width()
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

    /// Hashes leaves of one width. `out` takes a record each. In a sum tree a leaf begins with its amount.
    pub fn leaf_rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        match self.kind() {
            Kind::Dense => self.0.leaf.seeded.rows(data, width, out),
            Kind::Sum => summed::leaf_rows(&*self.0.leaf.seeded, self.record(), data, width, out),
        }
    }

    /// Hashes leaves of any length. `out` takes a record each. In a sum tree a leaf begins with its amount.
    pub fn leaves(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        match self.kind() {
            Kind::Dense => self.0.leaf.seeded.ragged(rows, out),
            Kind::Sum => summed::leaves(&*self.0.leaf.seeded, self.record(), rows, out),
        }
    }

    /// Hashes pairs of children, which lie one behind the other. `out` takes a record a pair.
    pub fn nodes(&self, children: &[u8], out: &mut [u8]) -> Result<(), HashError> {
        match self.kind() {
            Kind::Dense => self.0.node.seeded.rows(children, self.digest_size().saturating_mul(2), out),
            Kind::Sum => summed::nodes(&*self.0.node.seeded, self.record(), children, out),
        }
    }

    /// The topmost node of an empty tree.
    pub fn empty_top(&self) -> Result<Vec<u8>, HashError> {
        match self.0.rules.empty {
            Empty::Zeros => Ok(vec![0; self.width()]),
            Empty::HashOfNothing => self.0.hash.digest(&[]),
        }
    }

    /// The digest of what the root binds beside the topmost node; empty if nothing. `total` is 0 unless nodes carry sums.
    /// It depends on what a head states, so a head computes it once.
    pub fn params(&self, size: u64, total: u128) -> Result<Vec<u8>, HashError> {
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
        body.extend(total.to_le_bytes());
        let mut params = vec![0; self.digest_size()];
        bound.params.digest(Values { body: &body, ..Values::default() }, &mut params)?;
        Ok(params)
    }

    /// The root of a tree with these [`params`](Self::params) and this digest of the topmost node.
    pub fn root(&self, params: &[u8], top: &[u8]) -> Result<Vec<u8>, HashError> {
        let Some(bound) = &self.0.root else { return Ok(top.to_vec()) };
        let mut root = vec![0; self.digest_size()];
        bound.root.digest(Values { params, top, ..Values::default() }, &mut root)?;
        Ok(root)
    }
}
