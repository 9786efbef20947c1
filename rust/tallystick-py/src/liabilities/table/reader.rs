//! Rows into the ledger.

use std::ops::Range;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use tallystick_liabilities::customers::Seen;
use tallystick_liabilities::error::LiabilityError;
use tallystick_liabilities::ledger::Ledger;
use tallystick_proof::liabilities::{KEY, MAX_ID, check_asset};

use super::amounts::{Amounts, Found, Units};
use super::cells::ByteCells;
use super::fault::{Fault, Place, shown};
use super::layout::{Role, TableLayout};
use super::marks::Came;
use super::names::Names;
use super::source::Piece;

/// Rows that are read before signals are looked for. What is kept of each meanwhile fits a processor's cache.
const WINDOW: usize = 1 << 15;

/// What was read before, and room for what is being read.
pub(super) struct Reader<'a> {
    layout: &'a TableLayout,
    ledger: &'a mut Ledger,
    /// Rows of the batches before.
    before: usize,
    codes: Names,
    groups: Names,
    /// Names of the groups, in the order of coming.
    group_names: Vec<String>,
    /// Trees of the ledger, asset by asset for each group.
    trees: Vec<usize>,
    /// Who came: in each tree if rows are single holdings, else in each group.
    came: Vec<Came>,
    /// Of each row.
    customers: Vec<u32>,
    group_of: Vec<u32>,
    asset_of: Vec<u32>,
    found: Found,
    /// Holdings of each tree, with their rows.
    waiting: Vec<Waiting>,
}

#[derive(Default)]
struct Waiting {
    rows: Vec<u32>,
    holdings: Vec<(u32, u128)>,
}

