/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

/* Newer than the headers may be. */
enum { CAP_NUMBER_PERFMON = 38, CAP_NUMBER_BPF = 39, CAPS_MAX = 64 };

static uint64_t needed_capabilities(const struct confine_opts *o)
{
	uint64_t set = UINT64_C(1) << CAP_NET_ADMIN |       /* marks, filters, memory of sockets of others */
		       UINT64_C(1) << CAP_SYS_PTRACE |      /* whose sockets they are */
		       UINT64_C(1) << CAP_DAC_READ_SEARCH | /* the same, and cgroups by their numbers */
		       UINT64_C(1) << CAP_NUMBER_BPF | UINT64_C(1) << CAP_NUMBER_PERFMON; /* walks */

	return set | (o->enters_places ? UINT64_C(1) << CAP_SYS_ADMIN : 0);
}

static int drop_capabilities(const struct confine_opts *o)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint64_t keep = needed_capabilities(o);

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned int i = 0; i < CAPS_MAX;
	     i++) /* fails for numbers that there are not, and without root */
		if (!(keep >> i & 1))
			(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(data); i++) {
		data[i].permitted &= (uint32_t)(keep >> 32 * i);
		data[i].effective &= data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

#ifdef ARCH

/* What no page needs, and whoever took this process over would want. */
static const int denied[] = {
	SYS_execve,
	SYS_execveat,
	SYS_ptrace,
	SYS_process_vm_writev,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_adjtimex,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_renameat2,
	SYS_linkat,
	SYS_symlinkat,
	SYS_mkdirat,
	SYS_mknodat,
	SYS_fchmod,
	SYS_fchmodat,
	SYS_fchown,
	SYS_fchownat,
	SYS_truncate,
	SYS_setxattr,
	SYS_fsetxattr,
	SYS_removexattr,
	SYS_setuid,
	SYS_setgid,
	SYS_setresuid,
	SYS_setresgid,
	SYS_setgroups,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_userfaultfd,
	SYS_kill,
	SYS_connect,
	SYS_acct,
	SYS_personality,
#ifdef SYS_open
	SYS_rename,
	SYS_link,
	SYS_symlink,
	SYS_mkdir,
	SYS_rmdir,
	SYS_mknod,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_creat,
	SYS_fork,
	SYS_vfork,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup,
#endif
#ifdef SYS_move_mount
	SYS_move_mount,
	SYS_fsopen,
	SYS_fsmount,
	SYS_open_tree,
#endif
};

/* Their arguments cannot be looked at: whoever calls them falls back to those that can. */
static const int unknown[] = {
#ifdef SYS_clone3
	SYS_clone3,
#endif
#ifdef SYS_openat2
	SYS_openat2,
#endif
};

enum {
	PROGRAM_MAX = 2 * (ARRAY_SIZE(denied) + ARRAY_SIZE(unknown)) + 40,
	WRITES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND,
	REFUSED = SECCOMP_RET_ERRNO | EPERM,
	UNKNOWN = SECCOMP_RET_ERRNO | ENOSYS,
	FOREIGN = 0x40000000 /* system calls of x32 */
};

struct program {
	struct sock_filter v[PROGRAM_MAX];
	size_t n;
};

static void add(struct program *p, uint16_t code, uint32_t k, uint8_t then, uint8_t otherwise)
{
	p->v[p->n++] = (struct sock_filter){ .code = code, .jt = then, .jf = otherwise, .k = k };
}

static void load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void give(struct program *p, uint32_t verdict)
{
	add(p, BPF_RET | BPF_K, verdict, 0, 0);
}

static void refuse(struct program *p, int nr, uint32_t verdict)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
	give(p, verdict);
}

/* Low half of argument @i of a system call. */
static size_t argument(size_t i)
{
	size_t at = offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);

	return at + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0);
}

/* Refuses @nr where one of the bits @mask of argument @i is set, or with @wants none of them is. */
static void refuse_bits(struct program *p, int nr, size_t i, uint32_t mask, bool wants)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 4);
	load(p, argument(i));
	add(p, BPF_JMP | BPF_JSET | BPF_K, mask, wants, !wants);
	give(p, REFUSED);
	give(p, SECCOMP_RET_ALLOW);
}

static int filter_calls(const struct confine_opts *o)
{
	struct program p = {};
	struct sock_fprog all = { .filter = p.v };

	load(&p, offsetof(struct seccomp_data, arch));
	add(&p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	give(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, offsetof(struct seccomp_data, nr));
	add(&p, BPF_JMP | BPF_JGE | BPF_K, FOREIGN, 0, 1);
	give(&p, REFUSED);
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		refuse(&p, unknown[i], UNKNOWN);
	for (size_t i = 0; i < ARRAY_SIZE(denied); i++)
		refuse(&p, denied[i], REFUSED);
	if (!o->has_path) {
		refuse(&p, SYS_unlinkat, REFUSED);
#ifdef SYS_unlink
		refuse(&p, SYS_unlink, REFUSED);
#endif
	}
#ifdef SYS_open
	refuse_bits(&p, SYS_open, 1, WRITES, false);
#endif
	refuse_bits(&p, SYS_openat, 2, WRITES, false);
	refuse_bits(&p, SYS_clone, 0, CLONE_THREAD, true); /* threads, and no processes */
	give(&p, SECCOMP_RET_ALLOW);
	all.len = (unsigned short)p.n;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &all) < 0 ? -errno : 0;
}

#else

static int filter_calls(const struct confine_opts *)
{
	return -EOPNOTSUPP;
}

#endif

int confine(const struct confine_opts *o, struct err *e)
{
	int r = drop_capabilities(o);

	if (r < 0)
		return err_sys(e, r, "capabilities cannot be given up");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, -errno, "privileges cannot be given up");
	r = filter_calls(o);
	return r < 0 ? err_sys(e, r, "system calls cannot be given up") : 0;
}
