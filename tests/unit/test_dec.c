#include "base/dec.h"

#include "tap.h"

static void
parsing(void)
{
    static const struct {
        const char *text, *want; /* want NULL: refused */
    } cases[] = {
        {"0", "0.00000000"},
        {"1", "1.00000000"},
        {"-1.5", "-1.50000000"},
        {"+2.25", "2.25000000"},
        {"0.00000001", "0.00000001"},
        {"0.000000010000", "0.00000001"},
        {"0.000000001", NULL},
        {".5", "0.50000000"},
        {"5.", "5.00000000"},
        {"99999999999999999999.99999999", "99999999999999999999.99999999"},
        {"-99999999999999999999.99999999", "-99999999999999999999.99999999"},
        {"100000000000000000000", NULL},
        {"00000000000000000000000000000001", "1.00000000"},
        {"123456789012345678", "123456789012345678.00000000"},
        {"1234567890.12345678", "1234567890.12345678"},
        {"", NULL},
        {"-", NULL},
        {".", NULL},
        {"1.2.3", NULL},
        {"1e5", NULL},
        {" 1", NULL},
        {"1 ", NULL},
        {"0x10", NULL},
        {"NaN", NULL},
        {"1,5", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tp_err err = TP_ERR_INIT;
        struct tp_dec d;
        char          out[TP_DEC_TEXT];
        int           rc = tp_dec_parse(cases[i].text, strlen(cases[i].text), &d, &err);

        if (!rc)
            tp_dec_print(out, d, 8);
        is(rc ? NULL : out, cases[i].want, "'%s' reads as %s", cases[i].text,
           cases[i].want ? cases[i].want : "an error");
    }
}

static void
foreign(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"1.5e-3", "0.00150000"}, {"1E2", "100.00000000"},      {"12e-9", NULL},
        {"10e-9", "0.00000001"},  {"1e28", NULL},               {"0e999", "0.00000000"},
        {"1.70027E+12", "1700270000000.00000000"},              {"1e", NULL},
        {"e5", NULL},             {"0.1e1", "1.00000000"},      {"1e2000", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tp_err err = TP_ERR_INIT;
        struct tp_dec d;
        char          out[TP_DEC_TEXT];
        int           rc = tp_dec_parse_foreign(cases[i].text, strlen(cases[i].text), &d, &err);

        if (!rc)
            tp_dec_print(out, d, 8);
        is(rc ? NULL : out, cases[i].want, "foreign '%s'", cases[i].text);
    }
}

static struct tp_dec
dec(const char *text)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d = TP_DEC_NONE;

    tp_dec_parse(text, strlen(text), &d, &err);
    return d;
}

static void
rounding(void)
{
    static const struct {
        const char *a, *b;
        const char *want[6]; /* half away, half even, toward zero, away from zero, up, down */
    } cases[] = {
        {"0.00000001", "0.5", {"0.00000001", "0.00000000", "0.00000000", "0.00000001", "0.00000001", "0.00000000"}},
        {"0.00000003", "0.5", {"0.00000002", "0.00000002", "0.00000001", "0.00000002", "0.00000002", "0.00000001"}},
        {"-0.00000001", "0.5", {"-0.00000001", "0.00000000", "0.00000000", "-0.00000001", "0.00000000", "-0.00000001"}},
        {"0.00000001", "0.4", {"0.00000000", "0.00000000", "0.00000000", "0.00000001", "0.00000001", "0.00000000"}},
        {"-0.00000001", "0.6", {"-0.00000001", "-0.00000001", "0.00000000", "-0.00000001", "0.00000000", "-0.00000001"}},
        {"3", "2", {"6.00000000", "6.00000000", "6.00000000", "6.00000000", "6.00000000", "6.00000000"}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int rule = 0; rule < 6; rule++) {
            struct tp_err err = TP_ERR_INIT;
            struct tp_dec d;
            char          out[TP_DEC_TEXT];
            int rc = tp_dec_mul(&d, dec(cases[i].a), dec(cases[i].b), (enum tp_round)rule, &err);

            if (!rc)
                tp_dec_print(out, d, 8);
            is(rc ? NULL : out, cases[i].want[rule], "%s * %s under rule %d", cases[i].a, cases[i].b, rule);
        }
}

static void
limits(void)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d;
    char          out[TP_DEC_TEXT];

    ok(tp_dec_add(&d, TP_DEC_MAX, (struct tp_dec){1}, &err) && err.code == TP_EINPUT,
       "the largest value plus one unit is refused");
    ok(tp_dec_mul(&d, TP_DEC_MAX, TP_DEC_MAX, TP_HALF_AWAY, &err) && err.code == TP_EINPUT,
       "a product past 128 bits is refused");
    ok(tp_dec_div(&d, dec("1"), TP_DEC_ZERO, TP_HALF_AWAY, &err) && err.code == TP_EINPUT,
       "division by zero is refused");
    ok(!tp_dec_div(&d, dec("1"), dec("-3"), TP_HALF_AWAY, &err), "1 / -3 works");
    tp_dec_print(out, d, 8);
    is(out, "-0.33333333", "a negative divisor keeps the sign");
    ok(!tp_dec_muldiv(&d, dec("10000000000"), dec("10000000000"), dec("3"), TP_DOWN, &err), "10^20 / 3");
    tp_dec_print(out, d, 8);
    is(out, "33333333333333333333.33333333", "multiply and divide round once");
    ok(!tp_dec_to_step(&d, dec("123.456"), dec("0.05"), TP_TOWARD_ZERO, &err), "to a step");
    tp_dec_print_short(out, d);
    is(out, "123.45", "123.456 down to steps of 0.05");
    ok(!tp_dec_mul_rate(&d, dec("1000"), (struct tp_rate){100000000}, TP_UP, &err), "a rate");
    tp_dec_print_short(out, d);
    is(out, "0.1", "1000 at 0.0001");
    tp_dec_print(out, dec("2.675"), 2);
    is(out, "2.68", "two places, tie to even");
    tp_dec_print(out, dec("2.665"), 2);
    is(out, "2.66", "two places, tie to even the other way");
    is(tp_dec_print(out, TP_DEC_NONE, 8) ? out : "", "", "no value prints as nothing");
}

/* Digits are printed by the word: against printf around each power of ten. */
static void
printing(void)
{
    bool    same = true;
    int64_t power = 1;

    for (int i = 0; i <= 18; i++, power *= i <= 18 ? 10 : 1)
        for (int64_t near = -1; near <= 1; near++) {
            int64_t units = power * (i % 2 ? -1 : 1) + near, part = units < 0 ? -units : units;
            char    want[64], out[TP_DEC_TEXT];
            size_t  n = (size_t)snprintf(want, sizeof want, "%s%lld.%08lld", units < 0 ? "-" : "",
                                         (long long)(part / TP_DEC_ONE), (long long)(part % TP_DEC_ONE));

            if (tp_dec_print(out, (struct tp_dec){units}, 8) != n || strcmp(out, want) != 0) {
                is(out, want, "%lld units", (long long)units);
                same = false;
            }
        }
    ok(same, "numbers about each power of ten print as printf prints them");
}

int
main(void)
{
    parsing();
    printing();
    foreign();
    rounding();
    limits();
    return done();
}
