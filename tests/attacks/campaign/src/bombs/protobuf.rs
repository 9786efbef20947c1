//! Protobuf bombs. Every decoder gets every bomb.

use super::{Bomb, SMALL};

const LARGE: usize = 1 << 20;

/// Bombs that are a sparse multi-proof: its third field is a shape of any bytes. Time and memory are measured all the same.
pub(super) const SHAPES: [&str; 5] = [
    "a megabyte in one digest",
    "counts without digests",
    "full counts without digests",
    "a megabyte of counts without digests",
    "longer counts than need be",
];

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A field behind its length.
fn delimited(field: u8, value: &[u8]) -> Vec<u8> {
    [&[field << 3 | 2], &varint(value.len() as u64)[..], value].concat()
}

pub(super) fn bombs() -> Vec<Bomb> {
    let fill = |pattern: &[u8], length: usize| pattern.iter().copied().cycle().take(length).collect::<Vec<u8>>();
    let after = |front: &[u8], rest: &[u8]| [front, rest].concat();
    let mut bombs: Vec<Bomb> = vec![
        ("nothing", Vec::new()),
        ("a version of 2^64 - 1", after(&[8], &varint(u64::MAX))),
        ("a version of more than 64 bits", after(&[8], &[255, 255, 255, 255, 255, 255, 255, 255, 255, 2])),
        ("a varint without an end", fill(&[0x80], SMALL)),
        ("a version without an end", after(&[8], &fill(&[0xff], SMALL - 1))),
        ("groups in groups", fill(&[0x0b], SMALL)),
        ("groups in groups behind a version", after(&[8, 1], &fill(&[0x13], SMALL - 2))),
        ("versions", fill(&[8, 1], SMALL)),
        ("zeros", vec![0; SMALL]),
        ("ones", vec![255; SMALL]),
        ("a huge field number", after(&[8, 1], &after(&varint(u64::MAX), &[0]))),
        ("wire type 7", after(&[8, 1], &[0x17, 0])),
        ("fixed fields", after(&[8, 1], &fill(&[0x11, 1, 2, 3, 4, 5, 6, 7, 8], SMALL - 2))),
    ];
    let mut nested = vec![8, 1];
    while nested.len() < SMALL - 8 {
        // The number behind it keeps this from being any two byte strings, which an equivocation is.
        nested = [vec![8, 1], delimited(2, &nested), vec![0x20, 1]].concat();
    }
    bombs.push(("messages in messages", nested));
    // Lengths, in the second field of scheme, head and shard and the third of proofs.
    for length in [u64::MAX, 1 << 63, 1 << 32, i32::MAX as u64, SMALL as u64 + 1] {
        for front in [&[8, 1, 0x12][..], &[8, 1, 0x10, 32, 0x1a], &[8, 1, 0x10, 32, 0x22], &[8, 1, 0x10, 1, 0x1a]] {
            bombs.push(("a length that is not there", [front, &varint(length), &[1; 100]].concat()));
        }
    }
    let size = [8, 1, 0x10, 32];
    for (name, digests) in [
        ("empty digests", fill(&[0x1a, 0], SMALL - 4)),
        ("digests of one byte", fill(&[0x1a, 1, 9], SMALL - 4)),
        ("a megabyte of empty digests", fill(&[0x1a, 0], LARGE)),
        ("a megabyte in one digest", delimited(3, &vec![1; LARGE])),
        ("counts without digests", delimited(3, &vec![1; SMALL - 10])),
        ("full counts without digests", delimited(3, &fill(&[0xff, 1], SMALL - 10))),
        ("a megabyte of counts without digests", delimited(3, &vec![1; LARGE])),
        ("a megabyte of zero counts, then more", after(&delimited(3, &vec![0; LARGE]), &[0x28, 0])),
        ("longer counts than need be", delimited(3, &fill(&[0x81, 0], SMALL - 10))),
    ] {
        bombs.push((name, after(&size, &digests)));
    }
    for (name, byte, length) in [
        ("names of control characters", 0x7f, SMALL / 2 - 16),
        ("a megabyte of control characters", 0x7f, LARGE),
        ("names that are no text", 0xff, SMALL / 2 - 16),
    ] {
        let named = vec![byte; length];
        let native = delimited(3, b"native");
        bombs.push((name, [&[8, 1, 0x10, 1], &native[..], &delimited(4, &named)].concat()));
        bombs.push((name, [&[8, 1, 0x10, 1], &delimited(3, &named)[..], &delimited(4, b"blake3")].concat()));
    }
    let scheme = [&[8, 1, 0x10, 1], &delimited(3, b"native")[..], &delimited(4, b"blake3")].concat();
    let shard = [&[8, 1], &delimited(2, &scheme)[..]].concat();
    for (name, rest) in [
        ("all leaves of nothing", after(&[0x20], &varint(u64::MAX))),
        ("backwards", after(&[0x18], &varint(u64::MAX))),
        ("digests for nothing", fill(&after(&[0x2a, 32], &[5; 32]), 34 * 100)),
        ("a size of more than 64 bits", after(&[0x18], &[255; 10])),
    ] {
        bombs.push((name, after(&shard, &rest)));
    }
    bombs
}
