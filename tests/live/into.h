/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The process enters the network and mount namespaces of process @pid. @how is "-" or letters: "u"
 * enters its user namespace first, "p" makes what goes on the first process of a PID namespace, and
 * what called waits for it and ends as it did. @uid is "-", or that of the user to become. What cannot
 * be done is told, and ends the process with status 125.
 */
void enter_namespaces(const char *pid, const char *how, const char *uid);
