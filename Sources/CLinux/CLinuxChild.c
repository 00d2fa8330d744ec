#define _GNU_SOURCE
#include "CLinuxChild.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

int berth_socket_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends); }

int berth_spawn(
    pid_t *pid, const char *path, char *const *arguments, char *const *environment, int socket, int output, int kept) {
    // Out of the way of the numbers that the child gets.
    int moved[3] = {socket, output, kept};
    for (int i = 0; i < 3; i++) {
        if (moved[i] < 0) continue;
        moved[i] = fcntl(moved[i], F_DUPFD_CLOEXEC, 10);
        if (moved[i] < 0) {
            int code = errno;
            while (i-- > 0)
                if (moved[i] >= 0) close(moved[i]);
            return code;
        }
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int code = posix_spawn_file_actions_init(&actions);
    if (!code) {
        code = posix_spawnattr_init(&attributes);
        if (!code) {
            posix_spawnattr_setflags(
                &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
            posix_spawnattr_setpgroup(&attributes, 0);
            posix_spawnattr_setsigdefault(&attributes, &all);
            posix_spawnattr_setsigmask(&attributes, &none);
            int steps[] = {
                posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0),
                posix_spawn_file_actions_adddup2(&actions, moved[1], 1),
                posix_spawn_file_actions_adddup2(&actions, moved[1], 2),
                posix_spawn_file_actions_adddup2(&actions, moved[0], 3),
                moved[2] < 0 ? 0 : posix_spawn_file_actions_adddup2(&actions, moved[2], 4),
                posix_spawn_file_actions_addclosefrom_np(&actions, moved[2] < 0 ? 4 : 5),
            };
            for (size_t i = 0; i < sizeof steps / sizeof *steps && !code; i++) code = steps[i];
            if (!code) code = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
            posix_spawnattr_destroy(&attributes);
        }
        posix_spawn_file_actions_destroy(&actions);
    }
    for (int i = 0; i < 3; i++)
        if (moved[i] >= 0) close(moved[i]);
    return code;
}
