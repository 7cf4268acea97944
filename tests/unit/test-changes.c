/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is new, gone or different from one frame to the next. */

#include "ops/changes.h"
#include "records.h"

enum { NAME, SIZE, ID, INODE, N };

static const struct column columns[N] = {
	[NAME] = { .name = "name", .field = F_MAX, .type = T_STR },
	[SIZE] = { .name = "size", .field = F_MAX, .type = T_UINT },
	[ID] = { .name = "id", .field = F_MAX, .type = T_UINT },
	[INODE] = { .name = "inode", .field = F_MAX, .type = T_UINT },
};

/* One letter a record: its name, with size and identity from the digits behind: "a15" is size 1, identity 5.
 * '+' in front of a digit in place of the identity: it has none, and the inode counts. */
static void put_frame(struct tabular *t, const char *records)
{
	const struct listing l = { .name = "sockets", .columns = columns, .n = N };

	CHECK(t->ops->list(t, &l) == 0);
	for (const char *p = records; *p; p += *p == ' ') {
		struct cell cells[N] = { [NAME] = bytes_cell(p, 1) };

		cells[SIZE] = uint_cell((uint64_t)(p[1] - '0'));
		cells[p[2] == '+' ? INODE : ID] = uint_cell((uint64_t)(p[p[2] == '+' ? 3 : 2] - '0'));
		CHECK(t->ops->record(t, cells) == 0);
		p += p[2] == '+' ? 4 : 3;
	}
	CHECK(t->ops->list_end(t) == 0);
}

/* The table of one frame; the memory is that of the frame before. */
static const char *frame(struct changes *memory, const char *records, bool has_color)
{
	static char shown[4096];
	struct changes_opts o = {
		.memory = memory, .first_id = ID, .n_ids = 2, .is_first_enough = true, .n_shown = SIZE + 1
	};
	const struct format_opts fo = { .no_header = true,
					.has_marks = true,
					.has_color = has_color,
					.screen = 20,
					.is_terminal = true };
	_cleanup_(tabular_freep) struct tabular *table = NULL, *marks = NULL;
	struct out out;

	CHECK(out_init_memory(&out) == 0);
	CHECK(format_find(sv("table"))->open(&fo, &out, &table) == 0);
	CHECK(changes_mark(&o, table, &marks) == 0);
	put_frame(marks, records);
	CHECK(marks->ops->end(marks, NULL) == 0);
	CHECK(out.len < sizeof(shown));
	memcpy(shown, out.buf, out.len);
	shown[out.len] = '\0';
	(void)out_done(&out);
	return shown;
}

static void test_frames(void)
{
	struct changes *memory = changes_new();
	static const struct {
		const char *records, *shown;
	} frames[] = {
		{ "a11 b22", "   a  1\n   b  2\n" },               /* nothing to compare with */
		{ "a11 b22", "   a  1\n   b  2\n" },               /* nothing changed */
		{ "a11 b32 c43", "   a  1\n   b  3*\n+  c  4\n" }, /* one value, one record */
		{ "c43 a11", "   c   4\n   a   1\n-  b   3\n" },   /* gone, where it was */
		{ "c43 a11", "   c  4\n   a  1\n" },               /* for one frame */
		{ "x96", "-  c  4\n-  a  1\n+  x  9\n" },          /* all of them */
		{ "", "-  x  9\n" },
		{ "", "" },
		{ "a11 a1+7 a1+8", "+  a  1\n+  a  1\n+  a  1\n" }, /* without an identity of its own */
		{ "a11 a2+7 a1+9", "   a  1\n   a  2*\n-  a  1\n+  a  1\n" },
		{ "z11", "   z*  1\n-  a   2\n-  a   1\n" },
	};

	CHECK(memory);
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		const char *shown = frame(memory, frames[i].records, false);
		char plain[256], want[256];
		size_t n = 0, m = 0;

		/* How wide a column is has its own test. */
		for (const char *p = shown; *p; p++)
			if (*p != ' ')
				plain[n++] = *p;
		for (const char *p = frames[i].shown; *p; p++)
			if (*p != ' ')
				want[m++] = *p;
		plain[n] = want[m] = '\0';
		CHECK_STR(plain, want);
	}
	(void)changes_free(memory);
}

/* What colour says is in the text as well, and lines are no wider than the screen. */
static void test_colour(void)
{
	struct changes *memory = changes_new();

	CHECK_STR(frame(memory, "a11", true), "   a  1\n");
	CHECK_STR(frame(memory, "a21 b22", true), "   a  \033[1m2*\033[0m\n\033[32m+\033[0m  b   2\n");
	CHECK_STR(frame(memory, "b22", true), "\033[33m-\033[0m  a  2\n   b  2\n");
	(void)changes_free(memory);
}

/* More than those whose end is told. */
static void test_many(void)
{
	const struct listing l = { .name = "sockets", .columns = columns, .n = N };
	struct changes *memory = changes_new();
	struct changes_opts o = { .memory = memory, .first_id = ID, .n_ids = 2, .n_shown = SIZE + 1 };

	for (unsigned int round = 0; round < 3; round++) {
		_cleanup_(tabular_freep) struct tabular *csv = NULL, *marks = NULL;
		struct out out;
		size_t lines = 0;

		CHECK(out_init_memory(&out) == 0);
		CHECK(format_find(sv("csv"))->open(&(struct format_opts){ .no_header = true }, &out, &csv) ==
		      0);
		CHECK(changes_mark(&o, csv, &marks) == 0);
		CHECK(marks->ops->list(marks, &l) == 0);
		for (uint64_t i = 0; i < 3 * CHANGES_GONE_MAX; i++) {
			const struct cell cells[N] = {
				[SIZE] = uint_cell(i), [ID] = uint_cell(round / 2 * 100000 + i)
			};

			CHECK(marks->ops->record(marks, cells) == 0);
		}
		CHECK(marks->ops->end(marks, NULL) == 0);
		for (size_t i = 0; i < out.len; i++)
			lines += out.buf[i] == '\n';
		CHECK(lines == (size_t)(round < 2 ? 3 : 4) * CHANGES_GONE_MAX);
		(void)out_done(&out);
	}
	(void)changes_free(memory);
}

int main(void)
{
	test_frames();
	test_colour();
	test_many();
	return 0;
}
