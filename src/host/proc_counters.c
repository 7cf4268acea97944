/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/proc_counters.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/num.h"

/* Sums of a few of these do not overflow. */
enum { VALUE_MAX = INT32_MAX };

static const struct {
	const char *label, *word;
	enum proc_counter counter;
} sockstat_words[] = {
	{ "sockets:", "used", COUNTER_SOCKETS },  { "TCP:", "inuse", COUNTER_TCP_INUSE },
	{ "TCP:", "orphan", COUNTER_TCP_ORPHAN }, { "TCP:", "tw", COUNTER_TCP_TW },
	{ "TCP:", "alloc", COUNTER_TCP_ALLOC },   { "UDP:", "inuse", COUNTER_UDP_INUSE },
	{ "RAW:", "inuse", COUNTER_RAW_INUSE },   { "FRAG:", "inuse", COUNTER_FRAG_INUSE },
	{ "TCP6:", "inuse", COUNTER_TCP6_INUSE }, { "UDP6:", "inuse", COUNTER_UDP6_INUSE },
	{ "RAW6:", "inuse", COUNTER_RAW6_INUSE }, { "FRAG6:", "inuse", COUNTER_FRAG6_INUSE },
	{ "TCP:", "mem", COUNTER_TCP_MEM },       { "UDP:", "mem", COUNTER_UDP_MEM },
};

static int set(struct proc_counters *c, struct sv label, struct sv word, struct sv value)
{
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(sockstat_words); i++) {
		if (!sv_is(label, sockstat_words[i].label) || !sv_is(word, sockstat_words[i].word))
			continue;
		if (!num_read(value, 10, VALUE_MAX, &v))
			return 0;
		c->v[sockstat_words[i].counter] = (int64_t)v;
		return 1;
	}
	return 0;
}

int proc_counters_parse_sockstat(struct proc_counters *c, struct sv text)
{
	int n = 0;

	while (text.len) {
		struct sv line = sv_take(&text, '\n'), label = sv_word(&line);

		while (line.len) {
			struct sv word = sv_word(&line), value = sv_word(&line);

			n += set(c, label, word, value);
		}
	}
	return n;
}

int proc_counters_parse_snmp(struct proc_counters *c, struct sv text)
{
	while (text.len) {
		struct sv names = sv_take(&text, '\n'), values;
		uint64_t v;

		if (!sv_is(sv_word(&names), "Tcp:"))
			continue;
		values = sv_take(&text, '\n');
		if (!sv_is(sv_word(&values), "Tcp:"))
			return 0;
		while (names.len && values.len) {
			struct sv name = sv_word(&names), value = sv_word(&values);

			if (!sv_is(name, "CurrEstab"))
				continue;
			if (!num_read(value, 10, VALUE_MAX, &v))
				return 0;
			c->v[COUNTER_TCP_ESTAB] = (int64_t)v;
			return 1;
		}
		return 0;
	}
	return 0;
}

static int read_one(const char *root, const char *rel, const char *instead,
		    int parse(struct proc_counters *c, struct sv text), struct proc_counters *c)
{
	struct text t = {};
	char own[64];
	int r = file_read_proc(root, rel, instead, &t);

	/* Where /proc shows processes only, it is there all the same. */
	if (r == -ENOENT && !root && !instead) {
		(void)snprintf(own, sizeof(own), "thread-self/%s", rel);
		r = file_read_proc(NULL, own, NULL, &t);
	}
	if (r == 0 && parse(c, sv_n(t.p, t.len)) == 0)
		r = -ENODATA;
	text_done(&t);
	return r;
}

void proc_counters_read(const struct proc_counter_paths *p, struct proc_counters *ret,
			struct proc_counter_errors *ret_errors)
{
	*ret = proc_counters_none();
	ret_errors->sockstat =
		read_one(p->proc_root, "net/sockstat", p->sockstat, proc_counters_parse_sockstat, ret);
	ret_errors->sockstat6 =
		read_one(p->proc_root, "net/sockstat6", p->sockstat6, proc_counters_parse_sockstat, ret);
	ret_errors->snmp = read_one(p->proc_root, "net/snmp", p->snmp, proc_counters_parse_snmp, ret);
}
