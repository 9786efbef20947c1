//! Threads that build, read, change and drop trees at once, for the thread sanitizer to watch: `nox -s sanitizers`.
//!
//! The standard library comes compiled without the sanitizer, which therefore does not see what its locks order. It is
//! told by `std_locks.c`; what remains, and why, is in `arcs.suppressions`. Threads are plain ones and joined one by one:
//! it sees that by itself. A tree here is large enough for its memory to be kept for the next one.

use std::error::Error;
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use tallystick_proof::hash::builtin;
use tallystick_proof::head::TreeHead;
use tallystick_proof::scheme::Scheme;
use tallystick_proof::verify::verify_inclusion;
use tallystick_tree::build::LeafRule;
use tallystick_tree::check::check_each;
use tallystick_tree::error::TreeError;
use tallystick_tree::file::{FileSet, MappedFile, Target};
use tallystick_tree::kernels::accelerated;
use tallystick_tree::leaves::{Block, FixedRows, Leaves};
use tallystick_tree::memory::set_arena;
use tallystick_tree::pool::{Pool, Run, never};
use tallystick_tree::prove::Selection;
use tallystick_tree::tree::{DenseTree, Wanted};

type Failure = Box<dyn Error + Send + Sync>;
type Outcome = Result<(), Failure>;
type Task<'a> = Box<dyn FnOnce() -> Outcome + Send + 'a>;

const SIZE: usize = 40_000;
const ADDED: usize = 5_000;
/// Leaves from here on are never updated.
const STANDING: usize = 20_000;
const WIDTH: usize = 32;
const ROUNDS: usize = 3;

/// What all threads share: read only.
struct World {
    scheme: Scheme,
    data: Vec<u8>,
    head: TreeHead,
    pool: Pool,
}

impl World {
    fn new(scheme: Scheme) -> Result<Self, Failure> {
        let data: Vec<u8> = (0..SIZE * WIDTH).map(|byte| (byte * 31 % 251) as u8).collect();
        let leaves = FixedRows::new(&data, WIDTH).ok_or("leaves")?;
        let serial = Pool::serial();
        let run = Run { pool: &serial, interrupt: &never };
        let head = DenseTree::new(scheme.clone(), &leaves, LeafRule::Hashed, run)?.head()?;
        Ok(Self { scheme, data, head, pool: Pool::new(3)? })
    }

    fn rows(&self, begin: usize, end: usize) -> Result<FixedRows<'_>, Failure> {
        Ok(FixedRows::new(&self.data[begin * WIDTH..end * WIDTH], WIDTH).ok_or("leaves")?)
    }

    fn run(&self) -> Run<'_> {
        Run { pool: &self.pool, interrupt: &never }
    }

    fn tree(&self, run: Run<'_>) -> Result<DenseTree, Failure> {
        Ok(DenseTree::new(self.scheme.clone(), &self.rows(0, SIZE)?, LeafRule::Hashed, run)?)
    }

    fn verify(&self, head: &TreeHead, index: usize, tree: &DenseTree) -> Outcome {
        let proof = match tree.prove(index as u64, Some(head)) {
            // Somebody replaced leaves in between.
            Err(TreeError::StaleHead { .. }) => return Ok(()),
            proof => proof?,
        };
        let leaf = &self.data[index % SIZE * WIDTH..][..WIDTH];
        Ok(verify_inclusion(head, index as u64, leaf, proof.digests())?)
    }
}

/// Leaves that take longer to come than a caller goes without asking, so that no hash is too fast for the interrupt.
struct Slow<'a>(FixedRows<'a>);

impl Leaves for Slow<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn block(&self, range: Range<usize>) -> Block<'_> {
        thread::sleep(Duration::from_millis(30));
        self.0.block(range)
    }
}

/// Runs all tasks at once and waits for each.
fn at_once(tasks: Vec<Task<'_>>) -> Outcome {
    thread::scope(|scope: &Scope<'_, '_>| {
        let started: Vec<_> = tasks.into_iter().map(|task| scope.spawn(task)).collect();
        let ended: Vec<_> = started.into_iter().map(ScopedJoinHandle::join).collect();
        ended.into_iter().try_for_each(|end| end.unwrap_or_else(|_| Err("a thread panicked".into())))
    })
}

/// Trees of many threads, on one pool and on their own, while the limit of kept memory goes up and down.
fn own_trees(world: &World) -> Outcome {
    let done = AtomicU64::new(0);
    let builder = |own: bool| -> Task<'_> {
        let done = &done;
        Box::new(move || {
            let pool = if own { Some(Pool::new(2)?) } else { None };
            let run = Run { pool: pool.as_ref().unwrap_or(&world.pool), interrupt: &never };
            for _ in 0..ROUNDS {
                let tree = world.tree(run)?;
                assert_eq!(tree.head()?, world.head);
                tree.extend(&world.rows(0, ADDED)?, run)?;
                world.verify(&tree.head()?, SIZE + 7, &tree)?;
            }
            done.fetch_add(1, Ordering::Release);
            Ok(())
        })
    };
    let limits: Task<'_> = Box::new(|| {
        while done.load(Ordering::Acquire) < 4 {
            set_arena(Some(0));
            thread::yield_now();
            set_arena(Some(64 << 20));
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    });
    at_once(vec![builder(false), builder(false), builder(true), builder(true), limits])
}

