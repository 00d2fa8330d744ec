#include "CLinuxBPF.h"

#include <linux/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attributes)
{
    return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static struct bpf_insn step(uint8_t code, uint8_t to, uint8_t from, int16_t offset, int32_t value)
{
    return (struct bpf_insn){.code = code, .dst_reg = to, .src_reg = from, .off = offset, .imm = value};
}

#define LOAD(to, member) step(BPF_LDX | BPF_MEM | BPF_W, to, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, member), 0)
#define SKIP_IF(register, value, steps) step(BPF_JMP | BPF_JEQ | BPF_K, register, 0, steps, (int32_t)(value))
#define SKIP_UNLESS(register, value, steps) step(BPF_JMP | BPF_JNE | BPF_K, register, 0, steps, (int32_t)(value))
#define SET(register, value) step(BPF_ALU64 | BPF_MOV | BPF_K, register, 0, 0, value)
#define RETURN step(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int are_together(const struct berth_device *one, const struct berth_device *other)
{
    return one->is_block == other->is_block && one->major == other->major;
}

/*
 * Kind and major number are looked at once for all devices that share them, and what is found there is the answer: so the
 * kernel, which follows every way through a program before it takes it, has as many as there are devices, and no more.
 */
int berth_bpf_load(const struct berth_device *denied, size_t count, const char *name)
{
    struct bpf_insn *steps = calloc(6 + 7 * count, sizeof *steps);
    if (!steps)
        return -1;
    size_t length = 0;
    // The kind is in the lower half, what is to be done with the device in the upper.
    steps[length++] = LOAD(BPF_REG_2, access_type);
    steps[length++] = step(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
    steps[length++] = LOAD(BPF_REG_3, major);
    steps[length++] = LOAD(BPF_REG_4, minor);
    for (size_t first = 0, last; first < count; first = last) {
        for (last = first + 1; last < count && are_together(&denied[first], &denied[last]);)
            last++;
        int16_t minors = (int16_t)(last - first);
        int kind = denied[first].is_block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
        steps[length++] = SKIP_UNLESS(BPF_REG_2, kind, minors + 5);
        steps[length++] = SKIP_UNLESS(BPF_REG_3, denied[first].major, minors + 4);
        for (int16_t i = 0; i < minors; i++)
            steps[length++] = SKIP_IF(BPF_REG_4, denied[first + (size_t)i].minor, minors - i + 1);
        steps[length++] = SET(BPF_REG_0, 1);
        steps[length++] = RETURN;
        steps[length++] = SET(BPF_REG_0, 0);
        steps[length++] = RETURN;
    }
    steps[length++] = SET(BPF_REG_0, 1);
    steps[length++] = RETURN;
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.expected_attach_type = BPF_CGROUP_DEVICE;
    attributes.insns = (uintptr_t)steps;
    attributes.insn_cnt = (uint32_t)length;
    attributes.license = (uintptr_t)"Apache-2.0";
    strncpy(attributes.prog_name, name, sizeof attributes.prog_name - 1);
    int program, tries = 0;
    // A signal that waits breaks off the kernel's look at it.
    do
        program = bpf(BPF_PROG_LOAD, &attributes);
    while (program < 0 && errno == EAGAIN && ++tries < 5);
    int code = errno;
    free(steps);
    errno = code;
    return program;
}

static int change(int command, int group, int program, uint32_t flags)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)group;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = flags;
    return bpf(command, &attributes);
}

int berth_bpf_attach(int group, int program) { return change(BPF_PROG_ATTACH, group, program, BPF_F_ALLOW_MULTI); }

int berth_bpf_detach(int group, int program) { return change(BPF_PROG_DETACH, group, program, 0); }

int berth_bpf_attached(int group, uint32_t *ids, uint32_t capacity)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.query.target_fd = (uint32_t)group;
    attributes.query.attach_type = BPF_CGROUP_DEVICE;
    attributes.query.prog_ids = (uintptr_t)ids;
    attributes.query.prog_cnt = capacity;
    if (bpf(BPF_PROG_QUERY, &attributes))
        return -1;
    return (int)attributes.query.prog_cnt;
}

int berth_bpf_open(uint32_t id)
{
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_id = id;
    return bpf(BPF_PROG_GET_FD_BY_ID, &attributes);
}

int berth_bpf_describe(int program, struct berth_bpf_program *description)
{
    struct bpf_prog_info info;
    memset(&info, 0, sizeof info);
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.info.bpf_fd = (uint32_t)program;
    attributes.info.info_len = sizeof info;
    attributes.info.info = (uintptr_t)&info;
    if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes))
        return -1;
    description->id = info.id;
    memcpy(&description->tag, info.tag, sizeof description->tag);
    memcpy(description->name, info.name, sizeof description->name);
    return 0;
}
