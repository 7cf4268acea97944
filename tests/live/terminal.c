/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: terminal [colour]
 *
 * Shows on the terminal what is done there, a line an event, the newest first. Keys: q ends; c copies the
 * newest line; a aborts; s has a thread read where nothing is; w has one wake this; f fills the screen with
 * something else each time.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "cli/interrupt.h"
#include "live/screen.h"

enum { LINES = 100, LINE = 200 };

static char lines[LINES][LINE];
static unsigned int n_lines, seed;
static int wake[2];

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(lines[n_lines++ % LINES], LINE, format, ap);
	va_end(ap);
}

static void put(struct live_grid *g, unsigned int y, enum role role, const char *s)
{
	(void)live_grid_put(g, &(struct live_at){ .y = y, .x = 0, .role = role }, sv(s));
}

static void fill(struct live_grid *g)
{
	for (unsigned int y = 2; y < g->height; y++)
		for (unsigned int x = 0; x < g->width; x++) {
			char c[2] = { (char)('a' + (x * 7 + y * 3 + seed) % 26), '\0' };

			(void)live_grid_put(
				g, &(struct live_at){ .y = y, .x = x, .role = (x / 8 + seed) % ROLE_MAX },
				sv(c));
		}
}

static int draw(struct live_screen *s, struct live_grid *g)
{
	unsigned int width, height;
	char line[LINE];

	live_screen_size(s, &width, &height);
	if (live_grid_clear(g, width, height) < 0)
		return -ENOMEM;
	(void)snprintf(line, sizeof(line), "%ux%u %s", width, height,
		       live_screen_is_utf8(s) ? "UTF-8 \xe2\x96\x84" : "ASCII \xe2\x96\x84");
	put(g, 0, ROLE_TITLE, line);
	put(g, 1, ROLE_CRITICAL, "critical");
	for (unsigned int y = 2; y < height && n_lines >= y - 1 && y < LINES; y++)
		put(g, y, ROLE_TEXT, lines[(n_lines - (y - 1)) % LINES]);
	live_grid_select(g, 2);
	if (seed)
		fill(g);
	return live_screen_draw(s, g);
}

static void *touch_nothing(void *)
{
	static volatile uintptr_t nowhere = 8;

	*(volatile int *)nowhere = 1; /* as a mistake would */
	return NULL;
}

static void *wake_up(void *)
{
	(void)!write(wake[1], "x", 1);
	return NULL;
}

static void start(void *(*work)(void *))
{
	pthread_t t;

	if (thread_start(&t, work, NULL) == 0)
		(void)pthread_detach(t);
}

/* False: the end. */
static bool obey(struct live_screen *s, const struct live_event *ev)
{
	char byte;

	switch (ev->kind) {
	case LIVE_KEY:
		note("key %d %u %u", ev->key, ev->c, ev->mods);
		if (ev->c == 'a' && !ev->mods)
			abort();
		if (ev->c == 'c' && !ev->mods)
			note("copied %d", live_screen_copy(s, sv("\xc3\xa4 copy\n")));
		if (ev->c == 's')
			start(touch_nothing);
		if (ev->c == 'w')
			start(wake_up);
		if (ev->c == 'f')
			seed++;
		return ev->c != 'q';
	case LIVE_PASTE: note("paste %.*s", SV_ARG(ev->text)); return true;
	case LIVE_MOUSE: note("mouse %d %u,%u", ev->button, ev->x, ev->y); return true;
	case LIVE_RESIZE: note("resize"); return true;
	case LIVE_WOKEN: note("woken %d", (int)read(wake[0], &byte, 1)); return true;
	case LIVE_SIGNAL: return !interrupt_came;
	case LIVE_GONE: return false;
	default: return true;
	}
}

int main(int argc, char **argv)
{
	struct live_screen_opts o = { .colour = argc > 1 ? LIVE_COLOUR_ALWAYS : LIVE_COLOUR_AUTO };
	struct live_screen *s;
	struct live_grid g = {};
	struct live_event ev = {};
	struct err e;
	sigset_t mask;
	int r;

	(void)argv;
	if (pipe(wake) < 0)
		return 1;
	o.wake = wake[0];
	interrupt_catch();
	interrupt_hold(&mask);
	o.mask = &mask;
	r = live_screen_open(&o, &s, &e);
	if (r < 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		return r == -ENOSYS ? 4 : 2;
	}
	do {
		r = draw(s, &g);
		if (r >= 0)
			r = live_screen_wait(s, INT64_MAX, &ev);
	} while (r >= 0 && obey(s, &ev));
	(void)live_screen_free(s);
	live_grid_done(&g);
	(void)fprintf(stderr, "the end: %d\n", r);
	return 0;
}
