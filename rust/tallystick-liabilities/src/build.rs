//! Building: from holdings to trees and a statement.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tallystick_proof::codec::Wire;
use tallystick_proof::frame::Places;
use tallystick_proof::hash::{HashError, Prefix};
use tallystick_proof::head::TreeHead;
use tallystick_proof::liabilities::{Derivation, Draft, HASH, KEY, LeafKeys, SALT, Statement, StatementAsset, context};
use tallystick_proof::record::AMOUNT;
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::file::{FileBuilder, Target};
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::{Block, Gathered, Leaves};
use tallystick_tree::order::sorted;
use tallystick_tree::pool::Run;
use tallystick_tree::tree::DenseTree;
use zeroize::Zeroizing;

use crate::customers::{Customers, Register};
use crate::error::LiabilityError;
use crate::files;
use crate::ledger::{Amounts, Holdings, Ledger, Tree};
use crate::snapshot::{AssetTree, Snapshot};
use crate::split::{Parts, Split, split};
use crate::store::Store;

/// Leaves that one task derives.
const CHUNK: usize = 4096;

/// Where customers' keys come from.
#[derive(Debug)]
pub enum Keys {
    /// From the table.
    Given,
    /// From this secret, which is not kept.
    Secret(Zeroizing<[u8; KEY]>),
    /// At random.
    Random,
}

/// What a snapshot is made with, beside holdings.
#[derive(Debug)]
pub struct Plan {
    /// The statement but for its assets.
    pub draft: Draft,
    /// Where keys come from.
    pub keys: Keys,
    /// How balances are split.
    pub split: Split,
    /// Whether the statement tells the number of holders.
    pub state_holders: bool,
}

impl Snapshot {
    /// Builds all trees in memory, one after the other.
    pub fn build(ledger: Ledger, plan: Plan, run: Run<'_>) -> Result<Self, LiabilityError> {
        let (mut trees, customers) = start(ledger, &plan, run)?;
        let (customers, index) = customers.finish();
        let mut draft = plan.draft;
        let mut made = Vec::with_capacity(trees.len());
        for Tree { code, group, decimals, holdings } in trees.drain(..) {
            let about = About { customers: &customers, draft: &draft, code: &code, group: &group, decimals };
            let leaves = about.leaves(holdings, &plan.split, run)?;
            let tree = DenseTree::new(leaves.scheme.clone(), &leaves, LeafRule::Hashed, run)?;
            let row = leaves.row(&about, &tree.head()?, plan.state_holders)?;
            let (owners, indices) = leaves.finish()?;
            draft.assets.push(row);
            made.push(AssetTree::new(tree, &code, &group, Store::Memory(owners), Store::Memory(indices))?);
        }
        Ok(Self::new(Statement::new(draft)?, customers, Some(index), made, None))
    }

    /// Builds all trees into the files of a snapshot in `folder`, which has none yet. Memory, beside customers, is that of the
    /// largest tree's holdings. After an error the folder holds anything.
    pub fn build_files(ledger: Ledger, plan: Plan, folder: &Path, run: Run<'_>) -> Result<Statement, LiabilityError> {
        let (mut trees, customers) = start(ledger, &plan, run)?;
        let (customers, _) = customers.finish();
        files::write_customers(folder, &customers)?;
        let customers = files::open_customers(folder)?;
        files::create_folder(&folder.join(files::TREES))?;
        let mut draft = plan.draft;
        for (number, Tree { code, group, decimals, holdings }) in trees.drain(..).enumerate() {
            let about = About { customers: &customers, draft: &draft, code: &code, group: &group, decimals };
            let leaves = about.leaves(holdings, &plan.split, run)?;
            let target = Target { path: files::tree(folder, number), overwrite: false };
            let mut file = FileBuilder::new(target, &leaves.scheme, 0, 0)?;
            file.push(&leaves, run)?;
            let head = file.finish(run)?.ok_or(LiabilityError::Defect("a whole tree has a head"))?;
            files::keep_private(&files::tree(folder, number))?;
            let row = leaves.row(&about, &head, plan.state_holders)?;
            let (owners, indices) = leaves.finish()?;
            files::write_new(&files::holdings(folder, number), &[&owners, &indices])?;
            draft.assets.push(row);
        }
        let statement = Statement::new(draft)?;
        files::write_new(&folder.join(files::STATEMENT), &[&statement.encode()])?;
        Ok(statement)
    }
}

/// Trees in their order, and customers with keys.
fn start(ledger: Ledger, plan: &Plan, run: Run<'_>) -> Result<(Vec<Tree>, Register), LiabilityError> {
    let Ledger { mut register, mut trees, .. } = ledger;
    trees.sort_by(|left, right| (&left.code, &left.group).cmp(&(&right.code, &right.group)));
    if !matches!(plan.keys, Keys::Given) {
        register.keys = plan.keys.make(&register, &plan.draft.snapshot_id, run)?;
    }
    if register.keys.len() != register.len() * KEY {
        return Err(LiabilityError::Defect("every customer has a key"));
    }
    Ok((trees, register))
}

