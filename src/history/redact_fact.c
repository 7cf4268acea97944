/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is left of facts: those that are listed here, each as it says. */

#include <errno.h>

#include "base/cleanup.h"
#include "history/facts.h"
#include "history/redact_impl.h"

enum how {
	DROPPED,
	KEPT,
	NUMBER,  /* decimal digits, or what stands for none: kept; else dropped */
	RUN,     /* how a process runs: the same for the kernel's words */
	MOMENT,  /* a time: the same */
	COUNT,   /* a member that is a number: kept; what is longer is dropped */
	WORD,    /* one of a few words: kept; else dropped */
	HIDDEN,  /* that there is something is kept, what it says is not */
	NAMED,   /* a name behind a label */
	PERSON,  /* the same, but for numbers, and for root */
	PROGRAM, /* "name [program]" */
	PATH,
	NETWORK, /* the name of a network namespace, as people gave it */
	OWNER,   /* a list of members, by the rules of OWNER_IN */
};

enum { OWNER_IN = 0 }; /* no kind of fact */

static const char hidden[] = "(redacted)";
static const char totals[] = "abcdefghijklmnopqrstuvwxyz0123456789._"; /* what names of counters are of */

/* Members of values, or, with member 0, values. */
static const struct member_rule {
	uint8_t kind, member;
	enum how how;
	const char *label;
} members[] = {
	{ FACT_ANSWER, ANSWER_REFUSED, KEPT, NULL },
	{ FACT_ANSWER, ANSWER_WHY, HIDDEN, NULL },
	{ FACT_ANSWER, ANSWER_FAILED, HIDDEN, NULL },
	{ FACT_NOTE, NOTED_KIND, KEPT, NULL },
	{ FACT_NOTE, NOTED_TEXT, HIDDEN, NULL },
	{ FACT_NOTE, NOTED_OF_PLACES, KEPT, NULL },
	{ FACT_PLACE, PLACE_NAME, NETWORK, "ns-" },
	{ FACT_PLACE, PLACE_ORDER, KEPT, NULL },
	{ FACT_PLACE, PLACE_N_TCP, KEPT, NULL },
	{ FACT_IFACE, 0, NAMED, "if-" },
	{ FACT_USER, 0, PERSON, "user-" },
	{ FACT_CGROUP, CGROUP_PATH, PATH, NULL },
	{ FACT_CGROUP, CGROUP_SHOWN, PATH, NULL },
	{ FACT_TENANT, TENANT_LACK, KEPT, NULL },
	{ FACT_TENANT, TENANT_IS_ROOT, KEPT, NULL },
	{ FACT_TENANT, TENANT_UNIT, PATH, NULL },
	{ FACT_TENANT, TENANT_SLICE, PATH, NULL },
	{ FACT_TENANT, TENANT_CONTAINER_NAME, NAMED, "box-" },
	{ FACT_TENANT, TENANT_CONTAINER_ID, NAMED, "id-" },
	{ FACT_TENANT, TENANT_CONTAINER_RUNTIME, KEPT, NULL },
	{ FACT_TENANT, TENANT_POD_NAME, NAMED, "pod-" },
	{ FACT_TENANT, TENANT_POD_NAMESPACE, NAMED, "space-" },
	{ FACT_TENANT, TENANT_POD_UID, NAMED, "id-" },
	{ FACT_OWNERS, OWNER_ONE, OWNER, NULL },
	{ OWNER_IN, OWNER_PID, KEPT, NULL },
	{ OWNER_IN, OWNER_TID, KEPT, NULL },
	{ OWNER_IN, OWNER_FD, KEPT, NULL },
	{ OWNER_IN, OWNER_HOLDER, KEPT, NULL },
	{ OWNER_IN, OWNER_COMM, NAMED, "proc-" },
	{ FACT_PROCESS, PROCESS_NAME, NAMED, "proc-" },
	{ FACT_PROCESS, PROCESS_FULL_NAME, PROGRAM, "proc-" },
	{ FACT_PROCESS, PROCESS_EXE, PATH, NULL },
	{ FACT_PROCESS, PROCESS_USER, PERSON, "user-" },
	{ FACT_PROCESS, PROCESS_START, MOMENT, NULL },
	{ FACT_PROCESS, PROCESS_PARENT, NAMED, "proc-" },
	{ FACT_PROCESS, PROCESS_STATE, WORD, NULL },
	{ FACT_PROCESS, PROCESS_FILES_MAX, NUMBER, NULL },
	{ FACT_PROCESS, PROCESS_UNBOUND, NUMBER, NULL },
	{ FACT_PROCESS, PROCESS_STATE, RUN, NULL },
	{ FACT_PROCESS, PROCESS_FILES_MAX, NUMBER, NULL },
	{ FACT_PID_NAME, 0, NAMED, "proc-" },
	{ FACT_ASIDE, ASIDE_IN_RING, KEPT, NULL },
	{ FACT_ASIDE, ASIDE_IN_FLIGHT, KEPT, NULL },
	{ FACT_UNBOUND, UNBOUND_FAMILY, COUNT, NULL },
	{ FACT_UNBOUND, UNBOUND_TYPE, COUNT, NULL },
	{ FACT_UNBOUND, UNBOUND_PROTOCOL, COUNT, NULL },
	{ FACT_UNBOUND, UNBOUND_WHY, WORD, NULL },
	{ FACT_UNBOUND, UNBOUND_IDLE_MS, COUNT, NULL },
	{ FACT_NAT_READ, 0, HIDDEN, NULL },
};

