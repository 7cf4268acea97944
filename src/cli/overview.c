/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/overview.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "cli/environ.h"
#include "model/value.h"
#include "source/proc_counters.h"

static const struct section {
	const char *name, *title, *filter, *by, *columns, *sort, *unique;
	uint64_t limit;
	bool has_netns;
} sections[] = {
#define SECTION(n, t, f, ...) { .name = n, .title = t, .filter = f, __VA_ARGS__ },
#include "cli/overview.def"
};

enum { N_SECTIONS = ARRAY_SIZE(sections) };

struct overview {
	struct sink sink;
	const struct classic_cli *c;
	struct out *out;
	bool is_table, has_begun;
	struct filter *filter[N_SECTIONS];
	struct tabulation *list[N_SECTIONS];
	struct fieldset keys; /* of all the lists: what decides which sockets are in them, and where */
};

static void fields_used(const struct sink *s, struct fieldset *set)
{
	const struct overview *o = (const struct overview *)s;

	for (size_t i = 0; i < N_SECTIONS; i++) {
		struct sink *list = tabulation_sink(o->list[i]);

		list->ops->fields(list, set);
		filter_fields(o->filter[i], set);
	}
}

static int row_in(struct sink *s, const struct row *row)
{
	struct overview *o = (struct overview *)s;

	for (size_t i = 0; i < N_SECTIONS; i++) {
		struct sink *list = tabulation_sink(o->list[i]);
		int r = filter_match(o->filter[i], row) ? list->ops->row(list, row) : 0;

		if (r < 0 && r != -ECANCELED)
			return r;
	}
	return 0;
}

static int nothing_yet(struct sink *)
{
	return 0;
}

static const struct sink_ops overview_ops = {
	.fields = fields_used, .row = row_in, .end = nothing_yet, .flush = nothing_yet
};

static void put_title(struct overview *o, const char *title)
{
	if (!o->is_table)
		return;
	if (o->has_begun)
		out_write(o->out, "\n", 1);
	o->has_begun = true;
	out_write(o->out, title, strlen(title));
	out_write(o->out, "\n", 1);
}

/* Whose memory is told, of the whole host. */
static const struct {
	const char *name, *limit;
	enum proc_counter pages;
} protocols[] = { { "tcp", "sys/net/ipv4/tcp_mem", COUNTER_TCP_MEM },
		  { "udp", "sys/net/ipv4/udp_mem", COUNTER_UDP_MEM } };

/* Pages that each of them uses and may use; -1: not known. */
struct memory {
	int64_t used[ARRAY_SIZE(protocols)], limit[ARRAY_SIZE(protocols)];
};

static void note_unread(struct notes *notes, const char *file, int r)
{
	struct err e;

	if (r < 0 && err_sys(&e, r, "memory of the protocols: /proc/%s", file) < 0)
		notes_add(notes, NOTE_ERROR, "%s", e.text);
}

/* The last number of a file like tcp_mem, or -1. Another network namespace than the first has no such file.
 */
static int64_t read_limit(const char *root, const char *file, struct notes *notes)
{
	struct text t = {};
	struct sv rest, word;
	uint64_t v = 0;
	bool has = false;
	int r = file_read_proc(root, file, NULL, &t);

	if (r != -ENOENT)
		note_unread(notes, file, r);
	if (r == 0) {
		rest = sv_n(t.p, t.len);
		for (word = sv_word(&rest); word.len; word = sv_word(&rest)) {
			if (word.p[word.len - 1] == '\n')
				word.len--;
			has = num_read(word, 10, INT64_MAX >> 20, &v);
		}
	}
	text_done(&t);
	return has ? (int64_t)v : -1;
}

static void read_memory(struct memory *m, struct notes *notes)
{
	const struct proc_counter_paths paths = { .proc_root = getenv("PROC_ROOT") };
	struct proc_counter_errors errors;
	struct proc_counters counters;

	proc_counters_read(&paths, &counters, &errors);
	note_unread(notes, "net/sockstat", errors.sockstat);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		m->used[i] = counters.v[protocols[i].pages];
		m->limit[i] = read_limit(paths.proc_root, protocols[i].limit, notes);
	}
}

static struct cell bytes(int64_t pages)
{
	return (struct cell){ .is_there = pages >= 0,
			      .val = { .kind = VAL_UINT,
				       .u = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) } };
}

