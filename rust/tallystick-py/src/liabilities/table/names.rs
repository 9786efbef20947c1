//! Names that come again and again in a column, as numbers.

use std::collections::HashMap;

use super::cells::ByteCells;
use super::fault::{Fault, shown};

/// Dictionaries up to this size are remembered value by value.
const REMEMBERED: usize = 1 << 16;
const UNKNOWN: u32 = u32::MAX;

/// Numbers of names.
#[derive(Default)]
pub(super) struct Names {
    known: HashMap<Vec<u8>, u32>,
    last: Option<(Vec<u8>, u32)>,
    /// Numbers of the values of a dictionary, once they were asked for.
    values: Vec<u32>,
}

impl Names {
    /// Names that are known from the start, from 0 on.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let known = (0..).zip(names).map(|(number, name)| (name.as_bytes().to_vec(), number)).collect();
        Self { known, ..Self::default() }
    }

    /// Gets ready for other cells, with another dictionary.
    pub(super) fn begin(&mut self, cells: &ByteCells<'_>) {
        self.values.clear();
        if cells.dictionary() <= REMEMBERED {
            self.values.resize(cells.dictionary(), UNKNOWN);
        }
    }

    /// The number of the name in cell `row`. A name that is not known gets the one that `make` gives.
    #[inline]
    pub(super) fn number(
        &mut self,
        cells: &ByteCells<'_>,
        row: usize,
        make: impl FnOnce(&str) -> Result<u32, Fault>,
    ) -> Result<u32, Fault> {
        let key = cells.key(row);
        if let Some(&number) = key.and_then(|key| self.values.get(key))
            && number != UNKNOWN
        {
            return Ok(number);
        }
        let name = cells.cell(row).ok_or_else(Fault::null)?;
        let number = self.find(name, make)?;
        if let Some(value) = key.and_then(|key| self.values.get_mut(key)) {
            *value = number;
        }
        Ok(number)
    }

    #[inline]
    fn find(&mut self, name: &[u8], make: impl FnOnce(&str) -> Result<u32, Fault>) -> Result<u32, Fault> {
        if let Some((last, number)) = &self.last
            && last == name
        {
            return Ok(*number);
        }
        let number = if let Some(&number) = self.known.get(name) {
            number
        } else {
            let text =
                std::str::from_utf8(name).map_err(|_| Fault::Value(format!("{} is not valid UTF-8", shown(name))))?;
            let number = make(text)?;
            self.known.insert(name.to_vec(), number);
            number
        };
        self.last = Some((name.to_vec(), number));
        Ok(number)
    }
}
