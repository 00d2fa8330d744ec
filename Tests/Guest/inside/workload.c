/* Programs for reservations to hold: each takes all it can get of one thing.
 *
 *     workload spin            CPU time
 *     workload touch MIB       memory, page by page, and keeps it; says "touched MIB" when it has it all
 *     workload fork            processes, each of which forks too; what fork refuses, waits
 *     workload write FILE      writes to the disk, 256 KiB at a time, past the page cache
 *     workload cache FILE      reads a file into the page cache; says "cached MIB", and waits
 *     workload wait            nothing
 *     workload stubborn        nothing, and lives on through SIGTERM
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void wait_for_ever(void) {
    for (;;) pause();
}

static void spin(void) {
    for (;;) __asm__ volatile("");
}

static void touch(size_t mib) {
    /* A little at a time: the kernel refuses at once what it could never give. */
    for (size_t had = 0; had < mib; had++) {
        char *memory = malloc(1 << 20);
        if (!memory) exit(1);
        for (size_t at = 0; at < 1 << 20; at += 4096) memory[at] = 1;
    }
    printf("touched %zu\n", mib);
    fflush(stdout);
    wait_for_ever();
}

static void bomb(void) {
    for (;;)
        if (fork() < 0) wait_for_ever();
}

static void write_file(const char *path) {
    enum { block = 256 << 10, blocks = 64 };
    void *buffer;
    int file = open(path, O_WRONLY | O_CREAT | O_DIRECT, 0600);
    if (file < 0 || posix_memalign(&buffer, 4096, block) != 0) exit(1);
    memset(buffer, 'b', block);
    for (size_t count = 0;; count++)
        if (pwrite(file, buffer, block, (off_t)(count % blocks) * block) != block) exit(1);
}

static void cache(const char *path) {
    static char buffer[64 << 10];
    size_t total = 0;
    ssize_t got;
    int file = open(path, O_RDONLY);
    while ((got = read(file, buffer, sizeof buffer)) > 0) total += got;
    if (got < 0) exit(1);
    printf("cached %zu\n", total >> 20);
    fflush(stdout);
    wait_for_ever();
}

int main(int count, char **words) {
    const char *what = count > 1 ? words[1] : "", *more = count > 2 ? words[2] : "";
    if (!strcmp(what, "spin")) spin();
    if (!strcmp(what, "touch")) touch(strtoul(more, NULL, 10));
    if (!strcmp(what, "fork")) bomb();
    if (!strcmp(what, "write")) write_file(more);
    if (!strcmp(what, "cache")) cache(more);
    if (!strcmp(what, "stubborn")) signal(SIGTERM, SIG_IGN);
    if (!strcmp(what, "stubborn") || !strcmp(what, "wait")) wait_for_ever();
    fprintf(stderr, "workload: spin, touch, fork, write, cache, wait or stubborn\n");
    return 2;
}
