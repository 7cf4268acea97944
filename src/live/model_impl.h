/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* The inside of the model, for its files. */

#include "live/model.h"

/* A sentence in the last line, until the next key. */
void model_say(struct live_model *m, const char *s);

/* Makes *@text a copy of @to; NULL and "" are none. */
void model_set(char **text, const char *to);

/* Another thing is asked for from now on. */
void model_asks(struct live_model *m);

/* The selected row; NULL: there is none. */
const struct board_row *model_selected(const struct live_model *m);

/* Brings the selected row into view. */
void model_scroll(struct live_model *m);

void model_resume(struct live_model *m);

/* Into the selected group, and out of it. */
void model_enter(struct live_model *m);
void model_back(struct live_model *m);

/* What is typed into the box that is open. */
void model_open_box(struct live_model *m, enum live_box kind);
void model_box_event(struct live_model *m, const struct live_event *ev);

/* Destroying: has those counted, and what is typed then. */
enum live_deed model_kill_begin(struct live_model *m);
enum live_deed model_kill_event(struct live_model *m, const struct live_event *ev);

/* Selects the next row in which the text is found; @is_next: behind the selected one. */
void model_find(struct live_model *m, bool is_next);
