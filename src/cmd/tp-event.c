/* tp-event - what has happened, queued for those who act on it. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/db.h"
#include "base/line.h"
#include "base/prog.h"
#include "cmd/batch.h"
#include "cmd/event.h"
#include "cmd/options.h"
#include "store/event.h"

#include "base/banned.h"

#define PATIENCE_FIRST_MS 100
#define PATIENCE_MOST_MS 5000
#define CHUNK 4096 /* PIPE_BUF: a pipe that poll(2) calls writable takes so many bytes at once */

/* ---- what read, ack and run share ------------------------------------------------------------------- */

const char *const tp_event_on_dead[] = {"rule", "hold-key", "continue", NULL};

int
tp_event_hold(const char *on_dead)
{
    return on_dead[0] == 'r' ? -1 : on_dead[0] == 'h';
}

int
tp_patience_lost(struct tp_ctx *tp, struct tp_patience *p)
{
    int64_t now = tp_clock_ms();

    tp_ctx_db_drop(tp);
    if (!tp_db_transient(&tp->err))
        return -1;
    if (!p->since_ms) {
        p->since_ms = now;
        p->wait_ms = PATIENCE_FIRST_MS;
        tp_warn(tp, "%s; trying again for %lld seconds", tp->err.msg, (long long)p->seconds);
    }
    if (now - p->since_ms >= p->seconds * 1000)
        return -1;
    p->next_ms = now + p->wait_ms;
    p->wait_ms = p->wait_ms * 2 < PATIENCE_MOST_MS ? p->wait_ms * 2 : PATIENCE_MOST_MS;
    return 0;
}

int
tp_patience_wait(struct tp_ctx *tp, struct tp_patience *p)
{
    struct pollfd signal = {.fd = tp_signal_fd(), .events = POLLIN};

    if (tp_patience_lost(tp, p))
        return -1;
    poll(&signal, 1, (int)(p->next_ms - tp_clock_ms() > 0 ? p->next_ms - tp_clock_ms() : 0));
    return tp_stopped(&tp->err);
}

void
tp_patience_found(struct tp_ctx *tp, struct tp_patience *p)
{
    if (p->since_ms)
        tp_note(tp, "the database is back");
    p->since_ms = 0;
}

int
tp_event_lines_end(struct tp_ctx *tp, int64_t refused)
{
    if (refused == 0)
        return 0;
    return tp_fail(&tp->err, TP_EPARTLY, "%lld line%s refused", (long long)refused, refused == 1 ? " was" : "s were");
}

/* ---- read ------------------------------------------------------------------------------------------- */

struct read_args {
    int64_t     batch, lease, poll, reconnect;
    const char *type, *consumer, *on_dead;
    bool        follow;
};

static const struct tp_opt read_opts[] = {
    OPT_INT(struct read_args, batch, 'n', "batch", "N", 1, 10000, "claim at most so many at once", .fallback = "100"),
    OPT_INT(struct read_args, lease, 0, "lease", "SECONDS", 1, 86400, "nobody else gets them for so long",
            .fallback = "60"),
    OPT_TEXT(struct read_args, type, 't', "type", "PATTERN", "only events of such types: 'order.*'"),
    OPT_TEXT(struct read_args, consumer, 0, "consumer", "NAME", "tell with \"seen\" what NAME has handled before"),
    OPT_ENUM(struct read_args, on_dead, 0, "on-dead", tp_event_on_dead,
             "whether a dead event holds its key; rule: those of order events do", .fallback = "rule"),
    OPT_FLAG(struct read_args, follow, 'f', "follow", "wait for more"),
    OPT_INT(struct read_args, poll, 0, "poll", "SECONDS", 1, 3600, "with --follow: look at least so often",
            .fallback = "1"),
    OPT_INT(struct read_args, reconnect, 0, "reconnect", "SECONDS", 0, 86400,
            "with --follow: wait so long for a lost server", .fallback = "300"),
    OPT_STOP,
};

