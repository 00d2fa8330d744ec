/* Loads the library, and passes messages between the agent and the plugin until the agent closes the socket. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "berth_plugin.h"
#include "host.h"

/* Frames of several threads go out one after the other. */
static pthread_mutex_t out = PTHREAD_MUTEX_INITIALIZER;

void send_frame(enum kind kind, uint32_t number, const void *bytes, size_t count)
{
    struct header header = {(uint32_t)count, number, kind};
    struct iovec parts[2] = {{&header, sizeof header}, {(void *)bytes, count}};
    struct iovec *next = parts;
    int left = count ? 2 : 1;
    pthread_mutex_lock(&out);
    while (left) {
        ssize_t written = writev(AGENT, next, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            _exit(1);
        while (left && (size_t)written >= next->iov_len) {
            written -= (ssize_t)next->iov_len;
            next++;
            left--;
        }
        if (left) {
            next->iov_base = (char *)next->iov_base + written;
            next->iov_len -= (size_t)written;
        }
    }
    pthread_mutex_unlock(&out);
}

/* False where the agent has closed the socket. */
static bool receive(void *bytes, size_t count)
{
    char *next = bytes;
    while (count) {
        ssize_t length = read(AGENT, next, count);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return false;
        next += length;
        count -= (size_t)length;
    }
    return true;
}

/* What a plugin answers to one call, until it has returned. */
struct answer {
    uint8_t *bytes;
    size_t count;
    bool is_given;
};

static void take_answer(void *context, const uint8_t *bytes, size_t count)
{
    struct answer *answer = context;
    if (answer->is_given)
        refuse("the plugin answered one call twice");
    if (count > BERTH_PLUGIN_LONGEST)
        refuse("the plugin answered with %zu bytes, and %u are the most", count, BERTH_PLUGIN_LONGEST);
    answer->is_given = true;
    answer->bytes = malloc(count ? count : 1);
    if (!answer->bytes)
        refuse("no memory for an answer of %zu bytes", count);
    memcpy(answer->bytes, bytes, count);
    answer->count = count;
}

static void push(void *context, const uint8_t *bytes, size_t count)
{
    (void)context;
    if (count > BERTH_PLUGIN_LONGEST)
        refuse("the plugin pushed %zu bytes, and %u are the most", count, BERTH_PLUGIN_LONGEST);
    send_frame(PUSHED, 0, bytes, count);
}

static const berth_plugin_v1 *load(int library)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", library);
    void *loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!loaded)
        refuse("cannot load the library: %s", dlerror());
    close(library);
    const berth_plugin_v1 *(*entry)(void) = (const berth_plugin_v1 *(*)(void))dlsym(loaded, "berth_plugin_entry_v1");
    if (!entry)
        refuse("it is no plugin for this agent: it has no symbol berth_plugin_entry_v1");
    const berth_plugin_v1 *plugin = entry();
    if (!plugin)
        refuse("berth_plugin_entry_v1 returned nothing");
    if (plugin->magic != BERTH_PLUGIN_MAGIC)
        refuse("what berth_plugin_entry_v1 returned is no table of a plugin");
    if (plugin->abi_major != BERTH_PLUGIN_ABI_MAJOR)
        refuse("it was built for boundary %u.%u, and this agent speaks %u", plugin->abi_major, plugin->abi_minor,
               BERTH_PLUGIN_ABI_MAJOR);
    if (plugin->struct_size < offsetof(berth_plugin_v1, shutdown) + sizeof plugin->shutdown || !plugin->start
        || !plugin->handle)
        refuse("its table has no `start` or no `handle`");
    return plugin;
}

/* A text as a JSON string: what is not plain is left out. */
static void quote(char *to, size_t size, const char *text)
{
    size_t length = 0;
    for (; *text && length + 1 < size; text++)
        if (*text >= ' ' && *text < 127 && *text != '"' && *text != '\\')
            to[length++] = *text;
    to[length] = 0;
}

static void greet(const berth_plugin_v1 *plugin, const char *open_doors)
{
    char built_with[200], hello[1024];
    quote(built_with, sizeof built_with, plugin->built_with ? plugin->built_with : "");
    int length = snprintf(hello, sizeof hello, "{\"abi_major\":%u,\"abi_minor\":%u,\"built_with\":\"%s\",\"open\":%s}",
                          plugin->abi_major, plugin->abi_minor, built_with, open_doors);
    send_frame(HELLO, 0, hello, (size_t)length);
}

void serve(int library, const char *open_doors)
{
    const berth_plugin_v1 *plugin = load(library);
    plugin->start(plugin->context, push, NULL);
    greet(plugin, open_doors);
    struct header header;
    while (receive(&header, sizeof header)) {
        if (header.kind != CALL || header.length > BERTH_PLUGIN_LONGEST)
            refuse("the agent sent a frame of kind %u with %u bytes", header.kind, header.length);
        uint8_t *request = malloc(header.length ? header.length : 1);
        if (!request)
            refuse("no memory for a request of %u bytes", header.length);
        if (!receive(request, header.length))
            break;
        struct answer answer = {0};
        int32_t status = plugin->handle(plugin->context, request, header.length, take_answer, &answer);
        free(request);
        enum kind kind = status == BERTH_PLUGIN_OK ? ANSWER : status == BERTH_PLUGIN_UNKNOWN_CALL ? UNKNOWN : FAILED;
        send_frame(kind, header.number, answer.bytes, answer.count);
        free(answer.bytes);
    }
    if (plugin->shutdown)
        plugin->shutdown(plugin->context);
    /* Not exit(): destructors of a library may wait for anything. */
    _exit(0);
}
