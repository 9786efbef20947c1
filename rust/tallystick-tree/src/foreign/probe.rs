//! What a hash function that is not built in has to show: it gives the known answer, the same answer each time and in
//! batches, writes what it should and nothing else, and keeps messages apart that careless functions confuse.

use tallystick_proof::hash::{BatchHash, HashError, Prefix};

/// A message and what its digest is said to be.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The message.
    pub message: &'a [u8],
    /// Its digest.
    pub digest: &'a [u8],
}

/// What a hash function did that none does.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Another answer than the published one.
    #[error("it gives another digest than the known one")]
    Known,
    /// Two answers.
    #[error("it gives two digests for one message")]
    Undetermined,
    /// Bytes that were left as they were.
    #[error("it does not write all bytes of its digests")]
    Unwritten,
    /// Bytes before or behind its digests.
    #[error("it writes beside its digests")]
    Beside,
    /// A batch that is not what its messages are one by one.
    #[error(
        "in a batch of {rows} messages of {width} bytes behind a prefix of {prefix} it gives other digests than one by one"
    )]
    Batch {
        /// Number of messages.
        rows: usize,
        /// Bytes of each, or of the longest.
        width: usize,
        /// Bytes of the prefix.
        prefix: usize,
    },
    /// A collision that shows that lengths do not count.
    #[error("a message of {length} bytes and the same with {zeros} zero bytes behind it have one digest")]
    Length {
        /// Bytes of the shorter message.
        length: usize,
        /// Zeros of the longer.
        zeros: usize,
    },
    /// A byte that does not count.
    #[error("two messages of {length} bytes that differ in one byte near the end have one digest")]
    Ignored {
        /// Bytes of the messages.
        length: usize,
    },
    /// A collision of a number with itself and the modulus.
    #[error(
        "a number and the same number plus the modulus of {field} have one digest: numbers that are too large have to be refused"
    )]
    Modulus {
        /// Whose modulus it is.
        field: &'static str,
    },
    /// The function itself failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Says of an error whether it refuses a message, as [`HashError::Refused`] always does.
pub type Refusing<'a> = &'a dyn Fn(&HashError) -> bool;

/// Bytes around digests that nobody may write.
const GUARD: usize = 64;

/// Digests of messages behind a prefix, `None` if one is refused. What is written is watched.
struct Watched<'a> {
    hash: &'a dyn BatchHash,
    refusing: Refusing<'a>,
}

enum Messages<'a> {
    Rows(&'a [u8], usize),
    Ragged(&'a [&'a [u8]]),
}

