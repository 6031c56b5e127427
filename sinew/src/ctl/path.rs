//! Where a robot's control socket is.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The longest path that a socket can have: `sun_path` of unix(7) has 108 bytes on Linux, 104 on macOS.
pub const LONGEST_PATH: usize = 103;

/// `$XDG_RUNTIME_DIR/sinew-NAME.sock`, or `/tmp/sinew-UID/NAME.sock` where there is no such folder.
pub fn of_robot(name: &str) -> PathBuf {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    match runtime.filter(|folder| folder.is_absolute() && folder.is_dir()) {
        Some(folder) => folder.join(format!("sinew-{name}.sock")),
        None => private_folder().join(format!("{name}.sock")),
    }
}

/// Where the guardian of a robot waits for it, where the system has started one: beside the robot's control socket.
pub fn guardian(name: &str) -> PathBuf {
    of_robot(name).with_file_name(format!("sinew-{name}-guard.sock"))
}

/// Where a robot's guardian has its own e-stop.
pub fn estop(name: &str) -> PathBuf {
    of_robot(name).with_file_name(format!("sinew-{name}-estop.sock"))
}

fn private_folder() -> PathBuf {
    Path::new("/tmp").join(format!("sinew-{}", rustix::process::getuid().as_raw()))
}

/// Makes the folder under `/tmp`, which belongs to one user and is closed to all others. Other folders must
/// exist.
///
/// # Errors
///
/// If the folder cannot be made, or if somebody else made it first: `/tmp` is everybody's.
pub(crate) fn prepare_folder(socket: &Path) -> io::Result<()> {
    let folder = private_folder();
    if socket.parent() != Some(&folder) {
        return Ok(());
    }
    match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(&folder)?;
    let ours = found.is_dir() && found.uid() == rustix::process::getuid().as_raw();
    if !ours || found.permissions().mode() & 0o077 != 0 {
        let message = format!(
            "{} is not a folder of yours alone; remove it, or name another socket",
            folder.display()
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(())
}
