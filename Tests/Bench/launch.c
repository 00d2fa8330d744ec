/* Times programs from before fork to the answer of wait, one after the other, so that each stands beside its reference
 * under the same noise.
 *
 *   launch ROUNDS BLOCK SPACE_MS [--user UID:GID:GROUP] -- NAME PROGRAM ARGS... [--- NAME PROGRAM ARGS...]...
 *
 * A round runs each program BLOCK times before the next, and begins with another program each time. SPACE_MS passes
 * before each single run, so that whatever the last one left behind is over. Prints a line a run: NAME NANOSECONDS.
 * A program that fails ends all: a figure of what did not work is none. Standard output of the programs goes to
 * /dev/null. Static, so that it runs in a guest too. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 16 };

struct entry {
    const char *name;
    char **words;
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void die(const char *what, const char *on) {
    fprintf(stderr, "launch: %s %s: %s\n", what, on, strerror(errno));
    exit(2);
}

static void become(const char *user) {
    unsigned uid, gid, group;
    if (sscanf(user, "%u:%u:%u", &uid, &gid, &group) != 3) {
        errno = EINVAL;
        die("read the user", user);
    }
    gid_t groups[] = {group};
    if (setgroups(1, groups) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid)) die("become", user);
}

static long long run(const struct entry *entry, int null) {
    long long began = now();
    pid_t child = vfork();
    if (child < 0) die("start", entry->name);
    if (child == 0) {
        dup2(null, STDOUT_FILENO);
        execvp(entry->words[0], entry->words);
        _exit(127);
    }
    int status;
    if (waitpid(child, &status, 0) != child) die("wait for", entry->name);
    long long took = now() - began;
    if (status != 0) {
        fprintf(stderr, "launch: %s (%s) ended with the wait status 0x%x\n", entry->name, entry->words[0], status);
        exit(2);
    }
    return took;
}

int main(int argc, char **argv) {
    if (argc < 7) {
        fprintf(stderr, "usage: launch ROUNDS BLOCK SPACE_MS [--user UID:GID:GROUP] -- NAME PROGRAM ... [--- ...]\n");
        return 2;
    }
    int rounds = atoi(argv[1]), block = atoi(argv[2]), space = atoi(argv[3]), at = 4;
    if (strcmp(argv[at], "--user") == 0) {
        become(argv[at + 1]);
        at += 2;
    }
    struct entry entries[MOST];
    int count = 0;
    for (int i = at; i + 2 < argc && count < MOST; count++) {
        argv[i] = NULL; /* ends the program before */
        entries[count] = (struct entry){argv[i + 1], argv + i + 2};
        for (i += 2; i < argc && strcmp(argv[i], "---") != 0; i++) {}
    }
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0) die("open", "/dev/null");
    struct timespec pause = {space / 1000, space % 1000 * 1000000L};
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++)
            for (int n = 0; n < block; n++) {
                const struct entry *entry = &entries[(round + i) % count];
                if (space) nanosleep(&pause, NULL);
                long long took = run(entry, null);
                /* The first of a block pays for what the program before it left behind. */
                if (block == 1 || n > 0) printf("%s %lld\n", entry->name, took);
            }
    return 0;
}
