/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Whether processes are hidden of which /proc does not even tell that they
 * exist: behind the option hidepid of its mount, or outside of our PID
 * namespace.
 */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "enrich/procs_impl.h"

enum {
	INITIAL_USER_NS = 0xeffffffd, /* what the kernel numbers them, in every kernel that has them */
	INITIAL_PID_NS = 0xeffffffc,
	MOUNTS_MAX = 16 << 20,
	HIDE_FROM_GROUP = 2, /* of the values of hidepid: not told to those outside of a group */
	HIDE_FROM_ALL = 4,   /* nor to those in it */
};

size_t procs_hidden(const struct procs *p)
{
	return atomic_load_explicit(&p->n_hidden, memory_order_relaxed);
}

/* Whether the file @rel, of a namespace, is that of the one with @number. */
static bool is_namespace(const struct procs *p, const char *rel, unsigned int number)
{
	struct stat st;

	return fstatat(p->root, rel, &st, 0) == 0 && st.st_ino == number;
}

/* Whether nothing is hidden from us, of what there is in the user namespace. */
static bool may_trace(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	return syscall(SYS_capget, &header, data) == 0 &&
	       data[CAP_TO_INDEX(CAP_SYS_PTRACE)].effective & CAP_TO_MASK(CAP_SYS_PTRACE);
}

static bool is_in_group(gid_t gid)
{
	int n = getgroups(0, NULL);
	_cleanup_free_ gid_t *v = n > 0 ? calloc((size_t)n, sizeof(*v)) : NULL;

	if (getegid() == gid)
		return true;
	n = v ? getgroups(n, v) : 0;
	for (int i = 0; i < n; i++)
		if (v[i] == gid)
			return true;
	return false;
}

/* The value of the mount option @name, which ends with "=", in @options. */
static bool find_option(struct sv options, const char *name, struct sv *ret)
{
	while (options.len) {
		struct sv word = sv_take(&options, ',');

		if (!sv_is(sv_first(word, strlen(name)), name))
			continue;
		*ret = sv_from(word, strlen(name));
		return true;
	}
	return false;
}

/* Whether a proc file system with @options hides processes of others from us. */
static bool hides(struct sv options)
{
	struct sv value = {}, group;
	uint64_t level = 0, gid = 0;

	if (!find_option(options, "hidepid=", &value))
		return false;
	if (sv_is(value, "invisible"))
		level = HIDE_FROM_GROUP;
	else if (sv_is(value, "ptraceable"))
		level = HIDE_FROM_ALL;
	else if (!num_read(value, 10, UINT32_MAX, &level))
		return false;
	if (level < HIDE_FROM_GROUP)
		return false;
	if (find_option(options, "gid=", &group))
		(void)num_read(group, 10, UINT32_MAX, &gid);
	return level >= HIDE_FROM_ALL || !is_in_group((gid_t)gid);
}

/* Whether the line @line of mountinfo is of the mount @id; then *@ret is the options of its file system. */
static bool is_mount(struct sv line, uint64_t id, struct sv *ret)
{
	ptrdiff_t dash = -1;
	uint64_t n;

	if (!num_read(sv_take(&line, ' '), 10, UINT64_MAX, &n) || n != id)
		return false;
	while (line.len && dash < 0)
		dash = sv_is(sv_take(&line, ' '), "-") ? 0 : -1;
	(void)sv_take(&line, ' '); /* type */
	(void)sv_take(&line, ' '); /* source */
	*ret = line;
	return dash == 0;
}

/* Returns 1, 0 or a negative errno. */
static int mount_hides(const struct procs *p)
{
	struct sv rest, options;
	struct text t = {};
	struct statx sx;
	int r;

	if (may_trace() && is_namespace(p, "self/ns/user", INITIAL_USER_NS))
		return 0;
	if (statx(p->root, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &sx) < 0 ||
	    !(sx.stx_mask & STATX_MNT_ID))
		return fstatat(p->root, "1", &(struct stat){}, 0) < 0; /* there always is one */
	r = file_read("/proc/self/mountinfo", MOUNTS_MAX, &t);
	for (rest = sv_n(t.p, t.len); rest.len && r == 0;) {
		if (is_mount(sv_take(&rest, '\n'), sx.stx_mnt_id, &options)) {
			r = hides(options);
			break;
		}
	}
	text_done(&t);
	return r == -ENOENT ? 0 : r;
}

int procs_look(const struct procs *p, enum procs_sight *ret)
{
	struct statfs fs;
	int r;

	*ret = PROCS_SIGHT_ALL;
	if (!p->n_task && p->way == PROCS_PROC) {
		*ret = PROCS_SIGHT_NONE;
		return 0;
	}
	if (fstatfs(p->root, &fs) < 0)
		return -errno;
	if (fs.f_type != PROC_SUPER_MAGIC) /* somebody made it, who knows what is in it */
		return 0;
	r = p->way == PROCS_PROC ? mount_hides(p) : 0;
	if (r)
		*ret = PROCS_SIGHT_MOUNT;
	if (r || is_namespace(p, "1/ns/pid", INITIAL_PID_NS) ||
	    is_namespace(p, "self/ns/pid", INITIAL_PID_NS))
		return r < 0 ? r : 0;
	/* Kernels without PID namespaces have no such file. */
	if (fstatat(p->root, "self/ns", &(struct stat){}, 0) < 0 ||
	    fstatat(p->root, "self/ns/pid", &(struct stat){}, 0) == 0 || errno != ENOENT)
		*ret = PROCS_SIGHT_NAMESPACE;
	return 0;
}

enum procs_sight procs_sight(const struct procs *p)
{
	if (p->sight != PROCS_SIGHT_NONE && p->sight != PROCS_SIGHT_MOUNT && procs_hidden(p))
		return PROCS_SIGHT_SOME;
	return p->sight;
}
