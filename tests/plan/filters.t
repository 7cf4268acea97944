# A filter leaves families and states out, and goes into the kernel where the kernel can tell as much.

machine small: kernel 6.12, tcp 200, inuse 180, udp 50, host 900, bpf
machine large: kernel 6.12, tcp 250000, udp 60000, host 250000, bpf

small$ ss -ta sport = 22
  tcp inet: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
  tcp inet6: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
small$ ss -ta src 127.0.0.1
  tcp inet: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
  tcp inet6: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
small$ ss -ta src [::1]
  tcp inet6: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
small$ ss -ta dst 10.0.0.0/8 or dst fe80::/10
  tcp inet: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
  tcp inet6: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
small$ ss -tua not src 127.0.0.1
  udp inet: all, filtered there; netlink (the kernel runs the filter: 50 UDP sockets)
  udp inet6: all, filtered there; netlink (the kernel runs the filter: 50 UDP sockets)
  tcp inet: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
  tcp inet6: listening, filtered there; netlink (listening sockets are found at once: 200 TCP sockets)
  tcp inet6: connections and bound-inactive, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
small$ ss -a src unix:/run/x
  unix: all; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -a src 10.0.0.1 and dst unix:/run/x
  nothing is asked
# What only the message tells is looked at here.
small$ ss -t tcp.rtt > 100ms
  tcp inet: connected and bound-inactive, with info, filtered here; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: connected and bound-inactive, with info, filtered here; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -t sport = 22 and tcp.rtt > 100ms
  tcp inet: connected and bound-inactive, with info, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
  tcp inet6: connected and bound-inactive, with info, filtered there; netlink (the kernel runs the filter: 200 TCP sockets)
small$ ss -t sport = 22 or tcp.rtt > 100ms
  tcp inet: connected and bound-inactive, with info, filtered here; netlink (loading a BPF program would take longer: 200 TCP sockets)
  tcp inet6: connected and bound-inactive, with info, filtered here; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -xa inode > 5
  unix: all; netlink (only TCP and UDP sockets are walked by BPF)
# With a filter in the kernel few sockets come, and no walk pays.
large$ ss -t sport = 22
  tcp inet: bound-inactive, filtered there; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connected, filtered there; netlink (the kernel runs the filter: 250000 TCP sockets)
  tcp inet6: bound-inactive, filtered there; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet6: connected, filtered there; netlink (the kernel runs the filter: 250000 TCP sockets)
large$ ss -t tcp.rtt > 100ms
  tcp inet: bound-inactive, with info, filtered here; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connected, with info, filtered here; bpf (it pays: 250000 TCP sockets)
  tcp inet6: bound-inactive, with info, filtered here; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet6: connected, with info, filtered here; bpf (it pays: 250000 TCP sockets)
large$ ss -u sport = 53
  udp inet: established, filtered there; netlink (the kernel runs the filter: 60000 UDP sockets)
  udp inet6: established, filtered there; netlink (the kernel runs the filter: 60000 UDP sockets)
