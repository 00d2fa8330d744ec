/* What the files of berth-plugin-host share. */
#ifndef BERTH_PLUGIN_HOST_H
#define BERTH_PLUGIN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the agent asks of the host, as its command line says it. */
struct options {
    const char *library;
    /* Who may own the library and the folders above it, beside root. */
    uid_t owner;
    /* Who the host becomes; only root can become somebody. */
    bool becomes;
    uid_t user;
    gid_t group;
    /* The folder that is the plugin's own, and the working directory; NULL for none. */
    const char *state;
    /* Files and folders it may read, write and run, as the manifest names them. */
    const char **read, **write, **exec;
    size_t read_count, write_count, exec_count;
    bool network;
    /* Bytes of address space, and how many processes its user may have; 0 for no limit. */
    uint64_t address_space, processes;
    /* A descriptor of the cgroup.procs to join; -1 for none. */
    int cgroup;
    pid_t parent;
};

/* Frames on the socket to the agent: 12 bytes of header in the machine's byte order, and a payload. */
enum { AGENT = 3 };

enum kind {
    HELLO = 'h',   /* host: the library is loaded; {"abi_major", "abi_minor", "built_with", "confined"} */
    CALL = 'c',    /* agent: a request, with its number */
    ANSWER = 'a',  /* host: what the plugin answered to that number */
    UNKNOWN = 'u', /* host: the plugin does not know the call of that number */
    FAILED = 'f',  /* host: the plugin says that the call of that number failed */
    PUSHED = 'p',  /* host: what the plugin sent by itself */
    REFUSED = 'x', /* host: a sentence that says why it ends now */
};

struct header {
    uint32_t length;
    uint32_t number;
    uint32_t kind;
};

/* Tells the agent why, and ends. Never returns. */
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Sends a frame whole; ends the process where the agent is gone. From any thread. */
void send_frame(enum kind kind, uint32_t number, const void *bytes, size_t count);

/* Opens the library, once it and every folder above it are found to be safe. */
int open_library(const struct options *options);
int copy_library(int library);

/* Moves this process into the plugin's cgroup: -1 is none. */
void join(int group);
/* Gives up all that the plugin does not need. Returns what could not be given up here, as a JSON array of texts. */
const char *confine(const struct options *options, int library);
/* Loads the library and answers until the agent closes the socket. */
void serve(int library, const char *open_doors);

#endif
