//! What the Linux kernel is asked for a real-time thread.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CapabilitySet, CpuSet, capabilities, sched_getaffinity, sched_setaffinity};
use std::io;
use std::sync::OnceLock;

/// Where a thread could run that was pinned: the first one speaks for all.
static BEFORE: OnceLock<CpuSet> = OnceLock::new();

/// Lets the calling thread run on one CPU only.
pub(super) fn pin_to(cpu: usize) -> io::Result<()> {
    let before = sched_getaffinity(None)?;
    if cpu >= CpuSet::MAX_CPU {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut only = CpuSet::new();
    only.set(cpu);
    sched_setaffinity(None, &only)?;
    BEFORE.get_or_init(|| before);
    Ok(())
}

/// Does some work as a thread that may run where it could before any was pinned: what it starts may run there too,
/// and is not starved by a real-time thread.
pub(super) fn unpinned<T>(work: impl FnOnce() -> T) -> T {
    let pinned = BEFORE
        .get()
        .and_then(|before| Some((before, sched_getaffinity(None).ok()?)));
    let freed = pinned.filter(|(before, _)| sched_setaffinity(None, before).is_ok());
    let done = work();
    if let Some((_, pinned)) = freed
        && let Err(error) = sched_setaffinity(None, &pinned)
    {
        tracing::warn!(%error, "a thread lost its CPU");
    }
    done
}

/// The CPUs that the calling thread may run on, such as `0, 1`.
pub(super) fn cpus() -> String {
    let Ok(allowed) = sched_getaffinity(None) else {
        return "unknown ones".to_owned();
    };
    let cpus = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
    cpus.map(|cpu| cpu.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Keeps all memory of the process resident, now and in future. Only without a limit: under one, an allocation that
/// meets it later fails, and a program that cannot allocate ends.
pub(super) fn lock_memory() -> io::Result<()> {
    let capabilities = capabilities(None)?.effective;
    if !capabilities.contains(CapabilitySet::IPC_LOCK) {
        lift_memory_limit()?;
    }
    Ok(mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE)?)
}

/// Lifts the limit of locked memory as far as it is permitted: to none at all, or not.
fn lift_memory_limit() -> io::Result<()> {
    let limit = getrlimit(Resource::Memlock);
    let none = Rlimit {
        current: None,
        maximum: None,
    };
    if limit == none {
        return Ok(());
    }
    Ok(setrlimit(Resource::Memlock, none)?)
}

/// Has the calling thread scheduled first in, first out, before all of lower priority; not so what it starts.
pub(super) fn run_first(priority: u8) -> io::Result<()> {
    set_policy(
        libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK,
        priority.into(),
    )
}

/// The system call itself: rustix lacks it, and musl's function of this name only says that it has none.
#[allow(unsafe_code, reason = "rustix has no sched_setscheduler")]
fn set_policy(policy: libc::c_int, priority: libc::c_int) -> io::Result<()> {
    let mut wanted = parameters();
    wanted.sched_priority = priority;
    const THIS_THREAD: libc::pid_t = 0;
    // SAFETY: the kernel reads one `sched_param` behind the pointer, which outlives the call, and keeps nothing.
    let result = unsafe {
        libc::syscall(
            libc::SYS_sched_setscheduler,
            THIS_THREAD,
            policy,
            &raw const wanted,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Parameters that are all zero: some C libraries have more of them than the kernel.
#[allow(unsafe_code, reason = "libc has no other way to make them")]
fn parameters() -> libc::sched_param {
    // SAFETY: it consists of integers (musl: and a `timespec` of two), for which zero is a value.
    unsafe { std::mem::zeroed() }
}

/// The policy and the priority of the calling thread.
#[cfg(test)]
#[allow(unsafe_code, reason = "rustix has no sched_getscheduler")]
pub(super) fn policy() -> io::Result<(libc::c_int, u8)> {
    let mut found = parameters();
    // SAFETY: 0 is the calling thread; the second call writes one `sched_param` behind the pointer.
    let (policy, result) = unsafe {
        (
            libc::syscall(libc::SYS_sched_getscheduler, 0),
            libc::syscall(libc::SYS_sched_getparam, 0, &raw mut found),
        )
    };
    if policy < 0 || result < 0 {
        return Err(io::Error::last_os_error());
    }
    let policy = libc::c_int::try_from(policy).map_err(io::Error::other)?;
    let priority = u8::try_from(found.sched_priority).map_err(io::Error::other)?;
    Ok((policy, priority))
}
