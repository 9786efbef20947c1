//! Patricia tries: false claims, and proofs that were edited or put together from the nodes of several tries.
//!
//! What must be 0: claims accepted that are false, proofs accepted that are not the one proof of their claim, and bytes
//! read as a node that are not the encoding of what was read.

use std::collections::BTreeMap;

use tallystick_proof::codec::Strings;
use tallystick_proof::patricia::node::{Child, Keys, Node, read_at};
use tallystick_proof::patricia::path::hex_prefix;
use tallystick_proof::patricia::rlp::{list_length, put_list, put_string};
use tallystick_proof::patricia::{KeyClaim, PatriciaHead, PatriciaProof, encode_pair, verify};
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::patricia::PatriciaTree;

use crate::options::Options;
use crate::rng::Rng;
use crate::subjects::alone;
use crate::tally::{Fault, Tally, spread};

/// Tries, and what is tried with each.
const TRIES: u64 = 500;
const TRIED: u64 = 20_000;

type Items = BTreeMap<Vec<u8>, Vec<u8>>;
type Claims = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let tasks: Vec<u64> = (0..options.share(TRIES).max(8)).collect();
    let tried = (options.share(TRIES * TRIED) / tasks.len() as u64).max(100);
    spread(&tasks, options, |task, tally| one_trie(&mut Rng::new(options.seed, *task), tried, tally))
}

struct Subject {
    tree: PatriciaTree,
    items: Items,
    /// Keys of the trie, and some beside them.
    keys: Vec<Vec<u8>>,
}

/// A trie whose keys are prefixes of each other and part everywhere.
fn subject(rng: &mut Rng) -> Result<Subject, Fault> {
    let secure = rng.chance(0.3);
    let among: &[u8] = if rng.chance(0.5) { &[0x00, 0x01, 0x10] } else { &[0x00, 0x12, 0x13, 0x23, 0xff] };
    let key = |rng: &mut Rng| (0..rng.below(5)).map(|_| among[rng.place(among.len())]).collect::<Vec<u8>>();
    let mut items = Items::new();
    for _ in 0..rng.below(30) {
        let (key, length) = (key(rng), [1, 2, 20, 31, 32, 33, 60][rng.place(7)]);
        items.insert(key, rng.bytes(length));
    }
    let mut keys: Vec<Vec<u8>> = items.keys().cloned().collect();
    for _ in 0..6 {
        keys.push(key(rng));
    }
    keys.sort_unstable();
    keys.dedup();
    let tree = PatriciaTree::new(secure, accelerated("keccak256").ok_or("a hash")?)?;
    let (rows, values): (Vec<&[u8]>, Vec<&[u8]>) = items.iter().map(|(key, value)| (&**key, &**value)).unzip();
    tree.update(&RaggedRows(&rows), &RaggedRows(&values), alone())?;
    Ok(Subject { tree, items, keys })
}

impl Subject {
    fn proof(&self, claims: &Claims) -> Result<Vec<Vec<u8>>, Fault> {
        let keys: Vec<&[u8]> = claims.keys().map(Vec::as_slice).collect();
        let proof = self.tree.prove_many(&RaggedRows(&keys), None, alone())?;
        Ok(proof.nodes().iter().map(<[u8]>::to_vec).collect())
    }

    /// A true claim about one key, or some.
    fn claims(&self, rng: &mut Rng) -> Claims {
        let count = if rng.chance(0.6) { 1 } else { 1 + rng.place(self.keys.len()) };
        let chosen = (0..count).map(|_| self.keys[rng.place(self.keys.len())].clone());
        chosen.map(|key| (key.clone(), self.items.get(&key).cloned())).collect()
    }
}

fn accepted(head: &PatriciaHead, claims: &Claims, nodes: &[Vec<u8>]) -> Result<bool, Fault> {
    let claims: Vec<_> = claims.iter().map(|(key, value)| KeyClaim { key, value: value.as_deref() }).collect();
    let nodes: Strings = nodes.iter().map(Vec::as_slice).collect();
    Ok(verify(head, &claims, &PatriciaProof::new(nodes)?).is_ok())
}

