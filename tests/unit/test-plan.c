/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What is asked of whom, by example: tests/plan/NAME.t. Lines are
 *
 *	machine NAME: FACT, ...              a machine; "kernel 6.10", "tcp 200" (connections and listening),
 *"inuse 180" (without time-wait, as many unless said), "udp 50", "host 900" (TCP of all namespaces), "bpf",
 *"many files", "recording" (in place of TCP) namespace NAME: tcp N, shares      it has several: the first is
 *home; "shares" home's table of connections NAME$ ss WORD...                     a command line, typed there
 *	  ...                                what --explain says of it, a question a line, and the notes
 *
 * The whole program is run, on a machine that answers nothing but these facts. Where no BPF program has a
 *part in it, the command line runs without --explain, too: it must ask just that, in that order.
 *
 *	test-plan --print FILE               the file with what is found in place of what stands there
 */

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"
#include "base/text.h"
#include "check.h"
#include "cli/classic.h"
#include "host/host.h"
#include "host/names.h"
#include "model/state.h"

enum { MACHINES_MAX = 16, PLACES_MAX = 8, WORDS_MAX = 32 };

struct machine {
	struct host host; /* the first member */
	char name[32];
	struct facts facts;
	bool has_many_files;
	struct place place[PLACES_MAX];
	char names[PLACES_MAX][32];
	size_t n_places;
};

static struct machine machines[MACHINES_MAX];
static size_t n_machines;
static const char *file_name;
static unsigned int line_number, n_cases, n_run;
static bool is_printing, has_failed;
static struct text asked; /* by a run, as put_question() has it */

#define DIE(...)                                                    \
	do {                                                        \
		fprintf(stderr, "%s:%u: ", file_name, line_number); \
		fprintf(stderr, __VA_ARGS__);                       \
		fputc('\n', stderr);                                \
		exit(1);                                            \
	} while (0)

/* Sets of states that have a name here, the largest first. */
static const struct {
	const char *name;
	uint32_t states;
} sets[] = {
	{ "all", STATES_ALL },
	{ "connections and bound-inactive",
	  STATES_ALL & ~(STATE(K_TCP_CLOSE) | STATE(K_TCP_LISTEN) | STATE(0)) },
	{ "connections",
	  STATES_ALL & ~(STATE(K_TCP_CLOSE) | STATE(K_TCP_LISTEN) | STATE(0) | STATE(K_TCP_BOUND_INACTIVE)) },
	{ "connected and bound-inactive", STATES_ALL & ~(STATE(K_TCP_CLOSE) | STATE(K_TCP_LISTEN) | STATE(0) |
							 STATE(K_TCP_TIME_WAIT) | STATE(K_TCP_SYN_RECV)) },
	{ "connected",
	  STATES_ALL & ~(STATE(K_TCP_CLOSE) | STATE(K_TCP_LISTEN) | STATE(0) | STATE(K_TCP_TIME_WAIT) |
			 STATE(K_TCP_SYN_RECV) | STATE(K_TCP_BOUND_INACTIVE)) },
};

static void put_states(struct text *t, uint32_t states)
{
	const uint32_t told = STATES_ALL & ~(STATE(K_TCP_NEW_SYN_RECV) | STATE(0));
	const char *before = "";

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		if ((sets[i].states & told) != (states & told))
			continue;
		text_str(t, sets[i].name);
		return;
	}
	for (unsigned int st = 0; st < 32; st++) {
		if (!(states & told & STATE(st)))
			continue;
		text_printf(t, "%s%s", before, state_name(st));
		before = " ";
	}
}

/* "tcp inet", as step_table() and --explain call it. */
static void put_table(struct text *t, const struct dump *d)
{
	bool has_types = d->af == AF_UNIX || d->af == AF_PACKET || d->af == K_AF_VSOCK;

	text_str(t, has_types ? d->family->name : table_names[d->origin.table]);
	if (d->af == AF_INET || d->af == AF_INET6)
		text_str(t, d->af == AF_INET ? " inet" : " inet6");
}

static int next(struct source *, const struct nlmsghdr **, struct err *)
{
	return 0;
}

