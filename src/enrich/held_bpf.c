/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The sockets of all descriptor tables, read by BPF at once, and found by inode. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf/files_read.h"
#include "bpf/held.h"
#include "enrich/held_impl.h"

struct held_kept {
	struct bpf_load *load;
	struct files_window *window;
	struct held_record *record; /* one for each of the window's finds */
	int failed;                 /* why it cannot be loaded, with the detail */
	struct err why;
};

struct entry {
	uint32_t inode; /* 0: free */
	struct held_record r;
};

struct held_table {
	const struct held_kept *from;
	struct entry *v; /* hashed, a power of two */
	size_t n, cap;
	uint64_t usec_per_tick;
};

struct held_kept *held_kept_free(struct held_kept *k)
{
	if (!k)
		return NULL;
	(void)bpf_load_close(k->load);
	free(k);
	return NULL;
}

struct held_table *held_table_free(struct held_table *t)
{
	if (!t)
		return NULL;
	free(t->v);
	free(t);
	return NULL;
}

static struct entry *place_of(const struct held_table *t, uint32_t inode)
{
	size_t at = (uint32_t)(inode * UINT32_C(0x9e3779b1)) & (t->cap - 1);

	while (t->v[at].inode && t->v[at].inode != inode)
		at = (at + 1) & (t->cap - 1);
	return &t->v[at];
}

static int grow(struct held_table *t)
{
	struct held_table larger = { .cap = t->cap ? 2 * t->cap : 1024 };

	larger.v = calloc(larger.cap, sizeof(*larger.v));
	if (!larger.v)
		return -ENOMEM;
	for (size_t i = 0; i < t->cap; i++)
		if (t->v[i].inode)
			*place_of(&larger, t->v[i].inode) = t->v[i];
	free(t->v);
	t->v = larger.v;
	t->cap = larger.cap;
	return 0;
}

static int empty_window(void *ctx)
{
	struct held_table *t = ctx;
	struct files_window *w = t->from->window;
	uint32_t n = w->n_find;

	if (n > FILES_FINDS)
		return -EBADMSG;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t inode = w->find[i].inode;
		struct entry *to;

		if (t->n >= t->cap / 2 && grow(t) < 0)
			return -ENOMEM;
		to = place_of(t, inode);
		t->n += !to->inode;
		*to = (struct entry){ .inode = inode, .r = t->from->record[i] };
	}
	w->n_task = w->n_find = 0;
	return 0;
}

static int load(struct held_kept *k, struct err *e)
{
	_cleanup_(bpf_load_closep) struct bpf_load *l = NULL;
	void *window, *record;
	size_t len = 0;
	int r = bpf_load_open(&bpf_image_held, &l, e);

	if (!r)
		r = bpf_load_finish(l, e);
	if (!r)
		r = bpf_load_mmap(l, ".bss", &window, &len, e);
	if (!r && len != sizeof(struct files_window))
		r = err_say(e, -EINVAL, "BPF program held has a window of %zu bytes", len);
	if (!r)
		r = bpf_load_mmap(l, ".bss.held", &record, &len, e);
	if (!r && len != sizeof(struct held_record) * FILES_FINDS)
		r = err_say(e, -EINVAL, "BPF program held has records of %zu bytes", len);
	if (r < 0)
		return r;
	k->load = take_ptr(l);
	k->window = window;
	k->record = record;
	return 0;
}

/* Loads it, unless it is there or was not to be had before. */
static int load_once(struct held_kept *k, struct err *e)
{
	int r;

	if (k->load)
		return 0;
	if (k->failed)
		return err_say(e, k->failed, "%s", k->why.text);
	r = load(k, &k->why);
	if (r < 0)
		(void)err_say(e, r, "%s", k->why.text);
	if (r != -ENOMEM)
		k->failed = r;
	return r;
}

int held_table_new(struct held_kept **kept, struct held_table **ret, struct err *e)
{
	_cleanup_(held_table_freep) struct held_table *t = calloc(1, sizeof(*t));
	struct timespec tick;
	int r;

	if (!*kept)
		*kept = calloc(1, sizeof(**kept));
	if (!t || !*kept)
		return err_sys(e, -ENOMEM, "sockets in the kernel's memory");
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) < 0 || tick.tv_sec || tick.tv_nsec < 1000)
		return err_say(e, -EOPNOTSUPP, "the kernel's clock does not tick in microseconds");
	t->usec_per_tick = (uint64_t)tick.tv_nsec / 1000;
	t->from = *kept;
	r = load_once(*kept, e);
	if (r >= 0)
		r = grow(t);
	if (r >= 0) {
		memset(t->from->window, 0, offsetof(struct files_window, task));
		r = files_read((*kept)->load, "each_task", empty_window, t, e);
	}
	if (r >= 0)
		*ret = take_ptr(t);
	return r;
}

static uint64_t milliseconds(const struct held_table *t, uint64_t ticks)
{
	return ticks > UINT64_MAX / t->usec_per_tick ? HELD_NONE - 1 : ticks * t->usec_per_tick / 1000;
}

static void describe_tcp(const struct held_table *t, const struct held_record *r, struct seg_held *ret)
{
	ret->nodelay = !!(r->flags & HELD_NODELAY);
	ret->cork = !!(r->flags & HELD_CORK);
	ret->keepidle_ms = milliseconds(t, r->keepidle);
	ret->keepintvl_ms = milliseconds(t, r->keepintvl);
	ret->keepcnt = r->keepcnt;
	ret->user_timeout_ms = r->user_timeout;
	ret->notsent_lowat = r->notsent_lowat;
	ret->congestion_set = !!(r->flags & HELD_CONGESTION_SET);
	ret->congestion = sv_n(r->congestion, strnlen(r->congestion, sizeof(r->congestion)));
}

int held_table_find(const struct held_table *t, uint32_t inode, struct seg_held *ret)
{
	const struct entry *at = inode ? place_of(t, inode) : NULL;

	if (!at || !at->inode)
		return 0;
	if (at->r.flags & HELD_IS_MPTCP)
		return -EAGAIN;
	memset(ret, 0xff, sizeof(*ret));
	ret->congestion = (struct sv){};
	ret->keepalive = !!(at->r.flags & HELD_KEEPALIVE);
	ret->reuseaddr = !!(at->r.flags & HELD_REUSEADDR);
	ret->reuseport = !!(at->r.flags & HELD_REUSEPORT);
	ret->sndbuf_locked = !!(at->r.flags & HELD_SNDBUF_LOCKED);
	ret->rcvbuf_locked = !!(at->r.flags & HELD_RCVBUF_LOCKED);
	if (at->r.flags & HELD_LINGER)
		ret->linger_ms = milliseconds(t, at->r.linger);
	if (at->r.flags & HELD_HAS_QUEUE) {
		ret->payload = at->r.payload;
		ret->packets = at->r.packets;
		ret->next = at->r.packets ? at->r.next : HELD_NONE;
	}
	if (at->r.flags & HELD_IS_TCP)
		describe_tcp(t, &at->r, ret);
	return 1;
}
