/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_count.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "bpf/load.h"
#include "kernel/abi.h"
#include "nl/emit.h"
#include "source/bpf_walk.h"

enum {
	STEPS = 4096,      /* sockets, of whatever namespace, that one run passes: less than a millisecond */
	BUCKETS = 1 << 16, /* and buckets, most of them empty then */
	SLOTS_MIN = 256,
	SLOTS_MAX = 1 << 22,
	TABLE_LARGEST = 1 << 24, /* buckets that the kernel's table can have */
};

static const char connected[] = "connected", bound[] = "bound";

struct bpf_count {
	struct bpf_load *load;
	struct tcp_count *run;
	char *slots;
	size_t stride;
	uint32_t n_slots, at;
	struct tcp_count_config config; /* that it was loaded with */
	bool has_states, has_bound;     /* programs that were loaded */
};

/* The first @bits of an address, the others 0, as a mask. */
static void set_mask(uint32_t *mask, size_t n, unsigned int bits)
{
	for (size_t i = 0; i < n; i++) {
		unsigned int here = bits > 32 * i ? bits - 32 * (unsigned int)i : 0;

		mask[i] = here >= 32 ? UINT32_MAX : htonl((uint32_t)(UINT64_C(0xffffffff) << (32 - here)));
	}
}

bool bpf_count_configure(const struct bpf_count_opts *o, struct tcp_count_config *ret)
{
	uint32_t n_slots = SLOTS_MIN;

	if (o->local_bits[0] > 32 || o->peer_bits[0] > 32 || o->local_bits[1] > 128 || o->peer_bits[1] > 128)
		return false;
	while (n_slots / 2 < o->max_groups && n_slots < SLOTS_MAX)
		n_slots *= 2;
	*ret = (struct tcp_count_config){
		.want_local = o->want_local,
		.want_peer = o->want_peer,
		.want_local_port = o->want_local_port,
		.want_peer_port = o->want_peer_port,
		.want_state = o->want_state,
		.want_netns = o->want_netns,
		.is_everywhere = o->is_everywhere,
		.want_ahead = o->n_expected >= BPF_AHEAD_FROM,
		.family = o->af,
		.states = o->states | (o->states >> K_TCP_SYN_RECV & 1) << K_TCP_NEW_SYN_RECV,
		.n_slots = n_slots,
		.max_groups = o->max_groups < n_slots / 2 ? o->max_groups : n_slots / 2,
	};
	set_mask(&ret->local_mask4, 1, o->local_bits[0]);
	set_mask(&ret->peer_mask4, 1, o->peer_bits[0]);
	set_mask(ret->local_mask6, 4, o->local_bits[1]);
	set_mask(ret->peer_mask6, 4, o->peer_bits[1]);
	return true;
}

static int load(struct bpf_count *c, struct err *e)
{
	struct tcp_count_config *config;
	size_t stride;
	void *p;
	int r = bpf_load_open(&bpf_image_count, &c->load, e);

	if (r < 0)
		return r;
	config = bpf_load_constants(c->load, sizeof(*config), e);
	if (!config)
		return -EINVAL;
	*config = c->config;
	c->n_slots = config->n_slots;
	r = bpf_load_size(c->load, "groups", c->n_slots, 0, e);
	if (r >= 0 && !c->has_states)
		r = bpf_load_without(c->load, connected, e);
	if (r >= 0 && !c->has_bound)
		r = bpf_load_without(c->load, bound, e);
	if (r >= 0)
		r = bpf_load_finish(c->load, e);
	if (r >= 0)
		r = bpf_load_mmap(c->load, ".bss", &p, &stride, e);
	if (r < 0)
		return r;
	c->run = p;
	r = bpf_load_mmap(c->load, "groups", &p, &c->stride, e);
	c->slots = p;
	return r;
}