impl Watched<'_> {
    fn digests(&self, prefix: &[u8], messages: &Messages<'_>) -> Result<Option<Vec<u8>>, ProbeError> {
        let first = self.filled(prefix, messages, 0x5a)?;
        let second = self.filled(prefix, messages, 0xa5)?;
        match (first, second) {
            (Some(first), Some(second)) if first == second => Ok(Some(first)),
            (None, None) => Ok(None),
            // Either some bytes are those that were there before, or the answers are two.
            (Some(first), Some(second)) => {
                let differ = first.iter().zip(&second).filter(|(a, b)| a != b);
                Err(if differ.clone().all(|pair| pair == (&0x5a, &0xa5)) {
                    ProbeError::Unwritten
                } else {
                    ProbeError::Undetermined
                })
            }
            _ => Err(ProbeError::Undetermined),
        }
    }

    fn filled(&self, prefix: &[u8], messages: &Messages<'_>, fill: u8) -> Result<Option<Vec<u8>>, ProbeError> {
        let count = match messages {
            Messages::Rows(rows, width) => rows.len() / width,
            Messages::Ragged(rows) => rows.len(),
        };
        let length = count * self.hash.info().digest_size;
        let mut room = vec![fill; length + 2 * GUARD];
        let out = &mut room[GUARD..GUARD + length];
        let done = self.hash.seed(&Prefix::Bytes(prefix.to_vec())).and_then(|seeded| match messages {
            Messages::Rows(rows, width) => seeded.rows(rows, *width, out),
            Messages::Ragged(rows) => seeded.ragged(rows, out),
        });
        if room[..GUARD].iter().chain(&room[GUARD + length..]).any(|byte| *byte != fill) {
            return Err(ProbeError::Beside);
        }
        match done {
            Ok(()) => Ok(Some(room[GUARD..GUARD + length].to_vec())),
            Err(HashError::Refused(_)) => Ok(None),
            Err(error) if (self.refusing)(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn one(&self, message: &[u8]) -> Result<Option<Vec<u8>>, ProbeError> {
        self.digests(&[], &Messages::Ragged(&[message]))
    }
}

/// The known answer, answers that stay, and messages that careless functions confuse.
pub fn probe(hash: &dyn BatchHash, known: Option<Claim<'_>>, refusing: Refusing<'_>) -> Result<(), ProbeError> {
    let watched = Watched { hash, refusing };
    if let Some(known) = known
        && watched.one(known.message)?.is_none_or(|digest| digest != known.digest)
    {
        return Err(ProbeError::Known);
    }
    probe_collisions(&watched)
}

fn probe_collisions(watched: &Watched<'_>) -> Result<(), ProbeError> {
    for length in [0, 1, 8, 31, 32, 64] {
        let mut message = Tame(length as u64).bytes(length);
        let short = watched.one(&message)?;
        for zeros in [1, 8, 32] {
            message.resize(length + zeros, 0);
            let long = watched.one(&message)?;
            if short.is_some() && short == long {
                return Err(ProbeError::Length { length, zeros });
            }
        }
    }
    for length in [32, 64, 128, 256, 1024] {
        let mut message = Tame(length as u64).bytes(length);
        let found = watched.one(&message)?;
        message[length - 5] ^= 1;
        if found.is_some() && found == watched.one(&message)? {
            return Err(ProbeError::Ignored { length });
        }
    }
    for (field, modulus) in MODULI {
        let width = modulus.len();
        for length in [width, 2 * width, 64] {
            for little in [false, true] {
                let (mut small, mut large) = (vec![0; length], vec![0; length]);
                small[width - 1] = 1;
                large[..width].copy_from_slice(modulus);
                add_one(&mut large[..width]);
                if little {
                    small[..width].reverse();
                    large[..width].reverse();
                }
                let found = watched.one(&small)?;
                if found.is_some() && found == watched.one(&large)? {
                    return Err(ProbeError::Modulus { field });
                }
            }
        }
    }
    Ok(())
}

/// Adds one to a big-endian number that is not the largest of its size.
fn add_one(number: &mut [u8]) {
    for byte in number.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}

/// Batches are what their messages are one by one, behind prefixes of several lengths.
pub fn probe_batches(hash: &dyn BatchHash, refusing: Refusing<'_>) -> Result<(), ProbeError> {
    let watched = Watched { hash, refusing };
    let mut tame = Tame(1);
    for prefix in [0, 1, hash.info().block_size] {
        let prefix = tame.bytes(prefix);
        for (width, count) in
            [(1, 3), (8, 5), (16, 2), (32, 16), (33, 9), (64, 17), (65, 4), (96, 1), (128, 33), (200, 8)]
        {
            let rows = tame.bytes(width * count);
            let rows: Vec<&[u8]> = rows.chunks(width).collect();
            probe_batch(&watched, &prefix, &rows, Some(width))?;
        }
        let pool = tame.bytes(300);
        let rows: Vec<&[u8]> = [0, 32, 64, 1, 300, 64, 65, 0, 128].iter().map(|length| &pool[..*length]).collect();
        probe_batch(&watched, &prefix, &rows, None)?;
    }
    Ok(())
}

fn probe_batch(watched: &Watched<'_>, prefix: &[u8], rows: &[&[u8]], width: Option<usize>) -> Result<(), ProbeError> {
    let digest_size = watched.hash.info().digest_size;
    let mut alone = Some(Vec::with_capacity(rows.len() * digest_size));
    for row in rows {
        let message = [prefix, row].concat();
        let digest = watched.one(&message)?;
        // One that is refused makes the batch refused.
        alone = alone.zip(digest).map(|(alone, digest)| [alone, digest].concat());
    }
    let joined = rows.concat();
    let together = match width {
        Some(width) => watched.digests(prefix, &Messages::Rows(&joined, width))?,
        None => watched.digests(prefix, &Messages::Ragged(rows))?,
    };
    if alone == together {
        return Ok(());
    }
    let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    Err(ProbeError::Batch { rows: rows.len(), width, prefix: prefix.len() })
}

/// Bytes by chance, the same in each run. Every eighth one and the one before it are zero, so that most fields take them as
/// numbers, whichever end comes first.
struct Tame(u64);

impl Tame {
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut next = || {
            // SplitMix64.
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) as u8
        };
        (0..length).map(|place| if matches!(place % 8, 0 | 7) { 0 } else { next() }).collect()
    }
}

/// Moduli of fields that hashes over numbers use, big-endian.
const MODULI: [(&str, &[u8]); 10] = [
    ("BN254's scalars", &hex32("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001")),
    ("BLS12-381's scalars", &hex32("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")),
    ("Pallas", &hex32("40000000000000000000000000000000224698fc094cf91b992d30ed00000001")),
    ("Vesta", &hex32("40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001")),
    ("Stark", &hex32("0800000000000011000000000000000000000000000000000000000000000001")),
    ("secp256k1", &hex32("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f")),
    ("Goldilocks", &0xffff_ffff_0000_0001_u64.to_be_bytes()),
    ("BabyBear", &0x7800_0001_u32.to_be_bytes()),
    ("KoalaBear", &0x7f00_0001_u32.to_be_bytes()),
    ("Mersenne31", &0x7fff_ffff_u32.to_be_bytes()),
];

const fn hex32(text: &str) -> [u8; 32] {
    const fn digit(character: u8) -> u8 {
        match character {
            b'0'..=b'9' => character - b'0',
            _ => character - b'a' + 10,
        }
    }
    let (text, mut bytes, mut place) = (text.as_bytes(), [0; 32], 0);
    while place < 32 {
        bytes[place] = digit(text[2 * place]) << 4 | digit(text[2 * place + 1]);
        place += 1;
    }
    bytes
}
