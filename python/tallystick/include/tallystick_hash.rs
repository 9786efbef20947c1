// A hash function for tallystick, as a table of C functions.
//
// An object whose `__tallystick_hash__()` returns a capsule named `tallystick_hash` with this table is a hash function for
// tallystick. `docs/spec/plugins.md` is the contract. The C header is generated from this file; Rust includes the file
// itself. It depends on nothing.

use core::ffi::{c_char, c_int, c_void};

/// The version of the table. With another one, nothing but the first two fields is looked at.
pub const TALLYSTICK_HASH_MAJOR: u32 = 1;
/// The version within it, which grows when fields are added at the end.
pub const TALLYSTICK_HASH_MINOR: u32 = 0;

/// Flag: finding collisions is infeasible. Without it no scheme takes the hash.
pub const TALLYSTICK_HASH_CRYPTOGRAPHIC: u32 = 1;

/// Status: the digests were written.
pub const TALLYSTICK_HASH_OK: c_int = 0;
/// Status: a message is not one that the function takes, as a number that is not below the field's modulus. Proofs that lead
/// to such a message are refused. Every other status is a failure.
pub const TALLYSTICK_HASH_REFUSED: c_int = 1;

/// The table. It and all it points to stay as they are until `release` was called.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TallystickHash {
    /// `TALLYSTICK_HASH_MAJOR`.
    pub major: u32,
    /// `TALLYSTICK_HASH_MINOR`.
    pub minor: u32,
    /// Bytes of the table: `sizeof(TallystickHash)`.
    pub size: u64,
    /// Lower-case name, as `"sm3"`: at most 64 characters of `a-z 0-9 _`, the first a letter; ends with a zero byte.
    pub name: *const c_char,
    /// Bytes of a digest.
    pub digest_size: u32,
    /// Bytes of a block of input; of a sponge, its rate. It is part of the roots of tallystick's own schemes.
    pub block_size: u32,
    /// `TALLYSTICK_HASH_CRYPTOGRAPHIC` or 0.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
    /// A message and its digest, from a publication: the known answer.
    pub known_message: *const u8,
    /// Bytes of the message.
    pub known_message_length: u64,
    /// The digest, of `digest_size` bytes.
    pub known_digest: *const u8,
    /// What the functions are called with. Several threads call them at once.
    pub ctx: *mut c_void,
    /// Hashes `n` messages of one length: each is the prefix and one row of `rows`. Digest `i` goes to
    /// `out + i * digest_size`. Gives a status.
    pub hash_rows: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            prefix: *const u8,
            prefix_length: usize,
            rows: *const u8,
            width: usize,
            n: usize,
            out: *mut u8,
        ) -> c_int,
    >,
    /// Hashes `n` messages of any lengths: message `i` is the prefix and the bytes of `data` from `offsets[i]` to
    /// `offsets[i + 1]`. Digest `i` goes to `out + i * digest_size`. Gives a status.
    pub hash_ragged: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            prefix: *const u8,
            prefix_length: usize,
            data: *const u8,
            offsets: *const u64,
            n: usize,
            out: *mut u8,
        ) -> c_int,
    >,
    /// Called once, when nobody will call the others again; null if there is nothing to do.
    pub release: Option<unsafe extern "C" fn(ctx: *mut c_void)>,
}
