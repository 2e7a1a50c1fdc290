#include "store/sync.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/candle.h"
#include "store/partition.h"
#include "store/sql.h"
#include "store/symbol.h"

#define BLOCK 4096

/* One instrument and its next candles. */
struct feed {
    struct tp_symbol          symbol;
    const struct tp_interval *interval; /* NULL: there are no candles */
    struct tp_session        *session;
    struct tp_bars            bars;
    size_t                    at;   /* next bar */
    struct tp_time            from; /* behind the bars */
    bool                      ended;
};

struct sync {
    struct tp_db              *db;
    const struct tp_sync_opts *opts;
    struct tp_sync_done       *done;
    struct tp_desk            *desk;
    struct feed               *feeds;
    size_t                     n;
    struct tp_arena            arena;
};

static int
read_instruments(struct sync *s, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_begin_as(s->db, s->opts->user, err)
        || tp_db_query(s->db, &SQL_desk_instruments, TP_PARAMS(tp_p_uuid(s->opts->account.id)), &rows, err))
        return -1;
    s->n = tp_rows_count(rows);
    s->feeds = tp_alloc((s->n + 1) * sizeof *s->feeds);
    for (size_t r = 0; r < s->n; r++) {
        struct feed *f = &s->feeds[r];
        const char  *interval = tp_rows_text(rows, r, "interval"), *since = tp_rows_text(rows, r, "since");

        tp_bars_init(&f->bars, BLOCK);
        f->interval = interval ? tp_interval_find(interval) : NULL;
        f->ended = !f->interval;
        if (tp_time_parse(since, strlen(since), &f->from, err)
            || tp_symbol_get(s->db, tp_rows_text(rows, r, "exchange"), tp_rows_text(rows, r, "symbol"), &f->symbol,
                             &s->arena, err))
            return -1;
    }
    return tp_db_commit(s->db, err);
}

/* The next candles of an instrument; those that have not closed yet are left for later. */
static int
refill(struct sync *s, struct feed *f, struct tp_err *err)
{
    struct tp_candle_key key = {f->symbol.exchange, f->symbol.symbol, f->interval->name};

    f->at = 0;
    if (tp_candle_some(s->db, &key, f->from, &f->bars, err))
        return -1;
    f->ended = f->bars.n < f->bars.room;
    while (f->bars.n && f->bars.time[f->bars.n - 1] + f->interval->us > s->opts->until.us)
        f->bars.n--;
    if (f->bars.n == 0) {
        f->ended = true;
        return 0;
    }
    f->from.us = f->bars.time[f->bars.n - 1] + f->interval->us;
    return tp_partition_trading(s->db, (struct tp_time){f->bars.time[0]}, f->from, err)
                   || tp_desk_rates(s->desk, f->session, (struct tp_time){f->bars.time[0]}, f->from, err)
               ? -1
               : 0;
}

static int
refill_all(struct sync *s, struct tp_err *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->feeds[i].at == s->feeds[i].bars.n && !s->feeds[i].ended && refill(s, &s->feeds[i], err))
            return -1;
    return 0;
}

static int64_t
closes(const struct feed *f)
{
    return f->at < f->bars.n ? f->bars.time[f->at] + f->interval->us : INT64_MAX;
}

/* The instrument whose next bar closes first; of equals the first by name.  NULL: there is none, or one of which
 * there are no candles yet would be left behind, and never meet its bars of that time. */
static struct feed *
next_feed(struct sync *s)
{
    struct feed *first = NULL;
    int64_t      limit = INT64_MAX;

    for (size_t i = 0; i < s->n; i++) {
        struct feed *f = &s->feeds[i];

        if (closes(f) == INT64_MAX)
            limit = f->from.us < limit ? f->from.us : limit;
        else if (!first || closes(f) < closes(first))
            first = f;
    }
    return first && closes(first) <= limit ? first : NULL;
}

