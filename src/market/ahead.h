/* Reads blocks of candles in a second thread while the caller works on those before. */
#ifndef TP_MARKET_AHEAD_H
#define TP_MARKET_AHEAD_H

#include "market/read.h"

struct tp_ahead;

/* The reader is borrowed, and is the thread's alone until the close.  Only for sources that never
 * keep a reader waiting (files): the close waits for the block in the making. */
void tp_ahead_open(struct tp_ahead **out, struct tp_reader *reader, size_t block_size);
/* The next block, valid until the call after: 1, 0 at the end, -1. */
int tp_ahead_next(struct tp_ahead *a, const struct tp_bars **bars, struct tp_err *err);
void tp_ahead_close(struct tp_ahead *a); /* NULL is fine */

#endif
