//! Proofs of many keys.

use tallystick_proof::codec::Wire;
use tallystick_proof::head::TreeHead;
use tallystick_proof::sparse::SparseMultiProof;
use tallystick_tree::kernels::accelerated;

use super::world::{Claims, Key, World, flipped, random_key, verify_many, widened};
use crate::mutate::mutate;
use crate::numbers::wrong_numbers;
use crate::objects::Form;
use crate::rng::Rng;
use crate::structure::digests::corruptions;
use crate::tally::{Fault, Tally};

/// Keys at most, present and absent.
const KEYS: u64 = 12;
/// Bits of the shape that are flipped at most.
const BITS: usize = 60;
/// Encodings with random changes.
const MUTANTS: usize = 60;

struct Target<'a> {
    world: &'a World,
    claims: Vec<(Key, Option<&'a [u8]>)>,
    honest: SparseMultiProof,
}

pub(super) fn attack(world: &World, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
    let mut keys = world.some_keys(rng.log_uniform(KEYS) as usize, rng);
    rng.shuffle(&mut keys);
    let claims = keys.iter().map(|key| (*key, world.value(key))).collect();
    let target = Target { world, claims, honest: world.prove_many(&keys)? };
    let verdict = verify_many(&world.head, &target.claims, &target.honest);
    verdict.count(true, tally, || world.what("honest"));
    target.claims(rng, tally)?;
    target.heads(rng, tally)?;
    target.shapes(rng, tally);
    target.lists(rng, tally);
    target.encodings(rng, tally);
    Ok(())
}

