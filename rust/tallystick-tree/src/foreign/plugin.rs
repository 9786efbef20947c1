//! A native plug-in: the C table of `tallystick-abi`, called from any thread.
#![allow(unsafe_code)]

use std::any::Any;
use std::ffi::{CStr, c_int, c_void};
use std::fmt;
use std::ptr::{NonNull, addr_of};
use std::slice;
use std::sync::Arc;

use tallystick_abi::{
    TALLYSTICK_HASH_CRYPTOGRAPHIC, TALLYSTICK_HASH_MAJOR, TALLYSTICK_HASH_OK, TALLYSTICK_HASH_REFUSED, TallystickHash,
};
use tallystick_proof::hash::{BatchHash, HashError, HashInfo, Prefix, Seeded, Tagging, check_ragged, check_rows};

use super::probe::{Claim, ProbeError, probe, probe_batches};
use super::{InfoError, check_info, owned};

/// Bytes that are gathered before rows of any lengths are handed over.
const GATHERED: usize = 64 << 10;
/// Longest known message.
const MOST_KNOWN: u64 = 1 << 20;

/// A table that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Another version.
    #[error("the table is of version {0}; this is version {TALLYSTICK_HASH_MAJOR}")]
    Major(u32),
    /// A table that is too short to have all fields.
    #[error("the table states a size of {found} bytes; version 1 has {least}")]
    Size {
        /// Bytes it says it has.
        found: u64,
        /// Bytes of the first version.
        least: u64,
    },
    /// A null pointer where something has to be.
    #[error("{0} of the table is null")]
    Null(&'static str),
    /// Flags, or a field for later, that this version does not know.
    #[error("{0} of the table is {1:#x}, which version 1 does not know")]
    Unknown(&'static str, u32),
    /// A known message that is too long.
    #[error("the known message has {0} bytes; it has at most {MOST_KNOWN}")]
    KnownMessage(u64),
}

/// What is wrong with a plug-in, or went wrong in it.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The table is none.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Names or sizes that no hash has.
    #[error(transparent)]
    Info(#[from] InfoError),
    /// It does not do what it says.
    #[error("the plug-in {name} is refused: {error}")]
    Probe {
        /// The hash's name.
        name: String,
        /// What it did.
        #[source]
        error: ProbeError,
    },
    /// A status that is neither 0 nor 1.
    #[error("{name} failed with status {status}")]
    Status {
        /// The hash's name.
        name: String,
        /// What the function returned.
        status: i32,
    },
}

type Rows = unsafe extern "C" fn(*mut c_void, *const u8, usize, *const u8, usize, usize, *mut u8) -> c_int;
type Ragged = unsafe extern "C" fn(*mut c_void, *const u8, usize, *const u8, *const u64, usize, *mut u8) -> c_int;

/// A hash function behind a C table.
pub struct Plugin(Arc<Table>);

/// The table, and what keeps it alive.
struct Table {
    info: HashInfo,
    rows: Rows,
    ragged: Ragged,
    /// Lets go of the context when it is dropped, before the owner is.
    context: Context,
    _owner: Box<dyn Any + Send + Sync>,
}

struct Context(TallystickHash);

// SAFETY: the contract says that the functions may be called from any thread, by several at once, and that the table and
// all it points to stay as they are until `release`.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: nobody has the context any more, and this is the one call.
            unsafe { release(self.0.ctx) }
        }
    }
}

impl Plugin {
    /// The hash function of a table, after it has shown that it does what it says. `owner` lives as long as the table is used.
    ///
    /// # Safety
    ///
    /// If its first field is 1, `table` points to a `TallystickHash` of the size that it states, whose pointers and functions
    /// are as the contract says. It was handed over: `release` is called once, also if the table is refused, unless the table
    /// is of another version or too short.
    pub unsafe fn new(table: NonNull<TallystickHash>, owner: Box<dyn Any + Send + Sync>) -> Result<Self, PluginError> {
        let at = table.as_ptr();
        // SAFETY: the first fields are there in every version. Nothing else is read before they were looked at.
        let (major, size) = unsafe { (addr_of!((*at).major).read(), addr_of!((*at).size)) };
        if major != TALLYSTICK_HASH_MAJOR {
            return Err(TableError::Major(major).into());
        }
        let least = size_of::<TallystickHash>() as u64;
        // SAFETY: version 1 has the field.
        let size = unsafe { size.read() };
        if size < least {
            return Err(TableError::Size { found: size, least }.into());
        }
        // SAFETY: the table has at least as many bytes. Fields that a later one adds behind them are not known here.
        let context = Context(unsafe { table.read() });
        let fields = &context.0;
        let missing = |what| TableError::Null(what);
        let rows = fields.hash_rows.ok_or(missing("hash_rows"))?;
        let ragged = fields.hash_ragged.ok_or(missing("hash_ragged"))?;
        for (what, null) in [
            ("name", fields.name.is_null()),
            ("known_digest", fields.known_digest.is_null()),
            ("known_message", fields.known_message.is_null() && fields.known_message_length > 0),
        ] {
            if null {
                return Err(missing(what).into());
            }
        }
        for (what, value) in [("flags", fields.flags & !TALLYSTICK_HASH_CRYPTOGRAPHIC), ("reserved", fields.reserved)] {
            if value != 0 {
                return Err(TableError::Unknown(what, value).into());
            }
        }
        if fields.known_message_length > MOST_KNOWN {
            return Err(TableError::KnownMessage(fields.known_message_length).into());
        }
        // SAFETY: it is not null, and ends with a zero byte.
        let name = unsafe { CStr::from_ptr(fields.name) }.to_string_lossy();
        let (digest_size, block_size) = (fields.digest_size as usize, fields.block_size as usize);
        let cryptographic = fields.flags & TALLYSTICK_HASH_CRYPTOGRAPHIC != 0;
        check_info(&name, digest_size, block_size, cryptographic)?;
        let name = owned(&name);
        let tagging = Tagging::Block;
        let info = HashInfo { name, digest_size, block_size, cryptographic, tagging, serial: false };
        let plugin = Self(Arc::new(Table { info, rows, ragged, context, _owner: owner }));
        plugin.check().map_err(|error| PluginError::Probe { name: plugin.0.info.name.to_string(), error })?;
        Ok(plugin)
    }

