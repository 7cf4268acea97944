/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/rule_words.h"

#include <errno.h>

#include "base/like.h"

static int refuse(struct sv word, const char *option, struct err *e)
{
	struct like like = like_init(word);

	for (enum rule_id i = 0; i < RULE_MAX; i++)
		like_look(&like, rules[i].id);
	for (enum rule_set i = 0; i < SET_MAX; i++)
		like_look(&like, rule_set_name(i));
	return err_say(
		e, -EINVAL,
		"--%s: \"%.*s\" is no rule, no set of rules and not all; ss --rules lists them" LIKE_FMT,
		option, SV_ARG(word), LIKE_ARG(like.found));
}

int rule_words_read(const char *list, const char *option, bool *ret, struct err *e)
{
	struct sv rest = sv(list[0] ? list : "all");

	while (rest.p) {
		struct sv word = sv_trim(sv_take(&rest, ','));
		bool has_any = false;

		for (enum rule_id i = 0; i < RULE_MAX; i++) {
			if (!sv_is(word, rules[i].id) && !sv_is(word, "all") &&
			    !sv_is(word, rule_set_name(rules[i].set)))
				continue;
			ret[i] = has_any = true;
		}
		if (!has_any)
			return refuse(word, option, e);
	}
	return 0;
}
