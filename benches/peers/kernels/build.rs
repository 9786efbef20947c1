//! Compiles XKCP's eight Keccak permutations in AVX-512, if `XKCP` names a checkout of it.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=XKCP");
    println!("cargo::rustc-check-cfg=cfg(xkcp)");
    let Some(root) = std::env::var_os("XKCP").map(PathBuf::from) else { return };
    let eight = root.join("lib/low/KeccakP-1600-times8/AVX512");
    cc::Build::new()
        .file(eight.join("KeccakP-1600-times8-SIMD512.c"))
        .include(&eight)
        .include(eight.join("ua"))
        .include(root.join("lib/common"))
        .flag("-march=native")
        .opt_level(3)
        .warnings(false)
        .compile("xkcp");
    println!("cargo::rustc-cfg=xkcp");
}
