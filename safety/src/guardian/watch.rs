//! The guardian's watch: what it looks at, in which order, and what it does then.

use super::TICK;
use super::charge::{Charge, Said};
use super::desk::{Desk, Request};
use super::diary::{Diary, Entry, Why};
use super::held::Held;
use super::latch::Latch;
use super::notify::Notify;
use super::setup::Settings;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::SocketFlags;
use sinew_board::backend::Clock;
use sinew_board::{Cause, GuardianState, Level, SafetyPage, Timestamp};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// How many ticks a guardian that was told to end waits for its robot's end.
const LAST_TURNS: u32 = 200;
/// How long a robot that took leave may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It watches a robot.
    Watches,
    /// No robot is there; the outputs rest.
    Idle,
}

/// A guardian and the outputs that it holds. Dropping it makes them safe.
#[derive(Debug)]
pub struct Guardian {
    /// Those behind which nobody waits first: a bus that hangs must not keep the others waiting.
    pub(super) held: Vec<Held>,
    pub(super) digest: u64,
    pub(super) page: SafetyPage,
    pub(super) file: OwnedFd,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) state: GuardianState,
    pub(super) latch: Latch,
    pub(super) diary: Diary,
    pub(super) desk: Option<Desk>,
    pub(super) settings: Settings,
    pub(super) notify: Notify,
    pub(super) charge: Option<Charge>,
    pub(super) last: Option<Why>,
    /// What is yet to be written down.
    pub(super) entry: Option<Entry>,
    /// What it did to a robot that has yet to end: why, how long it took, whether all was safe.
    pub(super) unwritten: Option<(Why, Duration, bool)>,
    /// Whether the last robot took leave.
    pub(super) left: bool,
    pub(super) beat: Level,
}

impl Guardian {
    /// Waits for whatever comes first, one [`TICK`] at most, and looks at everything. `door` is where further robots come in.
    pub fn turn(&mut self, door: Option<BorrowedFd<'_>>) -> Progress {
        let comes = self.wait(door);
        self.look();
        // Whoever says nothing is waited for: not while a motor is on its way to rest.
        if let (true, Some(door), false) = (comes, door, self.ramps())
            && let Ok(socket) = rustix::net::accept_with(door, SocketFlags::CLOEXEC)
        {
            // It was told why not.
            let _ = self.admit(socket);
        }
        let acts = |output: &Held| output.ramps() || output.owes();
        if self.charge.is_some() || self.held.iter().any(acts) {
            Progress::Watches
        } else {
            Progress::Idle
        }
    }

    /// Whether somebody stands at the door.
    fn wait(&self, door: Option<BorrowedFd<'_>>) -> bool {
        // The page's own file, of which nothing is asked, stands for what is not there.
        let nothing = || PollFd::from_borrowed_fd(self.file.as_fd(), PollFlags::empty());
        let charge = self.charge.as_ref();
        // A robot that ends has nothing more to say.
        let talks = charge.filter(|charge| !charge.is_over());
        let mut files = [
            charge.map_or_else(nothing, |charge| readable(charge.process())),
            talks.map_or_else(nothing, |charge| readable(charge.socket())),
            self.desk
                .as_ref()
                .map_or_else(nothing, |desk| readable(desk.as_fd())),
            door.map_or_else(nothing, readable),
        ];
        let tick = Timespec {
            tv_sec: 0,
            tv_nsec: TICK.as_nanos() as i64,
        };
        // An interruption is as good as the end of the tick.
        let _ = poll(&mut files, Some(&tick));
        files[3].revents().contains(PollFlags::IN)
    }

