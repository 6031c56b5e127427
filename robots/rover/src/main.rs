//! Runs the rover: `cargo run -p rover` drives it through a simulated room.

fn main() -> std::process::ExitCode {
    sinew::run("rover", rover::rover, rover::body)
}
