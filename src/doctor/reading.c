/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/reading.h"

#include <errno.h>
#include <stdio.h>

#include "base/num.h"
#include "host/kept.h"

void readings_done(struct readings *r)
{
	for (size_t i = 0; i < r->n; i++) {
		text_done(&r->v[i].bytes);
		free(r->v[i].name);
	}
	free(r->v);
	*r = (struct readings){};
}

int reading_add(struct reading *r, const char *path, struct sv contents)
{
	uint32_t len = (uint32_t)contents.len;

	text_put(&r->bytes, path, strlen(path) + 1);
	text_put(&r->bytes, &len, sizeof(len));
	text_sv(&r->bytes, contents);
	return r->bytes.failed ? -ENOMEM : 0;
}

static int keep_file(void *ctx, const char *path, struct sv contents)
{
	return reading_add(ctx, path, contents);
}

static void note_unread(void *ctx, const char *path)
{
	struct reading *r = ctx;

	r->unread = path;
}

static int keep_iface(void *, uint32_t, struct sv)
{
	return 0;
}

static int read_one(struct reading *r, struct host *h, const struct places *all, const struct place *p)
{
	static const struct kept_ops ops = { .file = keep_file, .iface = keep_iface, .unread = note_unread };

	r->netns = p ? p->ino : host_here(h);
	r->is_home = !p || !place_is_elsewhere(p);
	r->name = strdup(p && p->name ? p->name : "");
	r->at_us = host_monotonic_us(h);
	return r->name ? host_kept(h, all, p, &ops, r) : -ENOMEM;
}

int readings_take(struct readings *r, struct host *h, const struct places *all)
{
	size_t n = all ? all->n : 1;
	int k = 0;

	readings_done(r);
	r->v = calloc(n + 1, sizeof(*r->v));
	if (!r->v)
		return -ENOMEM;
	for (; r->n < n && k >= 0; r->n++)
		k = read_one(&r->v[r->n], h, all, all ? &all->v[r->n] : NULL);
	return k;
}

const struct reading *readings_find(const struct readings *r, uint32_t netns)
{
	for (size_t i = 0; i < r->n; i++)
		if (netns ? r->v[i].netns == netns : r->v[i].is_home)
			return &r->v[i];
	return NULL;
}

struct sv reading_file(const struct reading *r, struct sv path)
{
	struct sv rest = sv_n(r->bytes.p, r->bytes.len);

	while (rest.len) {
		struct sv name = sv_take(&rest, '\0');
		uint32_t len;

		if (rest.len < sizeof(len))
			break;
		memcpy(&len, rest.p, sizeof(len));
		rest = sv_from(rest, sizeof(len));
		if (sv_eq(name, path))
			return sv_first(rest, len);
		rest = sv_from(rest, len);
	}
	return (struct sv){};
}

static bool read_number(struct sv word, unsigned int base, double *ret)
{
	bool is_negative = word.len && word.p[0] == '-';
	uint64_t v;

	if (!num_read(sv_from(word, is_negative), base, UINT64_MAX, &v))
		return false;
	*ret = is_negative ? -(double)v : (double)v;
	return true;
}

/* The column @name of the line of names that begins with @group and a colon, in the line of numbers below. */
static bool find_in_lines(struct sv text, struct sv group, struct sv name, double *ret)
{
	while (text.len) {
		struct sv names = sv_take(&text, '\n'), numbers, word;
		struct sv head = sv_word(&names);

		if (head.len != group.len + 1 || !sv_eq(sv_first(head, group.len), group))
			continue;
		numbers = sv_take(&text, '\n');
		(void)sv_word(&numbers);
		for (word = sv_word(&names); word.len; word = sv_word(&names)) {
			struct sv number = sv_word(&numbers);

			if (sv_eq(word, name))
				return read_number(number, 10, ret);
		}
	}
	return false;
}

