/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Between the grammar (parse.c) and the operands (operand.c, host.c, operand_word.c): the
 * tests that one predicate makes. Only for these.
 */

#include "query/filter_impl.h"

/* A predicate with its operand, as the grammar found it. */
struct predicate {
	enum lex_kind word;
	enum lex_kind rel;         /* LEX_EQ when none was written */
	const struct token *token; /* of the operand */
	struct sv text;            /* the operand: all of the token, or without parentheses glued to it */
	struct sv operand;         /* without a family's name in front */
	bool has_comma;            /* another operand follows */
	sa_family_t af;            /* what it is to be read as; AF_UNSPEC: inet and inet6 */
};

/* The parts of an address operand; .len.p and .device.p are NULL when there is no prefix length, no device.
 */
struct endpoint {
	struct sv host, len, port, device;
};

struct operand {
	const struct filter_env *env;
	const struct lexer *lx;
	const struct predicate *pred;
	struct err *e;
	struct leaf leaf;   /* the test being made */
	struct leaf device; /* with .has_device: another one that has to hold, too */
	bool has_device;

	/* Adds .leaf as one more alternative. 0 or a negative errno with detail. */
	int (*add)(struct operand *op);
	void *parser;
};

/* Sets .operand to what follows a family's name in front of the operand; returns that family, -1 for none. */
int operand_qualifier(struct predicate *pred);

/*
 * Whether the operand is several, with commas between: not where a comma may be part of it, in the name of a
 * Unix socket, or is, in that of an interface or a cgroup.
 */
bool operand_is_list(const struct operand *op);

/* Takes a comma off the end, behind which another operand follows: not where it may be part of the operand.
 */
bool operand_takes_comma(struct predicate *pred);

/* Reads the operand and adds its tests. 0 or a negative errno with detail. */
int operand_parse(struct operand *op);
int operand_parse_inet(struct operand *op); /* host.c */

/* Sets the error that @part, of the operand, is @what; returns it. */
int operand_bad(const struct operand *op, struct sv part, const char *what);

/* A number as C writes it, with a sign. */
bool operand_int(struct sv s, int64_t min, int64_t max, int64_t *ret);

/* Looks @name up; 0 or a negative errno without detail. */
int operand_name(const struct filter_env *env, enum filter_name kind, struct sv name, int64_t *ret);

/* Reads a port or its name; FILTER_ANY for "*". 0, -ENOENT when it is none, -ENOTUNIQ when it is several. */
int operand_port(const struct filter_env *env, struct sv s, int64_t *ret);

/* Reads an address in figures, maybe with a prefix length, into @ret. */
bool operand_addr(struct sv s, struct leaf *ret);

/*
 * Takes apart an address as it is shown, with a device, a port, or both: "10.0.0.1:80", "[fe80::1]%eth0:80",
 * "127.0.0.53%lo". Returns false for what has neither.
 */
bool operand_shown(struct sv s, struct endpoint *ret);

/* Reads the address of @at, in figures, into @ret. */
bool operand_endpoint_addr(const struct endpoint *at, struct leaf *ret);

/* Reads the name or the number of a device. */
bool operand_ifindex(const struct operand *op, struct sv s, int64_t *ret);

/* A test of @word that holds for everything. */
struct leaf operand_leaf(enum lex_kind word);

/* Makes @l the test for the device that @text, of the operand, names. 0 or a negative errno with detail. */
int operand_device(const struct operand *op, struct leaf *l, struct sv text);

/* False when the operand of @pred, read as one of inet, is a port alone or fits any address. */
bool operand_names_host(const struct predicate *pred);

/* True when the operand of @pred is a number where a port may be, or the text of an inet address. */
bool operand_is_inet(const struct predicate *pred);
