/*
 * Opens the library by a way that nobody but its owner could have laid: every folder from the root on is opened by its
 * name in the one before it, follows no link, and belongs to root (or the owner), writable by nobody else. What is
 * checked is what is loaded, for the same descriptor is loaded later.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

static void check(const char *path, const struct stat *found, const struct options *options)
{
    if (found->st_uid != 0 && found->st_uid != options->owner)
        refuse("%s belongs to user %u; it has to belong to root: chown root %s", path, found->st_uid, path);
    /* In a sticky folder others can add names, and not take these away. */
    bool is_sticky = S_ISDIR(found->st_mode) && (found->st_mode & S_ISVTX) && found->st_uid == 0;
    if ((found->st_mode & (S_IWGRP | S_IWOTH)) && !is_sticky)
        refuse("%s can be written by others (mode %04o): chmod go-w %s", path, found->st_mode & 07777, path);
}

int open_library(const struct options *options)
{
    /* Links may lead to it: the way without them is the one that is checked. */
    char path[PATH_MAX];
    if (!realpath(options->library, path))
        refuse("cannot find %s: %s", options->library, strerror(errno));
    int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        refuse("cannot open /: %s", strerror(errno));
    struct stat found;
    char *rest = path + 1;
    for (;;) {
        char *end = strchr(rest, '/');
        if (end)
            *end = 0;
        int next = openat(folder, rest, (end ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK) | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 || fstat(next, &found))
            refuse("cannot open %s: %s", path, strerror(errno));
        close(folder);
        check(path, &found, options);
        if (!end) {
            if (!S_ISREG(found.st_mode))
                refuse("%s is no file", path);
            return next;
        }
        folder = next;
        *end = '/';
        rest = end + 1;
    }
}

/* What a kernel has that the headers of Debian 12 do not. */
#define MAY_RUN 0x10u /* MFD_EXEC, Linux 6.3 */

/*
 * A copy that nobody can change: who overwrites the file in its place would else change the code that runs. It counts as the
 * plugin's own memory. Where the kernel keeps programs from memory it is the file itself.
 */
int copy_library(int library)
{
    struct stat found;
    if (fstat(library, &found))
        refuse("cannot look at the library: %s", strerror(errno));
    int copy = memfd_create("plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING | MAY_RUN);
    if (copy < 0 && errno == EINVAL)
        copy = memfd_create("plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy < 0 && errno == EACCES)
        return library;
    if (copy < 0)
        refuse("cannot copy the library: %s", strerror(errno));
    off_t from = 0;
    while (from < found.st_size) {
        ssize_t count = sendfile(copy, library, &from, (size_t)(found.st_size - from));
        if (count < 0 && errno != EINTR)
            refuse("cannot copy the library: %s", strerror(errno));
        if (!count)
            refuse("the library became shorter while it was read: it is still being written");
    }
    if (fcntl(copy, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
        refuse("cannot seal the library: %s", strerror(errno));
    close(library);
    return copy;
}
