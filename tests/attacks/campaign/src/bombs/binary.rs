//! Binary bombs. Every decoder gets every bomb: those for another object are refused at the magic.

use super::{Bomb, SMALL};

/// Larger bombs have as many bytes.
const LARGE: usize = 1 << 20;

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn lp(bytes: &[u8]) -> Vec<u8> {
    join(&[&(bytes.len() as u32).to_le_bytes(), bytes])
}

/// A scheme up to its rules.
fn names() -> Vec<u8> {
    join(&[b"tlys\x01\x01", &lp(b"native"), &lp(b"blake3")])
}

fn scheme() -> Vec<u8> {
    join(&[&names(), &[0; 8]])
}

pub(super) fn bombs() -> Vec<Bomb> {
    let most = u32::MAX.to_le_bytes();
    let long = |head: &[u8], fill: u8, length: usize| join(&[head, &vec![fill; length - head.len()]]);
    let mut bombs: Vec<Bomb> = Vec::new();
    for letter in *b"shimcbrHIMBRtpekxy" {
        let magic = &[b't', b'l', b'y', letter][..];
        bombs.push(("magic alone", magic.to_vec()));
        bombs.push(("no version", join(&[magic, &[0]])));
        bombs.push(("a version to come", long(&join(&[magic, &[2]]), 0, SMALL)));
        bombs.push(("ones", long(&join(&[magic, &[1]]), 255, SMALL)));
        bombs.push(("zeros", long(&join(&[magic, &[1]]), 0, SMALL)));
        bombs.push(("itself, nested", magic.iter().copied().chain([1]).cycle().take(SMALL).collect()));
    }
    bombs.push(("nothing", Vec::new()));
    let nul = |magic: &[u8], size: u8| long(&join(&[magic, &[1, size]]), 7, SMALL);
    for (name, size) in [("digests of 0", 0), ("digests of 1", 1), ("digests of 31", 31), ("digests of 255", 255)] {
        bombs.extend([b"tlyi", b"tlym", b"tlyc", b"tlyb"].map(|magic| (name, nul(magic, size))));
    }
    for (name, magic) in [("256 digests", b"tlyi"), ("256 digests", b"tlyc")] {
        bombs.push((name, join(&[magic, &[1, 32], &[0; 256 * 32]])));
    }
    for (name, count) in [
        ("2^64 - 1 proofs", u64::MAX),
        ("2^63 proofs", 1 << 63),
        ("2^61 proofs", 1 << 61),
        ("2^32 proofs", 1 << 32),
        ("a proof too many", SMALL as u64 - 13),
    ] {
        bombs.push((name, long(&join(&[b"tlyb\x01\x20", &count.to_le_bytes()]), 0, SMALL)));
    }
    for (name, fill, length) in [
        ("proofs of 255 digests that are not there", 255, SMALL),
        ("proofs of one digest that are not there", 1, SMALL),
        ("a megabyte of proofs, then a byte", 0, LARGE),
        ("a megabyte of full proofs that are not there", 255, LARGE),
    ] {
        let count = (length - 15) as u64;
        bombs.push((name, join(&[&long(&join(&[b"tlyb\x01\x20", &count.to_le_bytes()]), fill, length), b"x"])));
    }
    bombs.push(("a family of 2^32 - 1 bytes", join(&[b"tlys\x01\x01", &most, b"native"])));
    bombs.push(("a hash of 2^32 - 1 bytes", join(&[b"tlys\x01\x01", &lp(b"native"), &most, b"blake3"])));
    bombs.push(("rules of 2^32 - 1 bytes", join(&[&names(), &most])));
    bombs.push(("a context of 2^32 - 1 bytes", join(&[&names(), &[0; 4], &most, b"day"])));
    for (name, fill, length) in [
        ("a hash of control characters", 0x7f, SMALL - 64),
        ("a hash that is no text", 0xff, SMALL - 64),
        ("a hash of a megabyte of control characters", 0x7f, LARGE),
        ("a hash of a megabyte that is no text", 0xff, LARGE),
        ("a hash of a megabyte of quotes", b'"', LARGE),
    ] {
        let named = vec![fill; length];
        bombs.push((name, join(&[b"tlys\x01\x01", &lp(b"native"), &lp(&named), &[0; 8]])));
        bombs.push((name, join(&[b"tlys\x01\x01", &lp(&named), &lp(b"blake3"), &[0; 8]])));
    }
    for magic in [b"tlyh", b"tlyr", b"tlyH", b"tlyR"] {
        bombs.push(("a scheme of 2^32 - 1 bytes", join(&[magic, &[1], &most, &scheme()])));
        let inner = join(&[magic, &[1], &lp(&scheme())]);
        bombs.push(("a scheme in a scheme", join(&[magic, &[1], &lp(&inner), &[0; 40]])));
    }
    for (name, begin, end, digests) in [
        ("all leaves of nothing", 0, u64::MAX, 0),
        ("backwards", u64::MAX, 0, 0),
        ("backwards by one", 5, 4, 1),
        ("all leaves, a digest too few", 1, u64::MAX, 125),
        ("all leaves, a digest too many", 1, u64::MAX, 127),
        ("a megabyte for one leaf", 0, 1, LARGE / 32),
        ("digests for nothing", 1 << 63, 1 << 63, 100),
    ] {
        let (begin, end) = (begin.to_le_bytes(), end.to_le_bytes());
        let digests = vec![0; digests * 32];
        bombs.push((name, join(&[b"tlyr\x01", &lp(&scheme()), &begin, &end, &digests])));
    }
    bombs.extend(sums());
    bombs.extend(receipts());
    bombs.extend(sparse());
    bombs.push(("a root too short", join(&[b"tlyh\x01", &lp(&scheme()), &[255; 8], &[0; 31]])));
    bombs
}

