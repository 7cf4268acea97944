/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The filter language by example: tests/filter/NAME.t. Lines are
 *
 *	env WORD...                      how the lines after it are parsed
 *	EXPRESSION;ok;CANONICAL;HEX      HEX: the program for either family, - for none
 *	EXPRESSION;mixed;CANONICAL;HEX   as ok, but `and` and `or` meet
 *	EXPRESSION;syntax;MESSAGE        MESSAGE: part of what is said
 *	EXPRESSION;operand;MESSAGE
 *	EXPRESSION;field;MESSAGE
 *	EXPRESSION;states;NAME...        of the states in which it can match
 *	EXPRESSION;rows;NAME...          the samples that match
 *	EXPRESSION;open;NAME...          the samples about which hidden owners could turn the verdict
 *	EXPRESSION;families;NAME...      those of which a socket can match
 *	EXPRESSION;ports;NUMBER...       of which every IP socket that matches has one; none: no such are
 *known EXPRESSION;named;NAME...         those that take the place of the chosen ones
 */

#include <dirent.h>

#include "check.h"
#include "filter-rows.h"
#include "model/state.h"

/* clang-format off */
static const struct sample samples[] = {
	{ .name = "ssh",	.af = AF_INET, .src = "0.0.0.0", .dst = "0.0.0.0", .sport = 22, .mark = 0, .cgroup = 7001, .state = K_TCP_LISTEN, .inode = 9, .comm = { "sshd" } },
	{ .name = "est",	.af = AF_INET, .src = "127.0.0.1", .dst = "127.0.0.2", .sport = 40000, .dport = 22, .mark = 5, .cgroup = 7002, .rtt = 1500, .ssthresh = 20, .cong = "cubic", .inode = 10, .comm = { "ssh", "a b" } },
	{ .name = "far",	.af = AF_INET, .src = "10.0.0.9", .dst = "192.168.1.255", .sport = 65535, .dport = 443, .mark = -1, .dev = 2, .rtt = 250000, .ssthresh = 0x7fffffff, .cong = "bbr", .inode = 11, .uid = 33, .comm = { "nginx", "nginx" } },
	{ .name = "lo53",	.af = AF_INET, .src = "127.0.0.53", .dst = "0.0.0.0", .sport = 53, .mark = 7, .dev = 1, .state = K_TCP_CLOSE, .protocol = IPPROTO_UDP, .inode = 12, .uid = 33 },
	{ .name = "six",	.af = AF_INET6, .src = "::1", .dst = "::1", .sport = 4433, .dport = 40001, .mark = 0 },
	{ .name = "six9",	.af = AF_INET6, .src = "::9", .dst = "fe80::1", .sport = 50000, .dport = 80, .mark = 1, .state = K_TCP_TIME_WAIT },
	{ .name = "any6",	.af = AF_INET6, .src = "::", .dst = "::", .sport = 80, .mark = 0, .state = K_TCP_CLOSE },
	{ .name = "map",	.af = AF_INET6, .src = "::ffff:127.0.0.1", .dst = "::ffff:10.0.0.9", .sport = 80, .dport = 40002, .mark = -1 },
	{ .name = "path",	.af = AF_UNIX, .path = "/tmp/U.sock" },
	{ .name = "abs",	.af = AF_UNIX, .path = "@abs@name" },
	{ .name = "auto",	.af = AF_UNIX, .path = "@0a1f9" },
	{ .name = "none",	.af = AF_UNIX },
	{ .name = "n22",	.af = AF_UNIX, .path = "22" },
	{ .name = "pall",	.af = AF_PACKET, .proto = 3 },
	{ .name = "plo",	.af = AF_PACKET, .proto = 0x800, .dev = 1 },
	{ .name = "p0",		.af = AF_PACKET },
	{ .name = "nlk",	.af = AF_NETLINK, .proto = 0 },
	{ .name = "nlp",	.af = AF_NETLINK, .proto = 16, .id = 777 },
	{ .name = "nla",	.af = AF_NETLINK, .proto = 4, .id = 0x9e000000, .sport = 3, .dport = 22, .mark = 1 },
};
/* clang-format on */

static const struct {
	const char *name;
	sa_family_t af;
} families[] = {
	{ "inet", AF_INET },       { "inet6", AF_INET6 },   { "unix", AF_UNIX }, { "packet", AF_PACKET },
	{ "netlink", AF_NETLINK }, { "vsock", K_AF_VSOCK }, { "xdp", K_AF_XDP },
};

static struct sample_row rows[ARRAY_SIZE(samples)];
static bool is_filtered;
static unsigned int n_lookups;
static struct filter_env env;
static const char *file_name;
static unsigned int line_number, n_lines;

