//! A tree that is kept in a store: pages are written before a head names them, and read when a way leads into them.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use tallystick_proof::codec::Resolve;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::{Foot, Scheme};

use super::add::{Added, Addition, add};
use super::nodes::{Kind, Nodes, Ref, bit};
use super::page::{self, Below, Loaded, PageError, Place, Stamp};
use super::record::{NAMED, Record, Root, StoredHead};
use super::store::{Tile, TileStore};
use super::tree::{State, Version};
use crate::error::TreeError;
use crate::pool::Run;

/// Tiles that are written, or read, in one call.
const AT_ONCE: usize = 4096;
/// Pages that a task checks.
const TASK: usize = 64;

/// The store of a tree.
pub(super) struct Stored {
    store: Arc<dyn TileStore>,
    /// The head as this tree knows it; `None` before the first.
    head: Mutex<Option<Vec<u8>>>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stored")
    }
}

/// A page that a way leads into.
#[derive(Debug)]
pub(super) struct Missing {
    page: u32,
    stamp: Stamp,
    key: Vec<u8>,
    depth: u32,
    digest: Vec<u8>,
    foot: Option<Foot>,
}

/// The pages that ways of keys lead into, each once.
pub(super) fn missing(nodes: &Nodes, version: &Version, keys: &[&[u8]]) -> Vec<Missing> {
    let mut found = BTreeMap::new();
    for key in keys {
        let (mut at, mut depth, mut digest) = (nodes.read_as(version.root), 0, &version.top[..]);
        while let Kind::Inner(number) = at.kind() {
            let right = bit(key, depth);
            (at, digest) = (nodes.child(number, right), nodes.child_digest(number, right));
            depth += 1;
        }
        if let Some(page) = page_at(nodes, at, (key, depth), digest) {
            found.entry(page.page).or_insert(page);
        }
    }
    found.into_values().collect()
}

/// The page, if a node is one that was not read.
pub(super) fn page_at(nodes: &Nodes, at: Ref, (key, depth): (&[u8], u32), digest: &[u8]) -> Option<Missing> {
    let Kind::Page(page) = at.kind() else { return None };
    let stamp = nodes.pages.stamp(page)?;
    let foot = nodes.pages.foot(page);
    Some(Missing { page, stamp, key: key.to_vec(), depth, digest: digest.to_vec(), foot })
}

/// What a version is, before it is one.
pub(super) struct Draft<'a> {
    pub(super) number: u64,
    pub(super) time: u64,
    pub(super) head: &'a TreeHead,
    pub(super) top: &'a [u8],
    pub(super) retired: &'a [Ref],
    /// The oldest version that will be kept.
    pub(super) oldest: u64,
}

/// A version that was published.
pub(super) struct Published {
    pub(super) stamp: Stamp,
    tops: Vec<(u32, Place)>,
}

impl Published {
    /// Remembers which nodes are the tops of pages.
    pub(super) fn remember(&self, nodes: &mut Nodes) {
        for (top, place) in &self.tops {
            nodes.pages.set_top(None, *top, self.stamp, *place);
        }
    }
}

impl Stored {
    /// A store that has no tree yet, and into which the empty one is put.
    pub(super) fn create(
        store: Arc<dyn TileStore>,
        scheme: &Scheme,
        first: &Version,
    ) -> Result<(Self, Stamp), TreeError> {
        if store.read_head().map_err(TreeError::Store)?.is_some() {
            return Err(TreeError::HoldsTree);
        }
        let stored = Self { store, head: Mutex::new(None) };
        let draft = Draft { number: 0, time: first.time, head: &first.head, top: &first.top, retired: &[], oldest: 0 };
        let nodes = Nodes::new(scheme);
        let published = stored.publish(&nodes, &draft, Ref::EMPTY, &HashSet::new(), Vec::new());
        match published {
            Err(TreeError::OtherWriter) => Err(TreeError::HoldsTree),
            published => Ok((stored, published?.stamp)),
        }
    }

    /// The tree in a store, of which nothing but the records of its versions is read.
    pub(super) fn open(store: Arc<dyn TileStore>, resolve: Resolve<'_>) -> Result<(Self, Scheme, State), TreeError> {
        let bytes = store.read_head().map_err(TreeError::Store)?.ok_or(TreeError::NoTree)?;
        let head = StoredHead::decode(&bytes, resolve)?;
        let stored = Self { store, head: Mutex::new(Some(bytes)) };
        let mut nodes = Nodes::new(&head.scheme);
        let (mut versions, mut next) = (Vec::new(), vec![head.stamp]);
        let mut number = head.newest;
        while !next.is_empty() {
            let records = stored.records(&next)?;
            let stamps = std::mem::take(&mut next);
            let before = records.last().map(|record| record.before.clone()).unwrap_or_default();
            for (record, stamp) in records.into_iter().zip(stamps) {
                if record.number != number {
                    return Err(TreeError::Damaged(stamp.record_name()));
                }
                let oldest = number == head.oldest;
                versions.push(version(&head.scheme, &mut nodes, record, stamp)?);
                if oldest {
                    versions.reverse();
                    return Ok((stored, head.scheme, State { nodes, versions: versions.into() }));
                }
                number = number.saturating_sub(1);
            }
            next = before;
            // Records name versions that are gone since.
            next.truncate(usize::try_from(number.saturating_sub(head.oldest)).unwrap_or(usize::MAX).saturating_add(1));
        }
        Err(TreeError::Damaged("the chain of versions".into()))
    }

