#include "base/param.h"

#include <stdio.h>

#include "base/banned.h"

struct tp_param
tp_p_text(const char *text)
{
    return (struct tp_param){.text = text};
}

struct tp_param
tp_p_int(int64_t value)
{
    struct tp_param p = {.own = value != INT64_MIN};

    if (p.own)
        snprintf(p.buf, sizeof p.buf, "%lld", (long long)value);
    return p;
}

struct tp_param
tp_p_dec(struct tp_dec value)
{
    struct tp_param p = {0};

    p.own = tp_dec_print(p.buf, value, TP_DEC_SCALE) > 0;
    return p;
}

struct tp_param
tp_p_rate(struct tp_rate value)
{
    struct tp_param p = {0};

    p.own = tp_rate_print(p.buf, value) > 0;
    return p;
}

struct tp_param
tp_p_time(struct tp_time value)
{
    struct tp_param p = {0};

    p.own = tp_time_print(p.buf, value) > 0;
    return p;
}

struct tp_param
tp_p_day(int64_t day)
{
    struct tp_param p = {0};

    p.own = tp_day_print(p.buf, day) > 0;
    return p;
}

struct tp_param
tp_p_uuid(struct tp_uuid value)
{
    struct tp_param p = {0};

    p.own = tp_uuid_print(p.buf, value) > 0;
    return p;
}

struct tp_param
tp_p_bool(int value)
{
    return (struct tp_param){.text = value < 0 ? NULL : value ? "true" : "false"};
}

const char *
tp_p_value(const struct tp_param *p)
{
    return p->own ? p->buf : p->text;
}
