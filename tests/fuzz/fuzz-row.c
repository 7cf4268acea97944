/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Messages of any family: the input is a byte that chooses how they are looked
 * at and what is shown, and the message's body. Every field is read and the
 * classic output writes the row.
 */

#include <fcntl.h>
#include <stdlib.h>

#include "../unit/any-row.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Outputs with everything: with lines of their own, on one line, and with names. */
static struct sink *sinks[3];

static void make_sinks(void)
{
	static const uint32_t without[] = { SHOW_ONELINE, 0, SHOW_ONELINE | SHOW_NUMERIC };
	static struct out out;

	if (out_init(&out, open("/dev/null", O_WRONLY | O_CLOEXEC)))
		abort();
	for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
		const struct classic_opts o = { .show = ANY_SHOW_ALL & ~without[i], .names = &any_names };

		if (classic_new(&o, &out, &sinks[i]))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr head = { .nlmsg_type = 20 };
	const struct any_view *v;
	struct sink *sink;
	struct row row;
	uint8_t *copy;

	if (!size || size > UINT16_MAX)
		return 0;
	if (!sinks[0])
		make_sinks();
	v = &any_views[data[0] % ARRAY_SIZE(any_views)];
	sink = sinks[data[0] / ARRAY_SIZE(any_views) % ARRAY_SIZE(sinks)];
	head.nlmsg_len = (uint32_t)(sizeof(head) + size - 1);
	copy = malloc(head.nlmsg_len);
	if (!copy)
		abort();
	memcpy(copy, &head, sizeof(head));
	memcpy(copy + sizeof(head), data + 1, size - 1);
	(void)row_open(&row, v->family, &v->origin, (const struct nlmsghdr *)(const void *)copy);
	(void)sink_begin(sink, 0);
	(void)sink_begin(sink, 0);
	if (row_has(&row, (enum seg)v->family->msg))
		(void)any_use(&row, sink);
	(void)sink->ops->end(sink);
	free(copy);
	return 0;
}
