//! The methods that every value with encodings has: three forms, pickling, equality.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tallystick_proof::codec::Wire;

/// Objects and encodings up to this many bytes are worked on without releasing the GIL.
const SHORT: usize = 16_384;

/// A Python class around a value with encodings.
pub(crate) trait Encoded: Sized {
    /// The value.
    type Inner: Wire + PartialEq;

    /// The value inside.
    fn inner(&self) -> &Self::Inner;

    /// The object around a value.
    fn of(inner: Self::Inner) -> Self;

    /// Bytes that the value takes, about, where that may be many.
    fn weight(&self) -> usize {
        0
    }

    /// How a pickle makes the object again: the name of a static method, and the bytes that it is given.
    fn pickled(&self) -> (&'static str, Vec<u8>) {
        ("from_bytes", self.inner().encode())
    }
}

/// Runs `work` on an object or encoding of about `weight` bytes, without the GIL if that takes long.
pub(crate) fn unlocked<T: Send>(py: Python<'_>, weight: usize, work: impl FnOnce() -> T + Send) -> T {
    if weight <= SHORT { work() } else { py.detach(work) }
}

/// A `bytes` object, or `MemoryError`.
pub(crate) fn bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, bytes.len(), |out| {
        out.copy_from_slice(bytes);
        Ok(())
    })
}

/// `wire_methods!(PyThing, "an expression that makes one, for the examples")`; what the expression needs may be imported by
/// a line before it.
macro_rules! wire_methods {
    ($class:ident, $example:literal) => {
        $crate::codec::wire_methods!($class, "import tallystick as ts", $example);
    };
    ($class:ident, $import:literal, $example:literal) => {
        #[pymethods]
        impl $class {
            /// The canonical binary encoding: see the specification, *Encodings*. Linear in its size; a large value is
            /// encoded without the GIL.
            ///
            #[doc = concat!(">>> ", $import)]
            #[doc = concat!(">>> value = ", $example)]
            /// >>> value.to_bytes()[:3]
            /// b'tly'
            fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
                $crate::codec::bytes(py, &$crate::codec::unlocked(py, self.weight(), || self.inner().encode()))
            }

            /// Reads :meth:`to_bytes`. Raises :class:`DecodeError` for anything else.
            ///
            #[doc = concat!(">>> ", $import)]
            #[doc = concat!(">>> value = ", $example)]
            /// >>> type(value).from_bytes(value.to_bytes()) == value
            /// True
            #[staticmethod]
            #[pyo3(signature = (data, /))]
            fn from_bytes(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
                let data = $crate::rows::extract_bytes(data, "data")?;
                let read = || <Self as Encoded>::Inner::decode(&data, &$crate::hash::resolve);
                let inner = $crate::codec::unlocked(py, data.len(), read);
                inner.map(Self::of).map_err($crate::errors::decode_error)
            }

            /// The canonical JSON text: see the specification, *Encodings*. Numbers of 64 bits are decimal strings.
            ///
            #[doc = concat!(">>> ", $import)]
            #[doc = concat!(">>> value = ", $example)]
            /// >>> value.to_json()[:21]
            /// '{"format":"tallystick'
            fn to_json(&self, py: Python<'_>) -> String {
                $crate::codec::unlocked(py, self.weight(), || self.inner().to_json())
            }

            /// Reads :meth:`to_json`. Raises :class:`DecodeError` for anything else, also for other JSON of the same
            /// meaning.
            ///
            #[doc = concat!(">>> ", $import)]
            #[doc = concat!(">>> value = ", $example)]
            /// >>> type(value).from_json(value.to_json()) == value
            /// True
            #[staticmethod]
            #[pyo3(signature = (text, /))]
            fn from_json(py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<Self> {
                // Text with lone surrogates is no JSON.
                let text = text.to_str().map_err($crate::errors::not_text)?;
                let read = || <Self as Encoded>::Inner::from_json(text, &$crate::hash::resolve);
                let inner = $crate::codec::unlocked(py, text.len(), read);
                inner.map(Self::of).map_err($crate::errors::decode_error)
            }

            /// The canonical Protobuf encoding: see the specification, *Encodings*, and ``tallystick.proto``.
            ///
            #[doc = concat!(">>> ", $import)]
            #[doc = concat!(">>> value = ", $example)]
            /// >>> value.to_protobuf()[:2]
            /// b'\x08\x01'
            fn to_protobuf<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
                $crate::codec::bytes(py, &$crate::codec::unlocked(py, self.weight(), || self.inner().to_protobuf()))
            }

            /// Reads :meth:`to_protobuf`. Raises :class:`DecodeError` for anything else, also for other Protobuf of the
            /// same meaning.
            ///
            #[doc = concat!(">>> ", $import)]
            #[doc = concat!(">>> value = ", $example)]
            /// >>> type(value).from_protobuf(value.to_protobuf()) == value
            /// True
            #[staticmethod]
            #[pyo3(signature = (data, /))]
            fn from_protobuf(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
                let data = $crate::rows::extract_bytes(data, "data")?;
                let read = || <Self as Encoded>::Inner::from_protobuf(&data, &$crate::hash::resolve);
                let inner = $crate::codec::unlocked(py, data.len(), read);
                inner.map(Self::of).map_err($crate::errors::decode_error)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                let Ok(other) = other.cast::<Self>() else { return false };
                let (py, other) = (other.py(), other.get());
                $crate::codec::unlocked(py, self.weight(), || other.inner() == self.inner())
            }

            fn __hash__(&self, py: Python<'_>) -> u64 {
                let hash = || $crate::hash::python_hash(&self.inner().encode());
                $crate::codec::unlocked(py, self.weight(), hash)
            }

            fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
                let (maker, data) = $crate::codec::unlocked(py, self.weight(), || self.pickled());
                let maker = py.get_type::<Self>().getattr(maker)?;
                Ok((maker, PyTuple::new(py, [$crate::codec::bytes(py, &data)?])?))
            }
        }
    };
}

pub(crate) use wire_methods;
