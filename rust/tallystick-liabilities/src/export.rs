//! All receipts in files, a shard of the customers each (`docs/spec/snapshot.md`).
//!
//! A file is written beside its place and renamed when it is whole, and its bytes follow from the snapshot alone. So an export
//! that was killed goes on with the shards that are missing.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use tallystick_proof::codec::Wire;
use tallystick_tree::pool::{Interrupted, Run};

use crate::error::LiabilityError;
use crate::files::{STATEMENT, at, create_folder, create_new, sync_folder, write_new};
use crate::receipts::{Encoded, PIECE};
use crate::snapshot::Snapshot;

/// What the name of a file under way ends with.
const TEMPORARY: &str = ".tmp";
/// What a file begins with.
const MAGIC: &[u8; 5] = b"tlyx\x01";
/// Customers whose receipts are in memory at a time.
const BATCH: u32 = 16 << 10;
/// Customers of a shard where the caller does not say.
pub const SHARD: u32 = 1 << 16;

/// Told how many customers are done, and how many there are.
pub type Progress<'a> = &'a mut (dyn FnMut(u32, u32) -> Result<(), LiabilityError> + Send);

/// Name of a shard.
fn name(shard: u32, shards: u32) -> String {
    format!("receipts-{shard:05}-of-{shards:05}.tlyx")
}

impl Snapshot {
    /// Writes the receipts of all customers into `folder`, which is made if it is not there, as `shards` files and the statement.
    /// Shards that are there already are left as they are. Refuses a folder of another statement, or of another number of
    /// shards. Memory is that of some thousand receipts, and of a number for each in a shard.
    pub fn export(
        &self,
        folder: &Path,
        shards: u32,
        progress: Progress<'_>,
        run: Run<'_>,
    ) -> Result<(), LiabilityError> {
        match create_folder(folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
            made => made?,
        }
        self.check_folder(folder, shards)?;
        let customers = self.customers();
        let begin = |shard: u32| (u64::from(customers) * u64::from(shard) / u64::from(shards)) as u32;
        for shard in 0..shards {
            let range = begin(shard)..begin(shard + 1);
            let path = folder.join(name(shard, shards));
            if path.symlink_metadata().is_ok() {
                self.check_shard(&path, (shard, shards))?;
            } else {
                self.export_shard(&path, (shard, shards), range.clone(), progress, run)?;
            }
            progress(range.end, customers)?;
        }
        Ok(sync_folder(folder)?)
    }

    /// Puts the statement into a folder, or finds it there.
    fn check_folder(&self, folder: &Path, shards: u32) -> Result<(), LiabilityError> {
        let other =
            |file: &str, why: &str| Err(LiabilityError::OtherExport { file: file.to_owned(), why: why.to_owned() });
        let names: HashSet<String> = (0..shards).map(|shard| name(shard, shards)).collect();
        for entry in fs::read_dir(folder)? {
            let file = entry?.file_name().to_string_lossy().into_owned();
            // One under way, which was left by a call that was killed.
            let own = file.strip_prefix('.').and_then(|file| file.strip_suffix(TEMPORARY)).unwrap_or(&file);
            if own != STATEMENT && !names.contains(own) {
                return other(&file, "it is no file of this export with as many shards");
            }
        }
        let statement = self.statement.encode();
        match fs::read(folder.join(STATEMENT)) {
            Ok(found) if found == statement => Ok(()),
            Ok(_) => other(STATEMENT, "it is another statement"),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let temporary = folder.join(format!(".{STATEMENT}{TEMPORARY}"));
                remove(&temporary)?;
                write_new(&temporary, &[&statement])?;
                fs::rename(&temporary, folder.join(STATEMENT))?;
                Ok(sync_folder(folder)?)
            }
            Err(error) => Err(at(error, STATEMENT)),
        }
    }

    /// Looks at the beginning and the end of a shard that is there already.
    fn check_shard(&self, path: &Path, (shard, shards): (u32, u32)) -> Result<(), LiabilityError> {
        let wanted = [&MAGIC[..], self.statement.digest(), &shard.to_le_bytes(), &shards.to_le_bytes()].concat();
        let found = || -> io::Result<bool> {
            if !path.metadata()?.is_file() {
                return Ok(false);
            }
            let mut file = File::open(path)?;
            let length = file.metadata()?.len();
            let (mut begin, mut end) = (vec![0; wanted.len()], [0; 8]);
            if length < (begin.len() + end.len()) as u64 {
                return Ok(false);
            }
            file.read_exact(&mut begin)?;
            file.seek(SeekFrom::End(-8))?;
            file.read_exact(&mut end)?;
            let index = u64::from_le_bytes(end);
            let places = (length - 8).checked_sub(index);
            Ok(begin == wanted && index >= wanted.len() as u64 && places.is_some_and(|places| places % 8 == 0))
        };
        if found()? {
            return Ok(());
        }
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Err(LiabilityError::OtherExport { file, why: "it is not this shard of this statement's receipts".to_owned() })
    }

    fn export_shard(
        &self,
        path: &Path,
        number: (u32, u32),
        range: Range<u32>,
        progress: Progress<'_>,
        run: Run<'_>,
    ) -> Result<(), LiabilityError> {
        let temporary = Temporary::new(path)?;
        let mut out = ShardFile::new(&temporary.0, self.statement.digest(), number)?;
        let mut begin = range.start;
        while begin < range.end {
            let end = range.end.min(begin.saturating_add(BATCH));
            for piece in self.encoded(begin..end, PIECE, run)? {
                out.push(self, &piece)?;
            }
            begin = end;
            progress(begin, self.customers())?;
            if (run.interrupt)() {
                return Err(Interrupted.into());
            }
        }
        out.finish(self)?;
        Ok(temporary.persist(path)?)
    }
}

