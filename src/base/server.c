#include "base/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/text.h"

#define SOCKET_PATH_MAX 107 /* sun_path without its NUL */

static const char *
data_folder(char *out, size_t size)
{
    const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

    if (geteuid() == 0)
        snprintf(out, size, "/var/lib/tp");
    else if (xdg && *xdg)
        snprintf(out, size, "%s/tp", xdg);
    else
        snprintf(out, size, "%s/.local/share/tp", home ? home : "/nonexistent");
    return out;
}

int
tp_server_socket(char *dir, size_t size, struct tp_err *err)
{
    char        candidates[3][256], data[240], first[256] = "";
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    size_t      n = 0;

    if (runtime && *runtime)
        snprintf(candidates[n++], sizeof candidates[0], "%s/tp", runtime);
    if (geteuid() == 0)
        snprintf(candidates[n++], sizeof candidates[0], "/run/tp");
    snprintf(candidates[n++], sizeof candidates[0], "%s", data_folder(data, sizeof data));
    for (size_t i = 0; i < n; i++) {
        char        path[300];
        struct stat st;

        snprintf(path, sizeof path, "%s/.s.PGSQL.5432", candidates[i]);
        if (strlen(path) > SOCKET_PATH_MAX)
            continue;
        if (!first[0])
            tp_text_set(first, sizeof first, candidates[i], strlen(candidates[i]));
        if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
            tp_text_set(first, sizeof first, candidates[i], strlen(candidates[i]));
            break;
        }
    }
    if (!first[0] || !tp_text_set(dir, size, first, strlen(first)))
        return tp_fail(err, TP_EFAIL, "no folder is short enough for a server's socket");
    return 0;
}
