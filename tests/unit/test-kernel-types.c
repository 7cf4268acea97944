/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Cutting the kernel's types down to those that are named. */

#include "bpf/kernel_types.h"

#include <errno.h>
#include <linux/btf.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "check.h"

#define INFO(kind, n) ((uint32_t)(kind) << 24 | (n))

enum { MEMBERS_MAX = 8 };

/* BTF in the making: numbers of types are given from 1 on. */
struct maker {
	struct text types, strings;
	uint32_t n;
};

static uint32_t put_name(struct maker *m, const char *name)
{
	uint32_t at;

	if (!m->strings.len)
		text_char(&m->strings, '\0');
	at = (uint32_t)m->strings.len;
	if (!*name)
		return 0;
	text_put(&m->strings, name, strlen(name) + 1);
	return at;
}

static uint32_t put(struct maker *m, const char *name, uint32_t info, uint32_t size_or_type)
{
	struct btf_type t = { .name_off = put_name(m, name), .info = info, .size = size_or_type };

	text_put(&m->types, &t, sizeof(t));
	return ++m->n;
}

static void put_member(struct maker *m, const char *name, uint32_t type, uint32_t bit)
{
	struct btf_member v = { .name_off = put_name(m, name), .type = type, .offset = bit };

	text_put(&m->types, &v, sizeof(v));
}

static uint32_t put_int(struct maker *m, const char *name, uint32_t bytes)
{
	uint32_t encoding = bytes * 8, id = put(m, name, INFO(BTF_KIND_INT, 0), bytes);

	text_put(&m->types, &encoding, sizeof(encoding));
	return id;
}

static struct text finish(struct maker *m)
{
	struct btf_header h = { .magic = BTF_MAGIC,
				.version = BTF_VERSION,
				.hdr_len = sizeof(h),
				.type_len = (uint32_t)m->types.len,
				.str_off = (uint32_t)m->types.len,
				.str_len = (uint32_t)m->strings.len };
	struct text all = {};

	text_put(&all, &h, sizeof(h));
	text_put(&all, m->types.p, m->types.len);
	text_put(&all, m->strings.p, m->strings.len);
	CHECK(!all.failed && !m->types.failed && !m->strings.failed);
	text_done(&m->types);
	text_done(&m->strings);
	return all;
}

/* What is told of a type that is left. */
struct seen {
	uint32_t kind, size, n, kernel_id;
	const char *name[MEMBERS_MAX];
	struct btf_member member[MEMBERS_MAX];
};

/* The type number @id of those left. All of what is read must lie within. */
static struct seen see(const struct kernel_types *t, uint32_t id)
{
	const char *types = t->bytes.p + sizeof(struct btf_header), *strings;
	struct btf_header h;
	struct btf_type b = {};
	struct seen s = {};

	memcpy(&h, t->bytes.p, sizeof(h));
	strings = types + h.str_off;
	CHECK(t->bytes.len == sizeof(h) + h.type_len + h.str_len && id);
	for (uint32_t i = 1, len = 0; i <= id; i++, types += len) {
		CHECK(types + sizeof(b) <= strings);
		memcpy(&b, types, sizeof(b));
		s.kind = b.info >> 24 & 31;
		s.n = BTF_INFO_VLEN(b.info);
		len = s.kind == BTF_KIND_INT     ? 4
		      : s.kind == BTF_KIND_ARRAY ? (uint32_t)sizeof(struct btf_array)
		      : s.kind == BTF_KIND_STRUCT || s.kind == BTF_KIND_UNION ? s.n * 12
									      : 0;
		len += (uint32_t)sizeof(b);
		CHECK(types + len <= strings && s.n <= MEMBERS_MAX);
		for (uint32_t k = 0; k < s.n; k++) {
			memcpy(&s.member[k], types + sizeof(b) + k * 12, 12);
			CHECK(s.member[k].name_off < h.str_len);
			s.name[k] = strings + s.member[k].name_off;
		}
	}
	s.size = b.size;
	s.kernel_id = kernel_types_id(t, id);
	return s;
}

struct ids {
	uint32_t number, word, inner, alias, pointer, outer, function;
};

/*
 * typedef struct { long deep; long other; } alias;
 * struct outer { const alias in; struct outer *next; union { long first; alias second; }; long unused; };
 */
static struct text make(struct ids *ret)
{
	struct maker m = {};
	uint32_t both, constant;

	ret->number = put_int(&m, "int", 4);
	ret->word = put_int(&m, "long", 8);
	ret->inner = put(&m, "", INFO(BTF_KIND_STRUCT, 2), 16);
	put_member(&m, "deep", ret->word, 0);
	put_member(&m, "other", ret->word, 64);
	ret->alias = put(&m, "alias", INFO(BTF_KIND_TYPEDEF, 0), ret->inner);
	constant = put(&m, "", INFO(BTF_KIND_CONST, 0), ret->alias);
	ret->pointer = put(&m, "", INFO(BTF_KIND_PTR, 0), 9);
	both = put(&m, "", INFO(BTF_KIND_UNION, 2), 16);
	put_member(&m, "first", ret->word, 0);
	put_member(&m, "second", ret->alias, 0);
	/* More than one piece of the index away. */
	for (int i = 0; i < 200; i++)
		(void)put(&m, "somebody", INFO(BTF_KIND_FWD, 0), 0);
	ret->outer = put(&m, "outer", INFO(BTF_KIND_STRUCT, 4), 48);
	put_member(&m, "in", constant, 0);
	put_member(&m, "next", ret->pointer, 128);
	put_member(&m, "", both, 192);
	put_member(&m, "unused", ret->word, 320);
	ret->function = put(&m, "call", INFO(BTF_KIND_FUNC, 0), 0);
	return finish(&m);
}

