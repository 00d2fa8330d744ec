/* The least that moving oneself costs: makes a group, moves itself there by cgroup.procs, and becomes the program. The
 * group is left for whoever runs this, as it is left to the agent by `berth run`.
 *
 *   cgroup_move PARENT PROGRAM ARGS...     PARENT: a cgroup v2 folder that the caller may make groups in */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *what, const char *on) {
    fprintf(stderr, "cgroup_move: %s %s: %s\n", what, on, strerror(errno));
    return 125;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: cgroup_move PARENT PROGRAM ARGS...\n");
        return 2;
    }
    char group[4096], procs[4200];
    snprintf(group, sizeof group, "%s/floor-%d", argv[1], getpid());
    snprintf(procs, sizeof procs, "%s/cgroup.procs", group);
    if (mkdir(group, 0755)) return fail("make", group);
    int file = open(procs, O_WRONLY | O_CLOEXEC);
    if (file < 0) return fail("open", procs);
    if (write(file, "0", 1) != 1) return fail("write \"0\" to", procs);
    execvp(argv[2], argv + 2);
    fail("execute", argv[2]);
    return errno == ENOENT ? 127 : 126;
}
