//! Schemes and heads: what is hashed, what is equal, what is refused.

mod common;

use std::error::Error;

use common::{Outcome, foreign, named, schemes};
use tallystick_proof::frame::Places;
use tallystick_proof::hash::{Hash, builtin, builtin_names};
use tallystick_proof::head::{HeadError, TreeHead};
use tallystick_proof::scheme::{Kind, Scheme, SchemeError, families};

fn tagged(hash: &Hash, label: &str, message: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut digest = vec![0; hash.digest_size()];
    hash.seed(&hash.tag(label)?)?.ragged(&[message], &mut digest)?;
    Ok(digest)
}

#[test]
fn families_by_the_page() -> Outcome {
    assert!(families().collect::<Vec<_>>().starts_with(&["native", "native_sum", "native_sparse"]));
    let hashes: Vec<Hash> = builtin_names().filter_map(builtin).filter(|hash| hash.info().cryptographic).collect();
    for hash in hashes.into_iter().chain([foreign(48, true)]) {
        let width = hash.digest_size();
        let (left, right) = (vec![3; width], vec![4; width]);
        let children = [left, right].concat();
        for scheme in [Scheme::of_family("native", hash.clone())?, Scheme::of_family("rfc6962", hash.clone())?] {
            let native = scheme.family() == "native";
            let (mut leaf, mut rows, mut node) = (vec![0; width], vec![0; 2 * width], vec![0; width]);
            scheme.leaves(Places::From(0), &[b"data"], &mut leaf)?;
            scheme.leaf_rows(Places::From(0), b"datadata", 4, &mut rows)?;
            scheme.nodes(1, Places::From(0), &children, &mut node)?;
            assert_eq!(rows, [leaf.clone(), leaf.clone()].concat());
            let (expected_leaf, expected_node) = if native {
                (tagged(&hash, "tallystick/v1/leaf", b"data")?, tagged(&hash, "tallystick/v1/node", &children)?)
            } else {
                (hash.digest(b"\0data")?, hash.digest(&[&[1], &children[..]].concat())?)
            };
            assert_eq!((&leaf, &node), (&expected_leaf, &expected_node));
            assert_eq!((scheme.binds_size(), scheme.binds_scheme()), (native, native));
            assert_eq!((scheme.binds_index(), scheme.separates_leaves(), scheme.appendable()), (true, true, true));
            assert_eq!(scheme.name(), format!("{}/{}", scheme.family(), hash.info().name));
            assert_eq!((scheme.digest_size(), scheme.hash() == &hash, scheme.context()), (width, true, &b""[..]));
            assert_eq!((scheme.kind().code(), scheme.kind().name(), scheme.kind()), (1, "dense", Kind::Dense));
            assert_eq!(scheme.plan(3, vec![0]).map(|plan| plan.len()), Some(2));
            assert_eq!(scheme.plan(3, vec![3]), None);
            roots(&scheme, native, &node)?;
        }
    }
    Ok(())
}

fn roots(scheme: &Scheme, native: bool, top: &[u8]) -> Outcome {
    let (hash, width) = (scheme.hash(), scheme.digest_size());
    let head = TreeHead::of_top(scheme.clone(), 258, Some(top))?;
    let empty = TreeHead::of_top(scheme.clone(), 0, None)?;
    if !native {
        assert_eq!((head.root(), empty.root()), (top, &hash.digest(b"")?[..]));
        assert!(
            matches!(scheme.with_context(vec![1]), Err(SchemeError::ContextNotBound(family)) if family == "rfc6962")
        );
        assert!(matches!(scheme.with_context(vec![]), Err(SchemeError::ContextNotBound(_))));
        return Ok(());
    }
    let params = |size: u64, context: &[u8]| {
        let mut body = vec![1, 1];
        body.extend((hash.tag_length() as u16).to_le_bytes());
        body.extend((width as u16).to_le_bytes());
        body.extend([0; 4]);
        body.extend((context.len() as u32).to_le_bytes());
        body.extend(context);
        body.extend(size.to_le_bytes());
        body.extend([0; 16]);
        tagged(hash, "tallystick/v1/params", &body)
    };
    let root = |params: Vec<u8>, top: &[u8]| tagged(hash, "tallystick/v1/head", &[&params, top].concat());
    assert_eq!(head.root(), root(params(258, b"")?, top)?);
    assert_eq!(empty.root(), root(params(0, b"")?, &vec![0; width])?);
    let other = scheme.with_context(b"day 1".to_vec())?;
    assert_eq!((other.context(), other.family(), other.hash() == hash), (&b"day 1"[..], "native", true));
    assert_eq!(TreeHead::of_top(other, 7, Some(top))?.root(), root(params(7, b"day 1")?, top)?);
    Ok(())
}

