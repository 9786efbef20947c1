//! The built-in families: a tree variant is one row of a table.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use super::rules::{Edge, Empty, Keys, Kind, Leaf, Lone, Pairs, Root, Rules, Shape, Zeros};
use crate::frame::{Frame, Int, Number, Part};
use crate::geometry::MAX_ARITY;

/// A family of schemes: rules that take a hash and perhaps parameters.
pub(super) struct Family {
    /// Its name; in a scheme's name, parameters follow in parentheses.
    pub(super) name: &'static str,
    /// The rules with these parameters, as they are written; `None` for others than it takes.
    pub(super) rules: fn(&[&str]) -> Option<Rules>,
    /// What each parameter is.
    pub(super) parameters: &'static [&'static str],
}

const RAW: Frame = Frame::body();
const MOVES_UP: Shape = Shape::Rows { arity: 2, edge: Edge::MovesUp };

/// H(left ‖ right) over leaves that are digests.
fn plain(shape: Shape) -> Rules {
    Rules {
        kind: Kind::Dense,
        namespace: 0,
        leaf: Leaf::Bare,
        node: RAW,
        pairs: Pairs::Given,
        shape,
        empty: Empty::Zeros,
        root: Root::Top,
    }
}

fn native(kind: Kind, leaf: &'static str, node: &'static str) -> Rules {
    Rules {
        kind,
        leaf: Leaf::Hashed(Frame::tagged(leaf, &[Part::Body])),
        node: Frame::tagged(node, &[Part::Body]),
        root: Root::Bound {
            params: "tallystick/v1/params",
            root: Frame::tagged("tallystick/v1/head", &[Part::Params, Part::Top]),
        },
        ..plain(MOVES_UP)
    }
}

fn rfc6962() -> Rules {
    Rules {
        leaf: Leaf::Hashed(Frame::new(&[Part::Lit(Cow::Borrowed(&[0])), Part::Body])),
        node: Frame::new(&[Part::Lit(Cow::Borrowed(&[1])), Part::Body]),
        empty: Empty::HashOfNothing,
        ..plain(MOVES_UP)
    }
}

/// The rules of RFC 6962 over leaves and nodes that begin with namespaces.
fn namespaced(size: u8) -> Rules {
    Rules { kind: Kind::Namespaced, namespace: size, ..rfc6962() }
}

fn openzeppelin() -> Rules {
    Rules { pairs: Pairs::Sorted, ..plain(Shape::Queue) }
}

/// Nodes and leaves that state where they are in the mountain range.
const POSITIONED: Frame = Frame::new(&[Part::Number(Number::Position, Int::U64Be), Part::Body]);
/// Two peaks behind the number of nodes.
const COUNTED: Frame = Frame::new(&[Part::Number(Number::RangeSize, Int::U64Be), Part::Body]);

/// Leaves that state their place.
const INDEXED: Frame = Frame::new(&[Part::Number(Number::Index, Int::U32Be), Part::Body]);
/// A root behind the number of leaves.
const COUNT: Frame = Frame::new(&[Part::Number(Number::Size, Int::U32Be), Part::Top]);

fn bagged(frame: Frame, swap: bool) -> Shape {
    Shape::Rows { arity: 2, edge: Edge::Bag { frame, swap } }
}

fn zeros(arity: u8, height: u8, limit: u64, exactly: bool, zero: Vec<u8>) -> Shape {
    Shape::Rows { arity, edge: Edge::Zeros(Zeros { height, limit, exactly, zero }) }
}

fn fixed_depth(depth: &str, arity: u8, zero: &str) -> Option<Rules> {
    let (height, zero) = (number(depth).filter(|depth| *depth <= 64)?, hex(zero)?);
    let limit = u64::from(arity).checked_pow(u32::from(height)).unwrap_or(u64::MAX);
    (2..=MAX_ARITY).contains(&arity).then(|| plain(zeros(arity, height, limit, false, zero)))
}

const fn literal(bytes: &'static [u8]) -> Part {
    Part::Lit(Cow::Borrowed(bytes))
}

fn behind(prefix: &'static [u8]) -> Frame {
    Frame::of_parts(vec![literal(prefix), Part::Body], false)
}

/// A tree of keys of 32 bytes, whose root is its topmost node.
fn sparse(leaf: Leaf, node: Frame, empty: Option<[u8; 32]>, lone: Lone) -> Rules {
    Rules { kind: Kind::Sparse, leaf, node, ..plain(Shape::Keys(Keys { size: 32, value: RAW, empty, lone })) }
}

fn native_sparse() -> Rules {
    let value = Frame::tagged("tallystick/v1/leaf", &[Part::Body]);
    let keys = Keys { size: 32, value, empty: None, lone: Lone::MovesUp };
    let native = native(Kind::Sparse, "tallystick/v1/sparse-leaf", "tallystick/v1/sparse-node");
    Rules { shape: Shape::Keys(keys), ..native }
}

/// A tree over `limit` chunks of 32 bytes.
fn ssz(limit: &str, exactly: bool) -> Option<Rules> {
    let limit = number::<u64>(limit).filter(|limit| *limit > 0)?;
    let height = u8::try_from(crate::geometry::height(limit)).ok()?;
    Some(plain(zeros(2, height, limit, exactly, vec![0; 32])))
}

const LENGTH: Frame = Frame::new(&[Part::Top, Part::Number(Number::Size, Int::U256Le)]);

