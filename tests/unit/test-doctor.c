/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The rules of the doctor, one by one: what fires them, what does not, and that what they say can be said. */

#include <errno.h>
#include <unistd.h>

#include "base/num.h"
#include "check.h"
#include "doctor-cases.h"
#include "doctor/advice.h"
#include "doctor/condition.h"
#include "doctor/diagnosis.h"
#include "doctor/form.h"
#include "doctor/suppress.h"
#include "host/kept.h"
#include "ops/columns.h"

enum { CELLS_MAX = 32 };

static char no_name[1];

/* What a rule is asked in. */
struct world {
	struct scope scope;
	struct column columns[CELLS_MAX];
	struct cell cells[CELLS_MAX];
	char names[CELLS_MAX][48];
	struct reading now, before;
	struct text netstat[2], snmp[2], sockstat, softnet[2], conntrack[2], sysctl;
};

static bool is_known_file(struct sv name)
{
	return sv_find(name, '.') > 0 && sv_find(name, '(') < 0;
}

/* "TcpExt: name\nTcpExt: value\n", once for each counter. */
static void put_counter(struct text *t, struct sv group, struct sv name, struct sv value)
{
	text_printf(t, "%.*s: %.*s\n%.*s: %.*s\n", SV_ARG(group), SV_ARG(name), SV_ARG(group), SV_ARG(value));
}

static void put_hex(struct text *t, struct sv value)
{
	uint64_t v = 0;

	CHECK(num_read(value, 10, UINT64_MAX, &v));
	text_printf(t, "%08llx ", (unsigned long long)v);
}

static void add_setting(struct world *w, struct sv name, struct sv value)
{
	struct text path = {}, contents = {};

	text_printf(&path, "sys/%.*s", SV_ARG(name));
	for (size_t i = 0; i < path.len; i++)
		path.p[i] = path.p[i] == '.' ? '/' : path.p[i];
	text_char(&path, '\0');
	text_sv(&contents, value);
	for (size_t i = 0; i < contents.len && !sv_is(name, "net.ipv4.ip_local_reserved_ports"); i++)
		contents.p[i] = contents.p[i] == ',' ? '\t' : contents.p[i];
	text_char(&contents, '\n');
	CHECK(reading_add(&w->now, path.p, sv_n(contents.p, contents.len)) == 0);
	text_done(&path);
	text_done(&contents);
}

static void add_counter(struct world *w, struct sv name, struct sv value)
{
	struct sv rest = name, group = sv_take(&rest, '.'), now = value, before = sv_take(&now, ':');
	struct sv of[2] = { before, now.p ? now : before };

	if (sv_is(group, "sockstat")) {
		struct sv protocol = sv_take(&rest, '.');

		text_printf(&w->sockstat, "%.*s: inuse 1 %.*s %.*s\n", SV_ARG(protocol), SV_ARG(rest),
			    SV_ARG(value));
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		if (sv_is(group, "conntrack")) {
			/* one column after the other: the names stand in the first line */
			struct text *t = &w->conntrack[i];

			if (!t->len)
				text_str(t, "entries insert_failed drop early_drop\n00000001 ");
			put_hex(t, of[i]);
		} else if (sv_is(group, "softnet")) {
			text_str(&w->softnet[i], "00000001 ");
			if (sv_is(rest, "squeezed"))
				text_str(&w->softnet[i], "00000000 ");
			put_hex(&w->softnet[i], of[i]);
			text_str(&w->softnet[i], sv_is(rest, "squeezed") ? "\n" : "00000000\n");
		} else {
			put_counter(sv_is(group, "TcpExt") ? &w->netstat[i] : &w->snmp[i], group, rest,
				    of[i]);
		}
	}
}

