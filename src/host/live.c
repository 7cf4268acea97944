/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "bpf/load.h"
#include "enrich/aside.h"
#include "enrich/tenants.h"
#include "host/early.h"
#include "host/facts.h"
#include "host/host.h"
#include "host/kept.h"
#include "host/names.h"
#include "host/nobody.h"
#include "host/proc_protocols.h"
#include "host/release.h"
#include "nl/nl.h"
#include "source/file.h"
#include "source/live.h"

struct live {
	struct host host;
	struct nl *nl;       /* NULL until the first question, and after a failed one */
	size_t nl_at;        /* the place in which it was opened, as .i */
	struct early *early; /* NULL: everything in its turn */
	bool has_tried_early;
	struct procs_kept *kept; /* what reading the owners needs */
	char *proc;              /* .host.files.root, when that is ours */
	struct aside *aside;     /* of this run; NULL until somebody asks */
	bool has_tried_aside;
	struct text about[HOST_ABOUT_MAX]; /* of this run, once it was read */
	struct held *held;                 /* of this run; NULL until somebody asks */
	bool has_tried_held;
	struct held_kept *held_kept;
	struct loose *loose;     /* of this run; NULL until somebody asks */
	struct tenants *tenants; /* of this run; NULL until somebody asks */
};

static void hang_up(struct live *l)
{
	l->nl = nl_close(l->nl);
}

static int open_kernel(struct host *h, const struct host_ask *q, struct source **ret, struct err *e)
{
	struct live *l = (struct live *)h;
	bool is_elsewhere = place_is_elsewhere(q->place);
	struct nl *nl = NULL;
	int r = l->early ? early_take(l->early, q->turn, &nl, ret, e) : 0;

	/* What the kernel still has to say must not be taken for another answer. */
	if (l->nl && (nl || nl_is_asking(l->nl) || l->nl_at != (is_elsewhere ? q->place->i : 0)))
		hang_up(l);
	l->nl_at = is_elsewhere ? q->place->i : 0;
	if (nl)
		l->nl = nl;
	h->is_asked = r > 0;
	if (r)
		return r < 0 ? r : 0;
	if (!l->nl)
		r = is_elsewhere ? nl_open_in(q->place->fd, NETLINK_SOCK_DIAG, &l->nl, e)
				 : nl_open(NETLINK_SOCK_DIAG, &l->nl, e);
	if (r >= 0)
		r = live_open(l->nl, q->dump, ret, e);
	h->is_asked = r >= 0;
	return r;
}

static bool ask_early(struct host *h, const struct host_ask *q)
{
	struct live *l = (struct live *)h;

	if (!l->early && !l->has_tried_early)
		l->early = early_new();
	l->has_tried_early = true;
	if (!l->early || !early_has_room(l->early))
		return false;
	early_ask(l->early, q->turn, place_is_elsewhere(q->place) ? q->place->fd : -1, q->dump);
	return early_has_room(l->early);
}

/* A file under /proc/net shows the namespace in which it was opened. */
static int open_text(struct host *h, const struct host_ask *q, struct source **ret, struct err *e)
{
	struct err way_home;
	int r;

	if (!place_is_elsewhere(q->place))
		return proc_open(&h->files.net, q->dump, ret, e);
	r = places_visit(q->all, q->place, e);
	if (r < 0)
		return r;
	r = proc_open(&h->files.net, q->dump, ret, e);
	if (places_visit(q->all, NULL, &way_home) == 0)
		return r;
	if (r >= 0)
		*ret = source_close(*ret);
	return err_say(e, -ENOTRECOVERABLE, "%s", way_home.text);
}

static int read_owners(struct host *h, const struct procs_opts *o, struct procs **ret, struct err *e)
{
	struct procs_opts here = *o;

	here.proc_root = h->files.root;
	here.kept = &((struct live *)h)->kept;
	return procs_new(&here, ret, e);
}

static struct tenants *need_tenants(struct live *l)
{
	const struct tenants_opts o = { .tree = l->host.files.tree, .proc_root = l->host.files.root };

	if (!l->tenants)
		l->tenants = tenants_new(&o);
	return l->tenants;
}

