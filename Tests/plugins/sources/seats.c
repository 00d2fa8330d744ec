/*
 * A provider in plain C: three seats of example.com/seat, the last of them broken, or as many of them as it is scaled to;
 * with DEVICES the first is /dev/zero and the second /dev/urandom; with NARROWS it answers with the member `cgroup` of the
 * parameters; with PEEK it says whether it can read that file; with FORKS what it starts holds its socket open; with LINGERS it
 * takes its time to end; with SEATS its units are those, with TAIL its variable ends so; with GROWS it has none when it is asked
 * first, where none is held, and says that there are more where GROWS is 1.
 * It reads just as much JSON as it needs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "berth_plugin.h"

#ifndef SEAT_TYPE
#define SEAT_TYPE "example.com/seat"
#endif

/* More members of the answer to allocate. */
#ifndef MORE
#define MORE ""
#endif

#ifndef TAIL
#define TAIL ""
#endif

static void say(berth_plugin_sink reply, void *to, const char *text) { reply(to, (const uint8_t *)text, strlen(text)); }

/* The text of a member, the first of that name anywhere in the request. */
static const char *member(const char *request, const char *name, char *value, size_t size) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(request, key);
    value[0] = 0;
    if (!found) return value;
    found += strlen(key);
    while (*found == '[' || *found == '"') found++;
    size_t length = strcspn(found, "\"],}");
    if (length >= size) length = size - 1;
    memcpy(value, found, length);
    value[length] = 0;
    return value;
}

#ifdef NARROWS
/* The member `cgroup` as it is, behind a comma; nothing where there is none. */
static const char *narrowing(const char *request, char *value, size_t size) {
    const char *found = strstr(request, "\"cgroup\":");
    value[0] = 0;
    if (!found) return value;
    size_t length = strlen("\"cgroup\":");
    int depth = 0;
    do {
        depth += strchr("{[", found[length]) ? 1 : strchr("}]", found[length]) ? -1 : 0;
        length++;
    } while (depth && found[length]);
    snprintf(value, size, ",%.*s", (int)length, found);
    return value;
}
#endif

static berth_plugin_sink push;
static void *agent;
static int count = 3;
#ifdef GROWS
static int asked;
#endif

static void start(void *context, berth_plugin_sink send, void *to)
{
    (void)context;
    push = send;
    agent = to;
}

static int32_t handle(void *context, const uint8_t *bytes, size_t size, berth_plugin_sink reply, void *to) {
    (void)context;
    char request[65536], call[32], unit[64], answer[8192];
    if (size >= sizeof request) size = sizeof request - 1;
    memcpy(request, bytes, size);
    request[size] = 0;
    member(request, "call", call, sizeof call);
#ifdef GROWS
    /* What is held is there. */
    if (strstr(request, "\"units\":")) asked++;
#endif
#ifdef LOUD
    char reservation[64];
    printf("%s %s\n", call, member(request, "reservation", reservation, sizeof reservation));
    fflush(stdout);
#endif
#ifdef PEEK
    if (!strcmp(call, "start")) {
        FILE *file = fopen(PEEK, "r");
        printf("%s: %s\n", PEEK, file ? "readable" : strerror(errno));
        fflush(stdout);
        if (file) fclose(file);
    }
#endif
#ifdef FORKS
    if (!strcmp(call, "start") && !fork()) {
        setsid();
        sleep(20);
        _exit(0);
    }
#endif
    if (!strcmp(call, "start") || !strcmp(call, "release")) {
        say(reply, to, "{}");
#ifdef GROWS
    } else if (!strcmp(call, "discover") && !asked++) {
        say(reply, to, "{\"offers\":[{\"type\":\"" SEAT_TYPE "\",\"units\":[]}]}");
        if (GROWS) say(push, agent, "{\"event\":\"changed\"}");
#endif
    } else if (!strcmp(call, "discover")) {
#ifdef UNITS
        static char offers[64 + 32 * UNITS];
        size_t length = (size_t)sprintf(offers, "{\"offers\":[{\"type\":\"" SEAT_TYPE "\",\"units\":[");
        for (int i = 0; i < UNITS; i++)
            length += (size_t)sprintf(offers + length, "%s{\"name\":\"%d\"}", i ? "," : "", i);
        sprintf(offers + length, "]}]}");
        say(reply, to, offers);
#elif defined SEATS
        say(reply, to, "{\"offers\":[{\"type\":\"" SEAT_TYPE "\",\"units\":" SEATS "}]}");
#else
        const char *const seats[] = {
#ifdef DEVICES
            "{\"name\":\"a\",\"devices\":[{\"major\":1,\"minor\":5}]}", ",{\"name\":\"b\",\"devices\":[{\"major\":1,\"minor\":9}]}",
#else
            "{\"name\":\"a\"}", ",{\"name\":\"b\"}",
#endif
            ",{\"name\":\"c\",\"state\":\"failed\",\"reason\":\"it is broken\"}"};
        snprintf(answer, sizeof answer, "{\"offers\":[{\"type\":\"" SEAT_TYPE "\",\"units\":[%s%s%s]}]}",
                 count > 0 ? seats[0] : "", count > 1 ? seats[1] : "", count > 2 ? seats[2] : "");
        say(reply, to, answer);
#endif
    } else if (!strcmp(call, "allocate")) {
        const char *more = MORE;
#ifdef NARROWS
        char narrowed[4096];
        more = narrowing(request, narrowed, sizeof narrowed);
#endif
        snprintf(answer, sizeof answer, "{\"environment\":{\"SEAT\":\"%s" TAIL "\"}%s}",
                 member(request, "units", unit, sizeof unit), more);
        say(reply, to, answer);
    } else if (!strcmp(call, "usage")) {
        snprintf(answer, sizeof answer, "{\"usage\":{\"%s\":{\"sits\":true}}}",
                 member(request, "reservations", unit, sizeof unit));
        say(reply, to, answer);
    } else if (!strcmp(call, "check")) {
#ifdef SLOW
        usleep(300000);
#endif
        say(reply, to, strstr(request, "\"colour\"")
                           ? "{\"violations\":[{\"code\":\"colour\",\"pointer\":\"/colour\",\"message\":\"seats are grey\"}]}"
                           : "{\"violations\":[]}");
    } else if (!strcmp(call, "scale")) {
        int target = -1;
        if (sscanf(member(request, "target", unit, sizeof unit), "%d", &target) != 1 || target > 3) {
            say(reply, to, "{\"message\":\"there is room for three seats\",\"hint\":\"ask for less\"}");
            return BERTH_PLUGIN_FAILED;
        }
        count = target;
        say(reply, to, "{}");
        say(push, agent, "{\"event\":\"changed\"}");
    } else {
        return BERTH_PLUGIN_UNKNOWN_CALL;
    }
    return BERTH_PLUGIN_OK;
}

#ifdef LINGERS
static void linger(void *context)
{
    (void)context;
    usleep(900000);
}
#endif

static const berth_plugin_v1 plugin = {
    .magic = BERTH_PLUGIN_MAGIC, .struct_size = sizeof plugin, .abi_major = BERTH_PLUGIN_ABI_MAJOR,
    .built_with = "C", .start = start, .handle = handle,
#ifdef LINGERS
    .shutdown = linger,
#endif
};

const berth_plugin_v1 *berth_plugin_entry_v1(void) { return &plugin; }