static void add_cell(struct world *w, struct sv name, struct sv value)
{
	size_t i = w->scope.n++;
	char digits[32];

	CHECK(i < CELLS_MAX && name.len < sizeof(w->names[i]) && value.len < sizeof(digits));
	memcpy(w->names[i], name.p, name.len);
	memcpy(digits, value.p, value.len);
	digits[value.len] = '\0';
	w->columns[i] = (struct column){ .name = w->names[i], .field = F_MAX, .type = T_RATE };
	w->cells[i] =
		(struct cell){ .is_there = true, .val = { .kind = VAL_REAL, .d = strtod(digits, NULL) } };
}

static void add_files(struct world *w)
{
	struct reading *of[2] = { &w->before, &w->now };

	for (size_t i = 0; i < 2; i++) {
		CHECK(reading_add(of[i], "net/netstat", sv_n(w->netstat[i].p, w->netstat[i].len)) == 0);
		CHECK(reading_add(of[i], "net/snmp", sv_n(w->snmp[i].p, w->snmp[i].len)) == 0);
		CHECK(reading_add(of[i], "net/sockstat", sv_n(w->sockstat.p, w->sockstat.len)) == 0);
		CHECK(reading_add(of[i], "net/softnet_stat", sv_n(w->softnet[i].p, w->softnet[i].len)) == 0);
		CHECK(reading_add(of[i], "net/stat/nf_conntrack",
				  sv_n(w->conntrack[i].p, w->conntrack[i].len)) == 0);
		CHECK(reading_add(of[i], KEPT_SYSCTL, sv_n(w->sysctl.p, w->sysctl.len)) == 0);
	}
}

static void world_make(struct world *w, const struct rule *rule, const char *words)
{
	struct sv rest = sv(words);

	*w = (struct world){ .scope.rule = rule,
			     .now = { .is_home = true, .name = no_name, .at_us = 3000000 },
			     .before = { .is_home = true, .name = no_name, .at_us = 1000000 } };
	for (struct sv word = sv_word(&rest); word.len; word = sv_word(&rest)) {
		struct sv value = word, name = sv_take(&value, '=');

		CHECK(value.p);
		if (sv_is(name, "configured"))
			text_printf(&w->sysctl, "%.*s\n", SV_ARG(value));
		else if (!is_known_file(name) ||
			 (rule->filter && strstr(rule->by, "local.port") && sv_is(name, "local.port")))
			add_cell(w, name, value);
		else if (reading_is_counter(name))
			add_counter(w, name, value);
		else
			add_setting(w, name, value);
	}
	add_files(w);
	w->scope.columns = w->columns;
	w->scope.cells = w->cells;
	w->scope.now = &w->now;
	w->scope.before = &w->before;
}

static void world_done(struct world *w)
{
	struct text *texts[] = { &w->netstat[0],   &w->netstat[1], &w->snmp[0],    &w->snmp[1],
				 &w->sockstat,     &w->softnet[0], &w->softnet[1], &w->conntrack[0],
				 &w->conntrack[1], &w->sysctl };

	text_done(&w->now.bytes);
	text_done(&w->before.bytes);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		text_done(texts[i]);
}

static const char *condition_of(const struct rule *r, const char *severity)
{
	return !strcmp(severity, "info") ? r->info : !strcmp(severity, "warning") ? r->warning : r->critical;
}

/* What the condition of @c for its severity is of @words. */
static int verdict_of(const struct doctor_case *c, const char *words)
{
	const struct rule *rule = &rules[rule_find(sv(c->id))];
	struct world w;
	struct err e = {};
	int r;

	world_make(&w, rule, words);
	r = condition_check(condition_of(rule, c->severity), &w.scope, &e);
	if (r < 0)
		fprintf(stderr, "%s: %s\n", c->id, e.text);
	world_done(&w);
	return r;
}

