#include "proc/talk.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/child.h"
#include "base/line.h"
#include "base/prog.h"
#include "base/time.h"

#define GRACE_MS 5000   /* of each step of ending it */
#define STATUS_MS 1000  /* a program that has closed its output is given so long to end */
#define EXIT_LATER 75   /* EX_TEMPFAIL of sysexits.h */
#define LOG_LINES 1000  /* of standard error between two answers; more are counted only */
#define LOG_LINE 1000   /* bytes of one */

struct tp_talk {
    struct tp_child    child;
    struct tp_lines    lines;
    struct tp_buf      out;
    size_t             sent; /* of out */
    struct tp_buf      log;  /* the line of standard error under way */
    int64_t            n_log, left_out;
    struct tp_talk_log to;
    int                status;
    bool               ended, last;
    char               dir[64];
};

/* ---- its folder ------------------------------------------------------------------------------- */

static int
make_dir(struct tp_talk *t, struct tp_err *err)
{
    const char *where = getenv("TMPDIR");

    if (!where || !*where || strlen(where) > sizeof t->dir - sizeof "/tp-proc.XXXXXX")
        where = "/tmp";
    snprintf(t->dir, sizeof t->dir, "%s/tp-proc.XXXXXX", where);
    if (mkdtemp(t->dir))
        return 0;
    t->dir[0] = '\0';
    return tp_fail(err, TP_EFAIL, "cannot make a folder in %s: %s", where, strerror(errno));
}

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
    (void)st;
    (void)what;
    (void)ftw;
    remove(path);
    return 0;
}

/* ---- standard error --------------------------------------------------------------------------- */

static void
log_line(struct tp_talk *t)
{
    char safe[LOG_LINE + 1];

    if (t->log.n && t->n_log++ < LOG_LINES && t->to.line)
        t->to.line(t->to.to, "stderr", tp_text_safe(safe, sizeof safe, t->log.at, t->log.n));
    t->left_out += t->log.n && t->n_log > LOG_LINES;
    tp_buf_clear(&t->log);
}

/* An answer has come: the next thousand lines may be printed. */
static void
log_anew(struct tp_talk *t)
{
    char text[80];

    if (t->left_out && t->to.line) {
        snprintf(text, sizeof text, "%lld more lines of standard error were left out", (long long)t->left_out);
        t->to.line(t->to.to, "stderr", text);
    }
    t->n_log = t->left_out = 0;
}

/* Takes what has been printed on standard error, at most a buffer full. */
static void
read_log(struct tp_talk *t)
{
    char    buf[16384];
    ssize_t n = read(t->child.err, buf, sizeof buf);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    for (ssize_t i = 0; i < n; i++) {
        if (buf[i] == '\n')
            log_line(t);
        else if (t->log.n < LOG_LINE)
            tp_buf_char(&t->log, buf[i]);
    }
    if (n <= 0) {
        log_line(t);
        close(t->child.err);
        t->child.err = -1;
    }
}

/* ---- lines ------------------------------------------------------------------------------------ */

int
tp_talk_open(struct tp_talk **out, const struct tp_talk_opts *opts, struct tp_err *err)
{
    struct tp_talk      *t = tp_alloc(sizeof *t);
    TP_AUTO_ARENA        arena = {0};
    struct tp_child_opts how = {.argv = opts->command, .dir = t->dir, .no_network = opts->no_network, .capture = true};

    t->to = opts->log;
    t->child = (struct tp_child){.ended = -1, .in = -1, .out = -1, .err = -1};
    how.env = tp_child_env(&arena, opts->env, opts->n_env, 0);
    if (make_dir(t, err) || tp_child_start(&t->child, &how, err)) {
        tp_talk_close(t);
        return -1;
    }
    tp_lines_init(&t->lines, t->child.out);
    *out = t;
    return 0;
}

struct tp_buf *
tp_talk_out(struct tp_talk *t)
{
    return &t->out;
}

int64_t
tp_talk_lines(const struct tp_talk *t)
{
    return t->lines.number;
}

