/*
 * The boundary between Berth and a plugin: one symbol, one table of functions, and messages in JSON.
 *
 * A plugin is a dynamic library that exports berth_plugin_entry_v1. Berth never loads it into its agent: one process per
 * plugin, berth-plugin-host, gives up every privilege, loads the library once, and passes messages on. So everything
 * here may be written in any language that can export a C function.
 *
 * Messages are JSON objects in UTF-8, at most BERTH_PLUGIN_LONGEST bytes. Every request has a member "call"; a call that
 * a plugin does not know is answered with BERTH_PLUGIN_UNKNOWN_CALL, so that a newer agent can ask an older plugin. The
 * calls and their members are described in Plugins/README.md.
 */
#ifndef BERTH_PLUGIN_H
#define BERTH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "Brth". */
#define BERTH_PLUGIN_MAGIC 0x42727468u
/* Another major version is another boundary, with an entry symbol of its own name. */
#define BERTH_PLUGIN_ABI_MAJOR 1
/* A minor version appends members to the table; `struct_size` says which are there. */
#define BERTH_PLUGIN_ABI_MINOR 0
/* The longest message in either direction, in bytes. */
#define BERTH_PLUGIN_LONGEST (4u << 20)

/* What `handle` returns. */
enum {
    /* The message in the sink is the answer. */
    BERTH_PLUGIN_OK = 0,
    /* The call is not one that this plugin knows. */
    BERTH_PLUGIN_UNKNOWN_CALL = 1,
    /* The call failed; the message in the sink is {"message": …, "hint": …}. The plugin goes on. */
    BERTH_PLUGIN_FAILED = 2,
};

/* Takes the bytes of one message, which are copied before it returns. */
typedef void (*berth_plugin_sink)(void *sink_context, const uint8_t *bytes, size_t count);

/* What a plugin can do. It stays valid until the process ends. */
typedef struct berth_plugin_v1 {
    uint32_t magic;       /* BERTH_PLUGIN_MAGIC */
    uint32_t struct_size; /* sizeof(berth_plugin_v1), as the plugin was built */
    uint16_t abi_major;   /* BERTH_PLUGIN_ABI_MAJOR */
    uint16_t abi_minor;   /* BERTH_PLUGIN_ABI_MINOR */
    uint32_t reserved;    /* 0 */
    const char *built_with; /* compiler and kit, for people; may be NULL */
    void *context;          /* handed to every function */

    /*
     * Called once, before any other function. Until `shutdown` returns the plugin may send the agent a message by `push`,
     * from any thread, also while `handle` runs; one of at most 4096 bytes.
     */
    void (*start)(void *context, berth_plugin_sink push, void *push_context);
    /*
     * Answers one request: calls `reply` at most once, and returns one of the values above. Never called for two requests
     * at the same time.
     */
    int32_t (*handle)(
        void *context, const uint8_t *request, size_t count, berth_plugin_sink reply, void *reply_context);
    /* Called once, last; the process ends when it returns. May be NULL. */
    void (*shutdown)(void *context);
} berth_plugin_v1;

/* The one symbol that a plugin exports. */
const berth_plugin_v1 *berth_plugin_entry_v1(void);

#ifdef __cplusplus
}
#endif

#endif