static int put_memory(struct tabular *to, const struct memory *m)
{
	static const struct column columns[] = {
		{ .name = "protocol", .field = F_MAX, .type = T_STR },
		{ .name = "memory", .field = F_MAX, .type = T_BYTES },
		{ .name = "limit", .field = F_MAX, .type = T_BYTES },
		{ .name = "used", .field = F_MAX, .type = T_SHARE },
	};
	int r = to->ops->begin(to, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; i < ARRAY_SIZE(protocols) && r == 0; i++) {
		struct cell cells[] = {
			{ .is_there = true, .val = { .kind = VAL_STR, .s = sv(protocols[i].name) } },
			bytes(m->used[i]),
			bytes(m->limit[i]),
			{ .is_there = m->used[i] >= 0 && m->limit[i] > 0, .val = { .kind = VAL_REAL } }
		};

		if (cells[3].is_there)
			cells[3].val.d = (double)m->used[i] / (double)m->limit[i];
		r = to->ops->record(to, cells);
	}
	return r;
}

static int end_memory(struct overview *o, const struct memory *m, const struct notes *notes)
{
	const struct format *format = format_find(sv(o->is_table ? "table" : "json"));
	const struct format_opts fo = { .records = "memory",
					.part = PART_LAST,
					.no_header = o->c->show & SHOW_NO_HEADER,
					.is_utf8 = environ_is_utf8() };
	_cleanup_(tabular_freep) struct tabular *to = NULL;
	int r = format->open(&fo, o->out, &to), end;
	struct notes all;

	if (r < 0)
		return r;
	r = put_memory(to, m);
	all = notes_of_end(notes, r);
	end = to->ops->end(to, &all);
	return r < 0 ? r : end;
}

int overview_end(struct overview *o, struct notes *notes)
{
	struct memory memory;
	int r = 0;

	read_memory(&memory, notes);
	for (size_t i = 0; i < N_SECTIONS && r == 0; i++) {
		put_title(o, sections[i].title);
		r = tabulation_end(o->list[i], notes);
	}
	if (r < 0)
		return r;
	put_title(o, "Memory of the host's protocols");
	return end_memory(o, &memory, notes);
}

void overview_needs(const struct overview *o, struct fieldset *keys)
{
	fieldset_add_all(keys, &o->keys);
}

struct sink *overview_sink(struct overview *o)
{
	return &o->sink;
}

struct overview *overview_free(struct overview *o)
{
	if (!o)
		return NULL;
	for (size_t i = 0; i < N_SECTIONS; i++) {
		(void)filter_free(o->filter[i]);
		(void)tabulation_free(o->list[i]);
	}
	free(o);
	return NULL;
}

/* @list behind "netns" where namespaces have to be told apart; made in @t, which lasts as long. */
static const char *with_netns(const struct overview *o, const struct section *s, const char *list,
			      struct text *t)
{
	if (!list || !s->has_netns || !o->c->everywhere)
		return list;
	text_str(t, fields[F_NETNS].name);
	text_char(t, ',');
	text_str(t, list);
	text_char(t, '\0');
	return t->failed ? NULL : t->p;
}

static int make_section(struct overview *o, size_t i, const struct selection *sel, struct err *e)
{
	const struct section *s = &sections[i];
	const struct filter_env env = { .selected = sel->families, .want_tcp = true };
	const struct sv words[] = { sv(s->filter) };
	struct fieldset named = {}; /* by us, and so nobody misses them */
	struct text by = {}, columns = {};
	const struct tabulate_opts to = { .format = o->is_table ? "table" : "json",
					  .by = with_netns(o, s, s->by, &by),
					  .columns = with_netns(o, s, s->columns, &columns),
					  .sort = s->sort,
					  .records = s->name,
					  .unique = s->unique,
					  .part = i ? PART_MORE : PART_FIRST,
					  .limit = s->limit,
					  .has_limit = true };
	int r = by.failed || columns.failed ? -ENOMEM
					    : filter_parse(&env, words, ARRAY_SIZE(words), &o->filter[i], e);

	if (r == 0)
		r = tabulation_new(o->c, &to, sel, o->out, &o->list[i], e);
	if (r == 0) {
		filter_needs(o->filter[i], &o->keys);
		tabulation_needs(o->list[i], &to, &o->keys, &named);
	}
	text_done(&by);
	text_done(&columns);
	return r;
}

int overview_new(const struct classic_cli *c, const struct selection *sel, struct out *out,
		 struct overview **ret, struct err *e)
{
	_cleanup_(overview_freep) struct overview *o = calloc(1, sizeof(*o));
	int r = o ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	o->sink.ops = &overview_ops;
	o->c = c;
	o->out = out;
	o->is_table = !c->tabulate.format || strcmp(c->tabulate.format, "json") != 0;
	for (size_t i = 0; i < N_SECTIONS && r >= 0; i++)
		r = make_section(o, i, sel, e);
	if (r < 0)
		return r;
	*ret = take_ptr(o);
	return 0;
}
