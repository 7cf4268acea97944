/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/state.h"

#include <strings.h>

#include "base/cleanup.h"
#include "kernel/abi.h"

enum {
	CLOSE = STATE(K_TCP_CLOSE),
	ESTAB = STATE(K_TCP_ESTABLISHED),
	LISTENING = STATE(K_TCP_LISTEN),
};

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
	{ "established", ESTAB, "open for data" },
	{ "syn-sent", STATE(K_TCP_SYN_SENT), "waits for the peer's answer" },
	{ "syn-recv", STATE(K_TCP_SYN_RECV), "answered, not confirmed yet" },
	{ "syn-rcv", STATE(K_TCP_SYN_RECV), NULL },
	{ "fin-wait-1", STATE(K_TCP_FIN_WAIT1), "closed here, not acknowledged yet" },
	{ "fin-wait-2", STATE(K_TCP_FIN_WAIT2), "closed here, not there yet" },
	{ "time-wait", STATE(K_TCP_TIME_WAIT), "closed, kept for late packets" },
	{ "close", CLOSE, NULL },
	{ "closed", CLOSE, "not connected" },
	{ "unconnected", CLOSE, NULL },
	{ "close-wait", STATE(K_TCP_CLOSE_WAIT), "closed there, not by the application here" },
	{ "last-ack", STATE(K_TCP_LAST_ACK), "closed there and here, not acknowledged yet" },
	{ "listening", LISTENING, "waits for peers" },
	{ "closing", STATE(K_TCP_CLOSING), "closed on both sides at once" },
	{ "bound-inactive", STATE(K_TCP_BOUND_INACTIVE), "has a port, neither listens nor is connected" },
	{ "unknown", STATE(0), NULL },
};

bool state_find(struct sv name, uint32_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (strlen(states[i].name) == name.len && !strncasecmp(states[i].name, name.p, name.len)) {
			*ret = states[i].states;
			return true;
		}
	}
	return false;
}

const char *state_name(unsigned int st)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].help && states[i].states == STATE(st))
			return states[i].name;
	return "unknown";
}

const char *state_at(size_t i, const char **ret_help)
{
	if (i >= ARRAY_SIZE(states))
		return NULL;
	*ret_help = states[i].help;
	return states[i].name;
}
