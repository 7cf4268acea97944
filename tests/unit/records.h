/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Records made up for the tests of the output formats, and what a format writes of them.
 */

#include <sys/stat.h>

#include "base/cleanup.h"
#include "check.h"
#include "model/value.h"
#include "sink/format/formats.h"

static const struct owner nginx[] = {
	{ .pid = 12, .fd = 3, .comm = { "nginx", 5 } },
	{ .pid = 12, .fd = 4, .comm = { "nginx", 5 } },
	{ .pid = 13, .tid = 14, .fd = 5, .comm = { "a;\"b\\\n\xff", 7 } },
	{ .pid = 15, .fd = 6 },
};

static inline struct cell uint_cell(uint64_t u)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_UINT, .u = u } };
}

static inline struct cell int_cell(int64_t i)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_INT, .i = i } };
}

static inline struct cell real_cell(double d)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_REAL, .d = d } };
}

static inline struct cell bytes_cell(const char *p, size_t len)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_STR, .s = sv_n(p, len) } };
}

static inline struct cell str_cell(const char *s)
{
	return bytes_cell(s, strlen(s));
}

static inline struct cell owners_cell(size_t n)
{
	return (struct cell){ .is_there = true,
			      .val = { .kind = VAL_OWNERS, .owners = { .v = nginx, .n = n } } };
}

static const struct cell absent = {};

struct input {
	const struct column *columns;
	size_t n;
	const struct cell *cells; /* one record after the other */
	size_t n_records;
	const struct notes *notes;
	struct format_opts o;
	const char *name; /* NULL: sockets */
	uint64_t at_us;
};

static inline void write_to(int fd, const char *format, const struct input *in)
{
	const struct listing l = { .name = in->name ? in->name : "sockets",
				   .columns = in->columns,
				   .n = in->n,
				   .at_us = in->at_us };
	_cleanup_(tabular_freep) struct tabular *t = NULL;
	struct out out;

	CHECK(out_init(&out, fd) == 0);
	CHECK(format_find(sv(format))->open(&in->o, &out, &t) == 0);
	CHECK(t->ops->list(t, &l) == 0);
	for (size_t i = 0; i < in->n_records; i++) {
		CHECK(t->ops->record(t, in->cells + i * in->n) == 0);
		if (in->o.is_live)
			CHECK(t->ops->flush(t) == 0);
	}
	CHECK(t->ops->end(t, in->notes) == 0);
	CHECK(out_done(&out) == 0);
}

/* What @format writes; freed by the next call. */
static inline const char *written(const char *format, const struct input *in)
{
	static char *buf;
	FILE *f = tmpfile();
	struct stat st;

	CHECK(f);
	write_to(fileno(f), format, in);
	CHECK(fstat(fileno(f), &st) == 0);
	free(buf);
	buf = calloc(1, (size_t)st.st_size + 1);
	CHECK(buf && pread(fileno(f), buf, (size_t)st.st_size, 0) == st.st_size);
	CHECK(strlen(buf) == (size_t)st.st_size);
	(void)fclose(f);
	return buf;
}
