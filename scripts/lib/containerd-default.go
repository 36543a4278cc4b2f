// Asks containerd's own library for its default profile: of the machines below, with and without each capability, on a
// new kernel and on an old one. Writes the document that says the same by conditions on these; before that it holds the two
// against each other, for random sets of capabilities. See scripts/containerd-default.
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"slices"

	"ask/kernelversion"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// What runtime.GOARCH is in containerd's source.
var arch string

// Machines as Go names them, as docker's conditions do, and the native one of a list of architectures.
type machine struct {
	goarch, condition string
	native            specs.Arch
}

var machines = []machine{
	{"amd64", "amd64", specs.ArchX86_64}, {"arm64", "arm64", specs.ArchAARCH64}, {"arm", "arm", specs.ArchARM},
	{"386", "x86", specs.ArchX86}, {"s390x", "s390x", specs.ArchS390X}, {"s390", "s390", specs.ArchS390}, {"ppc64le", "ppc64le", specs.ArchPPC64LE},
	{"riscv64", "riscv64", specs.ArchRISCV64},
}

var capabilities = []string{
	"AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE",
	"DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN",
	"MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID",
	"SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE",
	"SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
}

type selector struct {
	Caps      []string `json:"caps,omitempty"`
	Arches    []string `json:"arches,omitempty"`
	MinKernel string   `json:"minKernel,omitempty"`
}

type entry struct {
	specs.LinuxSyscall
	Includes *selector `json:"includes,omitempty"`
	Excludes *selector `json:"excludes,omitempty"`
}

type mapping struct {
	Architecture     specs.Arch   `json:"architecture"`
	SubArchitectures []specs.Arch `json:"subArchitectures"`
}

type document struct {
	DefaultAction   specs.LinuxSeccompAction `json:"defaultAction"`
	DefaultErrnoRet *uint                    `json:"defaultErrnoRet,omitempty"`
	ArchMap         []mapping                `json:"archMap"`
	Syscalls        []*entry                 `json:"syscalls"`
}

func ask(of machine, newKernel bool, caps ...string) *specs.LinuxSeccomp {
	arch = of.goarch
	kernelversion.New = newKernel
	spec := &specs.Spec{Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{}}}
	for _, name := range caps {
		spec.Process.Capabilities.Bounding = append(spec.Process.Capabilities.Bounding, "CAP_"+name)
	}
	return DefaultProfile(spec)
}

func text(value any) string {
	bytes, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(bytes)
}

func texts(profile *specs.LinuxSeccomp) []string {
	var all []string
	for _, rule := range profile.Syscalls {
		all = append(all, text(rule))
	}
	return all
}

// The entries of a, in their order, that b does not have.
func without(a *specs.LinuxSeccomp, b *specs.LinuxSeccomp) []specs.LinuxSyscall {
	var left []specs.LinuxSyscall
	others := texts(b)
	for _, rule := range a.Syscalls {
		if !slices.Contains(others, text(rule)) {
			left = append(left, rule)
		}
	}
	return left
}

// One entry for each rule and condition besides the machine, with the machines that have it.
type builder struct{ entries []*entry }

func (b *builder) add(of machine, rule specs.LinuxSyscall, includes, excludes selector) {
	key := text([]any{rule, includes, excludes})
	for _, known := range b.entries {
		bare := *known.Includes
		bare.Arches = nil
		if text([]any{known.LinuxSyscall, bare, *known.Excludes}) == key {
			known.Includes.Arches = append(known.Includes.Arches, of.condition)
			return
		}
	}
	includes.Arches = []string{of.condition}
	b.entries = append(b.entries, &entry{rule, &includes, &excludes})
}

func made() document {
	var b builder
	doc := document{DefaultAction: ask(machines[0], true).DefaultAction, DefaultErrnoRet: ask(machines[0], true).DefaultErrnoRet}
	for _, of := range machines {
		base, old := ask(of, true), ask(of, false)
		subs := []specs.Arch{}
		for _, name := range base.Architectures {
			if name != of.native {
				subs = append(subs, name)
			}
		}
		if len(base.Architectures) > 0 {
			doc.ArchMap = append(doc.ArchMap, mapping{of.native, subs})
		}
		later := without(base, old)
		for _, rule := range base.Syscalls {
			var includes, excludes selector
			if slices.ContainsFunc(later, func(one specs.LinuxSyscall) bool { return text(one) == text(rule) }) {
				includes.MinKernel = kernelversion.Asked
			}
			for _, name := range capabilities {
				if !slices.Contains(texts(ask(of, true, name)), text(rule)) {
					excludes.Caps = append(excludes.Caps, "CAP_"+name)
				}
			}
			b.add(of, rule, includes, excludes)
		}
		for _, name := range capabilities {
			for _, rule := range without(ask(of, true, name), base) {
				b.add(of, rule, selector{Caps: []string{"CAP_" + name}}, selector{})
			}
		}
	}
	for _, e := range b.entries {
		e.widen()
	}
	doc.Syscalls = b.entries
	return doc
}

// What most machines have, all have but those that do not: so do machines that are not asked here.
func (e *entry) widen() {
	if len(e.Includes.Arches) <= len(machines)/2 {
		return
	}
	for _, of := range machines {
		if !slices.Contains(e.Includes.Arches, of.condition) {
			e.Excludes.Arches = append(e.Excludes.Arches, of.condition)
		}
	}
	e.Includes.Arches = nil
}

func (e *entry) selected(of machine, newKernel bool, caps []string) bool {
	has := func(name string) bool { return slices.Contains(caps, name[len("CAP_"):]) }
	included := e.Includes.Arches == nil || slices.Contains(e.Includes.Arches, of.condition)
	return included && !slices.Contains(e.Excludes.Arches, of.condition) && !slices.ContainsFunc(e.Excludes.Caps, has) &&
		(e.Includes.MinKernel == "" || newKernel) &&
		!slices.ContainsFunc(e.Includes.Caps, func(name string) bool { return !has(name) })
}

// The same entries; their order does not matter where all of them allow or name other calls.
func check(doc document) {
	for round := 0; round < 2000; round++ {
		of, newKernel := machines[rand.Intn(len(machines))], rand.Intn(2) == 0
		var caps, said []string
		for _, name := range capabilities {
			if rand.Intn(4) == 0 {
				caps = append(caps, name)
			}
		}
		for _, e := range doc.Syscalls {
			if e.selected(of, newKernel, caps) {
				said = append(said, text(e.LinuxSyscall))
			}
		}
		want := texts(ask(of, newKernel, caps...))
		slices.Sort(said)
		slices.Sort(want)
		if !slices.Equal(said, want) {
			fmt.Fprintln(os.Stderr, "not the same:", of, newKernel, caps)
			os.Exit(1)
		}
	}
}

func main() {
	doc := made()
	check(doc)
	for _, e := range doc.Syscalls {
		if text(e.Includes) == "{}" {
			e.Includes = nil
		}
		if text(e.Excludes) == "{}" {
			e.Excludes = nil
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		panic(err)
	}
}
