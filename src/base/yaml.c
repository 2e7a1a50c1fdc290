#include "base/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/banned.h"

#define YAML_MAX (256 * 1024)

struct reader {
    yaml_parser_t  parser;
    struct tp_err *err;
};

static int
bad(struct reader *r, const yaml_event_t *e, const char *why)
{
    return tp_fail(r->err, TP_EINPUT, "line %zu: %s", e->start_mark.line + 1, why);
}

static int
next(struct reader *r, yaml_event_t *e)
{
    if (yaml_parser_parse(&r->parser, e))
        return 0;
    return tp_fail(r->err, TP_EINPUT, "line %zu: not YAML: %s", r->parser.problem_mark.line + 1,
                   r->parser.problem ? r->parser.problem : "malformed");
}

static json_t *
scalar(const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;

    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        if (strcmp(text, "true") == 0)
            return json_true();
        if (strcmp(text, "false") == 0)
            return json_false();
        if (strcmp(text, "null") == 0 || strcmp(text, "~") == 0 || !*text)
            return json_null();
    }
    return json_stringn(text, e->data.scalar.length); /* NULL: a NUL byte or invalid UTF-8 */
}

static int read_node(struct reader *r, const yaml_event_t *e, int depth, json_t **out);

static int
read_list(struct reader *r, int depth, json_t *list)
{
    yaml_event_t e;
    json_t      *item;
    int          rc = 0;

    while (rc == 0) {
        if (next(r, &e))
            return -1;
        if (e.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&e);
            return 0;
        }
        rc = read_node(r, &e, depth, &item);
        yaml_event_delete(&e);
        if (rc == 0)
            json_array_append_new(list, item);
    }
    return -1;
}

static int
read_map(struct reader *r, int depth, json_t *map)
{
    yaml_event_t key, e;
    json_t      *item;
    int          rc = 0;

    while (rc == 0) {
        if (next(r, &key))
            return -1;
        if (key.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&key);
            return 0;
        }
        if (key.type != YAML_SCALAR_EVENT)
            rc = bad(r, &key, "a key must be a plain word");
        else if (json_object_get(map, (const char *)key.data.scalar.value))
            rc = bad(r, &key, "a key stands twice");
        if (rc == 0 && next(r, &e) == 0) {
            rc = read_node(r, &e, depth, &item);
            yaml_event_delete(&e);
            if (rc == 0 && json_object_set_new(map, (const char *)key.data.scalar.value, item))
                rc = bad(r, &key, "a key is not valid UTF-8");
        } else {
            rc = -1;
        }
        yaml_event_delete(&key);
    }
    return -1;
}

static int
read_node(struct reader *r, const yaml_event_t *e, int depth, json_t **out)
{
    int rc = 0;

    *out = NULL;
    if (depth > TP_JSON_DEPTH)
        return bad(r, e, "too many levels");
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        if (e->data.scalar.anchor || e->data.scalar.tag)
            return bad(r, e, "anchors and tags are not supported");
        *out = scalar(e);
        return *out ? 0 : bad(r, e, "text is not valid UTF-8");
    case YAML_SEQUENCE_START_EVENT:
        if (e->data.sequence_start.anchor || e->data.sequence_start.tag)
            return bad(r, e, "anchors and tags are not supported");
        *out = json_array();
        rc = read_list(r, depth + 1, *out);
        break;
    case YAML_MAPPING_START_EVENT:
        if (e->data.mapping_start.anchor || e->data.mapping_start.tag)
            return bad(r, e, "anchors and tags are not supported");
        *out = json_object();
        rc = read_map(r, depth + 1, *out);
        break;
    case YAML_ALIAS_EVENT:
        return bad(r, e, "aliases are not supported");
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return bad(r, e, "want a value");
    }
    if (rc) {
        json_decref(*out);
        *out = NULL;
    }
    return rc;
}

static int
read_document(struct reader *r, json_t **out)
{
    yaml_event_t e;
    int          rc = 0;

    for (;;) {
        bool over;

        if (next(r, &e))
            return -1;
        over = e.type == YAML_STREAM_END_EVENT;
        if (e.type == YAML_DOCUMENT_START_EVENT && *out) {
            rc = bad(r, &e, "want one document");
        } else if (e.type != YAML_STREAM_START_EVENT && e.type != YAML_STREAM_END_EVENT
                   && e.type != YAML_DOCUMENT_START_EVENT && e.type != YAML_DOCUMENT_END_EVENT) {
            rc = read_node(r, &e, 0, out);
        }
        yaml_event_delete(&e);
        if (rc || over)
            break;
    }
    if (rc == 0 && !*out)
        rc = tp_fail(r->err, TP_EINPUT, "the document is empty");
    return rc;
}

int
tp_yaml_parse(const char *text, size_t n, json_t **out, struct tp_err *err)
{
    struct reader r = {.err = err};
    int           rc;

    *out = NULL;
    if (n > YAML_MAX)
        return tp_fail(err, TP_EINPUT, "the document has more than %d bytes", YAML_MAX);
    if (!yaml_parser_initialize(&r.parser))
        return tp_fail(err, TP_EFAIL, "out of memory");
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    rc = read_document(&r, out);
    yaml_parser_delete(&r.parser);
    if (rc && *out) {
        json_decref(*out);
        *out = NULL;
    }
    return rc;
}