#define SAY(...)                                                    \
	do {                                                        \
		fprintf(stderr, "%s:%u: ", file_name, line_number); \
		fprintf(stderr, __VA_ARGS__);                       \
		fputc('\n', stderr);                                \
		abort();                                            \
	} while (0)

static void set_env(char *words)
{
	is_filtered = true;
	env = (struct filter_env){ .names = &sample_names, .ctx = &n_lookups };
	for (char *save = NULL, *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		bool known = true;

		if (!strcmp(w, "tcp"))
			env.want_tcp = true;
		else if (!strcmp(w, "udp"))
			env.want_udp = true;
		else if (!strcmp(w, "push"))
			env.push = FILTER_PUSH_AUTO | FILTER_PUSH_DEV | FILTER_PUSH_MARK | FILTER_PUSH_CGROUP;
		else if (!strcmp(w, "pushauto"))
			env.push = FILTER_PUSH_AUTO;
		else if (!strcmp(w, "unfiltered"))
			is_filtered = false;
		else if (!strcmp(w, "+inet"))
			env.selected =
				UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6 | UINT64_C(1) << AF_UNIX;
		else
			known = !strcmp(w, "plain");
		for (size_t i = 0; i < ARRAY_SIZE(families); i++)
			if (!strcmp(w, families[i].name)) {
				env.preferred = families[i].af;
				known = true;
			}
		if (!known)
			SAY("env has no %s", w);
	}
}

static const char *terminate(struct text *t)
{
	text_char(t, '\0');
	CHECK(!t->failed);
	return t->p;
}

/* What is printed is read as the same filter, and printed the same again. */
static void check_again(const char *canonical, const char *hex)
{
	const struct sv word = sv(canonical);
	struct filter_env plain = env;
	struct filter *f = NULL;
	struct text t = {}, code = {};
	struct err e = {};

	plain.preferred = AF_UNSPEC;
	if (filter_parse(&plain, &word, 1, &f, &e))
		SAY("not read again: %s", e.text);
	filter_print(f, &t);
	if (strcmp(terminate(&t), canonical) != 0)
		SAY("prints \"%s\" when read again", t.p);
	CHECK(filter_bytecode(f, AF_UNSPEC, &code) >= 0);
	if (hex)
		CHECK(code.len == strlen(hex) / 2);
	text_done(&t);
	text_done(&code);
	filter_free(f);
}

static void check_print(const struct filter *f, const char *canonical, const char *hex)
{
	struct text t = {}, code = {}, hexed = {};

	filter_print(f, &t);
	if (strcmp(terminate(&t), canonical) != 0)
		SAY("prints \"%s\"", t.p);
	CHECK(filter_bytecode(f, AF_UNSPEC, &code) >= 0);
	for (size_t i = 0; i < code.len; i++)
		text_printf(&hexed, "%02x", (unsigned char)code.p[i]);
	if (!hexed.len)
		text_str(&hexed, "-");
	if (hex && strcmp(terminate(&hexed), hex) != 0)
		SAY("compiles to %s", hexed.p);
	check_again(canonical, hex && strcmp(hex, "-") != 0 ? hex : NULL);
	text_done(&t);
	text_done(&code);
	text_done(&hexed);
}

static void check_rows(const struct filter *f, const char *want)
{
	struct text got = {};

	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		rows[i].dump.is_filtered = is_filtered;
		if (!filter_match(f, &rows[i].row))
			continue;
		if (!(filter_families(f) >> samples[i].af & 1))
			SAY("%s matches outside the families", samples[i].name);
		if (got.len)
			text_char(&got, ' ');
		text_str(&got, samples[i].name);
	}
	if (strcmp(terminate(&got), want) != 0)
		SAY("matches \"%s\"", got.p);
	text_done(&got);
}

static void check_open(const struct filter *f, const char *want)
{
	struct fieldset owners = {};
	struct text got = {};

	for (enum field_id i = 0; i < F_MAX; i++)
		if (fields[i].at->seg == SEG_OWNERS)
			fieldset_add(&owners, i);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct row *row = &rows[i].row;

		rows[i].dump.is_filtered = is_filtered;
		if (filter_may_differ(f, row, &(struct fieldset){}, filter_match(f, row)))
			SAY("the verdict about %s is not that of a second look", samples[i].name);
		if (!filter_may_differ(f, row, &owners, filter_match(f, row)))
			continue;
		if (got.len)
			text_char(&got, ' ');
		text_str(&got, samples[i].name);
	}
	if (strcmp(terminate(&got), want) != 0)
		SAY("is open about \"%s\"", got.p);
	text_done(&got);
}

static void check_families(uint64_t set, const char *want)
{
	struct text got = {};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (!(set >> families[i].af & 1))
			continue;
		if (got.len)
			text_char(&got, ' ');
		text_str(&got, families[i].name);
	}
	if (strcmp(terminate(&got), want) != 0)
		SAY("families are \"%s\"", got.p);
	text_done(&got);
}

