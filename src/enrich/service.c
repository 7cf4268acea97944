/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/num.h"

/* After so many lookups the whole database is read at once. */
enum { LOOKUPS_MAX = 32, N_PORTS = 65536, NSS_BUF_MAX = 1 << 20 };

struct services {
	struct service_opts opts;
	struct port_range range;
	bool is_range_read, is_loaded, has_failed;
	int error; /* of the first lookup that failed, other than by nothing there */
	unsigned int lookups;
	uint32_t *by_port[SERVICE_PROTO_MAX]; /* 0: not looked up; 1: no name; else 2 + index in .names */
	char **names;
	uint32_t n_names, cap_names;
	char *ipproto[256];
	char *nss_buf;
	size_t nss_cap;
};

static const char *const proto_names[SERVICE_PROTO_MAX] = {
	[SERVICE_TCP] = "tcp",
	[SERVICE_UDP] = "udp",
	[SERVICE_SCTP] = "sctp",
	[SERVICE_DCCP] = "dccp",
};

struct services *services_new(const struct service_opts *o)
{
	struct services *s = calloc(1, sizeof(*s));

	if (s && o)
		s->opts = *o;
	return s;
}

struct services *services_free(struct services *s)
{
	if (!s)
		return NULL;
	for (int i = 0; i < SERVICE_PROTO_MAX; i++)
		free(s->by_port[i]);
	for (uint32_t i = 0; i < s->n_names; i++)
		free(s->names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(s->ipproto); i++)
		free(s->ipproto[i]);
	free(s->names);
	free(s->nss_buf);
	free(s);
	return NULL;
}

struct port_range services_auto_ports(struct services *s)
{
	uint64_t first, last;
	struct text t = {};
	struct sv rest;

	if (s->is_range_read)
		return s->range;
	s->is_range_read = true;
	s->range = (struct port_range){ 1024, 4999, true };
	if (s->opts.is_elsewhere && !s->opts.port_range) {
		s->range = (struct port_range){ 32768, 60999, true };
		if (s->opts.auto_hi)
			s->range = (struct port_range){ s->opts.auto_lo, s->opts.auto_hi, false };
		return s->range;
	}
	if (file_read_proc(s->opts.proc_root, "sys/net/ipv4/ip_local_port_range", s->opts.port_range, &t) ==
	    0) {
		rest = sv_n(t.p, t.len);
		if (num_read(sv_word(&rest), 10, UINT16_MAX, &first) &&
		    num_read(sv_word(&rest), 10, UINT16_MAX, &last))
			s->range = (struct port_range){ (uint16_t)first, (uint16_t)last, false };
	}
	s->has_failed |= t.failed;
	text_done(&t);
	return s->range;
}

/* Doubles the buffer that the C library's databases fill. False when it is big enough or memory ran out. */
static bool grow_nss(struct services *s)
{
	size_t cap = s->nss_cap ? s->nss_cap * 2 : 1024;
	char *p = cap <= NSS_BUF_MAX ? realloc(s->nss_buf, cap) : NULL;

	s->has_failed |= !p && cap <= NSS_BUF_MAX;
	if (!p)
		return false;
	s->nss_buf = p;
	s->nss_cap = cap;
	return true;
}

static bool ensure_names(struct services *s)
{
	uint32_t cap = s->cap_names ? s->cap_names * 2 : 64;
	char **p;

	if (s->n_names < s->cap_names)
		return true;
	p = realloc(s->names, cap * sizeof(*p));
	if (!p)
		return false;
	s->names = p;
	s->cap_names = cap;
	return true;
}

/* Notes what @port is called, unless that is known. @name NULL: nothing. */
static void set_name(struct services *s, enum service_proto proto, uint16_t port, const char *name)
{
	char *copy;

	if (!s->by_port[proto]) {
		s->by_port[proto] = calloc(N_PORTS, sizeof(uint32_t));
		s->has_failed |= !s->by_port[proto];
		if (!s->by_port[proto])
			return;
	}
	if (s->by_port[proto][port])
		return;
	if (!name) {
		s->by_port[proto][port] = 1;
		return;
	}
	copy = ensure_names(s) ? strdup(name) : NULL;
	s->has_failed |= !copy;
	if (!copy)
		return;
	s->names[s->n_names++] = copy;
	s->by_port[proto][port] = 1 + s->n_names;
}