/// The columns of a batch.
struct Opened<'a> {
    ids: (&'a Piece<'a>, ByteCells<'a>),
    groups: Option<(&'a Piece<'a>, ByteCells<'a>)>,
    keys: Option<(&'a Piece<'a>, ByteCells<'a>)>,
    assets: Option<(&'a Piece<'a>, ByteCells<'a>)>,
    /// One for each asset, or, where rows are single holdings, one for all.
    amounts: Vec<(&'a Piece<'a>, Amounts<'a>)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layout: &'a TableLayout, ledger: &'a mut Ledger) -> PyResult<Self> {
        let mut reader = Self {
            layout,
            ledger,
            before: 0,
            codes: Names::of(layout.assets.iter().map(|(code, _)| code.as_str())),
            groups: Names::default(),
            group_names: Vec::new(),
            trees: Vec::new(),
            came: Vec::new(),
            customers: Vec::new(),
            group_of: Vec::new(),
            asset_of: Vec::new(),
            found: Found::new(),
            waiting: Vec::new(),
        };
        if layout.group.is_none() {
            reader.add_group("").map_err(|fault| fault.at(&reader.place(0, None, &layout.id)))?;
        }
        Ok(reader)
    }

    /// Makes room for so many more customers, if rows are customers.
    pub(super) fn reserve(&mut self, rows: usize) {
        /// More are not believed before they are seen: a column of nulls takes no memory.
        const MOST: usize = 1 << 24;
        if self.layout.asset.is_none() && self.layout.group.is_none() {
            self.ledger.reserve(rows.min(MOST));
        }
    }

    /// The trees of a group that was not seen before, and the group's number.
    fn add_group(&mut self, group: &str) -> Result<u32, Fault> {
        let assets = &self.layout.assets;
        let number =
            u32::try_from(self.group_names.len()).map_err(|_| Fault::Ledger(LiabilityError::TooMany("groups")))?;
        for (code, decimals) in assets {
            check_asset(code, group).map_err(|error| Fault::Value(error.to_string()))?;
            self.trees.push(self.ledger.tree(code, group, *decimals).map_err(Fault::Ledger)?);
            self.waiting.push(Waiting::default());
        }
        self.group_names.push(group.to_owned());
        let sets = if self.layout.asset.is_some() { assets.len() } else { 1 };
        self.came.extend((0..sets).map(|_| Came::default()));
        Ok(number)
    }

    /// Reads a batch: a piece of each column of the layout.
    pub(super) fn batch(&mut self, py: Python<'_>, pieces: &[Piece<'_>]) -> PyResult<()> {
        let Some(rows) = pieces.first().map(Piece::len) else { return Ok(()) };
        let mut opened = self.open(pieces)?;
        if let Some((_, cells)) = &opened.groups {
            self.groups.begin(cells);
        }
        if let Some((_, cells)) = &opened.assets {
            self.codes.begin(cells);
        }
        for start in (0..rows).step_by(WINDOW) {
            py.check_signals()?;
            self.window(py, &mut opened, start..rows.min(start + WINDOW))?;
        }
        self.before += rows;
        Ok(())
    }

    fn place<'b>(&self, row: usize, id: Option<&'b [u8]>, column: &'b str) -> Place<'b> {
        Place { row: self.before + row, id, column }
    }

    fn open<'b>(&self, pieces: &'b [Piece<'b>]) -> PyResult<Opened<'b>> {
        let columns = self.layout.columns();
        let mut cells: [Option<(&Piece<'_>, ByteCells<'_>)>; 4] = [None, None, None, None];
        let mut amounts = Vec::with_capacity(columns.len());
        for (piece, (role, name)) in pieces.iter().zip(columns) {
            let fault = |(row, fault): (Option<usize>, Fault)| match row {
                // Of the ids themselves.
                Some(row) => fault.at(&self.place(row, None, name)),
                None => fault.of_column(name),
            };
            let place = match role {
                Role::Id => 0,
                Role::Group => 1,
                Role::Key => 2,
                Role::Asset => 3,
                Role::Amount => {
                    amounts.push((piece, Amounts::new(piece, self.layout.nulls).map_err(fault)?));
                    continue;
                }
            };
            let read = ByteCells::new(piece, role).map_err(fault)?;
            cells[place] = Some((piece, read));
        }
        let [ids, groups, keys, assets] = cells;
        let ids = ids.ok_or_else(|| PyTypeError::new_err("a table has a column of ids"))?;
        Ok(Opened { ids, groups, keys, assets, amounts })
    }

    fn window(&mut self, py: Python<'_>, opened: &mut Opened<'_>, rows: Range<usize>) -> PyResult<()> {
        let layout = self.layout;
        let at = rows.start;
        let (piece, ids) = &mut opened.ids;
        ids.look(piece, rows.clone()).map_err(|(row, fault)| fault.at(&self.place(at + row, None, &layout.id)))?;
        let ids = &*ids;
        // The place of a fault in another column.
        let before = self.before + at;
        let place = |row: usize, column| Place { row: before + row, id: ids.cell(row), column };
        let named = |name: &'a Option<String>| name.as_deref().unwrap_or_default();

        let look = |column: &mut Option<(&Piece<'_>, ByteCells<'_>)>, name| match column {
            None => Ok(()),
            Some((piece, cells)) => cells.look(piece, rows.clone()).map_err(|(row, fault)| fault.at(&place(row, name))),
        };
        look(&mut opened.groups, named(&layout.group))?;
        look(&mut opened.keys, named(&layout.customer_key))?;
        look(&mut opened.assets, named(&layout.asset))?;

        self.name(opened.groups.as_ref(), rows.len(), |row| place(row, named(&layout.group)))?;
        if let Some((_, cells)) = &opened.assets {
            self.asset_of.clear();
            for row in 0..rows.len() {
                let unknown = |code: &str| {
                    let known: Vec<_> = layout.assets.iter().map(|(code, _)| code.as_str()).collect();
                    Err(Fault::Value(format!("{} is not in assets, which has {known:?}", shown(code.as_bytes()))))
                };
                let number = self.codes.number(cells, row, unknown);
                self.asset_of.push(number.map_err(|fault| fault.at(&place(row, named(&layout.asset))))?);
            }
        }
        self.intern(ids, opened.keys.as_ref().map(|(_, keys)| keys), rows.len(), &place)?;
        self.hold(py, &mut opened.amounts, &rows, &place)
    }

    /// Numbers of the groups of some rows.
    fn name<'b>(
        &mut self,
        groups: Option<&(&Piece<'_>, ByteCells<'_>)>,
        rows: usize,
        place: impl Fn(usize) -> Place<'b>,
    ) -> PyResult<()> {
        self.group_of.clear();
        let Some((_, cells)) = groups else {
            self.group_of.resize(rows, 0);
            return Ok(());
        };
        // Taken out for a while, as new groups change the rest.
        let mut names = std::mem::take(&mut self.groups);
        for row in 0..rows {
            let number = names.number(cells, row, |group| self.add_group(group));
            self.group_of.push(number.map_err(|fault| fault.at(&place(row)))?);
        }
        self.groups = names;
        Ok(())
    }

    /// Customers of some rows, none of whom may have come before where it was.
    fn intern<'b>(
        &mut self,
        ids: &'b ByteCells<'_>,
        keys: Option<&ByteCells<'_>>,
        rows: usize,
        place: &impl Fn(usize, &'a str) -> Place<'b>,
    ) -> PyResult<()> {
        let layout = self.layout;
        let key_column = layout.customer_key.as_deref().unwrap_or_default();
        let assets = layout.assets.len();
        let once = layout.asset.is_none() && layout.group.is_none();
        self.customers.clear();
        let mut last: Option<(&[u8], u32)> = None;
        for row in 0..rows {
            let fault = |fault: Fault| fault.at(&place(row, &layout.id));
            let id = ids.cell(row).ok_or_else(|| Fault::null().at(&place(row, &layout.id)))?;
            let seen = match last {
                // Rows of a customer often lie together.
                Some((other, customer)) if other == id => Seen::Before(customer),
                _ if id.is_empty() || id.len() > MAX_ID => {
                    return Err(fault(Fault::Value(format!("an id has 1 to {MAX_ID} bytes, not {}", id.len()))));
                }
                _ => self.ledger.customer(id).map_err(|error| fault(Fault::Ledger(error)))?,
            };
            let customer = seen.customer();
            last = Some((id, customer));
            if let Some(keys) = keys {
                let fault = |fault: Fault| fault.at(&place(row, key_column));
                let key = keys.cell(row).ok_or_else(|| fault(Fault::null()))?;
                let Ok(key) = <&[u8; KEY]>::try_from(key) else {
                    return Err(fault(Fault::Value(format!("a key has {KEY} bytes, not {}", key.len()))));
                };
                self.ledger.set_key(customer, key).map_err(|error| fault(Fault::Ledger(error)))?;
            }
            let group = self.group_of[row] as usize;
            let set = if layout.asset.is_some() { group * assets + self.asset_of[row] as usize } else { group };
            let new = match seen {
                // Who never came before cannot have come here.
                Seen::New(_) if once => true,
                Seen::Before(_) if once => false,
                _ => self.came[set].insert(customer, self.ledger.customers()),
            };
            if !new {
                return Err(fault(self.again(row)));
            }
            self.customers.push(customer);
        }
        Ok(())
    }

    /// What is wrong with a row whose like came before.
    fn again(&self, row: usize) -> Fault {
        let group = &self.group_names[self.group_of[row] as usize];
        let of_group = self.layout.group.as_ref().map(|_| format!(" in group {}", shown(group.as_bytes())));
        let asset = self.layout.asset.as_ref().map(|_| {
            let (code, _) = &self.layout.assets[self.asset_of[row] as usize];
            format!(" with asset {code}")
        });
        let (of_group, asset) = (of_group.unwrap_or_default(), asset.unwrap_or_default());
        Fault::Value(format!("the id came before{asset}{of_group}; add up what belongs together"))
    }

    /// Puts the amounts of some rows into the ledger.
    fn hold<'b>(
        &mut self,
        py: Python<'_>,
        amounts: &mut [(&Piece<'_>, Amounts<'_>)],
        rows: &Range<usize>,
        place: &impl Fn(usize, &'a str) -> Place<'b>,
    ) -> PyResult<()> {
        let layout = self.layout;
        let assets = layout.assets.len();
        for (asset, (piece, amounts)) in amounts.iter_mut().enumerate() {
            py.check_signals()?;
            let (asset_of, group_of) = (&self.asset_of, &self.group_of);
            let long = layout.amount.as_deref();
            let asset = |row: usize| if long.is_some() { asset_of[row] as usize } else { asset };
            let column = long.unwrap_or_else(|| &layout.assets[asset(0)].0);
            let units = |row: usize| Units { unit: layout.unit, decimals: layout.assets[asset(row)].1 };
            let found = amounts.find(piece, rows.clone(), units, &mut self.found);
            found.map_err(|(row, fault)| fault.at(&place(row, column)))?;
            for &(row, amount) in &self.found {
                let at = row as usize;
                let waiting = &mut self.waiting[group_of[at] as usize * assets + asset(at)];
                waiting.rows.push(row);
                waiting.holdings.push((self.customers[at], amount));
            }
            // Trees that have none are passed over quickly.
            for (waiting, &tree) in
                self.waiting.iter_mut().zip(&self.trees).filter(|(waiting, _)| !waiting.rows.is_empty())
            {
                self.ledger.hold(tree, &waiting.holdings).map_err(|(at, error)| {
                    Fault::Ledger(error).at(&place(waiting.rows.get(at).map_or(0, |row| *row as usize), column))
                })?;
                waiting.rows.clear();
                waiting.holdings.clear();
            }
        }
        Ok(())
    }
}