static void check_states(uint32_t set, const char *want)
{
	struct text got = {};

	for (unsigned int st = 0; st <= K_TCP_BOUND_INACTIVE; st++) {
		if (!(set >> st & 1) || st == K_TCP_NEW_SYN_RECV)
			continue;
		if (got.len)
			text_char(&got, ' ');
		text_str(&got, state_name(st));
	}
	if (strcmp(terminate(&got), want) != 0)
		SAY("states are \"%s\"", got.p);
	text_done(&got);
}

/* No sample that has none of them matches, either. */
static void check_ports(const struct filter *f, const char *want)
{
	uint16_t ports[16];
	struct text got = {};
	size_t n = 0;
	bool is_known = filter_ports(f, ports, ARRAY_SIZE(ports), &n);

	for (size_t i = 0; is_known && i < n; i++)
		text_printf(&got, "%s%u", i ? " " : "", ports[i]);
	for (size_t i = 0; is_known && i < ARRAY_SIZE(samples); i++) {
		bool has_one = samples[i].af != AF_INET && samples[i].af != AF_INET6;

		for (size_t k = 0; k < n; k++)
			has_one |= samples[i].sport == ports[k] || samples[i].dport == ports[k];
		rows[i].dump.is_filtered = is_filtered;
		if (!has_one && filter_match(f, &rows[i].row))
			SAY("%s matches, and has none of the ports", samples[i].name);
	}
	if (strcmp(terminate(&got), want) != 0)
		SAY("ports are \"%s\"", got.p);
	text_done(&got);
}

static const struct {
	const char *what;
	int r;
} errors[] = { { "syntax", -EINVAL }, { "operand", -EDOM }, { "field", -EBADMSG } };

static void check_parsed(const struct filter *f, const char *what, const char *rest, const char *hex)
{
	if (filter_is_mixed(f) != !strcmp(what, "mixed") && (!strcmp(what, "ok") || !strcmp(what, "mixed")))
		SAY("is%s mixed", filter_is_mixed(f) ? "" : " not");
	if (!strcmp(what, "rows"))
		check_rows(f, rest);
	else if (!strcmp(what, "open"))
		check_open(f, rest);
	else if (!strcmp(what, "families"))
		check_families(filter_families(f), rest);
	else if (!strcmp(what, "named"))
		check_families(filter_named(f), rest);
	else if (!strcmp(what, "ok") || !strcmp(what, "mixed"))
		check_print(f, rest, hex);
	else if (!strcmp(what, "ports"))
		check_ports(f, rest);
	else if (!strcmp(what, "states"))
		check_states(filter_states(f), rest);
	else
		SAY("unknown kind %s", what);
}

static void check_line(char *line)
{
	char *expression = strsep(&line, ";"), *what = strsep(&line, ";"), *rest = strsep(&line, ";");
	const struct sv word = sv(expression);
	struct filter *f = NULL;
	struct err e = {};
	int r;

	if (!what || !rest)
		SAY("line has too few parts");
	n_lookups = 0;
	r = filter_parse(&env, &word, 1, &f, &e);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		if (strcmp(what, errors[i].what) != 0)
			continue;
		if (r != errors[i].r)
			SAY("answer is %d, %s", r, e.text);
		if (!strstr(e.text, rest))
			SAY("says \"%s\"", e.text);
		if (r == -EINVAL && n_lookups)
			SAY("looks up a host");
		return;
	}
	if (r)
		SAY("%s", e.text);
	check_parsed(f, what, rest, line);
	filter_free(f);
}

static void check_file(const char *path)
{
	char line[4096], plain[] = "plain";
	FILE *in = fopen(path, "re");

	CHECK(in);
	file_name = path;
	line_number = 0;
	set_env(plain);
	while (fgets(line, sizeof(line), in)) {
		line_number++;
		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || line[0] == '#')
			continue;
		n_lines++;
		if (!strncmp(line, "env ", 4))
			set_env(line + 4);
		else
			check_line(line);
	}
	fclose(in);
}

int main(void)
{
	DIR *dir = opendir(TESTS_DIR "/filter");
	unsigned int n_files = 0;

	CHECK(dir);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		sample_make(&samples[i], &rows[i]);
	for (struct dirent *d; (d = readdir(dir));) {
		char path[512];
		size_t len = strlen(d->d_name);

		if (len < 3 || strcmp(d->d_name + len - 2, ".t") != 0)
			continue;
		snprintf(path, sizeof(path), TESTS_DIR "/filter/%s", d->d_name);
		check_file(path);
		n_files++;
	}
	closedir(dir);
	CHECK(n_files >= 3 && n_lines > 200);
	return 0;
}
