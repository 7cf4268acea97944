/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/unseen.h"

#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run/queue.h"
#include "run/why.h"

enum { OPEN_ULP = 0x60f }; /* Linux 6.15 tells everybody which ULP there is */

/* A socket made by somebody who has a descriptor for it, or had one. */
static bool is_held(const struct row *row)
{
	/* The kernel holds some netlink sockets itself, and they have inodes too. */
	return field_u64(row, F_INODE, 0) && field_u64(row, F_NETLINK_PORTID, 1);
}

/* Of a tunnel's port it is known that no process has it. */
static bool hides_owners(const struct unseen *u, const struct context *c, const struct row *row)
{
	if (row_dump(row)->is_recorded)
		return is_held(row);
	return context_sight(c) != PROCS_SIGHT_ALL && is_held(row) && !why_is_of_iface(u->names, row);
}

/* Whether there is an owner of which a text that is wanted may not be read. */
static bool hides_parts(const struct unseen *, const struct context *, const struct row *row)
{
	struct val v;

	if (!PARTS_READ || !field_get(row, F_OWNERS, &v))
		return false;
	for (size_t i = 0; i < v.owners.n; i++)
		for (enum part part = 1; part < PART_MAX; part++)
			if (PARTS_READ >> part & 1 && part_is_hidden(&v.owners.v[i], part))
				return true;
	return false;
}

static bool hides_peer_owners(const struct unseen *, const struct context *c, const struct row *row)
{
	return (row_dump(row)->is_recorded || context_sight(c) != PROCS_SIGHT_ALL) &&
	       field_u64(row, F_PEER_INODE, 0);
}

static struct seg_peer_end peer_end(const struct row *row)
{
	struct seg_peer_end end = {};

	if (row_has(row, SEG_PEER_END))
		memcpy(&end, row->seg[SEG_PEER_END], sizeof(end));
	return end;
}

static bool hides_peers(const struct unseen *, const struct context *, const struct row *row)
{
	return peer_end(row).is_missing;
}

static bool hides_peer_cgroup(const struct unseen *, const struct context *, const struct row *row)
{
	return peer_end(row).lacks_cgroup;
}

/* Whether the kernel kept from us what only CAP_NET_ADMIN may see. */
static bool lacks_admin(const struct unseen *u, const struct row *row)
{
	if (!row_has(row, SEG_INET_MSG) || row_has(row, SEG_MARK))
		return false;
	/* What is left of a socket in TIME-WAIT has a mark only when it is not 0. */
	return !u->may_admin || field_u64(row, F_STATE, 0) != K_TCP_TIME_WAIT;
}

static bool hides_mark(const struct unseen *u, const struct context *, const struct row *row)
{
	return lacks_admin(u, row);
}

static bool is_full_tcp(const struct row *row)
{
	return field_u64(row, F_PROTOCOL, 0) == IPPROTO_TCP && field_u64(row, F_INODE, 0) &&
	       field_u64(row, F_STATE, 0) != K_TCP_TIME_WAIT;
}

static bool hides_md5(const struct unseen *u, const struct context *, const struct row *row)
{
	return is_full_tcp(row) && !row_has(row, SEG_MD5SIG) && lacks_admin(u, row);
}

/* Before Linux 6.15 all of it; later only how the sequence numbers of an MPTCP subflow fit together. */
static bool hides_ulp(const struct unseen *u, const struct context *, const struct row *row)
{
	if (!is_full_tcp(row) || !lacks_admin(u, row))
		return false;
	if (row_has(row, SEG_SF_FLAGS))
		return !row_has(row, SEG_SF_MAP_SEQ);
	return !row_has(row, SEG_ULP_NAME) && row_dump(row)->kernel && row_dump(row)->kernel < OPEN_ULP;
}

static bool hides_packet_filter(const struct unseen *, const struct context *, const struct row *row)
{
	return row_has(row, SEG_PACKET_FILTER) && !row->len[SEG_PACKET_FILTER];
}

static bool hides_cgroup(const struct unseen *, const struct context *c, const struct row *row)
{
	struct sv path = row_bytes(row, SEG_CGROUP_PATH);

	return row_has(row, SEG_CGROUP_ID) && (!path.len || path.p[0] != '/') && !context_sees_cgroups(c);
}

static bool hides_tenants(const struct unseen *, const struct context *c, const struct row *row)
{
	if (row_has(row, SEG_TENANT))
		return false;
	return row_dump(row)->is_recorded || (row_has(row, SEG_CGROUP_ID) && !context_sees_cgroups(c)) ||
	       (is_held(row) && context_sight(c) != PROCS_SIGHT_ALL);
}