/* Lines that go out together, where each ends, and whose they are. */
struct page {
    struct tp_buf    text;
    size_t          *ends;
    struct tp_leases leases;
    size_t           written;
};

/* Waits until standard output takes something: 1, 0 when its reader has gone, -1 when a signal has come. */
static int
writable(struct tp_err *err)
{
    struct pollfd fds[2] = {{.fd = STDOUT_FILENO, .events = POLLOUT}, {.fd = tp_signal_fd(), .events = POLLIN}};

    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    if (fds[1].revents)
        return tp_stopped(err);
    return (fds[0].revents & POLLERR) == 0;
}

/* Writes the page, never more than a reader takes without blocking, so that a signal ends it. */
static int
write_page(struct tp_ctx *tp, struct page *page)
{
    while (page->written < page->text.n) {
        size_t  left = page->text.n - page->written;
        int     ready = writable(&tp->err);
        ssize_t n;

        if (ready < 0)
            return -1;
        n = ready ? write(STDOUT_FILENO, page->text.at + page->written, left < CHUNK ? left : CHUNK) : -1;
        if (n < 0 && ready && errno == EINTR)
            continue;
        if (n < 0) {
            tp->out.failed = true;
            tp->out.closed = !ready || errno == EPIPE;
            return tp_fail(&tp->err, TP_EFAIL, "standard output: %s", ready ? strerror(errno) : "its reader has gone");
        }
        page->written += (size_t)n;
    }
    return 0;
}

/* Gives back what nobody has read: what was not written, and what the closed pipe still holds. */
static int
give_back(struct tp_ctx *tp, const struct page *page)
{
    struct tp_leases unread = {0};
    struct tp_err    err = TP_ERR_INIT;
    size_t           got = page->written;
    int              in_pipe = 0, rc;

    if (tp->out.closed && !ioctl(STDOUT_FILENO, FIONREAD, &in_pipe) && in_pipe > 0)
        got -= (size_t)in_pipe < got ? (size_t)in_pipe : got;
    for (size_t i = 0; i < page->leases.n; i++)
        if (page->ends[i] > got)
            tp_leases_add(&unread, page->leases.at[i]);
    tp_db_patience(tp->db, true);
    rc = tp_event_release(tp->db, &unread, &err);
    if (rc)
        tp_warn(tp, "%zu leases were not given back and end by themselves: %s", unread.n, err.msg);
    tp_leases_free(&unread);
    return rc;
}

/* One claim on its way out; *n: events given. */
static int
read_turn(struct tp_ctx *tp, struct tp_worker *w, int64_t want, struct page *page, size_t *n)
{
    static const struct tp_leases nothing = {0};
    struct tp_turn                turn;
    struct tp_event               e;
    int                           got;

    *n = 0;
    if (tp_event_turn(tp->db, w, &nothing, want, &turn, &tp->err))
        return -1;
    page->ends = tp_realloc(page->ends, (turn.n + 1) * sizeof *page->ends);
    for (;;) {
        TP_AUTO_ARENA texts = {0};

        got = tp_event_next(&turn, &e, &texts, &tp->err);
        if (got <= 0)
            break;
        if (e.status[0] == 'F') {
            tp_warn(tp, "event %lld is dead: %s", (long long)e.id, e.last_error);
            continue;
        }
        if (tp->out.form == TP_FORM_JSON)
            tp_record_json(&tp_event_record, &e, &page->text);
        else if (tp_emit(tp, &tp_event_record, &e))
            got = -1;
        page->ends[page->leases.n] = page->text.n;
        tp_leases_add(&page->leases, (struct tp_lease){e.id, e.lease_token});
        ++*n;
        if (got < 0)
            break;
    }
    tp_turn_free(&turn);
    if (got == 0 && !write_page(tp, page))
        return 0;
    give_back(tp, page);
    return -1;
}

