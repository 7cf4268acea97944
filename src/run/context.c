/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/context.h"

#include <errno.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "base/thread.h"
#include "enrich/parts.h"
#include "model/limited.h"
#include "model/netid.h"
#include "model/raw.h"
#include "plan/derive.h"
#include "run/listeners.h"
#include "run/queue.h"
#include "run/shown.h"
#include "run/still.h"
#include "run/tenancy.h"
#include "run/why.h"

struct context {
	struct context_opts o;
	const struct names *names;
	struct procs *procs; /* NULL until a row needs it */
	bool has_tried_procs;
	bool is_reading; /* .thread runs, and .procs, .procs_result and .procs_why are its */
	pthread_t thread;
	int procs_result;
	struct err procs_why;
	struct parts *parts; /* NULL until somebody asks for what is read of a process */
	bool has_tried_parts;
	bool has_failed;
	struct still still;
	struct tenancy_seen *tenants;
	struct listeners *listeners; /* NULL: nobody asks */
	struct owners owners, peer_owners;
	struct owner *peer_v; /* those of .peer_owners */
	size_t peer_cap;
	struct seg_peer_end peer_end;
	struct seg_held held;
	uint32_t netns; /* where rows come from that do not say it; 0: not known */
	bool has_netns;
	uint32_t entered;   /* whose interfaces are named */
	struct text *texts; /* one for each of words[] */
};

static bool put_netid(const struct context *, struct text *t, const struct row *row)
{
	text_str(t, row_netid(row));
	return true;
}

/* The kernel's user of what belongs to nobody, as time-wait sockets do, would be root. */
static bool put_user(const struct context *c, struct text *t, const struct row *row)
{
	if (!c->names->user || !field_u64(row, F_INODE, 0))
		return false;
	c->names->user(c->names->ctx, t, (uint32_t)field_u64(row, F_UID, 0));
	return true;
}

/* A path begins with a slash; what else there may be stands for one that is not known. */
static bool put_cgroup(const struct context *c, struct text *t, const struct row *row)
{
	bool (*path)(void *, struct text *, uint64_t) =
		c->names->cgroup_path ? c->names->cgroup_path : c->names->cgroup;

	return path && path(c->names->ctx, t, field_u64(row, F_CGROUP, 0)) && t->len && t->p[0] == '/';
}

static bool put_iface(const struct context *c, struct text *t, const struct row *row)
{
	uint32_t ifindex = (uint32_t)field_u64(row, F_IFINDEX, 0);

	return c->names->iface && ifindex && c->names->iface(c->names->ctx, t, ifindex);
}

static bool put_unix_name(const struct context *, struct text *t, const struct row *row)
{
	return shown_unix_name(t, row);
}

static bool put_netns(const struct context *c, struct text *t, const struct row *row)
{
	if (!c->names->netns)
		return false;
	c->names->netns(c->names->ctx, t, (uint32_t)field_u64(row, F_NETNS_ID, 0));
	return true;
}

static bool put_peer_netns(const struct context *c, struct text *t, const struct row *row)
{
	uint32_t netns = (uint32_t)field_u64(row, F_PEER_NETNS_ID, 0);

	if (!c->names->netns || !netns)
		return false;
	c->names->netns(c->names->ctx, t, netns);
	return true;
}

static bool put_service(const struct context *c, struct text *t, const struct row *row, enum field_id f)
{
	struct val port, protocol;

	return c->names->service && field_get(row, f, &port) && port.u &&
	       field_get(row, F_PROTOCOL, &protocol) &&
	       c->names->service(c->names->ctx, t, (uint16_t)port.u, (uint16_t)protocol.u);
}

static bool put_local_service(const struct context *c, struct text *t, const struct row *row)
{
	return put_service(c, t, row, F_SPORT);
}

static bool put_peer_service(const struct context *c, struct text *t, const struct row *row)
{
	return put_service(c, t, row, F_DPORT);
}

static bool put_limited_by(const struct context *, struct text *t, const struct row *row)
{
	const char *word = limited_by(row);

	text_str(t, word ? word : "");
	return word;
}

static bool put_raw(const struct context *, struct text *t, const struct row *row)
{
	return raw_put(t, row);
}

static bool put_handshakes(const struct context *c, struct text *t, const struct row *row)
{
	return listeners_put_syn(c->listeners, t, row);
}

