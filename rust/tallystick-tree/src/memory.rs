//! Memory that may be too much to ask for, and memory that is used again.
//!
//! Touching a fresh page for the first time costs more than hashing the nodes that it takes. So what a dropped tree leaves
//! behind is kept, up to a limit, for the next one of its size; and fresh memory is asked for in huge pages.

use std::alloc::{Layout, alloc_zeroed};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::error::TreeError;

/// Smaller pieces are left to the allocator.
const LEAST: usize = 1 << 20;
/// The limit unless it is set: a tree of 2^22 leaves.
const MOST: usize = 256 << 20;
/// A call that changes the limit waits so long for others, which hold the lock for a moment.
const PATIENCE: Duration = Duration::from_secs(1);

/// Pieces of dropped trees.
struct Arena {
    /// What they take together: their capacities.
    bytes: usize,
    pieces: Vec<Vec<u8>>,
}

static LIMIT: AtomicUsize = AtomicUsize::new(MOST);
static ARENA: Mutex<Arena> = Mutex::new(Arena { bytes: 0, pieces: Vec::new() });

/// Sets how many bytes of dropped trees are kept for later ones, `None` for the usual number; what is more is given back
/// to the system.
pub fn set_arena(most: Option<usize>) {
    let most = most.unwrap_or(MOST);
    LIMIT.store(most, Ordering::Relaxed);
    // In a forked child the lock may be held by a thread that is no more: then its memory is lost, and the call is not.
    let Some(mut arena) = ARENA.try_lock_for(PATIENCE) else { return };
    let mut gone = Vec::new();
    while arena.bytes > most
        && let Some(piece) = arena.pieces.pop()
    {
        arena.bytes -= piece.capacity();
        gone.push(piece);
    }
    drop(arena);
    if !gone.is_empty() {
        drop(gone);
        give_to_system();
    }
}

/// `length` bytes with anything in them, to be written over.
pub(crate) fn room(length: usize) -> Result<Vec<u8>, TreeError> {
    if length < LEAST {
        return zeroed(length);
    }
    // Nobody waits for the arena: another thread may have held it when this process was forked.
    if let Some(mut arena) = ARENA.try_lock() {
        // Not one that is much larger: it is kept for what it fits.
        let fits = |piece: &Vec<u8>| piece.capacity() >= length && piece.capacity() / 2 <= length;
        let smallest = (0..arena.pieces.len()).filter(|place| fits(&arena.pieces[*place]));
        if let Some(place) = smallest.min_by_key(|place| arena.pieces[*place].capacity()) {
            let mut piece = arena.pieces.swap_remove(place);
            arena.bytes -= piece.capacity();
            drop(arena);
            piece.resize(length, 0);
            return Ok(piece);
        }
    }
    let piece = zeroed(length).or_else(|error| {
        // What is kept may be what is missing.
        let Some(mut arena) = ARENA.try_lock() else { return Err(error) };
        let gone = std::mem::take(&mut arena.pieces);
        arena.bytes = 0;
        drop((arena, gone));
        zeroed(length)
    })?;
    ask_for_huge_pages(&piece);
    Ok(piece)
}

/// Keeps memory for later, if there is place. What of it was never touched stays so.
pub(crate) fn give_back(piece: Vec<u8>) {
    if piece.capacity() < LEAST {
        return;
    }
    let Some(mut arena) = ARENA.try_lock() else { return };
    let bytes = arena.bytes.saturating_add(piece.capacity());
    if bytes > LIMIT.load(Ordering::Relaxed) {
        drop(arena);
        return;
    }
    arena.bytes = bytes;
    arena.pieces.push(piece);
}

/// Asks the system to back large memory with huge pages, of which it may or may not have any.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
#[allow(clippy::ptr_arg)] // all of its memory, used or not
pub(crate) fn ask_for_huge_pages(piece: &Vec<u8>) {
    const HUGE: usize = 2 << 20;
    let begin = piece.as_ptr().align_offset(HUGE);
    let length = piece.capacity().saturating_sub(begin) / HUGE * HUGE;
    if length > 0 {
        // SAFETY: the range lies within the memory of `piece`, and the advice changes no byte of it.
        unsafe { libc::madvise(piece.as_ptr().add(begin).cast_mut().cast(), length, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::ptr_arg)]
pub(crate) fn ask_for_huge_pages(_: &Vec<u8>) {}

/// Has the allocator give back what was freed: it may keep large pieces for itself, once it has seen one freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
fn give_to_system() {
    // SAFETY: the call takes no pointer, and moves nothing that is in use.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_to_system() {}

/// `length` zero bytes, which come untouched from the system if they are many; an error where it does not have them.
#[allow(unsafe_code)]
pub(crate) fn zeroed(length: usize) -> Result<Vec<u8>, TreeError> {
    let Ok(layout) = Layout::array::<u8>(length) else { return Err(TreeError::OutOfMemory(length)) };
    if length == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout is not of size 0.
    let bytes = unsafe { alloc_zeroed(layout) };
    if bytes.is_null() {
        return Err(TreeError::OutOfMemory(length));
    }
    #[allow(clippy::same_length_and_capacity)] // it is what was allocated
    // SAFETY: `bytes` comes from the global allocator with the layout of so many bytes, all of which are set.
    Ok(unsafe { Vec::from_raw_parts(bytes, length, length) })
}

/// An empty vector with room for `length` items.
pub(crate) fn reserved<T>(length: usize) -> Result<Vec<T>, TreeError> {
    let mut room = Vec::new();
    room.try_reserve_exact(length).map_err(|_| TreeError::OutOfMemory(length.saturating_mul(size_of::<T>())))?;
    Ok(room)
}

/// Bytes of `count` records.
pub(crate) fn bytes(count: usize, width: usize) -> Result<usize, TreeError> {
    count.checked_mul(width).ok_or(TreeError::OutOfMemory(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> usize {
        ARENA.lock().bytes
    }

    #[test]
    fn memory_is_kept_up_to_the_limit_and_used_again() -> Result<(), TreeError> {
        set_arena(Some(10 << 20));
        let first = room(4 << 20)?;
        let address = first.as_ptr();
        give_back(first);
        assert_eq!(kept(), 4 << 20);
        // A much smaller piece is not cut from a large one.
        let small = room(1 << 20)?;
        assert_ne!(small.as_ptr(), address);
        let again = room(3 << 20)?;
        assert_eq!((again.as_ptr(), again.len(), kept()), (address, 3 << 20, 0));
        give_back(again);
        assert_eq!(kept(), 4 << 20);
        give_back(room(7 << 20)?);
        assert_eq!(kept(), 4 << 20);
        give_back(vec![0; 100]);
        // What a level has grown by in reserve is kept too, and counted, but not touched.
        set_arena(Some(0));
        set_arena(Some(10 << 20));
        let mut grown = Vec::with_capacity(8 << 20);
        grown.resize(2 << 20, 1);
        give_back(grown);
        assert_eq!(kept(), 8 << 20);
        let again = room(5 << 20)?;
        assert_eq!((again.len(), again.capacity(), kept()), (5 << 20, 8 << 20, 0));
        set_arena(Some(0));
        assert_eq!(kept(), 0);
        give_back(vec![0; 4 << 20]);
        assert_eq!(kept(), 0);
        set_arena(None);
        assert!(matches!(room(usize::MAX / 2), Err(TreeError::OutOfMemory(_))));
        Ok(())
    }
}
