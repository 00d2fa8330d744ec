// Which devices a group's processes may open: bpf(2) with programs of the type BPF_PROG_TYPE_CGROUP_DEVICE.
#ifndef BERTH_CLINUX_BPF_H
#define BERTH_CLINUX_BPF_H

#include <stddef.h>
#include <stdint.h>

/// One device: its kind and its number.
struct berth_device {
    int is_block;
    uint32_t major, minor;
};

/// A loaded program as the kernel describes it.
struct berth_bpf_program {
    uint32_t id;
    /// A digest of its instructions.
    uint64_t tag;
    char name[16];
};

/// Loads a program that denies these devices, sorted by kind and number, and allows every other. Returns a descriptor with O_CLOEXEC, or -1 and errno.
int berth_bpf_load(const struct berth_device *_Nullable denied, size_t count, const char *_Nonnull name);

/// Has a program decide for a group, and for those below, besides whatever decides there already (BPF_F_ALLOW_MULTI).
/// Returns 0, or -1 and errno.
int berth_bpf_attach(int group, int program);

/// Has a program decide for a group no more. Returns 0, or -1 and errno.
int berth_bpf_detach(int group, int program);

/// The ids of the programs that decide for this very group. Returns how many were stored, or -1 and errno.
int berth_bpf_attached(int group, uint32_t *_Nonnull ids, uint32_t capacity);

/// Opens a program by its id. Returns a descriptor with O_CLOEXEC, or -1 and errno.
int berth_bpf_open(uint32_t id);

/// Describes a program. Returns 0, or -1 and errno.
int berth_bpf_describe(int program, struct berth_bpf_program *_Nonnull description);

#endif
