//! The guardian of a run: found or started before the board is made, watched while it lasts, taken leave of at its end.

use crate::arguments::{JogArguments, RunArguments, TestArguments};
use crate::board::{claim_for_guardian, real_board, with_real_parts};
use crate::config::{Backend, Loaded, RobotConfig};
use crate::robot::Robot;
use crate::session::RunError;
use sinew_board::{Board, BridgePlan};
use sinew_mock::Mock;
use sinew_runtime::WiringError;
use sinew_safety::Allowances;
#[cfg(not(target_os = "linux"))]
use sinew_safety::Arming;
use std::path::PathBuf;

/// What of a command line concerns the guardian.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// The files that it reads as well.
    config: Option<PathBuf>,
    calibration: Option<PathBuf>,
    /// Where the guardian is that the system started.
    guardian: Option<PathBuf>,
    allowances: Allowances,
}

impl Wishes {
    pub(crate) fn of_run(arguments: &RunArguments) -> Self {
        let mut allowances = Allowances::default();
        allowances.simulated_inputs = arguments.allow_simulated_inputs;
        allowances.unprivileged_guardian = arguments.allow_unprivileged_guardian;
        allowances.uncovered_bus = arguments.allow_uncovered_bus;
        Self {
            config: arguments.config.clone(),
            calibration: arguments.calibration.clone(),
            guardian: arguments.guardian.clone(),
            allowances,
        }
    }

    pub(crate) fn of_jog(arguments: &JogArguments) -> Self {
        let mut allowances = Allowances::default();
        // Nothing but the held key moves it, and no sensor is listened to.
        allowances.simulated_inputs = true;
        allowances.unprivileged_guardian = arguments.allow_unprivileged_guardian;
        allowances.uncovered_bus = arguments.allow_uncovered_bus;
        Self {
            config: arguments.config.clone(),
            allowances,
            ..Self::default()
        }
    }

    pub(crate) fn of_test(arguments: &TestArguments) -> Self {
        Self {
            config: arguments.config.clone(),
            ..Self::default()
        }
    }
}

/// A board for the claims of a robot's graph alone: nothing is opened on it by the robot.
///
/// # Errors
///
/// If the graph cannot be wired there.
pub(crate) fn claimed<C: RobotConfig>(
    robot: Robot<C>,
    backend: Backend,
    loaded: &Loaded<C>,
) -> Result<Board, WiringError> {
    let board = match real_board(backend, &loaded.board) {
        Some((board, _)) => board,
        None => with_real_parts(Board::new(Mock::new(0).backends()), &loaded.board),
    };
    (robot.graph)(&board, &loaded.config)?;
    Ok(board)
}

/// The motion outputs of a robot as its guardian has to know them.
fn plans<C: RobotConfig>(
    robot: Robot<C>,
    backend: Backend,
    loaded: &Loaded<C>,
) -> Result<Vec<BridgePlan>, RunError> {
    let wiring = |why| RunError::Wiring {
        board: backend.to_string(),
        why,
    };
    let board = claimed(robot, backend, loaded).map_err(wiring)?;
    claim_for_guardian(&board, &loaded.board).map_err(|error| wiring(error.into()))?;
    Ok(board.bridges().iter().map(|bridge| bridge.plan()).collect())
}

#[cfg(target_os = "linux")]
pub(crate) use linux::Guarding;

#[cfg(target_os = "linux")]
mod linux {
    use super::{Wishes, plans};
    use crate::config::{Backend, Loaded, RobotConfig};
    use crate::ctl::path;
    use crate::robot::Robot;
    use crate::session::RunError;
    use crate::{out, threads};
    use sinew_board::{Board, BridgePlan, Guarded};
    use sinew_safety::guardian::{GuardError, GuardLink};
    use sinew_safety::{Allowances, Arming};
    use std::io::IsTerminal as _;
    use std::path::PathBuf;
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::JoinHandle;

    /// The guardian of one run, if the run has real motion outputs; else nothing.
    #[derive(Debug, Default)]
    pub(crate) struct Guarding {
        link: Option<Arc<GuardLink>>,
        guarded: Option<Guarded>,
        allowances: Allowances,
        over: Arc<AtomicBool>,
        watch: Option<JoinHandle<()>>,
    }

    impl Guarding {
        /// Finds the guardian that the system started, or starts one, if there is anything to guard.
        pub(crate) fn begin<C: RobotConfig>(
            robot: Robot<C>,
            backend: Backend,
            wishes: Wishes,
            loaded: &Loaded<C>,
        ) -> Result<Self, RunError> {
            if backend == Backend::Mock && loaded.board.real_parts().is_empty() {
                return Ok(Self::default());
            }
            let plans = plans(robot, backend, loaded)?;
            if !plans.iter().any(|plan| plan.is_real) {
                return Ok(Self::default());
            }
            // systemd sets it for a service; an allowance there would be one that nobody types.
            let in_service = std::env::var_os("INVOCATION_ID").is_some();
            if wishes.allowances.simulated_inputs && in_service {
                return Err(RunError::AllowedInService);
            }
            let (link, guarded) = join(robot.name, backend, &wishes, &plans)?;
            Ok(Self {
                link: Some(Arc::new(link)),
                guarded: Some(guarded),
                allowances: wishes.allowances,
                over: Arc::default(),
                watch: None,
            })
        }

