#include "base/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/banned.h"

static int
fail_at(struct tp_err *err, const yaml_mark_t *mark, const char *what)
{
    return tp_fail(err, TP_EINPUT, "line %zu column %zu: %s", mark->line + 1, mark->column + 1, what);
}

static int
next(yaml_parser_t *p, yaml_event_t *e, struct tp_err *err)
{
    if (yaml_parser_parse(p, e))
        return 0;
    return fail_at(err, &p->problem_mark, p->problem ? p->problem : "not valid YAML");
}

static json_t *
scalar(const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;
    size_t      n = e->data.scalar.length;

    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        if (n == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
            return json_null();
        if (strcmp(text, "true") == 0)
            return json_true();
        if (strcmp(text, "false") == 0)
            return json_false();
    }
    return strlen(text) == n ? json_stringn(text, n) : NULL; /* a NUL ends no text */
}

static int read_node(yaml_parser_t *p, yaml_event_t *e, int depth, json_t **out, struct tp_err *err);

static int
read_pair(yaml_parser_t *p, yaml_event_t *e, int depth, json_t *into, struct tp_err *err)
{
    TP_AUTO_FREE char *key = NULL;
    json_t            *value = NULL;
    yaml_event_t       of;
    int                got;

    if (e->type != YAML_SCALAR_EVENT)
        return fail_at(err, &e->start_mark, "a key must be plain text");
    if (e->data.scalar.anchor || e->data.scalar.tag)
        return fail_at(err, &e->start_mark, "anchors, aliases and tags are not allowed");
    key = tp_strndup((const char *)e->data.scalar.value, e->data.scalar.length);
    if (strlen(key) != e->data.scalar.length)
        return fail_at(err, &e->start_mark, "a key holds a NUL");
    if (strcmp(key, "<<") == 0)
        return fail_at(err, &e->start_mark, "merge keys are not allowed");
    if (json_object_get(into, key))
        return fail_at(err, &e->start_mark, "the key stands here twice");
    if (next(p, &of, err))
        return -1;
    got = read_node(p, &of, depth, &value, err);
    yaml_event_delete(&of);
    if (got)
        return -1;
    return json_object_set_new(into, key, value)
               ? fail_at(err, &e->start_mark, "the key holds bytes that are not allowed")
               : 0;
}

static int
read_node(yaml_parser_t *p, yaml_event_t *e, int depth, json_t **out, struct tp_err *err)
{
    bool map = e->type == YAML_MAPPING_START_EVENT;

    if (e->type == YAML_ALIAS_EVENT
        || (e->type == YAML_SCALAR_EVENT && (e->data.scalar.anchor || e->data.scalar.tag))
        || (e->type == YAML_SEQUENCE_START_EVENT
            && (e->data.sequence_start.anchor || e->data.sequence_start.tag))
        || (map && (e->data.mapping_start.anchor || e->data.mapping_start.tag)))
        return fail_at(err, &e->start_mark, "anchors, aliases and tags are not allowed");
    if (e->type == YAML_SCALAR_EVENT) {
        *out = scalar(e);
        return *out ? 0 : fail_at(err, &e->start_mark, "the text holds bytes that are not allowed");
    }
    if (depth >= TP_JSON_DEPTH)
        return fail_at(err, &e->start_mark, "more than 64 levels of nesting");
    *out = map ? json_object() : json_array();
    for (;;) {
        yaml_event_t in;
        json_t      *item = NULL;
        int          got;

        if (next(p, &in, err))
            break;
        if (in.type == YAML_MAPPING_END_EVENT || in.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&in);
            return 0;
        }
        if (map)
            got = read_pair(p, &in, depth + 1, *out, err);
        else if ((got = read_node(p, &in, depth + 1, &item, err)) == 0)
            got = json_array_append_new(*out, item);
        yaml_event_delete(&in);
        if (got)
            break;
    }
    json_decref(*out);
    *out = NULL;
    return -1;
}

static int
read_stream(yaml_parser_t *p, json_t **out, struct tp_err *err)
{
    for (;;) {
        yaml_event_t    e;
        yaml_event_type_t type;
        int             got = 0;

        if (next(p, &e, err))
            return -1;
        type = e.type;
        if (type == YAML_DOCUMENT_START_EVENT) {
            if (*out)
                got = fail_at(err, &e.start_mark, "more than one document");
            else if (e.data.document_start.version_directive
                     || e.data.document_start.tag_directives.start != e.data.document_start.tag_directives.end)
                got = fail_at(err, &e.start_mark, "directives are not allowed");
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT
                   && type != YAML_DOCUMENT_END_EVENT) {
            got = read_node(p, &e, 0, out, err);
        }
        yaml_event_delete(&e);
        if (got)
            return -1;
        if (type == YAML_STREAM_END_EVENT)
            return *out ? 0 : tp_fail(err, TP_EINPUT, "the text is empty");
    }
}

int
tp_yaml_parse(const char *text, size_t n, json_t **out, struct tp_err *err)
{
    yaml_parser_t parser;
    int           got;

    *out = NULL;
    if (n > TP_YAML_SIZE)
        return tp_fail(err, TP_EINPUT, "the text has %zu bytes, at most %d are read", n, TP_YAML_SIZE);
    if (!tp_text_utf8(text, n))
        return tp_fail(err, TP_EINPUT, "the text is not UTF-8");
    if (!yaml_parser_initialize(&parser))
        return tp_fail(err, TP_EFAIL, "libyaml does not start");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    got = read_stream(&parser, out, err);
    yaml_parser_delete(&parser);
    if (got) {
        json_decref(*out);
        *out = NULL;
    }
    return got;
}
