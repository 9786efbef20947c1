//! Verifying every node of the file, level by level from the root, in memory of one level and a half.
//!
//! The file is read twice, in pieces, by whoever works: once to count its lines, so that each piece knows which nodes it
//! has, and once to read them. It is not mapped: it is somebody else's file, and may change.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::hashes::{Hashes, Keyed};
use super::text::{LONGEST, parse, parse_height};
use super::{BitmexError, HASH, Node, RECORD, Wrong, records};
use crate::file::{FileError, open_regular};
use crate::memory::reserved;
use crate::pool::Run;

/// Bytes of a piece. Its nodes take a fraction of a millisecond.
const PIECE: u64 = 1 << 16;

/// Whose leaves are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The account's number.
    pub account: u64,
    /// Its nonce.
    pub nonce: &'a [u8; HASH],
}

/// What a verified file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The block height that it states.
    pub height: u64,
    /// Number of leaves.
    pub leaves: u64,
    /// The leaves of the claimed account: index and amount, ascending by index.
    pub own: Vec<(u64, u64)>,
}

/// Verifies that the file is a whole tree below `root`, every node of it, and finds the leaves of an account.
///
/// A file that is refused is refused for its first fault: the first level from the root, the first line of it.
pub fn verify(path: &Path, root: Node, claim: Option<Claim<'_>>, run: Run<'_>) -> Result<Found, BitmexError> {
    let file = open(path)?;
    let hashes = Hashes::new()?;
    let lines = Lines::count(&file, run)?;
    let mut first = vec![0; 256];
    let read = file.read_most(&mut first, 0)?;
    let mut start = split(first.get(..read).unwrap_or_default());
    let malformed = |line, why| BitmexError::Malformed { line, why };
    let height = parse_height(start.next().unwrap_or_default()).map_err(|why| malformed(1, why))?;
    if !(lines.nodes + 1).is_power_of_two() || lines.nodes < 3 {
        return Err(BitmexError::Count(lines.nodes));
    }
    let found = parse(start.next().unwrap_or_default()).map_err(|why| malformed(2, why))?;
    if found != root {
        return Err(BitmexError::Root { found, expected: root });
    }
    let last = lines.nodes.ilog2();
    let key = claim.map(|claim| hashes.keyed(&hashes.key(claim.nonce, height, claim.account)?)).transpose()?;
    let mut above = root.record().to_vec();
    let own = Mutex::new(Vec::new());
    for level in 1..=last {
        let keep = level < last;
        let mut here = if keep { records(1 << level)? } else { Vec::new() };
        let leaves = key.as_ref().filter(|_| !keep);
        let pass = Pass { file: &file, hashes: &hashes, level, above: &above, own: leaves, found: &own };
        pass.run(&lines, &mut here, run)?;
        above = here;
    }
    let mut own = own.into_inner().unwrap_or_else(PoisonError::into_inner);
    own.sort_unstable();
    Ok(Found { height, leaves: 1 << last, own })
}

fn open(path: &Path) -> Result<Source, BitmexError> {
    match open_regular(path) {
        Ok(file) => Ok(Source(file)),
        Err(FileError::Io(error)) => Err(error.into()),
        Err(error) => Err(BitmexError::Tree(error.into())),
    }
}

/// The file, read at any place by any thread.
struct Source(File);

impl Source {
    /// Fills the front of `buffer` with what is there from `place` on; how much that is.
    fn read_most(&self, buffer: &mut [u8], place: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match read_at(&self.0, rest, place + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], place: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, place)
}

/// Which lines begin in which piece. Line 0 is the first of the file; node j of the tree, counted from 1 at the root, is
/// line j.
struct Lines {
    /// The first line that begins in each piece, and at the end the number of lines.
    first: Vec<u64>,
    /// Number of nodes.
    nodes: u64,
}

impl Lines {
    fn count(file: &Source, run: Run<'_>) -> Result<Self, BitmexError> {
        let length = file.0.metadata()?.len();
        let pieces = usize::try_from(length.div_ceil(PIECE)).unwrap_or(usize::MAX);
        let mut first = reserved(pieces.saturating_add(1))?;
        first.resize(pieces + 1, 0_u64);
        let tasks = first.iter_mut().skip(1).zip(0..);
        run.each(tasks, |(count, piece): (&mut u64, u64)| {
            // A line begins behind a line's end, so these bytes lie one before the piece.
            let (begin, end) = ((piece * PIECE).saturating_sub(1), ((piece + 1) * PIECE - 1).min(length));
            let mut bytes = vec![0; (end - begin) as usize];
            let read = file.read_most(&mut bytes, begin)?;
            let ends = bytes.get(..read).unwrap_or_default();
            // Sums of 8 bits are what compilers make vectors of.
            *count = ends
                .chunks(255)
                .map(|bytes| u64::from(bytes.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>()))
                .sum::<u64>();
            if piece == 0 {
                *count += 1;
            }
            Ok::<_, BitmexError>(())
        })?;
        let mut lines = 0;
        for count in &mut first {
            lines += *count;
            *count = lines;
        }
        let mut last = [0];
        let read = file.read_most(&mut last, length.saturating_sub(1))?;
        if read == 1 && last == *b"\n" && !length.is_multiple_of(PIECE) {
            // The end of the last line is not the beginning of another.
            lines -= 1;
        }
        Ok(Self { first, nodes: lines.saturating_sub(1) })
    }
}

/// Lines without their ends, those of a file's end as well.
fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

/// One level, read and held against the level above.
struct Pass<'a> {
    file: &'a Source,
    hashes: &'a Hashes,
    level: u32,
    above: &'a [u8],
    /// Whose leaves these may be, on the level of leaves.
    own: Option<&'a Keyed>,
    found: &'a Mutex<Vec<(u64, u64)>>,
}

