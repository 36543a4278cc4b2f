#!/usr/bin/env python3
"""Writes the evidence that the golden tests read. Run it in this folder, then `whittle merge FILE -o FILE` makes it canonical.

The calls are those of a small nginx; the epochs follow a fixed rule, so that the files stay the same."""
import json

START = """access arch_prctl brk close epoll_create1 eventfd2 execve fcntl fstat futex getpid getppid getrandom geteuid getdents64
gettid ioctl listen lseek mmap mprotect munmap newfstatat openat pread64 prlimit64 read rseq rt_sigaction rt_sigprocmask
set_robust_list set_tid_address setsockopt socket socketpair bind sysinfo uname dup2 io_setup mkdir chown unlink clone
prctl setgid setgroups setuid sched_getaffinity exit_group rt_sigsuspend wait4""".split()
STEADY = "accept4 epoll_wait epoll_ctl recvfrom writev write sendfile close openat newfstatat fstat read pread64".split()
SOMETIMES = {"connect": 7, "getsockopt": 7, "sendto": 9, "getdents64": 11, "pwrite64": 17, "unlink": 19, "ftruncate": 40, "recvmsg": 60}
SHELL = "brk mmap execve close openat read write exit_group rt_sigaction vfork wait4 getuid getcwd".split()
RUNC = "capget capset openat read write setuid setgid prctl execve futex getpid epoll_ctl fstatfs".split()
EPOCHS = 120


def text(epochs):
    out, epochs = [], sorted(set(epochs))
    while epochs:
        last = 0
        while last + 1 < len(epochs) and epochs[last + 1] == epochs[0] + last + 1:
            last += 1
        out.append(str(epochs[0]) if last == 0 else f"{epochs[0]}-{epochs[last]}")
        epochs = epochs[last + 1:]
    return ",".join(out)


def calls(seen, recording, fate="allowed", under_filter=False):
    return [{"call": call, "fate": fate, "under_filter": under_filter, **({"clone_flags": "ordinary"} if call == "clone" else {}),
             "epochs": {recording: text(epochs)}} for call, epochs in seen.items()]


def nginx():
    seen = {call: [0] for call in START}
    for call in STEADY:
        seen[call] = list(range(1, EPOCHS - 1)) + seen.get(call, [])
    for call, every in SOMETIMES.items():
        seen[call] = list(range(every, EPOCHS, every)) + seen.get(call, [])
    seen["exit_group"] = [0, EPOCHS - 1]
    return seen


def document(name, recording, subjects, gaps=(), exercised=("start", "shutdown"), runtime="runc 1.1.5"):
    value = {
        "format": "whittle-evidence", "version": 3, "complete": not gaps,
        "recordings": {recording: {
            "source": "ebpf", "kernel": "6.1.0-28-amd64", "native": "x86_64", "target": "container web",
            "image": "nginx:1.22", "engine": "docker 20.10.24", "runtime": runtime, "refusals_watched": name in ("enforced", "refused"),
            "exercised": sorted(exercised),
            "started_ms": 1764057600000, "ended_ms": 1764057600000 + EPOCHS * 1000, "epoch_ms": 1000, "epochs": EPOCHS}},
        "subjects": subjects, "gaps": list(gaps)}
    with open(f"{name}.evidence.json", "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")


def subject(executable, by_abi, container="web", arrival="workload", scripts=()):
    return {"container": container, "executable": executable, "arrival": arrival,
            **({"scripts": sorted(scripts)} if scripts else {}), "calls": by_abi}


web = [subject("/usr/sbin/nginx", {"x86_64": calls(nginx(), "web-1")}),
       subject("/usr/bin/dash", {"x86_64": calls({call: [0] for call in SHELL}, "web-1")},
               scripts=["/docker-entrypoint.sh", "./\x1b[31mrun.sh"]),
       subject("/usr/bin/runc", {"x86_64": calls({call: [0] for call in RUNC}, "web-1")}, arrival="arrived")]
document("web", "web-1", web)
document("web-gaps", "web-2", [subject("/usr/sbin/nginx", {"x86_64": calls(nginx(), "web-2", under_filter=True)})],
         [{"recording": "web-2", "kind": "killed", "detail": "the recorder was killed; unwatched until the next start", "count": 0}],
         exercised=())
document("enforced", "web-3", [subject("/usr/sbin/nginx", {"x86_64": calls(nginx(), "web-3", under_filter=True)})])
document("refused", "web-4",
         [subject("/usr/sbin/nginx", {"x86_64": calls(nginx(), "web-4", under_filter=True)
                                      + calls({"mlockall": [3, 4]}, "web-4", "denied", True)}),
          subject("/attack<script>alert(1)</script>\x1b[31m",
                  {"x86_64": calls({"unshare": [50], "mount": [50], "bpf": [50]}, "web-4", "denied", True),
                   "i386": calls({"socketcall": [51]}, "web-4", "killed", True)})])
document("mixed", "mixed-1",
         [subject("/opt/app", {"x86_64": calls({"openat": [0, 1], "read": [0, 1], "clone3": [0], "#700": [1]}, "mixed-1"),
                               "i386": calls({"open": [1], "clock_gettime64": [1]}, "mixed-1")}, container="-")])
document("empty", "empty-1", [])