impl Keys {
    /// A key for each customer.
    fn make(&self, register: &Register, snapshot_id: &str, run: Run<'_>) -> Result<Vec<u8>, LiabilityError> {
        let mut keys = vec![0; register.len() * KEY];
        match self {
            Self::Given => {}
            Self::Secret(secret) => {
                // As `customer_key` does it for one, but many at a time.
                let hash = accelerated("blake3").ok_or(LiabilityError::Defect("blake3 is built in"))?;
                let keyed = hash.seed(&Prefix::Key(**secret))?;
                let length = (snapshot_id.len() as u32).to_le_bytes();
                let tasks = keys.chunks_mut(CHUNK * KEY).enumerate();
                run.each(tasks, |(chunk, keys)| {
                    let mut rows = Gathered::with_capacity(CHUNK, length.len() + snapshot_id.len() + 16);
                    for place in 0..keys.len() / KEY {
                        let id = register.id((chunk * CHUNK + place) as u32).unwrap_or_default();
                        rows.push([&length, snapshot_id.as_bytes(), id]);
                    }
                    match rows.into_block() {
                        Block::Fixed { data, width } => keyed.rows(&data, width, keys)?,
                        rows => keyed.ragged(&rows.rows(), keys)?,
                    }
                    Ok::<_, LiabilityError>(())
                })?;
            }
            Self::Random => {
                let mut seed = Zeroizing::new([0; KEY]);
                getrandom::fill(&mut *seed).map_err(|error| std::io::Error::other(error.to_string()))?;
                blake3::Hasher::new_keyed(&seed).finalize_xof().fill(&mut keys);
            }
        }
        Ok(keys)
    }
}

/// The tree that is being built.
struct About<'a> {
    customers: &'a Customers,
    draft: &'a Draft,
    code: &'a str,
    group: &'a str,
    decimals: u8,
}

impl<'a> About<'a> {
    /// The leaves in their order.
    fn leaves(&self, holdings: Holdings, how: &Split, run: Run<'_>) -> Result<TreeLeaves<'a>, LiabilityError> {
        let (owners, amounts) = by_customer(holdings)?;
        let holders = owners.len() as u64;
        let parts = split(owners, amounts, how, (self.code, self.group), |customer| self.customers.key(customer))?;
        let Draft { origin, snapshot_id, scheme, .. } = self.draft;
        let scheme = scheme
            .with_context(context(origin, snapshot_id, self.code, self.group, self.decimals))
            .map_err(|_| LiabilityError::Defect("schemes of statements take contexts"))?;
        let derivation = Derivation::new(scheme.hash(), self.code, self.group)?;
        let (customers, failure) = (self.customers, Mutex::new(None));
        let mut leaves = TreeLeaves { scheme, customers, holders, parts, derivation, places: Vec::new(), failure };
        leaves.places = leaves.order(run.for_hash(leaves.scheme.hash()))?;
        Ok(leaves)
    }
}

/// Holdings in the order of their customers, who have one each.
fn by_customer(holdings: Holdings) -> Result<(Vec<u32>, Amounts), LiabilityError> {
    let (owners, amounts) = holdings.take()?;
    if u32::try_from(owners.len()).is_err() {
        return Err(LiabilityError::TooMany("leaves of a tree"));
    }
    let (owners, amounts) = if owners.is_sorted() {
        (owners, amounts)
    } else {
        let mut places: Vec<u32> = (0..owners.len() as u32).collect();
        places.sort_unstable_by_key(|place| owners[*place as usize]);
        let mut sorted = Amounts::default();
        for place in &places {
            sorted.push(amounts.get(*place as usize));
        }
        (places.iter().map(|place| owners[*place as usize]).collect(), sorted)
    };
    if owners.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(LiabilityError::Defect("a customer has one balance in a tree"));
    }
    Ok((owners, amounts))
}

/// The leaves of a tree, put together block by block from customers and parts.
struct TreeLeaves<'a> {
    scheme: Scheme,
    customers: &'a Customers,
    holders: u64,
    parts: Parts,
    derivation: Derivation,
    /// Which part each leaf of the tree is.
    places: Vec<u32>,
    /// Blocks cannot fail; a hash that is not built in may.
    failure: Mutex<Option<HashError>>,
}

