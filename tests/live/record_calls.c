// A program that makes exactly the system calls that its arguments name, for tests that need the whole truth. No libc:
// nothing is called that is not here. Arguments, done in order:
//   n:39          the call 39 by the syscall instruction
//   x:39          the x32 call 39 (bit 30 set)
//   i:20          the i386 call 20 by int 0x80
//   T WORDS .     a new thread does WORDS; waits for it
//   t WORDS .     the same, waiting only until it has begun
//   F WORDS .     a forked child does WORDS; waits for it
//   D WORDS .     a daemon (forked twice, the middle one ends at once) does WORDS; waits until it is nearly done
//   U WORDS .     a forked child leaves its user, mount, network, uts and ipc namespaces, then does WORDS
//   P WORDS .     the same with its pid namespace, too: a child of that child, process 1 in there, does WORDS
//   W:0           waits: reads a byte from the file descriptor 0
//   S WORDS .     loads a seccomp filter (allow everything) for all threads, then does WORDS
//   R WORDS .     loads a filter that refuses some numbers (of any ABI), then does WORDS: 900 to 989 and -1 with EPERM,
//                 990 to 999 by TRACE without a tracer, 1000 kills the thread, 1001 the process, 1002 traps
//   V WORDS .     loads another filter, then does WORDS: 960 logs, 961 is refused with E2BIG and 963 logs where the first
//                 argument is 5, 962 asks a supervisor that is not there, 900 gets EACCES, 990 gets EIO
//   A:961:5       the call 961 by the syscall instruction with the first argument 5
//   L:200000      the words after it, up to the matching '.', that often
//   E PATH        executes PATH with the words that are left
// Own calls: mmap at the start, exit_group at the end; T: clone, sched_yield, exit; F: clone, wait4, exit_group;
// D: clone, wait4, sched_yield, exit_group; U and P: like F and unshare; W: read; S, R and V: prctl and seccomp; E: execve.
// All arguments of named calls are -1: they fail, or do no harm.
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "record_calls_numbers.h"

typedef unsigned long word;

static long native(word number, word a, word b, word c, word d, word e, word f) {
  long result;
  register word r10 __asm__("r10") = d;
  register word r8 __asm__("r8") = e;
  register word r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static void named_native(unsigned number) { native((word)(long)(int)number, -1, -1, -1, -1, -1, -1); }

static void named_i386(unsigned number) {
  long result;
  // int 0x80 takes its sixth argument in ebp, which the compiler may need; -1 is never needed there.
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "0"((long)(int)number), "b"(-1L), "c"(-1L), "d"(-1L), "S"(-1L), "D"(-1L)
                   : "r8", "r9", "r10", "r11", "memory");
}

static unsigned number_of(const char* text) {
  unsigned number = 0;
  for (; *text >= '0' && *text <= '9'; text++) number = number * 10 + (unsigned)(*text - '0');
  return number;
}

// What follows the second ':'.
static word argument_of(const char* text) {
  for (int colons = 0; *text && colons < 2; text++) colons += *text == ':';
  return number_of(text);
}

// At least one sched_yield; gives up in the end.
static void wait_until_not(volatile int* value, int unwanted) {
  for (long i = 0; i < 50000000; i++) {
    native(NR_sched_yield, 0, 0, 0, 0, 0, 0);
    if (*value != unwanted) return;
  }
  native(NR_exit_group, 3, 0, 0, 0, 0, 0);
}

// Each daemon has a flag of its own: daemons may run one inside the other.
struct shared {
  unsigned daemons;
  volatile int done[512];
};
static struct shared* shared;

static char** do_words(char** words, char** environment);

// The word after the '.' that ends what begins at `words`.
static char** after(char** words) {
  for (int depth = 1; *words; words++) {
    const char first = (*words)[0];
    if (first == '.' && --depth == 0) return words + 1;
    if (first == 'T' || first == 't' || first == 'F' || first == 'D' || first == 'U' || first == 'P' || first == 'S' || first == 'R' || first == 'V' || first == 'L') depth++;
  }
  return words;
}

static __attribute__((noreturn)) void exit_group(void) {
  for (;;) native(NR_exit_group, 0, 0, 0, 0, 0, 0);
}

static long fork(void) { return native(NR_clone, 17 /* SIGCHLD */, 0, 0, 0, 0, 0); }
static void wait_for(long pid) { native(NR_wait4, (word)pid, 0, 0, 0, 0, 0); }

// CLONE_NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWNET.
enum { new_namespaces = 0x00020000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x40000000, new_pid_namespace = 0x20000000 };

static char** in_child(char** words, char** environment, unsigned leave) {
  const long pid = fork();
  if (pid != 0) {
    wait_for(pid);
    return after(words);
  }
  if (leave) native(NR_unshare, leave, 0, 0, 0, 0, 0);
  // Only children are in the new pid namespace.
  const long inner = leave & new_pid_namespace ? fork() : 0;
  if (inner != 0) {
    wait_for(inner);
    exit_group();
  }
  do_words(words, environment);
  exit_group();
}

