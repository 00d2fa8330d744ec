/* Clients of the agent, as fast as it answers: CONNECTIONS of them in one thread, each with one request on its way.
 *
 *   load SOCKET MODE CONNECTIONS LIMIT [LATENCIES] [BODY]
 *
 * MODE pair: reserves BODY and releases it, over and over; fill: reserves BODY LIMIT times and releases nothing; queue: the
 * same without waiting for a turn; get PATH... is written get:/v1/health, and post:/v1/explain sends BODY there. LIMIT is in
 * seconds, for fill and queue in requests. Prints: requests seconds. Each latency goes to the file LATENCIES ("-" for none):
 * 32-bit microseconds, reservations and releases alike. Any answer but 200, 201 and 202 ends all. Static, so that it runs in
 * a guest too. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, ROOM = 16384 };

struct client {
    int socket;
    int held; /* whether `id` is a reservation to release */
    char id[64];
    double began;
    size_t count;
    char answer[ROOM];
};

static struct client clients[MOST];
static const char *body = "{\"resources\":{\"cpu\":0.01,\"memory\":65536}}", *path;
static enum { PAIR, FILL, GET, POST } mode;
static const char *preference = "";
static FILE *latencies;
static long sent, answered, most = -1;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void request(struct client *client) {
    char text[4096];
    int length;
    if (mode == GET)
        length = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
    else if (mode == PAIR && client->held)
        length = snprintf(
            text, sizeof text, "DELETE /v1/reservations/%s HTTP/1.1\r\nHost: localhost\r\n\r\n", client->id);
    else
        length = snprintf(
            text, sizeof text,
            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%s"
            "Content-Length: %zu\r\n\r\n%s",
            mode == POST ? path : "/v1/reservations", preference, strlen(body), body);
    client->count = 0;
    client->began = now();
    sent++;
    if (write(client->socket, text, length) != length) die("send");
}

/* Whether the answer is whole; the agent says how long each is. */
static int is_whole(struct client *client) {
    char *end = memmem(client->answer, client->count, "\r\n\r\n", 4);
    if (!end) return 0;
    client->answer[client->count] = 0;
    char *field = strcasestr(client->answer, "content-length:");
    if (!field || field > end) {
        fprintf(stderr, "load: an answer without a length: %s\n", client->answer);
        exit(2);
    }
    return client->count >= (size_t)(end + 4 - client->answer) + strtoul(field + 15, NULL, 10);
}

static void take(struct client *client) {
    if (strncmp(client->answer + 9, "200", 3) != 0 && strncmp(client->answer + 9, "201", 3) != 0
        && strncmp(client->answer + 9, "202", 3) != 0) {
        fprintf(stderr, "load: %s\n", client->answer);
        exit(2);
    }
    answered++;
    if (latencies) {
        uint32_t us = (uint32_t)((now() - client->began) * 1e6);
        fwrite(&us, sizeof us, 1, latencies);
    }
    if (mode != PAIR) return;
    client->held = !client->held;
    if (!client->held) return;
    char *place = strcasestr(client->answer, "location: /v1/reservations/");
    if (!place || sscanf(place + 27, "%63[^\r\n]", client->id) != 1) {
        fprintf(stderr, "load: a reservation without a place: %s\n", client->answer);
        exit(2);
    }
}

static void connect_all(const char *socket_path, int count, int poll) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    for (int i = 0; i < count; i++) {
        struct client *client = &clients[i];
        client->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (client->socket < 0 || connect(client->socket, (struct sockaddr *)&address, sizeof address))
            die("connect");
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, client->socket, &event)) die("watch");
    }
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: load SOCKET pair|fill|queue|get:PATH|post:PATH CONNECTIONS LIMIT [LATENCIES] [BODY]\n");
        return 2;
    }
    int count = atoi(argv[3]), poll = epoll_create1(EPOLL_CLOEXEC), open = 0;
    double limit = atof(argv[4]);
    if (count < 1 || count > MOST || poll < 0) die("begin");
    mode = strcmp(argv[2], "pair") == 0 ? PAIR : strcmp(argv[2], "fill") == 0 || strcmp(argv[2], "queue") == 0 ? FILL
        : strncmp(argv[2], "post:", 5) == 0 ? POST : GET;
    if (mode == GET) path = argv[2] + 4;
    if (mode == POST) path = argv[2] + 5;
    if (mode == FILL) most = (long)limit;
    if (strcmp(argv[2], "queue") == 0) preference = "Prefer: respond-async\r\n";
    if (argc > 5 && strcmp(argv[5], "-") != 0 && !(latencies = fopen(argv[5], "a"))) die(argv[5]);
    if (argc > 6) body = argv[6];
    connect_all(argv[1], count, poll);
    double began = now(), end = mode == FILL ? 1e18 : began + limit, stopped = 0;
    for (; open < count && (most < 0 || sent < most); open++) request(&clients[open]);
    long within = 0;
    while (open > 0) {
        struct epoll_event events[64];
        int ready = epoll_wait(poll, events, 64, 30000);
        if (ready <= 0) die("no answer for 30 s");
        for (int i = 0; i < ready; i++) {
            struct client *client = &clients[events[i].data.u32];
            ssize_t more = read(client->socket, client->answer + client->count, ROOM - 1 - client->count);
            if (more <= 0) die("receive");
            client->count += more;
            if (!is_whole(client)) continue;
            take(client);
            double time = now();
            if (time < end) within = answered, stopped = time;
            /* After the end what is still held is released. */
            int goes_on = mode == FILL ? sent < most : time < end || (mode == PAIR && client->held);
            if (goes_on) request(client); else open--;
        }
    }
    printf("%ld %.6f\n", within, stopped - began);
    return 0;
}