    fn records(&self, stamps: &[Stamp]) -> Result<Vec<Record>, TreeError> {
        let names: Vec<String> = stamps.iter().map(|stamp| stamp.record_name()).collect();
        let tiles = self.read(&names)?;
        tiles.iter().zip(&names).map(|(bytes, name)| Record::decode(bytes, name)).collect()
    }

    fn read(&self, names: &[String]) -> Result<Vec<Vec<u8>>, TreeError> {
        let mut tiles = Vec::with_capacity(names.len());
        for names in names.chunks(AT_ONCE) {
            let read = self.store.read_tiles(names).map_err(TreeError::Store)?;
            if read.len() != names.len() {
                return Err(TreeError::Store("the store gave another number of tiles than it was asked for".into()));
            }
            for (tile, name) in read.into_iter().zip(names) {
                tiles.push(tile.ok_or_else(|| TreeError::MissingTile(name.clone()))?);
            }
        }
        Ok(tiles)
    }

    /// Reads pages and checks them.
    pub(super) fn load(&self, scheme: &Scheme, missing: &[Missing], run: Run<'_>) -> Result<Vec<Loaded>, TreeError> {
        let names: Vec<String> = missing.iter().map(|page| page.stamp.page_name(&page.key, page.depth)).collect();
        let tiles = self.read(&names)?;
        let empty = Nodes::new(scheme);
        let done: Vec<Mutex<Vec<Loaded>>> = missing.chunks(TASK).map(|_| Mutex::default()).collect();
        run.for_hash(scheme.hash()).each(done.iter().enumerate(), |(task, done): (usize, &Mutex<Vec<Loaded>>)| {
            for place in (task * TASK..missing.len()).take(TASK) {
                let page = &missing[place];
                let read =
                    page::read(scheme, &empty, &tiles[place], (&page.key, page.depth), (&page.digest, page.foot));
                done.lock().push(read.map_err(|error| match error {
                    PageError::Refused(why) => TreeError::Damaged(format!("{} {why}; it", names[place])),
                    PageError::Tree(error) => error,
                })?);
            }
            Ok::<_, TreeError>(())
        })?;
        Ok(done.into_iter().flat_map(Mutex::into_inner).collect())
    }

    /// Writes the pages of new nodes and the record of their version, and publishes the head.
    pub(super) fn publish(
        &self,
        nodes: &Nodes,
        draft: &Draft<'_>,
        root: Ref,
        fresh: &HashSet<u32>,
        before: Vec<Stamp>,
    ) -> Result<Published, TreeError> {
        // Whoever else writes this version draws another number.
        let chance = RandomState::new().build_hasher().finish();
        let stamp = Stamp { version: draft.number, chance };
        let mut tiles: Vec<Tile> = Vec::new();
        let mut tops = Vec::new();
        let mut work: Vec<(u32, Place)> = Vec::new();
        let is_fresh = |number: u32| fresh.contains(&number);
        let root = match nodes.read_as(root).kind() {
            Kind::Inner(number) if is_fresh(number) => {
                work.push((number, Place::ROOT));
                Root::Page(stamp)
            }
            Kind::Inner(number) => {
                Root::Page(nodes.pages.of_top(number).ok_or(TreeError::Defect("the root is a page's top"))?.0)
            }
            Kind::Page(page) => Root::Page(nodes.pages.stamp(page).ok_or(TreeError::Defect("a page has a stamp"))?),
            Kind::Leaf(leaf) => Root::Leaf(nodes.leaves.get(leaf).to_vec()),
            _ => Root::Empty,
        };
        while let Some((top, place)) = work.pop() {
            let page = page::write(nodes, top, place, |at, place| match at.kind() {
                Kind::Inner(number) if is_fresh(number) => {
                    work.push((number, place));
                    Ok(stamp)
                }
                Kind::Inner(number) => nodes
                    .pages
                    .of_top(number)
                    .map(|page| page.0)
                    .ok_or(TreeError::Defect("an old node is a page's top")),
                Kind::Page(page) => nodes.pages.stamp(page).ok_or(TreeError::Defect("a page has a stamp")),
                _ => Err(TreeError::Defect("a page's top is an inner node")),
            })?;
            tops.push((top, place));
            tiles.push((stamp.page_name(&place.key, place.depth), page));
            if tiles.len() >= AT_ONCE {
                self.store.write_tiles(&tiles).map_err(TreeError::Store)?;
                tiles.clear();
            }
        }
        let top_of = |node: &Ref| match node.kind() {
            Kind::Inner(number) => nodes.pages.of_top(number),
            _ => None,
        };
        let record = Record {
            number: draft.number,
            time: draft.time,
            size: draft.head.size(),
            top: draft.top.to_vec(),
            root,
            before,
            retired: draft.retired.iter().filter_map(top_of).collect(),
        };
        tiles.push((stamp.record_name(), record.encode()?));
        self.store.write_tiles(&tiles).map_err(TreeError::Store)?;
        let scheme = draft.head.scheme().clone();
        self.set_head(&StoredHead { scheme, oldest: draft.oldest, newest: draft.number, stamp })?;
        Ok(Published { stamp, tops })
    }