static bool put_reuseport(const struct context *c, struct text *t, const struct row *row)
{
	return listeners_put_group(c->listeners, t, row);
}

/* What can be said in words: the field, its segment, the field it is made from, and how. */
static const struct {
	enum field_id field;
	enum seg seg;
	enum field_id from;
	bool (*put)(const struct context *c, struct text *t, const struct row *row);
} words[] = {
#define DERIVED(id, from, function) { F_##id, SEG_##id, F_##from, function },
#define DERIVED_AS(id, seg, from, function) { F_##id, SEG_##seg, F_##from, function },
#include "model/defs/derived.def"
};

_Static_assert(ARRAY_SIZE(words) <= 64, "additions.words is 64 bits wide");

static void *read_procs(void *arg)
{
	struct context *c = arg;
	const struct procs_opts po = { .way = c->o.owners_way, .want_threads = c->o.want_threads };

	c->procs_result = host_read_owners(c->o.host, &po, &c->procs, &c->procs_why);
	return NULL;
}

static void await_procs(struct context *c)
{
	if (c->is_reading)
		(void)pthread_join(c->thread, NULL);
	c->is_reading = false;
}

/* Sees to it that the owners are known, if they can be. */
static void need_procs(struct context *c)
{
	if (c->has_tried_procs)
		return;
	c->has_tried_procs = true;
	if (c->is_reading)
		await_procs(c);
	else
		(void)read_procs(c);
	if (c->procs_result < 0)
		notes_add(c->o.notes, NOTE_ERROR, "processes are not shown: %s", c->procs_why.text);
}

enum procs_sight context_sight(const struct context *c)
{
	if (c->o.host->ops->sight)
		return c->o.host->ops->sight(c->o.host, NULL);
	return c->has_tried_procs && c->procs ? procs_sight(c->procs) : PROCS_SIGHT_ALL;
}

struct procs *context_procs(struct context *c)
{
	need_procs(c);
	return c->procs;
}

void context_put_blind(const struct context *c, struct text *t)
{
	const char *remedy = geteuid() ? "run as root to see all" : "root lacks a capability that they have";
	size_t n;

	if (c->o.host->ops->sight) {
		(void)c->o.host->ops->sight(c->o.host, t);
		return;
	}
	switch (context_sight(c)) {
	case PROCS_SIGHT_ALL: break;
	case PROCS_SIGHT_SOME:
		n = procs_hidden(c->procs);
		text_printf(t, "%zu process%s may not be looked into; %s", n, n == 1 ? "" : "es", remedy);
		break;
	case PROCS_SIGHT_MOUNT:
		text_printf(t, "%s is mounted so that it hides the processes of others (hidepid); %s",
			    host_root(c->o.host),
			    geteuid() ? remedy : "root lacks the capability to see them");
		break;
	case PROCS_SIGHT_NAMESPACE:
		text_str(t, "processes outside of this PID namespace cannot be seen; run it outside, or in a "
			    "container that shares the host's");
		break;
	case PROCS_SIGHT_NONE:
		text_printf(t, "there is no process in %s; mount a proc file system there",
			    host_root(c->o.host));
		break;
	}
}

bool context_sees_cgroups(const struct context *c)
{
	return !c->names->sees_cgroups || c->names->sees_cgroups(c->names->ctx);
}

void context_begin_owners(struct context *c)
{
	if (c->o.host->ops->owners || c->o.has_no_owners || c->is_reading || c->has_tried_procs ||
	    thread_cores() < 2)
		return;
	c->is_reading = !thread_start(&c->thread, read_procs, c);
}

/* What went wrong with the owners that procs_find() gave last; apart, for a struct err is large. */
__attribute__((noinline)) static void tell_trouble(const struct context *c)
{
	struct err e;

	if (!c->owners.n && procs_trouble(c->procs, &e) < 0)
		notes_add(c->o.notes, NOTE_ERROR, "sockets that only threads hold have no owner: %s", e.text);
	if (c->owners.n && procs_nameless(c->procs, &e) < 0)
		notes_add(c->o.notes, NOTE_ERROR, "names of processes are missing: %s", e.text);
}

