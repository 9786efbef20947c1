//! The methods that every value with encodings has: three forms, pickling, equality.

use tallystick_proof::codec::Wire;

/// A Python class around a value with encodings.
pub(crate) trait Encoded: Sized {
    /// The value.
    type Inner: Wire + PartialEq;

    /// The value inside.
    fn inner(&self) -> &Self::Inner;

    /// The object around a value.
    fn of(inner: Self::Inner) -> Self;
}

/// `wire_methods!(PyThing, "an expression that makes one, for the examples")`.
macro_rules! wire_methods {
    ($class:ident, $example:literal) => {
        #[pymethods]
        impl $class {
            /// The canonical binary encoding: see the specification, *Encodings*.
            ///
            /// >>> import tallystick as ts
            #[doc = concat!(">>> value = ", $example)]
            /// >>> value.to_bytes()[:3]
            /// b'tly'
            fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
                PyBytes::new(py, &self.inner().encode())
            }

            /// Reads :meth:`to_bytes`. Raises :class:`DecodeError` for anything else.
            ///
            /// >>> import tallystick as ts
            #[doc = concat!(">>> value = ", $example)]
            /// >>> type(value).from_bytes(value.to_bytes()) == value
            /// True
            #[staticmethod]
            #[pyo3(signature = (data, /))]
            fn from_bytes(data: &Bound<'_, PyAny>) -> PyResult<Self> {
                let data = $crate::rows::extract_bytes(data, "data")?;
                <Self as Encoded>::Inner::decode(&data, &$crate::hash::resolve)
                    .map(Self::of)
                    .map_err($crate::errors::decode_error)
            }

            /// The canonical JSON text: see the specification, *Encodings*. Numbers of 64 bits are decimal strings.
            ///
            /// >>> import tallystick as ts
            #[doc = concat!(">>> value = ", $example)]
            /// >>> value.to_json()[:21]
            /// '{"format":"tallystick'
            fn to_json(&self) -> String {
                self.inner().to_json()
            }

            /// Reads :meth:`to_json`. Raises :class:`DecodeError` for anything else, also for other JSON of the same
            /// meaning.
            ///
            /// >>> import tallystick as ts
            #[doc = concat!(">>> value = ", $example)]
            /// >>> type(value).from_json(value.to_json()) == value
            /// True
            #[staticmethod]
            #[pyo3(signature = (text, /))]
            fn from_json(text: &Bound<'_, PyString>) -> PyResult<Self> {
                // Text with lone surrogates is no JSON.
                let text = text.to_str().map_err($crate::errors::not_text)?;
                <Self as Encoded>::Inner::from_json(text, &$crate::hash::resolve)
                    .map(Self::of)
                    .map_err($crate::errors::decode_error)
            }

            /// The canonical Protobuf encoding: see the specification, *Encodings*, and ``tallystick.proto``.
            ///
            /// >>> import tallystick as ts
            #[doc = concat!(">>> value = ", $example)]
            /// >>> value.to_protobuf()[:2]
            /// b'\x08\x01'
            fn to_protobuf<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
                PyBytes::new(py, &self.inner().to_protobuf())
            }

            /// Reads :meth:`to_protobuf`. Raises :class:`DecodeError` for anything else, also for other Protobuf of the
            /// same meaning.
            ///
            /// >>> import tallystick as ts
            #[doc = concat!(">>> value = ", $example)]
            /// >>> type(value).from_protobuf(value.to_protobuf()) == value
            /// True
            #[staticmethod]
            #[pyo3(signature = (data, /))]
            fn from_protobuf(data: &Bound<'_, PyAny>) -> PyResult<Self> {
                let data = $crate::rows::extract_bytes(data, "data")?;
                <Self as Encoded>::Inner::from_protobuf(&data, &$crate::hash::resolve)
                    .map(Self::of)
                    .map_err($crate::errors::decode_error)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().inner() == self.inner())
            }

            fn __hash__(&self) -> u64 {
                $crate::hash::python_hash(&self.inner().encode())
            }

            fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
                let from_bytes = py.get_type::<Self>().getattr("from_bytes")?;
                Ok((from_bytes, PyTuple::new(py, [self.to_bytes(py)])?))
            }
        }
    };
}

pub(crate) use wire_methods;
