// Prints what a program can notice of being watched, one line each, as an unprivileged user; ends by the
// signal that a debugger would take for itself. Run with and without a recorder it must print the same and
// end the same.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t alarms;
static void count(int signal) {
  (void)signal;
  ++alarms;
}

static void say(const char* what, long result) {
  printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : "");
  fflush(stdout);
}

static void print_status(void) {
  static const char* const fields[] = {"TracerPid", "Seccomp:", "Seccomp_filters", "NoNewPrivs",
                                       "CapEff",    "SigBlk",   "SigIgn",          "SigCgt"};
  FILE* status = fopen("/proc/self/status", "r");
  char line[256];
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i) {
      if (strncmp(line, fields[i], strlen(fields[i])) == 0) fputs(line, stdout);
    }
  }
  if (status != NULL) fclose(status);
  fflush(stdout);
}

static void interrupt_waits(void) {
  struct sigaction action = {.sa_handler = count};
  const struct itimerval timer = {.it_value = {.tv_usec = 20000}};
  const struct timespec second = {.tv_sec = 1};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &timer, NULL);
  say("nanosleep that a signal interrupts", nanosleep(&second, NULL));
  setitimer(ITIMER_REAL, &timer, NULL);
  say("pause", pause());
  say("alarms", alarms);
}

static void trap_in_child(void) {
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    raise(SIGTRAP);
    _exit(0);
  }
  waitpid(child, &status, 0);
  say("child ended by signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void) {
  if (setgid(65534) != 0 || setuid(65534) != 0) return 2;
  say("access to a file of root's", access("/etc/shadow", R_OK));
  say("the same by another call", syscall(SYS_faccessat2, AT_FDCWD, "/etc/shadow", R_OK, AT_EACCESS));
  say("a call that does not exist", syscall(1999));
  say("a number below zero", syscall(-1));
  say("root again", setuid(0));
  print_status();
  say("dumpable", prctl(PR_GET_DUMPABLE));
  say("personality", syscall(SYS_personality, 0xffffffff));
  interrupt_waits();
  trap_in_child();
  say("to be traced by the parent", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
  signal(SIGTRAP, SIG_DFL);
  return 133;
}
