/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The signals that end what has no end of its own: SIGINT, SIGTERM and SIGHUP. The first one lets what is
 * being written come to its end, a second one is the end at once.
 */

#include <signal.h>
#include <stdint.h>

/* From now on they end what is done, and not the process; one that is ignored stays so. */
void interrupt_catch(void);

/* Becomes true by the first one. */
extern volatile sig_atomic_t interrupt_came;

/* Called in the handler of the second one, before the process ends; NULL: nothing. */
extern void (*volatile interrupt_last)(void);

/* Becomes true by SIGUSR1, once that is caught; for whoever acts on it to make false again. */
extern volatile sig_atomic_t interrupt_asked;

/* From now on SIGUSR1 asks for something, and is not the end. */
void interrupt_catch_asking(void);

/* Holds them back from now on; with the mask @ret they come. */
void interrupt_hold(sigset_t *ret);

/*
 * Waits until clock_monotonic_us() is @at_us. Returns 0; -EINTR when one of them came, before or meanwhile;
 * -EAGAIN where interrupt_asked is true, or terminal_changed became true, which is false again; -EPIPE when
 * nobody reads the pipe or socket @fd any more. 1 when @wake, -1 for none, has something to read.
 */
int interrupt_wait(int64_t at_us, int fd, int wake);
