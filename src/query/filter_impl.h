/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a parsed filter is made of; only for the files that make up
 * query/filter.h.
 *
 * The expression is an array of tests in the order they were written. Each
 * says where to go on when it holds and when it does not; both lie further
 * on, so that neither evaluation nor compilation needs recursion. One of the
 * two is always the next test, or the end.
 */

#include "model/state.h"
#include "query/filter.h"
#include "query/lex.h"

enum { FILTER_ACCEPT = UINT32_MAX - 1, FILTER_REJECT = UINT32_MAX };

#define FILTER_ANY INT64_MIN /* a number that is not compared */

enum test {
	TEST_INET,  /* address under a prefix, and port */
	TEST_ORDER, /* a number at least, or at most */
	TEST_PAIR,  /* two numbers equal: the address of link, netlink, vsock */
	TEST_NAME,  /* unix name under a pattern */
	TEST_DEV,   /* bound to the device */
	TEST_MARK,
	TEST_CGROUP,
	TEST_AUTO,
	/* of a field; absent, it is unknown */
	TEST_NUMBER, /* from .lo to .hi, none when .lo is above */
	TEST_FIELDS, /* .rel to the number in the field .with */
	TEST_EQUAL,  /* the text */
	TEST_LIKE,   /* the pattern */
	TEST_STATE,  /* one of .mask */
	TEST_HAS,    /* there at all: never unknown */
};

/* The two numbers that are the address of a socket of one family; F_MAX: it has none, 0 counts. */
struct pair {
	enum field_id first, second;
};

struct leaf {
	uint8_t test; /* enum test */
	uint8_t word; /* enum lex_kind of the predicate */
	bool is_dst;
	bool is_negated;  /* stands under an odd number of negations */
	bool is_unknown;  /* outside .families, or absent: unknown, else false */
	bool is_least;    /* TEST_ORDER: at least, else at most */
	bool is_strict;   /* TEST_ORDER: not so: below, above */
	bool is_part;     /* TEST_LIKE: the pattern has to fit a part of the text */
	bool names_bound; /* TEST_STATE: bound-inactive by that name */
	uint8_t rel;      /* enum lex_kind of the operator on .field */
	uint8_t af;       /* family the operand was read as; AF_UNSPEC: inet and inet6 */
	uint8_t addr_af;  /* TEST_INET: AF_UNSPEC when any address will do */
	uint8_t prefix_len;
	bool is_not_zero;  /* TEST_INET, TEST_ORDER on .field: 0 is not among what it holds of */
	uint32_t yes, no;  /* index of the next test, or FILTER_ACCEPT, FILTER_REJECT */
	uint64_t families; /* bits 1 << AF_*: where it can hold */
	int64_t number;    /* port, second of a pair, bound; device; cgroup id: all or FILTER_ANY */
	int64_t first;     /* first of a pair */
	uint32_t mark, mask;
	uint8_t addr[16];
	uint64_t lo, hi;
	enum field_id field;  /* F_MAX: the classic predicate .word */
	enum field_id source; /* the number that is compared, .field or what that is made from */
	enum field_id with;   /* TEST_FIELDS, else F_MAX */
	enum field_id guard;  /* when this is 0 the field is absent; F_MAX: none */
	struct pair pair;
	struct sv text; /* operand as written: pattern, path, device */
};

enum canon_kind { CANON_LEAF, CANON_AND, CANON_OR, CANON_NOT, CANON_OPEN, CANON_CLOSE };

struct canon { /* a word of the canonical form; a linked list */
	uint8_t kind;
	bool is_not; /* CANON_LEAF: negated */
	uint32_t leaf;
	uint32_t next;
};

struct filter {
	struct leaf *leaf;
	uint32_t n_leaves, cap_leaves;
	struct canon *canon;
	uint32_t n_canon, cap_canon, canon_head;
	uint64_t families; /* of which a socket can match */
	uint32_t states;   /* bits 1 << K_TCP_*: of which a socket can match */
	uint64_t narrow;   /* that are not left out by operands' families */
	struct fieldset fields;
	unsigned int push;
	uint16_t auto_lo, auto_hi;
	bool is_mixed, has_state, names_bound;
	bool guesses_auto; /* a test of automatic ports, with a range that could not be found out */
	bool auto_decided; /* the kernel's program decides `not autobound` */
	char *text;        /* what the operands' text points to */
};

#define AF_BIT(af) (UINT64_C(1) << (af))
#define AF_BITS_INET (AF_BIT(AF_INET) | AF_BIT(AF_INET6))

/* The number in a field as tests compare it: in the order of the values, also of those below zero. */
static inline uint64_t filter_number(enum type type, uint64_t raw)
{
	return type == T_INT ? (uint64_t)(int64_t)(int32_t)raw ^ UINT64_C(1) << 63 : raw;
}

/* The states that @row counts as being in: bits 1 << K_TCP_*; 0 when it has none. */
uint32_t filter_row_states(const struct row *row);

/* Whether test @l on a field holds. */
bool filter_test_field(const struct leaf *l, const struct row *row);

/* A unix socket's name as it is shown, at @buf when it had to be changed. */
struct sv filter_unix_name(const struct row *row, char *buf, size_t cap);

/* Appends the test of a field in its canonical form. */
void filter_print_field(struct text *t, const struct leaf *l, bool is_not);

/* Compiles for @af; *@ret_exact: the program decides all but that positive autobound also needs a port in
 * range. */
int filter_compile(const struct filter *f, uint8_t af, struct text *ret, bool *ret_exact);
