//! The file under way: beside its place, until it is renamed into it.
//!
//! It belongs to the process that made it. A forked child that drops its copy leaves the name alone, and the parent's build
//! goes on.

use std::fs::{File, Permissions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;

use tempfile::NamedTempFile;

/// Where a file goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its path.
    pub path: PathBuf,
    /// Whether an existing file is replaced, in one step; else it is an error.
    pub overwrite: bool,
}

/// A file that is gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Temporary {
    file: Option<NamedTempFile>,
    owner: u32,
    target: Target,
}

impl Temporary {
    /// An empty file that can later be put in its place, as far as can be told.
    pub(crate) fn new(target: Target) -> io::Result<(Self, File)> {
        check(&target)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".tallystick-").suffix(".tmp");
        let file = public(&mut builder).tempfile_in(folder(&target.path))?;
        let handle = file.as_file().try_clone()?;
        Ok((Self { file: Some(file), owner: process::id(), target }, handle))
    }

    /// Puts the file in its place.
    pub(crate) fn persist(mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let Target { path, overwrite } = &self.target;
        let renamed = if *overwrite { file.persist(path) } else { file.persist_noclobber(path) };
        renamed.map_err(|error| error.error)?;
        sync_folder(folder(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if process::id() != self.owner
            && let Some(file) = self.file.take()
        {
            // The name stays; the parent's object has it.
            let _ = file.into_temp_path().keep();
        }
    }
}

/// Refuses what no file can be put at, before there is one.
fn check(target: &Target) -> io::Result<()> {
    let name = target.path.as_os_str().as_encoded_bytes();
    if name.is_empty() {
        return Err(ErrorKind::NotFound.into());
    }
    if name.ends_with(b"/") || target.path.file_name().is_none() {
        return Err(ErrorKind::IsADirectory.into());
    }
    match target.path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(_) if !target.overwrite => Err(ErrorKind::AlreadyExists.into()),
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        // A link is replaced, not followed.
        Ok(found) if found.is_file() || found.is_symlink() => Ok(()),
        // A pipe or a device is nobody's old tree file.
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Temporary files are private by default; a tree file is as open as the user's other files.
#[cfg(unix)]
fn public<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn public<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    builder
}

/// A rename is durable once the folder is. One that may not be read cannot be synced, and the file is in place.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        folder => folder?.sync_all(),
    }
}
