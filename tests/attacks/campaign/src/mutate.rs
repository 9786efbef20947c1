//! Random mutations of encodings.

use crate::objects::Form;
use crate::rng::Rng;

/// Changes `bytes` in place, one to three times; `other` is another encoding to splice with.
pub(crate) fn mutate(form: Form, bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    for _ in 0..=rng.below(3) {
        if rng.below(2) == 0 {
            plain(bytes, other, rng);
        } else {
            match form {
                Form::Json => json(bytes, rng),
                Form::Binary | Form::Protobuf => numbers(bytes, rng),
            }
        }
    }
}

/// A range within `length` bytes, short ones as likely as long ones.
fn range(length: usize, rng: &mut Rng) -> std::ops::Range<usize> {
    let begin = rng.place(length + 1);
    let most = (length - begin) as u64;
    begin..begin + if most == 0 { 0 } else { rng.log_uniform(most) as usize }
}

/// What any bytes can suffer.
fn plain(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let place = rng.place(bytes.len() + 1);
    let range = range(bytes.len(), rng);
    match rng.below(10) {
        0..=2 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << rng.below(8);
            }
        }
        3 => bytes.insert(place, rng.next() as u8),
        4 => {
            bytes.drain(range);
        }
        5 => {
            let copy = bytes[range].to_vec();
            bytes.splice(place..place, copy);
        }
        6 => bytes.truncate(place),
        7 => bytes.extend_from_slice(&other[..rng.place(other.len() + 1)]),
        8 => {
            // The front of one and the back of another, at one place or at any two.
            let cut = if rng.below(2) == 0 { place.min(other.len()) } else { rng.place(other.len() + 1) };
            bytes.truncate(place);
            bytes.extend_from_slice(&other[cut..]);
        }
        _ => {
            let byte = [0, 1, 0x7f, 0x80, 0xff][rng.place(5)];
            bytes[range].fill(byte);
        }
    }
}

/// Lengths, counts and varints.
fn numbers(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let Some(place) = (!bytes.is_empty()).then(|| rng.place(bytes.len())) else { return };
    match rng.below(6) {
        0 => bytes[place] = bytes[place].wrapping_add(1),
        1 => bytes[place] = bytes[place].wrapping_sub(1),
        // The same varint, a byte longer than it must be.
        2 => {
            bytes[place] |= 0x80;
            bytes.insert(place + 1, 0);
        }
        // A field written out though it is zero or empty.
        3 => {
            let tag = (rng.below(8) << 3) as u8 | [0, 2][rng.place(2)];
            bytes.splice(place..place, [tag, 0]);
        }
        // A wide number.
        4 => {
            let wide = [u64::MAX, 1 << 63, 1 << 32, rng.next()][rng.place(4)].to_le_bytes();
            let end = bytes.len().min(place + 8);
            bytes.splice(place..end, wide);
        }
        _ => {
            let other = rng.place(bytes.len());
            bytes.swap(place, other);
        }
    }
}

/// Other spellings that a lax reader of JSON would take for the same.
fn json(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let places = |wanted: fn(&u8) -> bool| -> Vec<usize> {
        bytes.iter().enumerate().filter(|(_, byte)| wanted(byte)).map(|(place, _)| place).collect()
    };
    let pick = |places: &[usize], rng: &mut Rng| places.get(rng.place(places.len().max(1))).copied();
    match rng.below(9) {
        // A number spelled otherwise, or another number.
        0..=2 => {
            let Some(begin) = pick(&places(u8::is_ascii_digit), rng) else { return };
            let digits = bytes[begin..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = String::from_utf8_lossy(&bytes[begin..begin + digits]).into_owned();
            let spelled = match rng.below(9) {
                0 => format!("0{number}"),
                1 => format!("+{number}"),
                2 => format!("-{number}"),
                3 => format!("{number}.0"),
                4 => format!("{number}e0"),
                5 => format!("{number}0"),
                6 => format!("\"{number}\""),
                7 => rng.next().to_string(),
                _ => String::new(),
            };
            bytes.splice(begin..begin + digits, spelled.into_bytes());
        }
        // White space between tokens.
        3 => {
            let Some(place) = pick(&places(|byte| b"{}[],:\"".contains(byte)), rng) else { return };
            bytes.insert(place + rng.place(2), b" \t\n\r"[rng.place(4)]);
        }
        // Hex in capitals.
        4 => {
            let Some(place) = pick(&places(u8::is_ascii_lowercase), rng) else { return };
            bytes[place] = bytes[place].to_ascii_uppercase();
        }
        // An escape for a plain character.
        5 => {
            let Some(place) = pick(&places(u8::is_ascii_alphanumeric), rng) else { return };
            let escaped = format!("\\u{:04x}", bytes[place]);
            bytes.splice(place..=place, escaped.into_bytes());
        }
        // Quotes lost.
        6 => {
            let Some(place) = pick(&places(|byte| *byte == b'"'), rng) else { return };
            bytes.remove(place);
        }
        // An item again: a repeated key, an unknown key, an empty item.
        7 => {
            let commas = places(|byte| *byte == b',');
            let Some(begin) = pick(&commas, rng) else { return };
            let length = bytes[begin + 1..].iter().take_while(|byte| !b",}]".contains(byte)).count() + 1;
            let item = match rng.below(3) {
                0 => bytes[begin..begin + length].to_vec(),
                1 => b",\"more\":1".to_vec(),
                _ => b",".to_vec(),
            };
            bytes.splice(begin..begin, item);
        }
        // Two items in the other order.
        _ => {
            let commas = places(|byte| *byte == b',');
            let Some(place) = commas.len().checked_sub(3).map(|last| rng.place(last + 1)) else { return };
            let (first, second, end) = (commas[place], commas[place + 1], commas[place + 2]);
            bytes[first..end].rotate_left(second - first);
        }
    }
}
