/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/recorded.h"

#include <errno.h>

#include "base/num.h"
#include "host/facts.h"
#include "host/kept.h"
#include "host/recorded_impl.h"
#include "host/release.h"
#include "host/totals.h"

/* Those of the network namespace that is asked. */
static struct sv read_file(const struct recorded *r, const char *path)
{
	const struct fact_key key = fact_key_named(r->home, path);

	return recorded_fact(r, FACT_FILE, &key);
}

static int parse(struct sv text, int read(struct proc_counters *c, struct sv text), struct proc_counters *c)
{
	if (!text.p)
		return -ENOENT;
	return read(c, text) ? 0 : -ENODATA;
}

static void counters(struct host *h, struct proc_counters *ret, struct proc_counter_errors *ret_errors)
{
	const struct recorded *r = recorded_of(h);

	*ret = proc_counters_none();
	ret_errors->sockstat = parse(read_file(r, "net/sockstat"), proc_counters_parse_sockstat, ret);
	ret_errors->sockstat6 = parse(read_file(r, "net/sockstat6"), proc_counters_parse_sockstat, ret);
	ret_errors->snmp = parse(read_file(r, "net/snmp"), proc_counters_parse_snmp, ret);
}

/* Only where the recording was made are those of the whole host made those of one namespace. */
static void totals(struct host *h, struct proc_counters *ret)
{
	const struct recorded *r = recorded_of(h);
	struct proc_counter_errors errors;
	struct sv key, value;
	size_t at = 0;
	uint64_t i, v;

	counters(h, ret, &errors);
	if (r->home_name)
		ret->v[COUNTER_TCP_ALLOC] = ret->v[COUNTER_TCP_ORPHAN] = -1;
	while (!r->home_name && store_next_fact(r->reader, FACT_TOTALS, &at, &key, &value) > 0) {
		i = totals_find(key);
		if (i < COUNTER_MAX)
			ret->v[i] = num_read(value, 10, INT64_MAX, &v) ? (int64_t)v : -1;
	}
}

static int limit(struct host *h, const char *file, int64_t *ret)
{
	struct sv text = read_file(recorded_of(h), file);

	*ret = text.p ? facts_limit(text) : -1;
	return text.p ? 0 : -ENOENT;
}

/* The keys of a namespace's files are its number and a path; those of its interfaces two numbers. */
static int tell_kept(struct host *h, const struct places *, const struct place *p, const struct kept_ops *ops,
		     void *ctx)
{
	const struct recorded *r = recorded_of(h);
	uint32_t netns = p ? p->ino : r->home;
	struct sv key, value;
	size_t at = 0;
	int k = 0;

	while (k >= 0 && store_next_fact(r->reader, FACT_FILE, &at, &key, &value) > 0) {
		char path[128];

		if ((uint32_t)fact_key_take(&key, 4) != netns || key.len >= sizeof(path))
			continue;
		memcpy(path, key.p, key.len);
		path[key.len] = '\0';
		k = ops->file(ctx, path, value);
	}
	at = 0;
	while (k >= 0 && store_next_fact(r->reader, FACT_IFACE, &at, &key, &value) > 0)
		if ((uint32_t)fact_key_take(&key, 4) == netns)
			k = ops->iface(ctx, (uint32_t)fact_key_take(&key, 4), value);
	return k;
}

static int find_locals(struct host *h, const struct place *p, uint32_t netns, struct locals *into,
		       struct err *e)
{
	const struct recorded *r = recorded_of(h);
	struct sv key, value;
	size_t at = 0;

	while (store_next_fact(r->reader, FACT_LOCAL, &at, &key, &value) > 0) {
		uint32_t of = (uint32_t)fact_key_take(&key, 4);
		struct sv addr = sv_first(key, 16), bits = sv_from(key, 16);
		uint64_t n = fact_key_take(&bits, 1);

		if (of != (p ? p->ino : r->home) || addr.len != 16 || n > 128)
			continue;
		if (locals_add(into, netns, (const uint8_t *)addr.p, (unsigned int)n) < 0)
			return err_sys(e, -ENOMEM, "local addresses");
	}
	return 0;
}

static uint32_t here(struct host *h)
{
	return recorded_of(h)->home;
}

static uint64_t nobody(struct host *h)
{
	uint64_t uid = UINT64_MAX;

	(void)num_read(recorded_word(recorded_of(h), FACT_MACHINE, "nobody"), 10, UINT64_MAX, &uid);
	return uid;
}

static uint64_t now_us(struct host *h)
{
	return recorded_of(h)->at.wall_us;
}

static uint64_t monotonic_us(struct host *h)
{
	return recorded_of(h)->at.monotonic_us;
}

static struct sv about(struct host *h, enum host_about what)
{
	static const char *const words[] = { [HOST_NAME] = "host", [HOST_BOOT] = "boot" };

	return recorded_word(recorded_of(h), FACT_MACHINE, words[what]);
}

