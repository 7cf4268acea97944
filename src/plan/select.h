/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which sockets a command line selects: ss has options that add tables,
 * families and states, each with defaults for the others.
 */

#include "base/err.h"
#include "plan/plan.h"

struct select {
	uint32_t tables;
	uint64_t families;
	uint32_t states; /* sum of the defaults of what was selected */
	uint32_t mask;   /* states asked for with -a, -l, -B, -A or state words; they replace the sum */
	bool has_mask;   /* -a, -l, -B or a state word was given */
	bool has_query;  /* -A was given */
	bool wants_bound;
	sa_family_t preferred; /* of the last family option: how a filter reads addresses without a family */
	uint64_t chosen;       /* families chosen by option */
};

enum select_name { SELECT_TABLE, SELECT_FAMILY, SELECT_STATE };

/*
 * The names that are understood, by number; NULL after the last. *@ret_help is
 * what to say of it, or NULL.
 */
const char *select_name(enum select_name kind, size_t i, const char **ret_help);

/* Whether the name of a state follows @word, where states may stand. */
bool select_is_state_word(struct sv word);

void select_table(struct select *s, uint32_t tables);
void select_family(struct select *s, sa_family_t family);
void select_states(struct select *s, uint32_t mask);

/* -A: a list of table names. Returns 0, or -EINVAL with detail. */
int select_query(struct select *s, const char *list, struct err *e);

/* -f: the name of a family. Returns 0, or -EINVAL with detail. */
int select_family_name(struct select *s, const char *name, struct err *e);

/*
 * Takes the state words ("state X", "exclude X") off the front of the words.
 * Returns how many words that were, or -EINVAL with detail.
 */
int select_words(struct select *s, const struct sv *words, size_t n_words, struct err *e);

/* Leaves out of @sel what @f, which may be NULL, never matches. */
void select_filter(const struct filter *f, struct selection *sel);

/* Fills in what was not said. */
void select_complete(struct select *s, struct selection *ret);

/* Adds what is in no table, which takes all tables to tell. */
void select_unbound(struct selection *sel);

/* How a filter is to be read for what was selected; names and files are the caller's to add. */
void select_filter_env(const struct select *s, const struct selection *sel, struct filter_env *ret);
