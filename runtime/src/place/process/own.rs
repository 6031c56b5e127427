//! That a node has a process of its own, and how it is started.

use std::ffi::OsString;
use std::sync::{Arc, OnceLock};

/// Names the graph to a node's process.
pub(super) const GRAPH_VARIABLE: &str = "SINEW_GRAPH";
/// Names the node to its process.
pub(super) const NODE_VARIABLE: &str = "SINEW_NODE";

/// A process of its own for a node, by [`Graph::own_process`](crate::Graph::own_process): this program, started once
/// more with the same arguments.
///
/// For what may crash, leak or block without harm to the rest: a camera's library, a neural network. A message to or
/// from it costs some tens of microseconds and is encoded and decoded on its way; a large array of bytes goes by
/// quickly if serde knows it as bytes.
#[derive(Clone, Debug, Default)]
pub struct OwnProcess {
    pub(super) arguments: Option<Arc<[OsString]>>,
}

impl OwnProcess {
    /// Starts the program with these arguments instead of this process's own. They must lead it to the same graph.
    #[must_use]
    pub fn with_arguments(self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let arguments = arguments.into_iter().map(Into::into);
        Self {
            arguments: Some(arguments.collect()),
        }
    }

    /// The names of the graph and the node that this process was started for, if it is such a node's process. A
    /// program with several graphs builds that one first; what only the main process may do (open a control socket,
    /// greet) is left out.
    #[must_use]
    pub fn current() -> Option<(String, String)> {
        CURRENT.get_or_init(names_with_line).clone()
    }
}

/// Looked up once: the line, by which a node's process is known, is taken from standard input later.
static CURRENT: OnceLock<Option<(String, String)>> = OnceLock::new();

/// The names that this process was given, if it was given a line as well. A program that a node starts has inherited
/// the names only.
fn names_with_line() -> Option<(String, String)> {
    let (graph, node) = (std::env::var(GRAPH_VARIABLE), std::env::var(NODE_VARIABLE));
    let names = graph.ok().zip(node.ok())?;
    stdin_is_line().then_some(names)
}

#[cfg(unix)]
fn stdin_is_line() -> bool {
    use std::os::fd::AsFd;
    let stdin = std::io::stdin().as_fd().try_clone_to_owned();
    stdin.is_ok_and(|stdin| {
        std::os::unix::net::UnixStream::from(stdin)
            .peer_addr()
            .is_ok()
    })
}

#[cfg(not(unix))]
fn stdin_is_line() -> bool {
    false
}
