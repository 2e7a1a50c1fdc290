/* Funding (R16): when it is exchanged, and what positions pay and receive. */
#ifndef TP_TRADE_FUNDING_H
#define TP_TRADE_FUNDING_H

#include "trade/match.h"

/* Whether an instrument has funding: perpetuals do, spot does not; one whose type nobody knows has it when rates are
 * given, or the knob by hand. */
bool tp_funding_applies(const struct tp_knobs *knobs, const struct tp_symbol *symbol, bool rates);

/* R2 step 1: stamps up to the bar's open, on what is carried in. */
int tp_funding_open(struct tp_match *m, struct tp_err *err);
/* Before the path and behind it: stamps inside the bar. */
void tp_funding_enter(struct tp_match *m);
int  tp_funding_leave(struct tp_match *m, struct tp_err *err);
/* Inside the path: a fill has changed a leg, or is about to end its round trip. */
void tp_funding_changed(struct tp_match *m, int side);
int  tp_funding_ends(struct tp_match *m, int side, struct tp_err *err);
/* The bar is over. */
void tp_funding_done(struct tp_match *m);

/* Whether something is held and a stamp lies before this time. */
static inline bool
tp_funding_due(const struct tp_match *m, struct tp_time by)
{
    return m->funding.on && (m->book->leg[0].side || m->book->leg[1].side) && m->funding.stamp.us < by.us;
}

#endif