/// A shard that is being written.
struct ShardFile {
    file: BufWriter<File>,
    length: u64,
    /// Customer and place of each receipt.
    places: Vec<(u32, u64)>,
}

impl ShardFile {
    fn new(path: &Path, digest: &[u8], (shard, shards): (u32, u32)) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 20, create_new(path)?);
        let mut own = Self { file, length: 0, places: Vec::new() };
        own.write(&[MAGIC, digest, &shard.to_le_bytes(), &shards.to_le_bytes()])?;
        Ok(own)
    }

    fn write(&mut self, pieces: &[&[u8]]) -> io::Result<()> {
        for piece in pieces {
            self.file.write_all(piece)?;
            self.length += piece.len() as u64;
        }
        Ok(())
    }

    fn push(&mut self, snapshot: &Snapshot, piece: &Encoded) -> Result<(), LiabilityError> {
        let mut begin = 0;
        for (&customer, &end) in piece.customers.iter().zip(&piece.ends) {
            let receipt = piece.data.get(begin..end).unwrap_or_default();
            begin = end;
            // One who was erased meanwhile is left out.
            let Some(id) = snapshot.id(customer) else { continue };
            self.places.push((customer, self.length));
            // Ids have at most 65,535 bytes; a receipt of more than 2^32 does not fit the memory it was made in.
            let (id_length, length) = (id.len() as u16, receipt.len() as u32);
            self.write(&[&id_length.to_le_bytes(), &id, &length.to_le_bytes(), receipt])?;
        }
        Ok(())
    }

    /// Writes the index: places in the order of ids.
    fn finish(mut self, snapshot: &Snapshot) -> Result<(), LiabilityError> {
        let customers = snapshot.customers.read();
        self.places.sort_unstable_by(|left, right| customers.id(left.0).cmp(customers.id(right.0)));
        drop(customers);
        let index = self.length;
        for (_, place) in std::mem::take(&mut self.places) {
            self.write(&[&place.to_le_bytes()])?;
        }
        self.write(&[&index.to_le_bytes()])?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(file.sync_all()?)
    }
}

/// The file under way. Its name follows from the shard's, so that what a killed export left is found and removed.
struct Temporary(PathBuf);

impl Temporary {
    fn new(path: &Path) -> io::Result<Self> {
        let name = path.file_name().map(|name| format!(".{}{TEMPORARY}", name.to_string_lossy())).unwrap_or_default();
        let own = Self(path.with_file_name(name));
        remove(&own.0)?;
        Ok(own)
    }

    fn persist(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.0, path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = remove(&self.0);
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
