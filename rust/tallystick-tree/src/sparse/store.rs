//! Where a tree's pages are kept: the capabilities that a tree asks of a store, in batches.

use std::error::Error;

/// A store that failed, in its own words. That something is not there is no failure.
pub type StoreFailure = Box<dyn Error + Send + Sync>;

/// A tile: its name and its bytes.
pub type Tile = (String, Vec<u8>);

/// Tiles by name, and one head. Called from any thread, without any lock of the tree.
pub trait TileStore: Send + Sync {
    /// The tiles of these names, in their order; `None` for one that is not there.
    fn read_tiles(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreFailure>;

    /// Writes tiles.
    fn write_tiles(&self, tiles: &[Tile]) -> Result<(), StoreFailure>;

    /// Deletes tiles; those that are not there are no failure.
    fn delete_tiles(&self, names: &[String]) -> Result<(), StoreFailure>;

    /// The head, `None` if none was ever published.
    fn read_head(&self) -> Result<Option<Vec<u8>>, StoreFailure>;

    /// Publishes a head, and with it all tiles written before, if the present one is `expected`; else gives `false`.
    fn publish_head(&self, head: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreFailure>;
}
