// Projects of a file system and their quotas: quotactl_fd(2) of Linux 5.14, and ioctls with structs that Swift cannot see.
#ifndef BERTH_CLINUX_QUOTA_H
#define BERTH_CLINUX_QUOTA_H

#include <stdint.h>

/// Whether the file system of an open folder holds projects to their quotas. Returns 1, 0 where it counts and does not
/// hold, or -1 and errno: ENOSYS where it has no quotas, or the kernel not this call.
int berth_project_quotas_hold(int folder);

/// What is counted under a project, and its hard limit; all 0 where the file system knows nothing of it. Returns 0, or -1 and
/// errno.
int berth_project_usage(int folder, uint32_t project, uint64_t *_Nonnull files, uint64_t *_Nonnull limit_bytes);

/// Sets a project's hard limits on blocks, in steps of 1024 bytes, and on files; 0 takes one away. Returns 0, or -1 and errno.
int berth_project_limit(int folder, uint32_t project, uint64_t limit_bytes, uint64_t files);

/// The project of an open folder; 0 is none of its own, or one that what is made below does not inherit. Returns 0, or -1 and
/// errno.
int berth_folder_project(int folder, uint32_t *_Nonnull project);

/// Gives an open folder a project that all that is made below inherits: for its owner. Returns 0, or -1 and errno.
int berth_folder_set_project(int folder, uint32_t project);

/// The same as another user, the folder's owner: setfsuid(2), which takes CAP_SETUID.
int berth_folder_set_project_as(int folder, uint32_t project, uint32_t user);

/// Whether something is mounted at an open folder. Returns 1 or 0, or -1 and errno.
int berth_is_mount_point(int folder);

/// renameat(2) of a folder to another name, never over something. Returns 0, or -1 and errno.
int berth_move(int from, const char *_Nonnull name, int to, const char *_Nonnull new_name);

#endif
