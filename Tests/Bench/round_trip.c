/* The least that a reservation for a program can cost: one round trip to the agent, and becoming the program. What
 * `berth run` takes over this is its own.
 *
 *   round_trip SOCKET BODY PROGRAM ARGS...     BODY: what is posted to /v1/reservations */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const char *what, const char *on) {
    fprintf(stderr, "round_trip: %s %s: %s\n", what, on, strerror(errno));
    return 125;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: round_trip SOCKET BODY PROGRAM ARGS...\n");
        return 2;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
    int agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (agent < 0 || connect(agent, (struct sockaddr *)&address, sizeof address)) return fail("connect to", argv[1]);
    char request[4096], answer[65536];
    int length = snprintf(
        request, sizeof request,
        "POST /v1/reservations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        strlen(argv[2]), argv[2]);
    if (length >= (int)sizeof request || write(agent, request, length) != length) return fail("write to", argv[1]);
    ssize_t count = 0, more = 1;
    /* An answer is one JSON object that ends with the bytes that came. */
    while (count < (ssize_t)sizeof answer && (more = read(agent, answer + count, sizeof answer - count)) > 0) {
        count += more;
        if (answer[count - 1] == '}' || (count > 1 && answer[count - 2] == '}')) break;
    }
    if (more <= 0 || count < 12 || strncmp(answer + 9, "201", 3) != 0) {
        fprintf(stderr, "round_trip: %s answered %.*s\n", argv[1], (int)count, answer);
        return 125;
    }
    execvp(argv[3], argv + 3);
    fail("execute", argv[3]);
    return errno == ENOENT ? 127 : 126;
}
