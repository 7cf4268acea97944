/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_wake.h"

#include <errno.h>
#include <stdlib.h>

#include "bpf/load.h"
#include "bpf/ring.h"
#include "bpf/wake.h"

enum { RING = 4096 }; /* bytes, as in wake.bpf.c */

struct bpf_wake {
	struct bpf_load *load;
	struct wake_shared *shared;
	struct ring *ring;
	uint64_t at;
};

struct bpf_wake *bpf_wake_close(struct bpf_wake *w)
{
	if (!w)
		return NULL;
	(void)ring_close(w->ring);
	(void)bpf_load_close(w->load);
	free(w);
	return NULL;
}

static int begin(struct bpf_wake *w, uint32_t netns, struct err *e)
{
	size_t stride;
	void *shared;
	int r = bpf_load_mmap(w->load, ".bss.shared", &shared, &stride, e), fd;

	if (r < 0)
		return r;
	if (stride < sizeof(*w->shared))
		return err_say(e, -EINVAL, "BPF program wake: its variables are too short");
	w->shared = shared;
	w->shared->netns = netns;
	fd = bpf_load_map(w->load, "ring", e);
	if (fd < 0)
		return fd;
	r = ring_open(fd, RING, &w->ring, e);
	if (r < 0)
		return r;
	w->at = ring_first(w->ring);
	return bpf_load_attach(w->load, "on_state", e);
}

int bpf_wake_open(uint32_t netns, struct bpf_wake **ret, struct err *e)
{
	_cleanup_(bpf_wake_closep) struct bpf_wake *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return err_sys(e, -ENOMEM, "waiting for sockets");
	r = bpf_load_open(&bpf_image_wake, &w->load, e);
	if (r >= 0)
		r = bpf_load_finish(w->load, e);
	if (r >= 0)
		r = begin(w, netns, e);
	if (r < 0)
		return r;
	*ret = take_ptr(w);
	return 0;
}

int bpf_wake_fd(const struct bpf_wake *w)
{
	return ring_fd(w->ring);
}

void bpf_wake_calm(struct bpf_wake *w)
{
	size_t len;

	ring_calm(w->ring);
	while (ring_next(w->ring, &w->at, &len))
		;
	ring_give_back(w->ring, w->at);
	__atomic_store_n(&w->shared->is_told, 0, __ATOMIC_SEQ_CST);
}
