// What a program that becomes another one needs: processes, and a socket that waits.
#ifndef BERTH_CLINUX_PROGRAM_H
#define BERTH_CLINUX_PROGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// fork(2), for a process of one thread. Returns 0 in the child, the child's number in the parent, or -1 and errno.
pid_t berth_fork(void);

/// prctl(PR_SET_NAME): what ps and /proc/PID/comm call this process; cut after 15 bytes.
void berth_set_name(const char *_Nonnull name);

/// close_range(2) of all descriptors from `first` to `last`; one by one where the kernel is older than 5.9 or forbids it.
void berth_close_range(unsigned first, unsigned last);

/// pipe2(2) with O_CLOEXEC. Returns 0, or -1 and errno.
int berth_pipe(int ends[_Nonnull 2]);

/// A Unix stream socket with O_CLOEXEC that waits: for at most so many milliseconds in connect(2) and in each send(2).
/// Returns it, or -1 and errno.
int berth_unix_stream(int64_t wait_milliseconds);

/// sched_setaffinity(2) of this process; bit n % 64 of word n / 64 is CPU n. Returns 0, or -1 and errno.
int berth_set_affinity(const uint64_t *_Nonnull words, size_t count);

#endif
