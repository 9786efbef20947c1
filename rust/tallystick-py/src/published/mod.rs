//! Files that others publish about what they owe: arguments in, refusals out. `tallystick.liabilities.published` is the
//! public face.

mod bitmex;

pub(crate) use bitmex::{published_bitmex_verify, published_bitmex_write};