/* Until there may be more: a notification, the poll's end, a signal, or no reader any more. */
static int
read_wait(struct tp_ctx *tp, int64_t poll_s)
{
    struct pollfd fds[3] = {{.fd = tp_db_socket(tp->db), .events = POLLIN},
                            {.fd = tp_signal_fd(), .events = POLLIN},
                            {.fd = STDOUT_FILENO}};

    /* A tenth more or less, so that many workers do not come at the same moment. */
    poll(fds, 3, (int)(poll_s * 1000 - poll_s * 100 + tp_clock_ms() % (poll_s * 200 + 1)));
    if (tp_stopped(&tp->err))
        return -1;
    if (fds[2].revents & POLLERR) {
        tp->out.failed = tp->out.closed = true;
        return tp_fail(&tp->err, TP_EFAIL, "standard output: its reader has gone");
    }
    return tp_db_notified(tp->db, &tp->err);
}

static int
read_connect(struct tp_ctx *tp, struct tp_worker *w, bool listen)
{
    if (tp->db)
        return 0;
    return tp_ctx_db(tp) || tp_event_recover(tp->db, w, &tp->err) || (listen && tp_event_attend(tp->db, &tp->err)) ? -1 : 0;
}

static int
cmd_read(struct tp_ctx *tp, const void *args)
{
    const struct read_args *a = args;
    struct tp_worker        w = {.like = tp_event_like(a->type, &tp->arena), .consumer = a->consumer, .lease_s = a->lease,
                                 .hold = tp_event_hold(a->on_dead), .from = TP_TIME_NONE};
    struct tp_patience      patience = {.seconds = a->follow ? a->reconnect : 0};
    int                     rc;
    size_t                  n = 0;

    if (tp_ctx_db(tp) || (a->follow && tp_event_attend(tp->db, &tp->err)))
        return -1;
    do {
        struct page page = {0};

        rc = read_connect(tp, &w, a->follow) || read_turn(tp, &w, a->batch, &page, &n) ? -1 : 0;
        tp_buf_free(&page.text);
        tp_leases_free(&page.leases);
        free(page.ends);
        if (!rc) {
            tp_patience_found(tp, &patience);
            if (a->follow)
                rc = tp_out_flush(&tp->out, &tp->err) || (n < (size_t)a->batch && read_wait(tp, a->poll) < 0) ? -1 : 0;
        }
        if (rc && a->follow && (!tp->db || (!tp->out.failed && tp->err.code == TP_EDB)))
            rc = tp_patience_wait(tp, &patience);
    } while (!rc && a->follow);
    return rc;
}

/* ---- ack -------------------------------------------------------------------------------------------- */

struct ack_args {
    const char *consumer, *on_dead;
    int64_t     reconnect;
};

static const struct tp_opt ack_opts[] = {
    OPT_TEXT(struct ack_args, consumer, 0, "consumer", "NAME", "record that NAME has handled them"),
    OPT_ENUM(struct ack_args, on_dead, 0, "on-dead", tp_event_on_dead,
             "whether a dead event holds its key; rule: those of order events do", .fallback = "rule"),
    OPT_INT(struct ack_args, reconnect, 0, "reconnect", "SECONDS", 0, 86400, "wait so long for a lost server",
            .fallback = "300"),
    OPT_STOP,
};

/* What is looked at in a line, whatever else its record holds. */
static const struct tp_field ack_line_fields[] = {
    F_INT(struct tp_ack_line, id, "", .required = true),
    F_UUID(struct tp_ack_line, lease_token, ""),
    F_LONG(struct tp_ack_line, error, ""),
    F_INT(struct tp_ack_line, retry_after, ""),
    F_STOP,
};

int
tp_ack_parse(const char *text, size_t n, struct tp_ack_line *l, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_record record = {"event", "", ack_line_fields, sizeof(struct tp_ack_line)};
    char             type[TP_EVENT_TYPE_SIZE];

    if (tp_record_type(text, n, type, sizeof type, err))
        return -1;
    if (*type)
        record.type = type;
    return tp_record_parse(&record, text, n, l, arena, err) == 1 ? 0 : -1;
}

