//! How a fault strikes, and how it is mended.

use super::ills::Lie;
use super::{Event, MOST_MARKS, Rig};
use crate::fault::{Fault, FaultKind};
use sinew_board::Timestamp;
use sinew_messages::RadiansPerSecond;
use sinew_mock::Twin;
use sinew_runtime::{Injection, Random, SystemHandle};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// For how long a loose contact opens and closes.
const CHATTER: Duration = Duration::from_millis(100);
/// An actor that hangs without an end hangs for longer than any run.
const FOR_EVER: Duration = Duration::from_secs(366 * 86_400);

impl Rig {
    /// A fault's moment has come: it strikes now, or lurks until the body is fast enough.
    pub(super) fn fault(&mut self, fault: Fault, at: Timestamp) {
        if fault.when_faster.is_some() {
            self.lurking.push(fault);
        } else {
            self.begin_fault(&fault, at);
        }
    }

    /// Lets those strike that waited for this speed.
    pub(super) fn look_at_lurking(&mut self, at: Timestamp) {
        if self.lurking.is_empty() {
            return;
        }
        let speed = self.truth.now().twist.x.abs();
        let strikes = |fault: &mut Fault| fault.when_faster.is_none_or(|least| speed >= least);
        let due: Vec<Fault> = self.lurking.extract_if(.., strikes).collect();
        for fault in due {
            self.begin_fault(&fault, at);
        }
    }

    fn begin_fault(&mut self, fault: &Fault, at: Timestamp) {
        let struck = self.strike(&fault.kind, at, fault.lasts);
        self.injected += u64::from(struck);
        if struck {
            self.strikes.push((at, self.truth.now().twist.x.abs()));
        }
        if self.marks.len() < MOST_MARKS {
            let effect = if struck { "" } else { " (without effect)" };
            self.marks.push((at, format!("{}{effect}", fault.kind)));
        }
        if let Some(lasts) = fault.lasts {
            self.plan(at + lasts, Event::Mend(fault.kind.clone()));
        }
    }

    /// Makes something go wrong; `false` if there is nothing that could.
    fn strike(&mut self, kind: &FaultKind, at: Timestamp, lasts: Option<Duration>) -> bool {
        let lasts = lasts.unwrap_or(FOR_EVER);
        match kind {
            FaultKind::Unplug { part } => {
                self.watch.unplugged(part, Some(at));
                self.twin(part, Twin::unplug)
            }
            FaultKind::Dead { part } => self.twin(part, Twin::unplug),
            FaultKind::Freeze { part } => self.twin(part, Twin::freeze),
            FaultKind::BrownOut { part: Some(part) } => self.twin(part, Twin::reset),
            FaultKind::BrownOut { part: None } => {
                let fitted = self.mock.fitted();
                for part in &fitted {
                    self.twin(&part.name, Twin::reset);
                }
                !fitted.is_empty()
            }
            FaultKind::Nak { part } => self.twin(part, |twin| twin.set_deaf(true)),
            FaultKind::ShortRead { part } => self.twin(part, |twin| twin.set_falls_silent(true)),
            FaultKind::StuckBus { bus } => self.mock.hold_i2c(*bus, true),
            FaultKind::BadLine {
                part,
                lost,
                damaged,
            } => self.spoil(part, *lost, *damaged),
            FaultKind::Drift { part, per_second } => self.lie(part, Lie::Drift(at, *per_second)),
            FaultKind::Spike { part, by, often } => {
                let random = Random::named(at.nanos(), part);
                self.lie(part, Lie::Spike(*by, *often, random))
            }
            FaultKind::OutOfRange { part, reads } => self.lie(part, Lie::Reads(*reads)),
            FaultKind::Reversed { part } => {
                self.fitted.reverse(part, true) || self.lie(part, Lie::Opposite)
            }
            FaultKind::Slip { part, share } => self.fitted.slip(part, 1.0 - share),
            FaultKind::Stalled { part } => self.fitted.stall(part, true),
            FaultKind::Bouncing { part } => self.fitted.chatter(part, CHATTER),
            FaultKind::Panic { node } => self.inject(node, Injection::Panic),
            FaultKind::Hang { node } => self.inject(node, Injection::Hang(lasts)),
            FaultKind::Slow { node, each_ms } => {
                let each = Duration::from_millis(*each_ms);
                self.inject(node, Injection::Slow { each, lasts })
            }
            FaultKind::LostEdge { from, to, often } => {
                self.system(|system| system.lose(from, to, *often))
            }
            FaultKind::LateEdge { from, to, by_ms } => {
                let by = Duration::from_millis(*by_ms);
                self.system(|system| system.delay(from, to, by))
            }
            FaultKind::Noise { part, up_to } => {
                let random = Random::named(at.nanos(), part);
                self.lie(part, Lie::Noise(*up_to, random))
            }
            FaultKind::Push { by } => {
                let lean = self.lean.as_mut();
                lean.map(|lean| lean.push(RadiansPerSecond(*by))).is_some()
            }
            FaultKind::GuardianDead => {
                self.guardian_dead.store(true, Ordering::SeqCst);
                self.board.safety().disarm();
                true
            }
        }
    }

