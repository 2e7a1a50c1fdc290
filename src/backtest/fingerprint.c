#include "backtest/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/digits.h"
#include "base/ring.h"

#define PIECE 2048 /* bars handed over at once */
#define PIECES 4
#define ALONE 8192 /* so many bars are digested before a thread is worth starting */
#define LINES 128  /* lines of text made at once */
#define LINE 160   /* bytes of the longest line: a time and five values below 2^63 */
#define VALUES 5

struct piece {
    size_t n;
    int64_t time[PIECE], value[VALUES][PIECE];
};

struct tp_fingerprint {
    struct tp_sha256 sha; /* of whoever takes pieces */
    bool ended;
    int64_t bars;
    struct piece *piece; /* PIECES of them, in turn */
    char text[TP_DIGITS_ROOM + LINES * LINE];
    bool threaded;
    pthread_t thread;
    struct tp_ring ring; /* of the pieces */
};

/* ---- text ------------------------------------------------------------------------------------ */

/* Writes v with eight places before `end`. */
static char *
put_value(char *end, int64_t v)
{
    char text[TP_DEC_TEXT];

    if (v >= 0) {
        char *at = tp_digits_put(end, tp_digits_text((uint32_t)(v % TP_DEC_ONE)));

        *--at = '.';
        return tp_digits_before(at, (uint64_t)(v / TP_DEC_ONE));
    }
    if (v != TP_COLUMN_NONE) {
        size_t n = tp_dec_print(text, (struct tp_dec){v}, TP_DEC_SCALE);

        memcpy(end - n, text, n);
        return end - n;
    }
    return end;
}

static char *
put_time(char *end, int64_t us)
{
    char *at = tp_digits_before(end, us < 0 ? 0 - (uint64_t)us : (uint64_t)us);

    if (us < 0)
        *--at = '-';
    return at;
}

/* Texts grow from the last line to the first, as their digits do. */
static void
digest(struct tp_fingerprint *f, const struct piece *p)
{
    for (size_t from = 0; from < p->n; from += LINES) {
        char *end = f->text + sizeof f->text, *at = end;
        size_t to = p->n - from < LINES ? p->n : from + LINES;

        for (size_t i = to; i-- > from;) {
            *--at = '\n';
            for (size_t c = VALUES; c-- > 0;) {
                at = put_value(at, p->value[c][i]);
                *--at = '|';
            }
            at = put_time(at, p->time[i]);
        }
        tp_sha256_add(&f->sha, at, (size_t)(end - at));
    }
}

/* ---- two threads ----------------------------------------------------------------------------- */

static void *
work(void *of)
{
    struct tp_fingerprint *f = of;
    size_t at;

    while ((at = tp_ring_next(&f->ring)) != TP_RING_NONE) {
        digest(f, &f->piece[at]);
        tp_ring_done(&f->ring);
    }
    return NULL;
}

static void
stop(struct tp_fingerprint *f)
{
    if (!f->threaded)
        return;
    tp_ring_end(&f->ring);
    pthread_join(f->thread, NULL);
    f->threaded = false;
}

/* ---- bars ------------------------------------------------------------------------------------ */

/* Bars with a value that does not fit the pieces. */
static void
add_wide(struct tp_fingerprint *f, const struct tp_bars *bars,
         const struct tp_column *const columns[VALUES])
{
    TP_AUTO_BUF text = {0};

    if (f->threaded)
        tp_ring_drain(&f->ring);
    for (size_t i = 0; i < bars->n; i++) {
        tp_buf_fmt(&text, "%lld", (long long)bars->time[i]);
        for (size_t c = 0; c < VALUES; c++) {
            char value[TP_DEC_TEXT];

            tp_dec_print(value, tp_column_get(columns[c], i), TP_DEC_SCALE);
            tp_buf_fmt(&text, "|%s", value);
        }
        tp_buf_char(&text, '\n');
    }
    tp_sha256_add(&f->sha, text.at, text.n);
}

void
tp_fingerprint_add(struct tp_fingerprint *f, const struct tp_bars *bars)
{
    const struct tp_column *const columns[VALUES] = {&bars->open, &bars->high, &bars->low,
                                                     &bars->close, &bars->volume};

    for (size_t c = 0; c < VALUES; c++)
        if (!columns[c]->narrow) {
            add_wide(f, bars, columns);
            return;
        }
    if (!f->threaded && f->bars >= ALONE)
        f->threaded = tp_ring_start(&f->thread, work, f);
    f->bars += (int64_t)bars->n;
    for (size_t from = 0; from < bars->n; from += PIECE) {
        size_t n = bars->n - from < PIECE ? bars->n - from : PIECE;
        struct piece *p;

        p = &f->piece[f->threaded ? tp_ring_room(&f->ring) : 0];
        p->n = n;
        memcpy(p->time, bars->time + from, n * sizeof *p->time);
        for (size_t c = 0; c < VALUES; c++)
            memcpy(p->value[c], columns[c]->narrow + from, n * sizeof *p->value[c]);
        if (f->threaded)
            tp_ring_put(&f->ring);
        else
            digest(f, p);
    }
}

void
tp_fingerprint_open(struct tp_fingerprint **out, const char *head, size_t n)
{
    struct tp_fingerprint *f = tp_alloc(sizeof *f);

    f->piece = tp_alloc(PIECES * sizeof *f->piece);
    tp_ring_init(&f->ring, PIECES);
    tp_sha256_init(&f->sha);
    tp_sha256_add(&f->sha, head, n);
    tp_sha256_add(&f->sha, "\n", 1);
    *out = f;
}

void
tp_fingerprint_end(struct tp_fingerprint *f, char out[TP_SHA256_TEXT])
{
    uint8_t sum[TP_SHA256_SIZE];

    stop(f);
    tp_sha256_end(&f->sha, sum);
    f->ended = true;
    if (out)
        tp_sha256_hex(sum, out);
}

void
tp_fingerprint_close(struct tp_fingerprint *f)
{
    if (!f)
        return;
    if (!f->ended)
        tp_fingerprint_end(f, NULL);
    tp_ring_free(&f->ring);
    free(f->piece);
    free(f);
}