static void test_cases(void)
{
	bool has[RULE_MAX] = {};

	for (size_t i = 0; i < ARRAY_SIZE(doctor_cases); i++) {
		const struct doctor_case *c = &doctor_cases[i];
		int fires = verdict_of(c, c->fires), quiet = verdict_of(c, c->quiet);

		if (fires != VERDICT_TRUE || quiet != VERDICT_FALSE)
			fprintf(stderr, "%s, %s: \"%s\" is %d, \"%s\" is %d\n", c->id, c->severity, c->fires,
				fires, c->quiet, quiet);
		CHECK(fires == VERDICT_TRUE && quiet == VERDICT_FALSE);
		has[rule_find(sv(c->id))] = true;
	}
	for (enum rule_id i = 0; i < RULE_MAX; i++)
		CHECK(has[i] || i == RULE_CLS07); /* which is never more than normal */
}

/* A name that a condition or a text of a rule has. */
static int check_name(void *ctx, const struct scope *s, struct sv name)
{
	(void)ctx;
	if (!scope_knows(s, name)) {
		fprintf(stderr, "%s: nobody knows %.*s\n", s->rule->id, SV_ARG(name));
		return -ENOENT;
	}
	return 0;
}

static void check_braces(const struct scope *s, const char *text)
{
	for (const char *p = text ? strchr(text, '{') : NULL; p; p = strchr(p + 1, '{')) {
		const char *end = strchr(p, '}');
		struct sv name;

		CHECK(end);
		name = sv_n(p + 1, (size_t)(end - p - 1));
		if (sv_is(name, "owner") || sv_is(name, "local") || sv_is(name, "peer"))
			continue;
		CHECK(check_name(NULL, s, name) == 0);
	}
	/* of a limit, too, what is not in braces would be shown as it is */
	for (const char *p = text ? strchr(text, '$') : NULL; p; p = strchr(p + 1, '$'))
		CHECK(p > text && p[-1] == '{');
}

static void check_texts(const struct scope *s)
{
	const struct rule *r = s->rule;
	const char *texts[] = { r->title, r->evidence, r->cause, r->dos, r->donts, r->next, r->normal };
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_braces(s, texts[i]);
	CHECK(r->name && r->title && r->normal && r->meaning && r->kernel && r->sources && r->next);
	CHECK(r->normal_when || (r->evidence && r->cause && r->dos && (r->info || r->warning)));
	CHECK(condition_names(r->info, s, check_name, NULL, &e) == 0);
	CHECK(condition_names(r->warning, s, check_name, NULL, &e) == 0);
	CHECK(condition_names(r->critical, s, check_name, NULL, &e) == 0);
	CHECK(condition_names(r->normal_when, s, check_name, NULL, &e) == 0);
}

/* Conditions and texts name nothing but what their groups have, and the kernel. */
static void test_names(void)
{
	for (enum rule_id i = 0; i < RULE_MAX; i++) {
		struct scope s = { .rule = &rules[i] };
		struct group_opts o = {};
		struct columns c = {};
		struct column handed[COLUMNS_MAX];
		struct err e;

		if (rules[i].by) {
			CHECK(columns_parse_by(&c, sv(rules[i].by), "--by", &o, &e) == 0);
			s.n = group_columns(&o, c.v, handed);
			s.columns = handed;
		}
		check_texts(&s);
		columns_done(&c);
	}
}

/* What follows from @rule, and from that, and so on. */
static void follow(enum rule_id rule, bool *seen)
{
	struct sv rest = rules[rule].explains ? sv(rules[rule].explains) : (struct sv){}, word;

	for (word = sv_word(&rest); word.len; word = sv_word(&rest)) {
		enum rule_id next = rule_find(word);

		if (!seen[next]) {
			seen[next] = true;
			follow(next, seen);
		}
	}
}

/* What explains itself in the end would be nobody's fault, and be shown nowhere. */
static void test_circles(void)
{
	for (enum rule_id i = 0; i < RULE_MAX; i++) {
		bool seen[RULE_MAX] = {};

		follow(i, seen);
		CHECK(!seen[i]);
	}
}