/* As much as the pipe takes.  A program that does not read any more shows it by its end. */
static void
send_some(struct tp_talk *t)
{
    while (t->child.in >= 0 && t->sent < t->out.n) {
        ssize_t n = write(t->child.in, t->out.at + t->sent, t->out.n - t->sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            tp_child_close_input(&t->child);
        else
            t->sent += (size_t)n;
    }
    tp_buf_clear(&t->out);
    t->sent = 0;
    if (t->last)
        tp_child_close_input(&t->child);
}

void
tp_talk_last(struct tp_talk *t)
{
    t->last = true;
}

static void
reap(struct tp_talk *t)
{
    if (t->child.pid == 0 || t->ended)
        return;
    tp_child_signal(&t->child, SIGKILL); /* what it has left running; the dead one stays as it is */
    t->ended = tp_child_ended(&t->child, &t->status);
}

static int
over(struct tp_talk *t, struct tp_err *err)
{
    struct pollfd end = {.fd = t->child.ended, .events = POLLIN};

    if (!t->ended && poll(&end, 1, STATUS_MS) > 0)
        reap(t);
    while (t->child.err >= 0 && poll(&(struct pollfd){.fd = t->child.err, .events = POLLIN}, 1, 0) > 0)
        read_log(t);
    if (!t->ended)
        return tp_fail(err, TP_EFAIL, "the program has closed its output and goes on");
    if (WIFSIGNALED(t->status))
        return tp_fail(err, TP_EFAIL, "the program was ended by signal %d", WTERMSIG(t->status));
    if (WEXITSTATUS(t->status) == EXIT_LATER)
        return tp_fail(err, TP_EREMOTE, "the program asks to be started again later (exit status %d)", EXIT_LATER);
    return tp_fail(err, TP_EFAIL, "the program has ended with exit status %d", WEXITSTATUS(t->status));
}

/* What has come: 1, 0 when a line is not complete, -1. */
static int
take_line(struct tp_talk *t, const char **line, size_t *n, struct tp_err *err)
{
    struct tp_lines *l = &t->lines;
    int              got;

    if (!tp_lines_ready(l))
        return 0;
    /* The reader would look for the end of such a line however long that takes. */
    if (l->end - l->at > TP_LINE_MAX && !memchr(l->buf + l->at, '\n', l->end - l->at))
        return tp_fail(err, TP_EINPUT, "line %lld: longer than 1 MiB", (long long)l->number + 1);
    got = tp_lines_next(l, line, n, err);
    if (got > 0)
        log_anew(t);
    return got ? got : over(t, err);
}

int
tp_talk_next(struct tp_talk *t, int64_t until_ms, const char **line, size_t *n, struct tp_err *err)
{
    for (;;) {
        int64_t       left = until_ms - tp_clock_ms();
        struct pollfd fds[5] = {{.fd = t->child.out, .events = POLLIN},
                                {.fd = tp_signal_fd(), .events = POLLIN},
                                {.fd = t->child.err, .events = POLLIN},
                                {.fd = t->ended ? -1 : t->child.ended, .events = POLLIN},
                                {.fd = -1, .events = POLLOUT}};
        int           got;

        send_some(t);
        if (t->lines.end > t->lines.at && memchr(t->lines.buf + t->lines.at, '\n', t->lines.end - t->lines.at))
            return take_line(t, line, n, err); /* it came together with the one before */
        if (left < 0)
            return 0;
        if (t->out.n)
            fds[4].fd = t->child.in;
        if (poll(fds, 5, (int)left) < 0 && errno != EINTR)
            return tp_fail(err, TP_EFAIL, "poll failed: %s", strerror(errno));
        if (fds[1].revents)
            return tp_stopped(err);
        if (fds[2].revents)
            read_log(t);
        got = fds[0].revents ? take_line(t, line, n, err) : 0;
        if (got)
            return got;
        if (fds[3].revents && !fds[0].revents) /* it may have left somebody behind who holds the pipe */
            return over(t, err);
    }
}

/* ---- the end ---------------------------------------------------------------------------------- */

/* Waits for its end, taking what it still prints. */
static bool
wait_end(struct tp_talk *t)
{
    int64_t until = tp_clock_ms() + GRACE_MS, left;
    char    buf[16384];

    while (!t->ended && (left = until - tp_clock_ms()) >= 0) {
        struct pollfd fds[3] = {{.fd = t->child.ended, .events = POLLIN},
                                {.fd = t->child.out, .events = POLLIN},
                                {.fd = t->child.err, .events = POLLIN}};

        poll(fds, 3, (int)left);
        if (fds[2].revents)
            read_log(t);
        if (fds[1].revents && read(t->child.out, buf, sizeof buf) == 0) {
            close(t->child.out);
            t->child.out = -1;
        }
        if (fds[0].revents)
            reap(t);
    }
    return t->ended;
}

int
tp_talk_close(struct tp_talk *t)
{
    int status;

    if (!t)
        return 0;
    if (t->child.pid) {
        tp_child_close_input(&t->child);
        if (!wait_end(t)) {
            tp_child_signal(&t->child, SIGTERM);
            if (!wait_end(t)) {
                tp_child_signal(&t->child, SIGKILL);
                wait_end(t);
            }
        }
    }
    while (t->child.err >= 0 && poll(&(struct pollfd){.fd = t->child.err, .events = POLLIN}, 1, 0) > 0)
        read_log(t);
    log_anew(t);
    tp_child_close_output(&t->child);
    if (t->dir[0])
        nftw(t->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    status = t->status;
    tp_lines_free(&t->lines);
    tp_buf_free(&t->out);
    tp_buf_free(&t->log);
    free(t);
    return status;
}