/* Facts whose key is a word. */
static const struct word_rule {
	uint8_t kind;
	enum how how;
	const char *word;
} words[] = {
	{ FACT_MAKING, KEPT, "tables" },
	{ FACT_MAKING, NUMBER, "every_us" },
	{ FACT_MAKING, KEPT, "netns" },
	{ FACT_MAKING, NUMBER, "version" },
	{ FACT_MAKING, KEPT, "events" },
	{ FACT_MAKING, NUMBER, "events.begun" },
	{ FACT_MAKING, HIDDEN, "events.why" },
	{ FACT_MAKING, HIDDEN, "filter" },
	{ FACT_MACHINE, NAMED, "host" },
	{ FACT_MACHINE, NAMED, "boot" },
	{ FACT_MACHINE, NUMBER, "kernel" },
	{ FACT_MACHINE, NUMBER, "nobody" },
	{ FACT_MACHINE, NUMBER, "net_admin" },
	{ FACT_MACHINE, NUMBER, "cgroups" },
	{ FACT_MACHINE, NUMBER, "cgroups.whole" },
	{ FACT_MACHINE, NUMBER, "sight" },
	{ FACT_MACHINE, HIDDEN, "sight.why" },
	{ FACT_MACHINE, NUMBER, "unbound.untold" },
};

/* Counters and settings: below /proc/sys only those of these folders. */
static const char *const files[] = {
	"net/snmp", "net/snmp6", "net/netstat", "net/sockstat", "net/sockstat6", "net/softnet_stat",
};
static const char *const folders[] = { "sys/fs/", "sys/net/core/", "sys/net/ipv4/", "sys/net/netfilter/" };
static const char *const algorithms[] = { "sys/net/core/default_qdisc",
					  "sys/net/ipv4/tcp_congestion_control" };

static const char *const kept_words[] = {
	"never-bound", "closed",   "no-table",                                        /* UNBOUND_WHY */
	"running",     "sleeping", "disk-sleep", "stopped", "zombie", "idle", "dead", /* PROCESS_STATE */
};

/* What process.state can be. */
static const char *const runs[] = {
	"running", "sleeping", "disk-sleep", "stopped", "zombie", "idle", "dead"
};

/* Bytes of the keys that are numbers; others have a rule of their own. */
static const uint8_t key_len[] = {
	[FACT_ANSWER] = 13,  [FACT_NOTE] = 4,   [FACT_PLACE] = 4,     [FACT_IFACE] = 8,  [FACT_USER] = 4,
	[FACT_CGROUP] = 8,   [FACT_TENANT] = 8, [FACT_TENANT_OF] = 4, [FACT_OWNERS] = 4, [FACT_PROCESS] = 4,
	[FACT_PID_NAME] = 4, [FACT_ASIDE] = 4,  [FACT_UNBOUND] = 4,   [FACT_NAT] = 41,   [FACT_NAT_READ] = 4,
};

