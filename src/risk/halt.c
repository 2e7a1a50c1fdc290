#include "risk/halt.h"

#include <string.h>

#include "base/banned.h"
#include "trade/order.h"

static const struct tp_field fields[] = {
    F_UUID(struct tp_halt, id, "UUID version 7"),
    F_UUID(struct tp_halt, user_id, "whose trading is halted", .wide = true),
    F_UUID(struct tp_halt, account_id, "the account; null: any"),
    F_UUID(struct tp_halt, bot_id, "the bot; null: any"),
    F_TEXT(struct tp_halt, environment, "the environment; null: any", .choices = tp_environments),
    F_TEXT(struct tp_halt, reason, "why"),
    F_TEXT(struct tp_halt, halted_by, "who halted"),
    F_TIME(struct tp_halt, halted_at, "when"),
    F_TEXT(struct tp_halt, resumed_by, "who lifted it", .wide = true),
    F_TIME(struct tp_halt, resumed_at, "when; null while it holds", .wide = true),
    F_STOP,
};

const struct tp_record tp_halt_record = {"risk_halt", "a stop on orders that open something", fields,
                                         sizeof(struct tp_halt)};

bool
tp_halt_same(const struct tp_halt *a, const struct tp_halt *b)
{
    return tp_uuid_equal(a->account_id, b->account_id) && tp_uuid_equal(a->bot_id, b->bot_id)
           && strcmp(a->environment, b->environment) == 0;
}
