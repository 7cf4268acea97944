/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/event.h"

#include <errno.h>

#include "base/like.h"
#include "base/sv.h"

const char *const event_names[EVENT_MAX] = {
#define EVENT(id, word) [EVENT_##id] = (word),
#include "model/defs/events.def"
};

static int parse_word(struct sv word, uint32_t *into, struct err *e)
{
	struct like like = like_init(word);

	if (sv_is(word, "all")) {
		*into |= EVENTS_ALL;
		return 0;
	}
	for (unsigned int k = 0; k < EVENT_LOST; k++) {
		if (sv_is(word, event_names[k])) {
			*into |= 1u << k;
			return 0;
		}
		like_look(&like, event_names[k]);
	}
	return err_say(
		e, -EINVAL,
		"--events: \"%.*s\" is none of open, accept, state, retransmit, reset, close, existing, "
		"all" LIKE_FMT,
		SV_ARG(word), LIKE_ARG(like.found));
}

int event_parse(const char *list, uint32_t *ret, struct err *e)
{
	struct sv left = sv(list);
	int r = 0;

	*ret = 0;
	while (left.p && r == 0)
		r = parse_word(sv_trim(sv_take(&left, ',')), ret, e);
	/* Who follows beginnings wants to know what has begun already. */
	if (*ret & (1u << EVENT_OPEN | 1u << EVENT_ACCEPT))
		*ret |= 1u << EVENT_EXISTING;
	return r;
}
