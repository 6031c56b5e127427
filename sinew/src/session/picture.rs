//! Where the animated picture of a run goes.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes the picture to `wanted`, or as `NAME-SEED.svg` to the folder for temporary files.
///
/// # Errors
///
/// The path and what the system said, if it cannot be written.
pub(crate) fn write(
    name: &str,
    seed: u64,
    wanted: Option<&Path>,
    picture: &str,
) -> Result<PathBuf, (PathBuf, io::Error)> {
    if let Some(path) = wanted {
        let done = std::fs::write(path, picture);
        return done
            .map(|()| path.to_path_buf())
            .map_err(|error| (path.to_path_buf(), error));
    }
    let path = std::env::temp_dir().join(format!("{name}-{seed}.svg"));
    // The folder is everybody's: never write through a name that somebody else may have put there.
    let fresh = std::env::temp_dir().join(format!("{name}-{seed}-{}.svg", std::process::id()));
    let failed = |error| (fresh.clone(), error);
    let mut file = File::create_new(&fresh).map_err(failed)?;
    file.write_all(picture.as_bytes()).map_err(failed)?;
    // The name of another user's file cannot be had; the picture keeps its own name then.
    Ok(if std::fs::rename(&fresh, &path).is_ok() {
        path
    } else {
        fresh
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_written_anew_each_time_under_the_same_name() {
        let name = format!("sinew-picture-test-{}", std::process::id());
        let first = write(&name, 7, None, "one").unwrap();
        let second = write(&name, 7, None, "two").unwrap();
        assert_eq!(first, second);
        assert_eq!(std::fs::read_to_string(&second).unwrap(), "two");
        std::fs::remove_file(second).unwrap();
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let (path, _) = write("toy", 1, Some(Path::new("/nowhere/at/all.svg")), "x").unwrap_err();
        assert_eq!(path, Path::new("/nowhere/at/all.svg"));
    }
}
