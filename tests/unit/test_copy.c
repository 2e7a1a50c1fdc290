/* Rows of COPY's binary format: what is written is read back, and what does not fit is told. */
#include "base/copy.h"

#include <string.h>

#include "tests/unit/tap.h"

static struct tp_dec
dec(const char *text)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d = TP_DEC_NONE;

    tp_dec_parse(text, strlen(text), &d, &err);
    return d;
}

static void
round_trip(void)
{
    static const char *const values[] = {"0", "1", "-1", "0.00000001", "9999", "10000", "99990000", "0.0001", "0.00009999",
                                         "12345.6789", "-0.5", "99999999999999999999.99999999", "100000000",
                                         "184467440737.09551616"};
    struct tp_buf            row = {0};
    struct tp_copy_row       in;
    size_t                   n;

    tp_copy_begin(&row);
    tp_copy_row(&row, (int)TP_COUNT(values) + 6);
    for (size_t i = 0; i < TP_COUNT(values); i++)
        tp_copy_dec(&row, dec(values[i]));
    tp_copy_dec(&row, TP_DEC_NONE);
    tp_copy_int8(&row, INT64_MIN);
    tp_copy_int8(&row, -7);
    tp_copy_time(&row, 1650000000000001);
    tp_copy_text(&row, "1m", 2);
    tp_copy_text(&row, NULL, 0);
    ok(tp_copy_open(&in, row.at, row.n, (int)TP_COUNT(values) + 6), "the row is found behind the signature");
    for (size_t i = 0; i < TP_COUNT(values); i++)
        ok(tp_copy_get_dec(&in).units == dec(values[i]).units, "%s comes back", values[i]);
    ok(tp_dec_none(tp_copy_get_dec(&in)) && tp_copy_get_int8(&in) == INT64_MIN, "null comes back");
    ok(tp_copy_get_int8(&in) == -7, "a whole number comes back");
    ok(tp_copy_get_time(&in) == 1650000000000001, "a time comes back");
    ok(memcmp(tp_copy_get(&in, &n), "1m", 2) == 0 && n == 2, "a text comes back");
    ok(!tp_copy_get(&in, &n) && !in.wrong, "no text comes back");
    tp_copy_get(&in, &n);
    ok(in.wrong, "reading past the row's end is wrong");
    tp_buf_free(&row);
}

static void
refusals(void)
{
    static const struct {
        const char *what, *bytes;
        size_t      n;
    } cases[] = {
        {"NaN", "\0\1" "\0\0\0\10" "\0\0\0\0\300\0\0\0", 14},
        {"more than eight places", "\0\1" "\0\0\0\12" "\0\1\377\375\0\0\0\14\0\1", 16},
        {"too large", "\0\1" "\0\0\0\12" "\0\1\0\7\0\0\0\0\0\1", 16},
        {"a length that lies", "\0\1" "\0\0\0\12" "\0\2\0\0\0\0\0\0\0\1", 16},
        {"a row that ends early", "\0\1" "\0\0\0\12" "\0\1", 8},
    };
    struct tp_copy_row in;

    for (size_t i = 0; i < TP_COUNT(cases); i++) {
        ok(tp_copy_open(&in, cases[i].bytes, cases[i].n, 1), "%s: a row", cases[i].what);
        tp_copy_get_dec(&in);
        ok(in.wrong, "%s is told", cases[i].what);
    }
    ok(!tp_copy_open(&in, "\377\377", 2, 1), "the last message holds no row");
}

int
main(void)
{
    round_trip();
    refusals();
    return done();
}
