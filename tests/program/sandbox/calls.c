/* Installs the seccomp filter whose bytes are on standard input, and makes the system calls that its arguments name, in
   turn. For each it prints its name and what came of it: "ok", or the error.
   It is bare: what the filter refuses to it cannot disturb the next call. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter program[4096];

/* CALL is NAME,NUMBER,ARGUMENT…; an argument is a number, P for this process ID, or M for memory of 4096 zeros. */
static void try(char *call) {
  static char memory[4096];
  char *name = strtok(call, ",");
  long number = strtol(strtok(NULL, ","), NULL, 0);
  long arguments[6] = {0};
  char *word;
  for (int i = 0; i < 6 && (word = strtok(NULL, ",")); i++)
    arguments[i] = *word == 'P' ? getpid() : *word == 'M' ? (long)memory : strtol(word, NULL, 0);
  long done = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  int error = errno;
  /* The child process of a call that should have been refused. */
  if (done == 0 && (!strncmp(name, "clone", 5) || !strncmp(name, "fork", 4))) _exit(0);
  char line[128];
  int length = snprintf(line, sizeof line, "%s %s\n", name, done < 0 ? strerrorname_np(error) : "ok");
  if (write(1, line, length) != length) _exit(3);
}

int main(int count, char **calls) {
  ssize_t size = 0, more;
  while ((more = read(0, (char *)program + size, sizeof program - size)) > 0) size += more;
  struct sock_fprog filter = {.len = size / sizeof *program, .filter = program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter)) {
    perror("the filter");
    return 2;
  }
  for (int i = 1; i < count; i++) try(calls[i]);
  return 0;
}