static bool is_of(struct sv s, const char *chars)
{
	for (size_t i = 0; i < s.len; i++)
		if (!s.p[i] || !strchr(chars, s.p[i]))
			return false;
	return true;
}

static bool is_among(struct sv s, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sv_is(s, v[i]))
			return true;
	return false;
}

/* The one interface that all machines have. */
static bool is_loopback(const char *label, struct sv s)
{
	return !strcmp(label, "if-") && sv_is(s, "lo");
}

/* "name [program]", of which the second is what a process that calls itself otherwise runs. */
static void put_program(const struct redact *r, const char *label, struct sv s, struct text *t)
{
	ptrdiff_t at = sv_rfind(s, '[');

	if (at > 1 && s.p[at - 1] == ' ' && s.p[s.len - 1] == ']') {
		redact_name(r, label, sv_first(s, (size_t)at - 1), t);
		text_str(t, " [");
		redact_name(r, label, sv_n(s.p + at + 1, s.len - (size_t)at - 2), t);
		text_char(t, ']');
		return;
	}
	redact_name(r, label, s, t);
}

static void put_path(const struct redact *r, struct sv s, struct text *t)
{
	const struct sv gone = sv(" (deleted)"), unreachable = sv("unreachable:");
	bool is_gone = s.len > gone.len && sv_eq(sv_from(s, s.len - gone.len), gone);

	if (sv_eq(sv_first(s, unreachable.len), unreachable) &&
	    is_of(sv_from(s, unreachable.len), "0123456789abcdef")) {
		text_sv(t, s);
		return;
	}
	redact_path(r, sv_first(s, s.len - (is_gone ? gone.len : 0)), t);
	text_str(t, is_gone ? " (deleted)" : "");
}

static void put_network(const struct redact *r, const char *label, struct sv s, struct text *t)
{
	const struct sv number = sv("net:[");

	if (sv_eq(sv_first(s, number.len), number) && is_of(sv_from(s, number.len), "0123456789]"))
		text_sv(t, s);
	else if (sv_find(s, '/') >= 0)
		redact_path(r, s, t);
	else
		redact_name(r, label, s, t);
}

static void put_list(struct redact *r, uint8_t kind, struct sv value, struct text *t);

/* Appends what is left of @s. False when nothing is. */
static bool put_as(struct redact *r, enum how how, const char *label, struct sv s, struct text *t)
{
	switch (how) {
	case KEPT: text_sv(t, s); return true;
	case NUMBER: text_sv(t, s); return is_of(s, "0123456789.-");
	case RUN: text_sv(t, s); return is_among(s, runs, ARRAY_SIZE(runs));
	case MOMENT: text_sv(t, s); return is_of(s, "0123456789TZ:.-");
	case COUNT: text_sv(t, s); return s.len <= sizeof(uint64_t);
	case WORD: text_sv(t, s); return is_among(s, kept_words, ARRAY_SIZE(kept_words));
	case HIDDEN: text_str(t, s.len ? hidden : ""); return true;
	case PERSON:
	case NAMED:
		if (how == PERSON ? is_of(s, "0123456789") || sv_is(s, "root") : is_loopback(label, s))
			text_sv(t, s);
		else
			redact_name(r, label, s, t);
		return true;
	case PROGRAM: put_program(r, label, s, t); return true;
	case PATH: put_path(r, s, t); return true;
	case NETWORK: put_network(r, label, s, t); return true;
	case OWNER: put_list(r, OWNER_IN, s, t); return true;
	default: return false;
	}
}

static const struct member_rule *find_rule(uint8_t kind, uint8_t member)
{
	kind = kind == FACT_TENANT_OF ? FACT_TENANT : kind;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (members[i].kind == kind && members[i].member == member)
			return &members[i];
	return NULL;
}

/* Appends what is left of a list of members. */
static void put_list(struct redact *r, uint8_t kind, struct sv value, struct text *t)
{
	uint8_t member;
	struct sv s;

	while (fact_take(&value, &member, &s)) {
		const struct member_rule *rule = find_rule(kind, member);
		struct text one = {};

		if (rule && put_as(r, rule->how, rule->label, s, &one))
			fact_add(t, member, sv_n(one.p ? one.p : "", one.len));
		if (one.failed)
			text_fail(t);
		text_done(&one);
	}
}

