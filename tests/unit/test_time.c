#include "base/time.h"
#include "market/interval.h"

#include "tap.h"

static void
parsing(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"2025-12-09", "2025-12-09T00:00:00.000000Z"},
        {"2025-12-09T00:00:00Z", "2025-12-09T00:00:00.000000Z"},
        {"2025-12-09 01:02:03.5", "2025-12-09T01:02:03.500000Z"},
        {"2025-12-09T01:02:03.123456Z", "2025-12-09T01:02:03.123456Z"},
        {"2025-12-09T01:02:03.1234560Z", "2025-12-09T01:02:03.123456Z"},
        {"2025-12-09T01:02:03.1234567Z", NULL},
        {"2025-12-09T01:02:03+07:00", "2025-12-08T18:02:03.000000Z"},
        {"2025-12-09T01:02:03-0530", "2025-12-09T06:32:03.000000Z"},
        {"2025-12-09 00:00:00+00", "2025-12-09T00:00:00.000000Z"},
        {"2024-02-29", "2024-02-29T00:00:00.000000Z"},
        {"2023-02-29", NULL},
        {"1900-02-29", NULL},
        {"2000-02-29", "2000-02-29T00:00:00.000000Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"0001-01-01", "0001-01-01T00:00:00.000000Z"},
        {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
        {"0001-01-01T00:00:00+01:00", NULL},
        {"9999-12-31T23:59:59-01:00", NULL},
        {"2025-13-01", NULL},
        {"2025-12-09T24:00:00Z", NULL},
        {"2025-12-09T00:00:60Z", NULL},
        {"2025-12-09T00:00:00Zx", NULL},
        {"2025-12-09T23:59:59.000001z", "2025-12-09T23:59:59.000001Z"},
        {"2025-02-29T00:00:00.000000Z", NULL},
        {"0000-12-09T00:00:00.000000Z", NULL},
        {"2025-00-09T00:00:00.000000Z", NULL},
        {"2025-12-00T00:00:00.000000Z", NULL},
        {"2025-12-09T24:00:00.000000Z", NULL},
        {"2025-12-09T00:60:00.000000Z", NULL},
        {"2025-12-09T00:00:60.000000Z", NULL},
        {"2025-12-09T00:00:00.0000000", "2025-12-09T00:00:00.000000Z"},
        {"2025-12-09T00:00:00:000000Z", NULL},
        {"2025:12:09T00:00:00.000000Z", NULL},
        {"2o25-12-09T00:00:00.000000Z", NULL},
        {"2025-12-0:T00:00:00.000000Z", NULL},
        {"2025-12-09T00:00:00.00/000Z", NULL},
        {"2025-12-09T0\xB0:00:00.000000Z", NULL},
        {"1.70027E+12", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tp_err  err = TP_ERR_INIT;
        struct tp_time t;
        char           out[TP_TIME_TEXT];
        int            rc = tp_time_parse(cases[i].text, strlen(cases[i].text), &t, &err);

        if (!rc)
            tp_time_print(out, t);
        is(rc ? NULL : out, cases[i].want, "time '%s'", cases[i].text);
    }
}

static void
epochs(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"1640995200", "2022-01-01T00:00:00.000000Z"},
        {"1640995200000", "2022-01-01T00:00:00.000000Z"},
        {"1735689600000000", "2025-01-01T00:00:00.000000Z"},
        {"1735689600000000000", "2025-01-01T00:00:00.000000Z"},
        {"0", "1970-01-01T00:00:00.000000Z"},
        {"1.70027E+12", NULL},
        {"", NULL},
        {"-", NULL},
        {"99999999999999", "5138-11-16T09:46:39.999000Z"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tp_err  err = TP_ERR_INIT;
        struct tp_time t;
        char           out[TP_TIME_TEXT];
        int            rc = tp_time_parse_epoch(cases[i].text, strlen(cases[i].text), &t, &err);

        if (!rc)
            tp_time_print(out, t);
        is(rc ? NULL : out, cases[i].want, "epoch '%s'", cases[i].text);
    }
}

static void
calendar(void)
{
    int64_t day = -719162; /* 0001-01-01 */
    bool    same = true;
    char    out[TP_TIME_TEXT];

    for (; day < 2932896; day += 13) {
        struct tp_civil c = tp_time_civil((struct tp_time){day * TP_US_DAY + 5});

        same &= tp_time_of(c).us == day * TP_US_DAY + 5;
    }
    ok(same, "days of ten thousand years convert there and back");
    ok(tp_day_of_week(0) == 4, "1970-01-01 was a Thursday");
    ok(tp_day_of_week(-4) == 7, "1969-12-28 was a Sunday");
    tp_time_print(out, tp_interval_floor(tp_interval_find("1w"),
                                         (struct tp_time){INT64_C(1765238400000000)})); /* 2025-12-09 */
    is(out, "2025-12-08T00:00:00.000000Z", "weeks begin on Monday");
    tp_time_print(out, tp_interval_floor(tp_interval_find("4h"), (struct tp_time){-1}));
    is(out, "1969-12-31T20:00:00.000000Z", "bars before 1970 round down too");
    ok(tp_interval_find("2m") == NULL, "2m is not an interval");
}

/* Digits are read and printed by the word: against printf, with every field moving. */
static void
both_ways(void)
{
    struct tp_err err = TP_ERR_INIT;
    bool          printed = true, read = true;

    for (int i = 0; i < 20000; i++) {
        struct tp_civil c = {1 + i * 7 % 9999, 1 + i % 12, 1 + i % 28, i % 24, i * 7 % 60, i * 11 % 60, i * 49999 % 1000000};
        struct tp_time  t = tp_time_of(c), back;
        char            want[64], out[TP_TIME_TEXT];

        snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour, c.minute,
                 c.second, c.us);
        printed &= tp_time_print(out, t) == strlen(want) && strcmp(out, want) == 0;
        read &= !tp_time_parse(out, strlen(out), &back, &err) && back.us == t.us;
    }
    ok(printed, "twenty thousand times print as printf prints them");
    ok(read, "and are read again");
}

int
main(void)
{
    parsing();
    both_ways();
    epochs();
    calendar();
    return done();
}
