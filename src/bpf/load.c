/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "bpf/load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/fit.h"
#include "bpf/quiet.h"

enum { MAPPED_MAX = 4, ATTACHED_MAX = 4 };

struct bpf_load {
	const char *name;
	struct bpf_object *object;
	struct fit *fit; /* until it is loaded */
	struct {
		void *p;
		size_t len;
	} mapped[MAPPED_MAX];
	size_t n_mapped;
	struct {
		int program; /* the object's */
		int link;
	} attached[ATTACHED_MAX];
	size_t n_attached;
	uint64_t missed; /* by those that are detached */
};

bool bpf_load_is_built(void)
{
	return bpf_image_tcp.len > 0;
}

static int open_image(const struct bpf_image *image, struct bpf_load **ret, struct err *e)
{
	struct bpf_object_open_opts o = { .sz = sizeof(o), .object_name = image->name };
	_cleanup_(bpf_load_closep) struct bpf_load *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return err_sys(e, -ENOMEM, "BPF program %s", image->name);
	if (!image->len)
		return err_say(e, -EOPNOTSUPP, "built without BPF programs");
	l->name = image->name;
	r = fit_open(&l->fit, e);
	if (r < 0)
		return r;
	o.btf_custom_path = fit_path(l->fit);
	l->object = bpf_object__open_mem(image->bytes, image->len, &o);
	if (!l->object)
		return err_sys(e, -errno, "BPF program %s", image->name);
	*ret = take_ptr(l);
	return 0;
}

int bpf_load_open(const struct bpf_image *image, struct bpf_load **ret, struct err *e)
{
	int r;

	bpf_quiet_begin();
	r = open_image(image, ret, e);
	bpf_quiet_end();
	return r;
}

struct bpf_load *bpf_load_close(struct bpf_load *l)
{
	if (!l)
		return NULL;
	bpf_load_detach(l);
	bpf_quiet_begin();
	for (size_t i = 0; i < l->n_mapped; i++)
		(void)munmap(l->mapped[i].p, l->mapped[i].len);
	bpf_object__close(l->object);
	bpf_quiet_end();
	(void)fit_close(l->fit);
	free(l);
	return NULL;
}

static struct bpf_map *find_map(struct bpf_load *l, const char *name, struct err *e)
{
	struct bpf_map *m = bpf_object__find_map_by_name(l->object, name);

	if (!m)
		(void)err_say(e, -ENOENT, "BPF program %s: no map %s", l->name, name);
	return m;
}

static struct bpf_program *find_program(struct bpf_load *l, const char *name, struct err *e)
{
	struct bpf_program *p = bpf_object__find_program_by_name(l->object, name);

	if (!p)
		(void)err_say(e, -ENOENT, "BPF program %s: no function %s", l->name, name);
	return p;
}

int bpf_load_size(struct bpf_load *l, const char *name, uint32_t entries, uint32_t value_size, struct err *e)
{
	struct bpf_map *m = find_map(l, name, e);
	int r = m ? 0 : -ENOENT;

	if (!r && entries)
		r = bpf_map__set_max_entries(m, entries);
	if (!r && value_size)
		r = bpf_map__set_value_size(m, value_size);
	return r < 0 && m ? err_sys(e, r, "BPF map %s", name) : r;
}

int bpf_load_without(struct bpf_load *l, const char *name, struct err *e)
{
	struct bpf_program *p = find_program(l, name, e);
	int r = p ? bpf_program__set_autoload(p, false) : -ENOENT;

	return r < 0 && p ? err_sys(e, r, "BPF program %s", name) : r;
}

void *bpf_load_constants(struct bpf_load *l, size_t len, struct err *e)
{
	struct bpf_map *m = find_map(l, ".rodata", e);
	size_t have = 0;
	const void *p = m ? bpf_map__initial_value(m, &have) : NULL;

	if (p && have == len)
		return (void *)(uintptr_t)p; /* const in some versions of libbpf */
	if (m)
		(void)err_say(e, -EINVAL, "BPF program %s: %zu bytes of constants instead of %zu", l->name,
			      have, len);
	return NULL;
}

int bpf_load_finish(struct bpf_load *l, struct err *e)
{
	int r;

	bpf_quiet_begin();
	r = fit_load(l->fit, l->object, e);
	bpf_quiet_end();
	l->fit = fit_close(l->fit);
	return r;
}

