/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "bpf/quiet.h"

#include <bpf/libbpf.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int depth;
static libbpf_print_fn_t before; /* while depth is not 0 */

void bpf_quiet_begin(void)
{
	(void)pthread_mutex_lock(&lock);
	if (!depth++)
		before = libbpf_set_print(NULL);
	(void)pthread_mutex_unlock(&lock);
}

void bpf_quiet_end(void)
{
	(void)pthread_mutex_lock(&lock);
	if (!--depth)
		(void)libbpf_set_print(before);
	(void)pthread_mutex_unlock(&lock);
}