/* Who holds the socket @inode of the machine that @row is of, into @c->owners. False: that is not known. */
static bool find_owners(struct context *c, const struct row *row, uint32_t inode)
{
	if (!inode || c->o.has_no_owners)
		return false;
	if (c->o.host->ops->owners) {
		c->owners = c->o.host->ops->owners(c->o.host, inode);
		return true;
	}
	/* The processes here hold other sockets, maybe with the same number. */
	if (row_dump(row)->is_recorded)
		return false;
	need_procs(c);
	if (!c->procs)
		return false;
	c->owners = procs_find(c->procs, inode);
	if ((c->owners.n ? procs_nameless(c->procs, NULL) : procs_trouble(c->procs, NULL)) < 0)
		tell_trouble(c);
	return true;
}

static void add_owners(struct context *c, struct row *row)
{
	if (find_owners(c, row, (uint32_t)field_u64(row, F_INODE, 0)))
		row_put(row, SEG_OWNERS, &c->owners, sizeof(c->owners));
}

void context_own(struct context *c, struct owners owners, struct row *row)
{
	c->owners = owners;
	row_put(row, SEG_OWNERS, &c->owners, sizeof(c->owners));
}

/* Adds @parts to @c->owners. A machine that tells of its owners itself has told all. */
static void add_parts(struct context *c, uint32_t parts)
{
	int r;

	if (!parts || c->o.host->ops->owners)
		return;
	if (!c->has_tried_parts) {
		c->has_tried_parts = true;
		r = parts_new(&(const struct parts_opts){ .proc_root = c->o.host->files.root,
							  .tree = c->o.host->files.tree },
			      &c->parts);
		if (r < 0)
			notes_add(c->o.notes, NOTE_ERROR, "what %s tells of processes is not shown: %s",
				  host_root(c->o.host), strerror(-r));
	}
	if (c->parts) /* the row points to .owners */
		c->owners = parts_add(c->parts, parts, c->owners);
}

/* The cgroup that a socket was made in tells; where that is not known, those do that hold it. */
static void add_tenant(struct context *c, bool has_names, struct row *row)
{
	uint64_t id = field_u64(row, F_CGROUP, 0);
	const struct tenant *t = NULL;
	struct val v;

	if (row_dump(row)->is_recorded)
		return;
	if (id)
		t = tenancy_find(&c->tenants, c->o.host, id, has_names);
	if (!t) {
		if (!row_has(row, SEG_OWNERS))
			add_owners(c, row);
		if (field_get(row, F_OWNERS, &v))
			t = tenancy_of(c->o.host, v.owners, has_names);
	}
	if (t)
		row_put(row, SEG_TENANT, t, sizeof(*t));
}

static void add_why(struct context *c, bool is_brief, struct row *row)
{
	const char *why;
	enum why_open open;

	if (!row_has(row, SEG_OWNERS))
		add_owners(c, row);
	why = why_nobody(row, context_sight(c), &open);
	if (!is_brief && open != WHY_SETTLED && why_is_of_iface(c->names, row))
		why = "kernel";
	else if (!is_brief && open == WHY_APART && (c->procs || c->o.host->ops->owners))
		why = why_undescribed(c->o.host, &c->still, row);
	if (why)
		row_put(row, SEG_OWNER_WHY, why, strlen(why));
}

static void add_held(struct context *c, uint32_t want, struct row *row)
{
	struct held_ask ask = { .inode = (uint32_t)field_u64(row, F_INODE, 0), .want = want };
	int r;

	if (!ask.inode || row_dump(row)->is_recorded)
		return;
	ask.protocol = (uint32_t)field_u64(row, F_PROTOCOL, 0);
	r = host_held(c->o.host, &ask, c->o.owners_way, &c->held);
	if (r == -EAGAIN && !row_has(row, SEG_OWNERS))
		add_owners(c, row);
	if (r == -EAGAIN && row_has(row, SEG_OWNERS)) {
		ask.owners = &c->owners;
		r = host_held(c->o.host, &ask, c->o.owners_way, &c->held);
	}
	if (held_complete(row, r == 0, &c->held))
		row_put(row, SEG_HELD, &c->held, sizeof(c->held));
}

/*
 * The owners of the other end have a list of their own: what is found next would be in the place of what was
 * found last, and so the row forgets its owners, to be asked for them again.
 */
