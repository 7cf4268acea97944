/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "enrich/selinux.h"

#include <limits.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "base/utf8.h"

enum { FILE_MAX = 1 << 20, CONTEXT_MAX = 4096 };

struct selinux {
	const char *proc_root;
	bool has_looked;
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

void selinux_free(struct selinux *s)
{
	if (!s)
		return;
	text_done(&s->last);
	free(s);
}

static void find_mount(struct selinux *s)
{
	struct text t = {};
	struct sv rest;

	if (s->has_looked)
		return;
	s->has_looked = true;
	(void)file_read_proc(s->proc_root, "self/mounts", NULL, &t);
	for (rest = sv_n(t.p, t.len); rest.len;) {
		struct sv line = sv_take(&rest, '\n'), dir;

		(void)sv_take(&line, ' ');
		dir = sv_take(&line, ' ');
		if (!sv_is(sv_take(&line, ' '), "selinuxfs") || dir.len >= sizeof(s->mount))
			continue;
		memcpy(s->mount, dir.p, dir.len);
		break;
	}
	text_done(&t);
}

bool selinux_is_enabled(struct selinux *s)
{
	find_mount(s);
	return s->mount[0];
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
		find_mount(s);
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
