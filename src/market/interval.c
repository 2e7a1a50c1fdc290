#include "market/interval.h"

#include <string.h>

#include "base/banned.h"

static const struct tp_interval intervals[] = {
#define X(name, minutes) {#name, (minutes) * TP_US_MINUTE},
    TP_INTERVALS(X)
#undef X
};

const char *const tp_interval_names[] = {
#define X(name, minutes) #name,
    TP_INTERVALS(X)
#undef X
    NULL};

const struct tp_interval *
tp_interval_find(const char *name)
{
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
        if (strcmp(intervals[i].name, name) == 0)
            return &intervals[i];
    return NULL;
}

struct tp_time
tp_interval_floor(const struct tp_interval *i, struct tp_time t)
{
    /* 1970-01-01 was a Thursday: the week of Monday 1969-12-29 began three days before. */
    int64_t shift = i->us == 7 * TP_US_DAY ? 3 * TP_US_DAY : 0;
    int64_t since = t.us + shift;
    int64_t left = since % i->us;

    if (left < 0)
        left += i->us;
    return (struct tp_time){t.us - left};
}

bool
tp_interval_aligned(const struct tp_interval *i, struct tp_time t)
{
    return tp_interval_floor(i, t).us == t.us;
}
