/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Answers of more than one list: several lists, and one list again and again, in every format and in the
 * classic text. Whatever runs once can run twice into the same output, and says the same where nothing has
 * changed.
 */

#include <errno.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "check.h"
#include "host/host.h"
#include "model/value.h"
#include "report/chain.h"
#include "run/session.h"
#include "sink/classic/classic.h"
#include "sink/format/formats.h"

#define T1 "1970-01-01T00:00:01.000001Z"
#define T2 "1970-01-01T00:00:02.500000Z"

enum { AT_1 = 1000001, AT_2 = 2500000 };

static struct column first_columns[2], second_columns[1];

static const struct listing first = { "sockets", "Sockets", first_columns, 2, 0 };
static const struct listing second = { "memory", NULL, second_columns, 1, 0 };

static void set_up(void)
{
	first_columns[0] = column_of_field(F_NETID);
	first_columns[1] = column_of_field(F_RECVQ);
	second_columns[0] = column_of_field(F_RECVQ);
}

/* What is written to the file @f, which is closed; the caller frees it. */
static char *text_of(FILE *f)
{
	struct stat st;
	char *ret;

	CHECK(fstat(fileno(f), &st) == 0);
	ret = calloc(1, (size_t)st.st_size + 1);
	CHECK(ret && pread(fileno(f), ret, (size_t)st.st_size, 0) == st.st_size);
	(void)fclose(f);
	return ret;
}

/* A list of @n records, each after the first with a longer text and a larger number. */
static void put_list(struct tabular *t, const struct listing *l, uint64_t at_us, int n)
{
	struct listing timed = *l;

	timed.at_us = at_us;
	CHECK(t->ops->list(t, &timed) == 0);
	for (int i = 0; i < n; i++) {
		const struct cell name = { .is_there = true,
					   .val = { .kind = VAL_STR, .s = sv(i ? "u_str" : "tcp") } };
		const struct cell number = { .is_there = true,
					     .val = { .kind = VAL_UINT, .u = (uint64_t)i + 7 } };
		const struct cell cells[] = { l->n > 1 ? name : number, number };

		CHECK(t->ops->record(t, cells) == 0);
	}
	CHECK(t->ops->list_end(t) == 0);
}

/* Compares what @format makes of @first_n records and one more list, for each time that is not @until. */
static void check_lists(const char *format, bool has_many, const uint64_t *times, const char *expected)
{
	static struct notes notes;
	const struct format_opts o = { .has_lists = has_many };
	_cleanup_(tabular_freep) struct tabular *t = NULL;
	FILE *f = tmpfile();
	struct out out;
	char *text;

	if (!notes.text.len)
		notes_add(&notes, NOTE_WARNING, "w");
	CHECK(f && out_init(&out, fileno(f)) == 0);
	CHECK(format_find(sv(format))->open(&o, &out, &t) == 0);
	for (size_t i = 0; i < 2 && (!i || times[i]); i++) {
		put_list(t, &first, times[i], 2 - (int)i);
		if (has_many)
			put_list(t, &second, times[i], 1);
	}
	CHECK(t->ops->end(t, &notes) == 0 && out_done(&out) == 0);
	text = text_of(f);
	CHECK_STR(text, expected);
	free(text);
}

#define NOTE "{\"level\":\"warning\",\"text\":\"w\"}"
#define LINE_1 "\"netid\":\"tcp\",\"recvq\":7}"
#define LINE_2 "\"netid\":\"u_str\",\"recvq\":8}"
#define END_OF_PAGE                                                                                         \
	"# TYPE sockeye_records_left_out gauge\n"                                                           \
	"# HELP sockeye_records_left_out sockets, or groups of them, without samples as there would be too" \
	" many series\nsockeye_records_left_out 0\n"                                                        \
	"# TYPE sockeye_complete gauge\n# HELP sockeye_complete 1 when the answer is whole\n"               \
	"sockeye_complete 1\n# EOF\n"

static char *page(const char *samples)
{
	static char buf[2048];

	(void)snprintf(buf, sizeof(buf),
		       "# TYPE sockeye_recvq_bytes gauge\n# UNIT sockeye_recvq_bytes bytes\n"
		       "# HELP sockeye_recvq_bytes %s\n%s" END_OF_PAGE,
		       fields[F_RECVQ].help, samples);
	return buf;
}

