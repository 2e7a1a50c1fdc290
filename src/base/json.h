/* The door to jansson: strict JSON trees for what is nested; numbers of foreign texts stay exact. */
#ifndef TP_BASE_JSON_H
#define TP_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "base/dec.h"
#include "base/err.h"
#include "base/text.h"

#define TP_JSON_DEPTH 64

void tp_cleanup_json(json_t **j);
#define TP_AUTO_JSON __attribute__((cleanup(tp_cleanup_json))) json_t *

/* Our own texts: duplicate keys and more than 64 levels are refused; numbers as they are.  The caller
 * owns *out.  -1 with TP_EINPUT naming line and column, never quoting the text. */
int tp_json_parse(const char *text, size_t n, json_t **out, struct tp_err *err);
/* Texts of others (exchanges, files): every bare number becomes a string with its exact digits. */
int tp_json_parse_foreign(const char *text, size_t n, json_t **out, struct tp_err *err);
/* Whether a text is an object, and nothing else; -1 with TP_EINPUT. */
int tp_json_object(const char *text, struct tp_err *err);
/* Compact, keys sorted bytewise: the form that is hashed and stored. */
void tp_json_print(const json_t *j, struct tp_buf *to);
/* A member as text (a string, or a number of a foreign text); NULL when absent or null. */
const char *tp_json_text(const json_t *object, const char *key);
/* A member as an exact decimal; out is TP_DEC_NONE when absent, null or "". */
int tp_json_dec(const json_t *object, const char *key, struct tp_dec *out, struct tp_err *err);
int tp_json_int(const json_t *object, const char *key, int64_t *out, struct tp_err *err);

#endif
