//! What was read from a table: customers, and who holds how much of what. Nothing is hashed yet.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};

use tallystick_proof::liabilities::KEY;
use tallystick_proof::record::AMOUNT;

use crate::customers::{Register, Seen};
use crate::error::LiabilityError;

/// Bytes of a holding in a spill file: customer and amount.
const SPILLED: usize = size_of::<u32>() + AMOUNT;
/// Bytes that wait in memory before they are written.
const BUFFER: usize = 256 << 10;

/// Customers and their holdings, while a table is read.
#[derive(Debug, Default)]
pub struct Ledger {
    pub(crate) register: Register,
    pub(crate) trees: Vec<Tree>,
    places: HashMap<(String, String), usize>,
    codes: HashMap<String, Code>,
    /// Where holdings go, if not into memory.
    spill: Option<PathBuf>,
}

#[derive(Debug)]
struct Code {
    decimals: u8,
    total: u128,
}

/// The holdings of one asset, or of one group of it.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) code: String,
    pub(crate) group: String,
    pub(crate) decimals: u8,
    pub(crate) holdings: Holdings,
}

impl Ledger {
    /// An empty one. With a folder, holdings are written to files there, and memory does not grow with them.
    pub fn new(spill: Option<&Path>) -> Self {
        Self { spill: spill.map(Path::to_path_buf), ..Self::default() }
    }

    /// Makes room for so many more customers.
    pub fn reserve(&mut self, customers: usize) {
        self.register.reserve(customers);
    }

    /// Number of customers so far.
    pub fn customers(&self) -> usize {
        self.register.len()
    }

    /// The customer of an id, who is made if there is none: numbers count from 0 in the order of coming. Refuses an id that is
    /// empty or too long.
    pub fn customer(&mut self, id: &[u8]) -> Result<Seen, LiabilityError> {
        self.register.customer(id)
    }

    /// The key of a customer, where the caller brings keys: to be called for each row, right after
    /// [`customer`](Self::customer). Refuses a key of zeros, and another one than before.
    pub fn set_key(&mut self, customer: u32, key: &[u8; KEY]) -> Result<(), LiabilityError> {
        self.register.set_key(customer, key)
    }

    /// The tree of a code and group, which is made if there is none. Names are checked when the statement is made.
    pub fn tree(&mut self, code: &str, group: &str, decimals: u8) -> Result<usize, LiabilityError> {
        let key = (code.to_owned(), group.to_owned());
        if let Some(&place) = self.places.get(&key) {
            return Ok(place);
        }
        let known = self.codes.entry(key.0.clone()).or_insert(Code { decimals, total: 0 });
        if known.decimals != decimals {
            return Err(LiabilityError::Decimals(key.0));
        }
        let place = self.trees.len();
        let spill = self.spill.as_ref().map(|folder| folder.join(format!("{place}.spill")));
        let holdings = spill.map_or_else(Holdings::memory, Holdings::file);
        self.trees.push(Tree { code: key.0.clone(), group: key.1.clone(), decimals, holdings });
        self.places.insert(key, place);
        Ok(place)
    }

    /// Adds holdings to a tree, in any order; amounts of 0 are none. No customer may have two in one tree: the caller sees to
    /// it. Refuses a sum of all amounts of the code that is 2^128 or more, and then says at which place of `holdings`;
    /// nothing is added then.
    pub fn hold(&mut self, tree: usize, holdings: &[(u32, u128)]) -> Result<(), (usize, LiabilityError)> {
        let defect = |why| (0, LiabilityError::Defect(why));
        let tree = self.trees.get_mut(tree).ok_or_else(|| defect("holdings are of a tree that was made"))?;
        let code = self.codes.get_mut(&tree.code).ok_or_else(|| defect("a tree has a code"))?;
        let mut total = code.total;
        for (place, (_, amount)) in holdings.iter().enumerate() {
            let overflow = || (place, LiabilityError::SumOverflow(tree.code.clone()));
            total = total.checked_add(*amount).ok_or_else(overflow)?;
        }
        code.total = total;
        tree.holdings.extend(holdings).map_err(|error| (0, error.into()))
    }
}

/// The file at `path`, to be written on; its owner alone may read it.
fn spill_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Holdings: customers and amounts above 0.
#[derive(Debug)]
pub(crate) enum Holdings {
    Memory(Vec<u32>, Amounts),
    File { path: PathBuf, buffer: Vec<u8> },
}

impl Holdings {
    fn memory() -> Self {
        Self::Memory(Vec::new(), Amounts::default())
    }

    fn file(path: PathBuf) -> Self {
        Self::File { path, buffer: Vec::new() }
    }

    fn extend(&mut self, holdings: &[(u32, u128)]) -> io::Result<()> {
        let held = holdings.iter().filter(|(_, amount)| *amount != 0);
        match self {
            Self::Memory(customers, amounts) => {
                for (customer, amount) in held {
                    customers.push(*customer);
                    amounts.push(*amount);
                }
            }
            Self::File { path, buffer } => {
                for (customer, amount) in held {
                    buffer.extend(customer.to_le_bytes());
                    buffer.extend(amount.to_le_bytes());
                }
                if buffer.len() >= BUFFER {
                    // Opened each time: there may be more trees than a process may have files.
                    spill_file(path)?.write_all(buffer)?;
                    buffer.clear();
                }
            }
        }
        Ok(())
    }

    /// All of them, in memory. A file is removed.
    pub(crate) fn take(self) -> io::Result<(Vec<u32>, Amounts)> {
        let (path, buffer) = match self {
            Self::Memory(customers, amounts) => return Ok((customers, amounts)),
            Self::File { path, buffer } => (path, buffer),
        };
        let written = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let (mut customers, mut amounts) = (Vec::new(), Amounts::default());
        customers.reserve_exact((written.len() + buffer.len()) / SPILLED);
        for bytes in [&written, &buffer] {
            for row in bytes.as_chunks::<SPILLED>().0 {
                let (customer, amount) = row.split_at(size_of::<u32>());
                customers.push(customer.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)));
                amounts.push(amount.first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes)));
            }
        }
        if !written.is_empty() {
            std::fs::remove_file(&path)?;
        }
        Ok((customers, amounts))
    }
}

/// Amounts, in half the memory while all fit 64 bits.
#[derive(Debug)]
pub(crate) enum Amounts {
    Narrow(Vec<u64>),
    Wide(Vec<u128>),
}

impl Default for Amounts {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl Amounts {
    pub(crate) fn push(&mut self, amount: u128) {
        match (&mut *self, u64::try_from(amount)) {
            (Self::Narrow(amounts), Ok(amount)) => amounts.push(amount),
            (Self::Wide(amounts), _) => amounts.push(amount),
            (Self::Narrow(amounts), Err(_)) => {
                let mut wide: Vec<u128> = mem::take(amounts).into_iter().map(u128::from).collect();
                wide.push(amount);
                *self = Self::Wide(wide);
            }
        }
    }

    pub(crate) fn get(&self, place: usize) -> u128 {
        match self {
            Self::Narrow(amounts) => amounts[place].into(),
            Self::Wide(amounts) => amounts[place],
        }
    }
}