/* One end, whatever the number of lists; names are told where records mix. */
static void test_many(void)
{
	static const uint64_t none[2];

	check_lists("json", true, none,
		    "{\"sockets\":[\n{" LINE_1 ",\n{" LINE_2
		    "\n],\n\"memory\":[\n{\"recvq\":7}\n],\"notes\":[\n" NOTE "],\"complete\":true}\n");
	check_lists("ndjson", true, none,
		    "{\"list\":\"sockets\"," LINE_1 "\n{\"list\":\"sockets\"," LINE_2
		    "\n{\"list\":\"memory\",\"recvq\":7}\n{\"note\":" NOTE "}\n");
	check_lists("table", true, none,
		    "Sockets\nNETID  RECVQ\ntcp       7B\nu_str     8B\n\nRECVQ\n   7B\n");
	check_lists("openmetrics", true, none,
		    page("sockeye_recvq_bytes{list=\"sockets\",netid=\"tcp\"} 7\n"
			 "sockeye_recvq_bytes{list=\"sockets\",netid=\"u_str\"} 8\n"
			 "sockeye_recvq_bytes{list=\"memory\"} 7\n"));
}

/* One list again: the time comes first, and the header where there is room for one. */
static void test_samples(void)
{
	static const uint64_t times[] = { AT_1, AT_2 };

	check_lists("json", false, times,
		    "{\"samples\":[\n{\"time\":\"" T1 "\",\n\"sockets\":[\n{" LINE_1 ",\n{" LINE_2 "\n]},\n"
		    "{\"time\":\"" T2 "\",\n\"sockets\":[\n{" LINE_1 "\n]}\n],\"notes\":[\n" NOTE
		    "],\"complete\":true}\n");
	check_lists("ndjson", false, times,
		    "{\"time\":\"" T1 "\"," LINE_1 "\n{\"time\":\"" T1 "\"," LINE_2 "\n{\"time\":\"" T2
		    "\"," LINE_1 "\n{\"note\":" NOTE "}\n");
	check_lists("csv", false, times, "time,netid,recvq\n" T1 ",tcp,7\n" T1 ",u_str,8\n" T2 ",tcp,7\n");
	check_lists("table", false, times,
		    "# " T1 "\nSockets\nNETID  RECVQ\ntcp       7B\nu_str     8B\n\n# " T2
		    "\nSockets\nNETID  RECVQ\ntcp       7B\n");
	/* Those with the same labels stand together. */
	check_lists("openmetrics", false, times,
		    page("sockeye_recvq_bytes{netid=\"tcp\"} 7 1.000001\n"
			 "sockeye_recvq_bytes{netid=\"tcp\"} 7 2.500000\n"
			 "sockeye_recvq_bytes{netid=\"u_str\"} 8 1.000001\n"));
}

static void test_samples_of_many(void)
{
	static const uint64_t times[] = { AT_1, AT_2 };

	check_lists("json", true, times,
		    "{\"samples\":[\n{\"time\":\"" T1 "\",\n\"sockets\":[\n{" LINE_1 ",\n{" LINE_2
		    "\n],\n\"memory\":[\n{\"recvq\":7}\n]},\n{\"time\":\"" T2 "\",\n\"sockets\":[\n{" LINE_1
		    "\n],\n\"memory\":[\n{\"recvq\":7}\n]}\n],\"notes\":[\n" NOTE "],\"complete\":true}\n");
	check_lists("ndjson", true, times,
		    "{\"time\":\"" T1 "\",\"list\":\"sockets\"," LINE_1 "\n{\"time\":\"" T1
		    "\",\"list\":\"sockets\"," LINE_2 "\n{\"time\":\"" T1
		    "\",\"list\":\"memory\",\"recvq\":7}\n{\"time\":\"" T2 "\",\"list\":\"sockets\"," LINE_1
		    "\n{\"time\":\"" T2 "\",\"list\":\"memory\",\"recvq\":7}\n{\"note\":" NOTE "}\n");
	check_lists("openmetrics", true, times,
		    page("sockeye_recvq_bytes{list=\"sockets\",netid=\"tcp\"} 7 1.000001\n"
			 "sockeye_recvq_bytes{list=\"sockets\",netid=\"tcp\"} 7 2.500000\n"
			 "sockeye_recvq_bytes{list=\"sockets\",netid=\"u_str\"} 8 1.000001\n"
			 "sockeye_recvq_bytes{list=\"memory\"} 7 1.000001\n"
			 "sockeye_recvq_bytes{list=\"memory\"} 7 2.500000\n"));
}

/* A list that has no room, or whose name is taken, is an error: nothing is written over another. */
static void test_refused(void)
{
	const struct format_opts o = {};

	for (const struct format *f = formats; f->name; f++) {
		_cleanup_(tabular_freep) struct tabular *t = NULL;
		FILE *file = tmpfile();
		struct out out;

		CHECK(file && out_init(&out, fileno(file)) == 0 && f->open(&o, &out, &t) == 0);
		put_list(t, &first, 0, 1);
		CHECK(t->ops->list(t, &second) == (f->has_lists ? 0 : -EINVAL));
		if (f->has_lists)
			CHECK(t->ops->list_end(t) == 0);
		if (!strcmp(f->name, "json"))
			CHECK(t->ops->list(t, &first) == -EINVAL);
		CHECK(t->ops->end(t, NULL) == 0 && out_done(&out) == 0);
		(void)fclose(file);
	}
}

