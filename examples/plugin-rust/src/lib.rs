//! The Python module: one object, which hands over the table of [`table`].
//!
//! [`sponge`] is the hash function, [`table`] its face in C, [`abi`] what tallystick says such a face is.

use core::ptr::NonNull;

use pyo3::prelude::*;
use pyo3::types::PyCapsule;

mod abi;
mod sponge;
mod table;

/// Poseidon2 over the scalar field of BN254, for ``tallystick.hashes.from_plugin``.
#[pyclass(frozen, module = "tallystick_poseidon2")]
struct Poseidon2Bn254;

#[pymethods]
impl Poseidon2Bn254 {
    /// Return a capsule with the table of the function.
    #[allow(clippy::unused_self, reason = "a method, as tallystick's protocol has it")]
    fn __tallystick_hash__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let table = NonNull::from(table::get()).cast();
        // SAFETY: the table lasts as long as the process, so that no capsule has to free it.
        unsafe { PyCapsule::new_with_pointer(py, table, c"tallystick_hash") }
    }
}

/// Poseidon2 over BN254 as a hash function for tallystick.
#[pymodule]
mod tallystick_poseidon2 {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::Poseidon2Bn254;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("POSEIDON2_BN254", Bound::new(module.py(), Poseidon2Bn254)?)
    }
}
