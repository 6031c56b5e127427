//! Why a motion output has its value, read from everything that decides it.

use crate::ctl::protocol::{CommandReport, ExplainReport, ParameterReport};
use sinew_board::{Board, BridgeClaim, Cause, MotionSafety};
use sinew_runtime::{EdgeMetrics, ParameterInfo, SystemHandle};
use sinew_safety::Arming;

/// The output of this name, or the only one whose name contains it.
pub(super) fn find(board: &Board, name: Option<&str>) -> Result<BridgeClaim, String> {
    let all = board.bridges();
    let parts: Vec<String> = all.iter().map(BridgeClaim::part).collect();
    let parts = parts.join(", ");
    if all.is_empty() {
        return Err("this robot has no motion output".to_owned());
    }
    let Some(wanted) = name else {
        return Err(format!("which motion output? There are: {parts}"));
    };
    if let Some(exact) = all.iter().find(|claim| claim.part() == wanted) {
        return Ok(exact.clone());
    }
    let mut alike = all.iter().filter(|claim| claim.part().contains(wanted));
    match (alike.next(), alike.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => Err(format!(
            "no motion output is called {wanted:?}; there are: {parts}"
        )),
    }
}

/// Everything that decides what this output does now.
pub(super) fn explain(
    board: &Board,
    arming: &Arming,
    handle: &SystemHandle,
    name: Option<&str>,
) -> Result<ExplainReport, String> {
    let plan = find(board, name)?.plan();
    let status = arming.status();
    let output = status.outputs.into_iter().find(|it| it.part == plan.part);
    let output = output.ok_or_else(|| format!("{} is not on this board", plan.part))?;
    let owner = output.owner.as_deref().unwrap_or_default();
    let edges = handle.metrics().edges.into_iter();
    let is_command = |edge: &EdgeMetrics| edge.is_command && edge.to == owner;
    let parameters = handle.parameters().into_iter();
    let of_owner = |it: &ParameterInfo| it.name.split('.').next() == Some(owner);
    Ok(ExplainReport {
        real: output.is_real,
        state: status.state.to_string(),
        duty: output.duty.ratio(),
        lease_s: output.valid_until.since(board.now()).as_secs_f64(),
        longest_lease_s: plan.safety.longest_lease().as_secs_f64(),
        safe_actions: safe_actions(plan.safety),
        last_safe: output.last_safe.map(|cause| cause.to_string()),
        trouble: output.trouble,
        commands: edges.filter(is_command).map(command).collect(),
        limits: parameters.filter(of_owner).map(parameter).collect(),
        refusals: status.refusals.iter().map(ToString::to_string).collect(),
        owner: output.owner.clone(),
        part: plan.part,
    })
}

fn safe_actions(safety: MotionSafety) -> Vec<String> {
    let causes = [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death];
    let action = |cause: Cause| format!("{cause}: {}", safety.on(cause));
    causes.into_iter().map(action).collect()
}

fn command(edge: EdgeMetrics) -> CommandReport {
    CommandReport {
        message: edge.message.to_owned(),
        published: edge.published,
        taken: edge.delivered,
        expired: edge.expired,
        last_age_s: edge.last_age_ns.map(|nanos| nanos as f64 * 1e-9),
        from: edge.from,
    }
}

/// A parameter as the socket tells of it.
pub(super) fn parameter(it: ParameterInfo) -> ParameterReport {
    ParameterReport {
        value: it.value,
        initial: it.initial,
        low: *it.range.start(),
        high: *it.range.end(),
        name: it.name,
    }
}
