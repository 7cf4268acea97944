/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "enrich/namemap.h"

typedef int part_read(int root, uint32_t pid, struct text *ret);

static part_read *const reads[PART_MAX] = {
#define READ(id, name, type, member, function, ...) [PART_##id] = function,
#include "model/defs/part.def"
};

struct parts {
	int root;
	struct namemap known; /* by part and pid; empty, but something: it may not be read */
	struct owner *v;      /* the last answer */
	size_t cap;
	struct text text;
};

int parts_new(const char *proc_root, struct parts **ret)
{
	struct parts *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->root = open(proc_root ? proc_root : "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->root < 0) {
		int r = -errno;

		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

struct parts *parts_free(struct parts *p)
{
	if (!p)
		return NULL;
	namemap_done(&p->known);
	text_done(&p->text);
	closep(&p->root);
	free(p->v);
	free(p);
	return NULL;
}

/* The text of one process. Without memory it is as if there were none. */
static struct sv read_part(struct parts *p, enum part part, uint32_t pid)
{
	const struct namemap_key key = { .hi = part, .lo = pid };
	struct sv found = {};
	int r;

	if (namemap_find(&p->known, key, &found) || !reads[part])
		return found;
	p->text.len = 0;
	r = reads[part](p->root, pid, &p->text);
	if (r >= 0 && !p->text.failed && p->text.len)
		found = sv_n(p->text.p, p->text.len);
	else if (r == -EACCES || r == -EPERM)
		found = sv("");
	return namemap_add(&p->known, key, found, &found) < 0 ? (struct sv){} : found;
}

struct owners parts_add(struct parts *p, uint32_t wanted, struct owners o)
{
	wanted &= PARTS_READ;
	if (!wanted || !o.n)
		return o;
	if (o.n > p->cap) {
		struct owner *v = reallocarray(p->v, o.n, sizeof(*v));

		if (!v)
			return o;
		p->v = v;
		p->cap = o.n;
	}
	if (o.v != p->v)
		memcpy(p->v, o.v, o.n * sizeof(*o.v));
	for (size_t i = 0; i < o.n; i++)
		for (uint32_t left = wanted; left; left &= left - 1) {
			enum part part = (enum part)__builtin_ctz(left);
			struct sv text = read_part(p, part, p->v[i].pid);

			memcpy((char *)&p->v[i] + part_at[part].off, &text, sizeof(text));
		}
	return (struct owners){ p->v, o.n };
}
