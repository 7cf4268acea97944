/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Why a table was not listed, from the number that its source returned. Numbers mean different things on the
 * way from the kernel; only here is one read. Inner to run/.
 */

#include <stdbool.h>

#include "family/family.h"

enum refusal {
	REFUSAL_OTHER,   /* nothing that could be asked otherwise */
	REFUSAL_TABLE,   /* the kernel does not have the table */
	REFUSAL_STORAGE, /* the BPF storage of its sockets is not for us */
	REFUSAL_FILTER,  /* the program for the kernel needs a newer one, or a privilege */
	REFUSAL_BUSY,    /* it may work when it is asked again */
	REFUSAL_LOST,    /* the thread did not come back from another network namespace */
};

/*
 * What the negative errno @k says of the question @d. @is_answer: it is what the kernel answered; a sandbox
 * that refuses the netlink socket does so with the numbers of a table that is missing.
 */
enum refusal refusal_of(int k, const struct dump *d, bool is_answer);
