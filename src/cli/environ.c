/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "cli/environ.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"

unsigned int environ_screen(bool *ret_is_terminal)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	struct sv digits;
	uint64_t width;
	size_t n = 0;

	*ret_is_terminal = isatty(STDOUT_FILENO);
	if (*ret_is_terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	digits = sv(columns ? columns : "");
	while (n < digits.len && digits.p[n] >= '0' && digits.p[n] <= '9')
		n++;
	return num_read(sv_first(digits, n), 10, 1 << 20, &width) ? (unsigned int)width : 0;
}

/* The C library's rule: the first of these that says anything. */
bool environ_is_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(variables) && !(locale && *locale); i++)
		locale = getenv(variables[i]);
	return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

static bool mentions(const char *variable)
{
	return getenv(variable) != NULL;
}

void environ_files(struct plan_opts *o)
{
	static const struct {
		const char *variable;
		enum table table;
	} absent[] = {
		{ "PROC_NET_DCCP", TABLE_DCCP },
		{ "PROC_NET_SCTP", TABLE_SCTP },
		{ "PROC_NET_MPTCP", TABLE_MPTCP },
	};

	o->proc = (struct proc_paths){
		.root = getenv("PROC_ROOT"),
		.tcp = getenv("PROC_NET_TCP"),
		.tcp6 = getenv("PROC_NET_TCP6"),
		.udp = getenv("PROC_NET_UDP"),
		.udp6 = getenv("PROC_NET_UDP6"),
		.raw = getenv("PROC_NET_RAW"),
		.raw6 = getenv("PROC_NET_RAW6"),
		.unix_ = getenv("PROC_NET_UNIX"),
		.packet = getenv("PROC_NET_PACKET"),
		.netlink = getenv("PROC_NET_NETLINK"),
	};
	o->tcp_file = getenv("TCPDIAG_FILE");
	for (enum table t = 0; t < TABLE_MAX; t++) {
		bool is_proc = (t == TABLE_TCP && o->proc.tcp) || (t == TABLE_UDP && o->proc.udp) ||
			       (t == TABLE_RAW && o->proc.raw) || (t == TABLE_NETLINK && o->proc.netlink) ||
			       ((t == TABLE_PACKET_RAW || t == TABLE_PACKET_DGRAM) && o->proc.packet) ||
			       (t >= TABLE_UNIX_STREAM && t <= TABLE_UNIX_SEQPACKET && o->proc.unix_);

		if (is_proc || (o->proc.root && t != TABLE_TIPC && t != TABLE_XDP &&
				t != TABLE_VSOCK_STREAM && t != TABLE_VSOCK_DGRAM))
			o->proc_tables |= 1u << t;
	}
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		if (mentions(absent[i].variable) || o->proc.root)
			o->absent_tables |= 1u << absent[i].table;
}

void environ_only_proc(struct plan_opts *o)
{
	for (enum table t = 0; t < TABLE_MAX; t++)
		if (t != TABLE_TIPC && t != TABLE_XDP && t != TABLE_VSOCK_STREAM && t != TABLE_VSOCK_DGRAM)
			o->proc_tables |= 1u << t;
	o->absent_tables |= 1u << TABLE_DCCP | 1u << TABLE_SCTP | 1u << TABLE_MPTCP;
}
