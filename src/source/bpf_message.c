/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_message.h"

#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "nl/emit.h"

#define ASKS(ask, attr) ((ask) >> ((attr)-1) & 1)

_Static_assert(BPF_MESSAGE_MAX >= sizeof(struct tcp_record_info) + 16 + 20 * NLA_HDRLEN, "all attributes");

size_t bpf_message_record_size(uint8_t ask)
{
	if (ASKS(ask, K_INET_DIAG_INFO) || ASKS(ask, K_INET_DIAG_CONG) || ASKS(ask, K_INET_DIAG_VEGASINFO))
		return sizeof(struct tcp_record_info);
	if (ASKS(ask, K_INET_DIAG_MEMINFO) || ASKS(ask, K_INET_DIAG_SKMEMINFO))
		return sizeof(struct sock_record_mem);
	return sizeof(struct sock_record);
}

/* What the kernel tells of every socket: in this order. */
static char *put_socket(char *p, const struct sock_record *r, const struct bpf_message_form *f)
{
	bool is_inet6 = r->msg.idiag_family == AF_INET6;

	if (!f->is_short)
		p = emit_attr(p, K_INET_DIAG_SHUTDOWN, &r->shutdown, 1);
	if (ASKS(f->ask, K_INET_DIAG_TOS))
		p = emit_attr(p, K_INET_DIAG_TOS, &r->tos, 1);
	if (is_inet6 && ASKS(f->ask, K_INET_DIAG_TCLASS))
		p = emit_attr(p, K_INET_DIAG_TCLASS, &r->tclass, 1);
	if (is_inet6 && (r->msg.idiag_state == K_TCP_LISTEN || r->msg.idiag_state == K_TCP_CLOSE))
		p = emit_attr(p, K_INET_DIAG_SKV6ONLY, &r->v6only, 1);
	if (f->has_mark && !f->is_short)
		p = emit_attr(p, K_INET_DIAG_MARK, &r->mark, sizeof(r->mark));
	if (ASKS(f->ask, K_INET_DIAG_TCLASS))
		p = emit_attr(p, K_INET_DIAG_CLASS_ID, &r->class_id, sizeof(r->class_id));
	if (f->is_short)
		return p;
	p = emit_attr(p, K_INET_DIAG_CGROUP_ID, &r->cgroup, sizeof(r->cgroup));
	return emit_attr(p, K_INET_DIAG_SOCKOPT, r->sockopt, sizeof(r->sockopt));
}

static char *put_mem(char *p, const struct sk_meminfo *m, uint8_t ask)
{
	if (ASKS(ask, K_INET_DIAG_MEMINFO)) {
		const uint32_t old[] = { m->rmem_alloc, m->wmem_queued, m->fwd_alloc, m->wmem_alloc };

		p = emit_attr(p, K_INET_DIAG_MEMINFO, old, sizeof(old));
	}
	if (ASKS(ask, K_INET_DIAG_SKMEMINFO))
		p = emit_attr(p, K_INET_DIAG_SKMEMINFO, m, sizeof(*m));
	return p;
}

static char *put_info(char *p, const struct tcp_record_info *r, const struct bpf_message_form *f)
{
	size_t len = f->info_len < sizeof(r->info) ? f->info_len : sizeof(r->info);

	if (ASKS(f->ask, K_INET_DIAG_INFO))
		p = emit_attr(p, K_INET_DIAG_INFO, &r->info, len);
	if (ASKS(f->ask, K_INET_DIAG_CONG))
		p = emit_attr(p, K_INET_DIAG_CONG, r->cong,
			      strnlen((const char *)r->cong, sizeof(r->cong) - 1) + 1);
	if (r->m.r.flags & RECORD_HAS_BBR)
		p = emit_attr(p, K_INET_DIAG_BBRINFO, &r->bbr, sizeof(r->bbr));
	return p;
}

size_t bpf_message_put(const struct sock_record *r, const struct bpf_message_form *f, char *buf)
{
	size_t size = bpf_message_record_size(f->ask);
	char *p = emit_begin(buf, &r->msg, sizeof(r->msg));

	if (!(r->flags & RECORD_IS_FULL)) {
		if (f->has_mark)
			p = emit_attr(p, K_INET_DIAG_MARK, &r->mark, sizeof(r->mark));
	} else {
		p = put_socket(p, r, f);
		if (size >= sizeof(struct sock_record_mem))
			p = put_mem(p, &((const struct sock_record_mem *)r)->mem, f->ask);
		if (size >= sizeof(struct tcp_record_info) && !(r->flags & RECORD_IS_BOUND))
			p = put_info(p, (const struct tcp_record_info *)r, f);
	}
	if (f->has_netns)
		p = emit_attr(p, K_INET_DIAG_X_NETNS, &r->netns, sizeof(r->netns));
	return emit_end(buf, p, SOCK_DIAG_BY_FAMILY);
}

size_t bpf_message_add_netns(const struct sock_record *r, char *buf)
{
	return emit_more(buf, K_INET_DIAG_X_NETNS, &r->netns, sizeof(r->netns));
}
