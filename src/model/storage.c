/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/storage.h"

#include <linux/netlink.h>

enum { STORAGE = 1, MAP_ID = 2, MAP_VALUE = 3 };

/* Takes the first attribute off @all. */
static bool take_attr(struct sv *all, uint16_t *ret_type, struct sv *ret)
{
	struct nlattr a;

	if (all->len < sizeof(a))
		return false;
	memcpy(&a, all->p, sizeof(a));
	if (a.nla_len < NLA_HDRLEN || a.nla_len > all->len)
		return false;
	*ret_type = a.nla_type & NLA_TYPE_MASK;
	*ret = sv_n(all->p + NLA_HDRLEN, a.nla_len - (size_t)NLA_HDRLEN);
	*all = sv_from(*all, NLA_ALIGN(a.nla_len));
	return true;
}

struct sv storage_all(const struct row *row)
{
	struct sv said = row_bytes(row, SEG_STORAGES);
	size_t rest;

	if (!said.p)
		return said;
	rest = (size_t)((const char *)row->msg + row->msg->nlmsg_len - said.p);
	return (uint16_t)rest == said.len ? sv_n(said.p, rest) : said;
}

bool storage_next(struct sv *all, struct storage *ret)
{
	struct sv nest, attr;
	uint16_t type;

	while (take_attr(all, &type, &nest)) {
		bool has_id = false, has_value = false;

		if (type != STORAGE)
			continue;
		while (take_attr(&nest, &type, &attr)) {
			if (type == MAP_ID && attr.len == sizeof(ret->map_id)) {
				memcpy(&ret->map_id, attr.p, sizeof(ret->map_id));
				has_id = true;
			} else if (type == MAP_VALUE) {
				ret->value = attr;
				has_value = true;
			}
		}
		if (has_id && has_value)
			return true;
	}
	return false;
}
