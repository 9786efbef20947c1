//! Parallel builders, trees and tree files.
#![forbid(unsafe_code)]

pub mod leaves;
