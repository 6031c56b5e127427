//! The decision whether motion outputs may follow commands.

use crate::Refusal;
use sinew_board::Board;
use sinew_runtime::{NodeState, Status};

/// Arms the board if nothing speaks against it.
///
/// # Errors
///
/// Everything that does; the board stays as it was.
pub fn arm(board: &Board, status: &Status) -> Result<(), Vec<Refusal>> {
    let against = refusals(board, status);
    if !against.is_empty() {
        return Err(against);
    }
    // The e-stop may have come in between; the board decides that in one step.
    if board.safety().arm() {
        Ok(())
    } else {
        Err(vec![Refusal::EStop])
    }
}

/// Everything that speaks against arming now.
#[must_use]
pub fn refusals(board: &Board, status: &Status) -> Vec<Refusal> {
    let mut against = Vec::new();
    if board.safety().is_estopped() {
        against.push(Refusal::EStop);
    }
    for node in status
        .nodes
        .iter()
        .filter(|node| node.state != NodeState::Running)
    {
        against.push(Refusal::NotRunning {
            node: node.name.clone(),
            state: node.state.word(),
            last_failure: node.last_failure.clone(),
        });
    }
    against.extend(of_outputs(board));
    against
}

fn of_outputs(board: &Board) -> Vec<Refusal> {
    let claims = board.claims();
    let simulated = claims.iter().find(|claim| claim.simulated);
    let mut against = Vec::new();
    for output in board.motion() {
        let part = || output.part.clone();
        if let Some(why) = output.trouble {
            against.push(Refusal::Trouble {
                part: output.part.clone(),
                why,
            });
        }
        if !claims
            .iter()
            .any(|claim| claim.part == output.part && !claim.simulated)
        {
            continue;
        }
        against.push(Refusal::NoGuardian { part: part() });
        if let Some(input) = simulated {
            against.push(Refusal::SimulatedInput {
                part: part(),
                input: input.part.clone(),
            });
        }
    }
    against
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_board::{Backends, BridgePins, MotionSafety, Pin, PwmChannel, linux};
    use sinew_runtime::{Actor, Context, Environment, Failure, Graph, System, Time};
    use std::time::Duration;

    /// Runs, or fails at each start.
    #[derive(Clone)]
    struct Part {
        works: bool,
    }

    impl Actor for Part {
        async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
            if self.works {
                Ok(())
            } else {
                Err(Failure::new("no answer at 0x68"))
            }
        }
    }

    struct Nothing;

    impl Environment for Nothing {
        fn next_event(&mut self) -> Option<Time> {
            None
        }
        fn advance(&mut self, _: Time) {}
    }

    fn status(works: bool) -> Status {
        let mut graph = Graph::new("parts");
        graph.add("imu", Part { works });
        let mut system = System::simulated(graph, 1, Box::new(Nothing)).unwrap();
        system.run_until(Time::ZERO + Duration::from_millis(1));
        system.handle().status()
    }

    fn board(simulated: bool) -> Board {
        let board = Board::new(Backends {
            simulated,
            ..linux::backends()
        });
        let pins = BridgePins {
            pwm: PwmChannel::PWM0,
            forward: Pin::GPIO5,
            backward: Pin::GPIO6,
        };
        let safety = MotionSafety::new(Duration::from_millis(500)).unwrap();
        board.bridge("left motor", pins, safety).unwrap();
        board
    }

    #[test]
    fn a_simulated_robot_whose_nodes_all_run_is_armed() {
        let board = board(true);
        assert_eq!(arm(&board, &status(true)), Ok(()));
        assert!(board.safety().is_armed());
    }

    #[test]
    fn all_reasons_are_told_at_once_and_the_board_stays_disarmed() {
        let board = board(true);
        board.safety().estop();
        let against = arm(&board, &status(false)).unwrap_err();
        assert_eq!(against.len(), 2, "{against:?}");
        assert_eq!(against[0], Refusal::EStop);
        let text = against[1].to_string();
        assert!(
            text.contains("\"imu\"") && text.contains("no answer at 0x68"),
            "{text}"
        );
        board.safety().reset_estop();
        assert!(arm(&board, &status(false)).is_err());
        assert!(!board.safety().is_armed());
    }

    #[test]
    fn a_real_motor_is_not_armed_without_its_guardian() {
        let board = board(false);
        let against = arm(&board, &status(true)).unwrap_err();
        assert_eq!(
            against,
            [Refusal::NoGuardian {
                part: "left motor".into()
            }]
        );
    }
}
