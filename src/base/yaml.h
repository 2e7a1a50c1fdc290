/* The door to libyaml: a strict subset of YAML becomes a JSON tree. */
#ifndef TP_BASE_YAML_H
#define TP_BASE_YAML_H

#include <stddef.h>

#include "base/json.h"

#define TP_YAML_SIZE (256 * 1024)

/* One document of mappings, sequences and scalars.  Numbers stay the text they were (strings); plain
 * true, false, null and ~ are what they say; nothing else is guessed, dates are text.  Refused with
 * TP_EINPUT, line and column: anchors, aliases, tags, merge keys, a second document, duplicate keys,
 * keys that are not scalars, 64 levels, 256 kB, what is not UTF-8.  The caller owns *out. */
int tp_yaml_parse(const char *text, size_t n, json_t **out, struct tp_err *err);

#endif
