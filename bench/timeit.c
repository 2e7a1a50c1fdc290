/* timeit - runs a command several times as a whole process and prints what it took.
 *
 *     timeit RUNS COMMAND [ARGUMENT...]
 *
 * One untimed run comes first, so that files and libraries are in memory.  Printed are the median of
 * the wall-clock times in milliseconds and the largest resident set in KiB.  The command's standard
 * output goes to /dev/null.  A run that fails ends timeit with status 1. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 1000

static double
now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1000.0 + (double)ts.tv_nsec / 1e6;
}

/* Milliseconds of one run, or a negative number when it failed. */
static double
run(char **argv, long *rss)
{
    double        start = now_ms();
    struct rusage used;
    int           status;
    pid_t         child = fork();

    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);

        if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
            _exit(127);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
        return -1;
    if (used.ru_maxrss > *rss)
        *rss = used.ru_maxrss;
    return now_ms() - start;
}

static int
ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int
main(int argc, char **argv)
{
    double times[RUNS_MAX];
    long   rss = 0, runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

    if (runs < 1 || runs > RUNS_MAX) {
        fprintf(stderr, "usage: timeit RUNS COMMAND [ARGUMENT...]\n");
        return 2;
    }
    for (long i = -1; i < runs; i++) {
        double ms = run(argv + 2, &rss);

        if (ms < 0) {
            fprintf(stderr, "timeit: %s failed\n", argv[2]);
            return 1;
        }
        if (i >= 0)
            times[i] = ms;
    }
    qsort(times, (size_t)runs, sizeof *times, ascending);
    printf("%.3f %ld\n", times[runs / 2], rss);
    return 0;
}
