// Starting a program as a child, with a socket and a pipe to it: posix_spawn(3) as Swift cannot call it.
#ifndef BERTH_CLINUX_CHILD_H
#define BERTH_CLINUX_CHILD_H

#include <sys/types.h>

/// socketpair(2) of Unix stream sockets with O_CLOEXEC. Returns 0, or -1 and errno.
int berth_socket_pair(int ends[_Nonnull 2]);

/// Starts a program in a process group of its own, with no signal blocked or ignored. It has /dev/null as standard input,
/// `output` as standard output and error, `socket` as descriptor 3, and nothing else open but `kept`, as descriptor 4,
/// where that is not negative. Returns 0, or an error number.
int berth_spawn(
    pid_t *_Nonnull pid, const char *_Nonnull path, char *_Nullable const *_Nonnull arguments,
    char *_Nullable const *_Nonnull environment, int socket, int output, int kept);

#endif
