/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Bytes as what hosts have answered. Whether it comes whole or in two pieces must make no difference. */

#include <stdlib.h>

#include "fleet/merge.h"
#include "sink/format/formats.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The answer to @bytes as CSV with its notes, the first @first of them by themselves. */
static void answer(struct sv bytes, size_t first, struct text *ret)
{
	struct notes notes = {};
	struct tabular *csv = NULL;
	struct merge *m = NULL;
	struct merge_opts o = { .notes = &notes };
	struct err e = {};
	struct out out;
	ssize_t taken, r;

	if (out_init_memory(&out) < 0 || csv_new(&(struct format_opts){}, &out, &csv) < 0)
		abort();
	o.to = csv;
	if (merge_new(&o, &m) < 0)
		abort();
	merge_begin(m);
	taken = merge_bytes(m, sv_first(bytes, first), false, &e);
	r = taken < 0 ? taken : merge_bytes(m, sv_from(bytes, (size_t)taken), true, &e);
	merge_end(m);
	if (r >= 0)
		r = merge_answer(m, &e);
	(void)csv->ops->end(csv, &notes);
	text_printf(ret, "%d %s\n", r < 0 ? (int)r : 0, e.text);
	text_put(ret, out.buf, out.len);
	text_put(ret, notes.text.p, notes.text.len);
	(void)merge_free(m);
	(void)tabular_free(csv);
	(void)out_done(&out);
	notes_done(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sv bytes = { (const char *)data, size };
	struct text whole = {}, parts = {};

	answer(bytes, 0, &whole);
	answer(bytes, size ? data[size - 1] * size / 256 : 0, &parts);
	if (!sv_eq(sv_n(whole.p, whole.len), sv_n(parts.p, parts.len)))
		abort();
	text_done(&whole);
	text_done(&parts);
	return 0;
}