impl TreeLeaves<'_> {
    fn derive(&self, places: impl Iterator<Item = u32>) -> Result<Vec<LeafKeys>, HashError> {
        self.derivation.leaves(places.map(|place| {
            let place = place as usize;
            // Every owner is a customer with a key: `split` asked for it, or the builder made it.
            let key = self.customers.key(self.parts.owners[place]).unwrap_or(&[0; KEY]);
            (key, self.parts.number(place).0)
        }))
    }

    /// The order of the leaves.
    fn order(&self, run: Run<'_>) -> Result<Vec<u32>, LiabilityError> {
        let mut prefixes = vec![0_u64; self.parts.owners.len()];
        run.each(prefixes.chunks_mut(CHUNK).enumerate(), |(chunk, prefixes)| {
            let first = (chunk * CHUNK) as u32;
            let keys = self.derive(first..first + prefixes.len() as u32)?;
            for (prefix, keys) in prefixes.iter_mut().zip(keys) {
                *prefix = keys.order.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
            }
            Ok::<_, LiabilityError>(())
        })?;
        sorted::<LiabilityError>(&prefixes, run, |places| {
            let keys = self.derive(places.iter().copied())?;
            let mut all = Vec::with_capacity(places.len());
            for (place, keys) in places.iter().zip(keys) {
                let mut row = Gathered::default();
                self.push(&mut row, *place, &keys.salt);
                let mut leaf = vec![0; self.scheme.width()];
                self.scheme.leaves(Places::From(0), &row.rows(), &mut leaf)?;
                leaf.truncate(self.scheme.digest_size());
                all.push((keys.order, leaf, *place));
            }
            all.sort_unstable();
            places.iter_mut().zip(all).for_each(|(place, (_, _, own))| *place = own);
            Ok(())
        })
    }

    /// Adds the row of a part: its amount, then its data.
    fn push(&self, rows: &mut Gathered, place: u32, salt: &[u8; SALT]) {
        rows.push([&self.head(place, salt), self.customers.id(self.parts.owners[place as usize])]);
    }

    /// What stands before the id, in one piece of a known length.
    fn head(&self, place: u32, salt: &[u8; SALT]) -> [u8; AMOUNT + SALT + 4] {
        let place = place as usize;
        let (part, parts) = self.parts.number(place);
        let mut head = [0; AMOUNT + SALT + 4];
        head[..AMOUNT].copy_from_slice(&self.parts.amounts.get(place).to_le_bytes());
        head[AMOUNT..AMOUNT + SALT].copy_from_slice(salt);
        head[AMOUNT + SALT..][..2].copy_from_slice(&part.to_le_bytes());
        head[AMOUNT + SALT + 2..].copy_from_slice(&parts.to_le_bytes());
        head
    }

    /// What the statement says of their tree.
    fn row(&self, about: &About<'_>, head: &TreeHead, state: bool) -> Result<StatementAsset, LiabilityError> {
        let root: [u8; HASH] = head.root().try_into().map_err(|_| LiabilityError::Defect("roots have 32 bytes"))?;
        Ok(StatementAsset {
            code: about.code.to_owned(),
            group: about.group.to_owned(),
            decimals: about.decimals,
            leaves: head.size(),
            holders: state.then_some(self.holders),
            total: head.total(),
            root,
        })
    }

    /// Owners, and the index of each of their leaves, as bytes; or what went wrong in a block.
    fn finish(self) -> Result<(Vec<u8>, Vec<u8>), LiabilityError> {
        if let Some(error) = self.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error.into());
        }
        let mut indices = vec![0; self.places.len() * size_of::<u32>()];
        let cells = indices.as_chunks_mut::<4>().0;
        for (index, place) in self.places.iter().enumerate() {
            cells[*place as usize] = (index as u32).to_le_bytes();
        }
        Ok((self.parts.owners.iter().flat_map(|owner| owner.to_le_bytes()).collect(), indices))
    }
}

impl Leaves for TreeLeaves<'_> {
    fn len(&self) -> usize {
        self.places.len()
    }

    /// What belongs to a leaf lies anywhere. So each of it is fetched for all leaves in a loop of its own, as many at a time as
    /// the processor has room for.
    fn block(&self, range: Range<usize>) -> Block<'_> {
        const HEAD: usize = AMOUNT + SALT + 4;
        let places = &self.places[range];
        let keys = self.derive(places.iter().copied()).unwrap_or_else(|error| {
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            vec![LeafKeys { salt: [0; SALT], order: [0; SALT] }; places.len()]
        });
        let spans: Vec<Range<usize>> =
            places.iter().map(|place| self.customers.place(self.parts.owners[*place as usize])).collect();
        let width = HEAD + spans.first().map_or(0, Range::len);
        if width == HEAD || spans.iter().any(|span| span.len() != width - HEAD) {
            let mut rows = Gathered::with_capacity(places.len(), width + 16);
            for (place, keys) in places.iter().zip(&keys) {
                self.push(&mut rows, *place, &keys.salt);
            }
            return rows.into_block();
        }
        let mut data = vec![0; places.len() * width];
        for (((row, place), keys), span) in data.chunks_exact_mut(width).zip(places).zip(&keys).zip(&spans) {
            let (head, id) = row.split_at_mut(HEAD);
            head.copy_from_slice(&self.head(*place, &keys.salt));
            id.copy_from_slice(self.customers.ids.get(span.clone()).unwrap_or_default());
        }
        Block::Fixed { data: Cow::Owned(data), width }
    }
}
