#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

static void
out_of_memory(void)
{
    static const char msg[] = "tp: error: out of memory\n";

    /* Nothing that allocates may run here, so the words go out with write(2). */
    if (write(STDERR_FILENO, msg, sizeof msg - 1) < 0)
        _exit(1);
    _exit(1);
}

void *
tp_alloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);

    if (!p)
        out_of_memory();
    return p;
}

void *
tp_realloc(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);

    if (!p)
        out_of_memory();
    return p;
}

char *
tp_strndup(const char *text, size_t n)
{
    char *p = tp_alloc(n + 1);

    memcpy(p, text, n);
    return p;
}

char *
tp_strdup(const char *text)
{
    return tp_strndup(text, strlen(text));
}

char *
tp_buf_grow(struct tp_buf *b, size_t n)
{
    size_t room = b->room ? b->room : 256;

    while (room - b->n < n + 1)
        room *= 2;
    b->at = tp_realloc(b->at, room);
    b->room = room;
    return b->at + b->n;
}

void
tp_buf_put(struct tp_buf *b, const void *data, size_t n)
{
    char *to = tp_buf_reserve(b, n);

    if (n)
        memcpy(to, data, n);
    to[n] = '\0';
    b->n += n;
}

void
tp_buf_text(struct tp_buf *b, const char *text)
{
    tp_buf_put(b, text, strlen(text));
}

void
tp_buf_char(struct tp_buf *b, char c)
{
    tp_buf_put(b, &c, 1);
}

