//! Native plug-ins: an honest one is the function it wraps, on all threads; a table that lies is refused and let go of once.
#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tallystick_abi::{TALLYSTICK_HASH_CRYPTOGRAPHIC, TallystickHash};
use tallystick_proof::hash::{Hash, HashError, Prefix, builtin};
use tallystick_proof::scheme::Scheme;
use tallystick_tree::build::LeafRule;
use tallystick_tree::foreign::{Plugin, PluginError, ProbeError, TableError};
use tallystick_tree::leaves::RaggedRows;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::tree::DenseTree;

/// What a function does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Leaves the last byte of each digest.
    Short,
    /// Writes one byte behind the digests.
    Long,
    /// Another answer each time.
    Dice,
    /// The last message of a batch is hashed without its last byte.
    Tail,
    /// Zeros at the end do not count.
    Trims,
    /// Numbers of 32 bytes are reduced by BN254's modulus.
    Reduces,
    /// A status of its own for messages of 65 bytes.
    Status,
    /// Does not take messages of 65 bytes.
    Refuses,
}

struct Context {
    fault: Fault,
    calls: AtomicU32,
    released: Arc<AtomicU32>,
}

fn sha256(message: &[u8]) -> Vec<u8> {
    builtin("sha256").unwrap().digest(message).unwrap()
}

const BN254: &str = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

/// What a function that reduces numbers hashes instead of one that is not below the modulus.
fn reduced(message: &[u8]) -> Vec<u8> {
    let modulus: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&BN254[2 * at..2 * at + 2], 16).unwrap()).collect();
    if message.len() != 32 || message < &modulus[..] {
        return message.to_vec();
    }
    let (mut rest, mut borrow) = (message.to_vec(), false);
    for (byte, less) in rest.iter_mut().zip(&modulus).rev() {
        let (first, one) = byte.overflowing_sub(*less);
        let (second, two) = first.overflowing_sub(u8::from(borrow));
        (*byte, borrow) = (second, one || two);
    }
    rest
}

impl Context {
    fn digest(&self, message: &[u8], last_of_batch: bool) -> Result<Vec<u8>, c_int> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(match self.fault {
            Fault::Dice => sha256(&[message, &call.to_le_bytes()].concat()),
            Fault::Tail if last_of_batch => sha256(&message[..message.len() - 1]),
            Fault::Trims => {
                let end = message.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                sha256(&message[..end])
            }
            Fault::Reduces => sha256(&reduced(message)),
            Fault::Status if message.len() == 65 => return Err(7),
            Fault::Refuses if message.len() == 65 => return Err(1),
            _ => sha256(message),
        })
    }

    /// # Safety
    ///
    /// `out` takes as many digests as there are messages.
    unsafe fn all(&self, messages: &[Vec<u8>], out: *mut u8) -> c_int {
        let many = messages.len() > 1;
        for (place, message) in messages.iter().enumerate() {
            let digest = match self.digest(message, many && place + 1 == messages.len()) {
                Ok(digest) => digest,
                Err(status) => return status,
            };
            let length = if self.fault == Fault::Short { 31 } else { 32 };
            // SAFETY: the caller's.
            unsafe { ptr::copy_nonoverlapping(digest.as_ptr(), out.add(place * 32), length) };
        }
        if self.fault == Fault::Long {
            // SAFETY: none; the memory behind is the probe's too.
            unsafe { *out.add(messages.len() * 32) = !*out.add(messages.len() * 32) };
        }
        0
    }
}

/// # Safety
///
/// There are as many bytes there.
unsafe fn bytes<'a>(at: *const u8, length: usize) -> &'a [u8] {
    // SAFETY: the caller's.
    if length == 0 { &[] } else { unsafe { slice::from_raw_parts(at, length) } }
}

unsafe extern "C" fn hash_rows(
    ctx: *mut c_void,
    prefix: *const u8,
    prefix_length: usize,
    rows: *const u8,
    width: usize,
    n: usize,
    out: *mut u8,
) -> c_int {
    // SAFETY: as the contract has it.
    let (context, prefix, rows) =
        unsafe { (&*ctx.cast::<Context>(), bytes(prefix, prefix_length), bytes(rows, width * n)) };
    let messages: Vec<Vec<u8>> = rows.chunks(width).map(|row| [prefix, row].concat()).collect();
    // SAFETY: as the contract has it.
    unsafe { context.all(&messages, out) }
}

