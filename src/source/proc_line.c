/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/proc_line.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <unistd.h>

#include "base/num.h"
#include "nl/emit.h"

/* So that a file without lines or end is not read forever. */
enum { LONG_BYTES_MAX = 64 << 20 };

static int fill(struct proc_lines *l, struct err *e)
{
	ssize_t n;

	if (l->pos) {
		l->len -= l->pos;
		l->seen -= l->pos;
		memmove(l->buf, l->buf + l->pos, l->len);
		l->pos = 0;
	}
	if (l->len == sizeof(l->buf)) {
		l->skipped += !l->in_long;
		l->in_long = true;
		l->long_bytes += l->len;
		l->len = l->seen = 0;
		if (l->long_bytes > LONG_BYTES_MAX)
			return err_say(e, -EBADMSG, "%s: this is not a text file", l->name);
	}
	do
		n = read(l->fd, l->buf + l->len, sizeof(l->buf) - l->len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, -errno, "reading %s", l->name);
	l->is_end = !n;
	l->len += (size_t)n;
	return 0;
}

int proc_lines_next(struct proc_lines *l, struct sv *ret, struct err *e)
{
	if (l->has_pending) {
		l->has_pending = false;
		*ret = l->pending;
		return 1;
	}
	for (;;) {
		ptrdiff_t n = sv_find(sv_n(l->buf + l->seen, l->len - l->seen), '\n');
		bool is_tail = l->in_long;
		int r;

		if (n >= 0) {
			*ret = sv_n(l->buf + l->pos, l->seen + (size_t)n - l->pos);
			l->pos = l->seen += (size_t)n + 1;
			l->in_long = false;
			l->long_bytes = 0;
			if (is_tail)
				continue;
			return 1;
		}
		if (l->is_end) {
			*ret = sv_n(l->buf + l->pos, l->len - l->pos);
			l->pos = l->seen = l->len;
			return ret->len && !is_tail;
		}
		l->seen = l->len;
		r = fill(l, e);
		if (r < 0)
			return r;
	}
}

struct sv proc_col(struct proc_cols *c)
{
	struct sv word;
	ptrdiff_t n;

	while (c->rest.len && c->rest.p[0] == ' ')
		c->rest = sv_from(c->rest, 1);
	n = sv_find(c->rest, ' ');
	word = n < 0 ? c->rest : sv_first(c->rest, (size_t)n);
	c->rest = sv_from(c->rest, word.len);
	if (!word.len)
		c->is_bad = true;
	return word;
}

uint64_t proc_num_of(struct proc_cols *c, struct sv s, unsigned int base, uint64_t max)
{
	uint64_t v = 0;

	if (!num_read(s, base, max, &v))
		c->is_bad = true;
	return v;
}

struct sv proc_pair(struct proc_cols *c, struct sv *ret)
{
	struct sv word = proc_col(c);
	ptrdiff_t n = sv_find(word, ':');

	if (n < 0) {
		c->is_bad = true;
		*ret = sv_n(NULL, 0);
		return word;
	}
	*ret = sv_from(word, (size_t)n + 1);
	return sv_first(word, (size_t)n);
}

uint64_t proc_pointer(struct proc_cols *c)
{
	uint64_t v = 0;

	/* A kernel that has no entropy yet writes a word in parentheses instead. */
	(void)num_read(proc_col(c), 16, UINT64_MAX, &v);
	return v;
}

void proc_msg(struct proc *p, const void *header, size_t len)
{
	char *buf = (char *)p->msg.bytes;

	(void)emit_end(buf, emit_begin(buf, header, len), SOCK_DIAG_BY_FAMILY);
}

void proc_attr(struct proc *p, uint16_t type, const void *payload, size_t len)
{
	(void)emit_more((char *)p->msg.bytes, type, payload, len);
}
