/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * ss on a recording of what a kernel said.
 *
 *	replay SCRIPT RECORDING OPTION...
 *	replay SCRIPT RECORDING --lines FILE	runs the command lines of FILE (lines.h)
 *
 * RECORDING is netlink messages end to end. SCRIPT says what is in it and what
 * the numbers in it meant, a line each:
 *
 *	reply FAMILY PROTOCOL OFFSET LENGTH	the answer to a dump
 *	iface INDEX NAME
 *	cgroup ID PATH
 *	process PID COMM
 *	owner INODE PID FD COMM
 */

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "cli/classic.h"
#include "host/faked.h"
#include "host/names.h"
#include "lines.h"

enum { LINES_MAX = 512, OWNERS_MAX = 64 };

struct line {
	const char *kind;
	uint64_t a, b, c, d;
	char text[256];
};

struct recording {
	struct line line[LINES_MAX];
	size_t n_lines;
	char *bytes;
	size_t len;
	struct owner owner[OWNERS_MAX];
};

static struct recording recording;

struct reply {
	struct source source;
	const struct dump *dump;
	const char *at, *end;
	void *copy; /* of one message, so that reading past its end shows */
};

static const struct line *find(const struct recording *r, const char *kind, uint64_t a)
{
	for (size_t i = 0; i < r->n_lines; i++)
		if (!strcmp(r->line[i].kind, kind) && r->line[i].a == a)
			return &r->line[i];
	return NULL;
}

/* Dumps of tables that are hashed come in parts, by state; a recording may have them in one. */
static bool is_asked_for(const struct reply *r, const struct nlmsghdr *nlh)
{
	uint8_t body[2];
	unsigned int state;

	if (r->dump->origin.protocol != IPPROTO_TCP && r->dump->origin.protocol != IPPROTO_DCCP)
		return true;
	memcpy(body, (const char *)nlh + NLMSG_HDRLEN, sizeof(body));
	state = body[1] == K_TCP_CLOSE ? (unsigned int)K_TCP_BOUND_INACTIVE : body[1];
	return r->dump->states >> (state & 31) & 1;
}

static int next(struct source *s, const struct nlmsghdr **ret, struct err *e)
{
	struct reply *r = (struct reply *)s;
	struct nlmsghdr head;
	int status;

	while ((size_t)(r->end - r->at) >= sizeof(head)) {
		memcpy(&head, r->at, sizeof(head));
		free(r->copy);
		r->copy = malloc(head.nlmsg_len);
		if (!r->copy)
			return err_sys(e, -ENOMEM, "recording");
		memcpy(r->copy, r->at, head.nlmsg_len);
		r->at += NLMSG_ALIGN(head.nlmsg_len);
		if (head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR) {
			memcpy(&status, (char *)r->copy + NLMSG_HDRLEN, sizeof(status));
			return status < 0 ? err_sys(e, status, "recorded") : 0;
		}
		*ret = r->copy;
		if (head.nlmsg_len < NLMSG_HDRLEN + 2u || is_asked_for(r, *ret))
			return 1;
	}
	return err_say(e, -EBADMSG, "the recording ends early");
}

static void close_reply(struct source *s)
{
	struct reply *r = (struct reply *)s;

	free(r->copy);
	free(r);
}

static int open_reply(struct host *, const struct host_ask *ask, struct source **ret, struct err *e)
{
	static const struct source_ops ops = { .next = next, .close = close_reply };
	const struct recording *rec = &recording;
	const struct dump *d = ask->dump;
	struct reply *r;

	for (size_t i = 0; i < rec->n_lines; i++) {
		const struct line *l = &rec->line[i];

		if (strcmp(l->kind, "reply") != 0 || l->a != d->af || l->b != d->origin.protocol)
			continue;
		if (l->c > rec->len || l->d > rec->len - l->c)
			return err_say(e, -EINVAL, "the recording is too short");
		r = calloc(1, sizeof(*r));
		if (!r)
			return err_sys(e, -ENOMEM, "recording");
		r->source.ops = &ops;
		r->dump = d;
		r->at = rec->bytes + l->c;
		r->end = r->at + l->d;
		*ret = &r->source;
		return 0;
	}
	return err_sys(e, -ENOENT, "recording");
}

static struct owners find_owners(struct host *, uint32_t inode)
{
	struct recording *rec = &recording;
	struct owners ret = { .v = rec->owner };

	for (size_t i = 0; i < rec->n_lines && ret.n < OWNERS_MAX; i++) {
		const struct line *l = &rec->line[i];

		if (!strcmp(l->kind, "owner") && l->a == inode)
			rec->owner[ret.n++] = (struct owner){ .pid = (uint32_t)l->b,
							      .fd = (uint32_t)l->c,
							      .comm = sv(l->text) };
	}
	return ret;
}

