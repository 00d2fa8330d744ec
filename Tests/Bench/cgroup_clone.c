/* The least that a program in a cgroup of its own can cost: makes the group, clones into it, becomes the program there,
 * and removes the group.
 *
 *   cgroup_clone PARENT PROGRAM ARGS...     PARENT: a cgroup v2 folder that the caller may make groups in */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what, const char *on) {
    fprintf(stderr, "cgroup_clone: %s %s: %s\n", what, on, strerror(errno));
    return 125;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: cgroup_clone PARENT PROGRAM ARGS...\n");
        return 2;
    }
    char group[4096];
    snprintf(group, sizeof group, "%s/floor-%d", argv[1], getpid());
    if (mkdir(group, 0755)) return fail("make", group);
    int folder = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return fail("open", group);
    struct clone_args clone = {
        .flags = CLONE_INTO_CGROUP | CLONE_VFORK, .exit_signal = SIGCHLD, .cgroup = folder};
    long child = syscall(SYS_clone3, &clone, sizeof clone);
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(errno == ENOENT ? 127 : 126);
    }
    int status = 0;
    if (child < 0) {
        int error = errno;
        rmdir(group);
        errno = error;
        return fail("clone into", group);
    }
    waitpid(child, &status, 0);
    if (rmdir(group)) return fail("remove", group);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
