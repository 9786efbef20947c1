//! Fetches the definitions of the table out of the installed tallystick, for `src/abi.rs` to include.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

const FILE: &str = "tallystick_hash.rs";

fn main() -> Result<(), Box<dyn Error>> {
    // maturin names the Python that it builds for; cargo alone takes the one on the path.
    let python = ["PYO3_PYTHON", "PYTHON_SYS_EXECUTABLE"].iter().find_map(|name| {
        println!("cargo::rerun-if-env-changed={name}");
        env::var(name).ok()
    });
    let python = python.unwrap_or_else(|| "python3".to_owned());

    let asked = Command::new(&python).args(["-c", "import tallystick; print(tallystick.get_include())"]).output()?;
    if !asked.status.success() {
        let said = String::from_utf8_lossy(&asked.stderr);
        return Err(format!("{python} does not find tallystick, which has the table's definitions:\n{said}").into());
    }
    let source = PathBuf::from(String::from_utf8(asked.stdout)?.trim()).join(FILE);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", source.display());
    fs::copy(&source, PathBuf::from(env::var("OUT_DIR")?).join(FILE))?;
    Ok(())
}