struct ack {
    struct tp_ctx          *tp;
    struct tp_worker        worker;
    struct tp_ack_line         lines[TP_BATCH_PAGE];
    struct tp_event_ack_answer       answers[TP_BATCH_PAGE]; /* in step with lines */
    struct tp_err           bad[TP_BATCH_PAGE];     /* code TP_OK: the line was read */
    size_t                  n;
    struct tp_arena         texts;
    int64_t                 refused, lost;
    struct tp_patience      patience;
};

static void
set_status(struct tp_event_ack_answer *answer, const char *status)
{
    answer->lost = status == NULL;
    tp_text_set(answer->status, sizeof answer->status, status ? status : "", status ? strlen(status) : 0);
}

/* Whether id stands among the numbers with commas. */
static bool
among(const char *list, int64_t id)
{
    char   want[24];
    size_t n = (size_t)snprintf(want, sizeof want, "%lld", (long long)id);

    for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == n && strncmp(p, want, n) == 0)
            return true;
    return false;
}

static int
ack_done(struct ack *k)
{
    struct tp_leases done = {0};
    struct tp_turn   turn = {0};
    int              rc;

    for (size_t i = 0; i < k->n; i++)
        if (!k->bad[i].code && !k->lines[i].error)
            tp_leases_add(&done, (struct tp_lease){k->lines[i].id, k->lines[i].lease_token});
    rc = done.n ? tp_event_turn(k->tp->db, &k->worker, &done, 0, &turn, &k->tp->err) : 0;
    for (size_t i = 0; !rc && i < k->n; i++)
        if (!k->lines[i].error)
            set_status(&k->answers[i], among(turn.lost, k->lines[i].id) ? NULL : "COMPLETED");
    tp_turn_free(&turn);
    tp_leases_free(&done);
    return rc;
}

static int
ack_failed(struct ack *k)
{
    struct tp_event_failure failures[TP_BATCH_PAGE];
    size_t                  n = 0;
    TP_AUTO_ROWS            rows = NULL;

    for (size_t i = 0; i < k->n; i++)
        if (!k->bad[i].code && k->lines[i].error)
            failures[n++] = (struct tp_event_failure){{k->lines[i].id, k->lines[i].lease_token}, k->lines[i].error,
                                                      k->lines[i].retry_after};
    if (n == 0)
        return 0;
    if (tp_event_fail(k->tp->db, &k->worker, failures, n, &rows, &k->tp->err))
        return -1;
    for (size_t i = 0; i < k->n; i++) {
        if (!k->lines[i].error)
            continue;
        set_status(&k->answers[i], NULL);
        for (size_t r = 0; r < tp_rows_count(rows); r++)
            if (tp_rows_int(rows, r, "id") == k->lines[i].id) {
                const char *at = tp_rows_text(rows, r, "available_at");

                set_status(&k->answers[i], tp_rows_text(rows, r, "status"));
                if (k->answers[i].status[0] == 'P' && tp_time_parse(at, strlen(at), &k->answers[i].available_at, &k->tp->err))
                    return -1;
            }
    }
    return 0;
}

static int
ack_batch(struct ack *k)
{
    while (k->n && (tp_ctx_db(k->tp) || ack_done(k) || ack_failed(k)))
        if (tp_patience_wait(k->tp, &k->patience))
            return -1;
    tp_patience_found(k->tp, &k->patience);
    for (size_t i = 0; i < k->n; i++) {
        if (k->bad[i].code ? tp_line_failed(k->tp, k->answers[i].line, &k->bad[i], NULL)
                           : tp_emit(k->tp, &tp_event_ack_record, &k->answers[i]))
            return -1;
        k->refused += k->bad[i].code != TP_OK;
        k->lost += k->answers[i].lost > 0;
    }
    k->n = 0;
    tp_arena_free(&k->texts);
    return 0;
}

