//! Numbers with digits after the point, as whole minor units: exactly, or not at all.

use crate::encode::numbers::{Digits, divide};

/// 10^0 to 10^38, all the powers of ten below 2^128.
const POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// Why a number is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// 2^128 or more.
    TooLarge,
    /// Not a whole number of minor units.
    Fraction,
}

/// 10^exponent, if it is below 2^128.
fn power(exponent: u64) -> Option<u128> {
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

/// `number` × 10^`shift`.
#[inline]
pub(super) fn shifted(number: u128, shift: i64) -> Result<u128, Unfit> {
    if shift == 0 || number == 0 {
        return Ok(number);
    }
    let power = power(shift.unsigned_abs());
    if shift > 0 {
        return power.and_then(|power| number.checked_mul(power)).ok_or(Unfit::TooLarge);
    }
    // Above all the powers there is no number to be divided.
    let divisor = power.ok_or(Unfit::Fraction)?;
    let (quotient, remainder) = match (u64::try_from(number), u64::try_from(divisor)) {
        (Ok(number), Ok(divisor)) => ((number / divisor).into(), (number % divisor).into()),
        _ => (number / divisor, number % divisor),
    };
    if remainder == 0 { Ok(quotient) } else { Err(Unfit::Fraction) }
}

/// The same for 256 bits, least significant limb first.
pub(super) fn shifted_wide(mut limbs: [u64; 4], mut shift: i64) -> Result<u128, Unfit> {
    while shift < 0 && limbs[2..] != [0; 2] {
        let digits = shift.unsigned_abs().min(19);
        let Some(Ok(divisor)) = power(digits).map(u64::try_from) else { return Err(Unfit::Fraction) };
        if divide(&mut limbs, divisor) != 0 {
            return Err(Unfit::Fraction);
        }
        shift += digits.cast_signed();
    }
    if limbs[2..] != [0; 2] {
        return Err(Unfit::TooLarge);
    }
    shifted(u128::from(limbs[1]) << 64 | u128::from(limbs[0]), shift)
}

/// A number in text: its digits before and after the point, × 10^exponent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text<'a> {
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

impl<'a> Text<'a> {
    /// `[0-9]+(\.[0-9]+)?` and nothing else.
    #[inline]
    pub(super) fn plain(text: &'a [u8]) -> Option<Self> {
        let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
        let (whole, rest) = text.split_at(end);
        let fraction = match rest {
            [] => rest,
            [b'.', fraction @ ..] if !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit) => fraction,
            _ => return None,
        };
        (!whole.is_empty()).then_some(Self { whole, fraction, exponent: 0 })
    }

    /// What `decimal.Decimal` writes, and whether it is negative; `None` for what is not finite.
    pub(super) fn of_decimal(text: &'a str) -> Option<(bool, Self)> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (digits, exponent) = match text.split_once(['E', 'e']) {
            None => (text, 0),
            // Exponents have up to 18 digits.
            Some((digits, exponent)) => (digits, exponent.parse().ok()?),
        };
        let number = Self { exponent, ..Self::plain(digits.as_bytes())? };
        Some((negative && !number.is_zero(), number))
    }

    fn is_zero(&self) -> bool {
        self.digits().all(|digit| digit == b'0')
    }

    fn digits(&self) -> impl DoubleEndedIterator<Item = u8> {
        self.whole.iter().chain(self.fraction).copied()
    }

    /// It × 10^`places`.
    #[inline]
    pub(super) fn units(&self, places: i64) -> Result<u128, Unfit> {
        let mut shift = places.saturating_add(self.exponent).saturating_sub_unsigned(self.fraction.len() as u64);
        let mut kept = self.whole.len() + self.fraction.len();
        for digit in self.digits().rev() {
            if shift >= 0 {
                break;
            }
            if digit != b'0' {
                return Err(Unfit::Fraction);
            }
            (shift, kept) = (shift + 1, kept - 1);
        }
        let mut number = 0_u128;
        for digit in self.digits().take(kept) {
            let more = number.checked_mul(10).and_then(|number| number.checked_add((digit - b'0').into()));
            number = more.ok_or(Unfit::TooLarge)?;
        }
        // Where all digits were zeros and passed, nothing is left to shift.
        shifted(number, shift)
    }
}

/// The digits of a short [`Text::plain`] as one number, and how many of them are behind the point. `None` if it is long, or
/// no such text.
#[inline]
pub(super) fn short(text: &[u8]) -> Option<(u64, u8)> {
    // So that its digits fit.
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let (mut number, mut point) = (0, None);
    for (place, byte) in text.iter().enumerate() {
        match byte.wrapping_sub(b'0') {
            digit @ 0..=9 => number = number * 10 + u64::from(digit),
            _ if *byte == b'.' && place != 0 && point.is_none() => point = Some(place + 1),
            _ => return None,
        }
    }
    match point {
        None => Some((number, 0)),
        Some(begin) if begin < text.len() => Some((number, (text.len() - begin) as u8)),
        Some(_) => None,
    }
}

