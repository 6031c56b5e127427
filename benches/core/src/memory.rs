//! What the process takes of the memory.

use std::fs;

use crate::heap;

/// Memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident, as the kernel counts it.
    pub resident: f64,
    /// Taken from the heap and not given back, as the counting allocator counts it.
    pub heap: f64,
}

impl Memory {
    /// What is taken now.
    ///
    /// # Panics
    /// Where there is no `/proc`: nothing can be measured there.
    pub fn now() -> Memory {
        let text = fs::read_to_string("/proc/self/smaps_rollup").expect("Linux has it");
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        let kilobytes: f64 = kilobytes
            .and_then(|text| text.parse().ok())
            .expect("a number of kB");
        Memory {
            resident: kilobytes * 1024.0,
            heap: heap::live_bytes() as f64,
        }
    }

    /// What was taken since.
    pub fn since(self, before: Memory) -> Memory {
        Memory {
            resident: self.resident - before.resident,
            heap: self.heap - before.heap,
        }
    }

    /// The share of each of so many.
    pub fn each(self, count: usize) -> Memory {
        Memory {
            resident: self.resident / count as f64,
            heap: self.heap / count as f64,
        }
    }
}