unsafe extern "C" fn hash_ragged(
    ctx: *mut c_void,
    prefix: *const u8,
    prefix_length: usize,
    data: *const u8,
    offsets: *const u64,
    n: usize,
    out: *mut u8,
) -> c_int {
    // SAFETY: as the contract has it.
    let offsets = unsafe { slice::from_raw_parts(offsets, n + 1) };
    // SAFETY: as the contract has it.
    let (context, prefix, data) =
        unsafe { (&*ctx.cast::<Context>(), bytes(prefix, prefix_length), bytes(data, offsets[n] as usize)) };
    let row = |pair: &[u64]| [prefix, &data[pair[0] as usize..pair[1] as usize]].concat();
    let messages: Vec<Vec<u8>> = offsets.windows(2).map(row).collect();
    // SAFETY: as the contract has it.
    unsafe { context.all(&messages, out) }
}

unsafe extern "C" fn release(ctx: *mut c_void) {
    // SAFETY: it was made by `Box::into_raw`, and this is the one call.
    let context = unsafe { Box::from_raw(ctx.cast::<Context>()) };
    context.released.fetch_add(1, Ordering::Relaxed);
}

const KNOWN: [u8; 32] = [
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61,
    0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
];

fn table(fault: Fault, released: &Arc<AtomicU32>) -> TallystickHash {
    let context = Context { fault, calls: AtomicU32::new(0), released: released.clone() };
    TallystickHash {
        major: 1,
        minor: 0,
        size: size_of::<TallystickHash>() as u64,
        name: c"wrapped".as_ptr(),
        digest_size: 32,
        block_size: 64,
        flags: TALLYSTICK_HASH_CRYPTOGRAPHIC,
        reserved: 0,
        known_message: b"abc".as_ptr(),
        known_message_length: 3,
        known_digest: KNOWN.as_ptr(),
        ctx: Box::into_raw(Box::new(context)).cast(),
        hash_rows: Some(hash_rows),
        hash_ragged: Some(hash_ragged),
        release: Some(release),
    }
}

fn take(table: &mut TallystickHash) -> Result<Plugin, PluginError> {
    // SAFETY: the table is one, or wrong in what is looked at first.
    unsafe { Plugin::new(NonNull::from(table), Box::new(())) }
}

fn refused(fault: Fault) -> ProbeError {
    let released = Arc::default();
    let error = take(&mut table(fault, &released)).expect_err("a fault is found");
    assert_eq!(released.load(Ordering::Relaxed), 1, "{fault:?}");
    match error {
        PluginError::Probe { error, .. } => error,
        error => panic!("{fault:?}: {error}"),
    }
}

#[test]
fn an_honest_plugin_gives_the_roots_of_what_it_wraps() {
    let released = Arc::default();
    let hash = Hash::foreign(Arc::new(take(&mut table(Fault::None, &released)).unwrap()));
    let rows: Vec<Vec<u8>> = (0..9000_u32).map(|row| row.to_le_bytes().repeat(row as usize % 40)).collect();
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    let root = |hash: Hash, family: &str, threads| {
        let scheme = Scheme::of_family(family, hash).unwrap();
        let pool = Pool::new(threads).unwrap();
        let run = Run { pool: &pool, interrupt: &never };
        let tree = DenseTree::new(scheme, &RaggedRows(&rows), LeafRule::Hashed, run).unwrap();
        tree.head().unwrap().root().to_vec()
    };
    for family in ["native", "rfc6962", "tendermint"] {
        let expected = root(builtin("sha256").unwrap(), family, 1);
        for threads in [1, 4] {
            assert_eq!(root(hash.clone(), family, threads), expected, "{family}");
        }
    }
    assert!(matches!(hash.seed(&Prefix::Key([0; 32])), Err(HashError::NotKeyed(_))));
    assert_eq!(released.load(Ordering::Relaxed), 0);
    drop(hash);
    assert_eq!(released.load(Ordering::Relaxed), 1);
}