        /// The board under its guardian.
        pub(crate) fn board(&mut self, board: Board) -> Board {
            match self.guarded.take() {
                Some(guarded) => board.guarded_by(guarded),
                None => board,
            }
        }

        /// The arming of that board.
        pub(crate) fn arming(&self, board: &Board) -> Arming {
            let arming = Arming::new(board).allowing(self.allowances);
            match &self.link {
                Some(link) => arming.guarded_by(Arc::clone(link)),
                None => arming,
            }
        }

        /// Ends the leases of this board's real outputs from now on, and stops it when the guardian is gone.
        pub(crate) fn watch(&mut self, board: &Board) -> Result<(), RunError> {
            let Some(link) = &self.link else {
                return Ok(());
            };
            let (link, board, over) = (Arc::clone(link), board.clone(), Arc::clone(&self.over));
            let watch = move || link.watch(&board, || !over.load(Ordering::Acquire));
            let started = threads::start("guard", watch);
            self.watch = Some(started.map_err(|source| GuardError::System {
                doing: "start the thread that ends leases",
                source,
            })?);
            Ok(())
        }
    }

    /// Takes leave: the outputs rest, and the end of this process is none that the guardian has to see to.
    impl Drop for Guarding {
        fn drop(&mut self) {
            self.over.store(true, Ordering::Release);
            if let Some(watch) = self.watch.take() {
                let _ = watch.join();
            }
            // Who panics takes no leave: that is a failure, for the guardian as well.
            if let Some(link) = self.link.as_ref().filter(|_| !std::thread::panicking()) {
                link.leave();
            }
        }
    }

    fn join(
        robot: &str,
        backend: Backend,
        wishes: &Wishes,
        plans: &[BridgePlan],
    ) -> Result<(GuardLink, Guarded), RunError> {
        if let Some(path) = &wishes.guardian {
            return Ok(GuardLink::find(path, plans)?);
        }
        let usual = path::guardian(robot);
        if usual.exists() {
            match GuardLink::find(&usual, plans) {
                Err(GuardError::System { source, .. }) => out::note(&format!(
                    "note: nobody answers at {} ({source}); this run starts a guardian of its own",
                    usual.display()
                )),
                met => return Ok(met?),
            }
        }
        if is_service() {
            return Err(RunError::GuardianInService);
        }
        Ok(GuardLink::start(command(backend, wishes)?, plans)?)
    }

    /// Whether this is a unit of systemd's, which names its invocation; a desktop's terminal is one too, but has a person at it.
    fn is_service() -> bool {
        std::env::var_os("INVOCATION_ID").is_some() && !std::io::stdin().is_terminal()
    }

    /// This very program as the guardian of this very configuration.
    fn command(backend: Backend, wishes: &Wishes) -> Result<Command, GuardError> {
        let program = std::env::current_exe().map_err(|source| GuardError::System {
            doing: "find this program, to start it as the guardian",
            source,
        })?;
        let mut command = Command::new(program);
        command.args(["guard", "--child", "--board", &backend.to_string()]);
        // What systemd wants to hear of a unit is not this process's to say.
        command.env_remove("NOTIFY_SOCKET");
        let mut file = |option: &str, path: &Option<PathBuf>| {
            if let Some(path) = path {
                command.arg(option).arg(path);
            }
        };
        file("--config", &wishes.config);
        file("--calibration", &wishes.calibration);
        Ok(command)
    }
}

/// Where there is no Linux there is no real output, and nothing to guard.
#[cfg(not(target_os = "linux"))]
#[derive(Debug, Default)]
pub(crate) struct Guarding {
    allowances: Allowances,
}

#[cfg(not(target_os = "linux"))]
impl Guarding {
    pub(crate) fn begin<C: RobotConfig>(
        robot: Robot<C>,
        backend: Backend,
        wishes: Wishes,
        loaded: &Loaded<C>,
    ) -> Result<Self, RunError> {
        plans(robot, backend, loaded)?;
        Ok(Self {
            allowances: wishes.allowances,
        })
    }

    pub(crate) fn board(&mut self, board: Board) -> Board {
        board
    }

    pub(crate) fn arming(&self, board: &Board) -> Arming {
        Arming::new(board).allowing(self.allowances)
    }

    pub(crate) fn watch(&mut self, _: &Board) -> Result<(), RunError> {
        Ok(())
    }
}
