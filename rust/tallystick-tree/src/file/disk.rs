//! A thread that writes one buffer while the next is filled.
//!
//! The caller never waits deaf: it asks for interruption while the disk is slow, and leaves the thread behind if it must
//! stop. The thread then ends after the write that it is in, into a file that no longer has a name.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::{process, thread};

use super::FileError;
use crate::error::TreeError;
use crate::memory::zeroed;
use crate::pool::{Interrupted, POLL, Run};

/// Buffers there are at most: one is filled, one is written, one waits.
const BUFFERS: usize = 3;

/// Memory of one length, of which the front is filled.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) filled: usize,
}

impl Buffer {
    pub(crate) fn rest(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }
}

/// What the thread does next.
enum Order {
    Write(Buffer),
    /// Writes the end, then the front, and waits until all is on the disk.
    Finish {
        end: Vec<u8>,
        front: Vec<u8>,
    },
}

/// The caller's side.
#[derive(Debug)]
pub(crate) struct Disk {
    orders: SyncSender<Order>,
    /// An answer an order: the buffer, empty again, or what went wrong.
    answers: Receiver<io::Result<Buffer>>,
    spare: Vec<Buffer>,
    made: usize,
    length: usize,
    under_way: usize,
    /// The process whose thread it is.
    owner: u32,
}

impl Disk {
    /// Writes to `file` from where it stands, with buffers of `length` bytes.
    pub(crate) fn new(file: File, length: usize) -> io::Result<Self> {
        let (orders, todo) = sync_channel(BUFFERS + 1);
        let (done, answers) = sync_channel(BUFFERS + 1);
        thread::Builder::new().name("tallystick-disk".into()).spawn(move || work(file, &todo, &done))?;
        Ok(Self { orders, answers, spare: Vec::new(), made: 0, length, under_way: 0, owner: process::id() })
    }

    /// An empty buffer, as soon as there is one.
    pub(crate) fn buffer(&mut self, run: Run<'_>) -> Result<Buffer, TreeError> {
        if let Some(buffer) = self.spare.pop() {
            return Ok(buffer);
        }
        if self.made < BUFFERS {
            self.made += 1;
            return Ok(Buffer { bytes: zeroed(self.length)?, filled: 0 });
        }
        self.answer(run)
    }

    /// Has a buffer written.
    pub(crate) fn write(&mut self, buffer: Buffer) -> Result<(), TreeError> {
        self.order(Order::Write(buffer))
    }

    /// Has the end and the front written, and waits for the disk.
    pub(crate) fn finish(mut self, end: Vec<u8>, front: Vec<u8>, run: Run<'_>) -> Result<(), TreeError> {
        self.order(Order::Finish { end, front })?;
        while self.under_way > 0 {
            self.answer(run)?;
        }
        Ok(())
    }

    fn order(&mut self, order: Order) -> Result<(), TreeError> {
        // There is room for all buffers, so this does not wait. A thread that ended has left its error behind.
        if self.orders.send(order).is_err() {
            return Err(self
                .answers
                .try_iter()
                .find_map(Result::err)
                .map_or(GONE, |error| FileError::from(error).into()));
        }
        self.under_way += 1;
        Ok(())
    }

    fn answer(&mut self, run: Run<'_>) -> Result<Buffer, TreeError> {
        loop {
            match self.answers.recv_timeout(POLL) {
                Ok(answer) => {
                    self.under_way -= 1;
                    return Ok(answer.map_err(FileError::from)?);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(GONE),
                Err(RecvTimeoutError::Timeout) if (run.interrupt)() => return Err(Interrupted.into()),
                Err(RecvTimeoutError::Timeout) if process::id() != self.owner => {
                    // A forked child has no such thread.
                    let why = io::Error::other("the file is written by the process that began it, not by a fork of it");
                    return Err(FileError::from(why).into());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

const GONE: TreeError = TreeError::Defect("the writing thread answers every order");

fn work(mut file: File, todo: &Receiver<Order>, done: &SyncSender<io::Result<Buffer>>) {
    for order in todo {
        let answer = match order {
            Order::Write(buffer) => file
                .write_all(buffer.bytes.get(..buffer.filled).unwrap_or_default())
                .map(|()| Buffer { filled: 0, ..buffer }),
            Order::Finish { end, front } => finish(&mut file, &end, &front).map(|()| Buffer::default()),
        };
        let failed = answer.is_err();
        // Nobody listens any more where the caller gave up.
        if done.send(answer).is_err() || failed {
            return;
        }
    }
}

fn finish(file: &mut File, end: &[u8], front: &[u8]) -> io::Result<()> {
    file.write_all(end)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(front)?;
    file.sync_all()
}