#[test]
fn what_lies_is_refused_and_let_go_of() {
    assert!(matches!(refused(Fault::Short), ProbeError::Unwritten));
    assert!(matches!(refused(Fault::Long), ProbeError::Beside));
    assert!(matches!(refused(Fault::Dice), ProbeError::Undetermined));
    assert!(matches!(refused(Fault::Tail), ProbeError::Batch { .. }));
    assert!(matches!(refused(Fault::Trims), ProbeError::Length { .. }));
    assert!(matches!(refused(Fault::Reduces), ProbeError::Modulus { field: "BN254's scalars" }));
    assert!(matches!(refused(Fault::Status), ProbeError::Hash(HashError::Failed(_))));
}

#[test]
fn a_message_that_is_refused_is_no_failure() {
    let released = Arc::default();
    let hash = Hash::foreign(Arc::new(take(&mut table(Fault::Refuses, &released)).unwrap()));
    assert!(matches!(hash.digest(&[0; 65]), Err(HashError::Refused(_))));
    assert_eq!(hash.digest(b"abc").unwrap(), KNOWN);
}

#[test]
fn tables_that_are_none() {
    let wrong = |change: &dyn Fn(&mut TallystickHash), times: u32| {
        let released = Arc::default();
        let mut table = table(Fault::None, &released);
        let context = table.ctx;
        change(&mut table);
        let error = take(&mut table).expect_err("it is none");
        assert_eq!(released.load(Ordering::Relaxed), times, "{error}");
        if times == 0 {
            // SAFETY: nobody has let go of it.
            unsafe { release(context) };
        }
        match error {
            PluginError::Table(error) => error,
            error => panic!("{error}"),
        }
    };
    let size = size_of::<TallystickHash>() as u64;
    assert_eq!(wrong(&|table| table.major = 2, 0), TableError::Major(2));
    assert_eq!(wrong(&|table| table.major = 0, 0), TableError::Major(0));
    assert_eq!(wrong(&|table| table.size = size - 1, 0), TableError::Size { found: size - 1, least: size });
    assert_eq!(wrong(&|table| table.hash_rows = None, 1), TableError::Null("hash_rows"));
    assert_eq!(wrong(&|table| table.hash_ragged = None, 1), TableError::Null("hash_ragged"));
    assert_eq!(wrong(&|table| table.name = ptr::null(), 1), TableError::Null("name"));
    assert_eq!(wrong(&|table| table.known_digest = ptr::null(), 1), TableError::Null("known_digest"));
    assert_eq!(wrong(&|table| table.known_message = ptr::null(), 1), TableError::Null("known_message"));
    assert_eq!(wrong(&|table| table.known_message_length = 1 << 21, 1), TableError::KnownMessage(1 << 21));
    assert_eq!(wrong(&|table| table.flags = 3, 1), TableError::Unknown("flags", 2));
    assert_eq!(wrong(&|table| table.reserved = 1, 1), TableError::Unknown("reserved", 1));
}

#[test]
fn names_and_sizes_that_no_hash_has() {
    for change in [
        (|table| table.name = c"SM3".as_ptr()) as fn(&mut TallystickHash),
        |table| table.name = c"".as_ptr(),
        |table| table.name = c"3sm".as_ptr(),
        |table| table.name = c"a/b".as_ptr(),
        |table| table.digest_size = 31,
        |table| table.digest_size = 65,
        |table| table.block_size = 0,
        |table| table.block_size = 5000,
    ] {
        let released = Arc::default();
        let mut table = table(Fault::None, &released);
        change(&mut table);
        assert!(matches!(take(&mut table), Err(PluginError::Info(_))));
        assert_eq!(released.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn a_table_of_a_later_minor_version_is_taken() {
    #[repr(C)]
    struct Later {
        table: TallystickHash,
        more: u64,
    }
    let released = Arc::default();
    let mut later = Later { table: table(Fault::None, &released), more: u64::MAX };
    (later.table.minor, later.table.size) = (1, size_of::<Later>() as u64);
    assert!(take(&mut later.table).is_ok());
    assert_eq!(later.more, u64::MAX);
}