static void test_explains(void)
{
	for (enum rule_id i = 0; i < RULE_MAX; i++) {
		struct sv rest = rules[i].explains ? sv(rules[i].explains) : (struct sv){};

		for (struct sv word = sv_word(&rest); word.len; word = sv_word(&rest)) {
			CHECK(rule_find(word) < RULE_MAX);
			CHECK(rule_find(word) != i);
		}
		CHECK(rule_find(sv(rules[i].id)) == i);
	}
}

/* What a program does is not mended by a setting, and what pages on the web say is not advised. */
static void test_settings(void)
{
	static const char *const of_programs[] = { "LSN01", "LSN12", "CLS01", "CLS02", "CLS03",
						   "BUF05", "PRT06", "UNX01", "UNX02" };
	static const char *const wrong[] = { "tcp_tw_recycle",
					     "tcp_fin_timeout",
					     "tcp_fack",
					     "tcp_low_latency",
					     "tcp_max_tw_buckets",
					     "tcp_adv_win_scale",
					     "tcp_abort_on_overflow = 1",
					     "tcp_timestamps = 0",
					     "tcp_sack = 0" };

	for (size_t i = 0; i < ARRAY_SIZE(of_programs); i++) {
		const struct rule *r = &rules[rule_find(sv(of_programs[i]))];

		CHECK(!strchr(r->dos, '[') && !strstr(r->dos, "net."));
	}
	for (enum rule_id i = 0; i < RULE_MAX; i++)
		for (size_t k = 0; k < ARRAY_SIZE(wrong); k++)
			CHECK(!rules[i].dos || !strstr(rules[i].dos, wrong[k]));
}

static void test_conditions(void)
{
	static const struct {
		const char *text;
		int is;
	} cases[] = {
		{ "1 + 2 * 3 = 7", VERDICT_TRUE },
		{ "(1 + 2) * 3 = 9", VERDICT_TRUE },
		{ "10 - 2 - 3 = 5", VERDICT_TRUE },
		{ "least(3, 2) = 2 and greatest(3, 2) = 3", VERDICT_TRUE },
		{ "not 1 = 1", VERDICT_FALSE },
		{ "1 = 2 or 1 = 1 and 2 = 2", VERDICT_TRUE },
		{ "60s = 1m and 10% = 0.1 and 1K = 1024", VERDICT_TRUE },
		{ "nobody.knows > 1", VERDICT_UNKNOWN },
		{ "nobody.knows > 1 or 1 = 1", VERDICT_TRUE },
		{ "nobody.knows > 1 and 1 = 2", VERDICT_FALSE },
		{ "1 / 0 > 1", VERDICT_UNKNOWN },
		{ "1 +", -EINVAL },
		{ "(1 = 1", -EINVAL },
		{ "1 = 1 2", -EINVAL },
		{ "least(1", -EINVAL },
		{ "", -EINVAL },
	};
	struct world w;

	world_make(&w, &rules[RULE_LSN01], "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e;

		if (condition_check(cases[i].text, &w.scope, &e) != cases[i].is)
			fprintf(stderr, "%s\n", cases[i].text);
		CHECK(condition_check(cases[i].text, &w.scope, &e) == cases[i].is);
	}
	world_done(&w);
}

/* Advice is given where the kernel has the setting, and says where it is so already. */
static void test_advice(void)
{
	static const char dos[] =
		"look\n[net.ipv4.tcp_mtu_probing=1] probe\n[net.core.somaxconn>={max(accept.queue)}] raise\n"
		"[net.ipv4.tcp_gone] gone\n[net.ipv4.tcp_sack] sack is {net.ipv4.tcp_sack}";
	struct text t = {};
	struct world w;

	world_make(&w, &rules[RULE_LSN01],
		   "max(accept.queue)=128 net.ipv4.tcp_mtu_probing=1 net.core.somaxconn=127 "
		   "net.ipv4.tcp_sack=0");
	CHECK(advice_put(&w.scope, dos, &t) == 0);
	text_char(&t, '\0');
	CHECK_STR(t.p, "look\nalready so: net.ipv4.tcp_mtu_probing = 1\nraise\nsack is 0");
	text_done(&t);
	world_done(&w);
	world_make(&w, &rules[RULE_LSN01], "max(accept.queue)=128 net.core.somaxconn=128");
	CHECK(advice_put(&w.scope, dos, &t) == 0);
	text_char(&t, '\0');
	CHECK_STR(t.p, "look\nalready so: net.core.somaxconn = 128");
	text_done(&t);
	world_done(&w);
}

