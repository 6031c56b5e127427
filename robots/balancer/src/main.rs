//! The balancer's program.

fn main() -> std::process::ExitCode {
    sinew::run("balancer", balancer::balancer, balancer::body)
}
