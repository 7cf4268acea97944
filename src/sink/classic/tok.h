/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Inside the classic output: its tokens and what they are written with.
 */

#include "sink/classic/classic.h"
#include "sink/classic/grid.h"

/* A run of tokens that belong together, and the option that asks the kernel for what they show. */
enum section {
#define SECTION(id, show) SECTION_##id,
#include "sink/classic/classic.def"
	SECTION_MAX
};

/* When a value is worth a token: when its bits .mask are a number from .min to .max, but not .except. */
struct cond {
	uint64_t mask, min, max, except;
};

/* clang-format off */
#define COND_ANY(arg) { .except = 1 }
#define COND_NZ(arg) { .mask = UINT64_MAX, .min = 1, .max = UINT64_MAX }
#define COND_NOT(arg) { .mask = UINT64_MAX, .max = UINT64_MAX, .except = (arg) }
#define COND_NZ_NOT(arg) { .mask = UINT64_MAX, .min = 1, .max = UINT64_MAX, .except = (arg) }
#define COND_NZ_BELOW(arg) { .mask = UINT64_MAX, .min = 1, .max = (arg) - 1 }
#define COND_BITS(arg) { .mask = (arg), .min = 1, .max = UINT64_MAX }
/* clang-format on */

struct classic;

/* Writes a token's value: @v is that of its field. */
typedef void (*tok_fn)(struct classic *c, struct text *t, const struct row *row, uint64_t v);

enum { TOK_PREFIX = 24 };

struct tok {
	char prefix[TOK_PREFIX]; /* not terminated: .prefix_len bytes */
	tok_fn put;              /* writes what comes behind the prefix */
	struct cond cond;
	struct loc at; /* where the field lies, when there is but one place; else of size 0 */
	uint32_t need; /* SHOW_* without which the token is not written */
	uint16_t field;
	uint8_t prefix_len;
};

struct classic {
	struct sink sink;
	struct grid grid;
	struct classic_opts o;
	struct tok *tok[SECTION_MAX]; /* those that can appear with these options, in order */
	uint16_t n_tok[SECTION_MAX];
	uint32_t last_inode; /* of the inet row before: an SCTP association follows its endpoint */
};

static inline bool shows(const struct classic *c, uint32_t what)
{
	return c->o.show & what;
}

/* Writes the tokens of a section that apply to @row. */
void classic_section(struct classic *c, struct text *t, const struct row *row, enum section section);

/* A line break inside the extra cell, or nothing with -O. */
void classic_break(const struct classic *c, struct text *t);

/* A line break, or with -O a blank. */
void classic_break_blank(const struct classic *c, struct text *t);

void put_num(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_int(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_hex(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_alt(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_ms(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_rate(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_word(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_line(struct classic *c, struct text *t, const struct row *row, uint64_t v);
void put_string(struct classic *c, struct text *t, const struct row *row, uint64_t v);

/* Composite tokens: PUT(name) in classic.def is put_name(). */
#define PUT(name) void put_##name(struct classic *c, struct text *t, const struct row *row, uint64_t v);
#include "sink/classic/classic.def"

/* The cells of a row, by address family. */
void classic_inet_row(struct classic *c, const struct row *row);
void classic_unix_row(struct classic *c, const struct row *row);
void classic_packet_row(struct classic *c, const struct row *row);
void classic_netlink_row(struct classic *c, const struct row *row);
void classic_vsock_row(struct classic *c, const struct row *row);
void classic_tipc_row(struct classic *c, const struct row *row);
void classic_xdp_row(struct classic *c, const struct row *row);

/* Cells that every family has. */
void classic_queues(struct classic *c, uint64_t recvq, uint64_t sendq);
void classic_state(struct classic *c, const struct row *row, unsigned int state);
void classic_owners(struct classic *c, struct text *t, const struct row *row);

/* Begins the details of a row with what is at the other end, for who asked for that. */
void classic_peers(struct classic *c, const struct row *row);
void classic_details(struct classic *c, struct text *t, const struct row *row);

/* Name of a state of an SCTP association. */
const char *classic_sctp_state(uint64_t st);

/* An address of 4 or 16 bytes, by name with -r, without brackets. */
void classic_addr(const struct classic *c, struct text *t, struct sv addr);

/* The name of an interface. */
void classic_iface(const struct classic *c, struct text *t, uint64_t ifindex);

/* @bits a second, @bits not negative. */
void classic_rate(const struct classic *c, struct text *t, double bits);
