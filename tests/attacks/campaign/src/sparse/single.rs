//! Proofs of one key.

use tallystick_proof::codec::Wire;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Foot;
use tallystick_proof::sparse::{End, SparseProof, bit};
use tallystick_tree::kernels::accelerated;

use super::world::{Key, World, flipped, random_key, verify, widened};
use crate::mutate::mutate;
use crate::numbers::wrong_numbers;
use crate::objects::Form;
use crate::rng::Rng;
use crate::structure::digests::corruptions;
use crate::tally::{Fault, Tally};

/// Depths whose siblings are dropped and added, of those that are empty.
const EMPTY: usize = 6;
/// Encodings with random changes.
const MUTANTS: usize = 40;

/// A proof in parts that need not fit together.
#[derive(Clone, PartialEq)]
struct Parts {
    end: End,
    /// From the top down; `None` where the sibling is empty.
    siblings: Vec<Option<Vec<u8>>>,
    witness: Vec<u8>,
}

impl Parts {
    fn of(proof: &SparseProof) -> Self {
        let mut digests = proof.digests().bytes().chunks(proof.digest_size()).rev();
        let sent = (0..proof.depth()).map(|depth| bit(proof.bitmap(), depth.into()));
        let siblings = sent.map(|sent| if sent { digests.next().map(<[u8]>::to_vec) } else { None }).collect();
        let witness = proof.witness().map_or(Vec::new(), |(key, digest)| [key, digest].concat());
        Self { end: proof.end(), siblings, witness }
    }

    /// `None` where no proof can be so.
    fn proof(&self, digest_size: usize) -> Option<SparseProof> {
        let mut bitmap = vec![0_u8; self.siblings.len().div_ceil(8)];
        for (depth, _) in self.siblings.iter().enumerate().filter(|(_, sibling)| sibling.is_some()) {
            bitmap[depth / 8] |= 128 >> (depth % 8);
        }
        let digests = self.siblings.iter().rev().flatten().flatten().copied().collect();
        let depth = u16::try_from(self.siblings.len()).ok()?;
        let witness = if self.end.has_witness() { self.witness.clone() } else { Vec::new() };
        SparseProof::new(digest_size, self.end.code(), depth, bitmap, digests, witness).ok()
    }
}

/// An honest claim, and where verdicts go.
struct Target<'a> {
    world: &'a World,
    key: &'a Key,
    honest: SparseProof,
    /// A witness that a proof without one is given: of a key beside this one, if there is another.
    stranger: Vec<u8>,
}

pub(super) fn attack(world: &World, key: &Key, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
    let honest = world.prove(key)?;
    let other = world.values.keys().find(|other| *other != key).copied().unwrap_or_else(|| flipped(key, 255));
    let target = Target { world, key, honest, stranger: world.leaf(&other)? };
    let (value, proof) = (world.value(key), &target.honest);
    verify(&world.head, key, value, proof).count(true, tally, || world.what("honest"));
    target.claims(rng, tally)?;
    target.heads(rng, tally)?;
    target.siblings(rng, tally);
    target.depths(rng, tally);
    target.ends(tally)?;
    target.lists(rng, tally);
    target.encodings(rng, tally);
    Ok(())
}

