/* A connection with a fault: hands bytes on between two unix sockets until n of them (both ways
 * together) have passed on one connection, then ends it or falls silent.
 *
 *   cutproxy LISTEN TARGET N cut|hang [LOG]
 *
 * Each connection counts for itself; at its end the count is added to LOG as a line.  N 0: no fault.
 * Ends with the process that started it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
unix_socket(const char *path, struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (fd < 0 || strlen(path) >= sizeof address->sun_path) {
        fprintf(stderr, "cutproxy: %s: no such socket is possible\n", path);
        exit(1);
    }
    memcpy(address->sun_path, path, strlen(path) + 1);
    return fd;
}

/* Passes up to `most` bytes on; the count, or -1 at the end. */
static long
pass(int from, int to, long most)
{
    char    buf[65536];
    ssize_t n = read(from, buf, most > 0 && most < (long)sizeof buf ? (size_t)most : sizeof buf);
    ssize_t done = 0;

    while (n > 0 && done < n) {
        ssize_t put = write(to, buf + done, (size_t)(n - done));

        if (put < 0)
            return -1;
        done += put;
    }
    return n > 0 ? (long)n : -1;
}

static void
note(const char *log, long count)
{
    char line[32];
    int  fd = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    int  n = snprintf(line, sizeof line, "%ld\n", count);

    if (fd >= 0 && write(fd, line, (size_t)n) != n)
        fprintf(stderr, "cutproxy: %s: %s\n", log, strerror(errno));
}

static void
serve(int client, const char *target, long limit, bool hang, const char *log)
{
    struct sockaddr_un address;
    int                server = unix_socket(target, &address);
    long               count = 0;

    if (connect(server, (struct sockaddr *)&address, sizeof address))
        exit(1);
    for (;;) {
        struct pollfd fds[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
        long          got;

        if (limit && count >= limit) {
            note(log, count);
            while (hang)
                pause();
            exit(0);
        }
        if (poll(fds, 2, -1) < 0)
            exit(1);
        got = pass(fds[0].revents ? client : server, fds[0].revents ? server : client, limit ? limit - count : 0);
        if (got < 0) {
            note(log, count);
            exit(0);
        }
        count += got;
    }
}

int
main(int argc, char **argv)
{
    struct sockaddr_un address;
    int                listener;

    if (argc < 5)
        return 2;
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0L, 0L, 0L);
    listener = unix_socket(argv[1], &address);
    unlink(argv[1]);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
        fprintf(stderr, "cutproxy: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);

        if (client < 0)
            continue;
        switch (fork()) {
        case 0:
            prctl(PR_SET_PDEATHSIG, (unsigned long)SIGTERM, 0L, 0L, 0L);
            serve(client, argv[2], strtol(argv[3], NULL, 10), strcmp(argv[4], "hang") == 0,
                  argc > 5 ? argv[5] : NULL);
            return 0;
        default:
            close(client);
        }
    }
}