static bool hides_peer_tenants(const struct unseen *, const struct context *c, const struct row *row)
{
	struct seg_peer_end end = peer_end(row);

	if (row_has(row, SEG_PEER_TENANT) || (!end.inode && !end.cgroup))
		return false;
	return row_dump(row)->is_recorded || end.lacks_cgroup || (end.cgroup && !context_sees_cgroups(c)) ||
	       (end.inode && context_sight(c) != PROCS_SIGHT_ALL);
}

/* Whether the segment @seg has a container without a name, for @lack. */
static bool lacks_names(const struct row *row, enum seg seg, enum tenant_lack lack)
{
	struct sv s = row_bytes(row, seg);
	struct tenant t;

	if (s.len < sizeof(t))
		return false;
	memcpy(&t, s.p, sizeof(t));
	return t.lack == lack && (!t.name.len || (t.pod_uid.len && !t.pod_name.len));
}

#define LACKS_NAMES(name, seg, lack)                                                           \
	static bool name(const struct unseen *, const struct context *, const struct row *row) \
	{                                                                                      \
		return lacks_names(row, seg, lack);                                            \
	}

LACKS_NAMES(bars_names, SEG_TENANT, TENANT_BARRED)
LACKS_NAMES(delays_names, SEG_TENANT, TENANT_LATE)
LACKS_NAMES(breaks_names, SEG_TENANT, TENANT_BROKEN)
LACKS_NAMES(bars_peer_names, SEG_PEER_TENANT, TENANT_BARRED)
LACKS_NAMES(delays_peer_names, SEG_PEER_TENANT, TENANT_LATE)
LACKS_NAMES(breaks_peer_names, SEG_PEER_TENANT, TENANT_BROKEN)

/* Whether somebody has it who may not be looked into; what the kernel has for itself counts as well. */
static bool hides_sockopts(const struct unseen *, const struct context *, const struct row *row)
{
	return is_held(row) && field_u64(row, F_OPT_REUSEADDR, HELD_NONE) == HELD_NONE;
}

static bool hides_payload(const struct unseen *, const struct context *, const struct row *row)
{
	return is_held(row) && queue_is_of_datagrams(row) &&
	       field_u64(row, F_PAYLOAD_RECVQ, HELD_NONE) == HELD_NONE;
}

static bool hides_user(const struct unseen *u, const struct context *, const struct row *row)
{
	return field_u64(row, F_UID, UINT64_MAX - 1) == u->nobody;
}

/* clang-format off */
#define NAMES { F_CONTAINER_NAME, F_CONTAINER_RUNTIME, F_POD_NAME, F_POD_NAMESPACE }
#define PEER_NAMES { F_PEER_CONTAINER_NAME, F_PEER_CONTAINER_RUNTIME, F_PEER_POD_NAME, F_PEER_POD_NAMESPACE }
/* clang-format on */

static const char barred[] = "the files in which their runtimes keep them may not be read; run as root";
static const char late[] = "the file system in which their runtimes keep them does not answer";
static const char broken[] = "the files in which their runtimes keep them cannot be read, or not understood";
static const char for_admin[] = "the kernel tells them to CAP_NET_ADMIN only";