    /// Looks at everything once: the robot's process first.
    fn look(&mut self) {
        let seen = self.clock.now();
        self.page.beat(seen, self.state);
        for output in &mut self.held {
            // A step that fails is written again at the next look.
            let _ = output.go_on(seen);
            output.try_again(&self.page, seen);
        }
        self.look_at_the_robot(seen);
        self.look_at_the_leases(seen);
        // Before anybody is heard: a stop is latched even if its reset waits already.
        self.look_at_the_stop(seen);
        self.hear_the_robot(seen);
        self.answer();
        self.notify.alive(seen);
        self.write_down();
        // Whoever's supply the relay cuts could not be stopped in another way.
        let is_unsafe = self.page.is_any_unsafe() || self.held.iter().any(Held::owes);
        if let (Some(line), false) = (&mut self.settings.heartbeat, is_unsafe) {
            self.beat = match self.beat {
                Level::Low => Level::High,
                Level::High => Level::Low,
            };
            // A line that is lost stands still, and that is what the relay waits for.
            let _ = line.set(self.beat);
        }
    }

    fn look_at_the_robot(&mut self, seen: Timestamp) {
        let Some(charge) = &self.charge else {
            return;
        };
        if has_ended(charge.process()) {
            let was_seen_to = charge.doomed.is_some() || charge.leaves.is_some();
            return self.bury((!was_seen_to).then_some(Why::Death), seen);
        }
        if let Some(since) = charge.leaves {
            // Until it has ended no other robot may come: a thread of it may still be in the middle of a write.
            if seen.since(since) > PATIENCE || self.page.is_armed() {
                charge.kill();
            }
            return;
        }
        if charge.doomed.is_some() {
            // It is on its way, and may be in the middle of a write.
            charge.kill();
            self.hold(Cause::Death, seen);
        }
    }

    /// One thing that the robot said. Its end closes its socket a moment before it is over; to let go of its guardian and live
    /// on is no better.
    fn hear_the_robot(&mut self, seen: Timestamp) {
        let Some(charge) = self.charge.as_mut().filter(|charge| !charge.is_over()) else {
            return;
        };
        match charge.hear() {
            Said::Nothing => {}
            Said::Leaves => {
                charge.leaves = Some(seen);
                self.page.disarm();
                self.rest(Cause::Disarm);
            }
            Said::Resets => {
                self.reset();
            }
            Said::Closed => self.act(Why::Death, seen),
        }
    }

    fn look_at_the_leases(&mut self, seen: Timestamp) {
        if self
            .charge
            .as_ref()
            .is_none_or(|charge| charge.doomed.is_some())
        {
            return;
        }
        let (page, mut overdue) = (&self.page, false);
        for output in &mut self.held {
            overdue |= output.is_overdue(page.lease(output.place()), seen);
        }
        if overdue {
            self.act(Why::Hang, seen);
        }
    }

    /// Holds the e-stop for as long as it is latched: a write of the robot that was on its way is overwritten at the next look.
    fn look_at_the_stop(&mut self, seen: Timestamp) {
        let is_new = !self.latch.is_latched() && (self.is_pressed() || self.page.is_estopped());
        if !is_new && !self.latch.is_latched() {
            return;
        }
        if !self.page.is_estopped() {
            self.page.estop();
        }
        if !is_new {
            self.hold(Cause::EStop, seen);
            return;
        }
        let all_safe = self.rest(Cause::EStop);
        let took = self.clock.now().since(seen);
        self.latch.close();
        self.record(Why::EStop, took, all_safe);
    }

    fn ramps(&self) -> bool {
        self.held.iter().any(Held::ramps)
    }

    /// Keeps what happened on the disk, which takes its time: not while a motor waits for its next step.
    fn write_down(&mut self) {
        if self.ramps() {
            return;
        }
        // Of a disk that takes nothing the memory of this process is what is left.
        let _ = self.latch.keep();
        if let Some(entry) = self.entry.take() {
            self.diary.write(entry);
        }
    }

    /// Whether the switch is open, or cannot be read.
    fn is_pressed(&self) -> bool {
        let Some((line, closed)) = &self.settings.switch else {
            return false;
        };
        line.level().map_or(true, |level| level != *closed)
    }

    /// Raises the epoch, makes everything safe and kills the robot; its end is awaited in the next looks.
    fn act(&mut self, why: Why, seen: Timestamp) {
        self.page.disarm();
        let all_safe = self.rest(Cause::Death);
        let took = self.clock.now().since(seen);
        if let Some(charge) = &mut self.charge {
            charge.kill();
            charge.doomed = Some(why);
            // Not before the robot's end: a disk takes its time, and until then the outputs have to be held.
            self.unwritten = Some((why, took, all_safe));
            return;
        }
        self.record(why, took, all_safe);
    }

