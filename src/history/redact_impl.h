/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Redaction in parts: redact.c, addresses, names, messages and facts. Inner to history/. */

#include "base/text.h"
#include "history/redact.h"
#include "history/siphash.h"

enum { REDACT_CACHE = 4096 };

struct redact_known {
	uint8_t from[16], to[16];
	bool is_set;
};

struct redact {
	uint8_t key[SIPHASH_KEY];
	struct redact_known known[REDACT_CACHE]; /* addresses, by their hash */
	struct text msg, value, inner;           /* room for one */
};

/* What is hashed, so that the same bytes mean something else as something else. */
enum redact_as { REDACT_AS_BIT = 1, REDACT_AS_NAME, REDACT_AS_KEY, REDACT_AS_NUMBER, REDACT_AS_MAC };

/* A number by the key, @as and @n bytes, at most 64 of which count. */
uint64_t redact_number(const struct redact *r, enum redact_as as, const void *p, size_t n);

/* Replace an address. */
void redact_v4(struct redact *r, uint8_t addr[4]);
void redact_v6(struct redact *r, uint8_t addr[16]);

/* Makes what is behind the first @bits zero. */
void redact_mask(uint8_t *addr, size_t n, unsigned int bits);

/* Appends what stands for the name @s behind @label; nothing for nothing. */
void redact_name(const struct redact *r, const char *label, struct sv s, struct text *t);

/* The same for each part of a path or the name of a unit; what kind of unit it is stays. */
void redact_path(const struct redact *r, struct sv s, struct text *t);

/* Makes a message of table @table in .msg. False when nothing may be left of it. */
bool redact_message(struct redact *r, uint32_t table, const struct nlmsghdr *msg);

/* Adds what is left of all facts to the sample @to. */
int redact_facts(struct redact *r, const struct store_reader *from, struct store_writer *to);