/* The number behind the word @name in the line that begins with @group and a colon. */
static bool find_in_words(struct sv text, struct sv group, struct sv name, double *ret)
{
	while (text.len) {
		struct sv line = sv_take(&text, '\n'), head = sv_word(&line), word;

		if (head.len != group.len + 1 || !sv_eq(sv_first(head, group.len), group))
			continue;
		for (word = sv_word(&line); word.len; word = sv_word(&line)) {
			struct sv number = sv_word(&line);

			if (sv_eq(word, name))
				return read_number(number, 10, ret);
		}
	}
	return false;
}

/* The sum of column @column of all lines, hexadecimal. */
static bool add_column(struct sv text, size_t column, double *ret)
{
	bool has_any = false;

	*ret = 0;
	while (text.len) {
		struct sv line = sv_take(&text, '\n'), word = sv_word(&line);
		double v;

		for (size_t i = 0; i < column; i++)
			word = sv_word(&line);
		if (!read_number(word, 16, &v))
			continue;
		*ret += v;
		has_any = true;
	}
	return has_any;
}

/* The first line has the names of the columns. */
static bool add_named_column(struct sv text, struct sv name, double *ret)
{
	struct sv names = sv_take(&text, '\n'), word;
	size_t i = 0;

	for (word = sv_word(&names); word.len; word = sv_word(&names), i++)
		if (sv_eq(word, name))
			return add_column(text, i, ret);
	return false;
}

static bool is_setting(struct sv name)
{
	static const char *const roots[] = { "net.", "fs.", "vm.", "kernel." };

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		if (sv_eq(sv_first(name, strlen(roots[i])), sv(roots[i])))
			return true;
	return false;
}

struct sv reading_setting(const struct reading *r, struct sv name)
{
	char path[128];
	int n;

	if (!is_setting(name) || name.len > sizeof(path) - 8)
		return (struct sv){};
	n = snprintf(path, sizeof(path), "sys/%.*s", SV_ARG(name));
	for (char *p = path; *p; p++)
		*p = *p == '.' ? '/' : *p;
	return sv_trim(reading_file(r, sv_n(path, (size_t)n)));
}

/* "net.ipv4.tcp_mem[2]" */
static bool read_setting(const struct reading *r, struct sv name, double *ret)
{
	ptrdiff_t open = sv_find(name, '[');
	uint64_t at = 0;
	struct sv rest, word;

	if (open >= 0) {
		struct sv index = sv_n(name.p + open + 1, name.len - (size_t)open - 2);

		if (!num_read(index, 10, 16, &at))
			return false;
		name = sv_first(name, (size_t)open);
	}
	rest = reading_setting(r, name);
	word = sv_word(&rest);
	for (uint64_t i = 0; i < at; i++)
		word = sv_word(&rest);
	return read_number(word, 10, ret);
}

bool reading_number(const struct reading *r, struct sv name, double *ret)
{
	struct sv group, rest = name;

	if (is_setting(name))
		return read_setting(r, name, ret);
	group = sv_take(&rest, '.');
	if (sv_is(group, "sockstat") || sv_is(group, "sockstat6")) {
		struct sv protocol = sv_take(&rest, '.');

		return find_in_words(
			reading_file(r, sv_is(group, "sockstat") ? sv("net/sockstat") : sv("net/sockstat6")),
			protocol, rest, ret);
	}
	if (sv_is(group, "softnet"))
		return add_column(reading_file(r, sv("net/softnet_stat")), sv_is(rest, "dropped") ? 1 : 2,
				  ret);
	if (sv_is(group, "conntrack"))
		return add_named_column(reading_file(r, sv("net/stat/nf_conntrack")), rest, ret);
	return find_in_lines(reading_file(r, sv("net/snmp")), group, rest, ret) ||
	       find_in_lines(reading_file(r, sv("net/netstat")), group, rest, ret);
}

bool reading_is_counter(struct sv name)
{
	return !is_setting(name) && sv_find(name, '.') > 0;
}

bool reading_is_configured(const struct reading *r, struct sv name)
{
	struct sv rest = reading_file(r, sv(KEPT_SYSCTL));

	while (rest.p && rest.len)
		if (sv_eq(sv_take(&rest, '\n'), name))
			return true;
	return false;
}
