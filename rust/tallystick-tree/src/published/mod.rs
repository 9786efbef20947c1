//! Files that others publish about what they owe, where one file is too much for Python.
//!
//! A format is a folder. Its layout is the publisher's, and so are its weaknesses: nothing here is a scheme, and nothing of
//! it enters native trees.

pub mod bitmex;