static void add(struct diagnosis *d, enum rule_id rule, const char *words, enum severity s)
{
	struct world w;

	world_make(&w, &rules[rule], words);
	CHECK(diagnosis_add(d, &w.scope, s) == 0);
	world_done(&w);
}

/* The gravest first, and what follows from another behind all that does not. */
static void test_order(void)
{
	struct diagnosis d = {};

	add(&d, RULE_LSN03, "TcpExt.ListenOverflows=0:100", SEVERITY_CRITICAL);
	add(&d, RULE_CLS01, "count=11", SEVERITY_WARNING);
	add(&d, RULE_CLS01, "count=99", SEVERITY_WARNING);
	add(&d, RULE_LSN14, "local.port=40000", SEVERITY_INFO);
	add(&d, RULE_LSN01, "count=1", SEVERITY_WARNING);
	diagnosis_settle(&d);
	CHECK(d.n == 5 && d.v[0].rule == RULE_LSN01 && d.v[1].rule == RULE_CLS01 && d.v[1].size == 99);
	CHECK(d.v[3].rule == RULE_LSN14 && d.v[4].rule == RULE_LSN03 && d.v[4].explained_by == RULE_LSN01);
	CHECK(d.v[1].fingerprint == d.v[2].fingerprint); /* counts do not tell groups apart */
	CHECK(diagnosis_worst(&d) == SEVERITY_CRITICAL);
	diagnosis_done(&d);
}

/* What is not seen any more stays for two samples. */
static void test_carry(void)
{
	struct diagnosis d[4] = {};

	add(&d[0], RULE_LSN11, "net.ipv4.tcp_abort_on_overflow=1", SEVERITY_WARNING);
	for (size_t i = 1; i < 4; i++)
		CHECK(diagnosis_carry(&d[i], &d[i - 1]) == 0);
	CHECK(d[1].n == 1 && d[1].v[0].is_carried && d[2].n == 1 && d[3].n == 0);
	for (size_t i = 0; i < 4; i++)
		diagnosis_done(&d[i]);
}

/* A recording, or whoever names a namespace, may say anything: no terminal acts upon it. */
static void test_shown(void)
{
	static char name[] = "web\033[31m\nLSN01 \xff";
	struct diagnosis d = {};
	struct world w;

	world_make(&w, &rules[RULE_LSN11], "net.ipv4.tcp_abort_on_overflow=1\033");
	w.now.name = name;
	w.now.is_home = false;
	CHECK(diagnosis_add(&d, &w.scope, SEVERITY_WARNING) == 0);
	world_done(&w);
	for (const struct form *f = forms; f->name; f++) {
		const struct form_opts o = { .prog = "ss", .version = "1", .screen = 80, .wants_all = true };
		struct text t = {};

		f->put(&d, &o, &t);
		CHECK(!t.failed && t.len && t.p[t.len - 1] == '\n');
		CHECK(!memchr(t.p, '\033', t.len) && !memchr(t.p, 0xff, t.len));
		text_done(&t);
	}
	diagnosis_done(&d);
}

