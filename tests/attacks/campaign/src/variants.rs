//! The tree variants of others: bits, digests, leaves and places of every dense family, of trees of every size.
//!
//! What a root does not bind is relabelled elsewhere, and listed by the vectors: here heads are what they are.

use tallystick_proof::hash::{builtin, builtin_names};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{Digests, InclusionProof, MultiProof};
use tallystick_proof::scheme::{Kind, Scheme, families};
use tallystick_proof::verify::{Claim, verify_inclusion, verify_many, verify_member};
use tallystick_tree::build::LeafRule;
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::tree::{DenseTree, Wanted};

use crate::numbers::wrong_numbers;
use crate::options::Options;
use crate::rng::Rng;
use crate::structure::digests::corruptions;
use crate::subjects::alone;
use crate::tally::{Fault, Tally, spread};

/// Those with parameters; Z stands for a digest of zeros.
const PARAMETRISED: [&str; 11] = [
    "openzeppelin_solidity(8,Z)",
    "fixed_depth(7,2,Z)",
    "fixed_depth(5,3,Z)",
    "fixed_depth(4,4,Z)",
    "fixed_depth(3,7,Z)",
    "ssz_vector(1)",
    "ssz_vector(21)",
    "ssz_list(100)",
    "filecoin(2)",
    "filecoin(4)",
    "filecoin(8)",
];
/// Bits of each digest that are flipped, and of each leaf.
const BITS: usize = 4;
/// Sets of leaves for each size that have one proof.
const SETS: u64 = 2;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let mut schemes = Vec::new();
    for name in builtin_names().filter(|name| options.hash.as_deref().is_none_or(|chosen| chosen == *name)) {
        let found = if options.portable { builtin(name) } else { accelerated(name) };
        let hash = found.ok_or("a built-in hash has a name")?;
        if !hash.info().cryptographic {
            continue;
        }
        let zeros = "00".repeat(hash.digest_size());
        for family in families().map(String::from).chain(PARAMETRISED.map(|text| text.replace('Z', &zeros))) {
            let scheme = Scheme::of_family(&family, hash.clone())?;
            let chosen = options.family.as_deref().is_none_or(|chosen| family.starts_with(chosen));
            if chosen && scheme.kind() == Kind::Dense {
                schemes.push(scheme);
            }
        }
    }
    let tasks: Vec<(&Scheme, u64)> = (1..=options.max_size)
        .rev()
        .flat_map(|size| schemes.iter().map(move |scheme| (scheme, size)))
        .filter(|(scheme, size)| scheme.sizes().take(*size))
        .collect();
    let mut tally = spread(&tasks, options, |(scheme, size), tally| one_size(scheme, *size, options, tally))?;
    tally.most("schemes", schemes.len() as u64);
    Ok(tally)
}

fn one_size(scheme: &Scheme, size: u64, options: &Options, tally: &mut Tally) -> Result<(), Fault> {
    let mut rng = Rng::new(options.seed, size);
    let leaves: Vec<Vec<u8>> = (0..size)
        .map(|_| {
            let length = if scheme.bare_leaves() { scheme.digest_size() } else { 16 + rng.place(60) };
            rng.bytes(length)
        })
        .collect();
    let rows: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    let tree = DenseTree::new(scheme.clone(), &RaggedRows(&rows), LeafRule::Hashed, alone())?;
    let target = Target { head: tree.head()?, rows: &rows };
    let batch = tree.prove_each(Wanted::All, Some(&target.head), alone())?;
    for index in 0..size {
        let proof = batch.proof(index as usize).ok_or("a batch has a proof a leaf")?;
        let leaf = rows[index as usize];
        tally.honest(target.accepts(index, leaf, proof.digests()), || target.what(index, "honest"));
        if rng.chance(options.sample) {
            target.single(index, &proof, &mut rng, tally)?;
        }
    }
    for _ in 0..if scheme.binds_index() { SETS } else { 0 } {
        if rng.chance(options.sample) {
            target.many(&tree, &mut rng, tally)?;
        }
    }
    Ok(())
}

/// A head and all leaves below it.
struct Target<'a> {
    head: TreeHead,
    rows: &'a [&'a [u8]],
}

