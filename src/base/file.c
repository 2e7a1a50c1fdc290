#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/prog.h"

static int
fail(const char *path, enum tp_code code, struct tp_err *err)
{
    const char *why = strerror(errno);
    char        safe[200];

    return tp_fail(err, code, "%s: %s", tp_text_safe(safe, sizeof safe, path, strlen(path)), why);
}

int
tp_file_open(const char *path, int *fd, struct tp_err *err)
{
    *fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? fail(path, errno == ENOENT ? TP_EMISSING : TP_EFAIL, err) : 0;
}

void
tp_file_close(int fd)
{
    if (fd > STDIN_FILENO)
        close(fd);
}

/* Reads on until the end or until there are more than max bytes. */
static int
read_on(int fd, const char *path, size_t max, struct tp_buf *to, struct tp_err *err)
{
    size_t start = to->n;

    while (to->n - start <= max) {
        ssize_t n = read(fd, tp_buf_reserve(to, 65536), 65536);

        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return fail(path, TP_EFAIL, err);
        if (n < 0 && tp_stopped(err))
            return -1;
        to->n += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int
tp_file_read(const char *path, size_t max, struct tp_buf *to, struct tp_err *err)
{
    size_t start = to->n;
    char   safe[200];
    int    fd, rc;

    if (tp_file_open(path, &fd, err))
        return -1;
    rc = read_on(fd, path, max, to, err);
    tp_file_close(fd);
    if (rc)
        return -1;
    if (to->n - start > max)
        return tp_fail(err, TP_EINPUT, "%s: larger than %zu bytes",
                       tp_text_safe(safe, sizeof safe, path, strlen(path)), max);
    tp_buf_reserve(to, 0)[0] = '\0';
    return 0;
}

/* Writes n bytes to a file that is opened so; it gets the mode of the one that was there. */
static int
write_all(const char *path, int flags, const struct stat *was, const char *text, size_t n)
{
    int    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | flags, 0666), saved;
    size_t at = 0;

    if (fd < 0)
        return -1;
    if (was && fchmod(fd, was->st_mode & 07777))
        goto failed;
    while (at < n) {
        ssize_t put = write(fd, text + at, n - at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            goto failed;
        at += (size_t)put;
    }
    return close(fd);
failed:
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int
tp_file_write(const char *path, const char *text, size_t n, struct tp_err *err)
{
    char        part[4096];
    struct stat was;
    bool        there = lstat(path, &was) == 0;
    int         saved;

    if (there && !S_ISREG(was.st_mode))
        return write_all(path, 0, NULL, text, n) ? fail(path, TP_EFAIL, err) : 0;
    if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part) {
        errno = ENAMETOOLONG;
        return fail(path, TP_EFAIL, err);
    }
    if (write_all(part, O_NOFOLLOW, there ? &was : NULL, text, n) == 0 && rename(part, path) == 0)
        return 0;
    saved = errno;
    unlink(part);
    errno = saved;
    return fail(path, TP_EFAIL, err);
}
