//! What an operator owes: tables of holdings.

pub(crate) mod table;
