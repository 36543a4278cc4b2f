// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// The programs that the recorder attaches. What they do is in the headers (README.md says in which).
#include "base.h"
#include "thread.h"
#include "owner.h"
#include "subject.h"
#include "script.h"
#include "call.h"
#include "denial.h"
#include "hot.h"
#include "event.h"

char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/sys_enter")
int record_enter(struct bpf_raw_tracepoint_args *args)
{
	return enter(args->args[0], args->args[1], WITHOUT_DENIALS);
}

SEC("raw_tp/sys_enter")
int watch_enter(struct bpf_raw_tracepoint_args *args)
{
	return enter(args->args[0], args->args[1], WITH_DENIALS);
}

SEC("raw_tp/sys_exit")
int watch_exit(struct bpf_raw_tracepoint_args *args)
{
	return leave(args->args[0], args->args[1]);
}

SEC("tp_btf/signal_generate")
int BPF_PROG(watch_signal, int signal, struct kernel_siginfo *info, struct task_struct *task)
{
	return signalled(signal, info, task);
}

SEC("tp_btf/signal_generate")
int BPF_PROG(wake_on_signal, int signal, struct kernel_siginfo *info, struct task_struct *task)
{
	return signal_woke(signal, info, task);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	__u64 stack = stack_of(child);

	forget_stack(stack);
	if (inherit_owner(parent, child) && watch_denials)
		set_in_call(stack, IN_CALL); /* its first exit is that of its parent's clone */
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct whittle_task_state state = {};

	forget_stack(stack_of(task));
	if (exec_owner(task, &state)) {
		note_script(task, &state, bprm);
		send_exec(task, state.owner);
	}
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct whittle_task_state state = {};
	__u64 key = (__u64)task;
	bool watched_task = owner_of(task, &state);

	if (watch_denials) {
		if (watched_task) {
			thread_ended(task);
			sample_finished(stack_of(task));
		}
		thread_gone(stack_of(task));
	}
	if (watched_task && BPF_CORE_READ(task, signal, live.counter) == 0)
		send_exit(task, state.owner);
	bpf_map_delete_elem(&tasks, &key);
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *cgroup, const char *path, struct task_struct *task, bool whole_group)
{
	/* It is in its new cgroup already, and so is who asks from now on. */
	if (whole_group && BPF_CORE_READ(task, signal, nr_threads) > 1) {
		forget_all();
	} else {
		__sync_fetch_and_add(&control.generation, 1);
		forget_stack(stack_of(task));
	}
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_mkdir, struct cgroup *cgroup, const char *path)
{
	return cgroup_made(cgroup, path);
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_rmdir, struct cgroup *cgroup, const char *path)
{
	return cgroup_removed(cgroup, path);
}
