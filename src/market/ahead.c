#include "market/ahead.h"

#include <stdlib.h>

#include "base/banned.h"
#include "base/ring.h"

#define BLOCKS 3 /* one in work, one ready, one being read */

struct tp_ahead {
    struct tp_reader *reader;
    struct tp_bars block[BLOCKS];
    bool threaded, lent; /* lent: the caller has a block */
    pthread_t thread;
    struct tp_ring ring; /* of the blocks */
    int got;             /* how reading ended; known once the ring has */
    struct tp_err err;
};

static void *
work(void *of)
{
    struct tp_ahead *a = of;
    size_t at;

    while ((at = tp_ring_room(&a->ring)) != TP_RING_NONE) {
        a->got = tp_reader_next(a->reader, &a->block[at], &a->err);
        if (a->got <= 0)
            break;
        tp_ring_put(&a->ring);
    }
    tp_ring_end(&a->ring);
    return NULL;
}

void
tp_ahead_open(struct tp_ahead **out, struct tp_reader *reader, size_t block_size)
{
    struct tp_ahead *a = tp_alloc(sizeof *a);

    a->reader = reader;
    for (size_t i = 0; i < BLOCKS; i++)
        tp_bars_init(&a->block[i], block_size);
    tp_ring_init(&a->ring, BLOCKS);
    a->threaded = tp_ring_start(&a->thread, work, a);
    *out = a;
}

int
tp_ahead_next(struct tp_ahead *a, const struct tp_bars **bars, struct tp_err *err)
{
    size_t at;

    if (!a->threaded) {
        *bars = &a->block[0];
        return tp_reader_next(a->reader, &a->block[0], err);
    }
    if (a->lent)
        tp_ring_done(&a->ring);
    at = tp_ring_next(&a->ring);
    a->lent = at != TP_RING_NONE;
    if (a->lent) {
        *bars = &a->block[at];
        return 1;
    }
    if (a->got < 0)
        *err = a->err;
    return a->got;
}

void
tp_ahead_close(struct tp_ahead *a)
{
    if (!a)
        return;
    if (a->threaded) {
        tp_ring_close(&a->ring);
        pthread_join(a->thread, NULL);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        tp_bars_free(&a->block[i]);
    tp_ring_free(&a->ring);
    free(a);
}
