//! The three encodings: literal bytes, strictness at every byte, and what errors say.

mod common;

use common::{Outcome, foreign, schemes};
use tallystick_proof::codec::{DecodeError, Reader, Wire, put_lp};
use tallystick_proof::hash::{Hash, builtin};
use tallystick_proof::head::TreeHead;
use tallystick_proof::proof::{ConsistencyProof, InclusionProof, MultiProof, ProofBatch};
use tallystick_proof::scheme::Scheme;

fn resolve(name: &str) -> Option<Hash> {
    if name == "wide" { None } else { builtin(name) }
}

fn native() -> Result<Scheme, Box<dyn std::error::Error>> {
    Ok(Scheme::of_family("native", builtin("sha256").ok_or("a hash")?)?.with_context(b"day 1".to_vec())?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The object has these encodings and no others a byte away.
fn forms<W: Wire + PartialEq + std::fmt::Debug>(object: &W, binary: &[u8], json: &str, protobuf: &[u8]) -> Outcome {
    assert_eq!(hex(&object.encode()), hex(binary));
    assert_eq!(object.to_json(), json);
    assert_eq!(hex(&object.to_protobuf()), hex(protobuf));
    assert_eq!(&W::decode(binary, &resolve)?, object);
    assert_eq!(&W::from_json(json, &resolve)?, object);
    assert_eq!(&W::from_protobuf(protobuf, &resolve)?, object);
    for mutant in neighbours(binary) {
        if let Ok(read) = W::decode(&mutant, &resolve) {
            assert_eq!(hex(&read.encode()), hex(&mutant));
        }
    }
    for mutant in neighbours(protobuf) {
        if let Ok(read) = W::from_protobuf(&mutant, &resolve) {
            assert_eq!(hex(&read.to_protobuf()), hex(&mutant));
        }
    }
    for mutant in neighbours(json.as_bytes()) {
        let Ok(text) = String::from_utf8(mutant) else { continue };
        match W::from_json(&text, &resolve) {
            Ok(read) => assert_eq!(read.to_json(), text),
            // What is called right is right: it is the front of what was written.
            Err(DecodeError::Json { at, .. }) => assert!(at <= text.len(), "{text} {at}"),
            Err(_) => {}
        }
    }
    Ok(())
}

/// Every way to change, drop, repeat or add one byte, and every front.
fn neighbours(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut mutants = Vec::new();
    for place in 0..=bytes.len() {
        mutants.push(bytes[..place].to_vec());
        for byte in [0, 1, 2, 9, 31, 32, 33, 127, 128, 255, b'0', b'1', b'a', b'A', b'"', b'\\', b',', b' ', b']', b'}']
        {
            mutants.push([&bytes[..place], &[byte], &bytes[place..]].concat());
            if place < bytes.len() {
                mutants.push([&bytes[..place], &[byte], &bytes[place + 1..]].concat());
            }
        }
        if place < bytes.len() {
            mutants.push([&bytes[..place], &bytes[place + 1..]].concat());
            mutants.push([&bytes[..place], &[bytes[place] | 128, 0], &bytes[place + 1..]].concat());
            mutants.push([&bytes[..place], &[bytes[place] ^ 128], &bytes[place + 1..]].concat());
        }
    }
    mutants.retain(|mutant| mutant != bytes);
    mutants
}

fn scheme_forms() -> (Vec<u8>, String, Vec<u8>) {
    let binary = b"tlys\x01\x01\x06\0\0\0native\x06\0\0\0sha256\0\0\0\0\x05\0\0\0day 1";
    let json = "{\"format\":\"tallystick-scheme\",\"version\":1,\"kind\":1,\"family\":\"native\",\"hash\":\"sha256\",\
                \"rules\":\"\",\"context\":\"6461792031\"}";
    let protobuf = b"\x08\x01\x10\x01\x1a\x06native\x22\x06sha256\x32\x05day 1";
    (binary.to_vec(), json.into(), protobuf.to_vec())
}

#[test]
fn schemes_written_down() -> Outcome {
    let (binary, json, protobuf) = scheme_forms();
    forms(&native()?, &binary, &json, &protobuf)?;
    let plain = Scheme::of_family("rfc6962", builtin("blake3").ok_or("a hash")?)?;
    forms(
        &plain,
        b"tlys\x01\x01\x07\0\0\0rfc6962\x06\0\0\0blake3\0\0\0\0\0\0\0\0",
        "{\"format\":\"tallystick-scheme\",\"version\":1,\"kind\":1,\"family\":\"rfc6962\",\"hash\":\"blake3\",\
         \"rules\":\"\",\"context\":\"\"}",
        b"\x08\x01\x10\x01\x1a\x07rfc6962\x22\x06blake3",
    )
}

#[test]
fn heads_written_down() -> Outcome {
    let (scheme, json, protobuf) = scheme_forms();
    let root: Vec<u8> = (0xe0..=0xff).collect();
    for (size, decimal, varint) in [
        (0, "0", &b""[..]),
        (1, "1", b"\x18\x01"),
        (128, "128", b"\x18\x80\x01"),
        (10, "10", b"\x18\x0a"),
        (u64::MAX, "18446744073709551615", b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    ] {
        forms(
            &TreeHead::new(native()?, size, root.clone())?,
            &[b"tlyh\x01\x27\0\0\0", &scheme[..], &size.to_le_bytes(), &root].concat(),
            &format!(
                "{{\"format\":\"tallystick-head\",\"version\":1,\"scheme\":{json},\"size\":\"{decimal}\",\"root\":\"{}\"}}",
                hex(&root)
            ),
            &[b"\x08\x01\x12\x1b", &protobuf[..], varint, b"\x22\x20", &root].concat(),
        )?;
    }
    Ok(())
}

#[test]
fn lists_of_digests_written_down() -> Outcome {
    let bytes: Vec<u8> = (0..96).collect();
    let text = |name: &str, digests: &str| {
        format!("{{\"format\":\"tallystick-{name}\",\"version\":1,\"digest_size\":48,\"digests\":[{digests}]}}")
    };
    let two = format!("\"{}\",\"{}\"", hex(&bytes[..48]), hex(&bytes[48..]));
    let one = format!("\"{}\"", hex(&bytes[48..]));
    let binary = |magic: &[u8], digests: &[u8]| [magic, b"\x01\x30", digests].concat();
    let protobuf = |digests: &[u8]| {
        let fields: Vec<u8> = digests.chunks(48).flat_map(|digest| [&[0x1a, 48], digest].concat()).collect();
        [b"\x08\x01\x10\x30", &fields[..]].concat()
    };
    for (bytes, listed) in [(&bytes[..0], String::new()), (&bytes[48..], one), (&bytes[..], two)] {
        let proto = protobuf(bytes);
        let owned = bytes.to_vec();
        forms(
            &InclusionProof::new(48, owned.clone())?,
            &binary(b"tlyi", bytes),
            &text("inclusion-proof", &listed),
            &proto,
        )?;
        forms(&MultiProof::new(48, owned.clone())?, &binary(b"tlym", bytes), &text("multi-proof", &listed), &proto)?;
        let growth = ConsistencyProof::new(48, owned)?;
        forms(&growth, &binary(b"tlyc", bytes), &text("consistency-proof", &listed), &proto)?;
    }
    Ok(())
}

#[test]
fn batches_written_down() -> Outcome {
    let bytes: Vec<u8> = (0..=255).cycle().take(32 * 131).collect();
    let digests: Vec<String> = bytes.chunks(32).map(|digest| format!("\"{}\"", hex(digest))).collect();
    let fields = |digests: &[u8]| digests.chunks(32).flat_map(|one| [&[0x22, 32], one].concat()).collect::<Vec<u8>>();
    let text = |counts: &str, digests: &[String]| {
        format!(
            "{{\"format\":\"tallystick-proof-batch\",\"version\":1,\"digest_size\":32,\"counts\":[{counts}],\
             \"digests\":[{}]}}",
            digests.join(",")
        )
    };
    let small = ProofBatch::new(32, bytes[..96].to_vec(), vec![0, 1, 1, 3])?;
    forms(
        &small,
        &[b"tlyb\x01\x20\x03\0\0\0\0\0\0\0\x01\x00\x02", &bytes[..96]].concat(),
        &text("1,0,2", &digests[..3]),
        &[b"\x08\x01\x10\x20\x1a\x03\x01\x00\x02", &fields(&bytes[..96])[..]].concat(),
    )?;
    let none = ProofBatch::new(32, Vec::new(), vec![0])?;
    forms(&none, b"tlyb\x01\x20\0\0\0\0\0\0\0\0", &text("", &[]), b"\x08\x01\x10\x20")?;
    // A count of two varint bytes; too long to try every neighbour.
    let large = ProofBatch::new(32, bytes.clone(), vec![0, 1, 131])?;
    assert_eq!(large.to_json(), text("1,130", &digests));
    assert_eq!(large.to_protobuf(), [b"\x08\x01\x10\x20\x1a\x03\x01\x82\x01", &fields(&bytes)[..]].concat());
    assert_eq!(ProofBatch::from_json(&large.to_json(), &resolve)?, large);
    assert_eq!(ProofBatch::from_protobuf(&large.to_protobuf(), &resolve)?, large);
    assert_eq!(ProofBatch::decode(&large.encode(), &resolve)?, large);
    for (counts, why) in [("1,0,3", "other"), ("256", "json"), ("1,0", "other"), ("01,0,2", "json"), ("1,,2", "json")] {
        let refused = ProofBatch::from_json(&text(counts, &digests[..3]), &resolve);
        assert_eq!(matches!(refused, Err(DecodeError::Json { .. })), why == "json", "{counts}");
        assert!(refused.is_err(), "{counts}");
    }
    let refused = ProofBatch::from_protobuf(b"\x08\x01\x10\x20\x1a\x02\x80\x02", &resolve);
    assert!(matches!(refused, Err(DecodeError::Protobuf { field: "counts", why: "larger than 255" })));
    Ok(())
}

#[test]
fn foreign_hashes_are_found_by_name_alone() -> Outcome {
    for scheme in schemes()? {
        let wide = scheme.digest_size() == 48;
        let head = TreeHead::new(scheme, 3, vec![5; if wide { 48 } else { 32 }])?;
        assert_eq!(TreeHead::decode(&head.encode(), &resolve).is_err(), wide);
        let hash = head.scheme().hash().clone();
        let known = |name: &str| if name == "wide" { Some(hash.clone()) } else { builtin(name) };
        assert_eq!(TreeHead::decode(&head.encode(), &known)?, head);
        assert_eq!(TreeHead::from_json(&head.to_json(), &known)?, head);
        assert_eq!(TreeHead::from_protobuf(&head.to_protobuf(), &known)?, head);
        // A root of another digest size.
        let other = if wide { builtin("sha3_256") } else { Some(foreign(48, true)) };
        let swapped = |_: &str| other.clone();
        assert!(TreeHead::decode(&head.encode(), &swapped).is_err());
        assert!(TreeHead::from_json(&head.to_json(), &swapped).is_err());
        assert!(TreeHead::from_protobuf(&head.to_protobuf(), &swapped).is_err());
    }
    Ok(())
}

#[test]
fn what_binary_errors_say() {
    let refused = |bytes: &[u8]| Scheme::decode(bytes, &resolve).err().map(|error| error.to_string());
    let (binary, ..) = scheme_forms();
    assert_eq!(refused(b"").as_deref(), Some("this is nothing, and no scheme in binary"));
    let unknown = Some("this is something that begins with [74, 6c, 79], and no scheme in binary");
    assert_eq!(refused(b"tly").as_deref(), unknown);
    for (found, kind) in [
        (&b"tlyh\x01"[..], "a head in binary"),
        (b"tlyi\x01", "an inclusion proof in binary"),
        (b"tlym\x01", "a multi-proof in binary"),
        (b"tlyc\x01", "a consistency proof in binary"),
        (b"tlyb\x01", "a proof batch in binary"),
        (b"tlyr\x01", "a shard in binary"),
        (b"tlyH\x01", "a sum head in binary"),
        (b"tlyI\x01", "a sum inclusion proof in binary"),
        (b"tlyM\x01", "a sum multi-proof in binary"),
        (b"tlyB\x01", "a sum proof batch in binary"),
        (b"tlyR\x01", "a sum shard in binary"),
        (b"tlyN\x01", "a namespaced head in binary"),
        (b"tlyn\x01", "a namespaced inclusion proof in binary"),
        (b"tlyw\x01", "a namespace proof in binary"),
        (b"tlya\x01", "an absence proof in binary"),
        (b"tlyf\x01", "a tree file in binary"),
        (b"{\"format\"", "an object in JSON"),
        (b"\x08\x01\x10", "perhaps Protobuf"),
    ] {
        assert_eq!(refused(found), Some(format!("this is {kind}, and no scheme in binary")));
    }
    assert_eq!(refused(b"tlys").as_deref(), Some("the version takes 1 bytes, 0 are left"));
    assert_eq!(refused(b"tlys\x02").as_deref(), Some("version 2 of the encoding; this library reads version 1"));
    assert_eq!(refused(b"tlys\x00").as_deref(), Some("version 0 of the encoding; this library reads version 1"));
    assert_eq!(refused(b"tlys\x01\x05").as_deref(), Some("the kind 5 does not exist or is not known here"));
    assert_eq!(refused(b"tlys\x01\x01\x06\0\0\0nat").as_deref(), Some("the family takes 6 bytes, 3 are left"));
    assert_eq!(refused(&[&binary[..], b"xy"].concat()).as_deref(), Some("2 bytes are left over"));
    let other = b"tlys\x01\x01\x06\0\0\0native\x03\0\0\0md5\0\0\0\0\0\0\0\0";
    assert_eq!(refused(other).as_deref(), Some("the hash \"md5\" does not exist or is not known here"));
    let kind = b"tlys\x01\x02\x06\0\0\0native\x06\0\0\0sha256\0\0\0\0\0\0\0\0";
    let text = "the kind 2 of the family \"native\" does not exist or is not known here";
    assert_eq!(refused(kind).as_deref(), Some(text));
    let rules = b"tlys\x01\x01\x06\0\0\0native\x06\0\0\0sha256\x01\0\0\0x\0\0\0\0";
    assert_eq!(refused(rules).as_deref(), Some("no such scheme: malformed rules: another version"));
    let family = b"tlys\x01\x01\x02\0\0\0\xff\xfe\x06\0\0\0sha256\0\0\0\0\0\0\0\0";
    assert!(matches!(Scheme::decode(family, &resolve), Err(DecodeError::Unknown { field: "family", .. })));
    let context = b"tlys\x01\x01\x07\0\0\0rfc6962\x06\0\0\0sha256\0\0\0\0\x01\0\0\0x";
    assert!(matches!(Scheme::decode(context, &resolve), Err(DecodeError::Scheme(_))));
    let weak = b"tlys\x01\x01\x06\0\0\0native\x08\0\0\0xxh3_128\0\0\0\0\0\0\0\0";
    assert!(matches!(Scheme::decode(weak, &resolve), Err(DecodeError::Scheme(_))));
    assert!(matches!(InclusionProof::decode(b"tlyi\x01\x1f", &resolve), Err(DecodeError::Proof(_))));
    assert!(matches!(InclusionProof::decode(b"tlyi\x01\x20\x00", &resolve), Err(DecodeError::Proof(_))));
    let many = b"tlyb\x01\x20\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    let truncated = ProofBatch::decode(many, &resolve);
    assert!(matches!(truncated, Err(DecodeError::Truncated { field: "counts", needed: u64::MAX, left: 1 })));
}

#[test]
fn readers_take_what_is_there() -> Outcome {
    let mut out = vec![7, 1, 2, 3, 4, 5, 6, 7, 8];
    put_lp(&mut out, b"abc");
    out.extend(b"rest");
    let mut reader = Reader::new(&out);
    assert_eq!((reader.u8("a")?, reader.u64("b")?), (7, 0x0807_0605_0403_0201));
    assert_eq!(reader.lp("c")?, b"abc");
    assert_eq!((reader.take("d", 0)?, reader.array::<2>("e")?), (&b""[..], *b"re"));
    assert!(matches!(reader.take("f", 3), Err(DecodeError::Truncated { field: "f", needed: 3, left: 2 })));
    assert!(matches!(reader.end(), Err(DecodeError::LeftOver(2))));
    assert_eq!((reader.rest(), reader.rest()), (&b"st"[..], &b""[..]));
    reader.end()?;
    assert!(reader.u8("g").is_err());
    Ok(())
}

#[test]
fn where_json_goes_wrong() {
    let (_, json, _) = scheme_forms();
    let at = |text: &str| match Scheme::from_json(text, &resolve) {
        Err(DecodeError::Json { at, expected }) => Some((at, expected)),
        _ => None,
    };
    let edited = |from: &str, to: &str| at(&json.replacen(from, to, 1));
    let text = |text: &str| Scheme::from_json(text, &resolve).err().map(|error| error.to_string());
    assert_eq!(text("").as_deref(), Some("this is nothing, and no scheme in JSON"));
    assert_eq!(text("tlys").as_deref(), Some("this is a scheme in binary, and no scheme in JSON"));
    assert_eq!(at("{}"), Some((1, "the format, first of all keys")));
    // What pretty printers and editors do.
    let space = |text: &str| match Scheme::from_json(text, &resolve) {
        Err(DecodeError::WhiteSpace(at)) => Some(at),
        _ => None,
    };
    assert_eq!(space(&json.replacen('{', "{ ", 1)), Some(1));
    assert_eq!(space(&json.replacen(':', ":\n", 1)), Some(10));

    assert_eq!(space(&format!("{json}\n")), Some(json.len()));
    assert_eq!(space(&format!("{json}\r\n")), Some(json.len()));
    assert_eq!(space(&json.replacen(",\"kind", " ,\"kind", 1)), Some(41));
    assert_eq!(edited("scheme", "head"), Some((22, "scheme")));
    assert_eq!(edited("\"version\":", "\"Version\":"), Some((30, "the version")));
    assert_eq!(edited(":1,", ":x,"), Some((40, "the version")));
    assert_eq!(edited(":1,", ":01,"), Some((40, "the version")));
    assert!(matches!(
        Scheme::from_json(&json.replacen(":1,", ":18446744073709551615,", 1), &resolve),
        Err(DecodeError::Version(u64::MAX))
    ));
    assert_eq!(edited(":1,", ":18446744073709551616,"), Some((40, "the version")));
    assert_eq!(edited(":1,", ":184467440737095516150,"), Some((40, "the version")));
    assert_eq!(edited("\"kind\":1", "\"kind\":256"), Some((52, "kind")));
    assert_eq!(edited("\"family\":", "\"hash\":"), Some((52, "family")));
    assert_eq!(edited("\"native\"", "native\""), Some((60, "family")));
    assert_eq!(edited("native\"", "native"), Some((69, "hash"))); // the text is then `native,`
    assert_eq!(edited("native", "nat\\u0069ve"), Some((64, "family")));
    assert_eq!(edited("6461792031", "646179203"), Some((edge(&json), "context")));
    assert_eq!(edited("6461792031", "646179203g"), Some((edge(&json), "context")));
    assert_eq!(edited("6461792031", "64617920 1"), Some((edge(&json), "context")));
    assert_eq!(edited("6461792031", "646179203A"), Some((edge(&json), "context")));
    assert_eq!(edited("6461792031", "646179203:"), Some((edge(&json), "context")));
    assert_eq!(edited("}", ""), Some((json.len() - 1, "the end of the object")));
    assert!(matches!(Scheme::from_json(&format!("{json}}}x"), &resolve), Err(DecodeError::LeftOver(2))));
    for (from, to) in [("native", "natiVe"), ("native", " native"), ("native", "")] {
        assert!(matches!(Scheme::from_json(&json.replacen(from, to, 1), &resolve), Err(DecodeError::Scheme(_))));
    }
    let root = |text: &str| {
        let head = format!(
            "{{\"format\":\"tallystick-head\",\"version\":1,\"scheme\":{json},\"size\":\"1\",\"root\":{text}}}"
        );
        TreeHead::from_json(&head, &resolve)
    };
    assert!(root(&format!("\"{}\"", "0f".repeat(32))).is_ok());
    for text in ["\"\"".to_owned(), format!("\"{}\"", "0f".repeat(31)), format!("\"{}\"", "0f".repeat(33)), "0".into()]
    {
        assert!(matches!(root(&text), Err(DecodeError::Json { expected: "root", .. })), "{text}");
    }
}

/// Where the context's value begins.
fn edge(json: &str) -> usize {
    json.len() - "\"6461792031\"}".len()
}

#[test]
fn every_letter_of_hex_and_every_number() -> Outcome {
    let context: Vec<u8> = (0..=255).collect();
    let scheme = native()?.with_context(context)?;
    assert!(scheme.to_json().contains("000102030405060708090a0b0c0d0e0f1011"));
    assert_eq!(Scheme::from_json(&scheme.to_json(), &resolve)?, scheme);
    assert_eq!(Scheme::from_protobuf(&scheme.to_protobuf(), &resolve)?, scheme);
    assert_eq!(Scheme::decode(&scheme.encode(), &resolve)?, scheme);
    let sizes = (0..64).flat_map(|bit| [1_u64 << bit, (1_u64 << bit) - 1, u64::MAX >> bit]);
    for size in sizes.chain((0..20).map(|zeros| 10_u64.pow(zeros))) {
        let head = TreeHead::new(native()?, size, vec![0xc3; 32])?;
        assert_eq!(TreeHead::decode(&head.encode(), &resolve)?, head);
        assert_eq!(TreeHead::from_json(&head.to_json(), &resolve)?, head);
        assert_eq!(TreeHead::from_protobuf(&head.to_protobuf(), &resolve)?, head);
        assert!(head.to_json().contains(&format!("\"size\":\"{size}\"")));
        for wrong in
            [format!("0{size}"), format!("+{size}"), format!("-{size}"), format!("{size}.0"), format!("{size} ")]
        {
            let text = head.to_json().replace(&format!("\"{size}\""), &format!("\"{wrong}\""));
            assert!(TreeHead::from_json(&text, &resolve).is_err(), "{wrong}");
        }
    }
    Ok(())
}

#[test]
fn what_protobuf_errors_say() {
    let refused = |bytes: &[u8]| Scheme::from_protobuf(bytes, &resolve).err().map(|error| error.to_string());
    let (_, _, protobuf) = scheme_forms();
    assert_eq!(refused(b"").as_deref(), Some("this is nothing, and no scheme in Protobuf"));
    assert_eq!(
        refused(b"tlyi\x01").as_deref(),
        Some("this is an inclusion proof in binary, and no scheme in Protobuf")
    );
    assert_eq!(refused(b"{}").as_deref(), Some("this is an object in JSON, and no scheme in Protobuf"));
    assert_eq!(refused(b"\x08\x02").as_deref(), Some("version 2 of the encoding; this library reads version 1"));
    assert_eq!(refused(b"\x08\x00").as_deref(), Some("the version is zero, and should be left out"));
    assert_eq!(refused(b"\x08\x81\x00").as_deref(), Some("the version is a varint that is longer than it must be"));
    assert_eq!(refused(b"\x08\x80").as_deref(), Some("the version is a varint without an end"));
    assert_eq!(
        refused(&[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 128, 1]).as_deref(),
        Some("the version is a varint without an end")
    );
    assert_eq!(
        refused(&[8, 128, 128, 128, 128, 128, 128, 128, 128, 128, 2]).as_deref(),
        Some("the version is a varint of more than 64 bits")
    );
    assert_eq!(
        refused(&[8, 128, 128, 128, 128, 128, 128, 128, 128, 128, 129, 1]).as_deref(),
        Some("the version is a varint without an end")
    );
    assert_eq!(
        refused(&[8, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1]).as_deref(),
        Some("version 9223372036854775808 of the encoding; this library reads version 1")
    );
    assert_eq!(refused(b"\x08\x01").as_deref(), Some("the kind 0 does not exist or is not known here"));
    assert_eq!(refused(b"\x08\x01\x10\x80\x02").as_deref(), Some("the kind is larger than 255"));
    assert_eq!(refused(b"\x08\x01\x10\x01\x1a\x00").as_deref(), Some("the family is empty, and should be left out"));
    assert_eq!(refused(b"\x08\x01\x10\x01\x1a\x01\xff").as_deref(), Some("the family is not text"));
    assert_eq!(refused(b"\x08\x01\x10\x01\x1a\x06nat").as_deref(), Some("the family takes 6 bytes, 3 are left"));
    assert_eq!(refused(&[&protobuf[..], b"\x38\x01"].concat()).as_deref(), Some("2 bytes are left over"));
    assert_eq!(refused(&[&protobuf[..], &protobuf].concat()).as_deref(), Some("27 bytes are left over"));
    // Fields in another order, and with another wire type.
    assert!(refused(b"\x08\x01\x10\x01\x22\x06sha256\x1a\x06native").is_some());
    assert!(refused(b"\x0a\x01\x01").is_some());
    let head = |bytes: &[u8]| TreeHead::from_protobuf(bytes, &resolve).err().map(|error| error.to_string());
    assert_eq!(head(b"\x08\x01").as_deref(), Some("the scheme is missing"));
    assert_eq!(head(b"\x08\x01\x12\x05\x08\x01").as_deref(), Some("the scheme takes 5 bytes, 2 are left"));
    let short = [b"\x08\x01\x12\x1b", &protobuf[..], b"\x22\x01\x07"].concat();
    assert_eq!(head(&short).as_deref(), Some("the root is not of the digest size"));
    assert_eq!(head(&short[..short.len() - 3]).as_deref(), Some("the root is not of the digest size"));
    let proof = |bytes: &[u8]| MultiProof::from_protobuf(bytes, &resolve).err().map(|error| error.to_string());
    assert_eq!(proof(b"\x08\x01\x10\x20\x1a\x01\x07").as_deref(), Some("the digests is not of the digest size"));
    assert_eq!(proof(b"\x08\x01\x1a\x00").as_deref(), Some("the digests is not of the digest size"));
    assert!(proof(b"\x08\x01").is_some_and(|text| text.contains("a digest size of 0")));
}
