/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What somebody looks at, and what keys make of it: no terminal, no machine, no clock of its own. It says
 * what it would have sampled and arranged (struct live_ask), is told what came of it, and the view makes a
 * screen of it.
 */

#include "live/board.h"
#include "live/box.h"
#include "live/lister.h"
#include "model/counters.h"

enum live_page { PAGE_MAIN, PAGE_HELP, PAGE_COLUMNS, PAGE_DETAILS, PAGE_KILL };

enum live_box { BOX_NONE, BOX_FILTER, BOX_GROUP, BOX_FIND };

enum { TRAIL_MAX = 16, LIVE_HELD_US = 2000000 };

/* What is asked for, as the command line would have it. Texts are its own; NULL: not said. */
struct live_ask {
	char *filter, *sort, *by, *columns;
	bool is_typing;    /* the filter is still being typed */
	bool wants_all;    /* all that is known of a socket is shown */
	uint64_t every_us; /* 0: a recording */
	uint32_t turn;     /* grows when one of those becomes another */
};

void live_ask_done(struct live_ask *a);

/* Makes @to a copy. Returns 0 or -ENOMEM. */
int live_ask_copy(struct live_ask *to, const struct live_ask *from);

/* What a key asks the loop to do, besides drawing. */
enum live_deed {
	DEED_NONE,
	DEED_QUIT,
	DEED_COPY,
	DEED_KILL,       /* the sockets of the command: it was asked twice */
	DEED_KILL_COUNT, /* how many that would be */
	DEED_REWIND,     /* .rewind */
};

/* What a step through the past is. */
struct live_step {
	int64_t us;     /* on, or back; 0: one sample */
	int samples;    /* -1, 1 */
	bool is_change; /* to the next in which sockets come or go */
	bool is_now;
};

/* Where somebody was. */
struct live_place {
	char *filter, *by, *sort;
	uint64_t selected;
};

/* A machine's or a recording's: who it is that is looked at, and what it can be asked for. */
struct live_about {
	const char *command; /* the part of the command that does not change: "ss -t"; borrowed */
	const char *subject; /* "host.example" or "recording FILE"; borrowed */
	bool is_recording;
	const char *sort; /* of sockets, where nobody says; NULL: as they come */
	bool can_kill, has_tcp, is_utf8;
};

struct live_model {
	struct live_about about;
	struct live_ask ask;
	enum live_page page;
	enum live_box box_kind;
	struct box box;
	char *before_box;  /* the filter before the box was opened */
	struct text error; /* why what was typed is wrong: lines */
	struct text message;
	struct text notes;             /* what is to be known about the last sample: lines */
	struct proc_counters counters; /* of the kernel, of the last sample */
	bool is_partial;               /* something is missing in it */
	char *find;
	struct live_place trail[TRAIL_MAX];
	size_t n_trail;

	struct board *board; /* shown; NULL: none yet */
	struct board *next;  /* what there is now, where the screen is stopped */
	bool is_paused, is_following;
	uint64_t selected;       /* 0: none */
	size_t at;               /* where it is in the board */
	size_t top;              /* the first row in view */
	unsigned int first_line; /* of the screen, of these */
	size_t lines;            /* rows in view, as the view last drew them */
	int64_t last_key_us;
	size_t page_at; /* of the columns chooser, or the first line of another page */
	size_t page_len;

	struct lister *lister; /* borrowed by the view too */
	struct live_step step;
	uint64_t past_us;      /* the moment that is shown; 0: now */
	size_t n_past;         /* samples that can be gone back to */
	const char *past_note; /* how coarse they are; borrowed, or NULL */
	uint64_t cost_us;      /* of the last sample */
	size_t kill_count;     /* sockets that would be destroyed, .kill_counted */
	bool kill_counted, kill_is_one;
	struct text account; /* what became of those that were destroyed: lines */
	bool has_quit_asked;

	/* The names of the columns that were drawn last: to sort by. */
	char *shown[64];
	size_t n_shown;
};

/* @start is taken over. Returns 0 or -ENOMEM. */
int live_model_init(struct live_model *m, const struct live_about *about, struct live_ask *start);
void live_model_done(struct live_model *m);

/* Takes what came, at @now_us. */
enum live_deed live_model_event(struct live_model *m, const struct live_event *ev, int64_t now_us);

/* A board came, whose reference is taken over. */
void live_model_board(struct live_model *m, struct board *b);

/* What was asked for is wrong, or the last sample failed: the lines of @why; empty: nothing is. */
void live_model_error(struct live_model *m, struct sv why);

/* What is to be known about the last sample: lines; and whether it @is_whole. */
void live_model_notes(struct live_model *m, struct sv lines, bool is_whole);

/* So many would be destroyed; and what became of them: lines. */
void live_model_count(struct live_model *m, size_t n);
void live_model_account(struct live_model *m, struct sv lines);

/* Whether rows are to stay where they are at @now_us. */
bool live_model_holds(const struct live_model *m, int64_t now_us);

/* The command that lists what is shown. */
void live_model_command(const struct live_model *m, struct text *ret);

/* The filter, as the command has it; of one socket too, with @is_one. */
void live_model_filter(const struct live_model *m, bool is_one, struct text *ret);

/* A key, and whether it does something now. */
struct live_bind {
	enum live_page page; /* PAGE_MAIN, or PAGE_HELP for any other */
	enum live_key key;
	uint32_t c;
	bool (*when)(const struct live_model *m);
	const char *name, *brief, *help;
	int id;
};

/* Those there are, up to one without .help and .name. */
extern const struct live_bind live_binds[];
