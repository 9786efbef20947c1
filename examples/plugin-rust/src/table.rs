//! The function as tallystick's table of C functions. Nothing here knows Python, and no panic leaves it.
#![allow(clippy::cast_possible_truncation, reason = "sizes of what lies in memory")]

use core::ffi::{c_int, c_void};
use core::{ptr, slice};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::abi::{
    TALLYSTICK_HASH_CRYPTOGRAPHIC, TALLYSTICK_HASH_MAJOR, TALLYSTICK_HASH_MINOR, TALLYSTICK_HASH_OK,
    TALLYSTICK_HASH_REFUSED, TallystickHash,
};
use crate::sponge::{ELEMENT, RATE, digest};

/// Status: what cannot happen did.
const FAILED: c_int = 2;

// The digest of 1, 2, 3, 4: `hash_smoke_test` of Noir's bn254_blackbox_solver.
const KNOWN_MESSAGE: [[u8; ELEMENT]; 4] = [number(1), number(2), number(3), number(4)];
#[rustfmt::skip]
const KNOWN_DIGEST: [u8; ELEMENT] = [
    0x13, 0x0b, 0xf2, 0x04, 0xa3, 0x2c, 0xac, 0x1f, 0x0a, 0xce, 0x56, 0xc7, 0x8b, 0x73, 0x1a, 0xa3,
    0x80, 0x9f, 0x06, 0xdf, 0x27, 0x31, 0xeb, 0xcf, 0x6b, 0x34, 0x64, 0xa1, 0x57, 0x88, 0xb1, 0xb9,
];

const fn number(value: u8) -> [u8; ELEMENT] {
    let mut bytes = [0; ELEMENT];
    bytes[ELEMENT - 1] = value;
    bytes
}

/// The table, which lasts as long as the process.
pub(crate) fn get() -> &'static TallystickHash {
    &TABLE.0
}

struct Shared(TallystickHash);

// SAFETY: its pointers lead to constants, and nobody writes to it.
unsafe impl Sync for Shared {}

static TABLE: Shared = Shared(TallystickHash {
    major: TALLYSTICK_HASH_MAJOR,
    minor: TALLYSTICK_HASH_MINOR,
    size: size_of::<TallystickHash>() as u64,
    name: c"poseidon2_bn254".as_ptr(),
    digest_size: ELEMENT as u32,
    block_size: (RATE * ELEMENT) as u32,
    flags: TALLYSTICK_HASH_CRYPTOGRAPHIC,
    reserved: 0,
    known_message: KNOWN_MESSAGE.as_flattened().as_ptr(),
    known_message_length: size_of_val(&KNOWN_MESSAGE) as u64,
    known_digest: KNOWN_DIGEST.as_ptr(),
    ctx: ptr::null_mut(),
    hash_rows: Some(hash_rows),
    hash_ragged: Some(hash_ragged),
    release: None,
});

/// `n` messages of one length.
unsafe extern "C" fn hash_rows(
    _ctx: *mut c_void,
    prefix: *const u8,
    prefix_length: usize,
    rows: *const u8,
    width: usize,
    n: usize,
    out: *mut u8,
) -> c_int {
    // SAFETY: the caller lends `n` rows of `width` bytes.
    let row = |i: usize| unsafe { borrowed(rows.add(i * width), width) };
    // SAFETY: it lends the prefix, and room for `n` digests.
    unsafe { hash_all(borrowed(prefix, prefix_length), (0..n).map(row), out) }
}

/// `n` messages of any lengths.
unsafe extern "C" fn hash_ragged(
    _ctx: *mut c_void,
    prefix: *const u8,
    prefix_length: usize,
    data: *const u8,
    offsets: *const u64,
    n: usize,
    out: *mut u8,
) -> c_int {
    // SAFETY: the caller lends `n + 1` offsets, which do not descend, and as many bytes as the last one says.
    let message = |i: usize| unsafe {
        let (start, end) = (*offsets.add(i) as usize, *offsets.add(i + 1) as usize);
        borrowed(data.wrapping_add(start), end - start)
    };
    // SAFETY: it lends the prefix, and room for `n` digests.
    unsafe { hash_all(borrowed(prefix, prefix_length), (0..n).map(message), out) }
}

/// Writes the digests of all messages to `out`, or stops at the first that is none.
///
/// # Safety
///
/// `out` has room for as many digests as there are messages.
unsafe fn hash_all<'a>(prefix: &[u8], messages: impl Iterator<Item = &'a [u8]>, out: *mut u8) -> c_int {
    let hash = || {
        for (i, message) in messages.enumerate() {
            let Some(digest) = digest(prefix, message) else {
                return TALLYSTICK_HASH_REFUSED;
            };
            // SAFETY: `out` has room for digest `i`, and is not ours.
            unsafe { ptr::copy_nonoverlapping(digest.as_ptr(), out.add(i * ELEMENT), ELEMENT) };
        }
        TALLYSTICK_HASH_OK
    };
    catch_unwind(AssertUnwindSafe(hash)).unwrap_or(FAILED)
}

/// The bytes at `data`, which is anything if there are none.
///
/// # Safety
///
/// Otherwise `length` bytes are there, and stay as they are for `'a`.
unsafe fn borrowed<'a>(data: *const u8, length: usize) -> &'a [u8] {
    // SAFETY: the caller's promise.
    if length == 0 { &[] } else { unsafe { slice::from_raw_parts(data, length) } }
}
