//! Schemes: a tree variant as a value.
//!
//! [`Rules`] say what is hashed; a [`Scheme`] is rules with a hash and a context, compiled. A new variant is one new
//! value of `Rules` and one row in `families::FAMILIES`. Shapes are in [`crate::geometry`]; building trees is elsewhere.

mod encoding;
mod error;
mod families;
mod hashing;
mod namespaced;
mod rules;
mod runs;
mod sizes;
mod sparse;
mod summed;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::codec::excerpt;
use crate::frame::{Compiled, Frame, Part, Places};
use crate::geometry::{Grid, NodeId, queue};
use crate::hash::{Hash, HashError, MAX_DIGEST, MIN_DIGEST};
use crate::record::Record;

pub use error::SchemeError;
pub use families::families;
pub use namespaced::is_highest;
pub use rules::{Edge, Empty, Keys, Kind, Leaf, Lone, Pairs, Root, Rules, Shape, Zeros};
pub use runs::Foot;
pub use sizes::Sizes;

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
    built_in: bool,
    hash: Hash,
    rules: Rules,
    context: Vec<u8>,
    grid: Option<Grid>,
    /// `None` where a leaf is its digest.
    leaf: Option<Compiled>,
    /// Hashes a value; `None` where leaves have no keys.
    value: Option<Compiled>,
    node: Compiled,
    /// Of runs of nodes with one child: base and run.
    run: Option<(Compiled, Compiled)>,
    bag: Option<Compiled>,
    root: CompiledRoot,
    /// The tops of subtrees of zeros, by level; of empty subtrees, where leaves have keys.
    zeros: Vec<Vec<u8>>,
    /// Whether two siblings must differ.
    refuses_twins: bool,
}

#[derive(Clone)]
enum CompiledRoot {
    Top,
    Framed(Compiled),
    Bound { params: Compiled, root: Compiled },
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
    /// The built-in family with this hash, without a context. A family that takes parameters has them in its text:
    /// `ssz_list(1024)`.
    pub fn of_family(family: &str, hash: Hash) -> Result<Self, SchemeError> {
        let unknown = |takes: Option<&[&str]>| match takes {
            Some([]) => SchemeError::Parameters(excerpt(family), "no parameters".into()),
            Some(takes) => SchemeError::Parameters(excerpt(family), takes.join(", ")),
            None => SchemeError::UnknownFamily(excerpt(family)),
        };
        let rules = families::rules(family).map_err(unknown)?;
        Self::new(Cow::Owned(family.into()), true, hash, rules, Vec::new())
    }

    /// A dense scheme of one's own: a name that no built-in family has, and rules.
    pub fn of_rules(name: &str, hash: Hash, rules: Rules) -> Result<Self, SchemeError> {
        if !is_name(name) || !families::is_free(name) {
            return Err(SchemeError::FamilyName(excerpt(name)));
        }
        if rules.kind != Kind::Dense || matches!(rules.root, Root::Bound { .. }) {
            return Err(SchemeError::Shape("a scheme of one's own is dense, and its root a frame or the topmost node"));
        }
        Self::new(Cow::Owned(name.into()), false, hash, rules, Vec::new())
    }

    /// The same from encoded rules, which are not empty.
    pub fn of_encoded_rules(name: &str, hash: Hash, rules: &[u8]) -> Result<Self, SchemeError> {
        Self::of_rules(name, hash, encoding::decode(rules)?)
    }

    fn new(
        family: Cow<'static, str>,
        built_in: bool,
        hash: Hash,
        rules: Rules,
        context: Vec<u8>,
    ) -> Result<Self, SchemeError> {
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
        let digest_size = info.digest_size;
        rules.check(digest_size)?;
        let compiled = |frame| Compiled::new(frame, &hash);
        let leaf = match &rules.leaf {
            Leaf::Bare => None,
            Leaf::Hashed(frame) => Some(compiled(frame)?),
        };
        let node = match rules.pairs {
            Pairs::Given => compiled(&rules.node)?,
            Pairs::Sorted => compiled(&rules.node)?.sorted(digest_size),
        };
        let (bag, value) = match &rules.shape {
            Shape::Rows { edge: Edge::Bag { frame, .. }, .. } => (Some(compiled(frame)?), None),
            Shape::Keys(keys) => (None, Some(compiled(&keys.value)?)),
            _ => (None, None),
        };
        let run = match rules.keys().map(|keys| &keys.lone) {
            Some(Lone::Runs { base, run }) => Some((compiled(base)?, compiled(run)?)),
            _ => None,
        };
        let root = match &rules.root {
            Root::Top | Root::Framed(_) if !context.is_empty() => {
                return Err(SchemeError::ContextNotBound(family.into()));
            }
            Root::Top => CompiledRoot::Top,
            Root::Framed(frame) => CompiledRoot::Framed(compiled(frame)?),
            Root::Bound { params, root } => {
                CompiledRoot::Bound { params: compiled(&Frame::tagged(params, &[Part::Body]))?, root: compiled(root)? }
            }
        };
        let refuses_twins = matches!(rules.shape, Shape::Rows { edge: Edge::Duplicate, .. });
        let (grid, zeros) = (rules.grid(), Vec::new());
        let inner = Inner {
            family,
            built_in,
            hash,
            rules,
            context,
            grid,
            leaf,
            value,
            node,
            run,
            bag,
            root,
            zeros,
            refuses_twins,
        };
        let zeros = inner.zeros()?;
        Ok(Self(Arc::new(Inner { zeros, ..inner })))
    }

    /// The same scheme for another context, which the root will bind.
    pub fn with_context(&self, context: Vec<u8>) -> Result<Self, SchemeError> {
        if !matches!(self.0.root, CompiledRoot::Bound { .. }) {
            return Err(SchemeError::ContextNotBound(self.family().into()));
        }
        check_context(&context)?;
        // No frame knows the context: what is absorbed stays absorbed.
        Ok(Self(Arc::new(Inner { context, ..(*self.0).clone() })))
    }

