// A program that is refused mkdir(), asked for by three functions of its own, and then ends well where it can. For tests
// of who asked, and of what must not be taken for a refusal.
//
//   record_refused ACTION HOW
//     ACTION  errno, trap, kill-process, kill-thread, log, trace, notify (a supervisor of its own answers): what mkdir gets
//     HOW     main, thread: who asks
//             listens: nobody asks; signals come and go, threads and children are made, all under the filter
//             ends: children ask and are killed before they make another call; others follow, on their kernel stacks
//             blocked: a thread waits in read() while another one loads a filter for all that refuses read()
//             gate: the same, once a byte came from standard input
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int load(unsigned number, unsigned answer, unsigned flags) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// Each does something after the call that it makes, so that no compiler makes a jump of it.
static volatile int depth;
__attribute__((noinline)) void ask_inner(void) {
  mkdir("/proc/nowhere", 0755);
  depth++;
}
__attribute__((noinline)) void ask_middle(void) {
  ask_inner();
  depth++;
}
__attribute__((noinline)) void ask_outer(void) {
  ask_middle();
  depth++;
}

static void* ask(void* unused) {
  ask_outer();
  return unused;
}

static void on_trap(int signal) { (void)signal; }

// Answers one question with -1, ENOTBLK.
static void* supervise(void* listener) {
  struct seccomp_notif question;
  struct seccomp_notif_resp answer;
  memset(&question, 0, sizeof(question));
  memset(&answer, 0, sizeof(answer));
  if (ioctl(*(int*)listener, SECCOMP_IOCTL_NOTIF_RECV, &question) != 0) return NULL;
  answer.id = question.id;
  answer.error = -ENOTBLK;
  ioctl(*(int*)listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  return NULL;
}

static void* nothing(void* unused) { return unused; }

static void listens(void) {
  struct itimerval often = {{0, 2000}, {0, 2000}};
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_trap;
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &often, NULL);
  for (int i = 0; i < 50; i++) {
    pthread_t thread;
    usleep(5000);
    if (pthread_create(&thread, NULL, nothing, NULL) == 0) pthread_join(thread, NULL);
    const pid_t child = fork();
    if (child == 0) _exit(getppid() == 0);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
  }
}

// The kernel gives the stacks of threads that ended to its next ones.
static void ends(void) {
  enum { kAskers = 16, kRounds = 20 };
  pid_t children[kAskers];
  volatile int* const asked = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (asked == MAP_FAILED) exit(10);
  for (int i = 0; i < kAskers; i++) {
    children[i] = fork();
    if (children[i] != 0) continue;
    mkdir("/proc/nowhere", 0755);
    __atomic_add_fetch(asked, 1, __ATOMIC_SEQ_CST);
    for (;;) depth++;
  }
  while (*asked < kAskers) usleep(1000);
  for (int i = 0; i < kAskers; i++) kill(children[i], SIGKILL);
  for (int i = 0; i < kAskers; i++) waitpid(children[i], NULL, 0);
  for (int round = 0; round < kRounds; round++) {
    usleep(10000);
    for (int i = 0; i < kAskers; i++) {
      children[i] = fork();
      if (children[i] != 0) continue;
      getpgid(0);
      _exit(getsid(0) == 0);
    }
    for (int i = 0; i < kAskers; i++) waitpid(children[i], NULL, 0);
  }
}

static int pipe_ends[2];
static void* reads(void* unused) {
  char byte;
  if (read(pipe_ends[0], &byte, 1) != 1) exit(9);  // begun before the filter: not refused
  if (read(pipe_ends[0], &byte, 1) >= 0) exit(8);  // refused
  return unused;
}

static void blocked(unsigned answer, int waits) {
  pthread_t reader;
  char byte;
  if (pipe(pipe_ends) != 0) exit(7);
  pthread_create(&reader, NULL, reads, NULL);
  if (waits && read(0, &byte, 1) != 1) exit(4);
  usleep(100000);
  if (load(SYS_read, answer, SECCOMP_FILTER_FLAG_TSYNC) != 0) exit(6);
  usleep(50000);
  if (write(pipe_ends[1], "ab", 2) != 2) exit(5);
  pthread_join(reader, NULL);
}

int main(int count, char** words) {
  static const struct {
    const char* name;
    unsigned answer;
  } actions[] = {{"errno", SECCOMP_RET_ERRNO | ENOTTY}, {"trap", SECCOMP_RET_TRAP | 3},
                 {"kill-process", SECCOMP_RET_KILL_PROCESS}, {"kill-thread", SECCOMP_RET_KILL_THREAD},
                 {"log", SECCOMP_RET_LOG}, {"trace", SECCOMP_RET_TRACE | 9}, {"notify", SECCOMP_RET_USER_NOTIF}};
  unsigned answer = SECCOMP_RET_ALLOW;
  pthread_t thread, supervisor;
  if (count != 3) return 2;
  for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
    if (strcmp(words[1], actions[i].name) == 0) answer = actions[i].answer;
  if (strcmp(words[2], "blocked") == 0 || strcmp(words[2], "gate") == 0) {
    blocked(answer, words[2][0] == 'g');
    return 0;
  }
  signal(SIGSYS, on_trap);
  const int notify = answer == SECCOMP_RET_USER_NOTIF;
  static int listener;
  listener = load(SYS_mkdir, answer, notify ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
  if (listener < 0) return 3;
  if (notify) pthread_create(&supervisor, NULL, supervise, &listener);
  if (strcmp(words[2], "listens") == 0) {
    listens();
  } else if (strcmp(words[2], "ends") == 0) {
    ends();
  } else if (strcmp(words[2], "thread") == 0) {
    if (pthread_create(&thread, NULL, ask, NULL) != 0) return 4;
    pthread_join(thread, NULL);
  } else {
    ask(NULL);
  }
  return 0;
}