    fn set_head(&self, head: &StoredHead) -> Result<(), TreeError> {
        let bytes = head.encode()?;
        let mut known = self.head.lock();
        if !self.store.publish_head(&bytes, known.as_deref()).map_err(TreeError::Store)? {
            return Err(TreeError::OtherWriter);
        }
        *known = Some(bytes);
        Ok(())
    }

    /// Publishes that older versions are gone.
    pub(super) fn set_oldest(&self, scheme: &Scheme, oldest: u64, newest: u64, stamp: Stamp) -> Result<(), TreeError> {
        self.set_head(&StoredHead { scheme: scheme.clone(), oldest, newest, stamp })
    }

    /// Deletes what only versions had that are gone: `gone` are their stamps, `kept` those of the versions that follow each.
    pub(super) fn sweep(&self, gone: &[Stamp], kept: &[Stamp]) -> Result<(), TreeError> {
        let mut names = Vec::new();
        for stamps in kept.chunks(NAMED) {
            for record in self.records(stamps)? {
                names.extend(record.retired.iter().map(|(stamp, place)| stamp.page_name(&place.key, place.depth)));
            }
        }
        names.extend(gone.iter().map(|stamp| stamp.record_name()));
        for names in names.chunks(AT_ONCE) {
            self.store.delete_tiles(names).map_err(TreeError::Store)?;
        }
        Ok(())
    }
}

/// A version from its record; its nodes are not read.
fn version(scheme: &Scheme, nodes: &mut Nodes, record: Record, stamp: Stamp) -> Result<Version, TreeError> {
    let damaged = || TreeError::Damaged(stamp.record_name());
    if record.top.len() != nodes.digest {
        return Err(damaged());
    }
    let head = TreeHead::of_top(scheme.clone(), record.size, Some(&record.top))?;
    let root = match &record.root {
        Root::Empty if record.size == 0 => Ref::EMPTY,
        Root::Leaf(leaf) if record.size == 1 && leaf.len() == nodes.leaves_width() => {
            let leaves = nodes.leaves.reserve(1)?;
            nodes.leaves.put(leaves.get(0), leaf);
            Ref::leaf(leaves.get(0))
        }
        Root::Page(stamp) if record.size > 1 => {
            let page = Below { stamp: *stamp, place: Place::ROOT, digest: record.top.clone(), foot: None };
            Ref::page(nodes.pages.number(&page))
        }
        _ => return Err(damaged()),
    };
    Ok(Version {
        number: record.number,
        time: record.time,
        head,
        root,
        top: record.top,
        retired: Vec::new(),
        stamp: Some(stamp),
        restored: true,
    })
}

/// Puts pages that were read where ways find them.
pub(super) fn install(nodes: &mut Nodes, missing: &[Missing], loaded: &[Loaded]) -> Result<(), TreeError> {
    for (page, loaded) in missing.iter().zip(loaded) {
        // Another call may have read it meanwhile.
        if nodes.read_as(Ref::page(page.page)) != Ref::page(page.page) {
            continue;
        }
        let pages: Vec<u32> = loaded.pages.iter().map(|page| nodes.pages.number(page)).collect();
        let addition = Addition {
            leaves: &loaded.leaves,
            put: &[],
            patches: &[(&loaded.patch, 0)],
            root: loaded.top,
            pages: &pages,
        };
        let Added { root, .. } = add(nodes, &addition)?;
        let mut key = [0; 32];
        for (to, from) in key.iter_mut().zip(&page.key) {
            *to = *from;
        }
        if let Kind::Inner(top) = root.kind() {
            nodes.pages.set_top(Some(page.page), top, page.stamp, Place { depth: page.depth, key });
        }
    }
    Ok(())
}
