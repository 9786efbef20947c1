//! The structs of the Arrow C data and stream interfaces, and owners that release each exactly once.
//!
//! Definitions: <https://arrow.apache.org/docs/format/CDataInterface.html> and `CStreamInterface.html`. Only layout and
//! ownership live here; what the arrays mean is in [`super::arrow_import`].

use std::ffi::{CStr, c_char, c_int, c_void};

/// `struct ArrowSchema`.
#[repr(C)]
pub(crate) struct ArrowSchema {
    pub(crate) format: *const c_char,
    pub(crate) name: *const c_char,
    pub(crate) metadata: *const c_char,
    pub(crate) flags: i64,
    pub(crate) n_children: i64,
    pub(crate) children: *mut *mut ArrowSchema,
    pub(crate) dictionary: *mut ArrowSchema,
    pub(crate) release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    pub(crate) private_data: *mut c_void,
}

/// `struct ArrowArray`.
#[repr(C)]
pub(crate) struct ArrowArray {
    pub(crate) length: i64,
    pub(crate) null_count: i64,
    pub(crate) offset: i64,
    pub(crate) n_buffers: i64,
    pub(crate) n_children: i64,
    pub(crate) buffers: *mut *const c_void,
    pub(crate) children: *mut *mut ArrowArray,
    pub(crate) dictionary: *mut ArrowArray,
    pub(crate) release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    pub(crate) private_data: *mut c_void,
}

/// `struct ArrowArrayStream`.
#[repr(C)]
pub(crate) struct ArrowArrayStream {
    get_schema: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut ArrowArrayStream, *mut ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut ArrowArrayStream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut ArrowArrayStream)>,
    private_data: *mut c_void,
}

/// A struct of the interface: movable by copying its bytes, released by its own callback.
///
/// # Safety
/// All zero bytes are a valid, released value, and `release` is the callback of the interface for this struct.
pub(crate) unsafe trait CStruct: Sized {
    /// The name of the capsules that carry this struct.
    const CAPSULE: &'static CStr;

    /// The callback; empty in a released struct.
    fn release(&mut self) -> &mut Option<unsafe extern "C" fn(*mut Self)>;
}

macro_rules! c_struct {
    ($($name:ident $capsule:literal),+) => {$(
        // SAFETY: a plain C struct whose pointers and callbacks may all be null; `release` is the interface's.
        unsafe impl CStruct for $name {
            const CAPSULE: &'static CStr = $capsule;

            fn release(&mut self) -> &mut Option<unsafe extern "C" fn(*mut Self)> {
                &mut self.release
            }
        }
    )+};
}

c_struct!(ArrowSchema c"arrow_schema", ArrowArray c"arrow_array", ArrowArrayStream c"arrow_array_stream");

/// A struct that this library has to release, and does when dropped. In memory it is the struct itself, so that a
/// capsule may own one.
#[repr(transparent)]
pub(crate) struct Owned<T: CStruct>(T);

// SAFETY: the interface lets a consumer move a struct to another thread and release it there; its contents are not
// changed while it is held, so that many threads may read them. Streams are never shared: their calls need `&mut`.
unsafe impl<T: CStruct> Send for Owned<T> {}
// SAFETY: as above.
unsafe impl<T: CStruct> Sync for Owned<T> {}

impl<T: CStruct> Owned<T> {
    /// Moves the struct out of `source` and marks that one as released, as the interface prescribes; `None` when it was
    /// released already.
    ///
    /// # Safety
    /// `source` is aligned and points to an initialised struct that nobody else uses meanwhile.
    pub(crate) unsafe fn take(source: *mut T) -> Option<Self> {
        // SAFETY: the caller's promise. The copy becomes the only owner in the next statement.
        let mut owned = std::mem::ManuallyDrop::new(Self(unsafe { std::ptr::read(source) }));
        (*owned.0.release())?;
        // SAFETY: the caller's promise.
        *unsafe { &mut *source }.release() = None;
        Some(std::mem::ManuallyDrop::into_inner(owned))
    }

    /// The owner of a struct made here.
    ///
    /// # Safety
    /// `value` is what its interface prescribes: its pointers stay valid until its `release` is called, on any thread.
    pub(crate) unsafe fn adopt(value: T) -> Self {
        Self(value)
    }

    /// A released struct for a callback to fill.
    fn empty() -> Self {
        // SAFETY: promised by `CStruct`.
        Self(unsafe { std::mem::zeroed() })
    }

    fn is_released(&mut self) -> bool {
        self.0.release().is_none()
    }
}

impl<T: CStruct> std::ops::Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: CStruct> Drop for Owned<T> {
    fn drop(&mut self) {
        if let Some(release) = *self.0.release() {
            // SAFETY: not released yet, and never again: the struct goes away with this owner.
            unsafe { release(&raw mut self.0) };
            *self.0.release() = None;
        }
    }
}

/// The text of a C string that may be missing.
///
/// # Safety
/// `text` is null or points to a C string that outlives the result.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

impl Owned<ArrowArrayStream> {
    /// The schema of the arrays of the stream, or what its producer says went wrong.
    pub(crate) fn schema(&mut self) -> Result<Owned<ArrowSchema>, String> {
        let mut schema = Owned::empty();
        let Some(call) = self.0.get_schema else { return Err("it has no get_schema".to_owned()) };
        // SAFETY: the stream is not released, and the callback fills a released struct.
        let status = unsafe { call(&raw mut self.0, &raw mut schema.0) };
        if status != 0 || schema.is_released() { Err(self.last_error(status)) } else { Ok(schema) }
    }

    /// The next array; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Owned<ArrowArray>>, String> {
        let mut array = Owned::empty();
        let Some(call) = self.0.get_next else { return Err("it has no get_next".to_owned()) };
        // SAFETY: as in `schema`.
        let status = unsafe { call(&raw mut self.0, &raw mut array.0) };
        if status != 0 {
            return Err(self.last_error(status));
        }
        Ok(if array.is_released() { None } else { Some(array) })
    }

    fn last_error(&mut self, status: c_int) -> String {
        // SAFETY: the stream is not released; the text lives until the next call on it, and is copied before.
        let said = self.0.get_last_error.and_then(|call| unsafe { text(call(&raw mut self.0)) });
        said.map_or_else(|| format!("error {status}"), ToOwned::to_owned)
    }
}