    /// Makes it right again; what happened in a moment is over.
    pub(super) fn mend(&mut self, kind: &FaultKind) {
        match kind {
            FaultKind::Unplug { part } => {
                self.watch.unplugged(part, None);
                self.twin(part, Twin::replug);
            }
            FaultKind::Dead { part } => {
                self.twin(part, Twin::replug);
            }
            FaultKind::Freeze { part } => {
                self.twin(part, Twin::thaw);
            }
            FaultKind::Nak { part } => {
                self.twin(part, |twin| twin.set_deaf(false));
            }
            FaultKind::ShortRead { part } => {
                self.twin(part, |twin| twin.set_falls_silent(false));
            }
            FaultKind::StuckBus { bus } => {
                self.mock.hold_i2c(*bus, false);
            }
            FaultKind::BadLine { part, .. } => {
                self.spoil(part, 0, 0);
            }
            FaultKind::Drift { part, .. }
            | FaultKind::Spike { part, .. }
            | FaultKind::Noise { part, .. }
            | FaultKind::OutOfRange { part, .. } => self.lies.set(part, None),
            FaultKind::Reversed { part } => {
                self.fitted.reverse(part, false);
                self.lies.set(part, None);
            }
            FaultKind::Slip { part, .. } => {
                self.fitted.slip(part, 1.0);
            }
            FaultKind::Stalled { part } => {
                self.fitted.stall(part, false);
            }
            FaultKind::LostEdge { from, to, .. } => {
                self.system(|system| system.lose(from, to, 0));
            }
            FaultKind::LateEdge { from, to, .. } => {
                self.system(|system| system.delay(from, to, Duration::ZERO));
            }
            FaultKind::GuardianDead => self.guardian_dead.store(false, Ordering::SeqCst),
            // Over by themselves.
            FaultKind::BrownOut { .. }
            | FaultKind::Push { .. }
            | FaultKind::Bouncing { .. }
            | FaultKind::Panic { .. }
            | FaultKind::Hang { .. }
            | FaultKind::Slow { .. } => {}
        }
    }

    fn twin(&self, part: &str, act: impl FnOnce(&Twin)) -> bool {
        self.mock.twin(part).map(|twin| act(&twin)).is_some()
    }

    fn spoil(&self, part: &str, lost: u16, damaged: u16) -> bool {
        let twin = self.mock.twin(part);
        twin.is_some_and(|twin| twin.spoil_line(lost, damaged))
    }

    fn lie(&self, part: &str, lie: Lie) -> bool {
        self.lies.set(part, Some(lie));
        self.mock.twin(part).is_some()
    }

    fn inject(&self, node: &str, fault: Injection) -> bool {
        self.system(|system| system.inject(node, fault))
    }

    fn system(&self, act: impl FnOnce(&SystemHandle) -> bool) -> bool {
        self.system.as_ref().is_some_and(act)
    }
}
