/*
 * Gives up everything that a plugin does not need, before any of its code is loaded: its cgroup first, the user last, for
 * each step needs what a later one takes away. See landlock(7), capabilities(7), prctl(2).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

/* What a kernel has that the headers of Debian 12 do not. */
#define FS_TRUNCATE (1ull << 14)   /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15)  /* ABI 5 */
#define SCOPE_ABSTRACT (1ull << 0) /* ABI 6 */
#define SCOPE_SIGNAL (1ull << 1)

struct ruleset {
    uint64_t fs, net, scoped;
};

static char doors[512] = "[";

/* Notes what could not be given up here. */
static void note_open(const char *what)
{
    size_t length = strlen(doors);
    snprintf(doors + length, sizeof doors - length, "%s\"%s\"", length > 1 ? "," : "", what);
}

static void limit(int resource, const char *name, uint64_t most)
{
    struct rlimit limit = {most, most};
    if (setrlimit(resource, &limit))
        refuse("cannot limit %s to %llu: %s", name, (unsigned long long)most, strerror(errno));
}

void join(int group)
{
    if (group < 0) {
        note_open("what it starts: nothing ends that with it without a cgroup of its own");
        return;
    }
    if (write(group, "0", 1) != 1)
        refuse("cannot move into the plugin's cgroup: %s", strerror(errno));
    close(group);
}

/* Allows `rights` below a path; what is not there needs no rule. */
static void allow(int ruleset, const char *path, int descriptor, uint64_t rights)
{
    const uint64_t of_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE
        | FS_TRUNCATE | FS_IOCTL_DEV;
    int opened = descriptor >= 0 ? descriptor : open(path, O_PATH | O_CLOEXEC);
    if (opened < 0) {
        if (errno == ENOENT)
            return;
        refuse("cannot open %s, which the plugin may use: %s", path, strerror(errno));
    }
    struct stat found;
    if (fstat(opened, &found))
        refuse("cannot look at %s: %s", path, strerror(errno));
    struct landlock_path_beneath_attr rule = {
        .allowed_access = S_ISDIR(found.st_mode) ? rights : rights & of_files, .parent_fd = opened};
    /* What lies in no folder, as a copy in memory does, may be opened without a rule. */
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) && errno != EBADFD)
        refuse("cannot allow %s: %s", path, strerror(errno));
    if (descriptor < 0)
        close(opened);
}

/* What every program needs to run: libraries, the time, names of hosts and users, and a few devices. */
static const char *const libraries[] = {
    "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64",
};
static const char *const common[] = {
    "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/ssl", "/etc/resolv.conf", "/etc/hosts",
    "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/dev/urandom", "/dev/random", "/dev/zero", "/proc/self",
    "/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo",
};

/* Allows what lies in a folder of libraries, but for the folder of plugins there: a rule for the whole would be about that too. */
static void allow_libraries(int ruleset, const char *path, uint64_t rights)
{
    DIR *folder = opendir(path);
    if (!folder) {
        if (errno == ENOENT)
            return;
        refuse("cannot open %s, which the plugin may use: %s", path, strerror(errno));
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || !strcmp(entry->d_name, "berth"))
            continue;
        int opened = openat(dirfd(folder), entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat found;
        if (opened < 0 || fstat(opened, &found))
            refuse("cannot look at %s/%s: %s", path, entry->d_name, strerror(errno));
        /* What a link leads to is allowed where it lies, or is none of a plugin's. */
        if (!S_ISLNK(found.st_mode))
            allow(ruleset, entry->d_name, opened, rights);
        close(opened);
    }
    closedir(folder);
}

static void narrow_files(const struct options *options, int library)
{
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    if (abi < 1) {
        note_open("files: this kernel has no Landlock");
        return;
    }
    const uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const uint64_t run = read | LANDLOCK_ACCESS_FS_EXECUTE;
    uint64_t all = (1ull << 13) - 1; /* ABI 1 */
    if (abi >= 2)
        all |= 1ull << 13; /* REFER */
    if (abi >= 3)
        all |= FS_TRUNCATE;
    if (abi >= 5)
        all |= FS_IOCTL_DEV;
    const uint64_t make_device = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
    struct ruleset rules = {.fs = all};
    size_t size = sizeof rules.fs;
    if (abi >= 6) {
        rules.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
        size = sizeof rules;
    } else {
        note_open("signals to processes of the same user: Landlock has no scope for them before ABI 6");
    }
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0)
        refuse("cannot make a Landlock ruleset: %s", strerror(errno));
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        allow_libraries(ruleset, libraries[i], run);
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        allow(ruleset, common[i], -1, run);
    allow(ruleset, "/dev/null", -1, read | LANDLOCK_ACCESS_FS_WRITE_FILE);
    allow(ruleset, options->library, library, run);
    if (options->state)
        allow(ruleset, options->state, -1, all & ~(LANDLOCK_ACCESS_FS_EXECUTE | make_device));
    for (size_t i = 0; i < options->read_count; i++)
        allow(ruleset, options->read[i], -1, read);
    for (size_t i = 0; i < options->write_count; i++)
        allow(ruleset, options->write[i], -1, all & ~(LANDLOCK_ACCESS_FS_EXECUTE | make_device));
    for (size_t i = 0; i < options->exec_count; i++)
        allow(ruleset, options->exec[i], -1, run);
    if (syscall(SYS_landlock_restrict_self, ruleset, 0))
        refuse("cannot enter the Landlock ruleset: %s", strerror(errno));
    close(ruleset);
}

