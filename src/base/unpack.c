#include "base/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/prog.h"
#include "base/text.h"

#define PIECE 65536

/* The library and the thirteen it needs cost 3 ms at every start, so it is opened when something is
 * packed.  Its soname has been this one since version 3.0. */
#define SONAME "libarchive.so.13"

#define CALLS(X)                                                                                   \
    X(archive_read_new)                                                                            \
    X(archive_read_free)                                                                           \
    X(archive_read_support_filter_gzip)                                                            \
    X(archive_read_support_filter_xz)                                                              \
    X(archive_read_support_filter_zstd)                                                            \
    X(archive_read_support_format_zip_streamable)                                                  \
    X(archive_read_support_format_raw)                                                             \
    X(archive_read_open)                                                                           \
    X(archive_read_next_header)                                                                    \
    X(archive_read_data)                                                                           \
    X(archive_format)                                                                              \
    X(archive_entry_filetype)                                                                      \
    X(archive_set_error)

struct calls {
    void *library;
#define X(call) __typeof__(&call) call;
    CALLS(X)
#undef X
};

struct tp_source {
    char            name[128];
    int             fd;     /* -1: memory */
    const char     *memory; /* what is left of it */
    size_t          left;
    struct archive *archive; /* NULL: plain bytes */
    struct calls    lib;
    char            first[PIECE]; /* read to know the kind; handed out first */
    size_t          n_first, at_first;
    char            piece[PIECE];
    int64_t         in, out;
    struct tp_err   failure; /* why the last read failed */
    struct tp_sha256 sha256; /* of the bytes as they come */
    int64_t         bytes;
};

static ssize_t
read_raw(struct tp_source *s, char *to, size_t room)
{
    ssize_t n;

    if (s->fd < 0) {
        size_t take = s->left < room ? s->left : room;

        if (take)
            memcpy(to, s->memory, take);
        s->memory += take;
        s->left -= take;
        return (ssize_t)take;
    }
    do
        n = read(s->fd, to, room);
    while (n < 0 && errno == EINTR && !tp_stopped(&s->failure));
    if (n < 0 && s->failure.code == TP_OK)
        tp_fail(&s->failure, TP_EFAIL, "%s: %s", s->name, strerror(errno));
    return n;
}

/* The bytes as they come, before unpacking. */
static ssize_t
raw(struct tp_source *s, char *to, size_t room)
{
    ssize_t n = read_raw(s, to, room);

    if (n > 0 && s->sha256.ctx) {
        tp_sha256_add(&s->sha256, to, (size_t)n);
        s->bytes += n;
    }
    return n;
}

/* Passes on why reading failed. */
static int
fail(const struct tp_source *s, struct tp_err *err)
{
    *err = s->failure;
    return -1;
}

static la_ssize_t
feed(struct archive *a, void *data, const void **bytes)
{
    struct tp_source *s = data;
    ssize_t           n;

    if (s->at_first < s->n_first) {
        *bytes = s->first + s->at_first;
        n = (ssize_t)(s->n_first - s->at_first);
        s->at_first = s->n_first;
    } else {
        n = raw(s, s->piece, sizeof s->piece);
        *bytes = s->piece;
        if (n < 0) {
            s->lib.archive_set_error(a, errno, "reading failed");
            return -1;
        }
    }
    s->in += n;
    return n;
}

/* Reads until there is enough to know the kind, or the end. */
static int
peek(struct tp_source *s, struct tp_err *err)
{
    while (s->n_first < 8) {
        ssize_t n = raw(s, s->first + s->n_first, sizeof s->first - s->n_first);

        if (n < 0)
            return fail(s, err);
        if (n == 0)
            break;
        s->n_first += (size_t)n;
    }
    return 0;
}

static bool
packed(const char *p, size_t n)
{
    static const struct {
        const char *magic;
        size_t      n;
    } kinds[] = {{"PK\3\4", 4}, {"\x1f\x8b", 2}, {"\xfd" "7zXZ", 5}, {"\x28\xb5\x2f\xfd", 4}};

    for (size_t i = 0; i < TP_COUNT(kinds); i++)
        if (n >= kinds[i].n && memcmp(p, kinds[i].magic, kinds[i].n) == 0)
            return true;
    return false;
}

static int
bad_archive(struct tp_source *s, struct tp_err *err)
{
    if (s->failure.code != TP_OK)
        return fail(s, err);
    return tp_fail(err, TP_EINPUT, "%s: the packed file is damaged or cut short", s->name);
}

/* The next regular member: 1, 0 when there is none, -1. */
static int
next_member(struct tp_source *s, struct tp_err *err)
{
    struct archive_entry *entry;
    int                   got;

    while ((got = s->lib.archive_read_next_header(s->archive, &entry)) == ARCHIVE_OK || got == ARCHIVE_WARN)
        if (s->lib.archive_entry_filetype(entry) == AE_IFREG || s->lib.archive_format(s->archive) == ARCHIVE_FORMAT_RAW)
            return 1;
    return got == ARCHIVE_EOF ? 0 : bad_archive(s, err);
}

static int
load(struct tp_source *s, struct tp_err *err)
{
    static const char *const names[] = {
#define X(call) #call,
        CALLS(X)
#undef X
    };
    void *at[] = {
#define X(call) &s->lib.call,
        CALLS(X)
#undef X
    };

    s->lib.library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; s->lib.library && i < TP_COUNT(names); i++) {
        void *call = dlsym(s->lib.library, names[i]);

        memcpy(at[i], &call, sizeof call); /* C has no cast from an object's to a function's address */
        if (!call) {
            dlclose(s->lib.library);
            s->lib.library = NULL;
        }
    }
    if (s->lib.library)
        return 0;
    tp_fail(err, TP_EFAIL, "%s: it is packed, and %s cannot be used to unpack it", s->name, SONAME);
    return tp_hint(err, "install libarchive, or unpack the file first");
}

