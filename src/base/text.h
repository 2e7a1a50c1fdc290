/* Memory that never fails, growing buffers, arenas and text helpers. */
#ifndef TP_BASE_TEXT_H
#define TP_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, aligned to 16; out of memory ends the program with status 1.  Free with free(). */
void *tp_alloc(size_t size);
/* Like realloc, but never returns NULL (size > 0); new bytes are not zeroed. */
void *tp_realloc(void *old, size_t size);
/* A copy of text, or of its first n bytes; owned by the caller. */
char *tp_strdup(const char *text);
char *tp_strndup(const char *text, size_t n);

/* Text that grows.  Start with {0}; at is NUL-terminated once anything was put in. */
struct tp_buf {
    char  *at;
    size_t n, room;
};

/* Makes sure that n more bytes and a NUL fit and returns where they go; the caller adds to b->n. */
char *tp_buf_grow(struct tp_buf *b, size_t n); /* when they do not */
static inline char *
tp_buf_reserve(struct tp_buf *b, size_t n)
{
    return b->room - b->n > n ? b->at + b->n : tp_buf_grow(b, n);
}

void tp_buf_put(struct tp_buf *b, const void *data, size_t n);
void tp_buf_text(struct tp_buf *b, const char *text);
void tp_buf_char(struct tp_buf *b, char c);
void tp_buf_fmt(struct tp_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void  tp_buf_clear(struct tp_buf *b); /* empties, keeps the memory */
void  tp_buf_free(struct tp_buf *b);

/* An arena hands out memory that is freed in one call. */
struct tp_arena {
    struct tp_arena_block *last;
};

void       *tp_arena_get(struct tp_arena *a, size_t size); /* zeroed, aligned to 16 */
const char *tp_arena_text(struct tp_arena *a, const char *text, size_t n);
void        tp_arena_free(struct tp_arena *a);

/* Copies text into a field of size bytes; false (and nothing copied) when it does not fit. */
bool tp_text_set(char *field, size_t size, const char *text, size_t n);
/* The same of a whole string. */
bool tp_text_copy(char *field, size_t size, const char *text);
/* Whether the n bytes are valid UTF-8 without NUL (surrogates and overlong forms are not). */
bool tp_text_utf8(const char *text, size_t n);
/* The word among the NULL-ended choices nearest to text (edit distance at most 2), or NULL. */
const char *tp_text_nearest(const char *text, const char *const *choices);
/* Whether text is one of the NULL-ended choices. */
bool tp_text_in(const char *text, const char *const *choices);
/* Whether it is UTF-8 without control characters, line separators and changes of direction. */
bool tp_text_plain(const char *text, size_t n);
/* The same, at least one character, and no blanks. */
bool tp_text_word(const char *text, size_t n);
/* Prints text safely for a message: control characters and invalid UTF-8 become '?', cut at size - 1. */
const char *tp_text_safe(char *out, size_t size, const char *text, size_t n);
/* Whole-text number from min to max; false when it is anything else. */
bool tp_text_int(const char *text, size_t n, int64_t min, int64_t max, int64_t *out);

void tp_cleanup_free(void *p); /* p points to the pointer */
void tp_cleanup_buf(struct tp_buf *b);
void tp_cleanup_arena(struct tp_arena *a);
#define TP_AUTO_FREE __attribute__((cleanup(tp_cleanup_free)))
#define TP_AUTO_BUF __attribute__((cleanup(tp_cleanup_buf))) struct tp_buf
#define TP_AUTO_ARENA __attribute__((cleanup(tp_cleanup_arena))) struct tp_arena

#define TP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