impl Target<'_> {
    fn what(&self, index: u64, how: &str) -> String {
        format!("{} {index}/{}: {how}", self.head.scheme().name(), self.head.size())
    }

    /// Whether the leaf is shown at its place, or where proofs show none, to be there.
    fn accepts(&self, index: u64, leaf: &[u8], proof: Digests<'_>) -> bool {
        if self.head.scheme().binds_index() {
            verify_inclusion(&self.head, index, leaf, proof).is_ok()
        } else {
            verify_member(&self.head, leaf, proof).is_ok()
        }
    }

    fn single(&self, index: u64, proof: &InclusionProof, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
        let (leaf, digests) = (self.rows[index as usize], proof.digests().bytes());
        let width = proof.digests().digest_size();
        let neighbour = self.rows[(index as usize + 1) % self.rows.len()];
        let strangers: Vec<&[u8]> =
            [self.head.root(), leaf, neighbour].into_iter().filter(|s| s.len() == width).collect();
        for (how, bytes) in corruptions(digests, width, &strangers, rng) {
            let forged = InclusionProof::new(width, bytes);
            let accepted = forged.is_ok_and(|forged| self.accepts(index, leaf, forged.digests()));
            tally.forged(accepted, || self.what(index, &how));
        }
        for _ in 0..BITS * digests.len() / width {
            let mut flipped = digests.to_vec();
            flipped[rng.place(digests.len())] ^= 1_u8 << rng.below(8);
            let forged = InclusionProof::new(width, flipped)?;
            tally.forged(self.accepts(index, leaf, forged.digests()), || self.what(index, "a bit of a sibling"));
        }
        for _ in 0..BITS {
            let mut flipped = leaf.to_vec();
            flipped[rng.place(leaf.len())] ^= 1_u8 << rng.below(8);
            tally.forged(self.accepts(index, &flipped, proof.digests()), || self.what(index, "a bit of the leaf"));
        }
        let first = digests.get(..width).unwrap_or(self.head.root());
        let pair = [leaf, first].concat();
        let others: [&[u8]; 6] = [&[], &leaf[1..], &[leaf, &[0]].concat(), &pair, first, &vec![0; width]];
        for other in others.into_iter().filter(|other| *other != leaf) {
            // In a tree of one leaf that is a digest, the root is the leaf.
            let accepted = self.accepts(index, other, proof.digests());
            let is_sibling = other == first && self.rows.contains(&other) && !self.head.scheme().binds_index();
            tally.forged(accepted && !is_sibling, || self.what(index, "another leaf"));
        }
        if self.head.scheme().binds_index() {
            tally.forged(verify_member(&self.head, leaf, proof.digests()).is_ok(), || self.what(index, "no place"));
            for other in (0..self.head.size()).chain(wrong_numbers(index, 8)).filter(|other| *other != index) {
                tally.forged(self.accepts(other, leaf, proof.digests()), || self.what(index, &format!("as {other}")));
            }
        } else {
            for other in [index, 0, self.head.size(), u64::MAX] {
                let accepted = verify_inclusion(&self.head, other, leaf, proof.digests()).is_ok();
                tally.forged(accepted, || self.what(index, "a place"));
            }
        }
        Ok(())
    }

    fn many(&self, tree: &DenseTree, rng: &mut Rng, tally: &mut Tally) -> Result<(), Fault> {
        let mut indices: Vec<u64> = (0..self.head.size()).collect();
        rng.shuffle(&mut indices);
        indices.truncate(rng.log_uniform(self.head.size()) as usize);
        let proof = tree.prove_many(indices.clone(), Some(&self.head))?;
        let leaves: Vec<&[u8]> = indices.iter().map(|index| self.rows[*index as usize]).collect();
        let claim = Claim { indices: &indices, leaves: &leaves };
        let what = |how: &str| format!("{} {indices:?}/{}: {how}", self.head.scheme().name(), self.head.size());
        tally.honest(verify_many(&self.head, claim, proof.digests()).is_ok(), || what("honest"));
        let width = self.head.scheme().digest_size();
        for (how, bytes) in corruptions(proof.digests().bytes(), width, &[self.head.root()], rng) {
            let forged = MultiProof::new(width, bytes);
            let accepted = forged.is_ok_and(|forged| verify_many(&self.head, claim, forged.digests()).is_ok());
            tally.forged(accepted, || what(&how));
        }
        for place in 0..indices.len() {
            let mut other = leaves.clone();
            let mut flipped = other[place].to_vec();
            flipped[0] ^= 1;
            other[place] = &flipped;
            let claim = Claim { indices: &indices, leaves: &other };
            tally.forged(verify_many(&self.head, claim, proof.digests()).is_ok(), || what("another leaf"));
            for wrong in wrong_numbers(indices[place], 8) {
                let mut other = indices.clone();
                other[place] = wrong;
                let claim = Claim { indices: &other, leaves: &leaves };
                tally.forged(verify_many(&self.head, claim, proof.digests()).is_ok(), || what("another place"));
            }
        }
        Ok(())
    }
}
