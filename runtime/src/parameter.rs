//! A number that may be changed while its actor runs.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of an actor that may be changed while it runs: a trim, a limit, a gain. Clones are the same number.
///
/// It is made where the actor's factory is, which declares it with [`Factory::parameter`](crate::Factory::parameter) and hands a
/// clone to each incarnation; [`SystemHandle::set_parameter`](crate::SystemHandle::set_parameter) changes it, from any thread.
/// What was set survives a restart. The actor reads it at each use.
///
/// ```
/// use sinew_runtime::{Actor, Factory, Graph, Parameter};
/// # struct Drive { trim: Parameter }
/// # impl Actor for Drive {}
/// let trim = Parameter::new("trim", 1.0, 0.5..=1.0);
/// let mine = trim.clone();
/// let drive = Factory::new(move || Ok(Drive { trim: mine.clone() })).parameter(&trim);
/// Graph::new("robot").add("drive", drive);
/// ```
#[derive(Clone)]
pub struct Parameter(Arc<Inner>);

struct Inner {
    name: String,
    initial: f64,
    range: RangeInclusive<f64>,
    value: AtomicU64,
}

impl Parameter {
    /// A parameter that begins with `value` and may have what lies in `range`, and `value` again.
    #[must_use]
    pub fn new(name: &str, value: f64, range: RangeInclusive<f64>) -> Self {
        Self(Arc::new(Inner {
            name: name.to_owned(),
            initial: value,
            range: range.start().min(value)..=range.end().max(value),
            value: AtomicU64::new(value.to_bits()),
        }))
    }

    /// Its value now.
    #[must_use]
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.value.load(Ordering::Relaxed))
    }

    /// What its actor calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn set(&self, value: f64) -> Result<(), RangeInclusive<f64>> {
        if !self.0.range.contains(&value) {
            return Err(self.0.range.clone());
        }
        self.0.value.store(value.to_bits(), Ordering::Relaxed);
        Ok(())
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.0.name, self.get())
    }
}

/// A parameter of a running system, as it is now.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParameterInfo {
    /// The node and what it calls the parameter: `drive.trim`.
    pub name: String,
    /// Its value now.
    pub value: f64,
    /// What it began with.
    pub initial: f64,
    /// What it may be.
    pub range: RangeInclusive<f64>,
}

impl ParameterInfo {
    pub(crate) fn of(node: &str, parameter: &Parameter) -> Self {
        let Inner {
            name,
            initial,
            range,
            ..
        } = &*parameter.0;
        Self {
            name: format!("{node}.{name}"),
            value: parameter.get(),
            initial: *initial,
            range: range.clone(),
        }
    }
}

/// Why a parameter was not changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// There is none of this name.
    #[error("no parameter is called {name:?}; there are: {}", list(known))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// It may not have this value.
    #[error("{name} may be {} to {}, not {value}", range.start(), range.end())]
    OutOfRange {
        /// The parameter.
        name: String,
        /// The value that was given.
        value: f64,
        /// What it may be.
        range: RangeInclusive<f64>,
    },
}

fn list(known: &[String]) -> String {
    if known.is_empty() {
        return "none; an actor's factory declares them".to_owned();
    }
    known.join(", ")
}
