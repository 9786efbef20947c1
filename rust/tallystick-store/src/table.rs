//! Where the tile of a name lies: 24 bytes a tile, its name is in the file.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::error::StoreError;
use crate::format::record_length;

/// The record of a tile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    hash: u64,
    pub(crate) at: u64,
    length: u32,
    name: u8,
}

impl Place {
    /// Bytes of the record.
    pub(crate) fn length(&self) -> usize {
        record_length(usize::from(self.name), self.length as usize)
    }

    /// Bytes of the name.
    pub(crate) fn name(&self) -> usize {
        usize::from(self.name)
    }
}

/// Says whether the record at a place has the name that is looked for.
pub(crate) trait Named {
    fn named(&self, place: &Place, name: &[u8]) -> Result<bool, StoreError>;
}

/// Places by hashes of names. Names of one hash, should there ever be any, are told apart by asking the file.
#[derive(Default)]
pub(crate) struct Table {
    places: HashTable<Place>,
    /// Seeded at random, so nobody chooses names that collide.
    hasher: RandomState,
}

impl Table {
    pub(crate) fn hash(&self, name: &[u8]) -> u64 {
        self.hasher.hash_one(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Places whose names have the hash of this one and its length.
    pub(crate) fn candidates(&self, name: &[u8]) -> impl Iterator<Item = Place> {
        let hash = self.hash(name);
        let same = move |place: &&Place| place.hash == hash && place.name() == name.len();
        self.places.iter_hash(hash).filter(same).copied()
    }

    /// Whether the tile of this name is the one at `at`.
    pub(crate) fn is_at(&self, name: &[u8], at: u64) -> bool {
        self.candidates(name).any(|place| place.at == at)
    }

    /// Puts a tile, whose data have `length` bytes, in the place of any other of its name.
    pub(crate) fn insert(&mut self, name: &[u8], at: u64, length: u32, names: &impl Named) -> Result<(), StoreError> {
        let new = Place { hash: self.hash(name), at, length, name: name.len() as u8 };
        let old = self.find(name, names)?;
        let same = |place: &Place| Some(place.at) == old;
        match self.places.entry(new.hash, same, |place| place.hash) {
            Entry::Occupied(mut place) => *place.get_mut() = new,
            Entry::Vacant(vacant) => drop(vacant.insert(new)),
        }
        Ok(())
    }

    /// Forgets the tile of this name, and says if there was one.
    pub(crate) fn remove(&mut self, name: &[u8], names: &impl Named) -> Result<bool, StoreError> {
        let Some(at) = self.find(name, names)? else { return Ok(false) };
        let found = self.places.find_entry(self.hash(name), |place| place.at == at);
        Ok(found.map(hashbrown::hash_table::OccupiedEntry::remove).is_ok())
    }

    /// All places, in the order of the file.
    pub(crate) fn in_order(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self.places.iter().copied().collect();
        places.sort_unstable_by_key(|place| place.at);
        places
    }

    fn find(&self, name: &[u8], names: &impl Named) -> Result<Option<u64>, StoreError> {
        for place in self.candidates(name) {
            if names.named(&place, name)? {
                return Ok(Some(place.at));
            }
        }
        Ok(None)
    }
}

/// The damage of a record that was to be the one at this place.
pub(crate) fn damaged_tile(place: &Place) -> StoreError {
    StoreError::Damaged { what: "a tile", at: place.at }
}
