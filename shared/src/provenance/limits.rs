//! Names and values of `limits`: what a statement says was held around the claimed command.
//! Not here: what follows for a reader (`manifest`).

/// Key of `limits` that tells how far the claimed command could reach: [`LIMIT_NETWORK_NONE`], [`LIMIT_NETWORK_FULL`] or
/// [`LIMIT_NOT_ENFORCED`].
pub const LIMIT_NETWORK: &str = "network";
/// The engine kept the claimed command from every network.
pub const LIMIT_NETWORK_NONE: &str = "none";
/// The claimed command could reach the network, as the rebuilder asked.
pub const LIMIT_NETWORK_FULL: &str = "full";
/// Keys of `limits` that every statement of version 2 has: the fences that the engine holds.
pub const FENCES: [&str; 17] = [
    "memory",
    "swap",
    "cpus",
    "pids",
    "open_files",
    "file_size",
    "core_size",
    "disk",
    "capabilities",
    "new_privileges",
    "seccomp",
    "user",
    LIMIT_NETWORK,
    "namespaces",
    "devices",
    "mounts",
    "environment",
];
/// Value of a limit that the engine was told to hold and did not. Compared without case.
pub const LIMIT_NOT_ENFORCED: &str = "not enforced";
