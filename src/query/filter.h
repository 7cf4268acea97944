/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The filter language of ss: which sockets are wanted.
 *
 * A filter is parsed once, then asked about rows, printed in one canonical
 * form, and compiled to the program that inet_diag runs in the kernel. `and`,
 * `or` and juxtaposition bind equally, from the left; `not` binds to the next
 * term. The kernel's program lets through at least what filter_match() does,
 * so rows it passed must still be matched.
 *
 * `autobound` holds for an inet socket when its port is in the range of such
 * ports and, as far as the kernel could be asked, was not chosen by bind();
 * `not autobound` for all others. Only the kernel knows the second part: when
 * it was not asked, or cannot decide the rest of the filter, the range decides.
 *
 * A term about what a family of sockets does not have is false there: `src
 * 127.0.0.1` lists no unix socket, `not src 127.0.0.1` lists all. A term about
 * something the kernel did not tell (the mark, without CAP_NET_ADMIN) is
 * unknown: neither it nor its negation selects the row.
 *
 * Beside those predicates, which every ss has, a term can be about any field
 * of the registry: FIELD OPERATOR VALUE, FIELD in {VALUE, LO-HI}, has FIELD.
 * Its words may be glued together; man/ss-filter.7 describes them. Absent, a
 * field makes the term unknown, but for `has`. Of owners it is enough that one
 * fits. With such a term in it, an expression that mixes `and` and `or`
 * without parentheses is an error.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/notes.h"
#include "base/sv.h"
#include "base/text.h"
#include "model/field.h"

struct filter; /* NULL matches everything */

/* What a word may be the name of. */
enum filter_name {
	FILTER_NAME_TCP_PORT,
	FILTER_NAME_UDP_PORT,
	FILTER_NAME_TCP_PROGRAM, /* RPC program -> port; -ENOTUNIQ when it has several */
	FILTER_NAME_UDP_PROGRAM,
	FILTER_NAME_DEVICE, /* -> interface index */
	FILTER_NAME_CGROUP, /* path -> cgroup id; -ENOMEDIUM: there is one whose id nobody knows, -ENXIO: none
			       can be looked up */
	FILTER_NAME_ETHERTYPE, /* -> protocol of a packet socket */
	FILTER_NAME_NETLINK,   /* -> netlink protocol */
	FILTER_NAME_USER,      /* -> user id */
};

struct filter_addr {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t addr[16];
};

/* How names are looked up. A member may be NULL: then there are no such names. */
struct filter_names {
	/* Sets *@ret to the number @name stands for; 0, or a negative errno. */
	int (*number)(void *ctx, enum filter_name kind, struct sv name, uint64_t *ret);

	/* Writes up to @cap addresses of host @name, of @family unless that is AF_UNSPEC; returns how many,
	 * or a negative errno. */
	int (*host)(void *ctx, struct sv name, sa_family_t family, struct filter_addr *ret, size_t cap);
};

/* What the kernel that runs the program can be asked, beyond ports and addresses. */
enum {
	FILTER_PUSH_AUTO = 1,   /* rows say whether they passed the program: struct seg_dump */
	FILTER_PUSH_DEV = 2,    /* Linux 4.8 */
	FILTER_PUSH_MARK = 4,   /* Linux 4.9, and CAP_NET_ADMIN */
	FILTER_PUSH_CGROUP = 8, /* Linux 5.8 with socket cgroups */
};

struct filter_env {
	sa_family_t preferred;     /* family of operands that do not say theirs; AF_UNSPEC: inet and inet6 */
	uint64_t selected;         /* bits 1 << AF_* of the families to list; 0: not known */
	bool want_tcp, want_udp;   /* whose service names count; neither: both */
	bool is_everywhere;        /* sockets of several network namespaces: interfaces are told by name */
	uint16_t auto_lo, auto_hi; /* net.ipv4.ip_local_port_range; 0, 0: the kernel's default */
	bool is_auto_guessed;      /* it could not be found out */
	unsigned int push;         /* FILTER_PUSH_* */
	const struct filter_names *names;
	void *ctx;             /* for the names' functions */
	struct sv file;        /* contents of a filter file, empty for none */
	const char *file_name; /* for messages */
};

/*
 * Parses @words, then @env's file, as one expression. Nothing in it: success,
 * and *@ret is NULL. The filter keeps nothing of the arguments.
 * Returns 0; -EINVAL when it is not an expression; -EDOM when an operand is
 * not what its predicate needs; -EBADMSG when it is wrong in what it says
 * about a field, or mixes `and` and `or` and has such a term; -E2BIG, -ENOMEM. All with detail in @e, which
 * holds several lines: the expression, and what is wrong under the place.
 */
int filter_parse(const struct filter_env *env, const struct sv *words, size_t n_words, struct filter **ret,
		 struct err *e);

struct filter *filter_free(struct filter *f);

/* The prefixes that say the family of an address, by number; NULL after the last. */
const char *filter_prefix(size_t i);

/* Reads the filter file @path, "-" for standard input, to the end of @ret. 0, or a negative errno with
 * detail. */
int filter_file_read(const char *path, struct text *ret, struct err *e);

bool filter_match(const struct filter *f, const struct row *row);

/*
 * Whether filter_match(), which said @verdict, might have said the contrary had the fields @unseen of @row
 * been known; of owners, had there been others beside those in @row. Each term is taken for itself.
 */
bool filter_may_differ(const struct filter *f, const struct row *row, const struct fieldset *unseen,
		       bool verdict);

/* Bits 1 << AF_*: the families of which a socket can match. Operands qualified with a family narrow them. */
uint64_t filter_families(const struct filter *f);

/* Bits 1 << K_TCP_*: the states of which a socket can match. */
uint32_t filter_states(const struct filter *f);
bool filter_has_states(const struct filter *f);  /* it asks for states */
bool filter_has_auto(const struct filter *f);    /* it has `autobound`, of which only the kernel knows all */
bool filter_names_bound(const struct filter *f); /* bound-inactive ones by name */

/*
 * Whether there are ports, *@ret_n at most @cap of them, of which every IP socket that matches has one at
 * either end; they go into @ret, in host order.
 */
bool filter_ports(const struct filter *f, uint16_t *ret, size_t cap, size_t *ret_n);

/* True for what stands behind "state" in a filter, and not behind the word that selects states. */
bool filter_is_relation(struct sv word);

/* Adds the fields that filter_match() reads to @set. */
void filter_fields(const struct filter *f, struct fieldset *set);

/* The same without those by which only sockets are decided on that always have them: autobound's device. */
void filter_needs(const struct filter *f, struct fieldset *set);

/*
 * Bits 1 << AF_*: the families that operands are qualified with, or were read
 * as because they are preferred; 0 when none is. They take the place of the
 * families chosen before: `-4 src inet6:[::1]` lists IPv6.
 */
uint64_t filter_named(const struct filter *f);

bool filter_is_mixed(const struct filter *f); /* `and` and `or` meet without parentheses */

/* Adds what whoever wrote @f has to know about it. */
void filter_note(const struct filter *f, struct notes *notes);

/*
 * Appends the kernel's program for a dump of family @af (AF_INET, AF_INET6, or
 * AF_UNSPEC for either) to @ret; nothing when every socket has to be looked at.
 * Returns 1 when the program decides the whole filter, 0 when it lets more
 * through, -ENOMEM.
 */
int filter_bytecode(const struct filter *f, uint8_t af, struct text *ret);

/* Appends the canonical form: filters that print the same match the same. */
void filter_print(const struct filter *f, struct text *t);
