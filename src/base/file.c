#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

int
tp_file_read(const char *path, size_t max, struct tp_buf *to, struct tp_err *err)
{
    char    safe[200];
    size_t  start = to->n;
    int     fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    tp_text_safe(safe, sizeof safe, path, strlen(path));
    if (fd < 0)
        return tp_fail(err, errno == ENOENT ? TP_EMISSING : TP_EFAIL, "%s: %s", safe, strerror(errno));
    for (;;) {
        n = read(fd, tp_buf_reserve(to, 65536), 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        to->n += (size_t)n;
        if (to->n - start > max)
            break;
    }
    if (n < 0) {
        tp_fail(err, TP_EFAIL, "%s: %s", safe, strerror(errno));
        close(fd);
        return -1;
    }
    close(fd);
    if (to->n - start > max)
        return tp_fail(err, TP_EINPUT, "%s: larger than %zu bytes", safe, max);
    tp_buf_reserve(to, 0)[0] = '\0';
    return 0;
}
