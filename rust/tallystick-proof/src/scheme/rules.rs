//! What is hashed, as data.

use alloc::vec;
use alloc::vec::Vec;

use super::{SchemeError, Sizes};
use crate::frame::{Frame, Number, Part, Role};
use crate::geometry::{Grid, MAX_ARITY};

/// What a tree holds beside digests, and so which kind of tree takes the scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Leaves in a row.
    Dense,
    /// Leaves in a row, each with an amount; nodes with the sum of those below.
    Sum,
    /// Leaves where their keys say.
    Sparse,
    /// Leaves in the order of their namespaces; nodes with the range of those below.
    Namespaced,
}

impl Kind {
    /// Its number in encodings and root parameters.
    pub const fn code(self) -> u8 {
        match self {
            Self::Dense => 1,
            Self::Sum => 2,
            Self::Sparse => 3,
            Self::Namespaced => 4,
        }
    }

    /// The kind with this number.
    pub(crate) fn of_code(code: u8) -> Option<Self> {
        [Self::Dense, Self::Sum, Self::Sparse, Self::Namespaced].into_iter().find(|kind| kind.code() == code)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Sum => "sum",
            Self::Sparse => "sparse",
            Self::Namespaced => "namespaced",
        }
    }
}

/// How a leaf's data becomes its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// The data is the digest.
    Bare,
    /// It is hashed.
    Hashed(Frame),
}

/// In which order children are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// As they lie, so that a proof shows on which side a sibling is.
    Given,
    /// The two ascending by their bytes, so that a proof shows membership and no place.
    Sorted,
}

/// Where nodes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// In rows: each node of a level has `arity` children, which lie side by side on the level below.
    Rows {
        /// Children of a full node.
        arity: u8,
        /// What becomes of a node that does not have all its leaves.
        edge: Edge,
    },
    /// Leaves, ascending by digest, and nodes in one [`queue`](crate::geometry::queue).
    Queue,
    /// Where keys lead: each bit of a key, from the first byte's highest on, is a turn to the left (0) or to the right.
    Keys(Keys),
}

/// A tree of leaves where their keys lead. The body of a leaf's frame is its key with the digest of its value behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Bytes of a key.
    pub size: u8,
    /// What is hashed of a value.
    pub value: Frame,
    /// The digest of an empty subtree, or of a missing leaf where subtrees are full; `None`: zero bytes.
    pub empty: Option<[u8; 32]>,
    /// What becomes of a subtree of one leaf.
    pub lone: Lone,
}

/// What becomes of a subtree that has one leaf, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lone {
    /// One leaf moves up unchanged, and all empty subtrees have the same digest. So no node has two empty children.
    MovesUp,
    /// All leaves are at the bottom, and an empty subtree is hashed from two empty ones.
    Full,
    /// Nodes with one child are hashed together, as a run that ends above its foot: a node with two children, or a leaf at the
    /// bottom. The body of a node's frame is its height, its path and its children.
    Runs {
        /// Of a foot below a run. The body is the height of the node above it, that node's path, and the foot's digest.
        base: Frame,
        /// Of the run. The body is the base's digest, the turns from the run's top to the foot, and how many they are.
        run: Frame,
    },
}

/// What becomes of the one node of a level whose subtree does not have all its leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Two children make a node; an only child moves up unchanged, as in RFC 6962.
    MovesUp,
    /// Two children make a node by another frame; an only child moves up. So the peaks of a mountain range are bagged from the
    /// right.
    Bag {
        /// What is hashed of two peaks.
        frame: Frame,
        /// Whether the right one comes first.
        swap: bool,
    },
    /// An only child is hashed with itself. Siblings that are two nodes must differ, or two rows of leaves would have one root.
    Duplicate,
    /// What is missing is the top of a subtree of zeros.
    Zeros(Zeros),
    /// There is no such node: a tree has a power of the arity of leaves.
    Exact,
}

