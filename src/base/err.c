#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

int
(tp_fail)(struct tp_err *err, enum tp_code code, const char *fmt, ...)
{
    va_list ap;

    err->code = code;
    err->sqlstate[0] = '\0';
    err->hint[0] = '\0';
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    return -1;
}

int
(tp_hint)(struct tp_err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(err->hint, sizeof err->hint, fmt, ap);
    va_end(ap);
    return -1;
}

__attribute__((format(printf, 2, 0))) static void
put_before(struct tp_err *err, const char *fmt, va_list ap)
{
    char old[sizeof err->msg];
    int  n;

    memcpy(old, err->msg, sizeof old);
    n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    if (n >= 0 && (size_t)n < sizeof err->msg)
        snprintf(err->msg + n, sizeof err->msg - (size_t)n, ": %.*s", (int)sizeof old - n, old);
}

int
(tp_where)(struct tp_err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_before(err, fmt, ap);
    va_end(ap);
    return -1;
}

int
(tp_usage)(struct tp_err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put_before(err, fmt, ap);
    va_end(ap);
    err->code = TP_EUSAGE;
    return -1;
}
