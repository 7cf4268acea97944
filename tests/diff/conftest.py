# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A sanitized build is slow: of the many command lines it runs every fourth."""

STRIDE = 4


def pytest_collection_modifyitems(config, items):
    kept, left_out, count = [], [], 0
    for item in items:
        build = getattr(item, "callspec", None) and item.callspec.params.get("build")
        if item.function.__name__ == "test_same_bytes" and build and build.ss.exists() and build.is_sanitized:
            count += 1
            (left_out if count % STRIDE else kept).append(item)
        else:
            kept.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
