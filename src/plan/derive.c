/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "plan/derive.h"

#include "base/cleanup.h"

static const struct {
	enum field_id field, from;
} derived[] = {
#define DERIVED(id, from, function) { F_##id, F_##from },
#include "model/defs/derived.def"
};

static const enum field_id of_owners[] = { F_OWNERS, F_PROC_NAME, F_PROC_PID, F_PROC_TID, F_PROC_FD };

bool derive_has_owners(const struct fieldset *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_owners); i++)
		if (fieldset_has(set, of_owners[i]))
			return true;
	return false;
}

void derive_needs(struct fieldset *set)
{
	if (derive_has_owners(set))
		fieldset_add(set, F_INODE);
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		if (fieldset_has(set, derived[i].field))
			fieldset_add(set, derived[i].from);
}

bool derive_has(const struct fieldset *set)
{
	bool has = derive_has_owners(set) || fieldset_has(set, F_NETNS_ID);

	for (size_t i = 0; i < ARRAY_SIZE(derived) && !has; i++)
		has = fieldset_has(set, derived[i].field);
	return has;
}
