/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The facts of one sample, each told once. Inner to run/. */

#include "base/hash.h"
#include "history/facts.h"
#include "history/store.h"
#include "host/host.h"

enum { FACT_KINDS = 32 };

struct capture_facts {
	struct host *host;            /* borrowed */
	struct store_writer *writer;  /* borrowed */
	struct hash told[FACT_KINDS]; /* by a number: those that were told in this sample */
	struct text value, inner;     /* room for one */
	struct text
		*held; /* NULL, or where they go: for each a member .kind, its key, and one with the value */
	struct hash aside; /* by inode: what was found of sockets without an owner, in samples before */
	int error;         /* the first negative errno */
};

/* Before a sample. */
void capture_facts_begin(struct capture_facts *f);
void capture_facts_done(struct capture_facts *f);

void capture_put(struct capture_facts *f, enum fact kind, struct sv key, struct sv value);
void capture_put_word(struct capture_facts *f, enum fact kind, const char *word, struct sv value);
void capture_put_number(struct capture_facts *f, enum fact kind, const char *word, uint64_t value);

/* What is to be known of @row, which is in the network namespace @netns, besides its message. */
void capture_row(struct capture_facts *f, const struct row *row);

/* The same of an event: who did it is no owner of which more is known. */
void capture_event_row(struct capture_facts *f, const struct row *row);

/* How many counters there are, as the summary shows them, and what the machine tells of itself. */
void capture_machine(struct capture_facts *f, struct notes *notes);
