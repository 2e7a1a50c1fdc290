#include "base/line.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/prog.h"
#include "base/text.h"

void
tp_lines_init(struct tp_lines *l, int fd)
{
    *l = (struct tp_lines){.fd = fd};
}

void
tp_lines_free(struct tp_lines *l)
{
    free(l->buf);
    *l = (struct tp_lines){.fd = -1};
}

/* Waits until there is something to read; a signal ends the waiting. */
static int
wait_for_input(const struct tp_lines *l, struct tp_err *err)
{
    struct pollfd fds[2] = {{.fd = l->fd, .events = POLLIN}, {.fd = tp_signal_fd(), .events = POLLIN}};
    int           n;

    if (l->deaf)
        return 0;
    do
        n = poll(fds, 2, -1);
    while (n < 0 && errno == EINTR);
    return n > 0 && fds[1].revents ? tp_stopped(err) : 0;
}

/* Reads more behind what is there: 1, 0 at the end of the file, -1. */
static int
fill(struct tp_lines *l, struct tp_err *err)
{
    ssize_t got;

    if (wait_for_input(l, err))
        return -1;

    if (l->at && l->at == l->end)
        l->at = l->end = 0;
    if (l->end == l->room) {
        if (l->at) {
            memmove(l->buf, l->buf + l->at, l->end - l->at);
            l->end -= l->at;
            l->at = 0;
        } else {
            l->room = l->room ? l->room * 2 : 65536;
            l->buf = tp_realloc(l->buf, l->room);
        }
    }
    while ((got = read(l->fd, l->buf + l->end, l->room - l->end)) < 0) {
        if (errno != EINTR)
            return tp_fail(err, TP_EFAIL, "reading failed: %s", strerror(errno));
        if (tp_stopped(err))
            return -1;
    }
    l->end += (size_t)got;
    return got > 0;
}

/* Passes over the rest of a line that is too long, keeping only the buffer. */
static int
skip_line(struct tp_lines *l, struct tp_err *err)
{
    for (;;) {
        char *lf = memchr(l->buf + l->at, '\n', l->end - l->at);
        int   more;

        if (lf) {
            l->at = (size_t)(lf - l->buf) + 1;
            return 0;
        }
        l->at = l->end = 0;
        more = fill(l, err);
        if (more <= 0)
            return more;
    }
}

bool
tp_lines_ready(struct tp_lines *l)
{
    struct pollfd fd = {.fd = l->fd, .events = POLLIN};
    struct tp_err err = TP_ERR_INIT;
    size_t        seen = 0;

    for (;;) {
        size_t have = l->end - l->at;
        int    more;

        if (l->eof || have > TP_LINE_MAX + 1 || (have > seen && memchr(l->buf + l->at + seen, '\n', have - seen)))
            return true;
        if (poll(&fd, 1, 0) <= 0)
            return false;
        seen = have;
        more = fill(l, &err);
        if (more == 0)
            l->eof = 1;
        if (more <= 0)
            return true; /* the end or a failure: tp_lines_next says which */
    }
}

int
tp_lines_next(struct tp_lines *l, const char **line, size_t *n, struct tp_err *err)
{
    size_t seen = 0;

    for (;;) {
        char *from = l->buf + l->at;
        char *lf = l->end > l->at + seen ? memchr(from + seen, '\n', l->end - l->at - seen) : NULL;
        int   more;

        seen = l->end - l->at;
        if (lf || (l->eof && seen)) {
            size_t len = lf ? (size_t)(lf - from) : seen;

            l->number++;
            l->at += len + (lf != NULL);
            if (len && from[len - 1] == '\r')
                len--;
            if (len > TP_LINE_MAX)
                return tp_fail(err, TP_EINPUT, "line %lld: longer than 1 MiB", (long long)l->number);
            if (!tp_text_utf8(from, len))
                return tp_fail(err, TP_EINPUT, "line %lld: %s", (long long)l->number,
                               memchr(from, '\0', len) ? "a NUL byte" : "invalid UTF-8");
            *line = from;
            *n = len;
            return 1;
        }
        if (l->eof)
            return 0;
        if (seen > TP_LINE_MAX + 1) {
            l->number++;
            if (skip_line(l, err) < 0)
                return -1;
            return tp_fail(err, TP_EINPUT, "line %lld: longer than 1 MiB", (long long)l->number);
        }
        more = fill(l, err);
        if (more < 0)
            return -1;
        if (more == 0)
            l->eof = 1;
    }
}
