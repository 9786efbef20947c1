//! The hash function: Poseidon2's permutation of four elements, as the sponge that Noir and Barretenberg make of it.
//!
//! Three elements of the state take the message in. The fourth, the capacity, begins as the number of elements times
//! 2^64: messages of different lengths begin in different states, so zeros behind a message change its digest.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use taceo_poseidon2::bn254::t4::permutation_in_place;

/// Bytes of an element, and of a digest.
pub(crate) const ELEMENT: usize = 32;
/// Elements that are taken in between two permutations.
pub(crate) const RATE: usize = 3;

/// The digest of `prefix` and `rest`, or `None` if they are not one or more elements of the field, each once.
pub(crate) fn digest(prefix: &[u8], rest: &[u8]) -> Option<[u8; ELEMENT]> {
    let length = prefix.len().checked_add(rest.len())?;
    if length == 0 || length % ELEMENT != 0 {
        return None;
    }
    let count = length / ELEMENT;
    let mut state = [Fr::ZERO; RATE + 1];
    state[RATE] = Fr::from((count as u128) << 64);
    let mut bytes = prefix.iter().chain(rest);
    for i in 0..count {
        if i > 0 && i % RATE == 0 {
            permutation_in_place(&mut state);
        }
        let mut element = [0; ELEMENT];
        for byte in &mut element {
            *byte = *bytes.next()?;
        }
        state[i % RATE] += decoded(element)?;
    }
    permutation_in_place(&mut state);
    Some(encoded(state[0]))
}

/// The element with these bytes, the highest first, or `None` if the number is not below the modulus.
fn decoded(bytes: [u8; ELEMENT]) -> Option<Fr> {
    let mut limbs = [0; ELEMENT / 8];
    for (limb, bytes) in limbs.iter_mut().rev().zip(bytes.as_chunks().0) {
        *limb = u64::from_be_bytes(*bytes);
    }
    Fr::from_bigint(BigInt(limbs))
}

fn encoded(element: Fr) -> [u8; ELEMENT] {
    let mut bytes = [0; ELEMENT];
    for (bytes, limb) in bytes.as_chunks_mut().0.iter_mut().zip(element.into_bigint().0.iter().rev()) {
        *bytes = limb.to_be_bytes();
    }
    bytes
}
