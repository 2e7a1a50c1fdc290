#include "base/server.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#include "base/banned.h"

#define SOCKET_PATH_MAX 107 /* sun_path without its NUL */
#define SOCKET_NAME ".s.PGSQL.5432"
#define VERSION_MIN 15
#define VERSION_MAX 18
#define TRIES 40 /* a quarter of a second each */

/* Where things are, and who the server runs as. */
struct place {
    char  data[200]; /* XDG data folder of ours; PGDATA is pg below it */
    char  pgdata[210];
    char  socket[256];
    uid_t uid; /* owner of the files */
    gid_t gid;
};

static void
data_folder(char *out, size_t size)
{
    const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

    if (geteuid() == 0)
        snprintf(out, size, "/var/lib/tp");
    else if (xdg && *xdg == '/') /* a relative one is to be passed over */
        snprintf(out, size, "%s/tp", xdg);
    else
        snprintf(out, size, "%s/.local/share/tp", home ? home : "/nonexistent");
}

int
tp_server_socket(char *dir, size_t size, struct tp_err *err)
{
    char        candidates[3][220], data[200], first[220] = "";
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    size_t      n = 0;

    data_folder(data, sizeof data);
    /* Root's server belongs to another user, who could not make a socket in root's own folder. */
    if (runtime && *runtime && geteuid() != 0)
        snprintf(candidates[n++], sizeof candidates[0], "%s/tp", runtime);
    if (geteuid() == 0)
        snprintf(candidates[n++], sizeof candidates[0], "/run/tp");
    snprintf(candidates[n++], sizeof candidates[0], "%s", data);
    for (size_t i = 0; i < n; i++) {
        char        path[260];
        struct stat st;

        snprintf(path, sizeof path, "%.219s/" SOCKET_NAME, candidates[i]);
        if (strlen(path) > SOCKET_PATH_MAX || strchr(path, ',')) /* to libpq a comma parts two hosts */
            continue;
        if (!first[0])
            tp_text_set(first, sizeof first, candidates[i], strlen(candidates[i]));
        if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
            tp_text_set(first, sizeof first, candidates[i], strlen(candidates[i]));
            break;
        }
    }
    if (!first[0] || !tp_text_set(dir, size, first, strlen(first)))
        return tp_fail(err, TP_EFAIL, "no folder suits a server's socket: its name is too long or holds a comma");
    return 0;
}

static int
find_place(struct place *where, struct tp_err *err)
{
    data_folder(where->data, sizeof where->data);
    snprintf(where->pgdata, sizeof where->pgdata, "%s/pg", where->data);
    where->uid = geteuid();
    where->gid = getegid();
    if (where->uid == 0) {
        const struct passwd *pw = getpwnam("postgres");

        if (!pw) {
            tp_fail(err, TP_EFAIL, "PostgreSQL does not run as root and there is no user 'postgres'");
            return tp_hint(err, "install the package postgresql, or run as another user");
        }
        where->uid = pw->pw_uid;
        where->gid = pw->pw_gid;
    }
    return tp_server_socket(where->socket, sizeof where->socket, err);
}

/* ---- PostgreSQL's own programs ------------------------------------------------------------------- */

static bool
usable(const char *bin)
{
    char path[300];

    snprintf(path, sizeof path, "%s/initdb", bin);
    if (access(path, X_OK) != 0)
        return false;
    snprintf(path, sizeof path, "%s/pg_ctl", bin);
    return access(path, X_OK) == 0;
}

