//! Schemes, heads, proofs and their verifiers.
//!
//! The part of tallystick that every binding carries and every auditor reads: no threads, no I/O, no Python, and no
//! allocation beyond what the input justifies. Building trees lives in `tallystick-tree`.
//!
//! - [`hash`]: the one door for hashing, and the built-in hashes
//! - [`frame`], [`scheme`]: what is hashed, as data
//! - [`geometry`]: where nodes are, as integers
//! - [`head`], [`proof`]: what a verifier is given
//! - [`verify`]: the verifiers
//! - [`codec`]: the bytes of all these
//! - [`liabilities`]: statements and receipts of what is owed
//! - [`sparse`]: proofs of sparse trees
//! - [`patricia`]: Ethereum's trie, all of it
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod codec;
pub mod frame;
pub mod geometry;
pub mod hash;
pub mod head;
pub mod liabilities;
pub mod patricia;
pub mod proof;
pub mod record;
pub mod scheme;
pub mod sparse;
pub mod verify;
