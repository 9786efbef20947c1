//! The list of customers: that each has a place, an id of its own and a key.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use tallystick_proof::liabilities::{KEY, MAX_ID};
use tallystick_tree::order::sorted;
use tallystick_tree::pool::Run;

use super::finding::{Findings, Kind, Place};
use crate::error::LiabilityError;
use crate::files::{ENDS, IDS, KEYS};

/// Customers that one task looks at.
const CHUNK: usize = 4096;

/// Customers as bytes, of which nothing is known yet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct People<'a> {
    pub(crate) ids: &'a [u8],
    pub(crate) ends: &'a [u8],
    pub(crate) keys: &'a [u8],
}

impl<'a> People<'a> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len() / size_of::<u64>()
    }

    /// The id of a customer; empty if it has none.
    pub(crate) fn id(&self, customer: u32) -> &'a [u8] {
        let customer = customer as usize;
        let end = |customer: usize| {
            let bytes = self.ends.as_chunks::<8>().0.get(customer).copied();
            bytes.map_or(usize::MAX, |bytes| usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX))
        };
        let begin = customer.checked_sub(1).map_or(0, end);
        self.ids.get(begin..end(customer)).unwrap_or_default()
    }

    /// The key of a customer; `None` if it is erased.
    pub(crate) fn key(&self, customer: u32) -> Option<&'a [u8; KEY]> {
        self.keys.as_chunks::<KEY>().0.get(customer as usize).filter(|key| **key != [0; KEY])
    }

    /// Checks lengths, ids and what is left of the erased. Returns how many are erased.
    pub(crate) fn check(&self, findings: &Findings, run: Run<'_>) -> Result<u64, LiabilityError> {
        let count = self.len();
        if !self.ends.len().is_multiple_of(size_of::<u64>()) || u32::try_from(count).is_err() {
            findings.add(Kind::FileLength, Place::file(ENDS), || {
                format!("{ENDS} has {} bytes, which is no list of at most 2^32 - 1 numbers", self.ends.len())
            });
        }
        if self.keys.len() != count * KEY {
            findings.add(Kind::FileLength, Place::file(KEYS), || {
                format!("{KEYS} has {} bytes; keys of {count} customers take {}", self.keys.len(), count * KEY)
            });
        }
        let last = self.ends.as_chunks::<8>().0.last().map_or(0, |last| u64::from_le_bytes(*last));
        if last != self.ids.len() as u64 {
            findings.add(Kind::FileLength, Place::file(IDS), || {
                format!("{IDS} has {} bytes; the last id ends at byte {last}", self.ids.len())
            });
        }
        let erased = AtomicU64::new(0);
        let hasher = RandomState::new();
        let mut hashes = vec![0; count];
        run.each(hashes.chunks_mut(CHUNK).enumerate(), |(chunk, hashes)| {
            let mut without_key = 0;
            for (place, hash) in hashes.iter_mut().enumerate() {
                let customer = chunk * CHUNK + place;
                let id = self.id(customer as u32);
                if id.is_empty() || id.len() > MAX_ID {
                    findings.add(Kind::CustomerEnds, Place::customer(customer).within(ENDS), || {
                        format!("customer {customer} has no id of 1 to 65,535 bytes")
                    });
                }
                *hash = hasher.hash_one(id);
                if self.key(customer as u32).is_none() {
                    without_key += 1;
                    *hash = hasher.hash_one(customer);
                    if id.iter().any(|byte| *byte != 0) {
                        findings.add(Kind::ErasedId, Place::customer(customer).within(IDS), || {
                            format!("customer {customer} has a key of zeros, and its id is not zeros")
                        });
                    }
                }
            }
            erased.fetch_add(without_key, Ordering::Relaxed);
            Ok::<_, LiabilityError>(())
        })?;
        sorted::<LiabilityError>(&hashes, run, |equal| {
            self.twice(equal, findings);
            Ok(())
        })?;
        Ok(erased.into_inner())
    }

    /// Finds equal ids among customers whose ids have one hash.
    fn twice(&self, customers: &mut [u32], findings: &Findings) {
        customers.sort_unstable_by_key(|customer| (self.id(*customer), *customer));
        for (before, customer) in customers.iter().zip(customers.iter().skip(1)) {
            let [key, other] = [before, customer].map(|customer| self.key(*customer));
            let id = self.id(*customer);
            if key.is_some() && other.is_some() && !id.is_empty() && id == self.id(*before) {
                let place = Place::default().of(*customer, id).within(IDS);
                findings.add(Kind::DuplicateId, place, || format!("customers {before} and {customer} have one id"));
            }
        }
    }
}

/// Whether each of some customers was seen, marked from any thread.
pub(crate) struct Seen(Vec<AtomicU64>);

impl Seen {
    pub(crate) fn new(count: usize) -> Self {
        Self((0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    /// Marks a customer; `false` if it was marked.
    pub(crate) fn mark(&self, customer: u32) -> bool {
        let bit = 1 << (customer % 64);
        let word = self.0.get(customer as usize / 64);
        word.is_some_and(|word| {
            word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0
        })
    }

    /// How many are marked.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.load(Ordering::Relaxed).count_ones())).sum()
    }
}
