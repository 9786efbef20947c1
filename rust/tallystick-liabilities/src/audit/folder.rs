//! The files of a snapshot, each opened for itself: one that is damaged or missing is a finding, and the others are read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tallystick_proof::codec::Wire;
use tallystick_proof::liabilities::Statement;

use super::finding::{Findings, Kind, Place};
use crate::error::LiabilityError;
use crate::files::{self, ENDS, IDS, KEYS, STATEMENT, TREES};
use crate::store::Store;

/// The bytes of a snapshot's files.
pub(crate) struct Folder {
    pub(crate) ids: Store,
    pub(crate) ends: Store,
    pub(crate) keys: Store,
    /// Tree file and list of holdings of each of the statement's assets, as far as they are there.
    pub(crate) trees: Vec<[Option<Store>; 2]>,
}

/// Names of the tree file and of the list of holdings of a tree.
pub(crate) fn names(number: usize) -> [String; 2] {
    [format!("{TREES}/{number:04}.tally"), format!("{TREES}/{number:04}.holdings")]
}

impl Folder {
    /// Opens what is there, and looks for what does not belong there. An error only if there is no folder.
    pub(crate) fn open(folder: &Path, statement: &Statement, findings: &Findings) -> Result<Self, LiabilityError> {
        let file = |name: &str, tree| match Store::map(&folder.join(name)) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                findings
                    .add(Kind::MissingFile, Place { tree, ..Place::file(name) }, || files::at(error, name).to_string());
                None
            }
        };
        let mut expected = BTreeSet::from([STATEMENT, IDS, ENDS, KEYS, TREES].map(str::to_owned));
        let numbers = 0..statement.assets.len();
        list(folder, "", &expected, findings)?;
        expected = numbers.clone().flat_map(names).collect();
        // A missing folder shows in the files that are missing.
        let _ = list(&folder.join(TREES), &format!("{TREES}/"), &expected, findings);
        if let Some(bytes) = file(STATEMENT, None).filter(|bytes| **bytes != *statement.encode()) {
            let found = Statement::decode(&bytes, &|name| {
                let known = statement.scheme.hash();
                (known.info().name == name).then(|| known.clone())
            });
            findings.add(Kind::OtherStatement, Place::file(STATEMENT), || match found {
                Ok(found) => other(&found),
                Err(error) => format!("{STATEMENT} is not the statement: {error}"),
            });
        }
        let [ids, ends, keys] = [IDS, ENDS, KEYS].map(|name| file(name, None).unwrap_or_default());
        let trees = numbers.map(|number| names(number).map(|name| file(&name, Some(number)))).collect();
        Ok(Self { ids, ends, keys, trees })
    }
}

/// Says that a snapshot is of another statement.
pub(crate) fn other(found: &Statement) -> String {
    let digest = blake3::Hash::from_bytes(*found.digest()).to_hex(); // 32 bytes, whichever hash they are of
    format!("the snapshot is of the statement {digest}, snapshot {:?} of {:?}", found.snapshot_id, found.origin)
}

/// Looks for names that are not expected.
fn list(folder: &Path, prefix: &str, expected: &BTreeSet<String>, findings: &Findings) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let name = format!("{prefix}{}", entry?.file_name().to_string_lossy());
        if !expected.contains(&name) {
            findings.add(Kind::UnknownFile, Place::file(&name), || format!("{name:?} is no file of this snapshot"));
        }
    }
    Ok(())
}
