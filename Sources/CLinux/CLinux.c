#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

const uint64_t BERTH_RESOLVE_IN_ROOT = RESOLVE_IN_ROOT;

int berth_openat2(int directory, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = 0, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int berth_is_being_written(int descriptor) {
    // Who opens it in between has us told; SIGURG is told to nobody who does not wait for it, SIGIO would end us.
    if (fcntl(descriptor, F_SETSIG, SIGURG) < 0) return -1;
    if (fcntl(descriptor, F_SETLEASE, F_RDLCK) < 0) return errno == EAGAIN ? 1 : -1;
    return fcntl(descriptor, F_SETLEASE, F_UNLCK) < 0 ? -1 : 0;
}

int berth_openat(int directory, const char *path, int flags) { return openat(directory, path, flags | O_CLOEXEC); }

const int BERTH_O_PATH = O_PATH;

const char *berth_error_name(int code) { return strerrorname_np(code); }

const char *berth_error_text(int code) { return strerrordesc_np(code); }

int berth_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int berth_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static int64_t milliseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t berth_uptime_milliseconds(void) { return milliseconds(CLOCK_BOOTTIME); }

int64_t berth_wall_milliseconds(void) { return milliseconds(CLOCK_REALTIME); }

int berth_timer_create(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

int berth_timer_set(int timer, int64_t uptime_milliseconds) {
    struct itimerspec when = {
        .it_value = {.tv_sec = uptime_milliseconds / 1000, .tv_nsec = uptime_milliseconds % 1000 * 1000000}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

int berth_epoll_add(int epoll, int descriptor, uint64_t number) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = number};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int berth_epoll_wait(int epoll, uint64_t *numbers, int capacity, int timeout_milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, capacity < 64 ? capacity : 64, timeout_milliseconds);
    for (int index = 0; index < count; index++) numbers[index] = events[index].data.u64;
    return count;
}

int berth_random(uint64_t *bits) { return getrandom(bits, sizeof *bits, 0) == sizeof *bits ? 0 : -1; }

int berth_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int berth_event_create(void) { return eventfd(0, EFD_CLOEXEC); }

int berth_event_signal(int event) { return eventfd_write(event, 1); }

int berth_epoll_remove(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL); }

int berth_create(int directory, const char *path, mode_t mode) {
    return openat(directory, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
}

void berth_give_back_memory(void) { malloc_trim(0); }