static int cut(const struct text *all, struct kernel_types *ret, uint32_t *ret_function)
{
	static const char *const names[] = { "outer___old", "next", "in",      "deep",
					     "second",      "call", "nothing", "in" };
	struct kernel_names s = {};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK(kernel_names_add(&s, names[i]) == 0);
	CHECK(s.n == ARRAY_SIZE(names) - 1 && !kernel_names_find(&s, "outer___old"));
	r = kernel_types_cut(all->p, all->len, &s, ret);
	*ret_function = kernel_names_find(&s, "call")->target;
	CHECK(!kernel_names_find(&s, "nothing")->target);
	kernel_names_done(&s);
	return r;
}

static void test_cut(void)
{
	struct kernel_types t;
	struct text all;
	struct ids ids;
	struct seen outer, part;
	uint32_t function;

	all = make(&ids);
	CHECK(cut(&all, &t, &function) == 0 && function == ids.function);
	outer = see(&t, 1);
	CHECK(outer.kind == BTF_KIND_STRUCT && outer.size == 48 && outer.kernel_id == ids.outer);
	CHECK(outer.n == 3);
	CHECK_STR(outer.name[0], "in");
	CHECK_STR(outer.name[1], "next");
	CHECK_STR(outer.name[2], "");
	CHECK(outer.member[1].offset == 128 && outer.member[2].offset == 192);
	/* The typedef is passed over, its other member left out. */
	part = see(&t, outer.member[0].type);
	CHECK(part.kind == BTF_KIND_STRUCT && part.kernel_id == ids.inner && part.size == 16 && part.n == 1);
	CHECK_STR(part.name[0], "deep");
	part = see(&t, part.member[0].type);
	CHECK(part.kind == BTF_KIND_INT && part.size == 8 && part.kernel_id == ids.word);
	/* A pointer leads nowhere. */
	part = see(&t, outer.member[1].type);
	CHECK(part.kind == BTF_KIND_PTR && part.kernel_id == ids.pointer && !part.size);
	part = see(&t, outer.member[2].type);
	CHECK(part.kind == BTF_KIND_UNION && part.n == 1);
	CHECK_STR(part.name[0], "second");
	CHECK(part.member[0].type == outer.member[0].type);
	CHECK(!kernel_types_id(&t, 0) && !kernel_types_id(&t, 1000));
	kernel_types_done(&t);
	text_done(&all);
}

/* Nothing of the file can be missing, and no byte of it can do harm. */
static void test_broken(void)
{
	struct kernel_types t;
	struct text all;
	struct ids ids;
	uint32_t function;

	all = make(&ids);
	for (size_t len = 0; len < all.len; len++) {
		char *copy = malloc(len + 1);
		struct text part = { .p = copy, .len = len };

		CHECK(copy);
		memcpy(copy, all.p, len);
		CHECK(cut(&part, &t, &function) == -EBADMSG && !t.bytes.p && !t.id.p);
		free(copy);
	}
	for (size_t at = 0; at < all.len; at++) {
		char was = all.p[at];

		all.p[at] = (char)(was ^ 0x7f);
		(void)cut(&all, &t, &function);
		kernel_types_done(&t);
		all.p[at] = was;
	}
	text_done(&all);
}

static void test_unknown_kind(void)
{
	struct kernel_types t;
	struct maker m = {};
	struct text all;
	uint32_t function;

	(void)put_int(&m, "outer", 4);
	(void)put(&m, "new", INFO(31, 0), 0);
	all = finish(&m);
	CHECK(cut(&all, &t, &function) == -EBADMSG);
	text_done(&all);
}

/* The running kernel's own, where there is one that we may read. */
static void test_kernel(void)
{
	struct kernel_names s = {};
	struct kernel_types t;
	struct text all = {};
	struct seen task;

	if (file_read("/sys/kernel/btf/vmlinux", 64 << 20, &all) == 0) {
		CHECK(!kernel_names_add(&s, "task_struct") && !kernel_names_add(&s, "tgid"));
		CHECK(!kernel_names_add(&s, "bpf_iter_task"));
		CHECK(kernel_types_cut(all.p, all.len, &s, &t) == 0);
		task = see(&t, 1);
		CHECK(task.kind == BTF_KIND_STRUCT && task.size > 1024 && task.kernel_id);
		CHECK(t.bytes.len < all.len / 100);
		kernel_types_done(&t);
		kernel_names_done(&s);
	}
	text_done(&all);
}

int main(void)
{
	test_cut();
	test_broken();
	test_unknown_kind();
	test_kernel();
	return 0;
}
