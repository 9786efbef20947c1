//! Errors about huge inputs are small.

mod common;

use common::Outcome;
use tallystick_proof::codec::Wire;
use tallystick_proof::hash::builtin;
use tallystick_proof::scheme::Scheme;

/// A name is as long as the input lets it be, and written out it is longer: six characters for a control character.
#[test]
fn names_are_not_repeated_at_any_length() -> Outcome {
    for byte in [0x7f, b'"', b'x', 0xff] {
        let name = vec![byte; 1 << 20];
        let length = u32::try_from(name.len())?.to_le_bytes();
        for names in
            [[&b"\x06\0\0\0native"[..], &length, &name].concat(), [&length[..], &name, b"\x06\0\0\0sha256"].concat()]
        {
            let encoding = [b"tlys\x01\x01", &names[..], &[0; 8]].concat();
            let error = Scheme::decode(&encoding, &builtin).err().ok_or("no such scheme")?;
            assert!(error.to_string().len() < 1000, "{byte}: {} characters", error.to_string().len());
            assert!(format!("{error:?}").len() < 1000);
        }
    }
    Ok(())
}

#[test]
fn a_name_cut_short_says_so() -> Outcome {
    for (length, cut) in [(1, false), (64, false), (65, true), (200, true)] {
        let error = Scheme::of_family(&"é".repeat(length), builtin("sha256").ok_or("a hash")?);
        let text = error.err().ok_or("no such family")?.to_string();
        assert_eq!((text.contains('…'), text.matches('é').count()), (cut, length.min(64)), "{length}");
    }
    Ok(())
}