static void add_peer_owners(struct context *c, uint32_t parts, struct row *row)
{
	row_drop(row, SEG_OWNERS);
	if (c->peer_end.is_missing || !find_owners(c, row, c->peer_end.inode))
		return;
	add_parts(c, parts);
	if (c->owners.n > c->peer_cap) {
		struct owner *v = reallocarray(c->peer_v, c->owners.n, sizeof(*v));

		c->has_failed |= !v;
		if (!v)
			return;
		c->peer_v = v;
		c->peer_cap = c->owners.n;
	}
	if (c->owners.n)
		memcpy(c->peer_v, c->owners.v, c->owners.n * sizeof(*c->peer_v));
	c->peer_owners = (struct owners){ .v = c->peer_v, .n = c->owners.n };
	row_put(row, SEG_PEER_OWNERS, &c->peer_owners, sizeof(c->peer_owners));
}

/* As add_tenant(), of the other end. */
static void add_peer_tenant(struct context *c, bool has_names, struct row *row)
{
	const struct tenant *t = NULL;

	if (row_dump(row)->is_recorded || c->peer_end.is_missing)
		return;
	if (c->peer_end.cgroup)
		t = tenancy_find(&c->tenants, c->o.host, c->peer_end.cgroup, has_names);
	if (!t) {
		if (!row_has(row, SEG_PEER_OWNERS))
			add_peer_owners(c, 0, row);
		if (row_has(row, SEG_PEER_OWNERS))
			t = tenancy_of(c->o.host, c->peer_owners, has_names);
	}
	if (t)
		row_put(row, SEG_PEER_TENANT, t, sizeof(*t));
}

/* The listener of a container, to which docker-proxy, which holds @row, hands on. */
static bool find_behind(struct context *c, struct row *row)
{
	if (!peers_may_be_published(c->o.peers, row))
		return false;
	if (!row_has(row, SEG_OWNERS))
		add_owners(c, row);
	for (size_t i = 0; row_has(row, SEG_OWNERS) && i < c->owners.n; i++) {
		if (!sv_is(c->owners.v[i].comm, "docker-proxy"))
			continue;
		add_parts(c, 1u << PART_CMDLINE);
		return peers_find_behind(c->o.peers, owner_text(&c->owners.v[i], PART_CMDLINE), &c->peer_end);
	}
	return false;
}

/* For when the network namespace of the row is known. */
static void add_peer(struct context *c, const struct additions *what, struct row *row)
{
	static const char *const directions[] = { [DIRECTION_IN] = "in", [DIRECTION_OUT] = "out" };

	if (what->direction && !row_has(row, SEG_DIRECTION)) {
		enum direction d = peers_direction(c->o.peers, row);

		if (d != DIRECTION_UNKNOWN)
			row_put(row, SEG_DIRECTION, directions[d], strlen(directions[d]));
	}
	if (!row_has(row, SEG_PEER_END)) {
		if (!peers_find(c->o.peers, row, &c->peer_end) && !find_behind(c, row))
			return;
		row_put(row, SEG_PEER_END, &c->peer_end, sizeof(c->peer_end));
	}
	if (what->peer_owners)
		add_peer_owners(c, what->peer_parts, row);
	if (what->peer_tenants.any)
		add_peer_tenant(c, what->peer_tenants.names, row);
}

void context_put_peers(const struct context *c, struct text *t)
{
	if (c->o.peers)
		peers_put_why(c->o.peers, t);
}

int context_list_listeners(struct context *c, const struct places *places, const struct fieldset *set)
{
	return listeners_are_needed(set) ? listeners_new(c->o.host, places, set, c->o.notes, &c->listeners)
					 : 0;
}

void context_visit(struct context *c, uint32_t netns)
{
	c->netns = netns;
	c->has_netns = true;
}

static void add_netns(struct context *c, struct row *row)
{
	uint32_t in;

	if (!c->has_netns)
		context_visit(c, host_here(c->o.host));
	if (!row_has(row, SEG_NETNS_ID) && c->netns)
		row_put(row, SEG_NETNS_ID, &c->netns, sizeof(c->netns));
	in = (uint32_t)field_u64(row, F_NETNS_ID, 0);
	if (in && in != c->entered && c->names->enter)
		c->names->enter(c->names->ctx, in);
	c->entered = in;
}

