/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/storage.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "bpf/quiet.h"

struct map {
	uint32_t id;
	int fd; /* -1 when it could not be opened; then the rest is nothing */
	struct bpf_map_info info;
	bool has_tried_btf;
	struct btf *btf;
	struct btf_dump *dump; /* NULL when what its values are cannot be found out */
};

struct storages {
	struct map *maps;
	size_t n_maps;
	struct text *to; /* where a dump is written */
	struct text value;
};

int storages_new(struct storages **ret, struct err *e)
{
	struct storages *s = calloc(1, sizeof(*s));

	if (!s)
		return err_sys(e, -ENOMEM, "BPF maps");
	*ret = s;
	return 0;
}

struct storages *storages_free(struct storages *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->n_maps; i++) {
		btf_dump__free(s->maps[i].dump);
		btf__free(s->maps[i].btf);
		if (s->maps[i].fd >= 0)
			(void)close(s->maps[i].fd);
	}
	free(s->maps);
	text_done(&s->value);
	free(s);
	return NULL;
}

/* Opens the map @m->id. Returns 0 or a negative errno. */
static int open_map(struct map *m)
{
	uint32_t len = sizeof(m->info);
	int r = 0;

	m->fd = bpf_map_get_fd_by_id(m->id);
	if (m->fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(m->fd, &m->info, &len) < 0) {
		r = -errno;
		(void)close(m->fd);
		m->fd = -1;
	}
	return r;
}

/* The map number @id, also when it cannot be opened; NULL without memory. */
static struct map *find(struct storages *s, uint32_t id, int *ret_why)
{
	struct map *maps;

	*ret_why = -ENOENT;
	for (size_t i = 0; i < s->n_maps; i++)
		if (s->maps[i].id == id)
			return &s->maps[i];
	maps = reallocarray(s->maps, s->n_maps + 1, sizeof(*maps));
	if (!maps)
		return NULL;
	s->maps = maps;
	maps += s->n_maps++;
	*maps = (struct map){ .id = id };
	*ret_why = open_map(maps);
	return maps;
}

int storages_open(struct storages *s, uint32_t id, struct err *e)
{
	int why;
	const struct map *m = find(s, id, &why);

	if (!m)
		return err_sys(e, -ENOMEM, "BPF maps");
	if (m->fd < 0 && why == -EPERM)
		return err_say(e, why, "BPF map %u: opening it needs CAP_SYS_ADMIN, or root", id);
	if (m->fd < 0 && why == -ENOENT)
		return err_say(e, why, "BPF map %u: there is none of this number", id);
	if (m->fd < 0)
		return err_sys(e, why, "opening the BPF map %u", id);
	if (m->info.type != BPF_MAP_TYPE_SK_STORAGE)
		return err_say(
			e, -EMEDIUMTYPE,
			"BPF map %u: its type is %u, not %d, which keeps something with sockets (sk_storage)",
			id, m->info.type, BPF_MAP_TYPE_SK_STORAGE);
	return m->fd;
}

static __attribute__((format(printf, 2, 0))) void print(void *ctx, const char *fmt, va_list args)
{
	const struct storages *s = ctx;
	va_list again;
	char *to;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	to = n > 0 ? text_room(s->to, (size_t)n + 1) : NULL;
	if (!to)
		return;
	(void)vsnprintf(to, (size_t)n + 1, fmt, args);
	s->to->len += (size_t)n;
}

static void load_btf(struct storages *s, struct map *m)
{
	m->has_tried_btf = true;
	if (!m->info.btf_id || !m->info.btf_value_type_id)
		return;
	bpf_quiet_begin();
	m->btf = btf__load_from_kernel_by_id(m->info.btf_id);
	if (m->btf)
		m->dump = btf_dump__new(m->btf, print, s, NULL);
	bpf_quiet_end();
}

int storages_put(struct storages *s, struct text *t, uint32_t id, struct sv value, bool is_oneline)
{
	const struct btf_dump_type_data_opts o = {
		.sz = sizeof(o), .indent_level = 2, .compact = is_oneline, .emit_zeroes = true
	};
	size_t start = t->len;
	int why, r;
	struct map *m = find(s, id, &why);

	if (!m || m->fd < 0)
		return -ENOENT;
	if (!m->has_tried_btf)
		load_btf(s, m);
	if (!m->dump)
		return -ENOENT;
	if (m->info.type != BPF_MAP_TYPE_SK_STORAGE || value.len != m->info.value_size)
		return -EBADMSG;
	s->value.len = 0; /* a copy is aligned as the type wants it */
	text_sv(&s->value, value);
	if (s->value.failed)
		return -ENOENT;
	s->to = t;
	bpf_quiet_begin();
	r = btf_dump__dump_type_data(m->dump, m->info.btf_value_type_id, s->value.p, s->value.len, &o);
	bpf_quiet_end();
	if (r >= 0)
		return 0;
	t->len = start;
	return -EBADMSG;
}