/* Bars of one instrument up to where another one's turn comes. */
static size_t
bars_until(struct sync *s, const struct feed *f)
{
    int64_t other = INT64_MAX;
    size_t  n = 0;

    for (size_t i = 0; i < s->n; i++) {
        int64_t next = closes(&s->feeds[i]) == INT64_MAX ? s->feeds[i].from.us + 1 : closes(&s->feeds[i]);

        if (&s->feeds[i] != f && next < other)
            other = next;
    }
    while (f->at + n < f->bars.n && (n == 0 || f->bars.time[f->at + n] + f->interval->us < other))
        n++;
    return n;
}

/* Runs what has been read, until some instrument needs more candles. */
static int
run_bars(struct sync *s, struct tp_err *err)
{
    struct tp_time cursor = tp_desk_cursor(s->desk);
    struct feed   *f;

    if (tp_desk_begin(s->desk, err) || tp_desk_alive(s->desk, err))
        return -1;
    while ((f = next_feed(s)) != NULL) {
        size_t         n = bars_until(s, f);
        struct tp_bars some = tp_bars_view(&f->bars, f->at, n);

        tp_desk_turn(s->desk, f->session);
        if (tp_session_block(f->session, &some, err))
            return -1;
        f->at += n;
        s->done->bars += (int64_t)n;
        cursor.us = f->bars.time[f->at - 1] + f->interval->us;
        if (f->session->ruined || (f->at == f->bars.n && !f->ended))
            break;
    }
    return tp_desk_commit(s->desk, cursor, err);
}

/* Who holds back the others when no bar's turn comes. */
static void
note_waiting(struct sync *s)
{
    const struct feed *last = NULL;
    bool               bars = false;

    for (size_t i = 0; i < s->n; i++) {
        const struct feed *f = &s->feeds[i];

        bars |= closes(f) != INT64_MAX;
        if (closes(f) == INT64_MAX && (!last || f->from.us < last->from.us))
            last = f;
    }
    if (bars && last)
        memcpy(s->done->waits_for, last->symbol.symbol, sizeof s->done->waits_for);
}

static int
sync_feeds(struct sync *s, struct tp_err *err)
{
    struct tp_desk_opts opts = {.user = s->opts->user, .account = s->opts->account, .listener = s->opts->listener};

    if (tp_desk_open(&s->desk, s->db, &opts, err))
        return -1;
    for (size_t i = 0; i < s->n; i++)
        s->feeds[i].session
            = tp_desk_place(s->desk, &s->feeds[i].symbol, s->feeds[i].interval ? s->feeds[i].interval->us : 0);
    for (;;) {
        if (refill_all(s, err))
            return -1;
        if (!next_feed(s)) {
            note_waiting(s);
            return 0;
        }
        if (run_bars(s, err))
            return -1;
        for (size_t i = 0; i < s->n; i++)
            if (s->feeds[i].session->ruined)
                return tp_desk_ruined(err);
    }
}

/* As long as the account trades the instruments that it traded at first. *more: it trades another one now. */
static int
sync_once(struct tp_db *db, const struct tp_sync_opts *opts, struct tp_sync_done *done, bool *more,
          struct tp_err *err)
{
    struct sync s = {.db = db, .opts = opts, .done = done};
    int         rc = read_instruments(&s, err) || (s.n && sync_feeds(&s, err)) ? -1 : 0;

    *more = rc && s.desk && tp_desk_stranger(s.desk);
    tp_desk_close(s.desk);
    for (size_t i = 0; i < s.n; i++)
        tp_bars_free(&s.feeds[i].bars);
    free(s.feeds);
    tp_arena_free(&s.arena);
    return rc;
}

int
tp_sync_account(struct tp_db *db, const struct tp_sync_opts *opts, struct tp_sync_done *done, struct tp_err *err)
{
    bool more;
    int  rc;

    *done = (struct tp_sync_done){0};
    do {
        *err = (struct tp_err)TP_ERR_INIT;
        rc = sync_once(db, opts, done, &more, err);
    } while (more);
    return rc;
}
