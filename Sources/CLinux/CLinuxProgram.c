#define _GNU_SOURCE
#include "CLinuxProgram.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

pid_t berth_fork(void) { return fork(); }

void berth_set_name(const char *name) { prctl(PR_SET_NAME, name); }

void berth_close_range(unsigned first, unsigned last) {
    if (first > last) return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0) return;
#endif
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    // A limit that was lowered leaves higher ones open; nobody can have more than the kernel's own default of a million.
    rlim_t end = limit.rlim_cur < 1 << 20 ? limit.rlim_cur : 1 << 20;
    for (rlim_t number = first; number < end && number <= last; number++) close((int)number);
}

int berth_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int berth_unix_stream(int64_t wait_milliseconds) {
    int number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (number < 0) return -1;
    // connect(2) of a Unix socket waits as long as a send does: unix_stream_connect in net/unix/af_unix.c.
    struct timeval wait = {.tv_sec = wait_milliseconds / 1000, .tv_usec = wait_milliseconds % 1000 * 1000};
    setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    return number;
}

int berth_set_affinity(const uint64_t *words, size_t count) {
    return sched_setaffinity(0, count * sizeof *words, (const cpu_set_t *)words);
}