/* No database, or no such entry, is an answer. */
static void note_error(struct services *s, int r)
{
	if (r > 0 && r != ENOENT && r != ERANGE && !s->error)
		s->error = r;
}

static void look_up(struct services *s, enum service_proto proto, uint16_t port)
{
	struct servent entry, *found = NULL;
	int r = ERANGE;

	s->lookups++;
	while (r == ERANGE && (s->nss_cap || grow_nss(s))) {
		r = getservbyport_r(htons(port), proto_names[proto], &entry, s->nss_buf, s->nss_cap, &found);
		if (r == ERANGE && !grow_nss(s))
			break;
	}
	note_error(s, r);
	set_name(s, proto, port, r == 0 && found ? found->s_name : NULL);
}

/* The first entry of a port counts, as it does for a lookup. */
static void load_all(struct services *s)
{
	struct servent entry, *found;

	s->is_loaded = true;
	setservent(1);
	for (;;) {
		int r;

		if (!s->nss_cap && !grow_nss(s))
			break;
		r = getservent_r(&entry, s->nss_buf, s->nss_cap, &found);
		if (r == ERANGE && grow_nss(s))
			continue;
		note_error(s, r);
		if (r != 0 || !found)
			break;
		set_name(s, SERVICE_ANY, ntohs((uint16_t)found->s_port), found->s_name);
		for (int p = SERVICE_ANY + 1; p < SERVICE_PROTO_MAX; p++) {
			if (strcmp(found->s_proto, proto_names[p]) == 0)
				set_name(s, (enum service_proto)p, ntohs((uint16_t)found->s_port),
					 found->s_name);
		}
	}
	endservent();
}

bool services_failed(const struct services *s)
{
	return s->has_failed;
}

int services_error(const struct services *s)
{
	return s->error;
}

struct sv services_name(struct services *s, enum service_proto proto, uint16_t port)
{
	struct port_range r = services_auto_ports(s);
	uint32_t known;

	if (port >= r.first && port <= r.last)
		return (struct sv){};
	known = s->by_port[proto] ? s->by_port[proto][port] : 0;
	if (!known && !s->is_loaded) {
		if (s->lookups < LOOKUPS_MAX)
			look_up(s, proto, port);
		else
			load_all(s);
		known = s->by_port[proto] ? s->by_port[proto][port] : 0;
	}
	return known > 1 ? sv(s->names[known - 2]) : (struct sv){};
}

int services_port(enum service_proto proto, struct sv name, uint16_t *ret)
{
	_cleanup_free_ char *zname = strndup(name.p ? name.p : "", name.len);
	_cleanup_free_ char *buf = NULL;
	struct servent entry, *found = NULL;
	int r = ERANGE;

	if (!zname)
		return -ENOMEM;
	for (size_t cap = 1024; r == ERANGE && cap <= NSS_BUF_MAX; cap *= 2) {
		free(buf);
		buf = malloc(cap);
		if (!buf)
			return -ENOMEM;
		r = getservbyname_r(zname, proto_names[proto], &entry, buf, cap, &found);
	}
	if (r != 0 || !found)
		return -ENOENT;
	*ret = ntohs((uint16_t)found->s_port);
	return 0;
}

struct sv services_ipproto(struct services *s, uint8_t number)
{
	struct protoent entry, *found = NULL;
	struct text fallback = {};
	int r = ERANGE;

	if (s->ipproto[number])
		return sv(s->ipproto[number]);
	while (r == ERANGE && (s->nss_cap || grow_nss(s))) {
		r = getprotobynumber_r(number, &entry, s->nss_buf, s->nss_cap, &found);
		if (r == ERANGE && !grow_nss(s))
			break;
	}
	note_error(s, r);
	if (r == 0 && found) {
		s->ipproto[number] = strdup(found->p_name);
	} else {
		text_str(&fallback, "ipproto-");
		text_u64(&fallback, number);
		text_char(&fallback, '\0');
		if (!fallback.failed)
			s->ipproto[number] = strdup(fallback.p);
		text_done(&fallback);
	}
	return s->ipproto[number] ? sv(s->ipproto[number]) : (struct sv){};
}
