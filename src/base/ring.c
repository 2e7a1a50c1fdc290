#include "base/ring.h"

#include <signal.h>

#include "base/banned.h"

void
tp_ring_init(struct tp_ring *r, size_t slots)
{
    *r = (struct tp_ring){.slots = slots};
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
}

void
tp_ring_free(struct tp_ring *r)
{
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
}

size_t
tp_ring_room(struct tp_ring *r)
{
    size_t slot;

    pthread_mutex_lock(&r->lock);
    while (r->put - r->taken == r->slots && !r->closed)
        pthread_cond_wait(&r->changed, &r->lock);
    slot = r->closed ? TP_RING_NONE : r->put % r->slots;
    pthread_mutex_unlock(&r->lock);
    return slot;
}

size_t
tp_ring_next(struct tp_ring *r)
{
    size_t slot;

    pthread_mutex_lock(&r->lock);
    while (r->put == r->taken && !r->ended)
        pthread_cond_wait(&r->changed, &r->lock);
    slot = r->put == r->taken ? TP_RING_NONE : r->taken % r->slots;
    pthread_mutex_unlock(&r->lock);
    return slot;
}

void
tp_ring_drain(struct tp_ring *r)
{
    pthread_mutex_lock(&r->lock);
    while (r->put != r->taken)
        pthread_cond_wait(&r->changed, &r->lock);
    pthread_mutex_unlock(&r->lock);
}

/* Counts or marks under the lock and wakes the other side. */
static void
change(struct tp_ring *r, size_t put, size_t taken, bool ended, bool closed)
{
    pthread_mutex_lock(&r->lock);
    r->put += put;
    r->taken += taken;
    r->ended |= ended;
    r->closed |= closed;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

void
tp_ring_put(struct tp_ring *r)
{
    change(r, 1, 0, false, false);
}

void
tp_ring_done(struct tp_ring *r)
{
    change(r, 0, 1, false, false);
}

void
tp_ring_end(struct tp_ring *r)
{
    change(r, 0, 0, true, false);
}

void
tp_ring_close(struct tp_ring *r)
{
    change(r, 0, 0, false, true);
}

bool
tp_ring_start(pthread_t *thread, void *(*work)(void *), void *of)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(thread, NULL, work, of) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}
