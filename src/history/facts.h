/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a recording has besides messages: the facts of a sample, their keys and their values.
 *
 * The numbers below stay what they are; new ones come behind. A number is little endian whatever the machine.
 * A key is numbers of fixed width, one behind the other, and a word behind them where one is said. A value is
 * a text, or a list of members: each a byte that says which it is, the length of what it holds in LEB128, and
 * that: a text, a list of members, or a number in as few bytes as it needs, 0 in none. A reader passes over
 * members that it does not know.
 */

#include "base/text.h"

enum fact {
	FACT_MAKING = 1, /* a word: a text; how the sample was made */
	FACT_MACHINE,    /* a word: a text; of the machine, and of who asked it */
	FACT_ANSWER,     /* netns u32, table u32, family u8, states u32: ANSWER_*; a question that was put */
	FACT_NOTE,       /* u32, in their order: NOTED_*; what was to be known about the answer */
	FACT_PLACE,      /* netns u32: PLACE_*; a network namespace that was asked */
	FACT_IFACE,      /* netns u32, index u32: its name */
	FACT_USER,       /* uid u32: the name */
	FACT_CGROUP,     /* id u64: CGROUP_* */
	FACT_TENANT,     /* id u64 of a cgroup: TENANT_*; who is in it */
	FACT_TENANT_OF,  /* pid u32: the same of the cgroup of a process */
	FACT_OWNERS,     /* inode u32: OWNER_ONE any number of times; who holds a socket */
	FACT_PROCESS,    /* pid u32: PROCESS_*; one that is an owner */
	FACT_PID_NAME,   /* pid u32: the name of a process whose number an address has */
	FACT_FILE,       /* netns u32, a path below /proc: what is in it */
	FACT_TOTALS,     /* a word: a number in decimal digits; counts of sockets where the sample was made */
	FACT_LOCAL,      /* netns u32, 16 bytes, length u8: empty; a prefix of addresses it has for its own */
	FACT_ASIDE,      /* inode u32: ASIDE_*; of a socket that no process has a descriptor of */
	FACT_UNBOUND,    /* inode u32: UNBOUND_*; a socket that is in no table */
	FACT_NAT,        /* netns u32, protocol u8, 36 bytes: another 36, or none; what the two ends of a
			    connection have whose addresses are changed on the way: the local address, 16
			    bytes, and port, big endian, and the peer's; none where there are several that the
			    other end may have */
	FACT_NAT_READ,   /* netns u32: empty, or why those could not be read */
	FACT_END,        /* one more than the last */
};

/* Members of FACT_ANSWER. */
enum { ANSWER_REFUSED = 1 /* enum answer_refused */, ANSWER_WHY /* text */, ANSWER_FAILED /* text */ };

/* Why the kernel did not answer; what was read in its place, if anything, is in the sample. */
enum answer_refused { ANSWER_GIVEN, ANSWER_NO_TABLE, ANSWER_ERROR };

/* Members of FACT_NOTE: enum note, a text, and 1 where it is about which network namespaces there are. */
enum { NOTED_KIND = 1, NOTED_TEXT, NOTED_OF_PLACES };

/* Members of FACT_PLACE. */
enum { PLACE_NAME = 1, PLACE_ORDER /* 0: home */, PLACE_N_TCP /* one more than there are; 0: not known */ };

/* Members of FACT_CGROUP. */
enum { CGROUP_PATH = 1, CGROUP_SHOWN /* what the classic text has in its place */ };

/* Members of FACT_TENANT and FACT_TENANT_OF. */
enum {
	TENANT_LACK = 1, /* enum tenant_lack */
	TENANT_IS_ROOT,
	TENANT_UNIT,
	TENANT_SLICE,
	TENANT_CONTAINER_NAME,
	TENANT_CONTAINER_ID,
	TENANT_CONTAINER_RUNTIME,
	TENANT_POD_NAME,
	TENANT_POD_NAMESPACE,
	TENANT_POD_UID,
};

/* The member of FACT_OWNERS, and the members of that. */
enum { OWNER_ONE = 1 };
enum { OWNER_PID = 1, OWNER_TID, OWNER_FD /* one more than it is; 0: not known */, OWNER_HOLDER, OWNER_COMM };

/* Members of FACT_ASIDE. */
enum {
	ASIDE_IN_RING = 1, /* registered with an io_uring */
	ASIDE_IN_FLIGHT, /* how many descriptors were under way between processes then, of whatever socket */
};

enum { NAT_END = 36 }; /* bytes of what one end has, in FACT_NAT */

/* Members of FACT_UNBOUND. */
enum {
	UNBOUND_FAMILY = 1,
	UNBOUND_TYPE,
	UNBOUND_PROTOCOL,
	UNBOUND_WHY,
	UNBOUND_IDLE_MS, /* one more than it is; 0: not known */
};

/* Members of FACT_PROCESS. A text that is there and empty may not be read. */
enum {
	PROCESS_NAME = 1,
	PROCESS_FULL_NAME,
	PROCESS_EXE,
	PROCESS_CMDLINE,
	PROCESS_USER,
	PROCESS_START,
	PROCESS_PARENT,
	PROCESS_STATE,
	PROCESS_FILES_MAX,
	PROCESS_UNBOUND,
};

/*
 * Which table a message is of: its number in the lower half of store_message.table. Tables that differ in the
 * type of their sockets only are one.
 */
enum fact_table {
	FACT_TABLE_NONE,
	FACT_TABLE_NETLINK,
	FACT_TABLE_PACKET,
	FACT_TABLE_UNIX,
	FACT_TABLE_RAW,
	FACT_TABLE_UDP,
	FACT_TABLE_TCP,
	FACT_TABLE_DCCP,
	FACT_TABLE_SCTP,
	FACT_TABLE_VSOCK,
	FACT_TABLE_TIPC,
	FACT_TABLE_XDP,
	FACT_TABLE_MPTCP,
	FACT_TABLE_SMC,
	FACT_TABLE_UDPLITE,
	FACT_TABLE_ICMP,
	FACT_TABLE_EVENT, /* what happened to a connection since the sample before: history/event.h */
};

/* Besides: the message is made of a text under /proc/net. */
#define FACT_TABLE_IS_TEXT (UINT32_C(1) << 16)

enum { FACT_VERSION = 1 };

struct fact_key {
	uint8_t p[256];
	size_t len;
};

static inline struct sv fact_key_sv(const struct fact_key *k)
{
	return sv_n(k->p, k->len);
}

/* Appends a number of @width bytes to a key, or a word, of which as much as fits. */
void fact_key_add(struct fact_key *k, uint64_t v, size_t width);
void fact_key_add_word(struct fact_key *k, struct sv word);

/* Takes a number of @width bytes off the front of a key; 0 when it is shorter. */
uint64_t fact_key_take(struct sv *key, size_t width);

/* Keys of one number, and of a number and a word. */
struct fact_key fact_key_u32(uint32_t v);
struct fact_key fact_key_u64(uint64_t v);
struct fact_key fact_key_named(uint32_t v, const char *word);

/* Append a member to a value. */
void fact_add(struct text *t, uint8_t member, struct sv s);
void fact_add_u64(struct text *t, uint8_t member, uint64_t v);

/* Takes the next member off a value. False at its end, and where it makes no sense. */
bool fact_take(struct sv *rest, uint8_t *ret_member, struct sv *ret);

/* The first member @member of @value; .p is NULL where there is none. */
struct sv fact_member(struct sv value, uint8_t member);

/* A member that is a number: 0 when it is none. */
uint64_t fact_u64(struct sv s);
