/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/selinux.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "base/utf8.h"

enum { FILE_MAX = 1 << 20, CONTEXT_MAX = 4096 };

struct selinux {
	const char *proc_root;
	bool has_looked;
	int result;           /* of looking */
	char mount[PATH_MAX]; /* of selinuxfs; empty when there is none */

	/* The last process asked for: the sockets of one often come together. */
	bool has_last, is_last_known;
	uint32_t last_pid;
	struct text last;
};

struct selinux *selinux_new(const char *proc_root)
{
	struct selinux *s = calloc(1, sizeof(*s));

	if (s)
		s->proc_root = proc_root;
	return s;
}

struct selinux *selinux_free(struct selinux *s)
{
	if (!s)
		return NULL;
	text_done(&s->last);
	free(s);
	return NULL;
}

/* Keeps the path that the field @dir stands for. Returns 0 or -ENOMEM; one that is too long is none. */
static int keep_mount(struct selinux *s, struct sv dir)
{
	struct text path = {};
	int r;

	file_put_mount_path(&path, dir);
	r = path.failed ? -ENOMEM : 0;
	if (r == 0 && path.len < sizeof(s->mount))
		memcpy(s->mount, path.p, path.len);
	text_done(&path);
	return r;
}

/* Returns 0, or a negative errno when it is not known whether there is one. */
static int find_mount(struct selinux *s)
{
	struct text t = {};
	struct sv rest;

	if (s->has_looked)
		return s->result;
	s->has_looked = true;
	s->result = file_read_proc(s->proc_root, "self/mounts", NULL, &t);
	for (rest = sv_n(t.p, t.len); rest.len && s->result != -ENOMEM;) {
		struct sv line = sv_take(&rest, '\n'), dir;

		(void)sv_take(&line, ' ');
		dir = sv_take(&line, ' ');
		if (!sv_is(sv_take(&line, ' '), "selinuxfs") || !dir.len)
			continue;
		s->result = keep_mount(s, dir);
		if (s->mount[0])
			break;
	}
	text_done(&t);
	return s->result;
}

int selinux_is_enabled(struct selinux *s, struct err *e)
{
	int r = find_mount(s);

	if (r < 0)
		return err_sys(e, r, "whether SELinux is enabled: %s/self/mounts",
			       s->proc_root ? s->proc_root : "/proc");
	return s->mount[0] != '\0';
}

/* Without the NUL or newline at its end; one that is empty is none. */
static bool put_context(struct text *t, struct sv s)
{
	while (s.len && (s.p[s.len - 1] == '\0' || s.p[s.len - 1] == '\n'))
		s.len--;
	utf8_put_safe(t, s, "");
	return s.len > 0;
}

static bool read_process(struct selinux *s, uint32_t pid, struct text *ret)
{
	char path[PATH_MAX + 32];
	struct text t = {};
	bool is_known;
	int r;

	if (pid) {
		(void)snprintf(path, sizeof(path), "%u/attr/current", pid);
		r = file_read_proc(s->proc_root, path, NULL, &t);
	} else {
		(void)find_mount(s);
		(void)snprintf(path, sizeof(path), "%s/initial_contexts/kernel", s->mount);
		r = file_read(path, FILE_MAX, &t);
	}
	is_known = r >= 0 && put_context(ret, sv_n(t.p, t.len));
	if (t.failed)
		text_fail(ret);
	text_done(&t);
	return is_known;
}

bool selinux_of_process(struct selinux *s, uint32_t pid, struct text *t)
{
	if (!s->has_last || s->last_pid != pid) {
		s->last.len = 0;
		s->is_last_known = read_process(s, pid, &s->last);
		s->last_pid = pid;
		s->has_last = true;
	}
	if (s->last.failed)
		text_fail(t);
	if (s->is_last_known)
		text_put(t, s->last.p, s->last.len);
	return s->is_last_known;
}

bool selinux_of_socket(struct selinux *s, uint32_t pid, uint32_t fd, struct text *t)
{
	char path[PATH_MAX + 32], value[CONTEXT_MAX];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "%s/%u/fd/%u", s->proc_root ? s->proc_root : "/proc", pid, fd);
	len = getxattr(path, "security.selinux", value, sizeof(value));
	return len > 0 && put_context(t, sv_n(value, (size_t)len));
}