void
tp_buf_fmt(struct tp_buf *b, const char *fmt, ...)
{
    va_list ap;
    int     n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    tp_buf_reserve(b, (size_t)n);
    va_start(ap, fmt);
    vsnprintf(b->at + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void
tp_buf_clear(struct tp_buf *b)
{
    b->n = 0;
    if (b->at)
        b->at[0] = '\0';
}

void
tp_buf_free(struct tp_buf *b)
{
    free(b->at);
    *b = (struct tp_buf){0};
}

struct tp_arena_block {
    struct tp_arena_block *before;
    size_t                 used, room;
    _Alignas(16) char data[];
};

void *
tp_arena_get(struct tp_arena *a, size_t size)
{
    struct tp_arena_block *block = a->last;
    void                  *p;

    size = (size + 15) & ~(size_t)15;
    if (!block || block->room - block->used < size) {
        size_t room = size > 16384 ? size : 16384;

        block = tp_alloc(sizeof *block + room);
        block->room = room;
        block->before = a->last;
        a->last = block;
    }
    p = block->data + block->used;
    block->used += size;
    return p;
}

const char *
tp_arena_text(struct tp_arena *a, const char *text, size_t n)
{
    char *p = tp_arena_get(a, n + 1);

    memcpy(p, text, n);
    return p;
}

void
tp_arena_free(struct tp_arena *a)
{
    while (a->last) {
        struct tp_arena_block *before = a->last->before;

        free(a->last);
        a->last = before;
    }
}

bool
tp_text_set(char *field, size_t size, const char *text, size_t n)
{
    if (n >= size)
        return false;
    memcpy(field, text, n);
    field[n] = '\0';
    return true;
}

bool
tp_text_copy(char *field, size_t size, const char *text)
{
    return tp_text_set(field, size, text, strlen(text));
}

/* Length of the UTF-8 sequence at p (1 to 4), 0 when it is not one. */
static size_t
utf8_at(const unsigned char *p, size_t left)
{
    uint32_t code;
    size_t   len;

    if (p[0] < 0x80)
        return p[0] != 0;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        len = 2, code = p[0] & 0x1F;
    else if (p[0] >= 0xE0 && p[0] <= 0xEF)
        len = 3, code = p[0] & 0x0F;
    else if (p[0] >= 0xF0 && p[0] <= 0xF4)
        len = 4, code = p[0] & 0x07;
    else
        return 0;
    if (left < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3F);
    }
    if ((len == 3 && code < 0x800) || (len == 4 && (code < 0x10000 || code > 0x10FFFF))
        || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    return len;
}

/* Not zero when one of eight bytes is zero or has its high bit set. */
static inline uint64_t
odd_bytes(const unsigned char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return (word | ((word - UINT64_C(0x0101010101010101)) & ~word)) & UINT64_C(0x8080808080808080);
}

bool
tp_text_utf8(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t               i = 0;

    while (i < n) {
        size_t len;

        /* Plain bytes by the word, four of them while they last. */
        if (n - i >= 32 && !(odd_bytes(p + i) | odd_bytes(p + i + 8) | odd_bytes(p + i + 16) | odd_bytes(p + i + 24))) {
            i += 32;
            continue;
        }
        if (n - i >= 8 && !odd_bytes(p + i)) {
            i += 8;
            continue;
        }
        /* What is left of a longer text, together with what stands before it. */
        if (n >= 8 && n - i < 8 && !odd_bytes(p + n - 8))
            return true;
        len = utf8_at(p + i, n - i);
        if (!len)
            return false;
        i += len;
    }
    return true;
}

static size_t
edit_distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b), row[64];

    if (na >= TP_COUNT(row) || nb >= TP_COUNT(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[nb];
}

const char *
tp_text_nearest(const char *text, const char *const *choices)
{
    const char *found = NULL;
    size_t      best = 3;

    for (; *choices; choices++) {
        size_t d = edit_distance(text, *choices);

        if (d < best) {
            best = d;
            found = *choices;
        }
    }
    return found;
}

bool
tp_text_in(const char *text, const char *const *choices)
{
    for (; *choices; choices++)
        if (strcmp(text, *choices) == 0)
            return true;
    return false;
}

/* Whether a character does something to a terminal instead of being shown: the control characters of ASCII
 * and of Latin-1, line separators, and what turns the direction of writing. */
static bool
acts(const unsigned char *p, size_t len)
{
    if (len == 1)
        return p[0] < 0x20 || p[0] == 0x7F;
    if (len == 2)
        return p[0] == 0xC2 && p[1] < 0xA0;
    return len == 3 && p[0] == 0xE2
           && ((p[1] == 0x80 && p[2] >= 0xA8 && p[2] <= 0xAE) || (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
}

bool
tp_text_plain(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t               i = 0, len;

    for (; i < n; i += len) {
        len = utf8_at(p + i, n - i);
        if (!len || acts(p + i, len))
            return false;
    }
    return true;
}

bool
tp_text_word(const char *text, size_t n)
{
    return n && !memchr(text, ' ', n) && tp_text_plain(text, n);
}

const char *
tp_text_safe(char *out, size_t size, const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t               i = 0, used = 0;

    while (i < n) {
        size_t len = utf8_at(p + i, n - i);

        if (used + (len ? len : 1) >= size)
            break;
        if (len == 0 || acts(p + i, len)) {
            out[used++] = '?';
            i += len ? len : 1;
        } else {
            memcpy(out + used, p + i, len);
            used += len;
            i += len;
        }
    }
    out[used] = '\0';
    return out;
}

bool
tp_text_int(const char *text, size_t n, int64_t min, int64_t max, int64_t *out)
{
    int64_t value = 0;
    size_t  i = 0;
    bool    minus = false;

    if (n && (text[0] == '-' || text[0] == '+')) {
        minus = text[0] == '-';
        i = 1;
    }
    if (i == n)
        return false;
    for (; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, (int64_t)10, &value)
            || __builtin_sub_overflow(value, (int64_t)(text[i] - '0'), &value))
            return false;
    }
    /* Collected as a negative number, since its range is the larger one. */
    if (!minus) {
        if (value == INT64_MIN)
            return false;
        value = -value;
    }
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

void
tp_cleanup_free(void *p)
{
    free(*(void **)p);
}

void
tp_cleanup_buf(struct tp_buf *b)
{
    tp_buf_free(b);
}

void
tp_cleanup_arena(struct tp_arena *a)
{
    tp_arena_free(a);
}