static const struct {
	const char *what; /* of sockets, in the plural */
	bool (*is)(const struct unseen *u, const struct context *c, const struct row *row);
	const char *why;          /* NULL: the context knows */
	enum field_id fields[28]; /* 0, which none of them is, ends them */
} kinds[UNSEEN_MAX] = {
	[UNSEEN_OWNERS] = { "the processes",
			    hides_owners,
			    NULL,
			    {
				    F_OWNERS,
#define PART(id, ...) F_PROC_##id,
#include "model/defs/part.def"
			    } },
	[UNSEEN_PARTS] = { "some facts about the processes",
			   hides_parts,
			   "of the processes of others the kernel tells them to CAP_SYS_PTRACE only",
			   {
#define READ(id, ...) F_PROC_##id,
#include "model/defs/part.def"
			   } },
	[UNSEEN_PEER_OWNERS] = { "the processes at the other end",
				 hides_peer_owners,
				 NULL,
				 {
					 F_PEER_OWNERS,
#define PART(id, ...) F_PEER_PROC_##id,
#include "model/defs/part.def"
				 } },
	[UNSEEN_PEERS] = { "the other ends",
			   hides_peers,
			   NULL,
			   {
				   F_PEER_OWNERS,
				   F_PEER_INODE,
				   F_PEER_NETNS,
				   F_PEER_NETNS_ID,
				   F_PEER_CGROUP,
#define PART(id, ...) F_PEER_PROC_##id,
#include "model/defs/part.def"
#define TENANT(id, ...) F_PEER_##id,
#include "model/defs/tenant.def"
			   } },
	[UNSEEN_PEER_CGROUP] = { "the cgroups at the other end",
				 hides_peer_cgroup,
				 "the sockets there were read from /proc/net, which does not tell them",
				 { F_PEER_CGROUP } },
	[UNSEEN_MARK] = { "the marks",
			  hides_mark,
			  "the kernel tells them to CAP_NET_ADMIN only, and /proc/net never",
			  { F_MARK } },
	[UNSEEN_MD5] = { "the MD5 keys", hides_md5, for_admin, { F_MD5SIG } },
	[UNSEEN_ULP] = { "the upper layer protocols",
			 hides_ulp,
			 for_admin,
			 { F_ULP, F_TLS_VERSION, F_TLS_CIPHER, F_TLS_TXCONF, F_TLS_RXCONF, F_TLS_TX_MAX,
			   F_TLS_ZC_RO_TX, F_TLS_NO_PAD, F_SF_FLAGS, F_SF_TOKEN_REM, F_SF_TOKEN_LOC,
			   F_SF_ID_REM, F_SF_ID_LOC, F_SF_SEQ, F_SF_SFSEQ, F_SF_SSN_OFFSET, F_SF_DATALEN,
			   F_SF_RELWRITE_SEQ } },
	[UNSEEN_PACKET_FILTER] = { "the filter programs",
				   hides_packet_filter,
				   for_admin,
				   { F_PACKET_FILTER } },
	[UNSEEN_CGROUP] = { "the cgroups",
			    hides_cgroup,
			    "the tree of cgroup2 is not mounted here, or only a part of it",
			    { F_CGROUP_PATH } },
	[UNSEEN_TENANT] = { "the units and containers",
			    hides_tenants,
			    "their cgroups are out of sight here, and so are the processes that hold them",
			    {
#define TENANT(id, ...) F_##id,
#include "model/defs/tenant.def"
			    } },
	[UNSEEN_PEER_TENANT] = { "the units and containers at the other end",
				 hides_peer_tenants,
				 "their cgroups are out of sight here, and so are the processes that hold "
				 "them",
				 {
#define TENANT(id, ...) F_PEER_##id,
#include "model/defs/tenant.def"
				 } },
	[UNSEEN_NAMES_BARRED] = { "the names of containers", bars_names, barred, NAMES },
	[UNSEEN_NAMES_LATE] = { "the names of containers", delays_names, late, NAMES },
	[UNSEEN_NAMES_BROKEN] = { "the names of containers", breaks_names, broken, NAMES },
	[UNSEEN_PEER_NAMES_BARRED] = { "the names of containers at the other end", bars_peer_names, barred,
				       PEER_NAMES },
	[UNSEEN_PEER_NAMES_LATE] = { "the names of containers at the other end", delays_peer_names, late,
				     PEER_NAMES },
	[UNSEEN_PEER_NAMES_BROKEN] = { "the names of containers at the other end", breaks_peer_names, broken,
				       PEER_NAMES },
	[UNSEEN_SOCKOPTS] = { "the options",
			      hides_sockopts,
			      "a socket tells them to who has it, or may trace a process that has it (run as "
			      "root), and no recording has them",
			      {
				      F_OPT_CONGESTION,
#define SOCKOPT(id, ...) F_OPT_##id,
#include "model/defs/sockopt.def"
			      } },
	[UNSEEN_PAYLOAD] = { "the payload of the queues",
			     hides_payload,
			     "of datagrams that wait BPF alone tells it (run as root, on Linux 6.2 or later, "
			     "with --source=bpf)",
			     { F_PAYLOAD_RECVQ, F_PAYLOAD_PACKETS } },
	[UNSEEN_USER] = { "the users",
			  hides_user,
			  "some have no number in this user namespace, and all of those look the same",
			  { F_UID, F_USER } },
};

static uint32_t kinds_of(const struct unseen *u, const struct fieldset *set)
{
	uint32_t bits = 0;

	for (unsigned int k = 0; k < UNSEEN_MAX; k++)
		for (size_t i = 0; i < ARRAY_SIZE(set->w); i++)
			bits |= set->w[i] & u->of[k].w[i] ? 1u << k : 0;
	return bits;
}

bool unseen_has_net_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	return syscall(SYS_capget, &header, data) == 0 &&
	       data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN);
}

