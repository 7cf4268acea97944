/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* In a build without libbpf no BPF program can be opened, so nothing else is ever called. */

#include "bpf/load.h"

#include <errno.h>

bool bpf_load_is_built(void)
{
	return false;
}

int bpf_load_open(const struct bpf_image *, struct bpf_load **, struct err *e)
{
	return err_say(e, -EOPNOTSUPP, "built without BPF programs");
}

struct bpf_load *bpf_load_close(struct bpf_load *)
{
	return NULL;
}

int bpf_load_size(struct bpf_load *, const char *, uint32_t, uint32_t, struct err *)
{
	return -EOPNOTSUPP;
}

int bpf_load_without(struct bpf_load *, const char *, struct err *)
{
	return -EOPNOTSUPP;
}

void *bpf_load_constants(struct bpf_load *, size_t, struct err *)
{
	return NULL;
}

int bpf_load_finish(struct bpf_load *, struct err *)
{
	return -EOPNOTSUPP;
}

int bpf_load_map(struct bpf_load *, const char *, struct err *)
{
	return -EOPNOTSUPP;
}

int bpf_load_program(struct bpf_load *, const char *, struct err *)
{
	return -EOPNOTSUPP;
}

int bpf_load_mmap(struct bpf_load *, const char *, void **, size_t *, struct err *)
{
	return -EOPNOTSUPP;
}

int bpf_load_run(int, uint64_t, uint32_t *, struct err *)
{
	return -EOPNOTSUPP;
}

int bpf_load_attach(struct bpf_load *, const char *, struct err *)
{
	return -EOPNOTSUPP;
}

void bpf_load_detach(struct bpf_load *)
{
}

uint64_t bpf_load_missed(const struct bpf_load *)
{
	return 0;
}

int bpf_load_iterate(struct bpf_load *, const char *, uint32_t, struct err *)
{
	return -EOPNOTSUPP;
}

int bpf_load_next_key(int, const void *, void *)
{
	return -EOPNOTSUPP;
}

int bpf_load_value(int, const void *, void *)
{
	return -EOPNOTSUPP;
}

int bpf_load_delete(int, const void *)
{
	return -EOPNOTSUPP;
}

int bpf_load_cpus(void)
{
	return -EOPNOTSUPP;
}
