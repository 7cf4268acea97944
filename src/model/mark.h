/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* What a screen that is drawn again and again says of a record, or of one of its values: ops/changes.h.
 * MARK_OTHER: that it is not what it was, of ops/diff.h. */
enum mark { MARK_NONE, MARK_NEW, MARK_GONE, MARK_CHANGED, MARK_OTHER };