static void end_answer(struct source *s)
{
	free(s);
}

/* Writes down what is asked. */
static int answer_nothing(const struct host_ask *q, const char *source, struct source **ret)
{
	static const struct source_ops ops = { .next = next, .close = end_answer };
	const struct dump *d = q->dump;

	*ret = calloc(1, sizeof(**ret));
	CHECK(*ret);
	(*ret)->ops = &ops;
	if (q->place)
		text_printf(&asked, "%s ", q->place->name);
	put_table(&asked, d);
	text_str(&asked, ": ");
	put_states(&asked, d->states);
	text_printf(&asked, "%s, %s\n", d->bytecode ? ", filtered" : "", source);
	return 0;
}

static int open_kernel(struct host *h, const struct host_ask *q, struct source **ret, struct err *)
{
	h->is_asked = true;
	return answer_nothing(q, "netlink", ret);
}

static int open_text(struct host *, const struct host_ask *q, struct source **ret, struct err *)
{
	return answer_nothing(q, "proc", ret);
}

static void tell_facts(struct host *h, const struct places *all, struct facts *ret)
{
	const struct machine *m = (const struct machine *)h;

	*ret = m->facts;
	if (all) {
		ret->n_tcp = ret->n_inuse = all->n_tcp;
		ret->n_netns = all->n_sharing;
	}
}

static bool has_many_files(struct host *h)
{
	return ((const struct machine *)h)->has_many_files;
}

/* Those of the file, added up as for a machine that was looked at. */
static int tell_places(struct host *h, enum procs_way, struct notes *, struct places **ret, struct err *e)
{
	const struct machine *m = (const struct machine *)h;
	struct places *w;

	if (!m->n_places)
		return err_say(e, -EOPNOTSUPP, "the example has no namespaces");
	w = calloc(1, sizeof(*w));
	CHECK(w);
	w->v = calloc(m->n_places, sizeof(*w->v));
	CHECK(w->v);
	memcpy(w->v, m->place, m->n_places * sizeof(*w->v));
	w->n = m->n_places;
	for (size_t i = 0; i < w->n; i++) {
		w->v[i].name = m->names[i];
		if (!w->v[i].shares_table || !w->v[i].n_tcp)
			continue;
		w->n_sharing++;
		w->n_tcp = w->n_tcp < 0 || w->v[i].n_tcp < 0 ? -1 : w->n_tcp + w->v[i].n_tcp;
	}
	*ret = w;
	return 0;
}

static const struct host_ops ops = {
	.open = open_kernel,
	.open_text = open_text,
	.facts = tell_facts,
	.has_many_files = has_many_files,
	.places = tell_places,
};

static int64_t read_number(struct sv s)
{
	uint64_t v;

	if (sv_is(s, "unknown"))
		return -1;
	if (!num_read(s, 10, INT64_MAX, &v))
		DIE("\"%.*s\" is no number", SV_ARG(s));
	return (int64_t)v;
}

/* The next of facts between commas, and the last word of it in *@ret_value. */
static struct sv next_fact(struct sv *rest, struct sv *ret_value)
{
	struct sv fact = sv_take(rest, ','), name;

	while (fact.len && fact.p[0] == ' ')
		fact = sv_from(fact, 1);
	*ret_value = fact;
	name = sv_word(ret_value);
	while (ret_value->len && ret_value->p[0] == ' ')
		*ret_value = sv_from(*ret_value, 1);
	return name;
}

static void read_kernel(struct machine *m, struct sv value)
{
	uint64_t major, minor;
	struct sv first = sv_take(&value, '.');

	if (!num_read(first, 10, 255, &major) || !num_read(value, 10, 255, &minor))
		DIE("a kernel is called 6.10 or the like");
	m->host.kernel = (uint16_t)(major << 8 | minor);
}

