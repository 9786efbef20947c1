//! Trees: parallel building, changing, proving, and tree files.
//!
//! - [`leaves`]: where leaf data comes from
//! - [`forest`], [`build`]: full nodes over a range of leaves, and how they are hashed in parallel
//! - [`tree`]: the dense tree, readable from many threads while one writes
//! - [`shard`]: a range of leaves in a few digests; joins into trees
//! - [`sparse`]: leaves where their keys lead, in versions
//! - [`file`]: the tree file
//! - [`kernels`]: faster hashing where the processor offers it
//! - [`order`]: sorting in tasks
//! - [`patricia`]: Ethereum's trie in memory
//! - [`pool`]: the one seam between serial and parallel
//! - [`memory`]: memory of dropped trees, used again
//! - [`published`]: files that others publish about what they owe
//!
//! What is hashed, and how proofs are verified, is decided in `tallystick-proof`.
#![deny(unsafe_code)]

mod asking;
pub mod build;
pub mod changes;
pub mod check;
pub mod digest;
mod edge;
pub mod error;
pub mod file;
pub mod foreign;
pub mod forest;
pub mod kernels;
pub mod leaves;
pub mod memory;
mod nodes;
pub mod order;
pub mod patricia;
mod poll;
pub mod pool;
pub mod prove;
pub mod published;
mod queue;
pub mod shard;
pub mod sparse;
pub mod tree;
mod update;
