/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "bpf/fit.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/file.h"
#include "bpf/kernel_types.h"
#include "bpf/marks.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"
#define RDONLY_CAST "bpf_rdonly_cast"

enum { WHOLE_MAX = 64 << 20 }; /* bytes of the kernel's types */

struct fit {
	int fd;
	char path[32];
	struct bpf_object *object; /* while it is loaded */
	struct kernel_names names;
	struct kernel_types types;
	bool lacks_cast; /* the kernel has no such function, and a program calls it */
};

/* libbpf asks back with a program, and keeps whom to ask for all threads. */
static _Thread_local struct fit *loading;
static pthread_once_t is_registered = PTHREAD_ONCE_INIT;

struct fit *fit_close(struct fit *f)
{
	if (!f)
		return NULL;
	if (f->fd >= 0)
		(void)close(f->fd);
	kernel_names_done(&f->names);
	kernel_types_done(&f->types);
	free(f);
	return NULL;
}

const char *fit_path(const struct fit *f)
{
	return f->path;
}

/* What is behind @mark in the name of @p's section; NULL when that begins otherwise. */
static const char *behind(const struct bpf_program *p, const char *mark)
{
	const char *section = bpf_program__section_name(p);
	size_t len = strlen(mark);

	return strncmp(section, mark, len) ? NULL : section + len;
}

/* The kernel's function that an iterator stands for, or its type for a tracepoint; NULL when @p is neither.
 */
static const char *target_of(const struct bpf_program *p)
{
	const char *name = behind(p, BPF_ITER);

	return name ? name : behind(p, BPF_TRACE);
}

static uint32_t target(const struct fit *f, const char *name)
{
	const struct kernel_name *n = kernel_names_find(&f->names, name);

	return n ? n->target : 0;
}

