//! The files of a snapshot (`docs/spec/snapshot.md`). They are the operator's: they hold ids and keys.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tallystick_proof::liabilities::KEY;
use tempfile::TempDir;

use crate::customers::{Customers, Identity};
use crate::error::LiabilityError;
use crate::store::Store;

pub(crate) const STATEMENT: &str = "statement.bin";
pub(crate) const IDS: &str = "customers.ids";
pub(crate) const ENDS: &str = "customers.ends";
pub(crate) const KEYS: &str = "customers.keys";
pub(crate) const TREES: &str = "trees";

/// Tree file of the statement's asset of this number.
pub(crate) fn tree(folder: &Path, number: usize) -> PathBuf {
    folder.join(TREES).join(format!("{number:04}.tally"))
}

/// Owners and indices of that tree's leaves.
pub(crate) fn holdings(folder: &Path, number: usize) -> PathBuf {
    folder.join(TREES).join(format!("{number:04}.holdings"))
}

/// Makes a file that must not exist, which its owner alone may read: ids, keys, salts and amounts are nobody else's.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder that its owner alone may look into.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a file that must not exist, and waits until it is on the disk.
pub(crate) fn write_new(path: &Path, pieces: &[&[u8]]) -> io::Result<()> {
    let mut file = create_new(path)?;
    for piece in pieces {
        file.write_all(piece)?;
    }
    file.sync_all()
}

pub(crate) fn write_customers(folder: &Path, customers: &Customers) -> io::Result<()> {
    write_new(&folder.join(IDS), &[&customers.ids])?;
    write_new(&folder.join(ENDS), &[&customers.ends])?;
    write_new(&folder.join(KEYS), &[&customers.keys])
}

fn damaged(file: &str, why: impl Into<String>) -> LiabilityError {
    LiabilityError::Damaged { file: file.to_owned(), why: why.into() }
}

/// Maps the customers of a snapshot. Checks lengths, and that ids lie one behind the other.
pub(crate) fn open_customers(folder: &Path) -> Result<Customers, LiabilityError> {
    let open = |name: &str| -> io::Result<(Store, Identity)> {
        let file = regular(&folder.join(name))?;
        Ok((Store::of(&file)?, identity(&file)?))
    };
    let open = |name: &str| open(name).map_err(|error| at(error, name));
    let ((ids, ids_file), (ends, _), (keys, keys_file)) = (open(IDS)?, open(ENDS)?, open(KEYS)?);
    let customers = Customers { ids, ends, keys, files: Some([keys_file, ids_file]) };
    let count = customers.ends.len() / size_of::<u64>();
    if !customers.ends.len().is_multiple_of(size_of::<u64>()) || u32::try_from(count).is_err() {
        return Err(damaged(ENDS, "it is no list of at most 2^32 - 1 numbers"));
    }
    if customers.keys.len() != count * KEY {
        return Err(damaged(KEYS, format!("{} bytes are not keys of {count} customers", customers.keys.len())));
    }
    let mut before = 0;
    for customer in 0..count {
        let end = customers.ends.u64(customer);
        if end <= before || end - before > tallystick_proof::liabilities::MAX_ID as u64 {
            return Err(damaged(ENDS, format!("customer {customer} has no id of 1 to 65,535 bytes")));
        }
        before = end;
    }
    if before != customers.ids.len() as u64 {
        return Err(damaged(IDS, "it does not end with the last id"));
    }
    Ok(customers)
}

/// Maps owners and indices of a tree.
pub(crate) fn open_holdings(folder: &Path, number: usize, leaves: u64) -> Result<[Store; 2], LiabilityError> {
    let path = holdings(folder, number);
    let name = format!("{TREES}/{number:04}.holdings");
    let length = fs::metadata(&path).map_err(|error| at(error, &name))?.len();
    if leaves.checked_mul(2 * size_of::<u32>() as u64) != Some(length) {
        return Err(damaged(&name, format!("{length} bytes are not the holdings of {leaves} leaves")));
    }
    let all = Store::map(&path).map_err(|error| at(error, &name))?;
    Ok(all.halves())
}

/// An error of the system, with the name of the file.
pub(crate) fn at(error: io::Error, name: &str) -> LiabilityError {
    if error.kind() == ErrorKind::NotFound {
        return damaged(name, "it is missing");
    }
    io::Error::new(error.kind(), format!("{name}: {error}")).into()
}

/// Opens a file to be read. Opening a pipe would wait for a writer.
pub(crate) fn regular(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        return File::open(path);
    }
    Err(io::Error::new(ErrorKind::InvalidData, "it is not a regular file"))
}

#[cfg(unix)]
fn identity(file: &File) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = file.metadata()?;
    Ok((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &File) -> io::Result<Identity> {
    Ok((0, 0))
}

/// Zeros over some bytes of a file, on the disk when this returns. The file must be the one that was opened: another may have
/// been put in its place.
pub(crate) fn overwrite(path: &Path, opened: Identity, begin: u64, length: usize) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    if identity(&file)? != opened {
        let why = format!("{}: it is not the file that was opened: open the snapshot again", path.display());
        return Err(io::Error::other(why));
    }
    file.seek(SeekFrom::Start(begin))?;
    file.write_all(&vec![0; length])?;
    file.sync_all()
}

/// Lets nobody but the owner read a tree file of a snapshot.
pub(crate) fn keep_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    let _ = path;
    Ok(())
}

/// A folder beside its place, for the files of a snapshot under way. Dropped, it is gone. Nobody else may read it, also later:
/// it has keys.
#[derive(Debug)]
pub struct Workplace {
    folder: TempDir,
    place: PathBuf,
}

impl Workplace {
    /// A folder for the snapshot at `place`, where nothing may be.
    pub fn new(place: &Path) -> io::Result<Self> {
        if place.as_os_str().is_empty() {
            return Err(ErrorKind::NotFound.into());
        }
        // Where the process works may change meanwhile.
        let place = std::path::absolute(place)?;
        free(&place)?;
        let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        let folder = private(&mut builder).prefix(".tallystick-").suffix(".tmp").tempdir_in(parent)?;
        Ok(Self { folder, place })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts the folder in its place.
    pub fn finish(self) -> io::Result<()> {
        free(&self.place)?;
        for folder in [self.path().join(TREES), self.path().to_path_buf()] {
            sync_folder(&folder)?;
        }
        fs::rename(self.path(), &self.place)?;
        // Nothing is there any more that dropping could remove.
        let _ = self.folder.keep();
        sync_folder(self.place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }
}

#[cfg(unix)]
fn private<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    builder
}

fn free(place: &Path) -> io::Result<()> {
    match place.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
    }
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
