/* The first process of the guest: loads the modules of /modules in the order of their names, mounts the root disk and
 * becomes systemd. Debian's own initramfs does the same in ten seconds more of emulated time. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char root[] = "/dev/vda";

/* The kernel panics when its first process ends, and the harness then shows the console. */
static void give_up(const char *what) {
    perror(what);
    exit(1);
}

static void load_modules(void) {
    struct dirent **entries;
    int count = scandir("/modules", &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] == '.') continue;
        char path[512];
        snprintf(path, sizeof path, "/modules/%s", entries[i]->d_name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (syscall(SYS_finit_module, file, "", 0) != 0) perror(path);
        close(file);
    }
}

int main(void) {
    if (mount("none", "/dev", "devtmpfs", 0, "") != 0) give_up("devtmpfs");
    int console = open("/dev/console", O_RDWR);
    if (console >= 0) for (int fd = 0; fd < 3; fd++) dup2(console, fd);
    load_modules();
    for (int tries = 0; access(root, F_OK) != 0 && tries < 12000; tries++) usleep(5000);
    if (mount(root, "/new", "ext4", 0, "") != 0) give_up(root);
    if (mount("/dev", "/new/dev", NULL, MS_MOVE, NULL) != 0) give_up("moving /dev");
    if (chdir("/new") != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0) give_up("changing root");
    execl("/sbin/init", "/sbin/init", (char *)NULL);
    give_up("/sbin/init");
}
