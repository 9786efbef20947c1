//! The walk over the rows of a table.

use super::cells::Cells;
use super::table::Table;
use crate::rows::RowsInput;
use crate::rows::encoded::Encoded;

/// Rows of one block: some milliseconds of work, after which the caller looks for signals.
const BLOCK: usize = 1 << 16;

/// A column on its way: its chunks, and where the walk is.
struct Walk<'a> {
    name: &'a str,
    cells: Vec<Cells<'a>>,
    chunk: usize,
    /// Rows before the chunk.
    start: usize,
}

/// Encodes a table block by block.
pub(super) struct Encoder<'a> {
    columns: Vec<Walk<'a>>,
    salts: Option<&'a RowsInput>,
    rows: usize,
    next: usize,
    result: Encoded,
}

impl<'a> Encoder<'a> {
    /// Reads and checks the columns. Salts are as many as rows, of 16 bytes.
    pub(super) fn new(table: &'a Table, salts: Option<&'a RowsInput>, result: Encoded) -> Result<Self, String> {
        let walk = |column: &'a super::column::Column| {
            Ok(Walk { name: &column.name, cells: column.cells()?, chunk: 0, start: 0 })
        };
        let columns = table.columns.iter().map(walk).collect::<Result<Vec<_>, String>>()?;
        Ok(Self { columns, salts, rows: table.rows, next: 0, result })
    }

    /// Encodes some rows; whether there are more.
    pub(super) fn block(&mut self) -> Result<bool, String> {
        let end = self.rows.min(self.next + BLOCK);
        while self.next < end {
            let end = self.advance(end);
            self.run(end)?;
            self.next = end;
        }
        Ok(end < self.rows)
    }

    /// Moves every column to the chunk of the next row, and returns the row up to which all of these reach.
    fn advance(&mut self, mut end: usize) -> usize {
        for column in &mut self.columns {
            while column.start + column.cells[column.chunk].len <= self.next {
                column.start += column.cells[column.chunk].len;
                column.chunk += 1;
            }
            end = end.min(column.start + column.cells[column.chunk].len);
        }
        end
    }

    /// Encodes the rows up to `end`, for which no column leaves its chunk.
    fn run(&mut self, end: usize) -> Result<(), String> {
        let columns: Vec<(&Cells<'_>, usize)> =
            self.columns.iter().map(|column| (&column.cells[column.chunk], column.start)).collect();
        let Encoded { data, offsets } = &mut self.result;
        for row in self.next..end {
            if let Some(salts) = self.salts {
                data.extend_from_slice(salts.row(row));
            }
            for (index, (cells, start)) in columns.iter().enumerate() {
                if let Err(why) = cells.write(row - start, data) {
                    return Err(format!("column {:?}, row {row}: {why}", self.columns[index].name));
                }
            }
            offsets.push(data.len() as u64);
        }
        Ok(())
    }

    /// The encoded rows.
    pub(super) fn finish(self) -> Encoded {
        let mut result = self.result;
        result.data.shrink_to_fit();
        result
    }
}
