/* TAP for unit tests: ok(), is(), and done() at the end of main. */
#ifndef TP_TESTS_TAP_H
#define TP_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

/* One test: its title is a sentence about behaviour. */
__attribute__((format(printf, 2, 3), unused)) static bool
ok(bool good, const char *title, ...)
{
    va_list ap;

    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    va_start(ap, title);
    vprintf(title, ap);
    va_end(ap);
    putchar('\n');
    tap_failed += !good;
    return good;
}

/* Two texts that must be equal; NULL is a value too. */
__attribute__((format(printf, 3, 4), unused)) static bool
is(const char *got, const char *want, const char *title, ...)
{
    bool    good = got && want ? strcmp(got, want) == 0 : got == want;
    char    text[400];
    va_list ap;

    va_start(ap, title);
    vsnprintf(text, sizeof text, title, ap);
    va_end(ap);
    ok(good, "%s", text);
    if (!good)
        printf("#  got: %s\n# want: %s\n", got ? got : "(null)", want ? want : "(null)");
    return good;
}

/* A test that cannot run here, with the reason. */
__attribute__((unused)) static void
skip(const char *title, const char *reason)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_count, title, reason);
}

static int
done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed != 0;
}

#endif