#[test]
fn equal_by_value() -> Outcome {
    let schemes = schemes()?;
    for (place, left) in schemes.iter().enumerate() {
        for (other, right) in schemes.iter().enumerate() {
            assert_eq!(left == right, place == other, "{left:?} {right:?}");
        }
        let again = Scheme::of_family(left.family(), left.hash().clone())?;
        assert_eq!(&again == left, left.context().is_empty());
        let width = left.digest_size();
        let head = TreeHead::new(left.clone(), 5, vec![1; width])?;
        assert_eq!(head, TreeHead::new(left.clone(), 5, vec![1; width])?);
        assert_ne!(head, TreeHead::new(left.clone(), 6, vec![1; width])?);
        assert_ne!(head, TreeHead::new(left.clone(), 5, vec![2; width])?);
        assert_eq!((head.size(), head.root(), head.scheme()), (5, &vec![1; width][..], left));
    }
    let native = &schemes[0];
    let (one, two) = (native.with_context(vec![1])?, native.with_context(vec![2])?);
    assert_ne!(one, two);
    assert_eq!(one, native.with_context(vec![1])?);
    assert_eq!(one.with_context(vec![])?, *native);
    assert_ne!(TreeHead::new(one, 5, vec![1; 32])?, TreeHead::new(two, 5, vec![1; 32])?);
    assert_eq!(format!("{:?}", schemes[6]), "Scheme(\"native/blake3\", context: 5 bytes)");
    Ok(())
}

#[test]
fn refusals() -> Outcome {
    let sha256 = builtin("sha256").ok_or("a hash")?;
    let refused = |family, hash| Scheme::of_family(family, hash).err().map(|error| error.to_string());
    assert!(
        matches!(Scheme::of_family("Native", sha256.clone()), Err(SchemeError::UnknownFamily(name)) if name == "Native")
    );
    assert!(matches!(Scheme::of_family("native", foreign(48, false)), Err(SchemeError::NotCryptographic(_))));
    for size in [0, 31, 65] {
        let refused = Scheme::of_family("native", foreign(size, true));
        assert!(matches!(refused, Err(SchemeError::DigestSize { size: found, .. }) if found == size), "{size}");
    }
    let long = "n".repeat(256).leak();
    for name in ["", "a\"b", "a\\b", "a\nb", "sha256\u{e9}", long] {
        assert!(
            matches!(Scheme::of_family("native", named(name, 48, 64, true)), Err(SchemeError::HashName(_))),
            "{name}"
        );
    }
    assert!(Scheme::of_family("native", named(&long[1..], 48, 1 << 15, true)).is_ok());
    for size in [0, (1 << 15) + 1, 1 << 16, usize::MAX] {
        let refused = Scheme::of_family("native", named("wide", 48, size, true));
        assert!(matches!(refused, Err(SchemeError::BlockSize { size: found, .. }) if found == size), "{size}");
    }
    assert!(refused("native", builtin("xxh3_128").ok_or("a hash")?).is_some());
    let scheme = Scheme::of_family("native", sha256)?;
    for length in [0, 31, 33, 64] {
        let refused = TreeHead::new(scheme.clone(), 1, vec![0; length]);
        assert!(matches!(refused, Err(HeadError::RootSize { found, expected: 32, .. }) if found == length));
    }
    Ok(())
}