/// The pairs of a level whose left node begins in one piece.
struct Piece<'a> {
    /// The piece.
    number: u64,
    /// The first line that begins in it.
    first: u64,
    /// The line at which the first pair begins.
    line: u64,
    /// Nodes above the pairs.
    above: &'a [u8],
    /// Where their records go, if anywhere.
    here: Option<&'a mut [u8]>,
}

impl Pass<'_> {
    fn run(&self, lines: &Lines, here: &mut [u8], run: Run<'_>) -> Result<(), BitmexError> {
        // The fault of the lowest line, whoever comes upon it first.
        let fault = Mutex::new(None::<(u64, BitmexError)>);
        run.each(self.pieces(lines, here), |piece| {
            let number = piece.line;
            if let Err((place, error)) = self.piece(piece) {
                let line = number + place;
                let mut fault = fault.lock().unwrap_or_else(PoisonError::into_inner);
                if fault.as_ref().is_none_or(|(first, _)| line < *first) {
                    *fault = Some((line, error));
                }
            }
            Ok::<_, BitmexError>(())
        })?;
        match fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }

    /// The level's pairs, piece by piece.
    fn pieces<'a>(&'a self, lines: &'a Lines, mut here: &'a mut [u8]) -> impl Iterator<Item = Piece<'a>> + Send {
        let (begin, end) = (1_u64 << self.level, 2_u64 << self.level);
        // Pieces before this one end before the level begins.
        let skip = lines.first.partition_point(|line| *line <= begin).saturating_sub(1);
        let pieces = lines.first.iter().copied().zip(lines.first.iter().copied().skip(1)).enumerate().skip(skip);
        let mut above = self.above;
        pieces.take_while(move |(_, (first, _))| *first < end).filter_map(move |(number, (first, next))| {
            // Left nodes have even numbers.
            let (line, until) = (first.max(begin).next_multiple_of(2), next.min(end).next_multiple_of(2));
            let pairs = (until.saturating_sub(line) / 2) as usize;
            if pairs == 0 {
                return None;
            }
            let nodes;
            (nodes, above) = above.split_at_checked(pairs * RECORD)?;
            let room = if here.is_empty() {
                None
            } else {
                let (now, later) = std::mem::take(&mut here).split_at_mut_checked(2 * pairs * RECORD)?;
                here = later;
                Some(now)
            };
            Some(Piece { number: number as u64, first, line, above: nodes, here: room })
        })
    }

    /// Reads a piece's pairs; a fault comes with the number of nodes before it.
    fn piece(&self, piece: Piece<'_>) -> Result<(), (u64, BitmexError)> {
        let Piece { line, above, .. } = piece;
        let mut rows = Vec::with_capacity(2 * above.len());
        let read = self.read(&piece, &mut rows);
        // Of a fault in the text, the pairs before it are still looked at: the first fault counts.
        rows.truncate(rows.len() / (2 * RECORD) * (2 * RECORD));
        let mut digests = vec![0; rows.len() / (2 * RECORD) * HASH];
        self.hashes.nodes(&rows, &mut digests).map_err(|error| (0, error.into()))?;
        let pairs = rows.as_chunks::<{ 2 * RECORD }>().0.iter().zip(digests.as_chunks::<HASH>().0);
        let nodes = above.as_chunks::<RECORD>().0;
        for (place, (node, (pair, digest))) in (0_u64..).zip(nodes.iter().zip(pairs)) {
            let (left, right) = pair.split_at(RECORD);
            let Some(((left, right), node)) = Node::of(left).zip(Node::of(right)).zip(Node::of(node)) else { continue };
            let why = match left.amount.checked_add(right.amount) {
                None => Wrong::Overflow,
                Some(sum) if sum != node.amount => Wrong::Sum,
                Some(_) if node.hash != *digest => Wrong::Hash,
                Some(_) => continue,
            };
            let (level, index) = (self.level - 1, (line - (1 << self.level)) / 2 + place);
            return Err((2 * place, BitmexError::Node { level, index, why }));
        }
        read?;
        if let Some(keyed) = self.own {
            let first = line - (1 << self.level);
            let own = keyed.own(&rows, first).map_err(|error| (0, error.into()))?;
            if !own.is_empty() {
                let amount =
                    |place: &usize| Node::of(rows.as_chunks::<RECORD>().0.get(*place)?).map(|node| node.amount);
                let own = own.iter().filter_map(|place| Some((first + *place as u64, amount(place)?)));
                self.found.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
            }
        }
        if let Some(here) = piece.here {
            here.copy_from_slice(&rows);
        }
        Ok(())
    }

    /// The records of a piece's pairs, as far as they can be read.
    fn read(&self, piece: &Piece<'_>, rows: &mut Vec<u8>) -> Result<(), (u64, BitmexError)> {
        let begin = (piece.number * PIECE).saturating_sub(1);
        // The pair that begins last may end in the next piece.
        let mut bytes = vec![0; PIECE as usize + 1 + 2 * LONGEST];
        let read = self.file.read_most(&mut bytes, begin).map_err(|error| (0, error.into()))?;
        bytes.truncate(read);
        let mut lines = split(&bytes);
        // Before the first that begins here stands the end of another.
        let before = u64::from(piece.number > 0) + piece.line - piece.first;
        for _ in 0..before {
            lines.next();
        }
        for place in 0..(piece.above.len() / RECORD * 2) as u64 {
            let malformed = |why| (place, BitmexError::Malformed { line: piece.line + place + 1, why });
            let text = lines.next().ok_or_else(|| malformed("is gone: the file changed while it was read"))?;
            rows.extend_from_slice(&parse(text).map_err(malformed)?.record());
        }
        Ok(())
    }
}