static char** in_daemon(char** words, char** environment) {
  volatile int* done = &shared->done[__atomic_fetch_add(&shared->daemons, 1, __ATOMIC_SEQ_CST) % 512];
  *done = 0;
  const long pid = fork();
  if (pid == 0) {
    if (fork() != 0) exit_group();
    do_words(words, environment);
    *done = 1;
    exit_group();
  }
  wait_for(pid);
  wait_until_not(done, 0);
  return after(words);
}

// --- threads ---
static char stacks[64][16384] __attribute__((aligned(16)));
static int stacks_used;
struct start {
  char** words;
  char** environment;
  volatile int begun;
  volatile int done;
};

static __attribute__((noreturn, used)) void thread_main(struct start* start) {
  start->begun = 1;
  do_words(start->words, start->environment);
  start->done = 1;
  for (;;) native(NR_exit, 0, 0, 0, 0, 0, 0);
}

// clone() returns on an empty stack in the new thread: from there thread_main() is called with what stands on it.
static long new_thread(void* stack_top) {
  long result;
  register word r8 __asm__("r8") = 0;
  register word r10 __asm__("r10") = 0;
  __asm__ volatile(
      "syscall\n"
      "test %%rax, %%rax\n"
      "jnz 1f\n"
      "pop %%rdi\n"
      "call thread_main\n"
      "1:\n"
      : "=a"(result)
      : "0"((word)NR_clone), "D"(0x00010f00UL /* VM FS FILES SIGHAND THREAD */), "S"(stack_top), "d"(0UL), "r"(r10),
        "r"(r8)
      : "rcx", "r11", "memory");
  return result;
}

static char** in_thread(char** words, char** environment, int wait) {
  static struct start starts[64];
  const int used = __atomic_fetch_add(&stacks_used, 1, __ATOMIC_SEQ_CST) % 64;
  struct start* start = &starts[used];
  start->words = words;
  start->environment = environment;
  start->begun = 0;
  start->done = 0;
  void** top = (void**)(stacks[used] + 16384) - 2;
  top[0] = start;
  if (new_thread(top) < 0) return after(words);
  wait_until_not(wait ? &start->done : &start->begun, 0);
  return after(words);
}

static struct sock_filter allow_all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static struct sock_filter refuse_some[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xbfffffff),  // x32 numbers as well
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xbfffffff, 11, 0),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 900, 0, 9),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 1003, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1002, 6, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1001, 4, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1000, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 990, 0, 5),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
};

static struct sock_filter judge_some[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xbfffffff),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 960, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 962, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 900, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 990, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 961, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 963, 0, 2),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 13),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 7),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static char** under_filter(char** words, char** environment, struct sock_filter* filter, unsigned short length) {
  struct sock_fprog program = {length, filter};
  native(NR_prctl, 38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0, 0);
  native(NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, (word)&program, 0, 0, 0);
  do_words(words, environment);
  return after(words);
}

static char byte_read;

static char** do_words(char** words, char** environment) {
  while (*words && (*words)[0] != '.') {
    char* at = *words++;
    const unsigned number = at[1] == ':' ? number_of(at + 2) : 0;
    switch (at[0]) {
      case 'n': named_native(number); break;
      case 'x': named_native(number | 0x40000000); break;
      case 'i': named_i386(number); break;
      case 'W': native(NR_read, number, (word)&byte_read, 1, 0, 0, 0); break;
      case 'T': words = in_thread(words, environment, 1); break;
      case 't': words = in_thread(words, environment, 0); break;
      case 'F': words = in_child(words, environment, 0); break;
      case 'U': words = in_child(words, environment, new_namespaces); break;
      case 'P': words = in_child(words, environment, new_namespaces | new_pid_namespace); break;
      case 'D': words = in_daemon(words, environment); break;
      case 'S': words = under_filter(words, environment, allow_all, 1); break;
      case 'R':
        words = under_filter(words, environment, refuse_some, sizeof(refuse_some) / sizeof(refuse_some[0]));
        break;
      case 'V':
        words = under_filter(words, environment, judge_some, sizeof(judge_some) / sizeof(judge_some[0]));
        break;
      case 'A': native(number, argument_of(at), -1, -1, -1, -1, -1); break;
      case 'L':
        for (unsigned i = 0; i < number; i++) do_words(words, environment);
        words = after(words);
        break;
      case 'E': native(NR_execve, (word)*words, (word)words, (word)environment, 0, 0, 0); exit_group();
      default: exit_group();
    }
  }
  return words;
}

__attribute__((used, noreturn)) void start_c(word* stack) {
  char** arguments = (char**)(stack + 1);
  char** environment = arguments + stack[0] + 1;
  shared = (struct shared*)native(NR_mmap, 0, 4096, 3, 0x21 /* SHARED ANONYMOUS */, (word)-1, 0);
  do_words(arguments + 1, environment);
  for (;;) exit_group();
}

__asm__(".globl _start\n_start:\n mov %rsp, %rdi\n and $-16, %rsp\n call start_c\n");
