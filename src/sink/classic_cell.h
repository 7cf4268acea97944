/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Inside the classic output: what rows and tokens are made of. Calls none of them, but for the tokens'
 * functions.
 */

#include "sink/classic_tok.h"

/* Writes the tokens of a section that apply to @row. */
void classic_section(struct classic *c, struct text *t, const struct row *row, enum section section);

/* A line break inside the extra cell, or nothing with -O. */
void classic_break(const struct classic *c, struct text *t);

/* A line break, or with -O a blank. */
void classic_break_blank(const struct classic *c, struct text *t);

/* Cells that every family has. */
void classic_queues(struct classic *c, uint64_t recvq, uint64_t sendq);
void classic_state(struct classic *c, const struct row *row, unsigned int state);
void classic_owners(struct classic *c, struct text *t, const struct row *row);
void classic_details(struct classic *c, struct text *t, const struct row *row);

/* An address of 4 or 16 bytes, by name with -r, without brackets. */
void classic_addr(const struct classic *c, struct text *t, struct sv addr);

/* The name of an interface. */
void classic_iface(const struct classic *c, struct text *t, uint64_t ifindex);

/* @bits a second, @bits not negative. */
void classic_rate(const struct classic *c, struct text *t, double bits);
