//! Memory that two processes map, whose size neither can change.

use super::Words;
use rustix::fs::{
    MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, ftruncate, memfd_create,
};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;

const SIZE: usize = size_of::<Words>();

/// One page of words, mapped for reading and writing.
#[derive(Debug)]
pub(super) struct Mapping(NonNull<Words>);

// SAFETY: the mapping belongs to no thread, and all that is in it are atomic words.
#[allow(unsafe_code, reason = "a pointer alone may not cross threads")]
unsafe impl Send for Mapping {}
// SAFETY: as above: atomic words may be read and written by several threads.
#[allow(unsafe_code, reason = "a pointer alone may not be shared")]
unsafe impl Sync for Mapping {}

impl Mapping {
    /// A new page of zeros, and its file, sealed at this size.
    pub(super) fn new() -> io::Result<(Self, OwnedFd)> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = memfd_create("sinew-safety", flags)?;
        ftruncate(&file, SIZE as u64)?;
        fcntl_add_seals(&file, fixed())?;
        Ok((Self::of(file.as_fd())?, file))
    }

    /// The page of a file. One that could shrink is refused: to read beyond its end would end this process.
    pub(super) fn of(file: BorrowedFd<'_>) -> io::Result<Self> {
        let size = rustix::fs::fstat(file)?.st_size;
        let is_fixed = fcntl_get_seals(file).is_ok_and(|seals| seals.contains(fixed()));
        if size != SIZE as i64 || !is_fixed {
            return Err(io::Error::other("it is no page of a guardian"));
        }
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: the kernel chooses a place that nothing else has, as large as `Words`.
        #[allow(unsafe_code, reason = "memory of two processes")]
        let place = unsafe {
            mmap(
                std::ptr::null_mut(),
                SIZE,
                access,
                MapFlags::SHARED,
                file,
                0,
            )
        }?;
        let words = NonNull::new(place.cast());
        words
            .map(Self)
            .ok_or_else(|| io::Error::other("it was mapped nowhere"))
    }

    pub(super) fn words(&self) -> &Words {
        // SAFETY: the mapping is as large as `Words`, begins at a page and so is aligned, lives as long as `self`, and its
        // file cannot shrink. Any bytes are valid words, and whoever else maps them writes them by atomic operations.
        #[allow(unsafe_code, reason = "memory of two processes")]
        unsafe {
            self.0.as_ref()
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: it was mapped at this size, and nobody borrows from it any more.
        #[allow(unsafe_code, reason = "memory of two processes")]
        let unmapped = unsafe { munmap(self.0.as_ptr().cast(), SIZE) };
        debug_assert!(unmapped.is_ok(), "a mapping can be unmapped");
    }
}

const fn fixed() -> SealFlags {
    SealFlags::SHRINK
        .union(SealFlags::GROW)
        .union(SealFlags::SEAL)
}
