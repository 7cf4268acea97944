/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/notes.h"
#include "check.h"

static void told_once(void)
{
	struct notes n = {};
	const char *note;
	enum note kind;

	notes_add(&n, NOTE_HINT, "one");
	notes_add(&n, NOTE_WARNING, "%s", "two");
	CHECK(notes_is_whole(&n));
	notes_add(&n, NOTE_ERROR, "one");
	CHECK(!notes_is_whole(&n));
	note = notes_next(&n, NULL, &kind);
	CHECK(note && strcmp(note, "one") == 0 && kind == NOTE_ERROR);
	note = note ? notes_next(&n, note, &kind) : NULL;
	CHECK(note && strcmp(note, "two") == 0 && kind == NOTE_WARNING);
	CHECK(note && !notes_next(&n, note, &kind));
	notes_done(&n);
}

/* An answer about which there was something to say that nobody will hear is not whole. */
static void lost(void)
{
	struct notes n = {};
	const char *note;
	enum note kind;

	notes_add(&n, NOTE_WARNING, "one");
	text_fail(&n.text);
	notes_add(&n, NOTE_HINT, "two");
	CHECK(!notes_is_whole(&n));
	note = notes_next(&n, NULL, &kind);
	CHECK(note && kind == NOTE_ERROR && !notes_next(&n, note, &kind));
	notes_done(&n);
}

int main(void)
{
	told_once();
	lost();
	return 0;
}