static int
open_archive(struct tp_source *s, struct tp_err *err)
{
    int got;

    if (load(s, err))
        return -1;
    s->archive = s->lib.archive_read_new();
    if (!s->archive)
        return tp_fail(err, TP_EFAIL, "%s: cannot unpack", s->name);
    s->lib.archive_read_support_filter_gzip(s->archive);
    s->lib.archive_read_support_filter_xz(s->archive);
    s->lib.archive_read_support_filter_zstd(s->archive);
    s->lib.archive_read_support_format_zip_streamable(s->archive);
    s->lib.archive_read_support_format_raw(s->archive);
    if (s->lib.archive_read_open(s->archive, s, NULL, feed, NULL) != ARCHIVE_OK)
        return bad_archive(s, err);
    got = next_member(s, err);
    if (got == 0)
        return tp_fail(err, TP_EINPUT, "%s: the archive has no file in it", s->name);
    return got < 0 ? -1 : 0;
}

static int
begin(struct tp_source **out, struct tp_source *s, struct tp_err *err)
{
    if (peek(s, err) || (packed(s->first, s->n_first) && open_archive(s, err))) {
        tp_source_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

static int
open_source(struct tp_source **out, const char *path, bool hash, struct tp_err *err)
{
    struct tp_source *s = tp_alloc(sizeof *s);
    bool              standard = strcmp(path, "-") == 0;

    tp_text_safe(s->name, sizeof s->name, standard ? "standard input" : path,
                 standard ? 14 : strlen(path));
    s->fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0) {
        tp_fail(err, errno == ENOENT ? TP_EMISSING : TP_EFAIL, "%s: %s", s->name, strerror(errno));
        free(s);
        return -1;
    }
    if (hash)
        tp_sha256_init(&s->sha256);
    return begin(out, s, err);
}

int
tp_source_open(struct tp_source **out, const char *path, struct tp_err *err)
{
    return open_source(out, path, false, err);
}

int
tp_source_open_hashed(struct tp_source **out, const char *path, struct tp_err *err)
{
    return open_source(out, path, true, err);
}

int
tp_source_memory(struct tp_source **out, const char *data, size_t n, struct tp_err *err)
{
    struct tp_source *s = tp_alloc(sizeof *s);

    tp_text_set(s->name, sizeof s->name, "memory", 6);
    s->fd = -1;
    s->memory = data;
    s->left = n;
    return begin(out, s, err);
}

ssize_t
tp_source_read(struct tp_source *s, char *to, size_t room, struct tp_err *err)
{
    ssize_t n;

    if (!s->archive) {
        if (s->at_first < s->n_first) {
            size_t take = s->n_first - s->at_first < room ? s->n_first - s->at_first : room;

            memcpy(to, s->first + s->at_first, take);
            s->at_first += take;
            return (ssize_t)take;
        }
        n = raw(s, to, room);
        return n < 0 ? fail(s, err) : n;
    }
    n = s->lib.archive_read_data(s->archive, to, room);
    if (n < 0)
        return bad_archive(s, err);
    s->out += n;
    if (s->out > s->in * TP_UNPACK_RATIO + 1048576)
        return tp_fail(err, TP_EINPUT, "%s: it unpacks to more than %d times its size", s->name,
                       TP_UNPACK_RATIO);
    if (n == 0 && next_member(s, err) != 0)
        return tp_fail(err, TP_EINPUT, "%s: the archive has more than one file in it", s->name);
    return n;
}

int
tp_source_all(struct tp_source *s, size_t max, struct tp_buf *to, struct tp_err *err)
{
    size_t start = to->n;

    for (;;) {
        ssize_t n = tp_source_read(s, tp_buf_reserve(to, PIECE), PIECE - 1, err);

        if (n < 0)
            return -1;
        to->n += (size_t)n;
        to->at[to->n] = '\0';
        if (n == 0)
            return 0;
        if (to->n - start > max)
            return tp_fail(err, TP_EINPUT, "%s: larger than %zu bytes", s->name, max);
    }
}

int
tp_source_percent(const struct tp_source *s)
{
    struct stat file;
    off_t       at;

    if (s->fd < 0 || fstat(s->fd, &file) || !S_ISREG(file.st_mode) || file.st_size <= 0)
        return -1;
    at = lseek(s->fd, 0, SEEK_CUR);
    return at < 0 ? -1 : (int)(at * 100 / file.st_size);
}

int
tp_source_digest(struct tp_source *s, char sha256[TP_SHA256_TEXT], int64_t *bytes, struct tp_err *err)
{
    uint8_t digest[TP_SHA256_SIZE];
    ssize_t n;

    /* Behind the last member of a zip stands its directory. */
    while ((n = raw(s, s->piece, sizeof s->piece)) > 0)
        ;
    if (n < 0)
        return fail(s, err);
    tp_sha256_end(&s->sha256, digest);
    tp_sha256_hex(digest, sha256);
    *bytes = s->bytes;
    return 0;
}

void
tp_source_close(struct tp_source *s)
{
    uint8_t ignored[TP_SHA256_SIZE];

    if (!s)
        return;
    if (s->sha256.ctx)
        tp_sha256_end(&s->sha256, ignored);
    if (s->archive)
        s->lib.archive_read_free(s->archive);
    if (s->lib.library)
        dlclose(s->lib.library);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}