static void test_limits(void)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "CLS01 = 5\n", "line 1: \"CLS01 = 5\" is not like CLS01.count = 50" },
		{ "# x\nCLS99.count = 5\n", "line 2: \"CLS99\" is no rule; ss --rules lists them" },
		{ "CLS01.what = 5\n",
		  "line 1: \"CLS01.what\" is no limit of that rule; ss --rules=ID tells which it has" },
		{ "CLS01.severity = 5\n", "line 1: \"5\" is none of info, warning, critical" },
		{ "CLS01.age = soon\n",
		  "line 1: \"soon\" is none of a number, a time as 60s, a share as 10%, a size as 1M" },
	};
	static const char good[] = "CLS01.age = 5s # soon\nLSN11.severity = critical\n";
	char path[] = "/tmp/test-doctor-XXXXXX";
	int fd = mkstemp(path);
	struct limits l = {};
	struct err e;

	CHECK(fd >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(ftruncate(fd, 0) == 0);
		CHECK(pwrite(fd, bad[i].text, strlen(bad[i].text), 0) > 0);
		CHECK(limits_read(&l, path, &e) == -EINVAL && strstr(e.text, bad[i].error));
		limits_done(&l);
	}
	CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, good, sizeof(good) - 1, 0) == sizeof(good) - 1);
	CHECK(limits_read(&l, path, &e) == 0);
	CHECK(sv_is(limits_find(&l, &rules[RULE_CLS01], sv("age")), "5s"));
	CHECK(sv_is(limits_find(&l, &rules[RULE_CLS01], sv("count")), "10"));
	CHECK(!limits_find(&l, &rules[RULE_CLS01], sv("what")).p);
	CHECK(limits_severity(&l, &rules[RULE_CLS01]) == SEVERITY_NONE);
	CHECK(limits_severity(&l, &rules[RULE_LSN11]) == SEVERITY_CRITICAL);
	limits_done(&l);
	(void)close(fd);
	(void)unlink(path);
}

static void test_suppressions(void)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "CLS99 until=2027-01-31 x\n", "is no rule" },
		{ "CLS01 known leak\n", "says not until when" },
		{ "CLS01 until=2027-01-31\n", "gives no reason" },
		{ "CLS01 until=2027-02-30 x\n", "is no day like 2027-01-31" },
		{ "CLS01 port=5 until=2027-01-31 x\n", "is none of process, unit" },
	};
	char path[] = "/tmp/test-doctor-XXXXXX";
	int fd = mkstemp(path);
	struct suppressions s = {};
	struct diagnosis d = { .at_us = UINT64_C(1796083200000000) }; /* 2026-12-01 */
	struct notes notes = {};
	struct err e;

	CHECK(fd >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(ftruncate(fd, 0) == 0);
		CHECK(pwrite(fd, bad[i].text, strlen(bad[i].text), 0) > 0);
		CHECK(suppressions_read(&s, path, &e) == -EINVAL && strstr(e.text, bad[i].error));
		suppressions_done(&s);
	}
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(dprintf(fd, "%s", "LSN11 until=2026-11-30 over\nLSN03 until=2026-12-01 today\n") > 0);
	CHECK(suppressions_read(&s, path, &e) == 0);
	add(&d, RULE_LSN11, "net.ipv4.tcp_abort_on_overflow=1", SEVERITY_WARNING);
	add(&d, RULE_LSN03, "TcpExt.ListenOverflows=0:100", SEVERITY_CRITICAL);
	CHECK(suppressions_apply(&s, &d, &notes) == 0);
	CHECK(!d.v[0].text[FINDING_SUPPRESSED]);
	CHECK_STR(d.v[1].text[FINDING_SUPPRESSED], "until 2026-12-01: today");
	CHECK(diagnosis_worst(&d) == SEVERITY_WARNING && notes.text.len);
	notes_done(&notes);
	diagnosis_done(&d);
	suppressions_done(&s);
	(void)close(fd);
	(void)unlink(path);
}

int main(void)
{
	test_cases();
	test_names();
	test_explains();
	test_circles();
	test_settings();
	test_conditions();
	test_advice();
	test_order();
	test_carry();
	test_shown();
	test_limits();
	test_suppressions();
	return 0;
}
