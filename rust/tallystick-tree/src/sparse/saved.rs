//! One version of a tree in a file: `docs/spec/sparse-file.md`. A backup, which is made into a tree again and compared as a
//! whole before it is one.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use tallystick_proof::codec::{DecodeError, Reader, Resolve, Wire, put_lp};
use tallystick_proof::hash::{Hash, builtin};
use tallystick_proof::head::TreeHead;
use tallystick_proof::sparse::Sparse;

use super::store::TileStore;
use super::tree::{At, SparseTree};
use crate::error::TreeError;
use crate::file::temporary::Temporary;
use crate::file::{FileError, Target, header, open_regular};
use crate::memory::reserved;
use crate::pool::{Interrupted, Run};

const MAGIC: [u8; 4] = *b"tlyV";
/// Entries behind one check.
const BLOCK: usize = 4096;
const CHECK: usize = 32;

/// Whether a file begins as that of a sparse tree: the header's length, then what it begins with.
pub(crate) fn begins_saved(file: &[u8]) -> bool {
    file.get(4..8) == Some(&MAGIC)
}

/// A file's header.
struct Header {
    head: TreeHead,
    version: u64,
    time: u64,
}

fn checker() -> Result<Hash, TreeError> {
    builtin("blake3").ok_or(TreeError::Defect("BLAKE3 is built in"))
}

fn refused(why: &'static str) -> TreeError {
    FileError::Damaged(why).into()
}

impl Header {
    /// Length of the rest, then the rest, then its check.
    fn encode(&self) -> Result<Vec<u8>, TreeError> {
        let mut body = MAGIC.to_vec();
        body.push(1);
        put_lp(&mut body, &Sparse(self.head.clone()).encode());
        body.extend(self.version.to_le_bytes());
        body.extend(self.time.to_le_bytes());
        let check = checker()?.digest(&body)?;
        let mut out = Vec::new();
        put_lp(&mut out, &[body, check].concat());
        Ok(out)
    }

    fn read(file: &mut impl Read, length: u64, resolve: Resolve<'_>) -> Result<Self, TreeError> {
        let mut prefix = [0; 4];
        fill(file, &mut prefix)?;
        let stated = u32::from_le_bytes(prefix);
        if prefix == header::MAGIC {
            return Err(FileError::OtherKind("a tree file, which is opened, not loaded").into());
        }
        if prefix == header::STORE {
            return Err(FileError::OtherKind(header::A_STORE).into());
        }
        if u64::from(stated) > length || (stated as usize) < CHECK {
            return Err(FileError::OtherKind("no file of a sparse tree, or its beginning is damaged").into());
        }
        let mut bytes = reserved(stated as usize)?;
        bytes.resize(stated as usize, 0);
        fill(file, &mut bytes)?;
        let (body, check) = bytes.split_at(bytes.len() - CHECK);
        if !body.starts_with(&MAGIC) || checker()?.digest(body)? != check {
            return Err(refused("its header does not match its check"));
        }
        let read = || {
            let mut input = Reader::new(body);
            input.begin("file of a sparse tree", MAGIC)?;
            let head = Sparse::<TreeHead>::decode(input.lp("head")?, resolve)?.0;
            let (version, time) = (input.u64("version")?, input.u64("time")?);
            input.end()?;
            Ok::<_, DecodeError>(Self { head, version, time })
        };
        read().map_err(|error| FileError::Header(error).into())
    }
}

fn fill(file: &mut impl Read, bytes: &mut [u8]) -> Result<(), TreeError> {
    file.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => refused("it ends too early"),
        _ => FileError::from(error).into(),
    })
}

/// The check of a block, which binds its place.
fn check(block: u64, entries: &[u8]) -> Result<Vec<u8>, TreeError> {
    Ok(checker()?.digest(&[&block.to_le_bytes(), entries].concat())?)
}

impl SparseTree {
    /// Writes a version to a file, beside its place first: the file is whole or not there.
    pub fn save(&self, target: Target, at: At<'_>, run: Run<'_>) -> Result<(), TreeError> {
        let info = self.info(at)?;
        let (temporary, file) = Temporary::new(target).map_err(FileError::from)?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let header = Header { head: info.head, version: info.number, time: info.time };
        out.write_all(&header.encode()?).map_err(FileError::from)?;
        let (mut after, mut block) = (None::<Vec<u8>>, 0_u64);
        loop {
            let entries = self.entries(&[], after.as_deref(), BLOCK, At::Version(info.number), run)?;
            let Some((last, _)) = entries.last() else { break };
            after = Some(last.clone());
            let bytes: Vec<u8> =
                entries.iter().flat_map(|(key, digest)| [&key[..], digest]).flatten().copied().collect();
            out.write_all(&bytes).map_err(FileError::from)?;
            out.write_all(&check(block, &bytes)?).map_err(FileError::from)?;
            block += 1;
            if (run.interrupt)() {
                return Err(Interrupted.into());
            }
        }
        let file = out.into_inner().map_err(|error| FileError::from(error.into_error()))?;
        file.sync_all().map_err(FileError::from)?;
        Ok(temporary.persist().map_err(FileError::from)?)
    }

    /// The tree in a file, made again of its entries and compared with its head; into a store that has none, if one is given.
    pub fn load(
        path: &Path,
        keep: Option<usize>,
        store: Option<Arc<dyn TileStore>>,
        resolve: Resolve<'_>,
        run: Run<'_>,
    ) -> Result<Self, TreeError> {
        let file = open_regular(path)?;
        let length = file.metadata().map_err(FileError::from)?.len();
        let mut file = BufReader::with_capacity(1 << 20, file);
        let header = Header::read(&mut file, length, resolve)?;
        let scheme = header.head.scheme().clone();
        let (key, width) = (scheme.key_size(), scheme.key_size() + scheme.digest_size());
        let room = length / width as u64;
        let count = usize::try_from(header.head.size()).ok().filter(|size| *size as u64 <= room);
        let count = count.ok_or_else(|| refused("it is too short for its entries"))?;
        let mut leaves: Vec<u8> = reserved(count * width)?;
        for block in 0..count.div_ceil(BLOCK) {
            let begin = leaves.len();
            leaves.resize(begin + (count - block * BLOCK).min(BLOCK) * width, 0);
            fill(&mut file, &mut leaves[begin..])?;
            let mut stated = [0; CHECK];
            fill(&mut file, &mut stated)?;
            if check(block as u64, &leaves[begin..])? != stated {
                return Err(refused("a block of entries does not match its check"));
            }
            if (run.interrupt)() {
                return Err(Interrupted.into());
            }
        }
        if file.read(&mut [0]).map_err(FileError::from)? != 0 {
            return Err(refused("it goes on behind its end"));
        }
        let keys = leaves.chunks_exact(width).map(|leaf| &leaf[..key]);
        if keys.clone().zip(keys.skip(1)).any(|(one, next)| one >= next) {
            return Err(refused("its keys do not ascend"));
        }
        // In memory first: a store is not touched before all is known to be right.
        let tree = Self::new(scheme.clone(), keep, header.time)?;
        tree.put_leaves(leaves.clone(), header.time, run)?;
        if tree.info(At::Newest)?.head != header.head {
            return Err(refused("its entries do not have the root that it states"));
        }
        let Some(store) = store else {
            tree.begin_at(header.version);
            return Ok(tree);
        };
        drop(tree);
        let tree = Self::create(scheme, keep, header.time, store)?;
        tree.put_leaves(leaves, header.time, run)?;
        Ok(tree)
    }
}