static const struct tenant *tenant(struct host *h, uint64_t id, bool want_names)
{
	struct tenants *t = need_tenants((struct live *)h);
	struct cgroups *c = t ? names_cgroups(h->names) : NULL;
	const struct tenant *found = c ? tenants_in(t, c, id, want_names) : NULL;

	return found && found->is_root && tenants_has_v1(t) ? NULL : found;
}

static const struct tenant *tenant_of(struct host *h, uint32_t pid, bool want_names)
{
	struct tenants *t = need_tenants((struct live *)h);
	const struct tenant *found = NULL;

	return t && tenants_of(t, pid, want_names, &found) == 0 ? found : NULL;
}

static void aside(struct host *h, uint32_t inode, bool *ret_in_ring, size_t *ret_in_flight)
{
	struct live *l = (struct live *)h;

	if (!l->has_tried_aside)
		(void)aside_new(h->files.root, &l->aside);
	l->has_tried_aside = true;
	if (!l->aside)
		return;
	*ret_in_ring = aside_is_in_ring(l->aside, inode);
	*ret_in_flight = aside_in_flight(l->aside);
}

/* The processes below another root are not those of this machine, or have other numbers there. */
static int held(struct host *h, const struct held_ask *ask, enum procs_way way, struct seg_held *ret)
{
	struct live *l = (struct live *)h;
	const struct held_opts o = { .way = way, .kept = &l->held_kept };

	if (h->files.root)
		return -EOPNOTSUPP;
	if (!l->has_tried_held)
		(void)held_new(&o, &l->held);
	l->has_tried_held = true;
	return l->held ? held_find(l->held, ask, ret) : -ENOMEM;
}

static int loose(struct host *h, const struct owners *owners, uint32_t inode, struct seg_unbound *ret)
{
	struct live *l = (struct live *)h;

	if (!l->loose)
		l->loose = loose_new();
	return l->loose && !h->files.root ? loose_look(l->loose, owners, inode, ret) : -EPERM;
}

static bool has_many_files(struct host *h)
{
	return !h->files.root && procs_way_likely() != PROCS_PROC;
}

static void facts(struct host *h, const struct places *all, struct facts *ret)
{
	facts_count(&h->files.counters, ret);
	if (all) {
		ret->n_tcp = ret->n_inuse = all->n_tcp;
		ret->n_netns = all->n_sharing;
	}
	ret->has_bpf = bpf_load_is_built();
}

static int places(struct host *h, enum procs_way way, struct notes *notes, struct places **ret, struct err *e)
{
	const struct netns_list *list;
	int r = names_seek_netns(h->names, way, &list, e);

	return r < 0 ? r : places_new(list, notes, ret, e);
}

static int find_locals(struct host *, const struct place *p, uint32_t netns, struct locals *into,
		       struct err *e)
{
	int r = locals_ask(into, place_is_elsewhere(p) ? p->fd : -1, netns, e);

	return r < 0 ? err_context(e, r, "local addresses") : 0;
}

/* Asking would have a module loaded where there is no connection tracking yet. */
static int find_nat(struct host *h, const struct place *p, struct nat *into, struct err *e)
{
	int64_t n;
	int r = host_limit(h, "sys/net/netfilter/nf_conntrack_count", &n);

	if (r == -ENOENT)
		return 0;
	r = nat_ask(into, place_is_elsewhere(p) ? p->fd : -1, e);
	if (r == -EPERM)
		return err_say(e, r,
			       "the connection tracking, which tells how addresses are translated, may be "
			       "read with CAP_NET_ADMIN only (run as root)");
	return r < 0 ? err_context(e, r, "connection tracking") : 0;
}

static void counters(struct host *h, struct proc_counters *ret, struct proc_counter_errors *ret_errors)
{
	proc_counters_read(&h->files.counters, ret, ret_errors);
}

static uint32_t here(struct host *)
{
	return netns_own();
}

static int64_t protocol_sockets(struct host *, const char *name)
{
	return proc_protocol_sockets(NULL, name);
}

static uint64_t nobody(struct host *)
{
	return nobody_here();
}

static uint64_t now_us(struct host *)
{
	return clock_realtime_us();
}

static uint64_t monotonic_us(struct host *)
{
	return (uint64_t)clock_monotonic_us();
}