static bool put_word(struct redact *r, uint8_t kind, struct sv word, struct sv value, struct text *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].kind == kind && sv_is(word, words[i].word))
			return put_as(r, words[i].how,
				      kind == FACT_MACHINE && sv_is(word, "boot") ? "boot-" : "host-", value,
				      t);
	return false;
}

static bool put_file(struct sv key, struct sv value, struct text *t)
{
	struct sv path = sv_from(key, 4);
	bool is_setting = false;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		struct sv folder = sv(folders[i]);

		is_setting |= sv_eq(sv_first(path, folder.len), folder) &&
			      sv_find(sv_from(path, folder.len), '/') < 0;
	}
	text_sv(t, value);
	return is_among(path, files, ARRAY_SIZE(files)) ||
	       is_among(path, algorithms, ARRAY_SIZE(algorithms)) ||
	       (is_setting && is_of(value, "0123456789 \t\n,-"));
}

/* The address is in the key. */
static bool put_local(struct redact *r, struct fact_key *key)
{
	if (key->len != 4 + 16 + 1)
		return false;
	redact_v6(r, key->p + 4);
	redact_mask(key->p + 4, 16, key->p[20]);
	return true;
}

/* Two addresses, each with a port behind it. */
static void redact_ends(struct redact *r, uint8_t ends[NAT_END])
{
	redact_v6(r, ends);
	redact_v6(r, ends + NAT_END / 2);
}

static bool put_nat(struct redact *r, struct fact_key *key, struct sv value, struct text *t)
{
	uint8_t other[NAT_END];

	if (value.len && value.len != sizeof(other))
		return false;
	redact_ends(r, key->p + key->len - NAT_END);
	if (value.len) {
		memcpy(other, value.p, sizeof(other));
		redact_ends(r, other);
		text_put(t, other, sizeof(other));
	}
	return true;
}

/* Makes what is left of a fact in @t, and its key in @key. False when nothing is. */
static bool redact_fact(struct redact *r, uint8_t kind, struct fact_key *key, struct sv value, struct text *t)
{
	const struct member_rule *whole = find_rule(kind, 0);

	if (kind < ARRAY_SIZE(key_len) && key_len[kind] && key->len != key_len[kind])
		return false;
	switch (kind) {
	case FACT_MAKING:
	case FACT_MACHINE: return put_word(r, kind, fact_key_sv(key), value, t);
	case FACT_TOTALS: return is_of(fact_key_sv(key), totals) && put_as(r, NUMBER, NULL, value, t);
	case FACT_FILE: return put_file(fact_key_sv(key), value, t);
	case FACT_LOCAL: return put_local(r, key);
	case FACT_NAT: return put_nat(r, key, value, t);
	case FACT_ANSWER:
	case FACT_NOTE:
	case FACT_PLACE:
	case FACT_CGROUP:
	case FACT_TENANT:
	case FACT_TENANT_OF:
	case FACT_OWNERS:
	case FACT_ASIDE:
	case FACT_UNBOUND:
	case FACT_PROCESS: put_list(r, kind, value, t); return true;
	default: return whole && put_as(r, whole->how, whole->label, value, t);
	}
}

static int redact_kind(struct redact *r, uint8_t kind, const struct store_reader *from,
		       struct store_writer *to)
{
	struct sv key, value;
	size_t at = 0;
	int k = 0;

	while (!k && store_next_fact(from, kind, &at, &key, &value) > 0) {
		struct text *t = &r->value;
		struct fact_key own = {};

		fact_key_add_word(&own, key);
		t->len = 0;
		if (key.len > sizeof(own.p) || !redact_fact(r, kind, &own, value, t))
			continue;
		k = t->failed ? -ENOMEM
			      : store_put_fact(to, kind, fact_key_sv(&own), sv_n(t->p ? t->p : "", t->len));
	}
	return k;
}

int redact_facts(struct redact *r, const struct store_reader *from, struct store_writer *to)
{
	int k = store_put_fact(to, FACT_MAKING, sv("redacted"), sv("1"));

	for (uint8_t kind = FACT_MAKING; !k && kind < FACT_END; kind++)
		k = redact_kind(r, kind, from, to);
	return k;
}
