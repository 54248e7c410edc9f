/* Runs a program and prints its peak memory, in KiB, as the kernel reports it, the time that it spent on a
   processor, in milliseconds, its exit status, and the time that it took, in microseconds.
   A small static program of its own: the peak of a process begins with that of whoever started it, and so does the size
   of its table of descriptors. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count < 2) return 2;
    close_range(3, ~0U, 0);
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    pid_t child = fork();
    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY);
        dup2(nothing, 1);
        dup2(nothing, 2);
        execv(words[1], words + 1);
        _exit(127);
    }
    struct rusage usage;
    int status;
    if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) == 127) return 1;
    clock_gettime(CLOCK_MONOTONIC, &ended);
    long took = (ended.tv_sec - begun.tv_sec) * 1000000 + (ended.tv_nsec - begun.tv_nsec) / 1000;
    long seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec, micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    printf("kib %ld\ncpu_ms %ld\nstatus %d\n", usage.ru_maxrss, seconds * 1000 + micros / 1000, WEXITSTATUS(status));
    printf("wall_us %ld\n", took);
    return 0;
}
