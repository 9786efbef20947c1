//! How far the processor's vector instructions are used.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// What may be used of a processor, each level with all below it. The names are those of `TALLYSTICK_SIMD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor of this kind has.
    Portable,
    /// 128 bits: SSE4.1, and the SHA extensions.
    Sse,
    /// 256 bits: AVX2.
    Avx2,
    /// 512 bits: AVX-512 F, BW, DQ and VL.
    Avx512,
}

/// A level that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{VARIABLE} must be portable, sse, avx2 or avx512, not {0:?}")]
pub struct NoSuchLevel(String);

/// The environment variable that limits the level.
const VARIABLE: &str = "TALLYSTICK_SIMD";

impl Level {
    /// All levels, the lowest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Sse, Self::Avx2, Self::Avx512];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Sse => "sse",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The highest level of this processor.
    pub fn detected() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let sse = is_x86_feature_detected!("sse4.1");
            let avx2 = sse && is_x86_feature_detected!("avx2");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            match (sse, avx2, avx2 && avx512) {
                (_, _, true) => Self::Avx512,
                (_, true, _) => Self::Avx2,
                (true, ..) => Self::Sse,
                _ => Self::Portable,
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self::Portable
    }

    /// The level that this process uses: the processor's, at most what `TALLYSTICK_SIMD` says. Read once.
    pub fn chosen() -> Result<Self, NoSuchLevel> {
        static CHOSEN: OnceLock<Result<Level, NoSuchLevel>> = OnceLock::new();
        let read = || match std::env::var_os(VARIABLE) {
            None => Ok(Self::detected()),
            Some(text) if text.is_empty() => Ok(Self::detected()),
            Some(text) => Ok(text.to_string_lossy().parse::<Self>()?.min(Self::detected())),
        };
        CHOSEN.get_or_init(read).clone()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Level {
    type Err = NoSuchLevel;

    fn from_str(text: &str) -> Result<Self, NoSuchLevel> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or_else(|| NoSuchLevel(text.into()))
    }
}
