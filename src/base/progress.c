#include "base/progress.h"

#include <stdio.h>
#include <time.h>

#include "base/banned.h"
#include "base/text.h"

#define EVERY_US 200000

static int64_t
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* 1234567 as "1,234,567". */
static void
grouped(struct tp_buf *to, int64_t n)
{
    char digits[24];
    int  len = snprintf(digits, sizeof digits, "%lld", (long long)n);

    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            tp_buf_char(to, ',');
        tp_buf_char(to, digits[i]);
    }
}

void
tp_progress_draw(struct tp_progress *p, const char *what, int64_t candles, int percent)
{
    TP_AUTO_BUF line = {0};
    int64_t     now, took;

    if (p->off)
        return;
    now = now_us();
    if (!p->begun_us) {
        p->begun_us = now;
        p->next_us = now + EVERY_US;
    }
    if (now < p->next_us)
        return;
    p->next_us = now + EVERY_US;
    took = now - p->begun_us;
    tp_buf_fmt(&line, "\r\033[K%s: ", what);
    grouped(&line, candles);
    tp_buf_text(&line, " candles, ");
    if (percent > 0) {
        tp_buf_fmt(&line, "%d %%, %lld s left", percent,
                   (long long)(took * (100 - percent) / percent / 1000000));
    } else {
        grouped(&line, candles * 1000000 / (took ? took : 1));
        tp_buf_text(&line, " a second");
    }
    fwrite(line.at, 1, line.n, stderr);
    fflush(stderr);
    p->shown = true;
}

void
tp_progress_clear(struct tp_progress *p)
{
    if (!p->shown)
        return;
    fputs("\r\033[K", stderr);
    p->shown = false;
}

void
tp_progress_end(struct tp_progress *p)
{
    tp_progress_clear(p);
    p->begun_us = 0;
}