    /// The encoded rules of a scheme that is not built in; empty for others.
    pub fn encoded_rules(&self) -> Vec<u8> {
        if self.0.built_in { Vec::new() } else { encoding::encode(&self.0.rules) }
    }

    /// The rules as bytes, of built-in schemes too: for who counts what is hashed.
    pub fn written_rules(&self) -> Vec<u8> {
        encoding::encode(&self.0.rules)
    }

    /// What is hashed, as data.
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// How nodes lie, if they lie in rows.
    pub fn grid(&self) -> Option<Grid> {
        self.0.grid
    }

    /// How many leaves a tree may have.
    pub fn sizes(&self) -> Sizes {
        self.0.rules.sizes()
    }

    /// Whether a leaf's data is its digest.
    pub fn bare_leaves(&self) -> bool {
        self.0.leaf.is_none()
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
            Kind::Dense | Kind::Sparse => Record::digest(self.digest_size()),
            Kind::Sum => Record::summed(self.digest_size()),
            Kind::Namespaced => Record::namespaced(self.digest_size(), self.0.rules.namespace),
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

    /// Whether the root commits to the number of leaves.
    pub fn binds_size(&self) -> bool {
        self.0.rules.binds_size()
    }

    /// Whether the root commits to the rules themselves and to the context, so that no other scheme's tree has it.
    pub fn binds_scheme(&self) -> bool {
        matches!(self.0.root, CompiledRoot::Bound { .. })
    }

    /// Whether a proof shows the place of its leaf.
    pub fn binds_index(&self) -> bool {
        self.0.rules.pairs == Pairs::Given
    }

    /// Whether no leaf's preimage is a node's.
    pub fn separates_leaves(&self) -> bool {
        match &self.0.rules.leaf {
            Leaf::Bare => false,
            Leaf::Hashed(leaf) => {
                let bag = match &self.0.rules.shape {
                    Shape::Rows { edge: Edge::Bag { frame, .. }, .. } => Some(frame),
                    _ => None,
                };
                leaf.excludes(&self.0.rules.node) && bag.is_none_or(|bag| leaf.excludes(bag))
            }
        }
    }

    /// Whether the tree of some first leaves is part of the tree of all.
    pub fn appendable(&self) -> bool {
        match &self.0.rules.shape {
            Shape::Queue | Shape::Keys(_) | Shape::Rows { edge: Edge::Exact, .. } => false,
            Shape::Rows { edge: Edge::Zeros(zeros), .. } => !zeros.exactly,
            Shape::Rows { .. } => true,
        }
    }

    /// Whether there are proofs that a tree extends another: for the shape of RFC 6962, where no node states its place.
    pub fn proves_growth(&self) -> bool {
        let shape = matches!(self.0.rules.shape, Shape::Rows { arity: 2, edge: Edge::MovesUp });
        let stated = |part: &Part| matches!(part, Part::Number(..));
        shape && self.binds_index() && !self.0.rules.node.parts().iter().any(stated)
    }

    /// Whether a proof that a tree extends one of `older` leaves begins with the node that it starts from. A full older
    /// tree's topmost node is known where it is the root itself.
    pub fn sends_start(&self, older: u64) -> bool {
        !matches!(self.0.root, CompiledRoot::Top) || !older.is_power_of_two()
    }

    /// The nodes whose digests prove leaves `indices` (strictly increasing, below `size`), in proof order.
    /// `None` if the indices are not that, or if proofs show no place.
    pub fn plan(&self, size: u64, indices: Vec<u64>) -> Option<Vec<NodeId>> {
        self.grid().filter(|_| self.binds_index())?.plan(size, indices)
    }

    /// Whether a leaf of a tree of `size` leaves, whose place nobody knows, can have a path of so many siblings. There every
    /// sibling is sent, of zeros too.
    pub fn has_path_of(&self, size: u64, length: u64) -> bool {
        if size == 0 {
            return false;
        }
        match (self.grid(), &self.0.rules.shape) {
            (Some(grid), Shape::Rows { edge: Edge::Zeros(_), .. }) => length == u64::from(grid.height(size)),
            // All leaves under one peak have paths of one length.
            (Some(grid), _) => grid.cover(0, size).any(|peak| {
                let first = peak.index.checked_shl(peak.level).unwrap_or(0);
                u64::from(grid.path_length(first, size)) == length
            }),
            (None, Shape::Keys(_)) => false,
            (None, _) => queue::has_path_of(size, length),
        }
    }
}

impl Inner {
    /// The tops of subtrees of zeros, from a leaf up.
    fn zeros(&self) -> Result<Vec<Vec<u8>>, HashError> {
        let (arity, height, zero) = match &self.rules.shape {
            Shape::Rows { arity, edge: Edge::Zeros(rule) } => (*arity, u32::from(rule.height), rule.zero.clone()),
            Shape::Keys(keys) => {
                let height = if keys.lone == Lone::Full { u32::from(keys.size).saturating_mul(8) } else { 0 };
                (2, height, keys.empty.map_or_else(|| vec![0; self.hash.digest_size()], |empty| empty.to_vec()))
            }
            _ => return Ok(Vec::new()),
        };
        let mut zeros = vec![zero];
        for level in 1..=height {
            let below = zeros.last().map(Vec::as_slice).unwrap_or_default();
            let (children, mut zero) = (below.repeat(usize::from(arity)), vec![0; below.len()]);
            self.node.rows(level, Places::From(0), &children, children.len(), &mut zero)?;
            zeros.push(zero);
        }
        Ok(zeros)
    }
}
