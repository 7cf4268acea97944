/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <stdio.h>

#include "live/model_impl.h"

/*
 * Destroying takes two steps: F9 has those counted that would be destroyed, and nothing happens before that
 * number is typed. What became of them is told afterwards.
 */

enum live_deed model_kill_begin(struct live_model *m)
{
	m->page = PAGE_KILL;
	m->kill_is_one = model_selected(m);
	m->kill_counted = false;
	m->account.len = 0;
	box_set(&m->box, "");
	return DEED_KILL_COUNT;
}

static enum live_deed count_others(struct live_model *m)
{
	if (!model_selected(m))
		return DEED_NONE;
	m->kill_is_one = !m->kill_is_one;
	m->kill_counted = false;
	box_set(&m->box, "");
	return DEED_KILL_COUNT;
}

static enum live_deed confirm(struct live_model *m)
{
	char want[32];

	(void)snprintf(want, sizeof(want), "%zu", m->kill_count);
	if (!m->kill_counted || !m->kill_count || strcmp(m->box.text, want) != 0) {
		model_say(m, "Nothing is destroyed: that is not the number.");
		return DEED_NONE;
	}
	m->kill_counted = false;
	box_set(&m->box, "");
	return DEED_KILL;
}

enum live_deed model_kill_event(struct live_model *m, const struct live_event *ev)
{
	if (ev->kind == LIVE_KEY && ev->key == LIVE_KEY_ESCAPE) {
		m->page = PAGE_MAIN;
		return DEED_NONE;
	}
	if (m->account.len || ev->kind == LIVE_MOUSE)
		return DEED_NONE;
	if (ev->kind == LIVE_KEY && ev->key == LIVE_KEY_TAB)
		return count_others(m);
	if (ev->kind == LIVE_KEY && ev->key == LIVE_KEY_ENTER)
		return confirm(m);
	(void)box_event(&m->box, ev);
	return DEED_NONE;
}

void live_model_count(struct live_model *m, size_t n)
{
	m->kill_count = n;
	m->kill_counted = true;
}

void live_model_account(struct live_model *m, struct sv lines)
{
	m->account.len = 0;
	text_sv(&m->account, lines);
}
