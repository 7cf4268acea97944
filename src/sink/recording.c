/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/recording.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "base/cleanup.h"

struct recording {
	struct sink sink;
	struct out *out;
	uint64_t family; /* of the dump that is open, AF_UNSPEC before the first row */
	uint32_t seq;    /* of its last message */
	bool has_ended;  /* the last thing written is the end of a dump */
};

/* What is read comes from the output that will show it. */
static void fields_used(const struct sink *, struct fieldset *)
{
}

static void end_dump(struct recording *r)
{
	struct {
		struct nlmsghdr header;
		int32_t status;
	} done = { .header = { .nlmsg_len = sizeof(done),
			       .nlmsg_type = NLMSG_DONE,
			       .nlmsg_flags = NLM_F_MULTI,
			       .nlmsg_seq = r->seq } };

	out_write(r->out, &done, sizeof(done));
	r->has_ended = true;
}

static int begin(struct sink *s, uint64_t)
{
	struct recording *r = (struct recording *)s;

	r->family = AF_UNSPEC;
	r->has_ended = false;
	return 0;
}

static int row_in(struct sink *s, const struct row *row)
{
	static const uint8_t zeros[NLMSG_ALIGNTO];
	struct recording *r = (struct recording *)s;
	uint64_t family = field_u64(row, F_FAMILY, AF_UNSPEC);
	uint32_t len = row->msg->nlmsg_len;

	if (r->family != AF_UNSPEC && r->family != family)
		end_dump(r);
	r->family = family;
	r->seq = row->msg->nlmsg_seq;
	r->has_ended = false;
	out_write(r->out, row->msg, len);
	out_write(r->out, zeros, NLMSG_ALIGN(len) - len);
	return r->out->error;
}

static int end(struct sink *s)
{
	struct recording *r = (struct recording *)s;

	if (!r->has_ended)
		end_dump(r);
	return out_flush(r->out);
}

static int flush(struct sink *s)
{
	return out_flush(((struct recording *)s)->out);
}

static const struct sink_ops recording_ops = {
	.fields = fields_used, .begin = begin, .row = row_in, .end = end, .flush = flush
};

struct sink *recording_free(struct sink *s)
{
	free(s);
	return NULL;
}

int recording_new(struct out *out, struct sink **ret)
{
	struct recording *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->sink.ops = &recording_ops;
	r->out = out;
	*ret = &r->sink;
	return 0;
}
