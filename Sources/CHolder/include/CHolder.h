// The process that keeps a cgroup from being empty.
#ifndef BERTH_CHOLDER_H
#define BERTH_CHOLDER_H

#include <sys/types.h>

/// Starts a process called `berth-holder` that does nothing until a signal ends it. It is in the caller's cgroup at first,
/// belongs to init, and has a session of its own, no open files, no capabilities, and as root's child the user nobody. Of
/// the caller's memory it keeps its stack only.
///
/// May be called by a process of many threads. Returns its number, or -1 and errno.
pid_t berth_holder_start(void);

#endif
