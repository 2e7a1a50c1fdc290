#include "report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* Where Debian's libjs-dygraphs puts it (Debian JavaScript policy). */
#define FOLDER "/usr/share/javascript/dygraphs/"
#define TOO_BIG (4u << 20)

static bool
slurp(struct tp_buf *out, const char *path)
{
    FILE  *f = fopen(path, "re");
    char   block[16384];
    size_t n;

    if (!f)
        return false;
    while ((n = fread(block, 1, sizeof block, f)) > 0 && out->n < TOO_BIG)
        tp_buf_put(out, block, n);
    n = (size_t)ferror(f);
    fclose(f);
    return n == 0 && out->n > 0 && out->n < TOO_BIG && !memchr(out->at, 0, out->n);
}

bool
tp_report_dygraphs(struct tp_buf *script, struct tp_buf *style)
{
    char *map;

    tp_buf_clear(script);
    tp_buf_clear(style);
    if (!slurp(script, FOLDER "dygraph.min.js") || !slurp(style, FOLDER "dygraph.min.css")
        || strstr(script->at, "</script") || strstr(script->at, "<!--") || strstr(style->at, "</style")) {
        tp_buf_clear(script);
        tp_buf_clear(style);
        return false;
    }
    /* The last line points to a map that a browser's tools would fetch. */
    map = strstr(script->at, "//# sourceMappingURL=");
    if (map)
        script->n = (size_t)(map - script->at), *map = '\0';
    map = strstr(style->at, "/*# sourceMappingURL=");
    if (map)
        style->n = (size_t)(map - style->at), *map = '\0';
    return true;
}
