/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_tcp.h"

#include <errno.h>
#include <netinet/in.h>

#include "bpf/tcp.h"

enum { RECORDS = 1024 }; /* of one run: less than a millisecond */

/* BOUND is walked where a scan found something only. */
enum walk { CONNECTED, LISTENING, BOUND, WALKS };

static const char *const programs[WALKS] = { "connected", "listening", "bound" };
static const uint64_t tables[WALKS] = { TCP_TABLE_CONNECTED, TCP_TABLE_LISTENING, TCP_TABLE_BOUND };

static const struct bpf_walk_kind kind = {
	.image = &bpf_image_tcp,
	.protocol = IPPROTO_TCP,
	.extensions = UINT8_MAX,
	.looks_ahead = true,
	.is_exact = true,
};

struct bpf_tcp {
	struct bpf_walk walk;
	int program[WALKS];
	struct bpf_table table[WALKS]; /* of BOUND .others is where a scan found some */
	int scan;
	struct tcp_scan *scans; /* TCP_SCANS */
	bool has_scanned;
};

static int load(struct bpf_tcp *b, const struct bpf_tcp_opts *o, struct err *e)
{
	struct bpf_load *l;
	size_t stride;
	void *p;
	int r = bpf_walk_init(&b->walk, &kind, &o->walk, RECORDS, e);

	l = b->walk.load;
	if (r >= 0 && !o->want_listening)
		r = bpf_load_without(l, programs[LISTENING], e);
	if (r >= 0)
		r = bpf_walk_load(&b->walk, e);
	for (enum walk w = 0; w < WALKS && r >= 0; w++)
		if (w != LISTENING || o->want_listening)
			r = b->program[w] = bpf_load_program(l, programs[w], e);
	if (r >= 0)
		r = b->scan = bpf_load_program(l, "scan", e);
	if (r < 0 || (r = bpf_load_mmap(l, ".bss.scan", &p, &stride, e)) < 0)
		return r;
	b->scans = p;
	for (unsigned int i = 0; i < TCP_SCANS; i++)
		b->scans[i].is_everywhere = o->walk.is_everywhere;
	return 0;
}

int bpf_tcp_new(const struct bpf_tcp_opts *o, struct bpf_tcp **ret, struct err *e)
{
	_cleanup_(bpf_tcp_freep) struct bpf_tcp *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return err_sys(e, -ENOMEM, "BPF walk");
	b->program[LISTENING] = -1;
	r = load(b, o, e);
	if (r < 0)
		return r;
	b->walk.exact_flags = RECORD_HAS_TIMER | RECORD_HAS_CC;
	if (o->walk.ask & ASK_INET(K_INET_DIAG_INFO))
		b->walk.exact_flags |=
			RECORD_HAS_ULP | RECORD_HAS_ROUTE | (b->walk.form.has_mark ? RECORD_HAS_MD5 : 0);
	*ret = take_ptr(b);
	return 0;
}

struct bpf_tcp *bpf_tcp_free(struct bpf_tcp *b)
{
	if (!b)
		return NULL;
	bpf_walk_done(&b->walk);
	bpf_tcp_begin(b);
	free(b);
	return NULL;
}

void bpf_tcp_begin(struct bpf_tcp *b)
{
	for (enum walk w = 0; w < WALKS; w++)
		bpf_table_forget(&b->table[w]);
	b->has_scanned = false;
}

static enum walk walk_of(uint32_t states)
{
	switch (states) {
	case 1u << K_TCP_LISTEN: return LISTENING;
	case 1u << K_TCP_BOUND_INACTIVE: return BOUND;
	default: return CONNECTED;
	}
}

/* Looks for bound sockets, once for both address families. */
static int scan_bound(struct bpf_tcp *b, struct err *e)
{
	int r;

	if (b->has_scanned)
		return 0;
	r = bpf_scan(b->scan, b->scans, &b->table[BOUND].others, e);
	b->has_scanned = r >= 0;
	return r;
}

static int choose_table(struct bpf_tcp *b, enum walk w, struct err *e)
{
	int r = bpf_table_choose(&b->walk, &b->table[w], tables[w], e);

	if (r > 0 && w == BOUND)
		b->has_scanned = false;
	return r;
}

int bpf_tcp_table(struct bpf_tcp *b, const struct dump *d, uint64_t *ret, struct err *e)
{
	return bpf_walk_table(&b->walk, tables[walk_of(d->states)], ret, e);
}

void bpf_tcp_prepare_bound(struct bpf_tcp *b)
{
	struct err e;

	if (choose_table(b, BOUND, &e) >= 0)
		(void)scan_bound(b, &e);
}

const char *bpf_tcp_doubt(const struct bpf_tcp *b)
{
	return b->walk.is_doubtful ? b->walk.doubt.text : NULL;
}

int bpf_tcp_open(struct bpf_tcp *b, const struct dump *d, struct source **ret, struct err *e)
{
	enum walk w = walk_of(d->states);
	const struct bpf_walk_order o = { .program = b->program[w],
					  .table = &b->table[w],
					  .is_listed = w == BOUND,
					  .is_dump_only = w == BOUND,
					  .is_counted = w == CONNECTED && !b->walk.is_everywhere,
					  .af = d->af,
					  .states = d->states };
	int r = 0;

	if (o.program < 0)
		return err_say(e, -EOPNOTSUPP, "the program for listening sockets was not loaded");
	r = choose_table(b, w, e);
	if (r >= 0 && w == BOUND)
		r = scan_bound(b, e);
	return r < 0 ? r : bpf_walk_open(&b->walk, &o, ret, e);
}
