/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/state.h"

#include <strings.h>

#include "base/cleanup.h"
#include "kernel/abi.h"

enum {
	CLOSE = STATE(K_TCP_CLOSE),
	LISTENING = STATE(K_TCP_LISTEN),
};

/* clang-format off */
static const struct {
	const char *name;
	uint32_t states;
	const char *help; /* NULL of a second name */
} states[] = {
	{ "all", STATES_ALL, "every state" },
	{ "connected", STATES_ALL & ~(CLOSE | LISTENING), "all but listening and closed" },
	{ "synchronized", STATES_ALL & ~(CLOSE | LISTENING | STATE(K_TCP_SYN_SENT)),
	  "connected but syn-sent" },
	{ "bucket", STATE(K_TCP_SYN_RECV) | STATE(K_TCP_TIME_WAIT), "syn-recv and time-wait" },
	{ "big", STATES_ALL & ~(STATE(K_TCP_SYN_RECV) | STATE(K_TCP_NEW_SYN_RECV) | STATE(K_TCP_TIME_WAIT)),
	  "all but syn-recv and time-wait" },
#define IS(number, word, help) { word, STATE(number), help },
#define ALIAS(number, word) { word, STATE(number), NULL },
#include "model/defs/state.def"
};

static const struct {
	const char *name;
	uint32_t states;
} shown[] = {
#define SHOWN(number, word) { word, STATE(number) },
#include "model/defs/state.def"
};

static const char *const words[] = {
#define IS(number, word, help) [number] = word,
#include "model/defs/state.def"
};
/* clang-format on */

static bool is_letter(char c)
{
	return c != '-' && c != '_';
}

/* In upper or lower case, and with whatever stands between the words: "CLOSE_WAIT", "closewait". */
static bool is_spelling(struct sv s, const char *name)
{
	for (size_t i = 0;; i++, name++) {
		while (i < s.len && !is_letter(s.p[i]))
			i++;
		while (*name && !is_letter(*name))
			name++;
		if (i == s.len || !*name)
			return i == s.len && !*name;
		if (strncasecmp(s.p + i, name, 1) != 0)
			return false;
	}
}

bool state_find(struct sv name, uint32_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (is_spelling(name, states[i].name)) {
			*ret = states[i].states;
			return true;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		if (is_spelling(name, shown[i].name)) {
			*ret = shown[i].states;
			return true;
		}
	}
	return false;
}

void state_put_names(struct text *t)
{
	const char *before = "";

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (!states[i].help)
			continue;
		text_str(t, before);
		text_str(t, states[i].name);
		before = ", ";
	}
}

const char *state_name(unsigned int st)
{
	return st < ARRAY_SIZE(words) && words[st] ? words[st] : "unknown";
}

const char *state_at(size_t i, const char **ret_help)
{
	if (i >= ARRAY_SIZE(states))
		return NULL;
	*ret_help = states[i].help;
	return states[i].name;
}
