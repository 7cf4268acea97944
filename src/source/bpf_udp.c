/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_udp.h"

#include <errno.h>
#include <netinet/in.h>

enum {
	RECORDS = 4096,    /* of one run: about a millisecond */
	USUAL = 3072,      /* sockets of one slot, for which that is enough */
	LONGEST = 1 << 17, /* and with which the kernel is in the program for some 20 ms at a time */
	SLACK = 1024,      /* that may come to a slot meanwhile, next to a quarter of those it has */
};

static const struct bpf_walk_kind kind = {
	.image = &bpf_image_udp,
	.protocol = IPPROTO_UDP,
	.extensions = (uint8_t)(ASK_INET(K_INET_DIAG_MEMINFO) | ASK_INET(K_INET_DIAG_SKMEMINFO) |
				ASK_INET(K_INET_DIAG_TOS) | ASK_INET(K_INET_DIAG_TCLASS)),
};

struct bpf_udp {
	struct bpf_walk walk;
	struct bpf_table table;
	int longest, sockets; /* programs */
	bool is_room_known;   /* to be enough for the fullest slot of the table */
};

static int load(struct bpf_udp *b, const struct bpf_walk_opts *o, uint32_t records, struct err *e)
{
	int r = bpf_walk_init(&b->walk, &kind, o, records, e);

	if (r >= 0)
		r = bpf_walk_load(&b->walk, e);
	if (r >= 0)
		r = b->longest = bpf_load_program(b->walk.load, "longest", e);
	if (r >= 0)
		r = b->sockets = bpf_load_program(b->walk.load, "sockets", e);
	return r;
}

/* Loads it with room for the slot with the most sockets, which is given as a whole. */
static int load_with_room(struct bpf_udp *b, const struct bpf_walk_opts *o, struct err *e)
{
	uint32_t n;
	int r = load(b, o, RECORDS, e);

	if (r >= 0)
		r = bpf_load_run(b->longest, 0, &n, e);
	if (r < 0 || n <= USUAL)
		return r;
	if (n > LONGEST)
		return err_say(e, -E2BIG, "%u sockets in one slot of the kernel's table", n);
	bpf_walk_done(&b->walk);
	return load(b, o, n + n / 4 + SLACK, e);
}

int bpf_udp_new(const struct bpf_walk_opts *o, struct bpf_udp **ret, struct err *e)
{
	_cleanup_(bpf_udp_freep) struct bpf_udp *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return err_sys(e, -ENOMEM, "BPF walk");
	r = load_with_room(b, o, e);
	if (r < 0)
		return r;
	b->is_room_known = true;
	*ret = take_ptr(b);
	return 0;
}

struct bpf_udp *bpf_udp_free(struct bpf_udp *b)
{
	if (!b)
		return NULL;
	bpf_walk_done(&b->walk);
	bpf_table_forget(&b->table);
	free(b);
	return NULL;
}

void bpf_udp_begin(struct bpf_udp *b)
{
	bpf_table_forget(&b->table);
	b->is_room_known = false;
}

int bpf_udp_table(struct bpf_udp *b, uint64_t *ret, struct err *e)
{
	return bpf_walk_table(&b->walk, 0, ret, e);
}

int bpf_udp_open(struct bpf_udp *b, const struct dump *d, struct source **ret, struct err *e)
{
	const struct bpf_walk_order o = {
		.program = b->sockets, .table = &b->table, .af = d->af, .states = d->states
	};
	uint32_t n = 0;
	int r = bpf_table_choose(&b->walk, &b->table, 0, e);

	/* The room was made for another table, that of the namespace in which the program was loaded, or
	 * another time. */
	if (r > 0 || (r == 0 && !b->is_room_known))
		r = bpf_load_run(b->longest, 0, &n, e);
	if (r >= 0 && n > b->walk.max_records)
		r = err_say(e, -E2BIG, "%u sockets in one slot of the kernel's table", n);
	b->is_room_known = r >= 0;
	return r < 0 ? r : bpf_walk_open(&b->walk, &o, ret, e);
}