const fn row(name: &'static str, rules: fn(&[&str]) -> Option<Rules>) -> Family {
    Family { name, rules, parameters: &[] }
}

const fn with(name: &'static str, parameters: &'static [&'static str], rules: fn(&[&str]) -> Option<Rules>) -> Family {
    Family { name, rules, parameters }
}

const DEPTH: &str = "a depth of 0 to 64";
const ZERO: &str = "the zero in hex";

/// The built-in families by name.
pub(super) const FAMILIES: &[Family] = &[
    row("native", |_| Some(native(Kind::Dense, "tallystick/v1/leaf", "tallystick/v1/node"))),
    row("native_sum", |_| Some(native(Kind::Sum, "tallystick/v1/sum-leaf", "tallystick/v1/sum-node"))),
    row("native_sparse", |_| Some(native_sparse())),
    row("ics23_smt", |_| Some(sparse(Leaf::Hashed(behind(&[0])), behind(&[1]), None, Lone::MovesUp))),
    row("jellyfish", |_| {
        let empty = Some(*b"SPARSE_MERKLE_PLACEHOLDER_HASH__");
        Some(sparse(Leaf::Hashed(behind(b"JMT::LeafNode")), behind(b"JMT::IntrnalNode"), empty, Lone::MovesUp))
    }),
    row("nervos_smt", |_| Some(sparse(Leaf::Bare, behind(&[1]), None, Lone::Runs { base: RAW, run: behind(&[2]) }))),
    row("sparse_256", |_| Some(sparse(Leaf::Bare, RAW, None, Lone::Full))),
    row("rfc6962", |_| Some(rfc6962())),
    row("tendermint", |_| Some(rfc6962())),
    row("promoted", |_| Some(plain(MOVES_UP))),
    row("lean_imt", |_| Some(plain(MOVES_UP))),
    row("bitcoin", |_| Some(Rules { node: RAW.twice(), ..plain(Shape::Rows { arity: 2, edge: Edge::Duplicate }) })),
    row("openzeppelin_standard", |_| Some(Rules { leaf: Leaf::Hashed(RAW.twice()), ..openzeppelin() })),
    row("openzeppelin_simple", |_| Some(openzeppelin())),
    row("nervos_mmr", |_| Some(plain(bagged(RAW, true)))),
    row("grin_mmr", |_| {
        Some(Rules { leaf: Leaf::Hashed(POSITIONED), node: POSITIONED, ..plain(bagged(COUNTED, false)) })
    }),
    row("celestia", |_| Some(namespaced(29))),
    with("namespaced", &["1 to 255 bytes of a namespace"], |of| {
        Some(namespaced(number(of.first()?).filter(|size| *size > 0)?))
    }),
    row("commonware_bmt", |_| {
        Some(Rules {
            leaf: Leaf::Hashed(INDEXED),
            empty: Empty::HashOfNothing,
            root: Root::Framed(COUNT),
            ..plain(Shape::Rows { arity: 2, edge: Edge::Duplicate })
        })
    }),
    with("openzeppelin_solidity", &[DEPTH, ZERO], |of| match of {
        [depth, zero] => Some(Rules { pairs: Pairs::Sorted, ..fixed_depth(depth, 2, zero)? }),
        _ => None,
    }),
    with("fixed_depth", &[DEPTH, "an arity of 2 to 8", ZERO], |of| match of {
        [depth, arity, zero] => fixed_depth(depth, number(arity)?, zero),
        _ => None,
    }),
    with("ssz_vector", &["a length of 1 to 2^64 - 1"], |of| ssz(of.first()?, true)),
    with("ssz_list", &["a limit of 1 to 2^64 - 1"], |of| {
        Some(Rules { root: Root::Framed(LENGTH), ..ssz(of.first()?, false)? })
    }),
    with("filecoin", &["an arity of 2, 4 or 8"], |of| {
        let arity = number(of.first()?).filter(|arity| [2, 4, 8].contains(arity))?;
        Some(plain(Shape::Rows { arity, edge: Edge::Exact }))
    }),
];

/// A number in the one way to write it.
fn number<T: core::str::FromStr>(text: &str) -> Option<T> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

/// Bytes in the one way to write them.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte.checked_sub(b'0'),
        b'a'..=b'f' => byte.checked_sub(b'a')?.checked_add(10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)?.checked_mul(16)?.saturating_add(digit(*low)?));
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// The rules of the built-in family with this name and parameters. If there is the name alone: what it takes.
pub(super) fn rules(text: &str) -> Result<Rules, Option<&'static [&'static str]>> {
    let (name, parameters) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((name, parameters)) => (name, parameters.split(',').collect()),
        None => (text, Vec::new()),
    };
    let family = FAMILIES.iter().find(|family| family.name == name).ok_or(None)?;
    let fits = family.parameters.len() == parameters.len();
    let rules = if fits { (family.rules)(&parameters) } else { None };
    rules.ok_or(Some(family.parameters))
}

/// Whether a name is no built-in family's, nor can be mistaken for one's.
pub(super) fn is_free(name: &str) -> bool {
    let taken = FAMILIES.iter().any(|family| family.name == name);
    !taken && !name.contains(['(', ')', '/', ','])
}

/// Names of the built-in families that take no parameters.
pub fn families() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().filter(|family| family.parameters.is_empty()).map(|family| family.name)
}