void unseen_init(struct unseen *u, const struct plan *plan, struct host *host)
{
	const struct plan_opts *o = plan->o;
	struct fieldset filter = {};
	uint32_t all;

	*u = (struct unseen){ .nobody = UINT64_MAX,
			      .filter = o->filter,
			      .names = host->output,
			      .is_recorded = o->is_tcp_recorded };
	for (unsigned int k = 0; k < UNSEEN_MAX; k++)
		for (size_t i = 0; i < ARRAY_SIZE(kinds[k].fields) && kinds[k].fields[i]; i++)
			fieldset_add(&u->of[k], kinds[k].fields[i]);
	filter_fields(o->filter, &filter);
	u->in_filter = kinds_of(u, &filter);
	u->in_keys = kinds_of(u, &o->keys);
	u->in_named = kinds_of(u, &o->named);
	u->in_shown =
		u->in_named | (kinds_of(u, &o->fields) & (1u << UNSEEN_OWNERS | 1u << UNSEEN_PEER_OWNERS |
							  1u << UNSEEN_PEERS | 1u << UNSEEN_SOCKOPTS));
	if (u->is_recorded) /* whoever reads one knows */
		u->in_shown &= ~(1u << UNSEEN_OWNERS);
	all = u->in_filter | u->in_keys | u->in_shown;
	/* Whoever made a recording may have had it. */
	if (all & (1u << UNSEEN_MARK | 1u << UNSEEN_MD5 | 1u << UNSEEN_ULP))
		u->may_admin =
			u->is_recorded || (host->is_live ? unseen_has_net_admin() : !host->lacks_admin);
	if (all >> UNSEEN_USER & 1)
		u->nobody = host_nobody(host);
}

/* Those of @kinds_ that are hidden in @row. */
static uint32_t hidden(const struct unseen *u, const struct context *c, const struct row *row,
		       uint32_t wanted)
{
	uint32_t bits = 0;

	for (; wanted; wanted &= wanted - 1) {
		unsigned int k = (unsigned int)__builtin_ctz(wanted);

		bits |= (uint32_t)kinds[k].is(u, c, row) << k;
	}
	return bits;
}

static bool is_bare(enum unseen_kind k, const struct row *row)
{
	struct val v;

	if (k != UNSEEN_OWNERS && k != UNSEEN_PEER_OWNERS)
		return true;
	return !field_get(row, k == UNSEEN_OWNERS ? F_OWNERS : F_PEER_OWNERS, &v) || !v.owners.n;
}

static void count_one(struct unseen_count *count, enum unseen_kind k, const struct row *row, bool is_meant)
{
	count->n++;
	count->n_bare += is_bare(k, row);
	count->n_meant += is_meant;
}

bool unseen_filtered(struct unseen *u, const struct context *c, const struct row *row, bool verdict)
{
	uint32_t bits = hidden(u, c, row, u->in_filter);
	struct fieldset set = {};

	u->counted = 0;
	if (!bits)
		return false;
	for (unsigned int k = 0; k < UNSEEN_MAX; k++)
		for (size_t i = 0; bits >> k & 1 && i < ARRAY_SIZE(set.w); i++)
			set.w[i] |= u->of[k].w[i];
	if (!filter_may_differ(u->filter, row, &set, verdict))
		return false;
	u->counted = bits;
	for (unsigned int k = 0; k < UNSEEN_MAX && !u->is_again; k++)
		if (bits >> k & 1)
			count_one(&u->filtered[k], (enum unseen_kind)k, row, verdict);
	return true;
}

/* Remembers that of @row the kinds in @bits are hidden. */
static void count_passed(struct unseen *u, const struct row *row, uint32_t bits)
{
	for (unsigned int k = 0; k < UNSEEN_MAX; k++) {
		if (!(bits >> k & 1))
			continue;
		if (u->in_shown >> k & 1 && is_bare((enum unseen_kind)k, row))
			count_one(&u->shown[k], (enum unseen_kind)k, row, true);
		if (u->in_keys >> k & 1 && !(u->counted >> k & 1))
			count_one(&u->keyed[k], (enum unseen_kind)k, row, true);
	}
}

static bool has_owners(const struct row *row)
{
	size_t n = 0;

	if (row_has(row, SEG_OWNERS))
		memcpy(&n, row->seg[SEG_OWNERS] + offsetof(struct owners, n), sizeof(n));
	return n > 0;
}

/* Whether all that there is to know of a tenant is known: then nothing of it is hidden. */
static bool is_whole_tenant(const struct row *row)
{
	uint8_t lack = TENANT_BROKEN;

	if (row_has(row, SEG_TENANT))
		memcpy(&lack, row->seg[SEG_TENANT] + offsetof(struct tenant, lack), sizeof(lack));
	return lack == TENANT_WHOLE;
}

