#include "store/feed.h"

#include <stdlib.h>

#include "base/banned.h"
#include "base/ring.h"
#include "market/interval.h"

#define LANES 2
#define MANY 65536       /* candles that are worth a second connection */
#define TURN 8192        /* candles that one connection reads before those of the other come */
#define LEAST_BLOCK 1024 /* of the smallest block that is worth handing to another thread */
#define FEWEST_SLOTS 3   /* one in work, one ready, one being read */

/* One connection, read by a thread of its own. */
struct lane {
    const struct tp_feed  *feed;
    struct tp_db          *db;
    struct tp_candle_turns turns;
    pthread_t              thread;
    bool                   started;
    struct tp_ring         ring; /* of the blocks */
    struct tp_bars        *block;
    int                    got; /* how reading ended; known once the ring has */
    struct tp_err          err;
    const struct tp_bars  *head; /* the block in work, of which the bars before `at` were given; NULL: none */
    size_t                 at;
};

/* Both lanes see one state of the data.  Each reads every second turn and so, while one of them is given, has time to
 * read the next into its ring. */
struct tp_feed {
    struct tp_feed_opts opts;
    struct tp_db       *db, *second; /* second: the feed's own; NULL: the first reads all, block by block */
    struct tp_bars      given;       /* a block of its own, or a view of a lane's */
    size_t              slots;       /* of a lane */
    struct lane         lane[LANES];
    int64_t             last;        /* the time that was given last */
};

static bool
is_many(struct tp_time from, struct tp_time to, const struct tp_candle_key *key)
{
    return to.us - from.us > MANY * tp_interval_find(key->interval)->us;
}

/* Narrows the range to what is stored, if that may be many: asking takes the server 30 ms when there are a hundred
 * partitions.  1: it is, 0, -1. */
static int
narrow(struct tp_db *db, struct tp_feed_opts *o, struct tp_err *err)
{
    struct tp_time to = tp_time_none(o->to) ? o->now : o->to, first, last;

    if (o->block_size < LEAST_BLOCK || (!tp_time_none(o->from) && !is_many(o->from, to, &o->key)))
        return 0;
    if (tp_candle_range(db, &o->key, &first, &last, err))
        return -1;
    if (tp_time_none(first))
        return 0;
    if (tp_time_none(o->from) || o->from.us < first.us)
        o->from = first;
    if (tp_time_none(o->to) || o->to.us > last.us)
        o->to = (struct tp_time){last.us + 1};
    return is_many(o->from, o->to, &o->key);
}

static void *
work(void *of)
{
    struct lane               *l = of;
    const struct tp_feed_opts *o = &l->feed->opts;
    size_t                     at;

    l->got = tp_candle_turns_begin(l->db, &o->key, o->from, o->to, &l->turns, &l->err) ? -1 : 1;
    while (l->got > 0 && (at = tp_ring_room(&l->ring)) != TP_RING_NONE) {
        l->got = tp_candle_bars_next(l->db, &l->block[at], &l->err);
        if (l->got > 0)
            tp_ring_put(&l->ring);
    }
    tp_ring_end(&l->ring);
    return NULL;
}

static int
start(struct tp_feed *f, struct tp_err *err)
{
    struct tp_db *const db[LANES] = {f->db, f->second};

    f->slots = TURN / f->opts.block_size + 2 > FEWEST_SLOTS ? TURN / f->opts.block_size + 2 : FEWEST_SLOTS;
    for (size_t i = 0; i < LANES; i++) {
        struct lane *l = &f->lane[i];

        *l = (struct lane){.feed = f, .db = db[i], .turns = {(int64_t)i, LANES, TURN}};
        l->block = tp_alloc(f->slots * sizeof *l->block);
        for (size_t k = 0; k < f->slots; k++)
            tp_bars_init(&l->block[k], f->opts.block_size);
        tp_ring_init(&l->ring, f->slots);
        l->started = tp_ring_start(&l->thread, work, l);
        if (!l->started)
            return tp_fail(err, TP_EFAIL, "a thread to read the candles cannot be started");
    }
    return 0;
}

