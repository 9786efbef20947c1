//! What the wheel ships for plug-ins is made from this crate: the C header, and the file itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Set to anything, it writes the files instead of comparing them.
const WRITE: &str = "TALLYSTICK_WRITE_HEADER";

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shipped(name: &str) -> PathBuf {
    crate_folder().join("../../python/tallystick/include").join(name)
}

fn same(name: &str, made: &str) {
    let path = shipped(name);
    if env::var_os(WRITE).is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, made).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == made, "{name} is not what the crate says: run the tests of tallystick-abi with {WRITE}=1");
}

#[test]
fn the_header_is_the_crates() {
    let config = cbindgen::Config::from_file(crate_folder().join("cbindgen.toml")).expect("a configuration");
    let bindings = cbindgen::generate_with_config(crate_folder(), config).expect("bindings");
    let mut header = Vec::new();
    bindings.write(&mut header);
    same("tallystick_hash.h", &String::from_utf8(header).unwrap());
}

#[test]
fn the_rust_file_is_the_crates() {
    let source = fs::read_to_string(crate_folder().join("src/lib.rs")).unwrap();
    // What only a crate's first file may say.
    let module = source.lines().filter(|line| !line.starts_with("#![")).map(|line| {
        // Documentation of the file becomes a comment: it is included in the middle of another.
        line.strip_prefix("//!").map_or_else(|| line.to_owned(), |text| format!("//{text}"))
    });
    same("tallystick_hash.rs", &module.map(|line| line + "\n").collect::<String>());
}
