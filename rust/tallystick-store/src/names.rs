//! What may be written to a store.

use std::collections::HashSet;

use crate::error::StoreError;
use crate::format::{MAX_HEAD, MAX_NAME, MAX_TILE};

pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    let part = |part: &str| {
        let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        !matches!(part, "" | "." | "..") && part.bytes().all(known)
    };
    if name.len() <= MAX_NAME && name.split('/').all(part) {
        return Ok(());
    }
    Err(StoreError::Name(name.chars().take(220).collect()))
}

pub(crate) fn check_tiles(tiles: &[(&str, &[u8])]) -> Result<(), StoreError> {
    let mut seen = HashSet::with_capacity(tiles.len());
    for (name, tile) in tiles {
        check_name(name)?;
        if tile.len() > MAX_TILE {
            return Err(StoreError::LongTile { name: (*name).to_owned(), length: tile.len() });
        }
        if !seen.insert(*name) {
            return Err(StoreError::Twice((*name).to_owned()));
        }
    }
    Ok(())
}

pub(crate) fn check_head(head: &[u8]) -> Result<(), StoreError> {
    if head.len() > MAX_HEAD { Err(StoreError::LongHead(head.len())) } else { Ok(()) }
}
