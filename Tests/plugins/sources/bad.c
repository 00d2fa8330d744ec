/* Plugins that break the rules, one for each name that BAD can have. */
#include <errno.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "berth_plugin.h"

enum { TRAP = 1, SPIN, LEAK, FORKS, GARBAGE, SILENT, LATE, OTHER, EXITS, TWICE, HUGE, RAW, MAJOR, MAGIC, NULLS, CONSTRUCTOR, HOSTILE, FLEES, FLOOD, BIGPUSH, LONGTEXT };

#ifndef BAD
#error "say -DBAD=…"
#endif
/* The type that it offers where it gets so far. */
#ifndef TYPE
#define TYPE "example.com/bad"
#endif
/* In which call it does what it does. */
#ifndef AT
#define AT "start"
#endif

static void say(berth_plugin_sink reply, void *to, const char *text) { reply(to, (const uint8_t *)text, strlen(text)); }

static void start(void *context, berth_plugin_sink push, void *to) {
    (void)context, (void)push, (void)to;
    if (BAD == SILENT) pause();
    for (int i = 0; BAD == FLOOD && i < 200000; i++) push(to, (const uint8_t *)"{}", 2);
    if (BAD == BIGPUSH) push(to, calloc(1, 1 << 20), 1 << 20);
}

static void write_all(const void *bytes, size_t count) {
    if (write(3, bytes, count) < 0) _exit(9);
}

static void report_hostility(berth_plugin_sink reply, void *to) {
    char text[512], byte;
    FILE *shadow = fopen("/etc/shadow", "r"), *passwd = fopen("/etc/hostname", "w");
    int killed = kill(getppid(), 0);
    int unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
    /* Of any file: the filter of its calls does not ask of which. */
    int flags = 0, project = ioctl(1, FS_IOC_SETFLAGS, &flags);
    project = project && errno == EACCES;
    int root = setuid(0);
    (void)byte;
    snprintf(text, sizeof text, "{\"message\":\"shadow %s, write %s, signal %s, unix %s, attributes %s, setuid %s, uid %d\"}",
             shadow ? "open" : "closed", passwd ? "open" : "closed", killed ? "refused" : "sent",
             unix_socket < 0 ? "refused" : "made", project ? "refused" : "changed",
             root ? "refused" : "done", (int)getuid());
    say(reply, to, text);
}

static int32_t handle(void *context, const uint8_t *bytes, size_t count, berth_plugin_sink reply, void *to) {
    (void)context;
    char request[4096];
    size_t length = count < sizeof request - 1 ? count : sizeof request - 1;
    memcpy(request, bytes, length);
    request[length] = 0;
    if (strstr(request, "\"call\":\"amend\"") || strstr(request, "\"call\":\"check\"")) return BERTH_PLUGIN_UNKNOWN_CALL;
    if (strstr(request, "\"call\":\"discover\"")) {
        say(reply, to, "{\"offers\":[{\"type\":\"" TYPE "\",\"units\":[{\"name\":\"u\"}]}]}");
        return BERTH_PLUGIN_OK;
    }
    if (strstr(request, "\"call\":\"" AT "\"")) {
        uint32_t other[3] = {2, 4711, 'a'}, raw[3] = {0xefbeadde, 1, 2};
        switch (BAD) {
        case TRAP: __builtin_trap();
        case SPIN: for (;;) __asm__ volatile("");
        /* Within the time that the call has, also where a processor is slow. */
        case LEAK:
            for (;;)
                memset(mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0), 1, 1);
        case FORKS:
            for (;;)
                if (fork() < 0) { say(reply, to, "{\"message\":\"no more processes\"}"); return BERTH_PLUGIN_FAILED; }
        case GARBAGE: say(reply, to, "\xff\xfe{"); return BERTH_PLUGIN_OK;
        case LATE: sleep(30); break;
        case OTHER: write_all(other, sizeof other); write_all("{}", 2); break;
        case EXITS: _exit(0);
        case FLEES: setpgid(0, getpgid(getppid())); for (;;) pause();
        case LONGTEXT: {
            static char text[12 + (1 << 20)];
            uint32_t header[3] = {1 << 20, 0, 'x'};
            memset(text, 'a', sizeof text);
            memcpy(text, header, sizeof header);
            write_all(text, sizeof text);
            break;
        }
        case TWICE: say(reply, to, "{}"); break;
        case HUGE: reply(to, calloc(5, 1 << 20), 5 << 20); return BERTH_PLUGIN_OK;
        case RAW: write_all(raw, sizeof raw); break;
        default: break;
        case HOSTILE: report_hostility(reply, to); return BERTH_PLUGIN_FAILED;
        }
    }
    say(reply, to, "{}");
    return BERTH_PLUGIN_OK;
}

static const berth_plugin_v1 plugin = {
    .magic = BAD == MAGIC ? 1 : BERTH_PLUGIN_MAGIC, .struct_size = sizeof plugin,
    .abi_major = BAD == MAJOR ? 2 : BERTH_PLUGIN_ABI_MAJOR, .start = start, .handle = handle,
};

#ifndef NO_ENTRY
const berth_plugin_v1 *berth_plugin_entry_v1(void) { return BAD == NULLS ? NULL : &plugin; }
#endif

__attribute__((constructor)) static void begin(void) {
    if (BAD == CONSTRUCTOR) pause();
}
