#include "strategy/indicator/indicator.h"

#include <string.h>

#define TP_INDICATOR(name) extern const struct tp_indicator tp_indicator_##name;
#include "strategy/indicator/table.def"
#undef TP_INDICATOR

static const struct tp_indicator *const table[] = {
#define TP_INDICATOR(name) &tp_indicator_##name,
#include "strategy/indicator/table.def"
#undef TP_INDICATOR
};

const struct tp_indicator *
tp_indicator_at(size_t i)
{
    return i < sizeof table / sizeof *table ? table[i] : NULL;
}

const struct tp_indicator *
tp_indicator_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i]->name) == len && memcmp(table[i]->name, name, len) == 0)
            return table[i];
    return NULL;
}
