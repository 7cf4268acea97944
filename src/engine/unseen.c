/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/unseen.h"

#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"

enum { OPEN_ULP = 0x60f }; /* Linux 6.15 tells everybody which ULP there is */

static struct seg_dump dump_of(const struct row *row)
{
	struct sv s = row_bytes(row, SEG_DUMP);
	struct seg_dump dump = {};

	if (s.len >= sizeof(dump))
		memcpy(&dump, s.p, sizeof(dump));
	return dump;
}

/* A socket made by somebody who has a descriptor for it, or had one. */
static bool is_held(const struct row *row)
{
	/* The kernel holds some netlink sockets itself, and they have inodes too. */
	return field_u64(row, F_INODE, 0) && field_u64(row, F_NETLINK_PORTID, 1);
}

static bool hides_owners(const struct unseen *, const struct context *c, const struct row *row)
{
	return (dump_of(row).is_recorded || context_sight(c) != PROCS_SIGHT_ALL) && is_held(row);
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
	return !row_has(row, SEG_ULP_NAME) && dump_of(row).kernel && dump_of(row).kernel < OPEN_ULP;
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

static bool hides_user(const struct unseen *u, const struct context *, const struct row *row)
{
	return field_u64(row, F_UID, UINT64_MAX - 1) == u->nobody;
}

static const char for_admin[] = "the kernel tells them to CAP_NET_ADMIN only";

static const struct {
	const char *what; /* of sockets, in the plural */
	bool (*is)(const struct unseen *u, const struct context *c, const struct row *row);
	const char *why; /* NULL: the context knows */
	enum field_id fields[20];
} kinds[UNSEEN_MAX] = {
	[UNSEEN_OWNERS] = { "the processes",
			    hides_owners,
			    NULL,
			    { F_OWNERS, F_PROC_NAME, F_PROC_PID, F_PROC_TID, F_PROC_FD } },
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

static bool has_net_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	return syscall(SYS_capget, &header, data) == 0 &&
	       data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN);
}

static uint64_t read_number(const char *path, uint64_t otherwise)
{
	struct text t = {};
	uint64_t n = otherwise;

	if (file_read(path, 64, &t) == 0) {
		struct sv s = sv_n(t.p, t.len);

		if (!num_read(sv_take(&s, '\n'), 10, UINT32_MAX, &n))
			n = otherwise;
	}
	text_done(&t);
	return n;
}

/* How many user ids of the system are one here. */
static uint64_t mapped_users(void)
{
	struct text t = {};
	uint64_t sum = 0, n;
	struct sv rest, line;

	if (file_read("/proc/self/uid_map", 1 << 16, &t) < 0)
		sum = UINT32_MAX; /* there are no user namespaces */
	for (rest = sv_n(t.p, t.len); rest.len;) {
		line = sv_take(&rest, '\n');
		(void)sv_word(&line);
		(void)sv_word(&line);
		if (num_read(sv_word(&line), 10, UINT32_MAX, &n))
			sum += n;
	}
	text_done(&t);
	return sum;
}

void unseen_init(struct unseen *u, const struct plan *plan)
{
	const struct plan_opts *o = plan->o;
	struct fieldset filter = {};
	uint32_t all;

	*u = (struct unseen){ .nobody = UINT64_MAX, .filter = o->filter, .is_recorded = o->tcp_file };
	for (unsigned int k = 0; k < UNSEEN_MAX; k++)
		for (size_t i = 0; i < ARRAY_SIZE(kinds[k].fields) && (!i || kinds[k].fields[i]); i++)
			fieldset_add(&u->of[k], kinds[k].fields[i]);
	filter_fields(o->filter, &filter);
	u->in_filter = kinds_of(u, &filter);
	u->in_keys = kinds_of(u, &o->keys);
	u->in_named = kinds_of(u, &o->named);
	u->in_shown = u->in_named | (kinds_of(u, &o->fields) & 1u << UNSEEN_OWNERS);
	if (u->is_recorded) /* whoever reads one knows */
		u->in_shown &= ~(1u << UNSEEN_OWNERS);
	all = u->in_filter | u->in_keys | u->in_shown;
	/* Whoever made a recording may have had it. */
	if (all & (1u << UNSEEN_MARK | 1u << UNSEEN_MD5 | 1u << UNSEEN_ULP))
		u->may_admin = u->is_recorded || has_net_admin();
	if (all >> UNSEEN_USER & 1 && mapped_users() < UINT32_MAX)
		u->nobody = read_number("/proc/sys/kernel/overflowuid", 65534);
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

	return k != UNSEEN_OWNERS || !field_get(row, F_OWNERS, &v) || !v.owners.n;
}