fn one_trie(rng: &mut Rng, tried: u64, tally: &mut Tally) -> Result<(), Fault> {
    let (own, other) = (subject(rng)?, subject(rng)?);
    let head = own.tree.head();
    let mut pool: Vec<Vec<u8>> = vec![vec![], vec![0x80], vec![0xc0]];
    for one in [&own, &other] {
        let every = one.keys.iter().map(|key| (key.clone(), one.items.get(key).cloned())).collect();
        pool.extend(one.proof(&every)?);
    }
    for _ in 0..tried {
        let mut claims = own.claims(rng);
        let mut nodes = own.proof(&claims)?;
        tally.honest(accepted(&head, &claims, &nodes)?, || format!("{claims:02x?}"));
        let bends = 1 + rng.below(3);
        let mut shown = head.clone();
        for _ in 0..bends {
            match rng.below(10) {
                0..7 => bend_nodes(rng, &mut nodes, &pool),
                7..9 => bend_claims(rng, &mut claims, &own),
                _ => {
                    let mut root = *shown.root();
                    root[rng.place(root.len())] ^= 1 << rng.below(8);
                    shown = PatriciaHead::new(root, shown.secure());
                }
            }
        }
        let is_true = shown == head
            && !claims.is_empty()
            && claims.iter().all(|(key, value)| own.items.get(key) == value.as_ref())
            && nodes == own.proof(&claims)?;
        if is_true {
            continue; // bent back
        }
        let what = || format!("{shown:02x?} {claims:02x?} {nodes:02x?}");
        tally.forged(accepted(&shown, &claims, &nodes)?, what);
        one_node(rng, &pool, tally);
    }
    Ok(())
}

fn bend_nodes(rng: &mut Rng, nodes: &mut Vec<Vec<u8>>, pool: &[Vec<u8>]) {
    let more = pool[rng.place(pool.len())].clone();
    if nodes.is_empty() {
        nodes.push(more);
        return;
    }
    let (place, end) = (rng.place(nodes.len()), rng.place(nodes.len() + 1));
    match rng.below(6) {
        0 => bend_bytes(rng, &mut nodes[place]),
        1 => drop(nodes.remove(place)),
        2 => nodes.insert(end, more),
        3 => nodes[place] = more,
        4 => {
            let last = nodes.len() - 1;
            nodes.swap(place, end.min(last));
        }
        _ => nodes.truncate(place),
    }
}

fn bend_bytes(rng: &mut Rng, node: &mut Vec<u8>) {
    const BYTES: [u8; 14] = [0, 1, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xa0, 0xb8, 0xb9, 0xc0, 0xc2, 0xf8];
    if node.is_empty() {
        node.push(BYTES[rng.place(BYTES.len())]);
        return;
    }
    let place = rng.place(node.len());
    match rng.below(5) {
        0 => node[place] ^= 1 << rng.below(8),
        1 => node[place] = BYTES[rng.place(BYTES.len())],
        2 => drop(node.remove(place)),
        3 => node.insert(place, BYTES[rng.place(BYTES.len())]),
        _ => node.truncate(place),
    }
}

fn bend_claims(rng: &mut Rng, claims: &mut Claims, own: &Subject) {
    let key = own.keys[rng.place(own.keys.len())].clone();
    let value = own.items.values().nth(rng.place(own.items.len().max(1))).cloned();
    match rng.below(5) {
        0 => drop(claims.insert(key, value)),
        1 => drop(claims.remove(&key)),
        2 => drop(claims.insert(key, None)),
        3 => drop(claims.insert(rng.bytes(2), value)),
        _ => {
            if let Some(Some(value)) = claims.values_mut().next() {
                bend_bytes(rng, value);
            }
        }
    }
}

/// Bytes that are read as a node are its encoding.
fn one_node(rng: &mut Rng, pool: &[Vec<u8>], tally: &mut Tally) {
    let mut node = pool[rng.place(pool.len())].clone();
    for _ in 0..=rng.below(3) {
        bend_bytes(rng, &mut node);
    }
    let keys = if rng.chance(0.8) { Keys::Plain } else { Keys::Hashed };
    let Some(read) = read_at(&node, rng.below(4) as usize, keys) else { return };
    tally.note("bent nodes that are nodes", 1);
    tally.forged(encode(read) != node, || format!("{node:02x?}"));
}

fn encode(node: Node<'_>) -> Vec<u8> {
    let nibbles = |path: tallystick_proof::patricia::path::Path<'_>| -> Vec<u8> {
        (0..path.len()).filter_map(|at| path.nibble(at)).collect()
    };
    let mut items = Vec::new();
    match node {
        Node::Leaf { path, value } => return encode_pair(&hex_prefix(&nibbles(path), true), value),
        Node::Extension { path, child } => {
            put_string(&mut items, &hex_prefix(&nibbles(path), false));
            put_child(&mut items, child);
        }
        Node::Branch(branch) => {
            branch.children().for_each(|child| put_child(&mut items, child));
            put_string(&mut items, branch.value());
        }
    }
    let mut out = Vec::with_capacity(list_length(items.len()));
    put_list(&mut out, items.len());
    out.extend(items);
    out
}

fn put_child(out: &mut Vec<u8>, child: Child<'_>) {
    match child {
        Child::Empty => put_string(out, &[]),
        Child::Digest(digest) => put_string(out, digest),
        Child::Embedded(encoded) => out.extend_from_slice(encoded),
    }
}
