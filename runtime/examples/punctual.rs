//! How punctual a real-time thread is: a thousand ticks per second, beside a bare `clock_nanosleep` loop.
//!
//! `cargo run --release -p sinew-examples --bin punctual [SECONDS [ROUNDS [CPU [PRIORITY]]]]`: three ways in
//! turn, so many rounds of so many seconds each. The other CPUs are kept busy meanwhile. Beside the lateness stands
//! what of it is ours: from the return of the kernel's wait to the first line of the handler.
#![allow(
    unsafe_code,
    reason = "epoll_wait is taken over in order to stamp its return"
)]
#![allow(clippy::print_stdout, reason = "its result is a table")]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("real-time threads exist on Linux only");
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::time::{ClockId, Timespec, clock_gettime};
    use sinew_runtime::{Actor, Context, Factory, Failure, Graph, Handler, Realtime, System};
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};
    use std::thread;
    use std::time::Duration;

    const PERIOD: u64 = 1_000_000;
    /// How long the bare loop works after each return: what becomes of it is the machine's noise in as much time.
    const WORK: u64 = 5_000;

    /// When the last wait of the kernel returned.
    static RETURNED: AtomicU64 = AtomicU64::new(0);

    /// Takes libc's place for tokio: the same system call, with a stamp at its return.
    ///
    /// # Safety
    ///
    /// As the system call's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn epoll_wait(
        epoll: libc::c_int,
        events: *mut libc::epoll_event,
        room: libc::c_int,
        timeout: libc::c_int,
    ) -> libc::c_int {
        let no_signals = std::ptr::null::<libc::sigset_t>();
        let call = libc::SYS_epoll_pwait;
        // SAFETY: the caller's promises are handed on; a null mask is none.
        let found = unsafe { libc::syscall(call, epoll, events, room, timeout, no_signals, 8) };
        RETURNED.store(now(), Ordering::Relaxed);
        found as libc::c_int
    }

    fn now() -> u64 {
        let now = clock_gettime(ClockId::Monotonic);
        now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
    }

    /// One tick: how late its handler began, and how long after the return of the wait.
    type Sample = (u64, u64);

    struct Ticker {
        due: u64,
        samples: Arc<Mutex<Vec<Sample>>>,
    }

    #[derive(Clone)]
    struct Tick;

    impl Actor for Ticker {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            self.due = ctx.now().nanos() + PERIOD;
            ctx.every(Duration::from_nanos(PERIOD), Tick);
            Ok(())
        }
    }

    impl Handler<Tick> for Ticker {
        type Reply = ();
        async fn handle(&mut self, _: Tick, _: &mut Context<Self>) -> Result<(), Failure> {
            let entered = now();
            // The timer's own moment is a breath later: `started` read the clock before it did.
            // So the count of missed ticks may differ by one, where one was almost missed.
            if entered < self.due {
                self.due -= PERIOD;
            }
            let late = entered - self.due;
            self.due += (late / PERIOD + 1) * PERIOD;
            let ours = entered - RETURNED.load(Ordering::Relaxed);
            if let Ok(mut samples) = self.samples.lock() {
                samples.push((late, ours));
            }
            Ok(())
        }
    }

    /// Our scheduler, with its precise alarm or with tokio's timer.
    fn ours(seconds: u64, wanted: Realtime, precise: bool) -> Vec<Sample> {
        let samples = Arc::new(Mutex::new(Vec::with_capacity(seconds as usize * 1_000)));
        let kept = Arc::clone(&samples);
        let run = move || {
            let mut graph = Graph::new("punctual");
            let make = move || {
                Ok(Ticker {
                    due: 0,
                    samples: Arc::clone(&kept),
                })
            };
            graph.add("ticker", Factory::new(make));
            let mut system = System::real(graph, None).expect("one node is a sound graph");
            let entered = if precise {
                system.enter_realtime(&wanted)
            } else {
                wanted.enter()
            };
            if let Err(denied) = entered {
                println!("{denied}");
            }
            let until = system.now() + Duration::from_secs(seconds);
            system.run_until(until);
        };
        thread::spawn(run).join().expect("it does not panic");
        Arc::into_inner(samples)
            .and_then(|samples| samples.into_inner().ok())
            .unwrap_or_default()
    }

    /// The least that can be done: sleep until the moment, look at the clock.
    fn bare(seconds: u64, wanted: Realtime) -> Vec<Sample> {
        let run = move || {
            if let Err(denied) = wanted.enter() {
                println!("{denied}");
            }
            let mut samples = Vec::with_capacity(seconds as usize * 1_000);
            let mut due = now();
            for _ in 0..seconds * 1_000 {
                due += PERIOD;
                let moment = Timespec {
                    tv_sec: (due / 1_000_000_000) as i64,
                    tv_nsec: (due % 1_000_000_000) as i64,
                };
                let _ = rustix::thread::clock_nanosleep_absolute(ClockId::Monotonic, &moment);
                let returned = now();
                let mut then = returned;
                while then < returned + WORK {
                    then = now();
                }
                samples.push((returned - due, then - returned));
            }
            samples
        };
        thread::spawn(run).join().expect("it does not panic")
    }

    fn row(way: &str, what: &str, mut nanos: Vec<u64>) {
        nanos.sort_unstable();
        let at = |share: f64| {
            let place = (nanos.len() as f64 * share) as usize;
            nanos[place.min(nanos.len() - 1)] as f64 / 1_000.0
        };
        println!(
            "| {way:<22} | {what:<26} | {:>6} | {:>8.1} | {:>8.1} | {:>8.1} | {:>8.1} |",
            nanos.len(),
            at(0.5),
            at(0.99),
            at(0.999),
            at(1.0)
        );
    }

    pub(super) fn main() -> Result<(), Box<dyn std::error::Error>> {
        let numbers: Result<Vec<u64>, _> = std::env::args().skip(1).map(|n| n.parse()).collect();
        let numbers = numbers?;
        let number = |place: usize, otherwise| numbers.get(place).copied().unwrap_or(otherwise);
        let (seconds, rounds) = (number(0, 10), number(1, 3));
        let cpu = number(2, 1) as usize;
        let wanted = Realtime {
            priority: u8::try_from(number(3, 80))?,
            cpu: Some(cpu),
        };
        let over = Arc::new(AtomicBool::new(false));
        let load: Vec<_> = (1..thread::available_parallelism()?.get())
            .map(|_| {
                let over = Arc::clone(&over);
                thread::spawn(move || while !over.load(Ordering::Relaxed) {})
            })
            .collect();
        let mut all: [Vec<Sample>; 3] = Default::default();
        for _ in 0..rounds {
            all[0].extend(bare(seconds, wanted));
            all[1].extend(ours(seconds, wanted, true));
            all[2].extend(ours(seconds, wanted, false));
        }
        over.store(true, Ordering::Relaxed);
        load.into_iter().for_each(|thread| drop(thread.join()));
        println!("CPU {cpu}, {rounds} rounds of {seconds} s each in turn, microseconds");
        println!("| way | what | ticks | p50 | p99 | p99.9 | max |");
        println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
        let [bare, precise, coarse] = all;
        let ways = [
            ("bare clock_nanosleep", "5 us of work", bare),
            ("sinew, its alarm", "return to handler", precise),
            ("sinew, tokio's timer", "return to handler", coarse),
        ];
        for (way, what, ticks) in ways {
            row(way, "late", ticks.iter().map(|tick| tick.0).collect());
            row(way, what, ticks.iter().map(|tick| tick.1).collect());
        }
        Ok(())
    }
}
