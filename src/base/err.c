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

int
(tp_where)(struct tp_err *err, const char *fmt, ...)
{
    char    old[sizeof err->msg];
    va_list ap;
    int     n;

    memcpy(old, err->msg, sizeof old);
    va_start(ap, fmt);
    n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof err->msg)
        snprintf(err->msg + n, sizeof err->msg - (size_t)n, ": %.*s", (int)sizeof old - n, old);
    return -1;
}

const char *
tp_code_text(enum tp_code code)
{
    switch (code) {
#define X(name, value, text)                                                                       \
    case name:                                                                                     \
        return text;
        TP_CODES(X)
#undef X
    }
    return "unknown";
}
