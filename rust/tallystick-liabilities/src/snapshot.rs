//! A snapshot: a statement, the trees it is of, and what receipts are made from.

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use parking_lot::RwLock;
use tallystick_proof::codec::{Resolve, Wire};
use tallystick_proof::hash::HashError;
use tallystick_proof::liabilities::{Derivation, KEY, Statement};
use tallystick_tree::file::{FileSet, MappedFile, Target};
use tallystick_tree::pool::Run;
use tallystick_tree::tree::DenseTree;
use zeroize::Zeroize;

use crate::customers::{Customers, Index};
use crate::error::LiabilityError;
use crate::files;
use crate::store::Store;

/// A statement with its trees, and all that its receipts are made from.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) statement: Statement,
    /// Written to by `erase` alone. Taken before `index`.
    pub(crate) customers: RwLock<Customers>,
    /// Made when a customer is first looked for.
    index: RwLock<Option<Index>>,
    /// In the order of the statement's assets.
    pub(crate) trees: Vec<AssetTree>,
    /// Where its files are, if it has any.
    folder: Option<PathBuf>,
}

/// The tree of one asset, or of one group of it.
#[derive(Debug)]
pub(crate) struct AssetTree {
    pub(crate) tree: DenseTree,
    pub(crate) derivation: Derivation,
    /// The customer of each leaf, as u32, ascending; a customer's leaves stand in the order of their parts.
    pub(crate) owners: Store,
    /// The index of each of these leaves in the tree, as u32.
    pub(crate) indices: Store,
}

impl AssetTree {
    pub(crate) fn new(
        tree: DenseTree,
        code: &str,
        group: &str,
        owners: Store,
        indices: Store,
    ) -> Result<Self, HashError> {
        let derivation = Derivation::new(tree.scheme().hash(), code, group)?;
        Ok(Self { tree, derivation, owners, indices })
    }

    /// Number of leaves.
    pub(crate) fn len(&self) -> usize {
        self.owners.len() / size_of::<u32>()
    }

    /// The first leaf, in the order of owners, of this customer or a later one.
    pub(crate) fn first_of(&self, customer: u32) -> usize {
        self.owners.as_chunks::<4>().0.partition_point(|owner| u32::from_le_bytes(*owner) < customer)
    }
}

impl Snapshot {
    pub(crate) fn new(
        statement: Statement,
        customers: Customers,
        index: Option<Index>,
        trees: Vec<AssetTree>,
        folder: Option<PathBuf>,
    ) -> Self {
        Self { statement, customers: RwLock::new(customers), index: RwLock::new(index), trees, folder }
    }

    /// Opens the files of a snapshot. Checks lengths and heads; nodes are checked before their first use.
    pub fn open(folder: &Path, resolve: Resolve<'_>) -> Result<Self, LiabilityError> {
        // Where the process works may change later.
        let folder = std::path::absolute(folder)?;
        let read = |path: &Path| {
            let mut bytes = Vec::new();
            files::regular(path)?.read_to_end(&mut bytes).map(|_| bytes)
        };
        let bytes = read(&folder.join(files::STATEMENT)).map_err(|error| match folder.metadata() {
            Ok(_) => files::at(error, files::STATEMENT),
            Err(error) => error.into(),
        })?;
        let undecodable = |error| LiabilityError::Undecodable { file: files::STATEMENT.to_owned(), error };
        let statement = Statement::decode(&bytes, resolve).map_err(undecodable)?;
        let customers = files::open_customers(&folder)?;
        let mut trees = Vec::with_capacity(statement.assets.len());
        for (number, asset) in statement.assets.iter().enumerate() {
            let path = files::tree(&folder, number);
            let name = || format!("{}/{number:04}.tally", files::TREES);
            if !path.exists() {
                return Err(LiabilityError::Damaged { file: name(), why: "it is missing".to_owned() });
            }
            let tree = DenseTree::of_files(FileSet::new(vec![MappedFile::open(&path, resolve)?])?, None)?;
            let head = statement.head(asset).map_err(|_| LiabilityError::Defect("a statement has heads"))?;
            if tree.head()? != head {
                let why = format!("it is not the tree that the statement has of {}", asset.code);
                return Err(LiabilityError::Damaged { file: name(), why });
            }
            let [owners, indices] = files::open_holdings(&folder, number, asset.leaves)?;
            trees.push(AssetTree::new(tree, &asset.code, &asset.group, owners, indices)?);
        }
        Ok(Self::new(statement, customers, None, trees, Some(folder)))
    }

