//! Numbers as decimal text.

/// The two digits of each number below 100.
const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// 10^19, the largest power of ten in 64 bits.
const TEN_19: u64 = 10_000_000_000_000_000_000;

/// Writes the digits of `value` so that they end at `end` of `buffer`, and returns where they begin. Zero is `0`.
///
/// The buffer has 20 bytes before `end`.
#[inline]
pub(super) fn put_digits(buffer: &mut [u8], mut end: usize, mut value: u64) -> usize {
    while value >= 100 {
        let pair = (value % 100) as usize * 2;
        value /= 100;
        end -= 2;
        buffer[end..end + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    if value >= 10 {
        let pair = value as usize * 2;
        end -= 2;
        buffer[end..end + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    } else {
        end -= 1;
        buffer[end] = b'0' + value as u8;
    }
    end
}

/// The digits of numbers of up to 256 bits.
pub(crate) struct Digits {
    bytes: [u8; 96],
    start: usize,
}

impl Digits {
    /// The digits of a number of four 64-bit limbs, least significant first. Zero is `0`.
    pub(crate) fn new(mut limbs: [u64; 4]) -> Self {
        let mut digits = Self { bytes: [b'0'; 96], start: 96 };
        // Groups of 19 digits, the lowest first, each padded by the zeros that are there already.
        let mut end = 96;
        loop {
            let group = divide(&mut limbs, TEN_19);
            digits.start = put_digits(&mut digits.bytes, end, group);
            if limbs == [0; 4] {
                return digits;
            }
            end -= 19;
        }
    }

    /// The digits.
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

/// Divides by a number that is not zero, in place, and returns the remainder.
pub(crate) fn divide(limbs: &mut [u64; 4], divisor: u64) -> u64 {
    let divisor = u128::from(divisor);
    let mut remainder = 0_u128;
    for limb in limbs.iter_mut().rev() {
        let part = (remainder << 64) | u128::from(*limb);
        // Below 2^64, as the remainder is below the divisor.
        *limb = (part / divisor) as u64;
        remainder = part % divisor;
    }
    remainder as u64
}

/// A sign and 256 bits of magnitude, as limbs, the least significant first.
pub(crate) type Wide = (bool, [u64; 4]);

/// Sign and magnitude of 128 bits.
pub(crate) fn widened(value: i128) -> Wide {
    let magnitude = value.unsigned_abs();
    (value < 0, [magnitude as u64, (magnitude >> 64) as u64, 0, 0])
}

/// Sign and magnitude of 256 bits in two's complement.
pub(crate) fn limbs(bytes: [u8; 32]) -> Wide {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *limb = u64::from_ne_bytes(*bytes);
    }
    if cfg!(target_endian = "big") {
        limbs.reverse();
    }
    let negative = limbs[3] >> 63 == 1;
    if negative {
        let mut carry = true;
        for limb in &mut limbs {
            (*limb, carry) = (!*limb).overflowing_add(u64::from(carry));
        }
    }
    (negative, limbs)
}

/// A binary32 value as binary64. A NaN keeps its sign and payload, which a conversion by the processor may change.
pub(super) fn widen(value: f32) -> f64 {
    if value.is_nan() {
        let bits = u64::from(value.to_bits());
        f64::from_bits((bits >> 31 << 63) | (0x7ff << 52) | ((bits & 0x7f_ffff) << 29))
    } else {
        f64::from(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_wide_numbers() {
        let text = |limbs| String::from_utf8_lossy(Digits::new(limbs).text()).into_owned();
        assert_eq!(text([0; 4]), "0");
        assert_eq!(text([TEN_19, 0, 0, 0]), TEN_19.to_string());
        assert_eq!(text([u64::MAX, u64::MAX, 0, 0]), u128::MAX.to_string());
        let widest = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
        assert_eq!(text([u64::MAX; 4]), widest);
    }

    #[test]
    fn digits_of_every_length() {
        for exponent in 0..20 {
            for value in [10_u64.pow(exponent) - 1, 10_u64.pow(exponent), 10_u64.pow(exponent) + 1] {
                let mut buffer = [0; 20];
                let start = put_digits(&mut buffer, 20, value);
                assert_eq!(&buffer[start..], value.to_string().as_bytes());
            }
        }
    }

    #[test]
    fn widening_keeps_every_nan() {
        for bits in [0x7f80_0001_u32, 0xffc0_0000, 0x7fff_ffff] {
            let wide = widen(f32::from_bits(bits)).to_bits();
            assert_eq!(wide >> 63, u64::from(bits >> 31));
            assert_eq!(wide & ((1 << 52) - 1), u64::from(bits & 0x7f_ffff) << 29);
        }
        assert_eq!(widen(-0.0).to_bits(), (-0.0_f64).to_bits());
    }
}
