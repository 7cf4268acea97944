/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "history/redact_impl.h"

int redact_new(struct redact **ret, struct err *e)
{
	struct redact *r = calloc(1, sizeof(*r));

	if (!r)
		return err_sys(e, -ENOMEM, "--redact");
	if (getrandom(r->key, sizeof(r->key), 0) != sizeof(r->key)) {
		int k = err_sys(e, -errno, "a key");

		(void)redact_free(r);
		return k;
	}
	*ret = r;
	return 0;
}

struct redact *redact_free(struct redact *r)
{
	if (!r)
		return NULL;
	explicit_bzero(r->key, sizeof(r->key));
	text_done(&r->msg);
	text_done(&r->value);
	text_done(&r->inner);
	free(r);
	return NULL;
}

static int redact_messages(struct redact *r, struct store_reader *from, struct store_writer *to)
{
	struct store_message m;
	size_t at = 0;
	int k = 0;

	while (!k && store_next(from, &at, &m) > 0) {
		if (!redact_message(r, m.table, m.msg))
			continue;
		if (r->msg.failed)
			return -ENOMEM;
		/* A key may be made of addresses. */
		m.key = redact_number(r, REDACT_AS_KEY, &m.key, sizeof(m.key));
		m.msg = (const struct nlmsghdr *)(const void *)r->msg.p;
		k = store_put(to, &m);
	}
	return k;
}

int redact_sample(struct redact *r, const struct store_time *at, struct store_reader *from,
		  struct store_writer *to, struct err *e)
{
	int k = store_begin(to, *at, e);

	if (k < 0)
		return k;
	k = redact_messages(r, from, to);
	if (!k)
		k = redact_facts(r, from, to);
	return k < 0 ? err_sys(e, k, "a sample") : store_end(to, e);
}
