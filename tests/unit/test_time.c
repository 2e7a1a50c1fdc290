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

int
main(void)
{
    parsing();
    epochs();
    calendar();
    return done();
}
