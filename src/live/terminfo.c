/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/terminfo.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "history/library.h"

LIBRARY_NOTE("live", "the live view", "suggested", "libncursesw.so.6")

/* As X/Open Curses has them, by which the headers need not be installed. */
struct term;
static int (*lib_setupterm)(const char *name, int fd, int *ret_error);
static char *(*lib_tigetstr)(const char *name);
static int (*lib_tigetnum)(const char *name);
static int (*lib_tigetflag)(const char *name);
static char *(*lib_tparm)(const char *string, ...);
static struct term *(*lib_set_curterm)(struct term *term);
static int (*lib_del_curterm)(struct term *term);

#define NAME(name)                                  \
	{                                           \
#name, (void **)(void *)&lib_##name \
	}
static const struct library_function functions[] = {
	NAME(setupterm), NAME(tigetstr),    NAME(tigetnum),    NAME(tigetflag),
	NAME(tparm),     NAME(set_curterm), NAME(del_curterm),
};

static const struct library library = { .soname = "libncursesw.so.6",
					.package = "libncursesw6",
					.purpose = "full screens",
					.function = functions,
					.n = ARRAY_SIZE(functions) };

/* Looked up once: what they are is asked again and again. */
static const char *move, *colour, *background;

static const struct {
	const char *name;
	enum live_key key;
	unsigned int mods;
} keys[] = {
	{ "kcuu1", LIVE_KEY_UP, 0 },
	{ "kcud1", LIVE_KEY_DOWN, 0 },
	{ "kcub1", LIVE_KEY_LEFT, 0 },
	{ "kcuf1", LIVE_KEY_RIGHT, 0 },
	{ "khome", LIVE_KEY_HOME, 0 },
	{ "kend", LIVE_KEY_END, 0 },
	{ "kpp", LIVE_KEY_PAGE_UP, 0 },
	{ "knp", LIVE_KEY_PAGE_DOWN, 0 },
	{ "kich1", LIVE_KEY_INSERT, 0 },
	{ "kdch1", LIVE_KEY_DELETE, 0 },
	{ "kbs", LIVE_KEY_BACKSPACE, 0 },
	{ "kcbt", LIVE_KEY_TAB, LIVE_SHIFT },
	{ "kent", LIVE_KEY_ENTER, 0 },
	{ "kri", LIVE_KEY_UP, LIVE_SHIFT },
	{ "kind", LIVE_KEY_DOWN, LIVE_SHIFT },
	{ "kLFT", LIVE_KEY_LEFT, LIVE_SHIFT },
	{ "kRIT", LIVE_KEY_RIGHT, LIVE_SHIFT },
	{ "kf1", LIVE_KEY_F0 + 1, 0 },
	{ "kf2", LIVE_KEY_F0 + 2, 0 },
	{ "kf3", LIVE_KEY_F0 + 3, 0 },
	{ "kf4", LIVE_KEY_F0 + 4, 0 },
	{ "kf5", LIVE_KEY_F0 + 5, 0 },
	{ "kf6", LIVE_KEY_F0 + 6, 0 },
	{ "kf7", LIVE_KEY_F0 + 7, 0 },
	{ "kf8", LIVE_KEY_F0 + 8, 0 },
	{ "kf9", LIVE_KEY_F0 + 9, 0 },
	{ "kf10", LIVE_KEY_F0 + 10, 0 },
	{ "kf11", LIVE_KEY_F0 + 11, 0 },
	{ "kf12", LIVE_KEY_F0 + 12, 0 },
};

/* NULL where there is none; the library has two ways to say so. */
static const char *string_of(const char *name)
{
	const char *s = lib_tigetstr(name);

	return s && s != (const char *)(uintptr_t)-1 ? s : NULL;
}

static bool has_flag(const char *name)
{
	return lib_tigetflag(name) > 0;
}

/* Without "$<5*>", for which terminals of today do not wait. */
static void put_unpadded(struct text *t, const char *s)
{
	while (s && *s) {
		const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;

		if (!end)
			text_char(t, *s++);
		else
			s = end + 1;
	}
}

/* As its length only: where it will be is not known before all are there. */
static void take(struct terminfo *t, struct sv *ret, const char *s)
{
	size_t start = t->strings.len;

	put_unpadded(&t->strings, s);
	ret->len = t->strings.failed ? 0 : t->strings.len - start;
}

static void take_strings(struct terminfo *t)
{
	struct {
		struct sv *to;
		const char *name;
	} const all[] = { { &t->enter, "smcup" }, { &t->leave, "rmcup" },    { &t->hide, "civis" },
			  { &t->show, "cnorm" },  { &t->keypad_on, "smkx" }, { &t->keypad_off, "rmkx" },
			  { &t->clear, "clear" }, { &t->clear_line, "el" },  { &t->plain, "sgr0" },
			  { &t->bold, "bold" },   { &t->underline, "smul" }, { &t->reverse, "rev" } };
	const char *p;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		take(t, all[i].to, string_of(all[i].name));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct live_key_bytes *k = &t->key[t->n_keys];

		take(t, &k->bytes, string_of(keys[i].name));
		k->key = keys[i].key;
		k->mods = keys[i].mods;
		t->n_keys += k->bytes.len > 0;
	}
	p = t->strings.p;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		all[i].to->p = p;
		p += all[i].to->len;
	}
	for (size_t i = 0; i < t->n_keys; i++) {
		t->key[i].bytes.p = p;
		p += t->key[i].bytes.len;
	}
}

int terminfo_open(struct terminfo *ret, const char *name, struct err *e)
{
	int r = library_load(&library, e), error = 0, colours;

	if (r < 0)
		return r;
	if (lib_setupterm(name, STDOUT_FILENO, &error) < 0)
		return err_say(e, -ENOTTY,
			       error == 0
				       ? "TERM=%s: there is no such terminal in terminfo, which the package "
					 "ncurses-term may have; --live=plain needs none"
				       : "TERM=%s: terminfo, of the package ncurses-base, cannot be read; "
					 "--live=plain does without",
			       name);
	move = string_of("cup");
	if (!move || !string_of("clear"))
		return err_say(
			e, -ENOTTY,
			"TERM=%s: this terminal cannot move its cursor: --live=plain needs nothing of it",
			name);
	colour = string_of("setaf");
	background = string_of("setab");
	colours = lib_tigetnum("colors");
	*ret = (struct terminfo){ .colours = colour && background && colours > 0 ? colours : 0,
				  .has_last_cell = !has_flag("am") || has_flag("xenl"),
				  .has_true_colour = has_flag("RGB") || has_flag("Tc"),
				  .is_like_xterm = has_flag("XT") || has_flag("AX") || string_of("kmous") };
	take_strings(ret);
	if (ret->strings.failed) {
		terminfo_done(ret);
		return err_sys(e, -ENOMEM, "terminfo");
	}
	return 0;
}

void terminfo_done(struct terminfo *t)
{
	(void)lib_del_curterm(lib_set_curterm(NULL));
	text_done(&t->strings);
	*t = (struct terminfo){};
}

void terminfo_move(struct text *to, unsigned int y, unsigned int x)
{
	put_unpadded(to, lib_tparm(move, (long)y, (long)x, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
}

void terminfo_colour(struct text *to, unsigned int n)
{
	put_unpadded(to, lib_tparm(colour, (long)n, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
}

void terminfo_background(struct text *to, unsigned int n)
{
	put_unpadded(to, lib_tparm(background, (long)n, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
}
