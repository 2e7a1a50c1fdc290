/* Slots that one thread fills and one other empties, in turn, and the start of such a thread. */
#ifndef TP_BASE_RING_H
#define TP_BASE_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* The slots themselves are the owner's; the ring tells whose turn each is. */
struct tp_ring {
    size_t slots;
    pthread_mutex_t lock; /* of the rest */
    pthread_cond_t changed;
    size_t put, taken;
    bool ended, closed;
};

#define TP_RING_NONE ((size_t)-1)

void tp_ring_init(struct tp_ring *r, size_t slots);
void tp_ring_free(struct tp_ring *r);

/* The filling side: waits for an empty slot and gives its number, TP_RING_NONE when the other side
 * wants no more. */
size_t tp_ring_room(struct tp_ring *r);
void tp_ring_put(struct tp_ring *r);   /* that slot is full */
void tp_ring_drain(struct tp_ring *r); /* waits until all slots are empty */
void tp_ring_end(struct tp_ring *r);   /* nothing more will come */

/* The emptying side: waits for a full slot and gives its number, TP_RING_NONE at the end. */
size_t tp_ring_next(struct tp_ring *r);
void tp_ring_done(struct tp_ring *r);  /* that slot is empty again */
void tp_ring_close(struct tp_ring *r); /* nothing more is wanted */

/* Starts a thread that no signal interrupts.  False: there is none, and the caller does the work.
 */
bool tp_ring_start(pthread_t *thread, void *(*work)(void *), void *of);

#endif