/* Of files that the environment names, where it names all: a recording has none. */
static void counters(struct host *h, struct proc_counters *ret, struct proc_counter_errors *ret_errors)
{
	if (h->files.counters.sockstat && h->files.counters.sockstat6 && h->files.counters.snmp)
		proc_counters_read(&h->files.counters, ret, ret_errors);
}

static bool iface(void *, struct text *t, uint32_t ifindex)
{
	const struct line *l = find(&recording, "iface", ifindex);

	if (l)
		text_str(t, l->text);
	else
		text_printf(t, "if%u", ifindex);
	return l;
}

static int number(void *, enum filter_name kind, struct sv name, uint64_t *ret)
{
	const char *what = kind == FILTER_NAME_DEVICE ? "iface" : kind == FILTER_NAME_CGROUP ? "cgroup" : "";

	for (size_t i = 0; i < recording.n_lines; i++) {
		const struct line *l = &recording.line[i];

		if (strcmp(l->kind, what) != 0 || !sv_is(name, l->text))
			continue;
		*ret = l->a;
		return 0;
	}
	return -ENOENT;
}

static bool cgroup(void *, struct text *t, uint64_t id)
{
	const struct line *l = find(&recording, "cgroup", id);

	if (l)
		text_str(t, l->text);
	else
		text_printf(t, "unreachable:%llx", (unsigned long long)id);
	return true;
}

static bool process(void *, struct text *t, uint32_t pid)
{
	const struct line *l = find(&recording, "process", pid);

	if (l)
		text_str(t, l->text);
	return l;
}

/* Reads KIND, @n numbers, and what is left as text. */
static bool read_line(struct line *l, struct sv s)
{
	static const struct {
		const char *kind;
		size_t n;
	} kinds[] = { { "reply", 4 }, { "owner", 3 }, { "iface", 1 }, { "cgroup", 1 }, { "process", 1 } };
	uint64_t *const numbers[] = { &l->a, &l->b, &l->c, &l->d };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].kind);

		if (!sv_is(sv_first(s, len), kinds[i].kind))
			continue;
		l->kind = kinds[i].kind;
		s = sv_from(s, len + 1);
		for (size_t k = 0; k < kinds[i].n; k++) {
			if (!num_read(sv_take(&s, ' '), 10, UINT64_MAX, numbers[k]))
				return false;
		}
		if (s.len >= sizeof(l->text))
			return false;
		if (s.len)
			memcpy(l->text, s.p, s.len);
		return true;
	}
	return false;
}

static void read_script(struct recording *r, const char *path)
{
	char buf[512];
	FILE *f = fopen(path, "r");

	while (f && fgets(buf, sizeof(buf), f) && r->n_lines < LINES_MAX) {
		if (!read_line(&r->line[r->n_lines++], sv_first(sv(buf), strcspn(buf, "\n")))) {
			fprintf(stderr, "%s: line %zu makes no sense\n", path, r->n_lines);
			exit(99);
		}
	}
	if (!f || ferror(f) || fclose(f)) {
		perror(path);
		exit(99);
	}
}

static void read_bytes(struct recording *r, const char *path)
{
	const size_t cap = 16u << 20;
	FILE *f = fopen(path, "rb");

	r->bytes = malloc(cap);
	if (r->bytes && f)
		r->len = fread(r->bytes, 1, cap, f);
	if (!r->bytes || !f || ferror(f) || fclose(f)) {
		perror(path);
		exit(99);
	}
}

int main(int argc, char **argv)
{
	struct host_files files;
	struct name_opts no = { .is_elsewhere = true, .number = number };
	struct names names;
	static const struct host_ops ops = { .open = open_reply,
					     .owners = find_owners,
					     .counters = counters };
	struct host host = { .ops = &ops, .output = &names };
	struct name_tables *tables = NULL;
	int status;

	faked_files(&files);
	no.port_range = files.port_range;
	if (argc < 3 || names_new(&no, &tables) < 0) {
		fprintf(stderr, "usage: replay SCRIPT RECORDING OPTION...\n");
		return 99;
	}
	host.files = files;
	host.names = tables;
	names = *names_for_output(tables);
	names.iface = iface;
	names.cgroup = names.cgroup_path = cgroup;
	names.process = process;
	read_script(&recording, argv[1]);
	read_bytes(&recording, argv[2]);
	argv[2] = argv[0];
	if (argc == 5 && !strcmp(argv[3], "--lines"))
		status = lines_run(&host, argv[4]) > 0;
	else
		status = classic_main_on(&host, argc - 2, argv + 2);
	(void)names_free(tables);
	free(recording.bytes);
	return status;
}
