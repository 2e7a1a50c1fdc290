#include "cmd/batch.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/db.h"
#include "base/failure.h"
#include "base/line.h"
#include "store/user.h"

#define BYTES_PER_TRANSACTION (1024 * 1024) /* of lines, so that a hundred long ones need no more memory */
/* A server that restarts is back within seconds; 50 ms doubled six times are six of them. */
#define TRIES 7
#define PAUSE_MS 50

/* What follows the record in an answer. */
struct tail {
    int64_t line;
    int8_t  replayed;
};

static const struct tp_field tail_fields[] = {
    F_BOOL(struct tail, replayed, "the key was known: the order is the one of then", .wide = true),
    F_STOP,
};

static const struct tp_field line_tail_fields[] = {
    F_INT(struct tail, line, "number of the line that it answers"),
    F_BOOL(struct tail, replayed, "the key was known: the order is the one of then", .wide = true),
    F_STOP,
};

/* ---- one transaction ----------------------------------------------------------------------------- */

static int
once(struct tp_batch *b, struct tp_item **items, size_t n, bool again, struct tp_arena *arena)
{
    struct tp_ctx *tp = b->tp;

    for (size_t i = 0; i < n; i++) {
        items[i]->err = (struct tp_err)TP_ERR_INIT;
        items[i]->reason[0] = '\0';
        items[i]->refused = items[i]->replayed = false;
        tp_record_init(b->record, items[i]->row);
    }
    tp_db_patience(tp->db, true);
    if (tp_db_begin_as(tp->db, b->user, &tp->err) || b->work(b->to, items, n, again, arena, &tp->err))
        return -1;
    return b->dry_run ? tp_db_rollback(tp->db, &tp->err) : tp_db_commit(tp->db, &tp->err);
}

/* Back to a connection without a transaction. */
static int
recover(struct tp_batch *b)
{
    struct tp_ctx *tp = b->tp;
    struct tp_err  second = TP_ERR_INIT;

    if (tp->db && tp_db_rollback(tp->db, &second)) {
        tp_db_close(tp->db);
        tp->db = NULL;
    }
    return tp_ctx_db(tp);
}

/* Waits, longer each time and never as long as another copy does; a signal ends it. */
static int
pause_before(int attempt, struct tp_err *err)
{
    int           most = PAUSE_MS << attempt, half = most / 2;
    int           wait = half + (int)(tp_time_now().us % half);
    struct pollfd fd = {.fd = tp_signal_fd(), .events = POLLIN};

    poll(&fd, 1, wait);
    return tp_stopped(err);
}

static int
unknown(struct tp_batch *b)
{
    struct tp_err *err = &b->tp->err;

    tp_fail(err, TP_EUNKNOWN, "the connection was lost during commit and did not come back: it is not known "
                              "whether it happened");
    return tp_hint(err, "%s", b->unknown_hint);
}

/* Until it is committed; what is transient is tried again as a whole.  When the answer of a commit was
 * lost, the next attempt finds out. */
static int
transact(struct tp_batch *b, struct tp_item **items, size_t n, struct tp_arena *arena)
{
    struct tp_ctx *tp = b->tp;
    bool           unsure = false;
    int            rc = once(b, items, n, false, arena);

    for (int attempt = 0; rc && attempt < TRIES; attempt++) {
        struct tp_err stop = TP_ERR_INIT;

        unsure |= tp->err.code == TP_EUNKNOWN;
        if (tp->err.code != TP_EUNKNOWN && !tp_db_transient(&tp->err))
            break;
        tp_detail(tp, "%s; trying again", tp->err.msg);
        if (pause_before(attempt, &stop)) {
            tp->err = stop;
            break;
        }
        rc = recover(b) || once(b, items, n, unsure, arena) ? -1 : 0;
    }
    if (rc && tp->db && tp_db_in_transaction(tp->db)) {
        struct tp_err second = TP_ERR_INIT;

        tp_db_rollback(tp->db, &second);
    }
    return rc && unsure ? unknown(b) : rc;
}

/* A refusal of the server that belongs to what was asked, not to the state of things. */
static bool
of_the_item(const struct tp_err *err)
{
    return err->code == TP_EINPUT || err->code == TP_EMISSING || err->code == TP_EREFUSED;
}

