/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/segment.h"

const char *const table_names[TABLE_MAX] = {
#define TABLE(id, name, ...) [TABLE_##id] = (name),
#include "model/defs/table.def"
};