static struct sv about(struct host *h, enum host_about what)
{
	static const char *const files[] = {
		[HOST_NAME] = "sys/kernel/hostname", [HOST_BOOT] = "sys/kernel/random/boot_id"
	};
	struct text *t = &((struct live *)h)->about[what];
	struct sv s;

	if (!t->p)
		(void)file_read_proc(h->files.root, files[what], NULL, t);
	s = sv_n(t->p, t->len);
	return sv_take(&s, '\n');
}

static int limit(struct host *h, const char *file, int64_t *ret)
{
	struct text t = {};
	int r = file_read_proc(h->files.root, file, NULL, &t);

	*ret = facts_limit(sv_n(t.p, r < 0 ? 0 : t.len));
	text_done(&t);
	return r;
}

static int make_names(struct live *l, struct name_tables **ret)
{
	const struct host_files *f = &l->host.files;
	const struct name_opts no = { .proc_root = f->root, .tree = f->tree, .port_range = f->port_range };

	return names_new(&no, ret);
}

static int look_below(struct host *h, const char *tree, struct err *e)
{
	struct live *l = (struct live *)h;
	struct name_tables *names = NULL;
	_cleanup_close_ int fd = file_open_at(AT_FDCWD, tree, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = fd;

	if (r >= 0 && asprintf(&l->proc, "%s/proc", tree) < 0)
		r = -ENOMEM;
	if (r < 0)
		return err_sys(e, r, "%s", tree);
	h->files.tree = tree;
	if (!h->files.root)
		h->files.root = l->proc;
	r = make_names(l, &names);
	if (r < 0)
		return err_sys(e, r, "%s", tree);
	(void)names_free(h->names);
	h->names = names;
	h->output = names_for_output(names);
	return 0;
}

static void begin(struct host *h, struct notes *notes)
{
	struct live *l = (struct live *)h;

	for (size_t i = 0; i < HOST_ABOUT_MAX; i++)
		text_done(&l->about[i]);
	l->tenants = tenants_free(l->tenants);
	l->aside = aside_free(l->aside);
	l->has_tried_aside = false;
	l->held = held_free(l->held);
	l->has_tried_held = false;
	l->loose = loose_free(l->loose);
	names_begin(h->names, notes);
}

static void end(struct host *h)
{
	struct live *l = (struct live *)h;

	l->early = early_free(l->early);
	l->has_tried_early = false;
}

static void free_live(struct host *h)
{
	struct live *l = (struct live *)h;

	end(h);
	hang_up(l);
	(void)procs_kept_free(l->kept);
	(void)tenants_free(l->tenants);
	(void)aside_free(l->aside);
	(void)held_free(l->held);
	(void)held_kept_free(l->held_kept);
	(void)loose_free(l->loose);
	(void)names_free(h->names);
	for (size_t i = 0; i < HOST_ABOUT_MAX; i++)
		text_done(&l->about[i]);
	free(l->proc);
	free(l);
}

static const struct host_ops live_ops = {
	.open = open_kernel,
	.ask_early = ask_early,
	.open_text = open_text,
	.tenant = tenant,
	.tenant_of = tenant_of,
	.aside = aside,
	.held = held,
	.loose = loose,
	.read_owners = read_owners,
	.has_many_files = has_many_files,
	.facts = facts,
	.look_below = look_below,
	.places = places,
	.locals = find_locals,
	.nat = find_nat,
	.counters = counters,
	.here = here,
	.protocol_sockets = protocol_sockets,
	.limit = limit,
	.kept = kept_read,
	.about = about,
	.nobody = nobody,
	.now_us = now_us,
	.monotonic_us = monotonic_us,
	.begin = begin,
	.end = end,
	.free = free_live,
};

int host_live_new(const struct host_files *files, struct host **ret)
{
	_cleanup_free_ struct live *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->host.files = *files;
	r = make_names(l, &l->host.names);
	if (r < 0)
		return r;
	l->host.ops = &live_ops;
	l->host.output = names_for_output(l->host.names);
	l->host.kernel = release_running();
	l->host.is_live = true;
	*ret = &take_ptr(l)->host;
	return 0;
}
