/* One line on a person's terminal that tells how far long work has come. */
#ifndef TP_BASE_PROGRESS_H
#define TP_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct tp_progress {
    bool    off;   /* stderr is no terminal, or -q was given */
    bool    shown; /* the line stands on the terminal */
    int64_t begun_us, next_us; /* monotonic; 0: not begun */
};

/* Draws "what: 1,234,567 candles, 35 %, 4 s left", at most five times a second.  percent -1: not known;
 * then the speed is told instead of the time that is left. */
void tp_progress_draw(struct tp_progress *p, const char *what, int64_t candles, int percent);
/* Takes the line away, before a message or at the end; the next draw begins anew after `end`. */
void tp_progress_clear(struct tp_progress *p);
void tp_progress_end(struct tp_progress *p);

#endif
