// What of Linux Swift cannot see: calls without a libc wrapper, variadic functions and function-like macros.
#ifndef BERTH_CLINUX_H
#define BERTH_CLINUX_H

#include <stdint.h>
#include <sys/types.h>

#include "CLinuxBPF.h"
#include "CLinuxCgroup.h"
#include "CLinuxChild.h"
#include "CLinuxPeer.h"
#include "CLinuxProgram.h"
#include "CLinuxQuota.h"

/// openat(2) without a mode, with O_CLOEXEC. Returns a descriptor, or -1 and errno.
int berth_openat(int directory, const char *_Nonnull path, int flags);

/// Whether somebody has a file open to write that is open here to read: fcntl(2), F_SETLEASE. 1 or 0, or -1 and errno where
/// the file system or the caller's rights do not let that be known.
int berth_is_being_written(int descriptor);

/// openat(2) of a file to write, made or emptied, with this mode and O_CLOEXEC. Returns a descriptor, or -1 and errno.
int berth_create(int directory, const char *_Nonnull path, mode_t mode);

/// openat2(2) with O_CLOEXEC; `resolve` is a set of RESOLVE_* bits. Returns a descriptor, or -1 and errno.
int berth_openat2(int directory, const char *_Nonnull path, uint64_t flags, uint64_t resolve);

/// RESOLVE_IN_ROOT of linux/openat2.h: absolute links and `..` stay below the directory, as in a chroot.
extern const uint64_t BERTH_RESOLVE_IN_ROOT;

/// pidfd_open(2). Returns a descriptor with O_CLOEXEC, or -1 and errno.
int berth_pidfd_open(pid_t pid);

/// pidfd_send_signal(2). Returns 0, or -1 and errno.
int berth_pidfd_send_signal(int pidfd, int signal);

/// Milliseconds of CLOCK_BOOTTIME, which goes on while the machine sleeps and which nobody can set.
int64_t berth_uptime_milliseconds(void);

/// Milliseconds of CLOCK_REALTIME since 1970.
int64_t berth_wall_milliseconds(void);

/// timerfd_create(2) for CLOCK_BOOTTIME, not blocking. Returns a descriptor, or -1 and errno.
int berth_timer_create(void);

/// Has the timer fire once at a moment of CLOCK_BOOTTIME in milliseconds; 0 stops it. Returns 0, or -1 and errno.
int berth_timer_set(int timer, int64_t uptime_milliseconds);

/// epoll_create1(2). Returns a descriptor, or -1 and errno.
int berth_epoll_create(void);

/// eventfd(2) with 0. Returns a descriptor, or -1 and errno.
int berth_event_create(void);

/// Adds one to an event descriptor. Returns 0, or -1 and errno.
int berth_event_signal(int event);

/// epoll_ctl(2) with EPOLL_CTL_DEL. Returns 0, or -1 and errno.
int berth_epoll_remove(int epoll, int descriptor);

/// epoll_ctl(2) with EPOLL_CTL_ADD for readability, with this number in the event. Returns 0, or -1 and errno.
int berth_epoll_add(int epoll, int descriptor, uint64_t number);

/// epoll_wait(2) for up to `capacity` events. Returns how many numbers were stored, or -1 and errno.
int berth_epoll_wait(int epoll, uint64_t *_Nonnull numbers, int capacity, int timeout_milliseconds);

/// getrandom(2) of eight bytes. Returns 0, or -1 and errno.
int berth_random(uint64_t *_Nonnull bits);

/// O_PATH of open(2).
extern const int BERTH_O_PATH;

/// The name of an error number, `EBUSY`; NULL when there is none. strerrorname_np(3).
const char *_Nullable berth_error_name(int code);

/// The text of an error number, `Device or resource busy`. strerrordesc_np(3), which needs no locale and no lock.
const char *_Nullable berth_error_text(int code);

/// malloc_trim(3): gives the kernel back the pages that are free in all arenas. Elsewhere than at an arena's end they
/// stay with the process for good.
void berth_give_back_memory(void);

#endif
