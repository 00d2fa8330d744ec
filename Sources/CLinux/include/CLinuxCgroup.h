// What Swift cannot see of directories of a cgroup file system: extended attributes and inotify(7).
#ifndef BERTH_CLINUX_CGROUP_H
#define BERTH_CLINUX_CGROUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// fgetxattr(2). Returns how many bytes were stored, or -1 and errno.
ssize_t berth_attribute_get(int descriptor, const char *_Nonnull name, void *_Nonnull bytes, size_t capacity);

/// fsetxattr(2), making or replacing the attribute. Returns 0, or -1 and errno.
int berth_attribute_set(int descriptor, const char *_Nonnull name, const void *_Nullable bytes, size_t count);

/// inotify_init1(2), not blocking, with O_CLOEXEC. Returns a descriptor, or -1 and errno.
int berth_inotify_create(void);

/// inotify_add_watch(2) for IN_MODIFY, which kernfs_notify() sends for `cgroup.events`. Returns the watch, or -1 and
/// errno.
int berth_inotify_add(int inotify, const char *_Nonnull path);

/// inotify_add_watch(2) of a folder: for files that come, go, are written to the end, or get another owner or mode, and for its own end. Returns
/// the watch, or -1 and errno.
int berth_inotify_add_folder(int inotify, const char *_Nonnull path);

/// inotify_rm_watch(2). Returns 0, or -1 and errno.
int berth_inotify_remove(int inotify, int watch);

/// One event of inotify(7).
struct berth_inotify_event {
    /// The watch, or -1 where the kernel's queue was full and events are lost.
    int watch;
    /// Whether the watch is gone (IN_IGNORED): it was removed, or its file was.
    int is_gone;
};

/// Reads what waits, up to `capacity` events. Returns how many were stored, 0 where nothing waits, or -1 and errno.
int berth_inotify_read(int inotify, struct berth_inotify_event *_Nonnull events, int capacity);

#endif
