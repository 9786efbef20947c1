//! Customers: their ids, each once, in the order in which they came, and their keys.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use hashbrown::HashTable;
use tallystick_proof::liabilities::{KEY, MAX_ID, NameError};
use zeroize::Zeroize;

use crate::error::LiabilityError;
use crate::store::Store;

/// Customers with their ids and keys. A customer without a key, that is one of zeros, was erased.
#[derive(Debug, Default)]
pub struct Customers {
    /// All ids, one behind the other.
    pub(crate) ids: Store,
    /// Where each id ends, as u64.
    pub(crate) ends: Store,
    /// Keys of 32 bytes.
    pub(crate) keys: Store,
    /// Which files keys and ids were mapped from: whoever writes over them looks whether they are still there.
    pub(crate) files: Option<[Identity; 2]>,
}

/// What tells a file from all others: device and number.
pub(crate) type Identity = (u64, u64);

impl Customers {
    /// Number of customers, the erased among them.
    pub fn len(&self) -> usize {
        self.ends.len() / size_of::<u64>()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Where the id of a customer lies among all.
    pub(crate) fn place(&self, customer: u32) -> Range<usize> {
        let customer = customer as usize;
        let begin = customer.checked_sub(1).map_or(0, |before| self.ends.u64(before));
        begin as usize..self.ends.u64(customer) as usize
    }

    /// The id of a customer; zeros if it was erased.
    pub fn id(&self, customer: u32) -> &[u8] {
        self.ids.get(self.place(customer)).unwrap_or_default()
    }

    /// The key of a customer; `None` if it was erased.
    pub fn key(&self, customer: u32) -> Option<&[u8; KEY]> {
        let key = self.keys.as_chunks::<KEY>().0.get(customer as usize)?;
        (*key != [0; KEY]).then_some(key)
    }
}

/// Whether an id was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is; this is its customer.
    New(u32),
    /// It came before.
    Before(u32),
}

impl Seen {
    /// The customer.
    pub fn customer(self) -> u32 {
        match self {
            Self::New(customer) | Self::Before(customer) => customer,
        }
    }
}

/// Finds customers by their ids. The hash is keyed at random: ids are chosen by outsiders.
#[derive(Debug, Default)]
pub(crate) struct Index {
    table: HashTable<u32>,
    hasher: RandomState,
}

impl Index {
    /// An index of all that are not erased.
    pub(crate) fn of(customers: &Customers) -> Self {
        let mut index = Self::default();
        let count = u32::try_from(customers.len()).unwrap_or(u32::MAX);
        index.reserve(customers, count as usize);
        for customer in (0..count).filter(|customer| customers.key(*customer).is_some()) {
            let hash = index.hasher.hash_one(customers.id(customer));
            let hasher = &index.hasher;
            index.table.insert_unique(hash, customer, |other| hasher.hash_one(customers.id(*other)));
        }
        index
    }

    pub(crate) fn reserve(&mut self, customers: &Customers, more: usize) {
        let Self { table, hasher } = self;
        table.reserve(more, |other| hasher.hash_one(customers.id(*other)));
    }

    pub(crate) fn find(&self, customers: &Customers, id: &[u8]) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |other| customers.id(*other) == id).copied()
    }

    pub(crate) fn remove(&mut self, customers: &Customers, id: &[u8]) {
        if let Ok(entry) = self.table.find_entry(self.hasher.hash_one(id), |other| customers.id(*other) == id) {
            entry.remove();
        }
    }
}

/// Customers while they come.
#[derive(Debug, Default)]
pub(crate) struct Register {
    ids: Vec<u8>,
    ends: Vec<u64>,
    pub(crate) keys: Vec<u8>,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl Register {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The id of a customer.
    pub(crate) fn id(&self, customer: u32) -> Option<&[u8]> {
        ((customer as usize) < self.ends.len()).then(|| id_of(&self.ids, &self.ends, customer))
    }

    /// Makes room, so that the index does not grow step by step.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.ends.reserve(more);
        let Self { ids, ends, index, hasher, .. } = self;
        index.reserve(more, |other| hasher.hash_one(id_of(ids, ends, *other)));
    }