impl Target<'_> {
    /// A proof for the claim that is true, and for the opposite.
    fn attempt(&self, proof: Option<&SparseProof>, tally: &mut Tally, how: impl Fn() -> String) {
        let world = self.world;
        let Some(proof) = proof else {
            tally.note("no proof can be so", 1);
            tally.forged(false, how);
            return;
        };
        let value = world.value(self.key);
        let is_own = *proof == self.honest;
        verify(&world.head, self.key, value, proof).count(is_own, tally, || world.what(&how()));
        let opposite = if value.is_some() { None } else { Some(&b""[..]) };
        verify(&world.head, self.key, opposite, proof).count(false, tally, || world.what(&how()));
    }

    fn parts(&self, parts: &Parts, tally: &mut Tally, how: impl Fn() -> String) {
        self.attempt(parts.proof(self.honest.digest_size()).as_ref(), tally, how);
    }

    /// Other keys and values with this proof, and other proofs with this key.
    fn claims(&self, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
        let world = self.world;
        if let Some(value) = world.value(self.key) {
            let more = [value, &[0]].concat();
            let mut others = vec![more, world.leaf(self.key)?[32..].to_vec(), world.leaf(self.key)?];
            others.push(value.iter().rev().chain(&[1]).copied().collect());
            others.extend(world.values.values().take(8).cloned());
            for other in others.iter().filter(|other| &other[..] != value) {
                let verdict = verify(&world.head, self.key, Some(other), &self.honest);
                verdict.count(false, tally, || world.what("another value"));
            }
        }
        let near = (0..256).step_by(1 + rng.place(16)).map(|bit| flipped(self.key, bit));
        let mut others: Vec<Key> = near.chain(world.values.keys().take(8).copied()).collect();
        others.push(random_key(rng));
        for other in others.into_iter().filter(|other| other != self.key) {
            let own = world.prove(&other)?;
            self.attempt(Some(&own), tally, || "the proof of another key".into());
            let value = world.value(&other);
            let verdict = verify(&world.head, &other, value, &self.honest);
            verdict.count(own == self.honest, tally, || world.what("for another key"));
            let mine = world.value(self.key);
            let verdict = verify(&world.head, &other, mine, &self.honest);
            let is_true = own == self.honest && value == mine;
            verdict.count(is_true, tally, || world.what("another key with this value"));
        }
        for wrong in [&[][..], &self.key[1..], &[&self.key[..], &[0]].concat()] {
            let verdict = verify(&world.head, wrong, world.value(self.key), &self.honest);
            verdict.count(false, tally, || world.what("a key of another length"));
        }
        Ok(())
    }

    /// Other roots, and other sizes where they are bound.
    fn heads(&self, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
        let (world, head) = (self.world, &self.world.head);
        let mut heads = Vec::new();
        for _ in 0..8 {
            let mut root = head.root().to_vec();
            root[rng.place(head.root().len())] ^= 1 << rng.below(8);
            heads.push(TreeHead::new(head.scheme().clone(), head.size(), root)?);
        }
        if head.scheme().binds_size() {
            for size in wrong_numbers(head.size(), 8) {
                heads.push(TreeHead::new(head.scheme().clone(), size, head.root().to_vec())?);
            }
            let other = head.scheme().with_context(b"another day".to_vec())?;
            heads.push(TreeHead::new(other, head.size(), head.root().to_vec())?);
        }
        for other in heads {
            let verdict = verify(&other, self.key, world.value(self.key), &self.honest);
            verdict.count(false, tally, || world.what("another head"));
        }
        Ok(())
    }

    /// Each sibling dropped, replaced and flipped; empty ones sent, as what they are and as others.
    fn siblings(&self, rng: &mut Rng, tally: &mut Tally) {
        let honest = Parts::of(&self.honest);
        let (width, scheme) = (self.honest.digest_size(), self.world.head.scheme());
        let depths = honest.siblings.len();
        let empty = (0..EMPTY.min(depths)).map(|_| rng.place(depths));
        let sent = (0..depths).filter(|depth| honest.siblings[*depth].is_some());
        for depth in sent.chain(empty).collect::<Vec<_>>() {
            let mut others = vec![
                None,
                Some(vec![0; width]),
                Some(scheme.empty_subtree(depth as u32 + 1).to_vec()),
                Some(rng.bytes(width)),
                Some(self.world.head.root().to_vec()),
            ];
            if let Some(digest) = &honest.siblings[depth] {
                for _ in 0..3 {
                    let mut flipped = digest.clone();
                    flipped[rng.place(width)] ^= 1 << rng.below(8);
                    others.push(Some(flipped));
                }
            }
            for other in others {
                let mut parts = honest.clone();
                parts.siblings[depth] = other;
                self.parts(&parts, tally, || format!("the sibling at {}", depth + 1));
            }
            for right in [depth + 1, rng.place(depths)].into_iter().filter(|right| *right < depths) {
                let mut parts = honest.clone();
                parts.siblings.swap(depth, right);
                self.parts(&parts, tally, || format!("siblings swapped at {} and {}", depth + 1, right + 1));
            }
            for length in [depth, depth + 1] {
                let mut parts = honest.clone();
                parts.siblings.truncate(length);
                self.parts(&parts, tally, || format!("cut at {length}"));
            }
            let mut parts = honest.clone();
            parts.siblings.remove(depth);
            self.parts(&parts, tally, || format!("a level less at {depth}"));
        }
    }

    /// Paths that are longer, with siblings at their end that are empty or not.
    fn depths(&self, rng: &mut Rng, tally: &mut Tally) {
        let honest = Parts::of(&self.honest);
        let width = self.honest.digest_size();
        for more in [1, 2, 7, 8, 9, 255, 256, 1 + rng.place(256)] {
            for end in [None, Some(rng.bytes(width)), Some(self.world.head.root().to_vec())] {
                let mut parts = honest.clone();
                parts.siblings.resize((honest.siblings.len() + more).min(256), None);
                if let Some(last) = parts.siblings.last_mut() {
                    *last = end;
                }
                self.parts(&parts, tally, || format!("{more} levels more"));
                let mut parts = honest.clone();
                let front = vec![parts.siblings.first().cloned().flatten(); more.min(256 - honest.siblings.len())];
                parts.siblings.splice(0..0, front);
                self.parts(&parts, tally, || format!("{more} levels more above"));
            }
        }
    }

    /// Other ends and witnesses, on the path as it is and a level above and below.
    fn ends(&self, tally: &mut Tally) -> Result<(), Fault> {
        let honest = Parts::of(&self.honest);
        let own = self.world.leaf(self.key)?;
        let mut witnesses =
            vec![own.clone(), self.stranger.clone(), honest.witness.clone(), [&[0; 32], &own[32..]].concat()];
        for bit in [0, honest.siblings.len(), 255, 256, 300] {
            let mut changed = if honest.witness.is_empty() { own.clone() } else { honest.witness.clone() };
            let place = bit.min(8 * changed.len() - 1);
            changed[place / 8] ^= 128 >> (place % 8);
            witnesses.push(changed);
        }
        let depth = honest.siblings.len() as u32;
        let paths = [&self.key[..], &self.stranger[..32], honest.witness.get(..32).unwrap_or(&[0; 32])];
        for (path, foot) in
            paths.iter().flat_map(|path| [0, depth, depth + 1, depth + 2, 254, 255].map(|at| (path, at)))
        {
            let digest = honest.witness.get(32..).unwrap_or(&own[32..]);
            witnesses.push([&Foot::new(foot.min(255), path).marked(), digest].concat());
        }
        for end in [End::Present, End::Empty, End::Other, End::Run] {
            let shown = if end.has_witness() { &witnesses[..] } else { &witnesses[..1] };
            for witness in shown {
                for length in [honest.siblings.len(), honest.siblings.len().saturating_sub(1), 0] {
                    let mut parts = honest.clone();
                    (parts.end, parts.witness) = (end, witness.clone());
                    parts.siblings.truncate(length);
                    self.parts(&parts, tally, || format!("end {}, depth {length}", end.name()));
                }
            }
        }
        Ok(())
    }

    /// The list of digests alone, as forgers of dense proofs change it.
    fn lists(&self, rng: &mut Rng, tally: &mut Tally) {
        let proof = &self.honest;
        let (digests, width) = (proof.digests().bytes(), proof.digest_size());
        let witness = proof.witness().map_or(Vec::new(), |(key, digest)| [key, digest].concat());
        let wide = widened(digests, width);
        let shown = if witness.is_empty() { Vec::new() } else { [&witness[..], &[0]].concat() };
        let forged =
            SparseProof::new(width + 1, proof.end().code(), proof.depth(), proof.bitmap().to_vec(), wide, shown);
        self.attempt(forged.ok().as_ref(), tally, || "digests of another size".into());
        for (how, bytes) in corruptions(digests, width, &[self.world.head.root()], rng) {
            let (end, bitmap) = (proof.end().code(), proof.bitmap().to_vec());
            let forged = SparseProof::new(width, end, proof.depth(), bitmap, bytes, witness.clone()).ok();
            self.attempt(forged.as_ref(), tally, || how.clone());
        }
    }

    /// Bytes changed at random: refused by the decoder, or by the verifier.
    fn encodings(&self, rng: &mut Rng, tally: &mut Tally) {
        let honest = self.honest.encode();
        for _ in 0..MUTANTS {
            let mut mutant = honest.clone();
            mutate(Form::Binary, &mut mutant, &honest, rng);
            let decoded = SparseProof::decode(&mutant, &accelerated).ok();
            self.attempt(decoded.as_ref(), tally, || "another encoding".into());
        }
    }
}