    /// Writes all files into a folder that is empty.
    pub fn save(&self, folder: &Path, run: Run<'_>) -> Result<(), LiabilityError> {
        let customers = self.customers.read();
        files::write_customers(folder, &customers)?;
        files::create_folder(&folder.join(files::TREES))?;
        for (number, tree) in self.trees.iter().enumerate() {
            tree.tree.save(Target { path: files::tree(folder, number), overwrite: false }, run)?;
            files::keep_private(&files::tree(folder, number))?;
            files::write_new(&files::holdings(folder, number), &[&tree.owners, &tree.indices])?;
        }
        Ok(files::write_new(&folder.join(files::STATEMENT), &[&self.statement.encode()])?)
    }

    /// The statement.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Where its files are, if it has any.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Number of customers, the erased among them.
    pub fn customers(&self) -> u32 {
        self.customers.read().len() as u32
    }

    /// The customer of an id, if it is there and not erased.
    pub fn find(&self, id: &[u8]) -> Option<u32> {
        let customers = self.customers.read();
        if let Some(index) = &*self.index.read() {
            return index.find(&customers, id);
        }
        self.index.write().get_or_insert_with(|| Index::of(&customers)).find(&customers, id)
    }

    /// Calls `then` with the customers, and with what finds them, made if it is not there. Nobody erases meanwhile.
    pub(crate) fn indexed<T>(&self, then: impl FnOnce(&Customers, &Index) -> T) -> T {
        let customers = self.customers.read_recursive();
        if self.index.read_recursive().is_none() {
            self.index.write().get_or_insert_with(|| Index::of(&customers));
        }
        let none = Index::default();
        then(&customers, self.index.read_recursive().as_ref().unwrap_or(&none))
    }

    /// The id of a customer, unless it was erased.
    pub fn id(&self, customer: u32) -> Option<Vec<u8>> {
        let customers = self.customers.read();
        customers.key(customer).map(|_| customers.id(customer).to_vec())
    }

    /// Deletes key and id of a customer, and with the key its salts: zeros stand in their places. Returns whether there was
    /// such a customer. On the disk when this returns; if it is stopped in the middle, the key is gone first, and the rest
    /// follows when it is called again for the id.
    pub fn erase(&self, id: &[u8]) -> Result<bool, LiabilityError> {
        let Some(customer) = self.find(id) else { return self.finish_erasing(id) };
        let mut customers = self.customers.write();
        if customers.key(customer).is_none() {
            return Ok(false); // Another call was faster.
        }
        let place = customers.place(customer);
        // First the key: who calls again after an error finds a customer or finishes an erasure.
        match (&self.folder, customers.files) {
            (Some(folder), Some([keys, _])) => {
                let begin = u64::from(customer) * KEY as u64;
                files::overwrite(&folder.join(files::KEYS), keys, begin, KEY)?;
            }
            _ => match &mut customers.keys {
                Store::Memory(keys) => keys[customer as usize * KEY..][..KEY].zeroize(),
                Store::Mapped(..) => return Err(LiabilityError::Defect("a snapshot without files is in memory")),
            },
        }
        if let Some(index) = &mut *self.index.write() {
            index.remove(&customers, id);
        }
        self.erase_id(&mut customers, place)?;
        Ok(true)
    }

    /// Zeros over an id. A map shows at once what is written to its file.
    fn erase_id(&self, customers: &mut Customers, place: Range<usize>) -> Result<(), LiabilityError> {
        match (&self.folder, customers.files) {
            (Some(folder), Some([_, ids])) => {
                files::overwrite(&folder.join(files::IDS), ids, place.start as u64, place.len())?;
            }
            _ => match &mut customers.ids {
                Store::Memory(ids) => ids[place].zeroize(),
                Store::Mapped(..) => return Err(LiabilityError::Defect("a snapshot without files is in memory")),
            },
        }
        Ok(())
    }

    /// Deletes an id whose key is deleted already, of an erasure that was stopped. Returns whether there was one.
    fn finish_erasing(&self, id: &[u8]) -> Result<bool, LiabilityError> {
        if self.folder.is_none() || id.iter().all(|byte| *byte == 0) {
            return Ok(false); // Zeros stand where an id was erased.
        }
        let mut customers = self.customers.write();
        let half = |customer: &u32| customers.key(*customer).is_none() && customers.id(*customer) == id;
        let Some(customer) = (0..customers.len() as u32).find(half) else { return Ok(false) };
        let place = customers.place(customer);
        self.erase_id(&mut customers, place)?;
        Ok(true)
    }
}