static void read_machine_fact(struct machine *m, struct sv name, struct sv value)
{
	static char recording[] = "/dev/null";

	if (sv_is(name, "kernel"))
		read_kernel(m, value);
	else if (sv_is(name, "tcp"))
		m->facts.n_tcp = m->facts.n_inuse = read_number(value);
	else if (sv_is(name, "inuse"))
		m->facts.n_inuse = read_number(value);
	else if (sv_is(name, "udp"))
		m->facts.n_udp = read_number(value);
	else if (sv_is(name, "host"))
		m->facts.n_host = read_number(value);
	else if (sv_is(name, "bpf"))
		m->facts.has_bpf = true;
	else if (sv_is(name, "many"))
		m->has_many_files = true;
	else if (sv_is(name, "recording"))
		m->host.files.tcp_recording = recording;
	else
		DIE("what is \"%.*s\"?", SV_ARG(name));
}

static void read_machine(struct sv rest)
{
	struct machine *m = &machines[n_machines++];
	const struct name_opts no = { .port_range = "/dev/null" };
	struct sv name = sv_take(&rest, ':'), value;

	CHECK(n_machines < MACHINES_MAX);
	*m = (struct machine){ .host = { .ops = &ops, .is_live = true }, .facts = facts_unknown() };
	(void)snprintf(m->name, sizeof(m->name), "%.*s", SV_ARG(name));
	CHECK(!names_new(&no, &m->host.names));
	m->host.output = names_for_output(m->host.names);
	while (rest.len) {
		struct sv fact = next_fact(&rest, &value);

		read_machine_fact(m, fact, value);
	}
}

static void read_place(struct sv rest)
{
	struct machine *m = &machines[n_machines - 1];
	size_t i = m->n_places++;
	struct place *p = &m->place[i];
	struct sv name = sv_take(&rest, ':'), value;

	CHECK(n_machines && m->n_places < PLACES_MAX);
	*p = (struct place){ .i = i, .ino = (uint32_t)i + 1, .fd = -1, .shares_table = !i };
	(void)snprintf(m->names[i], sizeof(m->names[i]), "%.*s", SV_ARG(name));
	while (rest.len) {
		struct sv fact = next_fact(&rest, &value);

		if (sv_is(fact, "tcp"))
			p->n_tcp = read_number(value);
		else if (sv_is(fact, "shares"))
			p->shares_table = true;
		else
			DIE("what is \"%.*s\"?", SV_ARG(fact));
	}
}

/* The rest of @line when it begins with @name and ": ". */
static bool has_name(struct sv line, const char *name, struct sv *ret)
{
	size_t len = strlen(name);

	if (!sv_is(sv_first(line, len), name) || line.len < len + 1 || line.p[len] != ':')
		return false;
	*ret = sv_from(line, len + 1);
	while (ret->len && ret->p[0] == ' ')
		*ret = sv_from(*ret, 1);
	return true;
}

static uint32_t states_named(struct sv names)
{
	uint32_t all = 0, one;

	for (struct sv name = sv_word(&names); name.len; name = sv_word(&names)) {
		CHECK(state_find(name, &one));
		all |= one;
	}
	return all;
}

/* A question in the words of --explain. */
struct told {
	struct sv place, table, states, ask, filter, source;
};

static void put_told(const struct told *q, struct text *found, struct text *order)
{
	struct sv why = q->source, by = sv_word(&why);
	bool is_filtered = sv_is(q->filter, "yes");

	text_str(found, "  ");
	for (struct text *t = found;; t = order) {
		if (q->place.len)
			text_printf(t, "%.*s ", SV_ARG(q->place));
		text_printf(t, "%.*s: ", SV_ARG(q->table));
		put_states(t, states_named(q->states));
		if (t == order)
			break;
		if (!sv_is(q->ask, "nothing more") && !sv_is(sv_first(q->ask, 2), "0x"))
			text_printf(t, ", with %.*s", SV_ARG(q->ask));
		if (q->filter.len)
			text_str(t, is_filtered ? ", filtered there" : ", filtered here");
		text_printf(t, "; %.*s\n", SV_ARG(q->source));
	}
	text_printf(order, "%s, %.*s\n", is_filtered ? ", filtered" : "", SV_ARG(by));
}

/* What --explain said, as the file has it in @found, and the questions as open_kernel() has them in @order.
 */