struct additions context_additions(const struct context *c, const struct fieldset *set)
{
	struct additions a = {
		.owners = fieldset_has_owners(set),
		.netns = c->o.is_everywhere || c->o.peers || fieldset_has(set, F_NETNS_ID) ||
			 fieldset_has(set, F_NETNS),
		.parts = parts_wanted(set, F_OWNERS),
		.peers = c->o.peers && fieldset_has_peers(set),
		.direction = fieldset_has(set, F_DIRECTION),
		.peer_owners = fieldset_has_peer_owners(set),
		.peer_parts = parts_wanted(set, F_PEER_OWNERS),
		.tenants = tenancy_wanted(set),
		.peer_tenants = tenancy_wanted_of_peers(set),
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		a.words |= (uint64_t)fieldset_has(set, words[i].field) << i;
	a.held = fieldset_held(set);
	a.why = fieldset_has(set, F_OWNER_WHY);
	a.sample = fieldset_has_sample(set);
	a.rates = c->o.sampler && fieldset_has_rates(set);
	return a;
}

/* Puts words[@i] of @row. */
static void add_words(struct context *c, size_t i, struct row *row)
{
	struct text *t = &c->texts[i];

	if (row_has(row, words[i].seg) || !field_find_loc(row, words[i].from))
		return;
	t->len = 0;
	if (words[i].put(c, t, row) && !t->failed)
		row_put(row, words[i].seg, t->p, t->len);
	c->has_failed |= t->failed;
}

void context_add(struct context *c, const struct additions *what, struct row *row)
{
	if (what->netns)
		add_netns(c, row);
	if (what->peers)
		add_peer(c, what, row);
	if (what->owners && !row_has(row, SEG_OWNERS))
		add_owners(c, row);
	if (what->parts && row_has(row, SEG_OWNERS))
		add_parts(c, what->parts);
	if (what->held && !row_has(row, SEG_HELD))
		add_held(c, what->held, row);
	if (what->tenants.any)
		add_tenant(c, what->tenants.names, row);
	if (what->why || what->why_briefly)
		add_why(c, !what->why, row);
	if (what->sample)
		row_put(row, SEG_SAMPLE, &c->o.sample, sizeof(c->o.sample));
	if (what->rates && !row_has(row, SEG_RATES) && (!c->o.rates_of || c->o.rates_of(row)))
		c->has_failed |= sampler_add(c->o.sampler, row) < 0;
	for (uint64_t left = what->words; left; left &= left - 1)
		add_words(c, (size_t)__builtin_ctzll(left), row);
}

void context_foresee(const struct context *c, const struct family *family, struct sv ready)
{
	const struct loc *l = fields[F_INODE].at;
	uint32_t inode[2], len;

	/* Until the thread that reads them is awaited, .procs is its. */
	if (c->is_reading || !c->procs || l->seg != family->msg)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(inode); i++) {
		if (ready.len < (size_t)NLMSG_HDRLEN + l->off + l->size)
			return;
		memcpy(&len, ready.p, sizeof(len));
		inode[i] = (uint32_t)field_load((const uint8_t *)ready.p + NLMSG_HDRLEN + l->off, l->size);
		ready = sv_from(ready, NLMSG_ALIGN(len));
	}
	procs_foresee(c->procs, inode[0], inode[1]);
}

void context_tell_unread(const struct context *c)
{
	if (c->parts && parts_unread(c->parts))
		notes_add(c->o.notes, NOTE_ERROR, "facts about processes that could not be read: %zu",
			  parts_unread(c->parts));
}

int context_error(const struct context *c)
{
	return c->has_failed || (c->parts && parts_have_failed(c->parts)) ? -ENOMEM : 0;
}

struct context *context_free(struct context *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(words) && c->texts; i++)
		text_done(&c->texts[i]);
	await_procs(c);
	(void)procs_free(c->procs);
	(void)parts_free(c->parts);
	free(c->peer_v);
	still_done(&c->still);
	free(c->tenants);
	(void)listeners_free(c->listeners);
	free(c->texts);
	free(c);
	return NULL;
}

int context_new(const struct context_opts *o, struct context **ret)
{
	_cleanup_(context_freep) struct context *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->o = *o;
	c->names = o->host->output;
	c->texts = calloc(ARRAY_SIZE(words), sizeof(*c->texts));
	if (!c->texts)
		return -ENOMEM;
	*ret = take_ptr(c);
	return 0;
}
