// What an attacker who runs code in a container would try first, one attempt a line of JSON. For demonstrations and
// tests: nothing here does harm when it succeeds, and what an attempt makes is gone when its process is.
//
// An attempt can fail for many reasons, so each call is made twice: once as an attacker would (`attempt`), and once with
// arguments that the kernel itself would answer with an error known beforehand (`probe`). If the probe gets EPERM or
// ENOSYS instead of that error, a filter refused it. Outcomes: "succeeded"; "refused" (by a filter); "failed" (the kernel
// said no for another reason); "killed" (the attempt ended its process).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static long try_unshare(void) { return syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS); }
static long probe_unshare(void) { return syscall(SYS_unshare, 1); }

// On a folder of our own, and undone at once: where no filter stands, this may be the host.
static long try_mount(void) {
  char folder[64];
  snprintf(folder, sizeof folder, "/tmp/whittle-attack-%d", (int)getpid());
  mkdir(folder, 0700);
  const long mounted = syscall(SYS_mount, "none", folder, "tmpfs", 0, "");
  const int error = errno;
  if (mounted == 0) umount2(folder, MNT_DETACH);
  rmdir(folder);
  errno = error;
  return mounted;
}
static long probe_mount(void) { return syscall(SYS_mount, NULL, NULL, NULL, 0, NULL); }

static long try_keyctl(void) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1); }
static long probe_keyctl(void) { return syscall(SYS_keyctl, 999999, 0, 0, 0, 0); }

static long try_ptrace(void) { return syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0); }
static long probe_ptrace(void) { return syscall(SYS_ptrace, PTRACE_PEEKDATA, -1, 0, 0); }

static long try_bpf(void) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.map_type = BPF_MAP_TYPE_ARRAY;
  attr.key_size = attr.value_size = 4;
  attr.max_entries = 1;
  return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
}
static long probe_bpf(void) { return syscall(SYS_bpf, BPF_MAP_CREATE, NULL, 1 << 20); }

static long try_io_uring_setup(void) {
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  return syscall(SYS_io_uring_setup, 8, &params);
}
static long probe_io_uring_setup(void) { return syscall(SYS_io_uring_setup, 8, NULL); }

static long try_userfaultfd(void) { return syscall(SYS_userfaultfd, 1); }
static long probe_userfaultfd(void) { return syscall(SYS_userfaultfd, 0x04000001); }

static long try_perf_event_open(void) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.size = sizeof attr;
  attr.config = PERF_COUNT_SW_TASK_CLOCK;
  attr.exclude_kernel = attr.exclude_hv = 1;
  return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}
static long probe_perf_event_open(void) { return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0x8000); }

static long try_add_key(void) { return syscall(SYS_add_key, "user", "whittle", "x", 1, KEY_SPEC_PROCESS_KEYRING); }
static long probe_add_key(void) { return syscall(SYS_add_key, NULL, NULL, NULL, 0, 0); }

static long try_process_vm_readv(void) {
  static char from, to;
  struct iovec local = {&to, 1}, remote = {&from, 1};
  return syscall(SYS_process_vm_readv, getppid(), &local, 1, &remote, 1, 0);
}
static long probe_process_vm_readv(void) { return syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 1); }

static long try_clone3(void) {
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.flags = CLONE_NEWUSER;
  args.exit_signal = SIGCHLD;
  const long child = syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) _exit(0);
  return child;
}
static long probe_clone3(void) { return syscall(SYS_clone3, NULL, 0); }

// clone itself is open to whoever starts threads; with CLONE_FS this one is nonsense to the kernel.
static long try_clone(void) {
  const long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return child;
}
static long probe_clone(void) { return syscall(SYS_clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, 0, 0, 0, 0); }

// The root of the file system, found by its number: the way out of a container that kernels before 2014 left open.
static long try_open_by_handle_at(void) {
  struct {
    struct file_handle head;
    uint64_t inode;
  } handle = {.head = {.handle_bytes = 8, .handle_type = 1}, .inode = 2};
  const int here = open("/", O_RDONLY | O_DIRECTORY);
  const long opened = syscall(SYS_open_by_handle_at, here, &handle, O_RDONLY);
  const int error = errno;
  if (opened >= 0) close((int)opened);
  close(here);
  errno = error;
  return opened;
}
static long probe_open_by_handle_at(void) { return syscall(SYS_open_by_handle_at, -1, NULL, 0); }