/// A tree of fixed height whose missing leaves are zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zeros {
    /// Levels above the leaves.
    pub height: u8,
    /// Most leaves.
    pub limit: u64,
    /// Whether there are always so many.
    pub exactly: bool,
    /// The digest of a missing leaf.
    pub zero: Vec<u8>,
}

/// The topmost node of a tree without leaves, where it is not one of zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// It is hashed.
    Framed(Frame),
    /// It is hashed from `root`, where [`Part::Params`](crate::frame::Part::Params) is the digest of the parameters under the
    /// tag `params`.
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
    /// What nodes carry beside a digest. With sums, a leaf's body begins with its amount and a node's ends in both sums, 16
    /// bytes each.
    pub kind: Kind,
    /// Bytes of a namespace, with which a leaf's body then begins; 0 where leaves have none.
    pub namespace: u8,
    /// Leaf.
    pub leaf: Leaf,
    /// Preimage of a node.
    pub node: Frame,
    /// In which order its children come.
    pub pairs: Pairs,
    /// Where nodes are.
    pub shape: Shape,
    /// The topmost node of an empty tree.
    pub empty: Empty,
    /// How the root follows.
    pub root: Root,
}

impl Rules {
    /// How nodes lie, if they lie in rows.
    pub fn grid(&self) -> Option<Grid> {
        match &self.shape {
            Shape::Queue | Shape::Keys(_) => None,
            Shape::Rows { arity, edge } => Some(match edge {
                Edge::MovesUp | Edge::Bag { .. } => Grid::new(*arity, None, true),
                Edge::Duplicate | Edge::Exact => Grid::new(*arity, None, false),
                Edge::Zeros(zeros) => Grid::new(*arity, Some(zeros.height), false),
            }),
        }
    }

    /// How many leaves a tree may have: as its shape has room for, and as its frames can state.
    pub fn sizes(&self) -> Sizes {
        let stated = self.stated();
        match &self.shape {
            Shape::Queue => Sizes { least: 1, most: stated, power_of: None },
            Shape::Keys(_) => Sizes { least: 0, most: u64::MAX, power_of: None },
            Shape::Rows { arity, edge: Edge::Exact } => {
                Sizes { least: 1, most: stated, power_of: Some((*arity).into()) }
            }
            Shape::Rows { edge: Edge::Zeros(zeros), .. } => {
                let least = if zeros.exactly { zeros.limit } else { 0 };
                Sizes { least, most: zeros.limit.min(stated), power_of: None }
            }
            Shape::Rows { .. } => Sizes { least: 0, most: stated, power_of: None },
        }
    }

    /// Most leaves of which every frame can state what it has to.
    fn stated(&self) -> u64 {
        let mut frames = vec![&self.node];
        if let Leaf::Hashed(leaf) = &self.leaf {
            frames.push(leaf);
        }
        if let Root::Framed(root) = &self.root {
            frames.push(root);
        }
        if let Shape::Rows { edge: Edge::Bag { frame, .. }, .. } = &self.shape {
            frames.push(frame);
        }
        let numbers = frames.iter().flat_map(|frame| frame.parts()).filter_map(|part| match part {
            Part::Number(number, int) => Some(number.most_leaves(int.most())),
            _ => None,
        });
        numbers.min().unwrap_or(u64::MAX)
    }

    /// Whether the root states the number of leaves.
    pub fn binds_size(&self) -> bool {
        match &self.root {
            Root::Top => false,
            Root::Framed(frame) => frame.states(Number::Size) || frame.states(Number::RangeSize),
            Root::Bound { .. } => true,
        }
    }

