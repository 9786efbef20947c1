//! The store in a file that has a name: its lock, its making and its compaction.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tempfile::NamedTempFile;

use crate::error::StoreError;
use crate::log::Log;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// For writing; a file is made if there is none.
    Create,
    /// For writing.
    Write,
    /// For reading, beside a writer in any process.
    Read,
}

/// A store in a file. It may be used from any thread of the process that opened it.
pub struct FileStore {
    path: PathBuf,
    process: u32,
    writer: bool,
    /// Held by whoever writes, before the state of the store is looked at.
    writing: Mutex<()>,
    open: RwLock<Option<Open>>,
}

#[derive(Clone)]
struct Open {
    log: Arc<Log>,
    file: Arc<File>,
}

impl FileStore {
    /// Opens a file. One writer at a time has it; a second one is refused.
    pub fn open(path: &Path, opening: Opening) -> Result<Self, StoreError> {
        if !cfg!(unix) {
            return Err(StoreError::Unsupported);
        }
        let writer = opening != Opening::Read;
        if opening == Opening::Create {
            make(path)?;
        }
        // Compaction puts a file into the place of the one that the link leads to, not of the link.
        let absent = |error: io::Error| match error.kind() {
            ErrorKind::NotFound => StoreError::NotFound(path.display().to_string()),
            _ => StoreError::Io { doing: "open the file", error },
        };
        let path = path.canonicalize().map_err(absent)?;
        let open = loop {
            // A pipe would be waited for.
            if !path.metadata().map_err(absent)?.is_file() {
                return Err(StoreError::NoFile(path.display().to_string()));
            }
            let file = OpenOptions::new().read(true).write(writer).open(&path).map_err(absent)?;
            if writer {
                lock(&file, &path)?;
            }
            // A compaction may have put another file there in between.
            if is_at(&file, &path).map_err(StoreError::io("open the file"))? {
                break Open::new(file, writer)?;
            }
        };
        let open = RwLock::new(Some(open));
        Ok(Self { path, process: process::id(), writer, writing: Mutex::new(()), open })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tiles of these names; `None` for one that is not there.
    pub fn read_tiles(&self, names: &[&str]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.opened()?.log.read(names)
    }

    /// Writes tiles. They are safe once a head is published.
    pub fn write_tiles(&self, tiles: &[(&str, &[u8])]) -> Result<(), StoreError> {
        self.write(|log| log.write(tiles))
    }

    /// Every name that begins so, in ascending order.
    pub fn list_tiles(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.opened()?.log.list(prefix)
    }

    /// Deletes tiles. That is safe once a head is published.
    pub fn delete_tiles(&self, names: &[&str]) -> Result<(), StoreError> {
        self.write(|log| log.delete(names))
    }

    /// The head, `None` if none was ever published. A reader looks for a new one.
    pub fn read_head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let open = self.opened()?;
        if self.writer {
            return open.log.head();
        }
        let _writing = self.writing.lock();
        if is_at(&open.file, &self.path).map_err(StoreError::io("open the file"))? {
            open.log.refresh()?;
            return open.log.head();
        }
        let file = File::open(&self.path).map_err(StoreError::io("open the file"))?;
        let new = Open::new(file, false)?;
        let head = new.log.head();
        if let Some(open) = &mut *self.open.write() {
            *open = new;
        }
        head
    }

    /// Publishes a head, and with it all that was written and deleted before, if the present one is `expected`.
    pub fn publish_head(&self, head: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError> {
        self.write(|log| log.publish(head, expected))
    }

    /// Reads every byte of what is published, and fails at one that is not what was written.
    pub fn check(&self) -> Result<(), StoreError> {
        self.opened()?.log.check()
    }

    /// Writes a file without what was replaced or deleted, and puts it into the place of this one.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.own()?;
        let _writing = self.writing.lock();
        let open = self.writable()?;
        open.log.flush()?;
        let failed = || StoreError::io("write a compact file");
        let temporary = beside(&self.path).map_err(failed())?;
        let file = temporary.reopen().map_err(failed())?;
        lock(&file, &self.path)?;
        let file = Arc::new(file);
        let log = open.log.copy_to(file.clone())?;
        let permissions = open.file.metadata().map_err(failed())?.permissions();
        file.set_permissions(permissions).map_err(failed())?;
        temporary.persist(&self.path).map_err(|error| failed()(error.error))?;
        *self.open.write() = Some(Open { log: Arc::new(log), file });
        sync_folder(&self.path).map_err(failed())
    }

    /// Makes safe what was written and deleted, and lets go of the file. Again: nothing.
    pub fn close(&self) -> Result<(), StoreError> {
        if process::id() != self.process {
            return Ok(()); // the parent's locks may be held by nobody here
        }
        let _writing = self.writing.lock();
        let Some(open) = self.open.write().take() else { return Ok(()) };
        if !self.writer {
            return Ok(());
        }
        let flushed = open.log.flush();
        // A forked child has the file too, and would keep the lock.
        open.file.unlock().map_err(StoreError::io("unlock the file"))?;
        flushed
    }

    fn write<T>(&self, work: impl FnOnce(&Log) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.own()?;
        let _writing = self.writing.lock();
        work(&self.writable()?.log)
    }

    fn writable(&self) -> Result<Open, StoreError> {
        let open = self.opened()?;
        if self.writer { Ok(open) } else { Err(StoreError::ReadOnly) }
    }

    fn opened(&self) -> Result<Open, StoreError> {
        self.own()?;
        self.open.read().clone().ok_or(StoreError::Closed)
    }

    /// A forked child shares the file, and locks that nobody may let go of there: it is told before it takes any.
    fn own(&self) -> Result<(), StoreError> {
        if process::id() == self.process { Ok(()) } else { Err(StoreError::Forked) }
    }
}

impl Drop for FileStore {
    fn drop(&mut self) {
        if let Some(open) = self.open.get_mut().take()
            && self.writer
            && process::id() == self.process
        {
            let _ = open.file.unlock();
        }
    }
}

impl Open {
    fn new(file: File, writing: bool) -> Result<Self, StoreError> {
        let file = Arc::new(file);
        let log = Log::open(file.clone(), writing)?;
        Ok(Self { log: Arc::new(log), file })
    }
}

/// Makes an empty store, all at once, where there is no file.
fn make(path: &Path) -> Result<(), StoreError> {
    let failed = || StoreError::io("make the file");
    if path.try_exists().map_err(failed())? {
        return Ok(());
    }
    let temporary = beside(path).map_err(failed())?;
    Log::create(temporary.as_file(), 0)?;
    match temporary.persist_noclobber(path) {
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed()(error.error)),
        Ok(_) => sync_folder(path).map_err(failed()),
    }
}

fn lock(file: &File, path: &Path) -> Result<(), StoreError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::Locked(path.display().to_string()),
        TryLockError::Error(error) => StoreError::Io { doing: "lock the file", error },
    })
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An empty file that can be renamed to `path`, as open to others as the user's other files.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tallystick-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path))
}

/// Whether the file is the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, named) = (file.metadata()?, path.metadata()?);
    Ok((open.dev(), open.ino()) == (named.dev(), named.ino()))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// A rename is durable once the folder is. One that may not be read cannot be synced, and the file is in place.
fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(folder(path)) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        folder => folder?.sync_all(),
    }
}