/* The second connection saves time, no more: whether there is one that sees what the first sees. */
static bool
has_second(struct tp_feed *f)
{
    struct tp_err why = TP_ERR_INIT;

    if (f->opts.more(f->opts.of, &f->second))
        f->second = NULL;
    if (f->second && tp_db_begin_still(f->second, f->db, &why)) {
        tp_db_close(f->second);
        f->second = NULL;
    }
    return f->second != NULL;
}

static int
begin(struct tp_feed *f, struct tp_err *err)
{
    int many;

    if (tp_db_begin_still(f->db, NULL, err) || (many = narrow(f->db, &f->opts, err)) < 0)
        return -1;
    if (many && has_second(f))
        return start(f, err);
    tp_bars_init(&f->given, f->opts.block_size);
    return tp_candle_bars_begin(f->db, &f->opts.key, f->opts.from, f->opts.to, err);
}

int
tp_feed_open(struct tp_feed **out, struct tp_db *db, const struct tp_feed_opts *opts, struct tp_err *err)
{
    struct tp_feed *f = tp_alloc(sizeof *f);
    struct tp_err   second = TP_ERR_INIT;

    *f = (struct tp_feed){.opts = *opts, .db = db, .last = INT64_MIN};
    if (begin(f, err)) {
        tp_feed_close(f, &second);
        return -1;
    }
    *out = f;
    return 0;
}

/* The lane's block in work, or the next: 1, 0 at the end, -1. */
static int
look(struct lane *l, struct tp_err *err)
{
    size_t slot;

    if (l->head && l->at == l->head->n) {
        l->head = NULL;
        tp_ring_done(&l->ring);
    }
    if (l->head)
        return 1;
    slot = tp_ring_next(&l->ring);
    if (slot == TP_RING_NONE) {
        if (l->got < 0)
            *err = l->err;
        return l->got;
    }
    l->head = &l->block[slot];
    l->at = 0;
    return 1;
}

/* The bars of the lane that are older than those of the other. */
static int
give(struct tp_feed *f, struct lane *l, const struct lane *other, struct tp_err *err)
{
    const struct tp_bars *b = l->head;
    int64_t               until = other->head ? other->head->time[other->at] : INT64_MAX;
    size_t                from = l->at;

    for (; l->at < b->n && b->time[l->at] < until && b->time[l->at] > f->last; l->at++)
        f->last = b->time[l->at];
    if (l->at == from)
        return tp_fail(err, TP_EDB, "the database gave candles out of their order");
    f->given = tp_bars_view(b, from, l->at - from);
    return 1;
}

int
tp_feed_next(struct tp_feed *f, const struct tp_bars **bars, struct tp_err *err)
{
    struct lane *a = &f->lane[0], *b = &f->lane[1];

    *bars = &f->given;
    if (!f->second)
        return tp_candle_bars_next(f->db, &f->given, err);
    if (look(a, err) < 0 || look(b, err) < 0)
        return -1;
    if (!a->head && !b->head)
        return 0;
    if (!b->head || (a->head && a->head->time[a->at] < b->head->time[b->at]))
        return give(f, a, b, err);
    return give(f, b, a, err);
}

static void
stop(struct tp_feed *f, struct lane *l)
{
    if (!l->block)
        return;
    if (l->started) {
        tp_ring_close(&l->ring);
        pthread_join(l->thread, NULL);
    }
    for (size_t i = 0; i < f->slots; i++)
        tp_bars_free(&l->block[i]);
    free(l->block);
    tp_ring_free(&l->ring);
}

int
tp_feed_close(struct tp_feed *f, struct tp_err *err)
{
    struct tp_err second = TP_ERR_INIT;
    int           rc = 0;

    if (!f)
        return 0;
    for (size_t i = 0; i < LANES; i++)
        stop(f, &f->lane[i]);
    if (!f->second)
        tp_bars_free(&f->given);
    else if (tp_db_in_transaction(f->second))
        tp_db_rollback(f->second, &second);
    tp_db_close(f->second);
    /* Whoever wants no more leaves the candles before they end. */
    if (tp_db_in_transaction(f->db))
        rc = tp_db_rollback(f->db, err);
    free(f);
    return rc;
}