bool unseen_filtered(struct unseen *u, const struct context *c, const struct row *row, bool verdict)
{
	uint32_t bits = hidden(u, c, row, u->in_filter);
	struct fieldset set = {};

	if (!bits)
		return false;
	for (unsigned int k = 0; k < UNSEEN_MAX; k++)
		for (size_t i = 0; bits >> k & 1 && i < ARRAY_SIZE(set.w); i++)
			set.w[i] |= u->of[k].w[i];
	if (!filter_may_differ(u->filter, row, &set, verdict))
		return false;
	for (unsigned int k = 0; k < UNSEEN_MAX; k++) {
		u->decisive[k].n += bits >> k & 1;
		u->decisive[k].n_bare += bits >> k & 1 && is_bare(k, row);
	}
	return true;
}

void unseen_passed(struct unseen *u, const struct context *c, const struct row *row)
{
	uint32_t bits = hidden(u, c, row, u->in_keys | u->in_shown);

	for (unsigned int k = 0; bits && k < UNSEEN_MAX; k++) {
		bool is = bits >> k & 1, bare = is && is_bare(k, row);

		u->shown[k].n += is && bare && u->in_shown >> k & 1;
		u->decisive[k].n += is && u->in_keys >> k & 1;
		u->decisive[k].n_bare += bare && u->in_keys >> k & 1;
	}
}

/*
 * Whether hidden processes have to be reckoned with. To an ordinary user all are hidden that make up the
 * system, and they share sockets with his (by sshd, systemd, ...). Those hidden from root are few, or live in
 * another world; that they hold sockets here shows in sockets that nobody else does.
 */
static bool counts(const struct unseen *u, const struct context *c, enum unseen_kind k)
{
	enum procs_sight sight = context_sight(c);
	bool is_strict =
		k != UNSEEN_OWNERS || u->is_recorded || (sight != PROCS_SIGHT_NAMESPACE && geteuid() != 0);

	return is_strict ? u->decisive[k].n : u->decisive[k].n_bare;
}

static void put_why(const struct unseen *u, const struct context *c, enum unseen_kind k, struct text *t)
{
	if (kinds[k].why)
		text_str(t, kinds[k].why);
	else if (u->is_recorded)
		text_str(t, "a recording does not tell them");
	else
		context_put_blind(c, t);
}

static bool report(const struct unseen *u, const struct context *c, enum unseen_kind k, bool is_kill,
		   struct notes *notes)
{
	bool is_decisive = counts(u, c, k), is_named = u->in_named >> k & 1;
	uint64_t n = is_decisive ? u->decisive[k].n : u->shown[k].n;
	const char *effect = !is_decisive ? ""
			     : is_kill    ? ", so they were left alone"
					  : ", and the answer depends on them";
	struct text why = {};

	if (!n)
		return false;
	put_why(u, c, k, &why);
	text_char(&why, '\0');
	notes->is_partial |= is_decisive;
	notes_add(notes,
		  is_decisive && is_kill    ? NOTE_ERROR
		  : is_decisive || is_named ? NOTE_WARNING
					    : NOTE_HINT,
		  "%s of %llu socket%s could not be seen%s: %s", kinds[k].what, (unsigned long long)n,
		  n == 1 ? "" : "s", effect, why.failed ? "out of memory" : why.p);
	text_done(&why);
	return true;
}

uint32_t unseen_report(const struct unseen *u, const struct context *c, bool is_kill, struct notes *notes)
{
	uint32_t told = 0;

	for (unsigned int k = 0; k < UNSEEN_MAX; k++)
		told |= (uint32_t)report(u, c, (enum unseen_kind)k, is_kill, notes) << k;
	return told;
}