    /// The robot has ended: whatever it wrote last is overwritten now. `why` of an end that was not seen to before.
    fn bury(&mut self, why: Option<Why>, seen: Timestamp) {
        self.page.disarm();
        let all_safe = self.rest(Cause::Death);
        let took = self.clock.now().since(seen);
        let entry = why.map(|why| (why, took, all_safe));
        if let Some((why, took, all_safe)) = self.unwritten.take().or(entry) {
            self.record(why, took, all_safe);
        }
        let charge = self.charge.take();
        self.left = charge.is_some_and(|charge| charge.leaves.is_some() && charge.doomed.is_none());
    }

    /// Writes every safe action, whatever the lines show; `false` if a line could not be written.
    fn rest(&mut self, cause: Cause) -> bool {
        let (now, mut all_safe) = (self.clock.now(), true);
        for output in &mut self.held {
            all_safe &= output.rest(cause, &self.page, now);
        }
        all_safe
    }

    /// Writes again what the last safe action came to.
    fn hold(&mut self, cause: Cause, now: Timestamp) {
        for output in &mut self.held {
            // A line that is lost cannot be held, and what could be done about it was done.
            let _ = output.hold(cause, now);
        }
    }

    fn record(&mut self, why: Why, took: Duration, all_safe: bool) {
        self.last = Some(why);
        self.entry = Some(Entry {
            why,
            robot: self.charge.as_ref().map_or(0, |charge| charge.pid),
            epoch: self.page.epoch(),
            took,
            all_safe,
        });
    }

    /// Releases the e-stop, because a person asks; not while the switch is open.
    fn reset(&mut self) -> bool {
        if self.is_pressed() {
            return false;
        }
        self.held.iter_mut().for_each(Held::let_go);
        let epoch = self.page.epoch();
        // First the file: what a loss of power now leaves behind is a latch that is set once too often. And whoever pressed it meanwhile, for
        // a disk takes its time, has pressed it.
        if self.latch.set(false).is_ok() && self.page.reset_estop_in(epoch) {
            return true;
        }
        let _ = self.latch.set(true);
        false
    }

    fn answer(&mut self) {
        let Some((request, from)) = self.desk.as_ref().and_then(Desk::next) else {
            return;
        };
        let text = match request {
            None => "not understood; there are: estop, reset, status",
            Some(Request::EStop) => {
                self.page.estop();
                self.look_at_the_stop(self.clock.now());
                "ok: stopped, and stays so until it is reset"
            }
            Some(Request::Reset) if self.reset() => "ok: released; the robot stays disarmed",
            Some(Request::Reset) => {
                "refused: the e-stop's switch is open, or its latch cannot be kept"
            }
            Some(Request::Status) if self.latch.is_latched() => "ok: the e-stop is latched",
            Some(Request::Status) => "ok: the e-stop is released",
        };
        if let Some(desk) = &self.desk {
            desk.answer(&from, text);
        }
    }

    /// Whether it acted on a robot that failed and no other has come since.
    #[must_use]
    pub const fn has_acted(&self) -> bool {
        self.charge.is_none() && !self.left
    }

    /// Whether the last robot that it watched has left in order.
    #[must_use]
    pub const fn was_left(&self) -> bool {
        self.charge.is_none() && self.left
    }

    /// Ends the watch as it was told to, and says why it acted last: the robot does not outlive it.
    pub fn end(mut self) -> Option<Why> {
        if self.charge.is_some() {
            self.act(Why::Told, self.clock.now());
        }
        // Its end is awaited, for a second: one that the kernel does not let go of is nobody's to wait for.
        for _ in 0..LAST_TURNS {
            if self.turn(None) == Progress::Idle {
                break;
            }
        }
        self.last
    }

