//! The memory limit of a search.
//!
//! The default is half of the memory available at the start: deciding the finished graph, and
//! everything else that runs here, needs room as well. Where the available memory is not known (it
//! is read from `/proc` and the control groups of Linux) there is no limit.

use std::fs;
use std::path::Path;

use crate::quantity::MemorySize;

/// The default limit is the available memory divided by this.
const SHARE: u64 = 2;

/// The most bytes for a search: the limit given, or a share of what is available now; never more
/// than the addresses that this process may use, as an allocation beyond them would end it.
pub(crate) fn most_bytes(given: Option<MemorySize>) -> Option<u64> {
    match given {
        Some(memory) => [Some(memory.bytes), addresses()].into_iter().flatten().min(),
        None => Some(available()? / SHARE),
    }
}

/// The bytes of memory that this process takes now, where the system says so.
pub(crate) fn resident() -> Option<u64> {
    Some(kilobytes_in(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")? * 1024)
}

fn addresses() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    addresses_in(&read("/proc/self/limits"), &read("/proc/self/status"))
}

/// Bytes that can still be had: the least of what the system, the control groups of this process
/// and its own limit on addresses leave.
fn available() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let system = free_in(&read("/proc/meminfo"));
    let groups = left_to_groups(&read("/proc/self/cgroup"), Path::new("/sys/fs/cgroup"));
    [system, addresses(), groups].into_iter().flatten().min()
}

/// `MemAvailable` of `/proc/meminfo`.
fn free_in(meminfo: &str) -> Option<u64> {
    Some(kilobytes_in(meminfo, "MemAvailable:")? * 1024)
}

/// The number of kilobytes after `name` in such a file.
fn kilobytes_in(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What `/proc/self/status` leaves of the limit on the size of the address space that
/// `/proc/self/limits` has, if there is one.
fn addresses_in(limits: &str, status: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let most: u64 = line.split_whitespace().next()?.parse().ok()?;
    let used = kilobytes_in(status, "VmSize:").unwrap_or(0);
    // Threads and allocators reserve addresses that they never use.
    Some(most.saturating_sub(used * 1024) / (SHARE * SHARE))
}

/// What is left to the control groups listed in `/proc/self/cgroup` and to those around them, of
/// either version.
fn left_to_groups(groups: &str, root: &Path) -> Option<u64> {
    let mut least: Option<u64> = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(kind), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (folder, files) = match kind {
            "" => ("", ["memory.max", "memory.current"]),
            "memory" => ("memory", ["memory.limit_in_bytes", "memory.usage_in_bytes"]),
            _ => continue,
        };
        for group in Path::new(path.trim_start_matches('/')).ancestors() {
            let number = |file: &str| -> Option<u64> {
                let text = fs::read_to_string(root.join(folder).join(group).join(file)).ok()?;
                text.trim().parse().ok()
            };
            if let (Some(most), Some(used)) = (number(files[0]), number(files[1])) {
                let left = most.saturating_sub(used);
                least = Some(least.map_or(left, |least| least.min(left)));
            }
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_files_are_understood() {
        let meminfo = "MemTotal: 9 kB\nMemAvailable:   20951216 kB\n";
        assert_eq!(free_in(meminfo), Some(20_951_216 * 1024));
        let limits = |most: &str| format!("Max cpu time  1 1\nMax address space  {most} 7 bytes");
        let status = "VmPeak: 9 kB\nVmSize:\t    3 kB\n";
        assert_eq!(addresses_in(&limits("5000"), status), Some((5000 - 3 * 1024) / 4));
        assert_eq!(addresses_in(&limits("unlimited"), status), None);
    }

    #[test]
    fn tightest_control_group_counts() {
        let root = std::env::temp_dir().join(format!("mapi-logon-groups-{}", std::process::id()));
        for (group, most, used) in [("a", "900", "100"), ("a/b", "max", "100")] {
            fs::create_dir_all(root.join(group)).unwrap();
            fs::write(root.join(group).join("memory.max"), most).unwrap();
            fs::write(root.join(group).join("memory.current"), used).unwrap();
        }
        assert_eq!(left_to_groups("1:cpu:/\n0::/a/b\n", &root), Some(800));
        assert_eq!(left_to_groups("0::/c\n", &root), None);
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn what_is_given_comes_first() {
        assert_eq!(most_bytes(Some(MemorySize { bytes: 3 })), Some(3));
    }
}
