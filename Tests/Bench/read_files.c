/* What the kernel alone takes for a discovery: opens and reads each file of a list, and makes nothing of them.
 *
 *   read_files LIST     LIST: a path a line */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (!list) {
        fprintf(stderr, "usage: read_files LIST\n");
        return 2;
    }
    static char path[8192], content[65536];
    long bytes = 0, missing = 0;
    while (fgets(path, sizeof path, list)) {
        path[strcspn(path, "\n")] = 0;
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) {
            missing++;
            continue;
        }
        ssize_t count;
        while ((count = read(file, content, sizeof content)) > 0) bytes += count;
        close(file);
    }
    printf("%ld bytes, %ld missing\n", bytes, missing);
    return bytes == 0;
}
