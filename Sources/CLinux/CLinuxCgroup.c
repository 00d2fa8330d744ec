#define _GNU_SOURCE
#include "CLinuxCgroup.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/xattr.h>
#include <unistd.h>

ssize_t berth_attribute_get(int descriptor, const char *name, void *bytes, size_t capacity) {
    return fgetxattr(descriptor, name, bytes, capacity);
}

int berth_attribute_set(int descriptor, const char *name, const void *bytes, size_t count) {
    return fsetxattr(descriptor, name, bytes, count, 0);
}

int berth_inotify_create(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int berth_inotify_add(int inotify, const char *path) { return inotify_add_watch(inotify, path, IN_MODIFY); }

int berth_inotify_add_folder(int inotify, const char *path) {
    // Not IN_MODIFY: what is still being written is nobody's business yet. IN_CREATE is for folders.
    return inotify_add_watch(
        inotify, path,
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |
            IN_MOVE_SELF | IN_ONLYDIR);
}

int berth_inotify_remove(int inotify, int watch) { return inotify_rm_watch(inotify, watch); }

int berth_inotify_read(int inotify, struct berth_inotify_event *events, int capacity) {
    // Events of watched files carry no name: each is one struct, and a read never splits one.
    struct inotify_event raw[64];
    size_t room = (size_t)(capacity < 64 ? capacity : 64) * sizeof raw[0];
    ssize_t length;
    do length = read(inotify, raw, room);
    while (length < 0 && errno == EINTR);
    if (length < 0) return errno == EAGAIN ? 0 : -1;
    int count = 0;
    for (size_t offset = 0; offset + sizeof raw[0] <= (size_t)length;) {
        struct inotify_event event;
        memcpy(&event, (char *)raw + offset, sizeof event);
        offset += sizeof event + event.len;
        events[count++] = (struct berth_inotify_event){
            .watch = event.mask & IN_Q_OVERFLOW ? -1 : event.wd, .is_gone = (event.mask & IN_IGNORED) != 0};
    }
    return count;
}
