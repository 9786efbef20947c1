//! Sparse trees: leaves where their keys lead, in versions.
//!
//! - `nodes`: slabs of nodes and leaves that versions share
//! - `patch`, `change`, `add`: what a batch of keys adds, made aside and in tasks, then put in place
//! - `feet`: what is different where nodes with one child are hashed as runs
//! - `tree`, `commit`: versions and their readers, and the one writer
//! - `prove`: proofs of one key and of many
//! - `walk`: entries in order, differences
//! - `saved`: one version in a file
//! - `store`, `stored`: what is asked of a store, and a tree that is kept in one; `page`, `pages`, `record`: its tiles

mod add;
mod change;
mod commit;
mod feet;
mod nodes;
mod page;
mod pages;
mod patch;
mod prove;
mod record;
mod saved;
mod store;
mod stored;
mod tree;
mod walk;

pub(crate) use saved::begins_saved;
pub use store::{StoreFailure, Tile, TileStore};
pub use tree::{At, SparseTree, VersionInfo};
pub use walk::{Difference, Entry};
