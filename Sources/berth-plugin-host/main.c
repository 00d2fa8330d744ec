/*
 * berth-plugin-host: the process in which one plugin of Berth runs.
 *
 * It opens the library, gives up every privilege, loads the library, and passes messages between its agent (descriptor 3)
 * and the plugin. It is C and links only libc and libcap, so that a plugin brings the only runtime there is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

static void usage(const char *wrong)
{
    fprintf(stderr,
            "berth-plugin-host: %s\n"
            "usage: berth-plugin-host --library FILE --parent PID [--owner UID] [--user UID:GID] [--state DIR]\n"
            "           [--read PATH]... [--write PATH]... [--exec FILE]... [--network] [--address-space BYTES]\n"
            "           [--processes NUMBER] [--cgroup FD]\n"
            "It is started by berthd and by `berth plugin check`, which talk to it over descriptor 3.\n",
            wrong);
    exit(2);
}

static uint64_t number(const char *option, const char *text, char **end)
{
    errno = 0;
    unsigned long long value = strtoull(text, end, 10);
    if (errno || *end == text || text[0] == '-') {
        fprintf(stderr, "berth-plugin-host: %s has no number: %s\n", option, text);
        exit(2);
    }
    return value;
}

static uint64_t whole(const char *option, const char *text)
{
    char *end;
    uint64_t value = number(option, text, &end);
    if (*end)
        usage(option);
    return value;
}

static struct options parse(int count, char **words)
{
    struct options options = {.owner = geteuid(), .cgroup = -1};
    /* As many as there are words is room enough for each list. */
    const char **paths = calloc(3 * (size_t)count, sizeof *paths);
    if (!paths)
        usage("no memory");
    options.read = paths;
    options.write = paths + count;
    options.exec = paths + 2 * count;
    for (int i = 1; i < count; i++) {
        const char *option = words[i];
        if (!strcmp(option, "--network")) {
            options.network = true;
            continue;
        }
        if (++i == count)
            usage(option);
        const char *value = words[i];
        char *end;
        if (!strcmp(option, "--library"))
            options.library = value;
        else if (!strcmp(option, "--parent"))
            options.parent = (pid_t)whole(option, value);
        else if (!strcmp(option, "--owner"))
            options.owner = (uid_t)whole(option, value);
        else if (!strcmp(option, "--user")) {
            options.becomes = true;
            options.user = (uid_t)number(option, value, &end);
            if (*end != ':')
                usage(option);
            options.group = (gid_t)whole(option, end + 1);
        } else if (!strcmp(option, "--state"))
            options.state = value;
        else if (!strcmp(option, "--read"))
            options.read[options.read_count++] = value;
        else if (!strcmp(option, "--write"))
            options.write[options.write_count++] = value;
        else if (!strcmp(option, "--exec"))
            options.exec[options.exec_count++] = value;
        else if (!strcmp(option, "--address-space"))
            options.address_space = whole(option, value);
        else if (!strcmp(option, "--processes"))
            options.processes = whole(option, value);
        else if (!strcmp(option, "--cgroup"))
            options.cgroup = (int)whole(option, value);
        else
            usage(option);
    }
    if (!options.library || !options.parent)
        usage("--library and --parent are needed");
    return options;
}

int main(int count, char **words)
{
    struct options options = parse(count, words);
    /* What the plugin starts has no part in this conversation, and must not keep it open. */
    if (fcntl(AGENT, F_SETFD, FD_CLOEXEC))
        usage("descriptor 3 is no socket");
    /* A line that a plugin prints is to be read when it is printed. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    int library = open_library(&options);
    join(options.cgroup);
    library = copy_library(library);
    serve(library, confine(&options, library));
    return 0;
}

_Noreturn void refuse(const char *format, ...)
{
    char text[1024];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (length >= (int)sizeof text)
        length = sizeof text - 1;
    send_frame(REFUSED, 0, text, length > 0 ? (size_t)length : 0);
    _exit(1);
}