/* Puts the kernel's numbers where the program has libbpf's and ours. */
static int fit_code(struct fit *f, struct bpf_insn *v, size_t n)
{
	uint32_t cast = target(f, RDONLY_CAST);

	for (size_t i = 0; i < n; i++) {
		bool is_wide = v[i].code == (BPF_LD | BPF_IMM | BPF_DW);

		if (v[i].code == (BPF_JMP | BPF_CALL) && !v[i].src_reg && v[i].imm == BPF_CALL_RDONLY_CAST) {
			f->lacks_cast = !cast;
			if (!cast)
				return -EOPNOTSUPP;
			v[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
			v[i].imm = (int32_t)cast;
		} else if (is_wide && !v[i].src_reg && i + 1 < n && !v[i + 1].imm) {
			/* Other numbers as small are not loaded in this way. */
			uint32_t id = kernel_types_id(&f->types, (uint32_t)v[i].imm);

			if (id)
				v[i].imm = (int32_t)id;
		}
		i += is_wide;
	}
	return 0;
}

static int prepare(struct bpf_program *p, struct bpf_prog_load_opts *o, long)
{
	struct fit *f = loading;
	const char *name = target_of(p);
	size_t n = bpf_program__insn_cnt(p);
	_cleanup_free_ struct bpf_insn *v = malloc(n * sizeof(*v));
	int r;

	if (!f)
		return -EINVAL;
	if (!v)
		return -ENOMEM;
	memcpy(v, bpf_program__insns(p), n * sizeof(*v));
	r = fit_code(f, v, n);
	if (!r)
		r = bpf_program__set_insns(p, v, n);
	if (r < 0 || !name)
		return r;
	o->expected_attach_type = behind(p, BPF_ITER) ? BPF_TRACE_ITER : BPF_TRACE_RAW_TP;
	o->attach_btf_id = target(f, name);
	return o->attach_btf_id ? bpf_program__set_type(p, BPF_PROG_TYPE_TRACING) : -EOPNOTSUPP;
}

static void register_sections(void)
{
	const struct libbpf_prog_handler_opts o = { .sz = sizeof(o), .prog_prepare_load_fn = prepare };

	/* Not as what iterators are: libbpf would look for their function itself. */
	(void)libbpf_register_prog_handler(BPF_RUN, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &o);
	(void)libbpf_register_prog_handler(BPF_ITER, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &o);
	(void)libbpf_register_prog_handler(BPF_TRACE, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &o);
}

int fit_open(struct fit **ret, struct err *e)
{
	_cleanup_(fit_closep) struct fit *f = calloc(1, sizeof(*f));

	if (!f)
		return err_sys(e, -ENOMEM, "the kernel's types");
	(void)pthread_once(&is_registered, register_sections);
	f->fd = memfd_create("kernel-types", MFD_CLOEXEC);
	if (f->fd < 0)
		return err_sys(e, -errno, "the kernel's types");
	(void)snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
	*ret = take_ptr(f);
	return 0;
}

/* Adds all that the object's own types and functions name. */
static int add_names(struct fit *f)
{
	const struct btf *own = bpf_object__btf(f->object);
	struct bpf_program *p = NULL;
	int r = own ? kernel_names_add(&f->names, RDONLY_CAST) : -EINVAL;

	for (uint32_t id = 1; !r && id < btf__type_cnt(own); id++) {
		const struct btf_type *t = btf__type_by_id(own, id);
		const struct btf_member *m = btf_members(t);

		if (btf_is_func(t) || btf_is_var(t) || btf_is_datasec(t))
			continue;
		r = kernel_names_add(&f->names, btf__name_by_offset(own, t->name_off));
		for (uint32_t i = 0; !r && btf_is_composite(t) && i < btf_vlen(t); i++)
			r = kernel_names_add(&f->names, btf__name_by_offset(own, m[i].name_off));
	}
	while (!r && (p = bpf_object__next_program(f->object, p)))
		if (target_of(p))
			r = kernel_names_add(&f->names, target_of(p));
	return r;
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		p += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static void find_target(struct fit *f, const struct btf *all, const char *name, uint32_t kind)
{
	struct kernel_name *n = kernel_names_find(&f->names, name);
	int id = btf__find_by_name_kind(all, name, kind);

	if (n)
		n->target = id > 0 ? (uint32_t)id : 0;
}

/* Where we do not understand the kernel's types, libbpf may: it is given all of them. */
static int use_all(struct fit *f, const void *types, size_t len)
{
	struct btf *all = btf__new(types, (uint32_t)len);
	struct bpf_program *p = NULL;

	if (!all)
		return -errno;
	find_target(f, all, RDONLY_CAST, BTF_KIND_FUNC);
	while ((p = bpf_object__next_program(f->object, p)))
		if (target_of(p))
			find_target(f, all, target_of(p),
				    behind(p, BPF_ITER) ? BTF_KIND_FUNC : BTF_KIND_TYPEDEF);
	btf__free(all);
	return write_all(f->fd, types, len);
}

static int use_types(struct fit *f, const void *types, size_t len)
{
	int r = kernel_types_cut(types, len, &f->names, &f->types);

	if (r == -ENOMEM)
		return r;
	return r < 0 ? use_all(f, types, len) : write_all(f->fd, f->types.bytes.p, f->types.bytes.len);
}

static int read_types(struct fit *f)
{
	_cleanup_close_ int fd = file_open_at(AT_FDCWD, KERNEL_TYPES, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct text copy = {};
	struct stat st;
	size_t len;
	void *p;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? fd : -errno;
	if (st.st_size <= 0 || st.st_size > WHOLE_MAX)
		return -EFBIG;
	len = (size_t)st.st_size;
	p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0); /* Linux 6.16 */
	if (p != MAP_FAILED) {
		r = use_types(f, p, len);
		(void)munmap(p, len);
		return r;
	}
	(void)text_room(&copy, len);
	r = file_read(KERNEL_TYPES, WHOLE_MAX, &copy);
	if (!r)
		r = use_types(f, copy.p, copy.len);
	text_done(&copy);
	return r;
}

int fit_load(struct fit *f, struct bpf_object *o, struct err *e)
{
	int r;

	f->object = o;
	r = add_names(f);
	if (!r)
		r = read_types(f);
	if (r < 0)
		return err_sys(e, r, KERNEL_TYPES);
	loading = f;
	r = bpf_object__load(o);
	loading = NULL;
	if (r < 0 && f->lacks_cast)
		return err_say(e, r, "BPF program %s: this kernel has no %s(), which Linux has since 6.2",
			       bpf_object__name(o), RDONLY_CAST);
	return r < 0 ? err_sys(e, r, "BPF program %s", bpf_object__name(o)) : 0;
}
