//! Sparse trees: proofs of one key and of many, changed in every part, for true claims and false ones.
//!
//! A claim and a proof are accepted exactly if the claim is true and the proof is the tree's own for it: everything else that is
//! accepted is a forgery. Trees have keys at random and neighbours of them, so that paths are short and long.

mod many;
mod single;
mod world;

use tallystick_proof::hash::{builtin, builtin_names};
use tallystick_proof::scheme::{Kind, Scheme, families};
use tallystick_proof::sparse::{Sparse, SparseMultiProof, SparseProof};
use tallystick_tree::kernels::accelerated;

use crate::objects::{Codec, codecs_of};
use crate::options::Options;
use crate::rng::Rng;
use crate::tally::{Fault, Tally, spread};
use world::World;

/// Keys of each tree that are present, and as many that are absent, whose proofs are changed.
const KEYS: usize = 3;
/// Sets of keys of each tree.
const SETS: usize = 2;

pub(crate) fn run(options: &Options) -> Result<Tally, Fault> {
    let schemes = schemes(options)?;
    let sizes = (0..=options.max_size).rev();
    let tasks: Vec<(usize, u64)> = sizes.flat_map(|size| (0..schemes.len()).map(move |place| (place, size))).collect();
    let mut tally = spread(&tasks, options, |(place, size), tally| {
        let scheme = &schemes[*place];
        let mut rng = Rng::new(options.seed, (size << 8) + *place as u64);
        if !rng.chance(options.sample) {
            return Ok(());
        }
        let world = World::new(scheme, *size, &mut rng)?;
        for key in world.some_keys(KEYS, &mut rng) {
            single::attack(&world, &key, &mut rng, tally)?;
        }
        for _ in 0..SETS {
            many::attack(&world, &mut rng, tally)?;
        }
        Ok(())
    })?;
    tally.most("schemes", schemes.len() as u64);
    Ok(tally)
}

/// A decoder for each object of sparse trees and each form.
pub(crate) fn codecs(options: &Options) -> Result<Vec<Codec>, Fault> {
    let mut rng = Rng::new(options.seed, 0);
    let (mut heads, mut singles, mut multis) = (Vec::new(), Vec::new(), Vec::new());
    for scheme in &schemes(options)? {
        for size in [0, 1, if scheme.is_full() { 3 } else { 20 }] {
            let world = World::new(scheme, size, &mut rng)?;
            heads.push(Sparse(world.head.clone()));
            let keys = world.some_keys(4, &mut rng);
            for key in &keys {
                singles.push(world.prove(key)?);
            }
            multis.push(world.prove_many(&keys)?);
        }
    }
    singles.push(SparseProof::new(64, 0, 9, vec![255, 128], vec![7; 9 * 64], Vec::new())?);
    multis.push(SparseMultiProof::new(48, vec![1, 2, 3], vec![7; 2 * 80], vec![9; 3 * 48])?);
    Ok(codecs_of(&heads).chain(codecs_of(&singles)).chain(codecs_of(&multis)).collect())
}

/// The families of sparse trees with every hash, as far as the options choose them.
fn schemes(options: &Options) -> Result<Vec<Scheme>, Fault> {
    let mut schemes = Vec::new();
    for name in builtin_names().filter(|name| options.hash.as_deref().is_none_or(|chosen| chosen == *name)) {
        let found = if options.portable { builtin(name) } else { accelerated(name) };
        let hash = found.ok_or("a built-in hash has a name")?;
        if !hash.info().cryptographic {
            continue;
        }
        for family in families().filter(|family| options.family.as_deref().is_none_or(|chosen| chosen == *family)) {
            let scheme = Scheme::of_family(family, hash.clone())?;
            if scheme.kind() == Kind::Sparse {
                schemes.push(scheme);
            }
        }
    }
    Ok(schemes)
}