/// Counts and lengths of sums.
fn sums() -> Vec<Bomb> {
    let mut bombs: Vec<Bomb> = Vec::new();
    for magic in [b"tlyI", b"tlyM"] {
        let declared = |count: u64| join(&[magic, &[1, 32], &count.to_le_bytes()]);
        for (name, count, rest) in [
            ("2^64 - 1 sums", u64::MAX, vec![0; SMALL]),
            ("2^60 sums", 1 << 60, vec![0; SMALL]),
            ("a sum too many", SMALL as u64 + 1, vec![0; SMALL]),
            ("sums without digests", SMALL as u64, vec![0; SMALL]),
            ("a megabyte of sums without digests", LARGE as u64, vec![0; LARGE]),
            ("digests without sums", 0, vec![7; SMALL]),
            ("a sum of 255 bytes", 1, vec![255; SMALL]),
            ("a sum of 17 bytes", 1, vec![17; SMALL]),
            ("a sum with a zero at its end", 1, vec![1, 0]),
        ] {
            bombs.push((name, join(&[&declared(count), &rest])));
        }
    }
    bombs
}

/// Parts of proofs of sparse trees that are declared and not there, or hold nothing.
fn sparse() -> Vec<Bomb> {
    let most = u32::MAX.to_le_bytes();
    let fill = vec![0; SMALL];
    let many = (SMALL as u32 / 64).to_le_bytes();
    vec![
        ("a depth of 65,535", join(&[b"tlyx\x01\x20\x00\xff\xff", &fill])),
        ("a depth of 65,535 with its bitmap", join(&[b"tlyx\x01\x20\x00\xff\xff", &[255; 8192]])),
        ("256 digests that are not there", join(&[b"tlyx\x01\x20\x00\x00\x01", &[255; 32]])),
        ("256 digests of 255 bytes", join(&[b"tlyx\x01\xff\x00\x00\x01", &[255; 32], &fill])),
        ("a witness that is not there", b"tlyx\x01\x20\x02\x00\x00".to_vec()),
        ("a shape of 2^32 - 1 bytes", join(&[b"tlyy\x01\x20", &most, &fill])),
        ("2^32 - 1 witnesses", join(&[b"tlyy\x01\x20\0\0\0\0", &most, &fill])),
        ("2^32 - 1 witnesses of 287 bytes", join(&[b"tlyy\x01\xff\0\0\0\0", &most, &fill])),
        ("a witness too many", join(&[b"tlyy\x01\x20\0\0\0\0", &many, &fill[1..]])),
        ("digests of another size", join(&[b"tlyy\x01\x20\0\0\0\0\0\0\0\0", &fill[1..]])),
    ]
}

/// Lists in receipts and statements that are declared and not there, or are there and hold nothing.
fn receipts() -> Vec<Bomb> {
    let most = u16::MAX.to_le_bytes();
    let front = join(&[b"tlyp\x01", &[9; 32]]);
    let asset = |code: &[u8], group: &[u8], parts: [u8; 2]| join(&[&lp(code), &lp(group), &parts]);
    let empty = asset(b"X", b"", [0, 0]);
    let proof = lp(&join(&[b"tlyI\x01\x20", &[0; 8]]));
    let part = join(&[&[0; 8], &[0], &[0; 16], &proof]);
    let stated = join(&[b"tlyt\x01", &lp(b"x"), &[0; 8], &lp(b"y"), &[0; 40]]);
    vec![
        ("65,535 assets that are not there", join(&[&front, &most])),
        ("65,535 parts that are not there", join(&[&front, &[1, 0], &asset(b"BTC", b"", [255, 255])])),
        ("65,535 assets in 4 KiB", join(&[&front, &most, &empty.repeat(SMALL / empty.len() - 4)])),
        ("65,534 assets without parts", join(&[&front, &most, &empty.repeat(usize::from(u16::MAX) - 1)])),
        ("65,534 parts", join(&[&front, &[1, 0], &asset(b"X", b"", [255, 255]), &part.repeat(65_534)])),
        ("assets without codes", join(&[&front, &most, &asset(b"", b"", [0, 0]).repeat(400)])),
        ("a megabyte of group", join(&[&front, &[1, 0], &asset(b"X", &vec![b'g'; LARGE], [0, 0])])),
        ("a megabyte of origin", join(&[b"tlyt\x01", &lp(&vec![b'o'; LARGE])])),
        ("65,535 stated assets that are not there", join(&[&stated, &lp(&scheme()), &most])),
        ("a note of 2^32 - 1 bytes", join(&[b"tlye\x01", &[255; 4], b"note"])),
    ]
}