    /// The customer of an id, who is made if there is none.
    pub(crate) fn customer(&mut self, id: &[u8]) -> Result<Seen, LiabilityError> {
        if id.is_empty() || id.len() > MAX_ID {
            return Err(NameError::Id(id.len()).into());
        }
        let Self { ids, ends, index, hasher, .. } = self;
        let hash = hasher.hash_one(id);
        if let Some(&customer) = index.find(hash, |other| id_of(ids, ends, *other) == id) {
            return Ok(Seen::Before(customer));
        }
        if index.len() == index.capacity() {
            grow(ids, ends, index, hasher);
        }
        // The largest number stays free.
        let customer = u32::try_from(ends.len()).ok().filter(|customer| *customer != u32::MAX);
        let customer = customer.ok_or(LiabilityError::TooMany("customers"))?;
        ids.extend_from_slice(id);
        ends.push(ids.len() as u64);
        index.insert_unique(hash, customer, |other| hasher.hash_one(id_of(ids, ends, *other)));
        Ok(Seen::New(customer))
    }

    /// The key of a customer. Customers are given theirs in their order; the same again later is no error.
    pub(crate) fn set_key(&mut self, customer: u32, key: &[u8; KEY]) -> Result<(), LiabilityError> {
        if *key == [0; KEY] {
            return Err(LiabilityError::ZeroKey);
        }
        let known = self.keys.as_chunks::<KEY>().0;
        match known.get(customer as usize) {
            Some(known) if known == key => Ok(()),
            Some(_) => Err(LiabilityError::OtherKey),
            None if known.len() == customer as usize => {
                self.keys.extend_from_slice(key);
                Ok(())
            }
            None => Err(LiabilityError::Defect("customers are given keys in their order")),
        }
    }

    /// All that came, and how they are found.
    pub(crate) fn finish(self) -> (Customers, Index) {
        let ends = self.ends.iter().flat_map(|end| end.to_le_bytes()).collect();
        let customers = Customers {
            ids: Store::Memory(self.ids),
            ends: Store::Memory(ends),
            keys: Store::Memory(self.keys),
            files: None,
        };
        (customers, Index { table: self.index, hasher: self.hasher })
    }
}

/// Doubles the room of an index of all ids. It is made anew, in the order of the ids: the table's own way to grow reads
/// them all over memory, and takes several times as long.
fn grow(ids: &[u8], ends: &[u64], index: &mut HashTable<u32>, hasher: &RandomState) {
    let hash_of = |other: &u32| hasher.hash_one(id_of(ids, ends, *other));
    let mut larger = HashTable::with_capacity((2 * index.len()).max(64));
    for (customer, _) in (0..).zip(ends) {
        larger.insert_unique(hash_of(&customer), customer, hash_of);
    }
    *index = larger;
}

fn id_of<'a>(ids: &'a [u8], ends: &[u64], customer: u32) -> &'a [u8] {
    let customer = customer as usize;
    let begin = customer.checked_sub(1).map_or(0, |before| ends[before]);
    &ids[begin as usize..ends[customer] as usize]
}

/// Keys do not stay in memory that others will get.
impl Drop for Customers {
    fn drop(&mut self) {
        if let Store::Memory(keys) = &mut self.keys {
            keys.zeroize();
        }
    }
}

/// Whether each of some customers came already.
#[derive(Debug, Default)]
pub struct Marks(Vec<u64>);

impl Marks {
    /// Marks a customer; `false` if it was marked.
    pub fn insert(&mut self, customer: u32) -> bool {
        let (word, bit) = ((customer / 64) as usize, 1 << (customer % 64));
        if self.0.len() <= word {
            self.0.resize((word + 1).next_power_of_two(), 0);
        }
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }
}
