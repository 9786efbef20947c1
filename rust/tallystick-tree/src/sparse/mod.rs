//! Sparse trees: leaves where their keys lead, in versions.
//!
//! - [`nodes`](self): slabs of nodes and leaves that versions share
//! - `patch`, `change`: what a batch of keys adds, made aside and in tasks
//! - `tree`: versions, readers and the one writer
//! - `prove`: proofs of one key and of many
//! - `walk`: entries in order, differences

mod change;
mod nodes;
mod patch;
mod prove;
mod tree;
mod walk;

pub use tree::{At, SparseTree, VersionInfo};
pub use walk::{Difference, Entry};
