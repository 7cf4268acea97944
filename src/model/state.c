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
} states[] = {
	{ "all", STATES_ALL },
	{ "connected", STATES_ALL & ~(CLOSE | LISTENING) },
	{ "synchronized", STATES_ALL & ~(CLOSE | LISTENING | STATE(K_TCP_SYN_SENT)) },
	{ "bucket", STATE(K_TCP_SYN_RECV) | STATE(K_TCP_TIME_WAIT) },
	{ "big", STATES_ALL & ~(STATE(K_TCP_SYN_RECV) | STATE(K_TCP_TIME_WAIT)) },
	{ "established", ESTAB },
	{ "syn-sent", STATE(K_TCP_SYN_SENT) },
	{ "syn-recv", STATE(K_TCP_SYN_RECV) },
	{ "syn-rcv", STATE(K_TCP_SYN_RECV) },
	{ "fin-wait-1", STATE(K_TCP_FIN_WAIT1) },
	{ "fin-wait-2", STATE(K_TCP_FIN_WAIT2) },
	{ "time-wait", STATE(K_TCP_TIME_WAIT) },
	{ "close", CLOSE },
	{ "closed", CLOSE },
	{ "unconnected", CLOSE },
	{ "close-wait", STATE(K_TCP_CLOSE_WAIT) },
	{ "last-ack", STATE(K_TCP_LAST_ACK) },
	{ "listening", LISTENING },
	{ "closing", STATE(K_TCP_CLOSING) },
	{ "bound-inactive", STATE(K_TCP_BOUND_INACTIVE) },
	{ "unknown", STATE(0) },
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
		if (states[i].states == STATE(st))
			return states[i].name;
	return "unknown";
}