    /// Refuses rules that do not make a tree.
    pub(super) fn check(&self, digest_size: usize) -> Result<(), SchemeError> {
        if let Leaf::Hashed(leaf) = &self.leaf {
            leaf.check(Role::Leaf)?;
        }
        self.node.check(Role::Node)?;
        match &self.root {
            Root::Top => {}
            Root::Framed(root) | Root::Bound { root, .. } => root.check(Role::Root)?,
        }
        let sorted = self.pairs == Pairs::Sorted;
        match &self.shape {
            _ if sorted && self.states_places() => Err(SchemeError::StatesPlaces("a node of sorted pairs")),
            Shape::Queue if sorted => Ok(()),
            Shape::Queue => Err(SchemeError::Shape("a queue takes sorted pairs")),
            Shape::Keys(_) if sorted => Err(SchemeError::Shape("a tree of keys takes pairs as they lie")),
            Shape::Keys(keys) => keys.check(digest_size, &self.node),
            Shape::Rows { arity, .. } if !(2..=MAX_ARITY).contains(arity) => Err(SchemeError::Arity(*arity)),
            Shape::Rows { arity: 3.., .. } if sorted => Err(SchemeError::Shape("sorted pairs are of two children")),
            Shape::Rows { arity: 3.., edge: Edge::MovesUp | Edge::Bag { .. } | Edge::Duplicate } => {
                Err(SchemeError::Shape("nodes of more than two children take the edges zeros and exact"))
            }
            Shape::Rows { edge: Edge::Duplicate | Edge::Bag { .. } | Edge::Exact, .. } if sorted => {
                Err(SchemeError::Shape("sorted pairs take the edges promote, zeros and queue"))
            }
            Shape::Rows { edge: Edge::Bag { frame, .. }, .. } => frame.check(Role::Bag),
            Shape::Rows { edge: Edge::Duplicate, .. } => self.check_places("a duplicated node"),
            Shape::Rows { arity, edge: Edge::Zeros(zeros) } => {
                self.check_places("a subtree of zeros")?;
                if zeros.zero.len() != digest_size {
                    return Err(SchemeError::Zero { found: zeros.zero.len(), expected: digest_size });
                }
                let room = u64::from(*arity).checked_pow(zeros.height.into()).unwrap_or(u64::MAX);
                let fits = zeros.height <= 64 && (1..=room).contains(&zeros.limit);
                if fits { Ok(()) } else { Err(SchemeError::Height { height: zeros.height, limit: zeros.limit }) }
            }
            Shape::Rows { .. } => Ok(()),
        }
    }

    /// The keys' side of the rules, in a sparse tree.
    pub fn keys(&self) -> Option<&Keys> {
        match &self.shape {
            Shape::Keys(keys) => Some(keys),
            Shape::Rows { .. } | Shape::Queue => None,
        }
    }

    /// Whether leaves or nodes state what no verifier of sorted pairs knows.
    fn states_places(&self) -> bool {
        let mut frames = vec![&self.node];
        if let Leaf::Hashed(leaf) = &self.leaf {
            frames.push(leaf);
        }
        let numbers = [Number::Level, Number::Index, Number::Position];
        frames.iter().any(|frame| numbers.into_iter().any(|number| frame.states(number)))
    }

    /// Refuses nodes that state their place in a level, where one digest has several.
    fn check_places(&self, what: &'static str) -> Result<(), SchemeError> {
        let stated = [Number::Index, Number::Position].into_iter().any(|number| self.node.states(number));
        if stated { Err(SchemeError::StatesPlaces(what)) } else { Ok(()) }
    }
}

impl Keys {
    fn check(&self, digest_size: usize, node: &Frame) -> Result<(), SchemeError> {
        self.value.check(Role::Leaf)?;
        if let Lone::Runs { base, run } = &self.lone {
            base.check(Role::Leaf)?;
            run.check(Role::Leaf)?;
        }
        if let Some(empty) = self.empty.as_ref().filter(|empty| empty.len() != digest_size) {
            return Err(SchemeError::Zero { found: empty.len(), expected: digest_size });
        }
        if !(1..=32).contains(&self.size) {
            return Err(SchemeError::Shape("keys have 1 to 32 bytes"));
        }
        let stated = node.parts().iter().any(|part| matches!(part, Part::Number(..)));
        if stated { Err(SchemeError::Shape("nodes of a tree of keys state no place")) } else { Ok(()) }
    }
}
