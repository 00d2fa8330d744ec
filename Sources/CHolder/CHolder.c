// Between fork(2) in a process of many threads and its end the child may only make system calls, so it is C, and no Swift.
#define _GNU_SOURCE
#include "CHolder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char NAME[] = "berth-holder";
static const unsigned NOBODY = 65534;

/// A file of /proc, read a character at a time without the heap.
struct reader {
    int file;
    ssize_t filled, next;
    char buffer[512];
};

/// The next character, or -1 at the end.
static int character(struct reader *reader) {
    if (reader->next >= reader->filled) {
        reader->filled = read(reader->file, reader->buffer, sizeof reader->buffer);
        reader->next = 0;
        if (reader->filled <= 0) return -1;
    }
    return (unsigned char)reader->buffer[reader->next++];
}

/// A number of this base; `after` is what stands behind it.
static uintptr_t number(struct reader *reader, int base, int *after) {
    uintptr_t value = 0;
    for (;;) {
        int c = *after = character(reader);
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
        if (digit >= base) return value;
        value = value * base + digit;
    }
}

/// Where the arguments lie that ps shows: fields 48 and 49 of proc_pid_stat(5). Returns 0, or -1.
static int arguments(uintptr_t *start, uintptr_t *end) {
    struct reader reader = {.file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)};
    if (reader.file < 0) return -1;
    int c;
    // The name, in brackets, is this program's own and has none in it.
    while ((c = character(&reader)) >= 0 && c != ')') {}
    for (int field = 2; c >= 0 && field < 48; field += c == ' ') c = character(&reader);
    *start = c < 0 ? 0 : number(&reader, 10, &c);
    *end = c < 0 ? 0 : number(&reader, 10, &c);
    close(reader.file);
    return *start != 0 && *end > *start ? 0 : -1;
}

/// Gives back the private memory that it has from its parent, which would else stay for as long as the holder lives: all
/// anonymous mappings but those in which one of these addresses lies. After it there is neither a heap nor what the
/// dynamic linker knows: only functions that were called before may be called again.
static void forget(const uintptr_t kept[], int count) {
    struct reader reader = {.file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    if (reader.file < 0) return;
    for (int c = 0; c >= 0;) {
        uintptr_t start = number(&reader, 16, &c);
        if (c != '-') break;
        uintptr_t end = number(&reader, 16, &c);
        int writable = 0, spaces = 1;
        // `rw-p 00000000 00:00 0`: the rights, then an offset and a device, then the inode.
        for (; spaces < 4 && (c = character(&reader)) >= 0; spaces += c == ' ') writable |= spaces == 1 && c == 'w';
        uintptr_t inode = number(&reader, 10, &c);
        while (c >= 0 && c != '\n') c = character(&reader);
        int needed = 0;
        for (int index = 0; index < count; index++) needed |= kept[index] >= start && kept[index] < end;
        if (writable && inode == 0 && !needed) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    close(reader.file);
}

/// System calls and not their wrappers, which would look for other threads.
static int give_up_rights(void) {
    if (geteuid() == 0 && (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) != 0 ||
                           syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) != 0))
        return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &header, none) != 0) return -1;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return 0;
}

static void close_all(void) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 0, ~0U, 0) == 0) return;
#endif
    for (int descriptor = 0; descriptor < 65536; descriptor++) close(descriptor);
}

/// What the holder does.
__attribute__((noreturn)) static void hold(void) {
    // The kernel's own struct, all zero: SIG_DFL. The wrapper leaves out the signals that the C library keeps for itself.
    const uint64_t standard[8] = {0};
    for (int signal = 1; signal < NSIG; signal++) syscall(SYS_rt_sigaction, signal, standard, NULL, sizeof(uint64_t));
    sigset_t none;
    sigemptyset(&none);
    if (chdir("/") != 0) _exit(1);
    uintptr_t start = 0, end = 0;
    int shown = arguments(&start, &end);
    prctl(PR_SET_NAME, NAME, 0, 0, 0);
    if (shown == 0 && end - start > sizeof NAME) {
        memset((void *)start, 0, end - start);
        memcpy((void *)start, NAME, sizeof NAME);
    }
    close_all();
    if (give_up_rights() != 0) _exit(1);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const uintptr_t kept[] = {(uintptr_t)&none, (uintptr_t)&errno, start};
    forget(kept, 3);
    for (;;) syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
}

pid_t berth_holder_start(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    // A handler of this process must not run in the other.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t between = fork();
    if (between == 0) {
        setsid();
        pid_t holder = fork();
        if (holder == 0) hold();
        if (holder < 0) holder = -errno;
        _exit(write(ends[1], &holder, sizeof holder) == sizeof holder ? 0 : 1);
    }
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    pid_t holder = -code;
    if (between > 0) {
        if (read(ends[0], &holder, sizeof holder) != sizeof holder) holder = -ECHILD;
        while (waitpid(between, NULL, 0) < 0 && errno == EINTR) {}
    }
    close(ends[0]);
    if (holder > 0) return holder;
    errno = -holder;
    return -1;
}
