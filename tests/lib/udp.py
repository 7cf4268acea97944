# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Programs that make UDP sockets."""

# For netns.Script: many of one port, whose sockets lie in one slot of the kernel's table, and some of each other kind.
CROWD = """\
import contextlib
V4, V6 = socket.AF_INET, socket.AF_INET6
def one(family, at, to=None, *options):
    s = socket.socket(family, socket.SOCK_DGRAM)
    keep.append(s)
    for option in ((socket.SOL_SOCKET, socket.SO_REUSEPORT, 1), *options):
        with contextlib.suppress(PermissionError):
            s.setsockopt(*option)
    s.bind(at)
    if to:
        s.connect(to)
    return s
for i in range(3500):
    one(V4, (f"127.2.{i // 250}.{1 + i % 250}", 7002))
for i in range(150):
    one(V4, ("0.0.0.0", 7000), None, (socket.SOL_SOCKET, socket.SO_MARK, i))
    one(V6, ("::", 7000), None, (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1))
    one(V6, ("::1", 7001), ("::1", 20000 + i) if i % 2 else None)
    one(V4, ("127.0.0.1", 30000 + i), ("127.0.0.1", 9) if i % 2 else None)
one(V4, ("127.0.0.1", 7003), None, (socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo"))
unread = one(V4, ("127.0.0.1", 7004), None, (socket.SOL_SOCKET, socket.SO_RCVBUF, 4096))
sender = one(V4, ("127.0.0.1", 7005), unread.getsockname())
for i in range(50): # most of them are dropped
    sender.send(bytes(500))
one(V4, ("127.0.0.1", 7006), ("127.0.0.1", 9)).shutdown(socket.SHUT_RD)
one(V6, ("::1", 7007), ("::1", 9)).shutdown(socket.SHUT_RDWR)
"""

# Opens, closes, and moves from one port to another, also among those of CROWD; says "on" when it has begun.
CHURN = """\
import ctypes, socket
libc = ctypes.CDLL(None)
nowhere = bytes(16) # AF_UNSPEC: takes the port away that was not asked for
moving = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
print("on", flush=True)
while True:
    for s in moving:
        s.connect(("127.0.0.1", 9))
    made = []
    for i in range(200):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(("127.0.0.1", (0, 7000, 7001, 7002)[i % 4]))
        made.append(s)
    for s in moving:
        libc.connect(s.fileno(), nowhere, len(nowhere))
    for s in made:
        s.close()
"""
