/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/event_columns.h"

#include "base/cleanup.h"
#include "sink/classic/classic.h"

enum { PEOPLE = 1, PROGRAMS = 2, ALL = PEOPLE | PROGRAMS };

/* For whom, with one of which SHOW_* if any, without which. */
static const struct {
	uint32_t whom, with, without;
	const char *fields;
} lines[] = {
	{ ALL, 0, 0, "time,event" },
	{ PEOPLE, 0, 0, "direction,state,local,peer,process,duration,handshake,closed.by,closed.how" },
	{ PEOPLE, 0, 0, "unit,container.name" },
	{ PEOPLE, 0, SHOW_INFO, "tcp.bytes_sent,tcp.bytes_received,tcp.total_retrans,tcp.rtt" },
	{ PEOPLE, SHOW_DETAIL, 0, "user,inode,cookie,mark,cgroup" },
	{ PROGRAMS, 0, 0,
	  "monotonic,old_state,duration,handshake,closed.by,closed.how,direction,netid,family" },
	{ PROGRAMS, 0, 0, "state,local,peer,process,uid,user,unit,container.name,container.id,cgroup_id" },
	{ PROGRAMS, 0, 0, "netns,netns_id,inode,cookie,mark,recvq,sendq" },
	{ PROGRAMS, 0, SHOW_INFO, "tcp.bytes_sent,tcp.bytes_acked,tcp.bytes_received,tcp.bytes_retrans" },
	{ PROGRAMS, 0, SHOW_INFO, "tcp.segs_out,tcp.segs_in,tcp.data_segs_out,tcp.data_segs_in" },
	{ PROGRAMS, 0, SHOW_INFO, "tcp.total_retrans,tcp.rtt,tcp.min_rtt,tcp.cwnd,tcp.cong" },
	{ ALL, SHOW_INFO, 0, "tcp.*" },
	{ ALL, SHOW_MEM, 0, "mem.*" },
	{ ALL, SHOW_TIMER, 0, "timer.*" },
	{ ALL, SHOW_SOCKOPT, 0, "sockopt" },
	{ ALL, SHOW_TOS, 0, "tos,tclass,class_id" },
	{ PEOPLE, SHOW_CGROUP, SHOW_DETAIL, "cgroup" },
	{ ALL, 0, 0, "lost.events,lost.span" },
};

void event_columns_put(struct text *t, uint32_t show, bool is_full)
{
	const char *comma = "";

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (!(lines[i].whom & (is_full ? PROGRAMS : PEOPLE)) || show & lines[i].without ||
		    (lines[i].with && !(show & lines[i].with)))
			continue;
		text_str(t, comma);
		text_str(t, lines[i].fields);
		comma = ",";
	}
	text_char(t, '\0');
}