impl Target<'_> {
    fn attempt(&self, proof: Option<&SparseMultiProof>, tally: &mut Tally, how: impl Fn() -> String) {
        let Some(proof) = proof else {
            tally.note("no proof can be so", 1);
            tally.forged(false, how);
            return;
        };
        let verdict = verify_many(&self.world.head, &self.claims, proof);
        verdict.count(*proof == self.honest, tally, || self.world.what(&how()));
    }

    /// Claims of a set of keys that ours is the proof of, or not.
    fn claimed(&self, claims: &Claims<'_>, tally: &mut Tally, how: &str) -> Result<(), Fault> {
        let world = self.world;
        let mut keys: Vec<Key> = claims.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        let is_set = !keys.is_empty() && keys.windows(2).all(|pair| pair[0] != pair[1]);
        let is_true = is_set
            && claims.iter().all(|(key, value)| world.value(key) == *value)
            && world.prove_many(&keys)? == self.honest;
        let verdict = verify_many(&world.head, claims, &self.honest);
        verdict.count(is_true, tally, || world.what(how));
        Ok(())
    }

    /// Keys that are left out, added, doubled, replaced; values changed; present ones denied and absent ones claimed.
    fn claims(&self, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
        let world = self.world;
        self.claimed(&[], tally, "nothing")?;
        for place in 0..self.claims.len() {
            let (key, value) = self.claims[place];
            let other_value = value.map_or(vec![], |value| [value, &[0]].concat());
            let neighbour = flipped(&key, rng.place(256));
            let replaced = [
                ("another value", (key, Some(&other_value[..]))),
                ("denied", (key, None)),
                ("a neighbour", (neighbour, value)),
                ("a neighbour as it is", (neighbour, world.value(&neighbour))),
                ("the last bit", (flipped(&key, 255), None)),
            ];
            for (how, other) in replaced {
                let mut claims = self.claims.clone();
                claims[place] = other;
                if claims != self.claims {
                    self.claimed(&claims, tally, how)?;
                }
                claims[place] = (key, value);
                claims.push(other);
                self.claimed(&claims, tally, &format!("{how} besides"))?;
            }
            let mut claims = self.claims.clone();
            claims.push(claims[place]);
            self.claimed(&claims, tally, "twice")?;
            claims.truncate(self.claims.len());
            claims.swap_remove(place);
            self.claimed(&claims, tally, "left out")?;
            let other = rng.place(self.claims.len());
            let mut claims = self.claims.clone();
            (claims[place].1, claims[other].1) = (claims[other].1, claims[place].1);
            if claims != self.claims {
                self.claimed(&claims, tally, "values exchanged")?;
            }
        }
        for key in [random_key(rng), random_key(rng)].into_iter().chain(world.values.keys().take(3).copied()) {
            if self.claims.iter().all(|(claimed, _)| *claimed != key) {
                let claims = [&self.claims[..], &[(key, world.value(&key))]].concat();
                self.claimed(&claims, tally, "one more")?;
                let others: Vec<Key> = claims.iter().map(|(key, _)| *key).collect();
                let more = world.prove_many(&others)?;
                if more != self.honest {
                    self.attempt(Some(&more), tally, || "the proof of one more".into());
                }
            }
        }
        Ok(())
    }

    fn heads(&self, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
        let (world, head) = (self.world, &self.world.head);
        let mut heads = Vec::new();
        for _ in 0..6 {
            let mut root = head.root().to_vec();
            root[rng.place(head.root().len())] ^= 1 << rng.below(8);
            heads.push(TreeHead::new(head.scheme().clone(), head.size(), root)?);
        }
        if head.scheme().binds_size() {
            for size in wrong_numbers(head.size(), 8) {
                heads.push(TreeHead::new(head.scheme().clone(), size, head.root().to_vec())?);
            }
        }
        for other in heads {
            let verdict = verify_many(&other, &self.claims, &self.honest);
            verdict.count(false, tally, || world.what("another head"));
        }
        Ok(())
    }

    fn with(
        &self,
        shape: Option<Vec<u8>>,
        witnesses: Option<Vec<u8>>,
        digests: Option<Vec<u8>>,
    ) -> Option<SparseMultiProof> {
        let honest = &self.honest;
        SparseMultiProof::new(
            honest.digest_size(),
            shape.unwrap_or_else(|| honest.shape().to_vec()),
            witnesses.unwrap_or_else(|| honest.witnesses().to_vec()),
            digests.unwrap_or_else(|| honest.digests().bytes().to_vec()),
        )
        .ok()
    }

    /// Bits of the shape; bytes more and less; a digest or witness with it, as a changed shape asks for.
    fn shapes(&self, rng: &mut Rng, tally: &mut Tally) {
        let honest = self.honest.shape();
        let mut shapes = vec![Vec::new(), [honest, &[0]].concat(), [honest, &[255]].concat(), [&[0], honest].concat()];
        shapes.extend([vec![0; honest.len()], vec![255; honest.len()], rng.bytes(honest.len())]);
        shapes.extend(honest.split_last().map(|(_, rest)| rest.to_vec()));
        let bits = 8 * honest.len();
        let places: Vec<usize> =
            if bits <= BITS { (0..bits).collect() } else { (0..BITS).map(|_| rng.place(bits)).collect() };
        for place in places {
            let mut flipped = honest.to_vec();
            flipped[place / 8] ^= 128 >> (place % 8);
            shapes.push(flipped);
        }
        let (digests, width) = (self.honest.digests().bytes(), self.honest.digest_size());
        let (witnesses, size) = (self.honest.witnesses(), self.honest.witness_size());
        for shape in shapes {
            let shape = Some(shape);
            let what = || "another shape".to_owned();
            self.attempt(self.with(shape.clone(), None, None).as_ref(), tally, what);
            let more = [digests, &rng.bytes(width)].concat();
            self.attempt(self.with(shape.clone(), None, Some(more)).as_ref(), tally, what);
            let fewer = digests.get(width..).unwrap_or_default().to_vec();
            self.attempt(self.with(shape.clone(), None, Some(fewer)).as_ref(), tally, what);
            let stranger = self.claims[0].0.iter().copied().chain(rng.bytes(size - 32)).collect::<Vec<_>>();
            let more = [witnesses, &stranger].concat();
            self.attempt(self.with(shape.clone(), Some(more), None).as_ref(), tally, what);
            let fewer = witnesses.get(size..).unwrap_or_default().to_vec();
            self.attempt(self.with(shape, Some(fewer), None).as_ref(), tally, what);
        }
    }

    /// Lists of digests and of witnesses, as forgers of dense proofs change them.
    fn lists(&self, rng: &mut Rng, tally: &mut Tally) {
        let (width, size) = (self.honest.digest_size(), self.honest.witness_size());
        let empty = self.world.head.scheme().empty_subtree(1).to_vec();
        for (how, bytes) in corruptions(self.honest.digests().bytes(), width, &[self.world.head.root(), &empty], rng) {
            self.attempt(self.with(None, None, Some(bytes)).as_ref(), tally, || how.clone());
        }
        let honest = &self.honest;
        let (wide, shown) = (widened(honest.digests().bytes(), width), widened(honest.witnesses(), size));
        let forged = SparseMultiProof::new(width + 1, honest.shape().to_vec(), shown, wide).ok();
        self.attempt(forged.as_ref(), tally, || "digests of another size".into());
        let own: Vec<u8> = self.claims[0].0.iter().copied().chain(vec![0; size - 32]).collect();
        for (how, bytes) in corruptions(self.honest.witnesses(), size, &[&own], rng) {
            self.attempt(self.with(None, Some(bytes), None).as_ref(), tally, || format!("witnesses: {how}"));
        }
    }

    fn encodings(&self, rng: &mut Rng, tally: &mut Tally) {
        let honest = self.honest.encode();
        for _ in 0..MUTANTS {
            let mut mutant = honest.clone();
            mutate(Form::Binary, &mut mutant, &honest, rng);
            let decoded = SparseMultiProof::decode(&mutant, &accelerated).ok();
            self.attempt(decoded.as_ref(), tally, || "another encoding".into());
        }
    }
}