    fn check(&self) -> Result<(), ProbeError> {
        let fields = &self.0.context.0;
        let message = match fields.known_message_length as usize {
            0 => &[][..],
            // SAFETY: it is not null and has as many bytes, and the table lives.
            length => unsafe { slice::from_raw_parts(fields.known_message, length) },
        };
        // SAFETY: it is not null and has `digest_size` bytes.
        let digest = unsafe { slice::from_raw_parts(fields.known_digest, self.0.info.digest_size) };
        probe(self, Some(Claim { message, digest }), &|_| false)?;
        probe_batches(self, &|_| false)
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Plugin({})", self.0.info.name)
    }
}

impl BatchHash for Plugin {
    fn info(&self) -> &HashInfo {
        &self.0.info
    }

    fn seed(&self, prefix: &Prefix) -> Result<Arc<dyn Seeded>, HashError> {
        match prefix {
            Prefix::Bytes(prefix) => Ok(Arc::new(Behind { table: self.0.clone(), prefix: prefix.clone() })),
            Prefix::Key(_) => Err(HashError::NotKeyed(self.0.info.name.clone())),
        }
    }
}

/// The function behind a prefix.
struct Behind {
    table: Arc<Table>,
    prefix: Vec<u8>,
}

impl Behind {
    fn status(&self, status: i32) -> Result<(), HashError> {
        let name = &self.table.info.name;
        match status {
            TALLYSTICK_HASH_OK => Ok(()),
            TALLYSTICK_HASH_REFUSED => Err(HashError::Refused(name.clone())),
            status => Err(HashError::Failed(Box::new(PluginError::Status { name: name.to_string(), status }))),
        }
    }

    /// Hands over messages that lie one behind the other.
    fn hand_over(&self, data: &[u8], offsets: &[u64], out: &mut [u8]) -> Result<(), HashError> {
        let (table, prefix, n) = (&*self.table, &self.prefix, offsets.len() - 1);
        // SAFETY: there are `n + 1` ascending offsets, the last of which is the length of `data`; `out` has room for `n`
        // digests. The rest is the contract's.
        self.status(unsafe {
            (table.ragged)(
                table.context.0.ctx,
                prefix.as_ptr(),
                prefix.len(),
                data.as_ptr(),
                offsets.as_ptr(),
                n,
                out.as_mut_ptr(),
            )
        })
    }
}

impl Seeded for Behind {
    fn rows(&self, data: &[u8], width: usize, out: &mut [u8]) -> Result<(), HashError> {
        let (table, prefix) = (&*self.table, &self.prefix);
        check_rows(data, width, out, table.info.digest_size)?;
        if data.is_empty() {
            return Ok(());
        }
        // SAFETY: `data` has `n` rows of `width` bytes and `out` room for `n` digests, as was checked. The rest is the
        // contract's.
        self.status(unsafe {
            (table.rows)(
                table.context.0.ctx,
                prefix.as_ptr(),
                prefix.len(),
                data.as_ptr(),
                width,
                data.len() / width,
                out.as_mut_ptr(),
            )
        })
    }

    fn ragged(&self, rows: &[&[u8]], out: &mut [u8]) -> Result<(), HashError> {
        let width = self.table.info.digest_size;
        check_ragged(rows, out, width)?;
        if let [row] = rows {
            return self.hand_over(row, &[0, row.len() as u64], out);
        }
        // Rows lie anywhere, and the table takes one piece: they are gathered while they are in the cache.
        let (mut data, mut offsets, mut begin) = (Vec::new(), vec![0], 0);
        for (place, row) in rows.iter().enumerate() {
            data.extend_from_slice(row);
            offsets.push(data.len() as u64);
            if data.len() >= GATHERED || place + 1 == rows.len() {
                self.hand_over(&data, &offsets, &mut out[begin * width..(place + 1) * width])?;
                data.clear();
                offsets.truncate(1);
                begin = place + 1;
            }
        }
        Ok(())
    }
}