static void
fail_all(struct tp_item **items, size_t n, const struct tp_err *err)
{
    for (size_t i = 0; i < n; i++)
        items[i]->err = *err;
}

/* All of them in one transaction; when the server refuses one, each in its own, so that the bad one is told
 * from the good ones.  -1: the batch cannot go on. */
static int
settle(struct tp_batch *b, struct tp_item **items, size_t n, struct tp_arena *arena)
{
    struct tp_ctx *tp = b->tp;

    if (!n || !transact(b, items, n, arena))
        return 0;
    if (tp->err.code == TP_EUNKNOWN)
        fail_all(items, n, &tp->err);
    if (!of_the_item(&tp->err))
        return -1;
    if (n == 1) {
        fail_all(items, n, &tp->err);
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        if (settle(b, items + i, 1, arena))
            return -1;
    return 0;
}

/* ---- answers --------------------------------------------------------------------------------------- */

static const char *
reason_of(enum tp_code code)
{
    switch ((int)code) {
    case TP_EINPUT:
        return "MALFORMED";
    case TP_EMISSING:
        return "MISSING";
    case TP_EUSAGE:
        return "AMBIGUOUS";
    case TP_EUNKNOWN:
        return "UNKNOWN";
    default:
        return "REFUSED";
    }
}

int
tp_line_failed(struct tp_ctx *tp, int64_t line, const struct tp_err *err, const char *reason)
{
    struct tp_failure row = {.line = line, .code = err->code, .message = err->msg};

    if (!reason || !*reason)
        reason = reason_of(err->code);
    tp_text_set(row.reason, sizeof row.reason, reason, strlen(reason));
    return tp_emit(tp, &tp_failure_record, &row);
}

static int
print_answer(struct tp_batch *b, const struct tp_record *answer, const struct tp_item *item)
{
    struct tail *tail = (struct tail *)((char *)item->row + tp_record_end(b->record));

    if (item->err.code != TP_OK)
        return tp_line_failed(b->tp, item->line, &item->err, item->reason);
    *tail = (struct tail){item->line, item->replayed};
    return tp_emit(b->tp, answer, item->row);
}

/* ---- the whole batch ------------------------------------------------------------------------------- */

/* Answers in order; what the caller sees is on its way when this returns. */
static int
answer(struct tp_batch *b, const struct tp_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (print_answer(b, &b->answers, &items[i]))
            return -1;
        b->lines++;
        if (items[i].err.code == TP_OK && !items[i].refused)
            continue;
        b->failed++;
        if (!b->first_failed)
            b->first_failed = items[i].line;
    }
    return tp_out_flush(&b->tp->out, &b->tp->err);
}

/* The items of one transaction, those that could not be read among them. */
static int
do_items(struct tp_batch *b, struct tp_item *items, size_t n, struct tp_arena *arena)
{
    struct tp_item *good[TP_BATCH_PAGE];
    size_t          n_good = 0;
    struct tp_err   stop;

    for (size_t i = 0; i < n; i++)
        if (items[i].err.code == TP_OK)
            good[n_good++] = &items[i];
    if (!settle(b, good, n_good, arena))
        return answer(b, items, n);
    if (b->tp->err.code != TP_EUNKNOWN)
        return -1;
    stop = b->tp->err; /* each line is told that its outcome is not known; then it is the exit status */
    if (answer(b, items, n))
        return -1;
    b->tp->err = stop;
    return -1;
}

int
tp_item_failed(struct tp_item *item, const struct tp_err *err)
{
    if (err->code == TP_EDB || err->code == TP_EFAIL || err->sqlstate[0])
        return -1;
    item->err = *err;
    return 0;
}

void
tp_batch_alloc(const struct tp_batch *b, struct tp_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct tp_item){.ask = tp_alloc(b->ask->size),
                                    .row = tp_alloc(tp_record_end(b->record) + sizeof(struct tail))};
        tp_record_init(b->ask, items[i].ask);
    }
}

void
tp_batch_free(struct tp_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(items[i].ask);
        free(items[i].row);
    }
}

static void
read_item(struct tp_batch *b, struct tp_item *item, const char *line, size_t n, struct tp_arena *arena)
{
    int got = b->strict ? tp_record_parse_strict(b->ask, line, n, item->ask, arena, &item->err)
                        : tp_record_parse(b->ask, line, n, item->ask, arena, &item->err);

    if (got == 0)
        tp_fail(&item->err, TP_EINPUT, "type: this is no %s", b->ask->type);
}

