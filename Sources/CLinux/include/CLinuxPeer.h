// Unix sockets as Swift cannot see them: who is at the other end, and the address with its path in place.
#ifndef BERTH_CLINUX_PEER_H
#define BERTH_CLINUX_PEER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Who called connect(2): struct ucred of unix(7).
struct berth_peer {
    /// The process number in the caller's pid namespace; 0 where it has none there.
    pid_t pid;
    /// The effective user at the time of connect(2).
    uid_t user;
    /// The effective group at the time of connect(2).
    gid_t group;
};

/// SO_PEERCRED of unix(7). Returns 0, or -1 and errno.
int berth_peer_credentials(int socket, struct berth_peer *_Nonnull peer);

/// SO_PEERGROUPS (Linux 4.13): the supplementary groups of the peer. `count` is the room on entry and how many there are
/// on return. Returns 0, or -1 and errno; ERANGE where there are more than the room.
int berth_peer_groups(int socket, gid_t *_Nullable groups, size_t *_Nonnull count);

/// SO_PEERPIDFD (Linux 6.5): a descriptor of the peer's process, with O_CLOEXEC. Returns it, or -1 and errno: ENOPROTOOPT
/// before 6.5, ESRCH, ENODATA or EINVAL where the process is gone.
int berth_peer_pidfd(int socket);

/// A second descriptor of the same file with O_CLOEXEC: F_DUPFD_CLOEXEC. Returns it, or -1 and errno.
int berth_duplicate(int descriptor);

/// A Unix stream socket with O_CLOEXEC and O_NONBLOCK. Returns it, or -1 and errno.
int berth_unix_socket(void);

/// bind(2) to a path. Returns 0, or -1 and errno; ENAMETOOLONG for a path that does not fit an address.
int berth_unix_bind(int socket, const char *_Nonnull path);

/// The path that a Unix socket is bound to, with a closing zero, in so many bytes: getsockname(2). Returns its length, 0 where it has
/// none or the path does not fit, or -1 and errno.
int berth_unix_path(int socket, char *_Nonnull path, size_t size);

/// connect(2) to a path. Returns 0, or -1 and errno; ENAMETOOLONG for a path that does not fit an address.
int berth_unix_connect(int socket, const char *_Nonnull path);

/// Whether the descriptor is a Unix stream socket that listens: SO_DOMAIN, SO_TYPE and SO_ACCEPTCONN. Returns 1, 0, or -1
/// and errno.
int berth_unix_is_listening(int socket);

/// Sets O_CLOEXEC. Returns 0, or -1 and errno.
int berth_close_on_exec(int descriptor);

#endif
