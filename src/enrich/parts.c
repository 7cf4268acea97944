/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/num.h"
#include "enrich/loose.h"
#include "enrich/users.h"

typedef int part_read(const struct part_of *of, struct text *ret);

static part_read *const reads[PART_MAX] = {
#define READ(id, name, type, member, function, ...) [PART_##id] = function,
#include "model/defs/part.def"
};

/* A process, and what was read of it. */
struct known {
	uint32_t pid;
	uint32_t has; /* bits 1 << enum part: asked for already */
	struct owner_texts texts;
	struct text kept[PART_MAX];
};

struct parts {
	struct part_of of; /* .pid is the one at hand */
	struct hash known;
	struct owner *v; /* the last answer */
	size_t cap;
	bool has_failed; /* for want of memory */
	size_t n_unread; /* texts, for other reasons than those of is_answer() */
};

/* When the system began: the line "btime SECONDS" of its stat, 0 where there is none to be read. Returns 0 or
 * a negative errno. */
static int read_boot(const char *proc_root, uint64_t *ret)
{
	struct text t = {};
	struct sv rest;
	int r = file_read_proc(proc_root, "stat", NULL, &t);

	*ret = 0;
	for (rest = sv_n(t.p, t.len); rest.len;) {
		struct sv line = sv_take(&rest, '\n');

		if (sv_is(sv_take(&line, ' '), "btime"))
			(void)num_read(line, 10, UINT32_MAX, ret);
	}
	text_done(&t);
	return r == -ENOENT || r == -EACCES ? 0 : r;
}

int parts_new(const struct parts_opts *o, struct parts **ret)
{
	_cleanup_(parts_freep) struct parts *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->of.root = open(o->proc_root ? o->proc_root : "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->of.root < 0)
		return -errno;
	p->of.users = users_new(o->tree);
	p->of.loose = o->proc_root ? NULL : loose_new();
	if (!p->of.users || (!o->proc_root && !p->of.loose))
		return -ENOMEM;
	r = read_boot(o->proc_root, &p->of.boot_s);
	if (r >= 0)
		*ret = take_ptr(p);
	return r;
}

uint32_t parts_wanted(const struct fieldset *set, enum field_id owners)
{
	uint32_t bits = 0;

	for (uint32_t left = PARTS_READ; left; left &= left - 1) {
		enum part part = (enum part)__builtin_ctz(left);

		bits |= fieldset_has(set, (enum field_id)(owners + (int)part)) ? 1u << part : 0;
	}
	return bits;
}

struct parts *parts_free(struct parts *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; i < p->known.n_slots; i++) {
		struct known *k = p->known.slot[i].item;

		for (enum part part = 0; k && part < PART_MAX; part++)
			text_done(&k->kept[part]);
		free(k);
	}
	hash_done(&p->known);
	closep(&p->of.root);
	(void)users_free(p->of.users);
	(void)loose_free(p->of.loose);
	free(p->v);
	free(p);
	return NULL;
}

static bool is_pid(const void *item, const void *key)
{
	const struct known *k = item;
	const uint32_t *pid = key;

	return k->pid == *pid;
}

static struct known *find_known(struct parts *p, uint32_t pid)
{
	struct known *k = hash_find(&p->known, hash_u64(pid), is_pid, &pid);

	if (k)
		return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->pid = pid;
	if (hash_put(&p->known, hash_u64(pid), k) < 0) {
		free(k);
		return NULL;
	}
	return k;
}

/* The process has ended, or may not be looked into: who asks is told so in another way. */
static bool is_answer(int r)
{
	return r == -ENOENT || r == -ESRCH || r == -EACCES || r == -EPERM || r == -ENOMEM;
}

static struct sv read_part(struct parts *p, struct known *k, enum part part)
{
	struct text *t = &k->kept[part];
	int r;

	p->of.pid = k->pid;
	r = reads[part](&p->of, t);
	p->has_failed |= r == -ENOMEM || t->failed;
	p->n_unread += r < 0 && !is_answer(r);
	if (r >= 0 && !t->failed && t->len)
		return sv_n(t->p, t->len);
	return r == -EACCES || r == -EPERM ? sv("") : (struct sv){};
}

static const struct owner_texts *texts_of(struct parts *p, uint32_t pid, uint32_t wanted)
{
	struct known *k = find_known(p, pid);

	p->has_failed |= !k;
	if (!k)
		return NULL;
	for (uint32_t left = wanted & ~k->has; left; left &= left - 1) {
		enum part part = (enum part)__builtin_ctz(left);
		struct sv text = read_part(p, k, part);

		memcpy((char *)&k->texts + part_at[part].off, &text, sizeof(text));
	}
	k->has |= wanted;
	return &k->texts;
}

struct owners parts_add(struct parts *p, uint32_t wanted, struct owners o)
{
	wanted &= PARTS_READ;
	if (!wanted || !o.n)
		return o;
	if (o.n > p->cap) {
		struct owner *v = reallocarray(p->v, o.n, sizeof(*v));

		p->has_failed |= !v;
		if (!v)
			return o;
		p->v = v;
		p->cap = o.n;
	}
	if (o.v != p->v)
		memcpy(p->v, o.v, o.n * sizeof(*o.v));
	for (size_t i = 0; i < o.n; i++)
		p->v[i].texts = texts_of(p, p->v[i].pid, wanted);
	return (struct owners){ .v = p->v, .n = o.n };
}

bool parts_have_failed(const struct parts *p)
{
	return p->has_failed;
}

size_t parts_unread(const struct parts *p)
{
	return p->n_unread;
}
