/* The door to libyaml: one YAML document as a JSON tree. */
#ifndef TP_BASE_YAML_H
#define TP_BASE_YAML_H

#include "base/json.h"

/* Mappings, sequences and scalars; plain true, false and null are those values, every other scalar is a
 * string with its exact text.  Anchors, aliases, tags, a key twice, more than 64 levels or 256 kB, and a
 * second document are refused: TP_EINPUT with the line.  The caller owns *out. */
int tp_yaml_parse(const char *text, size_t n, json_t **out, struct tp_err *err);

#endif