/// One tree that some threads extend and update while others read it.
fn one_tree(world: &World) -> Outcome {
    let tree = world.tree(world.run())?;
    let tree = &tree;
    let extends: Task<'_> = Box::new(|| {
        for _ in 0..4 * ROUNDS {
            tree.extend(&world.rows(0, ADDED)?, world.run())?;
        }
        Ok(())
    });
    let updates: Task<'_> = Box::new(|| {
        let indices: Vec<u64> = (0..STANDING as u64).step_by(9).collect();
        for round in 0..4 * ROUNDS {
            tree.update(&indices, &world.rows(round, round + indices.len())?, world.run())?;
        }
        Ok(())
    });
    let ones: Task<'_> = Box::new(|| {
        for index in (STANDING..SIZE).step_by(199) {
            let head = tree.head()?;
            world.verify(&head, index, tree)?;
            tree.head_at(index as u64)?;
            tree.prove_many(vec![index as u64, 3, 17], None)?;
            tree.prove_extends(index as u64, None)?;
        }
        Ok(())
    });
    let batch = || -> Task<'_> {
        Box::new(|| {
            for _ in 0..4 * ROUNDS {
                let anchor = tree.anchor(None)?;
                let range = Selection::Range(STANDING as u64..SIZE as u64);
                let proofs = match tree.prove_anchored(&range, &anchor, None, world.run()) {
                    Err(TreeError::StaleHead { .. }) => continue,
                    proofs => proofs?,
                };
                let indices: Vec<u64> = (STANDING as u64..SIZE as u64).collect();
                let leaves = world.rows(STANDING, SIZE)?;
                let verdicts = check_each(anchor.head(), Some(&indices), &leaves, &proofs, world.run())?;
                assert!(verdicts.into_iter().all(|right| right));
                tree.leaf_digests()?;
            }
            Ok(())
        })
    };
    at_once(vec![extends, updates, ones, batch(), batch()])?;
    assert_eq!(tree.size(), (SIZE + 4 * ROUNDS * ADDED) as u64);
    Ok(())
}

/// Calls that are told to stop, beside calls that are not. Stopped ones change nothing.
fn interrupts(world: &World) -> Outcome {
    let tree = world.tree(world.run())?;
    let tree = &tree;
    let stops = || -> Task<'_> {
        Box::new(move || {
            let run = Run { interrupt: &|| true, ..world.run() };
            for _ in 0..ROUNDS {
                let slow = Slow(world.rows(0, SIZE)?);
                let stopped = DenseTree::new(world.scheme.clone(), &slow, LeafRule::Hashed, run);
                assert!(matches!(stopped, Err(TreeError::Interrupted(_))));
                assert!(matches!(tree.extend(&slow, run), Err(TreeError::Interrupted(_))));
            }
            Ok(())
        })
    };
    let goes_on: Task<'_> = Box::new(|| {
        for _ in 0..ROUNDS {
            assert_eq!(world.tree(world.run())?.head()?, world.head);
            tree.prove_each(Wanted::All, Some(&world.head), world.run())?;
        }
        Ok(())
    });
    at_once(vec![stops(), stops(), goes_on])?;
    assert_eq!(tree.head()?, world.head);
    Ok(())
}

/// One file, opened by each thread and read by all through one map, while it is written again.
fn one_file(world: &World, folder: &Path) -> Outcome {
    let path = folder.join("tree");
    let save = || -> Outcome {
        Ok(world.tree(world.run())?.save(Target { path: path.clone(), overwrite: true }, world.run())?)
    };
    save()?;
    let open = || -> Result<DenseTree, Failure> {
        Ok(DenseTree::of_files(FileSet::new(vec![MappedFile::open(&path, &accelerated)?])?, None)?)
    };
    let shared = open()?;
    let (shared, ended) = (&shared, &AtomicBool::new(false));
    let reader = |first: usize| -> Task<'_> {
        Box::new(move || {
            for index in (first..SIZE).step_by(97) {
                world.verify(&world.head, index, shared)?;
            }
            for _ in 0..ROUNDS {
                let own = open()?;
                own.check(world.run())?;
                assert_eq!(own.head()?, world.head);
                own.prove_each(Wanted::All, None, world.run())?;
            }
            Ok(())
        })
    };
    let checks: Task<'_> = Box::new(|| {
        while !ended.load(Ordering::Acquire) {
            shared.check(world.run())?;
        }
        Ok(())
    });
    let writes: Task<'_> = Box::new(|| {
        for _ in 0..ROUNDS {
            save()?;
        }
        ended.store(true, Ordering::Release);
        Ok(())
    });
    at_once(vec![reader(0), reader(1), reader(2), checks, writes])
}

fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let plain = Scheme::of_family("rfc6962", builtin("sha256").ok_or("sha256")?)?;
    let mut schemes = vec![plain];
    for name in ["sha256", "blake3", "blake2s_256"] {
        schemes.push(Scheme::of_family("native", accelerated(name).ok_or(name)?)?);
    }
    for scheme in schemes {
        let world = World::new(scheme)?;
        own_trees(&world)?;
        one_tree(&world)?;
        interrupts(&world)?;
        one_file(&world, folder.path())?;
        writeln!(std::io::stdout(), "{}", world.head.scheme().name())?;
    }
    Ok(())
}