static int
ack_take(struct ack *k, struct tp_lines *lines)
{
    const char    *text;
    size_t         n;
    size_t         i = k->n;
    struct tp_err *err = &k->bad[i];
    int            got;

    *err = (struct tp_err)TP_ERR_INIT;
    k->lines[i] = (struct tp_ack_line){0};
    got = tp_lines_next(lines, &text, &n, err);
    if (got == 0 || (got > 0 && n == 0))
        return got;
    if (got < 0 && err->code != TP_EINPUT) {
        k->tp->err = *err;
        return -1;
    }
    if (got > 0)
        tp_ack_parse(text, n, &k->lines[i], &k->texts, err);
    k->answers[i] = (struct tp_event_ack_answer){.line = lines->number, .id = k->lines[i].id, .available_at = TP_TIME_NONE};
    k->n++;
    return 1;
}

static int
cmd_ack(struct tp_ctx *tp, const void *args)
{
    const struct ack_args   *a = args;
    TP_AUTO_FREE struct ack *k = tp_alloc(sizeof *k);
    struct tp_lines          lines;
    int                      got = 1;

    k->tp = tp;
    k->worker = (struct tp_worker){.consumer = a->consumer, .hold = tp_event_hold(a->on_dead), .from = TP_TIME_NONE};
    k->patience.seconds = a->reconnect;
    if (tp_ctx_db(tp))
        return -1;
    tp_lines_init(&lines, STDIN_FILENO);
    while (got > 0) {
        if (!tp_lines_ready(&lines) && (ack_batch(k) || tp_out_flush(&tp->out, &tp->err)))
            got = -1;
        else
            got = ack_take(k, &lines);
        if (got > 0 && k->n == TP_BATCH_PAGE && ack_batch(k))
            got = -1;
    }
    tp_lines_free(&lines);
    if (got == 0 && ack_batch(k))
        got = -1;
    tp_arena_free(&k->texts);
    if (k->lost)
        tp_note(tp, "%lld lease%s lost: somebody else had the event by then", (long long)k->lost,
                k->lost == 1 ? " was" : "s were");
    return got < 0 ? -1 : tp_event_lines_end(tp, k->refused);
}

/* ---- dead ------------------------------------------------------------------------------------------- */

struct dead_args {
    const char *type, *error;
    int64_t     limit;
    bool        all, yes;
};

static const struct tp_opt list_opts[] = {
    OPT_TEXT(struct dead_args, type, 't', "type", "PATTERN", "only events of such types"),
    OPT_TEXT(struct dead_args, error, 0, "error", "PATTERN", "only events whose last error is such: 'poison*'"),
    OPT_LIMIT(struct dead_args, limit, "100"),
    OPT_STOP,
};

static const struct tp_opt replay_opts[] = {
    OPT_FLAG(struct dead_args, all, 'a', "all", "all that --type and --error leave"),
    OPT_TEXT(struct dead_args, type, 't', "type", "PATTERN", "with --all: only events of such types"),
    OPT_TEXT(struct dead_args, error, 0, "error", "PATTERN", "with --all: only events whose last error is such"),
    OPT_STOP,
};

static const struct tp_opt drop_opts[] = {
    OPT_FLAG(struct dead_args, all, 'a', "all", "all that --type and --error leave"),
    OPT_TEXT(struct dead_args, type, 't', "type", "PATTERN", "with --all: only events of such types"),
    OPT_TEXT(struct dead_args, error, 0, "error", "PATTERN", "with --all: only events whose last error is such"),
    OPT_FLAG(struct dead_args, yes, 'y', "yes", "do not ask"),
    OPT_STOP,
};

