//! The record of two truths: the notes of two statements that clash.

use alloc::string::String;
use alloc::vec::Vec;

use super::chain::{Clash, clash};
use super::note::{NoteError, SignedStatement};
use crate::codec::Resolve;

/// Two signed notes that one operator should not both have signed. What it proves, who checks the signatures says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Equivocation {
    /// The note whose statement has the lower digest.
    pub first: Vec<u8>,
    /// The other note.
    pub second: Vec<u8>,
}

impl Equivocation {
    /// The record of two statements in any order; `None` if they do not clash.
    pub fn new(a: &SignedStatement, b: &SignedStatement) -> Result<Option<Self>, NoteError> {
        if clash(&a.statement, &b.statement).is_none() {
            return Ok(None);
        }
        let (first, second) = if a.statement.digest() < b.statement.digest() { (a, b) } else { (b, a) };
        let [first, second] = [first, second].map(|signed| signed.note().map(String::into_bytes));
        Ok(Some(Self { first: first?, second: second? }))
    }

    /// Both notes, read.
    pub fn statements(&self, resolve: Resolve<'_>) -> Result<[SignedStatement; 2], NoteError> {
        Ok([SignedStatement::read(&self.first, resolve)?, SignedStatement::read(&self.second, resolve)?])
    }
}

/// In what the two statements of a record clash; `None` if they do not, or stand in the other order. It is proven if one
/// key has signed both.
pub fn recorded_clash([first, second]: &[SignedStatement; 2]) -> Option<Clash> {
    if first.statement.digest() < second.statement.digest() { clash(&first.statement, &second.statement) } else { None }
}