static void begin(struct host *h, struct notes *notes)
{
	struct recorded *r = recorded_of(h);

	r->notes = notes;
	r->names_of = r->home;
	recorded_owners_forget(r, false);
	names_begin(h->names, notes);
}

static void free_recorded(struct host *h)
{
	struct recorded *r = recorded_of(h);

	recorded_owners_forget(r, true);
	(void)names_free(h->names);
	(void)users_free(r->users);
	(void)netns_list_free(r->list);
	free(r->home_name);
	free(r->runs);
	free(r);
}

static const struct host_ops recorded_ops = {
	.open = recorded_open,
	.open_text = recorded_open_text,
	.owners = recorded_owners,
	.aside = recorded_aside,
	.sight = recorded_sight,
	.tenant = recorded_tenant,
	.tenant_of = recorded_tenant_of,
	.places = recorded_places,
	.enter = recorded_enter,
	.locals = find_locals,
	.nat = recorded_nat,
	.next_unbound = recorded_next_unbound,
	.counters = counters,
	.totals = totals,
	.here = here,
	.limit = limit,
	.kept = tell_kept,
	.about = about,
	.nobody = nobody,
	.now_us = now_us,
	.monotonic_us = monotonic_us,
	.begin = begin,
	.free = free_recorded,
};

/* Finds where the messages of each table are. */
/* All messages about sockets begin with it. */
static uint8_t family_of(const struct nlmsghdr *msg)
{
	return msg->nlmsg_len > NLMSG_HDRLEN ? *((const uint8_t *)msg + NLMSG_HDRLEN) : 0;
}

static int find_runs(struct recorded *r)
{
	struct recorded_run *run = NULL;
	size_t at = 0, before = 0, cap = 0;
	struct store_message m;

	r->n_runs = 0;
	while (store_look(r->reader, &at, &m) > 0) {
		uint8_t af = family_of(m.msg);

		if (!run || run->table != m.table || run->netns != m.netns || run->af != af) {
			if (r->n_runs == cap) {
				cap = cap ? 2 * cap : 16;
				run = reallocarray(r->runs, cap, sizeof(*run));
				if (!run)
					return -ENOMEM;
				r->runs = run;
			}
			run = &r->runs[r->n_runs++];
			*run = (struct recorded_run){
				.at = before, .table = m.table, .netns = m.netns, .af = af
			};
		}
		run->n++;
		before = at;
	}
	return 0;
}

struct sv recorded_making(const struct host *h, const char *word)
{
	return recorded_word((const struct recorded *)h, FACT_MAKING, word);
}

int recorded_seek(struct host *h, size_t i, struct err *e)
{
	struct recorded *r = recorded_of(h);
	uint64_t version = 0;
	int k = store_seek(r->reader, i, e);

	if (k < 0)
		return k;
	r->sample = i;
	r->at = store_time_of(r->reader, i);
	(void)num_read(recorded_making(h, "version"), 10, UINT32_MAX, &version);
	if (version != FACT_VERSION)
		return err_say(e, -EBADMSG,
			       version ? "%s: a newer version made it, which says what this one does not know"
				       : "%s: the sample does not say how it was made",
			       r->file);
	h->kernel = release_read(recorded_word(r, FACT_MACHINE, "kernel"));
	h->lacks_admin = !sv_is(recorded_word(r, FACT_MACHINE, "net_admin"), "1");
	h->has_places = sv_is(recorded_making(h, "netns"), "all");
	if (!recorded_find_home(r))
		return err_say(e, -ENODATA, "the recording %s has no network namespace called %s then",
			       r->file, r->home_name);
	k = find_runs(r);
	return k < 0 ? err_sys(e, k, "%s", r->file) : 0;
}

void recorded_tell(const struct host *h, struct notes *notes)
{
	const struct recorded *r = (const struct recorded *)h;
	struct sv key, value;
	size_t at = 0;

	while (store_next_fact(r->reader, FACT_NOTE, &at, &key, &value) > 0) {
		struct sv text = fact_member(value, NOTED_TEXT);

		if (fact_u64(fact_member(value, NOTED_OF_PLACES)) ||
		    fact_u64(fact_member(value, NOTED_KIND)) == NOTE_HINT)
			continue;
		notes_add(notes, NOTE_HINT, "when it was recorded: %.*s", SV_ARG(text));
	}
}

int recorded_new(struct store_reader *reader, const char *name, size_t i, struct host **ret, struct err *e)
{
	struct recorded *r = calloc(1, sizeof(*r));
	int k;

	if (!r)
		return err_sys(e, -ENOMEM, "%s", name);
	r->host.ops = &recorded_ops;
	r->host.is_past = true;
	r->reader = reader;
	r->file = name;
	k = recorded_seek(&r->host, i, e);
	if (k >= 0 && (k = recorded_names_new(r)) < 0)
		(void)err_sys(e, k, "%s", name);
	if (k < 0) {
		free_recorded(&r->host);
		return k;
	}
	*ret = &r->host;
	return 0;
}
