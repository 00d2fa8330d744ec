/*
 * validate HOST LIBRARY CALLS START QUESTION: how long a plugin takes to answer a validator's question, in its isolated
 * process and called in this one, in turns. Prints p50 and p99 of both in microseconds.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "berth_plugin.h"

struct header {
    uint32_t length, number, kind;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void fail(const char *what)
{
    fprintf(stderr, "validate: %s\n", what);
    exit(1);
}

static void receive(int from, void *bytes, size_t count)
{
    for (char *next = bytes; count;) {
        ssize_t length = read(from, next, count);
        if (length <= 0)
            fail("the plugin's process has ended");
        next += length;
        count -= (size_t)length;
    }
}

/* Receives a frame, and fails where it is of another kind. */
static void expect(int from, uint32_t kind)
{
    static char payload[BERTH_PLUGIN_LONGEST];
    struct header header;
    receive(from, &header, sizeof header);
    receive(from, payload, header.length);
    if (header.kind != kind) {
        fprintf(stderr, "validate: %.*s\n", (int)header.length, payload);
        exit(1);
    }
}

static void ask(int to, const char *message)
{
    static uint32_t number;
    struct header header = {(uint32_t)strlen(message), ++number, 'c'};
    char frame[65536];
    memcpy(frame, &header, sizeof header);
    memcpy(frame + sizeof header, message, header.length);
    if (write(to, frame, sizeof header + header.length) != (ssize_t)(sizeof header + header.length))
        fail("cannot ask");
    expect(to, 'a');
}

static int start(const char *host, const char *library)
{
    int ends[2];
    char parent[16];
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        fail("cannot make a socket");
    if (!fork()) {
        dup2(ends[1], 3);
        execl(host, host, "--library", library, "--parent", parent, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    expect(ends[0], 'h');
    return ends[0];
}

static void sink(void *context, const uint8_t *bytes, size_t count)
{
    (void)bytes;
    *(size_t *)context = count;
}

static void push(void *context, const uint8_t *bytes, size_t count) { (void)context, (void)bytes, (void)count; }

static int by_size(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void print(double *times, size_t count)
{
    qsort(times, count, sizeof *times, by_size);
    printf("%.2f %.2f\n", times[count / 2], times[count * 99 / 100]);
}

int main(int count, char **words)
{
    if (count != 6)
        fail("usage: validate HOST LIBRARY CALLS START QUESTION");
    size_t calls = (size_t)atol(words[3]);
    const char *question = words[5];
    int isolated = start(words[1], words[2]);
    ask(isolated, words[4]);
    void *library = dlopen(words[2], RTLD_NOW | RTLD_LOCAL);
    const berth_plugin_v1 *(*entry)(void) =
        library ? (const berth_plugin_v1 *(*)(void))dlsym(library, "berth_plugin_entry_v1") : NULL;
    const berth_plugin_v1 *plugin = entry ? entry() : NULL;
    if (!plugin)
        fail("cannot load the library");
    size_t length = 0;
    plugin->start(plugin->context, push, NULL);
    plugin->handle(plugin->context, (const uint8_t *)words[4], strlen(words[4]), sink, &length);
    double *far = calloc(calls, sizeof *far), *near = calloc(calls, sizeof *near);
    if (!far || !near)
        fail("no memory");
    for (size_t i = 0; i < calls; i++) {
        double began = now();
        ask(isolated, question);
        double between = now();
        plugin->handle(plugin->context, (const uint8_t *)question, strlen(question), sink, &length);
        near[i] = now() - between;
        far[i] = between - began;
    }
    print(far, calls);
    print(near, calls);
    return 0;
}