    /// Why it acted last, if it did.
    #[must_use]
    pub const fn last(&self) -> Option<Why> {
        self.last
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.page.disarm();
        self.rest(Cause::Death);
        // Nobody would go on with a ramp.
        self.held.iter_mut().for_each(Held::let_go);
        if let Some(charge) = &self.charge {
            charge.kill();
        }
        self.write_down();
    }
}

pub(super) fn readable(file: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::from_borrowed_fd(file, PollFlags::IN)
}

/// Whether a process has ended; asked of the kernel.
fn has_ended(process: BorrowedFd<'_>) -> bool {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut files = [readable(process)];
    poll(&mut files, Some(&now)).is_ok() && files[0].revents().contains(PollFlags::IN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_board::backend::{Encoding, Wire};
    use sinew_board::{Board, BridgeWires, MotionSafety, MotionWires, Pin};
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    /// A guardian of one bridge, whose PWM finds no room until somebody reads at the other end.
    fn stuck() -> (Guardian, Vec<UnixStream>) {
        let mut far = Vec::new();
        let mut wire = || {
            let (reads, writes) = UnixStream::pair().expect("a pair");
            writes.set_nonblocking(true).expect("it can");
            reads.set_nonblocking(true).expect("it can");
            far.push(reads);
            Wire::new(writes.into(), Encoding::Record)
        };
        let (pwm, forward, backward) = (wire(), wire(), wire());
        while pwm.put(0.5).is_ok() {}
        let wires = MotionWires::Bridge(BridgeWires {
            pwm,
            forward,
            backward,
        });
        let (page, file) = SafetyPage::shared().expect("a page");
        let guardian = Guardian {
            held: vec![Held::new(wires, MotionSafety::default(), 0)],
            digest: 0,
            page,
            file,
            clock: sinew_board::linux::backends().clock,
            state: GuardianState::default(),
            latch: Latch::kept_in(None).expect("in memory"),
            diary: Diary::kept_in(None).expect("none"),
            desk: None,
            settings: Settings::default(),
            notify: Notify::default(),
            charge: None,
            last: None,
            entry: None,
            unwritten: None,
            left: false,
            beat: Level::Low,
        };
        (guardian, far)
    }

    fn drain(far: &mut UnixStream) -> usize {
        let mut room = [0; 4096];
        let mut all = 0;
        while let Ok(count @ 1..) = far.read(&mut room) {
            all += count;
        }
        all
    }

    #[test]
    fn a_stop_that_failed_is_said_again_after_the_robots_end_until_it_is_done() {
        let (mut guardian, mut far) = stuck();
        guardian.bury(Some(Why::Death), guardian.clock.now());
        for _ in 0..10 {
            assert_eq!(guardian.turn(None), Progress::Watches);
        }
        drain(&mut far[0]);
        let mut turns = 0;
        while guardian.turn(None) == Progress::Watches {
            turns += 1;
            assert!(turns < 200, "nobody says the stop again");
        }
        assert_eq!(drain(&mut far[0]), 16, "0, and what brakes: once");
    }

    #[test]
    fn the_heartbeat_stands_still_while_an_output_is_not_safe() {
        let (mut guardian, mut far) = stuck();
        let mock = sinew_mock::Mock::new(0);
        let led = mock.led("relay", Pin::GPIO22);
        let board = Board::new(mock.backends());
        let line = board.indicator("relay", Pin::GPIO22, Level::Low);
        guardian.settings.heartbeat = line.expect("claimed").open().ok();
        let changes = |guardian: &mut Guardian| {
            let before = led.is_lit();
            guardian.look();
            led.is_lit() != before
        };
        assert!(changes(&mut guardian));
        guardian.bury(Some(Why::Death), guardian.clock.now());
        for _ in 0..10 {
            assert!(!changes(&mut guardian));
        }
        drain(&mut far[0]);
        while guardian.turn(None) == Progress::Watches {}
        assert!(changes(&mut guardian));
        // What its owner could not stop counts as well.
        guardian.page.set_unsafe(0, true);
        assert!(!changes(&mut guardian));
        guardian.page.set_unsafe(0, false);
        assert!(changes(&mut guardian));
    }
}
