//! Runs blinky: `cargo run -p blinky`.

fn main() -> std::process::ExitCode {
    sinew::run("blinky", blinky::blinky, blinky::body)
}