/* The keys that formats add are no names of fields, but time, which is added where no column has it. */
static void test_names(void)
{
	static const char *const taken[] = { "list", "note", "notes", "samples", "complete", "other" };

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		CHECK(field_find(sv(taken[i])) == F_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		for (enum field_id f = 0; f < F_MAX; f++)
			CHECK(strncmp(fields[f].name, taken[i], strlen(taken[i])) != 0 ||
			      fields[f].name[strlen(taken[i])] != '.');
}

/* Which sockets each run is about. */
static uint32_t states[2] = { STATES_ALL, STATES_ALL };

/* The sockets of a recording, listed into one output at each of the @times. */
static char *run(const char *format, const struct chain_opts *co, const uint64_t *times, size_t n)
{
	static const struct selection sel = { .tables = 1u << TABLE_TCP,
					      .families = UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6,
					      .states = STATES_ALL,
					      .has_states = true };
	const struct host_files files = { .tcp_recording = TESTS_DIR "/golden/corpus/6.18/tcp.bin" };
	struct classic_opts so = { .show = SHOW_NUMERIC | SHOW_STATE | SHOW_INFO };
	struct plan_opts po = { .select = sel, .is_tcp_recorded = true };
	const struct session_opts none = { .is_kernel_only = true };
	const struct format_opts fo = {};
	struct session *session;
	struct tabular *to = NULL;
	struct chain *chain = NULL;
	struct sink *sink = NULL;
	struct notes notes = {};
	FILE *f = tmpfile();
	struct host *host;
	struct plan *plan;
	struct out out;
	struct err e;

	CHECK(f && out_init(&out, fileno(f)) == 0 && host_live_new(&files, &host) == 0);
	so.names = host->output;
	if (format) {
		CHECK(format_find(sv(format))->open(&fo, &out, &to) == 0);
		CHECK(chain_new(co, &sel, to, &chain, &e) == 0);
		sink = chain_sink(chain);
	} else {
		CHECK(classic_new(&so, &out, &sink) == 0);
	}
	sink->ops->fields(sink, &po.fields);
	CHECK(session_new(host, &none, &session) == 0);
	for (size_t i = 0; i < n; i++) {
		po.select.states = states[i];
		CHECK(plan_new(&po, &plan) == 0);
		session_tell_time(session, times[i]);
		CHECK(session_run(session, plan, sink, &notes, &e) == 0);
		(void)plan_free(plan);
	}
	if (chain)
		CHECK(chain_end(chain, &notes) == 0);
	else
		(void)classic_free(sink);
	CHECK(notes_is_whole(&notes) && out_done(&out) == 0);
	(void)chain_free(chain);
	(void)tabular_free(to);
	(void)session_free(session);
	(void)host_free(host);
	notes_done(&notes);
	return text_of(f);
}

/* Appends @before, the text up to @end, and @after. */
static void put(struct text *t, const char *before, const char *from, const char *end, const char *after)
{
	text_str(t, before);
	text_put(t, from, (size_t)(end - from));
	text_str(t, after);
}

/* What two samples of @once have to be, where each line is one record, or has its samples beside it. */
static void put_lines(struct text *t, const char *format, const char *once)
{
	bool is_text = !strcmp(format, "prometheus"), is_page = is_text || !strcmp(format, "openmetrics"),
	     is_csv = !strcmp(format, "csv");

	for (int i = 0; i < (is_page ? 1 : 2); i++)
		for (const char *line = once, *end; *line; line = end + 1) {
			end = strchr(line, '\n');
			CHECK(end);
			if (is_csv && line == once)
				put(t, i ? "" : "time,", line, i ? line : end, i ? "" : "\n");
			else if (is_csv)
				put(t, i ? T2 "," : T1 ",", line, end, "\n");
			else if (!is_page)
				put(t, i ? "{\"time\":\"" T2 "\"," : "{\"time\":\"" T1 "\",", line + 1, end,
				    "\n");
			else if (*line == '#' || !strncmp(line, "sockeye_complete ", 17) ||
				 !strncmp(line, "sockeye_records_left_out ", 25))
				put(t, "", line, end, "\n");
			else {
				put(t, "", line, end, is_text ? " 1000\n" : " 1.000001\n");
				put(t, "", line, end, is_text ? " 2500\n" : " 2.500000\n");
			}
		}
}

static void put_twice(struct text *t, const char *format, const char *once)
{
	static const char notes[] = ",\"notes\":[],\"complete\":true}\n";
	const char *end = once + strlen(once);

	if (!format) {
		put(t, "# " T1 "\n", once, end, "");
		put(t, "# " T2 "\n", once, end, "");
	} else if (!strcmp(format, "table")) {
		put(t, "# " T1 "\n", once, end, "\n");
		put(t, "# " T2 "\n", once, end, "");
	} else if (!strcmp(format, "json")) {
		end -= strlen(notes);
		CHECK_STR(end, notes);
		put(t, "{\"samples\":[\n{\"time\":\"" T1 "\",\n", once + 1, end, "},\n");
		put(t, "{\"time\":\"" T2 "\",\n", once + 1, end, "}\n]");
		text_str(t, notes);
	} else if (!strcmp(format, "dot")) {
		end = strstr(once, "\"];"); /* of the title */
		CHECK(end);
		put(t, "", once, end, "; " T1);
		text_str(t, end);
		put(t, "", once, end, "; " T2);
		text_str(t, end);
	} else {
		put_lines(t, format, once);
	}
	text_char(t, '\0');
}

static void check_twice(const char *format, const struct chain_opts *co)
{
	static const uint64_t none[1], times[] = { AT_1, AT_2 };
	char *once = run(format, co, none, 1), *twice = run(format, co, times, 2);
	struct text expected = {};

	CHECK(strchr(once, '\n')[1] != '\0');
	put_twice(&expected, format, once);
	CHECK(!expected.failed);
	CHECK_STR(twice, expected.p);
	text_done(&expected);
	free(once);
	free(twice);
}

/* The second sample is the first again, whatever the rows went through: no state of one run is left in the
 * next. */
static void test_twice(void)
{
	static const struct chain_opts ways[] = {
		{ .is_full = true },
		{ .columns = "netid,state,local.port,peer.port,tcp.rtt,tcp.bytes_acked" },
		{ .columns = "local.addr,local.port,peer.addr", .sort = "local.port,peer.port" },
		{ .columns = "local.addr,local.port,peer.addr,tcp.rtt", .limit = 3, .has_limit = true },
		{ .columns = "netid,local.port,peer.port",
		  .limit = 3,
		  .has_limit = true,
		  .is_one_of_many = true },
		{ .by = "state,local.port,sum(tcp.bytes_acked),p50(tcp.rtt)", .limit = 2, .has_limit = true },
	};

	check_twice(NULL, NULL);
	for (const struct format *f = formats; f->name; f++)
		for (size_t i = 0; i < ARRAY_SIZE(ways) && !f->is_of_time;
		     i++) /* one picture of both is another */
			check_twice(f->name, &ways[i]);
}

/* In the classic text each frame is what a listing of its own is: what stood in the one before does not widen
 * it. */
static void test_frames(void)
{
	static const uint64_t none[1], times[] = { AT_1, AT_2 };
	char *twice, *alone[2];
	struct text expected = {};

	states[0] = STATE(K_TCP_LISTEN);
	alone[1] = run(NULL, NULL, none, 1);
	states[0] = STATES_ALL;
	alone[0] = run(NULL, NULL, none, 1);
	states[1] = STATE(K_TCP_LISTEN);
	twice = run(NULL, NULL, times, 2);
	states[1] = STATES_ALL;
	CHECK(strcspn(alone[0], "\n") > strcspn(alone[1], "\n"));
	for (size_t i = 0; i < 2; i++)
		put(&expected, i ? "# " T2 "\n" : "# " T1 "\n", alone[i], alone[i] + strlen(alone[i]), "");
	text_char(&expected, '\0');
	CHECK_STR(twice, expected.p);
	text_done(&expected);
	free(alone[0]);
	free(alone[1]);
	free(twice);
}

/* A column of that name has it in each record, and once. */
static void test_time_column(void)
{
	const struct chain_opts co = { .columns = "local.port,time", .limit = 1, .has_limit = true };
	const uint64_t at[] = { 1000001, 2500000 };
	_cleanup_free_ char *csv = run("csv", &co, at, 2), *ndjson = run("ndjson", &co, at, 2);

	CHECK(!strncmp(csv, "local.port,time\n", 16) && strstr(csv, "," T1 "\n") && strstr(csv, "," T2 "\n"));
	CHECK(!strncmp(ndjson, "{\"local.port\":", 14) || !strncmp(ndjson, "{\"local\":", 9));
	CHECK(strstr(ndjson, ",\"time\":\"" T1 "\"}\n") && strstr(ndjson, ",\"time\":\"" T2 "\"}\n"));
}

int main(void)
{
	set_up();
	test_many();
	test_samples();
	test_samples_of_many();
	test_refused();
	test_names();
	test_time_column();
	test_twice();
	test_frames();
	return 0;
}