static void shorten(struct sv said, struct text *found, struct text *order)
{
	struct told q = {};

	while (said.len) {
		struct sv line = sv_take(&said, '\n'), value;

		while (line.len && line.p[0] == ' ')
			line = sv_from(line, 1);
		if (has_name(line, "namespace", &value))
			q.place = value;
		else if (has_name(line, "dump", &value))
			q = (struct told){ .place = q.place, .table = value };
		else if (has_name(line, "states", &value))
			q.states = value;
		else if (has_name(line, "ask", &value))
			q.ask = value;
		else if (has_name(line, "kernel filter", &value))
			q.filter = value;
		else if (has_name(line, "source", &q.source))
			put_told(&q, found, order);
		else if ((has_name(line, "owners", &value) && !sv_is(value, "no")) ||
			 (has_name(line, "mode", &value) && !sv_is(value, "stream")) ||
			 has_name(line, "other ends", &value) || has_name(line, "network namespaces", &value))
			text_printf(found, "  %.*s\n", SV_ARG(line));
	}
}

/* Turns descriptor @fd, which was kept as @kept, into what was meant, and appends what came there to @ret. */
static void restore(int fd, int kept, int file, struct text *ret)
{
	char buf[4096];
	ssize_t n;

	CHECK(lseek(file, 0, SEEK_SET) == 0);
	while ((n = read(file, buf, sizeof(buf))) > 0)
		text_put(ret, buf, (size_t)n);
	CHECK(!n && dup2(kept, fd) == fd);
	(void)close(kept);
	(void)close(file);
}

static int divert(int fd, int *ret_file)
{
	int kept = dup(fd);

	*ret_file = memfd_create("output", MFD_CLOEXEC);
	CHECK(kept >= 0 && *ret_file >= 0 && dup2(*ret_file, fd) == fd);
	return kept;
}

static int run_ss(struct machine *m, int argc, char **argv, struct text *out, struct text *err)
{
	int out_file, err_file, out_kept = divert(1, &out_file), err_kept = divert(2, &err_file), status;

	status = classic_main_on(&m->host, argc, argv);
	restore(1, out_kept, out_file, out);
	restore(2, err_kept, err_file, err);
	return status;
}

static void put_notes(struct sv said, struct text *found)
{
	while (said.len) {
		struct sv line = sv_take(&said, '\n');

		if (sv_is(sv_first(line, 4), "ss: "))
			text_printf(found, "  note: %.*s\n", SV_ARG(sv_from(line, 4)));
		else if (line.len && !sv_is(line, "ss:"))
			text_printf(found, "  said: %.*s\n", SV_ARG(line));
	}
}

/* Runs the command line for its answer: what is asked has to be what @order says, with the notes in @told. */
static void check_run(struct machine *m, int argc, char **argv, struct sv order, struct sv told)
{
	struct text out = {}, err = {};

	asked.len = 0;
	(void)run_ss(m, argc, argv, &out, &err);
	if (!sv_eq(sv_n(asked.p, asked.len), order)) {
		fprintf(stderr, "%s:%u: explained:\n%.*s\nasked:\n%.*s\n", file_name, line_number,
			SV_ARG(order), (int)asked.len, asked.p);
		has_failed = true;
	}
	while (told.len) {
		struct sv line = sv_take(&told, '\n');

		if (!line.len || (err.p && memmem(err.p, err.len, line.p, line.len)))
			continue;
		fprintf(stderr, "%s:%u: not told by the run: %.*s\n", file_name, line_number, SV_ARG(line));
		has_failed = true;
	}
	n_run++;
	text_done(&out);
	text_done(&err);
}

static bool has_word(int argc, char **argv, const char *begin)
{
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], begin, strlen(begin)))
			return true;
	return false;
}

