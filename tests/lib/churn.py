# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""A program that connects and closes as fast as it can, and says "on" when it has begun.

Closed, or when it is killed, a connection is reset: no TIME-WAIT stays behind for the tests after.
"""

CHURN = """\
import socket
def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
    return s
l = reset(socket.socket()); l.bind(("127.0.0.1", 0)); l.listen(512)
print("on", flush=True)
while True:
    made = []
    for _ in range(100):
        c = reset(socket.socket()); c.connect(l.getsockname()); a, _ = l.accept()
        made += [a, c]
    for s in made:
        s.close()
"""
