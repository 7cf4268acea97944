/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A recording: what a machine answered, sample by sample, in one file.
 *
 * A sample is the netlink messages that the kernel sent, in their order and bit by bit, and facts: what no
 * message says, as keys and values whose meaning is that of who records (history/facts.h). Events between two
 * samples are messages of the second (history/event.h).
 *
 * The file is of blocks that stand alone, each with a sum: history/block.h says what is where.
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/notes.h"
#include "base/sv.h"

struct store_opts {
	uint64_t keep_us; /* samples older than this are dropped; 0: none */
	uint64_t
		keep_bytes; /* more than this is never on disk, what is being written included; 0: no bound */
	uint64_t sync_us;   /* at most so much is lost at a power cut; 0: 5 s */
	struct notes *notes; /* borrowed: what was found damaged in a file that is gone on with */
};

/* When a sample was begun. */
struct store_time {
	uint64_t wall_us;      /* since 1970, UTC */
	uint64_t monotonic_us; /* since the start of the machine */
};

struct store_message {
	uint64_t key; /* the same for a socket in each sample, if it can be: what is stored are differences */
	uint32_t table; /* enum table by a number that stays (history/facts.h) */
	uint32_t netns; /* number of its network namespace; 0: not known */
	const struct nlmsghdr *msg;
};

struct store_writer;

/*
 * Opens the recording @path to go on with it, or creates it with mode 0600, never through a link. Returns 0,
 * -EBUSY when another writes to it, -EBADMSG when it is no recording or of a newer version, or a negative
 * errno.
 */
int store_write(const char *path, const struct store_opts *o, struct store_writer **ret, struct err *e);

/*
 * A sample: begin, messages and facts in any order, end. A sample that has not ended is as if not begun. The
 * first one is on the medium when store_end() returns, later ones when it is time for it. Where writing
 * fails, the sample is kept in memory, and the next store_end() or store_sync() tries again: the error is
 * told, and nothing is lost but what comes after more than 64 MiB of differences wait, when store_begin()
 * fails. store_put() returns -EMSGSIZE for what is no message; the others go on.
 */
int store_begin(struct store_writer *w, struct store_time at, struct err *e);
int store_put(struct store_writer *w, const struct store_message *m);
/* Each fact that holds in this sample is told in each; one that is not told no longer holds. Copied. */
int store_put_fact(struct store_writer *w, uint8_t kind, struct sv key, struct sv value);
int store_end(struct store_writer *w, struct err *e);

/* Writes all that is still in memory. Returns 0 or a negative errno: then nothing that was on disk is lost,
 * and the next samples are tried again. */
int store_sync(struct store_writer *w, struct err *e);
int store_close(struct store_writer *w, struct err *e);

/*
 * A recording of which the last part is in memory only, until somebody wants it. store_write_memory() begins
 * one that keeps what @o says and is written to as any other.
 */
int store_write_memory(const struct store_opts *o, struct store_writer **ret, struct err *e);

/* When the oldest sample was begun that is still there, by the wall clock; 0: there is none. */
uint64_t store_held_since(const struct store_writer *w);

/* What is copied from memory into a file, again and again. */
struct store_copy;

/* Opens or creates the file @path, as store_write(). What it keeps is in @o. */
int store_copy_new(const char *path, const struct store_opts *o, struct store_copy **ret, struct err *e);
struct store_copy *store_copy_free(struct store_copy *c);

/*
 * Adds to the file what @w, always the same, has in memory and the file has not. When it has been moved or
 * removed meanwhile a new one is created, with all of it. Returns 0 when that is on the medium and sets
 * *ret_n to the number of samples that came to it; or a negative errno: what was there is there, and the next
 * call tries again.
 */
int store_copy(struct store_copy *c, struct store_writer *w, size_t *ret_n, struct err *e);

struct store_reader;

/* A stretch of the file, or of time, that could not be read. */
struct store_damage {
	uint64_t from_us, until_us; /* wall; 0 when that is not known */
	uint64_t offset, length;    /* in the file */
	const char *why;
};

/* Opens the recording @path for reading only, also while another writes to it. It may be hostile. */
int store_open(const char *path, struct store_reader **ret, struct err *e);
struct store_reader *store_reader_free(struct store_reader *r);

/*
 * The samples in the order in which they were taken, which is that of their wall clock where nobody has set
 * it back, as they were when it was opened or last refreshed. After that they may have other numbers, as old
 * ones are dropped.
 */
size_t store_n_samples(const struct store_reader *r);
struct store_time store_time_of(const struct store_reader *r, size_t i);

/* The number of a sample, which it keeps for ever, and the first sample that has @number or a later one; the
 * number of samples where that is none. */
uint64_t store_number_of(const struct store_reader *r, size_t i);
size_t store_find_number(const struct store_reader *r, uint64_t number);

/* The last sample at which the clock showed @us: it, or what was before, and the next one has come after. The
 * number of samples where that is none. */
size_t store_find_at(const struct store_reader *r, uint64_t us);
/* The first sample not before @us, or the number of samples. */
size_t store_find_since(const struct store_reader *r, uint64_t us);
/*
 * Moves *@at_us by a multiple of @step_us, not 0, to the first such moment with the sample @i, and returns
 * the last sample up to that moment and to @last. Where the clock is set back a step ends, and the moment
 * goes back.
 */
size_t store_step(const struct store_reader *r, size_t i, size_t last, uint64_t step_us, uint64_t *at_us);

int store_refresh(struct store_reader *r, struct err *e);
size_t store_n_damages(const struct store_reader *r);
const struct store_damage *store_damage_of(const struct store_reader *r, size_t i);

/*
 * Makes sample @i the one that is read. Stepping forward from one to the next is cheap. Returns 0, -EBADMSG
 * when it is damaged, which is then among the damages, too: the next one may be read; -ESTALE when it was
 * dropped since the last refresh.
 */
int store_seek(struct store_reader *r, size_t i, struct err *e);

/*
 * The next message of the sample behind *@at, which begins with 0, in the order in which they were put.
 * Returns 1, 0 at the end. Valid until the next call to store_seek().
 */
int store_next(struct store_reader *r, size_t *at, struct store_message *ret);

/* The same at less cost; ages, and the numbers in the header of the message, may be those of a sample before.
 */
int store_look(const struct store_reader *r, size_t *at, struct store_message *ret);

/* The value of a fact of this sample; .p is NULL where there is none. Valid until store_seek(). */
struct sv store_fact(const struct store_reader *r, uint8_t kind, struct sv key);
/* The next fact of @kind behind *@at, which begins with 0. Returns 1, or 0 at the end. */
int store_next_fact(const struct store_reader *r, uint8_t kind, size_t *at, struct sv *ret_key,
		    struct sv *ret_value);

DEFINE_CLEANUP(struct store_reader, store_reader_free)
DEFINE_CLEANUP(struct store_copy, store_copy_free)