int bpf_load_map(struct bpf_load *l, const char *name, struct err *e)
{
	const struct bpf_map *m = find_map(l, name, e);

	return m ? bpf_map__fd(m) : -ENOENT;
}

int bpf_load_program(struct bpf_load *l, const char *name, struct err *e)
{
	const struct bpf_program *p = find_program(l, name, e);

	return p ? bpf_program__fd(p) : -ENOENT;
}

int bpf_load_mmap(struct bpf_load *l, const char *name, void **ret, size_t *ret_stride, struct err *e)
{
	const struct bpf_map *m = find_map(l, name, e);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), stride, len;
	void *p;

	if (!m)
		return -ENOENT;
	if (l->n_mapped == MAPPED_MAX)
		return err_sys(e, -ENOSPC, "BPF map %s", name);
	stride = (bpf_map__value_size(m) + (size_t)7) & ~(size_t)7;
	len = (stride * bpf_map__max_entries(m) + page - 1) & ~(page - 1);
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(m), 0);
	if (p == MAP_FAILED)
		return err_sys(e, -errno, "BPF map %s", name);
	l->mapped[l->n_mapped].p = p;
	l->mapped[l->n_mapped++].len = len;
	*ret = p;
	*ret_stride = stride;
	return 0;
}

int bpf_load_run(int program, uint64_t arg, uint32_t *ret_value, struct err *e)
{
	struct bpf_test_run_opts o = { .sz = sizeof(o), .ctx_in = &arg, .ctx_size_in = sizeof(arg) };
	int r = bpf_prog_test_run_opts(program, &o);

	if (r < 0)
		return err_sys(e, r, "running a BPF program");
	*ret_value = o.retval;
	return 0;
}

int bpf_load_attach(struct bpf_load *l, const char *name, struct err *e)
{
	int program = bpf_load_program(l, name, e), link;

	if (program < 0)
		return program;
	if (l->n_attached == ATTACHED_MAX)
		return err_sys(e, -ENOSPC, "BPF program %s", name);
	link = bpf_raw_tracepoint_open(NULL, program);
	if (link < 0)
		return err_sys(e, -errno, "attaching the BPF program %s", name);
	l->attached[l->n_attached].program = program;
	l->attached[l->n_attached++].link = link;
	return 0;
}

uint64_t bpf_load_missed(const struct bpf_load *l)
{
	uint64_t n = l->missed;

	for (size_t i = 0; i < l->n_attached; i++) {
		struct bpf_prog_info info;
		uint32_t len = sizeof(info);

		memset(&info, 0, sizeof(info));
		if (bpf_obj_get_info_by_fd(l->attached[i].program, &info, &len) == 0)
			n += info.recursion_misses;
	}
	return n;
}

void bpf_load_detach(struct bpf_load *l)
{
	l->missed = bpf_load_missed(l);
	for (; l->n_attached; l->n_attached--)
		(void)close(l->attached[l->n_attached - 1].link);
}

int bpf_load_iterate(struct bpf_load *l, const char *name, uint32_t pid, struct err *e)
{
	const struct bpf_program *p = find_program(l, name, e);
	union bpf_iter_link_info info;
	struct bpf_iter_attach_opts o;
	struct bpf_link *link;
	int fd;

	if (!p)
		return -ENOENT;
	/* Their padding has to be zero as well. */
	memset(&info, 0, sizeof(info));
	memset(&o, 0, sizeof(o));
	o.sz = sizeof(o);
	if (pid) {
		info.task.pid = pid;
		o.link_info = &info;
		o.link_info_len = sizeof(info);
	}
	bpf_quiet_begin();
	link = bpf_program__attach_iter(p, &o);
	fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	if (fd < 0)
		fd = err_sys(e, -errno, "starting the BPF program %s", name);
	(void)bpf_link__destroy(link);
	bpf_quiet_end();
	return fd;
}

int bpf_load_next_key(int map, const void *key, void *ret_next)
{
	int r = bpf_map_get_next_key(map, key, ret_next);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int bpf_load_value(int map, const void *key, void *ret)
{
	return bpf_map_lookup_elem(map, key, ret);
}

int bpf_load_delete(int map, const void *key)
{
	return bpf_map_delete_elem(map, key);
}

int bpf_load_cpus(void)
{
	return libbpf_num_possible_cpus();
}