static int
cmd_dead_list(struct tp_ctx *tp, const void *args)
{
    const struct dead_args *a = args;
    struct tp_event_filter  filter = {.id = INT64_MIN, .like = tp_event_like(a->type, &tp->arena),
                                      .error_like = tp_event_like(a->error, &tp->arena), .limit = a->limit};
    TP_AUTO_ROWS            rows = NULL;

    if (tp_ctx_db(tp) || tp_event_dead(tp->db, &filter, &rows, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_event_record, rows);
}

/* Does it to the ids and prints the events; *n: how many there were. */
static int
dead_do(struct tp_ctx *tp, int (*what)(struct tp_db *, const struct tp_leases *, struct tp_rows **, struct tp_err *),
        const struct tp_leases *ids, size_t *n)
{
    TP_AUTO_ROWS rows = NULL;

    if (what(tp->db, ids, &rows, &tp->err))
        return -1;
    *n = tp_rows_count(rows);
    return tp_emit_rows(tp, &tp_event_record, rows);
}

/* The next thousand dead events of the filter. */
static int
dead_ids(struct tp_ctx *tp, const struct tp_event_filter *filter, struct tp_leases *ids)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_event_dead(tp->db, filter, &rows, &tp->err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++)
        tp_leases_add(ids, (struct tp_lease){.id = tp_rows_int(rows, r, "id")});
    return 0;
}

/* Ids as operands, or lines of records with "id" on stdin for "-". */
static int
dead_operands(struct tp_ctx *tp, struct tp_leases *ids)
{
    struct tp_lines lines;
    const char     *text;
    size_t          n;
    int             got = 1;

    if (tp->n_operands != 1 || strcmp(tp->operands[0], "-") != 0) {
        for (size_t i = 0; i < tp->n_operands; i++) {
            struct tp_lease lease = {0};

            if (!tp_text_int(tp->operands[i], strlen(tp->operands[i]), 1, INT64_MAX, &lease.id))
                return tp_fail(&tp->err, TP_EUSAGE, "want the number of an event, not '%s'", tp->operands[i]);
            tp_leases_add(ids, lease);
        }
        return 0;
    }
    tp_lines_init(&lines, STDIN_FILENO);
    while ((got = tp_lines_next(&lines, &text, &n, &tp->err)) > 0) {
        struct tp_ack_line l;

        if (n && tp_ack_parse(text, n, &l, &tp->arena, &tp->err)) {
            tp_where(&tp->err, "line %lld", (long long)lines.number);
            got = -1;
            break;
        }
        if (n)
            tp_leases_add(ids, (struct tp_lease){.id = l.id});
    }
    tp_lines_free(&lines);
    return got;
}

/* replay and drop. */
static int
dead_change(struct tp_ctx *tp, const struct dead_args *a,
            int (*what)(struct tp_db *, const struct tp_leases *, struct tp_rows **, struct tp_err *))
{
    struct tp_event_filter filter = {.id = INT64_MIN, .like = tp_event_like(a->type, &tp->arena),
                                     .error_like = tp_event_like(a->error, &tp->arena), .limit = 1000};
    struct tp_leases       ids = {0};
    size_t                 n = 0;
    int                    rc;

    if (a->all == (tp->n_operands > 0) || (!a->all && (a->type || a->error)))
        return tp_fail(&tp->err, TP_EUSAGE, "name the events, or give --all with --type or --error");
    if (tp_ctx_db(tp))
        return -1;
    if (!a->all) {
        rc = dead_operands(tp, &ids) || dead_do(tp, what, &ids, &n) ? -1 : 0;
        if (!rc && n < ids.n)
            rc = tp_fail(&tp->err, n ? TP_EPARTLY : TP_EMISSING, "%zu of %zu events are not dead, or not there", ids.n - n,
                         ids.n);
    } else {
        do {
            ids.n = 0;
            rc = dead_ids(tp, &filter, &ids) || dead_do(tp, what, &ids, &n) ? -1 : 0;
        } while (!rc && ids.n == (size_t)filter.limit);
    }
    tp_leases_free(&ids);
    return rc;
}

