/* Slots between two threads: everything arrives, in order, and either side can end it. */
#include "base/ring.h"

#include "tap.h"

#define SLOTS 3

struct both {
    struct tp_ring ring;
    int slot[SLOTS];
    int wanted; /* after so many the taker closes; 0: never */
    int taken;
    bool ordered;
};

static void *
take(void *of)
{
    struct both *b = of;
    size_t at;

    while ((at = tp_ring_next(&b->ring)) != TP_RING_NONE) {
        b->ordered &= b->slot[at] == b->taken;
        b->taken++;
        if (b->taken == b->wanted)
            tp_ring_close(&b->ring);
        tp_ring_done(&b->ring);
    }
    return NULL;
}

static int
run(struct both *b, int n)
{
    pthread_t thread;
    int i = 0;

    *b = (struct both){.wanted = b->wanted, .ordered = true};
    tp_ring_init(&b->ring, SLOTS);
    if (!tp_ring_start(&thread, take, b))
        return -1;
    for (; i < n; i++) {
        size_t at = tp_ring_room(&b->ring);

        if (at == TP_RING_NONE)
            break;
        b->slot[at] = i;
        tp_ring_put(&b->ring);
    }
    tp_ring_drain(&b->ring);
    tp_ring_end(&b->ring);
    pthread_join(thread, NULL);
    tp_ring_free(&b->ring);
    return i;
}

int
main(void)
{
    struct both b = {.wanted = 0};

    ok(run(&b, 1000) == 1000 && b.taken == 1000 && b.ordered, "all that is put is taken, in order");
    ok(run(&b, 0) == 0 && b.taken == 0, "an end without anything before it ends the taker");
    b.wanted = 10;
    ok(run(&b, 1000) < 1000 && b.ordered, "a taker that wants no more stops the filler");
    return done();
}
