/* Halts: stops on everything that opens something, until they are lifted. */
#ifndef TP_RISK_HALT_H
#define TP_RISK_HALT_H

#include "base/record.h"

/* A row of tp.risk_halts.  It halts what all of its account, bot and environment name; none: any. */
struct tp_halt {
    struct tp_uuid id, user_id, account_id, bot_id;
    char           environment[11];
    char           reason[256];
    char           halted_by[256];
    struct tp_time halted_at;
    char           resumed_by[256];
    struct tp_time resumed_at;
};

extern const struct tp_record tp_halt_record;

/* Whether two halts are of the same scope. */
bool tp_halt_same(const struct tp_halt *a, const struct tp_halt *b);

#endif
