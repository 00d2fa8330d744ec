#define _GNU_SOURCE
#include "CLinuxPeer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

// linux/asm-generic/socket.h; missing from the headers of older systems.
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int berth_peer_credentials(int socket, struct berth_peer *peer) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *peer = (struct berth_peer){.pid = credentials.pid, .user = credentials.uid, .group = credentials.gid};
    return 0;
}

int berth_peer_groups(int socket, gid_t *groups, size_t *count) {
    socklen_t length = (socklen_t)(*count * sizeof *groups);
    int result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length);
    *count = length / sizeof *groups;
    return result;
}

int berth_peer_pidfd(int socket) {
    int pidfd = -1;
    socklen_t length = sizeof pidfd;
    return getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) == 0 ? pidfd : -1;
}

int berth_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }

int berth_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

static int address_of(const char *path, struct sockaddr_un *address) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}

int berth_unix_bind(int socket, const char *path) {
    struct sockaddr_un address;
    if (address_of(path, &address) != 0) return -1;
    return bind(socket, (struct sockaddr *)&address, sizeof address);
}

int berth_unix_path(int socket, char *path, size_t size) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    socklen_t length = sizeof address;
    if (getsockname(socket, (struct sockaddr *)&address, &length) != 0) return -1;
    size_t found = strnlen(address.sun_path, sizeof address.sun_path);
    if (address.sun_family != AF_UNIX || found == 0 || found >= size) return 0;
    memcpy(path, address.sun_path, found);
    path[found] = 0;
    return (int)found;
}

int berth_unix_connect(int socket, const char *path) {
    struct sockaddr_un address;
    if (address_of(path, &address) != 0) return -1;
    return connect(socket, (struct sockaddr *)&address, sizeof address);
}

static int option(int socket, int name, int *value) {
    socklen_t length = sizeof *value;
    return getsockopt(socket, SOL_SOCKET, name, value, &length);
}

int berth_unix_is_listening(int socket) {
    int domain, type, listens;
    if (option(socket, SO_DOMAIN, &domain) != 0 || option(socket, SO_TYPE, &type) != 0 ||
        option(socket, SO_ACCEPTCONN, &listens) != 0)
        return -1;
    return domain == AF_UNIX && type == SOCK_STREAM && listens;
}

int berth_close_on_exec(int descriptor) {
    int flags = fcntl(descriptor, F_GETFD);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}
