/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Fields that are lists, in the formats. */

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "check.h"
#include "model/value.h"
#include "sink/format/formats.h"

struct input {
	const struct column *columns;
	size_t n;
	const struct cell *cells; /* one record */
};

static struct cell bytes_cell(const char *p, size_t len)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_STR, .s = sv_n(p, len) } };
}

/* What @format writes; overwritten by the next call. */
static const char *written(const char *format, const struct input *in)
{
	static char buf[4096];
	const struct format_opts o = {};
	const struct listing l = { .name = "sockets", .columns = in->columns, .n = in->n };
	struct tabular *t = NULL;
	FILE *f = tmpfile();
	struct out out;
	ssize_t n;

	CHECK(f && out_init(&out, fileno(f)) == 0);
	CHECK(format_find(sv(format))->open(&o, &out, &t) == 0);
	CHECK(t->ops->list(t, &l) == 0 && t->ops->record(t, in->cells) == 0);
	CHECK(t->ops->end(t, NULL) == 0);
	(void)tabular_free(t);
	CHECK(out_done(&out) == 0);
	n = pread(fileno(f), buf, sizeof(buf) - 1, 0);
	CHECK(n >= 0);
	buf[n] = '\0';
	(void)fclose(f);
	return buf;
}

/* Numbers, addresses and objects; what is behind the last whole element is none. */
int main(void)
{
	const struct column lists[] = { column_of_field(F_UNIX_ICONS), column_of_field(F_SCTP_PEERS),
					column_of_field(F_MD5SIG),     column_of_field(F_PACKET_MCLIST),
					column_of_field(F_SMC_LGR),    column_of_field(F_UNIX_NAME_RAW) };
	const uint32_t inodes[] = { 7, UINT32_MAX };
	struct sockaddr_storage peers[3] = {};
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000001) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr.s6_addr = { 0xfe, 0x80, [15] = 1 } };
	const struct k_tcp_diag_md5sig keys[] = {
		{ AF_INET, 24, 2, { 10, 0, 0, 1 }, { ';', 0 } },
		{ AF_INET6, 128, UINT16_MAX, { [15] = 1 }, {} },
	};
	const struct packet_diag_mclist groups[] = { { 1, 2, 1, 0, {} },
						     { 3, 1, 0, 6, { 1, 0, 0x5e, 0, 0, 0xfb } },
						     { 3, 1, 0, UINT16_MAX, {} } };
	const struct k_smc_diag_lgrinfo link = { .link_id = 1, .ibname = "mlx5 0", .gid = "a;b" };
	struct cell values[6];
	struct input in = { lists, 6, values };
	const char *p;

	memcpy(&peers[0], &v4, sizeof(v4));
	memcpy(&peers[1], &v6, sizeof(v6));
	values[0] = bytes_cell((const char *)inodes, sizeof(inodes));
	values[1] = bytes_cell((const char *)peers, sizeof(peers));
	values[2] = bytes_cell((const char *)keys, sizeof(keys));
	values[3] = bytes_cell((const char *)groups, sizeof(groups));
	values[4] = bytes_cell((const char *)&link, sizeof(link));
	values[5] = bytes_cell("\0abs", 4);
	p = written("ndjson", &in);
	CHECK(strstr(p, "\"pending\":[7,4294967295],\"name_raw\":\"00616273\""));
	CHECK(strstr(p, "\"peers\":[\"10.0.0.1\",\"fe80::1\",\"\"]"));
	CHECK(strstr(p, "\"md5sig\":[{\"addr\":\"10.0.0.1\",\"prefix_len\":24,\"key\":\"3b00\"},"
			"{\"addr\":\"::1\",\"prefix_len\":128,\"key\":\"0000"));
	CHECK(strstr(p, "\"mclist\":[{\"ifindex\":1,\"type\":1,\"count\":2},"
			"{\"ifindex\":3,\"type\":0,\"count\":1,\"addr\":\"01:00:5e:00:00:fb\"},"));
	CHECK(strstr(p, "\"link_group\":[{\"id\":1,\"ibname\":\"mlx5 0\",\"gid\":\"a;b\"}]"));
	CHECK(!strstr(p, "\\u0000"));
	in.n = 2;
	p = written("csv", &in);
	CHECK(strstr(p, "\n7;4294967295,10.0.0.1;fe80::1;\n"));
	CHECK(strstr(written("table", &in), "7,4294967295  10.0.0.1,fe80::1,"));
	in.columns = &lists[4];
	in.cells = &values[4];
	in.n = 1;
	CHECK(strstr(written("csv", &in), "\nid=1 ibname=mlx5\\x200 gid=a\\x3bb\n"));
	/* A part of an element, and none */
	in.columns = lists;
	in.cells = values;
	values[0].val.s.len = 7;
	CHECK(strstr(written("ndjson", &in), "\"pending\":[7]"));
	values[0].val.s.len = 0;
	CHECK(strstr(written("ndjson", &in), "\"pending\":[]"));
	return 0;
}
