#define _GNU_SOURCE
#include "CLinuxQuota.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// What the kernel counts blocks of quotas in.
static const uint64_t block = 1024;

static int quota(int folder, unsigned command, uint32_t project, void *value) {
    return (int)syscall(SYS_quotactl_fd, folder, QCMD(command, PRJQUOTA), project, value);
}

int berth_project_quotas_hold(int folder) {
    struct fs_quota_statv state = {.qs_version = FS_QSTATV_VERSION1};
    if (quota(folder, Q_XGETQSTATV, 0, &state)) return -1;
    return (state.qs_flags & FS_QUOTA_PDQ_ENFD) != 0;
}

int berth_project_usage(int folder, uint32_t project, uint64_t *files, uint64_t *limit_bytes) {
    struct if_dqblk found = {0};
    // XFS knows of no project that nothing was ever counted under.
    if (quota(folder, Q_GETQUOTA, project, &found) && errno != ENOENT) return -1;
    // A folder is counted as a file, so where there are none there are no blocks, but for files that were deleted and are
    // still open.
    *files = found.dqb_curinodes + (found.dqb_curspace > 0);
    *limit_bytes = found.dqb_bhardlimit * block;
    return 0;
}

int berth_project_limit(int folder, uint32_t project, uint64_t limit_bytes, uint64_t files) {
    struct if_dqblk wanted = {
        .dqb_bhardlimit = limit_bytes / block, .dqb_ihardlimit = files, .dqb_valid = QIF_BLIMITS | QIF_ILIMITS};
    return quota(folder, Q_SETQUOTA, project, &wanted);
}

int berth_folder_project(int folder, uint32_t *project) {
    struct fsxattr attributes;
    if (ioctl(folder, FS_IOC_FSGETXATTR, &attributes)) return -1;
    *project = attributes.fsx_xflags & FS_XFLAG_PROJINHERIT ? attributes.fsx_projid : 0;
    return 0;
}

int berth_folder_set_project(int folder, uint32_t project) {
    struct fsxattr attributes;
    if (ioctl(folder, FS_IOC_FSGETXATTR, &attributes)) return -1;
    attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
    attributes.fsx_projid = project;
    return ioctl(folder, FS_IOC_FSSETXATTR, &attributes);
}

int berth_folder_set_project_as(int folder, uint32_t project, uint32_t user) {
    // The user is this thread's alone, but its change keeps the whole process from ever leaving a core.
    int dumpable = prctl(PR_GET_DUMPABLE);
    int former = setfsuid(user);
    int result = berth_folder_set_project(folder, project);
    int error = errno;
    setfsuid(former);
    if (dumpable == 1) prctl(PR_SET_DUMPABLE, 1);
    errno = error;
    return result;
}

int berth_is_mount_point(int folder) {
    struct statx found;
    if (statx(folder, "", AT_EMPTY_PATH, STATX_TYPE, &found)) return -1;
    return (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int berth_move(int from, const char *name, int to, const char *new_name) {
    return renameat2(from, name, to, new_name, RENAME_NOREPLACE);
}