/* @found: what is to be in the file below the command line. */
static void run_case(struct machine *m, char *words, struct text *found)
{
	static char explain[] = "--explain";
	char *argv[WORDS_MAX + 2] = {};
	struct text out = {}, err = {}, order = {};
	int argc = 0, status;

	for (char *save = NULL, *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		if (argc == 1)
			argv[argc++] = explain;
		CHECK(argc < WORDS_MAX);
		argv[argc++] = w;
	}
	if (argc == 1)
		argv[argc++] = explain;
	status = run_ss(m, argc, argv, &out, &err);
	shorten(sv_n(out.p, out.len), found, &order);
	put_notes(sv_n(err.p, err.len), found);
	if (!order.len && !status)
		text_str(found, "  nothing is asked\n");
	if (status)
		text_printf(found, "  status %d\n", status);
	CHECK(!found->failed && !order.failed);
	/* A walk by BPF would be of this machine, as would be what -K destroys, and a recording is read
	 * elsewhere. */
	if (!status && !(order.p && memmem(order.p, order.len, ", bpf", 5)) && !has_word(argc, argv, "-K") &&
	    !m->host.files.tcp_recording) {
		memmove(argv + 1, argv + 2, (size_t)(argc - 1) * sizeof(*argv));
		check_run(m, argc - 1, argv, sv_n(order.p, order.len), sv_n(err.p, err.len));
	}
	text_done(&out);
	text_done(&err);
	text_done(&order);
}

static struct machine *find_machine(struct sv name)
{
	for (size_t i = 0; i < n_machines; i++)
		if (sv_is(name, machines[i].name))
			return &machines[i];
	DIE("no machine is called \"%.*s\"", SV_ARG(name));
}

/* The lines from @rest on that belong to the one before. */
static struct sv take_indented(struct sv *rest)
{
	struct sv all = { rest->p, 0 };

	while (rest->len > 1 && rest->p[0] == ' ') {
		(void)sv_take(rest, '\n');
		line_number++;
		all.len = rest->p ? (size_t)(rest->p - all.p) : all.len + rest->len;
	}
	return all;
}

static void read_case(struct sv line, struct sv *rest)
{
	struct sv name = sv_take(&line, '$'), expected;
	struct machine *m = find_machine(name);
	struct text found = {};
	_cleanup_free_ char *words = strndup(line.p ? line.p : "", line.len);

	CHECK(words);
	run_case(m, words, &found);
	if (is_printing)
		printf("%.*s", (int)found.len, found.p);
	expected = take_indented(rest);
	if (!is_printing && !sv_eq(expected, sv_n(found.p, found.len))) {
		fprintf(stderr, "%s:%u: \"%.*s\":\n%.*s\nis expected to be:\n%.*s\n", file_name, line_number,
			SV_ARG(line), (int)found.len, found.p, SV_ARG(expected));
		has_failed = true;
	}
	n_cases++;
	text_done(&found);
}

static void read_file(const char *path)
{
	struct text t = {};
	struct sv rest;

	file_name = path;
	line_number = 0;
	n_machines = 0;
	CHECK(!file_read(path, 1 << 20, &t));
	rest = sv_n(t.p, t.len);
	while (rest.len) {
		struct sv line = sv_take(&rest, '\n'), words = line;

		line_number++;
		if (is_printing)
			printf("%.*s\n", SV_ARG(line));
		if (!line.len || line.p[0] == '#')
			continue;
		if (sv_is(sv_word(&words), "machine"))
			read_machine(sv_from(words, 1));
		else if (line.p[0] == ' ' && (words = line, sv_is(sv_word(&words), "namespace")))
			read_place(sv_from(words, 1));
		else if (sv_find(line, '$') >= 0)
			read_case(line, &rest);
		else
			DIE("this line makes no sense");
	}
	for (size_t i = 0; i < n_machines; i++)
		(void)names_free(machines[i].host.names);
	text_done(&t);
}

int main(int argc, char **argv)
{
	static const char dir[] = TESTS_DIR "/plan";
	DIR *d;
	struct dirent *f;

	if (argc == 3 && !strcmp(argv[1], "--print")) {
		is_printing = true;
		read_file(argv[2]);
		return 0;
	}
	d = opendir(dir);
	CHECK(d);
	while ((f = readdir(d))) {
		char path[512];
		size_t len = strlen(f->d_name);

		if (len < 2 || strcmp(f->d_name + len - 2, ".t") != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, f->d_name);
		read_file(path);
	}
	(void)closedir(d);
	text_done(&asked);
	/* Of how many the agenda was compared with what a run asks. */
	CHECK(n_cases >= 60 && n_run >= 40);
	return has_failed;
}
