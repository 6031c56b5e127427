//! A serial line between a twin and the board.

use crate::agenda::Happening;
use crate::random::Random;
use crate::socket::TwinId;
use crate::uart::receive;
use crate::wakes::Wakes;
use sinew_board::SerialSettings;
use sinew_messages::Timestamp;
use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

/// How many bytes wait for a reader; what comes beyond is an overrun. The size of Linux's terminal buffer
/// (include/linux/tty.h, `N_TTY_BUF_SIZE`).
pub(crate) const FIFO: usize = 4096;

/// How many bytes a twin may have waiting for the line.
const QUEUE: usize = 8192;

/// Bytes that arrive as one happening: a half-filled UART FIFO wakes the driver about as often.
const CHUNK: usize = 32;

/// One serial line, both directions. Towards the board it carries bytes no faster than its baud rate.
#[derive(Debug)]
pub(crate) struct Port {
    name: String,
    settings: SerialSettings,
    /// Sent by the twin, not arrived yet.
    queue: VecDeque<u8>,
    /// How many of `queue` are under way; 0 if the line is idle.
    under_way: usize,
    generation: u32,
    /// Arrived, not read yet.
    fifo: VecDeque<u8>,
    overruns: u64,
    framing_errors: u64,
    parity_errors: u64,
    /// Written by the board; the newest [`FIFO`] bytes.
    written: VecDeque<u8>,
    /// The part that hears each byte of the board as it comes, if there is one; then nothing is kept in `written`.
    listener: Option<TwinId>,
    /// Written by the board and on its way to the part, the first at its end.
    outbound: VecDeque<u8>,
    outbound_generation: u32,
    /// Who waits for room in `outbound`.
    writer: Option<Waker>,
    /// How many handles the board has open, and with which settings the last one opened.
    open: u32,
    host: SerialSettings,
    waker: Option<Waker>,
    /// What a test does to what passes.
    spoiled: Option<Spoiled>,
}

/// A line that loses and damages bytes, in both directions: of a thousand so many.
#[derive(Debug)]
struct Spoiled {
    lost: u16,
    damaged: u16,
    random: Random,
}

impl Spoiled {
    /// What arrives of a byte, if anything does.
    fn pass(line: &mut Option<Self>, byte: u8) -> Option<u8> {
        let Some(spoiled) = line else {
            return Some(byte);
        };
        let drawn = spoiled.random.below(1_000);
        if drawn < u64::from(spoiled.lost) {
            return None;
        }
        let damaged = drawn < u64::from(spoiled.lost) + u64::from(spoiled.damaged);
        Some(if damaged {
            byte ^ 1 << spoiled.random.below(8)
        } else {
            byte
        })
    }
}

impl Port {
    /// An idle line at `baud`.
    pub(crate) fn new(name: &str, baud: u32) -> Self {
        let settings = SerialSettings::new(baud);
        Self {
            name: name.to_owned(),
            settings,
            queue: VecDeque::with_capacity(QUEUE),
            under_way: 0,
            generation: 0,
            fifo: VecDeque::with_capacity(FIFO),
            overruns: 0,
            framing_errors: 0,
            parity_errors: 0,
            written: VecDeque::with_capacity(FIFO),
            listener: None,
            outbound: VecDeque::new(),
            outbound_generation: 0,
            writer: None,
            open: 0,
            host: settings,
            waker: None,
            spoiled: None,
        }
    }

    /// Loses and damages so many of a thousand bytes from now on.
    pub(crate) fn spoil(&mut self, lost: u16, damaged: u16, random: Random) {
        let spoils = lost > 0 || damaged > 0;
        self.spoiled = spoils.then_some(Spoiled {
            lost,
            damaged,
            random,
        });
    }

    /// The logical name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How its part speaks.
    pub(crate) fn settings(&self) -> SerialSettings {
        self.settings
    }

    /// The bytes of the chunk that is about to arrive.
    pub(crate) fn under_way(&self, generation: u32) -> Vec<u8> {
        let count = if generation == self.generation {
            self.under_way
        } else {
            0
        };
        self.queue.iter().take(count).copied().collect()
    }

    /// The twin's bits per second.
    pub(crate) fn baud(&self) -> u32 {
        self.settings.baud
    }

    /// Bytes lost because nobody read in time.
    pub(crate) fn overruns(&self) -> u64 {
        self.overruns
    }

    /// What the board wrote, and forgets it.
    pub(crate) fn take_written(&mut self) -> Vec<u8> {
        self.written.drain(..).collect()
    }

    /// The twin's bytes for the line; tells how many found no room.
    pub(crate) fn queue(&mut self, bytes: &[u8]) -> usize {
        let room = (QUEUE - self.queue.len()).min(bytes.len());
        self.queue.extend(&bytes[..room]);
        bytes.len() - room
    }

    /// Starts the next chunk if the line is idle: how long it takes, and what then happens.
    pub(crate) fn start_chunk(&mut self, index: usize) -> Option<(Duration, Happening)> {
        if self.under_way > 0 || self.queue.is_empty() {
            return None;
        }
        self.under_way = self.queue.len().min(CHUNK);
        let time = self.settings.byte_time() * u32::try_from(self.under_way).unwrap_or(u32::MAX);
        let what = Happening::Chunk {
            port: index,
            generation: self.generation,
        };
        Some((time, what))
    }

