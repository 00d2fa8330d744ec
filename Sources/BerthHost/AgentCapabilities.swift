package import BerthKernel

/// The capabilities(7) that the agent keeps of root's, and all that `berth doctor` expects of it.
///
/// What remains is near root, so the list says what each is for, and no more is kept than this version uses. Files of others
/// are not written (no `dac_override`): state, socket and cgroups are root's own, and cgroups are written by their owner.
package enum AgentCapabilities {
    /// What is kept.
    package static let kept = CapabilitySet([
        // The extended attributes `trusted.*` by which leaves are known again; filters of devices: bpf(2);
        // project quotas.
        "sys_admin",
        // SIGTERM to the processes of a reservation whoever they belong to.
        "kill",
        // Before Linux 6.9 nobody else may ask which filters a cgroup has: bpf(2), BPF_PROG_QUERY.
        "net_admin",
        // The socket's group, `berth`; and folders that plugins give to users, and back.
        "chown",
        // The holder of the workloads' scope becomes nobody.
        "setuid", "setgid",
        // Processes with capabilities of their own into a group whose CPUs are not theirs: cpuset asks for it.
        "sys_nice",
        // Files of processes that have more than the agent: /proc/1/mountinfo, where its own mounts are a service's, and
        // the namespaces of callers.
        "sys_ptrace",
        // Mount points, and how full they are, in folders that only their owners may search; and what users leave
        // in such folders, to remove it.
        "dac_read_search",
    ])
}