static long try_pidfd_getfd(void) { return syscall(SYS_pidfd_getfd, (int)syscall(SYS_pidfd_open, 1, 0), 0, 0); }
static long probe_pidfd_getfd(void) { return syscall(SYS_pidfd_getfd, -1, -1, 1); }

static long try_setns(void) { return syscall(SYS_setns, -1, 0); }

static const struct attack {
  const char* call;
  const char* aim;
  long (*attempt)(void);
  long (*probe)(void);
  int unfiltered;  // the probe's errno where no filter stands before the kernel
} attacks[] = {
    {"unshare", "make a user namespace, in which an attacker is root", try_unshare, probe_unshare, EINVAL},
    {"mount", "mount a file system of the attacker's own", try_mount, probe_mount, EFAULT},
    {"keyctl", "use the kernel's key rings", try_keyctl, probe_keyctl, EOPNOTSUPP},
    {"ptrace", "control another process", try_ptrace, probe_ptrace, ESRCH},
    {"bpf", "load a program or a map into the kernel", try_bpf, probe_bpf, E2BIG},
    {"io_uring_setup", "do input and output that no filter sees", try_io_uring_setup, probe_io_uring_setup, EFAULT},
    {"userfaultfd", "stop the kernel in the middle of a copy", try_userfaultfd, probe_userfaultfd, EINVAL},
    {"perf_event_open", "read the processor's counters", try_perf_event_open, probe_perf_event_open, EINVAL},
    {"add_key", "put data into kernel memory by a key", try_add_key, probe_add_key, EFAULT},
    {"process_vm_readv", "read another process's memory", try_process_vm_readv, probe_process_vm_readv, EINVAL},
    {"clone3", "make a user namespace by way of clone3", try_clone3, probe_clone3, EINVAL},
    {"clone", "make a user namespace by way of clone", try_clone, probe_clone, EINVAL},
    {"open_by_handle_at", "open a file by its number, past all folders", try_open_by_handle_at, probe_open_by_handle_at, EFAULT},
    {"pidfd_getfd", "take a file that another process has open", try_pidfd_getfd, probe_pidfd_getfd, EINVAL},
    {"setns", "enter another namespace", try_setns, try_setns, EBADF},
};

struct answer {
  long value;
  int error;
  int killed;
};

// Makes the call in a child, so that a filter that kills ends only that. If no child can be had, makes it here.
static struct answer ask(long (*call)(void)) {
  struct answer answer = {-1, 0, 0};
  int ends[2];
  if (pipe(ends) != 0) goto here;
  const pid_t child = fork();
  if (child < 0) goto here;
  if (child == 0) {
    answer.value = call();
    answer.error = answer.value < 0 ? errno : 0;
    (void)!write(ends[1], &answer, sizeof answer);
    _exit(0);
  }
  close(ends[1]);
  if (read(ends[0], &answer, sizeof answer) != sizeof answer) answer.killed = 1;
  close(ends[0]);
  waitpid(child, NULL, 0);
  return answer;
here:
  answer.value = call();
  answer.error = answer.value < 0 ? errno : 0;
  return answer;
}

static const char* outcome(const struct attack* attack, struct answer attempt, struct answer probe) {
  if (attempt.killed) return "killed";
  if (attempt.value >= 0) return "succeeded";
  const int by_filter = probe.error != attack->unfiltered && (probe.error == EPERM || probe.error == ENOSYS);
  return by_filter ? "refused" : "failed";
}

int main(void) {
  char line[512];
  const size_t count = sizeof attacks / sizeof attacks[0];
  for (size_t i = 0; i < count; ++i) {
    const struct answer attempt = ask(attacks[i].attempt);
    const struct answer probe = ask(attacks[i].probe);
    const char* error = attempt.error ? strerrorname_np(attempt.error) : "";
    const int length = snprintf(line, sizeof line,
                                "%s{\"name\": \"%s\", \"call\": \"%s\", \"outcome\": \"%s\", \"errno\": %d, \"error\": \"%s\"}%s\n",
                                i == 0 ? "[" : " ", attacks[i].aim, attacks[i].call,
                                outcome(&attacks[i], attempt, probe), attempt.error, error ? error : "",
                                i + 1 == count ? "]" : ",");
    (void)!write(1, line, (size_t)length);
  }
  return 0;
}
