//! What the allocator does with memory that is freed.

use std::hint::black_box;

/// Bytes of the largest block that is kept for the next request, at least.
const LARGEST_KEPT: usize = 4 << 20;

/// Makes glibc keep the memory of one request for the next one. It would give back what the buffers of an answer took, and the
/// system would have to find and clear each page again for the next answer. glibc learns from the largest block that was
/// freed: blocks up to its size come from memory that is kept, twice that size of it.
pub fn keep_freed_memory() {
    drop(black_box(Vec::<u8>::with_capacity(LARGEST_KEPT)));
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    /// Pages that this thread was given so far.
    fn pages_given() -> u64 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let fields = stat.rsplit_once(')').unwrap().1;
        fields.split_whitespace().nth(7).unwrap().parse().unwrap()
    }

    #[test]
    fn buffers_are_made_of_the_same_pages_again() {
        const PAGE: usize = 4096;
        const BUFFER: usize = 256 * 1024;
        const AT_ONCE: usize = 4;
        keep_freed_memory();
        let before = pages_given();
        for _ in 0..100 {
            drop(black_box([(); AT_ONCE].map(|()| vec![1_u8; BUFFER])));
        }
        let given = pages_given() - before;
        let needed = AT_ONCE * BUFFER / PAGE;
        assert!(given < 4 * needed as u64, "{given} pages for {needed}");
    }
}
