/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What the readers of several runtimes need. */

#include <stdarg.h>
#include <stdio.h>

#include "enrich/runtimes_impl.h"

int runtime_ask(struct runtimes *r, const struct state_place *place, const struct state_ask *ask,
		struct text *ret, const char *more, ...)
{
	struct state_ask full = *ask;
	char rel[256];
	struct text path = {};
	va_list args;
	int k;

	if (place->is_of_user && !r->home.len)
		return -ENOENT;
	va_start(args, more);
	k = vsnprintf(rel, sizeof(rel), more, args);
	va_end(args);
	if (k < 0 || (size_t)k >= sizeof(rel))
		return -ENAMETOOLONG;
	if (place->is_of_user)
		text_sv(&path, text_view(&r->home));
	text_str(&path, place->path);
	text_put(&path, rel, (size_t)k + 1);
	full.source = place->source;
	full.is_of_user = place->is_of_user;
	full.path = path.p;
	k = path.failed ? -ENOMEM : state_files_ask(r->files, &full, ret);
	text_done(&path);
	return k;
}

static int weight(int r)
{
	switch (r) {
	case 0: return 4;
	case -ETIMEDOUT: return 3;
	case -EACCES:
	case -EPERM: return 2;
	case -ENOENT:
	case -ENOTDIR: return 0;
	default: return 1;
	}
}

int runtime_better(int a, int b)
{
	return weight(b) > weight(a) ? b : a;
}

struct sv runtime_next_name(struct sv *rest)
{
	return sv_take(rest, '\0');
}

void runtime_annotations(struct json *j, struct boxed *ret)
{
	const struct {
		const char *key;
		struct text *to;
	} known[] = {
		{ "io.kubernetes.cri.container-name", &ret->name },
		{ "io.kubernetes.cri.sandbox-name", &ret->pod_name },
		{ "io.kubernetes.cri.sandbox-namespace", &ret->pod_namespace },
		{ "io.kubernetes.cri.sandbox-uid", &ret->pod_uid },
		{ "io.kubernetes.container.name", &ret->name },
		{ "io.kubernetes.pod.name", &ret->pod_name },
		{ "io.kubernetes.pod.namespace", &ret->pod_namespace },
		{ "io.kubernetes.pod.uid", &ret->pod_uid },
		{ "nerdctl/name", &ret->name },
	};
	struct text key = {};

	if (!json_enter(j, '{'))
		return;
	while (json_key(j, &key)) {
		size_t i = 0;

		while (i < ARRAY_SIZE(known) && !sv_is(text_view(&key), known[i].key))
			i++;
		if (i < ARRAY_SIZE(known) && !known[i].to->len)
			(void)json_text(j, known[i].to);
		else
			json_skip(j);
	}
	text_done(&key);
}

int runtime_oci_config(struct sv doc, struct boxed *ret)
{
	struct json j = json_of(doc);
	struct text key = {};

	if (json_enter(&j, '{')) {
		while (json_key(&j, &key)) {
			if (sv_is(text_view(&key), "annotations"))
				runtime_annotations(&j, ret);
			else
				json_skip(&j);
		}
	}
	text_done(&key);
	return json_end(&j) ? 0 : -EBADMSG;
}
