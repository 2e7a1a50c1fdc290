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
#include <unistd.h>

#include "base/banned.h"

#define SOCKET_PATH_MAX 107 /* sun_path without its NUL */
#define SOCKET_NAME ".s.PGSQL.5432"
#define VERSION_MIN 15
#define VERSION_MAX 18

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
    else if (xdg && *xdg)
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
        if (tp_text_set(bin, size, dir, strlen(dir)) && usable(bin)) {
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

/* Runs a program as the owner of the server, its output at the end of a log file; 0 when it succeeded. */
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
            || chdir("/") != 0)
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
    const char *argv[] = {program, "-D", unfinished, "-U", TP_SERVER_USER, "-A", "peer", "-E", "UTF8",
                          "--locale=C", NULL};
    const char  *rm[] = {"/bin/rm", "-rf", unfinished, NULL};

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
    const char   *argv[] = {program, "-D", where->pgdata, "status", NULL};
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

static int
start_locked(const struct place *where, const char *bin, struct tp_err *err)
{
    char        program[300], options[600], log[300];
    const char *argv[] = {program, "-D", where->pgdata, "-s", "-w", "-t", "60", "-l", log, "-o", options,
                          "start", NULL};

    if (data_version(where) == 0 && init_data(where, bin, err))
        return -1;
    if (!running(where, bin)) {
        snprintf(program, sizeof program, "%s/pg_ctl", bin);
        snprintf(log, sizeof log, "%s/server.log", where->data);
        snprintf(options, sizeof options,
                 "-c listen_addresses='' -c port=5432 -c unix_socket_directories='%s'"
                 " -c max_locks_per_transaction=256",
                 where->socket);
        if (run_as_owner(where, argv, err))
            return -1;
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
    const char  *argv[] = {program, "-D", where.pgdata, "-s", "-w", "-m", "fast", "stop", NULL};

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
