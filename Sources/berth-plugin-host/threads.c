/*
 * Swift's Dispatch looks at each of its threads in /proc/TID/stat, and ends the process where it cannot. Landlock lets a
 * plugin see no process but its own, and that under the name /proc/self alone, where the same file lies too: so that is
 * opened in its place. The program's own open(2) goes before the C library's, also for the plugin's code.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host.h"

/* The number in /proc/NUMBER/stat; 0 for any other path. open(2) may be called where little else may: no sscanf here. */
static long thread_of(const char *path)
{
    long thread = 0;
    if (strncmp(path, "/proc/", 6))
        return 0;
    for (path += 6; *path >= '0' && *path <= '9' && thread < 1 << 22; path++)
        thread = thread * 10 + (*path - '0');
    return strcmp(path, "/stat") ? 0 : thread;
}

static int open_at_all(const char *path, int flags, mode_t mode)
{
    int opened = openat(AT_FDCWD, path, flags, mode);
    long thread = opened < 0 && errno == EACCES ? thread_of(path) : 0;
    if (!thread)
        return opened;
    char own[64];
    snprintf(own, sizeof own, "/proc/self/task/%ld/stat", thread);
    opened = openat(AT_FDCWD, own, flags, mode);
    if (opened < 0)
        errno = EACCES;
    return opened;
}

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...);          \
    int name(const char *path, int flags, ...)           \
    {                                                    \
        mode_t mode = 0;                                 \
        if (flags & (O_CREAT | __O_TMPFILE)) {           \
            va_list rest;                                \
            va_start(rest, flags);                       \
            mode = va_arg(rest, mode_t);                 \
            va_end(rest);                                \
        }                                                \
        return open_at_all(path, flags, mode);           \
    }

OPEN(open)
OPEN(open64)