/* The version that "pg_ctl (PostgreSQL) 15.4" tells, 0 when it tells none. */
static int64_t
programs_version(const char *bin)
{
    char        path[300], text[100] = "";
    int         fds[2];
    int64_t     version = 0;
    size_t      n = 0;
    const char *digits;
    pid_t       child;

    snprintf(path, sizeof path, "%s/pg_ctl", bin);
    if (pipe2(fds, O_CLOEXEC))
        return 0;
    child = fork();
    if (child == 0) {
        if (dup2(fds[1], 1) >= 0)
            execl(path, path, "--version", (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    while (child > 0 && n < sizeof text - 1) {
        ssize_t got = read(fds[0], text + n, sizeof text - 1 - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fds[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    digits = strpbrk(text, "0123456789");
    if (digits)
        tp_text_int(digits, strspn(digits, "0123456789"), 1, 99, &version);
    return version;
}

/* The version that the data was made with, 0 when there is none yet. */
static int64_t
data_version(const struct place *where)
{
    char    path[300], text[16] = "";
    int64_t version = 0;
    FILE   *f;

    snprintf(path, sizeof path, "%s/PG_VERSION", where->pgdata);
    f = fopen(path, "re");
    if (!f)
        return 0;
    if (fgets(text, sizeof text, f))
        tp_text_int(text, strcspn(text, "\n"), 1, 99, &version);
    fclose(f);
    return version;
}

static bool
suits(int64_t version, int64_t want)
{
    return want ? version == want : version >= VERSION_MIN && version <= VERSION_MAX;
}

/* The folder of the programs: those of the data's version, else the newest. */
static int
find_programs(const struct place *where, char *bin, size_t size, struct tp_err *err)
{
    int64_t want = data_version(where);
    char   *path, *dir, *rest;

    for (int64_t v = want ? want : VERSION_MAX; v >= (want ? want : VERSION_MIN); v--) {
        snprintf(bin, size, "/usr/lib/postgresql/%lld/bin", (long long)v);
        if (usable(bin))
            return 0;
    }
    path = tp_strdup(getenv("PATH") ? getenv("PATH") : "");
    for (dir = strtok_r(path, ":", &rest); dir; dir = strtok_r(NULL, ":", &rest))
        if (tp_text_set(bin, size, dir, strlen(dir)) && usable(bin)
            && suits(programs_version(bin), want)) {
            free(path);
            return 0;
        }
    free(path);
    if (want)
        tp_fail(err, TP_EMISSING, "the server's data is of PostgreSQL %lld, which is not installed",
                (long long)want);
    else
        tp_fail(err, TP_EMISSING, "no PostgreSQL server of version %d to %d is installed", VERSION_MIN,
                VERSION_MAX);
    return tp_hint(err, "install the package postgresql");
}

/* Runs a program as the owner of the server, its output at the end of a log file; 0 when it succeeded.  It
 * runs in the data folder: pg_ctl hands names to a shell, which a short relative one survives. */
static int
run_as_owner(const struct place *where, const char *const *argv, struct tp_err *err)
{
    char  log[300];
    int   status;
    pid_t child;

    snprintf(log, sizeof log, "%s/start.log", where->data);
    child = fork();
    if (child < 0)
        return tp_fail(err, TP_EFAIL, "cannot start a process: %s", strerror(errno));
    if (child == 0) {
        int fd, null;

        if (geteuid() == 0
            && (setgroups(0, NULL) || setgid(where->gid) || setuid(where->uid)))
            _exit(126);
        fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        null = open("/dev/null", O_RDONLY);
        if (fd < 0 || null < 0 || dup2(null, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0
            || chdir(where->data) != 0)
            _exit(126);
        /* The server outlives us: it must not hold our pipes open. */
        closefrom(3);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return tp_fail(err, TP_EFAIL, "waiting failed: %s", strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    tp_fail(err, TP_EFAIL, "%s failed", strrchr(argv[0], '/') + 1);
    return tp_hint(err, "what it said stands in %s", log);
}

/* ---- files ----------------------------------------------------------------------------------------- */

/* Makes a folder and those above it; the last one belongs to the server's owner. */
static int
make_folder(const struct place *where, const char *path, mode_t mode, struct tp_err *err)
{
    char part[300];

    tp_text_set(part, sizeof part, path, strlen(path));
    for (char *p = part + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(part, 0755) && errno != EEXIST)
            break;
        *p = '/';
    }
    if (mkdir(path, mode) && errno != EEXIST)
        return tp_fail(err, TP_EFAIL, "cannot make the folder %s: %s", path, strerror(errno));
    if (geteuid() == 0 && chown(path, where->uid, where->gid))
        return tp_fail(err, TP_EFAIL, "cannot hand over the folder %s: %s", path, strerror(errno));
    return 0;
}

static int
write_file(const char *path, const char *text, struct tp_err *err)
{
    FILE *f = fopen(path, "we");
    bool  bad = !f || fputs(text, f) < 0;

    if (f && fclose(f))
        bad = true;
    return bad ? tp_fail(err, TP_EFAIL, "cannot write %s: %s", path, strerror(errno)) : 0;
}

/* Only the owner of the server, its user and root may connect, each as the superuser of the server. */
static int
write_access(const struct place *where, const char *pgdata, struct tp_err *err)
{
    const struct passwd *owner = getpwuid(where->uid);
    char                 path[300], text[300];

    snprintf(path, sizeof path, "%s/pg_hba.conf", pgdata);
    if (write_file(path, "local all all peer map=tp\n", err))
        return -1;
    snprintf(path, sizeof path, "%s/pg_ident.conf", pgdata);
    snprintf(text, sizeof text, "tp root " TP_SERVER_USER "\ntp %s " TP_SERVER_USER "\n",
             owner ? owner->pw_name : "postgres");
    return write_file(path, text, err);
}

static int
init_data(const struct place *where, const char *bin, struct tp_err *err)
{
    char        program[300], unfinished[220];
    const char *argv[] = {program, "-D", "pg.new", "-U", TP_SERVER_USER, "-A", "peer", "-E", "UTF8",
                          "--locale=C", NULL};
    const char  *rm[] = {"/bin/rm", "-rf", "pg.new", NULL};

    /* Made beside its place and renamed when it is whole, so that a killed start leaves nothing half. */
    snprintf(program, sizeof program, "%s/initdb", bin);
    snprintf(unfinished, sizeof unfinished, "%s.new", where->pgdata);
    if (run_as_owner(where, rm, err) || run_as_owner(where, argv, err) || write_access(where, unfinished, err))
        return -1;
    if (rename(unfinished, where->pgdata))
        return tp_fail(err, TP_EFAIL, "cannot rename %s: %s", unfinished, strerror(errno));
    return 0;
}

static bool
running(const struct place *where, const char *bin)
{
    char          program[300];
    const char   *argv[] = {program, "-D", "pg", "status", NULL};
    struct tp_err unused = TP_ERR_INIT;

    snprintf(program, sizeof program, "%s/pg_ctl", bin);
    return run_as_owner(where, argv, &unused) == 0;
}

static int
make_database(const struct place *where, const char *bin, struct tp_err *err)
{
    char        program[300], query[] = "select 1 from pg_database where datname = '" TP_SERVER_DATABASE "'";
    const char *argv[] = {program, "-h", where->socket, "-p", "5432", "-U", TP_SERVER_USER,
                          TP_SERVER_DATABASE, NULL};
    const char *probe[] = {program, "-X", "-q", "-h", where->socket, "-p", "5432", "-U", TP_SERVER_USER,
                           "-d", TP_SERVER_DATABASE, "-c", query, NULL};
    struct tp_err unused = TP_ERR_INIT;

    snprintf(program, sizeof program, "%s/psql", bin);
    if (run_as_owner(where, probe, &unused) == 0)
        return 0;
    snprintf(program, sizeof program, "%s/createdb", bin);
    return run_as_owner(where, argv, err);
}

/* ---- starting -------------------------------------------------------------------------------------- */

static bool
answers(const struct place *where, const char *bin)
{
    char          program[300];
    const char   *argv[] = {program, "-q", "-h", where->socket, "-p", "5432", NULL};
    struct tp_err unused = TP_ERR_INIT;

    snprintf(program, sizeof program, "%s/pg_isready", bin);
    return run_as_owner(where, argv, &unused) == 0;
}

/* Whether a process of this number lives and is no PostgreSQL. */
static bool
stranger(int64_t pid)
{
    char  path[64], name[32] = "";
    FILE *f;

    snprintf(path, sizeof path, "/proc/%lld/comm", (long long)pid);
    f = fopen(path, "re");
    if (!f)
        return false;
    if (!fgets(name, sizeof name, f))
        name[0] = '\0';
    fclose(f);
    return strncmp(name, "postgres", 8) != 0 && strncmp(name, "postmaster", 10) != 0;
}

/* After a crash or another boot the number in the pid file may have gone to another process, which PostgreSQL
 * takes for a server.  Only the number is put right: the rest lets it find what lives of the old one. */
static int
forget_stranger(const struct place *where, struct tp_err *err)
{
    char        path[300];
    TP_AUTO_BUF text = {0};
    TP_AUTO_BUF mended = {0};
    int64_t     pid;
    size_t      line;
    pid_t       dead;

    snprintf(path, sizeof path, "%s/postmaster.pid", where->pgdata);
    if (access(path, F_OK) != 0)
        return 0;
    if (tp_file_read(path, 4096, &text, err))
        return -1;
    line = text.n ? strcspn(text.at, "\n") : 0;
    if (!tp_text_int(line ? text.at : "", line, 1, INT32_MAX, &pid) || !stranger(pid))
        return 0;
    dead = fork(); /* a number that was just set free */
    if (dead == 0)
        _exit(0);
    if (dead < 0 || waitpid(dead, NULL, 0) != dead)
        return tp_fail(err, TP_EFAIL, "cannot start a process: %s", strerror(errno));
    tp_buf_fmt(&mended, "%lld%s", (long long)dead, text.at + line);
    return write_file(path, mended.at, err);
}

/* The folder as an element of a list of names, within single quotes of the shell. */
static void
quote_folder(struct tp_buf *to, const char *folder)
{
    tp_buf_text(to, "'\"");
    for (const char *p = folder; *p; p++)
        if (*p == '\'')
            tp_buf_text(to, "'\\''");
        else
            tp_buf_fmt(to, "%s%c", *p == '"' ? "\"" : "", *p);
    tp_buf_text(to, "\"'");
}

static int
run_server(const struct place *where, const char *bin, struct tp_err *err)
{
    TP_AUTO_BUF options = {0};
    char        program[300];
    const char *argv[] = {program, "-D", "pg", "-s", "-w", "-t", "60", "-l", "server.log", "-o", NULL, "start",
                          NULL};

    snprintf(program, sizeof program, "%s/pg_ctl", bin);
    tp_buf_text(&options, "-c listen_addresses='' -c port=5432 -c max_locks_per_transaction=256"
                          " -c unix_socket_directories=");
    quote_folder(&options, where->socket);
    argv[10] = options.at;
    return run_as_owner(where, argv, err);
}

/* A server that was killed may leave children that live for a moment, and one that is named in the pid file
 * may be on its way up or down: both are waited for. */
static int
start_locked(const struct place *where, const char *bin, struct tp_err *err)
{
    const struct timespec pause = {.tv_nsec = 250000000};
    bool                  crashed;
    char                  path[300];

    if (data_version(where) == 0 && init_data(where, bin, err))
        return -1;
    if (forget_stranger(where, err))
        return -1;
    snprintf(path, sizeof path, "%s/postmaster.pid", where->pgdata);
    crashed = access(path, F_OK) == 0;
    for (int tries = 0; !answers(where, bin); tries++) {
        if (!running(where, bin)) {
            if (run_server(where, bin, err) == 0)
                break;
            if (!crashed || tries == TRIES)
                return -1;
        } else if (tries == TRIES) {
            tp_fail(err, TP_EFAIL, "the server runs, but does not answer");
            return tp_hint(err, "see %s/server.log", where->data);
        }
        nanosleep(&pause, NULL);
    }
    return make_database(where, bin, err);
}

int
tp_server_start(struct tp_err *err)
{
    struct place where;
    char         bin[256], lock[300];
    int          fd, rc;

    if (find_place(&where, err) || find_programs(&where, bin, sizeof bin, err)
        || make_folder(&where, where.data, 0700, err))
        return -1;
    if (strcmp(where.socket, where.data) != 0 && make_folder(&where, where.socket, 0755, err))
        return -1;
    snprintf(lock, sizeof lock, "%s/start.lock", where.data);
    fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX)) {
        tp_fail(err, TP_EFAIL, "cannot lock %s: %s", lock, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    rc = start_locked(&where, bin, err);
    close(fd);
    return rc;
}

int
tp_server_stop(struct tp_err *err)
{
    struct place where;
    char         bin[256], program[300];
    const char  *argv[] = {program, "-D", "pg", "-s", "-w", "-m", "fast", "stop", NULL};

    if (find_place(&where, err))
        return -1;
    if (data_version(&where) == 0)
        return 0;
    if (find_programs(&where, bin, sizeof bin, err))
        return -1;
    snprintf(program, sizeof program, "%s/pg_ctl", bin);
    return running(&where, bin) ? run_as_owner(&where, argv, err) : 0;
}

int
tp_server_url(struct tp_buf *to, struct tp_err *err)
{
    char dir[256];

    if (tp_server_socket(dir, sizeof dir, err))
        return -1;
    tp_buf_text(to, "postgresql:///" TP_SERVER_DATABASE "?user=" TP_SERVER_USER "&host=");
    for (const char *p = dir; *p; p++)
        if (*p == '/')
            tp_buf_text(to, "%2F");
        else if (*p == '%' || *p == '&' || *p == '?' || *p == ' ' || *p == '#')
            tp_buf_fmt(to, "%%%02X", (unsigned)*p);
        else
            tp_buf_char(to, *p);
    return 0;
}
