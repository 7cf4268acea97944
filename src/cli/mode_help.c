/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * --help.
 */

#include "cli/argv.h"
#include "cli/modes.h"
#include "cli/tell.h"

int mode_help(struct cli *c, const struct sv *, size_t)
{
	struct text t = {};

	text_str(&t, "Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n");
	argv_help(&t);
	text_str(&t, "       FILTER := [ state STATE ]... [ exclude STATE ]... [ EXPRESSION ]\n"
		     "       STATE := {all|connected|synchronized|bucket|big|TCP-STATE}\n"
		     "         TCP-STATE := {established|syn-sent|syn-recv|fin-wait-1|fin-wait-2|\n"
		     "                       time-wait|closed|close-wait|last-ack|listening|closing|\n"
		     "                       bound-inactive}\n"
		     "         connected := all but closed and listening\n"
		     "         synchronized := connected but syn-sent\n"
		     "         bucket := syn-recv and time-wait, which take little memory\n"
		     "         big := all but bucket\n"
		     "       EXPRESSION := terms with and, or, not, ( ):\n"
		     "         src ADDRESS, dst ADDRESS[:PORT], sport = PORT, dport >= PORT,\n"
		     "         dev NAME, fwmark MARK[/MASK], cgroup PATH, autobound,\n"
		     "         FIELD = VALUE, also with != < > <= >= ~ in, and has FIELD, such as\n"
		     "         'tcp.rtt > 100ms and process.name = nginx'\n"
		     "       FIELD := one of those that ss --fields lists\n"
		     "\n"
		     "Manual pages: ss(8), of filters ss-filter(7), of fields ss-fields(7)\n");
	return tell_text(c, &t);
}