void unseen_passed(struct unseen *u, const struct context *c, const struct row *row)
{
	const uint32_t owners = 1u << UNSEEN_OWNERS;
	const uint32_t tenants = 1u << UNSEEN_TENANT | 1u << UNSEEN_NAMES_BARRED | 1u << UNSEEN_NAMES_LATE |
				 1u << UNSEEN_NAMES_BROKEN;
	uint32_t wanted = u->in_keys | u->in_shown, bits;

	/* Most sockets have one in sight: where they are only shown nobody misses another. */
	if (wanted & owners && !(u->in_keys & owners) && has_owners(row))
		wanted &= ~owners;
	if (wanted & tenants && is_whole_tenant(row))
		wanted &= ~tenants;
	if (!wanted || u->is_again)
		return;
	bits = hidden(u, c, row, wanted);
	if (bits)
		count_passed(u, row, bits);
}

/*
 * Whether hidden processes have to be reckoned with. To an ordinary user all are hidden that make up the
 * system, and they share sockets with his (by sshd, systemd, ...). Those hidden from root are few, or live in
 * another world; that they hold sockets here shows in sockets that nobody else does.
 */
static bool counts(const struct unseen *u, const struct context *c, enum unseen_kind k,
		   const struct unseen_count *count)
{
	enum procs_sight sight = context_sight(c);
	bool is_strict;

	if (!count->n)
		return false;
	is_strict = (k != UNSEEN_OWNERS && k != UNSEEN_PEER_OWNERS) || u->is_recorded ||
		    (sight != PROCS_SIGHT_NAMESPACE && geteuid() != 0);

	return is_strict ? count->n : count->n_bare;
}

static void put_why(const struct unseen *u, const struct context *c, enum unseen_kind k, struct text *t)
{
	if (kinds[k].why)
		text_str(t, kinds[k].why);
	else if (k == UNSEEN_PEERS)
		context_put_peers(c, t);
	else if (u->is_recorded)
		text_str(t, "a recording does not tell them");
	else
		context_put_blind(c, t);
}

/* That something is hidden of @n sockets, and what comes of it. */
struct telling {
	enum note level;
	uint64_t n;
	const char *effect;
};

static void tell(const struct unseen *u, const struct context *c, enum unseen_kind k, struct telling what,
		 struct notes *notes)
{
	struct text why = {};

	put_why(u, c, k, &why);
	text_char(&why, '\0');
	notes_add(notes, what.level, "%s of %llu socket%s could not be seen%s: %s", kinds[k].what,
		  (unsigned long long)what.n, what.n == 1 ? "" : "s", what.effect,
		  why.failed ? "out of memory" : why.p);
	text_done(&why);
}

/* A socket about which the filter cannot be sure is listed or not all the same, but never destroyed. */
static bool report(const struct unseen *u, const struct context *c, enum unseen_kind k, bool is_kill,
		   struct notes *notes)
{
	const struct unseen_count *filtered = &u->filtered[k], *keyed = &u->keyed[k];
	struct unseen_count both = { .n = filtered->n + keyed->n,
				     .n_bare = filtered->n_bare + keyed->n_bare };
	const struct unseen_count *answer = is_kill ? keyed : &both;
	/* That those were left alone which would have been listed is told in any case. */
	uint64_t n_left = counts(u, c, k, filtered) ? filtered->n : filtered->n_meant;
	bool is_left = is_kill && n_left, is_decisive = counts(u, c, k, answer);

	if (is_left)
		tell(u, c, k, (struct telling){ NOTE_ERROR, n_left, ", so they were left alone" }, notes);
	if (is_decisive)
		tell(u, c, k, (struct telling){ NOTE_WARNING, answer->n, ", and the answer depends on them" },
		     notes);
	notes->is_partial |= is_left || is_decisive;
	if (is_left || is_decisive || !u->shown[k].n)
		return is_left || is_decisive;
	tell(u, c, k, (struct telling){ u->in_named >> k & 1 ? NOTE_WARNING : NOTE_HINT, u->shown[k].n, "" },
	     notes);
	return true;
}

uint32_t unseen_report(const struct unseen *u, const struct context *c, bool is_kill, struct notes *notes)
{
	uint32_t told = 0;

	for (unsigned int k = 0; k < UNSEEN_MAX; k++)
		told |= (uint32_t)report(u, c, (enum unseen_kind)k, is_kill, notes) << k;
	return told;
}
