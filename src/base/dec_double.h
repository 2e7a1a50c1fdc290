/* The one way from a double to a decimal; for strategy/ and backtest/metric.c alone. */
#ifndef TP_BASE_DEC_DOUBLE_H
#define TP_BASE_DEC_DOUBLE_H

#include <math.h>

#include "base/dec.h"

/* The nearest multiple of 1e-8, ties away from zero, worked out exactly.  -1 with TP_EINPUT for na,
 * infinity and what has more than 28 digits. */
static inline int
tp_dec_from_double(struct tp_dec *out, double value, struct tp_err *err)
{
    int     exponent;
    double  fraction = frexp(fabs(value), &exponent);
    tp_i128 units;

    if (!isfinite(value) || fabs(value) >= 1e20)
        return tp_fail(err, TP_EINPUT, "value %g is out of range", value);
    /* 53 bits times 27 bits: exact in 128. */
    units = (tp_i128)ldexp(fraction, 53) * TP_DEC_ONE;
    exponent -= 53;
    if (exponent >= 0)
        units <<= exponent;
    else if (exponent < -100)
        units = 0;
    else
        units = (units + ((tp_i128)1 << (-exponent - 1))) >> -exponent;
    out->units = value < 0 ? -units : units;
    return 0;
}

#endif