/* Runs the program @name over all buckets of its table. */
static int count(struct bpf_count *c, const char *name, struct err *e)
{
	struct tcp_count *t = c->run;
	int program = bpf_load_program(c->load, name, e);
	uint32_t value, before;
	int r;

	if (program < 0)
		return program;
	t->next = t->is_kept = 0;
	t->max_steps = STEPS;
	t->max_buckets = BUCKETS;
	do {
		before = t->next;
		r = bpf_load_run(program, 0, &value, e);
		if (r < 0)
			return r;
		if (t->is_full)
			return err_say(e, -E2BIG, "there are too many groups to count them in the kernel");
		if (t->is_lost)
			return err_say(e, -EAGAIN, "a bucket of the kernel's table changes all the time");
		if (!t->buckets || t->buckets > TABLE_LARGEST || t->next < before ||
		    (t->next == before && !t->is_kept))
			return err_say(e, -EBADMSG, "the count by BPF makes no sense");
	} while (t->next < t->buckets);
	return 0;
}

static int make(const struct bpf_count *like, struct bpf_count **ret, struct err *e)
{
	_cleanup_(bpf_count_freep) struct bpf_count *c = malloc(sizeof(*c));
	int r;

	if (!c)
		return err_sys(e, -ENOMEM, "count by BPF");
	*c = *like;
	r = load(c, e);
	if (r < 0)
		return r;
	*ret = take_ptr(c);
	return 0;
}

/* The groups of the last count are forgotten. */
static void forget(struct bpf_count *c)
{
	for (uint32_t i = 0; i < c->n_slots; i++)
		memset(c->slots + c->stride * i, 0, sizeof(struct tcp_count_group));
	c->run->n_groups = c->run->is_full = c->run->is_lost = 0;
	c->at = 0;
}

/* Whether @c, with more room perhaps, counts as @want is to. */
static bool is_like(const struct bpf_count *c, const struct bpf_count *want)
{
	struct tcp_count_config config = c->config;

	if (config.max_groups < want->config.max_groups)
		return false;
	config.max_groups = want->config.max_groups;
	config.n_slots = want->config.n_slots;
	return !memcmp(&config, &want->config, sizeof(config)) && c->has_states == want->has_states &&
	       c->has_bound == want->has_bound;
}

int bpf_count_run(const struct bpf_count_opts *o, struct bpf_count **c, struct err *e)
{
	struct bpf_count want = { .has_states = o->states, .has_bound = o->want_bound };
	int r = 0;

	if (!bpf_count_configure(o, &want.config))
		return err_say(e, -EINVAL, "counting by more bits than an address has");
	if (*c && is_like(*c, &want)) {
		forget(*c);
	} else {
		*c = bpf_count_free(*c);
		r = make(&want, c, e);
		if (!*c)
			return r;
	}
	if (r >= 0 && o->states)
		r = count(*c, connected, e);
	if (r >= 0 && o->want_bound)
		r = count(*c, bound, e);
	if (r < 0)
		*c = bpf_count_free(*c);
	return r;
}

struct bpf_count *bpf_count_free(struct bpf_count *c)
{
	if (!c)
		return NULL;
	(void)bpf_load_close(c->load);
	free(c);
	return NULL;
}

void bpf_count_message(const struct tcp_count_key *k, bool has_netns, union bpf_count_message *ret)
{
	struct inet_diag_msg msg = { .idiag_family = k->family,
				     .idiag_state = k->state,
				     .id = { .idiag_sport = k->local_port, .idiag_dport = k->peer_port } };
	const uint32_t netns = (uint32_t)k->netns;
	char *p;

	memcpy(msg.id.idiag_src, k->local, sizeof(k->local));
	memcpy(msg.id.idiag_dst, k->peer, sizeof(k->peer));
	p = emit_begin(ret->bytes, &msg, sizeof(msg));
	if (has_netns)
		p = emit_attr(p, K_INET_DIAG_X_NETNS, &netns, sizeof(netns));
	(void)emit_end(ret->bytes, p, SOCK_DIAG_BY_FAMILY);
}

bool bpf_count_next(struct bpf_count *c, union bpf_count_message *ret, uint64_t *ret_n)
{
	while (c->at < c->n_slots) {
		struct tcp_count_group g;

		memcpy(&g, c->slots + c->stride * c->at++, sizeof(g));
		if (!g.n)
			continue;
		bpf_count_message(&g.key, c->config.want_netns, ret);
		*ret_n = g.n;
		return true;
	}
	return false;
}
