//! What the caller says of a table: its columns, its assets, its unit.

use std::collections::{HashMap, HashSet};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use tallystick_proof::liabilities::check_asset;

use crate::indices::extract_size;
use crate::rows::buffer::type_name;

/// Names of columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColumnNames {
    pub(crate) id: String,
    pub(crate) asset: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) customer_key: Option<String>,
}

/// What the numbers of a table count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Minor units.
    Minor,
    /// Whole assets, of 10^decimals minor units each.
    Major,
}

/// What an amount is that is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nulls {
    Refuse,
    Zero,
}

/// How holdings stand in a table.
#[derive(Clone, Debug)]
pub(crate) struct TableLayout {
    pub(crate) id: String,
    /// The column of codes, if each row is one holding. Then there is one of amounts, and else neither.
    pub(crate) asset: Option<String>,
    pub(crate) amount: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) customer_key: Option<String>,
    /// Codes and decimals, as the caller gave them; each code once.
    pub(crate) assets: Vec<(String, u8)>,
    pub(crate) unit: Unit,
    pub(crate) nulls: Nulls,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Group,
    Key,
    Asset,
    Amount,
}

impl TableLayout {
    /// The layout that Python arguments describe; the names of arguments are those of `liabilities.commit`.
    ///
    /// `assets` is a mapping of codes to decimals, 0 to 255; `unit` is `minor` or `major`, `nulls` is `refuse` or `zero`.
    /// Raises `ValueError` for other words, for codes that are none, without assets, for one of `asset` and `amount`
    /// without the other, and for a column with two uses; `TypeError` for arguments of other types.
    pub(crate) fn new(names: ColumnNames, assets: &Bound<'_, PyAny>, unit: &str, nulls: &str) -> PyResult<Self> {
        let unit = match unit {
            "minor" => Unit::Minor,
            "major" => Unit::Major,
            _ => return Err(PyValueError::new_err(format!("unit must be \"minor\" or \"major\", not {unit:?}"))),
        };
        let nulls = match nulls {
            "refuse" => Nulls::Refuse,
            "zero" => Nulls::Zero,
            _ => return Err(PyValueError::new_err(format!("nulls must be \"refuse\" or \"zero\", not {nulls:?}"))),
        };
        if names.asset.is_some() != names.amount.is_some() {
            return Err(PyValueError::new_err("asset and amount go together: give both or neither"));
        }
        let ColumnNames { id, asset, amount, group, customer_key } = names;
        let assets = extract_assets(assets)?;
        let layout = Self { id, asset, amount, group, customer_key, assets, unit, nulls };
        let columns = layout.columns();
        let mut uses = HashMap::new();
        for (role, name) in &columns {
            if let Some(other) = uses.insert(name, role) {
                let (first, second) = (other.argument(), role.argument());
                return Err(PyValueError::new_err(format!("column {name:?} has two uses: {first} and {second}")));
            }
        }
        Ok(layout)
    }

    /// The columns that are read: the id's first, those of amounts last and, if there are several, in the order of the
    /// assets.
    pub(super) fn columns(&self) -> Vec<(Role, &str)> {
        let mut columns = vec![(Role::Id, self.id.as_str())];
        let optional = [(Role::Group, &self.group), (Role::Key, &self.customer_key), (Role::Asset, &self.asset)];
        columns.extend(optional.into_iter().filter_map(|(role, name)| Some((role, name.as_deref()?))));
        match &self.amount {
            Some(amount) => columns.push((Role::Amount, amount)),
            None => columns.extend(self.assets.iter().map(|(code, _)| (Role::Amount, code.as_str()))),
        }
        columns
    }
}

impl Role {
    /// The argument that names such a column.
    fn argument(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Group => "group",
            Self::Key => "customer_key",
            Self::Asset => "asset",
            Self::Amount => "an amount",
        }
    }
}

/// Codes and decimals of a mapping.
fn extract_assets(assets: &Bound<'_, PyAny>) -> PyResult<Vec<(String, u8)>> {
    if !assets.hasattr("keys")? || !assets.hasattr("items")? {
        let name = type_name(assets);
        return Err(PyTypeError::new_err(format!("assets must map codes to decimals, as {{\"BTC\": 8}}, not {name}")));
    }
    let (mut found, mut codes) = (Vec::<(String, u8)>::new(), HashSet::new());
    for item in assets.call_method0("items")?.try_iter()? {
        let item = item?;
        let (code, decimals) = item.cast::<PyTuple>()?.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        let Ok(code) = code.cast::<PyString>() else {
            return Err(PyTypeError::new_err(format!("a code in assets must be str, not {}", type_name(&code))));
        };
        let code: String = code.extract()?;
        check_asset(&code, "").map_err(|error| PyValueError::new_err(format!("assets: {error}")))?;
        let size = extract_size(&decimals, &format!("assets[{code:?}]"))?;
        let decimals = u8::try_from(size).map_err(|_| {
            PyValueError::new_err(format!("assets[{code:?}] must be a number of decimals from 0 to 255, not {size}"))
        })?;
        if !codes.insert(code.clone()) {
            return Err(PyValueError::new_err(format!("assets has {code:?} twice")));
        }
        found.push((code, decimals));
    }
    if found.is_empty() {
        return Err(PyValueError::new_err("assets is empty; name at least one, with its decimals"));
    }
    Ok(found)
}
