//! Writing a tree file: beside its place, synced, renamed.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use tallystick_proof::head::TreeHead;

use super::FileError;
use super::format::{Layout, PAGE, encode};
use crate::error::TreeError;
use crate::nodes::Nodes;
use crate::pool::{Interrupt, Interrupted};

/// Bytes that are handed over at once.
const CHUNK: u64 = 1 << 20;

/// Writes the file of the tree with this head. With `overwrite` an existing file is replaced, in one step; without, it
/// is an error. On any error nothing is left behind.
pub(crate) fn save(
    nodes: &Nodes,
    head: &TreeHead,
    path: &Path,
    overwrite: bool,
    interrupt: Interrupt<'_>,
) -> Result<(), TreeError> {
    if !overwrite && path.symlink_metadata().is_ok() {
        return Err(FileError::from(io::Error::from(io::ErrorKind::AlreadyExists)).into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tallystick-").suffix(".tmp");
    let temporary = public(&mut builder).tempfile_in(folder).map_err(FileError::from)?;
    write(nodes, head, temporary.as_file(), interrupt)?;
    temporary.as_file().sync_all().map_err(FileError::from)?;
    let renamed = if overwrite { temporary.persist(path) } else { temporary.persist_noclobber(path) };
    renamed.map_err(|error| FileError::from(error.error))?;
    sync_folder(folder).map_err(FileError::from)?;
    Ok(())
}

fn write(nodes: &Nodes, head: &TreeHead, file: &File, interrupt: Interrupt<'_>) -> Result<(), TreeError> {
    let layout = Layout::of(head).ok_or(FileError::TooLarge)?;
    let width = head.scheme().digest_size() as u64;
    let mut out = Pages::new(BufWriter::with_capacity(CHUNK as usize, file), layout.pages());
    out.file.write_all(&vec![0; layout.data as usize]).map_err(FileError::from)?;
    let mut position = layout.data;
    for section in &layout.sections {
        out.write(&vec![0; (section.offset - position) as usize])?;
        position = section.offset + section.length;
        let (mut first, count) = (0, section.length / width);
        while first < count {
            let some = (count - first).min(CHUNK / width);
            out.write(nodes.digests(u32::from(section.level), first, some)?)?;
            first += some;
            if interrupt() {
                return Err(Interrupted.into());
            }
        }
    }
    let (mut file, sums) = out.end();
    let mut finish = || {
        file.write_all(&sums)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&encode(head, &layout, blake3::hash(&sums).into()))?;
        file.flush()
    };
    finish().map_err(FileError::from)?;
    Ok(())
}

/// Data on its way into the file, cut into pages that are hashed as they pass.
struct Pages<W> {
    file: W,
    page: blake3::Hasher,
    filled: u64,
    sums: Vec<u8>,
}

impl<W: Write> Pages<W> {
    fn new(file: W, pages: u64) -> Self {
        Self { file, page: blake3::Hasher::new(), filled: 0, sums: Vec::with_capacity((pages * 32) as usize) }
    }

    fn write(&mut self, mut data: &[u8]) -> Result<(), FileError> {
        self.file.write_all(data)?;
        while !data.is_empty() {
            let (now, later) = data.split_at(data.len().min((PAGE - self.filled) as usize));
            self.page.update(now);
            self.filled += now.len() as u64;
            if self.filled == PAGE {
                self.close_page();
            }
            data = later;
        }
        Ok(())
    }

    fn close_page(&mut self) {
        self.sums.extend(self.page.finalize().as_bytes());
        self.page.reset();
        self.filled = 0;
    }

    fn end(mut self) -> (W, Vec<u8>) {
        if self.filled > 0 {
            self.close_page();
        }
        (self.file, self.sums)
    }
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

/// A rename is durable once the folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