static int
cmd_dead_replay(struct tp_ctx *tp, const void *args)
{
    return dead_change(tp, args, tp_event_replay);
}

static int
cmd_dead_drop(struct tp_ctx *tp, const void *args)
{
    const struct dead_args *a = args;

    if (a->all && tp_confirm(tp, a->yes, "drop all these dead events for good?"))
        return -1;
    return dead_change(tp, a, tp_event_drop);
}

/* ---- stats ------------------------------------------------------------------------------------------ */

struct stats_args {
    const char *type;
};

static const struct tp_opt stats_opts[] = {
    OPT_TEXT(struct stats_args, type, 't', "type", "PATTERN", "only events of such types"),
    OPT_STOP,
};

static int
cmd_stats(struct tp_ctx *tp, const void *args)
{
    const struct stats_args *a = args;
    struct tp_event_stats    stats;

    if (tp_ctx_db(tp) || tp_event_stats(tp->db, tp_event_like(a->type, &tp->arena), &stats, &tp->err))
        return -1;
    return tp_emit(tp, &tp_event_stats_record, &stats);
}

/* ---- the program ------------------------------------------------------------------------------------ */

int
main(int argc, char **argv)
{
    const struct tp_cmd cmds[] = {
        {.name = "push", .help = "queue events: JSON lines on stdin, or one by options", .opts = tp_event_push_opts,
         .args_size = tp_event_push_size, .run = tp_event_push,
         .examples = "tp-order list -o json | tp-event push --notify            # each line one event, once\n"
                     "tp-event push --type daily.report --payload '{\"of\":\"2026-01-31\"}'"},
        {.name = "read", .help = "claim events and print them, one JSON line each", .opts = read_opts,
         .args_size = sizeof(struct read_args), .run = cmd_read,
         .examples = "tp-event read --batch 100 --lease 60 | worker | tp-event ack\n"
                     "tp-event read --follow --type 'order.*' | worker | tp-event ack"},
        {.name = "ack", .help = "tell what became of events: lines with id, lease_token and maybe error",
         .opts = ack_opts, .args_size = sizeof(struct ack_args), .run = cmd_ack},
        {.name = "run", .help = "run a program for each event, batch or stream of events, and acknowledge",
         .opts = tp_event_run_opts, .args_size = tp_event_run_size, .run = tp_event_run,
         .operands = "[-- PROGRAM] [ARG...]", .max_operands = SIZE_MAX,
         .examples = "tp-event run --type 'order.filled' -- ./notify --channel trades\n"
                     "tp-event run --until-empty --per batch --shell --exec 'jq -r .event_type | sort | uniq -c'"},
        {.name = "dead list", .help = "list dead events, the latest first", .opts = list_opts,
         .args_size = sizeof(struct dead_args), .run = cmd_dead_list},
        {.name = "dead replay", .help = "let dead events begin anew", .opts = replay_opts,
         .args_size = sizeof(struct dead_args), .run = cmd_dead_replay, .operands = "[ID...|-]",
         .max_operands = SIZE_MAX,
         .examples = "tp-event dead list --error 'exit status 3*' -o json | tp-event dead replay -"},
        {.name = "dead drop", .help = "delete dead events for good", .opts = drop_opts,
         .args_size = sizeof(struct dead_args), .run = cmd_dead_drop, .operands = "[ID...|-]",
         .max_operands = SIZE_MAX},
        {.name = "stats", .help = "how many events are ready, leased, dead; how old the oldest is",
         .opts = stats_opts, .args_size = sizeof(struct stats_args), .run = cmd_stats},
        {.name = NULL},
    };
    const struct tp_prog prog = {
        .name = "tp-event",
        .help = "what has happened, queued for those who act on it",
        .cmds = cmds,
        .examples = "tp-event push --type hello --payload '{}'\n"
                    "tp-event run --until-empty -- cat",
        .db_role = "tp_service",
    };

    return tp_main(&prog, argc, argv);
}
