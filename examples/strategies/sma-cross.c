/* Fast and slow average cross as a program of its own, in C alone.
 *
 *     cc -O2 -o sma-cross sma-cross.c
 *     tp-backtest run --strategy exec:./sma-cross --param fast=10 --param slow=30 candles.csv */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000 /* bars of the slow average */

static char   line[1 << 20];
static double closes[MOST + 2]; /* the newest last */
static size_t n, fast = 10, slow = 30;

/* Where the value of a member begins; NULL when there is none.  Lines of the engine have no blanks. */
static const char *
member(const char *key)
{
    char        what[40];
    const char *at;

    snprintf(what, sizeof what, "\"%s\":", key);
    at = strstr(line, what);
    return at ? at + strlen(what) + (at[strlen(what)] == '"') : NULL;
}

static int
says(const char *what)
{
    const char *t = member("t");

    return t && strncmp(t, what, strlen(what)) == 0;
}

static size_t
count(const char *key, size_t otherwise)
{
    const char *at = member(key);
    size_t      value = at ? (size_t)strtoul(at, NULL, 10) : otherwise;

    return value >= 1 && value <= MOST ? value : otherwise;
}

static void
add(double value)
{
    if (n == slow + 1)
        memmove(closes, closes + 1, --n * sizeof *closes);
    closes[n++] = value;
}

/* Mean of the many closes that end `ago` bars ago. */
static double
mean(size_t many, size_t ago)
{
    double sum = 0;

    for (size_t i = n - ago - many; i < n - ago; i++)
        sum += closes[i];
    return sum / (double)many;
}

static void
bar(void)
{
    double before, now;

    add(strtod(member("c"), NULL));
    if (n == slow + 1 && !strstr(line, "\"warm\":true")) {
        before = mean(fast, 1) - mean(slow, 1);
        now = mean(fast, 0) - mean(slow, 0);
        if (before <= 0 && now > 0)
            puts("{\"t\":\"target\",\"side\":\"LONG\",\"equity_pct\":\"95\",\"reason\":\"entry.long\"}");
        if (before >= 0 && now < 0)
            puts("{\"t\":\"target\",\"side\":\"SHORT\",\"equity_pct\":\"95\",\"reason\":\"entry.short\"}");
    }
    printf("{\"t\":\"done\",\"seq\":%lu}\n", strtoul(member("seq"), NULL, 10));
}

/* What snapshot was answered, after a restart: a list of numbers. */
static void
restore(void)
{
    const char *at = member("closes");
    char       *end;

    for (at = at && *at == '[' ? at + 1 : NULL; at && *at && *at != ']'; at = *end == ',' ? end + 1 : end) {
        double value = strtod(at, &end);

        if (end == at)
            return;
        add(value);
    }
}

int
main(void)
{
    while (fgets(line, sizeof line, stdin)) {
        if (says("hello")) {
            puts("{\"t\":\"ready\",\"v\":1,\"name\":\"sma-cross.c\",\"deterministic\":true,\"snapshot\":true}");
        } else if (says("init")) {
            fast = count("fast", fast);
            slow = count("slow", slow);
            restore();
        } else if (says("bar")) {
            bar();
        } else if (says("snapshot")) {
            printf("{\"t\":\"state\",\"data\":{\"closes\":[");
            for (size_t i = 0; i < n; i++)
                printf("%s%.17g", i ? "," : "", closes[i]);
            puts("]}}");
        }
        fflush(stdout);
    }
    return 0;
}