/* The next lines that are there, at most a transaction's; waits only for the first.  How many go to *n.
 * 1, 0 at the end, -1 when reading failed or a signal came. */
static int
read_items(struct tp_batch *b, struct tp_lines *lines, struct tp_item *items, size_t *n, struct tp_arena *arena)
{
    size_t bytes = 0;
    int    got = 1;

    for (*n = 0; *n < TP_BATCH_PAGE && bytes < BYTES_PER_TRANSACTION && (*n == 0 || tp_lines_ready(lines)); ++*n) {
        struct tp_item *item = &items[*n];
        const char     *line;
        size_t          length;

        item->err = (struct tp_err)TP_ERR_INIT;
        got = tp_lines_next(lines, &line, &length, &item->err);
        item->line = lines->number;
        if (got > 0) {
            bytes += length;
            read_item(b, item, line, length, arena);
        } else if (got == 0 || item->err.code != TP_EINPUT) {
            b->tp->err = item->err;
            return got;
        }
    }
    return 1;
}

int
tp_batch_open(struct tp_batch *b)
{
    struct tp_ctx *tp = b->tp;

    b->answers = tp_record_join(b->record, line_tail_fields, sizeof(struct tail), &tp->arena);
    return tp_ctx_db(tp) || tp_user_acting(tp->db, tp->user, &b->user, &tp->err) ? -1 : 0;
}

int
tp_batch_end(struct tp_batch *b)
{
    if (!b->failed)
        return 0;
    return tp_fail(&b->tp->err, TP_EPARTLY, "%lld of %lld failed, the first is number %lld", (long long)b->failed,
                   (long long)b->lines, (long long)b->first_failed);
}

int
tp_batch_lines(struct tp_batch *b)
{
    struct tp_item  items[TP_BATCH_PAGE];
    struct tp_lines lines;
    struct tp_err   stop = TP_ERR_INIT;
    size_t          n;
    int             got = 1, rc = 0;

    tp_lines_init(&lines, STDIN_FILENO);
    tp_batch_alloc(b, items, TP_BATCH_PAGE);
    while (got > 0 && !rc) {
        TP_AUTO_ARENA arena = {0}; /* of one transaction's texts */

        got = read_items(b, &lines, items, &n, &arena);
        stop = b->tp->err;
        rc = do_items(b, items, n, &arena);
        if (!rc && got > 0)
            rc = tp_stopped(&b->tp->err);
    }
    tp_batch_free(items, TP_BATCH_PAGE);
    tp_lines_free(&lines);
    if (rc)
        return -1;
    if (got < 0) {
        b->tp->err = stop;
        return -1;
    }
    return tp_batch_end(b);
}

static int
one_item(struct tp_batch *b, struct tp_item *item)
{
    struct tp_record record = tp_record_join(b->record, tail_fields, sizeof(struct tail), &b->tp->arena);

    if (settle(b, &item, 1, &b->tp->arena))
        return -1;
    if (item->err.code != TP_OK) {
        b->tp->err = item->err;
        return -1;
    }
    if (print_answer(b, &record, item))
        return -1;
    if (!item->refused)
        return 0;
    tp_fail(&b->tp->err, TP_EREFUSED, "refused: %s", item->reason);
    return b->refused_hint ? tp_hint(&b->tp->err, "%s", b->refused_hint) : -1;
}

int
tp_batch_page(struct tp_batch *b, struct tp_item *items, size_t n)
{
    TP_AUTO_ARENA arena = {0};

    for (size_t i = 0; i < n; i++) {
        items[i].line = b->lines + (int64_t)i + 1;
        items[i].err = (struct tp_err)TP_ERR_INIT;
    }
    return do_items(b, items, n, &arena) || tp_stopped(&b->tp->err) ? -1 : 0;
}

int
tp_batch_items(struct tp_batch *b, struct tp_item *items, size_t n)
{
    if (n == 1)
        return one_item(b, items);
    for (size_t i = 0; i < n; i += TP_BATCH_PAGE)
        if (tp_batch_page(b, items + i, n - i < TP_BATCH_PAGE ? n - i : TP_BATCH_PAGE))
            return -1;
    return tp_batch_end(b);
}