static void leave_network(const struct options *options)
{
    if (options->network || !unshare(CLONE_NEWNET))
        return;
    if (errno != EPERM && errno != EINVAL && errno != ENOSYS)
        refuse("cannot leave the network: %s", strerror(errno));
    note_open("network: only root can take it away");
}

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#endif

/*
 * Refuses calls that neither a network namespace nor Landlock keeps from a plugin. New Unix sockets: by one with a path it
 * could connect to its user's own manager, for example, which starts any program for it. The one to the agent is open
 * already. io_uring makes sockets without a call that can be seen. And attributes of files: their owner could take them out
 * of the project under which they are counted, or put them into another's.
 */
static void narrow_calls(void)
{
#ifdef OWN_ARCH
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
        /* x32 has the same calls under other numbers. */
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 9, 0),
#else
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0xffffffff, 9, 0),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 425 /* io_uring_setup */, 8, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 469 /* file_setattr */, 7, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 3, 4),
        /* The kernel takes 32 bits of it. */
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FS_IOC_FSSETXATTR, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FS_IOC_SETFLAGS, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof steps / sizeof *steps, steps};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0)) {
        if (errno != EINVAL && errno != ENOSYS)
            refuse("cannot take away Unix sockets and attributes of files: %s", strerror(errno));
        note_open("Unix sockets and attributes of files: this kernel has no seccomp filters");
    }
#else
    note_open("Unix sockets and attributes of files: berth-plugin-host has no filter for this kind of machine");
#endif
}

static void become(const struct options *options)
{
    bool is_root = geteuid() == 0;
    if (is_root) {
        for (int capability = 0; cap_get_bound(capability) >= 0; capability++) {
            if (!cap_get_bound(capability) || !cap_drop_bound(capability))
                continue;
            /* An agent that gave up CAP_SETPCAP cannot; under no_new_privs nothing is ever gained of that set. */
            if (errno == EPERM)
                break;
            refuse("cannot drop capability %d: %s", capability, strerror(errno));
        }
    }
    if (options->becomes) {
        if (setgroups(0, NULL) || setresgid(options->group, options->group, options->group)
            || setresuid(options->user, options->user, options->user))
            refuse("cannot become user %u, group %u: %s", options->user, options->group, strerror(errno));
    } else {
        note_open(is_root ? "user: it runs as root" : "user: it runs as the agent's own");
    }
    cap_t none = cap_init();
    if (!none || cap_set_proc(none))
        refuse("cannot give up capabilities: %s", strerror(errno));
    cap_free(none);
}

const char *confine(const struct options *options, int library)
{
    if (options->state && chdir(options->state))
        refuse("cannot go into %s: %s", options->state, strerror(errno));
    if (!options->state && chdir("/"))
        refuse("cannot go into /: %s", strerror(errno));
    leave_network(options);
    limit(RLIMIT_CORE, "core files", 0);
    limit(RLIMIT_NOFILE, "open files", 256);
    if (options->address_space)
        limit(RLIMIT_AS, "address space", options->address_space);
    if (options->processes)
        limit(RLIMIT_NPROC, "processes", options->processes);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        refuse("cannot set no_new_privs: %s", strerror(errno));
    narrow_files(options, library);
    narrow_calls();
    become(options);
    /* A change of user hides /proc/self, by which the library is loaded, from the process itself. */
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
        refuse("cannot get back /proc/self: %s", strerror(errno));
    /* A change of user clears it. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
        refuse("cannot ask to end with the agent: %s", strerror(errno));
    if (getppid() != options->parent)
        _exit(1);
    umask(077);
    strncat(doors, "]", sizeof doors - strlen(doors) - 1);
    return doors;
}