    /// The chunk under way arrives. Tells whether it was still under way.
    pub(crate) fn arrive(&mut self, generation: u32, wakes: &mut Wakes) -> bool {
        if generation != self.generation || self.under_way == 0 {
            return false;
        }
        if self.host.frames_as(self.settings) {
            for _ in 0..self.under_way {
                let byte = self.queue.pop_front();
                byte.into_iter().for_each(|byte| self.keep(byte));
            }
        } else {
            // Another speed or framing at the other end reads the same edges as other bytes.
            let sent: Vec<u8> = self.queue.drain(..self.under_way).collect();
            let received = receive(&sent, self.settings, self.host);
            if self.open > 0 {
                self.framing_errors += received.framing_errors;
                self.parity_errors += received.parity_errors;
            }
            received.bytes.into_iter().for_each(|byte| self.keep(byte));
        }
        self.under_way = 0;
        if let Some(waker) = self.waker.take() {
            wakes.push(waker);
        }
        true
    }

    /// Keeps a byte for the reader, if there is one.
    fn keep(&mut self, byte: u8) {
        let passed = Spoiled::pass(&mut self.spoiled, byte);
        let (Some(byte), true) = (passed, self.open > 0) else {
            return;
        };
        if self.fifo.len() == FIFO {
            self.overruns += 1;
        } else {
            self.fifo.push_back(byte);
        }
    }

    /// Bytes that the board read without their stop bit.
    pub(crate) fn framing_errors(&self) -> u64 {
        self.framing_errors
    }

    /// Bytes that the board read with a wrong parity.
    pub(crate) fn parity_errors(&self) -> u64 {
        self.parity_errors
    }

    /// The wire is cut: what was under way is gone.
    pub(crate) fn cut(&mut self) {
        self.queue.clear();
        self.under_way = 0;
        self.generation = self.generation.wrapping_add(1);
    }

    /// The board opens the port; what came before is not kept, as with a terminal that nobody had open.
    pub(crate) fn open(&mut self, settings: SerialSettings) {
        if self.open == 0 {
            self.fifo.clear();
        }
        self.open += 1;
        self.host = settings;
    }

    /// The board closes a handle.
    pub(crate) fn close(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// Bytes for the reader, at most `room`; empty if there are none, and then `waker` is woken when some come.
    pub(crate) fn read(&mut self, room: usize, waker: &Waker) -> impl Iterator<Item = u8> + '_ {
        let count = self.fifo.len().min(room);
        if count == 0 {
            match &mut self.waker {
                Some(known) => known.clone_from(waker),
                none => *none = Some(waker.clone()),
            }
        }
        self.fifo.drain(..count)
    }

    /// Lets a part hear each byte as it comes.
    pub(crate) fn listen(&mut self, part: TwinId) {
        self.listener = Some(part);
        self.outbound.reserve(FIFO);
    }

    /// The part that hears each byte as it comes.
    pub(crate) fn listener(&self) -> Option<TwinId> {
        self.listener
    }

    /// How many bytes are on their way to the part.
    pub(crate) fn outbound(&self) -> usize {
        self.outbound.len()
    }

    /// The moment at which the byte that leaves now is there, if one does.
    pub(crate) fn next_heard(
        &self,
        index: usize,
        now: Timestamp,
    ) -> Option<(Timestamp, Happening)> {
        let generation = self.outbound_generation;
        let what = Happening::Heard {
            port: index,
            generation,
        };
        (!self.outbound.is_empty()).then(|| (now + self.host.byte_time(), what))
    }

    /// The byte that has come to the part, as the part reads it: at another speed it may be two, or none. There is room for another
    /// then, and who waits for it is woken.
    pub(crate) fn heard(
        &mut self,
        generation: u32,
        wakes: &mut Wakes,
    ) -> impl Iterator<Item = u8> + use<> {
        let current = generation == self.outbound_generation;
        let (mut same, mut other) = (None, Vec::new());
        match current.then(|| self.outbound.pop_front()).flatten() {
            Some(byte) if self.host.frames_as(self.settings) => {
                same = Spoiled::pass(&mut self.spoiled, byte);
            }
            Some(byte) => other = receive(&[byte], self.host, self.settings).bytes,
            None => {}
        }
        wakes.extend(self.writer.take());
        same.into_iter().chain(other)
    }

    /// Wakes this when there is room for another byte.
    pub(crate) fn wait_for_room(&mut self, waker: &Waker) {
        self.writer = Some(waker.clone());
    }

    /// Whether nothing was thrown away since.
    pub(crate) fn is_current(&self, generation: u32) -> bool {
        generation == self.outbound_generation
    }

    /// Throws away what is on its way to the part. What is on the wire breaks off.
    pub(crate) fn discard(&mut self, wakes: &mut Wakes) {
        self.outbound.clear();
        wakes.extend(self.writer.take());
        self.outbound_generation = self.outbound_generation.wrapping_add(1);
    }

    /// Bytes from the board; how many found room. Of those for which there is no listener the oldest go first.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> usize {
        if self.listener.is_some() {
            let room = bytes.len().min(FIFO - self.outbound.len());
            self.outbound.extend(&bytes[..room]);
            return room;
        }
        for &byte in bytes {
            if self.written.len() == FIFO {
                self.written.pop_front();
            }
            self.written.push_back(byte);
        }
        bytes.len()
    }
}