/// A decimal for messages.
pub(super) fn decimal_text((negative, magnitude): (bool, [u64; 4]), scale: i32) -> String {
    let digits = Digits::new(magnitude);
    let digits: String = digits.text().iter().map(|digit| char::from(*digit)).collect();
    let sign = if negative { "-" } else { "" };
    let Ok(scale @ 1..) = usize::try_from(scale) else {
        let exponent = scale.unsigned_abs();
        return if exponent == 0 { format!("{sign}{digits}") } else { format!("{sign}{digits}E+{exponent}") };
    };
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_exact_or_refused() {
        assert_eq!(shifted(0, 200), Ok(0));
        assert_eq!(shifted(7, 38), Err(Unfit::TooLarge));
        assert_eq!(shifted(3, 38), Ok(3 * 10_u128.pow(38)));
        assert_eq!(shifted(1, 39), Err(Unfit::TooLarge));
        assert_eq!(shifted(1500, -2), Ok(15));
        assert_eq!(shifted(1501, -2), Err(Unfit::Fraction));
        assert_eq!(shifted(3 * 10_u128.pow(38), -38), Ok(3));
        assert_eq!(shifted(u128::MAX, -39), Err(Unfit::Fraction));
    }

    #[test]
    fn wide_numbers() {
        assert_eq!(shifted_wide([0, 0, 1, 0], 0), Err(Unfit::TooLarge));
        assert_eq!(shifted_wide([u64::MAX, u64::MAX, 0, 0], 0), Ok(u128::MAX));
        // 10^76 has 253 bits.
        let mut limbs = [1, 0, 0, 0];
        for _ in 0..76 {
            let mut carry = 0;
            for limb in &mut limbs {
                let product = u128::from(*limb) * 10 + carry;
                (*limb, carry) = (product as u64, product >> 64);
            }
        }
        assert_eq!(shifted_wide(limbs, -76), Ok(1));
        assert_eq!(shifted_wide(limbs, -38), Ok(10_u128.pow(38)));
        assert_eq!(shifted_wide(limbs, -37), Err(Unfit::TooLarge));
        assert_eq!(shifted_wide(limbs, -77), Err(Unfit::Fraction));
    }

    #[test]
    fn only_digits_and_one_point() {
        for text in ["", ".", ".5", "5.", "+5", "-0", " 5", "5 ", "5_0", "5e3", "1.2.3", "٣", "0x5", "NaN", "5\n"] {
            assert_eq!(Text::plain(text.as_bytes()), None, "{text:?}");
        }
        let units = |text: &str, places| Text::plain(text.as_bytes()).map(|number| number.units(places));
        assert_eq!(units("0012.50", 1), Some(Ok(125)));
        assert_eq!(units("12.50", 0), Some(Err(Unfit::Fraction)));
        assert_eq!(units("12.00", 0), Some(Ok(12)));
        assert_eq!(units("0.000", 0), Some(Ok(0)));
        assert_eq!(units("340282366920938463463374607431768211455", 0), Some(Ok(u128::MAX)));
        assert_eq!(units("340282366920938463463374607431768211456", 0), Some(Err(Unfit::TooLarge)));
    }

    #[test]
    fn short_texts_are_read_as_long_ones() {
        let texts =
            ["", ".", ".5", "5.", "5", "05.50", "0", "0.0", "1.2.3", "1..2", "5e3", "-5", "5 ", "9999999999999999999"];
        for text in texts.into_iter().chain(["99999999999999999.9", "00000000000000000.5"]) {
            let long = Text::plain(text.as_bytes());
            let both = short(text.as_bytes()).map(|(number, places)| (number.to_string(), places));
            let expected = long.map(|long| {
                let digits: String = long.digits().map(char::from).collect();
                (digits.parse::<u64>().unwrap_or(u64::MAX).to_string(), long.fraction.len() as u8)
            });
            assert_eq!(both, expected, "{text:?}");
        }
        assert_eq!(short(b"99999999999999999999"), None);
    }

    #[test]
    fn texts_of_decimals() {
        let units = |text, places| Text::of_decimal(text).map(|(sign, number)| (sign, number.units(places)));
        assert_eq!(units("1E+2", 0), Some((false, Ok(100))));
        assert_eq!(units("1.5E-7", 8), Some((false, Ok(15))));
        assert_eq!(units("1E-999999999999999999", 255), Some((false, Err(Unfit::Fraction))));
        assert_eq!(units("1E+999999999999999999", 0), Some((false, Err(Unfit::TooLarge))));
        assert_eq!(units("0E+999999999999999999", 0), Some((false, Ok(0))));
        assert_eq!(units("0E-999999999999999999", 0), Some((false, Ok(0))));
        assert_eq!(units("-0.0", 0), Some((false, Ok(0))));
        assert_eq!(units("-1", 0), Some((true, Ok(1))));
        assert_eq!(units("NaN", 0), None);
        assert_eq!(units("-Infinity", 0), None);
    }

    #[test]
    fn numbers_in_messages() {
        assert_eq!(decimal_text((false, [5, 0, 0, 0]), 0), "5");
        assert_eq!(decimal_text((true, [5, 0, 0, 0]), 2), "-0.05");
        assert_eq!(decimal_text((false, [12345, 0, 0, 0]), 2), "123.45");
        assert_eq!(decimal_text((false, [5, 0, 0, 0]), -2), "5E+2");
    }
}
