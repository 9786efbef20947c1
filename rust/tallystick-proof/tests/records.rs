//! Records of sums, made many at a time: each is the digest of what the page says, and the sum.

mod common;

use common::{Outcome, schemes_of};
use tallystick_proof::frame::Places;
use tallystick_proof::hash::HashError;
use tallystick_proof::scheme::{Kind, Scheme};

/// Around the numbers that are hashed together.
const COUNTS: [usize; 13] = [0, 1, 2, 3, 15, 16, 17, 33, 63, 64, 65, 129, 200];

/// `Tag(label, message)`.
fn tagged(scheme: &Scheme, label: &str, message: &[u8]) -> Result<Vec<u8>, HashError> {
    let mut digest = vec![0; scheme.digest_size()];
    scheme.hash().seed(&scheme.hash().tag(label)?)?.ragged(&[message], &mut digest)?;
    Ok(digest)
}

fn sum(place: usize) -> u128 {
    (u128::MAX / 2) >> (place * 7 % 128)
}

fn children(scheme: &Scheme, count: usize) -> Vec<Vec<u8>> {
    let digest = |place: usize| (0..scheme.digest_size()).map(move |byte| (place * 31 + byte * 7) as u8);
    (0..2 * count).map(|place| digest(place).chain(sum(place).to_le_bytes()).collect()).collect()
}

#[test]
fn nodes() -> Outcome {
    for scheme in schemes_of(Kind::Sum)? {
        let (record, width) = (scheme.record(), scheme.width());
        for count in COUNTS {
            let children = children(&scheme, count);
            let mut expected = Vec::new();
            for pair in children.chunks(2) {
                let [(left, left_sum), (right, right_sum)] = [record.split(&pair[0]), record.split(&pair[1])];
                let preimage = [left, right, &left_sum.to_le_bytes(), &right_sum.to_le_bytes()].concat();
                expected.extend(tagged(&scheme, "tallystick/v1/sum-node", &preimage)?);
                expected.extend((left_sum + right_sum).to_le_bytes());
            }
            let mut parents = vec![0xaa; count * width];
            scheme.nodes(1, Places::From(0), &children.concat(), &mut parents)?;
            assert!(parents == expected, "{} {count}", scheme.name());
            for wrong in [0, width - 1, count * width + 1, (count + 1) * width, 2 * (count + 1) * width] {
                if wrong != count * width {
                    let outcome = scheme.nodes(1, Places::From(0), &children.concat(), &mut vec![0; wrong]);
                    assert!(matches!(outcome, Err(HashError::Shape { .. })), "{} {count}: {wrong}", scheme.name());
                }
            }
        }
    }
    Ok(())
}

#[test]
fn an_overflow_at_any_place() -> Outcome {
    for scheme in schemes_of(Kind::Sum)? {
        for count in [1, 2, 16, 17, 65] {
            for place in 0..count {
                let mut children = children(&scheme, count);
                let room = u128::MAX - sum(2 * place + 1);
                let at = scheme.digest_size();
                let mut parents = vec![0; count * scheme.width()];
                children[2 * place][at..].copy_from_slice(&room.to_le_bytes());
                scheme.nodes(1, Places::From(0), &children.concat(), &mut parents)?;
                assert_eq!(scheme.record().sums(&parents)[place], u128::MAX);
                let Some(more) = room.checked_add(1) else { continue };
                children[2 * place][at..].copy_from_slice(&more.to_le_bytes());
                let outcome = scheme.nodes(1, Places::From(0), &children.concat(), &mut parents);
                assert!(matches!(outcome, Err(HashError::SumOverflow)), "{} {count}: {place}", scheme.name());
            }
        }
    }
    Ok(())
}

#[test]
fn leaves() -> Outcome {
    for scheme in schemes_of(Kind::Sum)? {
        for count in COUNTS {
            for length in [0, 1, 32, 100] {
                let rows: Vec<Vec<u8>> = (0..count)
                    .map(|place| {
                        sum(place).to_le_bytes().into_iter().chain((0..length).map(move |byte| byte ^ place as u8))
                    })
                    .map(Iterator::collect)
                    .collect();
                let mut expected = Vec::new();
                for (place, row) in rows.iter().enumerate() {
                    expected.extend(tagged(&scheme, "tallystick/v1/sum-leaf", row)?);
                    expected.extend(sum(place).to_le_bytes());
                }
                let mut out = [vec![0xaa; count * scheme.width()], vec![0xbb; count * scheme.width()]];
                scheme.leaf_rows(Places::From(0), &rows.concat(), 16 + usize::from(length), &mut out[0])?;
                scheme.leaves(Places::From(0), &rows.iter().map(Vec::as_slice).collect::<Vec<_>>(), &mut out[1])?;
                assert!(out == [expected.clone(), expected], "{} {count} of {length}", scheme.name());
            }
        }
        let mut out = vec![0; 3 * scheme.width()];
        assert!(matches!(scheme.leaf_rows(Places::From(0), &[0; 45], 15, &mut out), Err(HashError::NoAmount)));
        if scheme.digest_size() != 32 {
            continue; // Rows of other hashes are for them to refuse.
        }
        for (rows, width) in [(50, 17), (32, 16), (96, 16)] {
            let outcome = scheme.leaf_rows(Places::From(0), &vec![0; rows], width, &mut out);
            assert!(matches!(outcome, Err(HashError::Shape { .. })), "{rows} {width}: {outcome:?}");
        }
    }
    Ok(())
}
