//! One guardian for one port or bus: of these the kernel does not refuse a second opener by itself.

use crate::BoardError;
use rustix::fs::{FlockOperation, flock};
use std::os::fd::OwnedFd;

/// Keeps others who ask for the same off a file for as long as it is open anywhere: the lock goes with a duplicate that another
/// process was handed.
///
/// # Errors
///
/// [`BoardError::Unavailable`] if somebody has it.
pub(super) fn only_holder(file: &OwnedFd, what: impl Fn() -> String) -> Result<(), BoardError> {
    flock(file, FlockOperation::NonBlockingLockExclusive).map_err(|errno| BoardError::Unavailable {
        what: format!("{} for a motion output", what()),
        why: format!(
            "another program holds it ({errno}): a guardian with motors there runs already, or what it watches has yet to end; stop that \
             robot first"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn a_second_holder_is_refused_until_the_last_duplicate_is_closed() {
        let path = tempfile::NamedTempFile::new().unwrap();
        let open = || OwnedFd::from(File::open(path.path()).unwrap());
        let first = open();
        only_holder(&first, || "port".to_owned()).unwrap();
        let duplicate = first.try_clone().unwrap();
        drop(first);
        let refused = only_holder(&open(), || "port".to_owned()).unwrap_err();
        assert!(refused.to_string().contains("runs already"), "{refused}");
        drop(duplicate);
        only_holder(&open(), || "port".to_owned()).unwrap();
    }
}
