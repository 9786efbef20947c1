//! What the programs beside tallystick share: they read the input, wait for the name of an operation on each line of
//! standard input, run it once, and answer with one line of JSON. `benches/peers/run.py` is at the other end.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Write, stdin, stdout};
use std::path::Path;
use std::time::Instant;

pub type Outcome = Result<(), Box<dyn Error>>;
pub type Leaf = [u8; 32];

/// What an operation that a library does not have returns: the reason, for the table.
#[derive(Debug)]
pub struct Missing(pub &'static str);

impl std::fmt::Display for Missing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0)
    }
}

impl Error for Missing {}

/// The input, the same for everyone.
pub struct Work {
    pub leaves: Vec<Leaf>,
    /// What is appended.
    pub more: Vec<Leaf>,
    /// Of which leaves there are single proofs.
    pub indices: Vec<usize>,
    /// Of which leaves there is one proof: ascending, distinct.
    pub chosen: Vec<usize>,
}

impl Work {
    fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let leaves = |name: &str| -> Result<Vec<Leaf>, Box<dyn Error>> {
            Ok(std::fs::read(folder.join(name))?.as_chunks::<32>().0.to_vec())
        };
        let indices = |name: &str| -> Result<Vec<usize>, Box<dyn Error>> {
            let data = std::fs::read(folder.join(name))?;
            Ok(data.as_chunks::<8>().0.iter().map(|index| u64::from_le_bytes(*index) as usize).collect())
        };
        Ok(Self {
            leaves: leaves("leaves")?,
            more: leaves("more")?,
            indices: indices("indices")?,
            chosen: indices("chosen")?,
        })
    }
}

/// One library. Every call but `clear` and `root` is timed.
pub trait Peer {
    /// Forgets tree and proofs.
    fn clear(&mut self);
    fn build(&mut self, work: &Work) -> Outcome;
    fn root(&self) -> Result<Leaf, Box<dyn Error>>;
    /// Makes single proofs and keeps them.
    fn prove(&mut self, work: &Work) -> Outcome;
    fn verify(&mut self, work: &Work) -> Outcome;
    fn multi(&mut self, _work: &Work) -> Outcome {
        Err(Missing("has no proof of many leaves").into())
    }
    fn verify_multi(&mut self, _work: &Work) -> Outcome {
        Err(Missing("has no proof of many leaves").into())
    }
    fn append(&mut self, work: &Work) -> Outcome;
}

/// Seconds of this process on a processor.
fn cpu() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

fn peak() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// Answers until standard input ends.
pub fn serve(mut peer: impl Peer) -> Outcome {
    let folder = std::env::args().nth(1).ok_or("FOLDER")?;
    let work = Work::read(Path::new(&folder))?;
    say("{\"ready\": true}")?;
    for line in stdin().lines() {
        let line = line?;
        let operation = line.trim();
        match operation {
            "root" => {
                let mut hex = String::new();
                peer.root()?.iter().try_for_each(|byte| write!(hex, "{byte:02x}"))?;
                say(&format!("{{\"root\": \"{hex}\"}}"))?;
            }
            "peak" => say(&format!("{{\"peak\": {}}}", peak()?))?,
            _ => {
                if operation == "build" {
                    peer.clear();
                }
                let (wall, begin) = (Instant::now(), cpu());
                let outcome = match operation {
                    "build" => peer.build(&work),
                    "prove" => peer.prove(&work),
                    "verify" => peer.verify(&work),
                    "multi" => peer.multi(&work),
                    "verify_multi" => peer.verify_multi(&work),
                    "append" => peer.append(&work),
                    _ => Err("there is no such operation".into()),
                };
                let (used, passed) = (cpu() - begin, wall.elapsed().as_secs_f64());
                say(&match outcome {
                    Ok(()) => format!("{{\"cpu\": {used}, \"wall\": {passed}}}"),
                    Err(error) if error.is::<Missing>() => format!("{{\"missing\": {:?}}}", error.to_string()),
                    Err(error) => format!("{{\"error\": {:?}}}", error.to_string()),
                })?;
            }
        }
    }
    Ok(())
}

fn say(line: &str) -> Outcome {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
