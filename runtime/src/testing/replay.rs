//! How one seed of a test is tried again.

/// The variable of the environment that runs one seed of a test that tries several: the one that it named.
pub const SEED_VARIABLE: &str = "SINEW_SEED";

/// The seed that the environment asks for, if it does.
#[must_use]
pub fn seed_of_environment() -> Option<u64> {
    std::env::var(SEED_VARIABLE).ok()?.trim().parse().ok()
}

/// The command that runs the present test with this seed: `cargo test` names the package in the environment, and the
/// thread after the test.
#[must_use]
pub fn again(seed: u64) -> String {
    let package = match std::env::var("CARGO_PKG_NAME") {
        Ok(package) => format!(" -p {package}"),
        Err(_) => String::new(),
    };
    let thread = std::thread::current();
    let test = match thread.name() {
        None | Some("main") => String::new(),
        Some(test) => format!(" -- --exact {test}"),
    };
    format!("{SEED_VARIABLE}={seed} cargo test{package}{test}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_seed_the_package_and_the_test() {
        let test = "testing::replay::tests::the_command_names_the_seed_the_package_and_the_test";
        assert_eq!(
            again(7),
            format!("SINEW_SEED=7 cargo test -p sinew-runtime -- --exact {test}")
        );
    }
}
