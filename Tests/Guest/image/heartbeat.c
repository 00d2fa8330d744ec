/* A process for each CPU, which wakes that of the next CPU every second, all the way round.
 *
 * QEMU's threads race: with more CPUs than the machine has cores, an interrupt now and then goes undelivered until the next
 * one comes. A CPU with nothing to do gets no next one, and whoever sleeps there sleeps on. Each wake-up here is an interrupt
 * from another CPU. A process that has been woken sleeps for a moment by the timer of its own CPU. Where even that does not
 * end, the others say so on the console, where machine.py reads it: such a guest is of no use any more. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most = 256, pace_ms = 1000, patience = 20 };

static int count;
static int woken[most];
/* Shared: how often each has beaten. */
static volatile uint32_t *beats;

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void say(int cpu) {
    char line[80];
    /* The kernel's messages of this level reach the console without an interrupt, which that CPU may be the one to take. */
    int length = snprintf(line, sizeof line, "<2>heartbeat: CPU %d stands still for %d beats of another\n", cpu, patience);
    int messages = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    if (messages < 0) return;
    if (write(messages, line, length) != length) perror("/dev/kmsg");
    close(messages);
}

/* Counts own beats since another's last one; time that the whole guest stood still does not count. */
static void watch(int me) {
    static uint32_t seen[most], since[most];
    for (int other = 0; other < count; other++) {
        if (other == me) continue;
        if (beats[other] != seen[other]) {
            seen[other] = beats[other];
            since[other] = 0;
        } else if (++since[other] % patience == 0) {
            say(other);
        }
    }
}

static void beat(int me) {
    const uint64_t one = 1;
    int64_t due = milliseconds();
    for (;;) {
        int64_t left = due - milliseconds();
        if (left > 0) {
            struct pollfd waker = {.fd = woken[me], .events = POLLIN};
            uint64_t taken;
            if (poll(&waker, 1, (int)left) > 0 && read(woken[me], &taken, sizeof taken) < 0 && errno != EAGAIN) _exit(1);
            continue;
        }
        /* Again each time: a CPU that a test took away comes back. */
        cpu_set_t mine;
        CPU_ZERO(&mine);
        CPU_SET(me, &mine);
        sched_setaffinity(0, sizeof mine, &mine);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        beats[me]++;
        watch(me);
        if (write(woken[(me + 1) % count], &one, sizeof one) < 0 && errno != EAGAIN) _exit(1);
        due = milliseconds() + pace_ms;
    }
}

int main(void) {
    count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (count > most) count = most;
    beats = mmap(NULL, most * sizeof *beats, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (beats == MAP_FAILED) return 1;
    for (int cpu = 0; cpu < count; cpu++)
        if ((woken[cpu] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) return 1;
    for (int cpu = 0; cpu < count; cpu++) {
        pid_t child = fork();
        if (child < 0) return 1;
        if (child > 0) continue;
        /* What is short of memory must not look like a CPU that stands still. */
        if (mlockall(MCL_CURRENT) != 0) _exit(1);
        beat(cpu);
    }
    wait(NULL);
    return 1;
}
